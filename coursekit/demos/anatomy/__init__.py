"""One step of Adam, taken apart; and what is left of Adam when a part is switched off."""

from typing import Any, ClassVar

import numpy as np

from ... import optim
from ...viz import arrange
from ...viz.themes import Theme
from ..canvas import Canvas
from ..engine import Demo
from ..params import Param, hyperparameter
from . import words
from .anatomy_script import script
from .dissection import PARTS, Ground, Setting, dissect
from .result import ADAM, SURFACES, Result
from .series import Series
from .stages import StageTable
from .twins import twins
from .walk_map import WalkMap

VIEWS = ("adapt the gradient", "adapt the step size")
MOST = 300  # steps
# What the small plots show: name, colour, line, width, shade.
PLOTS: tuple[list[tuple], ...] = (
    [("$g$", "black", "-", 0.45, 0.6), ("┄ $m$", "blue", ":", 0.8, 1.0),
     (r"$\hat m$", "blue", "-", 0.9, 1.0)],
    [("$|g|$", "black", "-", 0.45, 0.6), (r"┄ $\sqrt{v}$", "green", ":", 0.8, 1.0),
     (r"$\sqrt{\hat v}$", "green", "-", 0.9, 1.0)],
    [("┄ Adam", "vermilion", "--", 0.6, 0.6), ("this", "vermilion", "-", 0.9, 1.0)],
)  # fmt: skip


def anatomy(state: str | None = None, **settings: Any) -> Demo:
    """Take a step of Adam apart, and switch off its parts: what is left has names of its own.

    The RMS part alone is RMSprop, momentum alone is momentum as an average, and no part at all is
    gradient descent: found by walking them all and comparing the paths.

    >>> import coursekit as ck
    >>> demo = ck.demos.anatomy(parts=("RMS",))
    >>> demo.compute(**demo.values).twins[0].known.words
    'RMSprop'
    """
    return Anatomy(state, **settings).show()


