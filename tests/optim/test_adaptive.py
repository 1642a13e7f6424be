"""Adagrad, RMSprop, Adadelta, Rprop: against the papers, one number at a time, and known facts."""

import dataclasses
import math

import numpy as np
import pytest

import coursekit as ck
from coursekit.optim import Adadelta, Adagrad, RMSprop, Rprop, SignDescent
from tests.optim.by_hand import START, Given, check_on_gradients, check_on_problems, faded
from tests.optim.cases import CASES, bowl, run


# --- the papers, for one number
def below(square, opt):
    return math.sqrt(square + opt.eps) if opt.eps_inside else math.sqrt(square) + opt.eps


def adagrad_by_hand(opt, x):
    squares = [opt.initial_accumulator]
    while True:
        g = (yield x) + opt.weight_decay * x
        squares.append(g * g)
        x -= opt.lr * g / below(sum(squares), opt)


def rmsprop_by_hand(opt, x):
    slopes, moves = [], []
    while True:
        slopes.append((yield x) + opt.weight_decay * x)
        square = faded([g * g for g in slopes], opt.rho)
        if opt.centered:
            square -= faded(slopes, opt.rho) ** 2
        moves.append(slopes[-1] / below(square, opt))
        x -= opt.lr * sum(opt.momentum**i * move for i, move in enumerate(reversed(moves)))


def adadelta_by_hand(opt, x):
    squares, moves = [], []
    while True:
        g = (yield x) + opt.weight_decay * x
        squares.append(g * g)
        own = math.sqrt(faded([u * u for u in moves], opt.rho) + opt.eps)  # RMS[dx] before this one
        moves.append(g * own / math.sqrt(faded(squares, opt.rho) + opt.eps))
        x -= opt.lr * moves[-1]


def rprop_by_hand(opt, x):
    size, last = opt.lr, 0.0
    while True:
        g = yield x
        if g * last > 0:
            size *= opt.eta_plus
        elif g * last < 0:
            size *= opt.eta_minus
            g = 0.0
        size = min(max(size, opt.min_step), opt.max_step)
        if g:
            x -= math.copysign(size, g)
        last = g


BY_HAND = {
    Adagrad: adagrad_by_hand, RMSprop: rmsprop_by_hand, Adadelta: adadelta_by_hand,
    Rprop: rprop_by_hand,
}  # fmt: skip
MINE = {name: opt for name, opt in CASES.items() if type(opt) in BY_HAND}
every_case = pytest.mark.parametrize("opt", MINE.values(), ids=MINE)


@every_case
def test_steps_are_those_by_hand(opt):
    check_on_problems(opt, BY_HAND[type(opt)])


@every_case
def test_gradients_that_come_and_go_are_those_by_hand(opt):
    check_on_gradients(opt, BY_HAND[type(opt)])


def test_defaults():
    values = {cls: dataclasses.astuple(cls())[:3] for cls in BY_HAND}
    assert values == {
        Adagrad: (0.01, 1e-10, False),
        RMSprop: (1e-3, 0.9, 1e-8),  # Hinton's memory; PyTorch's is 0.99
        Adadelta: (1.0, 0.95, 1e-6),
        Rprop: (0.01, 0.5, 1.2),
    }
    for cls in (Adagrad, RMSprop):
        assert (cls().eps_inside, cls().weight_decay) == (False, 0.0)
    assert (Adagrad().initial_accumulator, Adadelta().weight_decay) == (0.0, 0.0)
    assert (RMSprop().centered, RMSprop().momentum) == (False, 0.0)
    assert (Rprop().min_step, Rprop().max_step) == (1e-6, 50.0)


def moves(opt, gradients):
    """The steps from 0, one number."""
    path, _ = run(opt, Given(gradients), np.zeros(1), len(gradients))
    return np.diff(path[:, 0])


# --- how long the steps are
@pytest.mark.parametrize("g", [1e-30, 3.0, -1e20])
def test_first_steps_do_not_depend_on_the_size_of_the_gradient(g):
    down = -np.sign(g)
    assert moves(Adagrad(lr=0.5, eps=0.0), [g]) == pytest.approx(0.5 * down, rel=1e-14)
    assert moves(RMSprop(lr=0.5, rho=0.99, eps=0.0), [g]) == pytest.approx(5 * down, rel=1e-14)
    assert moves(Rprop(lr=0.5), [g]) == 0.5 * down
    if abs(g) > 1:
        first = math.sqrt(1e-6 / 0.05)  # sqrt(eps / (1 - rho)): eps is the rate of Adadelta
        assert first == pytest.approx(4.47e-3, rel=1e-3)
        assert moves(Adadelta(), [g]) == pytest.approx(first * down, rel=1e-5)


