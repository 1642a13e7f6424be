"""The gallery of the README shows every demo, at a preset that it has."""

import io

import numpy as np
import pytest
from PIL import Image

from coursekit import demos
from coursekit.demos.pictures import (
    COLUMNS,
    GAP,
    HEAD,
    SCALE,
    TELLING,
    TILE,
    gallery,
    main,
    telling,
)
from coursekit.demos.race import Race


def test_every_demo_has_a_telling_preset():
    assert set(TELLING) <= set(demos.DEMOS)
    for name in demos.DEMOS:
        assert telling(name) in getattr(demos, name)().presets


def test_a_tile_is_the_demo_at_that_preset():
    png, words = gallery(("stability", "conventions", "race"))
    sheet = Image.open(io.BytesIO(png))
    assert sheet.width == SCALE * (COLUMNS * (TILE[0] + GAP) + GAP)
    assert (
        words
        == "3 demos: stability, best for κ = 100; conventions, drop the rate; race, tuned fairly"
    )
    own = Image.open(io.BytesIO(Race(projector=True).image(mode="best")))
    own.thumbnail((SCALE * TILE[0], SCALE * TILE[1]), Image.Resampling.LANCZOS)
    left, top = SCALE * GAP, SCALE * (GAP + HEAD + TILE[1] + GAP + HEAD)  # second row
    tile = sheet.convert("RGB").crop((left, top, left + own.width, top + own.height))
    assert np.abs(np.asarray(tile, float) - np.asarray(own, float)).mean() < 3  # of 255


@pytest.mark.slow
def test_the_gallery_shows_every_demo(tmp_path, capsys):
    main(str(tmp_path))
    words = capsys.readouterr().out
    assert all(f" {name}, {telling(name)}" in words for name in demos.DEMOS)
    png = (tmp_path / "gallery.png").read_bytes()
    whole = Image.open(io.BytesIO(png))
    few, _ = gallery(demos.DEMOS[:2])
    rows = -(-len(demos.DEMOS) // COLUMNS)
    one = Image.open(io.BytesIO(few)).height - SCALE * GAP
    assert whole.height == SCALE * GAP + rows * one
    assert len(png) < 1_000_000
