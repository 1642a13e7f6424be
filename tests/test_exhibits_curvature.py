"""Exhibits of derivatives, second order and networks fail as said; the right versions do not."""

import numpy as np
import pytest

import coursekit as ck
from coursekit.exhibits import (
    E02,
    E03,
    E14,
    E15,
    E16,
    E17,
    E22,
    E23,
    E25,
    E29,
    E31,
    E40,
    E52,
    E57,
    PrintedHessianFree,
)
from coursekit.exhibits.curvature import bfgs, bfgs_inverse
from coursekit.exhibits.networks import normalize


# --- second order
def test_e02_the_sign_turns_the_secant_condition_round():
    numbers = E02.numbers()
    assert numbers["|H s + z|, as printed"] < 1e-12 < 1 < numbers["|H s - z|, as printed"]
    assert numbers["|H s - z|"] < 1e-12
    assert numbers["least eigenvalue, as printed"] < 0 < numbers["least eigenvalue"]
    assert numbers["printed inverse against the inverse"] < 1e-14
    assert numbers["printed inverse against the inverse of the printed"] > 0.1
    rng = np.random.default_rng(3)
    A = rng.normal(size=(5, 5))
    H, s = A @ A.T + np.eye(5), rng.normal(size=5)
    z = s + 0.3 * H @ s
    np.testing.assert_allclose(
        bfgs_inverse(np.linalg.inv(H), s, z), np.linalg.inv(bfgs(H, s, z)), rtol=1e-9
    )


def test_e03_conjugate_gradients_go_up():
    numbers = E03.numbers()
    assert numbers["after 6 steps, as printed"] > 10 * numbers["gradient norm at the start"]
    assert numbers["after 4 steps"] < 1e-12
    f = ck.landscapes.quadratic((1.0, 3.0), center=1.0)
    H, b, x = np.diag([1.0, 3.0]), np.array([1.0, 3.0]), np.array([0.5, -0.5])
    d = H @ x - b  # the gradient itself
    path = ck.minimize(f, x, PrintedHessianFree(), steps=3).thetas
    for point in path[1:]:
        x = x + d @ (H @ x + H @ x - b) / (d @ H @ d) * d
        np.testing.assert_allclose(point, x, rtol=1e-12)
        g = H @ x - b
        d = -g + g @ H @ d / (d @ H @ d) * d


@pytest.mark.parametrize("sign", [1, -1])
def test_e03_only_alpha_is_wrong(sign):
    """With alpha mended n steps end a quadratic of n variables, whatever the sign of d."""

    class Mended(PrintedHessianFree):
        def step(self, theta, state, f):
            d = sign * f.grad(theta) if state.k == 0 else state.d
            Hd = f.hvp(theta, d)
            theta = theta - d @ f.grad(theta) / (d @ Hd) * d
            g = f.grad(theta)
            return theta, self.State(state.k + 1, -g + g @ Hd / (d @ Hd) * d)

    f = ck.landscapes.quadratic((1.0, 2.0, 4.0, 8.0), rotation="random", center=1.0)
    assert ck.minimize(f, np.zeros(4), Mended(), steps=4).grad_norms[-1] < 1e-12


def test_e29_gauss_newton_knows_three_directions():
    numbers = E29.numbers()
    assert numbers["weights"] == 33 and numbers["eigenvalues above 1e-10"] == 3
    assert numbers["least eigenvalue, damped by 0.01"] == pytest.approx(0.01, rel=1e-9)
    assert numbers["condition, damped"] < 1e4
    assert (E29.run(rows=5).says > 1e-10).sum() == 5


def test_e31_the_hessian_grows_with_the_parameters():
    numbers = E31.numbers()
    assert numbers["entries of the Hessian"] == numbers["four times the data"] == 17**2
    assert numbers["four times the width"] == 65**2


# --- derivatives
def test_e14_a_double_negative():
    numbers = E14.numbers()
    assert numbers["change of xy, as printed"] == pytest.approx(0.3, rel=1e-9)
    assert numbers["change of xy"] == pytest.approx(-0.3, rel=1e-9)


def test_e15_a_row_and_a_column_make_a_matrix():
    numbers = E15.numbers()
    assert numbers["numbers in the gradient, as printed"] == 9
    assert numbers["numbers in the gradient"] == 3
    assert numbers["error of H h"] < 1e-14
    assert E15.run(n=5).says.shape == (5, 5) and E15.run(n=5).right.shape == (5, 1)


