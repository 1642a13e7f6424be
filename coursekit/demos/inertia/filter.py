"""Momentum as a filter: a view of `inertia`. Noisy gradients go in, an average comes out."""

import functools
import inspect
import math
from typing import Any, ClassVar, NamedTuple

import numpy as np
from matplotlib.patches import Polygon

from ...objective import Objective
from ...optim import Momentum
from ...viz import alt, arrange, dress, legend
from ...viz.themes import Theme
from ...viz.trails import Trail
from ..adaptive.view import above
from ..canvas import Canvas
from ..views import View
from ..window import Window

STEPS, NEAR = 300, 60
BEGINS = 50  # steps before the step
NEXT_TO_1 = math.nextafter(1.0, 0.0)
OUTPUTS = ("average", "corrected", "velocity")
ANGLES = np.geomspace(1, 180, 150)
REACH = {"average": (0.003, 1.6), "corrected": (0.003, 1.6), "velocity": (0.3, 160.0)}


def step(k, turn):
    return np.where(k >= 50, 1.0, 0.0)


def constant(k, turn):
    return np.ones(len(k))


def drift(k, turn):
    return k / 100


def turning(k, turn):
    return np.cos(np.deg2rad(turn) * k)


SIGNALS = {"step": step, "constant": constant, "drift": drift, "turning": turning}  # of size 1


def end(signal: str) -> int:
    """The last step there is: a turning gradient is seen from nearer by."""
    return NEAR if signal == "turning" else STEPS


class Result(NamedTuple):
    """What goes in and what comes out, step by step."""

    mu: float
    signal: str
    size: float
    turn: int
    noise: float
    output: str
    t: int
    true: np.ndarray  # (n,) the slope
    seen: np.ndarray  # with noise
    out: np.ndarray  # the chosen output
    clean: np.ndarray  # what it were without noise
    spread: np.ndarray  # of the noise in it
    gain: np.ndarray  # what is left of a gradient that turns by each of ANGLES

    @property
    def memory(self) -> float:
        return math.inf if self.mu == 1 else 1 / (1 - self.mu)

    @property
    def now(self) -> int:
        """The index of step t; at step 0 nothing has come in yet, and step 1 is shown."""
        return max(self.t, 1) - 1


