"""Layers: Maxout, PReLU, batch norm and dropout against what their papers say."""

import numpy as np
import pytest

import coursekit as ck
from coursekit import activations
from coursekit.autograd import vjp

RNG = np.random.default_rng(0)
X = RNG.normal(size=(5, 3))


def some_theta(net, seed=1):
    return np.random.default_rng(seed).normal(size=net.layout.size)


# --- maxout
MAXOUT = ck.Sequential(ck.Maxout(3, 4, pieces=3), ck.Maxout(4, 2, bias=False))


def test_maxout_is_the_largest_of_linear_functions():
    assert [(b.name, b.shape, b.role) for b in MAXOUT.layout.blocks] == [
        ("W1", (3, 12), "weight"), ("b1", (12,), "bias"), ("W2", (4, 4), "weight"),
    ]  # fmt: skip
    theta = some_theta(MAXOUT)
    W1, b1, W2 = MAXOUT.layout.unpack(theta)
    for row, y in zip(X, MAXOUT(theta, X), strict=True):
        pieces = [[row @ W1[:, 3 * u + k] + b1[3 * u + k] for k in range(3)] for u in range(4)]
        h = np.array([max(each) for each in pieces])
        expected = [max(h @ W2[:, 0], h @ W2[:, 1]), max(h @ W2[:, 2], h @ W2[:, 3])]
        np.testing.assert_allclose(y, expected, rtol=1e-13)
    assert ck.check_grad(lambda th: np.sin(MAXOUT(th, X)).sum(), theta, order=2) < 1e-6


def test_one_unit_is_relu_or_leaky_relu_or_the_absolute_value():
    unit, x = ck.Sequential(ck.Maxout(1, 1, bias=False)), np.linspace(-2, 2, 9)[:, None]
    for slopes, f in [
        ([1.0, 0.0], activations.relu), ([1.0, -1.0], np.abs), ([1.0, 0.01], activations.leaky_relu)
    ]:  # fmt: skip
        np.testing.assert_array_equal(unit(np.array(slopes), x), f(x))


def test_each_piece_of_maxout_is_drawn_like_a_linear_layer():
    net = ck.Sequential(ck.Maxout(300, 200, pieces=3), ck.Maxout(200, 100, pieces=3))
    for name, variances in [
        ("xavier_normal", (2 / 500, 2 / 300)),
        # After max(z1, z2, z3), whose second moment is 1 + sqrt(3) / (2 pi).
        ("kaiming_normal", np.array([1 / 300, 1 / 200]) / (1 + np.sqrt(3) / (2 * np.pi))),
    ]:
        arrays = net.layout.unpack(net.init(name, rng=0).astype(float))
        for W, variance in zip(arrays[::2], variances, strict=True):
            assert W.var() == pytest.approx(variance, rel=5 * np.sqrt(2 / W.size))
        assert not arrays[1].any() and not arrays[3].any()
    W = net.layout.unpack(net.init("orthogonal", rng=0).astype(float))[0]
    for piece in (W[:, k::3] for k in range(3)):
        np.testing.assert_allclose(piece.T @ piece, np.eye(200), atol=1e-5)
    assert (W[:, 0] != W[:, 1]).any()


def test_kaiming_carries_a_signal_through_maxout():
    x = np.random.default_rng(0).normal(size=(100, 128))
    for depth in (1, 10, 30):
        net = ck.Sequential(*[ck.Maxout(128, 128)] * depth)
        moment = (net(net.init("kaiming_normal", rng=1).astype(float), x) ** 2).mean()
        assert 0.5 < moment < 2


def test_factors_of_maxout_are_those_of_its_linear_part():
    net = ck.Sequential(ck.Maxout(3, 4, pieces=2))
    theta = some_theta(net)
    f = net.objective(X[:1], np.array([2]))  # of one row, so that the Fisher matrix is A (x) G
    (factors,) = f.factors(theta)
    assert factors.A.shape == (4, 4) and factors.G.shape == (8, 8)
    fisher = np.array([f.ggn(theta, e) for e in np.eye(net.layout.size)])
    np.testing.assert_allclose(np.kron(factors.A, factors.G), fisher, atol=1e-14)


