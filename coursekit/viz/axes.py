"""Quiet axes: two thin spines, few ticks, a light grid, and words where the eye already is."""

from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter, NullLocator

from .artists import Labels
from .themes import Theme


def dress(
    axes: Axes, theme: Theme, title: str = "", x: str = "", y: str = "", grid: str = "y"
) -> Axes:
    """Give axes the look of the course; call it after scales and limits are set.

    `title` is set flush left in bold and says what is drawn; `grid` is "", "x", "y" or "both".
    """
    s = theme.sizes
    axes.set_facecolor(theme.paper)
    axes.set_axisbelow(True)
    for side, spine in axes.spines.items():
        spine.set_visible(side in ("left", "bottom"))
        spine.set(color=theme.line, linewidth=s.thin)
    axes.tick_params(
        which="both", colors=theme.quiet, labelsize=s.tick, length=0, pad=5, labelcolor=theme.quiet
    )
    axes.grid(False)
    if grid:
        axes.grid(True, axis=grid, color=theme.grid, linewidth=s.thin, zorder=0)  # type: ignore[arg-type]
    for axis in (axes.xaxis, axes.yaxis):
        if axis.get_scale() == "log":
            axis.set_major_locator(LogLocator(numticks=s.ticks))
            axis.set_major_formatter(FuncFormatter(plain))
            axis.set_minor_locator(NullLocator())
            axis.set_minor_formatter(NullFormatter())
        elif axis.get_scale() == "linear":
            axis.set_major_locator(MaxNLocator(s.ticks, steps=[1, 2, 2.5, 5, 10]))
    axes.set_xlabel(x, fontsize=s.label, color=theme.ink, labelpad=6)
    axes.set_ylabel(y, fontsize=s.label, color=theme.ink, labelpad=8)
    axes.set_title(
        title, loc="left", fontsize=s.title, fontweight="bold", color=theme.ink, pad=s.title
    )
    return axes


def legend(axes: Axes, theme: Theme, words: dict[str, str], gap: float | None = None) -> None:
    """Words in the colours of their curves, flush right on the line of the title.

    `words` maps each label, with its marker as a character, to a colour of the palette; they stand
    `gap` points above the axes, or where a title of the usual size does.
    """
    from matplotlib.offsetbox import AnchoredOffsetbox, HPacker, TextArea

    s = theme.sizes
    areas: list[Any] = [
        TextArea(label, textprops={"color": theme.text(color), "size": s.label, "weight": "bold"})
        for label, color in words.items()
    ]
    row = HPacker(children=areas, pad=0, sep=1.2 * s.label, align="baseline")
    up = s.title - 0.25 * s.label if gap is None else gap
    box = AnchoredOffsetbox(
        "lower right", child=row, pad=0, borderpad=0, frameon=False,
        bbox_to_anchor=(1, 1), bbox_transform=axes.transAxes + _up(axes, up),
    )  # fmt: skip
    axes.add_artist(box)


class Heading(Labels):
    """Words where the title of axes is, as an artist for a canvas: new ones draw no axes again.

    It is as large and as many points above the axes as a usual title, unless you say otherwise.
    """

    def __init__(self, axes: Axes, theme: Theme, size: float = 0.0, gap: float | None = None):
        s = theme.sizes
        size, gap = size or s.title, s.title if gap is None else gap
        axes.set_title(" ", loc="left", fontsize=size, pad=gap)  # keeps the room for it
        super().__init__(axes, size, theme.ink, "bold", "left", "bottom")
        self.within(axes.transAxes + _up(axes, gap))

    def say(self, words: str) -> None:
        """From now on the title reads so; it is not drawn again if it does already."""
        if [word for _, word in self._words] != [words]:
            self.set_labels([(0, 1)], [words])


def _up(axes: Axes, points: float) -> Any:
    from matplotlib.transforms import ScaledTranslation

    figure: Any = axes.get_figure()
    return ScaledTranslation(0, points / 72, figure.dpi_scale_trans)


def blank(axes: Axes, theme: Theme, title: str = "") -> Axes:
    """Axes without spines and ticks, for pictures and large numbers."""
    dress(axes, theme, title, grid="")
    axes.set(xticks=[], yticks=[])
    for spine in axes.spines.values():
        spine.set_visible(False)
    return axes


def plain(value: float, _position: Any = None) -> str:
    """A tick label without mathematics: 0.01, 1, 1000; 1e-6 beyond that.

    >>> plain(0.01), plain(1000.0), plain(1e-6)
    ('0.01', '1000', '1e-6')
    """
    if value == 0 or 1e-3 <= abs(value) < 1e5:
        return f"{value:g}"
    mantissa, exponent = f"{value:e}".split("e")
    return f"{float(mantissa):g}e{int(exponent)}"


def outlined(theme: Theme, width: float = 3.0) -> list[Any]:
    """Path effects that lift words off the lines behind them."""
    from matplotlib.patheffects import withStroke

    return [withStroke(linewidth=width, foreground=theme.paper)]


def arrange(figure: Figure) -> None:
    """Lay the figure out once, then freeze it: a layout engine would double every later draw."""
    figure.set_layout_engine("constrained", w_pad=0.12, h_pad=0.1, wspace=0.06, hspace=0.06)
    figure.draw_without_rendering()
    figure.set_layout_engine("none")
