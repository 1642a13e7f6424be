"""Tracing: run a function once on `Node`s and remember how its answer came about.

A `Node` holds a value and the operation that made it. An `Op` is a NumPy function together with its
derivatives. When an `Op` meets a `Node` it computes on the values inside and wraps the answer in a
new `Node`; `pullback` then walks the nodes backwards, from the answer to the inputs, and multiplies
by one local derivative after another: the chain rule, nothing else.

Derivatives of any order come from one rule: every trace has a level, later traces have higher ones,
and an `Op` peels off only the highest level it meets. What it computes on may therefore be nodes of
an outer trace, and the derivatives, being written in the same operations, are recorded there.
"""

import math
from collections.abc import Callable
from functools import partial
from itertools import count
from typing import Any

import numpy as np

_levels = count(1)  # a trace that starts later is nested deeper

DISPATCH: dict[Callable, Callable] = {}  # NumPy function -> what to call when it meets a Node


class ShapeError(ValueError, IndexError):
    """Shapes that an operation cannot combine; the message tells the operation and the shapes."""


class Tape:
    """One trace: how deep it is nested, and its nodes, each after those it was made from."""

    __slots__ = ("level", "nodes")

    def __init__(self):
        self.level = next(_levels)
        self.nodes: Any = []

    def close(self) -> list:
        """The nodes; nothing can be recorded any more, and no cycle of references is left."""
        nodes, self.nodes = self.nodes, None
        return nodes


class Node:
    """A traced value: it computes like the array inside it, and remembers.

    NumPy functions accept it (`np.tanh(x)`, `A @ x`, `x.sum()`); comparisons look at the value and
    give plain booleans. Writing into it raises, since a derivative cannot see a change in place.
    """

    __slots__ = ("args", "index", "kwargs", "op", "parents", "part", "tape", "value")

    def __init__(self, value, tape, op=None, args=(), kwargs=None, parents=()):
        self.value = value
        self.tape = tape
        self.op = op
        self.args = args  # values, as the operation saw them
        self.kwargs = kwargs
        self.parents = parents  # (rule, Node) for each argument that is traced
        self.part = None
        self.index = len(tape.nodes)
        tape.nodes.append(self)

    def parts(self):
        """One node for each part of a value that is a tuple; on the tape they share this place."""
        parts = []
        for i, value in enumerate(self.value):
            part = Node.__new__(Node)
            part.value, part.tape, part.index, part.part = value, self.tape, self.index, i
            part.op, part.args, part.kwargs, part.parents = None, (len(self.value),), None, ()
            parts.append(part)
        return tuple(parts)

    shape = property(lambda self: shape_of(self.value))
    ndim = property(lambda self: len(shape_of(self.value)))
    size = property(lambda self: math.prod(shape_of(self.value)))
    dtype = property(lambda self: dtype_of(self.value))
    T = property(lambda self: DISPATCH[np.transpose](self))
    mT = property(lambda self: DISPATCH[np.matrix_transpose](self))

    def __repr__(self):
        return f"traced({untraced(self)!r})"

    def __format__(self, spec):
        return format(untraced(self), spec) if spec else repr(self)

    def __len__(self):
        return len(self.value)

    def __iter__(self):
        return (self[i] for i in range(len(self)))

    def __bool__(self):
        return bool(self.value)  # branching on a value is fine: the branch taken is traced

    def __getitem__(self, index):
        return DISPATCH[np.ndarray.__getitem__](self, index)

    def __neg__(self):
        return DISPATCH[np.negative](self)

    def __abs__(self):
        return DISPATCH[np.abs](self)

    def __pos__(self):
        return self

    def astype(self, dtype, **_):
        return DISPATCH[np.ndarray.astype](self, dtype)

    def __setitem__(self, index, value):
        raise TypeError(
            "cannot write into a traced array: its derivative would not see the change. "
            "Build a new array instead, with ck.ops.where, ck.ops.concatenate or ck.ops.stack"
        )

    def __array__(self, *args, **kwargs):
        raise TypeError(
            "cannot turn a traced value into a plain array: its derivative would be lost. "
            "Use ck.ops.stack for a list of traced numbers, ck.ops.stop_gradient for the value"
        )

    def _no_number(self):
        raise TypeError(
            "cannot turn a traced value into a Python number: its derivative would be lost. "
            "Use NumPy's function (np.sin, not math.sin), or ck.ops.stop_gradient for the value"
        )

    def flatten(self):
        return DISPATCH[np.ravel](self)

    __float__ = __int__ = __index__ = __complex__ = item = tolist = _no_number
    __hash__ = object.__hash__

    def __array_ufunc__(self, ufunc, method, *args, **kwargs):
        if kwargs.get("out") is not None or method == "at":
            raise TypeError(
                f"{ufunc.__name__} cannot write a traced value into an existing array (out=, +=): "
                "write a = a + b, which makes a new one"
            )
        if method != "__call__":
            raise TypeError(f"np.{ufunc.__name__}.{method} is not supported on traced values")
        if kwargs:
            raise TypeError(f"np.{ufunc.__name__} of traced values takes no {', '.join(kwargs)}=")
        return _dispatch(ufunc, args, kwargs)

    def __array_function__(self, function, types, args, kwargs):
        return _dispatch(function, args, kwargs)


