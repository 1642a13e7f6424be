"""A landscape seen from above: bands of height in quiet shades, drawn as one artist."""

from typing import Any

import numpy as np
from contourpy import FillType, contour_generator
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.path import Path

from .themes import Theme

BANDS = 14


class Contours(PathCollection):
    """Filled contours of z(x, y), the lowest band in the colour of the paper.

    >>> from matplotlib.figure import Figure
    >>> from coursekit.viz.themes import LIGHT
    >>> contours = Contours(Figure().add_subplot(), LIGHT)
    >>> x = np.linspace(-1, 1, 5)
    >>> contours.set_data(x, x, x[:, None] ** 2 + x**2, np.array([0.5, 1.0]))
    """

    def __init__(self, axes: Axes, theme: Theme):
        tints = [k / BANDS for k in range(BANDS + 1)]
        super().__init__(
            [],
            facecolors=[theme.tint(theme.quiet, 0.02 + 0.17 * t) for t in tints],
            edgecolors=theme.tint(theme.quiet, 0.42),
            linewidths=0.6 * theme.sizes.thin,
            transform=axes.transData,
        )
        axes.add_collection(self, autolim=False)

    def set_data(self, x: Any, y: Any, z: np.ndarray, levels: np.ndarray) -> None:
        """z (len(y), len(x)) over the grid of x and y; `levels` part the bands, increasing.

        Each path is all that lies above its level, painted over the last: so each line is drawn
        once, and no gap shows between two bands.
        """
        contours = contour_generator(x, y, z, fill_type=FillType.OuterCode)
        self.set_paths([_joined(*contours.filled(low, np.inf)) for low in (-np.inf, *levels)])


def heights(z: np.ndarray, minimum: float, logarithmic: bool = True) -> np.ndarray:
    """Heights that part the bands of z: evenly spaced, or by equal factors above `minimum`."""
    if not logarithmic:
        return np.linspace(z.min(), z.max(), BANDS + 2)[1:-1]
    above = np.maximum(z - minimum, 0)
    low, high = np.quantile(above, 0.004), above.max()
    return minimum + np.geomspace(max(low, 1e-6 * high), high, BANDS + 1)[:-1]


def _joined(points: list[Any], codes: list[Any]) -> Path:
    if not points:
        return Path(np.empty((0, 2)))
    return Path(np.concatenate(points), np.concatenate(codes))
