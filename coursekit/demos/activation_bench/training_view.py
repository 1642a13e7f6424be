"""A few units learn XOR, or a line between two clouds: a view of `activation_bench`."""

from collections.abc import Iterator
from typing import Any, ClassVar, NamedTuple

import numpy as np
from matplotlib.axes import Axes

from ...activations import sigmoid
from ...viz import Heading, alt, arrange, blank, dress, legend
from ...viz.artists import Pixels
from ...viz.themes import Theme, rgb
from ..canvas import Canvas
from ..views import View
from ..window import Window
from ..worker import Pace
from . import functions, small_nets
from .small_nets import STARTS, STEPS, Problem, Run

GUESSING = float(np.log(2))
SPANS = {"XOR": ((-0.6, 1.6), (-0.6, 1.6)), "two blobs": ((-6.5, 6.5), (-6.0, 6.0))}


class Result(NamedTuple):
    """Ten trainings so far, one of which is looked at."""

    problem: Problem
    run: Run
    seed: int
    t: int
    done: bool

    @property
    def now(self) -> int:
        return min(self.t, len(self.run.thetas) - 1)

    @property
    def loss(self) -> float:
        return float(self.run.losses[self.now, self.seed])

    @property
    def moved(self) -> np.ndarray:
        """(steps so far + 1, STARTS): how far the first layer is from where it began."""
        W = self.problem.net.layout.size - self.rest
        with np.errstate(over="ignore", invalid="ignore"):
            first = self.run.thetas[..., :W] - self.run.thetas[:1, :, :W]
            return np.linalg.norm(first, axis=-1)

    @property
    def rest(self) -> int:
        """The numbers in theta that are not in the first layer."""
        return self.problem.width + 1 if self.problem.task == "XOR" else 0

    @property
    def right(self) -> np.ndarray:
        """(steps so far + 1, 2): the share of each class that is decided rightly."""
        _, y = self.problem.points
        right = small_nets.right(self.problem, self.run.logits[:, self.seed])
        return np.stack([right[:, y == 0].mean(axis=1), right[:, y == 1].mean(axis=1)], axis=1)

    @property
    def solved(self) -> np.ndarray:
        """(STARTS,) which of the trainings decide every point rightly by now."""
        return np.all(small_nets.right(self.problem, self.run.logits[self.now]), axis=-1)


