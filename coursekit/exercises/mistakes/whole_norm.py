"""The norm of the whole gradient, and what people write in its place."""

import numpy as np

from ..verdict import Mistake


def whole(gradients, sizes):
    """The norm of the whole gradient, from the gradients of all batches of an epoch."""
    return (np.linalg.norm(sizes @ gradients / sizes.sum()),)


def _all_norms(average):
    """Something made of the norms of the batches."""
    return lambda gradients, sizes: (average(np.linalg.norm(gradients, axis=1), sizes),)


def _weighted(weights):
    """The norm of the rows added up with these weights."""
    return lambda gradients, sizes: (np.linalg.norm(weights(sizes) @ gradients),)


def _of(norm):
    """Another norm of the right gradient."""
    return lambda gradients, sizes: (norm(sizes @ gradients / sizes.sum()),)


MISTAKES = (
    Mistake(
        "mean of norms",
        lambda gradients, sizes: (sizes @ np.linalg.norm(gradients, axis=1) / sizes.sum(),),
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
        lambda gradients, sizes: (whole(gradients, sizes)[0] ** 2,),
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
            lambda gradients, sizes: (np.linalg.norm(gradients * sizes[:, None]) / sizes.sum(),),
            lambda gradients, sizes: (np.linalg.norm(gradients, 2),),
        )
    ),
    Mistake(
        "largest entry",
        lambda gradients, sizes: (np.abs(sizes @ gradients / sizes.sum()).max(),),
        "The gradient is right. Which norm is that?",
        "The Euclidean norm: the root of the sum of squares.",
    ),
    Mistake(
        "axis",
        lambda gradients, sizes: (
            np.linalg.norm((sizes[:, None] * gradients).sum(axis=1)) / sizes.sum(),
        ),
        "Over what do you sum, over batches or over coordinates?",
        "Rows are batches: sum over axis 0, each row times its size.",
    ),
    Mistake(
        "divided twice",
        lambda gradients, sizes: (
            np.linalg.norm((sizes[:, None] * gradients).mean(axis=0)) / sizes.sum(),
        ),
        "How often do you divide, and by what?",
        "Once, by the number of all rows: a sum over the batches divided by sizes.sum().",
    ),
    *(
        Mistake(
            "sizes squared",
            _weighted(weights),
            "How many times as much should a batch of 30 rows count as one of 3?",
            "Ten times: the weights are the sizes themselves, divided by sizes.sum().",
        )
        for weights in (
            lambda sizes: sizes**2 / sizes.sum() ** 2,
            lambda sizes: sizes**2 / (sizes**2).sum(),
            lambda sizes: np.exp(sizes - sizes.max()) / np.exp(sizes - sizes.max()).sum(),
        )
    ),
    *(
        Mistake(
            "n - 1",
            _weighted(lambda sizes, less=less: sizes / (sizes.sum() - less(sizes))),
            "How many rows are there in all batches together? You divide by fewer.",
            "Divide by sizes.sum(): this is a mean, and no variance.",
        )
        for less in (lambda sizes: 1, len)
    ),
    Mistake(
        "other weights",
        _weighted(lambda sizes: sizes / np.linalg.norm(sizes)),
        "Your weights have length 1. What should they add up to?",
        "To 1: sizes / sizes.sum().",
    ),
    Mistake(
        "other weights",
        _weighted(lambda sizes: sizes / sizes.max()),
        "Your largest batch has the weight 1. What should all weights add up to?",
        "To 1: sizes / sizes.sum().",
    ),
    Mistake(
        "median",
        lambda gradients, sizes: (np.linalg.norm(np.median(gradients, axis=0)),),
        "You take the median of the batches. Which average has the mean loss as its gradient?",
        "The mean, each batch weighted by its size.",
    ),
    Mistake(
        "deviation",
        _of(np.std),
        "The gradient is right. You measure how its entries differ. How long is it?",
        "The norm subtracts no mean: np.linalg.norm(g).",
    ),
    Mistake(
        "second root",
        _of(lambda g: np.sqrt(np.linalg.norm(g))),
        "The gradient is right. How often do you take a root?",
        "np.linalg.norm has taken it already.",
    ),
    *(
        Mistake(
            "one batch",
            lambda gradients, sizes, pick=pick: (
                np.linalg.norm((sizes[:, None] * gradients)[pick]) / sizes.sum(),
            ),
            "Your norm knows a single batch. Is a sum overwritten in a loop, or returned in "
            "its first turn?",
            "Begin with 0, add sizes[i] * gradients[i] for each i, and go on behind the loop.",
        )
        for pick in (0, -1)
    ),
    *(
        Mistake(
            "norm of all numbers",
            formula,
            "You square and add up the entries of all batches. Can they still cancel?",
            "Average over the batches first; the norm of that one vector comes after.",
        )
        for formula in (
            lambda gradients, sizes: (
                np.sqrt((sizes[:, None] * gradients**2).sum()) / sizes.sum(),
            ),
            lambda gradients, sizes: (np.linalg.norm(gradients) / len(gradients),),
            lambda gradients, sizes: (np.linalg.norm(gradients / sizes[:, None]),),
            lambda gradients, sizes: (
                np.linalg.norm(np.cumsum(sizes[:, None] * gradients, axis=0)) / sizes.sum(),
            ),
        )
    ),
    Mistake(
        "no squares",
        lambda gradients, sizes: (np.sqrt((sizes[:, None] * gradients).sum() / sizes.sum()),),
        "In your norm, can a negative entry cancel a positive one?",
        "First square each entry of the average, then add up, then take the root.",
    ),
)
