"""Step sizes for each coordinate: Adagrad, RMSprop and Adadelta as they are printed."""

from collections import namedtuple
from dataclasses import dataclass

import numpy as np

from ..backend import elementwise
from ..landscapes import quadratic
from ..optim import Adadelta, Adagrad, RMSprop
from ..optim.adaptive import EPS, RHO
from ..optim.gradient import LR
from ..optim.hyper import Rate, hyper
from ..optim.protocol import Elementwise, Optimizer
from .card import DILLHOFF, NOTES, THADANI, Exhibit, Pair
from .measure import lost, paths, updates


# --- the formulas as they are printed ------------------------------------------------------------
@dataclass(frozen=True, eq=False)
class ProductRMSprop(Optimizer):
    """RMSprop with an index slip: the product of two gradients where a square belongs.

        s <- rho s + (1 - rho) g_before g,   theta <- theta - lr g / sqrt(s + eps)

    Before the first gradient there is none; the first stands in for it.
    """

    lr: Rate = hyper(1e-3, **LR)
    rho: float = hyper(0.9, **RHO)
    eps: float = hyper(1e-8, **EPS)

    State = namedtuple("ProductRMSpropState", "k s before")
    batched = True

    def step(self, theta, state, f):
        g = f.grad(theta)
        before = g if state.k == 0 else state.before
        s = self.rho * state.s + (1 - self.rho) * before * g
        now = self.at(state.k, theta)
        return theta - now.lr * g / np.sqrt(s + self.eps), self.State(state.k + 1, s, g)


@dataclass(frozen=True, eq=False)
class LastStepAdadelta(Elementwise):
    """Adadelta without the mean of its steps: the last step alone stands above the fraction.

    v <- rho v + (1 - rho) g^2,   d <- -sqrt(d^2 + eps) / sqrt(v + eps) g,   theta <- theta + d
    """

    rho: float = hyper(0.95, **RHO)
    eps: float = hyper(1e-6, **EPS)

    State = namedtuple("LastStepAdadeltaState", "k v d")

    @elementwise
    def rule(self, theta, g, s):
        v = self.rho * s.v + (1 - self.rho) * g**2
        d = -np.sqrt(s.d**2 + self.eps) / np.sqrt(v + self.eps) * g
        return theta + d, self.State(s.k + 1, v, d)


@dataclass(frozen=True, eq=False)
class StaleRMSprop(Elementwise):
    """RMSprop that divides by the mean square from before this gradient, and has no eps.

    theta <- theta - lr g / sqrt(s),   s <- rho s + (1 - rho) g^2
    """

    lr: Rate = hyper(1e-3, **LR)
    rho: float = hyper(0.9, **RHO)

    State = namedtuple("StaleRMSpropState", "k s")

    @elementwise
    def rule(self, theta, g, s):
        square = self.rho * s.s + (1 - self.rho) * g**2
        return theta - self.lr * g / np.sqrt(s.s), self.State(s.k + 1, square)


@dataclass(frozen=True, eq=False)
class MatrixAdagrad(Optimizer):
    """Adagrad with its squares in a diagonal matrix, computed entry by entry as it is written.

    G <- G + diag(g^2),   theta <- theta - (lr / sqrt(G + eps)) g
    """

    lr: Rate = hyper(0.01, **LR)
    eps: float = hyper(1e-8, **EPS)

    State = namedtuple("MatrixAdagradState", "k G")

    def init(self, theta):
        return self.State(0, np.diag(super().init(theta).G))

    def step(self, theta, state, f):
        g = f.grad(theta)
        G = state.G + np.diag(g**2)
        return theta - (self.lr / np.sqrt(G + self.eps)) @ g, self.State(state.k + 1, G)


# --- E04 -----------------------------------------------------------------------------------------
def _product(curvature=10.0, lr=0.1, steps=200) -> Pair:
    f = quadratic((curvature,))
    return paths(ProductRMSprop(lr), RMSprop(lr, eps_inside=True), f, (1.0,), steps)


def _product_numbers() -> dict[str, float]:
    says = updates(ProductRMSprop(1.0), [1.0, -1.0, 1.0, -1.0, 1.0, -1.0, 1.0, -1.0])
    right = updates(RMSprop(1.0), [1.0, -1.0, 1.0, -1.0, 1.0, -1.0, 1.0, -1.0])
    return {
        "steps before nan, lr=0.1": _product(lr=0.1, steps=1000).says.steps - 1,
        "steps before nan, lr=0.01": _product(lr=0.01, steps=1000).says.steps - 1,
        "good steps on +1, -1, ..., as printed": int(np.isfinite(says).sum()),
        "good steps on +1, -1, ...": int(np.isfinite(right).sum()),
    }


