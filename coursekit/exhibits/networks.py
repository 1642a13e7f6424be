"""Networks: normalisation, activations and first weights as they are printed."""

import numpy as np

from ..activations import leaky_relu, relu
from ..backend import Array
from ..gains import gain
from ..initializers import kaiming_normal, xavier_normal
from ..networks import MLP
from ..optim import GradientDescent
from ..run import minimize
from .card import DILLHOFF, NOTES, SUN, Exhibit, Pair
from .measure import lost


# --- E17 -----------------------------------------------------------------------------------------
def printed_normalize(H: Array) -> Array:
    """(H - mu) / sigma over the rows, as printed."""
    return (H - H.mean(axis=0)) / H.std(axis=0)


def normalize(H: Array, gamma=1.0, beta=0.0, eps=1e-5) -> Array:
    """gamma (H - mu) / sqrt(sigma^2 + eps) + beta over the rows (Ioffe and Szegedy 2015)."""
    return gamma * (H - H.mean(axis=0)) / np.sqrt(H.var(axis=0) + eps) + beta


def _dead(rows=32) -> Pair:
    """A layer of two ReLUs, the second of them dead: it is 0 for every example."""
    x = np.random.default_rng(0).standard_normal((rows, 1))
    H = relu(np.column_stack([x, x - 100]))
    with np.errstate(all="ignore"):
        return Pair(printed_normalize(H), normalize(H))


def _dead_numbers() -> dict[str, float]:
    says, right = _dead()
    return {
        "units lost, as printed": lost(says),
        "units lost": lost(right),
        "standard deviation of the live unit": float(right[:, 0].std()),
    }


E17 = Exhibit(
    "E17",
    "Batch normalisation of a dead unit",
    NOTES,
    r"H' = \frac{H - \mu}{\sigma}",
    r"H' = \gamma \frac{H - \mu}{\sqrt{\sigma^2 + \epsilon}} + \beta, \quad "
    r"\text{with running } \mu, \sigma^2 \text{ when not training}",
    "A unit that is the same for all rows has sigma = 0: 0 / 0, and the nan goes through the "
    "whole network.",
    _dead,
    _dead_numbers,
)


# --- E22 -----------------------------------------------------------------------------------------
def _slopes(x=None) -> Pair:
    x = np.linspace(-3, 3, 61) if x is None else x
    return Pair(leaky_relu(x, slope=0.1), leaky_relu(x, slope=0.01))


def _slopes_numbers() -> dict[str, float]:
    figure, text = _slopes(np.array([-1.0]))
    return {
        "at -1, as in the figure": float(figure[0]),
        "at -1, as in the text": float(text[0]),
        "gain for the one": gain("leaky_relu", 0.1),
        "gain for the other": gain("leaky_relu", 0.01),
    }


E22 = Exhibit(
    "E22",
    "Leaky by how much",
    SUN,
    r"\max(0.1 x, x) \text{ in the figure; } \alpha = 0.01 \text{ in the text}",
    r"\max(\alpha x, x), \; \alpha = 0.01 \text{ (Maas et al. 2013, PyTorch)}",
    "A choice, not an error. Ten times the slope on the left is ten times the gradient for units "
    "that are off; to the scale of first weights it hardly matters.",
    _slopes,
    _slopes_numbers,
)


# --- E23 -----------------------------------------------------------------------------------------
def _moments(d=100, samples=200_000) -> Pair:
    """Mean, variance and second moment of ReLU(w^T v) over s, s^2, s^2: printed, and measured."""
    v = np.random.default_rng(0).standard_normal((samples, 8))
    w = np.random.default_rng(1).standard_normal((8, 1)) * d**0.5
    s = np.linalg.norm(w)  # the standard deviation of w^T v
    out = relu(v @ w)[:, 0] / s
    return Pair(np.array([0.0, 0.5, 0.5]), np.array([out.mean(), out.var(), (out**2).mean()]))


def _moments_numbers() -> dict[str, float]:
    found = _moments().right
    return {
        "mean": float(found[0]),
        "1 / sqrt(2 pi)": float(1 / np.sqrt(2 * np.pi)),
        "variance": float(found[1]),
        "(1 - 1/pi) / 2": float((1 - 1 / np.pi) / 2),
        "second moment": float(found[2]),
    }


E23 = Exhibit(
    "E23",
    "The mean of a ReLU",
    SUN,
    r"\mathrm{E}[\mathrm{ReLU}(w^\top v)] = 0, \quad "
    r"\mathrm{Var}(\mathrm{ReLU}(w^\top v)) = \frac{1}{2} \mathrm{Var}(w^\top v)",
    r"\mathrm{E} = s / \sqrt{2\pi}, \quad \mathrm{Var} = \frac{1}{2} (1 - 1/\pi) s^2, \quad "
    r"\mathrm{E}[\mathrm{ReLU}^2] = \frac{1}{2} s^2",
    "A ReLU is never negative, so its mean is not 0. What is half is the second moment, and that "
    "is what the next layer needs: the 2 / d of Kaiming stands.",
    _moments,
    _moments_numbers,
)


