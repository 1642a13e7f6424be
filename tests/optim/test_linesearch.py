"""Line searches: the conditions they promise, the questions they ask, and what they survive."""

import dataclasses
import math
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import coursekit as ck
from coursekit.optim import (
    BFGS,
    Armijo,
    ConjugateGradient,
    Exact,
    GradientDescent,
    LineSearch,
    StrongWolfe,
    hyperparameters,
    line,
)
from coursekit.optim.linesearch import Found, searcher
from tests.optim.cases import bowl, run

SEARCHES = (Armijo(), StrongWolfe(), Exact())
every_search = pytest.mark.parametrize("search", SEARCHES, ids=lambda s: type(s).__name__)
seeds = st.integers(0, 10**6)
lengths = st.floats(-3, 2).map(lambda e: 10**e)  # of the direction, from timid to wild


def soft_ball(rng):
    """Convex, linear far away."""
    A, b = rng.normal(size=(6, 3)), rng.normal(size=6)
    return ck.Objective(lambda x: np.sum(np.sqrt(1 + (A @ x - b) ** 2)))


def quartic(rng):
    """Convex, steep far away."""
    A, b = rng.normal(size=(6, 3)), rng.normal(size=6)
    return ck.Objective(lambda x: np.sum((A @ x - b) ** 4) / 4 + np.sum(x**2) / 10)


def waves(rng):
    """Many minima in a shallow bowl."""
    A = rng.normal(size=(3, 3))
    return ck.Objective(lambda x: np.sum(np.sin(A @ x)) + 0.05 * np.sum(x**2))


FAMILIES = (soft_ball, quartic, waves)
families = st.sampled_from(FAMILIES)


def problem(family, seed, length):
    """A function, a point, a direction that leads down but is not -g, and what is known there."""
    rng = np.random.default_rng(seed)
    f, theta = family(rng), rng.normal(size=3)
    value, g = f.value_and_grad(theta)
    M = rng.normal(size=(3, 3))
    return f.uncounted(), theta, -length * (M @ M.T + 0.1 * np.eye(3)) @ g, float(value), g


def slope(f, found, d):
    return float(f.uncounted().grad(found.theta) @ d)


# --- Armijo
@given(families, seeds, lengths, st.floats(1e-4, 0.9), st.floats(0.1, 0.9), st.floats(0.1, 10))
def test_backtracking_takes_the_first_t_that_is_good_enough(family, seed, length, c, rho, t0):
    f, theta, d, value, g = problem(family, seed, length)
    found = Armijo(t0, c, rho)(f, theta, d, value, g)
    look, t, j = f.uncounted(), t0, 0
    while look.value(theta + t * d) > value + c * t * (g @ d):  # by hand
        t, j = rho * t, j + 1
    assert found.t == t and found.t == pytest.approx(t0 * rho**j, rel=1e-12)
    np.testing.assert_array_equal(found.theta, theta + t * d)
    assert found.value == look.value(found.theta) and found.grad is None
    assert f.counts[:3] == (j + 1, 0, 0)


def test_armijo_worked_by_hand():
    """x^2 from 1 along -2: (1 - 2t)^2 <= 1 - 4ct is t <= 1 - c."""
    f = ck.Objective(lambda x: np.sum(x**2))
    one, two = np.array([1.0]), np.array([-2.0])
    for c, rho, t in [(0.1, 0.89, 0.89), (0.1, 0.91, 0.91**2), (0.6, 0.5, 0.25), (0.4, 0.5, 0.5)]:
        found = Armijo(c=c, rho=rho)(f, one, two, 1.0, -two)
        assert found.t == pytest.approx(t, rel=1e-15)
        assert found.theta == pytest.approx(1 - 2 * t, rel=1e-12, abs=1e-12)
    # `first` is where to begin, one notch higher, for backtracking cannot go up again
    before = f.counts.value
    found = Armijo(c=0.1, rho=0.5)(f, one, two, 1.0, -two, first=0.25)
    assert found.t == 0.5 and f.counts.value == before + 1


