"""Predict first: the picture of a new setting waits until somebody has said what will be seen."""

import html
import math
import threading
from collections.abc import Callable, Mapping
from typing import Any

import ipywidgets as w

from ..viz import alt
from .params import Value

SAME = 0.02  # a change by less than this share counts as none
RISES, STAYS, FALLS = "rises", "stays", "falls"
HIDDEN = "Hidden until you have guessed."


def change(before: float, after: float) -> str:
    """What became of a number: it rises, falls, or stays within two per cent.

    >>> change(1.0, 2.0), change(1.0, 0.99), change(-1.0, -2.0)
    ('rises', 'stays', 'falls')
    """
    if before == after or abs(after - before) <= SAME * max(abs(before), abs(after)) < math.inf:
        return STAYS
    return RISES if after > before else FALLS


class Guess:
    """The switch, the question and the verdict; `show` uncovers the picture.

    The panel says which values are on their way (`begin`) and what has come of them (`end`). While
    `waiting`, it keeps what it would show to itself. Moving the time is no new setting.
    """

    def __init__(self, time: str | None, show: Callable[[], None]):
        self.time, self.show = time, show
        self.waiting = False
        self._seen: dict[str, Value] | None = None  # the setting of the picture that is shown
        self._coming: dict[str, Value] = {}
        self._before: Mapping[str, float] = {}
        self._after: Mapping[str, float] | None = None  # None: not known yet
        self._right, self._asked = 0, 0
        self._lock = threading.RLock()  # hands and the worker
        self.switch = w.ToggleButton(False, description="guess", layout=w.Layout(width="auto"))
        self.switch.tooltip = "Guess first: a new setting is shown once you have said what happens"
        self.switch.observe(self._switched, "value")
        self.about = w.Dropdown(options=[], layout=w.Layout(width="auto", max_width="340px"))
        self.about.tooltip = "The number to guess"
        self.buttons = {word: w.Button(description=word) for word in (RISES, STAYS, FALLS)}
        for word, button in self.buttons.items():
            button.layout.width = "72px"
            button.on_click(lambda _, word=word: self.say(word))
        self.buttons[STAYS].tooltip = f"within {100 * SAME:g} % of what it was"
        self.question = w.Box(
            [w.HTML("Before you look, what becomes of"), self.about, *self.buttons.values()],
            layout=w.Layout(display="none", flex_flow="row wrap", align_items="center"),
        )
        self.verdict = w.HTML(layout=w.Layout(display="none"))
        self.box = w.VBox([self.question, self.verdict], layout=w.Layout(width="auto"))

    @property
    def on(self) -> bool:
        return bool(self.switch.value)

    def begin(self, values: Mapping[str, Value]) -> None:
        """These values are on their way."""
        with self._lock:
            self._coming = {k: v for k, v in values.items() if k != self.time}
            self._after = None
            new = self._seen is not None and self._coming != self._seen
            self.waiting = self.on and new
            if not self.waiting:
                self._ask(())

    def end(self, quantities: Mapping[str, float]) -> None:
        """The picture of the last values is ready, and these are its numbers, by their words."""
        with self._lock:
            self._after = {k: v for k, v in quantities.items() if not math.isnan(v)}
            common = [words for words in self._after if words in self._before]
            if self.waiting and common:
                self._ask(common)
            else:
                self._uncover()

    def say(self, word: str) -> str:
        """What the buttons do: say whether that is right, and uncover the picture."""
        with self._lock:
            if self._after is None or not self.waiting:
                return ""
            words = self.about.value
            before, after = self._before[words], self._after[words]
            truth = change(before, after)
            self._asked += 1
            self._right += word == truth
            came = f"{words} {truth}, from {alt.number(before)} to {alt.number(after)}."
            said = f"Right: {came}" if word == truth else f"No: {came} You said: {word}."
            self.verdict.value = (
                f'<div class="ck-verdict" role="status" aria-live="polite" style="border-color:'
                f'{"#009E73" if word == truth else "#D55E00"}">{html.escape(said)} '
                f"({self._right} of {self._asked})</div>"
            )
            self.verdict.layout.display = None
            self._uncover()
            return said

    def cancel(self) -> None:
        """Nothing came of these values; the next question compares with what is shown."""
        with self._lock:
            self.waiting, self._after = False, None
            self._ask(())

    def _uncover(self) -> None:
        self.waiting = False
        self._seen, self._before = self._coming, self._after or {}
        self._ask(())
        self.show()

    def _ask(self, quantities: Any) -> None:
        if not quantities:
            self.question.layout.display = "none"
            return
        chosen = self.about.value
        if self.about.options != tuple(quantities):
            self.about.options = tuple(quantities)
            self.about.value = chosen if chosen in quantities else quantities[0]
        self.verdict.layout.display = "none"
        self.question.layout.display = "flex"

    def _switched(self, _: Any) -> None:
        with self._lock:
            self._right = self._asked = 0
            self.verdict.layout.display = "none"
            if self.waiting:
                self._uncover()
