"""The checkers of the chapter on initialization: stub, solutions, and typical wrong answers."""

import numpy as np
import pytest

import coursekit as ck
from coursekit.exercises.kaiming import NORMAL, _kaiming, kaiming_normal
from coursekit.exercises.orthogonal import SQUARE, _orthogonal, orthogonal
from coursekit.exercises.xavier import UNIFORM, _xavier, xavier_uniform

ALL = (kaiming_normal, xavier_uniform, orthogonal)


@pytest.fixture(autouse=True)
def forget():
    for exercise in ALL:
        exercise._last = ""


# --- as students write them, in other words than the checker ------------------------------------
def kaiming(z):
    return z * (2 / z.shape[0]) ** 0.5


def xavier(u):
    b = (6 / sum(u.shape)) ** 0.5
    return -b + 2 * b * u


def mezzadri(Z):
    Q, R = np.linalg.qr(Z)
    D = np.diag(np.diag(R) / np.abs(np.diag(R)))
    return Q @ D


def gram_schmidt(Z):
    """Not by QR at all: its diagonal of R is positive from the beginning."""
    Q = np.zeros_like(Z)
    for k in range(Z.shape[1]):
        q = Z[:, k] - Q[:, :k] @ (Q[:, :k].T @ Z[:, k])
        q = q - Q[:, :k] @ (Q[:, :k].T @ q)
        Q[:, k] = q / np.linalg.norm(q)
    return Q


def in_place(z):
    z *= np.sqrt(2 / len(z))
    return z


def with_shape(z):
    return np.sqrt(2 / z.shape[0]) * z, z.shape


def own_random(z):
    return np.sqrt(2 / z.shape[0]) * np.random.standard_normal(z.shape)  # noqa: NPY002


def signs_upright(Z):
    Q, R = np.linalg.qr(Z)
    return np.sign(np.diag(R))[:, None] * Q


def signs_before(Z):
    Q, R = np.linalg.qr(Z)
    return np.diag(np.sign(np.diag(R))) @ Q


def signs_of_complete(Z):
    Q, R = np.linalg.qr(Z, "complete")
    return Q * np.sign(np.diag(R))


def nearest(Z):
    U, _, V = np.linalg.svd(Z, full_matrices=False)
    return U @ V


KAIMING = {
    "variance as deviation": (lambda z: 2 / len(z) * z, "is the variance", "square root"),
    "fan_out": (lambda z: np.sqrt(2 / z.shape[1]) * z, "how many terms", "z.shape[0]"),
    "no factor 2": (lambda z: z / np.sqrt(len(z)), "ReLU", "lets half"),
    "Xavier": (lambda z: z * np.sqrt(2 / sum(z.shape)), "compromise", "does not enter"),
    "uniform bound": (lambda z: z * np.sqrt(6 / len(z)), "z is normal", "3 x 2"),
    "root of one half": (lambda z: z * 2**0.5 / len(z), "under the root", "whole fraction"),
    "number of weights": (lambda z: z * np.sqrt(2 / z.size), "z.size", "z.shape[0]"),
    "divided": (lambda z: z / np.sqrt(2 / len(z)), "grow or shrink", "upside down"),
    "own draw": (
        lambda z: (z - np.mean(z)) / np.std(z) * np.sqrt(2 / len(z)), "a sample need not", "z.std()"
    ),
    "nothing done": (lambda z: 1 * z, "z itself", "sqrt(2 / fan_in)"),
    "shape": (lambda z: (np.sqrt(2 / len(z)) * z).T, "how arranged", "do not transpose"),
    "in place": (in_place, "leave the random numbers", "z *= ..."),
    "returns": (with_shape, "one matrix goes out", "return W"),
    "memory": (own_random, "Where does the chance", "the random numbers are in z"),
}  # fmt: skip

XAVIER = {
    "deviation as bound": (
        lambda u: np.sqrt(2 / sum(u.shape)) * (2 * u - 1), "standard deviation", "b^2 / 3"
    ),
    "variance as bound": (lambda u: 2 / sum(u.shape) * (2 * u - 1), "variance", "b^2 / 3"),
    "root": (lambda u: 6 / sum(u.shape) * (2 * u - 1), "root missing", "square root"),
    "root of the 6 alone": (
        lambda u: np.sqrt(6) / sum(u.shape) * (2 * u - 1), "under the root", "whole fraction"
    ),
    "Kaiming": (lambda u: np.sqrt(6 / len(u)) * (2 * u - 1), "both sides", "both sizes"),
    "LeCun": (lambda u: np.sqrt(3 / len(u)) * (2 * u - 1), "1 / fan_in", "both sizes"),
    "PyTorch default": (lambda u: (2 * u - 1) / np.sqrt(len(u)), "PyTorch", "both sizes"),
    "only positive": (lambda u: np.sqrt(6 / sum(u.shape)) * u, "positive", "Stretch and shift"),
    "half as wide": (lambda u: np.sqrt(6 / sum(u.shape)) * (u - 0.5), "How far", "2 * u - 1"),
    "shifted by one": (lambda u: 2 * np.sqrt(6 / sum(u.shape)) * u - 1, "begin", "Shift by b"),
    "backwards": (lambda u: np.sqrt(6 / sum(u.shape)) * (1 - 2 * u), "just as good", "sign"),
    "nothing done": (lambda u: u + 0, "u itself", "Stretch"),
    "returns": (lambda u: (u, u), "one matrix goes out", "return W"),
}  # fmt: skip

