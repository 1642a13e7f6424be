"""Adamax's norm: on the way from a mean of squares to the largest, powers that do not fit."""

import functools
from collections.abc import Iterator
from typing import Any, ClassVar, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from ... import optim
from ...objective import Objective
from ...viz import alt, arrange, blank, dress
from ...viz.artists import Labels
from ...viz.themes import Theme
from ...viz.trails import Tags, Trail
from ..canvas import Canvas
from ..params import Param
from ..window import Window
from .view import Bars, View, above

STEPS = 100
POWERS = np.arange(1, 301)
KINDS: dict[str, type] = {"float32": np.float32, "float64": np.float64}
LOOKS = {"limit": "Adamax", "float64": "Momentum", "float32": "Adam"}
SHAPES = {  # of gradients, before they get their size
    "drawn": "np.abs(np.random.default_rng({seed}).standard_normal(100))",
    "equal": "np.ones(100)",
    "one spike": "np.where(np.arange(100) == 20, 10.0, 1.0)",
}
FAR = 400.0  # decades to either side of 1 that are drawn


class Result(NamedTuple):
    """After 0, 1, ... gradients: the p-norm in both precisions, and the limit for p to infinity."""

    gradients: np.ndarray  # their sizes, (100,)
    norms: dict[str, np.ndarray]  # by precision, (101,)
    limit: np.ndarray  # (101,)
    means: dict[str, np.ndarray]  # v for each of `POWERS`, (101, 300)
    p: float
    t: int

    @property
    def largest(self) -> float:
        """The largest gradient so far."""
        return float(self.gradients[: self.t].max(initial=0.0))

    def holds(self, kind: str) -> int:
        """Up to which whole p the mean of powers is neither 0 nor infinite."""
        v = self.means[kind][self.t]
        return int(np.argmin(np.append((v > 0) & (v < np.inf), False)))

    def fits(self, kind: str) -> bool:
        return 0 < self.norms[kind][self.t] < np.inf


