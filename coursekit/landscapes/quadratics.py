"""Quadratics with the eigenvalues and the orientation one asks for."""

from typing import Any

import numpy as np

from .. import backend
from .landscape import Landscape, check, constant, rotation_matrix


def quadratic(
    spectrum=(1.0, 10.0), rotation: float | str | np.ndarray = 0.0, center=0.0, rng=0
) -> Landscape:
    """f(x) = (x - center)^T A (x - center) / 2, where A = Q diag(spectrum) Q^T.

    `spectrum` (n,) holds the eigenvalues: any signs, so saddles too. `rotation` is Q: an angle in
    radians (n = 2), an orthogonal matrix (n, n) whose columns become the eigenvectors, or "random",
    a uniformly distributed one drawn from `rng`. `center` is a number or (n,).

    >>> import coursekit as ck
    >>> f = ck.landscapes.quadratic(spectrum=(1, 4, 9), rotation="random")
    >>> import numpy as np
    >>> np.linalg.eigvalsh(f.hessian(f.start)).round(6)
    array([1., 4., 9.])
    """
    eigenvalues = np.atleast_1d(np.asarray(spectrum, dtype=np.float64))
    if eigenvalues.ndim != 1 or not eigenvalues.size or not np.isfinite(eigenvalues).all():
        raise ValueError(f"spectrum must be n finite eigenvalues, not {spectrum!r}")
    n = eigenvalues.size
    Q = _orthogonal(rotation, n, rng)
    try:
        middle = np.broadcast_to(np.asarray(center, dtype=np.float64), (n,))
    except ValueError:
        raise ValueError(f"center must be a number or have shape ({n},), not {center!r}") from None
    A, c = constant((Q * eigenvalues) @ Q.T), constant(middle)

    def value(x):
        d = check(x, n) - c(x)
        return 0.5 * (d * (d @ A(x))).sum(-1)

    def grad(x):
        return (check(x, n) - c(x)) @ A(x)

    def hessian(x):
        return A(x) + 0 * check(x, n)[..., None]

    # In the eigenbasis, off every axis: each eigenvalue takes part in the descent.
    start = middle + Q @ np.concatenate([[-2.0], np.ones(n - 1)])
    low, high = eigenvalues.min(), eigenvalues.max()
    kind = "minima" if low >= 0 else "maxima" if high <= 0 else "saddles"
    critical: dict[str, Any] = {kind: [middle]}
    return Landscape(
        "quadratic",
        r"\frac{1}{2} (x - c)^T A \, (x - c)",
        value,
        grad,
        hessian,
        hvp=lambda x, v: v @ A(x),
        start=start,
        bounds=[(m - 3, m + 3) for m in middle],
        **critical,
        levels="log" if kind == "minima" else "linear",
    )


def valley(kappa: float = 100.0, angle: float = 0.0) -> Landscape:
    """f(x) = (x1^2 + kappa x2^2) / 2, turned by `angle` radians: condition number kappa >= 1.

    >>> import coursekit as ck
    >>> f = ck.landscapes.valley(kappa=50)
    >>> float(f.value(f.start))
    27.0
    """
    if not kappa >= 1:
        raise ValueError(f"kappa must be >= 1, not {kappa!r}")
    f = quadratic((1.0, kappa), angle)
    f.name, f.formula = "valley", rf"\frac{{1}}{{2}} (x_1^2 + {kappa:g} \, x_2^2)"
    return f


def elongated(kappa: float = 4.0, angle: float = 0.0) -> Landscape:
    """f(x) = x1^2 + kappa x2^2, turned by `angle` radians: the ellipses of many lectures.

    >>> import coursekit as ck
    >>> ck.landscapes.elongated().hessian(ck.to_device([0.0, 0.0]))
    array([[2., 0.],
           [0., 8.]])
    """
    if not kappa >= 1:
        raise ValueError(f"kappa must be >= 1, not {kappa!r}")
    f = quadratic((2.0, 2.0 * kappa), angle)
    f.name, f.formula = "elongated", rf"x_1^2 + {kappa:g} \, x_2^2"
    return f


def _orthogonal(rotation, n: int, rng) -> np.ndarray:
    """The matrix Q (n, n) that `rotation` stands for."""
    if isinstance(rotation, str):
        if rotation != "random":
            raise ValueError(f'rotation must be an angle, a matrix or "random", not {rotation!r}')
        Q, R = np.linalg.qr(backend.rng(rng).standard_normal((n, n)))
        return Q * np.sign(np.diag(R))  # these signs make the distribution uniform (Mezzadri 2007)
    Q = np.asarray(rotation, dtype=np.float64)
    if Q.ndim == 0:
        angle = float(Q)
        if n == 2 and np.isfinite(angle):
            return rotation_matrix(angle)
        if angle == 0:
            return np.eye(n)
        raise ValueError(f"rotation by an angle needs n = 2 and a finite angle, not {rotation!r}")
    if Q.shape != (n, n) or not np.allclose(Q.T @ Q, np.eye(n), atol=1e-8):
        raise ValueError(f"rotation must be orthogonal of shape ({n}, {n}), not of shape {Q.shape}")
    return Q
