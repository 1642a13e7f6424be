"""A step of RMSProp, and what people write in its place."""

import numpy as np

from ..verdict import Mistake


def rmsprop(theta, v, g, lr, rho, eps):
    """v <- rho v + (1 - rho) g^2, theta <- theta - lr g / (sqrt(v) + eps)."""
    v = rho * v + (1 - rho) * g**2
    return theta - lr * g / (np.sqrt(v) + eps), v


def _by(square=None, divisor=None, sign=-1.0, keep=None):
    """RMSProp with one thing exchanged: what is averaged, the divisor, the sign, what is kept.

    If v is made otherwise, theta is whatever has been made of it.
    """

    def formula(theta, v, g, lr, rho, eps):
        new = (square or mean_square)(v, g, rho)
        if square is not None:
            return None, new
        below = (divisor or (lambda new, old, eps: np.sqrt(new) + eps))(new, v, eps)
        kept = new if keep is None else keep(new, v)
        return theta + sign * lr * g / below, kept

    return formula


def _step(step):
    """The right v, and theta moved otherwise."""

    def formula(theta, v, g, lr, rho, eps):
        v = mean_square(v, g, rho)
        return theta - step(v, g, lr, eps), v

    return formula


def mean_square(v, g, rho):
    return rho * v + (1 - rho) * g**2


