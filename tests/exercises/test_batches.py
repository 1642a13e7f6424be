"""The checkers of the chapter on SGD: stubs, solutions, and what people write instead."""

import numpy as np
import pytest

import coursekit as ck
from coursekit.exercises.epochs import minibatches
from coursekit.exercises.minibatch import minibatch_gradient

BOTH = [minibatch_gradient, minibatches]


# --- right answers, written otherwise than in the checker ----------------------------------------
def row_by_row(w, X, y, rows):
    return sum((X[i] @ w - y[i]) * X[i] for i in rows) / len(rows)


def by_means(w, X, y, rows):
    X, y = X[rows], y[rows]
    return ((X @ w - y)[:, None] * X).mean(axis=0)


def by_autograd(w, X, y, rows):
    return ck.grad(lambda w: ((X[rows] @ w - y[rows]) ** 2).mean() / 2)(w)


def generator(X, y, B, rng):
    order = rng.permutation(len(y))
    for start in range(0, len(y), B):
        rows = order[start : start + B]
        yield X[rows], y[rows]


def listed(X, y, B, rng):
    order = np.arange(len(y))
    rng.shuffle(order)
    return [(X[r], y[r]) for r in np.split(order, range(B, len(y), B))]


def by_the_package(X, y, B, rng):
    seed = int(rng.integers(1000))
    return [(X[rows], y[rows]) for rows in ck.minibatches(len(y), B, rng=seed)]


@pytest.mark.parametrize("function", [row_by_row, by_means, by_autograd])
def test_gradients_that_are_right_pass(function):
    assert minibatch_gradient(function).passed


@pytest.mark.parametrize("function", [generator, listed, by_the_package])
def test_epochs_that_are_right_pass(function):
    verdict = minibatches(function)
    assert verdict.passed and "Right in all 4 cases" in verdict.message


def _each_row(w, X, y, rows):
    return X[rows] * (X[rows] @ w - y[rows])[:, None]


# --- wrong ones ----------------------------------------------------------------------------------
def summed(w, X, y, rows):
    return X[rows].T @ (X[rows] @ w - y[rows])


def over_all(w, X, y, rows):
    return X[rows].T @ (X[rows] @ w - y[rows]) / len(y)


def doubled(w, X, y, rows):
    return 2 * by_means(w, X, y, rows)


def halved(w, X, y, rows):
    return by_means(w, X, y, rows) / 2


def uphill(w, X, y, rows):
    return X[rows].T @ (y[rows] - X[rows] @ w) / len(rows)


def everything(w, X, y, rows):
    return X.T @ (X @ w - y) / len(y)


def others_labels(w, X, y, rows):
    return X[rows].T @ (X[rows] @ w - y[: len(rows)]) / len(rows)


def first_rows(w, X, y, rows):
    return by_means(w, X, y, slice(len(rows)))


def masked(w, X, y, rows):
    mask = np.isin(np.arange(len(y)), rows)
    return by_means(w, X, y, mask)


def means_multiplied(w, X, y, rows):
    return X[rows].mean(axis=0) * (X[rows] @ w - y[rows]).mean()


def no_labels(w, X, y, rows):
    return X[rows].T @ (X[rows] @ w) / len(rows)


def wrong_axis(w, X, y, rows):
    return _each_row(w, X, y, rows).mean(axis=1)


def scalar(w, X, y, rows):
    return _each_row(w, X, y, rows).mean()


def all_labels(w, X, y, rows):
    return X[rows].T @ (X[rows] @ w - y) / len(rows)


def in_place(w, X, y, rows):
    y -= X @ w
    return -X[rows].T @ y[rows] / len(rows)


def mean_error(w, X, y, rows):
    return X[rows].T @ (X[rows] @ w - y[rows]).mean()


def normal_equations(w, X, y, rows):
    return np.linalg.solve(X[rows].T @ X[rows], X[rows].T @ y[rows])


def row_solved(w, X, y, rows):
    A = X[rows[:1]]
    return np.linalg.solve(A.T @ A, A.T @ y[rows[:1]])


