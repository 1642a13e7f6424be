"""Products with the Hessian and with the Gauss-Newton matrix against dense matrices from slopes."""

import numpy as np
import pytest

import coursekit as ck

RNG = np.random.default_rng(0)
X = RNG.normal(size=(9, 3))
LABELS = {
    "cross_entropy": RNG.integers(2, size=9), "binary_cross_entropy": RNG.integers(2, size=(9, 2)),
    "mse": RNG.normal(size=(9, 2)),
}  # fmt: skip
NETS = {
    "tanh": ck.MLP([3, 4, 2], "tanh"),
    "deep": ck.MLP([3, 3, 3, 2], "sigmoid"),
    "silu": ck.MLP([3, 4, 2], "silu"),
    "relu": ck.MLP([3, 4, 2], "relu"),
    "norm": ck.Sequential(ck.Linear(3, 4), ck.BatchNorm(4), "tanh", ck.Linear(4, 2)),
    "dropout": ck.Sequential(ck.Linear(3, 6), "tanh", ck.Dropout(0.5), ck.Linear(6, 2)),
}
every_net = pytest.mark.parametrize("net", NETS.values(), ids=NETS)
every_loss = pytest.mark.parametrize("loss", LABELS)


def objective(net, loss):
    theta = np.random.default_rng(1).normal(size=net.layout.size)
    return net.objective(X, LABELS[loss], loss, rng=3), theta


def slopes(f, theta, h=1e-5):
    """d f / d theta by central differences, one row for each element of theta."""
    steps = h * np.eye(theta.size)
    return np.array([(f(theta + s) - f(theta - s)) / (2 * h) for s in steps])


def columns(times, theta):
    return np.array([times(theta, e) for e in np.eye(theta.size)]).T


@every_net
@every_loss
def test_hessian_products(net, loss):
    f, theta = objective(net, loss)
    H = columns(f.hvp, theta)
    np.testing.assert_allclose(H, H.T, atol=1e-14)
    np.testing.assert_allclose(H, f.hessian(theta), atol=1e-14)
    np.testing.assert_allclose(H, slopes(f.uncounted().grad, theta), atol=1e-8)
    u, v = RNG.normal(size=(2, theta.size))
    np.testing.assert_allclose(f.hvp(theta, 2 * u - v), 2 * H @ u - H @ v, atol=1e-12)


def softmax(z):
    e = np.exp(z - z.max())
    return e / e.sum()


def loss_hessian(loss, z):
    """Of the loss of one row by its two logits."""
    p, s = softmax(z), 1 / (1 + np.exp(-z))
    return {
        "cross_entropy": np.diag(p) - np.outer(p, p),
        "binary_cross_entropy": np.diag(s * (1 - s)) / 2,
        "mse": np.eye(2),
    }[loss]


@every_net
@every_loss
def test_gauss_newton_products(net, loss):
    f, theta = objective(net, loss)
    G = columns(f.ggn, theta)
    np.testing.assert_allclose(G, G.T, atol=1e-14)
    assert np.linalg.eigvalsh(G)[0] > -1e-12

    def logits(t):
        return net.forward(t, X, f._run())

    J, z = slopes(logits, theta), logits(theta)  # (n, rows, 2)
    dense = sum(J[:, i] @ loss_hessian(loss, z[i]) @ J[:, i].T for i in range(9)) / 9
    np.testing.assert_allclose(G, dense, atol=1e-8)


@every_loss
def test_only_the_hessian_knows_negative_curvature(loss):
    f, theta = objective(NETS["tanh"], loss)
    H, G = f.hessian(theta), columns(f.ggn, theta)
    assert np.linalg.eigvalsh(H)[0] < -1e-3
    assert abs(H - G).max() > 1e-2


def test_on_a_curvature_batch():
    f, theta = objective(NETS["tanh"], "mse")
    part = f.batch([0, 1], curvature=[4, 5, 6])
    alone = NETS["tanh"].objective(X[4:7], LABELS["mse"][4:7], "mse")
    for name in ("hvp", "ggn"):
        own = columns(getattr(part, name), theta)
        np.testing.assert_allclose(own, own.T, atol=1e-14)
        np.testing.assert_allclose(own, columns(getattr(alone, name), theta), rtol=1e-12)
