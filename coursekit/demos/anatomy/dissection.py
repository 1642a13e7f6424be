"""Adam taken apart: what each part does to a gradient, and which known method is left without it.

A part is switched off in Adam itself. Without momentum beta1 is 0. Without the RMS part eps is so
large that the root of v is nothing beside it, and lr is as much larger.
"""

import functools
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from ... import landscapes, optim
from ...backend import to_device, to_host
from ...optim.adaptive import root
from ..tracks import Track

PARTS = ("momentum", "RMS", "correction", "eps inside")
LOST = 1e6  # a distance from which no walk comes back
VAST = 2.0**200  # for eps: a power of two, so that multiplying and dividing by it is exact
SAME = 1e-12  # paths no further apart than this, relative to where they are, are one path
NEAR = 0.01  # of how far they went: paths no further apart than this are alike


class Ground(Track):
    """A landscape, or a slope whose gradient is the same everywhere: (size, size / 10).

    >>> Ground("slope", 1e-3).f.grad(np.zeros(2))
    array([0.001 , 0.0001])
    """

    __slots__ = ()

    @property
    def f(self) -> Any:
        return _slope(self.kappa) if self.landscape == "slope" else super().f


@functools.lru_cache(64)
def _slope(size: float) -> landscapes.Landscape:
    g = size * np.array([1.0, 0.1])
    return landscapes.Landscape(
        "slope", r"s \, (x_1 + x_2 / 10)",
        lambda x: x @ g, lambda x: g + 0 * x, lambda x: np.zeros((*x.shape, 2)),
        start=(0, 0), bounds=[(-9, 1), (-9, 1)], levels="linear",
    )  # fmt: skip


class Setting(NamedTuple):
    """Adam's numbers, and which of its parts are on."""

    lr: float
    beta1: float
    beta2: float
    eps: float
    parts: tuple[str, ...]

    def has(self, part: str) -> bool:
        return part in self.parts

    @property
    def optimizer(self) -> optim.Adam:
        """Adam with the other parts off."""
        scale = 1.0 if self.has("RMS") else VAST
        return optim.Adam(
            lr=self.lr * scale,
            beta1=self.beta1 if self.has("momentum") else 0.0,
            beta2=self.beta2,
            eps=self.eps if self.has("RMS") else VAST,
            eps_inside=self.has("eps inside") and self.has("RMS"),
            bias_correction=self.has("correction"),
        )


class Walk(NamedTuple):
    """The steps of Adam, each with what it was made of; n may be less than was asked for."""

    thetas: np.ndarray  # (n + 1, 2)
    g: np.ndarray  # (n, 2), as all that follows
    m: np.ndarray
    m_hat: np.ndarray
    v: np.ndarray
    v_hat: np.ndarray
    moves: np.ndarray
    rates: np.ndarray  # what m_hat is multiplied by

    @property
    def lost(self) -> bool:
        return bool(abs(self.thetas[-1]).max() >= LOST)


class Given:
    """An objective with this gradient everywhere."""

    def __init__(self, g: Any):
        self.g = g

    def grad(self, theta: Any) -> Any:
        return self.g


@functools.lru_cache(64)
def dissect(setting: Setting, ground: Ground, at: tuple[float, float], steps: int) -> Walk:
    """Walk with `opt.step`, and keep what every step is made of."""
    f, opt = ground.f, setting.optimizer
    theta = to_device(ground.start(*at))
    zero = np.zeros_like(theta)
    state = opt.init(theta)
    kept: list[list[np.ndarray]] = []
    with np.errstate(all="ignore"):
        while len(kept) < steps and abs(theta).max() < LOST:
            g = f.grad(theta)
            move, state = opt.step(zero, state, Given(g))  # from 0, so that no digit of it is lost
            theta = theta + move
            kept.append([to_host(a) for a in (theta, g, state.m, state.v, move)])
    thetas, g, m, v, moves = np.swapaxes(kept, 0, 1)
    k = np.arange(1, len(g) + 1)[:, None]
    short = setting.has("correction")
    m_hat = m / (1 - opt.beta1**k) if short else m
    v_hat = v / (1 - opt.beta2**k) if short else v
    rates = np.full_like(g, setting.lr)
    if setting.has("RMS"):
        rates = setting.lr / root(v_hat, opt.eps, opt.eps_inside)
    start = to_host(ground.start(*at))
    return Walk(np.vstack([start, thetas]), g, m, m_hat, v, v_hat, moves, rates)


# --- the methods one knows -----------------------------------------------------------------------
class Known(NamedTuple):
    """An optimizer of the course at the numbers of a setting."""

    words: str
    style: str  # whose colour and marker
    optimizer: optim.Optimizer
    code: str


class Twin(NamedTuple):
    """A known method that goes, or almost goes, where the dissected one goes."""

    known: Known
    path: np.ndarray  # (n + 1, 2)
    apart: float  # the largest distance in any step
    same: bool


