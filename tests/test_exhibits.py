"""Each exhibit fails the way it is said to, and the right version does not."""

import re

import numpy as np
import pytest
from matplotlib.mathtext import MathTextParser

import coursekit as ck
from coursekit import exhibits
from coursekit.exhibits import E10, E12, E13, E30, E42, E43, E60, EXHIBITS, StaleMomentum
from coursekit.optim import GradientDescent, Momentum, Nesterov


def errors(opt, curvature, steps):
    """|theta| along a run on curvature x^2 / 2 from 1."""
    f = ck.Objective(
        value=lambda x: curvature * x[..., 0] ** 2 / 2, grad=lambda x: curvature * x, batched=True
    )
    return np.abs(ck.minimize(f, np.array([1.0]), opt, steps=steps).thetas[:, 0])


# Where each method loses its stability, lr times curvature.
LIMITS = [
    ("stale", lambda lr, mu: StaleMomentum(lr, mu), lambda mu: 1 - mu),
    ("momentum", lambda lr, mu: Momentum(lr, mu), lambda mu: 2 * (1 + mu)),
    ("heavy ball", lambda lr, mu: exhibits.HeavyBall(lr, mu), lambda mu: 2 * (1 + mu)),
    ("ema", lambda lr, mu: Momentum(lr, mu, style="ema"), lambda mu: 2 * (1 + mu) / (1 - mu)),
    ("nesterov", lambda lr, mu: Nesterov(lr, mu, lookahead=True),
     lambda mu: (2 + 2 * mu) / (1 + 2 * mu)),
    ("stored ahead", lambda lr, mu: Nesterov(lr, mu), lambda mu: (2 + 2 * mu) / (1 + 2 * mu)),
    ("descent", lambda lr, mu: GradientDescent(lr), lambda mu: 2.0),
]  # fmt: skip


