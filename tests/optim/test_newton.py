"""Newton's method and its saddle-free variant against restatements in plain NumPy."""

import dataclasses

import numpy as np
import pytest

import coursekit as ck
from coursekit.optim import Newton, SaddleFreeNewton
from coursekit.optim.spectrum import eigenpairs, lanczos
from tests.optim.cases import network, run

RNG = np.random.default_rng(0)
X = RNG.normal(size=(12, 3))
Y = (X[:, 0] + RNG.normal(size=12) > 0).astype(float)


# --- two problems on a list of arrays [W (3, 1), b (1,)]: loss, gradients, blocks of the Hessian
def logistic(W, b):
    z = (X @ W)[:, 0] + b[0]
    s = 1 / (1 + np.exp(-z))
    loss = np.mean(np.log(1 + np.exp(z)) - Y * z)
    grads = [X.T @ (s - Y)[:, None] / 12, np.array([np.mean(s - Y)])]
    weight = s * (1 - s) / 12
    rows = [[X.T @ (weight[:, None] * X), X.T @ weight[:, None]], [weight[None] @ X, weight.sum()]]
    return loss, grads, np.block(rows)


def height(W, b):
    return np.sum(W**4) / 4 - np.sum(W**2) / 2 + b[0] * W.sum() + b[0] ** 2 - 0.3 * b[0]


def valleys(W, b):
    """Curvatures of both signs."""
    loss = height(W, b)
    grads = [W**3 - W + b[0], np.array([W.sum() + 2 * b[0] - 0.3])]
    one = np.ones((3, 1))
    return loss, grads, np.block([[np.diag(3 * W[:, 0] ** 2 - 1), one], [one.T, 2.0]])


PROBLEMS = {
    "logistic": (logistic, [np.array([[0.3], [-0.2], [0.5]]), np.array([0.1])],
                 ck.MLP([3, 1]).objective(X, Y[:, None], "binary_cross_entropy")),
    "valleys": (valleys, [np.array([[0.5], [-0.2], [1.0]]), np.array([-0.2])],
                ck.Objective(lambda t: height(t[:3, None], t[3:]))),
}  # fmt: skip
every_problem = pytest.mark.parametrize("problem", PROBLEMS.values(), ids=PROBLEMS)


def apart(vector, like):
    """A long vector as arrays shaped like those of a list."""
    ends = np.cumsum([a.size for a in like])[:-1]
    return [v.reshape(a.shape) for v, a in zip(np.split(vector, ends), like, strict=True)]


def together(arrays):
    return np.concatenate([a.ravel() for a in arrays])


def follow(step, problem, steps):
    """All points of a restated method: step(loss_and_more, params, k) -> increments."""
    f, params, _ = problem
    path = [together(params)]
    for k in range(steps):
        increments = apart(step(f, params, k), params)
        params = [p + d for p, d in zip(params, increments, strict=True)]
        path.append(together(params))
    return np.array(path)


def compare(opt, step, problem, steps=7, tol=1e-11):
    path, _ = run(opt, problem[2], together(problem[1]), steps)
    right = follow(step, problem, steps)
    assert abs(right[-1] - right[0]).max() > 0.1
    np.testing.assert_allclose(path, right, rtol=tol, atol=tol)


# --- Newton
@every_problem
@pytest.mark.parametrize("lr, damping", [(1.0, 0.0), (0.7, 0.0), (0.5, 0.3)])
def test_newton_restated(problem, lr, damping):
    def step(f, params, k):
        _, grads, H = f(*params)
        return -lr * np.linalg.solve(H + damping * np.eye(4), together(grads))

    compare(Newton(lr=lr, damping=damping), step, problem)


@every_problem
def test_newton_with_backtracking_restated(problem):
    turned = []

    def step(f, params, k):
        loss, grads, H = f(*params)
        g = together(grads)
        d = -np.linalg.solve(H, g)
        turned.append(g @ d >= 0)
        d = -g if turned[-1] else d
        t = 1.0
        while True:
            moved = [p + t * q for p, q in zip(params, apart(d, params), strict=True)]
            if f(*moved)[0] <= loss + 1e-4 * t * (g @ d):
                return t * d
            t *= 0.5

    compare(Newton(line_search="armijo"), step, problem)
    assert any(turned) == (problem[0] is valleys)


def test_a_schedule_damps_the_steps():
    f, start = PROBLEMS["logistic"][2], together(PROBLEMS["logistic"][1])
    path, _ = run(Newton(lr=lambda k: 1 / (k + 2)), f, start, 4)
    for k in range(4):
        full = Newton().step(path[k], Newton().init(start), f)[0] - path[k]
        np.testing.assert_allclose(path[k + 1] - path[k], full / (k + 2), rtol=1e-12)


