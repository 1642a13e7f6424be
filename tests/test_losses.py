"""Losses: values, derivatives, curvature and draws, against definitions and known facts."""

import math
from functools import partial
from typing import NamedTuple

import numpy as np
import pytest

import coursekit as ck
from coursekit import losses

RNG = np.random.default_rng(0)
N, K = 6, 4
LOGITS = 3 * RNG.normal(size=(N, K))
CLASSES = np.array([0, 3, 1, 1, 2, 0])
SHARES = RNG.dirichlet(np.ones(K), size=N)
NUMBERS = RNG.normal(size=(N, K))
BITS = (RNG.random((N, K)) < 0.5).astype(int)
EXTREME = np.array([[1000.0, -1000, 0, 40], [-1000, -1000, 1000, 0.0], [0, 0, 0, 5e-324]] * 2)


class Case(NamedTuple):
    """A loss and labels for it."""

    loss: losses.Loss
    y: np.ndarray


SIGNS = 2 * BITS - 1
CASES = {
    "classes": Case(losses.CrossEntropy(), CLASSES),
    "shares": Case(losses.CrossEntropy(), SHARES),
    "smooth": Case(losses.CrossEntropy(0.1), CLASSES),
    "smooth shares": Case(losses.CrossEntropy(0.3), SHARES),
    "bits": Case(losses.BinaryCrossEntropy(), BITS),
    "chances": Case(losses.BinaryCrossEntropy(), SHARES),
    "mse": Case(losses.MeanSquaredError(), NUMBERS),
    "l1": Case(losses.L1(), NUMBERS),
    "huber": Case(losses.Huber(), NUMBERS),
    "huber 0.3": Case(losses.Huber(0.3), NUMBERS),
    "hinge": Case(losses.Hinge(), SIGNS),
    "squared hinge": Case(losses.SquaredHinge(), SIGNS),
    "perceptron": Case(losses.Perceptron(), SIGNS),
    "multi margin": Case(losses.MultiMargin(), CLASSES),
    "multi margin squared": Case(losses.MultiMargin(2, 0.5), CLASSES),
}
CURVED = [*list(CASES)[:7], "huber", "huber 0.3", "squared hinge"]
DRAWN = ["classes", "smooth", "bits", "mse"]


def encoded(case, logits=LOGITS):
    return case.loss.encode(case.y, logits.shape[1], logits.dtype)


def derivatives(case, logits):
    f = partial(case.loss.function, targets=encoded(case, logits))
    v = np.sin(1.0 + np.arange(logits.size)).reshape(logits.shape)
    return f(logits), ck.grad(f)(logits), ck.hvp(f, logits, v)


# --- against definitions and finite differences
def softmax(z):
    e = np.exp(z - z.max())
    return e / e.sum()


def multi_margin(p, margin):
    rows = [
        sum(max(0, margin - z[y] + z[j]) ** p for j in range(K) if j != y) / K
        for z, y in zip(LOGITS.tolist(), CLASSES, strict=True)
    ]
    return sum(rows) / N


def test_definitions():
    p = np.array([softmax(z) for z in LOGITS])
    s, d = 1 / (1 + np.exp(-LOGITS)), LOGITS - NUMBERS
    rows = np.arange(N)
    pairs = [
        (losses.cross_entropy(LOGITS, CLASSES), -np.log(p[rows, CLASSES]).mean()),
        (losses.cross_entropy(LOGITS, SHARES), -(SHARES * np.log(p)).sum() / N),
        (losses.binary_cross_entropy(LOGITS, BITS), -np.log(np.where(BITS, s, 1 - s)).mean()),
        (losses.mse(LOGITS, NUMBERS), (d**2).mean()),
        (losses.l1(LOGITS, NUMBERS), abs(d).mean()),
        (losses.huber(LOGITS, NUMBERS, delta=0.3),
         np.where(abs(d) < 0.3, d**2 / 2, 0.3 * (abs(d) - 0.15)).mean()),
        (losses.hinge(LOGITS, SIGNS), np.maximum(0, 1 - SIGNS * LOGITS).mean()),
        (losses.squared_hinge(LOGITS, SIGNS), (np.maximum(0, 1 - SIGNS * LOGITS) ** 2).mean()),
        (losses.perceptron(LOGITS, SIGNS), np.maximum(0, -SIGNS * LOGITS).mean()),
        (losses.multi_margin(LOGITS, CLASSES, p=2, margin=0.5), multi_margin(2, 0.5)),
        (losses.multi_margin(LOGITS, CLASSES), multi_margin(1, 1)),
        (losses.kl_divergence(SHARES, p), (SHARES * np.log(SHARES / p)).sum() / N),
        (losses.zero_one(LOGITS, CLASSES), (LOGITS.argmax(1) != CLASSES).mean()),
    ]  # fmt: skip
    for mine, expected in pairs:
        assert mine == pytest.approx(expected, rel=1e-13)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_derivatives_agree_with_finite_differences(case):
    targets = encoded(case)
    assert ck.check_grad(lambda z: case.loss.function(z, targets), LOGITS, order=2) < 1e-8


