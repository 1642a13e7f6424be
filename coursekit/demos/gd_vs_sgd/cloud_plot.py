"""The gradients of some batches, seen along the true gradient."""

import numpy as np
from matplotlib.axes import Axes

from ...viz import blank
from ...viz.artists import Labels
from ...viz.themes import Theme
from ..canvas import Canvas
from .big_problem import Cloud
from .words import noise


class CloudPlot:
    """An arrow upwards for the true gradient, a square for each batch, and how far these spread."""

    def __init__(self, canvas: Canvas, theme: Theme, ax: Axes):
        s = theme.sizes
        blank(ax, theme, "Gradients of batches")
        ax.set(xlim=(-1, 1), ylim=(-0.4, 0.8))
        ax.plot([0], [0], "+", color=theme.quiet, markersize=2 * s.marker)
        (self.dots,) = canvas.all_moving(
            ax.plot([], [], "s", color=theme.color("orange"), markersize=0.45 * s.marker,
                    markeredgewidth=0)
        )  # fmt: skip
        self.shaft, self.tip = canvas.all_moving(
            [*ax.plot([], [], color=theme.ink, linewidth=1.2 * s.line, zorder=6),
             *ax.plot([], [], "^", color=theme.ink, markersize=1.5 * s.marker, zorder=6)]
        )  # fmt: skip
        self.ratio = canvas.moving(Labels(ax, s.label, theme.ink, "bold", "left", "bottom"))

    def draw(self, cloud: Cloud) -> None:
        along, away = cloud.dots.T
        reach = max(cloud.length / 0.7, np.abs(along).max() / 0.8, np.abs(away).max() / 0.95)
        self.dots.set_data(away / reach, along / reach)
        tip = cloud.length / reach
        self.shaft.set_data([0, 0], [0, tip])
        self.tip.set_data([0], [tip])
        self.ratio.set_labels([(-1, -0.4)], [noise(cloud)])
