"""Step sizes: what schedules can reach, and what constant rates can."""

import numpy as np

from ..backend import Array
from ..landscapes import elongated, saddle_well
from ..objective import Objective
from ..optim import SGD, GradientDescent
from ..optim.schedules import Exponential, InversePower, InverseTime, Staircase
from ..run import minimize
from .card import DILLHOFF, SUN, Exhibit, Pair
from .measure import START, noisy_gaps, paths, spectral_radius, stability_limit

# --- E24 -----------------------------------------------------------------------------------------
_DECAYS = {
    "1/t": InverseTime(1.0, 0.1),
    "exponential": Exponential(1.0, 0.1),
    "staircase": Staircase(1.0, 10.0, 10),
    "1/sqrt(t)": InversePower(1.0, 0.5),
}


def _way(schedule, steps: int) -> Array:
    """How far a gradient of length 1 can carry in 1, 2, ... steps."""
    return np.cumsum([schedule(k) for k in range(steps)])


def _reach(start=20.0, steps=200) -> Pair:
    """|x| from `start`: exponential decay stops on the way, 1/t arrives."""
    f = Objective(lambda x: np.abs(x).sum())
    return paths(SGD(_DECAYS["exponential"]), SGD(_DECAYS["1/t"]), f, (start,), steps)


def _reach_numbers() -> dict[str, float]:
    found = {}
    for name, schedule in _DECAYS.items():
        way = _way(schedule, 20_000)
        found[f"way after 200 steps, {name}"] = float(way[199])
        found[f"way after 20,000 steps, {name}"] = float(way[-1])
    found["left of 20 after 200 steps, exponential"] = _reach().says.value
    found["left of 20 after 200 steps, 1/t"] = _reach().right.value
    return found


E24 = Exhibit(
    "E24",
    "Schedules that break the condition above them",
    SUN,
    r"\sum_k t_k = \infty, \; \sum_k t_k^2 < \infty: \quad \text{1/t delay, exponential delay } "
    r"t_k = \alpha e^{-\beta k}, \text{ staircase delay}",
    r"\sum_k \alpha e^{-\beta k} = \frac{\alpha}{1 - e^{-\beta}} < \infty, "
    r"\text{ a staircase likewise; only 1/t satisfies both}",
    "Decay, not delay. All steps together are of finite length: minima farther away than that "
    "are never reached.",
    _reach,
    _reach_numbers,
)


# --- E35 -----------------------------------------------------------------------------------------
def _ball(lr=0.1, steps=400) -> Pair:
    """E x^2 along SGD on x^2 / 2, with noise of variance 1 in the gradient, and x^2 without."""
    noisy = 2 * noisy_gaps(SGD(lr), steps)
    f = Objective(value=lambda x: (x * x).sum() / 2, grad=lambda x: x)
    return Pair(noisy, 2 * minimize(f, np.ones(1), GradientDescent(lr), steps).values)


def _ball_numbers() -> dict[str, float]:
    found = {}
    for lr in (0.3, 0.1, 0.03):
        noisy, full = _ball(lr)
        found[f"E x^2 with noise, eta={lr}"] = float(noisy[-100:].mean())
        found[f"eta / (2 - eta), eta={lr}"] = lr / (2 - lr)
        found[f"x^2 without noise, eta={lr}"] = float(full[-1])
    return found


E35 = Exhibit(
    "E35",
    "A constant rate that does converge",
    DILLHOFF,
    r"\theta = \theta - \eta \nabla_\theta J(\theta): \text{ with constant } \eta "
    r"\text{ usually unable to converge}",
    r"\text{SGD: a ball } \mathrm{E} x^2 = \frac{\eta \sigma^2}{\lambda (2 - \eta\lambda)}; \quad "
    r"\text{gradient descent converges for } \eta < 2 / L",
    "True with noise, beside a formula that has none. The full gradient fades as the minimum "
    "nears, and takes the step with it.",
    _ball,
    _ball_numbers,
)


# --- E41 -----------------------------------------------------------------------------------------
def _low_rate(lr=0.01, steps=2000) -> Pair:
    """A low rate on a landscape with a saddle: from its axis, and from a hair beside it."""
    f = saddle_well()
    beside = [0.5, 1e-6]
    on = [0.5, 0.0]
    return Pair(*(minimize(f, np.array(s), GradientDescent(lr), steps) for s in (on, beside)))


def _low_rate_numbers() -> dict[str, float]:
    on, beside = _low_rate()
    return {
        "least value": float(saddle_well().minimum),
        "reached from the axis": on.value,
        "gradient there": float(on.grad_norms[-1]),
        "reached from beside it": beside.value,
        "left of 20 on |x|, rates 0.1 e^(-k/100)": float(
            20 - _way(Exponential(0.1, 0.01), 20_000)[-1]
        ),
    }


E41 = Exhibit(
    "E41",
    "Low rates that do not get there",
    SUN,
    r"\text{Low LR always leads to convergence, but takes forever}",
    r"\text{to a point with } \nabla f = 0, \text{ if } \eta < 2 / L \text{ and } "
    r"\sum_k \eta_k = \infty",
    "A saddle will do for that: whoever starts on its axis stays there. And rates that are low "
    "and fall too soon never arrive.",
    _low_rate,
    _low_rate_numbers,
)


# --- E51 -----------------------------------------------------------------------------------------
def _struggle(kappa=4.0, hard=1000.0, steps=50) -> Pair:
    """Gradient descent at its best rate on x1^2 + kappa x2^2, and where it really struggles."""
    start = np.array(START)
    easy, hard = (minimize(elongated(k), start, _best(k), steps) for k in (kappa, hard))
    return Pair(easy, hard)


def _best(kappa: float) -> GradientDescent:
    return GradientDescent(lr=1 / (1 + kappa))  # 2 over the sum of the curvatures


def _best_rate(kappa: float) -> float:
    return max(spectral_radius(_best(kappa), c) for c in (2.0, 2 * kappa))


def _struggle_numbers() -> dict[str, float]:
    return {
        "largest lr": stability_limit(lambda lr: GradientDescent(lr)) / 8,
        "error left by a step, kappa=4": _best_rate(4.0),
        "error left by a step, kappa=1000": _best_rate(1000.0),
        "steps to 1/1000 of the error, kappa=4": float(np.log(1e-3) / np.log(_best_rate(4.0))),
        "steps, kappa=1000": float(np.log(1e-3) / np.log(_best_rate(1000.0))),
    }


E51 = Exhibit(
    "E51",
    "A struggle that is none",
    SUN,
    r"\text{the struggle of GD on } x_1^2 + 4 x_2^2",
    r"\text{error per step } (\kappa - 1) / (\kappa + 1): \; 0.6 \text{ at } \kappa = 4, \; "
    r"0.998 \text{ at } \kappa = 1000",
    "At condition number 4 gradient descent needs 14 steps for three digits. It is at 1000 that "
    "it needs more than 3,000.",
    _struggle,
    _struggle_numbers,
)
