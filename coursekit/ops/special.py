"""The error function and the normal distribution, which NumPy lacks, in full precision.

Rational approximations on three intervals by W. J. Cody, "Rational Chebyshev approximations for the
error function", Mathematics of Computation 23 (1969).
"""

import math

import numpy as np

from ..autograd.trace import op

# Numerator and denominator, highest power first.
SMALL = (  # erf(x) / x in x^2, for |x| < 0.47
    (0.185777706184603153, 3.16112374387056560, 113.864154151050156, 377.485237685302021,
     3209.37758913846947),
    (1.0, 23.6012909523441209, 244.024637934444173, 1282.61652607737228, 2844.23683343917062),
)  # fmt: skip
MIDDLE = (  # exp(x^2) erfc(x) in x, up to 4
    (2.15311535474403846e-8, 0.564188496988670089, 8.88314979438837594, 66.1191906371416295,
     298.635138197400131, 881.952221241769090, 1712.04761263407058, 2051.07837782607147,
     1230.33935479799725),
    (1.0, 15.7449261107098347, 117.693950891312499, 537.181101862009858, 1621.38957456669019,
     3290.79923573345963, 4362.61909014324716, 3439.36767414372164, 1230.33935480374942),
)  # fmt: skip
LARGE = (  # x^2 (1/sqrt(pi) - x exp(x^2) erfc(x)) in 1/x^2, from 4
    (0.0163153871373020978, 0.305326634961232344, 0.360344899949804439, 0.125781726111229246,
     0.0160837851487422766, 0.000658749161529837803),
    (1.0, 2.56852019228982242, 1.87295284992346725, 0.527905102951428412, 0.0605183413124413191,
     0.00233520497626869185),
)  # fmt: skip
NEAR = 0.46875  # where SMALL ends
FAR = 60  # beyond, exp(-x^2 / 4) is 0, and powers of x might overflow
SLOPE = 2 / math.sqrt(math.pi)  # of erf at 0


def _ratio(table, x):
    top, bottom = (_polynomial(coefficients, x) for coefficients in table)
    return top / bottom


def _polynomial(coefficients, x):
    y = coefficients[0] * x
    for c in coefficients[1:-1]:
        y = (y + c) * x
    return y + coefficients[-1]


def _scaled(x):
    """exp(x^2) erfc(x) for 0.47 <= x <= FAR."""
    far = np.clip(x, 4, FAR)
    square = 1 / far**2
    large = (SLOPE / 2 - square * _ratio(LARGE, square)) / far
    return np.where(x < 4, _ratio(MIDDLE, np.minimum(x, 4)), large)


def _gaussian(x, scale):
    x = np.minimum(np.abs(x), FAR)
    coarse = np.floor(16 * x) / 16  # its square is exact, so that no digit of the exponent is lost
    return np.exp(-scale * coarse * coarse) * np.exp(-scale * (x - coarse) * (x + coarse))


def _erf(x):
    size = np.abs(x)
    small = x * _ratio(SMALL, np.minimum(size, 0.5) ** 2)
    return np.where(size < NEAR, small, np.sign(x) * (1 - _scaled(size) * _gaussian(x, 1)))


def _erfc(x):
    size = np.abs(x)
    small = 1 - x * _ratio(SMALL, np.minimum(size, 0.5) ** 2)
    tail = _scaled(size) * _gaussian(x, 1)
    return np.where(size < NEAR, small, np.where(x < 0, 2 - tail, tail))


def _normal_cdf(x):
    z = x * math.sqrt(0.5)
    size = np.abs(z)
    small = 0.5 + 0.5 * z * _ratio(SMALL, np.minimum(size, 0.5) ** 2)
    tail = 0.5 * _scaled(size) * _gaussian(x, 0.5)
    return np.where(size < NEAR, small, np.where(x < 0, tail, 1 - tail))


def _gaussian_rule(g, y, x, scale):
    return g * (-2 * scale * (np.where(y > 0, x, 0) * y))  # 0, not NaN, at infinity


gaussian = op(_gaussian, _gaussian_rule, name="gaussian")
gaussian.__doc__ = "exp(-scale x^2), elementwise; `scale` is a number, best a power of two."

erf = op(_erf, lambda g, y, x: g * (SLOPE * gaussian(x, 1)), name="erf")
erf.__doc__ = "2 / sqrt(pi) times the integral of exp(-t^2) from 0 to x, elementwise."

erfc = op(_erfc, lambda g, y, x: g * (-SLOPE * gaussian(x, 1)), name="erfc")
erfc.__doc__ = "1 - erf(x), elementwise, with all digits also where erf(x) is close to 1."

normal_cdf = op(
    _normal_cdf, lambda g, y, x: g * (gaussian(x, 0.5) / math.sqrt(2 * math.pi)), name="normal_cdf"
)
normal_cdf.__doc__ = "The probability that a standard normal number is below x: erfc(-x/sqrt(2))/2."

__all__ = ["erf", "erfc", "gaussian", "normal_cdf"]
