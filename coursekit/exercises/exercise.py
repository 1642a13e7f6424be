"""Comparing with the right answer: which mistake has been made?

An `Exercise` knows the right formula and a table of `Mistake`s: formulas that people write instead,
each with hints made for it. An answer that is wrong is recognised by computing what each of them
would give. What is no such formula may show a `Symptom`, or be the right answer but for a sign, a
factor or its last digits. The first hint is a nudge; the same mistake made again gets a plainer
one.
"""

import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import permutations
from typing import Any

import numpy as np

from . import relation
from .arguments import misuse
from .trial import Trial, copied
from .verdict import (
    ROOM,
    TOLERANCE,
    Fault,
    Mistake,
    Symptom,
    Verdict,
    both,
    listed,
    same,
    show,
)


@dataclass
class Exercise(Trial):
    """A function to write. Call it with yours: the answer is a `Verdict`.

    `mistakes` are asked in their order, then `symptoms`. `others` are formulas that answer the
    question as well. `follows(answer, *case)`, if given, makes the first thing that is returned of
    the others, as the last line of the function does: so it is known in which line a slip is.
    """

    mistakes: tuple[Mistake, ...] = ()
    symptoms: tuple[Symptom, ...] = ()
    others: tuple[Callable, ...] = ()
    follows: Callable | None = None
    _last: tuple = field(default=(), init=False)  # the mistake of the call before

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
            self._last = ()
            return Verdict(self.name, True, f"Right in all {len(self.cases)} cases.")
        hint = fault.plain if (fault.name, fault.nudge) == self._last else fault.nudge
        self._last = (fault.name, fault.nudge)
        return Verdict(self.name, False, fault.message, hint, fault.name)

    def __repr__(self):
        return f"<check of {self.signature}>"

    # --- what is wrong ----------------------------------------------------------------------------
    def _find(self, function) -> Fault | None:
        if fault := self._unfit(function):
            return fault
        answers: list = []
        for case in self.cases:
            found = self._one(function, case)
            if isinstance(found, Fault):
                return self._earlier(answers) or self._some_way(found, case, answers) or found
            if fault := self._infinite(answers, found, case):
                return self._earlier(answers) or fault
            answers.append(found)
            if len(answers) == 1 and (fault := self._remembers(function, found)):
                return fault
        return self._remembers(function, answers[0]) or self._compare(answers)

    def _earlier(self, answers) -> Fault | None:
        """A mistake that is plain from the cases before the one that failed."""
        cases = self.cases[: len(answers)]
        if len(answers) < 2 or all(map(same, answers, map(self._right, cases))):
            return None
        return self._table(answers, [self._right(case) for case in cases])

    def _some_way(self, found, case, answers) -> Fault | None:
        """What is returned in some cases only."""
        if found.name != "nothing" or not answers:
            return None
        return Fault(
            found.name,
            "In other cases it returns something, but in this one nothing (None).\n"
            + self._numbers(case).rstrip(":"),
            "Is there a way through your function that meets no return?",
            f"It should end with: return {', '.join(self.returns)}, whatever `if` says.",
        )

    def _remembers(self, function, before) -> Fault | None:
        again = self._one(function, self.cases[0])
        if not isinstance(again, Fault) and same(again, before):
            return None
        return self._accident(
            "memory",
            "Called twice with the same arguments, it gave two different answers.",
            "Everything it needs comes in as an argument.",
            "Does it draw random numbers, or change a variable outside the function, or a default "
            "argument?",
        )

    def _infinite(self, answers, parts, case) -> Fault | None:
        """What is not finite, and the mistake that explains it and all cases before."""
        bad = [i for i, part in enumerate(parts) if not np.isfinite(part).all()]
        if not bad or (bad == [0] and self._is_made_of_a_slip(parts, case)):
            return None
        what = "nan" if np.isnan(parts[bad[0]]).any() else "an infinite value"
        name = self._new(self.returns[bad[0]])
        said = f"There is {what} in {name}.\n{self._numbers(case, parts, self._right(case))}"
        for mistake in self.mistakes:
            wrong, *before = (
                mistake.formula(*map(copied, c)) for c in (case, *self.cases[: len(answers)])
            )
            if (
                not all(w is None or np.isfinite(w).all() for w in wrong)
                and same(parts, wrong, nan=True)
                and all(map(same, answers, before))
            ):
                return Fault(mistake.name, said, mistake.nudge, mistake.plain)
        if len(answers) > 1 and (fault := self._compare(answers, guess=False)):
            return fault  # it was finite before, and wrong already
        return self._accident(
            "infinite",
            said,
            "Is something divided by a number that may be zero, or is it the root or logarithm of "
            "one that may not have it?",
            "Print what each line makes of these arguments: which is the first with inf or nan?",
        )

    def _is_made_of_a_slip(self, parts, case) -> bool:
        """Whether the first part is what the others make of it, and one of these is wrong."""
        if self.follows is None or same(parts[1:], self._right(case)[1:]):
            return False
        return same(parts[:1], self.follows(parts, *map(copied, case)), nan=True)

    def _compare(self, answers, guess=True) -> Fault | None:
        """What is wrong; without a `guess`, only if something is known of it."""
        cases = self.cases[: len(answers)]
        right = [self._right(case) for case in cases]
        for formula in (self.right, *self.others):
            if all(map(same, answers, (formula(*map(copied, case)) for case in cases))):
                return None
        if fault := self._table(answers, right) or self._digits(answers, right):
            return fault
        said = self._difference(answers, right)
        if found := misuse(self.right, self._parameters(), cases, answers):
            return Fault(found.name, said, found.nudge, found.plain)
        for symptom in self.symptoms:
            if symptom.seen(answers, right, cases):
                return Fault(symptom.name, said, symptom.nudge, symptom.plain)
        return self._unknown(answers, right, said, guess)

    def _table(self, answers, right) -> Fault | None:
        """The mistake that has been made, if it is a known one."""
        said, cases = self._difference(answers, right), self.cases[: len(answers)]
        for mistake in self.mistakes:
            wrong = [mistake.formula(*(copied(a) for a in case)) for case in cases]
            if all(map(same, answers, wrong)) and not all(map(same, right, wrong)):
                return Fault(mistake.name, said, mistake.nudge, mistake.plain)
        for order in permutations(range(len(self.returns))):
            if all(same(a, [r[i] for i in order]) for a, r in zip(answers, right, strict=True)):
                plain = f"Return {', then '.join(self.returns)}."
                return Fault("order", said, "All are right, but look at their order.", plain)
        return None

    def _digits(self, answers, right) -> Fault | None:
        """Whether the type cannot hold what it should, which explains wrong numbers."""
        for i, name in enumerate(self.returns):
            array, like = answers[0][i], np.asarray(right[0][i])
            said = f"{self._new(name, True)} should be of type {like.dtype}, not {array.dtype}."
            if array.dtype.kind != "f":
                return self._accident(
                    "dtype",
                    said,
                    "Whole numbers, or yes and no, cannot hold what is behind the point.",
                    "Look for int(...), //, dtype=int, zeros made like whole numbers, and "
                    "comparisons.",
                )
            if array.dtype.itemsize < like.dtype.itemsize:
                return Fault(
                    "precision",
                    said,
                    "What came in has 16 digits. Where do the last ones get lost?",
                    "Look for float32, astype(...) and dtype=..., and leave it out.",
                )
        return None

    def _unknown(self, answers, right, said, guess) -> Fault | None:
        """What no table explains: which parts are right, and what is seen of the others."""
        places, cases = range(len(self.returns)), self.cases[: len(answers)]
        column = {i: ([a[i] for a in answers], [np.asarray(r[i]) for r in right]) for i in places}
        bad = [i for i in places if not same(*column[i])]
        fine = [self.returns[i] for i in places if i not in bad]
        last, rest = self.returns[bad[0]], listed(self.returns[i] for i in bad)
        name, first = "unknown", ""
        if fine:
            one, other = ("are" if " and " in names else "is" for names in (listed(fine), rest))
            name = f"only {fine[0]}"
            first = f"Your {listed(fine)} {one} right. Only {rest} {other} not. "
        if self.follows and bad[0] == 0 and len(bad) > 1:
            bad = bad[1:]
            rest = listed(self.returns[i] for i in bad)
            name, first = "unknown", f"Begin with {rest}. "
            if all(
                same(self.follows(a, *map(copied, case)), a[:1], nan=True)
                for a, case in zip(answers, cases, strict=True)
            ):
                name = f"line of {rest}"
                make = "make" if " and " in rest else "makes"
                first = (
                    f"Your {last} is what your {rest} {make} of it: look at the line of {rest}. "
                )
        noticed = relation.remark(self.returns[bad[0]], *column[bad[0]], self._parameters(), cases)
        if noticed is None and not guess:
            return None
        if noticed is None:
            nudge = "Do this case with pencil and paper, line by line."
            if self.follows and not fine and all(same(a[:1], b[:1]) for a, b in column.values()):
                nudge = f"Is a number written into it that should come in as an argument? {nudge}"
            return Fault(name, said, f"{first}{nudge}", f"{first}{self.start}")
        name = noticed.name if name == "unknown" else name
        return Fault(name, said, f"{first}{noticed.nudge}", f"{first}{noticed.plain} {self.start}")

    # --- words ------------------------------------------------------------------------------------
    def _difference(self, answers, right) -> str:
        """The first case that is wrong, in numbers."""
        wrong = [not same(a, r) for a, r in zip(answers, right, strict=True)]
        i = wrong.index(True)
        others = "the first case" if i == 1 else f"the first {i} cases"
        said = (
            f"It is right in {others}, but not in this one."
            if i
            else "It gives other numbers than it should."
        )
        return f"{said}\n{self._numbers(self.cases[i], answers[i], right[i])}"

    def _numbers(self, case, answer=(), right=()) -> str:
        """A case: what came in, what should be, what is."""
        known = zip(self._parameters(), case, strict=True)
        given = ", ".join(f"{name} = {show(a)}" for name, a in known)
        lines = [f"With {given}:"]
        wide = max(len(self._new(name).removeprefix("the ")) for name in self.returns)
        for name, a, r in zip(self.returns, answer, map(np.asarray, right), strict=False):
            said = self._new(name).removeprefix("the ")
            if same([a], [r]):
                lines.append(f"{said:{wide}}  is right")
                continue
            if r.size > ROOM // 2:  # of many numbers the first that is wrong
                off = ~np.isclose(a, r, TOLERANCE, TOLERANCE)
                at = tuple(map(int, np.argwhere(off)[0]))
                a, r, said = a[at], r[at], f"{name}[{', '.join(map(str, at))}]"
            wanted, has = both(r, a)
            lines.append(f"{said:{wide}}  should be {wanted}")
            lines.append(f"{'':{max(wide, len(said))}}  yours is  {has}")
        return "\n".join(lines)
