"""An exercise of the chapter on SGD: the gradient of a minibatch."""

import numpy as np

from ..backend import rng
from .exercise import Exercise
from .verdict import Accident, Mistake, Symptom

# --- the mean gradient of half the squared error on some rows ------------------------------------


def _gradient(w, X, y, rows):
    return (X[rows].T @ (X[rows] @ w - y[rows]) / len(rows),)


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


def _scaled(by):
    """The right gradient times a number."""

    def formula(w, X, y, rows):
        return (by(X, rows) * _gradient(w, X, y, rows)[0],)

    return formula


def _means_multiplied(sums):
    """The mean row times the mean error, with so many sums in place of the means."""

    def formula(w, X, y, rows):
        mean = X[rows].mean(axis=0) * (X[rows] @ w - y[rows]).mean()
        return (len(rows) ** sums * mean,)

    return formula


def _on(choose, labels=None):
    """The gradient of other rows, or with the labels of others."""

    def formula(w, X, y, rows):
        chosen = choose(rows, y)
        taken = chosen if labels is None else labels(rows, y)
        return (X[chosen].T @ (X[chosen] @ w - y[taken]) / len(chosen),)

    return formula


def _without_labels(w, X, y, rows):
    return (X[rows].T @ (X[rows] @ w) / len(rows),)


def _distinct(w, X, y, rows):
    """Each row once, and divided by as many as were named."""
    once = np.unique(rows)
    return (X[once].T @ (X[once] @ w - y[once]) / len(rows),)


def _one_row(place, mean):
    def formula(w, X, y, rows):
        i = rows[place]
        return (X[i] * (X[i] @ w - y[i]) / (len(rows) if mean else 1),)

    return formula


def _of_errors(change):
    """Another function of the errors in the place of the errors."""
    return lambda w, X, y, rows: (X[rows].T @ change(X[rows] @ w - y[rows]) / len(rows),)


def _entry_by_entry(w, X, y, rows):
    return ((X[rows] * (X[rows] * w - y[rows][:, None])).mean(axis=0),)


