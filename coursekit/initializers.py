"""Initializers: first weights, large enough to carry a signal and small enough not to blow it up.

Each draws W (fan_in, fan_out), for a layer x @ W, on the host in float64, from a seed or a NumPy
Generator. With independent weights of mean zero, an output's second moment is fan_in Var(W) times
that of an input: most initializers are one choice of Var(W).
"""

import functools
import inspect
import math
from collections.abc import Callable
from numbers import Real

import numpy as np

from . import backend
from .gains import gain
from .registry import lookup

Shape = tuple[int, int]
Seed = int | np.random.Generator


def get(initializer: str | Callable) -> Callable:
    """The initializer of that name; a function ((fan_in, fan_out), rng) -> array passes as it is.

    >>> import coursekit as ck
    >>> ck.initializers.get("zeros") is ck.initializers.zeros
    True
    """
    return lookup(_BY_NAME, initializer, "initializer")


def names() -> tuple[str, ...]:
    """The names that `get` knows.

    >>> import coursekit as ck
    >>> "kaiming_normal" in ck.initializers.names()
    True
    """
    return tuple(_BY_NAME)


def draw(initializer: str | Callable, shape: Shape, rng: Seed, activation="relu") -> np.ndarray:
    """Weights from an initializer by name or function, checked to be finite and of that shape.

    `activation`, a name or a function, reaches those initializers that take one and have it not
    set already, as functools.partial(kaiming_normal, activation="tanh") has.

    >>> import coursekit as ck
    >>> ck.initializers.draw("kaiming_normal", (3, 2), rng=0).shape
    (3, 2)
    """
    f = get(initializer)
    _fans(shape)
    chosen = f.keywords if isinstance(f, functools.partial) else {}
    takes = "activation" not in chosen and "activation" in _parameters(f)
    W = f(shape, backend.rng(rng), **({"activation": activation} if takes else {}))
    W = np.array(backend.to_host(W), float)
    if W.shape != tuple(shape):
        raise ValueError(f"{_name(f)} must give weights of the shape {shape}, not {W.shape}")
    if not np.all(np.isfinite(W)):
        raise ValueError(f"{_name(f)} must give finite weights, but some are NaN or infinite")
    return W


# --- by variance
def lecun_normal(shape: Shape, rng: Seed, mode="fan_in"):
    """N(0, 1 / fan_in) (LeCun et al. 1998): keeps the variance of a linear layer's signal.

    `mode="fan_out"` keeps that of the gradient, which passes the layer backwards.

    >>> import coursekit as ck
    >>> ck.initializers.lecun_normal((3, 2), rng=0).shape
    (3, 2)
    """
    return _normal(shape, rng, 1 / _fan(shape, mode))


def lecun_uniform(shape: Shape, rng: Seed, mode="fan_in"):
    """U(-b, b), b = sqrt(3 / fan): the variance of `lecun_normal`.

    >>> import coursekit as ck
    >>> bool(abs(ck.initializers.lecun_uniform((3, 2), rng=0)).max() <= 1)
    True
    """
    return _uniform(shape, rng, 1 / _fan(shape, mode))


def xavier_normal(shape: Shape, rng: Seed, gain=1.0):
    """N(0, 2 gain^2 / (fan_in + fan_out)) (Glorot and Bengio 2010): between forwards and backwards.

    >>> import coursekit as ck
    >>> ck.initializers.xavier_normal((3, 2), rng=0).shape
    (3, 2)
    """
    return _normal(shape, rng, _at_least_0(gain, "gain") ** 2 * 2 / sum(_fans(shape)))


def xavier_uniform(shape: Shape, rng: Seed, gain=1.0):
    """U(-b, b), b = gain sqrt(6 / (fan_in + fan_out)): the variance of `xavier_normal`.

    >>> import coursekit as ck
    >>> bool(abs(ck.initializers.xavier_uniform((4, 2), rng=0)).max() <= 1)
    True
    """
    return _uniform(shape, rng, _at_least_0(gain, "gain") ** 2 * 2 / sum(_fans(shape)))


