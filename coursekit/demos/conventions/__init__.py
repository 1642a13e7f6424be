"""Five documents write momentum in five ways, which are three behaviours."""

from typing import Any, ClassVar

from ... import optim
from ...viz import alt, arrange
from ...viz.themes import Theme
from ..canvas import Canvas
from ..engine import Demo
from ..params import Param, hyperparameter
from .braids import Distances, Paths
from .conventions_script import script
from .forms import DOCUMENTS, FORMS, MOST, Result, compared
from .table import Table


def conventions(state: str | None = None, **settings: Any) -> Demo:
    """Run momentum as each lecture document writes it, and see which of them are the same method.

    >>> import coursekit as ck
    >>> demo = ck.demos.conventions()
    >>> [len(group) for group in demo.compute().groups]
    [3, 1, 1]
    """
    return Conventions(state, **settings).show()


class Conventions(Demo):
    """See `conventions`."""

    name = "conventions"
    title = "Five formulas of momentum"
    asks: ClassVar = {
        "farthest": "the distance of the farthest form",
        "nearest": "the distance of the nearest form",
    }
    size = (880, 460)
    params = (
        Param("forms", DOCUMENTS, choices=tuple(FORMS), many=True),
        Param(
            "index",
            "as printed",
            choices=("as printed", "mended"),
            label="notes' index",
            active=lambda values: "notes" in values["forms"],
        ),
        hyperparameter(optim.Momentum, "lr", default=0.02, range=(1e-3, 1.0), label="step size"),
        hyperparameter(optim.Momentum, "momentum"),
        Param("convert", False, doc="rescale what differs, so that all take PyTorch's path"),
        Param(
            "drop",
            1,
            choices=(1, 2, 5, 10, 100),
            label="lr drops by",
            doc="it is divided by this number; 1 leaves it as it is",
        ),
        Param("drop_at", 10, (1, 100), label="at step", active=lambda v: v["drop"] > 1, hide=True),
        Param("kappa", 4.0, (1.0, 100.0), log=True, label="κ of x₁² + κx₂²"),
        Param("steps", 40, (10, MOST)),
        Param("t", MOST, (0, MOST), play=True, until="steps", label="step"),
    )
    presets = {  # noqa: RUF012
        "all five as printed": {},
        "after conversion": {"forms": tuple(FORMS), "index": "mended", "convert": True},
        "drop the rate": {"forms": tuple(FORMS), "index": "mended", "drop": 100},
        "drop, converted": {
            "forms": tuple(FORMS), "index": "mended", "drop": 100, "convert": True
        },
        "the index slip": {"forms": ("PyTorch", "notes"), "lr": 0.0125, "steps": 150},
        "near the limit": {"forms": tuple(FORMS)[:5], "lr": 0.37, "momentum": 0.5, "steps": 60},
    }  # fmt: skip

    # --- compute ----------------------------------------------------------------------------------
    def run(self, **values: Any) -> Result:
        return compared(**values)

    # --- draw -------------------------------------------------------------------------------------
    def build(self, canvas: Canvas, theme: Theme) -> None:
        figure = canvas.figure
        tall = [1, 1.35] if theme.projector else [1, 1]  # the table has eight rows of type
        grid = figure.add_gridspec(2, 2, height_ratios=tall, width_ratios=[1, 1.12])
        self.over = Paths(canvas, theme, figure.add_subplot(grid[0, 0]))
        self.away = Distances(canvas, theme, figure.add_subplot(grid[0, 1]))
        self.table = Table(canvas, theme, figure.add_subplot(grid[1, :]))
        arrange(figure)
        self.away.settle()
        self.table.settle()

    def draw(self, result: Result) -> None:
        self.over.draw(result)
        self.away.draw(result)
        self.table.draw(result, _rule(result))

    # --- words ------------------------------------------------------------------------------------
    def status(self, result: Result) -> str:
        if not result.forms:
            return "No formula is chosen."
        ends = (f"{_away(result, group[0])} for {alt.listing(group)}" for group in result.groups)
        many = alt.count(len(result.groups), "behaviour")
        return f"{many}. Distance at step {result.t}: {'; '.join(ends)}. {_rule(result)}"

    def describe(self, result: Result) -> str:
        if not result.forms:
            return "An empty picture: no formula is chosen."
        ends = (f"{group[0]} {alt.trend(result.distances[group[0]])}" for group in result.groups)
        return (
            f"Paths of momentum on x1^2 + {alt.number(result.kappa)} x2^2. {_grouped(result)} The "
            f"distance to the minimum in {alt.count(result.steps, 'step')}: {alt.listing(ends)}."
        )

    def numbers(self, result: Result) -> dict[str, float]:
        ends = [float(away[-1]) for away in result.distances.values()]
        return {"nearest": min(ends, default=0.0), "farthest": max(ends, default=0.0)}

    def script(self, t, **values) -> str:
        return script(**values)


# --- the parts -----------------------------------------------------------------------------------
def _grouped(result: Result) -> str:
    groups = "; ".join(map(alt.listing, result.groups))
    return f"{alt.count(len(result.groups), 'behaviour')}: {groups}."


def _away(result: Result, name: str) -> str:
    path = result.distances[name]
    return alt.number(path[result.t]) if result.t < len(path) else "lost"


def _rule(result: Result) -> str:
    """What turns one form into another, at this setting."""
    mu, forms = result.momentum, result.forms
    inside = [name for name in forms if FORMS[name].inside]
    outside = [name for name in forms if not FORMS[name].inside]
    slips = "notes" in forms and result.printed
    others = [name for name in forms if name != "Maria" and not (slips and name == "notes")]
    if result.convert:
        said = []
        if "Maria" in forms:
            said.append(f"Maria with lr / (1 - μ) = {alt.number(result.lr / (1 - mu))}")
        if inside and result.drops:
            said.append(f"lr inside: μ / {result.drop} for one step")
        return f"Converted: {', '.join(said) or 'nothing to do'}."
    if mu and result.drops and inside and outside:
        return "lr inside the memory: after the drop the large steps of before coast on."
    if mu and "Maria" in forms and others:
        rate = alt.number(result.lr / (1 - mu))
        return f"Maria takes the path of {others[0]} with lr / (1 - μ) = {rate}."
    if slips:
        limit, right = (1 - mu) / (2 * result.kappa), (1 + mu) / result.kappa
        return (
            f"As printed, stable for lr < {alt.number(limit)}; mended, for lr < "
            f"{alt.number(right)}: {alt.number(right / limit, 2)} times as far."
        )
    if len(forms) == 1:
        return "Choose a second formula to compare it with."
    if not mu:
        return "Without momentum all of them are gradient descent."
    if inside and outside:
        return "The same path as long as lr is constant."
    return f"The same path, whatever lr does: it is {'in' if inside else 'out'}side the memory."