@pytest.mark.parametrize("spectrum", [(1.0,), (1e-3, 1.0), (-2.0, 1.0, 5.0), (-3.0, -1.0)])
@pytest.mark.parametrize("search", [None, "exact"])
def test_one_step_ends_a_quadratic_at_its_stationary_point(spectrum, search):
    f = ck.landscapes.quadratic(spectrum, rotation="random", center=0.5)
    opt = Newton(line_search=search)
    theta, _ = opt.step(f.start, opt.init(f.start), f)
    if search and min(spectrum) < 0:  # downhill instead
        assert f.value(theta) < f.value(f.start)
    else:
        np.testing.assert_allclose(theta, np.full(len(spectrum), 0.5), rtol=1e-12)


def test_digits_double_near_a_minimum():
    f = ck.Objective(lambda x: np.sum(np.exp(x) - x))
    errors = abs(run(Newton(), f, np.array([0.1]), 4)[0][:, 0])
    np.testing.assert_allclose(errors[1:4] / errors[:3] ** 2, 0.5, rtol=0.05)  # f''' / 2 f''
    assert errors[4] < 1e-15


def test_line_search_falls_all_the_way_where_newton_alone_climbs():
    f, start = ck.landscapes.himmelblau(), np.zeros(2)
    alone, _ = run(Newton(), f, start, 8)
    assert f.value(alone[-1]) > f.value(start) + 10
    for search in ("armijo", "strong_wolfe"):
        path, _ = run(Newton(line_search=search), f, start, 12)
        assert (np.diff(f.value(path)) <= 0).all() and f.value(path[-1]) < 1e-20


# --- singular Hessians
def squares(x):
    return (x[0] + x[1]) ** 2 + (x[0] + x[1] - x[2]) ** 4 / 4


START = np.array([1.0, 3.0, 2.0])


def test_a_singular_model_that_can_be_solved_is_solved_by_the_shortest_step():
    f = ck.Objective(squares)
    H, g = f.hessian(START), f.grad(START)
    assert np.linalg.matrix_rank(H) == 2
    theta, _ = Newton().step(START, Newton().init(START), f)
    np.testing.assert_allclose(theta - START, -np.linalg.pinv(H) @ g, rtol=1e-12)
    assert (theta - START) @ [1, -1, 0] == pytest.approx(0, abs=1e-14)


@pytest.mark.parametrize("opt", [Newton(), SaddleFreeNewton(damping=0.0)], ids=["N", "SFN"])
def test_a_slope_without_curvature_is_an_error_that_names_damping(opt):
    f = ck.Objective(lambda x: 2 * x[0] + x[1] ** 2)
    name = type(opt).__name__
    with pytest.raises(ValueError, match=rf"{name}: .*singular.*length 2 .*damping > 0"):
        run(opt, f, START[:2], 1)
    moved, _ = run(dataclasses.replace(opt, damping=0.5), f, START[:2], 1)
    np.testing.assert_allclose(moved[1], START[:2] - np.array([2, 6]) / [0.5, 2.5], rtol=1e-14)


def test_a_line_search_helps_itself_where_f_does_not_curve():
    f = ck.Objective(lambda x: 2 * x[0] + 0 * x[1])
    path, _ = run(Newton(line_search="armijo"), f, START[:2], 1)
    np.testing.assert_array_equal(path[1], START[:2] - [2, 0])


def test_networks_with_a_singular_hessian_converge_to_the_end():
    """Adding one number to all logits changes nothing, so H has a null space at every theta."""
    x = RNG.normal(size=(40, 2))
    f = ck.MLP([2, 3]).objective(x, RNG.integers(3, size=40))
    theta = 0.1 * RNG.normal(size=9)
    assert np.linalg.matrix_rank(f.hessian(theta), tol=1e-12) == 6
    assert abs(run(Newton(), f, 0 * theta, 1)[0][1]).max() < 5
    path, _ = run(Newton(), f, theta, 25)
    assert abs(f.grad(path[-1])).max() < 1e-15
    still = path[:, :6].reshape(-1, 2, 3).sum(-1)  # along the null space nothing moves
    np.testing.assert_allclose(still, np.broadcast_to(still[0], still.shape), atol=1e-9)


def test_nan_in_the_hessian_or_the_gradient_shows():
    def answer(bad):
        def hessian(x):
            return np.eye(3) * (np.nan if bad == "hessian" else 1) * (bad != "both")

        def grad(x):
            return x * np.nan if bad != "hessian" else x

        return ck.Objective(value=lambda x: x @ x, grad=grad, hessian=hessian)

    for bad in ("hessian", "grad", "both"):  # both: no curvature at all to divide by
        for opt in (Newton(), Newton(line_search="armijo"), SaddleFreeNewton(),
                    SaddleFreeNewton(krylov=2), SaddleFreeNewton("best")):  # fmt: skip
            path, _ = run(opt, answer(bad), START, 1)
            assert np.isnan(path[1]).any(), (bad, opt)


