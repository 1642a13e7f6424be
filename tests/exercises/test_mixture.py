"""A line that adds two things: what is wrong with it?"""

import numpy as np
import pytest

from coursekit.exercises.mixture import astray, mixture

CASES = [(np.array([1.0]), np.array([2.0]), 0.5)] + [
    (*np.random.default_rng(k).standard_normal((2, 4)), mu) for k, mu in enumerate((0.7, 0.9))
]
LINE = mixture(
    1, "u", "mu * u + g", lambda u, g, mu: u, lambda u, g, mu: g, lambda u, g, mu: (mu, 1)
)


def said(other):
    right = [(np.zeros(1), mu * u + g) for u, g, mu in CASES]
    answers = [(np.zeros(1), other(*case)) for case in CASES]
    return [symptom.name for symptom in LINE if symptom.seen(answers, right, CASES)]


@pytest.mark.parametrize(("other", "name"), [
    (lambda u, g, mu: 0.3 * u + g, "weight of the old one"),
    (lambda u, g, mu: g, "weight of the old one"),
    (lambda u, g, mu: mu * u + (1 - mu) * g, "weight of the new one"),
    (lambda u, g, mu: mu * u, "weight of the new one"),
    (lambda u, g, mu: u + 2 * g, "both weights"),
    (lambda u, g, mu: mu * u + abs(g), "made of other things"),
    (lambda u, g, mu: mu * u + g + 1, "made of other things"),
])  # fmt: skip
def test_what_is_wrong(other, name):
    assert said(other) == [name]


def test_nothing_is_said_of_what_is_right_or_too_small_to_tell():
    assert said(lambda u, g, mu: g + mu * u) == []
    assert said(lambda u, g, mu: mu * u + g + (len(u) == 1)) == []


def test_astray_is_what_moves_along_something_else():
    along = astray("u is", "u", lambda u, g, mu: g)
    right = [(u - 0.1 * g, g) for u, g, _ in CASES]

    def seen(move, other=lambda g: g):
        return along.seen([(move(u, g), other(g)) for u, g, _ in CASES], right, CASES)

    assert seen(lambda u, g: u - g**2) and seen(lambda u, g: 0.9 * u - g)
    assert not seen(lambda u, g: u - 3 * g)  # another length is said elsewhere
    assert not seen(lambda u, g: u - g**2, lambda g: 2 * g)  # first what comes before
