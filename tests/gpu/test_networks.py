"""Networks, activations, losses and initializers on CuPy, as on NumPy."""

import numpy as np
import pytest

import coursekit as ck
from tests.gpu.both import check

pytestmark = pytest.mark.cupy
PRECISIONS = ["float32", "float64"]
LOOSE = {"float32": 2e-4, "float64": 1e-10}
RNG = np.random.default_rng(0)
X, Y = RNG.standard_normal((12, 5)), RNG.integers(3, size=12)
TARGETS = RNG.standard_normal((12, 3))
NETS = {
    "relu": ck.MLP([5, 8, 3]),
    "batch norm": ck.Sequential(ck.Linear(5, 8), ck.BatchNorm(8), "relu", ck.Linear(8, 3)),
    "dropout": ck.Sequential(ck.Linear(5, 8), "tanh", ck.Dropout(0.4), ck.Linear(8, 3)),
    "maxout": ck.Sequential(ck.Maxout(5, 6, pieces=3), ck.Linear(6, 3)),
    "prelu": ck.Sequential(ck.Linear(5, 8), ck.PReLU(), ck.Linear(8, 3)),
}


def start(net, dtype):
    return ck.to_host(net.init("xavier_normal", rng=0)).astype(dtype)


EXTREME = np.array([-1e3, -30.0, -2.0, -1e-3, -1e-30, 0.0, 1e-30, 1e-3, 2.0, 30.0, 1e3])


@pytest.mark.parametrize("dtype", PRECISIONS)
@pytest.mark.parametrize("name", ck.activations.names())
def test_activations(name, dtype):
    f = ck.activations.get(name)

    def compute(x):
        slope = ck.grad(lambda x: (f(x) ** 2).sum())
        return f(x), slope(x)

    for x in (X, EXTREME[None, :] / 100):
        check(compute, x.astype(dtype), tolerance=LOOSE[dtype])
    check(f, EXTREME.astype(dtype), tolerance=LOOSE[dtype])


@pytest.mark.parametrize("dtype", PRECISIONS)
@pytest.mark.parametrize("name", NETS)
def test_networks(name, dtype):
    net = NETS[name]
    theta = start(net, dtype)
    v = RNG.standard_normal(theta.size).astype(dtype)

    def compute(theta, v, x, y):
        f = net.objective(x, y, "cross_entropy")
        batch = f.batch(np.arange(0, 12, 2), rng=(0, 1))
        first = batch.value_and_grad(theta)
        return first, f.hvp(theta, v), f.ggn(theta, v), batch.moments

    check(compute, theta, v, X.astype(dtype), Y, tolerance=LOOSE[dtype])


@pytest.mark.parametrize("dtype", PRECISIONS)
@pytest.mark.parametrize("name", ck.losses.names())
def test_losses(name, dtype):
    classes = name in ("cross_entropy", "multi_margin")
    net = ck.MLP([5, 4, 3 if classes or name in ("mse", "l1", "huber") else 1], "tanh")
    theta = start(net, dtype)
    y = Y if classes else TARGETS.astype(dtype) if net.outputs == 3 else Y % 2
    if name in ("hinge", "squared_hinge", "perceptron"):
        y = 2 * y - 1

    def compute(theta, x, y):
        f = net.objective(x, y, name)
        return f.value_and_grad(theta), f.hvp(theta, theta), f.ggn(theta, theta)

    check(compute, theta, X.astype(dtype), y, tolerance=LOOSE[dtype])


@pytest.mark.parametrize("name", ck.initializers.names())
def test_initializers_draw_the_same_numbers(name):
    check(lambda: NETS["relu"].init(name, rng=3))


def test_batch_norm_evaluates_with_running_statistics():
    net = NETS["batch norm"]
    theta = start(net, "float32")

    def compute(theta, x, y):
        f = net.objective(x, y, "cross_entropy").batch(np.arange(12))
        f.value(theta)
        stats = net.update_stats(net.init_stats(), f.moments)
        return net(theta, x, stats=stats), stats

    check(compute, theta, X.astype("float32"), Y)
