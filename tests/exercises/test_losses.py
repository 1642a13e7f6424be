"""The checkers of the chapter on losses: stub, solutions, and every typical wrong answer."""

import numpy as np
import pytest

import coursekit as ck
from coursekit.exercises.cross_entropy import cross_entropy
from coursekit.exercises.logit_gradient import cross_entropy_gradient
from coursekit.exercises.smoothing import smooth_labels

ALL = (cross_entropy, cross_entropy_gradient, smooth_labels)


@pytest.fixture(autouse=True)
def forget():
    for exercise in ALL:
        exercise._last = ""


def softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


# --- as students write them, in other words than the checker -------------------------------------
def loss_by_loop(logits, labels):
    total = 0.0
    for row, label in zip(logits, labels, strict=True):
        top = max(row)
        total += top + np.log(sum(np.exp(v - top) for v in row)) - row[label]
    return total / len(labels)


def loss_by_package(logits, labels):
    return ck.losses.cross_entropy(logits, labels)


def loss_by_logaddexp(logits, labels):
    norm = np.logaddexp.reduce(logits, axis=1)
    return float(np.mean(norm - logits[range(len(labels)), labels]))


def gradient_by_subtraction(logits, labels):
    g = softmax(logits)
    g[np.arange(len(labels)), labels] -= 1
    return g / len(labels)


def gradient_by_autograd(logits, labels):
    return ck.grad(lambda z: ck.losses.cross_entropy(z, labels))(logits)


def gradient_as_lists(logits, labels):
    return gradient_by_subtraction(logits, labels).tolist()


def smooth_by_filling(labels, classes, alpha):
    targets = np.full((len(labels), classes), alpha / classes)
    targets[np.arange(len(labels)), labels] += 1 - alpha
    return targets


RIGHT = [
    (cross_entropy, loss_by_loop), (cross_entropy, loss_by_package),
    (cross_entropy, loss_by_logaddexp), (cross_entropy_gradient, gradient_by_subtraction),
    (cross_entropy_gradient, gradient_by_autograd), (cross_entropy_gradient, gradient_as_lists),
    (smooth_labels, smooth_by_filling),
]  # fmt: skip


# --- and wrongly ---------------------------------------------------------------------------------
def no_shift(logits, labels):
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return -np.log(p[np.arange(len(labels)), labels]).mean()


def no_shift_in_parts(logits, labels):
    norm = np.log(np.exp(logits).sum(axis=1))
    return (norm - logits[np.arange(len(labels)), labels]).mean()


def log_of_zero(logits, labels):
    return -np.log(softmax(logits)[np.arange(len(labels)), labels]).mean()


def global_shift(logits, labels):
    z = logits - logits.max()
    norm = np.log(np.exp(z).sum(axis=1))
    return (norm - z[np.arange(len(labels)), labels]).mean()


def finite_log_of_zero(logits, labels):
    terms = np.eye(logits.shape[1])[labels] * np.log(softmax(logits))
    return -np.nan_to_num(terms).sum(axis=1).mean()


def zero_times_log_of_zero(logits, labels):
    return -(np.eye(logits.shape[1])[labels] * np.log(softmax(logits))).sum(axis=1).mean()


def nothing_shifted(logits, labels):
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return -(np.eye(logits.shape[1])[labels] * np.log(p)).sum(axis=1).mean()


def floored(logits, labels):
    return -np.log(softmax(logits)[np.arange(len(labels)), labels] + 1e-12).mean()


def log_p(z):
    z = z - z.max(axis=1, keepdims=True)
    return z - np.log(np.exp(z).sum(axis=1, keepdims=True))


def summed(logits, labels):
    return -log_p(logits)[np.arange(len(labels)), labels].sum()


def mean_of_all(logits, labels):
    return -np.mean(np.eye(logits.shape[1])[labels] * log_p(logits))


def down_the_columns(logits, labels):
    z = logits - logits.max(axis=0)
    p = np.exp(z) / np.exp(z).sum(axis=0)
    return -np.log(p[np.arange(len(labels)), labels]).mean()


def positive(logits, labels):
    return log_p(logits)[np.arange(len(labels)), labels].mean()


def twice(logits, labels):
    return -log_p(softmax(logits))[np.arange(len(labels)), labels].mean()


