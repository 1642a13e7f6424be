"""Gradients made shorter, so that one steep place does not throw theta far away."""

import numpy as np

from .hyper import is_scalar


def clip_norm(g, max_norm):
    """g min(1, max_norm / ||g||): as long as `max_norm` at most (Pascanu et al. 2013).

    g (..., n), with a norm for each row. Exact: PyTorch's clip_grad_norm_ adds 1e-6 to the norm. A
    shorter g comes back unchanged, a gradient with a NaN or an infinity as NaN.

    >>> import numpy as np, coursekit as ck
    >>> ck.optim.clip_norm(np.array([3.0, 4.0]), 1.0)
    array([0.6, 0.8])
    """
    _check(max_norm, "max_norm")
    with np.errstate(invalid="ignore"):  # infinity / infinity is the NaN that is promised
        top = np.max(np.abs(g), axis=-1, keepdims=True)
        top = np.where(top == 0, 1, top)  # divided by it, squares neither overflow nor vanish
        norm = top * np.sqrt(np.sum((g / top) ** 2, axis=-1, keepdims=True))
        return g * (max_norm / np.maximum(norm, max_norm))


def clip_value(g, max_value):
    """Each element of g limited to [-max_value, max_value], which may turn the direction.

    >>> import numpy as np, coursekit as ck
    >>> ck.optim.clip_value(np.array([3.0, -0.5]), 1.0)
    array([ 1. , -0.5])
    """
    _check(max_value, "max_value")
    return np.clip(g, -max_value, max_value)


def _check(limit, name):
    if not (is_scalar(limit) and limit > 0):
        raise ValueError(f"{name} must be a number > 0, not {limit!r}")
