"""The libraries of trajectories.npz, asked again where they are installed.

What they say now must be what is stored, and where coursekit goes.
"""

import importlib.util
import os
import subprocess
import sys
from functools import partial
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from tests.peers import equivalents
from tests.peers import test_trajectories as trajectories
from tests.peers.make_trajectories import LIBRARIES
from tests.peers.problems import PROBLEMS

pytestmark = [pytest.mark.peers, pytest.mark.slow]

ROOT = Path(__file__).parents[2]
ALSO = {"optax": ["jax"], "keras": ["jax"], "scipy": ["jax"]}  # what computes the gradients


def comparisons(library):
    """Every test of test_trajectories that asks something of the library, less `stored`."""

    def of(test, tables, *others):
        rows = trajectories.rows({library: tables.get(library, {})})
        return [partial(test, *row.values, *more) for row, *more in product(rows, *others)]

    yield from of(trajectories.test_first_order, equivalents.FIRST_ORDER, PROBLEMS)
    yield from of(trajectories.test_deterministic, equivalents.DETERMINISTIC)
    yield from of(
        trajectories.test_minimizers_end_in_the_same_minimum_after_as_many_steps,
        equivalents.MINIMIZERS, equivalents.MINIMA,
    )  # fmt: skip
    yield from of(trajectories.test_schedules, equivalents.SCHEDULES)
    yield from of(trajectories.test_reduction_on_a_plateau, equivalents.PLATEAUS)
    if library == "keras":
        for row in equivalents.STOPPINGS.items():
            yield partial(trajectories.test_early_stopping, *row)
    if library == "sklearn":
        yield trajectories.test_perceptron
    if library == "curvlinops":
        yield partial(trajectories.test_curvature_of_the_network, "hvp", "Hessian")
        yield partial(trajectories.test_curvature_of_the_network, "ggn", "GGN")


@pytest.mark.parametrize("library", LIBRARIES)
def test_live(library, tmp_path):
    for module in [library, *ALSO.get(library, ())]:
        if importlib.util.find_spec(module) is None:
            pytest.skip(f"{module} is not installed")
    made = tmp_path / "made.npz"
    subprocess.run(  # apart, because they change global settings and warn of themselves
        [sys.executable, "-m", "tests.peers.make_trajectories", str(made), library],
        cwd=ROOT, env={**os.environ, "KERAS_BACKEND": "jax"}, capture_output=True, check=True,
    )  # fmt: skip
    now = dict(np.load(made))
    stored = {k: v for k, v in trajectories.STORED_PATHS.items() if k.startswith(f"{library}: ")}
    assert now.keys() == stored.keys()
    for name in stored:  # later steps may depend on rounding
        np.testing.assert_allclose(now[name][:20], stored[name][:20], 1e-6, 1e-6, err_msg=name)
    failed = []
    for compare in comparisons(library):
        try:
            compare(stored=now)
        except AssertionError as error:
            failed.append(f"{compare.args}: {error}")
    assert not failed
