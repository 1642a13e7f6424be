"""The demo `gd_vs_sgd`: what the slides say of gradient descent and SGD, and what is so."""

from dataclasses import replace

import numpy as np
import pytest

import coursekit as ck
from coursekit.demos.gd_vs_sgd import GdVsSgd, big_problem
from coursekit.demos.gd_vs_sgd.big_problem import FULL, LOST, TWIN, Bowl, Problem, problem
from coursekit.exhibits.least_squares import LeastSquares


@pytest.fixture(scope="module")
def demo():
    return GdVsSgd(sync=True)


def sound(result):
    curve, cloud = result.known, result.cloud
    return (
        np.isfinite(curve.above).all()
        and np.isfinite(result.gd[1]).all()
        and np.isfinite([cloud.length, cloud.noise]).all()
        and (curve.lost or curve.epochs[-1] == result.values["epochs"])
        and result.worth >= 0
    )


# --- the problem ---------------------------------------------------------------------------------
@pytest.mark.parametrize("condition, noise", [(1.0, 0.3), (30.0, 0.1), (1e4, 0.0)])
def test_the_bowl_is_that_of_the_rows(condition, noise):
    p, bowl = Problem(TWIN, condition, noise), Bowl(TWIN, condition, noise)
    assert np.linalg.cond(p.X) == pytest.approx(condition, rel=1e-6)
    hessian = p.X.T @ p.X / p.m
    np.testing.assert_allclose(hessian, np.diag(bowl.curvatures), atol=1e-12)
    assert bowl.curvatures[0] == 1  # L
    np.testing.assert_allclose(p.on(slice(None)).grad(bowl.best), 0, atol=1e-9)
    assert (np.diff(p.y) >= 0).all()
    f = p.on(slice(None))
    w = p.best + np.random.default_rng(0).standard_normal(100)
    ratio = (f.value(w) - f.value(p.best)) / (f.value(p.start) - f.value(p.best))
    assert p.above(w) == pytest.approx(ratio, rel=1e-6) and p.above(p.start) == pytest.approx(1)


@pytest.mark.parametrize("lr", [0.3, 1.0, 1.9, 2.2])
@pytest.mark.parametrize("condition", [1.58, 100.0])
def test_the_curve_of_gradient_descent_is_the_run(condition, lr):
    p = problem(TWIN, condition, 0.1)
    path = ck.minimize(p.on(slice(None)), p.start, ck.optim.GradientDescent(lr=lr), steps=60)
    run = p.above(path.thetas)
    curve = p.descent(lr, np.arange(61))
    np.testing.assert_allclose(curve, np.minimum(run, 10 * LOST), rtol=1e-6, atol=1e-24)
    if lr < 2:
        target = 10.5 * run[-1]
        assert p.steps_to(target, lr) == np.flatnonzero(run <= target)[0]
    else:
        assert p.steps_to(1e-3, lr) == np.inf


def test_the_safe_rate_is_safe_and_three_times_as_much_is_not():
    p = problem(TWIN, 1.58, 0.0)
    for batch in (1, 10, 100):
        runs = [
            list(big_problem.sgd(p, k * p.safe_rate(batch), batch, 3, "replacement", 0))[-1]
            for k in (1, 3)
        ]
        assert not runs[0].lost and runs[0].above[-1] < 1e-10 and runs[1].lost
    assert p.safe_rate(p.m) == 1


def test_the_cloud_is_as_wide_as_all_batches_of_an_epoch():
    p, batch = problem(TWIN, 3.0, 0.3), 20
    w = p.start
    g = p.on(slice(None)).grad(w)
    errors = [
        np.sum((p.on(rows).grad(w) - g) ** 2)
        for seed in range(5)
        for rows in ck.minibatches(p.m, batch, rng=seed)
    ]
    cloud = p.cloud(w, batch)
    assert cloud.noise == pytest.approx(np.sqrt(np.mean(errors)), rel=0.03)
    assert cloud.length == pytest.approx(np.linalg.norm(g))
    assert cloud.dots[:, 0].mean() == pytest.approx(cloud.length, rel=0.1)
    assert np.mean(cloud.dots[:, 1] ** 2) < 1.1 * cloud.noise**2
    whole = p.cloud(w, p.m)  # all rows: no noise left
    assert whole.noise == 0 and whole.dots == pytest.approx(np.array([[whole.length, 0]]), abs=1e-7)
    quarter = p.cloud(w, 4 * batch).noise / cloud.noise
    assert quarter == pytest.approx(0.5 * np.sqrt((2000 - 80) / (2000 - 20)), rel=1e-9)


# --- what the slides say -------------------------------------------------------------------------
def test_three_bullets_by_three_axes(demo):
    """By iteration GD is faster, by epoch SGD; the third, equal cost, is true of flops alone."""
    steps, epochs, _ = demo.compute().table
    assert steps[0] < steps[1] / 10 and epochs[1] < epochs[0] / 5
    one, ten, hundred, gd = (big_problem.seconds(b) * FULL[0] / b for b in (1, 10, 100, FULL[0]))
    assert one > ten > hundred and one > gd


def test_how_many_steps_an_epoch_is_worth_depends_on_the_condition(demo):
    round_, narrow = demo.compute(), demo.compute(condition=10.8)  # 117 = 10.8^2 for the Hessian
    assert 4 <= round_.worth <= 8 and narrow.worth > 30
    assert "comes as far as 54 steps of GD" in demo.status(narrow)


