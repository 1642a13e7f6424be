"""Coordinate descent: Gauss-Seidel, the order of coordinates, curvature of any sign."""

import numpy as np
import pytest

import coursekit as ck
from coursekit import backend
from coursekit.optim import CoordinateDescent
from tests.optim.cases import bowl, network, run

START = np.array([1.0, -2.0, 0.5, 3.0])
RULES = ("cyclic", "random", "gauss-southwell")
every_rule = pytest.mark.parametrize("rule", RULES)


def by_hand(rule, seed, f, theta, steps):
    """One number after the other, with the whole Hessian."""
    x = theta.tolist()
    for k in range(steps):
        g, H = f.grad(np.array(x)).tolist(), f.hessian(np.array(x)).tolist()
        if rule == "cyclic":
            i = k % len(x)
        elif rule == "random":
            i = int(backend.rng(seed, k).integers(len(x)))
        else:
            i = max(range(len(x)), key=lambda j: abs(g[j]))
        x[i] -= g[i] / abs(H[i][i])
    return np.array(x)


@every_rule
def test_seven_steps_are_those_by_hand(rule):
    net, theta, _ = network()
    for f, start in [(bowl(batched=False), START), (net, theta)]:
        path, _ = run(CoordinateDescent(rule, seed=5), f, start, 7)
        np.testing.assert_allclose(path[-1], by_hand(rule, 5, f, start, 7), rtol=1e-12)


@every_rule
def test_a_step_moves_one_coordinate_and_asks_twice(rule):
    f = bowl()
    path, _ = run(CoordinateDescent(rule), f, START, 6)
    assert ((path[1:] != path[:-1]).sum(axis=1) == 1).all()
    assert f.counts[:5] == (0, 6, 6, 0, 0)


def test_draws_depend_on_seed_and_step_only():
    opt = CoordinateDescent("random", seed=7)
    path, state = run(opt, bowl(), START, 40)
    moved = (path[1:] != path[:-1]).argmax(axis=1)
    assert set(moved) == {0, 1, 2, 3}
    again = opt.step(START, state._replace(k=17), bowl())[0]
    assert (again != START).argmax() == moved[17]
    other, _ = run(CoordinateDescent("random", seed=8), bowl(), START, 40)
    assert (other != path).any()


def test_gauss_southwell_takes_the_steepest():
    """|g| = (0.5, 8): the second; after its exact step the first."""
    f = ck.landscapes.quadratic(spectrum=(0.5, 4.0))
    path, _ = run(CoordinateDescent("gauss-southwell"), f, np.array([1.0, -2.0]), 2)
    np.testing.assert_array_equal(path, [[1, -2], [1, 0], [0, 0]])


def test_gauss_southwell_is_ahead_of_the_others():
    """Each step gains g_i^2 / 2 h, the most where |g_i| is largest and all h are one."""
    rng = np.random.default_rng(0)
    A = np.eye(12) + 0.08 * np.ones((12, 12)) - np.diag(np.full(12, 0.08))
    f = ck.Objective(value=lambda x: x @ A @ x / 2, grad=lambda x: A @ x, hvp=lambda x, v: A @ v)
    start = rng.normal(size=12) ** 3
    ends = {rule: f.value(run(CoordinateDescent(rule), f, start, 9)[0][-1]) for rule in RULES}
    assert ends["gauss-southwell"] < ends["cyclic"] and ends["gauss-southwell"] < ends["random"]


def test_negative_curvature_leads_down():
    f = ck.landscapes.saddle()  # x^2 - y^2 or the like
    start = np.array([0.3, 0.2])
    H = f.hessian(start)
    assert min(np.diag(H)) < 0 < max(np.diag(H))
    i = int(np.argmin(np.diag(H)))
    path, _ = run(CoordinateDescent(), f, start, 2)
    assert f.value(path[-1]) < f.value(start)
    assert path[-1, i] == pytest.approx(2 * start[i], rel=1e-12)  # away from the maximum


def test_no_curvature_is_a_step_of_minus_g():
    f = ck.Objective(lambda x: np.sum(np.array([3.0, -2.0]) * x))
    path, _ = run(CoordinateDescent(), f, np.zeros(2), 2)
    np.testing.assert_array_equal(path[-1], [-3, 2])


def test_nan_curvature_is_shown():
    f = ck.Objective(
        value=lambda x: np.sum(x), grad=np.ones_like, hvp=lambda x, v: v * np.nan)  # fmt: skip
    path, _ = run(CoordinateDescent(), f, np.zeros(2), 1)
    assert np.isnan(path[-1]).any()


@pytest.mark.parametrize("kappa", [1e4, 1e8])
def test_bad_scaling_along_the_axes_does_not_matter(kappa):
    f = ck.landscapes.quadratic(spectrum=(1 / kappa, 1.0, kappa))
    path, _ = run(CoordinateDescent(), f, np.ones(3), 3)
    np.testing.assert_allclose(path[-1], 0, atol=1e-15)


def test_symmetry_depends_on_the_order():
    assert CoordinateDescent().symmetry == CoordinateDescent("random").symmetry == "none"
    assert CoordinateDescent("gauss-southwell").symmetry == "signed permutation"
