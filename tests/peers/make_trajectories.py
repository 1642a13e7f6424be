"""Writes trajectories.npz: where other libraries go on the problems of problems.py.

    python -m tests.peers.make_trajectories [file [library ...]]

Each entry is named "library: expression", with an expression from a table of equivalents.py,
written as users of that library write it. The committed file was made on Python 3.11 with

    torch==2.14.1 optax==0.2.8 jax==0.10.2 keras==3.15.1 pytorch_optimizer==4.1.0 scipy==1.17.1
    scikit-learn==1.9.1 curvlinops-for-pytorch==3.0.1 numpy==2.4.6
"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from tests.peers import equivalents as tables
from tests.peers import libraries
from tests.peers.libraries import STEPS
from tests.peers.problems import PROBLEMS

STORED = Path(__file__).with_name("trajectories.npz")
N_RATES = 60

WALKS: dict[str, Callable] = {
    "torch": libraries.torch_walk,
    "pytorch_optimizer": libraries.torch_walk,
    "optax": libraries.optax_walk,
    "keras": libraries.keras_walk,
    "scipy": libraries.scipy_walk,
}
RATES: dict[str, Callable] = {
    "torch": libraries.torch_rates,
    "optax": libraries.optax_rates,
    "keras": libraries.keras_rates,
}
LIBRARIES = (*WALKS, "sklearn", "curvlinops")


def remake(library: str) -> dict[str, Any]:
    """What is stored of one library, computed afresh: {expression: numbers}."""
    walk: Any = WALKS.get(library)
    rates: Any = RATES.get(library)
    made: dict[str, Any] = {}
    for expression in tables.FIRST_ORDER.get(library, ()):
        paths = [walk(expression, problem, STEPS) for problem in PROBLEMS.values()]
        steps, solutions = (np.hstack(each) for each in zip(*paths, strict=True))
        made[expression] = steps
        if not np.array_equal(steps, solutions):
            made[f"{expression}, solution"] = solutions
    for expression, (_, names) in tables.DETERMINISTIC.get(library, {}).items():
        for name in names:
            made[f"{expression}, {name}"], _ = walk(expression, PROBLEMS[name].whole, STEPS)
    for expression in tables.MINIMIZERS.get(library, ()):
        for name in tables.MINIMA:
            made[f"{expression}, {name}"], _ = walk(expression, PROBLEMS[name].whole, 2 * STEPS)
    for expression in tables.SCHEDULES.get(library, ()):
        made[expression] = rates(expression, [None] * N_RATES)
    for expression in tables.PLATEAUS.get(library, ()):
        made[expression] = rates(expression, tables.METRICS)
    match library:
        case "keras":
            for expression in tables.STOPPINGS:
                made[expression] = libraries.keras_stopping(expression, tables.METRICS)
        case "scipy":
            made[tables.LINEAR_CG], _ = walk(tables.LINEAR_CG, PROBLEMS["quadratic"])
        case "sklearn":
            made[tables.PERCEPTRON] = libraries.perceptron()
        case "curvlinops":
            for operator in tables.CURVATURE:
                made[operator] = libraries.curvature(operator)
    return made


def main(target=STORED, *chosen):
    made: dict[str, Any] = {}
    for library in chosen or LIBRARIES:
        made.update({f"{library}: {name}": value for name, value in remake(library).items()})
    np.savez_compressed(target, **made)


if __name__ == "__main__":
    main(*sys.argv[1:])
