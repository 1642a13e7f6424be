"""Momentum and Nesterov's method step by step: where each takes its gradient, as arrows."""

import dataclasses
import functools
from typing import Any, ClassVar, NamedTuple

import numpy as np
from matplotlib.axes import Axes

from .. import landscapes, optim
from ..backend import to_device, to_host
from ..viz import alt, arrange, dress
from ..viz.arrows import Arrows
from ..viz.contours import Contours, heights
from ..viz.themes import Theme
from ..viz.trails import Tags, Trail
from .canvas import Canvas
from .engine import Demo
from .params import Param, hyperparameter

STEPS = 60
LOST = 1e4  # a distance from which no walk comes back
METHODS: dict[str, Any] = {
    "Momentum": optim.Momentum(style="velocity"),
    "Nesterov": optim.Nesterov(lookahead=True),
}
ACROSS, UP = 3.3, 2.75  # half the sides of what is drawn
WORDS = {"step": "black", "μu": "green", "−ηg": "vermilion"}
FLOOR = 1e-3  # the least distance that is drawn


def nesterov(state: str | None = None, **settings: Any) -> Demo:
    """Move the point and the last step, and see where momentum and Nesterov's method go from there.

    Both keep the step u itself: u <- momentum u - lr g, theta <- theta + u. They differ in where
    they take g.

    >>> import coursekit as ck
    >>> demo = ck.demos.nesterov(kappa=20.0, lr=0.075)
    >>> [walk.lost for walk in demo.compute(**demo.values).walks.values()]
    [False, True]
    """
    return NesterovDemo(state, **settings).show()


class Walk(NamedTuple):
    """One method's way from the point and the last step that are given."""

    points: np.ndarray  # (n, 2), 61 of them unless it is lost
    steps: np.ndarray  # (n, 2) the step that led to each point
    gradients: np.ndarray  # (n - 1, 2) as they were taken

    @property
    def away(self) -> np.ndarray:
        return np.linalg.norm(self.points, axis=1)

    @property
    def lost(self) -> bool:
        return not abs(self.points[-1]).max() < LOST

    def now(self, t: int) -> int:
        """The step that is taken at time t, or the last one."""
        return min(t, len(self.gradients) - 1)


class Result(NamedTuple):
    """Both walks, and the step at which they are looked at."""

    kappa: float
    lr: float
    mu: float
    t: int
    walks: dict[str, Walk]

    def look(self, name: str) -> np.ndarray:
        """The point at which this method takes its gradient."""
        walk, k = self.walks[name], self.walks[name].now(self.t)
        ahead = self.mu * walk.steps[k] if name == "Nesterov" else 0.0
        return walk.points[k] + ahead


