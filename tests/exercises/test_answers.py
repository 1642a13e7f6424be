"""What students hand in, wrong and right: each wrong answer meets the hint made for it.

An answer is the body of the function. Of longer functions only the lines are given that differ from
the right ones.
"""

import pytest

import coursekit as ck

HELPERS = """
import numpy as np

def softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)

def log_softmax(z):
    z = z - z.max(axis=1, keepdims=True)
    return z - np.log(np.exp(z).sum(axis=1, keepdims=True))

def picked(a, labels):
    return a[np.arange(len(labels)), labels]

def hot(z, labels):
    return np.eye(z.shape[1])[labels]
"""

# Right functions of several lines; an answer replaces the lines that begin like its own.
ADAM = (
    "m = beta1 * m + (1 - beta1) * g; v = beta2 * v + (1 - beta2) * g**2; "
    "m_hat = m / (1 - beta1**k); v_hat = v / (1 - beta2**k); "
    "theta = theta - lr * m_hat / (np.sqrt(v_hat) + eps); "
)
LINES = {
    "momentum_step": "u = mu * u + g; theta = theta - lr * u; return theta, u",
    "nesterov_step": "old = u; u = mu * u - lr * grad(theta + mu * u); theta = theta + u; "
    "return theta, u",
    "rmsprop_step": "v = rho * v + (1 - rho) * g**2; theta = theta - lr * g / (np.sqrt(v) + eps); "
    "return theta, v",
    "adam_step": ADAM + "return theta, m, v",
    "adamw_step": "old = theta; " + ADAM + "decay = lr * weight_decay * old; "
    "new = theta - decay; return new, m, v",
    "minibatch_gradient": "e = X[rows] @ w - y[rows]; g = X[rows].T @ e / len(rows); return g",
    "xavier_uniform": "n, m = u.shape; b = np.sqrt(6 / (n + m)); W = b * (2 * u - 1); return W",
    "orthogonal": "Q, R = np.linalg.qr(Z); signs = np.sign(np.diag(R)); Q = Q * signs; return Q",
    "whole_norm": "g = sizes @ gradients / sizes.sum(); norm = np.linalg.norm(g); return norm",
    "norm_and_noise": "signal = g1 @ g2; noise = B * ((g1 - g2) ** 2).sum() / 2; "
    "return signal, noise",
}


def begin(line):
    return "return" if line.startswith("return") else line.partition("=")[0]


def answer(exercise, body):
    """The function with this body, or with these lines in place of the right ones."""
    if exercise in LINES and "\n" not in body:
        own = {begin(line): line for line in body.split("; ")}
        lines = LINES[exercise].split("; ")
        first = [line for key, line in own.items() if key not in map(begin, lines)]
        body = "\n".join([*first, *(own.get(begin(line), line) for line in lines)])
    indented = body.replace("\n", "\n    ")
    scope = {}
    exec(f"{HELPERS}\ndef {getattr(ck.check, exercise).signature}:\n    {indented}\n", scope)
    return scope[exercise]