class TrainingView(View):
    """See `activation_bench`."""

    gives = Result
    asks: ClassVar = {
        "loss": "the loss",
        "right": "the share that is decided rightly",
        "moved": "how far the hidden weights have moved",
    }

    # --- compute ----------------------------------------------------------------------------------
    def run(self, seed: int, t: int, **v: Any) -> Iterator[Result]:
        problem, pace = small_nets.problem(v), Pace(0.012)
        if self.known is not None and self.known[0] == problem:
            yield Result(problem, self.known[1], seed, t, True)
            return
        pace.due()
        path: list[np.ndarray] = []
        with np.errstate(over="ignore", invalid="ignore"):
            for path in small_nets.train(problem, range(STARTS)):
                if pace.due():
                    yield Result(problem, small_nets.measured(problem, path), seed, t, False)
            self.known = problem, small_nets.measured(problem, path)
        yield Result(problem, self.known[1], seed, t, True)

    known: tuple[Problem, Run] | None = None  # the last problem: time and seed only look at it

    # --- draw -------------------------------------------------------------------------------------
    def build(self, canvas: Canvas, theme: Theme) -> None:
        self.canvas, self.theme = canvas, theme
        grid = canvas.figure.add_gridspec(2, 2, width_ratios=[1.1, 1], height_ratios=[1, 1])
        self._build_map(canvas, theme, canvas.figure.add_subplot(grid[:, 0]))
        self._build_loss(canvas, theme, canvas.figure.add_subplot(grid[0, 1]))
        self._build_below(canvas, theme, canvas.figure.add_subplot(grid[1, 1]))
        arrange(canvas.figure)

    def _build_map(self, canvas: Canvas, theme: Theme, ax: Axes) -> None:
        s = theme.sizes
        blank(ax, theme, "Decisions")
        legend(ax, theme, {"■ class 0": "blue", "● class 1": "orange"})
        ax.set(xlim=SPANS["XOR"][0], ylim=SPANS["XOR"][1])
        self.plane = Window(canvas, theme, ax, x=False, y=False)
        self.map = canvas.moving(Pixels(ax))
        self.classes = canvas.all_moving(
            ax.plot([], [], marker, color=theme.color(color), markeredgecolor=theme.ink,
                    markersize=size * s.marker, zorder=6)[0]
            for marker, color, size in (("s", "blue", 1), ("o", "orange", 1))
        )  # fmt: skip
        (self.wrong,) = canvas.all_moving(
            ax.plot([], [], "x", color=theme.ink, markersize=1.1 * s.marker,
                    markeredgewidth=0.8 * s.line, zorder=7)
        )  # fmt: skip
        self.plane.hold(*self.classes, self.wrong)
        shades = [theme.tint(theme.color(c), 0.5) for c in ("blue", "orange")]
        low, high = (np.array(rgb(shade)) for shade in shades)
        middle, share = np.array(rgb(theme.paper)), np.linspace(-1, 1, 256)[:, None]
        colours = middle + np.where(share < 0, -share * (low - middle), share * (high - middle))
        self.shades = np.column_stack([255 * colours, np.full(256, 255)]).round().astype(np.uint8)

    def _build_loss(self, canvas: Canvas, theme: Theme, ax: Axes) -> None:
        ax.set(xlim=(0, STEPS), ylim=(0, 1.0))
        dress(ax, theme, "Loss from ten starts")
        self.loss = Window(canvas, theme, ax, x=False)
        self.losses = self._bundle(canvas, theme, ax, "vermilion")
        self.loss.hold(*self.losses)

    def _build_below(self, canvas: Canvas, theme: Theme, ax: Axes) -> None:
        s = theme.sizes
        ax.set(xlim=(0, STEPS), ylim=(-0.2, 4))
        dress(ax, theme, " ", "step")
        self.below = Window(canvas, theme, ax, x=False)
        self.heading = canvas.moving(Heading(ax, theme))
        self.moves = self._bundle(canvas, theme, ax, "green")
        self.shares = canvas.all_moving(
            ax.plot([], [], color=theme.color(color), linewidth=1.2 * s.line, marker=marker,
                    markevery=[-1], markersize=1.4 * s.marker, zorder=5, clip_on=False)[0]
            for color, marker in (("blue", "s"), ("orange", "o"))
        )  # fmt: skip
        self.below.hold(*self.moves, *self.shares)

    def _bundle(self, canvas: Canvas, theme: Theme, ax: Axes, color: str) -> list[Any]:
        """Ten thin curves in one line, and a thick one."""
        s, hue = theme.sizes, theme.color(color)
        return canvas.all_moving(
            [
                ax.plot([], [], color=theme.tint(hue, 0.45), linewidth=s.thin)[0],
                ax.plot([], [], color=hue, linewidth=1.2 * s.line, marker="o", markevery=[-1],
                        markersize=1.2 * s.marker, zorder=5, clip_on=False)[0],
            ]
        )  # fmt: skip

    def draw(self, result: Result) -> None:
        p, now = result.problem, result.now
        xor = p.task == "XOR"
        xlim, ylim = SPANS[p.task]
        self.plane.show(xlim=xlim, ylim=ylim)
        self._draw_map(result, xlim, ylim)
        x, y = p.points
        for k, dots in enumerate(self.classes):
            dots.set_data(*x[y == k].T)
            size = (2.6 if xor else 0.9) * self.theme.sizes.marker
            if dots.get_markersize() != size:
                dots.set_markersize(size)
        missed = ~small_nets.right(p, result.run.logits[now, result.seed])
        self.wrong.set_data(*x[xor & missed].T)

        self._draw_bundle(self.loss, self.losses, result.run.losses, result, HEIGHTS)
        if xor:
            self._draw_bundle(self.below, self.moves, result.moved, result, LENGTHS)
        else:
            self.below.show(ylim=(-0.03, 1.08))
            for line in self.moves:
                line.set_data([], [])
        self.heading.say(MOVED if xor else SHARES)
        for k, line in enumerate(self.shares):
            right = result.right[: 0 if xor else now + 1, k]
            line.set_data(np.arange(len(right)), right)

    def _draw_bundle(
        self, window: Window, lines: list[Any], curves: np.ndarray, result: Result, spans
    ):
        now = result.now
        kept = np.clip(np.nan_to_num(curves, nan=LOST), -LOST, LOST)
        low, high = kept[:, result.seed].min(), kept[:, result.seed].max()
        span = next((s for s in spans if s[0] <= low and high <= s[1]), spans[-1])
        window.show(ylim=span)
        shown = kept[: now + 1]
        steps = np.append(np.arange(now + 1.0), np.nan)
        gaps = np.vstack([shown, np.full(shown.shape[1], np.nan)])
        lines[0].set_data(np.tile(steps, gaps.shape[1]), gaps.T.ravel())
        lines[1].set_data(np.arange(now + 1), np.clip(shown[:, result.seed], *span))

    def _draw_map(self, result: Result, xlim: Any, ylim: Any) -> None:
        height, width = self.map.room
        grain = 4  # CSS pixels to a cell of the map
        across = np.linspace(xlim[0], xlim[1], -(-width // grain))
        up = np.linspace(ylim[1], ylim[0], -(-height // grain))
        places = np.stack(np.meshgrid(across, up), axis=-1).reshape(-1, 2)
        theta = result.run.thetas[result.now, result.seed]
        z = np.nan_to_num(small_nets._logits(result.problem, theta, places))
        share = sigmoid(z).reshape(len(up), len(across))
        cells = self.shades[np.round(255 * share).astype(int)]
        fine = cells.repeat(grain, axis=0).repeat(grain, axis=1)[:height, :width]
        self.map.set_data(fine)

    # --- words ------------------------------------------------------------------------------------
    def status(self, result: Result) -> str:
        p = result.problem
        said = f"After {alt.count(result.now, 'step')} the loss is {_size(result.loss)}. "
        if p.task == "XOR":
            right = int((result.right[result.now] * 2).sum())
            said += (
                f"{alt.count(p.width, 'unit')} of {p.title}: {right} of 4 points are right. The "
                f"hidden weights have moved {_size(result.moved[result.now, result.seed])}. "
                f"{int(result.solved.sum())} of {STARTS} starts solve XOR."
            )
            return said
        zero, one = result.right[result.now]
        return (
            f"{said}Decided rightly: {alt.percent(zero)} of class 0, {alt.percent(one)} of class 1."
        )

    def describe(self, result: Result) -> str:
        p, losses = result.problem, result.run.losses[: result.now + 1, result.seed]
        if p.task == "XOR":
            what = (
                f"A net with {alt.count(p.width, 'hidden unit')} of "
                f"{p.title} on the four points of XOR. "
                f"{int((result.right[result.now] * 2).sum())} of the four are decided rightly"
            )
        else:
            zero, one = result.right[result.now]
            what = (
                f"A line between two clouds, {alt.number(p.distance)} apart in each coordinate. "
                f"Decided rightly are "
                f"{alt.percent(zero)} of class 0 and {alt.percent(one)} of class 1"
            )
        return f"{what}. The loss {_trend(losses)}."

    def numbers(self, result: Result) -> dict[str, float]:
        return {
            "loss": result.loss,
            "right": float(result.right[result.now].mean()),
            "moved": float(result.moved[result.now, result.seed]),
        }

    def script(self, task: str, loss: str, lr: float, seed: int, t: int, **v: Any) -> str:
        p = small_nets.problem({"task": task, "loss": loss, "lr": lr, **v})
        made, needs, layers = "", "", "ck.Linear(2, 1)"
        data = f"""\
y = np.repeat([0.0, 1.0], 50)
x = np.random.default_rng(0).standard_normal((100, 2)) + {p.distance!r} * (y[:, None] - 0.5)"""
        if task == "XOR":
            made, needs = functions.defined(p.activation, dict(p.numbers))
            made, layers = f"\n{made}", f"ck.Linear(2, {p.width}), f, ck.Linear({p.width}, 1)"
            data = "x, y = np.array([[0, 0], [0, 1], [1, 0], [1, 1.0]]), np.array([0, 1, 1, 0.0])"
        return f"""\
{needs}import numpy as np
import coursekit as ck

{data}{made}
net = ck.Sequential({layers})
theta = net.init("xavier_normal", rng={seed}).astype(float)

def of(theta):
    z = net(theta, x)[:, 0]
    return {small_nets.LOSSES[loss][1]}

path = ck.minimize(ck.Objective(of), theta, ck.optim.GradientDescent(lr={lr!r}), steps={t})
loss, z = path.value, net(path.theta, x)[:, 0]
right = 0.5 * np.mean(z[y == 0] < 0) + 0.5 * np.mean(z[y == 1] > 0)
first = slice(0, net.layout.size{f" - {p.width + 1}" if task == "XOR" else ""})  # the first layer
moved = np.linalg.norm((path.theta - theta)[first])

print(f"loss {{loss:.4f}} after {t} steps, {{right:.0%}} decided rightly")
print(f"the weights of the first layer have moved {{moved:.3g}}")
"""


# --- the parts -----------------------------------------------------------------------------------
MOVED, SHARES = "Hidden weights moved by", "Decided rightly, by class"
LOST = 1000.0  # a curve beyond stays there
HEIGHTS = ((0.0, 1.0), (0.0, 2.5), (0.0, 10.0), (-10.0, 10.0), (0.0, 30.0), (-100.0, 20.0),
           (0.0, 200.0), (0.0, LOST), (-LOST, 100.0))  # fmt: skip
LENGTHS = ((-0.2, 4.0), (-0.5, 10.0), (-2.0, 40.0), (-50.0, LOST))


def _size(value: float) -> str:
    return alt.number(value) if np.isfinite(value) else "beyond all numbers"


def _trend(losses: np.ndarray) -> str:
    if len(losses) == 1:
        return f"is {_size(losses[0])} before the first step"
    return f"{alt.trend(losses)} in {alt.count(len(losses) - 1, 'step')}"
