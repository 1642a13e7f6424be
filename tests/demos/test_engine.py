"""The engine: settings and their strings, one kept figure, blitting, errors, notebooks."""

import io
import subprocess
import sys
import textwrap
import time
import zlib

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from coursekit import demos
from coursekit.demos import engine
from coursekit.demos.canvas import Canvas
from coursekit.demos.engine import Demo
from coursekit.demos.params import Param, hyperparameter, read_state, write_state
from coursekit.demos.png import encode
from coursekit.viz import themes
from tests.demos.tiny_demo import Tiny


@pytest.fixture
def tiny():
    return Tiny(sync=True)


# --- parameters and settings ---------------------------------------------------------------------
@pytest.mark.parametrize("p", Tiny.params, ids=lambda p: p.name)
def test_every_value_survives_being_written_and_read(p):
    values = {
        "choice": p.choices,
        "many": [(), p.choices[:1], p.choices],
        "switch": [True, False],
    }.get(p.kind, [*(p.range or ()), p.default])
    for value in values:
        assert p.read(p.write(p.check(value))) == p.check(value)
        assert type(p.read(p.write(p.check(value)))) is type(p.check(value))


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("rate", 11, "rate must be a number from 0.01 to 10, not 11"),
        ("rate", "0.5", "rate must be a number"),
        ("rate", float("nan"), "rate must be a number"),
        ("waves", 2.5, "waves must be a whole number from 1 to 9, not 2.5"),
        ("waves", True, "waves must be a whole number"),
        ("batch", 3, "batch must be one of 1, 2, 4, 8, 16, not 3"),
        ("shape", "tan", "shape must be one of sin, cos, broken, not 'tan'"),
        ("loud", "yes", "loud must be yes or no"),
        ("shown", "curve", "shown must be some of"),
        ("shown", ["curve", "nothing"], "shown must be some of"),
    ],
)
def test_bad_values_are_refused_by_name_range_and_value(tiny, name, value, message):
    with pytest.raises(ValueError, match=message):
        tiny.compute(**{name: value})


def test_an_unknown_parameter_is_named(tiny):
    with pytest.raises(TypeError, match=r"tiny has no parameter 'speed'; it has rate, phase"):
        tiny.image(speed=1)


def test_bad_declarations_are_refused():
    with pytest.raises(ValueError, match="needs a range"):
        Param("x", 0.5)
    with pytest.raises(ValueError, match="needs a range"):
        Param("x", 0.5, (1.0, 0.0))
    with pytest.raises(ValueError, match="above 0"):
        Param("x", 0.5, (0.0, 1.0), log=True)
    with pytest.raises(ValueError, match="x must be a number from 0 to 1, not 2"):
        Param("x", 2.0, (0.0, 1.0))
    with pytest.raises(ValueError, match="identifier"):
        Param("the x", 0.5, (0.0, 1.0))


def test_sliders_stand_on_numbers_one_can_write_down():
    lr = Param("lr", 0.1, (3e-4, 0.7), log=True)
    assert lr.grid[0] == 3e-4 and lr.grid[-1] == 0.7 and 0.1 in lr.grid
    steps = np.diff(np.log(lr.grid))
    assert steps.min() > 0.07 and steps.max() < 0.18  # about even on a logarithmic scale
    assert all(len(f"{v:.10g}".replace(".", "").lstrip("0")) <= 2 for v in lr.grid)
    momentum = Param("momentum", 0.9, (0.0, 0.99))
    assert momentum.snap(0.899999) == 0.9 and momentum.snap(0.3 + 1e-12) == 0.3
    for low, high, step in ((0.0, 0.99, 0.01), (-3.0, 3.0, 0.05), (0.8, 0.9999, 0.002)):
        assert Param("x", 0.9, (low, high)).grain == step


def test_a_hyperparameter_brings_default_range_and_words_from_its_optimizer():
    from coursekit.optim import Adam, hyperparameters

    field = next(h for h in hyperparameters(Adam) if h.name == "lr")
    p = hyperparameter(Adam, "lr")
    assert (p.default, p.range, p.log, p.doc) == (field.default, field.slider, True, field.doc)
    assert hyperparameter(Adam, "beta1", name="b1", default=0.5).default == 0.5
    assert hyperparameter(Adam, "eps_inside").kind == "switch"
    with pytest.raises(ValueError, match="Adam has no hyper-parameter 'speed'"):
        hyperparameter(Adam, "speed")


