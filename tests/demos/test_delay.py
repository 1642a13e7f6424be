"""The demo `delay`: descent with gradients of some steps ago."""

import numpy as np
import pytest

from coursekit.demos.delay import LOST, STEPS, Delay, limit


@pytest.fixture(scope="module")
def demo():
    return Delay(sync=True)


def sound(result):
    return all(
        np.isfinite(x).all() and (len(x) == STEPS + 1 or abs(x[-1]) >= LOST)
        for x in (result.late, result.fresh)
    )


@pytest.mark.parametrize("tau", [0, 1, 4])
def test_it_steps_by_the_gradient_of_tau_steps_ago(demo, tau):
    x = demo.compute(delay=tau, step_size=0.1).late
    for k in range(30):
        assert x[k + 1] == pytest.approx(x[k] - 0.1 * x[max(k - tau, 0)], rel=1e-12)


@pytest.mark.parametrize("tau", [0, 1, 3, 10, 20])
def test_the_roots_leave_the_disc_at_the_limit(demo, tau):
    below, above = (demo.compute(delay=tau, step_size=f * limit(tau)) for f in (0.99, 1.01))
    assert below.radius < 1 < above.radius
    z = below.roots
    assert abs(z ** (tau + 1) - z**tau + below.a).max() < 1e-9


def test_the_largest_root_is_the_pace_of_the_walk(demo):
    for tau, a in ((0, 0.3), (1, 0.2), (5, 0.4), (10, 0.1)):
        result = demo.compute(delay=tau, step_size=a)
        x = abs(result.late)
        blocks = x[20:40].max(), x[-20:].max()
        gone = len(x) - 40
        assert (blocks[1] / blocks[0]) ** (1 / gone) == pytest.approx(result.radius, abs=0.02)


def test_one_step_halves_the_limit_and_ten_leave_less_than_a_tenth():
    assert limit(1) == pytest.approx(limit(0) / 2)
    assert limit(10) < limit(0) / 10


def test_the_presets_do_what_they_are_called(demo):
    for name, values in demo.presets.items():
        result = demo.compute(**values)
        assert (result.radius > 1) == ("too far" in name), name
        assert ("diverges" in demo.status(result)) == ("too far" in name)


def test_with_short_steps_a_delay_may_win(demo):
    result = demo.compute(**demo.presets["ten steps late, mended"])
    assert result.a == 0.04 and result.radius < 0.96 * (1 - 0.04)


def test_a_place_on_the_right_is_a_setting(demo):
    (area,) = Delay(sync=True).canvas.areas
    assert area.values(3.3, 0.5) == {"delay": 3, "step_size": 0.5}
