"""An exercise of the chapter on initialization: an orthogonal matrix."""

import numpy as np

from ..backend import rng
from .exercise import Exercise
from .verdict import Accident, Mistake, Symptom
from .weights import drawn


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


def _turned(sign):
    """Q with the same sign for all columns."""
    return _of_qr(lambda Q, R: Q * sign(Q, R))


def _rows_turned(Q, R):
    """Signs that went to the rows."""
    signs = np.ones((len(Q), 1))
    signs[: R.shape[1], 0] = _signs(R)
    return signs * Q


def _apart(answers):
    """How far the columns are from having length 1, and from right angles."""
    gram = [Q.T @ Q for (Q,) in answers]
    lengths = max(abs(np.diag(g) - 1).max() for g in gram)
    return lengths, max(abs(g - np.diag(np.diag(g))).max() for g in gram)


def _long(answers, right, cases):
    return _apart(answers)[0] > 1e-6


def _skew(answers, right, cases):
    return _apart(answers)[1] > 1e-6


def _other_columns(answers, right, cases):
    return any(not np.allclose(abs(a), abs(r)) for (a,), (r,) in zip(answers, right, strict=True))


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
            "diagonal negative",
            lambda Z: (-_orthogonal(Z)[0],),
            "All columns have the other sign. Which sign has the diagonal of R in yours?",
            "Turn a column round where the diagonal of R is negative, not where it is positive.",
        ),
        *(
            Mistake(
                "one sign for all",
                _turned(sign),
                "You treat all columns alike. Has each its own entry on the diagonal of R?",
                "There is one sign for each column: np.sign(np.diag(R)) holds them all.",
            )
            for sign in (
                lambda Q, R: -1.0,
                lambda Q, R: np.sign(R[0, 0]),
                lambda Q, R: np.sign(np.trace(R)),
                lambda Q, R: np.sign(np.linalg.det(R)),
            )
        ),
        *(
            Mistake(
                "another diagonal",
                formula,
                "Whose diagonal do you look at? R = Q^T Z, and it is R's that should be positive.",
                "The signs are those of np.diag(R).",
            )
            for formula in (
                _of_qr(lambda Q, R: Q * np.sign(np.diag(Q))),
                lambda Z: (np.linalg.qr(Z)[0] * np.sign(np.diag(Z)),),
            )
        ),
        Mistake(
            "rows turned",
            _of_qr(_rows_turned),
            "Z = QR: does an entry on the diagonal of R belong to a row of Q or to a column?",
            "To a column: Q * signs, with a flat array of signs, multiplies columns.",
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
    symptoms=(
        Symptom(
            "not of length 1",
            _long,
            "How long are your columns?",
            "The columns of Q have length 1; only signs may be multiplied to them.",
        ),
        Symptom(
            "no right angles",
            _skew,
            "Your columns have length 1. Are they at right angles, each to all others?",
            "Q.T @ Q should be the identity matrix, as it is for the Q of np.linalg.qr(Z).",
        ),
        Symptom(
            "other columns",
            _other_columns,
            "Your columns are orthonormal, but not those of Z = QR: there the first column of Q "
            "points along the first column of Z.",
            "Use np.linalg.qr(Z), and change nothing but signs of columns.",
        ),
        Symptom(
            "signs",
            lambda answers, right, cases: True,
            "Your columns are right up to their signs. Which sign should each of them have?",
            "That of its entry on the diagonal of R: np.sign(np.diag(R)).",
        ),
    ),
    accidents=(
        drawn("Z"),
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
        Accident(
            "'QRResult'",
            "np.linalg.qr gives two matrices. What do you call each of them?",
            "Q, R = np.linalg.qr(Z).",
        ),
        Accident(
            "Input must be 1- or 2-d",
            "np.linalg.qr gives two matrices. What do you call each of them?",
            "Q, R = np.linalg.qr(Z).",
        ),
        Accident(
            "broadcast",
            "Do the signs belong to the columns of Q, or to its rows? How many of each are there?",
            "To the columns: a flat array of signs times Q multiplies columns. np.linalg.qr(Z) "
            "with nothing else gives as many as Z has.",
        ),
        Accident(
            "mismatch",
            "Do the signs belong to the columns of Q, or to its rows? How many of each are there?",
            "To the columns: put them behind Q, or multiply Q by the flat array of signs.",
        ),
        Accident(
            "out of bounds",
            "Z may have more rows than columns. How many signs are there?",
            "As many as columns: Z.shape[1].",
        ),
        Accident(
            "square",
            "Z may have more rows than columns. What still works then?",
            "np.linalg.qr(Z) does, and np.diag(R) is the diagonal.",
        ),
    ),
    called="{}",
)
