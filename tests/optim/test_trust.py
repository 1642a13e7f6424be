"""Trust region: restated, against SciPy, and its subproblem by what characterises a solution."""

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import coursekit as ck
from coursekit.optim import TrustRegion
from coursekit.optim.subproblem import dogleg, exact, steihaug
from tests.optim.cases import network, run

FLAT, BOUNDED = "inside", "boundary"


# --- the algorithms of Nocedal & Wright once more
def meet(z, d, delta):
    """tau >= 0 with |z + tau d| = delta."""
    zz, zd, dd = z @ z, z @ d, d @ d
    return (-zd + math.sqrt(zd**2 + dd * (delta**2 - zz))) / dd


def algorithm_7_2(B, g, delta):
    """CG-Steihaug with SciPy's tolerance, for a positive or negative definite first direction."""
    tolerance = min(0.5, math.sqrt(math.sqrt(g @ g))) * math.sqrt(g @ g)
    z, r, d = np.zeros_like(g), g, -g
    while True:
        if d @ B @ d <= 0:
            candidates = [z + meet(z, d, delta) * d, z - meet(z, -d, delta) * d]
            return min(candidates, key=lambda p: g @ p + p @ B @ p / 2), BOUNDED
        alpha = r @ r / (d @ B @ d)
        if np.linalg.norm(z + alpha * d) >= delta:
            return z + meet(z, d, delta) * d, BOUNDED
        z = z + alpha * d
        new = r + alpha * (B @ d)
        if np.linalg.norm(new) < tolerance:
            return z, FLAT
        d = -new + (new @ new) / (r @ r) * d
        r = new


def section_4_1(B, g, delta):
    """The dogleg path, or the Cauchy point (eqs. (4.11) and (4.12)) where B is not positive."""
    length = np.linalg.norm(g)
    if np.linalg.eigvalsh(B)[0] <= 0:
        curvature = g @ B @ g
        tau = 1 if curvature <= 0 else min(length**3 / (delta * curvature), 1)
        return -tau * delta / length * g, BOUNDED if tau == 1 else FLAT
    p_b, p_u = -np.linalg.inv(B) @ g, -(g @ g) / (g @ B @ g) * g
    if np.linalg.norm(p_b) <= delta:
        return p_b, FLAT
    if np.linalg.norm(p_u) >= delta:
        return delta / np.linalg.norm(p_u) * p_u, BOUNDED
    return p_u + meet(p_u, p_b - p_u, delta) * (p_b - p_u), BOUNDED


def section_4_3(B, g, delta):
    """lambda by bisection: the length of -(B + lambda I)^-1 g falls as lambda grows."""

    def p(lam):
        return -np.linalg.solve(B + lam * np.eye(len(g)), g)

    lowest = np.linalg.eigvalsh(B)[0]
    if lowest > 0 and np.linalg.norm(p(0)) <= delta:
        return p(0), FLAT
    low = max(0, -lowest)
    high = low + np.linalg.norm(g) / delta + abs(lowest)
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if np.linalg.norm(p(middle)) > delta else (low, middle)
    return p(high), BOUNDED


SUBPROBLEMS = {"steihaug": algorithm_7_2, "dogleg": section_4_1, "exact": section_4_3}


def algorithm_4_1(f, theta, solve, steps, delta=1.0, largest=1000.0, eta=0.15):
    """Points and radii."""
    points, radii = [theta], []
    for _ in range(steps):
        g, B = f.grad(theta), f.hessian(theta)
        p, where = solve(B, g, delta)
        rho = (f.value(theta) - f.value(theta + p)) / -(g @ p + p @ B @ p / 2)
        if rho < 0.25:
            delta = 0.25 * delta
        elif rho > 0.75 and where == BOUNDED:
            delta = min(2 * delta, largest)
        if rho > eta:
            theta = theta + p
        points.append(theta)
        radii.append(delta)
    return np.array(points), radii


