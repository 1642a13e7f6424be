"""The six formulas, and how far apart the paths are that they take."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PolyCollection

from ...viz import blank
from ...viz.artists import Labels
from ...viz.themes import Theme
from ..canvas import Canvas
from .forms import FORMS, Result, form_of

LEFT, CELL = 0.605, 0.079  # of the matrix, as shares of the width of the table
ROW = {name: row for row, name in enumerate(FORMS)}
BELOW = [(row, column) for row in range(len(FORMS)) for column in range(row)]  # the diagonal


class Table:
    """A row for each form with its name and formula, then the lower half of a matrix.

    Forms that are not chosen are pale. Names and formulas are drawn again for another choice only.
    """

    def __init__(self, canvas: Canvas, theme: Theme, axes: Axes):
        s, self.theme, self.axes = theme.sizes, theme, axes
        blank(axes, theme)
        axes.set(xlim=(0, 1), ylim=(len(FORMS) + 0.9, -1.2))
        bold: dict[str, Any] = {"fontsize": s.label, "fontweight": "bold", "color": theme.ink}
        heading = "Largest difference (green: one path)"
        axes.text(1, -0.95, heading, ha="right", va="center", **bold)

        self.chosen: Any = None  # the forms that are drawn as chosen
        self.names = {
            name: canvas.rare(Labels(axes, s.label, theme.ink, "bold", "left", "center"))
            for name in FORMS
        }
        self.formulas, self.pale = (
            canvas.rare(Labels(axes, 1.05 * s.label, color, "normal", "left", "center"))
            for color in (theme.ink, theme.line)
        )
        before_names = [_bar(row, 0, 0.03) for row in ROW.values()]
        over_columns = [
            _bar(row, LEFT + (row + 0.25) * CELL, LEFT + (row + 0.75) * CELL)
            for row in range(len(FORMS) - 1)
        ]
        bars = LineCollection(before_names + over_columns, linewidths=2 * s.line)
        self.swatches = canvas.rare(bars)
        axes.add_collection(self.swatches)

        self.cells = canvas.moving(PolyCollection([_cell(*place) for place in BELOW], linewidths=0))
        axes.add_collection(self.cells)
        fitting = 0.88 * s.tick if theme.projector else s.tick  # "2e-15" in a cell
        self.numbers = canvas.moving(Labels(axes, fitting, theme.ink, va="center"))
        self.numbers.set_zorder(4)
        self.rule = canvas.moving(Labels(axes, s.label, theme.ink, "bold", "left", "center"))

    def settle(self) -> None:
        """The figure is laid out: the table takes its whole width."""
        box = self.axes.get_position()
        self.axes.set_position((box.x0, box.y0, 1 - 2 * box.x0, box.height))

    def draw(self, result: Result, rule: str) -> None:
        self._draw_forms(result.forms, result.printed)
        same, apart = self.theme.tint(self.theme.color("green"), 0.38), self.theme.grid
        colors, points, words = ["none"] * len(BELOW), [], []
        for i, a in enumerate(result.forms):
            for j, b in enumerate(result.forms[:i]):
                row, column = sorted((ROW[a], ROW[b]), reverse=True)
                alike = any(a in group and b in group for group in result.groups)
                colors[BELOW.index((row, column))] = same if alike else apart
                points.append((LEFT + (column + 0.5) * CELL, row))
                words.append(short(result.apart[i, j]))
        self.cells.set_facecolor(colors)
        self.numbers.set_labels(points, words)
        self.rule.set_labels([(0, len(FORMS) + 0.4)], [rule])

    def _draw_forms(self, chosen: tuple[str, ...], printed: bool) -> None:
        if self.chosen == (chosen, printed):
            return
        self.chosen, theme = (chosen, printed), self.theme
        for name, label in self.names.items():
            color = FORMS[name].color
            label.set_facecolor(theme.text(color) if name in chosen else theme.line)
            label.set_labels([(0.045, ROW[name])], [name])
        for labels, there in ((self.formulas, True), (self.pale, False)):
            names = [name for name in FORMS if (name in chosen) == there]
            formulas = [form_of(name, printed).formula for name in names]
            labels.set_labels([(0.163, ROW[name]) for name in names], formulas)
        colors = [theme.color(FORMS[n].color) if n in chosen else theme.grid for n in FORMS]
        self.swatches.set_color(colors + colors[:-1])


def short(value: float) -> str:
    """A number in few characters.

    >>> short(0.0), short(3e-16), short(0.0432), short(1e5), short(np.inf)
    ('0', '3e-16', '0.043', '1e5', '∞')
    """
    if value == 0:
        return "0"
    if not np.isfinite(value):
        return "∞"
    if 0.01 <= value < 1000:
        return f"{float(f'{value:.2g}'):g}"
    mantissa, exponent = f"{value:.0e}".split("e")
    return f"{mantissa}e{int(exponent)}"


def _bar(row: int, left: float, right: float) -> list[tuple[float, float]]:
    return [(left, row), (right, row)]


def _cell(row: int, column: int) -> list[tuple[float, float]]:
    left, right = (LEFT + (column + share) * CELL for share in (0.04, 0.96))
    top, bottom = row - 0.42, row + 0.42
    return [(left, top), (right, top), (right, bottom), (left, bottom)]
