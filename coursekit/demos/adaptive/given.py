"""Gradients that do not ask where theta is, and RMSProp, two variants and Rprop on them."""

import functools

import numpy as np

from ... import optim
from ...exhibits.adaptive import ProductRMSprop
from .walk import MOST, Walk

EPS = 1e-8  # of RMSProp, under the root
GIVEN = {  # as code, without noise
    "alternating": "(-1.0) ** np.arange(10000)",
    "one spike": "np.where(np.arange(10000) == 20, 10.0, 1.0)",
    "nine and one": "np.where(np.arange(10000) % 10 == 9, -0.9, 0.1)",
    "steady": "np.ones(10000)",
}


@functools.lru_cache(24)  # walks may be long
def seen_by(name, lr, rho, gradients, curvature, noise, seed) -> Walk:
    """The walk of a method; its rows are theta, what its root is taken of, and the gradient."""
    opt = {
        "RMSprop": lambda: optim.RMSprop(lr=lr, rho=rho, eps_inside=True),
        "centred": lambda: optim.RMSprop(lr=lr, rho=rho, eps_inside=True, centered=True),
        "misprint": lambda: ProductRMSprop(lr=lr, rho=rho),
        "Rprop": lambda: optim.Rprop(lr=lr, max_step=lr),
    }[name]()
    start = np.ones(1) if gradients == "zigzag" else np.zeros(1)
    last = [0.0]

    def gradient(k, x):
        zigzag = gradients == "zigzag"
        g = curvature * x if zigzag else 0 * x + given(gradients, noise, seed)[k]
        last[0] = float(g[0])
        return g

    def row(x, s):
        kept = {
            "RMSprop": lambda: s.v,
            "centred": lambda: np.maximum(s.v - s.m**2, 0),  # as the rule has it
            "misprint": lambda: s.s,
            "Rprop": lambda: s.d,
        }[name]()
        return x[0], kept[0], last[0]

    return Walk(opt, start, gradient, row)


@functools.cache
def given(name: str, noise: float, seed: int) -> np.ndarray:
    """The gradients that go by this name, with so much noise where they are steady."""
    k = np.arange(MOST)
    return {
        "alternating": lambda: (-1.0) ** k,
        "one spike": lambda: np.where(k == 20, 10.0, 1.0),
        "nine and one": lambda: np.where(k % 10 == 9, -0.9, 0.1),
        "steady": lambda: 1 + noise * np.random.default_rng(seed).standard_normal(MOST),
    }[name]()
