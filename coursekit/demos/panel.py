"""The widgets of a demo: controls made from its parameters, the picture, and what is said of it.

Only widgets of ipywidgets itself are used; arrow keys move every slider. Callbacks do nothing but
note the new value and hand it to the demo's worker.
"""

import html
import math
import threading
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import ipywidgets as w
from traitlets import Tuple, Unicode

from ..viz import themes
from ..viz.axes import plain
from .letters import HOUSE, LETTERS, has_letter, spelled
from .page import page
from .params import Param, Value

if TYPE_CHECKING:
    from .engine import Demo

STYLE = """<style>
.ck-demo { --ck-focus: #0072B2; --jp-widgets-inline-height: 26px; --jp-widgets-margin: 1px; }
.ck-demo .ck-picture { border-radius: 6px; }
.ck-demo .ck-status { font-size: 14px; line-height: 1.45; min-height: 42px; padding: 2px 4px; }
.ck-demo .ck-title { font-size: 16px; font-weight: 600; line-height: 26px; }
.ck-demo .jupyter-button { font-size: 12.5px; height: 24px; line-height: 22px; padding: 0 8px; }
.ck-demo .ck-controls .widget-readout { min-width: 46px; }
.ck-demo .ck-controls .slider-container { margin: 0 4px 0 8px; }
.ck-demo .widget-label, .ck-demo .widget-readout { font-variant-numeric: tabular-nums; }
.ck-demo .noUi-handle:focus, .ck-demo button:focus-visible, .ck-demo select:focus-visible,
.ck-demo input:focus-visible { outline: 3px solid var(--ck-focus); outline-offset: 2px; }
.ck-demo .ck-error { border-left: 4px solid #D55E00; padding: 6px 12px; margin: 4px 0; }
.ck-demo .ck-error pre { font-size: 12px; max-height: 160px; overflow: auto; }
.ck-demo pre.ck-code { font-size: 13px; line-height: 1.4; margin: 0; overflow-x: auto; }
</style>"""


ROW = "auto / 1 / auto / -1"  # all columns of a grid; ipywidgets clears the shorter grid_column
COLUMN = 230  # CSS pixels: the least a control is readable in
SMALLEST = 0.8  # of its width: a picture shrinks to this before the controls move above it


class Picture(w.Image):
    """An image with words for those who do not see it."""

    # The view puts `tooltip` into the title attribute, which is the name a screen reader reads; it
    # asks for `description` first, which plain images lack.
    description = Unicode("").tag(sync=True)