LANDSCAPES = {
    "rosenbrock": (ck.landscapes.rosenbrock(), (-1.2, 1.0), 20),
    "rosenbrock 6": (ck.landscapes.rosenbrock(n=6), (-1.2, 1.0, -1.2, 1.0, -1.2, 1.0), 12),
    "himmelblau": (ck.landscapes.himmelblau(), (-0.5, -0.6), 6),
    "beale": (ck.landscapes.beale(), (1.0, 1.1), 6),
}
every_landscape = pytest.mark.parametrize("problem", LANDSCAPES.values(), ids=LANDSCAPES)
every_solver = pytest.mark.parametrize("solver", SUBPROBLEMS)


@every_landscape
@every_solver
def test_restated(problem, solver):
    f, start, steps = problem
    points, radii = algorithm_4_1(f, np.array(start), SUBPROBLEMS[solver], steps)
    opt, theta = TrustRegion(solver=solver), np.array(start)
    state = opt.init(theta)
    for point, delta in zip(points[1:], radii, strict=True):
        theta, state = opt.step(theta, state, f)
        np.testing.assert_allclose(theta, point, rtol=1e-8)
        assert state.delta == delta
    assert len({1.0, *radii}) > 1
    assert solver != "steihaug" or steps < 10 or (points[1:] == points[:-1]).all(axis=1).any()


@every_solver
def test_restated_on_a_network_with_other_constants(solver):
    f, theta, _ = network()
    how = {"delta": 0.2, "largest": 0.7, "eta": 0.0}
    points, _ = algorithm_4_1(f, theta, SUBPROBLEMS[solver], 12, **how)
    opt = TrustRegion(delta0=0.2, max_delta=0.7, eta=0.0, solver=solver)
    path, _ = run(opt, f, theta, 12)
    np.testing.assert_allclose(path, points, rtol=1e-7, atol=1e-9)
    assert abs(path[-1] - path[0]).max() > 0.5


# --- against SciPy
METHODS = {"steihaug": "trust-ncg", "dogleg": "dogleg", "exact": "trust-exact"}


def with_scipy(solver, f, start, steps=200):
    """Points, and how often SciPy asked for f and its gradient, until |g| < 1e-6."""
    minimize = pytest.importorskip("scipy.optimize").minimize
    own, path = f.uncounted(), [start]
    how = {"hessp": own.hvp} if solver == "steihaug" else {"hess": own.hessian}
    found = minimize(
        own.value, start, method=METHODS[solver], jac=own.grad, **how,
        callback=lambda x: path.append(x.copy()), options={"gtol": 1e-6, "maxiter": steps},
    )  # fmt: skip
    assert found.success
    return np.array(path), found


def until_flat(opt, f, start, steps=200):
    """Points until |g| < 1e-6, and the counts."""
    own = f.uncounted()
    theta, state = start, opt.init(start)
    path = [theta]
    while np.linalg.norm(f.grad(theta)) >= 1e-6 and len(path) <= steps:
        theta, state = opt.step(theta, state, own)
        path.append(theta)
    return np.array(path), own.counts


FAR = {
    **LANDSCAPES,
    "far": (ck.landscapes.rosenbrock(), (30.0, -70.0), 0),
    "maximum": (ck.landscapes.himmelblau(), (-0.27, -0.92), 0),
    "narrow": (ck.landscapes.quadratic(np.logspace(-3, 0, 10), "random"), np.ones(10), 0),
    "camel": (ck.landscapes.three_hump_camel(), (1.8, -1.0), 0),
}


@pytest.mark.peers
@pytest.mark.parametrize("problem", FAR.values(), ids=FAR)
def test_trust_ncg_bit_for_bit(problem):
    f, start = problem[0], np.array(problem[1])
    right, found = with_scipy("steihaug", f, start)
    path, counts = until_flat(TrustRegion(), f, start)
    np.testing.assert_array_equal(path, right)
    assert counts.value == len(path) and counts.grad == len(np.unique(path, axis=0))
    assert counts.grad == found.njev and counts.hvp <= found.nhev


