"""A point is dragged away, and three losses follow it or do not: a view of `activation_bench`."""

from typing import Any, ClassVar, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import PathPatch, Polygon
from matplotlib.path import Path

from ...autograd import grad
from ...losses import huber, l1, mse
from ...viz import Heading, alt, arrange, dress, legend
from ...viz.themes import Theme, rgb
from ..canvas import Canvas
from ..views import View
from ..window import Window
from . import fits

REST = np.arange(1.0, 9.0)  # the x of the points that stay
WIDE, HIGH = (0.0, 20.0), (-6.0, 14.0)  # where the other one may go
SWEEP = np.linspace(*HIGH, 51)
FAR, HARD = 13.0, 4.2  # the errors and pulls that are shown
ERRORS = np.linspace(-FAR, FAR, 521)
LOSSES = ("squared", "absolute", "Huber")
LOOKS = {"squared": ("vermilion", "-", "s"), "absolute": ("blue", (0, (5, 2)), "o"),
         "Huber": ("green", (0, (6, 2, 1, 2)), "^")}  # fmt: skip
DRAWN = (*LOSSES, "none")  # whose errors are drawn
SPANS = ((-0.6, 1.6), (-2.2, 2.2), (2.4, 6), (-6, 14))


class Result(NamedTuple):
    """Nine points, the last of them the dragged one, and what each loss makes of them."""

    model: str
    drawn: str
    delta: float
    x: np.ndarray  # (9,)
    y: np.ndarray
    fits: np.ndarray  # (3, k), a row for each loss
    sweep: np.ndarray  # (3, 51), the last coefficient against the y of the dragged point
    alone: float  # the last coefficient of least squares without that point

    @property
    def found(self) -> dict[str, float]:
        """The slope of each line, or each constant."""
        return dict(zip(LOSSES, map(float, self.fits[:, -1]), strict=True))

    @property
    def errors(self) -> np.ndarray:
        """(3, 9): y less the fit."""
        return self.y - self.fits @ fits.design(self.model, self.x).T


