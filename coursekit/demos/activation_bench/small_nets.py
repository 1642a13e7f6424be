"""Nets of a few units on a few points: what the training view of `activation_bench` runs."""

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from ...activations import log_sigmoid, sigmoid
from ...exhibits.losses import printed_binary_cross_entropy
from ...layers import Linear
from ...networks import Sequential
from ...objective import Objective
from ...optim import GradientDescent
from . import functions

STEPS = 300
STARTS = 10  # seeds
SLACK = 1e-9  # a logit nearer to 0 than this decides nothing
LOSSES: dict[str, tuple[Callable, str]] = {  # of each logit and 0 or 1; and their mean as code
    "cross-entropy": (
        lambda z, y: -y * log_sigmoid(z) - (1 - y) * log_sigmoid(-z),
        "ck.losses.binary_cross_entropy(z, y)",
    ),
    "squashed twice": (
        lambda z, y: LOSSES["cross-entropy"][0](sigmoid(z), y),
        "ck.losses.binary_cross_entropy(ck.activations.sigmoid(z), y)",
    ),
    "minus forgotten": (
        printed_binary_cross_entropy,
        "np.mean(y * ck.activations.log_sigmoid(z) - (1 - y) * ck.activations.log_sigmoid(-z))",
    ),
    "squared error": (
        lambda z, y: (sigmoid(z) - y) ** 2,
        "ck.losses.mse(ck.activations.sigmoid(z), y)",
    ),
}


class Problem(NamedTuple):
    """A task and everything that is not the start."""

    task: str
    activation: str
    numbers: tuple[tuple[str, float], ...]  # of the activation
    loss: str
    width: int
    lr: float
    distance: float

    @property
    def net(self) -> Any:
        return _net(self.task, self.activation, self.numbers, self.width)

    @property
    def title(self) -> str:
        """The activation in words."""
        return functions.titled(self.activation, dict(self.numbers))

    @property
    def points(self) -> tuple[np.ndarray, np.ndarray]:
        return points(self.task, self.distance)


class Run(NamedTuple):
    """A training so far, from one start or from several."""

    thetas: np.ndarray  # (steps so far + 1, K, n)
    logits: np.ndarray  # (steps so far + 1, K, N)
    losses: np.ndarray  # (steps so far + 1, K)


def problem(v: Mapping[str, Any]) -> Problem:
    """The problem that the values of the demo describe; what does not matter is left out."""
    xor = v["task"] == "XOR"
    numbers = tuple((name, v[name]) for name in functions.HAS.get(v["activation"], ()) if xor)
    activation = v["activation"] if xor else "identity"
    width = v["width"] if xor else 1
    return Problem(v["task"], activation, numbers, v["loss"], width, v["lr"],
                   0.0 if xor else v["distance"])  # fmt: skip


@functools.lru_cache(16)
def points(task: str, distance: float) -> tuple[np.ndarray, np.ndarray]:
    """The corners of a square with the labels of XOR, or two clouds `distance` apart."""
    if task == "XOR":
        return np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]), np.array([0, 1, 1, 0.0])
    y = np.repeat([0.0, 1.0], 50)
    x = np.random.default_rng(0).standard_normal((100, 2))
    return x + distance * (y[:, None] - 0.5), y


def start(p: Problem, seed: int) -> np.ndarray:
    """The first theta, in double precision."""
    return p.net.init("xavier_normal", rng=seed).astype(float)


def train(p: Problem, seeds: Sequence[int]) -> Iterator[list[np.ndarray]]:
    """Gradient descent from all these starts at once: the path (K, n) so far, after every step."""
    x, y = p.points
    each = LOSSES[p.loss][0]
    f = Objective(lambda thetas: each(_logits(p, thetas, x), y).mean(axis=-1), batched=True)
    opt, theta = GradientDescent(lr=p.lr), np.stack([start(p, seed) for seed in seeds])
    state, path = opt.init(theta), [theta]
    for _ in range(STEPS):
        theta, state = opt.step(theta, state, f)
        path.append(theta)
        yield path


def measured(p: Problem, path: list[np.ndarray]) -> Run:
    """What a training went through."""
    x, y = p.points
    thetas = np.stack(path)
    logits = _logits(p, thetas, x)
    return Run(thetas, logits, LOSSES[p.loss][0](logits, y).mean(axis=-1))


def right(p: Problem, logits: np.ndarray) -> np.ndarray:
    """Which points are decided rightly; logits (..., N)."""
    _, y = p.points
    return np.where(y > 0, logits > SLACK, logits < -SLACK)


@functools.lru_cache(16)
def _net(task: str, activation: str, numbers: tuple, width: int) -> Sequential:
    if task == "two blobs":
        return Sequential(Linear(2, 1))
    return Sequential(Linear(2, width), functions.called(activation, dict(numbers)),
                      Linear(width, 1))  # fmt: skip


def _logits(p: Problem, thetas, x):
    """(..., n) -> (..., N), for any number of thetas at once."""
    W, b, *rest = p.net.layout.unpack(thetas)
    with np.errstate(over="ignore", invalid="ignore"):  # a training may diverge
        z = x @ W + b[..., None, :]
        if rest:
            V, c = rest
            z = functions.called(p.activation, dict(p.numbers))(z) @ V + c[..., None, :]
    return z[..., 0]
