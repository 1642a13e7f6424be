"""The exercises of the chapter on initialization: Kaiming's weights, Xavier's, orthogonal ones."""

import numpy as np

from ..backend import rng
from .verdict import Accident, Exercise, Mistake

RETURNS = Accident(
    "returns",
    "One matrix comes in, one matrix goes out.",
    "Return the weights alone: return W",
)
IN_PLACE = Accident(
    "in place",
    "Make a new matrix, and leave the random numbers as they are.",
    "z *= ... writes into the array that came in; W = ... * z makes a new one.",
)


def _shape(plain: str) -> Accident:
    return Accident("shape", "How many weights does the layer x @ W have, and how arranged?", plain)


# --- Kaiming: standard normal z -> weights of variance 2 / fan_in --------------------------------
def _kaiming(z):
    return (np.sqrt(2 / len(z)) * z,)


def _scaled(scale):
    """z times a number made of fan_in and fan_out."""
    return lambda z: (scale(*z.shape) * z,)


NORMAL = [
    np.array([[1.0, -0.5], [0.0, 2.0], [-1.0, 0.5], [0.5, 1.0], [1.5, 0.0], [0.2, -2.0],
              [1.0, 1.0], [-0.6, 0.3]]),
    rng(1).standard_normal((5, 12)),
    rng(2).standard_normal((30, 3)),
]  # fmt: skip

kaiming_normal = Exercise(
    "kaiming_normal",
    "kaiming_normal(z)",
    ("W",),
    _kaiming,
    [(z,) for z in NORMAL],
    nudge="z has variance 1, W should have the variance that section 5.2 derives. By what must z "
    "be multiplied? The sizes of the layer are in z.shape.",
    start="fan_in, fan_out = z.shape. Multiplying by a number multiplies the variance by its "
    "square: the factor is sqrt(2 / fan_in).",
    mistakes=(
        Mistake(
            "variance as deviation",
            _scaled(lambda n, m: 2 / n),
            "2 / fan_in is the variance. What is z multiplied by to have it?",
            "Multiplying by s multiplies the variance by s^2: take the square root of 2 / fan_in.",
        ),
        Mistake(
            "fan_out",
            _scaled(lambda n, m: np.sqrt(2 / m)),
            "Over how many terms does an output of x @ W sum?",
            "Each output sums over the inputs, the rows of W: fan_in is z.shape[0].",
        ),
        Mistake(
            "no factor 2",
            _scaled(lambda n, m: np.sqrt(1 / n)),
            "This keeps the variance of a linear layer. What does a ReLU do to the second moment?",
            "A ReLU lets half of the second moment through: 2 / fan_in in place of 1 / fan_in.",
        ),
        Mistake(
            "Xavier",
            _scaled(lambda n, m: np.sqrt(2 / (n + m))),
            "This is Xavier's compromise between forwards and backwards.",
            "Kaiming's variance is 2 / fan_in; fan_out does not enter.",
        ),
        Mistake(
            "uniform bound",
            _scaled(lambda n, m: np.sqrt(6 / n)),
            "sqrt(6 / fan_in) is the bound of a uniform distribution. z is normal.",
            "The standard deviation is sqrt(2 / fan_in); the 6 = 3 x 2 belongs to the uniform one.",
        ),
        Mistake(
            "root of one half",
            _scaled(lambda n, m: np.sqrt(2) / n),
            "How much of your factor is under the root?",
            "The root goes over the whole fraction: sqrt(2 / fan_in).",
        ),
        Mistake(
            "number of weights",
            _scaled(lambda n, m: np.sqrt(2 / (n * m))),
            "z.size counts all weights. Over how many does one output sum?",
            "Each output sums over fan_in inputs: z.shape[0].",
        ),
        Mistake(
            "divided",
            _scaled(lambda n, m: np.sqrt(n / 2)),
            "Should weights grow or shrink with the number of inputs?",
            "Your fraction is upside down: sqrt(2 / fan_in).",
        ),
        Mistake(
            "own draw",
            lambda z: ((z - z.mean()) / z.std() * np.sqrt(2 / len(z)),),
            "You adjust the sample. The distribution has variance 2 / fan_in, a sample need not.",
            "Do not divide by z.std() nor subtract z.mean(): multiply z by sqrt(2 / fan_in).",
        ),
        Mistake(
            "nothing done",
            lambda z: (z,),
            "This is z itself, of variance 1.",
            "Multiply z by sqrt(2 / fan_in).",
        ),
    ),
    accidents=(
        RETURNS,
        IN_PLACE,
        _shape("W is shaped like z, (fan_in, fan_out): do not transpose."),
    ),
    called="{}",
)


