"""Adadelta: what its eps decides, where it gets stuck, and who minds the units of theta."""

import functools
from collections.abc import Iterator
from typing import Any, ClassVar, NamedTuple

import numpy as np
from matplotlib.axes import Axes

from ... import landscapes, optim
from ...exhibits.adaptive import LastStepAdadelta
from ...run import minimize
from ...viz import alt, arrange, dress
from ...viz.artists import Labels
from ...viz.themes import Theme
from ...viz.trails import Tags, Trail
from ..canvas import Canvas
from ..params import Param, hyperparameter
from ..window import Window
from .view import Bars, View, decades, small
from .walk import LOST, Walk, walked

SPIKE = 1000.0  # what one gradient is multiplied by
TAIL = 100  # steps in which the swing at the end is measured
TRIED: dict[str, Any] = {  # methods whose first step is taken in other units
    "GD": (optim.GradientDescent, 0.01),
    "Adagrad": (optim.Adagrad, 0.01),
    "RMSprop": (optim.RMSprop, 0.01),
    "Adam": (optim.Adam, 0.01),
    "Newton": (optim.Newton, None),
}


class Result(NamedTuple):
    """The walk of Adadelta and, if asked for, that of the misprint."""

    rows: np.ndarray  # (steps + 1, 3): x, v, d
    others: np.ndarray | None  # of the misprint; ends where it is lost
    lost: bool
    ratios: dict[str, float]  # the first move in other units, by the first move
    curvature: float
    rho: float
    eps: float
    unit: float
    spike: int  # the step with the wrong gradient, or 0
    t: int
    steps: int

    @property
    def now(self) -> int:
        return min(self.t, len(self.rows) - 1)

    @property
    def rate(self) -> np.ndarray:
        """What the gradient is multiplied by in each step from the first on."""
        d, v = self.rows[:-1, 2], self.rows[1:, 1]
        return np.sqrt((d + self.eps) / (v + self.eps))

    @property
    def swing(self) -> float:
        """The largest |x| in the last steps up to now."""
        return float(np.abs(self.rows[max(self.now - TAIL, 0) : self.now + 1, 0]).max())


