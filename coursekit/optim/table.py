"""One row for each optimizer; the tests hold the rows against the code."""

from typing import NamedTuple

from .adaptive import Adam
from .gradient import SGD, GradientDescent, Momentum, Nesterov
from .protocol import Optimizer


class Row(NamedTuple):
    """What a reader wants to compare; n is the length of theta, m a memory the user chooses.

    `memory` counts vectors like theta in the state, `calls` the questions to the objective in one
    step ("2+ value": two or more), `cost` the arithmetic of a step beside those questions.
    """

    optimizer: type[Optimizer]
    family: str
    cost: str
    memory: str
    calls: str
    reference: str


ROWS = (
    Row(GradientDescent, "gradient", "n", "0", "1 grad", "Cauchy 1847"),
    Row(SGD, "gradient", "n", "0", "1 grad", "Robbins & Monro 1951"),
    Row(Momentum, "gradient", "n", "1", "1 grad", "Polyak 1964"),
    Row(Nesterov, "gradient", "n", "1", "1 grad", "Nesterov 1983"),
    Row(Adam, "adaptive", "n", "2", "1 grad", "Kingma & Ba 2015"),
)


def table() -> str:
    """All optimizers, one line each: name, family, cost and calls per step, memory, reference.

    >>> import coursekit as ck
    >>> print(ck.optim.table().splitlines()[0])
    optimizer        family    cost  memory  calls   reference
    """
    head = ("optimizer", "family", "cost", "memory", "calls", "reference")
    rows = [head, *((row.optimizer.__name__, *row[1:]) for row in ROWS)]
    widths = [max(len(row[i]) for row in rows) + 2 for i in range(len(head))]
    lines = ["".join(c.ljust(w) for c, w in zip(row, widths, strict=True)) for row in rows]
    return "\n".join(line.rstrip() for line in lines)
