"""Gradient descent and SGD side by side: what the demo `gd_vs_sgd` finds."""

import functools
from dataclasses import dataclass
from typing import Any

import numpy as np

from .big_problem import FULL, Bowl, Cloud, Curve

M = FULL[0]
ORDERS = {
    "each epoch": "shuffle",
    "once": "once",
    "never": "none",
    "with replacement": "replacement",
}
STEPS = 20  # times the epochs: what the axis of steps shows
TINY = 1e-200  # so that nothing is left but rounding can be drawn on an axis of logarithms


@dataclass(frozen=True)
class Result:
    """The two methods on one problem, as far as they are known."""

    bowl: Bowl
    values: dict[str, Any]
    lr_gd: float
    lr_sgd: float
    sgd: Curve
    twin: Curve | None  # a smaller run that stands for this one until it is done
    cloud: Cloud  # where SGD is now
    costs: tuple[float, float] | None  # seconds for a step of GD and for one of SGD

    @property
    def per_epoch(self) -> int:
        return -(-M // self.values["batch_size"])

    @property
    def known(self) -> Curve:
        return self.sgd if self.twin is None else self.twin

    @property
    def unit(self) -> tuple[float, float]:
        """How long a step of gradient descent and an epoch of SGD are on the axis."""
        return unit_of(self.values["axis"], self.per_epoch, self.costs)

    @property
    def end(self) -> float:
        """Where the axis ends."""
        return end_of(self.values, self.unit)

    @property
    def now(self) -> float:
        """Where on the axis time has come to."""
        return self.values["t"] / 100 * self.end

    @functools.cached_property
    def gd(self) -> tuple[np.ndarray, np.ndarray]:
        """The curve of gradient descent on the axis: each step, or 200 of very many."""
        last = max(1, int(np.ceil(self.end / self.unit[0])))
        k = np.unique(np.linspace(0, last, min(last, 200) + 1).astype(int))
        return k * self.unit[0], self.bowl.descent(self.lr_gd, k)

    @functools.cached_property
    def needed(self) -> tuple[float, float]:
        """Steps of gradient descent, and epochs of SGD, until the target is reached."""
        target = self.values["target"]
        return self.bowl.steps_to(target, self.lr_gd), self.known.first_below(target)

    @functools.cached_property
    def worth(self) -> float:
        """How many steps of gradient descent come as far as the first epoch of SGD."""
        reached = float(np.exp(np.interp(1.0, self.known.epochs, np.log(self.known.above + TINY))))
        return self.bowl.steps_to(reached, self.lr_gd) if reached < 1 else 0.0

    @functools.cached_property
    def crossing(self) -> float:
        """Where on the axis gradient descent gets below SGD for good; infinite if nowhere.

        Before its first step is over it has not got anywhere.
        """
        x, y = self.known.epochs * self.unit[1], self.known.above
        gd = np.exp(np.interp(x, self.gd[0], np.log(self.gd[1] + TINY)))
        ahead = np.flatnonzero((gd >= y)[1:])
        k = int(ahead[-1]) + 2 if len(ahead) else len(x)
        return float(x[k]) if k < len(x) and self.unit[0] <= x[k] < self.end else np.inf

    @functools.cached_property
    def floor(self) -> float:
        """The loss of SGD, the mean over the last quarter of its run."""
        curve = self.known
        return float(np.mean(curve.above[curve.epochs >= 0.75 * curve.epochs[-1]]))

    @property
    def places(self) -> list[float]:
        """Where on the axis each method reaches the target; infinite if not in the picture."""
        at = [n * unit for n, unit in zip(self.needed, self.unit, strict=True)]
        return [x if x <= self.end else np.inf for x in at]

    @property
    def table(self) -> list[tuple[float, float] | None]:
        """What each method needs for the target, in steps, epochs and seconds."""
        steps, epochs = self.needed
        sgd_steps = float(np.round(epochs * self.per_epoch))
        if self.costs is None:
            return [(steps, sgd_steps), (steps, epochs), None]
        gd, step = self.costs
        return [(steps, sgd_steps), (steps, epochs), (steps * gd, sgd_steps * step)]


def rates(v: dict[str, Any], bowl: Bowl) -> tuple[float, float]:
    """The step sizes of gradient descent and of SGD."""
    if v["rates"] == "own":
        return v["lr_gd"], v["lr_sgd"]
    return 1.0, bowl.safe_rate(v["batch_size"])


def seed(v: dict[str, Any]) -> int:
    """What draws the order of the rows, if it is drawn."""
    return v["seed"] if v["order"] != "never" else 0


def unit_of(axis: str, per_epoch: int, costs: tuple[float, float] | None) -> tuple[float, float]:
    """How long a step of gradient descent and an epoch of SGD are on this axis."""
    if axis == "steps":
        return 1.0, float(per_epoch)
    if axis == "epochs" or costs is None:
        return 1.0, 1.0
    return costs[0], costs[1] * per_epoch


def end_of(v: dict[str, Any], unit: tuple[float, float]) -> float:
    """Where the axis ends."""
    if v["axis"] == "seconds":
        return _round_up(v["epochs"] * unit[1])
    return float(v["epochs"] * (STEPS if v["axis"] == "steps" else 1))


def _round_up(x: float) -> float:
    """To two digits, so that a drag seldom moves the ticks."""
    power = 10.0 ** np.floor(np.log10(x))
    return float(next(m for m in (1, 1.5, 2, 3, 4, 5, 6, 8, 10) if m * power >= 0.999 * x) * power)