class Filter(View):
    """See `inertia`."""

    gives = Result
    asks: ClassVar = {
        "out": "what comes out at this step",
        "spread": "the spread of the noise at the end",
    }

    # --- compute ----------------------------------------------------------------------------------
    def run(self, momentum, signal, size, turn, noise, output, seed, t, **_: Any) -> Result:
        k = np.arange(end(signal))
        true = size * SIGNALS[signal](k, turn)
        seen = true + noise * _noise(seed)[: len(k)]
        u = _velocities(momentum, signal, turn, seed)
        scale = _scale(momentum, output, len(k))
        spread = noise * scale * np.sqrt(np.cumsum(momentum ** (2.0 * k)))
        clean, rest = size * u[: len(k), 0], noise * u[: len(k), 1]
        return Result(
            momentum, signal, size, turn, noise, output, min(t, len(k)), true, seen,
            scale * (clean + rest), scale * clean, spread, _gain(momentum, ANGLES, output),
        )  # fmt: skip

    # --- draw -------------------------------------------------------------------------------------
    def build(self, canvas: Canvas, theme: Theme) -> None:
        s = theme.sizes
        grid = canvas.figure.add_gridspec(1, 2, width_ratios=[2.1, 1])
        self.flow = flow = canvas.figure.add_subplot(grid[0])
        flow.set(xlim=(0, STEPS), ylim=(-5, 5))
        dress(flow, theme, "In and out", "step (green: how much each gradient counts)")
        legend(flow, theme, {"seen": "orange", "- - true": "black", "▲ out": "blue"})
        (self.seen,) = canvas.all_moving(
            flow.plot([], [], color=theme.tint(theme.color("orange"), 0.55),
                      linewidth=0.8 * s.thin, zorder=3)
        )  # fmt: skip
        wash = theme.tint(theme.color("blue"), 0.25)
        self.band = canvas.moving(flow.add_patch(Polygon([(0, 0)], facecolor=wash, linewidth=0)))
        (self.true,) = canvas.all_moving(
            flow.plot([], [], "--", color=theme.ink, linewidth=0.7 * s.line, zorder=4)
        )
        self.out = Trail(flow, theme, "Momentum", canvas.moving)
        green = theme.tint(theme.color("green"), 0.6)
        self.weights = canvas.moving(
            flow.add_patch(Polygon([(0, 0)], facecolor=green, linewidth=0))
        )
        self.window = Window(canvas, theme, flow, widest="−100")
        self.window.hold(self.seen, self.band, self.true, self.out, self.weights)
        canvas.pointable(flow, lambda x, y: {"t": round(x)}, self.window.transform)

        self.answer = answer = canvas.figure.add_subplot(grid[1])
        answer.set(xlim=(1, 180), ylim=REACH["average"], xscale="log", yscale="log")
        dress(answer, theme, "Out, for 1 in", "turn per step, °")
        answer.set_xticks([1, 10, 90, 180], ["1", "10", "90", ""])
        (self.curve,) = canvas.all_moving(
            answer.plot([], [], color=theme.color("blue"), linewidth=s.line, zorder=4)
        )
        (self.dot,) = canvas.all_moving(
            answer.plot([], [], "^", color=theme.color("blue"), markeredgecolor=theme.paper,
                        markersize=1.75 * s.marker, zorder=6, clip_on=False)
        )  # fmt: skip
        self.answers = Window(canvas, theme, answer, x=False, widest="0.01")
        self.answers.hold(self.curve, self.dot)
        canvas.pointable(answer, lambda x, y: {"turn": round(x)}, self.answers.transform)
        arrange(canvas.figure)

    def draw(self, result: Result) -> None:
        n = len(result.true)
        k = np.arange(1, n + 1)
        both = np.concatenate([result.seen, result.out])
        top = above(1.05 * float(np.abs(both).max()), (1, 1.5, 2, 3, 5))
        low = -top if both.min() < -top / 2 else -top / 2
        self.window.show(xlim=(0.0, float(n)), ylim=(low, top))
        self.seen.set_data(k, result.seen)
        self.true.set_data(k, result.true)
        self.out.set_data(k, result.out, result.now)
        under, over = result.clean - result.spread, result.clean + result.spread
        self.band.set_xy(np.column_stack([[*k, *k[::-1]], [*under, *over[::-1]]]))
        t = result.t
        share = low + 0.2 * (top - low) * result.mu ** np.arange(t, dtype=float)[::-1]
        bars = np.column_stack([np.repeat(np.arange(t + 1), 2)[1:-1], np.repeat(share, 2)])
        self.weights.set_xy([(0, low), *bars, (t, low)])
        self.answers.show(ylim=REACH[result.output])
        self.curve.set_data(ANGLES, np.maximum(result.gain, 1e-6))
        at = [result.turn] if result.signal == "turning" else []
        self.dot.set_data(at, [max(_gain(result.mu, a, result.output), 1e-6) for a in at])

    # --- words ------------------------------------------------------------------------------------
    def status(self, result: Result) -> str:
        parts = (_memory(result), _noise_left(result), _signal(result), _start(result))
        return " ".join(filter(None, parts))

    def describe(self, result: Result) -> str:
        of = {"step": f"jumps to {alt.number(result.size)} after step {BEGINS}",
              "constant": f"is always {alt.number(result.size)}",
              "drift": f"grows by {alt.number(result.size)} in 100 steps",
              "turning": f"turns by {result.turn} degrees a step, size {alt.number(result.size)}",
              }[result.signal]  # fmt: skip
        return (
            f"A true slope that {of}, seen through noise of spread {alt.number(result.noise)} for "
            f"{len(result.true)} steps, and the {_called(result.output)} that momentum "
            f"{alt.number(result.mu)} makes of it: at step {result.t} it is "
            f"{alt.number(result.out[result.now] if result.t else 0.0)}. Beside it, on logarithmic "
            f"axes, what is left of a gradient that turns: {alt.number(result.gain[0])} at 1 "
            f"degree a step, {alt.number(result.gain[-1])} at 180. {self.status(result)}"
        )

    def numbers(self, result: Result) -> dict[str, float]:
        return {
            "out": float(result.out[result.now]),
            "spread": float(result.spread[-1]),
        }

    def script(self, momentum, signal, size, turn, noise, output, seed, t, **_: Any) -> str:
        ema, n = output != "velocity", end(signal)
        style = ', style="ema"' if ema else ""
        correct = "out, spread = out / weights[:t].sum(), spread / weights.sum()\n"
        return f"""\
import numpy as np
import coursekit as ck


{inspect.getsource(SIGNALS[signal])}

mu, t, k = {mu_of(momentum)}, {min(max(t, 1), n)}, np.arange({n})
noise = {noise!r} * np.random.default_rng({seed}).standard_normal({STEPS})[:{n}]
seen = {size!r} * {signal}(k, {turn}) + noise

theta, opt = np.zeros(1), ck.optim.Momentum(lr=1.0, momentum=mu{style})
state = opt.init(theta)
for g in seen[:t]:
    f = ck.Objective(value=np.sum, grad=lambda x: np.array([g]))
    theta, state = opt.step(theta, state, f)
out = float(state.u[0])

weights = {"(1 - mu) * " if ema else ""}mu**k
spread = {noise!r} * np.sqrt(np.sum(weights**2))
{correct if output == "corrected" else ""}\
print(f"after step {{t}}: {{out:.4g}}; the noise in it at the end has a spread of {{spread:.4g}}")
"""


