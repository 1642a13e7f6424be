"""What the tests of all optimizers share: every class with every flag, and small problems."""

import numpy as np

import coursekit as ck
from coursekit.optim import Elementwise, Optimizer

from . import adam, adaptive, gradient, linesearch, newton, subgradient, trust, wrappers

FAMILIES = (gradient, subgradient, adaptive, adam, linesearch, newton, trust, wrappers)
CASES: dict[str, Optimizer] = {name: o for f in FAMILIES for name, o in f.CASES.items()}
BATCHED = {name: opt for name, opt in CASES.items() if opt.batched}
ELEMENTWISE = {name: opt for name, opt in BATCHED.items() if isinstance(opt, Elementwise)}
CLASSES = sorted({type(opt) for opt in CASES.values()}, key=lambda c: c.__name__)


def bowl(n=4, batched=True):
    """A quadratic plus a quartic with different curvatures; the gradient takes (..., n)."""
    a = np.arange(1.0, n + 1) / n

    def value(x):
        d = ck.to_device(a.astype(x.dtype))
        return np.sum(d * x**2 / 2 + d * x**4 / 12, axis=-1)

    def grad(x):
        d = ck.to_device(a.astype(x.dtype))
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


def leaves(state):
    """The numbers and arrays of a state, also of those within it."""
    if isinstance(state, tuple):
        return [leaf for part in state for leaf in leaves(part)]
    return [state]


def rebuilt(state):
    """The state after a journey through plain arrays, as a file would hold it."""
    if isinstance(state, tuple):
        parts = [rebuilt(part) for part in state]
        return type(state)(*parts) if hasattr(state, "_fields") else tuple(parts)
    return int(state) if isinstance(state, int) else np.array(state)[()]
