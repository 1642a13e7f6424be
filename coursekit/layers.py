"""Layers are data: small frozen records that know their parameters and how to act.

A layer says what it needs from theta (`params`: names, shapes, roles), acts on x (`apply`), and
draws its first numbers (`draw`). Weights are stored (fan_in, fan_out), so that a layer is x @ W + b
for x (batch, features).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from numbers import Real
from typing import Any, NamedTuple

import numpy as np

from . import activations, backend, initializers, ops
from .autograd.trace import dtype_of, shape_of
from .backend import Array


class Moments(NamedTuple):
    """Mean and (biased) variance of each feature over the n rows of a batch."""

    mean: Array
    var: Array
    n: int


class Stats(NamedTuple):
    """Running mean and variance of each feature, for evaluation."""

    mean: Array
    var: Array


@dataclass
class Run:
    """What one pass through a network carries along besides x."""

    train: bool = False
    stats: tuple = ()
    rng: tuple = (0,)
    moments: list = field(default_factory=list)  # of each batch norm, in order
    inputs: list = field(default_factory=list)  # of each linear layer, if taps are set
    taps: Sequence | None = None  # added to the output of each linear layer


# --- with weights ----------------------------------------------------------------------------
class Affine:
    """What the layers that begin with x @ W + b have in common."""

    fan_in: int
    fan_out: int
    pieces = 1  # columns of W for each output
    bias: bool
    init: Any

    @property
    def shape(self) -> tuple[int, int]:
        """That of W."""
        return self.fan_in, self.fan_out * self.pieces

    @property
    def params(self):
        weight = ("W", self.shape, "weight")
        return [weight, ("b", self.shape[1:], "bias")] if self.bias else [weight]

    def apply(self, params, x, run, place):
        y = ops.linear(x, *params) if self.bias else x @ params[0]
        if run.taps is not None:
            y = y + run.taps[len(run.inputs)]
            run.inputs.append(x)
        return y

    def draw(self, initializer, rng, activation):
        fans = self.fan_in, self.fan_out
        drawn = [
            initializers.draw(self.init or initializer, fans, rng, activation=activation)
            for _ in range(self.pieces)
        ]
        W = np.stack(drawn, axis=-1).reshape(self.shape)
        return [W, np.zeros(self.shape[1:])] if self.bias else [W]


@dataclass(frozen=True)
class Linear(Affine):
    """x @ W + b: (batch, fan_in) -> (batch, fan_out); `init` overrides that of the network."""

    fan_in: int
    fan_out: int
    bias: bool = True
    init: str | Callable | None = None

    def __post_init__(self):
        _check_sizes(self, "fan_in", "fan_out")


@dataclass(frozen=True)
class Maxout(Affine):
    """For each output the largest of `pieces` linear functions of x (Goodfellow et al. 2013).

    W (fan_in, fan_out pieces) holds the pieces of one output side by side; each piece is drawn like
    a Linear layer of its own. A layer with an activation that is learnt; no other follows it.

    >>> import numpy as np, coursekit as ck
    >>> net = ck.Sequential(ck.Maxout(1, 1, pieces=2))
    >>> theta = np.array([1.0, -1.0, 0.0, 0.0])  # W, b: max(x, -x)
    >>> net(theta, np.array([[-3.0], [2.0]])).ravel()
    array([3., 2.])
    """

    fan_in: int
    fan_out: int
    pieces: int = 2
    bias: bool = True
    init: str | Callable | None = None

    def __post_init__(self):
        _check_sizes(self, "fan_in", "fan_out", "pieces")

    @property
    def function(self):
        return partial(activations.maxout, pieces=self.pieces)

    def apply(self, params, x, run, place):
        return self.function(super().apply(params, x, run, place))


# --- between weights -------------------------------------------------------------------------
@dataclass(frozen=True)
class Activation:
    """An activation, elementwise: a name of `ck.activations` or a function."""

    function: str | Callable
    _f: Callable = field(init=False, repr=False, compare=False)

    params = ()

    def __post_init__(self):
        object.__setattr__(self, "_f", activations.get(self.function))

    def apply(self, params, x, run, place):
        return self._f(x)


@dataclass(frozen=True)
class PReLU:
    """x where x > 0, else a x, with a slope a that is learnt (He et al. 2015).

    One slope for all features, or one for each if their number is given; they start at `init`.

    >>> import coursekit as ck
    >>> ck.MLP([2, 3, 1], activation=ck.PReLU()).layout
    Layout([('W1', (2, 3)), ('b1', (3,)), ('a2', (1,)), ('W3', (3, 1)), ('b3', (1,))])
    """

    features: int | None = None
    init: float = 0.25

    def __post_init__(self):
        if self.features is not None:
            _check_sizes(self, "features")
        if not (isinstance(self.init, Real) and np.isfinite(self.init)):
            raise ValueError(f"PReLU: init must be a finite number, not {self.init!r}")

    @property
    def params(self):
        return [("a", (self.features or 1,), "slope")]

    @property
    def function(self):
        return partial(activations.leaky_relu, slope=self.init)

    def apply(self, params, x, run, place):
        return activations.leaky_relu(x, *params)

    def draw(self, initializer, rng, activation):
        return [np.full(self.features or 1, float(self.init))]


@dataclass(frozen=True)
class BatchNorm:
    """gamma (x - mean) / sqrt(var + eps) + beta, feature by feature.

    Ioffe & Szegedy 2015, algorithm 1. In training mean and (biased) variance are those of the
    batch; in evaluation the running ones, r <- (1 - momentum) r + momentum batch with the unbiased
    variance, as in PyTorch.
    """

    features: int
    eps: float = 1e-5
    momentum: float = 0.1

    def __post_init__(self):
        _check_sizes(self, "features")
        if not (isinstance(self.eps, Real) and 0 <= self.eps < np.inf):
            raise ValueError(f"BatchNorm: eps must be a number >= 0, not {self.eps!r}")
        if not (isinstance(self.momentum, Real) and 0 <= self.momentum <= 1):
            raise ValueError(f"BatchNorm: momentum must lie in [0, 1], not {self.momentum!r}")

    @property
    def params(self):
        return [("gamma", (self.features,), "scale"), ("beta", (self.features,), "shift")]

    def apply(self, params, x, run, place):
        gamma, beta = params
        if run.train:
            mean, var = ops.mean(x, axis=0), ops.var(x, axis=0)
            run.moments.append(
                Moments(ops.stop_gradient(mean), ops.stop_gradient(var), shape_of(x)[0])
            )
        else:
            mean, var = (a.astype(dtype_of(x)) for a in run.stats[len(run.moments)])
            run.moments.append(None)
        return gamma * ((x - mean) / ops.sqrt(var + self.eps)) + beta

    def draw(self, initializer, rng, activation):
        return [np.ones(self.features), np.zeros(self.features)]


@dataclass(frozen=True)
class Dropout:
    """In training, each element is 0 with probability `rate`, else divided by 1 - rate.

    Srivastava et al. 2014. The mask is drawn on the host from the pass's rng and the layer's place,
    so the same pass always has the same mask.
    """

    rate: float = 0.5

    params = ()

    def __post_init__(self):
        if not (isinstance(self.rate, Real) and 0 <= self.rate < 1):
            raise ValueError(f"Dropout: rate must lie in [0, 1), not {self.rate!r}")

    def apply(self, params, x, run, place):
        if not run.train or self.rate == 0:
            return x
        kept = backend.rng(*run.rng, place).random(shape_of(x)) >= self.rate
        return x * backend.to_device(kept / (1 - self.rate), dtype_of(x))


def _check_sizes(layer, *names):
    """Raise unless these fields are whole numbers from 1 up, and make them plain ints."""
    for name in names:
        n = getattr(layer, name)
        if not isinstance(n, int | np.integer) or isinstance(n, bool) or n < 1:
            raise ValueError(f"{type(layer).__name__}: {name} must be an int >= 1, not {n!r}")
        object.__setattr__(layer, name, int(n))
