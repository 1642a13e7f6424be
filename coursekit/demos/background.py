"""What is still in a figure, kept as pixels; axes that changed are drawn again alone.

A full draw costs tens of milliseconds, nearly all of it ticks and text. New limits often change one
axes of several. That one is drawn on blank paper, and the rectangle it covers, or covered before,
is copied into the picture. What of other axes reaches into that rectangle is drawn with it.
"""

from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgba
from matplotlib.layout_engine import PlaceHolderLayoutEngine
from PIL import Image


class Rect(NamedTuple):
    """Pixels from the upper left corner; the ends are beyond the last."""

    top: int
    bottom: int
    left: int
    right: int

    def around(self, other: "Rect", grain: int) -> "Rect":
        """The least rectangle on a grid that holds both; one without pixels does not count."""
        both = [r for r in (self, other) if r.bottom > r.top] or [self]
        low = (min(r[i] for r in both) // grain * grain for i in (0, 2))
        high = (-(-max(r[i] for r in both) // grain) * grain for i in (1, 3))
        (top, left), (bottom, right) = low, high
        return Rect(top, bottom, left, right)

    def meets(self, other: "Rect") -> bool:
        """Whether they have a pixel in common."""
        across = max(self.left, other.left) < min(self.right, other.right)
        return across and max(self.top, other.top) < min(self.bottom, other.bottom)

    def of(self, pixels: np.ndarray, coarser: int = 1) -> np.ndarray:
        """This part of a picture that is so many times as coarse."""
        top, bottom, left, right = (edge // coarser for edge in self)
        return pixels[top:bottom, left:right]


NOTHING = Rect(0, 0, 0, 0)


class Background:
    """The pixels of what is still in a figure, `pixels[zoom]`, in full and in CSS resolution."""

    def __init__(self, agg: FigureCanvasAgg, scale: int):
        self.agg, self.scale = agg, scale
        self.clear()

    def clear(self) -> None:
        """Forget everything: the figure is another one."""
        self.pixels: dict[int, np.ndarray] = {}
        self._covers: dict[Axes, Rect] = {}  # what each axes has drawn on, words included

    def draw(self) -> tuple[set[Axes], list[Rect]]:
        """Draw what has changed: the axes that were drawn again, and where pixels are new.

        The figure must be in full resolution.
        """
        figure = self.agg.figure
        changed = [axes for axes in figure.axes if axes.stale]
        few = 0 < len(changed) <= len(figure.axes) / 2  # one by one, more would take longer
        if not (self.pixels and few and self._axes_only()):
            return self._draw_all()
        drawn: set[Axes] = set()
        rects = []
        if not self._covers:  # the first change: now it must be known what covers what
            for pixels in self.pixels.values():
                pixels[:] = self._paper()
            changed, rects = figure.axes, [self._whole()]
        for axes in sorted(changed, key=lambda axes: axes.get_zorder()):
            rects.append(self._draw_alone(axes, drawn))
        figure.stale = False
        return drawn, rects

    def _axes_only(self) -> bool:
        """Whether the figure is its axes and nothing else, and no layout will move them."""
        figure = self.agg.figure
        engine = figure.get_layout_engine()
        others = set(figure.get_children()) - {figure.patch, *figure.axes}
        settled = engine is None or isinstance(engine, PlaceHolderLayoutEngine)
        return settled and not others and set(self._covers) <= set(figure.axes)

    def _draw_all(self) -> tuple[set[Axes], list[Rect]]:
        self.agg.draw()
        fine = np.array(self.agg.buffer_rgba())
        self.pixels = {1: _coarser(fine, self.scale), self.scale: fine}
        self._covers = {}
        return set(self.agg.figure.axes), [self._whole()]

    def _whole(self) -> Rect:
        height, width, _ = self.pixels[self.scale].shape
        return Rect(0, height, 0, width)

    def _draw_alone(self, axes: Axes, drawn: set[Axes]) -> Rect:
        now = self._draw_on_paper([axes])
        rect = now.around(self._covers.get(axes, NOTHING), self.scale)
        beside = [a for a, area in self._covers.items() if a is not axes and area.meets(rect)]
        if beside:
            self._draw_on_paper([a for a in self.agg.figure.axes if a is axes or a in beside])
        fine = rect.of(np.asarray(self.agg.buffer_rgba()))
        rect.of(self.pixels[self.scale])[:] = fine
        if fine.size:
            rect.of(self.pixels[1], self.scale)[:] = _coarser(fine, self.scale)
        self._covers[axes] = now
        drawn.update([axes, *beside])
        return rect

    def _draw_on_paper(self, several: list[Axes]) -> Rect:
        """Draw these axes and no others; where something is to be seen."""
        renderer = self.agg.get_renderer()
        pixels = np.asarray(self.agg.buffer_rgba())
        pixels[:] = paper = self._paper()
        for axes in sorted(several, key=lambda axes: axes.get_zorder()):
            axes.draw(renderer)
        inked = pixels.view(np.uint32)[..., 0] != paper.view(np.uint32)[0]
        for axes in several:  # what an axes covers in the colour of the paper counts too
            left, bottom, right, top = (round(edge) for edge in axes.get_window_extent().extents)
            inked[len(inked) - top : len(inked) - bottom, left:right] |= axes.get_visible()
        rows, columns = (np.flatnonzero(inked.any(axis=axis)) for axis in (1, 0))
        if not len(rows):
            return NOTHING
        return Rect(int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1)

    def _paper(self) -> np.ndarray:
        """One pixel of the figure's own colour."""
        color: Any = self.agg.figure.get_facecolor()
        return np.array([round(255 * c) for c in to_rgba(color)], np.uint8)


def _coarser(pixels: np.ndarray, times: int) -> np.ndarray:
    """Every pixel the mean of those it stands for."""
    height, width, _ = pixels.shape
    rgba = np.ascontiguousarray(pixels)
    return np.array(
        Image.frombuffer("RGBX", (width, height), rgba, "raw", "RGBX", 0, 1).reduce(times)
    )
