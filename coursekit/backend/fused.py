"""Formulas on whole vectors, fast: in strips that fit the cache, on a GPU in one kernel."""

import functools

import numpy as np

from . import choice, kernel
from .arrays import require

STRIP = 32_768  # elements a long update works on at a time: a few such strips fit the cache
LONG = 4 * STRIP  # from here on strips pay for themselves


def elementwise(rule):
    """Make a formula on whole vectors also fast on long ones.

    `rule(self, theta, g, s) -> (theta, State)` is written for arrays shaped like theta and must be
    elementwise and pure. A long NumPy theta is updated strip by strip, so that all temporaries of
    the formula stay in the cache; each element sees the same arithmetic in the same order, so the
    answer is bit for bit the same. On a GPU the formula becomes one kernel. Traced values and
    short vectors run the formula as it stands, which is kept as `rule.formula`.
    """

    @functools.wraps(rule)
    def fast(self, theta, g, s):
        kind = type(theta)
        if kind is np.ndarray:
            if theta.size > LONG and type(g) is kind and not _traced(self, s):
                return _in_strips(rule, self, theta, g, s)
        elif kind.__module__.startswith("cupy") and type(g) is kind and not _traced(self, s):
            return _in_one_kernel(rule, self, theta, g, s)
        return rule(self, theta, g, s)

    fast.formula = rule  # type: ignore[attr-defined]
    return fast


def stripwise(fn):
    """Make a formula of one array fast on long NumPy arrays, likewise: `fn(x, *numbers)`.

    It must be elementwise and pure, and is given plain arrays only.
    """

    @functools.wraps(fn)
    def fast(x, *args, **kwargs):
        if type(x) is not np.ndarray or x.size <= STRIP:
            return fn(x, *args, **kwargs)
        flat = x.reshape(-1)
        strips = (flat[start : start + STRIP] for start in range(0, x.size, STRIP))
        return np.concatenate([fn(strip, *args, **kwargs) for strip in strips]).reshape(x.shape)

    return fast


def _traced(self, s) -> bool:
    return any(type(a).__name__ == "Node" for a in (*vars(self).values(), *kernel.flat(s)))


# --- on the host: strip by strip -----------------------------------------------------------------
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


# --- on a GPU: one kernel ------------------------------------------------------------------------
_kernels: dict = {}  # by the key of a call: the source and the compiled kernel


def _in_one_kernel(rule, self, theta, g, s):
    call = kernel.sort_out(self, theta, g, s)
    if call.key not in _kernels:
        source = kernel.trace(rule, self, s, call)
        _kernels[call.key] = source, _compiled(source, type(self).__name__)
    source, launch = _kernels[call.key]
    numbers = source.numbers(call.numbers)
    try:
        arrays = launch(*call.arrays, *[numbers[place] for place in source.takes])
    except TypeError:
        for leaf in kernel.flat(s):
            if isinstance(leaf, np.ndarray):
                require(leaf, "an array of the state")
        raise
    arrays = arrays if isinstance(arrays, tuple) else (arrays,)

    return _result(source.result, arrays, numbers)


def _result(part, arrays, numbers):
    if isinstance(part, kernel.Out):
        return arrays[part.number]
    if isinstance(part, kernel.At):
        return numbers[part.place]
    if isinstance(part, tuple):
        parts = [_result(p, arrays, numbers) for p in part]
        return type(part)(*parts) if hasattr(part, "_fields") else tuple(parts)
    return part


def _compiled(source: kernel.Kernel, name: str):
    takes = [*source.arrays, *(f"float64 n{place}" for place in source.takes)]
    gives = [f"T y{i}" for i in range(source.outputs)]
    return choice.xp().ElementwiseKernel(
        ", ".join(takes), ", ".join(gives), source.body, f"coursekit_{name}"
    )
