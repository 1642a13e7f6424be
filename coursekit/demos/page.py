"""What a page can tell a demo: whether it is dark, and where the mouse is on the picture.

Widgets of ipywidgets report neither. A widget of a few lines can: it shows nothing, reads the theme
that JupyterLab or VS Code writes on the body of the page, and listens to the picture of the demo it
lies in, inside the given areas. Where anywidget or the page does without it, a button turns the
picture dark, and every demo is still moved by its sliders and by keys.
"""

from collections.abc import Callable
from importlib import import_module
from typing import Any

from traitlets import Bool, List

anywidget: Any
try:
    anywidget = import_module("anywidget")
except ImportError:  # a convenience, not a condition
    anywidget = None

SCRIPT = """
function dark() {
  const { jpThemeLight, vscodeThemeKind } = document.body.dataset;
  if (jpThemeLight) return jpThemeLight === "false";
  return vscodeThemeKind ? /dark|contrast$/.test(vscodeThemeKind) : null;  // null: not known
}
function render({ model, el }) {
  el.style.display = "none";
  const look = () => {
    if (dark() === model.get("dark")) return;
    model.set("dark", dark());
    model.save_changes();
  };
  const watch = new MutationObserver(look);  // a theme may be changed at any time
  watch.observe(document.body, { attributes: true });
  look();
  let held = -1;  // the area in which the pointer went down
  const mine = (event) => {
    const picture = event.target.closest && event.target.closest(".ck-picture");
    return picture && picture.closest(".ck-demo") === el.closest(".ck-demo") ? picture : null;
  };
  const share = (picture, event) => {
    const r = picture.getBoundingClientRect();
    return [(event.clientX - r.left) / r.width, (event.clientY - r.top) / r.height];
  };
  const inside = (x, y) => model.get("areas").findIndex(
    ([left, top, right, bottom]) => left <= x && x <= right && top <= y && y <= bottom);
  const tell = (picture, event) => {
    model.set("at", [held, ...share(picture, event)]);
    model.save_changes();
  };
  const down = (event) => {
    const picture = mine(event);
    if (!picture || event.button !== 0) return;
    held = inside(...share(picture, event));
    if (held < 0) return;
    event.preventDefault();
    picture.setPointerCapture(event.pointerId);
    tell(picture, event);
  };
  const move = (event) => {
    const picture = mine(event);
    if (!picture) return;
    if (held >= 0) tell(picture, event);
    else picture.style.cursor = inside(...share(picture, event)) < 0 ? "" : "crosshair";
  };
  const up = () => { held = -1; };
  const still = (event) => { if (mine(event)) event.preventDefault(); };  // no image on the cursor
  const listeners = { pointerdown: down, pointermove: move, pointerup: up, pointercancel: up,
                      dragstart: still };
  for (const [kind, act] of Object.entries(listeners)) document.addEventListener(kind, act);
  return () => {
    watch.disconnect();
    for (const [kind, act] of Object.entries(listeners)) document.removeEventListener(kind, act);
  };
}
export default { render };
"""


def page(point: Callable[[int, float, float], None], looks: Callable[[bool], None]) -> Any:
    """A widget that calls `point(area, x, y)` while the mouse is down, with x and y as shares of
    the picture, and `looks(dark)` once the page is known to be dark or not; None without anywidget.
    """
    if anywidget is None:
        return None
    widget = _kind()()
    widget.observe(lambda change: point(int(change["new"][0]), *change["new"][1:]), "at")
    widget.observe(lambda change: looks(bool(change["new"])), "dark")
    return widget


def _kind() -> Any:
    class Page(anywidget.AnyWidget):
        _esm = SCRIPT
        areas: Any = List([]).tag(sync=True)  # of [left, top, right, bottom]
        at: Any = List([]).tag(sync=True)  # [area, x, y]
        dark: Any = Bool(None, allow_none=True).tag(sync=True)

    return Page
