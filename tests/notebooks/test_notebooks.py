"""Hygiene of the notebooks: what is stored in them, what they name, and how long a cell takes."""

import copy
import importlib.util
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest

import coursekit as ck
from coursekit import pages
from tests.notebooks import tidy

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
MACHINE_PATH = re.compile(r"/(home|Users|root|work|tmp|mnt|opt)/|[A-Z]:\\+Users|site-packages")

# Run after all the cells: a student may answer a question when other cells have run since.
ASK = """
import gc
from coursekit.exercises.predict import Prediction
for question in [q for q in gc.get_objects() if type(q) is Prediction]:
    try:
        question.answer()
    except Exception as error:
        print(f"{question.question} {error!r}")
"""

# How often the loop of `calibration` would run in 3 s, the budget of a cell, on a quiet laptop.
CELL, WHOLE = 30, 300

pytestmark = pytest.mark.notebooks


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def path(request):
    return request.param


@pytest.fixture
def notebook(path):
    return nbformat.read(path, as_version=4)


def prose(notebook):
    return "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")


def test_there_are_notebooks():
    assert NOTEBOOKS


# --- what is stored


def test_format_is_valid_and_cells_have_names(notebook):
    nbformat.validate(notebook)
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
    ids = [cell.id for cell in notebook.cells]
    assert len(set(ids)) == len(ids)


def test_kernel_is_python3_and_nothing_of_an_editor_is_kept(notebook):
    assert dict(notebook.metadata) == tidy.METADATA
    assert all(cell.metadata == tidy.kept_metadata(cell) for cell in notebook.cells)


def test_only_checked_cells_keep_output_and_only_text(notebook):
    for cell in notebook.cells:
        if cell.cell_type != "code":
            assert not cell.get("attachments"), f"{cell.id}: a picture in the text"
            continue
        assert cell.execution_count == (1 if tidy.is_checked(cell) else None), cell.id
        assert tidy.is_checked(cell) or not cell.outputs, cell.id
        assert all(tidy.is_text(output) for output in cell.outputs), cell.id
        assert bool(cell.outputs) == tidy.is_checked(cell), f"{cell.id}: run tests.notebooks.tidy"
        assert "NBVAL" not in cell.source, f"{cell.id}: a tag says what is checked, not a comment"


def test_nothing_of_the_machine_is_stored(path):
    text = path.read_text(encoding="utf-8")
    assert not MACHINE_PATH.search(text)
    assert "data:image" not in text and "image/png" not in text


def test_a_stored_picture_a_count_or_a_warning_would_be_seen():
    cell = nbformat.v4.new_code_cell("1", metadata={"tags": [tidy.CHECKED]})
    new = nbformat.v4.new_output
    kept = [new("stream", name="stdout", text="1"), new("execute_result", {"text/plain": "1"})]
    lost = [
        new("stream", name="stderr", text="1"),
        new("display_data", {"text/plain": "1"}),
        new("execute_result", {"text/plain": "1", "image/png": ""}),
    ]
    cell.outputs, cell.execution_count = kept + lost, 3
    assert [tidy.is_text(output) for output in cell.outputs] == [True] * 2 + [False] * 3
    book = nbformat.v4.new_notebook(cells=[cell, nbformat.v4.new_code_cell("1", outputs=kept)])
    tidy.tidy(book)
    assert [len(cell.outputs) for cell in book.cells] == [2, 0]
    assert [cell.execution_count for cell in book.cells] == [1, None]


# --- what they name


def test_no_name_shadows_a_module(path):
    """The kernel puts the notebook's folder first on sys.path."""
    assert importlib.util.find_spec(path.stem) is None
    assert re.fullmatch(r"\d\d_[a-z0-9_]+", path.stem)


def test_links_lead_somewhere(notebook, path):
    """A student's folder holds the notebooks and nothing else."""
    text = prose(notebook)
    headings = {
        re.sub(r"\s", "-", line.lstrip("# ")) for line in text.splitlines() if line.startswith("#")
    }
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if target.startswith("#"):
            assert target[1:] in headings, target
        elif not target.startswith("https://"):
            assert (path.parent / target).parent == path.parent, target
            assert (path.parent / target).is_file(), target


def test_every_name_in_the_text_exists(notebook):
    """Also names without `ck.` in front would be worth it, but these are the ones to look up."""
    for name in re.findall(r"`[^`\n]*?\bck\.([A-Za-z_][\w.]*)", prose(notebook)):
        thing = ck
        for part in name.rstrip(".").split("."):
            thing = getattr(thing, part)


def test_style(path):
    """As the whole project: ruff reads code cells too."""
    for command in (["check"], ["format", "--check"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *command, str(path)],
            cwd=ROOT,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout + done.stderr


# --- how long a cell takes


def calibration():
    """Seconds for a fixed piece of work: the best of three, about 0.1 on a quiet laptop."""

    def once():
        started = time.perf_counter()
        sum(i * i for i in range(1_200_000))
        return time.perf_counter() - started

    return min(once() for _ in range(3))


@pytest.fixture(scope="module", params=NOTEBOOKS, ids=lambda path: path.stem)
def ran(request):
    """A notebook run once, the seconds of its cells, the loop to measure them by, ASK's outputs."""
    notebook, started, seconds = nbformat.read(request.param, as_version=4), {}, {}
    notebook.cells.append(nbformat.v4.new_code_cell(ASK, id="ask"))
    before = calibration()
    tidy.run(
        notebook,
        request.param.parent,
        on_cell_execute=lambda cell, cell_index: started.update({cell.id: time.perf_counter()}),
        on_cell_executed=lambda cell, cell_index, execute_reply: seconds.update(
            {cell.id: time.perf_counter() - started[cell.id]}
        ),
    )
    del seconds["ask"]
    asked = notebook.cells.pop()
    return notebook, request.param, seconds, max(before, calibration()), asked.outputs


def test_cells_are_quick(ran):
    notebook, _, seconds, unit, _ = ran
    # loading another library takes what it takes
    foreign = {cell.id for cell in notebook.cells if "import torch" in cell.source}
    slow = {
        name: f"{took / unit:.0f} loops"
        for name, took in seconds.items()
        if took > CELL * unit and name not in foreign
    }
    assert not slow, f"slow cells, budget {CELL}: {slow}"
    assert sum(seconds.values()) < WHOLE * unit
    assert len(seconds) == sum(cell.cell_type == "code" for cell in notebook.cells)


def test_every_question_can_be_answered_at_the_end_too(ran):
    """No later cell takes a name away from an answer."""
    *_, outputs = ran
    complaints = "".join(output.text for output in outputs if output.get("name") == "stdout")
    assert not complaints, complaints


def test_it_reads_without_a_kernel(ran):
    """As a page: every picture is there, with words. COURSEKIT_PAGES names a folder to keep it."""
    notebook, path, *_ = ran
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    shown = [o.data for o in outputs if "image/png" in o.get("data", {})]
    live = [data for data in shown if data["text/plain"].startswith("<demo ")]
    page = pages.as_html(copy.deepcopy(notebook), path)
    images = re.findall(r'<img alt="([^"]*)"', page)
    presets = len(images) - len(shown)
    assert len(live) <= presets <= pages.PRESETS * len(live)
    assert all(len(alt) > 40 for alt in images)
    assert "widget-view" not in page and "Traceback (most recent call last)" not in page
    if folder := os.environ.get("COURSEKIT_PAGES"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        (Path(folder) / f"{path.stem}.html").write_text(page, encoding="utf-8")
