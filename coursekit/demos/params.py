"""What a demo can be asked: one record per control, and the short string that stores a setting.

A slider's range is written once. For a hyper-parameter it is read from the optimizer's own field,
so a demo and the optimizer cannot disagree.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

MANTISSAS = (1, 1.1, 1.2, 1.3, 1.5, 1.7, 2, 2.2, 2.5, 2.7, 3, 3.5, 4, 4.5, 5, 5.5, 6, 7, 8, 9)

Value = Any  # float, int, bool, str, or a tuple of choices


@dataclass(frozen=True)
class Param:
    """A named value with its default and what it may be.

    A number has a `range` (low, high), on a logarithmic slider if `log`; anything else is one of
    `choices`, or any number of them if `many`; a bool is a switch. `active(values)` says whether
    the value has an effect at all, given the others; where it has none the control is greyed, or
    taken off the page if `hide`.

    A whole number with `play` is the demo's time: play, step and scrub move it. It runs from the
    low end of its range to the value of the parameter named by `until`, or to `until(values)`;
    `now(values)` is the time that counts.

    >>> lr = Param("lr", 0.1, (1e-4, 10.0), log=True)
    >>> lr.kind, lr.grid[:5]
    ('number', (0.0001, 0.00011, 0.00012, 0.00013, 0.00015))
    """

    name: str
    default: Value
    range: tuple[float, float] | None = None
    log: bool = False
    choices: tuple = ()
    many: bool = False
    step: float | None = None
    label: str = ""
    doc: str = ""
    active: Callable[[Mapping[str, Value]], bool] | None = None
    hide: bool = False
    play: bool = False
    until: str | Callable[[Mapping[str, Value]], int] = ""

    def __post_init__(self):
        if not self.name.isidentifier():
            raise ValueError(f"a parameter's name must be an identifier, not {self.name!r}")
        if self.kind == "number" and (self.range is None or not self.range[0] < self.range[1]):
            raise ValueError(f"{self.name} needs a range (low, high), not {self.range!r}")
        if self.log and self.range and self.range[0] <= 0:
            raise ValueError(f"{self.name} is logarithmic: its range must be above 0")
        if self.play and (self.kind != "integer" or self.range is None):
            raise ValueError(f"{self.name} is played: it must be a whole number with a range")
        object.__setattr__(self, "label", self.label or self.name.replace("_", " "))
        self.check(self.default)

    @property
    def kind(self) -> str:
        """One of "number", "integer", "switch", "choice" and "many"."""
        if self.many:
            return "many"
        if self.choices:
            return "choice"
        if isinstance(self.default, bool):
            return "switch"
        return "integer" if isinstance(self.default, int) else "number"

    def check(self, value: Value) -> Value:
        """The value as this parameter stores it; ValueError says what was expected instead."""
        expected = self._expected()
        wrong = ValueError(f"{self.name} must be {expected}, not {value!r}")
        if self.kind == "many":
            if isinstance(value, str) or not hasattr(value, "__iter__"):
                raise wrong
            chosen = set(value)
            if not chosen <= set(self.choices):
                raise wrong
            return tuple(c for c in self.choices if c in chosen)
        if self.kind == "choice":
            for c in self.choices:
                if value == c and isinstance(value, bool) == isinstance(c, bool):
                    return c
            raise wrong
        if self.kind == "switch":
            if value not in (True, False):
                raise wrong
            return bool(value)
        if isinstance(value, bool | str) or not hasattr(value, "__float__"):
            raise wrong
        low, high = self.range or (-math.inf, math.inf)
        if not low <= value <= high:
            raise wrong
        if self.kind == "integer":
            if int(value) != value:
                raise wrong
            return int(value)
        return float(value)

    def snap(self, value: Value) -> Value:
        """A linear slider's raw value in whole steps, as a number one can write down."""
        if self.kind != "number" or self.log:
            return self.check(value)
        low, high = self.range or (0.0, 1.0)
        value = float(f"{low + round((value - low) / self.grain) * self.grain:.10g}")
        return self.check(min(max(value, low), high))

    # --- time -------------------------------------------------------------------------------------
    def end(self, values: Mapping[str, Value]) -> int:
        """The last time there is."""
        low, high = self.range or (0, 0)
        if not self.until:
            return int(high)
        last = self.until(values) if callable(self.until) else values[self.until]
        return int(min(max(last, low), high))

    def now(self, values: Mapping[str, Value]) -> int:
        """The time that counts: what is past the end is the end.

        >>> t = Param("t", 500, (0, 500), play=True, until="steps")
        >>> t.now({"t": 500, "steps": 200}), t.now({"t": 30, "steps": 200})
        (200, 30)
        """
        return min(values[self.name], self.end(values))

    def stored(self, time: float, values: Mapping[str, Value]) -> int:
        """A time as this parameter stores it: the end stays the end when `until` moves."""
        low, high = self.range or (0, 0)
        return int(high if time >= self.end(values) else max(time, low))

    def nearest(self, value: float) -> float:
        """The number this parameter can be that lies nearest to `value`."""
        low, high = self.range or (value, value)
        value = min(max(value, low), high)
        if self.log:
            return min(self.grid, key=lambda g: abs(math.log(g / value)))
        return self.snap(value)

    @property
    def grid(self) -> tuple[float, ...]:
        """The positions of a logarithmic slider: 20 numbers a decade that one can write down."""
        low, high = self.range or (1.0, 10.0)
        decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
        every = (float(f"{m}e{d}") for d in decades for m in MANTISSAS)
        return tuple(sorted({low, high, *(v for v in every if low < v < high)}))

    @property
    def grain(self) -> float:
        """The step of a linear slider: a hundredth of its range, rounded to 1, 2 or 5."""
        low, high = self.range or (0.0, 1.0)
        if self.step or self.kind == "integer":
            return self.step or 1
        aim = (high - low) / 100
        power = math.floor(math.log10(aim))
        near = (float(f"{m}e{power}") for m in (1, 2, 5, 10))
        return min(near, key=lambda step: abs(math.log(step / aim)))

    def write(self, value: Value) -> str:
        """The value as it stands in a state string."""
        if self.kind == "many":
            return "+".join(map(str, value)) or "none"
        if self.kind == "switch":
            return "yes" if value else "no"
        return repr(value) if isinstance(value, float) else str(value)

    def read(self, text: str) -> Value:
        """The value that `write` wrote; ValueError names the parameter and what it may be."""
        text = text.strip()
        wrong = ValueError(f"{self.name} must be {self._expected()}, not {text!r}")
        named = {str(c): c for c in self.choices}
        try:
            if self.kind == "many":
                return self.check(named[t] for t in text.split("+") if text != "none")
            if self.kind == "choice":
                return named[text]
            if self.kind == "switch":
                return {"yes": True, "no": False}[text]
            return self.check(int(text) if self.kind == "integer" else float(text))
        except (KeyError, ValueError):
            raise wrong from None

    def _expected(self) -> str:
        if self.choices:
            options = ", ".join(map(str, self.choices))
            return f"{'some' if self.many else 'one'} of {options}"
        if self.kind == "switch":
            return "yes or no"
        kind = "a whole number" if self.kind == "integer" else "a number"
        return f"{kind} from {self.range[0]:g} to {self.range[1]:g}" if self.range else kind


