"""Matrix products, factorisations and what is made of them.

The derivatives of solve, inv, det and cholesky are those collected by Giles, "Collected matrix
derivative results for forward and reverse mode algorithmic differentiation" (2008).
"""

from typing import Any, NamedTuple

import numpy as np

from .. import backend
from ..autograd.trace import DISPATCH, op, shape_of, untraced
from .reductions import _back
from .reductions import sum as sum_
from .shaping import broadcast_to, diagonal, expand_dims, reshape


def _ndim(x):
    return len(shape_of(x))


def _t(x):
    """The transpose of the last two axes."""
    return x.T if _ndim(x) == 2 else x.swapaxes(-1, -2)


# --- products ------------------------------------------------------------------------------------
def _matmul_a(g, y, a, b):
    if _ndim(b) == 1:
        return g[..., None] * b if _ndim(a) > 1 else g * b
    if _ndim(a) == 1:
        return (b @ g[..., None])[..., 0]
    return g @ _t(b)


def _matmul_b(g, y, a, b):
    if _ndim(a) == 1:
        return a[:, None] * g[..., None, :] if _ndim(b) > 1 else g * a
    if _ndim(b) == 1:
        return (_t(a) @ g[..., None])[..., 0]
    return _t(a) @ g


matmul = op(np.matmul, _matmul_a, _matmul_b)


def dot(a, b):
    """The sum of products over the last axis of a and the last but one of b (its only one)."""
    if not _ndim(a) or not _ndim(b):
        return a * b
    return matmul(a, b) if _ndim(b) <= 2 else tensordot(a, b, ([-1], [-2]))


def inner(a, b):
    """The sum of products over the last axes of a and b."""
    return tensordot(a, b, ([-1], [-1])) if _ndim(a) and _ndim(b) else a * b


def outer(a, b):
    """All products of the elements of a with those of b."""
    return reshape(a, (-1, 1)) * reshape(b, (1, -1))


def vdot(a, b):
    """The sum of products of all elements."""
    return matmul(reshape(a, (-1,)), reshape(b, (-1,)))


def kron(a, b):
    """The block matrix of all a[i, j] * b."""
    (m, n), (p, q) = shape_of(a), shape_of(b)
    blocks = reshape(a, (m, 1, n, 1)) * reshape(b, (1, p, 1, q))
    return reshape(blocks, (m * p, n * q))


def tensordot(a, b, axes=2):
    """The sum of products over pairs of axes: `axes` last of a with first of b, or two lists."""
    na, nb = _ndim(a), _ndim(b)
    if isinstance(axes, int):
        axes = (range(na - axes, na), range(axes))
    on_a, on_b = ([x] if isinstance(x, int) else list(x) for x in axes)
    letters = iter("abcdefghijklmnopqrstuvwxyz")
    ia = [next(letters) for _ in range(na)]
    ib = [next(letters) for _ in range(nb)]
    for i, j in zip(on_a, on_b, strict=True):
        ib[j] = ia[i]
    kept = [c for c in ia + ib if (c in ia) != (c in ib)]
    return einsum(f"{''.join(ia)},{''.join(ib)}->{''.join(kept)}", a, b)


def _einsum(*operands, subscripts):
    return np.einsum(subscripts, *operands, optimize=len(operands) > 2)


def _einsum_rule(i, g, y, *operands, subscripts):
    """Exchange the letters of operand i and of the answer; letters only i has are stretched."""
    ins, out = subscripts.split("->")
    letters = ins.split(",")
    mine, others = letters[i], letters[:i] + letters[i + 1 :]
    rest = [x for j, x in enumerate(operands) if j != i]
    alone = [j for j, c in enumerate(mine) if c not in out + "".join(others)]
    met = "".join(c for j, c in enumerate(mine) if j not in alone)
    back = expand_dims(einsum(f"{','.join([out, *others])}->{met}", g, *rest), tuple(alone))
    return broadcast_to(back, np.broadcast_shapes(shape_of(back), shape_of(operands[i])))


_einsum_op = op(_einsum, each=_einsum_rule, name="einsum")


def einsum(subscripts, *operands, **kw):
    """Einstein summation, "ij,jk->ik" or "...i,i"; no operand may have a letter twice."""
    if not isinstance(subscripts, str):
        raise TypeError('einsum takes its subscripts as text, such as "ij,jk->ik"')
    subscripts = subscripts.replace(" ", "")
    ins, arrow, out = subscripts.partition("->")
    if not arrow:
        once = sorted(c for c in set(ins) - set(",.") if ins.count(c) == 1)
        out = "..." * ("..." in ins) + "".join(once)
    terms = ins.split(",")
    if "..." in ins:  # letters that nobody uses, aligned at the right
        free = [c for c in "ABCDEFGHIJKLMNOPQRSTUVWXYZ" if c not in subscripts]
        axes = [_ndim(x) - len(t.replace("...", "")) for t, x in zip(terms, operands, strict=True)]
        most = max(n for t, n in zip(terms, axes, strict=True) if "..." in t)
        dots = ["".join(free[most - n : most]) for n in axes]
        terms = [t.replace("...", d) for t, d in zip(terms, dots, strict=True)]
        out = out.replace("...", "".join(free[:most]))
    if any(len(set(term)) < len(term) for term in terms):
        raise TypeError(f"einsum {subscripts!r}: a letter twice in one operand; take its diagonal")
    return _einsum_op(*operands, subscripts=f"{','.join(terms)}->{out}")


