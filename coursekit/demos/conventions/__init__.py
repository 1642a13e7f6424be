"""Five documents write momentum in five ways, which are three behaviours."""

from typing import Any, ClassVar, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from ... import landscapes, optim
from ...backend import to_device, to_host
from ...viz import alt, arrange, blank, dress
from ...viz.artists import Labels
from ...viz.contours import Contours, heights
from ...viz.themes import Theme
from ...viz.trails import spread
from ..canvas import Canvas
from ..engine import Demo
from ..params import Param, hyperparameter
from .forms import DOCUMENTS, FORMS, LOST, START, apart, form_of, groups_of, path_of

MOST = 200  # steps


def conventions(state: str | None = None, **settings: Any) -> Demo:
    """Run momentum as each lecture document writes it, and see which of them are the same method.

    >>> import coursekit as ck
    >>> demo = ck.demos.conventions()
    >>> [len(group) for group in demo.compute().groups]
    [3, 1, 1]
    """
    return Conventions(state, **settings).show()


class Result(NamedTuple):
    """The paths of the chosen forms."""

    forms: tuple[str, ...]
    paths: dict[str, np.ndarray]  # (steps + 1, 2) each, shorter where it is lost
    apart: np.ndarray  # (n, n) the largest distance in any step between two of them
    groups: tuple[tuple[str, ...], ...]  # of forms on one path, the largest group first
    kappa: float
    steps: int
    t: int
    lr: float
    momentum: float
    drop: int
    drop_at: int
    convert: bool
    printed: bool  # the index of the notes as printed

    @property
    def distances(self) -> dict[str, np.ndarray]:
        return {name: np.linalg.norm(path, axis=1) for name, path in self.paths.items()}


