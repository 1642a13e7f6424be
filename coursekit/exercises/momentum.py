"""The exercises of the chapter on momentum: one step of the classical method and of Nesterov's."""

import numpy as np

from ..backend import rng
from .verdict import Accident, Exercise, Mistake

# --- classical: u <- mu u + g, theta <- theta - lr u ---------------------------------------------


def _momentum(theta, u, g, lr, mu):
    u = mu * u + g
    return theta - lr * u, u


def _draw(n: int, seed: int, lr: float, mu: float) -> tuple:
    return (*rng(seed).standard_normal((3, n)), lr, mu)


CASES = [
    (np.array([1.0]), np.array([0.5]), np.array([2.0]), 0.1, 0.9),
    _draw(3, 1, 0.3, 0.7),
    _draw(5, 2, 0.05, 0.99),
    _draw(2, 3, 0.5, 0.0),
]


def _after(theta, step):
    """A step of theta, with whatever velocity."""
    return theta - step, None


momentum_step = Exercise(
    "momentum_step",
    "momentum_step(theta, u, g, lr, mu)",
    ("theta", "u"),
    _momentum,
    CASES,
    nudge="Two things change in a step, u and theta, and one needs the new value of the other. "
    "Write the two formulas of the text as two lines, in the right order.",
    start="First the new velocity: mu times the old one, plus the gradient. Then theta moves by "
    "lr times the new velocity, downhill.",
    mistakes=(
        Mistake(
            "stale velocity",
            lambda theta, u, g, lr, mu: (theta - lr * u, mu * u + g),
            "Your u is right, but theta does not feel this gradient before the next step.",
            "theta must move by the new velocity. Compute u first, then use that u for theta.",
        ),
        Mistake(
            "average",
            lambda theta, u, g, lr, mu: (
                theta - lr * (mu * u + (1 - mu) * g),
                mu * u + (1 - mu) * g,
            ),
            "Your velocity is an average of gradients. Here it is their fading sum.",
            "Leave out the factor (1 - mu) before the gradient.",
        ),
        Mistake(
            "lr inside",
            lambda theta, u, g, lr, mu: (theta - (mu * u + lr * g), mu * u + lr * g),
            "Your theta would be right if u held steps. Here it holds gradients.",
            "The learning rate does not belong into the velocity: u = mu * u + g, and lr "
            "multiplies u where theta moves.",
        ),
        Mistake(
            "lr inside",
            lambda theta, u, g, lr, mu: (theta + mu * u - lr * g, mu * u - lr * g),
            "You keep steps in u (downhill, lr included). Here u holds gradients.",
            "The learning rate and the minus sign do not belong into the velocity: u = mu * u + g, "
            "and theta moves by -lr * u.",
        ),
        Mistake(
            "lr twice",
            lambda theta, u, g, lr, mu: (theta - lr * (mu * u + lr * g), mu * u + lr * g),
            "How often does lr act on this gradient?",
            "The learning rate appears once: where theta moves, not in the velocity.",
        ),
        Mistake(
            "sign",
            lambda theta, u, g, lr, mu: (theta + lr * (mu * u + g), mu * u + g),
            "Does your step go downhill?",
            "u points uphill, like the gradient: subtract lr * u from theta.",
        ),
        Mistake(
            "sign",
            lambda theta, u, g, lr, mu: (theta - lr * (mu * u - g), mu * u - g),
            "In which direction does the gradient enter your velocity?",
            "Add the gradient to mu * u; the minus sign stands where theta moves.",
        ),
        Mistake(
            "sign",
            lambda theta, u, g, lr, mu: (theta + lr * (mu * u - g), mu * u - g),
            "You let u point downhill. Here it points uphill, like the gradient.",
            "Two signs to change: u = mu * u + g, and subtract lr * u from theta.",
        ),
        Mistake(
            "momentum on theta",
            lambda theta, u, g, lr, mu: _after(theta, theta - mu * theta + lr * (mu * u + g)),
            "What is it that fades, the velocity or the point?",
            "mu multiplies the old velocity, not theta: theta itself must not shrink.",
        ),
        Mistake(
            "momentum on theta",
            lambda theta, u, g, lr, mu: _after(theta, theta - mu * theta + lr * g),
            "What is it that fades, the velocity or the point?",
            "mu multiplies the old velocity, not theta: theta itself must not shrink.",
        ),
        Mistake(
            "no memory",
            lambda theta, u, g, lr, mu: _after(theta, lr * g),
            "This is gradient descent: your step forgets the steps before.",
            "theta must move by the velocity u, not by the gradient g.",
        ),
        Mistake(
            "no fading",
            lambda theta, u, g, lr, mu: (theta - lr * (u + g), u + g),
            "Your velocity never fades. Which argument have you not used?",
            "Multiply the old velocity by mu.",
        ),
        Mistake(
            "mu on everything",
            lambda theta, u, g, lr, mu: (theta - lr * mu * (u + g), mu * (u + g)),
            "Is the new gradient as fresh as it should be?",
            "mu multiplies the old velocity only, not the gradient.",
        ),
        Mistake(
            "old u returned",
            lambda theta, u, g, lr, mu: (theta - lr * (mu * u + g), u),
            "Your theta is right. What will the next step know of this one?",
            "Return the new u, not the one that came in.",
        ),
        Mistake(
            "order",
            lambda theta, u, g, lr, mu: (mu * u + g, theta - lr * (mu * u + g)),
            "Both are right, but look at their order.",
            "Return theta first, then u.",
        ),
    ),
    accidents=(
        Accident(
            "returns",
            "The next step needs the velocity too.",
            "Return both, the point and the new velocity: return theta, u",
        ),
    ),
)


