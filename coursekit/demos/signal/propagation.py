"""A batch of inputs on its way through a deep network, and a gradient on its way back."""

from functools import lru_cache, partial
from typing import NamedTuple

import numpy as np

from ... import activations, initializers
from ...autograd import vjp
from ...layers import Activation, BatchNorm, Linear, Run
from ...networks import Sequential

DEEPEST = 60
DRAWN = (15, 30, DEEPEST)  # so many layers are drawn at a time: a drag of depth seldom draws
ROWS = 64  # inputs in the batch
BINS = 61  # of a distribution; odd, so that one lies about 0
REACH = 3.0  # how far from 0 distributions are seen
ROUNDING = 2e-15  # less than this share of a value is what rounding has left
SILENT = 0.0099  # a unit that passes back less of a gradient than this hardly passes any


class Start(NamedTuple):
    """First weights: an initializer, and the parameter of the demo that multiplies them."""

    initializer: str
    fields: tuple[tuple[str, float], ...] = ()
    scale: str = ""
    root: bool = False  # the parameter is a variance: its root multiplies

    def factor(self, values) -> float:
        x = values[self.scale] if self.scale else 1.0
        return float(np.sqrt(x)) if self.root else x

    def made(self):
        f = initializers.get(self.initializer)
        return partial(f, **dict(self.fields)) if self.fields else f

    def spelled(self) -> str:
        """The same as one writes it."""
        if not self.fields:
            return f'"{self.initializer}"'
        said = ", ".join(f"{k}={v!r}" for k, v in self.fields)
        return f"partial(ck.initializers.{self.initializer}, {said})"


STARTS = {
    "Kaiming": Start("kaiming_normal"),
    "Xavier": Start("xavier_normal"),
    "Defazio-Bottou": Start("defazio_bottou", (("c", 1.0),), "c", root=True),
    "orthogonal": Start("orthogonal"),
    "PyTorch weights": Start("torch_default"),
    "normal": Start("normal", (("std", 1.0),), "std"),
    "constant": Start("constant", (("value", 1.0),), "value"),
    "zero": Start("zeros"),
}


class Passage(NamedTuple):
    """What is seen at each layer; h[0] and grad[0] belong to the input."""

    h: np.ndarray  # (depth + 1, rows, width) what a layer hands on
    grad: np.ndarray  # (depth + 1, rows, width) the gradient by h
    silent: np.ndarray  # (depth,) share of units that pass hardly any of it back, for any input
    W: tuple[np.ndarray, ...]  # (width, width) each
    slopes: np.ndarray  # (depth, width) what each unit multiplies x @ W by, for the first input


def passage(activation, init, factor, depth, width, batch_norm, mean, seed, rows=ROWS) -> Passage:
    """Send a batch with this mean through the network, and Gaussian gradients back."""
    f = activations.get(activation)
    ear = Ear(f)
    net = Sequential(*_layers(ear, width, batch_norm) * depth)
    deep = next(n for n in DRAWN if n >= depth)
    theta = first_weights(activation, init, width, batch_norm, seed, deep)[: net.layout.size]
    theta = theta * (np.where(net.layout.mask("weight"), factor, 1.0) if batch_norm else factor)
    x = mean + np.random.default_rng([seed, 1]).standard_normal((ROWS, width))[:rows]
    v = np.random.default_rng([seed, 2]).standard_normal((ROWS, width))[:rows]
    run = Run(train=True)

    def through(x, *taps):
        ear.taps = taps[:depth], taps[depth:]
        return net.forward(theta, x, run), (ear.z, ear.h)

    nothing = [np.zeros((rows, width))] * (2 * depth)
    _, pull, (z, h) = vjp(through, x, *nothing, has_aux=True)
    by_x, *rest = pull(v)
    by_z, by_h = rest[:depth], rest[depth:]
    passes = [np.abs(a) > SILENT * np.abs(b) for a, b in zip(by_z, by_h, strict=True)]
    silent = 1 - np.array([p.any(axis=0).mean() for p in passes])

    ones = np.ones((depth, width))
    (slopes,) = vjp(f, np.stack(z)[:, 0])[1](ones)
    if batch_norm:
        slopes = slopes / np.sqrt([m.var + BatchNorm(width).eps for m in run.moments])
    blocks = zip(net.layout.blocks, net.layout.unpack(theta), strict=True)
    W = tuple(array for block, array in blocks if block.role == "weight")
    return Passage(np.stack([x, *h]), np.stack([by_x, *by_h]), silent, W, slopes)


