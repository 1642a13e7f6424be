"""More of what students hand in: slips in one line, numbers written in, arguments exchanged.

As in `test_answers`, an answer is the body of the function, or the lines that differ.
"""

import numpy as np
import pytest

import coursekit as ck
from coursekit.exercises.arguments import misuse
from tests.exercises.test_answers import answer, flat, meets_its_hint

SLIPS = {
    "elu_grad": {
        "exchanged": "return np.where(x < 0, 1, alpha * np.exp(x))",
        "sigmoid": "s = 1 / (1 + np.exp(-x))\n"
        "return np.where(x > 0, 1, alpha * np.exp(np.minimum(x, 0))) * s * (1 - s)",
        "two exponentials": "e = np.exp(x)\nreturn np.where(x > 0, 1, alpha * (e - 1) + alpha * e)",
        "alpha as a power": "return np.where(x > 0, 1, alpha**x)",
        "divided by alpha": "return np.where(x > 0, 1, np.exp(x) / alpha)",
        "another base": "return np.where(x > 0, 1, alpha * 2**x)",
        "both pieces added": "return (x > 0) + alpha * np.exp(np.minimum(x, 0))",
        "chord": "y = np.where(x > 0, x, alpha * np.expm1(x))\nreturn np.gradient(y, x)",
        "left side": "return np.where(x > 0, 1, alpha * np.cosh(x))",
        "right of zero": "return np.where(x > 0, 1 + x**2, alpha * np.exp(x))",
        "falls": "return np.where(x > 0, 1, np.where(x < 0, -alpha * np.exp(x), 2))",
        "first": "out = np.zeros_like(x)\nfor i, t in enumerate(x):\n"
        "    out[i] = 1 if t > 0 else alpha * np.exp(t)\n    return out",
        "number written in": "return np.where(x > 0, 1, 0.5 * np.exp(x))",
    },
    "perceptron_step": {
        "length of the step": "u = x / np.linalg.norm(x)\n"
        "return w + y * u if y * (w @ x) <= 0 else w",
        "onto the boundary": "return w - (w @ x) / (x @ x) * x if y * (w @ x) <= 0 else w",
        "answer for label": "a = np.sign(w @ x)\nreturn w + a * x if a != y else w",
        "label ignored": "return w + x if w @ x <= 0 else w",
        "no x in the step": "return w + y if y * (w @ x) <= 0 else w",
        "multiplied": "return w * y * x if y * (w @ x) <= 0 else w",
        "entry by entry": "return w + y * x if (y * w * x <= 0).any() else w",
        "logistic regression": "return w + (y - 1 / (1 + np.exp(-w @ x))) * x",
        "length 1": "if y * (w @ x) > 0:\n    return w\nw = w + y * x\n"
        "return w / np.linalg.norm(w)",
        "still": "return w + y * x if y * (w @ x + 1) <= 0 else w",
    },
    "cross_entropy": {
        "axis": "e = np.exp(logits - logits.max(axis=1, keepdims=True))\n"
        "return -np.log(picked(e / e.sum(axis=0), labels)).mean()",
        "sum of exponentials": "z = logits - logits.max(axis=1, keepdims=True)\n"
        "return -picked(z - np.exp(z).sum(axis=1, keepdims=True), labels).mean()",
        "sigmoid": "p, y = 1 / (1 + np.exp(-logits)), hot(logits, labels)\n"
        "return -(y * np.log(p) + (1 - y) * np.log(1 - p)).mean()",
        "mean for maximum": "z = logits - logits.mean(axis=1, keepdims=True)\n"
        "return -picked(z - np.log(np.exp(z).sum(axis=1, keepdims=True)), labels).mean()",
        "scaled": "m = abs(logits).max(axis=1, keepdims=True)\n"
        "return -picked(log_softmax(logits / m), labels).mean()",
        "perplexity": "return np.exp(-picked(log_softmax(logits), labels).mean())",
        "logarithm": "return -np.log10(picked(softmax(logits), labels)).mean()",
        "mean of probabilities": "return -np.log(picked(softmax(logits), labels).mean())",
        "index": "return -log_softmax(logits)[:, labels].sum() / len(labels)",
        "last row": "for z, y in zip(log_softmax(logits), labels):\n    loss = -z[y]\n"
        "return loss / len(labels)",
        "first row": "for z, y in zip(log_softmax(logits), labels):\n    loss = -z[y]\n"
        "    return loss / len(labels)",
        "row left out": "lp = log_softmax(logits)\n"
        "return -sum(lp[i, labels[i]] for i in range(len(labels) - 1)) / len(labels)",
        "median": "return -np.median(picked(log_softmax(logits), labels))",
        "every class": "p, y = softmax(logits), hot(logits, labels)\n"
        "return -np.sum(y * np.log(p + 1e-9) + (1 - y) * np.log(1 - p + 1e-9)) / len(y)",
        "entropy": "p = softmax(logits)\nreturn -(p * np.log(p + 1e-12)).sum(axis=1).mean()",
    },
    "cross_entropy_gradient": {
        "labels from 1": "p = softmax(logits)\np[np.arange(len(p)), labels - 1] -= 1\n"
        "return p / len(p)",
        "answers for probabilities": "p = hot(logits, logits.argmax(axis=1))\n"
        "return (p - hot(logits, labels)) / len(p)",
        "length 1": "g = softmax(logits) - hot(logits, labels)\nreturn g / np.linalg.norm(g)",
        "times the loss": "loss = -picked(log_softmax(logits), labels).mean()\n"
        "return loss * (softmax(logits) - hot(logits, labels))",
        "half divided": "return softmax(logits) - hot(logits, labels) / len(labels)",
        "factor": "return (softmax(logits) - hot(logits, labels)) * len(labels)",
    },
    "smooth_labels": {
        "dealt out unevenly": "t = np.eye(classes)[labels]\n"
        "return (1 - alpha) * t + alpha * t.mean(axis=0)",
        "number written in": "return 0.7 * np.eye(classes)[labels] + 0.3 / classes",
    },
    "momentum_step": {
        "lr inside": "u = mu * u + lr * g; theta = theta + u",
        "step kept": "return theta, lr * u",
        "half a velocity kept": "return theta, g",
        "sign": "u = -mu * u - g",
        "lr on a part": "old = u; theta = theta - lr * g - mu * old",
        "a second time": "theta = theta - lr * (u + g)",
        "all together": "u = mu * u + g.sum()",
        "sign of u": "theta = theta - lr * np.sign(u)",
        "theta multiplied": "theta = theta * (1 - lr * u)",
        "weight of the old one": "u = mu**2 * u + g",
        "weight of the new one": "u = mu * u + 2 * lr * g",
        "both weights": "u = mu**2 * u + 3 * g",
        "made of other things": "u = mu * u + g**2",
        "theta goes astray": "theta = theta - lr * u**2",
        "number written in": "u = 0.9 * u + g",
        "arguments exchanged": "u = lr * u + g; theta = theta - mu * u",
    },
    "nesterov_step": {
        "gradient at u": "u = mu * u - lr * grad(mu * u)",
        "no momentum in the step": "theta = theta - lr * grad(theta + mu * old)",
        "gradient twice": "theta = theta + mu * u - lr * grad(theta + mu * old)",
        "step from ahead": "return theta, -u",
        "weight of the new one": "u = mu * (u - lr * grad(theta + mu * u))",
        "weight of the old one": "u = mu**2 * u - lr * grad(theta + mu * u)",
        "made of other things": "u = mu * u - lr * (grad(theta) + mu * u)",
        "theta goes astray": "theta = theta + u**2",
    },
    "rmsprop_step": {
        "bias correction": "v = rho * v + (1 - rho) * g**2; "
        "theta = theta - lr * g / (np.sqrt(v / (1 - rho)) + eps)",
        "minus": "v = rho * v - (1 - rho) * g**2",
        "parentheses in v": "v = rho * v + 1 - rho * g**2",
        "weight squared": "v = rho * v + ((1 - rho) * g) ** 2",
        "squares of other things": "v = rho * v + (1 - rho) * theta**2",
        "maximum": "v = np.maximum(rho * v, g**2)",
        "square for root": "theta = theta - lr * g / (v**2 + eps)",
        "eps as a limit": "theta = theta - lr * g / np.maximum(np.sqrt(v), eps)",
        "eps in another way": "theta = theta - lr * g / (np.sqrt(v) - eps)",
        "upside down": "theta = theta - lr * np.sqrt(v) / (g + eps)",
        "theta divided": "theta = theta - lr * theta / (np.sqrt(v) + eps)",
        "mean of v": "theta = theta - lr * g / (np.sqrt(v.sum()) + eps)",
        "weight of the new one": "v = rho * (v + (1 - rho) * g**2)",
        "weight of the old one": "v = v + (1 - rho) * g**2",
        "made of other things": "v = rho * v + (1 - rho) * g**4",
        "theta goes astray": "theta = theta - lr * g / (np.sqrt(v) + eps) - 0.01 * theta",
        "number written in": "theta = theta - lr * g / (np.sqrt(v) + 1e-8)",
    },
    "adam_step": {
        "square of m": "v = beta2 * v + (1 - beta2) * (g - m) ** 2",
        "no square": "v = beta2 * v + (1 - beta2) * g * 2",
        "v squared": "v = beta2 * v**2 + (1 - beta2) * g**2",
        "root kept": "v = np.sqrt(beta2 * v + (1 - beta2) * g**2)",
        "theta in m": "m = beta1 * theta + (1 - beta1) * g",
        "sign in m": "m = beta1 * m - (1 - beta1) * g",
        "parentheses in the means": "m = beta1 * m + 1 - beta1 * g",
        "Nesterov": "m_hat = beta1 * m / (1 - beta1 ** (k + 1)) + (1 - beta1) * g / (1 - beta1**k)",
        "times the correction": "m_hat = m * (1 - beta1**k)",
        "1 minus forgotten": "m_hat = m / beta1**k; v_hat = v / beta2**k",
        "both stale": "a, b = m, v; m_hat = a / (1 - beta1**k); v_hat = b / (1 - beta2**k)",
        "rate of the quick form": "theta = theta - "
        "lr * (1 - beta2**k) / (1 - beta1**k) * m / (np.sqrt(v) + eps)",
        "another step": "theta = theta - lr * np.sign(m_hat)",
        "all together": "theta = theta - lr * m_hat / (np.sqrt(v_hat.sum()) + eps)",
        "weight of the old one": "v = beta1 * v + (1 - beta2) * g**2",
        "weight of the new one": "m = beta1 * m + (1 - beta2) * g",
        "theta goes astray": "theta = theta - lr * m_hat / (np.sqrt(v_hat) + eps) - 0.01 * theta",
        "number written in": "beta1 = 0.9; beta2 = 0.999",
    },
    "adamw_step": {
        "decay in the gradient": "g = g - weight_decay * theta; decay = 0",
        "decay of the step": "decay = lr * weight_decay * g",
        "another pull": "decay = lr * weight_decay * abs(old)",
        "weight of the old one": "decay = lr * weight_decay * old / k",
        "made of other things": "decay = lr * weight_decay * old**3",
        "number written in": "decay = lr * 0.01 * old",
    },
    "minibatch_gradient": {
        "first rows": "n = len(rows)\nreturn X[:n].T @ (X[:n] @ w - y[:n])",
        "median": "g = np.median(X[rows] * e[:, None], axis=0)",
        "divided in each turn": "g = 0 * w\nfor i in rows:\n    g += X[i] * (X[i] @ w - y[i])\n"
        "    g /= len(rows)\nreturn g",
        "row left out": "g = X[rows[:-1]].T @ e[:-1] / len(rows)",
        "from row to row": "some = range(rows[0], rows[-1])\n"
        "return sum((X[i] * (X[i] @ w - y[i]) for i in some), 0 * w) / len(rows)",
        "one column": "g = np.array([X[rows, 0] @ e for _ in w]) / len(rows)",
        "sorted apart": "e = X[sorted(rows)] @ w - y[rows]; g = X[sorted(rows)].T @ e / len(rows)",
        "half divided": "g = X[rows].T @ (X[rows] @ w) / len(rows) - X[rows].T @ y[rows]",
        "logistic regression": "e = 1 / (1 + np.exp(-X[rows] @ w)) - y[rows]",
        "centred": "X = X - X[rows].mean(axis=0)",
        "weight decay": "return g + 0.01 * w",
    },
    "minibatches": {
        "two lists": "order = rng.permutation(len(y))\nk = range(0, len(y), B)\n"
        "return [X[order[i : i + B]] for i in k], [y[order[i : i + B]] for i in k]",
    },
    "kaiming_normal": {
        "larger or smaller side": "return z * np.sqrt(2 / max(z.shape))",
        "own draw": "return z / np.linalg.norm(z, axis=0) * np.sqrt(2)",
        "one scale for all": "return 0.01 * z",
        "clipped": "return np.clip(z, -2, 2) * np.sqrt(2 / len(z))",
        "factor": "return z * np.sqrt(2 * len(z))",
    },
    "xavier_uniform": {
        "deviation of u": "W = np.sqrt(2 / (n + m)) * (u - 0.5)",
        "variance as deviation": "W = 2 / (n + m) * np.sqrt(12) * (u - 0.5)",
        "squared": "W = b * (2 * u - 1) ** 2",
        "sample adjusted": "W = np.sqrt(2 / (n + m)) * (u - 0.5) / u.std()",
        "first row": "W = np.zeros_like(u)\nfor i, row in enumerate(u):\n"
        "    W[i] = np.sqrt(6 / sum(u.shape)) * (2 * row - 1)\n    return W",
        "twice the variance": "b = np.sqrt(6 / ((n + m) / 2))",
        "two values": "W = np.where(u < 0.5, -b, b)",
        "parentheses": "b = np.sqrt(6 / n + 6 / m)",
        "one scale for all": "b = 0.1",
        "not straight": "W = b * u**2 - b",
    },
    "stop_early": {
        "crash": "for _ in range(epochs):\n    if training.epoch() < np.inf:\n        pass",
    },
    "whole_norm": {
        "axis": "g = (sizes[:, None] * gradients).sum(axis=1) / sizes.sum()",
        "divided twice": "g = (sizes[:, None] * gradients).mean(axis=0) / sizes.sum()",
        "sizes squared": "g = sizes**2 @ gradients / (sizes**2).sum()",
        "n - 1": "g = sizes @ gradients / (sizes.sum() - 1)",
        "other weights": "g = sizes @ gradients / np.linalg.norm(sizes)",
        "median": "g = np.median(gradients, axis=0)",
        "deviation": "norm = g.std()",
        "second root": "norm = np.linalg.norm(g) ** 0.5",
        "one batch": "return np.linalg.norm(sizes[-1] * gradients[-1] / sizes.sum())",
        "norm of all numbers": "norm = np.linalg.norm(gradients) / len(sizes)",
        "no squares": "return np.sqrt((sizes[:, None] * gradients).sum() / sizes.sum())",
        "factor": "g = sizes @ gradients / np.sqrt(sizes.sum())",
    },
    "norm_and_noise": {
        "mean removed": "noise = B * np.var(g1 - g2) / 2",
        "deviations added": "noise = B * np.std([g1, g2], axis=0, ddof=1).sum()",
        "norms subtracted": "noise = B * abs(g1 @ g1 - g2 @ g2) / 2",
        "whole numbers": "noise = B * ((g1 - g2) ** 2).sum() // 2",
        "sum of gradients": "signal = (g1 + g2) @ (g1 + g2)",
        "difference": "signal = (g1 - g2) @ (g1 - g2)",
        "cosine": "signal = g1 @ g2 / np.linalg.norm(g1) / np.linalg.norm(g2)",
        "sums multiplied": "signal = g1.sum() * g2.sum()",
        "never negative": "signal = abs(g1) @ abs(g2)",
        "noise subtracted": "signal = g1 @ g2 - ((g1 - g2) ** 2).sum() / 4",
        "number written in": "noise = 4 * ((g1 - g2) ** 2).sum() / 2",
    },
}  # fmt: skip

