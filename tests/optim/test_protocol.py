"""What holds for every optimizer: a pure step, schedules and arrays, precision, resuming."""

import dataclasses
import inspect
import pickle
from collections import namedtuple

import numpy as np
import pytest

import coursekit as ck
from coursekit import backend, optim
from coursekit.backend import fused
from coursekit.optim import Elementwise, Optimizer, hyper, hyperparameters
from tests.optim.cases import (
    BATCHED,
    CASES,
    CLASSES,
    ELEMENTWISE,
    bowl,
    leaves,
    network,
    rebuilt,
    run,
)

START = np.array([1.0, -2.0, 0.5, 3.0])
every_case = pytest.mark.parametrize("opt", CASES.values(), ids=CASES)
every_elementwise_case = pytest.mark.parametrize("opt", ELEMENTWISE.values(), ids=ELEMENTWISE)
every_batched_case = pytest.mark.parametrize("opt", BATCHED.values(), ids=BATCHED)
RATES = ("lr", "momentum", "weight_decay")  # take schedules and arrays


def rates(opt):
    names = [h.name for h in hyperparameters(opt) if h.name in RATES]
    if getattr(type(opt), "line_search", opt) is None and opt.line_search is not None:
        names.remove("lr")  # the search stands in its place
    return names


WITH_RATE = {name: opt for name, opt in CASES.items() if "lr" in rates(opt)}
every_case_with_a_rate = pytest.mark.parametrize("opt", WITH_RATE.values(), ids=WITH_RATE)
PAIRS = {f"{key} {name}": (opt, name) for key, opt in CASES.items() for name in rates(opt)}
every_rate = pytest.mark.parametrize("opt, name", PAIRS.values(), ids=PAIRS)
APART = {key: (opt, name) for key, (opt, name) in PAIRS.items() if opt.batched}  # no H mixes
every_rate_of_its_own = pytest.mark.parametrize("opt, name", APART.values(), ids=APART)


def exported():
    found = [getattr(optim, name) for name in optim.__all__]
    bases = (Optimizer, Elementwise)
    return {c for c in found if inspect.isclass(c) and issubclass(c, Optimizer) and c not in bases}


def test_every_optimizer_is_tried():
    assert set(CLASSES) == exported()


def test_every_flag_is_tried():
    for cls in CLASSES:
        cases = [opt for opt in CASES.values() if type(opt) is cls]
        for h in hyperparameters(cls):
            for choice in h.choices or ():
                if isinstance(choice, type):
                    tried = any(isinstance(getattr(opt, h.name), choice) for opt in cases)
                else:
                    tried = any(getattr(opt, h.name) == choice for opt in cases)
                assert tried or choice is callable, (cls, h.name, choice)


# --- the step is pure
@every_case
def test_a_step_changes_nothing_in_place(opt):
    f, theta, _ = network()
    state = opt.init(theta)
    for _ in range(3):
        gradients = []

        class Watched:
            def grad(self, point, gradients=gradients):
                g = f.grad(point)
                g.setflags(write=False)
                gradients.append((g, g.copy()))
                return g

            def value_and_grad(self, point):
                return f.value(point), self.grad(point)

            def __getattr__(self, name):
                return getattr(f, name)

        for a in (theta, *leaves(state)):
            if isinstance(a, np.ndarray):
                a.setflags(write=False)
        before = [np.copy(a) for a in (theta, *leaves(state))]
        new = opt.step(theta, state, Watched())
        for a, b in zip((theta, *leaves(state)), before, strict=True):
            np.testing.assert_array_equal(a, b)
        for g, copy in gradients:
            np.testing.assert_array_equal(g, copy)
        again = opt.step(theta, state, f)
        for a, b in zip((new[0], *leaves(new[1])), (again[0], *leaves(again[1])), strict=True):
            np.testing.assert_array_equal(a, b)
        assert not np.shares_memory(new[0], theta)
        theta, state = new


@every_case
def test_k_counts_completed_steps(opt):
    path, state = run(opt, bowl(), START, 3)
    assert opt.init(START).k == 0 and state.k == 3
    assert type(state.k) is int and state._fields[0] == "k"
    assert (path[1:] != path[:-1]).any()
    if type(opt).solution is Optimizer.solution:
        assert opt.solution(START, state) is START
    assert opt.solution(path[-1], state).shape == START.shape


@every_case
def test_interrupted_and_resumed_is_uninterrupted(opt):
    f, theta, _ = network()
    whole, _ = run(opt, f, theta, 6)
    first, state = run(opt, f, theta, 3)
    second, _ = run(opt, f, np.array(first[-1].tolist()), 3, rebuilt(state))
    np.testing.assert_array_equal(np.concatenate([first, second[1:]]), whole)