class Norm(View):
    """One coordinate, and what a step of it is divided by."""

    name = "Adamax's p-norm"
    gives = Result
    asks: ClassVar = {
        "holds32": "the largest p that float32 can do",
        "holds64": "the largest p that float64 can do",
        "limit": "the limit for p → ∞",
    }
    params = (
        Param("p", 32.0, (1.0, 300.0), log=True,
              doc="2: the root mean square; or drag on the upper right picture"),
        Param("size", 0.01, (1e-4, 1e4), log=True, label="size of g"),
        Param("shape", "drawn", choices=tuple(SHAPES), label="gradients"),
    )  # fmt: skip
    presets = {  # noqa: RUF012
        "float32 underflows": {"beta2": 0.9},
        "float32 overflows": {"beta2": 0.9, "size": 100.0},
        "near 1 all is well": {"beta2": 0.9, "size": 1.0},
        "float64 underflows too": {"beta2": 0.9, "p": 200.0},
        "the limit needs no correction": {"p": 2.0, "shape": "equal"},
    }  # fmt: skip

    @staticmethod
    def uses(v):
        return "p", "size", "shape", *(("seed",) if v["shape"] == "drawn" else ()), "beta2"

    @staticmethod
    def end(v):
        return STEPS

    # --- compute ----------------------------------------------------------------------------------
    def run(self, **v: Any) -> Iterator[Result]:
        g = v["size"] * _shape(v["shape"], v["seed"])
        at = v["size"], v["shape"], v["seed"], v["beta2"]
        norms = {}
        for name, kind in KINDS.items():
            power: np.ndarray = np.full(1, v["p"], kind)
            with np.errstate(all="ignore"):
                norms[name] = (_means(g, power, v["beta2"]) ** (1 / power))[:, 0]
        yield Result(g, norms, _limit(*at), _all_means(*at), v["p"], v["t"])

    # --- draw -------------------------------------------------------------------------------------
    def build(self, canvas: Canvas, theme: Theme) -> None:
        ratios = [1.15, 0.55 if theme.projector else 0.34, 1]  # the second: for tags
        grid = canvas.figure.add_gridspec(2, 3, width_ratios=ratios)
        ways, ends = (canvas.figure.add_subplot(place) for place in (grid[:, 0], grid[0, 2]))
        ways.set(xlim=(0, STEPS), ylim=(0, 1))
        ends.set(xscale="log", xlim=(1, 300), ylim=(0, 1))
        dress(ways, theme, "What a step is divided by", "gradients seen")
        dress(ends, theme, "The same, by p", "p")
        self.sizes = canvas.moving(Bars(ways, theme.line))
        self.ways, self.ends = (
            {n: Trail(ax, theme, look, canvas.moving) for n, look in LOOKS.items()}
            for ax in (ways, ends)
        )
        self.tags = Tags(ways, theme, [*LOOKS.values()], canvas.moving)
        self.heights = [
            Window(canvas, theme, ax, x=False, widest="0.0001", ticks=n)
            for ax, n in ((ways, 0), (ends, 3))
        ]
        self.heights[0].hold(self.sizes, *self.ways.values(), self.tags)
        self.heights[1].hold(*self.ends.values())
        canvas.pointable(ends, lambda x, y: {"p": x}, self.heights[1].transform)
        self._build_room(canvas, theme, canvas.figure.add_subplot(grid[1, 2]))
        arrange(canvas.figure)

    def _build_room(self, canvas: Canvas, theme: Theme, ax: Axes) -> None:
        s = theme.sizes
        blank(ax, theme, "Room for |g|ᵖ" if theme.projector else "Room for the largest |g|ᵖ")
        ax.set(xlim=(-FAR, FAR), ylim=(-0.1, 3.2))
        self.power = {}
        for name, hue, y in (("float32", "vermilion", 1.35), ("float64", "blue", 0.0)):
            kind = np.finfo(KINDS[name])
            ends = float(kind.smallest_subnormal), float(kind.max)
            low, high = np.log10(ends)
            tint = theme.tint(theme.color(hue), 0.45)
            ax.add_patch(Rectangle((low, y), high - low, 0.36, color=tint, linewidth=0))
            words = " to ".join(alt.number(end, 2).replace("-", "−") for end in ends)
            ax.text(-FAR, y + 0.67, f"{name}: {words}", fontsize=s.tick, color=theme.text(hue),
                    va="center")  # fmt: skip
            self.power[name] = y + 0.18, Trail(ax, theme, LOOKS[name], canvas.moving)
        self.said = canvas.moving(Labels(ax, s.tick, theme.ink, "bold", va="center"))

    def draw(self, result: Result) -> None:
        top = above(1.1 * float(result.gradients.max()), (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8))
        for window in self.heights:
            window.show(ylim=(0.0, top))
        k = np.arange(STEPS + 1)
        self.sizes.set_data(k[1:], 0, result.gradients, 0.8)
        tags = {}
        for name, way in {**result.norms, "limit": result.limit}.items():
            seen, now = np.minimum(way, top), way[result.t]
            dead = name in KINDS and result.t > 0 and not result.fits(name)
            self.ways[name].set_data(k, seen, result.t, dead)
            said = f"{name} = {'0' if now == 0 else '∞'}" if dead else name
            tags[LOOKS[name]] = float(seen[result.t]), said
            if name in KINDS:
                with np.errstate(all="ignore"):
                    ends = result.means[name][result.t] ** (1 / POWERS)
                self.ends[name].set_data(POWERS, np.minimum(ends, top), len(POWERS) - 1, dead)
                self.ends[name].head.set_data([result.p], [seen[result.t]])
        self.ends["limit"].set_data(np.array([1.0, 300.0]), np.full(2, result.limit[result.t]), 1)
        self.tags.set_data(tags)
        self._draw_room(result)

    def _draw_room(self, result: Result) -> None:
        decades = result.p * np.log10(result.largest) if result.t else 0.0
        for name, (y, trail) in self.power.items():
            here = np.array([np.clip(decades, -FAR, FAR)])
            trail.set_data(here, np.array([y]), 0, result.t > 0 and not result.fits(name))
            trail.show(result.t > 0)
        x = float(np.clip(decades, -0.85 * FAR, 0.85 * FAR))
        said = f"1e{decades:.0f}".replace("-", "−") if result.t else ""
        self.said.set_labels([(x, 2.85)], [said])

    # --- words ------------------------------------------------------------------------------------
    def status(self, result: Result) -> str:
        if not result.t:
            return "No gradient yet: all of them are 0."
        found = alt.listing(f"{name} {_value(result, name)}" for name in KINDS)
        limit, p = alt.number(float(result.limit[result.t])), alt.number(result.p)
        holds = alt.listing(f"{_up_to(result.holds(name))} in {name}" for name in KINDS)
        return (
            f"p = {p}, after {alt.count(result.t, 'gradient')} of up to "
            f"{alt.number(result.largest)}: {found}; the limit max(β₂ u, |g|) is {limit}. "
            f"The powers fit {holds}."
        )

    def describe(self, result: Result) -> str:
        ways = (f"{name} {_way(way)}" for name, way in result.norms.items())
        return (
            f"The sizes of {STEPS} gradients as bars, and over them what a step is divided by: the "
            f"p-norm with a fading memory, where {alt.listing(ways)}, and its limit, which "
            f"{alt.trend(result.limit[1:])}. Beside them the same for every p from 1 to 300, and "
            f"the range of numbers of each precision. {self.status(result)}"
        )

    def numbers(self, result: Result) -> dict[str, float]:
        return {
            "single": float(result.norms["float32"][result.t]),
            "double": float(result.norms["float64"][result.t]),
            "limit": float(result.limit[result.t]),
            "holds32": float(result.holds("float32")),
            "holds64": float(result.holds("float64")),
        }

    def script(self, **v: Any) -> str:
        return f"""\
import numpy as np
import coursekit as ck

beta2, t = {v["beta2"]!r}, {v["t"]}
sizes = {v["size"]!r} * {SHAPES[v["shape"]].format(seed=v["seed"])}


def mean(p, kind):
    \"\"\"The fading mean of |g|^p, in this precision.\"\"\"
    p = np.array(p, kind)
    fade, v = kind(beta2) ** p, 0 * p
    for g in sizes[:t].astype(kind):
        v = fade * v + (1 - fade) * g**p
    return v


def holds(kind):
    \"\"\"The p up to which that is neither 0 nor infinite.\"\"\"
    v = mean(np.arange(1, 301), kind)
    return np.argmin(np.append((v > 0) & (v < np.inf), False))


with np.errstate(all="ignore"):
    single, double = (
        (mean([{v["p"]!r}], kind) ** (1 / np.array([{v["p"]!r}], kind)))[0]
        for kind in (np.float32, np.float64)
    )
    holds32, holds64 = holds(np.float32), holds(np.float64)

opt = ck.optim.Adamax(beta1=0.0, beta2=beta2, eps=0.0)
theta = np.zeros(1)
state = opt.init(theta)
for g in sizes[:t]:
    seen = ck.Objective(value=np.sum, grad=lambda x: np.array([g]))
    theta, state = opt.step(theta, state, seen)
limit = state.u[0]
print(f"p = {v["p"]:g}: {{single:.4g}} in float32, {{double:.4g}} in float64; limit {{limit:.4g}}")
print(f"the powers fit up to p = {{holds32}} and {{holds64}}")
"""


