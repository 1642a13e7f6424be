"""What every demo of `ck.demos` owes: a demo is covered by being listed there.

A demo's own file says what its results mean. It may define `sound(result)`, which is then asked
here too.
"""

import importlib
import inspect
import io
import math
import re
import time

import numpy as np
import pytest
from PIL import Image

from coursekit import demos
from coursekit.demos.canvas import Canvas
from tests.demos.test_engine import calibration, random_value

QUICK = {  # for tests of many settings
    "adaptive": {"steps": 100},
    "early_stopping": {"examples": 20, "runs": 5},
    "gd_vs_sgd": {"epochs": 1},
    "race": {"steps": 20},
    "signal": {"width": 32},
    "training": {"epochs": 1},
}
BUDGET = {"training": 2.5}  # times the calibration loop; it works in slices of 25 ms
CODED = {  # settings in which the script reads differently, besides the presets
    "anatomy": (
        "parts=RMS+correction, surface=beale, lr=0.01, eps=0.001",
        "parts=momentum+correction, surface=saddle_well, up=-0.1, t=300",
        "parts=none, lr=1.0, kappa=1000.0",
        "parts=momentum+RMS+correction, surface=slope, slope=1e-8, eps=1.0, beta1=0.5",
    ),
    "adaptive": (
        "factor=0.1, restart=yes, noise=0.3, seed=2, steps=100, t=80",
        "ground=bowl, restart=yes, steps=30",
        "view=RMSProp's window, gradients=alternating, beside=nothing, steps=30",
        "view=RMSProp's window, gradients=one spike, steps=100, t=60",
        "view=RMSProp's window, lr=0.01, t=210",
        "view=Adadelta's units and eps, wild=yes, eps_too=yes, unit=0.1, steps=100, t=70",
        "view=trust-region breaker, signs=− then +, spike_at=20, spike=5.0, length=25, t=22",
        "view=trust-region breaker, corrected=no, signs=alternating, beta1=0.99, beta2=0.9",
        "view=Reddi's counter-example, decay=no, order=drawn, seed=1, C=5.0",
        "view=Wilson's data, batch=1, positive=0.8, examples=20, steps=100, seed=4",
        "view=RMSProp's window, gradients=steady, noise=0.3, seed=2, centered=yes, beside=Rprop",
        "view=Adamax's p-norm, shape=one spike, p=150.0, size=3.0, t=40",
    ),
    "activation_bench": (
        "activation=elu, alpha=0.3, x=-1.0, bias=2.0",
        "activation=tanh(kx), k=3.0",
        "view=hinge and margin, side=-1, mx=-1.5, my=0.2, strength=0.003",
        "view=hinge and margin, side=-1, l2=no",
        "view=hinge and margin, mx=1.2, my=-2.0, strength=3.0",
        "view=one logit, z=3.3, y=0.35, lr=5.0, t=7",
        "view=output and loss, temperature=2.0, shift=300.0, target=3, t=40",
        "view=output and loss, loss=squared error, smoothing=0.2",
        "view=an outlier, model=constant, delta=0.2, out_y=14.0, drawn=none",
        "view=an outlier, out_x=3.0, delta=0.2, drawn=absolute",
        "view=two histograms, slide=5, floor=0.1, p1=0.0",
        "view=two histograms, kind=hill by KL(q‖p), floor=0.05",
        "view=training, activation=leaky_relu, slope=0.2, width=3, seed=2, lr=0.3",
        "view=training, activation=maxout, loss=squared error, width=1, t=12",
        "view=training, task=two blobs, loss=squashed twice, lr=0.2",
    ),
    "conventions": (
        "forms=none",
        "forms=Sun+Maria, convert=yes",
        "forms=Sun+Thadani+Dillhoff+PyTorch+Maria+notes, convert=yes, drop=100, index=mended",
        "forms=Dillhoff+notes, lr=1.0, momentum=0.3, drop=2, drop_at=1, kappa=30.0, steps=200",
    ),
    "delay": (
        "delay=20, step_size=2.5, t=40",
        "delay=0, step_size=2.0",
    ),
    "gradient_cloud": (
        "B=1000, sampling=with replacement, offset=-2.0",
        "B=500, sampling=shuffled once, reduction=sum, copies=5, seed=4",
        "B=1, sampling=sorted by label, copies=100, slope=4.0",
    ),
    "early_stopping": (
        "noise=pixels, amount=0.5, policy=cosine, every=3, patience=2, seed=3",
        "policy=tenth at 40, lr=1.0, width=2, min_delta=0.1",
        "view=gradient norm, noise=none, B=300, policy=warm restarts, tolerance=0.03",
        "view=gradient norm, lr=1.0, width=128, B=1, tolerance=0.001",
        "view=many seeds, examples=20, runs=5, lr=1.0, noise=pixels, amount=1.0",
    ),
    "gd_vs_sgd": (
        "rates=own, lr_gd=2.5, lr_sgd=1.0, epochs=3",
        "batch_size=10000, axis=seconds, condition=100.0",
        "order=with replacement, seed=4, batch_size=200, noise=1.0, t=40",
    ),
    "inertia": (
        "signal=drift, output=corrected, momentum=1.0, seed=3, t=0",
        "signal=turning, turn=7, output=corrected, noise=0.2, t=300",
        "momentum=1.0, output=velocity",
        "view=a ball, ground=waves, momentum=1.0, lr=0.003, split=8",
        "view=a ball, ground=slope, momentum=0.0, lr=4.0, split=2, x=1.0",
        "view=a ball, beside=Nesterov, momentum=1.0, split=8, x=0.5",
    ),
    "nesterov": (
        "kappa=100.0, lr=1.0, t=3",
        "ux=0.0, uy=0.0, momentum=0.5, x=0.5, t=20",
    ),
    "race": (
        "landscape=rosenbrock, angle=30, across=0.2, lr=0.001, t=37",
        "mode=best, noise=1.0, seed=3, landscape=elongated, steps=60",
        "mode=own, optimizers=Adam+Nesterov, lr_Adam=0.3, t=0",
        "landscape=elongated, lr=1.0",
        "optimizers=none",
    ),
    "signal": (
        "init=normal, std=0.1, activation=tanh, depth=12",
        "init=constant, value=0.02, width=16, layer=3",
        "init=Defazio-Bottou, c=1.3, gain=1.2, mean=1.0, seed=4",
        "activation=gelu, batch_norm=yes, depth=5, width=64",
        "init=zero, activation=sigmoid",
    ),
    "stability": (
        "method=gradient descent, step_size=2.5, steps=200",
        "method=Nesterov, step_size=1.0, kappa=100.0",
        "method=average (EMA), step_size=12.0, momentum=0.9",
        "method=index slip, step_size=0.1, noise=0.05, seed=3",
    ),
    "training": (
        "optimizer=Adam, lr=0.01, momentum=0.5, epochs=1",
        "optimizer=SGD, batch_size=512",
        "optimizer=Nesterov, width=4, activation=gelu, init=orthogonal, epochs=2, seed=3",
    ),
}


