"""The demo `activation_bench`: what its seven views claim, recomputed from the package."""

import numpy as np
import pytest

import coursekit as ck
from coursekit import exhibits
from coursekit.demos.activation_bench import (
    ActivationBench,
    activation_view,
    fits,
    functions,
    hinge_view,
    histogram_view,
    histograms,
    logit_view,
    loss_view,
    machines,
    outlier_view,
    small_nets,
    training_view,
)

LOSS = {"view": "output and loss"}
HINGE = {"view": "hinge and margin"}
LOGIT = {"view": "one logit"}
XOR = {"view": "training"}
OUTLIER = {"view": "an outlier"}
TWO = {"view": "two histograms"}


@pytest.fixture(scope="module")
def demo():
    return ActivationBench(sync=True)


@pytest.fixture(scope="module")
def shown():
    """With the widgets of a notebook, whose picture a pointer acts on."""
    demo = ActivationBench(sync=True)
    assert demo.panel
    return demo


def sound(result):
    """Everything that is drawn is finite."""
    if isinstance(result, activation_view.Result):
        numbers = [result.y, result.slope, result.at_x, result.slope_at_x, result.through]
    elif isinstance(result, loss_view.Result):
        numbers = [result.p, result.g, result.J, result.path, result.after]
    elif isinstance(result, hinge_view.Result):
        numbers = [result.borders, result.pulls, result.widths, result.width, result.hinge]
    elif isinstance(result, logit_view.Result):  # steps that do not suffice are infinitely many
        numbers = [result.p, result.slopes, result.paths]
    elif isinstance(result, outlier_view.Result):
        numbers = [result.fits, result.sweep, result.errors, result.alone]
    elif isinstance(result, histogram_view.Result):  # what is infinite is drawn at the top
        numbers = [result.p, result.q, result.apart.js, result.apart.w1, result.apart.entropy]
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
    biases = (3.0, 0.0, -1.0, -3.0)
    flat = [demo.compute(activation="relu", bias=b).flat for b in biases]
    assert flat == pytest.approx(ck.ops.normal_cdf(-np.array(biases)), abs=0.003)
    halved = demo.compute(activation="relu")
    assert [halved.flat, halved.silent, halved.through] == pytest.approx([0.5, 0.5, 0.5])
    assert demo.compute(activation="leaky_relu", slope=0.1, bias=-3.0).flat == 0.0
    assert demo.compute(activation="elu", bias=-3.0).flat < 0.1


def test_sign_is_flat_and_its_smooth_relative_is_not(demo):
    sign = demo.compute(activation="sign")
    assert sign.flat == pytest.approx(1.0) and sign.through == 0.0
    assert "the slope is 0 wherever there is one" in demo.status(sign)
    steep = [demo.compute(activation="tanh(kx)", k=k) for k in (1.0, 5.0, 50.0)]
    assert [r.steepest[0] for r in steep] == [1.0, 5.0, 50.0]
    assert steep[0].flat < steep[1].flat < steep[2].flat


def test_a_slope_has_gaps_where_it_jumps_and_nowhere_else(demo):
    for name, settings, jumps in (
        ("elu", {"alpha": 3.0}, [0.0]), ("elu", {"alpha": 1.0}, []), ("selu", {}, [0.0]),
        ("absolute", {}, [0.0, 0.0]), ("maxout", {"w2": -1.0, "b2": 1.0}, [0.5, 0.5]),
        ("tanh", {}, []),
    ):  # fmt: skip
        result = demo.compute(activation=name, **settings)
        x, y = activation_view._broken(name, result.slope)
        gaps = [float(np.mean(x[[i - 1, i + 1]])) for i in np.flatnonzero(np.isnan(y))]
        assert gaps == pytest.approx(jumps, abs=0.013)


def test_what_diverges_stays_in_its_axes_and_is_said(demo):
    for loss, activation, lr in (
        ("cross-entropy", "absolute", 3.0),
        ("minus forgotten", "relu", 10.0),
    ):
        values = {"view": "training", "loss": loss, "activation": activation, "lr": lr, "width": 4}
        demo.image(**values)
        view = demo.views["training"]
        for window, (_, thick) in ((view.loss, view.losses), (view.below, view.moves)):
            low, high = window._shown["y"]
            assert low <= min(thick.get_ydata()) and max(thick.get_ydata()) <= high
    said = demo.status(demo.compute(**values))
    assert "the loss is beyond all numbers" in said and "have moved beyond all numbers" in said