def test_the_state_names_what_differs_and_brings_it_back(tiny):
    assert tiny.state == "tiny"
    tiny.set(rate=0.123456789, waves=2, loud=True, shown=("dots", "axis"))
    assert tiny.state == "tiny: rate=0.123456789, waves=2, loud=yes, shown=dots+axis"
    assert Tiny(tiny.state).values == tiny.values
    other = Tiny(sync=True)
    other.state = tiny.state
    assert other.values == tiny.values and other.result.y[-1] == tiny.result.y[-1]


def test_state_strings_may_be_typed_by_hand():
    assert read_state("tiny", Tiny.params, "")["rate"] == 0.5
    assert read_state("tiny", Tiny.params, "rate=2,waves = 4")["waves"] == 4
    for text, message in {
        "other: rate=1": "belongs to the demo 'other', not to 'tiny'",
        "other": "belongs to the demo 'other'",
        "tiny: speed=1": "state of 'tiny' has no 'speed=1'; it knows rate",
        "tiny: rate": "has no 'rate'",
        "tiny: rate=fast": "rate must be a number from 0.01 to 10, not 'fast'",
        "tiny: loud=maybe": "loud must be yes or no, not 'maybe'",
        "tiny: shape=tan": "shape must be one of sin",
    }.items():
        with pytest.raises(ValueError, match=message):
            read_state("tiny", Tiny.params, text)


def test_random_states_round_trip():
    rng = np.random.default_rng(0)
    for _ in range(50):
        values = {p.name: random_value(p, rng) for p in Tiny.params}
        assert read_state("tiny", Tiny.params, write_state("tiny", Tiny.params, values)) == values


def random_value(p, rng):
    """Any value a control can take."""
    if p.kind == "many":
        return tuple(c for c in p.choices if rng.random() < 0.5)
    if p.kind == "choice":
        return p.choices[rng.integers(len(p.choices))]
    if p.kind == "switch":
        return bool(rng.random() < 0.5)
    if p.kind == "integer":
        return int(rng.integers(p.range[0], p.range[1] + 1))
    if p.log:
        return p.grid[rng.integers(len(p.grid))]
    return p.snap(rng.uniform(*p.range))


# --- pure use ------------------------------------------------------------------------------------
def test_compute_depends_on_its_arguments_alone(tiny):
    before = tiny.compute()
    tiny.set(rate=9.0)
    np.testing.assert_array_equal(tiny.compute().y, before.y)
    assert tiny.alt() == tiny.describe(before) != tiny.alt(batch=4)


def test_compute_finishes_a_sliced_work_without_showing_its_slices(tiny):
    assert len(tiny.compute(slices=20).x) == 800
    assert tiny.result is None


def test_code_reproduces_the_numbers(tiny):
    tiny.set(rate=2.0, waves=2, phase=1.0)
    names = {}
    exec(tiny.code(), names)
    assert names["last"] == tiny.numbers(tiny.result)["last"]


def test_presets_start_from_the_defaults(tiny):
    tiny.set(waves=7)
    tiny.preset("gentle")
    assert tiny.state == "tiny: rate=0.1"
    with pytest.raises(ValueError, match="no preset 'wild'; there are gentle, hard"):
        tiny.preset("wild")


# --- pictures ------------------------------------------------------------------------------------
def test_a_frame_equals_a_full_draw_pixel_for_pixel(tiny):
    """Blitting may change the time a frame takes, never the frame."""
    for values in ({}, {"rate": 3.0}, {"loud": True}, {"loud": True, "waves": 9}, {"waves": 2}):
        tiny.draw(tiny.compute(**values))
        blitted = tiny.canvas.pixels().copy()
        for artist in tiny.canvas._moving:
            artist.set_animated(False)
        tiny.canvas.agg.draw()
        full = np.asarray(tiny.canvas.agg.buffer_rgba()).copy()
        for artist in tiny.canvas._moving:
            artist.set_animated(True)
        np.testing.assert_array_equal(blitted, full)


