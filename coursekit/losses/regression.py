"""Losses of differences."""

import math
from dataclasses import dataclass
from numbers import Real

import numpy as np

from .. import backend, ops
from ..autograd.trace import op
from .checks import as_targets, columns
from .loss import Loss, diagonal, size


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
        return diagonal(np.full_like(logits, scale), dtype or logits.dtype)

    def sample_targets(self, logits, generator):
        sigma = math.sqrt(logits.shape[1] / 2)  # d^2 / K = d^2 / (2 sigma^2): a normal's exponent
        noise = generator.standard_normal(logits.shape)
        return logits + backend.to_device(sigma * noise, logits.dtype)


def _mean_square(z, t):
    d = z - t
    return np.vdot(d, d) / d.size


_squares = op(
    _mean_square,
    lambda g, y, z, t: (z - t) * (g * (2 / size(z))),
    lambda g, y, z, t: (t - z) * (g * (2 / size(z))),
    name="mse",
)


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
        if not (isinstance(self.delta, Real) and 0 < self.delta < math.inf):
            raise ValueError(f"delta must be a number > 0, not {self.delta!r}")

    def function(self, logits, targets):
        d = logits - targets
        near = np.clip(d, -self.delta, self.delta)
        return (near * (d - 0.5 * near)).mean()  # d^2 / 2, then delta (|d| - delta / 2)

    def hessian_root(self, logits, targets, dtype=None):
        curved = np.abs(logits - targets) <= self.delta
        return diagonal(curved / math.sqrt(logits.shape[1]), dtype or logits.dtype)
