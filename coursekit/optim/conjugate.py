"""Conjugate gradients: a direction that does not undo the one before."""

from collections import namedtuple
from dataclasses import dataclass
from math import inf, sqrt
from typing import Any

from .hyper import hyper
from .linesearch import LINE_SEARCHES, StrongWolfe, known, searcher
from .protocol import Optimizer

NARROW = StrongWolfe(c2=0.1)  # directions stay conjugate only if the searches are nearly exact


@dataclass(frozen=True, eq=False)
class ConjugateGradient(Optimizer):
    """Steepest descent bent by the direction before: nonlinear conjugate gradients.

        theta <- theta + t d,    d <- -g + beta d,    y = g - g_old

        "FR"    beta = g'g / g_old'g_old            Fletcher & Reeves 1964
        "PR+"   beta = max(0, g'y / g_old'g_old)    Polak & Ribiere 1969, Gilbert & Nocedal 1992
        "HS"    beta = g'y / d'y                    Hestenes & Stiefel 1952
        "DY"    beta = g'g / d'y                    Dai & Yuan 1999

    Nocedal & Wright 2006, algorithm 5.4, eqs. (5.41)-(5.49). d is -g again where it would not lead
    down, and where |g'g_old| >= 0.1 g'g (Powell 1977, eq. (5.52)) or, with restart="n", after n
    steps. "strong_wolfe" is StrongWolfe(c2=0.1) here. The first t to try promises the first-order
    decrease of the last step (p. 59), at first 1 / max(1, |g|). With "exact" this is linear CG on a
    quadratic: n steps.

    >>> import coursekit as ck
    >>> f = ck.landscapes.quadratic(spectrum=(1.0, 10.0))
    >>> opt = ck.optim.ConjugateGradient(line_search="exact")
    >>> bool(ck.minimize(f, [1.0, 1.0], opt, steps=2).grad_norms[-1] < 1e-14)
    True
    """

    variant: str = hyper("PR+", choices=("FR", "PR+", "HS", "DY"), doc="the formula of beta")
    line_search: Any = hyper("strong_wolfe", choices=LINE_SEARCHES, doc="finds t")
    restart: str = hyper("powell", choices=("powell", "n"), doc="when to forget the direction")

    # d and t are those of the next step: its direction, the first t to try
    State = namedtuple("ConjugateGradientState", "k theta value g d t")
    deterministic = True
    symmetry = "rotation"

    def init(self, theta):
        return super().init(theta)._replace(value=0.0, t=0.0)

    def step(self, theta, state, f):
        if known(theta, state):
            value, g, d, t = state[2:]
        else:
            value, g = f.value_and_grad(theta)
            d, t = -g, first_trial(g)
        search = searcher(self.line_search, strong_wolfe=NARROW)
        found = search(f, theta, d, value, g, first=t).completed(f)
        k, new, slope = state.k + 1, found.grad, float(g @ d)

        d = self.beta(new, g, d) * d - new
        tired = k % g.size == 0 if self.restart == "n" else abs(new @ g) >= 0.1 * (new @ new)
        if tired or not new @ d < 0:
            d = -new
        promised, slope = found.t * slope, float(new @ d)
        t = promised / slope if slope < 0 else 0.0
        t = t if 0 < t < inf else first_trial(new)
        return found.theta, self.State(k, found.theta, found.value, new, d, t)

    def beta(self, g, g_old, d):
        """How much of the old direction d to keep."""
        y = g - g_old
        above = g @ (y if self.variant in ("PR+", "HS") else g)
        below = d @ y if self.variant in ("HS", "DY") else g_old @ g_old
        beta = above / below if below > 0 else 0.0
        return max(0.0, beta) if self.variant == "PR+" else beta


def first_trial(g) -> float:
    """A step of length 1 at most."""
    return 1 / max(1.0, sqrt(g @ g))
