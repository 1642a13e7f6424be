"""Networks as pure functions: `net(theta, x)`.

Layers are data: small frozen records that know their parameters and how to act. `Sequential` lines
them up and owns the `Layout`; theta owns the numbers. Weights are stored (fan_in, fan_out), so a
layer is x @ W + b for x (batch, features).
"""

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from . import activations, backend, initializers, ops
from .autograd.trace import dtype_of, shape_of
from .backend import Array
from .layout import Layout


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


# --- layers --------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Linear:
    """x @ W + b: (batch, fan_in) -> (batch, fan_out); `init` overrides that of the network."""

    fan_in: int
    fan_out: int
    bias: bool = True
    init: str | Callable | None = None

    def __post_init__(self):
        _check_sizes(self, "fan_in", "fan_out")

    @property
    def params(self):
        weight = ("W", (self.fan_in, self.fan_out), "weight")
        return [weight, ("b", (self.fan_out,), "bias")] if self.bias else [weight]

    def apply(self, params, x, run, place):
        y = ops.linear(x, *params) if self.bias else x @ params[0]
        if run.taps is not None:
            y = y + run.taps[len(run.inputs)]
            run.inputs.append(x)
        return y

    def draw(self, initializer, rng, activation):
        W = initializers.draw(
            self.init or initializer, (self.fan_in, self.fan_out), rng, activation=activation
        )
        return [W, np.zeros(self.fan_out)] if self.bias else [W]


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
        if not 0 <= self.eps < np.inf:
            raise ValueError(f"BatchNorm: eps must be a number >= 0, not {self.eps!r}")
        if not 0 <= self.momentum <= 1:
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
        if not 0 <= self.rate < 1:
            raise ValueError(f"Dropout: rate must lie in [0, 1), not {self.rate!r}")

    def apply(self, params, x, run, place):
        if not run.train or self.rate == 0:
            return x
        kept = backend.rng(*run.rng, place).random(shape_of(x)) >= self.rate
        return x * backend.to_device(kept / (1 - self.rate), dtype_of(x))


# --- networks ------------------------------------------------------------------------------------
class Sequential:
    """Layers one after the other, as a function `net(theta, x)`; a string is an activation.

    Parameters are named by kind and place, W1, b1, gamma2, beta2, W3, ... counting the layers that
    have any.

    >>> import numpy as np, coursekit as ck
    >>> net = ck.Sequential(ck.Linear(2, 3), ck.BatchNorm(3), "relu", ck.Linear(3, 1))
    >>> net.layout
    Layout([('W1', (2, 3)), ('b1', (3,)), ('gamma2', (3,)), ('beta2', (3,)), ('W3', (3, 1)),
            ('b3', (1,))])
    >>> theta = net.init("xavier_normal", rng=0)
    >>> net(theta, np.zeros((5, 2)), stats=net.init_stats()).shape
    (5, 1)
    """

    def __init__(self, *layers: Any):
        made: list[Any] = [
            Activation(x) if isinstance(x, str) or _is_function(x) else x for x in layers
        ]
        for layer in made:
            if not hasattr(layer, "apply") or isinstance(layer, type):
                raise TypeError(
                    f"a layer is a Linear(...), a BatchNorm(...), the name of an activation or a "
                    f"function, not {layer!r}"
                )
        if not any(isinstance(layer, Linear) for layer in made):
            raise ValueError("a network needs at least one Linear layer")
        self.layers: tuple[Any, ...] = tuple(made)
        self.inputs, self.outputs = _check_widths(self.layers)
        entries, cuts, owners = [], [], 0
        for layer in self.layers:
            owners += bool(layer.params)
            entries += [(f"{name}{owners}", *rest) for name, *rest in layer.params]
            cuts.append((layer, len(entries) - len(layer.params), len(entries)))
        self._steps = tuple(cuts)
        self.layout = Layout(entries)
        self._norms = [layer for layer in self.layers if isinstance(layer, BatchNorm)]
        self.has_stats = bool(self._norms)

    def __repr__(self):
        return f"Sequential({', '.join(map(repr, self.layers))})"

    def __call__(self, theta: Array, x: Array, train=False, stats=None, rng=None) -> Array:
        """The outputs (batch, outputs) for x (batch, features); pure, and traced if theta or x is.

        train=True normalises with batch moments and drops units by masks from `rng` (an int or a
        tuple of ints). Evaluating a network with batch norm needs `stats`.
        """
        backend.require(theta, "theta")
        if dtype_of(theta).kind != "f":
            raise TypeError(f"theta must hold floats, not {dtype_of(theta)}")
        return self.forward(theta, self.input(x, theta), Run(train, stats, seeds(rng)))

    def forward(self, theta: Array, x: Array, run: Run) -> Array:
        """The outputs for an x already in theta's precision; `run` carries what else is wanted."""
        if self.has_stats and not run.train and len(run.stats or ()) != len(self._norms):
            raise ValueError(
                "evaluating a network with batch norm needs stats: pass stats=history.stats, or "
                "net.update_stats(net.init_stats(), f.moments), or train=True for batch moments"
            )
        arrays = self.layout.unpack(theta)
        for place, (layer, start, stop) in enumerate(self._steps):
            x = layer.apply(arrays[start:stop], x, run, place)
        return x

    def input(self, x: Array, theta: Array) -> Array:
        """x checked and in the precision of theta."""
        if isinstance(x, list | tuple):
            x = backend.to_device(x, dtype_of(theta))
        backend.require(x, "x")
        if len(shape_of(x)) != 2 or shape_of(x)[1] != self.inputs:
            hint = ": one example is x[None]" if shape_of(x) == (self.inputs,) else ""
            raise ValueError(f"x must be (batch, {self.inputs}), not {shape_of(x)}{hint}")
        return x if dtype_of(x) == dtype_of(theta) else x.astype(dtype_of(theta))

    # --- starting --------------------------------------------------------------------------------
    def init(
        self, initializer: str | Callable | Sequence = "kaiming_normal", rng: Any = 0
    ) -> Array:
        """A first theta (n,): weights from the initializer, biases 0, batch norms 1 and 0.

        `initializer` is a name of `ck.initializers`, a function ((fan_in, fan_out), rng) -> array,
        or a sequence of those, one for each Linear layer. Kaiming's gain is that of the activation
        whose outputs the layer reads.
        """
        linear = [layer for layer in self.layers if isinstance(layer, Linear)]
        if isinstance(initializer, str) or callable(initializer):
            initializer = [initializer] * len(linear)
        each = list(initializer)
        if len(each) != len(linear):
            raise ValueError(
                f"init takes {len(linear)} initializers, one a Linear, not {len(each)}"
            )
        generator, arrays, i = backend.rng(rng), [], 0
        for place, layer in enumerate(self.layers):
            if layer.params:
                mine = each[i] if isinstance(layer, Linear) else None
                arrays += layer.draw(mine, generator, self._activation_before(place))
                i += isinstance(layer, Linear)
        flat = np.concatenate([np.ravel(a) for a in arrays])
        return backend.to_device(flat, backend.default_dtype("float32"))

    def _activation_before(self, place):
        """The activation that feeds a layer; for the first layer the one that follows it."""
        nearest = [x for x in self.layers[:place] if isinstance(x, Activation)][-1:]
        nearest += [x for x in self.layers[place:] if isinstance(x, Activation)][:1]
        return nearest[0].function if nearest else "identity"

    # --- batch norm ------------------------------------------------------------------------------
    def init_stats(self) -> tuple:
        """Running means 0 and variances 1, one `Stats` per batch norm; () without any."""
        xp, dtype = backend.xp(), backend.default_dtype("float32")
        return tuple(
            Stats(xp.zeros(layer.features, dtype), xp.ones(layer.features, dtype))
            for layer in self._norms
        )

    def update_stats(self, stats: tuple, moments: tuple) -> tuple:
        """The running stats after a batch with these moments, by PyTorch's rule."""
        if not len(stats) == len(moments) == len(self._norms) or None in moments:
            raise ValueError(
                f"update_stats takes the stats and the training moments of {len(self._norms)} "
                f"batch norms, not {len(stats)} stats and the moments {moments!r:.60}"
            )
        new = []
        for layer, old, batch in zip(self._norms, stats, moments, strict=True):
            r, unbiased = layer.momentum, batch.n / max(batch.n - 1, 1)
            mean = (1 - r) * old.mean + r * batch.mean
            new.append(Stats(mean, (1 - r) * old.var + r * unbiased * batch.var))
        return tuple(new)

    # --- training --------------------------------------------------------------------------------
    def objective(self, x: Array, y: Array, loss="cross_entropy", *, reduction="mean", train=True,
                  stats=None, rng=0):  # fmt: skip
        """The loss of this network on data, as an objective; see `SupervisedObjective`."""
        from .supervised import SupervisedObjective

        return SupervisedObjective(
            self, x, y, loss, reduction=reduction, train=train, stats=stats, rng=rng
        )


