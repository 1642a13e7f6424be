"""Schedules: against PyTorch's recurrences, from step to step and past the end; sums; plateaus."""

import dataclasses
import itertools
import math
import pickle

import numpy as np
import pytest

import coursekit as ck
from coursekit.optim import hyperparameters
from tests.optim.cases import bowl, run

S = ck.schedules
CASES = {
    "Constant": S.Constant(0.3),
    "InverseTime": S.InverseTime(0.3, 0.05),
    "InversePower": S.InversePower(0.3, 0.6),
    "Exponential": S.Exponential(0.3, 0.02),
    "Staircase": S.Staircase(0.3, 5.0, 7),
    "MultiStep": S.MultiStep(0.3, (4, 4, 30), 0.2),
    "Polynomial": S.Polynomial(0.3, 17, 0.9, 0.01),
    "Cosine": S.Cosine(0.3, 17, 0.01),
    "WarmRestarts": S.WarmRestarts(0.3, 4, 3, 0.01),
    "Cyclic": S.Cyclic(0.01, 0.3, 3, 5, "triangular2", base_momentum=0.7),
    "OneCycle": S.OneCycle(0.3, 40, 0.25, "linear", three_phase=True),
    "Warmup": S.Warmup(S.Cosine(0.3, 17, 0.01), 6, 0.25),
    "PerEpoch": S.per_epoch(S.Staircase(0.3, 5.0, 2), 9),
    "Plateau": S.Plateau(0.3, "max", 0.5, 0, best=2.5, num_bad_epochs=1),
    "Sutskever": S.Sutskever(0.8),
    "Dozat": S.Dozat(0.95),
}
every_case = pytest.mark.parametrize("schedule", CASES.values(), ids=CASES)


def values(schedule, n):
    return [schedule(k) for k in range(n)]


def close(got, right, rtol=1e-12):
    np.testing.assert_allclose(got, right, rtol=rtol, atol=0)


# --- step by step, past the end; the right-hand sides are recurrences, ours are closed forms
def recurrence(lr, factor, n):
    """lr, then each value times factor(k)."""
    found = [lr]
    for k in range(1, n):
        found.append(found[-1] * factor(k))
    return found


def test_decay_by_a_factor():
    close(values(S.Constant(0.3), 4), [0.3] * 4)
    close(values(S.Exponential(0.3, 0.1), 200), recurrence(0.3, lambda k: math.exp(-0.1), 200))
    stairs = recurrence(0.3, lambda k: 1 / 5 if k in (7, 14, 21, 28) else 1, 35)
    close(values(S.Staircase(0.3, 5, 7), 35), stairs)
    several = recurrence(0.3, lambda k: {4: 0.2 * 0.2, 30: 0.2}.get(k, 1), 50)
    close(values(CASES["MultiStep"], 50), several)
    assert S.MultiStep(milestones=[30, 4]) == S.MultiStep(milestones=(30, 4))
    assert S.Staircase(0.3, 10, 1)(10_000) == 0


def test_decay_like_a_power():
    close(values(S.InverseTime(0.3, 0.05), 5), [0.3 / d for d in (1, 1.05, 1.1, 1.15, 1.2)])
    close(values(S.InversePower(0.3, 0.5), 4), [0.3, 0.3 / 2**0.5, 0.3 / 3**0.5, 0.15])
    for power in (0.9, 1.0, 3.0):  # PyTorch multiplies by the ratio of two neighbours
        ratio = lambda k, p=power: ((17 - k) / (18 - k)) ** p if k <= 17 else 1  # noqa: E731
        close(values(S.Polynomial(0.3, 17, power), 40), recurrence(0.3, ratio, 40), 1e-11)
    close(values(S.Polynomial(0.5, 4, 2.0, 0.1), 7), [0.5, 0.325, 0.2, 0.125, 0.1, 0.1, 0.1])


