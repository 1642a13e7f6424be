"""The Jacobian of a softmax as a table of colours: a panel of `loss_view`."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection

from ...viz import dress
from ...viz.artists import Labels
from ...viz.themes import Theme
from ..canvas import Canvas

CELLS = np.array([(logit, share) for share in (1, 2, 3) for logit in (1, 2, 3)])
MOST = 0.25  # the largest slope there is at temperature 1: full colour


class Jacobian:
    """A row for each share, a column for each logit; blue is positive, red negative."""

    def __init__(self, canvas: Canvas, theme: Theme, ax: Axes):
        self.theme = theme
        ax.set(xlim=(0.5, 3.5), ylim=(3.5, 0.5))
        dress(ax, theme, "Slopes ∂p/∂z", "logit", "share p", grid="")
        for spine in ax.spines.values():
            spine.set_visible(False)
        ax.set(xticks=[1, 2, 3], yticks=[1, 2, 3])
        corners = 0.47 * np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]])
        self.cells = canvas.moving(PolyCollection([cell + corners for cell in CELLS]))
        ax.add_collection(self.cells, autolim=False)
        self.entries = canvas.moving(Labels(ax, theme.sizes.tick, theme.ink, va="center"))

    def show(self, J: np.ndarray) -> None:
        """Draw this one, (3, 3)."""
        theme, slopes = self.theme, J.ravel()
        hues = [theme.color("blue" if slope > 0 else "vermilion") for slope in slopes]
        depth = 0.75 * np.minimum(1, np.abs(slopes) / MOST)
        self.cells.set_facecolor([theme.tint(h, d) for h, d in zip(hues, depth, strict=True)])
        self.entries.set_labels(CELLS, [f"{slope:.2f}" for slope in slopes.round(2) + 0.0])
