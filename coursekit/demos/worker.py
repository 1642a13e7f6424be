"""The one thread that works for a demo: the latest value wins, and every value shows something.

A front end sends slider values faster than slow work can follow. Queueing them lags behind the
hand by seconds; cancelling on every new value shows nothing until the hand stops. So work is a
generator that yields after each slice it has shown (20 to 30 ms), and a newer value ends it only
there. The last value always runs to its end.

JupyterLab runs the callbacks of widgets now in the main thread and now in another. All that they
would touch belongs to this thread instead.
"""

import os
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

IDLE = 5.0  # seconds after which an idle thread ends; the next value starts another


class Pace:
    """Says when a slice of work is over: `if pace.due(): yield what there is`.

    The clock of a slice starts with its first question, so what happens at a `yield`, such as
    drawing, is not counted as work.
    """

    def __init__(self, seconds: float = 0.025):
        self.seconds = seconds
        self._end: float | None = None

    def due(self) -> bool:
        """Whether the slice has lasted long enough."""
        now = time.perf_counter()
        if self._end is None:
            self._end = now + self.seconds
        if now < self._end:
            return False
        self._end = None
        return True


class Worker:
    """Runs `work(value)` for the latest submitted value.

    `work` returns an iterator that yields once per slice. `failed(error)` is called in place of
    letting an exception vanish with the thread. In synchronous mode (`sync=True`, the environment
    variable COURSEKIT_SYNC=1, or a platform without threads) `submit` returns when the work is
    done, and exceptions reach its caller.

    >>> seen = []
    >>> worker = Worker(lambda value: (seen.append((value, k)) for k in range(2)), sync=True)
    >>> worker.submit("a")
    >>> seen
    [('a', 0), ('a', 1)]
    """

    def __init__(
        self,
        work: Callable[[Any], Iterator[Any]],
        failed: Callable[[Exception], None] = lambda error: None,
        sync: bool | None = None,
    ):
        self.work, self.failed = work, failed
        self.sync = os.environ.get("COURSEKIT_SYNC", "") not in ("", "0") if sync is None else sync
        self.error: Exception | None = None
        self._changed = threading.Condition()
        self._waiting: list[Any] = []  # no value or one
        self._busy = False
        self._thread: threading.Thread | None = None

    def submit(self, value: Any) -> None:
        """Make `value` the next to be worked on, in place of one that has not begun."""
        if self.sync:
            self._work(value)
            if self.error is not None:
                raise self.error
            return
        with self._changed:
            self._waiting = [value]
            self._changed.notify_all()
            # A thread may be absent, idle and ended, killed, or left behind by a fork.
            if self._thread is None or not self._thread.is_alive():
                self._start()
        if self.sync:  # no threads here
            self._waiting = []
            self.submit(value)

    def wait(self, timeout: float = 10.0) -> bool:
        """Block until nothing is left to do; False if that took longer than `timeout` seconds."""
        end = time.monotonic() + timeout
        with self._changed:
            while self._waiting or self._busy:
                if self._thread is None or not self._thread.is_alive():
                    if not self._waiting:
                        self._busy = False  # it was killed while at work
                        break
                    self._start()
                left = end - time.monotonic()
                if left <= 0:
                    return False
                self._changed.wait(min(left, 0.1))
        return True

    def quiet(self, seconds: float) -> bool:
        """For the work itself: whether no newer value came within so many seconds."""
        if self.sync:
            return True
        with self._changed:
            return not self._changed.wait_for(lambda: self._waiting, max(seconds, 0))

    def _start(self) -> None:
        self._busy = False
        self._thread = threading.Thread(target=self._run, name="coursekit demo", daemon=True)
        try:
            self._thread.start()
        except RuntimeError:  # for instance in a browser's Python
            self.sync = True

    def _run(self) -> None:
        while True:
            with self._changed:
                if not self._changed.wait_for(lambda: self._waiting, IDLE):
                    self._thread = None
                    return
                value = self._waiting.pop()
                self._busy = True
            try:
                self._work(value)
            finally:
                with self._changed:
                    self._busy = False
                    self._changed.notify_all()

    def _work(self, value: Any) -> None:
        self.error = None
        slices = iter(())
        try:
            slices = self.work(value)
            for _ in slices:
                if self._waiting:
                    break
        except Exception as error:
            self.error = error
            self.failed(error)
        finally:
            close = getattr(slices, "close", None)
            if close is not None:
                close()
