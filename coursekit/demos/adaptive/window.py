"""The window of RMSProp: how past squares fade, what centring does, and a misprint."""

from collections.abc import Iterator
from typing import Any, ClassVar, NamedTuple

import numpy as np
from matplotlib.axes import Axes

from ...viz import alt, arrange, dress
from ...viz.artists import Labels
from ...viz.themes import Theme
from ...viz.trails import Tags, Trail
from .. import window as axes
from ..canvas import Canvas
from ..params import Param
from .given import EPS, GIVEN, seen_by
from .view import Bars, View, above
from .walk import MOST, walked

SEEN = 40  # past gradients that are drawn
LOOKS = {"RMSprop": "RMSprop", "centred": "Momentum", "misprint": "Adam", "Rprop": "Rprop"}


class Result(NamedTuple):
    """The rows of each walk: theta, what its root is taken of, gradient that was seen before it."""

    rows: np.ndarray  # (steps + 1, 3)
    centred: np.ndarray | None  # the same of RMSprop centred, if it is asked for
    beside: str  # "misprint", "Rprop" or "nothing"
    others: np.ndarray  # the same of what runs beside; may end early
    lost: bool
    gradients: str
    rho: float
    t: int
    steps: int

    @property
    def now(self) -> int:
        return min(self.t, len(self.rows) - 1)

    def at(self, rows: np.ndarray) -> np.ndarray:
        """The row of step t, or the last there is."""
        return rows[min(self.t, len(rows) - 1)]

    @property
    def weights(self) -> np.ndarray:
        """Of the last gradients, the oldest first, in the accumulator after step t."""
        ago = np.arange(min(self.now, SEEN))[::-1]
        return (1 - self.rho) * self.rho**ago

    @property
    def good(self) -> int:
        """The last step of what runs beside that is a number."""
        return len(self.others) - 2 if self.lost else len(self.others) - 1


