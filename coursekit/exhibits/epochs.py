"""What a pass through the data costs, and what it brings."""

import time

import numpy as np

from .. import data
from ..networks import MLP
from ..optim import SGD, Adam, GradientDescent
from ..run import fit
from .card import DILLHOFF, SUN, Exhibit, Pair
from .least_squares import LeastSquares
from .measure import walk


# --- E26 -----------------------------------------------------------------------------------------
def _asked(m=1000, n=20) -> Pair:
    """Rows that one gradient goes through, if it costs O(n), and in a network on m rows."""
    X = np.random.default_rng(0).standard_normal((m, n))
    net = MLP([n, 1])
    f = net.objective(X, X[:, :1], loss="mse")
    f.grad(net.init(rng=0))
    return Pair(1, f.counts.examples)


def _asked_numbers() -> dict[str, float]:
    return {f"rows gone through in a step, m={m}": _asked(m).right for m in (100, 1000)}


E26 = Exhibit(
    "E26",
    "What a step of gradient descent costs",
    SUN,
    r"\text{GD is cheap: } O(n) \text{ per step}",
    r"\text{each iteration costs at least } O(mn) \text{ (the same slides, earlier)}",
    "O(n) is the update alone. The gradient goes through all m rows first; it is the minibatch "
    "that takes m out.",
    _asked,
    _asked_numbers,
)


# --- E34 -----------------------------------------------------------------------------------------
def _passes(epochs=8) -> Pair:
    """Validation error on digits after one pass through the data, and after each of several."""
    net, opt = MLP([64, 32, 10]), Adam(0.003)
    one, many = (
        1 - np.array(fit(net, data.digits(), opt, epochs=n, progress=False).val_accuracy)
        for n in (1, epochs)
    )
    return Pair(one, many)


def _passes_numbers() -> dict[str, float]:
    one, many = _passes()
    return {"error after 1 pass": float(one[-1]), "error after 8 passes": float(many[-1])}


E34 = Exhibit(
    "E34",
    "Several passes, and the error they are for",
    DILLHOFF,
    r"\text{multiple passes of the dataset to increase their generalization error}",
    r"\text{to decrease it}",
    "One pass leaves most of the error; the next few take it away. Only much later may it rise.",
    _passes,
    _passes_numbers,
)


# --- E49 -----------------------------------------------------------------------------------------
def _clocked(batch=1, m=500, n=20) -> Pair:
    """Seconds: an epoch of SGD, and one iteration of gradient descent."""
    p = LeastSquares(m, n)
    epoch = [p.on(rows) for rows in p.epoch(batch)]

    def seconds(objectives):
        start = time.perf_counter()
        walk(SGD(0.001), p.start, objectives)
        return time.perf_counter() - start

    return Pair(seconds(epoch), min(seconds([p.whole]) for _ in range(5)))


def _clocked_numbers() -> dict[str, float]:
    p = LeastSquares(500)
    return {
        f"calls to the gradient in an epoch, batch {batch}": len(p.epoch(batch))
        for batch in (1, 10, 100, 500)
    } | {"rows gone through, epoch / iteration": p.epoch(10).size / len(p.y)}


E49 = Exhibit(
    "E49",
    "What an epoch costs",
    SUN,
    r"\text{cost of one epoch of SGD} \approx \text{cost of one iteration of GD}",
    r"\text{the same number of multiplications, in } m / B \text{ calls instead of one}",
    "True of multiplications, not of seconds: small products use the machine badly, and each call "
    "has its price. With batches of one an epoch takes many times as long.",
    _clocked,
    _clocked_numbers,
)


# --- E50 -----------------------------------------------------------------------------------------
def _per_epoch(condition=1.0, batch=10, m=1000, n=20, steps=200) -> Pair:
    """The loss above its minimum: along one epoch of SGD, and along gradient descent."""
    p = LeastSquares(m, n, condition)
    L, trace = p.curvatures[-1], p.curvatures.sum()
    epoch = [p.on(rows) for rows in p.epoch(batch)]
    sgd = walk(SGD(1 / (L + trace / batch)), p.start, epoch)  # the best rate without noise in y
    descent = walk(GradientDescent(2 / (L + p.curvatures[0])), p.start, [p.whole] * steps)
    return Pair(p.excess(sgd), p.excess(descent))


def _per_epoch_numbers() -> dict[str, float]:
    found = {}
    for condition in (1.0, 100.0):
        sgd, descent = _per_epoch(condition)
        curvatures = LeastSquares(1000, 20, condition).curvatures
        name = f"columns spread {condition:g}"
        found[f"condition, {name}"] = float(curvatures[-1] / curvatures[0])
        found[f"an epoch in iterations, {name}"] = int((descent > sgd[-1]).sum())
    return found


E50 = Exhibit(
    "E50",
    "SGD faster by epoch",
    SUN,
    r"\text{By iter(GD)/epoch(SGD): SGD is faster}",
    r"\text{it depends on the condition number of } X^T X",
    "On independent Gaussian columns, nearly a round bowl, an epoch is worth a few iterations "
    "of gradient descent; at condition 100 it is worth nearly a hundred.",
    _per_epoch,
    _per_epoch_numbers,
)
