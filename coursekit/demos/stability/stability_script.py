"""The demo `stability` as a plain script."""

from .motion import LOST, MOST
from .rates import METHODS


def script(method, step_size, momentum, kappa, noise, seed, steps) -> str:
    """Step a method on the quadratic, and read its rate off the optimizer."""
    opt = METHODS[method].spelled(step_size, momentum)
    seen, errors = "f", ""
    if noise:
        seen = "noisy"
        errors = f"""\
errors = {noise!r} * np.random.default_rng({seed}).standard_normal(({MOST}, 2))
noisy = ck.Objective(value=f.value, grad=lambda x: f.grad(x) + errors[k])
"""
    return f"""\
import numpy as np
import coursekit as ck
from coursekit import exhibits

f = ck.landscapes.quadratic(spectrum=(1.0, 1 / {kappa!r}))
opt = {opt}  # lr in units of 1 / curvature
{errors}theta = np.ones(2)
state = opt.init(theta)
for k in range({steps}):
    theta, state = opt.step(theta, state, {seen})
    if not abs(theta).max() < {LOST:g}:  # it does not come back from there
        break
steep, flat = map(float, theta)
radius = max(exhibits.spectral_radius(opt, c) for c in (1.0, 1 / {kappa!r}))

print(f"in the long run a step multiplies the distance by {{radius:.4f}}")
print(f"after {{k + 1}} steps it is at {{steep:.3g}} (steep) and {{flat:.3g}} (flat)")
"""
