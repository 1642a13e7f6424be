"""Activations: values and two derivatives, against exact values, differences and known facts."""

import math
from functools import partial

import numpy as np
import pytest

import coursekit as ck
from coursekit.activations import (
    elu,
    gelu,
    get,
    leaky_relu,
    log_softmax,
    maxout,
    names,
    selu,
    sigmoid,
    sign,
    smelu,
    softmax,
    softplus,
    tanh,
)  # fmt: skip

TINY = 5e-324  # the smallest float64 above 0
EXTREME = [1e300, 1e30, 1000.0, 750.0, 40.0, 1e-300, TINY, 0.0]
EXTREME += [-x for x in EXTREME]
GRID = np.concatenate([np.linspace(-12, 12, 193), EXTREME])
SMOOTH = np.array([-3.1, -1.3, -0.4, 0.3, 0.7, 1.9, 4.2])  # away from every kink

ELEMENTWISE = sorted(set(names()) - {"softmax", "log_softmax"})
VARIANTS = {name: get(name) for name in names()} | {
    "leaky_relu 0.2": partial(leaky_relu, slope=0.2),
    "elu 0.5": partial(elu, alpha=0.5),
    "gelu tanh": partial(gelu, approximate="tanh"),
    "smelu 0.6": partial(smelu, beta=0.6),
}


def derivatives(f, x):
    """f(x), the gradient of <w, f> and its derivative along v."""
    w, v = np.cos(np.arange(x.size)), np.sin(1.0 + np.arange(x.size))
    slope = lambda x: ck.vjp(f, x)[1](w.astype(x.dtype))[0]  # noqa: E731
    return f(x), slope(x), ck.vjp(slope, x)[1](v.astype(x.dtype))[0]


# --- against finite differences and definitions
@pytest.mark.parametrize("name", sorted(VARIANTS))
def test_derivatives_agree_with_finite_differences(name):
    assert ck.check_grad(VARIANTS[name], SMOOTH, order=2) < 1e-7


DEFINITIONS = {
    "identity": lambda x: x,
    "linear": lambda x: x,
    "relu": lambda x: max(x, 0),
    "leaky_relu": lambda x: max(0.01 * x, x),
    "absolute": abs,
    "abs": abs,
    "sign": lambda x: (x > 0) - (x < 0),
    "sigmoid": lambda x: 1 / (1 + math.exp(-x)),
    "tanh": math.tanh,
    "log_sigmoid": lambda x: -math.log(1 + math.exp(-x)),
    "softplus": lambda x: math.log(1 + math.exp(x)),
    "elu": lambda x: x if x > 0 else math.exp(x) - 1,
    "selu": lambda x: 1.0507009873554805 * (x if x > 0 else 1.6732632423543772 * math.expm1(x)),
    "silu": lambda x: x / (1 + math.exp(-x)),
    "gelu": lambda x: x / 2 * (1 + math.erf(x / math.sqrt(2))),
    "smelu": lambda x: 0 if x < -1 else x if x > 1 else (x + 1) ** 2 / 4,
}


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_definition(name):
    expected = [DEFINITIONS[name](float(x)) for x in SMOOTH]
    np.testing.assert_allclose(get(name)(SMOOTH), expected, rtol=1e-14, atol=1e-16)


def test_error_function_has_all_digits():
    x = np.concatenate([np.linspace(-6, 26, 4001), [0.46875, 4.0, TINY, 1000.0, np.inf, -np.inf]])
    erf, erfc = (np.array([f(t) for t in x]) for f in (math.erf, math.erfc))
    np.testing.assert_allclose(ck.ops.erf(x), erf, rtol=1e-15, atol=0)
    np.testing.assert_allclose(ck.ops.erfc(x), erfc, rtol=2e-15, atol=0)
    assert ck.check_grad(ck.ops.erf, SMOOTH) < 1e-8
    assert ck.check_grad(ck.ops.erfc, SMOOTH) < 1e-8


