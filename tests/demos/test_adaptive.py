"""The demo `adaptive`: what it shows against closed forms, published numbers and plain loops."""

import dataclasses

import numpy as np
import pytest

import coursekit as ck
from coursekit import exhibits
from coursekit.demos.adaptive import NAMED, VIEWS, Adaptive, breaker, norm, window
from coursekit.demos.adaptive.bait import own
from coursekit.demos.adaptive.view import above, decades, small
from coursekit.demos.adaptive.walk import LOST, Walk, walked
from coursekit.demos.worker import Pace

FUEL, WINDOW, UNITS, NORM, BREAKER, ONLINE, BAIT, UNLIKE = NAMED


@pytest.fixture(scope="module")
def demo():
    return Adaptive(sync=True)


@pytest.fixture
def see(demo):
    return lambda view, **values: demo.compute(view=view, **values)


def sound(result):
    if isinstance(result, breaker.Result):
        return np.isfinite(result.steps).all() and result.longest <= result.most.max() * (1 + 1e-9)
    if isinstance(result, norm.Result):
        return np.isfinite(result.limit).all() and len(result.limit) == norm.STEPS + 1
    if isinstance(result, window.Result):
        bad = not np.isfinite(result.others[-1, 0])
        centred = result.rows if result.centred is None else result.centred
        return np.isfinite([result.rows, centred]).all() and bad == result.lost
    rows = result.rows if isinstance(result.rows, dict) else {"": result.rows}
    return all(np.isfinite(r).all() and len(r) == result.steps + 1 for r in rows.values())


# --- walks ---------------------------------------------------------------------------------------
def test_a_walk_is_the_optimizer_step_by_step():
    f = ck.landscapes.quadratic((10.0, 1.0))
    opt = ck.optim.RMSprop(lr=0.1)
    walk = Walk(opt, np.ones(2), lambda k, x: f.grad(x), lambda x, s: (*x, *s.v))
    slices = len(list(walk.go(1500, Pace(0.0))))
    assert slices > 10 and len(walk.rows(1500)) == 1501
    path = ck.minimize(f, np.ones(2), opt, steps=1500).thetas
    np.testing.assert_array_equal(walk.rows(1500)[:, :2], path)
    assert len(walk.rows(7)) == 8


def test_a_walk_restarts_stays_within_bounds_and_ends_where_it_is_lost():
    def row(x, s):
        return x[0], s.v[0]

    again = Walk(ck.optim.Adagrad(lr=0.1), np.zeros(1), lambda k, x: np.ones(1), row, again=5)
    list(again.go(8, Pace()))
    np.testing.assert_allclose(again.rows(8)[:, 1], [0, 1, 2, 3, 4, 5, 1, 2, 3])
    kept = Walk(ck.optim.Adagrad(lr=1.0), np.zeros(1), lambda k, x: np.ones(1), row, bound=1.5)
    list(kept.go(5, Pace()))
    assert kept.rows(5)[-1, 0] == -1.5
    lost = Walk(ck.optim.SGD(lr=3.0), np.ones(1), lambda k, x: x, lambda x, s: x)
    list(walked([lost], 1000))
    assert lost.lost and abs(lost.rows(1000)[-1, 0]) >= LOST > abs(lost.rows(1000)[-2, 0])


def test_limits_of_axes_are_round():
    assert [above(x) for x in (0.0, 1.0, 1.01, 0.04, np.inf)] == [1.0, 1.0, 1.2, 0.05, 1.0]
    assert decades(np.array([0.02, 3.0])) == (0.01, 100.0)
    assert decades(np.array([np.nan, 0.0])) == (1e-8, 1.0)
    assert small(-1e-20) == "below 1e-12"


# --- Adagrad's fuel ------------------------------------------------------------------------------
def test_on_a_constant_gradient_adagrad_goes_2_lr_sqrt_t(see):
    """Whatever the gradient is: both coordinates, one ten times as steep, go equally far."""
    r = see(FUEL, lr=0.01, steps=10_000)
    x = r.rows["Adagrad"]
    assert abs(x[-1, 0]) == pytest.approx(1.99, abs=0.005)
    exact = 0.01 * np.sum(np.arange(1, 10_001) ** -0.5)
    assert abs(x[-1, 0]) == pytest.approx(exact, rel=1e-9)
    np.testing.assert_allclose(x[:, 0], x[:, 1], rtol=1e-9)
    np.testing.assert_allclose(x[-1, 2:], [1e4, 1e6])
    assert (r.distance("Adagrad")[1:] <= 2 * 0.01 * np.arange(1, 10_001) ** 0.5).all()
    assert r.distance("RMSprop")[-1] == pytest.approx(100, rel=0.01)


