"""Published results on first weights, normalisation and smoothed labels, on small problems.

Depth is what makes a start good or bad: thirty layers multiply whatever one layer does wrong.
"""

import math
from functools import partial

import numpy as np
import pytest

import coursekit as ck
from coursekit import activations, initializers
from coursekit.initializers import draw
from coursekit.optim import GradientDescent, Momentum

# --- one start, all layers alike (Defazio and Bottou 2019)
WIDTHS = [64, 256, 64, 512, 128, 512, 64, 32]


def imbalance(initializer, seeds=6):
    """Largest over smallest ||dL/dW||^2 / ||W||^2 among the hidden layers, on average."""
    net = ck.MLP(WIDTHS, "relu")
    matrices = [b for b in net.layout.blocks if b.role == "weight"]
    ratios = np.zeros(len(matrices))
    for seed in range(seeds):
        rng = np.random.default_rng(1000 + seed)
        x, upstream = rng.normal(size=(32, 64)), rng.normal(size=(32, 32))
        theta = net.init(initializer, rng=seed).astype(float)
        g = ck.vjp(lambda th, x=x: net(th, x), theta)[1](upstream)[0]
        ratios += [
            np.sum(g[b.start : b.stop] ** 2) / np.sum(theta[b.start : b.stop] ** 2)
            for b in matrices
        ]
    hidden = ratios[1:-1]
    return hidden.max() / hidden.min()


def test_the_geometric_mean_balances_layers_of_different_widths():
    assert imbalance("defazio_bottou") < 1.5
    assert imbalance("kaiming_normal") > 20
    assert imbalance(partial(initializers.kaiming_normal, mode="fan_out")) > 20
    # Xavier's arithmetic mean of the two fans lies between.
    assert 1.3 < imbalance(partial(initializers.xavier_normal, gain=math.sqrt(2))) < 5


# --- the signal through thirty layers (Glorot and Bengio 2010; He et al. 2015)
def mean_squares(initializer, activation, depth=30, width=256):
    """That of the signal after each layer; what goes in has 1."""
    rng, f = np.random.default_rng(0), activations.get(activation)
    x, found = rng.normal(size=(100, width)), []
    for _ in range(depth):
        x = f(x @ draw(initializer, (width, width), rng, activation))
        found.append(np.mean(x**2))
    return np.array(found)


def test_kaiming_carries_relu_and_xavier_loses_half_in_each_layer():
    he, xavier = mean_squares("kaiming_normal", "relu"), mean_squares("xavier_normal", "relu")
    # Second moment of the output of relu: half of what comes in, which the factor 2 restores.
    assert he[0] == pytest.approx(1, rel=0.1) and 0.2 < he[-1] < 5
    assert xavier[0] == pytest.approx(0.5, rel=0.1) and 0.1 < xavier[-1] * 2**30 < 10


def test_xavier_carries_linear_layers_and_pytorchs_default_loses_two_thirds():
    assert 0.5 < mean_squares("xavier_uniform", "identity")[-1] < 2
    xavier, default = (mean_squares(name, "tanh") for name in ("xavier_normal", "torch_default"))
    np.testing.assert_allclose(xavier[[0, 9, 29]], [0.40, 0.051, 0.016], rtol=0.15)
    assert 0.1 < default[-1] * 3**30 < 10
    assert default[-1] < 1e-6 * xavier[-1]


def test_the_absolute_value_needs_no_factor_two():
    assert 0.2 < mean_squares("lecun_normal", "absolute")[-1] < 5
    assert mean_squares(partial(initializers.lecun_normal), "relu")[-1] < 1e-8
    twice = partial(initializers.kaiming_normal, activation="relu")
    assert 0.1 < mean_squares(twice, "absolute")[-1] / 2**30 < 10


