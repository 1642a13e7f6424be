"""Whether a deep network carries a signal to its last layer, and a gradient back to its first."""

import functools
from collections.abc import Iterator
from typing import Any, ClassVar

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Polygon

from ...viz import alt, arrange, dress, legend
from ...viz.artists import Labels, Pixels
from ...viz.themes import Theme, rgb
from ..canvas import Canvas
from ..engine import Demo
from ..params import Param
from ..window import Window
from .propagation import BINS, DEEPEST, REACH, ROWS, STARTS, Seen, passage, seen
from .signal_script import script

CROWD = 0.16  # the share of values in one bin at which its bar is cut
WIDE = 30  # layers that the axes are made for; a window shows more, or less
EDGES = [-REACH, 0, REACH], ["≤ −3", "0", "≥ 3"]  # what lies beyond is counted at the edge


def signal(state: str | None = None, **settings: Any) -> Demo:
    """Choose first weights, and see what is left of a signal and of a gradient layer by layer.

    The random numbers behind inputs, weights and gradients depend on `seed` and the width alone, so
    two settings differ only in what you moved.

    >>> import coursekit as ck
    >>> demo = ck.demos.signal(init="Xavier")
    >>> result = demo.compute(**demo.values)
    >>> bool(result.signal[-1] < 1e-4 * result.signal[0])
    True
    """
    return Signal(state, **settings).show()