@pytest.fixture(scope="module", params=demos.DEMOS)
def demo(request):
    demo = getattr(demos, request.param)(sync=True)
    assert demo.panel  # as in a notebook
    demo.refresh()
    return demo


def place(demo, **values):
    """Defaults and these values, on the controls too, without a computation."""
    demo._change({p.name: p.default for p in demo.params} | values)
    demo.panel.place(demo.values)


@pytest.mark.parametrize("name", demos.DEMOS)
def test_a_pointer_needs_no_picture_drawn_before(name):
    """What a place means may not depend on what happens to have been drawn."""
    drawn = getattr(demos, name)(sync=True)
    views = {drawn.section(drawn.complete(v)): v for v in reversed(drawn.presets.values())}
    for values in views.values():
        values = drawn.complete(values | QUICK.get(name, {}))
        drawn.image(**values)
        for k, (left, top, right, bottom) in enumerate(a.box for a in drawn.canvas.areas):
            fresh = type(drawn)(sync=True, **values)
            drawn.values = values
            for demo in fresh, drawn:
                demo.point(k, 0.6 * left + 0.4 * right, 0.7 * top + 0.3 * bottom)
                assert demo.error is None
            assert fresh.values == drawn.values
    before = drawn.values
    drawn.point(len(drawn.canvas.areas), 0.5, 0.5)  # of a picture that has given way to another
    assert drawn.values == before


def test_every_parameter_can_be_given_by_name(demo):
    taken = set(inspect.signature(type(demo)).parameters)
    assert not taken & {p.name for p in demo.params}


def sound(demo):
    """The present result is whole, and so is what is said of it."""
    own = importlib.import_module(f"tests.demos.test_{demo.name}")
    words = demo.status(demo.result) + demo.panel.picture.tooltip
    return (
        demo.error is None
        and getattr(own, "sound", bool)(demo.result)
        and not re.search(r"\bnan\b|not a number", words)
        and demo.panel.picture.value[:4] == b"\x89PNG"
    )


def ends(p):
    if p.many:
        return (), p.choices[:1], p.choices
    if p.choices:
        return p.choices
    if p.kind == "switch":
        return not p.default, p.default
    return (p.grid[0], p.grid[-1]) if p.log else p.range


def test_every_control_works_at_both_ends(demo):
    quick = QUICK.get(demo.name, {})
    for p in demo.params:
        place(demo, **quick)
        for value in ends(p):
            demo.controls[p.name].value = value
            stored = p.stored(value, demo.values) if p.play else value
            assert demo.values[p.name] == stored
            assert sound(demo), demo.state


@pytest.mark.slow
def test_fifty_random_settings(demo):
    rng = np.random.default_rng(0)
    said = set()
    for k in range(50):
        values = {p.name: random_value(p, rng) for p in demo.params}
        demo.set(**values | QUICK.get(demo.name, {}))
        assert sound(demo), demo.state
        said.add(demo.panel.picture.tooltip)
        if k < 4:
            again = getattr(demos, demo.name)(demo.state)
            assert again.values == demo.values and again.result is None
    assert len(said) > 40
    demo.reset()


