"""Predict first: nothing is computed before the choice, and the choice is answered kindly."""

import numpy as np
import pytest

import coursekit as ck
from coursekit.demos.ask import buttons, rich
from coursekit.exercises import nearest


def counted(found):
    calls = []

    def answer():
        calls.append(1)
        return found

    return answer, calls


def test_the_answer_is_computed_when_the_choice_is_made():
    answer, calls = counted("b")
    asked = ck.predict("Which?", ["a", "b"], answer)
    repr(asked)
    assert not calls
    assert asked.choose("b") == "Right: b."
    assert asked.choose("a") == "Not this time: you chose a, but it is b."
    assert len(calls) == 1


def test_computed_values_and_reasons_come_after_the_answer():
    asked = ck.predict(
        "How long?", {"short": False, "long": True}, lambda: (np.float64(3.7) > 1, 3.70443),
        because=lambda: "It coasts.",
    )  # fmt: skip
    assert "coasts" not in repr(asked) and "3.7" not in repr(asked)
    assert asked.choose("long") == "Right: long. Computed: 3.704. It coasts."
    assert asked.choose(False).startswith("Not this time: you chose short, but it is long.")


def test_the_nearest_choice_is_so_by_ratio():
    shares = {"half": 0.5, "a seventh": 1 / 7, "a hundredth": 0.01}
    assert nearest(0.3, shares) == (0.5, 0.3)  # 0.6 of a half, 2.1 times a seventh
    assert nearest(0.2, shares) == (1 / 7, 0.2)
    assert nearest(np.float32(8), {"10": 10, "100": 100}) == (10, 8.0)
    assert nearest(np.sqrt(1000) - 0.1, {"10": 10, "100": 100})[0] == 10  # not (10 + 100) / 2
    assert nearest(np.sqrt(1000) + 0.1, {"10": 10, "100": 100})[0] == 100
    asked = ck.predict("How large?", {"10": 10, "100": 100}, lambda: nearest(40, asked.choices))
    assert asked.choose("100") == "Right: 100. Computed: 40."
    for value, choices in ((0.0, shares), (np.nan, shares), (np.inf, shares), (1.0, {"0": 0.0})):
        with pytest.raises(ValueError, match="nearest compares numbers above 0"):
            nearest(value, choices)


def test_numbers_as_choices():
    asked = ck.predict("mu?", [0.5, 0.9, 0.99], lambda: np.float64(0.9))
    assert asked.choose(0.9) == "Right: 0.9."
    assert asked.choose("0.5").startswith("Not this time")
    whole = ck.predict("How many?", [1, 2, 1000000], lambda: np.int64(1000000))
    assert whole.choose(1000000) == "Right: 1000000."


@pytest.mark.parametrize(
    "arguments, error, words",
    [
        (("?", ["a", "b"], "a"), TypeError, "answer must be a function"),
        (("?", ["a"], lambda: "a"), ValueError, "two or more"),
        (("?", ["a", "a"], lambda: "a"), ValueError, "different"),
        (("?", "ab", lambda: "a"), TypeError, "a list or a dict"),
    ],
)
def test_questions_that_are_not_well_posed(arguments, error, words):
    with pytest.raises(error, match=words):
        ck.predict(*arguments)


def test_choices_and_answers_that_do_not_exist():
    asked = ck.predict("?", ["a", "b"], lambda: "c")
    with pytest.raises(ValueError, match="no choice 'd'; there are a, b"):
        asked.choose("d")
    with pytest.raises(ValueError, match="returned 'c', which is none of the choices: a, b"):
        asked.choose("a")


# --- in a notebook -------------------------------------------------------------------------------
def parts(box):
    _, question, row, said = box.children
    return question, row.children, said


def test_buttons():
    answer, calls = counted(("b", 2))
    box = buttons(ck.predict("Is `x` < 1?", ["a", "b", "c"], answer, because="Since $x = 2$."))
    question, row, said = parts(box)
    assert "<code>x</code> &lt; 1" in question.value and not said.value and not calls
    row[0].click()
    assert "you chose a, but it is b. Computed: 2. Since $x = 2$." in said.value
    assert 'role="status"' in said.value
    assert [b.icon for b in row] == ["times", "check", ""]
    assert all(b.disabled for b in row)


def test_a_failing_answer_becomes_a_message():
    box = buttons(ck.predict("?", ["a", "b"], lambda: 1 / 0))
    _, row, said = parts(box)
    row[0].click()
    assert "could not be computed: division by zero" in said.value


def test_what_a_notebook_gets():
    answer, calls = counted("a")
    data = ck.predict("Is 1 < 2?", ["a", "b"], answer)._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in data
    assert data["text/html"] == "<p>Is 1 &lt; 2?</p><ul><li>a</li><li>b</li></ul>"
    assert data["text/plain"] == "Is 1 < 2?  [a | b]"
    assert not calls


def test_rich():
    assert rich("`a<b` & $x_1$") == "<code>a&lt;b</code> &amp; $x_1$"
