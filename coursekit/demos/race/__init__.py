"""Optimizers race down a landscape; who wins depends on how their learning rates were chosen."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from ...viz import arrange
from ...viz.themes import Theme
from ...viz.trails import Trail
from .. import walks
from ..canvas import Canvas
from ..engine import Demo
from ..params import Param, hyperparameter
from ..track_map import TrackMap
from ..tracks import TITLES, Track
from ..walks import RATES
from ..worker import Pace
from . import race_script, runs, words
from .losses import Losses
from .runs import FAN, RACERS, Fan, Place, Result, Run, short

FIRST = ("GradientDescent", "Momentum", "Nesterov", "Adam")
STEPS = 500


def race(state: str | None = None, **settings: Any) -> Demo:
    """Let optimizers race down a landscape, with the same, their best or your own learning rates.

    The best is found by 25 walks from 1e-5 to 10: the rate that ends lowest after all steps.

    >>> import coursekit as ck
    >>> demo = ck.demos.race(landscape="rosenbrock")
    >>> demo.status(demo.compute(landscape="rosenbrock", mode="best"))
    'After 200 steps Momentum is lowest, ...'
    """
    return Race(state, **settings).show()


class Race(Demo):
    """See `race`."""

    name = "race"
    title = "A race with honest learning rates"
    size = (900, 450)
    lull = 0.06  # paths follow a hand; what other rates would do comes when it pauses
    params = (
        Param("landscape", "beale", choices=tuple(TITLES)),
        Param("kappa", 20.0, (1.0, 1000.0), log=True, label="condition κ",
              doc="how elongated: x₁² + κ x₂²",
              active=lambda v: v["landscape"] == "elongated", hide=True),
        Param("angle", 0, (-90, 90), label="turned by (°)", doc="turns landscape and start"),
        Param("across", 0.0, (-1.0, 1.0), step=0.01, label="start ↔",
              doc="0 is the usual start, -1 and 1 the edges; or drag on the picture"),
        Param("up", 0.0, (-1.0, 1.0), step=0.01, label="start ↕",
              doc="0 is the usual start, -1 and 1 the edges; or drag on the picture"),
        Param("optimizers", FIRST, choices=tuple(RACERS), many=True),
        Param("mode", "same", choices=("same", "best", "own"), label="learning rates",
              doc="the same for all, the best for each by trying 25, or a slider each"),
        Param("lr", 0.01, (RATES[0], RATES[-1]), log=True, label="lr of all",
              active=lambda v: v["mode"] == "same", hide=True),
        *(
            hyperparameter(
                kind, "lr", name=f"lr_{name}", label=short(name).replace("Gradient", "Grad."),
                range=(RATES[0], RATES[-1]),
                active=lambda v, name=name: v["mode"] == "own" and name in v["optimizers"],
                hide=True,
            )
            for name, kind in RACERS.items()
        ),
        Param("noise", 0.0, choices=(0.0, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0),
              doc="standard deviation of what disturbs each component of every gradient"),
        Param("seed", 0, (0, 9), label="noise drawn", active=lambda v: v["noise"] > 0, hide=True),
        Param("steps", 200, (10, STEPS), step=10),
        Param("t", STEPS, (0, STEPS), label="step", play=True, until="steps"),
    )  # fmt: skip
    presets = {  # noqa: RUF012
        "the famous race": {},
        "tuned fairly": {"mode": "best"},
        "narrow valley": {"landscape": "elongated", "kappa": 500.0, "mode": "best", "steps": 150},
        "rotate 45°": {"landscape": "elongated", "kappa": 500.0, "mode": "best", "steps": 150,
                       "angle": 45},
        "saddle: who escapes": {"landscape": "saddle_well", "up": -0.11, "lr": 0.03, "steps": 60},
        "noise": {"landscape": "elongated", "noise": 3.0, "mode": "best"},
    }  # fmt: skip

    def __init__(self, *args: Any, **settings: Any):
        self._fans: dict[str, tuple[Place, Fan]] = {}  # walked last, by racer
        super().__init__(*args, **settings)

    # --- compute ----------------------------------------------------------------------------------
    def run(self, **v: Any) -> Iterator[Result]:
        place, mode, racers = _place(v), v["mode"], v["optimizers"]
        found: dict[str, Run] = {}
        ends: dict[str, np.ndarray] = {}

        def enter(name: str) -> None:
            where, fan = self._fans.get(name, (None, None))
            lr = v["lr"] if mode == "same" else v[f"lr_{name}"]
            if fan and mode == "best":  # that of a moment ago, until the best one here is known
                lr = walks.best(fan.ends)
            if fan and where == place:
                ends[name] = fan.ends
                if lr in FAN:  # a hand on a learning rate has nothing to wait for
                    found[name] = fan.run(lr)
                    return
            found[name] = runs.run(name, lr, place)

        def so_far(done: bool) -> Result:
            running = {name: found[name] for name in racers if name in found}
            return Result(place, mode, min(v["t"], v["steps"]), running, dict(ends), done)

        for name in racers:
            if mode != "best" or name in self._fans:
                enter(name)
        pace, shown = Pace(0.012), False
        for name in racers:
            if name not in ends:
                if pace.due() or (found and not shown):
                    yield so_far(False)
                    shown = True
                self._fans[name] = place, runs.fan(name, place)
                enter(name)
        yield so_far(True)

    # --- draw -------------------------------------------------------------------------------------
    def build(self, canvas: Canvas, theme: Theme) -> None:
        figure, s = canvas.figure, theme.sizes
        ratios = [1.2, 1, 0.58] if theme.projector else [1.38, 1, 0.42]  # the last: for tags
        grid = figure.add_gridspec(2, 3, width_ratios=ratios, height_ratios=[1.25, 1])
        self.map = TrackMap(canvas, theme, ax := figure.add_subplot(grid[:, 0]))
        (self.start,) = canvas.all_moving(
            ax.plot([], [], "o", color="none", markeredgecolor=theme.ink, zorder=6,
                    markeredgewidth=s.line, markersize=1.9 * s.marker)
        )  # fmt: skip
        self.trails = {n: Trail(ax, theme, n, canvas.moving, dots=True) for n in RACERS}
        above, below = (figure.add_subplot(grid[row, 1]) for row in (0, 1))
        self.losses = Losses(canvas, theme, above, below)
        arrange(figure)
        self.map.settle()

    def draw(self, result: Result) -> None:
        place = result.place
        self.map.show(place.track, TITLES[place.track.landscape])
        self.start.set_data(*self.map.place(place.start)[:, None])
        for name, trail in self.trails.items():
            run = result.runs.get(name)
            if run is None:
                trail.show(False)
                continue
            now = min(result.t, run.end)
            x, y = self.map.place(run.points[: run.end + 1]).T
            trail.set_data(x, y, now, run.lost(result.t))
            trail.head.set_data(*self.map.nearest(run.points[now])[:, None])
        self.losses.draw(result)

    # --- words ------------------------------------------------------------------------------------
    def status(self, result: Result) -> str:
        return words.status(result)

    def describe(self, result: Result) -> str:
        return words.describe(result)

    def numbers(self, result: Result) -> dict[str, float]:
        return {
            race_script.variable(name): float(run.above[result.t])
            for name, run in result.runs.items()
        }

    def quantities(self, result: Result) -> dict[str, float]:
        return {
            f"the height of {short(name)}": float(run.above[result.t])
            for name, run in result.runs.items()
        }

    def script(self, **v: Any) -> str:
        return race_script.script(_place(v).track, v)


def _place(v: dict[str, Any]) -> Place:
    """Where a race with these values is held: what does not matter there is left out."""
    kappa = v["kappa"] if v["landscape"] == "elongated" else 1.0
    track, seed = Track(v["landscape"], kappa, v["angle"]), v["seed"] if v["noise"] else 0
    return Place(track, v["across"], v["up"], v["steps"], v["noise"], seed)
