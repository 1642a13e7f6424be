"""What an exhibit is, and the lecture documents that are cited."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from ..backend import using

SUN = 'Ju Sun, "Training DNNs: Basic Methods", lecture slides, 3 March 2020'
THADANI = 'Kapil Thadani, "Optimization Techniques for Neural Networks", lecture slides, undated'
MARIA = 'Robert Maria, "Optimization algorithms in Deep Learning", lecture slides, 21 November 2019'
DILLHOFF = 'Alex Dillhoff, "Optimization for Deep Learning", online notes, 7 April 2022'
NOTES = 'unsigned and undated notes in two parts, "Reading" and "Lecture"'


class Pair(NamedTuple):
    """What the printed version does, and what the right one does: paths, curves or numbers."""

    says: Any
    right: Any


@dataclass(frozen=True, eq=False)
class Exhibit:
    """A formula or claim of a lecture document, and what it should be.

    `says` and `right` are LaTeX or words; `shows` is what one sees. `run(**settings)` returns both
    as a `Pair`; `numbers()` computes the figures that go with it. Both compute with NumPy, whatever
    backend is in use.

    >>> import coursekit as ck
    >>> ck.exhibits.E56
    <exhibit E56: Adamax without eps; Kapil Thadani, ...>
    >>> ck.exhibits.E56.numbers()
    {'coordinates lost, no eps': 1, 'coordinates lost, with eps': 0}
    """

    id: str
    title: str
    source: str
    says: str
    right: str
    shows: str
    run: Callable[..., Pair]
    numbers: Callable[[], dict[str, float]]

    def __post_init__(self):
        for name in ("run", "numbers"):
            object.__setattr__(self, name, using("numpy")(getattr(self, name)))

    def __repr__(self):
        return f"<exhibit {self.id}: {self.title}; {self.source}>"
