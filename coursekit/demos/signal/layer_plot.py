"""One layer closely: how its values are spread, and what it does to a small change of an input."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Polygon

from ...viz import alt, dress
from ...viz.artists import Labels
from ...viz.themes import Theme
from ..canvas import Canvas
from .layers_plot import CROWD, EDGES, steps
from .propagation import BINS, REACH, Seen
from .words import many, share_of_mean


class LayerPlot:
    """The histogram of the values, and the singular values from an input to here."""

    def __init__(self, canvas: Canvas, theme: Theme, shape: Axes, spectrum: Axes):
        self._build_shape(canvas, theme, shape)
        self._build_spectrum(canvas, theme, spectrum)

    def _build_shape(self, canvas: Canvas, theme: Theme, ax: Axes) -> None:
        s = theme.sizes
        ax.set(xlim=(-REACH, REACH), ylim=(0, 1.2 * CROWD))
        dress(ax, theme, "Values of one layer", "values / rms", grid="")
        ax.set_xticks(*EDGES)
        ax.set_yticks([])
        ax.spines["left"].set_visible(False)
        blue = theme.color("blue")
        self.hill = canvas.moving(Polygon([(0, 0)], color=theme.tint(blue, 0.55), linewidth=0))
        ax.add_patch(self.hill)
        (self.middle,) = canvas.all_moving(ax.plot([], [], color=theme.ink, linewidth=s.line))
        self.cut = canvas.moving(Labels(ax, s.tick, theme.ink, ha="center"))
        self.moments = canvas.moving(Labels(ax, s.tick, theme.ink, ha="left", va="top"))

    def _build_spectrum(self, canvas: Canvas, theme: Theme, ax: Axes) -> None:
        s = theme.sizes
        ax.set(yscale="log", xlim=(0, 1), ylim=(1e-4, 2))
        dress(ax, theme, "Its Jacobian", "singular values / largest")
        ax.set_xticks([])
        ax.set_yticks([1, 1e-2, 1e-4], ["1", "0.01", "1e-4"])
        (self.values,) = canvas.all_moving(
            ax.plot([], [], "o", color=theme.color("green"), markersize=0.6 * s.marker)
        )
        ax.text(0.62, 0.5, "largest", fontsize=s.tick, color=theme.ink, ha="right", va="top")
        self.rank = canvas.moving(Labels(ax, s.tick, theme.ink, ha="right", va="top"))

    def draw(self, r: Seen) -> None:
        self._draw_shape(r)
        self._draw_spectrum(r.singular)

    def _draw_shape(self, r: Seen) -> None:
        self.hill.set_xy(steps(np.minimum(r.shape, CROWD), -REACH, REACH))
        full = np.flatnonzero(r.shape > CROWD)
        middles = (full + 0.5) * (2 * REACH / BINS) - REACH
        self.cut.set_labels(
            [(x, 1.02 * CROWD) for x in middles], [f"{100 * r.shape[k]:.0f}%" for k in full]
        )
        self.middle.set_data([], [])
        words = [f"layer {r.layer}"]
        if size := r.signal[r.layer]:
            square = share_of_mean(r)
            self.middle.set_data([r.mean[r.layer] / size] * 2, [0, 0.6 * CROWD])
            words += [f"mean² {100 * square:.0f}%", f"variance {100 * (1 - square):.0f}%"]
        points = [(-REACH, CROWD * (1.2 - 0.19 * k)) for k in range(len(words))]
        self.moments.set_labels(points, words)

    def _draw_spectrum(self, found: np.ndarray | None) -> None:
        words = ["", "when you rest"]
        self.values.set_data([], [])
        if found is not None:
            words = [alt.number(found[0]), f"{many(found)} above 0.01"]
            ranks, there = (np.arange(len(found)) + 0.5) / len(found), found > 0
            self.values.set_data(ranks[there], found[there] / (found[0] or 1.0))
        self.rank.set_labels([(1, 0.5), (1, 0.12)], words)