GRADIENTS = {
    "sum": (summed, "100 times as long", "len(rows)"),
    "divided by m": (over_all, "more rows", "not by that of all data"),
    "factor 2": (doubled, "derivative of e**2 / 2", "leave it out"),
    "factor 2 ": (halved, "derivative of e**2 / 2", "leave both out"),
    "sign": (uphill, "uphill", "prediction minus label"),
    "all rows": (everything, "Which rows", "X[rows] and y[rows]"),
    "labels of others": (others_labels, "own label", "y[rows]"),
    "first rows": (first_rows, "Which rows", "rows says which"),
    "repeats dropped": (masked, "more than once", "a mask or a set"),
    "means multiplied": (means_multiplied, "product of the means", "its own error first"),
    "no labels": (no_labels, "labels", "labels are missing"),
    "shape": (wrong_axis, "which axis", "first axis"),
    "shape ": (scalar, "which axis", "first axis"),
    "crash": (all_labels, "rows of the batch", "as many entries as the batch"),
    "crash ": (mean_error, "averaged the errors", "X[rows].T @ errors first"),
    "crash  ": (row_solved, "solve for weights", "Nothing is solved"),
    "solved": (normal_equations, "fit the batch best", "Nothing is solved"),
    "in place": (in_place, "new arrays", "y -= ..."),
}


def apart(X, y, B, rng):
    order = rng.permutation(len(y))
    for start in range(0, len(y), B):
        yield X[order[start : start + B]], y[start : start + B]


def two_orders(X, y, B, rng):
    X, y = rng.permutation(X), rng.permutation(y)
    return [(X[k : k + B], y[k : k + B]) for k in range(0, len(y), B)]


def shuffled_in_place(X, y, B, rng):
    rng.shuffle(X)
    return [(X[k : k + B], y[k : k + B]) for k in range(0, len(y), B)]


def replaced(X, y, B, rng):
    order = rng.integers(len(y), size=len(y))
    return [(X[r], y[r]) for r in np.split(order, range(B, len(y), B))]