def mu_of(momentum: float) -> str:
    """The momentum in code: the number, or the one just below 1."""
    return "float(np.nextafter(1, 0))" if momentum == 1 else repr(momentum)


# --- the parts -----------------------------------------------------------------------------------
@functools.lru_cache(10)
def _noise(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(STEPS)


@functools.lru_cache(256)
def _velocities(mu: float, signal: str, turn: int, seed: int) -> np.ndarray:
    """The velocity (300, 2) after each step: on the true slope of size 1, and on noise alone.

    Momentum only adds and scales, so these two tell it for every size and noise.
    """
    gradients = np.column_stack([SIGNALS[signal](np.arange(STEPS), turn), _noise(seed)])
    now = 0
    f = Objective(value=np.sum, grad=lambda x: gradients[now])
    opt, theta = Momentum(lr=1.0, momentum=min(mu, NEXT_TO_1)), np.zeros(2)
    state, rows = opt.init(theta), np.empty((STEPS, 2))
    for now in range(STEPS):
        theta, state = opt.step(theta, state, f)
        rows[now] = state.u
    return rows


def _scale(mu: float, output: str, steps: int) -> Any:
    """What the velocity after each step is multiplied by."""
    if output == "velocity":
        return 1.0
    if output == "average":
        return 1 - mu
    return 1 / np.cumsum(mu ** np.arange(steps))  # (1 - mu) / (1 - mu^k)


def _gain(mu: float, degrees: Any, output: str) -> Any:
    """The length of the output on a gradient of length 1 that turns by this angle, in the end."""
    turn = np.deg2rad(degrees)
    return (1 if output == "velocity" else 1 - mu) / np.abs(1 - mu * np.exp(1j * turn))


def _called(output: str) -> str:
    return {"average": "average (1 − μ) u", "corrected": "average (1 − μ) u / (1 − μᵗ)",
            "velocity": "velocity u"}[output]  # fmt: skip


def _memory(result: Result) -> str:
    if result.mu == 1:
        return "Memory without end: every gradient counts for ever."
    return f"Memory 1/(1 − μ): {alt.count(round(result.memory), 'step')}."


def _noise_left(result: Result) -> str:
    """How the noise comes out, and the steady part of the slope beside it."""
    if not result.noise:
        return ""
    left = result.spread[-1]
    said = f"Of noise {alt.number(result.noise)}, {alt.number(left)} is left at the end"
    if result.signal in ("step", "constant") and result.size and left:
        ratios = (result.size / result.noise, result.clean[-1] / left)
        said += f"; slope to noise: {alt.number(ratios[0])} in, {alt.number(ratios[1])} out"
    return said + "."


def _signal(result: Result) -> str:
    """When the slope itself comes out, and how much of it."""
    if result.signal == "turning":
        left = alt.number(_gain(result.mu, result.turn, result.output))
        return f"Of a gradient of length 1 that turns by {result.turn}° in a step, {left} is left."
    if not result.size or result.mu == 1:
        return ""
    if result.signal == "drift":
        late = alt.number(result.mu / (1 - result.mu), 2)
        return f"In the long run a drift comes μ/(1 − μ) = {late} steps late."
    began = BEGINS if result.signal == "step" else 0
    whole = result.size * (result.memory if result.output == "velocity" else 1)
    there = result.clean[began:] >= (1 - math.exp(-1)) * whole * (1 - 1e-9)
    if not there.any():
        return "In the end less than 63 % of the slope has come out."
    after = alt.count(int(there.argmax()) + 1, "step")
    return f"63 % of what comes out in the end is there after {after}."


def _start(result: Result) -> str:
    if result.output != "average" or result.signal != "constant" or result.mu == 1:
        return ""
    share = 1 - result.mu**result.t
    return f"At step {result.t} the weights add up to {alt.number(share)}."
