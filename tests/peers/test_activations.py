"""Activations beside PyTorch's, and beside as many digits as one likes."""

from functools import partial

import numpy as np
import pytest

import coursekit as ck
from coursekit.activations import elu, gelu, get, leaky_relu, names, smelu

torch = pytest.importorskip("torch")
mp = pytest.importorskip("mpmath")
pytestmark = pytest.mark.peers

F = torch.nn.functional
TINY = 5e-324
NEAR = np.concatenate([np.linspace(-12, 12, 193), [-TINY, TINY, -1e-300, 1e-300, 1e-9, -1e-9]])
GRID = np.concatenate([NEAR, [-1e300, -1e30, -1e4, -750, -40, 40, 750, 1e4, 1e30, 1e300]])

OURS = {name: get(name) for name in names() if name not in ("linear", "abs", "smelu")} | {
    "leaky_relu 0.2": partial(leaky_relu, slope=0.2),
    "elu 0.5": partial(elu, alpha=0.5),
    "gelu tanh": partial(gelu, approximate="tanh"),
}
TORCHS = {
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


def derivatives(f, x):
    """f(x), the gradient of <w, f> and its derivative along v."""
    w, v = np.cos(np.arange(x.size)), np.sin(1.0 + np.arange(x.size))
    slope = lambda x: ck.vjp(f, x)[1](w.astype(x.dtype))[0]  # noqa: E731
    return f(x), slope(x), ck.vjp(slope, x)[1](v.astype(x.dtype))[0]


def torch_derivatives(f, x):
    x = torch.tensor(x, requires_grad=True)
    n = torch.arange(x.numel(), dtype=torch.float64)
    w, v = torch.cos(n).to(x.dtype), torch.sin(1 + n).to(x.dtype)
    y = f(x)
    (g,) = torch.autograd.grad(y, x, w, create_graph=True)
    h = None
    if g.requires_grad:
        (h,) = torch.autograd.grad(g, x, v, allow_unused=True)
    h = torch.zeros_like(x) if h is None else h
    return tuple(t.detach().numpy(force=True) for t in (y, g, h))


def test_every_activation_has_its_counterpart():
    assert set(OURS) == set(TORCHS)


@pytest.mark.parametrize("dtype, tolerance", [("float64", 1e-12), ("float32", 2e-5)])
@pytest.mark.parametrize("name", TORCHS)
def test_values_and_two_derivatives(name, dtype, tolerance):
    x = GRID[np.abs(GRID) < np.finfo(dtype).max].astype(dtype)
    for mine, theirs in zip(
        derivatives(OURS[name], x), torch_derivatives(TORCHS[name], x), strict=True
    ):
        assert mine.dtype == dtype
        assert np.isfinite(mine).all()
        known = np.isfinite(theirs)  # PyTorch's gelu has NaN among its derivatives from 1e30 on
        assert known.all() or name.startswith("gelu")
        np.testing.assert_allclose(mine[known], theirs[known], rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("slopes", [1, 3])
def test_prelu_by_x_and_by_slope(slopes):
    x = np.random.default_rng(0).normal(size=(5, 3))
    x[0, 0] = 0
    a, w = np.linspace(0.1, 0.4, slopes), np.sin(np.arange(15.0)).reshape(5, 3)
    net = ck.Sequential(ck.Linear(3, 3, bias=False), ck.PReLU(None if slopes == 1 else 3))
    theta = np.concatenate([np.eye(3).ravel(), a])
    y, pull = ck.vjp(net, theta, x)
    by_theta, by_x = pull(w)
    tx, ta = torch.tensor(x, requires_grad=True), torch.tensor(a, requires_grad=True)
    ty = F.prelu(tx, ta)
    gx, ga = torch.autograd.grad(ty, (tx, ta), torch.tensor(w))
    for mine, theirs in [(y, ty.detach()), (by_x, gx), (by_theta[9:], ga)]:
        np.testing.assert_allclose(mine, theirs.numpy(), rtol=1e-13, atol=1e-14)


# --- as many digits as one likes
def logistic(x):
    return 1 / (1 + mp.exp(-x))


def bell(x):
    return logistic(x) * logistic(-x)


def density(x):
    return mp.exp(-x * x / 2) / mp.sqrt(2 * mp.pi)


def share(x):
    return mp.erfc(-min(max(x, -10_000), 10_000) / mp.sqrt(2)) / 2


def soft(x):
    return mp.log1p(mp.exp(x)) if x < 10_000 else x


def slope_of_silu(x):
    return logistic(x) + x * bell(x)


def curve_of_silu(x):
    return bell(x) * (2 - x * mp.tanh(x / 2))


EXACT = {
    "sigmoid": (logistic, bell, lambda x: -bell(x) * mp.tanh(x / 2)),
    "tanh": (mp.tanh, lambda x: mp.sech(x) ** 2, lambda x: -2 * mp.tanh(x) * mp.sech(x) ** 2),
    "log_sigmoid": (lambda x: -soft(-x), lambda x: logistic(-x), lambda x: -bell(x)),
    "softplus": (soft, logistic, bell),
    "elu": (
        lambda x: x if x > 0 else mp.expm1(x),
        lambda x: 1 if x > 0 else mp.exp(x),
        lambda x: 0 if x >= 0 else mp.exp(x),
    ),
    "silu": (lambda x: x * logistic(x), slope_of_silu, curve_of_silu),
    "gelu": (
        lambda x: x * share(x),
        lambda x: share(x) + x * density(x),
        lambda x: (2 - x * x) * density(x),
    ),
    "smelu 0.75": (
        lambda x: 0 if x <= -0.75 else x if x >= 0.75 else (x + 0.75) ** 2 / 3,
        lambda x: min(max((x + 0.75) / 1.5, 0), 1),
        lambda x: 1 / mp.mpf(1.5) if -0.75 <= x <= 0.75 else 0,
    ),
}
TAILS = np.random.default_rng(0).uniform(12, 700, 40)
EVERYWHERE = np.concatenate([GRID, TAILS, -TAILS])


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", EXACT)
def test_every_digit_but_the_last(name, dtype):
    """Within eight units in the last place of the answer, or of what rounding x changes."""
    f = partial(smelu, beta=0.75) if name == "smelu 0.75" else get(name)
    x = EVERYWHERE[np.abs(EVERYWHERE) < np.finfo(dtype).max].astype(dtype)
    ones, limits = np.ones_like(x), np.finfo(dtype)
    slope = lambda x: ck.vjp(f, x)[1](ones)[0]  # noqa: E731
    found = f(x), slope(x), ck.vjp(slope, x)[1](ones)[0]
    with mp.workdps(60):
        at = [mp.mpf(float(t)) for t in x]
        exact = [[mp.mpf(rule(t)) for t in at] for rule in EXACT[name]]
        rates = [abs(t) * max(abs(d) for d in ds) for t, *ds in zip(at, *exact[1:], strict=True)]
        for order, values in enumerate(found):
            for t, mine, right, rate in zip(at, values, exact[order], rates, strict=True):
                off = abs(mp.mpf(float(mine)) - right)
                size = max(abs(right), mp.mpf(float(limits.tiny)))
                allowed = 8 * float(limits.eps) * (size + rate)
                assert off <= allowed, (order, float(t), float(mine), mp.nstr(right, 17))
