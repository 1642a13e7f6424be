"""The runs of a race: each racer with one learning rate, or with very many at once."""

import functools
from typing import NamedTuple

import numpy as np

from ... import optim
from ...optim.table import ROWS
from .. import walks
from ..params import Param
from ..tracks import Track
from ..walks import RATES

# SGD without batches is GradientDescent: here noise has a slider of its own.
RACERS = {
    row.optimizer.__name__: row.optimizer
    for row in ROWS
    if issubclass(row.optimizer, optim.Elementwise)
    and any(h.name == "lr" for h in optim.hyperparameters(row.optimizer))
    and row.optimizer.__name__ not in ("SGD", "Perceptron")
}
SLIDER = Param("lr", 0.01, (RATES[0], RATES[-1]), log=True).grid
ROUND = 100  # steps
FAN = (*RATES, *(lr for lr in SLIDER if lr not in RATES))


class Place(NamedTuple):
    """Where and how a race is held; whoever runs there sees the same."""

    track: Track
    across: float
    up: float
    steps: int
    noise: float
    seed: int

    @property
    def start(self) -> np.ndarray:
        return self.track.start(self.across, self.up)

    @property
    def disturbances(self) -> np.ndarray | None:
        return walks.disturbances(self.noise, self.seed, self.steps)


class Run(NamedTuple):
    """One optimizer's walk."""

    lr: float
    points: np.ndarray  # (steps + 1, 2)
    above: np.ndarray  # (steps + 1,) the loss above the minimum; infinite from where it is lost

    @property
    def end(self) -> int:
        """The last step before the walk is lost, or the last of all."""
        return int(np.isfinite(self.above).sum()) - 1

    def lost(self, t: int) -> bool:
        return t > self.end


class Fan(NamedTuple):
    """One optimizer's walks with all rates of `FAN`: those that are tried, those of the slider."""

    points: np.ndarray  # (steps + 1, rates, 2)
    above: np.ndarray  # (steps + 1, rates)

    @property
    def ends(self) -> np.ndarray:
        """(25,) where the walks with the rates that are tried end."""
        return self.above[-1, : len(RATES)]

    def run(self, lr: float) -> Run:
        at = FAN.index(lr)
        return Run(lr, self.points[:, at], self.above[:, at])


class Result(NamedTuple):
    """A race, and what other learning rates would have made of it."""

    place: Place
    mode: str  # how the learning rates were chosen
    t: int  # the step that is looked at
    runs: dict[str, Run]
    ends: dict[str, np.ndarray]  # (25,) per optimizer, as far as they are known
    done: bool

    def order(self) -> list[str]:
        """The racers still on their way at t, the lowest first."""
        known = [name for name, run in self.runs.items() if not run.lost(self.t)]
        return sorted(known, key=lambda name: self.runs[name].above[self.t])


def run(name: str, lr: float, place: Place) -> Run:
    """Walk with one rate."""
    points, above = _walked(name, lr, _longer(place))
    return Run(lr, points[: place.steps + 1], above[: place.steps + 1])


def fan(name: str, place: Place) -> Fan:
    """Walk with every rate of `FAN`."""
    points, above = _walked_fan(name, _longer(place))
    return Fan(points[: place.steps + 1], above[: place.steps + 1])


def short(name: str) -> str:
    """An optimizer's name as one says it."""
    return name.replace("Descent", " descent")


# --- the parts -----------------------------------------------------------------------------------
def _longer(place: Place) -> Place:
    """With the next round number of steps: what begins a longer walk need not be walked again."""
    return place._replace(steps=-(-place.steps // ROUND) * ROUND)


@functools.lru_cache(256)
def _walked(name: str, lr: float, place: Place) -> tuple[np.ndarray, np.ndarray]:
    f, opt = place.track.f, RACERS[name](lr=lr)  # type: ignore[call-arg]
    points = walks.walk(opt, f, place.start, place.steps, place.disturbances)
    return points, walks.heights(f, points)


@functools.lru_cache(20)  # up to 2 MB each
def _walked_fan(name: str, place: Place) -> tuple[np.ndarray, np.ndarray]:
    f, z = place.track.f, place.disturbances
    return walks.sweep(RACERS[name], f, place.start, place.steps, z, FAN)
