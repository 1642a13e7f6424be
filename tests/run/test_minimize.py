"""minimize: the path it records is the one that the steps took, and nothing else is counted."""

from collections import namedtuple
from dataclasses import dataclass, replace

import numpy as np
import pytest

import coursekit as ck
from coursekit.optim import Optimizer, hyper

GD, Adam = ck.optim.GradientDescent, ck.optim.Adam
SPECTRUM = np.array([1.0, 4.0])


@pytest.fixture
def f():
    return ck.landscapes.quadratic(spectrum=SPECTRUM)


def test_gradient_descent_on_a_quadratic_is_a_power(f):
    start, lr, steps = np.array([3.0, -2.0]), 0.1, 25
    path = ck.minimize(f, start, GD(lr=lr), steps=steps)
    k = np.arange(steps + 1)[:, None]
    thetas = (1 - lr * SPECTRUM) ** k * start
    np.testing.assert_allclose(path.thetas, thetas, rtol=1e-13)
    np.testing.assert_allclose(path.values, 0.5 * (SPECTRUM * thetas**2).sum(1), rtol=1e-13)
    np.testing.assert_allclose(
        path.grad_norms, np.sqrt(((SPECTRUM * thetas) ** 2).sum(1)), rtol=1e-13
    )
    assert path.solutions is path.thetas
    assert path.steps == path.state.k == steps
    assert path.stopped_because == "finished 25 steps"
    assert path.value == path.values[-1] and (path.theta == path.thetas[-1]).all()


def test_only_what_the_steps_ask_is_counted(f):
    f.value(f.start)  # before: not of this path
    path = ck.minimize(f, [1.0, 1.0], Adam(), steps=7)
    assert path.counts == ck.minimize(f, [1.0, 1.0], Adam(), steps=7).counts
    assert (path.counts.value, path.counts.grad) == (0, 7)
    assert path.counts_at.grad.tolist() == list(range(8))
    assert f.counts.grad == 14 and f.counts.value == 1


def test_starts_at_once_are_the_starts_one_by_one(f):
    starts = np.random.default_rng(0).normal(size=(4, 2))
    together = ck.minimize(f, starts, Adam(lr=0.1), steps=9)
    assert together.thetas.shape == (10, 4, 2)
    assert together.values.shape == together.grad_norms.shape == (10, 4)
    for i, start in enumerate(starts):
        alone = ck.minimize(f, start, Adam(lr=0.1), steps=9)
        np.testing.assert_allclose(together.thetas[:, i], alone.thetas, rtol=1e-13)
        np.testing.assert_allclose(together.values[:, i], alone.values, rtol=1e-13)
        np.testing.assert_allclose(together.grad_norms[:, i], alone.grad_norms, rtol=1e-13)


def test_state_goes_on_where_a_path_ended(f):
    whole = ck.minimize(f, [1.0, 1.0], Adam(lr=0.1), steps=10)
    first = ck.minimize(f, [1.0, 1.0], Adam(lr=0.1), steps=4)
    rest = ck.minimize(f, first.theta, Adam(lr=0.1), steps=6, state=first.state)
    assert np.array_equal(rest.thetas, whole.thetas[4:])
    assert not np.array_equal(
        ck.minimize(f, first.theta, Adam(lr=0.1), steps=6).thetas, rest.thetas
    )


def test_divergence_ends_the_path_and_says_why(f):
    path = ck.minimize(f, [1.0, 1.0], GD(lr=1e100), steps=50)
    assert path.steps == 2 and np.isfinite(path.values[:-1]).all() and path.values[-1] == np.inf
    assert path.stopped_because == (
        "diverged: the value became infinite at step 2; try a smaller lr than 1e+100"
    )


def test_divergence_names_the_lr_of_the_step_that_did_it(f):
    path = ck.minimize(f, [1.0, 1.0], GD(lr=lambda k: 1e200 if k == 3 else 0.1), steps=50)
    assert path.steps == 4  # (1e200)^2 is not a number any more
    assert "at step 4; try a smaller lr than 1e+200" in path.stopped_because


def test_a_start_that_diverges_is_held_and_the_others_go_on(f):
    starts = np.array([[1.0, 1.0], [1e150, 1e150], [0.5, 0.0]])
    opt = GD(lr=1.5)  # |1 - 1.5 * 4| = 5, |1 - 1.5 * 1| = 0.5: grows along the second axis only
    path = ck.minimize(f, starts, opt, steps=30)
    assert path.stopped_because == "finished 30 steps; diverged: 1 of 3 starts"
    last = np.flatnonzero(np.isfinite(path.values[:, 1]))[-1]
    assert 0 < last < 29
    held = path.thetas[last + 1 :, 1]
    assert (held == held[0]).all() and (path.values[last + 1 :, 1] == np.inf).all()
    np.testing.assert_allclose(path.thetas[:, 0, 1], (-5.0) ** np.arange(31), rtol=1e-12)
    np.testing.assert_allclose(path.thetas[:, 2, 0], 0.5 * (-0.5) ** np.arange(31), rtol=1e-12)


def test_all_starts_diverging_end_the_path(f):
    path = ck.minimize(f, np.array([[1.0, 1.0], [2.0, 2.0]]), GD(lr=1e100), steps=50)
    assert path.steps == 2 and path.stopped_because == "all starts diverged"


def test_a_start_without_a_value_is_said():
    path = ck.minimize(ck.Objective(lambda x: np.sum(np.log(x))), [-1.0], GD(), steps=5)
    assert path.steps == 0 and path.stopped_because == "the value at the start is not finite"


