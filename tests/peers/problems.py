"""Five small problems as plain numbers: every library and coursekit see exactly these.

Largest curvatures are between 0.5 and 5, so that one step size suits them all. Two problems show
the optimizer another batch in each step.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

import coursekit as ck


class Problem(NamedTuple):
    """A loss written in operations that NumPy, PyTorch and JAX share, and its numbers."""

    start: np.ndarray
    loss: Callable  # (xp, theta, **data) -> number
    data: dict[str, np.ndarray]
    objective: Any  # the same loss, said by coursekit
    batches: np.ndarray | None = None  # rows for each step, from the top again after the last

    def numbers(self, k: int | None) -> dict[str, Any]:
        """What the loss of step k is made of; None: all rows."""
        if self.batches is None or k is None:
            return self.data
        rows = self.batches[k % len(self.batches)]
        return {name: values[rows] for name, values in self.data.items()}

    @property
    def whole(self) -> "Problem":
        """All rows in each step, for methods that need the same loss again."""
        return self._replace(batches=None)

    def at(self, k: int) -> ck.Objective:
        """coursekit's objective of step k."""
        if self.batches is None:
            return self.objective
        rows = self.batches[k % len(self.batches)]
        return self.objective.batch(rows)


# --- a quadratic with eigenvalues 0.2, 0.8, 2 and 4, its Hessian far from diagonal
A = np.array([
    [2.52, 0.09, -0.84, 0.97],
    [0.09, 1.41, -1.16, 0.55],
    [-0.84, -1.16, 1.59, -0.71],
    [0.97, 0.55, -0.71, 1.48],
])  # fmt: skip
b = np.array([1.0, -0.5, 0.2, 0.4])


def quadratic(xp, theta, A, b):
    return theta @ (A @ theta) / 2 - b @ theta


# --- Rosenbrock's valley, scaled down to a curvature of about 3
def rosenbrock(xp, theta):
    x, y = theta[0], theta[1]
    return ((1 - x) ** 2 + 100 * (y - x**2) ** 2) / 400


# --- logistic regression on batches of four rows
X_LOGISTIC = np.array([
    [-1.9, 1.1, -0.3], [-0.9, -0.7, -0.7], [0.4, -0.1, 1.5], [-1.8, 0.3, -0.9],
    [0.8, -2.1, -0.3], [0.2, -1.5, 1.0], [0.2, 1.0, 1.0], [-1.0, -0.8, -0.2],
    [0.7, 0.9, -0.7], [-0.6, -0.8, -0.6], [-0.2, -0.1, 2.1], [-0.5, -0.3, 0.5],
])  # fmt: skip
Y_LOGISTIC = np.array([0, 0, 1, 0, 1, 0, 0, 1, 1, 1, 0, 1])
BATCHES = np.array([
    [2, 9, 11, 3], [10, 4, 7, 1], [6, 8, 0, 5],  # three epochs, each shuffled anew
    [11, 2, 3, 0], [5, 9, 6, 7], [4, 10, 8, 1],
    [2, 0, 3, 9], [5, 8, 7, 4], [10, 1, 6, 11],
])  # fmt: skip


def logistic(xp, theta, X, y):
    logits = X @ theta[:3] + theta[3]
    return xp.log1p(xp.exp((1 - 2 * y) * logits)).mean()


# --- a network 2-2-2 with tanh and cross entropy, on all rows
X_NETWORK = np.array([
    [0.4, 0.3], [-1.0, 1.2], [-0.8, -1.3], [2.1, -0.1], [-1.2, 1.9], [-0.3, 1.1],
    [-0.8, -0.2], [-1.7, -1.9], [-1.0, -0.1], [0.8, 2.4], [-1.0, 1.0], [-0.6, -0.2],
])  # fmt: skip
Y_NETWORK = np.array([0, 0, 1, 0, 0, 0, 1, 1, 0, 1, 0, 1])
NET = ck.MLP([2, 2, 2], "tanh")


def logits(xp, theta, X):
    hidden = xp.tanh(X @ theta[:4].reshape(2, 2) + theta[4:6])
    return hidden @ theta[6:10].reshape(2, 2) + theta[10:]


def network(xp, theta, X, y):
    z = logits(xp, theta, X)
    right = (1 - y) * z[:, 0] + y * z[:, 1]
    return (xp.log(xp.exp(z).sum(1)) - right).mean()


# --- an embedding: each step sees one word or two of three, the gradient of the others is 0
TARGETS = np.array([[0.5, -1.0], [2.0, 0.3], [-0.7, 1.1]])
WORDS = np.array([[0, 0], [1, 2], [0, 1], [1, 1], [0, 0], [2, 0]])


def embedding(xp, theta, X, y):
    """X (2, 3) holds a 1 where a row is the word of that column, y (2, 2) what it should become."""
    return ((X @ theta.reshape(3, 2) - y) ** 2).sum() / 4


class Embedding(ck.Objective):
    """The same loss for coursekit, which has no objective for it ready."""

    def __init__(self, words):
        super().__init__(
            lambda theta: np.sum((theta.reshape(3, 2)[words] - TARGETS[words]) ** 2) / 4
        )

    def batch(self, words):
        return Embedding(words)


PROBLEMS = {
    "quadratic": Problem(
        np.array([2.03, -1.07, 0.56, 1.49]), quadratic, {"A": A, "b": b},
        ck.Objective(lambda x: x @ A @ x / 2 - b @ x),
    ),
    "rosenbrock": Problem(
        np.array([-1.23, 1.02]), rosenbrock, {},
        ck.Objective(lambda x: ((1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2) / 400),
    ),
    "logistic": Problem(
        np.array([0.1, 0.4, -0.2, 0.3]), logistic, {"X": X_LOGISTIC, "y": Y_LOGISTIC},
        ck.MLP([3, 1]).objective(X_LOGISTIC, Y_LOGISTIC[:, None], "binary_cross_entropy"),
        BATCHES,
    ),
    "network": Problem(
        np.array([0.1, 0.4, -0.3, 0.8, 0.1, -0.6, 0.3, -1.2, 1.2, -0.1, 0.2, 0.6]), network,
        {"X": X_NETWORK, "y": Y_NETWORK}, NET.objective(X_NETWORK, Y_NETWORK),
    ),
    "embedding": Problem(
        np.array([1.03, 0.52, -0.44, -1.31, 0.27, 0.73]), embedding,
        {"X": np.eye(3), "y": TARGETS}, Embedding(np.arange(3)), WORDS,
    ),
}  # fmt: skip
