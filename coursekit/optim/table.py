"""One row for each optimizer; the tests hold the rows against the code."""

from typing import NamedTuple

from .adaptive import Adam
from .gradient import SGD, GradientDescent, Momentum, Nesterov
from .protocol import Optimizer


class Row(NamedTuple):
    """What a reader wants to compare: memory in vectors like theta, calls per step."""

    optimizer: type[Optimizer]
    family: str
    memory: int  # vectors like theta that the state holds
    calls: str  # questions to the objective in one step
    reference: str


ROWS = (
    Row(GradientDescent, "gradient", 0, "1 grad", "Cauchy 1847"),
    Row(SGD, "gradient", 0, "1 grad", "Robbins & Monro 1951"),
    Row(Momentum, "gradient", 1, "1 grad", "Polyak 1964"),
    Row(Nesterov, "gradient", 1, "1 grad", "Nesterov 1983"),
    Row(Adam, "adaptive", 2, "1 grad", "Kingma & Ba 2015"),
)


def table() -> str:
    """All optimizers, one line each: name, family, memory, calls per step, reference.

    >>> import coursekit as ck
    >>> print(ck.optim.table().splitlines()[0])
    optimizer        family    memory  calls   reference
    """
    head = ("optimizer", "family", "memory", "calls", "reference")
    rows = [head] + [
        (r.optimizer.__name__, r.family, str(r.memory), r.calls, r.reference) for r in ROWS
    ]
    widths = [max(len(row[i]) for row in rows) + 2 for i in range(len(head))]
    lines = ["".join(c.ljust(w) for c, w in zip(row, widths, strict=True)) for row in rows]
    return "\n".join(line.rstrip() for line in lines)
