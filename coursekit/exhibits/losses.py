"""Losses as they are printed, and as they are misused."""

import numpy as np

from ..activations import log_sigmoid, softmax
from ..backend import Array
from ..losses import binary_cross_entropy, cross_entropy, kl_divergence, mse
from ..objective import Objective
from ..optim import GradientDescent
from ..run import minimize
from .card import NOTES, SUN, Exhibit, Pair


def blobs(n: int = 50, shift: float = 0.0) -> tuple[Array, Array]:
    """Two clouds in the plane: x (2n, 3), whose last column is 1, and y (2n,) of 0 and 1."""
    y = np.repeat([0.0, 1.0], n)
    x = np.random.default_rng(0).standard_normal((2 * n, 2)) + 4 * y[:, None] - 2 + shift
    return np.column_stack([x, np.ones(2 * n)]), y


def _trained(says, right, size, lr=0.5, steps=200, start=0.0) -> Pair:
    """The paths of gradient descent on two losses, functions of theta (size,)."""
    theta = np.zeros(size) + start
    return Pair(*(minimize(Objective(f), theta, GradientDescent(lr), steps) for f in (says, right)))


def _shares(pair: Pair, shift=0.0) -> tuple[float, float]:
    """How many of the blobs each last point decides rightly."""
    x, y = blobs(shift=shift)
    says, right = (float((((x @ path.theta) > 0) == y).mean()) for path in pair)
    return says, right


# --- E01 -----------------------------------------------------------------------------------------
def printed_binary_cross_entropy(logits: Array, y: Array) -> Array:
    """y log p - (1 - y) log(1 - p) with p = sigmoid(logits), for each element, as printed."""
    return y * log_sigmoid(logits) - (1 - y) * log_sigmoid(-logits)


def _sign(lr=0.5, steps=200) -> Pair:
    x, y = blobs()
    return _trained(
        lambda w: printed_binary_cross_entropy(x @ w, y).mean(),
        lambda w: binary_cross_entropy(x @ w, y),
        3, lr, steps,
    )  # fmt: skip


def _sign_numbers() -> dict[str, float]:
    p = np.linspace(0.001, 0.999, 999)
    z = np.log(p / (1 - p))
    x, y = blobs()
    pair = _sign()
    says, right = _shares(pair)
    return {
        "best p for y=0, as printed": float(p[printed_binary_cross_entropy(z, 0).argmin()]),
        "best p for y=1, as printed": float(p[printed_binary_cross_entropy(z, 1).argmin()]),
        "class 1 decided rightly, as printed": float((x[y == 1] @ pair.says.theta > 0).mean()),
        "decided rightly, as printed": says,
        "decided rightly": right,
    }


E01 = Exhibit(
    "E01",
    "Cross-entropy without its minus",
    SUN,
    r"\ell(y, \hat{y}) = y \log \hat{y} - (1 - y) \log(1 - \hat{y}), \quad "
    r"\text{min at } \hat{y} = y",
    r"\ell(y, \hat{y}) = -y \log \hat{y} - (1 - y) \log(1 - \hat{y})",
    "Both classes want p = 0, and for y = 1 there is no end to it: a linear classifier that tells "
    "two clouds apart learns to get all of class 1 wrong, and most of class 0 with it.",
    _sign,
    _sign_numbers,
)


# --- E21 -----------------------------------------------------------------------------------------
def _motive(lr=5.0, steps=400) -> Pair:
    """Three logits for one example of class 0: one-hot labels, and labels smoothed by 0.1."""
    label = np.array([0])
    return _trained(
        lambda z: cross_entropy(z[None, :], label),
        lambda z: cross_entropy(z[None, :], label, smoothing=0.1),
        3, lr, steps,
    )  # fmt: skip


def _motive_numbers() -> dict[str, float]:
    one_hot, smoothed = _motive()
    f = Objective(lambda z: cross_entropy(z[None, :], np.array([0])))
    eps = 0.1 / 3  # the share of each wrong class
    by_eps = Objective(lambda z: cross_entropy(z[None, :], np.array([[1 - 2 * eps, eps, eps]])))
    z = np.array([0.3, -1.0, 2.0])
    return {
        "derivative for a wrong class, y=0": float(f.grad(np.zeros(3))[1]),
        "length of the logits, one-hot, after 200": float(np.linalg.norm(one_hot.thetas[200])),
        "length of the logits, one-hot, after 400": float(np.linalg.norm(one_hot.theta)),
        "smoothed, after 200": float(np.linalg.norm(smoothed.thetas[200])),
        "smoothed, after 400": float(np.linalg.norm(smoothed.theta)),
        "eps = smoothing / 3, difference": float(
            abs(by_eps.value(z) - cross_entropy(z[None, :], np.array([0]), smoothing=0.1))
        ),
    }


E21 = Exhibit(
    "E21",
    "Why labels are smoothed",
    SUN,
    r"y_i = 0: \text{ the derivative of } y_i \log \hat{y}_i \text{ is } 0 "
    r"\Rightarrow \text{ no update due to } y_i",
    r"\partial \ell / \partial z_i = \hat{y}_i - y_i \text{ for every class } i",
    "Through the softmax every logit is updated, also where y is 0. What smoothing cures is that "
    "one-hot labels have no minimum: their logits grow for ever, like log k.",
    _motive,
    _motive_numbers,
)


# --- E45 -----------------------------------------------------------------------------------------
def _twice(classes=3, lr=20.0, steps=200) -> Pair:
    """One example of each class, with logits of its own."""
    labels = np.arange(classes)

    def once(z):
        return cross_entropy(z.reshape((classes, classes)), labels)

    def twice(z):
        return cross_entropy(softmax(z.reshape((classes, classes))), labels)

    return _trained(twice, once, classes**2, lr, steps)