class NesterovDemo(Demo):
    """See `nesterov`."""

    name = "nesterov"
    title = "Where the gradient is taken"
    asks: ClassVar = {
        "nesterov": "how far Nesterov's method is at the end",
        "momentum": "how far momentum is at the end",
    }
    size = (900, 370)
    params = (
        hyperparameter(optim.Nesterov, "lr", default=0.06, range=(1e-3, 1.0)),
        hyperparameter(optim.Nesterov, "momentum", choices=()),
        Param("kappa", 8.0, (1.0, 100.0), log=True, label="condition κ",
              doc="of the valley (x₁² + κ x₂²) / 2"),
        Param("x", -2.0, (-3.0, 3.0), step=0.02, label="point ↔", doc="or drag on the left"),
        Param("y", 0.9, (-2.5, 2.5), step=0.02, label="point ↕", doc="or drag on the left"),
        Param("ux", 1.2, (-2.0, 2.0), step=0.02, label="last step ↔", doc="or drag on the right"),
        Param("uy", -1.4, (-2.0, 2.0), step=0.02, label="last step ↕", doc="or drag on the right"),
        Param("t", 0, (0, STEPS - 1), play=True, until=lambda v: STEPS - 1, label="step"),
    )  # fmt: skip
    presets = {  # noqa: RUF012
        "across the valley": {},
        "along the floor": {"x": -2.6, "y": 0.0, "ux": 0.7, "uy": 0.0},
        "up the incline": {"x": 0.0, "y": 0.0, "ux": 0.4, "uy": 1.2},
        "from rest": {"ux": 0.0, "uy": 0.0},
        "steps too long": {"kappa": 20.0, "lr": 0.075, "ux": 0.0, "uy": 0.0, "y": 0.4},
    }  # fmt: skip

    # --- compute ----------------------------------------------------------------------------------
    def run(self, lr, momentum, kappa, x, y, ux, uy, t) -> Result:
        at = lr, momentum, kappa, (x, y), (ux, uy)
        return Result(kappa, lr, momentum, t, {name: _walk(name, *at) for name in METHODS})

    # --- draw -------------------------------------------------------------------------------------
    def build(self, canvas: Canvas, theme: Theme) -> None:
        wide = [1.25, 1.25, 0.75, 0.72] if theme.projector else [1.3, 1.3, 0.9, 0.46]
        grid = canvas.figure.add_gridspec(1, 4, width_ratios=wide)  # the last: for tags
        self.maps = {
            name: self._map(canvas, theme, canvas.figure.add_subplot(grid[n]), name)
            for n, name in enumerate(METHODS)
        }
        canvas.pointable(self.maps["Momentum"][0], lambda x, y: {"x": x, "y": y})
        canvas.pointable(self.maps["Nesterov"][0], self._pointed)
        self._build_away(canvas, theme, canvas.figure.add_subplot(grid[2]))
        arrange(canvas.figure)
        self.seen = 0.0  # the condition number that is drawn

    def _map(self, canvas: Canvas, theme: Theme, ax: Axes, name: str) -> tuple[Any, ...]:
        s = theme.sizes
        ax.set(xlim=(-ACROSS, ACROSS), ylim=(-UP, UP))
        dress(ax, theme, name, grid="")
        drag = {"Momentum": "drag the point", "Nesterov": "drag the last step"}[name]
        ax.set(xticks=[], yticks=[])
        ax.set_xlabel(drag, fontsize=s.tick, color=theme.quiet)
        contours = canvas.rare(Contours(ax, theme))
        canvas.rare(*ax.plot([0], [0], "+", color=theme.ink, markersize=2 * s.marker))
        (past,) = canvas.all_moving(
            ax.plot([], [], "o-", color=theme.quiet, linewidth=s.thin, markersize=0.55 * s.marker)
        )
        colors = [theme.color(c) for c in WORDS.values()]
        arrows = canvas.moving(Arrows(ax, colors, 0.95 * s.line))
        (place,) = canvas.all_moving(
            ax.plot([], [], "o", color=theme.paper, markeredgecolor=theme.ink, zorder=6,
                    markeredgewidth=0.6 * s.line, markersize=1.3 * s.marker)
        )  # fmt: skip
        (look,) = canvas.all_moving(
            ax.plot([], [], "o", color=theme.color("vermilion"), zorder=7,
                    markeredgecolor=theme.paper, markersize=1.3 * s.marker)
        )  # fmt: skip
        for n, (word, color) in enumerate(WORDS.items()):
            canvas.rare(
                ax.text(0.03, 0.03 + 0.085 * n, word, transform=ax.transAxes, fontsize=s.label,
                        color=theme.text(color), fontweight="bold", zorder=4)
            )  # fmt: skip
        return ax, contours, past, arrows, place, look

    def _build_away(self, canvas: Canvas, theme: Theme, ax: Axes) -> None:
        self.away = ax
        ax.set(xlim=(0, STEPS), ylim=(FLOOR, 10), yscale="log")
        dress(ax, theme, "Distance", "step")
        self.curves = {name: Trail(ax, theme, name, canvas.moving) for name in METHODS}
        self.tags = Tags(ax, theme, list(METHODS), canvas.moving)

    def _pointed(self, x: float, y: float) -> dict[str, float]:
        """The last step whose arrow, as long as it would be without fading, ends there."""
        return {"ux": x - self.values["x"], "uy": y - self.values["y"]}

    def draw(self, result: Result) -> None:
        if result.kappa != self.seen:
            x, y = np.linspace(-ACROSS, ACROSS, 90), np.linspace(-UP, UP, 60)
            f = landscapes.valley(result.kappa)
            z = to_host(f.value(to_device(np.stack(np.meshgrid(x, y), axis=-1))))
            for _, contours, *_ in self.maps.values():
                contours.set_data(x, y, z, heights(z, 0.0))
            self.seen = result.kappa
        far = max(float(walk.away.max()) for walk in result.walks.values())
        top = next((top for top in (10.0, 100.0) if far < top), LOST)
        self.canvas.set(self.away, ylim=(FLOOR, top))
        tags = {}
        for name, walk in result.walks.items():
            _, _, past, arrows, place, look = self.maps[name]
            k = walk.now(result.t)
            here, new, kept = walk.points[k], walk.points[k + 1], result.mu * walk.steps[k]
            past.set_data(*_near(walk.points[: k + 1]).T)
            arrows.set_data(
                np.array([here, here, here + kept]),
                np.array([new - here, kept, -result.lr * walk.gradients[k]]),
            )
            place.set_data(*here[:, None])
            look.set_data(*result.look(name)[:, None])
            now, lost = min(result.t, len(walk.points) - 1), walk.lost
            away = np.clip(walk.away, FLOOR, top)
            ended = lost and now == len(away) - 1
            self.curves[name].set_data(np.arange(len(away)), away, now, ended)
            tags[name] = (away[-1], name + (" ✕" if lost else ""))
        self.tags.set_data(tags)

    # --- words ------------------------------------------------------------------------------------
    def status(self, result: Result) -> str:
        ball, ahead = (_gone(result, name) for name in METHODS)
        said = f"Step {result.t + 1}: momentum {ball}; Nesterov's method {ahead}."
        turn = _angle(result)
        if np.isfinite(turn):
            said += f" Their gradients are {turn:.0f}° apart in direction."
        ends = [f"{_called(name)} is {_end(walk)}" for name, walk in result.walks.items()]
        return f"{said} After {STEPS} steps {' and '.join(ends)}."

    def describe(self, result: Result) -> str:
        places = (
            f"{_called(name)} stands at ({alt.number(p[0])}, {alt.number(p[1])}) and takes its "
            f"gradient at ({alt.number(q[0])}, {alt.number(q[1])})"
            for name, walk in result.walks.items()
            for p, q in [(walk.points[walk.now(result.t)], result.look(name))]
        )
        ends = (f"{_called(name)} is {_end(walk)}" for name, walk in result.walks.items())
        return (
            f"Arrows on a valley of condition number {alt.number(result.kappa)}, at step "
            f"{result.t + 1}: {'; '.join(places)}. After {STEPS} steps {' and '.join(ends)}."
        )

    def numbers(self, result: Result) -> dict[str, float]:
        return {name.lower(): float(walk.away[-1]) for name, walk in result.walks.items()}

    def script(self, lr, momentum, kappa, x, y, ux, uy, t) -> str:
        return f"""\
import numpy as np
import coursekit as ck

f = ck.landscapes.valley(kappa={kappa!r})

def walk(opt):
    theta, last_step = np.array([{x!r}, {y!r}]), np.array([{ux!r}, {uy!r}])
    state = opt.State(0, last_step)
    for k in range({STEPS}):
        before = theta
        theta, state = opt.step(theta, state, f)
        if k == {t}:
            print(f"step {{k + 1}}: from {{before}} to {{theta}}")
        if not abs(theta).max() < {LOST:g}:  # it does not come back from there
            break
    print(f"{{type(opt).__name__}} is {{np.linalg.norm(theta):.3g}} away after {{k + 1}} steps")
    return float(np.linalg.norm(theta))

momentum = walk(ck.optim.Momentum(lr={lr!r}, momentum={momentum!r}, style="velocity"))
nesterov = walk(ck.optim.Nesterov(lr={lr!r}, momentum={momentum!r}, lookahead=True))
"""


