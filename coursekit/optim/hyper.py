"""Hyper-parameters declared once: sliders, tables and the checks at construction read them.

lr: Rate = hyper(0.1, low=0, log=True, slider=(1e-4, 1.0), doc="step size")
"""

import dataclasses
import functools
import math
from typing import Any, NamedTuple

import numpy as np

Rate = Any  # a number, an array over theta, or a function k -> number


class Hyper(NamedTuple):
    """One hyper-parameter: what sliders, tables and the validation read."""

    name: str
    default: Any
    low: float
    high: float
    log: bool
    slider: tuple[float, float] | None
    doc: str
    closed: str  # which ends of [low, high] are allowed: "both", "left", "right", "neither"
    choices: tuple | None  # instead of a range
    kind: str  # "rate": a number, an array or a function of the step; "number"; "whole"; "numbers"


def hyper(default, low=-math.inf, high=math.inf, log=False, slider=None, doc="", closed="left",
          choices=None, kind="rate") -> Any:  # fmt: skip
    """A dataclass field that knows its range, its slider and its meaning, declared once."""
    about = Hyper("", default, low, high, log, slider, doc, closed, choices, kind)
    return dataclasses.field(default=default, metadata={"hyper": about})


def hyperparameters(owner) -> tuple[Hyper, ...]:
    """The hyper-parameters of a class or an instance, in order."""
    return _of_class(owner if isinstance(owner, type) else type(owner))


@functools.cache
def _of_class(cls) -> tuple[Hyper, ...]:
    fields = [f for f in dataclasses.fields(cls) if "hyper" in f.metadata]
    return tuple(f.metadata["hyper"]._replace(name=f.name) for f in fields)


class Declared:
    """A frozen dataclass whose fields are declared with `hyper`: they are checked when it is made.

    A value outside its range raises ValueError and names the field and the range; a value of the
    wrong type raises TypeError.
    """

    def __post_init__(self):
        for h in hyperparameters(self):
            _validate(type(self).__name__, h, getattr(self, h.name))


def _validate(owner, h: Hyper, value):
    """Raise if a hyper-parameter is not what its declaration allows."""
    plain = isinstance(value, int | float) and not isinstance(value, bool)
    number = plain or (hasattr(value, "dtype") and value.dtype.kind in "fiu")
    if h.choices is not None:
        if (callable(value) and callable in h.choices) or any(_is(value, c) for c in h.choices):
            return
        if not number or h.low == -math.inf:
            span = "" if h.low == -math.inf else f"a number in {_span(h)}, or "
            raise ValueError(f"{owner}: {h.name} must be {span}{_named(h.choices)}, not {value!r}")
    if callable(value) and h.kind == "rate":
        return
    if h.kind == "whole":
        number = isinstance(value, int | np.integer) and not isinstance(value, bool)
    elif h.kind == "number":
        number = number and np.ndim(value) == 0
    elif h.kind == "numbers":
        number = isinstance(value, tuple) and value != () and all(map(_is_number, value))
    if not number:
        kind = _KINDS[h.kind].format(_span(h))
        raise TypeError(f"{owner}: {h.name} must be {kind}, not {value!r}")
    _check_range(f"{owner}: {h.name}", h, value)


def returned(owner, h: Hyper, value, k: int) -> float:
    """What a schedule gave for a hyper-parameter at step k, if it is one; a nan passes."""
    if not is_scalar(value):
        raise TypeError(f"{owner}: {h.name} must return a number, not {value!r} at step {k}")
    value = float(value)
    if not math.isnan(value):
        _check_range(f"{owner}: {h.name} at step {k}", h, value)
    return value


def is_scalar(value) -> bool:
    """Whether a value is one number, which may be an array without axes."""
    if hasattr(value, "dtype"):
        return value.ndim == 0 and value.dtype.kind in "fiu"
    return _is_number(value)


def _check_range(what, h: Hyper, value):
    a = np.array(value) if h.kind == "numbers" else value
    enough = a >= h.low if h.closed in ("both", "left") else a > h.low
    little = a <= h.high if h.closed in ("both", "right") else a < h.high
    if not bool((enough & little).all() if hasattr(a, "shape") else enough and little):
        raise ValueError(f"{what} must lie in {_span(h)}, not {value!r}")


def _is_number(value) -> bool:
    return isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)


def _is(value, choice) -> bool:
    """Whether a value is a choice; a class stands for its instances."""
    if isinstance(choice, type):
        return isinstance(value, choice)
    return value is choice or (isinstance(choice, type(value)) and value == choice)


def _span(h: Hyper) -> str:
    left = "[" if h.closed in ("both", "left") else "("
    right = "]" if h.closed in ("both", "right") else ")"
    return f"{left}{h.low:g}, {h.high:g}{right}"


def _named(choices):
    if len(choices) > 1:
        return f"one of {', '.join(map(_name, choices))}"
    an = "an " if isinstance(choices[0], type) else ""
    return an + _name(choices[0])


def _name(choice):
    if choice is callable:
        return "a function of the step"
    return choice.__name__ if isinstance(choice, type) else repr(choice)


_KINDS = {
    "rate": "a number in {}, an array or a function of the step",
    "number": "a number in {}",
    "whole": "a whole number in {}",
    "numbers": "a tuple of numbers in {}",
}
