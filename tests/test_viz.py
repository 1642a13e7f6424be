"""The look of the course: contrast, colour distance, styles without colour, words."""

import dataclasses
import itertools

import matplotlib
import numpy as np
import pytest
from matplotlib.colors import to_rgba_array
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextPath

from coursekit.demos.canvas import Canvas
from coursekit.viz import alt, arrange, artists, blank, dress, legend, styles, themes
from coursekit.viz.artists import Labels, Pixels
from coursekit.viz.contours import Contours
from coursekit.viz.themes import DARK, LIGHT, OKABE_ITO, contrast

BOTH = pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda t: t.name)

# How a colour-blind eye sees linear RGB: Machado, Oliveira and Fernandes 2009, severity 1.
EYES = {
    "normal": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}


def seen(color, eye):
    """CIELAB coordinates of a colour as that eye sees it."""
    rgb = np.array(themes.rgb(color))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    linear = np.clip(np.array(EYES[eye]) @ linear, 0, 1)
    to_xyz = np.array(
        [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750],
         [0.0193339, 0.1191920, 0.9503041]]
    )  # fmt: skip
    xyz = to_xyz @ linear / [0.95047, 1, 1.08883]
    x, y, z = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


# --- colours -------------------------------------------------------------------------------------
def test_contrast_is_that_of_wcag():
    assert contrast("#FFFFFF", "#FFFFFF") == 1
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.005)  # a known value
    assert contrast("#0000FF", "#FFFFFF") == pytest.approx(8.59, abs=0.005)


@BOTH
def test_lines_and_words_have_the_contrast_that_wcag_asks_for(theme):
    for name in OKABE_ITO:
        assert contrast(theme.color(name), theme.paper) >= 3
        assert contrast(theme.text(name), theme.paper) >= 4.5
    assert contrast(theme.ink, theme.paper) >= 7
    assert contrast(theme.quiet, theme.paper) >= 4.5
    assert contrast(theme.line, theme.paper) >= 3
    assert contrast(theme.grid, theme.paper) < 1.5  # there, but never in front


@BOTH
@pytest.mark.parametrize("eye", EYES)
def test_colours_stay_apart_for_every_eye(theme, eye):
    """A difference of 2.3 is just noticeable; thin lines need several times that."""
    for a, b in itertools.combinations(OKABE_ITO, 2):
        distance = np.linalg.norm(seen(theme.color(a), eye) - seen(theme.color(b), eye))
        assert distance > 11, (a, b, distance)


@BOTH
def test_colours_are_those_of_okabe_and_ito_only_darker_or_lighter(theme):
    for name, original in OKABE_ITO.items():
        if name == "black":
            continue
        here, there = (np.array(themes.rgb(c)) for c in (theme.color(name), original))
        assert np.corrcoef(here, there)[0, 1] > 0.97, name
    assert OKABE_ITO["blue"] == "#0072B2" and OKABE_ITO["vermilion"] == "#D55E00"


def test_tint_runs_from_paper_to_colour():
    assert LIGHT.tint("#0072B2", 0) == "#FFFFFF" and LIGHT.tint("#0072B2", 1) == "#0072B2"


def test_projector_size_is_larger_in_everything_but_ticks():
    small, large = themes.theme("light"), themes.theme("light", projector=True)
    assert large.projector and not small.projector
    for name in ("title", "label", "tick", "number", "line", "thin", "marker"):
        assert getattr(large.sizes, name) > 1.2 * getattr(small.sizes, name)
    assert large.sizes.ticks < small.sizes.ticks


# --- optimizers ----------------------------------------------------------------------------------
def test_every_optimizer_has_a_style_of_its_own_even_in_grey():
    grey = [(s.marker, s.line) for s in styles.STYLES.values()]
    assert len(set(grey)) == len(grey)
    assert {s.color for s in styles.STYLES.values()} <= set(OKABE_ITO)


def test_every_public_optimizer_has_a_style():
    from coursekit import optim

    public = {
        name
        for name in optim.__all__
        if dataclasses.is_dataclass(kind := getattr(optim, name))
        and issubclass(kind, optim.Optimizer)
    }
    assert len(public) > 3
    assert public <= set(styles.STYLES), public - set(styles.STYLES)


