"""The duel of gradient descent and SGD as a plain script."""

from typing import Any

from .big_problem import FULL, LOST
from .duel import ORDERS, M, seed


def script(**v: Any) -> str:
    """The script of the demo's numbers at these values."""
    rates = "1.0, 1 / (1 + sum(s**2) / B)" if v["batch_size"] < M else "1.0, 1.0"
    if v["rates"] == "own":
        rates = f"{v['lr_gd']!r}, {v['lr_sgd']!r}"
    return f"""\
import numpy as np
import coursekit as ck

m, n, B, epochs = {M}, {FULL[1]}, {v["batch_size"]}, {v["epochs"]}
rng = np.random.default_rng(0)
G = rng.standard_normal((m, n))
U = G @ np.linalg.inv(np.linalg.cholesky(G.T @ G / m)).T  # columns at right angles
s = np.geomspace(1, 1 / {v["condition"]!r}, n)
w, errors = rng.standard_normal(n), rng.standard_normal(m)
X = U * s
y = X @ w
y += {v["noise"]!r} * np.sqrt(np.mean(y**2)) * errors
order = np.argsort(y)
X, y = X[order], y[order]
best = np.linalg.solve(X.T @ X, X.T @ y)
lr_gd, lr_sgd = {rates}


def on(rows):
    A, b = X[rows], y[rows]
    return ck.Objective(
        value=lambda w: np.mean((A @ w - b) ** 2) / 2, grad=lambda w: (A @ w - b) @ A / len(b)
    )


def above(w):  # the least loss counts as 0, that of the start as 1; X.T @ X / m is diag(s**2)
    return float(s**2 @ (w - best) ** 2 / (s**2 @ best**2))


path = ck.minimize(on(slice(None)), np.zeros(n), ck.optim.GradientDescent(lr_gd), steps=epochs)
gd = min(above(path.theta), {10 * LOST:.0e})

opt, theta = ck.optim.SGD(lr_sgd), np.zeros(n)
state = opt.init(theta)
for rows in ck.minibatches(m, B, epochs=epochs, sampling="{ORDERS[v["order"]]}", rng={seed(v)}):
    theta, state = opt.step(theta, state, on(rows))
    if not above(theta) < {LOST:.0e}:  # it does not come back from there
        break
sgd = min(above(theta), {10 * LOST:.0e})
print(f"after {{epochs}} passes: gradient descent {{gd:.3g}}, SGD {{sgd:.3g}}")
"""
