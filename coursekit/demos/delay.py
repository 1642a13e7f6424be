"""Gradient descent with gradients that arrive late: how much smaller must its steps be?"""

import functools
from typing import Any, ClassVar, NamedTuple

import numpy as np
from matplotlib.axes import Axes

from .. import optim
from ..backend import to_device, to_host
from ..objective import Objective
from ..viz import alt, arrange, blank, dress, legend
from ..viz.themes import Theme
from .canvas import Canvas
from .engine import Demo
from .params import Param

STEPS = 120
MOST = 20  # steps that a gradient may be late
LOST = 1e4  # a distance from which no walk comes back
HIGH = 2.2  # the distance that the picture shows
LOW, TOP = 0.03, 2.5  # lr times lambda on the picture of the limits


def delay(state: str | None = None, **settings: Any) -> Demo:
    """Descend on x^2 / 2 with gradients of some steps ago: theta <- theta - lr F'(theta_{k - tau}).

    It converges below lr times lambda = 2 sin(pi / (4 tau + 2)) (Levin and May 1976).

    >>> import coursekit as ck
    >>> demo = ck.demos.delay(delay=1, step_size=1.1)
    >>> demo.compute(**demo.values).radius > 1
    True
    """
    return Delay(state, **settings).show()


class Result(NamedTuple):
    """Where descent goes with late gradients and with fresh ones, and what decides it."""

    a: float  # lr times lambda
    delay: int
    t: int
    late: np.ndarray  # positions, the first of them 1
    fresh: np.ndarray
    roots: np.ndarray  # of z^(tau + 1) - z^tau + a

    @property
    def radius(self) -> float:
        return float(abs(self.roots).max())


