"""The checkers of the chapter on early stopping: stubs, solutions, and what people write."""

import inspect

import numpy as np
import pytest

import coursekit as ck
from coursekit.exercises.noise import norm_and_noise
from coursekit.exercises.stopping import stop_early
from coursekit.exercises.training import Training
from coursekit.exercises.whole_norm import whole_norm

ALL = [stop_early, whole_norm, norm_and_noise]


# --- right answers, written otherwise than in the checker ----------------------------------------
def counted_down(training, patience, min_delta, epochs):
    left, lowest, best = patience, float("inf"), None
    while epochs and left:
        training.epoch()
        epochs, loss = epochs - 1, training.loss()
        if lowest - loss > min_delta:
            left, lowest, best = patience, loss, np.array(training.theta)
        else:
            left -= 1
    return best, lowest


def by_epochs(training, patience, min_delta, epochs):
    best_epoch, history = 0, []
    for epoch in range(epochs):
        training.epoch()
        history.append((training.loss(), training.theta.copy()))
        if not epoch or history[-1][0] < history[best_epoch][0] - min_delta:
            best_epoch = epoch
        if epoch - best_epoch >= patience:
            break
    return history[best_epoch][1], history[best_epoch][0]


def by_the_package(training, patience, min_delta, epochs):
    rule = ck.EarlyStopping(patience, min_delta=min_delta)
    watch = rule.start()
    for epoch in range(1, epochs + 1):
        training.epoch()
        watch = rule.observe(watch, epoch, training.loss())
        if watch.best_epoch == epoch:
            best = training.theta.copy()
        if watch.stop:
            break
    return best, watch.best


def norm_by_rows(gradients, sizes):
    total = sum(size * g for size, g in zip(sizes, gradients, strict=True))
    return np.sqrt(((total / sum(sizes)) ** 2).sum())


def norm_by_average(gradients, sizes):
    return np.linalg.norm(np.average(gradients, axis=0, weights=sizes))


def two_by_sums(g1, g2, B):
    return np.sum(g1 * g2), B / 2 * np.linalg.norm(g1 - g2) ** 2


def two_by_squares(g1, g2, B):
    total, apart = ((g1 + g2) ** 2).sum(), ((g1 - g2) ** 2).sum()
    return (total - apart) / 4, B * np.var([g1, g2], axis=0, ddof=1).sum()


RIGHT = [
    (stop_early, counted_down), (stop_early, by_epochs), (stop_early, by_the_package),
    (whole_norm, norm_by_rows), (whole_norm, norm_by_average),
    (norm_and_noise, two_by_sums), (norm_and_noise, two_by_squares),
]  # fmt: skip


@pytest.mark.parametrize(("exercise", "function"), RIGHT, ids=lambda x: getattr(x, "__name__", ""))
def test_right_answers_pass(exercise, function):
    verdict = exercise(function)
    assert verdict.passed and not verdict.hint, verdict


def test_the_estimates_are_right_on_average():
    g, B = np.array([0.3, -0.1, 0.2]), 5
    rows = np.random.default_rng(0).standard_normal((40_000, 2, B, 3)) * [1, 2, 0.5] + g
    found = [norm_and_noise.right(*pair.mean(axis=1), B) for pair in rows]
    signal, noise = np.mean(found, axis=0)
    assert signal == pytest.approx(g @ g, abs=0.02)
    assert noise == pytest.approx(1 + 4 + 0.25, rel=0.02)


@pytest.mark.parametrize("formula", [norm_and_noise.right, *norm_and_noise.others])
def test_what_passes_is_right_on_average(formula):
    """With a noise z or -z in each batch, the mean over the four pairs is the exact one."""
    g, z, B = np.array([0.3, -0.1, 0.2]), np.array([1.0, 2.0, -0.5]), 5
    found = [formula(g + s * z, g + t * z, B) for s in (1, -1) for t in (1, -1)]
    signal, noise = np.mean(found, axis=0)
    assert signal == pytest.approx(g @ g, abs=1e-12)
    assert noise == pytest.approx(B * (z @ z), rel=1e-12)


