"""An activation and its slopes, and what they do to inputs: a view of `activation_bench`."""

from typing import Any, ClassVar, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import PathPatch, Polygon
from matplotlib.path import Path

from ...viz import Heading, alt, arrange, blank, dress, legend
from ...viz.artists import Labels
from ...viz.themes import Theme
from ..canvas import Canvas
from ..views import View
from ..window import Window
from . import functions

FLAT = 0.01  # a slope below this is hardly one: the unit does not learn
REACH = 6.0  # what the axes show
GRID = np.linspace(-REACH, REACH, 961)
NORMAL = np.linspace(-5, 5, 1000)  # inputs, before bias and spread; each counts by its density
WEIGHTS = np.exp(-(NORMAL**2) / 2) / np.exp(-(NORMAL**2) / 2).sum()
SPANS = {  # how much of a curve is shown: a few sizes, so that a drag seldom jumps
    "value": ((-1.35, 1.35), (-1.6, 6.3), (-6.3, 6.3), (-12.6, 12.6), (-15.8, 15.8)),
    "slope": ((-0.45, 1.35), (-1.35, 1.35), (-2.7, 2.7), (-6, 6), (-25, 25), (-60, 60)),
}
RIVALS = ("relu", "exp alone", "tanh", "sigmoid")  # whose costs are shown beside


class Result(NamedTuple):
    """The curves, the point looked at, and the inputs."""

    name: str
    title: str
    y: np.ndarray  # over GRID
    slope: np.ndarray
    bend: np.ndarray | None  # the second derivative, if it is shown
    x: float
    at_x: float
    slope_at_x: float
    bias: float
    spread: float
    flat: float  # the share of the inputs whose slope is below FLAT
    silent: float  # the share whose output is 0
    through: float  # the mean square of the slope: what is left of a gradient's

    @property
    def steepest(self) -> tuple[float, float | None]:
        """The largest slope in size, and where it is if it is one place."""
        size = np.abs(self.slope)
        there = np.flatnonzero(np.isclose(size, size.max(), rtol=1e-6, atol=0))
        alone = len(there) < 4
        return float(size.max()), float(GRID[there].mean()) if alone else None


