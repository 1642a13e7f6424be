"""Checking a student's function: run it safely, compare, recognise what went wrong.

An `Exercise` knows the right formula and a table of `Mistake`s: formulas that people write instead,
each with hints made for it. An answer that is wrong is recognised by computing what each of them
would give. The first hint is a nudge; the same mistake made again gets a plainer one.

Nothing here raises for what a student wrote, whatever it does, with one exception: a loop that
never ends is not stopped. Interrupt it as any other cell.
"""

import html
import inspect
import traceback
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

TOLERANCE = 1e-9  # relative; the same formula in another order is at most 1e-14 away


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
        lines = html.escape(self.message).replace("\n", "<br>")
        hint = f"<br><b>Hint:</b> {html.escape(self.hint)}" if self.hint else ""
        return (
            f'<div role="status" style="border-left:4px solid {color};padding:6px 12px;'
            f'line-height:1.5"><b>{mark} {html.escape(self.exercise)}</b>&ensp;{lines}{hint}</div>'
        )


class Mistake(NamedTuple):
    """A formula that is often written instead. Where it returns None, anything matches."""

    name: str
    formula: Callable
    nudge: str
    plain: str


class Accident(NamedTuple):
    """What can go wrong before any formula is compared, with words of this exercise."""

    name: str
    nudge: str
    plain: str


class Fault(NamedTuple):
    """What was found, in the words of a verdict: the message, the first hint, the second."""

    name: str
    message: str
    nudge: str
    plain: str


