"""Schedules that go up and down: cosines, triangles, one cycle."""

from collections.abc import Callable
from dataclasses import dataclass
from math import cos, pi

from .hyper import Declared, hyper

LR = {"low": 0, "log": True, "slider": (1e-4, 1.0), "kind": "number"}
FLOOR = {"low": 0, "slider": (0.0, 0.1), "kind": "number"}
SHARE = {"low": 0, "high": 1, "slider": (0.0, 0.99), "kind": "number"}
COUNT = {"low": 1, "log": True, "slider": (1, 1000), "kind": "whole"}


@dataclass(frozen=True)
class Cosine(Declared):
    """eta_min + (lr - eta_min) (1 + cos(pi k / T_max)) / 2.

    Loshchilov & Hutter 2017, eq. (5), without restarts: PyTorch's CosineAnnealingLR. Like there,
    the cosine goes on after T_max, so the step size rises again.

    >>> import coursekit as ck
    >>> s = ck.schedules.Cosine(lr=0.5, T_max=100)
    >>> s(0), s(50), s(100), s(200)
    (0.5, 0.25, 0.0, 0.5)
    """

    lr: float = hyper(0.1, **LR, doc="step size at the start")
    T_max: int = hyper(50, **COUNT, doc="steps from lr to eta_min")
    eta_min: float = hyper(0.0, **FLOOR, doc="least step size")

    def __call__(self, k):
        return _cosine(self.lr, self.eta_min, k / self.T_max)


@dataclass(frozen=True)
class WarmRestarts(Declared):
    """Half a cosine from lr to eta_min, again and again, each T_mult times as long as the last.

        eta_min + (lr - eta_min) (1 + cos(pi T_cur / T_i)) / 2

    Loshchilov & Hutter 2017, eq. (5): T_cur steps since the last restart, T_i between restarts.
    PyTorch's CosineAnnealingWarmRestarts.

    >>> import coursekit as ck
    >>> s = ck.schedules.WarmRestarts(lr=0.5, T_0=2, T_mult=2)
    >>> [round(s(k), 3) for k in range(7)]
    [0.5, 0.25, 0.5, 0.427, 0.25, 0.073, 0.5]
    """

    lr: float = hyper(0.1, **LR, doc="step size at the start and at each restart")
    T_0: int = hyper(10, **COUNT, doc="steps until the first restart")
    T_mult: int = hyper(1, low=1, slider=(1, 4), kind="whole", doc="growth of the cycles")
    eta_min: float = hyper(0.0, **FLOOR, doc="least step size")

    def __call__(self, k):
        T_cur, T_i = k, self.T_0
        if self.T_mult == 1:
            T_cur %= T_i
        while T_cur >= T_i:
            T_cur, T_i = T_cur - T_i, T_i * self.T_mult
        return _cosine(self.lr, self.eta_min, T_cur / T_i)


def _cosine(start, end, share):
    """From start to end on half a cosine, share running from 0 to 1."""
    return end + (start - end) * (1 + cos(pi * share)) / 2


@dataclass(frozen=True)
class Cyclic(Declared):
    """Up from base_lr to max_lr in step_size_up steps, down in step_size_down, again and again.

    Smith 2017: "triangular"; "triangular2" halves the height of each new cycle, "exp_range"
    multiplies it by gamma^k. PyTorch's CyclicLR; None goes down in as many steps as up.
    `scale_fn` takes the place of `mode`: a factor of the height, from the number of the cycle,
    1 first, or from k in scale_mode "iterations". `momentum` goes the other way between
    max_momentum and base_momentum.

    >>> import coursekit as ck
    >>> s = ck.schedules.Cyclic(base_lr=0.0, max_lr=1.0, step_size_up=2, mode="triangular2")
    >>> [s(k) for k in range(8)]
    [0.0, 0.5, 1.0, 0.5, 0.0, 0.25, 0.5, 0.25]
    >>> opt = ck.optim.Momentum(lr=s, momentum=s.momentum)
    """

    base_lr: float = hyper(0.001, **LR, doc="least step size")
    max_lr: float = hyper(0.1, **LR, doc="largest step size")
    step_size_up: int = hyper(2000, **COUNT, doc="steps up")
    step_size_down: int | None = hyper(None, **COUNT, choices=(None,), doc="steps down")
    mode: str = hyper("triangular", choices=("triangular", "triangular2", "exp_range"),
                      doc="height of the cycles")  # fmt: skip
    gamma: float = hyper(1.0, low=0, high=1, closed="right", slider=(0.99, 1.0), kind="number",
                         doc="shrinks the height in exp_range")  # fmt: skip
    base_momentum: float = hyper(0.8, **SHARE, doc="momentum at the top")
    max_momentum: float = hyper(0.9, **SHARE, doc="momentum at the bottom")
    scale_fn: Callable | None = hyper(None, choices=(None, callable), doc="height in place of mode")
    scale_mode: str = hyper("cycle", choices=("cycle", "iterations"), doc="what scale_fn is of")

    def __call__(self, k):
        return self.base_lr + (self.max_lr - self.base_lr) * self._height(k)

    def momentum(self, k: int) -> float:
        """The momentum that goes with it: low where the step is long."""
        return self.max_momentum - (self.max_momentum - self.base_momentum) * self._height(k)

    def _height(self, k):
        up, down = self.step_size_up, self.step_size_down or self.step_size_up
        cycle, j = divmod(k, up + down)
        height = j / up if j <= up else (up + down - j) / down
        if self.scale_fn is not None:
            return height * self.scale_fn(cycle + 1 if self.scale_mode == "cycle" else k)
        scales = {"triangular": 1.0, "triangular2": 2.0**-cycle, "exp_range": self.gamma**k}
        return height * scales[self.mode]


