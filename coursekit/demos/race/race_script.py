"""The race as a plain script."""

import re
from typing import Any

from .. import walks
from ..tracks import Track
from .runs import short


def script(track: Track, v: dict[str, Any]) -> str:
    """The script of a race on this track at the demo's values."""
    start = ", ".join(repr(float(x)) for x in track.start(v["across"], v["up"]))
    kappa = f"kappa={track.kappa!r}" if track.landscape == "elongated" else ""
    made = f"{track.landscape}({kappa})"
    turned = f".rotated(np.radians({track.angle}))" if track.angle else ""
    noise = v["noise"] > 0
    t = min(v["t"], v["steps"])
    lines = ["import numpy as np", "", "import coursekit as ck", ""]
    lines += [f"f = ck.landscapes.{made}{turned}", f"start = np.array([{start}])"]
    seen = "f"
    if noise:
        lines += [
            f"noise = {v['noise']!r} * np.random.default_rng({v['seed']})"
            f".standard_normal(({v['steps']}, 2))",
        ]
        seen = "ck.Objective(value=f.value, grad=lambda x: f.grad(x) + noise[k], batched=True)"
    lines += [
        "", "", "def race(opt, theta, steps):",
        "    state = opt.init(theta)",
        "    for k in range(steps):",
        *([f"        seen = {seen}"] if noise else []),
        f"        theta, state = opt.step(theta, state, {'seen' if noise else 'f'})",
        "    above = f.value(theta) - f.minimum",
        f"    return np.where(above < {walks.LOST:g}, np.maximum(above, 0), np.inf)  # or lost",
        "", "",
    ]  # fmt: skip
    if v["mode"] == "best":
        lines += [
            "def tuned(kind):",
            '    """The best of 25 learning rates."""',
            "    decades = [1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1.0]",
            "    lr = np.array([*np.outer(decades, [1, 1.8, 3.2, 5.6]).ravel(), 10.0])",
            "    starts = np.tile(start, (25, 1))",
            f"    ends = race(kind(lr=lr[:, None]), starts, {v['steps']})",
            "    return kind(lr=lr[np.argmin(ends)])",
            "", "",
        ]  # fmt: skip
    lines.append('with np.errstate(all="ignore"):  # divergence is an outcome')
    for name in v["optimizers"]:
        lr = v["lr"] if v["mode"] == "same" else v[f"lr_{name}"]
        kind = f"ck.optim.{name}"
        opt = f"tuned({kind})" if v["mode"] == "best" else f"{kind}(lr={lr!r})"
        lines.append(f"    {variable(name)} = race({opt}, start, {t})")
    if not v["optimizers"]:
        lines.append("    pass")
    for name in v["optimizers"]:
        lines.append(f'print(f"{short(name)}: {{{variable(name)}:.4g}}")')
    return "\n".join(lines) + "\n"


def variable(name: str) -> str:
    """An optimizer's name as a variable: GradientDescent, AMSGrad -> gradient_descent, amsgrad."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()