# --- extremes and precision
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", sorted(VARIANTS))
def test_no_overflow_and_no_change_of_precision(name, dtype):
    x = np.array([*EXTREME, 1e-40, -1e-40, -88.0, 89.0])
    x = x[np.abs(x) < np.finfo(dtype).max].astype(dtype)
    with np.errstate(all="raise", under="ignore"):
        found = derivatives(VARIANTS[name], x)
    for a in found:
        assert a.dtype == dtype
        assert np.isfinite(a).all()


@pytest.mark.parametrize("name", sorted(VARIANTS))
def test_float32_is_float64_rounded(name):
    for single, double in zip(
        derivatives(VARIANTS[name], SMOOTH.astype("float32")),
        derivatives(VARIANTS[name], SMOOTH.astype("float32").astype(float)),
        strict=True,
    ):
        np.testing.assert_allclose(single, double, rtol=2e-5, atol=2e-6)


# Name, x, and 17 digits of the function and two derivatives, computed with 400 by mpmath 1.3.
EXACT = [
    ("sigmoid", -745, 2.8223507304719371e-324, 2.8223507304719371e-324, 2.8223507304719371e-324),
    ("sigmoid", -40, 4.248354255291589e-18, 4.248354255291589e-18, 4.2483542552915889e-18),
    ("sigmoid", -1e-10, 0.499999999975, 0.25, 1.25e-11),
    ("sigmoid", 40, 1.0, 4.248354255291589e-18, -4.2483542552915889e-18),
    ("tanh", -20, -1.0, 1.6993417021166356e-17, 3.3986834042332711e-17),
    ("tanh", 1e-10, 1.0e-10, 1.0, -2.0e-10),
    ("tanh", 9.5, 0.99999998879440719, 2.2411185499018449e-8, -4.482237049577566e-8),
    ("log_sigmoid", -1000, -1000.0, 1.0, 0.0),
    ("log_sigmoid", -1e-10, -0.69314718060994531, 0.500000000025, -0.25),
    ("log_sigmoid", 50, -1.9287498479639178e-22, 1.9287498479639178e-22, -1.9287498479639178e-22),
    ("softplus", -745, 2.8223507304719371e-324, 2.8223507304719371e-324, 2.8223507304719371e-324),
    ("softplus", -50, 1.9287498479639178e-22, 1.9287498479639178e-22, 1.9287498479639178e-22),
    ("softplus", 20, 20.000000002061154, 0.99999999793884638, 2.0611536139418493e-9),
    ("elu", -50, -1.0, 1.9287498479639178e-22, 1.9287498479639178e-22),
    ("elu", -1e-10, -9.9999999995000004e-11, 0.9999999999, 0.9999999999),
    ("selu", -50, -1.7580993408473767, 3.3909338363648418e-22, 3.3909338363648418e-22),
    ("selu", -1e-10, -1.7580993407594718e-10, 1.7580993406715667, 1.7580993406715667),
    ("selu", 3, 3.1521029620664414, 1.0507009873554805, 0.0),
    ("silu", -700, -6.9017735806318396e-302, -6.8919139040880798e-302, -6.8820542275443201e-302),
    ("silu", -30, -2.8072868906517897e-12, -2.713710660963134e-12, -2.6201344312742331e-12),
    ("silu", 1e-10, 5.0000000002500002e-11, 0.50000000005, 0.5),
    ("silu", 40, 40.0, 1.0000000000000002, -1.6143746170108038e-16),
    ("gelu", -37.5, -1.7270073785932331e-306, -6.4762711430558126e-305, -2.4268722185599548e-303),
    ("gelu", -10, -7.6198530241605261e-23, -7.6184000964648141e-22, -7.540706654172291e-21),
    ("gelu", -1e-10, -4.9999999996010579e-11, 0.49999999992021154, 0.79788456080286536),
    ("gelu", 7, 6.9999999999910413, 1.0000000000626632, -4.2933185919313589e-10),
]


