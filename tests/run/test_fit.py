"""fit: the same numbers as a loop written out by hand, and everything it promises around it."""

import math
import pickle
from collections import namedtuple
from dataclasses import dataclass, replace

import numpy as np
import pytest

import coursekit as ck
from coursekit import losses
from coursekit.data import Data, Split
from coursekit.optim import Optimizer, hyper
from coursekit.run.evaluate import Evaluator
from coursekit.run.feed import Feed, Seeds
from coursekit.sampling import epoch_order

SGD, Adam, Momentum = ck.optim.SGD, ck.optim.Adam, ck.optim.Momentum


def fit(net, data, opt, **settings):
    return ck.fit(net, data, opt, **{"epochs": 2, "batch_size": 10, "progress": False, **settings})


@pytest.fixture(scope="module")
def data():
    return ck.data.blobs(n=44, spread=0.6)


@pytest.fixture(scope="module")
def net():
    return ck.MLP([2, 5, 3], activation="tanh")


@pytest.fixture(scope="module")
def normed():
    return ck.Sequential(ck.Linear(2, 6), ck.BatchNorm(6), "relu", ck.Dropout(0.3), ck.Linear(6, 3))


# --- the loop ------------------------------------------------------------------------------------
def test_fit_is_this_loop(normed, data):
    """What fit does, written out: rows, masks, running moments and means included."""
    opt, seeds, (x, y) = Adam(lr=0.02), Seeds.of(7), data.train
    f, theta = normed.objective(x, y), normed.init("xavier_uniform", rng=seeds.init)
    state, stats, k, train_loss, step_loss = opt.init(theta), normed.init_stats(), 0, [], []
    for epoch in range(3):
        order, total = epoch_order(44, "shuffle", seeds.order, epoch), 0.0
        for start in range(0, 44, 10):
            rows = order[start : start + 10]
            batch = f.batch(rows, rng=(seeds.masks, k))
            value = float(batch.uncounted().value(theta))
            theta, state = opt.step(theta, state, batch)
            stats = normed.update_stats(stats, batch.moments)
            total, k = total + value * len(rows), k + 1
            step_loss.append(value)
        train_loss.append(total / 44)
    logits = normed(theta, data.test.x, stats=stats)

    history = fit(normed, data, opt, init="xavier_uniform", epochs=3, rng=7)
    assert np.array_equal(history.theta, theta)
    assert np.array_equal(history.step_loss, step_loss)
    np.testing.assert_allclose(history.train_loss, train_loss, rtol=1e-12)
    for ours, theirs in zip(history.stats, stats, strict=True):
        assert np.array_equal(ours.mean, theirs.mean) and np.array_equal(ours.var, theirs.var)
    right = np.mean(logits.argmax(1) == data.test.y)
    assert history.test_accuracy == pytest.approx(right, abs=1e-12)
    assert history.test_loss == pytest.approx(
        float(losses.cross_entropy(logits, data.test.y)), rel=1e-6
    )
    assert (history.epochs, history.steps, history.epoch) == (3, 15, 3)
    assert history.last.state.k == 15
    assert history.stopped_because == "finished 3 epochs"


def test_counts_and_examples_are_exact(net, data):
    history = fit(net, data, SGD(), epochs=3)
    assert history.counts == (0, 15, 0, 0, 0, 3 * 44)  # evaluation is not counted
    assert history.examples.tolist() == [44, 88, 132]
    assert np.all(np.diff(history.seconds) > 0) and history.seconds[0] > 0


def test_validation_is_scored_after_each_epoch(net, data):
    history = fit(net, data, SGD(lr=0.1), epochs=2, record="theta")
    for e, theta in enumerate(history.recorded["theta"][1:]):
        logits = net(theta, data.validation.x)
        loss = losses.cross_entropy(logits, data.validation.y)
        assert history.val_loss[e] == pytest.approx(float(loss), rel=1e-6)
        assert history.val_accuracy[e] == np.mean(logits.argmax(1) == data.validation.y)


