"""Which step sizes and momenta converge, and how fast: the plane of all of them, and one point."""

import functools
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from .. import landscapes, optim
from ..exhibits import StaleMomentum
from ..objective import Objective
from ..viz import alt, arrange, blank, dress, legend
from ..viz.artists import Labels, Pixels
from ..viz.themes import OKABE_ITO, Theme, rgb
from .canvas import Canvas
from .engine import Demo
from .params import Param, Value, hyperparameter

LOST = 1e6  # a distance from which no run comes back
DECADES = (3, 10, 30, 100)  # steps to gain a decimal digit: where the colours of the map change
BORDERS = [*(10 ** (-1 / n) for n in DECADES), 1.0]  # the same as radii
WORDS = ("< 3", "3 to 10", "10 to 30", "30 to 100", "> 100", "diverges")
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


# --- the mathematics -----------------------------------------------------------------------------
class Method(NamedTuple):
    """A method on f(x) = lambda x^2 / 2, where it is a recurrence of two numbers.

        x_{k+1} = T x_k - D x_{k-1},    with eigenvalues z^2 - T z + D = 0

    T, D, the first step and the limit are functions of a = lr lambda and mu; `best` is the
    quickest a of the steepest direction, and mu, for a condition number.
    """

    spelled: str  # the optimizer, for `lr` and `mu`
    trace: Callable
    product: Callable
    first: Callable  # x_1 / x_0
    limit: Callable  # of a, for mu
    best: Callable
    words: str  # the limit
    recurrence: str  # T, D for the script
    edge: float  # how far the map goes


def _heavy_ball(kappa: float) -> tuple[float, float]:
    """Polyak 1964: lr = 4 / (sqrt(L) + sqrt(l))^2, mu = ((sqrt(kappa) - 1) / (sqrt(kappa) + 1))^2."""
    root = np.sqrt(kappa)
    return 4 / (1 + 1 / root) ** 2, ((root - 1) / (root + 1)) ** 2


def _nesterov(kappa: float) -> tuple[float, float]:
    """Lessard, Recht and Packard 2016, table 1: lr = 4 / (3 L + l)."""
    root = np.sqrt(3 * kappa + 1)
    return 4 * kappa / (3 * kappa + 1), (root - 2) / (root + 2)


def _averaged(kappa: float) -> tuple[float, float]:
    a, mu = _heavy_ball(kappa)
    return a / (1 - mu), mu


METHODS = {
    "gradient descent": Method(
        "GradientDescent(lr={lr})",
        lambda a, mu: 1 - a + 0 * mu,
        lambda a, mu: 0 * a,
        lambda a, mu: 1 - a,
        lambda mu: 2 + 0 * mu,
        lambda kappa: (2 * kappa / (kappa + 1), 0.0),
        "2",
        "1 - a, 0",
        4.4,
    ),
    "heavy ball": Method(
        "Momentum(lr={lr}, momentum={mu})",
        lambda a, mu: 1 + mu - a,
        lambda a, mu: mu + 0 * a,
        lambda a, mu: 1 - a,
        lambda mu: 2 * (1 + mu),
        _heavy_ball,
        "2 (1 + μ)",
        "1 + mu - a, mu",
        4.4,
    ),
    "Nesterov": Method(
        "Nesterov(lr={lr}, momentum={mu}, lookahead=True)",
        lambda a, mu: (1 + mu) * (1 - a),
        lambda a, mu: mu * (1 - a),
        lambda a, mu: 1 - a,
        lambda mu: (2 + 2 * mu) / (1 + 2 * mu),
        _nesterov,
        "(2 + 2μ) / (1 + 2μ)",
        "(1 + mu) * (1 - a), mu * (1 - a)",
        4.4,
    ),
    "average (EMA)": Method(
        'Momentum(lr={lr}, momentum={mu}, style="ema")',
        lambda a, mu: 1 + mu - (1 - mu) * a,
        lambda a, mu: mu + 0 * a,
        lambda a, mu: 1 - (1 - mu) * a,
        lambda mu: 2 * (1 + mu) / (1 - mu),
        _averaged,
        "2 (1 + μ) / (1 - μ)",
        "1 + mu - (1 - mu) * a, mu",
        44.0,
    ),
    "index slip": Method(
        "StaleMomentum(lr={lr}, momentum={mu})",
        lambda a, mu: 1 + mu + 0 * a,
        lambda a, mu: mu + a,
        lambda a, mu: 1 + 0 * a,
        lambda mu: 1 - mu,
        lambda kappa: ((kappa / (kappa + 1)) ** 2, 0.0),
        "1 - μ",
        "1 + mu, mu + a",
        4.4,
    ),
}


