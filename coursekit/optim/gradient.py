"""Gradient descent and its memory: SGD, momentum, Nesterov, AggMo; each the last plus a line."""

from collections import namedtuple
from copy import copy
from dataclasses import dataclass
from math import sqrt
from typing import Any, ClassVar

from numpy import sign

from ..backend import elementwise
from .hyper import Rate, hyper, hyperparameters, returned
from .linesearch import LINE_SEARCHES, searcher
from .protocol import Elementwise, Optimizer, decayed, is_zero

LR = {"low": 0, "log": True, "slider": (1e-4, 1.0), "doc": "step size"}
MOMENTUM = {
    "low": 0, "high": 1, "slider": (0.0, 0.99), "doc": "share of the last step that is kept"
}  # fmt: skip
BETAS = {"low": 0, "high": 1, "doc": "how much of its last step each ball keeps"}
DECAY = {
    "low": 0, "slider": (0.0, 0.1), "doc": "coupled L2 penalty: adds weight_decay * theta to g"
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class GradientDescent(Elementwise):
    """Steepest descent on the whole objective.

        theta <- theta - lr g

    Cauchy 1847. On a quadratic it converges for lr < 2 / L, L the largest curvature. With a line
    search the step is -t g, whatever lr, and theta is one point (n,).

    >>> import numpy as np, coursekit as ck
    >>> f = ck.Objective(lambda x: np.sum(x**2))
    >>> opt = ck.optim.GradientDescent(lr=0.25)
    >>> theta, state = np.array([4.0]), opt.init(np.array([4.0]))
    >>> opt.step(theta, state, f)
    (array([2.]), GradientDescentState(k=1))
    """

    lr: Rate = hyper(0.1, **LR)
    line_search: Any = hyper(None, choices=(None, *LINE_SEARCHES), doc="finds t in place of lr")

    State = namedtuple("GradientDescentState", "k")
    symmetry = "rotation"

    def __post_init__(self):
        super().__post_init__()
        if self.line_search is not None:
            object.__setattr__(self, "batched", False)

    def step(self, theta, state, f):
        if self.line_search is None:
            return super().step(theta, state, f)
        value, g = f.value_and_grad(theta)
        found = searcher(self.line_search)(f, theta, -g, value, g)
        return found.theta, self.State(state.k + 1)

    @elementwise
    def rule(self, theta, g, s):
        return theta - self.lr * g, self.State(s.k + 1)


@dataclass(frozen=True, eq=False)
class SGD(Elementwise):
    """Stochastic gradient descent: the same step with the gradient of a minibatch.

        theta <- theta - lr (g + weight_decay theta)

    Robbins & Monro 1951. g is the mean over the batch.
    """

    lr: Rate = hyper(0.01, **LR)
    weight_decay: Rate = hyper(0.0, **DECAY)

    State = namedtuple("SGDState", "k")
    symmetry = "rotation"

    @elementwise
    def rule(self, theta, g, s):
        g = decayed(g, self.weight_decay, theta)
        return theta - self.lr * g, self.State(s.k + 1)


@dataclass(frozen=True, eq=False)
class SignDescent(Elementwise):
    """Steps of one length in every coordinate: only the sign of the gradient counts.

        u <- momentum u + (1 - momentum) g,   theta <- theta - lr sign(u)

    Bernstein et al. 2018, algorithms 1 (signSGD: momentum 0) and 2 (Signum). It is steepest descent
    where length is measured by the largest coordinate. sign(0) = 0.

    >>> import numpy as np, coursekit as ck
    >>> opt, theta = ck.optim.SignDescent(lr=0.5), np.array([4.0, -0.001])
    >>> opt.step(theta, opt.init(theta), ck.Objective(lambda x: np.sum(x**2)))[0]
    array([3.5  , 0.499])
    """

    lr: Rate = hyper(0.01, **LR)
    momentum: Rate = hyper(0.0, **MOMENTUM)
    weight_decay: Rate = hyper(0.0, **DECAY)

    State = namedtuple("SignDescentState", "k u")
    symmetry = "signed permutation"

    @elementwise
    def rule(self, theta, g, s):
        g = decayed(g, self.weight_decay, theta)
        u = self.momentum * s.u + (1 - self.momentum) * g
        return theta - self.lr * sign(u), self.State(s.k + 1, u)


@dataclass(frozen=True, eq=False)
class Momentum(Elementwise):
    """Heavy ball: the step remembers the steps before it.

        classical   u <- momentum u + (1 - dampening) g,   theta <- theta - lr u
        velocity    u <- momentum u - lr (1 - dampening) g,   theta <- theta + u
        ema         u <- momentum u + (1 - momentum) g,   theta <- theta - lr u

    Polyak 1964, eq. (9), for "classical" (also PyTorch's) and "velocity" (Sutskever et al. 2013,
    eq. (1)), which agree while lr is constant; "ema" averages, and steps 1 - momentum times as far.
    As in PyTorch the first u is g itself: dampening starts with the second step. "ema" has none.
    """

    lr: Rate = hyper(0.01, **LR)
    momentum: Rate = hyper(0.9, **MOMENTUM)
    dampening: float = hyper(0.0, low=0, high=1, closed="both", doc="share of g left out of u")
    style: str = hyper("classical", choices=("classical", "velocity", "ema"), doc="which formula")
    weight_decay: Rate = hyper(0.0, **DECAY)

    State = namedtuple("MomentumState", "k u")
    symmetry = "rotation"
    share: ClassVar[float]  # of g that enters u, known to what `at` returns if dampening is not 0

    @elementwise
    def rule(self, theta, g, s):
        g = decayed(g, self.weight_decay, theta)
        if self.style == "ema":
            u = self.momentum * s.u + (1 - self.momentum) * g
            return theta - self.lr * u, self.State(s.k + 1, u)
        if not is_zero(self.dampening):
            g = self.share * g
        if self.style == "velocity":
            u = self.momentum * s.u - self.lr * g
            return theta + u, self.State(s.k + 1, u)
        u = self.momentum * s.u + g
        return theta - self.lr * u, self.State(s.k + 1, u)

    def at(self, k, theta):
        now = super().at(k, theta)
        if not is_zero(self.dampening):
            now = copy(now)
            vars(now)["share"] = 1.0 if k == 0 else 1 - now.dampening
        return now


@dataclass(frozen=True, eq=False)
class Nesterov(Elementwise):
    """Nesterov's accelerated gradient: look where the momentum leads before you correct it.

        lookahead=True    u <- mu_k u - lr g(theta + mu_k u),   theta <- theta + u
        lookahead=False   u <- mu_k u + g(theta),   theta <- theta - lr (g + mu_{k+1} u)

    Nesterov 1983; the first form is Sutskever et al. 2013, eqs. (3)-(4), the second is PyTorch's
    and stores the point looked at, theta + mu u: the same algorithm, seen from another point, while
    lr is constant. weight_decay adds to g at the point where g is taken.
    `momentum` is a number, a function of the completed steps, "fista" (mu_k = (t_k - 1) / t_{k+1},
    t_{k+1} = (1 + sqrt(1 + 4 t_k^2)) / 2, t_1 = 1) or "k" (mu_k = (k - 1) / (k + 2), k = 1 first).
    """

    lr: Rate = hyper(0.01, **LR)
    momentum: Rate | str = hyper(0.9, **MOMENTUM, choices=("fista", "k", callable))
    lookahead: bool = hyper(False, choices=(False, True), doc="store theta, not the point ahead")
    weight_decay: Rate = hyper(0.0, **DECAY)

    State = namedtuple("NesterovState", "k u")
    symmetry = "rotation"
    momentum_next: ClassVar[float]  # mu_{k+1}, known to what `at` returns

    def step(self, theta, state, f):
        now = self.at(state.k, theta)
        ahead = theta + now.momentum * state.u if self.lookahead else theta
        g = decayed(f.grad(ahead), now.weight_decay, ahead)  # both pull at the point ahead
        return now.rule(theta, g, state)

    @elementwise
    def rule(self, theta, g, s):
        if self.lookahead:
            u = self.momentum * s.u - self.lr * g
            return theta + u, self.State(s.k + 1, u)
        u = self.momentum * s.u + g
        return theta - self.lr * (g + self.momentum_next * u), self.State(s.k + 1, u)

    def at(self, k, theta):
        now = copy(super().at(k, theta))
        if isinstance(self.momentum, str) or callable(self.momentum):
            sequences: dict[Any, Any] = {"fista": fista, "k": k_over_k_plus_3}
            mu: Any = sequences.get(self.momentum, self.momentum)
            h = next(h for h in hyperparameters(self) if h.name == "momentum")
            mu_k, mu_next = (returned(type(self).__name__, h, mu(j), j) for j in (k, k + 1))
            vars(now).update(momentum=mu_k, momentum_next=mu_next)
        else:
            vars(now)["momentum_next"] = now.momentum
        return now


@dataclass(frozen=True, eq=False)
class AggMo(Optimizer):
    """Aggregated momentum: heavy balls of several weights at one point, which moves as their mean.

        u_i <- betas_i u_i + g,   theta <- theta - lr mean_i u_i

    Lucas et al. 2019, who write v_i for -u_i: the light balls damp the swings of the heavy ones.
    Their betas are 1 - 0.1^i, i = 0, 1, ...

    >>> import numpy as np, coursekit as ck
    >>> opt = ck.optim.AggMo(lr=0.5, betas=(0.0, 0.5))
    >>> path = ck.minimize(ck.Objective(lambda x: np.sum(x**2) / 2), np.array([8.0]), opt, steps=2)
    >>> path.thetas[:, 0]  # in the second step 4, and 4 + 0.5 * 8
    array([8., 4., 1.])
    """

    lr: Rate = hyper(0.1, **LR)
    betas: tuple[float, ...] = hyper((0.0, 0.9, 0.99), kind="numbers", **BETAS)

    State = namedtuple("AggMoState", "k u")
    batched = True
    symmetry = "rotation"

    @property
    def memory(self) -> int:
        return len(self.betas)

    def init(self, theta):
        k, u = super().init(theta)
        return self.State(k, (u,) * len(self.betas))

    def step(self, theta, state, f):
        if len(state.u) != len(self.betas):
            raise ValueError(f"AggMo: betas must stay {len(state.u)} numbers, not {self.betas!r}")
        g = f.grad(theta)
        u = tuple(float(beta) * u + g for beta, u in zip(self.betas, state.u, strict=True))
        return theta - self.at(state.k, theta).lr * (sum(u) / len(u)), self.State(state.k + 1, u)


def k_over_k_plus_3(k: int) -> float:
    """(j - 1) / (j + 2) in step j = k + 1, after k completed steps."""
    return k / (k + 3)


def fista(k: int) -> float:
    """(t_j - 1) / t_{j+1} in step j = k + 1; t_1 = 1, t_{j+1} = (1 + sqrt(1 + 4 t_j^2)) / 2."""
    while len(_t) < k + 2:
        _t.append((1 + sqrt(1 + 4 * _t[-1] ** 2)) / 2)
    return (_t[k] - 1) / _t[k + 1]


_t = [1.0]  # t_1, t_2, ... as far as anyone has asked
