"""The demo `signal`: what is drawn against the network itself, and what it lets one discover."""

import numpy as np
import pytest

import coursekit as ck
from coursekit.demos.signal import Signal
from coursekit.demos.signal.propagation import (
    BINS,
    DEEPEST,
    STARTS,
    first_weights,
    passage,
    singular_values,
)


@pytest.fixture(scope="module")
def demo():
    return Signal(sync=True)


def sound(result):
    arrays = [result.signal, result.apart, result.gradient, result.silent, result.singular]
    shares = np.allclose(result.shares.sum(axis=1), 1) and np.isclose(result.shape.sum(), 1)
    return shares and all(np.isfinite(a).all() and (a >= 0).all() for a in arrays)


def go(activation, init, factor=1.0, depth=30, width=128, batch_norm=False, mean=0.0, seed=0):
    passed = passage(activation, init, factor, depth, width, batch_norm, mean, seed)
    rms = [np.sqrt((a**2).mean(axis=(1, 2))) for a in (passed.h, passed.grad)]
    return passed, *rms


# --- one implementation --------------------------------------------------------------------------
def plain(activation, init, factor, depth, width, batch_norm, seed):
    norm = [ck.BatchNorm(width)] if batch_norm else []
    layers = [ck.Linear(width, width, bias=False), *norm, activation] * depth
    net = ck.Sequential(*layers)
    theta = net.init(STARTS[init].made(), rng=seed).astype(float)
    theta[net.layout.mask("weight")] *= factor
    return net, theta


@pytest.mark.parametrize("batch_norm", [False, True])
@pytest.mark.parametrize("init", STARTS)
def test_the_passage_is_that_of_the_network_and_its_gradients_are_backprop(init, batch_norm):
    passed, *_ = go("tanh", init, 0.7, depth=4, width=12, batch_norm=batch_norm, seed=3)
    net, theta = plain("tanh", init, 0.7, 4, 12, batch_norm, 3)
    x, v = (np.random.default_rng([3, k]).standard_normal((64, 12)) for k in (1, 2))
    h, pull = ck.vjp(lambda x: net(theta, x, train=True), x)
    np.testing.assert_allclose(passed.h[-1], h, atol=1e-12)
    np.testing.assert_allclose(passed.grad[0], pull(v)[0], atol=1e-12)
    np.testing.assert_array_equal(passed.grad[-1], v)
    assert len(passed.h) == len(passed.grad) == 5


def test_a_gradient_half_way_is_the_gradient_of_the_upper_half():
    passed, *_ = go("gelu", "Kaiming", depth=6, width=10)
    upper = ck.Sequential(*[ck.Linear(10, 10, bias=False), "gelu"] * 3)
    _, pull = ck.vjp(lambda h: upper(np.concatenate([W.ravel() for W in passed.W[3:]]), h),
                     passed.h[3])  # fmt: skip
    np.testing.assert_allclose(passed.grad[3], pull(passed.grad[-1])[0], atol=1e-12)


def test_a_network_less_deep_begins_like_the_deepest():
    first = first_weights("relu", "orthogonal", 16, True, 5, DEEPEST)
    net, theta = plain("relu", "orthogonal", 1.0, 7, 16, True, 5)
    np.testing.assert_array_equal(first[: net.layout.size], theta)
    assert len(first) * 7 == net.layout.size * DEEPEST


@pytest.mark.parametrize("batch_norm", [False, True])
def test_the_singular_values_are_those_of_the_jacobian(batch_norm):
    passed, *_ = go("tanh", "Xavier", 1.3, depth=5, width=8, batch_norm=batch_norm)
    net, theta = plain("tanh", "Xavier", 1.3, 5, 8, batch_norm, 0)
    x = np.random.default_rng([0, 1]).standard_normal((64, 8))
    stats = None
    if batch_norm:
        f = net.objective(x, x, loss="mse")
        f.value(theta)
        stats = tuple(ck.layers.Stats(m.mean, m.var) for m in f.moments)
    J = ck.jacobian(lambda row: net(theta, row[None], stats=stats)[0])(x[0])
    found = np.linalg.svd(J, compute_uv=False)
    np.testing.assert_allclose(singular_values(passed, 5), found, atol=1e-10 * found[0])


