"""Wrappers: their papers' formulas on lists of arrays, what they pass on, training with them."""

import copy
import dataclasses
import inspect
from collections import namedtuple

import numpy as np
import pytest

import coursekit as ck
from coursekit import optim
from coursekit.optim import (
    LBFGS,
    SGD,
    Adam,
    AdamW,
    Average,
    ClipNorm,
    ClipValue,
    DecoupledDecay,
    GradientDescent,
    GradientNormPenalty,
    Lookahead,
    Momentum,
    Nesterov,
    Newton,
    Optimizer,
)
from coursekit.optim.wrappers import View, Wrapper
from tests.optim.cases import bowl, leaves, network, run
from tests.optim.cases import wrappers as cases

START = np.array([1.0, -2.0, 0.5, 3.0])
every_case = pytest.mark.parametrize("opt", cases.CASES.values(), ids=cases.CASES)


# --- once more by hand, on lists of arrays, one array of the network at a time
def length(arrays):
    return np.sqrt(sum((a**2).sum() for a in arrays))


def inner_step(inner, params, grads, memory):
    """SGD, Momentum or Adam without wrappers; memory is (step, ...) or None at the start."""
    if type(inner) is SGD:
        return [p - inner.lr * g for p, g in zip(params, grads, strict=True)], None
    if type(inner) is Momentum:
        memory = memory or [0 * p for p in params]
        memory = [inner.momentum * u + g for u, g in zip(memory, grads, strict=True)]
        return [p - inner.lr * u for p, u in zip(params, memory, strict=True)], memory
    k, m, v = memory or (0, [0 * p for p in params], [0 * p for p in params])
    k, b1, b2 = k + 1, inner.beta1, inner.beta2
    m = [b1 * a + (1 - b1) * g for a, g in zip(m, grads, strict=True)]
    v = [b2 * a + (1 - b2) * g * g for a, g in zip(v, grads, strict=True)]
    new = [
        p - inner.lr * (a / (1 - b1**k)) / (np.sqrt(c / (1 - b2**k)) + inner.eps)
        for p, a, c in zip(params, m, v, strict=True)
    ]
    return new, (k, m, v)


def by_hand(opt, params, gradients, steps):
    """The last points to step from and to evaluate."""
    inner, memory = opt.inner, None
    kept, count = params, 0
    for step in range(1, steps + 1):
        g = gradients(params)
        if type(opt) is ClipNorm and length(g) > opt.max_norm:
            g = [opt.max_norm * a / length(g) for a in g]
        if type(opt) is ClipValue:
            g = [np.minimum(np.maximum(a, -opt.max_value), opt.max_value) for a in g]
        if type(opt) is GradientNormPenalty:
            there = [p + opt.r * a / length(g) for p, a in zip(params, g, strict=True)]
            second = gradients(there)
            g = [(1 - opt.alpha) * a + opt.alpha * b for a, b in zip(g, second, strict=True)]
        before = params
        params, memory = inner_step(inner, params, g, memory)
        if type(opt) is DecoupledDecay:
            params = [
                p - inner.lr * opt.weight_decay * b for p, b in zip(params, before, strict=True)
            ]
        if type(opt) is Average and step > opt.start:
            count += 1
            old = kept if count > 1 else params
            share = 1 / count if opt.decay is None else 1 - opt.decay
            kept = [share * p + (1 - share) * a for p, a in zip(params, old, strict=True)]
        elif type(opt) is Average:
            kept = params
        if type(opt) is Lookahead and step % opt.k == 0:
            params = kept = [
                (1 - opt.alpha) * s + opt.alpha * p for s, p in zip(kept, params, strict=True)
            ]
    return params, (kept if type(opt) in (Average, Lookahead) else params)


ONE_DEEP = {name: opt for name, opt in cases.CASES.items() if "nested" not in name}


