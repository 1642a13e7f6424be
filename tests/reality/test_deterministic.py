"""Published results on deterministic methods, reproduced."""

import numpy as np
import pytest

import coursekit as ck
from coursekit.optim import (
    LBFGS,
    SGD,
    Adam,
    ConjugateGradient,
    CoordinateDescent,
    GradientDescent,
    Newton,
    SaddleFreeNewton,
    TrustRegion,
)

# --- conjugate, quasi, coordinate ----------------------------------------------------------------
SPECTRUM = np.geomspace(1e-3, 1.0, 10)  # condition number 1000


def quad(rotation="random"):
    return ck.landscapes.quadratic(spectrum=SPECTRUM, rotation=rotation)


@pytest.mark.parametrize("variant", ["FR", "PR+", "HS", "DY"])
def test_conjugate_gradients_end_where_descent_has_hardly_begun(variant):
    """Hestenes & Stiefel 1952: n steps, and few more at condition number 1000 for rounding."""
    f, start = quad(), np.ones(10)
    path = ck.minimize(f, start, ConjugateGradient(variant, "exact"), steps=13)
    distance = np.linalg.norm(path.thetas, axis=1) / np.linalg.norm(start)
    assert distance[9] > 1e-3 and distance[11] < 2e-5 and distance[-1] < 1e-7
    A, x, r = f.hessian(start), start, f.grad(start)
    p = -r
    for k in range(13):  # the textbook's linear form is no quicker
        x, new = x + (r @ r) / (p @ A @ p) * p, r + (r @ r) / (p @ A @ p) * A @ p
        p, r = -new + (new @ new) / (r @ r) * p, new
        assert distance[k + 1] < 10 * np.linalg.norm(x) / np.linalg.norm(start) + 1e-7
    descent = ck.minimize(f, start, GradientDescent(lr=2 / 1.001), steps=1000)
    assert np.linalg.norm(descent.theta) > 0.01 * np.linalg.norm(start)


def test_a_round_of_exact_coordinate_steps_is_gauss_seidel():
    f, start = quad(), np.random.default_rng(0).normal(size=10)
    path = ck.minimize(f, start, CoordinateDescent(), steps=30)
    A = f.hessian(start)
    lower, upper = np.tril(A), np.triu(A, 1)
    x = start
    for sweep in (10, 20, 30):
        x = -np.linalg.solve(lower, upper @ x)
        np.testing.assert_allclose(path.thetas[sweep], x, atol=1e-13)


def test_lbfgs_with_full_memory_and_exact_searches_is_conjugate_gradients():
    """Nazareth 1979, on quadratics."""
    f, start = quad(), np.ones(10)
    cg, lbfgs = (
        ck.minimize(f, start, opt, steps=8).thetas
        for opt in (ConjugateGradient(line_search="exact"), LBFGS(memory=10, line_search="exact"))
    )
    np.testing.assert_allclose(lbfgs, cg, atol=1e-6)
    np.testing.assert_allclose(lbfgs[:4], cg[:4], atol=1e-12)


# --- newton, trust -------------------------------------------------------------------------------
def test_newton_ends_a_quadratic_in_one_step():
    f = quad()
    path = ck.minimize(f, np.ones(10), Newton(), steps=1)
    assert path.grad_norms[1] <= 1e-12
    assert ck.minimize(f, np.ones(10), TrustRegion(solver="exact"), steps=4).grad_norms[4] <= 1e-12


def test_newton_solves_rosenbrock_in_seven_steps():
    f = ck.landscapes.rosenbrock()
    path = ck.minimize(f, f.start, Newton(), steps=7)
    assert path.value < 1e-20
    assert path.values[2] > 1000  # on the way it climbs: it is no descent method


CRITICAL = {
    "himmelblau": (ck.landscapes.himmelblau(), (0.0, 0.0), 181.6165, -1),
    "beale": (ck.landscapes.beale(), (1.0, 1.0), 14.203125, 0),
}


