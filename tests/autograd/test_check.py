"""check_grad itself: it accepts what is right and catches what is planted."""

import math

import numpy as np
import pytest

import coursekit as ck
from coursekit import ops
from coursekit.autograd import op

X = np.array([0.4, -0.9, 1.3])


def tanh_with(rule):
    return op(np.tanh, rule, name="wrong")


def product_with(*rules):
    return op(lambda a, b: a * b, *rules, name="wrong")


PLANTED = {  # wrong derivatives: where each is wrong, and at which order
    "factor two": (tanh_with(lambda g, y, x: 2 * g * (1 - y**2)), X, 1),
    "sign": (tanh_with(lambda g, y, x: -g * (1 - y**2)), X, 1),
    "missing term": (op(lambda x: x * np.exp(x), lambda g, y, x: g * np.exp(x), name="w"), X, 1),
    "one element": (tanh_with(lambda g, y, x: g * (1 - y**2) * np.array([1, 1, 1.001])), X, 1),
    "swapped elements": (tanh_with(lambda g, y, x: np.flip(g) * (1 - y**2)), X, 1),
    "a constant inside": (tanh_with(lambda g, y, x: g * (1 - ops.stop_gradient(y) ** 2)), X, 2),
    "g itself constant": (tanh_with(lambda g, y, x: ops.stop_gradient(g) * (1 - y**2)), X, 2),
    "nan": (tanh_with(lambda g, y, x: g * np.nan), X, 1),
    "one argument of two": (
        lambda x: product_with(lambda g, y, a, b: g * b)(x, x), X, 1,
    ),
    "mean for sum": (
        op(lambda x: x.sum(axis=0), lambda g, y, x: np.ones((2, 1)) * g / 2, name="w"),
        np.ones((2, 3)), 1,
    ),
    "the transpose forgotten": (
        lambda x: op(lambda w: w @ w, lambda g, y, w: g @ w.T + w @ g, name="w")(x),
        np.arange(4.0).reshape(2, 2), 1,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_error_is_caught(name):
    f, x, order = PLANTED[name]
    if order == 2:
        assert ck.check_grad(f, x, order=1) < 1e-8
    with pytest.raises(ck.GradientError, match=f"derivative of order {order} along") as caught:
        ck.check_grad(f, x)
    assert caught.value.direction.shape == x.shape
    assert np.linalg.norm(caught.value.direction) == pytest.approx(1)
    assert np.array2string(caught.value.direction, precision=3) in str(caught.value)


def test_an_error_only_under_broadcasting_is_caught():
    wrong = op(
        lambda a, b: a * b,
        lambda g, y, a, b: g * b,
        lambda g, y, a, b: g * a if np.shape(a) == np.shape(b) else g * a / 2,
        name="wrong",
    )
    column, row = np.array([[0.3], [0.7]]), np.array([1.0, 2.0, -1.0])
    assert ck.check_grad(lambda b: wrong(row, b), X) < 1e-8
    with pytest.raises(ck.GradientError):
        ck.check_grad(lambda b: wrong(column, b), row)


def test_the_numbers_in_the_message_are_the_two_slopes():
    f = op(lambda x: x**3, lambda g, y, x: g * 5 * x**2, name="wrong")
    with pytest.raises(ck.GradientError) as caught:
        ck.check_grad(f, 2.0, order=1)
    words = str(caught.value).replace(",", "").split()
    mine, slope = float(words[words.index("but") - 1]), float(words[words.index("say") + 1])
    assert mine / slope == pytest.approx(5 / 3, rel=1e-6)


@pytest.mark.parametrize("order", [0, 1, 2, 3, 4])
def test_right_derivatives_pass_to_any_order(order):
    assert ck.check_grad(lambda x: np.exp(np.sin(x)) * x[::-1], X, order=order) < 1e-7


@pytest.mark.parametrize(
    "x", [0.7, np.float64(0.7), np.array(0.7), np.ones((2, 1, 3)), np.ones(0), 2]
)
def test_points_of_any_shape(x):
    assert ck.check_grad(lambda x: x**2 + np.sum(x**3), x) < 1e-8


def test_functions_with_any_answer():
    assert ck.check_grad(np.sum, X) < 1e-8
    assert ck.check_grad(lambda x: 3.0, X) == 0
    assert ck.check_grad(lambda x: np.outer(x, x), X) < 1e-8
    assert ck.check_grad(lambda x: np.zeros((0, 2)) * x[0], X) == 0


def test_the_answer_is_reproducible_and_follows_the_seed():
    f = lambda x: np.exp(3 * x)  # noqa: E731
    assert ck.check_grad(f, X, seed=1) == ck.check_grad(f, X, seed=1) != ck.check_grad(f, X, seed=2)


def test_the_tolerance_is_what_decides():
    nearly = tanh_with(lambda g, y, x: g * (1 - y**2) * (1 + 1e-4))
    assert 1e-6 < ck.check_grad(nearly, X, tolerance=1e-2) < 1e-2
    with pytest.raises(ck.GradientError):
        ck.check_grad(nearly, X)


def test_the_finite_differences_are_of_order_six():
    """A function twice as steep makes the error 64 times larger, not 4 or 16."""
    errors = [ck.check_grad(lambda x, k=k: np.exp(k * x) / k, np.zeros(1), order=1)
              for k in (50.0, 100.0)]  # fmt: skip
    assert math.log2(errors[1] / errors[0]) == pytest.approx(6, abs=0.5)


def test_integers_and_single_precision_are_checked_in_double():
    assert ck.check_grad(np.sin, np.array([1, 2])) < 1e-8
    assert ck.check_grad(np.sin, X.astype(np.float32)) < 1e-8
