"""Where a race is held: a landscape, how it is turned, what is seen of it, and where one starts."""

import functools
from typing import Any, NamedTuple

import numpy as np

from .. import landscapes
from ..backend import to_host
from ..landscapes.landscape import rotation_matrix

TITLES = {
    "beale": "Beale's function",
    "long_valley": "A long valley",
    "saddle_well": "A saddle",
    "elongated": "An elongated bowl",
    "rosenbrock": "Rosenbrock's banana",
    "himmelblau": "Himmelblau's function",
    "bumpy": "A bumpy bowl",
    "rastrigin": "Rastrigin's egg box",
    "plateau": "A well in a plain",
}
VIEWS = {"beale": ((-0.6, 4.4), (-2.2, 2.8))}  # where the landscape's own bounds show too much


class Track(NamedTuple):
    """A landscape turned by an angle in degrees; its start and what is seen of it turn with it.

    >>> Track("beale", angle=90).start(0.0, 0.0).round(9)
    array([-1.,  1.])
    """

    landscape: str
    kappa: float = 1.0
    angle: float = 0

    @property
    def f(self) -> Any:
        """The landscape as an objective."""
        return _landscape(*self)

    @property
    def bounds(self) -> np.ndarray:
        """What is worth seeing before it is turned: ((left, right), (bottom, top))."""
        return np.array(VIEWS.get(self.landscape) or self.f.bounds)

    @property
    def middle(self) -> np.ndarray:
        """The middle of what is seen."""
        return self._turned(self.bounds.mean(axis=1), self.angle)

    def start(self, across: float, up: float) -> np.ndarray:
        """The point between the usual start (0) and the edges (-1, 1), turned with the rest."""
        usual, share = self._usual(), np.array([across, up])
        low, high = self.bounds.T
        point = usual + np.where(share < 0, usual - low, high - usual) * share
        return self._turned(point, self.angle)

    def where(self, point: np.ndarray) -> dict[str, float]:
        """`across` and `up` of a start at this point."""
        usual, point = self._usual(), self._turned(point, -self.angle)
        low, high = self.bounds.T
        across, up = (point - usual) / np.where(point < usual, usual - low, high - usual)
        return {"across": float(across), "up": float(up)}

    def height(self, point: np.ndarray) -> float:
        """The loss above the minimum."""
        return float(self.f.value(point)) - self.f.minimum

    def _usual(self) -> np.ndarray:
        return to_host(self._replace(angle=0).f.start)

    def _turned(self, point: np.ndarray, angle: float) -> np.ndarray:
        """The point after a turn about the middle of bounds, as `Landscape.rotated` turns."""
        if not angle:
            return point
        middle = np.mean(self.f.bounds, axis=1)
        return rotation_matrix(np.radians(angle)) @ (point - middle) + middle


@functools.lru_cache(64)
def _landscape(name: str, kappa: float, angle: float) -> Any:
    f = getattr(landscapes, name)(**({"kappa": kappa} if name == "elongated" else {}))
    return f.rotated(np.radians(angle)) if angle else f
