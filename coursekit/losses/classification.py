"""Losses of decisions: which class, or which of two."""

import math
from dataclasses import dataclass
from numbers import Real

import numpy as np

from .. import backend, ops
from ..activations import sigmoid
from ..autograd.trace import dtype_of, op, untraced
from .checks import (
    as_targets,
    check_distributions,
    check_many,
    columns,
    found,
    not_classes,
    numbers,
    one_hot,
)
from .loss import Loss, diagonal, size


# --- one of many
@dataclass(frozen=True)
class CrossEntropy(Loss):
    """`cross_entropy` for training: targets are rows of probabilities."""

    smoothing: float = 0.0
    name = "cross_entropy"
    one_class_each = True

    def __post_init__(self):
        if not (isinstance(self.smoothing, Real) and 0 <= self.smoothing <= 1):
            raise ValueError(f"smoothing must be a number between 0 and 1, not {self.smoothing!r}")

    def encode(self, y, outputs, dtype):
        check_many(self, outputs, "binary_cross_entropy")
        a = numbers(y, self.argument)
        if a.ndim == 1 and a.dtype.kind in "iu":
            y = one_hot(a, outputs, dtype)
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

    def prepare(self, logits, y):
        logits, targets = super().prepare(logits, y)
        left_out = (untraced(logits) == -math.inf) & (untraced(targets) == 0)
        if left_out.any():  # times the target 0 they would be NaN
            logits = np.where(left_out, np.finfo(dtype_of(logits)).min, logits)
        return logits, targets

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
class MultiMargin(Loss):
    """`multi_margin` for training: targets are rows with a single 1."""

    p: int = 1
    margin: float = 1.0
    name = "multi_margin"
    one_class_each = True

    def __post_init__(self):
        if self.p not in (1, 2):
            raise ValueError(f"p must be 1 or 2, not {self.p!r}")
        if not (isinstance(self.margin, Real) and 0 < self.margin < math.inf):
            raise ValueError(f"margin must be a number > 0, not {self.margin!r}")

    def encode(self, y, outputs, dtype):
        check_many(self, outputs, "hinge")
        a = numbers(y, self.argument)
        if a.ndim != 1 or a.dtype.kind not in "iu":
            raise not_classes(a, outputs, probabilities=False)
        return as_targets(one_hot(a, outputs, dtype), dtype)

    def function(self, logits, targets):
        right = (targets * logits).sum(axis=-1, keepdims=True)
        short = ops.relu(self.margin - (right - logits))
        return ((1 - targets) * (short if self.p == 1 else short * short)).mean()

    def predict(self, logits):
        return logits.argmax(axis=-1)


# --- one of two
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
        return diagonal(np.sqrt(slope / logits.shape[1]), dtype or logits.dtype)

    def sample_targets(self, logits, generator):
        p = sigmoid(logits)
        drawn = backend.to_device(generator.random(logits.shape)) < p
        # In the mean over K outputs each derivative has the factor 1/K, its variance 1/K^2, but the
        # Hessian 1/K: draws sqrt(K) times as far from p make up for it.
        return (p + math.sqrt(logits.shape[1]) * (drawn - p)).astype(logits.dtype)


def _binary_forward(z, t):
    far = np.abs(z)
    e = np.exp(-far)
    missed = np.where(z > 0, 1 - t, t)  # log(1 + exp(z)) - z t = |z| missed + log(1 + exp(-|z|))
    loss = np.where(missed > 0, far, 0) * missed + np.log1p(e)  # infinite only where it is missed
    return loss.sum() / loss.size, np.where(z < 0, e, 1) / (1 + e), np.where(z < 0, 1, e) / (1 + e)


def _binary_rule(g, y, z, t):
    (g_loss, g_p, g_q), (_, p, q) = g, y
    by_z = 0 if g_loss is None else (p * (1 - t) - q * t) * (g_loss / size(z))  # p - t, every digit
    for sign, by in ((1, g_p), (-1, g_q)):
        by_z = by_z if by is None else by_z + sign * by * (p * q)
    return by_z


def _binary_target_rule(g, y, z, t):
    return 0 * z if g[0] is None else -z * (g[0] / size(z))


# The mean of log(1 + exp(z)) - z t; then sigmoid(z) and sigmoid(-z), for the way back.
_binary = op(_binary_forward, _binary_rule, _binary_target_rule, name="binary_cross_entropy")


@dataclass(frozen=True)
class Margin(Loss):
    """What the losses of labels * logits have in common: targets are -1.0 and +1.0."""

    def encode(self, y, outputs, dtype):
        a, y = columns(y, outputs, self)
        if not np.all(np.abs(a) == 1):
            hint = ": pass 2 * labels - 1" if set(np.unique(a)) <= {0, 1} else ""
            raise ValueError(f"{self.name} takes labels -1 and +1, not {found(a)}{hint}")
        return as_targets(y, dtype)

    def predict(self, logits):
        return _one_or_all(2 * (logits > 0).astype(int) - 1)


@dataclass(frozen=True)
class Hinge(Margin):
    """`hinge` for training."""

    name = "hinge"

    def function(self, logits, targets):
        return ops.relu(1 - targets * logits).mean()


@dataclass(frozen=True)
class SquaredHinge(Margin):
    """`squared_hinge` for training."""

    name = "squared_hinge"

    def function(self, logits, targets):
        short = ops.relu(1 - targets * logits)
        return (short * short).mean()

    def hessian_root(self, logits, targets, dtype=None):
        scale = math.sqrt(2 / logits.shape[1])
        return diagonal(scale * (targets * logits < 1), dtype or logits.dtype)


@dataclass(frozen=True)
class Perceptron(Margin):
    """`perceptron` for training."""

    name = "perceptron"

    def function(self, logits, targets):
        margin = targets * logits
        return np.where(margin <= 0, -margin, 0).mean()


def _one_or_all(decided):
    return decided[:, 0] if decided.shape[1] == 1 else decided
