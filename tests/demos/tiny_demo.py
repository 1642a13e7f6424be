"""A demo small enough to read at a glance, with every kind of control, to test the engine."""

import time
from typing import NamedTuple

import numpy as np

from coursekit.demos.engine import Demo
from coursekit.demos.params import Param
from coursekit.viz import arrange, dress


class Curve(NamedTuple):
    x: np.ndarray
    y: np.ndarray
    done: bool
    loud: bool


class Tiny(Demo):
    name = "tiny"
    title = "A decaying wave"
    asks = {"last": "the last value"}  # noqa: RUF012
    size = (400, 240)
    params = (
        Param("rate", 0.5, (0.01, 10.0), log=True, doc="how fast it decays"),
        Param("phase", 0.0, (-3.0, 3.0)),
        Param("waves", 3, (1, 9)),
        Param("batch", 8, choices=(1, 2, 4, 8, 16)),
        Param("shape", "sin", choices=("sin", "cos", "broken")),
        Param("loud", False, active=lambda values: values["shape"] != "cos"),
        Param("shown", ("curve", "dots"), choices=("curve", "dots", "axis"), many=True),
        Param("slices", 1, (1, 20)),
        Param("pause", 0.0, (0.0, 0.1), step=0.001),
    )
    presets = {"gentle": {"rate": 0.1}, "hard": {"rate": 9.0, "waves": 9}, "defaults": {}}  # noqa: RUF012

    def run(self, rate, phase, waves, batch, shape, loud, shown, slices, pause):
        if shape == "broken":
            raise ArithmeticError("a broken <shape>")
        x = np.linspace(0, 1, 100 * batch)
        wave = {"sin": np.sin, "cos": np.cos}[shape]
        y = np.exp(-rate * x) * wave(2 * np.pi * waves * x + phase) * (3 if loud else 1)
        for k in range(1, slices + 1):
            time.sleep(pause)
            n = len(x) * k // slices
            yield Curve(x[:n], y[:n], k == slices, loud)

    def build(self, canvas, theme):
        self.axes = canvas.figure.add_subplot()
        self.axes.set(xlim=(0, 1), ylim=(-1, 1))
        dress(self.axes, theme, "wave", "time")
        (self.line,) = canvas.all_moving(self.axes.plot([], [], color=theme.color("blue")))
        self.words = canvas.moving(self.axes.text(0.5, 0.8, "", color=theme.text("vermilion")))
        self.end = canvas.moving(canvas.figure.text(0.9, 0.9, "", color=theme.ink))
        arrange(canvas.figure)

    def draw(self, result):
        self.canvas.set(self.axes, ylim=(-3.0, 3.0) if result.loud else (-1.0, 1.0))
        self.line.set_data(result.x, result.y)
        self.words.set_text(f"{result.y[-1]:.3f}")
        self.end.set_text("done" if result.done else "")

    def status(self, result):
        return f"{len(result.x)} points, the last at {result.y[-1]:.4f}"

    def describe(self, result):
        return f"A wave that ends at {result.y[-1]:.4f} after {len(result.x)} points."

    def numbers(self, result):
        return {"last": float(result.y[-1])}

    def script(self, rate, phase, waves, batch, shape, loud, **_):
        return f"""\
import numpy as np

x = np.linspace(0, 1, {100 * batch})
y = np.exp(-{rate} * x) * np.{shape}(2 * np.pi * {waves} * x + {phase}) * {3 if loud else 1}
last = y[-1]
print(f"{{last:.4f}}")
"""