# --- E25 -----------------------------------------------------------------------------------------
def _by_layer(depth=12, width=32) -> Pair:
    """The norm of the gradient of each layer's weights: sigmoids, and tanh with large weights."""
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((64, width)), rng.integers(2, size=64)

    def norms(activation, scale):
        net = MLP([width] * depth + [2], activation)
        theta = scale * net.init("xavier_normal", rng=0).astype(float)
        g = net.layout.unpack(net.objective(x, y).grad(theta))
        return np.array([np.linalg.norm(a) for a in g if a.ndim == 2])

    return Pair(norms("sigmoid", 1.0), norms("tanh", 3.0))


def _by_layer_numbers() -> dict[str, float]:
    vanishing, exploding = _by_layer()
    return {
        "first layer / last, sigmoids": float(vanishing[0] / vanishing[-1]),
        "first layer / last, tanh and large weights": float(exploding[0] / exploding[-1]),
    }


E25 = Exhibit(
    "E25",
    "Smaller is not exploding",
    SUN,
    r"\text{derivatives for early layers an order of magnitude smaller, i.e. vanishing/exploding}",
    r"\text{smaller towards the first layer: vanishing; larger: exploding}",
    "Two opposite things. Below twelve layers of sigmoids less than a millionth is left; with "
    "large weights and tanh the first has the larger gradient.",
    _by_layer,
    _by_layer_numbers,
)


# --- E40 -----------------------------------------------------------------------------------------
def _through(depth=30, width=128) -> Pair:
    """The root mean square after each ReLU layer, with weights by Xavier and by He."""
    rng = np.random.default_rng(0)
    signals = []
    for draw in (xavier_normal, kaiming_normal):
        x, found = rng.standard_normal((32, width)), []
        for _ in range(depth):
            x = relu(x @ draw((width, width), rng))
            found.append(np.sqrt((x**2).mean()))
        signals.append(np.array(found))
    return Pair(*signals)


def _through_numbers() -> dict[str, float]:
    xavier, he = _through()
    W = kaiming_normal((128, 128), np.random.default_rng(0))
    return {
        "variance of the weights times fan-in": float(W.var() * 128),
        "left after 30 layers, Xavier": float(xavier[-1]),
        "2^(-30/2)": 2.0**-15,
        "left after 30 layers, He": float(he[-1]),
        "gain^2 for a slope of 0.25, 2 / (1 + a^2)": gain("leaky_relu", 0.25) ** 2,
    }


E40 = Exhibit(
    "E40",
    "He's initialization without its formula",
    DILLHOFF,
    r"\text{He et al. derive another initialization strategy while considering ReLU and PReLU}",
    r"\mathrm{Var}(w) = \frac{2}{d_{\mathrm{in}}}, \quad "
    r"\text{for a slope } a \text{ on the left } \frac{2}{(1 + a^2) \, d_{\mathrm{in}}}",
    "A ReLU lets half of the mean square through. He's weights make up for it; with Xavier's the "
    "signal is halved in every second layer, and after 30 hardly anything is left.",
    _through,
    _through_numbers,
)


# --- E52 -----------------------------------------------------------------------------------------
def _from_zero(lr=0.5, steps=50) -> Pair:
    """W1 along gradient descent from weights 0, (steps + 1, 2, 4): sigmoid units, and tanh."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((20, 2))
    y = x[:, :1] - 2 * x[:, 1:] + 0.5
    found = []
    for activation in ("sigmoid", "tanh"):
        net = MLP([2, 4, 1], activation)
        f = net.objective(x, y, loss="mse")
        path = minimize(f, np.zeros(net.layout.size), GradientDescent(lr), steps)
        found.append(np.array([net.layout.unpack(theta)[0] for theta in path.thetas]))
    return Pair(*found)


def _from_zero_numbers() -> dict[str, float]:
    sigmoids, tanhs = _from_zero()
    values = np.linalg.svd(sigmoids[-1], compute_uv=False)
    return {
        "|W1| after 1 step, sigmoid": float(np.abs(sigmoids[1]).max()),
        "|W1| after 2 steps, sigmoid": float(np.abs(sigmoids[2]).max()),
        "|W1| after 50 steps, sigmoid": float(np.abs(sigmoids[-1]).max()),
        "second singular value / first": float(values[1] / values[0]),
        "|W1| after 50 steps, tanh": float(np.abs(tanhs[-1]).max()),
    }


E52 = Exhibit(
    "E52",
    "No movement from zero",
    SUN,
    r"W = 0: \quad \nabla_{W_1} F = 0, \text{ no movement on } W_1",
    r"\sigma(0) \ne 0: W_2 \text{ moves, then } W_1, \text{ all units alike}; \quad "
    r"\sigma(0) = 0: \text{ neither moves, for ever}",
    "With sigmoids it is true of the first step only. After that the units move, but as one: W1 "
    "keeps rank 1, and a layer of any width is a layer of one unit.",
    _from_zero,
    _from_zero_numbers,
)
