"""The demo `anatomy`: Adam without a part is another optimizer, in every digit."""

import dataclasses

import numpy as np
import pytest

import coursekit as ck
from coursekit.demos.anatomy import ADAM, SURFACES, VIEWS, Anatomy
from coursekit.demos.anatomy.dissection import PARTS, Ground, Setting, dissect
from coursekit.demos.anatomy.series import rounded
from coursekit.demos.anatomy.twins import known, twins

GROUNDS = (Ground("elongated", 20.0), Ground("beale"), Ground("saddle_well"), Ground("slope", 0.3))
START = (0.0, 0.0)


@pytest.fixture(scope="module")
def demo():
    return Anatomy(sync=True)


def sound(result):
    """Every stage of every step is a number, and the stages multiply to the step."""
    w, k = result.walk, result.t - 1
    whole = all(np.isfinite(stage[:-1]).all() for stage in w) and np.isfinite(w.thetas[k]).all()
    steps = np.allclose(w.moves, -w.rates * w.m_hat, rtol=1e-9, atol=0)
    return whole and steps and 1 <= result.t <= len(w.moves) <= result.steps


def setting(*parts, lr=0.02, beta1=0.9, beta2=0.999, eps=1e-8):
    return Setting(lr, beta1, beta2, eps, parts)


# --- the dissection ------------------------------------------------------------------------------
@pytest.mark.parametrize("ground", GROUNDS, ids=lambda g: g.landscape)
@pytest.mark.parametrize("parts", [ADAM, PARTS, ("momentum", "RMS"), ("RMS",), ()], ids="+".join)
def test_the_walk_is_minimize_with_adam(ground, parts):
    s = setting(*parts)
    walk = dissect(s, ground, START, 60)
    path = ck.minimize(ground.f, ground.start(*START), s.optimizer, steps=60)
    np.testing.assert_array_equal(walk.thetas, path.thetas)
    np.testing.assert_allclose(walk.moves, np.diff(path.thetas, axis=0), rtol=0, atol=1e-14)
    np.testing.assert_allclose(walk.moves, -walk.rates * walk.m_hat, rtol=1e-12)
    grads = ground.f.grad(path.thetas[:-1])
    np.testing.assert_allclose(walk.g, grads, rtol=1e-13, atol=1e-16)


def test_m_and_v_are_those_of_the_paper():
    """Kingma and Ba's sums, written out."""
    walk = dissect(setting(*ADAM, beta1=0.7, beta2=0.9), GROUNDS[1], START, 12)
    for k in range(12):
        ages = np.arange(k, -1, -1)[:, None]
        m = 0.3 * (0.7**ages * walk.g[: k + 1]).sum(axis=0)
        v = 0.1 * (0.9**ages * walk.g[: k + 1] ** 2).sum(axis=0)
        np.testing.assert_allclose(walk.m[k], m, rtol=1e-12)
        np.testing.assert_allclose(walk.v[k], v, rtol=1e-12)
        np.testing.assert_allclose(walk.m_hat[k], m / (1 - 0.7 ** (k + 1)), rtol=1e-12)
        np.testing.assert_allclose(walk.v_hat[k], v / (1 - 0.9 ** (k + 1)), rtol=1e-12)


@pytest.mark.parametrize("ground", GROUNDS[:3], ids=lambda g: g.landscape)
@pytest.mark.parametrize(
    ("parts", "opt"),
    [
        ((), ck.optim.GradientDescent(lr=0.02)),
        (("momentum",), ck.optim.Momentum(lr=0.02, momentum=0.9, style="ema")),
        (("RMS",), ck.optim.RMSprop(lr=0.02, rho=0.999, eps=1e-8)),
        (("RMS", "eps inside"), ck.optim.RMSprop(lr=0.02, rho=0.999, eps=1e-8, eps_inside=True)),
        (ADAM, ck.optim.Adam(lr=0.02)),
    ],
)
def test_adam_without_parts_is_another_optimizer(ground, parts, opt):
    walk = dissect(setting(*parts), ground, START, 100)
    path = ck.minimize(ground.f, ground.start(*START), opt, steps=100).thetas
    np.testing.assert_allclose(walk.thetas, path, rtol=1e-13, atol=1e-15)