def raw(logits, labels):
    return -logits[np.arange(len(labels)), labels].mean()


def no_log(logits, labels):
    return 1 - softmax(logits)[np.arange(len(labels)), labels].mean()


def in_bits(logits, labels):
    return -(log_p(logits) / np.log(2))[np.arange(len(labels)), labels].mean()


def rows_picked(logits, labels):
    return -log_p(logits)[labels].mean()


def per_row(logits, labels):
    return -log_p(logits)[np.arange(len(labels)), labels]


def with_probabilities(logits, labels):
    return loss_by_loop(logits, labels), softmax(logits)


def shifted_in_place(logits, labels):
    logits -= logits.max(axis=1, keepdims=True)
    return loss_by_loop(logits, labels)


LOSS = {
    "overflow": (no_shift, "exp(1000)", "largest logit"),
    "overflow ": (no_shift_in_parts, "exp(1000)", "largest logit"),
    "overflow  ": (nothing_shifted, "exp(1000)", "largest logit"),
    "log of zero": (log_of_zero, "log(0)", "Never take the logarithm"),
    "log of zero  ": (finite_log_of_zero, "log(0)", "Never take the logarithm"),
    "log of zero ": (zero_times_log_of_zero, "0 times log(0)", "Never take the logarithm"),
    "one shift for all": (global_shift, "whole batch", "its own maximum"),
    "floor": (floored, "hides the trouble", "Leave it out"),
    "sum": (summed, "number of rows", "mean over the batch"),
    "mean over all entries": (mean_of_all, "how many numbers", "batch size only"),
    "axis": (down_the_columns, "sum to 1", "axis=1"),
    "sign": (positive, "negative", "minus the mean"),
    "softmax twice": (twice, "how often", "not probabilities"),
    "no softmax": (raw, "no least value", "not yet log-probabilities"),
    "no logarithm": (no_log, "mean of probabilities", "-log p"),
    "logarithm": (in_bits, "base", "natural"),
    "index ": (rows_picked, "From each row", "np.arange"),
    "shape": (per_row, "One number", "mean over the rows"),
    "returns": (with_probabilities, "Only the loss", "one number"),
    "in place": (shifted_in_place, "leaves them", "logits -= ..."),
}


def hot(z, labels):
    return np.eye(z.shape[1])[labels]


def g_no_shift(z, labels):
    e = np.exp(z)
    return (e / e.sum(axis=1, keepdims=True) - hot(z, labels)) / len(labels)


def g_not_divided(z, labels):
    return softmax(z) - hot(z, labels)


def g_by_size(z, labels):
    return (softmax(z) - hot(z, labels)) / z.size


def g_sign(z, labels):
    return (hot(z, labels) - softmax(z)) / len(labels)


def g_no_labels(z, labels):
    return softmax(z) / len(labels)


def g_numbers(z, labels):
    return (softmax(z) - labels.reshape(-1, 1)) / len(labels)


def g_twice(z, labels):
    p, out = softmax(z), []
    for row, y in zip(p, hot(z, labels), strict=True):
        out.append((np.diag(row) - np.outer(row, row)) @ (row - y))
    return np.array(out) / len(labels)


def g_by_p(z, labels):
    p, y = softmax(z), hot(z, labels)
    return -np.divide(y, p, out=np.zeros_like(p), where=y > 0) / len(labels)


def g_label_only(z, labels):
    return hot(z, labels) * (softmax(z) - 1) / len(labels)


def g_columns(z, labels):
    return (softmax(z.T).T - hot(z, labels)) / len(labels)


def g_summed(z, labels):
    return gradient_by_subtraction(z, labels).sum(axis=0)


def g_in_place(z, labels):
    z -= z.max(axis=1, keepdims=True)
    return gradient_by_subtraction(z, labels)


def g_unfinished(z, labels):
    return np.zeros_like(z) / 0.0


