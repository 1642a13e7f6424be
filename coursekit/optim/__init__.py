"""Optimizers: frozen hyper-parameters, a pure step. `ck.optim.table()` lists them all."""

from . import schedules
from .adam import Adam, Adamax, AdamW, AMSGrad, Nadam, QHAdam, RAdam
from .adaptive import Adadelta, Adagrad, RMSprop, Rprop
from .clipping import clip_norm, clip_value
from .conjugate import ConjugateGradient
from .coordinate import CoordinateDescent
from .gradient import SGD, AggMo, GradientDescent, Momentum, Nesterov, SignDescent
from .hyper import Declared, Hyper, hyper, hyperparameters
from .linesearch import Armijo, Exact, LineSearch, StrongWolfe
from .newton import Newton, SaddleFreeNewton
from .protocol import Elementwise, Optimizer
from .quasi import BFGS, LBFGS
from .subgradient import ASGD, Perceptron, PolyakStep
from .table import Row, table
from .trust import TrustRegion
from .wrappers import Average, ClipNorm, ClipValue, DecoupledDecay, GradientNormPenalty, Lookahead

__all__ = [
    "Declared", "Elementwise", "Hyper", "Optimizer", "Row", "hyper", "hyperparameters", "schedules",
    "table",
    # clipping
    "clip_norm", "clip_value",
    # gradient
    "GradientDescent", "SGD", "SignDescent", "Momentum", "Nesterov", "AggMo",
    # subgradient
    "Perceptron", "PolyakStep", "ASGD",
    # adaptive
    "Adagrad", "RMSprop", "Adadelta", "Rprop",
    # adam
    "Adam", "AdamW", "AMSGrad", "Adamax", "Nadam", "RAdam", "QHAdam",
    # linesearch
    "LineSearch", "Armijo", "StrongWolfe", "Exact",
    # coordinate, conjugate, quasi
    "CoordinateDescent", "ConjugateGradient", "BFGS", "LBFGS",
    # newton, trust
    "Newton", "SaddleFreeNewton", "TrustRegion",
    # wrappers
    "ClipNorm", "ClipValue", "GradientNormPenalty", "DecoupledDecay", "Average", "Lookahead",
]  # fmt: skip
