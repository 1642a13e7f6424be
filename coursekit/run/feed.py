"""What a training is fed with: splits, seeds, and the rows of each step."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from .. import backend
from ..backend import Array
from ..sampling import check_batch_size, epoch_order
from .checks import whole


class Seeds(NamedTuple):
    """One seed for each use of chance, so that none disturbs another."""

    init: int
    order: int
    masks: int
    curvature: int

    @classmethod
    def of(cls, rng: int):
        streams = np.random.SeedSequence(whole("rng", rng, 0)).spawn(4)
        return cls(*(int(stream.generate_state(1, np.uint64)[0]) for stream in streams))


class Feed:
    """The rows that each step of an epoch sees: index arrays on the device, None for all rows.

    Curvature rows come from an order of their own, as windows that walk through it step by step.
    """

    def __init__(self, n: int, batch_size, curvature_batch_size, sampling: str, seeds: Seeds):
        for size in (batch_size, curvature_batch_size):
            if size is not None:
                check_batch_size(size)
        epoch_order(1, sampling)  # or raise now
        self.n, self.sampling, self.seeds = n, sampling, seeds
        self.size = n if batch_size is None else min(batch_size, n)
        self.curvature_size = curvature_batch_size and min(curvature_batch_size, n)
        self.full = self.size == n and sampling != "replacement"  # the same rows in every step
        starts = range(0, n, self.size)
        self.sizes = [min(self.size, n - start) for start in starts]

    def __call__(self, epoch: int) -> Iterator[tuple[Array | None, Array | None]]:
        """(rows, curvature rows) for each step of an epoch, the first being 0."""
        order = None if self.full else self._order(self.seeds.order, epoch)
        if (c := self.curvature_size) is not None:
            further = self._order(self.seeds.curvature, epoch)
            further = np.concatenate([further, further[:c]])
        for i, start in enumerate(range(0, self.n, self.size)):
            rows = None if order is None else order[start : start + self.size]
            at = i * (c or 0) % self.n
            yield rows, None if c is None else further[at : at + c]

    def _order(self, seed, epoch):
        return backend.to_device(epoch_order(self.n, self.sampling, seed, epoch))


def splits(data) -> tuple[Any, Any, Any]:
    """(train, validation, test), each (x, y) or None, from a `Data` or from (x, y)."""
    if all(hasattr(data, name) for name in ("train", "validation", "test")):
        return data.train, data.validation, data.test
    if isinstance(data, tuple | list) and len(data) == 2:
        return data, None, None
    raise TypeError(f"data must be a ck.data.Data or a pair (x, y), not {type(data).__name__}")


def usual_loss(y, net) -> str:
    """The loss that targets like these are usually trained with."""
    if np.result_type(getattr(y, "dtype", None) or np.asarray(y).dtype).kind == "f":
        return "mse"
    return "cross_entropy" if net.outputs > 1 else "binary_cross_entropy"
