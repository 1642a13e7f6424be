"""The demo `inertia`: momentum as a filter and as a ball, against closed forms."""

from itertools import pairwise

import numpy as np
import pytest

import coursekit as ck
from coursekit.demos.inertia import Inertia, ball, filter
from coursekit.demos.inertia.ball import LOST, TIME, cut
from coursekit.demos.inertia.filter import ANGLES, BEGINS, NEAR, STEPS
from coursekit.demos.inertia.grounds import GRID, GROUNDS, fall


@pytest.fixture(scope="module")
def demo():
    return Inertia(sync=True)


@pytest.fixture(scope="module")
def through(demo):
    return lambda **values: demo.compute(view="a filter", **values)


@pytest.fixture(scope="module")
def rolled(demo):
    return lambda **values: demo.compute(view="a ball", **values)


def sound(result):
    if isinstance(result, filter.Result):
        return all(np.isfinite(line).all() for line in (result.seen, result.out, result.spread))
    whole = len(result.x) == TIME * result.split + 1 or result.lost
    return whole and np.isfinite(result.x).all() and np.isfinite(result.ball).all()


# --- a filter ------------------------------------------------------------------------------------
def test_what_comes_out_is_a_sum_with_fading_weights(through):
    result = through(momentum=0.8, signal="drift", size=0.7, noise=0.4, seed=3)
    sums = [sum(0.8**j * result.seen[k - j] for j in range(k + 1)) for k in range(60)]
    assert result.out[:60] == pytest.approx(0.2 * np.array(sums), rel=1e-12)
    velocity = through(momentum=0.8, signal="drift", size=0.7, noise=0.4, seed=3, output="velocity")
    assert velocity.out[:60] == pytest.approx(sums, rel=1e-12)


@pytest.mark.parametrize("mu", [0.5, 0.9, 0.98])
def test_noise_shrinks_by_the_root_of_1_minus_mu_over_1_plus_mu(through, mu):
    result = through(momentum=mu, signal="constant", size=0.0, noise=2.0)
    assert result.spread[-1] == pytest.approx(2 * ((1 - mu) / (1 + mu)) ** 0.5, rel=1e-3)
    drawn = [through(momentum=mu, size=0.0, noise=2.0, seed=s).out[100:] for s in range(10)]
    assert np.std(drawn) == pytest.approx(result.spread[-1], rel=0.15)


def test_a_step_is_63_percent_there_after_the_memory(through, demo):
    for mu, memory in ((0.5, 2), (0.9, 10), (0.98, 50)):
        result = through(momentum=mu, noise=0.0)
        assert (result.out[:BEGINS] == 0).all()
        assert result.out[BEGINS + memory - 1] == pytest.approx(1 - mu**memory, rel=1e-9)
        assert result.out[BEGINS + memory - 1] == pytest.approx(1 - np.exp(-1), abs=0.12)
    assert "there after 50 steps" in demo.status(result)


def test_a_drift_comes_mu_over_1_minus_mu_steps_late(through):
    result = through(signal="drift", noise=0.0, momentum=0.9)
    assert result.out[-1] == pytest.approx(result.true[-1 - 9], rel=1e-9)


def test_a_small_steady_slope_comes_out_of_large_noise(through, demo):
    result = through(**demo.presets["small but steady"])
    assert result.size == 0.25 * result.noise and result.clean[-1] > 2 * result.spread[-1]


def test_the_average_begins_at_zero_and_correction_mends_that(through):
    at = {"signal": "constant", "momentum": 0.98, "noise": 0.0}
    assert through(**at).out == pytest.approx(1 - 0.98 ** np.arange(1, STEPS + 1))
    assert through(**at, output="corrected").out == pytest.approx(np.ones(STEPS))