# --- strong Wolfe
@given(families, seeds, lengths, st.sampled_from([(1e-4, 0.9), (1e-4, 0.1), (0.3, 0.5)]))
def test_strong_wolfe_conditions(family, seed, length, constants):
    f, theta, d, value, g = problem(family, seed, length)
    c1, c2 = constants
    found = StrongWolfe(c1, c2)(f, theta, d, value, g)
    assert found.t > 0
    assert found.value <= value + c1 * found.t * (g @ d) + 1e-14 * abs(value)
    assert abs(found.grad @ d) <= c2 * abs(g @ d)
    look = f.uncounted()
    assert found.value == look.value(found.theta)
    np.testing.assert_array_equal(found.theta, theta + found.t * d)
    np.testing.assert_array_equal(found.grad, look.grad(found.theta))
    assert f.counts.value == f.counts.grad <= 25 and f.counts.hvp == 0


def test_a_good_first_trial_is_the_only_one():
    f = bowl()
    theta = np.array([1.0, -2.0, 0.5, 3.0])
    value, g = f.value_and_grad(theta)
    newton = -np.linalg.solve(f.uncounted().hessian(theta), g)
    before = f.counts
    found = StrongWolfe()(f, theta, newton, value, g)
    assert found.t == 1 and f.counts.grad == before.grad + 1 and f.counts.value == before.value + 1
    before = f.counts
    found = StrongWolfe()(f, theta, newton, value, g, first=0.7)
    assert found.t == 0.7 and f.counts.grad == before.grad + 1


def test_cubic_interpolation_finds_the_minimum_of_a_cubic_at_once():
    f = ck.Objective(lambda x: np.sum(x**3 - 3 * x))  # minimum at 1
    start, d = np.array([-0.5]), np.array([4.0])
    value, g = f.value_and_grad(start)
    found = StrongWolfe(c1=1e-6, c2=1e-5)(f, start, d, value, g)
    assert found.theta == pytest.approx(1, rel=1e-12) and f.counts.grad == 3


def test_extrapolation_goes_ten_times_as_far_at_most():
    asked = []

    def value(x):
        asked.append(x[0])
        return (x[0] - 4321) ** 2

    f = ck.Objective(value=value, grad=lambda x: 2 * (x - 4321))
    zero, one = np.zeros(1), np.ones(1)
    StrongWolfe(c2=0.1)(f, zero, one, 4321.0**2, f.grad(zero))
    np.testing.assert_allclose(asked, [1, 10, 100, 1000, 4321], rtol=1e-9)


@pytest.mark.peers
@pytest.mark.parametrize("family", FAMILIES)
def test_pytorchs_strong_wolfe_finds_the_same(family):
    torch = pytest.importorskip("torch")
    theirs = pytest.importorskip("torch.optim.lbfgs")._strong_wolfe
    mine = total = 0
    for seed in range(60):
        length, c2 = 10 ** (seed % 6 - 3.0), (0.9, 0.1)[seed % 2]
        f, theta, d, value, g = problem(family, seed, length)
        found = StrongWolfe(c2=c2)(f, theta, d, value, g)
        mine += f.counts.grad
        look = f.uncounted()

        def ask(_, t, __, look=look, theta=theta, d=d):
            v, gradient = look.value_and_grad(theta + float(t) * d)
            return float(v), torch.tensor(gradient)

        one, down = torch.tensor(1.0, dtype=torch.float64), torch.tensor(d)
        _, _, t, asked = theirs(ask, None, one, down, value, torch.tensor(g), g @ d, c2=c2)
        total += asked
        assert found.t == pytest.approx(float(t), rel=1e-12)
    assert mine <= total


@pytest.mark.peers
def test_scipys_line_search_asks_no_less():
    optimize = pytest.importorskip("scipy.optimize")
    mine = theirs = 0
    for family in FAMILIES:
        for seed in range(60):
            f, theta, d, value, g = problem(family, seed, 10 ** (seed % 6 - 3.0))
            StrongWolfe()(f, theta, d, value, g)
            mine += f.counts.grad
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # it gives up now and then
                found = optimize.line_search(f.value, f.grad, theta, d, g, value, maxiter=25)
            theirs += max(found[1:3])
    assert mine <= theirs