def test_cosine_goes_on_after_its_end_as_in_pytorch():
    T, low, high = 17, 0.01, 0.3
    right = [high]
    for k in range(1, 4 * T):  # CosineAnnealingLR's recurrence
        if (k - 1 - T) % (2 * T) == 0:  # leaving the bottom
            right.append(right[-1] + (high - low) * (1 - math.cos(math.pi / T)) / 2)
        else:
            ratio = (1 + math.cos(math.pi * k / T)) / (1 + math.cos(math.pi * (k - 1) / T))
            right.append(ratio * (right[-1] - low) + low)
    close(values(S.Cosine(high, T, low), 4 * T), right, 1e-11)
    assert S.Cosine(high, T, low)(T) == low and S.Cosine(high, T, low)(2 * T) == high


@pytest.mark.parametrize("T_0, T_mult", [(1, 1), (5, 1), (4, 3), (1, 2)])
def test_restarts(T_0, T_mult):
    right, length = [], T_0
    while len(right) < 300:
        half = [(1 + math.cos(math.pi * j / length)) / 2 for j in range(length)]
        right += [0.01 + 0.29 * h for h in half]
        length *= T_mult
    close(values(S.WarmRestarts(0.3, T_0, T_mult, 0.01), 300), right[:300])


@pytest.mark.parametrize("down", [None, 5, 1])
@pytest.mark.parametrize("mode", ["triangular", "triangular2", "exp_range"])
def test_triangles(mode, down):
    schedule = S.Cyclic(0.01, 0.3, 3, down, mode, 0.98, 0.7, 0.95)
    size, ratio = 3 + (down or 3), 3 / (3 + (down or 3))
    for k in range(100):  # as Smith writes it, with real numbers
        cycle = math.floor(1 + k / size)
        x = 1 + k / size - cycle
        height = x / ratio if x <= ratio else (x - 1) / (ratio - 1)
        height *= {"triangular": 1, "triangular2": 0.5 ** (cycle - 1), "exp_range": 0.98**k}[mode]
        assert schedule(k) == pytest.approx(0.01 + 0.29 * height, abs=1e-13)
        assert schedule.momentum(k) == pytest.approx(0.95 - 0.25 * height, abs=1e-13)