def test_accuracy_in_pieces_is_the_accuracy(net, data):
    theta, loss = net.init(rng=1), losses.get("cross_entropy")
    evaluator = Evaluator(net, data.train, loss)
    whole = evaluator(theta, ())
    evaluator.rows = 7  # 44 rows: six pieces and a short one
    pieces = evaluator(theta, ())
    assert pieces.accuracy == pytest.approx(whole.accuracy, abs=1e-12)
    assert pieces.loss == pytest.approx(whole.loss, rel=1e-6)
    right = (net(theta, data.train.x).argmax(1) == data.train.y).sum()
    assert whole.accuracy == right / 44 and 0 < right < 44


def test_it_learns_digits():
    data, net = ck.data.digits(), ck.MLP([64, 32, 10])
    for opt in (Momentum(lr=0.1), Adam(lr=0.01)):
        history = ck.fit(net, data, opt, epochs=6, batch_size=32, progress=False)
        assert history.test_accuracy > 0.93, opt


# --- chance --------------------------------------------------------------------------------------
def same(a, b):
    return all(
        np.array_equal(getattr(a, name), getattr(b, name), equal_nan=True)
        for name in ("theta", "step_loss", "train_loss", "val_loss", "val_accuracy", "examples")
    ) and (a.test_accuracy, a.stopped_because) == (b.test_accuracy, b.stopped_because)


@pytest.mark.parametrize("sampling", ["shuffle", "once", "none", "replacement"])
def test_the_seed_decides_everything(normed, data, sampling):
    first = fit(normed, data, Adam(), sampling=sampling, rng=3)
    assert same(first, fit(normed, data, Adam(), sampling=sampling, rng=3))
    assert not same(first, fit(normed, data, Adam(), sampling=sampling, rng=4))


def test_the_start_depends_on_the_seed_alone(net, data):
    def start(**settings):
        return fit(net, data, SGD(), epochs=1, record="theta", **settings).recorded["theta"][0]

    first = start()
    assert np.array_equal(first, start(batch_size=7))
    assert np.array_equal(first, start(batch_size=None))
    assert np.array_equal(first, start(sampling="replacement"))
    assert np.array_equal(first, start(curvature_batch_size=5))
    assert not np.array_equal(first, start(rng=1))


def test_streams_differ():
    assert len(set(Seeds.of(0)) | set(Seeds.of(1))) == 8


# --- rows ----------------------------------------------------------------------------------------
def rows(feed, epoch=0):
    return [r.tolist() for r, _ in feed(epoch)]


def test_rows_of_an_epoch():
    seeds = Seeds.of(0)
    feed = Feed(10, 4, None, "shuffle", seeds)
    assert feed.sizes == [4, 4, 2] == [len(r) for r in rows(feed)]
    assert [row for batch in rows(feed) for row in batch] == epoch_order(
        10, "shuffle", seeds.order, 0
    ).tolist()
    assert rows(feed, 0) != rows(feed, 1)
    once = Feed(10, 4, None, "once", seeds)
    assert rows(once, 0) == rows(once, 1)
    assert rows(Feed(5, 2, None, "none", seeds)) == [[0, 1], [2, 3], [4]]
    assert list(Feed(5, None, None, "shuffle", seeds)(0)) == [(None, None)]
    assert list(Feed(5, 9, None, "shuffle", seeds)(0)) == [(None, None)]


def test_curvature_rows_walk_through_an_order_of_their_own():
    seeds = Seeds.of(0)
    windows = [c.tolist() for _, c in Feed(10, 2, 4, "shuffle", seeds)(0)]
    order = epoch_order(10, "shuffle", seeds.curvature, 0).tolist()
    assert windows == [order[:4], order[4:8], order[8:] + order[:2], order[2:6], order[6:]]
    assert rows(Feed(10, 2, 4, "shuffle", seeds)) == rows(Feed(10, 2, None, "shuffle", seeds))


@dataclass(frozen=True, eq=False)
class AsksForCurvature(Optimizer):
    """Stays where it is, and asks for a gradient and two Hessian products in each step."""

    State = namedtuple("AsksForCurvatureState", "k")

    def step(self, theta, s, f):
        g = f.grad(theta)
        assert f.hvp(theta, g).shape == f.ggn(theta, g).shape == theta.shape
        return theta, self.State(s.k + 1)


