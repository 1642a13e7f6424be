"""Objectives: given and derived answers, for one point and many, and what is counted."""

import math

import numpy as np
import pytest

import coursekit as ck
from coursekit.objective import Counts

# f(x) = sum(x^4) / 4 + x_0 x_1 x_2, with derivatives by hand; all take (..., 3).


def value(x):
    return np.sum(x**4, axis=-1) / 4 + x[..., 0] * x[..., 1] * x[..., 2]


def grad(x):
    a, b, c = x[..., 0], x[..., 1], x[..., 2]
    return x**3 + np.stack([b * c, a * c, a * b], axis=-1)


def hessian(x):
    H = np.zeros((*x.shape, 3))
    for i, j, k in [(0, 1, 2), (1, 2, 0), (2, 0, 1)]:
        H[..., i, i] = 3 * x[..., i] ** 2
        H[..., i, j] = H[..., j, i] = x[..., k]
    return H


def hvp(x, v):
    return np.einsum("...ij,...j->...i", hessian(x), v)


GIVEN = {
    "fn": {"fn": value},
    "value": {"value": value},
    "value, grad": {"value": value, "grad": grad},
    "value, hvp": {"value": value, "hvp": hvp},
    "value, hessian": {"value": value, "hessian": hessian},
    "all": {"value": value, "grad": grad, "hvp": hvp, "hessian": hessian},
}
RNG = np.random.default_rng(0)


@pytest.mark.parametrize("lead", [(), (4,), (2, 3)], ids=["(n,)", "(K, n)", "(J, K, n)"])
@pytest.mark.parametrize("given", GIVEN)
def test_derived_answers_equal_those_by_hand(given, lead):
    f = ck.Objective(**GIVEN[given], batched=bool(lead))
    x, v = RNG.normal(size=(2, *lead, 3))
    np.testing.assert_allclose(f.value(x), value(x), rtol=1e-13)
    np.testing.assert_allclose(f.grad(x), grad(x), rtol=1e-12)
    both = f.value_and_grad(x)
    np.testing.assert_allclose(both[0], value(x), rtol=1e-13)
    np.testing.assert_allclose(both[1], grad(x), rtol=1e-12)
    np.testing.assert_allclose(f.hvp(x, v), hvp(x, v), rtol=1e-11, atol=1e-13)
    H = f.hessian(x)
    assert H.shape == (*lead, 3, 3)
    np.testing.assert_allclose(H, hessian(x), rtol=1e-11, atol=1e-13)


def test_what_is_given_is_used():
    asked = []

    def noting(name, answer):
        return lambda *args: asked.append(name) or answer

    x = np.ones(2)
    f = ck.Objective(
        value=noting("value", 1.0), grad=noting("grad", x), hvp=noting("hvp", x),
        hessian=noting("hessian", np.eye(2)), ggn=noting("ggn", x),
        factors=lambda theta, fisher, seed: (fisher, seed),
    )  # fmt: skip
    f.grad(x), f.value_and_grad(x), f.hvp(x, x), f.hessian(x), f.ggn(x, x)
    assert asked == ["grad", "value", "grad", "hvp", "hessian", "ggn"]
    assert f.factors(x) == ("exact", 0)
    assert f.factors(x, fisher="mc", seed=3) == ("mc", 3)


def test_a_gradient_is_traced_for_the_hessian_when_value_cannot_be():
    f = ck.Objective(value=lambda x: math.fsum(x.tolist()), grad=lambda x: x**2)
    np.testing.assert_allclose(f.hvp(np.array([1.0, 3.0]), np.ones(2)), [2, 6])
    np.testing.assert_allclose(f.hessian(np.array([1.0, 3.0])), [[2, 0], [0, 6]])


def test_precision_is_that_of_theta():
    f = ck.Objective(lambda x: np.sum(x**4))
    x = np.ones(3, "float32")
    for answer in (f.value(x), f.grad(x), *f.value_and_grad(x), f.hvp(x, x), f.hessian(x)):
        assert answer.dtype == "float32"


