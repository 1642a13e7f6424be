"""Clipping: exact scaling, far and near, for one gradient or many."""

import math

import numpy as np
import pytest

from coursekit.optim import clip_norm, clip_value

G = np.random.default_rng(0).normal(size=7)
NORM = math.sqrt(sum(x * x for x in G.tolist()))


@pytest.mark.parametrize("share", [0.1, 0.5, 0.999999])
def test_a_long_gradient_keeps_its_direction(share):
    clipped = clip_norm(G, share * NORM)
    np.testing.assert_allclose(clipped, share * G, rtol=1e-15)
    assert np.linalg.norm(clipped) == pytest.approx(share * NORM, rel=1e-15)


def test_a_short_gradient_is_unchanged():
    for limit in (NORM, 1.000001 * NORM, 1e300):
        np.testing.assert_array_equal(clip_norm(G, limit), G)
    np.testing.assert_array_equal(clip_norm(np.zeros(3), 1.0), np.zeros(3))


def test_exactly_without_the_millionth_of_pytorch():
    assert clip_norm(np.array([1.0]), 0.5)[0] == 0.5
    assert clip_norm(np.array([-1e-9]), 1e-10)[0] == -1e-10


@pytest.mark.parametrize(
    "dtype, huge, tiny", [("float64", 1e300, 1e-300), ("float32", 1e38, 1e-38)]
)
def test_norms_whose_squares_leave_the_range(dtype, huge, tiny):
    g = np.array([3, 4], dtype) / 5
    with np.errstate(all="raise", under="ignore"):
        for scale in (huge, tiny):
            long = (scale * g).astype(dtype)
            clipped = clip_norm(long, scale / 4)
            assert clipped.dtype == dtype
            np.testing.assert_allclose(clipped.astype(float) / scale, g / 4, rtol=1e-6)


def test_each_row_has_its_own_norm():
    many = np.stack([G, 10 * G, 0 * G])
    rows = [clip_norm(row, NORM) for row in many]
    np.testing.assert_array_equal(clip_norm(many, NORM), rows)
    np.testing.assert_allclose(rows[1], G, rtol=1e-15)


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf])
def test_a_broken_gradient_does_not_become_a_good_one(wrong):
    g = np.array([1.0, wrong, 2.0])
    assert np.isnan(clip_norm(g, 1.0)[1])
    assert not np.isfinite(clip_norm(g, 1.0)).any()


def test_by_value():
    g = np.array([-3.0, -1.0, 0.0, 0.25, 2.0, np.inf])
    np.testing.assert_array_equal(clip_value(g, 1.0), [-1, -1, 0, 0.25, 1, 1])
    assert np.isnan(clip_value(np.array([np.nan]), 1.0)).all()
    assert clip_value(g.astype("float32"), 0.1).dtype == "float32"


def test_limits_may_be_arrays_without_axes():
    np.testing.assert_array_equal(clip_norm(G, np.array(0.5)), clip_norm(G, 0.5))
    np.testing.assert_array_equal(clip_value(G, np.float64(0.5)), clip_value(G, 0.5))


@pytest.mark.parametrize("limit", [0, -1.0, math.nan, "a", None, np.array("a"), np.ones(2)])
def test_wrong_limits(limit):
    with pytest.raises(ValueError, match="max_norm must be a number > 0"):
        clip_norm(G, limit)
    with pytest.raises(ValueError, match="max_value must be a number > 0"):
        clip_value(G, limit)
