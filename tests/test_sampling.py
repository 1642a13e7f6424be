"""Minibatches: which rows, in which order, and that it is the same order every time."""

import math

import numpy as np
import pytest

import coursekit as ck
from coursekit.sampling import SAMPLING, epoch_order


def orders(sampling, rng=0, n=50, epochs=3):
    return [epoch_order(n, sampling, rng, epoch).tolist() for epoch in range(epochs)]


@pytest.mark.parametrize("sampling", SAMPLING)
def test_an_order_is_a_function_of_seed_and_epoch(sampling):
    assert orders(sampling) == orders(sampling)
    assert (orders(sampling) == orders(sampling, rng=1)) == (sampling == "none")


def test_shuffle_is_a_new_permutation_each_epoch():
    a, b, c = orders("shuffle")
    assert sorted(a) == sorted(b) == sorted(c) == list(range(50))
    assert a != b != c != a and a != list(range(50))


def test_once_is_one_permutation_for_all_epochs():
    a, b, c = orders("once")
    assert sorted(a) == list(range(50)) != a
    assert a == b == c


def test_none_keeps_the_order():
    assert orders("none") == [list(range(50))] * 3


def test_with_replacement_about_1_in_e_rows_is_never_seen():
    n, epochs = 1000, 40
    seen = [len(set(epoch_order(n, "replacement", 0, e).tolist())) / n for e in range(epochs)]
    q = (1 - 1 / n) ** n  # a row is missed with this probability, about 1/e
    # The share of empty cells among n with n balls has variance (1/e - 2/e^2) / n.
    error = math.sqrt((math.exp(-1) - 2 * math.exp(-2)) / n / epochs)
    assert abs(np.mean(seen) - (1 - q)) < 3 * error
    a, b = orders("replacement", epochs=2)
    assert a != b and len(a) == 50
    assert set().union(*orders("replacement", epochs=20)) == set(range(50))  # the last row too


def test_every_row_is_as_likely_with_replacement():
    counts = np.bincount(epoch_order(200_000, "replacement", 3) % 10, minlength=10)
    assert abs(counts - 20_000).max() < 4.5 * math.sqrt(20_000 * 0.9)


@pytest.mark.parametrize("sampling", SAMPLING)
def test_minibatches_cut_each_epoch_in_pieces(sampling):
    batches = list(ck.minibatches(10, 4, epochs=2, sampling=sampling, rng=5))
    assert [len(b) for b in batches] == [4, 4, 2] * 2  # never across the end of an epoch
    for epoch in range(2):
        whole = np.concatenate(batches[3 * epoch : 3 * epoch + 3])
        np.testing.assert_array_equal(whole, epoch_order(10, sampling, 5, epoch))


def test_a_batch_larger_than_the_data_is_all_of_it():
    (batch,) = ck.minibatches(3, 8)
    assert sorted(batch.tolist()) == [0, 1, 2]
    assert [len(b) for b in ck.minibatches(3, np.int64(1))] == [1, 1, 1]


@pytest.mark.parametrize(
    "call, error, message",
    [
        (lambda: ck.minibatches(5, 0), ValueError, "batch_size must be a whole number >= 1, not 0"),
        (lambda: ck.minibatches(5, 2.0), ValueError, "batch_size must be a whole number"),
        (lambda: ck.minibatches(5, True), ValueError, "batch_size must be a whole number"),
        (lambda: ck.minibatches(0, 2), ValueError, "n must be at least 1 row, not 0"),
        (lambda: ck.minibatches(5, 2, sampling="random"), ValueError,
         r"sampling must be one of \('shuffle', 'once', 'none', 'replacement'\), not 'random'"),
        (lambda: epoch_order(5, rng=-1), TypeError, "rng must be a seed >= 0"),
        (lambda: epoch_order(5, rng=np.random.default_rng(0)), TypeError, "pass rng=seed"),
    ],
)  # fmt: skip
def test_wrong_inputs_are_refused_at_the_call(call, error, message):
    with pytest.raises(error, match=message):
        call()
