"""Perceptron, Polyak's step and averaged SGD: against their formulas and what they promise."""

import numpy as np
import pytest

import coursekit as ck
from coursekit.optim import ASGD, SGD, GradientDescent, Perceptron, PolyakStep
from tests.optim.cases import bowl, network, run
from tests.optim.cases.subgradient import CASES

START = np.array([1.0, -2.0, 0.5, 3.0])


# --- the formulas once more, on lists of arrays; each yields the point and the solution
def perceptron_by_hand(opt, params, value_and_gradients, steps):
    for _ in range(steps):
        _, gradients = value_and_gradients(params)
        params = [p - opt.lr * g for p, g in zip(params, gradients, strict=True)]
        yield params, params


def polyak_by_hand(opt, params, value_and_gradients, steps):
    for _ in range(steps):
        value, gradients = value_and_gradients(params)
        length = sum(float(np.vdot(g, g)) for g in gradients)
        rate = min((value - opt.f_star) / length, opt.max_lr)
        params = [p - rate * g for p, g in zip(params, gradients, strict=True)]
        yield params, params


def asgd_by_hand(opt, params, value_and_gradients, steps):
    """PyTorch's bookkeeping: eta and mu are made ready for the step that follows."""
    eta, mu, mean = opt.lr, 1.0, [0 * p for p in params]
    for step in range(1, steps + 1):
        _, gradients = value_and_gradients(params)
        new = []
        for i, p in enumerate(params):
            g = gradients[i] + opt.weight_decay * p
            p = p * (1 - opt.lambd * eta) - eta * g
            mean[i] = p if mu == 1 else mean[i] + mu * (p - mean[i])
            new.append(p)
        params = new
        eta = opt.lr / (1 + opt.lambd * opt.lr * step) ** opt.alpha
        mu = 1 / max(1, step - opt.t0)
        yield params, list(mean)


BY_HAND = {Perceptron: perceptron_by_hand, PolyakStep: polyak_by_hand, ASGD: asgd_by_hand}


@pytest.mark.parametrize("opt", CASES.values(), ids=CASES)
def test_eight_steps_are_those_by_hand(opt):
    f, theta, layout = network()

    def of_network(params):
        value, g = f.value_and_grad(layout.pack(params))
        return float(value), layout.unpack(g)

    def of_bowl(params):
        return float(bowl().value(params[0])), [bowl().grad(params[0])]

    for g, ask, start, pack in (
        (f, of_network, layout.unpack(theta), layout.pack),
        (bowl(), of_bowl, [START], lambda params: params[0]),
    ):
        point = pack(start)
        state = opt.init(point)
        for params, solution in BY_HAND[type(opt)](opt, start, ask, 8):
            point, state = opt.step(point, state, g)
            np.testing.assert_allclose(point, pack(params), rtol=1e-11)
            np.testing.assert_allclose(opt.solution(point, state), pack(solution), rtol=1e-11)


# --- Perceptron
def examples(n=200, margin=0.1, seed=1):
    """Points in the unit ball on either side of a plane through 0, none nearer than `margin`."""
    rng = np.random.default_rng(seed)
    plane = np.array([2.0, -1.0, 2.0]) / 3
    x = rng.uniform(-1, 1, (4000, 3))
    x = x[(np.linalg.norm(x, axis=1) < 1) & (np.abs(x @ plane) > margin)][:n]
    return x, np.sign(x @ plane)


def perceptron_loss(x, y):
    """max(0, -y w^T x), whose subgradient on the plane itself is that of a mistake."""

    def value(w):
        return np.maximum(-y * np.sum(w * x, axis=-1), 0)

    def grad(w):
        return np.where(y * np.sum(w * x, axis=-1, keepdims=True) <= 0, -y * x, 0)

    return ck.Objective(value=value, grad=grad, batched=True)


def test_perceptron_is_rosenblatts_rule_and_keeps_novikoffs_bound():
    margin = 0.1
    x, y = examples(margin=margin)
    opt, w = Perceptron(), np.zeros(3)
    state, by_hand, mistakes = opt.init(w), np.zeros(3), 0
    for _ in range(60):
        for a, b in zip(x, y, strict=True):
            w, state = opt.step(w, state, perceptron_loss(a, b))
            if b * (by_hand @ a) <= 0:
                by_hand, mistakes = by_hand + b * a, mistakes + 1
            np.testing.assert_array_equal(w, by_hand)
    assert (np.sign(x @ w) == y).all()
    radius = np.linalg.norm(x, axis=1).max()
    assert 1 < int(state.mistakes) == mistakes <= (radius / margin) ** 2
    assert state.k == 60 * len(x)


def test_perceptron_loss_of_a_network_gives_rosenblatts_rule():
    """One example at a time, from 0, where every example is a mistake: w += y x, b += y."""
    x, y = examples(n=40)
    net = ck.MLP([3, 1])
    f = net.objective(x, y, loss="perceptron")
    theta, w = np.zeros(4), np.zeros(4)
    state = Perceptron().init(theta)
    for i, (a, b) in enumerate(zip(x, y, strict=True)):
        theta, state = Perceptron().step(theta, state, f.batch([i]))
        if b * (w[:3] @ a + w[3]) <= 0:
            w = w + b * np.r_[a, 1]
        np.testing.assert_allclose(theta, w, rtol=1e-13)
    assert 0 < int(state.mistakes) < 40


def test_perceptron_of_inseparable_data_goes_on_making_mistakes():
    x, y = examples()
    y[0] *= -1
    opt, w = Perceptron(), np.zeros(3)
    state, seen = opt.init(w), []
    for _ in range(60):
        for a, b in zip(x, y, strict=True):
            w, state = opt.step(w, state, perceptron_loss(a, b))
        seen.append(int(state.mistakes))
    assert (np.diff(seen) > 0).all()


