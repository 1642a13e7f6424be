"""Time in a demo: play, step and scrub."""

import time
from typing import NamedTuple

import numpy as np
import pytest

from coursekit.demos.engine import Demo
from coursekit.demos.params import Param
from coursekit.viz import arrange, dress
from tests.demos.tiny_demo import Tiny


class Spot(NamedTuple):
    t: int
    steps: int
    rate: float


class Walk(Demo):
    """A point that goes from left to right in `steps` steps."""

    name = "walk"
    title = "A walk"
    size = (200, 120)
    seconds = 0.5
    params = (
        Param("rate", 1.0, (0.0, 2.0)),
        Param("steps", 20, (5, 50)),
        Param("t", 50, (0, 50), play=True, until="steps"),
        Param("own", 1, (1, 9), active=lambda v: v["rate"] > 1, hide=True),
    )

    def run(self, rate, steps, t, own):
        return Spot(min(t, steps), steps, rate)

    def build(self, canvas, theme):
        axes = canvas.figure.add_subplot()
        dress(axes.set(xlim=(0, 1), ylim=(0, 1)) and axes, theme)
        (self.dot,) = canvas.all_moving(axes.plot([], [], "o"))
        arrange(canvas.figure)

    def draw(self, result):
        self.dot.set_data([result.t / result.steps], [0.5])

    def status(self, result):
        return f"step {result.t} of {result.steps} at {result.rate:g}"

    describe = status

    def script(self, **values):
        return "pass"


@pytest.fixture
def walk():
    return Walk(sync=True)


@pytest.fixture
def live():
    demo = Walk(sync=False)
    assert demo.panel  # as in a notebook
    yield demo
    demo.pause()
    demo.wait()


def until(condition, seconds=5.0):
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.005)
    return condition()


def test_time_stands_at_the_end_and_stays_there_when_the_end_moves(walk):
    assert walk.state == "walk" and walk.compute().t == 20
    walk.set(steps=30)
    assert walk.result.t == 30 and walk.controls["t"].max == 30 == walk.controls["t"].value
    walk.controls["t"].value = 7
    assert walk.state == "walk: steps=30, t=7" and walk.result.t == 7
    walk.set(steps=5)
    assert walk.result.t == 5 and walk.values["t"] == 7
    walk.set(steps=30)
    assert walk.result.t == 7
    walk.controls["t"].value = 30
    assert walk.state == "walk: steps=30"


def test_steps_go_one_by_one_and_not_past_the_ends(walk):
    walk.step(-1)
    assert walk.result.t == 19
    walk.step(-30)
    assert walk.result.t == 0 and walk.values["t"] == 0
    walk.step()
    assert walk.result.t == 1
    walk.step(100)
    assert walk.result.t == 20 and walk.state == "walk"


def test_the_buttons_do_what_they_say(walk):
    button, back, ahead, slider = walk.panel.time.box.children
    assert slider is walk.controls["t"] and button.description == "play"
    back.click()
    assert walk.result.t == 19 == slider.value
    ahead.click()
    assert walk.result.t == 20 == slider.value
    slider.value = 3
    button.click()
    assert walk.result.t == 20 and not walk.playing  # in synchronous mode, at once


def test_played_from_its_end_time_runs_from_the_start_to_the_end(live):
    seen = []
    draw = live.draw
    live.draw = lambda result: (seen.append(result.t), draw(result))
    start = time.monotonic()
    live.play()
    assert live.playing and until(lambda: live.panel.time.button.description == "pause")
    assert live.wait() and live.error is None
    assert 0.45 < time.monotonic() - start < 3
    assert seen[0] == 0 and seen[-1] == 20 and seen == sorted(seen) and len(set(seen)) >= 5
    assert not live.playing and live.panel.time.button.description == "play"
    assert live.state == "walk" == live.panel._state.value
    assert live.controls["t"].value == 20


def test_a_hand_on_the_time_stops_it(live):
    live.set(t=0)
    live.play()
    assert until(lambda: live.controls["t"].value > 2)
    live.controls["t"].value = 1
    assert live.wait() and not live.playing
    assert live.values["t"] == 1 == live.controls["t"].value == live.result.t


def test_other_controls_stay_live_while_time_runs(live):
    live.seconds = 1.0
    live.set(t=0)
    live.play()
    slider = live.controls["rate"]
    for k in range(20):
        slider.value = 0.02 * (k + 1)
        time.sleep(0.01)
    assert live.playing and live.values["rate"] == pytest.approx(0.4)
    assert 2 < live.values["t"] < 15  # it did not wait for the hand, and did not jump
    assert live.wait()
    assert live.values["rate"] == pytest.approx(0.4) and live.result == Spot(20, 20, 0.4)


def test_pause_keeps_the_time_and_play_goes_on_from_it(live):
    live.play()
    assert until(lambda: live.values["t"] in range(5, 20))
    live.pause()
    assert live.wait()
    t = live.values["t"]
    assert 5 <= t < 20 and live.result.t == t
    assert live.panel.time.button.description == "play" and f"t={t}" in live.panel._state.value
    seen = []
    draw = live.draw
    live.draw = lambda result: (seen.append(result.t), draw(result))
    live.play()
    assert live.wait() and seen[0] == t and seen[-1] == 20


def test_a_control_without_effect_may_leave_the_page(walk):
    own = walk.controls["own"]
    assert own.layout.display == "none"
    walk.set(rate=1.5)
    assert own.layout.display is None and not own.disabled
    walk.set(rate=0.5)
    assert own.layout.display == "none"


def test_what_has_no_time_cannot_be_played():
    demo = Tiny(sync=True)
    assert demo.panel.time is None
    for act in (demo.play, demo.step):
        with pytest.raises(TypeError, match="the demo tiny has no time to play"):
            act()
    for bad in ({"default": 0.5, "range": (0.0, 1.0)}, {"default": 1}):
        with pytest.raises(ValueError, match="t is played: it must be a whole number with a range"):
            Param("t", play=True, **bad)


def test_random_times_are_stored_as_they_are_shown():
    clock = Walk.params[2]
    rng = np.random.default_rng(0)
    for steps, t in rng.integers(5, 51, (50, 2)):
        values = {"steps": int(steps), "t": int(t)}
        now = clock.now(values)
        assert clock.now({**values, "t": clock.stored(now, values)}) == now <= steps