class Anatomy(Demo):
    """See `anatomy`."""

    name = "anatomy"
    title = "The anatomy of Adam"
    asks: ClassVar = {
        "longest": "the longest step, in units of lr",
    }
    size = (920, 450)
    params = (
        Param("parts", ADAM, choices=PARTS, many=True),
        Param("surface", "elongated", choices=tuple(SURFACES)),
        Param("kappa", 20.0, (1.0, 1000.0), log=True, label="condition κ",
              doc="how elongated: x₁² + κ x₂²",
              active=lambda v: v["surface"] == "elongated", hide=True),
        Param("slope", 1.0, (1e-8, 10.0), log=True, label="size of gradient",
              doc="the gradient is this in x₁ and a tenth of it in x₂, everywhere",
              active=lambda v: v["surface"] == "slope", hide=True),
        hyperparameter(optim.Adam, "lr", default=0.1, range=(1e-3, 1.0)),
        hyperparameter(optim.Adam, "beta1", label="beta1 β₁",
                       active=lambda v: "momentum" in v["parts"]),
        hyperparameter(optim.Adam, "beta2", label="beta2 β₂", step=0.001,
                       active=lambda v: "RMS" in v["parts"]),
        hyperparameter(optim.Adam, "eps", label="eps ε", active=lambda v: "RMS" in v["parts"]),
        Param("view", VIEWS[0], choices=VIEWS, doc="two readings of one formula",
              active=lambda v: "RMS" in v["parts"]),
        Param("across", 0.0, (-1.0, 1.0), step=0.01, label="start ↔",
              doc="0 is the usual start, -1 and 1 the edges; or drag on the picture"),
        Param("up", 0.0, (-1.0, 1.0), step=0.01, label="start ↕",
              doc="0 is the usual start, -1 and 1 the edges; or drag on the picture"),
        Param("steps", 100, (10, MOST), step=10),
        Param("t", 10, (1, MOST), play=True, until="steps", label="step"),
    )  # fmt: skip
    presets = {  # noqa: RUF012
        "the first step is lr": {"t": 1},
        "no correction": {"parts": ("momentum", "RMS"), "surface": "slope"},
        "RMS alone": {"parts": ("RMS",), "lr": 0.02},
        "momentum alone": {"parts": ("momentum",), "lr": 0.02},
        "all off": {"parts": (), "lr": 0.02},
        "eps under the root": {"parts": (*ADAM, "eps inside"), "surface": "slope", "slope": 1e-5},
        "eps of 1": {"surface": "slope", "slope": 1e-3, "eps": 1.0},
        "after a cliff": {"surface": "beale", "across": 0.9, "up": 0.6, "t": 60, "steps": 200},
        "two readings": {"view": VIEWS[1], "t": 20},
    }

    # --- compute ----------------------------------------------------------------------------------
    def run(self, **v: Any) -> Result:
        ground, at, steps = _ground(v), (v["across"], v["up"]), v["steps"]
        setting = Setting(v["lr"], v["beta1"], v["beta2"], v["eps"], v["parts"])
        walk = dissect(setting, ground, at, steps)
        adam = dissect(setting._replace(parts=ADAM), ground, at, steps)
        as_rates = v["view"] == VIEWS[1] and setting.has("RMS")
        t = min(v["t"], len(walk.moves))
        found = twins(setting, ground, at, steps)
        return Result(ground, setting, as_rates, walk, adam, found, t, steps)

    # --- draw -------------------------------------------------------------------------------------
    def build(self, canvas: Canvas, theme: Theme) -> None:
        figure = canvas.figure
        ratios = [1.6, 2.3, 0.9, 0.9] if theme.projector else [2.1, 1.85, 1, 1]
        grid = figure.add_gridspec(3, 4, width_ratios=ratios)
        self.map = WalkMap(canvas, theme, figure.add_subplot(grid[:, 0]))
        self.table = StageTable(canvas, theme, figure.add_subplot(grid[:, 1]))
        self.plots = [
            Series(canvas, theme, [figure.add_subplot(grid[row, 2 + i]) for i in range(2)], plot)
            for row, plot in enumerate(PLOTS)
        ]
        arrange(figure)
        self.map.ground.settle()
        self.table.settle(canvas.zoom)

    def draw(self, result: Result) -> None:
        self.map.draw(result)
        self.table.set_data(result.stages)
        w, lr, adam = result.walk, result.setting.lr, result.adam
        mean: Any = "Mean", (w.g, w.m, w.m_hat), -1
        size: Any = "RMS", (abs(w.g), np.sqrt(w.v), np.sqrt(w.v_hat)), 0
        last: Any = "Step / lr", (adam.moves / lr, result.strides), -1
        if not result.setting.has("RMS"):
            size = "RMS: off", (abs(w.g),), 0
        if result.as_rates:
            last = "Rate", (adam.rates, w.rates), 0
        for plot, (title, curves, low) in zip(self.plots, (mean, size, last), strict=True):
            plot.set_data(curves, result.t, result.steps, title, low)

    # --- words ------------------------------------------------------------------------------------
    def status(self, result: Result) -> str:
        return words.status(result)

    def describe(self, result: Result) -> str:
        return words.describe(result)

    def numbers(self, result: Result) -> dict[str, float]:
        w = result.walk
        x1, x2 = map(float, w.thetas[result.t])
        found = {"x1": x1, "x2": x2}
        found["longest"] = float(abs(np.diff(w.thetas, axis=0)).max() / result.setting.lr)
        if result.twin:
            found["apart"] = result.twin.apart
        return found

    def script(self, **v: Any) -> str:
        result = self.run(**v)
        return script(result.ground, result.walk.thetas[0], v, result.twin)


def _ground(v: dict[str, Any]) -> Ground:
    size = {"elongated": v["kappa"], "slope": v["slope"]}.get(v["surface"], 1.0)
    return Ground(v["surface"], size)
