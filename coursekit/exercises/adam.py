"""Further exercises of the chapter on adaptive methods: one step of Adam, one of AdamW."""

import numpy as np

from ..backend import rng
from .adaptive import ALONE, DIVISION
from .verdict import Accident, Exercise, Mistake


# --- Adam: theta <- theta - lr m_hat / (sqrt(v_hat) + eps) --------------------------------------
def _adam(theta, m, v, k, g, lr, beta1, beta2, eps):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    m_hat, v_hat = m / (1 - beta1**k), v / (1 - beta2**k)
    return theta - lr * m_hat / (np.sqrt(v_hat) + eps), m, v


def _adam_case(n: int, seed: int, k: int, *numbers: float) -> tuple:
    theta, m, v, g = rng(seed).standard_normal((4, n))
    return (theta, m, 1 + v**2, k, g, *numbers)


ADAM_CASES = [
    (np.array([1.0]), np.array([0.5]), np.array([4.0]), 2, np.array([2.0]), 0.1, 0.5, 0.75, 0.5),
    (np.ones(2), np.zeros(2), np.zeros(2), 1, np.array([3.0, 0.0]), 0.1, 0.9, 0.999, 0.1),
    _adam_case(3, 1, 3, 0.3, 0.8, 0.95, 0.1),
    _adam_case(5, 2, 17, 0.05, 0.9, 0.99, 0.03),
]


def _variant(mean=None, square=None, hats=None, divisor=None, sign=-1.0, keep=None):
    """Adam with one thing exchanged."""

    def formula(theta, m, v, k, g, lr, beta1, beta2, eps):
        new_m = (mean or _mean)(m, g, beta1, beta2)
        new_v = (square or _square)(v, g, beta1, beta2)
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


MEANS = (  # the mistakes in how m and v are made
    Mistake(
        "betas exchanged",
        _variant(
            mean=lambda m, g, beta1, beta2: beta2 * m + (1 - beta2) * g,
            square=lambda v, g, beta1, beta2: beta1 * v + (1 - beta1) * g**2,
            hats=lambda m, v, old_m, old_v, k, b1, b2: (m / (1 - b2**k), v / (1 - b1**k)),
        ),
        "Which of the two means has the longer memory?",
        "beta1 belongs to m, the mean of the gradient; beta2 to v, the mean of its square.",
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
        "Your v is right, and your m too large.",
        "m is a mean: multiply g by (1 - beta1).",
    ),
    Mistake(
        "no momentum",
        _variant(
            mean=lambda m, g, beta1, beta2: g,
            hats=lambda m, v, old_m, old_v, k, b1, b2: (m, v / (1 - b2**k)),
        ),
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
        lambda *case: tuple(_adam(*case)[i] for i in (0, 2, 1)),
        "All three are right, but look at their order.",
        "Return theta first, then m, then v.",
    ),
)

ACCIDENTS = (
    Accident("shape", *ALONE),
    Accident(
        "returns",
        "The next step needs both means too.",
        "Return three arrays: return theta, m, v",
    ),
    Accident(
        "infinite",
        DIVISION,
        "The divisors are 1 - beta1**k, 1 - beta2**k with k as it came in, and "
        "np.sqrt(v_hat) + eps.",
    ),
)

adam_step = Exercise(
    "adam_step",
    "adam_step(theta, m, v, k, g, lr, beta1, beta2, eps)",
    ("theta", "m", "v"),
    _adam,
    ADAM_CASES,
    nudge="Five lines: the new m, the new v, a corrected copy of each, and theta. Begin with m, "
    "the mean of the gradients.",
    start="m = beta1 * m + (1 - beta1) * g, and v likewise from g**2 with beta2. m_hat and v_hat "
    "are m and v divided by 1 - beta1**k and 1 - beta2**k. theta moves by -lr times m_hat over "
    "the root of v_hat plus eps.",
    mistakes=MEANS + STEPS,
    accidents=ACCIDENTS,
)


# --- AdamW ---------------------------------------------------------------------------------------
def _adamw(theta, m, v, k, g, lr, beta1, beta2, eps, weight_decay):
    ahead, m, v = _adam(theta, m, v, k, g, lr, beta1, beta2, eps)
    return ahead - lr * weight_decay * theta, m, v


