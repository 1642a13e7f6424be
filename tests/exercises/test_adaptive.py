"""The checkers of the chapter on adaptive methods: stub, solutions, typical wrong answers."""

import numpy as np
import pytest

import coursekit as ck
from coursekit.exercises.adam import adam_step
from coursekit.exercises.adamw import adamw_step
from coursekit.exercises.rmsprop import rmsprop_step

ALL = (rmsprop_step, adam_step, adamw_step)
RIGHT = {
    "rmsprop_step": """
        square = g * g
        new_v = v * rho + square - rho * square
        return [theta - g / (new_v**0.5 + eps) * lr, new_v]""",
    "adam_step": """
        m = m + (1 - beta1) * (g - m)
        v = v + (1 - beta2) * (g * g - v)
        scale = np.sqrt(1 - beta2**k) / (1 - beta1**k)
        return theta - lr * scale * m / (np.sqrt(v) + eps * np.sqrt(1 - beta2**k)), m, v""",
    "adamw_step": """
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * np.square(g)
        shrunk = theta * (1 - lr * weight_decay)
        step = m / (1 - beta1**k) / ((v / (1 - beta2**k)) ** 0.5 + eps)
        return shrunk - lr * step, m, v""",
}
ADAM = """
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        m_hat = m / (1 - beta1**k)
        v_hat = v / (1 - beta2**k)
        theta = theta - lr * m_hat / (np.sqrt(v_hat) + eps)
        return theta, m, v"""
RMSPROP = """
        v = rho * v + (1 - rho) * g**2
        theta = theta - lr * g / (np.sqrt(v) + eps)
        return theta, v"""
ADAMW = ADAM.replace(
    "lr * m_hat / (np.sqrt(v_hat) + eps)",
    "lr * (m_hat / (np.sqrt(v_hat) + eps) + weight_decay * theta)",
)