def short_lost(X, y, B, rng):
    order = rng.permutation(len(y))
    for k in range(len(y) // B):
        rows = order[k * B : (k + 1) * B]
        yield X[rows], y[rows]


def as_stored(X, y, B, rng):
    return [(X[k : k + B], y[k : k + B]) for k in range(0, len(y), B)]


def one_too_many(X, y, B, rng):
    order = rng.permutation(len(y) + 1)
    for start in range(0, len(y) + 1, B):
        rows = order[start : start + B]
        yield X[rows], y[rows]


def from_one(X, y, B, rng):
    order = rng.permutation(np.arange(1, len(y) + 1))
    return [(X[r], y[r]) for r in np.split(order, range(B, len(y), B))]


def overlapping(X, y, B, rng):
    order = rng.permutation(len(y))
    for start in range(0, len(y), B):
        rows = order[start : start + B + 1]
        yield X[rows], y[rows]


def even_pieces(X, y, B, rng):
    order = rng.permutation(len(y))
    return [(X[r], y[r]) for r in np.array_split(order, -(-len(y) // B))]


def fewer_pieces(X, y, B, rng):
    order = rng.permutation(len(y))
    return [(X[r], y[r]) for r in np.array_split(order, len(y) // B)]


def rest_added(X, y, B, rng):
    order = rng.permutation(len(y))
    return [(X[r], y[r]) for r in np.split(order, range(B, len(y) - B + 1, B))]


def own_seed(X, y, B, rng):
    yield from generator(X, y, B, np.random.default_rng(0))


def own_chance(X, y, B, rng):
    yield from generator(X, y, B, np.random.default_rng())


def endless(X, y, B, rng):
    while True:
        yield from generator(X, y, B, rng)


def indices(X, y, B, rng):
    order = rng.permutation(len(y))
    for start in range(0, len(y), B):
        yield order[start : start + B]


def one_batch(X, y, B, rng):
    rows = rng.permutation(len(y))[:B]
    return [(X[rows], y[rows])]


def returned_list(X, y, B, rng):
    order, batches = rng.permutation(len(y)), []
    for start in range(0, len(y), B):
        rows = order[start : start + B]
        batches.append((X[rows], y[rows]))
        return batches


def returned_pair(X, y, B, rng):
    for rows in np.split(rng.permutation(len(y)), range(B, len(y), B)):
        return X[rows], y[rows]


def labels_first(X, y, B, rng):
    X_batch, y_batch = returned_pair(X, y, B, rng)
    return y_batch, X_batch


def uncut(X, y, B, rng):
    order = rng.permutation(len(y))
    return X[order], y[order]


def every_other(X, y, B, rng):
    return list(generator(X, y, B, rng))[::2]


def flat(X, y, B, rng):
    return [(X[i], y[i]) for i in rng.permutation(len(y))]


def a_number(X, y, B, rng):
    return len(y) // B


EPOCHS = {
    "labels apart": (apart, "What has been shuffled", "X[rows] and y[rows]"),
    "labels apart ": (two_orders, "What has been shuffled", "one order"),
    "in place": (shuffled_in_place, "leaves their labels", "row numbers"),
    "with replacement": (replaced, "come twice", "rng.permutation"),
    "last batch lost": (short_lost, "does not divide", "may be short"),
    "not shuffled": (as_stored, "sorted by its labels", "rng.permutation"),
    "crash": (one_too_many, "too large", "from 0 to len(y) - 1"),
    "crash ": (from_one, "too large", "from 0 to len(y) - 1"),
    "rows twice": (overlapping, "overlap", "for k from 0"),
    "rows twice ": (endless, "more than one epoch", "one loop"),
    "batch sizes": (rest_added, "but the last one", "Slices"),
    "even pieces": (even_pieces, "equally long", "np.array_split(order, k)"),
    "even pieces ": (fewer_pieces, "equally long", "the rest"),
    "rng ignored": (own_seed, "draw from", "no generator of your own"),
    "rng ignored ": (own_chance, "repeat this run", "in place of np.random"),
    "returns": (indices, "a step of SGD", "X[rows], y[rows]"),
    "first batch only": (one_batch, "Is there a loop", "Batch by batch"),
    "first batch only ": (returned_list, "return stand inside", "behind the loop"),
    "one pair": (returned_pair, "return stand inside", "yield in place of return"),
    "one pair  ": (labels_first, "return stand inside", "yield in place of return"),
    "one pair ": (uncut, "cut into pieces", "yield in place of return"),
    "rows missing": (every_other, "Which ones are missing", "Batch by batch"),
    "shape": (flat, "same columns", "one array of row numbers"),
    "crash  ": (a_number, "many batches", "yield one pair"),
}

WRONG = [(minibatch_gradient, name, *row) for name, row in GRADIENTS.items()] + [
    (minibatches, name, *row) for name, row in EPOCHS.items()
]


@pytest.mark.parametrize(
    "exercise, name, function, nudge, plain", WRONG, ids=[row[2].__name__ for row in WRONG]
)
def test_wrong_answers_get_the_hint_made_for_them(exercise, name, function, nudge, plain):
    exercise(lambda: None)  # hints begin anew
    first, second = exercise(function), exercise(function)
    assert not first and not second
    assert first.mistake == second.mistake == name.strip(), first
    assert nudge in first.hint and plain in second.hint
    assert first.message and "nan" not in first.message


def test_a_sum_is_told_from_a_mean_by_numbers():
    said = minibatch_gradient(summed).message
    assert "g  should be [-1, 2]\n   yours is  [-2, 4]" in said and "rows = [1, 2]" in said


@pytest.mark.parametrize("exercise", BOTH, ids=lambda e: e.name)
def test_the_stub_gets_the_first_hint(exercise):
    def raises(a, b, c, d):
        raise NotImplementedError

    def dots(a, b, c, d): ...

    for stub in (raises, dots):
        exercise(lambda: None)
        verdict = exercise(stub)
        assert not verdict and verdict.mistake == "nothing"
        assert exercise.nudge in verdict.hint and exercise.start in exercise(stub).hint


@pytest.mark.parametrize("exercise", BOTH, ids=lambda e: e.name)
def test_nothing_that_a_student_writes_gets_out(exercise):
    def stops(*_):
        raise SystemExit

    def deeper(a, b, c, d):
        return deeper(a, b, c, d)

    for function in (
        None, 3, "x", len, stops, deeper, lambda a: a, lambda *_: np.inf, lambda *_: [None],
        lambda *_: [(1, 2)], lambda *_: "text", lambda *_: object(), lambda *_: [("a", "b")],
        lambda *_: [([[np.inf, 1.0]], [1.0])], lambda *_: [],
    ):  # fmt: skip
        verdict = exercise(function)
        assert not verdict.passed and verdict.message and verdict.hint


def test_turning_the_rows_round_is_no_shuffling():
    def turned(X, y, B, rng):
        order = np.roll(np.arange(len(y)), rng.integers(len(y)))
        return [(X[order[k : k + B]], y[order[k : k + B]]) for k in range(0, len(y), B)]

    assert ck.check.minibatches(turned).mistake == "not shuffled"
