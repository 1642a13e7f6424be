"""The loss of a network on data: values, minibatches, curvature and Kronecker factors."""

import weakref
from functools import partial

import numpy as np
import pytest

import coursekit as ck
from coursekit.objective import Counts

RNG = np.random.default_rng(0)
N = 7
X = RNG.normal(size=(N, 4))
CLASSES = np.array([0, 2, 1, 1, 0, 2, 2])
NUMBERS = RNG.normal(size=(N, 3))
BITS = (RNG.random((N, 3)) < 0.5).astype(int)
LABELS = {
    "cross_entropy": CLASSES, "binary_cross_entropy": BITS, "mse": NUMBERS, "l1": NUMBERS,
    "huber": NUMBERS, "hinge": 2 * BITS - 1, "squared_hinge": 2 * BITS - 1,
    "perceptron": 2 * BITS - 1, "multi_margin": CLASSES,
}  # fmt: skip
CURVED = ("cross_entropy", "binary_cross_entropy", "mse")
NET = ck.MLP([4, 5, 3], "tanh")
THETA = 0.5 * RNG.normal(size=NET.layout.size)
V = RNG.normal(size=NET.layout.size)


def objective(loss, net=NET, **how):
    return net.objective(X, LABELS[loss], loss, **how)


def forward(theta, x):
    W1, b1, W2, b2 = np.split(theta, np.cumsum([20, 5, 15]))
    h = np.tanh(x @ W1.reshape(4, 5) + b1)
    return h, h @ W2.reshape(5, 3) + b2


def row_losses(z, y, loss):
    """The loss of each row, from its definition."""
    p = 1 / (1 + np.exp(-z))
    if loss == "cross_entropy":
        return -np.log((np.exp(z) / np.exp(z).sum(1, keepdims=True))[np.arange(len(z)), y])
    if loss == "multi_margin":
        short = np.maximum(0, 1 - z[np.arange(len(z)), y][:, None] + z)
        return (short.sum(axis=1) - 1) / z.shape[1]
    d = z - y
    return {
        "binary_cross_entropy": lambda: -np.log(np.where(y == 1, p, 1 - p)),
        "mse": lambda: d**2,
        "l1": lambda: abs(d),
        "huber": lambda: np.where(abs(d) < 1, d**2 / 2, abs(d) - 0.5),
        "hinge": lambda: np.maximum(0, 1 - y * z),
        "squared_hinge": lambda: np.maximum(0, 1 - y * z) ** 2,
        "perceptron": lambda: np.maximum(0, -y * z),
    }[loss]().mean(axis=1)


def test_every_loss_is_tried():
    assert set(LABELS) == set(ck.losses.names())


# --- values and gradients
@pytest.mark.parametrize("loss", LABELS)
def test_value_and_gradient(loss):
    f = objective(loss)
    by_row = row_losses(forward(THETA, X)[1], LABELS[loss], loss)
    np.testing.assert_allclose(f.value(THETA), by_row.mean(), rtol=1e-13)
    summed = objective(loss, reduction="sum")
    np.testing.assert_allclose(summed.value(THETA), by_row.sum(), rtol=1e-13)
    np.testing.assert_allclose(summed.grad(THETA), N * f.grad(THETA), rtol=1e-12, atol=1e-15)
    h = 1e-6
    slope = (f.value(THETA + h * V) - f.value(THETA - h * V)) / (2 * h)
    assert f.grad(THETA) @ V == pytest.approx(float(slope), rel=1e-8)
    value, g = f.value_and_grad(THETA)
    assert value == f.value(THETA)
    np.testing.assert_array_equal(g, f.grad(THETA))
    np.testing.assert_array_equal(ck.grad(f.value)(THETA), g)


def test_losses_with_settings_and_of_ones_own():
    smooth = NET.objective(X, CLASSES, partial(ck.losses.cross_entropy, smoothing=0.3))
    z = forward(THETA, X)[1]
    p = np.exp(z) / np.exp(z).sum(1, keepdims=True)
    t = 0.7 * np.eye(3)[CLASSES] + 0.1
    assert smooth.value(THETA) == pytest.approx(-(t * np.log(p)).sum() / N, rel=1e-13)
    own = NET.objective(X, NUMBERS, lambda z, y: np.mean((z - y) ** 4))
    assert own.value(THETA) == pytest.approx(((z - NUMBERS) ** 4).mean(), rel=1e-13)
    assert ck.check_grad(own.value, THETA) < 1e-6


