"""The same computation on NumPy and on CuPy, and what the device was asked for it."""

import os
from contextlib import contextmanager

import numpy as np

import coursekit as ck
from coursekit.backend import using

TOLERANCE = {"float32": 2e-5, "float64": 1e-12}  # of the largest element


def tree(function, value):
    """A structure of tuples, lists and dicts with a function applied to its arrays."""
    if isinstance(value, dict):
        return {key: tree(function, part) for key, part in value.items()}
    if isinstance(value, tuple | list):
        parts = [tree(function, part) for part in value]
        return type(value)(*parts) if hasattr(value, "_fields") else type(value)(parts)
    return (
        function(value) if hasattr(value, "dtype") and not isinstance(value, np.generic) else value
    )


def leaves(value):
    if isinstance(value, dict):
        return [leaf for part in value.values() for leaf in leaves(part)]
    if isinstance(value, tuple | list):
        return [leaf for part in value for leaf in leaves(part)]
    return [value]


def on_both(compute, *arguments):
    """(answer on NumPy, answer on CuPy brought to the host) of compute(*arguments)."""
    with using("numpy"):
        right = compute(*arguments)
    with using("cupy"):
        answer = compute(*tree(ck.to_device, arguments))
        for leaf in leaves(answer):
            assert not isinstance(leaf, np.ndarray), "an array of the host came out of the device"
        return right, tree(ck.to_host, answer)


def agree(right, answer, tolerance=None):
    """The same structure, dtypes, shapes, and values within the tolerance of their precision.

    The tolerance is relative to the largest element of an array, or to a thousandth of the largest
    of all: a derivative that is 0 comes out as rounding.
    """
    right, answer = leaves(right), leaves(answer)
    assert len(right) == len(answer)
    largest = max((size(a) for a in right), default=0)
    for a, b in zip(right, answer, strict=True):
        assert np.shape(a) == np.shape(b)
        if hasattr(a, "dtype"):
            assert a.dtype == b.dtype
        if getattr(a, "dtype", np.dtype(bool)).kind != "f":
            np.testing.assert_array_equal(a, b)
            continue
        scale = max(size(a), largest / 1000) or 1
        limit = scale * (TOLERANCE[a.dtype.name] if tolerance is None else tolerance)
        np.testing.assert_allclose(b, a, rtol=0, atol=limit)


def size(a) -> float:
    """The largest finite |element| of an array of floats."""
    if getattr(a, "dtype", np.dtype(bool)).kind != "f":
        return 0.0
    return float(np.max(np.abs(a), initial=0, where=np.isfinite(a)))


def check(compute, *arguments, tolerance=None):
    """compute(*arguments) agrees on both backends."""
    agree(*on_both(compute, *arguments), tolerance)


@contextmanager
def counted():
    """A list that holds, after the block, what the device was asked; empty on a real GPU."""
    found: list = []
    rig = None
    if os.environ.get("COURSEKIT_ON_RIG"):
        from tests.gpu_rig import cupy_on_cpu as rig
    if rig:
        rig.reset()
    yield found
    if rig:
        found.append(rig.counts())
        found.append(rig.events())
