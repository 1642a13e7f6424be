"""Wilson's data: features that belong to one example each, and who takes the bait."""

import functools
from collections.abc import Iterator
from typing import Any, ClassVar, NamedTuple

import numpy as np
from matplotlib.axes import Axes

from ... import optim
from ...viz import alt, arrange, dress
from ...viz.artists import Labels
from ...viz.themes import Theme
from ...viz.trails import Tags, Trail
from ..canvas import Canvas
from ..params import Param
from ..window import Window
from .view import Bars, View, above
from .walk import MOST, Walk, walked

METHODS = {"SGD": "black", "Adagrad": "orange", "Adam": "vermilion"}
TEST = 2000  # fresh examples
COLUMNS = ("label", "1", "own +", "own −")


class Result(NamedTuple):
    """Per method and step: four mean weights, train error, test error."""

    rows: dict[str, np.ndarray]  # (steps + 1, 6)
    share: float  # of the positive examples among the fresh ones
    n: int
    t: int
    steps: int

    def now(self, name: str) -> int:
        return min(self.t, len(self.rows[name]) - 1)

    def at(self, name: str) -> np.ndarray:
        return self.rows[name][self.now(name)]


class Bait(View):
    """Least squares on labels +1 and -1, from weights of 0."""

    name = "Wilson's data"
    gives = Result
    asks: ClassVar = {
        "adam_test": "Adam's errors on fresh examples",
        "sgd_test": "SGD's errors on fresh examples",
    }
    params = (
        Param("positive", 0.6, (0.55, 0.95), step=0.05, label="share of +1"),
        Param("examples", 40, (10, 100), step=10),
        Param("batch", "all", choices=("all", "1"), doc="rows of each step"),
    )
    presets = {  # noqa: RUF012
        "Adam takes the bait": {},
    }

    @staticmethod
    def uses(v):
        return "positive", "examples", "batch", "lr", "seed", "steps"

    # --- compute ----------------------------------------------------------------------------------
    def run(self, **v: Any) -> Iterator[Result]:
        steps = v["steps"]
        at = v["positive"], v["examples"], v["seed"], v["batch"] == "1"
        walks = {name: _walk(name, v["lr"], *at) for name in METHODS}

        def so_far() -> Result:
            rows = {name: walk.rows(steps) for name, walk in walks.items()}
            return Result(rows, float((_data(*at[:3])[2] > 0).mean()), at[1], v["t"], steps)

        for _ in walked([*walks.values()], steps):
            yield so_far()
        yield so_far()

    # --- draw -------------------------------------------------------------------------------------
    def build(self, canvas: Canvas, theme: Theme) -> None:
        ratios = [1, 0.9, 0.46 if theme.projector else 0.24]
        grid = canvas.figure.add_gridspec(2, 3, width_ratios=ratios)
        self._build_weights(canvas, theme, canvas.figure.add_subplot(grid[:, 0]))
        self.errors = {}
        for row, title in enumerate(("Error on fresh examples", "Error in training")):
            ax = canvas.figure.add_subplot(grid[row, 1])
            ax.set(xlim=(0, 300), ylim=(-3, 60))
            dress(ax, theme, title, "step" if row else "")
            ax.set_yticks([0, 25, 50], ["0 %", "25 %", "50 %"])
            trails = {n: Trail(ax, theme, n, canvas.moving) for n in METHODS}
            tags = Tags(ax, theme, [*METHODS], canvas.moving)
            window = Window(canvas, theme, ax, y=False)
            window.hold(*trails.values(), tags)
            self.errors[window] = trails, tags
        arrange(canvas.figure)

    def _build_weights(self, canvas: Canvas, theme: Theme, ax: Axes) -> None:
        s = theme.sizes
        ax.set(xlim=(-0.6, 3.6), ylim=(-0.5, 1))
        dress(ax, theme, "Mean weights")
        ax.set_xticks(range(4), COLUMNS)
        ax.tick_params(axis="x", labelcolor=theme.ink, labelsize=s.tick)
        (zero,) = canvas.all_moving(
            ax.plot([-0.6, 3.6], [0, 0], color=theme.line, linewidth=s.thin, zorder=0.5)
        )
        self.bars = {n: canvas.moving(Bars(ax, theme.color(c))) for n, c in METHODS.items()}
        self.heights = canvas.moving(Labels(ax, 0.9 * s.tick, theme.ink))
        self.useless = canvas.moving(Labels(ax, s.label, theme.quiet, va="top"))
        self.sizes = Window(canvas, theme, ax, x=False, widest="−0.5")
        self.sizes.hold(zero, *self.bars.values(), self.heights, self.useless)

    def draw(self, result: Result) -> None:
        w = {name: result.at(name)[:4] for name in METHODS}
        everything = np.concatenate([rows[:, :4].ravel() for rows in result.rows.values()])
        high = above(1.1 * float(everything.max(initial=0.1)))
        low = -above(1.2 * float(-everything.min(initial=-0.05)))
        self.sizes.show(ylim=(low, high))
        points, words, digits = [], [], 1 if self.canvas.theme.projector else 2
        for shift, (name, bars) in zip((-0.27, 0.0, 0.27), self.bars.items(), strict=True):
            x = np.arange(4) + shift
            bars.set_data(x, 0, w[name], 0.25)
            points += [
                (a, max(b, 0) + 0.015 * (high - low) if b >= 0 else b - 0.05 * (high - low))
                for a, b in zip(x, w[name], strict=True)
            ]
            words += [f"{abs(b):.{digits}f}".replace("0.", ".") for b in w[name]]
        self.heights.set_labels(points, words)
        self.useless.set_labels([(2.5, 0.97 * high)], ["one example each"])
        for column, (window, (trails, tags)) in zip((5, 4), self.errors.items(), strict=True):
            window.show(xlim=(0.0, float(result.steps)))
            said = {}
            for name, trail in trails.items():
                rows = result.rows[name]
                y = 100 * rows[1:, column]
                trail.set_data(np.arange(1, len(rows)), y, max(result.now(name) - 1, 0))
                here = 100 * result.rows[name][max(result.now(name), 1), column]
                said[name] = (here, f"{name} {here:.0f}")
            tags.set_data(said)

    # --- words ------------------------------------------------------------------------------------
    def status(self, result: Result) -> str:
        if not result.t:
            return "All weights are 0."
        errors = (
            f"{name} {alt.percent(result.at(name)[5])} ({alt.percent(result.at(name)[4])})"
            for name in METHODS
        )
        useless = (f"{name} {alt.number(own(result.at(name)), 2)}" for name in METHODS)
        always = alt.percent(round(1 - result.share, 9))
        return (
            f"Wrong on fresh examples (in training) after {alt.count(result.t, 'step')}: "
            f"{alt.listing(errors)}; always saying + is wrong in {always}. "
            f"An example's own features weigh, by the label's weight: {alt.listing(useless)}."
        )

    def describe(self, result: Result) -> str:
        return (
            f"Bars of the weights that three methods put on the label's feature, on two that are "
            f"always 1 and on those that one example has alone, for "
            f"{alt.count(result.n, 'example')}; curves of their errors. {self.status(result)}"
        )

    def numbers(self, result: Result) -> dict[str, float]:
        tests = {f"{n.lower()}_test": float(result.at(n)[5]) for n in METHODS}
        return tests | {f"{n.lower()}_label": float(result.at(n)[0]) for n in METHODS}

    def script(self, **v: Any) -> str:
        one = v["batch"] == "1"
        n, seed = v["examples"], v["seed"]
        order = f"order = np.random.default_rng({seed + 1000}).integers({n}, size={MOST})\n"
        rows = "order[k : k + 1]" if one else f"np.arange({n})"
        return f"""\
import numpy as np
import coursekit as ck

rng = np.random.default_rng({seed})
share = {v["positive"]!r}
y = np.where(rng.permutation({n}) < share * {n}, 1.0, -1.0)
fresh = np.where(rng.random({TEST}) < share, 1.0, -1.0)
X = np.zeros(({n}, 3 + 5 * {n}))  # the label, twice 1, five of one's own
X[:, 0], X[:, 1:3] = y, 1
for i, label in enumerate(y):
    X[i, 3 + 5 * i : 3 + 5 * i + (1 if label > 0 else 5)] = 1
{order if one else ""}

def walk(opt):
    w = np.zeros(X.shape[1])
    state = opt.init(w)
    for k in range({v["t"]}):
        i = {rows}
        f = ck.Objective(value=np.sum, grad=lambda w: X[i].T @ (X[i] @ w - y[i]) / len(i))
        w, state = opt.step(w, state, f)
    score = w[0] * fresh + w[1] + w[2]  # the own features of fresh examples still weigh 0
    return w[0], np.mean(score * fresh <= 0)


sgd_label, sgd_test = walk(ck.optim.SGD(lr=0.125))
adagrad_label, adagrad_test = walk(ck.optim.Adagrad(lr={v["lr"]!r}))
adam_label, adam_test = walk(ck.optim.Adam(lr={v["lr"]!r}))
print(f"fresh examples that are wrong: SGD {{sgd_test:.1%}}, Adagrad {{adagrad_test:.1%}}, "
      f"Adam {{adam_test:.1%}}")
"""


