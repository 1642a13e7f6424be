"""Published results on gradient methods: steps on a long valley, batches against all rows, and a
rare large gradient."""

import math
from itertools import cycle

import numpy as np
import pytest

import coursekit as ck
from coursekit.optim import (
    SGD,
    Adam,
    AMSGrad,
    ConjugateGradient,
    GradientDescent,
    Momentum,
    Nesterov,
)
from tests.optim.by_hand import Given

# --- steps on quadratics of condition number 1000 ------------------------------------------------
L, SMALL = 1.0, 1e-3
ROOT = math.sqrt(L / SMALL)
MU = (ROOT - 1) / (ROOT + 1)


def valley(n):
    return ck.landscapes.quadratic(spectrum=np.geomspace(SMALL, L, n), rotation="random")


def steps(opt, f):
    """Until the distance is 1e-8 of the first."""
    theta, state, k = f.start, opt.init(f.start), 0
    near = 1e-8 * np.linalg.norm(theta)
    while np.linalg.norm(theta) > near:
        theta, state = opt.step(theta, state, f)
        k += 1
        assert k < 20_000
    return k


def test_how_many_steps_each_method_takes():
    """Polyak 1964 and Nesterov 1983: the root of the condition number instead of itself.

    The geometric rates promise ln(1e8) / -ln(rate) steps. Momentum needs some 10 to 30 percent more
    (its rates come with a factor polynomial in k), descent a little less. Conjugate gradients need
    ten steps without rounding, and twelve or thirteen with it, here as in the linear recurrence.
    """
    f, customary = valley(10), Momentum(lr=0.1, momentum=0.9)
    best = (math.sqrt(3001) - 2) / (math.sqrt(3001) + 2)
    forms = [Nesterov(1 / L, MU, lookahead=form) for form in (True, False)]
    taken = {}
    for name, opt, rate, low, high in [
        ("descent, 1/L", GradientDescent(1 / L), 1 - SMALL / L, 0.9, 1.0),
        ("descent", GradientDescent(2 / (L + SMALL)), (L - SMALL) / (L + SMALL), 0.9, 1.0),
        ("ball", Momentum(4 / (math.sqrt(L) + math.sqrt(SMALL)) ** 2, MU**2), MU, 1.1, 1.35),
        ("nesterov", forms[0], 1 - 1 / ROOT, 1.05, 1.2),
        ("pytorch's", forms[1], 1 - 1 / ROOT, 1.05, 1.2),
        ("quicker", Nesterov(4 / (3 * L + SMALL), best), 1 - 2 / math.sqrt(3001), 1.05, 1.2),
    ]:
        taken[name] = steps(opt, f)
        promised = math.log(1e8) / -math.log(rate)
        assert low * promised < taken[name] < high * promised, name
    conjugate = [steps(ConjugateGradient(v, "exact"), f) for v in ("FR", "PR+", "HS", "DY")]
    assert min(conjugate) >= 11 and max(conjugate) <= 13
    assert taken["ball"] <= 400 and taken["nesterov"] <= 680
    assert abs(taken["nesterov"] - taken["pytorch's"]) <= 2
    order = (max(conjugate), taken["ball"], taken["quicker"], taken["nesterov"])
    assert list(order) == sorted(order) and taken["nesterov"] < taken["descent"] / 13
    assert 0.9 < steps(customary, f) / taken["descent, 1/L"] < 1.1  # no gain: lr / (1 - momentum)


@pytest.mark.parametrize("variant", ["FR", "PR+", "HS", "DY"])
def test_conjugate_gradients_are_quicker_than_the_heavy_ball_even_in_many_dimensions(variant):
    """Where n steps are no promise, f(x_k) - f* <= 4 mu^2k (f(x_0) - f*): Chebyshev's bound
    (Nocedal & Wright 2006, eq. 5.36), with the mu that is the heavy ball's rate."""
    f = valley(200)
    path = ck.minimize(f, f.start, ConjugateGradient(variant, "exact"), steps=180)
    k = np.arange(181)
    assert (path.values <= 4 * MU ** (2 * k) * path.values[0]).all()
    ball = Momentum(4 / (1 + math.sqrt(SMALL)) ** 2, MU**2)
    assert 1.4 * steps(ConjugateGradient(variant, "exact"), f) < steps(ball, f)


# --- all rows, or ten at a time ------------------------------------------------------------------
M, N, BATCH, NOISE = 10_000, 500, 10, 0.1


@pytest.fixture(scope="module")
def regression():
    """The mean squared error of linear regression, and its minimum."""
    x, y = (a.astype(float) for a in ck.data.least_squares(M, N, noise=NOISE).train)
    f = ck.Sequential(ck.Linear(N, 1, bias=False)).objective(x, y[:, None], "mse")
    return f, f.value(np.linalg.lstsq(x, y, rcond=None)[0])


def epochs_of_sgd(f, lr, epochs=5):
    """The loss after each epoch."""
    opt, theta, losses = SGD(lr), np.zeros(N), []
    state = opt.init(theta)
    for epoch in range(epochs):
        for rows in ck.minibatches(M, BATCH, rng=epoch):
            theta, state = opt.step(theta, state, f.batch(rows))
        losses.append(float(f.value(theta)))
    return np.array(losses)