def test_after_a_drop_of_the_scale_adagrad_stalls_and_rmsprop_recovers(see, demo):
    v = dict(demo.presets["the scale drops"])
    r = demo.compute(**v)
    ada, rms = (r.distance(n) for n in ("Adagrad", "RMSprop"))
    k = r.change
    assert ada[k] > 0.1 and ada[-1] > 0.85 * ada[k]  # 950 steps for the last 15 per cent
    assert r.rate("RMSprop")[-1] > 500 * r.rate("RMSprop")[k] and rms[-1] < 0.06
    assert r.rate("Adagrad")[-1] <= r.rate("Adagrad")[k]
    again = demo.compute(**v, restart=True)
    assert again.distance("Adagrad")[-1] < 1e-9
    assert "Adagrad restarts" in demo.alt(**v, restart=True)


def test_who_wins_depends_on_the_horizon(demo):
    r = demo.compute(**demo.presets["the long race"])
    ada, rms = (r.distance(n) for n in ("Adagrad", "RMSprop"))
    assert rms[5:10].mean() < ada[5:10].mean()
    assert ada[2000:].mean() < 0.3 * rms[2000:].mean()


# --- RMSProp's window ----------------------------------------------------------------------------
def test_the_weights_are_those_of_the_accumulator(see):
    r = see(WINDOW, gradients="one spike", rho=0.8, beside="nothing", steps=100)
    g = r.rows[61:101, 2]
    rest = 0.8**40 * r.rows[60, 1]
    assert r.weights @ g**2 + rest == pytest.approx(r.rows[100, 1], rel=1e-12)
    assert r.weights.sum() + 0.8**40 == pytest.approx(1)


def test_the_misprint_lives_until_the_gradient_alternates(see, demo):
    e04 = exhibits.E04.numbers()
    for lr in (0.1, 0.01):
        r = see(WINDOW, lr=lr, steps=1000)
        assert r.lost and r.good == e04[f"steps before nan, lr={lr}"]
        assert r.others[-1, 1] < 0 and np.isnan(r.others[-1, 0])
    assert see(WINDOW, gradients="alternating").good == 1
    assert not see(WINDOW, gradients="one spike").lost
    said = demo.status(demo.compute(**demo.presets["a square misprinted"]))
    assert "in step 80, and no root of it" in said
    assert "alive so far" in demo.status(demo.compute(view=WINDOW, t=50))


def test_hintons_ten_batches(demo):
    """0.1 nine times and -0.9 once: the mean is 0. Signs walk away, RMSprop stays about."""
    r = demo.compute(**demo.presets["Hinton's ten batches"])
    drift = [abs(rows[-1, 0] - rows[100, 0]) for rows in (r.rows, r.others)]
    assert drift[0] < 0.05 * drift[1] and drift[1] > 10


# --- Adadelta ------------------------------------------------------------------------------------
@pytest.mark.parametrize("eps", [1e-8, 1e-6, 1e-4])
def test_the_first_step_is_set_by_eps_alone(see, eps):
    for curvature in (1.0, 100.0):
        r = see(UNITS, eps=eps, curvature=curvature, steps=30)
        assert 1 - r.rows[1, 0] == pytest.approx((eps / (1 - r.rho)) ** 0.5, rel=1e-3)


def test_adadelta_settles_below_curvature_2_and_swings_above(see, demo):
    at = {"rho": 0.95, "steps": 3000, "eps": 1e-4}
    early = exhibits.E55.numbers()["swing on 50 x^2, eps=1e-4"]  # after 2000 steps
    assert see(UNITS, curvature=100.0, **at, t=2000).swing == pytest.approx(early)
    stuck = see(UNITS, curvature=100.0, **at)
    assert early < stuck.swing < 1.5 * early  # it still grows
    assert stuck.rate[-1] == pytest.approx(2 / 100, rel=0.01)  # it keeps itself at the limit
    assert see(UNITS, curvature=1.9, **at).swing < 1e-50
    assert see(UNITS, curvature=2.2, **at).swing > 0.05
    assert see(UNITS, curvature=1.0, **at).rate[-1] == pytest.approx(1, rel=1e-3)


