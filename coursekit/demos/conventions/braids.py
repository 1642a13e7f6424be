"""Paths over the landscape and their distances in time; paths that coincide are a braid."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from ... import landscapes
from ...backend import to_device, to_host
from ...viz import dress
from ...viz.artists import Labels
from ...viz.contours import Contours, heights
from ...viz.themes import Theme
from ...viz.trails import spread
from ..canvas import Canvas
from ..window import Window
from .forms import FORMS, START, Result

TOP = 100.0  # of the axis of distances
BOTTOMS = (1e-2, 1e-4, 1e-8, 1e-12, 1e-16)
NOWHERE = np.empty((0, 2))


class Paths:
    """The landscape from above, and the way of each form so far."""

    def __init__(self, canvas: Canvas, theme: Theme, axes: Axes):
        s = theme.sizes
        axes.set(xlim=(-4.5, 4.5), ylim=(-3, 3))
        dress(axes, theme, "Paths", grid="")
        axes.set(xticks=[], yticks=[])
        self.kappa = 0.0  # of the landscape that is drawn
        self.contours = canvas.rare(Contours(axes, theme))
        start: dict[str, Any] = {"color": theme.paper, "markeredgecolor": theme.ink}
        canvas.rare(*axes.plot([0], [0], "+", color=theme.ink, markersize=2 * s.marker))
        canvas.rare(*axes.plot(*START, "o", markersize=s.marker, **start))
        self.trails = _lines(canvas, theme, axes)
        self.heads = {
            name: canvas.moving(
                axes.plot([], [], "o", color=theme.color(form.color), zorder=6,
                          markeredgecolor=theme.paper, markersize=1.6 * s.marker)[0]
            )
            for name, form in FORMS.items()
        }  # fmt: skip

    def draw(self, result: Result) -> None:
        self._draw_landscape(result.kappa)
        _braid(self.trails, result)
        for name, trail in self.trails.items():
            x, y = _near(result.paths.get(name, NOWHERE)[: result.t + 1]).T
            trail.set_data(x, y)
            self.heads[name].set_data(x[-1:], y[-1:])

    def _draw_landscape(self, kappa: float) -> None:
        if self.kappa == kappa:
            return
        self.kappa = kappa
        x, y = np.linspace(-4.5, 4.5, 90), np.linspace(-3, 3, 60)
        f = landscapes.elongated(kappa)
        z = to_host(f.value(to_device(np.stack(np.meshgrid(x, y), axis=-1))))
        self.contours.set_data(x, y, z, heights(z, 0.0))


class Distances:
    """How far from the minimum, step by step, with a word at the end of each curve."""

    def __init__(self, canvas: Canvas, theme: Theme, axes: Axes):
        s, self.canvas, self.axes = theme.sizes, canvas, axes
        axes.set(yscale="log", xlim=(0, 40), ylim=(BOTTOMS[0], TOP))
        dress(axes, theme, "Distance to the minimum", "step")
        self.window = Window(canvas, theme, axes, widest="1e-12")
        self.curves = _lines(canvas, theme, axes)
        dashed: dict[str, Any] = {"linewidth": s.thin, "linestyle": (0, (4, 3))}
        (self.when,) = canvas.all_moving(axes.plot([], [], color=theme.quiet, **dashed))
        self.window.hold(*self.curves.values(), self.when)
        self.dropped = canvas.moving(Labels(axes, s.tick, theme.quiet, ha="left", va="top"))
        self.tags = {
            name: canvas.moving(
                Labels(axes, s.tick, theme.text(form.color), "bold", "left", "center")
            )
            for name, form in FORMS.items()
        }
        look: dict[str, Any] = {"fontsize": s.tick, "fontweight": "bold"}
        self._room = axes.text(1.02, 0.5, "PyTorch", transform=axes.transAxes, **look)

    def settle(self) -> None:
        """The figure is laid out: what kept room for the words at the ends of curves may go."""
        self._room.remove()

    def draw(self, result: Result) -> None:
        low = min((d[d > 0].min(initial=1.0) for d in result.distances.values()), default=1.0)
        bottom = next((b for b in BOTTOMS if low > b), BOTTOMS[-1])
        self.window.show(xlim=(0.0, float(result.steps)), ylim=(bottom, TOP))
        _braid(self.curves, result)
        for name, curve in self.curves.items():
            away = result.distances.get(name, np.empty(0))[: result.t + 1]
            curve.set_data(np.arange(len(away)), np.maximum(away, 1e-30))
        self._draw_drop(result, bottom)
        self._draw_tags(result)

    def _draw_drop(self, result: Result, bottom: float) -> None:
        at = [result.drop_at] * 2 if result.drops else []
        self.when.set_data(at, [bottom, TOP] if result.drops else [])
        words = f" lr drops {result.drop}× " if result.drops else ""
        self.dropped.align = 0.0 if result.drop_at < 0.7 * result.steps else 1.0
        self.dropped.set_labels(self.window.place([(result.drop_at, 0.6 * TOP)]), [words])

    def _draw_tags(self, result: Result) -> None:
        ends = []
        for group in result.groups:
            away = result.distances[group[0]][: result.t + 1]
            words = group[0] if len(group) == 1 else f"{len(group)} alike"
            ends.append((float(away[-1]), words, group[0]))
        for tag in self.tags.values():
            tag.set_labels([], [])
        if not ends:
            return
        ax: Any = self.axes
        ends.sort(reverse=True)
        _, bottom, right, top = ax.get_window_extent().extents
        gap = 1.5 * self.canvas.theme.sizes.tick * self.canvas.figure.dpi / 72
        back, pixels = ax.transData.inverted(), self.window.transform.transform
        wanted = [min(max(pixels((1, max(end, 1e-30)))[1], bottom), top) for end, _, _ in ends]
        for place, (_, words, name) in zip(spread(wanted, gap, bottom, top), ends, strict=True):
            self.tags[name].set_labels([back.transform((right + 0.6 * gap, place))], [words])


# --- the parts -----------------------------------------------------------------------------------
def _lines(canvas: Canvas, theme: Theme, axes: Axes) -> dict[str, Any]:
    width = 1.15 * theme.sizes.line
    look: dict[str, Any] = {"linewidth": width, "dash_capstyle": "butt", "zorder": 5}
    return {
        name: canvas.moving(axes.plot([], [], color=theme.color(form.color), **look)[0])
        for name, form in FORMS.items()
    }


def _braid(lines: dict[str, Any], result: Result) -> None:
    """Forms on one path take turns: each is dashed, with its dashes in the gaps of the others."""
    for group in result.groups:
        for k, name in enumerate(group):
            on, off = 5.0, 5.0 * (len(group) - 1)
            lines[name].set_linestyle((-k * on, (on, off)) if off else "-")


def _near(path: np.ndarray) -> np.ndarray:
    """The path as far as it stays near the picture."""
    gone = np.flatnonzero(abs(path).max(axis=1, initial=0) > 40)
    return path[: gone[0]] if len(gone) else path