# --- exact
@given(seeds, lengths)
def test_exact_is_the_minimum_on_a_quadratic(seed, length):
    rng = np.random.default_rng(seed)
    f = ck.landscapes.quadratic(spectrum=(0.1, 1.0, 30.0), rotation="random", rng=seed)
    theta = rng.normal(size=3)
    value, g = f.value_and_grad(theta)
    d = -length * g * rng.uniform(0.1, 2, size=3)
    before = f.counts
    found = Exact()(f, theta, d, value, g)
    asked = np.subtract(f.counts, before)
    assert list(asked[:5]) == [0, 0, 1, 0, 0] and found.value is None and found.grad is None
    assert abs(slope(f, found, d)) <= 1e-12 * abs(g @ d)
    full = found.completed(f)
    assert full.value == f.value(found.theta) and full.t == found.t


def test_exact_backtracks_where_there_is_no_minimum():
    f = ck.Objective(lambda x: np.sum(x**4) - np.sum(x**2))  # a maximum at 0
    theta = np.array([0.1, -0.2])
    value, g = f.value_and_grad(theta)
    assert g @ f.hvp(theta, g) < 0
    by_armijo = Armijo()(f, theta, -g, value, g)
    found = Exact()(f, theta, -g, value, g)
    assert found.t == by_armijo.t > 0 and found.value < value


# --- what a search survives
@every_search
def test_a_direction_that_does_not_lead_down_leaves_theta(search):
    f, theta, d, value, g = problem(quartic, 0, 1.0)
    for direction, gradient in [(-d, g), (0 * d, g), (d, 0 * g)]:
        found = search(f, theta, direction, value, gradient)
        assert found.t == 0 and found.theta is theta and found.value == value
        np.testing.assert_array_equal(found.grad, gradient)
    assert sum(f.counts) == 0


@every_search
def test_nan_is_shown(search):
    f, theta, d, value, g = problem(quartic, 0, 1.0)
    for what in [(d, value, g * np.nan), (d, np.nan, g), (d * np.nan, value, g)]:
        found = search(f, theta, *what)
        assert math.isnan(found.t) and np.isnan(found.theta).all() and math.isnan(found.value)
    broken = ck.Objective(value=f.value, grad=f.grad, hvp=lambda x, v: v * np.nan)
    if search == Exact():
        assert np.isnan(search(broken, theta, d, value, g).theta).all()


@pytest.mark.parametrize("beyond", [np.inf, -np.inf, np.nan])
@pytest.mark.parametrize("wall", [0.9, 1e-6, 1e-12])
def test_walls_of_inf_and_nan_are_not_crossed(beyond, wall):
    """-log(wall - x) + ... with the other side of the wall undefined, and trials far beyond it."""

    def value(x):
        return float(-np.log(wall - x[0]) - 3 * x[0] / wall) if x[0] < wall else beyond

    def grad(x):
        return 1 / (wall - x) - 3 / wall if x[0] < wall else np.full(1, beyond)

    zero, one = np.zeros(1), np.ones(1)
    for search in (Armijo(), StrongWolfe(), StrongWolfe(c2=0.1)):
        f = ck.Objective(value=value, grad=grad)
        found = search(f, zero, one, value(zero), grad(zero))
        assert 0 < found.t < wall and found.value < value(zero)
        assert f.counts.value <= 60
        if search != Armijo():
            assert abs(slope(f, found, one)) <= search.c2 * 2 / wall


def test_a_trial_without_a_slope_is_too_far():
    """-log(1 + x), said to have no gradient beyond 0.7."""
    f = ck.Objective(
        value=lambda x: -math.log1p(x[0]),
        grad=lambda x: np.where(x < 0.7, -1 / (1 + x), np.nan),
    )
    found = StrongWolfe()(f, np.zeros(1), np.ones(1), 0.0, -np.ones(1))
    assert 0.1 < found.t < 0.7 and np.isfinite(found.grad).all()


