"""The demo `stability`: closed forms against the optimizers themselves."""

import numpy as np
import pytest

import coursekit as ck
from coursekit import exhibits
from coursekit.demos.stability import Stability
from coursekit.demos.stability.motion import LOST
from coursekit.demos.stability.rate_map import BORDERS, across, at, names, pixels, ripples, roomiest
from coursekit.demos.stability.rates import (
    METHODS,
    as_gradient_descent,
    floor,
    pace,
    radius,
    roots,
    solution,
)

MUS = (0.0, 0.3, 0.5, 0.9, 0.99)


@pytest.fixture(scope="module")
def demo():
    return Stability(sync=True)


def run(method, a, mu, steps=400, kappa=1.0):
    """Positions of really stepping the optimizer on x^2 / 2."""
    f = ck.landscapes.quadratic(spectrum=(1.0, 1 / kappa))
    return ck.minimize(f, np.ones(2), METHODS[method].optimizer(a, mu), steps=steps).thetas


def sound(result):
    finite = all(np.isfinite(d.x).all() and np.isfinite(d.radius) for d in result.directions)
    complete = len(result.steep.x) == result.steps + 1
    lost = max(abs(d.x[-1]) for d in result.directions) >= LOST
    return finite and (complete or (lost and result.radius > 1))


# --- the closed forms ----------------------------------------------------------------------------
@pytest.mark.parametrize("mu", MUS)
@pytest.mark.parametrize("method", METHODS)
def test_limits_are_where_they_are_said_to_be(method, mu):
    """Stable at 99 % of the limit, divergent at 101 %: in closed form and for the optimizer."""
    limit = METHODS[method].limit(mu)
    for share, stable in ((0.99, True), (1.01, False)):
        assert (radius(method, share * limit, mu) < 1) == stable
        opt = METHODS[method].optimizer(share * limit, mu)
        assert (exhibits.spectral_radius(opt) < 1) == stable


@pytest.mark.parametrize("method", METHODS)
def test_the_radius_is_what_the_optimizer_does(method):
    rng = np.random.default_rng(0)
    for _ in range(40):
        mu = rng.uniform(0, 0.95)
        a = rng.uniform(0.01, 1.3) * METHODS[method].limit(mu)
        opt = METHODS[method].optimizer(a, mu)
        assert radius(method, a, mu) == pytest.approx(exhibits.spectral_radius(opt), abs=1e-7)
        assert max(map(abs, roots(method, a, mu))) == pytest.approx(radius(method, a, mu), abs=1e-7)


@pytest.mark.parametrize("method", METHODS)
def test_the_radius_is_the_measured_tail_rate(method):
    mu = 0.5
    for share in (0.1, 0.5, 0.97):
        a = share * float(METHODS[method].limit(mu))
        x = abs(run(method, a, mu)[:, 0])
        late, later = x[60:90].max(), x[110:140].max()
        if later > 1e-250:  # maxima over a window, for ripples
            assert (later / late) ** (1 / 50) == pytest.approx(radius(method, a, mu), abs=0.01)


@pytest.mark.parametrize(
    ("a", "mu"), [(0.5, 0.8), (0.25, 0.25), (1.0, 0.0), (1.9, 0.9), (0.09, 0.3)]
)
@pytest.mark.parametrize("method", METHODS)
def test_the_curve_goes_through_the_steps(method, a, mu):
    x = run(method, a, mu, steps=25)[:, 0]
    np.testing.assert_allclose(
        solution(method, a, mu, np.arange(len(x))), x, atol=1e-6 * max(1, abs(x).max())
    )


@pytest.mark.parametrize("kappa", [3.0, 10.0, 100.0, 1000.0])
@pytest.mark.parametrize("method", METHODS)
def test_the_star_is_the_best_place_on_the_map(method, kappa):
    def worst(a, mu):
        band = a[..., None] * np.geomspace(1 / kappa, 1, 40)  # all curvatures between the two
        return radius(method, band, mu[..., None]).max(axis=-1)

    a, mu = METHODS[method].best(kappa)
    found = float(worst(np.array(a), np.array(mu)))
    mus = np.linspace(0, 0.999, 300)[:, None]
    everywhere = worst(np.linspace(0, 1, 301) * METHODS[method].limit(mus), mus + 0 * a)
    assert found <= everywhere.min() + 1e-7
    assert pace(found) >= 0.95 * pace(float(everywhere.min()))  # and no better than possible
    ends = max(float(radius(method, a, mu)), float(radius(method, a / kappa, mu)))
    assert found == pytest.approx(ends, abs=1e-7)  # the two ends decide


