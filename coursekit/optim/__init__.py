"""Optimizers: frozen hyper-parameters, a pure step. `ck.optim.table()` lists them all."""

from .adaptive import Adam
from .gradient import SGD, GradientDescent, Momentum, Nesterov
from .hyper import Declared, Hyper, hyper, hyperparameters
from .protocol import Elementwise, Optimizer
from .table import Row, table

__all__ = [
    "Declared", "Elementwise", "Hyper", "Optimizer", "Row", "hyper", "hyperparameters", "table",
    # gradient
    "GradientDescent", "SGD", "Momentum", "Nesterov",
    # adaptive
    "Adam",
]  # fmt: skip
