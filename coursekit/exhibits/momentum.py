"""Momentum: where its formulas are misprinted, and what is claimed of it."""

from collections import namedtuple
from dataclasses import dataclass
from functools import partial

import numpy as np

from ..backend import elementwise
from ..landscapes import elongated, quadratic
from ..objective import Objective
from ..optim import SGD, GradientDescent, Momentum, Nesterov
from ..optim.gradient import LR, MOMENTUM
from ..optim.hyper import Rate, hyper
from ..optim.protocol import Elementwise
from .card import DILLHOFF, MARIA, NOTES, SUN, THADANI, Exhibit, Pair
from .measure import START, apart, gaps, noisy_gaps, paths, slope, stability_limit


# --- formulas of momentum as they are printed ----------------------------------------------------
@dataclass(frozen=True, eq=False)
class StaleMomentum(Elementwise):
    """Momentum with an index slip: the step uses the velocity from before this gradient.

        theta <- theta - lr u,   u <- momentum u + g

    The same as momentum with a gradient that is one step old.
    """

    lr: Rate = hyper(0.01, **LR)
    momentum: Rate = hyper(0.9, **MOMENTUM)

    State = namedtuple("StaleMomentumState", "k u")
    symmetry = "rotation"

    @elementwise
    def rule(self, theta, g, s):
        return theta - self.lr * s.u, self.State(s.k + 1, self.momentum * s.u + g)


@dataclass(frozen=True, eq=False)
class HeavyBall(Elementwise):
    """Momentum in one line, as Sun writes it: the last step is the difference of two points.

        theta <- theta - lr g + momentum (theta - before)

    Momentum(style="velocity"), with u = theta - before.
    """

    lr: Rate = hyper(0.01, **LR)
    momentum: Rate = hyper(0.9, **MOMENTUM)

    State = namedtuple("HeavyBallState", "k before")
    symmetry = "rotation"

    def init(self, theta):
        return super().init(theta)._replace(before=theta.copy())

    @elementwise
    def rule(self, theta, g, s):
        ahead = theta - self.lr * g + self.momentum * (theta - s.before)
        return ahead, self.State(s.k + 1, theta + 0)


@dataclass(frozen=True, eq=False)
class FractionOfUpdate(Elementwise):
    """Momentum as Dillhoff writes it: the update, called g_t there, is what is subtracted.

        u <- momentum u + lr g,   theta <- theta - u

    Momentum(style="velocity"), with the sign of u turned.
    """

    lr: Rate = hyper(0.01, **LR)
    momentum: Rate = hyper(0.9, **MOMENTUM)

    State = namedtuple("FractionOfUpdateState", "k u")
    symmetry = "rotation"

    @elementwise
    def rule(self, theta, g, s):
        u = self.momentum * s.u + self.lr * g
        return theta - u, self.State(s.k + 1, u)


# --- E10 -----------------------------------------------------------------------------------------
def _stale(lr=0.02, momentum=0.9, steps=100) -> Pair:
    return paths(StaleMomentum(lr, momentum), Momentum(lr, momentum), steps=steps)


def _stale_numbers() -> dict[str, float]:
    found = {}
    for mu in (0.9, 0.99):
        found[f"limit as printed, mu={mu}"] = stability_limit(partial(StaleMomentum, momentum=mu))
        found[f"limit, mu={mu}"] = stability_limit(partial(Momentum, momentum=mu))
    return found


E10 = Exhibit(
    "E10",
    "The step uses the velocity of the step before",
    NOTES,
    r"p^{(i+1)} = \mu p^{(i)} + g^{(i)}, \quad W^{(i+1)} = W^{(i)} - \alpha p^{(i)}",
    r"p^{(i+1)} = \mu p^{(i)} + g^{(i)}, \quad W^{(i+1)} = W^{(i)} - \alpha p^{(i+1)}",
    "One index too low, and the method is stable only for alpha lambda < 1 - mu instead of "
    "2 (1 + mu): it acts on a gradient that is one step old.",
    _stale,
    _stale_numbers,
)