ADAMW_CASES = [
    (*case, decay) for case, decay in zip(ADAM_CASES, (0.5, 0.1, 0.2, 0.01), strict=True)
]


def _with_decay(pull):
    """Adam, and then what pull(theta, ahead, lr, decay) takes off."""

    def formula(theta, *rest):
        ahead, m, v = _adam(theta, *rest[:-1])
        return ahead - pull(theta, ahead, rest[4], rest[-1]), m, v

    return formula


def _coupled(theta, m, v, k, g, lr, beta1, beta2, eps, weight_decay):
    return _adam(theta, m, v, k, g + weight_decay * theta, lr, beta1, beta2, eps)


def _within_mean(theta, m, v, k, g, lr, beta1, beta2, eps, weight_decay):
    _, _, v_alone = _adam(theta, m, v, k, g, lr, beta1, beta2, eps)
    m = beta1 * m + (1 - beta1) * (g + weight_decay * theta)
    m_hat, v_hat = m / (1 - beta1**k), v_alone / (1 - beta2**k)
    return theta - lr * m_hat / (np.sqrt(v_hat) + eps), m, v_alone


def _divided(theta, m, v, k, g, lr, beta1, beta2, eps, weight_decay):
    _, m, v = _adam(theta, m, v, k, g, lr, beta1, beta2, eps)
    m_hat, v_hat = m / (1 - beta1**k), v / (1 - beta2**k)
    return theta - lr * (m_hat + weight_decay * theta) / (np.sqrt(v_hat) + eps), m, v


def _lifted(formula):
    """A mistake in Adam's part, with the right decay beside it."""

    def lifted(theta, *rest):
        ahead, *kept = formula(theta, *rest[:-1])
        return (ahead - rest[4] * rest[-1] * theta, *kept)

    return lifted


adamw_step = Exercise(
    "adamw_step",
    "adamw_step(theta, m, v, k, g, lr, beta1, beta2, eps, weight_decay)",
    ("theta", "m", "v"),
    _adamw,
    ADAMW_CASES,
    nudge="Begin with a step of Adam. Then one more term pulls theta towards 0.",
    start="A step of Adam, and from theta also subtract lr * weight_decay * theta, with the theta "
    "that came in. m and v know nothing of the decay.",
    mistakes=(
        Mistake(
            "decay in the gradient",
            _coupled,
            "This is Adam with L2: your decay is divided by its own size.",
            "Leave g as it is. The decay stands beside the fraction, not in m and v.",
        ),
        Mistake(
            "decay in m",
            _within_mean,
            "Does m know of the decay? It should not.",
            "Leave g as it is. The decay stands beside the fraction.",
        ),
        Mistake(
            "decay divided",
            _divided,
            "m and v are right, but the decay is divided too.",
            "Only m_hat stands above sqrt(v_hat) + eps; weight_decay * theta is added to the "
            "fraction.",
        ),
        Mistake(
            "no lr in the decay",
            _with_decay(lambda theta, ahead, lr, decay: decay * theta),
            "Your decay pulls too hard.",
            "The learning rate scales both terms: lr * weight_decay * theta.",
        ),
        Mistake(
            "no decay",
            _with_decay(lambda theta, ahead, lr, decay: 0 * theta),
            "This is Adam. Which argument have you not used?",
            "Subtract lr * weight_decay * theta too.",
        ),
        Mistake(
            "decay of the new theta",
            _with_decay(lambda theta, ahead, lr, decay: lr * decay * ahead),
            "Which theta is it that decays, the old or the new one?",
            "Both terms start from the theta that came in.",
        ),
        Mistake(
            "decay upwards",
            _with_decay(lambda theta, ahead, lr, decay: -lr * decay * theta),
            "In which direction does your decay pull?",
            "Towards 0: subtract lr * weight_decay * theta.",
        ),
        *(m._replace(formula=_lifted(m.formula)) for m in MEANS + STEPS if m.name != "order"),
        Mistake(
            "order",
            lambda *case: tuple(_adamw(*case)[i] for i in (0, 2, 1)),
            "All three are right, but look at their order.",
            "Return theta first, then m, then v.",
        ),
    ),
    accidents=ACCIDENTS,
)
