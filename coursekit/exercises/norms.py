"""Exercises of the chapter on early stopping: gradient norms, seen through batches."""

import numpy as np

from ..backend import rng
from .verdict import Accident, Exercise, Mistake


# --- the norm of the whole gradient, from the gradients of all batches of an epoch ---------------
def _whole(gradients, sizes):
    return (np.linalg.norm(sizes @ gradients / sizes.sum()),)


def _batches(k: int, n: int, seed: int) -> tuple:
    generator = rng(seed)
    return generator.standard_normal((k, n)), generator.integers(1, 40, k).astype(float)


WHOLE = [
    (np.array([[3.0, 0.0], [0.0, 4.0]]), np.array([3.0, 1.0])),
    _batches(5, 3, 1),
    _batches(8, 6, 2),
    (np.array([[1.0, 2.0, 2.0]]), np.array([7.0])),
]

whole_norm = Exercise(
    "whole_norm",
    "whole_norm(gradients, sizes)",
    ("norm",),
    _whole,
    WHOLE,
    called="the {}",
    nudge="First the gradient of the mean loss over all rows, then its norm. Each row of "
    "`gradients` is a mean over a batch: how much of the data does it speak for?",
    start="Weight each row by the size of its batch: (sizes @ gradients) / sizes.sum() is the "
    "gradient of the whole loss. Then np.linalg.norm of that.",
    mistakes=(
        Mistake(
            "mean of norms",
            lambda gradients, sizes: (
                sizes @ np.linalg.norm(gradients, axis=1) / sizes.sum(),
            ),
            "Gradients that point in opposite directions cancel. Do their norms?",
            "Average the gradients first, and take the norm of the average.",
        ),
        Mistake(
            "mean of norms",
            lambda gradients, sizes: (np.linalg.norm(gradients, axis=1).mean(),),
            "Gradients that point in opposite directions cancel. Do their norms?",
            "Average the gradients first, each weighted by the size of its batch, and take the "
            "norm of the average.",
        ),
        Mistake(
            "unweighted",
            lambda gradients, sizes: (np.linalg.norm(gradients.mean(axis=0)),),
            "Does a batch of 3 rows speak as loud as one of 30?",
            "Weight each gradient by the size of its batch, and divide by the number of all rows.",
        ),
        Mistake(
            "sum over rows",
            lambda gradients, sizes: (np.linalg.norm(sizes @ gradients),),
            "Your norm grows with the amount of data. The loss is a mean.",
            "Divide by the number of all rows, sizes.sum().",
        ),
        Mistake(
            "sum of batches",
            lambda gradients, sizes: (np.linalg.norm(gradients.sum(axis=0)),),
            "Your norm grows with the number of batches. The loss is a mean over rows.",
            "Weight each gradient by the share of its batch: sizes / sizes.sum().",
        ),
        Mistake(
            "divided by batches",
            lambda gradients, sizes: (np.linalg.norm(sizes @ gradients) / len(sizes),),
            "You add up over all rows. By how many do you divide?",
            "Divide by the number of rows, sizes.sum(), not by that of batches.",
        ),
        Mistake(
            "squared",
            lambda gradients, sizes: (_whole(gradients, sizes)[0] ** 2,),
            "Is that the norm, or its square?",
            "Take the root: np.linalg.norm(g).",
        ),
        Mistake(
            "norm of all numbers",
            lambda gradients, sizes: (np.linalg.norm(gradients),),
            "np.linalg.norm of a matrix mixes all batches. What do you want the norm of?",
            "Of one vector, the gradient of the whole loss: average over the batches first.",
        ),
        Mistake(
            "largest entry",
            lambda gradients, sizes: (np.abs(sizes @ gradients / sizes.sum()).max(),),
            "The gradient is right. Which norm is that?",
            "The Euclidean norm: the root of the sum of squares.",
        ),
    ),
    accidents=(
        Accident("returns", "The norm is one number.", "End with: return norm"),
        Accident(
            "shape",
            "The norm is one number. Which axis have you not summed over?",
            "First an average over axis 0, the batches; then the norm of that vector.",
        ),
        Accident(
            "infinite",
            "Is something divided by a number that may be zero?",
            "Divide by sizes.sum() alone.",
        ),
    ),
)  # fmt: skip


# --- signal and noise, from two batches ----------------------------------------------------------
def _two(g1, g2, B):
    return g1 @ g2, B * ((g1 - g2) ** 2).sum() / 2


def _pair(n: int, B: int, seed: int) -> tuple:
    return (*rng(seed).standard_normal((2, n)), B)


