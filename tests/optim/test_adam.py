"""Adam and its relatives: against the papers, one number at a time, and facts about their steps."""

import dataclasses
import math

import numpy as np
import pytest

import coursekit as ck
from coursekit.optim import Adam, Adamax, AdamW, AMSGrad, Nadam, QHAdam, RAdam, RMSprop
from tests.optim.by_hand import START, Given, check_on_gradients, check_on_problems, faded
from tests.optim.cases import CASES, bowl, run

ALL = (Adam, AdamW, AMSGrad, Adamax, Nadam, RAdam, QHAdam)


# --- the papers, for one number; t counts steps from 1
def below(square, opt):
    return math.sqrt(square + opt.eps) if opt.eps_inside else math.sqrt(square) + opt.eps


def means(slopes, opt):
    """Adam's m and v."""
    return faded(slopes, opt.beta1), faded([g * g for g in slopes], opt.beta2)


def adam_by_hand(opt, x):
    slopes, t = [], 0
    while True:
        slope, t = (yield x), t + 1
        if opt.lazy and slope == 0:
            continue
        slopes.append(slope + opt.weight_decay * x)
        m, v = means(slopes, opt)
        if opt.bias_correction:
            m, v = m / (1 - math.pow(opt.beta1, t)), v / (1 - math.pow(opt.beta2, t))
        x -= opt.lr * m / below(v, opt)


def adamw_by_hand(opt, x):
    slopes = []
    while True:
        slopes.append((yield x))
        m, v = means(slopes, opt)
        t = len(slopes)
        x *= 1 - opt.lr * opt.weight_decay
        x -= opt.lr * (m / (1 - opt.beta1**t)) / below(v / (1 - opt.beta2**t), opt)


def amsgrad_by_hand(opt, x):
    slopes = []
    while True:
        slopes.append((yield x) + opt.weight_decay * x)
        m, _ = means(slopes, opt)
        each = [means(slopes[: i + 1], opt)[1] for i in range(len(slopes))]
        last1, last2 = 1.0, 1.0
        if opt.bias_correction:
            last1, last2 = 1 - opt.beta1 ** len(slopes), 1 - opt.beta2 ** len(slopes)
            if opt.max_over == "v_hat":
                each = [v / (1 - opt.beta2**t) for t, v in enumerate(each, 1)]
        x -= opt.lr * m / last1 / below(max(each) / (1 if opt.max_over == "v_hat" else last2), opt)


def adamax_by_hand(opt, x):
    slopes = []
    while True:
        slopes.append((yield x) + opt.weight_decay * x)
        m, _ = means(slopes, opt)
        u = max((abs(g) + opt.eps) * opt.beta2**age for age, g in enumerate(reversed(slopes)))
        x -= opt.lr * m / (1 - opt.beta1 ** len(slopes)) / u


def nadam_by_hand(opt, x):
    slopes = []
    while True:
        slopes.append((yield x) + opt.weight_decay * x)
        t = len(slopes)
        if opt.momentum_decay is None:
            mu = [opt.beta1] * (t + 2)
        else:
            mu = [opt.beta1 * (1 - 0.5 * 0.96 ** (i * opt.momentum_decay)) for i in range(t + 2)]
        m, v = means(slopes, opt)
        m_hat = m / (1 - math.prod(mu[1 : t + 2]))
        g_hat = slopes[-1] / (1 - math.prod(mu[1 : t + 1]))
        m_bar = (1 - mu[t]) * g_hat + mu[t + 1] * m_hat
        x -= opt.lr * m_bar / (math.sqrt(v / (1 - opt.beta2**t)) + opt.eps)


def radam_by_hand(opt, x):
    slopes = []
    longest = 2 / (1 - opt.beta2) - 1
    while True:
        slopes.append((yield x) + opt.weight_decay * x)
        t = len(slopes)
        m, v = means(slopes, opt)
        step = m / (1 - opt.beta1**t)
        length = longest - 2 * t * opt.beta2**t / (1 - opt.beta2**t)
        if length > 5:
            above = (length - 4) * (length - 2) * longest
            r = math.sqrt(above / ((longest - 4) * (longest - 2) * length))
            step *= r * math.sqrt(1 - opt.beta2**t) / (math.sqrt(v) + opt.eps)
        x -= opt.lr * step