class Ear:
    """An activation that remembers what passes, and adds nothing before and behind it.

    The derivative by the nothing that is added is the gradient at that place.
    """

    params = ()

    def __init__(self, f):
        self.f = f
        self.z: list = []
        self.h: list = []
        self.taps: tuple = ()  # zeros for each layer, before and behind

    def apply(self, params, z, run, place):
        before, behind = (tap[len(self.z)] for tap in self.taps)
        self.z.append(z)
        self.h.append(self.f(z + before))
        return self.h[-1] + behind


@lru_cache(4)
def first_weights(activation, init, width, batch_norm, seed, deep) -> np.ndarray:
    """theta of so deep a network; that of a less deep one is how it begins."""
    net = Sequential(*_layers(Activation(activation), width, batch_norm) * deep)
    theta = net.init(STARTS[init].made(), rng=seed).astype(float)
    theta.flags.writeable = False
    return theta


def _layers(activation, width, batch_norm):
    norm = [BatchNorm(width)] if batch_norm else []
    return [Linear(width, width, bias=False), *norm, activation]


# --- what is seen of it ------------------------------------------------------------------------
class Seen(NamedTuple):
    """What is drawn of a passage. Index 0 is the input; what has one entry less begins with
    the first layer.
    """

    activation: str
    layer: int  # the one that is looked at
    signal: np.ndarray  # (depth + 1,) root mean square of all values
    mean: np.ndarray  # (depth + 1,) of all values
    apart: np.ndarray  # (depth + 1,) root mean square of what differs from input to input
    gradient: np.ndarray  # (depth + 1,) root mean square of the gradient
    alike: bool  # whether all units of the last layer are the same
    silent: np.ndarray  # (depth,) share of units that pass hardly any gradient back
    shares: np.ndarray  # (depth + 1, BINS) of values in each bin from -REACH to REACH
    shape: np.ndarray  # (BINS,) the same at `layer`, in units of its root mean square
    singular: np.ndarray | None  # (width,) of the Jacobian of `layer` by the input, if there yet

    @property
    def depth(self) -> int:
        return len(self.signal) - 1


def seen(activation: str, passed: Passage, layer: int, spectrum: bool = True) -> Seen:
    """Sizes and distributions at all layers, and one layer more closely."""
    h = passed.h
    some = h[:, ::4]
    places = ((np.clip(some, -REACH, REACH) + REACH) * (BINS / (2 * REACH + 1e-9))).astype(int)
    places += BINS * np.arange(len(h))[:, None, None]
    shares = np.bincount(places.ravel(), minlength=BINS * len(h)) / some[0].size
    signal = _rms(h)
    scaled = h[layer].ravel() / (signal[layer] or 1.0)
    shape, _ = np.histogram(np.clip(scaled, -REACH, REACH), BINS, (-REACH, REACH))
    apart = _rms(h - h.mean(axis=1, keepdims=True))
    return Seen(
        activation,
        layer,
        signal,
        h.mean(axis=(1, 2)),
        np.where(apart > ROUNDING * signal, apart, 0),
        _rms(passed.grad),
        bool(np.ptp(h[-1], axis=1).max() <= ROUNDING * signal[-1]),
        passed.silent,
        shares.reshape(-1, BINS),
        shape / len(scaled),
        singular_values(passed, layer) if spectrum else None,
    )


def _rms(x: np.ndarray) -> np.ndarray:
    """The root of the mean square of each layer."""
    found = np.sqrt(np.einsum("lij,lij->l", x, x) / x[0].size)
    if np.all((found > 1e-150) & (found < np.inf)):
        return found
    largest = np.abs(x).max(axis=(1, 2), keepdims=True)  # squares are too large, or too small
    x = x / np.where(largest > 0, largest, 1)
    return largest.ravel() * np.sqrt(np.einsum("lij,lij->l", x, x) / x[0].size)


def singular_values(passed: Passage, layer: int) -> np.ndarray:
    """Those of the Jacobian of a layer's output by the input, W_1 D_1 W_2 D_2 ..., descending.

    Batch norm counts with its moments held. What rounding has left is 0.
    """
    J = np.eye(len(passed.W[0]))
    for W, slope in zip(passed.W[:layer], passed.slopes, strict=False):
        J = J @ (W * slope)
    found = np.linalg.svd(J, compute_uv=False)
    return np.where(found > len(J) * np.finfo(float).eps * found[0], found, 0)
