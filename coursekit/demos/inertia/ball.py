"""Momentum as a ball with friction: a view of `inertia`."""

import functools
import inspect
from typing import Any, NamedTuple

import numpy as np

from ...objective import Objective
from ...optim import GradientDescent, Momentum, Nesterov
from ...viz import alt, arrange, dress, legend, style
from ...viz.arrows import Arrows
from ...viz.artists import Labels
from ...viz.themes import Theme
from ...viz.trails import Trail
from ..canvas import Canvas
from ..views import View
from .filter import NEXT_TO_1, mu_of
from .grounds import GROUNDS, Ground, fall

TIME = 200  # in steps, before they are cut
SPLITS = (1, 2, 4, 8)
EDGE = 3.3  # of what is drawn
TOP = 5.9
LOST = 1e3  # a place from which nothing comes back
BESIDE = {"gradient descent": "GradientDescent", "Nesterov": "Nesterov"}
ARROWS = {"μv": "green", "−ηg": "vermilion", "step": "black"}


class Result(NamedTuple):
    """The ways of momentum, of the ball it stands for, and of another method."""

    ground: str
    mu: float
    lr: float
    split: int
    t: int
    cut: tuple[float, float]  # momentum and step size that are used
    x: np.ndarray  # places after 0, 1, ... steps, as far as it is not lost
    ball: np.ndarray  # (n, 3) time, place, velocity
    beside: str
    other: np.ndarray  # the way of that, with steps of the size that is set

    @property
    def mass(self) -> float:
        return self.mu / self.lr

    @property
    def friction(self) -> float:
        return (1 - self.mu) / self.lr

    @property
    def lost(self) -> bool:
        return not abs(self.x[-1]) < LOST

    @property
    def now(self) -> int:
        """The last step at time t."""
        return min(self.t * self.split, len(self.x) - 1)

    @property
    def parts(self) -> np.ndarray:
        """Of the next step: what is kept of the last one, and what the slope adds."""
        k = self.now
        kept = self.cut[0] * (self.x[k] - self.x[max(k - 1, 0)])
        return np.array([kept, -self.cut[1] * float(GROUNDS[self.ground](self.x[k])[1])])

    @property
    def energy(self) -> np.ndarray:
        """Height and motion of the walk, after each step but the last."""
        v = np.diff(self.x, prepend=self.x[0])
        v = (v[1:] + v[:-1]) / 2 * self.split
        return GROUNDS[self.ground](self.x[:-1])[0] + self.mass * v**2 / 2

    @property
    def apart(self) -> float:
        """The largest distance between the walk and the ball, as far as the walk goes."""
        here = np.interp(np.arange(len(self.x)) / self.split, self.ball[:, 0], self.ball[:, 1])
        return float(np.abs(self.x - here).max())


