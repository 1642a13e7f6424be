"""Checkpoints: a resumed training is, bit for bit, the one that was never interrupted."""

import inspect
import json
import os
from collections import namedtuple
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pytest

import coursekit as ck
from coursekit.optim import Optimizer, hyper
from coursekit.run import checkpoint as files

SGD, Adam, Momentum = ck.optim.SGD, ck.optim.Adam, ck.optim.Momentum


@pytest.fixture(scope="module")
def data():
    return ck.data.blobs(n=44, spread=0.6)


@pytest.fixture(scope="module")
def net():
    return ck.Sequential(ck.Linear(2, 6), ck.BatchNorm(6), "tanh", ck.Dropout(0.3), ck.Linear(6, 3))


@pytest.fixture
def file(tmp_path):
    return tmp_path / "run.npz"


def fit(net, data, opt, **settings):
    return ck.fit(net, data, opt, **{"epochs": 5, "batch_size": 10, "progress": False, **settings})


def leaves(tree):
    if isinstance(tree, tuple | list):
        return [leaf for part in tree for leaf in leaves(part)]
    return [tree]


def assert_same_run(a, b):
    for name in ("train_loss", "step_loss", "val_loss", "val_accuracy", "examples", "theta"):
        x, y = getattr(a, name), getattr(b, name)
        assert x.dtype == y.dtype and np.array_equal(x, y), name
    assert a.recorded.keys() == b.recorded.keys()
    for name in a.recorded:
        assert np.array_equal(a.recorded[name], b.recorded[name]), name
    for x, y in zip(leaves((a.last, a.stats)), leaves((b.last, b.stats)), strict=True):
        assert type(x) is type(y) and np.array_equal(x, y)
    assert type(a.last.state) is type(b.last.state)
    for name in ("counts", "epoch", "stopped_because", "test_loss", "test_accuracy"):
        assert getattr(a, name) == getattr(b, name), name


def resumed(net, data, opt, file, until=2, **settings):
    """A run that was interrupted after `until` epochs, in pieces."""
    fit(net, data, opt, **{**settings, "epochs": until}, checkpoint=file)
    return fit(net, data, opt, **settings, resume=file)


# --- exactly -------------------------------------------------------------------------------------
@dataclass(frozen=True, eq=False)
class Hoarder(Optimizer):
    """Keeps in its state everything that a state may hold."""

    lr: float = hyper(0.05)

    class Pair(NamedTuple):
        s: object
        y: object

    State = namedtuple("HoarderState", "k pairs last scalar flag text nothing table")

    def init(self, theta):
        return self.State(0, (), None, np.float32(0), True, "", None, {})

    def step(self, theta, s, f):
        g = f.grad(theta)
        pairs = (*s.pairs, self.Pair(theta, g))[-2:]
        ahead = theta - self.lr * sum(pair.y for pair in pairs)
        norm = np.sqrt((g * g).sum())
        table = {"sum": norm + s.table.get("sum", 0), "list": [s.k, float(norm)]}
        return ahead, self.State(s.k + 1, pairs, g, norm, not s.flag, f"{s.k}", None, table)


def every_optimizer():
    """One of each exported optimizer that can be made without arguments and takes minibatches."""
    for name in ck.optim.__all__:
        kind = getattr(ck.optim, name)
        if (
            not (inspect.isclass(kind) and issubclass(kind, Optimizer))
            or kind.step is Optimizer.step
        ):
            continue
        needs = [p for p in inspect.signature(kind).parameters.values() if p.default is p.empty]
        if name != "Elementwise" and not needs and not kind.deterministic:
            # on a network's Hessian, which may be singular, Newton's step needs damping
            yield pytest.param(kind(damping=1.0) if name == "Newton" else kind(), id=name)
    yield pytest.param(Hoarder(), id="Hoarder")


@pytest.mark.parametrize("opt", [*every_optimizer()])
def test_resumed_is_uninterrupted_for_every_optimizer(net, data, opt, file):
    settings = {"epochs": 3, "curvature_batch_size": 15}
    whole = fit(net, data, opt, **settings)
    assert_same_run(resumed(net, data, opt, file, until=1, **settings), whole)


@pytest.mark.parametrize("sampling", ["shuffle", "once", "none", "replacement"])
@pytest.mark.parametrize("batch_size", [10, None])
def test_resumed_is_uninterrupted_for_every_sampling(net, data, sampling, batch_size, file):
    settings = {
        "sampling": sampling,
        "batch_size": batch_size,
        "record": ("theta", "grad_norm"),
        "rng": 9,
    }
    whole = fit(net, data, Adam(), **settings)
    assert_same_run(resumed(net, data, Adam(), file, **settings), whole)


@dataclass(frozen=True)
class Halving:
    lr: float = 0.5

    def __call__(self, k):
        return self.lr

    def observe(self, metric):
        return Halving(self.lr / 2 if metric > 0.5 else self.lr * 0.9)