def test_a_mistake_in_the_signal_explains_no_noise():
    """Two cases come before the one that is infinite; in both the signal is above 0."""

    def divided(g1, g2, B):
        return g1 @ g2, B / np.float64(B - 1) * ((g1 - g2) ** 2).sum() / 2

    assert norm_and_noise(divided).mistake == "infinite"


# --- wrong ones ----------------------------------------------------------------------------------
def against_last(training, patience, min_delta, epochs):
    last = lowest = np.inf
    wait = 0
    for _ in range(epochs):
        training.epoch()
        loss = training.loss()
        if loss < last - min_delta:
            best, lowest, wait = training.theta.copy(), loss, 0
        else:
            wait += 1
        if wait == patience:
            break
        last = loss
    return best, lowest


# fmt: off
def marked(then):
    """A student's function of another order: what is done with a loss, in these lines."""
    code = f"""
def answer(training, patience, min_delta, epochs):
    best, lowest, mark, wait = training.theta, np.inf, np.inf, 0
    for _ in range(epochs):
        training.epoch()
        loss = training.loss()
        {then}
        if wait >= patience:
            break
    return best, lowest
"""
    scope = {"np": np}
    exec(code.replace("keep", "best, lowest = training.theta.copy(), loss"), scope)
    return scope["answer"]


BETTER, COUNT = "if loss < lowest - min_delta", "wait = wait + 1"


def written(condition="loss < lowest - min_delta", stop="wait >= patience",
            keep="training.theta.copy()", reset="wait = 0", result="best, lowest",
            begin="np.inf", order=("training.epoch()", "loss = training.loss()"), otherwise=""):
    """A student's function with one line changed."""
    # fmt: on
    code = f"""
def answer(training, patience, min_delta, epochs):
    best, lowest, wait = training.theta, {begin}, 0
    for _ in range(epochs):
        {order[0]}
        {order[1]}
        if {condition}:
            best, lowest = {keep}, loss
            {reset}
        else:
            wait += 1
            {otherwise}
            if {stop}:
                break
    return {result}
"""
    scope = {"np": np}
    exec(code, scope)
    return scope["answer"]


STOPPING = {
    "last loss": (against_last, "epoch before", "lowest loss so far"),
    "one too patient": (written(stop="wait > patience"), "Count on your fingers", "wait >= pat"),
    "one too hasty": (written(stop="wait >= patience - 1"), "fingers", "an epoch too soon"),
    "last theta": (written(result="training.theta.copy(), lowest"), "belong", "last epoch"),
    "no copy": (written(keep="training.theta"), "stay what it was", "theta.copy()"),
    "min_delta added": (written("loss < lowest + min_delta"), "a little higher", "fall by more"),
    "min_delta ignored": (written("loss < lowest"), "not used", "lower by more"),
    "ties": (written("loss <= lowest - min_delta"), "nothing changes", "Use <"),
    "creeping": (written(otherwise="lowest = min(lowest, loss)"), "add up", "slow descent"),
    "no reset": (written(reset="pass"), "how long do you wait", "back to 0"),
    "no reset ": (marked(f"""if loss < lowest:
            keep
            wait = 0 if loss < lowest - min_delta else wait
        else: {COUNT}"""), "how long do you wait", "before lowest is set"),
    "improvements counted": (marked(f"{COUNT}\n        {BETTER}: keep"), "improvement, too",
                             "only else it grows"),
    "improvements counted ": (marked(f"""{BETTER}: keep
        if loss < lowest: wait = 0
        else: {COUNT}"""), "improvement, too", "before lowest is set"),
    "two marks": (marked(f"""if loss < lowest: keep
        if loss < mark - min_delta: mark, wait = loss, 0
        else: {COUNT}"""), "what you keep", "A smaller gain changes nothing"),
    "creeping ": (marked(f"""{BETTER}: wait = 0
        else: {COUNT}
        if loss < lowest: keep"""), "add up", "slow descent"),
    "never stops": (written(stop="False"), "before the last", "break"),
    "loss of the end": (written(result="best, loss"), "Your parameters are right", "lowest loss"),
    "start counted": (written(begin="training.loss()"), "Nobody has trained", "np.inf"),
    "loss too early": (written(order=("loss = training.loss()", "training.epoch()")),
                       "before the epoch", "First training.epoch()"),
    "nan improves": (written("not loss >= lowest - min_delta"), "Is nan", "comparison with nan"),
    "too long": (written("min(loss, lowest) == loss"), "took a gain", "in a row brought none"),
    "too soon": (written("loss < lowest - 2 * min_delta"), "missed an", "wait anew"),
    "absolute change": (written("abs(lowest - loss) > min_delta"), "gone up", "Only a fall"),
    "uphill": (written("loss > lowest + min_delta or lowest == np.inf"), "rise or", "is loss <"),
    "relative": (written("loss < lowest * (1 - min_delta)"), "as a share", "an amount"),
    "end returned": (written(result="training.theta.copy(), loss"), "last epoch", "copy"),
    "no patience": (written(stop="True"), "first epoch without", "patience of them"),
    "returns": (written(result="best"), "best parameters, and their", "return best, lowest"),
    "shape": (written(result="lowest, best"), "First the parameters", "return best, lowest"),
    "crash": (written(order=("training()", "loss = training.loss()")), "its methods",
              "training.epoch()"),
    "crash ": (written(order=("training.epoch()", "loss = training.loss")), "behind them",
               "parentheses"),
    "crash  ": (written(order=("training.epoch(); training.epoch()", "loss = training.loss()")),
                "at most", "range(epochs)"),
}  # fmt: skip