def test_perceptrons_side_by_side_count_their_own_mistakes():
    x, y = examples()
    starts = np.array([[0.0, 0.0, 0.0], [2.0, -1.0, 2.0]])
    w, state = starts, Perceptron().init(starts)
    for a, b in zip(x, y, strict=True):
        w, state = Perceptron().step(w, state, perceptron_loss(a, b))
    assert state.mistakes[0] > state.mistakes[1] == 0


@pytest.mark.peers
def test_perceptron_is_that_of_scikit_learn():
    linear = pytest.importorskip("sklearn.linear_model")
    x, y = examples(margin=0.02, seed=3)
    theirs = linear.Perceptron(alpha=0, shuffle=False, fit_intercept=False, max_iter=7, tol=None)
    w, state = np.zeros(3), Perceptron().init(np.zeros(3))
    for _ in range(7):
        for a, b in zip(x, y, strict=True):
            w, state = Perceptron().step(w, state, perceptron_loss(a, b))
    np.testing.assert_allclose(w, theirs.fit(x, y).coef_[0], rtol=1e-12)


# --- Polyak's step
def test_polyak_steps_to_where_the_linear_model_reaches_the_minimum():
    f = ck.Objective(lambda x: np.abs(x).sum() + 3)
    path, _ = run(PolyakStep(f_star=3.0), f, np.array([4.0, -1.0]), 1)
    np.testing.assert_array_equal(path[1], [1.5, 1.5])  # 5 / |(1, -1)|^2 = 2.5


def test_polyak_never_moves_away_from_a_minimum_and_has_a_rate_on_kinks():
    """|x_k - x*|^2 falls by (f_k - f*)^2 / |g|^2 at least, for every convex f (Polyak 1969)."""
    A = np.random.default_rng(0).normal(size=(8, 5))
    f = ck.Objective(lambda x: np.abs(A @ x).sum())
    path, _ = run(PolyakStep(), f, np.ones(5), 400)
    far = np.sum(path**2, axis=1)
    gain = [float(f.value(x)) ** 2 / np.sum(f.grad(x) ** 2) for x in path[:-1]]
    assert (far[1:] <= far[:-1] - gain + 1e-12).all()
    assert far[-1] < 1e-9  # sharp functions: linear convergence
    descent, _ = run(GradientDescent(lr=0.01), f, np.ones(5), 400)
    assert f.value(descent[-1]) > 1e4 * f.value(path[-1])


def test_polyak_stands_still_where_there_is_nothing_to_gain():
    f = ck.Objective(lambda x: np.sum(x**2) + 1)
    for f_star, start in ((0.0, np.zeros(2)), (1.0, np.zeros(2)), (9.0, np.ones(2))):
        path, _ = run(PolyakStep(f_star=f_star), f, start, 2)
        np.testing.assert_array_equal(path, [start] * 3)


def test_polyak_is_bounded_by_max_lr():
    path, _ = run(PolyakStep(f_star=-100.0, max_lr=0.05), bowl(), START, 5)
    right, _ = run(GradientDescent(lr=0.05), bowl(), START, 5)
    np.testing.assert_allclose(path, right, rtol=1e-14)


def test_polyak_needs_a_finite_least_value():
    for f_star in (-np.inf, np.inf, np.nan):
        with pytest.raises(ValueError, match=r"PolyakStep: f_star must lie in \(-inf, inf\)"):
            PolyakStep(f_star=f_star)


# --- ASGD
def test_asgd_is_sgd_until_it_averages():
    opt = ASGD(lr=0.1, lambd=0.0, t0=3.0)
    path, _ = run(SGD(lr=0.1), bowl(), START, 8)
    theta, state = START, opt.init(START)
    np.testing.assert_array_equal(opt.solution(theta, state), START)
    for k in range(1, 9):
        theta, state = opt.step(theta, state, bowl())
        np.testing.assert_allclose(theta, path[k], rtol=1e-14)
        mean = path[min(k, 5) : k + 1].mean(axis=0)  # from step t0 + 2 on
        np.testing.assert_allclose(opt.solution(theta, state), mean, rtol=1e-13)


def test_the_mean_is_nearer_than_the_points_it_is_made_of():
    """Noise of variance 1 on x^2/2: points keep lr / (2 - lr), their mean loses it like 1/k."""
    noise = np.random.default_rng(0).standard_normal((2000, 400, 1))
    opt = ASGD(lr=0.3, lambd=0.0, t0=0.0)
    x, state = np.zeros((400, 1)), opt.init(np.zeros((400, 1)))
    for z in noise:
        seen = ck.Objective(value=lambda x: x[..., 0], grad=lambda x, z=z: x + z, batched=True)
        x, state = opt.step(x, state, seen)
    assert np.mean(x**2) == pytest.approx(0.3 / 1.7, rel=0.2)
    assert np.mean(opt.solution(x, state) ** 2) == pytest.approx(1 / 2000, rel=0.2)


def test_steps_of_asgd_fall_as_they_say():
    slope = ck.Objective(value=np.sum, grad=np.ones_like)
    opt = ASGD(lr=0.5, lambd=1e-3, alpha=0.75)
    path, _ = run(opt, slope, np.zeros(1), 10_001)
    step = path[-2] * (1 - 1e-3 * (eta := 0.5 / (1 + 1e-3 * 0.5 * 10_000) ** 0.75)) - path[-1]
    np.testing.assert_allclose(step, eta, rtol=1e-9)
