"""An objective that knows its own geography, and the few helpers its formulas are written with."""

import functools
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .. import backend
from ..backend import Array
from ..objective import Objective

Bounds = tuple[tuple[float, float], ...]


class Landscape(Objective):
    """A test function of theta (n,) with known critical points and hand-written derivatives.

    Batched: points (..., n) give values (...,), gradients (..., n) and Hessians (..., n, n).

    name, formula     for labels; the formula is LaTeX without dollars
    n                 how many variables
    start             (n,) where to begin
    minima, minimum   (M, n) global minimisers and their value; (0, n) and -inf if unbounded
    local_minima, saddles, maxima     (M, n) other critical points, where they are listed
    bounds            ((low, high), ...) for each variable: the part worth drawing
    levels            "log" or "linear": how contour levels are best spaced above the minimum
    reference         who proposed it, and when

    >>> import coursekit as ck
    >>> f = ck.landscapes.rosenbrock()
    >>> f.start, f.minima
    (array([-1.2,  1. ]), array([[1., 1.]]))
    """

    def __init__(
        self,
        name: str,
        formula: str,
        value: Callable,
        grad: Callable,
        hessian: Callable,
        hvp: Callable | None = None,
        *,
        start: Any,
        bounds: Sequence[tuple[float, float]],
        minima: Any = (),
        minimum: float = 0.0,
        local_minima: Any = (),
        saddles: Any = (),
        maxima: Any = (),
        levels: str = "log",
        reference: str = "",
    ):
        super().__init__(value=value, grad=grad, hvp=hvp, hessian=hessian, batched=True)
        dtype = backend.default_dtype("float64")
        self.name = name
        self.formula = formula
        self.n = n = len(bounds)
        self.start = backend.to_device(start, dtype)
        self.minima, self.local_minima, self.saddles, self.maxima = (
            backend.to_device(np.reshape(backend.to_host(points), (-1, n)), dtype)
            for points in (minima, local_minima, saddles, maxima)
        )
        self.minimum = float(minimum) if len(self.minima) else -math.inf
        self.bounds: Bounds = tuple((float(low), float(high)) for low, high in bounds)
        self.levels = levels
        self.reference = reference
        self._formulas = value, grad, hessian

    def __repr__(self) -> str:
        return f"Landscape({self.name!r}, n={self.n})"

    def rotated(self, angle: float) -> "Landscape":
        """The same landscape of two variables turned by `angle` radians about the middle of bounds.

        g(x) = f(c + R^T (x - c)), grad g = R grad f, with R = [[cos, -sin], [sin, cos]]. Gradient
        descent and Newton do not notice; methods that rescale coordinates do.

        >>> import coursekit as ck
        >>> turned = ck.landscapes.beale().rotated(0.5)
        >>> turned
        Landscape('beale', n=2)
        """
        if self.n != 2:
            raise ValueError(f"only landscapes of two variables turn by an angle, not n={self.n}")
        turn = rotation_matrix(angle)
        middle = np.mean(self.bounds, axis=1)
        R, shift = constant(turn), constant(middle - middle @ turn)
        value, grad, hessian = self._formulas

        def back(x):  # rows: x @ R + c - c @ R is c + R^T (x - c)
            return x @ R(x) + shift(x)

        def forth(points):
            return (backend.to_host(points) - middle) @ turn.T + middle

        return Landscape(
            self.name,
            self.formula,
            lambda x: value(back(x)),
            lambda x: grad(back(x)) @ R(x).T,
            lambda x: R(x) @ hessian(back(x)) @ R(x).T,
            start=forth(self.start),
            bounds=self.bounds,
            minima=forth(self.minima),
            minimum=self.minimum,
            local_minima=forth(self.local_minima),
            saddles=forth(self.saddles),
            maxima=forth(self.maxima),
            levels=self.levels,
            reference=self.reference,
        )


def separable(name: str, formula: str, n: int, f: Callable, df: Callable, d2f: Callable, **more):
    """The landscape sum_i f(x_i), from f and its two derivatives on arrays."""
    return Landscape(
        name,
        formula,
        lambda x: f(check(x, n)).sum(-1),
        lambda x: df(check(x, n)),
        lambda x: diagonal(d2f(check(x, n))),
        **more,
    )


def rotation_matrix(angle: float) -> np.ndarray:
    """R = [[cos, -sin], [sin, cos]]: turns column vectors by `angle` radians."""
    c, s = math.cos(angle), math.sin(angle)
    return np.array([[c, -s], [s, c]])


def count(name: str, n: int, least: int = 1) -> int:
    """n if it is a whole number from `least` on, else a ValueError."""
    if isinstance(n, bool) or not isinstance(n, int | np.integer) or n < least:
        raise ValueError(f"{name} must be a whole number >= {least}, not {n!r}")
    return int(n)


def check(x: Array, n: int) -> Array:
    """x if its last axis has length n, else a ValueError."""
    if x.shape[-1:] != (n,):
        raise ValueError(f"theta must have shape ({n},) or (..., {n}), not {x.shape}")
    return x


def pair(x: Array) -> tuple[Array, Array]:
    """x[..., 0] and x[..., 1]; for one point as numbers, which NumPy adds faster than arrays."""
    if x.shape[-1:] != (2,):
        check(x, 2)
    return (x[0], x[1]) if x.ndim == 1 else (x[..., 0], x[..., 1])


def vector(x: Array, *components) -> Array:
    """Shaped like x (..., n), from its n components; plain numbers are repeated.

    Filling an array takes half the time of `np.stack`, which traced values and devices need.
    """
    if type(x) is np.ndarray:
        filled = np.empty(x.shape, floating(x.dtype))
        for i, component in enumerate(components):
            filled[..., i] = component
        return filled
    zero = 0 * x[..., 0]
    return np.stack([component + zero for component in components], axis=-1)


def matrix(x: Array, *rows) -> Array:
    """(..., n, n) from n rows of n entries each."""
    return np.stack([vector(x, *row) for row in rows], axis=-2)


def diagonal(d: Array) -> Array:
    """(..., n, n) with d (..., n) on its diagonal."""
    return d[..., None] * backend.to_device(np.eye(d.shape[-1]), d.dtype)


def constant(array: Any) -> Callable[[Array], Array]:
    """`array` as a function of x, which gives it in the dtype of x, converted once for each."""

    @functools.cache
    def converted(dtype):
        return backend.to_device(array, floating(dtype))

    return lambda x: converted(x.dtype)


def floating(dtype: np.dtype) -> np.dtype:
    """The dtype of answers about points of `dtype`: the same, or float64 for whole numbers."""
    return dtype if dtype.kind == "f" else np.dtype(np.float64)
