"""An exercise of the chapter on early stopping: signal and noise, from two batches."""

import numpy as np

from ..backend import rng
from .exercise import Exercise
from .mistakes.noise import MISTAKES, estimates
from .verdict import Accident


def _pair(n: int, B: int, seed: int) -> tuple:
    return (*rng(seed).standard_normal((2, n)), B)


def _noise_of_one(g1, g2, B):
    """The noise from how far one batch is from the mean of both."""
    return 2 * B * (g1 @ g1 - (g1 + g2) @ (g1 + g2) / 4)


def _noise_of_product(g1, g2, B):
    """The noise that the square of one batch has, and the product of both has not."""
    return B * (g1 @ g1 - g1 @ g2)


def _signal_of_one(g1, g2, B):
    """The square of the mean of both twice, less that of one: |g|^2 on average."""
    return (g1 + g2) @ (g1 + g2) / 2 - g1 @ g1


def _less_noise(g1, g2, B):
    return g1 @ g1 - estimates(g1, g2, B)[1] / B


# Also right on average, though the two batches are not treated alike.
ON_AVERAGE = tuple(
    lambda g1, g2, B, s=s, n=n, turn=turn: (
        s(*((g2, g1) if turn else (g1, g2)), B),
        n(*((g2, g1) if turn else (g1, g2)), B),
    )
    for s in (lambda *two: estimates(*two)[0], _signal_of_one, _less_noise)
    for n in (lambda *two: estimates(*two)[1], _noise_of_one, _noise_of_product)
    for turn in (False, True)
)


TWO = [
    (np.array([3.0, 1.0]), np.array([1.0, 2.0]), 4),
    _pair(3, 10, 1),
    _pair(6, 1, 2),
    (np.array([1.0, -2.0]), np.array([0.5, 1.0]), 2),
    (np.array([1.0, 2.0]), np.array([1.0, 2.0]), 32),
]


norm_and_noise = Exercise(
    "norm_and_noise",
    "norm_and_noise(g1, g2, B)",
    ("signal", "noise"),
    estimates,
    TWO,
    called="the {}",
    nudge="g1 = g + noise, g2 = g + other noise. In which product of the two does the noise cancel "
    "on average, and in which difference does g?",
    others=ON_AVERAGE,
    start="signal = g1 @ g2 has the mean |g|^2. The difference g1 - g2 is noise alone, from two "
    "batches: the mean of its square is 2 tr(C) / B. Solve that for tr(C).",
    mistakes=MISTAKES,
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
