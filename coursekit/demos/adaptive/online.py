"""Reddi's counter-example: a rare large gradient that Adam forgets and AMSGrad does not."""

import functools
from collections.abc import Iterator
from typing import Any, ClassVar, NamedTuple

import numpy as np
from matplotlib.axes import Axes

from ... import optim
from ...viz import alt, arrange, dress
from ...viz.artists import Labels
from ...viz.themes import Theme
from ...viz.trails import Tags, Trail
from ..canvas import Canvas
from ..params import Param
from ..window import Window
from ..worker import Pace
from .view import Bars, View, above
from .walk import MOST, SLICE, Walk, walked

METHODS = ("Adam", "AMSGrad")
OTHERS = (0.005, 0.02, 0.05, *(k / 20 for k in range(2, 20)), 0.98, 0.999)  # of beta2


class Result(NamedTuple):
    """Where each method is after each step, for the chosen beta2 and for others."""

    rows: dict[str, np.ndarray]  # (steps + 1, 2): x and what its gradient was divided by
    others: dict[str, np.ndarray]  # (steps + 1, len(OTHERS)): x, as far as it is known
    gradients: np.ndarray
    C: float
    memory: float
    t: int
    steps: int

    def now(self, name: str) -> int:
        return min(self.t, len(self.rows[name]) - 1)

    def at(self, name: str) -> float:
        return float(self.rows[name][self.now(name), 0])

    def moves(self, name: str) -> np.ndarray:
        """The last three steps up to now in units of the rate, before x is kept within bounds."""
        last = slice(max(self.now(name) - 3, 0), self.now(name))
        return -self.gradients[last] / self.rows[name][1:, 1][last]


