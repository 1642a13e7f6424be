"""A few functions of neural networks in one piece: fewer steps to trace, nothing computed twice.

Each equals the composition written in its docstring, and its rule is written in traced operations,
so it stays differentiable to any order. Where the backward pass needs something that the forward
pass had to compute anyway, the operation answers with both, and the tuple keeps it.
"""

import functools

import numpy as np

from .. import backend
from ..autograd.trace import op


def _linear(x, w, b):
    y = x @ w
    y += b
    return y


def _over_batch(g):
    """The sum over the rows of g: BLAS does it faster as a row of ones times g."""
    return _ones(backend.xp(), len(g), g.dtype) @ g


@functools.lru_cache(64)
def _ones(xp, n, dtype):
    return xp.ones(n, dtype)


linear = op(
    _linear,
    lambda g, y, x, w, b: g @ w.T,
    lambda g, y, x, w, b: x.T @ g,
    lambda g, y, x, w, b: _over_batch(g) if g.ndim == 2 and b.ndim == 1 else g,
    name="linear",
)
linear.__doc__ = "x @ w + b for x (batch, fan_in), w (fan_in, fan_out), b (fan_out,)."


def _relu(x):
    return np.maximum(x, 0)


relu = op(_relu, lambda g, y, x: g * (y > 0), name="relu")
relu.__doc__ = "max(x, 0), elementwise; its derivative at 0 is 0."


def _softmax(z):
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    e /= e.sum(axis=-1, keepdims=True)
    return e


def _log_softmax(z):
    z = z - z.max(axis=-1, keepdims=True)
    return z - np.log(np.exp(z).sum(axis=-1, keepdims=True))


softmax = op(
    _softmax,
    lambda g, y, z: y * (g - (g * y).sum(axis=-1, keepdims=True)),
    name="softmax",
)
softmax.__doc__ = "exp(z) / sum(exp(z)) over the last axis, without overflow."

log_softmax = op(
    _log_softmax,
    lambda g, y, z: g - np.exp(y) * g.sum(axis=-1, keepdims=True),
    name="log_softmax",
)
log_softmax.__doc__ = "z - log(sum(exp(z))) over the last axis, without overflow."


def _cross_entropy(z, t):
    if z.shape != t.shape:
        raise ValueError("logits and targets need the same shape, (batch, classes)")
    z = z.T.copy()  # a row for each class: sums over the few classes run along the many examples
    z -= z.max(axis=0)
    p = np.exp(z)
    total = p.sum(axis=0)
    p /= total
    loss = (np.log(total).sum() - np.vdot(z.T, t)) / len(t)
    return loss, p.T


def _cross_entropy_rule(g, y, z, t):
    g_loss, g_p = g
    p = y[1]
    by_loss = 0 if g_loss is None else (p - t) * (g_loss / len(z))
    if g_p is None:
        return by_loss
    return by_loss + p * (g_p - (g_p * p).sum(axis=-1, keepdims=True))


def _cross_entropy_target_rule(g, y, z, t):
    return -log_softmax(z) * ((0 if g[0] is None else g[0]) / len(z))


_softmax_cross_entropy = op(
    _cross_entropy, _cross_entropy_rule, _cross_entropy_target_rule, name="softmax_cross_entropy"
)


def softmax_cross_entropy(logits, targets):
    """The mean over the batch of -sum(targets * log_softmax(logits)).

    logits (batch, classes); targets (batch, classes), each row a distribution (it sums to one), in
    the precision of the logits. The softmax of the forward pass is kept for the backward pass,
    whose rule is (softmax - targets) / batch.
    """
    return _softmax_cross_entropy(logits, targets)[0]


__all__ = ["linear", "log_softmax", "relu", "softmax", "softmax_cross_entropy"]
