"""Exercises: predict before you run, and functions to write, checked with hints."""

import difflib
import importlib
from typing import Any

from .exercise import Exercise
from .predict import Prediction, nearest, predict
from .verdict import Mistake, Verdict

# Each exercise is the object of that name in one of these files.
EXERCISES = {
    "elu_grad": "elu", "perceptron_step": "perceptron",
    "cross_entropy": "cross_entropy", "cross_entropy_gradient": "logit_gradient",
    "smooth_labels": "smoothing",
    "minibatch_gradient": "minibatch", "minibatches": "epochs",
    "momentum_step": "momentum", "nesterov_step": "nesterov",
    "rmsprop_step": "rmsprop", "adam_step": "adam", "adamw_step": "adamw",
    "kaiming_normal": "kaiming", "xavier_uniform": "xavier", "orthogonal": "orthogonal",
    "stop_early": "stopping", "whole_norm": "whole_norm", "norm_and_noise": "noise",
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
