"""An exercise of the chapter on adaptive methods: one step of AdamW."""

import numpy as np

from .adam import ACCIDENTS, CASES, LINES, direction, follows
from .exercise import Exercise
from .mistakes.adam import adam
from .mistakes.adam_means import MEANS
from .mistakes.adam_steps import STEPS
from .mixture import mixture
from .verdict import Mistake


# --- AdamW ---------------------------------------------------------------------------------------
def _adamw(theta, m, v, k, g, lr, beta1, beta2, eps, weight_decay):
    ahead, m, v = adam(theta, m, v, k, g, lr, beta1, beta2, eps)
    return ahead - lr * weight_decay * theta, m, v


ADAMW_CASES = [(*case, decay) for case, decay in zip(CASES, (0.5, 0.1, 0.2, 0.01), strict=True)]


def _with_decay(pull):
    """Adam, and then what pull(theta, ahead, lr, decay) takes off."""

    def formula(theta, *rest):
        ahead, m, v = adam(theta, *rest[:-1])
        return ahead - pull(theta, ahead, rest[4], rest[-1]), m, v

    return formula


def _coupled(theta, m, v, k, g, lr, beta1, beta2, eps, weight_decay):
    return adam(theta, m, v, k, g + weight_decay * theta, lr, beta1, beta2, eps)


def _added(pull):
    """Something else than the decay added to the gradient."""

    def formula(theta, m, v, k, g, lr, beta1, beta2, eps, weight_decay):
        return adam(theta, m, v, k, g + pull(theta, weight_decay), lr, beta1, beta2, eps)

    return formula


def _within_mean(theta, m, v, k, g, lr, beta1, beta2, eps, weight_decay):
    _, _, v_alone = adam(theta, m, v, k, g, lr, beta1, beta2, eps)
    m = beta1 * m + (1 - beta1) * (g + weight_decay * theta)
    m_hat, v_hat = m / (1 - beta1**k), v_alone / (1 - beta2**k)
    return theta - lr * m_hat / (np.sqrt(v_hat) + eps), m, v_alone


def _divided(theta, m, v, k, g, lr, beta1, beta2, eps, weight_decay):
    _, m, v = adam(theta, m, v, k, g, lr, beta1, beta2, eps)
    m_hat, v_hat = m / (1 - beta1**k), v / (1 - beta2**k)
    return theta - lr * (m_hat + weight_decay * theta) / (np.sqrt(v_hat) + eps), m, v


def _decay_twice(theta, m, v, k, g, lr, beta1, beta2, eps, weight_decay):
    g = g + weight_decay * theta
    return _adamw(theta, m, v, k, g, lr, beta1, beta2, eps, weight_decay)


def _below(theta, m, v, k, g, lr, beta1, beta2, eps, weight_decay):
    _, m, v = adam(theta, m, v, k, g, lr, beta1, beta2, eps)
    m_hat, v_hat = m / (1 - beta1**k), v / (1 - beta2**k)
    return theta - lr * m_hat / (np.sqrt(v_hat) + eps + weight_decay * theta), m, v


def _lifted(formula):
    """A mistake in Adam's part, with the right decay beside it."""

    def lifted(theta, *rest):
        ahead, *kept = formula(theta, *rest[:-1])
        return (ahead if ahead is None else ahead - rest[4] * rest[-1] * theta, *kept)

    return lifted


