"""An exercise of the chapter on losses: cross-entropy, from logits."""

import numpy as np

from ..backend import rng
from .exercise import Exercise
from .mistakes.cross_entropy import AXIS, INDEX, MISTAKES, OVERFLOW, right
from .mistakes.softmaxes import hot, log_softmax, softmax
from .verdict import Accident, Symptom


def _draw(batch: int, classes: int, seed: int, scale: float = 1.0) -> tuple:
    generator = rng(seed)
    logits = scale * generator.standard_normal((batch, classes))
    return logits, generator.integers(classes, size=batch)


SMALL = (np.array([[2.0, 0.0, 1.0], [0.0, 1.0, 3.0]]), np.array([0, 1]))
LARGE = [
    (np.array([[1000.0, 999.0, 998.0]]), np.array([0])),  # exp overflows, and no p is 0
    (np.array([[2000.0, 0.0, 0.0]]), np.array([0])),  # and less their mean it still does
    (np.array([[1000.0, 0.0, -1000.0]]), np.array([1])),  # and so small a p is 0
    (np.array([[1000.0, 2.0, 3.0], [1.0, 2.0, 3.0]]), np.array([0, 2])),  # each row its own shift
]
CASES = [SMALL, _draw(4, 3, 1), _draw(3, 5, 2, 3.0), _draw(1, 4, 3), *LARGE]


def _near(formula):
    """For a symptom: another loss, whatever small number was added inside its logarithms."""

    def seen(answers, right, cases):
        others = [formula(*case) for case in cases[:4]]
        return all(np.allclose(a, o, rtol=1e-5) for (a,), o in zip(answers, others, strict=False))

    return seen


def _every_class(logits, labels):
    p, y = softmax(logits), hot(logits, labels)
    return -np.log(np.where(y, p, 1 - p)).sum(axis=1).mean()


def _entropy(logits, labels):
    return -(softmax(logits) * log_softmax(logits)).sum(axis=1).mean()


def _every_class_mean(logits, labels):
    return _every_class(logits, labels) / logits.shape[1]


def _hidden(answers, right, cases):
    """Where a probability is too small for a float the loss is cut off, and good elsewhere."""
    cut = len(answers) > 6 and answers[6][0] < 0.9 * right[6][0]
    return cut and all(
        np.allclose(a, r, rtol=0.02) for a, r in zip(answers[:4], right[:4], strict=True)
    )


def _below_zero(answers, right, cases):
    return any(loss < -1e-9 for (loss,) in answers)


FLOOR = (
    "A small number inside the logarithm hides the trouble: no loss can be larger than "
    "-log of that number, whatever the logits.",
    "Leave it out, and do not take the logarithm of a probability: log p is "
    "z - log(sum of exp(z)) with the shifted z.",
)
COLUMN = Accident(
    "could not be broadcast",
    "Which shape has your maximum, or your sum, over the classes? Does it fit to the rows?",
    AXIS[1],
)

cross_entropy = Exercise(
    "cross_entropy",
    "cross_entropy(logits, labels)",
    ("loss",),
    right,
    CASES,
    nudge="Three steps: the logarithm of the softmax in each row, the entry of the label in each "
    "row, and the mean of these with a minus.",
    start="Subtract each row's maximum from logits. Then log_p is logits minus the logarithm of "
    "the sum of their exponentials over axis 1. Pick one entry in each row; the loss is minus "
    "their mean.",
    mistakes=MISTAKES,
    symptoms=(
        *(
            Symptom(
                "every class",
                _near(loss),
                "Your loss asks of every class whether it is the label. How many questions does "
                "softmax answer?",
                "One: which class. Only -log p of the label counts, no log(1 - p) of the others.",
            )
            for loss in (_every_class, _every_class_mean)
        ),
        Symptom(
            "entropy",
            _near(_entropy),
            "This is how uncertain the probabilities are themselves. Where do the labels come in?",
            "In the place of the first p: the loss is -log p of the label.",
        ),
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