class Units(View):
    """Adadelta on a parabola, from x = 1."""

    name = "Adadelta's units and eps"
    gives = Result
    asks: ClassVar = {
        "swing": "how far |x| still swings",
    }
    params = (
        hyperparameter(optim.Adadelta, "eps", range=(1e-10, 1e-2)),
        Param("last_step", False, label="misprint", doc="the last step where a mean belongs"),
        Param("wild", False, label="a wild gradient", doc="one, in mid-run, 1000 times too large"),
        Param("unit", 10.0, (0.01, 100.0), log=True, label="unit of θ × c",
              doc="the same parabola with x measured in another unit"),
        Param("eps_too", False, label="ε converted", doc="Adadelta's eps in the other unit too"),
    )  # fmt: skip
    presets = {  # noqa: RUF012
        "stuck at curvature 100": {"curvature": 100.0, "rho": 0.95, "steps": 3000, "eps": 1e-4},
        "the last step only": {
            "curvature": 100.0, "rho": 0.95, "steps": 1000, "last_step": True
        },
    }  # fmt: skip

    @staticmethod
    def uses(v):
        return "curvature", "rho", "eps", "last_step", "wild", "unit", "eps_too", "steps"

    # --- compute ----------------------------------------------------------------------------------
    def run(self, **v: Any) -> Iterator[Result]:
        steps, spike = v["steps"], v["steps"] // 2 if v["wild"] else 0
        at = v["rho"], v["eps"], v["curvature"], spike
        right = _walk(False, *at)
        walks = [right, _walk(True, *at)] if v["last_step"] else [right]
        eps = v["eps"] / v["unit"] ** 2 if v["eps_too"] else v["eps"]
        ratios = _ratios(v["rho"], v["eps"], eps, v["curvature"], v["unit"])

        def so_far() -> Result:
            others = walks[1].rows(steps) if v["last_step"] else None
            lost = others is not None and not np.abs(others[-1, 0]) < LOST
            return Result(right.rows(steps), others, lost, ratios, v["curvature"], v["rho"],
                          v["eps"], v["unit"], spike, v["t"], steps)  # fmt: skip

        for _ in walked(walks, steps):
            yield so_far()
        yield so_far()

    # --- draw -------------------------------------------------------------------------------------
    def build(self, canvas: Canvas, theme: Theme) -> None:
        s = theme.sizes
        ratios = [1.15, 0.38 if theme.projector else 0.28, 1]
        grid = canvas.figure.add_gridspec(2, 3, width_ratios=ratios, height_ratios=[1, 1.1])
        self.place = canvas.figure.add_subplot(grid[:, 0])
        self.rate = canvas.figure.add_subplot(grid[0, 2])
        self.place.set(yscale="log", xlim=(0, 300), ylim=(1e-8, 1e10))  # room for wide words
        self.rate.set(yscale="log", xlim=(0, 300), ylim=(1e-6, 1))
        dress(self.place, theme, "Distance |x| from the minimum", "step")
        dress(self.rate, theme, "What multiplies g")
        self.curves = {n: Trail(self.place, theme, n, canvas.moving) for n in ("Adadelta", "Adam")}
        self.tags = Tags(self.place, theme, ["Adadelta", "Adam"], canvas.moving)
        self.line = Trail(self.rate, theme, "Adadelta", canvas.moving)
        (self.limit,) = canvas.all_moving(
            self.rate.plot([], [], "--", color=theme.ink, linewidth=0.6 * s.line)
        )
        self.named = canvas.moving(Labels(self.rate, s.tick, theme.ink, ha="right", va="center"))
        self._build_units(canvas, theme, canvas.figure.add_subplot(grid[1, 2]))
        self.distances = Window(canvas, theme, self.place, widest="0.0001")
        self.distances.hold(*self.curves.values(), self.tags)
        self.factors = Window(canvas, theme, self.rate, widest="0.0001")
        self.factors.hold(self.line, self.limit, self.named)
        arrange(canvas.figure)

    def _build_units(self, canvas: Canvas, theme: Theme, ax: Axes) -> None:
        s, self.units = theme.sizes, ax
        ax.set(yscale="log", xlim=(-0.6, len(TRIED) + 0.6), ylim=(1e-5, 1e5))
        first = "In other units" if theme.projector else "First move in other units"
        dress(ax, theme, f"{first}, × …")
        ax.set_yticks([1e-4, 1e-2, 1, 1e2, 1e4], ["1e-4", "0.01", "1", "100", "1e4"])
        ax.set_xticks(range(len(TRIED) + 1), [*TRIED, "Adadelta"], rotation=30, ha="right",
                      rotation_mode="anchor")  # fmt: skip
        ax.tick_params(axis="x", labelcolor=theme.ink)
        ax.axhline(1, color=theme.line, linewidth=s.thin)
        self.moves = canvas.moving(Bars(ax, theme.color("blue")))
        self.same = canvas.moving(Labels(ax, s.tick, theme.ink, "bold", va="center"))

    def draw(self, result: Result) -> None:
        steps, k = result.steps, np.arange(len(result.rows))
        low, high = 1e-8, 100.0
        x = np.clip(np.abs(result.rows[:, 0]), low, None)
        both = {"Adadelta": (x, False)}
        if result.others is not None:
            both["Adam"] = (np.clip(np.nan_to_num(np.abs(result.others[:, 0]), nan=1e9), low, 1e9),
                            result.lost)  # fmt: skip
        floor, high = decades(np.concatenate([y for y, _ in both.values()]), low)
        self.distances.show(xlim=(0.0, float(steps)), ylim=(floor / 2, 2 * high))
        tags = {}
        for name, trail in self.curves.items():
            if name not in both:
                trail.show(False)
                continue
            y, lost = both[name]
            at = min(result.t, len(y) - 1)
            dead = lost and at == len(y) - 1
            trail.set_data(np.arange(len(y)), y, at, dead)
            tags[name] = (
                min(y[at], high),
                ("misprint" if name == "Adam" else name) + (" ✕" if dead else ""),
            )
        self.tags.set_data(tags)
        rate, limit = result.rate, 2 / result.curvature
        bottom, top = decades(np.append(rate, [limit, 1]), 1e-12)
        self.factors.show(xlim=(0.0, float(steps)), ylim=(bottom, 2 * top))
        self.line.set_data(k[1:], rate, max(result.now - 1, 0))
        self.limit.set_data([0, steps], [limit, limit])
        up = (2 * top / bottom) ** (0.07 if limit > rate.max() else -0.09)
        self.named.set_labels([(0.99 * steps, limit * up)], ["2 / λ: limit of stability"])
        ratios = np.array(list(result.ratios.values()))
        self.moves.set_data(range(len(ratios)), np.minimum(1, ratios), np.maximum(1, ratios), 0.7)
        places = [(i, r * 2.6 if r >= 0.999 else r / 2.6) for i, r in enumerate(ratios)]
        self.same.set_labels(places, [f"{alt.number(r, 2)}" for r in ratios])

    # --- words ------------------------------------------------------------------------------------
    def status(self, result: Result) -> str:
        first = abs(float(result.rows[min(1, len(result.rows) - 1), 0] - result.rows[0, 0]))
        said = f"The first step is {alt.number(first)}, √(ε / (1 − ρ)) is "
        said += f"{alt.number((result.eps / (1 - result.rho)) ** 0.5)}. "
        said += f"After {alt.count(result.t, 'step')} |x| is up to {small(result.swing)}"
        if result.now:
            said += f", the learning rate {alt.number(float(result.rate[result.now - 1]))}"
        if result.others is not None:
            at = min(result.t, len(result.others) - 1)
            gone = result.lost and at == len(result.others) - 1
            far = f"lost in step {at}" if gone else f"at {alt.number(float(result.others[at, 0]))}"
            said += f"; the misprint is {far}"
        kept = [n for n, r in result.ratios.items() if abs(r - 1) < 1e-3]
        only = alt.listing(kept) or "no method"
        return said + f". In units × {alt.number(result.unit)} only {only} makes the same move."

    def describe(self, result: Result) -> str:
        return (
            f"The distance of Adadelta from the minimum of {alt.number(result.curvature)} x^2 / 2, "
            f"which {alt.trend(np.abs(result.rows[:, 0]))}, the learning rate it amounts to beside "
            f"the limit 2 / curvature = {alt.number(2 / result.curvature)}, and bars of what the "
            f"first move of six methods is multiplied by in other units. {self.status(result)}"
        )

    def numbers(self, result: Result) -> dict[str, float]:
        found = {"x": float(result.rows[result.now, 0]), "swing": result.swing}
        return found | {n.lower(): r for n, r in result.ratios.items()}

    def script(self, **v: Any) -> str:
        spike = v["steps"] // 2 if v["wild"] else 0
        wild = f" * ({SPIKE:g} if k == {spike} else 1)" if spike else ""
        eps = v["eps"] / v["unit"] ** 2 if v["eps_too"] else v["eps"]
        made, again = (f"Adadelta(rho={v['rho']!r}, eps={e!r})" for e in (v["eps"], eps))
        methods = "\n    ".join(
            f'"{name.lower()}": ck.optim.{kind.__name__}({f"lr={lr!r}" if lr else ""}),'
            for name, (kind, lr) in TRIED.items()
        )
        return f"""\
import numpy as np
import coursekit as ck

opt = ck.optim.{made}
theta = np.ones(1)
state, path = opt.init(theta), [1.0]
for k in range({v["t"]}):
    seen = ck.Objective(value=np.sum, grad=lambda x: {v["curvature"]!r} * x{wild})
    theta, state = opt.step(theta, state, seen)
    path.append(float(theta[0]))
x, swing = path[-1], np.abs(path[-{TAIL + 1}:]).max()
print(f"after {v["t"]} steps x = {{x:.4g}}; of late |x| was up to {{swing:.4g}}")


def first_move(opt, c):
    \"\"\"How far the first step goes on the same parabola, x measured in units of c.\"\"\"
    f = ck.landscapes.quadratic(({v["curvature"]!r} * c**2,))
    before, after = ck.minimize(f, np.ones(1) / c, opt, steps=1).thetas[:, 0]
    return c * (before - after)


methods = {{
    {methods}
}}
c = {v["unit"]!r}
ratios = {{name: first_move(opt, c) / first_move(opt, 1.0) for name, opt in methods.items()}}
there = first_move(ck.optim.{again}, c)
ratios["adadelta"] = there / first_move(ck.optim.{made}, 1.0)
gd, adagrad, rmsprop, adam, newton, adadelta = ratios.values()
for name, ratio in ratios.items():
    print(f"{{name}}: in other units the first move is {{ratio:.4g}} times as long")
"""


