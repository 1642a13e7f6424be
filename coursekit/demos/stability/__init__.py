"""Which step sizes and momenta converge, and how fast: the plane of all of them, and one point."""

import functools
from typing import Any, ClassVar, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from ... import landscapes, optim
from ...backend import to_device, to_host
from ...objective import Objective
from ...viz import alt, arrange, blank, dress, legend
from ...viz.artists import Labels, Pixels
from ...viz.themes import OKABE_ITO, Theme
from ..canvas import Canvas
from ..engine import Demo
from ..params import Param, hyperparameter
from . import rate_map
from .rates import METHODS, as_gradient_descent, floor, pace, radius, roots, solution

LOST = 1e6  # a distance from which no run comes back
MOST = 200  # steps


def stability(state: str | None = None, **settings: Any) -> Demo:
    """Move a point in the plane of step size and momentum, and see what the method makes of it.

    The step size is counted in units of 1 / curvature: lr times lambda. On a quadratic, that and
    the momentum decide everything.

    >>> import coursekit as ck
    >>> demo = ck.demos.stability(method="Nesterov", step_size=1.6, momentum=0.34)
    >>> demo.compute(**demo.values).steep.radius > 1
    True
    """
    return Stability(state, **settings).show()


class Direction(NamedTuple):
    """What happens along one direction of the quadratic."""

    a: float  # lr times its curvature
    radius: float
    roots: tuple[complex, complex]
    x: np.ndarray  # (steps + 1,) the positions the optimizer went through
    curve: np.ndarray  # (steps * FINE + 1,) the closed form

    @property
    def ripples(self) -> bool:
        return abs(self.roots[0].imag) > 1e-12


FINE = 8  # points of the smooth curve for each step


class Result(NamedTuple):
    """Two directions, the steep one first; one if the condition number is 1."""

    method: str
    mu: float
    kappa: float
    noise: float
    steps: int
    t: int
    directions: tuple[Direction, ...]

    @property
    def steep(self) -> Direction:
        return self.directions[0]

    @property
    def radius(self) -> float:
        return max(d.radius for d in self.directions)


