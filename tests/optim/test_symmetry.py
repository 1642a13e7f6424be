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
RNG = np.random.default_rng(0)


def permutation():
    return np.eye(N)[RNG.permutation(N)]


def signed_permutation():
    M = permutation() * RNG.choice([-1, 1], size=N)
    return M if (M < 0).any() else -M


def rotation():
    Q, R = np.linalg.qr(RNG.normal(size=(N, N)))
    return Q * np.sign(np.diag(R))


def affine():
    return rotation() @ np.diag(np.linspace(0.5, 2, N)) @ rotation()


# Each group contains those before it.
GROUPS = {
    "none": lambda: np.eye(N), "permutation": permutation,
    "signed permutation": signed_permutation, "rotation": rotation, "affine": affine,
}  # fmt: skip

A = rotation() @ np.diag([0.2, 0.5, 1.0, 1.5, 2.0])
A = A @ A.T / 4
START = RNG.normal(size=N)


def loss_in(M):
    back = np.linalg.inv(M)

    def value(z):
        x = back @ z
        return x @ (A @ x) / 2 + np.sum((A @ x) ** 4) / 10

    return ck.Objective(value)


def error(opt, M, steps=8):
    """How far the path in z is from M times the path in x."""
    path, _ = run(opt, loss_in(np.eye(N)), START, steps)
    other, _ = run(opt, loss_in(M), M @ START, steps)
    assert abs(path[-1] - START).max() > 1e-2
    return abs(other - path @ M.T).max()


@pytest.mark.parametrize("opt", CASES.values(), ids=CASES)
def test_the_declared_symmetry_holds_and_the_next_larger_fails(opt):
    names = list(GROUPS)
    place = names.index(opt.symmetry)
    for name in names[: place + 1]:
        for _ in range(3):
            assert error(opt, GROUPS[name]()) < 1e-9, name
    if place + 1 < len(names):
        assert max(error(opt, GROUPS[names[place + 1]]()) for _ in range(3)) > 1e-3


def test_the_first_larger_group_of_adam_is_rotation_of_descent_is_affine():
    assert ck.optim.Adam.symmetry == "signed permutation"
    assert ck.optim.GradientDescent.symmetry == "rotation"
    assert ck.optim.Optimizer.symmetry == "none"
