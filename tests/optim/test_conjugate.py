"""Conjugate gradients: the four formulas, n steps on a quadratic, restarts, numbers of steps."""

import numpy as np
import pytest

import coursekit as ck
from coursekit.optim import Armijo, ConjugateGradient, StrongWolfe
from tests.optim.cases import bowl, network, run

START = np.array([1.0, -2.0, 0.5, 3.0])
VARIANTS = ("FR", "PR+", "HS", "DY")
every_variant = pytest.mark.parametrize("variant", VARIANTS)


def dot(a, b):
    return sum(float(np.sum(x * y)) for x, y in zip(a, b, strict=True))


def by_hand(variant, search, restart, f, pack, unpack, theta, steps):
    """Lists of arrays; the step by backtracking or exact."""
    params, n = unpack(theta), theta.size

    def move(t):
        return [p + t * e for p, e in zip(params, d, strict=True)]

    g = unpack(f.grad(pack(params)))
    d = [-a for a in g]
    t = 1 / max(1.0, dot(g, g) ** 0.5)
    for k in range(1, steps + 1):
        slope = dot(g, d)
        if search == "exact":
            t = -slope / dot(d, unpack(f.hvp(pack(params), pack(d))))
        else:
            t = 2 * t
            while f.value(pack(move(t))) > f.value(pack(params)) + 1e-4 * t * slope:
                t = t / 2
        params, old, last = move(t), g, d
        g = unpack(f.grad(pack(params)))
        y = [a - b for a, b in zip(g, old, strict=True)]
        beta = {
            "FR": dot(g, g) / dot(old, old),
            "PR+": max(0.0, dot(g, y) / dot(old, old)),
            "HS": dot(g, y) / dot(last, y),
            "DY": dot(g, g) / dot(last, y),
        }[variant] if dot(last, y) > 0 else 0.0  # fmt: skip
        d = [-a + beta * b for a, b in zip(g, last, strict=True)]
        tired = k % n == 0 if restart == "n" else abs(dot(g, old)) >= 0.1 * dot(g, g)
        if tired or dot(g, d) >= 0:
            d = [-a for a in g]
        t = t * slope / dot(g, d)
    return pack(params)


@every_variant
@pytest.mark.parametrize("search", ["exact", "armijo"])
@pytest.mark.parametrize("restart", ["powell", "n"])
def test_nine_steps_are_those_by_hand(variant, search, restart):
    opt = ConjugateGradient(variant, search, restart)
    path, _ = run(opt, bowl(), START, 9)
    right = by_hand(variant, search, restart, bowl(), lambda p: p[0], lambda v: [v], START, 9)
    np.testing.assert_allclose(path[-1], right, rtol=1e-9)

    f, theta, layout = network()
    path, _ = run(opt, f, theta, 6)
    right = by_hand(variant, search, restart, f, layout.pack, layout.unpack, theta, 6)
    np.testing.assert_allclose(path[-1], right, rtol=1e-9)


def quadratic(n=8, kappa=10.0, seed=0):
    return ck.landscapes.quadratic(
        spectrum=np.geomspace(1 / kappa, 1.0, n), rotation="random", rng=seed)  # fmt: skip


@every_variant
def test_linear_conjugate_gradients(variant):
    """Hestenes & Stiefel 1952 on a quadratic: the same points, n steps, conjugate directions."""
    f, n = quadratic(), 8
    start = np.random.default_rng(1).normal(size=n)
    path, _ = run(ConjugateGradient(variant, "exact"), f, start, n)
    A = f.hessian(start)
    x, r = start, f.grad(start)
    p = -r
    for point in path[1:]:
        alpha = (r @ r) / (p @ A @ p)
        x, new = x + alpha * p, r + alpha * A @ p
        p, r = -new + (new @ new) / (r @ r) * p, new
        np.testing.assert_allclose(point, x, atol=1e-9)
    norms = [np.linalg.norm(f.grad(point)) for point in path]
    assert norms[-1] < 1e-12 * norms[0] and norms[-2] > 1e-4 * norms[0]
    steps = np.diff(path, axis=0)
    steps /= np.sqrt(np.einsum("ki,ij,kj->k", steps, A, steps))[:, None]
    np.testing.assert_allclose(steps @ A @ steps.T, np.eye(n), atol=1e-7)


def test_few_eigenvalues_take_few_steps():
    f = ck.landscapes.quadratic(spectrum=(1.0,) * 5 + (7.0,) * 4 + (50.0,), rotation="random")
    path, _ = run(ConjugateGradient(line_search="exact"), f, np.ones(10), 3)
    assert np.linalg.norm(f.grad(path[-1])) < 1e-12 < 1e-3 < np.linalg.norm(f.grad(path[-2]))


