"""How fast momentum goes on a quadratic, in closed form.

Along a direction of curvature lambda every method here is a recurrence of two numbers, which
depend on a = lr lambda and mu alone. Its eigenvalues say whether it converges, how fast, and
whether it ripples.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from ...exhibits import StaleMomentum
from ...optim import GradientDescent, Momentum, Nesterov, Optimizer


class Method(NamedTuple):
    """A method on f(x) = lambda x^2 / 2, where it is a recurrence of two numbers.

    x_{k+1} = T x_k - D x_{k-1},    with eigenvalues z^2 - T z + D = 0
    """

    kind: type
    fields: dict[str, Any]  # of the optimizer, besides lr and momentum
    recurrence: Callable  # a, mu -> T, D
    first: Callable  # a, mu -> the first step, 1 - x_1 / x_0
    limit: Callable  # mu -> the a from which it no longer converges
    words: str  # the limit
    best: Callable  # condition number -> the quickest a of the steepest direction, and mu

    def optimizer(self, lr: float, momentum: float) -> Optimizer:
        return self.kind(**self._settings(lr, momentum))

    def spelled(self, lr: float, momentum: float) -> str:
        """The same as one writes it."""
        home = "exhibits" if self.kind is StaleMomentum else "ck.optim"
        said = ", ".join(f"{k}={v!r}" for k, v in self._settings(lr, momentum).items())
        return f"{home}.{self.kind.__name__}({said})".replace("'", '"')

    def _settings(self, lr: float, momentum: float) -> dict[str, Any]:
        memory = {} if self.kind is GradientDescent else {"momentum": momentum}
        return {"lr": lr, **memory, **self.fields}


def _descent_best(kappa: float) -> tuple[float, float]:
    """lr = 2 / (L + l)."""
    return 2 * kappa / (kappa + 1), 0.0


def _ball_best(kappa: float) -> tuple[float, float]:
    """Polyak 1964: lr = (2 / (sqrt(L) + sqrt(l)))^2, mu = (1 - sqrt(lr l))^2."""
    root = np.sqrt(kappa)
    return 4 / (1 + 1 / root) ** 2, ((root - 1) / (root + 1)) ** 2


def _nesterov_best(kappa: float) -> tuple[float, float]:
    """Lessard, Recht and Packard 2016, proposition 1: lr = 4 / (3 L + l)."""
    root = np.sqrt(3 * kappa + 1)
    return 4 * kappa / (3 * kappa + 1), (root - 2) / (root + 2)


def _average_best(kappa: float) -> tuple[float, float]:
    """The heavy ball's with lr / (1 - mu): it is the same method."""
    a, mu = _ball_best(kappa)
    return a / (1 - mu), mu


def _slip_best(kappa: float) -> tuple[float, float]:
    """Momentum only harms: both ends of the spectrum have |z| = kappa / (kappa + 1) at mu = 0."""
    return (kappa / (kappa + 1)) ** 2, 0.0


METHODS = {
    "gradient descent": Method(
        GradientDescent,
        {},
        lambda a, mu: (1 - a + 0 * mu, 0 * a),
        lambda a, mu: a,
        lambda mu: 2 + 0 * mu,
        "2",
        _descent_best,
    ),
    "heavy ball": Method(
        Momentum,
        {},
        lambda a, mu: (1 + mu - a, mu),
        lambda a, mu: a,
        lambda mu: 2 * (1 + mu),
        "2 (1 + μ)",
        _ball_best,
    ),
    "Nesterov": Method(
        Nesterov,
        {"lookahead": True},
        lambda a, mu: ((1 + mu) * (1 - a), mu * (1 - a)),
        lambda a, mu: a,
        lambda mu: (2 + 2 * mu) / (1 + 2 * mu),
        "(2 + 2μ) / (1 + 2μ)",
        _nesterov_best,
    ),
    "average (EMA)": Method(
        Momentum,
        {"style": "ema"},
        lambda a, mu: (1 + mu - (1 - mu) * a, mu),
        lambda a, mu: (1 - mu) * a,
        lambda mu: 2 * (1 + mu) / (1 - mu),
        "2 (1 + μ) / (1 - μ)",
        _average_best,
    ),
    "index slip": Method(
        StaleMomentum,
        {},
        lambda a, mu: (1 + mu, mu + a),
        lambda a, mu: 0.0,
        lambda mu: 1 - mu,
        "1 - μ",
        _slip_best,
    ),
}


