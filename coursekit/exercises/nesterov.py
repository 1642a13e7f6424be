"""An exercise of the chapter on momentum: one step of Nesterov's method."""

import numpy as np

from .exercise import Exercise
from .mistakes.nesterov import MISTAKES, nesterov, new_u
from .mixture import astray, mixture
from .momentum import CASES, momentum_step
from .verdict import Accident


def _named(formula, shown):
    """A function that an error calls by the name the student knows."""

    def grad(x):
        return formula(x)

    grad.__qualname__ = "grad"
    grad.shown = shown  # type: ignore[attr-defined]
    return grad


DOUBLE = _named(lambda x: 2 * x, "(x -> 2 x)")
CUBIC = _named(lambda x: 2 * x + x**3, "(x -> 2 x + x^3)")  # so that no formulas agree by chance

AHEAD_CASES = [(np.array([1.0]), np.array([0.5]), DOUBLE, 0.1, 0.9)] + [
    (theta, u, CUBIC, lr, mu) for theta, u, _, lr, mu in CASES[1:]
]


nesterov_step = Exercise(
    "nesterov_step",
    "nesterov_step(theta, u, grad, lr, mu)",
    ("theta", "u"),
    nesterov,
    AHEAD_CASES,
    follows=lambda made, theta, u, grad, lr, mu: (theta + made[1],),
    nudge="Here u is the last step, and grad a function: call it once. At which point? Then the "
    "rest is momentum with lr inside the velocity.",
    start="Here u is the last step, and grad a function. Look ahead to theta + mu u, take the "
    "gradient there, let u be mu times the old u minus lr times that gradient, and move by u.",
    mistakes=MISTAKES,
    symptoms=(
        *mixture(
            1,
            "u",
            "mu * u - lr * grad(theta + mu * u)",
            lambda theta, u, grad, lr, mu: u,
            lambda theta, u, grad, lr, mu: grad(theta + mu * u),
            lambda theta, u, grad, lr, mu: (mu, -lr),
        ),
        astray("u is", "the new u", new_u, times="just"),
    ),
    accidents=momentum_step.accidents,
    errors=(
        Accident(
            "'function'",
            "grad is no array, but a function. How do you get a gradient from it?",
            "Call it with a point: grad(point).",
        ),
        Accident(
            "grad() ",
            "grad wants one argument. Which one?",
            "The point at which the gradient is asked for: grad(point).",
        ),
    ),
)
