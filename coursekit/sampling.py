"""Which rows of the data a step sees: streams of minibatches."""

from collections.abc import Iterator

import numpy as np

from . import backend

SAMPLING = ("shuffle", "once", "none", "replacement")


def epoch_order(n: int, sampling: str = "shuffle", rng: int = 0, epoch: int = 0) -> np.ndarray:
    """The order in which epoch number `epoch` visits n rows; drawn on the host from (rng, epoch).

    "shuffle" draws a new permutation for every epoch, "once" one for all epochs, "none" keeps the
    order of the data, "replacement" draws n rows independently: some twice, 1/e of them never.

    >>> from coursekit.sampling import epoch_order
    >>> epoch_order(4, "none")
    array([0, 1, 2, 3])
    """
    if sampling not in SAMPLING:
        raise ValueError(f"sampling must be one of {SAMPLING}, not {sampling!r}")
    if n < 1:
        raise ValueError(f"n must be at least 1 row, not {n}")
    if isinstance(rng, np.random.Generator):
        raise TypeError("an order is drawn anew from integers: pass rng=seed")
    if sampling == "none":
        return np.arange(n)
    generator = backend.rng(rng, 0 if sampling == "once" else epoch)
    if sampling == "replacement":
        return generator.integers(n, size=n)
    return generator.permutation(n)


def minibatches(
    n: int, batch_size: int, *, epochs: int = 1, sampling: str = "shuffle", rng: int = 0
) -> Iterator[np.ndarray]:
    """Index arrays of at most `batch_size` rows, for so many epochs; the last of each may be short.

    >>> import coursekit as ck
    >>> [rows.tolist() for rows in ck.minibatches(5, 2, sampling="none")]
    [[0, 1], [2, 3], [4]]
    """
    check_batch_size(batch_size)
    epoch_order(n, sampling, rng)  # or raise now, not at the first batch
    orders = (epoch_order(n, sampling, rng, epoch) for epoch in range(epochs))
    starts = range(0, n, batch_size)
    return (order[start : start + batch_size] for order in orders for start in starts)


def check_batch_size(batch_size):
    """Raise ValueError unless batch_size is a whole number from 1 up."""
    whole = isinstance(batch_size, int | np.integer) and not isinstance(batch_size, bool)
    if not whole or batch_size < 1:
        raise ValueError(f"batch_size must be a whole number >= 1, not {batch_size!r}")
