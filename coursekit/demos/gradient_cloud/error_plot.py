"""How far the gradients of batches are from the true one, against the size of a batch."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from ...viz import dress, legend
from ...viz.themes import Theme
from ..canvas import Canvas
from ..window import Window
from .batches import ROWS, SIZES, Cloud

SIZE = np.array(SIZES, float)
FINER = np.geomspace(1, ROWS, 200)


class ErrorPlot:
    """What is measured for each size, what theory says, and the length of the true gradient."""

    def __init__(self, canvas: Canvas, theme: Theme, ax: Axes):
        s = theme.sizes
        ax.set(xscale="log", yscale="log", xlim=(0.8, 2500), ylim=(0.005, 2))
        dress(ax, theme, "Error", "batch size B")
        legend(ax, theme, {"length of ◆": "vermilion"})
        self.window = Window(canvas, theme, ax, x=False, ticks=5, widest="0.001")
        vermilion, black, sky = map(theme.color, ("vermilion", "black", "sky"))
        inside: dict[str, Any] = {"transform": self.window.transform}
        self.length, self.expected, self.measured, self.now = canvas.all_moving(
            [
                *ax.plot([], [], color=vermilion, linewidth=0.7 * s.line, zorder=4, **inside),
                *ax.plot([], [], "--", color=black, linewidth=0.8 * s.line, zorder=5, **inside),
                *ax.plot([], [], "o", color=sky, markersize=1.2 * s.marker, zorder=6, **inside),
                *ax.plot([], [], "o", color="none", markeredgecolor=theme.ink, zorder=7,
                         markeredgewidth=s.line, markersize=1.9 * s.marker, clip_on=False,
                         **inside),
            ]
        )  # fmt: skip

    def draw(self, r: Cloud) -> None:
        length = np.linalg.norm(r.true)  # grows with the batch if it is a sum
        lengths = SIZE * length / r.B if r.total else np.full(len(SIZE), length)
        self.length.set_data(SIZE, lengths)
        self.expected.set_data(FINER, r.expected(FINER))
        top = 10.0 ** np.ceil(np.log10(1.1 * max(r.expected(SIZE).max(), lengths.max())))
        low = top / (1e4 if r.total else 1e3)
        self.window.show(ylim=(low, top))
        known = r.spreads if len(r.spreads) else np.zeros(len(SIZE))
        self.measured.set_data(SIZE[known > low], known[known > low])
        self.now.set_data([r.B], [max(r.spread, low)])
