"""Things with names: look one up, and say what there is when the name is wrong."""

import difflib
from collections.abc import Mapping
from typing import Any


def lookup(table: Mapping[str, Any], wanted: Any, kind: str) -> Any:
    """`table[wanted]` for a name, or `wanted` itself if it is callable.

    Raises ValueError with the nearest name and all the others, TypeError for what is neither a
    name nor callable.

    >>> from coursekit.registry import lookup
    >>> lookup({"tanh": 1, "relu": 2}, "rleu", "activation")
    Traceback (most recent call last):
    ValueError: there is no activation 'rleu'; did you mean 'relu'? Known: relu, tanh
    """
    if isinstance(wanted, str):
        if wanted in table:
            return table[wanted]
        near = difflib.get_close_matches(wanted.lower(), table, n=1, cutoff=0.5)
        hint = f"did you mean {near[0]!r}? " if near else ""
        raise ValueError(f"there is no {kind} {wanted!r}; {hint}Known: {', '.join(sorted(table))}")
    if callable(wanted):
        return wanted
    raise TypeError(f"{kind} must be a name or a function, not {wanted!r}")