def test_every_setting_finds_its_name():
    names = {
        (): "gradient descent",
        ("momentum",): "momentum as an average",
        ("momentum", "correction"): "momentum as an average, start corrected",
        ("RMS",): "RMSprop",
        ADAM: "Adam",
        ("momentum", "RMS", "eps inside"): "Adam on Sun's slides",
        PARTS: "Adam on Thadani's and Maria's slides",
    }
    for parts, name in names.items():
        for ground in GROUNDS[:3]:
            equal = [t.known.words for t in twins(setting(*parts), ground, START, 80) if t.same]
            assert equal == [name], (parts, ground)
    # A corrected RMSprop has no name, but is RMSprop with a rate that starts low.
    (near,) = twins(setting("RMS", "correction"), GROUNDS[0], START, 80)
    assert near.known.words == "RMSprop, start corrected" and not near.same and near.apart < 1e-6


def test_a_name_is_found_by_walking_and_not_by_the_switches(monkeypatch):
    """On a slope the average of the gradients is the gradient."""
    slope = Ground("slope", 1.0)
    names = [t.known.words for t in twins(setting("momentum", "correction"), slope, START, 50)]
    assert names[0] == "gradient descent"
    honest = twins(setting("RMS"), GROUNDS[0], START, 50)
    assert [t.known.words for t in honest] == ["RMSprop"]
    rms = ck.optim.RMSprop.rule

    def lopsided(self, theta, g, s):
        new, state = rms(self, theta, g, s)
        return new * (1 + 1e-9), state

    monkeypatch.setattr(ck.optim.RMSprop, "rule", lopsided)
    twins.cache_clear()
    slipped = twins(setting("RMS"), GROUNDS[0], START, 50)
    assert not any(t.same for t in slipped)
    twins.cache_clear()


def test_the_codes_of_the_known_methods_make_the_known_methods():
    for method in known(setting(*PARTS, beta1=0.8, beta2=0.95, eps=1e-4)):
        again = eval(method.code, {"ck": ck})
        assert type(again) is type(method.optimizer)
        for field in dataclasses.fields(again):
            mine, other = (getattr(o, field.name) for o in (again, method.optimizer))
            if callable(mine):
                mine, other = ([rate(k) for k in range(5)] for rate in (mine, other))
            assert mine == other, (method.words, field.name)


# --- what is there to discover -------------------------------------------------------------------
def test_without_correction_the_first_steps_are_three_to_six_and_a_half_times_too_long(demo):
    printed = abs(demo.compute(**demo.presets["no correction"]).strides)
    corrected = abs(demo.compute(surface="slope").strides)
    assert printed[0] == pytest.approx(0.1 / np.sqrt(0.001), rel=1e-5)  # 3.16
    assert (printed >= 3.15).all() and 6.5 < printed.max() < 6.6
    assert corrected == pytest.approx(1.0, abs=1e-6)


def test_the_first_step_is_lr_whatever_the_condition(demo):
    for kappa in (1.0, 20.0, 1000.0):
        first = demo.compute(kappa=kappa, t=1).strides[0]
        assert abs(first) == pytest.approx(1.0, abs=1e-6)


@pytest.mark.parametrize(
    ("size", "inside", "outside"),
    [(1e-4, 0.71, 0.9999), (1e-5, 0.0995, 0.999), (1e-6, 0.01, 0.99), (1e-8, 1e-4, 0.5)],
)
def test_eps_under_the_root_stops_small_gradients(demo, size, inside, outside):
    at = {"surface": "slope", "slope": size}
    under = demo.compute(parts=(*ADAM, "eps inside"), **at).strides
    beside = demo.compute(**at).strides
    assert abs(under[:, 0]) == pytest.approx(inside, rel=0.01)
    assert abs(beside[:, 0]) == pytest.approx(outside, rel=0.01)


def test_eps_of_one_leaves_gradient_descent(demo):
    result = demo.compute(**demo.presets["eps of 1"])
    near = result.twin
    assert near.known.style == "GradientDescent" and 0 < near.apart < 2e-5


