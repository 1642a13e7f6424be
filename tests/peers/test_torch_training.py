"""Networks, batch norm and optimizers beside PyTorch's, in float64."""

import dataclasses

import numpy as np
import pytest

import coursekit as ck
from coursekit.optim import SGD, Adam, GradientDescent, Momentum, Nesterov
from tests.optim.cases import run

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.peers

RNG = np.random.default_rng(0)
N = 12
X, CLASSES = RNG.normal(size=(N, 4)), RNG.integers(3, size=N)
NUMBERS, BITS = RNG.normal(size=(N, 3)), RNG.integers(2, size=(N, 3))
LABELS = {"cross_entropy": CLASSES, "mse": NUMBERS, "binary_cross_entropy": BITS}
F = torch.nn.functional
LOSSES = {
    "cross_entropy": F.cross_entropy,
    "mse": F.mse_loss,
    "binary_cross_entropy": lambda z, y: F.binary_cross_entropy_with_logits(z, y.double()),
}
ACTIVATIONS = {
    "identity": lambda z: z, "relu": F.relu, "leaky_relu": F.leaky_relu, "absolute": torch.abs,
    "sigmoid": torch.sigmoid, "tanh": torch.tanh, "log_sigmoid": F.logsigmoid,
    "softplus": lambda z: F.softplus(z, threshold=500), "elu": F.elu, "selu": F.selu,
    "silu": F.silu, "gelu": F.gelu,
    "sign": torch.sign,
    "softmax": lambda z: torch.softmax(z, -1), "log_softmax": lambda z: torch.log_softmax(z, -1),
}  # fmt: skip


def parts(net, theta):
    """theta, a tensor, as tensors by name."""
    return {b.name: theta[b.start : b.stop].reshape(b.shape) for b in net.layout.blocks}


def forward(net, theta, x, stats=None):
    """The network in PyTorch's functions; stats None means training."""
    p, place, norms = parts(net, theta), 0, 0
    for layer in net.layers:
        place += bool(layer.params)
        if isinstance(layer, ck.Linear):
            x = F.linear(x, p[f"W{place}"].T, p.get(f"b{place}"))
        elif isinstance(layer, ck.BatchNorm):
            mean, var = stats[norms] if stats else (None, None)
            norms += 1
            scale, shift = p[f"gamma{place}"], p[f"beta{place}"]
            x = F.batch_norm(x, mean, var, scale, shift, not stats, layer.momentum, layer.eps)
        else:
            x = ACTIVATIONS[layer.function](x)
    return x


def close(mine, theirs, tolerance=1e-10):
    np.testing.assert_allclose(mine, theirs.detach().numpy(), rtol=tolerance, atol=tolerance)


NETS = {name: ck.MLP([4, 6, 5, 3], name) for name in ACTIVATIONS} | {
    "batch norm": ck.Sequential(
        ck.Linear(4, 6, bias=False), ck.BatchNorm(6), "tanh", ck.Linear(6, 5),
        ck.BatchNorm(5, eps=0.1), "softplus", ck.Linear(5, 3),
    ),
}  # fmt: skip


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("name", NETS)
def test_values_gradients_and_hessian_products(name, loss):
    net = NETS[name]
    theta, v = RNG.normal(size=(2, net.layout.size))
    f = net.objective(X, LABELS[loss], loss)
    x, y = torch.tensor(X), torch.tensor(LABELS[loss])

    def of(th):
        return LOSSES[loss](forward(net, th, x), y)

    th, dth = torch.tensor(theta), torch.tensor(v)
    g, pull = torch.func.vjp(torch.func.grad(of), th)
    close(net(theta, X, train=True), forward(net, th, x))
    close(f.value(theta), of(th))
    close(f.grad(theta), g)
    close(f.hvp(theta, v), pull(dth)[0])
    if loss == "mse" and name in ("tanh", "batch norm"):
        close(f.hessian(theta), torch.func.jacrev(torch.func.grad(of))(th))

        def ggn(th):  # J^T (2/K) J / N
            J = torch.func.jacrev(lambda t: forward(net, t, x).reshape(-1))(th)
            return J.T @ (J @ dth) * 2 / J.shape[0]

        close(f.ggn(theta, v), ggn(th))


def torch_module(layers):
    made = []
    for layer in layers:
        if isinstance(layer, ck.Linear):
            made.append(torch.nn.Linear(layer.fan_in, layer.fan_out, layer.bias))
        elif isinstance(layer, ck.BatchNorm):
            made.append(torch.nn.BatchNorm1d(layer.features, layer.eps, layer.momentum))
        else:
            made.append(torch.nn.Tanh())
    return torch.nn.Sequential(*made).double()


def set_parameters(module, net, theta):
    with torch.no_grad():
        arrays = net.layout.unpack(theta)
        for p, a in zip(module.parameters(), arrays, strict=True):
            p.copy_(torch.tensor(a.T))


def get_parameters(module):
    return np.concatenate([p.detach().numpy().T.ravel() for p in module.parameters()])


