"""Functions that move elements without changing them; each derivative moves them back."""

from functools import partial

import numpy as np

from .. import backend
from ..autograd.trace import DISPATCH, Op, dtype_of, op, shape_of, untraced


def _reshape(x, shape):
    return x.reshape(shape) if hasattr(x, "reshape") else np.reshape(x, shape)


def _astype(x, dtype):
    return x.astype(dtype) if hasattr(x, "astype") else np.asarray(x, dtype)


_reshape_op = op(_reshape, lambda g, y, x, shape: g.reshape(shape_of(x)), name="reshape")
_transpose_op = op(
    np.transpose,
    lambda g, y, x, axes=None: np.transpose(g, axes if axes is None else _inverse(axes)),
)
broadcast_to = op(np.broadcast_to, lambda g, y, x, shape: g)  # unbroadcasting does the rest
swapaxes = op(np.swapaxes, lambda g, y, x, a, b: g.swapaxes(a, b))
moveaxis = op(np.moveaxis, lambda g, y, x, source, to: np.moveaxis(g, to, source))
flip = op(np.flip, lambda g, y, x, axis=None: np.flip(g, axis))
roll = op(np.roll, lambda g, y, x, shift, axis=None: np.roll(g, -np.asarray(shift), axis))
copy = op(np.copy, lambda g, y, x: g)
_astype_op = op(_astype, lambda g, y, x, dtype: astype(g, dtype_of(x)), name="astype")
tril = op(np.tril, lambda g, y, x, k=0: np.tril(g, k))
triu = op(np.triu, lambda g, y, x, k=0: np.triu(g, k))


def _inverse(axes):
    return tuple(np.argsort([a % len(axes) for a in axes]).tolist())


def reshape(x, *sizes, shape=None, order="C"):
    """x with another shape: reshape(x, (2, 3)) or reshape(x, 2, 3)."""
    if shape is None:
        shape = sizes[0] if len(sizes) == 1 else sizes
    if order == "F":  # the first axis fastest: row order of the transpose
        return transpose(reshape(transpose(x), tuple(np.atleast_1d(shape)[::-1].tolist())))
    if order != "C":
        raise TypeError(f'order must be "C" or "F", not {order!r}')
    return _reshape_op(x, shape)


def transpose(x, *order, axes=None):
    """x with its axes reversed, or in the order given."""
    if axes is None and order:
        axes = order[0] if len(order) == 1 else order
    return _transpose_op(x, axes)


def astype(x, dtype):
    """x in another precision; cast to integers it is a constant."""
    return _astype_op(x if np.dtype(dtype).kind == "f" else untraced(x), dtype)


def ravel(x):
    """x as one long vector."""
    return _reshape_op(x, (-1,))


def squeeze(x, axis=None):
    """x without its axes of length one."""
    return _reshape_op(x, np.squeeze(np.empty(shape_of(x), bool), axis).shape)


def expand_dims(x, axis):
    """x with a new axis of length one."""
    return _reshape_op(x, np.expand_dims(np.empty(shape_of(x), bool), axis).shape)


def tile(x, reps):
    """x repeated as a block, `reps` times along each axis."""
    reps, shape = (reps,) if isinstance(reps, int) else tuple(reps), shape_of(x)
    n = max(len(reps), len(shape))
    reps, shape = (1,) * (n - len(reps)) + reps, (1,) * (n - len(shape)) + shape
    blocks = reshape(x, tuple(k for size in shape for k in (1, size)))
    blocks = broadcast_to(blocks, tuple(k for pair in zip(reps, shape, strict=True) for k in pair))
    return reshape(blocks, tuple(r * size for r, size in zip(reps, shape, strict=True)))


def pad(x, pad_width, mode="constant", constant_values=0):
    """x in a frame of `constant_values`, of (before, after) elements on each axis."""
    if mode != "constant":
        raise TypeError(f'pad has a derivative for mode="constant" only, not {mode!r}')
    shape = shape_of(x)
    widths = np.broadcast_to(pad_width, (len(shape), 2)).tolist()
    inside = tuple(slice(a, a + n) for (a, _), n in zip(widths, shape, strict=True))
    whole = tuple(a + n + b for (a, b), n in zip(widths, shape, strict=True))
    return put(x - constant_values, inside, whole) + constant_values


