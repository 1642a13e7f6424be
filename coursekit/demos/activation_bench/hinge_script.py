"""The machine of `hinge_view` without the demo, as a plain script."""

from typing import Any

from .machines import APART, NOISE, SEED, STEPS, UP


def script(l2: bool, strength: float, side: str, mx: float, my: float, **_: Any) -> str:
    """A plain Python script that computes the same numbers without the demo."""
    label = 1.0 if side == "+1" else -1.0
    data = f"""\
import numpy as np
import coursekit as ck

y = np.repeat([1.0, -1.0], 12)
x = {NOISE} * np.random.default_rng({SEED}).standard_normal((24, 2)) + {APART} * np.outer(y, {UP})
x, y = np.vstack([x, [{mx!r}, {my!r}]]), np.append(y, {label!r})
X = np.column_stack([x, np.ones(25)])
"""
    if l2:
        made = f"""\
# margins 1 + u - v with pull u = 0 and (1 - pull) v = 0: Newton's method, by way of small products
A, squares = y[:, None] * X, {strength!r} * np.diag([1, 1, 0])
w, u, v, pull, rest = np.zeros(3), np.ones(25), np.ones(25), np.full(25, 0.5), np.full(25, 0.5)
for k in range(50):
    aim = 0.5 ** min(k + 1, 45)
    soft = 1 / (u / pull + v / rest)
    known = aim / pull - aim / rest + 1 - A @ w
    slope = squares @ w - pull @ A / 25
    dw = np.linalg.solve(squares + A.T * soft @ A / 25, soft * known @ A / 25 - slope)
    d = soft * (known - A @ dw)
    du, dv = (aim - u * d) / pull - u, (aim + v * d) / rest - v
    changes = (u, du), (v, dv), (pull, d), (rest, -d)
    t = min(1, *(0.99 * (-a[b < 0] / b[b < 0]).min(initial=2) for a, b in changes))
    w, u, v, pull, rest = w + t * dw, u + t * du, v + t * dv, pull + t * d, rest - t * d
pull = np.where(pull < 1e-6, 0, np.where(pull > 1 - 1e-6, 1, pull))
"""
    else:
        made = f"""\
f = ck.Objective(lambda w: ck.losses.hinge(X @ w, y))
opt = ck.optim.GradientDescent(lr=lambda k: 20 / (k + 20))
w = ck.minimize(f, np.zeros(3), opt, steps={STEPS}).theta
pull = y * (X @ w) < 1
"""
    return f"""\
{data}
{made}
hinge, width = ck.losses.hinge(X @ w, y), 2 / np.linalg.norm(w[:2])
pulling, bad = (pull > 0).sum(), pull[-1]
print(f"hinge loss {{hinge:.4f}}, the band is {{width:.4f}} wide")
print(f"{{pulling}} points pull, the last one at {{bad:.0%}}")
"""
