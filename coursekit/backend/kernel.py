"""One formula, one kernel: an update rule, run once on symbols, becomes the source of a GPU kernel.

A rule `rule(self, theta, g, s) -> (theta, State)` is ordinary NumPy arithmetic. Here it is called
with symbols in place of arrays and of numbers. Arithmetic between numbers, such as 1 - beta1**k, is
noted and done on the host in every step, as Python does it; arithmetic that meets an array becomes
a line of the kernel, in the precision of theta, as NumPy does it. Flags, that is strings, truth
values and fields that are plainly 0, choose the branches of the rule, so each combination of them
has a kernel of its own.
"""

import operator
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

T, BOOL = "T", "bool"  # types in the kernel; T is the precision of theta


class Kernel(NamedTuple):
    """A rule as source text. Places count the numbers that are given, then those computed."""

    arrays: tuple[str, ...]  # inputs with their types: "T theta", "T g", ...
    takes: tuple[int, ...]  # places of the numbers that enter the kernel
    program: tuple[tuple[Callable, tuple[int, ...]], ...]  # the arithmetic of the host
    body: str  # lines of C++
    outputs: int  # how many arrays it writes
    result: Any  # (theta, State) with `Out` and `At` where arrays and numbers belong

    def numbers(self, given: list) -> list:
        """All numbers of one launch by their places, those computed included."""
        for compute, places in self.program:
            given.append(compute(*[given[place] for place in places]))
        return given


class Out(NamedTuple):
    """The output array with this number."""

    number: int


class At(NamedTuple):
    """The number at this place."""

    place: int


# --- the leaves of a call ------------------------------------------------------------------------
class Call(NamedTuple):
    """The arguments of a rule, sorted: what is computed with, and what decides the formula."""

    arrays: list
    numbers: list
    key: tuple  # the class, the flags, and which leaves are arrays or numbers


def sort_out(own, theta, g, state) -> Call:
    """Sort theta, g, the leaves of the state and the fields of the optimizer, in this order."""
    arrays, numbers = [theta, g], []
    key: list = [type(own), theta.dtype.char]
    leaves = list(flat(state))
    inner = len(leaves)
    for i, leaf in enumerate([*leaves, *vars(own).values()]):
        kind = type(leaf)
        if kind in (int, float) and (i < inner or leaf != 0):
            numbers.append(leaf)
            key.append("number")
        elif hasattr(leaf, "ndim"):
            arrays.append(leaf)
            key.append(leaf.dtype.char)
        else:
            key.append((kind, leaf))
    return Call(arrays, numbers, tuple(key))


def flat(state):
    """The leaves of a state, also of tuples within it."""
    for part in state:
        if isinstance(part, tuple):
            yield from flat(part)
        else:
            yield part


def filled(shape, leaves):
    """Tuples of this shape with other leaves."""
    parts = [filled(p, leaves) if isinstance(p, tuple) else leaves(p) for p in shape]
    return type(shape)(*parts) if hasattr(shape, "_fields") else tuple(parts)


# --- tracing -------------------------------------------------------------------------------------
def trace(rule: Callable, own: Any, state: Any, call: Call) -> Kernel:
    """Run a rule on symbols for the arguments of a call."""
    at = Trace(len(call.numbers))
    declared: list[str] = []
    arrays, numbers = iter(call.arrays), iter(range(len(call.numbers)))
    precision = call.arrays[0].dtype

    def symbol(kind, leaf=None):
        if kind == "number":
            return Number(at, next(numbers))
        if isinstance(kind, tuple):
            return leaf
        dtype = next(arrays).dtype
        name = f"x{len(declared)}"
        declared.append(f"{T if dtype == precision else dtype.name} {name}")
        return Symbol(at, name, BOOL if dtype.kind == "b" else T)

    theta, g = symbol(T), symbol(T)
    kinds = iter(call.key[2:])
    s = filled(state, lambda leaf: symbol(next(kinds), leaf))
    shadow = object.__new__(type(own))  # the fields as symbols, without a second validation
    vars(shadow).update({name: symbol(next(kinds), leaf) for name, leaf in vars(own).items()})
    written: list[str] = []

    def place(leaf):
        if isinstance(leaf, Symbol):
            written.append(leaf.code)
            return Out(len(written) - 1)
        return At(leaf.place) if isinstance(leaf, Number) else leaf

    result = filled(rule(shadow, theta, g, s), place)
    body = at.lines + [f"y{i} = {code};" for i, code in enumerate(written)]
    return Kernel(
        tuple(declared), tuple(at.taken), tuple(at.program), "\n".join(body), len(written), result
    )


