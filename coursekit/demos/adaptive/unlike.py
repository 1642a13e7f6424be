"""Twenty inputs alike, and one in larger units or seldom present: who learns its weight too."""

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
from ..walks import RATES
from ..window import Window
from .view import Bars, View, small
from .walk import MOST, Walk, walked

METHODS = {"SGD": "black", "Adagrad": "orange", "RMSprop": "green"}
ALIKE, EXAMPLES = 20, 1000
WIDE = 1e3  # weights are kept within this, so that a rate that is too large harms itself alone
LOW, HIGH = 1e-9, 3.0  # of the axes of losses
FULL = 1.3  # of the axis of shares


class Result(NamedTuple):
    """Per method and step, for each of `RATES`: the loss, by the loss at the start; then the shares
    of the true weight that the twenty, in the mean, and the odd one have reached.
    """

    rows: dict[str, np.ndarray]  # (steps + 1, 3 * 25)
    condition: float
    t: int
    steps: int

    def now(self, name: str) -> int:
        return min(self.t, len(self.rows[name]) - 1)

    def part(self, name: str, which: int) -> np.ndarray:
        """(steps + 1, 25): 0 for the loss, 1 for the share of the twenty, 2 of the odd one."""
        n = len(RATES)
        return self.rows[name][:, which * n : (which + 1) * n]

    def best(self, name: str) -> int:
        """The rate, among `RATES`, with the lowest loss at the end."""
        return int(np.argmin(self.part(name, 0)[-1]))

    def loss(self, name: str) -> float:
        return float(self.part(name, 0)[self.now(name), self.best(name)])

    def shares(self, name: str) -> np.ndarray:
        return np.array([self.part(name, k)[self.now(name), self.best(name)] for k in (1, 2)])