def test_after_a_cliff_the_steps_stay_short(demo):
    result = demo.compute(**demo.presets["after a cliff"])
    assert abs(result.strides[59]).max() < 0.02
    fresh = dissect(result.setting, result.ground, START, 1)  # the usual start has no cliff
    assert abs(fresh.moves).max() / result.setting.lr == pytest.approx(1, abs=1e-6)


def test_two_readings_are_one_path(demo):
    """(lr / root) m_hat and lr (m_hat / root)."""
    one, two = (demo.compute(view=view) for view in VIEWS)
    np.testing.assert_array_equal(one.walk.thetas, two.walk.thetas)
    assert demo._picture(one) != demo._picture(two)
    rates, quotient = two.stages.numbers, one.stages.numbers
    np.testing.assert_allclose(-rates[3] * rates[2], rates[4], rtol=1e-12)
    np.testing.assert_allclose(-0.1 * quotient[3], quotient[4], rtol=1e-12)


# --- the demo ------------------------------------------------------------------------------------
def test_presets_say_what_they_show(demo):
    said = {name: demo.status(demo.compute(**values)) for name, values in demo.presets.items()}
    assert "The same path: RMSprop." in said["RMS alone"]
    assert "The same path: momentum as an average." in said["momentum alone"]
    assert "The same path: gradient descent." in said["all off"]
    assert "Thadani's and Maria's" in said["eps under the root"]
    assert "Step 1: (1, -1) lr" in said["the first step is lr"]
    assert "the longest, step 12: 6.57 lr" in said["no correction"]
    assert all(sound(demo.compute(**values)) for values in demo.presets.values())


def test_a_lost_walk_is_said_to_be_lost(demo):
    result = demo.compute(parts=(), lr=1.0, kappa=1000.0)
    assert result.walk.lost and sound(result)
    assert f"Lost at step {len(result.walk.moves)}." in demo.status(result)


def test_pointing_places_the_start(demo):
    demo.draw(demo.compute())
    area = demo.canvas.areas[0]
    left, top, right, bottom = area.box
    values = area.at((left + right) / 2, (top + bottom) / 2)
    middle = demo.compute(**{k: round(v, 2) for k, v in values.items()}).walk.thetas[0]
    np.testing.assert_allclose(middle, demo.map.ground.middle, atol=0.05)


def test_dragging_draws_no_axis_anew(demo):
    """Limits and titles move as curves do: redrawing axes takes longer than the rest of a frame."""
    demo.draw(demo.compute())
    demo.canvas.jpeg()
    drawn = demo.canvas.backgrounds
    for values in (
        *({"surface": surface} for surface in SURFACES), {"steps": 10}, {"steps": 300},
        {"kappa": 1000.0}, {"lr": 1.0}, {"beta1": 0.0}, {"beta2": 0.8}, {"eps": 1.0}, {"t": 100},
        {"parts": ()}, {"view": VIEWS[1]}, {"across": 1.0}, {"up": -1.0},
        {"surface": "slope", "slope": 1e-8},
    ):  # fmt: skip
        demo.draw(demo.compute(**values))
        demo.canvas.jpeg()
    assert demo.canvas.backgrounds == drawn


def test_words_say_what_is_drawn(demo):
    said = demo.alt()
    assert said.startswith("A bowl, condition number 20, with the path of Adam; switched on: mom")
    assert "Dashed" not in said and "five arrows: g, m, corrected, divided, step" in said
    bare = demo.alt(parts=(), surface="slope", slope=0.5)
    assert bare.startswith("A slope, gradient (0.5, 0.05) everywhere, with the path of Adam")
    assert "switched on: nothing. Dashed, the path" in bare
    assert "four arrows, g, m, corrected, step, and the rates as an" in demo.alt(view=VIEWS[1])
    assert "ellipse" not in demo.alt(view=VIEWS[1], parts=("momentum",))


def test_scales_are_round():
    assert [rounded(x) for x in (0.19, 0.2, 0.21, 3.16, 9.99)] == [0.2, 0.2, 0.5, 5, 10]
