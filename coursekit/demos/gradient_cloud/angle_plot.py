"""How far the gradients of batches point away from the true one, as a histogram."""

import numpy as np
from matplotlib.axes import Axes

from ...viz import dress
from ...viz.artists import Labels
from ...viz.themes import Theme
from ..canvas import Canvas
from ..window import Window
from .batches import BATCHES, Cloud, angles
from .words import ALLOWED

BINS = np.linspace(0, 180, 19)
TOPS = (0.35, 0.7, 1.05)  # shares that the axis may reach up to


class AnglePlot:
    """The shares of 300 batches by their angle, and the angle that nine of ten stay within."""

    def __init__(self, canvas: Canvas, theme: Theme, ax: Axes):
        s = theme.sizes
        ax.set(xlim=(0, 180), ylim=(0, 1))
        dress(ax, theme, "Angle error", "degrees")
        ax.set(xticks=[0, 30, 90, 180])
        self.window = Window(canvas, theme, ax, x=False, ticks=2, widest="0.5")
        ax.axvline(ALLOWED, color=theme.quiet, linestyle=":", linewidth=s.line)
        self.bars = canvas.moving(
            ax.stairs(np.zeros(len(BINS) - 1), BINS, fill=True, color=theme.color("sky"),
                      transform=self.window.transform)
        )  # fmt: skip
        (self.most,) = canvas.all_moving(
            ax.plot([], [], color=theme.ink, linewidth=s.line, zorder=6)
        )
        self.told = canvas.moving(Labels(ax, s.label, theme.ink, "bold", "left", "top"))

    def draw(self, r: Cloud) -> None:
        shares = np.histogram(angles(r.cloud, r.true), BINS)[0] / BATCHES
        self.bars.set_data(shares)
        self.window.show(ylim=(0.0, next(top for top in TOPS if shares.max() < top)))
        self.most.set_data([r.wrong] * 2, [0, 0.8])
        right = r.wrong < 90
        self.told.align = 0.0 if right else 1.0
        beside = max(r.wrong, ALLOWED) + 5 if right else r.wrong - 5
        self.told.set_labels([(beside, 0.98)], [f"90 % < {r.wrong:.0f}°"])