class Conventions(Demo):
    """See `conventions`."""

    name = "conventions"
    title = "Five formulas of momentum"
    asks: ClassVar = {
        "farthest": "the distance of the farthest form",
        "nearest": "the distance of the nearest form",
    }
    size = (880, 460)
    params = (
        Param("forms", DOCUMENTS, choices=tuple(FORMS), many=True),
        Param(
            "index",
            "as printed",
            choices=("as printed", "mended"),
            label="notes' index",
            active=lambda values: "notes" in values["forms"],
        ),
        hyperparameter(optim.Momentum, "lr", default=0.02, range=(1e-3, 1.0), label="step size"),
        hyperparameter(optim.Momentum, "momentum"),
        Param("convert", False, doc="translate every step size into PyTorch's"),
        Param("drop", 1, choices=(1, 2, 5, 10, 100), label="lr drops by", doc="1: it does not"),
        Param("drop_at", 10, (1, 100), label="at step", active=lambda v: v["drop"] > 1, hide=True),
        Param("kappa", 4.0, (1.0, 100.0), log=True, label="κ of x₁² + κx₂²"),
        Param("steps", 40, (10, MOST)),
        Param("t", MOST, (0, MOST), play=True, until="steps", label="step"),
    )
    presets = {  # noqa: RUF012
        "all five as printed": {},
        "after conversion": {"forms": tuple(FORMS), "index": "mended", "convert": True},
        "drop the rate": {"forms": tuple(FORMS), "index": "mended", "drop": 100},
        "drop, converted": {
            "forms": tuple(FORMS), "index": "mended", "drop": 100, "convert": True
        },
        "the index slip": {"forms": ("PyTorch", "notes"), "lr": 0.0125, "steps": 150},
        "near the limit": {"forms": tuple(FORMS)[:5], "lr": 0.37, "momentum": 0.5, "steps": 60},
    }  # fmt: skip

    # --- compute ----------------------------------------------------------------------------------
    def run(self, forms, index, lr, momentum, convert, drop, drop_at, kappa, steps, t) -> Result:
        printed = index == "as printed"
        at = lr, momentum, drop, drop_at, kappa, steps
        paths = {name: path_of(form_of(name, printed), convert, *at) for name in forms}
        between = np.array([[apart(paths[a], paths[b]) for a in forms] for b in forms])
        groups = groups_of(forms, paths, between)
        setting = kappa, steps, min(t, steps), lr, momentum, drop, drop_at, convert, printed
        return Result(forms, paths, between, groups, *setting)

    # --- draw -------------------------------------------------------------------------------------
    def build(self, canvas: Canvas, theme: Theme) -> None:
        tall = [1, 1.35] if theme.projector else [1, 1]  # the table has eight rows of type
        grid = canvas.figure.add_gridspec(2, 2, height_ratios=tall, width_ratios=[1, 1.12])
        self._build_paths(canvas, theme, canvas.figure.add_subplot(grid[0, 0]))
        self._build_distance(canvas, theme, canvas.figure.add_subplot(grid[0, 1]))
        self._build_table(canvas, theme, canvas.figure.add_subplot(grid[1, :]))
        arrange(canvas.figure)
        self.gutter.remove()  # it kept room for the words at the ends of the curves
        box = self.table.get_position()
        self.table.set_position((box.x0, box.y0, 1 - 2 * box.x0, box.height))
        self.seen = 0.0  # the landscape that is drawn

    def _build_paths(self, canvas: Canvas, theme: Theme, ax: Axes) -> None:
        s = theme.sizes
        ax.set(xlim=(-4.5, 4.5), ylim=(-3, 3))
        dress(ax, theme, "Paths", grid="")
        ax.set(xticks=[], yticks=[])
        self.contours = canvas.rare(Contours(ax, theme))
        start: dict[str, Any] = {
            "color": theme.paper,
            "markeredgecolor": theme.ink,
            "markersize": s.marker,
        }
        canvas.rare(*ax.plot([0], [0], "+", color=theme.ink, markersize=2 * s.marker))
        canvas.rare(*ax.plot(*START, "o", **start))
        self.trails = self._lines(canvas, theme, ax)
        self.heads = {
            name: canvas.moving(
                ax.plot([], [], "o", color=theme.color(form.color), zorder=6,
                        markeredgecolor=theme.paper, markersize=1.6 * s.marker)[0]
            )
            for name, form in FORMS.items()
        }  # fmt: skip

    def _build_distance(self, canvas: Canvas, theme: Theme, ax: Axes) -> None:
        s, self.distance = theme.sizes, ax
        ax.set(yscale="log", ylim=(1e-2, 1e2))
        dress(ax, theme, "Distance to the minimum", "step")
        self.curves = self._lines(canvas, theme, ax)
        (self.when,) = canvas.all_moving(
            ax.plot([], [], color=theme.quiet, linewidth=s.thin, linestyle=(0, (4, 3)))
        )
        self.dropped = canvas.moving(Labels(ax, s.tick, theme.quiet, ha="left", va="top"))
        self.tags = {
            name: canvas.moving(
                Labels(ax, s.tick, theme.text(form.color), "bold", "left", "center")
            )
            for name, form in FORMS.items()
        }
        self.gutter = ax.text(
            1.02, 0.5, "PyTorch", transform=ax.transAxes, fontsize=s.tick, fontweight="bold"
        )

    def _build_table(self, canvas: Canvas, theme: Theme, ax: Axes) -> None:
        s, self.table = theme.sizes, ax
        blank(ax, theme)
        rows = len(FORMS)
        ax.set(xlim=(0, 1), ylim=(rows + 0.9, -1.2))
        ax.text(1, -0.95, "Largest difference (green: one path)", fontsize=s.label,
                color=theme.ink, fontweight="bold", va="center", ha="right")  # fmt: skip
        self.names, self.formulas, self.swatches = {}, {}, {}
        for row, (name, form) in enumerate(FORMS.items()):
            self.names[name] = ax.text(
                0.045, row, name, fontsize=s.label, fontweight="bold", va="center"
            )
            self.formulas[name] = ax.text(
                0.163, row, form.formula, fontsize=1.05 * s.label, va="center"
            )
            bars = [(0, 0.03), (LEFT + (row + 0.25) * CELL, LEFT + (row + 0.75) * CELL)]
            self.swatches[name] = [
                ax.plot(bar, [row, row], linewidth=2 * s.line)[0] for bar in bars[: rows - row]
            ]
        self.cells = {
            (row, column): canvas.moving(
                ax.add_patch(
                    Rectangle(
                        (LEFT + (column + 0.04) * CELL, row - 0.42), 0.92 * CELL, 0.84, linewidth=0
                    )
                )
            )
            for row in range(rows)
            for column in range(row)
        }
        self.numbers_in = canvas.moving(Labels(ax, s.tick, theme.ink, va="center"))
        self.numbers_in.set_zorder(4)
        self.rule = canvas.moving(Labels(ax, s.label, theme.ink, "bold", "left", "center"))

    def _lines(self, canvas: Canvas, theme: Theme, ax: Axes) -> dict[str, Any]:
        width = 1.15 * theme.sizes.line
        return {
            name: canvas.moving(
                ax.plot([], [], color=theme.color(form.color), linewidth=width, zorder=5,
                        dash_capstyle="butt")[0]
            )
            for name, form in FORMS.items()
        }  # fmt: skip

    def draw(self, result: Result) -> None:
        theme = self.canvas.theme
        self._draw_still(result)
        dash = {}
        for group in result.groups:
            for k, name in enumerate(group):
                on, off = 5.0, 5.0 * (len(group) - 1)
                dash[name] = (-k * on, (on, off)) if off else "-"
        distances = result.distances
        for name in FORMS:
            here = name in result.forms
            path = result.paths[name][: result.t + 1] if here else np.empty((0, 2))
            shown = _near(path)
            away = distances[name][: len(path)] if here else np.array([])
            for line, x, y in (
                (self.trails[name], *shown.T),
                (self.curves[name], np.arange(len(away)), np.maximum(away, 1e-30)),
            ):
                line.set_data(x, y)
                if here:
                    line.set_linestyle(dash[name])
            self.heads[name].set_data(shown[-1:, 0], shown[-1:, 1])

        low = min((d[d > 0].min(initial=1.0) for d in distances.values()), default=1.0)
        bottom = next((b for b in (1e-2, 1e-4, 1e-8, 1e-12) if low > b), 1e-16)
        self.canvas.set(self.distance, xlim=(0.0, float(result.steps)), ylim=(bottom, 100.0))
        drops = result.drop > 1 and result.drop_at <= result.steps
        self.when.set_data([result.drop_at] * 2 if drops else [], [1e-30, 1e30] if drops else [])
        words = f" lr drops {result.drop}× " if drops else ""
        self.dropped.align = 0.0 if result.drop_at < 0.7 * result.steps else 1.0
        self.dropped.set_labels([(result.drop_at, 60)], [words])
        self._draw_tags(result)
        self._draw_table(result, theme)

    def _draw_still(self, result: Result) -> None:
        theme, change = self.canvas.theme, self.canvas.set
        if self.seen != result.kappa:
            self.seen = result.kappa
            x, y = np.linspace(-4.5, 4.5, 90), np.linspace(-3, 3, 60)
            f = landscapes.elongated(result.kappa)
            z = to_host(f.value(to_device(np.stack(np.meshgrid(x, y), axis=-1))))
            self.contours.set_data(x, y, z, heights(z, 0.0))
        for name in FORMS:
            here = name in result.forms
            for bar in self.swatches[name]:
                change(bar, color=theme.color(FORMS[name].color) if here else theme.grid)
            change(self.names[name], color=theme.text(FORMS[name].color) if here else theme.line)
            formula = form_of(name, result.printed).formula
            change(self.formulas[name], color=theme.ink if here else theme.line, text=formula)

    def _draw_tags(self, result: Result) -> None:
        """A word at the end of each curve."""
        ends = []
        for group in result.groups:
            away = result.distances[group[0]][: result.t + 1]
            words = group[0] if len(group) == 1 else f"{len(group)} alike"
            ends.append((float(away[-1]), words, group[0]))
        for name in FORMS:
            self.tags[name].set_labels([], [])
        if not ends:
            return
        ax: Any = self.distance
        ends.sort(reverse=True)
        _, bottom, right, top = ax.get_window_extent().extents
        gap = 1.5 * self.canvas.theme.sizes.tick * self.canvas.figure.dpi / 72
        back = ax.transData.inverted()
        wanted = [
            min(max(ax.transData.transform((1, max(end, 1e-30)))[1], bottom), top)
            for end, _, _ in ends
        ]
        for place, (_, words, name) in zip(spread(wanted, gap, bottom, top), ends, strict=True):
            self.tags[name].set_labels([back.transform((right + 0.6 * gap, place))], [words])

    def _draw_table(self, result: Result, theme: Theme) -> None:
        green = theme.tint(theme.color("green"), 0.38)
        points, words = [], []
        where = {name: k for k, name in enumerate(FORMS)}
        for cell in self.cells.values():
            cell.set_facecolor("none")
        for i, a in enumerate(result.forms):
            for j, b in enumerate(result.forms[:i]):
                row, column = where[a], where[b]
                same = any(a in group and b in group for group in result.groups)
                self.cells[row, column].set_facecolor(green if same else theme.grid)
                points.append((LEFT + (column + 0.5) * CELL, row))
                words.append(_short(result.apart[i, j]))
        self.numbers_in.set_labels(points, words)
        self.rule.set_labels([(0, len(FORMS) + 0.4)], [_rule(result)])

    # --- words ------------------------------------------------------------------------------------
    def status(self, result: Result) -> str:
        if not result.forms:
            return "No formula is chosen."
        ends = (f"{_away(result, group[0])} for {alt.listing(group)}" for group in result.groups)
        many = alt.count(len(result.groups), "behaviour")
        return (
            f"{many[0].upper()}{many[1:]}. Distance at step {result.t}: {'; '.join(ends)}. "
            f"{_rule(result)}"
        )

    def describe(self, result: Result) -> str:
        if not result.forms:
            return "An empty picture: no formula is chosen."
        ends = (f"{group[0]} {alt.trend(result.distances[group[0]])}" for group in result.groups)
        return (
            f"Paths of momentum on x1^2 + {alt.number(result.kappa)} x2^2. {_grouped(result)} The "
            f"distance to the minimum in {alt.count(result.steps, 'step')}: {alt.listing(ends)}."
        )

    def numbers(self, result: Result) -> dict[str, float]:
        ends = [float(away[-1]) for away in result.distances.values()]
        return {"nearest": min(ends, default=0.0), "farthest": max(ends, default=0.0)}

    def script(self, forms, index, lr, momentum, convert, drop, drop_at, kappa, steps, t) -> str:
        rate, memory, defined = repr(lr), repr(momentum), ""
        if drop > 1:
            rate = "lr"
            defined = f"""
def lr(k):
    return {lr!r} if k < {drop_at} else {lr!r} / {drop}
"""
            if convert:
                defined += f"""
def summed(k):  # for an average in place of a sum
    return lr(k) / (1 - {momentum!r})

def memory(k):  # when the rate drops, shrinks the steps that are remembered
    return {momentum!r} / {drop} if k == {drop_at} else {momentum!r}
"""
        lines = []
        for name in forms:
            form = form_of(name, index == "as printed")
            at, mu = rate, memory
            if convert and form.style == "ema":
                at = "summed" if drop > 1 else f"{lr!r} / (1 - {momentum!r})"
            if convert and form.inside and drop > 1:
                mu = "memory"
            lines.append(f'    "{name}": path({form.spelled(at, mu)}),\n')
        return f"""\
import numpy as np
import coursekit as ck
from coursekit import exhibits

f = ck.landscapes.elongated(kappa={kappa!r})
{defined}
def path(opt):
    thetas = [np.array({list(START)!r})]
    state = opt.init(thetas[0])
    while len(thetas) <= {steps} and abs(thetas[-1]).max() < {LOST:g}:
        theta, state = opt.step(thetas[-1], state, f)
        thetas.append(theta)
    return np.array(thetas)

paths = {{
{"".join(lines)}}}
ends = [float(np.linalg.norm(p[-1])) for p in paths.values()]
nearest, farthest = min(ends, default=0.0), max(ends, default=0.0)
for (name, p), end in zip(paths.items(), ends):
    print(f"{{name}} is {{end:.4g}} away after {{len(p) - 1}} steps")
    for other, q in paths.items():
        if len(p) == len(q):
            print(f"    {{np.linalg.norm(p - q, axis=1).max():.1e}} from {{other}}")
"""


