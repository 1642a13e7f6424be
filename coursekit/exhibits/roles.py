"""One function in two places: what is bad between layers may be right after the last."""

import numpy as np

from ..activations import sigmoid
from ..autograd import grad
from ..backend import Array
from ..losses import binary_cross_entropy
from ..networks import MLP
from .card import SUN, Exhibit, Pair


# --- E58 -----------------------------------------------------------------------------------------
def _two_places(z=None) -> Pair:
    """What a sigmoid lets through, by its input z: as a hidden unit, and at the output.

    There the gradient is multiplied by its slope; here, below cross-entropy with label 1, the
    gradient itself is p - 1.
    """
    z = np.linspace(-10, 10, 81) if z is None else np.asarray(z, float)
    hidden = grad(lambda z: sigmoid(z).sum())(z)
    output = grad(lambda z: binary_cross_entropy(z, np.ones_like(z)) * z.size)(z)
    return Pair(hidden, np.abs(output))


def _first_over_last(activation: str, layers=10, width=32) -> float:
    """The gradient's norm at the first weights over that at the last, with suitable weights."""
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((64, width)), rng.integers(2, size=(64, 1))
    net = MLP([width] * (layers + 1) + [1], activation)  # one logit: the output is a sigmoid too
    theta = net.init("kaiming_normal", rng=0).astype(float)
    g = net.layout.unpack(net.objective(x, y, loss="binary_cross_entropy").grad(theta))
    weights: list[Array] = [a for a in g if a.ndim == 2]
    return float(np.linalg.norm(weights[0]) / np.linalg.norm(weights[-1]))


def _two_places_numbers() -> dict[str, float]:
    hidden, output = _two_places([-10.0])
    return {
        "let through at z = -10, hidden": float(hidden[0]),
        "gradient at z = -10, output, label 1": float(output[0]),
        "first layer / last, ten hidden sigmoids": _first_over_last("sigmoid"),
        "first layer / last, ten ReLUs, sigmoid at the output": _first_over_last("relu"),
    }


E58 = Exhibit(
    "E58",
    "The sigmoid: avoided, and recommended",
    SUN,
    r"\text{sigmoid should be avoided; binary output: sigmoid}",
    r"\text{hidden: } g \, \sigma'(z), \; \sigma' \leq 1/4; \quad "
    r"\text{output, with cross-entropy: } \sigma(z) - y",
    "Two roles. Between layers each sigmoid multiplies the gradient by at most a quarter. At the "
    "output the logarithm of the loss undoes the saturation, and the gradient is the error itself.",
    _two_places,
    _two_places_numbers,
)