def _dispatch(function, args, kwargs):
    ours = DISPATCH.get(function)
    if ours is None:
        name = f"{getattr(function, '__module__', None) or 'numpy'}.{function.__name__}"
        raise TypeError(
            f"{name} has no derivative here; dir(ck.ops) lists what has one. Write it with those, "
            "or pass it ck.ops.stop_gradient(x) to treat its result as a constant"
        )
    return ours(*args, **kwargs)


class Op:
    """A function of arrays together with its derivatives.

    `rules[i](g, y, *args, **kwargs)` is the derivative with respect to argument i: it takes g, the
    derivative of the final answer with respect to this operation's output y, to the derivative with
    respect to args[i]. An argument without a rule is a constant. `each(i, g, y, *args, **kwargs)`
    stands for all rules of a function with any number of arguments. Rules need not undo
    broadcasting: `pullback` does that once, for all. An op without rules has derivative zero.
    """

    def __init__(self, fn, *rules, each=None, name=None):
        self.fn = fn
        self.rules = rules
        self.each = each
        self.__name__ = name or fn.__name__
        self.__doc__ = fn.__doc__

    def __call__(self, *args, **kwargs):
        tape = None  # the deepest that is met
        for a in args:
            if type(a) is Node and (tape is None or a.tape.level > tape.level):
                tape = a.tape
        return self._compute(args, kwargs) if tape is None else self._trace(tape, args, kwargs)

    def _compute(self, args, kwargs):
        try:
            return self.fn(*args, **kwargs)
        except np.linalg.LinAlgError:  # a matter of values, though NumPy counts it a ValueError
            raise
        except (ValueError, IndexError) as error:
            shapes = " and ".join(str(a.shape) for a in args if hasattr(a, "shape"))
            raise ShapeError(f"{self.__name__} of shapes {shapes}: {error}") from error

    def _trace(self, tape, args, kwargs):
        values, parents = [], []
        rules, n, outer = self.rules, len(self.rules), False
        for i, a in enumerate(args):
            if type(a) is Node:
                if a.tape is tape:
                    if i < n and rules[i] is not None:
                        parents.append((rules[i], a))
                    elif self.each is not None:
                        parents.append((partial(self.each, i), a))
                    a = a.value
                outer = outer or type(a) is Node
            values.append(a)
        y = self(*values, **kwargs) if outer else self._compute(values, kwargs)
        if not parents:
            return y
        if tape.nodes is None:
            raise RuntimeError(
                f"{self.__name__} met a traced value whose trace has ended: it was kept outside "
                "the function being differentiated (in a list, a global). Return it, or keep "
                "ck.ops.stop_gradient(x)"
            )
        node = Node(y, tape, self, values, kwargs, parents)
        return node.parts() if type(y) is tuple else node

    def __repr__(self):
        return f"<op {self.__name__}>"