class ActivationView(View):
    """See `activation_bench`."""

    gives = Result
    asks: ClassVar = {
        "slope": "the slope at x",
        "flat": "the share of inputs where it is flat",
        "through": "what is left of a gradient's mean square",
    }

    # --- compute ----------------------------------------------------------------------------------
    def run(self, activation: str, x: float, second: bool, bias: float, spread: float, **v: Any):
        f = functions.called(activation, v)
        slope = functions.derivative(f)
        point, inputs = np.array([x]), bias + spread * NORMAL
        slopes = slope(inputs)
        return Result(
            activation,
            functions.titled(activation, v),
            f(GRID),
            slope(GRID),
            functions.derivative(slope)(GRID) if second else None,
            x,
            float(f(point)[0]),
            float(slope(point)[0]),
            bias,
            spread,
            float(WEIGHTS @ (np.abs(slopes) < FLAT)),
            float(WEIGHTS @ (f(inputs) == 0)),
            float(WEIGHTS @ slopes**2),
        )

    # --- draw -------------------------------------------------------------------------------------
    def build(self, canvas: Canvas, theme: Theme) -> None:
        self.canvas, self.theme = canvas, theme
        grid = canvas.figure.add_gridspec(2, 2, width_ratios=[1.75, 1], height_ratios=[1.2, 1])
        self._build_value(canvas, theme, canvas.figure.add_subplot(grid[0, 0]))
        self._build_slope(canvas, theme, canvas.figure.add_subplot(grid[1, 0]))
        self._build_share(canvas, theme, canvas.figure.add_subplot(grid[0, 1]))
        self._build_cost(canvas, theme, canvas.figure.add_subplot(grid[1, 1]))
        arrange(canvas.figure)

    def _build_value(self, canvas: Canvas, theme: Theme, ax: Axes) -> None:
        s = theme.sizes
        ax.set(xlim=(-REACH, REACH), ylim=SPANS["value"][0])
        dress(ax, theme, " ", grid="")
        legend(ax, theme, {"▒ hardly any slope": "orange"})
        self.value = Window(canvas, theme, ax, x=False)
        self.flat_above = self._shade(canvas, theme, ax)
        zero = self._axes_through_zero(canvas, theme, ax)
        (self.curve,) = canvas.all_moving(
            ax.plot([], [], color=theme.color("blue"), linewidth=1.4 * s.line, zorder=4)
        )
        (self.tangent,) = canvas.all_moving(
            ax.plot([], [], color=theme.ink, linewidth=s.thin, linestyle=(0, (5, 3)), zorder=4.5)
        )
        self.dot = self._dot(canvas, theme, ax)
        self.value.hold(zero, self.curve, self.tangent, self.dot)
        self.says = canvas.moving(Heading(ax, theme))
        canvas.pointable(ax, lambda x, y: {"x": x})

    def _build_slope(self, canvas: Canvas, theme: Theme, ax: Axes) -> None:
        s = theme.sizes
        ax.set(xlim=(-REACH, REACH), ylim=SPANS["slope"][0])
        dress(ax, theme, "Slopes", "x", grid="")
        legend(ax, theme, {"— f′": "vermilion", "-- f″": "purple", "▲ inputs": "green"})
        self.slopes = Window(canvas, theme, ax, x=False)
        self.flat_below = self._shade(canvas, theme, ax)
        zero = self._axes_through_zero(canvas, theme, ax)
        self.inputs = canvas.moving(
            Polygon([(0, 0)] * 3, color=theme.tint(theme.color("green"), 0.55), linewidth=0,
                    transform=ax.get_xaxis_transform())
        )  # fmt: skip
        ax.add_patch(self.inputs)
        (self.second,) = canvas.all_moving(
            ax.plot([], [], "--", color=theme.color("purple"), linewidth=s.line, zorder=4)
        )
        (self.first,) = canvas.all_moving(
            ax.plot([], [], color=theme.color("vermilion"), linewidth=1.2 * s.line, zorder=5)
        )
        self.dot_below = self._dot(canvas, theme, ax)
        self.slopes.hold(zero, self.second, self.first, self.dot_below)
        canvas.pointable(ax, lambda x, y: {"bias": x})

    def _shade(self, canvas: Canvas, theme: Theme, ax: Axes) -> PathPatch:
        """Where the slope is hardly one: any number of stripes."""
        patch = PathPatch(NOTHING, facecolor=theme.tint(theme.color("orange"), 0.28), linewidth=0,
                          transform=ax.get_xaxis_transform())  # fmt: skip
        ax.add_patch(patch)
        canvas.moving(patch)
        return patch

    def _axes_through_zero(self, canvas: Canvas, theme: Theme, ax: Axes) -> Any:
        """An upright one that stays, and a level one that moves."""
        look: dict[str, Any] = {"color": theme.line, "linewidth": theme.sizes.thin}
        ax.axvline(0, **look)
        (level,) = ax.plot([-REACH, REACH], [0, 0], **look)
        return canvas.moving(level)

    def _dot(self, canvas: Canvas, theme: Theme, ax: Axes) -> Any:
        (dot,) = ax.plot([], [], "o", color=theme.ink, markeredgecolor=theme.paper,
                         markersize=1.6 * theme.sizes.marker, zorder=7, clip_on=False)  # fmt: skip
        return canvas.moving(dot)

    def _build_share(self, canvas: Canvas, theme: Theme, ax: Axes) -> None:
        s = theme.sizes
        blank(ax, theme, "Inputs asleep")
        ax.set(xlim=(0, 1), ylim=(0, 1))
        self.number = canvas.moving(Labels(ax, s.number, theme.ink, "bold", ha="left", va="top"))
        ax.barh(0.45, 1, 0.13, color=theme.grid)
        self.bar = canvas.moving(ax.barh(0.45, 0, 0.13, color=theme.color("orange"))[0])
        self.notes = canvas.moving(Labels(ax, s.tick, theme.quiet, ha="left", va="top"))

    def _build_cost(self, canvas: Canvas, theme: Theme, ax: Axes) -> None:
        s = theme.sizes
        blank(ax, theme, "Time here, ReLU = 1")
        rows = len(RIVALS) + 1
        ax.set(xlim=(0, 1), ylim=(rows - 0.5, -0.5))
        self.costs = canvas.all_moving(
            ax.barh(row, 0, 0.5, left=0.42, color=theme.color("sky" if row else "blue"))[0]
            for row in range(rows)
        )
        self.cost_names = canvas.moving(Labels(ax, s.tick, theme.ink, ha="left", va="center"))
        self.cost_values = canvas.moving(Labels(ax, s.tick, theme.ink, ha="left", va="center"))

    def draw(self, result: Result) -> None:
        inside = np.abs(GRID) <= REACH
        value_span = _span(result.y[inside], SPANS["value"])
        slope_span = _span(result.slope, SPANS["slope"])
        self.value.show(ylim=value_span)
        self.slopes.show(ylim=slope_span)

        for patch in (self.flat_above, self.flat_below):
            patch.set_path(_stripes(np.abs(result.slope) < FLAT))
        self.curve.set_data(GRID, result.y)
        self.first.set_data(*_broken(result.name, result.slope))
        bend = np.array([]) if result.bend is None else result.bend
        self.second.set_data(*_broken(result.name, bend))
        self.dot.set_data([result.x], [_into(result.at_x, value_span)])
        self.dot_below.set_data([result.x], [_into(result.slope_at_x, slope_span)])
        reach = np.array([-1.5, 1.5])
        self.tangent.set_data(result.x + reach, result.at_x + result.slope_at_x * reach)
        words = f"f({result.x:g}) = {alt.number(result.at_x)}, slope {_short(result.slope_at_x)}"
        self.says.say(words)
        hump = 0.3 * np.exp(-0.5 * ((GRID - result.bias) / result.spread) ** 2)
        self.inputs.set_xy([(GRID[0], 0), *zip(GRID, hump, strict=True), (GRID[-1], 0)])

        self.number.set_labels([(0, 1)], [alt.percent(result.flat)])
        self.bar.set_width(result.flat)
        self.notes.set_labels(
            [(0, 0.3), (0, 0.12)],
            [f"output 0 for {alt.percent(result.silent)}",
             f"mean of f′² is {_short(result.through)}"],
        )  # fmt: skip
        self._draw_cost(result)

    def _draw_cost(self, result: Result) -> None:
        names = (result.name, *(n for n in RIVALS if n != result.name))
        costs = [functions.cost(name) for name in names]
        widest = max(costs)
        rows = range(len(self.costs))
        for row in rows:
            there = row < len(names)
            self.costs[row].set_width(0.42 * costs[row] / widest if there else 0)
        shown = [f"{c:.0f}" if c >= 9.5 else f"{c:.1f}" for c in costs]
        words = [functions.titled(n, USUAL).split(",")[0] for n in names]
        self.cost_names.set_labels([(0, row) for row in range(len(names))], words)
        ends = [(0.45 + 0.42 * cost / widest, row) for row, cost in enumerate(costs)]
        self.cost_values.set_labels(ends, shown)

    # --- words ------------------------------------------------------------------------------------
    def status(self, result: Result) -> str:
        steepest, where = result.steepest
        slope = f"the largest slope is {alt.number(steepest)}"
        slope += "" if where is None else f", at {alt.number(where)}"
        if where is not None and abs(where) == REACH:  # it grows on beyond the picture
            slope = f"the slope grows to {alt.number(steepest)} at {alt.number(where)}"
        if steepest == 0:
            slope = "the slope is 0 wherever there is one"
        return (
            f"{result.title}: f({alt.number(result.x)}) = {alt.number(result.at_x)}, slope "
            f"{alt.number(result.slope_at_x)}; {slope}. Inputs around {alt.number(result.bias)}, "
            f"spread {alt.number(result.spread)}: for {alt.percent(result.flat)} the slope is "
            f"below {FLAT}; of the mean square of a gradient {alt.number(result.through)} stays."
        )

    def describe(self, result: Result) -> str:
        low, high = float(result.y.min()), float(result.y.max())
        zone = float(np.mean(np.abs(result.slope) < FLAT))
        return (
            f"The activation {result.title} between -6 and 6: it goes from {alt.number(low)} to "
            f"{alt.number(high)}, its slope from {alt.number(result.slope.min())} to "
            f"{alt.number(result.slope.max())}. Shaded, where the slope is below {FLAT}, is "
            f"{alt.percent(zone)} of the axis. The point x = {alt.number(result.x)} lies at height "
            f"{alt.number(result.at_x)}. {alt.percent(result.flat)} of the inputs, around "
            f"{alt.number(result.bias)}, fall into the shaded part."
        )

    def numbers(self, result: Result) -> dict[str, float]:
        return {
            "value": result.at_x,
            "slope": result.slope_at_x,
            "flat": result.flat,
            "through": result.through,
        }

    def script(self, activation: str, x: float, bias: float, spread: float, **v: Any) -> str:
        made, needs = functions.defined(activation, v)
        return f"""\
{needs}import numpy as np
import coursekit as ck

{made}
df = ck.grad(lambda x: f(x).sum())

x = np.array([{x!r}])
value, slope = f(x)[0], df(x)[0]
z = np.linspace(-5, 5, 1000)  # normal inputs: each counts by its density
weights = np.exp(-(z**2) / 2) / np.exp(-(z**2) / 2).sum()
slopes = df({bias!r} + {spread!r} * z)
flat, through = weights @ (abs(slopes) < {FLAT}), weights @ slopes**2

print(f"f({{x[0]:g}}) = {{value:.4g}}, with the slope {{slope:.4g}}")
print(f"the slope is below {FLAT} for {{flat:.1%}} of the inputs")
print(f"of a gradient's mean square {{through:.3g}} is left")
"""


