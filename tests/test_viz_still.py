"""Still pictures of chapters: they carry their words, and grow for a projector."""

import base64
import io

import numpy as np
import pytest
from PIL import Image

import coursekit as ck


def test_a_notebook_gets_pixels_and_words():
    figure, axes, _ = ck.viz.figure(width=4, height=2)
    axes.plot([0, 1])
    data, about = ck.viz.Still(figure, "A rising line.")._repr_mimebundle_()
    with Image.open(io.BytesIO(base64.b64decode(data["image/png"]))) as picture:
        assert picture.size == (2 * 4 * 96, 2 * 2 * 96)
    assert about["image/png"] == {"alt": "A rising line.", "width": 384, "height": 192}
    assert data["text/plain"] == "A rising line."


def test_a_picture_without_words_is_refused():
    figure, *_ = ck.viz.figure()
    for alt in ("", "  ", None):
        with pytest.raises(ValueError, match="in words"):
            ck.viz.Still(figure, alt)


def test_for_a_projector_type_and_figure_grow_alike():
    small, _, screen = ck.viz.figure()
    ck.viz.use("dark", projector=True)
    large, (_, _), wall = ck.viz.figure(columns=2)
    growth = wall.sizes.title / screen.sizes.title
    assert growth > 1.2
    np.testing.assert_allclose(large.get_size_inches(), growth * small.get_size_inches())
    assert wall.name == "dark"


def test_a_landscape_fills_the_axes_and_marks_its_minima():
    figure, (whole, part), theme = ck.viz.figure(columns=2)
    f = ck.landscapes.himmelblau()
    part.set(xlim=(2, 4), ylim=(1, 3))
    for axes in (whole, part):
        ck.viz.landscape(axes, f, theme)
    assert (whole.get_xlim(), whole.get_ylim()) == f.bounds
    assert (part.get_xlim(), part.get_ylim()) == ((2, 4), (1, 3))
    crosses = [tuple(line.get_xydata()[0]) for line in whole.lines]
    assert crosses == [tuple(minimum) for minimum in f.minima]
    ck.viz.Still(figure, "Himmelblau's function.").png()


def test_a_landscape_without_a_lowest_point_is_drawn_too():
    figure, axes, theme = ck.viz.figure()
    ck.viz.landscape(axes, ck.landscapes.saddle(), theme)
    assert not axes.lines
    ck.viz.Still(figure, "A saddle.").png()
