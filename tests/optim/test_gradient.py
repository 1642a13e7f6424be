"""Gradient descent and momentum: against the papers' formulas, relations and known rates."""

import dataclasses
import math

import numpy as np
import pytest

import coursekit as ck
from coursekit.optim import SGD, Adam, AggMo, GradientDescent, Momentum, Nesterov, SignDescent
from tests.optim.cases import CASES, bowl, network, run

# --- the formulas once more, on lists of arrays, one array of the network at a time


def descent_by_hand(opt, params, gradients, steps):
    for _ in range(steps):
        g = gradients(params)
        decay = getattr(opt, "weight_decay", 0)
        params = [p - opt.lr * (d + decay * p) for p, d in zip(params, g, strict=True)]
    return params


def signs_by_hand(opt, params, gradients, steps):
    """signSGD, or Signum: an average from zero on, then its sign alone."""
    average = [0 * p for p in params]
    for step in range(steps):
        mu = opt.momentum(step) if callable(opt.momentum) else opt.momentum
        for i, g in enumerate(gradients(params)):
            g = g + opt.weight_decay * params[i]
            average[i] = mu * average[i] + (1 - mu) * g
        params = [
            p - opt.lr * ((a > 0).astype(float) - (a < 0))
            for p, a in zip(params, average, strict=True)
        ]
    return params


def aggmo_by_hand(opt, params, gradients, steps):
    """Lucas et al.: velocities that point downhill."""
    velocities = {beta: [0 * p for p in params] for beta in opt.betas}
    for _ in range(steps):
        g = gradients(params)
        for beta, v in velocities.items():
            v[:] = [beta * old - d for old, d in zip(v, g, strict=True)]
        share = opt.lr / len(opt.betas)
        params = [p + sum(share * v[i] for v in velocities.values()) for i, p in enumerate(params)]
    return params


def momentum_by_hand(opt, params, gradients, steps):
    lr, wd = opt.lr, opt.weight_decay
    memory = [None] * len(params)
    for step in range(steps):
        mu = opt.momentum(step) if callable(opt.momentum) else opt.momentum
        g = gradients(params)
        new = []
        for i, p in enumerate(params):
            d = g[i] + wd * p
            if opt.style == "ema":  # an average that starts at zero
                u = (1 - mu) * d if memory[i] is None else mu * memory[i] + (1 - mu) * d
                new.append(p - lr * u)
            elif opt.style == "classical":
                u = d if memory[i] is None else mu * memory[i] + (1 - opt.dampening) * d
                new.append(p - lr * u)
            else:  # Sutskever's velocity
                u = -lr * d if memory[i] is None else mu * memory[i] - lr * (1 - opt.dampening) * d
                new.append(p + u)
            memory[i] = u
        params = new
    return params


def momentum_of_step(opt, step):
    """mu_step; the first step is 1."""
    if opt.momentum == "k":
        return (step - 1) / (step + 2)
    if opt.momentum == "fista":
        t = 1.0
        for _ in range(step - 1):
            t = (1 + math.sqrt(1 + 4 * t * t)) / 2
        return (t - 1) / ((1 + math.sqrt(1 + 4 * t * t)) / 2)
    return opt.momentum


def nesterov_by_hand(opt, params, gradients, steps):
    """The true point x and velocity v; PyTorch's form reports x + mu v instead."""
    lr, wd = opt.lr, opt.weight_decay
    x, v = params, [0 * p for p in params]
    for step in range(1, steps + 1):
        mu = momentum_of_step(opt, step)
        ahead = [p + mu * u for p, u in zip(x, v, strict=True)]
        g = [d + wd * a for d, a in zip(gradients(ahead), ahead, strict=True)]
        v = [mu * u - lr * d for u, d in zip(v, g, strict=True)]
        x = [p + u for p, u in zip(x, v, strict=True)]
    if opt.lookahead:
        return x
    mu = momentum_of_step(opt, steps + 1)
    return [p + mu * u for p, u in zip(x, v, strict=True)]


BY_HAND = {
    GradientDescent: descent_by_hand, SGD: descent_by_hand, SignDescent: signs_by_hand,
    Momentum: momentum_by_hand, Nesterov: nesterov_by_hand, AggMo: aggmo_by_hand,
}  # fmt: skip
# Those with a line search, which are not batched, have tests of their own.
MINE = {name: opt for name, opt in CASES.items() if type(opt) in BY_HAND and opt.batched}
STYLES = ("classical", "velocity", "ema")


def uneven(k):
    return (0.5, 0.9, 0.2)[k % 3]


BY_FUNCTION = {f"Momentum {style}": Momentum(0.1, uneven, 0.3, style) for style in STYLES}
BY_FUNCTION["SignDescent"] = SignDescent(0.1, uneven)


