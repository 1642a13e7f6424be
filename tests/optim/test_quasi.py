"""BFGS and L-BFGS: the update, each other, conjugate gradients, PyTorch, numbers of steps."""

import dataclasses
import math

import numpy as np
import pytest

import coursekit as ck
from coursekit.optim import BFGS, LBFGS, ConjugateGradient, GradientDescent, quasi
from tests.optim.cases import bowl, network, run
from tests.optim.test_symmetry import BOWL, affine, loss_in
from tests.optim.test_symmetry import START as POINT

START = np.array([1.0, -2.0, 0.5, 3.0])
SEARCHES = ("exact", "armijo", "strong_wolfe")


def quadratic(n=6, kappa=20.0, seed=0):
    return ck.landscapes.quadratic(
        spectrum=np.geomspace(1 / kappa, 1.0, n), rotation="random", rng=seed)  # fmt: skip


# --- the formulas once more
def step_by_hand(search, f, x, g, d):
    """The next point: exact, by halving, or all of d."""
    t = 1.0
    if search == "exact":
        t = -(g @ d) / (d @ f.hvp(x, d))
    elif search == "armijo":
        while f.value(x + t * d) > f.value(x) + 1e-4 * t * (g @ d):
            t = t / 2
    return x + t * d


def bfgs_by_hand(search, f, x, steps, scaling=False):
    """With B, the approximate Hessian, in the form of Nocedal & Wright 2006, eq. (6.19)."""
    B, g = None, f.grad(x)
    for _ in range(steps):
        d = -g / max(1.0, math.dist(g, 0 * g)) if B is None else -np.linalg.solve(B, g)
        new = step_by_hand(search, f, x, g, d)
        s, y = new - x, f.grad(new) - g
        if B is None:
            B = np.eye(x.size) * ((y @ y) / (y @ s) if scaling else 1.0)
        Bs = B @ s
        B = B + np.outer(y, y) / (y @ s) - np.outer(Bs, Bs) / (s @ Bs)
        x, g = new, g + y
    return x, B


def lbfgs_by_hand(search, f, x, steps, memory, lr):
    """The inverse Hessian written out from the remembered pairs, oldest first."""
    pairs, g = [], f.grad(x)
    for _ in range(steps):
        if not pairs:
            d = -g * min(1.0, 1 / sum(abs(float(c)) for c in g))
        else:
            s, y = pairs[-1]
            H = np.eye(x.size) * (s @ y) / (y @ y)
            for s, y in pairs:
                V = np.eye(x.size) - np.outer(s, y) / (y @ s)
                H = V @ H @ V.T + np.outer(s, s) / (y @ s)
            d = -H @ g
        new = step_by_hand(search, f, x, g, lr * d)
        s, y = new - x, f.grad(new) - g
        if y @ s > 0:
            pairs = [*pairs, (s, y)][-memory:]
        x, g = new, g + y
    return x


def problems(search):
    f, theta, _ = network()  # not convex: no place for an exact search
    return [(bowl(), START), *([] if search == "exact" else [(f, theta)])]


@pytest.mark.parametrize("scaling", [False, True])
@pytest.mark.parametrize("search", ["exact", "armijo"])
def test_bfgs_by_hand(search, scaling):
    for f, start in problems(search):
        path, state = run(BFGS(search, scaling), f, start, 6)
        x, B = bfgs_by_hand(search, f, start, 6, scaling)
        np.testing.assert_allclose(path[-1], x, rtol=1e-8)
        np.testing.assert_allclose(state.H @ B, np.eye(start.size), atol=1e-7)
        assert state.pairs == 6


@pytest.mark.parametrize("search", ["exact", "armijo", None])
@pytest.mark.parametrize("memory", [1, 3, 20])
def test_lbfgs_by_hand(search, memory):
    opt = LBFGS(lr=0.7, memory=memory, line_search=search)
    for f, start in problems(search):
        path, state = run(opt, f, start, 8)
        right = lbfgs_by_hand(search, f, start, 8, memory, 0.7)
        np.testing.assert_allclose(path[-1], right, rtol=1e-8)
        assert state.pairs == min(memory, 8) and state.S.shape == (memory, start.size)
        np.testing.assert_allclose(state.S[-1], path[-1] - path[-2], rtol=1e-12)


