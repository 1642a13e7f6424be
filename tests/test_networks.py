"""Networks: the function net(theta, x) against forward passes written by hand."""

import pickle
from functools import partial

import numpy as np
import pytest

import coursekit as ck
from coursekit import activations, initializers

RNG = np.random.default_rng(0)
X = RNG.normal(size=(5, 3))


def softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


SELU = 1.0507009873554805, 1.6732632423543772

BY_HAND = {
    "identity": lambda z: z,
    "linear": lambda z: z,
    "relu": lambda z: np.where(z > 0, z, 0),
    "leaky_relu": lambda z: np.where(z > 0, z, 0.01 * z),
    "absolute": lambda z: np.sqrt(z * z),
    "abs": lambda z: np.sqrt(z * z),
    "sign": lambda z: (z > 0) * 1.0 - (z < 0),
    "sigmoid": sigmoid,
    "tanh": lambda z: 2 * sigmoid(2 * z) - 1,
    "log_sigmoid": lambda z: np.log(sigmoid(z)),
    "softplus": lambda z: np.log(1 + np.exp(z)),
    "elu": lambda z: np.where(z > 0, z, np.exp(z) - 1),
    "selu": lambda z: SELU[0] * np.where(z > 0, z, SELU[1] * (np.exp(z) - 1)),
    "silu": lambda z: z * sigmoid(z),
    "gelu": lambda z: z * np.vectorize(normal_cdf)(z),
    "smelu": lambda z: np.where(z >= 1, z, np.where(z <= -1, 0, (z + 1) ** 2 / 4)),
    "softmax": softmax,
    "log_softmax": lambda z: np.log(softmax(z)),
}


def normal_cdf(t):
    from math import erf

    return 0.5 * (1 + erf(t / 2**0.5))


def some_theta(net, seed=1, dtype="float64"):
    return np.random.default_rng(seed).normal(size=net.layout.size).astype(dtype)


# --- forward passes
def test_every_activation_has_its_forward_pass_by_hand():
    assert set(BY_HAND) == set(activations.names())


@pytest.mark.parametrize("name", BY_HAND)
def test_mlp_is_the_forward_pass_by_hand(name):
    net = ck.MLP([3, 4, 6, 2], activation=name)
    theta = some_theta(net)
    cuts = np.cumsum([12, 4, 24, 6, 12, 2])
    W1, b1, W2, b2, W3, b3 = np.split(theta, cuts[:-1])
    h = BY_HAND[name](X @ W1.reshape(3, 4) + b1)
    h = BY_HAND[name](h @ W2.reshape(4, 6) + b2)
    expected = h @ W3.reshape(6, 2) + b3  # nothing after the last layer
    np.testing.assert_allclose(net(theta, X), expected, rtol=1e-12, atol=1e-13)


def test_layers_without_bias_and_functions_as_layers():
    net = ck.Sequential(ck.Linear(3, 4, bias=False), np.cos, ck.Linear(4, 1, bias=False))
    assert [b.name for b in net.layout.blocks] == ["W1", "W2"]
    theta = some_theta(net)
    expected = np.cos(X @ theta[:12].reshape(3, 4)) @ theta[12:, None]
    np.testing.assert_allclose(net(theta, X), expected, rtol=1e-13)


def test_gradients_by_theta_and_by_x():
    net = ck.Sequential(ck.Linear(3, 4), ck.BatchNorm(4), "tanh", ck.Dropout(0.4), ck.Linear(4, 2))
    theta = some_theta(net)

    def loss(theta, x):
        return np.sum(np.sin(net(theta, x, train=True, rng=3)))

    assert ck.check_grad(lambda th: loss(th, X), theta, order=2) < 1e-6
    assert ck.check_grad(lambda x: loss(theta, x), X, order=2) < 1e-6
    by_x = ck.grad(loss, argnums=1)(theta, X)
    assert by_x.shape == X.shape and (by_x != 0).any()


# --- batch norm
BN = ck.Sequential(ck.Linear(3, 3, bias=False), ck.BatchNorm(3, eps=0.25, momentum=0.3))
THETA_BN = np.concatenate([np.eye(3).ravel(), [1.0, 2, 3], [0.1, 0.2, 0.3]])


def test_each_batch_norm_has_its_own_stats():
    net = ck.Sequential(
        ck.Linear(3, 4), ck.BatchNorm(4, momentum=1.0), "relu", ck.Linear(4, 2),
        ck.BatchNorm(2, momentum=1.0),
    )  # fmt: skip
    theta = some_theta(net)
    f = net.objective(X, np.zeros((5, 2)), "mse")
    f.value(theta)
    stats = net.update_stats(net.init_stats(), f.moments)
    assert [s.mean.shape for s in stats] == [(4,), (2,)]
    W, b = net.layout.unpack(theta)[:2]
    np.testing.assert_allclose(stats[0].mean, (X @ W + b).mean(0), rtol=1e-13)
    # Evaluated with momentum 1 it differs from training only by 5/4, the unbiased variance.
    scaled = tuple(s._replace(var=s.var * 4 / 5) for s in stats)
    np.testing.assert_allclose(net(theta, X, stats=scaled), net(theta, X, train=True), rtol=1e-12)