def test_schedules_and_early_stopping_go_on_where_they_were(net, data, file):
    rule = ck.EarlyStopping(2, 0.01, restore_best=True)
    settings = {"stopping": rule, "epochs": 40}
    opt = SGD(lr=Halving())
    whole = fit(net, data, opt, **settings)
    assert "early stopping" in whole.stopped_because and whole.epoch < whole.epochs
    for until in (1, whole.epoch, whole.epochs - 1, 40):  # 40: it had stopped by itself
        run = resumed(net, data, opt, file, until=until, **settings)
        assert_same_run(run, whole)
        assert run.opt.lr == whole.opt.lr


def test_seconds_go_on(net, data, file):
    fit(net, data, SGD(), epochs=2, checkpoint=file)
    first = fit(net, data, SGD(), epochs=2, resume=file)
    run = fit(net, data, SGD(), epochs=3, resume=file)
    assert np.array_equal(run.seconds[:2], first.seconds) and run.seconds[2] > run.seconds[1]


def test_after_an_interrupt_the_last_epoch_is_there(net, data, file):
    def stop(history):
        if history.epochs == 3:
            raise KeyboardInterrupt

    fit(net, data, Adam(), checkpoint=file, callbacks=stop)
    assert_same_run(fit(net, data, Adam(), resume=file), fit(net, data, Adam()))


def test_every_so_many_epochs_and_at_the_end(net, data, file):
    written = []
    look = lambda history: written.append(os.path.exists(file) and file.stat().st_mtime_ns)  # noqa: E731
    fit(net, data, Adam(), checkpoint=file, checkpoint_every=2, callbacks=look)
    assert [bool(w) for w in written] == [False, True, True, True, True]
    assert written[1] == written[2] < written[3] < written[4]


def test_a_diverged_epoch_does_not_overwrite_a_good_one(net, data, file):
    opt = SGD(lr=lambda k: 1e60 if k == 12 else 0.1)
    run = fit(net, data, opt, checkpoint=file)
    assert "diverged" in run.stopped_because and run.epochs == 2
    again = fit(net, data, opt, epochs=2, resume=file)
    assert again.steps == 10 and np.isfinite(again.theta).all()


def test_nothing_but_the_file_is_left_and_it_holds_no_code(net, data, file):
    fit(net, data, Hoarder(), checkpoint=file)
    assert [p.name for p in file.parent.iterdir()] == ["run.npz"]
    with np.load(file, allow_pickle=False) as content:
        arrays = {name: content[name] for name in content.files}
    assert all(a.dtype.kind in "fiubU" for a in arrays.values())
    assert json.loads(str(arrays["about"]))["identity"]["optimizer"] == "Hoarder"


def test_a_failed_write_leaves_the_old_file(net, data, file, monkeypatch):
    fit(net, data, SGD(), epochs=1, checkpoint=file)
    before = file.read_bytes()

    def full(*args, **kwargs):
        raise OSError("no space left on device")

    monkeypatch.setattr(np, "savez", full)
    with pytest.raises(OSError, match="no space"):
        fit(net, data, SGD(), epochs=1, checkpoint=file)
    assert file.read_bytes() == before
    assert [p.name for p in file.parent.iterdir()] == ["run.npz"]


# --- what has changed ----------------------------------------------------------------------------
def test_a_changed_hyper_parameter_is_taken_and_said(net, data, file):
    fit(net, data, Adam(lr=0.1), epochs=2, checkpoint=file)
    with pytest.warns(UserWarning, match=r"run.npz: lr was 0.1, is 0.01$"):
        run = fit(net, data, Adam(lr=0.01), resume=file)
    by_hand = fit(net, data, Adam(lr=lambda k: 0.1 if k < 10 else 0.01))
    assert np.array_equal(run.theta, by_hand.theta)


def test_changed_settings_are_said(net, data, file):
    fit(net, data, SGD(lr=np.full(net.layout.size, 0.1)), epochs=2, checkpoint=file)
    other = SGD(lr=np.full(net.layout.size, 0.2))
    with pytest.warns(UserWarning) as said:
        fit(net, data, other, resume=file, batch_size=11, rng=1, sampling="once")
    words = str(said[0].message)
    assert len(said) == 1 and "lr was float64 array (51,) with checksum" in words
    assert "batch_size was 10, is 11; sampling was shuffle, is once; rng was 0, is 1" in words


@dataclass(frozen=True, eq=False)
class Wrapper(Optimizer):
    inner: Optimizer = None

    def __post_init__(self):
        pass

    def init(self, theta):
        return self.inner.init(theta)

    def step(self, theta, state, f):
        return self.inner.step(theta, state, f)

    def observe(self, metric):
        return self