@pytest.mark.parametrize("name", ["chances", "mse", "huber"])
def test_derivatives_by_the_targets(name):
    case = CASES[name]
    assert ck.check_grad(lambda t: case.loss.function(LOGITS, t), encoded(case), order=1) < 1e-8


def test_labels_may_be_traced():
    def f(z):  # distillation: the targets are an output themselves
        return losses.cross_entropy(LOGITS, ck.activations.softmax(z))

    assert ck.check_grad(f, LOGITS[::-1], order=2) < 1e-8
    assert ck.check_grad(lambda y: losses.mse(LOGITS[:, 0], y), NUMBERS[:, 0]) < 1e-8


def test_samples_may_be_traced():
    u, v = NUMBERS[0], 3 + NUMBERS[1]
    w = SHARES[0]
    assert ck.check_grad(lambda u: losses.wasserstein_samples(u, v, w), u) < 1e-8
    assert ck.check_grad(lambda v: losses.wasserstein_samples(u, v), v) < 1e-8
    assert ck.check_grad(lambda w: losses.wasserstein_samples(u, v, w), w) < 1e-8


def test_divergences_may_be_traced():
    def to_softmax(divergence):
        return lambda z: divergence(SHARES, ck.activations.softmax(z))

    assert ck.check_grad(to_softmax(losses.kl_divergence), LOGITS) < 1e-8
    assert ck.check_grad(to_softmax(losses.wasserstein), LOGITS) < 1e-8


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_extremes_and_precision(case, dtype):
    with np.errstate(all="raise", under="ignore"):
        found = derivatives(case, EXTREME.astype(dtype))
    for a in found:
        assert a.dtype == dtype
        assert np.isfinite(a).all()


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_the_function_is_the_loss_of_encoded_labels(case):
    name, fields = case.loss.name, vars(case.loss)
    assert name in losses.names()
    checked = getattr(losses, name)(LOGITS, case.y, **fields)
    assert checked == case.loss.function(LOGITS, encoded(case)) == case.loss(LOGITS, case.y)


# --- known facts
def test_smoothing_is_eps_on_every_wrong_class():
    alpha = 0.2
    eps = alpha / K
    rows = losses.CrossEntropy(alpha).encode(CLASSES, K, "float64")
    expected = np.where(np.eye(K)[CLASSES] == 1, 1 - (K - 1) * eps, eps)
    np.testing.assert_allclose(rows, expected, rtol=1e-15)
    # One-hot targets have no finite optimum; smoothed ones have this.
    z = np.where(np.eye(K)[CLASSES] == 1, math.log((1 - (K - 1) * eps) / eps), 0)
    slope = ck.grad(lambda z: losses.cross_entropy(z, CLASSES, smoothing=alpha))
    np.testing.assert_allclose(slope(z), 0, atol=1e-16)


def test_gradient_by_the_logits_is_p_minus_y_for_every_class():
    g = ck.grad(lambda z: losses.cross_entropy(z, CLASSES))(LOGITS)
    p = np.array([softmax(z) for z in LOGITS])
    np.testing.assert_allclose(g, (p - np.eye(K)[CLASSES]) / N, atol=1e-16)
    assert (g != 0).all()


