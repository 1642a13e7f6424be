"""What a wrong answer has to do with the right one: a sign, a factor, lost digits, a transpose."""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from .verdict import TOLERANCE

HUGE = 1e150  # squares of larger numbers are infinite
CUT = "Which line makes it 0? // cuts off what is behind the point."


class Remark(NamedTuple):
    """What was noticed, in words for the first hint and for the second."""

    name: str
    nudge: str
    plain: str


def remark(
    name: str, got: Sequence, true: Sequence, parameters: Sequence, cases: Sequence
) -> Remark | None:
    """What can be said of one part of the answers, over all cases.

    If an argument has the name of the part, it is the change of it that is compared.
    """
    place = parameters.index(name) if name in parameters else -1
    step = place >= 0 and all(
        np.shape(c[place]) == np.shape(t) for c, t in zip(cases, true, strict=True)
    )
    begins = [case[place] if step else 0.0 for case in cases]
    a = [np.ravel(g - b).astype(float) for g, b in zip(got, begins, strict=True)]
    b = [np.ravel(t - b).astype(float) for t, b in zip(true, begins, strict=True)]
    if np.abs(np.concatenate(a)).max(initial=0) > HUGE:
        return None
    what = f"the step of {name}" if step else f"your {name}"
    found = (
        _one_factor(name, what, step, np.concatenate(a), np.concatenate(b))
        or _named_factor(what, a, b, parameters, cases)
        or _direction(what, a, b)
        or _first(what, step, got, true, begins)
        or _numbers(name, what, step, a, b)
    )
    return found and found._replace(nudge=found.nudge[:1].upper() + found.nudge[1:])


def _ratio(a, b) -> float | None:
    """The c with a = c b, if there is one."""
    if not (b @ b):
        return None
    c = (a @ b) / (b @ b)
    size = np.abs(b).max() * max(abs(c), 1.0)
    return c if np.abs(a - c * b).max() <= 10 * TOLERANCE * size else None


def _one_factor(name, what, step, a, b) -> Remark | None:
    c = _ratio(a, b)
    if c is None:
        return None
    if abs(c) < TOLERANCE:
        if step:
            return Remark("still", f"your {name} does not move.", f"What changes {name}?")
        return Remark("zero", f"{what} is 0 in every case.", CUT)
    if abs(c + 1) < TOLERANCE:
        said = f"{what} has the right size, and the wrong sign everywhere."
        return Remark("sign", said, "One sign is to be changed.")
    times = next(t for digits in (4, 7, 12) if (t := f"{abs(c):.{digits}g}") != "1")
    said = f"{what} is {times} times as large as it should be, in every case."
    if c < 0:
        said = f"{what} has the wrong sign, and is {times} times as large as it should be."
    return Remark("factor", said, "Which constant is too many, or missing?")


def _named_factor(what, a, b, parameters, cases) -> Remark | None:
    """A factor that changes with the case, as one of the arguments or its size does."""
    pairs = [(_ratio(x, y), case) for x, y, case in zip(a, b, cases, strict=True) if y.any()]
    factors = [c for c, _ in pairs if c is not None]
    if len(factors) < max(2, len(pairs)):
        return None
    for words, numbers in _quantities(parameters, [case for _, case in pairs]):
        for form, times in FORMS:
            with np.errstate(all="ignore"):
                expected = [form(np.float64(x)) for x in numbers]
            if np.allclose(factors, expected, rtol=1e-8, atol=0):
                said = f"{what} is {times.format(words)} times as large as it should be."
                asked = f"Where does {words} act, and how often should it?"
                return Remark("factor", said, asked)
    return None


FORMS = (
    (lambda x: x, "{}"),
    (lambda x: 1 / x, "1 / {}"),
    (lambda x: 1 - x, "1 - {}"),
    (lambda x: 1 / (1 - x), "1 / (1 - {})"),
    (lambda x: x**2, "{}**2"),
    (lambda x: 1 / x**2, "1 / {}**2"),
    (np.sqrt, "the root of {}"),
    (lambda x: 1 / np.sqrt(x), "1 / (the root of {})"),
    (lambda x: x / (x - 1), "{0} / ({0} - 1)"),
    (lambda x: (x - 1) / x, "({0} - 1) / {0}"),
)
SIZES: dict[int, dict[str, Callable]] = {  # of an argument with so many axes
    1: {"len({})": len, "{}.sum()": np.sum, "{}.max()": np.max, "the norm of {}": np.linalg.norm},
    2: {"len({})": len, "{}.shape[1]": lambda x: x.shape[1], "{}.size": np.size},
}


