"""Adam: against the paper's algorithm written per number, and facts about its step."""

import dataclasses
import math

import numpy as np
import pytest

import coursekit as ck
from coursekit.optim import Adam
from tests.optim.cases import CASES, bowl, network, run

START = np.array([1.0, -2.0, 0.5, 3.0])


class Given:
    """A loss of which only the gradient is known, one for each step."""

    def __init__(self, gradients):
        self.gradients = iter(gradients)

    def grad(self, theta):
        return np.broadcast_to(np.asarray(next(self.gradients), float), theta.shape).copy()


# --- Kingma & Ba 2015, algorithm 1, on lists of arrays and one number at a time
def adam_by_hand(opt, params, gradients, steps):
    m = [np.zeros(p.shape) for p in params]
    v = [np.zeros(p.shape) for p in params]
    params = [p.copy() for p in params]
    for t in range(1, steps + 1):
        for i, slope in enumerate(gradients(params)):
            for at in np.ndindex(slope.shape):
                g = float(slope[at])
                if opt.lazy and g == 0:
                    continue
                g += opt.weight_decay * params[i][at]
                m[i][at] += (1 - opt.beta1) * (g - m[i][at])
                v[i][at] += (1 - opt.beta2) * (g * g - v[i][at])
                first, second = m[i][at], v[i][at]
                if opt.bias_correction:
                    first /= 1 - math.pow(opt.beta1, t)
                    second /= 1 - math.pow(opt.beta2, t)
                below = (
                    math.sqrt(second + opt.eps) if opt.eps_inside else math.sqrt(second) + opt.eps
                )
                params[i][at] -= opt.lr * first / below
    return params


MINE = {name: opt for name, opt in CASES.items() if type(opt) is Adam}
every_case = pytest.mark.parametrize("opt", MINE.values(), ids=MINE)


@every_case
def test_five_steps_are_those_by_hand(opt):
    f, theta, layout = network()
    gradients = lambda params: layout.unpack(f.grad(layout.pack(params)))  # noqa: E731
    right = adam_by_hand(opt, layout.unpack(theta), gradients, 5)
    np.testing.assert_allclose(run(opt, f, theta, 5)[0][-1], layout.pack(right), rtol=1e-11)

    (right,) = adam_by_hand(opt, [START], lambda params: [bowl().grad(params[0])], 5)
    np.testing.assert_allclose(run(opt, bowl(), START, 5)[0][-1], right, rtol=1e-12)


@every_case
def test_gradients_that_come_and_go_are_those_by_hand(opt):
    rng = np.random.default_rng(0)
    slopes = rng.normal(size=(8, 4)) * (rng.random((8, 4)) < 0.5)
    each = iter(slopes)
    (right,) = adam_by_hand(opt, [START], lambda params: [next(each)], 8)
    np.testing.assert_allclose(run(opt, Given(slopes), START, 8)[0][-1], right, rtol=1e-12)


def test_lazy_leaves_coordinates_without_gradient_alone():
    slopes = [[1.0, 1.0], [0.0, 1.0], [0.0, 1.0]]
    opt = Adam(lr=0.1, lazy=True, weight_decay=0.3)
    path, state = run(opt, Given(slopes), np.array([1.0, 1.0]), 3)
    assert path[1, 0] == path[2, 0] == path[3, 0] != path[0, 0]
    after_one = run(opt, Given(slopes), np.array([1.0, 1.0]), 1)[1]
    assert (state.m[0], state.v[0]) == (after_one.m[0], after_one.v[0])
    # Not lazy, the memory m goes on moving them.
    path, _ = run(Adam(lr=0.1), Given(slopes), np.array([1.0, 1.0]), 3)
    assert path[1, 0] > path[2, 0] > path[3, 0]


# --- the length of a step
def lengths(opt, gradients):
    path, _ = run(opt, Given(gradients), np.zeros(1), len(gradients))
    return abs(np.diff(path[:, 0])) / opt.lr


@pytest.mark.parametrize("g", [1e-30, 3.0, -1e20])
def test_the_first_step_is_lr(g):
    assert lengths(Adam(lr=0.5, eps=0.0), [g])[0] == pytest.approx(1, rel=1e-15)


def test_with_a_constant_gradient_every_corrected_step_is_lr():
    np.testing.assert_allclose(lengths(Adam(lr=0.5, eps=0.0), [2.0] * 500), 1, rtol=1e-12)


