"""Minibatches: how they are drawn, summed, shuffled and watched, as printed."""

from dataclasses import replace
from typing import Any

import numpy as np

from .. import data
from ..networks import MLP
from ..objective import Objective
from ..optim import SGD, Adam
from ..run import fit
from .card import DILLHOFF, MARIA, SUN, THADANI, Exhibit, Pair
from .least_squares import LeastSquares
from .measure import walk


# --- E18 -----------------------------------------------------------------------------------------
def _summed(batch=10, lr=0.05, steps=100) -> Pair:
    """The loss above its minimum along SGD: with the sum over k + 1 rows, and the mean over k."""
    p = LeastSquares()
    first = p.draws(1, steps)[:, 0] % (len(p.y) - batch)
    sums = [p.on(slice(i, i + batch + 1), share=1.0) for i in first]
    means = [p.on(slice(i, i + batch)) for i in first]
    return Pair(*(p.excess(walk(SGD(lr), p.start, f)) for f in (sums, means)))


def _summed_numbers() -> dict[str, float]:
    p = LeastSquares()
    found = {}
    for k in (10, 50):
        total, mean = p.on(slice(0, k + 1), share=1.0), p.on(slice(0, k))
        ratio = np.linalg.norm(total.grad(p.start)) / np.linalg.norm(mean.grad(p.start))
        found[f"length of the sum / of the mean, k={k}"] = float(ratio)
    for k in (10, 100):
        says, right = _summed(batch=k)
        found[f"log10 of the last loss, sum, k={k}"] = float(np.log10(says[-1]))
        found[f"log10 of the last loss, mean, k={k}"] = float(np.log10(right[-1]))
    return found


E18 = Exhibit(
    "E18",
    "The sum over a minibatch",
    THADANI,
    r"\theta_{t+1} = \theta_t - \eta \sum_{j=i}^{i+k} \nabla\ell(y_j, \hat{y}_j)",
    r"\theta_{t+1} = \theta_t - \frac{\eta}{k} \sum_{j=i}^{i+k-1} \nabla\ell(y_j, \hat{y}_j) "
    r"\text{ (Sun, and the unsigned notes)}",
    "The sum, of k + 1 terms, multiplies the learning rate by the size of the batch: whoever "
    "changes the one changes the other, and a batch of 100 diverges.",
    _summed,
    _summed_numbers,
)


# --- E19 -----------------------------------------------------------------------------------------
def _indices(m=6) -> Pair:
    return Pair(np.arange(m + 1), np.arange(m))


def _indices_numbers() -> dict[str, float]:
    says, right = _indices(6)
    return {
        "rows": 6,
        "indices in {0, ..., m}": len(says),
        "of them past the end": int((says > 5).sum()),
        "indices in {0, ..., m-1}": len(right),
        "indices in {1, ..., m} past the end": int((right + 1 > 5).sum()),
    }


E19 = Exhibit(
    "E19",
    "One row too many",
    SUN,
    r"J_k \subset \{0, \ldots, m-1\}; \quad J_k \subset \{1, \ldots, m\}; \quad "
    r"\text{permute the index set } \{0, \ldots, m\}",
    r"\{0, \ldots, m-1\} \text{ or } \{1, \ldots, m\}, \text{ one of them throughout}",
    "{0, ..., m} has m + 1 members. In a language that counts from 0 row m does not exist.",
    _indices,
    _indices_numbers,
)


# --- E20 -----------------------------------------------------------------------------------------
def _elsewhere(lr=0.2, steps=100) -> Pair:
    """The loss above its minimum: gradients at a w that never moves, and at the last x."""
    p = LeastSquares()
    batches = [p.on(rows) for rows in p.draws(10, steps)]
    w = p.start
    at_w = [Objective(value=f.value, grad=lambda x, f=f: f.grad(w)) for f in batches]
    return Pair(*(p.excess(walk(SGD(lr), p.start, f)) for f in (at_w, batches)))


def _elsewhere_numbers() -> dict[str, float]:
    says, right = _elsewhere()
    return {
        "at the start": float(says[0]),
        "least, as printed": float(says.min()),
        "after 100 steps, as printed": float(says[-1]),
        "after 100 steps": float(right[-1]),
    }