WRONG = {
    "elu_grad": {
        "difference quotient": "f = lambda x: np.where(x > 0, x, alpha * np.expm1(x))\n"
        "return (f(x + 1e-6) - f(x - 1e-6)) / 2e-6",
        "only zero": "return np.where(x > 0, 1, np.where(x < 0, alpha * np.exp(x), 0))",
        "exchanged": "return np.where(x > 0, alpha * np.exp(x), 1)",
        "Leaky ReLU": "return np.where(x > 0, 1, alpha)",
        "alpha on both sides": "return np.where(x > 0, alpha, alpha * np.exp(x))",
        "x in front": "return np.where(x > 0, 1, alpha * x * np.exp(x))",
        "power rule": "return np.where(x > 0, 1, alpha * np.e ** (x - 1))",
        "x itself": "return x",
        "close": "return np.where(x > 0, 1, alpha * np.exp(x)).round(3)",
        "type": "return {'slope': x}",
    },
    "perceptron_step": {
        "half": "return w + y * x / 2 if y * (w @ x) <= 0 else w",
        "half at the start": "return w + (y - np.sign(w @ x)) / 2 * x",
        "one label at zero": "return w + (y - (1 if w @ x >= 0 else -1)) / 2 * x",
        "labels 0 and 1": "return w + (y - (1 if w @ x > 0 else 0)) * x",
        "entry by entry": "return np.where(y * w * x <= 0, w + y * x, w)",
        "sum of x": "return w + y * x.sum() if y * (w @ x) <= 0 else w",
        "along w": "return w + y * w if y * (w @ x) <= 0 else w",
        "margin in the step": "return w - y * (w @ x) * x if y * (w @ x) <= 0 else w",
        "w and x exchanged": "return x + y * w if y * (w @ x) <= 0 else x",
        "length 1": "w = w + y * x if y * (w @ x) <= 0 else w\nreturn w / np.linalg.norm(w)",
        "until right": "while y * (w @ x) <= 0:\n    w = w + y * x\nreturn w",
        "right already": "return w + y * x if y * (w @ x) <= 0 else w - y * x",
        "factor": "return w + 0.1 * y * x if y * (w @ x) <= 0 else w",
        "nothing": "if y * (w @ x) <= 0:\n    return w + y * x",
    },
    "cross_entropy": {
        "axis": "e = np.exp(logits)\nreturn -np.log(picked(e / e.sum(), labels)).mean()",
        "floor": "return -np.log(picked(softmax(logits), labels).clip(1e-4, 1)).mean()",
        "index": "return -log_softmax(logits)[:, labels].mean()",
        "labels from 1": "return -picked(log_softmax(logits), labels - 1).mean()",
        "labels as numbers": "return -(labels[:, None] * log_softmax(logits)).sum(axis=1).mean()",
        "largest": "return -log_softmax(logits).max(axis=1).mean()",
        "labels forgotten": "m = logits.max(axis=1)\n"
        "return (m + np.log(np.exp(logits - m[:, None]).sum(axis=1))).mean()",
        "first row": "for z, y in zip(logits, labels):\n    return -log_softmax(z[None])[0, y]",
        "n - 1": "return -picked(log_softmax(logits), labels).sum() / (len(labels) - 1)",
        "shift of one side": "s = np.exp(logits - logits.max(1, keepdims=True)).sum(axis=1)\n"
        "return (np.log(s) - picked(logits, labels)).mean()",
        "logits as probabilities": "return -np.log(picked(logits, labels)).mean()",
        "sigmoid": "return -np.log(picked(1 / (1 + np.exp(-logits)), labels)).mean()",
        "error rate": "return (logits.argmax(axis=1) != labels).mean()",
        "squares": "return ((softmax(logits) - hot(logits, labels)) ** 2).sum(axis=1).mean()",
        "negative": "return (picked(softmax(logits), labels) * -2).sum() + 1",
    },
    "cross_entropy_gradient": {
        "sign, not divided": "return hot(logits, labels) - softmax(logits)",
        "no softmax": "return (logits - hot(logits, labels)) / len(labels)",
        "divided by classes": "return (softmax(logits) - hot(logits, labels)) / logits.shape[1]",
        "n - 1": "return (softmax(logits) - hot(logits, labels)) / np.float64(len(labels) - 1)",
        "log-probabilities": "return (log_softmax(logits) - hot(logits, labels)) / len(labels)",
        "sigmoid": "return (1 / (1 + np.exp(-logits)) - hot(logits, labels)) / len(labels)",
        "sign of y": "return (softmax(logits) + hot(logits, labels)) / len(labels)",
        "1 in every column": "return (softmax(logits) - 1) / len(labels)",
        "index": "p = softmax(logits)\np[:, labels] -= 1\nreturn p / len(labels)",
        "rows do not sum to 0": "p = softmax(logits)\nreturn p * (1 - p) / len(labels)",
        "factor": "return 3 * (softmax(logits) - hot(logits, labels)) / len(labels)",
    },
    "smooth_labels": {
        "labels from 1": "return (1 - alpha) * np.eye(classes)[labels - 1] + alpha / classes",
        "divided by the sum": "t = np.eye(classes)[labels] + alpha\n"
        "return t / t.sum(axis=1, keepdims=True)",
        "share of the batch": "return (1 - alpha) * np.eye(classes)[labels] + alpha / len(labels)",
        "labels forgotten": "return np.full((len(labels), classes), 1 / classes)",
        "another share": "return (1 - alpha**2) * np.eye(classes)[labels] + alpha**2 / classes",
        "does not sum to 1": "return (1 - alpha) * np.eye(classes)[labels] + alpha / 2",
        "close": "return ((1 - alpha) * np.eye(classes)[labels] + alpha / classes).round(3)",
    },
    "momentum_step": {
        "average": "u = (1 - mu) * u + mu * g",
        "mu on the gradient": "u = u + mu * g",
        "momentum of theta": "u = mu * theta + g",
        "length 1": "u = mu * u + g / np.linalg.norm(g)",
        "a second time": "theta = theta - lr * (mu * u + g)",
        "only u": "theta = theta - u",
        "line of u": "u = mu * u + g + (len(g) < 3)",
    },
    "nesterov_step": {
        "lr in the look": "u = mu * u - lr * grad(theta + lr * u)",
        "mu twice": "u = mu * u - lr * grad(theta + mu * mu * u)",
        "mu on theta": "u = mu * u - lr * grad(mu * theta + u)",
        "mean of two gradients": "u = mu * u - lr * (grad(theta) + grad(theta + mu * u)) / 2",
        "no fading": "u = u - lr * grad(theta + mu * u)",
        "no lr": "u = mu * u - grad(theta + mu * u)",
        "mu once more": "theta = theta + mu * u",
        "stopped ahead": "theta = theta + mu * old",
        "step from ahead": "return theta, u - mu * old",
        "u uphill": "u = mu * u + lr * grad(theta - mu * u); theta = theta - u",
        "stored point ahead": "u = mu * u + grad(theta); "
        "theta = theta - lr * (grad(theta) + mu * u)",
    },
    "rmsprop_step": {
        "parentheses": "theta = theta - lr * g / np.sqrt(v) + eps",
        "power": "theta = theta - lr * g / (v**1/2 + eps)",
        "no gradient": "theta = theta - lr / (np.sqrt(v) + eps)",
        "v above": "theta = theta - lr * v / (np.sqrt(v) + eps)",
        "sign of g": "theta = theta - lr * np.sign(g) / (np.sqrt(v) + eps)",
        "multiplied": "theta = theta - lr * g * (np.sqrt(v) + eps)",
        "mean of v": "theta = theta - lr * g / (np.sqrt(v.mean()) + eps)",
        "all together": "v = rho * v + (1 - rho) * np.mean(g**2)",
        "v squared": "v = rho * v**2 + (1 - rho) * g**2",
        "eps in v": "v = rho * v + (1 - rho) * g**2 + eps",
        "line of v": "v = rho * v + (1 - rho) * g**2 + (len(g) < 3)",
    },
    "adam_step": {
        "beta1 in v": "v = beta1 * v + (1 - beta1) * g**2",
        "beta2 in m": "m = beta2 * m + (1 - beta2) * g",
        "all together": "v = beta2 * v + (1 - beta2) * (g @ g)",
        "no fading": "v = v + g**2",
        "maximum": "v = np.maximum(beta2 * v, abs(g))",
        "times the correction": "m_hat = m * (1 - beta1**k); v_hat = v * (1 - beta2**k)",
        "plus in the correction": "m_hat = m / (1 + beta1**k); v_hat = v / (1 + beta2**k)",
        "power of the difference": "m_hat = m / (1 - beta1) ** k; v_hat = v / (1 - beta2) ** k",
        "betas of the correction": "m_hat = m / (1 - beta2**k); v_hat = v / (1 - beta1**k)",
        "no correction at the start": "m_hat = m / (1 - beta1**k) if k > 1 else m",
        "eps before the correction": "theta = theta - lr * np.sqrt(1 - beta2**k) / (1 - beta1**k)"
        " * m / (np.sqrt(v) + eps)",
        "no m": "theta = theta - lr / (np.sqrt(v_hat) + eps)",
        "parentheses": "m_hat = m / 1 - beta1**k; v_hat = v / 1 - beta2**k",
        "no eps": "theta = theta - lr * m_hat / np.sqrt(v_hat)",
        "power": "theta = theta - lr * m_hat / (v_hat**1/2 + eps)",
        "Nesterov": "m_hat = (beta1 * m + (1 - beta1) * g) / (1 - beta1**k)",
        "line of v": "v = beta2 * v + (1 - beta2) * g**2 + (len(g) < 3)",
        "only m": "theta = theta - m_hat / (np.sqrt(v_hat) + eps)",
    },
    "adamw_step": {
        "decay twice": "g = g + weight_decay * theta",
        "decay in v": "v = beta2 * v + (1 - beta2) * (g + weight_decay * theta) ** 2",
        "half the decay": "decay = lr * weight_decay * old / 2",
        "double decay": "decay = 2 * lr * weight_decay * old",
        "lr twice": "decay = lr * lr * weight_decay * old",
        "another pull": "decay = lr * weight_decay * np.sign(old)",
        "exponential": "decay = (1 - np.exp(-lr * weight_decay)) * old",
        "decay in the divisor": "decay = 0; "
        "theta = theta - lr * m_hat / (np.sqrt(v_hat) + eps + weight_decay * theta)",
        "decay of m": "decay = lr * weight_decay * m",
        "decay alone": "theta = old",
        "beta1 in v": "v = beta1 * v + (1 - beta1) * g**2",
    },
    "minibatch_gradient": {
        "divided by features": "g = X[rows].T @ e / len(w)",
        "sign and sum": "g = -X[rows].T @ e",
        "n - 1": "g = X[rows].T @ e / np.float64(len(rows) - 1)",
        "rows as amounts": "g = X[rows].T @ e / rows.sum()",
        "all rows": "e = X @ w - y; g = X.T @ e / len(rows)",
        "repeats dropped": "g = X.T @ (np.isin(np.arange(len(y)), rows) * (X @ w - y)) / len(rows)",
        "one row": "g = X[rows[-1]] * e[-1] / len(rows)",
        "power of the error": "g = X[rows].T @ e**2 / len(rows)",
        "entry by entry": "g = (X[rows] * (X[rows] * w - y[rows][:, None])).mean(axis=0)",
        "means multiplied": "g = X[rows].sum(axis=0) * e.mean()",
        "solved": "return np.linalg.lstsq(X[rows], y[rows])[0]",
        "mean label": "e = X[rows] @ w - y[rows].mean()",
        "half divided": "g = X[rows].T @ (X[rows] @ w) - X[rows].T @ y[rows] / len(rows)",
        "a step": "return w - 0.1 * g",
    },
    "minibatches": {
        "same batches": "for k in range(0, len(y), B):\n"
        "    rows = k + rng.permutation(min(B, len(y) - k))\n    yield X[rows], y[rows]",
        "exchanged": "order = rng.permutation(len(y))\nfor k in range(0, len(y), B):\n"
        "    yield y[order[k : k + B]], X[order[k : k + B]]",
    },
    "kaiming_normal": {
        "power": "return z * (2 / len(z)) ** 1/2",
        "both sizes": "return z * np.sqrt(2 / np.mean(z.shape))",
        "added": "return z + np.sqrt(2 / len(z))",
        "z under the root": "return np.sqrt(2 * z / len(z))",
        "other numbers": "return np.random.default_rng(0).standard_normal(z.shape) / len(z) ** 0.5",
        "all equal": "return np.full_like(z, np.sqrt(2 / len(z)))",
        "own draw": "return (z - z.mean()) * np.sqrt(2 / len(z))",
        "ReLU of the weights": "return np.maximum(np.sqrt(2 / len(z)) * z, 0)",
        "some signs": "return abs(z) * np.sqrt(2 / len(z))",
        "zero": "return z * np.sqrt(2 // len(z))",
        "sign": "return -z * np.sqrt(2 / len(z))",
        "factor": "return z * 2 / np.sqrt(len(z))",
    },
    "xavier_uniform": {
        "half the variance": "b = np.sqrt(3 / (n + m))",
        "fan_out": "b = np.sqrt(6 / m)",
        "product": "b = np.sqrt(6 / u.size)",
        "power": "b = (6 / (n + m)) ** 1/2",
        "parentheses": "b = np.sqrt(6 / n + m)",
        "no bound": "b = 1",
        "half the interval": "W = b * u - b",
        "sample adjusted": "W = 2 * b * (u - u.mean())",
        "clipped": "W = np.clip(u, -b, b)",
        "as if normal": "W = np.sqrt(2 / (n + m)) * u",
        "not centred": "W = 2 * b * u + b",
        "other numbers": "W = np.random.default_rng(0).uniform(-b, b, u.shape)",
        "factor": "b = 2 * np.sqrt(6 / (n + m))",
    },
    "orthogonal": {
        "one sign for all": "signs = np.sign(R[0, 0])",
        "another diagonal": "signs = np.sign(np.diag(Q))",
        "diagonal negative": "signs = -np.sign(np.diag(R))",
        "rows turned": "Q = np.vstack([signs[:, None] * Q[: len(signs)], Q[len(signs) :]])",
        "not of length 1": "Q = Q * R.sum(axis=0)",
        "no right angles": "Q = abs(Q)",
        "other columns": "s, V = np.linalg.eigh(Z.T @ Z)\nreturn Z @ V / np.sqrt(s)",
        "signs": "signs = np.sign(R.sum(axis=0))",
    },
    "whole_norm": {
        "one batch": "return np.linalg.norm(gradients, axis=1).max()",
        "divided by sizes": "g = (gradients / sizes[:, None]).mean(axis=0)",
        "other weights": "s = np.sqrt(sizes); g = s @ gradients / s.sum()",
        "divided by entries": "g = sizes @ gradients / gradients.size",
        "axis": "g = gradients.mean(axis=1)",
        "divided by features": "g = sizes @ gradients / gradients.shape[1]",
        "root mean square": "norm = np.sqrt((g**2).mean())",
        "absolute values": "norm = abs(g).sum()",
        "no squares": "norm = abs(g.sum())",
        "mean of norms": "norm = np.sqrt((np.linalg.norm(gradients, axis=1) ** 2).mean())",
        "norm of all numbers": "norm = np.linalg.norm(gradients, 2)",
    },
    "norm_and_noise": {
        "clipped at 0": "signal = max(g1 @ g2, 0)",
        "mean of products": "signal = (g1 * g2).mean()",
        "noise subtracted": "return signal - noise / B, noise",
        "root": "signal = np.linalg.norm((g1 + g2) / 2)",
        "noise of both, of a batch": "noise = ((g1 - g2) ** 2).sum()",
        "root of B": "noise = np.sqrt(B) * ((g1 - g2) ** 2).sum() / 2",
        "B - 1": "noise = (B - 1) * ((g1 - g2) ** 2).sum() / 2",
        "half the noise": "noise = B * np.var([g1, g2], axis=0).sum()",
        "sum squared": "noise = B * (g1 - g2).sum() ** 2 / 2",
        "absolute values": "noise = B * abs(g1 - g2).sum() / 2",
        "root of the noise": "noise = np.sqrt(B * ((g1 - g2) ** 2).sum() / 2)",
        "g in the noise": "noise = B * ((g1 + g2) ** 2).sum() / 2",
        "norms subtracted": "noise = B * (g1 @ g1 - g2 @ g2) / 2",
        "only signal": "noise = B**2 * ((g1 - g2) ** 2).sum() / 2",
    },
}  # fmt: skip

