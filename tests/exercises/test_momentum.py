"""The checkers of the chapter on momentum: stub, solutions, and every typical wrong answer."""

import numpy as np
import pytest

import coursekit as ck
from coursekit.exercises.momentum import CASES, _momentum, momentum_step
from coursekit.exercises.nesterov import nesterov_step

BOTH = (momentum_step, nesterov_step)


@pytest.fixture(autouse=True)
def forget():
    for exercise in BOTH:
        exercise._last = ""


# --- as students write them, in other words than the checker ------------------------------------
def solution(theta, u, g, lr, mu):
    new_u = g + u * mu
    return theta - new_u * lr, new_u


def ahead_solution(theta, u, grad, lr, mu):
    ahead = theta + mu * u
    new_u = -lr * grad(ahead) + mu * u
    return [theta + new_u, new_u]


def stale(theta, u, g, lr, mu):
    theta = theta - lr * u
    u = mu * u + g
    return theta, u


def average(theta, u, g, lr, mu):
    u = u * mu + g * (1 - mu)
    return theta - lr * u, u


def lr_inside(theta, u, g, lr, mu):
    u = mu * u + lr * g
    return theta - u, u


def velocity_form(theta, u, g, lr, mu):
    u = mu * u - lr * g
    return theta + u, u


def lr_twice(theta, u, g, lr, mu):
    u = mu * u + lr * g
    return theta - lr * u, u


def uphill(theta, u, g, lr, mu):
    u = mu * u + g
    return theta + lr * u, u


def minus_gradient(theta, u, g, lr, mu):
    u = mu * u - g
    return theta - lr * u, u


def downhill_u(theta, u, g, lr, mu):
    u = mu * u - g
    return theta + lr * u, u


def momentum_on_theta(theta, u, g, lr, mu):
    u = mu * u + g
    return mu * theta - lr * u, u


def momentum_on_theta_only(theta, u, g, lr, mu):
    return mu * theta - lr * g, u


def plain_descent(theta, u, g, lr, mu):
    return theta - lr * g, mu * u + g


def no_mu(theta, u, g, lr, mu):
    u = u + g
    return theta - lr * u, u


def mu_on_both(theta, u, g, lr, mu):
    u = mu * (u + g)
    return theta - lr * u, u


def forgot_u(theta, u, g, lr, mu):
    u = mu * u + g
    return theta - lr * u


def old_u(theta, u, g, lr, mu):
    return theta - lr * (mu * u + g), u


def exchanged(theta, u, g, lr, mu):
    u = mu * u + g
    return u, theta - lr * u


def u_in_place(theta, u, g, lr, mu):
    u *= mu
    u += g
    return theta - lr * u, u


def theta_in_place(theta, u, g, lr, mu):
    u = mu * u + g
    theta -= lr * u
    return theta, u


CLASSICAL = {
    "stale velocity": (stale, "before the next step", "Compute u first"),
    "average": (average, "fading sum", "(1 - mu)"),
    "lr inside": (lr_inside, "holds gradients", "does not belong into the velocity"),
    "lr inside ": (velocity_form, "holds gradients", "do not belong into the velocity"),
    "lr twice": (lr_twice, "How often", "appears once"),
    "sign": (uphill, "downhill", "subtract lr * u"),
    "sign ": (minus_gradient, "direction", "Add the gradient"),
    "sign  ": (downhill_u, "point downhill", "Two signs"),
    "momentum on theta": (momentum_on_theta, "fades", "theta itself must not shrink"),
    "momentum on theta ": (momentum_on_theta_only, "fades", "theta itself must not shrink"),
    "no memory": (plain_descent, "gradient descent", "not by the gradient"),
    "no fading": (no_mu, "never fades", "Multiply the old velocity by mu"),
    "mu on everything": (mu_on_both, "fresh", "not the gradient"),
    "returns": (forgot_u, "needs the velocity", "return theta, u"),
    "old u returned": (old_u, "theta is right", "Return the new u"),
    "order": (exchanged, "order", "theta first"),
    "in place": (u_in_place, "leaves the old ones", "u += ..."),
    "in place ": (theta_in_place, "leaves the old ones", "theta -= ..."),
}


def at_theta(theta, u, grad, lr, mu):
    u = mu * u - lr * grad(theta)
    return theta + u, u


def too_far(theta, u, grad, lr, mu):
    u = mu * u - lr * grad(theta + u)
    return theta + mu * 0 + u, u


def too_far_kept(theta, u, grad, lr, mu):
    new = mu * u - lr * grad(theta + u)
    return theta + new, new


def look_back(theta, u, grad, lr, mu):
    new = mu * u - lr * grad(theta - mu * u)
    return theta + new, new


def torch_form(theta, u, grad, lr, mu):
    g = grad(theta)
    u = mu * u - lr * g
    return theta + (mu * u - lr * g), u


def from_ahead(theta, u, grad, lr, mu):
    theta = theta + mu * u
    u = mu * u - lr * grad(theta)
    return theta + u, u


def classical_u(theta, u, grad, lr, mu):
    u = mu * u + grad(theta + mu * u)
    return theta - lr * u, u


def classical_u_right(theta, u, grad, lr, mu):
    u = mu * u + grad(theta - lr * mu * u)
    return theta - lr * u, u


def ahead_average(theta, u, grad, lr, mu):
    u = mu * u - (1 - mu) * lr * grad(theta + mu * u)
    return theta + u, u


def ahead_uphill(theta, u, grad, lr, mu):
    u = mu * u + lr * grad(theta + mu * u)
    return theta + u, u


def ahead_backwards(theta, u, grad, lr, mu):
    u = mu * u - lr * grad(theta + mu * u)
    return theta - u, u