def test_evaluating_without_stats_says_what_to_do():
    theta = BN.init()
    for stats in (None, (), BN.init_stats() * 2):
        with pytest.raises(ValueError, match=r"needs stats: pass stats=history\.stats, or"):
            BN(theta, X, stats=stats)
    with pytest.raises(ValueError, match="needs stats"):
        BN.objective(X, np.zeros((5, 3)), "mse", train=False).value(theta)
    evaluated = BN.objective(X, np.zeros((5, 3)), "mse", train=False, stats=BN.init_stats())
    evaluated.value(theta)
    for stats, moments in [((), ()), (BN.init_stats(), evaluated.moments)]:
        with pytest.raises(ValueError, match="the training moments of 1 batch norms"):
            BN.update_stats(stats, moments)


def test_networks_without_batch_norm_have_empty_stats():
    net = ck.MLP([3, 2])
    f = net.objective(X, np.zeros((5, 2)), "mse")
    f.value(some_theta(net))
    assert net.init_stats() == () == f.moments == net.update_stats((), f.moments)


# --- initialization
def test_init_is_a_function_of_rng():
    net = ck.MLP([3, 4, 2])
    np.testing.assert_array_equal(net.init(rng=7), net.init(rng=7))
    assert (net.init(rng=7) != net.init(rng=8)).any()
    assert net.init().shape == (net.layout.size,) and net.init().dtype == "float32"
    generator = np.random.default_rng(7)
    np.testing.assert_array_equal(net.init(rng=generator), net.init(rng=7))
    assert (net.init(rng=generator) != net.init(rng=7)).any()  # it moved on


def test_init_follows_set_dtype():
    ck.set_dtype("float64")
    try:
        assert BN.init().dtype == BN.init_stats()[0].mean.dtype == np.float64
    finally:
        ck.set_dtype(None)


# He et al. and Glorot & Bengio, layer by layer; tanh has PyTorch's gain 5/3.
@pytest.mark.parametrize(
    "name, activation, variance",
    [
        ("kaiming_normal", "relu", lambda n, m: 2 / n),
        ("kaiming_uniform", "tanh", lambda n, m: (5 / 3) ** 2 / n),
        ("xavier_normal", "relu", lambda n, m: 2 / (n + m)),
        ("lecun_normal", "sigmoid", lambda n, m: 1 / n),
        (partial(initializers.normal, std=3.0), "relu", lambda n, m: 9.0),
    ],
)
def test_the_variance_of_each_layer(name, activation, variance):
    net = ck.MLP([300, 100, 200, 50], activation)
    arrays = net.layout.unpack(net.init(name, rng=0).astype(float))
    for W, b in zip(arrays[::2], arrays[1::2], strict=True):
        n = W.size
        assert W.var() == pytest.approx(variance(*W.shape), rel=5 * np.sqrt(2 / n))
        assert abs(W.mean()) < 5 * np.sqrt(variance(*W.shape) / n)
        assert (b == 0).all()


def test_kaiming_takes_the_gain_of_the_activation_a_layer_reads():
    net = ck.Sequential(ck.Linear(400, 300), "tanh", ck.Linear(300, 300), "relu", ck.Linear(300, 9))
    arrays = net.layout.unpack(net.init("kaiming_normal", rng=0).astype(float))
    gains = [W.var() * W.shape[0] for W in arrays[::2]]
    # The first reads raw inputs and takes the gain of what follows it.
    np.testing.assert_allclose(gains, [25 / 9, 25 / 9, 2], rtol=0.1)


def test_kaiming_takes_no_gain_for_a_layer_that_reads_a_linear_one():
    net = ck.Sequential(
        "relu", ck.Linear(400, 300), ck.Linear(300, 300), "relu", ck.Dropout(), ck.Linear(300, 9),
    )  # fmt: skip
    arrays = net.layout.unpack(net.init("kaiming_normal", rng=0).astype(float))
    gains = [W.var() * W.shape[0] for W in arrays[::2]]
    np.testing.assert_allclose(gains, [2, 1, 2], rtol=0.1)


def test_initializers_for_each_layer():
    net = ck.Sequential(
        ck.Linear(3, 4), ck.BatchNorm(4), "relu", ck.Linear(4, 4, init="zeros"), ck.Linear(4, 2)
    )
    assert [b.name for b in net.layout.blocks] == [
        "W1", "b1", "gamma2", "beta2", "W3", "b3", "W4", "b4",
    ]  # fmt: skip
    theta = net.init(["constant", "constant", lambda shape, rng: np.full(shape, 5.0)])
    W1, b1, gamma, beta, W3, b3, W4, b4 = net.layout.unpack(theta)
    assert [np.unique(a).tolist() for a in (W1, b1, gamma, beta, W3, b3, W4, b4)] == [
        [1], [0], [1], [0], [0], [0], [5], [0],
    ]  # fmt: skip
    with pytest.raises(
        ValueError, match="init takes 3 initializers, one a layer with weights, not 2"
    ):
        net.init(["zeros", "zeros"])
    with pytest.raises(ValueError, match="no initializer 'kaming'"):
        net.init("kaming")


