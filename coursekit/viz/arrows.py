"""Arrows that move: as long as the data say, as thick as the page wants."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.transforms import IdentityTransform

# Half an arrow of length 1 + shaft: along it in units of its head, across it in shaft widths.
ALONG = np.array([0.0, -1.0, -1.0, -1.0])
ACROSS = np.array([0.0, 1.7, 0.5, 0.5])
HEAD = 4.2  # shaft widths


class Arrows(PolyCollection):
    """Arrows in colours of their own, drawn as one artist.

    >>> from matplotlib.figure import Figure
    >>> arrows = Arrows(Figure().add_subplot(), ["#000000", "#0072B2"], width=2.0)
    >>> arrows.set_data(np.zeros((2, 2)), np.eye(2))
    """

    def __init__(self, axes: Axes, colors: list[str], width: float, edge: str = "none"):
        super().__init__([], facecolors=colors, edgecolors=edge, linewidths=0.8, zorder=5)
        self.width = width  # of the shaft, in points
        self.set_data(np.zeros((0, 2)), np.zeros((0, 2)))
        axes.add_collection(self, autolim=False)
        self.set_transform(IdentityTransform())

    def set_data(self, tails: np.ndarray, vectors: np.ndarray) -> None:
        """From tails (n, 2) along vectors (n, 2), in the coordinates of the axes."""
        self._tails, self._tips = tails, np.add(tails, vectors)
        self.stale = True

    def draw(self, renderer: Any) -> None:
        axes: Any = self.axes  # made here: limits and resolution may have changed
        width = self.width * axes.get_figure().dpi / 72
        tails, tips = (axes.transData.transform(p) for p in (self._tails, self._tips))
        outlines = [_outline(*ends, width) for ends in zip(tails, tips, strict=True)]
        self.set_verts(outlines)
        super().draw(renderer)
        self.stale = False


def _outline(tail: np.ndarray, tip: np.ndarray, width: float) -> np.ndarray:
    """The corners of one arrow; one shorter than its head is all head, and smaller."""
    length = float(np.hypot(*(tip - tail)))
    if not length > 0:
        return np.zeros((0, 2))
    along = (tip - tail) / length
    across = width * np.array([-along[1], along[0]])
    size = min(1.0, length / (HEAD * width))
    back = tip + np.outer(ALONG * size * HEAD * width, along)
    back[3] = tail
    side = np.outer(ACROSS * size, across)
    return np.concatenate([back + side, (back - side)[:0:-1]])
