"""Which backend is in use: chosen once per process, on first use, and looked up at call time."""

import functools
import os
import sys
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import numpy as np

from .detect import Backend, probe
from .host import keep_freed_memory

Array = Any  # a NumPy or a CuPy array; traced values stand in for either

_backend: Backend | None = None
_here: ContextVar[Backend | None] = ContextVar("backend of this thread", default=None)


def use(name: str = "auto") -> str:
    """Choose where new arrays are made: "numpy", "cupy", or "auto" (a GPU if one really computes).

    Returns the name of the backend now in use. `COURSEKIT_BACKEND` makes the same choice from
    outside. "auto" falls back to NumPy and says so once; "cupy" never falls back.

    Raises RuntimeError with the reason and its mend when "cupy" is asked for and cannot compute.

    >>> import coursekit as ck
    >>> ck.use("numpy")
    'numpy'
    """
    global _backend
    found = _chosen(name)
    if name == "auto" and found.name == "numpy":
        _say(f"{found.reason} {found.mend}".strip())
    _backend = found
    return found.name


def _chosen(name: str) -> Backend:
    if name not in ("auto", "numpy", "cupy"):
        raise ValueError(f'backend must be "auto", "numpy" or "cupy", not {name!r}')
    keep_freed_memory()
    if name == "numpy":
        return Backend("numpy", np, "Running on the CPU with NumPy, as asked.")
    found = probe()
    if name == "cupy" and found.name != "cupy":
        raise RuntimeError(f"{found.reason} {found.mend}".strip())
    return found


@contextmanager
def using(name: str):
    """Another backend within the block, in this thread alone."""
    mark = _here.set(_chosen(name))
    try:
        yield
    finally:
        _here.reset(mark)


def current() -> Backend:
    """The backend in use, choosing it first if nobody has."""
    if (here := _here.get()) is not None:
        return here
    if _backend is None:
        use(os.environ.get("COURSEKIT_BACKEND", "auto").lower())
    assert _backend is not None
    return _backend


def xp() -> Any:
    """The array module in use: `numpy` or `cupy`."""
    return (_here.get() or _backend or current()).xp


def backend_name() -> str:
    """The backend in use: "numpy" or "cupy"."""
    return current().name


def describe() -> str:
    """The backend, the reason for it, and what would mend a missing GPU, in a sentence or two."""
    b = current()
    return f"{b.reason} {b.mend}".strip()


@functools.cache  # once per process
def _say(reason: str) -> None:
    ipython = sys.modules.get("IPython")
    notebook = ipython and hasattr(ipython.get_ipython(), "kernel")
    # a notebook shows the error stream on red, as if something had gone wrong
    print(f"coursekit: {reason}", file=sys.stdout if notebook else sys.stderr)
