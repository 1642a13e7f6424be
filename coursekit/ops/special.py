"""The error function and the normal distribution, which NumPy lacks, in full precision.

All follow from exp(x^2) erfc(x), which falls slowly from 1 like 1 / x. For all x >= 0 at once it is
a polynomial in (x - 3.75) / (x + 3.75), divided by 1 + 2 x: M. Shepherd and J. Laframboise,
"Chebyshev approximation of (1 + 2x) exp(x^2) erfc(x) in 0 <= x < infinity", Mathematics of
Computation 36 (1981). One formula without branches is what arrays are quick at.
"""

import math

import numpy as np

from ..autograd.trace import op
from ..backend.fused import stripwise

# Coefficients, highest power first.
SCALED = {  # (1 + 2 x) exp(x^2) erfc(x), by the bytes of a number: Chebyshev's series, cut off
    4: (
        -0.000224116747, 0.000396307613, 0.00167591222, -0.00984449486, 0.0284092524, -0.0586468587,
        0.0922907696, -0.10881427, 0.08227842, 0.00358627039, -0.140240658, 1.23751262,
    ),
    8: (
        4.2499106071755432e-10, 3.1106958473442602e-10, -5.1730879620480161e-9,
        -3.7438015875033893e-9, 3.8673057377558447e-8, 2.3262527361925096e-8,
        -2.5866521418284077e-7, -5.7216890265517839e-8, 1.7516346363037915e-6,
        -9.7356104296015974e-7, -1.1444144422430213e-5, 2.2384239792193918e-5,
        5.1649098165234969e-5, -0.00029015408077217909, 0.00029371366578259385,
        0.0017556258529490361, -0.0097465795580610297, 0.028362277418948809, -0.058693398589633676,
        0.092304321160378071, -0.10880393014174901, 0.082276738490145186, 0.0035854154854644324,
        -0.14024059858554696, 1.2375126308378276,
    ),
}  # fmt: skip
SMALL = (  # erf(x) / x in x^2, for |x| < 0.47: numerator and denominator, by W. J. Cody (1969)
    (0.185777706184603153, 3.16112374387056560, 113.864154151050156, 377.485237685302021,
     3209.37758913846947),
    (1.0, 23.6012909523441209, 244.024637934444173, 1282.61652607737228, 2844.23683343917062),
)  # fmt: skip
NEAR = 0.46875  # where SMALL ends
FAR = 60  # beyond, exp(-x^2 / 4) is 0; and infinity has no place in a fraction
SLOPE = 2 / math.sqrt(math.pi)  # of erf at 0


def _polynomial(coefficients, x):
    y = coefficients[0] * x
    for c in coefficients[1:-1]:
        y += c
        y *= x
    return y + coefficients[-1]


def _scaled(x):
    """exp(x^2) erfc(x) for x >= 0."""
    t = (x - 3.75) / (x + 3.75)
    return _polynomial(SCALED[8 if t.dtype.itemsize > 4 else 4], t) / (1 + 2 * x)


def _gaussian(x, scale):
    x = np.minimum(np.abs(x), FAR)
    coarse = np.floor(16 * x) / 16  # its square is exact, so that no digit of the exponent is lost
    return np.exp(-scale * coarse * coarse) * np.exp(-scale * (x - coarse) * (x + coarse))


def _near(x):
    """erf(x) for |x| < NEAR."""
    top, bottom = (_polynomial(table, np.clip(x, -NEAR, NEAR) ** 2) for table in SMALL)
    return x * (top / bottom)


def _tail(x, scale):
    """erfc(sqrt(scale) |x|)."""
    size = np.minimum(np.abs(x), FAR)
    return _scaled(math.sqrt(scale) * size) * _gaussian(x, scale)


def _erf(x):
    return np.where(np.abs(x) < NEAR, _near(x), np.copysign(1 - _tail(x, 1), x))


def _erfc(x):
    tail = _tail(x, 1)
    return np.where(np.abs(x) < NEAR, 1 - _near(x), np.where(x < 0, 2 - tail, tail))


def _normal_cdf(x):
    return np.abs((x > 0) - 0.5 * _tail(x, 0.5))  # without np.where, which costs as much again


def _gaussian_rule(g, y, x, scale):
    return g * (-2 * scale * (np.where(y > 0, x, 0) * y))  # 0, not NaN, at infinity


gaussian = op(stripwise(_gaussian), _gaussian_rule, name="gaussian")
gaussian.__doc__ = "exp(-scale x^2), elementwise; `scale` is a number, best a power of two."

erf = op(stripwise(_erf), lambda g, y, x: g * (SLOPE * gaussian(x, 1)), name="erf")
erf.__doc__ = "2 / sqrt(pi) times the integral of exp(-t^2) from 0 to x, elementwise."

erfc = op(stripwise(_erfc), lambda g, y, x: g * (-SLOPE * gaussian(x, 1)), name="erfc")
erfc.__doc__ = "1 - erf(x), elementwise, with all digits also where erf(x) is close to 1."

normal_cdf = op(
    stripwise(_normal_cdf),
    lambda g, y, x: g * (gaussian(x, 0.5) / math.sqrt(2 * math.pi)),
    name="normal_cdf",
)
normal_cdf.__doc__ = "The probability that a standard normal number is below x: erfc(-x/sqrt(2))/2."

__all__ = ["erf", "erfc", "gaussian", "normal_cdf"]