@pytest.mark.parametrize("row", EXACT, ids=lambda row: f"{row[0]} at {row[1]}")
def test_tails_keep_their_digits(row):
    f, x, exact = get(row[0]), row[1], row[2:]
    for dtype, digits, smallest in [("float64", 1e-15, TINY), ("float32", 6e-7, 2e-44)]:
        at = np.array(x, dtype)
        found = f(at), ck.grad(f)(at), ck.grad(ck.grad(f))(at)
        np.testing.assert_allclose(found, exact, rtol=digits, atol=smallest)


LIMITS = {  # at -infinity: the function and its slope; the same at infinity
    "identity": (-np.inf, 1, np.inf, 1),
    "relu": (0, 0, np.inf, 1),
    "leaky_relu": (-np.inf, 0.01, np.inf, 1),
    "absolute": (np.inf, -1, np.inf, 1),
    "sign": (-1, 0, 1, 0),
    "sigmoid": (0, 0, 1, 0),
    "tanh": (-1, 0, 1, 0),
    "log_sigmoid": (-np.inf, 1, 0, 0),
    "softplus": (0, 0, np.inf, 1),
    "elu": (-1, 0, np.inf, 1),
    "selu": (-1.7580993408473767, 0, np.inf, 1.0507009873554805),
    "silu": (0, 0, np.inf, 1),
    "gelu": (0, 0, np.inf, 1),
    "gelu tanh": (0, 0, np.inf, 1),
    "smelu": (0, 0, np.inf, 1),
}


@pytest.mark.parametrize("name", LIMITS)
def test_infinity_is_answered_by_the_limit(name):
    f, ones = VARIANTS[name], np.ones(2)
    slope = lambda x: ck.vjp(f, x)[1](ones)[0]  # noqa: E731
    for far in np.array([-np.inf, np.inf]), np.array([-1e300, 1e300]):
        np.testing.assert_allclose(np.clip(f(far), -1e99, 1e99), limits(name, 0), rtol=1e-15)
        np.testing.assert_allclose(slope(far), limits(name, 1), rtol=1e-15)
        assert not ck.vjp(slope, far)[1](ones)[0].any()
    assert np.isnan(f(np.array(np.nan)))


def limits(name, order):
    return np.clip(LIMITS[name][order::2], -1e99, 1e99)


def test_every_activation_has_its_limits():
    assert set(LIMITS) == set(ELEMENTWISE) - {"linear", "abs"} | {"gelu tanh"}


def test_slope_of_sigmoid_is_at_most_a_quarter_and_never_zero():
    slope = ck.grad(lambda x: sigmoid(x).sum())(np.linspace(-700, 700, 1401))
    assert slope.max() == 0.25 == slope[700]
    assert slope.min() > 0
    # y (1 - y) is 0 here, and so is the derivative of PyTorch.
    np.testing.assert_allclose(ck.grad(sigmoid)(40.0), math.exp(-40), rtol=1e-13)


# --- known facts
@pytest.mark.parametrize(
    "f, slope",
    [("relu", 0.0), ("leaky_relu", 0.01), ("absolute", 0.0), ("sign", 0.0), ("elu", 1.0),
     (partial(elu, alpha=0.5), 0.5), ("smelu", 0.5)],
)  # fmt: skip
def test_slope_at_zero(f, slope):
    for zero in (0.0, -0.0):
        assert ck.grad(get(f))(zero) == slope
        assert f == "smelu" or ck.grad(ck.grad(get(f)))(zero) == 0


def test_maxout_takes_the_largest_of_neighbours():
    x = np.random.default_rng(0).normal(size=(4, 6))
    for pieces in (1, 2, 3, 6):
        expected = [[max(row[i : i + pieces]) for i in range(0, 6, pieces)] for row in x]
        np.testing.assert_array_equal(maxout(x, pieces), expected)
    assert ck.check_grad(lambda x: maxout(x, 3), x, order=2) < 1e-8
    assert maxout(x.astype("float32")).dtype == "float32"
    for wrong in (4, 0):
        with pytest.raises(ValueError, match=f"6 features are not a multiple of pieces={wrong}"):
            maxout(x, wrong)


