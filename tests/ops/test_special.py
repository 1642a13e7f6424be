"""The error function against the C library's, and its derivatives."""

import math

import numpy as np
import pytest
from hypothesis import given, settings

import coursekit as ck
from coursekit import ops
from coursekit.ops import special as module
from tests.strategies import dtypes_through, operands

X = np.concatenate([np.linspace(-7, 7, 1401), np.linspace(-1e-3, 1e-3, 21), [-30.0, 30.0]])


def test_every_operation_is_here():
    assert {"erf", "erfc"} == set(module.__all__)


def test_values_agree_with_the_c_library():
    np.testing.assert_allclose(ops.erf(X), [math.erf(x) for x in X], rtol=1e-15, atol=0)
    want = np.array([math.erfc(x) for x in X])
    np.testing.assert_allclose(ops.erfc(X), want, rtol=2e-14, atol=1e-320)  # far tail included
    np.testing.assert_allclose(ops.erf(X) + ops.erfc(X), 1, rtol=3e-16)


def test_far_away():
    x = np.array([-np.inf, -1e300, -50.0, 50.0, 1e300, np.inf, np.nan])
    np.testing.assert_array_equal(ops.erf(x), [-1, -1, -1, 1, 1, 1, np.nan])
    np.testing.assert_array_equal(ops.erfc(x), [2, 2, 2, 0, 0, 0, np.nan])


@pytest.mark.parametrize("name", module.__all__)
@settings(max_examples=10)
@given(drawn=operands([(-3.0, 3.0)]))
def test_derivatives(name, drawn):
    ck.check_grad(getattr(ops, name), drawn[0], order=3)


@pytest.mark.parametrize("name", module.__all__)
def test_precision_is_kept(name):
    x = np.linspace(-3, 6, 7, dtype=np.float32)
    assert dtypes_through(getattr(ops, name), x) == {np.dtype(np.float32)}
    np.testing.assert_allclose(
        getattr(ops, name)(x), [getattr(math, name)(t) for t in x], rtol=5e-6, atol=1e-30
    )
