"""Grounds in one dimension, and how a ball with mass and friction moves on them."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

GRID = np.linspace(-3, 3, 601)
PIECES = 12  # at least, in which a unit of time is computed

Ground = Callable[[Any], tuple[Any, Any]]  # x -> height, slope


def bowl(x):
    return x**2 / 2, x


def bump(x):
    hill = 0.8 * np.exp(-8 * (x + 1) ** 2)
    return x**2 / 2 + hill, x - 16 * (x + 1) * hill


def waves(x):
    turn = 4 * np.pi * x
    return x**2 / 2 + 0.1 - 0.1 * np.cos(turn), x + 0.4 * np.pi * np.sin(turn)


def slope(x):
    ahead = np.logaddexp(0, -6 * x - 3)
    return ahead / 6, np.expm1(-ahead)


# The waves are those of ck.landscapes.bumpy(n=1).
GROUNDS: dict[str, Ground] = {"bowl": bowl, "bump": bump, "waves": waves, "slope": slope}


def fall(ground: Ground, mass: float, friction: float, x: float, time: int) -> np.ndarray:
    """Time, place and velocity of a ball that is let go at x, up to this time: (n, 3).

    It obeys mass x'' = -friction x' - slope(x). Within a piece of time the force is taken to change
    evenly, and friction is exact, so that a ball with next to no mass is no problem; without
    friction this is the method of Verlet, which keeps the energy.
    """
    bend = float(np.gradient(ground(GRID)[1], GRID).max())
    pieces = max(PIECES, math.ceil(0.75 * min(bend / friction, (bend / mass) ** 0.5)))
    dt, rate = 1 / pieces, friction / mass
    fade, one, two = math.exp(-rate * dt), dt, dt**2 / 2  # of v, and twice summed over a piece
    if rate * dt > 1e-6:
        one = -math.expm1(-rate * dt) / rate
        two = (dt - one) / rate
    path = np.empty((time * pieces + 1, 3))
    path[:, 0] = np.arange(len(path)) * dt
    v, pull = 0.0, -float(ground(x)[1]) / mass
    path[0, 1:] = x, v
    for k in range(1, len(path)):
        x += one * v + two * pull
        before, pull = pull, -float(ground(x)[1]) / mass
        v = fade * v + (one - two / dt) * before + two / dt * pull
        path[k, 1:] = x, v
    return path
