"""Cross-entropy from logits, and what people write in its place."""

import numpy as np

from ..verdict import Mistake
from . import softmaxes


def right(logits, labels):
    """The mean over rows of logsumexp(z) - z[label]."""
    return (-softmaxes.right_ones(softmaxes.log_softmax(logits), labels).mean(),)


def _by(log_p=softmaxes.log_softmax, pick=softmaxes.right_ones, sign=-1.0, over=np.mean):
    """Cross-entropy with one thing exchanged."""

    def formula(logits, labels):
        return (sign * over(pick(log_p(logits), labels)),)

    return formula


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
    "A probability may be too small for a float: it becomes 0, and what is log(0)?",
    "Never take the logarithm of a probability. With the shifted z, log p is "
    "z - log(sum of exp(z)).",
)


AXIS = (
    "Over which axis do the probabilities sum to 1?",
    "A row is an example, a column a class: sum over the classes, axis=1, with keepdims=True.",
)


INDEX = (
    "Which entries do you pick? From each row the one in the column of its label.",
    "Rows first, then columns: log_p[np.arange(len(labels)), labels].",
)


MISTAKES = (
    Mistake("log of zero", _by(lambda z: np.log(softmaxes.softmax(z))), *ZERO),
    Mistake("log of zero", _by(lambda z: np.nan_to_num(np.log(softmaxes.softmax(z)))), *ZERO),
    Mistake(
        "log of zero",
        lambda z, y: (-(softmaxes.hot(z, y) * np.log(softmaxes.softmax(z))).sum(axis=1).mean(),),
        "A probability may be too small for a float: it becomes 0, and what is 0 times log(0)?",
        ZERO[1],
    ),
    Mistake(
        "one shift for all",
        _by(softmaxes.all_shifted),
        "One largest logit for the whole batch: what is left of a row that is 1000 below?",
        "Each row has its own maximum: logits.max(axis=1, keepdims=True).",
    ),
    Mistake(
        "mean for maximum",
        _by(softmaxes.mean_shifted),
        "You subtract the mean of each row. How large may the largest logit still be then?",
        "Subtract the maximum of each row: then no exponent is above 0.",
    ),
    Mistake("overflow", _by(lambda z: np.log(softmaxes.plain(z))), *OVERFLOW),
    Mistake("overflow", _by(softmaxes.unshifted), *OVERFLOW),
    Mistake(
        "sum",
        _by(over=np.sum),
        "Your loss grows with the number of rows.",
        "Take the mean over the batch, not the sum.",
    ),
    Mistake(
        "mean over all entries",
        lambda z, y: (-(softmaxes.hot(z, y) * softmaxes.log_softmax(z)).mean(),),
        "By how many numbers do you divide?",
        "Sum over the classes, then take the mean over the rows: divide by the batch size only.",
    ),
    Mistake("axis", _by(lambda z: np.log(softmaxes.softmax(z, axis=0))), *AXIS),
    Mistake(
        "sign",
        _by(sign=1.0),
        "Can a loss be negative here? Probabilities are below 1.",
        "The logarithm of a probability is negative: the loss is minus the mean.",
    ),
    Mistake(
        "softmax twice",
        _by(lambda z: softmaxes.log_softmax(softmaxes.softmax(z))),
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
        _by(softmaxes.softmax),
        "This is a mean of probabilities. What is missing?",
        "The loss is the mean of -log p, not of -p.",
    ),
    Mistake(
        "no logarithm",
        _by(lambda z: 1 - softmaxes.softmax(z), sign=1.0),
        "This is a mean of probabilities. What is missing?",
        "The loss is the mean of -log p, not of 1 - p.",
    ),
    Mistake(
        "logarithm",
        _by(lambda z: softmaxes.log_softmax(z) / np.log(2)),
        "To which base is your logarithm?",
        "Use the natural logarithm, np.log.",
    ),
    Mistake("index", _by(pick=_exchanged), *INDEX),
    Mistake("index", _by(pick=_rows), *INDEX),
    Mistake("index", _by(pick=lambda a, y: a[:, y]), *INDEX),
    Mistake(
        "labels from 1",
        _by(pick=lambda a, y: softmaxes.right_ones(a, y - 1)),
        "With which number do the columns begin, and with which the labels?",
        "Both begin at 0: take the column of the label itself.",
    ),
    Mistake(
        "largest",
        _by(pick=lambda a, y: a.max(axis=1)),
        "This is -log of the largest probability of each row. Whose probability is it that counts?",
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
            lambda z, y: (-softmaxes.log_softmax(z).mean(),),
            lambda z, y: (-softmaxes.log_softmax(z).sum(axis=1).mean(),),
        )
    ),
    Mistake(
        "labels as numbers",
        lambda z, y: (-(y[:, None] * softmaxes.log_softmax(z)).sum(axis=1).mean(),),
        "What does a label of 2 do in your sum? Labels are names, not amounts.",
        "A label says which column to take. " + INDEX[1],
    ),
    Mistake(
        "first row",
        lambda z, y: (-softmaxes.log_softmax(z)[0, y[0]],),
        "Your loss knows the first row only. Is a return inside the loop?",
        "Add up the losses of all rows, and return their mean behind the loop.",
    ),
    Mistake(
        "n - 1",
        lambda z, y: (
            -softmaxes.right_ones(softmaxes.log_softmax(z), y).sum() / (np.float64(len(y)) - 1),
        ),
        "By how many do you divide, and how many rows are there?",
        "Divide by len(labels): this is a mean, and no variance.",
    ),
    Mistake("axis", _by(softmaxes.of_batch), *AXIS),
    Mistake(
        "shift of one side",
        _by(softmaxes.half_shifted),
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
            lambda z, y, over=over: (over((softmaxes.softmax(z) - softmaxes.hot(z, y)) ** 2),),
            "This is a squared error. Which loss is asked for?",
            "The mean of -log p, p the probability of the label.",
        )
        for over in (np.mean, np.sum, lambda a: a.sum(axis=1).mean())
    ),
    Mistake("axis", _by(softmaxes.one_softmax_axis), *AXIS),
    Mistake("axis", _by(softmaxes.one_sum), *AXIS),
    *(
        Mistake(
            "sigmoid",
            formula,
            "Your loss asks of every class whether it is the label, with a sigmoid. How many "
            "questions does softmax answer?",
            "One: which class. The probabilities of a row sum to 1, and the label's alone counts.",
        )
        for formula in (
            lambda z, y: ((np.logaddexp(0, z) - softmaxes.hot(z, y) * z).mean(),),
            lambda z, y: ((np.logaddexp(0, z) - softmaxes.hot(z, y) * z).sum(axis=1).mean(),),
        )
    ),
    *(
        Mistake(
            "sum of exponentials",
            _by(log_p),
            "Look at what you take from the shifted logits: is it the logarithm of a sum of "
            "exponentials, in this order?",
            "First the exponentials, then their sum over the row, then its logarithm, and "
            "that is subtracted.",
        )
        for log_p in (
            softmaxes.log_before_sum,
            softmaxes.no_log_of_sum,
            softmaxes.ratio_of_logs,
            softmaxes.sum_added,
            softmaxes.no_exponentials,
            softmaxes.exponentials_below,
        )
    ),
    Mistake(
        "scaled",
        _by(softmaxes.scaled_down),
        "You divide the logits by their largest. Does softmax stay the same?",
        "A shift changes nothing, a factor does: subtract the maximum of the row.",
    ),
    Mistake(
        "perplexity",
        lambda z, y: (np.exp(right(z, y)[0]),),
        "You take the exponential of the loss. Why?",
        "The loss is the mean of -log p itself.",
    ),
    Mistake(
        "logarithm",
        _by(lambda z: softmaxes.log_softmax(z) / np.log(10)),
        "To which base is your logarithm?",
        "Use the natural logarithm, np.log.",
    ),
    Mistake(
        "mean of probabilities",
        lambda z, y: (-np.log(softmaxes.right_ones(softmaxes.softmax(z), y).mean()),),
        "In which order do you take the mean and the logarithm?",
        "The loss is a mean of losses: first the logarithm for each row, then the mean.",
    ),
    Mistake(
        "mean of probabilities",
        lambda z, y: (-np.log(softmaxes.softmax(z).mean(axis=0)[y]).mean(),),
        "You average the probabilities of all rows. Whose probabilities belong to a label?",
        "Those of its own row: pick first, and take the mean of the losses at the end.",
    ),
    Mistake(
        "index",
        lambda z, y: (-softmaxes.log_softmax(z)[:, y].sum() / len(y),),
        *INDEX,
    ),
    *(
        Mistake(
            "last row",
            formula,
            "Your loop overwrites the loss of the rows before. What adds up?",
            "Begin with 0, subtract log p of each row, and divide behind the loop.",
        )
        for formula in (
            lambda z, y: (-softmaxes.right_ones(softmaxes.log_softmax(z), y)[-1] / len(y),),
            lambda z, y: (-softmaxes.right_ones(softmaxes.log_softmax(z), y)[-1],),
        )
    ),
    Mistake(
        "first row",
        lambda z, y: (-softmaxes.right_ones(softmaxes.log_softmax(z), y)[0] / len(y),),
        "Your loss knows the first row only. Is a return inside the loop?",
        "Add up the losses of all rows, and return their mean behind the loop.",
    ),
    Mistake(
        "row left out",
        lambda z, y: (-softmaxes.right_ones(softmaxes.log_softmax(z), y)[:-1].sum() / len(y),),
        "How many rows does your loop see? range(n) ends with n - 1 already.",
        "for i in range(len(labels)): no - 1.",
    ),
    Mistake(
        "median",
        lambda z, y: (-np.median(softmaxes.right_ones(softmaxes.log_softmax(z), y)),),
        "You take the median over the batch. Which average is asked for?",
        "The mean: .mean().",
    ),
)
