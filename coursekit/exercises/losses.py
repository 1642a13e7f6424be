"""The exercises of the chapter on losses: cross-entropy, its gradient, and smoothed labels."""

import numpy as np

from ..backend import rng
from .verdict import Accident, Exercise, Mistake

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
    (np.array([[1000.0, 2.0, 3.0]]), np.array([0])),  # exp overflows
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


def _floored(eps):
    return _by(lambda z: np.log(_softmax(z) + eps))


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
        Mistake(
            "one shift for all",
            _by(_all_shifted),
            "One largest logit for the whole batch: what is left of a row that is 1000 below?",
            "Each row has its own maximum: logits.max(axis=1, keepdims=True).",
        ),
        Mistake("overflow", _by(lambda z: np.log(_plain(z))), *OVERFLOW),
        Mistake("overflow", _by(_unshifted), *OVERFLOW),
        *(Mistake("floor", _floored(10.0**-k), *FLOOR) for k in (5, 6, 7, 8, 9, 10, 12, 15, 16)),
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
    ),
    accidents=(
        Accident(
            "shape",
            "One number is wanted for the whole batch.",
            "Take the mean over the rows at the end.",
        ),
        Accident("infinite", *OVERFLOW),
        Accident("returns", "Only the loss is wanted.", "End with one number: return loss"),
        Accident(
            "in place",
            "A loss looks at the logits and leaves them as they are.",
            "logits -= ... writes into the caller's array; z = logits - ... makes a new one.",
        ),
        Accident("dtype", "A loss is a number with digits.", "Leave out int(...) and round(...)."),
    ),
    errors=(
        ("out of bounds", " ".join(INDEX)),
        ("not broadcast", AXIS[1]),
    ),
    called="the {}",
)


# --- its gradient by the logits: (p - y) / batch -------------------------------------------------
def _gradient(logits, labels):
    return ((_softmax(logits) - _hot(logits, labels)) / len(labels),)


def _gradient_by(change):
    """p and y of the batch, and what was made of them."""

    def formula(logits, labels):
        return (change(_softmax(logits), _hot(logits, labels)) / len(labels),)

    return formula


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
        Mistake("overflow", lambda z, y: ((_plain(z) - _hot(z, y)) / len(y),), *OVERFLOW),
        Mistake("overflow", lambda z, y: (_plain(z) - _hot(z, y),), *OVERFLOW),
        Mistake(
            "one shift for all",
            lambda z, y: ((_plain(z - z.max()) - _hot(z, y)) / len(y),),
            "One largest logit for the whole batch: what is left of a row that is 1000 below?",
            "Each row has its own maximum: logits.max(axis=1, keepdims=True).",
        ),
        Mistake(
            "not divided",
            lambda z, y: (_softmax(z) - _hot(z, y),),
            "This is the gradient of the sum over the batch. The loss is the mean.",
            "Divide by the number of rows, len(labels).",
        ),
        Mistake(
            "divided by all entries",
            lambda z, y: ((_softmax(z) - _hot(z, y)) / z.size,),
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
            lambda z, y: ((_softmax(z) - y[:, None]) / len(y),),
            "What is a label of 2 minus a probability? Labels are names, not amounts.",
            "Turn labels into one-hot rows first, for instance np.eye(classes)[labels].",
        ),
        Mistake(
            "softmax twice",
            _gradient_by(lambda p, y: _jacobian(p, p - y)),
            "Count how often you multiply by the derivative of softmax.",
            "p - y is the derivative by the logits already; the Jacobian of softmax is in it.",
        ),
        Mistake(
            "softmax twice",
            _gradient_by(lambda p, y: _softmax(p) - y),
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
        Mistake("axis", lambda z, y: ((_softmax(z, axis=0) - _hot(z, y)) / len(y),), *AXIS),
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
        Accident("dtype", "A gradient has digits.", "Leave out int(...) and round(...)."),
    ),
    errors=(("out of bounds", " ".join(INDEX)), ("not broadcast", AXIS[1])),
    called="the {}",
)