# --- Nesterov: u <- mu u - lr grad(theta + mu u), theta <- theta + u -----------------------------
def _nesterov(theta, u, grad, lr, mu):
    u = mu * u - lr * grad(theta + mu * u)
    return theta + u, u


def _gradient(x):  # of a function that is no quadratic, so that no two formulas agree by chance
    return 2 * x + x**3


def _double(x):
    return 2 * x


_double.shown = "(x -> 2 x)"  # type: ignore[attr-defined]

AHEAD_CASES = [(np.array([1.0]), np.array([0.5]), _double, 0.1, 0.9)] + [
    (theta, u, _gradient, lr, mu) for theta, u, _, lr, mu in CASES[1:]
]


def _by(point, keep=1.0):
    """The formula with the gradient taken at another point."""

    def formula(theta, u, grad, lr, mu):
        u = mu * u - keep * lr * grad(point(theta, u, lr, mu))
        return theta + u, u

    return formula


def _averaged(theta, u, grad, lr, mu):
    u = mu * u - (1 - mu) * lr * grad(theta + mu * u)
    return theta + u, u


def _gradients_kept(look):
    def formula(theta, u, grad, lr, mu):
        u = mu * u + grad(look(theta, u, lr, mu))
        return theta - lr * u, u

    return formula


def _stored_ahead(theta, u, grad, lr, mu):
    g = grad(theta)
    u = mu * u - lr * g
    return theta + mu * u - lr * g, u


def _jumped(theta, u, grad, lr, mu):
    ahead = theta + mu * u
    u = mu * u - lr * grad(ahead)
    return ahead + u, u


def _uphill(theta, u, grad, lr, mu):
    u = mu * u + lr * grad(theta + mu * u)
    return theta + u, u


def _backwards(theta, u, grad, lr, mu):
    u = mu * u - lr * grad(theta + mu * u)
    return theta - u, u


def _new_u(theta, u, grad, lr, mu):
    return mu * u - lr * grad(theta + mu * u)


KEPT = (
    "Your velocity holds gradients, as in the exercise before. Here u is the step itself.",
    "The learning rate is inside, and u points downhill: u = mu * u - lr * gradient. Then theta "
    "moves by u.",
)