# --- the parts -----------------------------------------------------------------------------------
@functools.lru_cache(64)
def _walk(name, lr, mu, kappa, point, last_step) -> Walk:
    f = landscapes.valley(kappa)
    opt = dataclasses.replace(METHODS[name], lr=lr, momentum=mu)
    theta = to_device(np.array(point))
    state = opt.State(0, to_device(np.array(last_step)))
    points, steps, gradients = [np.array(point)], [np.array(last_step)], []
    for _ in range(STEPS):
        theta, state = opt.step(theta, state, f)
        gradients.append((mu * steps[-1] - to_host(state.u)) / lr)
        points.append(to_host(theta))
        steps.append(to_host(state.u))
        if not abs(points[-1]).max() < LOST:
            break
    return Walk(np.array(points), np.array(steps), np.array(gradients))


def _near(points: np.ndarray) -> np.ndarray:
    """The points as far as they stay near the picture."""
    gone = np.flatnonzero(abs(points).max(axis=1) > 30)
    return points[: gone[0]] if len(gone) else points


def _called(name: str) -> str:
    return "Nesterov's method" if name == "Nesterov" else "momentum"


def _gone(result: Result, name: str) -> str:
    """What the step does."""
    walk, t = result.walks[name], result.t
    if t >= len(walk.gradients):
        return "is lost"
    return f"comes from {alt.number(walk.away[t])} to {alt.number(walk.away[t + 1])}"


def _end(walk: Walk) -> str:
    return "lost" if walk.lost else f"{alt.number(walk.away[-1])} away"


def _angle(result: Result) -> float:
    """Between the gradients that both take at this step, in degrees."""
    pair = []
    for walk in result.walks.values():
        if result.t >= len(walk.gradients):
            return np.nan
        pair.append(walk.gradients[result.t])
    sizes = [np.linalg.norm(g) for g in pair]
    if min(sizes) < 1e-12:
        return np.nan
    cosine = pair[0] @ pair[1] / (sizes[0] * sizes[1])
    return float(np.degrees(np.arccos(np.clip(cosine, -1, 1))))