def test_known_rates():
    """Polyak's and Lessard's rates at kappa = 1000, and (k - 1) / (k + 1) of gradient descent."""
    root = np.sqrt(1000)
    a, mu = METHODS["heavy ball"].best(1000)
    assert radius("heavy ball", a / 1000, mu) == pytest.approx((root - 1) / (root + 1), abs=1e-7)
    a, mu = METHODS["Nesterov"].best(1000)
    assert radius("Nesterov", a / 1000, mu) == pytest.approx(1 - 2 / np.sqrt(3001), abs=1e-7)
    a, _ = METHODS["gradient descent"].best(1000)
    assert radius("gradient descent", a, 0) == pytest.approx(999 / 1001, abs=1e-12)


def test_nesterov_at_1_6_diverges_from_a_third_on():
    assert radius("Nesterov", 1.6, 1 / 3 - 1e-3) < 1 < radius("Nesterov", 1.6, 1 / 3 + 1e-3)
    assert (radius("heavy ball", 1.6, np.linspace(0, 0.999, 50)) < 1).all()


def test_the_index_slip_shrinks_the_range_and_momentum_never_helps_it():
    limits = {m: METHODS[m].limit(0.9) for m in ("heavy ball", "index slip")}
    assert limits["heavy ball"] / limits["index slip"] == pytest.approx(38)
    assert METHODS["index slip"].best(100)[1] == 0


def test_ripples_are_complex_pairs():
    for method in METHODS:
        border, mu = ripples(method)
        if not len(border):
            continue
        for side, pair in ((0.97, False), (1.03, True)):  # left border, coming from the left
            a, m = at(method, border[200] * side), mu[200]
            assert (abs(roots(method, a, m)[0].imag) > 0) == pair, method


# --- noise ---------------------------------------------------------------------------------------
@pytest.mark.parametrize("method", METHODS)
def test_the_floor_under_noise(method):
    a, mu, kappa = 0.3 * float(METHODS[method].limit(0.5)), 0.5, 4.0
    noise = np.random.default_rng(0).standard_normal((1500, 500, 2))
    curvature = np.array([1.0, 1 / kappa])
    opt = METHODS[method].optimizer(a, mu)
    theta = np.zeros((500, 2))
    state, total = opt.init(theta), []
    for k, z in enumerate(noise):
        f = ck.Objective(
            value=lambda x: x.sum(-1), grad=lambda x, z=z: curvature * x + z, batched=True
        )
        theta, state = opt.step(theta, state, f)
        if k > 300:
            total.append((theta**2).sum(axis=-1).mean())
    assert np.sqrt(np.mean(total)) == pytest.approx(floor(method, a, mu, 1.0, kappa), rel=0.02)


def test_noise_eats_the_gain():
    """At small steps and equal floors the heavy ball is as slow as gradient descent."""
    at = 0.1, 100.0
    level = floor("heavy ball", 0.05, 0.8, *at)
    own = pace(float(radius("heavy ball", 0.05 / 100, 0.8)))
    assert own == pytest.approx(as_gradient_descent(level, *at), rel=0.03)
    quick = METHODS["heavy ball"].best(100)
    assert pace(float(radius("heavy ball", *quick))) < 12
    assert floor("heavy ball", *quick, *at) > 1.5 * floor("gradient descent", 1.98, 0.0, *at)
    assert floor("gradient descent", 2.1, 0.0, *at) == np.inf


# --- the demo ------------------------------------------------------------------------------------
def test_presets_do_what_they_are_called(demo):
    r = {name: demo.compute(**values) for name, values in demo.presets.items()}
    assert all(map(sound, r.values()))
    assert r["gradient descent, too far"].radius > 1
    assert r["critical damping"].steep.roots == pytest.approx((0.5, 0.5), abs=1e-9)
    assert r["heavy ball at 1.6"].radius < 1 < r["Nesterov at 1.6"].radius
    assert r["the index slip"].radius > 1
    best = r["best for κ = 100"]
    assert best.radius == pytest.approx(9 / 11, abs=1e-3)
    assert best.steep.radius == pytest.approx(best.directions[1].radius, abs=2e-3)
    assert r["almost no friction"].radius > 0.99
    assert "Noise keeps it" in demo.status(r["noise eats the gain"])


