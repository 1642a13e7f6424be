"""A curve that time runs along: what has been, where it is, and faintly what will be."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from .artists import Labels
from .styles import style
from .themes import Theme


class Trail:
    """One optimizer's way through axes, in the style it has everywhere.

    `moving` is `canvas.moving`. A trail that ends in disaster ends in a cross.

    >>> from matplotlib.figure import Figure
    >>> from coursekit.viz.themes import LIGHT
    >>> trail = Trail(Figure().add_subplot(), LIGHT, "Adam", lambda *artists: artists)
    >>> trail.set_data(np.arange(5.0), np.arange(5.0), 2)
    """

    def __init__(self, axes: Axes, theme: Theme, optimizer: str, moving: Callable, dots=False):
        s, look = theme.sizes, style(optimizer, theme)
        color, marker = look["color"], look["marker"]
        faint = theme.tint(color, 0.45)
        (self.ahead,) = axes.plot([], [], color=faint, linewidth=s.thin, zorder=4)
        (self.behind,) = axes.plot(
            [], [], color=color, linestyle=look["linestyle"], linewidth=0.85 * s.line, zorder=5,
            marker="o" if dots else "", markersize=0.55 * s.marker, markeredgewidth=0,
        )  # fmt: skip
        self.marker = marker
        thin = not _filled(marker)
        (self.head,) = axes.plot(
            [], [], marker, color=color, markersize=1.75 * s.marker, zorder=7, clip_on=False,
            markeredgewidth=s.line if thin else 1.1,
            markeredgecolor=color if thin else theme.paper,
        )  # fmt: skip
        moving(self.ahead, self.behind, self.head)

    def set_data(self, x: np.ndarray, y: np.ndarray, now: int, lost: bool = False) -> None:
        """The whole curve and the index of the present; `lost` if it ends in disaster there."""
        self.ahead.set_data(x[now:], y[now:])
        self.behind.set_data(x[: now + 1], y[: now + 1])
        self.head.set_data(x[now : now + 1], y[now : now + 1])
        self.head.set_marker("X" if lost else self.marker)
        self.show()
        self.ahead.set_visible(now < len(x) - 1)

    def within(self, transform: Any) -> None:
        """As `Labels.within`."""
        for line in (self.ahead, self.behind, self.head):
            line.set_transform(transform)

    def show(self, yes: bool = True) -> None:
        """Be seen, or not."""
        for line in (self.ahead, self.behind, self.head):
            line.set_visible(yes)


class Tags:
    """A word for each curve in its own colour at the right edge of axes, kept from overlapping.

    So many lines at the top are left `free`; so many more may stand `below` the axes.
    """

    def __init__(
        self,
        axes: Axes,
        theme: Theme,
        optimizers: Sequence[str],
        moving: Callable,
        free: int = 0,
        below: int = 0,
    ):
        self.axes, self.gap = axes, 1.45 * theme.sizes.label
        self.free, self.below = free, below
        self.words = {
            name: Labels(axes, theme.sizes.label, _text(theme, name), "bold", "left", "center")
            for name in optimizers
        }
        moving(*self.words.values())
        self._data: Any = axes.transData

    def within(self, transform: Any) -> None:
        """As `Labels.within`."""
        self._data = transform

    def set_data(self, at: dict[str, tuple[float, str]]) -> None:
        """For some optimizers the height in data coordinates and the words; the others are bare."""
        axes: Any = self.axes
        names = sorted(at, key=lambda name: -at[name][0])
        _, bottom, right, top = axes.get_window_extent().extents
        gap = self.gap * axes.get_figure().dpi / 72
        wanted = [float(self._data.transform((1, at[name][0]))[1]) for name in names]
        top -= self.free * gap
        floor = max(bottom - self.below * gap, 0.6 * gap)  # 0: the lower edge of the picture
        least = min(bottom, max(floor, top - (len(names) - 1) * gap))
        places = spread([min(max(y, bottom), top) for y in wanted], gap, least, top)
        x = right + 0.7 * gap
        back = axes.transData.inverted()
        for name, words in self.words.items():
            if name in at:
                point = back.transform((x, places[names.index(name)]))
                words.set_labels([point], [at[name][1]])
            else:
                words.set_labels([], [])


def spread(wanted: list[float], gap: float, low: float, high: float) -> list[float]:
    """Falling heights moved no further than needed to lie `gap` apart, if possible in [low, high].

    >>> spread([5.0, 4.9, 1.0], 1.0, 0.0, 10.0)
    [5.45, 4.45, 1.0]
    """
    if len(wanted) < 2:
        return list(wanted)
    gap = min(gap, (high - low) / (len(wanted) - 1))
    groups: list[list[float]] = []  # the heights that touch, each as [sum of wished tops, count]
    for k, y in enumerate(wanted):
        groups.append([y + k * gap, 1.0])  # where the first would be, were this one alone
        while len(groups) > 1 and groups[-2][0] / groups[-2][1] < groups[-1][0] / groups[-1][1]:
            total, n = groups.pop()
            groups[-1] = [groups[-1][0] + total, groups[-1][1] + n]
    first = [total / n for total, n in groups for _ in range(int(n))]
    places = [round(y - k * gap, 9) for k, y in enumerate(first)]
    last = len(places) - 1
    return [min(max(y, low + (last - k) * gap), high - k * gap) for k, y in enumerate(places)]


def _filled(marker: str) -> bool:
    return marker not in ("1", "2", "3", "4", "+", "x")


def _text(theme: Theme, optimizer: str) -> str:
    from .styles import STYLES

    return theme.text(STYLES[optimizer].color)