class Window(View):
    """One coordinate, and the gradients it sees."""

    name = "RMSProp's window"
    gives = Result
    asks: ClassVar = {
        "rmsprop": "where RMSprop is",
        "centred": "where centred RMSprop is",
        "good": "the steps that the other formula survives",
    }
    params = (
        Param("gradients", "zigzag", choices=("zigzag", *GIVEN),
              doc="those met on λ x² / 2, or given ones"),
        Param("beside", "misprint", choices=("misprint", "Rprop", "nothing"),
              doc="the misprint has the product of two gradients where a square belongs"),
        Param("centered", False, label="centred",
              doc="beside it RMSProp that divides by a standard deviation, √(v − m²)"),
    )  # fmt: skip
    presets = {  # noqa: RUF012
        "a square misprinted": {"steps": 100},
        "Hinton's ten batches": {"gradients": "nine and one", "beside": "Rprop", "rho": 0.99},
        "not a standard deviation": {
            "gradients": "steady", "noise": 0.1, "beside": "nothing", "centered": True, "rho": 0.99,
            "steps": 1000,
        },
        "nothing to centre": {
            "gradients": "alternating", "beside": "nothing", "centered": True, "steps": 30
        },
        "no noise, no brake": {"gradients": "steady", "beside": "nothing", "centered": True},
    }  # fmt: skip

    @staticmethod
    def uses(v):
        path = ("curvature",) if v["gradients"] == "zigzag" else ()
        drawn = ("seed",) if v["noise"] else ()
        noise = ("noise", *drawn) if v["gradients"] == "steady" else ()
        return "gradients", *noise, "beside", "centered", "lr", "rho", *path, "steps"

    # --- compute ----------------------------------------------------------------------------------
    def run(self, **v: Any) -> Iterator[Result]:
        steps, beside = v["steps"], v["beside"]
        noise = v["noise"] if v["gradients"] == "steady" else 0.0
        at = v["lr"], v["rho"], v["gradients"], v["curvature"], noise, v["seed"] if noise else 0
        right = seen_by("RMSprop", *at)
        other = seen_by(beside, *at) if beside != "nothing" else right
        centred = seen_by("centred", *at) if v["centered"] else right

        def so_far() -> Result:
            others = other.rows(steps)
            lost = other.lost and len(others) <= steps + 1 and not np.isfinite(others[-1, 0])
            return Result(right.rows(steps), centred.rows(steps) if v["centered"] else None, beside,
                          others, lost, v["gradients"], v["rho"], v["t"], steps)  # fmt: skip

        for _ in walked([right, other, centred], steps):
            yield so_far()
        yield so_far()

    # --- draw -------------------------------------------------------------------------------------
    def build(self, canvas: Canvas, theme: Theme) -> None:
        s = theme.sizes
        grid = canvas.figure.add_gridspec(
            2, 3, width_ratios=[1, 0.9, 0.4 if theme.projector else 0.22]
        )
        self.past = canvas.figure.add_subplot(grid[0, 0])
        self.fade = canvas.figure.add_subplot(grid[1, 0])
        for ax in (self.past, self.fade):
            ax.set(xlim=(-SEEN - 0.2, 0.7))
        self.past.set(ylim=(-1.1, 1.5))
        self.fade.set(ylim=(0, 1.4))
        dress(self.past, theme, f"The last {SEEN} gradients")
        dress(self.fade, theme, "Weights in v: (1 − ρ) ρʲ", "steps ago")
        self.past.axhline(0, color=theme.line, linewidth=s.thin)
        self.fade.set_xticks([-40, -30, -20, -10, 0], ["40", "30", "20", "10", "0"])
        self.past.set(xticks=[], yticks=[])
        self.fade.set_yticks([])
        self.largest = canvas.moving(Labels(self.past, s.tick, theme.ink, ha="left", va="top"))
        self.bars = canvas.moving(Bars(self.past, theme.color("green")))
        self.weights = canvas.moving(Bars(self.fade, theme.color("blue")))
        self.half = canvas.moving(Labels(self.fade, s.tick, theme.ink, ha="left", va="top"))
        self.store = canvas.figure.add_subplot(grid[0, 1])
        self.place = canvas.figure.add_subplot(grid[1, 1])
        self._build_store(canvas, theme, self.store)
        self.place.set(xlim=(0, 100), ylim=(-1, 1))
        dress(self.place, theme, "Where it goes", "step")
        (self.zero,) = canvas.all_moving(
            self.place.plot([0, MOST], [0, 0], color=theme.line, linewidth=s.thin, zorder=1)
        )
        self.curves = {
            ax: {n: Trail(ax, theme, style, canvas.moving) for n, style in LOOKS.items()}
            for ax in (self.store, self.place)
        }
        for ax in self.curves:
            self.curves[ax]["misprint"].marker = "o"
        self.tags = Tags(self.place, theme, [*LOOKS.values()], canvas.moving)
        self.stored = axes.Window(canvas, theme, self.store, y=False)
        self.stored.hold(*self.curves[self.store].values(), self.below)
        self.places = axes.Window(canvas, theme, self.place, widest="−1000")
        self.places.hold(*self.curves[self.place].values(), self.tags, self.zero)
        arrange(canvas.figure)

    def _build_store(self, canvas: Canvas, theme: Theme, ax: Axes) -> None:
        ax.set_yscale("symlog", linthresh=0.01, linscale=0.6)
        ax.set(xlim=(0, 100), ylim=(-10, 100))
        dress(ax, theme, "What the root is taken of")
        ax.set_yticks([-1, -0.01, 0.01, 1, 100], ["−1", "", "0.01", "1", "100"])
        ax.minorticks_off()
        ax.axhspan(-1e6, 0, color=theme.tint(theme.color("vermilion"), 0.13), linewidth=0, zorder=0)
        ax.axhline(0, color=theme.line, linewidth=theme.sizes.thin)
        self.below = canvas.moving(
            Labels(ax, theme.sizes.tick, theme.text("vermilion"), "bold", ha="left", va="center")
        )

    def draw(self, result: Result) -> None:
        now = result.now
        g = result.rows[max(now - SEEN, 0) + 1 : now + 1, 2]
        ago = np.arange(len(g))[::-1]
        high = float(np.abs(g).max(initial=1e-300))
        self.bars.set_data(-ago, 0, g / high, 0.7)
        self.largest.set_labels([(-SEEN, 1.45)], [f"the largest: {alt.number(high, 2)}"])
        w = result.weights
        self.weights.set_data(-np.arange(len(w))[::-1], 0, w / (1 - result.rho), 0.7)
        newest = alt.number(1 - result.rho, 2)
        words = f"newest: {newest}; half is the last {_window(result.rho)}"
        self.half.set_labels([(-SEEN, 1.36)], [words])

        steps = result.steps
        drawn = {"RMSprop": result.rows, result.beside: result.others}
        if result.centred is not None:
            drawn["centred"] = result.centred
        whole = np.concatenate([rows[:, 0] for rows in drawn.values()])
        whole = whole[np.isfinite(whole)]
        reach = above(float(np.abs(whole).max(initial=1e-9)), (1, 1.2, 2, 5))
        if result.gradients == "zigzag":  # which begins at 1
            reach = max(reach, 1.2)
        low = -reach if whole.min() < -0.5 * reach else -0.5 * reach
        up = reach if whole.max() > 0.5 * reach else 0.5 * reach
        self.stored.show(xlim=(0.0, float(steps)))
        self.places.show(xlim=(0.0, float(steps)), ylim=(low, up))
        tags = {}
        for name in LOOKS:
            rows = drawn.get(name)
            if rows is None:
                for curves in self.curves.values():
                    curves[name].show(False)
                continue
            lost = name == "misprint" and result.lost
            last = len(rows) - 1
            at, k = min(result.t, last), np.arange(len(rows))
            dead = lost and at == last
            here = rows[:, 0].copy()
            if lost:
                here[-1] = here[-2]  # the last place that was one
            if name == "Rprop":
                self.curves[self.store][name].show(False)
            else:
                self.curves[self.store][name].set_data(k[1:], rows[1:, 1], max(at - 1, 0), dead)
            self.curves[self.place][name].set_data(k, here, at, dead)
            tags[LOOKS[name]] = (
                float(np.clip(here[at], low, up)), name + (" ✕" if dead else ""))  # fmt: skip
        self.tags.set_data(tags)
        self.below.set_labels([(0.02 * steps, -0.2)], ["no root below 0"])

    # --- words ------------------------------------------------------------------------------------
    def status(self, result: Result) -> str:
        here = alt.number(float(result.at(result.rows)[0]))
        said = f"{_half(result.rho)}. After {alt.count(result.t, 'step')} RMSprop is at {here}"
        if result.centred is not None:
            said += f", centred at {alt.number(float(result.at(result.centred)[0]))}"
        if result.beside == "misprint":
            if result.lost and result.t > result.good:
                v = alt.number(float(result.others[-1, 1]))
                said += f". The misprint: v = {v} in step {result.good + 1}, and no root of it"
            else:
                at = float(result.at(result.others)[0])
                said += f", the misprint, alive so far, at {alt.number(at)}"
        elif result.beside == "Rprop":
            at = float(result.at(result.others)[0])
            said += f", Rprop at {alt.number(at)}"
        if result.centred is not None and result.now:
            last = (np.sqrt(result.at(rows)[1] + EPS) for rows in (result.rows, result.centred))
            plain, centred = (alt.number(float(divisor)) for divisor in last)
            said += f". The last gradient was divided by {plain}, centred by {centred}"
        if result.gradients == "nine and one":
            said += "; these gradients are 0 on average"
        return said + "."

    def describe(self, result: Result) -> str:
        v, centred = result.rows[1:, 1], ""
        if result.centred is not None:
            centred = f" (centred it {alt.trend(result.centred[1:, 1])})"
        return (
            f"Bars of the last {len(result.weights)} gradients ({result.gradients}) and of their "
            f"weights, which fall by the factor {alt.number(result.rho)} a step; beside them what "
            f"RMSprop takes the root of, which {alt.trend(v)} in "
            f"{alt.count(result.steps, 'step')}{centred}, and the way of theta. "
            f"{self.status(result)}"
        )

    def numbers(self, result: Result) -> dict[str, float]:
        found = {"rmsprop": float(result.rows[result.now, 0])}
        if result.centred is not None:
            found["centred"] = float(result.at(result.centred)[0])
        if result.beside != "nothing":
            found["good"] = float(min(result.t, result.good))
        return found

    def script(self, **v: Any) -> str:
        zigzag, t = v["gradients"] == "zigzag", v["t"]
        given = "" if zigzag else f"g = {GIVEN[v['gradients']]}\n"
        if v["gradients"] == "steady" and v["noise"]:
            drawn = f"np.random.default_rng({v['seed']}).standard_normal({MOST})"
            given = f"g = 1 + {v['noise']!r} * {drawn}\n"
        at = f"{v['curvature']!r} * x" if zigzag else "0 * x + g[k]"
        start = "ones" if zigzag else "zeros"
        rates = f"lr={v['lr']!r}, rho={v['rho']!r}"
        other, makes = "", ""
        if v["beside"] == "misprint":
            makes = "from coursekit.exhibits.adaptive import ProductRMSprop\n"
            other = f"_, good = walk(ProductRMSprop({rates}))\n"
        elif v["beside"] == "Rprop":
            other = f"rprop, good = walk(ck.optim.Rprop(lr={v['lr']!r}, max_step={v['lr']!r}))\n"
        said = """print(f"the other one is a number for {good} steps")\n""" if other else ""
        if v["centered"]:
            other += (
                f"centred, _ = walk(ck.optim.RMSprop({rates}, eps_inside=True, centered=True))\n"
            )
            said = """print(f"centred it is at {centred:.4g}")\n""" + said
        return f"""\
import numpy as np
import coursekit as ck
{makes}
{given}

def walk(opt):
    theta = np.{start}(1)
    state = opt.init(theta)
    for k in range({t}):
        seen = ck.Objective(value=np.sum, grad=lambda x: {at})
        with np.errstate(invalid="ignore"):
            theta, state = opt.step(theta, state, seen)
        if np.isnan(theta[0]):
            return theta[0], k
    return theta[0], {t}


rmsprop, _ = walk(ck.optim.RMSprop({rates}, eps_inside=True))
{other}print(f"after {t} steps RMSprop is at {{rmsprop:.4g}}")
{said}"""


# --- the parts -----------------------------------------------------------------------------------
def _half(rho: float) -> str:
    return f"Half of v comes from the last {alt.count(_window(rho), 'gradient')}"


def _window(rho: float) -> int:
    """How many of the last gradients together have half of the weight, or more."""
    return int(np.ceil(np.log(0.5) / np.log(rho) - 1e-9))
