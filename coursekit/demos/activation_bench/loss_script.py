"""The losses of three logits, and what `loss_view` computes as a plain script."""

from ...activations import softmax
from ...losses import cross_entropy, mse

LOSSES = {  # of logits z (1, 3) and targets y (1, 3); and as code
    "cross-entropy": (cross_entropy, "ck.losses.cross_entropy(z, y)"),
    "squashed twice": (
        lambda z, y: cross_entropy(softmax(z), y),
        "ck.losses.cross_entropy(ck.activations.softmax(z), y)",
    ),
    "minus forgotten": (lambda z, y: -cross_entropy(z, y), "-ck.losses.cross_entropy(z, y)"),
    "squared error": (
        lambda z, y: mse(softmax(z), y),
        "ck.losses.mse(ck.activations.softmax(z), y)",
    ),
}


def script(loss, target, z1, z2, z3, temperature, shift, smoothing, t, **_) -> str:
    """A plain Python script that computes the same numbers without the demo."""
    k = int(target) - 1
    return f"""\
import numpy as np
import coursekit as ck

z0 = np.array([{z1!r}, {z2!r}, {z3!r}])
y = (1 - {smoothing!r}) * np.eye(3)[{k}] + {smoothing!r} / 3

def of(z, y):
    return {LOSSES[loss][1]}

f = ck.Objective(lambda z: of((z[None, :] + {shift!r}) / {temperature!r}, y[None, :]))
loss, g = f.value_and_grad(z0)
share = ck.activations.softmax(z0 / {temperature!r})[{k}]
push = g[{k}]

opt = ck.optim.GradientDescent(lr={temperature!r}**2)
path = ck.minimize(f, z0, opt, steps={t})
after, apart = path.value, np.ptp(path.theta)

print(f"class {target}: probability {{share:.4f}}, derivative of the loss {{push:+.4f}}")
print(f"loss {{loss:.4f}}; after {t} steps {{after:.4f}}, logits {{apart:.3f}} apart")
"""
