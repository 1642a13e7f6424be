"""Two histograms that can be drawn by hand, and how far apart: a view of `activation_bench`."""

from functools import partial
from typing import Any, ClassVar

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
from . import histograms
from .histogram_script import script
from .histograms import BARS, BY_QP, NAMES, PLACES, Result

HEIGHTS = (0.3, 1.0, 0.3, 0.02, 0.02, 0.2, 0.8, 0.2, 0.05, 0.1, 0.2, 0.4, 0.7, 1.0, 0.8, 0.3)
SPANS = (0.42, 0.62, 1.04)  # of shares
SCALES = (1.25, 3.2, 9.0, 17.0)  # of nats and bins
LOOKS = {"KL(p‖q)": ("blue", "-", "o"), "KL(q‖p)": ("orange", (0, (5, 2)), "s"),
         "JS": ("purple", (0, (1, 1)), "D"), "W₁": ("green", (0, (6, 2, 1, 2)), "^")}  # fmt: skip


class HistogramView(View):
    """See `activation_bench`."""

    gives = Result
    asks: ClassVar = {
        "kl_pq": "KL(p‖q)",
        "kl_qp": "KL(q‖p)",
        "js": "JS",
        "w1": "W₁",
    }

    # --- compute ----------------------------------------------------------------------------------
    def run(self, kind: str, bar: str, slide: int, floor: float, **v: Any) -> Result:
        heights = np.array([v[name] for name in NAMES])
        return histograms.measured(kind, bar, slide, floor, heights)

    # --- draw -------------------------------------------------------------------------------------
    def build(self, canvas: Canvas, theme: Theme) -> None:
        self.canvas, self.theme = canvas, theme
        grid = canvas.figure.add_gridspec(2, 2, width_ratios=[1.6, 1], height_ratios=[1.45, 1])
        above = canvas.figure.add_subplot(grid[0, 0])
        self._build_areas(canvas, theme, canvas.figure.add_subplot(grid[1, 0]))
        self._build_measures(canvas, theme, canvas.figure.add_subplot(grid[0, 1]))
        self._build_curves(canvas, theme, canvas.figure.add_subplot(grid[1, 1]))
        self._dress_bars(above, theme, "Drag the bars")
        legend(above, theme, {"■ p": "blue", "■ q": "orange", "∞ in KL": "vermilion"})
        arrange(canvas.figure)
        left, low, wide, high = above.get_position().bounds
        above.set_position((left, low + high / 2, wide, high / 2))
        below = canvas.figure.add_axes((left, low, wide, high / 2))
        self._dress_bars(below, theme, "")
        self.halves = [
            self._build_half(canvas, theme, ax, color)
            for ax, color in ((above, "blue"), (below, "orange"))
        ]
        for k, (window, *_) in enumerate(self.halves):
            pointed = partial(self._pointed, k)
            canvas.pointable(window.axes, pointed, window.transform)
        canvas.pointable(
            self.ahead.axes,
            lambda x, y: {"slide": round(x)} if self.shown.by_hand else {},
            self.ahead.transform,
        )

    def _dress_bars(self, ax: Axes, theme: Theme, title: str) -> None:
        ax.set(xlim=(-0.7, PLACES - 0.3), ylim=(0, SPANS[0]))
        dress(ax, theme, title, grid="")
        ax.set(xticks=[])
        for spine in ax.spines.values():
            spine.set_visible(False)

    def _build_half(self, canvas: Canvas, theme: Theme, ax: Axes, color: str) -> tuple:
        s = theme.sizes
        ax.axhline(ax.get_ylim()[color == "orange"], color=theme.line, linewidth=s.thin)
        window = Window(canvas, theme, ax, x=False, ticks=2)
        bars = PathPatch(NOTHING, facecolor=theme.color(color), linewidth=0)
        chosen = PathPatch(NOTHING, fill=False, edgecolor=theme.ink, linewidth=1.2 * s.line)
        for patch in (bars, chosen):
            ax.add_patch(patch)
            canvas.moving(patch)
        va = "bottom" if color == "blue" else "top"
        endless = canvas.moving(Labels(ax, 1.3 * s.title, theme.color("vermilion"), "bold", va=va))
        window.hold(bars, chosen, endless)
        return window, bars, chosen, endless

    def _pointed(self, which: int, x: float, y: float) -> dict[str, Any]:
        """The heights that give the bar there the share `y`; the others keep their proportions."""
        shown = self.shown
        if which and not shown.by_hand:
            return {}
        k = int(np.clip(round(x) - shown.starts[which], 0, BARS - 1))
        part = slice(which * BARS, (which + 1) * BARS)
        share = np.clip((y - shown.floor / PLACES) / (1 - shown.floor), 0, MOST)
        heights = histograms.with_share(shown.heights[part], k, float(share))
        names = NAMES[part]
        return {"bar": names[k], **dict(zip(names, map(float, heights), strict=True))}

    def _build_areas(self, canvas: Canvas, theme: Theme, ax: Axes) -> None:
        s, self.areas = theme.sizes, ax
        ax.set(xlim=(-0.7, PLACES - 0.3), ylim=(0, 1.05))
        dress(ax, theme, " ", "", grid="")
        ax.set(xticks=range(0, PLACES, 5), yticks=[0, 1])
        self.area = canvas.moving(
            Polygon([(0, 0)] * 3, color=theme.tint(theme.color("green"), 0.4), linewidth=0)
        )
        ax.add_patch(self.area)
        self.sums = canvas.all_moving(
            ax.plot([], [], line, color=theme.color(color), linewidth=1.1 * s.line, zorder=5)[0]
            for color, line in (("blue", "-"), ("orange", "--"))
        )
        self.says = canvas.moving(Heading(ax, theme))

    def _build_measures(self, canvas: Canvas, theme: Theme, ax: Axes) -> None:
        s = theme.sizes
        blank(ax, theme, "How far apart")
        names = {"H(p, q)": ("black", "", " "), **LOOKS}
        ax.set(xlim=(0, 1), ylim=(len(names) - 0.45, -0.55))
        for row, (name, (color, _, marker)) in enumerate(names.items()):
            said = f"{name}, bins" if name == "W₁" else name
            ax.text(0.08, row, said, color=theme.text(color), fontsize=s.label, va="center",
                    fontweight="bold")  # fmt: skip
            ax.plot(0.03, row, marker, color=theme.color(color), markersize=1.3 * s.marker)
        colors = [theme.color(LOOKS["KL(p‖q)"][0]), *(theme.color(c) for c, *_ in LOOKS.values())]
        self.bars = canvas.all_moving(
            ax.barh(row, 0, 0.5, left=FROM, color=color)[0] for row, color in enumerate(colors)
        )
        self.entropy = canvas.moving(ax.barh(0, 0, 0.5, left=FROM, color=theme.line, zorder=4)[0])
        self.values = canvas.moving(Labels(ax, s.label, theme.ink, "bold", "left", "center"))

    def _build_curves(self, canvas: Canvas, theme: Theme, ax: Axes) -> None:
        s = theme.sizes
        ax.set(xlim=(0, BARS), ylim=(0, SCALES[0]))
        dress(ax, theme, " ", " ")
        self.ahead = Window(canvas, theme, ax)
        self.heading = canvas.moving(Heading(ax, theme))
        self.curves, self.dots = {}, {}
        for k, (name, (color, line, marker)) in enumerate(LOOKS.items()):
            look: dict[str, Any] = {"color": theme.color(color), "zorder": 4 + k}
            (self.curves[name],) = canvas.all_moving(
                ax.plot([], [], linestyle=line, linewidth=1.1 * s.line, **look)
            )
            (self.dots[name],) = canvas.all_moving(
                ax.plot([], [], marker, markersize=1.5 * s.marker, clip_on=False,
                        markeredgecolor=theme.paper, **look)
            )  # fmt: skip
        self.top = canvas.moving(Labels(ax, 1.3 * s.title, theme.color("vermilion"), "bold"))
        self.ahead.hold(*self.curves.values(), *self.dots.values(), self.top)

    def draw(self, result: Result) -> None:
        self.shown = result
        self._draw_bars(result)
        self._draw_areas(result)
        self._draw_measures(result)
        self._draw_curves(result)

    def _draw_bars(self, result: Result) -> None:
        p, q = result.p, result.q
        highest = max(p.max(), q.max())
        span = next((span for span in SPANS if highest <= 0.97 * span), SPANS[-1])
        for k, ((window, bars, chosen, endless), mine, other) in enumerate(
            zip(self.halves, (p, q), (q, p), strict=True)
        ):
            window.show(ylim=(span, 0) if k else (0, span))
            bars.set_path(_boxes(np.flatnonzero(mine > 0), mine))
            gaps = np.flatnonzero((mine == 0) & (other > 0))  # log 0, with a weight
            endless.set_labels([(i, 0.05 * span) for i in gaps], ["∞"] * len(gaps))
            at = NAMES.index(result.bar) - k * BARS
            there = [at + result.starts[k]] if 0 <= at < BARS and (result.by_hand or not k) else []
            chosen.set_path(_boxes(there, np.maximum(mine, 0.02 * span)))

    def _draw_areas(self, result: Result) -> None:
        x = np.repeat(np.arange(PLACES), 2)
        steps = [
            np.repeat(np.concatenate([[0.0], np.cumsum(part)]), 2)[1:-1]
            for part in (result.p, result.q)
        ]
        for line, step in zip(self.sums, steps, strict=True):
            line.set_data(x, step)
        there = np.column_stack([x, steps[0]])
        back = np.column_stack([x, steps[1]])[::-1]
        self.area.set_xy(np.concatenate([there, back]))
        self.says.say(f"W₁ = {result.apart.w1:.2f}, the area")

    def _draw_measures(self, result: Result) -> None:
        values = [result.apart.cross, *result.measures.values()]
        top = max(v for v in values if np.isfinite(v))
        scale = next((scale for scale in SCALES if top <= scale), SCALES[-1])
        ends = []
        for row, (bar, value) in enumerate(zip(self.bars, values, strict=True)):
            bar.set_width(LONG * min(value / scale, 1.0))
            ends.append((FROM + LONG * min(value / scale, 1.0) + 0.02, row))
        self.entropy.set_width(LONG * min(result.apart.entropy / scale, 1.0))
        self.values.set_labels(ends, ["∞" if np.isinf(v) else f"{v:.2f}" for v in values])

    def _draw_curves(self, result: Result) -> None:
        title, label = AXES[result.by_hand]
        self.heading.say(title)
        self.ahead.call(label)
        top = max(values[np.isfinite(values)].max(initial=0) for values in result.curves.values())
        scale = next((scale for scale in SCALES if top <= 0.94 * scale), SCALES[-1])
        self.ahead.show(xlim=(0, result.along[-1]), ylim=(0, scale))
        at = result.starts[1] if result.by_hand else int(result.curves[_sought(result)].argmin())
        for name, curve in self.curves.items():
            values = result.curves.get(name, np.zeros(0))
            curve.set_data(*_broken(result.along[: len(values)], values, 0.95 * scale))
            curve.set_marker("." if result.by_hand else "None")
            values = np.minimum(values, 0.95 * scale)
            dotted = len(values) and (result.by_hand or name == _sought(result))
            self.dots[name].set_data(*([[result.along[at]], [values[at]]] if dotted else [[], []]))
        endless = any(np.isinf(values).any() for values in result.curves.values())
        self.top.set_labels([(result.along[-1] / 2, 0.97 * scale)], ["∞" if endless else ""])

    # --- words ------------------------------------------------------------------------------------
    def status(self, result: Result) -> str:
        a = result.apart
        said = "" if result.by_hand else f"{_hill(result)} "
        nothing = [n for n, part in zip("pq", np.split(result.heights, 2), strict=True)
                   if not part.any() and (result.by_hand or n == "p")]  # fmt: skip
        if nothing:
            said += f"{' and '.join(nothing)}: no height anywhere, so all alike. "
        said += f"KL(p‖q) {_kl(a.kl_pq, 'q', 'p')}, KL(q‖p) {_kl(a.kl_qp, 'p', 'q')}. "
        if np.isfinite(a.cross):
            said += f"Cross-entropy {a.cross:.2f} = entropy of p {a.entropy:.2f} + KL(p‖q). "
        return f"{said}JS is {a.js:.2f}, at most log 2 = 0.69. W₁ is {a.w1:.2f} bins."

    def describe(self, result: Result) -> str:
        a = result.apart
        p, q = result.p, result.q
        said = (
            f"Two histograms on {PLACES} places, p over the line and q under it. The middle of p "
            f"is at {_middle(p):.1f}, that of q at {_middle(q):.1f}; {_shared(p, q)}. "
            f"KL(p‖q) {_is(a.kl_pq)}, KL(q‖p) {_is(a.kl_qp)}, JS {_is(a.js)}, W1 {_is(a.w1)}, "
            "which is the area between the two distribution functions. "
        )
        if result.by_hand:
            w1 = result.curves["W₁"]
            return f"{said}As q is slid to the right W1 {alt.trend(w1)}."
        return f"{said}{_hill(result)}"

    def numbers(self, result: Result) -> dict[str, float]:
        a = result.apart
        return {"kl_pq": a.kl_pq, "kl_qp": a.kl_qp, "js": a.js, "w1": a.w1, "cross": a.cross}

    def script(self, **values: Any) -> str:
        return script(**values)


