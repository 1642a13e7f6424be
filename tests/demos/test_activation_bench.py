"""The demo `activation_bench`: what its three views claim, recomputed from the package."""

import numpy as np
import pytest

import coursekit as ck
from coursekit import exhibits
from coursekit.demos.activation_bench import (
    ActivationBench,
    activation_view,
    functions,
    loss_view,
    small_nets,
    training_view,
)

LOSS = {"view": "output and loss"}
XOR = {"view": "training"}


@pytest.fixture(scope="module")
def demo():
    return ActivationBench(sync=True)


def sound(result):
    """Everything that is drawn is finite."""
    if isinstance(result, activation_view.Result):
        numbers = [result.y, result.slope, result.at_x, result.slope_at_x, result.through]
    elif isinstance(result, loss_view.Result):
        numbers = [result.p, result.g, result.path, result.after]
    else:
        numbers = [result.loss, result.moved[result.now, result.seed], result.right]
    return all(np.isfinite(n).all() for n in numbers)


# --- activations ---------------------------------------------------------------------------------
def test_the_sigmoid_has_at_most_a_quarter_of_a_slope(demo):
    result = demo.compute(**demo.presets["sigmoid ≤ 1/4"])
    assert result.steepest == (0.25, 0.0) and result.slope.max() == 0.25
    assert result.slope_at_x == 0.25
    assert "the largest slope is 0.25, at 0" in demo.status(result)
    p = (1 - np.sqrt(1 - 0.04)) / 2  # p (1 - p) = 0.01: there the shaded zone begins
    flat = np.abs(activation_view.GRID[np.abs(result.slope) < 0.01]).min()
    assert flat == pytest.approx(-np.log(p / (1 - p)), abs=0.0126)


def test_a_relu_dies_as_the_inputs_move_down(demo):
    flat = [demo.compute(activation="relu", bias=b).flat for b in (3.0, 0.0, -1.0, -3.0)]
    assert flat == sorted(flat) and flat[0] < 0.01 and flat[-1] > 0.99
    z = np.random.default_rng(0).standard_normal(1000)
    assert flat[1] == np.mean(z <= 0)
    assert demo.compute(activation="leaky_relu", slope=0.1, bias=-3.0).flat == 0.0
    assert demo.compute(activation="elu", bias=-3.0).flat < 0.1


def test_sign_is_flat_and_its_smooth_relative_is_not(demo):
    sign = demo.compute(activation="sign")
    assert sign.flat == 1.0 and sign.through == 0.0
    assert "the slope is 0 wherever there is one" in demo.status(sign)
    steep = [demo.compute(activation="tanh(kx)", k=k) for k in (1.0, 5.0, 50.0)]
    assert [r.steepest[0] for r in steep] == [1.0, 5.0, 50.0]
    assert steep[0].flat < steep[1].flat < steep[2].flat


def test_maxout_makes_other_activations(demo):
    for name, lines in {
        "absolute": (1.0, 0.0, -1.0, 0.0), "relu": (1.0, 0.0, 0.0, 0.0),
    }.items():  # fmt: skip
        w1, b1, w2, b2 = lines
        made = demo.compute(activation="maxout", w1=w1, b1=b1, w2=w2, b2=b2)
        plain = demo.compute(activation=name)
        np.testing.assert_array_equal(made.y, plain.y)
    leaky = demo.compute(activation="maxout", w1=1.0, b1=0.0, w2=0.1, b2=0.0)
    np.testing.assert_allclose(leaky.y, demo.compute(activation="leaky_relu", slope=0.1).y)


def test_elu_has_a_kink_unless_alpha_is_one(demo):
    def jump(alpha):
        slope = demo.compute(activation="elu", alpha=alpha).slope
        return slope[481] - slope[480]  # to the right of 0, and at it

    assert jump(1.0) == pytest.approx(0.0, abs=1e-12)
    assert jump(0.5) == pytest.approx(0.5) and jump(2.0) == pytest.approx(-1.0)


