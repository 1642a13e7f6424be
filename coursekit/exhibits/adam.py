"""Adam and its relatives as they are printed, and what is claimed of their steps."""

from collections import namedtuple
from dataclasses import dataclass

import numpy as np

from ..backend import Array
from ..optim import Adam, Adamax, AMSGrad, Nadam
from ..optim.adaptive import EPS
from ..optim.gradient import LR
from ..optim.hyper import Rate, hyper
from ..optim.protocol import Optimizer
from .card import DILLHOFF, MARIA, SUN, THADANI, Exhibit, Pair
from .measure import lost, updates

GROWTH = 0.999 / 0.9  # beta2 / beta1


# --- a formula as it is printed ------------------------------------------------------------------
@dataclass(frozen=True, eq=False)
class EarlyNadam(Optimizer):
    """Nadam whose share of the gradient is corrected by the steps completed, 0 at the start.

        theta <- theta - lr (beta1 m_hat + (1 - beta1) / (1 - beta1^t) g) / sqrt(v_hat + eps)

    with m_hat, v_hat of Adam in step t + 1, t = 0 first. `late=1` mends the exponent.
    """

    lr: Rate = hyper(2e-3, **LR)
    eps: float = hyper(1e-8, **EPS)
    late: int = hyper(0, choices=(0, 1), doc="what is added to t")

    State = namedtuple("EarlyNadamState", "k m v")
    batched = True

    def step(self, theta, state, f):
        t, g, beta1, beta2 = state.k, f.grad(theta), 0.9, 0.999
        m = beta1 * state.m + (1 - beta1) * g
        v = beta2 * state.v + (1 - beta2) * g**2
        m_hat, v_hat = m / (1 - beta1 ** (t + 1)), v / (1 - beta2 ** (t + 1))
        share = np.divide(1 - beta1, 1 - beta1 ** (t + self.late))
        step = (beta1 * m_hat + share * g) / np.sqrt(v_hat + self.eps)
        return theta - self.at(t, theta).lr * step, self.State(t + 1, m, v)


def steps(opt: Optimizer, gradients: Array) -> Array:
    """How far `opt` with lr=1 steps against the gradient, step by step, in its one coordinate."""
    return -updates(opt, gradients)[:, 0]


def _some_gradients(n=50):
    return np.random.default_rng(0).standard_normal(n)


# --- E05 -----------------------------------------------------------------------------------------
def _early(n=10) -> Pair:
    g = _some_gradients(n)
    return Pair(steps(EarlyNadam(1.0), g), steps(Nadam(1.0, momentum_decay=None), g))


def _early_numbers() -> dict[str, float]:
    g = _some_gradients()
    mended = steps(EarlyNadam(1.0, late=1), g)
    return {
        "coordinates lost in step 1": lost(updates(EarlyNadam(), [[1.0, -2.0]])),
        "step 1, mended": float(steps(EarlyNadam(1.0, late=1), [1.0])[0]),
        "step 1, Dozat": float(steps(Nadam(1.0, momentum_decay=None), [1.0])[0]),
        "mended against Dozat": float(
            np.abs(mended - steps(Nadam(1.0, momentum_decay=None), g)).max()
        ),
    }


E05 = Exhibit(
    "E05",
    "Nadam divided by zero in its first step",
    THADANI,
    r"\tilde{m}_{t+1} = \beta_1 \hat{m}_{t+1} + \frac{1 - \beta_1}{1 - \beta_1^t} \nabla\ell, "
    r"\quad t = 0, 1, \ldots",
    r"\tilde{m}_{t+1} = \frac{\beta_1 m_{t+1}}{1 - \beta_1^{t+2}} "
    r"+ \frac{1 - \beta_1}{1 - \beta_1^{t+1}} \nabla\ell",
    "1 - beta1^0 = 0: everything is lost in the first step. With the exponent mended it runs, but "
    "is not yet Dozat's: he corrects the mean for the step that it is used in.",
    _early,
    _early_numbers,
)


