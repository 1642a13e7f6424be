"""Early stopping: when to believe that a run no longer gets better."""

import math
from dataclasses import dataclass
from typing import NamedTuple

from ..optim.hyper import hyper
from ..optim.plateau import MONITORS


class Watch(NamedTuple):
    """What early stopping remembers from one check to the next."""

    best: float = math.inf  # lower is better; an accuracy is watched as its negative
    best_epoch: int = 0  # 1 is the first; 0 before the first check
    wait: int = 0  # checks since then
    stop: bool = False


@dataclass(frozen=True)
class EarlyStopping:
    """Stop when the monitored quantity has not improved for `patience` checks, as Keras does.

    A check after an epoch is an improvement if monitor < best - min_delta, strictly (for accuracies
    > best + min_delta); only an improvement moves best. The run ends with the check that makes
    `patience` of them without one, but never with the first; patience 0 acts like 1. With
    restore_best it returns the parameters of the best check, however it ended.

    >>> import coursekit as ck
    >>> stopping, watch = ck.EarlyStopping(patience=2), ck.EarlyStopping().start()
    >>> for epoch, loss in enumerate([1.0, 0.8, 0.9, 0.8, 0.7], start=1):
    ...     watch = stopping.observe(watch, epoch, loss)
    ...     if watch.stop:
    ...         break
    >>> epoch, watch.best, watch.best_epoch
    (4, 0.8, 2)
    """

    patience: int = hyper(10, low=0, slider=(0, 50), doc="checks to wait for an improvement")
    min_delta: float = hyper(0.0, low=0, slider=(0.0, 0.1), doc="the least that counts as one")
    restore_best: bool = hyper(False, choices=(False, True), doc="return the best, not the last")
    monitor: str = hyper("val_loss", choices=MONITORS, doc="what is watched")
    every: int = hyper(1, low=1, slider=(1, 10), doc="epochs from one check to the next")

    def __post_init__(self):
        for name, least in (("patience", 0), ("every", 1)):
            value = getattr(self, name)
            if not isinstance(value, int) or isinstance(value, bool) or value < least:
                raise ValueError(
                    f"EarlyStopping: {name} must be a whole number >= {least}, not {value!r}"
                )
        if not self.min_delta >= 0:
            raise ValueError(f"EarlyStopping: min_delta must be >= 0, not {self.min_delta!r}")
        if self.monitor not in MONITORS:
            raise ValueError(
                f"EarlyStopping: monitor must be one of {MONITORS}, not {self.monitor!r}"
            )

    def start(self) -> Watch:
        """The watch before the first check."""
        return Watch()

    def observe(self, watch: Watch, epoch: int, value: float) -> Watch:
        """The watch after epoch number `epoch`, the first being 1, with this monitored value."""
        if epoch % self.every:
            return watch
        if self.monitor == "val_accuracy":
            value = -value
        first = watch.best_epoch == 0  # so that there is something to restore, even after a nan
        if value + self.min_delta < watch.best:  # never true of a nan
            return Watch(value, epoch)
        wait = watch.wait + 1
        return watch._replace(
            best_epoch=epoch if first else watch.best_epoch,
            wait=wait,
            stop=wait >= self.patience and not first,
        )
