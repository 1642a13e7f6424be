"""Optimizers at a walk: one path, or many with different learning rates.

Steps are `opt.step` and nothing else. Without the bookkeeping of `minimize`, 200 of them in two
variables take 2 ms, so that paths can follow a hand.
"""

import functools
from typing import Any

import numpy as np

from ..backend import to_device, to_host
from ..optim import Optimizer

# From 1e-5 to 10, four in each decade, as numbers one can write down.
RATES = (*(float(f"{m}e{d}") for d in range(-5, 1) for m in (1, 1.8, 3.2, 5.6)), 10.0)
LOST = 1e8  # a height above the minimum from which no walk comes back


class Noisy:
    """What an optimizer sees of f where every gradient carries the same disturbance."""

    def __init__(self, f: Any, disturbance: np.ndarray):
        self.value, self._grad, self.disturbance = f.value, f.grad, disturbance

    def grad(self, theta: Any) -> Any:
        return self._grad(theta) + self.disturbance


def walk(opt: Optimizer, f: Any, theta: np.ndarray, steps: int, noise: Any = None) -> np.ndarray:
    """The points (steps + 1, ..., n) of a walk from theta; step k sees noise[k] in its gradient."""
    theta, noise = to_device(theta), None if noise is None else to_device(noise)
    state, points = opt.init(theta), [theta]
    with np.errstate(all="ignore"):
        for k in range(steps):
            seen = f if noise is None else Noisy(f, noise[k])
            theta, state = opt.step(theta, state, seen)
            points.append(theta)
    return np.stack([to_host(point) for point in points])


def heights(f: Any, points: np.ndarray) -> np.ndarray:
    """f above its minimum at points (..., n); infinite from where a walk is lost."""
    with np.errstate(all="ignore"):
        above = to_host(f.value(to_device(points))) - f.minimum
    above = np.where(above < LOST, np.maximum(above, 0), np.inf)
    return np.where(np.logical_or.accumulate(np.isinf(above)), np.inf, above)


def sweep(
    kind: type[Optimizer],
    f: Any,
    theta: np.ndarray,
    steps: int,
    noise: Any = None,
    rates: tuple[float, ...] = RATES,
) -> tuple[np.ndarray, np.ndarray]:
    """A walk with each of `rates`, all in one: points (steps + 1, rates, n), heights without n.

    A hundred rates take little longer than ten.
    """
    opt: Any = kind(lr=to_device(np.array(rates)[:, None]))  # type: ignore[call-arg]
    points = walk(opt, f, np.tile(theta, (len(rates), 1)), steps, noise)
    return points, heights(f, points)


def best(ends: np.ndarray) -> float:
    """The rate at which a walk ends lowest."""
    return RATES[int(np.argmin(ends))]


@functools.lru_cache(64)
def disturbances(scale: float, seed: int, steps: int, n: int = 2) -> np.ndarray | None:
    """Noise (steps, n) that does not depend on who walks; a longer walk begins with the same."""
    if scale == 0:
        return None
    return scale * np.random.default_rng(seed).standard_normal((steps, n))
