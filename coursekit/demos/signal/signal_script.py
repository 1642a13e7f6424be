"""The demo `signal` as a plain script."""

from .propagation import ROWS, STARTS


def script(activation, init, factor, gain, depth, width, mean, batch_norm, seed) -> str:
    """The script of a setting; besides the gain, `factor` multiplies the weights."""
    start = STARTS[init]
    head = "from functools import partial\n\n" if start.fields else ""
    norm = f"ck.BatchNorm({width}), " if batch_norm else ""
    note = "  # the gain, times the root of c" if start.root else ""
    held = HELD if batch_norm else ""
    given = ", stats=stats" if batch_norm else ""
    return f"""\
{head}import numpy as np
import coursekit as ck

layer = [ck.Linear({width}, {width}, bias=False), {norm}"{activation}"]
net = ck.Sequential(*layer * {depth})
theta = net.init({start.spelled()}, rng={seed}).astype(float)
theta[net.layout.mask("weight")] *= {gain * factor!r}{note}

x = {mean!r} + np.random.default_rng([{seed}, 1]).standard_normal(({ROWS}, {width}))
v = np.random.default_rng([{seed}, 2]).standard_normal(({ROWS}, {width}))
h, pull = ck.vjp(lambda x: net(theta, x, train=True), x)
signal = np.sqrt((h**2).mean())
gradient = np.sqrt((pull(v)[0] ** 2).mean())
{held}
many = x[:1].repeat({width}, axis=0)  # one input for each row of its Jacobian
_, pull = ck.vjp(lambda x: net(theta, x{given}), many)
largest = np.linalg.norm(pull(np.eye({width}))[0], ord=2)

print(f"after {depth} layers the signal is {{signal:.3g}}, the gradient {{gradient:.3g}}")
print(f"the largest singular value from input to output is {{largest:.3g}}")
"""


HELD = """
f = net.objective(x, v, loss="mse")
f.value(theta)
stats = tuple(ck.layers.Stats(m.mean, m.var) for m in f.moments)  # held as they are
"""
