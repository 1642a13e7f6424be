"""An exercise of the chapter on momentum: one step of the classical method."""

import numpy as np

from ..backend import rng
from .exercise import Exercise
from .mixture import astray, mixture
from .verdict import Accident, Mistake

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


def _kept(keep):
    """The right theta, and something else kept for the next step."""

    def formula(theta, u, g, lr, mu):
        ahead, new = _momentum(theta, u, g, lr, mu)
        return ahead, keep(new, u, g, lr, mu)

    return formula


def _stepped(step):
    """The right velocity, and theta moved otherwise."""

    def formula(theta, u, g, lr, mu):
        new = mu * u + g
        return theta - step(new, u, g, lr, mu), new

    return formula


def _after(theta, step):
    """A step of theta, with whatever velocity."""
    return theta - step, None


momentum_step = Exercise(
    "momentum_step",
    "momentum_step(theta, u, g, lr, mu)",
    ("theta", "u"),
    _momentum,
    CASES,
    follows=lambda made, theta, u, g, lr, mu: (theta - lr * made[1],),
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
            lambda theta, u, g, lr, mu: (None, mu * u + (1 - mu) * g),
            "Your velocity is an average of gradients. Here it is their fading sum.",
            "Leave out the factor (1 - mu) before the gradient.",
        ),
        Mistake(
            "average",
            lambda theta, u, g, lr, mu: (None, (1 - mu) * u + mu * g),
            "Which has the weight mu, the past or the present? And is the present to be weighted?",
            "mu is near 1 and belongs to the old velocity; the gradient has no factor.",
        ),
        Mistake(
            "mu on the gradient",
            lambda theta, u, g, lr, mu: (None, u + mu * g),
            "What is it that fades in your velocity, the old velocity or the new gradient?",
            "mu multiplies the old velocity: mu * u + g.",
        ),
        Mistake(
            "momentum of theta",
            lambda theta, u, g, lr, mu: (None, mu * theta + g),
            "Of what is your velocity made? The point where one is says nothing of the speed.",
            "Of the old velocity and the gradient: mu * u + g.",
        ),
        Mistake(
            "length 1",
            lambda theta, u, g, lr, mu: (None, mu * u + g / np.linalg.norm(g)),
            "Does a steep slope push harder than a gentle one in your velocity?",
            "The gradient enters as it is, not divided by its norm: mu * u + g.",
        ),
        Mistake(
            "a second time",
            lambda theta, u, g, lr, mu: (theta - lr * (mu * (mu * u + g) + g), mu * u + g),
            "Your u is right. But how often does the gradient act on theta?",
            "The new u holds the gradient already: theta moves by lr * u. (Adding mu * u + g is "
            "a form of Nesterov's method.)",
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
            lambda theta, u, g, lr, mu: (None, u + g),
            "Your velocity never fades. Which argument have you not used?",
            "Multiply the old velocity by mu.",
        ),
        Mistake(
            "mu on everything",
            lambda theta, u, g, lr, mu: (None, mu * (u + g)),
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
        Mistake(
            "lr inside",
            lambda theta, u, g, lr, mu: (theta + mu * u + lr * g, mu * u + lr * g),
            "Two things: does your step go downhill, and does lr belong into the velocity?",
            "u = mu * u + g holds gradients, uphill; theta moves by -lr * u.",
        ),
        *(
            Mistake(
                "step kept",
                _kept(keep),
                "Your theta is right. But you keep the step as u. Here u holds gradients.",
                "Return mu * u + g itself: neither lr nor a minus sign is in it.",
            )
            for keep in (
                lambda new, u, g, lr, mu: lr * new,
                lambda new, u, g, lr, mu: -lr * new,
                lambda new, u, g, lr, mu: -new,
            )
        ),
        *(
            Mistake(
                "half a velocity kept",
                _kept(keep),
                "Your theta is right. But what you keep is not the velocity that moved it.",
                "Compute the new u once, move theta by it, and return that same u.",
            )
            for keep in (
                lambda new, u, g, lr, mu: g,
                lambda new, u, g, lr, mu: mu * u,
            )
        ),
        Mistake(
            "sign",
            lambda theta, u, g, lr, mu: (theta + lr * (mu * u + g), -mu * u - g),
            "You let u point downhill. Here it points uphill, like the gradient.",
            "Both signs of mu * u + g are plus; the minus sign stands where theta moves.",
        ),
        *(
            Mistake(
                "lr on a part",
                _stepped(step),
                "Your u is right. Does lr act on all of it where theta moves?",
                "Put the velocity into one name first; then subtract lr times that.",
            )
            for step in (
                lambda new, u, g, lr, mu: lr * g + mu * u,
                lambda new, u, g, lr, mu: lr * g - mu * u,
                lambda new, u, g, lr, mu: lr * mu * u + g,
            )
        ),
        Mistake(
            "a second time",
            _stepped(lambda new, u, g, lr, mu: lr * (new + g)),
            "Your u is right. But how often does the gradient act on theta?",
            "The new u holds the gradient already: theta moves by lr * u.",
        ),
        *(
            Mistake(
                "all together",
                formula,
                "Each coordinate has a velocity of its own. Where do you add up or average over "
                "the coordinates?",
                "No sum and no mean: +, - and * act on each coordinate by itself.",
            )
            for formula in (
                _stepped(lambda new, u, g, lr, mu: lr * new.mean()),
                _stepped(lambda new, u, g, lr, mu: lr * new.sum()),
                lambda theta, u, g, lr, mu: (None, mu * u + g.sum()),
                lambda theta, u, g, lr, mu: (None, mu * u + g.mean()),
            )
        ),
        Mistake(
            "sign of u",
            _stepped(lambda new, u, g, lr, mu: lr * np.sign(new)),
            "Your u is right. Should a large velocity move theta further than a small one?",
            "Leave out the sign function: theta moves by lr * u.",
        ),
        Mistake(
            "theta multiplied",
            lambda theta, u, g, lr, mu: (theta * (1 - lr * (mu * u + g)), mu * u + g),
            "Your step is larger where theta is large. Does the velocity know of theta?",
            "Subtract lr * u from theta.",
        ),
    ),
    symptoms=(
        *mixture(
            1,
            "u",
            "mu * u + g",
            lambda theta, u, g, lr, mu: u,
            lambda theta, u, g, lr, mu: g,
            lambda theta, u, g, lr, mu: (mu, 1),
        ),
        astray("u is", "the new u", lambda theta, u, g, lr, mu: mu * u + g),
    ),
    accidents=(
        Accident(
            "returns",
            "The next step needs the velocity too.",
            "Return both, the point and the new velocity: return theta, u",
        ),
        Accident(
            "infinite",
            "Is something divided by a number that may be zero?",
            "This step needs no division, no root and no logarithm; mu may be 0.",
        ),
    ),
    errors=(
        Accident(
            "'numpy.ndarray' object is not callable",
            "g is the gradient itself, an array. What do the parentheses do behind it?",
            "Use g as it is: mu * u + g.",
        ),
    ),
)
