"""One logit, trained by cross-entropy and by the square of the error: for `activation_bench`."""

from typing import Any, ClassVar, NamedTuple

import numpy as np
from matplotlib.axes import Axes

from ...activations import sigmoid
from ...objective import Objective
from ...optim import GradientDescent
from ...viz import alt, arrange, dress, legend
from ...viz.themes import Theme
from ..canvas import Canvas
from ..views import View
from .small_nets import LOSSES

REACH = 6.0
STARTS = np.linspace(-REACH, REACH, 121)
STEPS = 300
NEAR = 0.1  # of y: there p has arrived
HIGHEST = REACH + 0.3  # loss that is shown
SLOPES = {  # by the logit, of p and y
    "cross-entropy": lambda p, y: p - y,
    "squared error": lambda p, y: 2 * (p - y) * p * (1 - p),
}
LOOKS = {"cross-entropy": ("blue", "-", "o"), "squared error": ("orange", (0, (5, 2)), "s")}


class Result(NamedTuple):
    """A logit, where two losses send it, and how long that takes from anywhere."""

    z: float
    y: float
    lr: float
    t: int
    slopes: np.ndarray  # (2,) of cross-entropy and of the square, by z
    paths: np.ndarray  # (2, STEPS + 1) the logit in training
    steps: np.ndarray  # (2, 121) until p is near y, against STARTS; infinite if it is not by then

    @property
    def p(self) -> float:
        return float(sigmoid(np.array(self.z)))

    @property
    def needed(self) -> np.ndarray:
        """(2,) steps until p is near y, or infinity."""
        return _arrived(self.paths[:, :, None], self.y)[:, 0]