@every_case
def test_pickles(opt):
    path, state = run(opt, bowl(), START, 2)
    opt2, state2 = pickle.loads(pickle.dumps((opt, state)))
    assert repr(opt2) == repr(opt) and type(state2) is type(state)
    np.testing.assert_array_equal(
        opt2.step(path[-1], state2, bowl())[0], opt.step(path[-1], state, bowl())[0]
    )


def test_hyper_parameters_are_frozen():
    with pytest.raises(dataclasses.FrozenInstanceError):
        CASES["Adam"].lr = 3


# --- precision
@every_case
def test_float32_stays_float32(opt):
    theta = START.astype("float32")
    fields = {h.name for h in hyperparameters(opt)}
    kinds = [opt]
    if "lr" in fields:
        kinds += [
            dataclasses.replace(opt, lr=np.float64(0.1)),
            dataclasses.replace(opt, lr=np.full(4, 0.1)),
            dataclasses.replace(opt, lr=lambda k: np.float64(0.1)),
        ]
    if "weight_decay" in fields:
        kinds.append(dataclasses.replace(opt, weight_decay=np.float64(0.1)))
    if {"beta1", "beta2"} <= fields:
        kinds.append(dataclasses.replace(opt, beta1=np.float64(0.9), beta2=np.float64(0.999)))
    for o in kinds:
        path, state = run(o, bowl(), theta, 3)
        assert path.dtype == "float32"
        held = [a.dtype for a in leaves(state) if hasattr(a, "dtype")]
        assert {dtype.name for dtype in held if dtype.kind == "f"} <= {"float32"}


def test_numpy_numbers_mean_what_python_numbers_mean():
    theta = START.astype("float32")  # float32(0.999) ** k would be off in the fifth digit
    a, _ = run(optim.Adam(beta1=np.float64(0.9), beta2=np.float64(0.999)), bowl(), theta, 3)
    b, _ = run(optim.Adam(), bowl(), theta, 3)
    np.testing.assert_array_equal(a, b)


# --- shapes
@every_case
def test_one_element_is_a_theta(opt):
    alone, _ = run(opt, bowl(1), START[:1], 4)
    assert alone.shape == (5, 1) and np.isfinite(alone).all()


@every_batched_case
def test_many_runs_at_once_are_the_single_runs(opt):
    starts = np.stack([START, -START, 0.1 * START])
    lr = np.array([[0.05], [0.1], [0.2]])
    rated = hasattr(opt, "lr")
    many = dataclasses.replace(opt, lr=lr) if rated else opt
    together, _ = run(many, bowl(), starts, 5)
    assert together.shape == (6, 3, 4)
    for i, (start, (rate,)) in enumerate(zip(starts, lr.tolist(), strict=True)):
        one = dataclasses.replace(opt, lr=rate) if rated else opt
        alone, _ = run(one, bowl(), start, 5)
        np.testing.assert_allclose(together[:, i], alone, rtol=1e-14, atol=1e-16)


@every_elementwise_case
def test_coordinates_do_not_see_each_other(opt):
    together, _ = run(opt, bowl(), START, 5)

    def second(x):  # the second coordinate of bowl
        return 0.5 * x + 0.5 * x**3 / 3

    alone, _ = run(opt, ck.Objective(value=np.sum, grad=second), START[1:2], 5)
    np.testing.assert_allclose(together[:, 1:2], alone, rtol=1e-13)


# --- schedules and arrays
@every_case_with_a_rate
def test_schedules_are_asked_for_the_number_of_completed_steps(opt):
    asked = []
    path, _ = run(dataclasses.replace(opt, lr=lambda k: asked.append(k) or 0.1), bowl(), START, 4)
    first = [0] if type(opt) is optim.Rprop else []  # its state starts with the first rate
    assert asked == [*first, 0, 1, 2, 3]
    np.testing.assert_array_equal(path, run(dataclasses.replace(opt, lr=0.1), bowl(), START, 4)[0])


@every_rate
def test_arrays_and_schedules_equal_numbers(opt, name):
    f, theta, _ = network()
    number, _ = run(dataclasses.replace(opt, **{name: 0.25}), f, theta, 5)
    for value in (lambda k: 0.25, np.full(theta.size, 0.25), np.array([0.25]), np.array(0.25)):
        path, _ = run(dataclasses.replace(opt, **{name: value}), f, theta, 5)
        np.testing.assert_allclose(path, number, rtol=1e-13, atol=1e-15)


