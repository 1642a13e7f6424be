"""An exercise of the chapter on adaptive methods: one step of Adam."""

import numpy as np

from ..backend import rng
from .exercise import Exercise
from .mistakes.adam import adam
from .mistakes.adam_means import MEANS
from .mistakes.adam_steps import STEPS
from .mixture import astray, mixture
from .rmsprop import ALONE, DIVISION
from .verdict import Accident


def _draw(n: int, seed: int, k: int, *numbers: float) -> tuple:
    theta, m, v, g = rng(seed).standard_normal((4, n))
    return (theta, m, 1 + v**2, k, g, *numbers)


CASES = [
    (np.array([1.0]), np.array([0.5]), np.array([4.0]), 2, np.array([2.0]), 0.1, 0.5, 0.75, 0.5),
    (np.ones(2), np.zeros(2), np.zeros(2), 1, np.array([3.0, 0.0]), 0.1, 0.9, 0.999, 0.1),
    _draw(3, 1, 3, 0.3, 0.8, 0.95, 0.1),
    _draw(5, 2, 17, 0.05, 0.9, 0.99, 0.03),
]

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


def direction(theta, m, v, k, g, lr, beta1, beta2, eps, *decay):
    _, m, v = adam(theta, m, v, k, g, lr, beta1, beta2, eps)
    return m / (1 - beta1**k) / (np.sqrt(v / (1 - beta2**k)) + eps)


LINES = (
    *mixture(
        1,
        "m",
        "beta1 * m + (1 - beta1) * g",
        lambda theta, m, v, k, g, *rest: m,
        lambda theta, m, v, k, g, *rest: g,
        lambda theta, m, v, k, g, lr, beta1, *rest: (beta1, 1 - beta1),
    ),
    *mixture(
        2,
        "v",
        "beta2 * v + (1 - beta2) * g**2",
        lambda theta, m, v, k, g, *rest: v,
        lambda theta, m, v, k, g, *rest: g**2,
        lambda theta, m, v, k, g, lr, beta1, beta2, *rest: (beta2, 1 - beta2),
    ),
)
SYMPTOMS = (*LINES, astray("m and v are", "m_hat / (np.sqrt(v_hat) + eps)", direction))


def follows(made, theta, m, v, k, g, lr, beta1, beta2, eps):
    m_hat, v_hat = made[1] / (1 - beta1**k), made[2] / (1 - beta2**k)
    return (theta - lr * m_hat / (np.sqrt(v_hat) + eps),)


adam_step = Exercise(
    "adam_step",
    "adam_step(theta, m, v, k, g, lr, beta1, beta2, eps)",
    ("theta", "m", "v"),
    adam,
    CASES,
    follows=follows,
    nudge="Five lines: the new m, the new v, a corrected copy of each, and theta. Begin with m, "
    "the mean of the gradients.",
    start="m = beta1 * m + (1 - beta1) * g, and v likewise from g**2 with beta2. m_hat and v_hat "
    "are m and v divided by 1 - beta1**k and 1 - beta2**k. theta moves by -lr times m_hat over "
    "the root of v_hat plus eps.",
    mistakes=MEANS + STEPS,
    symptoms=SYMPTOMS,
    accidents=ACCIDENTS,
)