class OutlierView(View):
    """See `activation_bench`."""

    gives = Result
    asks: ClassVar = {
        "squared": "what squared errors find",
        "absolute": "what absolute errors find",
        "huber": "what Huber's loss finds",
    }

    # --- compute ----------------------------------------------------------------------------------
    def run(self, model: str, out_x: float, out_y: float, delta: float, drawn: str, **rest: Any):
        x, y = np.append(REST, out_x), np.append(_rest(model), out_y)
        X = fits.design(model, x)
        known = self.known.get(key := (model, out_x, delta))
        if known is None:
            Y = np.column_stack([np.tile(_rest(model), (len(SWEEP), 1)), SWEEP])
            self.known = {key: (known := _fitted(X, Y, delta)[..., -1])}  # dragging y keeps it
        alone = float(fits.squared(X[:-1], y[:-1])[-1])
        return Result(model, drawn, delta, x, y, _fitted(X, y, delta), known, alone)

    known: dict[tuple, np.ndarray] = {}  # noqa: RUF012 - replaced, never changed

    # --- draw -------------------------------------------------------------------------------------
    def build(self, canvas: Canvas, theme: Theme) -> None:
        self.canvas, self.theme = canvas, theme
        grid = canvas.figure.add_gridspec(2, 2, width_ratios=[2, 1], height_ratios=[1, 1])
        self._build_points(canvas, theme, canvas.figure.add_subplot(grid[:, 0]))
        self._build_pulls(canvas, theme, canvas.figure.add_subplot(grid[0, 1]))
        self._build_sweep(canvas, theme, canvas.figure.add_subplot(grid[1, 1]))
        arrange(canvas.figure)
        box = self.points.get_window_extent()
        wide, high = np.ptp(WIDE) / box.width, np.ptp(HIGH) / box.height
        self.square = wide / high  # the x a square is wide for each y it is high

    def _build_points(self, canvas: Canvas, theme: Theme, ax: Axes) -> None:
        s, self.points = theme.sizes, ax
        ax.set(xlim=WIDE, ylim=HIGH)
        dress(ax, theme, "Drag ◆", "x", "y")
        marks = {"squared": "─", "absolute": "╌", "Huber": "-·"}
        legend(ax, theme, {f"{marks[name]} {name}": LOOKS[name][0] for name in LOSSES})
        self.band = Polygon([(0, 0)] * 3, linewidth=0, color=theme.tint(theme.color("green"), 0.16))
        self.squares = PathPatch(NOTHING, linewidth=s.thin)
        for patch in (self.band, self.squares):
            ax.add_patch(patch)
            canvas.moving(patch)
        (self.sticks,) = canvas.all_moving(ax.plot([], [], linewidth=1.2 * s.line))
        self.lines = [self._line(canvas, theme, ax, name) for name in LOSSES]
        self.stay = canvas.moving(
            ax.plot([], [], "o", color=theme.ink, markersize=1.1 * s.marker, zorder=6)[0]
        )
        self.dragged = canvas.moving(
            ax.plot([], [], "D", color=theme.color("orange"), markeredgecolor=theme.ink,
                    markeredgewidth=s.thin, markersize=2.1 * s.marker, zorder=7, clip_on=False)[0]
        )  # fmt: skip
        canvas.pointable(ax, self._pointed)

    def _line(self, canvas: Canvas, theme: Theme, ax: Axes, name: str) -> Any:
        color, style, _ = LOOKS[name]
        (line,) = ax.plot([], [], color=theme.color(color), linestyle=style, zorder=5,
                          linewidth=1.3 * theme.sizes.line)  # fmt: skip
        return canvas.moving(line)

    def _pointed(self, x: float, y: float) -> dict[str, float]:
        return {"out_x": x, "out_y": y} if self.model == "line" else {"out_y": y}

    def _build_pulls(self, canvas: Canvas, theme: Theme, ax: Axes) -> None:
        ax.set(xlim=(-FAR, FAR), ylim=(-HARD, HARD))
        dress(ax, theme, "Pull of a point", "its error y - fit", grid="")
        ax.axhline(0, color=theme.line, linewidth=theme.sizes.thin)
        ax.axvline(0, color=theme.line, linewidth=theme.sizes.thin)
        self.pulls = [self._line(canvas, theme, ax, name) for name in LOSSES]
        self.felt = self._markers(canvas, theme, ax)

    def _build_sweep(self, canvas: Canvas, theme: Theme, ax: Axes) -> None:
        s = theme.sizes
        ax.set(xlim=HIGH, ylim=SPANS[0])
        dress(ax, theme, " ", "y of the dragged point")
        legend(ax, theme, {"·· without ◆": "black"})
        self.sweep = Window(canvas, theme, ax, x=False)
        self.heading = canvas.moving(Heading(ax, theme))
        self.alone = canvas.moving(
            ax.plot([], [], color=theme.quiet, linewidth=s.thin, linestyle=":")[0]
        )
        self.curves = [self._line(canvas, theme, ax, name) for name in LOSSES]
        self.here = self._markers(canvas, theme, ax)
        self.sweep.hold(self.alone, *self.curves, *self.here)
        canvas.pointable(ax, lambda x, y: {"out_y": x})

    def _markers(self, canvas: Canvas, theme: Theme, ax: Axes) -> list[Any]:
        """One for each loss, the squared one on top."""
        return canvas.all_moving(
            ax.plot([], [], marker, color=theme.color(color), markeredgecolor=theme.paper,
                    markersize=1.7 * theme.sizes.marker, zorder=8 - k, clip_on=False)[0]
            for k, (color, _, marker) in enumerate(LOOKS.values())
        )  # fmt: skip

    def draw(self, result: Result) -> None:
        self.model = result.model
        ends = np.array(WIDE)
        for line, w in zip(self.lines, result.fits, strict=True):
            line.set_data(ends, fits.design(result.model, ends) @ w)
        self.stay.set_data(result.x[:-1], result.y[:-1])
        self.dragged.set_data(result.x[-1:], result.y[-1:])
        self._draw_errors(result)

        for loss, pull, dot, error in zip(
            LOSSES, self.pulls, self.felt, result.errors[:, -1], strict=True
        ):
            pull.set_data(ERRORS, _pull(loss, ERRORS, result.delta))
            strength = _pull(loss, np.array([error]), result.delta)[0]
            dot.set_data([np.clip(error, -FAR, FAR)], [np.clip(strength, -0.9 * HARD, 0.9 * HARD)])

        low, high = result.sweep.min(), result.sweep.max()
        span = next((span for span in SPANS if span[0] <= low and high <= span[1]), SPANS[-1])
        self.sweep.show(ylim=span)
        self.heading.say(TITLES[result.model])
        self.alone.set_data(HIGH, [result.alone] * 2)
        for curve, dot, values, w in zip(
            self.curves, self.here, result.sweep, result.fits, strict=True
        ):
            curve.set_data(SWEEP, values)
            dot.set_data([result.y[-1]], [w[-1]])

    def _draw_errors(self, result: Result) -> None:
        """Squares, sticks, or both: an area or a length is what the loss adds up."""
        squares, sticks, band = np.zeros(0, int), np.zeros(0, int), [(0.0, 0.0)] * 3
        if result.drawn != "none":
            which = LOSSES.index(result.drawn)
            errors, w = result.errors[which], result.fits[which]
            near = np.abs(errors) <= result.delta
            every = np.arange(len(errors))
            squares = {"squared": every, "Huber": every[near]}.get(result.drawn, squares)
            sticks = {"absolute": every, "Huber": every[~near]}.get(result.drawn, sticks)
            color = self.theme.color(LOOKS[result.drawn][0])
            self.squares.set(facecolor=(*rgb(color), 0.2), edgecolor=color)
            self.sticks.set_color(color)
            boxes = [self._square(result.x[i], result.y[i], errors[i]) for i in squares]
            self.squares.set_path(Path.make_compound_path(*boxes) if boxes else NOTHING)
            feet = np.stack([result.y - errors, result.y, np.full(len(errors), np.nan)], axis=1)
            self.sticks.set_data(np.repeat(result.x[sticks], 3), feet[sticks].ravel())
            if result.drawn == "Huber":
                ends = np.array([*WIDE, *WIDE[::-1]])
                up = result.delta * np.array([1, 1, -1, -1])
                middle = fits.design(result.model, ends) @ w
                band = list(zip(ends, middle + up, strict=True))
        self.band.set_xy(band)
        if not len(squares):
            self.squares.set_path(NOTHING)
        if not len(sticks):
            self.sticks.set_data([], [])

    def _square(self, x: float, y: float, error: float) -> Path:
        """The error as one side, and the square on its inner side."""
        across = abs(error) * self.square * (1 if x < np.mean(WIDE) else -1)
        corners = [(x, y), (x, y - error), (x + across, y - error), (x + across, y), (x, y)]
        return Path(corners, closed=True)

    # --- words ------------------------------------------------------------------------------------
    def status(self, result: Result) -> str:
        found = ", ".join(f"{name} {value:.2f}" for name, value in result.found.items())
        what = "Slopes" if result.model == "line" else "Constants"
        squares, straight = result.errors[0, -1], result.errors[1, -1]
        return (
            f"{what}: {found}; {'mean' if result.model == 'constant' else 'least squares'} of the "
            f"other eight alone {result.alone:.2f}. The dragged point lies {_beside(squares)} the "
            f"fit of squares and {_beside(straight)} that of absolute errors."
        )

    def describe(self, result: Result) -> str:
        what = "slope" if result.model == "line" else "constant"
        kinds = ("squared errors", "absolute errors", "Huber's loss")
        trends = alt.listing(
            f"that of {kind} {alt.trend(curve)}"
            for kind, curve in zip(kinds, result.sweep, strict=True)
        )
        where = f"({alt.number(result.x[-1])}, {alt.number(result.y[-1])})"
        values = alt.listing(f"{value:.2f}" for value in result.found.values())
        return (
            f"Nine points, one of them dragged to {where}, and a {result.model} fitted by each of "
            f"three losses: squared, absolute and Huber's. The {what}s are {values}. As the point "
            f"moves from the bottom to the top, with its x as it is, the {what} changes: {trends}."
        )

    def numbers(self, result: Result) -> dict[str, float]:
        return {name.lower(): value for name, value in result.found.items()}

    def script(
        self, model: str, out_x: float, out_y: float, delta: float, drawn: str, **_: Any
    ) -> str:
        columns = "[np.ones(9), x]" if model == "line" else "[np.ones(9)]"
        what = "slope" if model == "line" else "constant"
        return f"""\
import itertools

import numpy as np
import coursekit as ck

x = np.arange(1.0, 9.0)
y = {_spelled(model)} + {NOISE} * np.random.default_rng({SEED}).standard_normal(8)
x, y = np.append(x, {out_x!r}), np.append(y, {out_y!r})
X = np.column_stack({columns})

by_squares = np.linalg.solve(X.T @ X, X.T @ y)

fits = []  # one that goes through {"two of the points" if model == "line" else "a point"} is best
for some in map(list, itertools.combinations(range(9), X.shape[1])):
    if abs(np.linalg.det(X[some])) > 1e-9:
        fits.append(np.linalg.solve(X[some], y[some]))
by_absolute = min(fits, key=lambda w: ck.losses.l1(X @ w, y))

f = ck.Objective(lambda w: ck.losses.huber(X @ w, y, delta={delta!r}))
by_huber = ck.minimize(f, by_squares, ck.optim.BFGS(), steps=200).theta

squared, absolute, huber = by_squares[-1], by_absolute[-1], by_huber[-1]
print(f"{what}: squares {{squared:.3f}}, absolute errors {{absolute:.3f}}, Huber {{huber:.3f}}")
"""