# --- saddle-free Newton
def absolute(H):
    """|H| = H sign(H), by Newton's iteration for the sign of a matrix (Roberts 1980)."""
    S = H
    for _ in range(60):
        S = (S + np.linalg.inv(S)) / 2
    return H @ S


def test_absolute_is_absolute():
    H = np.array([[1.0, 3.0], [3.0, -2.0]])
    np.testing.assert_allclose(absolute(H) @ absolute(H), H @ H, rtol=1e-13)
    assert (np.linalg.eigvalsh(absolute(H)) > 0).all()


@every_problem
@pytest.mark.parametrize("lr, damping", [(1.0, 1e-3), (0.6, 0.2), (0.8, 0.0)])
@pytest.mark.parametrize("krylov", [None, 4])
def test_saddle_free_newton_restated(problem, lr, damping, krylov):
    def step(f, params, k):
        _, grads, H = f(*params)
        return -lr * np.linalg.solve(absolute(H) + damping * np.eye(4), together(grads))

    compare(SaddleFreeNewton(damping, krylov, lr), step, problem, tol=1e-9)


@every_problem
def test_the_best_of_seven_dampings_restated(problem):
    chosen = set()

    def step(f, params, k):
        _, grads, H = f(*params)
        found = []
        for damping in (1, 0.1, 0.01, 1e-3, 1e-4, 1e-5, 1e-6):
            d = -np.linalg.solve(absolute(H) + damping * np.eye(4), together(grads))
            moved = [p + q for p, q in zip(params, apart(d, params), strict=True)]
            found.append((f(*moved)[0], damping, d))
        chosen.add(min(found, key=lambda way: way[0])[1])
        return min(found, key=lambda way: way[0])[2]

    compare(SaddleFreeNewton("best"), step, problem, steps=4, tol=1e-9)
    theta, f = together(problem[1]), problem[2]
    short, _ = run(SaddleFreeNewton("best", lr=0.5), f, theta, 1)
    trials = [run(SaddleFreeNewton(10.0**-i, lr=0.5), f, theta, 1)[0] for i in range(7)]
    np.testing.assert_array_equal(short, min(trials, key=lambda path: f.value(path[1])))
    assert len(chosen) > 1 or problem[0] is logistic


@pytest.mark.parametrize("near, end", [(True, 0.1 + 1 / 1.5), (False, 0.1 + 1 / 0.6)])
def test_the_best_damping_is_never_one_that_leads_to_nan(near, end):
    f = ck.Objective(
        value=lambda x: np.where((abs(x[0]) < 1) == near, x @ x, np.nan),
        grad=lambda x: -np.ones(2), hessian=lambda x: np.diag([0.5, 0.5]),
    )  # fmt: skip
    path, _ = run(SaddleFreeNewton("best"), f, np.array([0.1, 0.1]), 1)
    np.testing.assert_allclose(path[1], end, rtol=1e-14)  # only damping 1 stays within 1


def test_on_a_bowl_it_is_newton():
    f, theta, _ = PROBLEMS["logistic"][2], together(PROBLEMS["logistic"][1]), None
    a, _ = run(Newton(), f, theta, 5)
    b, _ = run(SaddleFreeNewton(damping=0.0), f, theta, 5)
    np.testing.assert_allclose(a, b, rtol=1e-12)


@pytest.mark.parametrize("krylov", [None, 1, 2])
def test_saddles_and_maxima_repel(krylov):
    f = ck.landscapes.quadratic(spectrum=(-1.0, 2.0), rotation=0.4)
    opt = SaddleFreeNewton(damping=0.0, krylov=krylov)
    path, _ = run(opt, f, f.start, 3)
    along = path @ np.array([np.cos(0.4), np.sin(0.4)])  # the direction that leads down
    if krylov != 1:
        np.testing.assert_allclose(along, along[0] * 2.0 ** np.arange(4), rtol=1e-12)
    assert f.value(path[-1]) < f.value(path[0]) - 1


# --- the Krylov space
def test_krylov_of_full_dimension_is_dense():
    f, theta, layout = network()
    n = layout.size
    dense, _ = run(SaddleFreeNewton(0.1), f, theta, 4)
    for m in (n, n + 5):
        path, _ = run(SaddleFreeNewton(0.1, krylov=m), f, theta, 4)
        np.testing.assert_allclose(path, dense, rtol=1e-9, atol=1e-11)
    few, _ = run(SaddleFreeNewton(0.1, krylov=3), f, theta, 4)
    assert abs(few - dense).max() > 1e-3


