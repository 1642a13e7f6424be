"""A dissection on its landscape: the path, what goes the same way, and one step in arrows."""

import numpy as np
from matplotlib.axes import Axes

from ...viz import style
from ...viz.arrows import Arrows
from ...viz.themes import Theme
from ...viz.trails import Trail
from ..canvas import Canvas
from ..track_map import TrackMap
from .result import SURFACES, Result
from .stages import COLORS, THICK, ring
from .twins import Twin

SHOWN = (0, 2, 4)  # the stages whose arrows are drawn: g, m_hat, step
ARROW, APART = 0.26, 0.24  # an arrow of length 1, and the marks of a twin, in units of the map


class WalkMap:
    """Draws a result on its ground."""

    def __init__(self, canvas: Canvas, theme: Theme, ax: Axes):
        s, self.canvas, self.ground = theme.sizes, canvas, TrackMap(canvas, theme, ax)
        (self.adam,) = canvas.all_moving(
            ax.plot([], [], "--", color=theme.tint(theme.color("vermilion"), 0.6),
                    linewidth=0.6 * s.line, zorder=3.5)
        )  # fmt: skip
        self.trail = Trail(ax, theme, "Adam", canvas.moving, dots=True)
        (self.twin,) = canvas.all_moving(
            ax.plot([], [], color="none", linestyle="", markersize=1.5 * s.marker, zorder=6,
                    markeredgewidth=0.6 * s.line)
        )  # fmt: skip
        self.arrows = {
            row: canvas.moving(Arrows(ax, [theme.color(COLORS[row])], THICK * s.line, theme.paper))
            for row in SHOWN
        }
        self.ring = canvas.moving(ring(ax, theme))

    def draw(self, result: Result) -> None:
        t, thetas, lost = result.t, result.walk.thetas, result.walk.lost
        self.ground.show(result.ground, SURFACES[result.ground.landscape])
        x, y = self.ground.place(thetas).T
        self.trail.set_data(x, y, t, lost and t == len(thetas) - 1)
        self.trail.head.set_data(*self.ground.nearest(thetas[t])[:, None])
        self.adam.set_data(*self.ground.place(result.adam.thetas).T)
        self._draw_twin(result.twin)
        of, here = result.stages, self.ground.nearest(thetas[t - 1])
        for row, arrow in self.arrows.items():
            length = ARROW if row == 4 else -ARROW  # a step, or against a gradient
            arrow.set_data(here[None], length * of.arrows[row][None])
        self.ring.set_data(*(here[:, None] + ARROW * of.ring))

    def _draw_twin(self, twin: Twin | None) -> None:
        other = twin is not None and twin.known.style != "Adam"
        self.twin.set_visible(other)
        if twin is None or not other:
            return
        look = style(twin.known.style, self.canvas.theme)
        path = self.ground.place(twin.path)
        apart = np.hypot(*np.diff(path, axis=0).T).cumsum() // APART
        marks = path[np.flatnonzero(np.diff(apart, prepend=-1)) + 1]  # evenly along the path
        self.twin.set_data(*marks.T)
        self.twin.set(marker=look["marker"], markeredgecolor=look["color"])
