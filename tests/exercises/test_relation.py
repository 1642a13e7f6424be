"""What can be said of a wrong answer that is no known mistake."""

import numpy as np
import pytest

from coursekit.exercises.relation import of_shapes, remark

CASES = [(np.array([1.0, -2.0, 0.5]), 0.1, 4), (np.array([3.0, 1.0, 2.0, -1.0]), 0.3, 2)]
RIGHT = [np.array([2.0, 1.0, -4.0]), np.array([0.5, -1.5, 1.0, 3.0])]


def noticed(change, name="g"):
    got = [change(r, case) for r, case in zip(RIGHT, CASES, strict=True)]
    return remark(name, got, RIGHT, ["theta", "lr", "B"], CASES)


@pytest.mark.parametrize(("change", "name", "words"), [
    (lambda r, case: -r, "sign", "wrong sign everywhere"),
    (lambda r, case: 2.5 * r, "factor", "Your g is 2.5 times"),
    (lambda r, case: -2.5 * r, "factor", "wrong sign, and is 2.5 times"),
    (lambda r, case: 0 * r, "zero", "0 in every case"),
    (lambda r, case: case[1] * r, "factor", "lr times"),
    (lambda r, case: r / case[2], "factor", "1 / B times"),
    (lambda r, case: (1 - case[1]) * r, "factor", "1 - lr times"),
    (lambda r, case: r / (1 - case[1]), "factor", "1 / (1 - lr) times"),
    (lambda r, case: 1.00001 * r, "factor", "1.00001 times"),
    (lambda r, case: len(case[0]) * r, "factor", "len(theta) times"),
    (lambda r, case: r / case[2] ** 2, "factor", "1 / B**2 times"),
    (lambda r, case: r * np.sqrt(case[2]), "factor", "the root of B times"),
    (lambda r, case: r / np.linalg.norm(case[0]), "factor", "1 / the norm of theta times"),
    (lambda r, case: r * (np.arange(len(r)) == 0), "first", "right in its first entry"),
    (lambda r, case: r / np.linalg.norm(r), "factor", "right direction, and another length"),
    (lambda r, case: -r / np.linalg.norm(r), "sign", "everywhere, and another length"),
    (lambda r, case: r * (case[2] == 4), "zero", "0 there"),
    (lambda r, case: np.floor(r / 2), "whole", "whole numbers only"),
    (lambda r, case: r.round(2) + 0.001, "close", "off by up to 0.001"),
    (lambda r, case: abs(r), "some signs", "some signs are wrong"),
    (lambda r, case: np.sort(r), "places", "not in their places"),
    (lambda r, case: r + 0.75, "shift", "too large by 0.75"),
    (lambda r, case: r - 0.75, "shift", "too small by 0.75"),
])  # fmt: skip
def test_what_is_noticed(change, name, words):
    found = noticed(change)
    assert found.name == name and words in found.nudge
    assert found.nudge[0].isupper() and found.plain[-1] in "?."


def test_nothing_is_made_up():
    assert noticed(lambda r, case: r**2 + case[1]) is None
    with np.errstate(all="ignore"):
        assert noticed(lambda r, case: r + 1e308) is None


def test_of_a_step_the_change_is_compared():
    assert noticed(lambda r, case: case[0], "theta").name == "still"
    assert noticed(lambda r, case: 2 * case[0] - r, "theta").name == "sign"
    at_times = noticed(lambda r, case: r if case[2] == 4 else case[0], "theta")
    assert at_times.name == "still" and "does not move there" in at_times.nudge
    one = noticed(lambda r, case: np.where(np.arange(len(r)) == 0, r, case[0]), "theta")
    assert one.name == "first" and "return stand inside the loop" in one.plain
    half = noticed(lambda r, case: (case[0] + r) / 2, "theta")
    assert half.nudge.startswith("The step of theta is 0.5 times")


def test_shapes():
    like = np.arange(6.0).reshape(2, 3)
    assert "transposed" in of_shapes(like.T, like)
    assert "exchanged" in of_shapes(like.reshape(3, 2), like)
    assert "axis too many" in of_shapes(like[:, :, None], like)
    assert "column and a row" in of_shapes(np.ones((3, 3)), like[0])
    assert of_shapes(np.ones(6), like) == ""


def test_close_is_close_in_every_case():
    """An answer to a small case may be far off, and the largest number large all the same."""
    cases, right = [(1,), (2,)], [np.array([1000.0]), np.array([1.0])]
    near, far = ([1000.5, 1.001], [1000.5, 1.5])
    found = [remark("g", list(map(np.atleast_1d, g)), right, ["B"], cases) for g in (near, far)]
    assert found[0].name == "close" and (found[1] is None or found[1].name != "close")
