"""Linear classifiers with the hinge loss, with an L2 term and without: for `activation_bench`.

A row of `A` is the label, -1 or +1, times (x1, x2, 1), so `A @ w` are the margins y f(x).
"""

import functools
from collections.abc import Iterator

import numpy as np

from ... import ops
from ...objective import Objective
from ...optim import GradientDescent

BY_WEIGHTS = np.array([1.0, 1.0, 0.0])  # the L2 term leaves out the last number, the bias
BEGINNINGS = np.array([[0.0, 0.0, 0.0], [-2.0, 4.0, 0.0], [4.0, -2.0, 0.0]])
STEPS = 400
ROUNDS = 60
NOISE, APART, UP, SEED = 0.8, 1.5, [1, 0.6], 4


@functools.cache
def clouds() -> tuple[np.ndarray, np.ndarray]:
    """Two clouds of 12 points (24, 2), and their labels."""
    labels = np.repeat([1.0, -1.0], 12)
    noise = NOISE * np.random.default_rng(SEED).standard_normal((24, 2))
    return noise + APART * np.outer(labels, UP), labels


def rows(points: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """(n, 3) from points (n, 2) and labels (n,)."""
    return labels[:, None] * np.column_stack([points, np.ones(len(points))])


def loss(A: np.ndarray, w: np.ndarray) -> np.ndarray:
    """The mean hinge loss of w (..., 3)."""
    return ops.relu(1 - w @ A.T).mean(axis=-1)


def machine(A: np.ndarray, strength: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The least mean hinge loss plus strength / 2 (w1^2 + w2^2), exactly, for each strength (K,).

    Returns w (K, 3) and pulls (K, n): the gradient of the hinge loss is -mean(pulls * A). A pull is
    1 inside the band, 0 outside it, and between the two on its edge, where the loss has its kink.
    A primal-dual interior-point method (Nocedal and Wright 2006, section 16.6): u and v are how far
    a point is beyond the edge and inside it, and the products pull * u and (1 - pull) * v all go to
    0 together.
    """
    n, many = len(A), len(strength)
    H = strength[:, None, None] * np.diag(BY_WEIGHTS)
    w, u, v = np.zeros((many, 3)), np.ones((many, n)), np.ones((many, n))
    pull, rest = u / 2, u / 2  # their sum stays 1; a difference would have no digits left
    for _ in range(ROUNDS):
        gap = (pull * u + rest * v).mean(axis=-1, keepdims=True) / 2
        if gap.max() < 1e-13:
            break
        aim = np.maximum(0.1 * gap, 1e-14)  # of the products; what is there already waits
        soft = 1 / (u / pull + v / rest)
        known = aim / pull - aim / rest + 1 - w @ A.T
        slope = (H @ w[..., None])[..., 0] - pull @ A / n
        system = H + (A.T * soft[:, None, :]) @ A / n
        dw = np.linalg.solve(system, ((soft * known) @ A / n - slope)[..., None])[..., 0]
        d_pull = soft * (known - dw @ A.T)
        du, dv = (aim - u * d_pull) / pull - u, (aim + v * d_pull) / rest - v
        step = np.ones((many, 1))  # or less, so that all four stay above 0
        for value, change in ((u, du), (v, dv), (pull, d_pull), (rest, -d_pull)):
            most = np.where(change < 0, -0.99 * value / np.minimum(change, -1e-300), 1.0)
            step = np.minimum(step, most.min(axis=-1, keepdims=True))
        w, u, v = w + step * dw, u + step * du, v + step * dv
        pull, rest = pull + step * d_pull, rest - step * d_pull
    return w, np.where(pull < 1e-6, 0, np.where(pull > 1 - 1e-6, 1, pull))


def trained(A: np.ndarray) -> Iterator[np.ndarray]:
    """(3, 3): gradient descent on the hinge loss alone from three starts, after every step."""
    f = Objective(lambda w: loss(A, w), batched=True)
    opt, w = GradientDescent(lr=lambda k: 20 / (k + 20)), BEGINNINGS
    state = opt.init(w)
    for _ in range(STEPS):
        w, state = opt.step(w, state, f)
        yield w