class Trace:
    """What a rule does with its symbols, while it does it."""

    def __init__(self, numbers: int):
        self.places = numbers
        self.lines: list[str] = []
        self.program: list[tuple[Callable, tuple[int, ...]]] = []
        self.taken: dict[int, None] = {}  # places whose numbers enter the kernel, in order

    def apply(self, ufunc, args):
        if any(isinstance(a, Symbol) for a in args):
            if ufunc not in ARRAY_OPS:
                raise TypeError(f"a rule cannot use np.{ufunc.__name__} on a GPU yet")
            kind, text = ARRAY_OPS[ufunc]
            return self.line(kind, text.format(*(self.code(a) for a in args)))
        compute = NUMBER_OPS.get(ufunc, lambda *values: float(ufunc(*values)))
        return self.number(compute, *(self.place(a) for a in args))

    def line(self, kind, code):
        self.lines.append(f"const {kind} t{len(self.lines)} = {code};")
        return Symbol(self, f"t{len(self.lines) - 1}", kind)

    def number(self, compute, *places):
        self.program.append((compute, places))
        self.places += 1
        return Number(self, self.places - 1)

    def code(self, a) -> str:
        """An operand in C++, in the precision of theta."""
        if isinstance(a, Symbol):
            return a.code
        if isinstance(a, Number):
            self.taken[a.place] = None
            return f"T(n{a.place})"
        if isinstance(a, bool | np.bool_):
            return "true" if a else "false"
        if not np.isfinite(a):
            bits = "0x7fc00000" if a != a else "0x7f800000" if a > 0 else "0xff800000"
            return f"T(__int_as_float({bits}))"
        return f"T({float(a)!r})"

    def place(self, a) -> int:
        return a.place if isinstance(a, Number) else self.number(lambda: a).place

    def power(self, base, exponent):
        """NumPy's shortcuts for small powers of arrays, which round differently from pow."""
        if not isinstance(base, Symbol) or isinstance(exponent, Number):
            return self.apply(np.power, (base, exponent))
        if exponent == 2:
            return np.square(base)
        return np.sqrt(base) if exponent == 0.5 else self.apply(np.power, (base, exponent))

    def where(self, condition, a, b):
        if isinstance(condition, bool):
            return a if condition else b
        kind = BOOL if all(getattr(v, "kind", T) == BOOL for v in (a, b)) else T
        return self.line(kind, f"{self.code(condition)} ? {self.code(a)} : {self.code(b)}")

    def clip(self, x, low, high):
        return np.minimum(np.maximum(x, low), high)


FUNCTIONS: dict[Any, Callable] = {
    np.where: Trace.where,
    np.clip: Trace.clip,
    np.zeros_like: lambda trace, x: trace.line(T, "T(0)"),
    np.ones_like: lambda trace, x: trace.line(T, "T(1)"),
}


