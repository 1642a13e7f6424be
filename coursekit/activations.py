"""Activation functions: what stands between two linear layers.

Each takes an array of any shape, plain or traced, and answers in its precision; the derivative
stands above the function, as in `coursekit.ops`. At a kink it is PyTorch's. None overflows; tails
keep their digits, also in the derivatives, and infinity is answered by the limit.
"""

import functools
import inspect
import math
from collections.abc import Callable

import numpy as np

from . import ops
from .autograd.trace import op, shape_of
from .backend.fused import stripwise
from .registry import lookup


def get(activation: str | Callable) -> Callable:
    """The activation of that name; a function of one array passes as it is.

    >>> import coursekit as ck
    >>> ck.activations.get("tanh") is ck.activations.tanh
    True
    """
    return lookup(_BY_NAME, activation, "activation")


def names() -> tuple[str, ...]:
    """The names that `get` knows.

    >>> import coursekit as ck
    >>> "relu" in ck.activations.names()
    True
    """
    return tuple(_BY_NAME)


def _differentiable(*rules):
    """Make a function of plain arrays an operation with these derivatives (see `autograd.op`)."""

    def decorate(fn):
        made, signature = op(fn, *rules), inspect.signature(fn)

        @functools.wraps(fn)
        def activation(*args, **named):
            if named:  # a traced parameter is seen among the positional arguments only
                args = signature.bind(*args, **named).args
            return made(*args)

        return activation

    return decorate


def _unless_gone(x, weight):
    """x, and 0 where its weight has vanished: infinity times 0 would be NaN."""
    return np.where(weight == 0, 0, x)


# --- piecewise linear
def identity(x):
    """x: the activation of an output that is any number.

    >>> import coursekit as ck
    >>> ck.activations.identity(3.0)
    3.0
    """
    return x


def relu(x):
    """max(x, 0) (Nair and Hinton 2010); the derivative at 0 is 0.

    >>> import numpy as np, coursekit as ck
    >>> ck.activations.relu(np.array([-1.0, 0.0, 2.0]))
    array([0., 0., 2.])
    """
    return ops.relu(x)


@_differentiable(
    lambda g, y, x, slope=0.01: g * (x > 0) + slope * (g * (x <= 0)),
    lambda g, y, x, slope: np.where(x > 0, 0, g * x),
)
def leaky_relu(x, slope=0.01):
    """x where x > 0, else slope x (Maas et al. 2013); the derivative at 0 is `slope`.

    It can be differentiated by `slope` as well: in `ck.PReLU` the slope learns (He et al. 2015).

    >>> import numpy as np, coursekit as ck
    >>> ck.activations.leaky_relu(np.array([-1.0, 2.0]), slope=0.1)
    array([-0.1,  2. ])
    """
    return np.maximum(x, 0) + slope * np.minimum(x, 0)  # np.where takes several times as long


def absolute(x):
    """|x|; the derivative at 0 is 0.

    >>> import numpy as np, coursekit as ck
    >>> ck.activations.absolute(np.array([-1.0, 2.0]))
    array([1., 2.])
    """
    return ops.absolute(x)


def sign(x):
    """-1, 0 or 1: the original perceptron; its derivative is 0, so nothing before it learns.

    >>> import numpy as np, coursekit as ck
    >>> ck.activations.sign(np.array([-3.0, 0.0, 2.0]))
    array([-1.,  0.,  1.])
    """
    return ops.sign(x)


