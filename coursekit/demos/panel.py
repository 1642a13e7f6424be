"""The widgets of a demo: controls made from its parameters, the picture, and what is said of it.

Only widgets of ipywidgets itself are used; arrow keys move every slider. Callbacks do nothing but
note the new value and hand it to the demo's worker.
"""

import html
import threading
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import ipywidgets as w
from traitlets import Unicode

from ..viz import themes
from .controls import ROW, Time, control, labelled
from .guess import HIDDEN, Guess
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
.ck-demo .ck-picture.ck-waiting { opacity: 0.25; }
.ck-demo .ck-verdict { border-left: 4px solid; padding: 2px 10px; font-size: 14px; }
.ck-demo .ck-error { border-left: 4px solid #D55E00; padding: 6px 12px; margin: 4px 0; }
.ck-demo .ck-error pre { font-size: 12px; max-height: 160px; overflow: auto; }
.ck-demo pre.ck-code { font-size: 13px; line-height: 1.4; margin: 0; overflow-x: auto; }
</style>"""


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
        self.controls = {p.name: control(p) for p in demo.params}
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
        self.guess = Guess(demo.clock.name if demo.clock else None, self._uncover)
        self._kept: tuple[bytes, str, str] | None = None  # what waits for a guess
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
                widget = self.controls[p.name]
                if p.play:
                    continue
                if p.log and values[p.name] not in dict(widget.options).values():
                    widget.options = labelled({*p.grid, values[p.name]})
                if widget.value != values[p.name]:
                    widget.value = values[p.name]
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
                widget, active = self.controls[p.name], p.active(values)
                widget.disabled = not active
                if p.hide and p.play and self.time is not None:
                    self.time.box.layout.display = "flex" if active else "none"
                elif p.hide:
                    widget.layout.display = None if active else "none"
        self.follow(values)
        self.guess.begin(values)
        complete, presets = self.demo.complete, self.demo.presets.items()
        self._marked = next((name for name, v in presets if complete(v) == values), None)
        for section, buttons in self._presets.items():
            here = section == self.demo.section(values)
            buttons.layout.display = None if here else "none"
            buttons.value = self._marked if self._marked in buttons.options else None

    def frame(self, picture: bytes, status: str) -> None:
        """Show a picture, PNG or JPEG, and what it says; or keep both until a guess is made."""
        if self.guess.waiting:
            self._kept, status = (picture, status, ""), HIDDEN
            self.picture.add_class("ck-waiting")
            self._say(status)
            return
        self._kept = None
        self.picture.remove_class("ck-waiting")
        with self.picture.hold_sync():
            self.picture.format = "png" if picture.startswith(b"\x89PNG") else "jpeg"
            self.picture.value = picture
        self._say(status)
        if self.error.layout.display != "none":
            self.error.layout.display = "none"

    def _say(self, status: str) -> None:
        words = html.escape(status)
        self.status.value = f'<div class="ck-status" role="status" aria-live="polite">{words}</div>'

    def _uncover(self) -> None:
        if self._kept:
            picture, status, self.picture.tooltip = self._kept
            self.frame(picture, status)

    def settle(self, alt: str, state: str, code: str, quantities: Mapping[str, float]) -> None:
        """What need not follow the hand: words for the picture, the setting, the script."""
        if self.guess.waiting and self._kept:
            self._kept = (*self._kept[:2], alt)
        else:
            self.picture.tooltip = alt
        self.guess.end(quantities)
        if self.page is not None:  # areas move with the size of type
            self.page.areas = [area.box for area in self.demo.canvas.areas]
        self._said = state
        self._state.value = state
        self._code.value = f'<pre class="ck-code">{html.escape(code)}</pre>'

    def fail(self, error: Exception) -> None:
        """Say what went wrong, where it is seen, with a way back."""
        self.guess.cancel()
        said = html.escape(f"{type(error).__name__}: {error}")
        lines = html.escape("".join(traceback.format_exception(error)))
        message = w.HTML(
            f'<div class="ck-error" role="alert"><b>This setting failed.</b> {said}'
            f"<details><summary>where</summary><pre>{lines}</pre></details></div>"
        )
        place = w.Layout(width="auto", align_self="flex-start")
        back = w.Button(description="back to the defaults", layout=place)
        back.on_click(lambda _: self.demo.defaults())
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
        reset.tooltip = "Every control back to where it was at first"
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
        buttons = [self.guess.switch, reset, self._large, self._dark]
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
        hidden = [self.page] if self.page else []
        right = w.VBox(
            [self.picture, self.guess.box, *of_time, self.status, self.error, *hidden],
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


def _as_dict(layout: w.Layout) -> dict[str, Any]:
    return {k: v for k, v in layout.get_state().items() if v is not None and k[0] != "_"}