@pytest.mark.parametrize(
    "opt",
    [*MINE.values(), *BY_FUNCTION.values()],
    ids=[*MINE, *(f"{name} by a function" for name in BY_FUNCTION)],
)
def test_five_steps_are_those_by_hand(opt):
    f, theta, layout = network()
    gradients = lambda params: layout.unpack(f.grad(layout.pack(params)))  # noqa: E731
    right = BY_HAND[type(opt)](opt, layout.unpack(theta), gradients, 5)
    np.testing.assert_allclose(run(opt, f, theta, 5)[0][-1], layout.pack(right), rtol=1e-12)

    start = np.array([1.0, -2.0, 0.5, 3.0])
    (right,) = BY_HAND[type(opt)](opt, [start], lambda params: [bowl().grad(params[0])], 5)
    np.testing.assert_allclose(run(opt, bowl(), start, 5)[0][-1], right, rtol=1e-12)


# --- one formula beside another
START = np.array([1.0, -2.0, 0.5, 3.0])


def test_heavy_ball_is_polyaks_two_step_formula():
    path, _ = run(Momentum(lr=0.1, momentum=0.7), bowl(), START, 20)
    before, x = START, START
    for point in path[1:]:
        before, x = x, x - 0.1 * bowl().grad(x) + 0.7 * (x - before)
        np.testing.assert_allclose(point, x, rtol=1e-12)


def test_velocity_agrees_with_classical_while_lr_is_constant_only():
    classical = Momentum(lr=0.1, momentum=0.9)
    velocity = dataclasses.replace(classical, style="velocity")
    a, b = (run(opt, bowl(), START, 30)[0] for opt in (classical, velocity))
    np.testing.assert_allclose(a, b, rtol=1e-11, atol=1e-14)

    # When lr falls by 100, what velocity has stored keeps its old length and coasts on.
    drop = lambda k: 0.2 if k < 3 else 0.002  # noqa: E731
    a, b = (
        run(dataclasses.replace(opt, lr=drop), bowl(), START, 6)[0] for opt in (classical, velocity)
    )
    np.testing.assert_allclose(a[:4], b[:4], rtol=1e-13)
    stepped, coasted = (np.linalg.norm(path[4] - path[3]) for path in (a, b))
    assert stepped < 0.05 * coasted


def test_ema_is_classical_at_a_smaller_rate():
    ema = Momentum(lr=0.5, momentum=0.8, style="ema")
    classical = Momentum(lr=0.5 * (1 - 0.8), momentum=0.8)
    a, b = (run(opt, bowl(), START, 30)[0] for opt in (ema, classical))
    np.testing.assert_allclose(a, b, rtol=1e-11, atol=1e-14)
    # PyTorch's dampening = momentum is not an average: its first step is not damped.
    dampened = Momentum(lr=0.5, momentum=0.8, dampening=0.8)
    first = [run(opt, bowl(), START, 1)[0][1] - START for opt in (ema, dampened)]
    np.testing.assert_allclose(first[0], (1 - 0.8) * first[1], rtol=1e-12)


@pytest.mark.parametrize("momentum", [0.9, "fista", "k", lambda k: 0.5 + 0.1 * (k % 3)])
@pytest.mark.parametrize("weight_decay", [0.0, 0.3])
def test_both_forms_of_nesterov_are_one_algorithm(momentum, weight_decay):
    lookahead = Nesterov(0.1, momentum, lookahead=True, weight_decay=weight_decay)
    torchs = dataclasses.replace(lookahead, lookahead=False)
    path, other = (run(opt, bowl(), START, 12)[0] for opt in (lookahead, torchs))
    for k in range(1, 13):
        mu = lookahead.at(k, START).momentum  # of step k + 1
        ahead = path[k] + mu * (path[k] - path[k - 1])
        np.testing.assert_allclose(other[k], ahead, rtol=1e-12, atol=1e-14)
    assert abs(path - other).max() > 0.01  # the points themselves differ


DESCENTS = {name: opt for name, opt in MINE.items() if not isinstance(opt, SignDescent)}


@pytest.mark.parametrize("opt", DESCENTS.values(), ids=DESCENTS)
def test_without_momentum_and_decay_all_are_gradient_descent(opt):
    fields = {f.name for f in dataclasses.fields(opt)}
    off = {"momentum": 0.0, "weight_decay": 0.0, "dampening": 0.0, "betas": (0.0, 0.0)}
    plain = dataclasses.replace(opt, lr=0.1, **{k: v for k, v in off.items() if k in fields})
    right = run(GradientDescent(lr=0.1), bowl(), START, 5)[0]
    np.testing.assert_allclose(run(plain, bowl(), START, 5)[0], right, rtol=1e-14)


