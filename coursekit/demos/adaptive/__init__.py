"""Adaptive methods laid open: six experiments on what they divide by, and what comes of it."""

import dataclasses
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from ... import optim
from ...viz.themes import Theme
from ..canvas import Canvas
from ..engine import Demo
from ..params import Param, hyperparameter
from .bait import Bait
from .breaker import Breaker
from .fuel import Fuel
from .online import Online
from .units import Units
from .view import View
from .walk import MOST
from .window import Window

VIEWS: tuple[type[View], ...] = (Fuel, Window, Units, Breaker, Online, Bait)
NAMED = {view.name: view for view in VIEWS}
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
    >>> demo.compute(**demo.values).shown.longest > 7
    True
    """
    return Adaptive(state, **settings).show()


class Result(NamedTuple):
    """What the view of that name found."""

    view: str
    shown: Any


def _owned(param: Param) -> Param:
    """The parameter, on the page only where the view has a use for it."""
    return dataclasses.replace(
        param, active=lambda v: param.name in NAMED[v["view"]].uses(v), hide=True
    )


class Adaptive(Demo):
    """See `adaptive`."""

    name = "adaptive"
    title = "Adaptive methods, opened"
    size = (880, 460)
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

    def __init__(self, *args: Any, **settings: Any):
        self._views = {view.name: view() for view in VIEWS}
        super().__init__(*args, **settings)

    def run(self, view: str, t: int, **v: Any) -> Iterator[Result]:
        now = min(t, NAMED[view].end(v))
        for shown in self._views[view].run({**v, "t": now}):
            yield Result(view, shown)

    def build(self, canvas: Canvas, theme: Theme) -> None:
        self._built = self.values["view"]
        self._views[self._built].build(canvas, theme)

    def draw(self, result: Result) -> None:
        if result.view != self._built:  # another figure, kept until another view is chosen
            fine = self.canvas.zoom > 1
            self.canvas.clear(self.canvas.theme)
            self.canvas.sharpen(True)  # its layout must not depend on who looks first
            self._built = result.view
            self._views[result.view].build(self.canvas, self.canvas.theme)
            self.canvas.sharpen(fine)
        self._views[result.view].draw(self.canvas, result.shown)

    def status(self, result: Result) -> str:
        return self._views[result.view].status(result.shown)

    def describe(self, result: Result) -> str:
        return self._views[result.view].describe(result.shown)

    def numbers(self, result: Result) -> dict[str, float]:
        return self._views[result.view].numbers(result.shown)

    def script(self, view: str, t: int, **v: Any) -> str:
        script = self._views[view].script({**v, "t": min(t, NAMED[view].end(v))})
        return re.sub("\n{4,}", "\n\n\n", script)  # what is left out leaves no gap