nesterov_step = Exercise(
    "nesterov_step",
    "nesterov_step(theta, u, grad, lr, mu)",
    ("theta", "u"),
    _nesterov,
    AHEAD_CASES,
    nudge="Here u is the last step, and grad a function: call it once. At which point? Then the "
    "rest is momentum with lr inside the velocity.",
    start="Here u is the last step, and grad a function. Look ahead to theta + mu u, take the "
    "gradient there, let u be mu times the old u minus lr times that gradient, and move by u.",
    mistakes=(
        Mistake(
            "gradient at theta",
            _by(lambda theta, u, lr, mu: theta),
            "This is classical momentum. Where does Nesterov's method take the gradient?",
            "Ask for the gradient at the point ahead, theta + mu * u, not at theta.",
        ),
        Mistake(
            "whole step ahead",
            _by(lambda theta, u, lr, mu: theta + u),
            "You look a little too far ahead.",
            "The old step will be continued by mu * u only: look at theta + mu * u.",
        ),
        Mistake(
            "look back",
            _by(lambda theta, u, lr, mu: theta - mu * u),
            "In which direction do you look?",
            "u is the last step: the point ahead is theta plus mu * u.",
        ),
        Mistake(
            "stored point ahead",
            _stored_ahead,
            "This is the form that PyTorch uses: it stores the point ahead. Here theta itself is "
            "stored.",
            "Take the gradient at theta + mu * u, and move theta by the new u.",
        ),
        Mistake(
            "jump",
            _jumped,
            "The look-ahead is only a look. From where do you move?",
            "Move from theta, not from the point ahead: the new u contains mu * u already.",
        ),
        Mistake("gradients kept", _gradients_kept(lambda theta, u, lr, mu: theta + mu * u), *KEPT),
        Mistake(
            "gradients kept", _gradients_kept(lambda theta, u, lr, mu: theta - lr * mu * u), *KEPT
        ),
        Mistake(
            "average",
            _averaged,
            "Your velocity averages. What does the factor before the gradient do?",
            "Leave out (1 - mu): the gradient is multiplied by lr alone.",
        ),
        Mistake(
            "sign",
            _uphill,
            "Does the gradient push downhill?",
            "Subtract lr times the gradient from mu * u.",
        ),
        Mistake(
            "sign",
            _backwards,
            "u is the step, and points downhill already.",
            "Add the new u to theta.",
        ),
        Mistake(
            "stale velocity",
            lambda theta, u, grad, lr, mu: (theta + u, _new_u(theta, u, grad, lr, mu)),
            "Your u is right, but theta does not feel this gradient before the next step.",
            "theta must move by the new u. Compute u first, then use it.",
        ),
        Mistake(
            "momentum on theta",
            lambda theta, u, grad, lr, mu: (mu * theta + _new_u(theta, u, grad, lr, mu), None),
            "What is it that fades, the velocity or the point?",
            "mu multiplies the old velocity, not theta: theta itself must not shrink.",
        ),
        Mistake(
            "no memory",
            lambda theta, u, grad, lr, mu: (theta - lr * grad(theta), None),
            "This is gradient descent: your step forgets the steps before.",
            "theta must move by u, which contains mu times the old u.",
        ),
        Mistake(
            "old u returned",
            lambda theta, u, grad, lr, mu: (theta + _new_u(theta, u, grad, lr, mu), u),
            "Your theta is right. What will the next step know of this one?",
            "Return the new u, not the one that came in.",
        ),
        Mistake(
            "order",
            lambda theta, u, grad, lr, mu: _nesterov(theta, u, grad, lr, mu)[::-1],
            "Both are right, but look at their order.",
            "Return theta first, then u.",
        ),
    ),
    accidents=momentum_step.accidents,
    errors=(
        ("'function'", "grad is a function: call it with a point, grad(point), to get a gradient."),
    ),
)
