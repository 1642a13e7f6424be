"""The checkers of the chapter on activations: stub, solutions, and typical wrong answers."""

import warnings

import numpy as np
import pytest

import coursekit as ck
from coursekit.exercises.elu import elu_grad
from coursekit.exercises.perceptron import perceptron_step

BOTH = (elu_grad, perceptron_step)


@pytest.fixture(autouse=True)
def forget():
    for exercise in BOTH:
        exercise._last = ""


# --- as students write them, in other words than the checker ------------------------------------
def slope_by_hand(x, alpha):
    slope = np.ones(x.shape)
    left = x <= 0
    slope[left] = alpha * np.exp(x[left])
    return slope


def slope_with_where(x, alpha):
    return np.where(x > 0, 1.0, alpha * np.exp(x))  # overflows in what is not chosen


def slope_from_output(x, alpha):
    y = np.where(x > 0, x, alpha * (np.exp(np.minimum(x, 0)) - 1))
    return np.where(x > 0, 1, y + alpha)


def step(w, x, y):
    if y * np.dot(w, x) > 0:
        return w
    return w + x * y


def step_on_the_loss(w, x, y):
    f = ck.Objective(lambda w: ck.losses.perceptron((w @ x).reshape(1), np.array([int(y)])))
    opt = ck.optim.Perceptron()
    return opt.step(w, opt.init(w), f)[0]


def elu(x, alpha):
    return np.where(x > 0, x, alpha * (np.exp(np.minimum(x, 0)) - 1))


def no_alpha(x, alpha):
    return np.where(x > 0, 1.0, np.exp(np.minimum(x, 0)))


def turned_round(x, alpha):
    return np.where(x > 0, 1.0, alpha * np.exp(-x))


def alpha_inside(x, alpha):
    return np.where(x > 0, 1.0, np.exp(alpha * np.minimum(x, 0)))


def minus_one(x, alpha):
    return np.where(x > 0, 1.0, alpha * (np.exp(np.minimum(x, 0)) - 1))


def as_if_output(x, alpha):
    return np.where(x > 0, 1.0, x + alpha)


def line_kept(x, alpha):
    return np.where(x > 0, x, alpha * np.exp(np.minimum(x, 0)))


def one_at_zero(x, alpha):
    return np.where(x < 0, alpha * np.exp(np.minimum(x, 0)), 1.0)


def relu_slope(x, alpha):
    return (x > 0) * 1.0


def by_mask(x, alpha):
    return 1.0 * (x > 0) + alpha * np.exp(x) * (x <= 0)


def everywhere(x, alpha):
    return alpha * np.exp(x)


def larger(x, alpha):
    return np.maximum(alpha * np.exp(np.minimum(x, 0)), 1)


def smaller(x, alpha):
    return np.minimum(alpha * np.exp(np.minimum(x, 700)), 1)


def summed(x, alpha):
    return np.where(x > 0, 1.0, alpha).sum()


def written_into(x, alpha):
    x[x > 0] = 0
    return np.where(x == 0, 1.0, alpha * np.exp(x))


def with_if(x, alpha):
    if x > 0:
        return 1.0
    return alpha * np.exp(x)


def of_whole(x, alpha):
    slope = np.zeros(x.shape, dtype=int)
    slope[:] = np.where(x > 0, 1, 3 * alpha)
    return slope


ELU = {
    "sign in exp": (turned_round, "nearly flat", "No minus"),
    "alpha in exp": (alpha_inside, "a factor", "before exp"),
    "value": (elu, "ELU itself", "differentiated"),
    "alpha forgotten": (no_alpha, "not used", "alpha stays"),
    "constant kept": (minus_one, "constant", "-1 goes"),
    "by the output": (as_if_output, "output of ELU", "alpha exp(x)"),
    "right side": (line_kept, "straight line", "not x"),
    "at zero": (one_at_zero, "x = 0", "x > 0, not x >= 0"),
    "ReLU": (relu_slope, "ReLU", "not 0"),
    "masks": (by_mask, "0 times infinity", "np.where"),
    "one piece": (everywhere, "two pieces", "slope is 1"),
    "max": (larger, "larger slope", "decided by x"),
    "min": (smaller, "smaller slope", "decided by x"),
    "shape": (summed, "something summed", "shape of x"),
    "in place": (written_into, "still needs x", "np.where makes a new one"),
    "crash": (with_if, "Which does `if` ask", "np.where can"),
    "dtype": (of_whole, "Whole numbers", "dtype=int"),
}