# --- joining -------------------------------------------------------------------------------------
def _concatenate(*arrays, axis):
    return np.concatenate(arrays, axis)


def _part(i, g, y, *arrays, axis):
    """The stretch of g that array i contributed."""
    axis = axis % len(shape_of(y))
    ends = np.cumsum([shape_of(a)[axis] for a in arrays])
    stretch = slice(int(ends[i]) - shape_of(arrays[i])[axis], int(ends[i]))
    return g[(slice(None),) * axis + (stretch,)]


def _stack(*arrays, axis):
    return np.stack(arrays, axis)


_concatenate_op = op(_concatenate, each=_part, name="concatenate")
_stack_op = op(
    _stack,
    each=lambda i, g, y, *arrays, axis: g[(slice(None),) * (axis % len(shape_of(y))) + (i,)],
    name="stack",
)


def concatenate(arrays, axis=0):
    """The arrays one after the other along an axis."""
    return _concatenate_op(*arrays, axis=axis)


def stack(arrays, axis=0):
    """The arrays side by side along a new axis."""
    return _stack_op(*arrays, axis=axis)


def hstack(arrays):
    """The arrays one after the other along the second axis; vectors along their only one."""
    arrays = [_at_least(1, a) for a in arrays]
    return concatenate(arrays, axis=min(1, len(shape_of(arrays[0])) - 1))


def vstack(arrays):
    """The arrays one below the other; a vector is a row."""
    return concatenate([_at_least(2, a) for a in arrays], axis=0)


def _column_stack(arrays):
    return hstack([a if len(shape_of(a)) > 1 else reshape(a, (-1, 1)) for a in arrays])


def _append(x, values, axis=None):
    return hstack([ravel(x), ravel(values)]) if axis is None else concatenate([x, values], axis)


def _at_least(n, x):
    """x with axes of length one in front, so that it has n."""
    shape = shape_of(x)
    return x if len(shape) >= n else reshape(x, (1,) * (n - len(shape)) + shape)


def split(x, sections, axis=0):
    """x cut along an axis into equal `sections`, or at the places given."""
    return _cut(np.split, x, sections, axis)


def _cut(rule, x, sections, axis=0):
    pieces = rule(np.arange(shape_of(x)[axis]), sections)
    before = (slice(None),) * (axis % len(shape_of(x)))
    return [x[(*before, slice(p[0], p[-1] + 1) if len(p) else slice(0))] for p in pieces]


# --- picking -------------------------------------------------------------------------------------
def _getitem(x, index):
    return x[index]


def _put(values, index, shape):
    """Zeros of `shape` with `values` added at `index`; repeated places add up."""
    out = np.zeros_like(values, shape=shape)
    if _repeats(index):
        add = np.add if isinstance(out, np.ndarray) else backend.xp().add
        add.at(out, _beside(out, index), values)
    else:
        out[index] = values
    return out


def _beside(out, index):
    """An index with its arrays on the device of `out`, as a sum there wants them."""
    if isinstance(out, np.ndarray):
        return index
    if isinstance(index, tuple):
        return tuple(_beside(out, part) for part in index)
    return index if _is_plain(index) else backend.to_device(index)


def _repeats(index):
    parts = index if isinstance(index, tuple) else (index,)
    return any(not _is_plain(p) and getattr(p, "dtype", None) != np.bool_ for p in parts)


def _is_plain(part):
    return part is None or part is Ellipsis or isinstance(part, int | np.integer | slice)


getitem: Op = op(_getitem, lambda g, y, x, index: put(g, index, shape_of(x)), name="getitem")
put: Op = op(_put, lambda g, y, values, index, shape: g[index], name="put")


def take(x, indices, axis=None):
    """The elements of x at the given places along an axis (of the flattened x without one)."""
    if axis is None:
        return getitem(ravel(x), indices)
    return getitem(x, (slice(None),) * (axis % len(shape_of(x))) + (indices,))


def take_along_axis(x, indices, axis):
    """One element of x per index, where `indices` has the shape of x but for `axis`."""
    if axis is None:
        x, axis = ravel(x), 0
    places = list(np.ogrid[tuple(slice(n) for n in shape_of(indices))])
    places[axis] = indices
    return getitem(x, tuple(places))


