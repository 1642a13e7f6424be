"""How far apart two distributions are."""

import math

import numpy as np

from .. import backend
from ..autograd.trace import dtype_of, shape_of, untraced
from .checks import distributions, numbers


def kl_divergence(p, q):
    """sum_i p_i log(p_i / q_i), averaged over the batch: how far q is from the truth p.

    p, q probabilities (batch, classes) or (classes,). 0 log 0 = 0; infinite where q_i = 0 < p_i.
    PyTorch's `kl_div` takes (log q, p), in this order, and needs reduction="batchmean" for this.
    To train a network towards p, give p to `cross_entropy`: it is this plus the entropy of p.

    >>> import numpy as np, coursekit as ck
    >>> bool(ck.losses.kl_divergence(np.array([0.0, 1.0]), np.array([0.5, 0.5])) == np.log(2))
    True
    """
    distributions(p=p, q=q)
    has, missing = untraced(p) > 0, untraced(q) <= 0
    logs = np.log(np.where(has, p, 1)) - np.log(np.where(missing, 1, q))
    terms = np.where(has, p * logs, 0)
    return np.where(has & missing, math.inf, terms).sum() / math.prod(shape_of(p)[:-1])


def wasserstein(p, q):
    """sum_i |P_i - Q_i| of the cumulated histograms, averaged over the batch, in units of one bin.

    p, q probabilities (batch, bins) or (bins,): the earth mover's distance on a line, which still
    tells near from far where the two do not overlap and `kl_divergence` is infinite.
    `wasserstein_samples` is for numbers instead of histograms.

    >>> import numpy as np, coursekit as ck
    >>> ck.losses.wasserstein(np.array([1.0, 0.0, 0.0]), np.array([0.0, 0.0, 1.0])).item()
    2.0
    """
    distributions(p=p, q=q)
    return np.abs(np.cumsum(p - q, axis=-1)).sum() / math.prod(shape_of(p)[:-1])


def wasserstein_samples(u, v, u_weights=None, v_weights=None):
    """The integral of |F - G| for the distribution functions F, G of two samples: Wasserstein-1.

    u (n,), v (m,) are numbers; weights, equal by default, are scaled to the sum 1. On the line this
    is the least mass times distance that turns one into the other (Vallender 1974).

    >>> import numpy as np, coursekit as ck
    >>> ck.losses.wasserstein_samples(np.array([0.0, 1.0]), np.array([5.0, 6.0])).item()
    5.0
    """
    u, v = _numbers(u, "u"), _numbers(v, "v")
    mass = np.concatenate([_mass(u, u_weights, "u"), -_mass(v, v_weights, "v")])
    places = np.concatenate([u, v])
    order = np.argsort(untraced(places))
    places = places[order]
    difference = np.cumsum(mass[order])[:-1]  # F - G between one place and the next
    return (np.abs(difference) * (places[1:] - places[:-1])).sum()


def _numbers(values, name: str):
    """The values of a sample, checked, as floats."""
    backend.require(values, name)
    shape = shape_of(values)
    if len(shape) != 1 or not shape[0]:
        raise ValueError(f"{name} must be numbers (n,), at least one, not of the shape {shape}")
    numbers(values, name)
    return values if dtype_of(values).kind == "f" else values.astype(float)


def _mass(values, weights, name: str):
    """The weights of a sample, checked, in sum 1."""
    shape = shape_of(values)
    if weights is None:
        return np.full_like(untraced(values), 1 / shape[0])
    backend.require(weights, f"{name}_weights")
    a = numbers(weights, f"{name}_weights")
    if a.shape != shape or np.any(a < 0) or not np.any(a > 0):
        raise ValueError(
            f"{name}_weights must be numbers >= 0, not all 0, of the shape {shape}, not {a!r:.60}"
        )
    return weights / weights.sum()