def maxout(x, pieces=2):
    """The largest of `pieces` neighbours, (..., m pieces) -> (..., m) (Goodfellow et al. 2013).

    Of linear functions it makes any convex one: relu is max(z, 0), the absolute value max(z, -z).
    Where several are the largest they share the derivative. `ck.Maxout` is the layer.

    >>> import numpy as np, coursekit as ck
    >>> ck.activations.maxout(np.array([1.0, 3.0, -2.0, -5.0]))
    array([ 3., -2.])
    """
    lead, width = shape_of(x)[:-1], shape_of(x)[-1]
    if pieces < 1 or width % pieces:
        raise ValueError(f"maxout: {width} features are not a multiple of pieces={pieces}")
    return ops.max(ops.reshape(x, (*lead, width // pieces, pieces)), axis=-1)


# --- smooth steps
@_differentiable(lambda g, y, x, t: -g * (y * t))
def _sech(x, t):
    """1 / cosh(x), given t = tanh(x). Its square is the slope of tanh; 1 - t^2 is 0 far out."""
    return np.exp(-np.abs(x)) * (1 + np.abs(t))


def _bell(x):
    """The root of sigmoid(x) sigmoid(-x), the slope of sigmoid."""
    half = 0.5 * x
    return 0.5 * _sech(half, tanh(half))


@_differentiable(lambda g, y, x: g * _bell(x) ** 2)
def sigmoid(x):
    """1 / (1 + exp(-x)), between 0 and 1; its slope is at most 1/4.

    >>> import numpy as np, coursekit as ck
    >>> ck.activations.sigmoid(np.array([-1000.0, 0.0, 1000.0]))
    array([0. , 0.5, 1. ])
    """
    return np.exp(np.minimum(x, 0)) / (1 + np.exp(-np.abs(x)))


@_differentiable(lambda g, y, x: g * _sech(x, y) ** 2)
def tanh(x):
    """(exp(x) - exp(-x)) / (exp(x) + exp(-x)) = 2 sigmoid(2 x) - 1, between -1 and 1.

    >>> import numpy as np, coursekit as ck
    >>> ck.activations.tanh(np.array([-1000.0, 0.0, 1000.0]))
    array([-1.,  0.,  1.])
    """
    return np.tanh(x)


@_differentiable(lambda g, y, x: g * sigmoid(-x))
def log_sigmoid(x):
    """log(sigmoid(x)) = -softplus(-x).

    >>> import numpy as np, coursekit as ck
    >>> ck.activations.log_sigmoid(np.array([-1000.0, 1000.0]))
    array([-1000.,     0.])
    """
    return np.minimum(x, 0) - np.log1p(np.exp(-np.abs(x)))


# --- smooth relatives of relu
@_differentiable(lambda g, y, x: g * sigmoid(x))
def softplus(x):
    """log(1 + exp(x)) (Dugas et al. 2001), as max(x, 0) + log1p(exp(-|x|)).

    >>> import numpy as np, coursekit as ck
    >>> ck.activations.softplus(np.array([-1000.0, 1000.0]))
    array([   0., 1000.])
    """
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))


@_differentiable(
    lambda g, y, x, alpha=1.0: np.where(x > 0, g, g * (alpha * np.exp(np.where(x < 0, x, 0)))),
    lambda g, y, x, alpha: g * np.expm1(np.where(x < 0, x, 0)),
)
def elu(x, alpha=1.0):
    """x where x > 0, else alpha (exp(x) - 1) (Clevert et al. 2016); the slope at 0 is alpha.

    >>> import numpy as np, coursekit as ck
    >>> ck.activations.elu(np.array([-1000.0, 2.0]))
    array([-1.,  2.])
    """
    return np.maximum(x, 0) + alpha * np.expm1(np.minimum(x, 0))


SELU_SCALE, SELU_ALPHA = 1.0507009873554804934, 1.6732632423543772848


def selu(x):
    """SELU_SCALE elu(x, SELU_ALPHA) (Klambauer et al. 2017).

    The two constants make mean 0 and variance 1 a fixed point of a layer with variance 1 / fan_in.

    >>> import numpy as np, coursekit as ck
    >>> ck.activations.selu(np.array([0.0, 1.0]))
    array([0.       , 1.05070099])
    """
    return SELU_SCALE * elu(x, SELU_ALPHA)


def _gated(share, root):
    """The rule of x share(x), where root(x)^2 is the slope of the share."""

    def rule(g, y, x):
        r = root(x)
        return g * (share(x) + _unless_gone(x, r) * r * r)

    return rule


@_differentiable(_gated(sigmoid, _bell))
def silu(x):
    """x sigmoid(x) (Elfwing et al. 2018), also called swish.

    >>> import numpy as np, coursekit as ck
    >>> ck.activations.silu(np.array([-1000.0, 0.0, 1000.0]))
    array([   0.,    0., 1000.])
    """
    root = np.exp(-0.5 * np.abs(x))
    left = _unless_gone(np.minimum(x, 0), root) * root * root
    return (np.maximum(x, 0) + left) / (1 + root * root)


def gelu(x, approximate="none"):
    """x Phi(x), with the normal distribution function Phi (Hendrycks and Gimpel 2016).

    `approximate="tanh"` replaces Phi(x) by (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))) / 2, which is
    within 5e-4 of it.

    >>> import numpy as np, coursekit as ck
    >>> ck.activations.gelu(np.array([-1000.0, 0.0, 1000.0]))
    array([   0.,    0., 1000.])
    """
    if approximate == "none":
        return _gelu(x)
    if approximate == "tanh":
        near = np.clip(x, -30, 30)  # beyond, Phi is 0 or 1, and the cube might overflow
        share = sigmoid(math.sqrt(8 / math.pi) * (near + 0.044715 * near * near * near))
        return np.where(x > 30, x, near * share)
    raise ValueError(f'approximate must be "none" or "tanh", not {approximate!r}')


def _root_of_density(x):
    return (2 * math.pi) ** -0.25 * ops.gaussian(x, 0.25)


@_differentiable(_gated(ops.normal_cdf, _root_of_density))
@stripwise
def _gelu(x):
    share = ops.normal_cdf(x)
    return _unless_gone(x, share) * share


@_differentiable(lambda g, y, x, beta=1.0: g * np.clip((x + beta) / (2 * beta), 0, 1))
def smelu(x, beta=1.0):
    """0 up to -beta, (x + beta)^2 / (4 beta) between, x from beta on (Shamir et al. 2020).

    relu with a rounded corner: its slope is continuous.

    >>> import numpy as np, coursekit as ck
    >>> ck.activations.smelu(np.array([-1.0, 0.0, 1.0]))
    array([0.  , 0.25, 1.  ])
    """
    if not beta > 0:
        raise ValueError(f"smelu: beta must be a number > 0, not {beta!r}")
    return np.where(x > beta, x, (np.clip(x, -beta, beta) + beta) ** 2 / (4 * beta))


# --- outputs that share
def softmax(x):
    """exp(x_i) / sum_j exp(x_j) along the last axis: positive, and one in sum.

    The losses take logits, not softmax(logits): they apply it themselves.

    >>> import numpy as np, coursekit as ck
    >>> ck.activations.softmax(np.array([1000.0, 1000.0]))
    array([0.5, 0.5])
    """
    return ops.softmax(x)


def log_softmax(x):
    """x_i - log(sum_j exp(x_j)) along the last axis.

    >>> import numpy as np, coursekit as ck
    >>> ck.activations.log_softmax(np.array([0.0, 1000.0]))
    array([-1000.,     0.])
    """
    return ops.log_softmax(x)


_BY_NAME = {
    f.__name__: f
    for f in (
        identity, relu, leaky_relu, absolute, sign, sigmoid, tanh, log_sigmoid, softplus, elu, selu,
        silu, gelu, smelu, softmax, log_softmax,
    )
} | {"linear": identity, "abs": absolute}  # fmt: skip

__all__ = [
    "SELU_ALPHA", "SELU_SCALE", "absolute", "elu", "gelu", "get", "identity", "leaky_relu",
    "log_sigmoid", "log_softmax", "maxout", "names", "relu", "selu", "sigmoid", "sign", "silu",
    "smelu", "softmax", "softplus", "tanh",
]  # fmt: skip