def test_steps_of_adagrad_shrink_like_one_over_the_root_of_k():
    steps = moves(Adagrad(lr=0.01), [2.0] * 10_000)
    np.testing.assert_allclose(-steps, 0.01 / np.sqrt(np.arange(1, 10_001)), rtol=1e-9)
    assert -steps.sum() == pytest.approx(1.99, abs=0.01)  # about 2 lr sqrt(k)


def test_what_adagrad_starts_from_counts_as_a_square():
    with_start = moves(Adagrad(lr=1.0, eps=0.0, initial_accumulator=16.0), [3.0, 0.0, 12.0])
    np.testing.assert_allclose(with_start, [-3 / 5, 0, -12 / 13], rtol=1e-15)
    theta = np.zeros(2, "float32")
    assert Adagrad(initial_accumulator=np.float64(0.1)).init(theta).v.dtype == "float32"


@pytest.mark.parametrize("g, inside, outside", [(1e-4, 0.71, 0.9999), (1e-8, 1e-4, 0.5)])
def test_eps_inside_the_root_acts_from_1e_4_outside_from_1e_8(g, inside, outside):
    for of in (Adagrad(lr=1.0, eps=1e-8), RMSprop(lr=1.0, rho=0.0)):
        for flag, printed in [(True, inside), (False, outside)]:
            step = -moves(dataclasses.replace(of, eps_inside=flag), [g])[0]
            exact = g / (math.sqrt(g * g + 1e-8) if flag else g + 1e-8)
            assert step == pytest.approx(exact, rel=1e-12)
            assert step == pytest.approx(printed, rel=0.01)


def test_without_eps_a_gradient_of_0_is_0_over_0():
    for opt in (Adagrad(eps=0.0), RMSprop(eps=0.0)):
        with pytest.warns(RuntimeWarning, match="invalid value"):
            assert np.isnan(moves(opt, [0.0])[0])
    assert moves(Adagrad(eps=0.0, initial_accumulator=0.1), [0.0]) == 0
    for eps in (0.0, -1.0):
        with pytest.raises(ValueError, match=rf"Adadelta: eps must lie in \(0, inf\), not {eps}"):
            Adadelta(eps=eps)


# --- RMSprop
def test_rmsprop_remembers_squares_with_falling_weights():
    slopes = np.random.default_rng(0).normal(size=(6, 4))
    _, state = run(RMSprop(rho=0.7), Given(slopes), START, 6)
    np.testing.assert_allclose(state.v, 0.3 * 0.7 ** np.arange(5, -1, -1) @ slopes**2, rtol=1e-13)


def test_rmsprop_without_memory_is_sign_descent():
    a, _ = run(RMSprop(lr=0.1, rho=0.0, eps=0.0), bowl(), START, 9)
    b, _ = run(SignDescent(lr=0.1), bowl(), START, 9)
    np.testing.assert_allclose(a, b, rtol=1e-13)


def test_rmsprop_that_forgets_nothing_is_adagrad():
    """rho_k = 1 - 1 / k makes v the mean of all squares, so that lr / sqrt(k) gives their sum."""
    same = RMSprop(lambda k: 0.3 / math.sqrt(k + 1), rho=lambda k: 1 - 1 / (k + 1), eps=0.0)
    slopes = np.random.default_rng(0).normal(size=(30, 4))
    a, b = (run(opt, Given(slopes), START, 30)[0] for opt in (same, Adagrad(lr=0.3, eps=0.0)))
    np.testing.assert_allclose(a, b, rtol=1e-12)


def test_the_state_holds_only_what_is_used():
    plain, centered, heavy = (
        RMSprop().init(START), RMSprop(centered=True).init(START), RMSprop(momentum=0.5).init(START)
    )  # fmt: skip
    assert (plain.m, plain.u, centered.u, heavy.m) == (0.0, 0.0, 0.0, 0.0)
    np.testing.assert_array_equal([centered.m, heavy.u], np.zeros((2, 4)))


def test_momentum_of_rmsprop_may_pass_through_zero_and_be_turned_on_later():
    scheduled = RMSprop(lr=0.1, rho=0.8, momentum=lambda k: 0.9 * (k % 2))
    slopes = np.random.default_rng(0).normal(size=12)
    plain = moves(RMSprop(lr=0.1, rho=0.8), slopes)
    found = moves(scheduled, slopes)
    np.testing.assert_allclose(found[::2], plain[::2], rtol=1e-12)
    np.testing.assert_allclose(found[1::2], plain[1::2] + 0.9 * plain[::2], rtol=1e-12)
    opt = RMSprop(lr=0.1, rho=0.8)
    path, state = run(opt, Given(slopes), np.zeros(1), 2)
    later, state = run(
        dataclasses.replace(opt, momentum=0.9), Given(slopes[2:]), path[-1], 2, state
    )
    right = [plain[2], plain[3] + 0.9 * plain[2]]
    np.testing.assert_allclose(np.diff(later[:, 0]), right, rtol=1e-12)
    assert state.u.shape == (1,)