RIGHT = {
    "elu_grad": (
        "return np.piecewise(x, [x > 0], [1.0, lambda t: alpha * np.exp(t)])",
        "return [1 if t > 0 else alpha * np.exp(t) for t in x]",
        "return np.heaviside(x, 0) + np.heaviside(-x, 1) * alpha * np.exp(np.minimum(x, 0))",
    ),
    "perceptron_step": (
        "return w + np.heaviside(-y * np.inner(w, x), 1) * y * x",
        "w = w.copy()\nif y * w.dot(x) <= 0:\n    w += y * x\nreturn w",
        "right = y * sum(a * b for a, b in zip(w, x)) > 0\n"
        "return [a if right else a + y * b for a, b in zip(w, x)]",
    ),
    "cross_entropy": (
        "return (np.logaddexp.reduce(logits, axis=1) - picked(logits, labels)).mean()",
        "return -np.einsum('ij,ij', hot(logits, labels), log_softmax(logits)) / len(labels)",
        "d = logits - picked(logits, labels)[:, None]\nm = d.max(axis=1, keepdims=True)\n"
        "return (m[:, 0] + np.log(np.exp(d - m).sum(axis=1))).mean().item()",
    ),
    "cross_entropy_gradient": (
        "p = softmax(logits)\np[np.arange(len(p)), labels] -= 1\nreturn p / len(p)",
        "return [[(a - (j == c)) / len(labels) for j, a in enumerate(p)]"
        " for p, c in zip(softmax(logits), labels)]",
    ),
    "smooth_labels": (
        "return np.einsum('bk,kj->bj', np.eye(classes)[labels],"
        " (1 - alpha) * np.eye(classes) + alpha / classes)",
        "t = np.full((len(labels), classes), alpha / classes)\n"
        "t[np.arange(len(labels)), labels] += 1 - alpha\nreturn t.tolist()",
    ),
    "momentum_step": ("return np.array([theta, u])", "u = np.dot([mu, 1], [u, g])"),
    "nesterov_step": (
        "theta = theta + mu * old - lr * grad(theta + mu * old)",
        "return [theta.tolist(), list(u)]",
    ),
    "adam_step": (
        "m_hat = m; v_hat = v; theta = theta - lr / (1 - beta1**k) * m"
        " / (v**0.5 / (1 - beta2**k) ** 0.5 + eps)",
        "m = m + (1 - beta1) * (g - m); return np.stack([theta, m, v])",
    ),
    "minibatch_gradient": (
        "c = np.bincount(rows, minlength=len(y))\nreturn X.T @ (c * (X @ w - y)) / c.sum()",
        "g = np.einsum('ij,i->j', X[rows], e) / rows.size",
        "return np.mean([X[i] * (X[i] @ w - y[i]) for i in rows], axis=0)",
    ),
    "minibatches": (
        "p = np.argsort(rng.random(len(y)))\nwhile len(p):\n"
        "    yield X[p[:B]], y[p[:B]]\n    p = p[B:]",
        "Z = rng.permutation(np.c_[X, y])\n"
        "return [(Z[k : k + B, :-1], Z[k : k + B, -1]) for k in range(0, len(y), B)]",
        "left = list(range(len(y)))\nwhile left:\n"
        "    rows = [left.pop(rng.integers(len(left))) for _ in range(min(B, len(left)))]\n"
        "    yield list(X[rows]), list(y[rows])",
    ),
    "kaiming_normal": ("n = len(z)\nreturn np.eye(n) / np.sqrt(n / 2) @ z",),
    "xavier_uniform": (
        "W = np.interp(u, [0, 1], [-b, b])",
        "W = [[2 * b * t - b for t in row] for row in u]",
    ),
    "orthogonal": (
        "L = np.linalg.cholesky(Z.T @ Z)\nreturn np.linalg.solve(L, Z.T).T",
        "signs = np.copysign(1, R.diagonal())",
        "Q = [[a if R[j, j] > 0 else -a for j, a in enumerate(row)] for row in Q]",
    ),
    "whole_norm": (
        "p = sizes / sizes.sum()\nreturn np.sqrt(p @ (gradients @ gradients.T) @ p)",
        "g = np.repeat(gradients, sizes.astype(int), axis=0).mean(axis=0)",
    ),
    "norm_and_noise": (
        "return np.array([signal, noise])",
        "signal = g1 @ g1 - B * ((g1 - g2) ** 2).sum() / 2 / B",  # of one batch, less its noise
        "noise = 2 * B * (g2 @ g2 - (g1 + g2) @ (g1 + g2) / 4)",
        "noise = B * (g1 @ g1 - g1 @ g2)",  # right on average, and even below 0 at times
    ),
}


def flat(table):
    return [(name, key, table[name][key]) for name in table for key in table[name]]


@pytest.mark.parametrize(
    ("exercise", "mistake", "body"), flat(WRONG), ids=[f"{n}-{m}" for n, m, _ in flat(WRONG)]
)
def test_a_wrong_answer_meets_its_hint(exercise, mistake, body):
    meets_its_hint(exercise, mistake, body)


def meets_its_hint(exercise, mistake, body):
    """It is recognised, twice, and gets the hints of that entry of the tables."""
    check, function = getattr(ck.check, exercise), answer(exercise, body)
    check._last = ()
    first, second = check(function), check(function)
    assert first.mistake == second.mistake == mistake, first
    assert first.hint != second.hint
    named = [entry for entry in (*check.mistakes, *check.symptoms) if entry.name == mistake]
    hints = [(entry.nudge, entry.plain) for entry in named]
    assert not hints or (first.hint, second.hint) in hints


@pytest.mark.parametrize(
    ("exercise", "body"), [(name, body) for name, bodies in RIGHT.items() for body in bodies]
)
def test_right_answers_of_another_make_pass(exercise, body):
    assert getattr(ck.check, exercise)(answer(exercise, body))