def test_two_loops_are_the_matrix():
    rng = np.random.default_rng(0)
    for rows in (1, 4, 9):
        S, g = rng.normal(size=(rows, 5)), rng.normal(size=5)
        A = rng.normal(size=(5, 5))
        Y = S @ (A @ A.T + np.eye(5))
        H = np.eye(5) * (S[-1] @ Y[-1]) / (Y[-1] @ Y[-1])
        for s, y in zip(S, Y, strict=True):
            H = quasi.updated(H, s, y)
        np.testing.assert_allclose(quasi.times_inverse_hessian(g, S, Y), H @ g, rtol=1e-10)
    np.testing.assert_array_equal(quasi.times_inverse_hessian(g, S[:0], Y[:0]), g)


# --- what a quasi-Newton matrix is
@pytest.mark.parametrize("search", SEARCHES)
def test_secant_condition_symmetry_and_positive_definiteness(search):
    f = ck.landscapes.rosenbrock(4)
    opt = BFGS(search)
    theta = np.array([-1.2, 1.0, -1.2, 1.0])
    state = opt.init(theta)
    for _ in range(30):
        new, state = opt.step(theta, state, f)
        s, y = new - theta, f.grad(new) - f.grad(theta)
        if y @ s > 1e-10 * np.linalg.norm(y) * np.linalg.norm(s):
            np.testing.assert_allclose(state.H @ y, s, rtol=1e-6, atol=1e-8 * abs(s).max())
        np.testing.assert_array_equal(state.H, state.H.T)
        assert np.linalg.eigvalsh(state.H)[0] > 0
        theta = new


def test_bfgs_ends_a_quadratic_in_n_steps_and_knows_its_inverse_hessian():
    f, n = quadratic(), 6
    start = np.random.default_rng(1).normal(size=n)
    path, state = run(BFGS("exact"), f, start, n)
    norms = [np.linalg.norm(f.grad(x)) for x in path]
    assert norms[-1] < 1e-11 * norms[0] and norms[-2] > 1e-4 * norms[0]
    np.testing.assert_allclose(state.H @ f.hessian(start), np.eye(n), atol=1e-8)


@pytest.mark.parametrize("opt", [BFGS("exact"), LBFGS(memory=6, line_search="exact")])
def test_on_a_quadratic_exact_searches_make_them_conjugate_gradients(opt):
    f = quadratic()
    start = np.random.default_rng(1).normal(size=6)
    right, _ = run(ConjugateGradient("FR", "exact"), f, start, 6)
    np.testing.assert_allclose(run(opt, f, start, 6)[0], right, atol=1e-9)


def test_one_pair_and_exact_searches_are_hestenes_and_stiefel():
    """Nocedal & Wright 2006, section 7.2: memoryless BFGS is conjugate gradients."""
    f = ck.landscapes.rosenbrock(6)
    opt, start = LBFGS(memory=1, line_search="strong_wolfe"), np.linspace(-0.5, 0.5, 6)
    theta, _ = opt.step(start, opt.init(start), f)
    s, y, g = theta - start, f.grad(theta) - f.grad(start), f.grad(theta)
    g = g - (s @ g) / (s @ s) * s  # what an exact search would leave
    gamma = (s @ y) / (y @ y)
    d = quasi.times_inverse_hessian(g, s[None], y[None])
    np.testing.assert_allclose(d, gamma * (g - (g @ y) / (s @ y) * s), rtol=1e-10)


def test_bfgs_is_affine_invariant_but_for_its_start():
    for search in SEARCHES:
        M, opt = affine(np.random.default_rng(0)), BFGS(search)

        def path(M, H, opt=opt):
            theta = M @ POINT
            state = opt.init(theta)._replace(H=H, pairs=1)
            return run(opt, loss_in(M, BOWL), theta, 6, state)[0]

        plain, changed = path(np.eye(5), np.eye(5)), path(M, M @ M.T)
        np.testing.assert_allclose(changed, plain @ M.T, atol=1e-8)


