"""A walk on something that changes from step to step, walked a slice at a time."""

import threading
from collections.abc import Callable, Iterator

import numpy as np

from ...objective import Objective
from ...optim import Optimizer
from ..worker import Pace

MOST = 10_000  # steps
LOST = 1e9  # a distance from which no walk comes back
CHUNK = 32  # steps between two looks at the clock
SLICE = 0.018  # seconds of work between two pictures


class Walk:
    """What an optimizer does when `gradient(k, theta)` is what it sees in step k = 0, 1, ...

    Of every point a row of numbers is kept, `row(theta, state)`; at step `again` the optimizer
    forgets its state; theta stays within -`bound` and `bound`. A walk ends where theta is lost, and
    that row is kept too.

    >>> import coursekit as ck
    >>> walk = Walk(ck.optim.SGD(lr=0.5), np.ones(1), lambda k, x: x, lambda x, s: x)
    >>> list(walk.go(3, Pace())), walk.rows(3)[:, 0]
    ([], array([1.   , 0.5  , 0.25 , 0.125]))
    """

    def __init__(
        self,
        opt: Optimizer,
        theta: np.ndarray,
        gradient: Callable,
        row: Callable,
        again: int = -1,
        bound: float | None = None,
    ):
        self.opt, self.again, self.bound, self._row = opt, again, bound, row
        self._theta, self._state, self._now = theta, opt.init(theta), 0
        first = np.asarray(row(theta, self._state), float)
        self._rows = np.empty((1024, len(first)))
        self._rows[0] = first
        self.lost = False
        self._seen = Objective(
            value=np.sum, grad=lambda x: gradient(self._now, x), batched=theta.ndim > 1
        )
        self._lock = threading.Lock()  # walks are kept, and several threads may ask for one

    def go(self, steps: int, pace: Pace) -> Iterator[None]:
        """Walk to that step; yields where a slice of work is over."""
        while self._chunk(steps):
            if pace.due():
                yield

    def begin(self, steps: int) -> None:
        """Walk the first few steps."""
        if not self._now:
            self._chunk(steps)

    def rows(self, steps: int) -> np.ndarray:
        """The rows of the first steps, as far as the walk has come: (steps + 1, columns)."""
        return self._rows[: min(steps, self._now) + 1]

    def _chunk(self, steps: int) -> bool:
        with self._lock, np.errstate(all="ignore"):
            for _ in range(CHUNK):
                if self._now >= steps or self.lost:
                    return False
                self._step()
        return True

    def _step(self) -> None:
        if self._now == self.again:
            self._state = self.opt.init(self._theta)
        self._theta, self._state = self.opt.step(self._theta, self._state, self._seen)
        if self.bound is not None:
            self._theta = np.clip(self._theta, -self.bound, self.bound)
        if self._now + 1 == len(self._rows):  # a new array: views of the old one are in use
            self._rows = np.concatenate([self._rows, np.empty_like(self._rows)])
        self._rows[self._now + 1] = self._row(self._theta, self._state)
        self.lost = not bool(np.abs(self._theta).max() < LOST)
        self._now += 1


def walked(walks: list[Walk], steps: int, pace: Pace | None = None) -> Iterator[None]:
    """Walk all of them to that step in turns, so that what is seen on the way is as far for each.

    Yields where a slice of work is over.
    """
    pace, turn = pace or Pace(SLICE), 1000
    if pace.due():  # here the clock starts, unless it is running
        yield
    for walk in walks:
        walk.begin(steps)
    for goal in [*range(turn, steps, turn), steps]:
        for walk in walks:
            yield from walk.go(goal, pace)