def test_the_largest_slope_is_not_claimed_where_the_picture_ends(demo):
    assert "the slope grows to 0.998 at 6." in demo.status(demo.compute(activation="softplus"))


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


# --- hinge and margin ----------------------------------------------------------------------------
def settings_of_the_machine():
    rng = np.random.default_rng(0)
    points, labels = machines.clouds()
    for _ in range(20):
        dragged = rng.uniform(*np.transpose([hinge_view.WIDE, hinge_view.HIGH]))
        side = rng.choice([-1.0, 1.0])
        strength = 10 ** rng.uniform(*np.log10([hinge_view.WEAKEST, hinge_view.STRONGEST]))
        yield np.vstack([points, dragged]), np.append(labels, side), strength


def test_the_machine_has_the_least_hinge_loss_plus_l2():
    rng = np.random.default_rng(1)
    for points, labels, strength in settings_of_the_machine():
        ones = np.column_stack([points, np.ones(len(points))])

        def value(w, ones=ones, labels=labels, strength=strength):
            return float(ck.losses.hinge(ones @ w, labels)) + strength / 2 * (w[:2] @ w[:2])

        A = machines.rows(points, labels)
        (w,), (pulls,) = machines.machine(A, np.array([strength]))
        least = value(w)
        for size in (1e-1, 1e-3, 1e-5):  # convex: a minimum near is a minimum
            for step in size * rng.standard_normal((40, 3)):
                assert value(w + step) > least - 1e-13
        slope = strength * np.append(w[:2], 0) - pulls @ A / len(A)
        np.testing.assert_allclose(slope, 0, atol=1e-7)
        margins = A @ w
        assert (pulls[margins < 1 - 1e-4] == 1).all() and (pulls[margins > 1 + 1e-4] == 0).all()


def test_many_strengths_at_once_are_the_same_machines():
    points, labels, _ = next(settings_of_the_machine())
    A, some = machines.rows(points, labels), np.array([0.003, 0.05, 0.4, 3.0])
    together = machines.machine(A, some)[0]
    alone = [machines.machine(A, some[k : k + 1])[0][0] for k in range(4)]
    np.testing.assert_allclose(together[:, :2], np.array(alone)[:, :2], atol=1e-6)


def test_points_outside_the_band_may_be_moved_about(demo):
    here = demo.compute(**demo.presets["outside: no pull"])
    assert here.pulls[-1] == 0 and here.margins[-1] > 1.5
    for mx, my in ((4.0, 3.0), (2.0, 0.0), (1.5, 1.5)):
        there = demo.compute(**HINGE, mx=mx, my=my)
        assert there.margins[-1] > 1
        np.testing.assert_allclose(there.w, here.w, atol=1e-6)
    inside = demo.compute(**demo.presets["inside: it pulls"])
    assert 0 < inside.pulls[-1] < 1 and np.abs(inside.w - here.w).max() > 0.1
    assert inside.margins[-1] == pytest.approx(1)  # on the edge, where it pulls in part
    assert "◆ does not pull" in demo.status(here) and "◆ pulls at 4" in demo.status(inside)


def test_a_stronger_l2_term_widens_the_band_and_more_points_pull(demo):
    strong = demo.compute(**demo.presets["strong λ: many pull"])
    weak = demo.compute(**demo.presets["weak λ: few pull"])
    assert strong.width > 2 * weak.width and (np.diff(strong.widths) > -1e-6).all()
    assert (strong.pulls > 0).sum() == 13 and (weak.pulls > 0).sum() == 2
    assert weak.hinge < 1e-6 and strong.hinge > 0.1
    k = int(np.abs(hinge_view.SWEEP - 1.0).argmin())
    near = demo.compute(**HINGE, strength=float(hinge_view.SWEEP[k]))
    assert near.width == pytest.approx(strong.widths[k], abs=1e-6)


def test_a_wrong_label_has_one_vote_however_far_it_is(demo):
    near, far = (demo.compute(**HINGE, side="-1", strength=1.0, mx=mx) for mx in (2.0, 4.0))
    for result in (near, far):
        assert result.pulls[-1] == 1 and result.errors == 1
    assert far.margins[-1] < near.margins[-1] < 0


