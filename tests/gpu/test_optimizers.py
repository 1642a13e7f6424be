"""Every optimizer on CuPy: elementwise ones in one kernel and bit for bit, the others closely."""

import collections

import numpy as np
import pytest

import coursekit as ck
from coursekit.backend import elementwise, using
from tests.gpu.both import agree, check, counted, tree
from tests.optim.cases import BATCHED, CASES, ELEMENTWISE, bowl

pytestmark = pytest.mark.cupy
N = 1000
START = np.array([1.0, -2.0, 0.5, 3.0])


def gradients(dtype):
    rng = np.random.default_rng(0)
    drawn = rng.standard_normal((5, N)).astype(dtype)
    drawn[1, 3] = 0  # some methods treat a gradient of 0 in a way of its own
    return drawn


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("opt", ELEMENTWISE.values(), ids=ELEMENTWISE)
def test_a_rule_is_one_kernel_and_the_same_to_the_last_bit(opt, dtype):
    theta, *grads = gradients(dtype)
    with using("numpy"):
        right, state, paths = theta, opt.init(theta), []
        for g in grads:
            right, state = opt.at(state.k, right).rule(right, g, state)
            paths.append((right, state))
    with using("cupy"):
        here, *there = tree(ck.to_device, (theta, *grads))
        state = opt.init(here)
        for k, g in enumerate(there):
            now = opt.at(state.k, here)
            with counted() as asked:
                here, state = now.rule(here, g, state)
            if asked and k > 1:  # the first steps may meet a kernel for the first time
                assert asked[0][:4] == (1, 0, 0, 0), asked
            got = tree(ck.to_host, (here, state))
            agree(paths[k], got, tolerance=None if not asked else 0)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("opt", CASES.values(), ids=CASES)
def test_steps(opt, dtype):
    f = bowl() if opt.batched else ck.Objective(lambda x: np.sum(x**2 * (1 + x**2) / 8))

    def walk(theta):
        state, path = opt.init(theta), [theta]
        for _ in range(5):
            theta, state = opt.step(theta, state, f)
            path.append(theta)
        return np.stack([*path, opt.solution(theta, state)])

    check(walk, START.astype(dtype), tolerance=1e-4 if dtype == "float32" else 1e-10)


@pytest.mark.parametrize("opt", BATCHED.values(), ids=BATCHED)
def test_many_starts_at_once(opt):
    def walk(theta):
        state = opt.init(theta)
        for _ in range(3):
            theta, state = opt.step(theta, state, bowl())
        return theta

    check(walk, np.stack([START, -START, 0.1 * START]), tolerance=1e-10)


def test_fields_that_are_arrays():
    rates = np.linspace(0.01, 0.1, 4)

    def walk(theta, rates):
        opt = ck.optim.Adam(lr=rates, weight_decay=rates)
        state = opt.init(theta)
        for _ in range(3):
            theta, state = opt.step(theta, state, bowl())
        return theta, state

    check(walk, START, rates)


def test_an_array_of_the_host_among_the_fields_is_named():
    opt = ck.optim.Adam(lr=np.full(4, 0.1))
    with using("cupy"):
        theta = ck.to_device(START)
        with pytest.raises(TypeError, match=r"lr is a NumPy array but the backend is cupy"):
            opt.step(theta, opt.init(theta), bowl())


def test_an_array_of_the_host_in_the_state_is_named():
    opt = ck.optim.Momentum()
    with using("cupy"):
        theta = ck.to_device(START)
        with pytest.raises(TypeError, match=r"an array of the state is a NumPy array but the back"):
            opt.step(theta, opt.State(0, np.zeros(4)), bowl())


class Odd(ck.optim.Elementwise):
    """Whatever a rule may use and no optimizer of the course does."""

    State = collections.namedtuple("OddState", "k m")

    @elementwise
    def rule(self, theta, g, s):
        m = np.clip(np.maximum(np.exp(-abs(s.m)), np.tanh(g)), -0.5, 0.9) + np.log(1 + theta**2)
        far = (theta < -1) | ~(g <= 1)
        m = np.where(far & (g != 0), np.where(np.isnan(m), np.inf, np.ones_like(m)), m**3)
        return np.where(theta > 1.5, -np.inf, np.square(theta) - m), self.State(s.k + 1, m)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_other_functions_in_a_rule(dtype):
    theta, g, m = gradients(dtype)[:3]
    m[5] = np.nan
    opt = Odd()
    check(lambda *a: opt.rule(a[0], a[1], opt.State(3, a[2])), theta, g, m, tolerance=1e-6)
