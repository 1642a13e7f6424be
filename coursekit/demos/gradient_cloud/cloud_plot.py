"""The gradients of 300 batches as a cloud, with ellipses of one and two standard deviations."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from ...viz import blank, dress
from ...viz.themes import Theme
from ..canvas import Canvas
from ..window import Window
from .batches import Cloud

REACHES = tuple(m * 10.0**d for d in range(-3, 5) for m in (1, 2, 5))  # what the axes may show
AROUND = np.linspace(0, 2 * np.pi, 121)
CIRCLE = np.stack([np.cos(AROUND), np.sin(AROUND)])
KEY = (
    ("◆ true", "vermilion", -0.06, 0.5, "left"),
    ("■ mean", "orange", 1.06, 0.5, "right"),
    ("— 1, 2σ", "orange", -0.06, -0.9, "left"),
    ("-- theory", "black", 1.06, -0.9, "right"),
)


class CloudPlot:
    """The true gradient, the mean of the batches', and how both say that these are spread."""

    def __init__(self, canvas: Canvas, theme: Theme, ax: Axes, below: Axes):
        s = theme.sizes
        ax.set(xlim=(-2, 2), ylim=(-2, 2))
        dress(ax, theme, "300 gradients", "slope  (↑ offset)", grid="")
        ax.axhline(0, color=theme.line, linewidth=s.thin, zorder=1)
        ax.axvline(0, color=theme.line, linewidth=s.thin, zorder=1)
        self.window = Window(canvas, theme, ax, ticks=2, widest="−0.5")
        inside: dict[str, Any] = {"transform": self.window.transform}
        self.dots = dots(canvas, theme, ax, **inside)
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
        blank(below, theme)
        below.set(xlim=(0, 1), ylim=(0, 1), xlabel=" ")  # as high as the coverage beside it
        for words, color, x, y, side in KEY:
            below.text(x, y, words, color=theme.text(color), ha=side, va="center",
                       fontsize=s.label, fontweight="bold", in_layout=False)  # fmt: skip

    def draw(self, r: Cloud) -> None:
        mean, covariance = r.cloud.mean(axis=0), np.cov(r.cloud.T, bias=True)
        self.dots.set_data(*r.cloud.T)
        for k, (expected, measured) in enumerate(zip(self.theory, self.found, strict=True), 1):
            expected.set_data(*(r.true[:, None] + k * _root(r.theory) @ CIRCLE))
            measured.set_data(*(mean[:, None] + k * _root(covariance) @ CIRCLE))
        self.arrow.set_data([0, r.true[0]], [0, r.true[1]])
        for tip, at in zip(self.tips, (r.true, mean), strict=True):
            tip.set_data(*at[:, None])
        reach = max(1.2 * abs(r.true).max(), 1.05 * np.quantile(abs(r.cloud).max(axis=1), 0.99))
        half = next((w for w in REACHES if w > reach), REACHES[-1])
        self.window.show(xlim=(-half, half), ylim=(-half, half))


def dots(canvas: Canvas, theme: Theme, ax: Axes, **more: Any) -> Any:
    """A dot for each batch, also where the steps are drawn."""
    return canvas.moving(
        ax.plot([], [], "o", color=theme.color("sky"), markersize=0.62 * theme.sizes.marker,
                markeredgewidth=0, zorder=4, **more)[0]
    )  # fmt: skip


def _root(covariance: np.ndarray) -> np.ndarray:
    """A matrix whose square is the covariance."""
    values, vectors = np.linalg.eigh(covariance)
    return vectors * np.sqrt(np.maximum(values, 0))