class Signal(Demo):
    """See `signal`."""

    name = "signal"
    title = "A signal through a deep network, and its gradient back"
    asks: ClassVar = {
        "signal": "the rms of the signal in the last layer",
        "gradient": "the gradient at the input",
    }
    size = (900, 490)
    seconds = 6.0
    lull = 0.1
    params = (
        Param(
            "activation",
            "relu",
            choices=(
                "identity",
                "relu",
                "leaky_relu",
                "abs",
                "sigmoid",
                "tanh",
                "softplus",
                "elu",
                "selu",
                "silu",
                "gelu",
                "smelu",
                "sign",
            ),
        ),
        Param("init", "Kaiming", choices=tuple(STARTS), label="initializer"),
        Param(
            "std",
            0.1,
            (0.001, 1.0),
            log=True,
            label="deviation",
            doc="standard deviation",
            active=lambda v: v["init"] == "normal",
            hide=True,
        ),
        Param(
            "value",
            0.01,
            (0.001, 1.0),
            log=True,
            doc="of every weight",
            active=lambda v: v["init"] == "constant",
            hide=True,
        ),
        Param(
            "c",
            2.0,
            (0.1, 5.0),
            doc="variance times the root of fan-in times fan-out",
            active=lambda v: v["init"] == "Defazio-Bottou",
            hide=True,
        ),
        Param(
            "gain",
            1.0,
            (0.0, 3.0),
            step=0.01,
            doc="multiplies all weights",
            active=lambda v: v["init"] != "zero",
        ),
        Param("depth", 30, (1, DEEPEST), doc="layers"),
        Param("width", 128, choices=(16, 32, 64, 128, 256), doc="units in each layer"),
        Param("mean", 0.0, (-3.0, 3.0), label="input mean", doc="of inputs with variance 1"),
        Param("batch_norm", False, doc="before each activation"),
        Param("seed", 0, (0, 9), doc="draws inputs, weights and gradients"),
        Param("layer", DEEPEST, (1, DEEPEST), play=True, until="depth"),
    )
    presets = {  # noqa: RUF012
        "ReLU, Kaiming": {},
        "ReLU, Xavier: dies": {"init": "Xavier"},
        "abs with 2/d: blows up": {"activation": "abs", "init": "Defazio-Bottou"},
        "sigmoid: no gradient": {"activation": "sigmoid", "init": "Xavier"},
        "PyTorch's weights": {"init": "PyTorch weights"},
        "linear, Gaussian": {"activation": "identity", "init": "Xavier", "depth": 60},
        "linear, orthogonal": {"activation": "identity", "init": "orthogonal", "depth": 60},
        "batch norm, any gain": {"init": "Xavier", "gain": 3.0, "batch_norm": True},
    }

    # --- compute ----------------------------------------------------------------------------------
    def run(
        self, activation, init, std, value, c, gain, depth, width, mean, batch_norm, seed, layer
    ) -> Iterator[Seen]:
        layer = min(layer, depth)
        factor = gain * STARTS[init].factor({"std": std, "value": value, "c": c})
        asked = activation, init, factor, depth, width, batch_norm, mean, seed
        if _work(activation, depth, width, batch_norm) > 28:
            yield seen(activation, passage(*asked, rows=ROWS // 4), layer, width <= 128)
        yield seen(activation, _passage(*asked), layer)

    # --- draw -------------------------------------------------------------------------------------
    def build(self, canvas: Canvas, theme: Theme) -> None:
        grid = canvas.figure.add_gridspec(1, 2, width_ratios=[1.5, 1])
        left = grid[0].subgridspec(3, 1, height_ratios=[3.4, 1.9, 0.75])
        right = grid[1].subgridspec(2, 1, height_ratios=[1, 1.1])
        builders = self._build_sizes, self._build_spread, self._build_silent
        for k, builder in enumerate(builders):
            ax = canvas.figure.add_subplot(left[k])
            ax.set(xlim=(-0.5, WIDE + 0.5))
            builder(canvas, theme, ax)
        self._build_shape(canvas, theme, canvas.figure.add_subplot(right[0]))
        self._build_spectrum(canvas, theme, canvas.figure.add_subplot(right[1]))
        look: dict[str, Any] = {"color": theme.quiet, "linewidth": theme.sizes.thin}
        self.cursors = canvas.all_moving(
            w.axes.plot([], [], transform=w.transform, **look)[0] for w in self.windows
        )
        for window in self.windows:
            canvas.pointable(window.axes, lambda x, y: {"layer": round(x)}, window.transform)
        arrange(canvas.figure)

    @property
    def windows(self) -> tuple[Window, ...]:
        """What the three axes on the left show, at changing depths."""
        return self.sizes, self.spread, self.silent

    def _build_sizes(self, canvas: Canvas, theme: Theme, ax: Axes) -> None:
        s = theme.sizes
        ax.set(yscale="log", ylim=(1e-2, 1e2))
        dress(ax, theme, "Size")
        ax.tick_params(labelbottom=False)
        self.sizes = w = Window(canvas, theme, ax, x=False, widest="1e-160")
        legend(ax, theme, {"● signal": "blue", "▲ apart": "black", "■ gradient": "vermilion"})
        dashed: dict[str, Any] = {"linewidth": s.thin, "linestyle": (0, (4, 3))}
        (one,) = ax.plot([-0.5, DEEPEST], [1, 1], color=theme.line, transform=w.transform, **dashed)
        canvas.moving(one)
        self.curves = canvas.all_moving(
            ax.plot([], [], marker=marker, color=theme.color(color), linewidth=width * s.line,
                    markersize=0.8 * s.marker, zorder=zorder, transform=w.transform)[0]
            for marker, color, width, zorder in (
                ("o", "blue", 1, 6), ("^", "black", 0.5, 4), ("s", "vermilion", 1, 5)
            )
        )  # fmt: skip
        # Numbers stand apart from words: a new word takes a millisecond to set, a number does not.
        self.names, self.rates = (
            canvas.moving(Labels(ax, s.label, theme.ink, "bold", ha=ha, va="center"))
            for ha in ("right", "left")
        )

    def _build_spread(self, canvas: Canvas, theme: Theme, ax: Axes) -> None:
        ax.set(ylim=(-REACH, REACH))
        dress(ax, theme, "Values of all units", grid="")
        ax.set_yticks(*EDGES)
        ax.tick_params(labelbottom=False)
        self.spread = Window(canvas, theme, ax, x=False, y=False)
        self.map = canvas.moving(Pixels(ax))

    def _build_silent(self, canvas: Canvas, theme: Theme, ax: Axes) -> None:
        ax.set(ylim=(0, 1))
        dress(ax, theme, "Silent units", "layer", grid="")
        ax.set_yticks([0, 1], ["0", "all"])
        self.silent = w = Window(canvas, theme, ax, y=False)
        look = {"color": theme.color("purple"), "linewidth": 0, "transform": w.transform}
        self.bars = canvas.moving(Polygon([(0, 0)], **look))
        ax.add_patch(self.bars)

    def _build_shape(self, canvas: Canvas, theme: Theme, ax: Axes) -> None:
        s = theme.sizes
        ax.set(xlim=(-REACH, REACH), ylim=(0, 1.2 * CROWD))
        dress(ax, theme, "Values of one layer", "values / rms", grid="")
        ax.set_xticks(*EDGES)
        ax.set_yticks([])
        ax.spines["left"].set_visible(False)
        blue = theme.color("blue")
        self.hill = canvas.moving(Polygon([(0, 0)], color=theme.tint(blue, 0.55), linewidth=0))
        ax.add_patch(self.hill)
        (self.middle,) = canvas.all_moving(ax.plot([], [], color=theme.ink, linewidth=s.line))
        self.cut = canvas.moving(Labels(ax, s.tick, theme.ink, ha="center"))
        self.moments = canvas.moving(Labels(ax, s.tick, theme.ink, ha="left", va="top"))

    def _build_spectrum(self, canvas: Canvas, theme: Theme, ax: Axes) -> None:
        s = theme.sizes
        ax.set(yscale="log", xlim=(0, 1), ylim=(1e-4, 2))
        dress(ax, theme, "Its Jacobian", "singular values / largest")
        ax.set_xticks([])
        ax.set_yticks([1, 1e-2, 1e-4], ["1", "0.01", "1e-4"])
        (self.values_,) = canvas.all_moving(
            ax.plot([], [], "o", color=theme.color("green"), markersize=0.6 * s.marker)
        )
        ax.text(0.62, 0.5, "largest", fontsize=s.tick, color=theme.ink, ha="right", va="top")
        self.rank = canvas.moving(Labels(ax, s.tick, theme.ink, ha="right", va="top"))

    def draw(self, result: Seen) -> None:
        r, layers = result, np.arange(result.depth + 1)
        wide = next(n for n in (5, 10, 20, 30, 40, 50, 60) if n >= r.depth)
        low, high = limits = _span(r.signal, r.gradient)
        ends = limits, (-REACH, REACH), (0, 1)
        for window, cursor, ylim in zip(self.windows, self.cursors, ends, strict=True):
            window.show(xlim=(-0.5, wide + 0.5), ylim=ylim)
            cursor.set_data([r.layer] * 2, ylim)
        for curve, y in zip(self.curves, (r.signal, r.apart, r.gradient), strict=True):
            there = y > 0
            curve.set_data(layers[there], np.clip(y[there], low / 10, high * 10))
            curve.set_markevery(max(1, wide // 15))
        before = "" if self.canvas.theme.projector else "each layer:  "
        y, names = low * (high / low) ** 0.08, [f"{before}signal ×", "gradient ×"]
        place = self.sizes.place
        self.names.set_labels(place([(0.38 * wide, y), (0.82 * wide, y)]), names)
        self.rates.set_labels(place([(0.39 * wide, y), (0.83 * wide, y)]), _rates(r))

        self.map.set_data(_map(r.shares, wide, self.canvas.theme, *self.map.room))
        self.bars.set_xy(_steps(r.silent, 0.5, r.depth + 0.5))
        self.hill.set_xy(_steps(np.minimum(r.shape, CROWD), -REACH, REACH))
        at, square = r.signal[r.layer], _share_of_mean(r)
        high = 0.6 * CROWD
        self.middle.set_data([r.mean[r.layer] / at] * 2 if at else [], [0, high] if at else [])
        full = np.flatnonzero(r.shape > CROWD)
        middles = (full + 0.5) * (2 * REACH / BINS) - REACH
        self.cut.set_labels(
            [(x, 1.02 * CROWD) for x in middles], [f"{100 * r.shape[k]:.0f}%" for k in full]
        )
        words = [f"layer {r.layer}"]
        if at:
            words += [f"mean² {100 * square:.0f}%", f"variance {100 * (1 - square):.0f}%"]
        points = [(-REACH, CROWD * (1.2 - 0.19 * k)) for k in range(len(words))]
        self.moments.set_labels(points, words)

        found, words = r.singular, ["", "when you rest"]
        if found is not None:
            words = [alt.number(found[0]), f"{_many(found)} above 0.01"]
            there = found > 0
            ranks = (np.arange(len(found)) + 0.5) / len(found)
            self.values_.set_data(ranks[there], found[there] / (found[0] or 1.0))
        else:
            self.values_.set_data([], [])
        self.rank.set_labels([(1, 0.5), (1, 0.12)], words)

    # --- words ------------------------------------------------------------------------------------
    def status(self, result: Seen) -> str:
        r, k = result, result.layer
        size, square = r.signal[k], _share_of_mean(r)
        said = f"Layer {k} of {r.depth}: rms {alt.number(size)}"
        if 1e-150 < size < 1e150:  # beyond that a square is not a number any more
            said += (
                f" (E h² = {alt.number(size**2)} = mean² {alt.number(square * size**2)} + variance "
                f"{alt.number((1 - square) * size**2)})"
            )
        said += f", {100 * r.silent[k - 1]:.0f} % of its units silent. "
        said += f"Gradient at the input: {alt.number(r.gradient[0])} of that at the top. "
        if r.singular is not None and r.singular[0]:
            largest, many = alt.number(r.singular[0]), _many(r.singular)
            said += f"Singular values up to {largest}, {many} above 1 % of that. "
        return said + _capital(_verdict(r)) + "."

    def describe(self, result: Seen) -> str:
        r = result
        spectrum = ""
        if r.singular is not None:
            spectrum = (
                f" The singular values from one input to layer {r.layer} lie between "
                f"{alt.number(r.singular[-1])} and {alt.number(r.singular[0])}."
            )
        return (
            f"In a network of {alt.count(r.depth, 'layer')} with {r.activation} the signal's root "
            f"mean square {alt.trend(r.signal)}, and the gradient's, from the last layer back to "
            f"the input, {alt.trend(r.gradient[::-1])}. What differs between inputs "
            f"{alt.trend(r.apart)}.{spectrum} {_capital(_verdict(r))}."
        )

    def numbers(self, result: Seen) -> dict[str, float]:
        found = {"signal": result.signal[-1], "gradient": result.gradient[0]}
        if result.layer == result.depth and result.singular is not None:
            found["largest"] = result.singular[0]
        return {name: float(value) for name, value in found.items()}

    def script(self, std, value, c, layer, **values) -> str:
        factor = STARTS[values["init"]].factor({"std": std, "value": value, "c": c})
        return script(**values, factor=factor)


# --- the parts -----------------------------------------------------------------------------------
_passage = functools.lru_cache(2)(passage)  # looking at another layer computes nothing anew


def _work(activation: str, depth: int, width: int, batch_norm: bool) -> float:
    """About how many milliseconds a passage takes."""
    wide = width / 128
    slow = 20 if activation == "gelu" else 0
    return depth / 30 * wide * (4 + 7 * wide + 12 * batch_norm + slow)


def _share_of_mean(r: Seen) -> float:
    """How much of the mean square at `layer` is the square of the mean."""
    return float((r.mean[r.layer] / r.signal[r.layer]) ** 2) if r.signal[r.layer] else 0.0


def _many(found: np.ndarray) -> str:
    """How many singular values are no less than a hundredth of the largest."""
    return f"{np.sum(found > 0.01 * found[0])} of {len(found)}"


def _verdict(r: Seen) -> str:
    """What becomes of signal and gradient, in a few words."""
    fates = [f"the {name} {fate}" for name, ends in _ends(r).items() if (fate := _fate(*ends))]
    if fates:
        rates = " a layer, ".join(f"{n} × {x}" for n, x in zip(_ends(r), _rates(r), strict=True))
        return f"{' and '.join(fates)} ({rates})"
    if r.alike:
        return "signal and gradient arrive, but all units of a layer are alike"
    if r.apart[-1] < 0.1 * r.signal[-1]:
        return "signal and gradient arrive, but all inputs look alike"
    return "signal and gradient arrive"


def _rates(r: Seen) -> list[str]:
    """What signal and gradient are multiplied by in a layer, on average."""
    return [alt.number((last / first) ** (1 / r.depth), 2) for first, last in _ends(r).values()]


def _ends(r: Seen) -> dict[str, tuple[float, float]]:
    """Where each begins and ends, on its way."""
    return {"signal": (r.signal[0], r.signal[-1]), "gradient": (r.gradient[-1], r.gradient[0])}


def _fate(first: float, last: float) -> str:
    """Nothing if it arrives."""
    if last == 0:
        return "ends"
    return "dies" if last < first / 100 else "explodes" if last > 100 * first else ""


def _span(*curves: np.ndarray) -> tuple[float, float]:
    """Limits of a logarithmic axis: one of a few, so that an axis mostly rests in a drag."""
    y = np.concatenate(curves)
    y = np.log10(y[y > 0]) if np.any(y > 0) else np.zeros(1)
    sizes = (2, 3, 5, 7, 10, 15, 20, 30, 40, 60, 80, 160)
    low = next((n for n in sizes if 0.85 * n > -y.min()), 300)  # words stand at the bottom
    high = next((n for n in sizes if n > y.max()), 240)
    return 10.0**-low, 10.0**high


def _steps(heights: np.ndarray, start: float, end: float) -> np.ndarray:
    """The corners of bars side by side from `start` to `end`."""
    edges = np.linspace(start, end, len(heights) + 1).repeat(2)
    return np.column_stack([edges, [0, *heights.repeat(2), 0]])


def _map(shares: np.ndarray, wide: int, theme: Theme, height: int, width: int) -> np.ndarray:
    """The distributions side by side as pixels (height, width, 4): the more values, the darker."""
    layer = np.round(np.linspace(-0.5, wide + 0.5, width)).astype(int)
    row = (np.linspace(1, 0, height) * (BINS - 1e-9)).astype(int)
    level = np.minimum(np.sqrt(shares / CROWD) * (SHADES - 1), SHADES - 1)
    level = np.ceil(level).astype(int) + np.zeros_like(shares, int)
    level = np.vstack([level, np.zeros((max(0, wide + 1 - len(level)), BINS), int)])
    return _shades(theme)[level[np.clip(layer, 0, wide)][:, row].T]


SHADES = 24


@functools.cache
def _shades(theme: Theme) -> np.ndarray:
    """From paper to blue, (SHADES, 4) uint8."""
    blue = theme.color("blue")
    levels = (rgb(theme.tint(blue, k / (SHADES - 1))) for k in range(SHADES))
    return np.array([[*(round(255 * c) for c in level), 255] for level in levels], np.uint8)


def _capital(words: str) -> str:
    return words[0].upper() + words[1:]