# --- E07 -----------------------------------------------------------------------------------------
def _unbounded(n=1000) -> Pair:
    """The claimed bound, and the steps of Adam on gradients that grow by beta2 / beta1."""
    grown = steps(Adam(1.0, eps=0.0), GROWTH ** np.arange(n))
    return Pair(np.full(n, (1 - 0.9) / (1 - 0.999) ** 0.5), grown)


def _unbounded_numbers() -> dict[str, float]:
    grown = steps(Adam(1.0, eps=0.0), GROWTH ** np.arange(3000.0))
    plain = steps(Adam(1.0, eps=0.0, bias_correction=False), GROWTH ** np.arange(20))
    spike = np.zeros(100)
    spike[-1] = 1
    return {
        "claimed bound": (1 - 0.9) / (1 - 0.999) ** 0.5,
        "step 400": float(grown[399]),
        "step 1000": float(grown[999]),
        "step 3000": float(grown[-1]),
        "step 20 without bias correction": float(plain[-1]),
        "true bound": (1 - 0.9) / ((1 - 0.999) * (1 - 0.9**2 / 0.999)) ** 0.5,
        "a lone gradient after 99 zeros": float(steps(Adam(1.0, eps=1e-200), spike)[-1]),
    }


E07 = Exhibit(
    "E07",
    "A trust region that Adam leaves",
    THADANI,
    r"\left| \hat{m}_{t+1} / \sqrt{\hat{v}_{t+1}} \right| < "
    r"\max\left( \frac{1 - \beta_1}{\sqrt{1 - \beta_2}}, 1 \right)",
    r"\left| m / \sqrt{v} \right| \leq "
    r"\frac{1 - \beta_1}{\sqrt{(1 - \beta_2) (1 - \beta_1^2 / \beta_2)}}",
    "3.16 is what a single gradient after many zeros gives. Gradients that grow by beta2 / beta1 a "
    "step make steps of 5.8 by step 1000, on their way to 7.27.",
    _unbounded,
    _unbounded_numbers,
)


# --- E08 -----------------------------------------------------------------------------------------
def _uncorrected(n=200) -> Pair:
    g = np.ones(n)
    printed = Adam(1.0, eps_inside=True, bias_correction=False)
    return Pair(steps(printed, g), steps(Adam(1.0), g))


def _uncorrected_numbers() -> dict[str, float]:
    says, right = _uncorrected()
    return {
        "step 1": float(says[0]),
        "longest step": float(says.max()),
        "which one": int(says.argmax()) + 1,
        "step 100": float(says[99]),
        "longest step, corrected": float(right.max()),
    }


E08 = Exhibit(
    "E08",
    "Adam without bias correction",
    SUN,
    r"x_{k+1} = x_k - t_k \frac{m_k}{\sqrt{s_k + \varepsilon}}",
    r"x_{k+1} = x_k - t_k \frac{\hat{m}_k}{\sqrt{\hat{s}_k} + \varepsilon}, \quad "
    r"\hat{m}_k = \frac{m_k}{1 - \beta_1^k}, \; \hat{s}_k = \frac{s_k}{1 - \beta_2^k}",
    "On a constant gradient every step of Adam is lr. Uncorrected, the first is 3.2 lr, the "
    "longest 6.6 lr, and step 100 still 3.2 lr: s is slower to leave 0 than m.",
    _uncorrected,
    _uncorrected_numbers,
)


# --- E09 -----------------------------------------------------------------------------------------
def _inside(sizes=None) -> Pair:
    """The first step on gradients of these sizes, eps under the root and beside it."""
    sizes = np.logspace(-10, 0, 41) if sizes is None else sizes
    return Pair(
        *(np.array([steps(Adam(1.0, eps_inside=inside), [g])[0] for g in sizes])
          for inside in (True, False))
    )  # fmt: skip


def _inside_numbers() -> dict[str, float]:
    sizes = (1e-4, 1e-5, 1e-6, 1e-8)
    pair = _inside(sizes)
    found = {}
    for g, says, right in zip(sizes, *pair, strict=True):
        found[f"inside, g={g:g}"], found[f"outside, g={g:g}"] = float(says), float(right)
    usual = (steps(Adam(1.0, eps_inside=inside), _some_gradients()) for inside in (True, False))
    found["largest difference on 50 normal gradients"] = float(np.abs(np.subtract(*usual)).max())
    return found