class LogitView(View):
    """See `activation_bench`."""

    gives = Result
    asks: ClassVar = {
        "slope_square": "the slope of the squared error",
        "p_entropy": "p after these steps, by cross-entropy",
        "p_square": "p after these steps, by the squared error",
    }

    # --- compute ----------------------------------------------------------------------------------
    def run(self, z: float, y: float, lr: float, t: int, **rest: Any) -> Result:
        if self.known is None or self.known[0] != (y, lr):  # moving z and t keeps it
            all_paths = trained(STARTS, y, lr)
            self.known = (y, lr), all_paths, _arrived(all_paths, y)
        _, all_paths, steps = self.known
        p, k = sigmoid(np.array(z)), int(np.abs(STARTS - z).argmin())
        slopes = np.array([slope(p, y) for slope in SLOPES.values()])
        on_grid = abs(STARTS[k] - z) < 1e-9  # wherever a hand can put it
        paths = all_paths[:, :, k] if on_grid else trained(np.array([z]), y, lr)[:, :, 0]
        return Result(z, y, lr, t, slopes, paths, steps)

    known: tuple[tuple, np.ndarray, np.ndarray] | None = None

    # --- draw -------------------------------------------------------------------------------------
    def build(self, canvas: Canvas, theme: Theme) -> None:
        self.canvas, self.theme = canvas, theme
        grid = canvas.figure.add_gridspec(2, 2, width_ratios=[1.15, 1], height_ratios=[1, 1])
        self._build_losses(canvas, theme, canvas.figure.add_subplot(grid[0, 0]))
        self._build_slopes(canvas, theme, canvas.figure.add_subplot(grid[1, 0]))
        self._build_training(canvas, theme, canvas.figure.add_subplot(grid[0, 1]))
        self._build_steps(canvas, theme, canvas.figure.add_subplot(grid[1, 1]))
        arrange(canvas.figure)

    def _build_losses(self, canvas: Canvas, theme: Theme, ax: Axes) -> None:
        ax.set(xlim=(-REACH, REACH), ylim=(-0.2, HIGHEST))
        dress(ax, theme, "Loss")
        marks = {"cross-entropy": "● cross-entropy", "squared error": "■ square"}
        legend(ax, theme, {marks[name]: LOOKS[name][0] for name in LOOKS})
        self.cursors = [self._cursor(canvas, theme, ax)]
        self.losses = self._curves(canvas, theme, ax)
        self.rolling = self._dots(canvas, theme, ax)
        canvas.pointable(ax, lambda x, y: {"z": x})

    def _build_slopes(self, canvas: Canvas, theme: Theme, ax: Axes) -> None:
        s = theme.sizes
        ax.set(xlim=(-REACH, REACH), ylim=(-1.08, 1.08))
        dress(ax, theme, "Slope", "logit z")
        legend(ax, theme, {"·· p (1 − p)": "purple"})
        share = sigmoid(STARTS)
        ax.axhline(0, color=theme.line, linewidth=s.thin)
        ax.plot(STARTS, share * (1 - share), ":", color=theme.color("purple"), linewidth=s.line)
        self.cursors.append(self._cursor(canvas, theme, ax))
        self.slopes = self._curves(canvas, theme, ax)
        self.here = self._dots(canvas, theme, ax)
        canvas.pointable(ax, lambda x, y: {"z": x})

    def _build_training(self, canvas: Canvas, theme: Theme, ax: Axes) -> None:
        ax.set(xlim=(0, STEPS), ylim=(-0.03, 1.03))
        dress(ax, theme, "p in training", "step")
        self.aim = canvas.moving(
            ax.plot([], [], ":", color=theme.quiet, linewidth=theme.sizes.line)[0]
        )
        self.shares = self._curves(canvas, theme, ax)
        self.now = self._dots(canvas, theme, ax)

    def _build_steps(self, canvas: Canvas, theme: Theme, ax: Axes) -> None:
        ax.set(xlim=(-REACH, REACH), ylim=(-6, STEPS))
        dress(ax, theme, f"Steps until |p − y| < {NEAR:g}", "logit at the start")
        self.steps = self._curves(canvas, theme, ax)
        self.taken = self._dots(canvas, theme, ax)
        canvas.pointable(ax, lambda x, y: {"z": x})

    def _cursor(self, canvas: Canvas, theme: Theme, ax: Axes) -> Any:
        """Where the training starts."""
        return canvas.moving(ax.axvline(0, color=theme.quiet, linewidth=theme.sizes.thin))

    def _curves(self, canvas: Canvas, theme: Theme, ax: Axes) -> list[Any]:
        return canvas.all_moving(
            ax.plot([], [], color=theme.color(color), linestyle=line,
                    linewidth=1.2 * theme.sizes.line, zorder=5)[0]
            for color, line, _ in LOOKS.values()
        )  # fmt: skip

    def _dots(self, canvas: Canvas, theme: Theme, ax: Axes) -> list[Any]:
        return canvas.all_moving(
            ax.plot([], [], marker, color=theme.color(color), markeredgecolor=theme.paper,
                    markersize=1.6 * theme.sizes.marker, zorder=7, clip_on=False)[0]
            for color, _, marker in LOOKS.values()
        )  # fmt: skip

    def draw(self, result: Result) -> None:
        y, now = result.y, result.paths[:, result.t]
        shares = sigmoid(STARTS)
        self.aim.set_data([0, STEPS], [y, y])
        for cursor in self.cursors:
            cursor.set_xdata([result.z, result.z])
        for k, (name, (of, _)) in enumerate((n, LOSSES[n]) for n in LOOKS):
            path, z = result.paths[k], np.clip(now[k], -REACH, REACH)
            self.losses[k].set_data(STARTS, of(STARTS, y))
            self.rolling[k].set_data([z], [of(z, y)])
            self.slopes[k].set_data(STARTS, SLOPES[name](shares, y))
            self.here[k].set_data([result.z], [result.slopes[k]])
            self.shares[k].set_data(np.arange(result.t + 1), sigmoid(path[: result.t + 1]))
            self.now[k].set_data([result.t], [sigmoid(path[result.t])])
            steps = np.where(result.steps[k] > STEPS, np.nan, result.steps[k])
            self.steps[k].set_data(STARTS, steps)
            there = np.isfinite(result.needed[k])
            self.taken[k].set_data([result.z] if there else [], [result.needed[k]] if there else [])

    # --- words ------------------------------------------------------------------------------------
    def status(self, result: Result) -> str:
        p, entropy, square = result.p, *result.slopes
        words = [_needed(n) for n in result.needed]
        return (
            f"p = {alt.number(p)}, y = {alt.number(result.y)}. Slopes: cross-entropy p − y = "
            f"{alt.number(entropy)}, square 2 (p − y) p (1 − p) = {alt.number(square)}. "
            f"p is within {NEAR:g} of y {words[0]} by cross-entropy, {words[1]} by the square."
        )

    def describe(self, result: Result) -> str:
        shares = sigmoid(result.paths[:, : result.t + 1])
        late = np.isinf(result.steps).sum(axis=1)
        return (
            f"Two losses of one logit for y = {alt.number(result.y)}, and their slopes. At z = "
            f"{alt.number(result.z)} the slope of cross-entropy is {alt.number(result.slopes[0])}, "
            f"that of the square {alt.number(result.slopes[1])}. In {alt.count(result.t, 'step')} "
            f"p {alt.trend(shares[0])} by cross-entropy and {alt.trend(shares[1])} by the square. "
            f"From {late[0]} and {late[1]} of {len(STARTS)} starts p is not near y after {STEPS} "
            "steps."
        )

    def numbers(self, result: Result) -> dict[str, float]:
        p_entropy, p_square = sigmoid(result.paths[:, result.t])
        return {
            "slope_entropy": float(result.slopes[0]),
            "slope_square": float(result.slopes[1]),
            "p_entropy": float(p_entropy),
            "p_square": float(p_square),
        }

    def script(self, z: float, y: float, lr: float, t: int, **_: Any) -> str:
        return f"""\
import numpy as np
import coursekit as ck

y = np.array([{y!r}])
entropy = ck.Objective(lambda z: {LOSSES["cross-entropy"][1]})
square = ck.Objective(lambda z: {LOSSES["squared error"][1]})

z0, opt = np.array([{z!r}]), ck.optim.GradientDescent(lr={lr!r})
slope_entropy, slope_square = entropy.grad(z0)[0], square.grad(z0)[0]
p_entropy, p_square = (
    ck.activations.sigmoid(ck.minimize(f, z0, opt, steps={t}).theta)[0] for f in (entropy, square)
)

print(f"slopes: cross-entropy {{slope_entropy:.4g}}, square {{slope_square:.4g}}")
print(f"p after {t} steps: cross-entropy {{p_entropy:.4f}}, square {{p_square:.4f}}")
"""