GRADIENT = {
    "overflow": (g_no_shift, "exp(1000)", "largest logit"),
    "not divided": (g_not_divided, "sum over the batch", "number of rows"),
    "divided by all entries": (g_by_size, "how many numbers", "rows only"),
    "sign": (g_sign, "Which way", "not y - p"),
    "labels forgotten": (g_no_labels, "have not been used", "one-hot y"),
    "labels as numbers": (g_numbers, "names, not amounts", "one-hot rows"),
    "squares": (g_twice, "squared error", "already"),
    "by the probabilities": (g_by_p, "by the probabilities", "becomes p - y"),
    "only the label": (g_label_only, "other logits", "every column"),
    "axis": (g_columns, "sum to 1", "axis=1"),
    "shape": (g_summed, "each logit", "nothing is summed"),
    "in place": (g_in_place, "leaves them", "logits -= ..."),
    "infinite": (g_unfinished, "exp(1000)", "largest logit"),
}


def s_eps(labels, classes, alpha):
    t = np.full((len(labels), classes), alpha)
    t[np.arange(len(labels)), labels] = 1 - (classes - 1) * alpha
    return t


def s_wrong_only(labels, classes, alpha):
    t = np.full((len(labels), classes), alpha / (classes - 1))
    t[np.arange(len(labels)), labels] = 1 - alpha
    return t


def s_too_little(labels, classes, alpha):
    t = np.full((len(labels), classes), alpha / classes)
    t[np.arange(len(labels)), labels] = 1 - alpha
    return t


def s_too_much(labels, classes, alpha):
    return np.eye(classes)[labels] + alpha / classes


def s_taken(labels, classes, alpha):
    return (1 - alpha) * np.eye(classes)[labels]


def s_one_hot(labels, classes, alpha):
    return np.eye(classes)[labels]


def s_exchanged(labels, classes, alpha):
    return alpha * np.eye(classes)[labels] + (1 - alpha) / classes


def s_transposed(labels, classes, alpha):
    return smooth_by_filling(labels, classes, alpha).T


def s_whole(labels, classes, alpha):
    t = np.zeros((len(labels), classes), int)
    t[np.arange(len(labels)), labels] = 1
    return t


SMOOTH = {
    "eps is alpha": (s_eps, "each wrong class gets alpha", "alpha / classes"),
    "dealt to the wrong ones": (s_wrong_only, "wrong classes only", "its share"),
    "does not sum to 1": (s_too_little, "Add up", "1 - alpha + alpha / classes"),
    "does not sum to 1 ": (s_too_much, "Add up", "taken away"),
    "does not sum to 1  ": (s_taken, "Add up", "dealt out"),
    "not smoothed": (s_one_hot, "have you not used", "Mix them"),
    "exchanged": (s_exchanged, "alpha is 0", "the share that is dealt out"),
    "shape": (s_transposed, "One row", "(len(labels), classes)"),
    "not smoothed ": (s_whole, "one-hot rows", "Mix them"),
}

WRONG = [
    (exercise, name, *row)
    for exercise, table in zip(ALL, (LOSS, GRADIENT, SMOOTH), strict=True)
    for name, row in table.items()
]


@pytest.mark.parametrize(
    "exercise, name, function, nudge, plain", WRONG, ids=[row[2].__name__ for row in WRONG]
)
def test_wrong_answers_get_the_hint_made_for_them(exercise, name, function, nudge, plain):
    first, second = exercise(function), exercise(function)
    assert not first and not second
    assert first.mistake == second.mistake == name.strip()
    assert nudge in first.hint and plain in second.hint
    assert "the new" not in first.message.lower()


@pytest.mark.parametrize("exercise, function", RIGHT, ids=[row[1].__name__ for row in RIGHT])
def test_solutions_pass(exercise, function):
    assert exercise(function).passed, exercise(function)
    assert getattr(ck.check, exercise.name)(function)


@pytest.mark.parametrize("exercise", ALL, ids=lambda e: e.name)
def test_the_stub_gets_the_first_hint(exercise):
    def stub(*arguments): ...

    verdict = exercise(stub)
    assert not verdict and verdict.mistake == "nothing"
    assert exercise.nudge in verdict.hint and exercise.start in exercise(stub).hint
    assert "Then: return" in exercise(stub).hint


def test_the_first_case_is_shown_in_numbers():
    said = cross_entropy(summed).message
    assert "logits = [[2, 0, 1], [0, 1, 3]], labels = [0, 1]" in said
    assert "loss  should be 1.289\n      yours is  2.577" in said
    assert "infinite" in cross_entropy(log_of_zero).message
    assert "nan" in cross_entropy(no_shift).message
    assert "targets  should be" in smooth_labels(s_eps).message
