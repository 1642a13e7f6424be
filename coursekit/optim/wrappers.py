"""Wrappers: an optimizer in, an optimizer out. They nest: ClipNorm(Average(Adam()), max_norm=1).

    opt = ck.optim.Lookahead(ck.optim.ClipNorm(ck.optim.Adam(lr=1e-3), max_norm=1.0), k=5)
    opt = replace(opt, alpha=0.8)      in mid-run, as for every optimizer

Some change the gradient that `inner` sees and leave all else of the objective as it is: values,
Hessian products, counts. A line search within then compares true values with changed slopes, and
BFGS learns the curvature of changed gradients; both are exact wherever nothing was changed. The
others change the point after inner's step. A wrapper is batched or deterministic if inner is, and
commutes with what both commute with.
"""

from collections import namedtuple
from copy import copy
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from .clipping import clip_norm, clip_value
from .gradient import SGD
from .hyper import Rate, hyper
from .protocol import Optimizer

SYMMETRIES = ("none", "permutation", "signed permutation", "rotation", "affine")


@dataclass(frozen=True, eq=False)
class Wrapper(Optimizer):
    """An optimizer around another. State: k, inner, and points that start where theta starts."""

    inner: Optimizer = hyper(SGD(), choices=(Optimizer,), doc="the optimizer within")

    commutes: ClassVar[str] = "affine"  # the wrapper by itself

    def __post_init__(self):
        super().__post_init__()
        inner = self.inner
        object.__setattr__(self, "batched", inner.batched)
        object.__setattr__(self, "deterministic", inner.deterministic)
        symmetry = min(inner.symmetry, self.commutes, key=SYMMETRIES.index)
        object.__setattr__(self, "symmetry", symmetry)

    def init(self, theta):
        return self.State(0, self.inner.init(theta), *(theta for _ in self.State._fields[2:]))

    def step(self, theta, state, f):
        view = View(f, self.at(state.k, theta).seen)
        theta, inner = self.inner.step(theta, state.inner, view)
        return theta, self.State(state.k + 1, inner)

    def seen(self, f, theta, g):
        """What inner sees in place of the gradient g of f at theta."""
        return g

    def solution(self, theta, state):
        return self.inner.solution(theta, state.inner)


class View:
    """An objective with another gradient; all else is the objective's own."""

    def __init__(self, f, seen):
        self.f, self.seen = f, seen

    def grad(self, theta):
        return self.seen(self.f, theta, self.f.grad(theta))

    def value_and_grad(self, theta):
        value, g = self.f.value_and_grad(theta)
        return value, self.seen(self.f, theta, g)

    def __getattr__(self, name):
        return getattr(self.f, name)

    def __copy__(self):
        return View(copy(self.f), self.seen)


# --- other gradients -----------------------------------------------------------------------------
@dataclass(frozen=True, eq=False)
class ClipNorm(Wrapper):
    """Long gradients are shortened: g <- g min(1, max_norm / |g|).

    Pascanu et al. 2013, algorithm 1, on all parameters together. SGD then moves by lr max_norm at
    most, however steep the cliff. Exact: PyTorch adds 1e-6 to the norm.

    >>> import numpy as np, coursekit as ck
    >>> f = ck.Objective(lambda x: np.sum(x**4))
    >>> opt = ck.optim.ClipNorm(ck.optim.SGD(lr=0.1), max_norm=5.0)
    >>> ck.minimize(f, np.array([10.0]), opt, steps=1).theta
    array([9.5])
    """

    max_norm: float = hyper(1.0, low=0, closed="neither", log=True, slider=(1e-2, 1e2),
                            kind="number", doc="longest gradient")  # fmt: skip

    State = namedtuple("ClipNormState", "k inner")
    commutes = "rotation"

    def seen(self, f, theta, g):
        return clip_norm(g, self.max_norm)


