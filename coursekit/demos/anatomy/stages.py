"""The stages of one step of Adam, as numbers and arrows: the table of the demo `anatomy`."""

from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes

from ...viz import blank
from ...viz.arrows import Arrows
from ...viz.artists import Labels
from ...viz.themes import Theme
from ..canvas import Canvas
from .dissection import Setting, Walk
from .series import brief

COLORS = ("black", "blue", "blue", "green", "vermilion")  # of the stages, g first
THICK = 0.8  # arrows, in lines
FAR = 2.5  # no arrow is longer, in arrows of the longest gradient


class Stages(NamedTuple):
    """What a step is made of: g, m, m_hat, its quotient (or the rates it is multiplied by), step.

    An arrow of length 1 is the longest of the gradients, or a step of lr in every coordinate.
    """

    numbers: np.ndarray  # (5, 2)
    arrows: np.ndarray  # (5, 2)
    ring: np.ndarray  # (2, 61) an ellipse whose half axes are the rates, the longer one 1
    symbols: list[str]
    words: list[str]


def stages(setting: Setting, walk: Walk, t: int, as_rates: bool) -> Stages:
    """Step t, from 1; `as_rates` gives the rates and their ellipse in place of the quotient."""
    now = Walk(*(stage[t - 1] for stage in walk))
    stride = now.moves / setting.lr
    numbers = np.array([now.g, now.m, now.m_hat, now.rates if as_rates else -stride, now.moves])
    longest = max(np.hypot(*row) for row in numbers[:3]) or 1.0
    diagonal = np.array([-stride, stride]) / np.sqrt(2)
    arrows = np.array([_capped(v) for v in (*(numbers[:3] / longest), *diagonal)])
    ring = np.empty((2, 0))
    if as_rates:
        turn = np.linspace(0, 2 * np.pi, 61)
        arrows[3] = 0
        ring = (now.rates / now.rates.max())[:, None] * [np.cos(turn), np.sin(turn)]
    return Stages(numbers, arrows, ring, *_spelled(setting, as_rates))


def _capped(v: np.ndarray) -> np.ndarray:
    return v * min(1.0, FAR / (float(np.hypot(*v)) or 1.0))


def _spelled(s: Setting, as_rates: bool) -> tuple[list[str], list[str]]:
    """What each stage is called, and what is done to it."""
    root = r"\sqrt{\hat v+\epsilon}" if s.has("eps inside") else r"(\sqrt{\hat v}+\epsilon)"
    if not s.has("correction"):
        root = root.replace(r"\hat v", "v")
    symbols = ["$g$", "$m$", r"$\hat m$", rf"$\div\,{root}$", "step"]
    words = ["gradient", "its mean", "corrected", "divided", "times −lr"]
    if as_rates:
        symbols[3], words[3], words[4] = rf"$\eta\,/\,{root}$", "rates", "−rate × mean"
    if not s.has("momentum"):
        words[1] = "off: it is g"
    if not s.has("correction"):
        words[2] = "off: it is m"
    if not s.has("RMS"):
        symbols[3], words[3] = r"$\div\,1$", "off"
    return symbols, words


class StageTable:
    """A row for each stage: its symbol, its arrow, its two numbers."""

    def __init__(self, canvas: Canvas, theme: Theme, axes: Axes):
        s, self.theme, self.axes = theme.sizes, theme, axes
        blank(axes, theme, "One step")
        self.ring = canvas.moving(ring(axes, theme))
        colors = [theme.color(c) for c in COLORS]
        self.arrows = canvas.moving(Arrows(axes, colors, THICK * s.line))
        self.symbols = [
            canvas.moving(Labels(axes, 1.15 * s.label, theme.text(c), "bold", "left", "center"))
            for c in COLORS
        ]
        note = Labels(axes, 0.95 * s.tick, theme.quiet, "normal", "left", "center")
        self.words = canvas.moving(note)
        self.numbers = canvas.moving(Labels(axes, s.label, theme.ink, "bold", "right", "center"))
        self.heads = canvas.moving(Labels(axes, s.label, theme.quiet, "bold", "right", "center"))

    def settle(self, zoom: int) -> None:
        """One unit becomes one CSS pixel, so that arrows point as on a map; after the layout."""
        box: Any = self.axes.get_window_extent()
        self.wide, self.high = box.width / zoom, box.height / zoom
        self.axes.set(xlim=(0, self.wide), ylim=(self.high, 0))

    def set_data(self, of: Stages) -> None:
        """Show the stages of a step."""
        row, tall = self.high / 5.1, self.theme.sizes.label
        heights = row * (np.arange(5) + 0.62)
        columns = 0.73 * self.wide, self.wide
        dial = np.column_stack([np.full(5, 0.455 * self.wide), heights])
        for label, symbol, y in zip(self.symbols, of.symbols, heights, strict=True):
            label.set_labels([(0, y - 0.55 * tall)], [symbol])
        self.words.set_labels([(0, y + 1.1 * tall) for y in heights], of.words)
        self.heads.set_labels([(x, heights[0] - 2.6 * tall) for x in columns], ["x₁", "x₂"])
        digits = 2 if self.theme.projector else 3
        said = [brief(x, digits) for x in of.numbers.ravel()]
        self.numbers.set_labels([(x, y) for y in heights for x in columns], said)
        arrows = 0.3 * row * of.arrows * [1, -1]  # the table counts downwards
        self.arrows.set_data(dial - arrows / 2, arrows)
        self.ring.set_data(*(dial[3][:, None] + 0.25 * row * of.ring))


def ring(axes: Axes, theme: Theme) -> Any:
    """The artist for the ellipse of the rates."""
    width = 0.8 * theme.sizes.line
    return axes.plot([], [], color=theme.color("green"), linewidth=width, zorder=5)[0]
