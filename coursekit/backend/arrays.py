"""Arrays: across the bus in two named places, precision, and random numbers from the host."""

from typing import Any

import numpy as np

from .choice import Array, backend_name, xp

_dtype: np.dtype | None = None


def to_host(a: Array) -> np.ndarray:
    """The array as NumPy; the only way back from a device.

    >>> import coursekit as ck
    >>> ck.to_host([1.0, 2.0])
    array([1., 2.])
    """
    return a.get() if hasattr(a, "get") and hasattr(a, "device") else np.asarray(a)


def to_device(a: Array, dtype: Any = None) -> Array:
    """The array on the backend in use, with the dtype given (default: its own)."""
    return xp().asarray(a, dtype=dtype)


def require(array: Array, name: str) -> None:
    """Raise TypeError if `array` belongs to the other backend.

    Traced values pass; so does nothing else.
    """
    module = xp()
    kind = type(array)
    if kind is module.ndarray or kind.__name__ == "Node":
        return
    if kind.__module__.startswith("cupy"):
        raise TypeError(
            f'{name} is a CuPy array but the backend is numpy: call ck.use("cupy") first, '
            f"or pass ck.to_host({name})"
        )
    if isinstance(array, np.ndarray) and module is not np:
        raise TypeError(
            f"{name} is a NumPy array but the backend is {backend_name()}: pass "
            f'ck.to_device({name}), or call ck.use("numpy")'
        )
    if not isinstance(array, module.ndarray | np.generic):
        raise TypeError(f"{name} must be an array, not {kind.__name__}: {array!r:.80}")


def set_dtype(dtype: str | None) -> None:
    """Choose the precision of arrays made from now on: "float32", "float64", or None.

    None gives each thing its own default: networks and data float32, landscapes float64.
    Computations follow the dtype of theta, whatever is set here.
    """
    global _dtype
    if dtype not in (None, "float32", "float64"):
        raise ValueError(f'dtype must be None, "float32" or "float64", not {dtype!r}')
    _dtype = None if dtype is None else np.dtype(dtype)


def default_dtype(own: str) -> np.dtype:
    """The dtype chosen with `set_dtype`, or else `own`."""
    return _dtype or np.dtype(own)


def rng(seed: int | np.random.Generator, *more: int) -> np.random.Generator:
    """A host generator for `seed` and any further integers (a step, a layer); generators pass.

    >>> from coursekit import backend
    >>> float(backend.rng(0, 3).random()) == float(backend.rng(0, 3).random())
    True
    """
    if isinstance(seed, np.random.Generator):
        return seed
    try:
        if seed is None:  # NumPy would draw one from the system
            raise TypeError
        # A spawn key, not (seed, *more): NumPy takes (0,), (0, 0) and 0 for one and the same seed.
        return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=more))
    except (TypeError, ValueError):
        raise TypeError(f"rng must be a seed >= 0 or a NumPy Generator, not {seed!r}") from None
