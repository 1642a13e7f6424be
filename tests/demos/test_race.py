"""The demo `race`: honest learning rates, paths by `opt.step` alone, calm divergence."""

import io
import time

import numpy as np
import pytest
from PIL import Image

import coursekit as ck
from coursekit.demos import walks
from coursekit.demos.race import Race, runs
from coursekit.demos.race.runs import RACERS
from coursekit.demos.tracks import TITLES, Track
from coursekit.demos.walks import RATES


@pytest.fixture(scope="module")
def demo():
    demo = Race(sync=True)
    assert demo.panel  # as in a notebook
    return demo


def sound(result):
    """Points are finite up to where a walk is declared lost."""
    for run in result.runs.values():
        if not np.isfinite(run.points[: run.end + 1]).all() or np.isnan(run.above).any():
            return False
    return result.done and set(result.ends) == set(result.runs)


# --- paths ---------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", RACERS)
def test_a_path_is_what_minimize_finds(demo, name):
    result = demo.compute(optimizers=(name,), lr=0.001, landscape="himmelblau", steps=40)
    path = ck.minimize(ck.landscapes.himmelblau(), [0.0, 0.0], RACERS[name](lr=0.001), steps=40)
    np.testing.assert_allclose(result.runs[name].points, path.thetas, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(result.runs[name].above, path.values, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", RACERS)
def test_the_sweep_in_one_walk_equals_25_walks(name):
    f = ck.landscapes.elongated(kappa=30)
    z = walks.disturbances(0.1, 0, 30)
    points, above = walks.sweep(RACERS[name], f, f.start, 30, z)
    one_by_one = [walks.walk(RACERS[name](lr=lr), f, f.start, 30, z) for lr in RATES]
    np.testing.assert_allclose(points, np.stack(one_by_one, axis=1), rtol=1e-9)
    heights = [walks.heights(f, path) for path in one_by_one]
    np.testing.assert_allclose(above, np.stack(heights, axis=1), rtol=1e-9)
    assert above.shape == (31, 25)


def test_every_elementwise_method_of_the_table_may_run():
    table = {row.optimizer.__name__ for row in ck.optim.table.__globals__["ROWS"]}
    assert {"GradientDescent", "Momentum", "Nesterov", "Adam"} <= set(RACERS) < table
    f = ck.landscapes.beale()
    for kind in RACERS.values():  # 25 rates at once
        assert walks.sweep(kind, f, f.start, 3)[0].shape == (4, 25, 2)


def test_noise_is_drawn_before_the_race_and_the_same_for_all(demo):
    z = walks.disturbances(2.0, 1, 50)
    np.testing.assert_array_equal(walks.disturbances(2.0, 1, 80)[:50], z)
    np.testing.assert_array_equal(walks.disturbances(1.0, 1, 50) * 2, z)
    f = ck.landscapes.elongated(kappa=20)
    theta = f.start
    for k in range(50):
        theta = theta - 0.01 * (f.grad(theta) + z[k])
    demo_z = walks.disturbances(3.0, 1, 50)
    result = demo.compute(landscape="elongated", kappa=20.0, noise=3.0, seed=1, steps=50, lr=0.01)
    run = result.runs["GradientDescent"]
    theta = f.start
    for k in range(50):
        theta = theta - 0.01 * (f.grad(theta) + demo_z[k])
    np.testing.assert_allclose(run.points[-1], theta, rtol=1e-12)
    assert walks.disturbances(0.0, 1, 50) is None


def test_only_what_changed_is_walked_again(monkeypatch):
    walked, fans = runs._walked, runs._walked_fan
    demo = Race(sync=True)
    walked.cache_clear(), fans.cache_clear()

    def misses():
        return walked.cache_info().misses, fans.cache_info().misses

    demo.compute(mode="own")
    assert misses() == (4, 4)
    demo.compute(mode="own", lr_Adam=0.5)  # every rate of the slider has been walked by now
    demo.compute(mode="own", lr_Adam=0.5, t=17)
    demo.compute(mode="own", kappa=50.0, seed=4)  # neither matters to Beale without noise
    demo.compute(mode="own", steps=130)  # they have come further already
    assert misses() == (4, 4)
    demo.compute(mode="own", lr_Adam=0.501)  # typed
    assert misses() == (5, 4)
    demo.compute(mode="own", across=0.1)
    assert misses() == (9, 8)


def test_what_begins_a_longer_walk_is_a_shorter_one(demo):
    at = {"noise": 0.1, "landscape": "himmelblau", "mode": "best"}
    fresh = demo.compute(**at, steps=70)
    for name, run in fresh.runs.items():
        path = walks.walk(
            RACERS[name](lr=run.lr), fresh.place.track.f, fresh.place.start, 70,
            walks.disturbances(0.1, 0, 70),
        )  # fmt: skip
        np.testing.assert_allclose(run.points, path, rtol=1e-9, atol=1e-12)
        assert len(run.above) == 71 and fresh.ends[name].min() == run.above[-1]


@pytest.mark.parametrize("landscape", TITLES)
def test_a_rate_of_the_slider_looks_the_same_with_and_without_the_fan(demo, landscape):
    """One picture for one setting, whatever the hand did before."""
    for lr in (1e-4, 0.1):
        demo._fans.clear()
        fresh = demo.compute(landscape=landscape, steps=60, lr=lr)  # walked alone, then the fan
        again = demo.compute(landscape=landscape, steps=60, lr=lr)  # from the fan
        for name, run in fresh.runs.items():
            np.testing.assert_allclose(again.runs[name].points, run.points, rtol=1e-9, atol=1e-9)
            np.testing.assert_allclose(again.runs[name].above, run.above, rtol=1e-9, atol=1e-9)


# --- what the race teaches -----------------------------------------------------------------------
def test_with_its_best_rate_momentum_beats_gradient_descent_on_a_narrow_valley(demo):
    result = demo.compute(**demo.presets["narrow valley"])
    gd, momentum = result.runs["GradientDescent"], result.runs["Momentum"]
    assert momentum.above[-1] < 1e-3 * gd.above[-1]
    # 2 / (lambda_min + lambda_max) = 2 / (2 + 1000) = 0.001996; the best of 25 lies next to it
    assert gd.lr == 0.0018


def test_the_best_rate_is_the_best(demo):
    result = demo.compute(mode="best")
    for name, run in result.runs.items():
        assert run.lr in RATES
        assert run.above[-1] == pytest.approx(result.ends[name].min(), rel=1e-6)
        for worse in (run.lr / 3.2, run.lr * 3.2):
            other = demo.compute(mode="own", optimizers=(name,), **{f"lr_{name}": worse})
            assert not other.runs[name].above[-1] < run.above[-1]


def test_a_rotation_changes_adam_alone(demo):
    upright, turned = (demo.compute(**demo.presets[n]) for n in ("narrow valley", "rotate 45°"))
    for name in ("GradientDescent", "Momentum", "Nesterov"):
        np.testing.assert_allclose(
            turned.runs[name].above, upright.runs[name].above, rtol=1e-6, atol=1e-9
        )
    assert turned.runs["Adam"].above[-1] > 1e3 * upright.runs["Adam"].above[-1]
    assert upright.order()[0] == "Adam" and turned.order()[0] == "Momentum"


def test_fair_tuning_changes_the_order_of_the_famous_race(demo):
    famous, fair = (demo.compute(**demo.presets[n]) for n in ("the famous race", "tuned fairly"))
    assert famous.order()[-1] == "Adam" and fair.order()[-1] == "GradientDescent"
    assert fair.order().index("Adam") < 2


def test_at_the_saddle_gradient_descent_waits(demo):
    result = demo.compute(**demo.presets["saddle: who escapes"])
    above = {name: run.above[-1] for name, run in result.runs.items()}
    assert above["GradientDescent"] > 0.3
    assert all(above[name] < 0.02 for name in ("Momentum", "Nesterov", "Adam"))


# --- divergence ----------------------------------------------------------------------------------
def test_divergence_is_declared_at_its_step_and_stays(demo):
    result = demo.compute(landscape="elongated", lr=0.1)  # curvature 40: the limit is 0.05
    run = result.runs["GradientDescent"]
    assert np.isinf(run.above[run.end + 1 :]).all() and run.above[run.end] < walks.LOST
    # |1 - 0.1 * 40| = 3, from 20: 9^k * 20 > 1e8 from step 8 on
    assert run.end == 7
    assert "Diverged: Gradient descent at step 8" in demo.status(result)
    before = result._replace(t=7)
    assert not run.lost(7) and "Gradient descent at step" not in demo.status(before)
    for r in (result, before):
        Image.open(io.BytesIO(demo._picture(r))).verify()


def test_all_may_be_lost_and_none_may_race(demo):
    lost = demo.compute(landscape="rosenbrock", lr=10.0, optimizers=("Momentum", "Nesterov"))
    assert lost.order() == [] and demo.status(lost).startswith("Diverged: Momentum at step ")
    nobody = demo.compute(optimizers=())
    assert demo.status(nobody) == "Choose at least one optimizer."
    for result in (lost, nobody):
        demo._picture(result)
        assert demo.describe(result)


# --- the start -----------------------------------------------------------------------------------
@pytest.mark.parametrize("landscape", TITLES)
def test_the_start_reaches_from_edge_to_edge_and_turns_with_the_landscape(landscape):
    for angle in (0, 45, -90):
        track = Track(landscape, angle=angle)
        f = getattr(ck.landscapes, landscape)()
        f = f.rotated(np.radians(angle))
        np.testing.assert_allclose(track.start(0.0, 0.0), f.start, atol=1e-12)
        for at in ((0.3, -0.7), (-1.0, 1.0), (1.0, -1.0)):
            back = track.where(track.start(*at))
            assert (back["across"], back["up"]) == pytest.approx(at, abs=1e-9)
    flat = Track(landscape)
    low, high = flat.start(-1, -1), flat.start(1, 1)
    assert (low < high).all()
    if landscape != "beale":  # seen from nearer by
        np.testing.assert_allclose([low, high], np.transpose(f.bounds))


def test_the_pointer_moves_the_start(demo):
    demo.reset()
    demo.set(angle=30)
    area = demo.canvas.areas[0]
    left, top, right, bottom = area.box
    assert 0 <= left < right <= 1 and 0 <= top < bottom <= 1
    demo.point(0, (left + right) / 2 + 0.02, (top + bottom) / 2 + 0.03)
    ax = demo.canvas.figure.axes[0]
    dot = ax.transData.transform(np.ravel(demo.start.get_data()))
    width, height = demo.canvas.figure.bbox.size
    assert dot[0] / width == pytest.approx((left + right) / 2 + 0.02, abs=0.005)
    assert 1 - dot[1] / height == pytest.approx((top + bottom) / 2 + 0.03, abs=0.005)
    assert demo.controls["across"].value == demo.values["across"]
    demo.point(0, -3.0, 9.0)  # dragged off the picture: to the nearest place
    assert abs(demo.values["across"]) <= 1 and abs(demo.values["up"]) <= 1
    demo.reset()


def test_a_page_that_reports_the_pointer_moves_the_start_and_one_without_does_without(
    demo, monkeypatch
):
    demo.reset()
    widget = demo.panel.page
    left, top, right, bottom = widget.areas[0]
    widget.at = [0, left + 0.1 * (right - left), (top + bottom) / 2]
    assert demo.values["across"] < -0.5
    widget.at = [0, right, bottom]
    assert demo.values["across"] == 1 and demo.values["up"] == -1
    demo.reset()
    monkeypatch.setattr("coursekit.demos.page.anywidget", None)
    bare = Race(sync=True, steps=10)
    assert bare.panel.page is None
    bare.controls["across"].value = 0.5
    assert bare.result.place.start[0] > 1


# --- controls ------------------------------------------------------------------------------------
def test_own_rates_reach_both_ends_in_noise(demo):
    own = {"mode": "own", "landscape": "elongated", "noise": 1.0, "steps": 20}
    for name in RACERS:
        for lr in (RATES[0], RATES[-1]):
            demo.set(**demo.complete({**own, "optimizers": (name,), f"lr_{name}": lr}))
            assert sound(demo.result) and demo.result.runs[name].lr == lr
    demo.reset()


def test_own_sliders_are_there_when_they_act(demo):
    demo.reset()
    shown = {n for n in RACERS if demo.controls[f"lr_{n}"].layout.display is None}
    assert not shown and demo.controls["lr"].layout.display is None
    demo.set(mode="own", optimizers=("Adam", "Momentum"))
    shown = {n for n in RACERS if demo.controls[f"lr_{n}"].layout.display is None}
    assert shown == {"Adam", "Momentum"} and demo.controls["lr"].layout.display == "none"
    assert demo.values["lr_Adam"] == ck.optim.Adam().lr  # each starts at its optimizer's default
    demo.reset()


# --- words and pictures --------------------------------------------------------------------------
def test_words_say_who_is_ahead_and_by_how_much(demo):
    result = demo.compute()
    order = result.order()
    assert demo.status(result).startswith(f"After 200 steps {order[0]} is lowest, ")
    assert ck.demos.race().alt() == demo.describe(result)
    said = demo.describe(result)
    assert "Beale's function: 4 paths from (1, 1) over contours; learning rate 0.01 for all" in said
    best = walks.best(result.ends["Adam"])
    assert "The best of 25 rates after 200 steps: Gradient descent 0.032, " in said
    assert said.endswith(f"Adam {best}.")
    turned = demo.alt(angle=20, noise=0.1, landscape="elongated")
    assert "kappa 20, turned by 20 degrees" in turned and "noise 0.1" in turned
    assert "learning rates, each its best of 25: Gradient descent 0.032" in demo.alt(mode="best")


def test_until_it_is_known_what_rates_would_do_the_old_curves_are_faint():
    demo = Race(sync=True, lr=0.02)
    demo.image(lr=0.02)
    ends = demo.losses.ends["Adam"]
    old = ends.behind.get_xydata()
    first, *_, last = list(demo._results(demo.complete({"across": 0.2, "lr": 0.02})))
    demo._picture(first, fine=False)
    assert len(ends.behind.get_xydata()) == 1 and ends.ahead.get_visible()
    assert set(ends.ahead.get_ydata()) < set(old[:, 1])
    end = np.clip(first.runs["Adam"].above[-1], *demo.losses.limits)
    assert np.ravel(ends.head.get_data()) == pytest.approx((0.02, end))
    demo._picture(last, fine=False)
    assert len(ends.behind.get_xydata()) == len(old) and not ends.ahead.get_visible()


def test_nobody_is_called_lowest_who_is_not(demo):
    start = demo.compute(t=0)
    assert demo.status(start) == (
        "After 0 steps Gradient descent, Momentum, Nesterov and Adam are 14.2 above the minimum."
    )
    equal = demo.compute(optimizers=("Adam", "AMSGrad", "Momentum"), steps=20, lr=0.001)
    said = demo.status(equal)
    assert said.startswith("After 20 steps Momentum is lowest") and said.count("; ") == 1
    pair = equal._replace(runs={n: r for n, r in equal.runs.items() if n != "Momentum"})
    assert demo.status(pair).startswith("After 20 steps Adam and AMSGrad are ")
    alone = demo.compute(optimizers=("Adam",), steps=20)
    said = demo.status(alone)
    assert said.startswith("After 20 steps Adam is ") and "lowest" not in said


def test_scrubbing_moves_the_heads_along_the_paths(demo):
    demo.reset()
    for t in (0, 50, 200):
        demo.set(t=t)
        run = demo.result.runs["Adam"]
        x, y = np.ravel(demo.losses.curves["Adam"].head.get_data())
        assert (x, y) == pytest.approx((t, run.above[t]))
        place = np.ravel(demo.trails["Adam"].head.get_data())
        start = np.ravel(demo.start.get_data())
        gone = (run.points[t] - run.points[0]) / demo.map.unit
        np.testing.assert_allclose(place - start, gone, atol=1e-12)
        assert len(demo.trails["Adam"].behind.get_xdata()) == t + 1
    demo.reset()


def test_the_strip_runs_through_the_rate_in_use(demo):
    result = demo.compute(lr=0.02)
    demo.draw(result)
    for name, run in result.runs.items():
        ends = demo.losses.ends[name]
        end = np.clip(run.above[-1], *demo.losses.limits)
        assert np.ravel(ends.head.get_data()) == pytest.approx((0.02, end))
        assert 0.02 in ends.behind.get_xdata()


def test_dragging_draws_no_axis_anew(demo):
    """Limits and ticks move as curves do: redrawing axes takes longer than the rest of a frame."""
    demo.draw(demo.compute())
    demo.canvas.jpeg()
    drawn = demo.canvas.backgrounds
    for values in (
        {"steps": 30}, {"steps": 500}, {"angle": 45}, {"across": 0.3}, {"up": -0.8}, {"t": 30},
        {"lr": 1e-5}, {"lr": 10.0}, {"noise": 10.0}, {"optimizers": ()}, {"mode": "best"},
        *({"landscape": name} for name in TITLES),
    ):  # fmt: skip
        demo.draw(demo.compute(**values))
        demo.canvas.jpeg()
    assert demo.canvas.backgrounds == drawn


def test_a_race_arrives_in_slices_that_end_where_compute_ends():
    demo = Race(steps=500, seed=7, noise=0.01, across=0.03)
    *_, last = seen = list(demo._results(demo.values))
    assert [r.done for r in seen] == [False] * (len(seen) - 1) + [True]
    for r in seen:
        assert set(r.runs) == set(last.runs)  # paths come first, then what rates would do
        demo._picture(r, fine=False)
    whole = demo.compute(**demo.values)
    for name in last.ends:
        np.testing.assert_array_equal(last.ends[name], whole.ends[name])


def test_paths_follow_a_hand_and_what_rates_would_do_waits_for_it_to_pause(monkeypatch):
    demo = Race(steps=500)
    seen = []
    monkeypatch.setattr(demo, "_picture", lambda r, theme=None, fine=True: seen.append(r) or b"")
    for k in range(4):  # a hand that gives every frame just the time to appear
        shown = len(seen)
        demo.set(across=0.31 + k / 100)
        while len(seen) == shown:
            time.sleep(0.001)
    assert demo.wait(30) and demo.error is None
    dragged = [r for r in seen if r.place.across < seen[-1].place.across]
    assert len(dragged) == 3 and all(r.runs and not r.ends for r in dragged)
    assert seen[-1].done and set(seen[-1].ends) == set(seen[-1].runs)


def test_a_hand_on_tuned_racers_sees_all_of_them_at_once():
    demo = Race(mode="best", steps=500)
    demo.compute(**demo.values)
    before = demo.compute(**demo.values).runs
    first, *_, last = list(demo._results(demo.complete({"across": 0.41}, demo.values)))
    assert set(first.runs) == set(last.runs) and not first.done
    assert {n: run.lr for n, run in first.runs.items()} == {n: run.lr for n, run in before.items()}
    fresh = Race().compute(mode="best", steps=500, across=0.41)
    assert {n: run.lr for n, run in last.runs.items()} == {
        n: run.lr for n, run in fresh.runs.items()
    }


@pytest.mark.parametrize("projector", [False, True])
@pytest.mark.parametrize("racers", [4, 6, 8])
def test_every_rate_is_named_within_the_picture(racers, projector):
    demo = Race(sync=True, projector=projector, steps=20, optimizers=tuple(RACERS)[:racers])
    demo.image(**demo.values)
    words = demo.losses.used.words
    data = demo.losses.used.axes.transData
    at = [data.transform(place)[1] for label in words.values() for place, _ in label._words]
    half = 0.5 * demo.theme.sizes.label * demo.canvas.figure.dpi / 72
    assert len(at) == racers and min(at) > half