def test_an_epoch_in_batches_is_worth_more_than_five_steps_with_all_rows(regression):
    """And then it stays: the noise of a constant rate is what descent does not have.

    Columns are independent here, so that the bowl is nearly round and descent does well, too: with
    eight steps it is ahead of the epoch. One over t takes both to the minimum.
    """
    f, least = regression
    largest = 2 * (1 + math.sqrt(N / M)) ** 2  # eigenvalue of 2 X^T X / M, Marchenko & Pastur 1967
    descent = ck.minimize(f, np.zeros(N), GradientDescent(1 / largest), steps=20).values
    constant = epochs_of_sgd(f, 0.01)
    decayed = epochs_of_sgd(f, ck.schedules.InverseTime(0.01, 0.001))
    assert constant[0] < descent[5] / 5 and constant[0] > descent[9]
    assert constant.min() > 1.7 * least
    assert least < decayed[-1] < 1.1 * least and (np.diff(decayed) < 0).all()
    assert least < descent[20] < 1.001 * least


@pytest.mark.parametrize("lr", [0.01, 0.005])
def test_the_floor_of_a_constant_rate(regression, lr):
    """Gaussian rows, d = theta - w: a step on a batch of B fresh ones makes of E|d|^2

        (1 - 4 lr + 4 lr^2 c) E|d|^2 + 4 lr^2 n noise^2 / B,   c = 1 + (n + 1) / B,

    so it ends at lr n noise^2 / B / (1 - lr c) and nowhere if lr > 1 / c, fifty times below the
    limit of gradient descent.
    """
    f, least = regression
    c = 1 + (N + 1) / BATCH
    excess = epochs_of_sgd(f, lr)[1:].mean() - least
    assert excess == pytest.approx(lr * N * NOISE**2 / BATCH / (1 - lr * c), rel=0.2)


@pytest.mark.parametrize("share, stable", [(0.9, True), (1.1, False)])
def test_batches_limit_the_rate(regression, share, stable):
    f, _ = regression
    losses = epochs_of_sgd(f, share / (1 + (N + 1) / BATCH), epochs=2)
    assert (losses[-1] < 1) == stable
    assert stable or losses[1] > 10 * losses[0] > 10 * f.value(np.zeros(N))


# --- one gradient of 1010 among hundred of -10 ---------------------------------------------------
SLOPES = [1010.0] + [-10.0] * 100  # their sum is 10, so that -1 is the best of [-1, 1]
KINDS = {
    "falling": {"lr": lambda k: 0.1 / math.sqrt(k + 1), "eps": 0.0, "bias_correction": False},
    "constant": {"lr": 1e-3},
}


def play(method, kind, steps):
    """Where it ends from 0, each step cut to [-1, 1], and the mean regret."""
    opt, theta, lost = method(**KINDS[kind], beta2=0.99), np.zeros(1), 0.0
    f, state, slopes = Given(cycle(SLOPES)), opt.init(theta), cycle(SLOPES)
    for _ in range(steps):
        lost += next(slopes) * (theta[0] + 1)
        theta, state = opt.step(theta, state, f)
        if not -1 <= theta[0] <= 1:
            theta = np.sign(theta)
    return theta[0], lost / steps


def test_adam_forgets_a_rare_gradient_and_amsgrad_does_not():
    """Reddi et al. 2018, section 5, with their gradients in a fixed order."""
    x, regret = play(Adam, "falling", 50_000)
    assert x == pytest.approx(0.484, abs=2e-3) and regret == pytest.approx(0.180, abs=2e-3)
    x, regret = play(AMSGrad, "falling", 50_000)
    assert x == pytest.approx(-0.374, abs=2e-3) and regret == pytest.approx(0.111, abs=2e-3)


@pytest.mark.slow
def test_in_the_end_adam_is_at_the_worst_point():
    """AMSGrad is on its way, a long one: after 500,000 steps at -0.39, after twice as many at -0.78
    (with the falling rates at -0.45 and -0.50)."""
    x, regret = play(Adam, "constant", 500_000)
    assert x > 0.95 and regret > 0.19
    x, regret = play(AMSGrad, "constant", 500_000)
    assert -0.45 < x < -0.35 and regret < 0.12


def test_what_amsgrad_divides_by():
    """PyTorch's maximum is over v, which the rare gradient lifts to 127^2 again and again; that
    over v_hat holds the first one, 1010^2, forever, and makes steps an eighth as long."""
    found = {}
    for max_over in ("v", "v_hat"):
        opt, f, theta = AMSGrad(beta2=0.99, max_over=max_over), Given(cycle(SLOPES)), np.zeros(1)
        state = opt.init(theta)
        for _ in range(3000):
            theta, state = opt.step(theta, state, f)
        found[max_over] = math.sqrt(state.v_max[0])
    kept = 0.99 ** np.arange(101)  # of each square in a round, the last first
    peak = 0.01 * (1010**2 + 10**2 * kept[1:].sum()) / (1 - 0.99**101)
    assert found["v"] == pytest.approx(math.sqrt(peak), rel=1e-9)
    assert found["v_hat"] == pytest.approx(1010, rel=1e-12)