# --- the parts -----------------------------------------------------------------------------------
@functools.lru_cache(24)  # walks may be long
def _walk(last_step, rho, eps, curvature, spike) -> Walk:
    opt = LastStepAdadelta(rho=rho, eps=eps) if last_step else optim.Adadelta(rho=rho, eps=eps)

    def gradient(k, x):
        return curvature * x * (SPIKE if spike and k == spike else 1)

    return Walk(opt, np.ones(1), gradient, lambda x, s: (x[0], s.v[0], s.d[0]))


@functools.lru_cache(64)
def _ratios(rho, eps, eps_there, curvature, unit) -> dict[str, float]:
    """The first move with x measured in another unit, by the first move, for each method."""
    made: dict[str, Any] = {n: kind(lr) if lr else kind() for n, (kind, lr) in TRIED.items()}
    pairs = {name: (opt, opt) for name, opt in made.items()}
    pairs["Adadelta"] = optim.Adadelta(rho=rho, eps=eps), optim.Adadelta(rho=rho, eps=eps_there)
    return {
        name: _first_move(there, curvature, unit) / _first_move(here, curvature, 1.0)
        for name, (here, there) in pairs.items()
    }


def _first_move(opt, curvature, c) -> float:
    f = landscapes.quadratic((curvature * c**2,))
    before, after = minimize(f, np.ones(1) / c, opt, steps=1).thetas[:, 0]
    return float(c * (before - after))
