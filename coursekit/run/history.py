"""What a training leaves behind."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from ..backend import Array
from ..objective import Counts
from .checks import called


class Point(NamedTuple):
    """Where training stands after some whole steps, and from where it can go on."""

    step: int
    theta: Array
    state: Any
    stats: tuple


class Epoch(NamedTuple):
    """What is known after an epoch; nan stands for what is not."""

    train_loss: float
    val_loss: float
    val_accuracy: float
    examples: int
    seconds: float


@dataclass(frozen=True, eq=False, repr=False)
class History:
    """A training from start to end. Epochs and steps count from 1; row 0 of an array is the first.

    train_loss     (E,) mean over the examples of an epoch, each at the theta of its step
    step_loss      (S,) loss of each minibatch, as its step last saw it: where it began or ended
    val_loss, val_accuracy     (E,) after each epoch; nan without validation data
    test_loss, test_accuracy   with theta, once, at the end; nan without test data
    examples       (E,) rows of data gone through so far, curvature and line searches included
    seconds        (E,) since the start, evaluation included
    theta, stats   what to evaluate: `net(history.theta, x, stats=history.stats)`
    epoch          the epoch after which theta was reached: the last, or the best if restored
    last           the point after the last whole step: (step, theta, state, stats)
    opt            the optimizer as it ended; schedules that watch a metric have moved on
    counts         the questions asked of the objective
    recorded       name -> array, for what `record` asked
    """

    train_loss: np.ndarray
    step_loss: np.ndarray
    val_loss: np.ndarray
    val_accuracy: np.ndarray
    test_loss: float
    test_accuracy: float
    examples: np.ndarray
    seconds: np.ndarray
    theta: Array
    stats: tuple
    epoch: int
    last: Point
    opt: Any
    counts: Counts
    recorded: dict[str, np.ndarray]
    stopped_because: str

    @property
    def epochs(self) -> int:
        """How many epochs were completed."""
        return len(self.train_loss)

    @property
    def steps(self) -> int:
        """How many steps were taken."""
        return self.last.step

    def __repr__(self):
        parts = [f"{self.epochs} epochs", f"{self.steps} steps"]
        if self.epochs:
            parts.append(f"train loss {self.train_loss[-1]:.4g}")
        parts += [
            f"{name} accuracy {value:.1%}"
            for name, value in (("val", self._at("val_accuracy")), ("test", self.test_accuracy))
            if not np.isnan(value)
        ]
        return f"History({', '.join(parts)}; {self.stopped_because or 'running'})"

    def summary(self) -> str:
        """A few lines: what was reached, after how much work, and why it ended."""
        seconds = self.seconds[-1] if self.epochs else 0.0
        lines = [
            f"{called(self.opt)}: {self.stopped_because or 'running'}",
            f"{self.epochs} epochs, {self.steps} steps, {self.counts.examples} examples, "
            f"{seconds:.2f} s",
        ]
        if self.epochs:
            lines.append(f"train loss {self.train_loss[0]:.4g} -> {self.train_loss[-1]:.4g}")
        for name, loss, accuracy in (
            ("validation", self._at("val_loss"), self._at("val_accuracy")),
            ("test", self.test_loss, self.test_accuracy),
        ):
            if not np.isnan(loss):
                right = "" if np.isnan(accuracy) else f", accuracy {accuracy:.1%}"
                lines.append(f"{name} loss {loss:.4g}{right} (theta of epoch {self.epoch})")
        return "\n".join(lines)

    def _at(self, name):
        """The value after the epoch that theta belongs to."""
        return getattr(self, name)[self.epoch - 1] if self.epoch else np.nan