def test_overflow_of_a_trial_does_not_warn():
    f = ck.Objective(lambda x: np.sum(np.exp(x)) - np.sum(x))
    theta = np.array([3.0])
    value, g = f.value_and_grad(theta)
    for search in (Armijo(), StrongWolfe()):  # warnings are errors here
        found = search(f, theta, np.array([-1e4]), value, g)
        assert found.t > 0 and found.value < value
        found = search(f, -theta, -1e5 * f.grad(-theta), *f.value_and_grad(-theta))
        assert found.t > 0 and np.isfinite(found.value)


def test_giving_up():
    """A gradient with the wrong sign: f grows along d, whatever t."""
    f = ck.Objective(value=lambda x: 5 + x[0], grad=lambda x: -np.ones(1))
    theta, d = np.zeros(1), np.ones(1)
    for search in (Armijo(max_trials=7), StrongWolfe(max_trials=7)):
        before = f.counts
        found = search(f, theta, d, 5.0, -d)
        assert found.t == 0 and found.theta is theta and f.counts.value - before.value == 7
        assert found.value == 5.0


def test_going_down_for_ever_ends():
    f = ck.Objective(value=lambda x: -x[0], grad=lambda x: -np.ones(1))
    found = StrongWolfe()(f, np.zeros(1), np.ones(1), 0.0, -np.ones(1))
    assert f.counts.grad == 25 and found.value == -found.t < -1e20


# --- rounding
def valley(offset):
    return ck.Objective(
        lambda x: offset + np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2) + np.sum((1 - x) ** 2)
    )


@pytest.mark.parametrize("offset", [0.0, 1.0, 1e6])
def test_rounding_of_f_does_not_stop_a_search(offset, monkeypatch):
    def steps_and_gradients():
        f = valley(offset)
        path = ck.minimize(
            f, [-1.2, 1.0, -1.2, 1.0], ConjugateGradient(), steps=200, grad_tol=1e-10)  # fmt: skip
        return path.steps, f.counts.grad

    steps, gradients = steps_and_gradients()
    assert steps <= 60 and gradients <= 140  # measured 50 and 111
    if offset == 1e6:  # without that the search looks for a decrease that cannot be seen
        monkeypatch.setattr(line, "NOISE", 0)
        steps, gradients = steps_and_gradients()
        assert steps == 200 and gradients > 1000


def test_where_rounding_rules_the_slope_decides():
    """1 + x^2 / 2 near 0: values are all 1; t = 1 is the minimum, t = 2 as high as the start."""
    f = ck.Objective(value=lambda x: 1 + x[0] ** 2 / 2, grad=lambda x: x.copy())
    theta = np.array([1e-9])
    value, g = f.value_and_grad(theta)
    for t, accepted in [(0.3, True), (1.0, True), (1.975, True), (1.985, False), (2.1, False)]:
        before = f.counts
        found = Armijo(t0=t, c=1e-2)(f, theta, -theta, value, g)  # on a quadratic t <= 2 - 2c
        assert (found.t == t) == accepted
        np.testing.assert_array_equal(found.grad, found.theta)  # it was asked, so it is told
        assert f.counts.grad - before.grad == (1 if accepted else 2)
    found = StrongWolfe(c2=0.01)(f, theta, -3 * theta, value, g)
    assert found.t == pytest.approx(1 / 3, rel=0.01) and abs(found.grad[0]) <= 0.01 * 1e-9
    assert f.counts.value < 20


# --- declarations
@pytest.mark.parametrize("cls", [Armijo, StrongWolfe])
def test_fields_are_checked(cls):
    for h in hyperparameters(cls):
        assert h.doc and h.slider and getattr(cls(), h.name) == h.default
        for bad in (h.low if h.closed == "neither" else h.low - 1, -1):
            with pytest.raises(ValueError, match=f"{cls.__name__}: {h.name} must lie in"):
                cls(**{h.name: bad})
        with pytest.raises(TypeError, match=f"{cls.__name__}: {h.name} must be a"):
            cls(**{h.name: "1"})
        for end in h.slider:
            value = int(end) if h.kind == "whole" else end
            dataclasses.replace(cls(), **{h.name: value})
    with pytest.raises(ValueError, match=r"c1 must be less than c2 = 0.2, not 0.3"):
        StrongWolfe(0.3, 0.2)
    assert cls() == cls() and hash(cls()) == hash(cls())


