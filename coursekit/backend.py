"""NumPy on a CPU or CuPy on a GPU: the only file that knows which.

The choice is made once per process, on first use, and looked up at call time. Arrays cross between
host and device in two named places, `to_host` and `to_device`; random numbers are always drawn on
the host, so that both backends see the same ones.
"""

import ctypes
import functools
import importlib.metadata
import os
import platform
import re
import sys
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np

Array = Any  # a NumPy or a CuPy array; traced values stand in for either

STRIP = 32_768  # elements a long update works on at a time: a few such strips fit the cache
LONG = 4 * STRIP  # from here on strips pay for themselves
INSTALL = 'pip install "cupy-cuda12x[ctk]"'


class Backend(NamedTuple):
    """What computes, and why."""

    name: str  # "numpy" or "cupy"
    xp: Any  # the module itself
    reason: str  # one sentence for a person
    mend: str = ""  # the command or action that would bring the GPU in, if there is one


_backend: Backend | None = None
_dtype: np.dtype | None = None


# --- the choice ----------------------------------------------------------------------------------
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
    if name not in ("auto", "numpy", "cupy"):
        raise ValueError(f'backend must be "auto", "numpy" or "cupy", not {name!r}')
    _keep_freed_memory()
    if name == "numpy":
        _backend = Backend("numpy", np, "Running on the CPU with NumPy, as asked.")
        return "numpy"
    found = _probe()
    if name == "cupy" and found.name != "cupy":
        raise RuntimeError(f"{found.reason} {found.mend}".strip())
    if name == "auto" and found.name == "numpy":
        _say(found.reason)
    _backend = found
    return found.name


def current() -> Backend:
    """The backend in use, choosing it first if nobody has."""
    if _backend is None:
        use(os.environ.get("COURSEKIT_BACKEND", "auto").lower())
    assert _backend is not None
    return _backend


def xp() -> Any:
    """The array module in use: `numpy` or `cupy`."""
    return (_backend or current()).xp


def backend_name() -> str:
    """The backend in use: "numpy" or "cupy"."""
    return current().name


def describe() -> str:
    """The backend, the reason for it, and what would mend a missing GPU, in a sentence or two."""
    b = current()
    return f"{b.reason} {b.mend}".strip()


@functools.cache
def _probe() -> Backend:
    """CuPy if a kernel and a matrix product really run on a device, else NumPy with the reason."""

    def cpu(reason: str, mend: str = "") -> Backend:
        return Backend("numpy", np, f"Running on the CPU with NumPy: {reason}", mend)

    names = {d.metadata["Name"] or "" for d in importlib.metadata.distributions()}
    installed = sorted(n for n in names if re.fullmatch(r"cupy(-cuda\d+x|-rocm-[\d-]+)?", n))
    if not installed:
        return cpu("CuPy is not installed.", f"With an NVIDIA GPU: {INSTALL}")
    if len(installed) > 1:
        both = " ".join(installed)
        return cpu(f"several CuPy packages are installed ({both}).", f"pip uninstall -y {both}")
    try:
        import cupy
    except Exception as e:
        return cpu(f"CuPy does not import ({_first_line(e)}).", f"Reinstall it: {INSTALL}")
    try:
        name = cupy.cuda.runtime.getDeviceProperties(0)["name"].decode()
        x = cupy.arange(4, dtype=cupy.float32).reshape(2, 2)
        if float((x + 1).sum()) != 10 or float((x @ x)[1, 1]) != 11:
            return cpu("the GPU answered a test computation wrongly.")
    except Exception as e:
        return cpu(f"no GPU that computes ({_first_line(e)}).", "nvidia-smi should list one.")
    return Backend("cupy", cupy, f"Running on the GPU with CuPy {cupy.__version__}: {name}.")