NORM = {
    "mean of norms": (lambda gradients, sizes: np.linalg.norm(gradients, axis=1).mean(),
                      "cancel", "norm of the average"),
    "mean of norms ": (lambda gradients, sizes: np.average(
        np.linalg.norm(gradients, axis=1), weights=sizes), "cancel", "norm of the average"),
    "unweighted": (lambda gradients, sizes: np.linalg.norm(gradients.mean(axis=0)),
                   "as loud", "Weight each"),
    "sum over rows": (lambda gradients, sizes: np.linalg.norm(gradients.T @ sizes),
                      "amount of data", "sizes.sum()"),
    "sum of batches": (lambda gradients, sizes: np.linalg.norm(gradients.sum(axis=0)),
                       "number of batches", "sizes / sizes.sum()"),
    "divided by batches": (lambda gradients, sizes: np.linalg.norm(
        (gradients.T * sizes).mean(axis=1)), "By how many", "sizes.sum()"),
    "squared": (lambda gradients, sizes: norm_by_rows(gradients, sizes) ** 2, "square", "root"),
    "norm of all numbers": (lambda gradients, sizes: np.linalg.norm(gradients), "mixes", "average"),
    "largest entry": (lambda gradients, sizes: abs(np.average(
        gradients, axis=0, weights=sizes)).max(), "Which norm", "Euclidean"),
    "shape": (lambda gradients, sizes: np.average(gradients, axis=0, weights=sizes),
              "one number", "over axis 0"),
}  # fmt: skip