def test_the_background_is_drawn_again_exactly_when_it_changed(tiny):
    counts = []
    for loud, rate in ((False, 0.5), (False, 1.0), (True, 1.0), (True, 2.0), (False, 0.5)):
        tiny.image(loud=loud, rate=rate)
        counts.append(tiny.canvas.backgrounds)
    assert counts == [1, 1, 2, 2, 3]


def test_one_figure_for_ever_and_no_pyplot(tiny, monkeypatch):
    made = []
    monkeypatch.setattr(Figure, "__init__", lambda *a, **k: made.append(a))
    figure, artists = tiny.canvas.figure, len(tiny.canvas.figure.findobj())
    for k in range(5):
        tiny.set(rate=1.0 + k)
        tiny.image(phase=k / 5)
    tiny.panel._dark.value = True
    tiny.panel._large.value = True
    assert tiny.canvas.figure is figure and not made
    tiny.panel._dark.value = tiny.panel._large.value = False
    assert len(figure.findobj()) == artists  # a change of theme leaves nothing behind


def test_the_png_is_what_was_drawn(tiny):
    png = tiny.image()
    image = Image.open(io.BytesIO(png))
    assert (image.size, image.mode) == ((800, 480), "RGB")
    np.testing.assert_array_equal(np.asarray(image), tiny.canvas.pixels()[..., :3])
    assert png == tiny.image()


def test_png_encodes_any_pixels():
    pixels = np.random.default_rng(0).integers(0, 256, (5, 7, 4), dtype=np.uint8)
    decoded = np.asarray(Image.open(io.BytesIO(encode(pixels))))
    np.testing.assert_array_equal(decoded, pixels[..., :3])


def test_the_theme_repaints_the_same_figure():
    demo = Tiny(sync=True, theme="dark")
    assert demo.theme.name == "dark"
    demo.image()
    assert tuple(demo.canvas.pixels()[0, 0, :3]) == (0x14, 0x18, 0x1D)
    demo.panel._dark.value = False
    assert tuple(demo.canvas.pixels()[0, 0, :3]) == (255, 255, 255)
    with pytest.raises(ValueError, match="not 'red'"):
        Tiny(theme="red")


def test_the_look_of_the_page_is_followed_until_somebody_chooses():
    demo, chosen = Tiny(sync=True), Tiny(sync=True, theme="light")
    for d in (demo, chosen):
        d.panel.page.dark = True
    assert (demo.theme.name, chosen.theme.name) == ("dark", "light")
    assert Tiny().theme.name == "dark"  # the next one need not be repainted
    demo.panel.page.dark = False
    assert demo.theme.name == "light"
    demo.panel._dark.value = True  # by hand
    demo.panel.page.dark = True
    demo.panel.page.dark = False
    assert demo.theme.name == "dark"
    themes.use("dark")
    demo = Tiny(sync=True)
    demo.panel.page.dark = False
    assert demo.theme.name == themes.theme().name == "dark"


def test_artists_without_declared_motion_stay_in_the_background():
    canvas = Canvas(100, 50)
    axes = canvas.figure.add_subplot()
    (line,) = axes.plot([0, 1], [0, 1])
    canvas.pixels()
    line.set_ydata([1, 0])  # not moving: the background is drawn again
    canvas.pixels()
    assert canvas.backgrounds == 2


# --- at work -------------------------------------------------------------------------------------
def test_sliders_move_the_demo(tiny):
    controls = tiny.controls
    assert list(controls) == [p.name for p in Tiny.params]
    before = tiny.panel.picture.value
    controls["rate"].value = 2.0
    assert tiny.values["rate"] == 2.0 and tiny.result.y[0] == tiny.compute(rate=2.0).y[0]
    assert tiny.panel.picture.value != before and "-0.0000" in tiny.panel.status.value
    controls["shape"].value = "cos"
    assert controls["loud"].disabled
    controls["shown"].buttons["axis"].value = True
    assert tiny.state == "tiny: rate=2.0, shape=cos, shown=curve+dots+axis"
    assert tiny.panel._state.value == tiny.state and "np.cos" in tiny.panel._code.value


