"""coursekit beside other libraries, from what these left in trajectories.npz: needs none of them.

Paths agree to 1e-9, or to 1000 times what a disturbance of the start by 1e-15 grows to, where that
is larger; from where that is more than 1e-6 they are not compared.
"""

import numpy as np
import pytest

import coursekit as ck
from coursekit.optim.table import ROWS
from tests.peers import equivalents
from tests.peers.make_trajectories import STORED
from tests.peers.problems import NET, PROBLEMS, X_LOGISTIC, X_NETWORK, Y_LOGISTIC, Y_NETWORK

STORED_PATHS = dict(np.load(STORED))
ENDS = np.cumsum([len(problem.start) for problem in PROBLEMS.values()])[:-1]


def rows(tables):
    """One test for each row of a table of tables: what is stored of it, and its equivalent."""
    return [
        pytest.param(f"{library}: {expression}", mine, id=f"{library}: {expression}")
        for library, table in tables.items()
        for expression, mine in table.items()
    ]


def walk(opt, objective_at, start, steps):
    """The points after each step, and the solutions offered there."""
    theta, state = start, opt.init(start)
    path, solutions = [], []
    for k in range(steps):
        theta, state = opt.step(theta, state, objective_at(k))
        path.append(theta)
        solutions.append(opt.solution(theta, state))
    assert state.k == steps
    return np.array(path), np.array(solutions)


def walks(opt, objective_at, start, steps):
    """The same walk twice, the second time from a start disturbed in its last digits."""
    for factor in (1, 1 + 1e-15):
        yield walk(opt, objective_at, start * factor, steps)


def assert_same_path(mine, disturbed, theirs):
    assert mine.shape == theirs.shape
    growth = np.maximum.accumulate(np.max(np.abs(disturbed - mine), axis=-1))
    tolerance = np.maximum(1e-9, 1000 * growth)
    steady = np.count_nonzero(tolerance < 1e-6)
    assert steady >= min(20, len(mine)), f"too unstable to compare from step {steady + 1} on"
    error = np.max(np.abs(mine - theirs) / (1 + np.abs(theirs)), axis=-1)[:steady]
    bad = np.flatnonzero(~(error <= tolerance[:steady]))
    assert not bad.size, f"from step {bad[0] + 1} on, off by {error[bad[0]]:.1e}, {error.max():.1e}"


@pytest.mark.parametrize("problem", PROBLEMS)
@pytest.mark.parametrize("name, opt", rows(equivalents.FIRST_ORDER))
def test_first_order(name, opt, problem, stored=STORED_PATHS):
    place, problem = list(PROBLEMS).index(problem), PROBLEMS[problem]
    theirs = stored[name], stored.get(f"{name}, solution", stored[name])
    pairs = zip(*walks(opt, problem.at, problem.start, len(theirs[0])), strict=True)
    for (mine, disturbed), whole in zip(pairs, theirs, strict=True):
        assert_same_path(mine, disturbed, np.split(whole, ENDS, axis=1)[place])