# --- the parts -----------------------------------------------------------------------------------
NOTHING = Path(np.empty((0, 2)))
RISE, NOISE, SEED = 0.6, 0.8, 1
TITLES = {"line": "Slope", "constant": "Level"}


def _rest(model: str) -> np.ndarray:
    """The y of the points that stay."""
    middle = 2 + RISE * REST if model == "line" else 4
    return middle + NOISE * np.random.default_rng(SEED).standard_normal(len(REST))


def _spelled(model: str) -> str:
    return f"2 + {RISE} * x" if model == "line" else "4"


def _fitted(X: np.ndarray, Y: np.ndarray, delta: float) -> np.ndarray:
    """(3, ..., k): the fits of all three losses."""
    return np.stack([fits.squared(X, Y), fits.absolute(X, Y), fits.huber(X, Y, delta)])


def _pull(loss: str, errors: np.ndarray, delta: float) -> np.ndarray:
    """How fast the loss falls as the fit comes nearer, one point at a time."""
    of = {"squared": mse, "absolute": l1, "Huber": lambda p, y: huber(p, y, delta)}[loss]
    return -len(errors) * grad(lambda fit: of(fit, errors))(np.zeros_like(errors))


def _beside(error: float) -> str:
    size = f"{abs(error):.2f}"
    return "on" if size == "0.00" else f"{size} {'above' if error > 0 else 'below'}"