class Unlike(View):
    """Least squares without noise, from weights of 0; every method with the best of 25 rates."""

    name = "an odd input"
    gives = Result
    asks: ClassVar = {
        "sgd_odd": "the share of the odd weight that SGD learns",
        "adagrad_odd": "the share of the odd weight that Adagrad learns",
    }
    params = (
        Param("scale", 30.0, (1.0, 100.0), log=True, label="odd: size ×",
              doc="the numbers of the odd input are so many times as large"),
        Param("often", 1.0, (0.01, 1.0), log=True, label="odd: present",
              doc="the share of examples that have it; else it is 0"),
    )  # fmt: skip
    presets = {  # noqa: RUF012
        "other units": {},
        "a rare word": {"scale": 1.0, "often": 0.01, "batch": "1", "steps": 1000},
    }

    @staticmethod
    def uses(v):
        return "scale", "often", "batch", "rho", "seed", "steps"

    # --- compute ----------------------------------------------------------------------------------
    def run(self, **v: Any) -> Iterator[Result]:
        steps, at = v["steps"], (v["scale"], v["often"], v["batch"] == "1", v["seed"])
        walks = {n: _walk(n, v["rho"] if n == "RMSprop" else 0.0, *at) for n in METHODS}
        curvatures = np.linalg.eigvalsh(_data(v["scale"], v["often"], v["seed"])[1])
        condition = float(curvatures[-1] / curvatures[0])

        def so_far() -> Result:
            rows = {name: walk.rows(steps) for name, walk in walks.items()}
            return Result(rows, condition, v["t"], steps)

        for _ in walked([*walks.values()], steps):
            yield so_far()
        yield so_far()

    # --- draw -------------------------------------------------------------------------------------
    def build(self, canvas: Canvas, theme: Theme) -> None:
        ratios = [0.9, 1.05, 0.42 if theme.projector else 0.28]  # the last: for tags
        grid = canvas.figure.add_gridspec(2, 3, width_ratios=ratios)
        self._build_shares(canvas, theme, canvas.figure.add_subplot(grid[:, 0]))
        way = canvas.figure.add_subplot(grid[0, 1])
        way.set(yscale="log", xlim=(0, 300), ylim=(LOW, HIGH))
        dress(way, theme, "Loss left", "step")
        self.curves = {n: Trail(way, theme, n, canvas.moving) for n in METHODS}
        self.tags = Tags(way, theme, [*METHODS], canvas.moving)
        ends = canvas.figure.add_subplot(grid[1, 1])
        ends.set(xscale="log", yscale="log", xlim=(RATES[0] / 3, 1.3 * RATES[-1]), ylim=(LOW, HIGH))
        dress(ends, theme, "Loss left at the end", "learning rate lr")
        self.ends = {n: Trail(ends, theme, n, canvas.moving) for n in METHODS}
        self.rates = Tags(ends, theme, [*METHODS], canvas.moving)
        for ax in (way, ends):
            ax.set_yticks([1e-9, 1e-6, 1e-3, 1], ["1e-9", "1e-6", "0.001", "1"])
            ax.minorticks_off()
        self.time = Window(canvas, theme, way, y=False)
        self.time.hold(*self.curves.values(), self.tags)
        arrange(canvas.figure)

    def _build_shares(self, canvas: Canvas, theme: Theme, ax: Axes) -> None:
        ax.set(xlim=(-0.55, 1.55), ylim=(0, FULL))
        dress(ax, theme, "Learned of each weight")
        ax.set_yticks([0, 0.5, 1], ["0 %", "50 %", "100 %"])
        ax.set_xticks([0, 1], [f"{ALIKE} alike", "the odd one"])
        ax.tick_params(axis="x", labelcolor=theme.ink, labelsize=theme.sizes.label)
        self.bars = {n: canvas.moving(Bars(ax, theme.color(c))) for n, c in METHODS.items()}
        self.words = canvas.moving(
            Labels(ax, (0.72 if theme.projector else 1) * theme.sizes.tick, theme.ink)
        )

    def draw(self, result: Result) -> None:
        self.time.show(xlim=(0.0, float(result.steps)))
        points, words, tags, rates = [], [], {}, {}
        for shift, name in zip((-0.28, 0.0, 0.28), METHODS, strict=True):
            shares = result.shares(name)
            x, seen = np.arange(2) + shift, np.clip(shares, 0, FULL)
            self.bars[name].set_data(x, 0, seen, 0.26)
            points += [(a, min(b, FULL - 0.06) + 0.012) for a, b in zip(x, seen, strict=True)]
            words += [f"{100 * share:.0f}" for share in shares]
            best, losses = result.best(name), np.clip(result.part(name, 0), LOW, HIGH)
            now = result.now(name)
            self.curves[name].set_data(np.arange(len(losses)), losses[:, best], now)
            self.ends[name].set_data(np.array(RATES), losses[-1], len(RATES) - 1)
            self.ends[name].head.set_data([RATES[best]], [losses[-1, best]])
            tags[name] = losses[now, best], name
            rates[name] = losses[-1, best], f"lr {alt.number(RATES[best])}"
        self.words.set_labels(points, words)
        self.tags.set_data(tags)
        self.rates.set_data(rates)

    # --- words ------------------------------------------------------------------------------------
    def status(self, result: Result) -> str:
        lost = alt.listing(f"{n} {small(result.loss(n), 2)}" for n in METHODS)
        learned = alt.listing(
            f"{n} {_percent(a)} and {_percent(b)}" for n in METHODS for a, b in [result.shares(n)]
        )
        return (
            f"Condition number {alt.number(result.condition)}. After "
            f"{alt.count(result.t, 'step')}, each with the best of {len(RATES)} rates: loss left "
            f"{lost}; learned of the {ALIKE} weights alike and of the odd one: {learned}."
        )

    def describe(self, result: Result) -> str:
        ways = (f"{n} {alt.trend(result.part(n, 0)[:, result.best(n)])}" for n in METHODS)
        return (
            f"Bars of how much of the true weights three methods have learned, for {ALIKE} inputs "
            f"alike and for an odd one; the loss against the step, where "
            f"{alt.listing(ways)}; and the loss at the end against the learning rate. "
            f"{self.status(result)}"
        )

    def numbers(self, result: Result) -> dict[str, float]:
        losses = {n.lower(): result.loss(n) for n in METHODS}
        return losses | {f"{n.lower()}_odd": float(result.shares(n)[1]) for n in METHODS}

    def script(self, **v: Any) -> str:
        seen = (
            f"""\
order = np.random.default_rng({v["seed"] + 1000}).integers({EXAMPLES}, size={MOST})


def gradient(w, k):
    x = X[order[k]]  # one example
    return ((w - true) @ x)[:, None] * x"""
            if v["batch"] == "1"
            else """

def gradient(w, k):
    return (w - true) @ H"""
        )
        made = {n: f"ck.optim.{n}" for n in METHODS}
        made["RMSprop"] = f"lambda lr: ck.optim.RMSprop(lr, rho={v['rho']!r})"
        names = "\n".join(f"{n.lower()}, {n.lower()}_odd = walk({made[n]})" for n in METHODS)
        said = "\n".join(
            f'print(f"{n}: loss left {{{n.lower()}:.3g}}, odd weight {{{n.lower()}_odd:.1%}}")'
            for n in METHODS
        )
        return f"""\
import numpy as np
import coursekit as ck

rng = np.random.default_rng({v["seed"]})
X = rng.choice([-1.0, 1.0], ({EXAMPLES}, {ALIKE + 1}))
X[:, -1] *= {v["scale"]!r} * (rng.random({EXAMPLES}) < {v["often"]!r})
true = rng.uniform(0.5, 1.5, {ALIKE + 1}) / np.r_[np.ones({ALIKE}), {v["scale"]!r}]
H = X.T @ X / {EXAMPLES}
{seen}


decades = [1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1.0]
rates = np.array([*np.outer(decades, [1, 1.8, 3.2, 5.6]).ravel(), 10.0])


def loss(w):
    return np.einsum("ki,ij,kj->k", w - true, H, w - true)


def walk(kind):
    \"\"\"All learning rates at once; the loss and the odd weight of the best.\"\"\"
    opt = kind(rates[:, None])
    w = start = np.zeros((25, {ALIKE + 1}))
    state, here = opt.init(w), w
    for k in range({v["steps"]}):
        f = ck.Objective(value=np.sum, grad=lambda w: gradient(w, k), batched=True)
        w, state = opt.step(w, state, f)
        w = np.clip(w, -{WIDE!r}, {WIDE!r})
        if k + 1 == {v["t"]}:
            here = w
    best = np.argmin(loss(w))
    return loss(here)[best] / loss(start)[best], here[best, -1] / true[-1]


{names}
{said}
"""