def test_nesterov_stores_the_point_ahead_or_not():
    stored = np.split(STORED_PATHS["torch: SGD(lr=0.1, momentum=0.9, nesterov=True)"], ENDS, axis=1)
    opt = ck.optim.Nesterov(lr=0.1, momentum=0.9, lookahead=True)
    for problem, theirs in zip(PROBLEMS.values(), stored, strict=True):
        theta, state = problem.start, opt.init(problem.start)
        for k, ahead in enumerate(theirs):
            theta, state = opt.step(theta, state, problem.at(k))
            np.testing.assert_allclose(theta + 0.9 * state.u, ahead, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("name, row", rows(equivalents.DETERMINISTIC))
def test_deterministic(name, row, stored=STORED_PATHS):
    opt, problems = row
    for problem in problems:
        theirs, f = stored[f"{name}, {problem}"], PROBLEMS[problem].objective
        (mine, _), (disturbed, _) = walks(
            opt, lambda k, f=f: f, PROBLEMS[problem].start, len(theirs)
        )
        assert_same_path(mine, disturbed, theirs)


@pytest.mark.parametrize("name, opt", equivalents.ALIKE.items(), ids=list(equivalents.ALIKE))
def test_on_a_quadratic_with_exact_search_these_are_conjugate_gradients(
    name, opt, stored=STORED_PATHS
):
    theirs = stored[f"scipy: {equivalents.LINEAR_CG}"]
    f, start = PROBLEMS["quadratic"].objective, PROBLEMS["quadratic"].start
    (mine, _), (disturbed, _) = walks(opt, lambda k: f, start, len(theirs))
    assert_same_path(mine, disturbed, theirs)


@pytest.mark.parametrize("problem", equivalents.MINIMA)
@pytest.mark.parametrize("name, opt", rows(equivalents.MINIMIZERS))
def test_minimizers_end_in_the_same_minimum_after_as_many_steps(
    name, opt, problem, stored=STORED_PATHS
):
    """Half as many again and three more are allowed."""
    theirs, f = stored[f"{name}, {problem}"], PROBLEMS[problem].objective
    mine, _ = walk(opt, lambda k: f, PROBLEMS[problem].start, 80)
    steps = [
        next(k for k, theta in enumerate(path) if np.linalg.norm(f.grad(theta)) < 1e-6)
        for path in (mine, theirs)
    ]
    np.testing.assert_allclose(mine[steps[0]], theirs[-1], atol=1e-3)
    assert steps[0] <= 1.5 * steps[1] + 3, steps


@pytest.mark.parametrize("name, schedule", rows(equivalents.SCHEDULES))
def test_schedules(name, schedule, stored=STORED_PATHS):
    mine = [schedule(k) for k in range(len(stored[name]))]
    np.testing.assert_allclose(mine, stored[name], rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("name, schedule", rows(equivalents.PLATEAUS))
def test_reduction_on_a_plateau(name, schedule, stored=STORED_PATHS):
    mine = []
    for k, metric in enumerate(equivalents.METRICS):
        schedule = schedule.observe(metric)
        mine.append(schedule(k))
    np.testing.assert_allclose(mine, stored[name], rtol=1e-12)


@pytest.mark.parametrize("expression, stopping", equivalents.STOPPINGS.items(), ids=str)
def test_early_stopping(expression, stopping, stored=STORED_PATHS):
    watch = stopping.start()
    for epoch, metric in enumerate(equivalents.METRICS, start=1):
        watch = stopping.observe(watch, epoch, metric)
        if watch.stop:
            break
    assert [epoch, watch.best_epoch] == list(stored[f"keras: {expression}"])


def test_perceptron(stored=STORED_PATHS):
    theirs = stored[f"sklearn: {equivalents.PERCEPTRON}"]
    signs, inputs = 2 * Y_LOGISTIC - 1, np.column_stack([X_LOGISTIC, np.ones(len(X_LOGISTIC))])

    def mistake(k):
        """max(0, -y w^T x) with the slope that scikit-learn takes at 0: a mistake, too."""
        yx = signs[k % len(signs)] * inputs[k % len(signs)]
        return ck.Objective(value=lambda w: max(0.0, -yx @ w), grad=lambda w: -yx * (yx @ w <= 0))

    mine, _ = walk(ck.optim.Perceptron(), mistake, np.zeros(4), len(theirs))
    np.testing.assert_allclose(mine, theirs, atol=1e-12)


@pytest.mark.parametrize("operator, name", [("hvp", "Hessian"), ("ggn", "GGN")])
def test_curvature_of_the_network(operator, name, stored=STORED_PATHS):
    f, theta = NET.objective(X_NETWORK, Y_NETWORK), PROBLEMS["network"].start
    mine = [getattr(f, operator)(theta, e) for e in np.eye(len(theta))]
    np.testing.assert_allclose(mine, stored[f"curvlinops: {name}LinearOperator"], atol=1e-14)


def test_every_method_that_a_library_has_is_compared():
    methods = {row.optimizer.__name__ for row in ROWS}
    assert methods - set(vars(equivalents)) == {  # what is imported there is used there
        "Perceptron",  # above
        "CoordinateDescent", "SaddleFreeNewton",  # in no library
    }  # fmt: skip
    tables = [*equivalents.SCHEDULES.values(), *equivalents.PLATEAUS.values()]
    compared = {type(schedule).__name__ for table in tables for schedule in table.values()}
    assert set(ck.schedules.__all__) - compared == {
        "Dozat", "InversePower", "PerEpoch", "Sutskever", "per_epoch",
    }  # fmt: skip
