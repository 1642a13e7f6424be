"""Adam and its relatives: a running mean of the gradient over the root of one of its squares."""

from collections import namedtuple
from copy import copy
from dataclasses import dataclass
from typing import ClassVar

from numpy import maximum, sqrt, where

from ..backend import elementwise
from .adaptive import EPS, INSIDE, root
from .gradient import DECAY, LR
from .hyper import Rate, hyper
from .protocol import Elementwise, decayed

BETA1 = {"low": 0, "high": 1, "slider": (0.0, 0.99), "doc": "memory of the mean m"}
BETA2 = {"low": 0, "high": 1, "slider": (0.8, 0.9999), "doc": "memory of the square v"}
CORRECTION = {"choices": (False, True), "doc": "correct the start at zero"}
NU = {"low": 0, "high": 1, "closed": "both", "slider": (0.0, 1.0)}


@dataclass(frozen=True, eq=False)
class Adam(Elementwise):
    """Momentum divided by the root mean square of the gradient, both corrected for their start.

        m <- beta1 m + (1 - beta1) g,     m_hat = m / (1 - beta1^k)
        v <- beta2 v + (1 - beta2) g^2,   v_hat = v / (1 - beta2^k)
        theta <- theta - lr m_hat / (sqrt(v_hat) + eps)

    Kingma & Ba 2015, algorithm 1; k = 1 in the first step. `eps_inside` divides by
    sqrt(v_hat + eps); without `bias_correction` m and v stand for m_hat and v_hat; `lazy` leaves
    coordinates alone whose gradient is exactly 0 (PyTorch's SparseAdam, whose rows of an embedding
    are coordinates here).

    >>> import numpy as np, coursekit as ck
    >>> opt = ck.optim.Adam(lr=0.1, eps=1e-12)
    >>> theta = np.array([5.0, -700.0])
    >>> theta, state = opt.step(theta, opt.init(theta), ck.Objective(lambda x: np.sum(x**2)))
    >>> theta  # the first step is lr in every coordinate
    array([   4.9, -699.9])
    """

    lr: Rate = hyper(1e-3, **LR)
    beta1: Rate = hyper(0.9, **BETA1)
    beta2: Rate = hyper(0.999, **BETA2)
    eps: float = hyper(1e-8, **EPS)
    eps_inside: bool = hyper(False, **INSIDE)
    bias_correction: bool = hyper(True, **CORRECTION)
    weight_decay: Rate = hyper(0.0, **DECAY)
    lazy: bool = hyper(False, choices=(False, True), doc="skip coordinates with gradient 0")

    State = namedtuple("AdamState", "k m v")
    symmetry = "signed permutation"

    @elementwise
    def rule(self, theta, g, s):
        k = s.k + 1
        unseen = self.lazy and g == 0
        g = decayed(g, self.weight_decay, theta)
        m = self.beta1 * s.m + (1 - self.beta1) * g
        v = self.beta2 * s.v + (1 - self.beta2) * g**2
        if self.lazy:
            m, v = where(unseen, s.m, m), where(unseen, s.v, v)
        m_hat, v_hat = m, v
        if self.bias_correction:
            m_hat, v_hat = m / (1 - self.beta1**k), v / (1 - self.beta2**k)
        step = m_hat / root(v_hat, self.eps, self.eps_inside)
        if self.lazy:
            step = where(unseen, 0, step)
        return theta - self.lr * step, self.State(k, m, v)


