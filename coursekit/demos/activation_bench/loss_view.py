"""Three logits, what softmax makes of them, and where a loss sends them: for `activation_bench`."""

from collections.abc import Iterator
from typing import Any, ClassVar, NamedTuple

import numpy as np
from matplotlib.axes import Axes

from ...activations import softmax
from ...autograd import jacobian
from ...losses import cross_entropy
from ...objective import Objective
from ...optim import GradientDescent
from ...viz import alt, arrange, blank, dress
from ...viz.artists import Labels
from ...viz.themes import Theme
from ..canvas import Canvas
from ..views import View
from ..window import Window
from ..worker import Pace
from .jacobian_panel import Jacobian
from .loss_script import LOSSES, script

STEPS = 300
CLASSES = (("blue", "o"), ("orange", "s"), ("green", "^"))  # colour and marker of each
CORNERS = np.array([[0.0, 0.0], [1.0, 0.0], [0.5, 0.75**0.5]])  # of the triangle
SPANS = ((-3.5, 3.5), (-7, 7), (-14, 14), (-60, 60), (-400, 400))


class Result(NamedTuple):
    """The logits, what the loss makes of them, and where its gradient leads."""

    loss: str
    target: int
    smoothing: float
    temperature: float
    shift: float
    z: np.ndarray  # (3,) as set, without the shift
    y: np.ndarray  # (3,)
    value: float
    g: np.ndarray  # (3,) the gradient by the logits
    J: np.ndarray  # (3, 3) the derivatives of the probabilities, a row each, by the logits
    path: np.ndarray  # (steps so far + 1, 3) logits, without the shift
    after: float  # the loss at step t
    t: int

    @property
    def p(self) -> np.ndarray:
        return softmax(self.z / self.temperature)

    @property
    def now(self) -> int:
        return min(self.t, len(self.path) - 1)

    @property
    def gap(self) -> float:
        """How far the target's logit is above the others where p = y; infinite if y has zeros."""
        right, wrong = self.y[self.target], np.delete(self.y, self.target)[0]
        return self.temperature * float(np.log(right / wrong)) if wrong else np.inf