# --- the parts -----------------------------------------------------------------------------------
NOTHING = Path(np.empty((0, 2)))
KINKED = ("relu", "leaky_relu", "elu", "selu", "absolute", "maxout")
USUAL = {"slope": 0.0, "alpha": 0.0, "beta": 0.0, "k": 0.0}


def _span(curve: np.ndarray, spans: tuple) -> tuple[float, float]:
    """The smallest of the spans that the curve fits in, or the largest."""
    low, high = curve.min(), curve.max()
    return next((s for s in spans if s[0] <= low and high <= s[1]), spans[-1])


def _into(y: float, span: tuple[float, float]) -> float:
    return min(max(y, span[0]), span[1])


def _short(number: float) -> str:
    return alt.number(number, 2)


def _stripes(where: np.ndarray) -> Path:
    """Rectangles over the parts of GRID where it holds, from the lower to the upper end."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], where, [False]]).astype(int)))
    pieces = []
    for start, stop in zip(edges[::2], edges[1::2], strict=True):
        left, right = GRID[start], GRID[stop - 1]
        if right - left > 0.05:  # a single point, such as the top of a bell, is no zone
            box = [(left, 0), (right, 0), (right, 1), (left, 1), (left, 0)]
            pieces.append(Path(box, closed=True))
    return Path.make_compound_path(*pieces) if pieces else NOTHING


def _broken(name: str, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A derivative with gaps where it jumps: at a kink it has no vertical line."""
    x = GRID[: len(y)]
    steps = np.pad(np.abs(np.diff(y)) if name in KINKED else np.zeros(0), 2)
    around = steps[:-4] + steps[4:]  # a steep curve, such as that of ELU, is no jump
    jump = np.flatnonzero(steps[2:-2] > np.maximum(0.02, 2 * around)) + 1
    return np.insert(x, jump, np.nan), np.insert(y, jump, np.nan)
