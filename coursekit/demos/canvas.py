"""One kept figure that becomes the bytes of a picture; only what moves is drawn again.

A full draw costs about 35 ms, nearly all of it axes, ticks and text. So the still part is drawn
once and kept as pixels (`background.py`), and a frame is those with the moving artists over them.
Frames for a moving hand are coarse, a pixel for each CSS pixel, which takes half the time.
Everything is matplotlib's object interface: pyplot keeps global state that threads would share.
"""

import io
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple, TypeVar

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.transforms import Transform
from PIL import Image

from ..viz import themes
from ..viz.artists import CSS
from ..viz.themes import Theme
from .background import Background
from .png import encode

A = TypeVar("A", bound=Artist)

ABOVE = 3  # z-order of what moves: over grid (0), lines (2) and spines (2.5)
QUALITY = 92  # of JPEG: flat areas stay flat, and edges without a visible halo


class Canvas:
    """A figure of `width` by `height` CSS pixels, each of them `scale` by `scale` real ones.

    >>> canvas = Canvas(200, 100)
    >>> dot = canvas.moving(*canvas.figure.add_subplot().plot([0.5], [0.5], "o"))
    >>> canvas.png()[:4]
    b'\\x89PNG'
    """

    def __init__(self, width: int, height: int, theme: Theme | None = None, scale: int = 2):
        self.width, self.height, self.scale = width, height, scale
        self.figure = Figure(figsize=(width / CSS, height / CSS), dpi=CSS * scale)
        self.agg = FigureCanvasAgg(self.figure)
        self.backgrounds = 0  # how often the still part, or some of it, was drawn
        self._background = Background(self.agg, scale)
        self.clear(theme or themes.theme())

    def clear(self, theme: Theme) -> None:
        """Start over with an empty figure (the same one) in another theme."""
        self.theme = theme
        self.figure.clear()
        self.figure.set_facecolor(theme.paper)
        self._moving: list[Artist] = []
        self._rare: list[Artist] = []
        self._background.clear()
        self._layers: dict[int, np.ndarray] = {}  # the background with what is rare, by zoom
        self.areas: list[Area] = []

    def moving(self, artist: A, *more: A) -> Any:
        """Declare artists that change from frame to frame; returns what it was given."""
        artists = (artist, *more)
        self._moving += map(_animated, artists)
        return artists if more else artist

    def rare(self, artist: A, *more: A) -> Any:
        """Declare artists that change now and then, such as contours; returns what it was given.

        They lie under what moves, and are kept as pixels until one of them is stale.
        """
        artists = (artist, *more)
        self._rare += map(_animated, artists)
        return artists if more else artist

    def pointable(
        self,
        axes: Axes,
        values: Callable[[float, float], Mapping[str, Any]],
        transform: Transform | None = None,
    ) -> None:
        """Let a pointer on `axes` set parameters: `values(x, y)`, from data coordinates.

        Where the data go through a `transform` of their own, as in a `Window`, name it.
        """
        self.areas.append(Area(axes, values, transform or axes.transData))

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

    @property
    def zoom(self) -> int:
        """How many real pixels there are along a CSS pixel just now: 1 while a hand moves."""
        return round(self.figure.dpi / CSS)

    def sharpen(self, fine: bool) -> None:
        """Go on in full resolution, or in the coarse one; before artists are moved."""
        dpi, stale = CSS * (self.scale if fine else 1), self.figure.stale
        if self.figure.dpi != dpi:
            self.figure.dpi = dpi
            self.figure.stale = stale  # nothing but the resolution changed

    def pixels(self) -> np.ndarray:
        """The frame as it stands, (height, width, 4) uint8; valid until the next frame."""
        # Moving artists are animated, and an animated artist does not mark its figure stale. So a
        # stale figure means just this: limits, labels or another part of the background changed.
        if not self._background.pixels or self.figure.stale:
            self._draw_background()
        if any(artist.stale for artist in self._rare):
            self._layers = {}
        renderer = self.agg.get_renderer()
        frame = np.asarray(self.agg.buffer_rgba())
        if self.zoom in self._layers:
            frame[:] = self._layers[self.zoom]
        else:
            frame[:] = self._background.pixels[self.zoom]
            for artist in self._in_order(self._rare):
                artist.draw(renderer)
            self._layers[self.zoom] = frame.copy()
        for artist in self._in_order(self._moving):
            artist.draw(renderer)
        return frame

    def png(self) -> bytes:
        """The frame as it stands, in full resolution."""
        self.sharpen(True)
        return encode(self.pixels())

    def jpeg(self) -> bytes:
        """The frame as it stands, with one pixel for each CSS pixel: for a moving hand.

        Encoding this as PNG would take as long as all the drawing.
        """
        self.sharpen(False)
        file = io.BytesIO()
        _image(self.pixels()).save(file, "JPEG", quality=QUALITY, subsampling=0)
        return file.getvalue()

    def _draw_background(self) -> None:
        """Draw what is still. The coarse pixels are the mean of the fine: no word moves a hair."""
        zoom = self.zoom
        self.sharpen(True)
        drawn, rects = self._background.draw()
        if any(artist.axes in drawn for artist in self._rare):
            self._layers = {}
        for own, layer in self._layers.items():
            for rect in rects:
                coarser = self.scale // own
                rect.of(layer, coarser)[:] = rect.of(self._background.pixels[own], coarser)
        self.sharpen(zoom == self.scale)
        self.backgrounds += 1

    def _in_order(self, artists: list[Artist]) -> list[Artist]:
        """The artists in the order a full draw would take: axes by axes, low z-order first."""
        place: dict[Any, int] = {axes: k for k, axes in enumerate(self.figure.axes)}
        last = len(place)  # artists of the figure itself come over all axes

        def key(artist: Artist) -> tuple[int, float]:
            axes = artist.axes
            return (last if axes is None else place[axes], artist.get_zorder())

        return sorted(artists, key=key)


class Area(NamedTuple):
    """Axes that a pointer acts on, and the parameters it sets."""

    axes: Axes
    values: Callable[[float, float], Mapping[str, Any]]
    transform: Transform

    @property
    def box(self) -> list[float]:
        """Left, top, right and bottom as shares of the picture."""
        # The original one: asking for the active one marks the figure stale.
        left, bottom, right, top = self.axes.get_position(original=True).extents
        return [left, 1 - top, right, 1 - bottom]

    def at(self, x: float, y: float) -> Mapping[str, Any]:
        """The values at a place of the picture, as shares from its upper left corner."""
        left, top, right, bottom = self.box
        across = (min(max(x, left), right) - left) / (right - left)
        up = (bottom - min(max(y, top), bottom)) / (bottom - top)
        place = self.axes.transAxes + self.transform.inverted()
        return self.values(*map(float, place.transform((across, up))))


def _image(rgba: np.ndarray) -> Image.Image:
    height, width, _ = rgba.shape
    return Image.frombuffer("RGBX", (width, height), rgba, "raw", "RGBX", 0, 1)


def _animated(artist: A) -> A:
    artist.set_animated(True)
    artist.set_in_layout(False)
    if artist.get_zorder() < ABOVE:
        artist.set_zorder(ABOVE)
    return artist
