"""Minimise a function: take steps, and keep the path."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from .. import backend
from ..objective import Counts, Objective
from .checks import called, check_optimizer, divergence, starting_point, whole


@dataclass(frozen=True, eq=False, repr=False)
class Path:
    """Where a minimisation went: host arrays with one row per point, the start first.

    thetas      (T + 1, n), or (T + 1, K, n) for K starts at once
    values      (T + 1,) or (T + 1, K): the function at thetas
    grad_norms  shaped like values
    solutions   like thetas: the points to evaluate, where the optimizer tells them from the points
                it steps (averages); otherwise thetas itself
    counts_at   (T + 1,) questions asked up to each point: `counts_at.grad`, ...
    state       of the optimizer, after the last step: `minimize(..., state=path.state)` goes on
    """

    thetas: np.ndarray
    values: np.ndarray
    grad_norms: np.ndarray
    solutions: np.ndarray
    counts_at: Any  # a Counts of arrays
    state: Any
    stopped_because: str

    @property
    def counts(self) -> Counts:
        """What all steps together asked of the function; looking at it to record is not counted."""
        return Counts(*(int(column[-1]) for column in self.counts_at))

    @property
    def theta(self) -> np.ndarray:
        """The last point, (n,) or (K, n)."""
        return self.thetas[-1]

    @property
    def value(self) -> Any:
        """The function at the last point: a number, or (K,) numbers."""
        return self.values[-1] if self.values.ndim > 1 else float(self.values[-1])

    @property
    def steps(self) -> int:
        """How many steps were taken."""
        return len(self.thetas) - 1

    def __repr__(self):
        if self.values.ndim > 1:
            what = f"{self.values.shape[1]} starts, least value {np.nanmin(self.values[-1]):.4g}"
        else:
            what = f"value {self.values[0]:.4g} -> {self.values[-1]:.4g}"
        return f"Path({self.steps} steps, {what}; {self.stopped_because})"


def minimize(f, theta, opt, steps: int = 100, *, state=None, grad_tol=None, threads=1) -> Path:
    """Take `steps` steps with `opt` from theta, (n,) or K starts (K, n), and keep the path.

    f is an `Objective` or a function of theta. The run ends early when the value is infinite or
    nan, when no gradient norm exceeds `grad_tol`, or by an interrupt; the path so far is kept. Of
    several starts, one that diverges is held where it did, and the others go on. Nothing warns:
    divergence is an outcome. Linear algebra uses `threads` threads (None: as many as it likes).

    >>> import coursekit as ck
    >>> f = ck.landscapes.quadratic(spectrum=(1.0, 10.0))
    >>> path = ck.minimize(f, [1.0, 1.0], ck.optim.GradientDescent(lr=0.1), steps=2)
    >>> path.thetas[:, 0]
    array([1.  , 0.9 , 0.81])
    """
    check_optimizer(opt)
    f = f if isinstance(f, Objective) else Objective(f)
    theta, steps = starting_point(theta, "float64"), whole("steps", steps, 0)
    if theta.ndim not in (1, 2) or not theta.size:
        raise ValueError(f"theta must be one point (n,) or K points (K, n), not {theta.shape}")
    if theta.ndim == 2 and not opt.batched:
        raise ValueError(
            f"{called(opt)} steps one point (n,), but theta has shape {theta.shape}: "
            "minimize from each row in turn"
        )
    state = opt.init(theta) if state is None else state
    with np.errstate(all="ignore"), backend.blas_threads(threads):
        return _walk(f, theta, opt, state, steps, grad_tol)


def _walk(f, theta, opt, state, steps, grad_tol) -> Path:
    view = f.uncounted()

    def look(theta, state):
        value, g = view.value_and_grad(theta)
        norm = np.sqrt((g * g).sum(axis=-1))
        known = (value, norm, theta, opt.solution(theta, state))
        value, norm, theta, solution = (np.array(backend.to_host(a)) for a in known)
        return Point(value, norm, theta, solution, f.counts)

    points, reached = [look(theta, state)], state
    why = _reason_to_stop(points, opt, grad_tol)
    try:
        while not why and len(points) <= steps:
            ahead, state = opt.step(theta, state, f)
            theta = _hold(points[-1].value, theta, ahead)
            points.append(look(theta, state))
            reached = state
            why = _reason_to_stop(points, opt, grad_tol)
    except KeyboardInterrupt:
        why = f"interrupted at step {len(points) - 1}"
    why = why or f"finished {steps} steps{_lost(points[-1].value)}"
    values, norms, thetas, solutions, counts = map(np.stack, zip(*points, strict=True))
    if np.array_equal(solutions, thetas, equal_nan=True):
        solutions = thetas
    return Path(thetas, values, norms, solutions, Counts(*(counts - counts[0]).T), reached, why)


class Point(NamedTuple):
    """What is kept of one point, on the host."""

    value: np.ndarray
    grad_norm: np.ndarray
    theta: np.ndarray
    solution: np.ndarray
    counts: Counts  # so far


def _hold(values, theta, ahead):
    """`ahead`, but theta for those starts whose value is no longer finite."""
    if values.ndim == 0:
        return ahead
    finite = np.isfinite(values)
    return ahead if finite.all() else np.where(backend.to_device(finite)[:, None], ahead, theta)


def _reason_to_stop(points, opt, grad_tol):
    value, norm, k = points[-1].value, points[-1].grad_norm, len(points) - 1
    finite = np.isfinite(value)
    if not finite.any():
        if k == 0:
            return "the value at the start is not finite"
        return divergence("value", value, k, opt, k) if value.ndim == 0 else "all starts diverged"
    if grad_tol is not None and np.max(norm, where=finite, initial=0) <= grad_tol:
        return f"the gradient norm is at most {grad_tol:g} after {k} steps{_lost(value)}"
    return ""


def _lost(values):
    """Which of several starts diverged."""
    lost = np.flatnonzero(~np.isfinite(values))
    return f"; diverged: {', '.join(map(str, lost))} of {values.size} starts" if lost.size else ""