@every_rate_of_its_own
def test_each_coordinate_has_the_rate_of_its_place(opt, name):
    each = np.array([0.05, 0.1, 0.2, 0.3])
    together, _ = run(dataclasses.replace(opt, **{name: each}), bowl(), START, 5)
    for i, rate in enumerate(each.tolist()):
        alone, _ = run(dataclasses.replace(opt, **{name: rate}), bowl(), START, 5)
        np.testing.assert_allclose(together[:, i], alone[:, i], rtol=1e-13)


@every_elementwise_case
def test_a_rate_of_zero_freezes(opt):
    f, theta, layout = network()
    frozen = layout.mask("bias")
    path, _ = run(dataclasses.replace(opt, lr=np.where(frozen, 0, 0.1)), f, theta, 5)
    np.testing.assert_array_equal(path[:, frozen], np.tile(theta[frozen], (6, 1)))
    assert (path[-1][~frozen] != theta[~frozen]).all()

    class Rest:  # the problem of the other coordinates alone
        def grad(self, part):
            point = theta.copy()
            point[~frozen] = part
            return f.grad(point)[~frozen]

    alone, _ = run(dataclasses.replace(opt, lr=0.1), Rest(), theta[~frozen], 5)
    np.testing.assert_allclose(path[:, ~frozen], alone, rtol=1e-12, atol=1e-14)


@every_case_with_a_rate
def test_a_new_rate_in_mid_run_keeps_the_state(opt):
    f, theta, _ = network()
    scheduled = dataclasses.replace(opt, lr=lambda k: 0.2 if k < 3 else 0.02)
    right, _ = run(scheduled, f, theta, 6)
    first, state = run(dataclasses.replace(opt, lr=0.2), f, theta, 3)
    second, _ = run(dataclasses.replace(opt, lr=0.02), f, first[-1], 3, state)
    np.testing.assert_array_equal(np.concatenate([first, second[1:]]), right)


def test_observe_reaches_schedules_that_watch():
    class Watching:
        def __init__(self, factor=1.0):
            self.factor = factor

        def __call__(self, k):
            return 0.1 * self.factor

        def observe(self, metric):
            return Watching(self.factor / 2 if metric > 1 else self.factor)

    opt = optim.Momentum(lr=Watching(), momentum=0.7)
    after = opt.observe(2.0)
    assert (opt.lr(0), after.lr(0), after.momentum) == (0.1, 0.05, 0.7)
    assert CASES["Adam"].observe(2.0) is CASES["Adam"]


# --- gradients that are 0 or nan
@every_case
def test_a_gradient_of_zero_moves_nothing_but_decay(opt):
    decays = {h.name: 0.0 for h in hyperparameters(opt) if h.name in ("weight_decay", "lambd")}
    opt = dataclasses.replace(opt, **decays)
    flat = ck.Objective(lambda x: 0 * np.sum(x**2))
    path, state = run(opt, flat, START, 3)
    np.testing.assert_array_equal(path, np.tile(START, (4, 1)))
    assert all(np.isfinite(a).all() for a in leaves(state))


@every_elementwise_case
def test_nan_stays_in_its_coordinate(opt):
    def grad(x):
        g = bowl().grad(x)
        g[1] = np.nan
        return g

    path, _ = run(opt, ck.Objective(value=np.sum, grad=grad), START, 3)
    right, _ = run(opt, bowl(), START, 3)
    assert np.isnan(path[1:, 1]).all()
    np.testing.assert_array_equal(np.delete(path, 1, axis=1), np.delete(right, 1, axis=1))


@every_case
def test_a_gradient_of_nan_is_not_hidden(opt):
    f = bowl()
    broken = ck.Objective(
        value=f.value, grad=lambda x: f.grad(x) * np.nan, hvp=f.hvp, hessian=f.hessian
    )
    path, _ = run(opt, broken, START, 1)
    assert np.isnan(path[1]).any()


