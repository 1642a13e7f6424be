"""Formulas and claims as the lecture documents print them, each beside the right one.

A misprint is worth more than its correction: run it, and see what the slip does. Nothing here is
meant for use; the optimizers of the course live in `ck.optim`.
"""

from . import momentum
from .card import Exhibit, Pair
from .momentum import (
    START,
    FractionOfUpdate,
    HeavyBall,
    StaleMomentum,
    gaps,
    noisy_gaps,
    slope,
    spectral_radius,
    stability_limit,
)

EXHIBITS = {
    name: value
    for file in (momentum,)
    for name, value in vars(file).items()
    if isinstance(value, Exhibit)
}
globals().update(EXHIBITS)

__all__ = [
    "EXHIBITS", "START", "Exhibit", "Pair", "FractionOfUpdate", "HeavyBall", "StaleMomentum",
    "gaps", "noisy_gaps", "slope", "spectral_radius", "stability_limit", *EXHIBITS,
]  # fmt: skip