def ahead_stale(theta, u, grad, lr, mu):
    return theta + u, mu * u - lr * grad(theta + mu * u)


def ahead_on_theta(theta, u, grad, lr, mu):
    u = mu * u - lr * grad(theta + mu * u)
    return mu * theta + u, u


def ahead_descent(theta, u, grad, lr, mu):
    return theta - lr * grad(theta), u


def ahead_old_u(theta, u, grad, lr, mu):
    return theta + mu * u - lr * grad(theta + mu * u), u


def ahead_exchanged(theta, u, grad, lr, mu):
    u = mu * u - lr * grad(theta + mu * u)
    return u, theta + u


def ahead_forgot_u(theta, u, grad, lr, mu):
    return theta + mu * u - lr * grad(theta + mu * u)


def ahead_in_place(theta, u, grad, lr, mu):
    theta += mu * u
    g = grad(theta)
    return theta - lr * g, mu * u - lr * g


def not_called(theta, u, grad, lr, mu):
    u = mu * u - lr * grad
    return theta + u, u


AHEAD = {
    "gradient at theta": (at_theta, "classical momentum", "theta + mu * u, not at theta"),
    "whole step ahead": (too_far, "too far", "theta + mu * u"),
    "whole step ahead ": (too_far_kept, "too far", "theta + mu * u"),
    "look back": (look_back, "which direction", "theta plus mu * u"),
    "stored point ahead": (torch_form, "PyTorch", "move theta by the new u"),
    "jump": (from_ahead, "only a look", "Move from theta"),
    "gradients kept": (classical_u, "holds gradients", "learning rate is inside"),
    "gradients kept ": (classical_u_right, "holds gradients", "learning rate is inside"),
    "average": (ahead_average, "averages", "Leave out (1 - mu)"),
    "sign": (ahead_uphill, "push downhill", "Subtract"),
    "sign ": (ahead_backwards, "downhill already", "Add the new u"),
    "stale velocity": (ahead_stale, "before the next step", "Compute u first"),
    "momentum on theta": (ahead_on_theta, "fades", "must not shrink"),
    "no memory": (ahead_descent, "gradient descent", "mu times the old u"),
    "old u returned": (ahead_old_u, "theta is right", "Return the new u"),
    "order": (ahead_exchanged, "order", "theta first"),
    "returns": (ahead_forgot_u, "needs the velocity", "return theta, u"),
    "in place": (ahead_in_place, "leaves the old ones", "theta += ..."),
    "crash": (not_called, "but a function", "grad(point)"),
}

WRONG = [(momentum_step, name, *row) for name, row in CLASSICAL.items()] + [
    (nesterov_step, name, *row) for name, row in AHEAD.items()
]


@pytest.mark.parametrize(
    "exercise, name, function, nudge, plain", WRONG, ids=[row[2].__name__ for row in WRONG]
)
def test_wrong_answers_get_the_hint_made_for_them(exercise, name, function, nudge, plain):
    first, second = exercise(function), exercise(function)
    assert not first and not second
    assert first.mistake == second.mistake == name.strip()
    assert nudge in first.hint
    assert plain in second.hint
    assert "nan" not in first.message


@pytest.mark.parametrize("exercise, function", [
    (momentum_step, solution), (nesterov_step, ahead_solution),
])  # fmt: skip
def test_solutions_pass(exercise, function):
    verdict = exercise(function)
    assert verdict.passed and bool(verdict) and not verdict.hint
    assert "Right in all 4 cases" in verdict.message


def test_the_optimizers_of_the_package_pass():
    f = ck.Objective(lambda x: (x**2).sum() + (x**4).sum() / 4)

    def by_momentum(theta, u, g, lr, mu):
        opt = ck.optim.Momentum(lr=lr, momentum=mu)
        theta, state = opt.rule(theta, g, opt.State(1, u))
        return theta, state.u

    def by_nesterov(theta, u, grad, lr, mu):
        opt = ck.optim.Nesterov(lr=lr, momentum=mu, lookahead=True)
        theta, state = opt.step(theta, opt.State(1, u), ck.Objective(value=f.value, grad=grad))
        return theta, state.u

    assert ck.check.momentum_step(by_momentum)
    assert ck.check.nesterov_step(by_nesterov)


@pytest.mark.parametrize("exercise", BOTH, ids=lambda e: e.name)
def test_the_stub_gets_the_first_hint(exercise):
    def raises(theta, u, g, lr, mu):
        raise NotImplementedError("your turn")

    def dots(theta, u, g, lr, mu): ...

    for stub in (raises, dots):
        exercise(lambda *_: None)  # another mistake or none in between: hints begin anew
        exercise(exercise.right)
        verdict = exercise(stub)
        assert not verdict and verdict.mistake == "nothing"
        assert exercise.nudge in verdict.hint and exercise.start not in verdict.hint
        assert exercise.start in exercise(stub).hint
    assert "return theta, u" in exercise(dots).hint


def test_right_formulas_are_those_of_the_package():
    theta, u, g, lr, mu = CASES[1]
    opt = ck.optim.Momentum(lr=lr, momentum=mu)
    ahead, state = opt.rule(theta, g, opt.State(1, u))
    for mine, theirs in zip(_momentum(theta, u, g, lr, mu), (ahead, state.u), strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-14)


def test_the_stronger_hint_comes_only_for_the_same_mistake():
    nudges = [momentum_step(f).hint for f in (stale, average, stale, stale)]
    assert nudges[0] == nudges[2] != nudges[3]
    momentum_step(solution)
    assert momentum_step(stale).hint == nudges[0]
