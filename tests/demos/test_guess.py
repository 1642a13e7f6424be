"""Predict first: what is shown waits for a guess, and the verdict is computed."""

import math

import pytest

from coursekit import demos
from coursekit.demos.guess import FALLS, HIDDEN, RISES, STAYS, change
from tests.demos.tiny_demo import Tiny


@pytest.fixture
def tiny():
    demo = Tiny(sync=True)
    demo._repr_mimebundle_()  # as a notebook shows it
    demo.panel.guess.switch.value = True
    return demo


def shown(demo):
    return bytes(demo.panel.picture.value), demo.panel.status.value, demo.panel.picture.tooltip


def asked(demo):
    return demo.panel.guess.question.layout.display != "none"


def move(demo, **values):
    for name, value in values.items():
        demo.controls[name].value = value  # by hand


def test_a_new_setting_waits_and_a_guess_uncovers_it(tiny):
    before = shown(tiny)
    first = tiny.numbers(tiny.result)["last"]
    move(tiny, phase=0.3)
    picture, status, words = shown(tiny)
    assert (picture, words) == (before[0], before[2]) and HIDDEN in status
    assert asked(tiny) and "ck-waiting" in tiny.panel.picture._dom_classes
    last = tiny.numbers(tiny.result)["last"]
    assert last > first + 0.1
    said = tiny.panel.guess.say(RISES)
    assert said == f"Right: the last value rises, from {first:.3g} to {last:.3g}."
    assert shown(tiny)[0] == tiny.image(**tiny.values) != before[0]
    assert f"{last:.4f}" in shown(tiny)[1] and f"{last:.4f}" in shown(tiny)[2]
    assert not asked(tiny) and "ck-waiting" not in tiny.panel.picture._dom_classes
    assert said in tiny.panel.guess.verdict.value.replace("&#x27;", "'")


def test_a_wrong_guess_is_called_wrong_and_the_score_is_kept(tiny):
    move(tiny, phase=0.3)
    tiny.panel.guess.buttons[FALLS].click()
    assert "You said: falls." in tiny.panel.guess.verdict.value
    assert "(0 of 1)" in tiny.panel.guess.verdict.value
    move(tiny, phase=0.0)  # compared with what was uncovered last
    tiny.panel.guess.buttons[FALLS].click()
    assert "Right:" in tiny.panel.guess.verdict.value
    assert "(1 of 2)" in tiny.panel.guess.verdict.value


def test_every_hand_is_asked(tiny):
    hands = (
        lambda: setattr(tiny.panel._presets[""], "value", "hard"),
        lambda: setattr(tiny.panel._state, "value", "tiny: phase=1.5"),
        lambda: tiny.set(phase=-1.0),
        tiny.reset,
    )
    for hand in hands:
        hand()
        assert asked(tiny)
        tiny.panel.guess.say(RISES)


def test_several_moves_are_one_question_and_a_way_back_is_none(tiny):
    before = shown(tiny)
    move(tiny, phase=0.3)
    move(tiny, phase=0.6)
    assert asked(tiny)
    move(tiny, phase=0.0)
    assert not asked(tiny) and shown(tiny) == before
    assert tiny.panel.guess.say(RISES) == ""  # there is nothing to say


def test_nothing_waits_once_it_is_switched_off(tiny):
    move(tiny, phase=0.3)
    tiny.panel.guess.switch.value = False
    assert not asked(tiny) and shown(tiny)[0] == tiny.image(**tiny.values)
    move(tiny, phase=0.6)
    assert shown(tiny)[0] == tiny.image(**tiny.values)


def test_a_failure_is_seen_and_the_next_setting_is_asked(tiny):
    with pytest.raises(ArithmeticError):
        move(tiny, shape="broken")
    assert not asked(tiny) and tiny.panel.error.layout.display != "none"
    move(tiny, shape="cos")
    assert asked(tiny)


def test_another_look_is_no_new_setting(tiny):
    tiny.panel._dark.value = True
    assert not asked(tiny) and shown(tiny)[0] == tiny.image(**tiny.values)
    move(tiny, phase=0.3)
    tiny.panel._dark.value = False
    assert asked(tiny)


def test_time_moves_without_questions():
    demo = demos.anatomy(sync=True)
    demo._repr_mimebundle_()
    demo.panel.guess.switch.value = True
    move(demo, t=5)
    assert not asked(demo)
    move(demo, lr=1.0)
    assert asked(demo)


@pytest.mark.parametrize("before, after, became", [
    (1.0, 1.03, RISES), (1.0, 1.01, STAYS), (1.0, 0.97, FALLS), (-1.0, 0.0, RISES),
    (0.0, 0.0, STAYS), (1.0, math.inf, RISES), (math.inf, 1.0, FALLS), (math.inf, math.inf, STAYS),
    (0.0, 1e-12, RISES),
])  # fmt: skip
def test_what_became_of_a_number(before, after, became):
    assert change(before, after) == became
