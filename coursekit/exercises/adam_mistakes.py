"""A step of Adam, and what people write in its place; AdamW shares it."""

import numpy as np

from .verdict import Mistake


def adam(theta, m, v, k, g, lr, beta1, beta2, eps):
    """theta <- theta - lr m_hat / (sqrt(v_hat) + eps)."""
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    m_hat, v_hat = m / (1 - beta1**k), v / (1 - beta2**k)
    return theta - lr * m_hat / (np.sqrt(v_hat) + eps), m, v


def _variant(mean=None, square=None, hats=None, divisor=None, sign=-1.0, keep=None):
    """Adam with one thing exchanged. If a mean is, theta is whatever has been made of it."""

    def formula(theta, m, v, k, g, lr, beta1, beta2, eps):
        if mean or square:
            return (
                None,
                mean(m, g, beta1, beta2) if mean else None,
                square(v, g, beta1, beta2) if square else None,
            )
        new_m, new_v = _mean(m, g, beta1, beta2), _square(v, g, beta1, beta2)
        m_hat, v_hat = (hats or _hats)(new_m, new_v, m, v, k, beta1, beta2)
        below = (divisor or (lambda v_hat, eps: np.sqrt(v_hat) + eps))(v_hat, eps)
        kept = (new_m, new_v) if keep is None else keep(new_m, new_v, m_hat, v_hat, m, v)
        return (theta + sign * lr * m_hat / below, *kept)

    return formula


def _mean(m, g, beta1, beta2):
    return beta1 * m + (1 - beta1) * g


def _square(v, g, beta1, beta2):
    return beta2 * v + (1 - beta2) * g**2


def _hats(m, v, old_m, old_v, k, beta1, beta2):
    return m / (1 - beta1**k), v / (1 - beta2**k)


def _shifted(by):
    """Both means corrected for another step."""
    return lambda m, v, old_m, old_v, k, beta1, beta2: (
        m / (1 - beta1 ** (k + by)),
        v / (1 - beta2 ** (k + by)),
    )


def _times(m, v, old_m, old_v, k, beta1, beta2):
    return m / (1 - beta1 * k), v / (1 - beta2 * k)


def _square_of_m(theta, m, v, k, g, lr, beta1, beta2, eps):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * m**2
    m_hat, v_hat = m / (1 - beta1**k), v / (1 - beta2**k)
    return theta - lr * m_hat / (np.sqrt(v_hat) + eps), m, v


def _eps_outside(theta, m, v, k, g, lr, beta1, beta2, eps):
    ahead, m, v = adam(theta, m, v, k, g, lr, beta1, beta2, 0.0)
    return ahead + eps, m, v


