"""Small plots of two coordinates over the steps, whose scale is a word and not an axis.

Axes with new limits cost a full draw. Here the curves are scaled to fill the plot, and the number
at its top moves like any other label: a hand may change the size of what is drawn a thousandfold.
"""

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from ...viz import dress, legend
from ...viz.artists import Labels
from ...viz.themes import Theme
from ..canvas import Canvas

ROUND = (1, 2, 5, 10)


class Series:
    """One quantity in a few stages, such as g, m and m_hat, for x1 and x2 side by side.

    `curves` are (name, colour, line style, width, shade).
    """

    def __init__(self, canvas: Canvas, theme: Theme, axes: list[Axes], curves: list[tuple]):
        s, self.canvas, self.axes = theme.sizes, canvas, axes
        self.top = 1.75 if theme.projector else 1.5  # above 1 there are words
        self.lines, self.scales, self.marks = [], [], []
        for i, ax in enumerate(axes):
            ax.set(ylim=(-1.1, self.top), xlim=(0, 100))
            dress(ax, theme, grid="")
            ax.set_title(
                " ", loc="left", fontsize=s.label, fontweight="bold", color=theme.ink, pad=4
            )
            ax.set(xticks=[], yticks=[])
            ax.text(0.06, 0.99, f"x{'₁₂'[i]}", transform=ax.transAxes, color=theme.quiet,
                    fontsize=s.tick, fontweight="bold", va="top")  # fmt: skip
            ax.axhline(0, color=theme.line, linewidth=s.thin)
            ax.axhline(1, color=theme.grid, linewidth=s.thin)
            ax.spines["bottom"].set_visible(False)
            (mark,) = canvas.all_moving(
                ax.plot([], [], "o-", color=theme.quiet, linewidth=s.thin, zorder=8, markevery=[1],
                        markersize=0.9 * s.marker, markerfacecolor=theme.color(curves[-1][1]))
            )  # fmt: skip
            self.marks.append(mark)
            self.scales.append(
                canvas.moving(Labels(ax, s.tick, theme.quiet, ha="right", va="center"))
            )
            self.lines.append([
                canvas.moving(ax.plot([], [], dash, color=theme.tint(theme.color(c), shade),
                                      linewidth=width * s.line, zorder=4 + n)[0])
                for n, (_, c, dash, width, shade) in enumerate(curves)
            ])  # fmt: skip
        legend(axes[1], theme, {name: color for name, color, *_ in curves}, gap=4)

    def set_data(self, curves: Any, t: int, steps: int, title: str, low: int = -1) -> None:
        """Curves (n, 2) over steps 1 to n, the last curves may be missing; `low` 0: all above 0."""
        self.canvas.set(self.axes[0]._left_title, text=title)  # type: ignore[attr-defined]
        for i, ax in enumerate(self.axes):
            top = rounded(max((float(abs(c[:, i]).max()) for c in curves), default=1.0))
            self.canvas.set(ax, xlim=(0.0, steps + 1.0), ylim=(1.1 * low, self.top))
            self.scales[i].set_labels([(steps, 0.5 + 0.5 * self.top)], [brief(top)])
            now = float(curves[-1][t - 1, i] / top)
            self.marks[i].set_data([t, t, t], [low, now, 1])
            for n, line in enumerate(self.lines[i]):
                y = curves[n][:, i] / top if n < len(curves) else np.array([])
                line.set_data(np.arange(1, len(y) + 1), y)


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
