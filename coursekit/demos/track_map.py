"""A landscape seen from above, for demos in which something walks on it."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from ..backend import to_device, to_host
from ..viz import Heading, blank
from ..viz.contours import Contours, heights
from ..viz.themes import Theme
from .canvas import Canvas
from .tracks import Track

GRAIN = 121  # points of the grid along each side
FAR = 40.0  # sides of the picture: what is further away is drawn there
EDGE = 0.97  # of the way to the edge: there a marker is seen whole


class TrackMap:
    """Axes with the middle of a track in theirs; half the longer side of its bounds is their unit.

    So they are the same for every landscape at every angle, and no tick is drawn anew. Whatever
    walks there is put in by `place`. A pointer moves `across` and `up`, the start.
    """

    def __init__(self, canvas: Canvas, theme: Theme, axes: Axes):
        blank(axes, theme)
        self.axes = axes
        self.title = canvas.rare(Heading(axes, theme))
        self.contours = canvas.rare(Contours(axes, theme))
        look: dict[str, Any] = {"color": theme.ink, "markeredgecolor": theme.paper, "zorder": 4}
        (minima,) = axes.plot([], [], "P", markersize=1.3 * theme.sizes.marker, **look)
        self.minima = canvas.rare(minima)
        self.track: Any = None  # the one that is drawn
        canvas.pointable(axes, self._pointed)

    def settle(self) -> None:
        """Choose the limits, the same scale in both directions; after the layout."""
        width, height = self.axes.get_window_extent().size
        self.corner = np.array([width, height]) / min(width, height)
        x, y = self.corner
        self.axes.set(xlim=(-x, x), ylim=(-y, y))

    def show(self, track: Track, title: str) -> None:
        """Draw this landscape, if it is not drawn already."""
        if track == self.track:
            return
        self.track, f = track, track.f
        self.middle, self.unit = track.middle, 0.5 * float(np.ptp(track.bounds, axis=1).max())
        self.title.say(title)
        x, y = (np.linspace(-end, end, GRAIN) for end in self.corner)
        points = self.middle + self.unit * np.stack(np.meshgrid(x, y), axis=-1)
        z = to_host(f.value(to_device(points)))
        self.contours.set_data(x, y, z, heights(z, f.minimum, f.levels == "log"))
        self.minima.set_data(*self.place(to_host(f.minima)).T)

    def place(self, points: np.ndarray) -> np.ndarray:
        """Where points of the landscape, (..., 2), are in these axes."""
        return np.clip((points - self.middle) / self.unit, -FAR, FAR)

    def nearest(self, points: np.ndarray) -> np.ndarray:
        """The same, but for points outside the nearest places in the picture."""
        return np.clip(self.place(points), -EDGE * self.corner, EDGE * self.corner)

    def _pointed(self, x: float, y: float) -> dict[str, float]:
        return self.track.where(self.middle + self.unit * np.array([x, y]))