@functools.cache  # once per process
def _say(reason: str) -> None:
    ipython = sys.modules.get("IPython")
    notebook = ipython and hasattr(ipython.get_ipython(), "kernel")
    # a notebook shows the error stream on red, as if something had gone wrong
    print(f"coursekit: {reason}", file=sys.stdout if notebook else sys.stderr)


def _first_line(e: Exception) -> str:
    return f"{type(e).__name__}: {(str(e).strip().splitlines() or [''])[0][:160]}"


# --- arrays --------------------------------------------------------------------------------------
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


# --- speed ---------------------------------------------------------------------------------------
def elementwise(rule):
    """Make a formula on whole vectors also fast on long ones.

    `rule(self, theta, g, s) -> (theta, State)` is written for arrays shaped like theta and must be
    elementwise and pure. A long NumPy theta is updated strip by strip, so that all temporaries of
    the formula stay in the cache; each element sees the same arithmetic in the same order, so the
    answer is bit for bit the same. Traced values and short vectors run the formula as it stands,
    which is kept as `rule.formula`.
    """

    @functools.wraps(rule)
    def fast(self, theta, g, s):
        if (
            type(theta) is np.ndarray
            and type(g) is np.ndarray
            and theta.size > LONG
            and not any(type(a).__name__ == "Node" for a in (*vars(self).values(), *s))
        ):
            return _in_strips(rule, self, theta, g, s)
        return rule(self, theta, g, s)

    fast.formula = rule  # type: ignore[attr-defined]
    return fast


def _in_strips(rule, self, theta, g, s):
    def flat(a):  # an array of the problem as one long vector; anything else as it is
        if not isinstance(a, np.ndarray) or not a.ndim:
            return a
        return np.broadcast_to(a, theta.shape).reshape(-1)

    def cut(a, strip):
        return a[strip] if isinstance(a, np.ndarray) and a.ndim else a

    fields = {k: flat(v) for k, v in vars(self).items()}
    arrays = [k for k, v in fields.items() if isinstance(v, np.ndarray) and v.ndim]
    theta_, g_, s_ = flat(theta), flat(g), [flat(leaf) for leaf in s]
    new: list = []
    for start in range(0, theta.size, STRIP):
        strip = slice(start, start + STRIP)
        own = self
        if arrays:  # this strip's part of lr, weight_decay, ... without running __post_init__
            own = object.__new__(type(self))
            vars(own).update(fields, **{k: fields[k][strip] for k in arrays})
        state = type(s)(*(cut(leaf, strip) for leaf in s_))
        part, state = rule(own, theta_[strip], g_[strip], state)
        leaves = (part, *state)
        if not new:
            new = [np.empty(theta.size, a.dtype) if np.ndim(a) else a for a in leaves]
        for whole, a in zip(new, leaves, strict=True):
            if np.ndim(a):
                whole[strip] = a
    new = [a.reshape(theta.shape) if np.ndim(a) else a for a in new]
    return new[0], type(state)(*new[1:])


@functools.cache
def _keep_freed_memory():
    """Ask the C library to keep large blocks that are freed, for the next step to use again.

    glibc returns every block over 128 KiB to the system at once, and the system hands out new ones
    page by page, each filled with zeros first. A step of out-of-place formulas on 100,000 numbers
    spends two thirds of its time on that. Elsewhere than on glibc this does nothing.
    """
    if platform.libc_ver()[0] != "glibc" or os.environ.get("COURSEKIT_MALLOPT") == "0":
        return
    keep_below, trim_above = (-3, 32 << 20), (-1, 128 << 20)  # M_MMAP_, M_TRIM_THRESHOLD
    libc = ctypes.CDLL(None)
    libc.mallopt(*keep_below)
    libc.mallopt(*trim_above)


@functools.cache
def _controller():
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


@contextmanager
def blas_threads(n: int | None):
    """Limit the linear-algebra library to `n` threads within the block; None sets no limit.

    Small matrix products are faster on one thread, and a demo must not fight the front end for
    the processor.
    """
    with _controller().limit(limits=n, user_api="blas"):
        yield
