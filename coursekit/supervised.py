"""The loss of a network on labelled data, as an objective that can be split into minibatches."""

from typing import Any, NamedTuple

import numpy as np

from . import backend, losses
from .autograd.trace import shape_of, untraced
from .autograd.transforms import ggn, grad, hvp, one_like, vjp
from .backend import Array
from .layers import Affine, Run
from .networks import Sequential, seeds
from .objective import EXAMPLES, GGN, HESSIAN, HVP, VALUE, Objective


class Factors(NamedTuple):
    """Kronecker factors of one Linear layer's Fisher matrix, which is about A (x) G.

    A (fan_in + 1, fan_in + 1) is the mean of a a^T over the rows, a the layer's input with a 1 for
    the bias at its end; G (fan_out, fan_out) the mean of g g^T, g the derivative of a row's loss by
    the layer's output.
    """

    name: str
    A: Array
    G: Array


class Rows:
    """Examples x with encoded targets t, in any precision asked for, each converted once."""

    def __init__(self, x, t):
        self.n = len(x)
        self._made = {x.dtype: (x, t)}

    def at(self, dtype) -> tuple[Array, Array]:
        if dtype not in self._made:
            self._made[dtype] = self._make(dtype)
        return self._made[dtype]

    def _make(self, dtype):
        if dtype.kind != "f":
            raise TypeError(f"theta must hold floats, not {dtype}")
        x, t = next(iter(self._made.values()))
        return x.astype(dtype), t.astype(dtype) if t.dtype.kind == "f" else t  # labels stay labels


class SomeRows(Rows):
    """The rows of a whole at some indices, gathered when they are first looked at."""

    def __init__(self, whole: Rows, indices):
        if hasattr(indices, "dtype") and indices.dtype.kind == "b":  # a mask, such as y == 3
            (indices,) = indices.nonzero()
        self.n = len(indices)
        self._made = {}
        self._whole, self._indices = whole, indices

    def _make(self, dtype):
        x, t = self._whole.at(dtype)
        return x.take(self._indices, axis=0), t.take(self._indices, axis=0)


