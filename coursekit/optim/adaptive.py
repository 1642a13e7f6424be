"""A step size for each coordinate: Adagrad, RMSprop, Adadelta, and their ancestor Rprop."""

from collections import namedtuple
from dataclasses import dataclass
from typing import ClassVar

from numpy import maximum, minimum, sign, sqrt, where, zeros_like

from ..backend import elementwise
from .gradient import DECAY, LR, MOMENTUM
from .hyper import Rate, hyper
from .protocol import Elementwise, decayed, is_zero

EPS = {"low": 0, "log": True, "slider": (1e-10, 1.0), "doc": "keeps the divisor from 0"}
INSIDE = {"choices": (False, True), "doc": "eps under the root"}
RHO = {"low": 0, "high": 1, "slider": (0.5, 0.999), "doc": "memory of the mean square v"}


def root(v, eps, inside):
    """What a step is divided by: sqrt(v) + eps, or sqrt(v + eps)."""
    return sqrt(v + eps) if inside else sqrt(v) + eps


@dataclass(frozen=True, eq=False)
class Adagrad(Elementwise):
    """The gradient divided by the root of the sum of all its squares.

        v <- v + g^2,   theta <- theta - lr g / (sqrt(v) + eps)

    Duchi et al. 2011, the diagonal form; v starts at `initial_accumulator`. `eps_inside` divides by
    sqrt(v + eps). Steps shrink like lr / sqrt(k), and for good.

    >>> import numpy as np, coursekit as ck
    >>> opt, f = ck.optim.Adagrad(lr=1.0, eps=0.0), ck.Objective(lambda x: np.sum(x))
    >>> ck.minimize(f, np.array([0.0]), opt, steps=3).thetas[:, 0].round(3)  # 1, 1/sqrt(2), ...
    array([ 0.   , -1.   , -1.707, -2.284])
    """

    lr: Rate = hyper(0.01, **LR)
    eps: float = hyper(1e-10, **EPS)
    eps_inside: bool = hyper(False, **INSIDE)
    initial_accumulator: float = hyper(0.0, low=0, kind="number", doc="what v starts from")
    weight_decay: Rate = hyper(0.0, **DECAY)

    State = namedtuple("AdagradState", "k v")
    symmetry = "signed permutation"

    def init(self, theta):
        k, v = super().init(theta)
        return self.State(k, v + float(self.initial_accumulator))

    @elementwise
    def rule(self, theta, g, s):
        g = decayed(g, self.weight_decay, theta)
        v = s.v + g**2
        step = g / root(v, self.eps, self.eps_inside)
        return theta - self.lr * step, self.State(s.k + 1, v)


@dataclass(frozen=True, eq=False)
class RMSprop(Elementwise):
    """The gradient divided by the root of a running mean of its squares.

        v <- rho v + (1 - rho) g^2,   u <- momentum u + g / (sqrt(v) + eps),   theta <- theta - lr u

    Tieleman & Hinton 2012, lecture 6e, where eps and momentum are 0. `centered` divides by the
    standard deviation, sqrt(v - m^2) with m <- rho m + (1 - rho) g (Graves 2013, eqs. 38-41); a
    v - m^2 that rounding pushed below 0 counts as 0. `eps_inside` moves eps under the root.
    The state keeps m and u only where they are used; PyTorch's default rho is 0.99.

    >>> import numpy as np, coursekit as ck
    >>> opt, f = ck.optim.RMSprop(lr=1.0, rho=0.75, eps=0.0), ck.Objective(lambda x: np.sum(x))
    >>> ck.minimize(f, np.array([0.0]), opt, steps=1).thetas[:, 0]  # 1 / sqrt(1 - rho)
    array([ 0., -2.])
    """

    lr: Rate = hyper(1e-3, **LR)
    rho: Rate = hyper(0.9, **RHO)
    eps: float = hyper(1e-8, **EPS)
    eps_inside: bool = hyper(False, **INSIDE)
    centered: bool = hyper(False, choices=(False, True), doc="divide by the standard deviation")
    momentum: Rate = hyper(0.0, **MOMENTUM)
    weight_decay: Rate = hyper(0.0, **DECAY)

    State = namedtuple("RMSpropState", "k v m u")
    symmetry = "signed permutation"
    heavy: ClassVar[bool]  # whether there is momentum; a schedule of it may still pass through 0

    def __post_init__(self):
        super().__post_init__()
        object.__setattr__(self, "heavy", not is_zero(self.momentum))

    def init(self, theta):
        k, v, m, u = super().init(theta)
        return self.State(k, v, m if self.centered else 0.0, u if self.heavy else 0.0)

    @elementwise
    def rule(self, theta, g, s):
        g = decayed(g, self.weight_decay, theta)
        v, m, u = self.rho * s.v + (1 - self.rho) * g**2, s.m, s.u
        variance = v
        if self.centered:
            m = self.rho * s.m + (1 - self.rho) * g
            variance = maximum(v - m**2, 0)
        step = g / root(variance, self.eps, self.eps_inside)
        if self.heavy:
            step = u = self.momentum * s.u + step
        return theta - self.lr * step, self.State(s.k + 1, v, m, u)


