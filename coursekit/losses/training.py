"""Losses as training and curvature need them: what is given is checked once, then they are fast."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from .. import backend, ops
from ..activations import sigmoid
from ..autograd.trace import dtype_of, op, shape_of
from ..backend import Array
from .checks import (
    as_targets,
    check_classes,
    check_distributions,
    columns,
    found,
    not_classes,
    numbers,
)


@dataclass(frozen=True)
class Loss:
    """A loss of outputs (batch, outputs), and what training and curvature ask about it.

    >>> import numpy as np, coursekit as ck
    >>> loss = ck.losses.get("hinge")
    >>> loss.encode(np.array([1, -1]), 1, "float64")
    array([[ 1.],
           [-1.]])
    """

    name: ClassVar[str]
    task: ClassVar[str] = "classification"  # or "regression"
    argument: ClassVar[str] = "labels"  # what messages call y

    def encode(self, y: Any, outputs: int, dtype: Any) -> Array:
        """y, checked, as targets (batch, outputs) for `function`, on the backend in use."""
        raise NotImplementedError

    def function(self, logits: Array, targets: Array) -> Array:
        """The mean loss over the batch; checks nothing."""
        raise NotImplementedError

    def predict(self, logits: Array) -> Array:
        """What the outputs stand for: labels encoded as `encode` takes them, or the outputs."""
        return logits

    def accuracy(self, logits: Array, y: Any) -> Array:
        """The fraction of rows that `predict` answers rightly; y as given to `encode`."""
        if self.task != "classification":
            raise ValueError(f"{self.name} is a loss for regression: it has no accuracy")
        answer = self.predict(logits)
        return (answer == self._decided(backend.to_device(y), answer.shape)).mean()

    def _decided(self, y: Array, shape: tuple) -> Array:
        """y as labels in the shape of predictions."""
        return y.reshape(shape)

    def hessian_root(self, logits: Array, targets: Array, dtype: Any = None) -> list[Array]:
        """Arrays R_c (batch, outputs) with sum_c R_c R_c^T = the Hessian of each row's loss."""
        raise ValueError(
            f"the Hessian of {self.name} by the outputs has no square root to build factors from: "
            "use cross_entropy, binary_cross_entropy, mse or huber"
        )

    def sample_targets(self, logits: Array, generator: np.random.Generator) -> Array:
        """Targets drawn from what the outputs predict.

        Over such draws the derivative of a row's loss by its outputs has mean 0, and its Hessian
        as covariance.
        """
        raise ValueError(
            f"{self.name} is not the negative log-likelihood of a distribution to draw from: "
            "use cross_entropy, binary_cross_entropy or mse"
        )

    def __call__(self, logits: Any, y: Any) -> Array:
        """The loss of outputs and y that have not been checked."""
        return self.function(*self.prepare(logits, y))

    def prepare(self, logits: Any, y: Any) -> tuple[Array, Array]:
        """Outputs and y, checked against each other, as the arguments of `function`."""
        backend.require(logits, "logits" if self.task == "classification" else "predictions")
        if dtype_of(logits).kind != "f":
            logits = logits.astype(float)
        if not hasattr(y, "shape"):
            y = np.asarray(y)
        shape = shape_of(logits)
        if len(shape) != 2:
            if isinstance(self, CrossEntropy):
                raise ValueError(f"logits must have the shape (batch, classes), not {shape}")
            if y.shape != shape:
                raise ValueError(f"{self.argument} must be shaped like {shape}, not {y.shape}")
            logits, y = logits.reshape((-1, 1)), y.reshape((-1, 1))  # compared one by one
        if not all(shape):
            raise ValueError(f"a loss needs at least one row and one output, not the shape {shape}")
        targets = self.encode(y, shape_of(logits)[1], dtype_of(logits))
        if len(targets) != len(logits):
            raise ValueError(
                f"{self.argument} must have {len(logits)} rows, as the outputs have, "
                f"not {len(targets)}"
            )
        return logits, targets


