"""Adam taken apart: a walk of it, with parts switched off, and what every step is made of.

A part is switched off in Adam itself. Without momentum beta1 is 0. Without the RMS part eps is so
large that the root of v is nothing beside it, and lr is as much larger.
"""

import functools
from typing import Any, NamedTuple

import numpy as np

from ... import landscapes, optim
from ...backend import to_device, to_host
from ...optim.adaptive import root
from ..tracks import Track

PARTS = ("momentum", "RMS", "correction", "eps inside")
LOST = 1e6  # a distance from which no walk comes back
VAST = 2.0**200  # for eps: a power of two, so that multiplying and dividing by it is exact


class Ground(Track):
    """A landscape, or a slope whose gradient is the same everywhere: (size, size / 10).

    >>> Ground("slope", 1e-3).f.grad(np.zeros(2))
    array([0.001 , 0.0001])
    """

    __slots__ = ()

    @property
    def f(self) -> Any:
        return _slope(self.kappa) if self.landscape == "slope" else super().f


@functools.lru_cache(64)
def _slope(size: float) -> landscapes.Landscape:
    g = size * np.array([1.0, 0.1])
    return landscapes.Landscape(
        "slope", r"s \, (x_1 + x_2 / 10)",
        lambda x: x @ g, lambda x: g + 0 * x, lambda x: np.zeros((*x.shape, 2)),
        start=(0, 0), bounds=[(-9, 1), (-9, 1)], levels="linear",
    )  # fmt: skip


class Setting(NamedTuple):
    """Adam's numbers, and which of its parts are on."""

    lr: float
    beta1: float
    beta2: float
    eps: float
    parts: tuple[str, ...]

    def has(self, part: str) -> bool:
        return part in self.parts

    @property
    def optimizer(self) -> optim.Adam:
        """Adam with the other parts off."""
        scale = 1.0 if self.has("RMS") else VAST
        return optim.Adam(
            lr=self.lr * scale,
            beta1=self.beta1 if self.has("momentum") else 0.0,
            beta2=self.beta2,
            eps=self.eps if self.has("RMS") else VAST,
            eps_inside=self.has("eps inside") and self.has("RMS"),
            bias_correction=self.has("correction"),
        )


class Walk(NamedTuple):
    """The steps of Adam, each with what it was made of; n may be less than was asked for."""

    thetas: np.ndarray  # (n + 1, 2)
    g: np.ndarray  # (n, 2), as all that follows
    m: np.ndarray
    m_hat: np.ndarray
    v: np.ndarray
    v_hat: np.ndarray
    moves: np.ndarray
    rates: np.ndarray  # what m_hat is multiplied by

    @property
    def lost(self) -> bool:
        return bool(abs(self.thetas[-1]).max() >= LOST)


class Given:
    """An objective with this gradient everywhere."""

    def __init__(self, g: Any):
        self.g = g

    def grad(self, theta: Any) -> Any:
        return self.g


@functools.lru_cache(64)
def dissect(setting: Setting, ground: Ground, at: tuple[float, float], steps: int) -> Walk:
    """Walk with `opt.step`, and keep what every step is made of."""
    f, opt = ground.f, setting.optimizer
    theta = to_device(ground.start(*at))
    zero = np.zeros_like(theta)
    state = opt.init(theta)
    kept: list[list[np.ndarray]] = []
    with np.errstate(all="ignore"):
        while len(kept) < steps and abs(theta).max() < LOST:
            g = f.grad(theta)
            move, state = opt.step(zero, state, Given(g))  # from 0, so that no digit of it is lost
            theta = theta + move
            kept.append([to_host(a) for a in (theta, g, state.m, state.v, move)])
    thetas, g, m, v, moves = np.swapaxes(kept, 0, 1)
    k = np.arange(1, len(g) + 1)[:, None]
    short = setting.has("correction")
    m_hat = m / (1 - opt.beta1**k) if short else m
    v_hat = v / (1 - opt.beta2**k) if short else v
    rates = np.full_like(g, setting.lr)
    if setting.has("RMS"):
        rates = setting.lr / root(v_hat, opt.eps, opt.eps_inside)
    start = to_host(ground.start(*at))
    return Walk(np.vstack([start, thetas]), g, m, m_hat, v, v_hat, moves, rates)