# --- the parts -----------------------------------------------------------------------------------
def own(row: np.ndarray) -> float:
    """The mean size of an example's own weights, in units of the label's weight."""
    return float((abs(row[2]) + abs(row[3])) / 2 / max(abs(row[0]), 1e-12))


@functools.lru_cache(32)
def _data(positive, n, seed) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Wilson et al. 2017, section 3.3: the rows, their labels, and the labels of fresh rows.

    A row has its label, twice 1, and features that no other row has: one if the label is 1, five
    if it is -1.
    """
    rng = np.random.default_rng(seed)
    y = np.where(rng.permutation(n) < positive * n, 1.0, -1.0)  # just that share, and so more 1s
    fresh = np.where(rng.random(TEST) < positive, 1.0, -1.0)
    X = np.zeros((n, 3 + 5 * n))
    X[:, 0], X[:, 1:3] = y, 1
    for i, label in enumerate(y):
        X[i, 3 + 5 * i : 3 + 5 * i + (1 if label > 0 else 5)] = 1
    return X, y, fresh


@functools.lru_cache(32)
def _walk(name, lr, positive, n, seed, one) -> Walk:
    X, y, fresh = _data(positive, n, seed)
    opt = {
        "SGD": lambda: optim.SGD(lr=0.125),  # 1 / the largest |x|^2 there is
        "Adagrad": lambda: optim.Adagrad(lr=lr),
        "Adam": lambda: optim.Adam(lr=lr),
    }[name]()
    order = np.random.default_rng(seed + 1000).integers(n, size=MOST)
    kinds = [(X[y == s, 3:].sum(axis=0) > 0) for s in (1, -1)]

    def gradient(k, w):
        i = slice(order[k], order[k] + 1) if one else slice(None)
        x = X[i]
        return x.T @ (x @ w - y[i]) / len(x)

    def row(w, _):
        means = [w[3:][kind].mean() if kind.any() else 0.0 for kind in kinds]
        score = w[0] * fresh + w[1] + w[2]  # the own features of fresh examples still weigh 0
        wrong = np.mean(X @ w * y <= 0), np.mean(score * fresh <= 0)
        return w[0], (w[1] + w[2]) / 2, *means, *wrong

    return Walk(opt, np.zeros(X.shape[1]), gradient, row)
