"""An exercise of the chapter on early stopping: the norm of the whole gradient."""

import numpy as np

from ..backend import rng
from .exercise import Exercise
from .verdict import Accident, Mistake


# --- the norm of the whole gradient, from the gradients of all batches of an epoch ---------------
def _whole(gradients, sizes):
    return (np.linalg.norm(sizes @ gradients / sizes.sum()),)


def _batches(k: int, n: int, seed: int) -> tuple:
    generator = rng(seed)
    return generator.standard_normal((k, n)), generator.integers(1, 40, k).astype(float)


def _all_norms(average):
    """Something made of the norms of the batches."""
    return lambda gradients, sizes: (average(np.linalg.norm(gradients, axis=1), sizes),)


def _weighted(weights):
    """The norm of the rows added up with these weights."""
    return lambda gradients, sizes: (np.linalg.norm(weights(sizes) @ gradients),)


def _of(norm):
    """Another norm of the right gradient."""
    return lambda gradients, sizes: (norm(sizes @ gradients / sizes.sum()),)


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
    _whole,
    WHOLE,
    called="the {}",
    nudge="First the gradient of the mean loss over all rows, then its norm. Each row of "
    "`gradients` is a mean over a batch: how much of the data does it speak for?",
    start="Weight each row by the size of its batch: (sizes @ gradients) / sizes.sum() is the "
    "gradient of the whole loss. Then np.linalg.norm of that.",
    mistakes=(
        Mistake(
            "mean of norms",
            lambda gradients, sizes: (
                sizes @ np.linalg.norm(gradients, axis=1) / sizes.sum(),
            ),
            "Gradients that point in opposite directions cancel. Do their norms?",
            "Average the gradients first, and take the norm of the average.",
        ),
        Mistake(
            "mean of norms",
            lambda gradients, sizes: (np.linalg.norm(gradients, axis=1).mean(),),
            "Gradients that point in opposite directions cancel. Do their norms?",
            "Average the gradients first, each weighted by the size of its batch, and take the "
            "norm of the average.",
        ),
        *(
            Mistake(
                "mean of norms",
                _all_norms(average),
                "Gradients that point in opposite directions cancel. Do their norms?",
                "Average the gradients first, each weighted by the size of its batch, and take the "
                "norm of the average.",
            )
            for average in (
                lambda norms, sizes: np.sqrt(np.mean(norms**2)),
                lambda norms, sizes: np.sqrt(sizes @ norms**2 / sizes.sum()),
                lambda norms, sizes: sizes @ norms,
                lambda norms, sizes: norms.sum(),
            )
        ),
        *(
            Mistake(
                "one batch",
                _all_norms(pick),
                "Your norm is that of a single batch. Which gradient is asked for?",
                "That of the mean loss over all rows: average over the batches first.",
            )
            for pick in (
                lambda norms, sizes: norms.max(),
                lambda norms, sizes: norms.min(),
                lambda norms, sizes: norms[-1],
                lambda norms, sizes: norms[0],
                lambda norms, sizes: norms[sizes.argmax()],
            )
        ),
        *(
            Mistake(
                "divided by sizes",
                lambda gradients, sizes, over=over: (
                    np.linalg.norm(over(gradients / sizes[:, None], axis=0)),
                ),
                "Each row is a mean already. Should a large batch count less than a small one?",
                "It counts more: multiply each row by its size, and divide the sum by sizes.sum().",
            )
            for over in (np.mean, np.sum)
        ),
        *(
            Mistake(
                "other weights",
                _weighted(weights),
                "How many times as much should a batch of 30 rows count as one of 3?",
                "Ten times: the weights are the sizes themselves, divided by sizes.sum().",
            )
            for weights in (
                lambda sizes: 1 / sizes / (1 / sizes).sum(),
                lambda sizes: np.sqrt(sizes) / np.sqrt(sizes).sum(),
                lambda sizes: np.sqrt(sizes / sizes.sum()),
                lambda sizes: np.sqrt(sizes) / sizes.sum(),
            )
        ),
        Mistake(
            "axis",
            lambda gradients, sizes: (np.linalg.norm(gradients.mean(axis=1)),),
            "Over what do you average, over batches or over coordinates?",
            "Rows are batches: average over axis 0, weighted by sizes.",
        ),
        Mistake(
            "unweighted",
            lambda gradients, sizes: (np.linalg.norm(gradients.mean(axis=0)),),
            "Does a batch of 3 rows speak as loud as one of 30?",
            "Weight each gradient by the size of its batch, and divide by the number of all rows.",
        ),
        Mistake(
            "sum over rows",
            lambda gradients, sizes: (np.linalg.norm(sizes @ gradients),),
            "Your norm grows with the amount of data. The loss is a mean.",
            "Divide by the number of all rows, sizes.sum().",
        ),
        Mistake(
            "sum of batches",
            lambda gradients, sizes: (np.linalg.norm(gradients.sum(axis=0)),),
            "Your norm grows with the number of batches. The loss is a mean over rows.",
            "Weight each gradient by the share of its batch: sizes / sizes.sum().",
        ),
        Mistake(
            "divided by batches",
            lambda gradients, sizes: (np.linalg.norm(sizes @ gradients) / len(sizes),),
            "You add up over all rows. By how many do you divide?",
            "Divide by the number of rows, sizes.sum(), not by that of batches.",
        ),
        Mistake(
            "divided by batches",
            lambda gradients, sizes: (np.linalg.norm(sizes @ gradients / sizes.mean()),),
            "You divide by the mean size of a batch. How many rows did you add up?",
            "Divide by the number of all rows, sizes.sum().",
        ),
        Mistake(
            "divided by features",
            lambda gradients, sizes: (
                np.linalg.norm(sizes @ gradients) / np.float64(gradients.shape[1]),
            ),
            "You divide by the number of coordinates. Over what is the loss a mean?",
            "Over all rows: divide by sizes.sum().",
        ),
        Mistake(
            "divided by entries",
            lambda gradients, sizes: (np.linalg.norm(sizes @ gradients) / gradients.size,),
            "You divide by the number of entries of gradients. Over what is the loss a mean?",
            "Over the rows of all batches: divide by sizes.sum().",
        ),
        *(
            Mistake(
                "root mean square",
                formula,
                "The gradient is right. But in a norm the squares are added up. Is a mean taken "
                "somewhere?",
                "The root of the sum of squares: np.linalg.norm(g).",
            )
            for formula in (_of(lambda g: np.sqrt(np.mean(g**2))), _of(lambda g: np.mean(g**2)))
        ),
        *(
            Mistake(
                "absolute values",
                formula,
                "The gradient is right. But you add up absolute values: which norm is that?",
                "The Euclidean norm is meant: the root of the sum of squares, np.linalg.norm(g).",
            )
            for formula in (_of(lambda g: abs(g).sum()), _of(lambda g: abs(g).mean()))
        ),
        *(
            Mistake(
                "no squares",
                formula,
                "The gradient is right. In your norm, can a negative entry cancel a positive one?",
                "First square each entry, then add up, then take the root: np.linalg.norm(g).",
            )
            for formula in (
                _of(lambda g: abs(g.sum())),
                _of(lambda g: g.sum()),
                _of(lambda g: g.mean()),
                _of(lambda g: np.sqrt(g.sum())),
            )
        ),
        Mistake(
            "squared",
            lambda gradients, sizes: (_whole(gradients, sizes)[0] ** 2,),
            "Is that the norm, or its square?",
            "Take the root: np.linalg.norm(g).",
        ),
        Mistake(
            "norm of all numbers",
            lambda gradients, sizes: (np.linalg.norm(gradients),),
            "np.linalg.norm of a matrix mixes all batches. What do you want the norm of?",
            "Of one vector, the gradient of the whole loss: average over the batches first.",
        ),
        *(
            Mistake(
                "norm of all numbers",
                formula,
                "You take the norm of a matrix. What do you want the norm of?",
                "Of one vector, the gradient of the whole loss: average over the batches first.",
            )
            for formula in (
                lambda gradients, sizes: (
                    np.linalg.norm(gradients * sizes[:, None]) / sizes.sum(),
                ),
                lambda gradients, sizes: (np.linalg.norm(gradients, 2),),
            )
        ),
        Mistake(
            "largest entry",
            lambda gradients, sizes: (np.abs(sizes @ gradients / sizes.sum()).max(),),
            "The gradient is right. Which norm is that?",
            "The Euclidean norm: the root of the sum of squares.",
        ),
    ),
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