def known(s: Setting) -> list[Known]:
    """What the setting is compared with: methods with its numbers, the simplest first."""
    lr, b1, b2, eps = s.lr, s.beta1, s.beta2, s.eps
    memory = f'momentum={b1!r}, style="ema"'
    inside = ", eps_inside=True" if s.has("eps inside") else ""
    adam = f"ck.optim.Adam(lr={lr!r}, beta1={b1!r}, beta2={b2!r}, eps={eps!r}"
    square = f"rho={b2!r}, eps={eps!r}{inside}"

    def corrected(rate: float) -> Any:
        return lambda k: rate / (1 - b1 ** (k + 1))

    def warmed(k: int) -> float:
        return lr * (1 - b2 ** (k + 1)) ** 0.5

    def ema(rate: Any) -> optim.Optimizer:
        return optim.Momentum(lr=rate, momentum=b1, style="ema")

    def rms(rate: Any) -> optim.Optimizer:
        return optim.RMSprop(lr=rate, rho=b2, eps=eps, eps_inside=s.has("eps inside"))

    def adam_as(**more: Any) -> optim.Optimizer:
        return optim.Adam(lr=lr, beta1=b1, beta2=b2, eps=eps, **more)

    late = f"lambda k: {{}} / (1 - {b1!r} ** (k + 1))"
    return [
        Known("gradient descent", "GradientDescent", optim.GradientDescent(lr=lr),
              f"ck.optim.GradientDescent(lr={lr!r})"),
        Known("gradient descent with lr / ε", "GradientDescent", optim.GradientDescent(lr=lr / eps),
              f"ck.optim.GradientDescent(lr={lr!r} / {eps!r})"),
        Known("descent by signs", "SignDescent", optim.SignDescent(lr=lr),
              f"ck.optim.SignDescent(lr={lr!r})"),
        Known("momentum as an average", "Momentum", ema(lr),
              f"ck.optim.Momentum(lr={lr!r}, {memory})"),
        Known("momentum as an average, start corrected", "Momentum", ema(corrected(lr)),
              f"ck.optim.Momentum(lr={late.format(repr(lr))}, {memory})"),
        Known("momentum as an average, start corrected, with lr / ε", "Momentum",
              ema(corrected(lr / eps)),
              f"ck.optim.Momentum(lr={late.format(f'{lr!r} / {eps!r}')}, {memory})"),
        Known("RMSprop", "RMSprop", rms(lr), f"ck.optim.RMSprop(lr={lr!r}, {square})"),
        Known("RMSprop, start corrected", "RMSprop", rms(warmed),
              f"ck.optim.RMSprop(lr=lambda k: {lr!r} * (1 - {b2!r} ** (k + 1)) ** 0.5, {square})"),
        Known("Adam", "Adam", adam_as(), adam + ")"),
        Known("Adam on Thadani's and Maria's slides", "Adam", adam_as(eps_inside=True),
              adam + ", eps_inside=True)"),
        Known("Adam on Sun's slides", "Adam", adam_as(eps_inside=True, bias_correction=False),
              adam + ", eps_inside=True, bias_correction=False)"),
    ]  # fmt: skip


@functools.lru_cache(64)
def twins(setting: Setting, ground: Ground, at: tuple[float, float], steps: int) -> list[Twin]:
    """The methods on the same path; last, one of another name that stays near."""
    thetas = dissect(setting, ground, at, steps).thetas
    far = np.maximum.accumulate(abs(thetas - thetas[0]).max(axis=1))
    size = np.maximum(1, np.maximum.accumulate(abs(thetas).max(axis=1)))
    line = list(zip(thetas.tolist(), (SAME * size).tolist(), (NEAR * far).tolist(), strict=True))
    equal: list[Twin] = []
    near: list[Twin] = []
    for method in known(setting):
        # Once one Adam is found, another one is of interest only if it is the same.
        strict = bool(equal) and method.style == "Adam"
        twin = _beside(method, ground, at, line, strict)
        if twin is not None:
            (equal if twin.same else near).append(twin)
    if any(twin.known.style != "Adam" for twin in equal):
        return equal
    near = [twin for twin in near if not (equal and twin.known.style == "Adam")]
    return equal + near[:1]


def _beside(method: Known, ground: Ground, at: Any, line: list, strict: bool) -> Twin | None:
    """Walk the method beside a line of points, as long as it stays on it or near it."""
    path: list[np.ndarray] = []
    apart, same = 0.0, True
    for theta, (other, hair, little) in zip(_walked(method, ground, at), line, strict=False):
        d = max(abs(a - b) for a, b in zip(theta.tolist(), other, strict=True))
        same = same and d <= hair
        if not (same or (d <= little and not strict)):
            return None
        apart = max(apart, d)
        path.append(theta)
    return Twin(method, np.array(path), apart, same)


def _walked(method: Known, ground: Ground, at: tuple[float, float]) -> Iterator[np.ndarray]:
    f, opt = ground.f, method.optimizer
    theta = to_device(ground.start(*at))
    state = opt.init(theta)
    while True:
        yield to_host(theta)
        with np.errstate(all="ignore"):
            theta, state = opt.step(theta, state, f)


# --- the same as a script ------------------------------------------------------------------------
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