@dataclass(frozen=True, eq=False)
class ClipValue(Wrapper):
    """Each element of the gradient is cut to [-max_value, max_value], which may turn it.

    Mikolov 2012.

    >>> import numpy as np, coursekit as ck
    >>> f = ck.Objective(lambda x: 50 * x[0]**2 + x[1]**2 / 2)
    >>> opt = ck.optim.ClipValue(ck.optim.SGD(lr=0.5), max_value=1.0)
    >>> ck.minimize(f, np.array([4.0, 0.5]), opt, steps=1).theta
    array([3.5 , 0.25])
    """

    max_value: float = hyper(1.0, low=0, closed="neither", log=True, slider=(1e-2, 1e2),
                             kind="number", doc="largest element")  # fmt: skip

    State = namedtuple("ClipValueState", "k inner")
    commutes = "signed permutation"

    def seen(self, f, theta, g):
        return clip_value(g, self.max_value)


@dataclass(frozen=True, eq=False)
class GradientNormPenalty(Wrapper):
    """Penalise the norm of the gradient, which is large in sharp minima: f + alpha r |grad f|.

        g <- (1 - alpha) g(theta) + alpha g(theta + r g / |g|)

    Zhao, Zhang & Hu 2022, algorithm 1, whose lambda is alpha r; the second gradient stands for the
    Hessian times g / |g|. alpha = 1 is sharpness-aware minimisation (Foret et al. 2021). Two
    gradients for each one of inner's; where g = 0 it stays 0.

    >>> import numpy as np, coursekit as ck
    >>> f = ck.Objective(lambda x: np.sum(x**2))
    >>> opt = ck.optim.GradientNormPenalty(ck.optim.SGD(lr=0.25), r=0.5, alpha=0.5)
    >>> ck.minimize(f, np.array([4.0]), opt, steps=1).theta  # g = (8 + 9) / 2
    array([1.875])
    """

    r: float = hyper(0.05, low=0, log=True, slider=(1e-3, 1.0), kind="number",
                     doc="how far away the second gradient is taken")  # fmt: skip
    alpha: float = hyper(0.8, low=0, high=1, closed="both", slider=(0.0, 1.0), kind="number",
                         doc="share of the second gradient")  # fmt: skip

    State = namedtuple("GradientNormPenaltyState", "k inner")
    commutes = "rotation"

    def seen(self, f, theta, g):
        norm = np.sqrt(np.sum(g * g, axis=-1, keepdims=True))
        uphill = theta + self.r * g / np.where(norm == 0, 1, norm)
        f = copy(f)  # so that what theta left behind, f.last_value, stays
        return (1 - self.alpha) * g + self.alpha * f.grad(uphill)


# --- other points --------------------------------------------------------------------------------
@dataclass(frozen=True, eq=False)
class DecoupledDecay(Wrapper):
    """Shrink theta beside the step of inner, not within its gradient.

        theta <- inner's step from theta - lr weight_decay theta

    Loshchilov & Hutter 2019, algorithms 1 and 2: around Momentum SGDW, around Adam AdamW. lr is
    inner's, at this step: their schedule multiplier eta is taken as lr, as in PyTorch.

    Raises TypeError in `init` if there is no lr in inner.

    >>> import numpy as np, coursekit as ck
    >>> f = ck.Objective(lambda x: 0 * np.sum(x))
    >>> opt = ck.optim.DecoupledDecay(ck.optim.Adam(lr=0.1), weight_decay=0.5)
    >>> ck.minimize(f, np.array([100.0]), opt, steps=2).thetas[:, 0]  # 5 percent a step
    array([100.  ,  95.  ,  90.25])
    """

    weight_decay: Rate = hyper(0.01, low=0, slider=(0.0, 0.1),
                               doc="share of theta, times lr, lost per step")  # fmt: skip

    State = namedtuple("DecoupledDecayState", "k inner")

    def init(self, theta):
        _with_lr(self.inner)
        return super().init(theta)

    def step(self, theta, state, f):
        lr = _with_lr(self.inner).at(state.k, theta).lr
        ahead, inner = self.inner.step(theta, state.inner, f)
        decay = self.at(state.k, theta).weight_decay
        return ahead - lr * decay * theta, self.State(state.k + 1, inner)