MEANS = (  # the mistakes in how m and v are made
    Mistake(
        "betas exchanged",
        _variant(
            mean=lambda m, g, beta1, beta2: beta2 * m + (1 - beta2) * g,
            square=lambda v, g, beta1, beta2: beta1 * v + (1 - beta1) * g**2,
        ),
        "Which of the two means has the longer memory?",
        "beta1 belongs to m, the mean of the gradient; beta2 to v, the mean of its square.",
    ),
    Mistake(
        "beta1 in v",
        _variant(square=lambda v, g, beta1, beta2: beta1 * v + (1 - beta1) * g**2),
        "Look at your v: which of the two betas belongs to it?",
        "beta2, in both places: beta2 * v + (1 - beta2) * g**2.",
    ),
    Mistake(
        "beta2 in m",
        _variant(mean=lambda m, g, beta1, beta2: beta2 * m + (1 - beta2) * g),
        "Look at your m: which of the two betas belongs to it?",
        "beta1, in both places: beta1 * m + (1 - beta1) * g.",
    ),
    Mistake(
        "weights exchanged",
        _variant(
            mean=lambda m, g, beta1, beta2: (1 - beta1) * m + beta1 * g,
            square=lambda v, g, beta1, beta2: (1 - beta2) * v + beta2 * g**2,
        ),
        "Which has the weight beta, the past or the present?",
        "The betas are near 1 and belong to the past: beta1 * m + (1 - beta1) * g.",
    ),
    Mistake(
        "weights exchanged",
        _variant(mean=lambda m, g, beta1, beta2: (1 - beta1) * m + beta1 * g),
        "Look at your m: which has the weight beta1, the past or the present?",
        "The betas are near 1 and belong to the past: beta1 * m + (1 - beta1) * g.",
    ),
    Mistake(
        "weights exchanged",
        _variant(square=lambda v, g, beta1, beta2: (1 - beta2) * v + beta2 * g**2),
        "Look at your v: which has the weight beta2, the past or the present?",
        "The betas are near 1 and belong to the past: beta2 * v + (1 - beta2) * g**2.",
    ),
    *(
        Mistake(
            "all together",
            _variant(square=lambda v, g, b1, b2, of=of: b2 * v + (1 - b2) * of(g)),
            "Each coordinate has a v of its own. Yours knows of all gradients together.",
            "A norm, a sum or g @ g is one number; g**2 is a square for each coordinate.",
        )
        for of in (lambda g: g @ g, np.linalg.norm, lambda g: np.mean(g**2))
    ),
    Mistake(
        "no fading",
        _variant(square=lambda v, g, beta1, beta2: v + g**2),
        "This is AdaGrad's v: it only grows.",
        "Let the past fade: beta2 times the old v, plus (1 - beta2) times g squared.",
    ),
    Mistake(
        "maximum",
        _variant(square=lambda v, g, beta1, beta2: np.maximum(beta2 * v, abs(g))),
        "This is Adamax: your v is a fading maximum. Of what is Adam's a mean?",
        "beta2 times the old v, plus (1 - beta2) times g squared.",
    ),
    Mistake(
        "no square",
        _variant(square=lambda v, g, beta1, beta2: beta2 * v + (1 - beta2) * abs(g)),
        "v is a mean of what? Absolute values are not enough for a root.",
        "Square the gradient where it enters v: g**2.",
    ),
    Mistake(
        "no square",
        _variant(square=lambda v, g, beta1, beta2: beta2 * v + (1 - beta2) * g),
        "v is a mean of what?",
        "Square the gradient where it enters v: g**2.",
    ),
    Mistake(
        "square of m",
        _square_of_m,
        "What is squared in v, the gradient or its mean?",
        "v is the mean of g**2, not of m**2.",
    ),
    Mistake(
        "sum in place of mean",
        _variant(
            mean=lambda m, g, beta1, beta2: beta1 * m + g,
            square=lambda v, g, beta1, beta2: beta2 * v + g**2,
        ),
        "The past fades, but what comes in is too much for a mean.",
        "Multiply g by (1 - beta1), and g**2 by (1 - beta2).",
    ),
    Mistake(
        "sum in place of mean",
        _variant(mean=lambda m, g, beta1, beta2: beta1 * m + g),
        "In your m the past fades, but what comes in is too much for a mean.",
        "m is a mean: multiply g by (1 - beta1).",
    ),
    Mistake(
        "sum in place of mean",
        _variant(square=lambda v, g, beta1, beta2: beta2 * v + g**2),
        "In your v the past fades, but what comes in is too much for a mean.",
        "v is a mean: multiply g**2 by (1 - beta2).",
    ),
    Mistake(
        "no momentum",
        _variant(mean=lambda m, g, beta1, beta2: g),
        "This is RMSProp with a correction: your step forgets the gradients before.",
        "theta must move by the mean m of the gradients, corrected, not by g.",
    ),
)


