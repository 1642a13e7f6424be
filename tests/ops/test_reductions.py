"""Sums, means, extremes: any axis or several, keepdims, ties, zeros, overflow, precision."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import coursekit as ck
from coursekit import ops
from coursekit.ops import reductions as module
from tests.strategies import check_jointly, dtypes_through, operands, reductions

SMOOTH = ["logsumexp", "mean", "prod", "sum", "var"]
CHOOSING = ["max", "min"]
OWN_TESTS = ["average", "cumsum", "std"]


def plain_logsumexp(x, axis=None, keepdims=False):
    return np.log(np.sum(np.exp(x), axis=axis, keepdims=keepdims))


def test_every_operation_has_a_row():
    assert {*SMOOTH, *CHOOSING, *OWN_TESTS} == set(module.__all__)


@pytest.mark.parametrize("name", [*SMOOTH, *CHOOSING])
@settings(max_examples=25)
@given(drawn=reductions())
def test_axes(name, drawn):
    x, axis, keepdims = drawn
    f = getattr(ops, name)
    reference = plain_logsumexp if name == "logsumexp" else getattr(np, name)
    want = reference(x, axis=axis, keepdims=keepdims)
    got, _ = ck.vjp(lambda x: f(x, axis=axis, keepdims=keepdims), x)
    assert np.shape(got) == np.shape(want)
    np.testing.assert_allclose(got, want, rtol=1e-13, atol=1e-14)
    if name != "logsumexp":  # NumPy's function and the method lead to the same place
        for g in (lambda x: reference(x, axis=axis, keepdims=keepdims),
                  lambda x: getattr(x, name)(axis=axis, keepdims=keepdims)):  # fmt: skip
            np.testing.assert_array_equal(ck.vjp(g, x)[0], got)
    ck.check_grad(lambda x: f(x, axis=axis, keepdims=keepdims), x)


@settings(max_examples=15)
@given(drawn=reductions(min_side=2, tuples=False))
def test_std_and_ddof(drawn):
    x, axis, keepdims = drawn
    if x.ndim == 0:
        return
    for name in ("std", "var"):
        f = getattr(np, name)
        arguments = {"axis": axis, "ddof": 1, "keepdims": keepdims}
        y, _ = ck.vjp(lambda x, f=f, a=arguments: f(x, **a), x)
        np.testing.assert_allclose(y, f(x, **arguments), rtol=1e-13)
        ck.check_grad(lambda x, f=f, a=arguments: f(x, **a), x, tolerance=1e-5)


@settings(max_examples=15)
@given(drawn=reductions(low=-1.0, high=1.0, tuples=False))
def test_cumsum(drawn):
    x, axis, _ = drawn
    y, _ = ck.vjp(lambda x: np.cumsum(x, axis=axis), x)
    np.testing.assert_array_equal(y, np.cumsum(x, axis=axis))
    ck.check_grad(lambda x: ops.cumsum(x, axis=axis) ** 2, x)


@settings(max_examples=15)
@given(drawn=operands([(0.5, 1.5)], min_side=1), data=st.data())
def test_average(drawn, data):
    (x,) = drawn
    weights = np.linspace(0.5, 2, x.size).reshape(x.shape)
    axis = data.draw(st.none() | st.integers(-x.ndim, x.ndim - 1) if x.ndim else st.none())
    f = lambda x, w: np.average(x, axis=axis, weights=w)  # noqa: E731
    np.testing.assert_allclose(ck.vjp(f, x, weights)[0], f(x, weights), rtol=1e-14)
    check_jointly(f, x, weights)
    check_jointly(lambda x: np.average(x, axis=axis), x)
    if axis is not None:  # one weight for each place of the axis
        w = np.linspace(1, 2, x.shape[axis])
        np.testing.assert_allclose(ck.vjp(lambda x: f(x, w), x)[0], f(x, w), rtol=1e-14)
        check_jointly(f, x, w)


@pytest.mark.parametrize("shape", [(0,), (0, 3), (3, 0)])
def test_empty(shape):
    x = np.zeros(shape)
    for f in (ops.sum, ops.prod):
        assert ck.grad(lambda x, f=f: f(x).sum())(x).shape == shape
        assert ck.grad(lambda x, f=f: f(x, axis=0).sum())(x).shape == shape


@pytest.mark.parametrize(
    ("x", "want"),
    [([2.0, 3.0, 4.0], [12, 8, 6]), ([2.0, 0.0, 4.0], [0, 8, 0]), ([0.0, 0.0, 4.0], [0, 0, 0])],
)
def test_prod_with_zeros(x, want):
    x = np.array(x)
    np.testing.assert_array_equal(ck.grad(np.prod)(x), want)
    a, b, c = x
    np.testing.assert_array_equal(ck.hessian(np.prod)(x), [[0, c, b], [c, 0, a], [b, a, 0]])


def test_ties_of_extremes_share_equally():
    x = np.array([[1.0, 3.0, 3.0], [2.0, 2.0, 2.0]])
    np.testing.assert_allclose(ck.grad(np.max)(x), [[0, 0.5, 0.5], [0, 0, 0]])
    by_row = ck.grad(lambda x: np.max(x, axis=1).sum())(x)
    np.testing.assert_allclose(by_row, [[0, 0.5, 0.5], [1 / 3, 1 / 3, 1 / 3]])
    np.testing.assert_allclose(ck.grad(lambda x: x.min(axis=0).sum())(x)[:, 0], [1, 0])


def test_logsumexp_does_not_overflow():
    x = np.array([[1000.0, 1000.0, -1000.0], [-1000.0, -1000.0, -1001.0]])
    y, pull = ck.vjp(lambda x: ops.logsumexp(x, axis=1), x)
    tail = np.log(2 + np.exp(-1.0))
    np.testing.assert_allclose(y, [1000 + np.log(2), -1000 + tail], rtol=1e-15)
    (d,) = pull(np.ones(2))
    np.testing.assert_allclose(d[0], [0.5, 0.5, 0], atol=1e-15)
    np.testing.assert_allclose(d.sum(axis=1), 1)
    one_off = np.array([0.0, -np.inf])  # a class ruled out
    assert ops.logsumexp(one_off) == 0
    np.testing.assert_array_equal(ck.grad(ops.logsumexp)(one_off), [1, 0])


@pytest.mark.parametrize("name", module.__all__)
@pytest.mark.parametrize("axis", [None, 0, -1])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_precision_is_kept(name, axis, dtype):
    x = np.linspace(0.5, 2, 6).reshape(2, 3).astype(dtype)
    f = getattr(ops, name)
    assert dtypes_through(lambda x: f(x, axis=axis), x) == {np.dtype(dtype)}


def test_arguments_that_would_be_ignored_are_refused():
    for f in (lambda x: np.sum(x, initial=1.0), lambda x: np.mean(x, where=np.ones(2, bool))):
        with pytest.raises(TypeError, match=r"initial|where"):
            ck.vjp(f, np.ones(2))
    with pytest.raises(ck.ShapeError, match=r"sum of shapes \(2,\)"):
        ck.vjp(lambda x: x.sum(axis=1), np.ones(2))
