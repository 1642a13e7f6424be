"""Axes that show any part of the plane: what is seen is where new limits would have put it."""

import numpy as np
import pytest

from coursekit.demos.canvas import Canvas
from coursekit.demos.window import Window
from coursekit.viz import dress, themes


def made(xscale="linear", yscale="linear", **how):
    canvas, theme = Canvas(300, 200), themes.theme()
    axes = canvas.figure.add_subplot()
    low = {"linear": 0.0, "log": 0.01}
    axes.set(xscale=xscale, yscale=yscale, xlim=(low[xscale], 1), ylim=(low[yscale], 1))
    dress(axes, theme, "Title", " ", grid="y")
    return canvas, axes, Window(canvas, theme, axes, **how)


@pytest.mark.parametrize("xscale, xlim", [("linear", (-3.0, 5.0)), ("log", (0.1, 1e4))])
@pytest.mark.parametrize("yscale, ylim", [("linear", (10.0, 30.0)), ("log", (1e-8, 3.0))])
def test_a_point_is_where_limits_would_put_it(xscale, xlim, yscale, ylim):
    _, axes, window = made(xscale, yscale)
    point = [(0.7 * xlim[1], 0.3 * ylim[1])]
    window.show(xlim, ylim)
    seen, put = window.transform.transform(point), axes.transData.transform(window.place(point))
    axes.set(xlim=xlim, ylim=ylim)
    np.testing.assert_allclose(seen, axes.transData.transform(point))
    np.testing.assert_allclose(put, seen)


def test_nothing_still_is_drawn_again():
    canvas, _, window = made()
    canvas.moving(*window.axes.plot([3], [50], "o", transform=window.transform))
    window.show((0, 10), (0, 100))
    window.call("steps")
    first = canvas.pixels().copy()
    drawn = canvas.backgrounds
    window.show((0, 20), (0, 1000))
    window.call("epochs")
    assert not np.array_equal(canvas.pixels(), first) and canvas.backgrounds == drawn
    window.show((0, 10), (0, 100))
    window.call("steps")
    np.testing.assert_array_equal(canvas.pixels(), first)


@pytest.mark.parametrize(
    "scale, limits, words",
    [
        ("linear", (-0.5, 0.5), ["−0.5", "0", "0.5"]),
        ("linear", (0.0, 30.0), ["0", "10", "20", "30"]),
        ("log", (1e-16, 3.0), ["1e-16", "1e-8", "1"]),
        ("log", (1e-4, 3.0), ["1e-4", "0.01", "1"]),
    ],
)
def test_the_ticks_are_round_numbers_in_their_places(scale, limits, words):
    *_, window = made(yscale=scale, x=False, ticks=3)
    window.show(ylim=limits)
    labels = window._labels["y"]
    assert set(window._labels) == {"y"}
    assert [word for _, word in labels._words] == words
    for (_, y), word in labels._words:
        value = float(word.replace("−", "-"))
        assert y == pytest.approx(window.place([(0, value)])[0, 1])
    lines = window._lines["y"].get_xydata()[::3, 1]
    assert lines == pytest.approx([y for (_, y), _ in labels._words])