# --- first steps
def test_the_first_step_is_short():
    g = bowl().grad(START)
    flat = ck.Objective(value=lambda x: g @ x, grad=lambda x: g.copy())
    bfgs, _ = run(BFGS("armijo"), flat, START, 1)
    np.testing.assert_allclose(bfgs[1] - START, -g / np.linalg.norm(g), rtol=1e-12)
    lbfgs, _ = run(LBFGS(lr=0.5, line_search=None), flat, START, 1)
    np.testing.assert_allclose(lbfgs[1] - START, -g / abs(g).sum() / 2, rtol=1e-12)
    g = g / 100
    for opt in (BFGS("armijo"), LBFGS(line_search=None)):
        path, _ = run(opt, flat, START, 1)
        np.testing.assert_allclose(path[1], START - g, rtol=1e-14)


# --- pairs
def test_pairs_without_positive_curvature_are_left_out():
    f = ck.Objective(lambda x: np.sum(np.cos(x)))  # concave around 0
    start = np.array([0.3, -0.4])
    for opt in (BFGS("armijo"), LBFGS(line_search="armijo"), LBFGS(line_search=None)):
        path, state = run(opt, f, start, 1)
        assert state.pairs == 0 and (path[1] != start).all()
        assert run(opt, f, start, 6)[1].pairs > 0
        if opt.line_search:
            np.testing.assert_allclose(abs(run(opt, f, start, 30)[0][-1]), np.pi, rtol=1e-9)


def test_a_small_loss_is_learned_from_like_a_large_one():
    """An absolute test of y's would stop learning here."""
    small = ck.Objective(value=lambda x: 1e-12 * f.value(x), grad=lambda x: 1e-12 * f.grad(x))
    f = bowl()
    for opt in (BFGS(scaling=True), LBFGS(memory=4)):
        path = ck.minimize(small, START, opt, steps=40, grad_tol=1e-20)
        assert path.steps < 35 and path.state.pairs > 3


def test_numbers_too_small_to_divide_by_are_left_out():
    f = ck.Objective(lambda x: np.sum(x**2) / 16)
    for dtype, tiny in [("float32", 1e-20), ("float64", 1e-156)]:
        for opt in (BFGS(), LBFGS(), LBFGS(line_search=None)):
            path, state = run(opt, f, np.array([tiny, -3 * tiny], dtype), 5)
            assert np.isfinite(path).all() and path.dtype == dtype
            assert all(np.isfinite(leaf).all() for leaf in state)


def test_memory_may_change_in_mid_run():
    f = ck.landscapes.rosenbrock(4)
    theta = np.array([-1.2, 1.0, -1.2, 1.0])
    long = LBFGS(memory=8)
    path, state = run(long, f, theta, 6)
    for memory in (1, 3, 8, 12):
        opt = dataclasses.replace(long, memory=memory)
        end, after = opt.step(path[-1], state, f)
        assert after.pairs == min(memory, 7) == min(len(after.S), 7)
        np.testing.assert_allclose(after.S[-1], end - path[-1], rtol=1e-12)
        right = state.S[len(state.S) - min(memory, 6) :], state.Y[len(state.Y) - min(memory, 6) :]
        d = -quasi.times_inverse_hessian(state.g, *right)
        ratio = (end - path[-1]) / d
        np.testing.assert_allclose(ratio, ratio[0], rtol=1e-6)
        theta, after = opt.step(end, after, f)
        assert after.pairs == min(memory, 8)


def test_what_is_known_is_not_asked_again():
    for opt in (BFGS("armijo"), LBFGS(line_search=None), LBFGS()):
        f = bowl()
        theta, state = opt.step(START, opt.init(START), f)
        first = f.counts
        theta, state = opt.step(theta, state, f)
        assert f.counts.grad == first.grad + 1 and f.counts.value <= first.value + 1
        moved = theta + 0.01  # by somebody else: asked anew, the pairs stay
        before = f.counts.grad
        _, after = opt.step(moved, state, f)
        assert f.counts.grad == before + 2 and after.pairs == 3
        np.testing.assert_allclose(f.grad(moved) + after.Y[-1] if "Y" in after._fields
                                   else after.g, after.g, rtol=1e-12)  # fmt: skip


