"""A computation drawn as a circuit: values above the wires, gradients below."""

import base64
import io
from collections.abc import Callable
from functools import cached_property
from html import escape
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib import rc_context
from matplotlib.figure import Figure

from .. import backend
from ..autograd.graph import Circuit, record
from ..autograd.trace import shape_of, untraced
from . import alt as words
from .gates import Drawing
from .themes import Theme
from .themes import theme as theme_named

MOST = 80  # gates that can still be read
LEGIBLE = 16  # inches across which a picture may be shrunk to fit a page


def draw_graph(f: Callable, *inputs, theme: str | None = None, projector: bool | None = None):
    """Draw the computation f(*inputs) as a circuit of gates: a `Graph`.

    Above each wire stands the value that flows forward; below it the derivative of the answer by
    that value, which flows back. Where a value is used twice, each wire tells its share. Inputs
    have the names of f's parameters; an array is summarised by shape and norm. f returns one
    number; raises ValueError if it does not, or has more than 80 gates.

    >>> import coursekit as ck
    >>> graph = ck.draw_graph(lambda x, y, z: (x + y) * z, -2.0, 5.0, -4.0)
    >>> {gate.name: float(gate.grad) for gate in graph.circuit.inputs}
    {'x': -4.0, 'y': -4.0, 'z': 3.0}
    """
    circuit = record(f, *inputs)
    if len(circuit.gates) > MOST:
        raise ValueError(
            f"the circuit has {len(circuit.gates)} gates, and more than {MOST} cannot be read: "
            "draw a smaller part of the function"
        )
    return Graph(circuit, theme_named(theme, projector))


class Graph:
    """A circuit and its picture: `.svg`, `.png()`, `.alt`, `.save(path)`; notebooks show it."""

    def __init__(self, circuit: Circuit, theme: Theme):
        self.circuit, self.theme = circuit, theme

    @cached_property
    def figure(self) -> Figure:
        """The picture as a matplotlib figure."""
        return Drawing(self.circuit, self.theme).figure

    @cached_property
    def svg(self) -> str:
        """The picture as SVG, with `alt` for screen readers."""
        out = io.StringIO()
        with rc_context({"svg.fonttype": "path", "svg.hashsalt": "coursekit"}):
            self.figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
        text = out.getvalue()
        text = text[text.index("<svg") :]
        says = escape(self.alt, quote=True)
        wide = self.figure.get_figwidth() > LEGIBLE  # scroll rather than shrink
        style = f"max-width:{'none' if wide else '100%'};height:auto"
        return text.replace("<svg ", f'<svg role="img" aria-label="{says}" style="{style}" ', 1)

    def png(self, scale: float = 2) -> bytes:
        """The picture as PNG bytes, `scale` pixels to a CSS pixel."""
        out = io.BytesIO()
        self.figure.savefig(out, format="png", dpi=96 * scale, metadata={"Description": self.alt})
        return out.getvalue()

    @cached_property
    def alt(self) -> str:
        """The circuit in words."""
        return _describe(self.circuit)

    def save(self, path: str | Path) -> Path:
        """Write the picture to a file whose name ends in .svg or .png; returns its path."""
        path = Path(path)
        if path.suffix.lower() not in (".svg", ".png"):
            raise ValueError(f"path must end in .svg or .png, not {path.name!r}")
        if path.suffix.lower() == ".svg":
            path.write_text(self.svg, encoding="utf-8")
        else:
            path.write_bytes(self.png())
        return path

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> tuple[dict, dict]:
        png = base64.b64encode(self.png()).decode()
        data = {"image/svg+xml": self.svg, "image/png": png, "text/plain": self.alt}
        width, height = (round(96 * inches) for inches in self.figure.get_size_inches())
        return data, {"image/png": {"alt": self.alt, "width": width, "height": height}}

    def __repr__(self):
        return f"<graph: {self.alt}>"


def _describe(circuit: Circuit) -> str:
    def said(value):
        value = backend.to_host(untraced(value))
        if np.ndim(value) == 0:
            return words.number(float(value))
        shape = " by ".join(map(str, shape_of(value)))
        return f"array {shape} of norm {words.number(float(np.linalg.norm(value)))}"

    gates = [gate for gate in circuit.gates if gate.kind == "gate"]
    inputs = words.listing((f"{g.name} = {said(g.value)}" for g in circuit.inputs), most=12)
    names = words.listing((g.name for g in gates), most=12)
    grads = words.listing((f"{g.name} {said(g.grad)}" for g in circuit.inputs), most=12)
    what = f"Circuit of {circuit.name}" if circuit.name else "Circuit"
    return (
        f"{what} with {words.count(len(gates), 'gate')}, {names}. Forward: from {inputs} to "
        f"{said(circuit.output.value)}. Backward: the gradients are {grads}."
    )
