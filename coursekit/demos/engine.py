"""What every demo is: three pure layers and the engine that turns sliders into frames.

    compute(params) -> result      plain arrays; seeded, so that a drag changes only one thing
    draw(result)                   moves artists of one figure that is kept alive
    controls                       generated from `params`

A demo is a subclass of `Demo` that fills in the hooks of `hooks.py`. The engine validates values,
keeps the setting, runs the work in slices on one thread, encodes frames and shows errors.
"""

import base64
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from inspect import isgenerator
from typing import Any, ClassVar, Self

from ..backend import blas_threads, using
from ..viz import themes
from ..viz.themes import Theme
from .canvas import Canvas
from .hooks import Hooks
from .params import Param, Value, read_state, write_state
from .worker import Worker

REST = 0.15  # seconds without a new value after which a hand is taken to rest
FRAME = 1 / 30  # seconds between two frames that are played


class Demo(Hooks):
    """An experiment with sliders and a picture.

    `state` is a string from another demo's `.state`; single values may be given by name, `theme` is
    "light" or "dark", `projector` asks for large type, `sync` for results at once instead of in
    slices, and `density` for so many pixels along a CSS pixel. Without a notebook nothing is
    displayed, and the demo is still fully usable:

    >>> import coursekit as ck
    >>> demo = ck.demos.training(epochs=1)
    >>> demo.state
    'training: epochs=1'
    """

    name: ClassVar[str]  # as in ck.demos.<name>
    title: ClassVar[str]
    params: ClassVar[tuple[Param, ...]]
    presets: ClassVar[Mapping[str, Mapping[str, Value]]] = {}
    size: ClassVar[tuple[int, int]] = (860, 470)  # CSS pixels
    seconds: ClassVar[float] = 8.0  # to play from the first time to the last
    on_device: ClassVar[bool] = False  # such small problems are quicker on the processor
    lull: ClassVar[float] = 0.0  # seconds a hand must rest after a first frame before work goes on

    # --- pure use ---------------------------------------------------------------------------------
    def compute(self, **params: Value) -> Any:
        """The finished result at these values; what is left out is at its default."""
        with blas_threads(1), self._home():
            *_, result = self._results(self.complete(params))
        return result

    def image(self, **params: Value) -> bytes:
        """The picture at these values, as PNG bytes."""
        return self._picture(self.compute(**params))

    def alt(self, **params: Value) -> str:
        """The picture at these values, as a sentence."""
        return self.describe(self.compute(**params))

    def code(self) -> str:
        """A plain script that reproduces the numbers of the present setting."""
        return self.script(**self.values)

    # --- the setting ------------------------------------------------------------------------------
    def __init__(
        self,
        state: str | None = None,
        *,
        theme: str | None = None,
        projector: bool | None = None,
        sync: bool | None = None,
        density: int = 2,
        **values: Value,
    ):
        self.values = self.complete(values, read_state(self.name, self.params, state or ""))
        self._opened = self.values
        self.theme = themes.theme(theme, projector)
        self.follows = theme is None and not themes.chosen()  # the page, where it is dark or light
        self.result: Any = None
        self.canvas = Canvas(*self.size, theme=self.theme, scale=density)
        self.worker = Worker(self._frames, self._failed, sync)
        self._panel: Any = None
        self._shown_in: Any = None
        self._drawing = threading.RLock()  # image() may be called while the worker draws
        self._changing = threading.RLock()  # hands and the worker, which moves time, change values
        self.clock = next((p for p in self.params if p.play), None)
        self.playing = False
        self._since = (0.0, 0.0, 0.0)  # when playing began, at which time, and times a second
        with self._home():
            self.build(self.canvas, self.theme)

    @property
    def state(self) -> str:
        """The present setting as a short string; assigning one restores it."""
        return write_state(self.name, self.params, self.values)

    @state.setter
    def state(self, text: str) -> None:
        self.set(**read_state(self.name, self.params, text))

    def set(self, **values: Value) -> None:
        """Move controls from code, as if by hand."""
        if self.clock is not None and self.clock.name in values:
            self.playing = False
        self._place(values)

    def _place(self, values: Mapping[str, Value]) -> None:
        self._change(values)
        if self._panel is not None:
            self._panel.place(self.values)
        self.refresh()

    def _change(self, values: Mapping[str, Value]) -> None:
        with self._changing:
            self.values = self.complete(values, self.values)

    def reset(self) -> None:
        """Every control back to where it was when the demo was opened."""
        self.set(**self._opened)

    def defaults(self) -> None:
        """Every control to its default, however the demo was opened."""
        self.set(**self.complete({}))

    def preset(self, name: str) -> None:
        """The setting of that preset; what it does not mention is at its default."""
        if name not in self.presets:
            raise ValueError(f"no preset {name!r}; there are {', '.join(self.presets)}")
        self.set(**self.complete(self.presets[name]))

    def section(self, values: Mapping[str, Value]) -> str:
        """To which of several sets of presets a setting belongs; the panel shows one at a time."""
        return ""

    # --- time -------------------------------------------------------------------------------------
    def play(self) -> None:
        """Let time run to its end, from the start if it is there already; other controls stay live.

        In synchronous mode it is at its end at once.
        """
        clock = self._clock()
        low, end, now = clock.range[0], clock.end(self.values), clock.now(self.values)
        now = end if self.worker.sync else low if now >= end else now
        self._since = (time.monotonic(), now, (end - low) / self.seconds)
        self.playing = not self.worker.sync
        self._place({clock.name: clock.stored(now, self.values)})

    def pause(self) -> None:
        """Stop time where it is."""
        self.playing = False
        self.refresh()

    def step(self, by: int = 1) -> None:
        """Move time by so many steps, and stop it there."""
        clock = self._clock()
        self.playing = False
        self.set(**{clock.name: clock.stored(clock.now(self.values) + by, self.values)})

    def point(self, area: int, x: float, y: float) -> None:
        """A pointer is at a place of the picture, in shares of it from the upper left corner."""
        if not self.canvas.backgrounds:  # there is none yet to point at
            self._picture(self.compute(**self.values))
        if area >= len(self.canvas.areas):  # of a picture that has just given way to another
            return
        asked, known = self.canvas.areas[area].at(x, y), {p.name: p for p in self.params}
        self.set(**{name: known[name].nearest(value) for name, value in asked.items()})

    def _clock(self) -> Any:
        if self.clock is None:
            raise TypeError(f"the demo {self.name} has no time to play")
        return self.clock

    def wait(self, timeout: float = 10.0) -> bool:
        """Block until the last change has been computed and shown; False after `timeout` s."""
        return self.worker.wait(timeout)

    @property
    def error(self) -> Exception | None:
        """What went wrong at the present setting, if anything did."""
        return self.worker.error

    def complete(
        self, values: Mapping[str, Value], rest: Mapping[str, Value] | None = None
    ) -> dict[str, Value]:
        """Checked values for all parameters, taking missing ones from `rest` or the defaults."""
        unknown = set(values) - {p.name for p in self.params}
        if unknown:
            known = ", ".join(p.name for p in self.params)
            raise TypeError(f"{self.name} has no parameter {unknown.pop()!r}; it has {known}")
        full = {p.name: p.default for p in self.params} | dict(rest or {}) | dict(values)
        return {p.name: p.check(full[p.name]) for p in self.params}

    # --- frames -----------------------------------------------------------------------------------
    def refresh(self) -> None:
        """Compute and show the present setting again."""
        self.worker.submit((self.values, self.theme))

    def _frames(self, request: tuple[dict[str, Value], Theme]) -> Iterator[None]:
        """The worker's work: every yield is a slice that has been shown."""
        values, theme = request
        panel = self._panel
        if panel is not None:
            panel.mark(values)
        with blas_threads(1), self._home():
            while True:
                shown = time.monotonic()
                if self.playing:  # before the picture: hands may be too busy to leave time for more
                    values = self._tick(values)
                yield from self._slices(values, theme)
                if not (self.playing and self.worker.quiet(shown + FRAME - time.monotonic())):
                    break
        if panel is not None and self.worker.quiet(REST):
            panel.follow(values)
            panel.frame(self._picture(self.result, theme), self.status(self.result))
            self._settle(panel, values)

    def _settle(self, panel: Any, values: dict[str, Value]) -> None:
        said, script = self.describe(self.result), self.script(**values)
        panel.settle(said, self.state, script, self.quantities(self.result))

    def _slices(self, values: dict[str, Value], theme: Theme) -> Iterator[None]:
        rests = False
        for result in self._results(values):
            self.result = result
            if self.worker.sync:
                continue  # nobody sees what is on the way
            png = self._picture(result, theme, fine=False)
            if self._panel is not None:
                self._panel.frame(png, self.status(result))
            yield
            rests = rests or self.playing or self.worker.quiet(self.lull)
            if not rests:
                return

    def _tick(self, values: dict[str, Value]) -> dict[str, Value]:
        """The values at the time that it is by now; what has no time to be shown is left out."""
        clock = self._clock()
        began, start, speed = self._since
        t = clock.stored(start + speed * (time.monotonic() - began), values)
        with self._changing:
            if self.playing:  # no hand has moved time meanwhile
                self._change({clock.name: t})
                self.playing = t < clock.end(values)
                values = {**values, clock.name: t}
        if self._panel is not None:
            self._panel.follow(values)
        return values

    def _results(self, values: dict[str, Value]) -> Iterator[Any]:
        out = self.run(**values)
        if isgenerator(out):
            yield from out
        else:
            yield out

    def _picture(self, result: Any, theme: Theme | None = None, fine: bool = True) -> bytes:
        with self._drawing, self._home():
            if theme is not None and theme != self.canvas.theme:
                self.canvas.clear(theme)
                self.build(self.canvas, theme)
            self.canvas.sharpen(fine)
            self.draw(result)
            return self.canvas.png() if fine else self.canvas.jpeg()

    def _home(self) -> AbstractContextManager:
        return nullcontext() if self.on_device else using("numpy")

    def _failed(self, error: Exception) -> None:
        if self._panel is not None:
            self._panel.fail(error)

    # --- in a notebook ----------------------------------------------------------------------------
    def show(self) -> Self:
        """Display sliders and picture if there is a notebook to display them in."""
        if _front_end() is not None:
            self._ipython_display_()
        return self

    @property
    def panel(self) -> Any:
        """The widgets; made on first use, so that nothing needs ipywidgets before."""
        if self._panel is None:
            from .panel import Panel

            self._panel = Panel(self)
        return self._panel

    @property
    def controls(self) -> dict[str, Any]:
        """The widget of each parameter, by name."""
        return self.panel.controls

    def _ipython_display_(self) -> None:
        shell = _front_end()
        cell = getattr(shell, "execution_count", None)
        if shell is None:
            print(repr(self))
        elif cell != self._shown_in:  # a cell that ends in the call must not show it twice
            from IPython.display import display

            self._shown_in = cell
            _replace(self, shell, cell)
            data, metadata = self._repr_mimebundle_()
            display(data, metadata=metadata, raw=True)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> tuple[dict, dict]:
        """The live widgets, and a picture with words for pages that have no kernel behind them."""
        panel = self.panel
        self.result = self.compute(**self.values)
        png, alt = self._picture(self.result, self.theme), self.describe(self.result)
        panel.frame(png, self.status(self.result))
        self._settle(panel, self.values)
        data = panel.box._repr_mimebundle_()
        data["text/plain"] = repr(self)
        data["image/png"] = base64.b64encode(png).decode()
        width, height = self.size
        return data, {"image/png": {"alt": alt, "width": width, "height": height}}

    def close(self) -> None:
        """Take the widgets off the page; showing the demo again makes new ones."""
        if self._panel is not None:
            self._panel.close()
        self._panel = self._shown_in = None

    def __repr__(self) -> str:
        return f"<demo {self.state}>"


def _front_end() -> Any:
    """The notebook's shell, or None in plain Python, a terminal or a test."""
    ipython = sys.modules.get("IPython")  # a notebook has imported it long ago
    shell = ipython.get_ipython() if ipython else None
    return shell if shell is not None and hasattr(shell, "kernel") else None


_shown: dict[str, tuple[Any, list[Demo]]] = {}  # by cell: the run, and what it showed


def _replace(demo: Demo, shell: Any, run: Any) -> None:
    """Close what an earlier run of the same cell showed: a picture takes 13 MB."""
    cell = shell.get_parent().get("metadata", {}).get("cellId")
    if cell is None:
        return
    before, demos = _shown.get(cell, (run, []))
    if before != run:
        for old in demos:
            old.close()
        demos = []
    _shown[cell] = (run, [*demos, demo])