@pytest.mark.peers
def test_trust_ncg_on_a_network():
    f, theta, _ = network()
    right, _ = with_scipy("steihaug", f, theta)
    path, _ = until_flat(TrustRegion(), f, theta)
    np.testing.assert_array_equal(path, right)
    assert len(path) > 10


@pytest.mark.peers
@pytest.mark.parametrize("name", ["rosenbrock", "far", "narrow"])
def test_dogleg_where_scipy_can(name):
    f, start = FAR[name][0], np.array(FAR[name][1])
    right, _ = with_scipy("dogleg", f, start)
    path, _ = until_flat(TrustRegion(solver="dogleg"), f, start)
    np.testing.assert_allclose(path, right, rtol=1e-9, atol=1e-12)


@pytest.mark.peers
@pytest.mark.parametrize("name", ["rosenbrock", "beale", "himmelblau", "narrow", "camel"])
def test_trust_exact_goes_to_the_same_place(name):
    """SciPy solves the subproblem to a tenth of the radius only, so the way there differs."""
    f, start = FAR[name][0], np.array(FAR[name][1])
    right, _ = with_scipy("exact", f, start)
    path, _ = until_flat(TrustRegion(solver="exact"), f, start)
    np.testing.assert_allclose(path[-1], right[-1], atol=1e-5)
    assert abs(len(path) - len(right)) <= 2


# --- the subproblem
def model(B, g, p):
    return g @ p + p @ B @ p / 2


def problem(seed, n, kind):
    """B, g and a radius: of random signs, positive, singular, with equal eigenvalues, or hard."""
    rng = np.random.default_rng(seed)
    Q, _ = np.linalg.qr(rng.normal(size=(n, n)))
    w, c = np.sort(rng.normal(size=n)), rng.normal(size=n)
    delta = math.exp(rng.uniform(-3, 3))
    if kind == "positive":
        w = abs(w) + 0.1
    elif kind == "singular":
        w = abs(w) * (np.arange(n) > 0)
        c = c * (w > 0) if rng.random() < 0.5 else c
    elif kind == "equal":
        w[: n // 2 + 1] = w[0]
    elif kind == "hard":
        w[0] = -1.0 - abs(w[0])
        c[0] = 0.0
    elif kind == "nearly hard":
        w[0] = -1.0 - abs(w[0])
        c[0] = rng.choice([-1, 1]) * 10.0 ** rng.uniform(-17, -3)
    elif kind == "no slope":
        c = 0 * c
    return (Q * w) @ Q.T, Q @ c, delta


KINDS = ("mixed", "positive", "singular", "equal", "hard", "nearly hard", "no slope")
subproblems = given(st.integers(0, 10**6), st.integers(1, 8), st.sampled_from(KINDS))


@subproblems
def test_exact_satisfies_the_conditions_of_a_global_minimum(seed, n, kind):
    """Nocedal & Wright, theorem 4.1: (B + lam I) p = -g, lam (delta - |p|) = 0, B + lam I >= 0."""
    B, g, delta = problem(seed, n, kind)
    p, Bp, on_boundary = exact(B, g, delta)
    np.testing.assert_array_equal(Bp, B @ p)
    length, lowest = np.linalg.norm(p), np.linalg.eigvalsh(B)[0]
    scale = np.linalg.norm(g) + np.linalg.norm(B) * length
    if on_boundary:
        assert length == pytest.approx(delta, rel=1e-12)
        lam = -p @ (Bp + g) / delta**2
    else:
        assert length <= delta and lowest > -1e-12
        lam = 0.0
    assert lam >= max(0, -lowest) - 1e-9 * (1 + scale / delta)
    np.testing.assert_allclose(Bp + lam * p, -g, atol=1e-9 * scale + 1e-13)
    assert kind != "hard" or on_boundary


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(5))
def test_exact_is_below_every_point_of_the_disc(kind, seed):
    B, g, delta = problem(seed, 2, kind)
    r, angle = np.meshgrid(np.linspace(0, delta, 101), np.linspace(0, 2 * np.pi, 721))
    disc = np.stack([r * np.cos(angle), r * np.sin(angle)], -1)
    lowest = (disc @ g + ((disc @ B) * disc).sum(-1) / 2).min()
    p = exact(B, g, delta).p
    assert model(B, g, p) <= lowest + 1e-12
    assert model(B, g, p) >= lowest - 1e-3 * (1 + delta**2)