# --- smoothed labels: (1 - alpha) one-hot + alpha / K --------------------------------------------
def _smooth(labels, classes, alpha):
    return ((1 - alpha) * np.eye(classes)[labels] + alpha / classes,)


def _mixed(right, wrong):
    """Targets with these entries for the right class and for each wrong one."""

    def formula(labels, classes, alpha):
        hot = np.eye(classes)[labels]
        return (right(classes, alpha) * hot + wrong(classes, alpha) * (1 - hot),)

    return formula


smooth_labels = Exercise(
    "smooth_labels",
    "smooth_labels(labels, classes, alpha)",
    ("targets",),
    _smooth,
    [
        (np.array([1, 0]), 3, 0.3),
        (np.array([4, 2, 2]), 5, 0.1),
        (np.array([0, 1]), 2, 0.5),
        (np.array([3]), 4, 0.0),
    ],
    nudge="Start with one-hot rows. A share alpha is taken from them and dealt out evenly: to how "
    "many classes, and is the right one among them?",
    start="targets = (1 - alpha) times the one-hot rows, plus alpha / classes everywhere.",
    mistakes=(
        Mistake(
            "eps is alpha",
            _mixed(lambda k, a: 1 - (k - 1) * a, lambda k, a: a),
            "In your version each wrong class gets alpha. Here alpha is the share of all classes "
            "together.",
            "Each class gets alpha / classes: the eps of the text is alpha / classes.",
        ),
        Mistake(
            "dealt to the wrong ones",
            _mixed(lambda k, a: 1 - a, lambda k, a: a / (k - 1)),
            "You deal alpha to the wrong classes only.",
            "The right class gets its share of alpha too: alpha / classes for every class.",
        ),
        Mistake(
            "does not sum to 1",
            _mixed(lambda k, a: 1 - a, lambda k, a: a / k),
            "Add up one of your rows.",
            "The right class has 1 - alpha + alpha / classes: it gets a share too.",
        ),
        Mistake(
            "does not sum to 1",
            _mixed(lambda k, a: 1 + a / k, lambda k, a: a / k),
            "Add up one of your rows.",
            "What is dealt out has to be taken away before: (1 - alpha) times the one-hot rows.",
        ),
        Mistake(
            "does not sum to 1",
            _mixed(lambda k, a: 1 - a, lambda k, a: 0.0),
            "Add up one of your rows.",
            "What was taken away has to be dealt out: plus alpha / classes everywhere.",
        ),
        Mistake(
            "does not sum to 1",
            _mixed(lambda k, a: 1 - a, lambda k, a: a),
            "Add up one of your rows.",
            "alpha is shared by all classes: each gets alpha / classes.",
        ),
        Mistake(
            "not smoothed",
            _mixed(lambda k, a: 1.0, lambda k, a: 0.0),
            "These are one-hot rows. Which argument have you not used?",
            "Mix them: (1 - alpha) times the one-hot rows, plus alpha / classes.",
        ),
        Mistake(
            "exchanged",
            _mixed(lambda k, a: a + (1 - a) / k, lambda k, a: (1 - a) / k),
            "How much is left of the labels if alpha is 0?",
            "alpha is the share that is dealt out, 1 - alpha the share of the one-hot row.",
        ),
    ),
    accidents=(
        Accident(
            "shape",
            "One row for each label, one column for each class.",
            "The targets have the shape (len(labels), classes).",
        ),
        Accident(
            "dtype",
            "Whole numbers cannot hold a share.",
            "np.eye(classes)[labels] is made of floats; np.zeros(..., dtype=int) is not.",
        ),
        Accident("returns", "Only the targets are wanted.", "End with: return targets"),
        Accident(
            "in place",
            "The labels belong to the caller.",
            "Make new rows, for instance with np.eye(classes)[labels].",
        ),
    ),
    called="the {}",
)
