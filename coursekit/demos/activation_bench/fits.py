"""The constant or the line with the least squared, absolute or Huber loss, exactly.

`X` (n, k) holds a row for each point, `Y` (..., n) any number of right-hand sides; the fits are
(..., k). Whether a loss is a sum or a mean does not matter to its fit.
"""

from itertools import combinations

import numpy as np

MODELS = ("line", "constant")
ROUNDS = 200


def design(model: str, x: np.ndarray) -> np.ndarray:
    """A column of ones and, for a line, one of the x."""
    return np.column_stack([np.ones_like(x), x] if model == "line" else [np.ones_like(x)])


def squared(X: np.ndarray, Y: np.ndarray) -> np.ndarray:
    """The normal equations: X^T X w = X^T y."""
    return _solve(X.T @ X, Y @ X)


def absolute(X: np.ndarray, Y: np.ndarray) -> np.ndarray:
    """The best of the fits that go through k of the points: one of them is always the best.

    The loss is linear between the places where a point is met, so it is least at a corner.
    """
    n, k = X.shape
    some = np.array(list(combinations(range(n), k)))
    some = some[np.abs(np.linalg.det(X[some])) > 1e-9]  # no line through points of the same x
    W = _solve(X[some], Y[..., some])
    loss = np.abs(Y[..., None, :] - W @ X.T).sum(axis=-1)
    best = loss.argmin(axis=-1)[..., None, None]
    return np.take_along_axis(W, best, axis=-2)[..., 0, :]


def huber(X: np.ndarray, Y: np.ndarray, delta: float) -> np.ndarray:
    """Of two steps the better one, until the gradient X^T clip(y - X w, -delta, delta) is 0.

    Least squares with the weights delta / |d| beyond delta never make the loss larger. Newton's
    step ends at the solution as soon as it knows which points are within delta.
    """
    k, W = X.shape[1], squared(X, Y)
    for _ in range(ROUNDS):
        D = Y - W @ X.T
        size = np.abs(D)
        pull = np.clip(D, -delta, delta) @ X
        if np.abs(pull).max() < 1e-11 * delta * len(X):
            break
        weight = delta / np.maximum(size, delta)
        weighed = _solve(_gram(X, weight), (weight * Y) @ X)
        gram = _gram(X, size <= delta)
        known = (np.linalg.det(gram) > 1e-6)[..., None]  # otherwise too few points are near
        newton = W + _solve(np.where(known[..., None], gram, np.eye(k)), pull) * known
        better = _huber_loss(X, Y, newton, delta) <= _huber_loss(X, Y, weighed, delta)
        W = np.where(better[..., None], newton, weighed)
    return W


def _huber_loss(X: np.ndarray, Y: np.ndarray, W: np.ndarray, delta: float) -> np.ndarray:
    size = np.abs(Y - W @ X.T)
    near = np.minimum(size, delta)
    return (near * (size - near / 2)).sum(axis=-1)


def _gram(X: np.ndarray, weight: np.ndarray) -> np.ndarray:
    return (X.T * weight[..., None, :]) @ X


def _solve(A: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.linalg.solve(A, b[..., None])[..., 0]
