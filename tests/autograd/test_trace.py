"""Tracing: what programs it takes, what it refuses and in which words, deep and wide graphs."""

import gc
import math
import sys
import threading
import time
import weakref

import numpy as np
import pytest

import coursekit as ck
from coursekit import ops
from coursekit.autograd import op, untraced

A = np.array([[0.5, -1.0, 2.0], [1.5, 0.3, -0.7], [0.2, 0.9, 1.1], [-0.4, 0.8, 0.6]])  # (4, 3)
X = np.linspace(0.55, 1.45, 12).reshape(3, 4)
V = X[1]
S = 0.3 * A[:3] + np.diag([1.0, 2.0, 3.0])
C = np.stack([X, X**2])


def newton_root(x):  # an ordinary loop with a branch on a value
    y = x
    while (y * y - x) ** 2 > 1e-20:
        y = y - (y * y - x) / (2 * y)
    return y


def horner(x):
    y = 0
    for c in (1.0, -2.0, 0.5):
        y = y * x + c
    return y


# Little programs as a user of NumPy writes them, and the array each is tried on.
PROGRAMS = [
    (lambda x: np.linalg.norm(x, axis=1), X),
    (lambda x: x.sum((0, 1)), X),
    (lambda x: np.mean(x, axis=0, keepdims=True), X),
    (lambda x: x - x.mean(axis=1, keepdims=True), X),
    (lambda x: (x - x.mean(0)) / x.std(0), X),
    (lambda x: x[None] * x[..., 0][None, :, None], X),
    (lambda x: x[x > 1] ** 2, X),
    (lambda x: x[::-1, 1:3] * x[-1, -1], X),
    (lambda x: np.hstack([x, 2 * x]) @ np.vstack([A, A]), X),
    (lambda x: np.column_stack([x, x**2, np.ones(4)]), V),
    (lambda x: np.append(x, [1.0, 2.0]) ** 2, V),
    (lambda x: np.pad(x, 1)[:-2, :-2] * x[:, :4], X),
    (lambda x: np.diff(x) ** 2, X),
    (lambda x: np.matmul(x, A), C),
    (lambda x: x.T @ x, X),
    (lambda x: A @ x, X),
    (lambda x: x @ x, V),
    (lambda x: x.dot(A), X),
    (lambda x: np.einsum("ij,jk", x, A), X),
    (lambda x: np.einsum("bij,bkj->bik", x, x), C),
    (lambda x: np.outer(x, x), V),
    (lambda x: np.outer(x, [1.0, 2.0]), V),
    (lambda x: np.maximum(x, 1.001), X),
    (lambda x: np.clip(x, 0.801, 1.201), X),
    (lambda x: np.sort(-x, axis=0), X),
    (lambda x: np.abs(x) ** 1.5, -X),
    (lambda x: x**-1 + 1 / x, X),
    (lambda x: 2**x + 2.5**x, X),
    (lambda x: x**x, X),
    (lambda x: x % 0.4 + x // 0.4, X + 0.013),
    (lambda x: np.prod(x, axis=1), X),
    (lambda x: np.tensordot(x, A, 1), X),
    (lambda x: np.kron(x, A), X),
    (lambda x: np.dot(x, A), X),
    (lambda x: np.dot(2.0, x), X),
    (lambda x: np.linalg.eigvalsh(x + x.T), S),
    (lambda x: np.round(x) * x + x.round(1) * x, X + 0.023),
    (lambda x: np.linalg.solve(x, x[0]), S),
    (lambda x: np.linalg.inv(x) @ x.T, S),
    (lambda x: np.linalg.slogdet(x @ x.T)[1], S),
    (lambda x: np.linalg.det(x), S),
    (lambda x: np.trace(x) * np.diag(x), S),
    (lambda x: np.var(x, axis=0, ddof=1), X),
    (lambda x: np.average(x, axis=1, weights=[1.0, 2, 3, 4]), X),
    (lambda x: np.ptp(x, axis=0), X),
    (lambda x: x.max(axis=1) - x.min(axis=1), X),
    (lambda x: np.take_along_axis(x, np.argmax(x, axis=1)[:, None], 1), X),
    (lambda x: x[np.arange(3), x.argmax(axis=1)], X),
    (lambda x: x[np.argsort(-x)], V),
    (lambda x: np.where(x > 1, x**2, 0), X),
    (lambda x: np.where(x > 1, x, -x) * np.sign(x), X),
    (lambda x: np.concatenate([x, A.T], axis=0) ** 2, X),
    (lambda x: np.stack([x[0], x[1] * x[2]]), V),
    (lambda x: np.tile(x, (2, 1)) * x, V),
    (lambda x: np.split(x, 2, axis=1)[1] * np.array_split(x, 3, axis=1)[0], X),
    (lambda x: np.roll(x, 1, axis=1) * x, X),
    (lambda x: np.fliplr(x) * np.flipud(x), X),
    (lambda x: np.cumsum(x, axis=1) * x.cumsum(), V[None]),
    (lambda x: np.repeat(x, 2, axis=0) ** 2, X),
    (lambda x: np.transpose(x, axes=(-1, 0, 1)) ** 2, C),
    (lambda x: x.reshape((6, 4), order="F") @ A, C),
    (lambda x: x.swapaxes(0, 1).ravel() * x.flatten(), X),
    (lambda x: np.expand_dims(x, 1) - x, V),
    (lambda x: np.squeeze(x[None]) * np.atleast_2d(x), X),
    (lambda x: x.mT @ x, C),
    (lambda x: np.logaddexp(x, 0) - np.log1p(np.exp(x)), X),
    (lambda x: np.hypot(x, 1) + np.fabs(x) + np.fmax(x, 0), X),
    (lambda x: np.arccosh(x + 1) + np.arctan2(x, 2), X),
    (lambda x: np.zeros_like(x) + np.ones_like(x) * x + np.full_like(x, 2), X),
    (lambda x: np.full_like(x, x[0]) * 3, V),
    (lambda x: x * [1, 2, 3, 4.0] + [1, 2, 3, 4.0] * x, X),
    (lambda x: np.float64(2) * x - x / np.float64(3), X),
    (lambda x: np.ones((3, 1)) * x - np.arange(4) + (1 - x), X),
    (lambda x: sum(row @ row for row in x), X),
    (lambda x: sum(t**2 for t in x), V),
    (lambda x: len(x) * x.ndim * x.size * x.shape[1] * x, X),
    (lambda x: abs(-x) + (+x), X),
    (newton_root, np.float64(2.0)),
    (horner, X),
]


@pytest.mark.parametrize(("f", "x"), PROGRAMS)
def test_programs_run_as_they_do_in_numpy(f, x):
    y, _ = ck.vjp(f, x)
    assert np.shape(y) == np.shape(f(x))
    np.testing.assert_allclose(y, f(x), rtol=1e-13, atol=1e-15)
    ck.check_grad(f, x)


def test_comparisons_are_plain_booleans():
    def f(x):
        for answer in (x > 0, x <= 1, x == x, x != 1, np.greater(x, 0), np.isfinite(x)):
            assert isinstance(answer, np.ndarray) and answer.dtype == bool
        assert np.all(x > 0) and not np.any(x < 0)
        assert np.allclose(x, X) and np.array_equal(x, X)
        if x[0, 0] > 0:
            return x.sum()
        return 0 * x.sum()

    np.testing.assert_array_equal(ck.grad(f)(X), 1)


def test_printing_shows_the_value(capsys):
    def f(x):
        print(x, f"{x:.2f}")
        return x * 2

    ck.grad(f)(1.5)
    assert capsys.readouterr().out == "traced(1.5) 1.50\n"


# --- what is refused, and in which words ---------------------------------------------------------
def write(x):
    x[0] = 1.0


def write_elsewhere(x):
    a = np.zeros(3)
    a[0] = x[0]
    return a


def add_in_place(x):
    a = np.zeros(3)
    a += x
    return a


REFUSALS = [
    (np.unwrap, "numpy.unwrap has no derivative"),
    (np.linalg.svd, r"numpy.linalg.svd has no derivative"),
    (np.fft.fft, r"fft.* has no derivative"),
    (np.spacing, "spacing has no derivative"),
    (lambda x: np.add(x, 1, out=np.zeros(3)), "out="),
    (lambda x: np.exp(x, dtype=np.float32), "np.exp .*dtype="),
    (lambda x: np.add(x, 1, where=np.ones(3, bool)), "np.add .*where="),
    (lambda x: np.add.reduce(x), "np.add.reduce is not supported"),
    (lambda x: np.add.at(np.zeros(3), [0], x[:1]), "existing array"),
    (add_in_place, "existing array"),
    (write, "cannot write into a traced array"),
    (write_elsewhere, "cannot write a traced value into an existing array"),
    (lambda x: math.sin(x[0]), "np.sin, not math.sin"),
    (lambda x: float(x[0]), "Python number"),
    (lambda x: x[0].item(), "Python number"),
    (lambda x: x.tolist(), "Python number"),
    (lambda x: list(range(x[0])), "Python number"),
    (lambda x: np.array(x), "ck.ops.stack"),
    (lambda x: np.array([x[0], x[1]]), "ck.ops.stack"),
    (lambda x: np.asarray(x), "ck.ops.stack"),
    (lambda x: np.sum([x[0], x[1]]), "ck.ops.stack"),
    (lambda x: np.save("nowhere", x), "has no derivative|plain array"),
]


@pytest.mark.parametrize(("f", "words"), REFUSALS)
def test_refusals(f, words):
    with pytest.raises(TypeError, match=words):
        ck.vjp(f, np.ones(3))
    with pytest.raises(TypeError, match=words):  # and inside a second trace
        ck.hessian(lambda x: ops.sum(f(x)))(np.ones(3))


def test_an_increment_of_a_traced_value_makes_a_new_one():
    def f(x):
        y = x
        y += 1
        y *= x
        return y.sum()

    x = np.array([1.0, 2.0])
    np.testing.assert_array_equal(ck.grad(f)(x), 2 * x + 1)
    np.testing.assert_array_equal(x, [1.0, 2.0])


def test_branching_on_an_array_is_numpys_error():
    with pytest.raises(ValueError, match="ambiguous"):
        ck.vjp(lambda x: x if x > 0 else -x, np.ones(2))


# --- graphs --------------------------------------------------------------------------------------
def chain(n):
    def f(x):
        for _ in range(n):
            x = np.sin(x)
        return x

    return f


def seconds(task, repeats=5):
    best = math.inf
    for _ in range(repeats):
        start = time.perf_counter()
        task()
        best = min(best, time.perf_counter() - start)
    return best


def test_a_deep_graph_takes_no_recursion_and_linear_time():
    limit = sys.getrecursionlimit()
    assert limit < 20_000
    d = ck.grad(chain(20_000))(0.5)
    x, want = 0.5, 1.0
    for _ in range(20_000):
        want, x = want * math.cos(x), math.sin(x)
    assert d == pytest.approx(want, rel=1e-9)
    short = seconds(lambda: ck.grad(chain(2_500))(0.5))
    long = seconds(lambda: ck.grad(chain(20_000))(0.5))
    assert long / short < 40  # eight times the work; quadratic would be 64


def test_a_deep_graph_to_second_order():
    assert np.isfinite(ck.hvp(chain(3_000), 0.5, 1.0))


def test_diamonds_are_walked_once():
    def f(x):
        for _ in range(60):
            x = x + x  # 2^60 paths
        return x

    assert ck.grad(f)(1.0) == 2.0**60
    twice = ck.grad(ck.grad(lambda x: f(x * x)))(1.0)
    assert twice == 2.0**61


def test_a_function_that_uses_an_argument_often_adds_up():
    x = np.array([1.5, -2.0])
    np.testing.assert_allclose(ck.grad(lambda x: (x * x * x).sum())(x), 3 * x**2)
    np.testing.assert_allclose(ck.grad(lambda x: ops.stack([x, x, x**2]).sum())(x), 2 + 2 * x)


def test_nothing_keeps_the_graph_alive():
    gc.disable()
    try:
        big = np.ones(1_000)
        held = []

        def f(x):
            y = np.exp(x)
            held.append(weakref.ref(untraced(y)))
            return (y * np.linalg.norm(y) + ops.softmax(y[None])[0]).sum()

        for task in (
            lambda: ck.grad(f)(big),
            lambda: ck.value_and_grad(f)(big),
            lambda: ck.hvp(f, big, big),
            lambda: ck.jvp(f, (big,), (big,)),
            lambda: ck.vjp(f, big)[1](np.float64(1)),
        ):
            answer = task()
            del answer
            assert held and all(ref() is None for ref in held)
            held.clear()
        _, pull = ck.vjp(f, big)
        assert held[0]() is not None  # the pullback needs it ...
        del pull
        assert held[0]() is None  # ... and nobody else does
    finally:
        gc.enable()


def test_a_graph_of_any_depth_is_freed():
    y, pull = ck.vjp(chain(50_000), 0.5)
    del pull
    assert np.isfinite(y)


def test_two_threads_do_not_meet():
    wrong = []

    def work(f, want):
        for i in range(1_000):
            x = 0.1 + i / 1_000
            if not math.isclose(ck.grad(ck.grad(f))(x), want(x), rel_tol=1e-12):
                wrong.append((f, x))

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        threads = [
            threading.Thread(target=work, args=(np.sin, lambda x: -math.sin(x))),
            threading.Thread(target=work, args=(lambda x: x**3 * np.exp(x), lambda x: (
                (6 * x + 6 * x**2 + x**3) * math.exp(x)))),
        ]  # fmt: skip
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(before)
    assert not wrong


# --- new operations ------------------------------------------------------------------------------
def test_an_operation_of_ones_own():
    cube = op(lambda x: x**3, lambda g, y, x: g * (3 * x**2), name="cube")
    assert repr(cube) == "<op cube>"
    assert cube(2.0) == 8
    ck.check_grad(cube, np.array([0.5, -1.0]))


def test_an_operation_that_answers_with_a_tuple():
    both = op(
        lambda x: (np.sin(x), np.cos(x)),
        lambda g, y, x: (0 if g[0] is None else g[0] * y[1]) - (0 if g[1] is None else g[1] * y[0]),
        name="both",
    )
    x = np.array([0.3, 1.2])
    ck.check_grad(lambda x: both(x)[0], x)
    ck.check_grad(lambda x: both(x)[1], x)
    ck.check_grad(lambda x: both(x)[0] * both(x)[1] ** 2, x, order=3)


def test_rules_need_not_undo_broadcasting():
    times = op(lambda a, b: a * b, lambda g, y, a, b: g * b, lambda g, y, a, b: g * a, name="times")
    for a, b in [((3,), (2, 3)), ((2, 1), (1, 3)), ((), (2, 2)), ((1, 1, 2), (3, 1)), ((1,), ())]:
        _, pull = ck.vjp(times, np.full(a, 2.0), np.full(b, 3.0))
        g = np.ones(np.broadcast_shapes(a, b))
        da, db = pull(g)
        np.testing.assert_array_equal(da, np.full(a, 3.0 * g.size / np.size(da)))
        np.testing.assert_array_equal(db, np.full(b, 2.0 * g.size / np.size(db)))


def test_an_operation_without_rules_is_a_constant():
    assert ck.grad(lambda x: np.floor(x) * x)(2.5) == 2
    assert ck.grad(lambda x: np.floor(x))(2.5) == 0
    assert ck.grad(ck.grad(lambda x: np.sign(x) * x**2))(-1.5) == -2
