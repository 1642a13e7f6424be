"""What people make of the two means of Adam; AdamW shares it."""

import numpy as np

from ..verdict import Mistake
from .adam import adam, eps_outside, hats_of, mean_of, shifted, square_of, times, variant

STEPS = (  # the mistakes in what is made of m and v
    Mistake(
        "no correction",
        variant(hats=lambda m, v, old_m, old_v, k, b1, b2: (m, v)),
        "m and v started at 0. Which argument have you not used?",
        "Divide m by 1 - beta1**k and v by 1 - beta2**k before the step.",
    ),
    Mistake(
        "no correction of v",
        variant(hats=lambda m, v, old_m, old_v, k, b1, b2: (m / (1 - b1**k), v)),
        "One of the two means is still pulled towards its start.",
        "v needs its correction too: v / (1 - beta2**k).",
    ),
    Mistake(
        "no correction of m",
        variant(hats=lambda m, v, old_m, old_v, k, b1, b2: (m, v / (1 - b2**k))),
        "One of the two means is still pulled towards its start.",
        "m needs its correction too: m / (1 - beta1**k).",
    ),
    Mistake(
        "k off by one",
        variant(hats=shifted(1)),
        "Which k stands in the correction of the first step?",
        "k is 1 in the first step already: use beta1**k and beta2**k, not k + 1.",
    ),
    Mistake(
        "k off by one",
        variant(hats=shifted(-1)),
        "Which k stands in the correction of the first step?",
        "k is 1 in the first step already: use beta1**k and beta2**k, not k - 1.",
    ),
    Mistake(
        "times in place of power",
        variant(hats=times),
        "How does the weight of the start fade, step by step?",
        "It is a power: beta1**k, not beta1 * k.",
    ),
    Mistake(
        "one correction for both",
        variant(hats=lambda m, v, old_m, old_v, k, b1, b2: (m / (1 - b1**k), v / (1 - b1**k))),
        "m and v fade at two different rates.",
        "The correction of v has beta2: v / (1 - beta2**k).",
    ),
    Mistake(
        "no k",
        variant(hats=lambda m, v, old_m, old_v, k, b1, b2: (m / (1 - b1), v / (1 - b2))),
        "Your correction is that of the first step, in every step.",
        "Take the powers: 1 - beta1**k and 1 - beta2**k.",
    ),
    Mistake(
        "times the correction",
        variant(hats=lambda m, v, old_m, old_v, k, b1, b2: (m * (1 - b1**k), v * (1 - b2**k))),
        "After the start at 0 both means are too small. Does your correction make them larger?",
        "Divide by 1 - beta1**k and 1 - beta2**k.",
    ),
    Mistake(
        "plus in the correction",
        variant(hats=lambda m, v, old_m, old_v, k, b1, b2: (m / (1 + b1**k), v / (1 + b2**k))),
        "After the start at 0 both means are too small. Does your correction make them larger?",
        "The divisors are below 1: 1 - beta1**k and 1 - beta2**k.",
    ),
    Mistake(
        "power of the difference",
        variant(hats=lambda m, v, old_m, old_v, k, b1, b2: (m / (1 - b1) ** k, v / (1 - b2) ** k)),
        "What is raised to the power k, beta or 1 - beta?",
        "Only beta: 1 - beta1**k, without parentheses around the difference.",
    ),
    Mistake(
        "betas of the correction",
        variant(hats=lambda m, v, old_m, old_v, k, b1, b2: (m / (1 - b2**k), v / (1 - b1**k))),
        "m and v are right. Which beta corrects which of them?",
        "Each is corrected with the beta it was made with: m with beta1, v with beta2.",
    ),
    Mistake(
        "no correction at the start",
        variant(
            hats=lambda m, v, old_m, old_v, k, b1, b2: (
                (m, v / (1 - b2**k)) if k == 1 else hats_of(m, v, old_m, old_v, k, b1, b2)
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
            * mean_of(m, g, beta1, beta2)
            / (np.sqrt(square_of(v, g, beta1, beta2)) + eps),
            mean_of(m, g, beta1, beta2),
            square_of(v, g, beta1, beta2),
        ),
        "This is the quick form of the algorithm: its eps is another one. When is yours added?",
        "Correct v first, take the root, and add eps to that.",
    ),
    Mistake(
        "no m",
        lambda theta, m, v, k, g, lr, beta1, beta2, eps: (
            theta - lr / (np.sqrt(square_of(v, g, beta1, beta2) / (1 - beta2**k)) + eps),
            mean_of(m, g, beta1, beta2),
            square_of(v, g, beta1, beta2),
        ),
        "Your step divides, but what? Nothing in it knows downhill from uphill.",
        "The corrected mean m_hat stands above the line.",
    ),
    Mistake(
        "power",
        variant(divisor=lambda v_hat, eps: v_hat / 2 + eps),
        "What does Python make of v**1/2? Which comes first, ** or /?",
        "Powers come first, so that is half of v. Write v_hat**0.5, or np.sqrt(v_hat).",
    ),
    Mistake(
        "eps inside",
        variant(divisor=lambda v_hat, eps: np.sqrt(v_hat + eps**2)),
        "Where does eps stand, under the root or beside it?",
        "Take the root first, then add eps: np.sqrt(v_hat) + eps.",
    ),
    Mistake(
        "parentheses",
        variant(hats=lambda m, v, old_m, old_v, k, b1, b2: (m - b1**k, v - b2**k)),
        "What do you divide m and v by, and what is subtracted from the result?",
        "Division comes before subtraction: put 1 - beta1**k and 1 - beta2**k into parentheses.",
    ),
    Mistake(
        "parentheses",
        eps_outside,
        "What do you divide by, and what is only added to the result?",
        "Division comes before addition: put np.sqrt(v_hat) + eps into parentheses.",
    ),
    Mistake(
        "no eps",
        variant(divisor=lambda v_hat, eps: np.sqrt(v_hat)),
        "Which argument have you not used? A gradient that was always 0 has v = 0.",
        "Divide by np.sqrt(v_hat) + eps.",
    ),
    Mistake(
        "Nesterov",
        variant(
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
        variant(divisor=lambda v_hat, eps: np.sqrt(v_hat + eps)),
        "Where does eps stand, under the root or beside it?",
        "Take the root first, then add eps: np.sqrt(v_hat) + eps.",
    ),
    Mistake(
        "no root",
        variant(divisor=lambda v_hat, eps: v_hat + eps),
        "v holds squares. What has the size of a gradient?",
        "Divide by the root, np.sqrt(v_hat) + eps.",
    ),
    Mistake(
        "stale m",
        variant(hats=lambda m, v, old_m, old_v, k, b1, b2: (old_m / (1 - b1**k), v / (1 - b2**k))),
        "Your m is right, but theta does not feel this gradient before the next step.",
        "Correct the new m, not the one that came in.",
    ),
    Mistake(
        "stale v",
        variant(hats=lambda m, v, old_m, old_v, k, b1, b2: (m / (1 - b1**k), old_v / (1 - b2**k))),
        "Your v is right. But which v do you divide by?",
        "Correct the new v, not the one that came in.",
    ),
    Mistake(
        "g in place of m",
        lambda theta, m, v, k, g, lr, beta1, beta2, eps: (
            theta - lr * g / (np.sqrt(square_of(v, g, beta1, beta2) / (1 - beta2**k)) + eps),
            mean_of(m, g, beta1, beta2),
            square_of(v, g, beta1, beta2),
        ),
        "m and v are right. But which of them moves theta?",
        "theta moves by the corrected mean m_hat, not by g.",
    ),
    Mistake(
        "corrected values kept",
        variant(keep=lambda m, v, m_hat, v_hat, old_m, old_v: (m_hat, v_hat)),
        "Your theta is right. But what do you keep for the next step?",
        "Return m and v themselves; the corrected values serve this step only, or the next one "
        "would correct twice.",
    ),
    Mistake(
        "old means returned",
        variant(keep=lambda m, v, m_hat, v_hat, old_m, old_v: (old_m, old_v)),
        "Your theta is right. What will the next step know of this one?",
        "Return the new m and v, not those that came in.",
    ),
    Mistake(
        "sign",
        variant(sign=1.0),
        "Does your step go downhill?",
        "m points uphill, like the gradient: subtract the step from theta.",
    ),
    Mistake(
        "order",
        lambda *case: tuple(adam(*case)[i] for i in (0, 2, 1)),
        "All three are right, but look at their order.",
        "Return theta first, then m, then v.",
    ),
    *(
        Mistake(
            "Nesterov",
            variant(hats=hats),
            "This is a form of Nadam: your step looks ahead. By what does Adam's theta move?",
            "By the corrected m alone, m_hat: the gradient does not enter a second time.",
        )
        for hats in (
            lambda m, v, old_m, old_v, k, b1, b2: (
                b1 * m / (1 - b1 ** (k + 1)) + (m - b1 * old_m) / (1 - b1**k),
                v / (1 - b2**k),
            ),
            lambda m, v, old_m, old_v, k, b1, b2: (
                b1 * m / (1 - b1**k) + (m - b1 * old_m),
                v / (1 - b2**k),
            ),
        )
    ),
    *(
        Mistake(
            "times the correction",
            variant(hats=hats),
            "After the start at 0 both means are too small. Does your correction make both larger?",
            "Divide m by 1 - beta1**k, and v by 1 - beta2**k.",
        )
        for hats in (
            lambda m, v, old_m, old_v, k, b1, b2: (m * (1 - b1**k), v / (1 - b2**k)),
            lambda m, v, old_m, old_v, k, b1, b2: (m / (1 - b1**k), v * (1 - b2**k)),
            lambda m, v, old_m, old_v, k, b1, b2: (m * (1 - b1**k), v),
        )
    ),
    Mistake(
        "1 minus forgotten",
        variant(hats=lambda m, v, old_m, old_v, k, b1, b2: (m / b1**k, v / b2**k)),
        "By what do you divide? It should be the weight of all gradients so far together.",
        "What is left for the start is beta**k; all gradients together have 1 - beta**k.",
    ),
    Mistake(
        "no correction at the start",
        variant(
            hats=lambda m, v, old_m, old_v, k, b1, b2: (
                (m, v) if k == 1 else hats_of(m, v, old_m, old_v, k, b1, b2)
            )
        ),
        "Is there a step that you do not correct? The first needs it most.",
        "Every step is corrected alike, with k as it comes in.",
    ),
    Mistake(
        "both stale",
        variant(
            hats=lambda m, v, old_m, old_v, k, b1, b2: (old_m / (1 - b1**k), old_v / (1 - b2**k))
        ),
        "Your m and v are right. But which of them do you correct, the new ones or the old?",
        "The order is: new m and v, then m_hat and v_hat of these, then theta.",
    ),
    *(
        Mistake(
            "rate of the quick form",
            lambda theta, m, v, k, g, lr, beta1, beta2, eps, rate=rate: (
                theta
                - lr
                * rate(beta1, beta2, k)
                * mean_of(m, g, beta1, beta2)
                / (np.sqrt(square_of(v, g, beta1, beta2)) + eps),
                mean_of(m, g, beta1, beta2),
                square_of(v, g, beta1, beta2),
            ),
            "You correct the learning rate in place of m and v. What comes out of the root there?",
            "Correct m and v themselves, and take the root of the corrected v.",
        )
        for rate in (
            lambda b1, b2, k: (1 - b2**k) / (1 - b1**k),
            lambda b1, b2, k: (1 - b1**k) / np.sqrt(1 - b2**k),
            lambda b1, b2, k: (1 - b1**k) / (1 - b2**k),
        )
    ),
    *(
        Mistake(
            "another step",
            lambda theta, m, v, k, g, lr, beta1, beta2, eps, step=step: (
                theta
                - lr
                * step(
                    mean_of(m, g, beta1, beta2) / (1 - beta1**k),
                    square_of(v, g, beta1, beta2) / (1 - beta2**k),
                    g,
                    eps,
                ),
                mean_of(m, g, beta1, beta2),
                square_of(v, g, beta1, beta2),
            ),
            "m and v are right. What stands above the line in your step, and what below?",
            "m_hat alone stands above, np.sqrt(v_hat) + eps below, entry by entry.",
        )
        for step in (
            lambda m_hat, v_hat, g, eps: np.sign(m_hat),
            lambda m_hat, v_hat, g, eps: m_hat / (np.sqrt(v_hat) + eps) * g,
            lambda m_hat, v_hat, g, eps: np.sqrt(v_hat) / (m_hat + eps),
            lambda m_hat, v_hat, g, eps: m_hat / (abs(m_hat) + eps),
            lambda m_hat, v_hat, g, eps: m_hat * (np.sqrt(v_hat) + eps),
            lambda m_hat, v_hat, g, eps: m_hat / (np.sqrt(v_hat) * eps),
            lambda m_hat, v_hat, g, eps: m_hat / (np.sqrt(v_hat) - eps),
            lambda m_hat, v_hat, g, eps: m_hat / np.maximum(np.sqrt(v_hat), eps),
        )
    ),
    *(
        Mistake(
            "all together",
            variant(divisor=divisor),
            "Each coordinate is divided by the root of its own v_hat. By what are yours divided?",
            "No sum, mean or norm over the coordinates: np.sqrt(v_hat) + eps, entry by entry.",
        )
        for divisor in (
            lambda v_hat, eps: np.sqrt(v_hat.sum()) + eps,
            lambda v_hat, eps: np.sqrt(v_hat.mean()) + eps,
        )
    ),
)