def test_a_failed_search_forgets():
    f = bowl()
    for opt in (BFGS(), LBFGS(memory=4)):
        _, state = run(opt, f, START, 3)
        liar = ck.Objective(value=lambda x: float((x != START).any()), grad=lambda x: np.ones(4))
        theta, state = opt.step(START, state._replace(k=0), liar)
        np.testing.assert_array_equal(theta, START)
        assert state.pairs == 0
        if isinstance(opt, BFGS):
            np.testing.assert_array_equal(state.H, np.eye(4))


def test_a_direction_that_leads_up_is_replaced():
    f, opt = bowl(), BFGS()
    state = opt.init(START)._replace(H=-np.eye(4), pairs=5)
    theta, after = opt.step(START, state, f)
    np.testing.assert_array_equal(theta, opt.step(START, opt.init(START), f)[0])
    assert after.pairs == 1
    opt = LBFGS(memory=2)
    state = opt.init(START)._replace(S=np.eye(4)[:2], Y=-np.eye(4)[:2], pairs=2)
    np.testing.assert_array_equal(
        opt.step(START, state, f)[0], opt.step(START, opt.init(START), f)[0])  # fmt: skip


# --- PyTorch
@pytest.mark.peers
@pytest.mark.parametrize("search", [None, "strong_wolfe"])
@pytest.mark.parametrize("memory", [2, 10])
def test_pytorchs_lbfgs(search, memory):
    torch = pytest.importorskip("torch")
    rosenbrock = lambda x: ((1 - x[:-1]) ** 2 + 5 * (x[1:] - x[:-1] ** 2) ** 2).sum()  # noqa: E731
    start, steps = np.array([-1.2, 1.0, -0.5]), 12
    lr = 0.3 if search is None else 1.0
    path, _ = run(LBFGS(lr, memory, search), ck.Objective(rosenbrock), start, steps)

    x = torch.tensor(start, requires_grad=True)
    opt = torch.optim.LBFGS(
        [x], lr, max_iter=1, max_eval=10**6, tolerance_grad=0, tolerance_change=0,
        history_size=memory, line_search_fn=search,
    )  # fmt: skip

    def closure():
        opt.zero_grad()
        loss = rosenbrock(x)
        loss.backward()
        return loss

    for point in path[1:]:
        opt.step(closure)
        np.testing.assert_allclose(x.detach().numpy(), point, rtol=1e-9)


# --- numbers of steps
# SciPy 1.17 on these, steps and gradients: BFGS 34, 41 and 16, 18; L-BFGS-B 38, 46 and 16, 17.
@pytest.mark.parametrize(
    "opt, rosenbrock, beale",
    [(BFGS(), (32, 41), (13, 18)), (BFGS("armijo"), (41, 42), (17, 18)),
     (LBFGS(), (37, 46), (16, 17)), (LBFGS(line_search="armijo"), (40, 41), (16, 17))],
    ids=lambda p: type(p).__name__,
)  # fmt: skip
def test_numbers_of_steps(opt, rosenbrock, beale):
    for f, start, (steps, gradients) in [
        (ck.landscapes.rosenbrock(), [-1.2, 1.0], rosenbrock),
        (ck.landscapes.beale(), [1.0, 1.0], beale),
    ]:
        path = ck.minimize(f, start, opt, steps=100, grad_tol=1e-8)
        assert path.grad_norms[-1] <= 1e-8
        assert path.steps <= steps + 3 and path.counts.grad <= gradients + 4
        np.testing.assert_allclose(path.theta, f.minima[0], atol=1e-6)