def every_time(w, x, y):
    return w + y * x


def strictly(w, x, y):
    return w + y * x if y * (w @ x) < 0 else w


def when_right(w, x, y):
    return w + y * x if y * (w @ x) > 0 else w


def uphill(w, x, y):
    return w - y * x if y * (w @ x) <= 0 else w


def without_label(w, x, y):
    return w + x if y * (w @ x) <= 0 else w


def blind(w, x, y):
    return w + y * x if w @ x <= 0 else w


def difference(w, x, y):
    return w + (y - np.sign(w @ x)) * x


def hinge(w, x, y):
    return w + y * x if y * (w @ x) < 1 else w


def squares(w, x, y):
    return w + (y - w @ x) * x


def lazy(w, x, y):
    return 1 * w


def forgetful(w, x, y):
    return y * x if y * (w @ x) <= 0 else w


def w_in_place(w, x, y):
    if y * (w @ x) <= 0:
        w += y * x
    return w


def a_number(w, x, y):
    return y * (w @ x)


PERCEPTRON = {
    "always": (every_time, "right already", "only if"),
    "boundary": (strictly, "w = 0", "<= 0, not < 0"),
    "turned round": (when_right, "above 0 or below", "<= 0"),
    "sign": (uphill, "larger than before", "cancel"),
    "label forgotten": (without_label, "y = -1", "not x"),
    "label ignored": (blind, "does not look at y", "y * (w @ x)"),
    "twice": (difference, "How long", "Half of it"),
    "margin": (hinge, "only just", "hinge loss"),
    "least squares": (squares, "squared error", "Only the side counts"),
    "no step": (lazy, "never changes", "return w + y * x"),
    "replaced": (forgetful, "forgets", "Add y * x to w"),
    "in place": (w_in_place, "old w", "w = w + y * x"),
    "shape": (a_number, "same shape", "the step is y * x"),
}

WRONG = [(elu_grad, name, *row) for name, row in ELU.items()] + [
    (perceptron_step, name, *row) for name, row in PERCEPTRON.items()
]


@pytest.mark.parametrize(
    "exercise, name, function, nudge, plain", WRONG, ids=[row[2].__name__ for row in WRONG]
)
def test_wrong_answers_get_the_hint_made_for_them(exercise, name, function, nudge, plain):
    first, second = exercise(function), exercise(function)
    assert not first and not second
    assert first.mistake == second.mistake == name
    assert nudge in first.hint
    assert plain in second.hint


@pytest.mark.parametrize("exercise, function", [
    (elu_grad, slope_by_hand), (elu_grad, slope_with_where), (elu_grad, slope_from_output),
    (perceptron_step, step), (perceptron_step, step_on_the_loss),
])  # fmt: skip
def test_solutions_pass(exercise, function):
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # nothing of the student's code warns outside
        verdict = exercise(function)
    assert verdict.passed and not verdict.hint, verdict


@pytest.mark.parametrize("exercise", BOTH, ids=lambda e: e.name)
def test_the_stub_gets_the_first_hint(exercise):
    def raises(*arguments):
        raise NotImplementedError("your turn")

    def dots(*arguments): ...

    for stub in (raises, dots):
        exercise(lambda *_: exercise.right(*_)[0])
        verdict = exercise(stub)
        assert not verdict and verdict.mistake == "nothing"
        assert exercise.nudge in verdict.hint and exercise.start not in verdict.hint
        assert exercise.start in exercise(stub).hint


def test_right_formulas_are_those_of_the_package():
    for x, alpha in elu_grad.cases:
        slope = ck.grad(lambda x, alpha=alpha: ck.activations.elu(x, alpha).sum())(x)
        np.testing.assert_allclose(elu_grad.right(x, alpha)[0], slope, rtol=1e-14)
    margins = [y * (w @ x) for w, x, y in perceptron_step.cases]
    np.testing.assert_allclose(margins, [0.0, -0.5, -2.0, 0.5, 3.0, 0.0, -4.0, 3.0], atol=1e-12)
