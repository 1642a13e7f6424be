"""Exhibits of adaptive methods fail the way they are said to, and the right versions do not."""

import numpy as np
import pytest

import coursekit as ck
from coursekit import exhibits
from coursekit.exhibits import E04, E05, E06, E07, E08, E09, E11, E36, E44, E53, E54, E55, E56
from coursekit.exhibits.adam import steps
from coursekit.optim import Adam

GRADIENTS = np.random.default_rng(5).uniform(0.5, 2.0, 6)


def by_hand(formula, gradients=GRADIENTS):
    """Steps of a formula (gradients so far) -> step, each from all the gradients."""
    return np.array([formula(gradients[: k + 1]) for k in range(len(gradients))])


def mean_square(g, rho=0.9):
    """(1 - rho) sum_j rho^j g_{k-j}^2"""
    return (1 - rho) * np.sum(rho ** np.arange(len(g)) * g[::-1] ** 2)


def test_e04_is_the_product_and_fails_in_zigzags():
    def product(g):
        s = 0.0
        for before, now in zip(np.r_[g[0], g[:-1]], g, strict=True):
            s = 0.9 * s + 0.1 * before * now
        return -g[-1] / np.sqrt(s + 1e-8)

    opt = exhibits.ProductRMSprop(1.0)
    np.testing.assert_allclose(exhibits.updates(opt, GRADIENTS)[:, 0], by_hand(product), rtol=1e-13)
    numbers = E04.numbers()
    assert numbers["steps before nan, lr=0.1"] == 79
    assert numbers["steps before nan, lr=0.01"] == 205
    assert numbers["good steps on +1, -1, ..., as printed"] == 1
    assert numbers["good steps on +1, -1, ..."] == 8
    says, right = E04.run()
    assert np.isnan(says.theta).all() and abs(right.theta[0]) < 0.2
    slow = E04.run(lr=0.001, steps=2000)
    assert np.isnan(slow.says.theta).all() and slow.right.steps == 2000


def test_e05_divides_by_zero_at_once():
    numbers = E05.numbers()
    assert numbers["coordinates lost in step 1"] == 2
    # beta1 m_hat + share g: 0.9 + 1 as mended, 0.9 * 0.1 / 0.19 + 1 as Dozat has it
    assert numbers["step 1, mended"] == pytest.approx(1.9, rel=1e-7)
    assert numbers["step 1, Dozat"] == pytest.approx(0.09 / 0.19 + 1, rel=1e-7)
    assert numbers["mended against Dozat"] == pytest.approx(0.4263, abs=1e-3)
    says, right = E05.run()
    assert not np.isfinite(says[0]) and np.isfinite(says[1:]).all() and np.isfinite(right).all()

    def printed(g, late):
        t = len(g) - 1
        m = 0.1 * np.sum(0.9 ** np.arange(t + 1) * g[::-1])
        v = mean_square(g, 0.999)
        top = 0.9 * m / (1 - 0.9 ** (t + 1)) + 0.1 / (1 - 0.9 ** (t + late)) * g[-1]
        return top / np.sqrt(v / (1 - 0.999 ** (t + 1)) + 1e-8)

    mended = by_hand(lambda g: printed(g, 1))
    np.testing.assert_allclose(steps(exhibits.EarlyNadam(1.0, late=1), GRADIENTS), mended)
    literal = [printed(GRADIENTS[: k + 1], 0) for k in range(1, 6)]
    np.testing.assert_allclose(steps(exhibits.EarlyNadam(1.0), GRADIENTS)[1:], literal)


def test_e06_remembers_one_step_and_explodes():
    v = d = 0.0
    found = []
    for g in GRADIENTS:
        v = 0.95 * v + 0.05 * g**2
        d = -np.sqrt(d**2 + 1e-6) / np.sqrt(v + 1e-6) * g
        found.append(d)
    opt = exhibits.LastStepAdadelta()
    np.testing.assert_allclose(exhibits.updates(opt, GRADIENTS)[:, 0], found, rtol=1e-13)
    numbers = E06.numbers()
    assert numbers["log10 of the farthest point, as printed"] > 150
    assert numbers["log10 of the farthest point"] == 0  # the start