LEFT, CELL = 0.605, 0.079  # of the matrix in the table, as shares of its width


# --- the parts -----------------------------------------------------------------------------------
def _near(path: np.ndarray) -> np.ndarray:
    """The path as far as it stays near the picture."""
    gone = np.flatnonzero(abs(path).max(axis=1, initial=0) > 40)
    return path[: gone[0]] if len(gone) else path


def _short(value: float) -> str:
    """A number in few characters: 0, 3e-16, 0.04, 3.2, 240, 1e5."""
    if value == 0:
        return "0"
    if not np.isfinite(value):
        return "∞"
    if 0.01 <= value < 1000:
        return f"{float(f'{value:.2g}'):g}"
    mantissa, exponent = f"{value:.0e}".split("e")
    return f"{mantissa}e{int(exponent)}"


def _grouped(result: Result) -> str:
    parts = []
    for group in result.groups:
        parts.append(alt.listing(group))
    many = alt.count(len(parts), "behaviour")
    return f"{many[0].upper()}{many[1:]}: {'; '.join(parts)}."


def _away(result: Result, name: str) -> str:
    path = result.distances[name]
    return alt.number(path[result.t]) if result.t < len(path) else "lost"


def _rule(result: Result) -> str:
    """What turns one form into another, at this setting."""
    mu, forms = result.momentum, result.forms
    inside = [name for name in forms if FORMS[name].inside]
    outside = [name for name in forms if not FORMS[name].inside]
    if result.convert:
        said = []
        if "Maria" in forms:
            said.append(f"Maria with lr / (1 - μ) = {alt.number(result.lr / (1 - mu))}")
        if inside and result.drop > 1:
            said.append(f"lr inside: μ / {result.drop} for one step")
        return f"Converted: {', '.join(said) or 'nothing to do'}."
    if result.drop > 1 and inside and outside:
        return "lr inside the memory: after the drop the large steps of before coast on."
    if "Maria" in forms and len(forms) > 1:
        return f"Same path when Maria's lr = lr / (1 - μ) = {alt.number(result.lr / (1 - mu))}."
    if "notes" in forms and result.printed:
        limit, right = (1 - mu) / (2 * result.kappa), (1 + mu) / result.kappa
        return (
            f"As printed, stable for lr < {alt.number(limit)}; mended, for lr < "
            f"{alt.number(right)}: {alt.number(right / limit, 2)} times as far."
        )
    return "The same path as long as lr is constant."