# --- the parts -----------------------------------------------------------------------------------
def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


@functools.lru_cache(32)
def _data(scale, often, seed) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The rows, their mean square and the true weights; y is their product."""
    rng = np.random.default_rng(seed)
    X = rng.choice([-1.0, 1.0], (EXAMPLES, ALIKE + 1))
    X[:, -1] *= scale * (rng.random(EXAMPLES) < often)
    true = rng.uniform(0.5, 1.5, ALIKE + 1) / np.r_[np.ones(ALIKE), scale]
    return X, X.T @ X / EXAMPLES, true


@functools.lru_cache(12)  # walks may be long
def _walk(name, rho, scale, often, one, seed) -> Walk:
    X, H, true = _data(scale, often, seed)
    order = np.random.default_rng(seed + 1000).integers(EXAMPLES, size=MOST)
    opt = getattr(optim, name)(np.array(RATES)[:, None], **({"rho": rho} if rho else {}))
    first = true @ H @ true

    def gradient(k, w):
        if not one:
            return (w - true) @ H
        x = X[order[k]]
        return ((w - true) @ x)[:, None] * x

    def row(w, _):
        off = w - true
        losses = ((off @ H) * off).sum(axis=1) / first
        return np.concatenate([losses, (w[:, :-1] / true[:-1]).mean(axis=1), w[:, -1] / true[-1]])

    return Walk(opt, np.zeros((len(RATES), ALIKE + 1)), gradient, row, bound=WIDE)
