"""Run one function at many settings, one after the other or wherever an executor puts them."""

import itertools
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple


class Trial(NamedTuple):
    """One setting of a sweep and what the function returned for it."""

    settings: dict[str, Any]
    result: Any


def sweep(
    fn: Callable, grid: Mapping[str, Iterable] | Iterable[Mapping[str, Any]], executor=None
) -> list[Trial]:
    """fn(**settings) at every point of a grid: a list of (settings, result), in grid order.

    grid: a dict name -> values, all combinations, the last name varying fastest; or a list of
    settings. executor: anything with concurrent.futures' submit (for processes, fn must be
    importable); None runs one after the other. An error of fn names the settings it came from and
    cancels what has not begun.

    >>> import coursekit as ck
    >>> grid = {"lr": [1, 2], "momentum": [0, 0.5]}
    >>> trials = ck.sweep(lambda lr, momentum: lr / (1 - momentum), grid)
    >>> trials[1]
    Trial(settings={'lr': 1, 'momentum': 0.5}, result=2.0)
    """
    points = _points(grid)
    if executor is None:
        return [Trial(point, _run(lambda p=point: fn(**p), point)) for point in points]
    futures = [executor.submit(fn, **point) for point in points]
    try:
        return [Trial(p, _run(f.result, p)) for p, f in zip(points, futures, strict=True)]
    except BaseException:
        for future in futures:
            future.cancel()
        raise


def _run(call, point):
    try:
        return call()
    except Exception as error:
        error.add_note(f"in ck.sweep at {point}")
        raise


def _points(grid) -> list[dict[str, Any]]:
    if isinstance(grid, Mapping):
        for name, values in grid.items():
            if isinstance(values, str) or not isinstance(values, Iterable):
                raise TypeError(f"grid[{name!r}] must be a list of values, not {values!r}")
        return [
            dict(zip(grid, values, strict=True)) for values in itertools.product(*grid.values())
        ]
    points = list(grid)
    for point in points:
        if not isinstance(point, Mapping):
            raise TypeError(f"grid must be a dict of lists or a list of dicts, not of {point!r}")
    return [dict(point) for point in points]