def test_weight_decay_is_a_penalty_on_the_loss():
    penalized = ck.Objective(lambda x: bowl().value(x) + 0.3 / 2 * np.sum(x**2))
    for name, opt in MINE.items():
        if hasattr(opt, "weight_decay"):
            a, _ = run(dataclasses.replace(opt, weight_decay=0.3), bowl(), START, 6)
            b, _ = run(dataclasses.replace(opt, weight_decay=0.0), penalized, START, 6)
            np.testing.assert_allclose(a, b, rtol=1e-11, err_msg=name)


def test_aggmo_of_equal_betas_is_momentum():
    a, _ = run(AggMo(lr=0.1, betas=(0.7, 0.7)), bowl(), START, 12)
    b, _ = run(Momentum(lr=0.1, momentum=0.7), bowl(), START, 12)
    np.testing.assert_allclose(a, b, rtol=1e-13)


def test_the_balls_of_aggmo_stay_as_many():
    opt = AggMo(betas=(0.0, 0.9))
    x, state = opt.step(START, opt.init(START), bowl())
    dataclasses.replace(opt, betas=(0.5, 0.6)).step(x, state, bowl())
    with pytest.raises(ValueError, match=r"AggMo: betas must stay 2 numbers, not \(0.5,\)"):
        dataclasses.replace(opt, betas=(0.5,)).step(x, state, bowl())


def test_the_light_balls_of_aggmo_damp_the_heavy_one():
    """Lucas et al.: the weight 0.999 that makes momentum swing for ages is safe in company."""
    f = ck.landscapes.quadratic(spectrum=(0.01, 1.0))
    alone, _ = run(Momentum(lr=0.1, momentum=0.999), f, f.start, 1000)
    balls, _ = run(AggMo(lr=0.1, betas=(0.0, 0.9, 0.99, 0.999)), f, f.start, 1000)
    assert f.value(alone[-100:]).max() > 1e4 * f.value(balls[-100:]).max()


def test_signs_take_every_coordinate_equally_far():
    path, _ = run(SignDescent(lr=0.25), bowl(), np.array([1.0, -2.0, 0.5, 0.0]), 2)
    np.testing.assert_array_equal(path[1], [0.75, -1.75, 0.25, 0.0])
    np.testing.assert_array_equal(path[2], [0.5, -1.5, 0.0, 0.0])
    # The average, not the last gradient, decides once there is momentum.
    turn = ck.Objective(value=np.sum, grad=lambda x: np.sign(x - 0.9) * np.where(x < 0.9, 1, 9))
    path, _ = run(SignDescent(lr=0.2, momentum=0.8), turn, np.array([1.0]), 3)
    np.testing.assert_allclose(path[:, 0], [1.0, 0.8, 0.6, 0.4], rtol=1e-14)


# --- Nesterov's sequences
def test_k_sequence_by_hand():
    opt = Nesterov(momentum="k")
    values = [opt.at(k, START).momentum for k in range(5)]
    np.testing.assert_allclose(values, [0, 1 / 4, 2 / 5, 3 / 6, 4 / 7], rtol=1e-15)


def test_fista_sequence_by_hand():
    t2 = (1 + math.sqrt(5)) / 2
    t3 = (1 + math.sqrt(1 + 4 * t2**2)) / 2  # 2.1935
    t4 = (1 + math.sqrt(1 + 4 * t3**2)) / 2  # 2.7497
    opt = Nesterov(momentum="fista")
    values = [opt.at(k, START).momentum for k in range(3)]
    np.testing.assert_allclose(values, [0, (t2 - 1) / t3, (t3 - 1) / t4], rtol=1e-14)
    np.testing.assert_allclose(values, [0, 0.2817, 0.4340], atol=1e-4)
    assert opt.at(1000, START).momentum == pytest.approx(1 - 3 / 1000, abs=1e-4)
    assert opt.at(1, START).momentum == values[1]  # whatever was asked before


def test_nesterovs_bound_holds_where_gradient_descents_rate_is_slower():
    """f(x_k) - f* <= 2 L |x_0 - x*|^2 / (k + 1)^2 (Beck & Teboulle 2009, theorem 4.4)."""
    spectrum = np.logspace(-5, 0, 40)
    f = ck.Objective(
        value=lambda x: np.sum(spectrum * x**2, axis=-1) / 2, grad=lambda x: spectrum * x,
        batched=True,
    )  # fmt: skip
    start = np.ones(40)
    for momentum in ("fista", "k"):
        path, _ = run(Nesterov(lr=1.0, momentum=momentum, lookahead=True), f, start, 300)
        k = np.arange(1, 301)
        assert (f.value(path[1:]) <= 2 * 40 / (k + 1) ** 2).all()
        descent, _ = run(GradientDescent(lr=1.0), f, start, 300)
        assert f.value(path[-1]) < f.value(descent[-1]) / 10


