"""Second-order methods as they are printed."""

from collections import namedtuple
from dataclasses import dataclass

import numpy as np

from ..backend import Array
from ..landscapes import quadratic
from ..networks import MLP
from ..optim import ConjugateGradient
from ..optim.protocol import Optimizer
from .card import MARIA, THADANI, Exhibit, Pair
from .measure import paths


# --- E02 -----------------------------------------------------------------------------------------
def bfgs(H: Array, s: Array, z: Array, sign: int = 1) -> Array:
    """H + z z^T / z^T s - H s s^T H / s^T H s; as printed with sign -1."""
    Hs = H @ s
    return H + sign * np.outer(z, z) / (z @ s) - np.outer(Hs, Hs) / (s @ Hs)


def bfgs_inverse(B: Array, s: Array, z: Array) -> Array:
    """(I - s z^T / z^T s) B (I - z s^T / z^T s) + s s^T / z^T s, for B = H^-1, as printed."""
    left = np.eye(len(s)) - np.outer(s, z) / (z @ s)
    return left @ B @ left.T + np.outer(s, s) / (z @ s)


def _pair_of_differences(n=4):
    """A step s on a quadratic and what it does to the gradient, z; H before is the identity."""
    rng = np.random.default_rng(0)
    root, s = rng.standard_normal((n, n)), rng.standard_normal(n)
    return np.eye(n), s, (root @ root.T + np.eye(n)) @ s


def _secant(n=4) -> Pair:
    H, s, z = _pair_of_differences(n)
    return Pair(bfgs(H, s, z, sign=-1), bfgs(H, s, z))


def _secant_numbers() -> dict[str, float]:
    says, right = _secant()
    H, s, z = _pair_of_differences()
    inverse = bfgs_inverse(np.linalg.inv(H), s, z)
    return {
        "|H s - z|, as printed": float(np.linalg.norm(says @ s - z)),
        "|H s + z|, as printed": float(np.linalg.norm(says @ s + z)),
        "|H s - z|": float(np.linalg.norm(right @ s - z)),
        "least eigenvalue, as printed": float(np.linalg.eigvalsh(says)[0]),
        "least eigenvalue": float(np.linalg.eigvalsh(right)[0]),
        "printed inverse against the inverse of the printed": float(
            np.abs(inverse - np.linalg.inv(says)).max()
        ),
        "printed inverse against the inverse": float(np.abs(inverse - np.linalg.inv(right)).max()),
    }


E02 = Exhibit(
    "E02",
    "A sign in BFGS",
    THADANI,
    r"H_t = H_{t-1} - \frac{z z^\top}{z^\top s} "
    r"- \frac{H_{t-1} s s^\top H_{t-1}}{s^\top H_{t-1} s}",
    r"H_t = H_{t-1} + \frac{z z^\top}{z^\top s} "
    r"- \frac{H_{t-1} s s^\top H_{t-1}}{s^\top H_{t-1} s}",
    "H must turn the step s into the change z of the gradient; the printed one turns it into -z "
    "and is no longer positive. The formula for the inverse, printed below it, is right.",
    _secant,
    _secant_numbers,
)


# --- E03 -----------------------------------------------------------------------------------------
@dataclass(frozen=True, eq=False)
class PrintedHessianFree(Optimizer):
    """Conjugate gradients with the signs and the step length that are printed.

    alpha = d^T (H theta + g) / d^T H d,   theta <- theta + alpha d,   d = g at first
    d <- -g + beta d,   beta = g^T H d / d^T H d,   with the new g
    """

    State = namedtuple("PrintedHessianFreeState", "k d")

    def step(self, theta, state, f):
        d = f.grad(theta) if state.k == 0 else state.d
        Hd = f.hvp(theta, d)
        theta = theta + d @ (f.hvp(theta, theta) + f.grad(theta)) / (d @ Hd) * d
        g = f.grad(theta)
        return theta, self.State(state.k + 1, -g + g @ Hd / (d @ Hd) * d)


