"""What a check says, and what it is told to say: verdicts, mistakes, and hints for them."""

import html
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

CODE = (
    "font-family:var(--jp-code-font-family,monospace);font-size:var(--jp-code-font-size,13px);"
    "white-space:pre-wrap;margin:4px 0"
)


@dataclass(frozen=True)
class Verdict:
    """What a check found: `passed`, a `message` and, if it did not pass, a `hint`.

    `mistake` names the entry of the table that was recognised, or the kind of accident. A verdict
    is true in a condition if the check passed.
    """

    exercise: str
    passed: bool
    message: str
    hint: str = ""
    mistake: str = ""

    def __bool__(self):
        return self.passed

    def __repr__(self):
        mark = "passed" if self.passed else "not yet"
        return f"{self.exercise}: {mark}. {self.message}" + (
            f"\nHint: {self.hint}" if self.hint else ""
        )

    def _repr_html_(self):
        color, mark = ("#009E73", "✓") if self.passed else ("#D55E00", "→")
        said, _, numbers = _page(self.message).partition("\n")
        numbers = numbers and f'<div style="{CODE}">{numbers}</div>'
        hint = f"<div><b>Hint:</b> {_page(self.hint)}</div>" if self.hint else ""
        return (
            f'<div role="status" style="border-left:4px solid {color};padding:6px 12px;'
            f'line-height:1.5"><b>{mark} {html.escape(self.exercise)}</b>&ensp;{said}'
            f"{numbers}{hint}</div>"
        )


def _page(words: str) -> str:
    """Words as HTML, with what stands between backticks as code."""
    return re.sub(r"`([^`\n]+)`", r"<code>\1</code>", html.escape(words))


class Mistake(NamedTuple):
    """A formula that is often written instead. Where it returns None, anything matches."""

    name: str
    formula: Callable
    nudge: str
    plain: str


class Symptom(NamedTuple):
    """What is seen of an answer that no formula of the table explains.

    `seen(answers, right, cases)` is asked of lists with an entry for each case.
    """

    name: str
    seen: Callable[[list, list, Sequence], bool]
    nudge: str
    plain: str


class Accident(NamedTuple):
    """What can go wrong before any formula is compared, with words of this exercise.

    Among the errors of an exercise, `name` is a part of what Python says.
    """

    name: str
    nudge: str
    plain: str


class Fault(NamedTuple):
    """What was found, in the words of a verdict: the message, the first hint, the second."""

    name: str
    message: str
    nudge: str
    plain: str


def only_in(*places: int) -> Callable[[list, list, Sequence], bool]:
    """For a `Symptom`: these cases are wrong, and no other."""

    def seen(answers, right, cases):
        wrong = [i for i, (a, r) in enumerate(zip(answers, right, strict=True)) if not same(a, r)]
        return wrong == list(places)

    return seen


# --- values --------------------------------------------------------------------------------------
TOLERANCE = 1e-9  # relative; the same formula in another order is at most 1e-14 away
ROOM = 16  # so many numbers are shown, of larger arrays the shape


def same(answer, right, nan: bool = False) -> bool:
    """Whether all parts agree; a part of `right` that is None agrees with anything."""
    return all(
        r is None
        or (np.shape(a) == np.shape(r) and np.allclose(a, r, TOLERANCE, TOLERANCE, equal_nan=nan))
        for a, r in zip(answer, right, strict=True)
    )


def kind(thing: Any) -> str:
    """What this is, with its article."""
    if thing is None:
        return "None"
    if isinstance(thing, np.ndarray):
        return f"one array of shape {thing.shape}"
    if isinstance(thing, tuple | list):
        return f"a {type(thing).__name__} of {len(thing)}"
    name = type(thing).__name__
    return f"an {name}" if name[0].lower() in "aeiou" else f"a {name}"


def show(value: Any, digits: int = 4) -> str:
    """A value as a student reads it; of a large array the shape."""
    if callable(value) or hasattr(value, "shown"):
        return getattr(value, "shown", "a function")
    if isinstance(value, np.ndarray) and value.ndim:
        if value.size > ROOM:
            return f"an array of shape {value.shape}"
        return f"[{', '.join(show(v, digits) for v in value)}]"
    if isinstance(value, np.bool_ | bool):
        return str(value)
    if isinstance(value, int | np.integer):
        return str(value)
    return f"{float(value) + 0.0:.{digits}g}"  # no -0


def both(right: Any, answer: Any) -> tuple[str, str]:
    """Two values in as many digits as it takes to tell them apart."""
    for digits in (4, 7, 12):
        if (pair := (show(right, digits), show(answer, digits)))[0] != pair[1]:
            break
    return pair


def listed(names) -> str:
    """Names as a sentence has them: a, b and c."""
    names = list(names)
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))