def test_grad_tol_ends_at_the_first_norm_that_is_small_enough(f):
    path = ck.minimize(f, [3.0, -2.0], GD(lr=0.1), steps=1000, grad_tol=1e-3)
    assert path.grad_norms[-1] <= 1e-3 < path.grad_norms[-2]
    assert path.stopped_because == f"the gradient norm is at most 0.001 after {path.steps} steps"


@pytest.mark.parametrize("theta", [[1, 2], (1.0, 2.0), np.array([1, 2]), np.array([1.0, 2.0])])
def test_theta_may_be_any_list_of_numbers(f, theta):
    path = ck.minimize(f, theta, GD(lr=0.1), steps=1)
    assert path.thetas.dtype == np.float64
    np.testing.assert_allclose(path.thetas[1], [0.9, 1.2], rtol=1e-15)


def test_theta_keeps_its_precision_and_is_not_written_to(f):
    start = np.array([1.0, 2.0], np.float32)
    path = ck.minimize(f, start, Adam(), steps=2)
    assert path.thetas.dtype == np.float32
    assert start.tolist() == [1.0, 2.0]


def test_a_plain_function_will_do():
    path = ck.minimize(lambda x: np.sum((x - 3.0) ** 2), [0.0], GD(lr=0.5), steps=1)
    assert path.theta.tolist() == [3.0] and path.value == 0


@dataclass(frozen=True, eq=False)
class Averaged(Optimizer):
    """Plain descent whose solution is the mean of all points it stepped to."""

    lr: float = hyper(0.1)
    State = namedtuple("AveragedState", "k mean")

    def step(self, theta, s, f):
        theta = theta - self.lr * f.grad(theta)
        return theta, self.State(s.k + 1, s.mean + (theta - s.mean) / (s.k + 1))

    def solution(self, theta, state):
        return state.mean if state.k else theta


def test_solutions_are_kept_where_they_differ(f):
    path = ck.minimize(f, [1.0, 1.0], Averaged(), steps=5)
    for k in range(1, 6):
        np.testing.assert_allclose(path.solutions[k], path.thetas[1 : k + 1].mean(0), rtol=1e-13)
    assert (path.solutions[0] == path.thetas[0]).all()


@dataclass(frozen=True, eq=False)
class Remembers(GD):
    """Keeps in its state where it began."""

    State = namedtuple("RemembersState", "k start")

    def init(self, theta):
        return self.State(0, theta)

    def step(self, theta, s, f):
        return theta - self.lr * f.grad(theta), self.State(s.k + 1, s.start)


def test_the_state_is_made_from_the_start(f):
    assert ck.minimize(f, [1.0, 2.0], Remembers(), steps=3).state.start.tolist() == [1.0, 2.0]


@dataclass(frozen=True, eq=False)
class Interrupted(GD):
    """Somebody presses the stop button in step number `at`."""

    at_step: int = hyper(3)

    def step(self, theta, state, f):
        if state.k == self.at_step - 1:
            raise KeyboardInterrupt
        return super().step(theta, state, f)


def test_an_interrupt_returns_the_path_so_far(f):
    path = ck.minimize(f, [1.0, 1.0], Interrupted(lr=0.1), steps=10)
    assert path.steps == 2 == path.state.k and path.stopped_because == "interrupted at step 2"
    assert np.array_equal(path.thetas, ck.minimize(f, [1.0, 1.0], GD(lr=0.1), steps=2).thetas)


def test_no_steps_is_a_path_of_one_point(f):
    path = ck.minimize(f, [1.0, 1.0], GD(), steps=0)
    assert path.thetas.tolist() == [[1.0, 1.0]] and path.counts.grad == 0


def test_repr_is_one_short_line(f):
    assert repr(ck.minimize(f, [1.0, 1.0], GD(lr=0.25), steps=1)) == (
        "Path(1 steps, value 2.5 -> 0.2812; finished 1 steps)"
    )
    both = ck.minimize(f, np.ones((2, 2)), GD(lr=0.25), steps=1)
    assert repr(both) == "Path(1 steps, 2 starts, least value 0.2812; finished 1 steps)"


def test_mistakes_are_named(f):
    with pytest.raises(ValueError, match="steps must be a whole number >= 0, not -1"):
        ck.minimize(f, [1.0, 1.0], GD(), steps=-1)
    with pytest.raises(ValueError, match=r"theta must be one point \(n,\) or K points .* not \(\)"):
        ck.minimize(f, 1.0, GD(), steps=1)
    with pytest.raises(TypeError, match="theta must hold numbers"):
        ck.minimize(f, ["a"], GD(), steps=1)
    with pytest.raises(TypeError, match=r"not GradientDescent: write GradientDescent\(\)"):
        ck.minimize(f, [1.0, 1.0], GD, steps=1)
    with pytest.raises(ValueError, match=r"Averaged steps one point \(n,\), but theta has shape"):
        ck.minimize(f, np.ones((3, 2)), Averaged(), steps=1)
    with pytest.raises(ValueError, match="pass batched=True"):
        ck.minimize(lambda x: np.sum(x**2), np.ones((3, 2)), GD(), steps=1)


def test_a_schedule_counts_completed_steps(f):
    path = ck.minimize(f, [1.0, 0.0], replace(GD(), lr=lambda k: [0.5, 0.25][k]), steps=2)
    assert path.thetas[:, 0].tolist() == [1.0, 0.5, 0.375]