def test_a_wrapped_optimizer_is_known_by_what_it_wraps(net, data, file):
    fit(net, data, Wrapper(Adam(lr=0.1)), epochs=1, checkpoint=file)
    with pytest.raises(
        ValueError, match=r"its optimizer was Wrapper\(Adam\), now it is Wrapper\(SGD"
    ):
        fit(net, data, Wrapper(SGD()), resume=file)
    with pytest.warns(UserWarning, match=r"inner.lr was 0.1, is 0.2"):
        fit(net, data, Wrapper(Adam(lr=0.2)), resume=file)


def test_a_changed_early_stopping_that_the_file_cannot_serve_begins_anew(net, data, file):
    fit(net, data, SGD(lr=0.1), epochs=2, checkpoint=file)
    rule = ck.EarlyStopping(9, restore_best=True)
    run = fit(net, data, SGD(lr=0.1), resume=file, stopping=rule)
    assert run.epoch == 2 + int(run.val_loss[2:].argmin()) + 1


# --- what cannot go on ---------------------------------------------------------------------------
def test_a_foreign_run_is_refused_and_the_difference_named(net, data, file):
    fit(net, data, Adam(), epochs=1, checkpoint=file)
    other = ck.data.blobs(n=44, spread=0.6, rng=1)
    for words, args, settings in [
        ("its optimizer was Adam, now it is Momentum", (net, data, Momentum()), {}),
        ("its layout was Layout.*, now it is Layout", (ck.MLP([2, 6, 3]), data, Adam()), {}),
        ("its data was 44 rows, checksum .*, now it is 44 rows", (net, other, Adam()), {}),
        ("its loss was CrossEntropy.* now it is Huber", (ck.MLP([2, 3]), data, Adam()), {}),
        ("its record was nothing, now it is theta", (net, data, Adam()), {"record": "theta"}),
    ]:
        if "loss" in words:
            fit(ck.MLP([2, 3]), data, Adam(), epochs=1, checkpoint=file)
            y = np.eye(3)[data.train.y]
            args = (ck.MLP([2, 3]), (data.train.x, y), Adam())
            settings = {"loss": "huber"}
        with pytest.raises(ValueError, match=rf"resume: .*run.npz does not fit this run: {words}"):
            fit(*args, **settings, resume=file)
        fit(net, data, Adam(), epochs=1, checkpoint=file)


@pytest.mark.parametrize("how", ["cut", "flipped", "empty", "text", "other", "format"])
def test_a_damaged_or_foreign_file_is_one_clear_error(net, data, file, how):
    fit(net, data, Adam(), epochs=1, checkpoint=file)
    content = bytearray(file.read_bytes())
    if how == "cut":
        file.write_bytes(content[: len(content) // 2])
    elif how == "flipped":
        content[len(content) // 2] ^= 1
        file.write_bytes(content)
    elif how == "empty":
        file.write_bytes(b"")
    elif how == "text":
        file.write_text("theta")
    elif how == "other":
        np.savez(file, theta=np.zeros(3))
    else:
        about = {"format": 99, "identity": {}, "settings": {}, "run": None}
        np.savez(file, about=np.array(json.dumps(about)))
    with pytest.raises(ValueError, match=r"^resume: .*run.npz is damaged or not a checkpoint"):
        fit(net, data, Adam(), resume=file)


def test_missing_files_and_folders_are_found_before_training(net, data, tmp_path):
    steps = []
    trap = {"callbacks": lambda history: steps.append(1)}
    with pytest.raises(FileNotFoundError, match=r"resume: there is no file .*no.npz"):
        fit(net, data, Adam(), resume=tmp_path / "no.npz", **trap)
    with pytest.raises(FileNotFoundError, match=r"checkpoint: there is no folder .*nowhere"):
        fit(net, data, Adam(), checkpoint=tmp_path / "nowhere" / "run.npz", **trap)
    with pytest.raises(IsADirectoryError, match="is a folder, not a file"):
        fit(net, data, Adam(), checkpoint=tmp_path, **trap)
    assert not steps


def test_trees_come_back_as_they_were():
    pair = Hoarder.Pair(np.arange(3, dtype=np.float32), None)
    tree = (pair, [1, 2.5, "a", True], {"x": np.float32(0.1), "y": ()}, np.array(2.0), np.inf)
    arrays = []
    text = json.dumps(files._taken_apart(tree, arrays))
    back = files._put_together(json.loads(text), arrays)
    assert repr(back) == repr(tree) and type(back[0]) is Hoarder.Pair
    assert type(back[2]["x"]) is np.float32 and type(back[3]) is np.ndarray


def test_a_state_that_has_no_name_is_said(net, data, file):
    Local = namedtuple("Local", "k")

    class Nameless(SGD):
        def init(self, theta):
            return Local(0)

        def step(self, theta, s, f):
            return theta, Local(s.k + 1)

    with pytest.raises(TypeError, match=r"a checkpoint cannot name .*Local"):
        fit(net, data, Nameless(), checkpoint=file)
    with pytest.raises(TypeError, match="a checkpoint keeps arrays and numbers, not object"):
        files._taken_apart((object(),), [])