RIGHT = {
    "elu_grad": (
        "return tuple(1.0 if t > 0 else alpha * np.exp(t) for t in x)",
        "y = np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0)))\n"
        "return np.where(x > 0, 1, y + alpha)",
        "return np.select([x > 0], [1.0], alpha * np.exp(np.clip(x, None, 0)))",
    ),
    "perceptron_step": (
        "return np.where(np.einsum('i,i', w, x) * y <= 0, w + y * x, w)",
        "if y == 1:\n    return w + x if w @ x <= 0 else w\nreturn w - x if w @ x >= 0 else w",
        "return tuple(w + y * x * (y * np.dot(w, x) <= 0))",
    ),
    "cross_entropy": (
        "return np.average([row[c] for row, c in zip(-log_softmax(logits), labels)])",
        "z = logits - logits.max(axis=1)[:, None]\n"
        "right = np.take_along_axis(z, labels[:, None], 1)\n"
        "return np.mean(np.log(np.exp(z).sum(axis=1)) - right[:, 0])",
    ),
    "cross_entropy_gradient": (
        "p = np.exp(log_softmax(logits))\nnp.subtract.at(p, (np.arange(len(p)), labels), 1)\n"
        "return p / len(p)",
        "classes = np.arange(logits.shape[1])\n"
        "return (softmax(logits) - (classes == labels[:, None])) / len(labels)",
    ),
    "smooth_labels": (
        "t = np.eye(classes)[labels]\nreturn t - alpha * (t - 1 / classes)",
        "return ((1 - alpha) * np.eye(classes) + alpha / classes)[labels]",
    ),
    "momentum_step": (
        "steps = -lr * u; steps = mu * steps - lr * g\nreturn theta + steps, -steps / lr",
        "u = (g + u * mu).tolist()\nreturn [theta - lr * np.array(u), u]",
    ),
    "nesterov_step": (
        "ahead = theta + mu * u; new = ahead - lr * grad(ahead)\nreturn new, new - theta",
        "u = mu * u; u = u - lr * grad(theta + u)\nreturn np.add(theta, u), u",
    ),
    "rmsprop_step": (
        "v = v + (1 - rho) * (g * g - v)",
        "v = np.average([v, g**2], axis=0, weights=[rho, 1 - rho])",
        "theta = theta - np.linalg.inv(np.diag(np.sqrt(v) + eps)) @ (lr * g)",
    ),
    "adam_step": (
        "theta = theta - lr * np.sqrt(1 - beta2**k) / (1 - beta1**k) * m"
        " / (np.sqrt(v) + eps * np.sqrt(1 - beta2**k))",
        "v_hat = np.maximum(v / (1 - beta2**k), v)",  # which never is the larger one
    ),
    "adamw_step": (
        "theta = theta * (1 - lr * weight_decay) - lr * m_hat / (np.sqrt(v_hat) + eps); decay = 0",
    ),
    "minibatch_gradient": (
        "S = np.eye(len(X))[rows]\nreturn X.T @ S.T @ (S @ (X @ w - y)) / len(rows)",
        "A = X[rows]\nreturn (A.T @ A @ w - A.T @ y[rows]) / A.shape[0]",
    ),
    "minibatches": (
        "order = np.arange(len(y))\nrng.shuffle(order)\n"
        "for rows in np.split(order, range(B, len(y), B)):\n    yield X[rows], y[rows]",
        "order = sorted(range(len(y)), key=lambda _: rng.random())\n"
        "return tuple((X[order[k : k + B]], y[order[k : k + B]]) for k in range(0, len(y), B))",
    ),
    "kaiming_normal": (
        "W = z.copy()\nW *= (2 / len(W)) ** 0.5\nreturn W",
        "return [[2**0.5 * t / len(z) ** 0.5 for t in row] for row in z]",
    ),
    "xavier_uniform": (
        "W = np.sqrt(2 / (n + m)) * np.sqrt(12) * (u - 0.5)",
        "W = u * b - (1 - u) * b",
    ),
    "orthogonal": (
        "for j in range(Z.shape[1]):\n    Z[:, j] += 0\nQ, R = np.linalg.qr(Z)\n"
        "return Q @ np.diag(np.sign(np.diag(R)))",
        "Q = np.zeros_like(Z)\nfor j in range(Z.shape[1]):\n    v = Z[:, j] - Q @ (Q.T @ Z[:, j])\n"
        "    Q[:, j] = v / np.linalg.norm(v)\nreturn Q",
    ),
    "stop_early": (
        "low, at, e = np.inf, 0, 0\nwhile e < epochs and e - at < patience:\n    training.epoch()\n"
        "    e, loss = e + 1, training.loss()\n    if loss < low - min_delta:\n"
        "        low, at, best = loss, e, training.theta + 0\nreturn best, low",
        "low, bad = np.inf, []\nfor e in range(epochs):\n    training.epoch()\n"
        "    if low - training.loss() > min_delta:\n        low, best = training.loss(), "
        "list(training.theta)\n        bad.clear()\n    else:\n        bad.append(e)\n"
        "    if len(bad) == patience:\n        break\nreturn best, float(low)",
    ),
    "whole_norm": (
        "g = np.average(gradients, axis=0, weights=sizes)",
        "return np.hypot.reduce(sizes @ gradients / np.add.reduce(sizes))",
    ),
    "norm_and_noise": (
        "noise = B * np.var([g1, g2], axis=0, ddof=1).sum()",
        "signal = ((g1 + g2) @ (g1 + g2) - (g1 - g2) @ (g1 - g2)) / 4",
    ),
}  # fmt: skip


