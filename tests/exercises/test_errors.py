"""What is said when a student's function stops with an error of Python or NumPy."""

import numpy as np
import pytest

import coursekit as ck
from coursekit.exercises.errors import explain
from coursekit.exercises.verdict import Accident

ARGUMENTS = "theta, g, lr"
CRASHES = {
    "return where(g > 0, theta, g)": ("NameError", "does not know this name", ARGUMENTS),
    "new = new + g": ("UnboundLocalError", "no value yet", ARGUMENTS),
    "return theta if g > 0 else g": ("ValueError", "one yes or no", "np.where"),
    "return theta + np.ones(7)": ("ValueError", "do not fit together", "[:, None]"),
    "return np.ones((2, 7)) @ g": ("ValueError", "two sides of @", "last axis of A"),
    "return np.dot(np.ones((2, 7)), g)": ("ValueError", "two sides of a product", "last axis"),
    "return g^2": ("TypeError", "What is ^", "**"),
    "return lr^2": ("TypeError", "What is ^", "**"),
    "return lr(theta - g)": ("TypeError", "no function", "* missing"),
    "return lr[0] * g": ("TypeError", "Brackets", "Print it"),
    "return g.sum()[0]": ("IndexError", "single number", "Print it"),
    "return theta[99]": ("IndexError", "Which index is too large", "length minus 1"),
    "return theta[0.5]": ("IndexError", "no whole number", "slices"),
    "a, b = theta, g, lr": ("ValueError", "two sides of an =", "right side"),
    "return lr + print(end='')": ("TypeError", "Something there is None", "return None"),
    "return max()": ("TypeError", "", ""),
    "return (lambda x: x)(theta, g)": ("TypeError", "too many or too few", "which order"),
    "return [1.0] * lr": ("TypeError", "A list is multiplied", "np.array"),
    "return lr + 'g'": ("TypeError", "combined", "np.array"),
    "return 1 / 0": ("ZeroDivisionError", "when is it 0", "divisor"),
    "return np.squareroot(theta)": ("AttributeError", "NumPy has no such function", "dir(np)"),
    "return theta.step": ("AttributeError", "nothing of that name", "its type"),
    "import math; return math.sqrt(theta)": ("TypeError", "single number", "those of NumPy"),
    "g = np.arange(3); g += 0.5": ("UFuncTypeError", "whole numbers", "new array"),
    "raise KeyError('w')": ("KeyError", "small arrays", ARGUMENTS),
}


def stopped(body):
    scope = {"np": np}
    exec(f"def step(theta, g, lr): {body}", scope)
    with pytest.raises(Exception) as caught:
        scope["step"](np.ones(3), np.ones(3), 0.1)
    return caught.value


@pytest.mark.parametrize("body", CRASHES, ids=[body[:28] for body in CRASHES])
def test_errors_are_explained(body):
    error, nudge, plain = CRASHES[body]
    said, first, second = explain(stopped(body), (), ARGUMENTS)
    assert said.startswith("It stops with ") and error in said and said[-1] == "."
    assert nudge in first and plain in second
    assert "{" not in second


def test_an_exercise_has_the_first_word():
    own = (Accident("broadcast", "first of its own", "second"),)
    _, *hints = explain(stopped("return theta + np.ones(7)"), own, ARGUMENTS)
    assert hints == ["first of its own", "second"]


def test_another_error_begins_with_its_first_hint():
    step = ck.check.momentum_step

    def name(theta, u, g, lr, mu):
        return speed, u  # noqa: F821

    def index(theta, u, g, lr, mu):
        return theta[99], u

    step(step.right)
    assert "misspelt" in step(name).hint
    assert "too large" in step(index).hint
    assert "length minus 1" in step(index).hint