def test_e07_growing_gradients_leave_the_trust_region():
    numbers = E07.numbers()
    claimed = numbers["claimed bound"]
    assert claimed == pytest.approx(np.sqrt(10), rel=1e-12)
    assert claimed < numbers["step 400"] == pytest.approx(4.18, abs=0.005)
    assert numbers["step 1000"] == pytest.approx(5.78, abs=0.005)
    assert 7 < numbers["step 3000"] < numbers["true bound"] == pytest.approx(7.2703, abs=1e-4)
    assert numbers["step 20 without bias correction"] == pytest.approx(7.2, abs=0.02)
    assert numbers["a lone gradient after 99 zeros"] == pytest.approx(0.976, abs=5e-4)
    says, right = E07.run(n=300)
    assert (says == claimed).all() and right[-1] > claimed > right[0]
    rng = np.random.default_rng(0)  # no other gradients leave the true bound
    wild = rng.standard_cauchy(3000)
    assert np.abs(steps(Adam(1.0, eps=0.0), wild)).max() < numbers["true bound"]


def test_e08_uncorrected_steps_are_too_long():
    numbers = E08.numbers()
    assert numbers["step 1"] == pytest.approx(np.sqrt(10), rel=1e-4)
    k = np.arange(1, 201)
    m, v = 1 - 0.9**k, 1 - 0.999**k
    np.testing.assert_allclose(E08.run().says, m / np.sqrt(v + 1e-8), rtol=1e-11)
    assert numbers["longest step"] == pytest.approx((m / np.sqrt(v)).max(), rel=1e-4)
    assert 6.5 < numbers["longest step"] < 6.6
    assert numbers["which one"] == (m / np.sqrt(v)).argmax() + 1 == 12
    assert numbers["step 100"] == pytest.approx(3.24, abs=0.005)
    assert numbers["longest step, corrected"] == pytest.approx(1, rel=1e-7)


def test_e09_eps_under_the_root_is_its_root():
    numbers = E09.numbers()
    for g in (1e-4, 1e-5, 1e-6, 1e-8):
        inside, outside = numbers[f"inside, g={g:g}"], numbers[f"outside, g={g:g}"]
        assert inside == pytest.approx(g / np.sqrt(g**2 + 1e-8), rel=1e-9)
        assert outside == pytest.approx(g / (g + 1e-8), rel=1e-9)
    assert numbers["inside, g=1e-06"] < 0.011 < 0.98 < numbers["outside, g=1e-06"]
    assert numbers["largest difference on 50 normal gradients"] < 1e-6
    says, right = E09.run()
    assert (says <= right + 1e-7).all() and says[0] < 1e-5 < 0.009 < right[0]


def test_e11_stale_and_unfounded_divisors():
    numbers = E11.numbers()
    assert numbers["RMSprop as printed: coordinates lost in step 1"] == 2
    assert numbers["RMSprop: coordinates lost"] == 0
    assert numbers["Adagrad without eps: lost where g = 0"] == 1
    assert numbers["Adagrad with eps: lost where g = 0"] == 0
    assert E11.run().says.steps == 1  # there is no second step

    stale = [-GRADIENTS[k] / np.sqrt(mean_square(GRADIENTS[:k])) for k in range(1, 6)]
    found = exhibits.updates(exhibits.StaleRMSprop(1.0), GRADIENTS)
    np.testing.assert_allclose(found[1:, 0], stale, rtol=1e-12)


