"""Losses: how wrong an output is, as one number to make small.

Each loss exists twice. `cross_entropy(logits, labels)` and its like check what they are given and
answer: for trying things out. A `Loss`, from `get("cross_entropy")`, serves training: `encode`
checks the labels of a data set once and turns them into arrays shaped like the outputs; `function`
compares with those and checks nothing.
"""

from .classification import (
    BinaryCrossEntropy,
    CrossEntropy,
    Hinge,
    MultiMargin,
    Perceptron,
    SquaredHinge,
)
from .divergences import kl_divergence, wasserstein, wasserstein_samples
from .functions import (
    accuracy,
    binary_cross_entropy,
    cross_entropy,
    get,
    hinge,
    huber,
    l1,
    mse,
    multi_margin,
    names,
    perceptron,
    squared_hinge,
    zero_one,
)
from .loss import Custom, Loss
from .regression import L1, Huber, MeanSquaredError

__all__ = [
    "L1", "BinaryCrossEntropy", "CrossEntropy", "Custom", "Hinge", "Huber", "Loss",
    "MeanSquaredError", "MultiMargin", "Perceptron", "SquaredHinge", "accuracy",
    "binary_cross_entropy", "cross_entropy", "get", "hinge", "huber", "kl_divergence", "l1", "mse",
    "multi_margin", "names", "perceptron", "squared_hinge", "wasserstein", "wasserstein_samples",
    "zero_one",
]  # fmt: skip
