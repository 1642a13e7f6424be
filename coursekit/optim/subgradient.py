"""For losses with kinks and noise: the perceptron, Polyak's step, averaged SGD."""

import math
from collections import namedtuple
from copy import copy
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ..backend import elementwise
from .gradient import DECAY, LR
from .hyper import Rate, hyper
from .protocol import Elementwise, Optimizer, decayed


@dataclass(frozen=True, eq=False)
class Perceptron(Optimizer):
    """The perceptron: a full step on a mistake, none otherwise.

        theta <- theta - lr g,   a mistake if g is not 0

    Rosenblatt 1958. On the perceptron loss max(0, -y w^T x) of one example g is -y x on a mistake,
    so this is w <- w + y x. The state counts mistakes: at most (R / gamma)^2 from w = 0, if some
    unit w has y w^T x >= gamma and all |x| <= R (Novikoff 1962).

    >>> import numpy as np, coursekit as ck
    >>> x, y = np.array([1.0, 2.0]), -1
    >>> f = ck.Objective(value=lambda w: np.maximum(-y * (w @ x), 0),
    ...                  grad=lambda w: -y * x if y * (w @ x) <= 0 else 0 * x)
    >>> opt, w = ck.optim.Perceptron(), np.zeros(2)
    >>> w, state = opt.step(w, opt.init(w), f)
    >>> w, int(state.mistakes)
    (array([-1., -2.]), 1)
    """

    lr: Rate = hyper(1.0, **LR)

    State = namedtuple("PerceptronState", "k mistakes")
    batched = True
    symmetry = "rotation"

    def init(self, theta):
        k, zero = super().init(theta)
        return self.State(k, np.count_nonzero(zero, axis=-1))

    def step(self, theta, state, f):
        g = f.grad(theta)
        mistakes = state.mistakes + (g != 0).any(axis=-1)
        return theta - self.at(state.k, theta).lr * g, self.State(state.k + 1, mistakes)


@dataclass(frozen=True, eq=False)
class PolyakStep(Optimizer):
    """Gradient descent whose step would reach the least value f_star if f were linear.

        theta <- theta - min((f - f_star) / |g|^2, max_lr) g

    Polyak 1969; the bound is that of Loizou et al. 2021. f is convex, and f_star its least value:
    with a lower one the steps are too long. There is no step where g = 0 or f <= f_star.

    >>> import numpy as np, coursekit as ck
    >>> f = ck.Objective(lambda x: np.abs(x).sum())
    >>> opt, theta = ck.optim.PolyakStep(), np.array([3.0, 1.0])
    >>> opt.step(theta, opt.init(theta), f)[0]  # lr = 4 / 2
    array([ 1., -1.])
    """

    f_star: float = hyper(0.0, closed="neither", kind="number", doc="the least value of f")
    max_lr: float = hyper(math.inf, low=0, closed="right", log=True, slider=(1e-3, 10.0),
                          kind="number", doc="longest step size")  # fmt: skip

    State = namedtuple("PolyakStepState", "k")
    batched = True
    symmetry = "rotation"

    def step(self, theta, state, f):
        value, g = f.value_and_grad(theta)
        square = (g * g).sum(axis=-1)
        gap = np.maximum(value - self.f_star, 0)
        lr = np.minimum(gap / np.where(square == 0, 1, square), self.max_lr)
        return theta - lr[..., None].astype(g.dtype) * g, self.State(state.k + 1)


@dataclass(frozen=True, eq=False)
class ASGD(Elementwise):
    """SGD with falling steps, and the mean of its points as the solution.

        eta = lr / (1 + lambd lr (k - 1))^alpha,   mu = 1 / max(1, k - 1 - t0)
        theta <- (1 - lambd eta) theta - eta g,    ax <- (1 - mu) ax + mu theta

    Polyak & Juditsky 1992, with the decay and the steps of PyTorch's ASGD; k = 1 in the first step.
    Until step t0 + 2 ax is theta, from then on the mean of the points since. `solution` is ax.
    """

    lr: Rate = hyper(0.01, **LR)
    lambd: float = hyper(1e-4, low=0, doc="decay of theta and of the step size")
    alpha: float = hyper(0.75, low=0, slider=(0.0, 1.0), doc="how fast the step size falls")
    t0: float = hyper(1e6, low=0, kind="number", doc="steps before averaging begins")
    weight_decay: Rate = hyper(0.0, **DECAY)

    State = namedtuple("ASGDState", "k ax")
    symmetry = "rotation"
    mu: ClassVar[float]  # the share of theta in the mean, known to what `at` returns

    def init(self, theta):
        return super().init(theta)._replace(ax=theta.copy())

    @elementwise
    def rule(self, theta, g, s):
        g = decayed(g, self.weight_decay, theta)
        eta = self.lr / (1 + self.lambd * self.lr * s.k) ** self.alpha
        theta = (1 - self.lambd * eta) * theta - eta * g
        return theta, self.State(s.k + 1, (1 - self.mu) * s.ax + self.mu * theta)

    def at(self, k, theta):
        now = copy(super().at(k, theta))
        vars(now)["mu"] = 1 / max(1, k - self.t0)
        return now

    def solution(self, theta, state):
        return state.ax