def test_e36_eps_off_the_diagonal():
    numbers = E36.numbers()
    assert numbers["off the diagonal of 1 / sqrt(G + eps)"] == 10_000
    assert numbers["first step as printed / right"] > 50_000
    f, x = ck.landscapes.elongated(4.0), np.array(exhibits.START)
    g = f.grad(x)
    first = E36.run(lr=0.5).says.thetas[1]
    expected = x - 0.5 * (g / np.sqrt(g**2 + 1e-8) + g[::-1] / np.sqrt(1e-8))
    np.testing.assert_allclose(first, expected, rtol=1e-12)
    second = exhibits.updates(exhibits.MatrixAdagrad(1.0, 0.01), [[1.0, 2.0], [3.0, -1.0]])[1]
    expected = [-3 / np.sqrt(10.01) + 1 / 0.1, 1 / np.sqrt(5.01) - 3 / 0.1]
    np.testing.assert_allclose(second, expected, rtol=1e-12)
    right = E36.run(lr=0.5, steps=100).right
    assert right.value < 0.01 * right.values[0]


def test_e44_three_methods_of_one_name():
    numbers = E44.numbers()
    for pair in ("slides against Reddi et al.", "slides against PyTorch",
                 "Reddi et al. against PyTorch"):  # fmt: skip
        assert numbers[pair] > 0.05
    # After one gradient of 5: v_hat = 25 for ever; v = 0.025 for ever; 0.025 over what fades.
    m = 0.1 * np.sum(0.9 ** np.arange(50) * np.r_[np.full(49, 0.1), 5.0])
    m_hat = m / (1 - 0.9**50)
    assert numbers["step 50, slides"] == pytest.approx(m_hat / 5, rel=1e-6)
    assert numbers["step 50, Reddi et al."] == pytest.approx(m / np.sqrt(0.025), rel=1e-3)
    faded = np.sqrt(0.025 / (1 - 0.999**50))
    assert numbers["step 50, PyTorch"] == pytest.approx(m_hat / faded, rel=1e-3)


def test_e53_mean_square_and_deviation():
    numbers = E53.numbers()
    assert numbers["root mean square of 1 +- 0.1"] == pytest.approx(np.sqrt(1.01), rel=0.01)
    assert numbers["standard deviation of 1 +- 0.1"] == pytest.approx(0.1, rel=0.05)
    says, right = E53.run(mean=0.0, deviation=1.0)  # without a mean they are the same
    assert says[-1000:].mean() == pytest.approx(right[-1000:].mean(), rel=0.02)


def test_e54_not_an_inverse_hessian():
    numbers = E54.numbers()
    assert numbers["1/sqrt(s) at (1, 1)"] == pytest.approx(100, rel=1e-6)
    assert numbers["1/sqrt(s) at (100, 1)"] == pytest.approx(1, rel=1e-6)
    turned = numbers["loss after 100 steps, turned by 45 degrees"]
    assert turned > 10 * numbers["loss after 100 steps"]
    assert numbers["Newton, turned or not, after 1 step"] < 1e-20


def test_e55_eps_is_the_learning_rate():
    numbers = E55.numbers()
    first = np.sqrt(1e-6 / 0.05)
    assert numbers["first step, eps=1e-6, g=1"] == pytest.approx(first, rel=1e-4)
    assert numbers["first step, eps=1e-6, g=1000"] == pytest.approx(first, rel=1e-4)
    fine, coarse = numbers["swing on 50 x^2, eps=1e-6"], numbers["swing on 50 x^2, eps=1e-4"]
    assert fine > 0.01 and 8 < coarse / fine < 14  # the root of 100, or thereabouts
    assert numbers["swing on x^2 / 2, eps=1e-6"] < 1e-9


def test_e56_nothing_over_nothing():
    numbers = E56.numbers()
    assert numbers == {"coordinates lost, no eps": 1, "coordinates lost, with eps": 0}
    says, right = E56.run()
    np.testing.assert_allclose(says[:, 0], right[:, 0], rtol=1e-7)
    assert (right[:, 1] == 0).all()