# --- PReLU
@pytest.mark.parametrize("features", [None, 3])
def test_prelu_learns_its_slope(features):
    net = ck.Sequential(ck.Linear(3, 3, bias=False), ck.PReLU(features, init=0.1))
    n = features or 1
    block = net.layout["a2"]
    assert (block.shape, block.role) == ((n,), "slope")
    theta = net.init("orthogonal", rng=0).astype(float)
    np.testing.assert_allclose(theta[9:], 0.1, rtol=1e-6)
    theta = np.concatenate([np.eye(3).ravel(), np.linspace(0.2, 0.4, n)])
    a = theta[9:]
    np.testing.assert_allclose(net(theta, X), np.where(X > 0, X, a * X), rtol=1e-15)
    w = np.cos(np.arange(15.0)).reshape(5, 3)
    by_slope = vjp(net, theta, X)[1](w)[0][9:]
    each = (w * np.where(X > 0, 0, X)).sum(axis=0)
    np.testing.assert_allclose(by_slope, each if features else [each.sum()], rtol=1e-13)
    assert ck.check_grad(lambda th: np.sin(net(th, X)).sum(), theta, order=2) < 1e-6


def test_prelu_in_a_network():
    net = ck.MLP([3, 4, 4, 2], activation=ck.PReLU())
    assert [b.name for b in net.layout.blocks] == [
        "W1", "b1", "a2", "W3", "b3", "a4", "W5", "b5",
    ]  # fmt: skip
    assert net.layout.mask("slope").sum() == 2
    # Kaiming's gain is that of the slope it starts with: 2 / (1 + a^2).
    wide = ck.MLP([400, 400, 9], activation=ck.PReLU(init=0.5))
    W1, _, _, W3, _ = wide.layout.unpack(wide.init("kaiming_normal", rng=0).astype(float))
    for W in (W1, W3):
        assert W.var() * 400 == pytest.approx(1.6, rel=5 * np.sqrt(2 / W.size))


# --- batch norm
BN = ck.Sequential(ck.Linear(3, 3, bias=False), ck.BatchNorm(3, eps=0.25, momentum=0.3))
THETA_BN = np.concatenate([np.eye(3).ravel(), [1.0, 2, 3], [0.1, 0.2, 0.3]])
GAMMA, BETA = THETA_BN[9:12], THETA_BN[12:]


def test_batch_norm_in_training_uses_the_biased_moments_of_the_batch():
    mean, var = X.sum(0) / 5, ((X - X.sum(0) / 5) ** 2).sum(0) / 5
    expected = GAMMA * (X - mean) / np.sqrt(var + 0.25) + BETA
    np.testing.assert_allclose(BN(THETA_BN, X, train=True), expected, rtol=1e-13)


def test_batch_norm_normalises():
    net = ck.Sequential(ck.Linear(3, 3), ck.BatchNorm(3, eps=0))
    theta = some_theta(net)
    y = net(theta, X, train=True)
    gamma, beta = net.layout.unpack(theta)[2:]
    np.testing.assert_allclose(y.mean(0), beta, atol=1e-13)
    np.testing.assert_allclose(y.std(0), abs(gamma), rtol=1e-12)


def test_running_stats_follow_pytorchs_rule():
    f = BN.objective(X, np.zeros((5, 3)), "mse")
    f.value(THETA_BN)
    (moments,) = f.moments
    np.testing.assert_allclose(moments.mean, X.mean(0), rtol=1e-14)
    np.testing.assert_allclose(moments.var, X.var(0), rtol=1e-13)
    assert moments.n == 5
    start = (type(BN.init_stats()[0])(np.array([1.0, 2, 3]), np.array([4.0, 5, 6])),)
    (stats,) = BN.update_stats(start, f.moments)
    np.testing.assert_allclose(stats.mean, 0.7 * start[0].mean + 0.3 * X.mean(0), rtol=1e-14)
    unbiased = X.var(0, ddof=1)
    np.testing.assert_allclose(stats.var, 0.7 * start[0].var + 0.3 * unbiased, rtol=1e-13)
    expected = GAMMA * (X - stats.mean) / np.sqrt(stats.var + 0.25) + BETA
    np.testing.assert_allclose(BN(THETA_BN, X, stats=(stats,)), expected, rtol=1e-13)
    np.testing.assert_array_equal(start[0].mean, [1, 2, 3])  # nothing changed in place


def test_a_batch_of_one_row_normalises_to_beta():
    np.testing.assert_array_equal(BN(THETA_BN, X[:1], train=True), BETA[None])
    f = BN.objective(X[:1], np.zeros((1, 3)), "mse")
    f.grad(THETA_BN)
    (stats,) = BN.update_stats(BN.init_stats(), f.moments)
    np.testing.assert_allclose(stats.var, 0.7, rtol=1e-6)  # its variance counts as 0, not 0/0


