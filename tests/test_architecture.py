"""docs/architecture.md names every file of the package, and none that is gone."""

import re
from pathlib import Path

import coursekit
from tests.test_imports import LEVEL

PACKAGE = Path(coursekit.__file__).parent
PAGE = (PACKAGE.parent / "docs" / "architecture.md").read_text(encoding="utf-8")
TREE = PAGE[PAGE.index("    coursekit/\n") : PAGE.index("    notebooks/ ")]


def named():
    """The paths that the tree lists, relative to the package, in order."""
    found, folders = [], []
    for indent, name in re.findall(r"^    ( +)([\w.]+/?) ", TREE, re.MULTILINE):
        del folders[len(indent) // 2 - 1 :]
        if name.endswith("/"):
            folders.append(name)
        else:
            found.append("".join(folders) + name)
    return found


def test_the_tree_is_the_package():
    files = {path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py")}
    files = {name for name in files if not name.endswith("/__init__.py")}
    missing, gone = files - set(named()), set(named()) - files
    assert not missing, f"a line in docs/architecture.md is missing for {sorted(missing)}"
    assert not gone, f"docs/architecture.md names {sorted(gone)}, which are gone"


def test_the_tree_is_in_the_order_of_imports():
    homes = [name.split("/")[0].removesuffix(".py") for name in named()]
    levels = [LEVEL[home] for home in homes if home in LEVEL]
    assert levels == sorted(levels)


def test_other_names_exist():
    for name in re.findall(r"`((?:tests|optim|coursekit|docs|notebooks)/[\w/]+\.?\w*)/?`", PAGE):
        assert (PACKAGE / name).exists() or (PACKAGE.parent / name).exists(), name
