"""The fused operations equal their compositions: value, first and second derivative."""

import numpy as np
import pytest
from hypothesis import given, settings

import coursekit as ck
from coursekit import ops
from coursekit.ops import neural as module
from tests.strategies import check_jointly, dtypes_through, operands

RNG = np.random.default_rng(0)
X, W, B = RNG.standard_normal((4, 3)), RNG.standard_normal((3, 2)), RNG.standard_normal(2)
Z = RNG.standard_normal((4, 5))
T = RNG.dirichlet(np.ones(5), size=4)


def log_softmax(z):
    return z - np.log(np.sum(np.exp(z), axis=-1, keepdims=True))


# name: the operation, the composition in its docstring, arguments
FUSED = {
    "linear": (ops.linear, lambda x, w, b: x @ w + b, (X, W, B)),
    "relu": (ops.relu, lambda x: np.maximum(x, 0), (Z,)),
    "softmax": (ops.softmax, lambda z: np.exp(log_softmax(z)), (Z,)),
    "log_softmax": (ops.log_softmax, log_softmax, (Z,)),
    "softmax_cross_entropy": (
        ops.softmax_cross_entropy, lambda z, t: -(t * log_softmax(z)).sum(axis=-1).mean(), (Z, T),
    ),
}  # fmt: skip


def test_every_operation_has_a_row():
    assert set(FUSED) == set(module.__all__)


@pytest.mark.parametrize("name", FUSED)
def test_equals_its_composition(name):
    fused, plain, args = FUSED[name]
    y, pull = ck.vjp(fused, *args)
    y_, pull_ = ck.vjp(plain, *args)
    np.testing.assert_allclose(y, y_, rtol=1e-14, atol=1e-14)
    g = np.random.default_rng(1).standard_normal(np.shape(y))
    for i in range(len(args)):
        if (name, i) == ("softmax_cross_entropy", 1):
            continue  # own test: the row sums of the targets are fixed
        np.testing.assert_allclose(pull(g)[i], pull_(g)[i], rtol=1e-13, atol=1e-14)
        for j in range(len(args)):
            if (name, j) == ("softmax_cross_entropy", 1):
                continue
            mixed, mixed_ = (
                ck.jacobian(ck.grad(lambda *a, f=f: (g * f(*a)).sum(), i), j)(*args)
                for f in (fused, plain)
            )
            np.testing.assert_allclose(mixed, mixed_, rtol=1e-12, atol=1e-13)


@settings(max_examples=10)
@given(drawn=operands([(-2.0, 2.0)], min_side=1))
def test_over_shapes(drawn):
    (z,) = drawn
    ck.check_grad(lambda z: ops.relu(z + 0.123456), z)
    if z.ndim:
        ck.check_grad(ops.softmax, z)
        ck.check_grad(ops.log_softmax, z)
        np.testing.assert_allclose(ops.softmax(z).sum(axis=-1), 1)


def test_linear_to_second_order():
    check_jointly(ops.linear, X, W, B)
    check_jointly(lambda x, w, b: ops.linear(ops.tanh(ops.linear(x, w, b)), w.T, B @ w.T), X, W, B)


def test_cross_entropy_by_the_logits_to_third_order():
    ck.check_grad(lambda z: ops.softmax_cross_entropy(z, T), Z, order=3)
    p = ops.softmax(Z)
    np.testing.assert_allclose(
        ck.grad(ops.softmax_cross_entropy)(Z, T), (p - T) / len(Z), rtol=1e-13
    )
    block = ck.hessian(lambda z: ops.softmax_cross_entropy(z, T))(Z)[0, :, 0, :]
    np.testing.assert_allclose(block, (np.diag(p[0]) - np.outer(p[0], p[0])) / 4, atol=1e-15)


def test_cross_entropy_by_the_targets():
    loss = ops.softmax_cross_entropy
    np.testing.assert_allclose(ck.grad(loss, 1)(Z, T), -log_softmax(Z) / 4, rtol=1e-14)
    # d/dt d/dz, both ways round: loss = mean(logsumexp(z) - t z), for targets that sum to one
    for first, second in [(0, 1), (1, 0)]:
        mixed = ck.jacobian(ck.grad(loss, first), second)(Z, T)
        if (first, second) == (1, 0):
            mixed = mixed.transpose(2, 3, 0, 1)
        within = mixed[0, :, 0, :]
        along = np.eye(5) - 0.2  # directions that keep the sum
        np.testing.assert_allclose(within @ along, -np.eye(5) @ along / 4, atol=1e-14)
    soft = lambda z, s: loss(z, ops.softmax(s))  # noqa: E731  (learned targets)
    check_jointly(soft, Z, RNG.standard_normal(Z.shape))


def test_the_softmax_that_is_kept_has_its_own_derivative():
    both = module._softmax_cross_entropy
    for f in (
        lambda z: both(z, T)[1] ** 2,
        lambda z: both(z, T)[0] * both(z, T)[1],
        lambda z: (lambda pair: pair[0] + (pair[1] ** 3).sum())(both(z, T)),
    ):
        ck.check_grad(f, Z, order=2)


def test_extreme_logits():
    z = np.array([[1000.0, 0.0, -1000.0], [-1000.0, -1000.0, -1000.0]])
    t = np.array([[0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    np.testing.assert_allclose(ops.softmax(z), [[1, 0, 0], [1 / 3] * 3], atol=1e-300)
    np.testing.assert_allclose(
        ops.log_softmax(z), [[0, -1000, -2000], [-np.log(3)] * 3], rtol=1e-15
    )
    value, slope = ck.value_and_grad(lambda z: ops.softmax_cross_entropy(z, t))(z)
    assert value == pytest.approx((1000 + np.log(3)) / 2, rel=1e-15)
    np.testing.assert_allclose(slope, (ops.softmax(z) - t) / 2)
    for f in (ops.softmax, ops.log_softmax):
        assert np.isfinite(ck.jacobian(f)(z)).all()
        assert np.isfinite(ck.hessian(lambda z, f=f: f(z).sum())(z)).all()


def test_relu_at_zero():
    x = np.array([-1.0, 0.0, 2.0])
    np.testing.assert_array_equal(ck.grad(lambda x: ops.relu(x).sum())(x), [0, 0, 1])


@pytest.mark.parametrize("name", FUSED)
def test_precision_is_kept(name):
    fused, _, args = FUSED[name]
    args = [a.astype(np.float32) for a in args]
    assert dtypes_through(fused, *args) == {np.dtype(np.float32)}


def test_shapes_that_do_not_fit_are_named():
    with pytest.raises(ck.ShapeError, match=r"linear of shapes \(4, 3\) and \(2, 3\) and \(3,\)"):
        ck.vjp(lambda w: ops.linear(X, w, np.ones(3)), np.ones((2, 3)))
    with pytest.raises(ck.ShapeError, match=r"softmax_cross_entropy of shapes \(4, 5\) and \(4, 4"):
        ck.vjp(lambda z: ops.softmax_cross_entropy(z, np.ones((4, 4))), Z)
    for t in (np.ones((1, 5)), np.ones((4, 1)), np.ones(4)):  # nothing is broadcast in silence
        with pytest.raises(ck.ShapeError, match="same shape"):
            ops.softmax_cross_entropy(Z, t)
