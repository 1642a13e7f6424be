"""Imports point down only, and `import coursekit` stays light."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import coursekit

PACKAGE = Path(coursekit.__file__).parent
FILES = sorted(PACKAGE.rglob("*.py"))

# From the bottom up. A file imports from lower lines only, or from its own line.
LAYERS = """
    backend registry
    autograd
    ops
    layout activations losses gains initializers
    layers
    networks
    objective
    supervised
    landscapes data optim sampling
    run
    exhibits
    viz
    demos
    exercises
    student_folder lab_server gpu_report pages cli __main__
""".strip().splitlines()
LEVEL = {name: level for level, line in enumerate(LAYERS) for name in line.split()}
DEFERRED = {("networks", "supervised")}  # inside net.objective, which runs when all is loaded
ONLY = {"ipywidgets": "demos", "IPython": "demos", "cupy": "backend", "matplotlib": "viz demos"}
OPTIM_MAY_NOT = {"networks", "objective", "supervised", "data", "landscapes", "viz", "demos"}


def home(path):
    """The file or folder directly inside the package that this file belongs to."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(path):
    """(line, absolute module, name or None) of every import, also those inside functions."""
    package = ["coursekit", *path.relative_to(PACKAGE).parent.parts]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name, None
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            for alias in node.names:
                yield node.lineno, module, alias.name


def part_of_package(module, name):
    """Which file or folder of the package an import reaches, or None for another library."""
    whole = [*module.split("."), *([name] if name else [])]
    if whole[0] != "coursekit":
        return None
    return whole[1] if len(whole) > 1 and whole[1] in LEVEL else "coursekit"


def at_top(path, line):
    return any(node.lineno == line for node in ast.parse(path.read_text(encoding="utf-8")).body)


def test_every_file_has_a_layer():
    assert {home(path) for path in FILES} - {"__init__"} <= set(LEVEL)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_down(path):
    mine = home(path)
    if mine == "__init__":
        return
    for line, module, name in imports(path):
        theirs = part_of_package(module, name)
        if theirs is None or theirs == "coursekit":  # from coursekit import __version__
            continue
        if (mine, theirs) in DEFERRED:
            assert not at_top(path, line)
            continue
        assert LEVEL[theirs] <= LEVEL[mine], f"{path}:{line}: {mine} imports {theirs}, above it"
        assert mine != "optim" or theirs not in OPTIM_MAY_NOT, f"{path}:{line}: optim and {theirs}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_heavy_libraries_stay_in_their_place(path):
    for line, module, _ in imports(path):
        library = module.split(".")[0]
        if library in ONLY:
            assert home(path) in ONLY[library].split(), f"{path}:{line} imports {library}"


def test_the_package_imports_nothing_heavy():
    code = (
        "import sys, coursekit\n"
        "dir(coursekit)\n"
        "heavy = {'matplotlib', 'ipywidgets', 'IPython', 'cupy', 'tqdm', 'scipy', 'torch'}\n"
        "print(sorted(heavy & {name.split('.')[0] for name in sys.modules}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True,
                          cwd=PACKAGE.parent)  # fmt: skip
    assert done.stdout == "[]\n"
    assert done.stderr == ""


def test_the_numerical_half_imports_nothing_heavy():
    code = (
        "import sys, coursekit as ck\n"
        "ck.grad, ck.Layout, ck.Objective, ck.MLP, ck.landscapes, ck.optim, ck.losses\n"
        "heavy = {'matplotlib', 'ipywidgets', 'IPython', 'cupy'}\n"
        "print(sorted(heavy & {name.split('.')[0] for name in sys.modules}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True,
                          cwd=PACKAGE.parent)  # fmt: skip
    assert done.stdout == "[]\n"


@pytest.mark.parametrize("name", [name for name in coursekit.__all__ if name != "demos"])
def test_every_public_name_is_there(name):
    assert getattr(coursekit, name) is not None
    assert name in dir(coursekit)


def test_a_wrong_name_is_told_the_right_ones():
    with pytest.raises(AttributeError, match=r"no 'gard'.*grad"):
        coursekit.gard  # noqa: B018
