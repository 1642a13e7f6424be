"""One row for each optimizer; the tests hold the rows against the code."""

from html import escape
from typing import NamedTuple

from .adam import Adam, Adamax, AdamW, AMSGrad, Nadam, QHAdam, RAdam
from .adaptive import Adadelta, Adagrad, RMSprop, Rprop
from .conjugate import ConjugateGradient
from .coordinate import CoordinateDescent
from .gradient import SGD, AggMo, GradientDescent, Momentum, Nesterov, SignDescent
from .newton import Newton, SaddleFreeNewton
from .protocol import Optimizer
from .quasi import BFGS, LBFGS
from .subgradient import ASGD, Perceptron, PolyakStep
from .trust import TrustRegion
from .wrappers import Average, ClipNorm, ClipValue, DecoupledDecay, GradientNormPenalty, Lookahead


class Row(NamedTuple):
    """What a reader wants to compare; n is the length of theta, m a memory the user chooses.

    `memory` counts vectors like theta in the state, one more for each field named there that is on;
    `calls` the questions to the objective in one step ("2+ value": two or more), `cost` the
    arithmetic of a step beside those questions; "inner" is what the optimizer within a wrapper
    needs.
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
    Row(SignDescent, "gradient", "n", "1", "1 grad", "Bernstein et al. 2018"),
    Row(Momentum, "gradient", "n", "1", "1 grad", "Polyak 1964"),
    Row(Nesterov, "gradient", "n", "1", "1 grad", "Nesterov 1983"),
    Row(AggMo, "gradient", "mn", "m", "1 grad", "Lucas et al. 2019"),
    Row(Perceptron, "subgradient", "n", "0", "1 grad", "Rosenblatt 1958"),
    Row(PolyakStep, "subgradient", "n", "0", "1 value, 1 grad", "Polyak 1969"),
    Row(ASGD, "subgradient", "n", "1", "1 grad", "Polyak & Juditsky 1992"),
    Row(Adagrad, "adaptive", "n", "1", "1 grad", "Duchi et al. 2011"),
    Row(RMSprop, "adaptive", "n", "1 + centered + (momentum > 0)", "1 grad", "Hinton 2012"),
    Row(Adadelta, "adaptive", "n", "2", "1 grad", "Zeiler 2012"),
    Row(Rprop, "adaptive", "n", "2", "1 grad", "Riedmiller & Braun 1993"),
    Row(Adam, "adam", "n", "2", "1 grad", "Kingma & Ba 2015"),
    Row(AdamW, "adam", "n", "2", "1 grad", "Loshchilov & Hutter 2019"),
    Row(AMSGrad, "adam", "n", "3", "1 grad", "Reddi et al. 2018"),
    Row(Adamax, "adam", "n", "2", "1 grad", "Kingma & Ba 2015"),
    Row(Nadam, "adam", "n", "2", "1 grad", "Dozat 2016"),
    Row(RAdam, "adam", "n", "2", "1 grad", "Liu et al. 2020"),
    Row(QHAdam, "adam", "n", "2", "1 grad", "Ma & Yarats 2019"),
    Row(CoordinateDescent, "coordinate", "n", "0", "1 grad, 1 hvp", "Wright 2015"),
    Row(ConjugateGradient, "conjugate", "n", "3", "1+ value, 1+ grad", "Nocedal & Wright 2006"),
    Row(BFGS, "quasi", "n^2", "n + 2", "1+ value, 1+ grad", "Nocedal & Wright 2006"),
    Row(LBFGS, "quasi", "mn", "2*m + 2", "1+ value, 1+ grad", "Liu & Nocedal 1989"),
    Row(Newton, "newton", "n^3", "0", "1 grad, 1 hessian", "Nocedal & Wright 2006"),
    Row(
        SaddleFreeNewton,
        "newton",
        "n^3 or m^2 n",
        "0",
        "0+ value, 1 grad, 0+ hvp, 0+ hessian",
        "Dauphin et al. 2014",
    ),
    Row(
        TrustRegion,
        "trust",
        "n or n^3",
        "2",
        "1+ value, 0+ grad, 0+ hvp, 0+ hessian",
        "Nocedal & Wright 2006",
    ),
    Row(ClipNorm, "wrappers", "n", "inner", "inner", "Pascanu et al. 2013"),
    Row(ClipValue, "wrappers", "n", "inner", "inner", "Mikolov 2012"),
    Row(GradientNormPenalty, "wrappers", "n", "inner", "2+ grad", "Zhao et al. 2022"),
    Row(DecoupledDecay, "wrappers", "n", "inner", "inner", "Loshchilov & Hutter 2019"),
    Row(Average, "wrappers", "n", "inner + 1", "inner", "Polyak & Juditsky 1992"),
    Row(Lookahead, "wrappers", "n", "inner + 1", "inner", "Zhang et al. 2019"),
)


HEAD = ("optimizer", "family", "cost", "memory", "calls", "reference")


class Table(str):
    """Text with aligned columns, which a notebook shows as a table."""

    rows: list[tuple[str, ...]]

    def __new__(cls, rows: list[tuple[str, ...]]):
        widths = [max(map(len, column)) + 2 for column in zip(HEAD, *rows, strict=True)]
        lines = (
            "".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip()
            for row in (HEAD, *rows)
        )
        made = super().__new__(cls, "\n".join(lines))
        made.rows = rows
        return made

    def __repr__(self):
        return str(self)

    def _repr_html_(self) -> str:
        def row(cells, tag):
            left = f'<{tag} style="text-align: left">'
            return "<tr>" + "".join(f"{left}{escape(c)}</{tag}>" for c in cells) + "</tr>"

        body = "".join(row(cells, "td") for cells in self.rows)
        return f"<table><thead>{row(HEAD, 'th')}</thead><tbody>{body}</tbody></table>"


def table(family: str | None = None) -> Table:
    """All optimizers, or those of a family: cost and calls of a step, memory, reference.

    >>> import coursekit as ck
    >>> ck.optim.table("coordinate")
    optimizer          family     cost  memory  calls          reference
    CoordinateDescent  coordinate  n     0       1 grad, 1 hvp  Wright 2015
    """
    families = dict.fromkeys(row.family for row in ROWS)
    if family is not None and family not in families:
        raise ValueError(f"family must be one of {', '.join(families)}, not {family!r}")
    return Table(
        [(r.optimizer.__name__, *r[1:]) for r in ROWS if family is None or r.family == family]
    )