def radius(method: str, a: Any, mu: Any) -> Any:
    """The largest |z|: the factor by which the error shrinks in a step, in the long run.

    >>> float(radius("heavy ball", 1.0, 0.25))
    0.5
    """
    m = METHODS[method]
    T, D = m.trace(a, mu), m.product(a, mu)
    gap = T * T - 4 * D  # below 0 the eigenvalues are a complex pair, and |z|^2 = D
    real = (np.abs(T) + np.sqrt(np.maximum(gap, 0))) / 2
    return np.where(gap < 0, np.sqrt(np.maximum(D, 0)), real)


def roots(method: str, a: float, mu: float) -> tuple[complex, complex]:
    """Both eigenvalues."""
    m = METHODS[method]
    T, D = m.trace(a, mu), m.product(a, mu)
    root = np.sqrt(complex(T * T - 4 * D))
    return (T + root) / 2, (T - root) / 2


def solution(method: str, a: float, mu: float, k: np.ndarray) -> np.ndarray:
    """x_k for x_0 = 1 in closed form; between whole k the real part of what z^k is there."""
    z, w = roots(method, a, mu)
    x1 = METHODS[method].first(a, mu)
    with np.errstate(all="ignore"):
        if abs(z - w) < 1e-7:  # a double root
            x = _power(z, k) + k * (x1 - z) * _power(z, k - 1)
        else:
            x = ((x1 - w) * _power(z, k) - (x1 - z) * _power(w, k)) / (z - w)
    return x.real


def _power(z: complex, k: np.ndarray) -> np.ndarray:
    return np.where(k == 0, 1, 0) if z == 0 else np.exp(k * np.log(complex(z)))


def floor(method: str, a: float, mu: float, noise: float, kappa: float) -> float:
    """Where the distance levels off if every gradient is off by `noise` in each coordinate.

    The variance of x_{k+1} = T x_k - D x_{k-1} + lr noise, summed over both directions; infinite
    where the method diverges.
    """
    m, total = METHODS[method], 0.0
    for curvature in sorted({1.0, 1 / kappa}):
        if not radius(method, a * curvature, mu) < 1:
            return np.inf
        T, D = m.trace(a * curvature, mu), m.product(a * curvature, mu)
        kick = a * noise * (1 - mu if method == "average (EMA)" else 1)
        total += kick**2 * (1 + D) / ((1 - D) * ((1 + D) ** 2 - T**2))
    return float(np.sqrt(total))


def pace(rate: float) -> float:
    """Steps to gain a decimal digit; infinite if none is gained.

    >>> round(pace(0.9), 1)
    21.9
    """
    return np.inf if rate >= 1 else 0.0 if rate == 0 else float(-1 / np.log10(rate))