def test_softmax_twice_has_a_floor():
    z = np.array([[1000.0, 0.0, 0.0]])
    twice = losses.cross_entropy(ck.activations.softmax(z), np.array([0]))
    assert twice == pytest.approx(math.log(1 + 2 / math.e), rel=1e-12)
    assert round(float(twice), 4) == 0.5514
    assert losses.cross_entropy(z, np.array([0])) == 0


@pytest.mark.parametrize("y", [0.0, 0.3, 1.0])
def test_binary_cross_entropy_is_least_at_p_equal_y(y):
    z = np.linspace(-6, 6, 2401)
    values = [float(losses.binary_cross_entropy(np.array([t]), np.array([y]))) for t in z]
    best = 1 / (1 + math.exp(-z[np.argmin(values)]))
    assert best == pytest.approx(y, abs=3e-3)


def test_mse_with_a_sigmoid_learns_slowly_where_it_is_most_wrong():
    z, y = np.array([-8.0]), np.array([1.0])
    p = 1 / (1 + math.exp(8))
    by_square = ck.grad(lambda z: losses.mse(ck.activations.sigmoid(z), y))(z)
    by_entropy = ck.grad(lambda z: losses.binary_cross_entropy(z, y))(z)
    np.testing.assert_allclose(by_square, 2 * (p - 1) * p * (1 - p), rtol=1e-12)
    np.testing.assert_allclose(by_entropy, p - 1, rtol=1e-12)


def test_two_outputs_with_softmax_are_one_with_sigmoid():
    z, y = LOGITS[:, 0], BITS[:, 0]
    two = np.stack([np.zeros(N), z], axis=1)
    one = losses.binary_cross_entropy(z, y)
    assert losses.cross_entropy(two, y) == pytest.approx(float(one), rel=1e-14)


def test_constants_do_not_change_cross_entropy():
    shifted = LOGITS + 100 * np.arange(N)[:, None]
    values = losses.cross_entropy(LOGITS, CLASSES), losses.cross_entropy(shifted, CLASSES)
    assert values[0] == pytest.approx(float(values[1]), rel=1e-13)


def test_kl_divergence_is_cross_entropy_less_entropy():
    entropy = -(SHARES * np.log(SHARES)).sum() / N
    p = np.array([softmax(z) for z in LOGITS])
    expected = losses.cross_entropy(LOGITS, SHARES) - entropy
    assert losses.kl_divergence(SHARES, p) == pytest.approx(float(expected), rel=1e-12)


def test_kl_divergence_at_zeros():
    half, first, last = np.array([0.5, 0.5]), np.array([1.0, 0.0]), np.array([0.0, 1.0])
    assert losses.kl_divergence(first, first) == 0
    assert losses.kl_divergence(first, half) == pytest.approx(math.log(2))
    assert losses.kl_divergence(half, first) == losses.kl_divergence(last, first) == math.inf
    assert losses.wasserstein(last, first) == 1


def test_wasserstein_of_samples():
    zero, one = np.zeros(1), np.ones(1)
    u = RNG.normal(size=9)
    assert losses.wasserstein_samples(zero, one) == 1
    assert losses.wasserstein_samples(np.array([0, 1]), np.array([2, 3])) == 2
    assert losses.wasserstein_samples(u, u[::-1].copy()) == pytest.approx(0, abs=1e-15)
    assert losses.wasserstein_samples(u, u + 2.5) == pytest.approx(2.5, rel=1e-14)
    v = RNG.normal(size=9)  # as many: the sorted numbers are paired
    paired = np.abs(np.sort(u) - np.sort(v)).mean()
    assert losses.wasserstein_samples(u, v) == pytest.approx(paired, rel=1e-13)
    # A weight counts like copies, and a histogram is a sample of its bins.
    copies = losses.wasserstein_samples(np.array([0.0, 0, 0, 1]), v)
    weighed = losses.wasserstein_samples(np.array([0.0, 1]), v, np.array([3.0, 1]))
    assert copies == pytest.approx(weighed, rel=1e-14)
    bins, (p, q) = np.arange(K, dtype=float), SHARES[:2]
    by_bins = losses.wasserstein_samples(bins, bins, p, q)
    assert by_bins == pytest.approx(losses.wasserstein(p, q), rel=1e-13)
    far = losses.wasserstein_samples(np.array([-1e300, 0]), np.array([1e300, 0]))
    assert far == pytest.approx(1e300, rel=1e-15)
    assert losses.wasserstein_samples(u.astype("float32"), v.astype("float32")).dtype == "float32"