@pytest.mark.parametrize("steps", [1, 2, 3, 7])
@pytest.mark.parametrize("opt", ONE_DEEP.values(), ids=ONE_DEEP)
def test_steps_are_those_by_hand(opt, steps):
    f, theta, layout = network()
    gradients = lambda params: layout.unpack(f.grad(layout.pack(params)))  # noqa: E731
    params, solution = by_hand(opt, layout.unpack(theta), gradients, steps)
    path, state = run(opt, f, theta, steps)
    np.testing.assert_allclose(path[-1], layout.pack(params), rtol=1e-11)
    got = opt.solution(path[-1], state)
    np.testing.assert_allclose(got, layout.pack(solution), rtol=1e-11)


def test_every_wrapper_is_done_by_hand():
    found = {getattr(optim, name) for name in optim.__all__}
    wrappers = {c for c in found if inspect.isclass(c) and issubclass(c, Wrapper)}
    assert wrappers == {type(opt) for opt in ONE_DEEP.values()}
    for opt in ONE_DEEP.values():
        assert {type(opt.inner)} <= {SGD, Momentum, Adam}


# --- each by itself
def test_a_clipped_step_is_exactly_as_long_as_it_may_be():
    steep = ck.Objective(lambda x: 1e6 * np.sum(x**2))
    path, _ = run(ClipNorm(SGD(lr=0.1), max_norm=0.5), steep, START, 5)
    np.testing.assert_allclose(np.linalg.norm(np.diff(path, axis=0), axis=1), 0.05, rtol=1e-13)
    path, _ = run(ClipValue(SGD(lr=0.1), max_value=0.5), steep, START, 5)
    np.testing.assert_allclose(np.abs(np.diff(path, axis=0)), 0.05, rtol=1e-13)


def test_what_is_short_enough_is_not_touched():
    plain, _ = run(Adam(lr=0.1), bowl(), START, 20)
    for wrapped in (ClipNorm(Adam(lr=0.1), 1e3), ClipValue(Adam(lr=0.1), 1e3)):
        np.testing.assert_array_equal(run(wrapped, bowl(), START, 20)[0], plain)


def test_huge_gradients_are_clipped_not_lost():
    for dtype, huge in (("float32", 1e30), ("float64", 1e250)):
        steep = ck.Objective(value=np.sum, grad=lambda x, huge=huge: np.full_like(x, huge))
        path, _ = run(ClipNorm(SGD(lr=1.0), max_norm=1.0), steep, np.zeros(4, dtype), 1)
        np.testing.assert_allclose(path[1], -0.5, rtol=1e-6)


def test_rows_are_clipped_each_by_its_own_length():
    starts = np.stack([START, 100 * START])
    path, _ = run(ClipNorm(SGD(lr=1.0), max_norm=5.0), bowl(), starts, 1)
    g = bowl().grad(starts)
    assert np.linalg.norm(g[0]) < 13 and np.linalg.norm(g[1]) > 1e5
    right = starts - g * np.minimum(1, 5 / np.linalg.norm(g, axis=1))[:, None]
    np.testing.assert_allclose(path[1], right, rtol=1e-13)


@pytest.mark.parametrize("lr", [0.1, np.array([0.05, 0.1, 0.2, 0.3]), lambda k: 0.2 / (k + 1)])
@pytest.mark.parametrize("decay", [0.3, np.array([0.0, 0.1, 0.2, 0.3]), lambda k: 0.1 * k])
def test_decoupled_decay_around_adam_is_adamw(lr, decay):
    plain = {"beta1": 0.8, "beta2": 0.95}
    right, _ = run(AdamW(lr=lr, weight_decay=decay, **plain), bowl(), START, 10)
    adam = Adam(lr=lr, **plain)
    path, _ = run(DecoupledDecay(adam, weight_decay=decay), bowl(), START, 10)
    np.testing.assert_allclose(path, right, rtol=1e-13)
    path, _ = run(DecoupledDecay(ClipNorm(adam, 1e9), weight_decay=decay), bowl(), START, 10)
    np.testing.assert_allclose(path, right, rtol=1e-13)


