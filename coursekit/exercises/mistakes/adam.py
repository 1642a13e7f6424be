"""A step of Adam, and the same with one thing exchanged."""

import numpy as np


def adam(theta, m, v, k, g, lr, beta1, beta2, eps):
    """theta <- theta - lr m_hat / (sqrt(v_hat) + eps)."""
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    m_hat, v_hat = m / (1 - beta1**k), v / (1 - beta2**k)
    return theta - lr * m_hat / (np.sqrt(v_hat) + eps), m, v


def variant(mean=None, square=None, hats=None, divisor=None, sign=-1.0, keep=None):
    """Adam with one thing exchanged. If a mean is, theta is whatever has been made of it."""

    def formula(theta, m, v, k, g, lr, beta1, beta2, eps):
        if mean or square:
            return (
                None,
                mean(m, g, beta1, beta2) if mean else None,
                square(v, g, beta1, beta2) if square else None,
            )
        new_m, new_v = mean_of(m, g, beta1, beta2), square_of(v, g, beta1, beta2)
        m_hat, v_hat = (hats or hats_of)(new_m, new_v, m, v, k, beta1, beta2)
        below = (divisor or (lambda v_hat, eps: np.sqrt(v_hat) + eps))(v_hat, eps)
        kept = (new_m, new_v) if keep is None else keep(new_m, new_v, m_hat, v_hat, m, v)
        return (theta + sign * lr * m_hat / below, *kept)

    return formula


def mean_of(m, g, beta1, beta2):
    return beta1 * m + (1 - beta1) * g


def square_of(v, g, beta1, beta2):
    return beta2 * v + (1 - beta2) * g**2


def hats_of(m, v, old_m, old_v, k, beta1, beta2):
    return m / (1 - beta1**k), v / (1 - beta2**k)


def shifted(by):
    """Both means corrected for another step."""
    return lambda m, v, old_m, old_v, k, beta1, beta2: (
        m / (1 - beta1 ** (k + by)),
        v / (1 - beta2 ** (k + by)),
    )


def times(m, v, old_m, old_v, k, beta1, beta2):
    return m / (1 - beta1 * k), v / (1 - beta2 * k)


def square_of_m(theta, m, v, k, g, lr, beta1, beta2, eps):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * m**2
    m_hat, v_hat = m / (1 - beta1**k), v / (1 - beta2**k)
    return theta - lr * m_hat / (np.sqrt(v_hat) + eps), m, v


def eps_outside(theta, m, v, k, g, lr, beta1, beta2, eps):
    ahead, m, v = adam(theta, m, v, k, g, lr, beta1, beta2, 0.0)
    return ahead + eps, m, v