def test_curvature_is_asked_on_its_own_rows(net, data):
    history = fit(net, data, AsksForCurvature(), epochs=1, curvature_batch_size=6)
    steps = math.ceil(44 / 10)
    assert history.counts == (0, steps, steps, steps, 0, 44 + 2 * 6 * steps)
    without = fit(net, data, AsksForCurvature(), epochs=1)
    assert without.counts == (0, steps, steps, steps, 0, 3 * 44)


def test_curvature_products_are_those_of_its_rows(net, data):
    seen = []

    class Looks(AsksForCurvature):
        def step(self, theta, s, f):
            seen.append(f.uncounted().hvp(theta, np.ones_like(theta)))
            return super().step(theta, s, f)

    fit(net, data, Looks(), epochs=1, curvature_batch_size=6, rng=2)
    seeds, (x, y) = Seeds.of(2), data.train
    order = epoch_order(44, "shuffle", seeds.curvature, 0)
    theta = net.init(rng=seeds.init)
    for i in (0, 1):
        chosen = order[6 * i : 6 * i + 6]
        expected = net.objective(x[chosen], y[chosen]).hvp(theta, np.ones_like(theta))
        np.testing.assert_allclose(seen[i], expected, rtol=1e-5, atol=1e-7)


def test_full_batch_is_gradient_descent_on_the_whole(net, data):
    history = fit(net, data, SGD(lr=0.5), epochs=4, batch_size=None)
    f = net.objective(*data.train)
    path = ck.minimize(f, net.init(rng=Seeds.of(0).init), SGD(lr=0.5), steps=4)
    assert np.array_equal(history.theta, path.theta)
    assert np.array_equal(history.train_loss, path.values[:-1])
    assert np.array_equal(history.step_loss, history.train_loss)


@dataclass(frozen=True, eq=False)
class Fixed(SGD):
    deterministic = True


def test_a_deterministic_method_is_refused_where_the_function_changes(net, normed, data):
    with pytest.raises(ValueError, match=r"Fixed needs the same function .* pass batch_size=None"):
        fit(net, data, Fixed())
    with pytest.raises(ValueError, match="pass batch_size=None"):
        fit(net, data, Fixed(), batch_size=None, sampling="replacement")
    with pytest.raises(ValueError, match="dropout draws other masks"):
        fit(normed, data, Fixed(), batch_size=None)
    assert fit(net, data, Fixed(), batch_size=None).epochs == 2
    assert fit(net, data, Fixed(), batch_size=44).epochs == 2


# --- optimizers with a will of their own ---------------------------------------------------------
@dataclass(frozen=True, eq=False)
class NeverAsks(Optimizer):
    State = namedtuple("NeverAsksState", "k")

    def step(self, theta, s, f):
        return theta * np.float32(0.5), self.State(s.k + 1)


def test_a_loss_that_no_step_asked_for_is_looked_up_uncounted(normed, data):
    history = fit(normed, data, NeverAsks(), batch_size=None, epochs=2, record="theta")
    for e in range(2):
        f = normed.objective(*data.train, rng=(Seeds.of(0).masks, e))
        assert history.train_loss[e] == float(f.value(history.recorded["theta"][e]))
    assert history.counts == (0,) * 6
    assert not np.array_equal(history.stats[0].mean, normed.init_stats()[0].mean)


@dataclass(frozen=True, eq=False)
class Averaged(SGD):
    """The solution is half of where it stands, so that nobody can mistake the two."""

    def solution(self, theta, state):
        return theta * np.float32(0.5)


def test_the_solution_is_what_is_evaluated(net, data):
    history = fit(net, data, Averaged(lr=0.1))
    plain = fit(net, data, SGD(lr=0.1))
    assert np.array_equal(history.last.theta, plain.theta)
    assert np.array_equal(history.theta, plain.theta * np.float32(0.5))
    logits = net(history.theta, data.validation.x)
    loss = losses.cross_entropy(logits, data.validation.y)
    assert history.val_loss[-1] == pytest.approx(float(loss), rel=1e-6)


@dataclass(frozen=True)
class Halving:
    """A schedule that halves whenever it is shown a metric, and remembers them."""

    lr: float = 0.5
    seen: tuple = ()

    def __call__(self, k):
        return self.lr

    def observe(self, metric):
        return Halving(self.lr / 2, (*self.seen, metric))


