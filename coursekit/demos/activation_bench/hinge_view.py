"""A linear classifier with the hinge loss, its margins and its L2 term: for `activation_bench`."""

from collections.abc import Iterator
from typing import Any, ClassVar, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Polygon

from ...ops import relu
from ...viz import Heading, alt, arrange, dress, legend
from ...viz.artists import Labels
from ...viz.themes import Theme
from ..canvas import Canvas
from ..views import View
from ..worker import Pace
from . import machines
from .hinge_script import script
from .machines import clouds

WIDE, HIGH = (-4.4, 4.4), (-3.4, 3.8)  # where the dragged point may go
SIDES = ("+1", "-1")  # the classes
WEAKEST, STRONGEST = 0.003, 3.0
SWEEP = np.geomspace(WEAKEST, STRONGEST, 25)
FAR, HARD = (-3.0, 5.0), 4.0  # the margins and losses that are shown
WIDTHS = (0.4, 8.0)


class Result(NamedTuple):
    """25 points, the last of them the dragged one, and the border between them."""

    strength: float  # of the L2 term; 0 without it
    points: np.ndarray  # (25, 2)
    labels: np.ndarray  # (25,) -1 or +1
    borders: np.ndarray  # (1, 3), or (3, 3) from three starts
    pulls: np.ndarray  # (25,) from 0 to 1: how much of its gradient each point gives
    widths: np.ndarray  # (25,) of the band, against SWEEP; empty without L2 term

    @property
    def w(self) -> np.ndarray:
        """The border that is looked at: the only one, or that from w = 0."""
        return self.borders[0]

    @property
    def margins(self) -> np.ndarray:
        return machines.rows(self.points, self.labels) @ self.w

    @property
    def hinge(self) -> float:
        return float(machines.loss(machines.rows(self.points, self.labels), self.w))

    @property
    def width(self) -> float:
        return _width(self.w)

    @property
    def errors(self) -> int:
        return int((self.margins <= 0).sum())