# --- dropout
WIDE = ck.Sequential(
    ck.Linear(1, 500, bias=False), ck.Dropout(0.3), ck.Linear(500, 500, bias=False)
)
EYE = np.concatenate([np.ones(500), np.eye(500).ravel()])


def test_dropout_drops_its_share_and_scales_the_rest():
    y = WIDE(EYE, np.ones((40, 1)), train=True, rng=5)
    assert set(np.unique(y.round(12))) == {0.0, round(1 / 0.7, 12)}
    n = y.size
    assert abs((y == 0).mean() - 0.3) < 4 * np.sqrt(0.3 * 0.7 / n)  # four standard errors
    assert (y[0] != y[1]).any()  # rows have masks of their own


def test_dropout_masks_are_a_function_of_rng_and_place():
    x = np.ones((4, 1))
    first = WIDE(EYE, x, train=True, rng=(5, 1))
    np.testing.assert_array_equal(first, WIDE(EYE, x, train=True, rng=(5, 1)))
    for other in (5, (5, 2), (6, 1), None):
        assert (first != WIDE(EYE, x, train=True, rng=other)).any()
    twice = ck.Sequential(
        ck.Linear(1, 500, bias=False), ck.Dropout(0.5), "linear", ck.Dropout(0.5),
    )  # fmt: skip
    y = twice(EYE[:500], x, train=True, rng=5)
    assert abs((y == 0).mean() - 0.75) < 4 * np.sqrt(0.75 * 0.25 / y.size)  # two masks, not one


def test_dropout_is_absent_from_evaluation():
    x = np.ones((4, 1))
    np.testing.assert_array_equal(WIDE(EYE, x, rng=3), np.ones((4, 500)))
    none = ck.Sequential(ck.Linear(1, 2), ck.Dropout(0))
    np.testing.assert_array_equal(none(np.ones(4), x, train=True), none(np.ones(4), x))


def test_dropout_in_float32_stays_there():
    assert WIDE(EYE.astype("float32"), np.ones((2, 1)), train=True).dtype == "float32"


# --- what is refused
@pytest.mark.parametrize(
    "call, message",
    [
        (lambda: ck.Linear(0, 3), "Linear: fan_in must be an int >= 1, not 0"),
        (lambda: ck.Linear(3, 2.0), "Linear: fan_out must be an int >= 1, not 2.0"),
        (lambda: ck.Linear(True, 2), "fan_in must be an int >= 1, not True"),
        (lambda: ck.BatchNorm(0), "BatchNorm: features must be an int >= 1"),
        (lambda: ck.BatchNorm(3, eps=-1.0), "BatchNorm: eps must be a number >= 0"),
        (lambda: ck.BatchNorm(3, eps="a"), "BatchNorm: eps must be a number >= 0, not 'a'"),
        (lambda: ck.BatchNorm(3, momentum=1.5), r"momentum must lie in \[0, 1\]"),
        (lambda: ck.BatchNorm(3, momentum="a"), r"momentum must lie in \[0, 1\], not 'a'"),
        (lambda: ck.Dropout(1.0), r"Dropout: rate must lie in \[0, 1\), not 1.0"),
        (lambda: ck.Dropout("a"), r"Dropout: rate must lie in \[0, 1\), not 'a'"),
        (lambda: ck.Maxout(3, 2, pieces=0), "Maxout: pieces must be an int >= 1, not 0"),
        (lambda: ck.Maxout(3, 2.5), "Maxout: fan_out must be an int >= 1, not 2.5"),
        (lambda: ck.PReLU(0), "PReLU: features must be an int >= 1, not 0"),
        (lambda: ck.PReLU(init=np.nan), "PReLU: init must be a finite number, not nan"),
        (lambda: ck.PReLU(init="a"), "PReLU: init must be a finite number, not 'a'"),
        (lambda: ck.Sequential(ck.Linear(3, 4), ck.PReLU(3)), "reads 3 features, .* gives 4"),
        (lambda: ck.Sequential(ck.Maxout(3, 4), ck.Linear(8, 1)), "reads 8 features, .* gives 4"),
    ],
)  # fmt: skip
def test_wrong_fields(call, message):
    with pytest.raises(ValueError, match=message):
        call()
