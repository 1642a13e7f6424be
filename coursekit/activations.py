"""Activation functions: what stands between two linear layers.

Each takes an array of any shape, plain or traced, and answers in its precision; the derivative
stands above the function, as in `coursekit.ops`. At a kink it is PyTorch's. None overflows.
"""

import functools
import inspect
import math
from collections.abc import Callable

import numpy as np

from . import ops
from .autograd.trace import op
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
    lambda g, y, x, slope=0.01: np.where(x > 0, g, slope * g),
    lambda g, y, x, slope: np.where(x > 0, 0, g * x),
)
def leaky_relu(x, slope=0.01):
    """x where x > 0, else slope x (Maas et al. 2013); the derivative at 0 is `slope`.

    It can be differentiated by `slope` as well, which then learns: PReLU (He et al. 2015).

    >>> import numpy as np, coursekit as ck
    >>> ck.activations.leaky_relu(np.array([-1.0, 2.0]), slope=0.1)
    array([-0.1,  2. ])
    """
    return np.where(x > 0, x, slope * x)


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


# --- smooth steps
@_differentiable(lambda g, y, x: g * (y * sigmoid(-x)))  # y (1 - y) would be 0 from x = 37 on
def sigmoid(x):
    """1 / (1 + exp(-x)), between 0 and 1; its slope is at most 1/4.

    >>> import numpy as np, coursekit as ck
    >>> ck.activations.sigmoid(np.array([-1000.0, 0.0, 1000.0]))
    array([0. , 0.5, 1. ])
    """
    e = np.exp(-np.abs(x))
    return np.where(x < 0, e, 1) / (1 + e)


def tanh(x):
    """(exp(x) - exp(-x)) / (exp(x) + exp(-x)) = 2 sigmoid(2 x) - 1, between -1 and 1.

    >>> import numpy as np, coursekit as ck
    >>> ck.activations.tanh(np.array([-1000.0, 0.0, 1000.0]))
    array([-1.,  0.,  1.])
    """
    return ops.tanh(x)


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
    lambda g, y, x, alpha=1.0: np.where(x > 0, g, g * (alpha * np.exp(np.where(x > 0, 0, x)))),
    lambda g, y, x, alpha: g * np.expm1(np.where(x > 0, 0, x)),
)
def elu(x, alpha=1.0):
    """x where x > 0, else alpha (exp(x) - 1) (Clevert et al. 2016); its slope at 0 is alpha.

    >>> import numpy as np, coursekit as ck
    >>> ck.activations.elu(np.array([-1000.0, 2.0]))
    array([-1.,  2.])
    """
    return np.where(x > 0, x, alpha * np.expm1(np.where(x > 0, 0, x)))


SELU_SCALE, SELU_ALPHA = 1.0507009873554804934, 1.6732632423543772848


def selu(x):
    """SELU_SCALE elu(x, SELU_ALPHA) (Klambauer et al. 2017).

    The two constants make mean 0 and variance 1 a fixed point of a layer with variance 1 / fan_in.

    >>> import numpy as np, coursekit as ck
    >>> ck.activations.selu(np.array([0.0, 1.0]))
    array([0.       , 1.05070099])
    """
    return SELU_SCALE * elu(x, SELU_ALPHA)


@_differentiable(lambda g, y, x: g * (sigmoid(x) + y * sigmoid(-x)))
def silu(x):
    """x sigmoid(x) (Elfwing et al. 2018), also called swish.

    >>> import numpy as np, coursekit as ck
    >>> ck.activations.silu(np.array([-1000.0, 0.0, 1000.0]))
    array([  -0.,    0., 1000.])
    """
    return x * sigmoid(x)


def gelu(x, approximate="none"):
    """x Phi(x), with the normal distribution function Phi (Hendrycks and Gimpel 2016).

    `approximate="tanh"` replaces Phi(x) by (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))) / 2, which is
    within 5e-4 of it.

    >>> import numpy as np, coursekit as ck
    >>> ck.activations.gelu(np.array([-1000.0, 0.0, 1000.0]))
    array([  -0.,    0., 1000.])
    """
    if approximate == "none":
        return x * (0.5 * ops.erfc(x * -math.sqrt(0.5)))
    if approximate == "tanh":
        inner = math.sqrt(2 / math.pi) * (x + 0.044715 * x * x * x)
        return x * (0.5 * (1 + ops.tanh(inner)))
    raise ValueError(f'approximate must be "none" or "tanh", not {approximate!r}')


@_differentiable(lambda g, y, x, beta=1.0: g * np.clip((x + beta) / (2 * beta), 0, 1))
def smelu(x, beta=1.0):
    """0 up to -beta, (x + beta)^2 / (4 beta) between, x from beta on (Shamir et al. 2020).

    relu with a rounded corner: its slope is continuous.

    >>> import numpy as np, coursekit as ck
    >>> ck.activations.smelu(np.array([-1.0, 0.0, 1.0]))
    array([0.  , 0.25, 1.  ])
    """
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
    "log_sigmoid", "log_softmax", "names", "relu", "selu", "sigmoid", "sign", "silu", "smelu",
    "softmax", "softplus", "tanh",
]  # fmt: skip
