"""Losses beside those of PyTorch, SciPy and scikit-learn: values, gradients, curvature."""

import numpy as np
import pytest

import coursekit as ck
from coursekit import losses

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.peers

F = torch.nn.functional
RNG = np.random.default_rng(0)
N, K = 6, 4
LOGITS = 3 * RNG.normal(size=(N, K))
EXTREME = np.array([[1e3, -1e3, 0, 40], [-1e4, -1e4, 1e4, 0.0], [0, 0, 0, 5e-324]] * 2)
CLASSES = np.array([0, 3, 1, 1, 2, 0])
SHARES = RNG.dirichlet(np.ones(K), size=N)
NUMBERS = RNG.normal(size=(N, K))
BITS = (RNG.random((N, K)) < 0.5).astype(float)
SIGNS = 2 * BITS - 1

CASES = {  # ours, labels, and a function of PyTorch's
    "classes": (losses.CrossEntropy(), CLASSES, F.cross_entropy),
    "shares": (losses.CrossEntropy(), SHARES, F.cross_entropy),
    "smooth": (
        losses.CrossEntropy(0.1), CLASSES, lambda z, y: F.cross_entropy(z, y, label_smoothing=0.1),
    ),
    "smooth shares": (
        losses.CrossEntropy(0.3), SHARES, lambda z, y: F.cross_entropy(z, y, label_smoothing=0.3),
    ),
    "bits": (losses.BinaryCrossEntropy(), BITS, F.binary_cross_entropy_with_logits),
    "chances": (losses.BinaryCrossEntropy(), SHARES, F.binary_cross_entropy_with_logits),
    "mse": (losses.MeanSquaredError(), NUMBERS, F.mse_loss),
    "l1": (losses.L1(), NUMBERS, F.l1_loss),
    "huber": (losses.Huber(), NUMBERS, F.huber_loss),
    "huber 0.3": (losses.Huber(0.3), NUMBERS, lambda z, y: F.huber_loss(z, y, delta=0.3)),
    "hinge": (losses.Hinge(), SIGNS, lambda z, y: F.relu(1 - y * z).mean()),
    "squared hinge": (losses.SquaredHinge(), SIGNS, lambda z, y: (F.relu(1 - y * z) ** 2).mean()),
    "multi margin": (losses.MultiMargin(), CLASSES, F.multi_margin_loss),
    "multi margin squared": (
        losses.MultiMargin(2, 0.5), CLASSES, lambda z, y: F.multi_margin_loss(z, y, 2, 0.5),
    ),
}  # fmt: skip


@pytest.mark.parametrize("dtype, tolerance", [("float64", 1e-12), ("float32", 1e-6)])
@pytest.mark.parametrize("logits", [LOGITS, EXTREME], ids=["usual", "extreme"])
@pytest.mark.parametrize("name", CASES)
def test_value_gradient_and_curvature(name, logits, dtype, tolerance):
    loss, labels, theirs = CASES[name]
    logits = logits.astype(dtype)
    targets = loss.encode(labels, K, logits.dtype)
    v = np.sin(1.0 + np.arange(logits.size)).reshape(logits.shape).astype(dtype)
    found = (
        *ck.value_and_grad(loss.function)(logits, targets),
        ck.hvp(lambda z: loss.function(z, targets), logits, v),
    )
    z = torch.tensor(logits, requires_grad=True)
    y = torch.tensor(labels if labels.dtype.kind == "i" else labels.astype(dtype))
    value = theirs(z, y)
    (g,) = torch.autograd.grad(value, z, create_graph=True)
    right = [value, g]
    if name != "l1" and not name.startswith("multi"):  # PyTorch has no second derivative of these
        right += torch.autograd.grad((torch.tensor(v) * g).sum(), z)
    for mine, yours in zip(found, right, strict=False):
        assert mine.dtype == dtype
        np.testing.assert_allclose(mine, yours.detach(), rtol=tolerance, atol=tolerance)


def test_label_smoothing_has_alpha_over_k_on_each_wrong_class():
    alpha = 0.2
    mine = losses.CrossEntropy(alpha).encode(CLASSES, K, "float64")
    z = torch.tensor(LOGITS)
    by_hand = F.cross_entropy(z, torch.tensor(mine))
    theirs = F.cross_entropy(z, torch.tensor(CLASSES), label_smoothing=alpha)
    assert by_hand.item() == pytest.approx(theirs.item(), rel=1e-14)
    assert mine[0, 1] == alpha / K


def test_kl_divergence_in_torchs_order_of_arguments():
    p, q = SHARES, SHARES[::-1].copy()
    p[0] = [0, 0.5, 0.5, 0]
    right = F.kl_div(torch.tensor(q).log(), torch.tensor(p), reduction="batchmean")
    assert losses.kl_divergence(p, q) == pytest.approx(right.item(), rel=1e-12)
    naive = F.kl_div(torch.tensor(p), torch.tensor(q), reduction="batchmean")
    assert naive < 0  # what one gets for calling it as the formula is written


def test_kl_divergence_is_scipys():
    special = pytest.importorskip("scipy.special")
    p, q = SHARES, SHARES[::-1]
    right = special.rel_entr(p, q).sum() / N
    assert losses.kl_divergence(p, q) == pytest.approx(right, rel=1e-12)


def test_wasserstein_is_scipys():
    stats = pytest.importorskip("scipy.stats")
    bins = np.arange(K)
    pairs = zip(SHARES, SHARES[::-1], strict=True)
    rows = [stats.wasserstein_distance(bins, bins, p, q) for p, q in pairs]
    assert losses.wasserstein(SHARES, SHARES[::-1]) == pytest.approx(np.mean(rows), rel=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_wasserstein_of_samples_is_scipys(seed):
    stats = pytest.importorskip("scipy.stats")
    rng = np.random.default_rng(seed)
    n, m = rng.integers(1, 30, size=2)
    u, v = rng.normal(size=n).round(1), 1 + 2 * rng.normal(size=m).round(1)  # with ties
    a, b = rng.random(n), rng.integers(0, 3, size=m) + 1.0
    for weights in ((), (a,), (a, b), (None, b)):
        right = stats.wasserstein_distance(u, v, *weights)
        mine = losses.wasserstein_samples(u, v, *weights)
        assert mine == pytest.approx(right, rel=1e-12, abs=1e-15)


def test_hinge_is_scikit_learns():
    metrics = pytest.importorskip("sklearn.metrics")
    right = metrics.hinge_loss(SIGNS[:, 0], LOGITS[:, 0])
    assert losses.hinge(LOGITS[:, 0], SIGNS[:, 0]) == pytest.approx(right, rel=1e-12)
    right = metrics.zero_one_loss(CLASSES, LOGITS.argmax(axis=1))
    assert losses.zero_one(LOGITS, CLASSES) == pytest.approx(right, rel=1e-12)
