"""Still pictures for the pages of a chapter: a figure, its landscape, and words for the picture."""

import base64
import io
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .. import backend
from .axes import arrange
from .contours import Contours, heights
from .themes import SCREEN, Theme
from .themes import theme as theme_named


def figure(
    columns: int = 1, width: float = 9.0, height: float = 3.6, theme: str | None = None
) -> tuple[Figure, Any, Theme]:
    """An empty figure of `width` x `height` inches, its axes and the theme that `use` has chosen.

    The axes are one `Axes`, or a tuple of `columns` of them side by side. For a projector the
    figure grows with the type, so that what fits on the screen fits there too.

    >>> import coursekit as ck
    >>> figure, (left, right), theme = ck.viz.figure(columns=2)
    """
    look = theme_named(theme)
    scale = look.sizes.title / SCREEN.title
    blank = Figure(figsize=(scale * width, scale * height), facecolor=look.paper)
    axes = tuple(blank.add_subplot(1, columns, i + 1) for i in range(columns))
    return blank, axes if columns > 1 else axes[0], look


def landscape(axes: Axes, f: Any, theme: Theme) -> None:
    """Draw a landscape of two variables from above, each minimum as a cross.

    The part drawn is that of the limits of `axes`, or `f.bounds` where they are still 0 to 1.

    >>> import coursekit as ck
    >>> figure, axes, theme = ck.viz.figure()
    >>> ck.viz.landscape(axes, ck.landscapes.beale(), theme)
    """
    if (axes.get_xlim(), axes.get_ylim()) == ((0, 1), (0, 1)):
        axes.set(xlim=f.bounds[0], ylim=f.bounds[1])
    x, y = (np.linspace(*limits, 160) for limits in (axes.get_xlim(), axes.get_ylim()))
    points = backend.to_device(np.stack(np.meshgrid(x, y), axis=-1))
    z = backend.to_host(f.value(points))
    low = f.minimum if np.isfinite(f.minimum) else z.min()
    Contours(axes, theme).set_data(x, y, z, heights(z, low, f.levels == "log"))
    for minimum in backend.to_host(f.minima):
        axes.plot(*minimum, "+", color=theme.ink, markersize=2 * theme.sizes.marker, zorder=3)


class Still:
    """A finished figure and what it shows in words; a notebook displays it.

    >>> import coursekit as ck
    >>> figure, axes, theme = ck.viz.figure()
    >>> ck.viz.Still(figure, "An empty picture.")
    <picture: An empty picture.>
    """

    def __init__(self, figure: Figure, alt: str, scale: float = 2):
        if not (isinstance(alt, str) and alt.strip()):
            raise ValueError(f"alt must say in words what the picture shows, not {alt!r}")
        self.figure, self.alt, self.scale = figure, alt, scale
        arrange(figure)

    def png(self) -> bytes:
        """The picture as PNG bytes, `scale` pixels to a CSS pixel."""
        out = io.BytesIO()
        self.figure.savefig(
            out, format="png", dpi=96 * self.scale, facecolor=self.figure.get_facecolor()
        )
        return out.getvalue()

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> tuple[dict, dict]:
        data = {"image/png": base64.b64encode(self.png()).decode(), "text/plain": self.alt}
        width, height = (round(96 * inches) for inches in self.figure.get_size_inches())
        return data, {"image/png": {"alt": self.alt, "width": width, "height": height}}

    def __repr__(self):
        return f"<picture: {self.alt}>"
