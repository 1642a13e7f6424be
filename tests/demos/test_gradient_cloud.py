"""The demo `gradient_cloud`: what minibatches are worth, recomputed from the package's parts."""

import numpy as np
import pytest

import coursekit as ck
from coursekit.demos.gradient_cloud import GradientCloud
from coursekit.demos.gradient_cloud.batches import (
    BATCHES,
    ROWS,
    SAMPLING,
    SIZES,
    angles,
    best,
    covariance,
    coverage,
    digits,
    drawn,
    means,
)


@pytest.fixture(scope="module")
def demo():
    return GradientCloud(sync=True)


def sound(result):
    numbers = [result.spread, result.wrong, result.bias, result.coverage, result.downhill]
    whole = np.isfinite(result.cloud).all() and np.isfinite(numbers).all()
    return whole and len(result.spreads) == len(SIZES) and 0 <= result.downhill <= 1


# --- the parts -----------------------------------------------------------------------------------
def test_the_covariance_is_exact():
    """A batch of one is any row; what a batch has too much of, the other rows have too little."""
    slopes = digits(1).slopes(np.array([0.7, -0.4]))
    of_a_row = np.cov(slopes.T, bias=True)
    for sampling in ("with replacement", "without"):
        np.testing.assert_allclose(covariance(slopes, 1, sampling), of_a_row, rtol=1e-12)
    np.testing.assert_allclose(covariance(slopes, 2, "without"), of_a_row * 1998 / 1999 / 2)
    np.testing.assert_allclose(covariance(slopes, 500, "with replacement"), of_a_row / 500)
    for size in (2, 300, ROWS // 2):
        batch, rest = (covariance(slopes, n, "without") * n**2 for n in (size, ROWS - size))
        np.testing.assert_allclose(batch, rest, rtol=1e-12)
    assert not covariance(slopes, ROWS, "without").any()


@pytest.mark.parametrize("copies", [1, 100])
def test_the_gradients_are_those_of_the_loss(copies):
    d, theta = digits(copies), np.array([0.7, -0.4])
    assert d.x.shape == (ROWS // copies, 2) and d.y.mean() == 0.5
    np.testing.assert_allclose(d.x.mean(axis=0), [0, 1], atol=0.02)
    f = ck.Objective(lambda w: ck.losses.binary_cross_entropy(d.x @ w, d.y))
    np.testing.assert_allclose(d.slopes(theta).mean(axis=0), f.grad(theta), atol=1e-14)
    assert d.loss(theta) == pytest.approx(float(f.value(theta)), abs=1e-14)
    assert np.linalg.norm(f.grad(best(copies))) < 1e-12


@pytest.mark.parametrize("sampling", SAMPLING)
@pytest.mark.parametrize("size", [5, 500])
def test_batches_are_the_first_of_the_stream(sampling, size):
    slopes = digits(2).slopes(np.array([0.0, 1.0]))
    found = means(slopes, size, sampling, 2, 3)
    epochs = -(-BATCHES * size // ROWS)
    stream = ck.minibatches(ROWS, size, epochs=epochs, sampling=SAMPLING[sampling], rng=3)
    rows = [batch // 2 for batch in stream][:BATCHES]
    np.testing.assert_allclose(found, [slopes[r].mean(axis=0) for r in rows], atol=1e-14)


@pytest.mark.parametrize("sampling", ["with replacement", "shuffled each epoch"])
@pytest.mark.parametrize("size", [2, 1000])
def test_the_covariance_is_that_of_many_batches(sampling, size):
    rng, slopes = np.random.default_rng(0), digits().slopes(np.array([0.0, 1.0]))
    if sampling == "with replacement":
        batches = rng.integers(ROWS, size=(4000, size))
    else:
        batches = np.array([rng.permutation(ROWS)[:size] for _ in range(4000)])
    measured = np.cov(slopes[batches].mean(axis=1).T, bias=True)
    expected = covariance(slopes, size, sampling)
    np.testing.assert_allclose(measured, expected, atol=0.07 * np.trace(expected))


def test_angles():
    cloud = np.array([[1.0, 0], [0, 2], [-3, 0], [1, -1]])
    np.testing.assert_allclose(angles(cloud, np.array([5.0, 0])), [0, 90, 180, 45])


def test_coverage_is_63_percent_with_replacement():
    seen = [coverage("with replacement", 1, seed) for seed in range(5)]
    assert np.mean(seen) == pytest.approx(1 - (1 - 1 / ROWS) ** ROWS, abs=0.01)
    assert abs((1 - 1 / ROWS) ** ROWS - np.exp(-1)) < 2e-4
    assert all(coverage(s, 1, 0) == 1 for s in SAMPLING if s != "with replacement")
    assert coverage("with replacement", 10, 0) > 0.99  # copies cover for each other


# --- the discoveries -----------------------------------------------------------------------------
def test_the_error_falls_like_one_over_root_b(demo):
    for sampling in ("with replacement", "shuffled each epoch"):
        r = demo.compute(sampling=sampling)
        sizes = np.array(SIZES)
        np.testing.assert_allclose(r.spreads, r.expected(sizes), rtol=0.2, atol=1e-12)
        slope = np.polyfit(np.log(sizes[:8]), np.log(r.spreads[:8]), 1)[0]
        assert slope == pytest.approx(-0.5, abs=0.03)
    assert r.spreads[-1] < 1e-12  # the whole data, without replacement
    last = r.expected(1000.0) / (r.expected(1.0) / np.sqrt(1000))
    assert last == pytest.approx(np.sqrt(1000 / 1999))


def test_a_random_batch_is_unbiased_and_a_sorted_one_is_not(demo):
    random = demo.compute(B=2)
    error = random.expected(2) / np.sqrt(BATCHES) / np.linalg.norm(random.true)
    assert random.bias < 3 * error
    ordered = demo.compute(B=2, sampling="sorted by label")
    assert ordered.bias > 10 * error
    assert not digits().y[drawn(2, "sorted by label", 1, 0)].any()  # nothing but ones
    large = demo.compute(B=1000, sampling="sorted by label")
    assert large.spread > 10 * large.expected(1000) and large.different == 2
    assert large.wrong > 30


def test_shuffled_once_sees_the_same_batches_again(demo):
    assert demo.compute(B=100, sampling="shuffled once").different == 20
    assert demo.compute(B=100).different == BATCHES


def test_the_sum_couples_rate_and_batch(demo):
    mean, total = demo.compute(B=20), demo.compute(B=20, reduction="sum")
    np.testing.assert_allclose(total.cloud, 20 * mean.cloud)
    assert total.wrong == mean.wrong and total.downhill < 0.1 < 0.95 < mean.downhill
    slow = demo.compute(B=20, reduction="sum", lr=0.1)
    np.testing.assert_allclose(slow.ends, mean.ends)
    assert "lr 2 takes steps like lr 40" in demo.status(total)


def test_the_cheapest_batch_that_is_good_enough(demo):
    r = {B: demo.compute(B=B) for B in SIZES}
    assert [r[B].wrong for B in SIZES] == pytest.approx(r[1].wrongs.tolist())
    cheapest = min(B for B in SIZES if r[B].wrong <= 30)
    assert cheapest == 20
    for B in SIZES:
        said = demo.status(r[B])
        assert ("the cheapest B that is" in said) == (cheapest == B)
        assert ("not good enough" in said) == (r[B].wrong > 30)


def test_near_the_minimum_no_cheap_batch_is_good_enough(demo):
    far, near = demo.compute(B=100), demo.compute(**demo.presets["near the minimum"])
    assert near.spread == pytest.approx(far.spread, rel=0.5)
    assert np.linalg.norm(near.true) < 0.02 * np.linalg.norm(far.true)
    assert far.wrong < 15 and near.wrong > 90 and (near.wrongs[:-2] > 30).all()


def test_copies_cost_and_bring_nothing(demo):
    plain, copied = (
        demo.compute(B=20, sampling="with replacement", copies=copies) for copies in (1, 100)
    )
    assert copied.spread == pytest.approx(plain.spread, rel=0.15)
    np.testing.assert_allclose(copied.true, plain.true, atol=0.02)


# --- the picture ---------------------------------------------------------------------------------
def test_a_pointer_sets_the_point(demo):
    left, top, right, bottom = demo.canvas.areas[0].box
    demo.point(0, (left + right) / 2, (top + bottom) / 2)
    assert demo.values["slope"] == pytest.approx(1.5) and demo.values["offset"] == 0
    demo.reset()


def test_the_picture_shows_the_numbers(demo):
    r = demo.compute(B=5, reduction="sum")
    demo.draw(r)
    np.testing.assert_array_equal(demo.cloud.dots.get_xydata(), r.cloud)
    np.testing.assert_allclose(demo.steps.ends.get_xydata(), r.ends)
    one, two = (np.array(line.get_xydata()) - r.true for line in demo.cloud.theory)
    np.testing.assert_allclose(two, 2 * one, atol=1e-12)
    inside = np.einsum("ki,ij,kj->k", one, np.linalg.inv(r.theory), one)
    np.testing.assert_allclose(inside, 1)


def test_no_control_has_axes_drawn_again(demo):
    demo._picture(demo.compute())
    drawn = demo.canvas.backgrounds
    for values in ({"B": 1}, {"B": 1000}, {"reduction": "sum"}, {"slope": 4.0}, {"copies": 50}):
        demo._picture(demo.compute(**values), fine=False)
    assert demo.canvas.backgrounds == drawn


def test_the_whole_data_is_one_batch_and_misses_nothing(demo):
    r = demo.compute(B=ROWS)
    assert r.different == 1 and "There is only one batch" in demo.status(r)
    assert "They miss it by 0 of its length" in demo.status(r)
    assert "here 0 where theory for random batches says 0" in demo.describe(r)