# --- E12, E13: rates -----------------------------------------------------------------------------
def _accelerated(steps=100) -> Pair:
    errors = gaps(Nesterov(lr=1.0, momentum="k", lookahead=True), steps)
    claimed = errors.copy()
    claimed[1:] = errors[1] / np.arange(1, steps + 1)
    return Pair(claimed, errors)


def _accelerated_numbers() -> dict[str, float]:
    pair = _accelerated()
    return {
        "slope as printed": slope(pair.says, 30),
        "slope of Nesterov": slope(pair.right, 30),
        "slope of gradient descent": slope(gaps(GradientDescent(lr=1.0)), 30),
    }


E12 = Exhibit(
    "E12",
    "A rate of 1/k^2 explained as 1/k",
    NOTES,
    r"O(1/k^2), \text{ i.e. the error is bounded by a constant times } 1/k",
    r"O(1/k^2): \text{ the error is bounded by a constant times } 1/k^2",
    "On logarithmic axes the error of Nesterov's method falls with slope -2; slope -1 is gradient "
    "descent.",
    _accelerated,
    _accelerated_numbers,
)


def _convex(k: int) -> float:  # the steps that suit any convex function
    return 0.5 / (k + 1) ** 0.5


def _strongly_convex(k: int) -> float:  # the steps that suit a curvature of at least 1
    return 1.0 / (k + 1)


def _vanilla(steps=400) -> Pair:
    return Pair(noisy_gaps(SGD(lr=_convex), steps), gaps(GradientDescent(lr=1.0), steps))


def _vanilla_numbers() -> dict[str, float]:
    pair = _vanilla()
    return {
        "slope of gradient descent": slope(pair.right, 10),
        "slope of SGD, steps 1/sqrt(k)": slope(pair.says, 40),
        "slope of SGD, steps 1/k": slope(noisy_gaps(SGD(lr=_strongly_convex)), 40),
    }


E13 = Exhibit(
    "E13",
    "A rate of gradient descent ascribed to SGD",
    NOTES,
    r"\text{vanilla SGD converges at the rate } O(1/k)",
    r"\text{gradient descent: } O(1/k); \quad \text{SGD: } O(1/\sqrt{k}), "
    r"\text{ or } O(1/k) \text{ if strongly convex, with steps like } 1/k",
    "1/k is the rate of the full gradient on smooth convex functions. With noise and steps like "
    "1/sqrt(k) the slope is -1/2.",
    _vanilla,
    _vanilla_numbers,
)


# --- E30 -----------------------------------------------------------------------------------------
def _average(lr=0.02, momentum=0.9, steps=100) -> Pair:
    return paths(Momentum(lr, momentum, style="ema"), Momentum(lr, momentum), steps=steps)


def _average_numbers() -> dict[str, float]:
    slope_of_one = Objective(value=lambda x: x[0], grad=np.ones_like)  # the gradient is always 1
    pair = paths(
        Momentum(0.1, 0.9, style="ema"), Momentum(0.1, 0.9), slope_of_one, (0.0,), steps=400
    )
    printed, usual = (float(path.thetas[-2, 0] - path.thetas[-1, 0]) for path in pair)
    pair = paths(Momentum(0.02, 0.9, style="ema"), Momentum(0.02 * (1 - 0.9), 0.9))
    return {
        "usual step / printed step": usual / printed,
        "difference from lr (1 - beta)": apart(pair),
    }


E30 = Exhibit(
    "E30",
    "An average in place of a sum",
    MARIA,
    r"V = \beta V + (1 - \beta) \, dW, \quad W = W - \alpha V",
    r"V = \beta V + dW, \quad W = W - \alpha V \quad \text{(all the others)}",
    "Not wrong, but another method for the same alpha: its steps are in the end 1 - beta times as "
    "long, and it equals the others with alpha (1 - beta).",
    _average,
    _average_numbers,
)


