"""Small problems drawn at random: the same seed gives the same numbers on every backend.

Every generator draws `n` training examples, and half as many for validation and again for testing,
from one distribution. Features are real numbers of order 1, not confined to [0, 1].
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from .. import backend
from .dataset import Data, Split

Rng = int | np.random.Generator
FUNCTIONS: dict[str, Callable] = {
    "line": lambda x: x,
    "sine": lambda x: np.sin(math.pi * x),
    "step": np.sign,
    "hat": lambda x: 1 - 2 * np.abs(x),
    "wiggle": lambda x: x + 0.5 * np.sin(4 * math.pi * x),
}


def blobs(
    n: int = 200, classes: int = 3, features: int = 2, spread: float = 0.3, rng: Rng = 0
) -> Data:
    """One round Gaussian cloud per class, its centre on the unit circle of the first two features.

    `spread` is the standard deviation in every feature.

    >>> import coursekit as ck
    >>> ck.data.blobs(n=100, classes=4)
    Data('blobs', 100 + 50 + 50 examples, 2 features, 4 classes)
    """
    classes, features = _whole("classes", classes, 1), _whole("features", features, 2)
    spread = _number("spread", spread)

    def sample(y, rng):
        angle = 2 * math.pi * y / classes
        x = spread * rng.standard_normal((len(y), features))
        x[:, 0] += np.cos(angle)
        x[:, 1] += np.sin(angle)
        return x

    return _classification("blobs", n, classes, sample, rng)


def moons(n: int = 200, noise: float = 0.1, rng: Rng = 0) -> Data:
    """Two interleaving half circles of radius 1: no straight line separates them.

    `noise` is the standard deviation added to both features.

    >>> import coursekit as ck
    >>> ck.data.moons(n=100).train.x.shape
    (100, 2)
    """
    noise = _number("noise", noise)

    def sample(y, rng):
        t = math.pi * rng.random(len(y))
        upper = np.stack([np.cos(t), np.sin(t)], axis=1)
        x = np.where(y[:, None] == 0, upper, [1, 0.5] - upper)
        return x + noise * rng.standard_normal(x.shape)

    return _classification("moons", n, 2, sample, rng)


def spirals(
    n: int = 200, classes: int = 2, turns: float = 1.0, noise: float = 0.03, rng: Rng = 0
) -> Data:
    """Arms that wind `turns` times around the origin, one per class, out to radius 1.

    `noise` is the standard deviation added to both features.

    >>> import coursekit as ck
    >>> ck.data.spirals(classes=3)
    Data('spirals', 200 + 100 + 100 examples, 2 features, 3 classes)
    """
    classes, turns = _whole("classes", classes, 1), _number("turns", turns)
    noise = _number("noise", noise)

    def sample(y, rng):
        r = rng.uniform(0.1, 1, len(y))
        angle = 2 * math.pi * (turns * r + y / classes)
        x = r[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
        return x + noise * rng.standard_normal(x.shape)

    return _classification("spirals", n, classes, sample, rng)


def xor(n: int = 200, noise: float = 0.1, rng: Rng = 0) -> Data:
    """The corners of the unit square with added noise; y = 1 where exactly one coordinate is 1.

    `noise` is the standard deviation added to both features; 0 leaves the bare truth table.

    >>> import coursekit as ck
    >>> x, y = ck.data.xor(n=4, noise=0).train
    >>> bool(((x[:, 0] != x[:, 1]) == y).all())
    True
    """
    noise = _number("noise", noise)

    def sample(y, rng):
        first = rng.integers(0, 2, len(y))
        x = np.stack([first, first ^ y], axis=1)
        return x + noise * rng.standard_normal(x.shape)

    return _classification("xor", n, 2, sample, rng)


def regression(
    n: int = 100, function: str | Callable = "sine", noise: float = 0.1, rng: Rng = 0
) -> Data:
    """Noisy values of a function of one variable: y = function(x) + noise, x uniform in [-1, 1].

    `function` is "line", "sine", "step", "hat", "wiggle" or a callable on arrays; it is kept as
    `truth`. Both x and y have shape (n, 1), as a network with one output has.

    >>> import coursekit as ck
    >>> data = ck.data.regression(noise=0)
    >>> bool(abs(data.train.y - data.truth(data.train.x)).max() < 1e-6)
    True
    """
    if not callable(function) and function not in FUNCTIONS:
        known = ", ".join(FUNCTIONS)
        raise ValueError(f"function must be callable or one of {known}, not {function!r}")
    truth = function if callable(function) else FUNCTIONS[function]
    noise = _number("noise", noise)

    rng = backend.rng(rng)
    xs = [rng.uniform(-1, 1, (count, 1)) for count in _sizes(_whole("n", n, 1))]
    pairs = [(x, truth(x) + noise * rng.standard_normal(x.shape)) for x in xs]
    return _data("regression", pairs, truth=truth)


def least_squares(
    m: int = 10_000, n: int = 500, condition: float | None = None, noise: float = 0.1, rng: Rng = 0
) -> Data:
    """A linear problem y = X w + noise with m equations in n unknowns; w is kept as `truth`.

    `condition` is the ratio of the largest to the smallest singular value of the training X, which
    fall geometrically between random orthonormal bases; None leaves X iid standard normal. The
    entries of X have mean square 1 either way and w is standard normal. X (m, n), y (m,), w (n,).
    In float32 the ratio is accurate to about 1e-8 * condition; ck.set_dtype("float64") helps.

    >>> import coursekit as ck
    >>> X, y = ck.data.least_squares(100, 5, condition=30).train
    >>> import numpy as np
    >>> round(float(np.linalg.cond(X)), 3)
    30.0
    """
    m, n = _whole("m", m, 1), _whole("n", n, 1)
    noise = _number("noise", noise)
    rng = backend.rng(rng)
    w = rng.standard_normal(n)
    if condition is None:
        xs = [rng.standard_normal((count, n)) for count in _sizes(m)]
    else:
        xs = _conditioned(m, n, condition, rng)
    pairs = [(x, x @ w + noise * rng.standard_normal(len(x))) for x in xs]
    truth = backend.to_device(w, backend.default_dtype("float32"))
    return _data("least_squares", pairs, truth=truth)


def _conditioned(m, n, condition, rng) -> list[np.ndarray]:
    """X = U diag(s) V^T with the condition number asked for, and two further draws of rows.

    Those have the covariance V diag(s^2) V^T / m of the rows of X.
    """
    condition = _number("condition", condition, low=1)
    r = min(m, n)
    if r == 1 and condition != 1:
        raise ValueError(f"condition must be 1 when X has one singular value, not {condition!r}")
    s = np.geomspace(1, 1 / condition, r)
    s *= math.sqrt(n) / np.linalg.norm(s)  # with U's columns of length sqrt(m): mean square 1
    us = [rng.standard_normal((count, r)) for count in _sizes(m)]
    us[0] = math.sqrt(m) * np.linalg.qr(us[0])[0]
    v = np.linalg.qr(rng.standard_normal((n, r)))[0]
    return [(u * s) @ v.T for u in us]


def _classification(name, n, classes, sample, rng) -> Data:
    """Data from `sample(y, rng) -> x`, with classes as equally frequent as n allows."""
    rng = backend.rng(rng)
    ys = [rng.permutation(np.arange(count) % classes) for count in _sizes(_whole("n", n, 1))]
    return _data(name, [(sample(y, rng), y) for y in ys], classes=classes)


def _sizes(n: int) -> tuple[int, int, int]:
    half = (n + 1) // 2
    return n, half, half


def _data(name, pairs, **more: Any) -> Data:
    """Data on the backend from the host's (x, y) for train, validation and test."""
    dtype = backend.default_dtype("float32")

    def split(x, y):
        kind = np.int64 if y.dtype.kind == "i" else dtype
        return Split(backend.to_device(x, dtype), backend.to_device(y, kind))

    train, validation, test = (split(x, y) for x, y in pairs)
    return Data(name, train, validation, test, **more)


def _whole(name, value, low) -> int:
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < low:
        raise ValueError(f"{name} must be a whole number >= {low}, not {value!r}")
    return int(value)


def _number(name, value, low=0.0) -> float:
    if not isinstance(value, int | float | np.number) or not low <= value < math.inf:
        raise ValueError(f"{name} must be a number >= {low:g}, not {value!r}")
    return float(value)
