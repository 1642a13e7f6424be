"""An exercise of the chapter on activations: a step of the perceptron."""

import numpy as np

from ..backend import rng
from .exercise import Exercise
from .mistakes.perceptron import MISTAKES
from .verdict import Accident, Symptom, only_in


# --- perceptron: w <- w + y x where y w^T x <= 0 -------------------------------------------------
def _perceptron(w, x, y):
    return (w + y * x if y * (w @ x) <= 0 else w,)


def _case(n: int, seed: int, y: float, right: bool, margin: float = 0.5) -> tuple:
    """w, x, y with y w^T x = margin if it is decided rightly, else -margin."""
    w, x = rng(seed).standard_normal((2, n))
    x = x + ((margin if right else -margin) * y - w @ x) / (w @ w) * w
    return w, x, y


EXAMPLES = [
    (np.array([0.0, 0.0]), np.array([1.0, 2.0]), -1.0),  # the start decides nothing
    _case(3, 1, 1.0, False),
    _case(3, 2, -1.0, False, 2.0),
    _case(4, 3, 1.0, True),
    _case(2, 4, -1.0, True, 3.0),
    (np.array([1.0, 2.0]), np.array([2.0, -1.0]), 1.0),  # nothing decided, the other label
    (np.array([4.0, 0.0]), np.array([-1.0, 1.0]), 1.0),  # one step is not enough
    _case(2, 11, -1.0, True, 3.0),  # right as a whole, with an entry that is not
]


def _unit(answers, right, cases):
    return all(abs(np.linalg.norm(w) - 1) < 1e-9 for (w,) in answers)


perceptron_step = Exercise(
    "perceptron_step",
    "perceptron_step(w, x, y)",
    ("w",),
    _perceptron,
    EXAMPLES,
    nudge="First find out whether the example is decided rightly: what sign has y times w^T x "
    "then? Only a mistake changes w.",
    start="If y * (w @ x) <= 0, it is a mistake, and the new w is w + y * x. Otherwise w stays.",
    mistakes=MISTAKES,
    symptoms=(
        Symptom(
            "right already",
            only_in(3, 4, 7),
            "On mistakes you are right. What should w be after an example that is decided rightly?",
            "It stays as it is: return w, unchanged.",
        ),
        Symptom(
            "until right",
            only_in(6),
            "How many steps does your function take on one example?",
            "One: if in place of while. The example may come again later.",
        ),
        Symptom(
            "length 1",
            _unit,
            "Your w always has length 1. Who asked for that?",
            "Do not divide by the norm: only the step y * x changes w.",
        ),
    ),
    accidents=(
        Accident(
            "in place",
            "The caller still needs the old w.",
            "w += y * x writes into the caller's array; w = w + y * x makes a new one.",
        ),
        Accident(
            "shape",
            "w and x have the same shape, and so has the new w.",
            "w @ x is a number, needed for the test only; the step is y * x.",
        ),
    ),
    errors=(
        Accident(
            "ambiguous",
            "The example is decided by one number. What you compare with 0 is an array.",
            "w * x is an array; the number that decides is the product w @ x.",
        ),
    ),
)
