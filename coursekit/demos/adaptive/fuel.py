"""Adagrad's fuel gauge: squares that only add up, on a slope, in a bowl, and when scales change."""

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
from .view import Bars, View, decades, small
from .walk import MOST, Walk, walked

STEEPER = 10.0  # x2 than x1
METHODS = ("Adagrad", "RMSprop")
COLUMNS = ("x1", "x2", "v1", "v2")


class Result(NamedTuple):
    """The rows of both walks as far as they are known."""

    rows: dict[str, np.ndarray]  # (steps + 1, 4): x1, x2, v1, v2
    bowl: bool
    lr: float
    factor: float
    change: int  # the step before which the scale changes or Adagrad restarts; 0: it does neither
    restart: bool
    noise: float
    t: int
    steps: int

    def distance(self, name: str) -> np.ndarray:
        """From the start on a slope, from the minimum in a bowl; of both coordinates the rms."""
        return np.sqrt((self.rows[name][:, :2] ** 2).mean(axis=1))

    def now(self, name: str) -> int:
        return min(self.t, len(self.rows[name]) - 1)

    def rate(self, name: str) -> np.ndarray:
        """What the gradient of x1 is multiplied by, in units of lr."""
        return 1 / np.sqrt(np.maximum(self.rows[name][:, 2], 1e-300))