def test_controls_carry_range_default_and_words(tiny):
    controls = tiny.controls
    assert (controls["phase"].min, controls["phase"].max, controls["phase"].value) == (-3, 3, 0)
    assert controls["rate"].options[0] == ("0.01", 0.01)
    assert controls["rate"].options[-1] == ("10", 10.0)
    assert controls["rate"].tooltip == "how fast it decays"
    assert all(c.continuous_update for c in controls.values() if hasattr(c, "continuous_update"))


def test_reset_goes_back_to_the_setting_it_was_opened_with():
    demo = Tiny("tiny: waves=5", phase=1.0, sync=True)
    opened = demo.state
    demo.set(phase=-1.0, waves=2, loud=True)
    demo.reset()
    assert demo.state == opened == "tiny: phase=1.0, waves=5"
    demo.defaults()
    assert demo.state == "tiny"


def test_a_setting_that_fails_at_once_has_a_way_out():
    demo = Tiny(shape="broken", sync=True)
    panel = demo.panel
    with pytest.raises(ArithmeticError):
        demo.refresh()
    _, back = panel.error.children
    back.click()
    assert demo.state == "tiny" and demo.error is None


def test_code_and_controls_follow_each_other(tiny):
    tiny.set(rate=0.123, phase=1.5, waves=2, batch=1, loud=True, shown=("axis",))
    for p in Tiny.params:
        assert tiny.controls[p.name].value == tiny.values[p.name]
    seen = []
    run = tiny.run
    tiny.run = lambda **values: seen.append(values) or run(**values)
    tiny.panel._presets[""].value = "hard"
    assert len(seen) == 1  # one computation, however many controls moved
    assert tiny.state == "tiny: rate=9.0, waves=9"
    tiny.controls["rate"].value = 8.0
    assert tiny.panel._presets[""].value is None
    tiny.panel._state.value = "tiny: rate=0.1"
    assert tiny.panel._presets[""].value == "gentle"
    tiny.reset()
    assert tiny.panel._presets[""].value == "defaults"


def test_a_value_between_two_steps_of_its_slider_is_kept():
    demo = Tiny(sync=True, phase=0.123, rate=0.4567)
    controls = demo.controls
    assert controls["rate"].value == 0.4567
    controls["phase"].value = demo.params[1].snap(0.123)  # what a page reports when it draws this
    assert demo.values["phase"] == 0.123
    controls["phase"].value = 0.25
    assert demo.values["phase"] == 0.25


def test_an_error_is_shown_with_a_way_back_and_raised_in_synchronous_mode(tiny):
    tiny.set(rate=1.0)
    picture = tiny.panel.picture.value
    with pytest.raises(ArithmeticError):
        tiny.controls["shape"].value = "broken"
    error = tiny.panel.error
    assert error.layout.display == "flex" and tiny.panel.picture.value == picture
    assert "ArithmeticError: a broken &lt;shape&gt;" in error.children[0].value
    error.children[1].click()
    assert error.layout.display == "none" and tiny.error is None and tiny.state == "tiny"


def test_an_error_in_the_worker_is_shown_too():
    demo = Tiny()
    demo.controls["shape"].value = "broken"
    assert demo.wait()
    assert isinstance(demo.error, ArithmeticError)
    assert demo.panel.error.layout.display == "flex"
    demo.controls["shape"].value = "cos"
    assert demo.wait()
    assert demo.error is None and demo.panel.error.layout.display == "none"


def test_a_mistyped_state_says_so_and_changes_nothing(tiny):
    tiny.panel._state.value = "tiny: rate=fast"
    assert "rate must be a number" in tiny.panel.error.children[0].value
    assert tiny.state == "tiny"


def test_a_drag_ends_at_its_last_value_with_the_fine_picture():
    demo = Tiny()
    slider = demo.controls["phase"]
    for k in range(30):
        slider.value = k / 10
        time.sleep(0.003)
    assert demo.wait()
    assert demo.result.y[0] == demo.compute(phase=2.9).y[0]
    assert Image.open(io.BytesIO(demo.panel.picture.value)).size == (800, 480)
    assert demo.panel.picture.tooltip == demo.alt(phase=2.9)


def test_slices_are_shown_on_the_way():
    demo = Tiny(slices=6, pause=0.01)
    shown = []
    frame = demo.panel.frame
    demo.panel.frame = lambda png, status: (shown.append(len(demo.result.x)), frame(png, status))
    demo.controls["rate"].value = 1.0
    assert demo.wait()
    assert shown == [133, 266, 400, 533, 666, 800, 800]


