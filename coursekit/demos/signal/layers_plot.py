"""Signal and gradient layer by layer: their sizes, the values of all units, the silent ones."""

import functools
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Polygon

from ...viz import dress, legend
from ...viz.artists import Labels, Pixels
from ...viz.themes import Theme, rgb
from ..canvas import Canvas
from ..window import Window
from .propagation import BINS, DEEPEST, REACH, Seen
from .words import rates

CROWD = 0.16  # the share of values in one bin at which its bar is cut
EDGES = [-REACH, 0, REACH], ["≤ −3", "0", "≥ 3"]  # what lies beyond is counted at the edge
WIDE = 30  # layers that the axes are made for; a window shows more, or less
WIDTHS = (5, 10, 20, 30, 40, 50, 60)  # layers that the window may show
SHADES = 24


class LayersPlot:
    """Three pictures over the same layers; a line marks the layer that is looked at."""

    def __init__(self, canvas: Canvas, theme: Theme, axes: list[Axes]):
        self.theme = theme
        for ax in axes:
            ax.set(xlim=(-0.5, WIDE + 0.5))
        self._build_sizes(canvas, theme, axes[0])
        self._build_spread(canvas, theme, axes[1])
        self._build_silent(canvas, theme, axes[2])
        self.windows = self.sizes, self.spread, self.silent
        look: dict[str, Any] = {"color": theme.quiet, "linewidth": theme.sizes.thin}
        self.cursors = canvas.all_moving(
            w.axes.plot([], [], transform=w.transform, **look)[0] for w in self.windows
        )
        for window in self.windows:
            canvas.pointable(window.axes, lambda x, y: {"layer": round(x)}, window.transform)

    def _build_sizes(self, canvas: Canvas, theme: Theme, ax: Axes) -> None:
        s = theme.sizes
        ax.set(yscale="log", ylim=(1e-2, 1e2))
        dress(ax, theme, "Size")
        ax.tick_params(labelbottom=False)
        self.sizes = w = Window(canvas, theme, ax, x=False, widest="1e-160")
        legend(ax, theme, {"● signal": "blue", "▲ apart": "black", "■ gradient": "vermilion"})
        dashed: dict[str, Any] = {"linewidth": s.thin, "linestyle": (0, (4, 3))}
        (one,) = ax.plot([-0.5, DEEPEST], [1, 1], color=theme.line, transform=w.transform, **dashed)
        canvas.moving(one)
        self.curves = canvas.all_moving(
            ax.plot([], [], marker=marker, color=theme.color(color), linewidth=width * s.line,
                    markersize=0.8 * s.marker, zorder=zorder, transform=w.transform)[0]
            for marker, color, width, zorder in (
                ("o", "blue", 1, 6), ("^", "black", 0.5, 4), ("s", "vermilion", 1, 5)
            )
        )  # fmt: skip
        # Numbers stand apart from words: a new word takes a millisecond to set, a number does not.
        self.names, self.rates = (
            canvas.moving(Labels(ax, s.label, theme.ink, "bold", ha=ha, va="center"))
            for ha in ("right", "left")
        )

    def _build_spread(self, canvas: Canvas, theme: Theme, ax: Axes) -> None:
        ax.set(ylim=(-REACH, REACH))
        dress(ax, theme, "Values of all units", grid="")
        ax.set_yticks(*EDGES)
        ax.tick_params(labelbottom=False)
        self.spread = Window(canvas, theme, ax, x=False, y=False)
        self.map = canvas.moving(Pixels(ax))

    def _build_silent(self, canvas: Canvas, theme: Theme, ax: Axes) -> None:
        ax.set(ylim=(0, 1))
        dress(ax, theme, "Silent units", "layer", grid="")
        ax.set_yticks([0, 1], ["0", "all"])
        self.silent = w = Window(canvas, theme, ax, y=False)
        look = {"color": theme.color("purple"), "linewidth": 0, "transform": w.transform}
        self.bars = canvas.moving(Polygon([(0, 0)], **look))
        ax.add_patch(self.bars)

    def draw(self, r: Seen) -> None:
        wide, sizes = next(n for n in WIDTHS if n >= r.depth), _span(r.signal, r.gradient)
        limits = sizes, (-REACH, REACH), (0, 1)
        for window, cursor, ylim in zip(self.windows, self.cursors, limits, strict=True):
            window.show(xlim=(-0.5, wide + 0.5), ylim=ylim)
            cursor.set_data([r.layer] * 2, ylim)
        self._draw_sizes(r, wide, *sizes)
        self.map.set_data(_map(r.shares, wide, self.theme, *self.map.room))
        self.bars.set_xy(steps(r.silent, 0.5, r.depth + 0.5))

    def _draw_sizes(self, r: Seen, wide: int, low: float, high: float) -> None:
        layers = np.arange(r.depth + 1)
        for curve, y in zip(self.curves, (r.signal, r.apart, r.gradient), strict=True):
            there = y > 0
            curve.set_data(layers[there], np.clip(y[there], low / 10, high * 10))
            curve.set_markevery(max(1, wide // 15))
        before = "" if self.theme.projector else "each layer:  "
        y, names = low * (high / low) ** 0.08, [f"{before}signal ×", "gradient ×"]
        place = self.sizes.place
        self.names.set_labels(place([(0.38 * wide, y), (0.82 * wide, y)]), names)
        self.rates.set_labels(place([(0.39 * wide, y), (0.83 * wide, y)]), rates(r))


def steps(heights: np.ndarray, start: float, end: float) -> np.ndarray:
    """The corners of bars side by side from `start` to `end`."""
    edges = np.linspace(start, end, len(heights) + 1).repeat(2)
    return np.column_stack([edges, [0, *heights.repeat(2), 0]])


# --- the parts -----------------------------------------------------------------------------------
def _span(*curves: np.ndarray) -> tuple[float, float]:
    """Limits of a logarithmic axis: one of a few, so that an axis mostly rests in a drag."""
    y = np.concatenate(curves)
    y = np.log10(y[y > 0]) if np.any(y > 0) else np.zeros(1)
    sizes = (2, 3, 5, 7, 10, 15, 20, 30, 40, 60, 80, 160)
    low = next((n for n in sizes if 0.85 * n > -y.min()), 300)  # words stand at the bottom
    high = next((n for n in sizes if n > y.max()), 240)
    return 10.0**-low, 10.0**high


def _map(shares: np.ndarray, wide: int, theme: Theme, height: int, width: int) -> np.ndarray:
    """The distributions side by side as pixels (height, width, 4): the more values, the darker."""
    layer = np.round(np.linspace(-0.5, wide + 0.5, width)).astype(int)
    row = (np.linspace(1, 0, height) * (BINS - 1e-9)).astype(int)
    level = np.minimum(np.sqrt(shares / CROWD) * (SHADES - 1), SHADES - 1)
    level = np.ceil(level).astype(int) + np.zeros_like(shares, int)
    level = np.vstack([level, np.zeros((max(0, wide + 1 - len(level)), BINS), int)])
    return _shades(theme)[level[np.clip(layer, 0, wide)][:, row].T]


@functools.cache
def _shades(theme: Theme) -> np.ndarray:
    """From paper to blue, (SHADES, 4) uint8."""
    blue = theme.color("blue")
    levels = (rgb(theme.tint(blue, k / (SHADES - 1))) for k in range(SHADES))
    return np.array([[*(round(255 * c) for c in level), 255] for level in levels], np.uint8)
