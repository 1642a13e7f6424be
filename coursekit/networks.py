"""Networks as pure functions: `net(theta, x)`.

`Sequential` lines layers up and owns the `Layout`; theta owns the numbers.
"""

import operator
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from . import backend
from .autograd.trace import dtype_of, shape_of
from .backend import Array
from .layers import Activation, Affine, BatchNorm, Linear, PReLU, Run, Stats
from .layout import Layout


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
        if not any(isinstance(layer, Affine) for layer in made):
            raise ValueError("a network needs at least one Linear or Maxout layer")
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
        or a sequence of those, one for each layer with weights. Kaiming's gain is that of the
        activation whose outputs the layer reads.
        """
        n = sum(isinstance(layer, Affine) for layer in self.layers)
        if isinstance(initializer, str) or callable(initializer):
            initializer = [initializer] * n
        each = list(initializer)
        if len(each) != n:
            raise ValueError(
                f"init takes {n} initializers, one a layer with weights, not {len(each)}"
            )
        generator, arrays, i = backend.rng(rng), [], 0
        for place, layer in enumerate(self.layers):
            if layer.params:
                mine = each[i] if isinstance(layer, Affine) else None
                arrays += layer.draw(mine, generator, self._activation_before(place))
                i += isinstance(layer, Affine)
        flat = np.concatenate([np.ravel(a) for a in arrays])
        return backend.to_device(flat, backend.default_dtype("float32"))

    def _activation_before(self, place):
        """The activation that a layer reads; for the first layer the one that follows it."""
        for layer in reversed(self.layers[:place]):
            if hasattr(layer, "function"):
                return layer.function
            if isinstance(layer, Affine):
                return "identity"
        following = [x.function for x in self.layers[place:] if hasattr(x, "function")]
        return following[0] if following else "identity"

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


def MLP(sizes: Sequence[int], activation: str | Callable | PReLU = "relu") -> Sequential:
    """A fully connected network: Linear layers of these sizes with activations between them.

    With `activation=ck.PReLU()` each has a slope of its own, which is learnt.

    >>> import coursekit as ck
    >>> net = ck.MLP([64, 32, 10], activation="tanh")
    >>> net.layout.size
    2410
    """
    if not isinstance(sizes, list | tuple | np.ndarray) or len(sizes) < 2:
        raise ValueError(f"MLP needs sizes, at least of the input and the output, not {sizes!r}")
    layers: list[Any] = []
    for fan_in, fan_out in pairwise(sizes):
        layers += [Linear(fan_in, fan_out), activation]
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