def kaiming_normal(shape: Shape, rng: Seed, activation="relu", slope=None, mode="fan_in"):
    """N(0, gain^2 / fan_in) (He et al. 2015): 2 / fan_in for relu, which halves E z^2.

    gain = `gain(activation, slope)`; `mode="fan_out"` looks at the gradient instead.

    >>> import coursekit as ck
    >>> ck.initializers.kaiming_normal((3, 2), rng=0).shape
    (3, 2)
    """
    return _normal(shape, rng, _gain(activation, slope) ** 2 / _fan(shape, mode))


def kaiming_uniform(shape: Shape, rng: Seed, activation="relu", slope=None, mode="fan_in"):
    """U(-b, b), b = gain sqrt(3 / fan): the variance of `kaiming_normal`.

    >>> import coursekit as ck
    >>> bool(abs(ck.initializers.kaiming_uniform((6, 2), rng=0)).max() <= 1)
    True
    """
    return _uniform(shape, rng, _gain(activation, slope) ** 2 / _fan(shape, mode))


def defazio_bottou(shape: Shape, rng: Seed, activation="relu", c: float | None = None):
    """N(0, c / sqrt(fan_in fan_out)) (Defazio and Bottou 2019); c = gain^2, which is 2 for relu.

    The geometric mean of forwards and backwards, which balances the curvature of the layers.

    >>> import coursekit as ck
    >>> ck.initializers.defazio_bottou((3, 2), rng=0).shape
    (3, 2)
    """
    c = gain(activation) ** 2 if c is None else _at_least_0(c, "c")
    return _normal(shape, rng, c / math.sqrt(math.prod(_fans(shape))))


def torch_default(shape: Shape, rng: Seed):
    """U(-b, b), b = 1 / sqrt(fan_in): what PyTorch's Linear does, of variance 1 / (3 fan_in).

    Neither Xavier nor Kaiming: Glorot and Bengio (2010) call it the standard initialization, and
    show how the signal fades in it. (PyTorch draws biases like this too; here they start at 0.)

    >>> import coursekit as ck
    >>> bool(abs(ck.initializers.torch_default((4, 2), rng=0)).max() <= 0.5)
    True
    """
    return _uniform(shape, rng, 1 / (3 * _fan(shape, "fan_in")))


def truncated_normal(shape: Shape, rng: Seed, std: float | None = None):
    """A normal distribution cut at two deviations, widened so that `std` is the one that is left.

    Default: 1 / sqrt(fan_in). Keras draws the normal versions of Xavier and Kaiming like this.

    >>> import coursekit as ck
    >>> bool(abs(ck.initializers.truncated_normal((4, 2), rng=0, std=1)).max() <= 2 / 0.8796)
    True
    """
    std = 1 / math.sqrt(_fan(shape, "fan_in")) if std is None else _at_least_0(std, "std")
    generator = backend.rng(rng)
    W = generator.standard_normal(shape)
    while (outside := np.abs(W) > 2).any():
        W[outside] = generator.standard_normal(np.count_nonzero(outside))
    return W * (std / TRUNCATED_STD)


TRUNCATED_STD = 0.87962566103423978  # of a standard normal cut at -2 and 2


# --- by structure
def orthogonal(shape: Shape, rng: Seed, gain=1.0):
    """gain Q with orthonormal columns, or rows if there are fewer (Saxe et al. 2014).

    No direction grows or shrinks on its way, at any depth. Q is that of a Gaussian matrix's QR
    with diag(R) > 0, which makes it uniformly distributed (Mezzadri 2007).

    >>> import numpy as np, coursekit as ck
    >>> Q = ck.initializers.orthogonal((4, 2), rng=0)
    >>> bool(np.allclose(Q.T @ Q, np.eye(2)))
    True
    """
    n, m = _fans(shape)
    Q, R = np.linalg.qr(backend.rng(rng).standard_normal((max(n, m), min(n, m))))
    Q = Q * np.sign(np.diag(R))
    return _at_least_0(gain, "gain") * (Q if n >= m else Q.T)