def test_decay_wants_an_lr():
    opt = DecoupledDecay(ClipNorm(ck.optim.TrustRegion()))
    with pytest.raises(TypeError, match="inner must have an lr to decay by, but TrustRegion has n"):
        opt.init(START)


def test_averages():
    points, _ = run(SGD(lr=0.2), bowl(), START, 9)
    for start in (0, 1, 4, 8, 20):
        opt = Average(SGD(lr=0.2), start=start)
        path = ck.minimize(bowl(), START, opt, steps=9)
        np.testing.assert_array_equal(path.thetas, points)
        for k in range(10):
            of = points[start + 1 : k + 1] if k > start else points[k : k + 1]
            np.testing.assert_allclose(path.solutions[k], of.mean(axis=0), rtol=1e-13)


def test_the_average_of_noisy_steps_is_nearer_to_the_minimum():
    rng = np.random.default_rng(0)
    noisy = ck.Objective(value=lambda x: np.sum(x**2) / 2, grad=lambda x: x + rng.normal(size=10))
    theta, state = np.zeros(10), None
    opt = Average(SGD(lr=0.5), start=100)
    state, squares = opt.init(theta), []
    for _ in range(3000):
        theta, state = opt.step(theta, state, noisy)
        squares.append(np.mean(theta**2))
    assert np.mean(squares[100:]) == pytest.approx(0.5 / (2 - 0.5), rel=0.05)  # lr / (2 - lr)
    assert np.mean(opt.solution(theta, state) ** 2) < 3 / 2900  # about 1 / n


def test_lookahead_of_one_step_or_without_a_way_back():
    fast, _ = run(Momentum(lr=0.1), bowl(), START, 7)
    same, _ = run(Lookahead(Momentum(lr=0.1), k=3, alpha=1.0), bowl(), START, 7)
    np.testing.assert_allclose(same, fast, rtol=1e-13)
    half, _ = run(Lookahead(SGD(lr=0.2), k=1, alpha=0.5), bowl(), START, 7)
    np.testing.assert_allclose(half, run(SGD(lr=0.1), bowl(), START, 7)[0], rtol=1e-13)
    path = ck.minimize(bowl(), START, Lookahead(SGD(lr=0.2), k=3), steps=7)
    np.testing.assert_array_equal(path.solutions[:3], np.tile(START, (3, 1)))
    np.testing.assert_array_equal(path.solutions[3:6], np.tile(path.thetas[3], (3, 1)))


def test_the_penalty_is_the_gradient_of_the_penalised_function_to_first_order():
    f = bowl()
    slope = lambda x: f.value(x) + 0.03 * np.linalg.norm(f.grad(x))  # noqa: E731
    e = 1e-5 * np.eye(4)
    right = [(slope(START + d) - slope(START - d)) / 2e-5 for d in e]
    path, _ = run(GradientNormPenalty(SGD(lr=1.0), r=0.06, alpha=0.5), f, START, 1)
    np.testing.assert_allclose(START - path[1], right, rtol=0.01)
    assert abs((START - path[1]) / f.grad(START) - 1).max() > 0.015  # and it is no mere gradient


def test_the_penalty_at_its_ends():
    f = bowl()
    plain, _ = run(Adam(lr=0.1), f, START, 5)
    for same in ({"alpha": 0.0}, {"r": 0.0}):
        path, _ = run(GradientNormPenalty(Adam(lr=0.1), **same), f, START, 5)
        np.testing.assert_array_equal(path, plain)
    sharp, _ = run(GradientNormPenalty(SGD(lr=1.0), r=0.3, alpha=1.0), f, START, 1)
    g = f.grad(START)
    np.testing.assert_allclose(START - sharp[1], f.grad(START + 0.3 * g / np.linalg.norm(g)))