# --- the demo ------------------------------------------------------------------------------------
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
    title = "Step size and momentum: what converges, and how fast"
    size = (880, 520)
    params = (
        Param("method", "heavy ball", choices=tuple(METHODS)),
        Param(
            "step_size",
            0.5,
            (0.01, 40.0),
            log=True,
            label="lr × λ",
            doc="step size times the largest curvature",
        ),
        hyperparameter(
            optim.Momentum,
            "momentum",
            default=0.8,
            label="momentum μ",
            active=lambda values: values["method"] != "gradient descent",
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
        Param(
            "seed", 0, (0, 9), doc="draws the noise", active=lambda v: v["noise"] > 0, hide=True
        ),
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
        dress(ax, theme, "Steps per digit", "lr × λ   (dotted: ripples)", "momentum μ", grid="")
        ax.set_yticks([0, 0.5, 1], ["0", "0.5", "1"])
        self.map = Pixels(ax)
        (self.limit,) = ax.plot([], [], color=theme.text("vermilion"), linewidth=s.line)
        (self.ripples,) = ax.plot([], [], ":", color=theme.ink, linewidth=0.7 * s.line)
        self.names = Labels(ax, s.tick, theme.ink, va="center")
        self.names.set_zorder(2.2)
        (self.band,) = canvas.all_moving(ax.plot([], [], color=theme.ink, linewidth=s.line))
        look = {"color": OKABE_ITO["yellow"], "markeredgecolor": theme.paper if theme.name == "dark"
                else theme.ink, "markersize": 2.2 * s.marker, "zorder": 7, "clip_on": False}  # fmt: skip
        (self.star,) = canvas.all_moving(ax.plot([], [], "*", **look))
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
        dress(ax, theme, "Position", "step")
        ax.axhline(0, color=theme.line, linewidth=theme.sizes.thin)
        legend(ax, theme, {"● steep": "black", "■ flat": "orange"})
        self.curves = self._paths(canvas, theme, ax)
        self.dots = self._marks(canvas, theme, ax, 0.7)

    def _marks(self, canvas: Canvas, theme: Theme, ax: Axes, size: float) -> list[Any]:
        """A marker for each direction, the steep one on top."""
        look = {"markeredgecolor": theme.paper, "linestyle": "", "clip_on": size > 1,
                "markersize": size * theme.sizes.marker}  # fmt: skip
        if size > 1:
            look["clip_on"] = False
        else:
            look |= {"clip_on": True, "markeredgewidth": 0}
        kinds = (("o", "black"), ("s", "orange"))
        return canvas.all_moving(
            ax.plot([], [], marker=shape, color=theme.color(color), zorder=6 - n, **look)[0]
            for n, (shape, color) in enumerate(kinds)
        )

    def _paths(self, canvas: Canvas, theme: Theme, ax: Axes, marker: str = "") -> list[Any]:
        s = theme.sizes
        look = {"linewidth": 0.6 * s.line, "marker": marker, "markersize": 0.5 * s.marker}
        return canvas.all_moving(
            ax.plot([], [], color=theme.color(color), zorder=5 - n, **look)[0]
            for n, color in enumerate(("black", "orange"))
        )

    def draw(self, result: Result) -> None:
        m = METHODS[result.method]
        self._draw_map(result.method)
        mu = 0.0 if result.method == "gradient descent" else result.mu
        places = [min(np.sqrt(d.a), np.sqrt(m.edge)) for d in result.directions]
        self.band.set_data(places, [mu] * len(places))
        a, best = m.best(result.kappa)
        self.star.set_data([np.sqrt(a)], [best])
        self.best.set_labels([(np.sqrt(a) * 0.93, best + 0.035)], ["best"])

        for n in range(2):
            here = n < len(result.directions)
            d = result.directions[n if here else 0]
            self.ends[n].set_data(places[n : n + 1], [mu] * here)
            z = np.array(d.roots) if here else np.array([])
            z = z / np.maximum(1, abs(z) / 1.3)  # what is far outside is drawn at the rim
            self.eigen[n].set_data(z.real, z.imag)
            x = _within(d.x[: result.t + 1]) if here else np.array([])
            self.dots[n].set_data(np.arange(len(x)), x)
            move = np.diff(x)
            self.spirals[n].set_data(x[:-1], move)
            self.now[n].set_data(x[-2:-1], move[-1:])
            self.now[n].set_visible(len(move) > 0 and max(abs(x[-2]), abs(move[-1])) < 3)
            curve = _within(d.curve[: (len(x) - 1) * FINE + 1]) if here else np.array([])
            self.curves[n].set_data(np.arange(len(curve)) / FINE, curve)

        high, wide = _span(result)
        self.canvas.set(self.position, xlim=(-0.5, result.steps + 0.5), ylim=(-high, high))
        self.canvas.set(self.phase, xlim=(-high, high), ylim=(-wide, wide))

    def _axis_of(self, method: str) -> None:
        # The axis is the square root of lr lambda, the frequency of the oscillation: in it the
        # heavy ball's region of ripples is symmetric about 1.
        edge = METHODS[method].edge
        ticks = [0, 0.1, 0.5, 1, 2, 3, 4] if edge < 10 else [0, 1, 5, 10, 20, 40]
        self.plane.set(xlim=(0, np.sqrt(edge)))
        self.plane.set_xticks(np.sqrt(ticks), [f"{t:g}" for t in ticks])

    def _draw_map(self, method: str) -> None:
        if method == self.mapped:
            return
        self.mapped, m, theme = method, METHODS[method], self.canvas.theme
        self._axis_of(method)
        self.map.set_data(_map(method, theme, *self.map.room))
        mu = np.linspace(0, 0.999, 300)
        self.limit.set_data(np.sqrt(m.limit(mu)), mu)
        self.ripples.set_data(*_pairs(method))
        self.names.set_labels(*_names(method, 3 if theme.projector else 2))

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
                level, plain = _against_noise(result)
                said += (
                    f" Noise keeps it {alt.number(level)} away; gradient descent that near takes "
                    f"{_steps(plain)} per digit."
                )
        return said

    def describe(self, result: Result) -> str:
        m, d = METHODS[result.method], result.steep
        where = "inside" if result.radius < 1 else "on the border or outside"
        return (
            f"A map of step size and momentum for {result.method}. The point lr lambda = "
            f"{alt.number(d.a)}, momentum {alt.number(result.mu)} lies {where} the region that "
            f"converges, which ends at {alt.number(float(m.limit(result.mu)))}. {_spoken(result)} "
            f"After {alt.count(len(d.x) - 1, 'step')} the steep direction is at "
            f"{alt.number(d.x[-1])}."
        )

    def numbers(self, result: Result) -> dict[str, float]:
        last = [float(d.x[-1]) for d in result.directions]
        return {"radius": result.radius, "steep": last[0], "flat": last[-1]}

    def script(self, method, step_size, momentum, kappa, noise, seed, steps, t) -> str:
        m = METHODS[method]
        opt = m.spelled.format(lr=repr(step_size), mu=repr(momentum))
        home = "ck.exhibits" if "Stale" in opt else "ck.optim"
        noisy = (
            f"""
    error = errors[k]
    noisy = ck.Objective(value=f.value, grad=lambda x: f.grad(x) + error)
    theta, state = opt.step(theta, state, noisy)"""
            if noise
            else """
    theta, state = opt.step(theta, state, f)"""
        )
        errors = (
            f"\nerrors = {noise!r} * np.random.default_rng({seed}).standard_normal(({MOST}, 2))"
            if noise
            else ""
        )
        return f"""\
import numpy as np
import coursekit as ck

f = ck.landscapes.quadratic(spectrum=(1.0, 1 / {kappa!r}))  # so lr counts in 1 / curvature
opt = {home}.{opt}{errors}
theta = np.ones(2)
state = opt.init(theta)
for k in range({steps}):{noisy}
    if not abs(theta).max() < {LOST:g}:  # it does not come back from there
        break
steep, flat = theta

def largest(a, mu={momentum!r}):  # along a direction, x_next = T x - D x_before
    T, D = {m.recurrence}
    return abs(np.roots([1, -T, D])).max()

radius = max(largest({step_size!r}), largest({step_size!r} / {kappa!r}))
print(f"a step shrinks the error to {{radius:.4f}} of itself in the long run")
print(f"after {{k + 1}} steps: {{steep:.3g}} in the steep direction, {{flat:.3g}} in the flat one")
"""


# --- the parts -----------------------------------------------------------------------------------
@functools.lru_cache(64)
def _walk(method, a, mu, kappa, noise, seed, steps) -> np.ndarray:
    """(steps + 1, 2): really stepping on curvatures 1 and 1 / kappa; shorter if it is lost."""
    f = landscapes.quadratic(spectrum=(1.0, 1 / kappa))
    opt = _optimizer(method, a, mu)
    errors = noise * np.random.default_rng(seed).standard_normal((MOST, 2))
    theta = np.ones(2)
    state = opt.init(theta)
    walk = [theta]
    for error in errors[:steps]:
        theta, state = opt.step(theta, state, _off_by(f, error) if noise else f)
        walk.append(theta)
        if not abs(theta).max() < LOST:
            break
    return np.array(walk)


def _off_by(f: Objective, error: np.ndarray) -> Objective:
    return Objective(value=f.value, grad=lambda x: f.grad(x) + error)


def _optimizer(method: str, a: float, mu: float) -> optim.Optimizer:
    kind, _, fields = METHODS[method].spelled.partition("(")
    own = {"StaleMomentum": StaleMomentum}
    more: dict[str, Any] = {"momentum": mu} if "momentum" in fields else {}
    if "style" in fields:
        more["style"] = "ema"
    if "lookahead" in fields:
        more["lookahead"] = True
    return (own.get(kind) or getattr(optim, kind))(lr=a, **more)


@functools.lru_cache(16)
def _map(method: str, theme: Theme, height: int, width: int) -> np.ndarray:
    """The map of a method as pixels (height, width, 4): one colour for each range of speed."""
    a = np.linspace(0, np.sqrt(METHODS[method].edge), width) ** 2
    mu = np.linspace(1, 0, height)[:, None]
    rates = radius(method, a, mu)
    shades = [theme.tint(theme.color("blue"), x) for x in (0.75, 0.55, 0.38, 0.22, 0.1)]
    shades.append(theme.tint(theme.color("vermilion"), 0.3))
    colours = np.array([[*(round(255 * c) for c in rgb(s)), 255] for s in shades], np.uint8)
    return colours[np.digitize(rates, BORDERS)]


@functools.cache
def _pairs(method: str) -> tuple[np.ndarray, np.ndarray]:
    """The border of the region where the eigenvalues are a complex pair, on the map's axes."""
    mu = np.linspace(0, 1, 400)
    root = np.sqrt(mu)
    if method == "gradient descent":
        return np.array([]), np.array([])
    if method == "Nesterov":  # to the right of it up to 1
        left, right = (1 - mu) / (1 + mu), np.ones(400)
    elif method == "index slip":
        left, right = (1 - mu) / 2, np.full(400, np.nan)
    else:  # (1 - sqrt(mu))^2 < lr lambda < (1 + sqrt(mu))^2, the average with (1 - mu) lr
        scale = np.sqrt(1 - mu + 1e-12) if method == "average (EMA)" else 1
        left, right = (1 - root) / scale, (1 + root) / scale
    return np.concatenate([left[::-1], right]), np.concatenate([mu[::-1], mu])


def _names(method: str, tall: int) -> tuple[list[tuple[float, float]], list[str]]:
    """What each colour of the map means, written where it has most room."""
    n, edge = 100, np.sqrt(METHODS[method].edge)
    a, mu = (np.linspace(0, edge, n) ** 2)[None, :], np.linspace(0, 1, n)[:, None]
    colour = np.digitize(radius(method, a, mu), BORDERS)
    m = METHODS[method]
    pair = m.trace(a, mu) ** 2 < 4 * m.product(a, mu)
    border = np.zeros_like(pair)
    border[:, 1:] = pair[:, 1:] != pair[:, :-1]
    points, words = [], []
    for k, word in enumerate(WORDS):
        spot = _roomiest((colour == k) & ~border, tall, 5)
        if spot is not None:
            points.append((spot[1] * edge / (n - 1), spot[0] / (n - 1)))
            words.append(word)
    return points, words


def _roomiest(mask: np.ndarray, least: int, wide: int) -> tuple[int, int] | None:
    """The middle (row, column) of the largest box inside, `wide` times as many columns as rows."""
    depth = 0
    while True:
        inner = np.pad(mask, ((1, 1), (wide, wide)))
        inner = inner[:-2, wide:-wide] & inner[2:, wide:-wide] & mask
        sides = np.pad(inner, ((0, 0), (wide, wide)))
        inner = sides[:, : -2 * wide] & sides[:, 2 * wide :] & inner
        if not inner.any():
            break
        mask, depth = inner, depth + 1
    if depth < least:
        return None
    rows, columns = np.nonzero(mask)
    k = np.argmin((rows - rows.mean()) ** 2 + (columns - columns.mean()) ** 2)
    return int(rows[k]), int(columns[k])


def _within(x: np.ndarray) -> np.ndarray:
    """Up to where it leaves the picture for good."""
    gone = np.flatnonzero(~(abs(x) < 30))
    return x[: gone[0] + 1] if len(gone) and np.isfinite(x[gone[0]]) else x[: gone[0]] if len(gone) else x


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
        if not d.ripples and min(z.real for z in d.roots) < -1e-9 and d.radius > 0:
            kind = "a negative one: jumps from side to side"
        parts.append(f"{'' if alone else name + ' '}|z| = {alt.number(d.radius, 4)} ({kind})")
    said = ", ".join(parts)
    return f"{said[0].upper()}{said[1:]}."


def _against_noise(result: Result) -> tuple[float, float]:
    """Where noise holds the method, and gradient descent's pace if it may be no further away."""
    at = result.noise, result.kappa
    level = floor(result.method, result.steep.a, result.mu, *at)
    fast, _ = METHODS["gradient descent"].best(result.kappa)
    a = fast
    if floor("gradient descent", fast, 0.0, *at) > level:
        low = 0.0
        for _ in range(50):  # the floor rises with the step
            a = (low + fast) / 2
            low, fast = (low, a) if floor("gradient descent", a, 0.0, *at) > level else (a, fast)
    return level, pace(max(float(radius("gradient descent", b, 0)) for b in (a, a / result.kappa)))


def _steps(n: float) -> str:
    return f"{alt.number(n)} steps" if n else "one step"


def _capital(words: str) -> str:
    return words[0].upper() + words[1:]
