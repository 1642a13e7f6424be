"""A small network learns to read real digits, again and again while you drag."""

from collections.abc import Iterator
from typing import Any, ClassVar

import numpy as np

from ... import optim
from ...backend import to_host
from ...viz import alt, arrange
from ...viz.themes import Theme
from ..canvas import Canvas
from ..engine import Demo
from ..params import Param, hyperparameter
from .learning import TOO_LARGE, Result, digits, learn
from .plots import Accuracy, Losses, Misread
from .training_script import script


def training(state: str | None = None, **settings: Any) -> Demo:
    """Train a small network on handwritten digits, from the start, at every move of a slider.

    First weights and the order of the digits are drawn with `seed`, the same at every move: two
    settings differ by nothing but what you moved.

    >>> import coursekit as ck
    >>> demo = ck.demos.training(lr=0.03)
    >>> demo.status(demo.compute(init="zeros"))
    '190 steps: training loss 2.3, ... No better than guessing.'
    """
    return Training(state, **settings).show()


class Training(Demo):
    """See `training`."""

    name = "training"
    title = "Learning to read digits"
    asks: ClassVar = {
        "val_loss": "the validation loss at the end",
        "train_loss": "the training loss at the end",
        "accuracy": "the share of test digits read correctly",
    }
    params = (
        Param("optimizer", "Momentum", choices=("SGD", "Momentum", "Nesterov", "Adam")),
        hyperparameter(optim.Momentum, "lr", default=0.1, range=(1e-4, 10.0), label="step size"),
        hyperparameter(
            optim.Momentum,
            "momentum",
            doc="share of the last step that is kept; for Adam this is beta1",
            active=lambda values: values["optimizer"] != "SGD",
        ),
        Param("batch_size", 32, choices=tuple(2**k for k in range(10)), doc="digits per step"),
        Param("width", 32, choices=tuple(2**k for k in range(8)), doc="hidden units"),
        Param(
            "activation",
            "relu",
            choices=("relu", "leaky_relu", "gelu", "tanh", "sigmoid", "identity"),
        ),
        Param(
            "init",
            "kaiming_normal",
            choices=("kaiming_normal", "xavier_normal", "torch_default", "orthogonal", "zeros"),
            label="initializer",
        ),
        Param("epochs", 5, (1, 10), doc="passes over the 1197 training digits"),
        Param("seed", 0, (0, 9), doc="draws the start and the order of the digits"),
    )
    presets = {  # noqa: RUF012
        "works well": {"width": 64},
        "too small a step": {"lr": 0.001},
        "too large a step": {"lr": 1.0},
        "explodes": {"lr": 10.0},
        "all weights zero": {"init": "zeros"},
        "tiny batch": {"batch_size": 2, "lr": 0.01},
        "sigmoid sleeps": {"activation": "sigmoid", "optimizer": "SGD", "lr": 0.05},
    }

    # --- compute ----------------------------------------------------------------------------------
    def run(self, optimizer, lr, momentum, **rest: Any) -> Iterator[Result]:
        memory = {"SGD": {}, "Adam": {"beta1": momentum}}.get(optimizer, {"momentum": momentum})
        return learn(getattr(optim, optimizer)(lr=lr, **memory), **rest)

    # --- draw -------------------------------------------------------------------------------------
    def build(self, canvas: Canvas, theme: Theme) -> None:
        figure = canvas.figure
        grid = figure.add_gridspec(2, 2, width_ratios=[1.5, 1], height_ratios=[1, 1.7])
        self.plots = (
            Losses(canvas, theme, figure.add_subplot(grid[:, 0])),
            Accuracy(canvas, theme, figure.add_subplot(grid[0, 1])),
            Misread(canvas, theme, figure.add_subplot(grid[1, 1])),
        )
        arrange(figure)

    def draw(self, result: Result) -> None:
        for plot in self.plots:
            plot.draw(result)

    # --- words ------------------------------------------------------------------------------------
    def status(self, result: Result) -> str:
        taken = alt.count(result.steps, "step")
        right = f"{alt.percent(result.accuracy)} of {len(result.read)} test digits read correctly."
        if result.given_up:
            return f"Given up after {taken}: the loss of a batch passed {TOO_LARGE:g}. {right}"
        said = (
            f"{taken}: training loss {alt.number(result.train_loss[-1])}, validation loss "
            f"{alt.number(result.val_loss[-1])}, {right}"
        )
        return f"{said} No better than guessing." if result.useless else said

    def describe(self, result: Result) -> str:
        y = to_host(digits().test.y)
        wrong = np.flatnonzero(result.read != y)
        errors = alt.listing(f"{y[i]} as {result.read[i]}" for i in wrong[:5])
        curves = (
            f"The training loss {alt.trend(result.train_loss)} and the validation loss "
            f"{alt.trend(result.val_loss)} in {alt.count(result.epochs, 'epoch')}."
        )
        if result.given_up:
            taken = alt.count(result.steps, "step")
            curves = f"The loss of a batch passes {TOO_LARGE:g} after {taken}: given up."
        return (
            f"{curves} {alt.percent(result.accuracy)} of {len(y)} test digits are read correctly, "
            f"{len(wrong)} are misread" + (f", among them {errors}." if len(wrong) else ".")
        )

    def numbers(self, result: Result) -> dict[str, float]:
        return {
            "steps": result.steps,
            "train_loss": float(result.train_loss[-1]),
            "val_loss": float(result.val_loss[-1]),
            "accuracy": result.accuracy,
        }

    def script(self, **v: Any) -> str:
        return script(v)
