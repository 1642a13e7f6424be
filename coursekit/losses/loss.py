"""What a loss is to training and curvature: what is given is checked once, then it is fast."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from .. import backend
from ..autograd.trace import dtype_of, shape_of
from ..backend import Array


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
    one_class_each: ClassVar[bool] = False  # whether the outputs stand for different classes

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
            "use cross_entropy, binary_cross_entropy, squared_hinge, mse or huber"
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
            if self.one_class_each:
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


def size(z) -> int:
    """The number of elements, traced or not."""
    return math.prod(shape_of(z))


def diagonal(a, dtype):
    """For each output c the array that is a in column c, and 0 elsewhere."""
    units = backend.to_device(np.eye(a.shape[1]))[:, None, :]
    return list((units * a).astype(dtype))