@pytest.mark.parametrize("name", functions.NAMES)
def test_curves_are_those_of_the_package_and_slopes_their_derivatives(demo, name):
    v = demo.complete({"activation": name, "second": True, "slope": 0.2, "alpha": 0.7, "k": 2.0})
    result = demo.compute(**v)
    f = eval(functions.SPELLED[name](v), {"ck": ck, "np": np, "partial": __import__(
        "functools").partial})  # fmt: skip
    x = activation_view.GRID
    np.testing.assert_array_equal(result.y, f(x))
    h = 1e-6
    away = np.abs(x) > 0.02
    if name == "maxout":
        away &= np.abs(x - 2 / 3) > 0.02
    if name == "smelu":
        away &= np.abs(np.abs(x) - 1) > 0.02
    np.testing.assert_allclose(result.slope[away], ((f(x + h) - f(x - h)) / (2 * h))[away],
                               atol=1e-8)  # fmt: skip
    assert functions.cost(name) > 0


# --- outputs and losses --------------------------------------------------------------------------
def test_the_gradient_of_cross_entropy_is_p_minus_y(demo):
    for smoothing, temperature in ((0.0, 1.0), (0.3, 1.0), (0.1, 2.0)):
        result = demo.compute(**LOSS, smoothing=smoothing, temperature=temperature, target="2")
        np.testing.assert_allclose(result.g, (result.p - result.y) / temperature, atol=1e-14)
        assert (result.g != 0).all()


def test_smoothing_bounds_the_logits(demo):
    one_hot, smooth = demo.compute(**LOSS), demo.compute(**LOSS, smoothing=0.1)
    eps = 0.1 / 3
    assert smooth.gap == pytest.approx(np.log((1 - 2 * eps) / eps))
    assert np.ptp(smooth.path[-1]) == pytest.approx(smooth.gap, abs=1e-3)
    assert np.isinf(one_hot.gap) and np.ptp(one_hot.path[-1]) > np.ptp(one_hot.path[150]) + 0.5
    assert "grow for ever" in demo.status(one_hot)
    assert f"{smooth.gap:.2f} apart" in demo.status(smooth)


def test_softmax_twice_has_a_floor(demo):
    result = demo.compute(**demo.presets["softmax twice"])
    floor = exhibits.E45.numbers()["least loss it can have"]
    assert floor == pytest.approx(0.5514, abs=1e-4)
    assert floor < result.after < floor + 0.01
    assert demo.compute(**LOSS).after < 0.01
    assert "never falls below 0.5514" in demo.status(result)


def test_without_its_minus_the_right_class_is_driven_out(demo):
    result = demo.compute(**LOSS, loss="minus forgotten")
    assert result.g[0] == pytest.approx(1 - result.p[0]) and result.path[-1, 0] < -50
    np.testing.assert_allclose(result.g, -demo.compute(**LOSS).g)


def test_a_shift_changes_nothing(demo):
    here, far = demo.compute(**LOSS), demo.compute(**LOSS, shift=1000.0)
    np.testing.assert_allclose(here.path, far.path, atol=1e-9)
    assert "overflow" in demo.status(far) and "overflow" not in demo.status(here)
    with np.errstate(over="ignore"):
        assert np.isinf(np.exp(far.z + far.shift)).all()


def test_pointing_into_the_triangle_sets_the_logits(demo):
    result = demo.compute(**LOSS)
    demo.draw(result)
    view = demo.views["output and loss"]
    p = np.array([0.2, 0.5, 0.3])
    asked = view._pointed(*(loss_view.CORNERS.T @ p))
    z = np.array([asked["z1"], asked["z2"], asked["z3"]])
    np.testing.assert_allclose(ck.activations.softmax(z), p, atol=1e-12)
    outside = view._pointed(2.0, -1.0)
    assert all(abs(v) <= 6 for v in outside.values()) and outside["z2"] == max(outside.values())


# --- trainings -----------------------------------------------------------------------------------
def test_abs_solves_xor_with_one_unit_and_no_monotonic_function_does(demo):
    result = demo.compute(**demo.presets["abs: one unit, XOR"])
    assert result.solved[0] and result.solved.sum() >= 5
    W, b = result.problem.net.layout.unpack(result.run.thetas[-1, 0])[:2]
    assert W[0, 0] == pytest.approx(-W[1, 0], rel=0.05) and abs(b[0]) < 0.1  # |x1 - x2|
    for name in ("relu", "tanh", "sigmoid", "sign", "identity"):
        assert demo.compute(**XOR, activation=name, width=1).solved.sum() == 0


