"""What a demo fills in, or each view of a demo that has several."""

from collections.abc import Mapping
from typing import Any, ClassVar

from ..viz.themes import Theme
from .canvas import Canvas


class Hooks:
    """The three pure layers of a demo, and its words."""

    asks: ClassVar[Mapping[str, str]] = {}  # of its numbers, those to guess at, in words

    def run(self, *args: Any, **values: Any) -> Any:
        """The work: returns a result, or yields better and better ones, one every 20 to 30 ms."""
        raise NotImplementedError

    def build(self, canvas: Canvas, theme: Theme) -> None:
        """Create all artists in `canvas.figure`; those that move go through `canvas.moving`."""
        raise NotImplementedError

    def draw(self, result: Any) -> None:
        """Move the artists to where `result` says; create none."""
        raise NotImplementedError

    def status(self, result: Any) -> str:
        """The line under the picture: the numbers of the result in words."""
        raise NotImplementedError

    def describe(self, result: Any) -> str:
        """The alternative text: what a sighted reader sees, in a sentence or two."""
        raise NotImplementedError

    def numbers(self, result: Any) -> dict[str, float]:
        """The numbers that the script computes too, under the names it gives them."""
        raise NotImplementedError

    def script(self, *args: Any, **values: Any) -> str:
        """A plain Python script that computes the same numbers without the demo."""
        raise NotImplementedError

    def quantities(self, result: Any) -> dict[str, float]:
        """What somebody may be asked to guess before the picture is shown, in words."""
        found = self.numbers(result) if self.asks else {}
        return {words: found[name] for name, words in self.asks.items() if name in found}