ORTHOGONAL = {
    "no signs": (lambda Z: np.linalg.qr(Z)[0], "who chose", "np.sign(np.diag(R))"),
    "absolute diagonal": (
        lambda Z: np.linalg.qr(Z)[0] * abs(np.diag(np.linalg.qr(Z)[1])), "length 1", "signs only"
    ),
    "whole diagonal": (
        lambda Z: np.linalg.qr(Z)[0] * np.diag(np.linalg.qr(Z)[1]), "length 1", "not by its values"
    ),
    "nearest": (nearest, "nearest to Z", "np.linalg.qr"),
    "left singular vectors": (
        lambda Z: np.linalg.svd(Z, full_matrices=False)[0], "singular vectors", "np.linalg.qr"
    ),
    "columns of length 1": (lambda Z: Z / np.linalg.norm(Z, axis=0), "right angles", "qr"),
    "Z again": (lambda Z: Z + 0, "Z itself", "splits"),
    "returns": (lambda Z: np.linalg.qr(Z), "two matrices", "return Q"),
    "no signs ": (lambda Z: np.linalg.qr(Z, "complete")[0], "who chose", "np.sign(np.diag(R))"),
    "shape": (lambda Z: gram_schmidt(Z).T, "as many rows", "do not transpose"),
    "rows turned": (signs_upright, "row of Q or to a column", "flat array"),
    "rows turned ": (signs_before, "row of Q or to a column", "flat array"),
    "crash": (signs_of_complete, "to the columns of Q", "as many as Z has"),
}  # fmt: skip

WRONG = [
    (exercise, name, *row)
    for exercise, rows in zip(ALL, (KAIMING, XAVIER, ORTHOGONAL), strict=True)
    for name, row in rows.items()
]


@pytest.mark.parametrize(
    "exercise, name, function, nudge, plain", WRONG, ids=[f"{e.name}-{n}" for e, n, *_ in WRONG]
)
def test_wrong_answers_get_the_hint_made_for_them(exercise, name, function, nudge, plain):
    first, second = exercise(function), exercise(function)
    assert not first and not second
    assert first.mistake == second.mistake == name.strip()
    assert nudge.lower() in first.hint.lower()
    assert plain in second.hint
    assert "nan" not in first.message.replace("nan ", "")


@pytest.mark.parametrize(
    "exercise, function",
    [
        (kaiming_normal, kaiming),
        (xavier_uniform, xavier),
        (orthogonal, mezzadri),
        (orthogonal, gram_schmidt),
    ],
)
def test_solutions_pass(exercise, function):
    verdict = exercise(function)
    assert verdict.passed and not verdict.hint and "Right in all 3 cases" in verdict.message


@pytest.mark.parametrize("exercise", ALL, ids=lambda e: e.name)
def test_the_stub_gets_the_first_hint(exercise):
    def raises(x):
        raise NotImplementedError("your turn")

    def dots(x): ...

    for stub in (raises, dots):
        exercise(exercise.right)
        verdict = exercise(stub)
        assert not verdict and verdict.mistake == "nothing"
        assert exercise.nudge in verdict.hint
        assert exercise.start in exercise(stub).hint


@pytest.mark.parametrize("exercise", ALL, ids=lambda e: e.name)
def test_whatever_comes_back_is_survived(exercise):
    for answer in (np.inf, np.full((8, 2), np.nan), "W", [[1.0]], {}, lambda: 0, np.zeros(3)):
        verdict = exercise(lambda x, answer=answer: answer)
        assert not verdict and verdict.hint
    assert not exercise(lambda x: x / 0 * np.inf)
    assert not exercise(lambda x: 1 // 0)
    assert not exercise(lambda: 0)


def test_right_formulas_are_those_of_the_package():
    z = NORMAL[1]
    theirs = ck.initializers.kaiming_normal(z.shape, ck.backend.rng(1))
    np.testing.assert_allclose(_kaiming(z)[0], theirs, rtol=1e-14)
    u = UNIFORM[1]
    theirs = ck.initializers.xavier_uniform(u.shape, ck.backend.rng(3))
    np.testing.assert_allclose(_xavier(u)[0], theirs, rtol=1e-13, atol=1e-15)
    Z = SQUARE[2]
    theirs = ck.initializers.orthogonal(Z.shape, ck.backend.rng(6))
    np.testing.assert_allclose(_orthogonal(Z)[0], theirs, atol=1e-14)


def test_the_cases_show_both_signs():
    """By any routine: what it does with the columns of one case, it cannot do with the other."""
    signs = [np.sign(np.diag(np.linalg.qr(Z)[1])) for Z in SQUARE]
    assert len(set(signs[1])) == 2 or signs[0][0] != signs[1][0]
    assert any((s < 0).any() for s in signs)
