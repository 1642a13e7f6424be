"""One kept figure that becomes PNG bytes; only what moves is drawn again.

A full draw costs about 35 ms, nearly all of it axes, ticks and text. So the still part is drawn
once and kept as pixels, and a frame is that background with the moving artists drawn over it.
Everything is matplotlib's object interface: pyplot keeps global state that threads would share.
"""

from collections.abc import Iterable
from typing import Any, TypeVar

import numpy as np
from matplotlib.artist import Artist
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from ..viz import themes
from ..viz.themes import Theme
from .png import encode

A = TypeVar("A", bound=Artist)

ABOVE = 3  # z-order of what moves: over grid (0), lines (2) and spines (2.5)


class Canvas:
    """A figure of `width` by `height` CSS pixels, each of them `scale` by `scale` real ones.

    >>> canvas = Canvas(200, 100)
    >>> dot = canvas.moving(*canvas.figure.add_subplot().plot([0.5], [0.5], "o"))
    >>> canvas.png()[:4]
    b'\\x89PNG'
    """

    def __init__(self, width: int, height: int, theme: Theme | None = None, scale: int = 2):
        self.width, self.height, self.scale = width, height, scale
        self.figure = Figure(figsize=(width / 100, height / 100), dpi=100 * scale)
        self.agg = FigureCanvasAgg(self.figure)
        self.backgrounds = 0  # how often the still part was drawn
        self.clear(theme or themes.theme())

    def clear(self, theme: Theme) -> None:
        """Start over with an empty figure (the same one) in another theme."""
        self.theme = theme
        self.figure.clear()
        self.figure.set_facecolor(theme.paper)
        self._moving: list[Artist] = []
        self._background: Any = None

    def moving(self, artist: A, *more: A) -> Any:
        """Declare artists that change from frame to frame; returns what it was given."""
        artists = (artist, *more)
        for a in artists:
            a.set_animated(True)
            a.set_in_layout(False)
            if a.get_zorder() < ABOVE:
                a.set_zorder(ABOVE)
            self._moving.append(a)
        return artists if more else artist

    def all_moving(self, artists: Iterable[A]) -> list[A]:
        """Declare a collection of artists, for instance one line per optimizer."""
        return [self.moving(a) for a in artists]

    def set(self, artist: Artist, **properties: Any) -> None:
        """Change part of the background, such as limits or a title, and only if it differs.

        `canvas.set(axes, ylim=(0, 10))` costs nothing while the limits are these already, where
        `axes.set_ylim(0, 10)` would have the whole background drawn again.
        """
        differ = {k: v for k, v in properties.items() if getattr(artist, f"get_{k}")() != v}
        if differ:
            artist.set(**differ)

    def pixels(self) -> np.ndarray:
        """The frame as it stands, (height, width, 4) uint8; valid until the next frame."""
        # Moving artists are animated, and an animated artist does not mark its figure stale. So a
        # stale figure means just this: limits, labels or another part of the background changed.
        if self._background is None or self.figure.stale:
            self.agg.draw()
            self._background = self.agg.copy_from_bbox(self.figure.bbox)
            self.backgrounds += 1
        else:
            self.agg.restore_region(self._background)
        renderer = self.agg.get_renderer()
        for artist in self._in_order():
            artist.draw(renderer)
        return np.asarray(self.agg.buffer_rgba())

    def png(self, fine: bool = True) -> bytes:
        """The frame as it stands, encoded; if not `fine`, with one pixel for each CSS pixel.

        Encoding takes longer than drawing, so a hand on a slider gets the coarse picture. It is
        the mean of the fine one, as a browser would shrink that, and nothing moves when the fine
        one replaces it.
        """
        return encode(self.pixels(), 1 if fine else self.scale)

    def _in_order(self) -> list[Artist]:
        """What moves, in the order a full draw would take: axes by axes, low z-order first."""
        place: dict[Any, int] = {axes: k for k, axes in enumerate(self.figure.axes)}
        last = len(place)  # artists of the figure itself come over all axes

        def key(artist: Artist) -> tuple[int, float]:
            axes = artist.axes
            return (last if axes is None else place[axes], artist.get_zorder())

        return sorted(self._moving, key=key)