def test_five_wide_layers_collapse_from_the_standard_start_and_not_from_xaviers():
    """Glorot and Bengio 2010, figures 6 and 7: activations forwards, gradients backwards."""
    rng, widths = np.random.default_rng(0), [1000] * 6
    spread = {}
    for name in ("torch_default", "xavier_uniform"):
        x = rng.normal(size=(50, 1000))
        weights = [draw(name, (n, n), rng) for n in widths[1:]]
        signals = [x]
        for W in weights:
            signals.append(np.tanh(signals[-1] @ W))
        g, slopes = rng.normal(size=x.shape), []
        for W, y in zip(weights[::-1], signals[:0:-1], strict=True):
            slopes.append(g.std())
            g = g * (1 - y**2) @ W.T
        spread[name] = signals[5].std() / signals[1].std(), slopes[-1] / slopes[0]
    (forwards, backwards), (kept, kept_back) = spread.values()
    assert forwards < 0.15 and backwards < 0.15  # each layer divides by sqrt(3): 3^-2 = 0.11
    assert kept > 0.4 and kept_back > 0.4


# --- orthogonal layers change no length (Saxe et al. 2014)
def test_a_product_of_orthogonal_layers_is_orthogonal():
    def product(name):
        return np.linalg.multi_dot([draw(name, (64, 64), layer) for layer in range(64)])

    scales = np.linalg.svd(product("orthogonal"), compute_uv=False)
    np.testing.assert_allclose(scales, 1, atol=1e-12)
    assert np.linalg.cond(product("lecun_normal")) > 1e10


# --- what never moves
def train(net, theta, steps=200):
    x = np.random.default_rng(0).normal(size=(20, 3))
    f = net.objective(x, np.sin(x @ [1.0, 2, 3])[:, None] + 0.5, "mse")
    path = ck.minimize(f, theta, GradientDescent(lr=0.1), steps=steps)
    return [net.layout.unpack(theta) for theta in path.thetas]


@pytest.mark.parametrize("activation", ["tanh", "relu", "absolute"])
def test_from_zero_only_the_last_bias_moves(activation):
    net = ck.MLP([3, 5, 1], activation)
    path = train(net, np.zeros(net.layout.size))
    for W1, b1, W2, _ in path:
        assert not W1.any() and not b1.any() and not W2.any()
    assert np.abs(path[-1][3]) > 0.1


def test_from_zero_sigmoid_moves_but_its_units_stay_the_same():
    """As sigmoid(0) is not 0, W2 gets a gradient, and then W1; but the same one for each unit."""
    net = ck.MLP([3, 5, 1], "sigmoid")
    path = train(net, np.zeros(net.layout.size))
    assert not path[1][0].any() and path[1][2].any()
    W1, b1, W2, _ = path[-1]
    assert np.abs(W1).min() > 1e-4
    for rows in (W1, b1[None], W2.T):
        np.testing.assert_allclose(rows, rows[:, :1] * np.ones(5), rtol=1e-12)
    assert np.linalg.matrix_rank(W1, tol=1e-10) == 1


@pytest.mark.parametrize("activation", ["tanh", "relu"])
def test_equal_units_stay_equal(activation):
    net = ck.MLP([3, 5, 1], activation)
    theta = net.init(partial(initializers.constant, value=0.3)).astype(float)
    W1, _, W2, _ = train(net, theta)[-1]
    assert np.abs(W1 - 0.3).max() > 1e-2
    np.testing.assert_allclose(W1, W1[:, :1] * np.ones(5), rtol=1e-12)
    np.testing.assert_allclose(W2, W2[0] * np.ones((5, 1)), rtol=1e-12)


# --- thirty layers trained (He et al. 2015, figure 3; Ioffe and Szegedy 2015)
def deep(batch_norm):
    layers, width = [], 64
    for _ in range(29):
        layers += [ck.Linear(width, width), *([ck.BatchNorm(width)] if batch_norm else []), "relu"]
    return ck.Sequential(*layers, ck.Linear(width, 10))


