"""An exercise of the chapter on adaptive methods: one step of RMSProp."""

import numpy as np

from ..backend import rng
from .exercise import Exercise
from .mistakes.rmsprop import MISTAKES, mean_square, rmsprop
from .mixture import astray, mixture
from .verdict import Accident

ALONE = (
    "Each coordinate is updated by itself: nothing is summed, nothing joined.",
    "No sum, no mean and no @: **, / and np.sqrt act on each coordinate alone.",
)
DIVISION = "Is something divided by 0? eps belongs into the divisor, and 1 - beta**k needs k >= 1."


def _draw(n: int, seed: int, *numbers: float) -> tuple:
    """theta, v above 0, g and the rest; v is far from g^2, and eps large enough to be seen."""
    theta, v, g = rng(seed).standard_normal((3, n))
    return (theta, 1 + v**2, g, *numbers)


CASES = [
    (np.array([1.0]), np.array([4.0]), np.array([2.0]), 0.1, 0.75, 0.5),
    _draw(3, 1, 0.3, 0.9, 0.1),
    _draw(4, 2, 0.05, 0.99, 0.03),
    (np.array([1.0, -2.0]), np.zeros(2), np.array([0.0, 3.0]), 0.1, 0.9, 0.1),  # the first step
]


rmsprop_step = Exercise(
    "rmsprop_step",
    "rmsprop_step(theta, v, g, lr, rho, eps)",
    ("theta", "v"),
    rmsprop,
    CASES,
    follows=lambda made, theta, v, g, lr, rho, eps: (theta - lr * g / (np.sqrt(made[1]) + eps),),
    nudge="Two things change in a step, v and theta, and one needs the new value of the other. "
    "Write the two formulas of the text as two lines, in the right order.",
    start="First the new v: rho times the old one, plus (1 - rho) times the square of g. Then "
    "theta moves downhill by lr g, divided by the root of the new v plus eps.",
    mistakes=MISTAKES,
    symptoms=(
        *mixture(
            1,
            "v",
            "rho * v + (1 - rho) * g**2",
            lambda theta, v, g, lr, rho, eps: v,
            lambda theta, v, g, lr, rho, eps: g**2,
            lambda theta, v, g, lr, rho, eps: (rho, 1 - rho),
        ),
        astray(
            "v is",
            "g / (np.sqrt(v) + eps)",
            lambda theta, v, g, lr, rho, eps: g / (np.sqrt(mean_square(v, g, rho)) + eps),
        ),
    ),
    accidents=(
        Accident(
            "returns",
            "The next step needs the mean square too.",
            "Return both, the point and the new mean square: return theta, v",
        ),
        Accident("infinite", DIVISION, "The divisor is np.sqrt(v) + eps, with the new v."),
        Accident("shape", *ALONE),
    ),
)
