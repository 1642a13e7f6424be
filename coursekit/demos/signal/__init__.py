"""Whether a deep network carries a signal to its last layer, and a gradient back to its first."""

import functools
from collections.abc import Iterator
from typing import Any, ClassVar

from ...viz import arrange
from ...viz.themes import Theme
from ..canvas import Canvas
from ..engine import Demo
from ..params import Param
from . import words
from .layer_plot import LayerPlot
from .layers_plot import LayersPlot
from .propagation import DEEPEST, ROWS, STARTS, Seen, passage, seen
from .signal_script import script

ACTIVATIONS = (
    "identity", "relu", "leaky_relu", "abs", "sigmoid", "tanh", "softplus", "elu", "selu", "silu",
    "gelu", "smelu", "sign",
)  # fmt: skip
SLOW = 28  # milliseconds from which a quarter of the inputs is shown first


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
        Param("activation", "relu", choices=ACTIVATIONS),
        Param("init", "Kaiming", choices=tuple(STARTS), label="initializer"),
        Param("std", 0.1, (0.001, 1.0), log=True, label="deviation", doc="standard deviation",
              active=lambda v: v["init"] == "normal", hide=True),
        Param("value", 0.01, (0.001, 1.0), log=True, doc="of every weight",
              active=lambda v: v["init"] == "constant", hide=True),
        Param("c", 2.0, (0.1, 5.0), doc="variance times the root of fan-in times fan-out",
              active=lambda v: v["init"] == "Defazio-Bottou", hide=True),
        Param("gain", 1.0, (0.0, 3.0), step=0.01, doc="multiplies all weights",
              active=lambda v: v["init"] != "zero"),
        Param("depth", 30, (1, DEEPEST), doc="layers"),
        Param("width", 128, choices=(16, 32, 64, 128, 256), doc="units in each layer"),
        Param("mean", 0.0, (-3.0, 3.0), label="input mean", doc="of inputs with variance 1"),
        Param("batch_norm", False, doc="before each activation"),
        Param("seed", 0, (0, 9), doc="draws inputs, weights and gradients"),
        Param("layer", DEEPEST, (1, DEEPEST), play=True, until="depth"),
    )  # fmt: skip
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
        if _work(activation, depth, width, batch_norm) > SLOW:
            yield seen(activation, passage(*asked, rows=ROWS // 4), layer, width <= 128)
        yield seen(activation, _passage(*asked), layer)

    # --- draw -------------------------------------------------------------------------------------
    def build(self, canvas: Canvas, theme: Theme) -> None:
        grid = canvas.figure.add_gridspec(1, 2, width_ratios=[1.5, 1])
        left = grid[0].subgridspec(3, 1, height_ratios=[3.4, 1.9, 0.75])
        right = grid[1].subgridspec(2, 1, height_ratios=[1, 1.1])
        along = [canvas.figure.add_subplot(left[k]) for k in range(3)]
        shape, spectrum = (canvas.figure.add_subplot(right[k]) for k in range(2))
        self.layers = LayersPlot(canvas, theme, along)
        self.layer = LayerPlot(canvas, theme, shape, spectrum)
        arrange(canvas.figure)

    def draw(self, result: Seen) -> None:
        self.layers.draw(result)
        self.layer.draw(result)

    # --- words ------------------------------------------------------------------------------------
    def status(self, result: Seen) -> str:
        return words.status(result)

    def describe(self, result: Seen) -> str:
        return words.describe(result)

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