def test_image_may_be_asked_for_while_the_worker_draws():
    demo = Tiny(slices=20, pause=0.002)
    expected = Tiny().image(rate=0.1)
    demo.controls["phase"].value = 1.0
    assert all(demo.image(rate=0.1) == expected for _ in range(5))
    assert demo.wait() and demo.error is None


# --- notebooks -----------------------------------------------------------------------------------
def test_the_display_carries_widgets_a_picture_and_words(tiny):
    data, metadata = tiny._repr_mimebundle_()
    assert data["application/vnd.jupyter.widget-view+json"]["model_id"] == tiny.panel.box.model_id
    assert data["text/plain"] == "<demo tiny>"
    import base64

    assert base64.b64decode(data["image/png"]) == tiny.image()
    assert metadata["image/png"] == {"alt": tiny.alt(), "width": 400, "height": 240}


class Shell:
    """What the engine asks of IPython."""

    kernel, execution_count = object(), 1

    def __init__(self, cell):
        self.cell = cell

    def get_parent(self):
        return {"metadata": {"cellId": self.cell}}


def test_a_cell_shows_a_demo_once_and_running_it_again_closes_the_old_one(monkeypatch):
    import IPython.display

    shown, shell = [], Shell("cell")
    monkeypatch.setattr(engine, "_front_end", lambda: shell)
    monkeypatch.setattr(IPython.display, "display", lambda *a, **k: shown.append(a[0]))
    first, second = Tiny().show(), Tiny().show()
    first._ipython_display_()
    assert len(shown) == 2
    box = first.panel.box
    shell.execution_count = 2
    first._ipython_display_()  # in another run of the cell: shown again
    assert len(shown) == 3
    third = Tiny().show()
    assert len(shown) == 4 and second._panel is None and third._panel is not None
    assert box.comm is None or first.panel.box is not box


def test_without_a_notebook_nothing_is_displayed_or_imported():
    code = """
    import sys
    import coursekit as ck
    from tests.demos.tiny_demo import Tiny
    assert "matplotlib.pyplot" not in sys.modules
    demo = Tiny().show()
    demo.set(rate=1.0)
    assert demo.wait() and demo.error is None
    demo.image(), demo.alt(), demo.code(), demo.state
    for name in ("ipywidgets", "matplotlib.pyplot", "IPython"):
        assert name not in sys.modules, name
    """
    run = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout == ""


# --- the list of demos ---------------------------------------------------------------------------
def test_demos_are_listed_without_being_loaded():
    assert dir(demos) == list(demos.DEMOS) == sorted(demos.DEMOS)
    with pytest.raises(AttributeError, match="no demo 'flying'; there are "):
        _ = demos.flying


def test_importing_the_file_of_a_demo_does_not_hide_the_demo():
    import coursekit.demos.training  # noqa: F401

    assert callable(demos.training) and demos.training.__doc__
    assert demos.training is demos.training


# --- speed ---------------------------------------------------------------------------------------
def calibration():
    """Seconds for work of the kinds a frame does; about 20 ms on a quiet machine."""
    pattern = np.tile(np.arange(1000, dtype=np.uint32), 1000)
    start = time.perf_counter()
    zlib.compress(pattern.tobytes(), 1)
    sum(k * k for k in range(50_000))
    return time.perf_counter() - start


def test_a_frame_stays_within_its_budget(tiny):
    tiny.image()
    frames, loops = [], []
    for k in range(25):
        start = time.perf_counter()
        tiny._picture(tiny.compute(phase=k / 25), fine=False)
        frames.append(time.perf_counter() - start)
        loops.append(calibration())
    assert tiny.canvas.backgrounds == 1
    assert np.median(frames) < 1.0 * np.median(loops)


def test_a_demo_must_fill_in_its_hooks():
    class Empty(Demo):
        name, title, params = "empty", "Empty", ()

    with pytest.raises(NotImplementedError):
        Empty()


def test_themes_are_shared_by_demos_opened_later():
    themes.use("dark", projector=True)
    assert Tiny().theme == themes.theme("dark", projector=True)