@pytest.mark.parametrize(
    ("exercise", "mistake", "body"), flat(SLIPS), ids=[f"{n}-{m}" for n, m, _ in flat(SLIPS)]
)
def test_a_slip_meets_its_hint(exercise, mistake, body):
    meets_its_hint(exercise, mistake, body)


@pytest.mark.parametrize(
    ("exercise", "body"), [(name, body) for name, bodies in RIGHT.items() for body in bodies]
)
def test_unusual_answers_pass(exercise, body):
    assert getattr(ck.check, exercise)(answer(exercise, body))


def test_what_was_wrong_before_it_was_infinite_is_said_first():
    """The shift is right here: nothing is to be learned of exp(1000)."""
    body = "return np.exp(-picked(log_softmax(logits), labels).mean())"
    verdict = ck.check.cross_entropy(answer("cross_entropy", body))
    assert verdict.mistake == "perplexity" and "infinite" not in verdict.message


def test_a_root_of_what_is_below_zero_is_a_slip_in_the_line_before():
    body = "v = rho * v - 2 * (1 - rho) * g**2"
    verdict = ck.check.rmsprop_step(answer("rmsprop_step", body))
    assert verdict.mistake == "weight of the new one"


# --- arguments -----------------------------------------------------------------------------------
CASES = [(np.array([1.0, 2.0]), 0.3, 4), (np.array([0.5, -1.0]), 0.2, 3)]
NAMES = ["x", "lr", "B"]


def formula(x, lr, B):
    return (lr * x + B,)


def misused(other):
    return misuse(formula, NAMES, CASES, [other(*case) for case in CASES])


def test_numbers_in_the_place_of_arguments():
    assert "lr = 0.3 would" in misused(lambda x, lr, B: (0.3 * x + B,)).plain
    assert "lr = 0.01 would" in misused(lambda x, lr, B: (0.01 * x + B,)).plain
    both = misused(lambda x, lr, B: (0.1 * x + 4,)).plain
    assert "lr = 0.1 and B = 4" in both and "arguments lr and B" in both


def test_arguments_exchanged():
    assert "if lr were B, and B lr" in misused(lambda x, lr, B: (B * x + lr,)).plain


def test_no_misuse_is_made_up():
    assert misused(lambda x, lr, B: (lr * x**2 + B,)) is None
