"""Objectives: a loss that answers questions about a point theta, and counts them."""

import copy
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from . import backend
from .autograd.trace import Node, shape_of
from .autograd.transforms import grad as grad_of
from .autograd.transforms import value_and_grad as value_and_grad_of
from .autograd.transforms import vjp
from .backend import Array


class Counts(NamedTuple):
    """How often an objective was asked: a gradient and a value together count once each.

    `examples` counts the rows of data that were gone through.
    """

    value: int = 0
    grad: int = 0
    hvp: int = 0
    ggn: int = 0
    hessian: int = 0
    examples: int = 0


VALUE, GRAD, HVP, GGN, HESSIAN, EXAMPLES = range(6)


class Objective:
    """A function to minimise, with whatever an optimizer may ask about it.

    `Objective(fn)`: fn maps theta (n,) to a number. With `batched=True` it maps (K, n) to (K,), so
    it indexes x[..., i] and reduces over axis -1; then all answers come for K points at once.
    `Objective(value=..., grad=..., hvp=..., hessian=..., ggn=..., factors=...)`: hand-written
    oracles. What is missing is derived by autograd from grad or value, if they can be traced.

    An objective is a fixed function: same f, same theta, same answer.

    >>> import numpy as np, coursekit as ck
    >>> f = ck.Objective(lambda x: np.sum(x**2))
    >>> value, gradient = f.value_and_grad(np.array([1.0, 2.0]))
    >>> float(value), gradient
    (5.0, array([2., 4.]))
    >>> f.counts
    Counts(value=1, grad=1, hvp=0, ggn=0, hessian=0, examples=0)
    """

    def __init__(
        self,
        fn: Callable | None = None,
        *,
        value: Callable | None = None,
        grad: Callable | None = None,
        hvp: Callable | None = None,
        hessian: Callable | None = None,
        ggn: Callable | None = None,
        factors: Callable | None = None,
        batched: bool = False,
    ):
        if (fn is None) == (value is None):
            raise TypeError("an Objective takes either fn or value=...: one function of theta")
        self._value: Any = fn if fn is not None else value
        self._grad, self._hvp, self._hessian = grad, hvp, hessian
        self._ggn, self._factors = ggn, factors
        self.batched = batched
        self._tally = [0] * 6

    # --- questions -------------------------------------------------------------------------------
    def value(self, theta: Array) -> Array:
        """f(theta): a number, or (K,) numbers for theta (K, n)."""
        self._check(theta)
        self._count(VALUE)
        return self._value(theta)

    def grad(self, theta: Array) -> Array:
        """The gradient, shaped like theta."""
        self._check(theta)
        self._count(GRAD)
        return self._value_and_grad(theta)[1] if self._grad is None else self._grad(theta)

    def value_and_grad(self, theta: Array) -> tuple[Array, Array]:
        """(f(theta), gradient): for the price of the gradient where autograd provides it."""
        self._check(theta)
        self._count(VALUE, GRAD)
        return self._value_and_grad(theta)

    def hvp(self, theta: Array, v: Array) -> Array:
        """The Hessian at theta times v, shaped like theta."""
        self._check(theta, v)
        self._count(HVP)
        if self._hvp is not None:
            return self._hvp(theta, v)
        if self._hessian is not None:
            return (self._hessian(theta) @ v[..., None])[..., 0]
        return self._derived_hvp(theta, v)

    def hessian(self, theta: Array) -> Array:
        """The Hessian (n, n), or (K, n, n) for theta (K, n)."""
        self._check(theta)
        self._count(HESSIAN)
        if self._hessian is not None:
            return self._hessian(theta)
        times = self._hvp or self._derived_hvp
        unit = np.eye(theta.shape[-1], dtype=theta.dtype)
        columns = [times(theta, np.zeros_like(theta) + backend.to_device(e)) for e in unit]
        return np.stack(columns, axis=-1)

    def ggn(self, theta: Array, v: Array) -> Array:
        """The generalized Gauss-Newton matrix at theta times v, shaped like theta."""
        self._check(theta, v)
        self._count(GGN)
        return self._need(self._ggn, "ggn")(theta, v)

    def factors(self, theta: Array, fisher: str = "exact", seed: int = 0):
        """The Kronecker factors of each layer's Fisher matrix: `SupervisedObjective.factors`."""
        self._check(theta)
        return self._need(self._factors, "factors")(theta, fisher=fisher, seed=seed)

    # --- counting --------------------------------------------------------------------------------
    @property
    def counts(self) -> Counts:
        """How often each question was asked so far, batches included."""
        return Counts(*self._tally)

    def uncounted(self):
        """The same function with a tally of its own: for measuring and drawing."""
        view = copy.copy(self)
        view._tally = [0] * 6
        return view

    examples_per_call = 0

    def _count(self, *questions):
        for question in questions:
            self._tally[question] += 1
        self._tally[EXAMPLES] += self.examples_per_call

    # --- derived answers -------------------------------------------------------------------------
    def _value_and_grad(self, theta):
        if self._grad is not None:
            return self._value(theta), self._grad(theta)
        if not self.batched:
            return value_and_grad_of(self._value)(theta)
        values, pull = vjp(self._value, theta)
        if shape_of(values) != shape_of(theta)[:-1]:
            raise ValueError(
                f"a batched function maps theta {shape_of(theta)} to {shape_of(theta)[:-1]}, "
                f"but this one gave {shape_of(values)}: index x[..., i], reduce over axis -1"
            )
        return values, pull(np.ones_like(values))[0]

    def _derived_hvp(self, theta, v):
        slope = self._grad or (
            (lambda x: self._value_and_grad(x)[1]) if self.batched else grad_of(self._value)
        )
        try:
            _, pull = vjp(slope, theta)
        except TypeError as error:
            which = "grad" if self._grad is not None else "value"
            raise TypeError(
                f"hvp and hessian were not given, and {which} cannot be traced to derive them: "
                f"{error}"
            ) from error
        return pull(v)[0]  # the Hessian is symmetric

    # --- small things ----------------------------------------------------------------------------
    def _check(self, theta, v=None):
        plain = type(theta) is np.ndarray and backend.xp() is np
        if not plain and type(theta) is not Node:
            backend.require(theta, "theta")
        if theta.ndim != 1 and not self.batched:
            raise ValueError(
                f"theta has shape {shape_of(theta)}, but this objective takes one point (n,): "
                "for K points at once write it batched and pass batched=True"
            )
        if v is not None and shape_of(v) != shape_of(theta):
            raise ValueError(f"v must be shaped like theta, {shape_of(theta)}, not {shape_of(v)}")

    def _need(self, oracle, name):
        if oracle is None:
            raise TypeError(
                f"this objective has no {name}: it exists for a network with a loss "
                f"(net.objective(x, y)), or pass {name}=... to Objective"
            )
        return oracle