def test_the_penalty_keeps_what_the_point_itself_left_behind():
    """Training records the loss, and batch norm its moments, at theta and not uphill of it."""
    f, theta, _ = network()
    batch = f.batch(np.array([0, 3, 5]))
    opt = GradientNormPenalty(ClipNorm(GradientNormPenalty(SGD(), r=0.5)), r=0.5)
    opt.step(theta, opt.init(theta), batch)
    assert batch.last_value == f.batch(np.array([0, 3, 5])).value(theta)
    assert f.counts.grad == 4 and f.counts.value == 1 and f.counts.examples == 5 * 3


# --- what is passed on
class Asks(Optimizer):
    """Asks everything of its objective, and keeps the answers."""

    State = namedtuple("AsksState", "k")

    def step(self, theta, state, f):
        v = np.ones_like(theta)
        self.answers.update(
            value=f.value(theta), hvp=f.hvp(theta, v), ggn=f.ggn(theta, v), grad=f.grad(theta),
            both=f.value_and_grad(theta), last=f.last_value, moments=f.moments, counts=f.counts,
            batched=f.batched,
        )  # fmt: skip
        return theta, self.State(state.k + 1)


def test_an_inner_optimizer_sees_another_gradient_and_nothing_else():
    f, theta, _ = network()
    asks = dataclasses.dataclass(frozen=True, eq=False)(Asks)()
    object.__setattr__(asks, "answers", {})
    opt = ClipNorm(asks, max_norm=1e-3)
    opt.step(theta, opt.init(theta), f)
    got, v, plain = asks.answers, np.ones_like(theta), f.uncounted()
    np.testing.assert_array_equal(got["hvp"], plain.hvp(theta, v))
    np.testing.assert_array_equal(got["ggn"], plain.ggn(theta, v))
    for g in (got["grad"], got["both"][1]):
        np.testing.assert_allclose(g, 1e-3 * plain.grad(theta) / np.linalg.norm(plain.grad(theta)))
    assert got["value"] == got["both"][0] == got["last"] == plain.value(theta)
    assert got["moments"] == () and got["counts"] == f.counts and not got["batched"]
    with pytest.raises(AttributeError, match="has no attribute 'nonsense'"):
        _ = View(f, None).nonsense


def test_a_copy_of_a_view_leaves_nothing_behind():
    f, theta, _ = network()
    view = View(f, lambda f, theta, g: 2 * g)
    np.testing.assert_array_equal(copy.copy(view).grad(theta), 2 * f.uncounted().grad(theta))
    assert f.counts.grad == 1
    with pytest.raises(ValueError, match="nothing was evaluated"):
        _ = f.last_value


def test_a_wrapper_is_batched_deterministic_and_symmetric_as_far_as_inner_is():
    assert ClipNorm(Adam()).batched and not ClipNorm(Adam()).deterministic
    for wrap in (ClipNorm, Average, Lookahead, DecoupledDecay):
        wrapped = wrap(wrap(LBFGS()))
        assert wrapped.deterministic and not wrapped.batched
    assert Average(Newton()).symmetry == Newton.symmetry == "affine"
    assert ClipNorm(Newton()).symmetry == GradientNormPenalty(SGD()).symmetry == "rotation"
    assert ClipNorm(Adam()).symmetry == ClipValue(Newton()).symmetry == "signed permutation"
    assert ClipValue(Nesterov()).symmetry == "signed permutation"
    with pytest.raises(ValueError, match=r"LBFGS steps one point \(n,\)"):
        ClipNorm(LBFGS()).init(np.ones((2, 3)))
    with pytest.raises(ValueError, match=r"ClipNorm\(LBFGS\) steps one point"):
        ck.minimize(bowl(), np.ones((2, 3)), ClipNorm(LBFGS()))


