"""An exercise of the chapter on early stopping: the norm of the whole gradient."""

import numpy as np

from ..backend import rng
from .exercise import Exercise
from .mistakes.whole_norm import MISTAKES, whole
from .verdict import Accident


def _batches(k: int, n: int, seed: int) -> tuple:
    generator = rng(seed)
    return generator.standard_normal((k, n)), generator.integers(1, 40, k).astype(float)


WHOLE = [
    (np.array([[3.0, 0.0], [0.0, 4.0]]), np.array([3.0, 1.0])),
    _batches(5, 3, 1),
    _batches(8, 6, 2),
    (np.array([[1.0, 2.0, 2.0]]), np.array([7.0])),
]

whole_norm = Exercise(
    "whole_norm",
    "whole_norm(gradients, sizes)",
    ("norm",),
    whole,
    WHOLE,
    called="the {}",
    nudge="First the gradient of the mean loss over all rows, then its norm. Each row of "
    "`gradients` is a mean over a batch: how much of the data does it speak for?",
    start="Weight each row by the size of its batch: (sizes @ gradients) / sizes.sum() is the "
    "gradient of the whole loss. Then np.linalg.norm of that.",
    mistakes=MISTAKES,
    accidents=(
        Accident("returns", "The norm is one number.", "End with: return norm"),
        Accident(
            "shape",
            "The norm is one number. Which axis have you not summed over?",
            "First an average over axis 0, the batches; then the norm of that vector.",
        ),
        Accident(
            "infinite",
            "Is something divided by a number that may be zero?",
            "Divide by sizes.sum() alone.",
        ),
    ),
    errors=(
        Accident(
            "could not be broadcast",
            "sizes has one number for each row of gradients. Along which axis do yours go?",
            "sizes[:, None] is a column, and multiplies rows; sizes @ gradients adds up, too.",
        ),
        Accident(
            "mismatch",
            "sizes has one number for each row of gradients. On which side of @ should it stand?",
            "sizes @ gradients adds up the rows, each times its size.",
        ),
    ),
)  # fmt: skip
