"""The slope of ELU, and what people write in its place."""

import numpy as np

from ..verdict import Mistake


def slope(x, alpha):
    """1 where x > 0, else alpha exp(x)."""
    return (np.where(x > 0, 1.0, alpha * np.exp(np.minimum(x, 0))),)


def _sides(left, right=lambda x: np.ones_like(x), at_zero="left"):
    """A function in two pieces; the left one also at 0, or the right one."""

    def formula(x, alpha):
        chosen = x > 0 if at_zero == "left" else x >= 0
        with np.errstate(all="ignore"):
            return (np.where(chosen, right(x), left(x, alpha)),)

    return formula


def _left(x, alpha):
    return alpha * np.exp(np.minimum(x, 0))


def _masked(x, alpha):
    with np.errstate(all="ignore"):
        return ((x > 0) + (x <= 0) * alpha * np.exp(x),)


def _unsplit(x, alpha):
    with np.errstate(all="ignore"):
        return (alpha * np.exp(x),)


def _too_steep(x, alpha):
    return (np.maximum(1.0, _left(x, alpha)),)


def _never_above_one(x, alpha):
    with np.errstate(all="ignore"):
        return (np.minimum(1.0, alpha * np.exp(x)),)


def _exchanged(x, alpha):
    return (np.where(x > 0, alpha * np.exp(x), 1.0),)


def _exchanged_at_zero(x, alpha):
    return (np.where(x < 0, 1.0, alpha * np.exp(x)),)


def _sigmoid_slope(x):
    s = np.exp(-np.logaddexp(0, -x))
    return s * (1 - s)


def _of_neighbours(x, alpha):
    return (np.gradient(np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0))), x),)


MISTAKES = (
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
        _sides(_left, lambda x: x),
        "The left side is right. What is the slope of the straight line on the right?",
        "Where x > 0 the slope is 1, not x.",
    ),
    Mistake(
        "at zero",
        _sides(_left, at_zero="right"),
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
        "min",
        _never_above_one,
        "min picks the smaller slope. Is it the one of the right piece for every alpha?",
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
        lambda x, alpha: (np.where(x > 0, alpha, _left(x, alpha)),),
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
    Mistake(
        "exchanged",
        _exchanged_at_zero,
        "Which piece is on which side of 0?",
        "The line is on the right of 0, the exponential on the left.",
    ),
    *(
        Mistake(
            "sigmoid",
            formula,
            "In yours there is the slope of a sigmoid, or of tanh. Which function is asked for?",
            "ELU has two pieces, and no sigmoid is in them: 1 on the right, and on the left "
            "the derivative of alpha (exp(x) - 1).",
        )
        for formula in (
            lambda x, alpha: (_sigmoid_slope(x),),
            lambda x, alpha: (alpha * _sigmoid_slope(x),),
            lambda x, alpha: (slope(x, alpha)[0] * _sigmoid_slope(x),),
            _sides(lambda x, alpha: alpha * _sigmoid_slope(x)),
            _sides(lambda x, alpha: _left(x, alpha) * _sigmoid_slope(x)),
            lambda x, alpha: (1 - np.tanh(x) ** 2,),
        )
    ),
    *(
        Mistake(
            "two exponentials",
            _sides(left),
            "A sum is differentiated term by term. What becomes of each of the two terms of "
            "alpha exp(x) - alpha?",
            "alpha exp(x) stays as it is, and the constant goes: one exponential is left.",
        )
        for left in (
            lambda x, alpha: alpha * np.exp(x) + alpha,
            lambda x, alpha: alpha * np.exp(x) + alpha * np.expm1(x),
            lambda x, alpha: alpha + np.exp(x),
            lambda x, alpha: alpha * (x + 1) * np.exp(x),
        )
    ),
    *(
        Mistake(
            "alpha as a power",
            _sides(left),
            "Which number is raised to the power x in ELU, e or alpha?",
            "e is: alpha only multiplies exp(x), and so it does in the slope.",
        )
        for left in (
            lambda x, alpha: alpha**x,
            lambda x, alpha: alpha**x * np.log(alpha),
        )
    ),
    *(
        Mistake(
            "divided by alpha",
            _sides(left),
            "You divide by alpha. Is ELU steeper or flatter on the left for a larger alpha?",
            "Steeper: alpha is a factor, also of the slope.",
        )
        for left in (
            lambda x, alpha: np.exp(x) / alpha,
            lambda x, alpha: np.exp(x / alpha),
            lambda x, alpha: alpha * np.exp(x / alpha),
        )
    ),
    *(
        Mistake(
            "another base",
            _sides(lambda x, alpha, base=base: alpha * base**x),
            "Which number is raised to the power x in ELU?",
            "It is e: np.exp(x).",
        )
        for base in (2.0, 10.0)
    ),
    *(
        Mistake(
            "both pieces added",
            lambda x, alpha, e=e: ((x > 0) + alpha * e(x),),
            "What do you add where x is above 0? The exponential belongs to the left alone.",
            "Choose one of the two: np.where(x > 0, 1.0, ...).",
        )
        for e in (np.exp, lambda x: np.exp(np.minimum(x, 0)))
    ),
    *(
        Mistake(
            "chord",
            formula,
            "You divide a rise of ELU by a distance. Is that the slope at a point?",
            "A slope is the limit for short distances: differentiate the pieces on paper.",
        )
        for formula in (
            _sides(lambda x, alpha: alpha * np.expm1(np.minimum(x, 0)) / x),
            _of_neighbours,
        )
    ),
)