def test_there_is_something_to_guess_at_every_preset(demo):
    for values in ({}, *demo.presets.values()):
        quantities = demo.quantities(demo.compute(**values))
        assert quantities and all(isinstance(value, float | int) for value in quantities.values())
        assert not any(math.isnan(value) for value in quantities.values())
        assert all(len(words) <= 50 for words in quantities)


def test_code_is_a_plain_script_that_finds_the_same_numbers(demo, capsys):
    settings = ["", *CODED.get(demo.name, ())]
    for values in [*settings, *demo.presets.values()]:
        if isinstance(values, str):
            demo.state = values
        else:
            demo.set(**demo.complete(values))
        code, found = demo.code(), {}
        assert "demo" not in code and len(code.splitlines()) < 46
        assert max(map(len, code.splitlines())) <= 100
        with np.errstate(over="ignore", invalid="ignore"):
            exec(code, found)
        for name, value in demo.numbers(demo.result).items():
            assert float(found[name]) == pytest.approx(value, rel=1e-6, abs=1e-12), demo.state
        assert capsys.readouterr().out or "none" in demo.state
    demo.reset()


def test_slices_end_where_compute_ends(demo):
    *_, last = demo._results(demo.complete(QUICK.get(demo.name, {})))
    whole = demo.compute(**QUICK.get(demo.name, {}))
    assert demo.numbers(last) == demo.numbers(whole)
    assert demo.status(last) == demo.status(whole) and demo.describe(last) == demo.describe(whole)


def test_a_frame_equals_a_full_draw(demo):
    """Blitting may change the time a frame takes, never the frame."""
    for values in ({}, *list(demo.presets.values())[:2]):
        demo._picture(demo.compute(**values))
        frame = demo.canvas.pixels().copy()
        artists = demo.canvas._moving + demo.canvas._rare
        for artist in artists:
            artist.set_animated(False)
        demo.canvas.agg.draw()
        full = np.asarray(demo.canvas.agg.buffer_rgba()).copy()
        for artist in artists:
            artist.set_animated(True)
        # markers may lie over the axes beside theirs
        assert np.mean(np.any(frame != full, axis=-1)) < 2e-3


def test_a_moving_hand_sees_the_same_picture_in_fewer_pixels(demo):
    result = demo.compute()
    fine = np.asarray(Image.open(io.BytesIO(demo._picture(result)))).astype(float)
    coarse = Image.open(io.BytesIO(demo._picture(result, fine=False)))
    assert coarse.size == demo.size and fine.shape[:2] == tuple(2 * n for n in demo.size[::-1])
    mean = fine.reshape(demo.size[1], 2, demo.size[0], 2, 3).mean((1, 3))
    assert np.abs(np.asarray(coarse) - mean).mean() < 2.0  # of 255; nothing moves


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_picture_begun_by_a_moving_hand_ends_like_any_other(demo, theme):
    """What is made once, such as a map, must not depend on the resolution it was made in."""
    kind, result = type(demo), demo.compute()
    first, second = kind(theme=theme, sync=True), kind(theme=theme, sync=True)
    first._picture(result, fine=False)
    assert first._picture(result) == second._picture(result)


def test_looks_differ_and_keep_their_size(demo):
    seen = set()
    for theme in ("light", "dark"):
        for projector in (False, True):
            again = getattr(demos, demo.name)(theme=theme, projector=projector)
            assert (again.theme.name, again.theme.projector) == (theme, projector)
            png = again.image(**QUICK.get(demo.name, {}))
            assert Image.open(io.BytesIO(png)).size == tuple(2 * n for n in demo.size)
            seen.add(png)
    assert len(seen) == 4


def test_controls_and_picture_fit_a_small_laptop(demo):
    """In JupyterLab at 1280 x 800, 848 x 678 pixels are left beside the list of files."""
    assert demo.size[0] <= 920 and 848 / demo.size[0] * demo.size[1] <= 470


def test_something_is_on_the_screen_within_the_budget(demo):
    """A first frame while a slider is dragged, in units of a loop of about 20 ms."""
    p = next(
        p
        for p in demo.params
        if p.kind == "number" and (p.active is None or p.active(demo.complete({})))
    )
    middle = p.grid.index(p.nearest(p.default)) if p.log else 0
    values = [p.grid[middle - k] if p.log else p.snap(p.range[0] + k * p.grain) for k in range(15)]
    demo._picture(demo.compute(), fine=False)
    first, loops = [], []
    for value in values:
        start = time.perf_counter()
        demo._picture(next(iter(demo._results(demo.complete({p.name: value})))), fine=False)
        first.append(time.perf_counter() - start)
        loops.append(calibration())
    assert np.median(first) < BUDGET.get(demo.name, 2.0) * np.median(loops)


def test_pictures_keep_their_resolution_apart():
    canvas = Canvas(60, 40)
    axes = canvas.figure.add_subplot()
    canvas.moving(*axes.plot([0, 1], [0, 1]))
    shapes = []
    for fine in (True, False, True):
        canvas.sharpen(fine)
        shapes.append(canvas.pixels().shape[:2])
    assert shapes == [(80, 120), (40, 60), (80, 120)] and canvas.backgrounds == 1
