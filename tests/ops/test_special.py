"""The error function and its relatives against the C library's, and their derivatives."""

import math
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings

import coursekit as ck
from coursekit import ops
from coursekit.backend.fused import STRIP
from coursekit.ops import special as module
from tests.strategies import dtypes_through, operands

X = np.concatenate([np.linspace(-7, 7, 1401), np.linspace(-1e-3, 1e-3, 21), [-30.0, 30.0]])


FUNCTIONS = {
    "erf": (ops.erf, math.erf),
    "erfc": (ops.erfc, math.erfc),
    "gaussian": (lambda x: ops.gaussian(x, 0.5), lambda x: math.exp(-x * x / 2)),
    "normal_cdf": (ops.normal_cdf, lambda x: 0.5 * math.erfc(-x / math.sqrt(2))),
}


def test_every_operation_is_here():
    assert set(FUNCTIONS) == set(module.__all__)


def test_values_agree_with_the_c_library():
    np.testing.assert_allclose(ops.erf(X), [math.erf(x) for x in X], rtol=1e-15, atol=0)
    want = np.array([math.erfc(x) for x in X])
    np.testing.assert_allclose(ops.erfc(X), want, rtol=2e-14, atol=1e-320)  # far tail included
    np.testing.assert_allclose(ops.erf(X) + ops.erfc(X), 1, rtol=3e-16)
    want = [0.5 * math.erfc(-x / math.sqrt(2)) for x in X]
    np.testing.assert_allclose(ops.normal_cdf(X), want, rtol=2e-13, atol=0)  # -x/sqrt(2) rounds


@pytest.mark.parametrize("name", module.__all__)
def test_long_arrays_are_computed_in_strips_to_the_same_bits(name):
    f, x = FUNCTIONS[name][0], np.random.default_rng(0).normal(0, 3, (3, STRIP))
    np.testing.assert_array_equal(
        f(x), np.array([f(part) for part in x.reshape(-1, 64)]).reshape(x.shape)
    )


# 17 digits, computed with 60 by mpmath 1.3
@pytest.mark.parametrize(
    "f, x, exact",
    [
        (ops.normal_cdf, -37.5, 4.6053530095819548e-308),
        (ops.normal_cdf, -10.3, 3.5230650789264126e-25),
        (ops.normal_cdf, -1.0, 0.15865525393145705),
        (ops.normal_cdf, -1e-9, 0.49999999960105772),
        (ops.normal_cdf, 3.3, 0.99951657585761622),
        (partial(ops.gaussian, scale=0.25), 53.7, 8.078604927434629e-314),
        (partial(ops.gaussian, scale=1), 26.1, 1.426448125651665e-296),
        (partial(ops.gaussian, scale=1), -7.77, 6.0309075838979012e-27),
    ],
)
def test_far_tails_have_all_digits(f, x, exact):
    np.testing.assert_allclose(f(np.array(x)), exact, rtol=1e-15, atol=5e-324)
    single = f(np.array(x, "float32"))
    want = f(np.array(x, "float32").astype(float))
    np.testing.assert_allclose(single, want, rtol=6e-7, atol=3e-45)


def test_far_away():
    x = np.array([-np.inf, -1e300, -50.0, 50.0, 1e300, np.inf, np.nan])
    np.testing.assert_array_equal(ops.erf(x), [-1, -1, -1, 1, 1, 1, np.nan])
    np.testing.assert_array_equal(ops.erfc(x), [2, 2, 2, 0, 0, 0, np.nan])
    np.testing.assert_array_equal(ops.normal_cdf(x), [0, 0, 0, 1, 1, 1, np.nan])
    np.testing.assert_array_equal(ops.gaussian(x, 1), [0, 0, 0, 0, 0, 0, np.nan])
    for f, _ in FUNCTIONS.values():
        slope = ck.grad(lambda x, f=f: f(x).sum())
        np.testing.assert_array_equal(slope(x)[:-1], 0)
        np.testing.assert_array_equal(ck.grad(lambda x, g=slope: g(x).sum())(x)[:-1], 0)


@pytest.mark.parametrize("name", module.__all__)
@settings(max_examples=10)
@given(drawn=operands([(-3.0, 3.0)]))
def test_derivatives(name, drawn):
    ck.check_grad(FUNCTIONS[name][0], drawn[0], order=3)


@pytest.mark.parametrize("name", module.__all__)
def test_precision_is_kept(name):
    x, (f, exact) = np.linspace(-3, 6, 7, dtype=np.float32), FUNCTIONS[name]
    assert dtypes_through(f, x) == {np.dtype(np.float32)}
    np.testing.assert_allclose(f(x), [exact(t) for t in x], rtol=5e-6, atol=1e-30)
