"""Axes that change are drawn alone, and the pixels are those of a full draw."""

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from coursekit import demos
from coursekit.demos.background import NOTHING, Background, Rect

SCALE = 2


class Case:
    """Four axes and one within them; `drawn` are those that the last change has drawn again."""

    def __init__(self):
        self.figure = Figure((3, 2), dpi=100 * SCALE)
        apart = {"wspace": 0.5, "hspace": 0.5}
        self.axes = [*self.figure.subplots(2, 2, gridspec_kw=apart).ravel()]
        for axes in self.axes:
            axes.tick_params(labelsize=4)
        self.axes[1].set_title("words that reach over to the left", loc="right")
        self.axes.append(self.figure.add_axes((0.2, 0.2, 0.2, 0.2)))
        self.kept = Background(FigureCanvasAgg(self.figure), SCALE)
        self.kept.draw()

    def change(self, change):
        change(*self.axes)
        drawn, rects = self.kept.draw()
        assert not self.figure.stale
        full = Background(self.kept.agg, SCALE)
        full.draw()
        for zoom in (1, SCALE):
            np.testing.assert_array_equal(self.kept.pixels[zoom], full.pixels[zoom])
        return {self.axes.index(axes) for axes in drawn}, rects


CHANGES = {
    "wide labels": lambda a, b, c, d, e: a.set_ylim(0, 1e6),
    "narrow labels": lambda a, b, c, d, e: a.set_ylim(0, 1),
    "axes within axes": lambda a, b, c, d, e: e.set_xlim(0, 3e4),
    "below axes": lambda a, b, c, d, e: c.set_xlim(0, 30),
    "gone": lambda a, b, c, d, e: e.set_visible(False),
    "words outside": lambda a, b, c, d, e: b.set_title("", loc="right"),
    "back again": lambda a, b, c, d, e: e.set_visible(True),
    "two at once": lambda a, b, c, d, e: (c.set_xlim(-9e5, 9e5), d.set_ylim(-1e-5, 1e-5)),
    "moved": lambda a, b, c, d, e: c.set_position((0.5, 0.1, 0.3, 0.3)),
    "paper": lambda a, b, c, d, e: a.figure.set_facecolor("#FFEEDD"),
    "after that": lambda a, b, c, d, e: d.set_ylim(-1, 1),
    "words of the figure": lambda a, b, c, d, e: a.figure.text(0.5, 0.5, "words"),
    "beside them": lambda a, b, c, d, e: b.set_ylim(0, 7),
}


def test_whatever_changes_the_pixels_are_those_of_a_full_draw():
    case = Case()
    for change in (*CHANGES.values(), *reversed(CHANGES.values())):
        case.change(change)


@pytest.mark.parametrize("first", ["gone", "words outside", "moved", "paper"])
def test_any_change_may_be_the_first(first):
    case = Case()
    for name in (first, "narrow labels", "wide labels"):
        case.change(CHANGES[name])


def test_what_has_not_changed_is_not_drawn_again():
    case = Case()
    case.change(CHANGES["wide labels"])  # the first time, all are
    assert case.change(lambda a, b, c, d, e: d.set_ylim(0, 3))[0] == {3}
    assert case.change(lambda a, b, c, d, e: c.set_ylim(0, 3))[0] == {2, 4}  # one lies within it
    _, (rect,) = case.change(lambda a, b, c, d, e: d.set_ylim(0, 5))
    whole = case.kept.pixels[SCALE]
    assert 0.1 < rect.of(whole).size / whole.size < 0.4
    assert case.change(lambda a, b, c, d, e: a.figure.set_facecolor("#FFFFFF"))[0] == set(range(5))


def test_rectangles():
    one, two = Rect(3, 5, 10, 13), Rect(4, 9, 12, 20)
    assert one.around(two, 2) == Rect(2, 10, 10, 20)
    assert one.around(NOTHING, 1) == one and NOTHING.around(one, 1) == one
    assert one.meets(two) and not one.meets(Rect(5, 9, 12, 20)) and not one.meets(NOTHING)


@pytest.mark.parametrize("name", ["anatomy", "race", "stability"])
def test_a_demo_that_went_through_settings_looks_like_a_new_one(name):
    kind = getattr(demos, name)
    kept = kind(sync=True)
    for k, preset in enumerate(list(kept.presets)[:4]):
        result = kept.compute(**kept.presets[preset])
        new, fine = kind(sync=True), k % 2 == 1
        assert kept._picture(result, fine=fine) == new._picture(result, fine=fine)