def test_without_l2_each_start_ends_at_its_own_border(demo):
    result = demo.compute(**demo.presets["no L₂: any border"])
    A = machines.rows(result.points, result.labels)
    np.testing.assert_array_equal(machines.loss(A, result.borders), 0)
    assert not result.pulls.any() and "0 of 25 points pull" in heading_of(demo, result)
    angles = [hinge_view._angle(w) for w in result.borders]
    assert np.ptp(angles) > 60
    ones = np.column_stack([result.points, np.ones(25)])
    f = ck.Objective(lambda w: ck.losses.hinge(ones @ w, result.labels))
    opt = ck.optim.GradientDescent(lr=lambda k: 20 / (k + 20))
    for start, end in zip(machines.BEGINNINGS, result.borders, strict=True):
        path = ck.minimize(f, start, opt, steps=machines.STEPS)
        np.testing.assert_allclose(path.theta, end, atol=1e-9)


def heading_of(demo, result):
    demo.draw(result)
    return demo.views["hinge and margin"].says._words[0][1]


def test_every_point_is_on_the_hinge(demo):
    result = demo.compute(**HINGE, side="-1")
    demo.draw(result)
    view = demo.views["hinge and margin"]
    drawn = np.hstack([dots.get_data() for dots in (*view.hinges, view.felt)])
    losses = np.maximum(0, 1 - result.margins)
    assert drawn.shape == (2, 25)
    np.testing.assert_allclose(np.sort(drawn[0]), np.sort(np.clip(result.margins, -3, 5)))
    np.testing.assert_allclose(np.sort(drawn[1]), np.sort(losses))
    ringed = np.hstack([ring.get_data() for ring in view.rings])
    np.testing.assert_allclose(
        ringed[:, np.lexsort(ringed)],
        (pulled := result.points[result.pulls > 0].T)[:, np.lexsort(pulled)],
    )


# --- one logit -----------------------------------------------------------------------------------
def test_slopes_of_one_logit_are_derivatives_of_the_losses(demo):
    for z, y in ((-6.0, 1.0), (0.3, 1.0), (2.0, 0.0), (5.0, 0.35)):
        result = demo.compute(**LOGIT, z=z, y=y)
        at, target = np.array([z]), np.array([y])
        entropy = ck.grad(lambda v, t=target: ck.losses.binary_cross_entropy(v, t))(at)
        square = ck.grad(lambda v, t=target: ck.losses.mse(ck.activations.sigmoid(v), t))(at)
        np.testing.assert_allclose(result.slopes, [entropy[0], square[0]], atol=1e-12)


def test_trainings_of_one_logit_are_those_of_the_package(demo):
    for z, lr in ((-4.0, 0.5), (-3.14, 2.0)):  # on the grid of starts, and off it
        result = demo.compute(**LOGIT, z=z, lr=lr)
        for path, of in zip(result.paths, ("cross-entropy", "squared error"), strict=True):
            each, y = small_nets.LOSSES[of][0], np.array([1.0])
            f = ck.Objective(lambda v, each=each, y=y: each(v, y).mean())
            opt = ck.optim.GradientDescent(lr=lr)
            thetas = ck.minimize(f, np.array([z]), opt, steps=300).thetas
            np.testing.assert_allclose(path, np.ravel(thetas), atol=1e-9)


def test_sure_and_wrong_the_square_hardly_learns(demo):
    result = demo.compute(**demo.presets["sure and wrong"])
    assert result.needed.tolist() == [17, 249]
    entropy, square = np.abs(result.slopes)
    assert entropy > 0.99 and square < 0.005
    worse = [demo.compute(**LOGIT, z=z).slopes for z in (-2.0, -4.0, -6.0)]
    assert worse[0][0] > worse[1][0] > worse[2][0]  # cross-entropy pulls harder and harder
    assert worse[0][1] < worse[1][1] < worse[2][1] < 0  # and the square less and less
    faster = demo.compute(**demo.presets["a step of 8"])
    assert faster.needed[1] < 249 / 7


def test_the_square_is_steepest_at_one_third(demo):
    steepest = min(logit_view.STARTS, key=lambda z: demo.compute(**LOGIT, z=float(z)).slopes[1])
    assert steepest == pytest.approx(np.log(0.5), abs=0.05)
    result = demo.compute(**demo.presets["steepest at p = 1/3"])
    assert result.p == pytest.approx(1 / 3, abs=0.005)