@dataclass
class Exercise:
    """A function to write. Call it with yours: the answer is a `Verdict`.

    `signature` and `returns` are as the student reads them; `cases` are tuples of arguments, the
    first small enough to be shown; arrays in them are copied for every call. `nudge` is the hint
    for who has not begun, `start` for who asks again. `accidents` may replace the general hints,
    `errors` gives hints for parts of an error's text. What returns one thing returns it bare.
    """

    name: str
    signature: str
    returns: tuple[str, ...]
    right: Callable
    cases: Sequence[tuple]
    nudge: str
    start: str
    mistakes: tuple[Mistake, ...]
    accidents: tuple[Accident, ...] = ()
    errors: tuple[tuple[str, str], ...] = ()
    called: str = "the new {}"  # how what is returned is spoken of
    _last: str = field(default="", init=False)  # the mistake of the call before

    def __post_init__(self):
        self.__doc__ = f"Check your {self.signature} -> ({', '.join(self.returns)})."

    def __call__(self, function: Any) -> Verdict:
        try:
            with warnings.catch_warnings(), np.errstate(all="ignore"):
                warnings.simplefilter("ignore")  # an infinite value gets words of its own
                fault = self._find(function)
        except Exception as error:  # what came back has a will of its own
            said = f"Its answer could not be read ({type(error).__name__})."
            fault = Fault("unreadable", said, *self._return_hints())
        if fault is None:
            self._last = ""
            return Verdict(self.name, True, f"Right in all {len(self.cases)} cases.")
        hint = fault.plain if fault.name == self._last else fault.nudge
        self._last = fault.name
        return Verdict(self.name, False, fault.message, hint, fault.name)

    def __repr__(self):
        return f"<check of {self.signature}>"

    # --- what is wrong ----------------------------------------------------------------------------
    def _find(self, function) -> Fault | None:
        if not callable(function):
            return Fault(
                "no function",
                f"This is no function, but {_kind(function)}.",
                f"Give the function itself, without calling it: ck.check.{self.name}(my_function).",
                "Leave out the parentheses behind your function's name.",
            )
        if said := self._unfit(function):
            begin = f"Begin it with: def {self.signature}:"
            return Fault("signature", said, begin, begin)
        answers = []
        for case in self.cases:
            found = self._one(function, case)
            if isinstance(found, Fault):
                return found
            answers.append(found)
        again = self._one(function, self.cases[0])
        if isinstance(again, Fault) or not _same(again, answers[0]):
            return Fault(
                "memory",
                "Called twice with the same arguments, it gave two different answers.",
                "Everything it needs comes in as an argument.",
                "Is there a variable outside the function, or a default argument, that it changes?",
            )
        return self._compare(answers)

    def _unfit(self, function) -> str:
        """What is wrong with the parameters, if Python can tell."""
        names = self.signature[self.signature.index("(") + 1 : -1].split(", ")
        try:
            signature = inspect.signature(function)
        except (TypeError, ValueError):
            return ""
        try:
            signature.bind(*names)
        except TypeError:
            got = len(signature.parameters)
            return (
                f"It is called with {len(names)} arguments, {', '.join(names)}, "
                f"but takes {got}: {signature}."
            )
        return ""

    def _one(self, function, case) -> list[np.ndarray] | Fault:
        """The answer to one case as a list of arrays, or what went wrong."""
        given = [_copy(a) for a in case]
        try:
            answer = function(*given)
        except NotImplementedError:
            return self._stub("It is still to be written.")
        except RecursionError:
            return Fault(
                "recursion",
                "It calls itself without end.",
                "One step needs no recursion: the loop over steps is somebody else's.",
                f"Inside {self.name} there should be no call of {self.name}.",
            )
        except (Exception, SystemExit) as error:
            return self._crash(error)
        changed = [
            name
            for name, before, after in zip(self._parameters(), case, given, strict=True)
            if isinstance(before, np.ndarray) and not _equal(before, after)
        ]
        if changed:
            return self._accident(
                "in place",
                f"It changes {_and(changed)}, which belongs to the caller.",
                "A step returns new arrays and leaves the old ones as they are.",
                f"{changed[0]} += ..., {changed[0]} -= ... and {changed[0]}[...] = ... write into "
                f"the array; {changed[0]} = {changed[0]} + ... makes a new one.",
            )
        if answer is None or answer is ...:
            return self._stub("It returns nothing yet (None).", returned=True)
        return self._arrays(answer, case)

    def _arrays(self, answer, case) -> list[np.ndarray] | Fault:
        """The parts of an answer as arrays like the right ones, or what is wrong with them."""
        right = self.right(*(_copy(a) for a in case))
        expected = f"{len(self.returns)} arrays, {_and(self.returns)}"
        if len(self.returns) == 1:
            expected = self._new(self.returns[0])
            answer = answer if isinstance(answer, tuple) else (answer,)
        if not isinstance(answer, tuple | list) or len(answer) != len(right):
            said = f"It returns {_kind(answer)} instead of {expected}."
            return self._accident("returns", said, *self._return_hints())
        parts = []
        for name, part, like in zip(self.returns, answer, right, strict=True):
            if part is None:
                said = f"{self._new(name, True)} is None."
                return self._accident("returns", said, *self._return_hints())
            try:
                array = np.asarray(part)
                kind = array.dtype.kind
            except Exception:
                kind = "O"
            if kind not in "fiub":
                return Fault(
                    "type",
                    f"{self._new(name, True)} is no array of real numbers, but {_kind(part)}.",
                    f"Which line makes {name}? Print it there.",
                    f"{name} should be a NumPy array of the shape {like.shape}.",
                )
            if array.shape != like.shape:
                return self._accident(
                    "shape",
                    f"{self._new(name, True)} has shape {array.shape} instead of {like.shape}.",
                    "Each coordinate is updated by itself: nothing is summed, nothing joined.",
                    f"Use only +, - and * between the arrays, and the shape stays {like.shape}.",
                )
            if kind != "f" or array.dtype.itemsize < like.dtype.itemsize:
                return self._accident(
                    "dtype",
                    f"{self._new(name, True)} is of type {array.dtype}; it should be {like.dtype}.",
                    "Digits are lost on the way.",
                    "Look for int(...), round(...), dtype=... or astype(...), and leave it out.",
                )
            parts.append(array)
        for name, array in zip(self.returns, parts, strict=True):
            if not np.isfinite(array).all():
                return self._infinite(name, array, parts, case)
        return parts

    def _infinite(self, name, array, parts, case) -> Fault:
        said = (
            f"{self._new(name, True)} is {'nan' if np.isnan(array).any() else 'infinite'} "
            "somewhere, though all that came in is finite."
        )
        for mistake in self.mistakes:
            wrong = mistake.formula(*(_copy(a) for a in case))
            if not any(w is None for w in wrong) and all(
                np.allclose(a, w, TOLERANCE, TOLERANCE, equal_nan=True)
                for a, w in zip(parts, wrong, strict=True)
            ):
                return Fault(mistake.name, said, mistake.nudge, mistake.plain)
        return self._accident(
            "infinite",
            said,
            "Is something divided by a number that may be zero?",
            "This step needs no division, no root and no logarithm; mu may be 0.",
        )

    def _compare(self, answers) -> Fault | None:
        right = [self.right(*(_copy(a) for a in case)) for case in self.cases]
        if all(_same(a, r) for a, r in zip(answers, right, strict=True)):
            return None
        said = self._difference(answers[0], right[0])
        for mistake in self.mistakes:
            wrong = [mistake.formula(*(_copy(a) for a in case)) for case in self.cases]
            if all(_same(a, w) for a, w in zip(answers, wrong, strict=True)):
                return Fault(mistake.name, said, mistake.nudge, mistake.plain)
        fine = [
            name
            for i, name in enumerate(self.returns)
            if all(_same(a[i : i + 1], r[i : i + 1]) for a, r in zip(answers, right, strict=True))
        ]
        if fine:
            rest = _and([n for n in self.returns if n not in fine])
            one, other = (("are" if " and " in names else "is") for names in (_and(fine), rest))
            nudge = f"Your {_and(fine)} {one} right. Only {rest} {other} not."
            return Fault(f"only {fine[0]}", said, nudge, f"{nudge} {self.start}")
        return Fault("unknown", said, "Do the first case with pencil and paper.", self.start)

    def _difference(self, answer, right) -> str:
        """The first case in numbers, or the number of cases that are wrong if it is right."""
        if _same(answer, right):
            return "It is right in the first case, but not in all."
        known = zip(self._parameters(), self.cases[0], strict=True)
        given = ", ".join(f"{name} = {_show(a)}" for name, a in known)
        parts = zip(self.returns, answer, right, strict=True)
        lines = [
            f"{self._new(name)} is {_show(r)}" + ("" if _same([a], [r]) else f", yours {_show(a)}")
            for name, a, r in parts
        ]
        return f"With {given}: {'; '.join(lines)}."

    # --- words ------------------------------------------------------------------------------------
    def _new(self, name, begins=False) -> str:
        words = self.called.format(name)
        return words[0].upper() + words[1:] if begins else words

    def _parameters(self):
        return self.signature[self.signature.index("(") + 1 : -1].split(", ")

    def _return_hints(self):
        last = f"return {', '.join(self.returns)}"
        return (
            f"What does the caller need for the next step? {_and(self.returns).capitalize()}.",
            f"End with: {last}",
        )

    def _accident(self, name, message, nudge, plain):
        own = next((a for a in self.accidents if a.name == name), Accident(name, nudge, plain))
        return Fault(name, message, own.nudge, own.plain)

    def _stub(self, message, returned=False):
        last = f"return {', '.join(self.returns)}"
        missing = f"If you have written it: is the last line, {last}, missing? " if returned else ""
        return Fault("nothing", message, f"{missing}{self.nudge}", f"{self.start} Then: {last}")

    def _crash(self, error):
        try:
            text = str(error)
        except Exception:
            text = ""
        _, *theirs = traceback.extract_tb(error.__traceback__)  # the first frame is ours
        line = theirs[0].line if theirs else ""
        where = f", in line {theirs[0].lineno}: {line}" if line else ""
        message = f"It stops with {type(error).__name__}: {text or 'no words'}{where}."
        for part, hint in self.errors:
            if part in text:
                return Fault("crash", message, hint, hint)
        nudge = "Call it yourself with small arrays, and print what each line makes."
        plain = f"Use only the arguments: {', '.join(self._parameters())}."
        return Fault("crash", message, nudge, plain)


