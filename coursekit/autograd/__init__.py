"""Automatic differentiation: trace a function, walk back through it, to any order."""

from .check import GradientError, check_grad
from .trace import DISPATCH, Node, Op, ShapeError, op, untraced
from .transforms import ggn, grad, hessian, hvp, jacobian, jvp, value_and_grad, vjp

__all__ = [
    "DISPATCH", "GradientError", "Node", "Op", "ShapeError", "check_grad", "ggn", "grad", "hessian",
    "hvp", "jacobian", "jvp", "op", "untraced", "value_and_grad", "vjp",
]  # fmt: skip
