"""Arguments that are not used as they came in: a number in their place, or two exchanged."""

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations, product
from typing import NamedTuple

import numpy as np

from .trial import copied
from .verdict import listed, same

# What people write in place of an argument, besides its value in the first case.
USUAL = {
    "lr": (0.001, 0.01, 0.1),
    "mu": (0.9,),
    "rho": (0.9, 0.99),
    "beta1": (0.9,),
    "beta2": (0.999,),
    "eps": (1e-8, 1e-7, 1e-6),
    "alpha": (0.1, 1.0),
    "weight_decay": (0.01,),
    "classes": (10,),
}


class Misuse(NamedTuple):
    """What was done to arguments, in words for the first hint and for the second."""

    name: str
    nudge: str
    plain: str


def misuse(
    formula: Callable, names: Sequence[str], cases: Sequence[tuple], answers: Sequence
) -> Misuse | None:
    """Whether the right formula gives these answers for changed arguments, and for which."""

    def explains(change: Callable[[list], object]) -> bool:
        for case, answer in zip(cases, answers, strict=True):
            given = [copied(a) for a in case]
            change(given)
            try:
                if not same(answer, formula(*given)):
                    return False
            except Exception:  # what came in does not fit into that place
                return False
        return True

    for numbers in _written(names, cases):

        def put(given, numbers=numbers):
            for place, number in numbers.items():
                given[place] = number

        if explains(put):
            words = listed(f"{names[place]} = {number:g}" for place, number in numbers.items())
            return Misuse(
                "number written in",
                "Is a number written into it that should come in as an argument?",
                f"It gives what {words} would give, in every case. Use the argument"
                f"{'s' * (len(numbers) > 1)} {listed(names[place] for place in numbers)}.",
            )
    for i, j in _alike(cases):

        def swap(given, i=i, j=j):
            given[i], given[j] = given[j], given[i]

        if explains(swap):
            return Misuse(
                "arguments exchanged",
                "Two of the arguments have changed places. Which?",
                f"It would be right if {names[i]} were {names[j]}, and {names[j]} {names[i]}: "
                "where does each of them stand?",
            )
    return None


def _written(names: Sequence[str], cases: Sequence[tuple]) -> Iterator[dict[int, float]]:
    """One argument, or two, with a number in place of each."""
    choices = {
        place: sorted({case_value, *USUAL.get(names[place], ())})
        for place, case_value in enumerate(cases[0])
        if _numbers(cases, place)
    }
    for count in (1, 2):
        for places in combinations(choices, count):
            for numbers in product(*(choices[place] for place in places)):
                yield dict(zip(places, numbers, strict=True))


def _alike(cases: Sequence[tuple]) -> Iterator[tuple[int, int]]:
    """Pairs of arguments that could stand in each other's place."""
    for i, j in combinations(range(len(cases[0])), 2):
        arrays = all(
            isinstance(case[i], np.ndarray)
            and isinstance(case[j], np.ndarray)
            and case[i].shape == case[j].shape
            for case in cases
        )
        if arrays or (_numbers(cases, i) and _numbers(cases, j)):
            yield i, j


def _numbers(cases: Sequence[tuple], place: int) -> bool:
    return all(isinstance(case[place], int | float) for case in cases)