def op(fn, *rules, each=None, name=None):
    """An `Op` from a function and its derivatives, known to NumPy's dispatch under `fn`.

    >>> import numpy as np
    >>> from coursekit.autograd import op
    >>> tanh = op(np.tanh, lambda g, y, x: g * (1 - y**2))
    """
    made = Op(fn, *rules, each=each, name=name)
    if fn.__name__ != "<lambda>":
        DISPATCH.setdefault(fn, made)
    return made


def pullback(nodes: list[Node], y: Node, leaves: list[Node]) -> Callable:
    """The function that takes g, shaped like y, to the derivative of <g, y> for each leaf.

    `nodes` are those of a closed tape. The pullback may be called many times; a leaf that y does
    not depend on gets None. It walks, not recurses, so depth does not matter.
    """

    def pull(g):
        grads: list = [None] * (y.index + 1)
        _add(grads, y, g)
        for node in reversed(nodes[len(leaves) : y.index + 1]):
            g = grads[node.index]
            if g is None:
                continue
            grads[node.index] = None
            for rule, parent in node.parents:
                d = rule(g, node.value, *node.args, **node.kwargs)
                shape = getattr(parent.value, "shape", ())
                _add(grads, parent, d if d.shape == shape else unbroadcast(d, shape))
        return [grads[i] if i <= y.index else None for i in range(len(leaves))]

    return pull


def _add(grads, node, g):
    """Add g to the derivative by this node; the parts of a tuple have a list of their own."""
    i = node.index
    if node.part is not None:
        if grads[i] is None:
            grads[i] = [None] * node.args[0]
        grads, i = grads[i], node.part
    grads[i] = g if grads[i] is None else grads[i] + g


def unbroadcast(g, shape: tuple) -> Any:
    """Sum g over the axes that broadcasting added or stretched, so that it has `shape` again."""
    added = g.ndim - len(shape)
    if added > 0:
        g = g.sum(axis=tuple(range(added)))
    stretched = tuple(i for i, n in enumerate(shape) if n == 1 and g.shape[i] != 1)
    return g.sum(axis=stretched, keepdims=True) if stretched else g


def untraced(x):
    """The plain value inside, whatever the level."""
    while type(x) is Node:
        x = x.value
    return x


def shape_of(x) -> tuple:
    """The shape of an array, a traced value or a Python number."""
    return x.shape if hasattr(x, "shape") else np.shape(x)


def dtype_of(x) -> np.dtype:
    """The dtype of an array, a traced value or a Python number."""
    x = untraced(x)
    return x.dtype if hasattr(x, "dtype") else np.result_type(type(x))


def _binary(ufunc, swap=False):
    if swap:
        return lambda self, other: DISPATCH[ufunc](other, self)
    return lambda self, other: DISPATCH[ufunc](self, other)


for _name, _ufunc in {
    "add": np.add, "sub": np.subtract, "mul": np.multiply, "truediv": np.divide,
    "pow": np.power, "matmul": np.matmul, "mod": np.remainder, "floordiv": np.floor_divide,
}.items():  # fmt: skip
    setattr(Node, f"__{_name}__", _binary(_ufunc))
    setattr(Node, f"__r{_name}__", _binary(_ufunc, swap=True))


def _compare(name):
    def compare(self, other):
        return getattr(np, name)(untraced(self), untraced(other))

    return compare


for _name, _ufunc_name in {
    "lt": "less", "le": "less_equal", "gt": "greater", "ge": "greater_equal",
    "eq": "equal", "ne": "not_equal",
}.items():  # fmt: skip
    setattr(Node, f"__{_name}__", _compare(_ufunc_name))


def _method(function):
    return lambda self, *args, **kwargs: DISPATCH[function](self, *args, **kwargs)


for _name in (
    "sum mean max min var std prod cumsum transpose reshape ravel squeeze swapaxes clip dot copy "
    "trace diagonal take repeat argmax argmin argsort round"
).split():
    setattr(Node, _name, _method(getattr(np, _name)))
