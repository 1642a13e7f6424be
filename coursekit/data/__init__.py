"""Data to learn from: two bundled sets of real digits, and generators of small problems."""

from .bundled import digits, mnist
from .dataset import Data, Split
from .generators import blobs, least_squares, moons, regression, spirals, xor

__all__ = [
    "Data",
    "Split",
    "blobs",
    "digits",
    "least_squares",
    "mnist",
    "moons",
    "regression",
    "spirals",
    "xor",
]
