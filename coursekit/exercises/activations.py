"""The exercises of the chapter on activations: the slope of ELU, a step of the perceptron."""

import numpy as np

from ..backend import rng
from .verdict import Accident, Exercise, Mistake


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
    ),
    accidents=(
        Accident(
            "shape",
            "One slope for each number in x: nothing is summed.",
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
        ("ambiguous", "x is an array: if cannot choose for all its numbers at once, np.where can."),
    ),
    called="the {}",
)


# --- perceptron: w <- w + y x where y w^T x <= 0 -------------------------------------------------
def _perceptron(w, x, y):
    return (w + y * x if y * (w @ x) <= 0 else w,)


def _case(n: int, seed: int, y: float, right: bool, margin: float = 0.5) -> tuple:
    """w, x, y with y w^T x = margin if it is decided rightly, else -margin."""
    w, x = rng(seed).standard_normal((2, n))
    x = x + ((margin if right else -margin) * y - w @ x) / (w @ w) * w
    return w, x, y


EXAMPLES = [
    (np.array([0.0, 0.0]), np.array([1.0, 2.0]), -1.0),  # the start decides nothing
    _case(3, 1, 1.0, False),
    _case(3, 2, -1.0, False, 2.0),
    _case(4, 3, 1.0, True),
    _case(2, 4, -1.0, True, 3.0),
]


def _if(mistake, step):
    """A step taken where `mistake(margin)` holds."""

    def formula(w, x, y):
        return (w + step(w, x, y) if mistake(y * (w @ x)) else w,)

    return formula


def _ever(margin):
    return True


def _wrong(margin):
    return margin <= 0


def _usual(w, x, y):
    return y * x


perceptron_step = Exercise(
    "perceptron_step",
    "perceptron_step(w, x, y)",
    ("w",),
    _perceptron,
    EXAMPLES,
    nudge="First find out whether the example is decided rightly: what sign has y times w^T x "
    "then? Only a mistake changes w.",
    start="If y * (w @ x) <= 0, it is a mistake, and the new w is w + y * x. Otherwise w stays.",
    mistakes=(
        Mistake(
            "always",
            _if(_ever, _usual),
            "Does your w change on examples that are right already?",
            "Add y * x only if y * (w @ x) <= 0.",
        ),
        Mistake(
            "boundary",
            _if(lambda margin: margin < 0, _usual),
            "What does your function do at the start, w = 0?",
            "At w @ x = 0 nothing is decided, which counts as a mistake: <= 0, not < 0.",
        ),
        Mistake(
            "turned round",
            _if(lambda margin: margin > 0, _usual),
            "When is an example decided rightly, for y w^T x above 0 or below?",
            "A mistake is y * (w @ x) <= 0.",
        ),
        Mistake(
            "sign",
            _if(_wrong, lambda w, x, y: -y * x),
            "After your step, is y w^T x larger than before?",
            "Add y * x: the minus of the descent and that of the loss cancel.",
        ),
        Mistake(
            "label forgotten",
            _if(_wrong, lambda w, x, y: x),
            "In which direction should w move for y = -1?",
            "The step is y * x, not x.",
        ),
        Mistake(
            "label ignored",
            lambda w, x, y: (w + y * x if w @ x <= 0 else w,),
            "Your test does not look at y: for y = -1 a negative w @ x is right.",
            "A mistake is y * (w @ x) <= 0.",
        ),
        Mistake(
            "twice",
            lambda w, x, y: (w + (y - np.sign(w @ x)) * x,),
            "y minus the answer is 2 y on most mistakes. How long is the step then?",
            "Half of it is meant: y * x on every mistake.",
        ),
        Mistake(
            "margin",
            _if(lambda margin: margin < 1, _usual),
            "Your function also corrects examples that are right, if only just.",
            "That belongs to the hinge loss. Here a mistake is y * (w @ x) <= 0.",
        ),
        Mistake(
            "least squares",
            lambda w, x, y: (w + (y - w @ x) * x,),
            "This is a step on the squared error, as if y were a number to be hit.",
            "Only the side counts: no step if y * (w @ x) > 0, else y * x.",
        ),
        Mistake(
            "no step",
            lambda w, x, y: (w,),
            "Your w never changes.",
            "On a mistake return w + y * x.",
        ),
        Mistake(
            "replaced",
            lambda w, x, y: (y * x if y * (w @ x) <= 0 else w,),
            "Your step forgets everything learned before.",
            "Add y * x to w, do not put it in the place of w.",
        ),
    ),
    accidents=(
        Accident(
            "in place",
            "The caller still needs the old w.",
            "w += y * x writes into the caller's array; w = w + y * x makes a new one.",
        ),
        Accident(
            "shape",
            "w and x have the same shape, and so has the new w.",
            "w @ x is a number, needed for the test only; the step is y * x.",
        ),
    ),
)
