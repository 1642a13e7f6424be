"""Gradient descent against SGD on 10,000 equations: by steps, by epochs and by the clock."""

from collections import OrderedDict
from collections.abc import Iterator
from typing import Any, ClassVar

import numpy as np

from ...viz import arrange
from ...viz.themes import Theme
from ..canvas import Canvas
from ..engine import Demo
from ..params import Param
from . import big_problem, duel, words
from .big_problem import FULL, TWIN, Bowl, Cloud, Curve, Problem, problem
from .cloud_plot import CloudPlot
from .duel import ORDERS, M, Result
from .duel_script import script
from .loss_plot import AXES, LossPlot
from .table import Table

BATCHES = (1, 2, 5, 10, 20, 32, 50, 100, 200, 500, 1000, 2000, 5000, M)


def gd_vs_sgd(state: str | None = None, **settings: Any) -> Demo:
    """Gradient descent or SGD, who is cheaper? On least squares with 10,000 rows, 500 unknowns.

    A loss of 1 is that of the start, 0 the least there is. The safe step sizes are 1 / L for
    gradient descent and 1 / (L + tr H / B) for SGD, where H is the Hessian and L its largest
    curvature, here 1.

    >>> import coursekit as ck
    >>> demo = ck.demos.gd_vs_sgd(batch_size=100, epochs=1)
    >>> result = demo.compute(**demo.values)
    >>> bool(result.sgd.above[-1] < 0.01)
    True
    """
    return GdVsSgd(state, **settings).show()


class GdVsSgd(Demo):
    """See `gd_vs_sgd`."""

    name = "gd_vs_sgd"
    title = "Gradient descent or SGD: which is cheaper?"
    asks: ClassVar = {
        "sgd": "how far SGD ends above the minimum",
        "gd": "how far GD ends above the minimum",
    }
    size = (900, 450)
    lull = 0.15  # the twin follows a hand; the large problem comes when it rests
    params = (
        Param("condition", 1.58, (1.0, 1e4), log=True, label="condition of X",
              doc="largest singular value over the smallest; 1.58 is that of random numbers"),
        Param("batch_size", 32, choices=BATCHES, doc="rows for one step of SGD"),
        Param("noise", 0.03, choices=(0.0, 0.01, 0.03, 0.1, 0.3, 1.0), label="noise in y",
              doc="spread of the errors in y, compared with that of X w"),
        Param("order", "each epoch", choices=tuple(ORDERS), label="shuffled",
              doc="the rows are stored sorted by y; GD does not care"),
        Param("rates", "safe", choices=("safe", "own"), label="step sizes",
              doc="1 / L for GD and 1 / (L + tr H / B) for SGD, or a slider each"),
        Param("lr_gd", 1.0, (0.01, 3.0), log=True, label="GD: lr × L",
              active=lambda v: v["rates"] == "own", hide=True),
        Param("lr_sgd", 0.05, (1e-4, 3.0), log=True, label="SGD: lr × L",
              active=lambda v: v["rates"] == "own", hide=True),
        Param("target", 1e-3, (1e-10, 0.5), log=True, doc="the loss that is good enough"),
        Param("axis", "epochs", choices=tuple(AXES), label="count",
              doc="passes through the data, steps, or measured seconds"),
        Param("epochs", 10, (1, 30), doc="passes through the data that SGD makes"),
        Param("seed", 0, (0, 9), doc="draws the order of the rows",
              active=lambda v: v["order"] != "never"),
        Param("t", 100, (0, 100), play=True, label="shown (%)"),
    )  # fmt: skip
    presets = {  # noqa: RUF012
        "by epochs": {},
        "by steps": {"axis": "steps"},
        "by the clock": {"axis": "seconds", "batch_size": 1, "epochs": 2},
        "badly conditioned": {"condition": 10.8, "epochs": 20},
        "high accuracy": {"target": 1e-6},
        "no noise": {"noise": 0.0, "target": 1e-6},
        "floor: lr / B": {
            "rates": "own",
            "lr_sgd": 0.01,
            "batch_size": 20,
            "noise": 0.3,
            "order": "with replacement",
            "target": 0.01,
        },
        "never shuffled": {"order": "never", "noise": 0.3, "target": 0.1},
    }

    def __init__(self, *args: Any, **settings: Any):
        self._runs: OrderedDict[tuple, Curve] = OrderedDict()
        super().__init__(*args, **settings)

    # --- compute ----------------------------------------------------------------------------------
    def run(self, **v: Any) -> Iterator[Result]:
        data, batch = (v["condition"], v["noise"]), v["batch_size"]
        bowl = Bowl(FULL, *data)
        lr_gd, lr_sgd = duel.rates(v, bowl)
        how: Any = (lr_sgd, batch, v["epochs"], ORDERS[v["order"]], duel.seed(v))
        runs, so_far = self._runs, (bowl, v, lr_gd, lr_sgd)
        if (data, how) not in runs:
            twin = big_problem.quick(*data, *how)
            few = big_problem.preview(lr_sgd, batch)[1]
            known = _costs(v) if v["axis"] == "seconds" else None
            seen = _cloud(v, problem(TWIN, *data), twin, few)
            begun = twin._replace(epochs=twin.epochs[:1], above=twin.above[:1])
            yield Result(*so_far, begun, twin, seen, known)
            for curve in big_problem.sgd(problem(FULL, *data), *how):
                if not curve.done:
                    yield Result(*so_far, curve, twin, seen, known)
            runs[data, how] = curve
            if len(runs) > 4:
                runs.popitem(last=False)
        sgd = runs[data, how]
        yield Result(*so_far, sgd, None, _cloud(v, problem(FULL, *data), sgd, batch), _costs(v))

    # --- draw -------------------------------------------------------------------------------------
    def build(self, canvas: Canvas, theme: Theme) -> None:
        figure = canvas.figure
        grid = figure.add_gridspec(2, 2, width_ratios=[1.8, 1], height_ratios=[1, 0.85])
        self.losses = LossPlot(canvas, theme, figure.add_subplot(grid[:, 0]))
        self.cloud = CloudPlot(canvas, theme, figure.add_subplot(grid[0, 1]))
        self.table = Table(canvas, theme, figure.add_subplot(grid[1, 1]))
        arrange(figure)

    def draw(self, result: Result) -> None:
        self.losses.draw(result)
        self.cloud.draw(result.cloud)
        self.table.draw(result)

    # --- words ------------------------------------------------------------------------------------
    def status(self, result: Result) -> str:
        return words.status(result)

    def describe(self, result: Result) -> str:
        return words.describe(result)

    def numbers(self, result: Result) -> dict[str, float]:
        return {
            "gd": float(result.bowl.descent(result.lr_gd, result.values["epochs"])),
            "sgd": float(result.known.above[-1]),
        }

    def script(self, **v: Any) -> str:
        return script(**v)


# --- the parts -----------------------------------------------------------------------------------
def _costs(v: dict[str, Any]) -> tuple[float, float]:
    """Seconds for a step of gradient descent and for one of SGD."""
    return big_problem.seconds(M), big_problem.seconds(v["batch_size"])


def _cloud(v: dict[str, Any], p: Problem, curve: Curve, batch: int) -> Cloud:
    """Gradients of batches at the point that SGD has come to at the time that is shown."""
    costs = _costs(v) if v["axis"] == "seconds" else None
    unit = duel.unit_of(v["axis"], -(-M // v["batch_size"]), costs)
    now = v["t"] / 100 * duel.end_of(v, unit) / unit[1]
    k = int(np.searchsorted(curve.epochs, now, side="right")) - 1
    return p.cloud(curve.points[k], batch)
