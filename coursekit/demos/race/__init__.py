"""Optimizers race down a landscape; who wins depends on how their learning rates were chosen."""

import functools
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import NullLocator

from ... import optim
from ...backend import to_device, to_host
from ...optim.table import ROWS
from ...viz import alt, arrange, contours, dress
from ...viz.themes import Theme
from ...viz.trails import Tags, Trail
from .. import walks
from ..canvas import Canvas
from ..engine import Demo
from ..params import Param, hyperparameter
from ..tracks import TITLES, Track, bare_map
from ..walks import RATES
from ..worker import Pace
from . import race_script
from .race_script import short, variable

# SGD without batches is GradientDescent: here noise has a slider of its own.
RACERS = {
    row.optimizer.__name__: row.optimizer
    for row in ROWS
    if issubclass(row.optimizer, optim.Elementwise)
    and any(h.name == "lr" for h in optim.hyperparameters(row.optimizer))
    and row.optimizer.__name__ not in ("SGD", "Perceptron")
}
FIRST = ("GradientDescent", "Momentum", "Nesterov", "Adam")
DEPTHS = (1e-3, 1e-6, 1e-9, 1e-12)  # how far the loss axis may reach below the height of the start
STEPS = 500
LR = Param("lr", 0.01, (RATES[0], RATES[-1]), log=True, label="lr of all",
           active=lambda v: v["mode"] == "same", hide=True)  # fmt: skip
FAN = (*RATES, *(lr for lr in LR.grid if lr not in RATES))


def race(state: str | None = None, **settings: Any) -> Demo:
    """Let optimizers race down a landscape, with the same, their best or your own learning rates.

    The best are found by 25 walks each, from 1e-5 to 10: whoever ends lowest after all steps.

    >>> import coursekit as ck
    >>> demo = ck.demos.race(landscape="rosenbrock")
    >>> demo.status(demo.compute(landscape="rosenbrock", mode="best"))
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


class Fan(NamedTuple):
    """One optimizer's walks with all rates of `FAN`: those that are tried, those of the slider."""

    points: np.ndarray  # (steps + 1, rates, 2)
    above: np.ndarray  # (steps + 1, rates)

    @property
    def ends(self) -> np.ndarray:
        """(25,) where the walks with the rates that are tried end."""
        return self.above[-1, : len(RATES)]

    def run(self, lr: float) -> Run:
        at = FAN.index(lr)
        return Run(lr, self.points[:, at], self.above[:, at])


