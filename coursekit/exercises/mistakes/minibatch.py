"""The gradient of a minibatch, and what people write in its place."""

import numpy as np

from ..verdict import Mistake


def gradient(w, X, y, rows):
    """The mean gradient of half the squared error on some rows."""
    return (X[rows].T @ (X[rows] @ w - y[rows]) / len(rows),)


def _scaled(by):
    """The right gradient times a number."""

    def formula(w, X, y, rows):
        return (by(X, rows) * gradient(w, X, y, rows)[0],)

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


def _divided_each_turn(w, X, y, rows):
    g = np.zeros(len(w))
    for i in rows:
        g = (g + X[i] * (X[i] @ w - y[i])) / len(rows)
    return (g,)


def _between(w, X, y, rows):
    some = np.arange(rows[0], rows[-1])
    return (X[some].T @ (X[some] @ w - y[some]) / len(rows),)


MISTAKES = (
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
        "The error is X[rows] @ w - y[rows], and the sum over the batch is divided by len(rows).",
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
            "Begin with a gradient of zeros, add for each row in rows, and return behind the loop.",
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
            "Each row of X is multiplied by its own error first, and the products are averaged.",
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
    Mistake(
        "first rows",
        lambda w, X, y, rows: (X[: len(rows)].T @ (X[: len(rows)] @ w - y[: len(rows)]),),
        "Which rows has your gradient seen? And is it a mean?",
        "rows says which ones: X[rows], y[rows]. Divide the sum by len(rows).",
    ),
    Mistake(
        "median",
        lambda w, X, y, rows: (np.median(X[rows] * (X[rows] @ w - y[rows])[:, None], axis=0),),
        "You take the median over the rows. Which average is asked for?",
        "The mean: the loss is a mean of squares, and so its gradient is a mean.",
    ),
    Mistake(
        "divided in each turn",
        _divided_each_turn,
        "How often do you divide what has been added up so far?",
        "Once, behind the loop.",
    ),
    *(
        Mistake(
            "row left out",
            lambda w, X, y, rows, cut=cut: (
                X[rows[cut]].T @ (X[rows[cut]] @ w - y[rows[cut]]) / len(rows),
            ),
            "How many of the rows does your loop see?",
            "All of them: for i in rows.",
        )
        for cut in (slice(None, -1), slice(1, None))
    ),
    Mistake(
        "from row to row",
        _between,
        "rows is a list of numbers. Do you take these rows, or all between the first and the "
        "last of them?",
        "Only those named: for i in rows, or X[rows].",
    ),
    Mistake(
        "one column",
        lambda w, X, y, rows: (np.full(len(w), X[rows, 0] @ (X[rows] @ w - y[rows]) / len(rows)),),
        "All entries of your gradient are alike. Does each weight have a column of its own?",
        "Entry j has column j: the mean of X[i, j] times the error of row i.",
    ),
    Mistake(
        "sorted apart",
        lambda w, X, y, rows: (X[np.sort(rows)].T @ (X[np.sort(rows)] @ w - y[rows]) / len(rows),),
        "Each row of X has its own label. Are both still in the same order?",
        "X[rows] and y[rows], with the same rows in the same order: nothing is sorted.",
    ),
    Mistake(
        "half divided",
        lambda w, X, y, rows: (X[rows].T @ (X[rows] @ w) / len(rows) - X[rows].T @ y[rows],),
        "Is all of your gradient divided by the number of rows, or only its first part?",
        "Put the difference into parentheses, and divide that.",
    ),
    Mistake(
        "logistic regression",
        lambda w, X, y, rows: (
            X[rows].T @ (1 / (1 + np.exp(-(X[rows] @ w))) - y[rows]) / len(rows),
        ),
        "Your prediction is a probability. Which one has least squares?",
        "The prediction is X[rows] @ w itself, without a sigmoid.",
    ),
    Mistake(
        "centred",
        lambda w, X, y, rows: (
            (X[rows] - X[rows].mean(axis=0)).T
            @ ((X[rows] - X[rows].mean(axis=0)) @ w - y[rows])
            / len(rows),
        ),
        "You shift the columns of X. Is it still the same loss?",
        "Use X[rows] as it is.",
    ),
)
