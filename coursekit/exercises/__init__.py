"""Exercises: predict before you run, and functions to write, checked with hints."""

import difflib
import importlib
from typing import Any

from .predict import Prediction, nearest, predict
from .verdict import Exercise, Mistake, Verdict

# Each exercise is the object of that name in the file of its chapter.
EXERCISES = {
    "elu_grad": "activations", "perceptron_step": "activations",
    "momentum_step": "momentum", "nesterov_step": "momentum",
    "rmsprop_step": "adaptive", "adam_step": "adam", "adamw_step": "adam",
    "cross_entropy": "losses", "cross_entropy_gradient": "losses", "smooth_labels": "losses",
    "minibatch_gradient": "batches", "minibatches": "batches",
    "kaiming_normal": "initialization", "xavier_uniform": "initialization",
    "orthogonal": "initialization",
    "stop_early": "stopping", "whole_norm": "norms", "norm_and_noise": "norms",
}  # fmt: skip


class Checks:
    """The checkers, one for each function to write; `dir(ck.check)` lists them.

    `ck.check.momentum_step(my_function)` returns a `Verdict`. A loop that never ends is not
    stopped: interrupt it as any other cell.

    >>> import coursekit as ck
    >>> def momentum_step(theta, u, g, lr, mu):
    ...     raise NotImplementedError
    >>> ck.check.momentum_step(momentum_step).passed
    False
    """

    def __getattr__(self, name: str) -> Any:
        if name not in EXERCISES:
            near = difflib.get_close_matches(name, EXERCISES, n=1)
            hint = f"did you mean {near[0]!r}? " if near else ""
            raise AttributeError(
                f"there is no exercise {name!r}; {hint}Known: {', '.join(EXERCISES)}"
            )
        return getattr(importlib.import_module(f"{__name__}.{EXERCISES[name]}"), name)

    def __dir__(self):
        return list(EXERCISES)

    def __repr__(self):
        return f"<checks of {', '.join(EXERCISES)}>"


check = Checks()

__all__ = ["Exercise", "Mistake", "Prediction", "Verdict", "check", "nearest", "predict"]
