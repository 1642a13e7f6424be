"""An exercise of the chapter on SGD: the gradient of a minibatch."""

import numpy as np

from ..backend import rng
from .exercise import Exercise
from .mistakes.minibatch import MISTAKES, gradient
from .verdict import Accident, Symptom


def _draw(m: int, n: int, rows, seed: int) -> tuple:
    generator = rng(seed)
    X, y = generator.standard_normal((m, n)), generator.standard_normal(m)
    return generator.standard_normal(n), X, y, np.array(rows)


SMALL = (
    np.array([2.0, 1.0]),
    np.array([[1.0, 0.0], [0.0, 3.0], [1.0, 1.0]]),
    np.array([0.0, 1.0, 5.0]),
    np.array([1, 2]),
)
CASES = [
    SMALL,
    _draw(8, 3, [6, 1, 4, 3], 1),
    _draw(5, 4, [2], 2),
    _draw(6, 3, [4, 4, 0, 4, 2], 3),  # with replacement: a row may come more than once
]


def _with_decay(answers, right, cases):
    """The gradient, and some multiple of w."""
    off = [a - r for (a,), (r,) in zip(answers, right, strict=True)]
    shares = [(d @ w) / (w @ w) for d, (w, *_) in zip(off, cases, strict=True)]
    return all(
        np.allclose(d, share * w, atol=1e-9)
        for d, share, (w, *_) in zip(off, shares, cases, strict=True)
    )


def _new_weights(answers, right, cases):
    """w minus some multiple of the gradient."""
    factors = [
        ((w - a) @ r) / (r @ r) for (a,), (r,), (w, *_) in zip(answers, right, cases, strict=True)
    ]
    rest = [
        w - a - c * r for c, (a,), (r,), (w, *_) in zip(factors, answers, right, cases, strict=True)
    ]
    return np.ptp(factors) < 1e-9 and all(abs(r).max() < 1e-9 for r in rest)


minibatch_gradient = Exercise(
    "minibatch_gradient",
    "minibatch_gradient(w, X, y, rows)",
    ("g",),
    gradient,
    CASES,
    called="{}",
    nudge="First take the rows of the batch, from X and from y alike. Then it is the gradient of a "
    "mean: each row of X times its own error, averaged.",
    start="The errors of the batch are X[rows] @ w - y[rows]. Multiply each row of X[rows] by its "
    "error, sum over the rows (a product with X[rows].T does both), and divide by their number.",
    mistakes=MISTAKES,
    symptoms=(
        Symptom(
            "a step",
            _new_weights,
            "This is w after a step. What is asked for?",
            "The gradient alone: the step, with its learning rate, is somebody else's.",
        ),
        Symptom(
            "weight decay",
            _with_decay,
            "Your gradient is right, but for a multiple of w. Which term of the loss has that "
            "derivative?",
            "None: the loss is the mean of half the squared errors, without a penalty on w.",
        ),
    ),
    accidents=(
        Accident(
            "in place",
            "A gradient looks at w, X and y: it makes new arrays, and leaves these as they are.",
            "w -= ... and y -= ... write into the caller's arrays; e = X[rows] @ w - y[rows] makes "
            "a new one. The step itself is not asked for.",
        ),
        Accident(
            "returns",
            "The gradient is one array, with one number for each weight.",
            "End with: return g",
        ),
        Accident(
            "shape",
            "The gradient has one number for each weight in w. Over which axis do you average?",
            "Average over the rows of the batch, the first axis: a product X[rows].T @ errors does "
            "it, or .mean(axis=0) of each row times its error.",
        ),
        Accident(
            "infinite",
            "Is something divided by a number that may be zero?",
            "Divide by len(rows) alone, which is never zero.",
        ),
    ),
    errors=(
        Accident(
            "does not have enough dimensions",
            "One side of @ is a single number. Have you averaged the errors before the rows are "
            "multiplied by them?",
            "Each row has its own error: X[rows].T @ errors first, then divide by len(rows).",
        ),
        Accident(
            "Singular matrix",
            "You solve for weights. What is asked for?",
            "The gradient at the w that comes in. Nothing is solved.",
        ),
        Accident(
            "mismatch in its core dimension",
            "The two sides of @ do not fit together. Do both have the rows of the batch, and over "
            "what should be summed?",
            "X[rows] and y[rows] have as many rows as the batch, X and y have more. And "
            "X[rows].T @ errors sums over the rows, X[rows] @ errors does not.",
        ),
        Accident(
            "could not be broadcast",
            "Two arrays do not fit together. Do both have the rows of the batch?",
            "y[rows] has as many entries as the batch, y more. Errors of shape (B,) become a "
            "column to multiply rows with by [:, None].",
        ),
        Accident(
            "out of bounds",
            "rows holds numbers of rows. On which axis do you use them?",
            "X[rows] takes rows, X[:, rows] would take columns.",
        ),
    ),
)  # fmt: skip