def test_the_methods_drawn_together_most_often_differ_in_colour():
    common = ("GradientDescent", "Momentum", "Nesterov", "Adagrad", "RMSprop", "Adam", "AdamW")
    assert len({styles.STYLES[name].color for name in common}) == len(common)


def test_a_style_is_found_by_name_class_or_optimizer():
    from coursekit import optim

    expected = {"color": LIGHT.color("vermilion"), "marker": "*", "linestyle": "-"}
    for optimizer in ("Adam", optim.Adam, optim.Adam(lr=0.1)):
        assert styles.style(optimizer) == expected
    assert styles.style("GradientDescent", DARK)["color"] == DARK.ink
    with pytest.raises(ValueError, match="no style for an optimizer called 'Eve'"):
        styles.style("Eve")


def test_styles_are_ones_that_matplotlib_draws():
    axes = Figure().add_subplot()
    for name in styles.STYLES:
        axes.plot([0, 1], [0, 1], **styles.style(name))


# --- axes ----------------------------------------------------------------------------------------
@BOTH
def test_dressed_axes_are_quiet(theme):
    figure = Figure()
    axes = figure.add_subplot()
    axes.set(yscale="log", ylim=(1e-4, 10), xlim=(0, 5))
    dress(axes, theme, "Loss", "epochs", "value")
    legend(axes, theme, {"■ one": "blue"})
    arrange(figure)
    before = axes.get_position().bounds
    axes.set_ylabel("a long label that comes later")
    figure.draw_without_rendering()
    assert axes.get_position().bounds == before  # laid out once, then left alone
    visible = {side for side, spine in axes.spines.items() if spine.get_visible()}
    assert visible == {"left", "bottom"}
    assert axes.get_title("left") == "Loss" and axes.get_xlabel() == "epochs"
    assert len(axes.get_xticks()) <= theme.sizes.ticks + 2
    labels = [t.get_text() for t in axes.get_yticklabels()]
    assert "0.01" in labels and "10" in labels
    assert not [s for s in blank(figure.add_subplot(), theme).spines.values() if s.get_visible()]


def test_themes_leave_the_global_settings_of_matplotlib_alone():
    before = dict(matplotlib.rcParams)
    themes.theme("dark", projector=True)
    dress(Figure().add_subplot(), DARK, "Loss")
    assert dict(matplotlib.rcParams) == before


# --- fast artists --------------------------------------------------------------------------------
def ink(canvas):
    """Where the picture is dark: (rows, columns) of the extreme dark pixels."""
    rows, columns = np.nonzero(canvas.pixels()[..., 0] < 128)
    return rows.min(), rows.max(), columns.min(), columns.max()


def paper(width=200, height=100):
    canvas = Canvas(width, height, LIGHT, scale=1)
    axes = canvas.figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, width), ylim=(0, height))
    axes.axis("off")
    return canvas, axes


@pytest.mark.parametrize("ha", ["left", "center", "right"])
@pytest.mark.parametrize("va", ["bottom", "center", "top"])
def test_labels_stand_where_text_would(ha, va):
    canvas, axes = paper()
    labels = canvas.moving(Labels(axes, 14, "#000000", ha=ha, va=va))
    labels.set_labels([(100, 50)], ["H8H"])
    top, bottom, left, right = ink(canvas)
    near = {"left": left, "center": (left + right) / 2, "right": right}[ha]
    assert near == pytest.approx(100, abs=2.5)
    height = {"bottom": bottom, "center": (top + bottom) / 2, "top": top}[va]
    assert height == pytest.approx(50, abs=1.5)


def test_labels_keep_their_size_at_any_resolution():
    heights = []
    for scale in (1, 2):
        canvas = Canvas(200, 100, LIGHT, scale=scale)
        axes = canvas.figure.add_axes((0, 0, 1, 1))
        axes.axis("off")
        canvas.moving(Labels(axes, 20, "#000000")).set_labels([(0.5, 0.5)], ["H"])
        top, bottom, _, _ = ink(canvas)
        heights.append((bottom - top + 1) / scale)
    assert heights[0] == pytest.approx(20 / 72 * 100 * 0.73, abs=1.5)  # a capital of DejaVu Sans
    assert heights[1] == pytest.approx(heights[0], abs=1)


