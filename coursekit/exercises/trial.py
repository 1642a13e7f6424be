"""A student's function on trial: call it safely, read what it returns.

Nothing here raises for what a student wrote, whatever it does, with one exception: a loop that
never ends is not stopped. Interrupt it as any other cell.
"""

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from . import errors, relation
from .verdict import Accident, Fault, kind, listed


@dataclass
class Trial:
    """What a function is called with, and what it should give back.

    `signature` and `returns` are as the student reads them; `cases` are tuples of arguments, the
    first small enough to be shown; arrays in them are copied for every call. `nudge` is the hint
    for who has not begun, `start` for who asks again. `accidents` may replace the general hints,
    `errors` those for parts of an error's text. What returns one thing returns it bare.
    """

    name: str
    signature: str
    returns: tuple[str, ...]
    right: Callable
    cases: Sequence[tuple]
    nudge: str
    start: str
    accidents: tuple[Accident, ...] = ()
    errors: tuple[Accident, ...] = ()
    called: str = "the new {}"  # how what is returned is spoken of

    # --- before and while it is called -----------------------------------------------------------
    def _unfit(self, function) -> Fault | None:
        """What is wrong with the function before it is called."""
        if not callable(function):
            return Fault(
                "no function",
                f"This is no function, but {kind(function)}.",
                f"Give the function itself, without calling it: ck.check.{self.name}(my_function).",
                "Leave out the parentheses behind your function's name.",
            )
        names, begin = self._parameters(), f"Begin it with: def {self.signature}:"
        try:
            signature = inspect.signature(function)
        except (TypeError, ValueError):
            return None
        theirs = list(signature.parameters)
        try:
            signature.bind(*names)
        except TypeError:
            said = (
                f"It is called with {len(names)} argument{'s' * (len(names) > 1)}, "
                f"{', '.join(names)}, but takes {len(theirs)}: {signature}."
            )
            return Fault("signature", said, begin, begin)
        if theirs != names and sorted(theirs) == sorted(names):
            said = f"Its arguments stand in another order: {signature}."
            return Fault("signature", said, begin, begin)
        return None

    def _one(self, function, case) -> list[np.ndarray] | Fault:
        """The answer to one case as a list of arrays, or what went wrong."""
        given = [copied(a) for a in case]
        try:
            answer = function(*given)
        except NotImplementedError:
            return self._stub("It is still to be written.")
        except RecursionError:
            return Fault(
                "recursion",
                "It calls itself without end.",
                "No recursion is needed here.",
                f"Inside {self.name} there should be no call of {self.name}.",
            )
        except (Exception, SystemExit) as error:
            return Fault(
                "crash", *errors.explain(error, self.errors, ", ".join(self._parameters()))
            )
        if changed := [
            name
            for name, before, after in zip(self._parameters(), case, given, strict=True)
            if isinstance(before, np.ndarray) and not _equal(before, after)
        ]:
            return self._accident(
                "in place",
                f"It changes {listed(changed)}, which the caller still needs.",
                "Wanted is a function that returns new arrays and leaves the old ones as they are.",
                f"{changed[0]} += ..., {changed[0]} -= ... and {changed[0]}[...] = ... write into "
                f"the array; {changed[0]} = {changed[0]} + ... makes a new one.",
            )
        if answer is None or answer is ...:
            return self._stub("It returns nothing yet (None).", returned=True)
        return self._arrays(answer, case)

    def _arrays(self, answer, case) -> list[np.ndarray] | Fault:
        """The parts of an answer as arrays like the right ones, or what is wrong with them."""
        right, many = self._right(case), len(self.returns) > 1
        shapes = {(len(right), *np.shape(r)) for r in right}
        if many and isinstance(answer, np.ndarray) and shapes == {answer.shape}:
            answer = list(answer)  # one array that can be unpacked like a tuple
        if not many:
            numbers = isinstance(answer, tuple) and not any(map(np.ndim, answer))
            whole = numbers and np.shape(right[0]) == (len(answer),)  # an array, as a tuple
            answer = answer if isinstance(answer, tuple) and not whole else (answer,)
        if not isinstance(answer, tuple | list) or len(answer) != len(right):
            expected = listed(self.returns) if many else self._new(self.returns[0])
            said = f"It returns {kind(answer)} instead of {expected}."
            return self._accident("returns", said, *self._return_hints())
        parts = []
        for name, part, like in zip(self.returns, answer, right, strict=True):
            if part is None:
                return Fault(
                    "returns",
                    f"{self._new(name, True)} is None.",
                    f"Which line gives {name} its value? Is it reached?",
                    f"Print {name} in that line, and before the end.",
                )
            try:
                array = np.asarray(part)
                letter = array.dtype.kind
            except Exception:
                letter = "O"
            if letter not in "fiub":
                wanted = f"an array of shape {like.shape}" if np.ndim(like) else "a number"
                return Fault(
                    "type",
                    f"{self._new(name, True)} should be {wanted}, not {kind(part)}.",
                    f"Which line makes {name}? Print it there.",
                    f"The last value of {name} should be {wanted}.",
                )
            if array.shape != np.shape(like):
                wanted, has = _shaped(np.shape(like)), _shaped(array.shape)
                return self._accident(
                    "shape",
                    f"{self._new(name, True)} should be {wanted}, not {has}."
                    + relation.of_shapes(array, like),
                    "Each coordinate is updated by itself: nothing is summed, nothing joined.",
                    f"Use only +, - and * between the arrays, and the shape stays {like.shape}.",
                )
            parts.append(array)
        return parts

    # --- words ------------------------------------------------------------------------------------
    def _new(self, name, begins=False) -> str:
        words = self.called.format(name)
        if not begins or words == name:  # a name of a variable keeps its letters
            return words
        return words[0].upper() + words[1:]

    def _parameters(self):
        return self.signature[self.signature.index("(") + 1 : -1].split(", ")

    def _right(self, case):
        return self.right(*(copied(a) for a in case))

    def _return_hints(self):
        last = f"End with: return {', '.join(self.returns)}"
        if len(self.returns) == 1:
            return f"One thing is wanted, {self._new(self.returns[0])}, and nothing else.", last
        return f"What does the caller need? {listed(self.returns)}, in this order.", last

    def _accident(self, name, message, nudge, plain):
        own = next((a for a in self.accidents if a.name == name), Accident(name, nudge, plain))
        return Fault(name, message, own.nudge, own.plain)

    def _stub(self, message, returned=False):
        last = f"return {', '.join(self.returns)}"
        missing = f"If you have written it: is the last line, {last}, missing? " if returned else ""
        return Fault("nothing", message, f"{missing}{self.nudge}", f"{self.start} Then: {last}")


# --- values --------------------------------------------------------------------------------------
def copied(a):
    """An argument that may be written into."""
    return a.copy() if hasattr(a, "copy") else a


def _equal(a, b) -> bool:
    return a.shape == b.shape and a.dtype == b.dtype and np.array_equal(a, b, equal_nan=True)


def _shaped(shape) -> str:
    return f"an array of shape {shape}" if shape else "a single number"