# --- values --------------------------------------------------------------------------------------
def _copy(a):
    return a.copy() if hasattr(a, "copy") else a


def _equal(a, b) -> bool:
    return a.shape == b.shape and a.dtype == b.dtype and np.array_equal(a, b, equal_nan=True)


def _same(answer, right) -> bool:
    """Whether all parts agree; a part of `right` that is None agrees with anything."""
    return all(
        r is None
        or (np.shape(a) == np.shape(r) and np.allclose(a, r, rtol=TOLERANCE, atol=TOLERANCE))
        for a, r in zip(answer, right, strict=True)
    )


def _kind(thing) -> str:
    if thing is None:
        return "None"
    if isinstance(thing, np.ndarray):
        return f"one array of shape {thing.shape}"
    if isinstance(thing, tuple | list):
        return f"a {type(thing).__name__} of {len(thing)}"
    name = type(thing).__name__
    return f"an {name}" if name[0].lower() in "aeiou" else f"a {name}"


def _show(value) -> str:
    if callable(value) or hasattr(value, "shown"):
        return getattr(value, "shown", "a function")
    if isinstance(value, np.ndarray) and value.ndim:
        return f"[{', '.join(map(_show, value))}]"
    return f"{float(value):.6g}"


def _and(names) -> str:
    names = list(names)
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))
