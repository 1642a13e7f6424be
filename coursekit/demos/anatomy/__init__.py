"""One step of Adam, taken apart; and what is left of Adam when a part is switched off."""

from typing import Any, ClassVar, NamedTuple

import numpy as np
from matplotlib.axes import Axes

from ... import optim
from ...backend import to_device, to_host
from ...viz import alt, arrange, contours, style
from ...viz.arrows import Arrows
from ...viz.themes import Theme
from ...viz.trails import Trail
from ..canvas import Canvas
from ..engine import Demo
from ..params import Param, hyperparameter
from ..tracks import bare_map
from .dissection import PARTS, Ground, Setting, Twin, Walk, dissect, script, twins
from .series import Series
from .stages import COLORS, THICK, Stages, StageTable, ring, stages

SURFACES = {
    "elongated": "A bowl",
    "saddle_well": "A saddle",
    "plateau": "A well in a plain",
    "beale": "Beale's function",
    "slope": "A slope",
}
ADAM = ("momentum", "RMS", "correction")  # the parts of the published method
VIEWS = ("adapt the gradient", "adapt the step size")
MOST = 300  # steps
# What the small plots show: name, colour, line, width, shade.
PLOTS: tuple[list[tuple], ...] = (
    [("$g$", "black", "-", 0.45, 0.6), ("┄ $m$", "blue", ":", 0.8, 1.0),
     (r"$\hat m$", "blue", "-", 0.9, 1.0)],
    [("$|g|$", "black", "-", 0.45, 0.6), (r"┄ $\sqrt{v}$", "green", ":", 0.8, 1.0),
     (r"$\sqrt{\hat v}$", "green", "-", 0.9, 1.0)],
    [("┄ Adam", "vermilion", "--", 0.6, 0.6), ("this", "vermilion", "-", 0.9, 1.0)],
)  # fmt: skip


def anatomy(state: str | None = None, **settings: Any) -> Demo:
    """Take a step of Adam apart, and switch off its parts: what is left has names of its own.

    Momentum off leaves RMSprop, the RMS part off leaves momentum as an average, both off gradient
    descent: found by walking them all and comparing the paths.

    >>> import coursekit as ck
    >>> demo = ck.demos.anatomy(parts=("RMS",))
    >>> demo.compute(**demo.values).twins[0].known.words
    'RMSprop'
    """
    return Anatomy(state, **settings).show()


class Result(NamedTuple):
    """A walk, and the step of it that is looked at."""

    ground: Ground
    setting: Setting
    view: str
    walk: Walk
    adam: Walk  # the same with the parts of the published method
    twins: list[Twin]
    t: int  # from 1
    steps: int

    @property
    def strides(self) -> np.ndarray:
        """(n, 2) the steps in units of lr."""
        return self.walk.moves / self.setting.lr

    @property
    def twin(self) -> Twin | None:
        """The known method to show: one that is not called Adam, if there is any."""
        others = [twin for twin in self.twins if twin.known.style != "Adam"]
        return next(iter(others or self.twins), None)

    @property
    def longest(self) -> int:
        """The step that is longest in any coordinate, from 1."""
        return int(abs(self.strides).max(axis=1).argmax()) + 1

    @property
    def stages(self) -> Stages:
        """What the step that is looked at is made of."""
        return stages(self.setting, self.walk, self.t, self.view == VIEWS[1])


