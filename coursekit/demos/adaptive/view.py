"""What a view of the demo `adaptive` is, and the pieces that several views draw with."""

import math
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import PathPatch
from matplotlib.path import Path

from ...viz import alt
from .. import views
from ..params import Param, Value


class View(views.View):
    """One experiment of the demo: its own controls, its own figure.

    `uses(v)` names the controls that matter at the values v, and `end(v)` is the last step there
    is. The time is v["t"], at most that.
    """

    name: ClassVar[str]
    params: ClassVar[tuple[Param, ...]]  # besides those that views share
    presets: ClassVar[Mapping[str, Mapping[str, Value]]]

    @staticmethod
    def uses(v: Mapping[str, Value]) -> tuple[str, ...]:
        raise NotImplementedError

    @staticmethod
    def end(v: Mapping[str, Value]) -> int:
        return v["steps"]


class Bars(PathPatch):
    """Any number of upright bars in one colour, drawn as one path.

    >>> from matplotlib.figure import Figure
    >>> Bars(Figure().add_subplot(), "#000000").set_data([1, 2], 0, [3, 4], 0.8)
    """

    def __init__(self, axes: Axes, color: str, **look: Any):
        super().__init__(_NOTHING, **{"facecolor": color, "linewidth": 0, **look})
        axes.add_patch(self)

    def set_data(self, x: Any, low: Any, high: Any, width: float) -> None:
        """Bars around `x` from `low` to `high`, in data coordinates."""
        x, low, high = np.broadcast_arrays(*(np.asarray(a, float) for a in (x, low, high)))
        left, right = x - width / 2, x + width / 2
        corners = np.stack([left, low, left, high, right, high, right, low, left, low], axis=-1)
        codes = [Path.MOVETO, Path.LINETO, Path.LINETO, Path.LINETO, Path.CLOSEPOLY]
        self.set_path(Path(corners.reshape(-1, 2), codes * len(x)) if len(x) else _NOTHING)
        self.set_visible(len(x) > 0)


def small(value: float, digits: int = 3) -> str:
    """A number, or that it is as good as 0.

    >>> small(0.0312), small(1e-180), small(0.0)
    ('0.0312', 'below 1e-12', '0')
    """
    return "below 1e-12" if 0 < abs(value) < 1e-12 else alt.number(value, digits)


_NOTHING = Path(np.empty((0, 2)))


def above(value: float, steps: tuple[float, ...] = (1, 1.2, 1.5, 2, 3, 5)) -> float:
    """The next round number, so that the limit of an axis seldom changes.

    >>> above(0.31), above(7.0)
    (0.5, 10.0)
    """
    if not 0 < value < math.inf:
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    return float(f"{next(s for s in (*steps, 10) if s * power >= value * (1 - 1e-9)) * power:.6g}")


def decades(values: np.ndarray, least: float = 1e-8) -> tuple[float, float]:
    """Limits of a logarithmic axis: powers of 100 around the positive values."""
    good = values[np.isfinite(values) & (values > least)]
    if not len(good):
        return least, 1.0
    low, high = (math.log10(float(v)) / 2 for v in (good.min(), good.max()))
    low, high = math.floor(low + 0.02), math.ceil(high - 0.02)
    return 100.0**low, 100.0 ** max(high, low + 1)