def radius(method: str, a: Any, mu: Any) -> Any:
    """The largest |z|: the factor by which the error shrinks in a step, in the long run.

    >>> float(radius("heavy ball", 1.0, 0.25))
    0.5
    """
    T, D = METHODS[method].recurrence(a, mu)
    gap = T * T - 4 * D  # below 0 the eigenvalues are a complex pair, and |z|^2 = D
    real = (np.abs(T) + np.sqrt(np.maximum(gap, 0))) / 2
    return np.where(gap < 0, np.sqrt(np.maximum(D, 0)), real)


def roots(method: str, a: float, mu: float) -> tuple[complex, complex]:
    """Both eigenvalues."""
    T, D = METHODS[method].recurrence(a, mu)
    root = np.sqrt(complex(T * T - 4 * D))
    return (T + root) / 2, (T - root) / 2


def solution(method: str, a: float, mu: float, k: np.ndarray) -> np.ndarray:
    """x_k for x_0 = 1 in closed form; between whole k the real part of what z^k is there."""
    z, w = roots(method, a, mu)
    x1 = 1 - METHODS[method].first(a, mu)
    with np.errstate(all="ignore"):
        if abs(z - w) < 1e-7:  # a double root
            x = _power(z, k) + k * (x1 - z) * _power(z, k - 1)
        else:
            x = ((x1 - w) * _power(z, k) - (x1 - z) * _power(w, k)) / (z - w)
    return x.real


def _power(z: complex, k: np.ndarray) -> np.ndarray:
    return np.where(k == 0, 1, 0) if z == 0 else np.exp(k * np.log(complex(z)))


def floor(method: str, a: float, mu: float, noise: float, kappa: float) -> float:
    """Where the distance levels off if every gradient is off by `noise` in each coordinate.

    The variance of x_{k+1} = T x_k - D x_{k-1} + lr noise, summed over both directions; infinite
    where the method diverges.
    """
    m, total = METHODS[method], 0.0
    for curvature in sorted({1.0, 1 / kappa}):
        if not radius(method, a * curvature, mu) < 1:
            return np.inf
        T, D = m.recurrence(a * curvature, mu)
        kick = noise * (a * (1 - mu) if method == "average (EMA)" else a)
        total += kick**2 * (1 + D) / ((1 - D) * ((1 + D) ** 2 - T**2))
    return float(np.sqrt(total))


def pace(rate: float) -> float:
    """Steps to gain a decimal digit; infinite if none is gained.

    >>> round(pace(0.9), 1)
    21.9
    """
    return np.inf if rate >= 1 else 0.0 if rate == 0 else float(-1 / np.log10(rate))


def as_gradient_descent(level: float, noise: float, kappa: float) -> float:
    """The pace of gradient descent with the step for which noise keeps it no further than `level`.

    No quicker than at its best step, where it may be nearer.
    """
    low, high = 0.0, METHODS["gradient descent"].best(kappa)[0]
    a = high
    if floor("gradient descent", high, 0.0, noise, kappa) > level:
        for _ in range(50):  # the floor rises with the step
            a = (low + high) / 2
            far = floor("gradient descent", a, 0.0, noise, kappa) > level
            low, high = (low, a) if far else (a, high)
    return pace(max(float(radius("gradient descent", b, 0.0)) for b in (a, a / kappa)))