def test_subgradients_at_the_kinks():
    assert ck.grad(lambda z: losses.l1(z, np.zeros(1)))(np.zeros(1)) == 0
    assert ck.grad(lambda z: losses.hinge(z, np.ones(1)))(np.ones(1)) == 0
    assert ck.grad(lambda z: losses.squared_hinge(z, np.ones(1)))(np.ones(1)) == 0
    tie = np.array([[2.0, 1.0]])
    assert not ck.grad(lambda z: losses.multi_margin(z, np.array([0])))(tie).any()
    # A perceptron that starts at 0 is to be corrected.
    assert ck.grad(lambda z: losses.perceptron(z, -np.ones(1)))(np.zeros(1)) == 1


def test_two_classes_of_the_multi_margin_are_half_a_hinge():
    z, y = LOGITS[:, 0], BITS[:, 0]
    two = np.stack([np.zeros(N), z], axis=1)
    hinge = losses.hinge(z, 2 * y - 1)
    assert losses.multi_margin(two, y) == pytest.approx(hinge / 2, rel=1e-14)


# Digits computed with 60 by mpmath 1.3: loss of a single row, and its derivative by the logits.
FAR = [
    (losses.binary_cross_entropy, [40.0], [1], 4.248354255291589e-18, [-4.248354255291589e-18]),
    (losses.binary_cross_entropy, [-40.0], [1], 40.0, [-1.0]),
    (losses.binary_cross_entropy, [1e4], [0], 1e4, [1.0]),
    (losses.binary_cross_entropy, [1e30], [1], 0.0, [0.0]),
    (losses.binary_cross_entropy, [1e30], [0.25], 7.5e29, [0.75]),
    (losses.binary_cross_entropy, [math.inf], [1], 0.0, [0.0]),
    (losses.binary_cross_entropy, [-math.inf], [0], 0.0, [0.0]),
    (losses.binary_cross_entropy, [-math.inf], [1], math.inf, [-1.0]),
    (losses.cross_entropy, [[1e4, -1e4, 0]], [1], 2e4, [[1, -1, 0]]),
    (losses.cross_entropy, [[1e4, -1e4, 0]], [0], 0.0, [[0, 0, 0]]),
    (losses.cross_entropy, [[1e30, 1e30, -1e30]], [0], math.log(2), [[-0.5, 0.5, 0]]),
    (losses.cross_entropy, [[0, -math.inf, 0]], [0], math.log(2), [[-0.5, 0, 0.5]]),
    (losses.cross_entropy, [[0, -math.inf, 0]], [1], math.inf, [[0.5, -1, 0.5]]),
    (losses.huber, [1e30], [0], 1e30, [1.0]),
    (losses.squared_hinge, [-1e18], [1], 1e36, [-2e18]),
    (losses.hinge, [-1e30], [1], 1e30, [-1.0]),
    (losses.perceptron, [-1e30], [1], 1e30, [-1.0]),
    (losses.multi_margin, [[1e30, -1e30, 0]], [1], 1e30, [[1 / 3, -2 / 3, 1 / 3]]),
]


@pytest.mark.parametrize("dtype, tolerance", [("float64", 1e-15), ("float32", 2e-7)])
@pytest.mark.parametrize("loss, logits, y, value, slope", FAR)
def test_far_logits(loss, logits, y, value, slope, dtype, tolerance):
    found = ck.value_and_grad(lambda z: loss(z, np.array(y)))(np.array(logits, dtype))
    for mine, right in zip(found, (value, slope), strict=True):
        assert mine.dtype == dtype
        np.testing.assert_allclose(mine, right, rtol=tolerance)


def test_divergences_far_out():
    tiny = np.array([1 - 1e-300, 1e-300])
    half = np.array([0.5, 0.5])
    exact = 0.5 * math.log(0.5) + 0.5 * (math.log(0.5) + 300 * math.log(10))
    assert losses.kl_divergence(half, tiny) == pytest.approx(exact, rel=1e-15)
    assert losses.kl_divergence(tiny, half) == pytest.approx(math.log(2), rel=1e-15)
    assert losses.kl_divergence(half.astype("float32"), half.astype("float32")) == 0


