"""Formulas and claims as the lecture documents print them, each beside the right one.

A misprint is worth more than its correction: run it, and see what the slip does. Nothing here is
meant for use; the optimizers of the course live in `ck.optim`.
"""

from . import (
    adam,
    adaptive,
    batches,
    curvature,
    derivatives,
    divisors,
    epochs,
    losses,
    momentum,
    networks,
    roles,
    step_sizes,
)
from .adam import EarlyNadam
from .adaptive import LastStepAdadelta, MatrixAdagrad, ProductRMSprop, StaleRMSprop
from .card import Exhibit, Pair
from .curvature import PrintedHessianFree
from .measure import (
    START,
    gaps,
    noisy_gaps,
    slope,
    spectral_radius,
    stability_limit,
    updates,
    walk,
)
from .momentum import FractionOfUpdate, HeavyBall, StaleMomentum

_FILES = (
    derivatives, losses, batches, epochs, step_sizes, momentum, adaptive, divisors, adam,
    curvature, networks, roles,
)  # fmt: skip
_FOUND = (value for file in _FILES for value in vars(file).values() if isinstance(value, Exhibit))
EXHIBITS = {exhibit.id: exhibit for exhibit in sorted(_FOUND, key=lambda e: e.id)}
globals().update(EXHIBITS)

__all__ = [
    "EXHIBITS", "START", "Exhibit", "Pair",
    "gaps", "noisy_gaps", "slope", "spectral_radius", "stability_limit", "updates", "walk",
    "EarlyNadam", "FractionOfUpdate", "HeavyBall", "LastStepAdadelta", "MatrixAdagrad",
    "PrintedHessianFree", "ProductRMSprop", "StaleMomentum", "StaleRMSprop", *EXHIBITS,
]  # fmt: skip