def test_the_best_solution_is_restored(net, data):
    rule = ck.EarlyStopping(1, min_delta=99.0, restore_best=True)  # the first epoch stays the best
    history = fit(net, data, Averaged(lr=0.1), epochs=3, stopping=rule, record="theta")
    assert history.epoch == 1 and history.epochs == 2
    assert np.array_equal(history.theta, history.recorded["theta"][1])
    assert np.array_equal(history.theta, fit(net, data, Averaged(lr=0.1), epochs=1).theta)


@dataclass(frozen=True, eq=False)
class Remembers(SGD):
    """Keeps in its state where it began."""

    State = namedtuple("RemembersState", "k start")

    def init(self, theta):
        return self.State(0, theta)

    def step(self, theta, s, f):
        f.grad(theta)
        return theta + np.float32(1), self.State(s.k + 1, s.start)


def test_the_state_is_made_from_the_start(net, data):
    history = fit(net, data, Remembers(), record="theta")
    assert np.array_equal(history.last.state.start, history.recorded["theta"][0])


def test_schedules_observe_the_validation_loss(net, data):
    history = fit(net, data, SGD(lr=Halving()), epochs=3)
    assert history.opt.lr == Halving(0.0625, tuple(history.val_loss.tolist()))
    by_hand = fit(net, data, SGD(lr=lambda k: [0.5, 0.25, 0.125][k // 5]), epochs=3)
    assert np.array_equal(history.theta, by_hand.theta)
    alone = fit(net, data.train, SGD(lr=Halving()), epochs=2)
    assert alone.opt.lr.seen == tuple(alone.train_loss.tolist())


# --- ends ----------------------------------------------------------------------------------------
class Script(NeverAsks):
    """Steps to one point after the other of a list."""

    def __init__(self, points):
        object.__setattr__(self, "points", points)

    def step(self, theta, s, f):
        return self.points[s.k], self.State(s.k + 1)


@pytest.fixture(scope="module")
def points(net, data):
    """Points in the order of their validation loss, the best first."""
    path = fit(net, data, Adam(lr=0.02), epochs=4, record="theta").recorded["theta"]
    loss = [float(losses.cross_entropy(net(p, data.validation.x), data.validation.y)) for p in path]
    assert sorted(loss, reverse=True) == loss
    return path[::-1]


def test_early_stopping_ends_and_restores(net, data, points):
    script = [points[i] for i in (3, 2, 0, 1, 0, 0, 0)]  # best in epoch 3, matched in epoch 5
    settings = {"batch_size": None, "epochs": 7}

    def train(**rule):
        return fit(net, data, Script(script), stopping=ck.EarlyStopping(2, **rule), **settings)

    history, kept = train(restore_best=True), train()
    for run in (history, kept):
        assert run.epochs == run.steps == 5
        assert run.val_loss.argmin() == 2 and run.val_loss[4] == run.val_loss[2]
        assert run.stopped_because == (
            f"early stopping after epoch 5: the best val_loss, {run.val_loss[2]:.4g}, "
            "is that of epoch 3"
        )
    assert history.epoch == 3 and kept.epoch == 5

    script = [points[i] for i in (3, 0, 1, 2)]  # never stopped, and restored all the same
    history, kept = train(restore_best=True), train()
    right = {i: np.mean(net(points[i], data.test.x).argmax(1) == data.test.y) for i in (0, 2)}
    for run, epoch, i in ((history, 2, 0), (kept, 4, 2)):
        assert run.epoch == epoch and np.array_equal(run.theta, points[i])
        assert run.test_accuracy == pytest.approx(right[i], abs=1e-12)
    assert np.array_equal(history.last.theta, points[2])


def test_running_moments_are_restored_with_theta(normed, data):
    settings = {"epochs": 12, "record": "theta"}
    opt = SGD(lr=lambda k: 0.2 if k < 20 else 9.0)  # downhill for four epochs, then far too long
    history = fit(normed, data, opt, stopping=ck.EarlyStopping(3, restore_best=True), **settings)
    short = fit(normed, data, opt, **{**settings, "epochs": history.epoch})
    assert history.epoch < history.epochs
    assert np.array_equal(history.theta, short.theta)
    assert np.array_equal(history.stats[0].mean, short.stats[0].mean)


def test_early_stopping_needs_what_it_watches(net, data):
    with pytest.raises(ValueError, match="stopping watches val_loss, but there is no validation"):
        fit(net, data.train, SGD(), stopping=ck.EarlyStopping(3))
    with pytest.raises(ValueError, match="stopping watches val_accuracy, but mse has none"):
        rule = ck.EarlyStopping(3, monitor="val_accuracy")
        fit(ck.MLP([1, 1]), ck.data.regression(n=20), SGD(), stopping=rule)
    with pytest.raises(TypeError, match=r"stopping must be a ck.EarlyStopping"):
        fit(net, data, SGD(), stopping=3)
    history = fit(net, data.train, SGD(), stopping=ck.EarlyStopping(1, monitor="train_loss"))
    assert history.epochs == 2


@pytest.mark.parametrize(
    ("at", "where"),
    [
        (1, "the loss became nan at step 2 (epoch 1)"),
        (17, "the loss became nan at step 18 (epoch 1)"),
        (44, "the next theta became nan at step 44 (epoch 1)"),
        (150, "the loss became nan at step 151 (epoch 4)"),
    ],
)
def test_divergence_names_the_step(net, data, at, where):
    opt = SGD(lr=lambda k: 1e60 if k == at - 1 else 0.01)  # infinite in float32
    history = fit(net, data, opt, epochs=4, batch_size=1)  # 44 steps an epoch
    assert history.stopped_because == f"diverged: {where}; try a smaller lr than 1e+60"
    assert history.epochs == (at - 1) // 44
    assert np.isfinite(history.step_loss[:at]).all() and len(history.step_loss) >= at
    assert math.isnan(history.test_accuracy)


def test_divergence_message_and_no_useless_steps(data):
    net = ck.MLP([2, 3])
    x, y = np.repeat(data.train.x, 50, axis=0), np.repeat(data.train.y, 50)
    bad = x.copy()
    bad[16] = np.nan
    history = fit(net, (bad, y), SGD(lr=3.0), batch_size=1, sampling="none")
    assert history.stopped_because == (
        "diverged: the loss became nan at step 17 (epoch 1); try a smaller lr than 3"
    )
    assert history.steps == 100 < len(y)  # looked at after 100 steps, not only after the epoch
    assert history.epochs == 0 and np.isnan(history.step_loss[16:]).all()


def test_divergence_gives_back_the_best(net, data, points):
    script = [points[1], points[0], points[1], points[0] * np.float32(np.nan)]
    rule = ck.EarlyStopping(9, restore_best=True)
    history = fit(net, data, Script(script), stopping=rule, batch_size=None, epochs=4)
    assert history.epochs == 3 and history.epoch == 2 and np.array_equal(history.theta, points[0])
    assert history.stopped_because.startswith("diverged: the next theta became nan at step 4")
    assert history.test_accuracy > 0.5


@dataclass(frozen=True, eq=False)
class Interrupted(Adam):
    at_step: int = hyper(8)

    def step(self, theta, state, f):
        theta, state = super().step(theta, state, f)
        if state.k == self.at_step:
            raise KeyboardInterrupt
        return theta, state


@pytest.mark.parametrize("at", [1, 5, 6, 8, 10])
def test_an_interrupt_returns_the_last_whole_step(normed, data, at):
    full = fit(normed, data, Adam(), epochs=3, record=("grad_norm", "theta"))
    history = fit(normed, data, Interrupted(at_step=at), epochs=3, record=("grad_norm", "theta"))
    assert history.stopped_because == f"interrupted at step {at - 1}"
    assert history.steps == history.last.state.k == at - 1
    assert np.array_equal(history.step_loss, full.step_loss[: at - 1])
    assert np.array_equal(history.recorded["grad_norm"], full.recorded["grad_norm"][: at - 1])
    assert history.epochs == (at - 1) // 5
    assert np.array_equal(history.train_loss, full.train_loss[: history.epochs])
    # the same steps once more, from the start: theta, state and running moments belong together
    again = fit(normed, data, Interrupted(at_step=at), epochs=3)
    assert np.array_equal(history.last.state.v, again.last.state.v)
    assert not math.isnan(history.test_accuracy)


@pytest.mark.parametrize("at", [1, 5, 6, 8])
def test_an_interrupt_in_the_middle_of_a_step_drops_it(data, at):
    class Stopped(ck.Sequential):
        calls = 0

        def update_stats(self, stats, moments):
            self.calls += 1
            if self.calls == at:
                raise KeyboardInterrupt
            return super().update_stats(stats, moments)

    layers = ck.Linear(2, 4), ck.BatchNorm(4), "relu", ck.Linear(4, 3)
    settings = {"epochs": 3, "record": ("grad_norm", "update_norm")}
    full = fit(ck.Sequential(*layers), data, Adam(), **settings)
    history = fit(Stopped(*layers), data, Adam(), **settings)
    assert history.steps == history.last.state.k == at - 1
    assert np.array_equal(history.step_loss, full.step_loss[: at - 1])
    for name in settings["record"]:
        assert np.array_equal(history.recorded[name], full.recorded[name][: at - 1])


def test_an_interrupt_between_epochs(net, data):
    def stop(history):
        if history.epochs == 2:
            raise KeyboardInterrupt

    history = fit(net, data, Adam(), epochs=5, callbacks=stop)
    assert same(
        replace(history, stopped_because=""),
        replace(fit(net, data, Adam(), epochs=2), stopped_because=""),
    )
    assert history.stopped_because == "interrupted at step 10"


def test_callbacks_see_the_history_and_may_end_it(net, data):
    seen = []

    def enough(history):
        return history.epochs == 3

    def look(history):
        seen.append(
            (history.epochs, history.steps, history.train_loss[-1], history.stopped_because)
        )
        return "not True"

    history = fit(net, data, SGD(), epochs=9, callbacks=[enough, look])
    assert history.stopped_because == "callback enough ended it after epoch 3"
    assert [s[:2] for s in seen] == [(1, 5), (2, 10), (3, 15)]
    assert [s[2] for s in seen] == history.train_loss.tolist()


# --- what is kept --------------------------------------------------------------------------------
def test_recorded_quantities(net, data):
    def first(theta):
        return theta[0]

    history = fit(
        net, data, SGD(lr=0.1), record=("theta", "grad_norm", "update_norm", first), rng=5
    )
    kept, seeds = history.recorded, Seeds.of(5)
    assert kept["theta"].shape == (3, net.layout.size)
    assert np.array_equal(kept["theta"][0], net.init(rng=seeds.init))
    assert np.array_equal(kept["theta"][-1], history.theta)
    assert np.array_equal(kept["first"], kept["theta"][:, 0])
    assert kept["grad_norm"].shape == kept["update_norm"].shape == (10,)
    np.testing.assert_allclose(kept["update_norm"], 0.1 * kept["grad_norm"], rtol=1e-5)
    chosen = epoch_order(44, "shuffle", seeds.order, 0)[:10]
    g = net.objective(*(part[chosen] for part in data.train)).grad(kept["theta"][0])
    assert kept["grad_norm"][0] == pytest.approx(np.linalg.norm(g), rel=1e-5)
    assert history.counts.grad == 10  # recording is not counted
    with pytest.raises(
        ValueError, match="record knows grad_norm, update_norm, theta and functions"
    ):
        fit(net, data, SGD(), record="grads")


def test_history_is_short_in_words_and_travels(net, data):
    history = fit(net, data, Momentum(lr=0.1))
    assert repr(history).count("\n") == 0 and len(repr(history)) < 140
    assert "2 epochs, 10 steps" in repr(history) and "finished 2 epochs" in repr(history)
    assert f"test accuracy {history.test_accuracy:.1%}" in repr(history)
    summary = history.summary().splitlines()
    assert summary[0] == "Momentum: finished 2 epochs" and len(summary) == 5
    assert summary[1].startswith("2 epochs, 10 steps, 88 examples")
    copy = pickle.loads(pickle.dumps(history))
    assert same(copy, history) and type(copy.last.state) is Momentum.State


def test_losses_are_those_of_points_taken_not_of_trials():
    """The last question of these steps is often about a point that is given up."""
    x = np.linspace(-1, 1, 20, dtype=np.float32)[:, None]
    net, data = ck.MLP([1, 8, 1], "relu"), (x, np.sin(3 * x))
    theta, f = net.init(rng=0), net.objective(*data, loss="mse")
    for opt in (
        ck.optim.TrustRegion(delta0=1e30, max_delta=1e30, solver="exact"),  # infinite at first
        ck.optim.TrustRegion(delta0=30.0),
        ck.optim.SaddleFreeNewton("best", krylov=5),
        ck.optim.GradientDescent(line_search=ck.optim.Armijo(t0=1e30)),  # never low enough
    ):
        history = fit(net, data, opt, theta=theta, loss="mse", epochs=6, batch_size=None)
        values = ck.minimize(f, theta, opt, steps=6).values
        assert history.stopped_because == "finished 6 epochs"
        for k, loss in enumerate(history.train_loss):
            assert loss in (values[k], values[k + 1])


# --- data, loss and start ------------------------------------------------------------------------
def test_a_pair_trains_without_validation(net, data):
    history = fit(net, tuple(data.train), SGD())
    whole = fit(net, data, SGD())
    assert np.array_equal(history.theta, whole.theta)
    assert np.isnan(history.val_loss).all() and np.isnan(history.val_accuracy).all()
    assert math.isnan(history.test_accuracy) and "accuracy" not in repr(history)


def test_the_usual_loss_follows_the_targets(data):
    line = fit(ck.MLP([1, 1]), ck.data.regression(n=20), SGD())
    f = ck.MLP([1, 1]).objective(*ck.data.regression(n=20).train, "mse")
    assert line.step_loss[0] == pytest.approx(
        float(f.batch(Feed20(0)).value(ck.MLP([1, 1]).init(rng=Seeds.of(0).init))), rel=1e-6
    )
    assert np.isnan(line.val_accuracy).all() and np.isfinite(line.val_loss).all()
    two = ck.data.moons(n=30)
    single = fit(ck.MLP([2, 1]), two, SGD())
    named = fit(ck.MLP([2, 1]), two, SGD(), loss="binary_cross_entropy")
    assert same(single, named) and not np.isnan(single.test_accuracy)


def Feed20(epoch):
    return epoch_order(20, "shuffle", Seeds.of(0).order, epoch)[:10]


def test_theta_is_the_start_if_given(net, data):
    start = net.init("zeros")
    history = fit(net, data, SGD(), theta=start, record="theta")
    assert np.array_equal(history.recorded["theta"][0], start)
    wide = fit(net, data, SGD(), theta=start.astype(float))
    assert wide.theta.dtype == np.float64 and history.theta.dtype == np.float32
    assert not start.any()  # nothing was written into it


def test_mistakes_are_found_before_training(net, data):
    bad = Data("bad", data.train, Split(data.validation.x, data.validation.y + 9), data.test)
    for match, error, args, settings in [
        ("labels must be from 0 to 2", ValueError, (net, bad, SGD()), {}),
        (r"data must be a ck.data.Data or a pair \(x, y\)", TypeError, (net, 3, SGD()), {}),
        (r"not Adam: write Adam\(\)", TypeError, (net, data, Adam), {}),
        ("epochs must be a whole number >= 0, not 1.5", ValueError, None, {"epochs": 1.5}),
        ("batch_size must be a whole number >= 1, not 0", ValueError, None, {"batch_size": 0}),
        ("sampling must be one of", ValueError, None, {"sampling": "random"}),
        ("rng must be a whole number >= 0, not None", ValueError, None, {"rng": None}),
        (r"theta must be \(33,\) for this network", ValueError, None, {"theta": [1.0, 2.0]}),
        ("not both", ValueError, None, {"theta": net.init(), "init": "zeros"}),
    ]:
        with pytest.raises(error, match=match):
            fit(*(args or (net, data, SGD())), **settings)


def test_progress_shows_epoch_and_accuracy_and_can_be_silent(net, data, capsys):
    fit(net, data, SGD())
    assert capsys.readouterr() == ("", "")
    history = fit(net, data, SGD(), progress=True)
    out, err = capsys.readouterr()
    last = err.split("\r")[-1]
    assert out == "" and "epoch 2/2: 100%" in last and "10/10" in last
    assert f"train loss {history.train_loss[-1]:.4g}" in last
    assert f"val accuracy {history.val_accuracy[-1]:.1%}" in last