def test_the_last_step_alone_explodes(see, demo):
    r = see(UNITS, curvature=100.0, rho=0.95, steps=1000, last_step=True)
    assert r.lost and np.abs(r.rows[:, 0]).max() == 1
    assert "the misprint is lost in step 391" in demo.status(
        demo.compute(**demo.presets["the last step only"])
    )


@pytest.mark.parametrize("c", [0.1, 100.0])
def test_who_minds_the_units(see, c):
    r = see(UNITS, unit=c, steps=30).ratios
    assert r["Newton"] == pytest.approx(1) and r["GD"] == pytest.approx(c**2)
    for name in ("Adagrad", "RMSprop", "Adam", "Adadelta"):
        assert r[name] == pytest.approx(c, rel=1e-3), name
    converted = see(UNITS, unit=c, steps=30, eps_too=True).ratios["Adadelta"]
    assert converted == pytest.approx(1, rel=1e-2)


def test_a_wild_gradient_moves_adadelta_once(see):
    calm, wild = (see(UNITS, wild=w, steps=100).rows[:, 0] for w in (False, True))
    np.testing.assert_array_equal(calm[:51], wild[:51])
    assert abs(np.diff(wild)[50]) < 10 * abs(np.diff(calm)[50])  # of a gradient 1000 times as large


# --- the breaker ---------------------------------------------------------------------------------
def test_the_bounds(see):
    r = see(BREAKER)
    e07 = exhibits.E07.numbers()
    assert r.claimed == pytest.approx(e07["claimed bound"]) == pytest.approx(3.1623, abs=1e-4)
    assert r.bound == pytest.approx(e07["true bound"]) == pytest.approx(7.2703, abs=1e-4)
    assert see(BREAKER, beta1=0.99, beta2=0.9).bound == np.inf


@pytest.mark.parametrize("quiet", [0, 100, 10_000])
def test_no_design_beats_the_best_and_growth_by_beta2_over_beta1_reaches_it(see, quiet):
    rng = np.random.default_rng(0)
    opt = ck.optim.Adam(1.0, eps=0.0)
    best = see(BREAKER, quiet=quiet).most
    for _ in range(20):
        g = rng.standard_normal(30) * 1.11 ** (rng.uniform(0, 2) * np.arange(30))
        tried = exhibits.updates(
            dataclasses.replace(opt, eps=1e-300), np.r_[np.zeros(quiet % 5000), g]
        )
        if quiet < 5000:
            assert (np.abs(tried[-30:, 0]) <= best * (1 + 1e-9)).all()
    grown = see(BREAKER, quiet=quiet, growth=1.11).longest
    assert grown == pytest.approx(best.max(), rel=1e-5)


def test_zeros_before_change_the_count_alone(see):
    r = see(BREAKER, quiet=100, growth=1.3, signs="last one −", spike_at=12, length=25)
    g = np.r_[np.zeros(100), r.gradients]
    plain = -exhibits.updates(ck.optim.Adam(1.0, eps=1e-300), g)[-25:, 0]
    np.testing.assert_allclose(r.steps, plain, rtol=1e-9)


def test_published_numbers_of_the_breaker(see):
    e07 = exhibits.E07.numbers()
    lone = see(BREAKER, quiet=100, length=1).longest
    assert lone == pytest.approx(e07["a lone gradient after 99 zeros"], rel=0.01)
    assert see(BREAKER, quiet=10_000, length=1).longest == pytest.approx(3.162, abs=5e-4)
    assert see(BREAKER, growth=1.11, corrected=False, length=20).longest == pytest.approx(
        7.2, abs=0.05
    )
    assert see(BREAKER, growth=1.11).longest < 1.31  # correction and no silence: no leap
    assert see(BREAKER, signs="alternating", quiet=10_000).longest < 3.17


