"""One coordinate at a time."""

from collections import namedtuple
from dataclasses import dataclass

import numpy as np

from .. import backend
from .hyper import hyper
from .protocol import Optimizer


@dataclass(frozen=True, eq=False)
class CoordinateDescent(Optimizer):
    """Each step is Newton's along one coordinate i; the others rest.

        theta_i <- theta_i - g_i / |h|,    h = e_i'H e_i

    i goes round ("cyclic"), is drawn ("random") or has the largest |g_i| ("gauss-southwell").
    Wright 2015, algorithm 1, with the exact step on quadratics, where a cyclic round of n steps is
    a sweep of Gauss-Seidel. |h| so that the step leads down where the curvature is negative; where
    it is zero, 1 stands in for it.

    >>> import numpy as np, coursekit as ck
    >>> f = ck.landscapes.quadratic(spectrum=(1.0, 10.0))
    >>> ck.minimize(f, [1.0, 1.0], ck.optim.CoordinateDescent(), steps=2).thetas
    array([[1., 1.],
           [0., 1.],
           [0., 0.]])
    """

    rule: str = hyper(
        "cyclic", choices=("cyclic", "random", "gauss-southwell"), doc="which coordinate is next"
    )
    seed: int = hyper(0, low=0, kind="whole", doc='of the draws of "random"')

    State = namedtuple("CoordinateDescentState", "k")

    def __post_init__(self):
        super().__post_init__()
        if self.rule == "gauss-southwell":  # the others depend on the order of the coordinates
            object.__setattr__(self, "symmetry", "signed permutation")

    def step(self, theta, state, f):
        g = f.grad(theta)
        i = self.coordinate(state.k, g)
        e = np.zeros_like(theta)
        e[i] = 1
        h = abs(e @ f.hvp(theta, e))
        return theta - e * (g / np.where(h == 0, 1, h)), self.State(state.k + 1)

    def coordinate(self, k, g):
        """The coordinate of step k + 1."""
        if self.rule == "cyclic":
            return k % g.size
        if self.rule == "random":
            return int(backend.rng(self.seed, k).integers(g.size))
        return abs(g).argmax()