# --- symbols -------------------------------------------------------------------------------------
class Number:
    """A number that is known when the kernel is launched."""

    __array_priority__ = 1000

    def __init__(self, trace: "Trace", place: int):
        self.trace, self.place = trace, place

    def __bool__(self):
        raise TypeError("a rule cannot branch on a number that changes: set a field in `at`")

    def __array_ufunc__(self, ufunc, method, *args, **kwargs):
        if method != "__call__" or kwargs:
            return NotImplemented
        return self.trace.apply(ufunc, args)

    def __array_function__(self, function, types, args, kwargs):
        if function not in FUNCTIONS:
            raise TypeError(f"a rule cannot use np.{function.__name__} on a GPU yet")
        return FUNCTIONS[function](self.trace, *args, **kwargs)

    def __pow__(self, exponent):
        return self.trace.power(self, exponent)

    def __neg__(self):
        return np.negative(self)

    def __abs__(self):
        return np.absolute(self)


class Symbol(Number):
    """An array within the kernel: the name of a C++ constant of type T or bool."""

    def __init__(self, trace: "Trace", code: str, kind: str = "T"):
        self.trace, self.code, self.kind = trace, code, kind

    def __bool__(self):
        raise TypeError("a rule cannot branch on the values of an array: use np.where")


def _binary(ufunc):
    return lambda a, b: ufunc(a, b), lambda a, b: ufunc(b, a)


for _name, _ufunc in {
    "add": np.add, "sub": np.subtract, "mul": np.multiply, "truediv": np.divide,
    "and": np.logical_and, "or": np.logical_or,
}.items():  # fmt: skip
    _left, _right = _binary(_ufunc)
    setattr(Number, f"__{_name}__", _left)
    setattr(Number, f"__r{_name}__", _right)
for _name, _ufunc in {
    "lt": np.less, "le": np.less_equal, "gt": np.greater, "ge": np.greater_equal,
    "eq": np.equal, "ne": np.not_equal,
}.items():  # fmt: skip
    setattr(Number, f"__{_name}__", _binary(_ufunc)[0])
setattr(Number, "__rpow__", lambda a, base: a.trace.power(base, a))  # noqa: B010
setattr(Number, "__invert__", lambda a: np.logical_not(a))  # noqa: B010

# What a function is in C++, and for numbers in Python. A maximum with nan is nan, as in NumPy.
ARRAY_OPS: dict[Any, tuple[str, str]] = {
    np.add: (T, "{} + {}"), np.subtract: (T, "{} - {}"), np.multiply: (T, "{} * {}"),
    np.divide: (T, "{} / {}"), np.negative: (T, "-{}"), np.absolute: (T, "abs({})"),
    np.sqrt: (T, "sqrt({})"), np.square: (T, "{0} * {0}"), np.power: (T, "pow({}, {})"),
    np.exp: (T, "exp({})"), np.log: (T, "log({})"), np.tanh: (T, "tanh({})"),
    np.sign: (T, "{0} != {0} ? {0} : T(({0} > T(0)) - ({0} < T(0)))"),
    np.maximum: (T, "{0} >= {1} || {0} != {0} ? {0} : {1}"),
    np.minimum: (T, "{0} <= {1} || {0} != {0} ? {0} : {1}"),
    np.less: (BOOL, "{} < {}"), np.less_equal: (BOOL, "{} <= {}"),
    np.greater: (BOOL, "{} > {}"), np.greater_equal: (BOOL, "{} >= {}"),
    np.equal: (BOOL, "{} == {}"), np.not_equal: (BOOL, "{} != {}"),
    np.isnan: (BOOL, "{0} != {0}"), np.logical_not: (BOOL, "!{}"),
    np.logical_and: (BOOL, "{} && {}"), np.logical_or: (BOOL, "{} || {}"),
}  # fmt: skip
NUMBER_OPS: dict[Any, Callable] = {
    np.add: operator.add, np.subtract: operator.sub, np.multiply: operator.mul,
    np.divide: operator.truediv, np.negative: operator.neg, np.power: operator.pow,
    np.absolute: abs, np.maximum: max, np.minimum: min,
    np.less: operator.lt, np.less_equal: operator.le, np.greater: operator.gt,
    np.greater_equal: operator.ge, np.equal: operator.eq, np.not_equal: operator.ne,
}  # fmt: skip
