"""Train a network on data: epochs of minibatch steps, and what is looked at in between."""

import numpy as np

from .. import backend, losses
from . import checkpoint as files
from .checks import check_fixed, check_monitor, check_optimizer, starting_point, watched, whole
from .evaluate import Evaluator
from .feed import Feed, Seeds, splits, usual_loss
from .history import History, Point
from .log import Log
from .progress import bar

GUARD = 100  # steps between looks at the loss within an epoch: after a nan the rest is in vain


def fit(
    net,
    data,
    opt,
    *,
    theta=None,
    init=None,
    loss=None,
    epochs: int = 10,
    batch_size: int | None = 32,
    curvature_batch_size: int | None = None,
    sampling: str = "shuffle",
    stopping=None,
    callbacks=(),
    checkpoint=None,
    checkpoint_every: int = 1,
    resume=None,
    progress: bool = True,
    record=(),
    rng: int = 0,
    threads: int | None = 1,
) -> History:
    """Train net on data with opt, and return the `History`.

    data: a `ck.data.Data`, or (x, y) to train on alone. theta or init, an initializer: the start.
    loss: by name; None takes cross entropy for labels, mse for real targets. batch_size: None takes
    all rows. callbacks: functions of the History so far, after each epoch; True ends the run.
    checkpoint: a file written every so many epochs; resume: one to go on from exactly, up to
    `epochs` in all. record: "grad_norm", "update_norm" (each step), "theta" or functions of theta
    (at the start and after each epoch). threads: of linear algebra; one is fastest on small nets.

    Chance comes from rng in separate streams, so the start does not depend on the batch size.
    Divergence or an interrupt ends the run and returns what was reached.

    >>> import coursekit as ck
    >>> net, opt = ck.MLP([64, 32, 10]), ck.optim.Momentum(lr=0.1)
    >>> history = ck.fit(net, ck.data.digits(), opt, epochs=5, progress=False)
    >>> history.test_accuracy > 0.9
    True
    """
    check_optimizer(opt)
    whole("epochs", epochs, 0)
    whole("checkpoint_every", checkpoint_every, 1)
    if checkpoint is not None:
        files.check_target(checkpoint)
    train, validation, test = splits(data)
    loss = losses.get(loss or usual_loss(train[1], net))
    f, seeds = net.objective(*train, loss), Seeds.of(rng)
    validate, examine = Evaluator(net, validation, loss), Evaluator(net, test, loss)
    feed = Feed(f.examples_per_call, batch_size, curvature_batch_size, sampling, seeds)
    check_fixed(opt, net, feed.full)
    _check_stopping(stopping, validate)
    log = Log(opt, f, feed.sizes, validate, watched(opt, validate), stopping, record)
    if checkpoint is not None or resume is not None:
        data = (train, validation) if validate.n else (train,)
        made = files.Fingerprint(opt, net, loss, data, feed, rng, log.recorder.names)
    if resume is None:
        at = _start(net, theta, init, opt, seeds)
        log.recorder.epoch(opt.solution(at.theta, at.state))
    else:
        at = log.restore(files.load(resume, made))

    steps = len(feed.sizes)
    with (
        np.errstate(all="ignore"),
        backend.blas_threads(threads),
        bar(progress, epochs * steps, at.step) as shown,
    ):
        try:
            while len(log.epochs) < epochs and not log.why:
                shown.report(len(log.epochs) + 1, epochs, log.epochs[-1:])
                for rows, curvature in feed(len(log.epochs)):
                    batch = f.batch(rows, curvature, rng=(seeds.masks, at.step))
                    theta, state = log.opt.step(at.theta, at.state, batch)
                    seen = _evaluated(batch, at.theta, theta)
                    log.losses.append(seen.last_value)
                    log.recorder.step(batch, at.theta, theta)
                    stats = net.update_stats(at.stats, seen.moments)
                    at = Point(at.step + 1, theta, state, stats)
                    shown.update()
                    if at.step % GUARD == 0 and not np.isfinite(log.losses[-1]):
                        break
                log.close_epoch(at)
                if not log.diverged:
                    last = log.why or len(log.epochs) == epochs
                    if checkpoint and (last or len(log.epochs) % checkpoint_every == 0):
                        files.save(checkpoint, made, log.kept(at))
                    _call(callbacks, log, at)
            shown.report(len(log.epochs), epochs, log.epochs[-1:])
            log.why = log.why or f"finished {epochs} epochs"
        except KeyboardInterrupt:
            log.fetch(at)
            log.why = f"interrupted at step {at.step}"
        return log.history(at, examine)


def _start(net, theta, init, opt, seeds) -> Point:
    if theta is None:
        theta = net.init(init or "kaiming_normal", rng=seeds.init)
    elif init is not None:
        raise ValueError("give either theta or init, not both: each says where to start")
    theta = starting_point(theta, "float32")
    if theta.shape != (net.layout.size,):
        raise ValueError(f"theta must be ({net.layout.size},) for this network, not {theta.shape}")
    return Point(0, theta, opt.init(theta), net.init_stats())


def _evaluated(batch, before, after):
    """The minibatch after an evaluation: that of the step which went from `before` to `after`.

    Or else an uncounted one: at `before` if the step asked for none, at `after` if its last was of
    a point that it gave up.
    """
    try:
        if batch.saw(before, after):
            return batch
    except ValueError:
        after = before
    view = batch.uncounted()
    view.value(after)
    return view


def _call(callbacks, log, at):
    for callback in [callbacks] if callable(callbacks) else callbacks:
        if callback(log.history(at)) is True and not log.why:
            name = getattr(callback, "__name__", type(callback).__name__)
            log.why = f"callback {name} ended it after epoch {len(log.epochs)}"


def _check_stopping(stopping, validate):
    if stopping is None:
        return
    if not hasattr(stopping, "observe") or isinstance(stopping, type):
        raise TypeError(f"stopping must be a ck.EarlyStopping(...), not {stopping!r}")
    check_monitor("stopping", stopping.monitor, validate)
