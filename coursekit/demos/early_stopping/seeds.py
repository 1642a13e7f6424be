"""Trainings that differ by chance alone: a view of `early_stopping`."""

import functools
from collections.abc import Iterator
from typing import Any, ClassVar, NamedTuple

import numpy as np
from matplotlib.axes import Axes

from ...viz import alt, arrange, dress
from ...viz.artists import Labels
from ...viz.themes import Theme
from ..canvas import Canvas
from ..views import View
from ..worker import Pace
from . import few_digits
from .few_digits import Problem, Training, problem, training
from .when import said

BINS = np.logspace(-3, 1, 61)
KINDS = ("training loss, last", "validation loss, last", "validation loss, lowest")


class End(NamedTuple):
    """What one training comes to."""

    train: float
    val: float
    lowest: float
    right: float  # of the test digits, after the last epoch
    restored: float  # with the parameters of the lowest validation loss


class Result(NamedTuple):
    """The trainings that have ended so far."""

    problem: Problem  # of the first seed
    runs: int  # asked for
    ends: np.ndarray  # (so far, 5), the columns of `End`
    done: bool

    @property
    def losses(self) -> np.ndarray:
        """(so far, 3): last training, last validation, lowest validation loss."""
        return self.ends[:, :3]

    @property
    def helped(self) -> int:
        """How many trainings read more test digits rightly with the restored parameters."""
        return int((self.ends[:, 4] > self.ends[:, 3]).sum())


