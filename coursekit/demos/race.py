"""Optimizers race down a landscape; who wins is a question of how their learning rates were chosen."""

import functools
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import NullLocator

from .. import landscapes, optim
from ..backend import to_host
from ..landscapes.landscape import rotation_matrix
from ..optim.table import ROWS
from ..viz import alt, arrange, dress
from ..viz.contours import Contours, heights as levels
from ..viz.themes import Theme
from ..viz.trails import Tags, Trail
from . import walks
from .canvas import Canvas
from .engine import Demo
from .params import Param, Value, hyperparameter
from .walks import RATES
from .worker import Pace

LANDSCAPES = {
    "beale": "Beale's function",
    "long_valley": "A long valley",
    "saddle_well": "A saddle between two minima",
    "elongated": "An elongated bowl",
    "rosenbrock": "Rosenbrock's banana",
    "himmelblau": "Himmelblau's four minima",
    "bumpy": "A bumpy bowl",
    "rastrigin": "Rastrigin's egg box",
    "plateau": "A well in a plain",
}
# SGD without batches is GradientDescent: here noise has a slider of its own.
RACERS = {
    row.optimizer.__name__: row.optimizer
    for row in ROWS
    if issubclass(row.optimizer, optim.Elementwise)
    and any(h.name == "lr" for h in optim.hyperparameters(row.optimizer))
    and row.optimizer.__name__ not in ("SGD", "Perceptron")
}
FIRST = ("GradientDescent", "Momentum", "Nesterov", "Adam")
DEEP = 1e-9  # how far the loss axis reaches below the height of the start
STEPS = 500


def race(state: str | None = None, **settings: Any) -> Demo:
    """Let optimizers race down a landscape, with the same, their best or your own learning rates.

    The best are found by 25 walks each, from 1e-5 to 10: whoever ends lowest after all steps.

    >>> import coursekit as ck
    >>> demo = ck.demos.race(optimizers=("GradientDescent", "Momentum"), mode="best")
    >>> demo.status(demo.compute(landscape="elongated"))
    'After 200 steps Momentum is lowest, ...'
    """
    return Race(state, **settings).show()


class Run(NamedTuple):
    """One optimizer's walk."""

    lr: float
    points: np.ndarray  # (steps + 1, 2)
    above: np.ndarray  # (steps + 1,) the loss above the minimum; infinite from where it is lost

    @property
    def end(self) -> int:
        """The last step before the walk is lost, or the last of all."""
        return int(np.isfinite(self.above).sum()) - 1

    def lost(self, t: int) -> bool:
        return t > self.end


class Result(NamedTuple):
    """A race, and what other learning rates would have made of it."""

    course: tuple[str, float, float]  # landscape, kappa, angle in degrees
    start: np.ndarray
    mode: str
    noise: float
    t: int
    steps: int
    runs: dict[str, Run]
    ends: dict[str, np.ndarray]  # (25,) per optimizer, as far as they are known
    done: bool

    def order(self) -> list[str]:
        """The racers still on their way at t, the lowest first."""
        known = [name for name, run in self.runs.items() if not run.lost(self.t)]
        return sorted(known, key=lambda name: self.runs[name].above[self.t])