def test_a_target_between_has_a_finite_minimum(demo):
    result = demo.compute(**demo.presets["target 0.9: a minimum"])
    end = ck.activations.sigmoid(result.paths[:, -1])
    assert end[0] == pytest.approx(0.9, abs=1e-6) and end[1] > 0.98
    one = demo.compute(**LOGIT, z=5.0, lr=1.0)
    assert one.paths[0, -1] > one.paths[0, 150] > 5.0  # it goes on


# --- outputs and losses --------------------------------------------------------------------------
def test_the_gradient_of_cross_entropy_is_p_minus_y(demo):
    for smoothing, temperature in ((0.0, 1.0), (0.3, 1.0), (0.1, 2.0)):
        result = demo.compute(**LOSS, smoothing=smoothing, temperature=temperature, target="2")
        np.testing.assert_allclose(result.g, (result.p - result.y) / temperature, atol=1e-14)
        assert (result.g != 0).all()


def test_the_table_is_the_jacobian_of_softmax(demo):
    for temperature, shift in ((1.0, 0.0), (0.5, 300.0), (4.0, -1000.0)):
        result = demo.compute(**LOSS, temperature=temperature, shift=shift)
        p = result.p
        np.testing.assert_allclose(
            result.J, (np.diag(p) - np.outer(p, p)) / temperature, atol=1e-13
        )
    demo.draw(result)
    table = demo.views["output and loss"].slopes
    words = [word for _, word in table.entries._words]
    assert words == [f"{v:.2f}" for v in result.J.ravel().round(2) + 0.0]
    row = [tuple(point) for point, _ in table.entries._words[:3]]
    assert row == [(1, 1), (2, 1), (3, 1)]  # the first share, by each logit


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
    assert "the right class is driven out" in demo.status(result)
    past = demo.compute(**LOSS, loss="minus forgotten", smoothing=0.5, z1=3.0)  # it has too much
    assert past.p[0] > past.y[0] and past.path[-1, 0] > past.path[0, 0] + 50
    assert "driven up, past its target" in demo.status(past) and "uphill" not in demo.status(past)


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


# --- an outlier ----------------------------------------------------------------------------------
def slopes(result):
    return list(result.found.values())


def test_each_line_has_the_least_loss_of_its_kind():
    rng = np.random.default_rng(0)
    for model in fits.MODELS:
        for far, delta in ((0.0, 0.2), (5.0, 1.0), (20.0, 3.0)):
            X = fits.design(model, np.append(outlier_view.REST, far))
            y = 4 + 3 * rng.standard_normal(9)
            found = fits.squared(X, y), fits.absolute(X, y), fits.huber(X, y, delta)
            losses = ck.losses.mse, ck.losses.l1, lambda a, b, d=delta: ck.losses.huber(a, b, d)
            for w, loss in zip(found, losses, strict=True):
                least = float(loss(X @ w, y))
                for size in (1e-1, 1e-3, 1e-5):  # convex: a minimum near is a minimum
                    for step in size * rng.standard_normal((40, X.shape[1])):
                        assert float(loss(X @ (w + step), y)) > least - 1e-13
            pull = np.clip(y - X @ found[2], -delta, delta) @ X
            np.testing.assert_allclose(pull, 0, atol=1e-9)


def test_many_fits_at_once_are_the_same_fits():
    X = fits.design("line", np.append(outlier_view.REST, 12.0))
    Y = np.random.default_rng(1).standard_normal((5, 9))
    for of in (fits.squared, fits.absolute, lambda X, Y: fits.huber(X, Y, 0.3)):
        np.testing.assert_allclose(of(X, Y), [of(X, y) for y in Y], atol=1e-9)


def test_the_constants_are_mean_and_median(demo):
    for out_y in (-5.0, 3.0, 14.0):
        result = demo.compute(**OUTLIER, model="constant", out_y=out_y)
        found = result.found
        assert found["squared"] == pytest.approx(result.y.mean())
        assert found["absolute"] == np.median(result.y)
    mean, median, huber = np.ptp(result.sweep, axis=1)
    assert mean == pytest.approx(20 / 9) and median < 0.1 and median < huber < mean / 5
    wide = demo.compute(**OUTLIER, model="constant", delta=10.0, out_y=3.0)
    assert wide.found["Huber"] == pytest.approx(wide.y.mean())  # all errors are within delta