STEPS = (  # the mistakes in what is made of m and v
    Mistake(
        "no correction",
        _variant(hats=lambda m, v, old_m, old_v, k, b1, b2: (m, v)),
        "m and v started at 0. Which argument have you not used?",
        "Divide m by 1 - beta1**k and v by 1 - beta2**k before the step.",
    ),
    Mistake(
        "no correction of v",
        _variant(hats=lambda m, v, old_m, old_v, k, b1, b2: (m / (1 - b1**k), v)),
        "One of the two means is still pulled towards its start.",
        "v needs its correction too: v / (1 - beta2**k).",
    ),
    Mistake(
        "no correction of m",
        _variant(hats=lambda m, v, old_m, old_v, k, b1, b2: (m, v / (1 - b2**k))),
        "One of the two means is still pulled towards its start.",
        "m needs its correction too: m / (1 - beta1**k).",
    ),
    Mistake(
        "k off by one",
        _variant(hats=_shifted(1)),
        "Which k stands in the correction of the first step?",
        "k is 1 in the first step already: use beta1**k and beta2**k, not k + 1.",
    ),
    Mistake(
        "k off by one",
        _variant(hats=_shifted(-1)),
        "Which k stands in the correction of the first step?",
        "k is 1 in the first step already: use beta1**k and beta2**k, not k - 1.",
    ),
    Mistake(
        "times in place of power",
        _variant(hats=_times),
        "How does the weight of the start fade, step by step?",
        "It is a power: beta1**k, not beta1 * k.",
    ),
    Mistake(
        "one correction for both",
        _variant(hats=lambda m, v, old_m, old_v, k, b1, b2: (m / (1 - b1**k), v / (1 - b1**k))),
        "m and v fade at two different rates.",
        "The correction of v has beta2: v / (1 - beta2**k).",
    ),
    Mistake(
        "no k",
        _variant(hats=lambda m, v, old_m, old_v, k, b1, b2: (m / (1 - b1), v / (1 - b2))),
        "Your correction is that of the first step, in every step.",
        "Take the powers: 1 - beta1**k and 1 - beta2**k.",
    ),
    Mistake(
        "times the correction",
        _variant(hats=lambda m, v, old_m, old_v, k, b1, b2: (m * (1 - b1**k), v * (1 - b2**k))),
        "After the start at 0 both means are too small. Does your correction make them larger?",
        "Divide by 1 - beta1**k and 1 - beta2**k.",
    ),
    Mistake(
        "plus in the correction",
        _variant(hats=lambda m, v, old_m, old_v, k, b1, b2: (m / (1 + b1**k), v / (1 + b2**k))),
        "After the start at 0 both means are too small. Does your correction make them larger?",
        "The divisors are below 1: 1 - beta1**k and 1 - beta2**k.",
    ),
    Mistake(
        "power of the difference",
        _variant(hats=lambda m, v, old_m, old_v, k, b1, b2: (m / (1 - b1) ** k, v / (1 - b2) ** k)),
        "What is raised to the power k, beta or 1 - beta?",
        "Only beta: 1 - beta1**k, without parentheses around the difference.",
    ),
    Mistake(
        "betas of the correction",
        _variant(hats=lambda m, v, old_m, old_v, k, b1, b2: (m / (1 - b2**k), v / (1 - b1**k))),
        "m and v are right. Which beta corrects which of them?",
        "Each is corrected with the beta it was made with: m with beta1, v with beta2.",
    ),
    Mistake(
        "no correction at the start",
        _variant(
            hats=lambda m, v, old_m, old_v, k, b1, b2: (
                (m, v / (1 - b2**k)) if k == 1 else _hats(m, v, old_m, old_v, k, b1, b2)
            )
        ),
        "Is there a step that you do not correct? The first needs it most.",
        "Every step is corrected alike, with k as it comes in.",
    ),
    Mistake(
        "eps before the correction",
        lambda theta, m, v, k, g, lr, beta1, beta2, eps: (
            theta
            - lr
            * (np.sqrt(1 - beta2**k) / (1 - beta1**k))
            * _mean(m, g, beta1, beta2)
            / (np.sqrt(_square(v, g, beta1, beta2)) + eps),
            _mean(m, g, beta1, beta2),
            _square(v, g, beta1, beta2),
        ),
        "This is the quick form of the algorithm: its eps is another one. When is yours added?",
        "Correct v first, take the root, and add eps to that.",
    ),
    Mistake(
        "no m",
        lambda theta, m, v, k, g, lr, beta1, beta2, eps: (
            theta - lr / (np.sqrt(_square(v, g, beta1, beta2) / (1 - beta2**k)) + eps),
            _mean(m, g, beta1, beta2),
            _square(v, g, beta1, beta2),
        ),
        "Your step divides, but what? Nothing in it knows downhill from uphill.",
        "The corrected mean m_hat stands above the line.",
    ),
    Mistake(
        "power",
        _variant(divisor=lambda v_hat, eps: v_hat / 2 + eps),
        "What does Python make of v**1/2? Which comes first, ** or /?",
        "Powers come first, so that is half of v. Write v_hat**0.5, or np.sqrt(v_hat).",
    ),
    Mistake(
        "eps inside",
        _variant(divisor=lambda v_hat, eps: np.sqrt(v_hat + eps**2)),
        "Where does eps stand, under the root or beside it?",
        "Take the root first, then add eps: np.sqrt(v_hat) + eps.",
    ),
    Mistake(
        "parentheses",
        _variant(hats=lambda m, v, old_m, old_v, k, b1, b2: (m - b1**k, v - b2**k)),
        "What do you divide m and v by, and what is subtracted from the result?",
        "Division comes before subtraction: put 1 - beta1**k and 1 - beta2**k into parentheses.",
    ),
    Mistake(
        "parentheses",
        _eps_outside,
        "What do you divide by, and what is only added to the result?",
        "Division comes before addition: put np.sqrt(v_hat) + eps into parentheses.",
    ),
    Mistake(
        "no eps",
        _variant(divisor=lambda v_hat, eps: np.sqrt(v_hat)),
        "Which argument have you not used? A gradient that was always 0 has v = 0.",
        "Divide by np.sqrt(v_hat) + eps.",
    ),
    Mistake(
        "Nesterov",
        _variant(
            hats=lambda m, v, old_m, old_v, k, b1, b2: (
                (b1 * m + (m - b1 * old_m)) / (1 - b1**k),
                v / (1 - b2**k),
            )
        ),
        "This is Nadam: your step looks ahead. By what does Adam's theta move?",
        "By the corrected m alone, m_hat.",
    ),
    Mistake(
        "eps inside",
        _variant(divisor=lambda v_hat, eps: np.sqrt(v_hat + eps)),
        "Where does eps stand, under the root or beside it?",
        "Take the root first, then add eps: np.sqrt(v_hat) + eps.",
    ),
    Mistake(
        "no root",
        _variant(divisor=lambda v_hat, eps: v_hat + eps),
        "v holds squares. What has the size of a gradient?",
        "Divide by the root, np.sqrt(v_hat) + eps.",
    ),
    Mistake(
        "stale m",
        _variant(hats=lambda m, v, old_m, old_v, k, b1, b2: (old_m / (1 - b1**k), v / (1 - b2**k))),
        "Your m is right, but theta does not feel this gradient before the next step.",
        "Correct the new m, not the one that came in.",
    ),
    Mistake(
        "stale v",
        _variant(hats=lambda m, v, old_m, old_v, k, b1, b2: (m / (1 - b1**k), old_v / (1 - b2**k))),
        "Your v is right. But which v do you divide by?",
        "Correct the new v, not the one that came in.",
    ),
    Mistake(
        "g in place of m",
        lambda theta, m, v, k, g, lr, beta1, beta2, eps: (
            theta - lr * g / (np.sqrt(_square(v, g, beta1, beta2) / (1 - beta2**k)) + eps),
            _mean(m, g, beta1, beta2),
            _square(v, g, beta1, beta2),
        ),
        "m and v are right. But which of them moves theta?",
        "theta moves by the corrected mean m_hat, not by g.",
    ),
    Mistake(
        "corrected values kept",
        _variant(keep=lambda m, v, m_hat, v_hat, old_m, old_v: (m_hat, v_hat)),
        "Your theta is right. But what do you keep for the next step?",
        "Return m and v themselves; the corrected values serve this step only, or the next one "
        "would correct twice.",
    ),
    Mistake(
        "old means returned",
        _variant(keep=lambda m, v, m_hat, v_hat, old_m, old_v: (old_m, old_v)),
        "Your theta is right. What will the next step know of this one?",
        "Return the new m and v, not those that came in.",
    ),
    Mistake(
        "sign",
        _variant(sign=1.0),
        "Does your step go downhill?",
        "m points uphill, like the gradient: subtract the step from theta.",
    ),
    Mistake(
        "order",
        lambda *case: tuple(adam(*case)[i] for i in (0, 2, 1)),
        "All three are right, but look at their order.",
        "Return theta first, then m, then v.",
    ),
)