class SupervisedObjective(Objective):
    """f(theta): the mean loss of net(theta, x) against y, made by `net.objective(x, y, loss)`.

    `reduction="sum"` adds the rows up instead, as some texts do. Batch norm uses the moments of
    the rows it sees, kept as `f.moments`; dropout masks come from `rng`, so f is a fixed function.
    `train=False` evaluates instead, with the running `stats`.
    """

    def __init__(self, net: Sequential, x, y, loss: Any = "cross_entropy", *, reduction="mean",
                 train=True, stats=None, rng=0):  # fmt: skip
        if reduction not in ("mean", "sum"):
            raise ValueError(f'reduction must be "mean" or "sum", not {reduction!r}')
        super().__init__(fn=net)  # not self.value: in a circle, the data would outlive its users
        self.net, self.loss, self.reduction = net, losses.get(loss), reduction
        self.train, self.stats, self.rng = train, stats, seeds(rng)
        if not hasattr(x, "dtype"):
            x = backend.to_device(x, "float64")
        dtype = x.dtype if x.dtype.kind == "f" else np.dtype("float64")
        x = net.input(x, np.empty(0, dtype))
        t = self.loss.encode(y, net.outputs, dtype)
        if len(t) != len(x):
            raise ValueError(f"x has {len(x)} rows but y has {len(t)}")
        self._rows = self._curvature = Rows(x, t)
        self.examples_per_call = self._rows.n
        # of the last evaluation: value, moments, theta, whether it was the only one, for a gradient
        self._seen: tuple | None = None

    def batch(self, indices, curvature=None, rng=None) -> "SupervisedObjective":
        """The objective on some rows, None for all: value and grad on `indices`; hvp, ggn, hessian
        and factors on the rows `curvature` if given. It shares this objective's counts."""
        part = object.__new__(type(self))  # what copy.copy does, without asking around
        vars(part).update(vars(self))
        part._rows = self._rows if indices is None else SomeRows(self._rows, indices)
        part._curvature = part._rows
        if curvature is not None:
            part._curvature = SomeRows(self._curvature, curvature)
        part.examples_per_call = part._rows.n
        part._seen = None
        if rng is not None:
            part.rng = seeds(rng)
        return part

    # --- what an evaluation leaves behind --------------------------------------------------------
    @property
    def last_value(self) -> Array:
        """The value that the last value, grad or value_and_grad came by, at no further cost."""
        return untraced(self._last()[0])

    @property
    def moments(self) -> tuple:
        """The batch moments of each batch norm in the last evaluation."""
        return self._last()[1]

    def saw(self, *thetas) -> bool:
        """Whether the last evaluation was at one of these very arrays, or for the only gradient."""
        _, _, theta, only = self._last()
        return only or any(theta is one for one in thetas)

    def _last(self):
        if self._seen is None:
            raise ValueError("nothing was evaluated on this batch yet: call value or grad first")
        return self._seen

    # --- answers ---------------------------------------------------------------------------------
    def value(self, theta):
        self._check(theta)
        self._count(VALUE)
        value, moments = self._loss(theta, *self._rows.at(theta.dtype))
        self._seen = value, moments, theta, False
        return value

    def _value_and_grad(self, theta):
        x, t = self._rows.at(theta.dtype)
        value, pull, moments = vjp(lambda th: self._loss(th, x, t), theta, has_aux=True)
        self._seen = value, moments, theta, self._seen is None
        return value, pull(one_like(value))[0]

    def hvp(self, theta, v):
        self._check(theta, v)
        self._ask(HVP)
        x, t = self._curvature.at(theta.dtype)
        return hvp(lambda th: self._loss(th, x, t)[0], theta, v)

    def hessian(self, theta):
        self._check(theta)
        self._ask(HESSIAN)
        x, t = self._curvature.at(theta.dtype)
        _, pull = vjp(grad(lambda th: self._loss(th, x, t)[0]), theta)
        unit = backend.to_device(np.eye(theta.size, dtype=theta.dtype))
        return np.stack([pull(e)[0] for e in unit])

    def ggn(self, theta, v):
        self._check(theta, v)
        self._ask(GGN)
        x, t = self._curvature.at(theta.dtype)
        return ggn(
            lambda th: self.net.forward(th, x, self._run()),
            lambda logits: self._of_logits(logits, t),
            theta,
            v,
        )

    def factors(self, theta, fisher="exact", seed=0) -> tuple[Factors, ...]:
        """Kronecker factors of the Fisher matrix, one `Factors` for each layer with weights.

        Martens & Grosse 2015, section 3. `fisher`: "exact" takes the expectation over the model's
        own predictions, "mc" one draw of targets per row from `seed`, "empirical" the targets
        given. G is that of the mean loss, whatever the reduction.
        """
        if fisher not in ("exact", "mc", "empirical"):
            raise ValueError(f'fisher must be "exact", "mc" or "empirical", not {fisher!r}')
        self._check(theta)
        self._tally[EXAMPLES] += self._curvature.n
        x, t = self._curvature.at(theta.dtype)
        linear = [layer for layer in self.net.layers if isinstance(layer, Affine)]
        n = shape_of(x)[0]
        taps = [np.zeros_like(x, shape=(n, layer.shape[1])) for layer in linear]

        def outputs(*taps):
            run = self._run(taps=taps)
            return self.net.forward(theta, x, run), run.inputs

        logits, pull, inputs = vjp(outputs, *taps, has_aux=True)
        if fisher == "exact":
            roots = self.loss.hessian_root(logits, t)
        else:
            if fisher == "mc":
                t = self.loss.sample_targets(logits, backend.rng(seed)).astype(theta.dtype)
            roots = [n * grad(self.loss.function)(logits, t)]
        slopes = [pull(root) for root in roots]  # per root, per layer: (n, fan_out)
        weights = [b for b in self.net.layout.blocks if b.role == "weight"]
        found = []
        for i, (layer, a) in enumerate(zip(linear, inputs, strict=True)):
            if layer.bias:
                a = np.concatenate([a, np.ones_like(a[:, :1])], axis=1)
            G = sum(g[i].T @ g[i] for g in slopes) / n
            found.append(Factors(weights[i].name, a.T @ a / n, G))
        return tuple(found)

    # --- the computation -------------------------------------------------------------------------
    def _loss(self, theta, x, t):
        run = self._run()
        loss = self._of_logits(self.net.forward(theta, x, run), t)
        return loss, tuple(run.moments)

    def _of_logits(self, logits, t):
        loss = self.loss.function(logits, t)
        return loss if self.reduction == "mean" else loss * len(t)

    def _run(self, taps=None):
        return Run(self.train, self.stats, self.rng, [], [], taps)

    def _ask(self, question):
        self._tally[question] += 1
        self._tally[EXAMPLES] += self._curvature.n