adamw_step = Exercise(
    "adamw_step",
    "adamw_step(theta, m, v, k, g, lr, beta1, beta2, eps, weight_decay)",
    ("theta", "m", "v"),
    _adamw,
    ADAMW_CASES,
    follows=lambda made, theta, *rest: (
        follows(made, theta, *rest[:-1])[0] - rest[4] * rest[-1] * theta,
    ),
    nudge="Begin with a step of Adam. Then one more term pulls theta towards 0.",
    start="A step of Adam, and from theta also subtract lr * weight_decay * theta, with the theta "
    "that came in. m and v know nothing of the decay.",
    mistakes=(
        Mistake(
            "decay in the gradient",
            _coupled,
            "This is Adam with L2: your decay is divided by its own size.",
            "Leave g as it is. The decay stands beside the fraction, not in m and v.",
        ),
        Mistake(
            "decay in m",
            _within_mean,
            "Does m know of the decay? It should not.",
            "Leave g as it is. The decay stands beside the fraction.",
        ),
        Mistake(
            "decay divided",
            _divided,
            "m and v are right, but the decay is divided too.",
            "Only m_hat stands above sqrt(v_hat) + eps; weight_decay * theta is added to the "
            "fraction.",
        ),
        *(
            Mistake(
                "decay in the gradient",
                _added(pull),
                "You change the gradient, and so m and v. Do they know of the decay?",
                "Leave g as it is. The decay stands beside the fraction, not in m and v.",
            )
            for pull in (
                lambda theta, decay: -decay * theta,
                lambda theta, decay: 2 * decay * theta,
                lambda theta, decay: decay * np.sign(theta),
                lambda theta, decay: decay * abs(theta),
                lambda theta, decay: decay,
            )
        ),
        Mistake(
            "no lr in the decay",
            _with_decay(lambda theta, ahead, lr, decay: decay * theta),
            "Your decay pulls too hard.",
            "The learning rate scales both terms: lr * weight_decay * theta.",
        ),
        Mistake(
            "no decay",
            _with_decay(lambda theta, ahead, lr, decay: 0 * theta),
            "This is Adam. Which argument have you not used?",
            "Subtract lr * weight_decay * theta too.",
        ),
        Mistake(
            "decay of the new theta",
            _with_decay(lambda theta, ahead, lr, decay: lr * decay * ahead),
            "Which theta is it that decays, the old or the new one?",
            "Both terms start from the theta that came in.",
        ),
        Mistake(
            "decay twice",
            _decay_twice,
            "Does m know of the decay? How often does it act in yours?",
            "Leave g as it is: the decay stands beside the fraction, and only there.",
        ),
        Mistake(
            "decay in v",
            lambda *case: (None, None, _coupled(*case)[2]),
            "Does v know of the decay? It should not.",
            "Leave g as it is. The decay stands beside the fraction.",
        ),
        Mistake(
            "half the decay",
            _with_decay(lambda theta, ahead, lr, decay: lr * decay * theta / 2),
            "Your decay pulls half as hard as it should. What is the derivative of theta**2 / 2?",
            "No factor 1/2 is left: lr * weight_decay * theta.",
        ),
        Mistake(
            "double decay",
            _with_decay(lambda theta, ahead, lr, decay: 2 * lr * decay * theta),
            "Your decay pulls twice as hard as it should. Where does the 2 come from?",
            "Weight decay is lr * weight_decay * theta, without a factor.",
        ),
        Mistake(
            "lr twice",
            _with_decay(lambda theta, ahead, lr, decay: lr**2 * decay * theta),
            "How often does lr act on your decay?",
            "Once: lr * weight_decay * theta.",
        ),
        *(
            Mistake(
                "another pull",
                _with_decay(lambda theta, ahead, lr, decay, of=of: lr * decay * of(theta)),
                "Each parameter should shrink in proportion to itself. By what does yours shrink?",
                "By lr * weight_decay * theta, entry by entry: theta itself, no power, sign or "
                "norm of it.",
            )
            for of in (np.ones_like, np.square, np.sign, np.linalg.norm, abs, lambda t: t @ t)
        ),
        Mistake(
            "exponential",
            _with_decay(lambda theta, ahead, lr, decay: (1 - np.exp(-lr * decay)) * theta),
            "You let theta decay like exp(-lr weight_decay). For small steps that is nearly the "
            "same. Which form has the text?",
            "Subtract lr * weight_decay * theta.",
        ),
        Mistake(
            "decay in the divisor",
            _below,
            "What do you divide by? Where does the decay belong?",
            "Beside the fraction, not into its divisor: close the parentheses behind eps.",
        ),
        Mistake(
            "decay of m",
            lambda theta, m, v, k, g, lr, b1, b2, eps, decay: (
                adam(theta, m, v, k, g, lr, b1, b2, eps)[0] - lr * decay * (b1 * m + (1 - b1) * g),
                None,
                None,
            ),
            "What is it that decays, the mean m or the parameters?",
            "theta decays: subtract lr * weight_decay * theta.",
        ),
        Mistake(
            "decay alone",
            lambda theta, *rest: (theta - rest[4] * rest[-1] * theta, None, None),
            "theta decays as it should. Where is the step of Adam?",
            "Subtract both, the step of Adam and the decay.",
        ),
        Mistake(
            "decay upwards",
            _with_decay(lambda theta, ahead, lr, decay: -lr * decay * theta),
            "In which direction does your decay pull?",
            "Towards 0: subtract lr * weight_decay * theta.",
        ),
        *(
            Mistake(
                "decay of the step",
                formula,
                "What does weight_decay multiply in yours? It is not the step that decays.",
                "theta itself: subtract lr * weight_decay * theta besides the step of Adam.",
            )
            for formula in (
                lambda theta, *rest: (
                    theta - (1 - rest[-1]) * (theta - adam(theta, *rest[:-1])[0]),
                    None,
                    None,
                ),
                lambda theta, *rest: (
                    rest[-1] * theta - (theta - adam(theta, *rest[:-1])[0]),
                    None,
                    None,
                ),
                lambda theta, m, v, k, g, lr, b1, b2, eps, decay: (
                    adam(theta, m, v, k, g, lr, b1, b2, eps)[0] - lr * decay * g,
                    None,
                    None,
                ),
            )
        ),
        *(m._replace(formula=_lifted(m.formula)) for m in MEANS + STEPS if m.name != "order"),
        Mistake(
            "order",
            lambda *case: tuple(_adamw(*case)[i] for i in (0, 2, 1)),
            "All three are right, but look at their order.",
            "Return theta first, then m, then v.",
        ),
    ),
    symptoms=(
        *LINES,
        *mixture(
            0,
            "theta",
            "theta - lr * m_hat / (np.sqrt(v_hat) + eps) - lr * weight_decay * theta",
            lambda theta, *rest: theta,
            direction,
            lambda theta, *rest: (1 - rest[4] * rest[-1], -rest[4]),
            other="the step of Adam",
        ),
    ),
    accidents=ACCIDENTS,
)