def test_silent_units_are_those_whose_slope_is_0_for_all_inputs():
    passed, *_ = go("relu", "Kaiming")
    for k in (0, 10, 29):
        z = passed.h[k] @ passed.W[k]
        assert passed.silent[k] == np.mean((z <= 0).all(axis=0))
    assert passed.silent[29] > 0.25  # inputs become alike, so that a unit is on for all or none
    assert go("leaky_relu", "Kaiming")[0].silent.max() == 0
    assert go("sign", "Kaiming")[0].silent.min() == 1


# --- discoveries ---------------------------------------------------------------------------------
@pytest.mark.parametrize("seed", range(3))
def test_two_over_d_keeps_the_second_moment_of_z_and_not_the_variance(seed):
    passed, signal, _ = go("relu", "Kaiming", width=256, seed=seed)
    assert 0.4 < signal[-1] < 2.5
    z = passed.h[0] @ passed.W[0]
    h = passed.h[1]
    assert (h**2).mean() == pytest.approx((z**2).mean() / 2, rel=0.02)
    assert h.var() == pytest.approx((1 - 1 / np.pi) / 2 * (z**2).mean(), rel=0.03)
    assert h.mean() == pytest.approx(np.sqrt((z**2).mean() / (2 * np.pi)), rel=0.02)


def test_xavier_kills_relu():
    """Half of E z^2 in each layer: 2^-15 = 3e-5 after 30 of them, both ways."""
    found = [go("relu", "Xavier", width=256, seed=k) for k in range(4)]
    finals = [(signal[-1], gradient[0]) for _, signal, gradient in found]
    assert np.exp(np.mean(np.log(finals))) == pytest.approx(2**-15, rel=0.5)


def test_a_sigmoid_has_no_gradient_left():
    _, signal, gradient = go("sigmoid", "Xavier", width=256)
    assert signal[-1] > 0.4 and 3e-20 < gradient[0] < 8e-19
    assert gradient[0] < 0.25**30  # no slope is above 1/4
    _, signal, gradient = go("tanh", "Xavier", width=256)
    assert 0.1 < gradient[0] < 0.3


def test_abs_needs_one_over_d():
    assert ck.initializers.gain("abs") == pytest.approx(1)
    _, signal, gradient = go("abs", "Kaiming", width=256)
    assert 0.5 < signal[-1] < 1.5 and 0.5 < gradient[0] < 1.5
    _, signal, gradient = go("abs", "Defazio-Bottou", np.sqrt(2), width=256)
    assert signal[-1] == pytest.approx(2**15, rel=0.3)
    assert gradient[0] == pytest.approx(2**15, rel=0.3)


def test_orthogonal_weights_keep_the_spectrum():
    passed, signal, gradient = go("identity", "orthogonal", depth=60)
    np.testing.assert_allclose(singular_values(passed, 60), 1, atol=1e-5)
    np.testing.assert_allclose([*signal, *gradient], signal[0], rtol=0.02)
    passed, signal, _ = go("identity", "Xavier", depth=60)
    found = singular_values(passed, 60)
    assert 0.5 < signal[-1] < 2  # the mean square is kept, by few directions
    assert found[0] > 4 and np.sum(found > 0.01 * found[0]) < 20


def test_with_batch_norm_the_gain_no_longer_matters():
    one, ten = (go("relu", "Xavier", gain, batch_norm=True) for gain in (1.0, 3.0))
    np.testing.assert_allclose(one[1], ten[1], rtol=2e-3)
    np.testing.assert_allclose(one[2], ten[2], rtol=1e-2)
    without = go("relu", "Xavier", 3.0)
    assert without[1][-1] > 1e9