# --- fast and plain
@pytest.mark.parametrize("shape", [(30,), (3, 10)])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@every_elementwise_case
def test_strips_are_the_formula_bit_for_bit(opt, dtype, shape, monkeypatch):
    for name in ("STRIP", "LONG"):
        monkeypatch.setattr(fused, name, 7)
    rng = np.random.default_rng(0)
    names = rates(opt)
    if isinstance(getattr(opt, "momentum", None), str):
        names.remove("momentum")
    per_element = {name: rng.random(30).reshape(shape) / 2 for name in names}
    per_run = {"lr": rng.random((*shape[:-1], 1))}
    for o in (opt, dataclasses.replace(opt, **per_element), dataclasses.replace(opt, **per_run)):
        theta, g = rng.normal(size=(2, *shape)).astype(dtype)
        g[..., 3] = 0
        state = o.init(theta)
        for k in range(3):
            now = o.at(k, theta)
            fast = now.rule(theta, g, state)
            plain = type(now).rule.formula(now, theta, g, state)
            for a, b in zip((fast[0], *fast[1]), (plain[0], *plain[1]), strict=True):
                np.testing.assert_array_equal(a, b)
                assert np.shape(a) in (shape, ()) and getattr(a, "dtype", dtype) == dtype
            theta, state = fast


def test_long_vectors_do_go_in_strips(monkeypatch):
    for name in ("STRIP", "LONG"):
        monkeypatch.setattr(fused, name, 7)
    seen = []

    @dataclasses.dataclass(frozen=True, eq=False)
    class Spy(Elementwise):
        lr: float = hyper(1.0, low=0)
        State = namedtuple("SpyState", "k")

        @backend.elementwise
        def rule(self, theta, g, s):
            seen.append(theta.size)
            return theta - self.lr * g, self.State(s.k + 1)

    run(Spy(), ck.Objective(value=np.sum, grad=np.ones_like), np.zeros(20), 1)
    assert seen == [7, 7, 6]


# --- hyper-parameters
FIELDS = {f"{cls.__name__}.{h.name}": (cls, h) for cls in CLASSES for h in hyperparameters(cls)}
NUMBERS = {key: (cls, h) for key, (cls, h) in FIELDS.items() if h.choices is None}
KINDS = {
    "rate": "a number in", "number": "a number in", "whole": "a whole number in",
    "numbers": "a tuple of numbers in",
}  # fmt: skip


def outside(h):
    """Values that a field must refuse."""
    if h.kind == "numbers":
        numbers = outside(h._replace(kind="number"))
        yield from ((0.5, value) for value in numbers if np.ndim(value) == 0)
        return
    if h.choices is not None:
        yield "no such thing"
        if None not in h.choices:
            yield None
        if h.low == -np.inf:
            yield from (np.nan, 17.5)
    if h.low != -np.inf or h.high != np.inf:
        yield from (h.low - 1, np.nan, np.array([h.low - 1, 0.5]), np.array([np.nan]))
        yield h.low if h.closed in ("right", "neither") else h.low - 1e-12
        if h.high != np.inf:
            yield from (h.high + 1, h.high if h.closed in ("left", "neither") else h.high + 1e-12)
        elif h.closed in ("left", "neither"):
            yield np.inf


def no_value(h):
    """Values that `outside` yields but that are refused for their type instead."""
    arrays = {"rate": (), "number": np.ndarray, "whole": (float, np.ndarray), "numbers": ()}
    return arrays[h.kind]


@pytest.mark.parametrize("cls, h", FIELDS.values(), ids=FIELDS)
def test_values_outside_the_range_are_refused(cls, h):
    for value in outside(h):
        if isinstance(value, no_value(h)):
            continue
        with pytest.raises(ValueError) as caught:
            cls(**{h.name: value})
        message = str(caught.value)
        assert message.startswith(f"{cls.__name__}: {h.name} must ")
        assert repr(value) in message
        if h.low != -np.inf:
            assert f"{h.low:g}, {h.high:g}" in message
        for choice in h.choices or ():
            if isinstance(value, str) and choice is not callable:
                name = choice.__name__ if isinstance(choice, type) else repr(choice)
                assert name in message


@pytest.mark.parametrize("cls, h", NUMBERS.values(), ids=NUMBERS)
def test_things_that_are_no_numbers_are_refused(cls, h):
    wrong = ["0.1", None, True, [0.1], 1j, np.array(["a"]), np.bool_(True), np.array([1j])]
    wrong += {
        "rate": [], "number": [np.ones(2), lambda k: 1], "whole": [1.5],
        "numbers": [0.5, (), ("0.1",), (True,), np.zeros(2), (np.zeros(2),)],
    }[h.kind]  # fmt: skip
    for value in wrong:
        with pytest.raises(TypeError) as caught:
            cls(**{h.name: value})
        assert f"{cls.__name__}: {h.name} must be {KINDS[h.kind]} " in str(caught.value)
        assert f"{h.low:g}, {h.high:g}" in str(caught.value)


