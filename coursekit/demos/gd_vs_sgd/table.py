"""What each of the two needs for the loss that is good enough, as a table."""

from matplotlib.axes import Axes

from ...viz import blank
from ...viz.artists import Labels
from ...viz.themes import Theme
from ..canvas import Canvas
from .duel import Result
from .words import short

LINES = {"steps": 0.6, "epochs": 0.34, "seconds": 0.08}  # and how high they stand
COLUMNS = (("● GD", "black", 0.62), ("■ SGD", "orange", 1.0))  # and where they end


class Table:
    """The smaller number of each line is bold."""

    def __init__(self, canvas: Canvas, theme: Theme, ax: Axes):
        s = theme.sizes
        blank(ax, theme, "Until good enough")
        ax.set(xlim=(0, 1), ylim=(0, 1))
        for word, color, x in COLUMNS:
            ax.text(x, 0.97, word, ha="right", va="top", weight="bold", fontsize=s.label,
                    color=theme.text(color))  # fmt: skip
        for word, y in LINES.items():
            ax.text(0, y, word, va="baseline", fontsize=s.label, color=theme.quiet)
        self.cells = {
            (n, wins): canvas.moving(
                Labels(ax, 1.15 * s.label, theme.text(color), "bold" if wins else "normal", "right")
            )
            for n, (_, color, _) in enumerate(COLUMNS)
            for wins in (False, True)
        }

    def draw(self, result: Result) -> None:
        cells: dict[tuple[int, bool], list] = {key: [] for key in self.cells}
        for y, pair in zip(LINES.values(), result.table, strict=True):
            for n, (_, _, x) in enumerate(COLUMNS):
                wins = pair is not None and pair[n] < pair[1 - n]
                word = "…" if pair is None else short(pair[n])
                cells[n, wins].append(((x, y), word))
        for key, labels in self.cells.items():
            labels.set_labels([at for at, _ in cells[key]], [word for _, word in cells[key]])