class Stability(Demo):
    """See `stability`."""

    name = "stability"
    title = "Step size and momentum: what converges"
    asks: ClassVar = {
        "radius": "the factor |z| of the slower of the two",
    }
    size = (880, 460)
    params = (
        Param("method", "heavy ball", choices=tuple(METHODS)),
        Param(
            "step_size",
            0.5,
            (0.01, 40.0),
            log=True,
            label="lr × λ",
            doc="step size times the largest curvature; or drag the ● on the map",
        ),
        hyperparameter(
            optim.Momentum,
            "momentum",
            default=0.8,
            active=lambda values: not rate_map.plain(values["method"]),
        ),
        Param(
            "kappa",
            10.0,
            (1.0, 1000.0),
            log=True,
            label="condition κ",
            doc="largest curvature divided by the smallest",
        ),
        Param("noise", 0.0, (0.0, 0.1), doc="standard deviation of the error in every gradient"),
        Param("seed", 0, (0, 9), doc="draws the noise", active=lambda v: v["noise"] > 0, hide=True),
        Param("steps", 60, (20, MOST)),
        Param("t", MOST, (0, MOST), play=True, until="steps", label="step"),
    )
    presets = {  # noqa: RUF012
        "gradient descent, too far": {
            "method": "gradient descent", "step_size": 2.05, "kappa": 10.0
        },
        "critical damping": {"step_size": 0.25, "momentum": 0.25, "kappa": 1.0, "steps": 20},
        "heavy ball at 1.6": {"step_size": 1.6, "momentum": 0.9},
        "Nesterov at 1.6": {"method": "Nesterov", "step_size": 1.6, "momentum": 0.9},
        "the index slip": {"method": "index slip", "step_size": 0.11, "momentum": 0.9},
        "best for κ = 100": {"step_size": 3.305785, "momentum": 0.669421, "kappa": 100.0},
        "noise eats the gain": {
            "step_size": 0.2, "momentum": 0.8, "kappa": 100.0, "noise": 0.1, "steps": 200
        },
        "almost no friction": {"step_size": 0.1, "momentum": 0.99, "kappa": 1.0},
    }  # fmt: skip

    # --- compute ----------------------------------------------------------------------------------
    def run(self, method, step_size, momentum, kappa, noise, seed, steps, t) -> Result:
        walk = _walk(method, step_size, momentum, kappa, noise, seed, steps)
        k = np.arange(steps * FINE + 1) / FINE
        directions = []
        for x, curvature in zip(walk.T, (1.0, 1 / kappa)[: 1 + (kappa > 1)], strict=False):
            at = step_size * curvature, momentum
            curve = solution(method, *at, k)
            rate = float(radius(method, *at))
            directions.append(Direction(at[0], rate, roots(method, *at), x, curve))
        return Result(method, momentum, kappa, noise, steps, min(t, steps), tuple(directions))

    # --- draw -------------------------------------------------------------------------------------
    def build(self, canvas: Canvas, theme: Theme) -> None:
        grid = canvas.figure.add_gridspec(2, 3, width_ratios=[1.7, 1, 1], height_ratios=[1, 1.1])
        self._build_plane(canvas, theme, canvas.figure.add_subplot(grid[:, 0]))
        self._build_disc(canvas, theme, canvas.figure.add_subplot(grid[0, 1]))
        self._build_phase(canvas, theme, canvas.figure.add_subplot(grid[0, 2]))
        self._build_walk(canvas, theme, canvas.figure.add_subplot(grid[1, 1:]))
        self.mapped = ""  # the method whose map is drawn
        self._axis_of("heavy ball")
        arrange(canvas.figure)

    def _build_plane(self, canvas: Canvas, theme: Theme, ax: Axes) -> None:
        s, self.plane = theme.sizes, ax
        ax.set(ylim=(0, 1))
        dress(
            ax,
            theme,
            "Steps per decimal digit",
            "lr × λ   (dotted: ripples)",
            "momentum μ",
            grid="",
        )
        ax.set_yticks([0, 0.5, 1], ["0", "0.5", "1"])
        canvas.pointable(ax, lambda x, y: {"step_size": x * x, "momentum": y})
        self.map = Pixels(ax)
        (self.limit,) = ax.plot([], [], color=theme.text("vermilion"), linewidth=s.line)
        (self.ripples,) = ax.plot([], [], ":", color=theme.ink, linewidth=0.7 * s.line)
        self.names = canvas.moving(Labels(ax, s.tick, theme.ink, va="center"))
        (self.band,) = canvas.all_moving(ax.plot([], [], color=theme.ink, linewidth=s.line))
        edge = theme.paper if theme.name == "dark" else theme.ink
        (self.star,) = canvas.all_moving(
            ax.plot([], [], "*", color=OKABE_ITO["yellow"], markeredgecolor=edge,
                    markersize=2.2 * s.marker, zorder=7, clip_on=False)
        )  # fmt: skip
        self.best = canvas.moving(Labels(ax, s.tick, theme.ink, "bold", ha="right", va="center"))
        self.ends = self._marks(canvas, theme, ax, 1.7)

    def _build_disc(self, canvas: Canvas, theme: Theme, ax: Axes) -> None:
        s = theme.sizes
        blank(ax, theme, "Eigenvalues")
        ax.set(xlim=(-1.3, 1.3), ylim=(-1.3, 1.3), aspect="equal", anchor="W")
        around = np.exp(2j * np.pi * np.arange(201) / 200)
        ax.fill(around.real, around.imag, color=theme.tint(theme.color("blue"), 0.22))
        ax.fill(around.real, around.imag, fill=False, edgecolor=theme.line, linewidth=s.thin)
        ax.plot([-1.3, 1.3], [0, 0], [0, 0], [-1.3, 1.3], color=theme.line, linewidth=s.thin)
        ax.text(1.06, -0.06, "1", fontsize=s.tick, color=theme.quiet, va="top")
        ax.set_xlabel("stable inside", fontsize=s.label, color=theme.ink)
        self.eigen = self._marks(canvas, theme, ax, 1.3)

    def _build_phase(self, canvas: Canvas, theme: Theme, ax: Axes) -> None:
        self.phase = ax
        ax.set(xlim=(-1.3, 1.3), ylim=(-1.0, 1.0))
        dress(ax, theme, "Phase portrait", "position", "next move", grid="")
        ax.axhline(0, color=theme.line, linewidth=theme.sizes.thin)
        ax.axvline(0, color=theme.line, linewidth=theme.sizes.thin)
        for axis in (ax.xaxis, ax.yaxis):
            axis.set_major_locator(MaxNLocator(3, steps=[1, 2, 5, 10], symmetric=True))
        self.spirals = self._paths(canvas, theme, ax, "o")
        self.now = self._marks(canvas, theme, ax, 1.3)

    def _build_walk(self, canvas: Canvas, theme: Theme, ax: Axes) -> None:
        self.position = ax
        ax.set(xlim=(0, 60), ylim=(-1.3, 1.3))
        dress(ax, theme, "Position", "step  (dots: run, line: formula)")
        ax.axhline(0, color=theme.line, linewidth=theme.sizes.thin)
        legend(ax, theme, {"● steep": "black", "■ flat": "orange"})
        self.curves = self._paths(canvas, theme, ax)
        self.dots = self._marks(canvas, theme, ax, 0.7)
        self.heads = self._marks(canvas, theme, ax, 1.3)

    def _marks(self, canvas: Canvas, theme: Theme, ax: Axes, size: float) -> list[Any]:
        """A marker for each direction, the steep one on top."""
        large = size > 1
        look: dict[str, Any] = {
            "linestyle": "",
            "markersize": size * theme.sizes.marker,
            "markeredgecolor": theme.paper,
            "markeredgewidth": float(large),
            "clip_on": not large,
        }
        kinds = (("o", "black"), ("s", "orange"))
        return canvas.all_moving(
            ax.plot([], [], marker=shape, color=theme.color(color), zorder=6 - n, **look)[0]
            for n, (shape, color) in enumerate(kinds)
        )

    def _paths(self, canvas: Canvas, theme: Theme, ax: Axes, marker: str = "") -> list[Any]:
        s = theme.sizes
        look: dict[str, Any] = {
            "linewidth": 0.6 * s.line,
            "marker": marker,
            "markersize": 0.5 * s.marker,
        }
        return canvas.all_moving(
            ax.plot([], [], color=theme.color(color), zorder=5 - n, **look)[0]
            for n, color in enumerate(("black", "orange"))
        )

    def draw(self, result: Result) -> None:
        m = METHODS[result.method]
        self._draw_map(result.method)
        mu = 0.0 if rate_map.plain(result.method) else result.mu
        places = [
            min(np.sqrt(d.a), np.sqrt(rate_map.edge(result.method))) for d in result.directions
        ]
        self.band.set_data(places, [mu] * len(places))
        tall = 3 if self.canvas.theme.projector else 2
        self.names.set_labels(*rate_map.clear_of(result.method, places, mu, tall))
        a, best = m.best(result.kappa)
        self.star.set_data([np.sqrt(a)], [best])
        right = np.sqrt(a) < 0.66 * np.sqrt(rate_map.edge(result.method))
        self.best.align = 0.0 if right else 1.0
        self.best.set_labels([(np.sqrt(a) * (1.07 if right else 0.93), best + 0.035)], ["best"])

        high, wide = _span(result)
        for n in range(2):
            there = n < len(result.directions)
            d = result.directions[n if there else 0]
            self.ends[n].set_data(places[n : n + 1], [mu] * there)
            z = np.array(d.roots) if there else np.array([])
            if rate_map.plain(
                result.method
            ):  # a recurrence of one number: the other eigenvalue is 0
                z = z[z != 0]
            z = z / np.maximum(1, abs(z) / 1.3)  # what is far outside is drawn at the rim
            self.eigen[n].set_data(z.real, z.imag)
            x = _within(d.x) if there else np.array([])
            past = x[: result.t + 1]
            self.dots[n].set_data(np.arange(len(past)), past)
            curve = _within(d.curve[: max(len(past) - 1, 0) * FINE + 1]) if there else past
            self.curves[n].set_data(np.arange(len(curve)) / FINE, curve)
            move = np.diff(x)[: result.t + 1]
            self.spirals[n].set_data(x[: len(move)], move)
            seen = slice(-1, None) if abs(past[-1:]).max(initial=0) < high else slice(0, 0)
            self.heads[n].set_data(np.arange(len(past))[seen], past[seen])
            here = x[: len(move)]
            seen = slice(-1, None) if np.all(abs(move[-1:]) < wide) else slice(0, 0)
            self.now[n].set_data(here[seen], move[seen])

        self.canvas.set(self.position, xlim=(-0.5, result.steps + 0.5), ylim=(-high, high))
        self.canvas.set(self.phase, xlim=(-high, high), ylim=(-wide, wide))

    def _axis_of(self, method: str) -> None:
        edge = rate_map.edge(method)
        ticks = [0, 0.1, 0.5, 1, 2, 3, 4] if edge < 10 else [0, 1, 5, 10, 20, 40]
        self.plane.set(xlim=(0, np.sqrt(edge)))
        self.plane.set_xticks(np.sqrt(ticks), [f"{t:g}" for t in ticks])

    def _draw_map(self, method: str) -> None:
        if method == self.mapped:
            return
        self.mapped, m, theme = method, METHODS[method], self.canvas.theme
        self._axis_of(method)
        fine = self.canvas.scale
        room = (fine * side for side in self.map.room)
        self.map.set_data(rate_map.pixels(method, theme, *room), fine)
        mu = np.linspace(0, 0.999, 300)
        self.limit.set_data(np.sqrt(m.limit(mu)), mu)
        self.ripples.set_data(*rate_map.ripples(method))

    # --- words ------------------------------------------------------------------------------------
    def status(self, result: Result) -> str:
        m, a = METHODS[result.method], result.steep.a
        limit = alt.number(float(m.limit(result.mu)))
        words = limit if m.words == limit else f"{m.words} = {limit}"
        does = "converges" if result.radius < 1 else "does not converge"
        said = f"{_capital(result.method)} {does}: lr λ = {alt.number(a)}, the limit is {words}. "
        said += _spoken(result)
        if result.radius < 1:
            best = pace(float(radius(result.method, *m.best(result.kappa))))
            said += f" {_capital(_steps(pace(result.radius)))} per digit, at best {_steps(best)}."
            if result.noise:
                at = result.noise, result.kappa
                level = floor(result.method, a, result.mu, *at)
                plain = as_gradient_descent(level, *at)
                said += (
                    f" Noise keeps it {alt.number(level)} away; gradient descent that near takes "
                    f"{_steps(plain)} per digit."
                )
        return said

    def describe(self, result: Result) -> str:
        m, d = METHODS[result.method], result.steep
        where = "inside" if result.radius < 1 else "on the border or outside"
        memory = "" if rate_map.plain(result.method) else f", momentum {alt.number(result.mu)}"
        return (
            f"A map of step size and momentum for {result.method}. The point lr lambda = "
            f"{alt.number(d.a)}{memory} lies {where} the region that converges, which ends at "
            f"{alt.number(float(m.limit(result.mu)))}. {_spoken(result)} After "
            f"{alt.count(len(d.x) - 1, 'step')} the steep direction is at {alt.number(d.x[-1])}."
        )

    def numbers(self, result: Result) -> dict[str, float]:
        return {"radius": result.radius, "steep": float(result.steep.x[-1])}

    def script(self, method, step_size, momentum, kappa, noise, seed, steps, t) -> str:
        opt = METHODS[method].spelled(step_size, momentum)
        seen, errors = "f", ""
        if noise:
            seen = "noisy"
            errors = f"""\
errors = {noise!r} * np.random.default_rng({seed}).standard_normal(({MOST}, 2))
noisy = ck.Objective(value=f.value, grad=lambda x: f.grad(x) + errors[k])
"""
        return f"""\
import numpy as np
import coursekit as ck
from coursekit import exhibits

f = ck.landscapes.quadratic(spectrum=(1.0, 1 / {kappa!r}))
opt = {opt}  # lr in units of 1 / curvature
{errors}theta = np.ones(2)
state = opt.init(theta)
for k in range({steps}):
    theta, state = opt.step(theta, state, {seen})
    if not abs(theta).max() < {LOST:g}:  # it does not come back from there
        break
steep, flat = map(float, theta)
radius = max(exhibits.spectral_radius(opt, c) for c in (1.0, 1 / {kappa!r}))

print(f"in the long run a step multiplies the distance by {{radius:.4f}}")
print(f"after {{k + 1}} steps it is at {{steep:.3g}} (steep) and {{flat:.3g}} (flat)")
"""