def test_the_status_tells_the_numbers(demo):
    said = demo.status(demo.compute(method="Nesterov", step_size=1.6, momentum=0.9))
    assert said.startswith(
        "Nesterov does not converge: lr λ = 1.6, the limit is (2 + 2μ) / (1 + 2μ) = 1.36."
    )
    assert "|z| = 1.5 (a negative one: jumps from side to side)" in said
    assert "21.9 steps per digit" in demo.status(
        demo.compute(step_size=0.19, momentum=0.81, kappa=1.0)
    )


def test_gradient_descent_has_one_eigenvalue_for_each_direction(demo):
    for a, eigenvalue in ((0.5, 0.5), (1.0, 0.0), (1.5, -0.5)):
        demo.draw(demo.compute(method="gradient descent", step_size=a, kappa=10.0))
        shown = [mark.get_xdata() for mark in demo.disc.marks]
        np.testing.assert_allclose(shown, [[eigenvalue], [1 - a / 10]], atol=1e-12)


def test_time_shows_the_past_alone(demo):
    early, late = demo.compute(t=5), demo.compute(t=40)
    np.testing.assert_array_equal(early.steep.x, late.steep.x)
    demo.draw(early)
    shown = demo.positions
    assert len(shown.dots[0].get_xdata()) == 6 and shown.heads[0].get_xdata() == [5]


def test_the_map_is_the_radius(demo):
    picture = pixels("heavy ball", demo.theme, 400, 300)
    default = picture[80, round(across("heavy ball", 0.5) * 299)]
    for row in (30, 200, 399):
        for column in (10, 150, 280):
            a, mu = at("heavy ball", column / 299), 1 - row / 399
            band = np.digitize(radius("heavy ball", a, mu), BORDERS)
            twin = np.digitize(radius("heavy ball", 0.5, 0.8), BORDERS)
            same = (picture[row, column] == default).all()
            assert same == (band == twin)


def test_words_on_the_map_stand_where_they_are_true(demo):
    for method in METHODS:
        for (x, mu), word in zip(*names(method, 2), strict=True):
            n = pace(float(radius(method, at(method, x), mu)))
            low, _, high = (
                word.replace("< ", "0 to ").replace("> 100", "100 to inf").partition(" to ")
            )
            assert (n == np.inf) if word == "diverges" else float(low) <= n < float(high)
    assert roomiest(np.zeros((5, 5), bool), 1, 1) is None
    assert roomiest(np.ones((9, 9), bool), 1, 1) == (4, 4)


def test_nothing_draws_an_axis_anew(demo):
    """Limits, ticks and the map of another method: all of that moves or is kept apart."""
    demo.draw(demo.compute())
    demo.canvas.jpeg()
    drawn = demo.canvas.backgrounds
    for values in (
        {"steps": 20}, {"steps": 200}, {"step_size": 3.3}, {"step_size": 40.0}, {"kappa": 1.0},
        *({"method": method} for method in METHODS),
    ):  # fmt: skip
        demo.draw(demo.compute(**values))
        demo.canvas.jpeg()
    assert demo.canvas.backgrounds == drawn


def test_each_method_has_its_map_and_its_ticks(demo):
    pictures = set()
    for method in METHODS:
        demo.draw(demo.compute(method=method))
        plane = demo.plane
        pictures.add(plane.map._rgba.tobytes())
        limit, mu = plane.limit.get_data()
        np.testing.assert_allclose(at(method, limit), METHODS[method].limit(mu))
        for (x, _), word in plane.ticks._words:
            assert at(method, x) == pytest.approx(float(word))
    assert len(pictures) == len(METHODS)


def test_a_pointer_drags_the_steep_direction_over_the_map():
    demo = Stability(sync=True)
    demo.refresh()
    left, top, right, bottom = demo.canvas.areas[0].box
    demo.point(0, left + (right - left) / np.sqrt(4.4), (top + bottom) / 2)
    assert demo.values["step_size"] == pytest.approx(1.0, abs=0.03)
    assert demo.values["momentum"] == pytest.approx(0.5, abs=0.01)
    assert demo.result.steep.a == demo.values["step_size"]
    demo.point(0, right + 0.01, bottom)  # a hand slips over the edge
    assert demo.values["momentum"] == 0
    demo.set(method="average (EMA)")
    demo.point(0, (left + right) / 2, top)
    assert demo.values["step_size"] == pytest.approx(11.0, rel=0.03)  # a quarter of 44
