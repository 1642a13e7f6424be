"""Functions of one element, or of elements that meet by broadcasting; the derivative stands beside.

In a rule, g is the derivative of the final answer by the output y. Where a function has a kink the
derivative is PyTorch's: 0 for `abs` at 0, halves for ties of `maximum` and `minimum`.
"""

import math

import numpy as np

from ..autograd.trace import DISPATCH, Node, op, untraced

# --- arithmetic ----------------------------------------------------------------------------------
add = op(np.add, lambda g, y, a, b: g, lambda g, y, a, b: g)
subtract = op(np.subtract, lambda g, y, a, b: g, lambda g, y, a, b: -g)
multiply = op(np.multiply, lambda g, y, a, b: g * b, lambda g, y, a, b: g * a)
divide = op(np.divide, lambda g, y, a, b: g / b, lambda g, y, a, b: -g * y / b)
negative = op(np.negative, lambda g, y, x: -g)
reciprocal = op(np.reciprocal, lambda g, y, x: -g * y**2)
remainder = op(np.remainder, lambda g, y, a, b: g, lambda g, y, a, b: -g * np.floor(a / b))


def _power(x, p):
    return x**p  # the operator takes short cuts (a square, a root) that np.power does not


power = op(
    _power,
    lambda g, y, x, p: _power_rule(g, x, p),
    lambda g, y, x, p: g * y * _log_base(x, y),
    name="power",
)
DISPATCH[np.power] = DISPATCH[np.float_power] = power


def _power_rule(g, x, p):
    if type(p) is Node or np.ndim(p):  # 1 where p x^(p-1) would ask for 0 / 0
        return g * (p * x ** np.where((untraced(p) == 0) & (untraced(x) == 0), 1, p - 1))
    if p == 0:
        return 0 * g * x
    return g * p if p == 1 else g * (p * x) if p == 2 else g * (p * x ** (p - 1))


def _log_base(x, y):
    """log x in the precision of y, and 0 where x has no logarithm."""
    if isinstance(x, float | int):
        return math.log(x) if x > 0 else 0
    return np.log(np.where(untraced(x) > 0, x, 1))


# --- roots, exponentials, logarithms -------------------------------------------------------------
sqrt = op(np.sqrt, lambda g, y, x: g / (2 * y))
cbrt = op(np.cbrt, lambda g, y, x: g / (3 * y**2))
square = op(np.square, lambda g, y, x: g * (2 * x))
exp = op(np.exp, lambda g, y, x: g * y)
exp2 = op(np.exp2, lambda g, y, x: g * (y * math.log(2)))
expm1 = op(np.expm1, lambda g, y, x: g * (y + 1))
log = op(np.log, lambda g, y, x: g / x)
log2 = op(np.log2, lambda g, y, x: g / (x * math.log(2)))
log10 = op(np.log10, lambda g, y, x: g / (x * math.log(10)))
log1p = op(np.log1p, lambda g, y, x: g / (1 + x))
logaddexp = op(
    np.logaddexp,
    lambda g, y, a, b: g * np.exp(a - y),
    lambda g, y, a, b: g * np.exp(b - y),
)

# --- angles --------------------------------------------------------------------------------------
sin = op(np.sin, lambda g, y, x: g * np.cos(x))
cos = op(np.cos, lambda g, y, x: -g * np.sin(x))
tan = op(np.tan, lambda g, y, x: g * (1 + y**2))
arcsin = op(np.arcsin, lambda g, y, x: g / np.sqrt(1 - x**2))
arccos = op(np.arccos, lambda g, y, x: -g / np.sqrt(1 - x**2))
arctan = op(np.arctan, lambda g, y, x: g / (1 + x**2))
arctan2 = op(
    np.arctan2,
    lambda g, y, a, b: g * b / (a**2 + b**2),
    lambda g, y, a, b: -g * a / (a**2 + b**2),
)
hypot = op(np.hypot, lambda g, y, a, b: g * a / y, lambda g, y, a, b: g * b / y)
sinh = op(np.sinh, lambda g, y, x: g * np.cosh(x))
cosh = op(np.cosh, lambda g, y, x: g * np.sinh(x))
tanh = op(np.tanh, lambda g, y, x: g * (1 - y**2))
arcsinh = op(np.arcsinh, lambda g, y, x: g / np.sqrt(x**2 + 1))
arccosh = op(np.arccosh, lambda g, y, x: g / np.sqrt(x**2 - 1))
arctanh = op(np.arctanh, lambda g, y, x: g / (1 - x**2))

# --- choosing ------------------------------------------------------------------------------------
absolute = abs = op(np.absolute, lambda g, y, x: g * np.sign(x))
DISPATCH[np.fabs] = absolute
where = op(
    np.where,
    None,
    lambda g, y, c, a, b: np.where(c, g, 0),
    lambda g, y, c, a, b: np.where(c, 0, g),
)
maximum = op(
    np.maximum,
    lambda g, y, a, b: g * _share(untraced(a) >= untraced(b), untraced(a) == untraced(b), g),
    lambda g, y, a, b: g * _share(untraced(b) >= untraced(a), untraced(a) == untraced(b), g),
)
minimum = op(
    np.minimum,
    lambda g, y, a, b: g * _share(untraced(a) <= untraced(b), untraced(a) == untraced(b), g),
    lambda g, y, a, b: g * _share(untraced(b) <= untraced(a), untraced(a) == untraced(b), g),
)


DISPATCH[np.fmax], DISPATCH[np.fmin] = maximum, minimum


def _share(chosen, tied, g):
    """1 where an argument was chosen, a half where both were; in the precision of g."""
    return chosen * np.where(tied, untraced(g).dtype.type(0.5), untraced(g).dtype.type(1))


def clip(x, low=None, high=None, *, a_min=None, a_max=None, min=None, max=None):
    """x limited to [low, high]; the derivative is 1 inside and 0 outside, 1 on the border."""
    low = next((a for a in (low, a_min, min) if a is not None), None)
    high = next((a for a in (high, a_max, max) if a is not None), None)
    if low is not None:
        x = where(untraced(x) < untraced(low), low, x)  # a NaN stays
    if high is not None:
        x = where(untraced(x) > untraced(high), high, x)
    return x


DISPATCH[np.clip] = clip

# --- constant almost everywhere: the derivative is zero, so nothing is traced --------------------
sign, floor, ceil, rint, trunc = op(np.sign), op(np.floor), op(np.ceil), op(np.rint), op(np.trunc)
for _f in (
    np.isfinite, np.isnan, np.isinf, np.greater, np.greater_equal, np.less, np.less_equal,
    np.equal, np.not_equal, np.logical_and, np.logical_or, np.logical_not, np.signbit,
    np.floor_divide, np.heaviside,
):  # fmt: skip
    op(_f)

__all__ = [
    "abs", "absolute", "add", "arccos", "arccosh", "arcsin", "arcsinh", "arctan", "arctan2",
    "arctanh", "cbrt", "ceil", "clip", "cos", "cosh", "divide", "exp", "exp2", "expm1", "floor",
    "hypot", "log", "log10", "log1p", "log2", "logaddexp", "maximum", "minimum", "multiply",
    "negative", "power", "reciprocal", "remainder", "rint", "sign", "sin", "sinh", "sqrt", "square",
    "subtract", "tan", "tanh", "trunc", "where",
]  # fmt: skip
