"""What minimize and fit ask of a start, and what they advise when a run diverges."""

import dataclasses
from collections.abc import Iterator

import numpy as np

from .. import backend
from ..backend import Array


def whole(name: str, value, least: int) -> int:
    """value as an int if it is a whole number >= least; raises ValueError otherwise."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
        raise ValueError(f"{name} must be a whole number >= {least}, not {value!r}")
    return int(value)


def starting_point(theta, own: str) -> Array:
    """theta as an array of floats on the backend in use, `own` being the dtype of plain numbers."""
    if not hasattr(theta, "dtype"):
        theta = np.asarray(theta)
        if theta.dtype.kind not in "fiu":
            raise TypeError(f"theta must hold numbers, not {theta.dtype}")
        theta = backend.to_device(theta, backend.default_dtype(own))
    backend.require(theta, "theta")
    if theta.dtype.kind in "iu":
        theta = theta.astype(backend.default_dtype(own))
    return theta


def divergence(what: str, became, step: int | str, opt, cause: int) -> str:
    """What to say when something became infinite or nan at a step, by what step `cause` did."""
    kind = "nan" if np.isnan(became) else "infinite"
    return f"diverged: the {what} became {kind} at step {step}{_advice(opt, cause - 1)}"


def _advice(opt, k):
    while not hasattr(opt, "lr") and hasattr(opt, "inner"):
        opt = opt.inner
    lr = getattr(opt, "lr", None)
    if lr is None:
        return ""
    if callable(lr):
        lr = float(lr(k))
    return "; try a smaller lr" + (f" than {lr:g}" if np.ndim(lr) == 0 else "")


def check_optimizer(opt):
    """Raise TypeError unless opt is an optimizer, not its class or something else."""
    if isinstance(opt, type) or not hasattr(opt, "step"):
        name = opt.__name__ if isinstance(opt, type) else repr(opt)
        hint = f": write {name}()" if isinstance(opt, type) else ""
        raise TypeError(f"opt must be an optimizer such as ck.optim.Adam(), not {name}{hint}")


def check_fixed(opt, net, full: bool):
    """Raise ValueError if opt needs one fixed function but every step would see another."""
    if not getattr(opt, "deterministic", False):
        return
    dropout = any(getattr(layer, "rate", 0) for layer in getattr(net, "layers", ()))
    if not full or dropout:
        what = "dropout draws other masks" if full else "a minibatch is another one"
        mend = "train a network without dropout" if full else "pass batch_size=None for all rows"
        raise ValueError(
            f"{called(opt)} needs the same function in every step, but {what} in each: "
            f"{mend}, or take an optimizer for stochastic gradients"
        )


def check_monitor(who: str, monitor: str, validate):
    """Raise ValueError if `who` watches a quantity that this training will not have."""
    if monitor != "train_loss" and not validate.n:
        raise ValueError(
            f"{who} watches {monitor}, but there is no validation data: pass a ck.data.Data, "
            'or monitor="train_loss"'
        )
    if monitor == "val_accuracy" and validate.loss.task != "classification":
        raise ValueError(f"{who} watches val_accuracy, but {validate.loss.name} has none")


def watched(opt, validate) -> str:
    """The quantity of an epoch that the schedules of opt are shown: theirs, or else a loss."""
    schedules = list(_watching(opt))
    monitors = sorted({schedule.monitor for schedule in schedules}) or ["val_loss"]
    if len(monitors) > 1:
        raise ValueError(
            f"schedules of {called(opt)} watch {' and '.join(monitors)}: they must watch the same"
        )
    (monitor,) = monitors
    for schedule in schedules:
        name, right = type(schedule).__name__, "max" if monitor == "val_accuracy" else "min"
        if getattr(schedule, "mode", right) != right:
            raise ValueError(
                f"{name}(mode={schedule.mode!r}) watches {monitor}: pass mode={right!r} "
                "or another monitor"
            )
        if monitor != "val_loss":
            check_monitor(name, monitor, validate)
    return monitor if monitor != "val_loss" or validate.n else "train_loss"


def _watching(thing) -> Iterator:
    """The schedules with a `monitor` in an optimizer, in those within it, in schedules around."""
    if hasattr(thing, "monitor"):
        yield thing
    if dataclasses.is_dataclass(thing) and not isinstance(thing, type):
        for field in dataclasses.fields(thing):
            yield from _watching(getattr(thing, field.name))


def called(opt) -> str:
    """The class of an optimizer, and of those within it: ClipNorm(Adam)."""
    name = type(opt).__name__
    return f"{name}({called(opt.inner)})" if hasattr(opt, "inner") else name