class Race(Demo):
    """See `race`."""

    name = "race"
    title = "A race with honest learning rates"
    size = (900, 540)
    params = (
        Param("landscape", "beale", choices=tuple(LANDSCAPES)),
        Param("kappa", 20.0, (1.0, 1000.0), log=True, doc="how elongated: x1² + kappa x2²",
              active=lambda v: v["landscape"] == "elongated", hide=True),
        Param("angle", 0, (-90, 90), label="turned by (°)", doc="turns landscape and start"),
        Param("across", 0.0, (-1.0, 1.0), label="start ↔",
              doc="0 is the usual start, -1 and 1 the edges; or drag on the picture"),
        Param("up", 0.0, (-1.0, 1.0), label="start ↕",
              doc="0 is the usual start, -1 and 1 the edges; or drag on the picture"),
        Param("optimizers", FIRST, choices=tuple(RACERS), many=True),
        Param("mode", "same", choices=("same", "best", "own"), label="learning rates",
              doc="the same for all, the best for each by trying 25, or a slider each"),
        Param("lr", 0.01, (RATES[0], RATES[-1]), log=True, label="lr of all",
              active=lambda v: v["mode"] == "same", hide=True),
        *(
            hyperparameter(
                kind, "lr", name=f"lr_{name}", label=name, range=(RATES[0], RATES[-1]),
                active=lambda v, name=name: v["mode"] == "own" and name in v["optimizers"],
                hide=True,
            )
            for name, kind in RACERS.items()
        ),
        Param("noise", 0.0, choices=(0.0, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0),
              doc="standard deviation of what disturbs each component of every gradient"),
        Param("seed", 0, (0, 9), label="noise drawn", active=lambda v: v["noise"] > 0, hide=True),
        Param("steps", 200, (10, STEPS), step=10),
        Param("t", STEPS, (0, STEPS), label="step", play=True, until="steps"),
    )  # fmt: skip
    presets = {  # noqa: RUF012
        "the famous race": {},
        "tuned fairly": {"mode": "best"},
        "narrow valley": {"landscape": "elongated", "kappa": 100.0, "mode": "best", "steps": 100},
        "rotate 45°": {"landscape": "elongated", "kappa": 100.0, "mode": "best", "steps": 100,
                       "angle": 45},
        "saddle: who escapes": {"landscape": "saddle_well", "up": -0.12, "steps": 100},
        "noise": {"landscape": "elongated", "noise": 3.0, "mode": "best"},
    }  # fmt: skip

    # --- compute ----------------------------------------------------------------------------------
    def run(self, **v: Any) -> Iterator[Result]:
        course = (v["landscape"], v["kappa"] if v["landscape"] == "elongated" else 1.0, v["angle"])
        start = _start(course, v["across"], v["up"])
        rest = (course, (v["across"], v["up"]), v["steps"], v["noise"], v["seed"] * (v["noise"] > 0))
        chosen, mode = v["optimizers"], v["mode"]
        pace, runs, ends = Pace(), {}, {}

        def so_far(done: bool) -> Result:
            now = min(v["t"], v["steps"])
            return Result(course, start, mode, v["noise"], now, v["steps"],
                          dict(runs), dict(ends), done)  # fmt: skip

        for name in chosen:
            if mode == "best":
                ends[name] = _ends(name, *rest)
                lr = walks.best(ends[name])
            else:
                lr = v["lr"] if mode == "same" else v[f"lr_{name}"]
            runs[name] = _run(name, lr, *rest)
            if mode == "best" and pace.due():
                yield so_far(False)
        for name in chosen:
            if name not in ends:
                if pace.due():
                    yield so_far(False)
                ends[name] = _ends(name, *rest)
        yield so_far(True)

    # --- draw -------------------------------------------------------------------------------------
    def build(self, canvas: Canvas, theme: Theme) -> None:
        figure = canvas.figure
        wide = 0.38 if not theme.projector else 0.46
        grid = figure.add_gridspec(2, 3, width_ratios=[1.42, 1, wide], height_ratios=[1.25, 1])
        self._build_map(canvas, theme, figure.add_subplot(grid[:, 0]))
        self._build_loss(canvas, theme, figure.add_subplot(grid[0, 1]))
        self._build_strip(canvas, theme, figure.add_subplot(grid[1, 1]))
        arrange(figure)
        self._course: Any = None

    def _build_map(self, canvas: Canvas, theme: Theme, ax: Axes) -> None:
        s, self.map = theme.sizes, ax
        dress(ax, theme, " ", grid="")
        ax.set(xticks=[], yticks=[])
        for spine in ax.spines.values():
            spine.set_visible(False)
        self.contours = canvas.rare(Contours(ax, theme))
        (self.minima,) = (
            canvas.rare(line) for line in ax.plot([], [], "P", color=theme.ink, zorder=4,
                                                  markersize=1.3 * s.marker,
                                                  markeredgecolor=theme.paper)
        )  # fmt: skip
        (self.from_,) = canvas.all_moving(
            ax.plot([], [], "o", color="none", markeredgecolor=theme.ink, zorder=6,
                    markeredgewidth=s.line, markersize=1.9 * s.marker)
        )  # fmt: skip
        self.trails = {n: Trail(ax, theme, n, canvas.moving, dots=True) for n in RACERS}
        canvas.pointable(ax, self._pointed)

    def _build_loss(self, canvas: Canvas, theme: Theme, ax: Axes) -> None:
        self.loss = ax
        ax.set(yscale="log", xlim=(0, 200), ylim=(1e-8, 10))
        dress(ax, theme, "Loss above the minimum", "step")
        self.curves = {n: Trail(ax, theme, n, canvas.moving) for n in RACERS}
        self.tags = Tags(ax, theme, list(RACERS), canvas.moving)

    def _build_strip(self, canvas: Canvas, theme: Theme, ax: Axes) -> None:
        s, self.strip = theme.sizes, ax
        low, high = RATES[0], RATES[-1]
        ax.set(xscale="log", yscale="log", xlim=(low / 1.3, high * 1.3), ylim=(1e-8, 10))
        dress(ax, theme, "… in the end, by learning rate", "learning rate")
        ax.yaxis.set_minor_locator(NullLocator())
        self.ends = {n: Trail(ax, theme, n, canvas.moving) for n in RACERS}

    def draw(self, result: Result) -> None:
        self._draw_map(result)
        top = _above(result.course, result.start)
        top = 10.0 ** np.ceil(np.log10(max(top, 1e-3)) + 0.15)
        low = top * DEEP
        for ax in (self.loss, self.strip):
            self.canvas.set(ax, ylim=(low, top))
        self.canvas.set(self.loss, xlim=(0.0, float(result.steps)))

        tags = {}
        for name, curve in self.curves.items():
            run = result.runs.get(name)
            if run is None:
                curve.hide()
                continue
            lost = run.lost(result.t)
            last = run.end + 1  # the first lost step is drawn, on the edge
            above = np.clip(run.above[: last + 1], low, top)
            now = min(result.t, last)
            curve.set_data(np.arange(len(above)), above, now, lost)
            tags[name] = (above[now], self._tag(name, run, result))
        self.tags.set_data(tags)

        for name, curve in self.ends.items():
            if name not in result.runs:
                curve.hide()
            elif name in result.ends:  # else the old one stays until it is known
                self._draw_ends(curve, result.ends[name], result.runs[name], low, top)

    def _draw_ends(self, curve: Trail, ends: np.ndarray, run: Run, low: float, top: float) -> None:
        rates = np.array(RATES)
        at = int(np.searchsorted(rates, run.lr))
        end = run.above[-1]
        if at == len(rates) or rates[at] != run.lr:  # the curve runs through the rate in use too
            rates, ends = np.insert(rates, at, run.lr), np.insert(ends, at, end)
        curve.set_data(rates, np.clip(ends, low, top), len(rates) - 1)
        curve.head.set_data([run.lr], [np.clip(end, low, top)])
        curve.head.set_marker("X" if np.isinf(end) else curve.marker)

    def _draw_map(self, result: Result) -> None:
        f, ax = _landscape(*result.course), self.map
        if self._course != result.course:
            self._course = result.course
            x, y = self._view(f)
            self.canvas.set(ax, xlim=(x[0], x[-1]), ylim=(y[0], y[-1]))
            self.canvas.set(ax._left_title, text=LANDSCAPES[result.course[0]])  # type: ignore[attr-defined]
            z = to_host(f.value(np.stack(np.meshgrid(x, y), axis=-1)))
            self.contours.set_data(x, y, z, levels(z, f.minimum, f.levels == "log"))
            self.minima.set_data(*to_host(f.minima).T)
        self.from_.set_data(*result.start[:, None])
        box = np.array([ax.get_xlim(), ax.get_ylim()]).T
        span = box[1] - box[0]
        for name, trail in self.trails.items():
            run = result.runs.get(name)
            if run is None:
                trail.hide()
                continue
            now = min(result.t, run.end)
            far = np.clip(run.points[: run.end + 1], box[0] - 20 * span, box[1] + 20 * span)
            lost = run.lost(result.t)
            trail.set_data(*far.T, now, lost)
            head = np.clip(far[now], box[0] + 0.015 * span, box[1] - 0.015 * span)
            trail.head.set_data(*head[:, None])

    def _view(self, f: Any) -> tuple[np.ndarray, np.ndarray]:
        """A grid over the landscape, as wide as it is high in every direction it may be turned to."""
        width, height = self.map.get_window_extent().size
        middle = np.mean(f.bounds, axis=1)
        reach = 0.5 * np.ptp(f.bounds, axis=1).max() * np.array([width, height])
        reach = reach / min(width, height)
        return tuple(np.linspace(m - r, m + r, 141) for m, r in zip(middle, reach, strict=True))  # type: ignore[return-value]

    def _pointed(self, x: float, y: float) -> dict[str, float]:
        return _where(self._course, np.array([x, y]))

    def _tag(self, name: str, run: Run, result: Result) -> str:
        if run.lost(result.t):
            return f"{short(name)}: lost"
        return short(name)

    # --- words ------------------------------------------------------------------------------------
    def status(self, result: Result) -> str:
        order = result.order()
        said = []
        if order:
            first = result.runs[order[0]].above[result.t]
            said.append(
                f"After {alt.count(result.t, 'step')} {short(order[0])} is lowest, "
                f"{alt.number(first)} above the minimum"
            )
            if len(order) > 1:
                said[-1] += "; " + ", ".join(
                    f"{short(n)} {alt.number(result.runs[n].above[result.t])}" for n in order[1:]
                )
        lost = [n for n in result.runs if n not in order]
        if lost:
            where = (f"{short(n)} at step {result.runs[n].end + 1}" for n in lost)
            said.append(f"Diverged: {alt.listing(where)}")
        return ". ".join(said) + "." if said else "Choose at least one optimizer."

    def describe(self, result: Result) -> str:
        name, kappa, angle = result.course
        where = LANDSCAPES[name] + (f" with kappa {kappa:g}" if name == "elongated" else "")
        if angle:
            where += f", turned by {angle:g} degrees"
        start = ", ".join(alt.number(x) for x in result.start)
        rates = alt.listing(
            (f"{short(n)} {alt.number(run.lr)}" for n, run in result.runs.items()), 30
        )
        how = {"same": "the same", "best": "each its best", "own": "each its own"}[result.mode]
        noise = f", noise {result.noise:g} in every gradient" if result.noise else ""
        return (
            f"{where}: {alt.count(len(result.runs), 'path')} from ({start}) over contours{noise}; "
            f"learning rates, {how}: {rates or 'none'}. {self.status(result)}"
        )

    def numbers(self, result: Result) -> dict[str, float]:
        return {
            variable(name): float(run.above[result.t]) for name, run in result.runs.items()
        }

    def script(self, **v: Any) -> str:
        course = (v["landscape"], v["kappa"] if v["landscape"] == "elongated" else 1.0, v["angle"])
        start = ", ".join(repr(float(x)) for x in _start(course, v["across"], v["up"]))
        kappa = f"kappa={course[1]!r}" if course[0] == "elongated" else ""
        made = f"{course[0]}({kappa})"
        turned = f".rotated(np.radians({v['angle']}))" if v["angle"] else ""
        noise = v["noise"] > 0
        t = min(v["t"], v["steps"])
        lines = ["import numpy as np", "", "import coursekit as ck", ""]
        lines += [f"f = ck.landscapes.{made}{turned}", f"start = np.array([{start}])"]
        seen = "f"
        if noise:
            lines += [
                f"noise = {v['noise']!r} * np.random.default_rng({v['seed']})"
                f".standard_normal(({v['steps']}, 2))",
            ]
            seen = "ck.Objective(value=f.value, grad=lambda x: f.grad(x) + noise[k], batched=True)"
        lines += [
            "", "", "def race(opt, theta, steps):",
            "    state = opt.init(theta)",
            "    for k in range(steps):",
            *([f"        seen = {seen}"] if noise else []),
            f"        theta, state = opt.step(theta, state, {'seen' if noise else 'f'})",
            "    above = f.value(theta) - f.minimum",
            f"    return np.where(above < {walks.LOST:g}, np.maximum(above, 0), np.inf)  # or lost",
            "", "",
        ]  # fmt: skip
        if v["mode"] == "best":
            lines += [
                "def tuned(kind):",
                '    """The best of 25 learning rates."""',
                "    rates = [float(f\"{m}e{d}\") for d in range(-5, 1) for m in (1, 1.8, 3.2, 5.6)]",
                "    lr = np.array([*rates, 10.0])",
                "    starts = np.tile(start, (25, 1))",
                f"    return kind(lr=lr[np.argmin(race(kind(lr=lr[:, None]), starts, {v['steps']}))])",
                "", "",
            ]  # fmt: skip
        lines.append('with np.errstate(all="ignore"):  # divergence is an outcome')
        for name in v["optimizers"]:
            lr = v["lr"] if v["mode"] == "same" else v[f"lr_{name}"]
            kind = f"ck.optim.{name}"
            opt = f"tuned({kind})" if v["mode"] == "best" else f"{kind}(lr={lr!r})"
            lines.append(f"    {variable(name)} = race({opt}, start, {t})")
        if not v["optimizers"]:
            lines.append("    pass")
        for name in v["optimizers"]:
            lines.append(f'print(f"{short(name)}: {{{variable(name)}:.4g}}")')
        return "\n".join(lines) + "\n"