def test_centered_divides_by_the_standard_deviation():
    slopes = np.random.default_rng(0).normal(5, 2, size=4000)
    _, state = run(RMSprop(rho=0.999, centered=True), Given(slopes), np.zeros(1), 4000)
    assert math.sqrt(state.v[0] - state.m[0] ** 2) == pytest.approx(2, rel=0.1)
    # So a steady gradient gets long steps: one of mean 5 and deviation 2 is worth 2.5.
    opt = RMSprop(lr=1.0, rho=0.999, centered=True)
    assert -moves(opt, slopes)[-500:].mean() == pytest.approx(2.5, rel=0.1)


def test_a_variance_that_rounding_makes_negative_counts_as_zero():
    g, rho = 1.1, 0.5
    v = m = 0.0
    seen = []
    for _ in range(200):
        v, m = rho * v + (1 - rho) * g**2, rho * m + (1 - rho) * g
        seen.append(v - m**2)
    assert min(seen) < 0  # its root would be nan, and theta with it
    steps = moves(RMSprop(lr=1.0, rho=rho, eps=0.01, centered=True), [g] * 200)
    assert steps[-1] == pytest.approx(-g / 0.01, rel=1e-5)
    inside = moves(RMSprop(1.0, rho, 0.01, eps_inside=True, centered=True), [g] * 200)
    assert inside[-1] == pytest.approx(-g / math.sqrt(0.01), rel=1e-12)


# --- Adadelta
def test_the_rate_scales_the_steps_of_adadelta_but_not_its_memory():
    slopes = np.random.default_rng(0).normal(size=30)
    whole, half = Adadelta(lr=1.0, eps=0.01), Adadelta(lr=0.5, eps=0.01)
    np.testing.assert_allclose(moves(half, slopes), moves(whole, slopes) / 2, rtol=1e-13)


def test_adadelta_cannot_settle_where_the_curvature_is_above_2():
    """At the minimum its rate is sqrt(eps) / sqrt(eps) = 1, and 50 x^2 has the curvature 100."""
    f = ck.Objective(lambda x: 50 * np.sum(x**2))
    for eps, swing in [(1e-6, 0.0246), (1e-4, 0.264)]:  # they still grow, about like sqrt(k)
        path, _ = run(Adadelta(eps=eps), f, np.ones(1), 3000)
        assert abs(path[2500:, 0]).max() == pytest.approx(swing, rel=0.01)
        assert abs(path[2500:, 0]).max() > 1.5 * abs(path[500:1000, 0]).max()
    path, _ = run(Adadelta(lr=0.01, eps=1e-4), f, np.ones(1), 3000)
    assert abs(path[-1, 0]) < 1e-30


# --- Rprop
def test_steps_of_rprop_grow_shrink_and_wait():
    steps = moves(Rprop(lr=1.0), [3.0, 0.1, 7.0, -1.0, -1.0, -1.0, 0.0, -1.0, -1.0])
    np.testing.assert_allclose(
        steps, [-1, -1.2, -1.44, 0, 0.72, 0.864, 0, 0.864, 1.0368], rtol=1e-14
    )


def test_steps_of_rprop_stay_within_bounds():
    steps = -moves(Rprop(lr=1.0), [1.0] * 40)
    assert steps[21] == pytest.approx(1.2**21) and (steps[22:] == 50).all()
    _, state = run(Rprop(lr=1.0), Given([(-1.0) ** k for k in range(60)]), np.zeros(1), 60)
    assert state.d == 1e-6
    assert moves(Rprop(lr=1e-9), [1.0]) == -1e-6 and moves(Rprop(lr=1e9), [1.0]) == -50
    with pytest.raises(
        ValueError, match=r"Rprop: min_step must be at most max_step, 50\.0, not 60"
    ):
        Rprop(min_step=60)


def test_rprop_sees_signs_of_the_least_gradients():
    tiny = moves(Rprop(lr=1.0), [1e-200] * 4)  # their products are 0
    np.testing.assert_array_equal(tiny, moves(Rprop(lr=1.0), [1.0] * 4))


def test_a_rate_changed_later_is_not_seen_by_rprop():
    path, state = run(Rprop(lr=0.1), bowl(), START, 3)
    a, _ = run(Rprop(lr=0.1), bowl(), path[-1], 4, state)
    b, _ = run(Rprop(lr=7.0), bowl(), path[-1], 4, state)
    np.testing.assert_array_equal(a, b)


def test_rprop_runs_away_where_rmsprop_stays():
    """Nine gradients of 0.1, then one of -0.9, and again: their mean is 0 (Hinton's lecture 6e)."""
    slopes = ([0.1] * 9 + [-0.9]) * 30
    assert abs(moves(Rprop(lr=0.01), slopes).sum()) > 1000
    drift = moves(RMSprop(lr=0.01, rho=0.99), slopes)
    assert abs(drift[50:].sum()) < 0.1 * abs(drift[50:]).sum()