@dataclass(frozen=True)
class OneCycle(Declared):
    """Once up and down: from max_lr / div_factor to max_lr, then far below the start.

    Smith & Topin 2018, in the form of PyTorch's OneCycleLR: up until pct_start total_steps - 1,
    down to max_lr / div_factor / final_div_factor at total_steps - 1; `three_phase` comes down to
    the start first, as fast as it went up. After its end it stays (PyTorch raises).
    `momentum` goes from max_momentum to base_momentum and back. total_steps may be given as
    `epochs` and `steps_per_epoch`; ValueError if only one is, or if it contradicts their product.

    >>> import coursekit as ck
    >>> s = ck.schedules.OneCycle(max_lr=1.0, total_steps=100)
    >>> [round(s(k), 6) for k in (0, 29, 99)]
    [0.04, 1.0, 4e-06]
    >>> opt = ck.optim.Momentum(lr=s, momentum=s.momentum)
    """

    max_lr: float = hyper(0.1, **LR, doc="largest step size")
    total_steps: int = hyper(1000, **COUNT, doc="steps of the whole cycle")
    pct_start: float = hyper(0.3, low=0, high=1, closed="both", slider=(0.0, 1.0), kind="number",
                             doc="share of the way up")  # fmt: skip
    anneal_strategy: str = hyper("cos", choices=("cos", "linear"), doc="shape of each phase")
    base_momentum: float = hyper(0.85, **SHARE, doc="momentum at the top")
    max_momentum: float = hyper(0.95, **SHARE, doc="momentum at both ends")
    div_factor: float = hyper(25.0, low=0, closed="neither", log=True, slider=(1.0, 100.0),
                              kind="number", doc="max_lr over the first step size")  # fmt: skip
    final_div_factor: float = hyper(1e4, low=0, closed="neither", log=True, slider=(1.0, 1e5),
                                    kind="number", doc="first over last step size")  # fmt: skip
    three_phase: bool = hyper(False, choices=(False, True), doc="down in two phases")
    epochs: int | None = hyper(None, low=1, kind="whole", choices=(None,), doc="of the whole cycle")
    steps_per_epoch: int | None = hyper(None, low=1, kind="whole", choices=(None,),
                                        doc="steps of an epoch")  # fmt: skip

    def __post_init__(self):
        super().__post_init__()
        if self.epochs is None and self.steps_per_epoch is None:
            return
        given = f"epochs={self.epochs} and steps_per_epoch={self.steps_per_epoch}"
        if self.epochs is None or self.steps_per_epoch is None:
            raise ValueError(f"OneCycle: pass total_steps, or both of {given}")
        steps = self.epochs * self.steps_per_epoch
        if self.total_steps not in (steps, type(self).total_steps):  # neither theirs nor unsaid
            raise ValueError(
                f"OneCycle: total_steps is {self.total_steps}, but {given} make {steps}"
            )
        object.__setattr__(self, "total_steps", steps)

    def __call__(self, k):
        first = self.max_lr / self.div_factor
        middle = (first,) if self.three_phase else ()
        return self._along(k, first, self.max_lr, *middle, first / self.final_div_factor)

    def momentum(self, k: int) -> float:
        """The momentum that goes with it: low where the step is long."""
        middle = (self.max_momentum,) if self.three_phase else ()
        return self._along(k, self.max_momentum, self.base_momentum, *middle, self.max_momentum)

    def _along(self, k, *values):
        """Where step k is on the way through these values, one at the end of each phase."""
        top, last = self.pct_start * self.total_steps - 1, self.total_steps - 1
        ends = (0.0, top, 2 * top, last) if self.three_phase else (0.0, top, last)
        k = min(k, last)
        phase = next((i for i in range(1, len(ends) - 1) if k <= ends[i]), len(ends) - 1)
        begin, end = ends[phase - 1], ends[phase]
        share = (k - begin) / (end - begin) if end > begin else 1.0
        if self.anneal_strategy == "cos":
            return _cosine(values[phase - 1], values[phase], share)
        return values[phase - 1] + (values[phase] - values[phase - 1]) * share
