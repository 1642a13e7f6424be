"""Train a network on data: epochs of minibatch steps, and what is looked at in between."""

import warnings

import numpy as np

from .. import __version__, backend, losses
from . import checkpoint as files
from .checks import check_fixed, check_optimizer, starting_point, whole
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

    data: a `ck.data.Data`, or (x, y) to train on alone. theta, or init(ializer): where to start.
    batch_size None takes all rows in each step; curvature_batch_size further rows for curvature.
    stopping: an `EarlyStopping`. callbacks: functions of the History so far, called after each
    epoch; one that returns True ends the run. checkpoint: a file written after each epoch, from
    which resume= goes on exactly, to `epochs` in all. record: "theta" and functions of theta (before
    the first epoch and after each), "grad_norm" and "update_norm" (in each step).

    A run is a function of rng, which feeds separate streams: neither start nor masks depend on the
    batch size. Divergence and an interrupt end it with what was reached.

    >>> import coursekit as ck
    >>> net, opt = ck.MLP([64, 32, 10]), ck.optim.Adam()
    >>> history = ck.fit(net, ck.data.digits(), opt, epochs=5, progress=False)
    >>> history.val_accuracy[-1] > 0.9
    np.True_
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
    _check_stopping(stopping, validate, loss)
    feed = Feed(f.examples_per_call, batch_size, curvature_batch_size, sampling, seeds)
    check_fixed(opt, net, feed.full)
    log = Log(opt, f, feed.sizes, validate, stopping, record)
    identity, settings = {}, {}
    if checkpoint is not None or resume is not None:
        name, hyper = files.describe_optimizer(opt)
        identity = dict(
            optimizer=name, layout=repr(net.layout), loss=files.describe(loss),
            data=f"{f.examples_per_call} rows with checksum {files.checksum(*train, *(validation or ()))}",
            record=repr(log.recorder.names),
        )
        settings = {k: files.describe(v) for k, v in dict(
            batch_size=batch_size, curvature_batch_size=curvature_batch_size, sampling=sampling,
            rng=rng, coursekit=__version__, numpy=np.__version__, backend=backend.backend_name(), 
        ).items()} | hyper
