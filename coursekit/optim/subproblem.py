"""The step of a trust-region method: the least of a quadratic model within a ball.

    minimise m(p) = g^T p + p^T B p / 2 over |p| <= delta

g (n,) is a gradient, B (n, n) a symmetric matrix, delta a radius. p = 0 if g = 0, but `exact` then
follows a negative curvature. If g or B holds nan, p or B p does too.
"""

from math import copysign, sqrt
from typing import NamedTuple

import numpy as np

from .. import backend
from ..backend import Array
from .spectrum import eigenpairs, norm


class Solution(NamedTuple):
    """A step p (n,), B p (n,), and whether the ball holds p back."""

    p: Array
    Bp: Array
    on_boundary: bool


def steihaug(times, g: Array, delta: float) -> Solution:
    """Conjugate gradients from p = 0 until they leave the ball or find negative curvature.

    Steihaug 1983; Nocedal & Wright 2006, algorithm 7.2. `times` multiplies by B, at most once more
    than there are steps. Ends inside once |B p + g| < min(0.5, sqrt(|g|)) |g|.
    """
    p = Bp = 0 * g
    r, d = g, -g
    size = norm(g)
    tolerance = min(0.5, sqrt(size)) * size
    for _ in range(10 * g.size):  # n but for rounding
        if not size > 0:
            break
        Bd = times(d)
        curvature = d @ Bd
        if not curvature > 0:  # downhill for ever: go to the better end of the line
            ends = _ends(p, d, delta)
            t = min(ends, key=lambda t: float(t * (r @ d) + 0.5 * t**2 * curvature))
            return Solution(p + t * d, Bp + t * Bd, True)
        rr = r @ r
        alpha = rr / curvature
        ahead = p + alpha * d
        if not norm(ahead) < delta:
            t = _ends(p, d, delta)[1]
            return Solution(p + t * d, Bp + t * Bd, True)
        p, Bp, r = ahead, Bp + alpha * Bd, r + alpha * Bd
        size = norm(r)
        if size < tolerance:
            break
        d = -r + (r @ r) / rr * d
    return Solution(p, Bp, False)


def dogleg(B: Array, g: Array, delta: float) -> Solution:
    """Along the gradient to the model's least there (Cauchy's point), then towards Newton's point.

    Powell 1970; Nocedal & Wright 2006, eq. (4.16). The path ends where it leaves the ball. Where B
    is not positive definite there is no Newton point, and the answer is Cauchy's (eq. (4.11)).
    """
    if not norm(g) > 0:
        return Solution(0 * g, 0 * g, False)
    Bg = B @ g
    curvature = g @ Bg
    newton = _newton_point(B, g)
    if newton is not None and norm(newton) < delta:
        return Solution(newton, B @ newton, False)
    t = delta / norm(g)  # to the boundary
    if not curvature > 0 or norm(cauchy := -(g @ g / curvature) * g) >= delta:
        return Solution(-t * g, -t * Bg, True)
    if newton is None:
        return Solution(cauchy, B @ cauchy, False)
    p = cauchy + _ends(cauchy, newton - cauchy, delta)[1] * (newton - cauchy)
    return Solution(p, B @ p, True)


def exact(B: Array, g: Array, delta: float) -> Solution:
    """The global minimum, also where B is indefinite: p = -(B + lam I)^-1 g with the least lam.

    Moré & Sorensen 1983; Nocedal & Wright 2006, theorem 4.1 and section 4.3, here in the
    eigenbasis of B. In the hard case (g has no part along the lowest curvature) p goes to the
    boundary along it, to one side or the other; so it leaves a saddle or a maximum even if g = 0.
    """
    w, Q = eigenpairs(B)
    c = Q.T @ g
    rounding = (w == 0) & (abs(c) <= sqrt(np.finfo(g.dtype).eps) * norm(g))
    c = np.where(rounding, 0.0, c)  # or p would follow it to the boundary, for next to nothing
    along, on_boundary = _in_eigenbasis(backend.to_host(w), backend.to_host(c), delta)
    p = Q @ backend.to_device(along, g.dtype)
    return Solution(p, B @ p, on_boundary)


def _in_eigenbasis(w, c, delta):
    """The minimum of c^T z + z^T diag(w) z / 2, w ascending, and whether the ball holds it back."""
    w, c = w.astype(float), c.astype(float)
    gap = w - w[0]  # B + lam I has eigenvalues gap + s, s = lam + w[0]: no digits of a small s lost

    def z(s):
        return -np.divide(c, gap + s, out=0 * c, where=c != 0)

    def length(s):
        return float(np.linalg.norm(z(s)))

    s = max(0.0, float(w[0]))  # the least allowed: lam >= 0 and B + lam I >= 0
    if (c[gap + s == 0] == 0).all() and length(s) <= delta:
        if w[0] >= 0:
            return z(s), False
        hard = z(s)
        hard[0] = sqrt(delta**2 - length(s) ** 2)
        return hard, True
    s = max(s, float((abs(c) / delta - gap).max()))  # one coordinate alone reaches the boundary
    while (size := length(s)) > delta:  # Newton's method on 1/delta - 1/|z(s)|, from the left
        rate = np.divide(z(s) ** 2, gap + s, out=0 * c, where=c != 0).sum() / size**2
        step = (size - delta) / delta / rate
        if s + step == s:
            break
        s += step
    return z(s), True


def _newton_point(B, g):
    """-B^-1 g, or None where B is not positive definite."""
    w, Q = eigenpairs(B)
    return -(Q @ (Q.T @ g / w)) if bool(w[0] > 0) else None


def _ends(z, d, delta):
    """Both t with |z + t d| = delta, the lesser first, by the formula that does not cancel."""
    a, b, c = float(d @ d), 2 * float(z @ d), float(z @ z) - delta**2
    both = b + copysign(sqrt(max(b * b - 4 * a * c, 0.0)), b)
    return sorted((-both / (2 * a), -2 * c / both if both else 0.0))
