"""Gradient descent against SGD on 10,000 equations: by steps, by epochs and by the clock."""

from collections import OrderedDict
from collections.abc import Iterator
from typing import Any, ClassVar

import numpy as np
from matplotlib.axes import Axes

from ...viz import alt, arrange, blank, dress, legend, outlined
from ...viz.artists import Labels
from ...viz.themes import Theme
from ..canvas import Canvas
from ..engine import Demo
from ..params import Param
from ..window import Window
from . import big_problem
from .big_problem import FULL, LOST, TWIN, Bowl, Cloud, Curve, Problem, problem
from .duel import M, Result, end_of, unit_of

ORDERS = {
    "each epoch": "shuffle",
    "once": "once",
    "never": "none",
    "with replacement": "replacement",
}
AXES = {
    "steps": "steps",
    "epochs": "epochs: passes through all rows",
    "seconds": "seconds, as measured on this machine",
}
BATCHES = (1, 2, 5, 10, 20, 32, 50, 100, 200, 500, 1000, 2000, 5000, M)
DEPTHS = tuple(10.0**-k for k in (4, 6, 8, 12, 16))  # what the axis of losses may reach down to
ROWS = (0.6, 0.34, 0.08)  # heights of the lines of the table


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
        Param("axis", "epochs", choices=("steps", "epochs", "seconds"), label="count",
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
        batch, at = v["batch_size"], (v["condition"], v["noise"])
        bowl = Bowl(FULL, *at)
        lr_gd, lr_sgd = 1.0, bowl.safe_rate(batch)
        if v["rates"] == "own":
            lr_gd, lr_sgd = v["lr_gd"], v["lr_sgd"]
        seed = v["seed"] if v["order"] != "never" else 0
        how: Any = (lr_sgd, batch, v["epochs"], ORDERS[v["order"]], seed)

        def costs() -> tuple[float, float]:
            return big_problem.seconds(M), big_problem.seconds(batch)

        def cloud(p: Problem, curve: Curve, batch: int) -> Cloud:
            unit = unit_of(v["axis"], -(-M // v["batch_size"]), costs() if clock else None)
            now = v["t"] / 100 * end_of(v, unit) / unit[1]
            k = int(np.searchsorted(curve.epochs, now, side="right")) - 1
            return p.cloud(curve.points[k], batch)

        clock = v["axis"] == "seconds"
        runs, so_far = self._runs, (bowl, v, lr_gd, lr_sgd)
        if (at, how) not in runs:
            twin = big_problem.quick(*at, *how)
            seen = cloud(problem(TWIN, *at), twin, big_problem.preview(lr_sgd, batch)[1])
            known = costs() if clock else None
            begun = twin._replace(epochs=twin.epochs[:1], above=twin.above[:1])
            yield Result(*so_far, begun, twin, seen, known)
            for curve in big_problem.sgd(problem(FULL, *at), *how):
                if not curve.done:
                    yield Result(*so_far, curve, twin, seen, known)
            runs[at, how] = curve
            if len(runs) > 4:
                runs.popitem(last=False)
        sgd = runs[at, how]
        seen = cloud(problem(FULL, *at), sgd, batch)
        yield Result(*so_far, sgd, None, seen, costs())

    # --- draw -------------------------------------------------------------------------------------
    def build(self, canvas: Canvas, theme: Theme) -> None:
        grid = canvas.figure.add_gridspec(2, 2, width_ratios=[1.8, 1], height_ratios=[1, 0.85])
        self._build_loss(canvas, theme, canvas.figure.add_subplot(grid[:, 0]))
        self._build_cloud(canvas, theme, canvas.figure.add_subplot(grid[0, 1]))
        self._build_table(canvas, theme, canvas.figure.add_subplot(grid[1, 1]))
        arrange(canvas.figure)

    def _build_loss(self, canvas: Canvas, theme: Theme, ax: Axes) -> None:
        s = theme.sizes
        ax.set(yscale="log", xlim=(0, 1), ylim=(1e-4, 3))
        dress(ax, theme, "Loss", " ")  # leaves room for what is counted
        legend(ax, theme, {"● gradient descent": "black", "■ SGD": "orange"})
        self.window = Window(canvas, theme, ax, widest="1e-16")
        black, orange = theme.ink, theme.color("orange")
        inside: dict[str, Any] = {"transform": self.window.transform}
        bold, thin = ({"linewidth": width * s.line, **inside} for width in (1, 0.6))
        (self.goal,) = canvas.all_moving(ax.plot([], [], ":", color=theme.quiet, **bold))
        (self.twin,) = canvas.all_moving(ax.plot([], [], color=theme.tint(orange, 0.6), **thin))
        self.ahead = canvas.all_moving(
            ax.plot([], [], color=theme.tint(c, 0.4), **thin)[0] for c in (black, orange)
        )
        self.sgd, self.gd = canvas.all_moving(
            ax.plot([], [], color=c, markersize=0.7 * s.marker, markeredgewidth=0, **bold)[0]
            for c in (orange, black)
        )
        self.reached = canvas.all_moving(
            ax.plot([], [], shape, color=c, markersize=1.9 * s.marker, zorder=6,
                    markeredgecolor=theme.paper, clip_on=False, **inside)[0]
            for shape, c in (("o", black), ("s", orange))
        )  # fmt: skip
        (self.cross,) = canvas.all_moving(
            ax.plot([], [], "--", color=theme.color("blue"), linewidth=s.thin, zorder=4, **inside)
        )
        blue = theme.text("blue")
        self.passes = canvas.moving(Labels(ax, s.tick, blue, "bold", "left", "top"))
        self.enough = canvas.moving(Labels(ax, s.tick, theme.quiet, "normal", "right", "bottom"))
        self.enough.set(path_effects=outlined(theme), zorder=7)

    def _build_cloud(self, canvas: Canvas, theme: Theme, ax: Axes) -> None:
        s = theme.sizes
        blank(ax, theme, "Gradients of batches")
        ax.set(xlim=(-1, 1), ylim=(-0.4, 0.8))
        ax.plot([0], [0], "+", color=theme.quiet, markersize=2 * s.marker)
        (self.dots,) = canvas.all_moving(
            ax.plot([], [], "s", color=theme.color("orange"), markersize=0.45 * s.marker,
                    markeredgewidth=0)
        )  # fmt: skip
        self.arrow = canvas.all_moving(
            [*ax.plot([], [], color=theme.ink, linewidth=1.2 * s.line, zorder=6),
             *ax.plot([], [], "^", color=theme.ink, markersize=1.5 * s.marker, zorder=6)]
        )  # fmt: skip
        self.ratio = canvas.moving(Labels(ax, s.label, theme.ink, "bold", "left", "bottom"))

    def _build_table(self, canvas: Canvas, theme: Theme, ax: Axes) -> None:
        s = theme.sizes
        blank(ax, theme, "Until good enough")
        ax.set(xlim=(0, 1), ylim=(0, 1))
        for x, word, color in ((0.62, "● GD", "black"), (1.0, "■ SGD", "orange")):
            ax.text(x, 0.97, word, ha="right", va="top", weight="bold", fontsize=s.label,
                    color=theme.text(color))  # fmt: skip
        for y, word in zip(ROWS, ("steps", "epochs", "seconds"), strict=True):
            ax.text(0, y, word, va="baseline", fontsize=s.label, color=theme.quiet)
        self.cells = {
            (n, wins): canvas.moving(
                Labels(ax, 1.15 * s.label, theme.text(color), "bold" if wins else "normal", "right")
            )
            for n, color in enumerate(("black", "orange"))
            for wins in (False, True)
        }

    def draw(self, result: Result) -> None:
        v, end = result.values, result.end
        unit, now = result.unit, v["t"] / 100 * end
        curves = (result.gd, _scaled(result.sgd, unit[1], end))
        low = _lowest(result)
        self.window.show(xlim=(0.0, end), ylim=(low, 3.0))
        self.window.call(AXES[v["axis"]])
        for (x, y), line, ahead in zip(curves, (self.gd, self.sgd), self.ahead, strict=True):
            y = np.clip(y, low / 3, 10)
            past = int(np.searchsorted(x, now, side="right"))
            line.set_data(x[:past], y[:past])
            ahead.set_data(x[max(past - 1, 0) :], y[max(past - 1, 0) :])
        few = end / unit[0] <= 45
        self.gd.set_marker("o" if few else "")
        self.twin.set_visible(result.twin is not None)
        if result.twin is not None:
            self.twin.set_data(*_scaled(result.twin, unit[1], end))

        target = v["target"]
        self.goal.set_data([0, end], [target, target])
        over = target * (3 / low) ** 0.015
        self.enough.set_labels(self.window.place([(end, over)]), ["good enough"])
        for mark, at in zip(self.reached, result.places, strict=True):
            mark.set_data([at], [target]) if at <= now else mark.set_data([], [])
        if (cross := result.crossing) <= now:
            self.cross.set_data([cross, cross], [low, 3.0])
            self.passes.align = 1.0 if cross > 0.62 * end else 0.0
            beside = cross + (0.01 - 0.02 * self.passes.align) * end
            self.passes.set_labels(self.window.place([(beside, 2.4)]), ["GD passes SGD"])
        else:
            self.cross.set_data([], [])
            self.passes.set_labels([], [])
        self._draw_cloud(result.cloud)
        self._draw_table(result)

    def _draw_cloud(self, cloud: Cloud) -> None:
        along, away = cloud.dots.T
        reach = max(cloud.length / 0.7, np.abs(along).max() / 0.8, np.abs(away).max() / 0.95)
        self.dots.set_data(away / reach, along / reach)
        tip = cloud.length / reach
        self.arrow[0].set_data([0, 0], [0, tip])
        self.arrow[1].set_data([0], [tip])
        self.ratio.set_labels([(-1, -0.4)], [_noise(cloud)])

    def _draw_table(self, result: Result) -> None:
        words: dict[tuple[int, bool], list] = {key: [] for key in self.cells}
        for y, pair in zip(ROWS, result.table, strict=True):
            for n in (0, 1):
                wins = pair is not None and pair[n] < pair[1 - n]
                word = "…" if pair is None else _short(pair[n])
                words[n, wins].append(((0.62, 1.0)[n], y, word))
        for key, cells in self.cells.items():
            cells.set_labels([c[:2] for c in words[key]], [c[2] for c in words[key]])

    # --- words ------------------------------------------------------------------------------------
    def status(self, result: Result) -> str:
        v = result.values
        if lost := _lost(result):
            return lost
        steps, epochs = result.needed
        target, per_epoch = alt.number(v["target"]), result.per_epoch
        said = [f"Down to {target}: "]
        said[0] += "GD never comes" if np.isinf(steps) else f"GD takes {_count(steps, 'step')}"
        said[0] += (
            f", SGD ends at {alt.number(result.floor)}."
            if np.isinf(epochs)
            else f", SGD {_count(round(epochs * per_epoch), 'step')}, {alt.number(epochs)} epochs."
        )
        worth = result.worth
        said.append(
            f"One epoch of SGD comes as far as {_count(worth, 'step')} of GD"
            if worth
            else "One epoch of SGD brings nothing"
        )
        if result.costs:
            gd, step = result.costs
            said[-1] += (
                f", and takes {alt.number(step * per_epoch / gd, 2)} times as long as one step "
                "(measured here, so never twice the same)"
            )
        return " ".join(said) + "."

    def describe(self, result: Result) -> str:
        v = result.values
        over = " Gradient descent passes SGD." if result.crossing < np.inf else ""
        return (
            f"The loss of gradient descent and of SGD with batches of {v['batch_size']}, counted "
            f"in {v['axis']}; condition number of X {alt.number(v['condition'])}, noise "
            f"{v['noise']:g}, shuffled: {v['order']}. SGD {alt.trend(_ends(result.known))} in "
            f"{alt.count(v['epochs'], 'epoch')}.{over} Beside it a cloud of gradients of batches: "
            f"{_noise(result.cloud)}. {self.status(result)}"
        )

    def numbers(self, result: Result) -> dict[str, float]:
        return {
            "gd": float(result.bowl.descent(result.lr_gd, result.values["epochs"])),
            "sgd": float(result.known.above[-1]),
        }

    def script(self, **v: Any) -> str:
        rates = "1.0, 1 / (1 + sum(s**2) / B)" if v["batch_size"] < M else "1.0, 1.0"
        if v["rates"] == "own":
            rates = f"{v['lr_gd']!r}, {v['lr_sgd']!r}"
        order = ORDERS[v["order"]]
        seed = v["seed"] if v["order"] != "never" else 0
        return f"""\
import numpy as np
import coursekit as ck

m, n, B, epochs = {M}, {FULL[1]}, {v["batch_size"]}, {v["epochs"]}
rng = np.random.default_rng(0)
G = rng.standard_normal((m, n))
U = G @ np.linalg.inv(np.linalg.cholesky(G.T @ G / m)).T  # columns at right angles
s = np.geomspace(1, 1 / {v["condition"]!r}, n)
w, errors = rng.standard_normal(n), rng.standard_normal(m)
X = U * s
y = X @ w
y += {v["noise"]!r} * np.sqrt(np.mean(y**2)) * errors
order = np.argsort(y)
X, y = X[order], y[order]
best = np.linalg.solve(X.T @ X, X.T @ y)
lr_gd, lr_sgd = {rates}


def on(rows):
    A, b = X[rows], y[rows]
    return ck.Objective(
        value=lambda w: np.mean((A @ w - b) ** 2) / 2, grad=lambda w: (A @ w - b) @ A / len(b)
    )


def above(w):  # the least loss counts as 0, that of the start as 1; X.T @ X / m is diag(s**2)
    return float(s**2 @ (w - best) ** 2 / (s**2 @ best**2))


path = ck.minimize(on(slice(None)), np.zeros(n), ck.optim.GradientDescent(lr_gd), steps=epochs)
gd = min(above(path.theta), {10 * LOST:.0e})

opt, theta = ck.optim.SGD(lr_sgd), np.zeros(n)
state = opt.init(theta)
for rows in ck.minibatches(m, B, epochs=epochs, sampling="{order}", rng={seed}):
    theta, state = opt.step(theta, state, on(rows))
    if not above(theta) < {LOST:.0e}:  # it does not come back from there
        break
sgd = min(above(theta), {10 * LOST:.0e})
print(f"after {{epochs}} passes: gradient descent {{gd:.3g}}, SGD {{sgd:.3g}}")
"""


# --- the parts -----------------------------------------------------------------------------------
def _lost(result: Result) -> str:
    """Which of the two diverges, in a sentence."""
    v, said = result.values, []
    if result.lr_gd >= 2:
        said.append(f"GD diverges at lr × L = {alt.number(result.lr_gd)}: the limit is 2.")
    if result.known.lost:
        safe = result.bowl.safe_rate(v["batch_size"])
        said.append(
            f"SGD diverges after {alt.number(result.known.epochs[-1], 2)} epochs: its step of "
            f"{alt.number(result.lr_sgd)} is {alt.number(result.lr_sgd / safe, 2)} times the safe "
            f"one for batches of {v['batch_size']}."
        )
    return " ".join(said)


def _scaled(curve: Curve, epoch: float, end: float) -> tuple[np.ndarray, np.ndarray]:
    """The curve of SGD on the axis, up to a little past its end."""
    x = curve.epochs * epoch
    last = int(np.searchsorted(x, end)) + 1
    return x[:last], np.clip(curve.above[:last], 1e-300, 10)


def _lowest(result: Result) -> float:
    """How far down the axis of losses reaches: gradient descent may leave the picture."""
    least = min(result.values["target"], float(result.known.above.min())) / 3
    return next((d for d in DEPTHS if d <= least), DEPTHS[-1])


def _ends(curve: Curve) -> np.ndarray:
    return np.array([curve.above[0], np.inf if curve.lost else curve.above[-1]])


def _noise(cloud: Cloud) -> str:
    ratio = cloud.noise / cloud.length
    if ratio < 1e-6:
        return "no noise: all rows at once"
    return f"noise = {alt.number(ratio, 2) if ratio < 1e4 else 'over 10000'} × gradient"


def _short(x: float) -> str:
    if np.isinf(x):
        return "never"
    return f"{x:.0f}" if 1000 <= x < 1e5 else alt.number(x, 2) if x < 100 else alt.number(x)


def _count(n: float, word: str) -> str:
    return alt.count(int(n), word) if n < 1e5 else f"{alt.number(n)} {word}s"
