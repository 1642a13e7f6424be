"""A step of Nesterov's method, and what people write in its place."""

from ..verdict import Mistake


def nesterov(theta, u, grad, lr, mu):
    """u <- mu u - lr grad(theta + mu u), theta <- theta + u."""
    u = mu * u - lr * grad(theta + mu * u)
    return theta + u, u


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


def new_u(theta, u, grad, lr, mu):
    return mu * u - lr * grad(theta + mu * u)


KEPT = (
    "Your velocity holds gradients, as in the exercise before. Here u is the step itself.",
    "The learning rate is inside, and u points downhill: u = mu * u - lr * gradient. Then theta "
    "moves by u.",
)


MISTAKES = (
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
    *(
        Mistake(
            "lr in the look",
            _by(look),
            "How far do you look? u is a step already, with lr inside.",
            "No lr belongs into the look: theta + mu * u.",
        )
        for look in (
            lambda theta, u, lr, mu: theta + lr * u,
            lambda theta, u, lr, mu: theta - lr * u,
            lambda theta, u, lr, mu: theta + lr * mu * u,
            lambda theta, u, lr, mu: theta - lr * mu * u,
        )
    ),
    Mistake(
        "mu twice",
        _by(lambda theta, u, lr, mu: theta + mu * mu * u),
        "How often is u multiplied by mu before you look?",
        "Once: look at theta + mu * u with the u that came in.",
    ),
    Mistake(
        "mu on theta",
        _by(lambda theta, u, lr, mu: mu * theta + u),
        "What does mu multiply in the point at which you look?",
        "The old step: theta + mu * u.",
    ),
    Mistake(
        "mean of two gradients",
        lambda theta, u, grad, lr, mu: (
            None,
            mu * u - lr * (grad(theta) + grad(theta + mu * u)) / 2,
        ),
        "At how many points do you ask for a gradient?",
        "At one, the point ahead: theta + mu * u.",
    ),
    Mistake(
        "no fading",
        lambda theta, u, grad, lr, mu: (None, u - lr * grad(theta + mu * u)),
        "Your velocity never fades. Where should mu act, besides the look?",
        "Multiply the old velocity by mu there, too.",
    ),
    Mistake(
        "no lr",
        lambda theta, u, grad, lr, mu: (
            theta + mu * u - grad(theta + mu * u),
            mu * u - grad(theta + mu * u),
        ),
        "Which argument have you not used in your velocity?",
        "The learning rate is inside: mu * u - lr * gradient.",
    ),
    Mistake(
        "mu once more",
        lambda theta, u, grad, lr, mu: (
            theta + mu * new_u(theta, u, grad, lr, mu),
            new_u(theta, u, grad, lr, mu),
        ),
        "Your u is right. Is it the step, or does the step have another factor in yours?",
        "theta moves by the new u itself.",
    ),
    Mistake(
        "stopped ahead",
        lambda theta, u, grad, lr, mu: (theta + mu * u, new_u(theta, u, grad, lr, mu)),
        "Your u is right. But theta is still at the point where you looked.",
        "From theta move by the new u.",
    ),
    Mistake(
        "step from ahead",
        lambda theta, u, grad, lr, mu: (
            nesterov(theta, u, grad, lr, mu)[0],
            -lr * grad(theta + mu * u),
        ),
        "Your theta is right. But u is the whole step of theta: from where to where?",
        "From the old theta to the new one: mu * u belongs to it.",
    ),
    Mistake(
        "stored point ahead",
        lambda theta, u, grad, lr, mu: (
            theta - lr * (grad(theta) + mu * (mu * u + grad(theta))),
            mu * u + grad(theta),
        ),
        "This is the form that PyTorch uses: it stores the point ahead, and gradients in u. "
        "Here theta itself is stored, and u is the step.",
        "Take the gradient at theta + mu * u, let u be mu * u - lr * gradient, and move theta "
        "by the new u.",
    ),
    *(
        Mistake(
            "u uphill",
            formula,
            "Your u points uphill and is subtracted. Here u is the step, from theta on.",
            "Two signs to change: u = mu * u - lr * gradient, and theta plus u.",
        )
        for formula in (
            lambda theta, u, grad, lr, mu: (
                theta - mu * u - lr * grad(theta - mu * u),
                mu * u + lr * grad(theta - mu * u),
            ),
            lambda theta, u, grad, lr, mu: (
                theta - mu * u - lr * grad(theta + mu * u),
                mu * u + lr * grad(theta + mu * u),
            ),
        )
    ),
    Mistake(
        "gradients kept",
        lambda theta, u, grad, lr, mu: (
            theta + lr * (mu * u - grad(theta + mu * u)),
            mu * u - grad(theta + mu * u),
        ),
        *KEPT,
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
    Mistake("gradients kept", _gradients_kept(lambda theta, u, lr, mu: theta - lr * mu * u), *KEPT),
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
        lambda theta, u, grad, lr, mu: (theta + u, new_u(theta, u, grad, lr, mu)),
        "Your u is right, but theta does not feel this gradient before the next step.",
        "theta must move by the new u. Compute u first, then use it.",
    ),
    Mistake(
        "momentum on theta",
        lambda theta, u, grad, lr, mu: (mu * theta + new_u(theta, u, grad, lr, mu), None),
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
        lambda theta, u, grad, lr, mu: (theta + new_u(theta, u, grad, lr, mu), u),
        "Your theta is right. What will the next step know of this one?",
        "Return the new u, not the one that came in.",
    ),
    Mistake(
        "order",
        lambda theta, u, grad, lr, mu: nesterov(theta, u, grad, lr, mu)[::-1],
        "Both are right, but look at their order.",
        "Return theta first, then u.",
    ),
    *(
        Mistake(
            "gradient at u",
            _by(point),
            "Where do you ask for the gradient? A step is no place.",
            "The place ahead is theta plus mu * u.",
        )
        for point in (
            lambda theta, u, lr, mu: u,
            lambda theta, u, lr, mu: mu * u,
        )
    ),
    Mistake(
        "no momentum in the step",
        lambda theta, u, grad, lr, mu: (
            theta - lr * grad(theta + mu * u),
            new_u(theta, u, grad, lr, mu),
        ),
        "Your u is right. But theta goes downhill only, without what is left of the old step.",
        "theta moves by the whole new u.",
    ),
    Mistake(
        "gradient twice",
        lambda theta, u, grad, lr, mu: (
            theta + mu * new_u(theta, u, grad, lr, mu) - lr * grad(theta + mu * u),
            new_u(theta, u, grad, lr, mu),
        ),
        "Your u is right. How often does the gradient act on theta?",
        "The new u holds the gradient and the old step: theta moves by u, and by nothing else.",
    ),
    *(
        Mistake(
            "step from ahead",
            lambda theta, u, grad, lr, mu, keep=keep: (
                nesterov(theta, u, grad, lr, mu)[0],
                keep(new_u(theta, u, grad, lr, mu), u, mu),
            ),
            "Your theta is right. But u is the whole step of theta: from where to where?",
            "From the old theta to the new one: mu * u - lr * gradient, with the old u.",
        )
        for keep in (
            lambda new, u, mu: new - mu * new,
            lambda new, u, mu: -new,
        )
    ),
)