class Ball(View):
    """See `inertia`."""

    gives = Result

    # --- compute ----------------------------------------------------------------------------------
    def run(self, ground, momentum, lr, x, beside, split, t, **_: Any) -> Result:
        kept, rate = cut(momentum, lr, split)
        walk = _walk("Momentum", min(kept, NEXT_TO_1), rate, ground, x, TIME * split)
        other = _walk(BESIDE[beside], min(momentum, NEXT_TO_1), lr, ground, x, TIME)
        ball = _ball(ground, momentum, lr, x)
        return Result(
            ground, momentum, lr, split, min(t, TIME), (kept, rate), walk, ball, beside, other
        )

    # --- draw -------------------------------------------------------------------------------------
    def build(self, canvas: Canvas, theme: Theme) -> None:
        s = theme.sizes
        grid = canvas.figure.add_gridspec(2, 2, width_ratios=[1.5, 1])
        self.place = place = canvas.figure.add_subplot(grid[:, 0])
        place.set(xlim=(-EDGE, EDGE), ylim=(-0.35, TOP))
        dress(place, theme, " ", "x", grid="")  # leaves room for the legend
        place.set(yticks=[])
        words = {"▲ momentum": "blue", "● ball": "orange", "● GD": "black", "▼ Nesterov": "sky"}
        legend(place, theme, words)
        for n, (word, color) in enumerate(ARROWS.items()):
            place.text(0.35 + 0.15 * n, 0.99, word, transform=place.transAxes, fontsize=s.label,
                       ha="center", va="top", color=theme.text(color), weight="bold")  # fmt: skip
        self.scale = canvas.moving(Labels(place, s.tick, theme.quiet, va="top"))
        (self.ground,) = canvas.all_moving(
            place.plot([], [], color=theme.quiet, linewidth=s.line, zorder=3)
        )

        def dot(ax, mark, color, size, **look):
            return canvas.moving(
                *ax.plot([], [], mark, color=color, markersize=size * s.marker, clip_on=False,
                         **{"markeredgecolor": theme.paper, "zorder": 7, **look})
            )  # fmt: skip

        self.other_at = {
            name: dot(place, look["marker"], look["color"], 1.5)
            for name in BESIDE
            for look in [style(BESIDE[name], theme)]
        }
        self.ball_at = dot(place, "o", theme.color("orange"), 3.0, zorder=6)
        self.walk_at = dot(place, "^", theme.color("blue"), 1.7, zorder=8)
        self.arrows = canvas.moving(
            Arrows(place, [theme.color(c) for c in ARROWS.values()], 0.9 * s.line)
        )
        canvas.pointable(place, lambda x, y: {"x": x})

        self.times = times = canvas.figure.add_subplot(grid[0, 1])
        times.set(xlim=(0, TIME), ylim=(-EDGE, EDGE))
        dress(times, theme, "Place")
        times.tick_params(labelbottom=False)
        self.powers = powers = canvas.figure.add_subplot(grid[1, 1])
        powers.set(xlim=(0, TIME), ylim=(0, TOP))
        dress(powers, theme, "Energy", "time, in steps")
        pale = theme.tint(theme.color("orange"), 0.6)
        self.balls = canvas.all_moving(
            ax.plot([], [], color=pale, linewidth=2.2 * s.line, zorder=4)[0]
            for ax in (times, powers)
        )
        self.others = {
            name: Trail(times, theme, method, canvas.moving) for name, method in BESIDE.items()
        }
        self.trails = {ax: Trail(ax, theme, "Momentum", canvas.moving) for ax in (times, powers)}
        arrange(canvas.figure)

    def draw(self, result: Result) -> None:
        ground, k, n = GROUNDS[result.ground], result.now, result.split
        x = np.linspace(-EDGE, EDGE, 300)
        self.ground.set_data(x, ground(x)[0])
        ball = result.ball[result.t * (len(result.ball) - 1) // TIME]
        for mark, at in (
            (self.walk_at, result.x[k]), (self.ball_at, ball[1]),
            (self.other_at[result.beside], result.other[min(result.t, len(result.other) - 1)]),
        ):  # fmt: skip
            at = float(np.clip(at, -EDGE, EDGE))
            mark.set_data([at], [min(float(ground(at)[0]), TOP)])
        self._draw_arrows(result, ground)

        time = np.arange(len(result.x)) / n
        lost = result.lost and k == len(result.x) - 1
        self.trails[self.times].set_data(time, np.clip(result.x, -EDGE, EDGE), k, lost)
        energy = np.minimum(result.energy, TOP)
        self.trails[self.powers].set_data(time[:-1], energy, min(k, len(energy) - 1), lost)
        other = np.clip(result.other, -EDGE, EDGE)
        for name, trail in self.others.items():
            trail.set_data(np.arange(len(other)), other, min(result.t, len(other) - 1))
            trail.show(name == result.beside)
            self.other_at[name].set_visible(name == result.beside)
        when, where, speed = result.ball.T
        self.balls[0].set_data(when, np.clip(where, -EDGE, EDGE))
        power = ground(where)[0] + result.mass * speed**2 / 2
        self.balls[1].set_data(when, np.minimum(power, TOP))

    def _draw_arrows(self, result: Result, ground: Ground) -> None:
        """Tip to tail, one above the other, as many times as long as there is room for."""
        longest = float(np.abs(np.diff(result.x)).max(initial=1e-9))
        times = next((n for n in (20, 10, 5, 2) if n * longest < 2.2), 1)
        here = result.x[result.now]
        kept, slope = times * result.parts
        if abs(here) > EDGE:
            self.arrows.set_data(np.zeros((3, 2)), np.zeros((3, 2)))
        else:
            y = float(ground(here)[0]) + np.array([0.95, 0.7, 0.45])
            tails = np.column_stack([[here, here + kept, here], y])
            self.arrows.set_data(tails, np.column_stack([[kept, slope, kept + slope], np.zeros(3)]))
        words = f"arrows {times} times as long" if times > 1 else ""
        self.scale.set_labels([(0.0, 0.9 * TOP)], [words])

    # --- words ------------------------------------------------------------------------------------
    def status(self, result: Result) -> str:
        kept, slope = map(_number, result.parts)
        here = _number(result.x[result.now])
        now = "Lost." if _gone(result) else (
            f"Step {result.now + 1} starts at {here}: μv = {kept}, −ηg = {slope}."
        )  # fmt: skip
        used = "" if result.split == 1 else (
            f" Cut in {result.split}: μ {alt.number(result.cut[0])}, "
            f"η {alt.number(result.cut[1])}."
        )  # fmt: skip
        apart = "" if result.lost else f" Walk and ball are at most {_number(result.apart)} apart."
        return (
            f"{now} As a ball: mass μ/η = {alt.number(result.mass)}, friction (1 − μ)/η = "
            f"{alt.number(result.friction)}.{used} At the end momentum {_end(result.x)}, the ball "
            f"is at {_place(result.ball[-1, 1])}, {_called(result)} {_end(result.other)}.{apart}"
        )

    def describe(self, result: Result) -> str:
        about = {"bowl": "a bowl", "bump": "a bowl with one bump at −1", "waves": "a wavy bowl",
                 "slope": "a slope that ends on level ground"}[result.ground]  # fmt: skip
        energy = result.energy
        return (
            f"Three walkers on {about}, let go at {alt.number(result.x[0])}: momentum, the ball "
            f"with friction that it stands for, and {_called(result)}. The energy of the walk with "
            f"momentum {alt.trend(energy)}. {self.status(result)}"
        )

    def numbers(self, result: Result) -> dict[str, float]:
        return {"momentum": float(result.x[-1]), "beside": float(result.other[-1]),
                "mass": result.mass, "friction": result.friction}  # fmt: skip

    def quantities(self, result: Result) -> dict[str, float]:
        return {
            "where momentum is at the end": float(result.x[-1]),
            f"where {_called(result)} is at the end": float(result.other[-1]),
            "how far momentum and ball come apart": min(result.apart, LOST),
        }

    def script(self, ground, momentum, lr, x, beside, split, t, **_: Any) -> str:
        time, kept = (f"{TIME}", "mu") if split == 1 else (f"{TIME} * n", "mu / share")
        kept = "mu" if momentum == 1 else kept  # rounding might give 1 itself
        finer = (
            ""
            if split == 1
            else f"""\
n = {split}  # the same mass and friction in shorter time steps
share = mu + (1 - mu) / n
"""
        )
        nesterov = "Nesterov(lr=lr, momentum=mu, lookahead=True)"
        other = nesterov if beside == "Nesterov" else "GradientDescent(lr=lr)"
        rate = "lr" if split == 1 else "lr / (n**2 * share)"
        return f"""\
import numpy as np
import coursekit as ck


{inspect.getsource(GROUNDS[ground])}

def walk(opt, steps):
    theta, places = np.array([{x!r}]), [{x!r}]
    state = opt.init(theta)
    while len(places) <= steps and abs(theta[0]) < {LOST:g}:
        theta, state = opt.step(theta, state, f)
        places.append(float(theta[0]))
    return places


mu, lr = {mu_of(momentum)}, {lr!r}
mass, friction = mu / lr, (1 - mu) / lr  # where a step takes a unit of time
{finer}
f = ck.Objective(value=lambda x: {ground}(x[0])[0], grad=lambda x: {ground}(x)[1])
momentum = walk(ck.optim.Momentum(lr={rate}, momentum={kept}), {time})[-1]
beside = walk(ck.optim.{other}, {TIME})[-1]
print(f"mass {{mass:.4g}}, friction {{friction:.4g}}")
print(f"momentum ends at {{momentum:.4g}}, {beside} at {{beside:.4g}}")
"""


# --- the parts -----------------------------------------------------------------------------------
def cut(mu: float, lr: float, split: int) -> tuple[float, float]:
    """Momentum and step size that mean the same mass and friction in time steps 1 / split."""
    share = mu + (1 - mu) / split
    return mu / share, lr / (split**2 * share)


@functools.lru_cache(64)
def _walk(opt_name, mu, lr, ground, x, steps) -> np.ndarray:
    opt = {
        "Momentum": lambda: Momentum(lr=lr, momentum=mu),
        "Nesterov": lambda: Nesterov(lr=lr, momentum=mu, lookahead=True),
        "GradientDescent": lambda: GradientDescent(lr=lr),
    }[opt_name]()
    height = GROUNDS[ground]
    f = Objective(value=lambda x: height(x[0])[0], grad=lambda x: height(x)[1])
    theta, places = np.array([x]), [x]
    state = opt.init(theta)
    while len(places) <= steps and abs(theta[0]) < LOST:
        theta, state = opt.step(theta, state, f)
        places.append(float(theta[0]))
    return np.array(places)


@functools.lru_cache(64)
def _ball(ground, mu, lr, x) -> np.ndarray:
    least = 1e-9  # a mass, a friction: the limit is reached long before
    return fall(GROUNDS[ground], max(mu, least) / lr, max(1 - mu, least) / lr, x, TIME)


def _gone(result: Result) -> bool:
    return result.lost and result.now == len(result.x) - 1


def _called(result: Result) -> str:
    return "Nesterov's method" if result.beside == "Nesterov" else result.beside


def _place(x: float) -> str:
    return _number(x) if abs(x) < LOST else "far away"


def _number(value: float) -> str:
    return alt.number(value) if abs(value) > 1e-9 else "0"


def _end(x: np.ndarray) -> str:
    return f"is at {_place(x[-1])}" if abs(x[-1]) < LOST else "is lost"