# What a student changes in the solution, the mistake that is recognised, and words of both hints.
SLIPS = [
    (rmsprop_step, RMSPROP, "stale v", "which v", "new v", """
        theta = theta - lr * g / (np.sqrt(v) + eps)
        v = rho * v + (1 - rho) * g**2
        return theta, v"""),
    (rmsprop_step, RMSPROP, "eps inside", "under the root", "root first",
     ("(np.sqrt(v) + eps)", "np.sqrt(v + eps)")),
    (rmsprop_step, RMSPROP, "no root", "holds squares", "np.sqrt", ("np.sqrt(v)", "v")),
    (rmsprop_step, RMSPROP, "no eps", "not used", "Add eps", ("(np.sqrt(v) + eps)", "np.sqrt(v)")),
    (rmsprop_step, RMSPROP, "sum of squares", "AdaGrad", "rho times",
     ("rho * v + (1 - rho) * g**2", "v + g**2")),
    (rmsprop_step, RMSPROP, "sum of squares", "too much", "(1 - rho)",
     ("(1 - rho) * g**2", "g**2")),
    (rmsprop_step, RMSPROP, "rho exchanged", "past or the present", "rho is near 1",
     ("rho * v + (1 - rho) * g**2", "(1 - rho) * v + rho * g**2")),
    (rmsprop_step, RMSPROP, "no square", "mean of what", "g**2", ("g**2", "g")),
    (rmsprop_step, RMSPROP, "no square", "Absolute", "g**2", ("g**2", "abs(g)")),
    (rmsprop_step, RMSPROP, "all together", "all gradients together", "one number",
     ("g**2", "(g @ g)")),
    (rmsprop_step, RMSPROP, "root kept", "its root", "takes the root again",
     ("return theta, v", "return theta, np.sqrt(v)")),
    (rmsprop_step, RMSPROP, "sign", "downhill", "Subtract", ("theta - lr", "theta + lr")),
    (rmsprop_step, RMSPROP, "no division", "does not use it", "Divide",
     (" / (np.sqrt(v) + eps)", "")),
    (rmsprop_step, RMSPROP, "order", "order", "theta first",
     ("return theta, v", "return v, theta")),
    (rmsprop_step, RMSPROP, "returns", "mean square too", "return theta, v",
     ("return theta, v", "return theta")),
    (rmsprop_step, RMSPROP, "in place", "leaves the old", "v += ...",
     ("v = rho * v + (1 - rho) * g**2", "v *= rho; v += (1 - rho) * g**2")),
    (adam_step, ADAM, "no correction", "not used", "before the step",
     ("lr * m_hat / (np.sqrt(v_hat)", "lr * m / (np.sqrt(v)")),
    (adam_step, ADAM, "no correction of v", "still pulled", "v needs",
     ("np.sqrt(v_hat)", "np.sqrt(v)")),
    (adam_step, ADAM, "no correction of m", "still pulled", "m needs", ("lr * m_hat", "lr * m")),
    (adam_step, ADAM, "k off by one", "first step", "not k + 1", ("**k", "**(k + 1)")),
    (adam_step, ADAM, "k off by one", "first step", "not k - 1", ("**k)", "**(k - 1))")),
    (adam_step, ADAM, "times in place of power", "fade, step by step", "not beta1 * k",
     ("**k", "*k")),
    (adam_step, ADAM, "one correction for both", "two different", "beta2",
     ("beta2**k", "beta1**k")),
    (adam_step, ADAM, "no k", "every step", "powers", ("**k", "")),
    (adam_step, ADAM, "eps inside", "under the root", "root first",
     ("(np.sqrt(v_hat) + eps)", "np.sqrt(v_hat + eps)")),
    (adam_step, ADAM, "no root", "holds squares", "Divide by the root",
     ("np.sqrt(v_hat)", "v_hat")),
    (adam_step, ADAM, "no square", "mean of what", "g**2", ("g**2", "g")),
    (adam_step, ADAM, "square of m", "or its mean", "not of m**2", ("g**2", "m**2")),
    (adam_step, ADAM, "sum in place of mean", "too much", "(1 - beta1)",
     ("(1 - beta1) * g", "g"), ("(1 - beta2) * g**2", "g**2")),
    (adam_step, ADAM, "sum in place of mean", "too much for a mean", "(1 - beta1)",
     ("(1 - beta1) * g", "g")),
    (adam_step, ADAM, "weights exchanged", "past or the present", "near 1",
     ("beta1 * m + (1 - beta1) * g", "(1 - beta1) * m + beta1 * g"),
     ("beta2 * v + (1 - beta2) * g**2", "(1 - beta2) * v + beta2 * g**2")),
    (adam_step, ADAM, "betas exchanged", "longer memory", "beta1 belongs to m",
     ("beta1", "beta0"), ("beta2", "beta1"), ("beta0", "beta2")),
    (adam_step, ADAM, "corrected values kept", "keep for the next", "correct twice",
     ("return theta, m, v", "return theta, m_hat, v_hat")),
    (adam_step, ADAM, "corrected values kept", "keep for the next", "correct twice",
     ("m_hat", "m"), ("v_hat", "v")),
    (adam_step, ADAM, "g in place of m", "moves theta", "not by g", ("lr * m_hat", "lr * g")),
    (adam_step, ADAM, "sign", "downhill", "subtract", ("theta - lr", "theta + lr")),
    (adam_step, ADAM, "order", "order", "then m, then v", ("theta, m, v", "theta, v, m")),
    (adam_step, ADAM, "returns", "both means", "return theta, m, v",
     ("return theta, m, v", "return theta")),
    (adam_step, ADAM, "stale m", "before the next step", "new m", """
        m_hat = m / (1 - beta1**k)
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        v_hat = v / (1 - beta2**k)
        return theta - lr * m_hat / (np.sqrt(v_hat) + eps), m, v"""),
    (adamw_step, ADAMW, "decay in the gradient", "divided by its own size", "Leave g",
     (" + weight_decay * theta)", ")"), ("m = beta1", "g = g + weight_decay * theta; m = beta1")),
    (adamw_step, ADAMW, "decay divided", "decay is divided", "Only m_hat", (
        "(m_hat / (np.sqrt(v_hat) + eps) + weight_decay * theta)",
        "(m_hat + weight_decay * theta) / (np.sqrt(v_hat) + eps)")),
    (adamw_step, ADAMW, "no lr in the decay", "too hard", "scales both terms",
     ("lr * (m_hat / (np.sqrt(v_hat) + eps) + weight_decay * theta)",
      "lr * m_hat / (np.sqrt(v_hat) + eps) - weight_decay * theta")),
    (adamw_step, ADAMW, "no decay", "This is Adam", "Subtract", (" + weight_decay * theta)", ")")),
    (adamw_step, ADAMW, "decay of the new theta", "old or the new", "came in",
     (" + weight_decay * theta)", ")"),
     ("return theta,", "return (1 - lr * weight_decay) * theta,")),
    (adamw_step, ADAMW, "decay upwards", "which direction", "Towards 0",
     ("+ weight_decay", "- weight_decay")),
    (adamw_step, ADAMW, "eps inside", "under the root", "root first",
     ("(np.sqrt(v_hat) + eps)", "np.sqrt(v_hat + eps)")),
    (adamw_step, ADAMW, "no correction", "not used", "before the step",
     ("m_hat / (np.sqrt(v_hat)", "m / (np.sqrt(v)")),
]  # fmt: skip


