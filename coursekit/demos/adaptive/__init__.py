"""Adaptive methods laid open: eight experiments on what they divide by, and what comes of it."""

import dataclasses
import re
from typing import Any, ClassVar

from ... import optim
from ..engine import Demo
from ..params import Param, hyperparameter
from ..views import Views
from .bait import Bait
from .breaker import Breaker
from .fuel import Fuel
from .norm import Norm
from .online import Online
from .units import Units
from .unlike import Unlike
from .view import View
from .walk import MOST
from .window import Window

VIEWS: tuple[type[View], ...] = (Fuel, Window, Units, Norm, Breaker, Online, Bait, Unlike)
NAMED: dict[str, type[View]] = {view.name: view for view in VIEWS}
SHARED = (
    hyperparameter(optim.Adagrad, "lr", default=0.1, range=(1e-3, 1.0)),
    hyperparameter(optim.RMSprop, "rho", label="memory"),
    Param("curvature", 10.0, (0.1, 100.0), log=True, label="curvature λ", doc="of f = λ x² / 2"),
    Param("seed", 0, (0, 9), doc="draws what is drawn"),
    Param("steps", 300, choices=(30, 100, 300, 1000, 3000, MOST)),
)


def adaptive(state: str | None = None, **settings: Any) -> Demo:
    """Open an adaptive method: its accumulator, its memory, its units, its bounds and its baits.

    >>> import coursekit as ck
    >>> demo = ck.demos.adaptive(view="trust-region breaker", growth=1.11, quiet=10000)
    >>> demo.compute(**demo.values).longest > 7
    True
    """
    return Adaptive(state, **settings).show()


def _owned(param: Param) -> Param:
    """The parameter, on the page only where the view has a use for it."""
    return dataclasses.replace(
        param, active=lambda v: param.name in NAMED[v["view"]].uses(v), hide=True
    )


class Adaptive(Views):
    """See `adaptive`."""

    name = "adaptive"
    title = "Adaptive methods, opened"
    size = (880, 460)
    kinds: ClassVar = NAMED
    lull = 0.04  # the first slice follows a hand; long walks go on when it pauses
    params = (
        Param("view", Fuel.name, choices=tuple(NAMED)),
        *map(_owned, (p for view in VIEWS for p in view.params)),
        *map(_owned, SHARED),
        Param("t", MOST, (0, MOST), play=True, until=lambda v: NAMED[v["view"]].end(v),
              label="step"),
    )  # fmt: skip
    presets = {  # noqa: RUF012
        preset: {"view": view.name, **values}
        for view in VIEWS
        for preset, values in view.presets.items()
    }

    def run(self, view: str, **v: Any) -> Any:
        return super().run(view, **_in_time(view, v))

    def script(self, view: str, **v: Any) -> str:
        script = super().script(view, **_in_time(view, v))
        return re.sub("\n{4,}", "\n\n\n", script)  # what is left out leaves no gap


def _in_time(view: str, v: dict[str, Any]) -> dict[str, Any]:
    return {**v, "t": min(v["t"], NAMED[view].end(v))}
