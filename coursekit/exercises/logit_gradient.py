"""An exercise of the chapter on losses: the gradient of cross-entropy by the logits."""

import numpy as np

from .cross_entropy import AXIS, CASES, COLUMN, INDEX, OVERFLOW
from .exercise import Exercise
from .mistakes.softmaxes import hot, log_softmax, of_batch, plain, right_ones, softmax
from .verdict import Accident, Mistake, Symptom


# --- its gradient by the logits: (p - y) / batch -------------------------------------------------
def _gradient(logits, labels):
    return ((softmax(logits) - hot(logits, labels)) / len(labels),)


def _gradient_by(change):
    """p and y of the batch, and what was made of them."""

    def formula(logits, labels):
        return (change(softmax(logits), hot(logits, labels)) / len(labels),)

    return formula


def _columns_less_one(z, y):
    p = softmax(z)
    p[:, y] -= 1
    return (p / len(y),)


def _rows_less_one(z, y):
    p = softmax(z)
    p[y[y < len(p)]] -= 1  # where there is no such row nobody returns anything
    return (p / len(y),)


def _uneven(answers, right, cases):
    return any(np.abs(g.sum(axis=1)).max() > 1e-3 for (g,) in answers)


def _jacobian(p, g):
    """(diag(p) - p p^T) g in each row."""
    return p * (g - (p * g).sum(axis=1, keepdims=True))


