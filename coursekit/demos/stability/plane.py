"""The plane of all step sizes and momenta, and the two directions as points in it."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from ...viz import dress
from ...viz.artists import Labels, Pixels
from ...viz.themes import OKABE_ITO, Theme
from ..canvas import Canvas
from . import rate_map
from .motion import Motion
from .portraits import marks
from .rates import METHODS

PAD = 5 / 72  # inches between the map and its ticks


class Plane:
    """The map of a method in `axes`, the best place on it, and where the two directions are.

    The map is drawn again for another method only, and the axes never: across, lr lambda is
    counted in shares of the map's width (`rate_map.across`).
    """

    def __init__(self, canvas: Canvas, theme: Theme, axes: Axes):
        s, self.canvas, self.axes = theme.sizes, canvas, axes
        axes.set(xlim=(0, 1), ylim=(0, 1))
        title, across = "Steps per decimal digit", "lr × λ   (dotted: ripples)"
        dress(axes, theme, title, across, "momentum μ", grid="")
        axes.set_xticks([0.5], ["0"], color="none")  # unseen, but it takes room
        axes.set_yticks([0, 0.5, 1], ["0", "0.5", "1"])
        for spine in axes.spines.values():
            spine.set_visible(False)

        self.method = ""  # whose map is drawn
        self.map = canvas.rare(Pixels(axes))
        (self.limit,) = axes.plot([], [], color=theme.text("vermilion"), linewidth=s.line)
        (self.ripples,) = axes.plot([], [], ":", color=theme.ink, linewidth=0.7 * s.line)
        self.ticks = Labels(axes, s.tick, theme.quiet, va="top")
        canvas.rare(self.limit, self.ripples, self.ticks)

        self.names = canvas.moving(Labels(axes, s.tick, theme.ink, va="center"))
        (self.band,) = canvas.all_moving(axes.plot([], [], color=theme.ink, linewidth=s.line))
        edge = theme.paper if theme.name == "dark" else theme.ink
        look: dict[str, Any] = {"markeredgecolor": edge, "markersize": 2.2 * s.marker}
        (self.star,) = canvas.all_moving(
            axes.plot([], [], "*", color=OKABE_ITO["yellow"], zorder=7, clip_on=False, **look)
        )
        self.best = canvas.moving(Labels(axes, s.tick, theme.ink, "bold", va="center"))
        self.ends = marks(canvas, theme, axes, 1.7)

    def draw(self, result: Motion) -> None:
        method = result.method
        self._draw_map(method)
        mu = 0.0 if rate_map.plain(method) else result.mu
        places = [min(1.0, rate_map.across(method, d.a)) for d in result.directions]
        self.band.set_data(places, [mu] * len(places))
        for n, end in enumerate(self.ends):
            here = places[n : n + 1]
            end.set_data(here, [mu] * len(here))
        tall = 3 if self.canvas.theme.projector else 2
        self.names.set_labels(*rate_map.clear_of(method, places, mu, tall))

        a, height = METHODS[method].best(result.kappa)
        x = rate_map.across(method, a)
        self.star.set_data([x], [height])
        room = x < 0.66  # for the word on its right
        self.best.align = 0.0 if room else 1.0
        self.best.set_labels([(x * (1.07 if room else 0.93), height + 0.035)], ["best"])

    def _draw_map(self, method: str) -> None:
        if method == self.method:
            return
        self.method, fine = method, self.canvas.scale
        room = (fine * side for side in self.map.room)
        self.map.set_data(rate_map.pixels(method, self.canvas.theme, *room), fine)
        mu = np.linspace(0, 0.999, 300)
        self.limit.set_data(rate_map.across(method, METHODS[method].limit(mu)), mu)
        self.ripples.set_data(*rate_map.ripples(method))
        ticks = rate_map.ticks(method)
        figure: Any = self.axes.get_figure()
        below = PAD * figure.dpi / self.axes.get_window_extent().height
        points = [(rate_map.across(method, a), -below) for a in ticks]
        self.ticks.set_labels(points, [f"{a:g}" for a in ticks])