@pytest.mark.parametrize("wrap", [ClipNorm, ClipValue, Average, Lookahead])
@pytest.mark.parametrize(
    "inner", [LBFGS(), Newton(), GradientDescent(line_search=optim.Armijo()), optim.BFGS()],
    ids=lambda opt: type(opt).__name__,
)  # fmt: skip
def test_wrapped_deterministic_methods_reach_the_minimum(wrap, inner):
    f = ck.landscapes.quadratic(spectrum=(1.0, 10.0), rotation=0.3)
    f = ck.Objective(value=f.value, grad=f.grad, hvp=f.hvp, hessian=f.hessian)
    path = ck.minimize(f, np.array([3.0, -2.0]), wrap(inner), steps=150)
    assert np.abs(path.solutions[-1]).max() < (0.1 if wrap is Average else 1e-3)


def test_inner_must_be_an_optimizer():
    for wrong in (Adam, None, 0.1, "Adam"):
        with pytest.raises(ValueError, match=r"ClipNorm: inner must be an Optimizer, not "):
            ClipNorm(wrong)


def test_solutions_come_from_the_wrapper_that_has_one():
    path, state = run(ClipNorm(Average(SGD(lr=0.1))), bowl(), START, 3)
    opt = ClipNorm(Average(SGD(lr=0.1)))
    np.testing.assert_array_equal(opt.solution(path[-1], state), state.inner.average)
    points, _ = run(Average(Lookahead(SGD(lr=0.1), k=2)), bowl(), START, 4)
    opt = Average(Lookahead(SGD(lr=0.1), k=2))
    _, state = run(opt, bowl(), START, 4)
    np.testing.assert_allclose(opt.solution(points[-1], state), points[1:].mean(axis=0))


def test_a_metric_reaches_the_schedule_within():
    opt = Lookahead(ClipNorm(Adam(lr=ck.schedules.Plateau(0.1, factor=0.5, patience=0))))
    after = opt.observe(1.0).observe(1.0)
    assert after.inner.inner.lr(0) == 0.05 and opt.inner.inner.lr(0) == 0.1
    assert isinstance(after, Lookahead) and isinstance(after.inner, ClipNorm)


@every_case
def test_inner_changes_in_mid_run_and_the_state_stays(opt):
    def faster(opt):
        if hasattr(opt, "inner"):
            return dataclasses.replace(opt, inner=faster(opt.inner))
        return dataclasses.replace(opt, lr=opt.lr / 2)

    def scheduled(opt):
        if hasattr(opt, "inner"):
            return dataclasses.replace(opt, inner=scheduled(opt.inner))
        return dataclasses.replace(opt, lr=lambda k: opt.lr if k < 3 else opt.lr / 2)

    f, theta, _ = network()
    first, state = run(opt, f, theta, 3)
    second, _ = run(faster(opt), f, first[-1], 3, state)
    whole, _ = run(scheduled(opt), f, theta, 6)
    np.testing.assert_array_equal(np.concatenate([first, second[1:]]), whole)


MID_RUN = [
    (ClipNorm(SGD(lr=0.2), max_norm=0.5), {"max_norm": 0.1}),
    (ClipValue(SGD(lr=0.2), max_value=0.5), {"max_value": 0.1}),
    (GradientNormPenalty(SGD(lr=0.2), r=0.3), {"r": 0.1, "alpha": 0.2}),
    (DecoupledDecay(SGD(lr=0.2), weight_decay=0.1), {"weight_decay": 0.3}),
    (Average(SGD(lr=0.2), decay=0.5), {"decay": 0.9}),
    (Lookahead(SGD(lr=0.2), k=3), {"alpha": 0.9, "k": 2}),
]


@pytest.mark.parametrize("opt, change", MID_RUN, ids=lambda x: type(x).__name__)
def test_its_own_fields_change_in_mid_run(opt, change):
    _, state = run(opt, bowl(), START, 3)
    theta = START / 3
    new = dataclasses.replace(opt, **change)
    a, b = new.step(theta, state, bowl()), opt.step(theta, state, bowl())
    assert (new.solution(*a) != opt.solution(*b)).any()
    again = type(opt)(opt.inner, **change)  # made like that from the start
    for x, y in zip(leaves(again.step(theta, state, bowl())), leaves(a), strict=True):
        np.testing.assert_array_equal(x, y)