def test_the_pointer_places_the_spike_and_a_record_is_kept():
    demo = Adaptive(view=BREAKER, sync=True)
    demo.refresh()
    demo._picture(demo.result)
    left, top, right, _ = demo.canvas.areas[0].box
    demo.point(0, left + 0.5 * (right - left), top + 0.02)
    assert demo.values["spike_at"] in (15, 16) and demo.values["spike"] > 100
    demo.set(growth=1.11, quiet=10_000, spike_at=0)
    demo._picture(demo.result)
    demo.set(growth=0.7)
    demo._picture(demo.result)
    view = demo.views[BREAKER]
    assert max(view.records.values()) > 7.2 > demo.result.longest


# --- Reddi ---------------------------------------------------------------------------------------
def test_adam_walks_to_the_worst_point_and_amsgrad_to_the_best(see, demo):
    r = see(ONLINE, steps=3000)
    assert r.at("Adam") == pytest.approx(1) and r.at("AMSGrad") == pytest.approx(-0.999, abs=1e-3)
    plain, slopes = 0.0, np.where(np.arange(3000) % 3 == 0, 3.0, -1.0)
    v = 0.0
    for k, g in enumerate(slopes):
        v = 0.1 * v + 0.9 * g * g
        plain = np.clip(plain - 0.1 / np.sqrt(k + 1) * g / np.sqrt(v), -1, 1)
        assert r.rows["Adam"][k + 1, 0] == pytest.approx(plain, abs=1e-9)
    long = see(ONLINE, steps=3000, memory=0.9)
    assert long.at("Adam") < -0.99
    assert r.moves("Adam").sum() > 0 > r.moves("AMSGrad").sum()
    assert "Adam is at 1 and AMSGrad is at -0.988" in demo.status(
        demo.compute(**demo.presets["Adam walks to +1"])
    )


def test_the_curve_over_beta2_runs_through_the_chosen_one(see):
    r = see(ONLINE, memory=0.5, steps=300)
    from coursekit.demos.adaptive.online import OTHERS

    k = OTHERS.index(0.5)
    assert r.others["Adam"][300, k] == pytest.approx(r.at("Adam"), abs=1e-12)
    assert (np.diff(see(ONLINE, steps=3000).others["Adam"][-1]) < 0.02).all()  # ever better


def test_the_pointer_moves_the_memory():
    demo = Adaptive(view=ONLINE, sync=True)
    demo.refresh()
    demo._picture(demo.result)
    left, top, right, bottom = demo.canvas.areas[0].box
    demo.point(0, left + 0.9 * (right - left), (top + bottom) / 2)
    assert demo.values["memory"] == pytest.approx(0.9, abs=0.01)
    assert demo.result.at("Adam") < -0.5


# --- Wilson --------------------------------------------------------------------------------------
def test_adam_takes_the_bait_and_sgd_does_not(see):
    for positive, seed in ((0.6, 0), (0.75, 3)):
        r = see(BAIT, positive=positive, seed=seed)
        for name in ("SGD", "Adagrad", "Adam"):
            assert r.at(name)[4] == 0  # all of them learn the examples
        assert r.at("SGD")[5] == 0 and own(r.at("SGD")) < 0.1
        for name in ("Adagrad", "Adam"):
            assert r.at(name)[5] == pytest.approx(1 - r.share)
            # Wilson et al., lemma 3.1: every weight is as large as every other
            np.testing.assert_allclose(np.abs(r.at(name)[:4]), 0.25, atol=0.01)


def test_row_by_row_adam_does_not_take_it(see):
    r = see(BAIT, batch="1", lr=0.01, steps=1000)
    assert r.at("Adam")[5] == 0 and own(r.at("Adam")) < 0.3


def test_sgd_finds_the_solution_of_least_length(see):
    from coursekit.demos.adaptive.bait import _data

    X, y, _ = _data(0.6, 40, 0)
    least = np.linalg.pinv(X) @ y
    assert see(BAIT, steps=1000).at("SGD")[0] == pytest.approx(least[0], abs=1e-6)


