"""Small plots of two coordinates over the steps, whose scale is a word and not an axis.

The curves are scaled to fill the plot, and the number at its top moves like any other label: a hand
may change the size of what is drawn a thousandfold.
"""

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from ...viz import Heading, blank, legend
from ...viz.artists import Labels
from ...viz.themes import Theme
from ..canvas import Canvas
from ..window import Window

ROUND = (1, 2, 5, 10)
GAP = 4  # points between plot and title
BEYOND = 1000  # steps: no walk is as long


class Series:
    """One quantity in a few stages, such as g, m and m_hat, for x1 and x2 side by side.

    `curves` are (name, colour, line style, width, shade).
    """

    def __init__(self, canvas: Canvas, theme: Theme, axes: list[Axes], curves: list[tuple]):
        names = "x₁", "x₂"
        self.plots = [Small(canvas, theme, *of, curves) for of in zip(axes, names, strict=True)]
        self.title = canvas.rare(Heading(axes[0], theme, theme.sizes.label, GAP))
        legend(axes[1], theme, {name: color for name, color, *_ in curves}, GAP)

    def set_data(self, curves: Any, t: int, steps: int, title: str, low: int = -1) -> None:
        """Curves (n, 2) over steps 1 to n, the last curves may be missing; `low` 0: all above 0."""
        self.title.say(title)
        for i, plot in enumerate(self.plots):
            plot.set_data([c[:, i] for c in curves], t, steps, low)


class Small:
    """The curves of one coordinate, and the present step."""

    def __init__(self, canvas: Canvas, theme: Theme, ax: Axes, name: str, curves: list[tuple]):
        s = theme.sizes
        self.top = 1.75 if theme.projector else 1.5  # above 1 there are words
        ax.set(ylim=(-1.1, self.top), xlim=(0, 100))
        blank(ax, theme)
        ax.spines["left"].set_visible(True)
        ax.text(0.06, 0.99, name, transform=ax.transAxes, color=theme.quiet,
                fontsize=s.tick, fontweight="bold", va="top")  # fmt: skip
        levels = canvas.all_moving(
            ax.plot([0, BEYOND], [y, y], color=color, linewidth=s.thin)[0]
            for y, color in ((0, theme.line), (1, theme.grid))
        )
        self.lines = canvas.all_moving(
            ax.plot([], [], dash, color=theme.tint(theme.color(color), shade),
                    linewidth=width * s.line, zorder=4 + n)[0]
            for n, (_, color, dash, width, shade) in enumerate(curves)
        )  # fmt: skip
        (self.mark,) = canvas.all_moving(
            ax.plot([], [], "o-", color=theme.quiet, linewidth=s.thin, zorder=8, markevery=[1],
                    markersize=0.9 * s.marker, markerfacecolor=theme.color(curves[-1][1]))
        )  # fmt: skip
        self.scale = canvas.moving(Labels(ax, s.tick, theme.quiet, ha="right", va="center"))
        self.window = Window(canvas, theme, ax, x=False, y=False)
        self.window.hold(*levels, *self.lines, self.mark, self.scale)

    def set_data(self, curves: list[np.ndarray], t: int, steps: int, low: int) -> None:
        """As in `Series`, of this coordinate."""
        top = rounded(max((float(abs(y).max()) for y in curves), default=1.0))
        self.window.show(xlim=(0.0, steps + 1.0), ylim=(1.1 * low, self.top))
        self.scale.set_labels([(steps, 0.5 + 0.5 * self.top)], [brief(top)])
        self.mark.set_data([t, t, t], [low, curves[-1][t - 1] / top, 1])
        missing = [np.array([])] * (len(self.lines) - len(curves))
        for line, y in zip(self.lines, [*curves, *missing], strict=True):
            line.set_data(np.arange(1, len(y) + 1), y / top)


def rounded(value: float) -> float:
    """The next of 1, 2, 5, 10, 20, ... from `value` up.

    >>> rounded(3.2), rounded(1e-4), rounded(0.0)
    (5.0, 0.0001, 1.0)
    """
    if not 0 < value < np.inf:
        return 1.0
    power = int(np.floor(np.log10(value)))
    return next(float(f"{m}e{power}") for m in ROUND if value <= float(f"{m}e{power}") * (1 + 1e-9))


def brief(value: float, digits: int = 3) -> str:
    """A number in six characters at most; what is below 1 has two digits.

    >>> brief(-0.01234), brief(31.62), brief(31.62, 2), brief(3.2e-7), brief(0.0)
    ('−0.012', '31.6', '32', '3e-7', '0')
    """
    if value == 0:
        return "0"
    size = abs(value)
    if 0.0095 <= size < 9999.5:
        said = f"{float(f'{size:.{digits if size >= 0.995 else 2}g}'):g}"
    else:
        mantissa, exponent = f"{size:.0e}".split("e")
        said = f"{mantissa}e{int(exponent)}"
    return ("−" if value < 0 else "") + said