TWO = [
    (np.array([3.0, 1.0]), np.array([1.0, 2.0]), 4),
    _pair(3, 10, 1),
    _pair(6, 1, 2),
    (np.array([1.0, -2.0]), np.array([0.5, 1.0]), 2),
    (np.array([1.0, 2.0]), np.array([1.0, 2.0]), 32),
]


def _signal(formula):
    return lambda g1, g2, B: (formula(g1, g2, B), None)


def _noise(formula):
    return lambda g1, g2, B: (g1 @ g2, formula(g1, g2, B))


BIASED = (
    "Let the true gradient be 0. Is your first number 0 on average, over many pairs of batches?",
    "A square adds up noise. Two batches have independent noise: the product g1 @ g2 is right on "
    "average.",
)

norm_and_noise = Exercise(
    "norm_and_noise",
    "norm_and_noise(g1, g2, B)",
    ("signal", "noise"),
    _two,
    TWO,
    called="the {}",
    nudge="g1 = g + noise, g2 = g + other noise. In which product of the two does the noise cancel "
    "on average, and in which difference does g?",
    start="signal = g1 @ g2 has the mean |g|^2. The difference g1 - g2 is noise alone, from two "
    "batches: the mean of its square is 2 tr(C) / B. Solve that for tr(C).",
    mistakes=(
        Mistake("biased", _signal(lambda g1, g2, B: ((g1 + g2) ** 2).sum() / 4), *BIASED),
        Mistake("biased", _signal(lambda g1, g2, B: (g1 @ g1 + g2 @ g2) / 2), *BIASED),
        Mistake("biased", _signal(lambda g1, g2, B: g1 @ g1), *BIASED),
        Mistake(
            "product of norms",
            _signal(lambda g1, g2, B: np.linalg.norm(g1) * np.linalg.norm(g2)),
            *BIASED,
        ),
        Mistake(
            "root",
            _signal(lambda g1, g2, B: np.sqrt(abs(g1 @ g2))),
            "The mean of a root is not the root of the mean.",
            "Return the estimate of the square, |g|^2, as it is: g1 @ g2. It may be negative.",
        ),
        Mistake(
            "never negative",
            _signal(lambda g1, g2, B: abs(g1 @ g2)),
            "Your first number is never negative. Is its mean still right when |g| is small?",
            "Leave g1 @ g2 as it is. To be right on average it must be allowed below 0.",
        ),
        Mistake(
            "noise of both",
            _noise(lambda g1, g2, B: B * ((g1 - g2) ** 2).sum()),
            "The difference carries the noise of how many batches?",
            "Of two: divide by 2.",
        ),
        Mistake(
            "batch forgotten",
            _noise(lambda g1, g2, B: ((g1 - g2) ** 2).sum() / 2),
            "That is the noise of a batch. What is wanted is that of a single row.",
            "A batch of B rows has the variance tr(C) / B: multiply by B.",
        ),
        Mistake(
            "divided by B",
            _noise(lambda g1, g2, B: ((g1 - g2) ** 2).sum() / 2 / B),
            "Which is noisier, a single row or a batch?",
            "tr(C) belongs to single rows, and is B times as large as that of a batch: multiply.",
        ),
        Mistake(
            "mean square",
            _noise(lambda g1, g2, B: B * ((g1 - g2) ** 2).mean() / 2),
            "The trace is a sum over coordinates.",
            "Use sum(), not mean().",
        ),
        Mistake(
            "norm, not square",
            _noise(lambda g1, g2, B: B * np.linalg.norm(g1 - g2) / 2),
            "A variance is a square.",
            "Square the norm of the difference.",
        ),
        Mistake(
            "norms subtracted",
            _noise(
                lambda g1, g2, B: B * (np.linalg.norm(g1) - np.linalg.norm(g2)) ** 2 / 2,
            ),
            "Two gradients of the same length can point in different directions. Is there no noise "
            "then?",
            "Subtract the gradients, not their norms.",
        ),
        Mistake(
            "order",
            lambda g1, g2, B: _two(g1, g2, B)[::-1],
            "Both are right, but look at their order.",
            "Return the signal first, then the noise.",
        ),
    ),
    accidents=(
        Accident("returns", "Two numbers are wanted, |g|^2 and tr(C).",
                 "End with: return signal, noise"),
        Accident(
            "shape",
            "Both are single numbers. Have you summed over the coordinates?",
            "g1 @ g2 is a number, g1 * g2 an array; ((g1 - g2) ** 2).sum() is a number.",
        ),
        Accident(
            "infinite",
            "Is something divided by a number that may be zero, or is it the root of a negative "
            "one?",
            "No root is needed, and no division but that by 2.",
        ),
    ),
)  # fmt: skip
