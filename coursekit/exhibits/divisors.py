"""What adaptive methods divide by, and what it is taken for."""

import numpy as np

from ..landscapes import quadratic, valley
from ..optim import Adadelta, Newton, RMSprop
from .card import NOTES, SUN, THADANI, Exhibit, Pair
from .measure import paths, updates


# --- E53 -----------------------------------------------------------------------------------------
def _spread(mean=1.0, deviation=0.1, rho=0.99, steps=2000) -> Pair:
    """What each form of RMSprop divides by, step by step, on a noisy gradient."""
    g = mean + deviation * np.random.default_rng(0).standard_normal(steps)
    divisors = (
        np.abs(g / updates(RMSprop(1.0, rho, eps=0.0, centered=centered), g)[:, 0])
        for centered in (False, True)
    )
    return Pair(*divisors)


def _spread_numbers() -> dict[str, float]:
    says, right = (float(divisor[-1000:].mean()) for divisor in _spread())
    return {"root mean square of 1 +- 0.1": says, "standard deviation of 1 +- 0.1": right}


E53 = Exhibit(
    "E53",
    "A root mean square called a standard deviation",
    NOTES,
    r"s = \mathrm{E}[g^2]: \text{ something like the standard deviation of } g",
    r"\mathrm{E}[g^2] = \mathrm{Var}[g] + \mathrm{E}[g]^2; \quad "
    r"\text{centred: } \sqrt{s - m^2}, \; m = \mathrm{E}[g]",
    "A gradient of 1 with noise of 0.1 is divided by 1.005. Only the centred variant finds the "
    "0.1, and then steps ten times as far.",
    _spread,
    _spread_numbers,
)


# --- E54 -----------------------------------------------------------------------------------------
def _preconditioned(kappa=100.0, angle=0.0, lr=0.02, steps=100) -> Pair:
    f = valley(kappa, angle)
    return paths(RMSprop(lr), Newton(), f, f.start, steps)


def _preconditioner(x) -> float:
    """How many times as far RMSprop goes in x1 as in x2 for the same gradient, curvatures 1, 100.

    After many steps at x its mean square is the square of the gradient there.
    """
    g = valley(100.0).grad(np.array(x))
    first, second = np.abs(updates(RMSprop(1.0), np.tile(g, (500, 1)))[-1] / g)
    return float(first / second)


def _preconditioner_numbers() -> dict[str, float]:
    straight, turned = (_preconditioned(angle=angle, steps=100) for angle in (0.0, np.pi / 4))
    return {
        "inverse Hessian, x1 against x2": 100.0,
        "1/sqrt(s) at (1, 1)": _preconditioner((1.0, 1.0)),
        "1/sqrt(s) at (100, 1)": _preconditioner((100.0, 1.0)),
        "loss after 100 steps": straight.says.value,
        "loss after 100 steps, turned by 45 degrees": turned.says.value,
        "Newton, turned or not, after 1 step": float(turned.right.values[1]),
    }


E54 = Exhibit(
    "E54",
    "A step size for each coordinate taken for an inverse Hessian",
    SUN,
    r"\mathrm{diag}(1 / \sqrt{s_k + \varepsilon}) \approx H_k^{-1}: "
    r"\text{ adaptive methods are approximate 2nd order methods}",
    r"1 / \sqrt{\mathrm{E}[g_i^2]} \sim 1 / (|\lambda_i| \, |x_i|): "
    r"\text{ steps like } \mathrm{sign}(g), \text{ not } H^{-1} g",
    "The curvature enters, but so does the distance: far out in the flat direction the divisor is "
    "the same in both. And the axes matter: turned by 45 degrees it is slower.",
    _preconditioned,
    _preconditioner_numbers,
)


# --- E55 -----------------------------------------------------------------------------------------
def _hidden_rate(eps=1e-6, other=1e-4, steps=2000) -> Pair:
    return paths(Adadelta(eps=eps), Adadelta(eps=other), quadratic((100.0,)), (1.0,), steps)


def _hidden_rate_numbers() -> dict[str, float]:
    fine, coarse = (float(np.abs(path.thetas[-500:]).max()) for path in _hidden_rate())
    gentle = paths(Adadelta(), Adadelta(), quadratic((1.0,)), (1.0,), 2000).says
    small, large = (float(np.abs(updates(Adadelta(), [g])).item()) for g in (1.0, 1000.0))
    return {
        "first step, eps=1e-6, g=1": small,
        "first step, eps=1e-6, g=1000": large,
        "swing on 50 x^2, eps=1e-6": fine,
        "swing on 50 x^2, eps=1e-4": coarse,
        "swing on x^2 / 2, eps=1e-6": float(np.abs(gentle.thetas[-500:]).max()),
    }


E55 = Exhibit(
    "E55",
    "No learning rate, but eps is one",
    THADANI,
    r"\text{No learning rate hyperparameter!}",
    r"|\Delta\theta_1| = \sqrt{\epsilon / (1 - \rho)} \text{ for every far larger } g; \quad "
    r"\text{near a minimum } \sqrt{d + \epsilon} / \sqrt{v + \epsilon} \to 1",
    "The first step is set by eps alone. Near a minimum Adadelta becomes gradient descent with "
    "rate 1, so where the curvature is above 2 it cannot settle.",
    _hidden_rate,
    _hidden_rate_numbers,
)