# --- the parts -----------------------------------------------------------------------------------
@functools.lru_cache(64)
def _walk(method, a, mu, kappa, noise, seed, steps) -> np.ndarray:
    """(steps + 1, 2): really stepping on curvatures 1 and 1 / kappa; shorter if it is lost."""
    f = landscapes.quadratic(spectrum=(1.0, 1 / kappa))
    opt = METHODS[method].optimizer(a, mu)
    errors = to_device(noise * np.random.default_rng(seed).standard_normal((MOST, 2)))
    theta = to_device(np.ones(2))
    state = opt.init(theta)
    walk = [to_host(theta)]
    for error in errors[:steps]:
        theta, state = opt.step(theta, state, _off_by(f, error) if noise else f)
        walk.append(to_host(theta))
        if not abs(walk[-1]).max() < LOST:
            break
    return np.array(walk)


def _off_by(f: Objective, error: np.ndarray) -> Objective:
    return Objective(value=f.value, grad=lambda x: f.grad(x) + error)


def _within(x: np.ndarray) -> np.ndarray:
    """Up to where it is far outside the picture."""
    gone = np.flatnonzero(~(abs(x) < 30))
    return x[: gone[0]] if len(gone) else x


def _span(result: Result) -> tuple[float, float]:
    """How much of positions and moves is shown: a few fixed sizes, so that a drag seldom jumps."""
    x = np.concatenate([d.x for d in result.directions])
    move = np.concatenate([np.diff(d.x) for d in result.directions])
    if result.radius >= 1:
        x, move = np.clip(x, -2.4, 2.4), np.clip(move, -2.4, 2.4)
    fits = [
        next((size for size in sizes if np.abs(v).max() < size), sizes[-1])
        for v, sizes in ((x, (1.3, 2.5, 5, 10)), (move, (0.35, 1.0, 2.5, 5, 10)))
    ]
    return fits[0], fits[1]


def _spoken(result: Result) -> str:
    """The eigenvalues in words."""
    parts = []
    for name, d in zip(("steep", "flat"), result.directions, strict=False):
        alone = len(result.directions) == 1
        kind = "a complex pair: ripples" if d.ripples else "real: no ripples"
        if not d.ripples and max(d.roots, key=abs).real < 0:
            kind = "a negative one: jumps from side to side"
        parts.append(f"{'' if alone else name + ' '}|z| = {alt.number(d.radius, 4)} ({kind})")
    said = ", ".join(parts)
    return f"{said[0].upper()}{said[1:]}."


def _steps(n: float) -> str:
    return f"{alt.number(n)} steps" if n else "one step"


def _capital(words: str) -> str:
    return words[0].upper() + words[1:]
