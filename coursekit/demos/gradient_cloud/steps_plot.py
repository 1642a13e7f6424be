"""The loss as a map, and a step along the gradient of each batch."""

import numpy as np
from matplotlib.axes import Axes

from ...viz import contours, dress
from ...viz.themes import Theme
from ..canvas import Canvas
from .batches import Cloud, best, digits, surface
from .cloud_plot import dots


class StepsPlot:
    """Where the steps of 300 batches lead, and the one of all rows; a pointer moves the start."""

    def __init__(self, canvas: Canvas, theme: Theme, ax: Axes):
        s = theme.sizes
        ax.set(xlim=(-1, 4), ylim=(-2.5, 2.5))
        dress(ax, theme, "Loss and steps", "slope  (↑ offset)", grid="")
        ax.set(xticks=[0, 2, 4], yticks=[-2, 0, 2])
        self.contours = canvas.rare(contours.Contours(ax, theme))
        (self.least,) = ax.plot([], [], "P", color=theme.ink, markersize=1.3 * s.marker,
                                markeredgecolor=theme.paper)  # fmt: skip
        canvas.rare(self.least)
        self.ends = dots(canvas, theme, ax)
        (self.way,) = canvas.all_moving(
            ax.plot([], [], color=theme.color("vermilion"), linewidth=s.line, zorder=5)
        )
        (self.here,) = canvas.all_moving(
            ax.plot([], [], "o", color="none", markeredgecolor=theme.ink, zorder=6,
                    markeredgewidth=s.line, markersize=1.9 * s.marker)
        )  # fmt: skip
        canvas.pointable(ax, lambda x, y: {"slope": x, "offset": y})
        self._copies = 0  # of the rows whose loss the map shows

    def draw(self, r: Cloud) -> None:
        if self._copies != r.copies:
            self._copies, low = r.copies, best(r.copies)
            x, y, z = surface(r.copies)
            least = float(digits(r.copies).loss(low))
            self.contours.set_data(x, y, z, contours.heights(z, least))
            self.least.set_data(*low[:, None])
        self.ends.set_data(*r.ends.T)
        self.way.set_data(*np.stack([r.theta, r.theta - r.lr * r.true], axis=1))
        self.here.set_data(*r.theta[:, None])
