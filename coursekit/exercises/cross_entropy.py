"""An exercise of the chapter on losses: cross-entropy, from logits."""

import numpy as np

from ..backend import rng
from .exercise import Exercise
from .verdict import Accident, Mistake, Symptom

# --- cross-entropy: the mean over rows of logsumexp(z) - z[label] --------------------------------


def _log_softmax(z):
    z = z - z.max(axis=1, keepdims=True)
    return z - np.log(np.exp(z).sum(axis=1, keepdims=True))


def _hot(z, labels):
    return np.eye(z.shape[1])[labels]


def _right_ones(a, labels):
    """From each row the entry of its label."""
    return a[np.arange(len(labels)), labels]


def _cross_entropy(logits, labels):
    return (-_right_ones(_log_softmax(logits), labels).mean(),)


def _draw(batch: int, classes: int, seed: int, scale: float = 1.0) -> tuple:
    generator = rng(seed)
    logits = scale * generator.standard_normal((batch, classes))
    return logits, generator.integers(classes, size=batch)


SMALL = (np.array([[2.0, 0.0, 1.0], [0.0, 1.0, 3.0]]), np.array([0, 1]))
LARGE = [
    (np.array([[1000.0, 999.0, 998.0]]), np.array([0])),  # exp overflows, and no p is 0
    (np.array([[1000.0, 0.0, -1000.0]]), np.array([1])),  # and so small a p is 0
    (np.array([[1000.0, 2.0, 3.0], [1.0, 2.0, 3.0]]), np.array([0, 2])),  # each row its own shift
]
CASES = [SMALL, _draw(4, 3, 1), _draw(3, 5, 2, 3.0), _draw(1, 4, 3), *LARGE]


def _by(log_p=_log_softmax, pick=_right_ones, sign=-1.0, over=np.mean):
    """Cross-entropy with one thing exchanged."""

    def formula(logits, labels):
        return (sign * over(pick(log_p(logits), labels)),)

    return formula


def _plain(z, axis=1):
    e = np.exp(z)
    return e / e.sum(axis=axis, keepdims=True)


def _softmax(z, axis=1):
    return _plain(z - z.max(axis=axis, keepdims=True), axis)


def _all_shifted(z):
    return _unshifted(z - z.max())


def _unshifted(z):
    return z - np.log(np.exp(z).sum(axis=1, keepdims=True))


def _of_batch(z):
    """The logarithm of one softmax over the whole batch."""
    return z - z.max() - np.log(np.exp(z - z.max()).sum())


def _half_shifted(z):
    return z - np.log(np.exp(z - z.max(axis=1, keepdims=True)).sum(axis=1, keepdims=True))


def _hidden(answers, right, cases):
    """Where a probability is too small for a float the loss is cut off, and good elsewhere."""
    cut = answers[5][0] < 0.9 * right[5][0]
    return cut and all(
        np.allclose(a, r, rtol=0.02) for a, r in zip(answers[:4], right[:4], strict=True)
    )


def _below_zero(answers, right, cases):
    return any(loss < -1e-9 for (loss,) in answers)


def _exchanged(a, labels):
    """Labels as rows; where there is no such row, nothing that anybody could have returned."""
    if max(labels.max() + 1, len(labels)) > min(a.shape):
        return np.array([np.pi])
    return a[labels, np.arange(len(labels))]


def _rows(a, labels):
    return a[labels] if labels.max() < len(a) else np.array([np.pi])


OVERFLOW = (
    "What is exp(1000)? And what happens to the probabilities if the same number is added to all "
    "logits of a row?",
    "Subtract the largest logit of each row first: logits - logits.max(axis=1, keepdims=True). "
    "Nothing else changes, and no exponent is above 0.",
)
ZERO = (
    "The shift is right. But a probability may be too small for a float: it becomes 0, and what "
    "is log(0)?",
    "Never take the logarithm of a probability. With the shifted z, log p is "
    "z - log(sum of exp(z)).",
)
FLOOR = (
    "A small number inside the logarithm hides the trouble: no loss can be larger than "
    "-log of that number, whatever the logits.",
    "Leave it out, and do not take the logarithm of a probability: log p is "
    "z - log(sum of exp(z)) with the shifted z.",
)
AXIS = (
    "Over which axis do the probabilities sum to 1?",
    "A row is an example, a column a class: sum over the classes, axis=1, with keepdims=True.",
)
COLUMN = Accident(
    "could not be broadcast",
    "Which shape has your maximum, or your sum, over the classes? Does it fit to the rows?",
    AXIS[1],
)
INDEX = (
    "Which entries do you pick? From each row the one in the column of its label.",
    "Rows first, then columns: log_p[np.arange(len(labels)), labels].",
)

