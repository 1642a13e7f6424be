"""The duel of gradient descent and SGD in words."""

import numpy as np

from ...viz import alt
from .big_problem import Cloud
from .duel import Result


def status(result: Result) -> str:
    """Who needs what for the loss that is good enough, and what an epoch of SGD is worth."""
    return _lost(result) or f"{_needed(result)} {_worth(result)}."


def describe(result: Result) -> str:
    """The picture in a few sentences."""
    v, known = result.values, result.known
    ends = np.array([known.above[0], np.inf if known.lost else known.above[-1]])
    over = " Gradient descent passes SGD." if result.crossing < np.inf else ""
    return (
        f"The loss of gradient descent and of SGD with batches of {v['batch_size']}, counted "
        f"in {v['axis']}; condition number of X {alt.number(v['condition'])}, noise "
        f"{v['noise']:g}, shuffled: {v['order']}. SGD {alt.trend(ends)} in "
        f"{alt.count(v['epochs'], 'epoch')}.{over} Beside it a cloud of gradients of batches: "
        f"{noise(result.cloud)}. {status(result)}"
    )


def noise(cloud: Cloud) -> str:
    """How far the gradients of batches spread, compared with the length of the true one."""
    ratio = cloud.noise / cloud.length
    if ratio < 1e-6:
        return "no noise: all rows at once"
    return f"noise = {alt.number(ratio, 2) if ratio < 1e4 else 'over 10000'} × gradient"


def short(x: float) -> str:
    """A number for a narrow column."""
    if np.isinf(x):
        return "never"
    return f"{x:.0f}" if 1000 <= x < 1e5 else alt.number(x, 2) if x < 100 else alt.number(x)


# --- the parts -----------------------------------------------------------------------------------
def _lost(result: Result) -> str:
    """Which of the two diverges, in a sentence."""
    v, said = result.values, []
    if result.lr_gd >= 2:
        said.append(f"GD diverges at lr × L = {alt.number(result.lr_gd)}: the limit is 2.")
    if result.known.lost:
        safe = result.bowl.safe_rate(v["batch_size"])
        said.append(
            f"SGD diverges after {alt.number(result.known.epochs[-1], 2)} epochs: its step of "
            f"{alt.number(result.lr_sgd)} is {alt.number(result.lr_sgd / safe, 2)} times the safe "
            f"one for batches of {v['batch_size']}."
        )
    return " ".join(said)


def _needed(result: Result) -> str:
    steps, epochs = result.needed
    gd = "GD never comes" if np.isinf(steps) else f"GD takes {_count(steps, 'step')}"
    sgd = f"SGD ends at {alt.number(result.floor)}"
    if np.isfinite(epochs):
        taken = _count(round(epochs * result.per_epoch), "step")
        sgd = f"SGD {taken}, {alt.number(epochs)} epochs"
    return f"Down to {alt.number(result.values['target'])}: {gd}, {sgd}."


def _worth(result: Result) -> str:
    said = "One epoch of SGD brings nothing"
    if result.worth:
        said = f"One epoch of SGD comes as far as {_count(result.worth, 'step')} of GD"
    if result.costs is None:
        return said
    gd, step = result.costs
    return (
        f"{said}, and takes {alt.number(step * result.per_epoch / gd, 2)} times as long as one "
        "step (measured here, so never twice the same)"
    )


def _count(n: float, word: str) -> str:
    return alt.count(int(n), word) if n < 1e5 else f"{alt.number(n)} {word}s"