def test_precision_is_that_of_theta():
    theta = THETA.astype("float32")
    f = objective("cross_entropy")
    for answer in (f.value(theta), *f.value_and_grad(theta), f.hvp(theta, theta)):
        assert answer.dtype == "float32"
    assert f.batch([0, 1]).grad(theta).dtype == f.ggn(theta, theta).dtype == np.float32
    assert f.factors(theta)[0].A.dtype == f.factors(theta)[0].G.dtype == np.float32
    np.testing.assert_allclose(f.grad(theta), f.grad(THETA), atol=1e-6)
    own = NET.objective(X.astype("float32"), CLASSES, lambda z, y: np.mean((z - np.eye(3)[y]) ** 2))
    assert np.isfinite(own.value(THETA))  # labels that are indices stay whole numbers
    whole = NET.objective(np.arange(8).reshape(2, 4), [0, 1])
    assert whole.value(THETA).dtype == "float64" and whole.value(theta).dtype == "float32"


# --- minibatches
@pytest.mark.parametrize("rows", [[2], [0, 3, 3, 6], np.array([5, 1])])
@pytest.mark.parametrize("loss", ["cross_entropy", "mse"])
def test_a_batch_is_the_objective_of_its_rows(rows, loss):
    part, alone = objective(loss).batch(rows), NET.objective(X[rows], LABELS[loss][rows], loss)
    np.testing.assert_allclose(part.value(THETA), alone.value(THETA), rtol=1e-14)
    for name in ("grad", "hessian"):
        mine, right = (getattr(f, name)(THETA) for f in (part, alone))
        np.testing.assert_allclose(mine, right, rtol=1e-12, atol=1e-14)


def test_a_mask_chooses_rows_too():
    f = objective("mse")
    part = f.batch(CLASSES == 2, curvature=CLASSES == 0)
    assert part.value(THETA) == objective("mse").batch([1, 5, 6]).value(THETA)
    part.hvp(THETA, V)
    assert f.counts.examples == 3 + 2


def test_curvature_rows_serve_curvature_only():
    f, rows, other = objective("mse"), [0, 1, 2], [4, 5]
    g, both, h = f.batch(rows), f.batch(rows, curvature=other), f.batch(other)
    assert both.value(THETA) == g.value(THETA)
    np.testing.assert_array_equal(both.grad(THETA), g.grad(THETA))
    np.testing.assert_array_equal(both.hvp(THETA, V), h.hvp(THETA, V))
    np.testing.assert_array_equal(both.ggn(THETA, V), h.ggn(THETA, V))
    np.testing.assert_array_equal(both.hessian(THETA), h.hessian(THETA))
    for mine, right in zip(both.factors(THETA), h.factors(THETA), strict=True):
        np.testing.assert_array_equal(mine.A, right.A)
        np.testing.assert_array_equal(mine.G, right.G)
    np.testing.assert_array_equal(f.batch(None, curvature=other).grad(THETA), f.grad(THETA))
    np.testing.assert_array_equal(f.batch(None, curvature=other).hvp(THETA, V), h.hvp(THETA, V))


def test_what_an_evaluation_leaves_behind():
    net = ck.Sequential(ck.Linear(4, 3), ck.BatchNorm(3), "tanh", ck.Linear(3, 3))
    theta = RNG.normal(size=net.layout.size)
    f = objective("mse", net)
    with pytest.raises(ValueError, match="nothing was evaluated on this batch yet"):
        _ = f.last_value
    value = f.value_and_grad(theta)[0]
    assert f.last_value == value
    W, b = net.layout.unpack(theta)[:2]
    np.testing.assert_allclose(f.moments[0].mean, (X @ W + b).mean(0), rtol=1e-13)
    part = f.batch([1, 2, 3])
    with pytest.raises(ValueError, match="nothing was evaluated"):
        _ = part.moments
    part.grad(theta)
    np.testing.assert_allclose(part.moments[0].var, (X[1:4] @ W + b).var(0), rtol=1e-12)
    assert part.moments[0].n == 3 and f.moments[0].n == N
    assert part.last_value == f.batch([1, 2, 3]).value(theta)
    assert type(part.moments[0].mean) is np.ndarray
    part.hvp(theta, theta)
    part.uncounted().value(2 * theta)
    assert part.last_value == f.batch([1, 2, 3]).value(theta)