@dataclass(frozen=True)
class CrossEntropy(Loss):
    """`cross_entropy` for training: targets are rows of probabilities."""

    smoothing: float = 0.0
    name = "cross_entropy"

    def __post_init__(self):
        if not 0 <= self.smoothing <= 1:
            raise ValueError(f"smoothing must be between 0 and 1, not {self.smoothing!r}")

    def encode(self, y, outputs, dtype):
        if outputs < 2:
            raise ValueError(
                f"cross_entropy needs an output for each class, at least 2, not {outputs}: "
                "with a single output use binary_cross_entropy"
            )
        a = numbers(y, self.argument)
        if a.ndim == 1 and a.dtype.kind in "iu":
            check_classes(a, outputs)
            y = np.eye(outputs, dtype=dtype)[a]
        elif a.ndim == 2 and a.shape[1] == outputs:
            check_distributions(a, self.argument)
        else:
            raise not_classes(a, outputs)
        targets = as_targets(y, dtype)
        if self.smoothing:
            targets = (1 - self.smoothing) * targets + self.smoothing / outputs
        return targets

    def function(self, logits, targets):
        return ops.softmax_cross_entropy(logits, targets)

    def predict(self, logits):
        return logits.argmax(axis=-1)

    def _decided(self, y, shape):
        return y.argmax(axis=-1) if y.ndim == 2 else y

    def hessian_root(self, logits, targets, dtype=None):
        p = ops.softmax(logits).astype(dtype or logits.dtype)
        root = np.sqrt(p)
        columns = []  # sqrt(p_c) (e_c - p), as the Hessian is diag(p) - p p^T
        for c in range(p.shape[1]):
            column = -root[:, c : c + 1] * p
            column[:, c] += root[:, c]
            columns.append(column)
        return columns

    def sample_targets(self, logits, generator):
        draw = backend.to_device(generator.random((len(logits), 1)))
        steps = np.cumsum(ops.softmax(logits), axis=-1)[:, :-1]  # the last would be 1, but rounds
        classes = (steps <= draw).sum(axis=-1, keepdims=True)
        return (classes == backend.xp().arange(logits.shape[1])).astype(logits.dtype)


@dataclass(frozen=True)
class BinaryCrossEntropy(Loss):
    """`binary_cross_entropy` for training: targets are probabilities, one for each output."""

    name = "binary_cross_entropy"
    argument = "y"

    def encode(self, y, outputs, dtype):
        a, y = columns(y, outputs, self)
        if not np.all((a >= 0) & (a <= 1)):
            hint = ", the encoding of hinge: pass (y + 1) / 2" if np.all(np.abs(a) == 1) else ""
            raise ValueError(
                f"binary_cross_entropy takes y of 0 and 1, or probabilities between, "
                f"not {found(a)}{hint}"
            )
        return as_targets(y, dtype)

    def function(self, logits, targets):
        return _binary(logits, targets)[0]

    def predict(self, logits):
        return _one_or_all((logits > 0).astype(int))

    def _decided(self, y, shape):
        return (y > 0.5).astype(int).reshape(shape)

    def hessian_root(self, logits, targets, dtype=None):
        slope = sigmoid(logits) * sigmoid(-logits)
        return _diagonal(np.sqrt(slope / logits.shape[1]), dtype or logits.dtype)

    def sample_targets(self, logits, generator):
        p = sigmoid(logits)
        drawn = backend.to_device(generator.random(logits.shape)) < p
        # In the mean over K outputs each derivative has the factor 1/K, its variance 1/K^2, but the
        # Hessian 1/K: draws sqrt(K) times as far from p make up for it.
        return (p + math.sqrt(logits.shape[1]) * (drawn - p)).astype(logits.dtype)


@dataclass(frozen=True)
class Hinge(Loss):
    """`hinge` for training: targets are -1.0 and +1.0."""

    name = "hinge"

    def encode(self, y, outputs, dtype):
        a, y = columns(y, outputs, self)
        if not np.all(np.abs(a) == 1):
            hint = ": pass 2 * labels - 1" if set(np.unique(a)) <= {0, 1} else ""
            raise ValueError(f"hinge takes labels -1 and +1, not {found(a)}{hint}")
        return as_targets(y, dtype)

    def function(self, logits, targets):
        return ops.relu(1 - targets * logits).mean()

    def predict(self, logits):
        return _one_or_all(2 * (logits > 0).astype(int) - 1)


