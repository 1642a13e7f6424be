"""What every optimizer is: a frozen set of hyper-parameters with a pure step.

    opt = Adam(lr=1e-3)
    state = opt.init(theta)
    theta, state = opt.step(theta, state, f)

`dataclasses.replace(opt, lr=0.01)` changes a hyper-parameter in mid-run and keeps the state.
Elementwise methods are one formula, `rule(self, theta, g, s) -> (theta, State)`.

Errors, for all of them: a hyper-parameter outside its range raises ValueError at construction and
names the field and the range; a point of the wrong backend or type raises TypeError in `init`.
"""

import dataclasses
from typing import Any, ClassVar

import numpy as np

from .. import backend
from ..backend import Array
from .hyper import Declared, hyperparameters, returned


class Optimizer(Declared):
    """The protocol. A subclass is a frozen dataclass with a `State` and a `step`."""

    State: ClassVar[Any]  # a named tuple: k, the completed steps, then the paper's letters
    deterministic: ClassVar[bool] = False  # needs the same f from one step to the next
    batched: ClassVar[bool] = False  # takes theta (K, n), K runs at once, with a batched f
    _plain: bool  # no field is an array or a function
    symmetry: ClassVar[str] = "none"  # changes of coordinates it commutes with; see the tests

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        if "State" in vars(cls):  # where pickle and checkpoints look for it
            cls.State.__qualname__ = f"{cls.__qualname__}.State"

    def __post_init__(self):
        super().__post_init__()
        values = [getattr(self, h.name) for h in hyperparameters(self)]
        plain = not any(callable(v) or hasattr(v, "shape") for v in values)
        object.__setattr__(self, "_plain", plain)

    def init(self, theta: Array):
        """The state before the first step: k = 0 and a zero like theta for every other field."""
        backend.require(theta, "theta")
        if theta.ndim != 1 and not self.batched:
            raise ValueError(
                f"{type(self).__name__} steps one point (n,), but theta has shape {theta.shape}"
            )
        if theta.dtype.kind != "f":
            raise TypeError(f"theta must hold floats, not {theta.dtype}")
        return self.State(0, *(np.zeros_like(theta) for _ in self.State._fields[1:]))

    def step(self, theta: Array, state, f) -> tuple[Array, Any]:
        """One step from theta (n,): the new theta and state; nothing is changed in place."""
        raise NotImplementedError

    def solution(self, theta: Array, state) -> Array:
        """The point to evaluate, where it differs from the point that is stepped."""
        return theta

    def observe(self, metric: float):
        """This optimizer after a metric became known, for schedules that watch one."""
        changed = {
            h.name: value.observe(metric)
            for h in hyperparameters(self)
            if hasattr(value := getattr(self, h.name), "observe")
        }
        return dataclasses.replace(self, **changed) if changed else self  # type: ignore[type-var]

    def at(self, k: int, theta: Array):
        """This optimizer at step k: schedules as numbers, arrays in the precision of theta."""
        if self._plain:
            return self
        now = object.__new__(type(self))  # not replace(): no second validation
        vars(now).update(vars(self))
        for h in hyperparameters(self):
            value = getattr(self, h.name)
            if callable(value) and h.choices is None:
                vars(now)[h.name] = returned(type(self).__name__, h, value(k), k)
            elif isinstance(value, np.generic):  # a Python number takes on the precision of theta
                vars(now)[h.name] = value.item()
            elif hasattr(value, "shape"):
                vars(now)[h.name] = self._over(theta, h.name, value)
        return now

    def _over(self, theta, name, value):
        """An array field in the precision of theta, if it fits."""
        try:
            fits = np.broadcast_shapes(value.shape, theta.shape) == theta.shape
        except ValueError:
            fits = False
        if not fits:
            raise ValueError(
                f"{type(self).__name__}: {name} has shape {value.shape}, which does not broadcast "
                f"to that of theta, {theta.shape}"
            )
        backend.require(value, f"{type(self).__name__}: {name}")
        return value.astype(theta.dtype)


class Elementwise(Optimizer):
    """An optimizer given by one formula that treats every coordinate alike."""

    batched = True
    symmetry = "permutation"

    def rule(self, theta: Array, g: Array, s) -> tuple[Array, Any]:
        """The update formula: the new theta and the new state from the gradient g."""
        raise NotImplementedError

    def step(self, theta, state, f):
        return self.at(state.k, theta).rule(theta, f.grad(theta), state)


def decayed(g: Array, weight_decay, theta: Array) -> Array:
    """The gradient of the loss plus weight_decay/2 |theta|^2: coupled L2 regularisation."""
    return g if is_zero(weight_decay) else g + weight_decay * theta


def is_zero(value) -> bool:
    """Whether a hyper-parameter is the plain number 0, so that its term can be left out."""
    return type(value) in (int, float) and value == 0
