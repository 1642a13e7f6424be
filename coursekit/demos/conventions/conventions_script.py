"""The demo `conventions` as a plain script."""

from .forms import LOST, START, form_of


def script(forms, index, lr, momentum, convert, drop, drop_at, kappa, steps) -> str:
    """Run each form from the start, and compare all pairs of paths."""
    rate, memory, defined = repr(lr), repr(momentum), ""
    if drop > 1:
        rate = "lr"
        defined = f"""
def lr(k):
    return {lr!r} if k < {drop_at} else {lr!r} / {drop}
"""
        if convert:
            defined += f"""
def summed(k):  # for an average in place of a sum
    return lr(k) / (1 - {momentum!r})

def memory(k):  # when the rate drops, shrinks the steps that are remembered
    return {momentum!r} / {drop} if k == {drop_at} else {momentum!r}
"""
    lines = []
    for name in forms:
        form = form_of(name, index == "as printed")
        at, mu = rate, memory
        if convert and form.style == "ema":
            at = "summed" if drop > 1 else f"{lr!r} / (1 - {momentum!r})"
        if convert and form.inside and drop > 1:
            mu = "memory"
        lines.append(f'    "{name}": path({form.spelled(at, mu)}),\n')
    return f"""\
import numpy as np
import coursekit as ck
from coursekit import exhibits

f = ck.landscapes.elongated(kappa={kappa!r})
{defined}
def path(opt):
    thetas = [np.array({list(START)!r})]
    state = opt.init(thetas[0])
    while len(thetas) <= {steps} and abs(thetas[-1]).max() < {LOST:g}:
        theta, state = opt.step(thetas[-1], state, f)
        thetas.append(theta)
    return np.array(thetas)

paths = {{
{"".join(lines)}}}
ends = [float(np.linalg.norm(p[-1])) for p in paths.values()]
nearest, farthest = min(ends, default=0.0), max(ends, default=0.0)
for (name, p), end in zip(paths.items(), ends):
    print(f"{{name}} is {{end:.4g}} away after {{len(p) - 1}} steps")
    for other, q in paths.items():
        if len(p) == len(q):
            print(f"    {{np.linalg.norm(p - q, axis=1).max():.1e}} from {{other}}")
"""