TWO = {
    "biased": (lambda g1, g2, B: (((g1 + g2) / 2) @ ((g1 + g2) / 2), two_by_sums(g1, g2, B)[1]),
               "true gradient be 0", "independent noise"),
    "biased ": (lambda g1, g2, B: (g1 @ g1, two_by_sums(g1, g2, B)[1]), "0", "square adds up"),
    "product of norms": (lambda g1, g2, B: (np.linalg.norm(g1) * np.linalg.norm(g2),
                                            two_by_sums(g1, g2, B)[1]), "be 0", "square adds up"),
    "root": (lambda g1, g2, B: (np.sqrt(abs(g1 @ g2)), two_by_sums(g1, g2, B)[1]),
             "mean of a root", "may be negative"),
    "never negative": (lambda g1, g2, B: (abs(g1 @ g2), two_by_sums(g1, g2, B)[1]),
                       "never negative", "below 0"),
    "noise of both": (lambda g1, g2, B: (g1 @ g2, B * ((g1 - g2) ** 2).sum()), "how many", "by 2"),
    "batch forgotten": (lambda g1, g2, B: (g1 @ g2, ((g1 - g2) ** 2).sum() / 2),
                        "single row", "multiply by B"),
    "divided by B": (lambda g1, g2, B: (g1 @ g2, ((g1 - g2) ** 2).sum() / (2 * B)),
                     "noisier", "multiply"),
    "mean square": (lambda g1, g2, B: (g1 @ g2, B * ((g1 - g2) ** 2).mean() / 2), "sum over",
                    "sum()"),
    "norm, not square": (lambda g1, g2, B: (g1 @ g2, B * np.linalg.norm(g1 - g2) / 2),
                         "variance is a square", "Square"),
    "norms subtracted": (lambda g1, g2, B: (
        g1 @ g2, B * (np.linalg.norm(g1) - np.linalg.norm(g2)) ** 2 / 2), "directions", "not the"),
    "order": (lambda g1, g2, B: two_by_sums(g1, g2, B)[::-1], "order", "signal first"),
    "shape": (lambda g1, g2, B: (g1 * g2, B * (g1 - g2) ** 2 / 2), "summed over", "g1 @ g2"),
    "returns": (lambda g1, g2, B: g1 @ g2, "Two numbers", "return signal, noise"),
}  # fmt: skip

WRONG = [
    (exercise, name, *row)
    for exercise, rows in ((stop_early, STOPPING), (whole_norm, NORM), (norm_and_noise, TWO))
    for name, row in rows.items()
]


@pytest.mark.parametrize(
    ("exercise", "name", "function", "nudge", "plain"), WRONG,
    ids=[f"{row[0].name}-{row[1].strip()}" for row in WRONG],
)  # fmt: skip
def test_wrong_answers_get_the_hint_made_for_them(exercise, name, function, nudge, plain):
    exercise(exercise.right)  # so that hints begin anew
    first, second = exercise(function), exercise(function)
    assert not first and not second
    assert first.mistake == second.mistake == name.strip(), first
    assert nudge in first.hint and plain in second.hint, (first, second)


@pytest.mark.parametrize("exercise", ALL, ids=lambda e: e.name)
def test_the_stub_gets_the_first_hint(exercise):
    names = exercise.signature.partition("(")[2][:-1]
    scope = {}
    exec(f"def dots({names}): ...\ndef raises({names}): raise NotImplementedError", scope)
    for stub in (scope["raises"], scope["dots"]):
        exercise(exercise.right)
        assert exercise.nudge in exercise(stub).hint and exercise.start in exercise(stub).hint


@pytest.mark.parametrize("exercise", ALL, ids=lambda e: e.name)
def test_whatever_comes_is_survived(exercise):
    n = len(inspect.signature(exercise.right).parameters)
    strange = [
        None, 3, "text", lambda: None, lambda *a: a, lambda *a: 1 / 0, lambda *a: np.inf,
        lambda *a: (np.array([np.nan, np.nan]), np.inf), lambda *a: ("a",) * n,
        lambda *a: (np.full(2, np.inf), np.inf), lambda *a: exercise.right, lambda *a: exit(),
        lambda *a: [[], []],
    ]  # fmt: skip
    for answer in strange:
        verdict = exercise(answer)
        assert not verdict.passed and verdict.hint and repr(verdict)


def test_in_place_edits_are_seen():
    def in_place(g1, g2, B):
        g1 -= g2
        return (g1 + g2) @ g2, B * (g1 @ g1) / 2

    def scaled(gradients, sizes):
        gradients *= sizes[:, None]
        return np.linalg.norm(gradients.sum(axis=0) / sizes.sum())

    assert norm_and_noise(in_place).mistake == whole_norm(scaled).mistake == "in place"


def test_a_training_begins_anew_for_every_call():
    training = Training([3, 2, 1])
    training.epoch()
    assert training.loss() == 2 and (training.theta == [1, 1.5]).all()
    again = training.copy()
    assert again.loss() == 3 and (again.theta == [0, 1]).all() and "losses 2, 1" in again.shown
    theta, other = again.theta, Training([3, 2], in_place=False)
    again.epoch()
    assert again.theta is theta
    before = other.theta
    other.epoch()
    assert other.theta is not before and before[0] == 0
