"""Sliders in the letters of six authors."""

import pytest

from coursekit import demos
from coursekit.demos.conventions.forms import FORMS
from coursekit.demos.letters import HOUSE, LETTERS, MEANINGS, spelled


def test_every_author_has_letters_for_the_two_numbers_of_momentum():
    for author, letters in LETTERS.items():
        assert {"learning rate", "momentum"} <= set(letters) <= set(MEANINGS.values()), author


@pytest.mark.parametrize(
    ("author", "letters"), [("Sun", "αβ"), ("Thadani", "ημ"), ("Dillhoff", "ηα"), ("Notes", "αμ")]
)
def test_letters_are_those_of_the_author_s_formula(author, letters):
    """The formula that the demo of conventions prints, against the table of letters."""
    tex = {"α": r"\alpha", "β": r"\beta", "η": r"\eta", "μ": r"\mu"}
    formula = FORMS[author if author in FORMS else author.lower()].formula
    assert all(tex[letter] in formula for letter in letters)
    assert [LETTERS[author][m] for m in ("learning rate", "momentum")] == list(letters)


def test_the_switch_relabels_the_sliders_and_changes_nothing_else():
    demo = demos.training(sync=True)
    before = demo.state, {name: c.value for name, c in demo.controls.items()}
    assert demo.controls["lr"].description == "step size η"
    demo.panel._letters.value = "Dillhoff"
    assert demo.controls["lr"].description == "step size η"
    assert demo.controls["momentum"].description == "momentum α"
    assert demo.controls["batch_size"].description == "batch size B"
    assert demo.controls["width"].description == "width"
    assert before == (demo.state, {name: c.value for name, c in demo.controls.items()})
    demo.panel._letters.value = HOUSE
    assert demo.controls["momentum"].description == "momentum μ"


def test_an_author_without_a_letter_gets_the_one_of_the_course():
    assert spelled("decay", "rho", "Maria") == "decay ρ" and spelled("width", "width") == "width"