def sparse(shape: Shape, rng: Seed, connections=15, std=1.0):
    """N(0, std^2) for `connections` incoming weights of each unit, 0 for the others (Martens 2010).

    >>> import numpy as np, coursekit as ck
    >>> np.count_nonzero(ck.initializers.sparse((100, 3), rng=0), axis=0)
    array([15, 15, 15])
    """
    n, m = _fans(shape)
    if not isinstance(connections, int | np.integer) or connections < 1:
        raise ValueError(f"connections must be an int >= 1, not {connections!r}")
    generator = backend.rng(rng)
    W = _at_least_0(std, "std") * generator.standard_normal(shape)
    rank = generator.random((n, m)).argsort(axis=0).argsort(axis=0)
    return np.where(rank < connections, W, 0.0)


# --- by hand
def zeros(shape: Shape, rng: Seed = 0):
    """0: all units of a layer are the same, and stay so.

    >>> import coursekit as ck
    >>> ck.initializers.zeros((1, 2))
    array([[0., 0.]])
    """
    return np.zeros(_fans(shape))


def constant(shape: Shape, rng: Seed = 0, value=1.0):
    """`value` everywhere; for a network, functools.partial(constant, value=0.5).

    >>> import coursekit as ck
    >>> ck.initializers.constant((1, 2), value=3)
    array([[3., 3.]])
    """
    if not (isinstance(value, Real) and math.isfinite(value)):
        raise ValueError(f"value must be a finite number, not {value!r}")
    return np.full(_fans(shape), float(value))


def normal(shape: Shape, rng: Seed, std=0.01):
    """N(0, std^2), whatever the size of the layer.

    >>> import coursekit as ck
    >>> ck.initializers.normal((3, 2), rng=0, std=1).shape
    (3, 2)
    """
    return _normal(shape, rng, _at_least_0(std, "std") ** 2)


def uniform(shape: Shape, rng: Seed, bound=0.05):
    """U(-bound, bound), whatever the size of the layer.

    >>> import coursekit as ck
    >>> bool(abs(ck.initializers.uniform((3, 2), rng=0)).max() <= 0.05)
    True
    """
    return backend.rng(rng).uniform(-_at_least_0(bound, "bound"), bound, _fans(shape))


_BY_NAME = {
    f.__name__: f
    for f in (
        zeros, constant, normal, uniform, truncated_normal, lecun_normal, lecun_uniform,
        xavier_normal, xavier_uniform, kaiming_normal, kaiming_uniform, defazio_bottou,
        torch_default, orthogonal, sparse,
    )
}  # fmt: skip


# --- small things
def _normal(shape, rng, variance):
    return math.sqrt(variance) * backend.rng(rng).standard_normal(_fans(shape))


def _uniform(shape, rng, variance):
    bound = math.sqrt(3 * variance)
    return backend.rng(rng).uniform(-bound, bound, _fans(shape))


_gain = gain  # where a parameter has this name


def _fans(shape) -> Shape:
    try:
        fan_in, fan_out = shape
    except (TypeError, ValueError):
        raise ValueError(f"shape must be (fan_in, fan_out), not {shape!r}") from None
    if not all(isinstance(n, int | np.integer) and n >= 1 for n in (fan_in, fan_out)):
        raise ValueError(f"shape must be (fan_in, fan_out), integers >= 1, not {shape!r}")
    return fan_in, fan_out


def _fan(shape, mode: str) -> int:
    if mode not in ("fan_in", "fan_out"):
        raise ValueError(f'mode must be "fan_in" or "fan_out", not {mode!r}')
    return _fans(shape)[mode == "fan_out"]


def _at_least_0(value: float, name: str) -> float:
    if not (isinstance(value, Real) and 0 <= value < math.inf):
        raise ValueError(f"{name} must be a number >= 0, not {value!r}")
    return value


def _parameters(f: Callable):
    try:
        return inspect.signature(f).parameters
    except (TypeError, ValueError):  # some functions written in C do not tell
        return ()


def _name(f) -> str:
    return getattr(f, "__name__", repr(f))


__all__ = ["draw", "gain", "get", "names", *_BY_NAME]
