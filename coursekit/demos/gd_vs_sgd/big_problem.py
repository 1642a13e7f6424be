"""Least squares with 10,000 equations in 500 unknowns: gradient descent and SGD on it."""

import functools
import time
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from ... import optim
from ...backend import blas_threads
from ...objective import Objective
from ...sampling import epoch_order, minibatches
from ..worker import Pace

FULL, TWIN = (10_000, 500), (2_000, 100)
TIMES = FULL[0] / TWIN[0]  # as many rows and columns
LOST = 1e6  # times the loss at the start
DETAIL = 40  # points of a curve for each epoch
FIRST = 400  # steps that are all kept
GLANCE = 0.012  # seconds that a moving hand can wait
DOTS, SEEN = 80, 4000  # batches in a cloud, and rows in all of them


class Bowl:
    """What matters of |X w - y|^2 / 2m to gradient descent: its curvatures and its minimum.

    X is given in the coordinates of its singular vectors; neither method notices a rotation. Its
    singular values fall geometrically from sqrt(m), so the Hessian X^T X / m has the `curvatures`
    from 1 down to 1 / condition^2. Losses are counted above the least one, that of the start, w =
    0, being 1.
    """

    def __init__(self, shape: tuple[int, int], condition: float, noise: float):
        drawn, self.m = _drawn(*shape), shape[0]
        self.s = np.geomspace(1, 1 / condition, shape[1])
        self.curvatures = self.s**2
        self.noise = noise * np.sqrt(self.curvatures @ drawn.w**2)  # noise times the size of X w
        self.best = drawn.w + self.noise * drawn.pull / self.s
        self.scale = self.curvatures @ self.best**2

    def above(self, w: np.ndarray) -> np.ndarray:
        """How far the loss at each point, (..., n), is above the least one."""
        return ((w - self.best) ** 2) @ self.curvatures / self.scale

    def safe_rate(self, batch: int) -> float:
        """The step size 1 / (L + tr H / B), about half of the largest with which SGD converges.

        For all rows it is 1 / L.
        """
        return float(1 / (1 + self.curvatures.sum() / batch * (batch < self.m)))

    def descent(self, lr: float, k) -> np.ndarray:
        """The loss after k steps of gradient descent, which treats each curvature by itself."""
        shrink = np.abs(1 - lr * self.curvatures)
        share = self.curvatures * self.best**2 / self.scale
        with np.errstate(over="ignore", under="ignore"):
            return np.minimum(shrink ** (2 * np.asarray(k)[..., None]) @ share, 10 * LOST)

    def steps_to(self, target: float, lr: float, most: float = 1e9) -> float:
        """The first step of gradient descent at or below `target`; infinite after `most`."""
        low, high = 0, 1
        while self.descent(lr, high) > target:
            low, high = high, 2 * high
            if high > most:
                return np.inf
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self.descent(lr, middle) > target else (low, middle)
        return float(high)