def test_a_wrong_y_swings_the_line_of_squares_alone(demo):
    result = demo.compute(**demo.presets["wrong y"])
    squared, absolute, huber = slopes(result)
    assert squared < 0 < 0.9 * result.alone < absolute  # turned round, and hardly moved
    assert squared < huber < absolute
    swing = np.ptp(result.sweep, axis=1)
    assert swing[0] > 1.0 and swing[1] < 0.05 and swing[1] < swing[2] < 0.2
    far = [demo.compute(**OUTLIER, out_y=y).fits[1] for y in (-6.0, -3.0, 2.0)]
    np.testing.assert_allclose(far[0], far[1])  # how far away it is does not matter
    np.testing.assert_allclose(far[0], far[2])


def test_a_wrong_x_is_a_lever_on_all_of_them(demo):
    result = demo.compute(**demo.presets["wrong x: a lever"])
    assert max(slopes(result)) < 0 < 0.5 < result.alone
    assert result.errors[1, -1] == pytest.approx(0, abs=1e-9)  # absolute errors go through it
    assert np.ptp(result.sweep, axis=1).min() > 1.0
    assert "on that of absolute errors" in demo.status(result)


def test_a_point_near_the_line_divides_nobody(demo):
    result = demo.compute(**demo.presets["all agree"])
    assert np.ptp(slopes(result)) < 0.02 and abs(slopes(result)[0] - result.alone) < 0.02


def test_pulls_are_derivatives_of_the_losses():
    errors = np.array([-3.0, -0.5, 0.25, 4.0])
    pull = outlier_view._pull
    np.testing.assert_allclose(pull("squared", errors, 1.0), 2 * errors)
    np.testing.assert_allclose(pull("absolute", errors, 1.0), np.sign(errors))
    np.testing.assert_allclose(pull("Huber", errors, 1.5), np.clip(errors, -1.5, 1.5))


def test_squares_are_square_and_stand_on_their_errors(demo):
    result = demo.compute(**OUTLIER)
    demo.draw(result)
    view = demo.views["an outlier"]
    corners = view.points.transData.transform(view.squares.get_path().vertices)
    for k, box in enumerate(corners.reshape(-1, 5, 2)):
        wide, high = np.ptp(box, axis=0)
        assert wide == pytest.approx(high, rel=1e-6)
        unit = np.ptp(view.points.transData.transform([(0, 0), (0, 1)]), axis=0)[1]
        assert high == pytest.approx(abs(result.errors[0, k]) * unit, rel=1e-6)
    within = np.abs(demo.compute(**OUTLIER, delta=2.0).errors[2]) <= 2.0
    demo.draw(demo.compute(**OUTLIER, delta=2.0, drawn="Huber"))
    assert len(view.squares.get_path().vertices) == 5 * within.sum()
    assert len(view.sticks.get_xdata()) == 3 * (~within).sum() == 3


def test_the_point_is_dragged_where_the_pointer_is(shown):
    demo = shown
    demo.set(**demo.complete(OUTLIER))
    area = demo.canvas.areas[0]
    left, top, right, bottom = area.box
    demo.point(0, left + 0.25 * (right - left), bottom - 0.75 * (bottom - top))
    assert (demo.values["out_x"], demo.values["out_y"]) == pytest.approx((5.0, 9.0))
    demo.set(model="constant")
    demo.point(0, right, top)
    assert (demo.values["out_x"], demo.values["out_y"]) == pytest.approx((5.0, 14.0))


# --- two histograms ------------------------------------------------------------------------------
def test_measures_of_two_histograms_by_hand(demo):
    result = demo.compute(**TWO, floor=0.05)
    p, q, a = result.p, result.q, result.apart
    assert p.sum() == pytest.approx(1) and q.sum() == pytest.approx(1) and len(p) == 16
    assert a.kl_pq == pytest.approx((p * np.log(p / q)).sum())
    assert a.kl_qp == pytest.approx((q * np.log(q / p)).sum())
    m = (p + q) / 2
    assert a.js == pytest.approx(0.5 * (p * np.log(p / m) + q * np.log(q / m)).sum())
    assert a.cross == pytest.approx(-(p * np.log(q)).sum()) and a.kl_pq != pytest.approx(a.kl_qp)
    u, places = np.random.default_rng(0).random(400_000), np.arange(16)  # by optimal pairs
    pairs = [places[np.searchsorted(np.cumsum(part)[:-1], np.sort(u))] for part in (p, q)]
    assert a.w1 == pytest.approx(np.abs(pairs[0] - pairs[1]).mean(), abs=0.02)