@pytest.mark.parametrize("mu", [0.9, 0.99])
@pytest.mark.parametrize("make, limit", [row[1:] for row in LIMITS], ids=[r[0] for r in LIMITS])
def test_limits_of_stability(make, limit, mu):
    steps, curvature = round(100 / (1 - mu)), 4.0
    for share, grows in ((0.99, False), (1.01, True)):
        lr = share * limit(mu) / curvature
        path = errors(make(lr, mu), curvature, steps)
        early, late = path[len(path) // 4 : len(path) // 2].max(), path[len(path) * 3 // 4 :].max()
        assert (late > early) == grows
        assert (exhibits.spectral_radius(make(lr, mu), curvature) > 1) == grows
    high = 2 * limit(mu)
    found = exhibits.stability_limit(lambda lr: make(lr, mu), high)
    assert found == pytest.approx(limit(mu), rel=1e-6)


def test_e10_a_step_one_step_late():
    numbers = E10.numbers()
    assert numbers["limit as printed, mu=0.9"] == pytest.approx(0.1, rel=1e-6)
    assert numbers["limit, mu=0.9"] == pytest.approx(3.8, rel=1e-6)
    assert numbers["limit as printed, mu=0.99"] == pytest.approx(0.01, rel=1e-6)
    assert numbers["limit, mu=0.99"] == pytest.approx(3.98, rel=1e-6)
    # The printed formula is momentum whose gradient is that of the point before.
    f, lr, mu = ck.landscapes.elongated(4.0), 0.02, 0.9
    x = [np.array(exhibits.START)] * 2
    u = np.zeros(2)
    for _ in range(20):
        u, late = mu * u + f.grad(x[-1]), u
        x.append(x[-1] - lr * late)
    np.testing.assert_allclose(E10.run(lr, mu, 20).says.theta, x[-1], rtol=1e-12)
    pair = E10.run(lr=0.05)
    assert np.linalg.norm(pair.says.theta) > 100 > 1 > np.linalg.norm(pair.right.theta)


def test_e12_e13_rates():
    claimed = E12.numbers()
    assert claimed["slope as printed"] == pytest.approx(-1, abs=1e-9)
    assert claimed["slope of Nesterov"] == pytest.approx(-2, abs=0.15)
    assert claimed["slope of gradient descent"] == pytest.approx(-1, abs=0.05)
    sgd = E13.numbers()
    assert sgd["slope of gradient descent"] == pytest.approx(-1, abs=0.05)
    assert sgd["slope of SGD, steps 1/sqrt(k)"] == pytest.approx(-0.5, abs=0.1)
    assert sgd["slope of SGD, steps 1/k"] == pytest.approx(-1, abs=0.1)
    says, right = E12.run()
    assert says[1] == right[1] and says[-1] > 5 * right[-1]


def test_slope_finds_the_power():
    k = np.arange(1, 200)
    assert exhibits.slope(np.r_[1.0, 3 / k**1.5], 20) == pytest.approx(-1.5, abs=1e-12)


def test_e30_an_average_is_ten_times_shorter():
    numbers = E30.numbers()
    assert numbers["usual step / printed step"] == pytest.approx(10, rel=1e-9)
    assert numbers["difference from lr (1 - beta)"] < 1e-14


def test_e42_the_stored_point():
    numbers = E42.numbers()
    assert numbers["difference from theta + mu u"] < 1e-14
    assert numbers["difference from theta"] == pytest.approx(0.387, abs=5e-4)


def test_e43_coasting_after_a_drop():
    numbers = E43.numbers()
    assert numbers["norm at step 40, lr inside"] == pytest.approx(3.70, abs=0.005)
    assert numbers["norm at step 40, lr outside"] == pytest.approx(0.53, abs=0.005)
    assert numbers["difference without a drop"] < 1e-14


def test_e60_nesterov_has_the_smaller_range():
    numbers = E60.numbers()
    assert numbers["limit of Nesterov, mu=0.9"] == pytest.approx(3.8 / 2.8, rel=1e-6)
    assert numbers["limit of momentum, mu=0.9"] == pytest.approx(3.8, rel=1e-6)
    assert numbers["limit of gradient descent"] == pytest.approx(2, rel=1e-6)
    for mu, diverges in ((0.3, False), (0.37, True), (0.9, True)):
        says, right = E60.run(momentum=mu, steps=400)
        assert (abs(says.thetas[-1, 0]) > 1) == diverges
        assert abs(right.theta[0]) < 0.01


def test_three_ways_to_write_the_same():
    f = ck.landscapes.elongated(4.0)
    opts = (
        exhibits.HeavyBall(0.02, 0.9), exhibits.FractionOfUpdate(0.02, 0.9),
        Momentum(0.02, 0.9, style="velocity"),
    )  # fmt: skip
    first, *others = (ck.minimize(f, np.array(exhibits.START), opt, 60).thetas for opt in opts)
    for other in others:
        np.testing.assert_allclose(other, first, rtol=0, atol=1e-13)


# Rows of the list of errata that are a matter of words, names, symbols or links.
WORDS = {"E27", "E28", "E33", "E37", "E39", "E59"}


def test_every_erratum_that_can_be_run_is_an_exhibit():
    assert list(EXHIBITS) == sorted({f"E{i:02d}" for i in range(1, 61)} - WORDS)


def test_formulas_can_be_typeset():
    parser = MathTextParser("path")
    for exhibit in EXHIBITS.values():
        for formula in (exhibit.says, exhibit.right):
            assert parser.parse(f"${formula}$").width > 0
            assert formula.count("(") == formula.count(")"), formula
        assert not re.search(r"  |[\\$]", exhibit.title + exhibit.shows + exhibit.source)


@pytest.mark.parametrize("exhibit", EXHIBITS.values(), ids=list(EXHIBITS))
def test_every_exhibit_is_complete(exhibit):
    assert EXHIBITS[exhibit.id] is exhibit is getattr(ck.exhibits, exhibit.id)
    assert all((exhibit.title, exhibit.source, exhibit.says, exhibit.right, exhibit.shows))
    assert not any(number in exhibit.source for number in ("000", "001", "002", "003", "004"))
    assert all(np.isfinite(v) for v in exhibit.numbers().values())
    assert len(exhibit.run()) == 2


def test_nothing_printed_wrongly_is_offered_as_an_optimizer():
    printed = {
        name
        for name in exhibits.__all__
        if isinstance(getattr(exhibits, name), type)
        and issubclass(getattr(exhibits, name), ck.optim.Optimizer)
    }
    assert len(printed) == 9 and not printed & set(dir(ck.optim))
