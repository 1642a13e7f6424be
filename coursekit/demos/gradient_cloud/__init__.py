"""Three hundred minibatch gradients around the true one: how far off they are, and which way."""

from collections.abc import Iterator
from typing import Any, ClassVar

import numpy as np

from ...viz import arrange
from ...viz.themes import Theme
from ..canvas import Canvas
from ..engine import Demo
from ..params import Param
from ..worker import Pace
from . import cloud_script, words
from .angle_plot import AnglePlot
from .batches import (
    COPIES,
    SAMPLING,
    SIZES,
    Cloud,
    angles,
    covariance,
    coverage,
    digits,
    means,
    spread,
)
from .cloud_plot import CloudPlot
from .coverage_bar import CoverageBar
from .error_plot import ErrorPlot
from .steps_plot import StepsPlot


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
        add = canvas.figure.add_subplot
        grid = canvas.figure.add_gridspec(2, 3, width_ratios=[1.2, 1.2, 1], height_ratios=[1, 1])
        left, middle = (grid[:, k].subgridspec(2, 1, height_ratios=[1, 0.08]) for k in (0, 1))
        self.steps = StepsPlot(canvas, theme, add(left[0]))
        self.coverage = CoverageBar(canvas, theme, add(left[1]))
        self.cloud = CloudPlot(canvas, theme, add(middle[0]), add(middle[1]))
        self.angles = AnglePlot(canvas, theme, add(grid[0, 2]))
        self.errors = ErrorPlot(canvas, theme, add(grid[1, 2]))
        arrange(canvas.figure)

    def draw(self, r: Cloud) -> None:
        self.coverage.draw(r.coverage)
        for plot in (self.steps, self.cloud, self.angles, self.errors):
            plot.draw(r)

    # --- words ------------------------------------------------------------------------------------
    def status(self, r: Cloud) -> str:
        return words.status(r)

    def describe(self, r: Cloud) -> str:
        return words.describe(r)

    def numbers(self, r: Cloud) -> dict[str, float]:
        return {"spread": r.spread, "angle": r.wrong, "coverage": r.coverage}

    def script(self, lr, **values) -> str:
        return cloud_script.script(**values)