@pytest.mark.slow
def test_numbers_of_steps_of_logistic_regression():
    """The digits with 0.001 |theta|^2 / 2; SciPy: BFGS 264 steps, L-BFGS-B 154, CG 197."""
    x, y = ck.data.digits().train
    net = ck.MLP([64, 10])
    loss = net.objective(x, y)

    def value_and_grad(theta):
        value, g = loss.value_and_grad(theta)
        return value + 0.0005 * theta @ theta, g + 0.001 * theta

    f = ck.Objective(value=lambda t: value_and_grad(t)[0], grad=lambda t: value_and_grad(t)[1])
    start = np.zeros(net.layout.size)
    for opt, steps, gradients in [
        (LBFGS(), 155, 170), (LBFGS(line_search="armijo"), 150, 151),
        (BFGS(), 234, 240), (BFGS(scaling=True), 161, 164), (ConjugateGradient(), 143, 284),
    ]:  # fmt: skip
        path = ck.minimize(f, start, opt, steps=400, grad_tol=1e-8)
        assert path.grad_norms[-1] <= 1e-8
        assert path.steps <= 1.15 * steps and path.counts.grad <= 1.15 * gradients


def test_more_memory_takes_fewer_steps_on_a_valley():
    f = quadratic(n=30, kappa=1e4)
    steps = []
    for memory in (1, 5, 20):
        path = ck.minimize(f, np.ones(30), LBFGS(memory=memory), steps=2000, grad_tol=1e-8)
        steps.append(path.steps)
    assert steps[0] > 1.2 * steps[1] > 1.2**2 * steps[2], steps


# --- hard ground
@pytest.mark.parametrize("search", SEARCHES)
@pytest.mark.parametrize("cls", [BFGS, LBFGS])
def test_condition_1e8(cls, search):
    f = ck.landscapes.quadratic(
        spectrum=np.geomspace(1e-4, 1e4, 6), rotation="random", rng=3)  # fmt: skip
    path = ck.minimize(f, np.ones(6), cls(line_search=search), steps=150)
    assert (np.diff(path.values) <= 1e-14 * path.values[:-1]).all()
    assert path.values[-1] <= 1e-9 * path.values[0] and np.isfinite(path.thetas).all()
    descent = ck.minimize(f, np.ones(6), GradientDescent(line_search="exact"), steps=150)
    assert path.values[-1] < 1e-3 * descent.values[-1]


@pytest.mark.parametrize("search", ["armijo", "strong_wolfe"])
@pytest.mark.parametrize("cls", [BFGS, LBFGS])
def test_walls_scales_and_no_minimum(cls, search):
    wall = ck.Objective(lambda x: np.sum(-np.log(1 - x**2)) + np.sum(x[1:] * x[:-1]))
    tiny = ck.Objective(lambda x: 1e-200 * np.sum(x**4))
    huge = ck.Objective(lambda x: 1e100 * np.sum(np.sqrt(1 + x**2)))
    below = ck.Objective(lambda x: -np.sum(np.sqrt(1 + x**2)))
    kink = ck.Objective(lambda x: np.sum(abs(x)))
    for f, start in [
        (wall, np.array([0.9, -0.99, 0.5])), (tiny, np.ones(2)), (huge, np.full(3, 7.0)),
        (below, np.ones(2)), (kink, np.array([1.0, -0.3])),
    ]:  # fmt: skip
        path = ck.minimize(f, start, cls(line_search=search), steps=60)
        assert np.isfinite(path.thetas).all()
        assert (np.diff(path.values) <= 1e-14 * abs(path.values[1:])).all()
        assert all(np.isfinite(leaf).all() for leaf in path.state)
        assert path.counts.value < 60 * 60
    assert np.isfinite(path.values[-1]) and path.values[-1] < 0.1


def test_an_offset_does_not_hide_the_minimum():
    """f = 1e6 + ...: 1e-10 relative to f in the gradient, ten digits beyond what values show."""
    f = ck.Objective(lambda x: 1e6 + 100 * (x[1] - x[0] ** 2) ** 2 + (1 - x[0]) ** 2)
    for opt in (BFGS(), BFGS("armijo"), LBFGS(), LBFGS(line_search="armijo")):
        path = ck.minimize(f, [-1.2, 1.0], opt, steps=80, grad_tol=1e-10)
        assert path.grad_norms[-1] <= 1e-10 and path.steps < 60
