"""A computation as data: its gates, what flows along the wires, and what flows back.

`record` runs a function once on traced values, walks the trace backwards as `pullback` does, and
keeps on the way what `pullback` throws away: the derivative by every intermediate value, and the
share that each wire contributes to it. `viz.circuit` draws the result.
"""

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .trace import Node, Tape, dtype_of, shape_of, unbroadcast
from .transforms import _real

SYMBOLS = {
    "add": "+", "subtract": "−", "multiply": "×", "divide": "÷", "matmul": "@", "power": "^",
    "remainder": "mod", "floor_divide": "//", "negative": "−( )", "reciprocal": "1 ÷",
    "square": "( )²", "sqrt": "√", "absolute": "| |", "norm": "‖ ‖", "linear": "x W + b",
    "maximum": "max", "minimum": "min", "softmax_cross_entropy": "cross-entropy",
}  # fmt: skip
COMMUTE = "+×"
SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(eq=False)
class Gate:
    """A place of the circuit with one value: an input, an array, an operation, a part of a tuple.

    `grad` is the derivative of the output by `value`, shaped like it: the sum over all wires that
    leave. A gate that hands out several arrays has neither; its parts have.
    """

    name: str
    kind: str  # "input", "array", "gate" or "part"
    value: Any = None
    grad: Any = None
    wires: list["Wire"] = field(default_factory=list)  # into this gate, in the order of arguments


@dataclass(eq=False)
class Wire:
    """What one gate hands to another. `grad` is the share of source.grad that comes back here."""

    source: Gate
    grad: Any = None


@dataclass(frozen=True, eq=False)
class Circuit:
    """Gates in the order of computation, inputs first; `output` is one of them."""

    name: str
    gates: tuple[Gate, ...]
    output: Gate

    @property
    def inputs(self) -> tuple[Gate, ...]:
        """The gates that stand for the arguments, in their order."""
        return tuple(gate for gate in self.gates if gate.kind == "input")


def record(f: Callable, *inputs) -> Circuit:
    """Run f on the inputs, numbers or arrays, and keep every value and derivative.

    f returns one number. Raises TypeError for what is no function or no real input, ValueError if
    the answer is not one number or does not depend on the inputs.

    >>> circuit = record(lambda x, y, z: (x + y) * z, -2.0, 5.0, -4.0)
    >>> [(gate.name, float(gate.value), float(gate.grad)) for gate in circuit.gates]
    [('x', -2.0, -4.0), ('y', 5.0, -4.0), ('z', -4.0, 3.0), ('+', 3.0, -4.0), ('×', -12.0, 1.0)]
    """
    if not callable(f):
        raise TypeError(f"draw_graph needs a function and its inputs, not {type(f).__name__}")
    if not inputs:
        raise TypeError("draw_graph needs the inputs too: draw_graph(f, 2.0, 3.0)")
    tape = Tape()
    leaves = [Node(_real(x), tape) for x in inputs]
    try:
        y = f(*leaves)
    finally:
        nodes = tape.close()
    if y is None or isinstance(y, tuple | list | dict) or shape_of(y) != ():
        raise ValueError("the function to draw must return one number: sum its answer")
    if not (type(y) is Node and y.tape is tape):
        raise ValueError("the function's answer does not depend on its inputs: nothing to draw")
    return _Recorder(f, leaves, nodes, y).circuit()


