"""How far to go along a direction: backtracking, strong Wolfe, exact.

A search is called with a direction d and what is known of f at theta:

    found = search(f, theta, d, value, g)
"""

from dataclasses import dataclass
from math import isfinite, isnan, nan
from typing import Any, NamedTuple

import numpy as np

from ..backend import Array
from .hyper import Declared, hyper
from .line import Line, minimum

TRIALS = {
    "low": 1, "slider": (1, 100), "kind": "whole", "doc": "trials, after which the search gives up"
}  # fmt: skip


class Found(NamedTuple):
    """Where a search ended; value and grad are None if it did not ask for them there."""

    t: float
    theta: Array  # theta + t d
    value: float | None
    grad: Array | None

    def completed(self, f):
        """The same with value and grad: what the search did not need is asked for now."""
        if self.grad is not None and self.value is not None:
            return self
        if self.value is not None:
            return self._replace(grad=f.grad(self.theta))
        value, grad = f.value_and_grad(self.theta)
        return self._replace(value=float(value), grad=grad)


class LineSearch(Declared):
    """A rule for the step length: search(f, theta, d, value, g) -> Found(t, theta, value, grad).

    `first` is a t to begin with, in place of the rule's own. t is 0, and theta stays, if d does not
    lead down (g'd >= 0) or the search fails; nan in value or g shows as nan in t and theta. Trials
    where f is infinite or nan count as too high, those where it changes by no more than rounding
    are judged by their slope: see `coursekit.optim.line`.
    """

    def __call__(self, f, theta: Array, d: Array, value, g: Array, first=None) -> Found:
        with np.errstate(all="ignore"):  # trials may well overflow
            line = Line(f, theta, d, value, g)
            if isnan(line.value) or isnan(line.slope):
                end = line.at(nan, value=nan, grad=nan * g)
            else:
                end = self.along(line, first) if line.slope < 0 else line.start
            asked = vars(end)
            return Found(end.t, end.theta, asked.get("value"), asked.get("grad"))

    def along(self, line, first):
        """The point of the line where the search ends."""
        raise NotImplementedError


@dataclass(frozen=True)
class Armijo(LineSearch):
    """Backtracking: the first of t0, t0 rho, t0 rho^2, ... that decreases f sufficiently.

        f(theta + t d) <= f(theta) + c t g'd

    Armijo 1966; Nocedal & Wright 2006, algorithm 3.1. t = 0 if none of `max_trials` does.

    >>> import numpy as np, coursekit as ck
    >>> f = ck.Objective(lambda x: np.sum(x**4))
    >>> theta = np.array([2.0])
    >>> value, g = f.value_and_grad(theta)
    >>> ck.optim.Armijo()(f, theta, -g, value, g)
    Found(t=0.0625, theta=array([0.]), value=0.0, grad=None)
    """

    t0: float = hyper(
        1.0, low=0, closed="neither", log=True, slider=(0.01, 10.0), kind="number", doc="first t"
    )
    c: float = hyper(
        1e-4, low=0, high=1, closed="neither", log=True, slider=(1e-4, 0.9), kind="number",
        doc="share of the decrease t g'd that is enough",
    )  # fmt: skip
    rho: float = hyper(
        0.5, low=0, high=1, closed="neither", slider=(0.1, 0.9), kind="number",
        doc="factor on t after a trial that failed",
    )  # fmt: skip
    max_trials: int = hyper(100, **TRIALS)

    def along(self, line, first):
        t = self.t0 if first is None else first / self.rho  # it cannot go back up
        for _ in range(self.max_trials):
            trial = line.at(t)
            if line.low_enough(trial, self.c):
                return trial
            t = self.rho * t
        return line.start


