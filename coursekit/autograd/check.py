"""Compare derivatives with finite differences along random directions."""

from collections.abc import Callable

import numpy as np

from .trace import shape_of
from .transforms import grad, vjp


class GradientError(AssertionError):
    """A derivative disagrees with finite differences; `direction` is the one that showed it."""

    def __init__(self, message, direction):
        super().__init__(message)
        self.direction = direction


def check_grad(f: Callable, x, order=2, directions=3, tolerance=1e-6, seed=0) -> float:
    """The worst relative error of the first `order` derivatives of f at x, in float64.

    For random w, v the slope of <w, f> along v must equal <grad <w, f>, v>, where the slope is
    (64 D(h/4) - 20 D(h/2) + D(h)) / 45 of central differences D: an error of order h^6. Order 2
    asks the same of the gradient. Choose x further than h = 0.002 from kinks.

    Raises GradientError, with the direction, where the error exceeds `tolerance`.

    >>> import numpy as np, coursekit as ck
    >>> ck.check_grad(np.tanh, np.array([0.3, -1.0])) < 1e-8
    True
    """
    x = np.asarray(x, float)
    rng = np.random.default_rng(seed)
    worst = 0.0
    for k in range(1, order + 1):
        w = rng.standard_normal(shape_of(f(x)))
        for _ in range(directions):
            v = rng.standard_normal(x.shape)
            v = v / (np.linalg.norm(v) or 1.0)
            slope = float(np.sum(w * _slope(f, x, v)))
            _, pull = vjp(f, x)
            mine = float(np.sum(pull(w)[0] * v))
            error = abs(mine - slope) / max(1.0, abs(mine), abs(slope))
            worst = max(worst, error)
            if not error <= tolerance:
                raise GradientError(
                    f"derivative of order {k} along {np.array2string(v, precision=3)}: "
                    f"{mine:.9g}, but finite differences say {slope:.9g} "
                    f"(relative error {error:.1e})",
                    v,
                )
        f = _gradient_of(f, w, 1 + np.abs(f(x)))
    return worst


def _gradient_of(f, w, scale):
    def weighed(x):  # with a square, so that what reaches the rules of f depends on x too
        y = f(x)
        return (w * y + y * y / (2 * scale)).sum()

    return grad(weighed)


def _slope(f, x, v, h=2e-3):
    def central(step):
        return (np.asarray(f(x + step * v)) - np.asarray(f(x - step * v))) / (2 * step)

    a, b, c = central(h), central(h / 2), central(h / 4)
    return (64 * c - 20 * b + a) / 45  # cancels the terms of order h^2 and h^4