class Online(View):
    """One coordinate between -1 and 1, and a loss that is C x now and then and -x else."""

    name = "Reddi's counter-example"
    gives = Result
    asks: ClassVar = {
        "adam": "where Adam is",
        "amsgrad": "where AMSGrad is",
    }
    params = (
        Param("C", 3.0, (2.1, 10.0), step=0.1, label="rare slope C"),
        Param("memory", 0.1, (0.01, 0.999), label="memory β₂",
              doc="β₁ is 0; or drag on the lower picture"),
        Param("decay", True, label="lr / √k", doc="the rate falls, as in the theorem"),
        Param("order", "every third", choices=("every third", "drawn"),
              doc="when the slope is C: in every third step, or with chance 1/3"),
    )  # fmt: skip
    presets = {  # noqa: RUF012
        "Adam walks to +1": {"lr": 0.3},
    }  # fmt: skip

    @staticmethod
    def uses(v):
        drawn = ("seed",) if v["order"] == "drawn" else ()
        return "C", "memory", "lr", "decay", "order", *drawn, "steps"

    # --- compute ----------------------------------------------------------------------------------
    def run(self, **v: Any) -> Iterator[Result]:
        steps = v["steps"]
        seed = v["seed"] if v["order"] == "drawn" else -1
        at = v["C"], v["lr"], v["decay"], seed
        walks = {n: _walk(n, (v["memory"],), *at) for n in METHODS}
        others = {n: _walk(n, OTHERS, *at) for n in METHODS}
        g = _gradients(v["C"], seed)

        def so_far() -> Result:
            rows, many = ({n: w.rows(steps) for n, w in ways.items()} for ways in (walks, others))
            return Result(rows, many, g[:steps], v["C"], v["memory"], v["t"], steps)

        pace = Pace(SLICE)
        for ways in (walks, others):
            for _ in walked([*ways.values()], steps, pace):
                yield so_far()
        yield so_far()

    # --- draw -------------------------------------------------------------------------------------
    def build(self, canvas: Canvas, theme: Theme) -> None:
        s = theme.sizes
        grid = canvas.figure.add_gridspec(
            2, 3, width_ratios=[1.1, 0.38 if theme.projector else 0.26, 1]
        )
        self.place = canvas.figure.add_subplot(grid[:, 0])
        self.place.set(xlim=(0, 300), ylim=(-1.08, 1.08))
        dress(self.place, theme, "Where they are", "step")
        self.place.set_yticks([-1, 0, 1], ["−1", "0", "1"])
        for y, words, color, x in (
            (1, "worst point", "vermilion", 0.98),
            (-1, "optimum", "green", 0.03),
        ):
            self.place.axhline(y, color=theme.color(color), linewidth=s.line, alpha=0.5, zorder=1)
            self.place.text(x, 0.5 + 0.425 * y, words, transform=self.place.transAxes,
                            ha="right" if x > 0.5 else "left", va="center", fontsize=s.label,
                            color=theme.text(color))  # fmt: skip
        self.curves = {n: Trail(self.place, theme, n, canvas.moving) for n in METHODS}
        self.tags = Tags(self.place, theme, METHODS, canvas.moving)
        self.time = Window(canvas, theme, self.place, y=False)
        self.time.hold(*self.curves.values(), self.tags)
        self._build_moves(canvas, theme, canvas.figure.add_subplot(grid[0, 2]))
        self._build_ends(canvas, theme, canvas.figure.add_subplot(grid[1, 2]))
        canvas.pointable(self.ends, lambda x, y: {"memory": x})
        arrange(canvas.figure)

    def _build_moves(self, canvas: Canvas, theme: Theme, ax: Axes) -> None:
        s = theme.sizes
        ax.set(xlim=(-0.6, 3.8), ylim=(-1.3, 1.3))
        dress(ax, theme, "Three steps, their sum", grid="")
        ax.axhline(0, color=theme.line, linewidth=s.thin)
        ax.axvline(2.6, color=theme.grid, linewidth=s.thin)
        ax.set_yticks([0])
        ax.set_xticks([])
        self.bars = {
            n: canvas.moving(Bars(ax, theme.color(c)))
            for n, c in zip(METHODS, ("vermilion", "purple"), strict=True)
        }
        self.slopes = canvas.moving(Labels(ax, s.tick, theme.ink))

    def _build_ends(self, canvas: Canvas, theme: Theme, ax: Axes) -> None:
        self.ends = ax
        ax.set(xlim=(0, 1), ylim=(-1.12, 1.12))
        dress(ax, theme, "Where, by memory β₂", "β₂")
        ax.set_yticks([-1, 0, 1], ["−1", "0", "1"])
        self.known: list[Trail] = []
        self.by_memory = {n: Trail(ax, theme, n, canvas.moving) for n in METHODS}

    def draw(self, result: Result) -> None:
        self.time.show(xlim=(0.0, float(result.steps)))
        memories = np.array([result.memory, *OTHERS])
        order = np.argsort(memories)
        moves = {name: result.moves(name) for name in METHODS}
        sums = {n: np.append(m, m.sum()) for n, m in moves.items() if len(m)}
        high = above(max((float(np.abs(m).max()) for m in sums.values()), default=1.0))
        for shift, name in ((-0.19, METHODS[0]), (0.19, METHODS[1])):
            rows, many = result.rows[name], result.others[name]
            self.curves[name].set_data(np.arange(len(rows)), rows[:, 0], result.now(name))
            now = np.append(result.at(name), many[min(result.t, len(many) - 1)])
            trail = self.by_memory[name]
            if len(many) > result.t or trail not in self.known:  # else the old curve stays
                trail.set_data(memories[order], now[order], len(order))
                self.known.append(trail)
            trail.head.set_data([result.memory], now[:1])
            m = sums.get(name, np.zeros(0))
            self.bars[name].set_data(np.arange(len(m)) + (4 - len(m)) + shift, 0, m / high, 0.34)
        at = min(result.t, *(result.now(n) for n in METHODS))
        seen = result.gradients[max(at - 3, 0) : at]
        slope = "" if self.canvas.theme.projector else "slope "
        words = [slope + alt.number(g).replace("-", "−") for g in seen]
        places = [(k + 3 - len(seen), 1.08) for k in range(len(seen))]
        self.slopes.set_labels([*places, (3, 1.08)], [*words, "sum"])
        self.tags.set_data({n: (result.at(n), n) for n in METHODS})

    # --- words ------------------------------------------------------------------------------------
    def status(self, result: Result) -> str:
        ends = alt.listing(f"{n} is at {alt.number(result.at(n))}" for n in METHODS)
        mean = float(result.gradients.mean())
        best = -1 if mean > 0 else 1
        said = f"The slopes are {alt.number(mean)} on average: the optimum is {best}. "
        said += f"After {alt.count(result.t, 'step')} {ends}"
        sums = [result.moves(n).sum() for n in METHODS if result.now(n) >= 3]
        if sums:
            said += ". The last three steps, in units of the rate, sum to " + alt.listing(
                f"{alt.number(float(m))} ({n})" for m, n in zip(sums, METHODS, strict=False)
            )
        return said + "."

    def describe(self, result: Result) -> str:
        ways = alt.listing(f"{n} {alt.trend(result.rows[n][:, 0])}" for n in METHODS)
        return (
            f"One coordinate between -1 and 1 on slopes of {alt.number(result.C)} now and then and "
            f"-1 else, memory beta2 = {alt.number(result.memory)}: in "
            f"{alt.count(result.steps, 'step')} {ways}. {self.status(result)}"
        )

    def numbers(self, result: Result) -> dict[str, float]:
        return {n.lower(): result.at(n) for n in METHODS}

    def script(self, **v: Any) -> str:
        rate = f"lambda k: {v['lr']!r} / (k + 1) ** 0.5" if v["decay"] else repr(v["lr"])
        drawn = v["order"] == "drawn"
        rare = f"np.random.default_rng({v['seed']}).random({MOST}) < 1 / 3" if drawn else (
            f"np.arange({MOST}) % 3 == 0")  # fmt: skip
        return f"""\
import numpy as np
import coursekit as ck

slopes = np.where({rare}, {v["C"]!r}, -1.0)
settings = dict(lr={rate}, beta1=0.0, beta2={v["memory"]!r},
                eps=0.0, bias_correction=False)


def walk(opt):
    theta = np.zeros(1)
    state = opt.init(theta)
    for slope in slopes[:{v["t"]}]:
        f = ck.Objective(value=np.sum, grad=lambda x: np.array([slope]))
        theta, state = opt.step(theta, state, f)
        theta = np.clip(theta, -1, 1)
    return theta[0]


adam = walk(ck.optim.Adam(**settings))
amsgrad = walk(ck.optim.AMSGrad(**settings))
print(f"after {v["t"]} steps Adam is at {{adam:.4f}}, AMSGrad at {{amsgrad:.4f}}")
"""


# --- the parts -----------------------------------------------------------------------------------
@functools.lru_cache(16)  # walks may be long
def _walk(name, memories, C, lr, decay, seed) -> Walk:
    beta2 = np.array(memories)[:, None]  # all at once
    rate = (lambda k: lr / (k + 1) ** 0.5) if decay else lr
    kind = optim.Adam if name == "Adam" else optim.AMSGrad
    opt = kind(lr=rate, beta1=0.0, beta2=beta2, eps=0.0, bias_correction=False)
    g = _gradients(C, seed)

    def row(x, s):
        return (x[0, 0], divisor(s)[0, 0]) if len(memories) == 1 else x[:, 0]

    def divisor(s):
        return np.sqrt(s.v if name == "Adam" else s.v_max)

    return Walk(opt, np.zeros_like(beta2), lambda k, x: np.full_like(x, g[k]), row, bound=1.0)


@functools.lru_cache(32)
def _gradients(C, seed) -> np.ndarray:
    """C in every third step, or with chance 1/3 if there is a seed; -1 else."""
    rare = (
        np.arange(MOST) % 3 == 0 if seed < 0 else np.random.default_rng(seed).random(MOST) < 1 / 3
    )
    return np.where(rare, C, -1.0)