def hyperparameter(optimizer: type, field: str, **changes: Any) -> Param:
    """The parameter for a field of an optimizer, with that field's own default and slider range.

    Changes (a label, another name, a default that suits the demo) are keyword arguments.
    """
    from ..optim.hyper import hyperparameters

    for h in hyperparameters(optimizer):
        if h.name != field:
            continue
        if h.slider is None and h.choices is not None:
            kind: dict[str, Any] = {"choices": () if isinstance(h.default, bool) else h.choices}
        else:
            kind = {"range": h.slider or (h.low, h.high), "log": h.log}
        return Param(**{"name": h.name, "default": h.default, "doc": h.doc, **kind, **changes})
    raise ValueError(f"{optimizer.__name__} has no hyper-parameter {field!r}")


# --- a setting as a string -----------------------------------------------------------------------
def write_state(demo: str, params: tuple[Param, ...], values: Mapping[str, Value]) -> str:
    """The demo's name and whatever differs from the defaults: "training: lr=0.3, width=8"."""
    changed = [f"{p.name}={p.write(values[p.name])}" for p in params if values[p.name] != p.default]
    return demo + (": " + ", ".join(changed) if changed else "")


def read_state(demo: str, params: tuple[Param, ...], state: str) -> dict[str, Value]:
    """All values of the setting that `write_state` wrote; what it does not name is at its default.

    Raises ValueError for another demo's state, an unknown name or a value out of range.
    """
    name, colon, rest = state.partition(":")
    if not colon:
        name, rest = (demo, state) if "=" in state else (state, "")
    if name.strip() not in ("", demo):
        raise ValueError(f"state belongs to the demo {name.strip()!r}, not to {demo!r}")
    known = {p.name: p for p in params}
    values = {p.name: p.default for p in params}
    for item in filter(str.strip, rest.split(",")):
        key, equals, text = item.partition("=")
        key = key.strip()
        if key not in known or not equals:
            raise ValueError(
                f"state of {demo!r} has no {item.strip()!r}; it knows {', '.join(known)}"
            )
        values[key] = known[key].read(text)
    return values
