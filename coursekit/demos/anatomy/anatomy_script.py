"""A dissection as a plain script."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from .dissection import LOST, Ground, Setting
from .twins import Twin


def script(ground: Ground, start: np.ndarray, v: Mapping[str, Any], twin: Twin | None) -> str:
    """The plain script of a dissection."""
    s = Setting(v["lr"], v["beta1"], v["beta2"], v["eps"], v["parts"])
    opt = s.optimizer
    rate, eps = (repr(v["lr"]), repr(opt.eps)) if s.has("RMS") else (f"{v['lr']!r} * E", "E")
    flags = ", eps_inside=True" if opt.eps_inside else ""
    flags += "" if opt.bias_correction else ", bias_correction=False"
    lines = ["import numpy as np", "", "import coursekit as ck", ""]
    if ground.landscape == "slope":
        lines += [
            f"slope = {ground.kappa!r} * np.array([1.0, 0.1])",
            "f = ck.Objective(value=lambda x: x @ slope, grad=lambda x: slope + 0 * x)",
        ]
    else:
        kappa = f"kappa={ground.kappa!r}" if ground.landscape == "elongated" else ""
        lines += [f"f = ck.landscapes.{ground.landscape}({kappa})"]
    if not s.has("RMS"):
        lines += ["E = 2.0**200  # as eps it leaves nothing of v: the RMS part is off"]
    lines += [
        "opt = ck.optim.Adam(",
        f"    lr={rate}, beta1={opt.beta1!r}, beta2={opt.beta2!r}, eps={eps}{flags}",
        ")",
        f"start = np.array({[float(x) for x in start]!r})",
        "", "",
        "def walk(opt):",
        '    """The points, and m and v after each step."""',
        "    points, states = [start], [opt.init(start)]",
        f"    while len(points) <= {v['steps']} and abs(points[-1]).max() < {LOST:g}:",
        "        theta, state = opt.step(points[-1], states[-1], f)",
        "        points.append(theta)",
        "        states.append(state)",
        "    return np.array(points), states",
        "", "",
        "points, states = walk(opt)",
        f"t = min({v['t']}, len(points) - 1)",
        "x1, x2 = points[t]",
        f"moves = np.diff(points, axis=0) / {v['lr']!r}",
        "longest = abs(moves).max()",
        'print("g", f.grad(points[t - 1]))',
        'print("m", states[t].m, "v", states[t].v)',
        'print(f"step {t} / lr", moves[t - 1], f"the longest: {longest:.4g}")',
    ]  # fmt: skip
    if twin:
        code = twin.known.code
        lines += [
            "",
            f"twin = {code}" if len(code) < 92 else f"twin = (\n    {code}\n)",
            "apart = abs(walk(twin)[0] - points).max()",
            'print(f"the twin stays within {apart:.1e}")',
        ]
    return "\n".join(lines) + "\n"