def test_objectives_can_be_differentiated():
    f = ck.Objective(value)
    x = RNG.normal(size=3)
    np.testing.assert_allclose(ck.grad(lambda x: f.value(2 * x))(x), 2 * grad(2 * x), rtol=1e-12)
    np.testing.assert_allclose(
        ck.grad(lambda x: np.sum(f.grad(x) ** 2))(x), 2 * hessian(x) @ grad(x), rtol=1e-11
    )


# --- counts
def test_every_question_counts_once():
    f = ck.Objective(value)
    x = np.ones(3)
    assert f.counts == Counts(0, 0, 0, 0, 0, 0)
    expected = [0] * 6
    for ask, changed in [
        (lambda: f.value(x), [0]),
        (lambda: f.grad(x), [1]),
        (lambda: f.value_and_grad(x), [0, 1]),
        (lambda: f.hvp(x, x), [2]),
        (lambda: f.hessian(x), [4]),  # however it is put together
    ]:
        ask()
        for i in changed:
            expected[i] += 1
        assert f.counts == Counts(*expected)
    g = ck.Objective(value=value, ggn=lambda x, v: v)
    g.ggn(x, x)
    assert g.counts == Counts(ggn=1)


def test_many_points_at_once_are_one_question():
    f = ck.Objective(value, batched=True)
    f.value_and_grad(np.ones((7, 3)))
    assert f.counts == Counts(value=1, grad=1)


def test_an_uncounted_view_keeps_its_own_tally():
    f = ck.Objective(value)
    f.value(np.ones(3))
    view = f.uncounted()
    assert view.counts == Counts()
    assert view.value(np.ones(3)) == f.value(np.ones(3))
    assert view.counts == Counts(value=1) and f.counts == Counts(value=2)


# --- what is refused
X = np.ones(3)


def looped(x):
    return math.fsum(float(t) ** 2 for t in x)


@pytest.mark.parametrize(
    "call, error, message",
    [
        (lambda: ck.Objective(), TypeError, "either fn or value"),
        (lambda: ck.Objective(value, value=value), TypeError, "either fn or value"),
        (lambda: ck.Objective(value).ggn(X, X), TypeError, "no ggn: .*or pass ggn="),
        (lambda: ck.Objective(value).factors(X), TypeError, "no factors: .*or pass factors="),
        (lambda: ck.Objective(value).value([1.0]), TypeError, "theta must be an array, not list"),
        (lambda: ck.Objective(value).value(np.ones((2, 3))), ValueError,
         r"theta has shape \(2, 3\), but this objective takes one point \(n,\).*batched=True"),
        (lambda: ck.Objective(value).value(np.float64(1)), ValueError, r"takes one point \(n,\)"),
        (lambda: ck.Objective(value).hvp(X, X[:2]), ValueError,
         r"v must be shaped like theta, \(3,\), not \(2,\)"),
        (lambda: ck.Objective(lambda x: np.sum(x), batched=True).grad(np.ones((2, 3))), ValueError,
         r"maps theta \(2, 3\) to \(2,\), but this one gave \(\): index x\[\.\.\., i\]"),
        (lambda: ck.Objective(lambda x: x**2).grad(X), ValueError, "returns one number"),
        (lambda: ck.Objective(looped).grad(X), TypeError, "Python number: .*np.sin, not math.sin"),
        (lambda: ck.Objective(looped).hvp(X, X), TypeError,
         "hvp and hessian were not given, and value cannot be traced.*Python number"),
        (lambda: ck.Objective(value=looped, grad=lambda x: np.array([float(t) for t in x]))
         .hessian(X), TypeError, "not given, and grad cannot be traced"),
        (lambda: ck.Objective(lambda x: None).grad(X), TypeError, "is a return missing"),
        (lambda: ck.Objective(lambda x: np.linalg.matrix_rank(x)).grad(X), TypeError,
         "matrix_rank has no derivative here"),
    ],
)  # fmt: skip
def test_wrong_inputs(call, error, message):
    with pytest.raises(error, match=message):
        call()