@dataclass(frozen=True, eq=False)
class AdamW(Elementwise):
    """Adam with weight decay beside the step instead of within the gradient.

        theta <- theta - lr (m_hat / (sqrt(v_hat) + eps) + weight_decay theta)

    with m_hat, v_hat of Adam. Loshchilov & Hutter 2019, algorithm 2, whose schedule multiplier
    eta_t scales both terms; here lr does, as in PyTorch. Every weight shrinks at the same relative
    rate; in Adam's coupled form one with a large gradient hardly shrinks at all.

    >>> import numpy as np, coursekit as ck
    >>> opt, f = ck.optim.AdamW(lr=0.1, weight_decay=0.5), ck.Objective(lambda x: 0 * np.sum(x))
    >>> ck.minimize(f, np.array([100.0]), opt, steps=2).thetas[:, 0]  # 5 percent a step
    array([100.  ,  95.  ,  90.25])
    """

    lr: Rate = hyper(1e-3, **LR)
    beta1: Rate = hyper(0.9, **BETA1)
    beta2: Rate = hyper(0.999, **BETA2)
    eps: float = hyper(1e-8, **EPS)
    eps_inside: bool = hyper(False, **INSIDE)
    weight_decay: Rate = hyper(0.01, **{**DECAY, "doc": "share of theta, times lr, lost per step"})

    State = namedtuple("AdamWState", "k m v")
    symmetry = "signed permutation"

    @elementwise
    def rule(self, theta, g, s):
        k = s.k + 1
        m = self.beta1 * s.m + (1 - self.beta1) * g
        v = self.beta2 * s.v + (1 - self.beta2) * g**2
        m_hat, v_hat = m / (1 - self.beta1**k), v / (1 - self.beta2**k)
        step = m_hat / root(v_hat, self.eps, self.eps_inside)
        return theta - self.lr * decayed(step, self.weight_decay, theta), self.State(k, m, v)


@dataclass(frozen=True, eq=False)
class AMSGrad(Elementwise):
    """Adam divided by the largest v so far, so that one rare large gradient is not forgotten.

        max_over="v"       v_max <- max(v_max, v),       v_hat = v_max / (1 - beta2^k)
        max_over="v_hat"   v_max <- max(v_max, v / (1 - beta2^k)),   v_hat = v_max
        theta <- theta - lr m_hat / (sqrt(v_hat) + eps)

    with m, v, m_hat of Adam. Reddi et al. 2018, algorithm 2, correct nothing and have no eps
    (`bias_correction=False, eps=0`); "v" is PyTorch's, where v_hat may still fall in early steps.

    >>> import numpy as np, coursekit as ck
    >>> ck.optim.AMSGrad(lr=0.1, max_over="v_hat").init(np.zeros(2)).v_max
    array([0., 0.])
    """

    lr: Rate = hyper(1e-3, **LR)
    beta1: Rate = hyper(0.9, **BETA1)
    beta2: Rate = hyper(0.999, **BETA2)
    eps: float = hyper(1e-8, **EPS)
    eps_inside: bool = hyper(False, **INSIDE)
    bias_correction: bool = hyper(True, **CORRECTION)
    weight_decay: Rate = hyper(0.0, **DECAY)
    max_over: str = hyper("v", choices=("v", "v_hat"), doc="largest of which: before or after")

    State = namedtuple("AMSGradState", "k m v v_max")
    symmetry = "signed permutation"

    @elementwise
    def rule(self, theta, g, s):
        k = s.k + 1
        start1, start2 = (1 - self.beta1**k, 1 - self.beta2**k) if self.bias_correction else (1, 1)
        g = decayed(g, self.weight_decay, theta)
        m = self.beta1 * s.m + (1 - self.beta1) * g
        v = self.beta2 * s.v + (1 - self.beta2) * g**2
        if self.max_over == "v":
            v_max = maximum(s.v_max, v)
            v_hat = v_max / start2
        else:
            v_hat = v_max = maximum(s.v_max, v / start2)
        step = m / start1 / root(v_hat, self.eps, self.eps_inside)
        return theta - self.lr * step, self.State(k, m, v, v_max)