def test_names_of_searches():
    assert [searcher(name) for name in ("armijo", "strong_wolfe", "exact")] == list(SEARCHES)
    assert searcher(None) is None and searcher(own := Armijo(t0=3)) is own
    assert searcher("armijo", armijo=own) is own
    with pytest.raises(ValueError, match=r"line_search must be one of None, 'armijo'.*Search"):
        GradientDescent(line_search="wolfe")
    with pytest.raises(ValueError, match=r"line_search must be one of 'armijo'.*not None"):
        BFGS(line_search=None)


def test_a_search_of_ones_own():
    @dataclasses.dataclass(frozen=True)
    class Half(LineSearch):
        def along(self, line, first):
            return line.at(0.5)

    path, _ = run(GradientDescent(line_search=Half()), bowl(), np.ones(4), 3)
    np.testing.assert_array_equal(path, run(GradientDescent(lr=0.5), bowl(), np.ones(4), 3)[0])
    with pytest.raises(NotImplementedError):
        LineSearch()(bowl(), np.ones(4), -np.ones(4), 1.0, np.ones(4))


def test_completed_asks_for_what_is_missing_only():
    f, theta = bowl(), np.ones(4)
    value, g = f.uncounted().value_and_grad(theta)
    assert Found(1.0, theta, value, g).completed(f).grad is g and sum(f.counts) == 0
    Found(1.0, theta, value, None).completed(f)
    assert f.counts[:2] == (0, 1)
    Found(1.0, theta, None, None).completed(f)
    assert f.counts[:2] == (1, 2)


# --- gradient descent with a search
def test_steps_of_descent_are_t_times_the_gradient():
    start = np.array([1.0, -2.0, 0.5, 3.0])
    path, _ = run(GradientDescent(lr=17, line_search=Armijo(2, 0.3, 0.6)), bowl(), start, 6)
    x = start
    for point in path[1:]:  # by hand
        value, g, t = bowl().value(x), bowl().grad(x), 2.0
        while bowl().value(x - t * g) > value - 0.3 * t * (g @ g):
            t *= 0.6
        x = x - t * g
        np.testing.assert_allclose(point, x, rtol=1e-13)


@pytest.mark.parametrize("kappa", [4.0, 100.0])
def test_exact_descent_zigzags_at_the_known_rate(kappa):
    """(x^2 + kappa y^2) / 2 from (kappa, 1): every step multiplies by (kappa - 1) / (kappa + 1)."""
    f = ck.Objective(
        value=lambda x: (x[0] ** 2 + kappa * x[1] ** 2) / 2,
        grad=lambda x: np.array([1, kappa]) * x, hvp=lambda x, v: np.array([1, kappa]) * v,
    )  # fmt: skip
    path, _ = run(GradientDescent(line_search="exact"), f, np.array([kappa, 1.0]), 20)
    k = np.arange(21)[:, None]
    right = ((kappa - 1) / (kappa + 1)) ** k * np.hstack([kappa + 0 * k, (-1.0) ** k])
    np.testing.assert_allclose(path, right, rtol=1e-11)


def test_descent_with_a_search_asks_once_per_step_and_trial():
    f = bowl()
    run(GradientDescent(line_search="armijo"), f, np.full(4, 0.1), 5)
    assert f.counts.grad == 5 and f.counts.value == 5 + 5  # t = 1 is accepted each time


def test_descent_with_a_search_takes_one_point():
    opt = GradientDescent(line_search="armijo")
    assert not opt.batched and GradientDescent().batched
    with pytest.raises(ValueError, match=r"GradientDescent steps one point .* shape \(2, 3\)"):
        opt.init(np.ones((2, 3)))