@pytest.mark.parametrize("mode", ["triangular", "exp_range"])
@pytest.mark.parametrize("down", [None, 5])
def test_triangles_of_a_height_of_ones_own(mode, down):
    settings = {"base_lr": 0.01, "max_lr": 0.3, "step_size_up": 3, "step_size_down": down}
    plain = S.Cyclic(**settings)
    length = 3 + (down or 3)
    for scale_mode in ("cycle", "iterations"):
        own = S.Cyclic(**settings, mode=mode, gamma=0.5, scale_fn=wave, scale_mode=scale_mode)
        for k in range(60):
            share = (plain(k) - 0.01) / 0.29 * wave(k // length + 1 if scale_mode == "cycle" else k)
            assert own(k) == pytest.approx(0.01 + 0.29 * share, abs=1e-13)
            assert own.momentum(k) == pytest.approx(0.9 - 0.1 * share, abs=1e-13)
    halves = S.Cyclic(**settings, scale_fn=lambda cycle: 2.0 ** (1 - cycle))
    close(values(halves, 60), values(S.Cyclic(**settings, mode="triangular2"), 60))
    assert pickle.loads(pickle.dumps(own)) == own
    assert S.Cyclic(scale_mode="iterations") != S.Cyclic()
    assert values(S.Cyclic(0.0, 1.0, 2, mode="triangular2", scale_mode="iterations"), 7) == [
        0, 0.5, 1, 0.5, 0, 0.25, 0.5
    ]  # fmt: skip


def wave(x):
    return 0.6 + 0.4 * math.sin(x)


@pytest.mark.parametrize("shape", ["cos", "linear"])
@pytest.mark.parametrize("three_phase", [False, True])
def test_one_cycle(shape, three_phase):
    schedule = S.OneCycle(1.0, 41, 0.25, shape, 0.8, 0.9, 20.0, 50.0, three_phase)
    top = 0.25 * 41 - 1
    knots = [(0, 0.05, 0.9), (top, 1.0, 0.8), (40, 0.001, 0.9)]
    if three_phase:
        knots.insert(2, (2 * top, 0.05, 0.9))
    for (a, lr_a, mu_a), (b, lr_b, mu_b) in itertools.pairwise(knots):
        for k in range(math.ceil(a), math.floor(b) + 1):
            share = (k - a) / (b - a)
            if shape == "cos":
                share = math.sin(math.pi / 2 * share) ** 2
            assert schedule(k) == pytest.approx(lr_a + (lr_b - lr_a) * share, rel=1e-12)
            assert schedule.momentum(k) == pytest.approx(mu_a + (mu_b - mu_a) * share, rel=1e-12)
    assert schedule(1000) == schedule(40) and schedule.momentum(1000) == schedule.momentum(40)
    assert max(values(schedule, 41)) > 0.97  # the top need not be a whole step


def test_one_cycle_without_a_way_up_or_down():
    assert S.OneCycle(1.0, 10, 0.1)(0) == 1  # the way up ends at step 0
    assert S.OneCycle(1.0, 10, 1.0)(9) == 1
    assert S.OneCycle(1.0, 1)(0) == pytest.approx(4e-6)


def test_one_cycle_of_epochs():
    cycle = S.OneCycle(1.0, epochs=3, steps_per_epoch=7)
    assert cycle.total_steps == 21 and values(cycle, 30) == values(S.OneCycle(1.0, 21), 30)
    assert cycle == S.OneCycle(1.0, 21, epochs=3, steps_per_epoch=7)
    assert cycle == eval(repr(cycle), vars(S).copy())
    for alone in ("epochs", "steps_per_epoch"):
        with pytest.raises(ValueError, match=f"pass total_steps, or both of .*{alone}=3"):
            S.OneCycle(1.0, 21, **{alone: 3})
    with pytest.raises(ValueError, match=r"total_steps is 20, but epochs=3 and .*=7 make 21"):
        S.OneCycle(1.0, 20, epochs=3, steps_per_epoch=7)
    with pytest.raises(ValueError, match=r"total_steps is 21, but epochs=4 and .*=7 make 28"):
        dataclasses.replace(cycle, epochs=4)
    with pytest.raises(TypeError, match=r"epochs must be a whole number in \[1, inf\), not 2.5"):
        S.OneCycle(epochs=2.5, steps_per_epoch=7)


def test_warm_up():
    line = [0.3 * (0.25 + 0.75 * k / 6) for k in range(6)]
    cosine = values(S.Cosine(0.3, 17, 0.01), 60)
    close(values(CASES["Warmup"], 60), [*line, *cosine[:54]])
    together = dataclasses.replace(CASES["Warmup"], shift=False)
    factors = [min(0.25 + 0.75 * k / 6, 1) for k in range(60)]
    close(values(together, 60), np.multiply(factors, cosine))
    close(values(S.Warmup(0.3, 6, 0.25), 10), [*line, 0.3, 0.3, 0.3, 0.3])
    assert S.Warmup(lambda k: 1.0 + k, 2, 0.0)(5) == 4


def test_warm_up_to_a_share():
    """LinearLR as PyTorch chains it, and what follows in each of three ways."""
    factor = lambda k: 1 + (0.1 - 0.25) / (6 * 0.25 + (k - 1) * (0.1 - 0.25)) if k <= 6 else 1  # noqa: E731
    line = recurrence(0.3 * 0.25, factor, 20)
    assert line[6] == pytest.approx(0.03) and line[19] == pytest.approx(0.03)
    close(values(S.Warmup(0.3, 6, 0.25, end_factor=0.1), 20), line)
    cosine = S.Cosine(0.3, 17, 0.01)
    after = S.Warmup(cosine, 6, 0.25, end_factor=0.1)
    close(values(after, 40), [*line[:6], *values(cosine, 34)])  # whole from then on
    together = dataclasses.replace(after, shift=False)
    shares = np.array([*line, *[0.03] * 20]) / 0.3
    close(values(together, 40), shares * values(cosine, 40))
    assert S.Warmup(0.3, 6, 0.0, end_factor=0.0)(100) == 0


def test_epochs():
    schedule = S.per_epoch(S.MultiStep(1.0, (2, 3), 0.5), steps=4)
    assert values(schedule, 14) == [1.0] * 8 + [0.5] * 4 + [0.25] * 2


def test_momentum_schedules():
    mu = S.Sutskever(0.9)
    for k in (0, 249, 250, 499, 500, 999, 1000, 10_000):  # as the paper writes it
        assert mu(k) == pytest.approx(min(1 - 2 ** (-1 - math.log2(k // 250 + 1)), 0.9))
    assert (mu(249), mu(250), mu(10_000)) == (0.5, 0.75, 0.9)
    assert S.Dozat(0.9)(0) == 0.45 and S.Dozat(0.9)(250) == pytest.approx(0.9 * 0.52)
    product = 1.0
    for k in range(1, 20):  # torch.optim.NAdam keeps this product, with 250 k = k / 0.004
        product *= 0.9 * (1 - 0.5 * 0.96 ** (k * 0.004))
    assert math.prod(values(S.Dozat(0.9), 20)[1:]) == pytest.approx(product)


@pytest.mark.parametrize("kind", [ck.optim.Momentum, ck.optim.Nesterov])
@pytest.mark.parametrize("mu", [S.Sutskever(), S.Dozat(), CASES["OneCycle"].momentum])
def test_optimizers_ask_for_lr_and_momentum_after_k_steps(kind, mu):
    schedule = CASES["OneCycle"]
    path, _ = run(kind(lr=schedule, momentum=mu), bowl(), np.ones(4), 6)
    x, u = np.ones(4), np.zeros(4)
    for k in range(6):
        g = bowl().grad(x)
        u = mu(k) * u + g
        x = x - schedule(k) * (u if kind is ck.optim.Momentum else g + mu(k + 1) * u)
        np.testing.assert_allclose(path[k + 1], x, rtol=1e-12)


# --- what theory asks of them
def sums(schedule, n):
    """The sum of n steps, and of their squares."""
    t = np.array(values(schedule, n))
    return t.sum(), (t**2).sum()


def test_robbins_and_monro_admit_one_over_t_only():
    """sum t_k without bound and sum t_k^2 bounded; seen in the growth from n to 10 n."""
    n = 20_000

    def growth(schedule):
        (a, b), (c, d) = sums(schedule, n), sums(schedule, 10 * n)
        return c - a, d - b

    step, square = growth(S.InverseTime(0.1, 0.01))
    assert step == pytest.approx(0.1 / 0.01 * math.log(10), rel=0.01)  # for each factor 10
    assert square < 0.1**2 / 0.01**2 / n  # the integral that is left
    for power, unbounded, squares_bounded in [
        (0.4, True, False), (0.5, True, False), (0.75, True, True), (1.0, True, True),
        (1.5, False, True),
    ]:  # fmt: skip
        step, square = growth(S.InversePower(0.1, power))
        assert (step > 0.1) == unbounded, power
        assert (square < 0.001) == squares_bounded, power
    for schedule in (S.Exponential(0.1, 0.01), S.Staircase(0.1, 10, 1000), S.Polynomial(0.1, 100)):
        assert growth(schedule) == pytest.approx((0, 0), abs=1e-12)
    assert growth(S.Constant(0.1))[1] == pytest.approx(0.01 * 9 * n)


def test_exponential_and_staircase_go_a_finite_way():
    """What is called a decay for Robbins and Monro's theorem does not satisfy its condition."""
    million = np.arange(1_000_000)
    assert S.InverseTime(0.1, 0.01)(million).sum() == pytest.approx(92.2, abs=0.1)  # and grows
    assert S.InversePower(0.1, 0.5)(million).sum() == pytest.approx(200, abs=0.2)
    limit = 0.1 / (1 - math.exp(-0.01))
    assert sums(S.Exponential(0.1, 0.01), 20_000)[0] == pytest.approx(limit, rel=1e-12)
    assert limit - 0.1 == pytest.approx(9.95, abs=0.005)  # counted from the second step on
    assert sums(S.Staircase(0.1, 10, 1000), 20_000)[0] == pytest.approx(1000 / 9, rel=1e-12)

    slope = ck.Objective(lambda x: -np.sum(x))  # a minimum at a distance d is out of reach
    path = ck.minimize(slope, np.zeros(1), ck.optim.SGD(lr=S.Exponential(0.1, 0.01)), steps=5000)
    assert 10.0 < path.theta[0] <= limit * (1 + 1e-9)


# --- plateaus
def observed(schedule, metrics):
    """lr after each of the metrics."""
    found = []
    for metric in metrics:
        schedule = schedule.observe(metric)
        found.append(schedule(0))
    return found


PLATEAUS = {  # settings, metrics, lr after each
    "more than patience": ({"patience": 2}, [3, 2, 2, 2, 2, 2], [1, 1, 1, 1, 0.5, 0.5]),
    "patience 0": ({"patience": 0}, [3, 2, 2, 1, 1], [1, 1, 0.5, 0.5, 0.25]),
    "improvement starts anew": ({"patience": 1}, [3, 3, 2, 2, 2], [1, 1, 1, 1, 0.5]),
    "relative": ({"patience": 0, "threshold": 0.5}, [4, 2, 1.9], [1, 0.5, 0.5]),
    "absolute": (
        {"patience": 0, "threshold": 0.5, "threshold_mode": "abs"}, [4, 3.6, 3.4], [1, 0.5, 0.5]
    ),
    "max": ({"patience": 0, "mode": "max", "threshold": 0.5}, [2, 3, 3.1, 4], [1, 0.5, 0.5, 0.25]),
    "max absolute": (
        {"patience": 0, "mode": "max", "threshold": 0.5, "threshold_mode": "abs"},
        [2, 2.5, 2.6], [1, 0.5, 0.5],
    ),
    "a negative best": ({"patience": 0, "threshold": 0.5}, [-2, -1.5, -1.1], [1, 1, 1]),
    "cooldown": ({"patience": 0, "cooldown": 2}, [1] * 6, [1, 0.5, 0.5, 0.5, 0.25, 0.25]),
    "cooldown sees a best": ({"patience": 0, "cooldown": 1}, [3, 3, 1, 2], [1, 0.5, 0.5, 0.25]),
    "min_lr": ({"patience": 0, "min_lr": 0.3}, [1] * 4, [1, 0.5, 0.3, 0.3]),
    "eps": ({"patience": 0, "eps": 0.3}, [1] * 4, [1, 0.5, 0.5, 0.5]),
    "nan is bad": ({"patience": 0}, [2, math.nan, 1], [1, 0.5, 0.5]),
    "nan first": ({"patience": 0}, [math.nan, 1, 1], [0.5, 0.5, 0.25]),
    "infinity": ({"patience": 0}, [math.inf, 1], [0.5, 0.5]),
}  # fmt: skip


@pytest.mark.parametrize("settings, metrics, right", PLATEAUS.values(), ids=PLATEAUS)
def test_plateaus(settings, metrics, right):
    schedule = S.Plateau(1.0, factor=0.5, **settings)
    assert observed(schedule, metrics) == right
    assert schedule(0) == 1 and schedule.best is None  # it changes nothing in place
    assert observed(schedule, np.array(metrics, dtype="float64")) == right


def test_a_nan_does_not_become_the_best():
    schedule = S.Plateau(patience=5).observe(math.nan)
    assert schedule.best is None and schedule.num_bad_epochs == 1
    assert schedule.observe(2.0).observe(math.nan).best == 2


@pytest.mark.parametrize("metric", ["0.5", "a", None, np.ones(1), [1.0]])
def test_a_plateau_watches_numbers(metric):
    with pytest.raises(TypeError, match="Plateau: metric must be a number, not "):
        S.Plateau().observe(metric)


def test_schedules_around_a_plateau_pass_on_what_is_observed():
    falling = S.Plateau(1.0, factor=0.5, patience=0)
    for around in (S.Warmup(falling, 2, 0.5), S.per_epoch(falling, 3)):
        after = around.observe(1.0).observe(1.0)
        assert (around(9), after(9)) == (1, 0.5)
    assert S.Warmup(0.1).observe(1.0) == S.Warmup(0.1)
    assert S.per_epoch(S.Cosine(), 3).observe(1.0) == S.per_epoch(S.Cosine(), 3)
    opt = ck.optim.SGD(lr=S.Warmup(falling, 2, 0.5)).observe(1.0).observe(1.0)
    assert opt.lr(0) == 0.25


# --- in a training
@pytest.fixture(scope="module")
def data():
    return ck.data.blobs(n=44, spread=0.6)


def fit(data, lr, **settings):
    opt = ck.optim.ClipNorm(ck.optim.Momentum(lr=lr))
    settings = {"epochs": 12, "batch_size": 10, "progress": False, **settings}
    return ck.fit(ck.MLP([2, 6, 3]), data, opt, **settings)


FALLING = S.Plateau(0.5, factor=0.5, patience=0)


@pytest.mark.parametrize("monitor", ["val_loss", "train_loss", "val_accuracy"])
def test_fit_shows_a_plateau_what_it_watches(data, monitor):
    mode = "max" if monitor == "val_accuracy" else "min"
    lr = dataclasses.replace(FALLING, monitor=monitor, mode=mode)
    history = fit(data, lr)
    right = lr
    for metric in getattr(history, monitor):
        right = right.observe(metric)
    assert history.opt.inner.lr == right and right.lr < 0.5


def test_the_lr_of_a_plateau_is_that_of_the_steps(data):
    """The run with a plateau is the run with the step sizes that it took."""
    history = fit(data, FALLING)
    steps = history.steps // history.epochs
    schedule, rates = FALLING, []
    for metric in history.val_loss:
        rates += steps * [schedule.lr]
        schedule = schedule.observe(metric)
    assert len(set(rates)) > 1
    same = fit(data, lambda k: rates[k])
    np.testing.assert_array_equal(same.step_loss, history.step_loss)


def test_without_validation_data_a_plateau_sees_the_training_loss(data):
    history = fit(data.train, FALLING)
    right = FALLING
    for metric in history.train_loss:
        right = right.observe(metric)
    assert history.opt.inner.lr == right


def test_fit_refuses_what_a_plateau_cannot_see(data):
    watch = lambda **settings: S.Warmup(dataclasses.replace(FALLING, **settings))  # noqa: E731
    with pytest.raises(ValueError, match="Plateau watches val_accuracy, but there is no validati"):
        fit(data.train, watch(monitor="val_accuracy", mode="max"))
    with pytest.raises(ValueError, match=r"mode='max'\) watches val_loss: pass mode='min' or anot"):
        fit(data, watch(mode="max"))
    with pytest.raises(ValueError, match=r"mode='min'\) watches val_accuracy: pass mode='max'"):
        fit(data, watch(monitor="val_accuracy"))
    both = ck.optim.Momentum(lr=watch(), momentum=watch(monitor="train_loss"))
    with pytest.raises(ValueError, match="Momentum watch train_loss and val_loss: they must"):
        ck.fit(ck.MLP([2, 6, 3]), data, both, epochs=1, progress=False)


@pytest.mark.parametrize("until", [1, 4, 9])
def test_a_plateau_resumes_exactly(data, until, tmp_path):
    file = tmp_path / "run.npz"
    lr = S.Warmup(dataclasses.replace(FALLING, patience=1, cooldown=1), 3)
    whole = fit(data, lr)
    fit(data, lr, epochs=until, checkpoint=file)
    part = fit(data, lr, epochs=until + 1, checkpoint=file, resume=file)  # and once more
    assert part.epochs == until + 1
    resumed = fit(data, lr, resume=file)
    np.testing.assert_array_equal(resumed.theta, whole.theta)
    np.testing.assert_array_equal(resumed.val_loss, whole.val_loss)
    assert resumed.opt.inner.lr == whole.opt.inner.lr != lr


# --- what they are
def test_every_schedule_is_tried():
    assert {type(s).__name__ for s in CASES.values()} | {"per_epoch"} == set(S.__all__)
    assert all(hasattr(S, name) for name in S.__all__)


@every_case
def test_frozen_comparable_picklable_and_remade_by_their_repr(schedule):
    name = hyperparameters(schedule)[0].name
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(schedule, name, 1)
    for same in (pickle.loads(pickle.dumps(schedule)), eval(repr(schedule), vars(S).copy())):
        assert same == schedule and values(same, 50) == values(schedule, 50)
    assert type(schedule)() != schedule
    assert all(isinstance(v, float) and math.isfinite(v) for v in values(schedule, 1000))


def test_momentum_of_a_cycle_pickles():
    for schedule in (CASES["OneCycle"], CASES["Cyclic"]):
        same = pickle.loads(pickle.dumps(schedule.momentum))
        assert values(same, 50) == values(schedule.momentum, 50)


FIELDS = {f"{type(s).__name__}.{h.name}": (type(s), h)
          for s in CASES.values() for h in hyperparameters(s)}  # fmt: skip


@pytest.mark.parametrize("cls, h", FIELDS.values(), ids=FIELDS)
def test_fields_say_what_they_take_and_refuse_the_rest(cls, h):
    assert h.doc and h.default == getattr(cls(), h.name)
    for wrong in ("no such thing", ["0.1"], 1j, math.nan, True, np.ones(2)):
        if h.choices and True in h.choices and wrong is True:
            continue
        with pytest.raises((ValueError, TypeError), match=f"{cls.__name__}: {h.name} must "):
            cls(**{h.name: wrong})
    for end in (h.low - 1, h.high + 1):
        if math.isfinite(end):
            with pytest.raises(ValueError, match=f"{h.name} must lie in"):
                cls(**{h.name: (end,) if h.kind == "numbers" else type(h.low)(end)})
    if h.slider:
        cls(**{h.name: h.slider[0]}), cls(**{h.name: h.slider[1]})


# --- PyTorch itself
def torch_rates(make, n, lr=0.3):
    """lr and momentum of n steps under a scheduler of torch.optim."""
    import torch

    parameter = torch.nn.Parameter(torch.zeros(1))
    opt = torch.optim.SGD([parameter], lr=lr, momentum=0.9)
    scheduler, found = make(opt, torch.optim.lr_scheduler), []
    for k in range(n):
        found.append([opt.param_groups[0][name] for name in ("lr", "momentum")])
        opt.step()
        if k < n - 1:
            scheduler.step()
    return np.array(found).T


PEERS = {
    "StepLR": (S.Staircase(0.3, 5.0, 7), lambda o, t: t.StepLR(o, 7, 0.2)),
    "MultiStepLR": (CASES["MultiStep"], lambda o, t: t.MultiStepLR(o, [4, 4, 30], 0.2)),
    "ExponentialLR": (S.Exponential(0.3, 0.05), lambda o, t: t.ExponentialLR(o, math.exp(-0.05))),
    "PolynomialLR": (S.Polynomial(0.3, 17, 0.9), lambda o, t: t.PolynomialLR(o, 17, 0.9)),
    "CosineAnnealingLR": (S.Cosine(0.3, 17, 0.01), lambda o, t: t.CosineAnnealingLR(o, 17, 0.01)),
    "CosineAnnealingWarmRestarts": (
        S.WarmRestarts(0.3, 4, 3, 0.01), lambda o, t: t.CosineAnnealingWarmRestarts(o, 4, 3, 0.01)
    ),
    "CyclicLR": (S.Cyclic(0.01, 0.3, 3, 5), lambda o, t: t.CyclicLR(o, 0.01, 0.3, 3, 5)),
    "CyclicLR exp_range": (
        S.Cyclic(0.01, 0.3, 3, mode="exp_range", gamma=0.9),
        lambda o, t: t.CyclicLR(o, 0.01, 0.3, 3, mode="exp_range", gamma=0.9),
    ),
    "CyclicLR scale_fn": (
        S.Cyclic(0.01, 0.3, 3, 5, "triangular2", scale_fn=wave),
        lambda o, t: t.CyclicLR(o, 0.01, 0.3, 3, 5, "triangular2", scale_fn=wave),
    ),
    "CyclicLR scale_fn of iterations": (
        S.Cyclic(0.01, 0.3, 3, mode="exp_range", scale_fn=wave, scale_mode="iterations"),
        lambda o, t: t.CyclicLR(o, 0.01, 0.3, 3, scale_fn=wave, scale_mode="iterations"),
    ),
    "OneCycleLR of epochs": (
        S.OneCycle(0.3, epochs=3, steps_per_epoch=7),
        lambda o, t: t.OneCycleLR(o, 0.3, epochs=3, steps_per_epoch=7),
    ),
    "OneCycleLR": (S.OneCycle(0.3, 100), lambda o, t: t.OneCycleLR(o, 0.3, 100)),
    "OneCycleLR linear": (
        CASES["OneCycle"],
        lambda o, t: t.OneCycleLR(
            o, 0.3, 40, pct_start=0.25, anneal_strategy="linear", three_phase=True
        ),
    ),
    "LinearLR, then": (
        S.Warmup(S.Cosine(0.3, 17), 6, 0.25),
        lambda o, t: t.SequentialLR(
            o, [t.LinearLR(o, 0.25, total_iters=6), t.CosineAnnealingLR(o, 17)], [6]
        ),
    ),
    "LinearLR to a share": (
        S.Warmup(0.3, 6, 0.25, end_factor=0.1), lambda o, t: t.LinearLR(o, 0.25, 0.1, 6)
    ),
    "LinearLR to a share, then": (
        S.Warmup(S.Cosine(0.3, 17), 6, 0.25, end_factor=0.5),
        lambda o, t: t.SequentialLR(
            o, [t.LinearLR(o, 0.25, 0.5, 6), t.CosineAnnealingLR(o, 17)], [6]
        ),
    ),
    "LinearLR to a share, with": (
        S.Warmup(S.Staircase(0.3, 5.0, 4), 6, 0.25, shift=False, end_factor=0.5),
        lambda o, t: t.ChainedScheduler([t.LinearLR(o, 0.25, 0.5, 6), t.StepLR(o, 4, 0.2)]),
    ),
    "LinearLR, with": (
        S.Warmup(S.Staircase(0.3, 5.0, 4), 6, 0.25, shift=False),
        lambda o, t: t.ChainedScheduler([t.LinearLR(o, 0.25, total_iters=6), t.StepLR(o, 4, 0.2)]),
    ),
}  # fmt: skip


@pytest.mark.peers
@pytest.mark.parametrize("schedule, make", PEERS.values(), ids=PEERS)
@pytest.mark.filterwarnings("ignore:The epoch parameter:UserWarning")
def test_pytorch_agrees_from_step_to_step(schedule, make):
    pytest.importorskip("torch")
    n = schedule.total_steps if isinstance(schedule, S.OneCycle) else 100
    lr, momentum = torch_rates(make, n)
    close(values(schedule, n), lr, 1e-11)
    if hasattr(schedule, "momentum"):
        close(values(schedule.momentum, n), momentum, 1e-11)


@pytest.mark.peers
def test_pytorch_agrees_on_plateaus():
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(0)
    odd = [math.nan, math.inf, -math.inf, 0.0]
    for _ in range(60):
        settings = {
            "mode": ("min", "max"), "threshold_mode": ("rel", "abs"), "patience": (0, 1, 3),
            "factor": (0.0, 0.5, 0.9), "threshold": (0.0, 1e-4, 0.3, 1.0), "cooldown": (0, 1, 4),
            "min_lr": (0.0, 0.01, 0.5), "eps": (0.0, 1e-8, 0.02),
        }  # fmt: skip
        settings = {k: v[rng.integers(len(v))] for k, v in settings.items()}
        opt = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.3)
        theirs = torch.optim.lr_scheduler.ReduceLROnPlateau(opt, **settings)
        ours = S.Plateau(0.3, **settings)
        for metric in np.where(rng.random(50) < 0.1, rng.choice(odd, 50), rng.normal(size=50)):
            theirs.step(metric)
            ours = ours.observe(metric)
            assert ours(0) == opt.param_groups[0]["lr"], settings
            assert ours.num_bad_epochs == theirs.num_bad_epochs
            assert ours.cooldown_counter == theirs.cooldown_counter