def cauchy(B, g, delta):
    """The best point along -g in the ball."""
    length = np.linalg.norm(g)
    if length == 0:
        return g
    curvature = g @ B @ g
    t = delta / length if curvature <= 0 else min(delta / length, length**2 / curvature)
    return -t * g


@subproblems
def test_steihaug_and_dogleg_are_at_least_as_good_as_the_cauchy_point(seed, n, kind):
    B, g, delta = problem(seed, n, kind)
    goal = model(B, g, cauchy(B, g, delta))
    best = model(B, g, exact(B, g, delta).p)
    rounding = 1e-10 * (1 + abs(goal))
    asked = []
    for solution in (
        steihaug(lambda v: asked.append(1) or B @ v, g, delta), dogleg(B, g, delta)
    ):  # fmt: skip
        length = np.linalg.norm(solution.p)
        assert best - rounding <= model(B, g, solution.p) <= goal + rounding
        assert length == pytest.approx(delta) if solution.on_boundary else length <= delta
        np.testing.assert_allclose(solution.Bp, B @ solution.p, atol=1e-9 * (1 + delta))
    assert len(asked) <= n + 3


@subproblems
def test_steihaug_inside_the_ball_solves_well_enough(seed, n, kind):
    B, g, delta = problem(seed, n, kind)
    for size in (1.0, 1e-3):  # the tolerance tightens as g shrinks
        _, Bp, on_boundary = steihaug(lambda v: B @ v, size * g, delta)
        length = np.linalg.norm(size * g)
        if not on_boundary:
            residual = np.linalg.norm(Bp + size * g)
            assert residual <= min(0.5, math.sqrt(length)) * length


def test_negative_curvature_leads_to_the_better_end_of_the_line():
    B, g = np.diag([1.0, -1.0, 2.0]), np.array([1.0, 0.9, 1.0])
    first = steihaug(lambda v: B @ v, g, 0.1)  # the ball ends before any curvature shows
    np.testing.assert_allclose(first.p, -0.1 * g / np.linalg.norm(g))
    far = steihaug(lambda v: B @ v, g, 20.0)
    assert far.on_boundary and np.linalg.norm(far.p) == pytest.approx(20)
    alpha = g @ g / (g @ B @ g)  # one step of CG, then a direction of negative curvature
    z, r = -alpha * g, g - alpha * B @ g
    d = -r + r @ r / (g @ g) * -g
    assert g @ B @ g > 0 > d @ B @ d
    t = np.linspace(-40, 40, 200_001)
    line = z + t[:, None] * d
    inside = line[np.linalg.norm(line, axis=1) <= 20]
    heights = inside @ g + ((inside @ B) * inside).sum(1) / 2
    assert model(B, g, far.p) == pytest.approx(heights.min(), rel=1e-3)
    assert heights[0] != pytest.approx(heights[-1], rel=0.01)


@given(st.integers(0, 10**6), st.integers(2, 6))
def test_dogleg_is_the_best_point_of_its_path(seed, n):
    B, g, delta = problem(seed, n, "positive")
    p_u, p_b = -(g @ g) / (g @ B @ g) * g, -np.linalg.solve(B, g)
    t = np.linspace(0, 1, 400)[:, None]
    path = np.concatenate([t * p_u, p_u + t * (p_b - p_u)])
    inside = path[np.linalg.norm(path, axis=1) <= delta]
    heights = inside @ g + ((inside @ B) * inside).sum(1) / 2
    p, _, on_boundary = dogleg(B, g, delta)
    assert model(B, g, p) <= heights.min() + 1e-10
    assert on_boundary == (np.linalg.norm(p_b) > delta)