# --- E42 -----------------------------------------------------------------------------------------
def _ahead(lr=0.02, momentum=0.9, steps=100) -> Pair:
    return paths(Nesterov(lr, momentum, lookahead=True), Nesterov(lr, momentum), steps=steps)


def _ahead_numbers() -> dict[str, float]:
    lr, mu, f = 0.02, 0.9, elongated(4.0)
    theta = np.array(START)
    opt, stored = Nesterov(lr, mu, lookahead=True), Nesterov(lr, mu)
    state, other = opt.init(theta), stored.init(theta)
    y, apart, match = theta, 0.0, 0.0
    for _ in range(100):
        theta, state = opt.step(theta, state, f)
        y, other = stored.step(y, other, f)
        apart = max(apart, float(np.abs(y - theta).max()))
        match = max(match, float(np.abs(y - (theta + mu * state.u)).max()))
    return {"difference from theta": apart, "difference from theta + mu u": match}


E42 = Exhibit(
    "E42",
    "Which point a library stores",
    f"{SUN}; {THADANI}; {DILLHOFF}",
    r"u \leftarrow \mu u - \eta \nabla f(\theta + \mu u), \quad \theta \leftarrow \theta + u",
    r"y = \theta + \mu u: \quad b \leftarrow \mu b + \nabla f(y), \quad "
    r"y \leftarrow y - \eta (\nabla f(y) + \mu b)",
    "The parameter that PyTorch stores is the point looked at, y, not theta: one algorithm, two "
    "sequences of points.",
    _ahead,
    _ahead_numbers,
)


# --- E43 -----------------------------------------------------------------------------------------
def _dropped(lr=0.02, momentum=0.9, at=10, factor=100.0, steps=40) -> Pair:
    def schedule(k):
        return lr if k < at else lr / factor

    return paths(
        Momentum(schedule, momentum, style="velocity"), Momentum(schedule, momentum), steps=steps
    )


def _dropped_numbers() -> dict[str, float]:
    inside, outside = (float(np.linalg.norm(path.theta)) for path in _dropped())
    return {
        "norm at step 40, lr inside": inside,
        "norm at step 40, lr outside": outside,
        "difference without a drop": apart(_dropped(factor=1.0)),
    }


E43 = Exhibit(
    "E43",
    "The learning rate inside or outside the velocity",
    f"{SUN}; {THADANI}; {DILLHOFF}",
    r"u \leftarrow \mu u - \eta g, \quad \theta \leftarrow \theta + u",
    r"u \leftarrow \mu u + g, \quad \theta \leftarrow \theta - \eta u",
    "The same while the learning rate is constant. When it drops, the velocity that has the old "
    "rate inside coasts on.",
    _dropped,
    _dropped_numbers,
)


# --- E60 -----------------------------------------------------------------------------------------
def _smaller(lr=1.6, momentum=0.9, steps=60) -> Pair:
    f = quadratic((1.0,))
    return paths(
        Nesterov(lr, momentum, lookahead=True), Momentum(lr, momentum), f, (1.0,), steps=steps
    )


def _smaller_numbers() -> dict[str, float]:
    return {
        "limit of Nesterov, mu=0.9": stability_limit(lambda lr: Nesterov(lr, 0.9, lookahead=True)),
        "limit of momentum, mu=0.9": stability_limit(lambda lr: Momentum(lr, 0.9)),
        "limit of gradient descent": stability_limit(lambda lr: GradientDescent(lr)),
    }


E60 = Exhibit(
    "E60",
    "Nesterov's method tolerates smaller steps, not larger ones",
    f"{THADANI}; the smaller range is not mentioned",
    r"\text{slightly better in practice than standard momentum}",
    r"\text{stable for } \eta \lambda < (2 + 2\mu) / (1 + 2\mu), "
    r"\text{ momentum for } \eta \lambda < 2 (1 + \mu)",
    "At eta lambda = 1.6 momentum converges for every mu < 1, and Nesterov's method diverges from "
    "mu = 1/3 on.",
    _smaller,
    _smaller_numbers,
)
