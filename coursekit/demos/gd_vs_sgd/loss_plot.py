"""The losses of gradient descent and SGD as curves, and the loss that is good enough."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from ...viz import dress, legend, outlined
from ...viz.artists import Labels
from ...viz.themes import Theme
from ..canvas import Canvas
from ..window import Window
from .big_problem import Curve
from .duel import Result

AXES = {
    "steps": "steps",
    "epochs": "epochs: passes through all rows",
    "seconds": "seconds, as measured on this machine",
}
TOP = 3.0
DEPTHS = tuple(10.0**-k for k in (4, 6, 8, 12, 16))  # what the axis of losses may reach down to
FEW = 45  # steps of gradient descent that are drawn as dots


class LossPlot:
    """Both curves up to the time that is shown, and paler beyond it."""

    def __init__(self, canvas: Canvas, theme: Theme, ax: Axes):
        s = theme.sizes
        ax.set(yscale="log", xlim=(0, 1), ylim=(1e-4, TOP))
        dress(ax, theme, "Loss", " ")  # leaves room for what is counted
        legend(ax, theme, {"● gradient descent": "black", "■ SGD": "orange"})
        self.window = Window(canvas, theme, ax, widest="1e-16")
        black, orange = theme.ink, theme.color("orange")
        inside: dict[str, Any] = {"transform": self.window.transform}
        bold, thin = ({"linewidth": width * s.line, **inside} for width in (1, 0.6))
        (self.goal,) = canvas.all_moving(ax.plot([], [], ":", color=theme.quiet, **bold))
        (self.twin,) = canvas.all_moving(ax.plot([], [], color=theme.tint(orange, 0.6), **thin))
        self.ahead = canvas.all_moving(
            ax.plot([], [], color=theme.tint(c, 0.4), **thin)[0] for c in (black, orange)
        )
        self.sgd, self.gd = canvas.all_moving(
            ax.plot([], [], color=c, markersize=0.7 * s.marker, markeredgewidth=0, **bold)[0]
            for c in (orange, black)
        )
        self.reached = canvas.all_moving(
            ax.plot([], [], shape, color=c, markersize=1.9 * s.marker, zorder=6,
                    markeredgecolor=theme.paper, clip_on=False, **inside)[0]
            for shape, c in (("o", black), ("s", orange))
        )  # fmt: skip
        (self.cross,) = canvas.all_moving(
            ax.plot([], [], "--", color=theme.color("blue"), linewidth=s.thin, zorder=4, **inside)
        )
        blue = theme.text("blue")
        self.passes = canvas.moving(Labels(ax, s.tick, blue, "bold", "left", "top"))
        self.enough = canvas.moving(Labels(ax, s.tick, theme.quiet, "normal", "right", "bottom"))
        self.enough.set(path_effects=outlined(theme), zorder=7)

    def draw(self, result: Result) -> None:
        low = _lowest(result)
        self.window.show(xlim=(0.0, result.end), ylim=(low, TOP))
        self.window.call(AXES[result.values["axis"]])
        self._draw_curves(result, low)
        self._draw_target(result, low)
        self._draw_crossing(result, low)

    def _draw_curves(self, result: Result, low: float) -> None:
        end, epoch = result.end, result.unit[1]
        curves = (result.gd, _scaled(result.sgd, epoch, end))
        for (x, y), line, ahead in zip(curves, (self.gd, self.sgd), self.ahead, strict=True):
            y = np.clip(y, low / 3, 10)
            past = int(np.searchsorted(x, result.now, side="right"))
            line.set_data(x[:past], y[:past])
            ahead.set_data(x[max(past - 1, 0) :], y[max(past - 1, 0) :])
        self.gd.set_marker("o" if end / result.unit[0] <= FEW else "")
        self.twin.set_visible(result.twin is not None)
        if result.twin is not None:
            self.twin.set_data(*_scaled(result.twin, epoch, end))

    def _draw_target(self, result: Result, low: float) -> None:
        target, end = result.values["target"], result.end
        self.goal.set_data([0, end], [target, target])
        over = target * (TOP / low) ** 0.015
        self.enough.set_labels(self.window.place([(end, over)]), ["good enough"])
        for mark, at in zip(self.reached, result.places, strict=True):
            mark.set_data([at], [target]) if at <= result.now else mark.set_data([], [])

    def _draw_crossing(self, result: Result, low: float) -> None:
        cross, end = result.crossing, result.end
        if cross > result.now:
            self.cross.set_data([], [])
            self.passes.set_labels([], [])
            return
        self.cross.set_data([cross, cross], [low, TOP])
        self.passes.align = 1.0 if cross > 0.62 * end else 0.0
        beside = cross + (0.01 - 0.02 * self.passes.align) * end
        self.passes.set_labels(self.window.place([(beside, 0.8 * TOP)]), ["GD passes SGD"])


# --- the parts -----------------------------------------------------------------------------------
def _scaled(curve: Curve, epoch: float, end: float) -> tuple[np.ndarray, np.ndarray]:
    """The curve of SGD on the axis, up to a little past its end."""
    x = curve.epochs * epoch
    last = int(np.searchsorted(x, end)) + 1
    return x[:last], np.clip(curve.above[:last], 1e-300, 10)


def _lowest(result: Result) -> float:
    """How far down the axis of losses reaches: gradient descent may leave the picture."""
    least = min(result.values["target"], float(result.known.above.min())) / 3
    return next((d for d in DEPTHS if d <= least), DEPTHS[-1])