# --- curvature and draws
def rowwise(case, logits):
    """The derivative and the Hessian of each row's loss by its outputs."""
    rows = list(zip(logits, encoded(case, logits), strict=True))
    f = [partial(lambda z, t: case.loss.function(z[None], t[None]), t=t) for _, t in rows]
    return [ck.hessian(f_)(z) for f_, (z, _) in zip(f, rows, strict=True)]


@pytest.mark.parametrize("name", CURVED)
def test_hessian_root(name):
    case = CASES[name]
    roots = case.loss.hessian_root(LOGITS, encoded(case))
    assert len(roots) == K
    assert all(root.shape == LOGITS.shape for root in roots)
    found = sum(root[:, :, None] * root[:, None, :] for root in roots)
    np.testing.assert_allclose(found, rowwise(case, LOGITS), rtol=1e-12, atol=1e-14)
    single = case.loss.hessian_root(LOGITS, encoded(case), "float32")
    assert {root.dtype.name for root in single} == {"float32"}


@pytest.mark.parametrize("name", DRAWN)
def test_drawn_targets_have_the_hessian_as_covariance_of_derivatives(name):
    case, n = CASES[name]._replace(y=CASES[name].y[:1]), 100_000
    z = LOGITS[:1] / 2
    many = np.repeat(z, n, axis=0)
    targets = case.loss.sample_targets(many, np.random.default_rng(1))
    assert targets.shape == many.shape and targets.dtype == many.dtype
    g = n * ck.grad(lambda z: case.loss.function(z, targets))(many)
    error = 5 / math.sqrt(n)  # five standard errors of terms of size one
    np.testing.assert_allclose(g.mean(axis=0), 0, atol=error)
    np.testing.assert_allclose(g.T @ g / n, rowwise(case, z)[0], atol=error)


def test_draws_depend_on_the_generator_alone():
    loss = losses.CrossEntropy()
    a, b, c = (loss.sample_targets(LOGITS * 0, np.random.default_rng(s)) for s in (0, 0, 3))
    assert (a == b).all() and (a != c).any()
    assert (a.sum(axis=1) == 1).all()
    certain = loss.sample_targets(EXTREME[:2], np.random.default_rng(0))
    assert certain.tolist() == [[1, 0, 0, 0], [0, 0, 1, 0]]


def test_losses_without_curvature_say_so():
    for loss in (losses.L1(), losses.Hinge(), losses.Perceptron(), losses.MultiMargin()):
        with pytest.raises(ValueError, match=f"the Hessian of {loss.name} .* use cross_entropy"):
            loss.hessian_root(LOGITS, LOGITS)
        with pytest.raises(ValueError, match=f"{loss.name} is not the negative log-likelihood"):
            loss.sample_targets(LOGITS, np.random.default_rng(0))


# --- decisions
def test_predictions_and_accuracy():
    z = np.array([[2.0, 1.0], [0.0, 3.0], [5.0, 4.0], [0.0, 1.0]])
    multi, binary, hinge = losses.get("cross_entropy"), losses.BinaryCrossEntropy(), losses.Hinge()
    assert multi.predict(z).tolist() == [0, 1, 0, 1]
    assert multi.accuracy(z, [0, 1, 1, 1]) == 0.75
    assert multi.accuracy(z, np.eye(2)[[0, 1, 1, 1]]) == 0.75
    one = np.array([[2.0], [-1.0], [0.5], [-3.0]])
    assert binary.predict(one).tolist() == [1, 0, 1, 0]
    assert hinge.predict(one).tolist() == [1, -1, 1, -1]
    for y in ([1, 0, 0, 0], [[1], [0], [0], [0]], [0.9, 0.1, 0.2, 0.3]):
        assert binary.accuracy(one, y) == losses.accuracy(one, np.array(y)) == 0.75
    assert hinge.accuracy(one, [1, -1, -1, -1]) == 0.75
    assert losses.accuracy(one[:, 0], np.array([1, -1, -1, -1])) == 0.75
    assert losses.zero_one(z, np.array([0, 1, 1, 1])) == 0.25
    assert binary.predict(z - 1.5).tolist() == [[1, 0], [0, 1], [1, 1], [0, 0]]
    with pytest.raises(ValueError, match="mse is a loss for regression: it has no accuracy"):
        losses.MeanSquaredError().accuracy(z, z)


