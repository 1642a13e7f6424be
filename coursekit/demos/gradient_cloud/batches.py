"""Two thousand digits, a model with two weights, and the gradients of its minibatches."""

import functools
from typing import Any, NamedTuple

import numpy as np

from ... import data
from ...activations import sigmoid
from ...losses import binary_cross_entropy
from ...objective import Objective
from ...optim import Newton
from ...run import minimize
from ...sampling import minibatches

ROWS = 2000
BATCHES = 300
SIZES = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000)  # divide ROWS: no batch is short
COPIES = (1, 2, 5, 10, 20, 50, 100)
SAMPLING = {
    "with replacement": "replacement",
    "shuffled each epoch": "shuffle",
    "shuffled once": "once",
    "sorted by label": "none",
}
FEW = 50  # rows in a batch, up to which they are rather looked up than counted


class Digits(NamedTuple):
    """Distinct rows, the ones before the sevens; each is in the data `copies` times."""

    x: np.ndarray  # (n, 2): the ink of an image, standardised, and 1
    y: np.ndarray  # (n,): 1 for a seven
    copies: int

    def slopes(self, theta: np.ndarray) -> np.ndarray:
        """(n, 2): the gradient of each row's cross-entropy, (p - y) x."""
        return (sigmoid(self.x @ theta) - self.y)[:, None] * self.x

    def loss(self, theta: np.ndarray) -> np.ndarray:
        """The mean cross-entropy at theta (..., 2)."""
        z = theta @ self.x.T
        return (np.logaddexp(0, z) - self.y * z).mean(axis=-1)


@functools.cache
def digits(copies: int = 1) -> Digits:
    """The first 1000 ones and 1000 sevens of MNIST, or so many fewer, evenly chosen by ink."""
    mnist = data.mnist()
    x, y = (np.concatenate(parts) for parts in zip(*mnist.splits.values(), strict=True))
    ink = np.concatenate([x[y == digit][: ROWS // 2].mean(axis=1) for digit in (1, 7)], dtype=float)
    ink = (ink - ink.mean()) / ink.std()
    sevens = np.repeat([0.0, 1.0], ROWS // 2)
    kept = np.sort(np.lexsort((ink, sevens))[copies // 2 :: copies])
    return Digits(np.column_stack([ink, np.ones(ROWS)])[kept], sevens[kept], copies)


@functools.cache
def best(copies: int = 1) -> np.ndarray:
    """The theta of the least loss."""
    d = digits(copies)
    f = Objective(lambda theta: binary_cross_entropy(d.x @ theta, d.y))
    return minimize(f, np.zeros(2), Newton(), steps=12).theta


@functools.cache
def surface(copies: int = 1) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The loss over a grid of slopes and offsets."""
    x, y = np.linspace(-1, 4, 31), np.linspace(-2.5, 2.5, 31)
    return x, y, digits(copies).loss(np.stack(np.meshgrid(x, y), axis=-1))


@functools.lru_cache(3 * len(SIZES))
def drawn(size: int, sampling: str, copies: int, seed: int) -> np.ndarray:
    """The first 300 batches: their distinct rows, or for long ones (300, n) shares of each row."""
    epochs = -(-BATCHES * size // ROWS)
    stream = minibatches(ROWS, size, epochs=epochs, sampling=SAMPLING[sampling], rng=seed)
    rows = np.array([batch for batch, _ in zip(stream, range(BATCHES), strict=False)]) // copies
    if size <= FEW:
        return rows
    n = ROWS // copies
    places = rows + n * np.arange(BATCHES)[:, None]
    return np.bincount(places.ravel(), minlength=n * BATCHES).reshape(BATCHES, n) / size


def means(slopes: np.ndarray, size: int, sampling: str, copies: int, seed: int) -> np.ndarray:
    """(300, 2): the mean gradient over each batch."""
    batches = drawn(size, sampling, copies, seed)
    return slopes[batches].mean(axis=1) if size <= FEW else batches @ slopes


def covariance(slopes: np.ndarray, size: int, sampling: str) -> np.ndarray:
    """That of the mean over a random batch: S / B, times (m - B) / (m - 1) without replacement."""
    whole = 1.0 if sampling == "with replacement" else (ROWS - size) / (ROWS - 1)
    return np.cov(slopes.T, bias=True) * whole / size


@functools.lru_cache(100)
def coverage(sampling: str, copies: int, seed: int) -> float:
    """The share of the distinct rows that the first epoch sees."""
    order = np.concatenate(list(minibatches(ROWS, ROWS, sampling=SAMPLING[sampling], rng=seed)))
    return len(np.unique(order // copies)) / (ROWS // copies)


def angles(cloud: np.ndarray, true: np.ndarray) -> np.ndarray:
    """Degrees between each of the gradients and the true one."""
    across = true[0] * cloud[:, 1] - true[1] * cloud[:, 0]
    return np.degrees(np.abs(np.arctan2(across, cloud @ true)))


def spread(cloud: np.ndarray, true: np.ndarray) -> float:
    """The root of the mean squared distance from the true gradient."""
    return float(np.sqrt(((cloud - true) ** 2).sum(axis=1).mean()))


class Cloud(NamedTuple):
    """Gradients of 300 batches at a point; summed ones if `total`."""

    B: int
    sampling: str
    total: bool
    copies: int
    lr: float
    theta: np.ndarray
    true: np.ndarray  # (2,) the gradient of the whole data; times B if summed
    cloud: np.ndarray  # (300, 2)
    theory: np.ndarray  # (2, 2) the covariance that random batches should have
    spreads: np.ndarray  # (11,) measured for each batch size; empty until known
    wrongs: np.ndarray  # (11,) the angle that 90 % of the batches keep, likewise
    coverage: float
    downhill: float | None  # the share of steps that lower the loss, once known

    @property
    def wrong(self) -> float:
        return float(np.quantile(angles(self.cloud, self.true), 0.9))

    @property
    def spread(self) -> float:
        return spread(self.cloud, self.true)

    @property
    def bias(self) -> float:
        """How far the mean of the cloud is off, as a share of the true gradient's length."""
        off = self.cloud.mean(axis=0) - self.true
        return float(np.linalg.norm(off) / np.linalg.norm(self.true))

    @property
    def biased(self) -> bool:
        """Whether the mean is further off than that of random batches ever is."""
        off = np.linalg.norm(self.cloud.mean(axis=0) - self.true)
        return bool(off > 4 * self.expected(self.B) / np.sqrt(BATCHES) + 1e-9)

    @property
    def different(self) -> int:
        """How many different batches there are among the 300."""
        return len(np.unique(self.cloud, axis=0))

    def expected(self, size: Any) -> Any:
        """What `spread` is on average for random batches of another size."""
        row = covariance(digits(self.copies).slopes(self.theta), 1, self.sampling)
        whole = ROWS - size if self.sampling != "with replacement" else ROWS - 1
        scale = size if self.total else 1
        return scale * np.sqrt(np.trace(row) * whole / (ROWS - 1) / size)

    @property
    def ends(self) -> np.ndarray:
        """Where a step along each of the gradients leads."""
        return self.theta - self.lr * self.cloud