class Anatomy(Demo):
    """See `anatomy`."""

    name = "anatomy"
    title = "The anatomy of Adam"
    asks: ClassVar = {
        "longest": "the longest step, in units of lr",
    }
    size = (920, 450)
    params = (
        Param("parts", ADAM, choices=PARTS, many=True),
        Param("surface", "elongated", choices=tuple(SURFACES)),
        Param("kappa", 20.0, (1.0, 1000.0), log=True, label="condition κ",
              doc="how elongated: x1² + kappa x2²",
              active=lambda v: v["surface"] == "elongated", hide=True),
        Param("slope", 1.0, (1e-8, 10.0), log=True, label="size of gradient",
              doc="the gradient is this in x1 and a tenth of it in x2, everywhere",
              active=lambda v: v["surface"] == "slope", hide=True),
        hyperparameter(optim.Adam, "lr", default=0.1, range=(1e-3, 1.0)),
        hyperparameter(optim.Adam, "beta1", label="beta1 β₁",
                       active=lambda v: "momentum" in v["parts"]),
        hyperparameter(optim.Adam, "beta2", label="beta2 β₂", step=0.001,
                       active=lambda v: "RMS" in v["parts"]),
        hyperparameter(optim.Adam, "eps", label="eps ε", active=lambda v: "RMS" in v["parts"]),
        Param("view", VIEWS[0], choices=VIEWS, doc="two readings of one formula",
              active=lambda v: "RMS" in v["parts"]),
        Param("across", 0.0, (-1.0, 1.0), step=0.01, label="start ↔",
              doc="0 is the usual start, -1 and 1 the edges; or drag on the picture"),
        Param("up", 0.0, (-1.0, 1.0), step=0.01, label="start ↕",
              doc="0 is the usual start, -1 and 1 the edges; or drag on the picture"),
        Param("steps", 100, (10, MOST), step=10),
        Param("t", 10, (1, MOST), play=True, until="steps", label="step"),
    )  # fmt: skip
    presets = {  # noqa: RUF012
        "the first step is lr": {"t": 1},
        "no correction": {"parts": ("momentum", "RMS"), "surface": "slope"},
        "momentum off": {"parts": ("RMS",), "lr": 0.02},
        "RMS off": {"parts": ("momentum",), "lr": 0.02},
        "both off": {"parts": (), "lr": 0.02},
        "eps inside": {"parts": (*ADAM, "eps inside"), "surface": "slope", "slope": 1e-5},
        "eps of 1": {"surface": "slope", "slope": 1e-3, "eps": 1.0},
        "after a cliff": {"surface": "beale", "across": 0.9, "up": 0.6, "t": 60, "steps": 200},
        "two readings": {"view": VIEWS[1], "t": 20},
    }

    # --- compute ----------------------------------------------------------------------------------
    def run(self, **v: Any) -> Result:
        ground, at, steps = _ground(v), (v["across"], v["up"]), v["steps"]
        setting = Setting(v["lr"], v["beta1"], v["beta2"], v["eps"], v["parts"])
        walk = dissect(setting, ground, at, steps)
        adam = dissect(setting._replace(parts=ADAM), ground, at, steps)
        view = v["view"] if setting.has("RMS") else VIEWS[0]
        found = twins(setting, ground, at, steps)
        t = min(v["t"], steps, len(walk.moves))
        return Result(ground, setting, view, walk, adam, found, t, steps)

    # --- draw -------------------------------------------------------------------------------------
    def build(self, canvas: Canvas, theme: Theme) -> None:
        figure = canvas.figure
        ratios = [1.6, 2.3, 0.9, 0.9] if theme.projector else [2.1, 1.85, 1, 1]
        grid = figure.add_gridspec(3, 4, width_ratios=ratios)
        self._build_map(canvas, theme, figure.add_subplot(grid[:, 0]))
        self.table = StageTable(canvas, theme, figure.add_subplot(grid[:, 1]))
        self.plots = [
            Series(canvas, theme, [figure.add_subplot(grid[row, 2 + i]) for i in range(2)], plot)
            for row, plot in enumerate(PLOTS)
        ]
        arrange(figure)
        self.table.settle(canvas.zoom)
        self.seen: Any = None  # the ground that is drawn

    def _build_map(self, canvas: Canvas, theme: Theme, ax: Axes) -> None:
        s, self.map = theme.sizes, ax
        self.contours, self.minima = bare_map(canvas, theme, ax)
        (self.adam,) = canvas.all_moving(
            ax.plot([], [], "--", color=theme.tint(theme.color("vermilion"), 0.6),
                    linewidth=0.6 * s.line, zorder=3.5)
        )  # fmt: skip
        self.trail = Trail(ax, theme, "Adam", canvas.moving, dots=True)
        (self.twin,) = canvas.all_moving(
            ax.plot([], [], color="none", linestyle="", markersize=1.5 * s.marker, zorder=6,
                    markeredgewidth=0.6 * s.line)
        )  # fmt: skip
        self.arrows = {
            row: canvas.moving(Arrows(ax, [theme.color(COLORS[row])], THICK * s.line, theme.paper))
            for row in (0, 2, 4)
        }
        self.ring = canvas.moving(ring(ax, theme))
        canvas.pointable(ax, self._pointed)

    def draw(self, result: Result) -> None:
        self._draw_map(result)
        self.table.set_data(result.stages)
        self._draw_series(result)

    def _draw_map(self, result: Result) -> None:
        ground, ax, w = result.ground, self.map, result.walk
        f, middle = ground.f, ground.middle
        if self.seen != ground:
            self.seen = ground
            self.canvas.set(ax._left_title, text=SURFACES[ground.landscape])  # type: ignore[attr-defined]
            width, height = ax.get_window_extent().size
            half = 0.5 * np.ptp(ground.bounds, axis=1).max() / min(width, height)
            wide, high = float(half * width), float(half * height)
            self.canvas.set(ax, xlim=(-wide, wide), ylim=(-high, high))
            x, y = np.linspace(-wide, wide, 121), np.linspace(-high, high, 121)
            z = to_host(f.value(to_device(np.stack(np.meshgrid(x, y), axis=-1) + middle)))
            log = f.levels == "log"
            self.contours.set_data(x, y, z, contours.heights(z, f.minimum if log else 0.0, log))
            self.minima.set_data(*(to_host(f.minima) - middle).T)
        box = np.array([ax.get_xlim(), ax.get_ylim()]).T
        span = float(np.ptp(box, axis=0).min())

        def seen(points: np.ndarray) -> np.ndarray:
            return np.clip(points - middle, box[0] - 20 * span, box[1] + 20 * span)

        path = seen(w.thetas)
        last = len(w.moves)
        self.trail.set_data(path[:, 0], path[:, 1], result.t, w.lost and result.t == last)
        here = path[result.t - 1]
        edge = 0.02 * span
        head = np.clip(path[result.t], box[0] + edge, box[1] - edge)
        self.trail.head.set_data(*head[:, None])
        self.adam.set_data(*seen(result.adam.thetas).T)
        self._draw_twin(result, seen)

        of, unit, start = result.stages, 0.13 * span, np.clip(here, *box)
        for row, arrow in self.arrows.items():
            arrow.set_data(start[None], (unit if row == 4 else -unit) * of.arrows[row][None])
        self.ring.set_data(*(start[:, None] + unit * of.ring))

    def _draw_twin(self, result: Result, seen: Any) -> None:
        twin = result.twin
        other = twin is not None and twin.known.style != "Adam"
        self.twin.set_visible(other)
        if twin is None or not other:
            return
        look = style(twin.known.style, self.canvas.theme)
        path = seen(twin.path)
        apart = np.hypot(*np.diff(path, axis=0).T).cumsum() // (0.12 * np.ptp(self.map.get_xlim()))
        marks = path[np.flatnonzero(np.diff(apart, prepend=-1)) + 1]  # evenly along the path
        self.twin.set_data(*marks.T)
        self.twin.set(marker=look["marker"], markeredgecolor=look["color"])

    def _draw_series(self, result: Result) -> None:
        w, s = result.walk, result.setting
        title, third = "Step / lr", (result.adam.moves / s.lr, result.strides)
        if result.view == VIEWS[1]:
            title, third = "Rate", (result.adam.rates, w.rates)
        root = (abs(w.g), np.sqrt(w.v), np.sqrt(w.v_hat)) if s.has("RMS") else (abs(w.g),)
        titles = "Mean", "RMS" if s.has("RMS") else "RMS: off", title
        curves, lows = ((w.g, w.m, w.m_hat), root, third), (-1, 0, 0 if title == "Rate" else -1)
        for plot, of, said, low in zip(self.plots, curves, titles, lows, strict=True):
            plot.set_data(of, result.t, result.steps, said, low)

    def _pointed(self, x: float, y: float) -> dict[str, float]:
        return self.seen.where(np.array([x, y]) + self.seen.middle)

    # --- words ------------------------------------------------------------------------------------
    def status(self, result: Result) -> str:
        return f"{_twin_words(result)} {_step_words(result)}"

    def describe(self, result: Result) -> str:
        on = alt.listing(result.setting.parts) or "none"
        end = ", ".join(alt.number(x) for x in result.walk.thetas[-1])
        return (
            f"{SURFACES[result.ground.landscape]} with the path of Adam with these parts: {on}. "
            f"{_twin_words(result)} Step {result.t} in five arrows: g, m, corrected, divided, all. "
            f"{_step_words(result)} After {alt.count(len(result.walk.moves), 'step')} it "
            f"is at ({end})."
        )

    def numbers(self, result: Result) -> dict[str, float]:
        w = result.walk
        x1, x2 = map(float, w.thetas[result.t])
        found = {"x1": x1, "x2": x2}
        found["longest"] = float(abs(np.diff(w.thetas, axis=0)).max() / result.setting.lr)
        if result.twin:
            found["apart"] = result.twin.apart
        return found

    def script(self, **v: Any) -> str:
        result = self.run(**v)
        return script(result.ground, result.walk.thetas[0], v, result.twin)


# --- the parts -----------------------------------------------------------------------------------
def _ground(v: Any) -> Ground:
    kappa = {"elongated": v["kappa"], "slope": v["slope"]}.get(v["surface"], 1.0)
    return Ground(v["surface"], kappa)


def _step_words(result: Result) -> str:
    w, k = result.walk, result.t - 1
    stride = ", ".join(alt.number(x) for x in result.strides[k])
    at = result.longest
    longest = alt.number(abs(result.strides[at - 1]).max())
    said = f"Step {result.t}: ({stride}) lr; the longest, step {at}: {longest} lr."
    if result.view == VIEWS[1]:
        said = f"Step {result.t}: rates {alt.listing(alt.number(r) for r in w.rates[k])}. {said}"
    if w.lost:
        said += f" Lost at step {len(w.moves)}."
    return said


def _twin_words(result: Result) -> str:
    if not result.twins:
        return "No method with a name goes this way."
    equal = [twin.known.words for twin in result.twins if twin.same]
    said = f"The same path: {alt.listing(equal)}. " if equal else ""
    last = result.twins[-1]
    if not last.same:
        said += f"Almost {last.known.words}: {alt.number(last.apart, 2)} apart at most."
    return said.strip()
