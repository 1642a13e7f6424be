"""Exhibits of batches and step sizes fail the way they are said to; the right versions do not."""

import numpy as np
import pytest

import coursekit as ck
from coursekit import exhibits
from coursekit.exhibits import (
    E18,
    E19,
    E20,
    E24,
    E26,
    E32,
    E34,
    E35,
    E38,
    E41,
    E49,
    E50,
    E51,
)
from coursekit.exhibits.least_squares import LeastSquares
from coursekit.optim import SGD, GradientDescent


def test_the_problem_is_what_it_says():
    p = LeastSquares(m=300, n=4, condition=50.0)
    w = np.array([0.3, -1.0, 2.0, 0.0])
    np.testing.assert_allclose(p.whole.value(w), np.mean((p.X @ w - p.y) ** 2) / 2, rtol=1e-13)
    ck.check_grad(p.whole.value, w)
    np.testing.assert_allclose(p.whole.grad(w), ck.grad(p.whole.value)(w), rtol=1e-12)
    np.testing.assert_allclose(p.excess(w), p.whole.value(w) - p.whole.value(p.best), rtol=1e-10)
    assert p.curvatures[-1] / p.curvatures[0] == pytest.approx(50, rel=0.2)
    assert sorted(p.epoch(10).ravel()) == list(range(300)) and p.epoch(10).shape == (30, 10)


def test_e18_the_sum_multiplies_the_rate_by_the_batch():
    numbers = E18.numbers()
    for k in (10, 50):  # k + 1 terms against the mean of k
        assert numbers[f"length of the sum / of the mean, k={k}"] == pytest.approx(k + 1, rel=0.07)
    assert numbers["log10 of the last loss, sum, k=10"] < -3
    assert numbers["log10 of the last loss, sum, k=100"] > 100
    for k in (10, 100):
        assert numbers[f"log10 of the last loss, mean, k={k}"] < -3
    says, _ = E18.run(batch=10, lr=0.01)  # the sum is the mean at another rate
    p = LeastSquares()
    first = p.draws(1, 100)[:, 0] % 190
    mean = exhibits.walk(SGD(0.11), p.start, [p.on(slice(i, i + 11)) for i in first])
    np.testing.assert_allclose(says, p.excess(mean), rtol=1e-9)


def test_e19_there_is_no_row_m():
    numbers = E19.numbers()
    assert numbers["indices in {0, ..., m}"] == numbers["rows"] + 1
    assert numbers["of them past the end"] == numbers["indices in {1, ..., m} past the end"] == 1
    says, right = E19.run(m=4)
    rows = np.arange(4.0)
    assert len(rows[right]) == 4
    with pytest.raises(IndexError):
        rows[says]


def test_e20_a_gradient_elsewhere_walks_past():
    numbers = E20.numbers()
    assert numbers["least, as printed"] < numbers["at the start"] / 5
    assert numbers["after 100 steps, as printed"] > 100 * numbers["at the start"]
    assert numbers["after 100 steps"] < 1e-3
    whole, _ = E20.run(steps=400)
    assert np.polyfit(np.log(range(200, 401)), np.log(whole[200:]), 1)[0] == pytest.approx(
        2, abs=0.25
    )


def test_e24_finite_ways():
    numbers = E24.numbers()
    exponential = 1 / (1 - np.exp(-0.1))
    for steps in ("200", "20,000"):
        found = numbers[f"way after {steps} steps, exponential"]
        assert found == pytest.approx(exponential, rel=1e-8)
        found = numbers[f"way after {steps} steps, staircase"]
        assert found == pytest.approx(10 / (1 - 0.1), rel=1e-12)
    # 1/t goes on like 10 log k; 1/sqrt(t) like 2 sqrt(k), whose squares have no finite sum
    grown = numbers["way after 20,000 steps, 1/t"] - numbers["way after 200 steps, 1/t"]
    assert grown == pytest.approx(10 * np.log(20_009.5 / 209.5), rel=1e-5)
    assert numbers["way after 20,000 steps, 1/sqrt(t)"] > 280
    left = numbers["left of 20 after 200 steps, exponential"]
    assert left == pytest.approx(20 - exponential, rel=1e-8)
    assert numbers["left of 20 after 200 steps, 1/t"] < 0.1