def test_numpy_numbers_keep_float32():
    theta = START.astype("float32")
    for cls, fields in [
        (ClipNorm, {"max_norm": 0.3}), (ClipValue, {"max_value": 0.3}),
        (DecoupledDecay, {"weight_decay": 0.3}), (GradientNormPenalty, {"r": 0.3, "alpha": 0.3}),
        (Average, {"decay": 0.3}), (Lookahead, {"k": 2, "alpha": 0.3}),
    ]:  # fmt: skip
        plain = cls(SGD(lr=0.1), **fields)
        opt = cls(SGD(lr=0.1), **{name: np.array(x)[()] for name, x in fields.items()})
        (path, state), right = run(opt, bowl(), theta, 4), run(plain, bowl(), theta, 4)
        np.testing.assert_array_equal(path, right[0])
        got, right = opt.solution(path[-1], state), plain.solution(right[0][-1], right[1])
        np.testing.assert_array_equal(got, right)
        assert got.dtype == path.dtype == "float32"


# --- minimize and fit
def test_paths_keep_solutions_where_they_differ():
    for opt in (SGD(lr=0.1), ClipNorm(Adam()), DecoupledDecay(SGD(lr=0.1))):
        path = ck.minimize(bowl(), START, opt, steps=4)
        assert path.solutions is path.thetas
    for opt in (Average(SGD(lr=0.1)), ClipNorm(Lookahead(SGD(lr=0.1), k=3))):
        path = ck.minimize(bowl(), START, opt, steps=4)
        theta, state = START, opt.init(START)
        for k in range(5):
            np.testing.assert_array_equal(path.solutions[k], opt.solution(theta, state))
            np.testing.assert_array_equal(path.thetas[k], theta)
            theta, state = opt.step(theta, state, bowl())
        assert (path.solutions != path.thetas).any()
        np.testing.assert_array_equal(path.solutions[0], START)
    starts = np.stack([START, 2 * START])
    assert ck.minimize(bowl(), starts, Average(SGD(lr=0.1)), steps=4).solutions.shape == (5, 2, 4)


@pytest.fixture(scope="module")
def data():
    return ck.data.blobs(n=44, spread=0.6)


NET = ck.Sequential(ck.Linear(2, 6), ck.BatchNorm(6), "tanh", ck.Dropout(0.3), ck.Linear(6, 3))


def fit(data, opt, net=NET, **settings):
    settings = {"epochs": 3, "batch_size": 10, "progress": False, **settings}
    return ck.fit(net, data, opt, **settings)