def test_a_gap_in_q_is_infinite_one_way_only(demo):
    result = demo.compute(**demo.presets["a gap in q"])
    assert result.p[3] > 0 == result.q[3]
    assert np.isinf(result.apart.kl_pq) and np.isfinite(result.apart.kl_qp)
    said = demo.status(result)
    assert "KL(p‖q) is infinite: q is 0 where p is not" in said and "inf," not in said
    assert "infinite" not in demo.status(demo.compute(**demo.presets["a gap in q"], floor=0.01))


def test_slid_apart_only_w1_knows_how_far(demo):
    result = demo.compute(**demo.presets["slid apart"])
    along, curves = result.along, result.curves
    np.testing.assert_allclose(curves["W₁"], along, atol=1e-12)
    assert np.isinf(curves["KL(p‖q)"][1:]).all() and np.isinf(curves["KL(q‖p)"][1:]).all()
    np.testing.assert_allclose(curves["JS"][3:], np.log(2))
    assert curves["JS"][2] < 0.6 and "they share no place" in demo.describe(result)
    everywhere = demo.compute(**demo.presets["a little everywhere"]).curves
    assert np.isfinite(everywhere["KL(p‖q)"]).all()
    for name in ("KL(p‖q)", "KL(q‖p)", "JS"):  # flat once they are apart
        assert np.ptp(everywhere[name][3:]) < 1e-12 < everywhere[name][3] - everywhere[name][2]
    np.testing.assert_allclose(np.diff(everywhere["W₁"]), 0.99)


def test_one_direction_covers_both_hills_and_the_other_chooses(demo):
    cover, choose = (demo.compute(**demo.presets[f"two hills: {what}"])
                     for what in ("cover", "choose"))  # fmt: skip
    np.testing.assert_array_equal(cover.p, choose.p)
    tops = np.flatnonzero(cover.p > 0.2)
    assert (cover.q[tops] > 0.05).all() and (choose.q[tops] > 0.05).sum() == 1
    assert cover.apart.kl_pq < choose.apart.kl_pq and choose.apart.kl_qp < cover.apart.kl_qp
    qp, pq = choose.curves["KL(q‖p)"], choose.curves["KL(p‖q)"]
    dips = {name: 1 + np.flatnonzero((np.diff(c)[:-1] < 0) & (np.diff(c)[1:] > 0))
            for name, c in (("qp", qp), ("pq", pq))}  # fmt: skip
    lowest = sorted(dips["qp"], key=lambda k: qp[k])[:2]
    assert sorted(histograms.CENTRES[lowest]) == tops.tolist()  # one dip at each hill
    assert len(dips["pq"]) == 1 and tops[0] < histograms.CENTRES[dips["pq"][0]] < tops[1]


def test_the_hill_is_the_best_by_the_losses_of_the_package():
    rng = np.random.default_rng(0)
    hills = histograms.lifted(histograms.hills(), 0.02)[::6, ::4].reshape(-1, 16)
    p = histograms.placed(histograms.shares(rng.random(8)), 4, 0.02)
    pq, qp = histograms.both_ways(p, hills)
    np.testing.assert_allclose(pq, [ck.losses.kl_divergence(p, q) for q in hills])
    np.testing.assert_allclose(qp, [ck.losses.kl_divergence(q, p) for q in hills])
    bare = histograms.hills().reshape(-1, 16)
    p = histograms.placed(histograms.shares(rng.random(8)), 4, 0.0)
    pq, qp = histograms.both_ways(p, bare)
    np.testing.assert_array_equal(np.isinf(qp), ((bare > 0) & (p == 0)).any(axis=1))
    np.testing.assert_array_equal(np.isinf(pq), ((bare == 0) & (p > 0)).any(axis=1))
    assert np.isfinite(qp).any() and np.isfinite(pq).any()