class _Recorder:
    """Turns the nodes of a closed tape into gates, from the output backwards."""

    def __init__(self, f, leaves, nodes, y):
        self.f, self.leaves, self.nodes, self.y = f, leaves, nodes, y
        self.grads: dict[tuple, Any] = {_place(y): np.ones((), dtype_of(y))}
        self.gates: dict[tuple, Gate] = {}
        self.order: list[tuple[tuple, Gate]] = []  # (where on the tape, gate)
        self.arrays: dict[int, Gate] = {}
        self.known = _names_of_arrays(f)

    def circuit(self) -> Circuit:
        for leaf, name in zip(self.leaves, _parameters(self.f, len(self.leaves)), strict=True):
            self.add((leaf.index, -1), (leaf.index, None), Gate(name, "input", leaf.value))
        self.gate_at(self.y)
        for node in reversed(self.nodes[len(self.leaves) : self.y.index + 1]):
            self.visit(node)
        for place, gate in self.gates.items():
            g = self.grads.get(place)
            gate.grad = np.zeros_like(gate.value) if g is None and gate.kind == "input" else g
        self.order.sort(key=lambda item: item[0])
        gates = tuple(gate for _, gate in self.order)
        name = getattr(self.f, "__name__", "")
        return Circuit("" if name == "<lambda>" else name, gates, self.gates[_place(self.y)])

    def add(self, order, place, gate):
        self.gates[place] = gate
        self.order.append((order, gate))
        return gate

    def gate_at(self, node):
        """The gate of a node; made when the first wire from it is found."""
        place = _place(node)
        if place not in self.gates:
            if node.part is None:
                self.add((node.index, 0), place, Gate("", "gate", node.value))
            else:
                name = self.name_of_part(node)
                self.add((node.index, 1, node.part), place, Gate(name, "part", node.value))
        return self.gates[place]

    def visit(self, node):
        """Send the derivative that arrived at a node back along the wires into it."""
        g: Any
        if isinstance(node.value, tuple):
            g = [self.grads.get((node.index, i)) for i in range(len(node.value))]
            used = [i for i, part in enumerate(g) if part is not None]
            if not used:
                return
            gate = self.join_parts(node, used)
        elif (g := self.grads.get(_place(node))) is not None:
            gate = self.gates[_place(node)]
        else:
            return  # the output does not depend on it
        parents, constants = _arguments(node)
        gate.name = _name(node, constants)
        for i, argument in enumerate(node.args):
            if i in parents:
                rule, parent = parents[i]
                share = rule(g, node.value, *node.args, **node.kwargs)
                if shape_of(share) != shape_of(parent.value):
                    share = unbroadcast(share, shape_of(parent.value))
                place = _place(parent)
                before = self.grads.get(place)
                self.grads[place] = share if before is None else before + share
                gate.wires.append(Wire(self.gate_at(parent), share))
            elif i in constants and shape_of(argument) != ():
                gate.wires.append(Wire(self.array(argument, node.index)))

    def join_parts(self, node, used):
        """One gate for a tuple of which one part is used; otherwise a gate and its parts."""
        if len(used) == 1:
            gate = self.gates[node.index, used[0]]
            gate.kind = "gate"
            return gate
        gate = self.add((node.index, 0), (node.index, "all"), Gate("", "gate"))
        for i in used:
            self.gates[node.index, i].wires.append(Wire(gate))
        return gate

    def name_of_part(self, node):
        whole = self.nodes[node.index]
        for a in (*whole.args, *whole.kwargs.values()):
            if hasattr(a, "blocks"):  # the layout that a vector was unpacked by
                return a.blocks[node.part].name
        return f"[{node.part}]"

    def array(self, value, index):
        """The gate of an array that is no input; one for each array, however often it is used."""
        key = id(value)
        if key not in self.arrays:
            gate = Gate(self.known.get(key, ""), "array", value)
            self.arrays[key] = gate
            self.order.append(((index, -1), gate))
        else:  # the trace is walked backwards: this use is the earlier one
            gate = self.arrays[key]
            at = next(i for i, (_, other) in enumerate(self.order) if other is gate)
            self.order[at] = ((index, -1), gate)
        return self.arrays[key]


def _place(node):
    return (node.index, node.part)


def _arguments(node):
    """Which arguments of a node are traced, by position: (rule, parent); and which are numbers."""
    parents, rest = {}, list(node.parents)
    for i, argument in enumerate(node.args):
        if rest and rest[0][1].value is argument and _position(rest[0][0], node.op, i):
            parents[i] = rest.pop(0)
    constants = [
        i for i, a in enumerate(node.args) if i not in parents and (_is_number(a) or _is_array(a))
    ]
    return parents, constants


def _position(rule, op, i):
    """Whether this is the rule for argument i: an `each` is bound to it, others are listed."""
    return rule.args[0] == i if hasattr(rule, "func") else op.rules[i] is rule


def _is_number(a):
    return not isinstance(a, bool) and (
        isinstance(a, int | float) or (hasattr(a, "dtype") and shape_of(a) == ())
    )


def _is_array(a):
    return hasattr(a, "dtype") and a.dtype.kind == "f" and shape_of(a) != ()


def _name(node, constants):
    """How an operation is written; a number among its arguments becomes part of the name."""
    op = node.op.__name__
    symbol = SYMBOLS.get(op, op)
    numbers = [i for i in constants if _is_number(node.args[i])]
    if op == "getitem":
        return _index(node.args[1])
    if op == "power" and numbers == [1]:
        p = float(node.args[1])
        return f"( ){int(p)}".translate(SUPERSCRIPT) if p.is_integer() else f"( )^{p:.3g}"
    if len(node.args) == 2 and len(numbers) == 1 and symbol != op:
        number = f"{float(node.args[numbers[0]]):.4g}".replace("-", "−")
        first = numbers == [0] and symbol not in COMMUTE
        if symbol == "^":
            return f"{number}^( )"
        return f"{number} {symbol}" if first else f"{symbol} {number}"
    axis = (node.kwargs or {}).get("axis")
    return symbol if axis is None else f"{symbol} axis {axis}"


def _index(index):
    words = []
    for i in index if isinstance(index, tuple) else (index,):
        if isinstance(i, slice):
            ends = ("" if end is None else str(end) for end in (i.start, i.stop))
            words.append(":".join(ends) + ("" if i.step is None else f":{i.step}"))
        else:
            words.append("…" if hasattr(i, "shape") and i.shape else "…" if i is ... else str(i))
    return f"[{', '.join(words)}]"


def _parameters(f, n):
    """The names of f's first n parameters, as far as Python knows them."""
    names: list[str] = []
    try:
        parameters = list(inspect.signature(f).parameters.values())
    except (TypeError, ValueError):
        parameters = []
    for p in parameters:
        if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD):
            names.append(p.name)
        elif p.kind is p.VAR_POSITIONAL:
            names += [f"{p.name}[{i}]" for i in range(n - len(names))]
    return [*names, *(f"input {i + 1}" for i in range(len(names), n))][:n]


def _names_of_arrays(f):
    """What f calls the arrays it finds outside itself, by identity."""
    try:
        outside = inspect.getclosurevars(f)
    except (TypeError, ValueError):
        return {}
    names = {**outside.globals, **outside.nonlocals}
    return {id(value): name for name, value in names.items() if hasattr(value, "shape")}