# --- what x may be
def test_x_takes_the_precision_of_theta():
    net = ck.MLP([3, 4, 2], "tanh")
    theta = some_theta(net)
    whole = np.arange(6).reshape(2, 3)
    expected = net(theta, whole.astype(float))
    for x in (whole, whole.tolist(), whole.astype("float32"), tuple(map(tuple, whole.tolist()))):
        y = net(theta, x)
        assert y.dtype == "float64"
        np.testing.assert_array_equal(y, expected)
    y = net(theta.astype("float32"), whole)
    assert y.dtype == "float32"
    np.testing.assert_allclose(y, expected, rtol=1e-5)
    bn = BN(THETA_BN.astype("float32"), X, stats=(BN.init_stats()[0]._replace(var=np.ones(3)),))
    assert bn.dtype == "float32"  # although these stats are float64
    assert BN(THETA_BN.astype("float32"), X, train=True).dtype == "float32"


def test_no_rows_are_fine():
    assert ck.MLP([3, 2])(np.zeros(8), np.zeros((0, 3))).shape == (0, 2)


@pytest.mark.parametrize(
    "call, error, message",
    [
        (lambda net: net(np.zeros(8), X[0]), ValueError,
         r"x must be \(batch, 3\), not \(3,\): one example is x\[None\]"),
        (lambda net: net(np.zeros(8), X.T), ValueError, r"x must be \(batch, 3\), not \(3, 5\)"),
        (lambda net: net(np.zeros(8), X[:, :, None]), ValueError, "x must be"),
        (lambda net: net(np.zeros(9), X), ValueError, r"\(\.\.\., 8\).*shape \(9,\)"),
        (lambda net: net(np.zeros(8, int), X), TypeError, "theta must hold floats, not int64"),
        (lambda net: net([0.0] * 8, X), TypeError, "theta must be an array, not list"),
        (lambda net: net(np.zeros(8), "x"), TypeError, "x must be an array, not str"),
        (lambda net: net(np.zeros(8), X, rng=np.random.default_rng(0)), TypeError,
         r"masks are drawn anew from integers: pass rng=seed or rng=\(seed, step\)"),
        (lambda net: net(np.zeros(8), X, rng=0.5), TypeError, "rng must be an int or a tuple"),
        (lambda net: ck.Sequential(ck.Linear(3, 4), ck.Linear(5, 2)), ValueError,
         "Linear.fan_in=5.* reads 5 features, but the layer before gives 4"),
        (lambda net: ck.Sequential(ck.Linear(3, 4), "relu", ck.BatchNorm(3)), ValueError,
         "BatchNorm.* reads 3 features, but the layer before gives 4"),
        (lambda net: ck.Sequential("relu"), ValueError, "at least one Linear or Maxout layer"),
        (lambda net: ck.Sequential(ck.Linear), TypeError, r"a layer is a Linear\(\.\.\.\)"),
        (lambda net: ck.Sequential([ck.Linear(3, 1)]), TypeError, r"not \[Linear"),
        (lambda net: ck.Sequential(ck.Linear(3, 1), "rleu"), ValueError, "did you mean 'relu'"),
        (lambda net: ck.MLP([3]), ValueError, r"input and the output, not \[3\]"),
        (lambda net: ck.MLP(3), ValueError, "input and the output, not 3"),
        (lambda net: ck.MLP([3, 2.7, 1]), ValueError, "fan_out must be an int >= 1, not 2.7"),
    ],
)  # fmt: skip
def test_wrong_inputs(call, error, message):
    with pytest.raises(error, match=message):
        call(ck.MLP([3, 2]))


# --- records
def test_sizes_may_be_numpys():
    net = ck.MLP([np.int64(3), X.argmax() + 1, 2])
    assert repr(net.layers[0]) == "Linear(fan_in=3, fan_out=" + f"{X.argmax() + 1}, " + (
        "bias=True, init=None)"
    )
    assert net.inputs == 3 and net.outputs == 2


def test_repr_tells_the_layers():
    net = ck.Sequential(ck.Linear(3, 2), ck.BatchNorm(2), "relu", ck.Dropout(0.2))
    assert repr(net) == (
        "Sequential(Linear(fan_in=3, fan_out=2, bias=True, init=None), "
        "BatchNorm(features=2, eps=1e-05, momentum=0.1), Activation(function='relu'), "
        "Dropout(rate=0.2))"
    )
    assert net.layers[2] == ck.Activation("relu")


def test_networks_travel_to_other_processes():
    net = ck.Sequential(
        ck.Linear(3, 4), ck.BatchNorm(4), "gelu", ck.Dropout(), ck.Linear(4, 2), np.tanh
    )
    theta = some_theta(net)
    again = pickle.loads(pickle.dumps(net))
    assert again.layout == net.layout
    np.testing.assert_array_equal(again(theta, X, train=True), net(theta, X, train=True))
