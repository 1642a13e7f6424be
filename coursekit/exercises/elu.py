"""An exercise of the chapter on activations: the slope of ELU."""

import numpy as np

from ..backend import rng
from .exercise import Exercise
from .verdict import Accident, Mistake, Symptom, same


# --- ELU: 1 where x > 0, else alpha exp(x) -------------------------------------------------------
def _elu_grad(x, alpha):
    return (np.where(x > 0, 1.0, alpha * np.exp(np.minimum(x, 0))),)


X_CASES = [
    (np.array([-1.0, 0.0, 2.0]), 0.5),
    (rng(1).standard_normal(6), 1.0),
    (3 * rng(2).standard_normal(8), 1.7),
    (np.array([-1000.0, -30.0, 1000.0]), 0.3),
]


def _sides(left, right=lambda x: np.ones_like(x), at_zero="left"):
    """A function in two pieces; the left one also at 0, or the right one."""

    def formula(x, alpha):
        chosen = x > 0 if at_zero == "left" else x >= 0
        with np.errstate(all="ignore"):
            return (np.where(chosen, right(x), left(x, alpha)),)

    return formula


def _slope(x, alpha):
    return alpha * np.exp(np.minimum(x, 0))


def _masked(x, alpha):
    with np.errstate(all="ignore"):
        return ((x > 0) + (x <= 0) * alpha * np.exp(x),)


def _unsplit(x, alpha):
    with np.errstate(all="ignore"):
        return (alpha * np.exp(x),)


def _too_steep(x, alpha):
    return (np.maximum(1.0, _slope(x, alpha)),)


def _exchanged(x, alpha):
    return (np.where(x > 0, alpha * np.exp(x), 1.0),)


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
    _elu_grad,
    X_CASES,
    nudge="Differentiate the two pieces of ELU one by one. Which numbers in x belong to which?",
    start="To the right of 0 the slope is 1. Elsewhere, also at 0, it is the derivative of "
    "alpha (exp(x) - 1), which is alpha exp(x); np.where puts the two together.",
    mistakes=(
        Mistake(
            "value",
            _sides(lambda x, alpha: alpha * np.expm1(np.minimum(x, 0)), lambda x: x),
            "Is this the slope of ELU, or ELU itself?",
            "The pieces are to be differentiated: x becomes 1, alpha (exp(x) - 1) becomes "
            "alpha exp(x).",
        ),
        Mistake(
            "alpha forgotten",
            _sides(lambda x, alpha: np.exp(np.minimum(x, 0))),
            "Which argument have you not used?",
            "The factor alpha stays when alpha (exp(x) - 1) is differentiated.",
        ),
        Mistake(
            "sign in exp",
            _sides(lambda x, alpha: alpha * np.exp(-x)),
            "Far to the left ELU is nearly flat. Is your slope?",
            "No minus in the exponent: the derivative of exp(x) is exp(x).",
        ),
        Mistake(
            "alpha in exp",
            _sides(lambda x, alpha: np.exp(alpha * np.minimum(x, 0))),
            "alpha is a factor. Where did you put it?",
            "alpha stands before exp, not in the exponent: alpha exp(x).",
        ),
        Mistake(
            "constant kept",
            _sides(lambda x, alpha: alpha * np.expm1(np.minimum(x, 0))),
            "What is the derivative of the constant in alpha (exp(x) - 1)?",
            "The -1 goes: the slope on the left is alpha exp(x), which is positive.",
        ),
        Mistake(
            "by the output",
            _sides(lambda x, alpha: x + alpha),
            "x + alpha would be right if x were the output of ELU. Here it is the input.",
            "With the output y the slope on the left is y + alpha; with the input x it is "
            "alpha exp(x).",
        ),
        Mistake(
            "right side",
            _sides(_slope, lambda x: x),
            "The left side is right. What is the slope of the straight line on the right?",
            "Where x > 0 the slope is 1, not x.",
        ),
        Mistake(
            "at zero",
            _sides(_slope, at_zero="right"),
            "Only one place is wrong: x = 0, where there is a kink unless alpha is 1.",
            "At 0 the slope is that of the left piece here: alpha. Compare with x > 0, not x >= 0.",
        ),
        Mistake(
            "ReLU",
            _sides(lambda x, alpha: np.zeros_like(x)),
            "This is the slope of ReLU. What does ELU do on the left?",
            "Where x <= 0 the slope is alpha exp(x), not 0.",
        ),
        Mistake(
            "masks",
            _masked,
            "For a large x the exponential is infinite, and 0 times infinity is not a number.",
            "Choose with np.where(x > 0, ..., ...) in place of multiplying by a mask, or take "
            "np.exp(np.minimum(x, 0)).",
        ),
        Mistake(
            "one piece",
            _unsplit,
            "ELU has two pieces. Yours treats all x alike.",
            "Where x > 0 the slope is 1: np.where(x > 0, 1.0, ...).",
        ),
        Mistake(
            "max",
            _too_steep,
            "max picks the larger slope. Is it always the one of the right piece?",
            "Which piece counts is decided by x, not by the slopes: np.where(x > 0, 1.0, ...).",
        ),
        Mistake(
            "exchanged",
            _exchanged,
            "Which piece is on which side of 0?",
            "The line is on the right of 0, the exponential on the left.",
        ),
        Mistake(
            "Leaky ReLU",
            _sides(lambda x, alpha: alpha * np.ones_like(x)),
            "Your slope on the left is a constant, as that of Leaky ReLU. Is ELU straight there?",
            "On the left ELU bends: its slope alpha exp(x) depends on x.",
        ),
        Mistake(
            "Leaky ReLU",
            _sides(lambda x, alpha: alpha * x),
            "alpha x is what Leaky ReLU itself is on the left. What is asked for?",
            "The slope of alpha (exp(x) - 1) is alpha exp(x).",
        ),
        Mistake(
            "alpha on both sides",
            lambda x, alpha: (np.where(x > 0, alpha, _slope(x, alpha)),),
            "The left side is right. Does alpha act on the right, too?",
            "Where x > 0 ELU is x, and its slope 1.",
        ),
        Mistake(
            "x in front",
            _sides(lambda x, alpha: alpha * x * np.exp(x)),
            "What is the derivative of exp(x)? exp is no power of x.",
            "No factor comes down: the derivative of exp(x) is exp(x).",
        ),
        Mistake(
            "power rule",
            _sides(lambda x, alpha: alpha * np.exp(x - 1)),
            "What is the derivative of exp(x)? exp is no power of x.",
            "The exponent stays as it is: the derivative of exp(x) is exp(x).",
        ),
        Mistake(
            "x itself",
            lambda x, alpha: (x,),
            "This is x itself.",
            "Where x > 0 the slope is 1, elsewhere alpha exp(x).",
        ),
    ),
    symptoms=(
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