@dataclass(frozen=True, eq=False)
class Adamax(Elementwise):
    """Adam with the largest recent gradient in place of the root mean square.

        m <- beta1 m + (1 - beta1) g,   u <- max(beta2 u, |g| + eps)
        theta <- theta - lr / (1 - beta1^k) m / u

    Kingma & Ba 2015, algorithm 2, which has no eps and is 0 / 0 where all g were 0; eps stands
    where PyTorch puts it. u needs no correction; at the default betas no step exceeds 1.01 lr.

    >>> import numpy as np, coursekit as ck
    >>> opt, f = ck.optim.Adamax(lr=0.1), ck.Objective(lambda x: 1e6 * np.sum(x))
    >>> ck.minimize(f, np.array([5.0]), opt, steps=2).thetas[:, 0]
    array([5. , 4.9, 4.8])
    """

    lr: Rate = hyper(2e-3, **LR)
    beta1: Rate = hyper(0.9, **BETA1)
    beta2: Rate = hyper(0.999, **{**BETA2, "doc": "memory of the largest gradient u"})
    eps: float = hyper(1e-8, **EPS)
    weight_decay: Rate = hyper(0.0, **DECAY)

    State = namedtuple("AdamaxState", "k m u")
    symmetry = "signed permutation"

    @elementwise
    def rule(self, theta, g, s):
        k = s.k + 1
        g = decayed(g, self.weight_decay, theta)
        m = self.beta1 * s.m + (1 - self.beta1) * g
        u = maximum(self.beta2 * s.u, abs(g) + self.eps)
        return theta - self.lr / (1 - self.beta1**k) * m / u, self.State(k, m, u)


@dataclass(frozen=True, eq=False)
class Nadam(Elementwise):
    """Adam with Nesterov's momentum: the step already takes the next share of the mean.

        mu_k = beta1 (1 - 0.96^(k momentum_decay) / 2),   P_k = mu_1 mu_2 ... mu_k
        m_hat = mu_{k+1} m / (1 - P_{k+1}),   g_hat = (1 - mu_k) g / (1 - P_k)
        theta <- theta - lr (m_hat + g_hat) / (sqrt(v_hat) + eps)

    with m, v, v_hat of Adam. Dozat 2016, algorithm 2, with PyTorch's m, which decays by beta1, not
    mu_k. `momentum_decay` None leaves mu_k = beta1 (Optax); 0 means mu_k = beta1 / 2, not "none".

    >>> import numpy as np, coursekit as ck
    >>> opt, f = ck.optim.Nadam(lr=0.19, momentum_decay=None), ck.Objective(lambda x: np.sum(x))
    >>> ck.minimize(f, np.array([0.0]), opt, steps=1).thetas[:, 0].round(6)  # (.09/.19 + 1) lr
    array([ 0.  , -0.28])
    """

    lr: Rate = hyper(2e-3, **LR)
    beta1: float = hyper(0.9, **BETA1, kind="number")
    beta2: Rate = hyper(0.999, **BETA2)
    eps: float = hyper(1e-8, **EPS)
    momentum_decay: float | None = hyper(4e-3, low=0, choices=(None,), kind="number",
                                         doc="how soon mu_k is beta1; None: at once")  # fmt: skip
    weight_decay: Rate = hyper(0.0, **DECAY)

    State = namedtuple("NadamState", "k m v product")
    symmetry = "signed permutation"
    mu: ClassVar[float]  # mu_k and mu_{k+1}, known to what `at` returns
    mu_next: ClassVar[float]

    def init(self, theta):
        return super().init(theta)._replace(product=1.0)

    @elementwise
    def rule(self, theta, g, s):
        k, product = s.k + 1, s.product * self.mu
        g = decayed(g, self.weight_decay, theta)
        m = self.beta1 * s.m + (1 - self.beta1) * g
        v = self.beta2 * s.v + (1 - self.beta2) * g**2
        m_hat = self.mu_next * m / (1 - product * self.mu_next)
        g_hat = (1 - self.mu) * g / (1 - product)
        v_hat = v / (1 - self.beta2**k)
        step = (m_hat + g_hat) / (sqrt(v_hat) + self.eps)
        return theta - self.lr * step, self.State(k, m, v, product)

    def at(self, k, theta):
        now = copy(super().at(k, theta))
        vars(now).update(mu=now._mu(k + 1), mu_next=now._mu(k + 2))
        return now

    def _mu(self, k):
        decay = self.momentum_decay
        return float(self.beta1) * (1 if decay is None else 1 - 0.96 ** (k * float(decay)) / 2)


