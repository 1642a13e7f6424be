"""Initializers beside PyTorch's: the same variance and bounds from other random numbers."""

import math
from functools import partial

import numpy as np
import pytest

from coursekit import initializers
from coursekit.initializers import gain

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.peers

init = torch.nn.init
FANS = (300, 200)  # ours are (fan_in, fan_out), PyTorch's (fan_out, fan_in)

CUT = 0.87962566103423978  # the deviation of a standard normal cut at two

PAIRS = {
    "xavier_normal": (initializers.xavier_normal, init.xavier_normal_),
    "xavier_uniform": (initializers.xavier_uniform, init.xavier_uniform_),
    "xavier gain": (
        partial(initializers.xavier_normal, gain=5 / 3),
        partial(init.xavier_normal_, gain=5 / 3),
    ),
    "kaiming_normal": (
        initializers.kaiming_normal, partial(init.kaiming_normal_, nonlinearity="relu"),
    ),
    "kaiming_uniform": (
        initializers.kaiming_uniform, partial(init.kaiming_uniform_, nonlinearity="relu"),
    ),
    "kaiming fan_out": (
        partial(initializers.kaiming_normal, mode="fan_out"),
        partial(init.kaiming_normal_, mode="fan_out", nonlinearity="relu"),
    ),
    "kaiming_leaky": (
        partial(initializers.kaiming_uniform, activation="leaky_relu", slope=0.3),
        partial(init.kaiming_uniform_, a=0.3),
    ),
    "torch_default": (initializers.torch_default, partial(init.kaiming_uniform_, a=math.sqrt(5))),
    "orthogonal": (partial(initializers.orthogonal, gain=2.0), partial(init.orthogonal_, gain=2)),
    # PyTorch cuts at two, but does not widen what is left.
    "truncated_normal": (
        partial(initializers.truncated_normal, std=0.3),
        partial(init.trunc_normal_, std=0.3 / CUT, a=-0.6 / CUT, b=0.6 / CUT),
    ),
}  # fmt: skip
BOUNDED = "xavier_uniform kaiming_uniform kaiming_leaky torch_default truncated_normal".split()


@pytest.mark.parametrize("name", PAIRS)
def test_moments_and_bounds(name):
    ours, theirs = PAIRS[name]
    mine = ours(FANS, 0)
    generator = torch.Generator().manual_seed(0)
    yours = theirs(torch.empty(FANS[::-1], dtype=torch.float64), generator=generator).numpy().T
    n = mine.size
    assert mine.shape == yours.shape
    # Five standard errors of the difference of two samples.
    assert mine.var() == pytest.approx(yours.var(), rel=5 * math.sqrt(2 * 2 / n))
    assert mine.mean() == pytest.approx(yours.mean(), abs=5 * math.sqrt(2 * yours.var() / n))
    if name in BOUNDED:
        assert np.abs(mine).max() == pytest.approx(np.abs(yours).max(), rel=1e-3)
    if name == "orthogonal":
        for a in (mine, yours):
            np.testing.assert_allclose(a.T @ a, 4 * np.eye(200), atol=1e-12)


def test_linear_draws_torch_default():
    torch.manual_seed(0)
    layer = torch.nn.Linear(*FANS)
    theirs = layer.weight.detach().numpy().T
    mine = initializers.torch_default(FANS, 0)
    assert np.abs(theirs).max() == pytest.approx(np.abs(mine).max(), rel=1e-3)
    assert theirs.var() == pytest.approx(1 / (3 * FANS[0]), rel=0.02)


def test_sparse_has_as_many_connections():
    n, m = FANS
    theirs = init.sparse_(torch.empty(n, m), sparsity=1 - 15 / n, std=1.0).numpy()
    mine = initializers.sparse(FANS, 0)
    assert set(np.count_nonzero(mine, axis=0)) == set(np.count_nonzero(theirs, axis=0)) == {15}
    assert mine[mine != 0].var() == pytest.approx(theirs[theirs != 0].var(), rel=0.2)


@pytest.mark.parametrize(
    "name, param",
    [("linear", None), ("sigmoid", None), ("tanh", None), ("relu", None), ("leaky_relu", None),
     ("leaky_relu", 0.3), ("selu", None)],
)  # fmt: skip
def test_gains(name, param):
    assert gain(name, param) == pytest.approx(init.calculate_gain(name, param), rel=1e-15)