# --- an odd input --------------------------------------------------------------------------------
def test_the_condition_number_is_the_square_of_the_scale_and_adagrad_does_not_mind(see):
    by_scale = [see(UNLIKE, scale=scale) for scale in (1.0, 10.0, 100.0)]
    conditions = [r.condition for r in by_scale]
    assert conditions[0] < 2  # 20 inputs, a thousand examples: nearly a multiple of the identity
    np.testing.assert_allclose(np.divide(conditions[1:], [1e2, 1e4]), 1.26, atol=0.02)
    left = {name: [r.loss(name) for r in by_scale] for name in ("SGD", "Adagrad", "RMSprop")}
    assert left["SGD"][0] < 1e-12 and left["SGD"][2] > 0.5
    assert max(left["Adagrad"]) < 1e-12 and max(left["RMSprop"]) < 0.01


def test_a_walk_of_sgd_on_all_rows_is_a_power_of_one_matrix(see):
    from coursekit.demos.adaptive.unlike import RATES, _data

    r = see(UNLIKE, scale=10.0, steps=100)
    _, H, true = _data(10.0, 1.0, 0)
    at = r.best("SGD")
    off = np.linalg.matrix_power(np.eye(21) - RATES[at] * H, 100) @ -true
    assert r.loss("SGD") == pytest.approx(off @ H @ off / (true @ H @ true), rel=1e-9)
    shares = 1 + off / true
    np.testing.assert_allclose(r.shares("SGD"), [shares[:-1].mean(), shares[-1]], rtol=1e-9)


def test_a_rare_weight_is_learned_where_the_memory_is_long(demo):
    """RMSprop has forgotten the last rare gradient when the next one comes, unless rho is large."""
    for seed in range(3):
        rare = demo.presets["a rare word"] | {"seed": seed}
        assert demo.compute(**rare, rho=0.999).shares("RMSprop")[1] > 0.9
        r = demo.compute(**rare)
        shares = {name: r.shares(name) for name in ("SGD", "Adagrad", "RMSprop")}
        assert all(abs(share[0] - 1) < 0.05 for share in shares.values())
        assert shares["Adagrad"][1] > 0.9 > 0.7 > max(shares["SGD"][1], shares["RMSprop"][1])


# --- the demo ------------------------------------------------------------------------------------
def test_presets_cover_all_views(demo):
    assert {v["view"] for v in demo.presets.values()} == {view.name for view in VIEWS}
    assert all(sound(demo.compute(**values)) for values in demo.presets.values())


@pytest.mark.parametrize("view", [view.name for view in VIEWS])
def test_few_controls_are_on_the_page(demo, view):
    values = demo.complete({"view": view})
    shown = [p.name for p in demo.params if p.active is None or p.active(values)]
    assert 6 <= len(shown) <= 11 and "view" in shown and "t" in shown  # t has a row of its own
    assert demo.clock.end(values) == {BREAKER: 30, NORM: 100}.get(view, 300)


@pytest.mark.parametrize("view", [view.name for view in VIEWS])
def test_every_control_of_a_view_works_at_both_ends(demo, view):
    values = demo.complete({"view": view})
    for p in demo.params:
        if p.name in ("view", "steps") or (p.active and not p.active(values)):
            continue
        choices = p.choices or ((False, True) if p.kind == "switch" else p.range)
        for value in choices:
            result = demo.compute(view=view, steps=100, **{p.name: value})
            words = demo.status(result) + demo.describe(result)
            assert sound(result) and "not a number" not in words and "infinite" not in words
        demo._picture(result, fine=False)


def test_views_take_turns_in_one_figure(demo):
    figure = demo.canvas.figure
    first = demo.image(view=FUEL)
    demo.image(view=BAIT)
    assert demo.image(view=FUEL) == first and demo.canvas.figure is figure


@pytest.mark.parametrize(
    ("view", "name", "values"),
    [
        (FUEL, "ground", ("bowl", "slope")),
        (WINDOW, "steps", (30, 100)),
        (BREAKER, "corrected", (False, True)),
        (ONLINE, "C", (2.5, 6.0, 10.0)),
        (NORM, "size", (1e-3, 1.0, 100.0)),
        (BAIT, "lr", (0.01, 0.3, 1.0)),
        (UNLIKE, "steps", (30, 100)),
    ],
)
def test_no_control_has_axes_drawn_again(view, name, values):
    demo = Adaptive(view=view, sync=True)
    demo.image(**demo.values)
    before = demo.canvas.backgrounds
    pictures = [demo.image(**{**demo.values, name: value}) for value in values]
    assert demo.canvas.backgrounds == before and len(set(pictures)) == len(values)