def test_e16_the_hessian_cannot_tell():
    numbers = E16.numbers()
    assert numbers["least curvature at a minimum"] == numbers["least curvature at a saddle"] == 0
    assert numbers["least value around the minimum"] > 0.4
    assert numbers["least value around the saddle"] < -0.9
    assert numbers["largest value around the saddle"] > 0.9


def test_e57_steepest_is_a_matter_of_length():
    numbers = E57.numbers()
    g = np.array([4.0, 1.0])
    for name, right in (
        ("Euclidean", g), ("largest coordinate", np.sign(g)),
        ("sum of coordinates", np.array([1.0, 0.0])), ("Hessian", g / (8.0, 1.0)),
    ):  # fmt: skip
        cosine = g @ right / np.linalg.norm(g) / np.linalg.norm(right)
        angle = np.degrees(np.arccos(min(cosine, 1)))
        assert numbers[f"degrees from the gradient, {name}"] == pytest.approx(angle, abs=0.01)
        found = E57.run(name).right
        np.testing.assert_allclose(
            found / np.linalg.norm(found), right / np.linalg.norm(right), atol=2e-4
        )


# --- networks
def test_e17_a_dead_unit_is_nan():
    numbers = E17.numbers()
    assert numbers["units lost, as printed"] == 1 and numbers["units lost"] == 0
    assert numbers["standard deviation of the live unit"] == pytest.approx(1, abs=1e-4)
    says, right = E17.run()
    assert np.isnan(says[:, 1]).all() and (right[:, 1] == 0).all()
    np.testing.assert_allclose(says[:, 0], right[:, 0], rtol=1e-3)
    net = ck.Sequential(ck.Linear(2, 2), ck.BatchNorm(2))
    H = np.random.default_rng(0).normal(size=(9, 2))
    theta = net.layout.pack([np.eye(2), np.zeros(2), np.ones(2), np.zeros(2)])
    np.testing.assert_allclose(net(theta, H, train=True), normalize(H), rtol=1e-12)


def test_e22_two_slopes():
    numbers = E22.numbers()
    assert numbers["at -1, as in the figure"] == -0.1 and numbers["at -1, as in the text"] == -0.01
    assert numbers["gain for the one"] == pytest.approx(np.sqrt(2 / 1.01), rel=1e-12)
    assert numbers["gain for the other"] == pytest.approx(np.sqrt(2 / 1.0001), rel=1e-12)


def test_e23_moments_of_a_relu():
    numbers = E23.numbers()
    assert numbers["mean"] == pytest.approx(numbers["1 / sqrt(2 pi)"], rel=0.01)
    assert numbers["variance"] == pytest.approx(numbers["(1 - 1/pi) / 2"], rel=0.01)
    assert numbers["second moment"] == pytest.approx(0.5, rel=0.01)
    assert numbers["1 / sqrt(2 pi)"] == pytest.approx(0.39894, abs=1e-5)
    assert numbers["(1 - 1/pi) / 2"] == pytest.approx(0.34085, abs=1e-5)


def test_e25_vanishing_and_exploding_are_opposites():
    numbers = E25.numbers()
    assert numbers["first layer / last, sigmoids"] < 1e-6
    assert numbers["first layer / last, tanh and large weights"] > 10
    vanishing, exploding = E25.run()
    assert len(vanishing) == len(exploding) == 12
    assert (np.diff(np.log(vanishing)) > 0).all()


def test_e40_what_is_left_after_thirty_layers():
    numbers = E40.numbers()
    assert numbers["variance of the weights times fan-in"] == pytest.approx(2, rel=0.03)
    xavier, expected = numbers["left after 30 layers, Xavier"], numbers["2^(-30/2)"]
    assert expected == pytest.approx(3.05e-5, rel=0.01) and expected / 4 < xavier < 4 * expected
    assert 0.3 < numbers["left after 30 layers, He"] < 3
    assert numbers["gain^2 for a slope of 0.25, 2 / (1 + a^2)"] == pytest.approx(2 / 1.0625)


def test_e52_units_move_as_one_or_not_at_all():
    numbers = E52.numbers()
    assert numbers["|W1| after 1 step, sigmoid"] == 0 < numbers["|W1| after 2 steps, sigmoid"]
    assert numbers["|W1| after 50 steps, sigmoid"] > 0.5
    assert numbers["second singular value / first"] < 1e-12
    assert numbers["|W1| after 50 steps, tanh"] == 0
    sigmoids, tanhs = E52.run()
    assert (sigmoids[:, :, :1] == sigmoids).all() and (tanhs == 0).all()