class Fuel(View):
    """Two coordinates, one ten times as steep as the other."""

    name = "Adagrad's fuel"
    gives = Result
    asks: ClassVar = {
        "adagrad": "Adagrad's distance",
        "rmsprop": "RMSprop's distance",
    }
    params = (
        Param("ground", "slope", choices=("slope", "bowl"),
              doc="a gradient of (1, 10) everywhere, or of (x₁, 10 x₂)"),
        Param("factor", 1.0, choices=(0.001, 0.01, 0.1, 1.0, 10.0, 100.0, 1000.0),
              label="then scale ×", doc="what the gradient is multiplied by later on; 1: nothing"),
        Param("restart", False, label="then restart", doc="Adagrad forgets its sum"),
        Param("when", 0.5, (0.05, 0.95), step=0.05, label="then: when",
              doc="the share of all steps after which that happens"),
        Param("noise", 0.0, choices=(0.0, 0.1, 0.3, 1.0, 3.0), doc="in every gradient"),
    )  # fmt: skip
    presets = {  # noqa: RUF012
        "2 lr √T": {"lr": 0.01, "steps": MOST},
        "the scale drops": {"ground": "bowl", "factor": 0.001, "when": 0.05, "steps": 1000},
        "the long race": {"ground": "bowl", "noise": 1.0, "steps": 3000},
    }  # fmt: skip

    @staticmethod
    def uses(v):
        then = ("when",) if v["factor"] != 1 or v["restart"] else ()
        drawn = ("seed",) if v["noise"] else ()
        return "ground", "factor", "restart", *then, "noise", "lr", "rho", *drawn, "steps"

    # --- compute ----------------------------------------------------------------------------------
    def run(self, **v: Any) -> Iterator[Result]:
        steps, happens = v["steps"], v["factor"] != 1 or v["restart"]
        change = round(v["when"] * steps) if happens else 0
        seed = v["seed"] if v["noise"] else 0
        at = v["ground"] == "bowl", v["factor"], change, v["noise"], seed
        walks = {
            "Adagrad": _walk("Adagrad", v["lr"], 0.0, change if v["restart"] else -1, *at),
            "RMSprop": _walk("RMSprop", v["lr"], v["rho"], -1, *at),
        }

        def so_far() -> Result:
            rows = {name: walk.rows(steps) for name, walk in walks.items()}
            return Result(rows, at[0], v["lr"], v["factor"], change, v["restart"], v["noise"],
                          v["t"], steps)  # fmt: skip

        for _ in walked([*walks.values()], steps):
            yield so_far()
        yield so_far()

    # --- draw -------------------------------------------------------------------------------------
    def build(self, canvas: Canvas, theme: Theme) -> None:
        ratios = [0.75, 1.2, 0.44 if theme.projector else 0.3]  # the last: for tags
        grid = canvas.figure.add_gridspec(2, 3, width_ratios=ratios)
        self._build_gauge(canvas, theme, canvas.figure.add_subplot(grid[:, 0]))
        self.far = canvas.figure.add_subplot(grid[0, 1])
        self.left = canvas.figure.add_subplot(grid[1, 1])
        self.far.set(yscale="log", xlim=(0, 300), ylim=(1e-6, 1e4))
        self.left.set(yscale="log", xlim=(0, 300), ylim=(1e-2, 1e6))  # room for wide words
        dress(self.far, theme, "Distance from the start")
        dress(self.left, theme, "What multiplies lr g₁: 1 / √v₁", "step")
        self.title: Any = canvas.moving(self.far._left_title)  # type: ignore[attr-defined]
        (self.bound,) = canvas.all_moving(
            self.far.plot([], [], "--", color=theme.ink, linewidth=0.7 * theme.sizes.line)
        )
        self.bound.set_zorder(6)
        self.curves = {n: Trail(self.far, theme, n, canvas.moving) for n in METHODS}
        self.rates = {n: Trail(self.left, theme, n, canvas.moving) for n in METHODS}
        self.tags = Tags(self.far, theme, METHODS, canvas.moving)
        self.shares = Tags(self.left, theme, METHODS, canvas.moving)
        (self.when,) = canvas.all_moving(
            self.left.plot([], [], color=theme.quiet, linewidth=theme.sizes.thin, linestyle=":")
        )
        self.what = canvas.moving(Labels(self.far, theme.sizes.tick, theme.ink, ha="right"))
        self.then = canvas.moving(Labels(self.left, theme.sizes.tick, theme.quiet))
        self.distances = Window(canvas, theme, self.far, widest="0.0001")
        self.distances.hold(self.bound, *self.curves.values(), self.tags, self.what)
        self.factors = Window(canvas, theme, self.left, widest="0.0001")
        self.factors.hold(*self.rates.values(), self.shares, self.when, self.then)
        arrange(canvas.figure)

    def _build_gauge(self, canvas: Canvas, theme: Theme, ax: Axes) -> None:
        s, self.gauge = theme.sizes, ax
        ax.set(yscale="log", xlim=(-0.6, 3.9), ylim=(1e-11, 1e7))
        dress(ax, theme, "The gauge: v")
        ax.set_xticks([0, 1, 2.3, 3.3], ["x₁", "x₂", "x₁", "x₂"])
        ax.tick_params(axis="x", labelcolor=theme.ink, labelsize=s.label)
        colors = {"Adagrad": "orange", "RMSprop": "green"}
        self.bars = {n: canvas.moving(Bars(ax, theme.color(c))) for n, c in colors.items()}
        self.heights = canvas.moving(Labels(ax, s.tick, theme.ink))
        self.sums = Window(canvas, theme, ax, x=False, widest="0.0001")
        self.sums.hold(*self.bars.values(), self.heights)
        for x, (name, color) in zip((0.5, 2.8), colors.items(), strict=True):
            ax.annotate(name, (x, 0), (0, -2.6 * s.tick), xycoords=("data", "axes fraction"),
                        textcoords="offset points", ha="center", va="top", fontsize=s.label,
                        fontweight="bold", color=theme.text(color))  # fmt: skip

    def draw(self, result: Result) -> None:
        steps, k = result.steps, np.arange(result.steps + 1)
        v = np.concatenate([rows[1:, 2:] for rows in result.rows.values()])
        low, high = decades(v, 1e-12)
        self.sums.show(ylim=(low / 3, 10 * high))
        words, points, digits = [], [], 1 if self.canvas.theme.projector else 2
        for x, (name, bars) in zip((0.0, 2.3), self.bars.items(), strict=True):
            now = np.maximum(result.rows[name][result.now(name), 2:], low / 3)
            bars.set_data([x, x + 1], low / 3, now, 0.8)
            points += [(x, 1.25 * now[0]), (x + 1, 1.25 * now[1])]
            words += [alt.number(n, digits) for n in result.rows[name][result.now(name), 2:]]
        self.heights.set_labels(points, words)

        distance = {name: result.distance(name) for name in METHODS}
        whole = np.concatenate([d[1:] for d in distance.values()])
        floor, ceiling = decades(whole, 1e-6)
        self.title.set_text("Distance to the minimum" if result.bowl else "Distance from the start")
        rate = {name: result.rate(name) for name in METHODS}
        bottom, top = decades(np.concatenate([r[1:] for r in rate.values()]), 1e-9)
        self.distances.show(xlim=(0.0, float(steps)), ylim=(floor, ceiling))
        self.factors.show(xlim=(0.0, float(steps)), ylim=(bottom, top))
        for name in METHODS:
            now, seen = max(result.now(name) - 1, 0), k[1 : len(result.rows[name])]
            self.curves[name].set_data(seen, distance[name][1:], now)
            self.rates[name].set_data(seen, rate[name][1:], now)
        self.tags.set_data({n: (max(d[result.now(n)], floor), n) for n, d in distance.items()})
        self.shares.set_data(
            {n: (r[max(result.now(n), 1)], f"× {alt.number(r[max(result.now(n), 1)], 2)}")
             for n, r in rate.items()}
        )  # fmt: skip
        straight = not (result.bowl or result.change or result.noise)
        self.bound.set_data(
            k[1:] if straight else [], 2 * result.lr * k[1:] ** 0.5 if straight else []
        )
        up = (ceiling / floor) ** (0.3 if self.canvas.theme.projector else 0.18)
        self.what.set_labels(
            [(0.97 * steps, 2 * result.lr * steps**0.5 / up)],
            ["- -  2 lr √T" if straight else ""],
        )
        self.when.set_data(
            [result.change] * 2 if result.change else [], [bottom, top] if result.change else []
        )
        self.then.align = 0.0 if result.change < 0.6 * steps else 1.0
        grows = result.factor < 1 or result.restart  # then the room is below
        height = bottom * (top / bottom) ** (0.04 if grows else 0.88)
        self.then.set_labels([(result.change, height)], [_then(result)])

    # --- words ------------------------------------------------------------------------------------
    def status(self, result: Result) -> str:
        ada, rms = (float(result.distance(n)[result.now(n)]) for n in METHODS)
        left = alt.number(float(result.rate("Adagrad")[max(result.now("Adagrad"), 1)]))
        said = f"After {alt.count(result.t, 'step')} "
        if result.bowl:
            said += f"Adagrad is {small(ada)} from the minimum, RMSprop {small(rms)}."
        else:
            said += f"Adagrad has travelled {alt.number(ada)}, RMSprop {alt.number(rms)}"
            reach = alt.number(2 * result.lr * result.t**0.5)
            plain = not (result.change or result.noise)
            said += f"; 2 lr √T is {reach}." if plain else "."
        if not result.t:
            return said
        said += f" Adagrad multiplies the gradient of x₁ by {left} lr"
        if result.t > result.change > 0 and result.factor != 1:
            said += f"; the scale has become {alt.number(result.factor)} times as large"
        return said + "."

    def describe(self, result: Result) -> str:
        where = "in a bowl" if result.bowl else "down a slope"
        event = f" After {result.change} steps: {_then(result).strip()}." if result.change else ""
        ends = (f"{n} {alt.trend(result.distance(n)[1:])}" for n in METHODS)
        kind = "to the minimum" if result.bowl else "from the start"
        return (
            f"Bars of the accumulators of Adagrad and RMSprop, for two coordinates of which the "
            f"second is ten times as steep, and their way {where}.{event} The distance {kind} in "
            f"{alt.count(result.steps, 'step')}: {alt.listing(ends)}. {self.status(result)}"
        )

    def numbers(self, result: Result) -> dict[str, float]:
        return {n.lower(): float(result.distance(n)[result.now(n)]) for n in METHODS}

    def script(self, **v: Any) -> str:
        bowl, steps, happens = v["ground"] == "bowl", v["steps"], v["factor"] != 1 or v["restart"]
        change = round(v["when"] * steps) if happens else 0
        noise, again = "", ""
        if v["noise"]:
            noise = f"z = np.random.default_rng({v['seed']}).standard_normal(({MOST}, 2))\n"
        at = "x" if bowl else "1"
        at = f"({at} + {v['noise']!r} * z[k])" if noise else at if bowl else "np.ones(2)"
        scale = f" * ({v['factor']!r} if k >= {change} else 1)" if v["factor"] != 1 else ""
        if v["restart"]:
            again = f"""
        if restarts and k == {change}:
            state = opt.init(theta)"""
        law = f'print(f"2 lr sqrt(T) = {{2 * {v["lr"]!r} * {v["t"]}**0.5:.4g}}")\n'
        law = "" if bowl or happens or noise else law
        return f"""\
import numpy as np
import coursekit as ck

{noise}

def walk(opt{", restarts=False" if v["restart"] else ""}):
    theta = np.{"ones" if bowl else "zeros"}(2)
    state = opt.init(theta)
    for k in range({v["t"]}):{again}
        steep = np.array([1, 10]){scale}
        seen = ck.Objective(value=np.sum, grad=lambda x: steep * {at})
        theta, state = opt.step(theta, state, seen)
    return np.sqrt(np.mean(theta**2))  # {"to the minimum" if bowl else "from the start"}


adagrad = walk(ck.optim.Adagrad(lr={v["lr"]!r}){", restarts=True" if v["restart"] else ""})
rmsprop = walk(ck.optim.RMSprop(lr={v["lr"]!r}, rho={v["rho"]!r}))
print(f"distance after {v["t"]} steps: Adagrad {{adagrad:.4g}}, RMSprop {{rmsprop:.4g}}")
{law}"""


# --- the parts -----------------------------------------------------------------------------------
@functools.lru_cache(24)  # walks may be long
def _walk(name, lr, rho, again, bowl, factor, change, noise, seed) -> Walk:
    opt = optim.Adagrad(lr=lr) if name == "Adagrad" else optim.RMSprop(lr=lr, rho=rho)
    z = noise * np.random.default_rng(seed).standard_normal((MOST, 2)) if noise else None
    steep = np.array([1.0, STEEPER])

    def gradient(k, x):
        here = x if bowl else np.ones(2)
        if z is not None:
            here = here + z[k]
        return (factor if k >= change else 1) * steep * here

    start = np.ones(2) if bowl else np.zeros(2)
    return Walk(opt, start, gradient, lambda x, s: (*x, *s.v), again)


def _then(result: Result) -> str:
    """What happens in mid-run, if anything."""
    parts = []
    if result.change and result.factor != 1:
        parts.append(f"scale × {alt.number(result.factor)}")
    if result.change and result.restart:
        parts.append("Adagrad restarts")
    return f" {', '.join(parts)} " if parts else ""
