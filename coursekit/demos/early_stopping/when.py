"""Where early stopping ends a training, for every patience: a view of `early_stopping`."""

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar, NamedTuple

import numpy as np
from matplotlib.axes import Axes

from ...run import EarlyStopping
from ...viz import alt, arrange, dress, legend
from ...viz.artists import Labels
from ...viz.themes import Theme
from ..canvas import Canvas
from ..views import View
from ..window import Window
from ..worker import Pace
from . import few_digits
from .few_digits import EPOCHS, Problem, Training, problem, training

PATIENCES = (1, 2, 3, 5, 10, 20)
FEW = (1, 5, 20)  # as many as can be read from the last row
TOPS = (0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)


class Stop(NamedTuple):
    """What one rule does: the epoch it ends with, and the one whose parameters it returns."""

    patience: int
    epoch: int
    best: int  # 0 is the start
    stopped: bool
    accuracy: float  # on the test digits, of what it returns


class Result(NamedTuple):
    """A training so far, and what rules of stopping make of it."""

    problem: Problem
    train: np.ndarray  # (epochs + 1,)
    val: np.ndarray
    mine: Stop
    others: tuple[Stop, ...]
    min_delta: float
    every: int
    end: float  # the accuracy without a rule
    given_up: bool  # because of a loss that is far too large
    done: bool

    @property
    def last(self) -> int:
        """The last epoch there is."""
        return len(self.val) - 1

    @property
    def lowest(self) -> int:
        """The epoch with the lowest validation loss of all."""
        return int(self.val.argmin())


def stop(val: Sequence[float], rule: EarlyStopping) -> tuple[int, int, bool]:
    """The epoch a rule ends with on a curve of validation losses, its best, and whether it ended
    the training; `val[0]` belongs to the start, which no rule looks at."""
    watch = rule.start()
    for epoch in range(1, len(val)):
        watch = rule.observe(watch, epoch, val[epoch])
        if watch.stop:
            return epoch, watch.best_epoch, True
    return len(val) - 1, watch.best_epoch, False


