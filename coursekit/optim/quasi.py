"""Quasi-Newton: curvature learned from the gradients on the way."""

from collections import namedtuple
from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np

from ..backend import to_device
from .hyper import Rate, hyper
from .linesearch import LINE_SEARCHES, Exact, Found, known, searcher
from .protocol import Optimizer

SEARCH = "finds t, first trying t = 1"


@dataclass(frozen=True, eq=False)
class BFGS(Optimizer):
    """Newton's method with an inverse Hessian that is learned: H y = s after each step.

        theta <- theta - t H g,    s = -t H g,    y = g(theta + s) - g
        H <- (I - s y'/y's) H (I - y s'/y's) + s s'/y's

    Broyden, Fletcher, Goldfarb & Shanno 1970; Nocedal & Wright 2006, algorithm 6.1, eq. (6.17).
    H starts as I, with a first step of length 1 at most; with `scaling` it is y's/y'y I before its
    first update (eq. (6.20)), which helps where all curvatures are alike and hurts where they are
    not. It learns only where y's > 1e-10 |y| |s|, so that it stays positive definite, and starts
    again from I when a search fails or -H g does not lead down.

    >>> import coursekit as ck
    >>> f = ck.landscapes.quadratic(spectrum=(1.0, 10.0))
    >>> path = ck.minimize(f, [1.0, 1.0], ck.optim.BFGS("exact"), steps=2)
    >>> path.state.H.round(12) + 0  # the inverse Hessian
    array([[1. , 0. ],
           [0. , 0.1]])
    """

    line_search: Any = hyper("strong_wolfe", choices=LINE_SEARCHES, doc=SEARCH)
    scaling: bool = hyper(False, choices=(False, True), doc="scale H before its first update")

    State = namedtuple("BFGSState", "k theta value g H pairs")  # pairs: that H has learned from
    deterministic = True
    symmetry = "rotation"

    def init(self, theta):
        return super().init(theta)._replace(value=0.0, H=identity(theta), pairs=0)

    def step(self, theta, state, f):
        k, _, value, g, H, pairs = state
        if not known(theta, state):
            value, g = f.value_and_grad(theta)
        d = -(H @ g)
        if not g @ d < 0:
            H, pairs, d = identity(theta), 0, -g
        if pairs == 0:
            d = d / max(1.0, sqrt(g @ g))
        found = searcher(self.line_search)(f, theta, d, value, g).completed(f)

        s, y = found.theta - theta, found.grad - g
        if not s.any():
            H, pairs = identity(theta), 0
        elif curved(s, y):
            H = (y @ s) / (y @ y) * H if self.scaling and pairs == 0 else H
            H, pairs = updated(H, s, y), pairs + 1
        return found.theta, self.State(k + 1, found.theta, found.value, found.grad, H, pairs)


@dataclass(frozen=True, eq=False)
class LBFGS(Optimizer):
    """BFGS that remembers its last pairs (s, y) instead of H, and takes O(memory n) per step.

        theta <- theta - t lr H g,    H = BFGS updates of (s'y / y'y) I by the last `memory` pairs

    Liu & Nocedal 1989; Nocedal & Wright 2006, algorithms 7.4 and 7.5, eq. (7.20). Without a line
    search t = 1. As in PyTorch the first step, when no pair is known, is multiplied by
    min(1, 1 / |g|_1); unlike there a pair is kept if y's > 1e-10 |y| |s|, whatever its size. All
    pairs are forgotten when a search fails or -H g does not lead down.

    >>> import coursekit as ck
    >>> f = ck.landscapes.rosenbrock()
    >>> path = ck.minimize(f, f.start, ck.optim.LBFGS(), steps=99, grad_tol=1e-8)
    >>> path.steps < 45, path.theta.round(6)
    (True, array([1., 1.]))
    """

    lr: Rate = hyper(1.0, low=0, log=True, slider=(0.01, 1.0), doc="multiplies the direction")
    memory: int = hyper(10, low=1, slider=(1, 20), kind="whole", doc="pairs that are remembered")
    line_search: Any = hyper("strong_wolfe", choices=(None, *LINE_SEARCHES), doc=SEARCH)

    # S and Y: (memory, n), the last pair last, zeros before the first; pairs: how many there are
    State = namedtuple("LBFGSState", "k theta value g S Y pairs")
    deterministic = True
    symmetry = "signed permutation"

    def __post_init__(self):
        super().__post_init__()
        if isinstance(searcher(self.line_search), Exact):  # |g|_1 does not matter
            object.__setattr__(self, "symmetry", "rotation")

    def init(self, theta):
        state = super().init(theta)
        none = np.zeros_like(theta, shape=(self.memory, theta.size))
        return state._replace(value=0.0, S=none, Y=none, pairs=0)

    def step(self, theta, state, f):
        k, _, value, g, S, Y, pairs = state
        if not known(theta, state):
            value, g = f.value_and_grad(theta)
        pairs = min(pairs, self.memory)  # which may have become less
        d = -times_inverse_hessian(g, S[len(S) - pairs :], Y[len(Y) - pairs :])
        if not g @ d < 0:
            pairs, d = 0, -g
        if pairs == 0:
            d = d / max(1.0, float(abs(g).sum()))
        d, search = self.at(k, theta).lr * d, searcher(self.line_search)
        found = search(f, theta, d, value, g) if search else Found(1.0, theta + d, None, None)
        found = found.completed(f)

        s, y = found.theta - theta, found.grad - g
        if not s.any():
            pairs = 0
        elif curved(s, y):
            S, Y = (np.concatenate([a, b[None]])[-self.memory :] for a, b in ((S, s), (Y, y)))
            pairs = min(pairs + 1, self.memory)
        return found.theta, self.State(k + 1, found.theta, found.value, found.grad, S, Y, pairs)


def curved(s, y) -> bool:
    """Whether the gradient grew along s, and the numbers are not too small to divide by."""
    least = np.finfo(s.dtype).tiny / np.finfo(s.dtype).eps
    return bool(y @ s > 1e-10 * sqrt(y @ y) * sqrt(s @ s) and min(y @ s, y @ y) > least)


def updated(H, s, y):
    """H after the pair (s, y): Nocedal & Wright 2006, eq. (6.17), multiplied out."""
    rho, Hy = 1 / (y @ s), H @ y
    back = np.outer(s, Hy)
    return H - rho * (back + back.T) + rho * (1 + rho * (y @ Hy)) * np.outer(s, s)


def times_inverse_hessian(g, S, Y):
    """H g from the pairs in the rows of S and Y: the two-loop recursion."""
    q, alphas = g, []
    for s, y in zip(S[::-1], Y[::-1], strict=True):
        alphas.append((s @ q) / (y @ s))
        q = q - alphas[-1] * y
    r = q if len(S) == 0 else (S[-1] @ Y[-1]) / (Y[-1] @ Y[-1]) * q
    for s, y, alpha in zip(S, Y, reversed(alphas), strict=True):
        r = r + (alpha - (y @ r) / (y @ s)) * s
    return r


def identity(theta):
    """I (n, n), in the precision of theta."""
    return to_device(np.eye(theta.size, dtype=theta.dtype))
