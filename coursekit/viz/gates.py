"""The picture of a circuit: round gates, named inputs, a number above and below each wire."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.patches import Circle, FancyArrowPatch, FancyBboxPatch, PathPatch
from matplotlib.path import Path
from matplotlib.textpath import text_to_path

from .. import backend
from ..autograd.graph import Circuit, Gate, Wire
from ..autograd.trace import shape_of, untraced
from .alt import number
from .layered import Edge, arrange
from .themes import Theme


class Drawing:
    """A circuit as a matplotlib figure; one unit of its axes is one point, 1/72 inch."""

    def __init__(self, circuit: Circuit, theme: Theme):
        self.circuit, self.theme = circuit, theme
        s = theme.sizes
        self.em, self.small = s.label, 0.92 * s.tick
        self.gates = circuit.gates
        self.index = {gate: i for i, gate in enumerate(self.gates)}
        self.wires = [(wire, gate) for gate in self.gates for wire in gate.wires]
        sources = [wire.source for wire, _ in self.wires]
        # Where several wires leave a gate, their shares of its gradient add up: each says its own.
        self.share = {
            wire: _gradient(wire.grad)
            for wire, _ in self.wires
            if wire.grad is not None and sources.count(wire.source) > 1
        }
        self.leaving = {*sources, circuit.output, *circuit.inputs}
        self.boxes = [self.box(gate) for gate in self.gates]
        self.tails = [self.tail(gate) for gate in self.gates]
        self.place()
        self.draw()

    # --- sizes ------------------------------------------------------------------------------------
    def width(self, text: str, size: float, bold: bool = False) -> float:
        font = FontProperties(size=size, weight="bold" if bold else "normal")
        return text_to_path.get_text_width_height_descent(text, font, ismath=False)[0]

    def step(self, gate: Gate) -> float:
        """The distance of the wires that arrive at a gate."""
        labelled = any(wire in self.share for wire in gate.wires)
        return 1.75 * self.small if labelled else 1.1 * self.em

    def port(self, wire: Wire, gate: Gate) -> float:
        """How far above the middle of a gate a wire arrives."""
        return ((len(gate.wires) - 1) / 2 - gate.wires.index(wire)) * self.step(gate)

    def type_size(self, gate: Gate) -> float:
        return (1.35 if gate.kind == "gate" and len(gate.name) == 1 else 1) * self.em

    def box(self, gate: Gate) -> tuple[float, float]:
        """The width and height of a gate."""
        if gate.kind in ("array", "part"):
            return self.width(gate.name, self.em) + 0.6 * self.em, 1.4 * self.em
        least = 2.4 * self.em
        words = self.width(gate.name, self.type_size(gate), bold=True) + 1.3 * self.em
        ports = (len(gate.wires) - 1) * self.step(gate) + 1.3 * self.em
        return max(least, words), max(least, ports)

    def labels(self, gate: Gate) -> list[str]:
        """What stands above and below the wire that leaves a gate."""
        if gate.value is None:
            return []
        return [_value(gate.value)] + ([] if gate.grad is None else [_gradient(gate.grad)])

    def tail(self, gate: Gate) -> float:
        """How long the wire out of a gate must be to carry its labels."""
        return max((self.width(t, self.small) + self.em for t in self.labels(gate)), default=6)

    # --- places -----------------------------------------------------------------------------------
    def place(self) -> None:
        """Heights from `arrange`; columns as wide as their boxes and labels ask for."""
        self.tall = [max(h, 2.6 * self.small) for _, h in self.boxes]
        found = arrange(
            heights=[h + 1.1 * self.em for h in self.tall],
            edges=[
                Edge(self.index[w.source], self.index[gate], self.port(w, gate))
                for w, gate in self.wires
            ],
            near=[i for i, gate in enumerate(self.gates) if gate.kind == "array"],
            pass_height=1.6 * self.small,
        )
        self.column, self.y, self.through = found
        # A column: shares of the wires that arrive, boxes, labels of the wires that leave.
        self.arrive, self.left, self.right, self.leave = [], [], [], []
        x = 0.0
        for k in range(max(self.column) + 1):
            here = [i for i, c in enumerate(self.column) if c == k]
            shares = [self.share.get(w, "") for i in here for w in self.gates[i].wires]
            self.arrive.append(x)
            self.left.append(x + max((self.width(t, self.small) for t in shares), default=0) + 5)
            self.right.append(self.left[k] + max(self.boxes[i][0] for i in here))
            self.leave.append(self.right[k] + max(self.tails[i] for i in here))
            x = self.leave[k] + 1.6 * self.em

    def middle(self, i: int) -> float:
        k, half = self.column[i], self.boxes[i][0] / 2
        if self.gates[i].kind in ("array", "part"):
            return self.right[k] - half  # names lean on their wires
        return (self.left[k] + self.right[k]) / 2

    # --- drawing ----------------------------------------------------------------------------------
    def draw(self) -> None:
        note = self.note()
        extents = [(y - h / 2, y + h / 2) for y, h in zip(self.y, self.tall, strict=True)]
        extents += [(y, y) for route in self.through for y in route]
        low, top = min(e[0] for e in extents), max(e[1] for e in extents)
        right = max([*self.leave, note[-1][0] + self.width(note[-1][1], self.small)])
        x0, x1, y0, y1 = -self.em, right + 1.6 * self.em, low - 3.2 * self.em, top + self.em
        self.figure = Figure(figsize=((x1 - x0) / 72, (y1 - y0) / 72), facecolor=self.theme.paper)
        FigureCanvasAgg(self.figure)
        self.axes: Axes = self.figure.add_axes((0, 0, 1, 1))
        self.axes.set(xlim=(x0, x1), ylim=(y0, y1))
        self.axes.set_axis_off()
        for (wire, gate), route in zip(self.wires, self.through, strict=True):
            self.draw_wire(wire, gate, route)
        for i, gate in enumerate(self.gates):
            if gate in self.leaving:
                self.draw_tail(i, gate)
            self.draw_gate(i, gate)
        for x, text, color in note:
            self.write(x, y0 + 1.2 * self.em, text, color, ha="left")

    def note(self) -> list[tuple[float, str, str]]:
        """How to read the picture: pieces of text, where they begin and their colours."""
        t = self.theme
        pieces = [
            ("above a wire: its", t.quiet), ("value", t.text("blue")),
            ("   below: the", t.quiet), ("gradient", t.text("vermilion")),
            ("of the answer", t.quiet),
        ]  # fmt: skip
        if any("‖" in text for gate in self.gates for text in self.labels(gate)):
            pieces.append(("   ‖ ‖: norm", t.quiet))
        placed, x = [], 0.0
        for text, color in pieces:
            placed.append((x, text, color))
            x += self.width(text + " ", self.small)
        return placed

    def write(self, x, y, text, color, size=None, ha="center", bold=False) -> None:
        self.axes.text(
            x, y, text, color=color, fontsize=size or self.small, ha=ha, va="center_baseline",
            parse_math=False, fontweight="bold" if bold else "normal",
        )  # fmt: skip

    def line(self, points, codes=None, arrow: bool = False) -> None:
        look: dict[str, Any] = {"lw": self.theme.sizes.thin, "zorder": 1}
        if arrow:
            look |= {"mutation_scale": 0.8 * self.em, "color": self.theme.quiet}
            look["arrowstyle"] = "-|>"
            self.axes.add_patch(FancyArrowPatch(*points, shrinkA=0, shrinkB=0, **look))
        else:
            look |= {"facecolor": "none", "edgecolor": self.theme.quiet}
            self.axes.add_patch(PathPatch(Path(points, codes), **look))

    def draw_tail(self, i: int, gate: Gate) -> None:
        """The first piece of wire out of a gate, with its labels."""
        start, y = self.middle(i) + self.boxes[i][0] / 2, self.y[i]
        end = self.leave[self.column[i]]
        if gate is self.circuit.output:
            self.line([(start, y), (end + 0.8 * self.em, y)], arrow=True)
        else:
            self.line([(start, y), (end, y)])
        colors, above = ("blue", "vermilion"), (0.72, -0.78)
        for text, color, dy in zip(self.labels(gate), colors, above, strict=False):
            x = start + self.tails[i] / 2
            self.write(x, y + dy * self.small, text, self.theme.text(color))

    def draw_wire(self, wire: Wire, gate: Gate, route: list[float]) -> None:
        """The rest of a wire: past the columns on its way, into its port."""
        a, b = self.index[wire.source], self.index[gate]
        port, k = self.port(wire, gate), self.column[b]
        x, y = self.leave[self.column[a]], self.y[a]
        points, codes = [(x, y)], [Path.MOVETO]
        passed = range(self.column[a] + 1, k)
        stops = [(self.arrive[c], self.leave[c], h) for c, h in zip(passed, route, strict=True)]
        for come, leave, height in [*stops, (self.arrive[k], self.arrive[k], self.y[b] + port)]:
            half = (x + come) / 2
            points += [(half, y), (half, height), (come, height), (leave, height)]
            codes += [Path.CURVE4, Path.CURVE4, Path.CURVE4, Path.LINETO]
            x, y = leave, height
        self.line(points, codes)
        self.line([(x, y), (self.edge(b, port), y)], arrow=True)
        if wire in self.share:
            color = self.theme.text("vermilion")
            self.write(x, y - 0.78 * self.small, self.share[wire], color, ha="left")

    def edge(self, i: int, port: float) -> float:
        """Where a wire that arrives `port` above the middle meets the round side of a gate."""
        w, h = self.boxes[i]
        left = self.middle(i) - w / 2
        if self.gates[i].kind != "gate":
            return left
        r = min(w, h) / 2
        beyond = max(0.0, abs(port) - (h / 2 - r))
        return left + r - (r**2 - beyond**2) ** 0.5

    def draw_gate(self, i: int, gate: Gate) -> None:
        t, (w, h) = self.theme, self.boxes[i]
        x, y = self.middle(i), self.y[i]
        if gate.kind in ("array", "part"):
            self.write(x, y, gate.name, t.ink if gate.kind == "part" else t.quiet, self.em)
            return
        round_ = min(w, h) / 2 if gate.kind == "gate" else 0.25 * self.em
        fill = t.tint(t.color("sky"), 0.22) if gate.kind == "gate" else t.paper
        look: dict[str, Any] = {"facecolor": fill, "edgecolor": t.ink, "zorder": 2}
        look["lw"] = 1.3 * t.sizes.thin
        if gate.kind == "gate" and abs(w - h) < 1:
            self.axes.add_patch(Circle((x, y), w / 2, **look))
        else:
            style = f"round,pad=0,rounding_size={round_}"
            self.axes.add_patch(FancyBboxPatch((x - w / 2, y - h / 2), w, h, style, **look))
        self.write(x, y, gate.name, t.ink, self.type_size(gate), bold=gate.kind == "input")


# --- what the labels say -------------------------------------------------------------------------
def _number(value) -> str:
    return number(float(value)).replace("-", "−")


def _value(value) -> str:
    """A value in few characters: a number, or shape and norm."""
    value = backend.to_host(untraced(value))
    if np.ndim(value) == 0:
        return _number(value)
    return f"{_shape(value)}  ‖ ‖ {_number(np.linalg.norm(value))}"


def _gradient(g) -> str:
    g = backend.to_host(untraced(g))
    return _number(g) if np.ndim(g) == 0 else f"‖ ‖ {_number(np.linalg.norm(g))}"


def _shape(value) -> str:
    shape = shape_of(value)
    return "×".join(map(str, shape)) if len(shape) > 1 else f"({shape[0]},)"