class SeedView(View):
    """See `early_stopping`."""

    gives = Result
    asks: ClassVar = {
        "last": "the last validation loss (median)",
        "right": "the share of test digits right (median)",
    }

    # --- compute ----------------------------------------------------------------------------------
    def run(self, runs: int, **v: Any) -> Iterator[Result]:
        first, pace = problem(v, seed=0), Pace(0.02)
        pace.due()
        ends: list[End] = []

        def so_far(done: bool) -> Result:
            return Result(first, runs, np.array(ends).reshape(-1, 5), done)

        for seed in range(runs):
            p = first._replace(seed=seed)
            if p not in _known():
                run = training(p) if seed == 0 else Training(p)
                for _ in run.grow():
                    if pace.due():
                        yield so_far(False)
                _known()[p] = _end(run)
            ends.append(_known()[p])
        yield so_far(True)

    # --- draw -------------------------------------------------------------------------------------
    def build(self, canvas: Canvas, theme: Theme) -> None:
        grid = canvas.figure.add_gridspec(3, 2, width_ratios=[1.55, 1])
        colors = ("blue", "vermilion", "green")
        self.piles: list[Any] = []
        self.middles: list[Labels] = []
        self.above = 12.3 if theme.projector else 11.8  # where the titles are, 10 being the top
        for k, (kind, color) in enumerate(zip(KINDS, colors, strict=True)):
            self._build_pile(canvas, theme, canvas.figure.add_subplot(grid[k, 0]), kind, color)
        self._build_pairs(canvas, theme, canvas.figure.add_subplot(grid[:, 1]))
        arrange(canvas.figure)

    def _build_pile(self, canvas: Canvas, theme: Theme, ax: Axes, kind: str, color: str) -> None:
        s, hue = theme.sizes, theme.color(color)
        ax.set(xlim=(BINS[0], BINS[-1]), ylim=(0, 10), xscale="log")
        dress(ax, theme, kind.capitalize(), grid="x")
        ax.set_yticks([])
        ax.spines["left"].set_visible(False)
        if kind != KINDS[-1]:
            ax.tick_params(labelbottom=False)
        (dots,) = canvas.all_moving(
            ax.plot([], [], "o", color=hue, markersize=0.85 * s.marker, clip_on=False, zorder=5,
                    markeredgecolor=theme.paper)
        )  # fmt: skip
        self.piles.append(dots)
        self.middles.append(
            canvas.moving(Labels(ax, s.label, theme.text(color), "bold", ha="right"))
        )

    def _build_pairs(self, canvas: Canvas, theme: Theme, ax: Axes) -> None:
        s = theme.sizes
        ax.set(xlim=(0, 100), ylim=(0, 100))
        dress(ax, theme, "Test digits right (%)", "after the last epoch", "restored", grid="both")
        ax.set_box_aspect(1)
        ax.plot([0, 100], [0, 100], color=theme.line, linewidth=s.thin, zorder=1)
        ax.text(8, 95, "stopping helps", fontsize=s.tick, color=theme.quiet, va="top")
        ax.text(96, 5, "stopping hurts", fontsize=s.tick, color=theme.quiet, ha="right")
        (self.pairs,) = canvas.all_moving(
            ax.plot([], [], "o", color=theme.color("green"), markersize=1.1 * s.marker, zorder=5,
                    markeredgecolor=theme.paper)
        )  # fmt: skip

    def draw(self, result: Result) -> None:
        for dots, words, values in zip(self.piles, self.middles, result.losses.T, strict=True):
            dots.set_data(*_piled(values))
            said = [f"{_spread(values)}"] if len(values) else []
            words.set_labels([(BINS[-1], self.above)] * len(said), said)
        self.pairs.set_data(*100 * result.ends[:, 3:].T)

    # --- words ------------------------------------------------------------------------------------
    def status(self, result: Result) -> str:
        if not len(result.ends):
            return f"0 of {result.runs} trainings."
        found = alt.listing(
            f"{kind}: {_spread(values)}"
            for kind, values in zip(KINDS, result.losses.T, strict=True)
        )
        n = len(result.ends)
        many = alt.count(n, "training") if result.done else f"{n} of {result.runs} trainings"
        last, restored = np.median(result.ends[:, 3:], axis=0)
        return (
            f"{many}. {found.capitalize()}. Restoring the lowest validation loss helps "
            f"{result.helped} of {n}: {alt.percent(restored)} of the test digits right, "
            f"{alt.percent(last)} after the last epoch (medians)."
        )

    def describe(self, result: Result) -> str:
        return (
            f"Final losses as piles of dots, and test digits read rightly with the restored "
            f"parameters against those of the last epoch, {said(result.problem)}, "
            f"seeds 0 to {result.runs - 1}. {self.status(result)}"
        )

    def numbers(self, result: Result) -> dict[str, float]:
        middle = np.median(result.ends, axis=0)
        return {"last": middle[1], "lowest": middle[2], "right": middle[3], "restored": middle[4]}

    def script(self, runs: int, **v: Any) -> str:
        return f"""\
{few_digits.script(problem(v, seed=0))}
ends = []
for seed in range({runs}):
    best = np.inf
    for theta, train, val in training(seed):
        if val < best:
            best, kept = val, theta
    ends.append((val, best, accuracy(theta), accuracy(kept)))
last, lowest, right, restored = np.median(ends, axis=0)
print(f"validation loss, last {{last:.4f}}, lowest {{lowest:.4f}}")
print(f"test digits right, last {{right:.1%}}, restored {{restored:.1%}}")
"""


# --- the parts -----------------------------------------------------------------------------------
@functools.cache
def _known() -> dict[Problem, End]:
    """What trainings came to, in this process."""
    return {}


def _end(run: Training) -> End:
    best = int(np.argmin(run.val))
    last = len(run.val) - 1
    return End(run.train[-1], run.val[-1], run.val[best], run.test(last), run.test(best))


def _piled(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Dots at the middles of their bins, one above the other."""
    bins = np.clip(np.digitize(values, BINS) - 1, 0, len(BINS) - 2)
    height = np.array([(bins[:k] == b).sum() for k, b in enumerate(bins)], dtype=float)
    apart = min(1.3, 9 / max(height.max(initial=0), 1))
    return np.sqrt(BINS[bins] * BINS[bins + 1]), 0.6 + apart * height


def _spread(values: np.ndarray) -> str:
    low, high = values.min(), values.max()
    return f"{alt.number(low, 2)} to {alt.number(high, 2)}"