@pytest.mark.parametrize("f, start, value, signs", CRITICAL.values(), ids=CRITICAL)
def test_newton_ends_where_saddle_free_newton_leaves(f, start, value, signs):
    """Dauphin et al. 2014: Newton is drawn to a maximum (signs -1) and to a saddle (0)."""
    path = ck.minimize(f, np.array(start), Newton(), steps=20)
    assert path.value == pytest.approx(value, abs=1e-4) and path.grad_norms[-1] < 1e-10
    assert np.sign(np.linalg.eigvalsh(f.hessian(path.theta))).sum() == 2 * signs
    for opt in (
        SaddleFreeNewton(damping=1e-3),
        SaddleFreeNewton("best"),
        SaddleFreeNewton(krylov=2),
        TrustRegion(),
        TrustRegion(solver="exact"),
        TrustRegion(solver="dogleg"),
    ):
        assert ck.minimize(f, np.array(start), opt, steps=20).value < 1e-15


@pytest.mark.parametrize("y, end", [(0.3, 0.0), (0.79, -np.sqrt(2)), (0.9, np.sqrt(2))])
def test_newton_jumps_over_a_saddle_or_onto_it(y, end):
    """f = x^2 - y^2 + y^4 / 4: close to the saddle Newton takes it, a little off it overshoots."""
    f, start = ck.landscapes.saddle_well(), np.array([1.0, y])
    path = ck.minimize(f, start, Newton(), steps=20)
    np.testing.assert_allclose(path.theta, [0, end], atol=1e-12)
    descent = ck.minimize(f, start, GradientDescent(lr=0.1), steps=200)
    saddle_free = ck.minimize(f, start, SaddleFreeNewton(), steps=20)
    for other in (descent, saddle_free):
        np.testing.assert_allclose(other.theta, [0, np.sqrt(2)], atol=1e-6)


def test_the_condition_number_matters_to_descent_and_not_to_newton():
    def steps(opt, kappa, most):
        f = ck.landscapes.valley(kappa=kappa, angle=0.4)
        return ck.minimize(f, f.start, opt, steps=most, grad_tol=1e-6).steps

    for kappa in (10, 100):
        assert steps(Newton(), kappa, 5) == 1
        descent = steps(GradientDescent(lr=2 / (1 + kappa)), kappa, 20 * kappa)
        assert 3 * kappa < descent < 12 * kappa


def test_newton_does_not_notice_an_affine_change_of_a_networks_inputs():
    """Martens & Grosse 2015, theorem 1, for Newton's method: the outputs along the path agree."""
    rng = np.random.default_rng(0)
    net = ck.MLP([3, 4, 1], "tanh")
    x, y = rng.normal(size=(30, 3)), rng.normal(size=(30, 1))
    theta = rng.normal(size=net.layout.size)
    M, c = np.array([[2.0, 0.3, 0.0], [0.0, 0.5, 0.1], [0.4, 0.0, 1.5]]), np.array([0.2, -1.0, 0.5])

    W, b, *rest = net.layout.unpack(theta)
    back = np.linalg.inv(M)
    changed = net.layout.pack([back @ W, b - c @ back @ W, *rest])
    z = x @ M + c
    np.testing.assert_allclose(net(changed, z), net(theta, x), rtol=1e-12)

    def difference(opt):
        f, g = net.objective(x, y, "mse"), net.objective(z, y, "mse")
        paths = ck.minimize(f, theta, opt, steps=6), ck.minimize(g, changed, opt, steps=6)
        assert abs(paths[0].theta - theta).max() > 0.01
        outputs = [
            np.array([net(t, inputs) for t in path.thetas])
            for path, inputs in zip(paths, (x, z), strict=True)
        ]
        return abs(outputs[0] - outputs[1]).max() / abs(outputs[0]).max()

    assert difference(Newton(lr=0.3)) < 1e-6
    for opt in (SGD(lr=0.1), Adam(lr=0.1), Newton(lr=0.3, damping=0.1), SaddleFreeNewton(lr=0.3)):
        assert difference(opt) > 1e-3