def _with_lr(opt):
    """The optimizer within wrappers that has the lr."""
    while not hasattr(opt, "lr") and hasattr(opt, "inner"):
        opt = opt.inner
    if not hasattr(opt, "lr"):
        name = type(opt).__name__
        raise TypeError(f"DecoupledDecay: inner must have an lr to decay by, but {name} has none")
    return opt


@dataclass(frozen=True, eq=False)
class Average(Wrapper):
    """Step like inner; the solution is the average of the points it came through.

        average <- average + (theta - average) / n,   n = k - start
        average <- decay average + (1 - decay) theta   with a decay

    Polyak & Juditsky 1992: the noise of the points averages out, at any lr. They count after each
    step from step start + 1 on, as in PyTorch's AveragedModel; until then the solution is theta.
    The running statistics of a batch norm stay those of the stepped points.

    >>> import numpy as np, coursekit as ck
    >>> f = ck.Objective(lambda x: np.sum(x**2))
    >>> path = ck.minimize(f, np.array([4.0]), ck.optim.Average(ck.optim.SGD(lr=0.25)), steps=2)
    >>> path.thetas[:, 0], path.solutions[:, 0]
    (array([4., 2., 1.]), array([4. , 2. , 1.5]))
    """

    start: int = hyper(0, low=0, slider=(0, 1000), kind="whole", doc="steps that are left out")
    decay: float | None = hyper(None, low=0, high=1, slider=(0.5, 0.999), choices=(None,),
                                kind="number", doc="forgets old points; None: never")  # fmt: skip

    State = namedtuple("AverageState", "k inner average")

    def step(self, theta, state, f):
        now, k = self.at(state.k, theta), state.k + 1
        theta, inner = self.inner.step(theta, state.inner, f)
        average, n = theta, k - now.start
        if n > 1:
            share = 1 / n if now.decay is None else 1 - now.decay
            average = state.average + share * (theta - state.average)
        return theta, self.State(k, inner, average)

    def solution(self, theta, state):
        return state.average


@dataclass(frozen=True, eq=False)
class Lookahead(Wrapper):
    """k steps forward, one step back: slow weights follow inner's fast ones, which return to them.

        theta <- inner's step
        slow <- slow + alpha (theta - slow),   theta <- slow   after every k steps

    Zhang et al. 2019, algorithm 1. inner's memory is kept over the return (their "maintain", as in
    optax and pytorch_optimizer). The solution is slow, what the algorithm returns.

    >>> import numpy as np, coursekit as ck
    >>> f = ck.Objective(lambda x: np.sum(x**2))
    >>> opt = ck.optim.Lookahead(ck.optim.SGD(lr=0.25), k=2, alpha=0.5)
    >>> path = ck.minimize(f, np.array([4.0]), opt, steps=3)
    >>> path.thetas[:, 0], path.solutions[:, 0]
    (array([4.  , 2.  , 2.5 , 1.25]), array([4. , 4. , 2.5, 2.5]))
    """

    k: int = hyper(5, low=1, slider=(1, 20), kind="whole", doc="steps between returns")
    alpha: float = hyper(0.5, low=0, high=1, closed="both", slider=(0.0, 1.0), kind="number",
                         doc="how far slow goes towards theta")  # fmt: skip

    State = namedtuple("LookaheadState", "k inner slow")

    def step(self, theta, state, f):
        now, k, slow = self.at(state.k, theta), state.k + 1, state.slow
        theta, inner = self.inner.step(theta, state.inner, f)
        if k % now.k == 0:
            theta = slow = slow + now.alpha * (theta - slow)
        return theta, self.State(k, inner, slow)

    def solution(self, theta, state):
        return state.slow