def _twice_numbers() -> dict[str, float]:
    pair = _twice()
    return {
        "loss with softmax twice": pair.says.value,
        "least loss it can have": float(np.log(np.e + 2) - 1),
        "loss with softmax once": pair.right.value,
    }


E45 = Exhibit(
    "E45",
    "Softmax twice",
    SUN,
    r"\text{softmax activation and } \ell(y, \hat{y}) = -\sum_i y_i \log \hat{y}_i: "
    r"\text{ torch.nn.CrossEntropyLoss}",
    r"\text{CrossEntropyLoss takes logits: it is } -\sum_i y_i \log \mathrm{softmax}(z)_i",
    "Give it probabilities and the softmax is taken twice. Outputs between 0 and 1 cannot be far "
    "apart, so the loss of three classes never falls below 0.55.",
    _twice,
    _twice_numbers,
)


# --- E46 -----------------------------------------------------------------------------------------
def _squared(outputs=10, lr=0.5, steps=50) -> Pair:
    target = np.ones((1, outputs))
    return _trained(
        lambda a: ((a[None, :] - target) ** 2).sum(),
        lambda a: mse(a[None, :], target),
        outputs, lr, steps,
    )  # fmt: skip


def _squared_numbers() -> dict[str, float]:
    found = {}
    for outputs in (1, 10, 100):
        says, right = (path.grad_norms[0] for path in _squared(outputs, steps=0))
        found[f"ratio of gradients, {outputs} outputs"] = float(says / right)
    slow = _squared(10, lr=0.1)
    found["left of the loss after 50 steps, sum"] = float(slow.says.value / slow.says.values[0])
    found["left of the loss after 50 steps, mean"] = float(slow.right.value / slow.right.values[0])
    return found


E46 = Exhibit(
    "E46",
    "A squared norm called MSELoss",
    SUN,
    r"\|\cdot\|_2^2 \text{ (torch.nn.MSELoss)}",
    r"\mathrm{MSELoss} = \frac{1}{K} \|\cdot\|_2^2 \text{ for } K \text{ outputs}",
    "The mean over the outputs divides the gradient by their number: what a learning rate means "
    "depends on the size of the output.",
    _squared,
    _squared_numbers,
)


# --- E47 -----------------------------------------------------------------------------------------
def library_kl_div(log_q: Array, p: Array) -> float:
    """What PyTorch's kl_div computes from its arguments in their order, reduction="batchmean"."""
    return float((p * (np.log(p) - log_q)).sum() / len(p))


def _order(p=(0.5, 0.3, 0.2), q=(0.3, 0.3, 0.4)) -> Pair:
    """KLDivLoss(p, q) as its name suggests, and the divergence of q from the truth p."""
    p, q = np.array([p]), np.array([q])
    return Pair(library_kl_div(p, q), library_kl_div(np.log(q), p))


def _order_numbers() -> dict[str, float]:
    says, right = _order()
    p, q = np.array([[0.5, 0.3, 0.2]]), np.array([[0.3, 0.3, 0.4]])
    return {
        "KLDivLoss(p, q)": says,
        "KLDivLoss(log q, p)": right,
        "divergence": float(kl_divergence(p, q)),
        "the other way round": float(kl_divergence(q, p)),
    }


E47 = Exhibit(
    "E47",
    "The arguments of KLDivLoss",
    SUN,
    r"\text{Kullback-Leibler divergence loss (torch.nn.KLDivLoss)}",
    r"\mathrm{KL}(p \,\|\, q) = \sum_i p_i \log \frac{p_i}{q_i} = "
    r"\mathrm{KLDivLoss}(\log q, \; p) \text{ with reduction batchmean}",
    "The guess comes first, as logarithms, and the truth second. KLDivLoss(p, q) is a negative "
    "number, which no divergence is.",
    _order,
    _order_numbers,
)


# --- E48 -----------------------------------------------------------------------------------------
def printed_hinge(scores: Array, y: Array) -> Array:
    """max(0, 1 - y f), averaged, whatever y is."""
    return np.maximum(0, 1 - y * scores).mean()


def _encoded(lr=0.5, steps=200) -> Pair:
    x, y = blobs(shift=4.0)  # both on one side of 0
    return _trained(
        lambda w: printed_hinge(x @ w, y),
        lambda w: printed_hinge(x @ w, 2 * y - 1),
        3, lr, steps,
    )  # fmt: skip


def _encoded_numbers() -> dict[str, float]:
    says, right = _shares(_encoded(), shift=4.0)
    p = np.array([0.5, 0.1, 0.001])
    mixed = np.log(p) - 2 * np.log(1 - p)  # -y log p - (1 - y) log(1 - p) with y = -1
    return {
        "decided rightly, hinge with 0 and 1": says,
        "decided rightly, hinge with -1 and +1": right,
        "cross-entropy of y=-1 at p=0.5": float(mixed[0]),
        "cross-entropy of y=-1 at p=0.001": float(mixed[2]),
    }


E48 = Exhibit(
    "E48",
    "Two ways to number two classes",
    f"{NOTES} (hinge); {SUN} (cross-entropy)",
    r"\max(0, 1 - y f(x)) \text{ beside } "
    r"-y \log \hat{y} - (1 - y) \log(1 - \hat{y}), \text{ one } y \text{ for both}",
    r"\text{hinge: } y \in \{-1, +1\}; \quad \text{cross-entropy: } y \in \{0, 1\}",
    "Nothing complains. For y = 0 the hinge is 1 whatever f says, so class 0 teaches nothing; for "
    "y = -1 the cross-entropy has no least value.",
    _encoded,
    _encoded_numbers,
)
