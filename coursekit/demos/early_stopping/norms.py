"""What gradient norms tell while a network memorizes: a view of `early_stopping`."""

from collections.abc import Iterator
from typing import Any, ClassVar, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Polygon

from ...viz import alt, arrange, dress, legend, outlined
from ...viz.artists import Labels
from ...viz.themes import Theme
from ..canvas import Canvas
from ..views import View
from ..window import Window
from ..worker import Pace
from . import few_digits
from .few_digits import EPOCHS, Problem, Training, problem, training
from .when import TOPS, said

DEPTHS = (1e-5, 1e-4, 1e-3, 1e-2)  # where the axis of norms may end
HEIGHTS = (10.0, 100.0, 1000.0, 1e4)


class Result(NamedTuple):
    """Gradient norms after each epoch so far, and the losses beside them."""

    problem: Problem
    B: int
    tolerance: float
    full: np.ndarray  # (epochs + 1,) norm of the gradient of the training loss
    noisy: np.ndarray  # that of one batch of B digits
    floor: np.ndarray  # what the batch alone adds: the root of its variance
    train: np.ndarray
    val: np.ndarray
    stops: tuple[int, int]  # the first epoch with norms within the tolerance; -1 if none
    accuracies: tuple[float, float, float]  # on test digits: at the two stops, at the lowest loss
    done: bool

    @property
    def expected(self) -> np.ndarray:
        """The root of the mean square of the norm of a batch's gradient."""
        return np.sqrt(self.full**2 + self.floor**2)

    @property
    def lowest(self) -> int:
        """The epoch with the lowest validation loss."""
        return int(self.val.argmin())