def test_what_is_left_behind_is_plain_after_a_trace():
    f = objective("mse")
    ck.grad(f.value)(THETA)
    assert f.last_value == f.uncounted().value(THETA)
    assert isinstance(f.last_value, np.generic | np.ndarray)


def test_data_goes_when_its_objective_goes():
    f = objective("mse")
    f.grad(THETA), f.batch([0, 1]).grad(THETA)
    gone = weakref.ref(f)
    del f
    assert gone() is None  # at once, not when the collector comes by


DROPS = ck.Sequential(ck.Linear(4, 40), "relu", ck.Dropout(0.5), ck.Linear(40, 3))


def test_dropout_leaves_a_fixed_function():
    theta = RNG.normal(size=DROPS.layout.size)
    f = objective("mse", DROPS, rng=4)
    np.testing.assert_array_equal(f.grad(theta), f.grad(theta))
    assert f.value(theta) == f.value_and_grad(theta)[0]
    assert f.value(theta) != objective("mse", DROPS, rng=5).value(theta)
    one, two = f.batch([0, 1], rng=(4, 1)), f.batch([0, 1], rng=(4, 2))
    assert one.value(theta) == one.value(theta) != two.value(theta)
    assert ck.check_grad(one.value, theta, order=1) < 1e-6
    h = 1e-5
    slope = (one.grad(theta + h * theta) - one.grad(theta - h * theta)) / (2 * h)
    np.testing.assert_allclose(one.hvp(theta, theta), slope, rtol=1e-5, atol=1e-6)
    still = objective("mse", DROPS, train=False)
    np.testing.assert_allclose(
        still.value(theta), ((DROPS(theta, X) - NUMBERS) ** 2).mean(), rtol=1e-13
    )


# --- counts
def test_examples_are_rows_gone_through():
    f = objective("cross_entropy")
    f.value_and_grad(THETA)
    assert f.counts == Counts(value=1, grad=1, examples=N)
    f.value(THETA), f.grad(THETA)
    assert f.counts == Counts(value=2, grad=2, examples=3 * N)
    f.hvp(THETA, V), f.ggn(THETA, V), f.hessian(THETA), f.factors(THETA)
    assert f.counts == Counts(2, 2, 1, 1, 1, 7 * N)


def test_batches_share_their_parents_counts():
    f = objective("cross_entropy")
    part = f.batch([0, 1, 2], curvature=[3, 4])
    part.grad(THETA)
    part.hvp(THETA, V), part.ggn(THETA, V), part.hessian(THETA), part.factors(THETA)
    part.batch([0]).value(THETA)
    expected = Counts(value=1, grad=1, hvp=1, ggn=1, hessian=1, examples=3 + 4 * 2 + 1)
    assert f.counts == part.counts == expected
    view = part.uncounted()
    view.grad(THETA), view.hvp(THETA, V)
    assert f.counts == expected and view.counts == Counts(grad=1, hvp=1, examples=3 + 2)