@pytest.mark.parametrize("kind", ["mixed", "singular"])
def test_dogleg_without_a_newton_point_is_cauchys(kind):
    for seed in range(150):
        B, g, delta = problem(seed, 7, kind)
        if np.linalg.eigvalsh(B)[0] < 1e-15:
            np.testing.assert_allclose(dogleg(B, g, delta).p, cauchy(B, g, delta), rtol=1e-12)


@pytest.mark.parametrize("where", ["g", "B"])
def test_nan_in_a_subproblem_shows(where):
    B, g = np.eye(3), np.ones(3)
    B, g = (B * np.nan, g) if where == "B" else (B, g * np.nan)
    for s in (steihaug(lambda v: B @ v, g, 1.0), dogleg(B, g, 1.0), exact(B, g, 1.0)):
        assert np.isnan(s.p).any() or np.isnan(s.Bp).any()


# --- a step is one trial
def promising(rho):
    """f = 0 at 0, where a step of length 1 is promised to gain 1; it gains rho."""
    return ck.Objective(
        value=lambda x: -rho * (x[0] > 0.5), grad=lambda x: -1 + 0 * x, hvp=lambda x, v: 0 * v
    )


@pytest.mark.parametrize(
    "rho, kept, delta",
    [(-1, 0, 0.25), (0.1, 0, 0.25), (0.14, 0, 0.25), (0.16, 1, 0.25), (0.24, 1, 0.25),
     (0.26, 1, 1), (0.74, 1, 1), (0.76, 1, 2), (5, 1, 2)],
)  # fmt: skip
def test_what_follows_from_rho(rho, kept, delta):
    f, start, opt = promising(rho), np.zeros(1), TrustRegion()
    theta, state = opt.step(start, opt.init(start), f)
    assert (theta[0], state.delta) == (kept, delta)
    assert state.rho == pytest.approx(rho) and state.value == -rho * kept
    assert f.counts[:2] == (2, 1 + kept)  # f here and there; the gradient there if it is kept
    theta, state = opt.step(theta, state, f)
    assert f.counts.value == 3
    lower = dataclasses.replace(opt, eta=0.05)
    assert lower.step(start, opt.init(start), f)[0][0] == (rho > 0.05)


@every_solver
def test_a_point_moved_by_somebody_else_is_looked_at_anew(solver):
    f, start = ck.landscapes.beale(), np.array([1.0, 1.1])
    opt = TrustRegion(solver=solver)
    path, state = run(opt, f, start, 2)
    elsewhere = path[-1] + 0.3
    right, _ = opt.step(elsewhere, state._replace(theta=elsewhere, value=float(f.value(elsewhere)),
                                                  g=f.grad(elsewhere)), f)  # fmt: skip
    np.testing.assert_array_equal(opt.step(elsewhere, state, f)[0], right)


@pytest.mark.parametrize("hole", [np.nan, np.inf])
@every_solver
def test_where_f_is_not_finite_no_trial_is_kept(solver, hole):
    f = ck.Objective(
        value=lambda x: np.where(x[0] > 1, x[0] - np.log(np.maximum(x[0], 1)), hole),
        grad=lambda x: 1 - 1 / x, hessian=lambda x: np.diag(1 / x**2),
    )  # fmt: skip
    path, state = run(TrustRegion(delta0=4.0, solver=solver), f, np.array([3.0]), 40)
    assert (path > 1).all() and path[-1] < 1.01 and state.delta < 0.1


def test_the_radius_grows_to_its_limit_only_where_it_binds():
    slope = ck.Objective(lambda x: np.sum(x))
    _, state = run(TrustRegion(max_delta=6.0), slope, np.zeros(3), 5)
    assert state.delta == 6.0 and state.rho == pytest.approx(1)
    bowl = ck.Objective(lambda x: np.sum(x**2))
    _, state = run(TrustRegion(delta0=9.0), bowl, np.ones(3), 5)
    assert state.delta == 9.0
    opt = TrustRegion(max_delta=6.0)
    path, state = run(opt, slope, np.zeros(3), 5)
    after, _ = dataclasses.replace(opt, max_delta=0.5).step(path[-1], state, slope)
    assert np.linalg.norm(after - path[-1]) == pytest.approx(0.5)