def test_without_correction_the_first_steps_are_too_long():
    steps = lengths(Adam(lr=0.5, eps=0.0, bias_correction=False), [2.0] * 5000)
    assert steps[0] == pytest.approx(0.1 / math.sqrt(0.001), rel=1e-12)  # 3.16
    k = np.arange(1, 5001)
    np.testing.assert_allclose(steps, (1 - 0.9**k) / np.sqrt(1 - 0.999**k), rtol=1e-10)
    assert 6.5 < steps.max() < 6.6 and 8 <= steps.argmax() + 1 <= 20
    assert steps[99] == pytest.approx(3.2, abs=0.05)
    assert steps[-1] == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize(
    "g, inside, outside", [(1e-4, 0.71, 0.9999), (1e-5, 0.10, 0.999), (1e-6, 0.01, 0.99),
                           (1e-8, 1e-4, 0.5)],
)  # fmt: skip
def test_eps_inside_the_root_acts_from_1e_4_outside_from_1e_8(g, inside, outside):
    found = [lengths(Adam(lr=1.0, eps_inside=flag), [g] * 20) for flag in (True, False)]
    for steps, printed, exact in zip(
        found, (inside, outside), (g / math.sqrt(g * g + 1e-8), g / (g + 1e-8)), strict=True
    ):
        np.testing.assert_allclose(steps, exact, rtol=1e-9)
        assert exact == pytest.approx(printed, rel=0.01)


def test_the_true_bound_on_a_step_and_a_sequence_that_breaks_the_printed_one():
    beta1, beta2 = 0.9, 0.999
    printed = (1 - beta1) / math.sqrt(1 - beta2)  # 3.16: "the step is at most lr times this"
    true = (1 - beta1) / math.sqrt((1 - beta2) * (1 - beta1**2 / beta2))  # 7.27, by Cauchy-Schwarz
    growing = lengths(Adam(lr=1.0, eps=0.0), (beta2 / beta1) ** np.arange(1000.0))
    assert printed + 0.04 < growing.max() <= true
    assert growing[-1] == pytest.approx(5.78, abs=0.01)
    wild = np.random.default_rng(0).standard_cauchy((300, 200))
    path, _ = run(Adam(lr=1.0, eps=0.0), Given(wild), np.zeros(200), 300)
    assert abs(np.diff(path, axis=0)).max() <= true


def test_eps_0_at_a_gradient_of_0_is_0_over_0():
    with pytest.warns(RuntimeWarning, match="invalid value"):
        path, _ = run(Adam(eps=0.0), Given([0.0]), np.zeros(1), 1)
    assert np.isnan(path[1]).all()


def test_the_state_holds_the_papers_averages():
    slopes = np.random.default_rng(0).normal(size=(6, 4))
    _, state = run(Adam(beta1=0.6, beta2=0.7), Given(slopes), START, 6)
    for found, beta, of in [(state.m, 0.6, slopes), (state.v, 0.7, slopes**2)]:
        weights = (1 - beta) * beta ** np.arange(5, -1, -1)
        np.testing.assert_allclose(found, weights @ of, rtol=1e-13)


def test_without_memory_it_is_sign_descent():
    opt = Adam(lr=0.1, beta1=0.0, beta2=0.0, eps=0.0)
    path, _ = run(opt, bowl(), START, 5)
    right = [START]
    for _ in range(5):
        right.append(right[-1] - 0.1 * np.sign(bowl().grad(right[-1])))
    np.testing.assert_allclose(path, right, rtol=1e-14)


def test_adam_goes_the_wrong_way_on_reddis_sequence():
    """Reddi et al. 2018, theorem 1: f_t = 3 x once in three steps, else -x, on [-1, 1]; best -1."""
    beta2 = 1 / 10  # 1 / (1 + C^2), C = 3
    schedule = lambda k: 0.5 * math.sqrt(1 - beta2) / math.sqrt(k + 1)  # noqa: E731
    opt = Adam(lr=schedule, beta1=0.0, beta2=beta2, eps=0.0, bias_correction=False)
    theta, f = np.ones(1), Given([3.0, -1.0, -1.0] * 3334)
    state = opt.init(theta)
    for _ in range(10_000):
        theta, state = opt.step(theta, state, f)
        theta = np.clip(theta, -1, 1)
    assert theta[0] > 0.9


def test_decay_joins_the_gradient_before_it_is_scaled():
    # So a large weight with a small gradient decays no faster than lr: AdamW exists for this.
    theta = np.array([1000.0])
    path, _ = run(Adam(lr=0.1, weight_decay=0.5), ck.Objective(lambda x: 0 * np.sum(x)), theta, 3)
    np.testing.assert_allclose(path[:, 0], [1000, 999.9, 999.8, 999.7], rtol=1e-7)


def test_beta_may_be_a_schedule():
    opt = dataclasses.replace(MINE["Adam"], beta1=lambda k: 0.8)
    np.testing.assert_array_equal(
        run(opt, bowl(), START, 4)[0], run(MINE["Adam"], bowl(), START, 4)[0]
    )