# --- the parts -----------------------------------------------------------------------------------
Course = tuple[str, float, float]


@functools.lru_cache(64)
def _landscape(name: str, kappa: float, angle: float) -> Any:
    f = getattr(landscapes, name)(**({"kappa": kappa} if name == "elongated" else {}))
    return f.rotated(np.radians(angle)) if angle else f


def _start(course: Course, across: float, up: float) -> np.ndarray:
    """The point to start from: between the usual start (0) and the edges (-1, 1), then turned."""
    flat = _landscape(course[0], course[1], 0)
    usual = to_host(flat.start)
    share = np.array([across, up])
    low, high = np.transpose(flat.bounds)
    point = usual + np.where(share < 0, usual - low, high - usual) * share
    middle = (low + high) / 2
    return rotation_matrix(np.radians(course[2])) @ (point - middle) + middle if course[2] else point


def _where(course: Course, point: np.ndarray) -> dict[str, float]:
    """The setting that starts at this point."""
    flat = _landscape(course[0], course[1], 0)
    usual = to_host(flat.start)
    low, high = np.transpose(flat.bounds)
    middle = (low + high) / 2
    point = rotation_matrix(np.radians(-course[2])) @ (point - middle) + middle
    room = np.where(point < usual, usual - low, high - usual)
    across, up = (point - usual) / room
    return {"across": float(across), "up": float(up)}


def _above(course: Course, point: np.ndarray) -> float:
    f = _landscape(*course)
    return float(f.value(point)) - f.minimum


@functools.lru_cache(256)
def _run(name: str, lr: float, course: Course, at, steps: int, noise: float, seed: int) -> Run:
    f = _landscape(*course)
    z = walks.disturbances(noise, seed, steps)
    points = walks.walk(RACERS[name](lr=lr), f, _start(course, *at), steps, z)  # type: ignore[call-arg]
    return Run(lr, points, walks.heights(f, points))


@functools.lru_cache(256)
def _ends(name: str, course: Course, at, steps: int, noise: float, seed: int) -> np.ndarray:
    f = _landscape(*course)
    z = walks.disturbances(noise, seed, steps)
    return walks.sweep(RACERS[name], f, _start(course, *at), steps, z)


def short(name: str) -> str:
    """An optimizer's name as one says it."""
    return name.replace("Descent", " descent")


def variable(name: str) -> str:
    """An optimizer's name as a variable: GradientDescent, AMSGrad -> gradient_descent, amsgrad."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()