def test_maxout_is_relu_and_the_absolute_value():
    z = SMOOTH[:, None]
    np.testing.assert_array_equal(maxout(z * [1, 0])[:, 0], np.maximum(SMOOTH, 0))
    np.testing.assert_array_equal(maxout(z * [1, -1])[:, 0], np.abs(SMOOTH))
    np.testing.assert_array_equal(ck.grad(lambda x: maxout(x)[0])(np.ones(2)), [0.5, 0.5])


def test_tanh_is_a_stretched_sigmoid():
    np.testing.assert_allclose(tanh(GRID), 2 * sigmoid(2 * GRID) - 1, rtol=0, atol=1e-15)


def test_softplus_is_relu_up_to_a_part_that_is_even():
    np.testing.assert_allclose(softplus(GRID) - softplus(-GRID), GRID, rtol=1e-15, atol=1e-15)


def test_selu_keeps_mean_0_and_variance_1():
    z = np.arange(-12_000, 12_001) / 1000
    density = np.exp(-(z**2) / 2) / math.sqrt(2 * math.pi) / 1000
    assert abs((density * selu(z)).sum()) < 1e-6
    assert (density * selu(z) ** 2).sum() == pytest.approx(1, abs=1e-6)


def test_nothing_is_learnt_through_sign():
    assert not ck.grad(lambda x: sign(x).sum())(SMOOTH).any()


def test_the_slope_of_leaky_relu_can_be_learnt():
    x = np.array([-2.0, 3.0])
    by_slope = ck.grad(lambda a: leaky_relu(x, slope=a).sum())(0.1)
    assert by_slope == -2.0
    by_alpha = ck.grad(lambda a: elu(x, alpha=a).sum())(1.0)
    assert by_alpha == pytest.approx(math.expm1(-2))


def test_the_fast_gelu_is_close():
    x = np.linspace(-6, 6, 1001)
    assert 4e-4 < np.abs(gelu(x) - gelu(x, approximate="tanh")).max() < 5e-4


def test_softmax_is_a_distribution_that_ignores_constants():
    z = np.random.default_rng(0).normal(size=(50, 7)) * 10
    p = softmax(z)
    np.testing.assert_allclose(p.sum(axis=-1), 1, rtol=1e-15)
    np.testing.assert_allclose(softmax(z + 123.0), p, rtol=1e-12)
    np.testing.assert_allclose(np.exp(log_softmax(z)), p, rtol=1e-12)
    assert softmax(np.array([1000.0, 0.0])).tolist() == [1, 0]


def test_jacobian_of_softmax():
    z = np.array([0.1, -1.0, 2.0])
    p = np.exp(z) / np.exp(z).sum()
    np.testing.assert_allclose(ck.jacobian(softmax)(z), np.diag(p) - np.outer(p, p), atol=1e-15)


# --- by name
def test_every_activation_has_a_definition_here():
    assert set(DEFINITIONS) == set(ELEMENTWISE)


def test_get_passes_functions_and_explains_wrong_names():
    assert get(np.sin) is np.sin
    with pytest.raises(ValueError, match=r"no activation 'Relu'; did you mean 'relu'\? .*softplus"):
        get("Relu")
    with pytest.raises(TypeError, match="activation must be a name or a function, not 3"):
        get(3)


def test_wrong_parameters_are_refused():
    with pytest.raises(TypeError, match="slop"):
        leaky_relu(SMOOTH, slop=0.1)
    with pytest.raises(ValueError, match='"none" or "tanh", not \'erf\''):
        gelu(SMOOTH, approximate="erf")
    for beta in (0.0, -1.0, np.nan):
        with pytest.raises(ValueError, match="smelu: beta must be a number > 0"):
            smelu(SMOOTH, beta=beta)