def test_the_correction_is_that_of_adam(through):
    result = through(momentum=0.9, output="corrected", seed=2)
    opt, theta = ck.optim.Adam(beta1=0.9), np.zeros(1)
    state = opt.init(theta)
    for k, g in enumerate(result.seen[:30]):
        seen = ck.Objective(value=np.sum, grad=lambda x, g=g: np.array([g]))
        theta, state = opt.step(theta, state, seen)
        assert result.out[k] == pytest.approx(state.m[0] / (1 - 0.9 ** (k + 1)), rel=1e-9)


@pytest.mark.parametrize("turn", [5, 20, 90, 180])
def test_gradients_that_turn_leave_what_the_right_picture_says(through, turn):
    result = through(signal="turning", turn=turn, noise=0.0, momentum=0.9, output="velocity")
    assert len(result.out) == NEAR
    k = np.arange(400)
    g = np.stack([np.cos(np.deg2rad(turn) * k), np.sin(np.deg2rad(turn) * k)], axis=1)
    length = np.linalg.norm(ck.exhibits.updates(ck.optim.Momentum(1.0, 0.9), g)[-1])
    assert np.interp(turn, ANGLES, result.gain) == pytest.approx(length, rel=1e-3)


def test_without_end_the_memory_is_the_mean_or_the_sum_of_all(through, demo):
    plain = through(momentum=1.0, output="velocity")
    mean = through(momentum=1.0, output="corrected")
    k = np.arange(1, STEPS + 1)
    assert plain.out == pytest.approx(np.cumsum(plain.seen), rel=1e-9)
    assert mean.out == pytest.approx(np.cumsum(mean.seen) / k, rel=1e-9)
    assert (through(momentum=1.0).out == 0).all() and "without end" in demo.status(plain)


# --- a ball --------------------------------------------------------------------------------------
def test_a_ground_and_its_slope_belong_together():
    for ground in GROUNDS.values():
        up, down = ground(GRID + 1e-5)[0], ground(GRID - 1e-5)[0]
        assert ground(GRID)[1] == pytest.approx((up - down) / 2e-5, abs=1e-6)


def test_momentum_is_the_law_of_motion_in_differences(rolled):
    """m (x+ - 2 x + x-) + c (x+ - x) = -f'(x), with a step as the unit of time."""
    r = rolled(ground="waves", momentum=0.7, lr=0.03)
    x = r.x
    left = r.mass * (x[2:] - 2 * x[1:-1] + x[:-2]) + r.friction * (x[2:] - x[1:-1])
    assert left == pytest.approx(-GROUNDS["waves"](x[1:-1])[1], abs=1e-9)
    assert r.mass == pytest.approx(0.7 / 0.03) and r.friction == pytest.approx(0.3 / 0.03)


@pytest.mark.parametrize("split", [2, 8])
def test_cut_steps_mean_the_same_mass_and_friction(split):
    mu, lr = cut(0.9, 0.05, split)
    dt = 1 / split
    assert mu * dt**2 / lr == pytest.approx(0.9 / 0.05)
    assert (1 - mu) * dt / lr == pytest.approx(0.1 / 0.05)


def test_the_ball_moves_as_a_damped_oscillator():
    mass, friction = 8.0, 1.5
    t, x, v = fall(GROUNDS["bowl"], mass, friction, -2.0, 40).T
    decay = friction / (2 * mass)
    omega = (1 / mass - decay**2) ** 0.5
    exact = -2 * np.exp(-decay * t) * (np.cos(omega * t) + decay / omega * np.sin(omega * t))
    assert x == pytest.approx(exact, abs=1e-3)
    assert v[1:-1] == pytest.approx(np.gradient(exact, t)[1:-1], abs=2e-3)


def test_a_ball_without_mass_follows_the_gradient():
    t, x, _ = fall(GROUNDS["bowl"], 1e-9 / 0.1, 1 / 0.1, -2.0, 60).T
    assert x == pytest.approx(-2 * np.exp(-0.1 * t), abs=5e-3)


