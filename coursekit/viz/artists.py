"""Artists for pictures that are drawn thirty times a second.

A matplotlib Text costs half a millisecond a frame and an AxesImage, which resamples, several. Here
many labels are one path, and pixels are copied to where they belong.
"""

import functools
import re
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

CSS = 100  # CSS pixels in an inch of a figure


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
        self._words: list[tuple[Any, str]] = []
        self._data: Any = axes.transData
        axes.add_artist(self)

    def within(self, transform: Any) -> None:
        """Points are brought to the pixels by this, in place of the limits of the axes."""
        self._data = transform

    def set_labels(self, points: Iterable[Any], words: Iterable[str]) -> None:
        """Put each of the words at its point, in the coordinates of the axes."""
        self._words = [pair for pair in zip(points, words, strict=True) if pair[1]]
        self.stale = True

    def draw(self, renderer: Any) -> None:
        # The path is made here: limits and resolution may change after the words are set.
        axes: Any = self.axes
        scale = axes.get_figure().dpi / 72
        parts = []
        for point, word in self._words:
            outline, width, height = _outline(word, self.font)
            shift = self._data.transform(point) - scale * np.array(
                [self.align * width, self.drop * height]
            )
            parts.append(Path(scale * outline.vertices + shift, outline.codes))
        self.set_path(Path.make_compound_path(*parts) if parts else _NOTHING)
        if parts:
            super().draw(renderer)
        self.stale = False


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
        """The height and width of the axes in CSS pixels; final once the figure is laid out."""
        axes: Any = self.axes
        box, zoom = axes.get_window_extent(), self._zoom()
        return int(box.height / zoom), int(box.width / zoom)

    def set_data(self, rgba: np.ndarray, zoom: int = 1) -> None:
        """The picture, (height, width, 4) uint8, first row on top; `zoom` pixels to a CSS pixel."""
        self._rgba, self._own = rgba, zoom
        self.stale = True

    def draw(self, renderer: Any) -> None:
        axes: Any = self.axes
        rgba = self._rgba
        if (larger := self._zoom() // self._own) > 1:
            rgba = rgba.repeat(larger, axis=0).repeat(larger, axis=1)
        elif (smaller := self._own // self._zoom()) > 1:
            rgba = rgba[::smaller, ::smaller]
        box = axes.get_window_extent()
        gc = renderer.new_gc()
        x, y = round(box.x0), round(box.y1) - len(rgba)
        renderer.draw_image(gc, x, y, np.ascontiguousarray(rgba[::-1]))
        gc.restore()
        self.stale = False

    def _zoom(self) -> int:
        axes: Any = self.axes
        return max(1, round(axes.get_figure().dpi / CSS))


_NOTHING = Path(np.empty((0, 2)))
NUMBER = re.compile(r"[-−+0-9.e%∞]{2,}")


@functools.lru_cache(2000)
def _outline(word: str, font: FontProperties) -> tuple[Path, float, float]:
    """A word as a path in points, with its width and the height of its capitals."""
    outline = _spelled(word, font) if NUMBER.fullmatch(word) else _set(word, font)
    return outline, _reach(outline)[0], _reach(_set("X", font))[1]


def _spelled(number: str, font: FontProperties) -> Path:
    """A number put together from its characters: setting a new one would take a millisecond."""
    parts, x = [], 0.0
    for character in number:
        outline = _set(character, font)
        parts.append(Path(np.add(outline.vertices, (x, 0)), outline.codes))
        x += _advance(character, font)
    return Path.make_compound_path(*parts)


@functools.lru_cache(200)
def _set(word: str, font: FontProperties) -> Path:
    return TextPath((0, 0), word, prop=font)


@functools.lru_cache(200)
def _advance(character: str, font: FontProperties) -> float:
    alone, between = (_reach(_set(word, font))[0] for word in ("00", f"0{character}0"))
    return between - alone


def _reach(outline: Path) -> tuple[float, float]:
    """How far to the right and up the outline goes."""
    drawn = np.asarray(outline.codes) != Path.CLOSEPOLY
    right, top = np.asarray(outline.vertices)[drawn].max(axis=0)
    return float(right), float(top)