# --- curvature
@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize("loss", CURVED)
def test_hvp_and_hessian_are_those_of_the_value(loss, reduction):
    f = objective(loss, reduction=reduction)
    H = ck.hessian(f.uncounted().value)(THETA)
    np.testing.assert_allclose(f.hessian(THETA), H, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(f.hvp(THETA, V), H @ V, rtol=1e-9, atol=1e-12)
    h = 1e-5
    slope = (f.grad(THETA + h * V) - f.grad(THETA - h * V)) / (2 * h)
    np.testing.assert_allclose(f.hvp(THETA, V), slope, rtol=1e-5, atol=1e-6)


def dense_ggn(f, net, loss, rows=slice(None)):
    """The mean over rows of J^T H J, from Jacobians of single rows."""
    targets = f.loss.encode(LABELS[loss], 3, "float64")
    total = 0
    for x, t in zip(X[rows], targets[rows], strict=True):
        J = ck.jacobian(lambda th, x=x: net(th, x[None])[0])(THETA[: net.layout.size])
        z = net(THETA[: net.layout.size], x[None])
        H = ck.hessian(lambda z, t=t: f.loss.function(z, t[None]))(z).reshape(3, 3)
        total = total + J.T @ H @ J
    return total / len(X[rows])


@pytest.mark.parametrize("loss", [*CURVED, "huber"])
def test_ggn_is_the_mean_of_jacobians_around_the_hessian_of_the_loss(loss):
    f = objective(loss)
    G = dense_ggn(f, NET, loss)
    np.testing.assert_allclose(f.ggn(THETA, V), G @ V, rtol=1e-10, atol=1e-13)
    summed = objective(loss, reduction="sum")
    np.testing.assert_allclose(summed.ggn(THETA, V), N * (G @ V), rtol=1e-10, atol=1e-12)
    linear = ck.MLP([4, 3])
    of_linear, theta = objective(loss, linear), THETA[:15]
    np.testing.assert_allclose(  # without hidden layers it is the Hessian
        of_linear.ggn(theta, V[:15]), of_linear.hvp(theta, V[:15]), rtol=1e-10, atol=1e-13
    )


# --- Kronecker factors
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("loss", CURVED)
def test_one_example_and_one_layer_make_the_factors_exact(loss, bias):
    net = ck.Sequential(ck.Linear(4, 3, bias=bias))
    f = objective(loss, net).batch([2])
    ((name, A, G),) = f.factors(THETA[: net.layout.size])
    dense = dense_ggn(f, net, loss, rows=slice(2, 3))  # this is the Fisher matrix of these losses
    assert name == "W1"
    np.testing.assert_allclose(np.kron(A, G), dense, rtol=1e-10, atol=1e-14)


def outputs_of_layers(theta, x):
    """For each layer: its input with a 1, and d(logits)/d(its output), of one row."""
    h, _ = forward(theta, x[None])
    W2 = theta[25:40].reshape(5, 3)
    return [
        (np.append(x, 1), W2.T * (1 - h[0] ** 2)),
        (np.append(h[0], 1), np.eye(3)),
    ]


def brute_force(loss, slopes):
    """A and G of both layers as means of outer products over rows; `slopes` (row) -> [dl/dz]."""
    A, G = [0, 0], [0, 0]
    for i, x in enumerate(X):
        for layer, (a, J) in enumerate(outputs_of_layers(THETA, x)):
            A[layer] = A[layer] + np.outer(a, a) / N
            for weight, g in slopes(i):
                G[layer] = G[layer] + weight * np.outer(J.T @ g, J.T @ g) / N
    return A, G


def probabilities(i):
    z = forward(THETA, X)[1][i]
    return np.exp(z) / np.exp(z).sum(), 1 / (1 + np.exp(-z))


def expected_slopes(loss, i):
    """Pairs (probability, dl/dz) whose outer products add up to the expectation."""
    p, s = probabilities(i)
    units = np.eye(3)
    if loss == "cross_entropy":
        return [(p[c], p - units[c]) for c in range(3)]
    if loss == "mse":  # targets z + N(0, 3/2), slope 2 (z - t) / 3: variance 2/3 in each direction
        return [(2 / 3, units[c]) for c in range(3)]
    # One label at a time: the mean over 3 outputs has Hessian s (1 - s) / 3.
    return [(s[c] * (1 - s[c]) / 3, units[c]) for c in range(3)]


def label_slope(loss, i):
    p, s = probabilities(i)
    z = forward(THETA, X)[1][i]
    return {
        "cross_entropy": lambda: p - np.eye(3)[CLASSES[i]],
        "mse": lambda: 2 * (z - NUMBERS[i]) / 3,
        "binary_cross_entropy": lambda: (s - BITS[i]) / 3,
    }[loss]()


@pytest.mark.parametrize("loss", CURVED)
def test_exact_factors_are_expectations_over_the_models_own_targets(loss):
    A, G = brute_force(loss, lambda i: expected_slopes(loss, i))
    for layer, factors in enumerate(objective(loss).factors(THETA)):
        assert factors.name == ("W1", "W2")[layer]
        np.testing.assert_allclose(factors.A, A[layer], rtol=1e-12, atol=1e-15)
        np.testing.assert_allclose(factors.G, G[layer], rtol=1e-11, atol=1e-15)


@pytest.mark.parametrize("loss", CURVED)
def test_empirical_factors_use_the_labels(loss):
    A, G = brute_force(loss, lambda i: [(1, label_slope(loss, i))])
    for layer, factors in enumerate(objective(loss).factors(THETA, fisher="empirical")):
        np.testing.assert_allclose(factors.A, A[layer], rtol=1e-12, atol=1e-15)
        np.testing.assert_allclose(factors.G, G[layer], rtol=1e-11, atol=1e-15)


def test_empirical_factors_are_outer_products_of_the_gradients_of_rows():
    f = objective("cross_entropy")
    rows = [NET.layout.unpack(f.batch([i]).grad(THETA)) for i in range(N)]
    for layer, factors in enumerate(f.factors(THETA, fisher="empirical")):
        biases = np.array([row[2 * layer + 1] for row in rows])  # the slope by a layer's output
        np.testing.assert_allclose(factors.G, biases.T @ biases / N, rtol=1e-11, atol=1e-15)


@pytest.mark.parametrize("loss", CURVED)
def test_drawn_factors_converge_to_the_exact_ones(loss):
    f, draws = objective(loss), 400
    exact = f.factors(THETA)
    drawn = [f.factors(THETA, fisher="mc", seed=s) for s in range(draws)]
    for layer in range(2):
        np.testing.assert_array_equal(drawn[0][layer].A, exact[layer].A)
        G = np.array([d[layer].G for d in drawn])
        error = G.std(axis=0) / np.sqrt(draws)
        assert (abs(G.mean(axis=0) - exact[layer].G) < 4.5 * error).all()
        assert (G.std(axis=0) > 0).all()
    again = f.factors(THETA, fisher="mc", seed=3)
    np.testing.assert_array_equal(again[1].G, drawn[3][1].G)


def test_factors_do_not_depend_on_reduction():
    a, b = (objective("mse", reduction=r).factors(THETA) for r in ("mean", "sum"))
    np.testing.assert_array_equal(a[0].G, b[0].G)


# --- what is refused
@pytest.mark.parametrize(
    "call, error, message",
    [
        (lambda: NET.objective(X, CLASSES[:5]), ValueError, "x has 7 rows but y has 5"),
        (lambda: NET.objective(X[:, :2], CLASSES), ValueError, r"x must be \(batch, 4\)"),
        (lambda: NET.objective(X, CLASSES + 1), ValueError, "labels must be from 0 to 2"),
        (lambda: NET.objective(X, CLASSES, "crossentropy"), ValueError, "did you mean"),
        (lambda: NET.objective(X, CLASSES, reduction="none"), ValueError,
         'reduction must be "mean" or "sum", not \'none\''),
        (lambda: NET.objective(X, CLASSES, rng=np.random.default_rng(0)), TypeError, "rng=seed"),
        (lambda: objective("mse").factors(THETA, fisher="true"), ValueError,
         "fisher must be .*not 'true'"),
        (lambda: objective("l1").factors(THETA), ValueError, "l1 .* use cross_entropy"),
        (lambda: objective("hinge").factors(THETA, fisher="mc"), ValueError, "to draw from"),
        (lambda: objective("mse").value(THETA[:4]), ValueError, r"shape \(4,\)"),
        (lambda: objective("mse").value(np.zeros(43, int)), TypeError, "must hold floats"),
        (lambda: objective("mse").grad(THETA[None]), ValueError, r"takes one point \(n,\)"),
        (lambda: objective("mse").hvp(THETA, V[:4]), ValueError, "v must be shaped like theta"),
    ],
)  # fmt: skip
def test_wrong_inputs(call, error, message):
    with pytest.raises(error, match=message):
        call()
