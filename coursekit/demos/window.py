"""Axes whose limits never change: what they show goes through one transform more.

New limits have axes drawn again with all their words, which takes longer than the rest of a frame.
So the limits stay, a transform brings what is to be seen into them, and the ticks are moving
artists like the curves.
"""

from collections.abc import Iterable
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, MaxNLocator
from matplotlib.transforms import Affine2D

from ..viz.artists import Labels
from ..viz.axes import plain
from ..viz.themes import Theme
from .canvas import Canvas

Limits = tuple[float, float]


class Window:
    """Shows any part of the plane in axes, each of which is linear or logarithmic.

    Make it when the axes are dressed and have their limits; `widest` is a tick label to leave room
    for on the left. Artists in it need its `transform`, or `hold` gives it to them.

    >>> from coursekit.viz import themes
    >>> canvas = Canvas(200, 100)
    >>> window = Window(canvas, themes.theme(), canvas.figure.add_subplot())
    >>> dot = canvas.moving(*window.axes.plot([3], [50], "o", transform=window.transform))
    >>> window.show(xlim=(0, 10), ylim=(0, 100))
    >>> window.place([(3, 50)]).round(3).tolist()
    [[0.3, 0.5]]
    """

    def __init__(
        self, canvas: Canvas, theme: Theme, axes: Axes, *, x=True, y=True, ticks=0, widest="0.01"
    ):
        self.axes, self.ticks = axes, ticks or theme.sizes.ticks
        self._pad = 5 / 72  # inches between axes and tick labels
        self._below = (13 + theme.sizes.tick) / 72
        self._view = Affine2D()
        self.transform: Any = axes.transScale + self._view + axes.transLimits + axes.transAxes
        self._shown: dict[str, Limits] = {"x": axes.get_xlim(), "y": axes.get_ylim()}
        self._home = dict(self._shown)
        grid: dict[str, Any] = {"color": theme.grid, "linewidth": theme.sizes.thin}
        self._labels: dict[str, Labels] = {}
        self._lines: dict[str, Any] = {}
        for name, moves, label in (("x", x, "0"), ("y", y, widest)):
            if not moves:
                continue
            axis = self._axis(name)
            lined = axis.get_gridlines()[0].get_visible()  # as it was dressed
            ends = list(self._home[name])
            axis.set_ticks(ends, labels=[label, "1000"])  # unseen, but they take room
            axes.tick_params(axis=name, labelcolor="none")  # type: ignore[arg-type]
            axes.grid(False, axis=name)  # type: ignore[arg-type]
            if lined:
                self._lines[name] = canvas.moving(axes.plot([], [], **grid)[0])
                self._lines[name].set_zorder(0)  # under all else that moves
            ha, va = ("center", "top") if name == "x" else ("right", "center")
            self._labels[name] = canvas.moving(
                Labels(axes, theme.sizes.tick, theme.quiet, ha=ha, va=va)
            )
        self._name = canvas.moving(Labels(axes, theme.sizes.label, theme.ink, va="top"))
        self._fresh = True

    def hold(self, *things: Any) -> None:
        """Lines, patches, `Labels`, `Trail`s and `Tags` that are to be seen in it."""
        for thing in things:
            put = thing.within if hasattr(thing, "within") else thing.set_transform
            put(self.transform)

    def show(self, xlim: Limits | None = None, ylim: Limits | None = None) -> None:
        """From now on these are to be seen, ends included; what is not given stays."""
        wanted = {"x": xlim or self._shown["x"], "y": ylim or self._shown["y"]}
        if wanted == self._shown and not self._fresh:
            return
        self._shown, self._fresh = wanted, False
        (fx, ox), (fy, oy) = (self._onto(name) for name in "xy")
        self._view.set_matrix(np.array([[fx, 0, ox], [0, fy, oy], [0, 0, 1]]))
        for name in self._labels:
            self._mark(name)

    def call(self, words: str) -> None:
        """Name what is counted from left to right; give the axes the name " " to leave room."""
        figure: Any = self.axes.get_figure()
        pixels = self.axes.transAxes.transform((0.5, 0)) - (0, self._below * figure.dpi)
        self._name.set_labels([self.axes.transData.inverted().transform(pixels)], [words])

    def place(self, points: Iterable[Any]) -> np.ndarray:
        """Where points are in the coordinates of the axes, in which labels are put."""
        return self.axes.transData.inverted().transform(self.transform.transform(list(points)))

    def _axis(self, name: str) -> Any:
        return self.axes.xaxis if name == "x" else self.axes.yaxis

    def _onto(self, name: str) -> tuple[float, float]:
        """The factor and the shift that bring what is shown into the limits of the axes."""
        scaled = self._axis(name).get_transform().transform
        (a, b), (low, high) = (scaled(np.array(v[name])) for v in (self._shown, self._home))
        factor = (high - low) / (b - a)
        return float(factor), float(low - a * factor)

    def _mark(self, name: str) -> None:
        """Put the ticks where they belong."""
        k, axes = "xy".index(name), self.axes
        at = self._nice(name)
        both = np.full((len(at), 2), [self._shown["x"][0], self._shown["y"][0]], float)
        both[:, k] = at
        pixels = self.transform.transform(both)
        figure: Any = axes.get_figure()
        beside = pixels - self._pad * figure.dpi * (np.arange(2) != k)
        back = axes.transData.inverted()
        words = [w.replace("-", "−", 1) if w[0] == "-" else w for w in map(plain, at.tolist())]
        self._labels[name].set_labels(back.transform(beside), words)
        if name in self._lines:
            far = np.array(pixels)
            far[:, 1 - k] = axes.transAxes.transform((1, 1))[1 - k]
            ends = np.stack([back.transform(pixels), back.transform(far)], axis=1)
            gaps = np.concatenate([ends, np.full((len(at), 1, 2), np.nan)], axis=1)
            self._lines[name].set_data(*gaps.reshape(-1, 2).T)

    def _nice(self, name: str) -> np.ndarray:
        """Round numbers among those shown."""
        axis, ends = self._axis(name), self._shown[name]
        log = axis.get_scale() == "log"
        locator: Any = (
            LogLocator(numticks=self.ticks) if log else MaxNLocator(self.ticks, steps=[1, 2, 5, 10])
        )
        at = np.asarray(locator.tick_values(*ends))
        if not log:  # a zero that is one, and not 1e-17
            at = np.round(at / (at[1] - at[0])) * (at[1] - at[0]) + 0.0
        scaled = axis.get_transform().transform
        low, high = sorted(scaled(np.array(ends)))
        hair = 1e-9 * (high - low)
        return at[(scaled(at) >= low - hair) & (scaled(at) <= high + hair)]
