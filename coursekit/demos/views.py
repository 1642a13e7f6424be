"""A demo of several views: one set of controls, and a picture of its own for each view.

The parameter `view` chooses. Every view gets all values and takes those it knows; which controls a
view shows is said by `active` and `hide` of the parameters, as in any demo.
"""

from collections.abc import Mapping
from typing import Any, ClassVar

from ..viz.themes import Theme
from .canvas import Canvas
from .engine import Demo
from .hooks import Hooks
from .params import Value


class View(Hooks):
    """One view: the hooks of a demo, for results of its own type `gives`, drawn on `canvas`."""

    gives: ClassVar[type]
    canvas: Canvas


class Views(Demo):
    """A demo whose parameter `view` chooses among `kinds`."""

    kinds: ClassVar[Mapping[str, type[View]]]

    def __init__(self, *args: Any, **settings: Any):
        self.views = {name: kind() for name, kind in self.kinds.items()}
        super().__init__(*args, **settings)

    def run(self, view: str, **values: Value) -> Any:
        return self.views[view].run(**values)

    def build(self, canvas: Canvas, theme: Theme) -> None:
        self._build(self.views[str(self.values["view"])])

    def draw(self, result: Any) -> None:
        view = self._view_of(result)
        if view is not self.built:
            self.canvas.clear(self.canvas.theme)
            self._build(view)
        view.draw(result)

    def status(self, result: Any) -> str:
        return self._view_of(result).status(result)

    def describe(self, result: Any) -> str:
        return self._view_of(result).describe(result)

    def numbers(self, result: Any) -> dict[str, float]:
        return self._view_of(result).numbers(result)

    def quantities(self, result: Any) -> dict[str, float]:
        return self._view_of(result).quantities(result)

    def script(self, view: str, **values: Value) -> str:
        return self.views[view].script(**values)

    def section(self, values: Mapping[str, Value]) -> str:
        return str(values["view"])

    def _view_of(self, result: Any) -> View:
        return next(view for view in self.views.values() if isinstance(result, view.gives))

    def _build(self, view: View) -> None:
        fine = self.canvas.zoom == self.canvas.scale
        self.canvas.sharpen(True)  # words are measured in full resolution, whatever the hand does
        view.canvas = self.canvas
        view.build(self.canvas, self.canvas.theme)
        self.canvas.sharpen(fine)
        self.built = view