# --- the parts -----------------------------------------------------------------------------------
def trained(starts: np.ndarray, y: float, lr: float) -> np.ndarray:
    """(2, STEPS + 1, K): gradient descent on each of the losses, from K logits at once."""
    opt, z = GradientDescent(lr=lr), np.tile(starts, 2)[:, None]
    by_entropy = np.repeat([True, False], len(starts))[:, None]

    def grad(z):
        p = sigmoid(z)
        slope = p - y
        return np.where(by_entropy, slope, 2 * slope * p * (1 - p))

    f = Objective(value=lambda z: 0 * z[..., 0], grad=grad, batched=True)
    state, path = opt.init(z), [z]
    for _ in range(STEPS):
        z, state = opt.step(z, state, f)
        path.append(z)
    return np.array(path)[..., 0].reshape(STEPS + 1, 2, -1).swapaxes(0, 1)


def _arrived(paths: np.ndarray, y: float) -> np.ndarray:
    """The first step at which p is near y, (2, K) from (2, steps, K); else infinity."""
    near = np.abs(sigmoid(paths) - y) < NEAR
    return np.where(near.any(axis=1), near.argmax(axis=1), np.inf)


def _needed(steps: float) -> str:
    if np.isinf(steps):
        return f"not in {STEPS} steps"
    return "from the start" if steps == 0 else f"after {alt.count(int(steps), 'step')}"