@dataclass(frozen=True)
class StrongWolfe(LineSearch):
    """A step that decreases f sufficiently and flattens it.

        f(theta + t d) <= f(theta) + c1 t g'd,    |g(theta + t d)'d| <= c2 |g'd|

    Nocedal & Wright 2006, algorithms 3.5 and 3.6: go on until an interval is known to hold such a
    step, then zoom in by cubic interpolation (eq. (3.59)). The first trial is t = 1; a t beyond the
    last is at most 10 times as far; one inside an interval is kept off its ends, by a tenth, as in
    PyTorch. After `max_trials` it ends at the best t with sufficient decrease, or at 0. Each trial
    asks for value and gradient. Raises ValueError unless c1 < c2.

    >>> import numpy as np, coursekit as ck
    >>> f = ck.Objective(lambda x: np.sum(x**2))
    >>> theta = np.array([2.0])
    >>> ck.optim.StrongWolfe()(f, theta, -theta, *f.value_and_grad(theta))
    Found(t=1.0, theta=array([0.]), value=0.0, grad=array([0.]))
    """

    c1: float = hyper(
        1e-4, low=0, high=1, closed="neither", log=True, slider=(1e-4, 0.4), kind="number",
        doc="share of the decrease t g'd that is enough",
    )  # fmt: skip
    c2: float = hyper(
        0.9, low=0, high=1, closed="neither", slider=(0.1, 0.99), kind="number",
        doc="share of the first slope that may be left",
    )  # fmt: skip
    max_trials: int = hyper(25, **TRIALS)

    def __post_init__(self):
        super().__post_init__()
        if not self.c1 < self.c2:
            raise ValueError(f"StrongWolfe: c1 must be less than c2 = {self.c2!r}, not {self.c1!r}")

    def along(self, line, first):
        trials = iter(range(self.max_trials))
        before, t = line.start, 1.0 if first is None else first
        for _ in trials:
            trial = line.look(t)
            if self.too_high(line, trial, before):
                return self.zoom(line, before, trial, trials)
            if self.flat(line, trial):
                return trial
            if trial.slope >= 0:
                return self.zoom(line, trial, before, trials)
            t = minimum(before, trial, t + 0.01 * (t - before.t), 10 * t, line.noise)
            before = trial
            if not t > before.t:
                break
        return before

    def zoom(self, line, low, high, trials):
        """Between `low`, the best so far, from which f falls towards `high`, there is a good t."""
        hugging = False  # the last t came close to an end of its interval
        for _ in trials:
            a, b = sorted((low.t, high.t))
            margin = 0.1 * (b - a)
            if b - a <= np.finfo(low.theta.dtype).eps * b:
                break
            if not isfinite(high.value):
                t = low.t + 0.1 * (high.t - low.t)
            else:
                t = minimum(low, high, a, b, line.noise)
                close = min(b - t, t - a) < margin
                if close and (hugging or not a < t < b):
                    t, close = (b - margin if b - t < t - a else a + margin), False
                hugging = close
            trial = line.look(t)
            if self.too_high(line, trial, low):
                high = trial
                continue
            if self.flat(line, trial):
                return trial
            if trial.slope * (high.t - low.t) >= 0:
                high = low
            low = trial
        return low

    def too_high(self, line, trial, best):
        if not (isfinite(trial.slope) and line.low_enough(trial, self.c1)):
            return True
        return best.t > 0 and trial.value >= best.value + line.noise

    def flat(self, line, trial):
        return abs(trial.slope) <= -self.c2 * line.slope


@dataclass(frozen=True)
class Exact(LineSearch):
    """The minimum along d of a quadratic, from one Hessian product.

        t = -g'd / d'Hd

    Nocedal & Wright 2006, eq. (3.55). On other functions this is one Newton step along the line.
    Where d'Hd <= 0 there is no minimum, and `Armijo` takes over.

    >>> import numpy as np, coursekit as ck
    >>> f = ck.Objective(lambda x: np.sum(x**2))
    >>> theta = np.array([2.0])
    >>> ck.optim.Exact()(f, theta, np.array([-8.0]), *f.value_and_grad(theta))
    Found(t=0.25, theta=array([0.]), value=None, grad=None)
    """

    def along(self, line, first):
        curvature = float(line.d @ line.f.hvp(line.theta, line.d))
        if curvature <= 0:
            return Armijo().along(line, first)
        return line.at(-line.slope / curvature)


NAMED = {"armijo": Armijo(), "strong_wolfe": StrongWolfe(), "exact": Exact()}
LINE_SEARCHES = (*NAMED, LineSearch)  # what a field `line_search` takes


def searcher(line_search, **own) -> Any:
    """The search that a field `line_search` names; an instance or None is itself.

    `own` are an optimizer's own settings for a name.

    >>> from coursekit.optim.linesearch import searcher
    >>> searcher("strong_wolfe")
    StrongWolfe(c1=0.0001, c2=0.9, max_trials=25)
    """
    return {**NAMED, **own}[line_search] if isinstance(line_search, str) else line_search


def known(theta: Array, state) -> bool:
    """Whether the last step ended at theta, so that the state holds f's value and gradient there.

    A wrapper or a person may have moved theta since.
    """
    return state.k > 0 and bool((theta == state.theta).all())