def repeat(x, repeats, axis=None):
    """Each element of x several times in a row."""
    n = shape_of(x)[axis] if axis is not None else int(np.prod(shape_of(x)))
    return take(x, np.repeat(np.arange(n), repeats), axis)


def sort(x, axis=-1):
    """x in ascending order along an axis (as one long vector for None)."""
    return take_along_axis(x, np.argsort(untraced(x), axis, kind="stable"), axis)


def diff(x, n=1, axis=-1):
    """Each element less its predecessor along an axis, n times."""
    before = (slice(None),) * (axis % len(shape_of(x)))
    for _ in range(n):
        x = x[(*before, slice(1, None))] - x[(*before, slice(None, -1))]
    return x


def diagonal(x, offset=0, axis1=0, axis2=1):
    """The elements x[i, i + offset] of two axes, as a new last axis."""
    if len(shape_of(x)) > 2:
        x = moveaxis(x, (axis1, axis2), (-2, -1))
    rows, columns = shape_of(x)[-2:]
    down, right = max(-offset, 0), max(offset, 0)
    i = np.arange(max(0, min(rows - down, columns - right)))
    return getitem(x, (Ellipsis, i + down, i + right))


def diag(x, k=0):
    """A matrix with x on its k-th diagonal, or the k-th diagonal of a matrix."""
    if len(shape_of(x)) == 2:
        return diagonal(x, k)
    i = np.arange(shape_of(x)[0])
    n = len(i) + abs(k)
    return put(x, (i + max(-k, 0), i + max(k, 0)), (n, n))


def stop_gradient(x):
    """The plain value of x: a constant for every derivative.

    >>> import coursekit as ck
    >>> float(ck.grad(lambda x: x * ck.ops.stop_gradient(x))(3.0))
    3.0
    """
    return untraced(x)


DISPATCH.update(
    {
        np.reshape: reshape, np.transpose: transpose, np.ravel: ravel, np.squeeze: squeeze,
        np.expand_dims: expand_dims, np.copy: copy, np.concatenate: concatenate, np.stack: stack,
        np.ndarray.__getitem__: getitem, np.ndarray.astype: astype, np.take: take,
        np.take_along_axis: take_along_axis, np.repeat: repeat, np.diagonal: diagonal,
        np.diag: diag, np.tile: tile, np.pad: pad, np.split: split, np.sort: sort, np.diff: diff,
        np.hstack: hstack, np.vstack: vstack, np.column_stack: _column_stack, np.append: _append,
        np.array_split: partial(_cut, np.array_split), np.fliplr: partial(flip, axis=1),
        np.flipud: partial(flip, axis=0), np.matrix_transpose: lambda x: swapaxes(x, -1, -2),
        np.atleast_1d: partial(_at_least, 1), np.atleast_2d: partial(_at_least, 2),
        np.full_like: lambda x, value: np.ones_like(x) * value,
    }
)  # fmt: skip


def _of_value(function):
    """A function whose answer has no derivative: it looks at the plain values."""

    def answer(*args, **kwargs):
        return function(*(untraced(a) for a in args), **kwargs)

    answer.__name__ = function.__name__
    return answer


for _f in (
    np.shape, np.ndim, np.size, np.zeros_like, np.ones_like, np.empty_like, np.round, np.fix,
    np.argmax, np.argmin, np.argsort, np.nonzero, np.all, np.any, np.allclose, np.array_equal,
    np.isclose, np.iscomplexobj, np.result_type, np.count_nonzero, np.searchsorted,
):  # fmt: skip
    DISPATCH[_f] = _of_value(_f)

__all__ = [
    "astype", "broadcast_to", "concatenate", "copy", "diag", "diagonal", "diff", "expand_dims",
    "flip", "getitem", "hstack", "moveaxis", "pad", "put", "ravel", "repeat", "reshape", "roll",
    "sort", "split", "squeeze", "stack", "stop_gradient", "swapaxes", "take", "take_along_axis",
    "tile", "transpose", "tril", "triu", "vstack",
]  # fmt: skip
