"""Functions that make one of many elements: sums, means, extremes; axis, keepdims as in NumPy."""

import math

import numpy as np

from ..autograd.trace import DISPATCH, op, shape_of, untraced
from .elementwise import sqrt

Axis = int | tuple[int, ...] | None


def _axes(x, axis: Axis) -> tuple[int, ...]:
    """`axis` as a tuple of numbers from 0 up."""
    n = len(shape_of(x))
    axes = range(n) if axis is None else (axis,) if isinstance(axis, int | np.integer) else axis
    return tuple(a % n for a in axes)


def _back(g, x, axis: Axis, keepdims: bool):
    """A reduced array with the reduced axes as ones again, ready to broadcast against x."""
    if keepdims or (axis is None and not shape_of(g)):
        return g
    shape = shape_of(x)
    axes = _axes(x, axis)
    return g.reshape(tuple(1 if i in axes else n for i, n in enumerate(shape)))


def _spread(g, x, axis: Axis, keepdims: bool):
    """g, shaped like a sum of x, as often as there were terms."""
    return np.broadcast_to(_back(g, x, axis, keepdims), shape_of(x))


def _sum(x, axis: Axis = None, keepdims=False):
    return np.sum(x, axis=axis, keepdims=keepdims)


def _prod(x, axis: Axis = None, keepdims=False):
    return np.prod(x, axis=axis, keepdims=keepdims)


def _max(x, axis: Axis = None, keepdims=False):
    return np.max(x, axis=axis, keepdims=keepdims)


def _min(x, axis: Axis = None, keepdims=False):
    return np.min(x, axis=axis, keepdims=keepdims)


def _chosen(g, y, x, axis: Axis = None, keepdims=False):
    """The derivative of an extreme: shared equally by the elements that reach it."""
    hit = untraced(x) == untraced(_back(y, x, axis, keepdims))
    share = hit / hit.sum(axis=axis, keepdims=True)
    return _back(g, x, axis, keepdims) * share.astype(untraced(y).dtype)


def _logsumexp(x, axis: Axis = None, keepdims=False):
    top = np.max(x, axis=axis, keepdims=True)
    top = np.where(np.isfinite(top), top, 0)
    total = np.log(np.sum(np.exp(x - top), axis=axis, keepdims=True)) + top
    return total if keepdims else total.reshape(np.sum(x, axis=axis).shape)


sum = op(
    _sum,
    lambda g, y, x, axis=None, keepdims=False: _spread(g, x, axis, keepdims),
    name="sum",
)
prod = op(
    _prod,
    lambda g, y, x, axis=None, keepdims=False: _back(g, x, axis, keepdims) * _others(x, axis),
    name="prod",
)
max = op(_max, _chosen, name="max")
min = op(_min, _chosen, name="min")
logsumexp = op(
    _logsumexp,
    lambda g, y, x, axis=None, keepdims=False: (
        _back(g, x, axis, keepdims) * np.exp(x - _back(y, x, axis, keepdims))
    ),
    name="logsumexp",
)
cumsum = op(
    np.cumsum,
    lambda g, y, x, axis=None: (
        np.flip(np.cumsum(np.flip(g, axis), axis), axis).reshape(shape_of(x))
        if axis is not None
        else np.flip(np.cumsum(np.flip(g))).reshape(shape_of(x))
    ),
)


def _others(x, axis: Axis):
    """For each element the product of the others along `axis`, right also where some are zero."""
    axes = _axes(x, axis)
    if len(axes) == 1:
        return _others_along(x, axes[0])
    last = tuple(range(-len(axes), 0))
    moved = np.moveaxis(x, axes, last)
    kept = shape_of(moved)[: len(shape_of(x)) - len(axes)]
    others = _others_along(np.reshape(moved, (*kept, _count(x, axis))), len(kept))
    return np.moveaxis(np.reshape(others, shape_of(moved)), last, axes)


def _others_along(x, axis: int):
    n = shape_of(x)[axis]
    if n == 0:
        return x
    without = [[j for j in range(n) if j != i] for i in range(n)]
    return np.stack([prod(x.take(rest, axis), axis=axis) for rest in without], axis)


def _count(x, axis: Axis) -> int:
    return math.prod(shape_of(x)[a] for a in _axes(x, axis))


def mean(x, axis: Axis = None, keepdims=False):
    """The mean over `axis`."""
    return sum(x, axis=axis, keepdims=keepdims) / _count(x, axis)


def var(x, axis: Axis = None, ddof=0, keepdims=False):
    """The variance over `axis`, divided by the number of elements less `ddof`."""
    centred = x - mean(x, axis=axis, keepdims=True)
    return sum(centred**2, axis=axis, keepdims=keepdims) / (_count(x, axis) - ddof)


def std(x, axis: Axis = None, ddof=0, keepdims=False):
    """The standard deviation over `axis`."""
    return sqrt(var(x, axis=axis, ddof=ddof, keepdims=keepdims))


def average(x, axis: Axis = None, weights=None):
    """The mean over `axis`; `weights` are shaped like x, or one for each place of the axis."""
    if weights is None:
        return mean(x, axis=axis)
    if shape_of(weights) != shape_of(x) and isinstance(axis, int):  # one weight per place of axis
        last = (1,) * (len(shape_of(x)) - axis % len(shape_of(x)) - 1)
        weights = np.reshape(weights, (-1, *last))
        return sum(x * weights, axis=axis) / sum(weights)
    return sum(x * weights, axis=axis) / sum(weights, axis=axis)


DISPATCH.update(
    {
        np.sum: sum, np.prod: prod, np.max: max, np.amax: max, np.min: min, np.amin: min,
        np.mean: mean, np.var: var, np.std: std, np.average: average,
        np.ptp: lambda x, axis=None: max(x, axis=axis) - min(x, axis=axis),
    }
)  # fmt: skip

__all__ = [
    "average", "cumsum", "logsumexp", "max", "mean", "min", "prod", "std", "sum", "var",
]  # fmt: skip
