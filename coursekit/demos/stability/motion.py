"""What a method makes of the two directions of a quadratic: step by step, and in closed form."""

import functools
from typing import NamedTuple

import numpy as np

from ... import landscapes
from ...backend import to_device, to_host
from ...objective import Objective
from .rates import METHODS, radius, roots, solution

LOST = 1e6  # a distance from which no run comes back
MOST = 200  # steps
FINE = 8  # points of the smooth curve for each step


class Direction(NamedTuple):
    """What happens along one direction of the quadratic."""

    a: float  # lr times its curvature
    radius: float
    roots: tuple[complex, complex]
    x: np.ndarray  # (steps + 1,) the positions the optimizer went through
    curve: np.ndarray  # (steps * FINE + 1,) the closed form

    @property
    def ripples(self) -> bool:
        return abs(self.roots[0].imag) > 1e-12


class Motion(NamedTuple):
    """Two directions, the steep one first; one if the condition number is 1."""

    method: str
    mu: float
    kappa: float
    noise: float
    steps: int
    t: int
    directions: tuple[Direction, ...]

    @property
    def both(self) -> tuple[Direction | None, ...]:
        """The steep direction and the flat one, if there is one."""
        return (*self.directions, None)[:2]

    @property
    def steep(self) -> Direction:
        return self.directions[0]

    @property
    def radius(self) -> float:
        return max(d.radius for d in self.directions)


def motion(method, a, mu, kappa, noise, seed, steps, t) -> Motion:
    """From 1 in both directions, of curvature 1 and 1 / kappa, with lr = a; seen at step t."""
    walk = _walk(method, a, mu, kappa, noise, seed, steps)
    k = np.arange(steps * FINE + 1) / FINE
    directions = []
    for x, curvature in zip(walk.T, (1.0, 1 / kappa)[: 1 + (kappa > 1)], strict=False):
        at = a * curvature, mu
        curve = solution(method, *at, k)
        rate = float(radius(method, *at))
        directions.append(Direction(at[0], rate, roots(method, *at), x, curve))
    return Motion(method, mu, kappa, noise, steps, min(t, steps), tuple(directions))


@functools.lru_cache(64)
def _walk(method, a, mu, kappa, noise, seed, steps) -> np.ndarray:
    """(steps + 1, 2): the optimizer itself, step by step; shorter if it is lost."""
    f = landscapes.quadratic(spectrum=(1.0, 1 / kappa))
    opt = METHODS[method].optimizer(a, mu)
    errors = to_device(noise * np.random.default_rng(seed).standard_normal((MOST, 2)))
    theta = to_device(np.ones(2))
    state = opt.init(theta)
    walk = [to_host(theta)]
    for error in errors[:steps]:
        theta, state = opt.step(theta, state, _off_by(f, error) if noise else f)
        walk.append(to_host(theta))
        if not abs(walk[-1]).max() < LOST:
            break
    return np.array(walk)


def _off_by(f: Objective, error: np.ndarray) -> Objective:
    return Objective(value=f.value, grad=lambda x: f.grad(x) + error)
