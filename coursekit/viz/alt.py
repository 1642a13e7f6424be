"""Words for pictures: what a sighted reader sees first, said in a sentence.

Alternative texts and status lines are computed from the same results that are drawn, so they are
never out of date. These helpers make their numbers and lists read well aloud.
"""

import math
from collections.abc import Iterable
from typing import Any


def number(value: float, digits: int = 3) -> str:
    """`value` with so many significant digits, without an exponent where that stays short.

    >>> number(0.04217), number(12345.6), number(999999.7), number(3.2e-9), number(float("inf"))
    ('0.0422', '12300', '1e6', '3.2e-9', 'infinite')
    """
    value = float(value)
    if math.isnan(value):
        return "not a number"
    if math.isinf(value):
        return "infinite" if value > 0 else "minus infinite"
    rounded = float(f"{value:.{digits}g}")
    if value == 0 or 1e-4 <= abs(rounded) < 1e6:
        return f"{rounded:.{digits}g}" if abs(rounded) < 10**digits else f"{rounded:.0f}"
    mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
    if "." in mantissa:
        mantissa = mantissa.rstrip("0").rstrip(".")
    return f"{mantissa}e{int(exponent)}"


def percent(fraction: float) -> str:
    """A fraction as a percentage with one decimal.

    >>> percent(0.9436)
    '94.4 %'
    """
    return f"{100 * fraction:.1f} %"


def listing(items: Iterable[str], most: int = 6) -> str:
    """The items as a list in prose, shortened after `most` of them.

    >>> listing(["Adam", "SGD", "Newton"])
    'Adam, SGD and Newton'
    """
    words = [str(item) for item in items]
    if len(words) > most:
        words = [*words[: most - 1], f"{len(words) - most + 1} more"]
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


def count(n: int, one: str, many: str = "") -> str:
    """`n` and the noun that goes with it.

    >>> count(1, "step"), count(12, "step")
    ('1 step', '12 steps')
    """
    return f"{n} {one if n == 1 else many or one + 's'}"


def trend(values: Any) -> str:
    """What a curve, a sequence of numbers, does between its ends: "falls from 2.3 to 0.04".

    >>> trend([2.3, 0.5, 0.04]), trend([1, 3, 2]), trend([1.0, 1.001])
    ('falls from 2.3 to 0.04', 'rises from 1 to 2', 'stays near 1')
    """
    if len(values) == 0:
        return "has no points yet"
    first, last = float(values[0]), float(values[-1])
    if not math.isfinite(last):
        return f"starts at {number(first)} and diverges"
    if abs(last - first) <= 0.01 * max(abs(first), abs(last)):
        return f"stays near {number(last)}"
    return f"{'falls' if last < first else 'rises'} from {number(first)} to {number(last)}"
