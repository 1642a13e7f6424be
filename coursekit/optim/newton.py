"""Newton's method and its saddle-free variant: the curvature along a direction sets the step."""

from collections import namedtuple
from dataclasses import dataclass
from functools import partial
from math import inf, isnan, sqrt
from typing import Any

import numpy as np

from .hyper import Rate, hyper
from .linesearch import LINE_SEARCHES, searcher
from .protocol import Optimizer, is_zero
from .spectrum import eigenpairs, lanczos, norm

LR = {"low": 0, "log": True, "slider": (0.01, 1.0), "doc": "share of the step that is taken"}
DAMPING = {"low": 0, "log": True, "slider": (1e-6, 10.0), "kind": "number"}
DAMPINGS = tuple(10.0**-i for i in range(7))  # what "best" tries


@dataclass(frozen=True, eq=False)
class Newton(Optimizer):
    """Go where the quadratic model is stationary: to a minimum, but also to a saddle or a maximum.

        theta <- theta - lr (H + damping I)^-1 g

    Nocedal & Wright 2006, eq. (2.15), and section 3.4 for the damping. One step solves a quadratic.
    A line search replaces lr, and goes along -g where Newton's direction does not lead down.
    Where H + damping I is singular after rounding, the step is the shortest that solves the model.
    If none does, because f slopes where it does not curve, a step without line search raises
    ValueError.

    >>> import coursekit as ck
    >>> f = ck.landscapes.rosenbrock()
    >>> path = ck.minimize(f, f.start, ck.optim.Newton(), steps=7)
    >>> bool(path.value < 1e-20)
    True
    """

    lr: Rate = hyper(1.0, **LR)
    damping: float = hyper(0.0, **DAMPING, doc="added to every eigenvalue of H")
    line_search: Any = hyper(None, choices=(None, *LINE_SEARCHES), doc="finds t in place of lr")

    State = namedtuple("NewtonState", "k")
    symmetry = "affine"

    def __post_init__(self):
        super().__post_init__()
        if not is_zero(self.damping):
            object.__setattr__(self, "symmetry", "rotation")

    def step(self, theta, state, f):
        now, search = self.at(state.k, theta), searcher(self.line_search)
        value, g = f.value_and_grad(theta) if search else (None, f.grad(theta))
        w, Q = eigenpairs(f.hessian(theta))
        d = direction(w + now.damping, Q, g)
        if search:
            theta = search(f, theta, -g if g @ d >= 0 else d, value, g).theta
        else:
            check_solved(self, w + now.damping, Q, g, theta)
            theta = theta + now.lr * d
        return theta, self.State(state.k + 1)


@dataclass(frozen=True, eq=False)
class SaddleFreeNewton(Optimizer):
    """Newton's method with curvatures made positive, so that saddles and maxima repel.

        theta <- theta - lr (|H| + damping I)^-1 g,    |H| = Q diag(|w|) Q^T if H = Q diag(w) Q^T

    Dauphin et al. 2014, algorithm 1, with one step in each Krylov space. damping="best" takes, as
    they do, the best of 1, 0.1, ..., 1e-6 in each step. `krylov` = m restricts H to the Krylov
    space of g of that dimension: m products with H instead of a Hessian, all the same if m = n. A
    singular |H| without damping is treated as by `Newton`.

    >>> import coursekit as ck
    >>> f = ck.landscapes.himmelblau()
    >>> paths = [ck.minimize(f, [0, 0], opt, steps=20) for opt in
    ...          (ck.optim.Newton(), ck.optim.SaddleFreeNewton())]
    >>> [round(path.value, 4) for path in paths]  # the maximum, and a minimum
    [181.6165, 0.0]
    """

    damping: float | str = hyper(
        1e-3, **DAMPING, choices=("best",), doc="added to every absolute eigenvalue"
    )
    krylov: int | None = hyper(
        None, low=1, kind="whole", choices=(None,), doc="dimension of the Krylov space"
    )
    lr: Rate = hyper(1.0, **LR)

    State = namedtuple("SaddleFreeNewtonState", "k")
    symmetry = "rotation"

    def step(self, theta, state, f):
        now, g = self.at(state.k, theta), f.grad(theta)
        if self.krylov is None:
            w, Q = eigenpairs(f.hessian(theta))
        else:
            w, Q = lanczos(partial(f.hvp, theta), g, self.krylov)
        if self.damping == "best":
            ways = [theta + now.lr * direction(abs(w) + damping, Q, g) for damping in DAMPINGS]
            theta = min(ways, key=lambda way: nan_last(float(f.value(way))))
        else:
            check_solved(self, abs(w) + now.damping, Q, g, theta)
            theta = theta + now.lr * direction(abs(w) + now.damping, Q, g)
        return theta, self.State(state.k + 1)


def direction(w, Q, g):
    """-Q diag(1/w) Q^T g, with nothing along the columns of Q where w is 0."""
    return -(Q @ (Q.T @ g / np.where(w == 0, inf, w)))


def check_solved(opt, w, Q, g, theta):
    """Raise ValueError if g has a part along directions in which w is 0.

    A part is more than sqrt(eps) |g|, and more than what rounding theta may do to g.
    """
    slope, eps = norm(np.where(w == 0, Q.T @ g, 0)), float(np.finfo(g.dtype).eps)
    if slope > sqrt(eps) * norm(g) + len(w) * eps * float(abs(w).max()) * norm(theta):
        raise ValueError(
            f"{type(opt).__name__}: the Hessian is singular, and the gradient has a part of length "
            f"{slope:.3g} along directions without curvature: no step solves the model. "
            "Set damping > 0, or use TrustRegion"
        )


def nan_last(value):
    """A key for min that never chooses nan."""
    return inf if isnan(value) else value