cross_entropy = Exercise(
    "cross_entropy",
    "cross_entropy(logits, labels)",
    ("loss",),
    _cross_entropy,
    CASES,
    nudge="Three steps: the logarithm of the softmax in each row, the entry of the label in each "
    "row, and the mean of these with a minus.",
    start="Subtract each row's maximum from logits. Then log_p is logits minus the logarithm of "
    "the sum of their exponentials over axis 1. Pick one entry in each row; the loss is minus "
    "their mean.",
    mistakes=(
        Mistake("log of zero", _by(lambda z: np.log(_softmax(z))), *ZERO),
        Mistake("log of zero", _by(lambda z: np.nan_to_num(np.log(_softmax(z)))), *ZERO),
        Mistake(
            "log of zero",
            lambda z, y: (-(_hot(z, y) * np.log(_softmax(z))).sum(axis=1).mean(),),
            "The shift is right. But a probability may be too small for a float: it becomes 0, and "
            "what is 0 times log(0)?",
            ZERO[1],
        ),
        Mistake(
            "one shift for all",
            _by(_all_shifted),
            "One largest logit for the whole batch: what is left of a row that is 1000 below?",
            "Each row has its own maximum: logits.max(axis=1, keepdims=True).",
        ),
        Mistake("overflow", _by(lambda z: np.log(_plain(z))), *OVERFLOW),
        Mistake("overflow", _by(_unshifted), *OVERFLOW),
        Mistake(
            "sum",
            _by(over=np.sum),
            "Your loss grows with the number of rows.",
            "Take the mean over the batch, not the sum.",
        ),
        Mistake(
            "mean over all entries",
            lambda z, y: (-(_hot(z, y) * _log_softmax(z)).mean(),),
            "By how many numbers do you divide?",
            "Sum over the classes, then take the mean over the rows: divide by the batch size "
            "only.",
        ),
        Mistake("axis", _by(lambda z: np.log(_softmax(z, axis=0))), *AXIS),
        Mistake(
            "sign",
            _by(sign=1.0),
            "Can a loss be negative here? Probabilities are below 1.",
            "The logarithm of a probability is negative: the loss is minus the mean.",
        ),
        Mistake(
            "softmax twice",
            _by(lambda z: _log_softmax(_softmax(z))),
            "Count how often you take the softmax.",
            "The logarithm of softmax needs the logits themselves, not probabilities.",
        ),
        Mistake(
            "no softmax",
            _by(lambda z: z),
            "Your loss has no least value: a larger logit for the label is always better.",
            "Subtract from each row the logarithm of the sum of its exponentials: logits are not "
            "yet log-probabilities.",
        ),
        Mistake(
            "no logarithm",
            _by(_softmax),
            "This is a mean of probabilities. What is missing?",
            "The loss is the mean of -log p, not of -p.",
        ),
        Mistake(
            "no logarithm",
            _by(lambda z: 1 - _softmax(z), sign=1.0),
            "This is a mean of probabilities. What is missing?",
            "The loss is the mean of -log p, not of 1 - p.",
        ),
        Mistake(
            "logarithm",
            _by(lambda z: _log_softmax(z) / np.log(2)),
            "To which base is your logarithm?",
            "Use the natural logarithm, np.log.",
        ),
        Mistake("index", _by(pick=_exchanged), *INDEX),
        Mistake("index", _by(pick=_rows), *INDEX),
        Mistake("index", _by(pick=lambda a, y: a[:, y]), *INDEX),
        Mistake(
            "labels from 1",
            _by(pick=lambda a, y: _right_ones(a, y - 1)),
            "With which number do the columns begin, and with which the labels?",
            "Both begin at 0: take the column of the label itself.",
        ),
        Mistake(
            "largest",
            _by(pick=lambda a, y: a.max(axis=1)),
            "This is -log of the largest probability of each row. Whose probability is it that "
            "counts?",
            "That of the label, whether it is large or small. " + INDEX[1],
        ),
        *(
            Mistake(
                "labels forgotten",
                formula,
                "The labels have not been used. What do they choose in each row?",
                "One entry: the loss of a row is minus the log p of its label, which is the "
                "logarithm of the sum of exponentials less the logit of the label.",
            )
            for formula in (
                lambda z, y: (np.logaddexp.reduce(z, axis=1).mean(),),
                lambda z, y: (-_log_softmax(z).mean(),),
                lambda z, y: (-_log_softmax(z).sum(axis=1).mean(),),
            )
        ),
        Mistake(
            "labels as numbers",
            lambda z, y: (-(y[:, None] * _log_softmax(z)).sum(axis=1).mean(),),
            "What does a label of 2 do in your sum? Labels are names, not amounts.",
            "A label says which column to take. " + INDEX[1],
        ),
        Mistake(
            "first row",
            lambda z, y: (-_log_softmax(z)[0, y[0]],),
            "Your loss knows the first row only. Is a return inside the loop?",
            "Add up the losses of all rows, and return their mean behind the loop.",
        ),
        Mistake(
            "n - 1",
            lambda z, y: (-_right_ones(_log_softmax(z), y).sum() / (np.float64(len(y)) - 1),),
            "By how many do you divide, and how many rows are there?",
            "Divide by len(labels): this is a mean, and no variance.",
        ),
        Mistake("axis", _by(_of_batch), *AXIS),
        Mistake(
            "shift of one side",
            _by(_half_shifted),
            "You shift the logits in the sum of exponentials. Where else do they stand?",
            "Use the shifted logits everywhere: z = logits minus the maximum of its row, and then "
            "z - log(sum of exp(z)).",
        ),
        Mistake(
            "logits as probabilities",
            _by(np.log),
            "You take the logarithm of a logit. A logit may be negative; what has to come first?",
            "First the softmax of each row makes probabilities of them.",
        ),
        Mistake(
            "sigmoid",
            _by(lambda z: -np.logaddexp(0, -z)),
            "Your probabilities answer one question for each class. Do those of a row sum to 1?",
            "One of several classes asks for a softmax: exp(z) divided by the sum over the row.",
        ),
        Mistake(
            "error rate",
            lambda z, y: (np.mean(z.argmax(axis=1) != y),),
            "This is the share of errors. Does it feel a small change of a logit?",
            "The loss is the mean of -log p, p the probability of the label.",
        ),
        *(
            Mistake(
                "squares",
                lambda z, y, over=over: (over((_softmax(z) - _hot(z, y)) ** 2),),
                "This is a squared error. Which loss is asked for?",
                "The mean of -log p, p the probability of the label.",
            )
            for over in (np.mean, np.sum, lambda a: a.sum(axis=1).mean())
        ),
    ),
    symptoms=(
        Symptom("floor", _hidden, *FLOOR),
        Symptom(
            "negative",
            _below_zero,
            "In some case your loss is negative. Can the logarithm of a probability be positive?",
            "log p is never above 0, so -log p is never below: is p a probability, and does each "
            "row sum to 1?",
        ),
    ),
    accidents=(
        Accident(
            "shape",
            "One number is wanted for the whole batch.",
            "Take the mean over the rows at the end, and return it without brackets.",
        ),
        Accident("infinite", *OVERFLOW),
        Accident("returns", "Only the loss is wanted.", "End with one number: return loss"),
        Accident(
            "in place",
            "A loss looks at the logits and leaves them as they are.",
            "logits -= ... writes into the caller's array; z = logits - ... makes a new one.",
        ),
        Accident("dtype", "A loss is a number with digits.", "Leave out int(...) and //."),
    ),
    errors=(Accident("out of bounds", *INDEX), COLUMN),
    called="the {}",
)
