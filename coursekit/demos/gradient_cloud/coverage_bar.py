"""How many of the rows an epoch sees, as a bar."""

from matplotlib.axes import Axes

from ...viz import dress
from ...viz.artists import Labels
from ...viz.themes import Theme
from ..canvas import Canvas


class CoverageBar:
    """Green as far as the rows are seen, with the share in percent."""

    def __init__(self, canvas: Canvas, theme: Theme, ax: Axes):
        ax.set(xlim=(0, 1), ylim=(0, 1))
        dress(ax, theme, "", "rows seen in an epoch", grid="")
        ax.set(xticks=[], yticks=[], facecolor=theme.tint(theme.quiet, 0.15))
        for spine in ax.spines.values():
            spine.set_visible(False)
        self.seen = canvas.moving(ax.axvspan(0, 1, color=theme.color("green")))
        self.share = canvas.moving(
            Labels(ax, theme.sizes.label, theme.paper, "bold", "left", "center")
        )

    def draw(self, share: float) -> None:
        self.seen.set_width(share)
        self.share.set_labels([(0.03, 0.5)], [f"{100 * share:.3g} %"])
