"""Two divisors in `adaptive`: the standard deviation of centred RMSprop, and Adamax's p-norm."""

import numpy as np
import pytest

import coursekit as ck
from coursekit import exhibits
from coursekit.demos.adaptive import NAMED, Adaptive

WINDOW, NORM = (name for name in NAMED if "window" in name or "p-norm" in name)


@pytest.fixture(scope="module")
def demo():
    return Adaptive(sync=True)


@pytest.fixture
def see(demo):
    return lambda view, **values: demo.compute(view=view, **values)


# --- centred -------------------------------------------------------------------------------------
def test_centred_divides_by_the_standard_deviation(see, demo):
    """Of a gradient of 1 with noise of 0.1: the numbers of E53."""
    r = demo.compute(**demo.presets["not a standard deviation"])
    plain, centred = (np.sqrt(rows[500:, 1]).mean() for rows in (r.rows, r.centred))
    e53 = exhibits.E53.numbers()
    assert plain == pytest.approx(e53["root mean square of 1 +- 0.1"], rel=0.01)
    assert centred == pytest.approx(e53["standard deviation of 1 +- 0.1"], rel=0.15)
    steps = [np.abs(np.diff(rows[500:, 0])).mean() for rows in (r.rows, r.centred)]
    assert 8 < steps[1] / steps[0] < 11
    assert "divided by 0.986, centred by 0.0948" in demo.status(r)


def test_centred_against_a_plain_loop(see):
    r = see(WINDOW, gradients="steady", noise=1.0, seed=3, centered=True, rho=0.8, steps=100)
    x = v = m = 0.0
    for k, g in enumerate(1 + np.random.default_rng(3).standard_normal(10_000)[:100]):
        v, m = 0.8 * v + 0.2 * g * g, 0.8 * m + 0.2 * g
        x -= 0.1 * g / np.sqrt(v - m * m + 1e-8)
        assert r.centred[k + 1, :2] == pytest.approx([x, v - m * m], rel=1e-9)


def test_centring_changes_little_where_gradients_are_zero_on_average(demo):
    r = demo.compute(**demo.presets["nothing to centre"] | {"steps": 300})
    assert r.centred[-1, 1] == pytest.approx(r.rows[-1, 1], rel=0.01)
    assert abs(r.centred[-1, 0] - r.rows[-1, 0]) < 0.03


def test_without_noise_centred_rmsprop_has_no_brake(demo):
    r = demo.compute(**demo.presets["no noise, no brake"])
    assert np.sqrt(r.centred[-1, 1] + 1e-8) == pytest.approx(1e-4, rel=1e-3)  # eps is all there is
    assert r.centred[-1, 0] < 1000 * r.rows[-1, 0] < 0


def test_the_switch_adds_and_takes_nothing_away(see):
    off, on = (see(WINDOW, centered=c) for c in (False, True))
    np.testing.assert_array_equal(off.rows, on.rows)
    np.testing.assert_array_equal(off.others, on.others)
    assert off.centred is None and len(on.centred) == len(on.rows)


# --- the p-norm ----------------------------------------------------------------------------------
def means(g, p, beta2):
    """Kingma & Ba 2015, eq. 6, in double precision."""
    v = 0.0
    for size in g:
        v = beta2**p * v + (1 - beta2**p) * size**p
    return v ** (1 / p)


def test_p_2_is_the_root_of_adams_v(see):
    r = see(NORM, p=2.0, beta2=0.9, seed=1)
    opt, theta = ck.optim.Adam(beta2=0.9**2), np.zeros(1)
    state = opt.init(theta)
    for g in r.gradients:
        seen = ck.Objective(value=np.sum, grad=lambda x, g=g: np.array([g]))
        theta, state = opt.step(theta, state, seen)
    assert r.norms["float64"][-1] == pytest.approx(np.sqrt(state.v[0]), rel=1e-12)
    assert r.norms["float32"][-1] == pytest.approx(np.sqrt(state.v[0]), rel=1e-5)


@pytest.mark.parametrize("shape", ["drawn", "equal", "one spike"])
def test_the_limit_is_the_largest_faded_gradient_and_p_tends_to_it(see, shape):
    r = see(NORM, shape=shape, size=1.0, beta2=0.9, p=60.0)
    k = np.arange(100)
    faded = [(0.9 ** (n - k[: n + 1]) * r.gradients[: n + 1]).max() for n in k]
    np.testing.assert_allclose(r.limit[1:], faded, rtol=1e-12)
    np.testing.assert_allclose(r.norms["float64"][1:], r.limit[1:], rtol=0.05)
    for p in (1.0, 8.0, 60.0):
        again = see(NORM, shape=shape, size=1.0, beta2=0.9, p=p)
        assert again.norms["float64"][-1] == pytest.approx(means(r.gradients, p, 0.9), rel=1e-12)


@pytest.mark.parametrize("size", [0.01, 100.0])
def test_where_powers_leave_the_precision(see, size):
    """The largest |g|^p must lie between the least number and the largest, roughly."""
    gone = 0.0 if size < 1 else np.inf
    single = see(NORM, size=size, p=32.0, beta2=0.9)
    assert single.norms["float32"][-1] == gone
    assert single.norms["float64"][-1] == pytest.approx(single.limit[-1], rel=0.01)
    assert see(NORM, size=size, p=200.0, beta2=0.9).norms["float64"][-1] == gone
    for kind, ends in (("float32", (-44.9, 38.5)), ("float64", (-323.3, 308.3))):
        room = ends[size > 1] / np.log10(single.largest)
        assert 0.8 * room < single.holds(kind) < 1.2 * room
    assert see(NORM, size=1.0, beta2=0.9).fits("float32")


def test_the_limit_starts_at_full_height_and_the_square_does_not(demo):
    r = demo.compute(**demo.presets["the limit needs no correction"])
    assert r.limit[1] == r.limit[-1] == 0.01
    assert r.norms["float64"][1] == pytest.approx(0.01 * np.sqrt(1 - 0.999**2), rel=1e-9)
    assert r.norms["float64"][-1] < 0.5 * r.limit[-1]


def test_words_for_what_does_not_fit(demo):
    small, large = (demo.presets[f"float32 {what}flows"] for what in ("under", "over"))
    said = demo.status(demo.compute(**small))
    assert "float32 rounds to 0 and float64 finds 0.014; the limit max(β₂ u, |g|) is 0.014" in said
    assert "up to p = 24 in float32 and up to p = 174 in float64" in said
    assert "float32 overflows" in demo.status(demo.compute(**large))
    assert "No gradient yet" in demo.status(demo.compute(**small, t=0))
    assert "for every p here" in demo.status(demo.compute(view=NORM, shape="equal", size=1.0))


def test_the_pointer_chooses_p():
    demo = Adaptive(view=NORM, sync=True)
    demo.refresh()
    demo._picture(demo.result)
    left, top, right, bottom = demo.canvas.areas[0].box
    demo.point(0, left + 0.5 * (right - left), (top + bottom) / 2)
    assert demo.values["p"] == pytest.approx(300**0.5, rel=0.06)
