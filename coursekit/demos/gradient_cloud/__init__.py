"""Three hundred minibatch gradients around the true one: how far off they are, and which way."""

from collections.abc import Iterator
from typing import Any, ClassVar

import numpy as np
from matplotlib.axes import Axes

from ...viz import alt, arrange, blank, contours, dress, legend
from ...viz.artists import Labels
from ...viz.themes import Theme
from ..canvas import Canvas
from ..engine import Demo
from ..params import Param
from ..window import Window
from ..worker import Pace
from . import cloud_script
from .batches import (
    BATCHES,
    COPIES,
    ROWS,
    SAMPLING,
    SIZES,
    Cloud,
    angles,
    best,
    covariance,
    coverage,
    digits,
    means,
    spread,
    surface,
)

WIDTHS = tuple(m * 10.0**d for d in range(-3, 5) for m in (1, 2, 5))
ALLOWED = 30.0  # degrees
AROUND = np.linspace(0, 2 * np.pi, 121)
CIRCLE = np.stack([np.cos(AROUND), np.sin(AROUND)])
BINS = np.linspace(0, 180, 19)


def gradient_cloud(state: str | None = None, **settings: Any) -> Demo:
    """See 300 minibatch gradients around the true gradient of a model with two weights.

    Ones and sevens of MNIST are told apart by their ink: the probability of a seven is
    sigmoid(slope * ink + offset).

    >>> import coursekit as ck
    >>> demo = ck.demos.gradient_cloud(B=50)
    >>> demo.compute(**demo.values).wrong < 30
    True
    """
    return GradientCloud(state, **settings).show()