class Delay(Demo):
    """See `delay`."""

    name = "delay"
    title = "Gradients that arrive late"
    asks: ClassVar = {"radius": "the factor of a step in the long run"}
    size = (880, 330)
    params = (
        Param("delay", 5, (0, MOST), label="delay τ", doc="in steps; or drag ● on the right"),
        Param("step_size", 0.2, (LOW, TOP), log=True, label="lr × λ",
              doc="step size times curvature; or drag ● on the right"),
        Param("t", STEPS, (0, STEPS), play=True, until=lambda v: STEPS, label="step"),
    )  # fmt: skip
    presets = {  # noqa: RUF012
        "no delay": {"delay": 0, "step_size": 1.5},
        "one step late": {"delay": 1, "step_size": 0.9},
        "one step late, too far": {"delay": 1, "step_size": 1.1},
        "five steps late": {},
        "ten steps late, too far": {"delay": 10},
        "ten steps late, mended": {"delay": 10, "step_size": 0.04},
    }

    # --- compute ----------------------------------------------------------------------------------
    def run(self, delay, step_size, t) -> Result:
        c = np.zeros(delay + 2)
        c[0] = 1
        c[1] -= 1
        c[-1] += step_size
        late, fresh = _walk(step_size, delay), _walk(step_size, 0)
        return Result(step_size, delay, t, late, fresh, np.roots(c))

    # --- draw -------------------------------------------------------------------------------------
    def build(self, canvas: Canvas, theme: Theme) -> None:
        grid = canvas.figure.add_gridspec(1, 3, width_ratios=[1.6, 0.85, 1.15])
        self._build_walks(canvas, theme, canvas.figure.add_subplot(grid[0]))
        self._build_disc(canvas, theme, canvas.figure.add_subplot(grid[1]))
        self._build_limits(canvas, theme, canvas.figure.add_subplot(grid[2]))
        arrange(canvas.figure)

    def _build_walks(self, canvas: Canvas, theme: Theme, ax: Axes) -> None:
        s = theme.sizes
        ax.set(xlim=(0, STEPS), ylim=(-HIGH, HIGH))
        dress(ax, theme, "Position", "step")
        legend(ax, theme, {"● fresh": "black", "■ late": "vermilion"})
        self.walks = []
        for color, marker in (("black", "o"), ("vermilion", "s")):
            (line,) = ax.plot([], [], color=theme.color(color), linewidth=0.8 * s.line)
            (head,) = ax.plot(
                [], [], marker, color=theme.color(color), markersize=1.2 * s.marker, clip_on=False
            )
            self.walks.append(canvas.all_moving([line, head]))

    def _build_disc(self, canvas: Canvas, theme: Theme, ax: Axes) -> None:
        blank(ax, theme, "Roots z")
        ax.set(xlim=(-1.3, 1.3), ylim=(-1.3, 1.3), aspect="equal", anchor="N")
        around = np.exp(2j * np.pi * np.arange(201) / 200)
        ax.fill(around.real, around.imag, color=theme.tint(theme.color("blue"), 0.22))
        ax.set_xlabel("stable inside", fontsize=theme.sizes.label, color=theme.ink)
        (self.roots,) = canvas.all_moving(
            ax.plot([], [], "s", color=theme.color("vermilion"), markersize=theme.sizes.marker)
        )

    def _build_limits(self, canvas: Canvas, theme: Theme, ax: Axes) -> None:
        s, tau = theme.sizes, np.linspace(0, MOST, 200)
        ax.set(xlim=(-0.7, MOST + 0.7), ylim=(LOW, TOP), yscale="log")
        dress(ax, theme, "Largest lr × λ", "delay τ", grid="")
        ax.fill_between(tau, LOW, limit(tau), color=theme.tint(theme.color("blue"), 0.22))
        ax.plot(tau, limit(tau), color=theme.color("blue"), linewidth=s.line)
        ax.set_xticks([0, 5, 10, 15, 20])
        ax.set_yticks([0.1, 0.5, 1, 2], ["0.1", "0.5", "1", "2"])
        ax.minorticks_off()
        for x, y, word in ((12, 0.7, "diverges"), (0.8, 0.062, "converges")):
            ax.text(x, y, word, fontsize=s.label, color=theme.ink)
        (self.dot,) = canvas.all_moving(
            ax.plot([], [], "o", color=theme.color("vermilion"), markersize=1.5 * s.marker,
                    markeredgecolor=theme.paper, clip_on=False)
        )  # fmt: skip
        canvas.pointable(ax, lambda x, y: {"delay": round(x), "step_size": y})

    def draw(self, result: Result) -> None:
        for (line, head), x in zip(self.walks, (result.fresh, result.late), strict=True):
            x = x[: result.t + 1]
            line.set_data(np.arange(len(x)), np.clip(x, -10 * HIGH, 10 * HIGH))
            seen = slice(-1, None) if len(x) > result.t and abs(x[-1]) <= HIGH else slice(0, 0)
            head.set_data(np.arange(len(x))[seen], x[seen])
        z = result.roots / np.maximum(1, abs(result.roots) / 1.25)
        self.roots.set_data(z.real, z.imag)
        self.dot.set_data([result.delay], [result.a])

    # --- words ------------------------------------------------------------------------------------
    def status(self, result: Result) -> str:
        old = f"Gradients {alt.count(result.delay, 'step')} old" if result.delay else "No delay"
        most, converges = limit(result.delay), "converges" if result.radius < 1 else "diverges"
        return (
            f"{old}, lr λ = {alt.number(result.a)}: the limit is {alt.number(most)}, it "
            f"{converges}. In the long run a step multiplies the distance by "
            f"{alt.number(result.radius)}, with fresh gradients by {alt.number(abs(1 - result.a))}."
        )

    def describe(self, result: Result) -> str:
        ends = (
            f"with {name} gradients it {_end(x)}"
            for name, x in (("fresh", result.fresh), ("late", result.late))
        )
        where = "inside" if result.radius < 1 else "on or outside"
        return (
            f"Position against step: {' and '.join(ends)}. Of "
            f"{alt.count(len(result.roots), 'root')} the largest is {alt.number(result.radius)} "
            f"from 0, {where} the unit circle. The largest step size falls with the delay; at "
            f"{alt.count(result.delay, 'step')} it is {alt.number(limit(result.delay))}."
        )

    def numbers(self, result: Result) -> dict[str, float]:
        return {"radius": result.radius, "end": float(result.late[-1])}

    def script(self, delay, step_size, t) -> str:
        return f"""\
import numpy as np

a, delay = {step_size!r}, {delay!r}  # lr times curvature; steps that a gradient is late
theta = [1.0] * (delay + 1)
for k in range({STEPS}):
    theta.append(theta[-1] - a * theta[-1 - delay])
    if not abs(theta[-1]) < {LOST:g}:  # it does not come back from there
        break
end = theta[-1]
print(f"after {{k + 1}} steps at {{end:.3g}}")

c = np.zeros(delay + 2)  # z^(delay + 1) - z^delay + a
c[0] = 1
c[1] -= 1
c[-1] += a
radius = abs(np.roots(c)).max()
print(f"a step multiplies the distance by {{radius:.4f}}")
print(f"the limit is {{2 * np.sin(np.pi / (4 * delay + 2)):.4f}}")
"""


# --- the parts -----------------------------------------------------------------------------------
def limit(tau: Any) -> Any:
    """The lr times lambda from which descent with a delay does not converge.

    >>> float(limit(0)), round(float(limit(1)), 9)
    (2.0, 1.0)
    """
    return 2 * np.sin(np.pi / (4 * np.asarray(tau) + 2))


@functools.lru_cache(256)
def _walk(a: float, delay: int) -> np.ndarray:
    """Positions on x^2 / 2 from 1, until they are lost; before the start all was at 1."""
    opt, theta = optim.SGD(lr=a), to_device(np.ones(1))
    state, past = opt.init(theta), [theta] * (delay + 1)
    for k in range(STEPS):
        late = Objective(value=lambda x: x @ x / 2, grad=lambda x, old=past[k]: old)
        theta, state = opt.step(theta, state, late)
        past.append(theta)
        if not abs(float(theta[0])) < LOST:
            break
    return np.array([float(to_host(x)[0]) for x in past[delay:]])


def _end(x: np.ndarray) -> str:
    if len(x) <= STEPS:
        return f"is lost after {alt.count(len(x) - 1, 'step')}"
    return f"ends at {alt.number(x[-1])}"
