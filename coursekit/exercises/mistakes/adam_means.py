"""What people write in place of the two means of Adam; AdamW shares it."""

import numpy as np

from ..verdict import Mistake
from .adam import square_of_m, variant

MEANS = (  # the mistakes in how m and v are made
    Mistake(
        "betas exchanged",
        variant(
            mean=lambda m, g, beta1, beta2: beta2 * m + (1 - beta2) * g,
            square=lambda v, g, beta1, beta2: beta1 * v + (1 - beta1) * g**2,
        ),
        "Which of the two means has the longer memory?",
        "beta1 belongs to m, the mean of the gradient; beta2 to v, the mean of its square.",
    ),
    Mistake(
        "beta1 in v",
        variant(square=lambda v, g, beta1, beta2: beta1 * v + (1 - beta1) * g**2),
        "Look at your v: which of the two betas belongs to it?",
        "beta2, in both places: beta2 * v + (1 - beta2) * g**2.",
    ),
    Mistake(
        "beta2 in m",
        variant(mean=lambda m, g, beta1, beta2: beta2 * m + (1 - beta2) * g),
        "Look at your m: which of the two betas belongs to it?",
        "beta1, in both places: beta1 * m + (1 - beta1) * g.",
    ),
    Mistake(
        "weights exchanged",
        variant(
            mean=lambda m, g, beta1, beta2: (1 - beta1) * m + beta1 * g,
            square=lambda v, g, beta1, beta2: (1 - beta2) * v + beta2 * g**2,
        ),
        "Which has the weight beta, the past or the present?",
        "The betas are near 1 and belong to the past: beta1 * m + (1 - beta1) * g.",
    ),
    Mistake(
        "weights exchanged",
        variant(mean=lambda m, g, beta1, beta2: (1 - beta1) * m + beta1 * g),
        "Look at your m: which has the weight beta1, the past or the present?",
        "The betas are near 1 and belong to the past: beta1 * m + (1 - beta1) * g.",
    ),
    Mistake(
        "weights exchanged",
        variant(square=lambda v, g, beta1, beta2: (1 - beta2) * v + beta2 * g**2),
        "Look at your v: which has the weight beta2, the past or the present?",
        "The betas are near 1 and belong to the past: beta2 * v + (1 - beta2) * g**2.",
    ),
    *(
        Mistake(
            "all together",
            variant(square=lambda v, g, b1, b2, of=of: b2 * v + (1 - b2) * of(g)),
            "Each coordinate has a v of its own. Yours knows of all gradients together.",
            "A norm, a sum or g @ g is one number; g**2 is a square for each coordinate.",
        )
        for of in (lambda g: g @ g, np.linalg.norm, lambda g: np.mean(g**2))
    ),
    Mistake(
        "no fading",
        variant(square=lambda v, g, beta1, beta2: v + g**2),
        "This is AdaGrad's v: it only grows.",
        "Let the past fade: beta2 times the old v, plus (1 - beta2) times g squared.",
    ),
    Mistake(
        "maximum",
        variant(square=lambda v, g, beta1, beta2: np.maximum(beta2 * v, abs(g))),
        "This is Adamax: your v is a fading maximum. Of what is Adam's a mean?",
        "beta2 times the old v, plus (1 - beta2) times g squared.",
    ),
    Mistake(
        "no square",
        variant(square=lambda v, g, beta1, beta2: beta2 * v + (1 - beta2) * abs(g)),
        "v is a mean of what? Absolute values are not enough for a root.",
        "Square the gradient where it enters v: g**2.",
    ),
    Mistake(
        "no square",
        variant(square=lambda v, g, beta1, beta2: beta2 * v + (1 - beta2) * g),
        "v is a mean of what?",
        "Square the gradient where it enters v: g**2.",
    ),
    Mistake(
        "square of m",
        square_of_m,
        "What is squared in v, the gradient or its mean?",
        "v is the mean of g**2, not of m**2.",
    ),
    Mistake(
        "sum in place of mean",
        variant(
            mean=lambda m, g, beta1, beta2: beta1 * m + g,
            square=lambda v, g, beta1, beta2: beta2 * v + g**2,
        ),
        "The past fades, but what comes in is too much for a mean.",
        "Multiply g by (1 - beta1), and g**2 by (1 - beta2).",
    ),
    Mistake(
        "sum in place of mean",
        variant(mean=lambda m, g, beta1, beta2: beta1 * m + g),
        "In your m the past fades, but what comes in is too much for a mean.",
        "m is a mean: multiply g by (1 - beta1).",
    ),
    Mistake(
        "sum in place of mean",
        variant(square=lambda v, g, beta1, beta2: beta2 * v + g**2),
        "In your v the past fades, but what comes in is too much for a mean.",
        "v is a mean: multiply g**2 by (1 - beta2).",
    ),
    Mistake(
        "no momentum",
        variant(mean=lambda m, g, beta1, beta2: g),
        "This is RMSProp with a correction: your step forgets the gradients before.",
        "theta must move by the mean m of the gradients, corrected, not by g.",
    ),
    Mistake(
        "square of m",
        lambda theta, m, v, k, g, lr, beta1, beta2, eps: (
            None,
            None,
            beta2 * v + (1 - beta2) * (g - beta1 * m - (1 - beta1) * g) ** 2,
        ),
        "What is squared in v? Yours is a variance: the distance of g from its mean.",
        "v is the mean of g**2, without anything subtracted.",
    ),
    Mistake(
        "no square",
        variant(square=lambda v, g, beta1, beta2: beta2 * v + (1 - beta2) * g * 2),
        "What is the difference between g * 2 and g**2?",
        "Square the gradient where it enters v: g**2.",
    ),
    Mistake(
        "v squared",
        variant(square=lambda v, g, beta1, beta2: beta2 * v**2 + (1 - beta2) * g**2),
        "v holds squares already. Which of the two has to be squared?",
        "Only the gradient: beta2 * v + (1 - beta2) * g**2.",
    ),
    Mistake(
        "root kept",
        variant(square=lambda v, g, beta1, beta2: np.sqrt(beta2 * v + (1 - beta2) * g**2)),
        "What do you keep as v, the mean square or its root?",
        "Keep the mean square. The root is taken where theta moves, after the correction.",
    ),
    Mistake(
        "theta in m",
        lambda theta, m, v, k, g, lr, beta1, beta2, eps: (
            None,
            beta1 * theta + (1 - beta1) * g,
            None,
        ),
        "Of what is your m made? The point where one is says nothing of the slopes before.",
        "Of the old m and the gradient: beta1 * m + (1 - beta1) * g.",
    ),
    *(
        Mistake(
            "sign in m",
            variant(mean=mean),
            "In which direction does the gradient enter your m?",
            "Add (1 - beta1) * g: m points uphill, and the minus sign stands where theta moves.",
        )
        for mean in (
            lambda m, g, beta1, beta2: beta1 * m - (1 - beta1) * g,
            lambda m, g, beta1, beta2: -beta1 * m - (1 - beta1) * g,
        )
    ),
    *(
        Mistake(
            "parentheses in the means",
            formula,
            "What is multiplied with the gradient in your means, and what stands alone?",
            "Put 1 - beta1 and 1 - beta2 into parentheses: Python multiplies before it subtracts.",
        )
        for formula in (
            variant(mean=lambda m, g, beta1, beta2: beta1 * m + 1 - beta1 * g),
            variant(square=lambda v, g, beta1, beta2: beta2 * v + 1 - beta2 * g**2),
            variant(
                mean=lambda m, g, beta1, beta2: beta1 * m + 1 - beta1 * g,
                square=lambda v, g, beta1, beta2: beta2 * v + 1 - beta2 * g**2,
            ),
        )
    ),
)
