"""How long a step of Adam can be: thirty gradients to design, and the bounds on them."""

from collections.abc import Iterator
from typing import Any, ClassVar, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from ... import optim
from ...exhibits import updates
from ...objective import Objective
from ...viz import alt, arrange, blank, dress
from ...viz.artists import Labels
from ...viz.themes import Theme
from ...viz.trails import Trail
from ..canvas import Canvas
from ..params import Param, hyperparameter
from ..window import Window
from .view import Bars, View, above

LONGEST = 30  # gradients
SIGNS = {
    "all +": lambda k: np.ones(len(k)),
    "alternating": lambda k: (-1.0) ** k,
    "− then +": lambda k: np.where(k < len(k) // 2, -1.0, 1.0),
    "last one −": lambda k: np.where(k == len(k) - 1, -1.0, 1.0),
}
SPELLED = {
    "all +": "1.0",
    "alternating": "(-1.0) ** k",
    "− then +": "np.where(k < len(k) // 2, -1.0, 1.0)",
    "last one −": "np.where(k == len(k) - 1, -1.0, 1.0)",
}


class Result(NamedTuple):
    """The gradients, the steps they cause, and what is possible."""

    gradients: np.ndarray
    steps: np.ndarray  # in units of lr, against the gradient
    most: np.ndarray  # the longest step that so many gradients can cause, after that silence
    claimed: float
    bound: float  # infinite where there is none
    quiet: int
    corrected: bool
    betas: tuple[float, float]
    t: int

    @property
    def longest(self) -> float:
        """The longest step so far."""
        return float(np.abs(self.steps[: self.t]).max(initial=0.0))

    @property
    def rules(self) -> tuple:
        """What a record belongs to."""
        return *self.betas, self.corrected


class Breaker(View):
    """Design gradients that make Adam leap."""

    name = "trust-region breaker"
    gives = Result
    asks: ClassVar = {
        "longest": "the longest step, in units of lr",
        "possible": "the longest step possible",
    }
    params = (
        Param("growth", 1.0, (0.5, 2.0), step=0.01, label="growth a step",
              doc="the factor from one gradient to the next"),
        Param("signs", "all +", choices=tuple(SIGNS)),
        Param("spike_at", 0, (0, LONGEST), label="spike at", doc="0: none; or drag on the picture"),
        Param("spike", 10.0, (0.001, 1000.0), log=True, label="spike ×"),
        Param("length", LONGEST, (1, LONGEST), label="gradients"),
        Param("quiet", 0, choices=(0, 100, 1000, 10_000), label="zeros before",
              doc="steps with a gradient of 0 that come first"),
        Param("corrected", True, label="bias correction"),
        hyperparameter(optim.Adam, "beta1", range=(0.0, 0.99), label="beta1 β₁"),
        hyperparameter(optim.Adam, "beta2", range=(0.9, 0.9999), label="beta2 β₂"),
    )  # fmt: skip
    presets = {  # noqa: RUF012
        "grow by β₂ / β₁": {"growth": 1.11, "quiet": 10_000},
    }  # fmt: skip

    def __init__(self) -> None:
        self.records: dict[tuple, float] = {}

    @staticmethod
    def uses(v):
        spike = ("spike",) if v["spike_at"] else ()
        shape = ("growth", "signs", "spike_at", *spike, "length")
        quiet = ("quiet",) if v["corrected"] else ()
        return *shape, *quiet, "corrected", "beta1", "beta2"

    @staticmethod
    def end(v):
        return v["length"]

    # --- compute ----------------------------------------------------------------------------------
    def run(self, **v: Any) -> Iterator[Result]:
        k = np.arange(v["length"])
        g = v["growth"] ** (k - k[-1]) * SIGNS[v["signs"]](k)
        if 0 < v["spike_at"] <= len(g):
            g[v["spike_at"] - 1] *= v["spike"]
        betas, corrected = (v["beta1"], v["beta2"]), v["corrected"]
        quiet = v["quiet"] if corrected else 0
        opt = optim.Adam(1.0, *betas, eps=0.0, bias_correction=corrected)
        n = k + 1
        ratio = betas[0] ** 2 / betas[1]
        scale = (1 - betas[0]) / np.sqrt(1 - betas[1])
        most = scale * np.sqrt(np.cumsum(ratio ** k.astype(float)))
        if corrected:
            most *= np.sqrt(1 - betas[1] ** (quiet + n)) / (1 - betas[0] ** (quiet + n))
        bound = scale / np.sqrt(1 - ratio) if ratio < 1 else np.inf
        yield Result(g, _steps(opt, g, quiet), most, max(scale, 1.0), max(bound, 1.0), quiet,
                     corrected, betas, v["t"])  # fmt: skip

    # --- draw -------------------------------------------------------------------------------------
    def build(self, canvas: Canvas, theme: Theme) -> None:
        s = theme.sizes
        grid = canvas.figure.add_gridspec(2, 2, width_ratios=[1.55, 1], height_ratios=[1, 1.25])
        self.shape = canvas.figure.add_subplot(grid[0, 0])
        self.size = canvas.figure.add_subplot(grid[1, 0])
        self.shape.set(xlim=(0.3, LONGEST + 0.7), ylim=(-1.15, 1.15))
        self.size.set(xlim=(0.3, LONGEST + 0.7), ylim=(0, 8))
        dress(self.shape, theme, "Your gradients, by the largest", grid="")
        dress(self.size, theme, "Steps of Adam, in units of lr", "gradient")
        self.shape.set(xticks=[], yticks=[-1, 0, 1])
        self.shape.axhline(0, color=theme.line, linewidth=s.thin)
        faint = theme.tint(theme.color("blue"), 0.3)
        self.ahead = canvas.moving(Bars(self.shape, faint))
        self.bars = canvas.moving(Bars(self.shape, theme.color("blue")))
        look: dict[str, Any] = {"linewidth": 0.75 * s.line}
        (self.claimed,) = canvas.all_moving(
            self.size.plot([], [], "--", color=theme.color("purple"), **look)
        )
        (self.most,) = canvas.all_moving(self.size.plot([], [], ":", color=theme.ink, **look))
        self.line = Trail(self.size, theme, "Adam", canvas.moving)
        self.names = canvas.moving(Labels(self.size, s.tick, theme.ink, ha="left"))
        self.sizes = Window(canvas, theme, self.size, x=False, widest="10")
        self.sizes.hold(self.claimed, self.most, self.line, self.names)
        self._build_score(canvas, theme, canvas.figure.add_subplot(grid[:, 1]))
        canvas.pointable(self.shape, self._pointed)
        arrange(canvas.figure)

    def _build_score(self, canvas: Canvas, theme: Theme, ax: Axes) -> None:
        s, self.score = theme.sizes, ax
        blank(ax, theme, "The longest step so far")
        ax.set(xlim=(0, 1), ylim=(0, 1))
        self.big = canvas.moving(Labels(ax, s.number, theme.text("vermilion"), "bold", "left"))
        rows = {"yours": "vermilion", "record": "orange", "possible": "black", "claimed": "purple",
                "bound": "blue"}  # fmt: skip
        self.rows = {}
        for n, (name, color) in enumerate(rows.items()):
            y = 0.66 - 0.15 * n
            bar = canvas.moving(
                ax.add_patch(Rectangle((0, y), 0, 0.042, color=theme.color(color), linewidth=0))
            )
            self.rows[name] = bar, y
        self.said = canvas.moving(Labels(ax, s.label, theme.ink, ha="left"))

    def draw(self, result: Result) -> None:
        n = len(result.gradients)
        k = np.arange(1, n + 1)
        g = result.gradients / np.abs(result.gradients).max()
        self.ahead.set_data(k[result.t :], 0, g[result.t :], 0.7)
        self.bars.set_data(k[: result.t], 0, g[: result.t], 0.7)
        size = np.abs(result.steps)
        high = above(1.08 * max(size.max(), result.most.max(), result.claimed), (1, 2, 4, 8))
        self.sizes.show(ylim=(0.0, high))
        self.line.set_data(k, size, max(result.t - 1, 0))
        self.claimed.set_data([0, LONGEST + 1], [result.claimed] * 2)
        self.most.set_data(k, result.most)
        self.names.set_labels(
            [(0.6, result.claimed + 0.02 * high)], [f"claimed bound {alt.number(result.claimed)}"]
        )
        best = max(self.records.get(result.rules, 0.0), result.longest)
        self.records[result.rules] = best
        self._draw_score(result, best)

    def _draw_score(self, result: Result, best: float) -> None:
        values = {
            "yours": (result.longest, "this design"),
            "record": (best, "your record"),
            "possible": (
                float(result.most.max()),
                f"best of {alt.count(len(result.most), 'gradient')}",
            ),
            "claimed": (result.claimed, "claimed bound"),
            "bound": (result.bound, "true bound"),
        }
        finite = [x for x, _ in values.values() if np.isfinite(x)]
        points, words = [], []
        for name, (value, said) in values.items():
            bar, y = self.rows[name]
            bar.set_width(min(value / max(finite), 1.0))
            points.append((0.0, y + 0.062))
            number = alt.number(value) if np.isfinite(value) else "none"
            words.append(f"{number}   {said}")
        self.said.set_labels(points, words)
        self.big.set_labels([(0.0, 0.83)], [f"{result.longest:.2f} lr"])

    def _pointed(self, x: float, y: float) -> dict[str, float]:
        return {"spike_at": round(x), "spike": 10.0 ** (3 * y)}

    # --- words ------------------------------------------------------------------------------------
    def status(self, result: Result) -> str:
        n = len(result.gradients)
        bound = alt.number(result.bound) if np.isfinite(result.bound) else "missing: β₁² ≥ β₂"
        after = f" after {result.quiet} zeros" if result.quiet else ""
        verdict = "broken" if result.longest > result.claimed * (1 + 1e-9) else "kept"
        return (
            f"The longest step is {alt.number(result.longest)} lr; the claimed bound of "
            f"{alt.number(result.claimed)} is {verdict}. "
            f"{alt.count(n, 'gradient')}{after} can reach {alt.number(float(result.most.max()))}; "
            f"the true bound is {bound}."
        )

    def describe(self, result: Result) -> str:
        g = np.abs(result.gradients)
        return (
            f"Bars of {alt.count(len(g), 'gradient')}, whose size {alt.trend(g)}, and the curve of "
            f"Adam's steps in units of lr, which {alt.trend(np.abs(result.steps))}. "
            f"{self.status(result)}"
        )

    def numbers(self, result: Result) -> dict[str, float]:
        return {"longest": result.longest, "possible": float(result.most.max())}

    def script(self, **v: Any) -> str:
        quiet = v["quiet"] if v["corrected"] else 0
        spike = 0 < v["spike_at"] <= v["length"]
        wild = f"g[{v['spike_at'] - 1}] *= {v['spike']!r}\n" if spike else ""
        correct = f" * (1 - beta2**({quiet} + n))**0.5 / (1 - beta1**({quiet} + n))"
        return f"""\
import numpy as np
import coursekit as ck

k = np.arange({v["length"]})
g = {v["growth"]!r} ** (k - k[-1]) * {SPELLED[v["signs"]]}
{wild}
beta1, beta2 = {v["beta1"]!r}, {v["beta2"]!r}
opt = ck.optim.Adam(1.0, beta1, beta2, eps=0.0, bias_correction={v["corrected"]})
theta = np.zeros(1)
state = opt.init(theta)._replace(k={quiet})  # so many gradients of 0 change nothing else
longest = 0.0
for slope in g[:{v["t"]}]:
    f = ck.Objective(value=np.sum, grad=lambda x: np.array([slope]))
    before = theta
    theta, state = opt.step(theta, state, f)
    longest = max(longest, abs(float(theta[0] - before[0])))

n = k + 1  # by Cauchy and Schwarz, for gradients that grow by beta2 / beta1
most = (1 - beta1) * np.sqrt(np.cumsum((beta1**2 / beta2) ** (n - 1.0)) / (1 - beta2))
possible = np.max(most{correct if v["corrected"] else ""})
print(f"the longest step is {{longest:.4g}} lr; possible are {{possible:.4g}} lr")
"""


# --- the parts -----------------------------------------------------------------------------------
def _steps(opt: optim.Adam, gradients: np.ndarray, quiet: int) -> np.ndarray:
    """Steps against the gradients after so many gradients of 0, which change the count alone."""
    if not quiet:
        return -updates(opt, gradients)[:, 0]
    here, steps = np.zeros(1), []
    state = opt.init(here)._replace(k=quiet)
    for g in gradients:
        seen = Objective(value=np.sum, grad=lambda x, g=g: np.array([g]))
        step, state = opt.step(here, state, seen)
        steps.append(-step[0])
    return np.array(steps)
