"""Predict first: a question with choices, whose answer is computed when one has been chosen."""

import html
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple


def predict(
    question: str,
    choices: Sequence | Mapping[str, Any],
    answer: Callable[[], Any],
    because: str | Callable[[], str] = "",
) -> "Prediction":
    """Ask before it is run: the answer is computed when the choice is made, and nothing is kept.

    `choices` are two or more labels, or a mapping from labels to what `answer()` may return.
    `answer()` returns the right choice, or a pair: that, and the computed value to show with it.
    `because`, a text or a function that returns one, is shown after the answer only. In a notebook
    the choices are buttons; `choose` does the same without one. Raises ValueError if the question
    is not well posed.

    >>> import coursekit as ck
    >>> asked = ck.predict("Is 7 * 8 more than 50?", {"yes": True, "no": False},
    ...                    answer=lambda: (7 * 8 > 50, 7 * 8))
    >>> print(asked.choose("no"))
    Not this time: you chose no, but it is yes. Computed: 56.
    """
    return Prediction(question, choices, answer, because)


def nearest(value: Any, choices: Mapping[str, float]) -> tuple[float, float]:
    """The choice nearest in ratio to a computed value, and that value: an answer to `predict`.

    value and every number in `choices` are above 0; 10 is as near to 1 as to 100. Raises ValueError
    for a value that no ratio can be taken with.

    >>> nearest(14.2, {"about 10": 10.0, "about 100": 100.0})
    (10.0, 14.2)
    """
    value = float(value)
    if not 0 < value < math.inf or not all(0 < number < math.inf for number in choices.values()):
        raise ValueError(
            f"nearest compares numbers above 0, not {value!r} with {list(choices.values())}"
        )
    return min(choices.values(), key=lambda number: abs(math.log(value / number))), value


class Answer(NamedTuple):
    """The right choice, and what to show with it."""

    choice: str
    computed: str


class Prediction:
    """A question that waits for a choice; see `predict`."""

    def __init__(self, question, choices, answer, because=""):
        if not callable(answer):
            raise TypeError(
                "answer must be a function without arguments, so that nothing is computed before "
                f"the choice is made: answer=lambda: ..., not {answer!r:.60}"
            )
        if isinstance(choices, str) or not isinstance(choices, Sequence | Mapping):
            raise TypeError(f"choices must be a list or a dict, not {choices!r:.60}")
        pairs = choices.items() if isinstance(choices, Mapping) else ((c, c) for c in choices)
        self.question = question
        self.choices: dict[str, Any] = {_label(key): value for key, value in pairs}
        if len(self.choices) != len(choices) or len(choices) < 2:
            raise ValueError(f"choices must be two or more different ones, not {choices!r:.200}")
        self._answer, self._because = answer, because
        self._known: Answer | None = None

    def choose(self, choice: Any) -> str:
        """What the buttons do: compute the answer, and say whether `choice` is right."""
        label = self._find(choice)
        right, computed = self.answer()
        said = (
            f"Right: {right}." if label == right
            else f"Not this time: you chose {label}, but it is {right}."
        )  # fmt: skip
        because = self._because() if callable(self._because) else self._because
        return " ".join(filter(None, [said, computed and f"Computed: {computed}.", because]))

    def answer(self) -> Answer:
        """The right choice, computed when it is first asked for."""
        if self._known is None:
            found, computed = self._answer(), ""
            if isinstance(found, tuple) and len(found) == 2:
                found, computed = found[0], _label(found[1])
            matches = [label for label, value in self.choices.items() if _is(value, found)]
            if not matches:
                raise ValueError(
                    f"answer() returned {found!r:.60}, which is none of the choices: "
                    f"{', '.join(self.choices)}"
                )
            self._known = Answer(matches[0], computed)
        return self._known

    def _find(self, choice) -> str:
        for label, value in self.choices.items():
            if _label(choice) == label or _is(value, choice):
                return label
        raise ValueError(f"there is no choice {choice!r}; there are {', '.join(self.choices)}")

    # --- display ----------------------------------------------------------------------------------
    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict:
        from ..demos.ask import buttons

        data = buttons(self)._repr_mimebundle_() or {}
        items = "".join(f"<li>{html.escape(label)}</li>" for label in self.choices)
        data["text/html"] = f"<p>{html.escape(self.question)}</p><ul>{items}</ul>"
        data["text/plain"] = repr(self)
        return data

    def __repr__(self):
        return f"{self.question}  [{' | '.join(self.choices)}]"


def _label(value) -> str:
    if isinstance(value, str):
        return value
    return f"{value:.4g}" if hasattr(value, "__float__") and not _whole(value) else str(value)


def _whole(value) -> bool:
    return isinstance(value, bool | int) or str(getattr(value, "dtype", ""))[:3] in ("int", "boo")


def _is(value, found) -> bool:
    if isinstance(value, str) != isinstance(found, str):
        return False
    return bool(value == found)