def test_restarts():
    f = bowl()
    opt = ConjugateGradient("FR", restart="n")
    theta, state = START, opt.init(START)
    for k in range(1, 13):
        theta, state = opt.step(theta, state, f)
        assert (state.d == -state.g).all() == (k % 4 == 0), k
        assert state.g @ state.d < 0 < state.t
    f, opt = ck.landscapes.rosenbrock(4), ConjugateGradient("FR")
    theta, state = START, opt.init(START)
    again = set()
    for _ in range(12):
        old = f.grad(theta)
        theta, state = opt.step(theta, state, f)
        far = abs(old @ state.g) >= 0.1 * (state.g @ state.g)
        assert (state.d == -state.g).all() == far, state.k
        again.add(far)
    assert again == {True, False}
    # a direction that would climb: HS with a huge beta, from a state made up for it
    opt = ConjugateGradient("HS", Armijo())
    theta, state = opt.step(START, opt.init(START), f)
    theta, state = opt.step(theta, state._replace(d=-state.g + 1e-9 * START), f)
    assert state.g @ state.d < 0

    # a theta that somebody else has moved
    moved = theta + 0.1
    after, _ = opt.step(moved, state, f)
    fresh, _ = opt.step(moved, opt.init(moved), f)
    before = f.counts.grad
    opt.step(theta, state, f)
    assert f.counts.grad - before == 1  # nothing is asked at theta again
    np.testing.assert_array_equal(after, fresh)


def test_first_trial_promises_what_the_last_step_did():
    f = ck.landscapes.rosenbrock()
    opt = ConjugateGradient()
    start = np.array([-1.2, 1.0])
    theta, state = opt.step(start, opt.init(start), f)
    g = f.grad(start)
    t = (start - theta)[0] / g[0]
    assert state.t * (state.g @ state.d) == pytest.approx(-t * (g @ g), rel=1e-12)
    assert state.t * (state.g @ state.d) < 0
    asked = []

    class Watched:
        def value_and_grad(self, x):
            asked.append(x)
            return f.value_and_grad(x)

    opt.step(start, opt.init(start), Watched())
    assert np.linalg.norm(asked[1] - start) == pytest.approx(1)  # at first a step of length 1


def test_strong_wolfe_is_narrow_here():
    start = np.array([-1.2, 1.0])
    f = ck.landscapes.rosenbrock()
    narrow, _ = run(ConjugateGradient(), f, start, 8)
    np.testing.assert_array_equal(
        narrow, run(ConjugateGradient("PR+", StrongWolfe(c2=0.1)), f, start, 8)[0])  # fmt: skip
    assert (narrow != run(ConjugateGradient("PR+", StrongWolfe()), f, start, 8)[0]).any()


# SciPy 1.17's nonlinear CG takes 37 steps and 80 gradients on Rosenbrock, 27 and 66 on Beale.
@pytest.mark.parametrize(
    "variant, rosenbrock, beale",
    [("FR", (30, 68), (14, 36)), ("PR+", (29, 66), (14, 37)),
     ("HS", (28, 64), (15, 38)), ("DY", (28, 68), (14, 35))],
)  # fmt: skip
def test_numbers_of_steps(variant, rosenbrock, beale):
    for f, start, (steps, gradients) in [
        (ck.landscapes.rosenbrock(), [-1.2, 1.0], rosenbrock),
        (ck.landscapes.beale(), [1.0, 1.0], beale),
    ]:
        path = ck.minimize(f, start, ConjugateGradient(variant), steps=100, grad_tol=1e-8)
        assert path.grad_norms[-1] <= 1e-8
        assert path.steps <= steps + 3 and path.counts.grad <= gradients + 6
        assert path.counts.value == path.counts.grad
        np.testing.assert_allclose(path.theta, f.minima[0], atol=1e-6)


@every_variant
@pytest.mark.parametrize("search", ["strong_wolfe", "armijo", "exact"])
def test_hard_ground(variant, search):
    """Condition 1e8; a wall of infinity; huge and tiny scales: an end, no nan, never higher."""
    opt = ConjugateGradient(variant, search)
    hard = ck.landscapes.quadratic(spectrum=np.geomspace(1e-4, 1e4, 6), rotation="random")
    wall = ck.Objective(lambda x: np.sum(-np.log(1 - x**2)) + np.sum(x[1:] * x[:-1]))
    tiny = ck.Objective(lambda x: 1e-200 * np.sum(x**4))
    huge = ck.Objective(lambda x: 1e100 * np.sum(np.sqrt(1 + x**2)))
    with np.errstate(all="ignore"):
        for f, start in [
            (hard, np.ones(6)), (wall, np.array([0.9, -0.99, 0.5])),
            (tiny, np.ones(2)), (huge, np.full(3, 7.0)),
        ]:  # fmt: skip
            path, state = run(opt, f, start, 60)
            values = np.array([f.value(x) for x in path])
            assert 0 < state.t < np.inf
            if search != "exact" or f is hard:
                assert (np.diff(values) <= 1e-13 * abs(values[1:])).all()
                assert np.isfinite(path).all() and values[-1] <= values[0]
                assert all(np.isfinite(leaf).all() for leaf in state)
