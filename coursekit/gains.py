"""Gains: how much an activation shrinks a signal, and weights must make up for."""

import functools
import math
from collections.abc import Callable
from numbers import Real

import numpy as np

from . import activations, backend, ops


def gain(activation: str | Callable, param: float | None = None) -> float:
    """The factor by which weights of variance 1 / fan_in must grow to make up for an activation.

    PyTorch's values: 1 for identity and sigmoid, 5/3 for tanh, sqrt(2) for relu, 3/4 for selu,
    sqrt(2 / (1 + slope^2)) for leaky_relu (`param` is the slope). Any other f, by name or function:
    1 / sqrt(E f(z)^2), z standard normal, so that f(z) @ W has the second moment of z again, as
    He et al. (2015) derive relu's: 1 for absolute, sign and maxout of two, 1.2452 for elu, 1.5335
    for gelu, 1.6765 for silu. 1 for softmax, after which nothing follows.

    >>> import coursekit as ck
    >>> ck.initializers.gain("relu") == 2**0.5
    True
    """
    f = activations.get(activation)
    if f is activations.leaky_relu:
        slope = 0.01 if param is None else param
        if not (isinstance(slope, Real) and math.isfinite(slope)):
            raise ValueError(
                f"param, the slope of leaky_relu, must be a finite number, not {param!r}"
            )
        return math.sqrt(2 / (1 + slope**2))
    if param is not None:
        raise ValueError(f"param is the slope of leaky_relu, but {_name(f)} got {param!r}")
    for known, value in _GAINS:
        if f is known:
            return value
    z, weights = _normal_nodes()
    if getattr(f, "func", f) is activations.maxout:
        pieces = getattr(f, "keywords", {}).get("pieces", 2)
        y, weights = z, weights * pieces * ops.normal_cdf(z) ** (pieces - 1)  # the largest of them
    else:
        y = backend.to_host(f(backend.to_device(z)))
    moment = float(np.sum(weights * y**2)) if y.shape == z.shape else math.nan
    if not 0 < moment < math.inf:
        raise ValueError(f"{_name(f)} has no gain: it is zero, not finite, or not elementwise")
    return 1 / math.sqrt(moment)


@functools.cache
def _normal_nodes():
    """Points and weights of an integral over a standard normal, exact with kinks at integers."""
    nodes, weights = np.polynomial.legendre.leggauss(20)
    z = (np.arange(-12, 12)[:, None] + 0.5 + nodes / 2).ravel()
    return z, np.tile(weights / 2, 24) * np.exp(-(z**2) / 2) / math.sqrt(2 * math.pi)


_GAINS = (
    (activations.identity, 1.0),
    (activations.sigmoid, 1.0),
    (activations.tanh, 5 / 3),
    (activations.relu, math.sqrt(2)),
    (activations.selu, 3 / 4),
    (activations.softmax, 1.0),
    (activations.log_softmax, 1.0),
)


def _name(f) -> str:
    return getattr(f, "__name__", repr(f))