E20 = Exhibit(
    "E20",
    "A gradient at another point",
    SUN,
    r"\hat{g}_k = \frac{1}{|J_k|} \sum_{j \in J_k} \nabla_w f(w; \xi_j), \quad "
    r"x_k = x_{k-1} - t_k \hat{g}_k",
    r"\hat{g}_k = \frac{1}{|J_k|} \sum_{j \in J_k} \nabla f(x_{k-1}; \xi_j)",
    "The pseudo-code steps x and differentiates at w, which nothing moves. Taken at its word it "
    "walks on in one direction, past the minimum and away.",
    _elsewhere,
    _elsewhere_numbers,
)


# --- E32 -----------------------------------------------------------------------------------------
def _shuffled(seed=0) -> Pair:
    """Validation accuracy after each of five epochs on digits: X alone shuffled, and X with y."""
    digits = data.digits()
    (x, y), order = digits.train, np.random.default_rng(seed).permutation(len(digits.train[1]))
    net = MLP([64, 32, 10])

    def accuracies(train):
        found = fit(net, replace(digits, train=train), Adam(0.01), epochs=5, progress=False)
        return np.array(found.val_accuracy)

    return Pair(accuracies((x[order], y)), accuracies((x[order], y[order])))


def _shuffled_numbers() -> dict[str, float]:
    both: Any = np.eye(3), np.arange(3)
    try:
        np.random.default_rng(0).shuffle(both)
        works = 1
    except TypeError:
        works = 0
    says, right = _shuffled()
    return {
        "accuracy, X alone shuffled": float(says[-1]),
        "accuracy, X and y together": float(right[-1]),
        "a tuple (X, y) can be shuffled": works,
    }


E32 = Exhibit(
    "E32",
    "Shuffled away from its labels",
    MARIA,
    r"\mathtt{np.random.shuffle(data)}",
    r"\mathtt{order = rng.permutation(m); X[order], y[order]}",
    "If data is X, the labels stay behind and nothing is left to learn: accuracy is that of "
    "guessing. If it is the pair (X, y), a tuple cannot be shuffled at all.",
    _shuffled,
    _shuffled_numbers,
)


# --- E38 -----------------------------------------------------------------------------------------
def _two_norms(batch=1, lr=0.05, steps=200) -> Pair:
    """Gradient norms along SGD: that of the batch, which is seen, and that of the whole loss."""
    p = LeastSquares()
    batches = [p.on(rows) for rows in p.draws(batch, steps)]
    points = walk(SGD(lr), p.start, batches)[:-1]
    seen = [np.linalg.norm(f.grad(w)) for f, w in zip(batches, points, strict=True)]
    return Pair(np.array(seen), np.array([np.linalg.norm(p.whole.grad(w)) for w in points]))


def _two_norms_numbers() -> dict[str, float]:
    p = LeastSquares()
    norms = [np.linalg.norm(p.on([i]).grad(p.best)) for i in range(len(p.y))]
    saddle = Objective(lambda x: x[0] ** 2 - x[1] ** 2)
    return {
        "whole loss, at its minimum": float(np.linalg.norm(p.whole.grad(p.best))),
        "one row, there, on average": float(np.mean(norms)),
        "at a saddle": float(np.linalg.norm(saddle.grad(np.zeros(2)))),
        "least curvature at the saddle": float(np.linalg.eigvalsh(saddle.hessian(np.zeros(2)))[0]),
    }


E38 = Exhibit(
    "E38",
    "Which gradient norm",
    f"{DILLHOFF}; {SUN}",
    r"\text{stuck at a critical point, the gradient norm should shrink over time}",
    r"\|\nabla F\| \to 0, \text{ but not } \|\nabla f_J\|: "
    r"\text{ the norm at a true critical point may be large}",
    "Both are right, of different norms: that of the whole loss falls, that of the batch stays "
    "where the noise is. And neither tells a minimum from a saddle.",
    _two_norms,
    _two_norms_numbers,
)
