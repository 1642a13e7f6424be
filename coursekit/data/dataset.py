"""What every source of data returns: three splits, and where they came from."""

from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from .. import backend
from ..backend import Array


class Split(NamedTuple):
    """Examples x (n, features) and their targets y, row by row: `x, y = data.train`."""

    x: Array
    y: Array


@dataclass(frozen=True, eq=False, repr=False)
class Data:
    """A training, a validation and a test split of one problem.

    x has shape (n, features). y holds classes 0, 1, ... as integers (n,), or real targets when
    `classes` is None. Arrays live on the backend in use and belong to the caller: writing into
    them changes no other copy.

    >>> import coursekit as ck
    >>> ck.data.digits()
    Data('digits', 1197 + 200 + 400 examples, 64 features, 10 classes)
    """

    name: str
    train: Split
    validation: Split
    test: Split
    classes: int | None = None  # how many, or None for real targets
    image_shape: tuple[int, int] | None = None  # x[i].reshape(image_shape) is a picture
    source: str = ""
    licence: str = ""
    truth: Any = None  # what made y: the weights of least_squares, the function of regression

    @property
    def features(self) -> int:
        """The number of columns of x."""
        return self.train.x.shape[1]

    @property
    def splits(self) -> dict[str, Split]:
        """The three splits by name, in order."""
        return {"train": self.train, "validation": self.validation, "test": self.test}

    def shuffle_labels(self, fraction: float = 1.0, rng: int | np.random.Generator = 0) -> "Data":
        """A copy in which a fraction of the training targets has been dealt out anew.

        The chosen targets are permuted among themselves, so class counts stay and their relation
        to x is lost: what a network fits now, it memorises (Zhang et al. 2017, Understanding deep
        learning requires rethinking generalization).

        >>> import coursekit as ck
        >>> noisy = ck.data.digits().shuffle_labels(0.5)
        """
        if not 0 <= fraction <= 1:
            raise ValueError(f"fraction must be in [0, 1], not {fraction!r}")
        generator = backend.rng(rng)
        y = backend.to_host(self.train.y).copy()
        chosen = generator.permutation(len(y))[: round(fraction * len(y))]
        y[chosen] = y[generator.permutation(chosen)]
        return replace(self, train=Split(self.train.x, backend.to_device(y)))

    def describe(self) -> str:
        """A short text: sizes, ranges, examples per class, source and licence."""
        x = backend.to_host(self.train.x)
        y = {name: backend.to_host(split.y) for name, split in self.splits.items()}
        shape = "{} x {} pixels, ".format(*self.image_shape) if self.image_shape else ""
        lines = [
            repr(self),
            f"x: {shape}{x.dtype} in [{x.min():.3g}, {x.max():.3g}]",
        ]
        if self.classes is None:
            lines.append(
                f"y: {y['train'].dtype} in [{y['train'].min():.3g}, {y['train'].max():.3g}]"
            )
        else:
            lines.append(f"{'class':>10}" + "".join(f"{c:6}" for c in range(self.classes)))
            for name, labels in y.items():
                counts = np.bincount(labels, minlength=self.classes)
                lines.append(f"{name:>10}" + "".join(f"{n:6}" for n in counts))
        lines += [f"source: {self.source}"] * bool(self.source)
        lines += [f"licence: {self.licence}"] * bool(self.licence)
        return "\n".join(lines)

    def __repr__(self) -> str:
        sizes = " + ".join(str(len(split.y)) for split in self.splits.values())
        kind = "real targets" if self.classes is None else f"{self.classes} classes"
        return f"Data({self.name!r}, {sizes} examples, {self.features} features, {kind})"