def test_torchs_default_is_a_third_of_the_variance():
    passed, signal, _ = go("relu", "PyTorch weights", width=256)
    assert passed.W[0].var() == pytest.approx(1 / (3 * 256), rel=0.02)
    assert (signal[-1] / signal[0]) ** (1 / 30) == pytest.approx(np.sqrt(1 / 6), rel=0.03)


def test_equal_weights_make_all_units_alike():
    passed, *_ = go("tanh", "constant", 0.01)
    assert np.ptp(passed.h[1:], axis=2).max() < 1e-12
    assert np.sum(singular_values(passed, 30) > 0) == 1


def test_inputs_off_centre_are_seen_as_one():
    centred, shifted = (go("relu", "Kaiming", depth=1, mean=m)[0] for m in (0.0, 3.0))
    ratio = [np.std(p.h[1], axis=0).mean() / np.sqrt((p.h[1] ** 2).mean())
             for p in (centred, shifted)]  # fmt: skip
    assert ratio[1] < 0.5 * ratio[0]


# --- the demo ------------------------------------------------------------------------------------
def test_presets_do_what_they_are_called(demo):
    r = {name: demo.compute(**values) for name, values in demo.presets.items()}
    assert all(map(sound, r.values()))
    said = {name: demo.status(result) for name, result in r.items()}
    assert "arrive" in said["ReLU, Kaiming"]
    assert "The signal dies and the gradient dies" in said["ReLU, Xavier: dies"]
    assert "explodes" in said["abs with 2/d: blows up"]
    assert "The gradient dies (" in said["sigmoid: no gradient"]
    assert "128 of 128" in said["linear, orthogonal"]
    assert r["PyTorch's weights"].signal[-1] < 1e-10
    norm = r["batch norm, any gain"]
    assert demo.compute(init="Xavier", gain=0.3, batch_norm=True).signal[-1] == pytest.approx(
        norm.signal[-1], rel=1e-2
    )


def test_looking_at_another_layer_changes_that_alone(demo):
    early, late = demo.compute(layer=3), demo.compute(layer=30)
    np.testing.assert_array_equal(early.shares, late.shares)
    assert early.singular[60] > late.singular[60] and early.layer == 3
    assert demo.compute(depth=5, layer=40).layer == 5
    demo.draw(early)
    assert demo.layers.cursors[0].get_xdata() == [3, 3]


def test_a_drag_of_the_gain_changes_the_gain_alone(demo):
    r = [demo.compute(activation="identity", init="Xavier", gain=g, depth=10) for g in (1.0, 2.0)]
    np.testing.assert_allclose(r[1].signal / r[0].signal, 2.0 ** np.arange(11), rtol=1e-9)


def test_starts_are_scaled_as_their_papers_say(demo):
    """On square layers they are the same random numbers, scaled."""
    kaiming, xavier = (demo.compute(init=init, depth=4) for init in ("Kaiming", "Xavier"))
    for twin, same in (
        ({"init": "Defazio-Bottou", "c": 2.0}, kaiming),
        ({"init": "Defazio-Bottou", "c": 1.0}, xavier),
        ({"init": "normal", "std": 128**-0.5}, xavier),
        ({"init": "normal", "std": 0.5, "gain": 2 * 128**-0.5}, xavier),
    ):
        found = demo.compute(depth=4, **twin)
        np.testing.assert_allclose(found.signal, same.signal, rtol=1e-5)
        np.testing.assert_allclose(found.gradient, same.gradient, rtol=1e-5)


