"""A line that adds two things, each with a weight, as rho * v + (1 - rho) * g**2 does."""

from collections.abc import Callable, Sequence

import numpy as np

from .verdict import Symptom, same


def mixture(
    place: int,
    name: str,
    line: str,
    old: Callable,
    new: Callable,
    weights: Callable,
    other: str = "the gradient",
) -> tuple[Symptom, ...]:
    """What may be wrong with the weights in `line`, or with what they weigh.

    `old`, `new` and `weights` are functions of the arguments; `other` is what `new` is called, and
    `place` where the result stands among the answers.
    """
    weigh = _Scales(place, old, new, weights)
    right = f"Compare with {line}, term by term."
    return (
        Symptom(
            "weight of the old one",
            lambda *seen: weigh(*seen) == (False, True),
            f"Your {name} adds up the right two things. How much of the old {name} is left in "
            "yours?",
            f"What does the old {name} stand beside in your line? {right}",
        ),
        Symptom(
            "weight of the new one",
            lambda *seen: weigh(*seen) == (True, False),
            f"Your {name} adds up the right two things, and the old {name} has the right weight. "
            "Has the other?",
            f"What does {other} stand beside in your line of {name}? {right}",
        ),
        Symptom(
            "both weights",
            lambda *seen: weigh(*seen) == (False, False),
            f"Your {name} adds up the right two things. With which weights?",
            f"Neither of the two weights is right. {right}",
        ),
        Symptom(
            "made of other things",
            lambda *seen: weigh(*seen) == (),
            f"Your {name} does not add up the right two things. What enters that should not, or "
            "enters in another form?",
            f"Two things enter {name}, the old {name} and {other}. {right}",
        ),
    )


def astray(name: str, along: str, direction: Callable, times: str = "-lr times") -> Symptom:
    """theta does not move along `along` alone, though all else is right."""

    def seen(answers, right, cases):
        others = [(a[1:], r[1:]) for a, r in zip(answers, right, strict=True)]
        if not all(same(a, r) for a, r in others):
            return False
        found = [
            _weights(a[0], case[0], direction(*case))
            for a, case in zip(answers, cases, strict=True)
            if case[0].size > 2
        ]
        return any(weights is None or abs(weights[0] - 1) > 1e-7 for weights in found)

    return Symptom(
        "theta goes astray",
        seen,
        f"Your {name} right. But the step of theta has another direction. What is in its line that "
        "should not be there, or is missing?",
        f"Print {along}, and by how much theta changes: it should be {times} that.",
    )


class _Scales:
    """Which of the two weights are right; nothing if it is no such mixture, or all is right."""

    def __init__(self, place: int, old: Callable, new: Callable, weights: Callable):
        self.place, self.old, self.new, self.weights = place, old, new, weights

    def __call__(self, answers: list, right: list, cases: Sequence) -> tuple | None:
        k = self.place
        if all(same(a[k : k + 1], r[k : k + 1]) for a, r in zip(answers, right, strict=True)):
            return None
        fits = []
        for answer, case in zip(answers, cases, strict=True):
            old = self.old(*case)
            if old.size <= 2:  # fits two weights, whatever it is
                continue
            found = _weights(answer[k], old, self.new(*case))
            if found is None:
                return ()
            fits.append(np.isclose(found, self.weights(*case), rtol=1e-7, atol=1e-9))
        return tuple(bool(all(column)) for column in zip(*fits, strict=True)) if fits else None


def _weights(answer, old, new) -> np.ndarray | None:
    """The two weights that make the answer, if any do."""
    parts = np.stack([old, new], axis=1)
    found = np.linalg.lstsq(parts, answer, rcond=None)[0]
    size = np.abs(parts * found).max() + np.abs(answer).max()
    return found if np.abs(parts @ found - answer).max() <= 1e-9 * size else None
