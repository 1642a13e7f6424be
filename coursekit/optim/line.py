"""A function along a line, and when it has fallen far enough despite rounding.

Near a minimum the change of f drowns in its rounding errors while the gradient still tells where
to go. Where two values differ by no more than that (`NOISE` units in the last place of f), the
slope decides in place of sufficient decrease:

    phi(t) <= phi(0) + c t phi'(0)    becomes    phi'(t) <= (2c - 1) phi'(0)

with phi(t) = f(theta + t d) (the approximate Wolfe condition of Hager & Zhang 2005). For quadratics
both say the same.
"""

from functools import cached_property
from math import inf, isfinite, isnan, nan, sqrt

import numpy as np

NOISE = 10  # what rounding may do to f, in units of its last place


class Line:
    """phi(t) = f(theta + t d), with its value and slope at 0."""

    def __init__(self, f, theta, d, value, g):
        self.f, self.theta, self.d = f, theta, d
        self.value, self.slope = float(value), float(g @ d)
        self.start = Trial(self, 0.0, theta, value=self.value, grad=g)
        self.noise = NOISE * float(np.finfo(theta.dtype).eps) * abs(self.value)
        if not isfinite(self.noise):
            self.noise = 0.0

    def at(self, t, **known):
        """The point t; nothing is asked yet."""
        return Trial(self, t, self.theta + t * self.d, **known)

    def look(self, t):
        """The point t, with its value and gradient."""
        trial = self.at(t)
        value, grad = self.f.value_and_grad(trial.theta)
        vars(trial).update(value=float(value), grad=grad)
        return trial

    def low_enough(self, trial, c):
        """Whether f has decreased sufficiently."""
        if not isfinite(trial.value):
            return False
        if abs(trial.value - self.value) <= self.noise:
            return trial.slope <= (2 * c - 1) * self.slope
        return trial.value <= self.value + c * trial.t * self.slope


class Trial:
    """A point of a line; what is not known of it is asked once, when it is wanted."""

    def __init__(self, line, t, theta, **known):
        self.line, self.t, self.theta = line, t, theta
        vars(self).update(known)

    @cached_property
    def value(self):
        return float(self.line.f.value(self.theta))

    @cached_property
    def grad(self):
        return self.line.f.grad(self.theta)

    @cached_property
    def slope(self):
        return float(self.grad @ self.line.d)


def minimum(p, q, low, high, noise):
    """The minimum of the cubic with the values and slopes of p and q, within [low, high].

    Nocedal & Wright 2006, eq. (3.59); the middle of [low, high] if the cubic has none. Where the
    values say nothing, the point where the line through the slopes is zero.
    """
    if p.t > q.t:
        p, q = q, p
    if abs(p.value - q.value) <= noise:
        rise = q.slope - p.slope
        t = q.t - q.slope * (q.t - p.t) / rise if rise > 0 else inf
    else:
        d1 = p.slope + q.slope - 3 * (p.value - q.value) / (p.t - q.t)
        square = d1 * d1 - p.slope * q.slope
        d2 = sqrt(square) if square >= 0 else nan
        below = q.slope - p.slope + 2 * d2
        t = q.t - (q.t - p.t) * (q.slope + d2 - d1) / below if below else inf
    return (low + high) / 2 if isnan(t) else min(max(t, low), high)