@dataclass(frozen=True, eq=False)
class RAdam(Elementwise):
    """Adam that waits until v can be trusted, and then takes it up by degrees.

        rho_inf = 2 / (1 - beta2) - 1,   rho = rho_inf - 2 k beta2^k / (1 - beta2^k)
        r^2 = (rho - 4) (rho - 2) rho_inf / ((rho_inf - 4) (rho_inf - 2) rho)
        theta <- theta - lr r m_hat sqrt(1 - beta2^k) / (sqrt(v) + eps)   where rho > 5
        theta <- theta - lr m_hat   in the first steps, where it is not

    with m, v, m_hat of Adam. Liu et al. 2020, algorithm 2, who have no eps and let it wait while
    rho <= 4; eps and the 5 are PyTorch's.

    >>> import numpy as np, coursekit as ck
    >>> opt, theta = ck.optim.RAdam(), np.zeros(1)
    >>> [opt.at(k, theta).trusted for k in (4, 5)]  # from the sixth step on
    [False, True]
    """

    lr: Rate = hyper(1e-3, **LR)
    beta1: Rate = hyper(0.9, **BETA1)
    beta2: float = hyper(0.999, **BETA2, kind="number")
    eps: float = hyper(1e-8, **EPS)
    weight_decay: Rate = hyper(0.0, **DECAY)

    State = namedtuple("RAdamState", "k m v")
    symmetry = "signed permutation"
    trusted: ClassVar[bool]  # whether rho > 5, and r; known to what `at` returns
    r: ClassVar[float]

    @elementwise
    def rule(self, theta, g, s):
        k = s.k + 1
        g = decayed(g, self.weight_decay, theta)
        m = self.beta1 * s.m + (1 - self.beta1) * g
        v = self.beta2 * s.v + (1 - self.beta2) * g**2
        step = m / (1 - self.beta1**k)
        if self.trusted:
            step = self.r * (1 - self.beta2**k) ** 0.5 * step / (sqrt(v) + self.eps)
        return theta - self.lr * step, self.State(k, m, v)

    def at(self, k, theta):
        now = copy(super().at(k, theta))
        k, beta2 = k + 1, float(now.beta2)
        rho_inf = 2 / (1 - beta2) - 1
        rho = rho_inf - 2 * k * beta2**k / (1 - beta2**k)
        square = 1.0
        if trusted := rho > 5:
            square = (rho - 4) * (rho - 2) * rho_inf / ((rho_inf - 4) * (rho_inf - 2) * rho)
        vars(now).update(trusted=trusted, r=square**0.5)
        return now


@dataclass(frozen=True, eq=False)
class QHAdam(Elementwise):
    """Adam with a share of the plain gradient, and of its square, beside the running means.

        theta <- theta - lr ((1 - nu1) g + nu1 m_hat) / (sqrt((1 - nu2) g^2 + nu2 v_hat) + eps)

    with m_hat, v_hat of Adam, which is nu1 = nu2 = 1. Ma & Yarats 2019, whose advice the defaults
    are.

    >>> import numpy as np, coursekit as ck
    >>> opt, f = ck.optim.QHAdam(lr=0.1), ck.Objective(lambda x: 1e6 * np.sum(x))
    >>> ck.minimize(f, np.array([5.0]), opt, steps=2).thetas[:, 0]
    array([5. , 4.9, 4.8])
    """

    lr: Rate = hyper(1e-3, **LR)
    beta1: Rate = hyper(0.995, **BETA1)
    beta2: Rate = hyper(0.999, **BETA2)
    nu1: Rate = hyper(0.7, **NU, doc="share of the mean in the step")
    nu2: Rate = hyper(1.0, **NU, doc="share of the mean square in the divisor")
    eps: float = hyper(1e-8, **EPS)
    weight_decay: Rate = hyper(0.0, **DECAY)

    State = namedtuple("QHAdamState", "k m v")
    symmetry = "signed permutation"

    @elementwise
    def rule(self, theta, g, s):
        k = s.k + 1
        g = decayed(g, self.weight_decay, theta)
        m = self.beta1 * s.m + (1 - self.beta1) * g
        v = self.beta2 * s.v + (1 - self.beta2) * g**2
        m_hat, v_hat = m / (1 - self.beta1**k), v / (1 - self.beta2**k)
        step = (1 - self.nu1) * g + self.nu1 * m_hat
        square = (1 - self.nu2) * g**2 + self.nu2 * v_hat
        return theta - self.lr * step / (sqrt(square) + self.eps), self.State(k, m, v)
