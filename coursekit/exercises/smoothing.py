"""An exercise of the chapter on losses: smoothed labels."""

import numpy as np

from .exercise import Exercise
from .verdict import Accident, Mistake, Symptom, same


# --- smoothed labels: (1 - alpha) one-hot + alpha / K --------------------------------------------
def _smooth(labels, classes, alpha):
    return ((1 - alpha) * np.eye(classes)[labels] + alpha / classes,)


def _mixed(right, wrong):
    """Targets with these entries for the right class and for each wrong one."""

    def formula(labels, classes, alpha):
        hot = np.eye(classes)[labels]
        return (right(classes, alpha) * hot + wrong(classes, alpha) * (1 - hot),)

    return formula


def _uneven(answers, right, cases):
    return any(np.abs(targets.sum(axis=1) - 1).max() > 0.01 for (targets,) in answers)


def _patchy(answers, right, cases):
    """Whether the wrong classes of a row get different shares."""
    return any(
        np.ptp(np.delete(row, label)) > 1e-9
        for (targets,), (labels, *_) in zip(answers, cases, strict=True)
        for row, label in zip(targets, labels, strict=True)
    )


def _another_share(answers, right, cases):
    """Whether each is smoothed as it should be, but by another alpha."""
    shares = [classes * t.min() for (t,), (_, classes, _) in zip(answers, cases, strict=True)]
    return all(
        same(answer, _smooth(labels, classes, share))
        for answer, share, (labels, classes, _) in zip(answers, shares, cases, strict=True)
    )


def _divided_by_sum(added):
    """One-hot rows with something added, divided by their sum."""
    return _mixed(
        lambda k, a: (1 + added(k, a)) / (1 + k * added(k, a)),
        lambda k, a: added(k, a) / (1 + k * added(k, a)),
    )


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
        (np.array([6, 0, 3]), 7, 0.15),
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
            "labels forgotten",
            _mixed(lambda k, a: 1 / k, lambda k, a: 1 / k),
            "All your rows are the same, and alpha is not in them. What is left of the labels?",
            "A share of 1 - alpha: (1 - alpha) times the one-hot rows, plus alpha / classes.",
        ),
        Mistake(
            "exchanged",
            _mixed(lambda k, a: a + (1 - a) / k, lambda k, a: (1 - a) / k),
            "How much is left of the labels if alpha is 0?",
            "alpha is the share that is dealt out, 1 - alpha the share of the one-hot row.",
        ),
        Mistake(
            "labels from 1",
            lambda labels, classes, alpha: _smooth(labels - 1, classes, alpha),
            "With which number do the columns begin, and with which the labels?",
            "Both begin at 0: the column of a label is the label itself.",
        ),
        *(
            Mistake(
                "divided by the sum",
                _divided_by_sum(added),
                "You divide by the sum to make it 1. Which share do the labels keep then?",
                "No division by a sum is needed: (1 - alpha) times the one-hot rows, plus "
                "alpha / classes.",
            )
            for added in (lambda k, a: a / k, lambda k, a: a)
        ),
        Mistake(
            "share of the batch",
            lambda labels, classes, alpha: (
                (1 - alpha) * np.eye(classes)[labels] + alpha / len(labels),
            ),
            "alpha is dealt out to whom, to the classes or to the rows of the batch?",
            "Each class gets alpha / classes.",
        ),
    ),
    symptoms=(
        Symptom(
            "dealt out unevenly",
            _patchy,
            "Look at the wrong classes in one of your rows: do all of them get the same?",
            "alpha is dealt out evenly, alpha / classes to each class: no chance, no other row "
            "and no other label has a part in it.",
        ),
        Symptom(
            "another share",
            _another_share,
            "You deal out evenly what you take away. But how much is it, and how large is alpha?",
            "It is alpha itself: (1 - alpha) times the one-hot rows, plus alpha / classes. No "
            "square or half of it, and only once.",
        ),
        Symptom(
            "does not sum to 1",
            _uneven,
            "Add up one of your rows.",
            "What is taken from the right class, alpha, is dealt out again: alpha / classes to "
            "each class. So each row sums to 1.",
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
    errors=(
        Accident(
            "out of bounds",
            "A label is the number of a column. Where do you use it as that of a row?",
            "np.eye(classes)[labels] takes for each label its row of the identity matrix.",
        ),
    ),
    called="the {}",
)