class LossView(View):
    """See `activation_bench`."""

    gives = Result
    asks: ClassVar = {
        "loss": "the loss",
        "after": "the loss after these steps",
        "apart": "how far apart the logits end",
    }

    # --- compute ----------------------------------------------------------------------------------
    def run(self, loss, target, z1, z2, z3, temperature, shift, smoothing, t, **rest) -> Iterator:
        of, k, z0 = LOSSES[loss][0], int(target) - 1, np.array([z1, z2, z3])
        y = (1 - smoothing) * np.eye(3)[k] + smoothing / 3
        f = Objective(lambda z: of((z[None, :] + shift) / temperature, y[None, :]))
        opt = GradientDescent(lr=temperature**2)  # as if the logits were z / temperature
        state, path, pace = opt.init(z0), [z0], Pace(0.012)
        value, g = f.value_and_grad(z0)
        J = jacobian(lambda z: softmax((z + shift) / temperature))(z0)

        def so_far() -> Result:
            after = float(f.value(path[min(t, len(path) - 1)]))
            setting = loss, k, smoothing, temperature, shift, z0, y, float(value), g, J
            return Result(*setting, np.array(path), after, t)

        for _ in range(STEPS):
            theta, state = opt.step(path[-1], state, f)
            path.append(theta)
            if pace.due():
                yield so_far()
        yield so_far()

    # --- draw -------------------------------------------------------------------------------------
    def build(self, canvas: Canvas, theme: Theme) -> None:
        self.canvas, self.theme = canvas, theme
        grid = canvas.figure.add_gridspec(2, 3, width_ratios=[1.55, 1, 1], height_ratios=[1, 1.15])
        self._build_triangle(canvas, theme, canvas.figure.add_subplot(grid[:, 0]))
        self.shares = self._build_bars(
            canvas, theme, canvas.figure.add_subplot(grid[0, 1]), "p, — target", (0, 1.12)
        )
        self.pushes = self._build_bars(
            canvas, theme, canvas.figure.add_subplot(grid[0, 2]), "Gradient", (-1.2, 1.2)
        )
        self._build_path(canvas, theme, canvas.figure.add_subplot(grid[1, 1]))
        self.slopes = Jacobian(canvas, theme, canvas.figure.add_subplot(grid[1, 2]))
        arrange(canvas.figure)

    def _build_triangle(self, canvas: Canvas, theme: Theme, ax: Axes) -> None:
        s = theme.sizes
        blank(ax, theme, "Probabilities")
        ax.set(xlim=(-0.14, 1.14), ylim=(-0.24, 0.98), aspect="equal", anchor="N")
        ax.fill(*CORNERS.T, color=theme.tint(theme.color("blue"), 0.1))
        ax.fill(*CORNERS.T, fill=False, edgecolor=theme.line, linewidth=s.thin)
        centre = CORNERS.mean(axis=0)
        for corner, (color, marker), n in zip(CORNERS, CLASSES, (1, 2, 3), strict=True):
            ax.plot(*corner, marker, color=theme.color(color), markersize=1.4 * s.marker)
            x, y = corner + np.sign(corner - centre) * (0, 0.09)
            ax.text(x, y, f"class {n}", fontsize=s.label, color=theme.text(color), ha="center",
                    fontweight="bold", va="center")  # fmt: skip
        (self.aim,) = canvas.all_moving(
            ax.plot([], [], "+", color=theme.ink, markersize=3 * s.marker,
                    markeredgewidth=s.line, zorder=5)
        )  # fmt: skip
        (self.trail,) = canvas.all_moving(
            ax.plot([], [], color=theme.color("vermilion"), linewidth=s.line, zorder=6)
        )
        self.head = self._dot(canvas, theme, ax, "vermilion", 1.5)
        self.point = self._dot(canvas, theme, ax, "black", 2.0)
        ax.text(0.5, -0.19, "● p    + target    ─ descent", fontsize=s.tick, color=theme.quiet,
                ha="center", va="top")  # fmt: skip
        canvas.pointable(ax, self._pointed)

    def _dot(self, canvas: Canvas, theme: Theme, ax: Axes, color: str, size: float) -> Any:
        (dot,) = ax.plot([], [], "o", color=theme.color(color), markeredgecolor=theme.paper,
                         markersize=size * theme.sizes.marker, zorder=7, clip_on=False)  # fmt: skip
        return canvas.moving(dot)

    def _pointed(self, x: float, y: float) -> dict[str, float]:
        """Logits whose softmax is the point of the triangle nearest to there."""
        p = np.linalg.solve(np.vstack([CORNERS.T, np.ones(3)]), [x, y, 1.0])
        p = np.maximum(p, 1e-3)
        z = self.temperature * np.log(p)
        z = np.clip(z - z.mean(), -6, 6)
        return {f"z{k + 1}": float(z[k]) for k in range(3)}

    def _build_bars(
        self, canvas: Canvas, theme: Theme, ax: Axes, title: str, span: tuple[float, float]
    ) -> tuple[list[Any], Any, Labels, Labels]:
        """Three bars, where they should end, and numbers over and under their ends."""
        s = theme.sizes
        ax.set(xlim=(0.4, 3.6), ylim=span)
        dress(ax, theme, title, grid="")
        ax.spines["left"].set_visible(False)
        ax.spines["bottom"].set_visible(False)
        ax.set(xticks=[1, 2, 3], yticks=[])
        ax.axhline(0, color=theme.line, linewidth=s.thin)
        bars = canvas.all_moving(
            ax.bar(n + 1, 0, 0.6, color=theme.color(color))[0]
            for n, (color, _) in enumerate(CLASSES)
        )
        marks = canvas.moving(
            ax.plot([], [], "_", color=theme.ink, markersize=4.4 * s.marker,
                    markeredgewidth=s.line, zorder=6)[0]
        )  # fmt: skip
        over, under = canvas.moving(
            Labels(ax, s.tick, theme.ink), Labels(ax, s.tick, theme.ink, va="top")
        )
        return bars, marks, over, under

    def _build_path(self, canvas: Canvas, theme: Theme, ax: Axes) -> None:
        s = theme.sizes
        ax.set(xlim=(0, STEPS), ylim=SPANS[1])
        dress(ax, theme, "Logits, trained", "step")
        ax.set_xticks(range(0, STEPS + 1, 100))
        self.logits = Window(canvas, theme, ax, x=False, ticks=5, widest="−20")
        self.curves = canvas.all_moving(
            ax.plot([], [], color=theme.color(color), linewidth=1.1 * s.line, marker=marker,
                    markevery=[-1], markersize=1.4 * s.marker, zorder=5, clip_on=False)[0]
            for color, marker in CLASSES
        )  # fmt: skip
        self.limits = canvas.moving(
            ax.plot([], [], color=theme.ink, linewidth=s.thin, linestyle=(0, (4, 3)))[0]
        )
        self.logits.hold(*self.curves, self.limits)

    def draw(self, result: Result) -> None:
        self.temperature = result.temperature
        p, now = result.p, result.now
        self.point.set_data(*(CORNERS.T @ p)[:, None])
        self.aim.set_data(*(CORNERS.T @ result.y)[:, None])
        walked = softmax(result.path[: now + 1] / result.temperature) @ CORNERS
        self.trail.set_data(*walked.T)
        self.head.set_data(*walked[-1:].T)

        bars, marks, over, _ = self.shares
        for bar, share in zip(bars, p, strict=True):
            bar.set_height(share)
        marks.set_data([1, 2, 3], result.y)
        over.set_labels([(n + 1, share + 0.03) for n, share in enumerate(p)],
                        [f"{share:.2f}" for share in p])  # fmt: skip

        bars, _, over, under = self.pushes
        ends = []  # (x, y, word) over the bars, then under them
        for n, (bar, push) in enumerate(zip(bars, result.g + 0.0, strict=True)):
            bar.set_height(min(max(push, -1.0), 1.0))
            ends.append((n + 1, bar.get_height() + 0.06 * np.sign(push), f"{push:+.2f}"))
        for labels, sign in ((over, "+"), (under, "-")):
            kept = [end for end in ends if end[2][0] == sign]
            labels.set_labels([end[:2] for end in kept], [end[2] for end in kept])

        self.slopes.show(result.J)
        path = result.path - result.path[0].mean()
        seen = np.abs(path).max()
        span = next((span for span in SPANS if seen < 0.97 * span[1]), SPANS[-1])
        self.logits.show(ylim=span)
        for k, curve in enumerate(self.curves):
            curve.set_data(np.arange(now + 1), path[: now + 1, k])
        known = np.isfinite(result.gap) and _settles(result)
        levels = result.gap / 3 * np.array([2, -1]) if known else np.zeros(0)
        self.limits.set_data(np.tile([0, STEPS, np.nan], len(levels)), np.repeat(levels, 3))

    # --- words ------------------------------------------------------------------------------------
    def status(self, result: Result) -> str:
        p, now = result.p, result.now
        said = (
            f"p = ({', '.join(f'{share:.2f}' for share in p)}), loss {alt.number(result.value)}; "
            f"gradient ({', '.join(f'{v:+.2f}' for v in result.g + 0.0)})"
            f"{_formula(result)}. "
        )
        if abs(result.shift) > 709 * result.temperature:
            said += (
                "exp(z) alone would overflow; minus the largest logit it does not. "
                if (result.shift > 0)
                else "exp(z) alone would be 0 / 0; minus the largest logit it is not. "
            )
        spread = np.ptp(result.path[now])
        said += (
            f"After {alt.count(now, 'step')} the loss is {alt.number(result.after)} and the "
            f"logits are {alt.number(spread)} apart"
        )
        return f"{said}{_fate(result)}."

    def describe(self, result: Result) -> str:
        k = result.target
        return (
            f"Three logits, their softmax {alt.listing(alt.number(v, 2) for v in result.p)} as a "
            f"point of a triangle, and the gradient of {result.loss} with class {k + 1} as the "
            f"target. The slopes of the shares by their own logits are "
            f"{alt.listing(alt.number(v, 2) for v in np.diag(result.J))}. "
            f"Along the gradient the logit of class {k + 1} "
            f"{alt.trend(result.path[: result.now + 1, k])} and its probability "
            f"{alt.trend(softmax(result.path[: result.now + 1] / result.temperature)[:, k])}."
        )

    def numbers(self, result: Result) -> dict[str, float]:
        now = result.now
        return {
            "loss": result.value,
            "share": float(result.p[result.target]),
            "push": float(result.g[result.target]),
            "after": float(result.after),
            "apart": float(np.ptp(result.path[now])),
        }

    def script(self, **values: Any) -> str:
        return script(**values)


# --- the parts -----------------------------------------------------------------------------------
def _settles(result: Result) -> bool:
    """Whether the loss is least at p = y."""
    return result.loss in ("cross-entropy", "squared error")


def _formula(result: Result) -> str:
    if result.loss == "cross-entropy":
        return " = p - y" if result.temperature == 1 else " = (p - y) / T"
    if result.loss == "minus forgotten":
        return ": uphill for the right class" if _below(result) else ""
    return ""


def _below(result: Result) -> bool:
    """Whether the right class has less than its target; without smoothing it always has."""
    return bool(result.p[result.target] < result.y[result.target])


def _fate(result: Result) -> str:
    """Where it all goes."""
    if result.loss == "minus forgotten":
        return f": the right class is driven {'out' if _below(result) else 'up, past its target'}"
    if result.loss == "squashed twice" and not result.smoothing:
        u = np.eye(3)[result.target]
        least = float(cross_entropy(u[None, :], u[None, :]))
        return f"; this loss never falls below {alt.number(least, 4)}"
    if not _settles(result):
        return ""
    if np.isinf(result.gap):
        return "; they grow for ever"
    return f"; the least loss has them {alt.number(result.gap)} apart"
