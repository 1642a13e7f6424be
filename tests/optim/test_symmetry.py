"""Which changes of coordinates an optimizer commutes with, and which it does not.

Take x to z = M x, so that the loss becomes h(z) = f(M^-1 z) and the start M x_0. An optimizer
commutes with M if its path in z is M times its path in x. `symmetry` names the largest of the
groups below that it commutes with.
"""

import numpy as np
import pytest

import coursekit as ck
from tests.optim.cases import CASES, run

N = 5


def permutation(rng):
    return np.eye(N)[rng.permutation(N)]


def signed_permutation(rng):
    M = permutation(rng) * rng.choice([-1, 1], size=N)
    return M if (M < 0).any() else -M


def rotation(rng):
    Q, R = np.linalg.qr(rng.normal(size=(N, N)))
    return Q * np.sign(np.diag(R))


def affine(rng):
    return rotation(rng) @ np.diag(np.linspace(0.5, 2, N)) @ rotation(rng)


# Each group contains those before it.
GROUPS = {
    "none": lambda rng: np.eye(N), "permutation": permutation,
    "signed permutation": signed_permutation, "rotation": rotation, "affine": affine,
}  # fmt: skip

RNG = np.random.default_rng(0)
A = rotation(RNG) @ np.diag([0.2, 0.5, 1.0, 1.5, 2.0])
A = A @ A.T / 4
START = RNG.normal(size=N)
BOWL, SADDLE = A, A - 0.3 * np.eye(N)  # the second has curvatures of both signs


def loss_in(M, S):
    """x'Sx / 2 + sum((Ax)^4) / 10 as a function of z = M x, with its derivatives."""
    back = np.linalg.inv(M)

    def value(z):
        x = back @ z
        return x @ S @ x / 2 + np.sum((A @ x) ** 4) / 10

    def grad(z):
        x = back @ z
        return back.T @ (S @ x + 0.4 * A @ (A @ x) ** 3)

    def hessian(z):
        return back.T @ (S + 1.2 * A * (A @ (back @ z)) ** 2 @ A) @ back

    return ck.Objective(value=value, grad=grad, hessian=hessian)


def errors(opt, group, S, tries=3, steps=8):
    """How far the path in z is from M times the path in x, for several M of a group."""
    rng = np.random.default_rng(1)
    path, _ = run(opt, loss_in(np.eye(N), S), START, steps)
    assert abs(path[-1] - START).max() > 1e-2
    for _ in range(tries):
        M = GROUPS[group](rng)
        other, _ = run(opt, loss_in(M, S), M @ START, steps)
        yield abs(other - path @ M.T).max()


# Clipping is a smaller group than Newton's, and no other case would show it.
CLIPPED = {**CASES, "ClipNorm Newton": ck.optim.ClipNorm(ck.optim.Newton(), max_norm=0.3)}


@pytest.mark.parametrize("opt", CLIPPED.values(), ids=CLIPPED)
def test_the_declared_symmetry_holds_and_the_next_larger_fails(opt):
    names = list(GROUPS)
    place = names.index(opt.symmetry)
    for name in names[: place + 1]:
        assert np.max(list(errors(opt, name, BOWL))) < 1e-9, name
    if place + 1 < len(names):
        larger = names[place + 1]
        # Absolute curvatures show only where there are negative ones.
        assert any(e > 1e-3 for S in (BOWL, SADDLE) for e in errors(opt, larger, S)), larger


def test_derivatives_of_the_loss():
    for S in (BOWL, SADDLE):
        f = loss_in(affine(np.random.default_rng(2)), S)
        derived = ck.Objective(f.value)
        np.testing.assert_allclose(f.grad(START), derived.grad(START), rtol=1e-12)
        np.testing.assert_allclose(f.hessian(START), derived.hessian(START), rtol=1e-10, atol=1e-14)


def test_the_first_larger_group_of_adam_is_rotation_of_descent_is_affine():
    assert ck.optim.Adam.symmetry == "signed permutation"
    assert ck.optim.GradientDescent.symmetry == "rotation"
    assert ck.optim.Newton.symmetry == "affine"
    assert ck.optim.Newton(damping=0.1).symmetry == "rotation"
    assert ck.optim.Optimizer.symmetry == "none"