def _half_divided(w, X, y, rows):
    return (X[rows].T @ (X[rows] @ w) - X[rows].T @ y[rows] / len(rows),)


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
    _gradient,
    CASES,
    called="{}",
    nudge="First take the rows of the batch, from X and from y alike. Then it is the gradient of a "
    "mean: each row of X times its own error, averaged.",
    start="The errors of the batch are X[rows] @ w - y[rows]. Multiply each row of X[rows] by its "
    "error, sum over the rows (a product with X[rows].T does both), and divide by their number.",
    mistakes=(
        Mistake(
            "sum",
            _scaled(lambda X, rows: len(rows)),
            "Your gradient grows with the size of the batch. Should a batch of 100 take steps 100 "
            "times as long?",
            "This is the sum over the batch; divide it by len(rows).",
        ),
        Mistake(
            "divided by m",
            _scaled(lambda X, rows: len(rows) / len(X)),
            "You average over more rows than you have seen.",
            "Divide by the number of rows in the batch, len(rows), not by that of all data.",
        ),
        Mistake(
            "divided by features",
            _scaled(lambda X, rows: len(rows) / X.shape[1]),
            "You divide by the number of weights. Over what is the loss a mean?",
            "Over the rows of the batch: divide by len(rows).",
        ),
        Mistake(
            "sign and sum",
            _scaled(lambda X, rows: -len(rows)),
            "Two things: does your gradient point uphill, and should it grow with the batch?",
            "The error is X[rows] @ w - y[rows], and the sum over the batch is divided by "
            "len(rows).",
        ),
        Mistake(
            "n - 1",
            _scaled(lambda X, rows: len(rows) / (np.float64(len(rows)) - 1)),
            "By how many do you divide, and how many rows are in the batch?",
            "Divide by len(rows): this is a mean, and no variance.",
        ),
        *(
            Mistake(
                "rows as amounts",
                _scaled(lambda X, rows, by=by: len(rows) / np.float64(by(rows))),
                "By what do you divide? rows holds the numbers of rows, which are names.",
                "How many there are is len(rows).",
            )
            for by in (np.sum, np.max)
        ),
        Mistake(
            "factor 2",
            _scaled(lambda X, rows: 2.0),
            "The direction is right. What is the derivative of e**2 / 2?",
            "The loss has a factor 1/2, which takes away the 2 of the derivative: leave it out.",
        ),
        Mistake(
            "factor 2",
            _scaled(lambda X, rows: 0.5),
            "The direction is right. What is the derivative of e**2 / 2?",
            "The factor 1/2 of the loss and the 2 of the derivative cancel: leave both out.",
        ),
        Mistake(
            "sign",
            _scaled(lambda X, rows: -1.0),
            "Does your gradient point uphill?",
            "The error is prediction minus label: X[rows] @ w - y[rows].",
        ),
        Mistake(
            "all rows",
            _on(lambda rows, y: np.arange(len(y))),
            "Which rows has your gradient seen?",
            "This is the gradient of all the data. Use X[rows] and y[rows] in place of X and y.",
        ),
        Mistake(
            "all rows",
            lambda w, X, y, rows: (X.T @ (X @ w - y) / len(rows),),
            "Which rows has your gradient seen?",
            "You sum over all the data. Use X[rows] and y[rows] in place of X and y.",
        ),
        *(
            Mistake(
                "one row",
                _one_row(place, mean),
                "Your gradient knows one row of the batch only. Is a sum overwritten in a loop, or "
                "returned too soon?",
                "Begin with a gradient of zeros, add for each row in rows, and return behind the "
                "loop.",
            )
            for place in (0, -1)
            for mean in (True, False)
        ),
        *(
            Mistake(
                "power of the error",
                _of_errors(change),
                "What is the derivative of e**2 / 2? How does the error stand in your gradient?",
                "The error itself, with its sign, multiplies its row.",
            )
            for change in (np.square, np.abs, np.sign)
        ),
        Mistake(
            "entry by entry",
            _entry_by_entry,
            "A row has one prediction, and one error. How many has it in yours?",
            "w * X[rows] is a table; X[rows] @ w has one prediction for each row.",
        ),
        Mistake(
            "mean label",
            lambda w, X, y, rows: (X[rows].T @ (X[rows] @ w - y[rows].mean()) / len(rows),),
            "Each row of X has its own label. Which labels have you taken?",
            "You took the mean of the labels; take y[rows], one for each row.",
        ),
        Mistake(
            "half divided",
            _half_divided,
            "Is all of your gradient divided by the number of rows, or only its last part?",
            "Division comes before subtraction: put the difference into parentheses.",
        ),
        Mistake(
            "labels of others",
            _on(lambda rows, y: rows, lambda rows, y: np.arange(len(rows))),
            "Each row of X has its own label. Which labels have you taken?",
            "You took the first labels; take y[rows], the labels of the same rows.",
        ),
        Mistake(
            "first rows",
            _on(lambda rows, y: np.arange(len(rows))),
            "Which rows has your gradient seen?",
            "You took the first rows, as many as asked for. rows says which: X[rows], y[rows].",
        ),
        Mistake(
            "repeats dropped",
            _on(lambda rows, y: np.unique(rows)),
            "Drawn with replacement, a row may come more than once. Does it count each time?",
            "X[rows] repeats a row as often as it is named; a mask or a set would keep it once.",
        ),
        Mistake(
            "repeats dropped",
            _distinct,
            "A row may be named more than once. You count it each time when you divide, but also "
            "when you add up?",
            "X[rows] repeats a row as often as it is named; a mask or a set would keep it once.",
        ),
        *(
            Mistake(
                "means multiplied",
                _means_multiplied(sums),
                "Is the mean of a product the product of the means? Or the sum that of the sums?",
                "Each row of X is multiplied by its own error first, and the products are "
                "averaged.",
            )
            for sums in (0, 1, 2)
        ),
        Mistake(
            "solved",
            lambda w, X, y, rows: (np.linalg.lstsq(X[rows], y[rows], rcond=None)[0],),
            "These are the weights that fit the batch best. What is asked for?",
            "The gradient at the w that comes in. Nothing is solved: the errors are "
            "X[rows] @ w - y[rows].",
        ),
        Mistake(
            "no labels",
            _without_labels,
            "With which labels does your prediction agree when the gradient is zero?",
            "The error is X[rows] @ w - y[rows]; the labels are missing.",
        ),
    ),
    symptoms=(
        Symptom(
            "a step",
            _new_weights,
            "This is w after a step. What is asked for?",
            "The gradient alone: the step, with its learning rate, is somebody else's.",
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
