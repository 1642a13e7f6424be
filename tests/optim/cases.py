"""What the tests of all optimizers share: every class with every flag, and small problems."""

import numpy as np

import coursekit as ck
from coursekit.optim import SGD, Adam, GradientDescent, Momentum, Nesterov

CASES = {
    "GradientDescent": GradientDescent(lr=0.2),
    "SGD": SGD(lr=0.1),
    "SGD decay": SGD(lr=0.1, weight_decay=0.3),
    "Momentum": Momentum(lr=0.1, momentum=0.8),
    "Momentum velocity": Momentum(lr=0.1, momentum=0.8, style="velocity"),
    "Momentum ema": Momentum(lr=0.5, momentum=0.8, style="ema"),
    "Momentum dampened": Momentum(lr=0.1, momentum=0.8, dampening=0.4, weight_decay=0.2),
    "Momentum velocity dampened": Momentum(0.1, 0.8, 0.4, "velocity", 0.2),
    "Momentum ema decay": Momentum(lr=0.5, momentum=0.8, style="ema", weight_decay=0.2),
    "Nesterov": Nesterov(lr=0.1, momentum=0.8),
    "Nesterov decay": Nesterov(lr=0.1, momentum=0.8, weight_decay=0.2),
    "Nesterov lookahead": Nesterov(lr=0.1, momentum=0.8, lookahead=True),
    "Nesterov lookahead decay": Nesterov(0.1, 0.8, lookahead=True, weight_decay=0.2),
    "Nesterov fista": Nesterov(lr=0.1, momentum="fista"),
    "Nesterov k lookahead": Nesterov(lr=0.1, momentum="k", lookahead=True),
    "Adam": Adam(lr=0.1, beta1=0.8, beta2=0.95),
    "Adam inside": Adam(lr=0.1, beta1=0.8, beta2=0.95, eps=0.01, eps_inside=True),
    "Adam outside": Adam(lr=0.1, beta1=0.8, beta2=0.95, eps=0.01),
    "Adam uncorrected": Adam(lr=0.1, beta1=0.8, beta2=0.95, bias_correction=False),
    "Adam inside uncorrected": Adam(0.1, 0.8, 0.95, 0.01, True, False),
    "Adam decay": Adam(lr=0.1, beta1=0.8, beta2=0.95, weight_decay=0.3),
    "Adam lazy": Adam(lr=0.1, beta1=0.8, beta2=0.95, lazy=True),
    "Adam lazy decay": Adam(lr=0.1, beta1=0.8, beta2=0.95, lazy=True, weight_decay=0.3),
}
CLASSES = sorted({type(opt) for opt in CASES.values()}, key=lambda c: c.__name__)


def bowl(n=4, batched=True):
    """A quadratic plus a quartic with different curvatures; the gradient takes (..., n)."""
    a = np.arange(1.0, n + 1) / n

    def value(x):
        return np.sum(a * x**2 / 2 + a * x**4 / 12, axis=-1)

    def grad(x):
        d = a.astype(x.dtype)
        return d * x + d * x**3 / 3

    return ck.Objective(value=value, grad=grad, batched=batched)


def network():
    """The loss of a small network, a start, and its layout."""
    rng = np.random.default_rng(0)
    net = ck.MLP([3, 4, 2], "tanh")
    f = net.objective(rng.normal(size=(8, 3)), rng.integers(2, size=8))
    return f, rng.normal(size=net.layout.size), net.layout


def run(opt, f, theta, steps, state=None):
    """All points from the start on, and the last state."""
    state = opt.init(theta) if state is None else state
    path = [theta]
    for _ in range(steps):
        theta, state = opt.step(theta, state, f)
        path.append(theta)
    return np.array(path), state
