"""The map between one flat vector theta and the named arrays of a model.

A `Layout` is frozen and ordered and travels with the network, never inside the array. Taking theta
apart is one traced operation whose derivative is putting the parts together, and the reverse.
"""

import math
import operator
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from . import backend
from .autograd.trace import op, shape_of
from .backend import Array


class Block(NamedTuple):
    """One named array inside theta: theta[start:stop] reshaped."""

    name: str
    shape: tuple[int, ...]
    role: str  # what it is for: "weight", "bias", "scale", "shift", ...
    start: int
    stop: int


class Layout:
    """Names, shapes and places of the arrays that make up theta, in order.

    Entries are (name, shape) or (name, shape, role); without a role, one-dimensional arrays are
    biases and all others weights.

    >>> import numpy as np, coursekit as ck
    >>> layout = ck.Layout([("W", (2, 3)), ("b", (3,))])
    >>> layout.size
    9
    >>> W, b = layout.unpack(np.arange(9.0))
    >>> W.shape, b
    ((2, 3), array([6., 7., 8.]))
    >>> layout.pack([W, b])
    array([0., 1., 2., 3., 4., 5., 6., 7., 8.])
    """

    __slots__ = ("_cuts", "blocks", "size")

    blocks: tuple[Block, ...]
    size: int

    def __init__(self, entries: Sequence[tuple]):
        blocks: list[Block] = []
        start = 0
        for entry in entries:
            name, shape = entry[0], _sizes(*entry[:2])
            if any(n < 0 for n in shape):
                raise ValueError(f"layout entry {name!r} has a negative size: {shape}")
            role = entry[2] if len(entry) > 2 else "bias" if len(shape) == 1 else "weight"
            stop = start + math.prod(shape)
            blocks.append(Block(name, shape, role, start, stop))
            start = stop
        if not blocks:
            raise ValueError("a layout needs at least one entry, (name, shape)")
        names = [block.name for block in blocks]
        if len(set(names)) < len(names):
            raise ValueError(f"layout names must differ, got {names}")
        set_ = object.__setattr__
        set_(self, "blocks", tuple(blocks))
        set_(self, "size", start)
        set_(self, "_cuts", tuple((slice(b.start, b.stop), b.shape) for b in blocks))

    def __setattr__(self, name, value):
        raise AttributeError("a Layout is frozen; make a new one")

    def __repr__(self):
        inside = ", ".join(f"({b.name!r}, {b.shape})" for b in self.blocks)
        return f"Layout([{inside}])"

    def __eq__(self, other):
        return isinstance(other, Layout) and self.blocks == other.blocks

    def __hash__(self):
        return hash(self.blocks)

    def __reduce__(self):
        return Layout, ([(b.name, b.shape, b.role) for b in self.blocks],)

    def __getitem__(self, name: str) -> Block:
        for block in self.blocks:
            if block.name == name:
                return block
        raise KeyError(f"no block {name!r}; the layout has {[b.name for b in self.blocks]}")

    def unpack(self, theta: Array) -> tuple[Array, ...]:
        """The arrays of theta (..., n), each (..., *shape); views, not copies, of a plain theta.

        Raises ValueError if the last axis of theta does not have the layout's size.
        """
        if getattr(theta, "shape", ())[-1:] != (self.size,):
            have = f"shape {theta.shape}" if hasattr(theta, "shape") else f"type {type(theta)}"
            raise ValueError(
                f"theta must be an array (..., {self.size}), as the layout holds {self.size} "
                f"numbers, but it has {have}"
            )
        return _unpack(theta, self)

    def pack(self, arrays: Sequence[Array]) -> Array:
        """The flat vector (..., n) of arrays (..., *shape) in layout order."""
        if len(arrays) != len(self.blocks):
            raise ValueError(f"expected {len(self.blocks)} arrays, got {len(arrays)}")
        for a, b in zip(arrays, self.blocks, strict=True):
            have = shape_of(a)
            if have[len(have) - len(b.shape) :] != b.shape:
                raise ValueError(f"array {b.name!r} has shape {have}, expected {b.shape}")
        return _pack(*arrays, layout=self)

    def mask(self, role: str) -> Array:
        """A boolean vector (n,), true where theta holds arrays of this role."""
        roles = {b.role for b in self.blocks}
        if role not in roles:
            raise ValueError(f"no array has role {role!r}; this layout has {sorted(roles)}")
        mask = np.zeros(self.size, bool)
        for b in self.blocks:
            mask[b.start : b.stop] = b.role == role
        return backend.to_device(mask)


def _sizes(name, shape) -> tuple[int, ...]:
    try:
        return tuple(map(operator.index, shape if np.iterable(shape) else (shape,)))
    except TypeError:
        raise TypeError(f"layout entry {name!r} needs a shape of integers, not {shape!r}") from None


def _take_apart(theta, layout):
    if theta.ndim == 1:
        return tuple([theta[cut].reshape(shape) for cut, shape in layout._cuts])
    lead = theta.shape[:-1]
    return tuple([theta[..., cut].reshape(lead + shape) for cut, shape in layout._cuts])


def _put_together(*arrays, layout):
    lead = arrays[0].shape[: arrays[0].ndim - len(layout.blocks[0].shape)]
    if not lead:
        return np.concatenate([a.ravel() for a in arrays])
    return np.concatenate([a.reshape((*lead, -1)) for a in arrays], axis=-1)


def _fill(parts, like):
    return [np.zeros_like(x) if g is None else g for g, x in zip(parts, like, strict=True)]


_unpack = op(
    _take_apart,
    lambda g, y, theta, layout: _pack(*_fill(g, y), layout=layout),
    name="unpack",
)
_pack: Any = op(
    _put_together,
    each=lambda i, g, y, *arrays, layout: _unpack(g, layout)[i],
    name="pack",
)