# --- the parts -----------------------------------------------------------------------------------
NOTHING = Path(np.empty((0, 2)))
FROM, LONG = 0.46, 0.4  # where the bars of the measures begin, and how long they may be
MOST = 0.95  # the largest share a pointer asks for: the other bars keep something
AXES = {True: ("As q slides", "slid by"), False: ("The best hill there", "centre of the hill")}


def _boxes(places: Any, heights: np.ndarray) -> Path:
    """A bar at each of the places."""
    boxes = []
    for i in places:
        corners = [(i - 0.42, 0), (i - 0.42, heights[i]), (i + 0.42, heights[i]), (i + 0.42, 0)]
        boxes.append(Path([*corners, corners[0]], closed=True))
    return Path.make_compound_path(*boxes) if boxes else NOTHING


def _broken(x: np.ndarray, y: np.ndarray, top: float) -> tuple[np.ndarray, np.ndarray]:
    """A curve whose infinite parts lie at `top`, with gaps on the way there."""
    jump = np.flatnonzero(np.diff(np.isinf(y).astype(int))) + 1
    return np.insert(x.astype(float), jump, np.nan), np.insert(np.minimum(y, top), jump, np.nan)


def _sought(result: Result) -> str:
    return "KL(q‖p)" if result.kind == BY_QP else "KL(p‖q)"


def _middle(p: np.ndarray) -> float:
    return float(p @ np.arange(len(p)))


def _hill(result: Result) -> str:
    """What the best hill looks like."""
    spread = float(np.sqrt(result.q @ (np.arange(PLACES) - _middle(result.q)) ** 2))
    return (
        f"Of {histograms.CENTRES.size * histograms.WIDTHS.size} hills the one with the least "
        f"{_sought(result)} has its mean at {_middle(result.q):.1f} and the spread {spread:.1f}."
    )


def _kl(value: float, lacks: str, has: str) -> str:
    """A divergence, with the reason where it is infinite."""
    return f"is infinite: {lacks} is 0 where {has} is not" if np.isinf(value) else f"= {value:.2f}"


def _is(value: float) -> str:
    return f"is {alt.number(value)}"


def _shared(p: np.ndarray, q: np.ndarray) -> str:
    both = int(((p > 0) & (q > 0)).sum())
    return f"both have something at {both} of the places" if both else "they share no place"