def qhadam_by_hand(opt, x):
    slopes = []
    while True:
        slopes.append((yield x) + opt.weight_decay * x)
        g, t = slopes[-1], len(slopes)
        m, v = means(slopes, opt)
        above = (1 - opt.nu1) * g + opt.nu1 * m / (1 - opt.beta1**t)
        square = (1 - opt.nu2) * g * g + opt.nu2 * v / (1 - opt.beta2**t)
        x -= opt.lr * above / (math.sqrt(square) + opt.eps)


BY_HAND = {
    Adam: adam_by_hand, AdamW: adamw_by_hand, AMSGrad: amsgrad_by_hand, Adamax: adamax_by_hand,
    Nadam: nadam_by_hand, RAdam: radam_by_hand, QHAdam: qhadam_by_hand,
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
    for cls, (lr, beta1) in {
        Adam: (1e-3, 0.9), AdamW: (1e-3, 0.9), AMSGrad: (1e-3, 0.9), Adamax: (2e-3, 0.9),
        Nadam: (2e-3, 0.9), RAdam: (1e-3, 0.9), QHAdam: (1e-3, 0.995),
    }.items():  # fmt: skip
        opt = cls()
        assert (opt.lr, opt.beta1, opt.beta2, opt.eps) == (lr, beta1, 0.999, 1e-8), cls
        assert opt.weight_decay == (0.01 if cls is AdamW else 0)
        assert not getattr(opt, "eps_inside", False) and getattr(opt, "bias_correction", True)
    assert (Adam().lazy, AMSGrad().max_over, Nadam().momentum_decay) == (False, "v", 1 / 250)
    assert (QHAdam().nu1, QHAdam().nu2) == (0.7, 1.0)


# --- what the state remembers
def test_the_state_holds_the_papers_averages():
    slopes = np.random.default_rng(0).normal(size=(6, 4))
    _, state = run(Adam(beta1=0.6, beta2=0.7), Given(slopes), START, 6)
    for found, beta, of in [(state.m, 0.6, slopes), (state.v, 0.7, slopes**2)]:
        weights = (1 - beta) * beta ** np.arange(5, -1, -1)
        np.testing.assert_allclose(found, weights @ of, rtol=1e-13)


def test_lazy_leaves_coordinates_without_gradient_alone():
    slopes = [[1.0, 1.0], [0.0, 1.0], [0.0, 1.0]]
    opt = Adam(lr=0.1, lazy=True, weight_decay=0.3)
    path, state = run(opt, Given(slopes), np.array([1.0, 1.0]), 3)
    assert path[1, 0] == path[2, 0] == path[3, 0] != path[0, 0]
    after_one = run(opt, Given(slopes), np.array([1.0, 1.0]), 1)[1]
    assert (state.m[0], state.v[0]) == (after_one.m[0], after_one.v[0])
    # Not lazy, the memory m goes on moving them.
    path, _ = run(Adam(lr=0.1), Given(slopes), np.array([1.0, 1.0]), 3)
    assert path[1, 0] > path[2, 0] > path[3, 0]


# --- the length of a step
def moves(opt, gradients, start=0.0):
    """The steps of one number."""
    path, _ = run(opt, Given(gradients), np.full(1, start), len(gradients))
    return np.diff(path[:, 0])


def lengths(opt, gradients):
    return abs(moves(opt, gradients)) / opt.lr


@pytest.mark.parametrize("g", [1e-30, 3.0, -1e20])
def test_the_first_step_is_lr(g):
    for cls in (Adam, AdamW, AMSGrad, Adamax, QHAdam):
        assert lengths(cls(lr=0.5, eps=0.0), [g])[0] == pytest.approx(1, rel=1e-14), cls
    assert lengths(AMSGrad(lr=0.5, eps=0.0, max_over="v_hat"), [g])[0] == pytest.approx(1)
    # Nadam adds what the second step will take of it: mu_2 / (1 - mu_1 mu_2) of m = g / 10.
    first = lengths(Nadam(lr=0.5, eps=0.0, momentum_decay=None), [g])[0]
    assert first == pytest.approx(1 + 0.9 / (1 + 0.9), rel=1e-12)
    mu_1, mu_2 = (0.9 * (1 - 0.96 ** (i / 250) / 2) for i in (1, 2))
    first = lengths(Nadam(lr=0.5, eps=0.0), [g])[0]
    assert first == pytest.approx(1 + mu_2 * 0.1 / (1 - mu_1 * mu_2), rel=1e-12)
    # RAdam does not divide yet.
    assert moves(RAdam(lr=0.5), [g])[0] == pytest.approx(-0.5 * g, rel=1e-14)


def test_with_a_constant_gradient_every_corrected_step_is_lr():
    for cls in (Adam, AMSGrad, Adamax, QHAdam):
        np.testing.assert_allclose(lengths(cls(lr=0.5, eps=0.0), [2.0] * 500), 1, rtol=1e-12)


def test_without_correction_the_first_steps_are_too_long():
    steps = lengths(Adam(lr=0.5, eps=0.0, bias_correction=False), [2.0] * 5000)
    assert steps[0] == pytest.approx(0.1 / math.sqrt(0.001), rel=1e-12)  # 3.16
    k = np.arange(1, 5001)
    np.testing.assert_allclose(steps, (1 - 0.9**k) / np.sqrt(1 - 0.999**k), rtol=1e-10)
    assert 6.5 < steps.max() < 6.6 and 8 <= steps.argmax() + 1 <= 20
    assert steps[99] == pytest.approx(3.2, abs=0.05)
    assert steps[-1] == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize(
    "g, inside, outside", [(1e-4, 0.71, 0.9999), (1e-5, 0.10, 0.999), (1e-6, 0.01, 0.99),
                           (1e-8, 1e-4, 0.5)],
)  # fmt: skip
def test_eps_inside_the_root_acts_from_1e_4_outside_from_1e_8(g, inside, outside):
    exact = {True: g / math.sqrt(g * g + 1e-8), False: g / (g + 1e-8)}
    for flag, printed in [(True, inside), (False, outside)]:
        assert exact[flag] == pytest.approx(printed, rel=0.01)
        for opt in (Adam(1.0), AdamW(1.0, weight_decay=0.0), AMSGrad(1.0)):
            opt = dataclasses.replace(opt, eps_inside=flag)
            np.testing.assert_allclose(lengths(opt, [g] * 20), exact[flag], rtol=1e-9)
    for cls in (Adamax, QHAdam):  # eps stands outside
        np.testing.assert_allclose(lengths(cls(lr=1.0), [g] * 20), exact[False], rtol=1e-9)


def test_eps_of_radam_is_larger_in_the_first_steps():
    """It is added before v is corrected, so it counts eps / sqrt(1 - beta2^k)."""
    opt, g = RAdam(lr=1.0), 1e-6
    steps = lengths(opt, [g] * 50)
    k = np.arange(1, 51)
    r = np.array([opt.at(j, START).r for j in range(50)])
    np.testing.assert_allclose(steps[5:], (r * g / (g + 1e-8 / np.sqrt(1 - 0.999**k)))[5:])


def test_eps_0_at_a_gradient_of_0_is_0_over_0():
    for cls in (Adam, AdamW, AMSGrad, Adamax, Nadam, QHAdam):
        with pytest.warns(RuntimeWarning, match="invalid value"):
            assert np.isnan(moves(cls(eps=0.0), [0.0])[0])


# --- bounds, as printed and as they are
def test_the_true_bound_on_a_step_and_a_sequence_that_breaks_the_printed_one():
    beta1, beta2 = 0.9, 0.999
    printed = (1 - beta1) / math.sqrt(1 - beta2)  # 3.16: "the step is at most lr times this"
    true = (1 - beta1) / math.sqrt((1 - beta2) * (1 - beta1**2 / beta2))  # 7.27, by Cauchy-Schwarz
    growing = lengths(Adam(lr=1.0, eps=0.0), (beta2 / beta1) ** np.arange(1000.0))
    assert printed + 0.04 < growing.max() <= true
    assert growing[-1] == pytest.approx(5.78, abs=0.01)
    wild = np.random.default_rng(0).standard_cauchy((300, 200))
    path, _ = run(Adam(lr=1.0, eps=0.0), Given(wild), np.zeros(200), 300)
    assert abs(np.diff(path, axis=0)).max() <= true


def test_the_step_of_adamax_may_be_a_little_longer_than_lr():
    """Kingma & Ba 2015, section 7.1, say lr at most. Gradients that fall like beta2^k differ."""
    true = (1 - 0.9) / (1 - 0.9 / 0.999)
    falling = lengths(Adamax(lr=1.0, eps=0.0), 0.999 ** np.arange(300.0))
    assert falling[-1] == pytest.approx(true, rel=1e-9) and true == pytest.approx(1.009, abs=1e-3)
    wild = np.random.default_rng(0).standard_cauchy((300, 200))
    path, _ = run(Adamax(lr=1.0, eps=0.0), Given(wild), np.zeros(200), 300)
    assert abs(np.diff(path, axis=0)).max() <= true


# --- one method beside another
def test_without_memory_it_is_sign_descent():
    right = [START]
    for _ in range(5):
        right.append(right[-1] - 0.1 * np.sign(bowl().grad(right[-1])))
    off = {"lr": 0.1, "beta1": 0.0, "beta2": 0.0, "eps": 0.0}
    for opt in (Adam(**off), AdamW(**off, weight_decay=0.0), Adamax(**off),
                Nadam(**off, momentum_decay=None), QHAdam(**off),
                QHAdam(0.1, nu1=0.0, nu2=0.0, eps=0.0)):  # fmt: skip
        np.testing.assert_allclose(run(opt, bowl(), START, 5)[0], right, atol=1e-14)


def test_without_momentum_and_correction_adam_is_rmsprop():
    a, _ = run(Adam(0.1, 0.0, 0.9, bias_correction=False), bowl(), START, 9)
    b, _ = run(RMSprop(0.1, 0.9), bowl(), START, 9)
    np.testing.assert_array_equal(a, b)


def test_relatives_collapse_to_adam():
    adam = Adam(0.1, 0.8, 0.95)
    right, _ = run(adam, bowl(), START, 9)
    for opt in (AdamW(0.1, 0.8, 0.95, weight_decay=0.0), QHAdam(0.1, 0.8, 0.95, 1.0, 1.0)):
        np.testing.assert_allclose(run(opt, bowl(), START, 9)[0], right, rtol=1e-14)
    # While squares grow, the largest v is the last.
    slopes = np.random.default_rng(0).choice([-1, 1], size=30) * 1.5 ** np.arange(30)
    for opt in (AMSGrad(0.1, 0.8, 0.95), AMSGrad(0.1, 0.8, 0.95, max_over="v_hat")):
        np.testing.assert_array_equal(moves(opt, slopes), moves(adam, slopes))
    paper = AMSGrad(0.1, 0.8, 0.95, bias_correction=False)
    raw = dataclasses.replace(adam, bias_correction=False)
    np.testing.assert_array_equal(moves(paper, slopes), moves(raw, slopes))


def test_decay_joins_the_gradient_before_it_is_scaled_or_stands_beside_the_step():
    # So a large weight with a small gradient decays no faster than lr: AdamW exists for this.
    nothing = ck.Objective(lambda x: 0 * np.sum(x))
    theta = np.array([1000.0])
    path, _ = run(Adam(lr=0.1, weight_decay=0.5), nothing, theta, 3)
    np.testing.assert_allclose(path[:, 0], [1000, 999.9, 999.8, 999.7], rtol=1e-7)
    path, _ = run(AdamW(lr=0.1, weight_decay=0.5), nothing, theta, 3)
    np.testing.assert_allclose(path[:, 0], 1000 * 0.95 ** np.arange(4), rtol=1e-14)
    # The memories of AdamW never see the weights.
    a, b = (run(AdamW(weight_decay=w), Given([3.0] * 5), theta, 5)[1] for w in (0.0, 0.5))
    np.testing.assert_array_equal([a.m, a.v], [b.m, b.v])


def test_beta_may_be_a_schedule():
    opt = dataclasses.replace(MINE["Adam"], beta1=lambda k: 0.8)
    np.testing.assert_array_equal(
        run(opt, bowl(), START, 4)[0], run(MINE["Adam"], bowl(), START, 4)[0]
    )


# --- AMSGrad
def reddi(opt):
    """Where opt ends on f_t = 3 x once in three steps, else -x, on [-1, 1], and its mean regret.

    Reddi et al. 2018, theorem 1: the best point is -1.
    """
    theta, slopes = np.ones(1), [3.0, -1.0, -1.0] * 3334
    f, state, lost = Given(slopes), opt.init(theta), 0.0
    for slope in slopes[:10_000]:
        lost += slope * (theta[0] - -1)
        theta, state = opt.step(theta, state, f)
        theta = np.clip(theta, -1, 1)
    return theta[0], lost / 10_000


def test_adam_goes_the_wrong_way_on_reddis_sequence_and_amsgrad_the_right():
    beta2 = 1 / 10  # 1 / (1 + C^2), C = 3
    schedule = lambda k: 0.5 * math.sqrt(1 - beta2) / math.sqrt(k + 1)  # noqa: E731
    fields = {"lr": schedule, "beta1": 0.0, "beta2": beta2, "eps": 0.0, "bias_correction": False}
    end, regret = reddi(Adam(**fields))
    assert end > 0.9 and regret > 0.6
    end, regret = reddi(AMSGrad(**fields))
    assert end < -0.999 and regret < 0.03


def test_only_the_corrected_maximum_never_falls():
    slopes = [1.0] + [1e-3] * 50
    states = {}
    for max_over in ("v", "v_hat"):
        opt = AMSGrad(beta2=0.9, max_over=max_over)
        states[max_over] = [run(opt, Given(slopes), np.zeros(1), k)[1] for k in range(1, 40)]
        assert (np.diff([s.v_max[0] for s in states[max_over]]) >= 0).all()
    assert all(s.v_max == 1 for s in states["v_hat"])  # v / (1 - beta2), remembered
    divided_by = [s.v_max[0] / (1 - 0.9**s.k) for s in states["v"]]
    assert divided_by[0] == pytest.approx(1) and divided_by[-1] == pytest.approx(0.1, rel=0.02)


# --- the schedules within Nadam and RAdam
def test_momentum_of_nadam_grows_to_beta1():
    opt = Nadam()
    mu = [opt.at(k, START).mu for k in (0, 249, 24_999)]
    right = [0.9 * (1 - 0.96**power / 2) for power in (0.004, 1, 100)]
    np.testing.assert_allclose(mu, right, rtol=1e-14)
    assert opt.at(5, START).mu_next == opt.at(6, START).mu
    keras = [Nadam(momentum_decay=1.0).at(k, START).mu for k in (0, 99)]
    np.testing.assert_allclose(keras, [0.9 * 0.52, 0.9 * (1 - 0.96**100 / 2)], rtol=1e-14)
    assert {Nadam(momentum_decay=0.0).at(k, START).mu for k in range(9)} == {0.45}
    assert {Nadam(momentum_decay=None).at(k, START).mu for k in range(9)} == {0.9}
    at_once, none = (
        run(Nadam(0.1, momentum_decay=decay), bowl(), START, 9)[0] for decay in (1e9, None)
    )
    np.testing.assert_array_equal(at_once, none)


def test_the_product_of_nadam_is_a_number():
    _, state = run(Nadam(momentum_decay=0.0), Given([1.0] * 3), np.zeros(2, "float32"), 3)
    assert type(state.product) is float and state.product == pytest.approx(0.45**3)


def test_radam_waits_five_steps_and_then_trusts_v_more_and_more():
    opt = RAdam()
    trusted = [opt.at(k, START).trusted for k in range(10)]
    assert trusted == [False] * 5 + [True] * 5
    r = [opt.at(k, START).r for k in range(5, 20_000, 5)]
    assert r[0] == pytest.approx(0.0258, rel=0.01) and (np.diff(r) >= 0).all()
    assert 0.999 < r[-1] <= 1
    assert not any(RAdam(beta2=0.6).at(k, START).trusted for k in range(1000))
    # Until then it is momentum, and only that.
    slopes = np.random.default_rng(0).normal(size=5)
    mean = [faded(slopes[: k + 1], 0.9) / (1 - 0.9 ** (k + 1)) for k in range(5)]
    np.testing.assert_allclose(moves(RAdam(lr=0.1), slopes), -0.1 * np.array(mean), rtol=1e-12)
