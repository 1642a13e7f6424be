"""The widgets that fit parameters, and the row of time."""

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import ipywidgets as w
from traitlets import Tuple

from ..viz.axes import plain
from .letters import spelled
from .params import Param, Value

if TYPE_CHECKING:
    from .engine import Demo

ROW = "auto / 1 / auto / -1"  # all columns of a grid; ipywidgets clears the shorter grid_column


class Choices(w.Box):
    """Any number of choices, a button for each."""

    value = Tuple()

    def __init__(self, options: tuple, value: tuple, layout: w.Layout):
        self.buttons = {
            o: w.ToggleButton(o in value, description=str(o), layout=w.Layout(width="auto"))
            for o in options
        }
        super().__init__(list(self.buttons.values()), layout=layout, value=value)
        for button in self.buttons.values():
            button.observe(self._toggled, "value")
        self.observe(self._placed, "value")

    def _toggled(self, change: Any) -> None:
        self.value = tuple(o for o, button in self.buttons.items() if button.value)

    def _placed(self, change: Any) -> None:
        chosen = change["new"]
        for option, button in self.buttons.items():
            button.value = option in chosen


def control(p: Param) -> Any:
    """The widget that fits the parameter."""
    common: dict[str, Any] = {
        "description": spelled(p.label, p.name),
        "tooltip": p.doc or p.label,
        "style": {"description_width": "92px"},
        "layout": w.Layout(width="auto", margin="0"),
    }
    low, high = p.range or (0, 1)
    if p.kind == "switch":
        return w.Checkbox(p.default, indent=True, **common)
    if p.kind == "integer":
        return w.IntSlider(p.default, int(low), int(high), step=int(p.step or 1), **common)
    if p.kind == "number" and p.log:
        # Not FloatLogSlider: the page rounds its values to whole steps of the logarithm and sends
        # them back, so that 0.3 would become 0.316.
        return w.SelectionSlider(options=labelled({*p.grid, p.default}), value=p.default, **common)
    if p.kind == "number":
        digits = max(0, -math.floor(math.log10(p.grain)))
        return w.FloatSlider(
            p.default, min=low, max=high, step=p.grain, readout_format=f".{digits}f", **common
        )
    if p.kind == "many":
        wide = w.Layout(display="flex", flex_flow="row wrap", grid_area=ROW)
        return Choices(p.choices, p.default, wide)
    if all(isinstance(c, int | float) for c in p.choices):
        return w.SelectionSlider(options=p.choices, value=p.default, **common)
    return w.Dropdown(options=p.choices, value=p.default, **common)


def labelled(values: set[float]) -> list[tuple[str, float]]:
    return [(plain(v), v) for v in sorted(values)]


class Time:
    """Play, step and scrub: the row under the picture."""

    def __init__(self, demo: "Demo", slider: Any):
        self.demo, self.slider = demo, slider
        assert demo.clock is not None
        self.clock: Param = demo.clock
        widths = ("92px", "40px", "40px")
        self.button, back, ahead = (w.Button(layout=w.Layout(width=px)) for px in widths)
        back.icon, ahead.icon = "step-backward", "step-forward"
        back.tooltip, ahead.tooltip = "One step back", "One step ahead"
        self.button.on_click(lambda _: demo.pause() if demo.playing else demo.play())
        back.on_click(lambda _: demo.step(-1))
        ahead.on_click(lambda _: demo.step(1))
        slider.layout = w.Layout(flex="1 1 240px", width="auto")
        slider.style.description_width = "initial"
        row = w.Layout(display="flex", flex_flow="row nowrap", align_items="center", width="auto")
        self.box = w.Box([self.button, back, ahead, slider], layout=row)
        self.box.layout.max_width = f"{demo.size[0]}px"

    def place(self, values: Mapping[str, Value]) -> None:
        """Show the time and whether it runs."""
        end, now = self.clock.end(values), self.clock.now(values)
        if self.slider.max != end:
            self.slider.max = end
        if self.slider.value != now:
            self.slider.value = now
        face = "pause" if self.demo.playing else "play"
        if self.button.icon != face:
            self.button.icon = self.button.description = face