# --- by name
def test_get():
    for name in losses.names():
        loss = losses.get(name)
        assert loss.name == name
        assert losses.get(loss) is loss
        assert losses.get(getattr(losses, name)) == loss
        assert loss.task == ("regression" if name in ("mse", "l1", "huber") else "classification")
    assert losses.get("huber", delta=2.0) == losses.Huber(2.0)
    assert losses.get("multi_margin", p=2) == losses.MultiMargin(2)
    assert losses.get(losses.Huber(1.0), delta=2.0) == losses.Huber(2.0)
    assert losses.get(partial(losses.cross_entropy, smoothing=0.1)) == losses.CrossEntropy(0.1)
    with pytest.raises(ValueError, match="no loss 'crossentropy'; did you mean 'cross_entropy'"):
        losses.get("crossentropy")
    with pytest.raises(TypeError, match="loss must be a name or a function, not 3"):
        losses.get(3)


def test_any_function_is_a_loss():
    loss = losses.get(lambda z, y, scale=1.0: scale * (z * y).sum())
    assert loss.function(LOGITS, loss.encode(NUMBERS, K, "float64")) == (LOGITS * NUMBERS).sum()
    assert loss.encode(CLASSES, K, "float32").dtype == CLASSES.dtype
    assert loss.encode(NUMBERS, K, "float32").dtype == "float32"
    assert losses.get(loss.of, scale=2.0)(LOGITS, NUMBERS) == 2 * (LOGITS * NUMBERS).sum()


# --- what is refused
Z1, ONES = LOGITS[:, 0], np.ones(N)