class Panel:
    """The widgets of one demo; `box` holds them all."""

    def __init__(self, demo: "Demo"):
        self.demo = demo
        self.controls = {p.name: _control(p) for p in demo.params}
        for p in demo.params:
            self.controls[p.name].observe(self._moved(p), "value")
        self.time = Time(demo, self.controls[demo.clock.name]) if demo.clock else None
        width = demo.size[0]
        self.picture = Picture(format="png", layout=w.Layout(width=f"{width}px", max_width="100%"))
        self.picture.add_class("ck-picture")
        self.page = page(demo.point, self._on_page)
        self.status = w.HTML(layout=w.Layout(width="auto", max_width=f"{width}px"))
        self.error = w.VBox(layout=w.Layout(display="none"))
        self._code = w.HTML()
        self._state = w.Text(
            description="setting",
            continuous_update=False,
            tooltip="Copy this to come back to the setting; paste one to go there",
            layout=w.Layout(width="auto", flex="1 1 300px"),
        )
        self._state.observe(self._typed, "value")
        self._presets = self._buttons_of_presets()
        self._placing: set[int] = set()  # the threads in which `place` or `follow` is at work
        self._marked: str | None = None  # what `mark` and `settle` wrote, to know it from a click
        self._said = ""
        self.box = self._arrange(width)
        self.place(demo.values)
        self.mark(demo.values)

    def place(self, values: Mapping[str, Value]) -> None:
        """Move the controls to these values, which the demo already has."""
        with self._not_a_hand():
            for p in self.demo.params:
                control = self.controls[p.name]
                if p.play:
                    continue
                if p.log and values[p.name] not in dict(control.options).values():
                    control.options = _labelled({*p.grid, values[p.name]})
                if control.value != values[p.name]:
                    control.value = values[p.name]
        self.follow(values)

    def follow(self, values: Mapping[str, Value]) -> None:
        """Move the controls of time alone."""
        if self.time is not None:
            with self._not_a_hand():
                self.time.place(values)

    @contextmanager
    def _not_a_hand(self) -> Iterator[None]:
        thread = threading.get_ident()
        self._placing.add(thread)
        try:
            yield
        finally:
            self._placing.discard(thread)

    # --- from the demo to the page (called by the worker) -----------------------------------------
    def mark(self, values: Mapping[str, Value]) -> None:
        """Which preset this is, and which controls have an effect."""
        for p in self.demo.params:
            if p.active is not None:
                control, active = self.controls[p.name], p.active(values)
                control.disabled = not active
                if p.hide and p.play and self.time is not None:
                    self.time.box.layout.display = "flex" if active else "none"
                elif p.hide:
                    control.layout.display = None if active else "none"
        self.follow(values)
        complete, presets = self.demo.complete, self.demo.presets.items()
        self._marked = next((name for name, v in presets if complete(v) == values), None)
        for section, buttons in self._presets.items():
            here = section == self.demo.section(values)
            buttons.layout.display = None if here else "none"
            buttons.value = self._marked if self._marked in buttons.options else None

    def frame(self, picture: bytes, status: str) -> None:
        """Show a picture, PNG or JPEG, and what it says."""
        with self.picture.hold_sync():
            self.picture.format = "png" if picture.startswith(b"\x89PNG") else "jpeg"
            self.picture.value = picture
        words = html.escape(status)
        self.status.value = f'<div class="ck-status" role="status" aria-live="polite">{words}</div>'
        if self.error.layout.display != "none":
            self.error.layout.display = "none"

    def settle(self, alt: str, state: str, code: str) -> None:
        """What need not follow the hand: words for the picture, the setting, the script."""
        self.picture.tooltip = alt
        if self.page is not None:  # areas move with the size of type
            self.page.areas = [area.box for area in self.demo.canvas.areas]
        self._said = state
        self._state.value = state
        self._code.value = f'<pre class="ck-code">{html.escape(code)}</pre>'

    def fail(self, error: Exception) -> None:
        """Say what went wrong, where it is seen, with a way back."""
        said = html.escape(f"{type(error).__name__}: {error}")
        lines = html.escape("".join(traceback.format_exception(error)))
        message = w.HTML(
            f'<div class="ck-error" role="alert"><b>This setting failed.</b> {said}'
            f"<details><summary>where</summary><pre>{lines}</pre></details></div>"
        )
        place = w.Layout(width="auto", align_self="flex-start")
        back = w.Button(description="back to the defaults", layout=place)
        back.on_click(lambda _: self.demo.reset())
        self.error.children = (message, back)
        self.error.layout.display = "flex"

    # --- from the page to the demo (called in whatever thread) ------------------------------------
    def _moved(self, param: Param) -> Any:
        def moved(change: Any) -> None:
            if threading.get_ident() in self._placing:
                return  # not a hand
            value, now = param.snap(change["new"]), self.demo.values[param.name]
            if param.play:
                value = param.stored(value, self.demo.values)
                self.demo.playing = False
            # A linear slider that was placed between two of its steps reports the nearer one.
            if value not in (now, param.snap(now)):
                self.demo._change({param.name: value})
                self.demo.refresh()

        return moved

    def _picked(self, change: Any) -> None:
        # Not comparing with the demo's values: they may have moved on since `mark` looked at them.
        if change["new"] not in (None, self._marked):
            self.demo.preset(change["new"])

    def _typed(self, change: Any) -> None:
        if change["new"] == self._said:
            return
        try:
            self.demo.state = change["new"]
        except ValueError as error:
            self.fail(error)

    def _dressed(self, change: Any) -> None:
        if change["owner"] is self._dark and threading.get_ident() not in self._placing:
            self.demo.follows = False
        self.demo.theme = themes.theme("dark" if self._dark.value else "light", self._large.value)
        self.demo.refresh()

    def _lettered(self, change: Any) -> None:
        for p in self.demo.params:
            self.controls[p.name].description = spelled(p.label, p.name, change["new"])

    def _on_page(self, dark: bool) -> None:
        themes.follow(dark)
        if self.demo.follows:
            with self._not_a_hand():
                self._dark.value = dark

    def close(self) -> None:
        """End the widgets, with everything inside them."""
        todo = [self.box]
        while todo:
            widget = todo.pop()
            todo += getattr(widget, "children", ())
            for part in (widget.layout, getattr(widget, "style", widget), widget):
                part.close()

    # --- arrangement ------------------------------------------------------------------------------
    def _buttons_of_presets(self) -> dict[str, w.ToggleButtons]:
        """A row of buttons for each section; one row is shown at a time."""
        sections: dict[str, list[str]] = {}
        for name, values in self.demo.presets.items():
            sections.setdefault(self.demo.section(self.demo.complete(values)), []).append(name)
        rows = {}
        for section, names in sections.items():
            layout = w.Layout(grid_area=ROW, margin="6px 0 4px 0", width="auto")
            buttons = w.ToggleButtons(
                options=names, value=None, style={"button_width": "auto"}, layout=layout
            )
            buttons.observe(self._picked, "value")
            rows[section] = buttons
        return rows

    def _arrange(self, width: int) -> w.VBox:
        now = self.demo.theme
        self._dark = w.ToggleButton(now.name == "dark", description="dark")
        self._large = w.ToggleButton(now.projector, description="large")
        reset = w.Button(description="reset")
        self._dark.tooltip, self._large.tooltip = "Dark picture", "Large type, for a projector"
        reset.tooltip = "Every control back to its default"
        reset.on_click(lambda _: self.demo.reset())
        for button in (self._dark, self._large, reset):
            button.layout.width = "auto"
        for button in (self._dark, self._large):
            button.observe(self._dressed, "value")

        row = w.Layout(display="flex", flex_flow="row wrap", align_items="center", width="100%")
        title = w.HTML(f'<div class="ck-title">{html.escape(self.demo.title)}</div>')
        title.layout.flex = "1 1 auto"
        self._letters = w.Dropdown(options=list(LETTERS), value=HOUSE, description="letters of")
        self._letters.tooltip = "Whose letters the sliders carry"
        self._letters.layout = w.Layout(width="160px")
        self._letters.style.description_width = "initial"
        self._letters.observe(self._lettered, "value")
        buttons = [reset, self._large, self._dark]
        if any(has_letter(p.name) for p in self.demo.params):
            buttons.insert(0, self._letters)
        head = w.Box([title, *buttons], layout=row)
        # The controls make columns beside the picture or, where the page is too narrow, above it.
        column = w.Layout(
            display="grid",
            grid_template_columns=f"repeat(auto-fill, minmax({COLUMN}px, 1fr))",
            grid_gap="0 14px",
            align_content="flex-start",
            align_items="center",
            flex=f"1 1 {COLUMN}px",
        )
        of_time = [self.time.box] if self.time else []
        many_first = sorted(self.demo.params, key=lambda p: p.kind != "many")  # they fill rows
        others = [self.controls[p.name] for p in many_first if not p.play]
        controls = w.Box([*others, *self._presets.values()], layout=column)
        controls.add_class("ck-controls")
        right = w.VBox(
            [self.picture, *of_time, self.status, self.error, *filter(None, [self.page])],
            layout=w.Layout(
                flex=f"1000 1 {SMALLEST * width:.0f}px",
                max_width=f"{width + 8}px",
                min_width="0",
                overflow="visible",
            ),
        )
        body = w.Box(
            [controls, right],
            layout=w.Layout(display="flex", flex_flow="row wrap", width="100%", grid_gap="0 10px"),
        )
        fold = w.Accordion(
            [self._code], titles=("the same as a script",), layout=w.Layout(flex="2 1 480px")
        )
        foot = w.Box([self._state, fold], layout=w.Layout(**_as_dict(row)))
        foot.layout.align_items = "flex-start"
        css = w.HTML(STYLE, layout=w.Layout(display="none"))
        box = w.VBox([css, head, body, foot], layout=w.Layout(width="100%", overflow="visible"))
        box.add_class("ck-demo")
        return box


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


def _as_dict(layout: w.Layout) -> dict[str, Any]:
    return {k: v for k, v in layout.get_state().items() if v is not None and k[0] != "_"}


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


def _control(p: Param) -> Any:
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
        return w.SelectionSlider(options=_labelled({*p.grid, p.default}), value=p.default, **common)
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


def _labelled(values: set[float]) -> list[tuple[str, float]]:
    return [(plain(v), v) for v in sorted(values)]