def test_without_friction_the_energy_stays(rolled):
    r = rolled(ground="bowl", momentum=1.0)
    assert r.friction == 0 and r.energy == pytest.approx(np.full(TIME, r.energy[0]), rel=0.02)
    motion = GROUNDS["bowl"](r.ball[:, 1])[0] + r.mass * r.ball[:, 2] ** 2 / 2
    assert motion == pytest.approx(np.full(len(motion), 2.6**2 / 2), rel=1e-3)
    rubbed = rolled(ground="bowl", momentum=0.9).energy
    assert rubbed[-1] < 1e-3 * rubbed[0]


def test_shorter_steps_come_closer_to_the_ball(rolled):
    apart = [rolled(lr=0.05, split=n).apart for n in (1, 2, 4, 8)]
    assert all(later < 0.6 * sooner for sooner, later in pairwise(apart))


def test_without_momentum_it_is_gradient_descent(rolled):
    r = rolled(momentum=0.0)
    assert (r.x == r.other).all() and r.mass == 0


def test_momentum_goes_over_the_bump_before_which_gradient_descent_stays(rolled, demo):
    r = rolled(**{k: v for k, v in demo.presets["over the bump"].items() if k != "view"})
    top = -1.091
    assert r.other.max() < top < r.x.max() and abs(r.x[-1]) < 0.01 and abs(r.ball[-1, 1]) < 0.01


def test_up_the_incline_nesterov_comes_less_far(rolled, demo):
    r = rolled(**{k: v for k, v in demo.presets["up an incline"].items() if k != "view"})
    path = ck.minimize(
        ck.landscapes.quadratic([1.0]), [-2.6], ck.optim.Nesterov(0.05, 0.9, lookahead=True), TIME
    )
    assert r.other == pytest.approx(path.thetas[:, 0], abs=1e-12)
    assert 0 < r.other.max() < 0.8 * r.x.max() and "Nesterov's method is at" in demo.status(r)


def test_on_a_slope_it_nears_the_speed_that_friction_allows(rolled):
    r = rolled(ground="slope", momentum=0.8, lr=0.002, x=-3.0)
    assert np.diff(r.x)[80] == pytest.approx(0.002 / 0.2, rel=1e-3)  # lr g / (1 - mu)
    speed = r.ball[np.searchsorted(r.ball[:, 0], 80), 2]
    assert speed == pytest.approx(1 / r.friction, rel=1e-3)


def test_steps_too_long_lose_the_walk_but_not_the_ball(rolled, demo):
    long = rolled(ground="bowl", lr=4.0, x=-2.0)
    assert 4.0 > 2 * (1 + 0.9) and long.lost and abs(long.ball[-1, 1]) < 1e-3
    short = rolled(ground="bowl", lr=4.0, x=-2.0, split=4)
    assert not short.lost and abs(short.x[-1]) < 1e-3
    assert "momentum is lost" in demo.status(long) and abs(long.x[-2]) < LOST


def test_the_arrows_add_up_to_the_step(rolled):
    for t in (0, 9):
        r = rolled(t=t, split=2)
        assert r.parts.sum() == pytest.approx(r.x[2 * t + 1] - r.x[2 * t], rel=1e-9)
    assert rolled(t=0).parts[0] == 0


def test_a_pointer_moves_the_start_the_time_and_the_turn():
    demo = Inertia(sync=True, signal="turning")
    demo.refresh()
    flow, answer = (area.box for area in demo.canvas.areas)
    demo.point(0, (flow[0] + flow[2]) / 2, flow[1])
    assert demo.values["t"] == pytest.approx(NEAR / 2, abs=1)
    demo.point(1, (answer[0] + answer[2]) / 2, answer[1])
    assert demo.values["turn"] == pytest.approx(180**0.5, abs=1)
    demo = Inertia(sync=True, view="a ball")
    (box,) = (area.box for area in demo.canvas.areas)
    demo.point(0, (box[0] + box[2]) / 2, box[1])
    assert demo.values["x"] == pytest.approx(0.0, abs=0.02)
    assert isinstance(demo.result, ball.Result)