def trace(x, offset=0, axis1=0, axis2=1):
    """The sum of the diagonal."""
    return sum_(diagonal(x, offset, axis1, axis2), axis=-1)


# --- factorisations ------------------------------------------------------------------------------
def _solve(a, b):
    return backend.linalg.solve(a, b)


def _solve_a(g, y, a, b):
    down = _solve_b(g, y, a, b)
    return -(down[..., :, None] * y[..., None, :] if _ndim(b) == 1 else down @ _t(y))


def _solve_b(g, y, a, b):
    if _ndim(b) == 1:  # NumPy takes a stack of vectors g for a matrix
        return solve(_t(a), g[..., None])[..., 0]
    return solve(_t(a), g)


def _det_rule(g, y, x):
    return (g * y)[..., None, None] * _t(inv(x))


def _half(x):
    """The lower triangle with half the diagonal."""
    return (np.tril(x) + np.tril(x, -1)) * 0.5


def _cholesky_rule(g, y, x):
    middle = _half(_t(y) @ g)
    lower = solve(_t(y), _t(solve(_t(y), _t(middle))))
    return (lower + _t(lower)) * 0.5


solve = op(_solve, _solve_a, _solve_b, name="solve")
inv = op(backend.linalg.inv, lambda g, y, x: -_t(y) @ g @ _t(y))
det = op(backend.linalg.det, _det_rule)
cholesky = op(backend.linalg.cholesky, _cholesky_rule)


class SignLogdet(NamedTuple):
    """What slogdet answers: det(x) = sign * exp(logabsdet)."""

    sign: Any
    logabsdet: Any


def slogdet(x):
    """The sign and the logarithm of the absolute determinant."""
    return SignLogdet(_sign_det(x), _logdet(x))


_sign_det = op(lambda x: backend.linalg.slogdet(x)[0], name="slogdet")
_logdet = op(
    lambda x: backend.linalg.slogdet(x)[1],
    lambda g, y, x: np.reshape(g, (*shape_of(y), 1, 1)) * _t(inv(x)),
    name="slogdet",
)


def _eigh_rule(g, y, x):
    (g_w, g_v), (w, v) = g, y
    turned = v * g_w[..., None, :] if g_w is not None else 0 * v
    if g_v is not None:
        gap = w[..., None, :] - w[..., :, None]
        turned = turned + v @ (_t(v) @ g_v / np.where(untraced(gap) == 0, np.inf, gap))
    full = turned @ _t(v)
    return (full + _t(full)) * 0.5


_eigh = op(lambda x: tuple(backend.linalg.eigh(x)), _eigh_rule, name="eigh")


def eigh(x):
    """The eigenvalues, ascending, and eigenvectors (columns) of a symmetric matrix.

    Where eigenvalues coincide their vectors have no derivative; the part between them counts as 0.
    """
    return _eigh(x)


def norm(x, ord=None, axis=None, keepdims=False):
    """The Euclidean norm over `axis` (over all elements without one); its derivative at 0 is 0.

    A vector also has the norms ord=1 and ord=np.inf.
    """
    vector = isinstance(axis, int) or (axis is None and _ndim(x) == 1)
    if vector and ord == 1:
        return sum_(np.abs(x), axis=axis, keepdims=keepdims)
    if vector and ord == np.inf:
        return np.max(np.abs(x), axis=axis, keepdims=keepdims)
    if not (ord is None or (vector and ord == 2) or (not vector and ord == "fro")):
        raise TypeError(
            f"a traced array has the Euclidean norm, vectors also ord=1 and np.inf, not ord={ord!r}"
        )
    return _norm(x, axis=axis, keepdims=keepdims)


def _norm_fn(x, axis=None, keepdims=False):
    return np.sqrt(np.sum(x * x, axis=axis, keepdims=keepdims))


def _norm_rule(g, y, x, axis=None, keepdims=False):
    y, g = _back(y, x, axis, keepdims), _back(g, x, axis, keepdims)
    return g * x / np.where(y == 0, 1, y)


_norm = op(_norm_fn, _norm_rule, name="norm")

DISPATCH.update(
    {
        np.dot: dot, np.inner: inner, np.outer: outer, np.vdot: vdot, np.tensordot: tensordot,
        np.einsum: einsum, np.trace: trace, np.linalg.solve: solve, np.linalg.norm: norm,
        np.linalg.inv: inv, np.linalg.det: det, np.linalg.cholesky: cholesky,
        np.linalg.slogdet: slogdet, np.linalg.eigh: eigh, np.linalg.eigvalsh: lambda x: eigh(x)[0],
        np.kron: kron,
    }
)  # fmt: skip

__all__ = [
    "cholesky", "det", "dot", "eigh", "einsum", "inner", "inv", "kron", "matmul", "norm", "outer",
    "slogdet", "solve", "tensordot", "trace", "vdot",
]  # fmt: skip