# --- Xavier: u in [0, 1) -> weights in [-b, b) ---------------------------------------------------
def _xavier(u):
    return (_bound(*u.shape) * (2 * u - 1),)


def _bound(n, m):
    return np.sqrt(6 / (n + m))


def _stretched(bound):
    """From -b to b, for a b made of fan_in and fan_out."""
    return lambda u: (bound(*u.shape) * (2 * u - 1),)


UNIFORM = [
    np.array([[0.0, 0.5], [0.25, 0.75], [0.1, 0.9], [0.5, 0.2]]),
    rng(3).random((5, 11)),
    rng(4).random((20, 3)),
]

xavier_uniform = Exercise(
    "xavier_uniform",
    "xavier_uniform(u)",
    ("W",),
    _xavier,
    [(u,) for u in UNIFORM],
    nudge="Two parts: the bound b of section 4.3, from u.shape, and a linear function that takes 0 "
    "to -b and 1 to b.",
    start="fan_in, fan_out = u.shape and b = sqrt(6 / (fan_in + fan_out)). Then 2 u - 1 runs from "
    "-1 to 1, and b times that from -b to b.",
    mistakes=(
        Mistake(
            "deviation as bound",
            _stretched(lambda n, m: np.sqrt(2 / (n + m))),
            "Your bound is Xavier's standard deviation. How do the two differ for uniform numbers?",
            "U(-b, b) has variance b^2 / 3, so b = sqrt(3 x 2 / (fan_in + fan_out)).",
        ),
        Mistake(
            "variance as bound",
            _stretched(lambda n, m: 2 / (n + m)),
            "Your bound is Xavier's variance.",
            "U(-b, b) has variance b^2 / 3, so b = sqrt(6 / (fan_in + fan_out)).",
        ),
        Mistake(
            "root",
            _stretched(lambda n, m: 6 / (n + m)),
            "Is there a root missing?",
            "b^2 / 3 = 2 / (fan_in + fan_out), so b is the square root of 6 / (fan_in + fan_out).",
        ),
        Mistake(
            "root of the 6 alone",
            _stretched(lambda n, m: np.sqrt(6) / (n + m)),
            "How much of your fraction is under the root?",
            "The root goes over the whole fraction: sqrt(6 / (fan_in + fan_out)).",
        ),
        Mistake(
            "Kaiming",
            _stretched(lambda n, m: np.sqrt(6 / n)),
            "This is Kaiming's bound. Xavier looks at both sides of the layer.",
            "b = sqrt(6 / (fan_in + fan_out)), with both sizes.",
        ),
        Mistake(
            "LeCun",
            _stretched(lambda n, m: np.sqrt(3 / n)),
            "This bound has variance 1 / fan_in. Xavier looks at both sides of the layer.",
            "b = sqrt(6 / (fan_in + fan_out)), with both sizes.",
        ),
        Mistake(
            "PyTorch default",
            _stretched(lambda n, m: np.sqrt(1 / n)),
            "This is what PyTorch's Linear does, of variance 1 / (3 fan_in).",
            "b = sqrt(6 / (fan_in + fan_out)), with both sizes.",
        ),
        Mistake(
            "only positive",
            lambda u: (_bound(*u.shape) * u,),
            "All your weights are positive.",
            "u runs from 0 to 1. Stretch and shift it first: 2 * u - 1 runs from -1 to 1.",
        ),
        Mistake(
            "half as wide",
            lambda u: (_bound(*u.shape) * (u - 0.5),),
            "The middle is right. How far do your weights reach to both sides?",
            "u - 0.5 runs from -0.5 to 0.5 only: take 2 * u - 1.",
        ),
        Mistake(
            "shifted by one",
            lambda u: (2 * _bound(*u.shape) * u - 1,),
            "Where does your interval begin?",
            "Shift by b, not by 1: 2 * b * u - b, or b * (2 * u - 1).",
        ),
        Mistake(
            "backwards",
            lambda u: (_bound(*u.shape) * (1 - 2 * u),),
            "Just as good at random, but here 0 should become -b, and 1 become b.",
            "Change the sign: 2 * u - 1.",
        ),
        Mistake(
            "nothing done",
            lambda u: (u,),
            "This is u itself: never negative, and of variance 1/12.",
            "Stretch it: b * (2 * u - 1), with b = sqrt(6 / (fan_in + fan_out)).",
        ),
    ),
    accidents=(
        RETURNS,
        IN_PLACE,
        _shape("W is shaped like u, (fan_in, fan_out): do not transpose."),
    ),
    called="{}",
)