cross_entropy_gradient = Exercise(
    "cross_entropy_gradient",
    "cross_entropy_gradient(logits, labels)",
    ("gradient",),
    _gradient,
    CASES,
    nudge="The text derives it: for one row it is p - y. Which shape has it for the batch, and "
    "what does the mean over the batch add?",
    start="p is the softmax of each row, with its maximum subtracted first; y has a 1 in the "
    "column of the label. The gradient is (p - y) divided by the number of rows.",
    mistakes=(
        Mistake("overflow", lambda z, y: ((plain(z) - hot(z, y)) / len(y),), *OVERFLOW),
        Mistake("overflow", lambda z, y: (plain(z) - hot(z, y),), *OVERFLOW),
        Mistake(
            "one shift for all",
            lambda z, y: ((plain(z - z.max()) - hot(z, y)) / len(y),),
            "One largest logit for the whole batch: what is left of a row that is 1000 below?",
            "Each row has its own maximum: logits.max(axis=1, keepdims=True).",
        ),
        Mistake(
            "not divided",
            lambda z, y: (softmax(z) - hot(z, y),),
            "This is the gradient of the sum over the batch. The loss is the mean.",
            "Divide by the number of rows, len(labels).",
        ),
        Mistake(
            "divided by all entries",
            lambda z, y: ((softmax(z) - hot(z, y)) / z.size,),
            "By how many numbers do you divide?",
            "Divide by the number of rows only, len(labels), not by the number of entries.",
        ),
        Mistake(
            "sign",
            _gradient_by(lambda p, y: y - p),
            "Which way does the loss grow? A larger logit of a wrong class makes it worse.",
            "p - y, not y - p: positive for wrong classes, negative for the label.",
        ),
        Mistake(
            "labels forgotten",
            _gradient_by(lambda p, y: p),
            "The labels have not been used.",
            "Subtract 1 in the column of the label: p - y with the one-hot y.",
        ),
        Mistake(
            "labels as numbers",
            lambda z, y: ((softmax(z) - y[:, None]) / len(y),),
            "What is a label of 2 minus a probability? Labels are names, not amounts.",
            "Turn labels into one-hot rows first, for instance np.eye(classes)[labels].",
        ),
        *(
            Mistake(
                "squares",
                lambda z, y, share=share: (
                    share(z) * _jacobian(softmax(z), softmax(z) - hot(z, y)),
                ),
                "You multiply p - y by the Jacobian of softmax. That is the gradient of a squared "
                "error; which loss is asked for?",
                "That of cross-entropy is p - y by the logits already, divided by the number of "
                "rows: the Jacobian of softmax is in it.",
            )
            for share in (
                lambda z: 1 / len(z),
                lambda z: 2 / len(z),
                lambda z: 1 / z.size,
                lambda z: 2 / z.size,
                lambda z: 1,
                lambda z: 2,
            )
        ),
        Mistake(
            "softmax twice",
            _gradient_by(lambda p, y: softmax(p) - y),
            "Count how often you take the softmax.",
            "One softmax of the logits gives p.",
        ),
        Mistake(
            "by the probabilities",
            _gradient_by(lambda p, y: -y / np.where(y, p, 1)),
            "This is the derivative by the probabilities. What do they depend on?",
            "Multiplied by the Jacobian of softmax, -y / p becomes p - y.",
        ),
        Mistake(
            "only the label",
            _gradient_by(lambda p, y: (p - y) * y),
            "Do the other logits get no gradient? They are in the denominator.",
            "p - y in every column: where y is 0 the gradient is p.",
        ),
        Mistake("axis", lambda z, y: ((softmax(z, axis=0) - hot(z, y)) / len(y),), *AXIS),
        Mistake("axis", lambda z, y: (softmax(z, axis=0) - hot(z, y),), *AXIS),
        Mistake("axis", lambda z, y: ((np.exp(of_batch(z)) - hot(z, y)) / len(y),), *AXIS),
        Mistake(
            "sign, not divided",
            lambda z, y: (hot(z, y) - softmax(z),),
            "Two things: which way does the loss grow, and is it the sum over the batch or the "
            "mean?",
            "p - y, not y - p, and divided by the number of rows, len(labels).",
        ),
        Mistake(
            "divided by classes",
            lambda z, y: ((softmax(z) - hot(z, y)) / z.shape[1],),
            "By what do you divide, the number of classes or of rows?",
            "The loss is a mean over the rows: divide by len(labels).",
        ),
        Mistake(
            "n - 1",
            lambda z, y: ((softmax(z) - hot(z, y)) / (np.float64(len(y)) - 1),),
            "By how many do you divide, and how many rows are there?",
            "Divide by len(labels): this is a mean, and no variance.",
        ),
        *(
            Mistake(
                "no softmax",
                lambda z, y, mean=mean: ((z - hot(z, y)) / (len(y) if mean else 1),),
                "You subtract y from the logits. What is p?",
                "p is the softmax of each row; it lies between 0 and 1.",
            )
            for mean in (True, False)
        ),
        *(
            Mistake(
                "log-probabilities",
                lambda z, y, mean=mean: ((log_softmax(z) - hot(z, y)) / (len(y) if mean else 1),),
                "You subtract y from log p. Is it p or log p that stands in the gradient?",
                "p - y, with p the softmax itself, not its logarithm.",
            )
            for mean in (True, False)
        ),
        Mistake(
            "sigmoid",
            lambda z, y: ((np.exp(-np.logaddexp(0, -z)) - hot(z, y)) / len(y),),
            "Your probabilities answer one question for each class. Do those of a row sum to 1?",
            "One of several classes asks for a softmax: exp(z) divided by the sum over the row.",
        ),
        Mistake(
            "sign of y",
            _gradient_by(lambda p, y: p + y),
            "Should a larger logit of the label make the loss larger or smaller?",
            "Subtract the one-hot y: p - y.",
        ),
        Mistake(
            "1 in every column",
            _gradient_by(lambda p, y: p - 1),
            "You subtract 1 in every column. In which one does y have a 1?",
            "Only in the column of the label: p - y with the one-hot y.",
        ),
        Mistake(
            "softmax twice",
            _gradient_by(lambda p, y: (p - y) * p * (1 - p)),
            "Where does your p (1 - p) come from? Count how often you differentiate the softmax.",
            "p - y is the derivative by the logits already; the derivative of softmax is in it.",
        ),
        *(
            Mistake(
                "index",
                formula,
                "In each row one entry should be reduced by 1. In yours?",
                INDEX[1].replace("log_p", "p"),
            )
            for formula in (_columns_less_one, _rows_less_one)
        ),
        Mistake(
            "labels from 1",
            lambda z, y: ((softmax(z) - hot(z, (y - 1) % z.shape[1])) / len(y),),
            "With which number do the columns begin, and with which the labels?",
            "Both begin at 0: subtract 1 in the column of the label itself.",
        ),
        Mistake(
            "answers for probabilities",
            lambda z, y: ((np.eye(z.shape[1])[z.argmax(axis=1)] - hot(z, y)) / len(y),),
            "Your p is 1 for the largest logit and 0 for all others. Does it feel a small change "
            "of a logit?",
            "p is the softmax of the row: no argmax, and nothing rounded.",
        ),
        Mistake(
            "length 1",
            lambda z, y: tuple(g / np.linalg.norm(g) for g in _gradient(z, y)),
            "Your gradient always has length 1. Who asked for that?",
            "Leave out the norm: (p - y) divided by the number of rows.",
        ),
        *(
            Mistake(
                "times the loss",
                lambda z, y, mean=mean: (
                    -(right_ones(log_softmax(z), y).mean())
                    * (softmax(z) - hot(z, y))
                    / (len(y) if mean else 1),
                ),
                "You multiply by the loss. Does a gradient contain the value of the function?",
                "p - y divided by the number of rows is all: the loss itself does not enter.",
            )
            for mean in (True, False)
        ),
        *(
            Mistake(
                "half divided",
                formula,
                "Is all of your gradient divided by the number of rows, or only a part?",
                "Division comes before subtraction: put p - y into parentheses.",
            )
            for formula in (
                lambda z, y: (softmax(z) - hot(z, y) / len(y),),
                lambda z, y: (softmax(z) / len(y) - hot(z, y),),
            )
        ),
    ),
    symptoms=(
        Symptom(
            "rows do not sum to 0",
            _uneven,
            "Add up one of your rows. What should come out, if the same number added to all logits "
            "changes nothing?",
            "p sums to 1 in each row and so does y, so p - y sums to 0.",
        ),
    ),
    accidents=(
        Accident(
            "shape",
            "One derivative is wanted for each logit.",
            "The gradient has the shape of logits, (batch, classes): nothing is summed.",
        ),
        Accident("infinite", *OVERFLOW),
        Accident("returns", "Only the gradient is wanted.", "End with: return gradient"),
        Accident(
            "in place",
            "A gradient looks at the logits and leaves them as they are.",
            "logits -= ... writes into the caller's array; z = logits - ... makes a new one.",
        ),
        Accident("dtype", "A gradient has digits.", "Leave out int(...) and //."),
    ),
    errors=(
        Accident("out of bounds", INDEX[0], INDEX[1].replace("log_p", "p")),
        COLUMN._replace(
            nudge="Do the two have the same shape? p, y and the gradient are all "
            "(batch, classes), and what is summed over the classes needs a column.",
            plain=f"{AXIS[1]} One-hot rows have as many columns as logits.",
        ),
    ),
    called="the {}",
)