def MLP(sizes: Sequence[int], activation: str | Callable = "relu") -> Sequential:
    """A fully connected network: Linear layers of these sizes with activations between them.

    >>> import coursekit as ck
    >>> net = ck.MLP([64, 32, 10], activation="tanh")
    >>> net.layout.size
    2410
    """
    if not isinstance(sizes, list | tuple | np.ndarray) or len(sizes) < 2:
        raise ValueError(f"MLP needs sizes, at least of the input and the output, not {sizes!r}")
    layers: list[Any] = []
    for fan_in, fan_out in pairwise(sizes):
        layers += [Linear(fan_in, fan_out), Activation(activation)]
    return Sequential(*layers[:-1])


# --- small things --------------------------------------------------------------------------------
def seeds(rng) -> tuple:
    """The integers that masks are drawn from."""
    if rng is None:
        return (0,)
    if isinstance(rng, np.random.Generator):
        raise TypeError("masks are drawn anew from integers: pass rng=seed or rng=(seed, step)")
    try:
        return tuple(map(operator.index, rng if isinstance(rng, tuple | list) else (rng,)))
    except TypeError:
        raise TypeError(f"rng must be an int or a tuple of ints, not {rng!r}") from None


def _check_sizes(layer, *names):
    """Raise unless these fields are whole numbers from 1 up, and make them plain ints."""
    for name in names:
        n = getattr(layer, name)
        if not isinstance(n, int | np.integer) or isinstance(n, bool) or n < 1:
            raise ValueError(f"{type(layer).__name__}: {name} must be an int >= 1, not {n!r}")
        object.__setattr__(layer, name, int(n))


def _is_function(x):
    return callable(x) and not hasattr(x, "apply")


def _check_widths(layers) -> tuple[int, int]:
    """Inputs and outputs of the network; raises where two neighbours do not fit."""
    first = width = None
    for layer in layers:
        needs = getattr(layer, "fan_in", getattr(layer, "features", None))
        if needs is not None and width is not None and needs != width:
            raise ValueError(
                f"{layer!r} reads {needs} features, but the layer before gives {width}"
            )
        width = getattr(layer, "fan_out", needs or width)
        first = first or needs
    return first or 0, width or 0
