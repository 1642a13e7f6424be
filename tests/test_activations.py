"""Activations: values and two derivatives, against PyTorch, finite differences and known facts."""

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
EXTREME = [-1000.0, -750.0, -40.0, -1e-300, -TINY, -0.0, 0.0, TINY, 1e-300, 40.0, 750.0, 1000.0]
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
    weighted = lambda x: (w.astype(x.dtype) * f(x)).sum()  # noqa: E731
    return f(x), ck.grad(weighted)(x), ck.hvp(weighted, x, v.astype(x.dtype))


# --- against PyTorch
def torch_variants():
    torch = pytest.importorskip("torch")
    F = torch.nn.functional
    return {
        "identity": lambda x: x * 1,
        "relu": F.relu,
        "leaky_relu": F.leaky_relu,
        "absolute": torch.abs,
        "sign": torch.sign,
        "sigmoid": torch.sigmoid,
        "tanh": torch.tanh,
        "log_sigmoid": F.logsigmoid,
        # From x = 20 on torch's softplus is x, which is wrong by 2e-9 there, unless told otherwise.
        "softplus": partial(F.softplus, threshold=700),
        "elu": F.elu,
        "selu": F.selu,
        "silu": F.silu,
        "gelu": F.gelu,
        "softmax": partial(torch.softmax, dim=-1),
        "log_softmax": partial(torch.log_softmax, dim=-1),
        "leaky_relu 0.2": partial(F.leaky_relu, negative_slope=0.2),
        "elu 0.5": partial(F.elu, alpha=0.5),
        "gelu tanh": partial(F.gelu, approximate="tanh"),
    }


def torch_derivatives(f, x):
    torch = pytest.importorskip("torch")
    x = torch.tensor(x, requires_grad=True)
    n = torch.arange(x.numel(), dtype=x.dtype)
    w, v = torch.cos(n), torch.sin(1 + n)
    y = f(x)
    (g,) = torch.autograd.grad((w * y).sum(), x, create_graph=True)
    if g.requires_grad:
        (h,) = torch.autograd.grad((v * g).sum(), x, allow_unused=True)
    else:
        h = None
    h = torch.zeros_like(x) if h is None else h
    return tuple(t.detach().numpy(force=True) for t in (y, g, h))


@pytest.mark.peers
@pytest.mark.parametrize("name", sorted(set(VARIANTS) - {"smelu", "smelu 0.6", "linear", "abs"}))
def test_values_and_two_derivatives_are_torchs(name):
    *ours, second = derivatives(VARIANTS[name], GRID)
    *theirs, their_second = torch_derivatives(torch_variants()[name], GRID)
    ours.append(without_kink(name, second))
    theirs.append(without_kink(name, their_second))
    for mine, yours in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(mine, yours, rtol=1e-12, atol=1e-12)


def without_kink(name, second):
    """The second derivative less that at 0, where elu has none and torch takes the right one."""
    return np.where(GRID == 0, 0, second) if name.startswith(("elu", "selu")) else second


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
    x = np.array([*EXTREME, 1e-40, -1e-40, -88.0, 89.0], dtype)
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


def test_tails_keep_their_digits():
    small = math.exp(-700)
    assert sigmoid(np.array(-700.0)) == pytest.approx(small, rel=1e-14, abs=0)
    assert softplus(np.array(-700.0)) == pytest.approx(small, rel=1e-14, abs=0)
    assert gelu(np.array(-10.0)) == pytest.approx(-5 * math.erfc(math.sqrt(50)), rel=1e-13, abs=0)


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
    assert ck.grad(get(f))(0.0) == slope


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