def test_apart_is_what_differs_between_inputs(demo):
    shifted = demo.compute(mean=3.0, depth=2)
    assert shifted.apart[0] == pytest.approx(1, abs=0.02)
    assert shifted.signal[0] == pytest.approx(np.sqrt(10), abs=0.02)
    h = passage("relu", "Kaiming", 1.0, 2, 128, False, 3.0, 0).h[2]
    assert shifted.apart[2] == pytest.approx(np.sqrt(h.var(axis=0).mean()))


def test_the_map_shows_the_distributions(demo):
    result = demo.compute(activation="relu", depth=5)
    assert result.shares.shape == (6, BINS)
    assert result.shares[1:, : BINS // 2].sum() == 0 and result.shares[0, : BINS // 2].sum() > 0.3
    assert (result.shares[1:, BINS // 2] > 0.3).all()


def test_a_pointer_chooses_the_layer(demo):
    left, top, right, bottom = demo.canvas.areas[0].box
    demo.point(0, left + 0.5 * (right - left), (top + bottom) / 2)
    assert demo.values["layer"] == 15
    demo.reset()


def test_dragging_draws_no_axis_anew(demo):
    """Limits and ticks move as curves do: redrawing axes takes longer than the rest of a frame."""
    demo.draw(demo.compute())
    demo.canvas.jpeg()
    drawn = demo.canvas.backgrounds
    for values in ({"gain": 0.1}, {"gain": 3.0}, {"depth": 4}, {"depth": 60}, {"init": "zero"}):
        demo.draw(demo.compute(**values))
        demo.canvas.jpeg()
    assert demo.canvas.backgrounds == drawn


def test_a_pointer_finds_the_layer_at_any_depth(demo):
    for depth, layer in ((4, 3), (60, 45)):
        demo.set(depth=depth, layer=1)
        demo.draw(demo.result)
        window, area = demo.layers.spread, demo.canvas.areas[1]
        x, _ = demo.canvas.figure.transFigure.inverted().transform(
            window.transform.transform((layer, 0))
        )
        demo.point(1, x, (area.box[1] + area.box[3]) / 2)
        assert demo.values["layer"] == layer
    demo.reset()


HUGE = {"init": "constant", "value": 1.0, "gain": 3.0, "depth": 60, "width": 256}
TINY = {"init": "constant", "value": 0.001, "gain": 0.01, "depth": 60, "width": 16}


@pytest.mark.parametrize("values", [HUGE, TINY, {"gain": 0.0}, {"init": "zero"}])
def test_extremes_are_numbers(demo, values):
    result = demo.compute(**values)
    assert sound(result) and demo.image(**values)
    said = demo.status(result) + demo.describe(result)
    assert not any(word in said.lower() for word in ("nan", "inf ", "∞"))


def test_sizes_whose_squares_are_no_numbers(demo):
    """Constant weights multiply the mean of the units that are not negative, layer by layer."""
    for values in (HUGE, TINY):
        result = demo.compute(activation="identity", **values)
        factor = values["value"] * values["gain"] * values["width"]
        np.testing.assert_allclose(result.signal[2:] / result.signal[1:-1], factor, rtol=1e-9)


def test_units_that_are_alike_are_called_so(demo):
    one = demo.compute(activation="tanh", init="constant")
    assert one.alike and "all units of a layer are alike" in demo.status(one)
    assert not demo.compute(activation="tanh").alike


def test_what_rounding_left_of_a_difference_is_0(demo):
    """A sigmoid's layers bring inputs together by a factor of 4 or more each."""
    result = demo.compute(activation="sigmoid", init="Xavier")
    assert result.apart[-1] == 0 and result.apart[20] > 1e-14
    assert np.all(np.diff(result.apart) <= 0)


def test_heavy_settings_show_something_first(demo):
    first, last = demo._results(demo.complete({"width": 256, "depth": 60}))
    assert first.singular is None and last.singular is not None
    assert first.signal[-1] == pytest.approx(last.signal[-1], rel=0.5)
    assert "Singular" not in demo.status(first)
    assert len(list(demo._results(demo.complete({})))) == 1
