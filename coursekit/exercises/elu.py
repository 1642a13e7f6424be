"""An exercise of the chapter on activations: the slope of ELU."""

import numpy as np

from ..backend import rng
from .exercise import Exercise
from .mistakes.elu import MISTAKES, slope
from .verdict import Accident, Symptom, same

X_CASES = [
    (np.array([-1.0, 0.0, 2.0]), 0.5),
    (rng(1).standard_normal(6), 1.0),
    (3 * rng(2).standard_normal(8), 1.7),
    (np.array([-2.0, -0.2, 0.2, 0.5]), 0.5),  # alpha exp(x) < 1 on the right, too
    (np.array([-2.0, -0.2, 0.2, 0.5]), 2.0),  # alpha exp(x) > 1 on the left, too
    (np.array([-1000.0, -30.0, 1000.0]), 0.3),
]


def _one_side(right_of_zero):
    """For a symptom: only one side of 0 is wrong."""

    def seen(answers, right, cases):
        pairs = [
            (a[0][keep], r[0][keep])
            for a, r, (x, _) in zip(answers, right, cases, strict=True)
            for keep in [(x > 0) != right_of_zero]
        ]
        rough = any(
            not np.allclose(a[0], r[0], rtol=0, atol=0.01)
            for a, r in zip(answers, right, strict=True)
        )
        return rough and all(same([a], [r]) for a, r in pairs)

    return seen


def _falls(answers, right, cases):
    return any((a[0] < -1e-9).any() for a in answers)


def _but_at_zero(near):
    """For a symptom: all is right, or near to it, except where x is 0."""

    def seen(answers, right, cases):
        pairs = [
            (a[0][x != 0], r[0][x != 0]) for a, r, (x, _) in zip(answers, right, cases, strict=True)
        ]
        if near:
            kink = abs(answers[0][0] - right[0][0])[cases[0][0] == 0].max()
            return kink > 0.01 and all(np.allclose(a, r, rtol=0, atol=1e-3) for a, r in pairs)
        return all(same([a], [r]) for a, r in pairs)

    return seen


elu_grad = Exercise(
    "elu_grad",
    "elu_grad(x, alpha)",
    ("slope",),
    slope,
    X_CASES,
    nudge="Differentiate the two pieces of ELU one by one. Which numbers in x belong to which?",
    start="To the right of 0 the slope is 1. Elsewhere, also at 0, it is the derivative of "
    "alpha (exp(x) - 1), which is alpha exp(x); np.where puts the two together.",
    mistakes=MISTAKES,
    symptoms=(
        Symptom(
            "falls",
            _falls,
            "In places your slope is negative. Does ELU fall anywhere?",
            "ELU rises everywhere: both pieces have a positive slope.",
        ),
        Symptom(
            "only zero",
            _but_at_zero(near=False),
            "Only one place is wrong: x = 0, where there is a kink. To which piece does it belong?",
            "Here 0 belongs to the left piece: its slope is alpha. Compare with x > 0 and x <= 0, "
            "so that each number belongs to one of them.",
        ),
        Symptom(
            "difference quotient",
            _but_at_zero(near=True),
            "Your slope is nearly right where there is no kink. Is it a difference quotient?",
            "Differentiate the two pieces on paper: 1 on the right, alpha exp(x) on the left.",
        ),
        Symptom(
            "left side",
            _one_side(right_of_zero=False),
            "Your slope is right where x > 0. What is the derivative of alpha (exp(x) - 1)?",
            "The constant goes, alpha stays a factor, and exp(x) is its own derivative.",
        ),
        Symptom(
            "right of zero",
            _one_side(right_of_zero=True),
            "Your slope is right where x <= 0. How steep is ELU where it is x itself?",
            "Where x > 0 the slope is 1, for every such x.",
        ),
    ),
    accidents=(
        Accident(
            "shape",
            "One slope for each number in x. Is something summed, left out, or returned too soon?",
            "np.where(x > 0, ..., ...) has the shape of x.",
        ),
        Accident(
            "in place",
            "The caller still needs x.",
            "x[x > 0] = ... writes into the caller's array; np.where makes a new one.",
        ),
        Accident(
            "infinite",
            "exp overflows for large x. Do you use it there?",
            "np.exp(np.minimum(x, 0)) is never larger than 1.",
        ),
    ),
    errors=(
        Accident(
            "ambiguous",
            "x holds many numbers, some of them above 0 and some below. Which does `if` ask?",
            "if cannot choose for all its numbers at once; np.where can.",
        ),
    ),
    called="the {}",
)