# --- the parts -----------------------------------------------------------------------------------
def _means(g: np.ndarray, p: np.ndarray, beta2: float) -> np.ndarray:
    """The fading means of |g|^p for all p, computed in the precision of p: (steps + 1, len(p))."""
    kind = p.dtype.type
    fade, v = kind(beta2) ** p, 0 * p
    rows = [v]
    with np.errstate(all="ignore"):
        for power in g.astype(kind)[:, None] ** p:
            v = fade * v + (1 - fade) * power
            rows.append(v)
    return np.array(rows)


@functools.lru_cache(8)
def _all_means(size, shape, seed, beta2) -> dict[str, np.ndarray]:
    g = size * _shape(shape, seed)
    return {n: _means(g, POWERS.astype(kind), beta2) for n, kind in KINDS.items()}


@functools.lru_cache(64)
def _limit(size, shape, seed, beta2) -> np.ndarray:
    """The u of Adamax, without its eps."""
    opt, theta = optim.Adamax(beta1=0.0, beta2=beta2, eps=0.0), np.zeros(1)
    state, found = opt.init(theta), [0.0]
    for g in size * _shape(shape, seed):
        seen = Objective(value=np.sum, grad=lambda x, g=g: np.array([g]))
        theta, state = opt.step(theta, state, seen)
        found.append(float(state.u[0]))
    return np.array(found)


@functools.cache
def _shape(name: str, seed: int) -> np.ndarray:
    return {
        "drawn": lambda: np.abs(np.random.default_rng(seed).standard_normal(STEPS)),
        "equal": lambda: np.ones(STEPS),
        "one spike": lambda: np.where(np.arange(STEPS) == 20, 10.0, 1.0),
    }[name]()


def _value(result: Result, kind: str) -> str:
    found = float(result.norms[kind][result.t])
    if result.fits(kind):
        return f"finds {alt.number(found)}"
    return "rounds to 0" if found == 0 else "overflows"


def _way(way: np.ndarray) -> str:
    if not np.isfinite(way[-1]):
        return "overflows"
    return "rounds to 0" if way[-1] == 0 else alt.trend(way[1:])


def _up_to(p: int) -> str:
    return "for every p here" if p == POWERS[-1] else f"up to p = {p}"
