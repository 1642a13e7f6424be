"""A training in three pictures: the losses, the accuracy, and some of the digits it misreads."""

import functools
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from ...backend import to_host
from ...viz import alt, blank, dress, legend
from ...viz.artists import Labels, Pixels
from ...viz.themes import Theme, rgb
from ..canvas import Canvas
from ..window import Window
from .learning import GUESSING, Result, digits, nearest_mean

LOW, HIGH = 0.01, 10.0  # what the loss axis shows
ROWS, COLUMNS = 3, 6  # misread digits shown


class Losses:
    """The loss of every batch, and of all training and validation digits at every half epoch."""

    def __init__(self, canvas: Canvas, theme: Theme, ax: Axes):
        s = theme.sizes
        ax.set(yscale="log", xlim=(0, 5), ylim=(LOW, HIGH))
        dress(ax, theme, "Loss", "epochs (thin line: each batch)")
        legend(ax, theme, {"■ training": "blue", "● validation": "vermilion"})
        ax.axhline(GUESSING, color=theme.quiet, linewidth=s.thin, linestyle=(0, (4, 3)))
        ax.annotate(
            f"guessing: ln 10 = {GUESSING:.2f}", (1, GUESSING), (-4, 8),
            xycoords=("axes fraction", "data"), textcoords="offset points", ha="right",
            fontsize=s.tick, color=theme.quiet,
        )  # fmt: skip
        blue, vermilion = theme.color("blue"), theme.color("vermilion")
        bold: dict[str, Any] = {"linewidth": s.line, "markersize": s.marker}
        self.batches, self.train, self.val = canvas.all_moving([
            *ax.plot([], [], color=theme.tint(blue, 0.38), linewidth=s.thin),
            *ax.plot([], [], "-s", color=blue, **bold),
            *ax.plot([], [], "-o", color=vermilion, **bold),
        ])  # fmt: skip
        self.verdict = canvas.moving(Labels(ax, s.title, theme.ink, "bold", va="center"))
        self.window = Window(canvas, theme, ax, y=False)
        self.window.hold(self.batches, self.train, self.val, self.verdict)

    def draw(self, result: Result) -> None:
        margin = 0.016 * result.epochs  # room for half a marker
        self.window.show(xlim=(-margin, result.epochs + margin))
        steps = np.arange(len(result.batch_loss)) / result.steps_per_epoch
        self.batches.set_data(steps, _within(result.batch_loss))
        self.train.set_data(result.marks, _within(result.train_loss))
        self.val.set_data(result.marks, _within(result.val_loss))
        said = "no better than guessing" if result.useless else ""
        if result.given_up:
            said = f"given up after {alt.count(result.steps, 'step')}"
        self.verdict.set_labels([(result.epochs / 2, 2 * LOW)], [said])


class Accuracy:
    """The share of test digits that are read correctly, as a number and as a bar."""

    def __init__(self, canvas: Canvas, theme: Theme, ax: Axes):
        s = theme.sizes
        blank(ax, theme, "Test accuracy")
        ax.set(xlim=(0, 1), ylim=(0, 1))
        self.number = canvas.moving(Labels(ax, s.number, theme.ink, "bold", ha="left", va="top"))
        ax.barh(0.27, 1, 0.14, color=theme.grid)
        self.bar = canvas.moving(ax.barh(0.27, 0, 0.14, color=theme.color("green"))[0])
        marks = (0.1, "guessing", "left"), (nearest_mean(), "nearest mean", "right")
        for x, words, side in marks:
            ax.plot([x, x], [0.14, 0.4], color=theme.ink, linewidth=s.line, zorder=4)
            if not theme.projector:
                words = f"{words} {100 * x:.0f} %"
            ax.text(x, 0.1, words, fontsize=s.tick, color=theme.quiet, va="top", ha=side)

    def draw(self, result: Result) -> None:
        self.number.set_labels([(0, 1)], [alt.percent(result.accuracy)])
        self.bar.set_width(result.accuracy)


class Misread:
    """The first test digits that are misread, each with what it is and what it is taken for."""

    def __init__(self, canvas: Canvas, theme: Theme, ax: Axes):
        blank(ax, theme, "Misread: written → read")
        self.theme, self.tiles = theme, canvas.moving(Pixels(ax))
        self.pairs = canvas.moving(Labels(ax, theme.sizes.tick, theme.ink, va="top"))
        self.none = canvas.moving(Labels(ax, theme.sizes.label, theme.ink, ha="left", va="top"))

    def draw(self, result: Result) -> None:
        x, y = (to_host(a) for a in digits().test)
        wrong = np.flatnonzero(result.read != y)[: ROWS * COLUMNS]
        picture, points = mosaic(x[wrong], self.theme, *self.tiles.room)
        self.tiles.set_data(picture)
        self.pairs.set_labels(points, [f"{y[i]}→{result.read[i]}" for i in wrong])
        self.none.set_labels([(0, 1)], ["" if len(wrong) else "none"])


def mosaic(
    digits: np.ndarray, theme: Theme, height: int, width: int
) -> tuple[np.ndarray, list[tuple[float, float]]]:
    """Digits (n, 64) side by side as pixels, and where under each its label goes, in axes units."""
    down, across = height // ROWS, width // COLUMNS
    grain = min(int(0.62 * down), int(0.82 * across)) // 8  # pixels for one of a digit's
    picture = np.full((ROWS * down, COLUMNS * across, 4), _shades(theme)[0])
    points = []
    for k, digit in enumerate(digits):
        row, column = divmod(k, COLUMNS)
        top, left = row * down, column * across
        small = _shades(theme)[np.round(16 * digit.reshape(8, 8)).astype(int)]
        large = small.repeat(grain, axis=0).repeat(grain, axis=1)
        picture[top : top + 8 * grain, left : left + 8 * grain] = large
        points.append(((left + 4 * grain) / width, 1 - (top + 8 * grain + 0.05 * down) / height))
    return picture, points


@functools.cache
def _shades(theme: Theme) -> np.ndarray:
    """The 17 grey levels of the digits, from paper to ink: (17, 4) uint8."""
    levels = (rgb(theme.tint(theme.ink, k / 16)) for k in range(17))
    return np.array([[*(round(255 * c) for c in level), 255] for level in levels], np.uint8)


def _within(loss: np.ndarray) -> np.ndarray:
    """What is far outside the axes brought near: beyond them, and finite."""
    return np.clip(np.nan_to_num(loss, nan=np.inf), LOW / 10, HIGH * 10)
