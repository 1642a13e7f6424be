"""sweep: every setting once, in the order of the grid, wherever it runs."""

import functools
import multiprocessing
from concurrent.futures import Future, ProcessPoolExecutor

import numpy as np
import pytest

import coursekit as ck
from coursekit.run import fit


def power(base, exponent):
    return base**exponent


GRID = {"base": [2, 3], "exponent": [1, 2, 3]}
EXPECTED = [
    ({"base": 2, "exponent": 1}, 2),
    ({"base": 2, "exponent": 2}, 4),
    ({"base": 2, "exponent": 3}, 8),
    ({"base": 3, "exponent": 1}, 3),
    ({"base": 3, "exponent": 2}, 9),
    ({"base": 3, "exponent": 3}, 27),
]


class Backwards:
    """An executor that runs the last task first."""

    def __init__(self):
        self.tasks, self.cancelled = [], 0

    def submit(self, fn, **settings):
        outer = self

        class Lazy(Future):
            def result(self, timeout=None):
                outer.run()
                return super().result(timeout)

            def cancel(self):
                outer.cancelled += not self.done()
                return super().cancel()

        self.tasks.append((Lazy(), fn, settings))
        return self.tasks[-1][0]

    def run(self):
        while self.tasks:
            future, fn, settings = self.tasks.pop()
            try:
                future.set_result(fn(**settings))
            except Exception as error:
                future.set_exception(error)


def test_results_come_in_grid_order_with_their_settings():
    assert ck.sweep(power, GRID) == EXPECTED
    assert ck.sweep(power, GRID, executor=Backwards()) == EXPECTED
    assert ck.sweep(power, [settings for settings, _ in EXPECTED[::-1]]) == EXPECTED[::-1]


def test_a_trial_names_its_parts():
    trial = ck.sweep(power, {"base": [2], "exponent": range(3, 4)})[0]
    assert trial.settings == {"base": 2, "exponent": 3} and trial.result == 8


@pytest.mark.parametrize("executor", [None, Backwards()])
def test_an_error_names_the_settings_it_came_from(executor):
    with pytest.raises(ZeroDivisionError) as error:
        ck.sweep(power, {"base": [1, 0], "exponent": [-1]}, executor=executor)
    assert error.value.__notes__ == ["in ck.sweep at {'base': 0, 'exponent': -1}"]


def test_after_an_error_what_has_not_begun_is_cancelled():
    class Later(Backwards):
        def run(self):  # only the first task, which fails
            if not self.ran:
                self.ran = True
                self.tasks[0][0].set_exception(ZeroDivisionError())

        ran = False

    executor = Later()
    with pytest.raises(ZeroDivisionError):
        ck.sweep(power, GRID, executor=executor)
    assert executor.cancelled == 5


def test_mistakes_are_named():
    with pytest.raises(TypeError, match=r"grid\['base'\] must be a list of values, not 3"):
        ck.sweep(power, {"base": 3})
    with pytest.raises(TypeError, match=r"grid\['base'\] must be a list of values, not 'ab'"):
        ck.sweep(power, {"base": "ab"})
    with pytest.raises(TypeError, match="grid must be a dict of lists or a list of dicts"):
        ck.sweep(power, [3])


@pytest.mark.slow
def test_processes_train_as_this_one_does():
    data, net = ck.data.blobs(n=40), ck.MLP([2, 3])
    train = functools.partial(fit, net, data, epochs=2, progress=False)
    grid = {"opt": [ck.optim.Adam(), ck.optim.SGD()], "rng": [0, 1]}
    here = ck.sweep(train, grid)
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        there = ck.sweep(train, grid, executor=pool)
    for a, b in zip(here, there, strict=True):
        assert np.array_equal(a.result.theta, b.result.theta)
        assert type(a.result.last.state).__name__ == type(b.result.last.state).__name__
