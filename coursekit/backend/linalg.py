"""Small factorisations, on the host.

The matrices of this course that are factorised have tens of rows, a few hundred at most. A GPU
needs longer for one such matrix than the way to the host and back takes, and CuPy refuses some of
what NumPy can do; so these functions fetch the matrix, let NumPy work in double precision, and put
the answer where and in the precision the matrix was. Each such call waits for the device:
`transfers` counts them. Arrays of the host go to NumPy as they are; stacks of matrices work as
there. Nothing here is traced: `ck.ops` has the differentiable ones, which end here.
"""

import numpy as np

from .arrays import to_device, to_host

transfers = 0  # calls so far that had to wait for a device


def solve(a, b):
    """x with a x = b, for a (n, n) and b (n,) or (n, k).

    Raises np.linalg.LinAlgError for a singular matrix.

    >>> import numpy as np
    >>> solve(np.diag([2.0, 4.0]), np.ones(2))
    array([0.5 , 0.25])
    """
    return _on_host(np.linalg.solve, a, b)


def lstsq(a, b):
    """The x of least norm that makes |a x - b| least."""
    return _on_host(lambda a, b: np.linalg.lstsq(a, b, rcond=None)[0], a, b)


def eigh(a):
    """(eigenvalues ascending, eigenvectors in columns) of a symmetric matrix."""
    return _on_host(np.linalg.eigh, a)


def svd(a):
    """(U, singular values descending, V') with U and V' cut to the smaller side."""
    return _on_host(lambda a: np.linalg.svd(a, full_matrices=False), a)


def qr(a):
    """(Q, R) with orthonormal columns in Q and an upper triangle R."""
    return _on_host(np.linalg.qr, a)


def cholesky(a):
    """The lower triangle L with L L' = a; raises np.linalg.LinAlgError unless a > 0."""
    return _on_host(np.linalg.cholesky, a)


def inv(a):
    """The inverse of a matrix; raises np.linalg.LinAlgError for a singular one."""
    return _on_host(np.linalg.inv, a)


def det(a):
    """The determinant."""
    return _on_host(np.linalg.det, a)


def slogdet(a):
    """(sign, log |det a|)."""
    return _on_host(np.linalg.slogdet, a)


def _on_host(function, *matrices):
    if isinstance(matrices[0], np.ndarray):
        return function(*matrices)
    global transfers
    transfers += 1
    dtype = matrices[0].dtype
    answer = function(*(to_host(m).astype(np.float64) for m in matrices))
    if isinstance(answer, tuple):
        return tuple(to_device(np.asarray(part, dtype)) for part in answer)
    return to_device(np.asarray(answer, dtype))
