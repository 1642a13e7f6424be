"""Artists for pictures that are drawn thirty times a second.

A matplotlib Text costs half a millisecond a frame and an AxesImage, which resamples, several. Here
many labels are one path, and pixels are copied to where they belong.
"""

import functools
from collections.abc import Iterable
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.font_manager import FontProperties
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.textpath import TextPath
from matplotlib.transforms import IdentityTransform


class Labels(PathPatch):
    """Any number of short labels in one size and colour, drawn as one path.

    >>> from matplotlib.figure import Figure
    >>> axes = Figure().add_subplot()
    >>> labels = Labels(axes, size=9, color="#000000")
    >>> labels.set_labels([(0.2, 0.5), (0.8, 0.5)], ["left", "right"])
    """

    def __init__(
        self, axes: Axes, size: float, color: str, weight: str = "normal", ha="center", va="bottom"
    ):
        super().__init__(_NOTHING, facecolor=color, linewidth=0, transform=IdentityTransform())
        self.font = FontProperties(size=size, weight=weight)
        self.align = {"left": 0.0, "center": 0.5, "right": 1.0}[ha]
        self.drop = {"bottom": 0.0, "center": 0.5, "top": 1.0}[va]
        self.set_clip_on(False)
        axes.add_artist(self)

    def set_labels(self, points: Iterable[Any], words: Iterable[str]) -> None:
        """Put each of the words at its point, in the coordinates of the axes."""
        axes: Any = self.axes
        scale = axes.get_figure().dpi / 72
        parts = []
        for point, word in zip(points, words, strict=True):
            if word:
                outline, width, height = _outline(word, self.font)
                shift = axes.transData.transform(point) - scale * np.array(
                    [self.align * width, self.drop * height]
                )
                parts.append(Path(scale * outline.vertices + shift, outline.codes))
        self.set_path(Path.make_compound_path(*parts) if parts else _NOTHING)


class Pixels(Artist):
    """A picture copied pixel by pixel into the upper left corner of its axes.

    >>> from matplotlib.figure import Figure
    >>> pixels = Pixels(Figure().add_subplot())
    >>> pixels.set_data(np.zeros((8, 8, 4), np.uint8))
    """

    def __init__(self, axes: Axes):
        super().__init__()
        axes.add_artist(self)
        self.set_data(np.zeros((1, 1, 4), np.uint8))

    @property
    def room(self) -> tuple[int, int]:
        """The height and width of the axes in real pixels; final once the figure is laid out."""
        axes: Any = self.axes
        box = axes.get_window_extent()
        return int(box.height), int(box.width)

    def set_data(self, rgba: np.ndarray) -> None:
        """The picture, (height, width, 4) uint8, first row on top."""
        self._rgba = rgba
        self.stale = True

    def draw(self, renderer: Any) -> None:
        axes: Any = self.axes
        box = axes.get_window_extent()
        gc = renderer.new_gc()
        x, y = round(box.x0), round(box.y1) - len(self._rgba)
        renderer.draw_image(gc, x, y, np.ascontiguousarray(self._rgba[::-1]))
        gc.restore()
        self.stale = False


_NOTHING = Path(np.empty((0, 2)))


@functools.lru_cache(2000)
def _outline(word: str, font: FontProperties) -> tuple[Path, float, float]:
    """A word as a path in points, with its width and the height of its capitals."""
    outline = TextPath((0, 0), word, prop=font)
    capital = TextPath((0, 0), "X", prop=font)
    return outline, outline.get_extents().x1, capital.get_extents().y1
