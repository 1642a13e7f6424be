"""The known methods that go where the dissected one goes: found by walking beside it."""

import functools
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from ... import optim
from ...backend import to_device, to_host
from .dissection import Ground, Setting, dissect

SAME = 1e-12  # paths no further apart than this, relative to where they are, are one path
NEAR = 0.01  # of how far they went: paths no further apart than this are alike


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