def test_random_numbers_have_the_default_condition():
    """The ratio of the singular values of 10,000 x 500 random numbers; and there too, 4 to 8."""
    X = np.random.default_rng(1).standard_normal(FULL) / 100
    s = np.sqrt(np.linalg.eigvalsh(X.T @ X)[[0, -1]])
    assert s[1] / s[0] == pytest.approx(1.58, abs=0.02)
    p = LeastSquares(2000, 100, noise=0.3)  # 3 % of |X w|
    L, trace = p.curvatures[-1], p.curvatures.sum()
    opt, w = ck.optim.SGD(1 / (L + trace / 6.4)), p.start
    state = opt.init(w)
    for rows in p.epoch(8):
        w, state = opt.step(w, state, p.on(rows))
    path = ck.minimize(p.whole, p.start, ck.optim.GradientDescent(1 / L), steps=20).thetas
    assert 4 <= int((p.excess(path) > p.excess(w)).sum()) <= 8


def test_the_floor_is_as_high_as_lr_over_b(demo):
    preset = demo.presets["floor: lr / B"]

    def floor(lr, batch, order="with replacement"):
        changed = {"lr_sgd": lr, "batch_size": batch, "order": order, "epochs": 6}
        return demo.compute(**preset | changed).floor

    assert floor(0.02, 20) == pytest.approx(2 * floor(0.01, 20), rel=0.15)
    assert floor(0.02, 20) == pytest.approx(floor(0.01, 10), rel=0.1)
    assert floor(0.005, 20, "each epoch") < 0.5 * floor(0.005, 20)  # shuffled rows cancel


def test_presets_do_what_they_are_called(demo):
    r = {name: demo.compute(**values) for name, values in demo.presets.items()}
    assert all(map(sound, r.values()))
    assert [r[f"by {name}"].values["axis"] for name in ("epochs", "steps", "the clock")] == [
        "epochs", "steps", "seconds",
    ]  # fmt: skip
    assert 3 < r["by epochs"].crossing < 6
    steps, epochs, seconds = r["by the clock"].table
    assert epochs[1] < epochs[0] and steps[0] < steps[1]
    costs = big_problem.seconds(FULL[0]), big_problem.seconds(1)
    assert seconds == pytest.approx([n * cost for n, cost in zip(steps, costs, strict=True)])
    assert r["high accuracy"].needed == (11, np.inf)
    assert r["no noise"].sgd.above[-1] < 1e-25
    never, target = r["never shuffled"], 0.1
    once = demo.compute(**demo.presets["never shuffled"] | {"order": "once"})
    assert once.floor < target < never.floor


# --- the demo ------------------------------------------------------------------------------------
@pytest.mark.parametrize("values", [{}, {"condition": 10.0}, {"batch_size": 5}, {"noise": 0.3}])
def test_the_twin_is_a_fair_preview(demo, values, monkeypatch):
    monkeypatch.setattr(big_problem, "GLANCE", 10.0)  # however busy this machine is
    first, *_, last = demo._results(demo.complete(values | {"epochs": 2, "seed": 3}))
    assert first.twin is not None and last.twin is None
    assert first.gd[1] == pytest.approx(last.gd[1])
    x = np.linspace(0.1, first.twin.epochs[-1], 10)
    apart = np.interp(x, first.twin.epochs, np.log(first.twin.above)) - np.interp(
        x, last.sgd.epochs, np.log(last.sgd.above)
    )
    assert np.abs(apart).max() < np.log(3)


def test_what_is_known_is_not_run_again(demo, monkeypatch):
    demo.compute()
    monkeypatch.setattr(big_problem, "sgd", lambda *args: pytest.fail("it ran again"))
    for values in ({"target": 1e-5}, {"axis": "steps"}, {"t": 30}, {"lr_sgd": 1.0}):
        assert len(list(demo._results(demo.complete(values)))) == 1


def test_divergence_is_said_in_words(demo):
    r = demo.compute(rates="own", lr_gd=2.5, lr_sgd=1.0)
    assert r.sgd.lost and r.sgd.above[-1] >= LOST and sound(r)
    said = demo.status(r)
    assert "GD diverges at lr × L = 2.5: the limit is 2" in said
    assert "SGD diverges after" in said and "times the safe one for batches of 32" in said


def test_time_shows_the_past_alone(demo):
    early, late = demo.compute(t=20), demo.compute(t=100)
    demo.draw(early)
    assert demo.losses.sgd.get_xdata()[-1] <= 2 and demo.losses.gd.get_xdata()[-1] == 2
    assert demo.losses.ahead[1].get_xdata()[-1] == 10 and not demo.losses.reached[0].get_xdata()
    demo.draw(late)
    assert demo.losses.sgd.get_xdata()[-1] == 10 and demo.losses.reached[0].get_xdata() == [5]
    start = demo.compute(t=0).cloud
    assert start.noise / start.length < 4 < 5 < late.cloud.noise / late.cloud.length


def test_no_control_has_axes_drawn_again(demo):
    demo._picture(demo.compute())
    drawn = demo.canvas.backgrounds
    for values in ({"target": 1e-9}, {"epochs": 3}, {"axis": "steps"}, {"axis": "seconds"}):
        demo._picture(demo.compute(**values), fine=False)
    assert demo.canvas.backgrounds == drawn


def test_gradient_descent_passes_nobody_before_its_first_step_is_over(demo):
    r = demo.compute(axis="seconds", batch_size=1, epochs=1)
    for step in np.geomspace(5e-6, 5e-5, 80):  # of SGD, in seconds; one of GD takes 0.01
        found = replace(r, costs=(0.01, float(step)))
        assert found.crossing >= 0.01
