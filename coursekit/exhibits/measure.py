"""Measuring tools: paths, steps, speeds and limits, read off the code instead of a formula."""

from collections.abc import Callable, Iterable

import numpy as np

from ..backend import Array, rng
from ..landscapes import elongated
from ..objective import Objective
from ..optim import Optimizer
from ..run import minimize
from .card import Pair

START = (3.0, 1.5)


# --- paths ---------------------------------------------------------------------------------------
def paths(says: Optimizer, right: Optimizer, f=None, start=START, steps=100) -> Pair:
    """The `Path` of each from the same start on the same f, at first x1^2 + 4 x2^2."""
    f = elongated(4.0) if f is None else f
    return Pair(*(minimize(f, np.array(start), opt, steps) for opt in (says, right)))


def apart(pair: Pair) -> float:
    """The largest difference of a coordinate at the same step."""
    return float(np.abs(pair.says.thetas - pair.right.thetas).max())


def walk(opt: Optimizer, theta: Array, objectives: Iterable[Objective]) -> Array:
    """The points (T + 1, n) on a way on which every step sees another objective."""
    points, state = [theta], opt.init(theta)
    with np.errstate(all="ignore"):
        for f in objectives:
            theta, state = opt.step(theta, state, f)
            points.append(theta)
    return np.array(points)


def updates(opt: Optimizer, gradients: Array) -> Array:
    """The steps (T, n) that `opt` takes when it is shown these gradients, (T, n) or (T,).

    >>> import coursekit as ck
    >>> updates(ck.optim.Momentum(lr=0.1, momentum=0.5), [1.0, 1.0, 0.0])[:, 0]
    array([-0.1  , -0.15 , -0.075])
    """
    gradients = np.reshape(gradients, (len(gradients), -1))
    here, steps = np.zeros(gradients.shape[1]), []
    state = opt.init(here)
    with np.errstate(all="ignore"):
        for g in gradients:
            step, state = opt.step(here, state, Objective(value=np.sum, grad=lambda x, g=g: g))
            steps.append(step)
    return np.array(steps)


def lost(points: Array) -> int:
    """How many coordinates of the last point are no longer numbers."""
    return int((~np.isfinite(points[-1])).sum())


# --- speeds --------------------------------------------------------------------------------------
def spectral_radius(opt: Optimizer, curvature: float = 1.0) -> float:
    """The factor by which one step on f(x) = curvature x^2 / 2 multiplies an error in the long run.

    A step is linear in (theta, u): its matrix is read off by stepping from unit vectors, so this
    measures the code, not a formula. Below 1 the method converges.

    >>> import coursekit as ck
    >>> round(spectral_radius(ck.optim.GradientDescent(lr=0.5), curvature=1.0), 12)
    0.5
    """
    f = Objective(value=lambda x: curvature * x[0] ** 2 / 2, grad=lambda x: curvature * x)
    kept = len(opt.init(np.zeros(1))) - 1
    columns = []
    for unit in np.eye(1 + kept):
        theta, *rest = (np.array([part]) for part in unit)
        theta, state = opt.step(theta, type(opt).State(1, *rest), f)
        columns.append([theta.item(), *(part.item() for part in state[1:])])
    return float(np.abs(np.linalg.eigvals(np.array(columns).T)).max())


def stability_limit(opt: Callable[[float], Optimizer], high: float = 10.0) -> float:
    """The least lr times curvature, up to `high`, at which `opt(lr)` no longer converges."""
    low = 0.0
    while high - low > 1e-9:
        middle = (low + high) / 2
        low, high = (middle, high) if spectral_radius(opt(middle)) < 1 else (low, middle)
    return high


def slope(curve: Array, first: int) -> float:
    """p of the power law k^p that fits curve[k], k >= first, best on logarithmic axes.

    >>> round(slope(3 * np.arange(100) ** 1.5, first=20), 12)
    1.5
    """
    k = np.arange(first, len(curve))
    return float(np.polyfit(np.log(k), np.log(curve[first:]), 1)[0])


def gaps(opt: Optimizer, steps: int = 100, n: int = 20_000) -> Array:
    """The error after 0, 1, ... `steps` steps on a quadratic on which errors fall as powers of k.

    f = sum_i lambda_i x_i^2 / 2n with lambda_i = 1/n, 2/n, ..., 1, and at the start every term is
    1: there is always a direction too flat to have moved. That holds for k well below n, and for
    accelerated methods for k well below sqrt(n).
    """
    lam = np.arange(1, n + 1) / n
    f = Objective(value=lambda x: (lam * x * x).sum() / (2 * n), grad=lambda x: lam * x)
    theta = lam**-0.5
    state, errors = opt.init(theta), [float(f.value(theta))]
    for _ in range(steps):
        theta, state = opt.step(theta, state, f)
        errors.append(float(f.value(theta)))
    return np.array(errors)


def _half_square(x):
    return x[..., 0] ** 2 / 2


def noisy_gaps(opt: Optimizer, steps: int = 400, runs: int = 2000, seed: int = 0) -> Array:
    """The mean error of `runs` runs after 0, 1, ... steps on x^2 / 2, its gradient x + noise."""
    noise = rng(seed).standard_normal((steps, runs, 1))
    theta = np.ones((runs, 1))
    state, errors = opt.init(theta), [0.5]
    for z in noise:
        seen = Objective(value=_half_square, grad=lambda x, z=z: x + z, batched=True)
        theta, state = opt.step(theta, state, seen)
        errors.append(float((theta**2).mean() / 2))
    return np.array(errors)