@pytest.fixture(scope="module")
def digits():
    return ck.data.digits()


def last_loss(digits, net, init, lr, epochs):
    opt = Momentum(lr=lr, momentum=0.9)
    history = ck.fit(net, digits, opt, init=init, epochs=epochs, batch_size=64, progress=False)
    return history.train_loss[-1]


def test_the_first_gradient_of_thirty_layers_is_lost_with_xavier(digits):
    net, (x, y) = deep(batch_norm=False), digits.train
    f = net.objective(x[:256], y[:256])
    W1 = slice(0, 64 * 64)
    slopes = {
        name: np.linalg.norm(f.grad(net.init(name, rng=0))[W1])
        for name in ("kaiming_normal", "xavier_normal")
    }
    assert slopes["kaiming_normal"] > 1e3 * slopes["xavier_normal"]


@pytest.mark.parametrize("lr", [0.003, 0.01, 0.03])
def test_thirty_layers_stall_with_xavier(digits, lr):
    assert last_loss(digits, deep(batch_norm=False), "xavier_normal", lr, 15) > 2.25  # ln 10 = 2.30


@pytest.mark.slow
def test_thirty_layers_train_with_kaiming_or_with_batch_norm(digits):
    assert last_loss(digits, deep(batch_norm=False), "kaiming_normal", 0.003, 15) < 1.2
    assert last_loss(digits, deep(batch_norm=True), "xavier_normal", 0.01, 15) < 1


def test_batch_norm_gives_each_feature_its_mean_and_spread():
    rng = np.random.default_rng(0)
    net = ck.Sequential(ck.Linear(4, 6), ck.BatchNorm(6))
    W, b, gamma, beta = net.layout.unpack(rng.normal(size=net.layout.size))
    theta, x = net.layout.pack([1e3 * W, b, gamma, beta]), rng.normal(size=(50, 4))
    y = net(theta, x, train=True)
    np.testing.assert_allclose(y.mean(axis=0), beta, atol=1e-6)
    np.testing.assert_allclose(y.std(axis=0), np.abs(gamma), rtol=1e-6)
    # Of a single row nothing is left, and a dead unit is no division by zero.
    np.testing.assert_array_equal(net(theta, x[:1], train=True), beta[None])
    dead = net.layout.pack([0 * W, b, gamma, beta])
    np.testing.assert_allclose(net(dead, x, train=True), beta * np.ones((50, 1)), atol=1e-12)
    assert np.isfinite(ck.grad(lambda th: net(th, x, train=True).sum())(dead)).all()


# --- smoothed labels (Szegedy et al. 2016)
def logits_on_the_way(steps, smoothing):
    logits = ck.Objective(
        lambda z: ck.losses.cross_entropy(np.reshape(z, (1, 3)), np.array([1]), smoothing)
    )
    return ck.minimize(logits, np.zeros(3), GradientDescent(lr=1.0), steps=steps).thetas


def test_smoothed_labels_have_a_finite_optimum():
    eps = 0.1 / 3
    z = logits_on_the_way(300, smoothing=0.1)[-1]
    np.testing.assert_allclose(activations.softmax(z), [eps, 1 - 2 * eps, eps], atol=1e-6)
    assert z[1] - z[0] == pytest.approx(math.log((1 - 2 * eps) / eps), abs=1e-6)


@pytest.mark.slow
def test_labels_of_zero_and_one_have_none():
    path = logits_on_the_way(10_000, smoothing=0.0)
    lengths = np.linalg.norm(path[[100, 1000, 10_000]], axis=1)
    np.testing.assert_allclose(lengths, [4.65, 6.54, 8.42], atol=0.01)
    # Like log k: each factor ten in the steps adds the same, sqrt(2/3) ln 10.
    np.testing.assert_allclose(np.diff(lengths), math.sqrt(2 / 3) * math.log(10), rtol=0.01)
