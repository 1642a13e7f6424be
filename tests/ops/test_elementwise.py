"""Every elementwise operation: value, broadcasting, precision, first and second derivative."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import coursekit as ck
from coursekit import ops
from coursekit.autograd import ShapeError
from coursekit.ops import elementwise
from tests.strategies import check_jointly, dtypes_through, operands

BOTH = [(-1.5, -0.3), (0.3, 1.5)]  # away from a kink or a pole at zero
UNARY = {
    "abs": BOTH, "absolute": BOTH, "arccos": [(-0.8, 0.8)], "arccosh": [(1.2, 3)],
    "arcsin": [(-0.8, 0.8)], "arcsinh": [(-2, 2)], "arctan": [(-2, 2)], "arctanh": [(-0.8, 0.8)],
    "cbrt": BOTH, "ceil": [(0.2, 0.8)], "cos": [(-2, 2)], "cosh": [(-2, 2)], "exp": [(-2, 2)],
    "exp2": [(-2, 2)], "expm1": [(-2, 2)], "floor": [(0.2, 0.8)], "log": [(0.3, 2)],
    "log10": [(0.3, 2)], "log1p": [(-0.5, 2)], "log2": [(0.3, 2)], "negative": [(-2, 2)],
    "reciprocal": BOTH, "rint": [(-0.4, 0.4)], "sign": BOTH, "sin": [(-2, 2)], "sinh": [(-2, 2)],
    "sqrt": [(0.3, 2)], "square": [(-2, 2)], "tan": [(-1, 1)], "tanh": [(-2, 2)],
    "trunc": [(0.2, 0.8)],
}  # fmt: skip
ANY = (-1.5, 1.5)
BINARY = {
    "add": (ANY, ANY), "arctan2": ((0.3, 1.5), ANY), "divide": (ANY, (0.4, 1.5)),
    "hypot": ((0.3, 1.5), ANY), "logaddexp": (ANY, ANY), "maximum": (ANY, ANY),
    "minimum": (ANY, ANY), "multiply": (ANY, ANY), "power": ((0.4, 1.5), ANY),
    "remainder": ((2.2, 2.8), (1.0, 1.05)), "subtract": (ANY, ANY),
}  # fmt: skip
OTHERS = {
    "clip": lambda x, low: ops.clip(x, low, 0.8),
    "where": lambda a, b: ops.where(np.arange(3) > 0, a, b),
}


def test_every_operation_has_a_row():
    assert {*UNARY, *BINARY, *OTHERS} == set(elementwise.__all__)


@pytest.mark.parametrize("name", UNARY)
@settings(max_examples=6)
@given(data=st.data())
def test_unary(name, data):
    (x,) = data.draw(operands([data.draw(st.sampled_from(UNARY[name]))]))
    f, reference = getattr(ops, name), getattr(np, name)
    np.testing.assert_array_equal(f(x), reference(x))
    y, _ = ck.vjp(reference, x)  # NumPy's function, handed a traced value
    np.testing.assert_array_equal(y, reference(x))
    ck.check_grad(f, x)


@pytest.mark.parametrize("name", BINARY)
@settings(max_examples=12)
@given(data=st.data())
def test_binary(name, data):
    a, b = data.draw(operands(BINARY[name]))
    f, reference = getattr(ops, name), getattr(np, name)
    np.testing.assert_allclose(f(a, b), reference(a, b), rtol=1e-15)
    y, pull = ck.vjp(reference, a, b)
    np.testing.assert_allclose(y, reference(a, b), rtol=1e-15)
    assert [d.shape for d in pull(np.ones_like(y))] == [a.shape, b.shape]
    check_jointly(f, a, b)


@pytest.mark.parametrize("name", BINARY)
@settings(max_examples=4)
@given(data=st.data())
def test_a_python_number_on_either_side(name, data):
    a, b = data.draw(operands(BINARY[name]))
    f = getattr(ops, name)
    low, high = BINARY[name][0]
    ck.check_grad(lambda b: f(low + 0.017 * (high - low), b), b)
    low, high = BINARY[name][1]
    ck.check_grad(lambda a: f(a, low + 0.017 * (high - low)), a)


@pytest.mark.parametrize("name", OTHERS)
@settings(max_examples=10)
@given(drawn=operands([(-1.0, 1.0), (-1.0, 1.0)]))
def test_choices(name, drawn):
    a, b = drawn
    if name == "where":
        a, b = (np.broadcast_to(x[..., :1], (*x.shape[:-1], 3)) if x.ndim else x for x in drawn)
    check_jointly(OTHERS[name], a, b)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", [*UNARY, *BINARY])
def test_precision_is_kept(name, dtype):
    domains = BINARY.get(name) or UNARY[name][-1:]
    arrays = [np.linspace(*domain, 4).astype(dtype) for domain in domains]
    f = getattr(ops, name)
    assert dtypes_through(f, *arrays) == {np.dtype(dtype)}
    assert dtypes_through(f, *(a[0] for a in arrays)) == {np.dtype(dtype)}  # NumPy scalars
    if name in BINARY:
        (a, b), (low_a, _), (low_b, _) = arrays, *domains
        assert dtypes_through(lambda b: f(low_a, b), b) == {np.dtype(dtype)}
        assert dtypes_through(lambda a: f(a, low_b), a) == {np.dtype(dtype)}


def test_precision_of_choices():
    x = np.linspace(-1, 1, 5, dtype=np.float32)
    for f in (
        lambda x: np.where(x > 0, x, 0), lambda x: np.where(x > 0, 1.5, x),
        lambda x: np.clip(x, -0.5, 0.5), lambda x: np.maximum(x, 0), lambda x: 2.0**x,
        lambda x: (x + 2) ** np.float32(1.5), lambda x: x / 3 + 1,
    ):  # fmt: skip
        assert dtypes_through(f, x) == {np.dtype(np.float32)}


def test_conventions_at_kinks():
    zero = np.zeros(1)
    slope = lambda f, x=zero: float(ck.grad(lambda x: f(x).sum())(x)[0])  # noqa: E731
    assert slope(np.abs) == 0
    assert slope(lambda x: np.maximum(x, 0)) == 0.5
    assert slope(lambda x: np.minimum(x, 0)) == 0.5
    assert slope(lambda x: np.maximum(x, x)) == 1
    assert slope(lambda x: np.clip(x, 0, 1)) == 1
    assert slope(lambda x: np.clip(x, -1, 0)) == 1
    assert slope(lambda x: x**0) == 0
    assert slope(lambda x: x**1) == 1
    assert slope(lambda x: x**2) == 0
    assert slope(lambda x: x ** np.zeros(1)) == 0
    assert slope(lambda p: 0.0**p, np.ones(1)) == 0  # d/dp 0^p, p > 0
    assert slope(lambda p: zero**p, np.ones(1)) == 0


def test_square_root_at_zero_is_infinitely_steep():
    with np.errstate(divide="ignore"):
        assert np.isposinf(ck.grad(np.sqrt)(0.0))


@pytest.mark.parametrize("p", [-2, -1, 0, 1, 2, 3, 0.5, 2.0, 1.0, 0.0, np.float64(2)])
def test_powers_with_short_cuts(p):
    x = np.array([0.7, 1.3])
    ck.check_grad(lambda x: x**p, x)
    if p == int(p):
        ck.check_grad(lambda x: x ** int(p), -x)
    np.testing.assert_allclose(
        ck.grad(lambda x: (x**p).sum())(x), p * x ** (p - 1.0), rtol=1e-15, atol=0
    )


@pytest.mark.parametrize("p", [0.0, 1.0, 2.0, 2.5])
def test_mixed_derivative_of_a_power_at_special_exponents(p):
    # d/dp d/dx x^p = x^(p-1) (1 + p log x); a short cut for p = 2 must not forget that p is traced
    x = 1.7
    mixed = ck.grad(lambda p: ck.grad(lambda x: x**p)(x))(p)
    assert mixed == pytest.approx(x ** (p - 1) * (1 + p * np.log(x)), rel=1e-14)
    other = ck.grad(lambda x: ck.grad(lambda p: x**p)(p))(x)
    assert other == pytest.approx(mixed, rel=1e-14)


def test_powers_of_negative_numbers():
    x = np.array([-1.5, -0.5, 0.0, 2.0])
    np.testing.assert_allclose(ck.grad(lambda x: (x**3).sum())(x), 3 * x**2)
    exponents = np.array([2.0, 3.0, 1.0, 0.0])
    np.testing.assert_allclose(ck.grad(lambda x: (x**exponents).sum())(x), [-3.0, 0.75, 1.0, 0.0])


def test_clip_takes_numpy_names_and_keeps_nan():
    x = np.array([-2.0, 0.5, 3.0, np.nan])
    for bounds in (
        {"min": 0, "max": 1}, {"a_min": 0, "a_max": 1}, {"max": 1}, {"a_min": 0, "a_max": None},
    ):  # fmt: skip
        y, pull = ck.vjp(lambda x, bounds=bounds: np.clip(x, **bounds), x)
        np.testing.assert_array_equal(y, np.clip(x, **bounds))
        inside = np.clip(x, **bounds) == x
        np.testing.assert_array_equal(pull(np.ones(4))[0][:3], inside[:3])
    y, _ = ck.vjp(lambda x: x.clip(0, 1), x)
    np.testing.assert_array_equal(y, x.clip(0, 1))


def test_shapes_that_do_not_broadcast_are_named():
    with pytest.raises(ShapeError, match=r"add.*\(3,\).*\(4,\)"):
        ck.vjp(lambda x: x + np.ones(4), np.ones(3))
    with pytest.raises(ShapeError, match=r"multiply.*\(2, 3\).*\(2,\)"):
        ck.grad(lambda x: (np.ones((2, 3)) * x).sum())(np.ones(2))