def _quantities(parameters, cases) -> Iterator[tuple[str, list]]:
    """Numbers that came in, and the sizes of arrays."""
    for parameter, values in zip(parameters, zip(*cases, strict=True), strict=True):
        if all(isinstance(x, int | float) for x in values):
            yield parameter, list(values)
        elif all(isinstance(x, np.ndarray) for x in values):
            for words, size in SIZES.get(values[0].ndim, {}).items():
                yield words.format(parameter), [size(x) for x in values]


def _direction(what, a, b) -> Remark | None:
    ratios = [_ratio(x, y) for x, y in zip(a, b, strict=True) if y.any()]
    factors = [c for c in ratios if c is not None]
    long = any(y.size > 2 and np.ptp(y) > 0 for y in b)
    if not long or len(factors) < len(ratios):
        return None
    if all(c < 0 for c in factors):
        said = f"{what} has the wrong sign everywhere, and another length."
        return Remark("sign", said, "One sign is to be changed; and what is it divided by?")
    if any(c <= 0 for c in factors):
        return None
    some = ", ".join(f"{c:.4g}" for c in factors[:3])
    return Remark(
        "factor",
        f"{what} has the right direction, and another length: {some} times the right one in the "
        "first cases.",
        "What is it divided by, or multiplied with, that differs from case to case?",
    )


def _first(what, step, got, true, begins) -> Remark | None:
    """Whether a loop was left in its first turn."""
    if any(np.ndim(t) == 0 or len(t) < 2 for t in true):
        return None
    ahead = [np.allclose(g[0], t[0], TOLERANCE, TOLERANCE) for g, t in zip(got, true, strict=True)]
    idle = [not np.any((g - b)[1:]) for g, b in zip(got, begins, strict=True)]
    if not all(ahead) or not all(idle):
        return None
    said = f"{what} is right in its first entry, and 0 in all others."
    return Remark("first", said, "Does a return stand inside the loop? It ends the function there.")


def _numbers(name, what, step, a, b) -> Remark | None:
    x, y = np.concatenate(a), np.concatenate(b)
    off = np.abs(x - y).max()
    first = next((u for u, v in zip(a, b, strict=True) if not np.allclose(u, v)), x)
    if not first.any() and step:
        asked = f"Is there a condition, or a factor that is 0, before {name} is changed?"
        return Remark("still", f"your {name} does not move there.", asked)
    if not first.any():
        return Remark("zero", f"{what} is 0 there.", CUT)
    near = all(np.abs(u - v).max() <= 0.1 * np.abs(v).max() for u, v in zip(a, b, strict=True))
    if near and off <= 2e-3 * np.abs(y).max():
        return Remark(
            "close",
            f"{what} is close to the right one, but not equal to it: it is off by up to {off:.1g}.",
            "Is something rounded, or is a small number added, or a limit set, that is not asked "
            "for?",
        )
    if x.size > len(a) and np.array_equal(x, np.round(x)) and not np.allclose(y, np.round(y)):
        said = f"{what} is made of whole numbers only."
        return Remark("whole", said, "Look for //, int(...) and rounding.")
    if np.allclose(np.abs(x), np.abs(y), TOLERANCE, TOLERANCE):
        said = f"{what} has the right sizes everywhere, but some signs are wrong."
        return Remark("some signs", said, "Which entries have the wrong sign, and what have these "
                      "in common?")  # fmt: skip
    if x.size > len(a) and all(
        np.allclose(np.sort(u), np.sort(v), TOLERANCE, TOLERANCE) for u, v in zip(a, b, strict=True)
    ):
        said = f"{what} has the right numbers, but not in their places."
        return Remark("places", said, "Were they sorted, turned round or joined on the way?")
    shift = (x - y).mean()
    if np.allclose(x - y, shift, TOLERANCE, TOLERANCE):
        said = f"{what} is too {'large' if shift > 0 else 'small'} by {abs(shift):.4g} everywhere."
        return Remark("shift", said, "Which constant is too many, or missing?")
    return None


def of_shapes(array, like) -> str:
    """What a wrong shape has to do with the right one."""
    if array.ndim == 2 and array.shape == like.shape[::-1]:
        right = np.allclose(array.T, like)
        return " It is the right one, transposed." if right else " Rows and columns are exchanged."
    if array.shape != (1,) and array.ndim == like.ndim + 1 and array.squeeze().shape == like.shape:
        return " It has an axis too many, of length 1."
    if like.ndim == 1 and array.shape == (like.size, like.size):
        return " A column and a row were combined into a table."
    return ""