def _conjugate(steps=6) -> Pair:
    f = quadratic((1.0, 2.0, 4.0, 8.0), rotation="random", center=1.0)
    right = ConjugateGradient(line_search="exact")
    return paths(PrintedHessianFree(), right, f, np.zeros(4), steps)


def _conjugate_numbers() -> dict[str, float]:
    says, right = (path.grad_norms for path in _conjugate())
    return {
        "gradient norm at the start": float(says[0]),
        "after 6 steps, as printed": float(says[6]),
        "after 4 steps": float(right[4]),
    }


E03 = Exhibit(
    "E03",
    "Conjugate gradients uphill",
    THADANI,
    r"d_0 = \nabla L_{\theta_0}, \quad "
    r"\alpha = \frac{d_t^\top (H_t \theta_t + \nabla L_{\theta_t})}{d_t^\top H_t d_t}, \quad "
    r"\theta_{t+1} = \theta_t + \alpha d_t",
    r"d_0 = -\nabla L_{\theta_0}, \quad "
    r"\alpha = -\frac{d_t^\top \nabla L_{\theta_t}}{d_t^\top H_t d_t}",
    "The gradient already is H theta + b: adding H theta counts it twice, and without its minus "
    "alpha leads uphill. The sign of the first d is no matter: alpha d is the same for -d. Mended "
    "it ends a quadratic of n variables in n steps.",
    _conjugate,
    _conjugate_numbers,
)


# --- E29 -----------------------------------------------------------------------------------------
def _semidefinite(rows=3, damping=0.01) -> Pair:
    """Eigenvalues of the Gauss-Newton matrix of a network with more weights than outputs."""
    rng = np.random.default_rng(0)
    net = MLP([2, 8, 1], "tanh")
    f = net.objective(rng.standard_normal((rows, 2)), rng.standard_normal((rows, 1)), loss="mse")
    theta = net.init(rng=0).astype(float)
    G = np.stack([f.ggn(theta, v) for v in np.eye(theta.size)])
    G = (G + G.T) / 2
    return Pair(np.linalg.eigvalsh(G), np.linalg.eigvalsh(G + damping * np.eye(theta.size)))


def _semidefinite_numbers() -> dict[str, float]:
    plain, damped = _semidefinite()
    return {
        "weights": len(plain),
        "eigenvalues above 1e-10": int((plain > 1e-10).sum()),
        "least eigenvalue, damped by 0.01": float(damped[0]),
        "condition, damped": float(damped[-1] / damped[0]),
    }


E29 = Exhibit(
    "E29",
    "Gauss-Newton is not positive definite",
    THADANI,
    r"\text{Gauss-Newton matrix } G \succ 0 \text{ instead of } H",
    r"G = J^\top H_\ell J \succeq 0, \text{ of rank at most rows times outputs}",
    "Three examples know three directions of 33: in all others G is 0, and the step is not "
    "determined. Damping is not a trick but a need.",
    _semidefinite,
    _semidefinite_numbers,
)


# --- E31 -----------------------------------------------------------------------------------------
def _entries(rows=10, width=4) -> int:
    """Numbers in the Hessian of a small network, counted on the Hessian itself."""
    net = MLP([2, width, 1], "tanh")
    f = net.objective(np.ones((rows, 2)), np.ones((rows, 1)), loss="mse")
    return f.hessian(net.init(rng=0)).size


def _grown(times=4) -> Pair:
    """Entries when the data set grows, and when the network does."""
    return Pair(_entries(rows=10 * times), _entries(width=4 * times))


def _grown_numbers() -> dict[str, float]:
    return {
        "entries of the Hessian": _entries(),
        "four times the data": _grown().says,
        "four times the width": _grown().right,
    }


E31 = Exhibit(
    "E31",
    "High-dimensional what",
    MARIA,
    r"\text{2nd order methods: infeasible to compute in practice for high-dimensional datasets}",
    r"H \text{ is } n \times n \text{ for } n \text{ parameters, however many data}",
    "Four times the data leave the Hessian as large as it was; four times the width make it "
    "fifteen times as large.",
    _grown,
    _grown_numbers,
)