def test_e26_rows_count():
    numbers = E26.numbers()
    assert [numbers[f"rows gone through in a step, m={m}"] for m in (100, 1000)] == [100, 1000]


def test_e32_labels_left_behind():
    numbers = E32.numbers()
    assert numbers["accuracy, X alone shuffled"] < 0.2 < 0.9 < numbers["accuracy, X and y together"]
    assert numbers["a tuple (X, y) can be shuffled"] == 0


def test_e34_more_passes_less_error():
    numbers = E34.numbers()
    assert numbers["error after 1 pass"] > 4 * numbers["error after 8 passes"]
    one, many = E34.run(epochs=3)
    assert len(one) == 1 and len(many) == 3 and many[0] == one[0]


@pytest.mark.parametrize("lr", [0.3, 0.1, 0.03])
def test_e35_a_ball_of_noise(lr):
    numbers = E35.numbers()
    ball = numbers[f"eta / (2 - eta), eta={lr}"]
    assert ball == pytest.approx(lr / (2 - lr), rel=1e-12)
    assert numbers[f"E x^2 with noise, eta={lr}"] == pytest.approx(ball, rel=0.03)
    assert numbers[f"x^2 without noise, eta={lr}"] < 1e-9


def test_e38_three_norms():
    numbers = E38.numbers()
    assert numbers["whole loss, at its minimum"] < 1e-13
    assert numbers["one row, there, on average"] > 0.1
    assert numbers["at a saddle"] == 0 and numbers["least curvature at the saddle"] == -2
    seen, whole = E38.run(lr=0.01, steps=1000)
    assert whole[-200:].mean() < 0.02 * whole[0] and seen[-200:].mean() > 2 * whole[-200:].mean()


def test_e41_low_rates_that_do_not_arrive():
    numbers = E41.numbers()
    assert numbers["reached from the axis"] == pytest.approx(0, abs=1e-12)
    assert numbers["gradient there"] < 1e-12
    assert numbers["least value"] == -1
    assert numbers["reached from beside it"] == pytest.approx(-1, abs=1e-9)
    assert numbers["left of 20 on |x|, rates 0.1 e^(-k/100)"] == pytest.approx(
        20 - 0.1 / (1 - np.exp(-0.01)), rel=1e-9
    )


def test_e49_one_epoch_is_many_calls():
    numbers = E49.numbers()
    for batch in (1, 10, 100, 500):
        assert numbers[f"calls to the gradient in an epoch, batch {batch}"] == 500 // batch
    assert numbers["rows gone through, epoch / iteration"] == 1
    epoch, iteration = E49.run(batch=1)  # 500 calls against one
    assert epoch > iteration > 0


def test_e50_it_depends_on_the_condition():
    numbers = E50.numbers()
    assert numbers["condition, columns spread 1"] < 2.5
    assert numbers["condition, columns spread 100"] == pytest.approx(100, rel=0.2)
    round_, long = (numbers[f"an epoch in iterations, columns spread {c}"] for c in (1, 100))
    assert round_ < 10 and long > 50
    sgd, descent = E50.run()  # both right: the pace of gradient descent is its known one
    ratio = numbers["condition, columns spread 1"]
    pace = np.sqrt(descent[10] / descent[5]) ** (1 / 5)
    assert pace == pytest.approx((ratio - 1) / (ratio + 1), rel=0.05)
    assert sgd[-1] < sgd[0] / 10


def test_e51_four_is_easy():
    numbers = E51.numbers()
    assert numbers["largest lr"] == pytest.approx(0.25, rel=1e-8)
    assert numbers["error left by a step, kappa=4"] == pytest.approx(0.6, rel=1e-12)
    assert numbers["error left by a step, kappa=1000"] == pytest.approx(999 / 1001, rel=1e-12)
    assert 13 < numbers["steps to 1/1000 of the error, kappa=4"] < 14
    assert 3000 < numbers["steps, kappa=1000"] < 4000
    easy, hard = E51.run()
    assert easy.value < 1e-15 * easy.values[0] and hard.value > 0.001 * hard.values[0]
    for lr in (0.19, 0.21):  # 0.2 is the best
        radii = [exhibits.spectral_radius(GradientDescent(lr), c) for c in (2.0, 8.0)]
        assert max(radii) > 0.6
