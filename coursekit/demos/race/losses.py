"""The losses of a race: at every step, and at the end by learning rate; both on one scale."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from ...viz import alt, dress
from ...viz.themes import Theme
from ...viz.trails import Tags, Trail
from ..canvas import Canvas
from ..walks import RATES
from ..window import Window
from .runs import RACERS, Result, Run, short

NOTHING = np.full(len(RATES), np.nan)
DEPTHS = (1e-3, 1e-6, 1e-9, 1e-12)  # how far the scale may reach below the height of the start


class Losses:
    """Draws the losses of all racers in `above`, and in `below` what other rates would give."""

    def __init__(self, canvas: Canvas, theme: Theme, above: Axes, below: Axes):
        self.limits = (1e-8, 10.0)  # of both scales
        self.tried: dict[str, np.ndarray] = {}  # where walks ended, as far as it is known
        self._build_steps(canvas, theme, above)
        self._build_rates(canvas, theme, below)

    def _build_steps(self, canvas: Canvas, theme: Theme, ax: Axes) -> None:
        ax.set(yscale="log", xlim=(0, 200), ylim=self.limits)
        dress(ax, theme, "Loss above the minimum", "step")
        self.steps = Window(canvas, theme, ax, widest="1e-10")
        self.curves = {name: Trail(ax, theme, name, canvas.moving) for name in RACERS}
        self.names = Tags(ax, theme, list(RACERS), canvas.moving)
        self.steps.hold(*self.curves.values(), self.names)

    def _build_rates(self, canvas: Canvas, theme: Theme, ax: Axes) -> None:
        ax.set(xscale="log", yscale="log", xlim=(RATES[0] / 3, 1.3 * RATES[-1]), ylim=self.limits)
        dress(ax, theme, "Loss at the end, by learning rate", "learning rate lr")
        ax.annotate("diverged", (1, 1), (10, 0), xycoords="axes fraction", va="center",
                    textcoords="offset points", fontsize=theme.sizes.tick, color=theme.quiet,
                    annotation_clip=False)  # fmt: skip
        self.rates = Window(canvas, theme, ax, x=False, widest="1e-10")
        self.ends = {name: Trail(ax, theme, name, canvas.moving) for name in RACERS}
        self.used = Tags(ax, theme, list(RACERS), canvas.moving, free=1, below=2)
        self.rates.hold(*self.ends.values(), self.used)

    def draw(self, result: Result) -> None:
        self.limits = low, top = self._seen(result)
        self.steps.show(xlim=(0.0, float(result.place.steps)), ylim=self.limits)
        self.rates.show(ylim=self.limits)
        names, used = {}, {}
        for racer in RACERS:
            run, curve, ends = result.runs.get(racer), self.curves[racer], self.ends[racer]
            if run is None:
                curve.show(False)
                ends.show(False)
                continue
            lost, last = run.lost(result.t), run.end + 1  # the first lost step is on the edge
            above = np.clip(run.above[: last + 1], low, top)
            now = min(result.t, last)
            curve.set_data(np.arange(len(above)), above, now, lost)
            names[racer] = (above[now], short(racer) + (" ✕" if lost else ""))
            used[racer] = (np.clip(run.above[-1], low, top), f"lr {alt.number(run.lr)}")
            self.tried[racer] = result.ends.get(racer, self.tried.get(racer, NOTHING))
            _draw_ends(ends, self.tried[racer], run, racer in result.ends, self.limits)
        self.names.set_data(names)
        self.used.set_data(used)

    def _seen(self, result: Result) -> tuple[float, float]:
        """The limits: room for all that is drawn, whatever rate a hand chooses."""
        height = result.place.track.height(result.place.start)
        top = 10.0 ** np.ceil(np.log10(max(height, 1e-3)) + 0.15)
        if top == self.limits[1] and not result.done:  # the hand is moving: let the scale be still
            return self.limits
        runs = (run.above.min() for run in result.runs.values())
        least = min((*runs, *(ends.min() for ends in result.ends.values())), default=1.0)
        return top * next((d for d in DEPTHS if 3 * top * d <= least), DEPTHS[-1]), top


def _draw_ends(curve: Trail, ends: np.ndarray, run: Run, known: bool, limits: Any) -> None:
    """Draw where walks ended, faintly if that was elsewhere, and where the one in the race ends."""
    rates, end = np.array(RATES), run.above[-1]
    at = int(np.searchsorted(rates, run.lr))
    if known and (at == len(rates) or rates[at] != run.lr):  # through the rate in use too
        rates, ends = np.insert(rates, at, run.lr), np.insert(ends, at, end)
    curve.set_data(rates, np.clip(ends, *limits), len(rates) - 1 if known else 0)
    curve.head.set_data([run.lr], [np.clip(end, *limits)])
    curve.head.set_marker("X" if np.isinf(end) else curve.marker)