MISTAKES = (
    Mistake(
        "stale v",
        _by(divisor=lambda new, old, eps: np.sqrt(old) + eps),
        "Your v is right. But which v do you divide by?",
        "Divide by the root of the new v: the gradient of this step must be in it, or the "
        "first step is divided by eps alone.",
    ),
    Mistake(
        "eps inside",
        _by(divisor=lambda new, old, eps: np.sqrt(new + eps)),
        "Where does eps stand, under the root or beside it?",
        "Take the root first, then add eps: np.sqrt(v) + eps.",
    ),
    Mistake(
        "no root",
        _by(divisor=lambda new, old, eps: new + eps),
        "v holds squares. What has the size of a gradient?",
        "Divide by the root of v, np.sqrt(v) + eps.",
    ),
    Mistake(
        "no eps",
        _by(divisor=lambda new, old, eps: np.sqrt(new)),
        "Which argument have you not used?",
        "Add eps to the root, so that nothing is divided by 0.",
    ),
    Mistake(
        "sum of squares",
        _by(square=lambda v, g, rho: v + g**2),
        "This is AdaGrad: your v only grows.",
        "Let the past fade: rho times the old v, plus (1 - rho) times g squared.",
    ),
    Mistake(
        "sum of squares",
        _by(square=lambda v, g, rho: rho * v + g**2),
        "The old v fades, but what comes in is too much for a mean.",
        "The two weights must add up to 1: multiply g squared by (1 - rho).",
    ),
    Mistake(
        "rho exchanged",
        _by(square=lambda v, g, rho: (1 - rho) * v + rho * g**2),
        "Which of the two has the weight rho, the past or the present?",
        "rho is near 1 and belongs to the past: rho * v + (1 - rho) * g**2.",
    ),
    Mistake(
        "no square",
        _by(square=lambda v, g, rho: rho * v + (1 - rho) * g),
        "v is a mean of what?",
        "Square the gradient where it enters v: g**2.",
    ),
    Mistake(
        "no square",
        _by(square=lambda v, g, rho: rho * v + (1 - rho) * np.abs(g)),
        "v is a mean of what? Absolute values are not enough for a root.",
        "Square the gradient where it enters v: g**2.",
    ),
    *(
        Mistake(
            "no square",
            _by(square=square),
            "v is a mean of squares of gradients. What do you square, and what do you average?",
            "Square the gradient where it enters v: g**2.",
        )
        for square in (
            lambda v, g, rho: rho * v + (1 - rho) * 2 * g,
            lambda v, g, rho: (rho * v + (1 - rho) * g) ** 2,
        )
    ),
    Mistake(
        "v squared",
        _by(square=lambda v, g, rho: rho * v**2 + (1 - rho) * g**2),
        "v holds squares already. Which of the two has to be squared?",
        "Only the gradient: rho * v + (1 - rho) * g**2.",
    ),
    *(
        Mistake(
            "all together",
            _by(square=lambda v, g, rho, of=of: rho * v + (1 - rho) * of(g)),
            "Each coordinate has a v of its own. Yours knows of all gradients together.",
            "A norm, a sum or g @ g is one number; g**2 is a square for each coordinate.",
        )
        for of in (lambda g: g @ g, np.linalg.norm, lambda g: np.mean(g**2))
    ),
    Mistake(
        "eps in v",
        lambda theta, v, g, lr, rho, eps: (None, mean_square(v, g, rho) + eps),
        "What do you add to v? The next step would add it once more.",
        "v is the mean of the squares alone; eps is added to its root in the divisor.",
    ),
    Mistake(
        "eps inside",
        _by(divisor=lambda new, old, eps: np.sqrt(new + eps**2)),
        "Where does eps stand, under the root or beside it?",
        "Take the root first, then add eps: np.sqrt(v) + eps.",
    ),
    Mistake(
        "parentheses",
        _step(lambda v, g, lr, eps: lr * g / np.sqrt(v) - eps),
        "What do you divide by, and what is only added to the result?",
        "Division comes before addition: put np.sqrt(v) + eps into parentheses.",
    ),
    Mistake(
        "power",
        _step(lambda v, g, lr, eps: lr * g / (v / 2 + eps)),
        "What does Python make of v**1/2? Which comes first, ** or /?",
        "Powers come first, so that is half of v. Write v**0.5, or np.sqrt(v).",
    ),
    Mistake(
        "no gradient",
        _step(lambda v, g, lr, eps: lr / (np.sqrt(v) + eps)),
        "Your step divides, but what? In which direction does it go where g is negative?",
        "g stands above the line: lr * g / (np.sqrt(v) + eps).",
    ),
    Mistake(
        "v above",
        _step(lambda v, g, lr, eps: lr * v / (np.sqrt(v) + eps)),
        "theta moves by v. In which direction does it go where g is negative?",
        "g stands above the line, v below.",
    ),
    Mistake(
        "sign of g",
        _step(lambda v, g, lr, eps: lr * np.sign(g) / (np.sqrt(v) + eps)),
        "You divide the sign of the gradient. What has become of its size?",
        "g itself stands above the line.",
    ),
    Mistake(
        "multiplied",
        _step(lambda v, g, lr, eps: lr * g * (np.sqrt(v) + eps)),
        "Should a coordinate with large gradients take larger steps or smaller ones?",
        "Divide the gradient by np.sqrt(v) + eps.",
    ),
    Mistake(
        "mean of v",
        _step(lambda v, g, lr, eps: lr * g / (np.sqrt(v.mean()) + eps)),
        "Each coordinate is divided by the root of its own v. By what are yours divided?",
        "No mean over the coordinates: np.sqrt(v) + eps, entry by entry.",
    ),
    Mistake(
        "root kept",
        _by(keep=lambda new, old: np.sqrt(new)),
        "Your theta is right. But what do you keep, v or its root?",
        "Return v itself: the next step takes the root again.",
    ),
    Mistake(
        "old v returned",
        _by(keep=lambda new, old: old),
        "Your theta is right. What will the next step know of this one?",
        "Return the new v, not the one that came in.",
    ),
    Mistake(
        "sign",
        _by(sign=1.0),
        "Does your step go downhill?",
        "Subtract lr * g / (np.sqrt(v) + eps) from theta.",
    ),
    Mistake(
        "no division",
        _by(divisor=lambda new, old, eps: 1.0),
        "Your v is right, but theta does not use it.",
        "Divide the gradient by np.sqrt(v) + eps.",
    ),
    Mistake(
        "order",
        lambda *case: rmsprop(*case)[::-1],
        "Both are right, but look at their order.",
        "Return theta first, then v.",
    ),
    *(
        Mistake(
            "bias correction",
            formula,
            "You divide v by 1 - rho. Where does that come from?",
            "Only Adam corrects its means. RMSProp takes the root of v as it is.",
        )
        for formula in (
            lambda theta, v, g, lr, rho, eps: (
                theta - lr * g / np.sqrt(mean_square(v, g, rho) / (1 - rho) + eps),
                mean_square(v, g, rho),
            ),
            lambda theta, v, g, lr, rho, eps: (
                theta - lr * g / (np.sqrt(mean_square(v, g, rho) / (1 - rho)) + eps),
                mean_square(v, g, rho),
            ),
            lambda theta, v, g, lr, rho, eps: (None, mean_square(v, g, rho) / (1 - rho)),
        )
    ),
    Mistake(
        "minus",
        _by(square=lambda v, g, rho: rho * v - (1 - rho) * g**2),
        "Can a mean of squares become smaller than 0? Yours can.",
        "Both terms are added: a large gradient makes v larger.",
    ),
    Mistake(
        "parentheses in v",
        _by(square=lambda v, g, rho: rho * v + 1 - rho * g**2),
        "What is multiplied with g**2 in your line of v, and what stands alone?",
        "Put 1 - rho into parentheses: Python multiplies before it subtracts.",
    ),
    Mistake(
        "weight squared",
        _by(square=lambda v, g, rho: rho * v + ((1 - rho) * g) ** 2),
        "What do you square, the gradient or its share?",
        "Square g alone, and then multiply with its weight.",
    ),
    *(
        Mistake(
            "squares of other things",
            _by(square=square),
            "Of what is v the mean square? Look at what you square.",
            "Of the gradient, each entry by itself: g**2.",
        )
        for square in (
            lambda v, g, rho: rho * v + (1 - rho) * np.var(g),
            lambda v, g, rho: rho * v + (1 - rho) * (g - g.mean()) ** 2,
        )
    ),
    Mistake(
        "squares of other things",
        lambda theta, v, g, lr, rho, eps: (None, rho * v + (1 - rho) * theta**2),
        "Of what is v the mean square? Look at what you square.",
        "Of the gradient, each entry by itself: g**2.",
    ),
    Mistake(
        "maximum",
        _by(square=lambda v, g, rho: np.maximum(rho * v, g**2)),
        "Your v is a fading maximum. Of what is RMSProp's a mean?",
        "Of the squares: rho times the old v, plus (1 - rho) times g squared.",
    ),
    Mistake(
        "square for root",
        _step(lambda v, g, lr, eps: lr * g / (v**2 + eps)),
        "v holds squares already. What has the size of a gradient?",
        "Divide by the root of v, np.sqrt(v) + eps.",
    ),
    *(
        Mistake(
            "eps as a limit",
            _step(lambda v, g, lr, eps, most=most: lr * g / most(v, eps)),
            "What does eps do in your divisor? It should always be there, also where v is large.",
            "Add eps to the root: np.sqrt(v) + eps.",
        )
        for most in (
            lambda v, eps: np.maximum(np.sqrt(v), eps),
            lambda v, eps: np.sqrt(np.maximum(v, eps)),
        )
    ),
    *(
        Mistake(
            "eps in another way",
            _step(step),
            "How does eps enter your divisor?",
            "It is added to the root, before anything is divided: np.sqrt(v) + eps.",
        )
        for step in (
            lambda v, g, lr, eps: lr * g / (np.sqrt(v) - eps),
            lambda v, g, lr, eps: lr * g / (np.sqrt(v) * eps),
            lambda v, g, lr, eps: (lr / np.sqrt(v) + eps) * g,
            lambda v, g, lr, eps: lr * g / v + eps,
        )
    ),
    Mistake(
        "upside down",
        _step(lambda v, g, lr, eps: lr * np.sqrt(v) / (g + eps)),
        "Which of the two stands above the line, the gradient or the root of v?",
        "The gradient above, np.sqrt(v) + eps below.",
    ),
    Mistake(
        "theta divided",
        lambda theta, v, g, lr, rho, eps: (
            theta - lr * theta / (np.sqrt(mean_square(v, g, rho)) + eps),
            mean_square(v, g, rho),
        ),
        "What do you divide? Nothing in your step knows downhill from uphill.",
        "g stands above the line: lr * g / (np.sqrt(v) + eps).",
    ),
    Mistake(
        "mean of v",
        _step(lambda v, g, lr, eps: lr * g / (np.sqrt(v.sum()) + eps)),
        "Each coordinate is divided by the root of its own v. By what are yours divided?",
        "No sum over the coordinates: np.sqrt(v) + eps, entry by entry.",
    ),
)