E04 = Exhibit(
    "E04",
    "RMSprop with a product of two gradients",
    DILLHOFF,
    r"s_t = \rho s + (1 - \rho) \, g_{t-1} \odot g_t",
    r"s_t = \rho s_{t-1} + (1 - \rho) \, g_t \odot g_t",
    "Where the gradient alternates, in the very zigzag that RMSprop is for, the product is "
    "negative: a root of a negative number, and theta is nan. Smaller rates only put it off.",
    _product,
    _product_numbers,
)


# --- E06 -----------------------------------------------------------------------------------------
def _last_step(curvature=100.0, eps=1e-6, steps=1500) -> Pair:
    f = quadratic((curvature,))
    return paths(LastStepAdadelta(eps=eps), Adadelta(eps=eps), f, (1.0,), steps)


def _last_step_numbers() -> dict[str, float]:
    says, right = (np.abs(path.thetas[:, 0]) for path in _last_step())
    return {
        "log10 of the farthest point, as printed": float(np.log10(says.max())),
        "log10 of the farthest point": float(np.log10(right.max())),
    }


E06 = Exhibit(
    "E06",
    "Adadelta that remembers one step only",
    THADANI,
    r"\Delta\theta_{t+1} = -\frac{\sqrt{(\Delta\theta_t)^2 + \epsilon}}"
    r"{\sqrt{v_{t+1} + \epsilon}} \, g_t",
    r"\Delta\theta_{t+1} = -\frac{\sqrt{d_t + \epsilon}}{\sqrt{v_{t+1} + \epsilon}} \, g_t, \quad "
    r"d_{t+1} = \rho d_t + (1 - \rho) (\Delta\theta_{t+1})^2",
    "Each step multiplies the last one by |g| / sqrt(v), which is above 1 while g grows: nothing "
    "averages it out, and the steps explode.",
    _last_step,
    _last_step_numbers,
)


# --- E11 -----------------------------------------------------------------------------------------
def _unfounded(lr=0.1, steps=100) -> Pair:
    return paths(StaleRMSprop(lr), RMSprop(lr), steps=steps)


def _unfounded_numbers() -> dict[str, float]:
    half = [[1.0, 0.0]]  # a gradient whose second coordinate is 0
    return {
        "RMSprop as printed: coordinates lost in step 1": lost(_unfounded().says.thetas),
        "RMSprop: coordinates lost": lost(_unfounded().right.thetas),
        "Adagrad without eps: lost where g = 0": lost(updates(Adagrad(eps=0.0), half)),
        "Adagrad with eps: lost where g = 0": lost(updates(Adagrad(), half)),
    }


E11 = Exhibit(
    "E11",
    "Divided by what is not there yet",
    NOTES,
    r"W^{(i+1)} = W^{(i)} - \alpha \frac{g^{(i)}}{\sqrt{s^{(i)}}}, \quad "
    r"W^{(i+1)} = W^{(i)} - \alpha \frac{g^{(i)}}{\sqrt{c^{(i)}}}",
    r"W^{(i+1)} = W^{(i)} - \alpha \frac{g^{(i)}}{\sqrt{s^{(i+1)}} + \epsilon}, \quad "
    r"W^{(i+1)} = W^{(i)} - \alpha \frac{g^{(i)}}{\sqrt{c^{(i+1)}} + \epsilon}",
    "The mean square starts at 0, so the first step divides by 0; and without eps a coordinate "
    "whose gradient is 0 is 0 / 0, nan from then on.",
    _unfounded,
    _unfounded_numbers,
)


# --- E36 -----------------------------------------------------------------------------------------
def _matrix(lr=0.5, eps=1e-8, steps=20) -> Pair:
    return paths(MatrixAdagrad(lr, eps), Adagrad(lr, eps, eps_inside=True), steps=steps)


def _matrix_numbers() -> dict[str, float]:
    says, right = (path.thetas[1] - path.thetas[0] for path in _matrix())
    return {
        "first step as printed / right": float(np.linalg.norm(says) / np.linalg.norm(right)),
        "off the diagonal of 1 / sqrt(G + eps)": 1 / 1e-8**0.5,
    }


E36 = Exhibit(
    "E36",
    "eps added to a matrix",
    DILLHOFF,
    r"\theta_{t+1} = \theta_t - \frac{\eta}{\sqrt{G_t + \epsilon}} g_t, \quad "
    r"G_t \in \mathbb{R}^{d \times d} \text{ diagonal}",
    r"\theta_{t+1,i} = \theta_{t,i} - \frac{\eta}{\sqrt{G_{t,ii} + \epsilon}} g_{t,i}",
    "Typed as it stands, G + eps is eps off the diagonal too, and its reciprocal root is 10,000 "
    "there: every coordinate is thrown by the gradients of all others.",
    _matrix,
    _matrix_numbers,
)