class Problem(Bowl):
    """The same with its rows, which like those of many a file are sorted by y."""

    def __init__(self, shape: tuple[int, int], condition: float, noise: float):
        super().__init__(shape, condition, noise)
        drawn = _drawn(*shape)
        X = drawn.U * self.s
        y = X @ drawn.w + self.noise * drawn.errors
        order = np.argsort(y)
        self.X, self.y = X[order], y[order]
        self.squares = np.einsum("ij,ij->i", self.X, self.X)
        self.start = np.zeros(shape[1])

    def on(self, rows) -> Objective:
        """Half the mean square on some rows."""
        X, y = self.X[rows], self.y[rows]
        return Objective(
            value=lambda w: np.mean((X @ w - y) ** 2) / 2,
            grad=lambda w: (X @ w - y) @ X / len(y),
        )

    def cloud(self, w: np.ndarray, batch: int) -> "Cloud":
        """The gradients of some batches at w."""
        residual = self.X @ w - self.y
        g = residual @ self.X / self.m
        length = float(np.linalg.norm(g)) or 1e-300
        count = max(1, min(DOTS, min(SEEN, self.m) // batch))
        rows = epoch_order(self.m, rng=1)[: batch * count]
        X = (self.X if batch == self.m else self.X[rows]).reshape(count, batch, -1)
        r = residual if batch == self.m else residual[rows]
        seen = (r.reshape(count, 1, batch) @ X)[:, 0] / batch
        along = seen @ g / length
        away = np.sqrt(np.maximum((seen**2).sum(axis=1) - along**2, 0))
        spread = np.mean(residual**2 * self.squares) - g @ g
        left = (self.m - batch) / (self.m - 1) / batch  # drawn without replacement
        dots = np.stack([along, np.copysign(away, seen[:, 0])], axis=1)
        return Cloud(length, dots, float(np.sqrt(spread * left)))


class Cloud(NamedTuple):
    """The gradient of all rows and those of batches.

    Of these one sees how far they go along the first, and how far away from it in all the other
    directions together, up or down by chance.
    """

    length: float
    dots: np.ndarray  # (k, 2)
    noise: float  # how long the error of a batch's gradient is


class Curve(NamedTuple):
    """A run of SGD: `epochs` and `above` at the steps that were kept, and the points there."""

    epochs: np.ndarray
    above: np.ndarray
    points: np.ndarray
    step: float  # of an epoch
    lost: bool
    done: bool

    def first_below(self, target: float) -> float:
        """The epoch at which the curve first comes down to `target`; infinite if it does not."""
        below = np.flatnonzero(self.above <= target)
        return float(self.epochs[below[0]]) if len(below) else np.inf


@functools.lru_cache(2)
def problem(shape: tuple[int, int], condition: float, noise: float) -> Problem:
    return Problem(shape, condition, noise)


class Drawn(NamedTuple):
    U: np.ndarray  # (m, n) with U^T U = m I
    w: np.ndarray
    errors: np.ndarray  # (m,)
    pull: np.ndarray  # U^T errors / m


@functools.cache
def _drawn(m: int, n: int) -> Drawn:
    """Everything random about the data, drawn once and for all."""
    rng = np.random.default_rng(0)
    G = rng.standard_normal((m, n))
    U = G @ np.linalg.inv(np.linalg.cholesky(G.T @ G / m)).T
    w, errors = rng.standard_normal(n), rng.standard_normal(m)
    return Drawn(U, w, errors, errors @ U / m)


def sgd(
    p: Problem, lr: float, batch: int, epochs: int, order: str, seed: int, slices: float = 0.025
) -> Iterator[Curve]:
    """Really stepping `optim.SGD`; yields what there is after so many seconds, again and again."""
    opt = optim.SGD(lr=lr)
    theta, state = p.start, opt.init(p.start)
    per_epoch = -(-p.m // batch)
    often = max(1, per_epoch // DETAIL)
    kept, points, lost, k = [0], [theta], False, 0
    pace = Pace(slices)
    pace.due()  # the clock starts here

    def so_far(done: bool) -> Curve:
        all_points = np.array(points)
        above = np.minimum(p.above(all_points), 10 * LOST)
        return Curve(np.array(kept) / per_epoch, above, all_points, 1 / per_epoch, lost, done)

    for rows in minibatches(p.m, batch, epochs=epochs, sampling=order, rng=seed):
        theta, state = opt.step(theta, state, p.on(rows))
        k += 1
        lost = not p.above(theta) < LOST
        if k <= FIRST or k % often == 0 or lost:
            kept.append(k)
            points.append(theta)
            if lost:
                break
            if pace.due():
                yield so_far(False)
    if kept[-1] != k:
        kept.append(k)
        points.append(theta)
    yield so_far(True)


def preview(lr: float, batch: int) -> tuple[float, int]:
    """Step size and batch size on the twin, for a run that a hand need not wait for.

    The twin has a fifth of the rows and columns, so with a fifth of the batch it makes as many
    steps, as noisy as at full size. Where these are too many, one step on a larger batch stands for
    several: while lr is short, the noise depends on lr / batch alone.
    """
    times = max(1.0, min(TIMES * 25 / batch, 0.5 / lr))
    small = min(max(1, round(batch * times / TIMES)), TWIN[0])
    return lr * small * TIMES / batch, small


def quick(condition, noise, lr: float, batch: int, epochs: int, order: str, seed: int) -> Curve:
    """The run on the twin, as far as it comes in the time of a frame."""
    lr, batch = preview(lr, batch)
    return next(sgd(problem(TWIN, condition, noise), lr, batch, epochs, order, seed, GLANCE))


# --- what a step costs ---------------------------------------------------------------------------
@functools.lru_cache(64)
def seconds(batch: int) -> float:
    """The time of one step with a batch of this size, measured here and now in one thread.

    It is the shortest of several: others may be at work on this machine.
    """
    p = problem(FULL, 1.0, 0.0)
    opt = optim.SGD(lr=1e-3)
    state, order = opt.init(p.start), epoch_order(p.m, rng=2)
    count = max(1, min(40, 2000 // batch))
    found: list[float] = []
    with blas_threads(1):
        end = time.perf_counter() + 0.04
        while len(found) < 7 or (time.perf_counter() < end and len(found) < 40):
            start = time.perf_counter()
            for k in range(count):
                rows = order[k * batch : (k + 1) * batch] if batch < p.m else slice(None)
                opt.step(p.start, state, p.on(rows))
            found.append((time.perf_counter() - start) / count)
    return min(found)
