"""Trust region: how far the quadratic model may be believed is learnt on the way."""

from collections import namedtuple
from dataclasses import dataclass
from functools import partial

import numpy as np

from .hyper import hyper
from .line import NOISE
from .linesearch import known
from .protocol import Optimizer
from .subproblem import dogleg, exact, steihaug


@dataclass(frozen=True, eq=False)
class TrustRegion(Optimizer):
    """Try the best step within delta; keep it if f really fell, and learn from how far it fell.

        p = argmin m(p) = f + g^T p + p^T H p / 2  over |p| <= delta
        rho = (f(theta) - f(theta + p)) / (m(0) - m(p))
        delta <- delta / 4 if rho < 1/4,   min(2 delta, max_delta) if rho > 3/4 and |p| = delta
        theta <- theta + p if rho > eta

    Nocedal & Wright 2006, algorithm 4.1. A step is one trial, kept or not. `solver` finds p:
    "steihaug" from products with H (SciPy's trust-ncg, bit for bit), "dogleg" and "exact" from H.
    "exact" leaves saddles and maxima even where g = 0. A promise too small for f to show is
    believed inside the ball only. nan or infinity at theta + p is a failed trial.

    >>> import coursekit as ck
    >>> f = ck.landscapes.rosenbrock()
    >>> path = ck.minimize(f, f.start, ck.optim.TrustRegion(), steps=100, grad_tol=1e-8)
    >>> path.steps, path.theta
    (30, array([1., 1.]))
    """

    delta0: float = hyper(1.0, low=0, closed="neither", log=True, slider=(0.01, 10.0),
                          kind="number", doc="radius of the first trial")  # fmt: skip
    max_delta: float = hyper(1000.0, low=0, closed="neither", log=True, slider=(0.1, 1000.0),
                             kind="number", doc="largest radius")  # fmt: skip
    eta: float = hyper(0.15, low=0, high=0.25, slider=(0.0, 0.24), kind="number",
                       doc="share of the promise that a trial must gain to be kept")  # fmt: skip
    solver: str = hyper("steihaug", choices=("steihaug", "exact", "dogleg"), doc="how p is found")

    State = namedtuple("TrustRegionState", "k theta value g delta rho")
    deterministic = True
    symmetry = "rotation"

    def init(self, theta):
        return super().init(theta)._replace(value=0.0, delta=float(self.delta0), rho=0.0)

    def step(self, theta, state, f):
        value, g = state[2:4] if known(theta, state) else f.value_and_grad(theta)
        value, delta, rho = float(value), float(min(state.delta, self.max_delta)), state.rho
        p, Hp, on_boundary = self.solve(theta, g, delta, f)
        trial = theta + p
        ahead = float(f.value(trial))
        promised = float(value - (value + g @ p + 0.5 * (p @ Hp)))  # 0 if f cannot show it
        gained = value - ahead
        if promised > 0:
            rho = gained / promised
            if not rho >= 0.25:
                delta = delta / 4
            elif rho > 0.75 and on_boundary:
                delta = float(min(2 * delta, self.max_delta))
            kept = rho > self.eta
        else:
            kept = not on_boundary and abs(gained) <= NOISE * np.finfo(g.dtype).eps * abs(value)
        if kept:
            theta, value, g = trial, ahead, f.grad(trial)
        elif np.isnan(promised):  # because of f, g or H here: show it
            theta = theta + promised
        return theta, self.State(state.k + 1, theta, value, g, delta, rho)

    def solve(self, theta, g, delta, f):
        """p, H p, and whether p ends on the boundary."""
        if self.solver == "steihaug":
            return steihaug(partial(f.hvp, theta), g, delta)
        return {"exact": exact, "dogleg": dogleg}[self.solver](f.hessian(theta), g, delta)
