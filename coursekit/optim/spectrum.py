"""Eigenvalues and eigenvectors of a Hessian: all of them, or those that a Krylov space shows."""

import numpy as np

from .. import backend
from ..backend import Array


def eigenpairs(H: Array) -> tuple[Array, Array]:
    """(w, Q) with H = Q diag(w) Q^T: w (n,) ascending, Q (n, n). nan if H holds nan or inf.

    A w that is nothing but rounding is given as 0: it is below n eps max|w|, and H q is not w q to
    three digits. (The small entry of diag(1e-20, 1) is therefore kept.)
    """
    if not bool(np.isfinite(H).all()):
        return H[0] * np.nan, H * np.nan
    w, Q = backend.linalg.eigh(H)
    size = abs(w)
    doubtful = size <= len(w) * np.finfo(w.dtype).eps * size.max()
    error = abs(H @ Q - w * Q).max(axis=0)
    return np.where(doubtful & (error > 1e-3 * size), 0.0, w), Q


def lanczos(times, start: Array, m: int) -> tuple[Array, Array]:
    """Ritz values w (j,), ascending, and vectors Q (n, j) of H on span(b, H b, ..., H^(m - 1) b).

    `times` multiplies by H, b = `start` (n,). Lanczos 1950, each vector made orthogonal to all
    before it, twice, as rounding demands. j < m if the space ends early, as H maps it to itself;
    then Q phi(w) Q^T b = phi(H) b for every function phi.
    """
    n, eps = start.size, np.finfo(start.dtype).eps
    m = min(m, n)
    basis: list[Array] = []
    T = np.zeros((m + 1, m + 1))
    rest, size, rounding = start, norm(start), 0.0
    while len(basis) < m and not size <= rounding:  # nan goes on, and shows
        q = rest / size
        image = times(q)
        j = len(basis)
        basis.append(q)
        V = np.stack(basis)
        T[j, j] = float(q @ image)
        rest = image - (V @ image) @ V
        rest = rest - (V @ rest) @ V
        size, rounding = norm(rest), max(rounding, n * eps * norm(image))
        T[j, j + 1] = T[j + 1, j] = size
    j = len(basis)
    if j == 0:  # of a start of zeros: one pair that changes nothing
        return start[:1], start[:, None]
    w, U = eigenpairs(backend.to_device(T[:j, :j], start.dtype))
    return w, V.T @ U


def norm(v: Array) -> float:
    """The Euclidean length of a vector, on the host."""
    return float(np.sqrt(v @ v))
