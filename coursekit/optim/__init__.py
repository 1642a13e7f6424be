"""Optimizers: frozen hyper-parameters, a pure step. `ck.optim.table()` lists them all."""

from .adaptive import Adam
from .gradient import SGD, GradientDescent, Momentum, Nesterov
from .protocol import Elementwise, Hyper, Optimizer, hyper, hyperparameters
from .table import Row, table

__all__ = [
    "SGD", "Adam", "Elementwise", "GradientDescent", "Hyper", "Momentum", "Nesterov", "Optimizer",
    "Row", "hyper", "hyperparameters", "table",
]  # fmt: skip
