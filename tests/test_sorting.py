"""Sorting and Fourier transforms stay out of training: their device code cannot be checked here.

On a GPU they are machine code of the vendor (Thrust, cuFFT), which the CPU stand-in refuses. So
whatever a training step can reach may not call them; the few places that do are listed.
"""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1] / "coursekit"
ON_HOST = {"demos", "exercises", "exhibits", "viz"}  # read results, train nothing on a device
SORTING = {
    "argpartition", "argsort", "digitize", "fft", "histogram", "lexsort", "median", "nanmedian",
    "partition", "percentile", "quantile", "searchsorted", "sort", "sort_complex", "unique",
}  # fmt: skip
ALLOWED = {
    "ops/shaping.py: argsort": "the operation `sort`, for those who ask for it; axes of transpose",
    "losses/divergences.py: argsort": "distances between distributions to look at, not to train",
    "initializers.py: argsort": "of numbers drawn on the host",
    "losses/checks.py: unique": "labels on the host, once per objective",
    "losses/classification.py: unique": "labels on the host, for the words of an error",
    "data/make_bundled.py: unique": "ran once, when the data were bundled",
    "autograd/graph.py: sort": "a list of what to draw",
}


def sorts(source: str) -> set[str]:
    """The names of sorting routines that a source calls; `str.partition` and the like do not."""
    calls = (node.func for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))
    called = [f for f in calls if isinstance(f, ast.Attribute)]
    texts = {f.attr for f in called if f.attr == "partition" and not _of_numpy(f.value)}
    names = {f.attr for f in called} | {part for f in called for part in _names(f.value)}
    return (names & SORTING) - texts


def _of_numpy(value) -> bool:
    return bool({"np", "xp", "cupy"} & set(_names(value)))


def _names(value) -> list[str]:
    found = [n.attr for n in ast.walk(value) if isinstance(n, ast.Attribute)]
    return found + [n.id for n in ast.walk(value) if isinstance(n, ast.Name)]


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("np.sort(x)", {"sort"}),
        ("x.argsort(axis=0).argsort()", {"argsort"}),
        ("xp().fft.rfft(x)", {"fft"}),
        ("np.partition(x, 3)", {"partition"}),
        ("'a b'.partition(' ')", set()),
        ("sorted(x)", set()),
    ],
)
def test_what_is_found(source, found):
    assert sorts(source) == found


def test_only_where_it_is_allowed():
    found = set()
    for file in sorted(ROOT.rglob("*.py")):
        place = file.relative_to(ROOT)
        if place.parts[0] not in ON_HOST:
            names = sorts(file.read_text(encoding="utf-8"))
            found |= {f"{place.as_posix()}: {name}" for name in names}
    assert found == set(ALLOWED)