@dataclass(frozen=True, eq=False)
class Adadelta(Elementwise):
    """RMSprop whose step size is the root mean square of its own past steps.

        v <- rho v + (1 - rho) g^2
        u = g sqrt(d + eps) / sqrt(v + eps)
        d <- rho d + (1 - rho) u^2,   theta <- theta - lr u

    Zeiler 2012, algorithm 1, which has lr = 1; d remembers u without lr, as in all libraries. In
    place of lr, eps sets the pace: the first step is sqrt(eps / (1 - rho)), unless g is as small.

    >>> import numpy as np, coursekit as ck
    >>> opt, f = ck.optim.Adadelta(rho=0.75, eps=0.01), ck.Objective(lambda x: np.sum(1000 * x))
    >>> ck.minimize(f, np.array([0.0]), opt, steps=1).thetas[:, 0].round(5)
    array([ 0. , -0.2])
    """

    lr: Rate = hyper(1.0, **{**LR, "slider": (1e-3, 10.0)})
    rho: Rate = hyper(0.95, **RHO)
    eps: float = hyper(1e-6, **{**EPS, "closed": "neither", "doc": "the first u^2, and the least"})
    weight_decay: Rate = hyper(0.0, **DECAY)

    State = namedtuple("AdadeltaState", "k v d")
    symmetry = "signed permutation"

    @elementwise
    def rule(self, theta, g, s):
        g = decayed(g, self.weight_decay, theta)
        v = self.rho * s.v + (1 - self.rho) * g**2
        u = sqrt(s.d + self.eps) / sqrt(v + self.eps) * g
        d = self.rho * s.d + (1 - self.rho) * u**2
        return theta - self.lr * u, self.State(s.k + 1, v, d)


@dataclass(frozen=True, eq=False)
class Rprop(Elementwise):
    """Steps that grow while the gradient keeps its sign and shrink when it turns.

        d <- eta_plus d where g has the sign of the last g, eta_minus d where it has the other
        theta <- theta - d sign(g), without a step where g turned, which then counts as 0 next time

    Riedmiller & Braun 1993, as iRprop- of Igel & Huesken 2003 and PyTorch: d is kept between
    `min_step` and `max_step`. Only the first d is lr; later lr matters only where it is 0, which
    keeps a coordinate where it is. The sizes of g do not matter, so noisy signs mislead it.

    >>> import numpy as np, coursekit as ck
    >>> opt, f = ck.optim.Rprop(lr=1.0, eta_plus=2.0), ck.Objective(lambda x: np.sum(x**2))
    >>> ck.minimize(f, np.array([6.0]), opt, steps=5).thetas[:, 0]  # back from -1 by half of 4
    array([ 6.,  5.,  3., -1., -1.,  1.])
    """

    lr: Rate = hyper(0.01, **{**LR, "doc": "first step size"})
    eta_minus: float = hyper(0.5, low=0, high=1, closed="neither", slider=(0.1, 0.9),
                             kind="number", doc="factor when the gradient turns")  # fmt: skip
    eta_plus: float = hyper(1.2, low=1, closed="neither", slider=(1.01, 2.0), kind="number",
                            doc="factor while it keeps its sign")  # fmt: skip
    min_step: float = hyper(1e-6, low=0, kind="number", doc="least step size")
    max_step: float = hyper(50.0, low=0, closed="neither", kind="number", doc="largest step size")

    State = namedtuple("RpropState", "k d g")
    symmetry = "signed permutation"

    def __post_init__(self):
        super().__post_init__()
        if self.min_step > self.max_step:
            raise ValueError(
                f"Rprop: min_step must be at most max_step, {self.max_step}, not {self.min_step}"
            )

    def init(self, theta):
        return super().init(theta)._replace(d=zeros_like(theta) + self.at(0, theta).lr)

    @elementwise
    def rule(self, theta, g, s):
        same = sign(g) * sign(s.g)  # g * s.g would underflow
        d = where(same > 0, self.eta_plus * s.d, where(same < 0, self.eta_minus * s.d, s.d))
        d = maximum(minimum(d, self.max_step), self.min_step)
        g = where(same < 0, 0, g)
        return theta - where(self.lr == 0, 0, d) * sign(g), self.State(s.k + 1, d, g)