# --- orthogonal: Q of Z = Q R with diag(R) > 0 ---------------------------------------------------
def _orthogonal(Z):
    Q, R = np.linalg.qr(Z)
    return (Q * np.sign(np.diag(R)),)


def _of_qr(made):
    """Something made of Q and R, whose signs are those of the routine in use."""
    return lambda Z: (made(*np.linalg.qr(Z)),)


def _of_svd(made):
    return lambda Z: (made(*np.linalg.svd(Z, full_matrices=False)),)


def _signs(R):
    return np.sign(np.diag(R))


def _mixed(seed, n):
    """A square matrix whose R, by any routine, has diagonal entries of both signs."""
    Z = rng(seed).standard_normal((n, n))
    Q, R = np.linalg.qr(Z)
    return Q @ (R * _signs(R)[:, None] * np.where(np.arange(n) % 2, -1.0, 1.0)[:, None])


SQUARE = [np.array([[3.0, 1.0], [4.0, 2.0]]), _mixed(5, 4), rng(6).standard_normal((6, 3))]

orthogonal = Exercise(
    "orthogonal",
    "orthogonal(Z)",
    ("Q",),
    _orthogonal,
    [(Z,) for Z in SQUARE],
    nudge="Q, R = np.linalg.qr(Z) does most of it. Then look at the signs on the diagonal of R.",
    start="Q, R = np.linalg.qr(Z), then multiply each column of Q by the sign of that entry of the "
    "diagonal of R: Q * np.sign(np.diag(R)).",
    mistakes=(
        Mistake(
            "no signs",
            _of_qr(lambda Q, R: Q),
            "Your columns are orthonormal. But who chose their signs?",
            "Multiply each column by the sign of that diagonal entry: Q * np.sign(np.diag(R)).",
        ),
        Mistake(
            "absolute diagonal",
            _of_qr(lambda Q, R: Q * np.abs(np.diag(R))),
            "Are your columns still of length 1?",
            "Multiply by the signs only, not by the diagonal: np.sign(np.diag(R)).",
        ),
        Mistake(
            "whole diagonal",
            _of_qr(lambda Q, R: Q * np.diag(R)),
            "Are your columns still of length 1?",
            "Multiply by the signs of the diagonal, not by its values: np.sign(np.diag(R)).",
        ),
        Mistake(
            "nearest",
            _of_svd(lambda U, s, V: U @ V),
            "This is the orthogonal matrix nearest to Z. At random it is as good; here the one "
            "of Z = QR is asked for.",
            "Use np.linalg.qr(Z) in place of the singular value decomposition.",
        ),
        Mistake(
            "left singular vectors",
            _of_svd(lambda U, s, V: U),
            "These are singular vectors of Z: orthonormal, with signs as the routine likes.",
            "Use np.linalg.qr(Z), and fix the signs by the diagonal of R.",
        ),
        Mistake(
            "columns of length 1",
            lambda Z: (Z / np.linalg.norm(Z, axis=0),),
            "Your columns have length 1. Are they at right angles?",
            "np.linalg.qr(Z) makes them orthogonal as well.",
        ),
        Mistake(
            "Z again",
            lambda Z: (Z,),
            "This is Z itself: its columns are not orthonormal.",
            "Q, R = np.linalg.qr(Z) splits it into an orthonormal and a triangular factor.",
        ),
    ),
    accidents=(
        Accident(
            "returns",
            "np.linalg.qr gives two matrices. Which one is asked for?",
            "Return Q alone: return Q",
        ),
        Accident(
            "shape",
            "Q has as many rows and columns as Z.",
            "np.linalg.qr(Z) with nothing else gives that shape; do not transpose, and do not ask "
            "for the complete Q.",
        ),
        Accident(
            "in place",
            "Make a new matrix, and leave Z as it is.",
            "Z /= ... writes into the array that came in; Q = ... makes a new one.",
        ),
    ),
    errors=(
        ("'QRResult'", "np.linalg.qr gives two matrices: Q, R = np.linalg.qr(Z)."),
        (
            "broadcast",
            "The signs belong to the columns of Q, not to its rows: a flat array of signs times Q "
            "multiplies columns.",
        ),
        (
            "mismatch",
            "The signs belong to the columns of Q, not to its rows: put them behind Q, or multiply "
            "Q by the flat array of signs.",
        ),
    ),
    called="{}",
)
