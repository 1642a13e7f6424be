"""Hessian and Gauss-Newton products beside those of curvlinops."""

import warnings

import numpy as np
import pytest

import coursekit as ck

with warnings.catch_warnings():  # what it imports is full of notices of deprecation
    warnings.simplefilter("ignore")
    torch = pytest.importorskip("torch")
    curvlinops = pytest.importorskip("curvlinops")

pytestmark = [pytest.mark.peers, pytest.mark.filterwarnings("ignore")]

RNG = np.random.default_rng(0)
X = RNG.normal(size=(11, 4))
LABELS = {"cross_entropy": RNG.integers(3, size=11), "mse": RNG.normal(size=(11, 3))}
LOSSES = {"cross_entropy": torch.nn.CrossEntropyLoss, "mse": torch.nn.MSELoss}
HIDDEN = {"tanh": torch.nn.Tanh, "relu": torch.nn.ReLU}


def theirs(net, theta, activation):
    """The same network in PyTorch; its weights are (fan_out, fan_in)."""
    model = torch.nn.Sequential(
        torch.nn.Linear(4, 5), HIDDEN[activation](), torch.nn.Linear(5, 3)
    ).double()
    with torch.no_grad():
        for p, ours in zip(model.parameters(), net.layout.unpack(theta), strict=True):
            p.copy_(torch.tensor(ours.T))
    return model


@pytest.mark.parametrize("activation", HIDDEN)
@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("name, operator", [
    ("hvp", curvlinops.HessianLinearOperator), ("ggn", curvlinops.GGNLinearOperator)
])  # fmt: skip
def test_products_agree(name, operator, loss, activation):
    net = ck.MLP([4, 5, 3], activation)
    theta, v = RNG.normal(size=(2, net.layout.size))
    f = net.objective(X, LABELS[loss], loss)
    model = theirs(net, theta, activation)
    batches = [  # two of them, weighted by their sizes
        (torch.tensor(X[rows]), torch.tensor(LABELS[loss][rows]))
        for rows in (slice(0, 7), slice(7, 11))
    ]
    matrix = operator(model, LOSSES[loss](), list(model.parameters()), batches)
    as_theirs = [torch.tensor(part.T.copy()) for part in net.layout.unpack(v)]
    product = net.layout.pack([np.asarray(part).T for part in matrix @ as_theirs])
    np.testing.assert_allclose(getattr(f, name)(theta, v), product, rtol=1e-11, atol=1e-14)