E09 = Exhibit(
    "E09",
    "eps under the root or beside it",
    f"{SUN}; {THADANI}; {MARIA} inside; {DILLHOFF} outside for Adam",
    r"\frac{\hat{m}}{\sqrt{\hat{v} + \epsilon}}",
    r"\frac{\hat{m}}{\sqrt{\hat{v}} + \epsilon} \text{ (Kingma and Ba, PyTorch)}",
    "Not wrong, but under the root eps = 1e-8 acts like 1e-4: gradients below that hardly move "
    "anything. On usual gradients nobody sees the difference.",
    _inside,
    _inside_numbers,
)


# --- E44 -----------------------------------------------------------------------------------------
_THREE = {
    "slides": AMSGrad(1.0, max_over="v_hat", eps_inside=True),
    "Reddi et al.": AMSGrad(1.0, bias_correction=False, eps=0.0),
    "PyTorch": AMSGrad(1.0, max_over="v"),
}


def _three(n=50) -> Pair:
    g = _some_gradients(n)
    return Pair(steps(_THREE["slides"], g), steps(_THREE["Reddi et al."], g))


def _three_numbers() -> dict[str, float]:
    g = _some_gradients()
    slides, paper, torch = (steps(opt, g) for opt in _THREE.values())
    fading = np.r_[5.0, np.full(49, 0.1)]  # one large gradient, then small ones
    late = {f"step 50, {name}": float(steps(opt, fading)[-1]) for name, opt in _THREE.items()}
    return {
        "slides against Reddi et al.": float(np.abs(slides - paper).max()),
        "slides against PyTorch": float(np.abs(slides - torch).max()),
        "Reddi et al. against PyTorch": float(np.abs(paper - torch).max()),
        **late,
    }


E44 = Exhibit(
    "E44",
    "The maximum of which v",
    THADANI,
    r"\tilde{v}_{t+1} = \max(\tilde{v}_t, \hat{v}_{t+1}), \quad "
    r"\theta_{t+1} = \theta_t - \eta \frac{\hat{m}_{t+1}}{\sqrt{\tilde{v}_{t+1} + \epsilon}}",
    r"\tilde{v}_{t+1} = \max(\tilde{v}_t, v_{t+1}), \quad "
    r"\theta_{t+1} = \theta_t - \eta \frac{m_{t+1}}{\sqrt{\tilde{v}_{t+1}}} "
    r"\text{ (Reddi et al.)}",
    "Three methods of one name. The corrected v is largest at once and stays for ever; PyTorch "
    "corrects after the maximum, by a factor that fades; the paper corrects nothing.",
    _three,
    _three_numbers,
)


# --- E56 -----------------------------------------------------------------------------------------
def _dead(n=10) -> Pair:
    """Updates for a coordinate with gradient 1 and one with gradient 0."""
    g = np.tile([1.0, 0.0], (n, 1))
    return Pair(updates(Adamax(eps=0.0), g), updates(Adamax(), g))


def _dead_numbers() -> dict[str, float]:
    says, right = _dead()
    return {"coordinates lost, no eps": lost(says), "coordinates lost, with eps": lost(right)}


E56 = Exhibit(
    "E56",
    "Adamax without eps",
    THADANI,
    r"u_{t+1} = \max(\beta_2 u_t, |\nabla\ell|), \quad "
    r"\theta_{t+1} = \theta_t - \frac{\eta}{1 - \beta_1^{t+1}} \frac{m_{t+1}}{u_{t+1}}",
    r"u_{t+1} = \max(\beta_2 u_t, |\nabla\ell| + \epsilon)",
    "A coordinate whose gradient has been 0 from the start, such as the weight of a dead unit, is "
    "0 / 0. The paper has it so too.",
    _dead,
    _dead_numbers,
)