class Result(NamedTuple):
    """A race, and what other learning rates would have made of it."""

    track: Track
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
    size = (900, 450)
    lull = 0.06  # paths follow a hand; what other rates would do comes when it pauses
    params = (
        Param("landscape", "beale", choices=tuple(TITLES)),
        Param("kappa", 20.0, (1.0, 1000.0), log=True, doc="how elongated: x1² + kappa x2²",
              active=lambda v: v["landscape"] == "elongated", hide=True),
        Param("angle", 0, (-90, 90), label="turned by (°)", doc="turns landscape and start"),
        Param("across", 0.0, (-1.0, 1.0), step=0.01, label="start ↔",
              doc="0 is the usual start, -1 and 1 the edges; or drag on the picture"),
        Param("up", 0.0, (-1.0, 1.0), step=0.01, label="start ↕",
              doc="0 is the usual start, -1 and 1 the edges; or drag on the picture"),
        Param("optimizers", FIRST, choices=tuple(RACERS), many=True),
        Param("mode", "same", choices=("same", "best", "own"), label="learning rates",
              doc="the same for all, the best for each by trying 25, or a slider each"),
        LR,
        *(
            hyperparameter(
                kind, "lr", name=f"lr_{name}", label=short(name).replace("Gradient", "Grad."),
                range=(RATES[0], RATES[-1]),
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
        "narrow valley": {"landscape": "elongated", "kappa": 500.0, "mode": "best", "steps": 150},
        "rotate 45°": {"landscape": "elongated", "kappa": 500.0, "mode": "best", "steps": 150,
                       "angle": 45},
        "saddle: who escapes": {"landscape": "saddle_well", "up": -0.11, "lr": 0.03, "steps": 60},
        "noise": {"landscape": "elongated", "noise": 3.0, "mode": "best"},
    }  # fmt: skip

    def __init__(self, *args: Any, **settings: Any):
        self._tuned: dict[str, tuple[Any, float]] = {}  # the best rates found last, and where
        super().__init__(*args, **settings)

    # --- compute ----------------------------------------------------------------------------------
    def run(self, **v: Any) -> Iterator[Result]:
        track, at = _track(v), (v["across"], v["up"])
        seed = v["seed"] if v["noise"] else 0
        rest = (track, at, v["steps"], v["noise"], seed)
        chosen, mode, pace = v["optimizers"], v["mode"], Pace(0.012)
        pace.due()  # the clock starts here: paths that had to be walked are shown at once
        runs: dict[str, Run] = {}
        ends: dict[str, np.ndarray] = {}

        def so_far(done: bool) -> Result:
            now = min(v["t"], v["steps"])
            return Result(track, track.start(*at), mode, v["noise"], now, v["steps"],
                          dict(runs), dict(ends), done)  # fmt: skip

        def tune(name: str) -> tuple[Fan, float]:
            fan = _fan(name, *rest)
            ends[name], lr = fan.ends, walks.best(fan.ends)
            self._tuned[name] = rest, lr
            return fan, lr

        def run(name: str, fan: Fan | None, best: float) -> Run:
            lr = best if mode == "best" else v["lr"] if mode == "same" else v[f"lr_{name}"]
            # Where the fan is known, a hand on a learning rate has nothing to wait for.
            return fan.run(lr) if fan and lr in FAN else _run(name, lr, *rest)

        for name in chosen:
            where, lr = self._tuned.get(name, (None, 0.0))
            fan = None
            if where == rest or (where is None and mode == "best"):
                fan, lr = tune(name)
            # else it keeps the rate that was best a moment ago, until the best one here is known
            runs[name] = run(name, fan, lr)
            if fan and pace.due():
                yield so_far(False)
        for name in chosen:
            if name not in ends:
                if pace.due():
                    yield so_far(False)
                fan, lr = tune(name)
                if mode == "best":
                    runs[name] = run(name, fan, lr)
        yield so_far(True)

    # --- draw -------------------------------------------------------------------------------------
    def build(self, canvas: Canvas, theme: Theme) -> None:
        figure = canvas.figure
        ratios = [1.2, 1, 0.58] if theme.projector else [1.38, 1, 0.42]  # the last: for tags
        grid = figure.add_gridspec(2, 3, width_ratios=ratios, height_ratios=[1.25, 1])
        self._build_map(canvas, theme, figure.add_subplot(grid[:, 0]))
        self._build_loss(canvas, theme, figure.add_subplot(grid[0, 1]))
        self._build_strip(canvas, theme, figure.add_subplot(grid[1, 1]))
        arrange(figure)
        self._track: Any = None

    def _build_map(self, canvas: Canvas, theme: Theme, ax: Axes) -> None:
        s, self.map = theme.sizes, ax
        self.contours, self.minima = bare_map(canvas, theme, ax)
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
        ax.set(xscale="log", yscale="log", xlim=(low / 3, high * 1.3), ylim=(1e-8, 10))
        dress(ax, theme, "Loss at the end, by learning rate", "learning rate lr")
        ax.annotate("diverged", (1, 1), (10, 0), xycoords="axes fraction", va="center",
                    textcoords="offset points", fontsize=s.tick, color=theme.quiet,
                    annotation_clip=False)  # fmt: skip
        self.rates = Tags(ax, theme, list(RACERS), canvas.moving, free=1, below=2)
        ax.yaxis.set_minor_locator(NullLocator())
        self.ends = {n: Trail(ax, theme, n, canvas.moving) for n in RACERS}

    def draw(self, result: Result) -> None:
        self._draw_map(result)
        low, top = self._limits(result)
        for ax in (self.loss, self.strip):
            self.canvas.set(ax, ylim=(low, top))
        self.canvas.set(self.loss, xlim=(0.0, float(result.steps)))

        tags = {}
        for name, curve in self.curves.items():
            run = result.runs.get(name)
            if run is None:
                curve.show(False)
                continue
            lost = run.lost(result.t)
            last = run.end + 1  # the first lost step is drawn, on the edge
            above = np.clip(run.above[: last + 1], low, top)
            now = min(result.t, last)
            curve.set_data(np.arange(len(above)), above, now, lost)
            tags[name] = (above[now], short(name) + (" ✕" if lost else ""))
        self.tags.set_data(tags)

        rates = {}
        for name, run in result.runs.items():
            rates[name] = (np.clip(run.above[-1], low, top), f"lr {alt.number(run.lr)}")
        self.rates.set_data(rates)
        for name, curve in self.ends.items():
            if name not in result.runs:
                curve.show(False)
            elif name in result.ends:  # else the old one stays until it is known
                self._draw_ends(curve, result.ends[name], result.runs[name], low, top)

    def _limits(self, result: Result) -> tuple[float, float]:
        """Of both axes of losses: room for all that is drawn, whatever rate a hand chooses."""
        top = 10.0 ** np.ceil(np.log10(max(result.track.height(result.start), 1e-3)) + 0.15)
        low, high = self.loss.get_ylim()
        if high == top and not result.done:  # the hand is moving: new limits cost three frames
            return low, top
        runs = (run.above.min() for run in result.runs.values())
        least = min((*runs, *(ends.min() for ends in result.ends.values())), default=1.0)
        return top * next((d for d in DEPTHS if 3 * top * d <= least), DEPTHS[-1]), top

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
        track, ax = result.track, self.map
        f, middle = track.f, track.middle
        if self._track != track:
            self._track = track
            self.canvas.set(ax._left_title, text=TITLES[track.landscape])  # type: ignore[attr-defined]
            # The middle is the origin of these axes: then they are the same at every angle.
            wide, high = self._reach(track)
            self.canvas.set(ax, xlim=(-wide, wide), ylim=(-high, high))
            x, y = np.linspace(-wide, wide, 141), np.linspace(-high, high, 141)
            z = to_host(f.value(to_device(np.stack(np.meshgrid(x, y), axis=-1) + middle)))
            self.contours.set_data(x, y, z, contours.heights(z, f.minimum, f.levels == "log"))
            self.minima.set_data(*(to_host(f.minima) - middle).T)
        self.from_.set_data(*(result.start - middle)[:, None])
        box = np.array([ax.get_xlim(), ax.get_ylim()]).T
        span = box[1] - box[0]
        for name, trail in self.trails.items():
            run = result.runs.get(name)
            if run is None:
                trail.show(False)
                continue
            now = min(result.t, run.end)
            points = run.points[: run.end + 1] - middle
            x, y = np.clip(points, box[0] - 20 * span, box[1] + 20 * span).T
            trail.set_data(x, y, now, run.lost(result.t))
            head = np.clip(points[now], box[0] + 0.015 * span, box[1] - 0.015 * span)
            trail.head.set_data(*head[:, None])

    def _reach(self, track: Track) -> tuple[float, float]:
        """How far one sees from the middle: both axes in one scale, and room for any angle."""
        width, height = self.map.get_window_extent().size
        half = 0.5 * np.ptp(track.bounds, axis=1).max() / min(width, height)
        return float(half * width), float(half * height)

    def _pointed(self, x: float, y: float) -> dict[str, float]:
        return self._track.where(np.array([x, y]) + self._track.middle)

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
        name, kappa, angle = result.track
        where = TITLES[name] + (f" with kappa {kappa:g}" if name == "elongated" else "")
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
        return {variable(name): float(run.above[result.t]) for name, run in result.runs.items()}

    def script(self, **v: Any) -> str:
        return race_script.script(_track(v), v)

    def quantities(self, result: Result) -> dict[str, float]:
        above = {name: float(run.above[result.t]) for name, run in result.runs.items()}
        return {f"the height of {short(name)}": value for name, value in above.items()}


# --- the parts -----------------------------------------------------------------------------------
def _track(v: Mapping[str, Any]) -> Track:
    return Track(v["landscape"], v["kappa"] if v["landscape"] == "elongated" else 1.0, v["angle"])


@functools.lru_cache(256)
def _run(name: str, lr: float, track: Track, at, steps: int, noise: float, seed: int) -> Run:
    z = walks.disturbances(noise, seed, steps)
    points = walks.walk(RACERS[name](lr=lr), track.f, track.start(*at), steps, z)  # type: ignore[call-arg]
    return Run(lr, points, walks.heights(track.f, points))


@functools.lru_cache(20)  # up to 2 MB each
def _fan(name: str, track: Track, at, steps: int, noise: float, seed: int) -> Fan:
    z = walks.disturbances(noise, seed, steps)
    return Fan(*walks.sweep(RACERS[name], track.f, track.start(*at), steps, z, FAN))
