"""Schedules: the step size as a function of k, the completed steps. All of them count steps.

    opt = ck.optim.SGD(lr=ck.schedules.Cosine(lr=0.1, T_max=1000))

Any function k -> number may stand in for one of these. They are plain values: frozen, comparable,
and their repr makes them again. `per_epoch` turns steps into epochs. PyTorch calls a scheduler
after each step, so its last_epoch is k, and its names of fields are used here.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import exp

from .cycles import COUNT, FLOOR, LR, SHARE, Cosine, Cyclic, OneCycle, WarmRestarts
from .hyper import Declared, hyper
from .plateau import Plateau

__all__ = [
    "Constant", "Cosine", "Cyclic", "Dozat", "Exponential", "InversePower", "InverseTime",
    "MultiStep", "OneCycle", "PerEpoch", "Plateau", "Polynomial", "Staircase", "Sutskever",
    "WarmRestarts", "Warmup", "per_epoch",
]  # fmt: skip


@dataclass(frozen=True)
class Constant(Declared):
    """lr, always.

    >>> import coursekit as ck
    >>> ck.schedules.Constant(lr=0.1)(1000)
    0.1
    """

    lr: float = hyper(0.1, **LR, doc="step size")

    def __call__(self, k):
        return self.lr


@dataclass(frozen=True)
class InverseTime(Declared):
    """alpha / (1 + beta k).

    Its sum is infinite, that of its squares finite: the condition of Robbins & Monro 1951.

    >>> import coursekit as ck
    >>> ck.schedules.InverseTime(alpha=0.5, beta=0.01)(100)
    0.25
    """

    alpha: float = hyper(0.1, **LR, doc="step size at the start")
    beta: float = hyper(0.01, low=0, log=True, slider=(1e-4, 1.0), kind="number", doc="decay rate")

    def __call__(self, k):
        return self.alpha / (1 + self.beta * k)


@dataclass(frozen=True)
class InversePower(Declared):
    """lr / (k + 1)^power.

    Robbins and Monro's condition (1951) holds for 1/2 < power <= 1.

    >>> import coursekit as ck
    >>> ck.schedules.InversePower(lr=0.1, power=0.5)(99)
    0.01
    """

    lr: float = hyper(0.1, **LR, doc="step size at the start")
    power: float = hyper(0.5, low=0, slider=(0.0, 2.0), kind="number", doc="speed of the decay")

    def __call__(self, k):
        return self.lr / (k + 1) ** self.power


@dataclass(frozen=True)
class Exponential(Declared):
    """alpha e^(-beta k); PyTorch's gamma is e^-beta.

    The sum of all steps is finite, alpha / (1 - e^-beta): farther minima are out of reach.

    >>> import math, coursekit as ck
    >>> round(ck.schedules.Exponential(alpha=0.5, beta=math.log(2))(3), 12)
    0.0625
    """

    alpha: float = hyper(0.1, **LR, doc="step size at the start")
    beta: float = hyper(0.01, low=0, log=True, slider=(1e-4, 1.0), kind="number", doc="decay rate")

    def __call__(self, k):
        return self.alpha * exp(-self.beta * k)


@dataclass(frozen=True)
class Staircase(Declared):
    """lr / factor^floor(k / every): PyTorch's StepLR with gamma = 1 / factor.

    For steps down every ten epochs, count in epochs: `per_epoch(Staircase(every=10), steps)`.

    >>> import coursekit as ck
    >>> s = ck.schedules.Staircase(lr=0.5, factor=5.0, every=10)
    >>> s(9), s(10)
    (0.5, 0.1)
    """

    lr: float = hyper(0.1, **LR, doc="step size at the start")
    factor: float = hyper(10.0, low=1, slider=(1.0, 10.0), kind="number", doc="what divides lr")
    every: int = hyper(10, **COUNT, doc="steps from one division to the next")

    def __call__(self, k):
        return self.lr * float(self.factor) ** -(k // self.every)


@dataclass(frozen=True)
class MultiStep(Declared):
    """lr gamma^j once j of the milestones are reached, k >= milestone: PyTorch's MultiStepLR.

    >>> import coursekit as ck
    >>> s = ck.schedules.MultiStep(lr=1.0, milestones=(30, 80), gamma=0.5)
    >>> s(29), s(30), s(80)
    (1.0, 0.5, 0.25)
    """

    lr: float = hyper(0.1, **LR, doc="step size at the start")
    milestones: tuple[int, ...] = hyper((30, 80), low=0, kind="numbers", doc="where it falls")
    gamma: float = hyper(0.1, **SHARE, closed="both", doc="factor at each milestone")

    def __post_init__(self):
        if isinstance(self.milestones, list):
            object.__setattr__(self, "milestones", tuple(self.milestones))
        super().__post_init__()

    def __call__(self, k):
        return self.lr * self.gamma ** sum(k >= milestone for milestone in self.milestones)


@dataclass(frozen=True)
class Polynomial(Declared):
    """eta_min + (lr - eta_min) (1 - k / total_iters)^power, then eta_min.

    PyTorch's PolynomialLR, where eta_min = 0. A power of 1 is a straight line.

    >>> import coursekit as ck
    >>> s = ck.schedules.Polynomial(lr=0.5, total_iters=4)
    >>> [s(k) for k in range(6)]
    [0.5, 0.375, 0.25, 0.125, 0.0, 0.0]
    """

    lr: float = hyper(0.1, **LR, doc="step size at the start")
    total_iters: int = hyper(5, **COUNT, doc="steps until eta_min")
    power: float = hyper(1.0, low=0, slider=(0.0, 4.0), kind="number", doc="bend of the curve")
    eta_min: float = hyper(0.0, **FLOOR, doc="step size at the end")

    def __call__(self, k):
        left = 1 - min(k, self.total_iters) / self.total_iters
        return self.eta_min + (self.lr - self.eta_min) * left**self.power


# --- around other schedules ----------------------------------------------------------------------
class _Around(Declared):
    """A schedule around another one, which may watch a metric."""

    schedule: float | Callable

    def observe(self, metric: float):
        """This schedule after the one within has seen a metric."""
        if not hasattr(self.schedule, "observe"):
            return self
        return replace(self, schedule=self.schedule.observe(metric))  # type: ignore[type-var]


@dataclass(frozen=True)
class Warmup(_Around):
    """A straight line up to a schedule, or to a number.

        schedule(0) (start_factor + (end_factor - start_factor) k / total_iters)    k < total_iters
        schedule(k - total_iters)                                                   from then on

    PyTorch's LinearLR followed by the schedule in a SequentialLR. With shift=False the schedule
    runs from the start and is scaled, by end_factor at last: their ChainedScheduler. So is a
    number: LinearLR by itself.

    >>> import coursekit as ck
    >>> s = ck.schedules.Warmup(ck.schedules.Cosine(0.5, T_max=4), total_iters=2, start_factor=0.0)
    >>> [round(s(k), 3) for k in range(7)]
    [0.0, 0.25, 0.5, 0.427, 0.25, 0.073, 0.0]
    """

    schedule: float | Callable = hyper(0.1, low=0, choices=(callable,), kind="number",
                                       doc="what to warm up to")  # fmt: skip
    total_iters: int = hyper(5, **COUNT, doc="steps of the warm-up")
    start_factor: float = hyper(1 / 3, low=0, high=1, closed="both", slider=(0.0, 1.0),
                                kind="number", doc="share of the lr at the start")  # fmt: skip
    shift: bool = hyper(True, choices=(False, True), doc="the schedule starts after the warm-up")
    end_factor: float = hyper(1.0, low=0, high=1, closed="both", slider=(0.0, 1.0),
                              kind="number", doc="share of the lr at the end")  # fmt: skip

    def __call__(self, k):
        done = min(k / self.total_iters, 1.0)
        factor = self.start_factor + (self.end_factor - self.start_factor) * done
        if not callable(self.schedule):
            return self.schedule * factor
        if not self.shift:
            return self.schedule(k) * factor
        late = k - self.total_iters
        return self.schedule(0) * factor if late < 0 else self.schedule(late)


@dataclass(frozen=True)
class PerEpoch(_Around):
    """A schedule that counts epochs, of so many steps each: schedule(floor(k / steps))."""

    schedule: Callable = hyper(Constant(), choices=(callable,), doc="what counts epochs")
    steps: int = hyper(1, **COUNT, doc="steps of an epoch")

    def __call__(self, k):
        return self.schedule(k // self.steps)


def per_epoch(schedule: Callable, steps: int) -> PerEpoch:
    """The schedule with k as completed epochs of so many steps each; n rows make ceil(n / batch).

    >>> import coursekit as ck
    >>> s = ck.schedules.per_epoch(ck.schedules.Staircase(lr=0.1, factor=2.0, every=10), steps=33)
    >>> s(329), s(330)
    (0.1, 0.05)
    """
    return PerEpoch(schedule, steps)


# --- momentum ------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Sutskever(Declared):
    """mu_k = min(1 - 2^(-1 - log2(floor(k / 250) + 1)), mu_max), for `momentum=`.

    Sutskever et al. 2013, eq. (5): 1/2, 3/4, 5/6, ..., each for 250 steps.

    >>> import coursekit as ck
    >>> mu = ck.schedules.Sutskever(mu_max=0.8)
    >>> mu(0), mu(250), mu(500)
    (0.5, 0.75, 0.8)
    >>> opt = ck.optim.Nesterov(lr=0.01, momentum=mu, lookahead=True)
    """

    mu_max: float = hyper(0.99, **SHARE, doc="largest momentum")

    def __call__(self, k):
        return min(1 - 0.5 / (k // 250 + 1), self.mu_max)


@dataclass(frozen=True)
class Dozat(Declared):
    """mu_k = beta1 (1 - 0.96^(k / 250) / 2), from beta1 / 2 towards beta1, for `momentum=`.

    Dozat 2016. PyTorch's NAdam asks for it with k = 1 in the first step.

    >>> import coursekit as ck
    >>> mu = ck.schedules.Dozat(beta1=0.9)
    >>> mu(0), round(mu(100_000), 3)
    (0.45, 0.9)
    """

    beta1: float = hyper(0.99, **SHARE, doc="limit of the momentum")

    def __call__(self, k):
        return self.beta1 * (1 - 0.5 * 0.96 ** (k / 250))