@pytest.mark.parametrize("cls, h", FIELDS.values(), ids=FIELDS)
def test_declarations_are_consistent(cls, h):
    assert h.default == getattr(cls(), h.name) and h.doc
    if h.slider:
        low, high = h.slider
        assert h.low <= low < high <= h.high
        cls(**{h.name: low}), cls(**{h.name: high})
        assert not h.log or low > 0
    if h.choices is None and h.low > -np.inf and h.closed in ("left", "both"):
        low = int(h.low) if h.kind == "whole" else h.low
        cls(**{h.name: (low, low) if h.kind == "numbers" else low})
    if h.kind == "numbers":
        cls(**{h.name: tuple(map(np.float32, h.default))})
    elif h.choices is None:
        cls(**{h.name: (np.int64 if h.kind == "whole" else np.float32)(h.default)})
    for choice in h.choices or ():
        value = choice() if isinstance(choice, type) else choice
        cls(**{h.name: (lambda k: 0.5) if choice is callable else value})


def test_replace_validates_too():
    with pytest.raises(ValueError, match=r"Adam: lr must lie in \[0, inf\), not -1"):
        dataclasses.replace(optim.Adam(), lr=-1)
    with pytest.raises(ValueError, match=r"a number in \[0, 1\), or one of 'fista', 'k', a funct"):
        optim.Nesterov(momentum="fsita")
    with pytest.raises(ValueError, match="schedule must be a function of the step, not 3"):
        ck.schedules.PerEpoch(3)
    with pytest.raises(ValueError, match=r"must be a number in \[0, inf\), or None, not 'a'"):
        optim.Nadam(momentum_decay="a")


@pytest.mark.parametrize("opt, name", PAIRS.values(), ids=PAIRS)
def test_what_a_schedule_returns_is_checked(opt, name):
    h = next(h for h in hyperparameters(opt) if h.name == name)
    at = lambda value: dataclasses.replace(opt, **{name: lambda k: value}).at(4, START)  # noqa: E731
    what = f"{type(opt).__name__}: {name}"
    for wrong in ("0.1", None, [0.1], np.ones(1), np.ones(4), 1j, True):
        with pytest.raises(TypeError) as caught:
            at(wrong)
        assert str(caught.value) == f"{what} must return a number, not {wrong!r} at step 4"
    for wrong in (h.low - 1, h.high + 1):
        if np.isfinite(wrong):
            with pytest.raises(ValueError, match=rf"{what} at step \d must lie in .*, not {wrong}"):
                at(wrong)
    for value in (np.nan, h.low if h.closed in ("left", "both") else h.low + 0.5, np.array(0.5)):
        found = getattr(at(value), name)
        assert type(found) is float and np.array_equal(found, float(value), equal_nan=True)


def test_a_nan_from_a_schedule_shows():
    path = ck.minimize(bowl(), START, optim.SGD(lr=lambda k: 0.1 if k else np.nan), steps=2)
    assert np.isnan(path.theta).all()
    frozen = ck.minimize(bowl(), START, optim.Adam(lr=lambda k: 0), steps=2)
    np.testing.assert_array_equal(frozen.theta, START)


@every_case_with_a_rate
def test_arrays_that_do_not_fit_theta_are_refused(opt):
    for lr in (np.ones(3), np.ones((5, 1)), np.ones((1, 4))):
        bad = dataclasses.replace(opt, lr=lr)
        with pytest.raises(ValueError, match=r"lr has shape \(.*\), which does not .* \(4,\)"):
            bad.step(START, bad.init(START), bowl())


# --- points
class FromAnotherDevice:
    __module__ = "cupy._core.core"


@every_case
def test_points_that_are_refused(opt):
    with pytest.raises(TypeError, match="theta must be an array, not list"):
        opt.init([1.0])
    with pytest.raises(TypeError, match="theta must hold floats, not int64"):
        opt.init(np.arange(3))
    with pytest.raises(TypeError, match=r'CuPy array but the backend is numpy.*ck.use\("cupy"\)'):
        opt.init(FromAnotherDevice())


def test_methods_that_are_not_batched_step_one_point():
    class OneAtATime(Optimizer):
        State = namedtuple("OneState", "k")

    OneAtATime = dataclasses.dataclass(frozen=True, eq=False)(OneAtATime)
    with pytest.raises(ValueError, match=r"OneAtATime steps one point .* shape \(2, 3\)"):
        OneAtATime().init(np.ones((2, 3)))
    assert not OneAtATime.batched and not OneAtATime.deterministic
    assert OneAtATime.State.__qualname__.endswith("OneAtATime.State")
    with pytest.raises(NotImplementedError):
        OneAtATime().step(START, None, bowl())
