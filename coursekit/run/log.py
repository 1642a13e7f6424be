"""The books of a training: what the loop reports, and what is decided on it."""

import math
import time
from typing import Any

import numpy as np

from ..objective import Counts
from .checks import divergence
from .evaluate import Evaluator, Score
from .history import Epoch, History, Point
from .record import Recorder, collected
from .stopping import Watch


class Log:
    """Losses, epochs and the best point so far; `why` is set once there is a reason to stop."""

    def __init__(self, opt, f, sizes, validate: Evaluator, watched: str, stopping, record):
        self.opt, self.f, self.sizes, self.validate = opt, f, sizes, validate
        self.watched = watched  # what schedules are shown
        self.stopping, self.recorder = stopping, Recorder(record)
        self.watch = stopping.start() if stopping else Watch()
        self.losses: list = []  # of the epoch that runs, on the backend
        self.step_loss: list[float] = []
        self.epochs: list[Epoch] = []
        self.best: tuple | None = None  # (epoch, theta to evaluate, stats)
        self.before, self.began = Counts(), time.perf_counter()  # both moved back by a resume
        self.why, self.diverged = "", False

    def close_epoch(self, at: Point):
        """Fetch the losses of an epoch, evaluate, and see whether there is a reason to stop."""
        epoch, losses = len(self.epochs) + 1, self.fetch(at)
        first = at.step - len(losses) + 1
        bad = np.flatnonzero(~np.isfinite(losses))
        self.diverged = bool(bad.size) or not bool(np.isfinite(at.theta).all())
        if self.diverged:
            what, became, cause = "next theta", math.nan, at.step
            step = f"{at.step} (epoch {epoch})"
            if bad.size:  # the loss at a theta is what the step before it did
                what, became, cause = "loss", losses[bad[0]], max(first + bad[0] - 1, 1)
                step = f"{first + bad[0]} (epoch {epoch})"
            self.why = divergence(what, became, step, self.opt, cause)
            return
        theta = self.opt.solution(at.theta, at.state)
        score = self.validate(theta, at.stats)
        seconds = time.perf_counter() - self.began
        train_loss = float(np.average(losses, weights=self.sizes))
        line = Epoch(train_loss, *score, self.counts.examples, seconds)
        self.recorder.epoch(theta)
        self.epochs.append(line)
        self.judge(line, epoch)
        if self.watch.best_epoch == epoch and self.stopping.restore_best:
            self.best = (epoch, theta, at.stats)

    def judge(self, line: Epoch, epoch: int):
        """Let metric-driven schedules and early stopping see an epoch."""
        self.opt = self.opt.observe(getattr(line, self.watched))
        if not self.stopping:
            return
        self.watch = self.stopping.observe(self.watch, epoch, getattr(line, self.stopping.monitor))
        if self.watch.stop:
            self.why = (
                f"early stopping after epoch {epoch}: the best {self.stopping.monitor}, "
                f"{abs(self.watch.best):.4g}, is that of epoch {self.watch.best_epoch}"
            )

    def fetch(self, at: Point) -> np.ndarray:
        """The losses of the whole steps since the last call; they are kept in step_loss too."""
        new = collected(self.losses[: at.step - len(self.step_loss)])
        self.step_loss += new.tolist()
        self.losses.clear()
        self.recorder.fetch(at.step)
        return new

    @property
    def counts(self) -> Counts:
        return Counts(*(a + b for a, b in zip(self.before, self.f.counts, strict=True)))

    # --- checkpoints -----------------------------------------------------------------------------
    def kept(self, at: Point) -> dict[str, Any]:
        """All that a resumed training must know."""
        return {
            "at": at,
            "epochs": np.array(self.epochs, float),
            "step_loss": np.array(self.step_loss),
            "best": self.best,
            "counts": self.counts,
            "recorded": self.recorder.arrays(),
        }

    def restore(self, kept: dict[str, Any]) -> Point:
        """Continue these books; schedules and early stopping see the old epochs once more."""
        for line in kept["epochs"].tolist():
            self.epochs.append(Epoch(*line)._replace(examples=int(line[3])))
            self.judge(self.epochs[-1], len(self.epochs))
        self.step_loss = kept["step_loss"].tolist()
        self.recorder.restore(kept["recorded"])
        self.best, self.before = kept["best"], kept["counts"]
        if self.stopping and self.stopping.restore_best:
            if self.watch.best_epoch != (self.best or (0,))[0]:  # another rule than the file's
                self.watch, self.best, self.why = self.stopping.start(), None, ""
        else:
            self.best = None
        if self.epochs:
            self.began -= self.epochs[-1].seconds
        return kept["at"]

    # --- the outcome -----------------------------------------------------------------------------
    def history(self, at: Point, examine=None) -> History:
        """All of it so far; with `examine`, how good the outcome is on the test data."""
        epoch, theta, stats = self.best or (
            len(self.epochs), self.opt.solution(at.theta, at.state), at.stats,
        )  # fmt: skip
        usable = examine and bool(np.isfinite(theta).all())
        test = examine(theta, stats) if usable else Score()
        columns = np.array(self.epochs, float).reshape(-1, len(Epoch._fields)).T
        train_loss, val_loss, val_accuracy, examples, seconds = columns
        return History(
            train_loss=train_loss,
            step_loss=np.array(self.step_loss),
            val_loss=val_loss,
            val_accuracy=val_accuracy,
            test_loss=test.loss,
            test_accuracy=test.accuracy,
            examples=examples.astype(int),
            seconds=seconds,
            theta=theta,
            stats=stats,
            epoch=epoch,
            last=at,
            opt=self.opt,
            counts=self.counts,
            recorded=self.recorder.arrays(),
            stopped_because=self.why,
        )