def test_below_sign_nothing_moves(demo):
    result = demo.compute(**demo.presets["sign: nothing moves"])
    assert result.moved.max() == 0.0 and "have moved 0." in demo.status(result)
    assert result.loss < result.run.losses[0, 0]  # the layer after it learns all the same
    assert demo.compute(**XOR, activation="tanh").moved.min(axis=1)[-1] > 0.1


def test_without_its_minus_near_clouds_all_go_to_class_0(demo):
    near = demo.compute(**demo.presets["no minus"])
    far = demo.compute(**{**demo.presets["no minus"], "distance": 4.0})
    right = demo.compute(**{**demo.presets["no minus"], "loss": "cross-entropy"})
    assert near.right[-1, 1] == far.right[-1, 1] == 0.0
    assert near.right[-1, 0] > 0.9 and far.right[-1, 0] < 0.5  # far ones are driven across
    assert right.right[-1].min() > 0.6


def test_ten_starts_are_ten_trainings(demo):
    result = demo.compute(**XOR, activation="tanh", seed=3)
    x, y = result.problem.points
    net = ck.Sequential(ck.Linear(2, 2), "tanh", ck.Linear(2, 1))
    f = net.objective(x, y[:, None], loss="binary_cross_entropy")
    path = ck.minimize(f, net.init("xavier_normal", rng=3).astype(float),
                       ck.optim.GradientDescent(lr=0.5), steps=300)  # fmt: skip
    np.testing.assert_allclose(result.run.losses[:, 3], path.values, rtol=1e-8)
    np.testing.assert_allclose(result.run.thetas[-1, 3], path.theta, rtol=1e-7, atol=1e-9)


def test_losses_of_the_nets_are_those_of_the_package():
    z, y = np.random.default_rng(0).standard_normal(20), np.arange(20) % 2
    for of, spelled in small_nets.LOSSES.values():
        value = eval(spelled, {"ck": ck, "np": np, "z": z, "y": y})
        assert of(z, y).mean() == pytest.approx(float(value), rel=1e-12)
    printed = small_nets.LOSSES["minus forgotten"][0]
    np.testing.assert_allclose(printed(z, y), exhibits.losses.printed_binary_cross_entropy(z, y))


# --- the demo ------------------------------------------------------------------------------------
def test_presets_are_sound(demo):
    assert all(sound(demo.compute(**values)) for values in demo.presets.values())


def test_only_what_matters_is_on_the_page(demo):
    for values in ({}, {"activation": "maxout"}, LOSS, XOR, {**XOR, "task": "two blobs"}):
        v = demo.complete(values)
        shown = [p.name for p in demo.params if p.active is None or p.active(v)]
        assert len(shown) <= 11, shown
    demo.set(view="training")
    assert demo.panel.time.box.layout.display == "flex"
    demo.reset()
    demo.panel.mark(demo.values)
    assert demo.panel.time.box.layout.display == "none"


def test_time_shows_the_past_alone(demo):
    early = demo.compute(**XOR, t=20)
    assert early.now == 20 and early.loss == early.run.losses[20, 0]
    demo.draw(early)
    view = demo.views["training"]
    assert len(view.losses[1].get_xdata()) == 21


def test_one_picture_for_each_view_whatever_came_before(demo):
    first = [demo.image(**v) for v in ({}, LOSS, XOR)]
    again = [demo.image(**v) for v in (XOR, {}, LOSS)]
    assert first == [again[1], again[2], again[0]] and len(set(first)) == 3
    assert isinstance(demo.compute(**XOR), training_view.Result)


def test_dragging_draws_the_background_once(demo):
    for values, name, along in (
        ({}, "x", (0.0, 1.0, 2.0)), ({}, "bias", (0.0, 1.0)), (LOSS, "z1", (0.0, 0.5, 1.0)),
        (XOR, "t", (10, 20, 30)),
    ):  # fmt: skip
        demo.image(**values)
        before = demo.canvas.backgrounds
        for value in along:
            demo.image(**{**values, name: value})
        assert demo.canvas.backgrounds == before, name
