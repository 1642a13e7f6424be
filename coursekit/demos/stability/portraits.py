"""Three portraits of a motion: its eigenvalues, its phase portrait, and its positions in time."""

from collections.abc import Iterable
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from ...viz import blank, dress, legend
from ...viz.themes import Theme
from ..canvas import Canvas
from ..window import Window
from .motion import FINE, Motion
from .rate_map import plain

LOOKS = (("o", "black"), ("s", "orange"))  # marker and colour of the steep and the flat direction
POSITIONS = (1.3, 2.5, 5, 10)  # how much may be shown: a few sizes, so that a drag seldom jumps
MOVES = (0.35, 1.0, 2.5, 5, 10)


class Disc:
    """Eigenvalues in the unit disc; those far outside are drawn at the rim of the picture."""

    RIM = 1.3

    def __init__(self, canvas: Canvas, theme: Theme, axes: Axes):
        s, rim = theme.sizes, self.RIM
        blank(axes, theme, "Eigenvalues")
        axes.set(xlim=(-rim, rim), ylim=(-rim, rim), aspect="equal", anchor="W")
        around = np.exp(2j * np.pi * np.arange(201) / 200)
        axes.fill(around.real, around.imag, color=theme.tint(theme.color("blue"), 0.22))
        axes.fill(around.real, around.imag, fill=False, edgecolor=theme.line, linewidth=s.thin)
        axes.plot([-rim, rim], [0, 0], [0, 0], [-rim, rim], color=theme.line, linewidth=s.thin)
        axes.text(1.06, -0.06, "1", fontsize=s.tick, color=theme.quiet, va="top")
        axes.set_xlabel("stable inside", fontsize=s.label, color=theme.ink)
        self.marks = marks(canvas, theme, axes, 1.3)

    def draw(self, result: Motion) -> None:
        for mark, d in zip(self.marks, result.both, strict=True):
            z = np.array(d.roots if d else [])
            if d and plain(result.method):  # a recurrence of one number has one eigenvalue
                z = z[[abs(z).argmax()]]
            z = z / np.maximum(1, abs(z) / self.RIM)
            mark.set_data(z.real, z.imag)


class Phase:
    """One point for each step: where it is, and how far it goes next."""

    def __init__(self, canvas: Canvas, theme: Theme, axes: Axes):
        axes.set(xlim=(-1.3, 1.3), ylim=(-1.0, 1.0))
        dress(axes, theme, "Phase portrait", "position", "next move", grid="")
        axes.axhline(0, color=theme.line, linewidth=theme.sizes.thin)
        axes.axvline(0, color=theme.line, linewidth=theme.sizes.thin)
        self.window = Window(canvas, theme, axes, ticks=3, widest="−0.2")
        self.spirals = paths(canvas, theme, axes, "o")
        self.heads = marks(canvas, theme, axes, 1.3)
        self.window.hold(*self.spirals, *self.heads)

    def draw(self, result: Motion) -> None:
        high = _size(POSITIONS, result, (d.x for d in result.directions))
        wide = _size(MOVES, result, (np.diff(d.x) for d in result.directions))
        self.window.show(xlim=(-high, high), ylim=(-wide, wide))
        for spiral, head, d in zip(self.spirals, self.heads, result.both, strict=True):
            x = _within(d.x) if d else np.array([])
            move = np.diff(x)[: result.t + 1]
            x = x[: len(move)]
            spiral.set_data(x, move)
            here = slice(-1, None) if np.all(abs(move[-1:]) < wide) else slice(0, 0)
            head.set_data(x[here], move[here])


class Positions:
    """How far from the minimum, step by step: dots for the run, a line for the formula."""

    def __init__(self, canvas: Canvas, theme: Theme, axes: Axes):
        axes.set(xlim=(0, 60), ylim=(-1.3, 1.3))
        dress(axes, theme, "Position", "step  (dots: run, line: formula)")
        legend(axes, theme, {"● steep": "black", "■ flat": "orange"})
        self.window = Window(canvas, theme, axes, widest="−0.5" if theme.sizes.ticks > 4 else "−1")
        canvas.moving(axes.axhline(0, color=theme.line, linewidth=theme.sizes.thin))
        self.curves = paths(canvas, theme, axes)
        self.dots = marks(canvas, theme, axes, 0.7)
        self.heads = marks(canvas, theme, axes, 1.3)
        self.window.hold(*self.curves, *self.dots, *self.heads)

    def draw(self, result: Motion) -> None:
        high = _size(POSITIONS, result, (d.x for d in result.directions))
        self.window.show(xlim=(-0.5, result.steps + 0.5), ylim=(-high, high))
        artists = self.curves, self.dots, self.heads
        for curve, dots, head, d in zip(*artists, result.both, strict=True):
            past = _within(d.x)[: result.t + 1] if d else np.array([])
            line = _within(d.curve[: max(len(past) - 1, 0) * FINE + 1]) if d else past
            k = np.arange(len(past))
            curve.set_data(np.arange(len(line)) / FINE, line)
            dots.set_data(k, past)
            here = slice(-1, None) if np.all(abs(past[-1:]) < high) else slice(0, 0)
            head.set_data(k[here], past[here])


# --- the parts -----------------------------------------------------------------------------------
def marks(canvas: Canvas, theme: Theme, axes: Axes, size: float) -> list[Any]:
    """A marker for each direction, the steep one on top."""
    large = size > 1
    look: dict[str, Any] = {
        "linestyle": "",
        "markersize": size * theme.sizes.marker,
        "markeredgecolor": theme.paper,
        "markeredgewidth": float(large),
        "clip_on": not large,
    }
    return canvas.all_moving(
        axes.plot([], [], marker=shape, color=theme.color(color), zorder=6 - n, **look)[0]
        for n, (shape, color) in enumerate(LOOKS)
    )


def paths(canvas: Canvas, theme: Theme, axes: Axes, marker: str = "") -> list[Any]:
    """A line for each direction, the steep one on top."""
    s = theme.sizes
    look: dict[str, Any] = {"linewidth": 0.6 * s.line, "markersize": 0.5 * s.marker}
    return canvas.all_moving(
        axes.plot([], [], marker=marker, color=theme.color(color), zorder=5 - n, **look)[0]
        for n, (_, color) in enumerate(LOOKS)
    )


def _size(sizes: tuple[float, ...], result: Motion, values: Iterable[np.ndarray]) -> float:
    """The first size that holds the values; where they grow, no more than their beginning."""
    most = max(float(np.abs(v).max(initial=0)) for v in values)
    most = min(most, 2.4) if result.radius >= 1 else most
    return next((size for size in sizes if most < size), sizes[-1])


def _within(x: np.ndarray) -> np.ndarray:
    """Up to where it is far outside the picture."""
    gone = np.flatnonzero(~(abs(x) < 30))
    return x[: gone[0]] if len(gone) else x