def test_labels_may_be_none_and_must_match_their_points():
    canvas, axes = paper()
    labels = canvas.moving(Labels(axes, 14, "#000000"))
    labels.set_labels([(1, 1)], [""])
    assert (canvas.pixels()[..., :3] == 255).all()
    with pytest.raises(ValueError, match="zip"):
        labels.set_labels([(1, 1)], ["a", "b"])


def test_pixels_arrive_unchanged_in_the_upper_left_corner():
    canvas, axes = paper()
    pixels = canvas.moving(Pixels(axes))
    assert pixels.room == (100, 200)
    picture = np.random.default_rng(0).integers(0, 256, (30, 40, 4), dtype=np.uint8)
    picture[..., 3] = 255
    pixels.set_data(picture)
    np.testing.assert_array_equal(canvas.pixels()[:30, :40], picture)
    assert (canvas.pixels()[30:, :, 0] == 255).all()


def test_pixels_keep_their_size_at_any_resolution():
    picture = np.zeros((10, 20, 4), np.uint8)
    picture[..., 3] = 255
    for zoom in (1, 2):
        canvas = Canvas(200, 100, LIGHT)
        axes = canvas.figure.add_axes((0, 0, 1, 1))
        axes.axis("off")
        pixels = canvas.moving(Pixels(axes))
        pixels.set_data(picture.repeat(zoom, axis=0).repeat(zoom, axis=1), zoom)
        for fine, k in ((True, 2), (False, 1)):
            canvas.sharpen(fine)
            assert ink(canvas) == (0, 10 * k - 1, 0, 20 * k - 1)
            assert pixels.room == (100, 200)


@pytest.mark.parametrize("number", ["0.123", "2e-16", "−17", "97.5%", "∞.5"])
def test_numbers_are_spelled_as_they_would_be_set(number):
    font = FontProperties(size=9.5)
    spelled, width, _ = artists._outline(number, font)
    box = TextPath((0, 0), number, prop=font).get_extents()
    np.testing.assert_allclose(spelled.get_extents().extents, box.extents, atol=0.02)
    assert width == pytest.approx(box.x1, abs=0.1)


# --- words ---------------------------------------------------------------------------------------
def test_numbers_read_well():
    said = [alt.number(x) for x in (0, 0.5, -2.0, 123456, 0.000123, 1e-5, 9.996, float("nan"))]
    assert said == ["0", "0.5", "-2", "123000", "0.000123", "1e-5", "10", "not a number"]
    assert alt.number(-float("inf")) == "minus infinite"
    assert alt.number(1 / 3, digits=1) == "0.3" and alt.number(2.5e7) == "2.5e7"


def test_lists_and_counts_read_well():
    assert alt.listing([]) == "" and alt.listing(["a"]) == "a"
    assert alt.listing("abcdefgh", most=4) == "a, b, c and 5 more"
    assert alt.count(2, "loss", "losses") == "2 losses"


def test_trends_name_the_end_of_a_curve():
    assert alt.trend([1, float("inf")]) == "starts at 1 and diverges"
    assert alt.trend([]) == "has no points yet" and alt.trend([0, 0]) == "stays near 0"


@BOTH
def test_bands_of_height_have_their_colours(theme):
    """z = x from 0 to 1, parted at four heights: five strips with lines between them."""
    canvas = Canvas(200, 100, theme, scale=1)
    axes = canvas.figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, 1), ylim=(0, 1))
    contours = canvas.rare(Contours(axes, theme))
    x, levels = np.linspace(0, 1, 11), np.array([0.1, 0.3, 0.6, 0.8])
    contours.set_data(x, x, np.tile(x, (11, 1)), levels)
    row = canvas.pixels()[50, :, :3].astype(int)
    wanted = 255 * np.array(to_rgba_array(contours.get_facecolor()))[:5, :3]
    for band, (low, high) in enumerate(itertools.pairwise([0, *levels, 1])):
        inside = row[int(200 * low) + 3 : int(200 * high) - 3]
        np.testing.assert_allclose(inside, np.tile(wanted[band], (len(inside), 1)), atol=1)
    for level in levels:  # and a line where two meet
        beside = row[int(200 * level) - 2 : int(200 * level) + 2]
        assert abs(beside - wanted[0]).max() > abs(wanted[4] - wanted[0]).max() + 5