def test_a_bar_gets_the_share_that_is_pointed_at(shown):
    demo = shown
    demo.set(**demo.complete(TWO))
    for area, k, share in ((0, 5, 0.3), (1, 2, 0.05), (0, 3, 0.0), (1, 7, 0.2), (0, 3, 0.34)):
        before = demo.result
        place = before.starts[area] + k
        transform = demo.canvas.areas[area].transform
        at = transform.transform((place, share)) / (100 * demo.canvas.zoom * np.array(
            demo.canvas.figure.get_size_inches()))  # fmt: skip
        demo.point(area, at[0], 1 - at[1])
        now = (demo.result.p, demo.result.q)[area]
        assert now[place] == pytest.approx(share, abs=0.01)
        others = np.arange(16) != place
        kept = (before.p, before.q)[area][others]
        np.testing.assert_allclose(now[others], kept * (1 - share) / kept.sum(), atol=0.01)
        np.testing.assert_array_equal((now[others] > 0), kept > 0)
        assert demo.values["bar"] == f"{'pq'[area]}{k + 1}"
        same = (demo.result.q, demo.result.p)[area]
        np.testing.assert_array_equal(same, (before.q, before.p)[area])
    demo.set(kind="hill by KL(p‖q)")
    q = demo.result.q
    demo.point(1, 0.3, 0.5)
    np.testing.assert_array_equal(demo.result.q, q)  # a hill is not drawn by hand


def test_what_is_finite_is_never_cut_off(shown):
    for values in ({}, {"slide": 8, "q8": 1.0, "p1": 1.0}, {"kind": "hill by KL(q‖p)"}):
        result = shown.compute(**{**TWO, **values})
        shown.draw(result)
        view = shown.views["two histograms"]
        for name, curve in result.curves.items():
            drawn = view.curves[name].get_ydata()
            drawn, whole = drawn[~np.isnan(drawn)], np.isfinite(curve)
            np.testing.assert_array_equal(drawn[whole], curve[whole])
            assert (drawn[~whole] > curve[whole].max(initial=0)).all()


def test_no_height_at_all_is_said_and_survived(demo):
    nothing = {f"p{k}": 0.0 for k in range(1, 9)}
    result = demo.compute(**TWO, **nothing)
    assert sound(result) and (result.p[:8] == 1 / 8).all()
    assert "p: no height anywhere, so all alike" in demo.status(result)


def test_only_one_height_is_on_the_page(demo):
    for bar, kind, there in (("p2", "drawn by hand", ["p2"]), ("q5", "drawn by hand", ["q5"]),
                             ("q5", "hill by KL(q‖p)", [])):  # fmt: skip
        v = demo.complete({**TWO, "bar": bar, "kind": kind})
        shown = [p.name for p in demo.params if p.active is None or p.active(v)]
        assert [n for n in shown if n in histogram_view.NAMES] == there and len(shown) <= 6


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
    blobs = {**XOR, "task": "two blobs"}
    for values in ({}, {"activation": "maxout"}, HINGE, LOSS, LOGIT, OUTLIER, TWO, XOR, blobs):
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
    views = ({}, HINGE, LOSS, LOGIT, OUTLIER, TWO, XOR)
    first = [demo.image(**v) for v in views]
    again = [demo.image(**v) for v in views[::-2]]
    assert first[::-2] == again and len(set(first)) == len(demo.views)
    assert isinstance(demo.compute(**XOR), training_view.Result)


def test_a_drag_draws_no_background(demo):
    for values, along in (
        ({}, {"x": (0.0, 1.0), "bias": (0.0, 1.0), "activation": ("tanh", "absolute", "tanh(kx)")}),
        (HINGE, {"mx": (3.0, 0.0), "strength": (0.1, 3.0), "side": ("+1", "-1")}),
        (LOSS, {"z1": (0.0, 6.0), "loss": ("cross-entropy", "minus forgotten")}),
        (LOGIT, {"z": (-4.0, 0.0), "y": (1.0, 0.5), "lr": (0.1, 10.0)}),
        (OUTLIER, {"out_y": (-5.0, 3.0), "out_x": (7.6, 20.0), "model": ("constant", "line")}),
        (TWO, {"p3": (0.3, 0.5), "slide": (0, 8), "kind": histograms.KINDS}),
        (XOR, {"t": (10, 30), "lr": (0.01, 10.0), "task": ("two blobs", "XOR")}),
    ):  # fmt: skip
        demo._picture(demo.compute(**values), fine=False)
        before = demo.canvas.backgrounds
        for name, at in along.items():
            for value in at:
                with np.errstate(over="ignore"):
                    demo._picture(demo.compute(**{**values, name: value}), fine=False)
            assert demo.canvas.backgrounds == before, name
