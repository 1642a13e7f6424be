"""A gradient cloud in words."""

import numpy as np

from ...viz import alt
from .batches import BATCHES, SIZES, Cloud

ALLOWED = 30.0  # degrees
HOW = {
    "with replacement": "with replacement",
    "shuffled each epoch": "from rows shuffled for every epoch",
    "shuffled once": "from rows shuffled once",
    "sorted by label": "from rows sorted by label",
}


def status(r: Cloud) -> str:
    """Whether the batch is good enough, and what else is to be known of it."""
    said = (
        f"Nine of ten batches of {alt.count(r.B, 'row')} point within {r.wrong:.0f}° of the "
        f"true gradient: {_judged(r)}. They miss it by "
        f"{alt.number(_missed(r) / float(np.linalg.norm(r.true)))} of its length (rms)"
    )
    said += f", their mean by {alt.number(r.bias)}." if r.biased else "."
    if r.different == 1:
        said += " There is only one batch."
    elif r.different < BATCHES / 2:
        said += f" There are only {r.different} different batches."
    if r.total:
        said += f" Summed, lr {r.lr:g} takes steps like lr {r.lr * r.B:g} on the mean."
    if r.downhill is not None:
        said += f" {alt.percent(r.downhill)} of the steps lower the loss."
    seen = "all rows" if r.coverage == 1 else f"{alt.percent(r.coverage)} of the rows"
    return f"{said} An epoch sees {seen}."


def describe(r: Cloud) -> str:
    """The picture in a few sentences."""
    x, y = r.theta
    over = "sum" if r.total else "mean"
    return (
        f"Three hundred gradients, each the {over} over {alt.count(r.B, 'row')} drawn "
        f"{HOW[r.sampling]}, around the true gradient at slope {alt.number(x)} and offset "
        f"{alt.number(y)}, with ellipses of 1 and 2 standard deviations. Beside it the loss "
        f"with a step along each of them, a histogram of angles, 90 percent below "
        f"{r.wrong:.0f} degrees, and the distance from the true gradient against the batch "
        f"size, here {alt.number(_missed(r))} where theory for random batches says "
        f"{alt.number(float(r.expected(r.B)))}."
    )


def _missed(r: Cloud) -> float:
    """How far the gradients are off; what is left by rounding is nothing."""
    return r.spread if r.spread > 1e-9 * np.linalg.norm(r.true) else 0.0


def _judged(r: Cloud) -> str:
    """Whether the batch is good enough, and whether a smaller one would be."""
    if r.wrong > ALLOWED:
        return f"not good enough for {ALLOWED:.0f}°"
    said = f"good enough for {ALLOWED:.0f}°"
    if not len(r.wrongs):
        return said
    cheapest = SIZES[int(np.argmax(r.wrongs <= ALLOWED))]
    return f"{said}, " + (
        "and the cheapest B that is" if cheapest == r.B else "but a cheaper B is too"
    )