class WhenView(View):
    """See `early_stopping`."""

    gives = Result
    asks: ClassVar = {
        "epoch": "the epoch it ends with",
        "lowest": "the validation loss of what is restored",
        "right": "the share of test digits right",
    }

    # --- compute ----------------------------------------------------------------------------------
    def run(self, patience: int, every: int, min_delta: float, **v: Any) -> Iterator[Result]:
        run, pace = training(problem(v)), Pace(0.02)
        pace.due()
        for _ in run.grow():
            if pace.due():
                yield _seen(run, patience, every, min_delta)
        yield _seen(run, patience, every, min_delta)

    # --- draw -------------------------------------------------------------------------------------
    def build(self, canvas: Canvas, theme: Theme) -> None:
        grid = canvas.figure.add_gridspec(2, 1, height_ratios=[1.3, 1])
        self._build_curves(canvas, theme, canvas.figure.add_subplot(grid[0]))
        self._build_rules(canvas, theme, canvas.figure.add_subplot(grid[1]))
        arrange(canvas.figure)

    def _build_curves(self, canvas: Canvas, theme: Theme, ax: Axes) -> None:
        s = theme.sizes
        ax.set(xlim=(0, 1.12 * EPOCHS), ylim=(0, 2.5))
        dress(ax, theme, "Loss")
        ax.set_xticks(range(0, EPOCHS + 1, 20), [])
        self.loss = Window(canvas, theme, ax, x=False, widest="2.5")
        words = {"training": "blue", "● validation": "vermilion", "★ restored": "black",
                 "✕ stopped": "black"}  # fmt: skip
        legend(ax, theme, words)
        self.ahead, self.behind, self.dot = [], [], 0.55 * s.marker
        for color, marker in (("blue", ""), ("vermilion", "o")):
            hue = theme.color(color)
            self.ahead += canvas.all_moving(
                ax.plot([], [], color=theme.tint(hue, 0.4), linewidth=s.thin, zorder=4)
            )
            self.behind += canvas.all_moving(
                ax.plot([], [], color=hue, linewidth=s.line, marker=marker, zorder=5,
                        markersize=self.dot, markeredgewidth=0)
            )  # fmt: skip
        self.marks = self._marks(canvas, theme, ax, 2.3)
        self.loss.hold(*self.ahead, *self.behind, *self.marks)

    def _build_rules(self, canvas: Canvas, theme: Theme, ax: Axes) -> None:
        s = theme.sizes
        self.shown = FEW if theme.projector else PATIENCES
        n = len(self.shown)
        ax.set(xlim=(0, 1.12 * EPOCHS), ylim=(-0.6, n + 0.6))
        dress(ax, theme, "What each patience would do", "epoch", "patience", grid="x")
        ax.set_xticks(range(0, EPOCHS + 1, 20))
        ax.set_yticks(range(n), [str(p) for p in reversed(self.shown)])
        legend(ax, theme, {"test digits right": "black"})
        self.bars = canvas.all_moving(
            ax.plot([], [], color=theme.tint(theme.color("vermilion"), 0.6), zorder=4,
                    linewidth=0.8 * s.line)[0]
            for _ in range(n)
        )  # fmt: skip
        (self.bar,) = canvas.all_moving(
            ax.plot([], [], color=theme.color("vermilion"), linewidth=1.6 * s.line, zorder=5)
        )
        self.ends = self._marks(canvas, theme, ax, 1.3)
        self.rates = canvas.moving(Labels(ax, s.tick, theme.ink, ha="left", va="center"))
        self.rate = canvas.moving(Labels(ax, s.tick, theme.ink, "bold", ha="left", va="center"))
        self.name = canvas.moving(Labels(ax, s.tick, theme.ink, "bold", ha="right", va="center"))

    def _marks(self, canvas: Canvas, theme: Theme, ax: Axes, size: float) -> list[Any]:
        """A star for what is restored and a cross for where it ends."""
        marker = theme.sizes.marker
        return canvas.all_moving(
            ax.plot([], [], shape, color=theme.ink, markersize=size * more * marker, zorder=8,
                    markeredgecolor=theme.paper, clip_on=False)[0]
            for shape, more in (("*", 1.2), ("X", 0.8))
        )  # fmt: skip

    def draw(self, result: Result) -> None:
        mine, val = result.mine, result.val
        top = 1.05 * max(val.max(), result.train[0])
        top = next((t for t in TOPS if t >= top), TOPS[-1])
        self.loss.show(ylim=(0.0, top))
        epochs = np.arange(len(val))
        now = mine.epoch + 1
        for curve, values in enumerate((result.train, val)):
            values = np.minimum(values, top)
            self.ahead[curve].set_data(epochs[now - 1 :], values[now - 1 :])
            self.behind[curve].set_data(epochs[:now], values[:now])
        checks = [e for e in range(1, now) if e % result.every == 0]
        self.behind[1].set_markevery(checks)
        self.behind[1].set_markersize(self.dot if result.every == 1 else 2 * self.dot)
        star, cross = self.marks
        star.set_data([mine.best], [min(val[mine.best], top)])
        cross.set_data([mine.epoch] * mine.stopped, [min(val[mine.epoch], top)] * mine.stopped)

        others = [rule for rule in result.others if rule.patience in self.shown]
        n = len(others)
        rows = [*zip(others, reversed(range(n)), strict=True), (mine, n)]
        for bar, (rule, y) in zip([*self.bars, self.bar], rows, strict=True):
            bar.set_data([rule.best, rule.epoch], [y, y])
        stars, crosses = self.ends
        stars.set_data([rule.best for rule, _ in rows], [y for _, y in rows])
        ended = [(rule.epoch, y) for rule, y in rows if rule.stopped]
        crosses.set_data([x for x, _ in ended], [y for _, y in ended])
        right = 1.02 * EPOCHS
        said = [(right, y) for _, y in rows]
        words = [alt.percent(rule.accuracy).replace(" ", "\u2009") for rule, _ in rows]
        self.rates.set_labels(said[:-1], words[:-1])
        self.rate.set_labels(said[-1:], words[-1:])
        self.name.set_labels([(-0.6, n)], [f"▸{mine.patience}"])

    # --- words ------------------------------------------------------------------------------------
    def status(self, result: Result) -> str:
        mine, low = result.mine, result.lowest
        if mine.stopped:
            said = f"Stopped after epoch {mine.epoch}, epoch {mine.best} restored"
        elif result.given_up:
            said = f"The loss explodes after epoch {result.last}, epoch {mine.best} restored"
        else:
            said = f"Not stopped in {result.last} epochs, epoch {mine.best} restored"
        said += (
            f": validation loss {alt.number(result.val[mine.best])}, "
            f"{alt.percent(mine.accuracy)} of the test digits right"
        )
        if mine.best != low:
            said += f"; the lowest is {alt.number(result.val[low])} at epoch {low}"
        return (
            f"{said}. Without stopping {alt.number(result.val[-1])} and {alt.percent(result.end)}, "
            f"training loss {alt.number(result.train[-1])}."
        )

    def describe(self, result: Result) -> str:
        rest = alt.listing(
            f"patience {rule.patience} "
            + (f"stops at {rule.epoch}" if rule.stopped else "never stops")
            + f" and restores {rule.best}"
            for rule in result.others
        )
        return (
            f"Loss by epoch, {said(result.problem)}: training {alt.trend(result.train)}, "
            f"validation falls to {alt.number(result.val.min())} at epoch {result.lowest} and ends "
            f"at {alt.number(result.val[-1])}. Below, {rest}. {self.status(result)}"
        )

    def numbers(self, result: Result) -> dict[str, float]:
        mine = result.mine
        return {
            "epoch": mine.epoch,
            "best_epoch": mine.best,
            "lowest": float(result.val[mine.best]),
            "right": mine.accuracy,
        }

    def script(self, patience: int, every: int, min_delta: float, **v: Any) -> str:
        p = problem(v)
        return f"""\
{few_digits.script(p)}
rule = ck.EarlyStopping({patience}, min_delta={min_delta!r}, every={every})
watch = rule.start()
for epoch, (theta, train, val) in enumerate(training({p.seed})):
    if epoch:
        watch = rule.observe(watch, epoch, val)
    if watch.best_epoch == epoch:
        best, lowest = theta, val
    if watch.stop:
        break
best_epoch, right = watch.best_epoch, accuracy(best)
print(f"ended after epoch {{epoch}}, best {{best_epoch}}: {{lowest:.4f}}, right {{right:.1%}}")
"""


# --- the parts -----------------------------------------------------------------------------------
def said(p: Problem) -> str:
    """The training in words."""
    noise = {
        "none": "",
        "labels": f", each label wrong with chance {alt.number(p.amount)}",
        "pixels": f", noise {alt.number(p.amount)} in each pixel",
    }[p.noise]
    return (
        f"{p.examples} training digits{noise}, {p.width} hidden units, learning rate "
        f"{alt.number(p.lr)} ({p.policy})"
    )


def _seen(run: Training, patience: int, every: int, min_delta: float) -> Result:
    def rule(patience: int) -> Stop:
        found = stop(run.val, EarlyStopping(patience, min_delta=min_delta, every=every))
        return Stop(patience, *found, run.test(found[1]))

    return Result(
        run.problem, np.array(run.train), np.array(run.val), rule(patience),
        tuple(map(rule, PATIENCES)), min_delta, every, run.test(len(run.val) - 1), run.given_up,
        run.done,
    )  # fmt: skip