class NormView(View):
    """See `early_stopping`."""

    gives = Result
    asks: ClassVar = {
        "norm": "the gradient norm at the end",
        "expected": "the norm that a batch expects",
    }

    # --- compute ----------------------------------------------------------------------------------
    def run(self, B: int, tolerance: float, **v: Any) -> Iterator[Result]:
        run, pace = training(problem(v)), Pace(0.02)
        pace.due()
        for _ in run.measure():
            if pace.due():
                yield _seen(run, B, tolerance)
        yield _seen(run, B, tolerance)

    # --- draw -------------------------------------------------------------------------------------
    def build(self, canvas: Canvas, theme: Theme) -> None:
        grid = canvas.figure.add_gridspec(2, 1, height_ratios=[1.5, 1])
        self._build_norms(canvas, theme, canvas.figure.add_subplot(grid[0]))
        self._build_losses(canvas, theme, canvas.figure.add_subplot(grid[1]))
        arrange(canvas.figure)

    def _build_norms(self, canvas: Canvas, theme: Theme, ax: Axes) -> None:
        s = theme.sizes
        ax.set(xlim=(0, EPOCHS), ylim=(1e-3, 10), yscale="log")
        dress(ax, theme, "Gradient norm")
        ax.tick_params(labelbottom=False)
        self.norms = Window(canvas, theme, ax, x=False, widest="0.001")
        words = {"whole": "blue", "● one batch": "orange", "- - expected": "orange",
                 "■ noise": "purple"}  # fmt: skip
        legend(ax, theme, words)
        hue = {name: theme.color(name) for name in ("blue", "orange", "purple")}
        (self.dots,) = canvas.all_moving(
            ax.plot([], [], "o", color=theme.tint(hue["orange"], 0.7), zorder=4,
                    markersize=0.6 * s.marker, markeredgewidth=0)
        )  # fmt: skip
        self.curves = canvas.all_moving(
            ax.plot([], [], line, color=hue[color], linewidth=width * s.line, zorder=5)[0]
            for line, color, width in (("-", "blue", 1.2), ("--", "orange", 1))
        )  # fmt: skip
        self.floor = canvas.moving(
            ax.add_patch(Polygon([(0, 1)], facecolor=theme.tint(hue["purple"], 0.3), linewidth=0))
        )
        self.floor.set_zorder(3)
        (self.tolerance,) = canvas.all_moving(
            ax.plot([], [], color=theme.ink, linewidth=0.7 * s.line, zorder=6)
        )
        self.word = canvas.moving(Labels(ax, s.tick, theme.ink, ha="right"))
        self.word.set(path_effects=outlined(theme), zorder=7)
        canvas.pointable(ax, lambda x, y: {"tolerance": y}, self.norms.transform)
        self.above = self._marks(canvas, theme, ax)
        self.norms.hold(self.dots, *self.curves, self.floor, self.tolerance, *self.above)

    def _build_losses(self, canvas: Canvas, theme: Theme, ax: Axes) -> None:
        s = theme.sizes
        ax.set(xlim=(0, EPOCHS), ylim=(0, 2.5))
        dress(ax, theme, "Loss", "epoch")
        self.loss = Window(canvas, theme, ax, x=False, widest="2.5")
        words = {"training": "blue", "validation": "vermilion", "★ lowest": "vermilion",
                 "◆ whole ≤": "blue", "■ batch ≤": "orange"}  # fmt: skip
        legend(ax, theme, words)
        self.losses = canvas.all_moving(
            ax.plot([], [], color=theme.color(color), linewidth=s.line, zorder=5)[0]
            for color in ("blue", "vermilion")
        )
        self.below = self._marks(canvas, theme, ax)
        (self.star,) = canvas.all_moving(
            ax.plot([], [], "*", color=theme.color("vermilion"), markersize=2.5 * s.marker,
                    markeredgecolor=theme.ink, zorder=8, clip_on=False)
        )  # fmt: skip
        self.loss.hold(*self.losses, *self.below, self.star)

    def _marks(self, canvas: Canvas, theme: Theme, ax: Axes) -> list[Any]:
        """Where a norm is within the tolerance for the first time."""
        return canvas.all_moving(
            ax.plot([], [], marker, color=theme.color(color), zorder=8, clip_on=False,
                    markersize=1.7 * theme.sizes.marker, markeredgecolor=theme.ink)[0]
            for marker, color in (("D", "blue"), ("s", "orange"))
        )  # fmt: skip

    def draw(self, result: Result) -> None:
        epochs = np.arange(len(result.full))
        least = min(result.full.min(), result.noisy.min(), result.tolerance)
        most = max(result.noisy.max(), result.full.max(), result.tolerance)
        low = max((d for d in DEPTHS if d <= least), default=DEPTHS[0])
        high = next((h for h in HEIGHTS if h >= most), HEIGHTS[-1])
        self.norms.show(ylim=(low, high))
        for curve, values in zip(self.curves, (result.full, result.expected), strict=True):
            curve.set_data(epochs, np.clip(values, low, high))
        above = np.column_stack([epochs, np.clip(result.floor, low, high)])
        self.floor.set_xy([(0, low), *above, (epochs[-1], low)])
        self.dots.set_data(epochs, np.clip(result.noisy, low, high))
        self.tolerance.set_data([0, EPOCHS], [result.tolerance] * 2)
        beside = self.norms.place([(0.99 * EPOCHS, 1.12 * result.tolerance)])
        self.word.set_labels(beside, ["tolerance"])
        top = 1.05 * max(result.val.max(), result.train[0])
        top = next((t for t in TOPS if t >= top), TOPS[-1])
        self.loss.show(ylim=(0.0, top))
        for curve, values in zip(self.losses, (result.train, result.val), strict=True):
            curve.set_data(epochs, np.minimum(values, top))
        self.star.set_data([result.lowest], [min(result.val[result.lowest], top)])
        for k, (epoch, norm) in enumerate(
            zip(result.stops, (result.full, result.noisy), strict=True)
        ):
            at = [epoch] if epoch >= 0 else []
            self.above[k].set_data(at, [max(norm[e], low) for e in at])
            self.below[k].set_data(at, [min(result.val[e], top) for e in at])

    # --- words ------------------------------------------------------------------------------------
    def status(self, result: Result) -> str:
        rules = []
        whole = "of all digits"
        for epoch, right, what in zip(
            result.stops, result.accuracies[:2], (whole, f"of a batch of {result.B}"), strict=True
        ):
            if epoch < 0:
                rules.append(f"{what} never")
            else:
                rules.append(f"{what} at epoch {epoch} ({alt.percent(right)} right)")
        return (
            f"The gradient norm is {alt.number(result.tolerance)} or less, "
            + "; ".join(rules)
            + f". The validation loss is lowest at epoch {result.lowest} "
            f"({alt.percent(result.accuracies[2])} right). At the end the norm is "
            f"{alt.number(result.full[-1])}, and a batch expects "
            f"{alt.number(result.expected[-1])}."
        )

    def describe(self, result: Result) -> str:
        return (
            f"Gradient norms after each epoch, {said(result.problem)}: that of the whole loss "
            f"{alt.trend(result.full)}, the floor under batches of {result.B} "
            f"{alt.trend(result.floor)}. The training loss {alt.trend(result.train)}, the "
            f"validation loss {alt.trend(result.val)}. {self.status(result)}"
        )

    def numbers(self, result: Result) -> dict[str, float]:
        return {
            "norm": float(result.full[-1]),
            "noisy": float(result.noisy[-1]),
            "expected": float(result.expected[-1]),
            "epoch": result.stops[0],
            "noisy_epoch": result.stops[1],
        }

    def script(self, B: int, tolerance: float, **v: Any) -> str:
        p = problem(v)
        B = min(B, p.examples)
        return f"""\
{few_digits.script(p)}
B, epoch, noisy_epoch = {B}, -1, -1
for k, (theta, train, val) in enumerate(training({p.seed})):
    theta, rows = theta.astype("float64"), np.random.default_rng([7, k]).permutation(n)[:B]
    norm, noisy = (np.linalg.norm(part.grad(theta)) for part in (f, f.batch(rows)))
    if epoch < 0 and norm <= {tolerance!r}:
        epoch = k
    if noisy_epoch < 0 and noisy <= {tolerance!r}:
        noisy_epoch = k
single = np.array([f.batch(np.array([i])).grad(theta) for i in range(n)])
variance = single.var(axis=0, ddof=1).sum() / B * (1 - B / n)
expected = np.sqrt(norm**2 + variance)
print(f"norm {{norm:.4g}}, of a batch {{noisy:.4g}}, expected {{expected:.4g}}")
"""


# --- the parts -----------------------------------------------------------------------------------
def _seen(run: Training, B: int, tolerance: float) -> Result:
    n, known = run.problem.examples, len(run.batch_norms)
    B = min(B, n)
    norms = np.array(run.batch_norms)
    full, noisy = norms[:, -1], norms[:, B - 1]
    floor = np.sqrt(np.array(run.spreads) / B * (1 - B / n))
    stops = tuple(_first(norm <= tolerance) for norm in (full, noisy))
    train, val = np.array(run.train[:known]), np.array(run.val[:known])
    at = (*stops, int(val.argmin()))
    return Result(
        run.problem, B, tolerance, full, noisy, floor, train, val, stops,  # type: ignore[arg-type]
        tuple(run.test(e) if e >= 0 else 0.0 for e in at),  # type: ignore[arg-type]
        run.done and known == len(run.thetas),
    )  # fmt: skip


def _first(yes: np.ndarray) -> int:
    return int(yes.argmax()) if yes.any() else -1