def test_training_with_batch_norm_is_batchnorm1d():
    net = ck.Sequential(
        ck.Linear(4, 6), ck.BatchNorm(6, eps=0.01, momentum=0.3), "tanh", ck.Linear(6, 5),
        ck.BatchNorm(5), ck.Linear(5, 3),
    )  # fmt: skip
    theta = RNG.normal(size=net.layout.size)
    module = torch_module(net.layers)
    set_parameters(module, net, theta)
    theirs = torch.optim.SGD(module.parameters(), lr=0.1, momentum=0.9)
    opt = Momentum(lr=0.1, momentum=0.9)
    f, state = net.objective(X, CLASSES), opt.init(theta)
    ck.set_dtype("float64")
    try:
        stats = net.init_stats()
    finally:
        ck.set_dtype(None)
    for rows in ck.minibatches(N, 5, epochs=4):
        batch = f.batch(rows)
        theta, state = opt.step(theta, state, batch)
        stats = net.update_stats(stats, batch.moments)
        theirs.zero_grad()
        loss = F.cross_entropy(module(torch.tensor(X[rows])), torch.tensor(CLASSES[rows]))
        loss.backward()
        theirs.step()
        close(batch.last_value, loss)
        np.testing.assert_allclose(theta, get_parameters(module), rtol=1e-9, atol=1e-10)
    norms = [m for m in module if isinstance(m, torch.nn.BatchNorm1d)]
    for mine, norm in zip(stats, norms, strict=True):
        close(mine.mean, norm.running_mean)
        close(mine.var, norm.running_var)
    module.eval()
    close(net(theta, X, stats=stats), module(torch.tensor(X)), 1e-9)
    held = net.objective(X, CLASSES, train=False, stats=stats)
    module.zero_grad()
    F.cross_entropy(module(torch.tensor(X)), torch.tensor(CLASSES)).backward()
    by_theirs = np.concatenate([p.grad.numpy().T.ravel() for p in module.parameters()])
    np.testing.assert_allclose(held.grad(theta), by_theirs, rtol=1e-8, atol=1e-10)


# --- optimizers
PAIRS = {
    "descent": (GradientDescent(0.1), "SGD", {"lr": 0.1}),
    "sgd decay": (SGD(0.1, weight_decay=0.05), "SGD", {"lr": 0.1, "weight_decay": 0.05}),
    "momentum": (Momentum(0.1, 0.9), "SGD", {"lr": 0.1, "momentum": 0.9}),
    "dampened": (
        Momentum(0.1, 0.9, dampening=0.3, weight_decay=0.05), "SGD",
        {"lr": 0.1, "momentum": 0.9, "dampening": 0.3, "weight_decay": 0.05},
    ),
    "nesterov": (
        Nesterov(0.1, 0.9), "SGD", {"lr": 0.1, "momentum": 0.9, "nesterov": True},
    ),
    "nesterov decay": (
        Nesterov(0.1, 0.9, weight_decay=0.05), "SGD",
        {"lr": 0.1, "momentum": 0.9, "nesterov": True, "weight_decay": 0.05},
    ),
    "adam": (Adam(0.1), "Adam", {"lr": 0.1}),
    "adam decay": (
        Adam(0.1, 0.8, 0.95, eps=1e-3, weight_decay=0.05), "Adam",
        {"lr": 0.1, "betas": (0.8, 0.95), "eps": 1e-3, "weight_decay": 0.05},
    ),
}  # fmt: skip
MLP = ck.MLP([4, 6, 3], "tanh")


def torch_path(name, options, rate=None, steps=50, start=None):
    """The points PyTorch visits on the loss of MLP; rate(k) replaces lr."""
    x, y = torch.tensor(X), torch.tensor(CLASSES)
    theta = torch.nn.Parameter(torch.tensor(start))
    opt = getattr(torch.optim, name)([theta], **options)
    path = [start]
    for k in range(steps):
        if rate:
            opt.param_groups[0]["lr"] = rate(k)
        opt.zero_grad()
        F.cross_entropy(forward(MLP, theta, x), y).backward()
        opt.step()
        path.append(theta.detach().numpy().copy())
    return np.array(path)


@pytest.mark.parametrize("schedule", [None, lambda k: 0.2 / (1 + k % 7)], ids=["number", "varies"])
@pytest.mark.parametrize("mine, name, options", PAIRS.values(), ids=PAIRS)
def test_fifty_steps(mine, name, options, schedule):
    theta = RNG.normal(size=MLP.layout.size)
    opt = dataclasses.replace(mine, lr=schedule) if schedule else mine
    path, _ = run(opt, MLP.objective(X, CLASSES), theta, 50)
    theirs = torch_path(name, options, schedule, start=theta)
    np.testing.assert_allclose(path, theirs, rtol=1e-9, atol=1e-9)


def test_lazy_adam_is_sparse_adam():
    theta = RNG.normal(size=20)
    slopes = RNG.normal(size=(50, 20)) * (RNG.random((50, 20)) < 0.3)
    slopes[0] = RNG.normal(size=20)
    each = iter(slopes)
    opt = Adam(lr=0.1, eps=1e-14, lazy=True)  # SparseAdam adds eps before the correction
    path, _ = run(opt, ck.Objective(value=np.sum, grad=lambda x: next(each)), theta, 50)
    theirs = torch.nn.Parameter(torch.tensor(theta))
    sparse = torch.optim.SparseAdam([theirs], lr=0.1, eps=1e-14)
    for k, g in enumerate(slopes):
        theirs.grad = torch.tensor(g).to_sparse()
        sparse.step()
        np.testing.assert_allclose(path[k + 1], theirs.detach().numpy(), rtol=1e-9, atol=1e-9)
