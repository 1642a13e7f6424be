"""A least-squares problem to try batches on, whose minimum and curvatures are known."""

import numpy as np

from ..backend import Array
from ..objective import Objective


class LeastSquares:
    """|X w - y|^2 / 2m for m rows of n Gaussian numbers, their Hessian of a chosen condition."""

    def __init__(self, m=200, n=5, condition=1.0, noise=0.1, seed=0):
        rng = np.random.default_rng(seed)
        self.X = rng.standard_normal((m, n)) * condition ** -np.linspace(0, 0.5, n)
        self.y = self.X @ np.ones(n) + noise * rng.standard_normal(m)
        self.start = np.zeros(n)
        self.best = np.linalg.lstsq(self.X, self.y)[0]
        self.curvatures = np.linalg.eigvalsh(self.X.T @ self.X / m)

    def on(self, rows, share: float | None = None) -> Objective:
        """The loss on some rows: their mean, or `share` times their sum."""
        X, y = self.X[rows], self.y[rows]
        share = 1 / len(y) if share is None else share
        return Objective(
            value=lambda w: share * ((X @ w - y) ** 2).sum() / 2,
            grad=lambda w: share * (X.T @ (X @ w - y)),
        )

    @property
    def whole(self) -> Objective:
        return self.on(slice(None))

    def draws(self, size: int, steps: int) -> Array:
        """The rows of each step, (steps, size)."""
        return np.random.default_rng(1).integers(len(self.y), size=(steps, size))

    def epoch(self, size: int) -> Array:
        return np.random.default_rng(2).permutation(len(self.y)).reshape(-1, size)

    def excess(self, points: Array) -> Array:
        """How far the loss at each point is above its minimum."""
        d = (points - self.best) @ self.X.T
        return (d * d).mean(axis=-1) / 2