@every_case
def test_they_train_and_resume_exactly(opt, data, tmp_path):
    whole = fit(data, opt)
    fit(data, opt, epochs=1, checkpoint=tmp_path / "run")
    resumed = fit(data, opt, resume=tmp_path / "run")
    for name in ("theta", "val_loss", "step_loss"):
        np.testing.assert_array_equal(getattr(resumed, name), getattr(whole, name))
    assert type(resumed.last.state) is type(whole.last.state)
    for a, b in zip(leaves(resumed.last), leaves(whole.last), strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_checkpoint_knows_what_is_within(data, tmp_path):
    opt = ClipNorm(Average(Adam()), max_norm=2.0)
    fit(data, opt, epochs=1, checkpoint=tmp_path / "run")
    with pytest.raises(
        ValueError, match=r"was ClipNorm\(Average\(Adam\)\), now it is ClipNorm\(Ad"
    ):
        fit(data, ClipNorm(Adam()), resume=tmp_path / "run")
    changed = dataclasses.replace(opt, inner=Average(Adam(lr=0.5)))
    with pytest.warns(UserWarning, match=r"inner\.inner\.lr was 0\.001, is 0\.5"):
        fit(data, changed, resume=tmp_path / "run")


def test_fit_evaluates_the_solution(data):
    net = ck.MLP([2, 6, 3])
    for opt in (Average(SGD(lr=0.3)), Lookahead(SGD(lr=0.3), k=4)):
        history = fit(data, opt, net)
        theta = opt.solution(history.last.theta, history.last.state)
        np.testing.assert_array_equal(history.theta, theta)
        assert (theta != history.last.theta).any()
        x, y = data.validation
        right = net.objective(x, y).value(theta)
        assert history.val_loss[-1] == pytest.approx(float(right), rel=1e-6)


def test_the_training_loss_under_a_penalty_is_that_of_the_points(data):
    """With alpha = 0 the second gradient does nothing, so the books must not show it."""
    plain = fit(data, SGD(lr=0.3))
    wrapped = fit(data, GradientNormPenalty(SGD(lr=0.3), r=10.0, alpha=0.0))
    np.testing.assert_array_equal(wrapped.step_loss, plain.step_loss)
    np.testing.assert_array_equal(wrapped.val_loss, plain.val_loss)  # running statistics, too
    assert wrapped.counts.grad == 2 * plain.counts.grad


def test_what_needs_one_function_needs_it_when_wrapped(data):
    opt = Average(ClipNorm(LBFGS()))
    net = ck.MLP([2, 6, 3])
    with pytest.raises(ValueError, match=r"Average\(ClipNorm\(LBFGS\)\) needs the same function"):
        fit(data, opt, net)
    history = fit(data, opt, net, batch_size=None, epochs=15)
    assert history.train_loss[-1] < history.train_loss[0] / 2
    assert history.summary().startswith("Average(ClipNorm(LBFGS)): finished 15 epochs")


def test_advice_after_divergence_names_the_lr_within():
    steep = ck.Objective(lambda x: np.sum(x**4))
    path = ck.minimize(steep, 9 * START, Lookahead(Average(SGD(lr=0.7))), steps=50)
    assert path.stopped_because.endswith("try a smaller lr than 0.7")


# --- other libraries
@pytest.mark.peers
@pytest.mark.parametrize("decay", [None, 0.9])
def test_pytorch_agrees_on_averages(decay):
    torch = pytest.importorskip("torch")
    swa = torch.optim.swa_utils
    model = torch.nn.Linear(4, 1, bias=False, dtype=torch.float64)
    with torch.no_grad():
        model.weight[0] = torch.tensor(START)
    opt = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.8)
    average = swa.AveragedModel(model, multi_avg_fn=decay and swa.get_ema_multi_avg_fn(decay))
    path = ck.minimize(bowl(), START, Average(Momentum(0.1, 0.8), start=2, decay=decay), steps=12)
    for k in range(1, 13):
        x = model.weight[0].detach().numpy()
        model.weight.grad = torch.tensor(bowl().grad(x))[None]
        opt.step()
        if k > 2:
            average.update_parameters(model)
            theirs = average.module.weight[0].detach().numpy()
            np.testing.assert_allclose(path.solutions[k], theirs, rtol=1e-12)


@pytest.mark.peers
@pytest.mark.filterwarnings("ignore")  # of what it imports
def test_pytorch_optimizer_agrees_on_lookahead():
    torch, theirs = pytest.importorskip("torch"), pytest.importorskip("pytorch_optimizer")
    x = torch.tensor(START, requires_grad=True)
    opt = theirs.Lookahead(torch.optim.Adam([x], lr=0.1), k=3, alpha=0.4)
    path = ck.minimize(bowl(), START, Lookahead(Adam(lr=0.1), k=3, alpha=0.4), steps=10)
    for k in range(1, 11):
        x.grad = torch.tensor(bowl().grad(x.detach().numpy()))
        opt.step()
        np.testing.assert_allclose(path.thetas[k], x.detach().numpy(), rtol=1e-12)
        np.testing.assert_allclose(path.solutions[k], opt.state[x]["slow_params"].numpy())