@dataclass(frozen=True)
class Regression(Loss):
    """What the losses of a difference have in common: targets are any numbers."""

    task = "regression"
    argument = "targets"

    def encode(self, y, outputs, dtype):
        return as_targets(columns(y, outputs, self)[1], dtype)


@dataclass(frozen=True)
class MeanSquaredError(Regression):
    """`mse` for training."""

    name = "mse"

    def function(self, logits, targets):
        return _squares(logits, targets)

    def hessian_root(self, logits, targets, dtype=None):
        scale = math.sqrt(2 / logits.shape[1])  # the Hessian of a mean over K squares is 2 / K
        return _diagonal(np.full_like(logits, scale), dtype or logits.dtype)

    def sample_targets(self, logits, generator):
        sigma = math.sqrt(logits.shape[1] / 2)  # d^2 / K = d^2 / (2 sigma^2): a normal's exponent
        noise = generator.standard_normal(logits.shape)
        return logits + backend.to_device(sigma * noise, logits.dtype)


@dataclass(frozen=True)
class L1(Regression):
    """`l1` for training."""

    name = "l1"

    def function(self, logits, targets):
        return ops.absolute(logits - targets).mean()


@dataclass(frozen=True)
class Huber(Regression):
    """`huber` for training."""

    delta: float = 1.0
    name = "huber"

    def __post_init__(self):
        if not 0 < self.delta < math.inf:
            raise ValueError(f"delta must be a number > 0, not {self.delta!r}")

    def function(self, logits, targets):
        d = logits - targets
        near = np.clip(d, -self.delta, self.delta)
        return (near * (d - 0.5 * near)).mean()  # d^2 / 2, then delta (|d| - delta / 2)

    def hessian_root(self, logits, targets, dtype=None):
        curved = np.abs(logits - targets) <= self.delta
        return _diagonal(curved / math.sqrt(logits.shape[1]), dtype or logits.dtype)


@dataclass(frozen=True)
class Custom(Loss):
    """A loss from any function (outputs, y) -> number; y stays as it is."""

    of: Callable
    name = "custom"
    task = "regression"
    argument = "y"

    def encode(self, y, outputs, dtype):
        y = backend.to_device(y)
        return y.astype(dtype) if y.dtype.kind == "f" else y

    def function(self, logits, targets):
        return self.of(logits, targets)

    def __call__(self, logits, y):
        return self.of(logits, y)


# --- rules
def _binary_forward(z, t):
    e = np.exp(-np.abs(z))
    loss = np.maximum(z, 0) - z * t + np.log1p(e)  # log(1 + exp(z)) - z t
    return loss.sum() / loss.size, np.where(z < 0, e, 1) / (1 + e)


def _binary_rule(g, y, z, t):
    (g_loss, g_p), p = g, y[1]
    by_loss = 0 if g_loss is None else (p - t) * (g_loss / _size(z))
    return by_loss if g_p is None else by_loss + g_p * (p * sigmoid(-z))


def _binary_target_rule(g, y, z, t):
    return 0 * z if g[0] is None else -z * (g[0] / _size(z))


# The mean of log(1 + exp(z)) - z t, and sigmoid(z) for the way back.
_binary = op(_binary_forward, _binary_rule, _binary_target_rule, name="binary_cross_entropy")


def _mean_square(z, t):
    d = z - t
    return np.vdot(d, d) / d.size


_squares = op(
    _mean_square,
    lambda g, y, z, t: (z - t) * (g * (2 / _size(z))),
    lambda g, y, z, t: (t - z) * (g * (2 / _size(z))),
    name="mse",
)


def _size(z) -> int:
    return math.prod(shape_of(z))


def _one_or_all(decided):
    return decided[:, 0] if decided.shape[1] == 1 else decided


def _diagonal(a, dtype):
    """For each output c the array that is a in column c, and 0 elsewhere."""
    units = backend.to_device(np.eye(a.shape[1]))[:, None, :]
    return list((units * a).astype(dtype))