class GradientCloud(Demo):
    """See `gradient_cloud`."""

    name = "gradient_cloud"
    title = "Minibatch gradients: a cloud around the true one"
    asks: ClassVar = {
        "angle": "the angle that nine of ten batches stay within",
        "spread": "the spread of the batch gradients",
        "coverage": "the share of the rows that an epoch sees",
    }
    size = (900, 460)
    params = (
        Param("B", 10, choices=SIZES, label="batch size B"),
        Param("sampling", "shuffled each epoch", choices=tuple(SAMPLING)),
        Param("reduction", "mean", choices=("mean", "sum"), doc="over the rows of a batch"),
        Param("slope", 0.0, (-1.0, 4.0), step=0.02, doc="or drag the point on the loss"),
        Param("offset", 1.0, (-2.5, 2.5), step=0.02, doc="or drag the point on the loss"),
        Param("copies", 1, choices=COPIES, doc="how often each distinct row is in the 2000"),
        Param("lr", 2.0, (0.01, 10.0), log=True, doc="of the steps on the loss"),
        Param("seed", 0, (0, 9), doc="draws the batches",
              active=lambda v: v["sampling"] != "sorted by label"),
    )  # fmt: skip
    presets = {  # noqa: RUF012
        "one row at a time": {"B": 1},
        "100 times the rows": {"B": 100},
        "half the data": {"B": 1000},
        "63 %": {"B": 100, "sampling": "with replacement"},
        "sorted by label": {"B": 2, "sampling": "sorted by label"},
        "sum: lr × B": {"B": 20, "reduction": "sum"},
        "near the minimum": {"B": 100, "slope": 1.7, "offset": 0.1},
        "100 copies": {"B": 20, "sampling": "with replacement", "copies": 100},
    }

    # --- compute ----------------------------------------------------------------------------------
    def run(self, B, sampling, reduction, slope, offset, copies, lr, seed) -> Iterator[Cloud]:
        theta, data = np.array([slope, offset]), digits(copies)
        slopes = data.slopes(theta)
        true, scale = slopes.mean(axis=0), (lambda b: b) if reduction == "sum" else (lambda b: 1)
        draw = (sampling, copies, 0 if sampling == "sorted by label" else seed)

        def cloud(b: int) -> np.ndarray:
            return scale(b) * means(slopes, b, *draw)

        def all_sizes(quantity: Any) -> np.ndarray:
            return np.array([quantity(b) for b in SIZES])

        first = Cloud(
            B, sampling, reduction == "sum", copies, lr, theta, scale(B) * true, cloud(B),
            scale(B) ** 2 * covariance(slopes, B, sampling),
            np.array([]), np.array([]), coverage(*draw), None,
        )  # fmt: skip
        yield first
        clouds, pace = {}, Pace(0.02)
        for b in SIZES:
            if pace.due():
                yield first
            clouds[b] = cloud(b)
        yield first._replace(
            spreads=all_sizes(lambda b: spread(clouds[b], scale(b) * true)),
            wrongs=all_sizes(lambda b: np.quantile(angles(clouds[b], true), 0.9)),
            downhill=float((data.loss(first.ends) < data.loss(theta)).mean()),
        )

    # --- draw -------------------------------------------------------------------------------------
    def build(self, canvas: Canvas, theme: Theme) -> None:
        figure = canvas.figure
        grid = figure.add_gridspec(2, 3, width_ratios=[1.2, 1.2, 1], height_ratios=[1, 1])
        left, middle = (grid[:, k].subgridspec(2, 1, height_ratios=[1, 0.08]) for k in (0, 1))
        self._build_surface(canvas, theme, figure.add_subplot(left[0]))
        self._build_coverage(canvas, theme, figure.add_subplot(left[1]))
        self._build_cloud(canvas, theme, figure.add_subplot(middle[0]))
        self._build_key(theme, figure.add_subplot(middle[1]))
        self._build_angles(canvas, theme, figure.add_subplot(grid[0, 2]))
        self._build_spread(canvas, theme, figure.add_subplot(grid[1, 2]))
        arrange(figure)
        self._copies = 0

    def _build_surface(self, canvas: Canvas, theme: Theme, ax: Axes) -> None:
        s, self.surface = theme.sizes, ax
        ax.set(xlim=(-1, 4), ylim=(-2.5, 2.5))
        dress(ax, theme, "Loss and steps", "slope  (↑ offset)", grid="")
        ax.set(xticks=[0, 2, 4], yticks=[-2, 0, 2])
        self.contours = canvas.rare(contours.Contours(ax, theme))
        (self.least,) = ax.plot([], [], "P", color=theme.ink, markersize=1.3 * s.marker,
                                markeredgecolor=theme.paper)  # fmt: skip
        canvas.rare(self.least)
        self.steps = self._dots(canvas, theme, ax)
        (self.way,) = canvas.all_moving(
            ax.plot([], [], color=theme.color("vermilion"), linewidth=s.line, zorder=5)
        )
        (self.here,) = canvas.all_moving(
            ax.plot([], [], "o", color="none", markeredgecolor=theme.ink, zorder=6,
                    markeredgewidth=s.line, markersize=1.9 * s.marker)
        )  # fmt: skip
        canvas.pointable(ax, self._pointed)

    def _build_coverage(self, canvas: Canvas, theme: Theme, ax: Axes) -> None:
        ax.set(xlim=(0, 1), ylim=(0, 1))
        dress(ax, theme, "", "rows seen in an epoch", grid="")
        ax.set(xticks=[], yticks=[], facecolor=theme.tint(theme.quiet, 0.15))
        for spine in ax.spines.values():
            spine.set_visible(False)
        self.seen = canvas.moving(ax.axvspan(0, 1, color=theme.color("green")))
        self.share = canvas.moving(
            Labels(ax, theme.sizes.label, theme.paper, "bold", "left", "center")
        )

    def _build_cloud(self, canvas: Canvas, theme: Theme, ax: Axes) -> None:
        s = theme.sizes
        ax.set(xlim=(-2, 2), ylim=(-2, 2))
        dress(ax, theme, "300 gradients", "slope  (↑ offset)", grid="")
        ax.axhline(0, color=theme.line, linewidth=s.thin, zorder=1)
        ax.axvline(0, color=theme.line, linewidth=s.thin, zorder=1)
        self.gradients = Window(canvas, theme, ax, ticks=2, widest="−0.5")
        inside: dict[str, Any] = {"transform": self.gradients.transform}
        self.cloud = self._dots(canvas, theme, ax, **inside)
        look: dict[str, Any] = {"linewidth": 0.9 * s.line, "zorder": 5, **inside}
        self.theory = canvas.all_moving(
            ax.plot([], [], "--", color=theme.color("black"), **look)[0] for _ in range(2)
        )
        self.found = canvas.all_moving(
            ax.plot([], [], color=theme.color("orange"), **look)[0] for _ in range(2)
        )
        (self.arrow,) = canvas.all_moving(
            ax.plot([], [], color=theme.color("vermilion"), linewidth=s.line, zorder=6, **inside)
        )
        self.tips = canvas.all_moving(
            ax.plot([], [], shape, color=theme.color(color), markersize=size * s.marker, zorder=7,
                    markeredgecolor=theme.paper, markeredgewidth=1.0, **inside)[0]
            for shape, color, size in (("D", "vermilion", 1.9), ("s", "orange", 0.9))
        )  # fmt: skip

    def _build_key(self, theme: Theme, ax: Axes) -> None:
        blank(ax, theme)
        ax.set(xlim=(0, 1), ylim=(0, 1), xlabel=" ")  # as high as the coverage beside it
        key = (
            ("◆ true", "vermilion", 0.0, 0.5, "left"),
            ("■ mean", "orange", 1.0, 0.5, "right"),
            ("— 1, 2σ", "orange", 0.0, -0.9, "left"),
            ("-- theory", "black", 1.0, -0.9, "right"),
        )
        for words, color, x, y, side in key:
            ax.text(x, y, words, color=theme.text(color), ha=side, va="center",
                    fontsize=theme.sizes.label, fontweight="bold", in_layout=False)  # fmt: skip

    def _build_angles(self, canvas: Canvas, theme: Theme, ax: Axes) -> None:
        s = theme.sizes
        ax.set(xlim=(0, 180), ylim=(0, 1))
        dress(ax, theme, "Angle error", "degrees")
        ax.set(xticks=[0, 30, 90, 180])
        self.histogram = Window(canvas, theme, ax, x=False, ticks=2, widest="0.5")
        ax.axvline(ALLOWED, color=theme.quiet, linestyle=":", linewidth=s.line)
        self.bars = canvas.moving(
            ax.stairs(np.zeros(18), BINS, fill=True, color=theme.color("sky"),
                      transform=self.histogram.transform)
        )  # fmt: skip
        self.most = canvas.all_moving(ax.plot([], [], color=theme.ink, linewidth=s.line, zorder=6))[
            0
        ]
        self.told = canvas.moving(Labels(ax, s.label, theme.ink, "bold", "left", "top"))

    def _build_spread(self, canvas: Canvas, theme: Theme, ax: Axes) -> None:
        s = theme.sizes
        ax.set(xscale="log", yscale="log", xlim=(0.8, 2500), ylim=(0.005, 2))
        dress(ax, theme, "Error", "batch size B")
        legend(ax, theme, {"length of ◆": "vermilion"})
        self.sizes = Window(canvas, theme, ax, x=False, ticks=5, widest="0.001")
        vermilion, black, sky = map(theme.color, ("vermilion", "black", "sky"))
        inside: dict[str, Any] = {"transform": self.sizes.transform}
        self.length, self.expected, self.measured, self.now = canvas.all_moving(
            [
                *ax.plot([], [], color=vermilion, linewidth=0.7 * s.line, zorder=4, **inside),
                *ax.plot([], [], "--", color=black, linewidth=0.8 * s.line, zorder=5, **inside),
                *ax.plot([], [], "o", color=sky, markersize=1.2 * s.marker, zorder=6, **inside),
                *ax.plot([], [], "o", color="none", markeredgecolor=theme.ink, zorder=7,
                         markeredgewidth=s.line, markersize=1.9 * s.marker, clip_on=False,
                         **inside),
            ]
        )  # fmt: skip

    def _dots(self, canvas: Canvas, theme: Theme, ax: Axes, **more: Any) -> Any:
        return canvas.moving(
            ax.plot([], [], "o", color=theme.color("sky"), markersize=0.62 * theme.sizes.marker,
                    markeredgewidth=0, zorder=4, **more)[0]
        )  # fmt: skip

    def draw(self, r: Cloud) -> None:
        self._draw_surface(r)
        self.seen.set_width(r.coverage)
        self.share.set_labels([(0.03, 0.5)], [f"{100 * r.coverage:.3g} %"])

        mean, found = r.cloud.mean(axis=0), np.cov(r.cloud.T, bias=True)
        self.cloud.set_data(*r.cloud.T)
        for k, (expected, measured) in enumerate(zip(self.theory, self.found, strict=True), 1):
            expected.set_data(*(r.true[:, None] + k * _root(r.theory) @ CIRCLE))
            measured.set_data(*(mean[:, None] + k * _root(found) @ CIRCLE))
        self.arrow.set_data([0, r.true[0]], [0, r.true[1]])
        for tip, at in zip(self.tips, (r.true, mean), strict=True):
            tip.set_data(*at[:, None])
        reach = max(1.2 * abs(r.true).max(), 1.05 * np.quantile(abs(r.cloud).max(axis=1), 0.99))
        half = next((w for w in WIDTHS if w > reach), WIDTHS[-1])
        self.gradients.show(xlim=(-half, half), ylim=(-half, half))

        degrees = angles(r.cloud, r.true)
        share = np.histogram(degrees, BINS)[0] / BATCHES
        self.bars.set_data(share)
        top = next(t for t in (0.35, 0.7, 1.05) if share.max() < t)
        self.histogram.show(ylim=(0.0, top))
        self.most.set_data([r.wrong] * 2, [0, 0.8])
        right = r.wrong < 90
        self.told.align = 0.0 if right else 1.0
        where = (max(r.wrong, ALLOWED) + 5 if right else r.wrong - 5, 0.98)
        self.told.set_labels([where], [f"90 % < {r.wrong:.0f}°"])

        sizes = np.array(SIZES, float)
        whole = r.B if r.total else 1
        scales = sizes if r.total else np.ones(len(sizes))
        lengths = scales * np.linalg.norm(r.true) / whole
        finer = np.geomspace(1, ROWS, 200)
        self.length.set_data(sizes, lengths)
        self.expected.set_data(finer, r.expected(finer))
        top = 10.0 ** np.ceil(np.log10(1.1 * max(r.expected(sizes).max(), lengths.max())))
        low = top / (1e4 if r.total else 1e3)
        self.sizes.show(ylim=(low, top))
        seen = r.spreads > low if len(r.spreads) else np.zeros(len(sizes), bool)
        self.measured.set_data(sizes[seen], r.spreads[seen] if seen.any() else [])
        self.now.set_data([r.B], [max(r.spread, low)])

    def _draw_surface(self, r: Cloud) -> None:
        if self._copies != r.copies:
            self._copies, low = r.copies, best(r.copies)
            x, y, z = surface(r.copies)
            least = float(digits(r.copies).loss(low))
            self.contours.set_data(x, y, z, contours.heights(z, least))
            self.least.set_data(*low[:, None])
        self.steps.set_data(*r.ends.T)
        self.way.set_data(*np.stack([r.theta, r.theta - r.lr * r.true], axis=1))
        self.here.set_data(*r.theta[:, None])

    def _pointed(self, x: float, y: float) -> dict[str, float]:
        return {"slope": x, "offset": y}

    # --- words ------------------------------------------------------------------------------------
    def status(self, r: Cloud) -> str:
        length = float(np.linalg.norm(r.true))
        said = (
            f"Nine of ten batches of {alt.count(r.B, 'row')} point within {r.wrong:.0f}° of the "
            f"true gradient: {_judged(r)}. They miss it by {alt.number(r.spread / length)} of its "
            f"length (rms)"
        )
        said += f", their mean by {alt.number(r.bias)}." if r.biased else "."
        if r.different < BATCHES / 2:
            said += (
                f" There are only {alt.count(r.different, 'different batch', 'different batches')}."
            )
        if r.total:
            said += f" Summed, lr {r.lr:g} takes steps like lr {r.lr * r.B:g} on the mean."
        if r.downhill is not None:
            said += f" {alt.percent(r.downhill)} of the steps lower the loss."
        seen = "all rows" if r.coverage == 1 else f"{alt.percent(r.coverage)} of the rows"
        return f"{said} An epoch sees {seen}."

    def describe(self, r: Cloud) -> str:
        x, y = r.theta
        over = "sum" if r.total else "mean"
        return (
            f"Three hundred gradients, each the {over} over {alt.count(r.B, 'row')} drawn "
            f"{_how(r.sampling)}, around the true gradient at slope {alt.number(x)} and offset "
            f"{alt.number(y)}, with ellipses of 1 and 2 standard deviations. Beside it the loss "
            f"with a step along each of them, a histogram of angles, 90 percent below "
            f"{r.wrong:.0f} degrees, and the distance from the true gradient against the batch "
            f"size, here {alt.number(r.spread)} where theory for random batches says "
            f"{alt.number(float(r.expected(r.B)))}."
        )

    def numbers(self, r: Cloud) -> dict[str, float]:
        return {"spread": r.spread, "angle": r.wrong, "coverage": r.coverage}

    def script(self, lr, **values) -> str:
        return cloud_script.script(**values)


# --- the parts -----------------------------------------------------------------------------------
def _judged(r: Cloud) -> str:
    """Whether the batch is good enough, and whether a smaller one would be."""
    if r.wrong > ALLOWED:
        return f"not good enough for {ALLOWED:.0f}°"
    if not len(r.wrongs):
        return f"good enough for {ALLOWED:.0f}°"
    cheapest = SIZES[int(np.argmax(r.wrongs <= ALLOWED))]
    return (
        f"good enough for {ALLOWED:.0f}°, and the cheapest B that is"
        if cheapest == r.B
        else f"good enough for {ALLOWED:.0f}°, but a cheaper B is too"
    )


def _how(sampling: str) -> str:
    return {
        "with replacement": "with replacement",
        "shuffled each epoch": "from rows shuffled for every epoch",
        "shuffled once": "from rows shuffled once",
        "sorted by label": "from rows sorted by label",
    }[sampling]


def _root(covariance: np.ndarray) -> np.ndarray:
    """A matrix whose square is the covariance."""
    values, vectors = np.linalg.eigh(covariance)
    return vectors * np.sqrt(np.maximum(values, 0))
