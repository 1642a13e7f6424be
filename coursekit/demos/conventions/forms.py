"""Momentum in the letters of six authors, and which of their paths coincide."""

import functools
from typing import NamedTuple

import numpy as np

from ... import exhibits, landscapes, optim
from ...backend import to_device, to_host

START = (3.0, 1.5)
SAME = 1e-12  # paths no further apart than this, relative to their size, are one path
LOST = 1e6  # a distance from which no run comes back


class Form(NamedTuple):
    """Momentum as one document writes it, in its own letters."""

    formula: str
    color: str
    kind: type
    style: str = ""
    inside: bool = False  # whether the rate is inside the memory

    def spelled(self, lr: str, momentum: str) -> str:
        home = "ck.optim" if self.kind is optim.Momentum else "exhibits"
        style = f", style={self.style!r}".replace("'", '"') if self.style else ""
        return f"{home}.{self.kind.__name__}(lr={lr}, momentum={momentum}{style})"


FORMS = {
    "Sun": Form(
        r"$x_{k+1} = x_k - \alpha \nabla f + \beta\,(x_k - x_{k-1})$",
        "blue", exhibits.HeavyBall, inside=True,
    ),
    "Thadani": Form(
        r"$m_{t+1} = \mu m_t - \eta \nabla \ell$,  $\theta_{t+1} = \theta_t + m_{t+1}$",
        "sky", optim.Momentum, "velocity", inside=True,
    ),
    "Dillhoff": Form(
        r"$g_t = \alpha g_{t-1} + \eta \nabla J$,  $\theta = \theta - g_t$",
        "purple", exhibits.FractionOfUpdate, inside=True,
    ),
    "PyTorch": Form(
        r"$b_t = \mu b_{t-1} + g_t$,  $\theta_t = \theta_{t-1} - \gamma b_t$",
        "black", optim.Momentum,
    ),
    "Maria": Form(
        r"$V = \beta V + (1 - \beta)\,dW$,  $W = W - \alpha V$",
        "green", optim.Momentum, "ema",
    ),
    "notes": Form(
        r"$p_{i+1} = \mu p_i + g_i$,  $W_{i+1} = W_i - \alpha p_i$",
        "vermilion", exhibits.StaleMomentum,
    ),
}  # fmt: skip
MENDED = FORMS["notes"]._replace(
    formula=r"$p_{i+1} = \mu p_i + g_i$,  $W_{i+1} = W_i - \alpha p_{i+1}$", kind=optim.Momentum
)
DOCUMENTS = tuple(name for name in FORMS if name != "PyTorch")


def form_of(name: str, printed: bool) -> Form:
    return MENDED if name == "notes" and not printed else FORMS[name]


@functools.lru_cache(128)
def path_of(form: Form, convert, lr, momentum, drop, drop_at, kappa, steps) -> np.ndarray:
    """(steps + 1, 2), shorter if it is lost."""
    f = landscapes.elongated(kappa)
    opt = optimizer(form, convert, lr, momentum, drop, drop_at)
    theta = to_device(np.array(START))
    state = opt.init(theta)
    path = [to_host(theta)]
    for _ in range(steps):
        theta, state = opt.step(theta, state, f)
        path.append(to_host(theta))
        if not abs(path[-1]).max() < LOST:
            break
    return np.array(path)


def optimizer(form: Form, convert, lr, momentum, drop, drop_at) -> optim.Optimizer:
    scale = 1 - momentum if convert and form.style == "ema" else 1.0

    def rate(k: int) -> float:
        return (lr if k < drop_at else lr / drop) / scale

    def memory(k: int) -> float:  # rescales the steps remembered when the rate drops
        return momentum / drop if k == drop_at else momentum

    style = {"style": form.style} if form.style else {}
    mu = memory if convert and form.inside and drop > 1 else momentum
    return form.kind(lr=rate, momentum=mu, **style)


def apart(a: np.ndarray, b: np.ndarray) -> float:
    """The largest distance of two paths in any step; infinite if only one of them is lost."""
    if len(a) != len(b):
        return np.inf
    return float(np.linalg.norm(a - b, axis=1).max())


def groups_of(forms, paths, distances) -> tuple[tuple[str, ...], ...]:
    groups: list[list[int]] = []
    for i, name in enumerate(forms):
        size = max(1.0, float(abs(paths[name]).max()))
        home = next((g for g in groups if distances[i, g[0]] <= SAME * size), None)
        if home is None:
            groups.append([i])
        else:
            home.append(i)
    groups.sort(key=len, reverse=True)
    return tuple(tuple(forms[i] for i in group) for group in groups)