@pytest.mark.parametrize(
    "dtype, shown, reached", [("float64", 1e-6, 1e-12), ("float32", 0.03, 1e-6)]
)
@every_solver
def test_it_goes_on_where_f_shows_no_difference(solver, dtype, shown, reached):
    f = ck.Objective(lambda x: 1e4 + np.sum(np.cosh(x) - 1))
    assert f.value(np.array([shown], dtype) / 2) == f.value(np.array([0], dtype))
    path, _ = run(TrustRegion(solver=solver), f, np.array([1.0, -0.6], dtype), 12)
    assert abs(path[-1]).max() < reached


def test_a_promise_that_f_cannot_show_is_not_believed_if_f_shows_a_rise():
    f = ck.Objective(
        value=lambda x: 1e6 * (1 + (x[0] < 0.5)),
        grad=lambda x: 1e-12 * x, hvp=lambda x, v: 1e-12 * v,
    )  # fmt: skip
    path, _ = run(TrustRegion(delta0=10.0), f, np.ones(1), 3)
    assert (path == 1).all()


def test_a_promise_that_f_cannot_show_is_not_believed_at_the_boundary():
    f = ck.Objective(lambda x: 1 + 1e-20 * np.sum(x))
    path, state = run(TrustRegion(), f, np.zeros(2), 5)
    assert not path.any() and state.delta == 1


def test_a_saddle_and_a_maximum_hold_only_those_that_look_at_the_gradient_alone():
    for spectrum in ((-1.0, 2.0), (-3.0, -1.0)):
        f = ck.landscapes.quadratic(spectrum, rotation=0.3)
        for solver, moves in (("steihaug", False), ("dogleg", False), ("exact", True)):
            path, _ = run(TrustRegion(solver=solver), f, np.zeros(2), 3)
            assert path.any() == moves
        lengths = np.linalg.norm(np.diff(path, axis=0), axis=1)
        np.testing.assert_allclose(lengths, [1, 2, 4], rtol=1e-12)
        assert np.linalg.norm(path[1] * [math.sin(0.3), -math.cos(0.3)]) > 0  # not along an axis
        assert f.value(path[1]) == pytest.approx(spectrum[0] / 2)


@every_solver
def test_all_of_them_find_a_minimum_from_a_maximum_nearby(solver):
    f = ck.landscapes.himmelblau()
    path, _ = run(TrustRegion(solver=solver), f, f.maxima[0] + 1e-3, 60)
    assert f.value(path[-1]) < 1e-20 and (np.diff(f.value(path)) <= 0).all()


def test_exact_takes_no_rounding_for_negative_curvature():
    """A number added to all logits changes nothing: there is no reason to move along that line."""
    x, y = np.random.default_rng(0).normal(size=(40, 2)), np.arange(40) % 3
    f = ck.MLP([2, 3]).objective(x, y)
    path, _ = run(TrustRegion(solver="exact"), f, np.full(9, 0.1), 15)
    assert abs(f.grad(path[-1])).max() < 1e-12
    sums = path[:, :6].reshape(-1, 2, 3).sum(-1)
    np.testing.assert_allclose(sums, np.broadcast_to(sums[0], sums.shape), atol=1e-9)


def test_minibatches_are_refused():
    assert TrustRegion.deterministic
    data = ck.data.blobs(60, classes=2)
    with pytest.raises(ValueError, match="TrustRegion"):
        ck.fit(ck.MLP([2, 2]), data, TrustRegion(), epochs=1, batch_size=15, progress=False)
    h = ck.fit(ck.MLP([2, 2]), data, TrustRegion(), epochs=8, batch_size=None, progress=False)
    assert h.train_loss[-1] < 0.2 * h.train_loss[0]