@pytest.fixture(autouse=True)
def forget():
    for exercise in ALL:
        exercise._last = ""


def written(exercise, body):
    """The function with this body."""
    scope = {"np": np}
    exec(f"def {exercise.signature}:{body}", scope)
    return scope[exercise.name]


def slipped(exercise, body, changes):
    if isinstance(changes[0], str):
        return written(exercise, changes[0])
    for old, new in changes:
        assert old in body
        body = body.replace(old, new)
    return written(exercise, body)


@pytest.mark.parametrize("slip", SLIPS, ids=lambda slip: f"{slip[0].name}-{slip[2]}")
def test_wrong_answers_get_the_hint_made_for_them(slip):
    exercise, body, name, nudge, plain, *changes = slip
    function = slipped(exercise, body, changes)
    first, second = exercise(function), exercise(function)
    assert not first and not second
    assert (first.mistake, second.mistake) == (name, name)
    assert nudge in first.hint
    assert plain in second.hint
    assert "mu may be 0" not in second.hint


@pytest.mark.parametrize("exercise", ALL, ids=lambda e: e.name)
def test_solutions_pass(exercise):
    for body in (
        RIGHT[exercise.name],
        {"rmsprop_step": RMSPROP, "adam_step": ADAM, "adamw_step": ADAMW}[exercise.name],
    ):
        verdict = exercise(written(exercise, body))
        assert verdict.passed and "Right in all 4 cases" in verdict.message


def test_the_optimizers_of_the_package_pass():
    def by_rmsprop(theta, v, g, lr, rho, eps):
        opt = ck.optim.RMSprop(lr, rho, eps)
        theta, state = opt.rule(theta, g, opt.State(1, v, 0.0, 0.0))
        return theta, state.v

    def by_adam(theta, m, v, k, g, lr, beta1, beta2, eps):
        opt = ck.optim.Adam(lr, beta1, beta2, eps)
        theta, state = opt.rule(theta, g, opt.State(k - 1, m, v))
        return theta, state.m, state.v

    def by_adamw(theta, m, v, k, g, lr, beta1, beta2, eps, weight_decay):
        opt = ck.optim.AdamW(lr, beta1, beta2, eps, weight_decay=weight_decay)
        theta, state = opt.rule(theta, g, opt.State(k - 1, m, v))
        return theta, state.m, state.v

    assert ck.check.rmsprop_step(by_rmsprop)
    assert ck.check.adam_step(by_adam)
    assert ck.check.adamw_step(by_adamw)


@pytest.mark.parametrize("exercise", ALL, ids=lambda e: e.name)
def test_the_stub_gets_the_first_hint_and_then_the_second(exercise):
    for body in (" ...", " raise NotImplementedError"):
        exercise(exercise.right)
        first, second = exercise(written(exercise, body)), exercise(written(exercise, body))
        assert first.mistake == "nothing"
        assert exercise.nudge in first.hint and exercise.start not in first.hint
        assert exercise.start in second.hint


@pytest.mark.parametrize("exercise", ALL, ids=lambda e: e.name)
def test_it_survives_anything(exercise):
    for body in (
        " 1 / 0",
        " return theta[:0], v",
        " return theta + np.inf, *[v] * 2",
        " return np.sum(theta), *[v] * 2",
        " theta[:] = 0; return theta, v",
        " return 'theta', None, None",
    ):
        verdict = exercise(written(exercise, body))
        assert not verdict and verdict.hint