class HingeView(View):
    """See `activation_bench`."""

    gives = Result
    asks: ClassVar = {
        "width": "how wide the band is",
        "pulling": "how many points pull",
        "bad": "how hard ◆ pulls",
    }

    # --- compute ----------------------------------------------------------------------------------
    def run(
        self, l2: bool, strength: float, side: str, mx: float, my: float, **rest: Any
    ) -> Iterator[Result]:
        points = np.vstack([clouds()[0], [mx, my]])
        labels = np.append(clouds()[1], 1.0 if side == "+1" else -1.0)
        A, key = machines.rows(points, labels), (side, mx, my)
        if l2:
            w, pulls = machines.machine(A, np.array([strength]))
            if self.swept is None or self.swept[0] != key:  # dragging the strength keeps it
                found = machines.machine(A, SWEEP)[0]
                self.swept = key, np.array([_width(w) for w in found])
            yield Result(strength, points, labels, w, pulls[0], self.swept[1])
            return
        if self.trained is None or self.trained[0] != key:
            pace = Pace(0.012)
            pace.due()
            for w in machines.trained(A):
                if pace.due():
                    yield self._alone(points, labels, w)
            self.trained = key, w
        yield self._alone(points, labels, self.trained[1])

    swept: tuple[tuple, np.ndarray] | None = None
    trained: tuple[tuple, np.ndarray] | None = None

    def _alone(self, points: np.ndarray, labels: np.ndarray, w: np.ndarray) -> Result:
        """Without an L2 term; at a kink the package takes the derivative 0."""
        pulls = (machines.rows(points, labels) @ w[0] < 1).astype(float)
        return Result(0.0, points, labels, w, pulls, np.zeros(0))

    # --- draw -------------------------------------------------------------------------------------
    def build(self, canvas: Canvas, theme: Theme) -> None:
        self.canvas, self.theme = canvas, theme
        grid = canvas.figure.add_gridspec(2, 2, width_ratios=[1.7, 1], height_ratios=[1.15, 1])
        self._build_plane(canvas, theme, canvas.figure.add_subplot(grid[:, 0]))
        self._build_margins(canvas, theme, canvas.figure.add_subplot(grid[0, 1]))
        self._build_widths(canvas, theme, canvas.figure.add_subplot(grid[1, 1]))
        arrange(canvas.figure)

    def _build_plane(self, canvas: Canvas, theme: Theme, ax: Axes) -> None:
        s = theme.sizes
        ax.set(xlim=WIDE, ylim=HIGH, aspect="equal", anchor="NW")
        dress(ax, theme, " ", grid="")
        ax.set(xticks=[], yticks=[])
        legend(ax, theme, {"■ +1": "orange", "● -1": "blue", "○ pulls": "black"})
        self.band = canvas.moving(
            Polygon([(0, 0)] * 3, linewidth=0, color=theme.tint(theme.color("green"), 0.18))
        )
        ax.add_patch(self.band)
        ink: dict[str, Any] = {"color": theme.ink, "zorder": 4}
        (self.edges,) = canvas.all_moving(
            ax.plot([], [], linewidth=s.thin, linestyle=(0, (5, 3)), **ink)
        )
        self.borders = canvas.all_moving(
            ax.plot([], [], linewidth=1.2 * s.line, linestyle=line, **ink)[0]
            for line in ("-", (0, (6, 2, 1, 2)), (0, (1, 1)))
        )
        self.classes = self._points(canvas, theme, ax, 1.2)
        (self.dragged,) = canvas.all_moving(
            ax.plot([], [], "D", markersize=2.0 * s.marker, zorder=7, markeredgecolor=theme.ink)
        )
        self.rings = canvas.all_moving(
            ax.plot([], [], "o", markersize=3.0 * s.marker, markerfacecolor="none", zorder=8,
                    markeredgecolor=theme.ink, markeredgewidth=wide * s.line)[0]
            for wide in (0.4, 1.1)
        )  # fmt: skip
        self.says = canvas.moving(Heading(ax, theme))
        canvas.pointable(ax, lambda x, y: {"mx": x, "my": y})

    def _points(self, canvas: Canvas, theme: Theme, ax: Axes, size: float) -> list[Any]:
        """Of class +1 and of class -1."""
        return canvas.all_moving(
            ax.plot([], [], marker, color=theme.color(color), zorder=6, linestyle="",
                    markersize=size * theme.sizes.marker)[0]
            for marker, color in LOOKS
        )  # fmt: skip

    def _build_margins(self, canvas: Canvas, theme: Theme, ax: Axes) -> None:
        s = theme.sizes
        ax.set(xlim=FAR, ylim=(-0.25, HARD))
        dress(ax, theme, "Hinge loss", "margin y f(x)", grid="")
        m = np.array([FAR[0], 1.0, FAR[1]])
        ax.plot(m, relu(1 - m), color=theme.line, linewidth=1.2 * s.line)
        ax.axvline(0, color=theme.line, linewidth=s.thin, linestyle=":")
        self.hinges = self._points(canvas, theme, ax, 1.0)
        (self.felt,) = canvas.all_moving(
            ax.plot([], [], "D", markersize=1.7 * s.marker, zorder=7, markeredgecolor=theme.ink)
        )
        self.ringed = canvas.moving(
            ax.plot([], [], "o", markersize=2.4 * s.marker, markerfacecolor="none", zorder=8,
                    markeredgecolor=theme.ink, markeredgewidth=0.5 * s.line)[0]
        )  # fmt: skip

    def _build_widths(self, canvas: Canvas, theme: Theme, ax: Axes) -> None:
        s = theme.sizes
        ax.set(xscale="log", yscale="log", xlim=(WEAKEST, STRONGEST), ylim=WIDTHS)
        dress(ax, theme, "Width of the band", "strength λ")
        ax.set_yticks([0.5, 1, 2, 4, 8], ["0.5", "1", "2", "4", "8"])
        self.widths = canvas.moving(
            ax.plot([], [], color=theme.color("green"), linewidth=1.2 * s.line)[0]
        )
        (self.here,) = canvas.all_moving(
            ax.plot([], [], "o", color=theme.color("green"), markeredgecolor=theme.paper,
                    markersize=1.8 * s.marker, zorder=7, clip_on=False)
        )  # fmt: skip
        self.none = canvas.moving(Labels(ax, s.label, theme.quiet, va="center"))
        canvas.pointable(ax, lambda x, y: {"strength": x} if self.swept_now else {})

    swept_now = True  # whether there is a strength to point at

    def draw(self, result: Result) -> None:
        margins, plus = result.margins, result.labels > 0
        self.swept_now = bool(result.strength)
        for k, border in enumerate(self.borders):
            there = k < len(result.borders)
            border.set_data(*(_line(result.borders[k], 0.0) if there else ([], [])))
        upper, lower = (_line(result.w, level) for level in (1.0, -1.0))
        self.edges.set_data(*np.hstack([upper, [[np.nan], [np.nan]], lower]))
        self.band.set_xy(np.hstack([upper, lower[:, ::-1]]).T)

        color = self.theme.color(LOOKS[0 if plus[-1] else 1][1])
        losses = relu(1 - margins)
        places = np.clip(margins, *FAR), np.clip(losses, 0, 0.95 * HARD)
        for which, dots, seen in ((plus, self.classes[0], self.hinges[0]),
                                  (~plus, self.classes[1], self.hinges[1])):  # fmt: skip
            rest = np.flatnonzero(which[:-1])
            dots.set_data(*result.points[rest].T)
            seen.set_data(places[0][rest], places[1][rest])
        for dot, (x, y) in (
            (self.dragged, result.points[-1]),
            (self.felt, np.transpose(places)[-1]),
        ):
            dot.set_data([x], [y])
            dot.set_markerfacecolor(color)
        some = result.pulls > 0
        for ring, which in zip(self.rings, (some & (result.pulls < 1), result.pulls == 1),
                               strict=True):  # fmt: skip
            ring.set_data(*result.points[which].T)
        self.ringed.set_data(places[0][some], places[1][some])

        points = "" if self.theme.projector else "points "
        self.says.say(f"{int(some.sum())} of {len(some)} {points}pull")
        shown = np.clip(result.widths, *WIDTHS)
        self.widths.set_data(SWEEP[: len(shown)], shown)
        here = np.array([[result.strength], [np.clip(result.width, *WIDTHS)]])
        self.here.set_data(*(here if result.strength else here[:, :0]))
        middle = float(np.sqrt(WEAKEST * STRONGEST)), float(np.sqrt(WIDTHS[0] * WIDTHS[1]))
        said = "no L₂ term: any border" if result.hinge == 0 else "no L₂ term"
        self.none.set_labels([middle], ["" if result.strength else said])

    # --- words ------------------------------------------------------------------------------------
    def status(self, result: Result) -> str:
        pull, some = result.pulls[-1], result.pulls > 0
        errors = f"{alt.count(result.errors, 'error')}, hinge loss {result.hinge:.2f}. "
        if result.strength:
            on_edge, all_of = int((some & (result.pulls < 1)).sum()), int(some.sum())
            part = "all" if on_edge == all_of else f"{on_edge} of them"
            said = (
                f"λ = {alt.number(result.strength)}: the band is {result.width:.2f} wide. "
                f"{alt.count(all_of, 'point')} pull{'s' if all_of == 1 else ''}"
                f"{f', {part} on its edge and in part' if on_edge else ''}; {errors}"
            )
        else:
            turned = alt.listing(f"{_angle(w):.0f}°" for w in result.borders)
            said = f"No L₂ term. Three starts end with w at {turned}; the first: {errors}"
        if not pull:
            return f"{said}◆ does not pull: its margin is above 1."
        return f"{said}◆ pulls {'in full' if pull == 1 else f'at {alt.percent(pull)}'}."

    def describe(self, result: Result) -> str:
        pulling = int((result.pulls > 0).sum())
        x, y = map(alt.number, result.points[-1])
        said = (
            f"Two clouds of 12 points and a dragged point of class {result.labels[-1]:+.0f} at "
            f"({x}, {y}), a border between them and a band around it, {result.width:.2f} wide. "
            f"Ringed, because {'it pulls, is' if pulling == 1 else 'they pull, are'} "
            f"{alt.count(pulling, 'point')}. Beside it the same points on the hinge, by their "
            f"margins from {alt.number(result.margins.min())} to "
            f"{alt.number(result.margins.max())}; those below 1 pull"
        )
        if result.strength:
            wider = alt.trend(result.widths)
            return f"{said} in full. As the strength grows the width of the band {wider}."
        return f"{said}. Two more borders come from two other starts."

    def numbers(self, result: Result) -> dict[str, float]:
        return {
            "width": result.width,
            "pulling": float((result.pulls > 0).sum()),
            "bad": float(result.pulls[-1]),
            "hinge": result.hinge,
        }

    def script(self, **values: Any) -> str:
        return script(**values)


# --- the parts -----------------------------------------------------------------------------------
LOOKS = (("s", "orange"), ("o", "blue"))  # of class +1 and of class -1


def _width(w: np.ndarray) -> float:
    """Between the lines where the score is 1 and -1."""
    return float(2 / np.linalg.norm(w[:2]))


def _angle(w: np.ndarray) -> float:
    return float(np.degrees(np.arctan2(w[1], w[0])))


def _line(w: np.ndarray, level: float) -> np.ndarray:
    """The ends (2, 2) of the line where the score is `level`, far outside the picture."""
    size = np.linalg.norm(w[:2])
    along = 20 * np.array([-w[1], w[0]]) / size
    foot = (level - w[2]) * w[:2] / size**2
    return np.stack([foot - along, foot + along], axis=1)
