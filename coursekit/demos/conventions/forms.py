"""Momentum in the letters of six authors, and which of their paths coincide."""

import functools
from typing import NamedTuple

import numpy as np

from ... import exhibits, landscapes, optim
from ...backend import to_device, to_host

START = (3.0, 1.5)
MOST = 200  # steps
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
    """A form as its document prints it, or the notes' with the index mended."""
    return MENDED if name == "notes" and not printed else FORMS[name]


class Result(NamedTuple):
    """The paths of the chosen forms."""

    forms: tuple[str, ...]
    paths: dict[str, np.ndarray]  # (steps + 1, 2) each, shorter where it is lost
    distances: dict[str, np.ndarray]  # (steps + 1,) each, to the minimum
    apart: np.ndarray  # (n, n) the largest distance in any step between two of them
    groups: tuple[tuple[str, ...], ...]  # of forms on one path, the largest group first
    kappa: float
    steps: int
    t: int
    lr: float
    momentum: float
    drop: int
    drop_at: int
    convert: bool
    printed: bool  # the index of the notes as printed

    @property
    def drops(self) -> bool:
        """Whether the rate drops before the last step."""
        return self.drop > 1 and self.drop_at < self.steps


def compared(forms, index, lr, momentum, convert, drop, drop_at, kappa, steps, t) -> Result:
    """The chosen forms on x1^2 + kappa x2^2, all from one start."""
    printed = index == "as printed"
    at = lr, momentum, drop, drop_at, kappa, steps
    paths = {name: path_of(form_of(name, printed), convert, *at) for name in forms}
    distances = {name: np.linalg.norm(path, axis=1) for name, path in paths.items()}
    between = np.array([[apart(paths[a], paths[b]) for a in forms] for b in forms])
    groups = groups_of(forms, paths, between)
    setting = kappa, steps, min(t, steps), lr, momentum, drop, drop_at, convert, printed
    return Result(forms, paths, distances, between, groups, *setting)


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
    """The form with a rate that drops; converted, it takes the path of PyTorch's."""
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
    """The forms on one path, but for rounding; the largest group first."""
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
