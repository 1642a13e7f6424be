"""The worker thread: the latest value wins, every value shows something, nothing is lost."""

import threading
import time

import pytest

from coursekit.demos import worker as module
from coursekit.demos.worker import Worker


class Recorder:
    """Work in slices that notes what it was asked and what it showed."""

    def __init__(self, slices=4, pause=0.01):
        self.slices, self.pause = slices, pause
        self.shown, self.finished, self.closed, self.threads = [], [], [], set()

    def __call__(self, value):
        try:
            for k in range(self.slices):
                time.sleep(self.pause)
                self.threads.add(threading.current_thread().name)
                self.shown.append((value, k))
                yield
            self.finished.append(value)
        except GeneratorExit:
            self.closed.append(value)
            raise


def test_one_value_runs_through_all_its_slices_off_the_calling_thread():
    work = Recorder()
    worker = Worker(work)
    worker.submit("a")
    assert worker.wait()
    assert work.shown == [("a", k) for k in range(4)]
    assert work.threads == {"coursekit demo"}


def test_the_latest_value_wins_and_stale_ones_are_dropped():
    work = Recorder()
    worker = Worker(work)
    for value in range(50):
        worker.submit(value)
    assert worker.wait()
    assert work.finished[-1] == 49
    assert len({value for value, _ in work.shown}) < 10  # 50 values, hardly any of them begun


def test_a_newer_value_ends_the_work_only_after_a_slice_was_shown():
    work = Recorder(slices=100, pause=0.005)
    worker = Worker(work)
    for value in range(10):
        worker.submit(value)
        time.sleep(0.02)
    worker.submit("last")
    worker.wait()
    begun = {value for value, _ in work.shown}
    assert {value for value, k in work.shown if k == 0} == begun  # each showed its first slice
    assert len(begun) > 3  # the picture never starves while the hand moves
    assert set(work.closed) == begun - {"last"}  # generators are closed, not abandoned
    assert work.finished == ["last"]


def test_an_exception_is_reported_and_the_worker_goes_on():
    failures = []

    def work(value):
        yield
        if value == "bad":
            raise ArithmeticError("no")

    worker = Worker(work, failures.append)
    worker.submit("bad")
    assert worker.wait()
    assert isinstance(worker.error, ArithmeticError) and failures == [worker.error]
    worker.submit("good")
    assert worker.wait()
    assert worker.error is None and len(failures) == 1


def test_work_that_fails_before_it_is_a_generator_is_reported_too():
    def work(value):
        raise LookupError(value)

    worker = Worker(work)
    worker.submit("x")
    assert worker.wait() and isinstance(worker.error, LookupError)


def test_synchronous_mode_returns_when_done_and_raises():
    work = Recorder(pause=0)
    worker = Worker(work, sync=True)
    worker.submit("a")
    assert work.finished == ["a"] and work.threads == {"MainThread"}

    def broken(value):
        yield
        raise ArithmeticError(value)

    failures = []
    worker = Worker(broken, failures.append, sync=True)
    with pytest.raises(ArithmeticError, match="b"):
        worker.submit("b")
    assert len(failures) == 1  # shown in the demo as well


@pytest.mark.parametrize(("text", "sync"), [("1", True), ("0", False), ("", False)])
def test_the_environment_chooses_synchronous_mode(monkeypatch, text, sync):
    monkeypatch.setenv("COURSEKIT_SYNC", text)
    assert Worker(Recorder()).sync is sync


def test_without_threads_the_work_is_done_at_once(monkeypatch):
    def cannot(self):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", cannot)
    work = Recorder(pause=0)
    worker = Worker(work, sync=False)
    worker.submit("a")
    worker.submit("b")
    assert work.finished == ["a", "b"] and worker.wait()


def test_an_idle_thread_ends_and_the_next_value_starts_another(monkeypatch):
    monkeypatch.setattr(module, "IDLE", 0.05)
    work = Recorder(pause=0)
    worker = Worker(work)
    for value in ("a", "b"):
        worker.submit(value)
        assert worker.wait()
        before = time.monotonic()
        while worker._thread is not None and time.monotonic() < before + 5:
            time.sleep(0.01)
        assert worker._thread is None
    assert work.finished == ["a", "b"]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_killed_thread_is_replaced():
    work = Recorder(pause=0)

    def deadly(value):
        if value == "kill":
            raise SystemExit  # ends a thread silently
        yield from work(value)

    worker = Worker(deadly)
    worker.submit("kill")
    assert worker.wait()
    worker.submit("a")
    assert worker.wait() and work.finished == ["a"]


def test_a_thread_lost_at_work_does_not_block_wait():
    worker = Worker(Recorder())
    worker._busy = True  # as a fork leaves it: at work, and nobody there
    assert worker.wait(1)


def test_wait_says_when_its_time_was_too_short():
    gate = threading.Event()

    def work(value):
        gate.wait(5)
        yield

    worker = Worker(work)
    worker.submit("slow")
    assert worker.wait(0.05) is False
    gate.set()
    assert worker.wait() is True


def test_many_threads_may_submit():
    work = Recorder(slices=2, pause=0.001)
    worker = Worker(work)
    hands = [
        threading.Thread(target=lambda k=k: [worker.submit((k, i)) for i in range(100)])
        for k in range(4)
    ]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()
    worker.submit("last")
    assert worker.wait() and work.finished[-1] == "last"


def test_a_slice_counts_work_and_not_what_is_done_while_it_is_shown():
    """Else slow drawing would make every slice one step long, and the work would take for ever."""
    pace = module.Pace(0.02)
    lengths = []
    for _ in range(3):
        start = time.perf_counter()
        while not pace.due():
            time.sleep(0.001)
        lengths.append(time.perf_counter() - start)
        time.sleep(0.05)  # drawing
    assert min(lengths) >= 0.019