def test_krylov_asks_for_products_only():
    f, theta, _ = network()
    run(SaddleFreeNewton(0.1, krylov=5), f, theta, 2)
    assert f.counts[:5] == (0, 2, 10, 0, 0)
    f, theta, _ = network()
    run(SaddleFreeNewton("best", krylov=5), f, theta, 2)
    assert f.counts[:5] == (14, 2, 10, 0, 0)


def matrix(n, spectrum=None):
    Q, _ = np.linalg.qr(RNG.normal(size=(n, n)))
    w = RNG.normal(size=n) if spectrum is None else np.array(spectrum)
    return (Q * w) @ Q.T


@pytest.mark.parametrize("m", [1, 2, 5, 20, 30])
def test_ritz_pairs(m):
    H, b = matrix(20), RNG.normal(size=20)
    w, Q = lanczos(lambda v: H @ v, b, m)
    j = min(m, 20)
    assert w.shape == (j,) and Q.shape == (20, j)
    np.testing.assert_allclose(Q.T @ Q, np.eye(j), atol=1e-13)
    np.testing.assert_allclose(Q.T @ H @ Q, np.diag(w), atol=1e-12)
    power = b
    for degree in range(j):  # the space holds b, H b, ..., and functions of H on it are exact
        np.testing.assert_allclose(Q @ (w**degree * (Q.T @ b)), power, atol=1e-11)
        power = H @ power
    if j == 20:
        np.testing.assert_allclose(w, np.linalg.eigvalsh(H), atol=1e-12)


def test_vectors_stay_orthogonal_though_eigenvalues_converge():
    H, b = matrix(60, [1e3, 1e2, *np.linspace(0, 1, 58)]), RNG.normal(size=60)
    _, Q = lanczos(lambda v: H @ v, b, 60)
    assert abs(Q.T @ Q - np.eye(Q.shape[1])).max() < 1e-12  # Lanczos alone loses all digits here


def test_a_space_that_ends_early_is_enough():
    H = matrix(9, [-2, -2, -2, 1, 1, 1, 5, 5, 5])
    b, asked = RNG.normal(size=9), []
    w, Q = lanczos(lambda v: asked.append(1) or H @ v, b, 9)
    np.testing.assert_allclose(w, [-2, 1, 5], atol=1e-13)
    assert len(asked) == 3
    np.testing.assert_allclose(Q @ (abs(w) * (Q.T @ b)), absolute(H) @ b, atol=1e-11)
    w, Q = lanczos(lambda v: 0 * v, b, 4)
    assert w.tolist() == [0] and Q.shape == (9, 1)
    w, Q = lanczos(lambda v: H @ v, 0 * b, 4)
    assert w.tolist() == [0] and not Q.any()


def test_eigenpairs_of_what_is_not_finite():
    for bad in (np.nan, np.inf):
        w, Q = eigenpairs(np.array([[1.0, 0.0], [0.0, bad]], "float32"))
        assert np.isnan(w).any() and np.isnan(Q).any()
        assert w.shape == (2,) and Q.shape == (2, 2) and w.dtype == Q.dtype == "float32"


def test_eigenvalues_that_are_rounding_are_zero_and_small_ones_are_not():
    for n, rank in ((2, 1), (6, 4), (9, 3)):
        for _ in range(50):
            half = RNG.normal(size=(n, rank)) * 10.0 ** RNG.integers(-3, 4, size=rank)
            w, Q = eigenpairs(half @ half.T)
            assert (w == 0).sum() == n - rank and (w[n - rank :] > 0).all()
            np.testing.assert_allclose((Q * w) @ Q.T, half @ half.T, atol=1e-13 * w.max())
    small = np.diag([1e-20, -1e-25, 1.0])
    assert sorted(eigenpairs(small)[0]) == [-1e-25, 1e-20, 1.0]
    path, _ = run(Newton(), ck.landscapes.quadratic((1e-18, 1.0)), np.array([3.0, 2.0]), 1)
    np.testing.assert_allclose(path[1], 0, atol=1e-14)


def test_minibatches_are_welcome():
    assert not Newton.deterministic and not SaddleFreeNewton.deterministic
    data = ck.data.blobs(60, classes=2)
    for opt in (Newton(damping=0.1), SaddleFreeNewton(0.1, krylov=4), Newton(line_search="armijo")):
        h = ck.fit(ck.MLP([2, 2]), data, opt, epochs=3, batch_size=15, progress=False)
        assert h.train_loss[-1] < 0.5 * h.train_loss[0] or h.train_loss[-1] < 0.1