# --- how large lr may be: theta^2 / 2, whose curvature is 1
LINE = ck.Objective(value=lambda x: np.sum(x**2) / 2, grad=lambda x: x)
MU = 0.9


@pytest.mark.parametrize(
    "opt, limit",
    [
        (GradientDescent(), 2),
        (SGD(), 2),
        (Momentum(momentum=MU), 2 * (1 + MU)),
        (Momentum(momentum=MU, style="velocity"), 2 * (1 + MU)),
        (Momentum(momentum=MU, style="ema"), 2 * (1 + MU) / (1 - MU)),
        (Momentum(momentum=MU, dampening=0.5), 2 * (1 + MU) / 0.5),
        (Nesterov(momentum=MU), 2 * (1 + MU) / (1 + 2 * MU)),
        (Nesterov(momentum=MU, lookahead=True), 2 * (1 + MU) / (1 + 2 * MU)),
    ],
    ids=lambda p: type(p).__name__ if not isinstance(p, float | int) else f"{p:g}",
)
def test_the_largest_stable_rate(opt, limit):
    for share, stable in [(0.99, True), (1.01, False)]:
        path, _ = run(dataclasses.replace(opt, lr=share * limit), LINE, np.ones(1), 3000)
        assert (abs(path[-1, 0]) < 1e-3) == stable
        assert stable or abs(path[-1, 0]) > 1e3


# --- how fast it goes: eigenvalues from 0.001 to 1, condition number 1000
SPECTRUM = np.logspace(-3, 0, 10)
L, SMALL = 1.0, 1e-3
ROOT = math.sqrt(L / SMALL)
VALLEY = ck.Objective(value=lambda x: np.sum(SPECTRUM * x**2) / 2, grad=lambda x: SPECTRUM * x)


def steps_and_rate(opt, tail=100):
    """Steps until the distance is 1e-8 of the first, and the factor per step at the end."""
    theta, far = np.ones(10), [math.sqrt(10)]
    state = opt.init(theta)
    while far[-1] > 1e-8 * far[0] and len(far) < 20_000:
        theta, state = opt.step(theta, state, VALLEY)
        far.append(math.sqrt(theta @ theta))
    return len(far) - 1, (far[-1] / far[-1 - tail]) ** (1 / tail)


def test_rates_on_an_ill_conditioned_quadratic():
    mu = (ROOT - 1) / (ROOT + 1)
    descent, rate = steps_and_rate(GradientDescent(lr=2 / (L + SMALL)))
    assert rate == pytest.approx(999 / 1001, abs=1e-9)  # (kappa - 1) / (kappa + 1)
    assert steps_and_rate(GradientDescent(lr=1 / L))[1] == pytest.approx(0.999, abs=1e-9)

    ball, rate = steps_and_rate(Momentum(lr=4 / (1 + math.sqrt(SMALL)) ** 2, momentum=mu**2))
    assert ball <= 400 and mu - 1e-3 < rate < mu + 0.005  # Polyak 1964: mu, and a little

    forms = [steps_and_rate(Nesterov(1 / L, mu, lookahead=form)) for form in (True, False)]
    assert abs(forms[0][0] - forms[1][0]) <= 2
    nesterov = max(forms[0][0], forms[1][0])
    assert nesterov <= 680
    assert forms[0][1] == pytest.approx(1 - 1 / ROOT, abs=0.003)
    assert ball < nesterov < descent / 13

    best = steps_and_rate(Nesterov(
        4 / (3 * L + SMALL), (math.sqrt(3001) - 2) / (math.sqrt(3001) + 2)))  # fmt: skip
    assert best[0] < nesterov and best[1] == pytest.approx(1 - 2 / math.sqrt(3001), abs=0.003)
    # Momentum with the customary 0.9 gains nothing here: it must match the condition number.
    assert steps_and_rate(Momentum(lr=0.1, momentum=0.9))[0] > 16_000


def test_scaling_the_loss_changes_descent_but_not_adam():
    loud = ck.Objective(value=bowl().value, grad=lambda x: 1000 * bowl().grad(x))
    for opt, same in [(GradientDescent(lr=1e-4), False), (Momentum(1e-4), False),
                      (Adam(lr=0.01, eps=0.0), True)]:  # fmt: skip
        a, b = (run(opt, f, START, 10)[0] for f in (bowl(), loud))
        assert np.allclose(a, b, rtol=1e-13) == same