@pytest.mark.parametrize(
    "call, message",
    [
        (lambda: losses.cross_entropy(LOGITS, CLASSES + 1),
         "labels must be from 0 to 3, as there are 4 outputs, but row 1 has 4: pass labels - 1"),
        (lambda: losses.cross_entropy(LOGITS, CLASSES - 1), "row 0 has -1"),
        (lambda: losses.cross_entropy(LOGITS[:, :2], 2 * BITS[:, 0] - 1),
         r"the encoding of hinge: pass \(labels \+ 1\) // 2"),
        (lambda: losses.cross_entropy(LOGITS, CLASSES.astype(float)),
         r"integers \(batch,\) or probabilities \(batch, 4\), not float64 of the shape \(6,\): "
         r"pass labels.astype\(int\)"),
        (lambda: losses.cross_entropy(LOGITS, CLASSES[:, None]), r"pass labels.ravel\(\)"),
        (lambda: losses.cross_entropy(LOGITS, SHARES[:, :3]), r"not float64 of the shape \(6, 3\)"),
        (lambda: losses.cross_entropy(LOGITS, 2 * SHARES), "row 0 sums to 2"),
        (lambda: losses.cross_entropy(LOGITS, np.log(SHARES)), "pass np.exp of them"),
        (lambda: losses.cross_entropy(LOGITS, CLASSES[:5]),
         "labels must have 6 rows, as the outputs have, not 5"),
        (lambda: losses.cross_entropy(Z1, CLASSES),
         r"logits must have the shape \(batch, classes\), not \(6,\)"),
        (lambda: losses.cross_entropy(LOGITS[:, :1], CLASSES), "at least 2, not 1"),
        (lambda: losses.cross_entropy(LOGITS[:0], CLASSES[:0]), "at least one row"),
        (lambda: losses.cross_entropy(LOGITS, CLASSES, smoothing=1.5), "between 0 and 1, not 1.5"),
        (lambda: losses.cross_entropy(LOGITS, CLASSES, "a"), "smoothing must be a number .*'a'"),
        (lambda: losses.cross_entropy(LOGITS, CLASSES, np.nan), "smoothing must .* not nan"),
        (lambda: losses.cross_entropy(LOGITS, CLASSES.astype(str)), "labels must be numbers"),
        (lambda: losses.binary_cross_entropy(Z1, 2 * BITS[:, 0] - 1),
         r"y of 0 and 1, or probabilities between, not -1, 1, the encoding of hinge: "
         r"pass \(y \+ 1\) / 2"),
        (lambda: losses.binary_cross_entropy(Z1, CLASSES), "not 0, 1, 2, 3$"),
        (lambda: losses.binary_cross_entropy(Z1, BITS[:, :1]),
         r"y must be shaped like \(6,\), not \(6, 1\)"),
        (lambda: losses.binary_cross_entropy(LOGITS[:, :2], BITS[:, 0]),
         r"y must have the shape \(batch, 2\) for binary_cross_entropy with 2 outputs, not \(6,\); "
         "for class labels use cross_entropy"),
        (lambda: losses.hinge(Z1, BITS[:, 0]),
         r"hinge takes labels -1 and \+1, not 0, 1: pass 2 \* labels - 1"),
        (lambda: losses.hinge(Z1, np.arange(6) - 1), "not 6 values from -1 to 4$"),
        (lambda: losses.mse(LOGITS, NUMBERS[:, 0]), r"targets must have the shape \(batch, 4\)"),
        (lambda: losses.mse(LOGITS[:, :1], NUMBERS), r"\(batch,\) or \(batch, 1\)"),
        (lambda: losses.mse(Z1, ONES * np.nan), "targets must be finite numbers"),
        (lambda: losses.huber(Z1, ONES, delta=0), "delta must be a number > 0, not 0"),
        (lambda: losses.huber(Z1, ONES, delta="a"), "delta must be a number > 0, not 'a'"),
        (lambda: losses.perceptron(Z1, BITS[:, 0]), r"perceptron takes labels -1 and \+1"),
        (lambda: losses.multi_margin(LOGITS, SHARES),
         r"labels must be integers \(batch,\), not float64 of the shape \(6, 4\)"),
        (lambda: losses.multi_margin(LOGITS, CLASSES.astype(float)), r"pass labels.astype\(int\)"),
        (lambda: losses.multi_margin(LOGITS, CLASSES + 1), "labels must be from 0 to 3"),
        (lambda: losses.multi_margin(Z1, CLASSES), r"logits must have the shape \(batch, cl"),
        (lambda: losses.multi_margin(Z1[:, None], CLASSES), "with a single output use hinge"),
        (lambda: losses.multi_margin(LOGITS, CLASSES, p=3), "p must be 1 or 2, not 3"),
        (lambda: losses.multi_margin(LOGITS, CLASSES, margin=0), "margin must be a number > 0"),
        (lambda: losses.multi_margin(LOGITS, CLASSES, margin="a"), "margin must be .* not 'a'"),
        (lambda: losses.wasserstein_samples(LOGITS, Z1), r"u must be numbers \(n,\), .* \(6, 4\)"),
        (lambda: losses.wasserstein_samples(Z1, Z1[:0]), "v must be numbers .* at least one"),
        (lambda: losses.wasserstein_samples(Z1, Z1 * np.nan), "v must be finite numbers"),
        (lambda: losses.wasserstein_samples(Z1, Z1, ONES, -ONES), "v_weights must be numbers >= 0"),
        (lambda: losses.wasserstein_samples(Z1, Z1, 0 * ONES), "not all 0, of the shape"),
        (lambda: losses.wasserstein_samples(Z1, Z1, ONES[:2]), r"of the shape \(6,\), not array"),
        (lambda: losses.kl_divergence(SHARES, SHARES[:2]),
         r"q must be shaped like p, \(6, 4\), not \(2, 4\)"),
        (lambda: losses.kl_divergence(np.log(SHARES), SHARES), "p must be probabilities >= 0"),
        (lambda: losses.wasserstein(SHARES, 2 * SHARES), "q must be probabilities that sum to 1"),
        (lambda: losses.accuracy(LOGITS, CLASSES + 1), "labels must be from 0 to 3"),
    ],
)  # fmt: skip
def test_wrong_inputs(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_outputs_must_be_arrays():
    with pytest.raises(TypeError, match="predictions must be an array, not list"):
        losses.mse([1.0], [2.0])
    assert losses.mse(np.array([1, 2]), [1.5, 2.5]) == 0.25
