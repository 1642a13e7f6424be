"""What a chapter owes the course has a home in it, and every chapter has the parts of a chapter."""

import ast
import importlib
import re
from pathlib import Path

import nbformat
import pytest

import coursekit as ck
from coursekit import exhibits
from tests.notebooks import tidy
from tests.notebooks.syllabus import CHAPTERS

FOLDER = Path(__file__).resolve().parents[2] / "notebooks"
TOC = {"00_start_here"}  # the notebook that is no chapter
HOMES = ("row", "erratum", "claim", "predict")

# The parts of a chapter, as headings or bold words, and how the text names them.
PARTS = ("After this chapter you can", "You need", "Time", "In five lines", "References")
YEAR = re.compile(r"\b(1[89]|20)\d\d\b|undated")

pytestmark = pytest.mark.notebooks


@pytest.fixture(scope="module", params=CHAPTERS)
def chapter(request):
    return request.param


@pytest.fixture(scope="module")
def owed(chapter):
    return CHAPTERS[chapter]


@pytest.fixture(scope="module")
def cells(chapter):
    return nbformat.read(FOLDER / f"{chapter}.ipynb", as_version=4).cells


def homes(cells, kind):
    """name -> the cells tagged kind:name."""
    found = {}
    for cell in cells:
        for tag in cell.metadata.get("tags", []):
            if tag.startswith(f"{kind}:"):
                found.setdefault(tag.removeprefix(f"{kind}:"), []).append(cell)
    return found


def known(owed):
    """kind -> the names that mean something in this chapter."""
    rows = owed.rows | owed.errata | owed.questions
    return {
        "row": set(rows),
        "erratum": set(owed.errata),
        "claim": set(owed.claims),
        "predict": set(rows),
        "exercise": set(dir(ck.check)),
    }


def unknown(cells, owed):
    """Tags that stand for nothing in the plan."""
    tags = [tag for cell in cells for tag in cell.metadata.get("tags", []) if tag != tidy.CHECKED]
    split = [tag.partition(":") for tag in tags]
    return ["".join(parts) for parts in split if parts[2] not in known(owed).get(parts[0], ())]


def homeless(cells, owed):
    """What is owed and has no cell."""
    at = {kind: set(homes(cells, kind)) for kind in HOMES}
    anywhere = at["row"] | at["erratum"] | at["predict"]
    return (
        {f"row:{name}" for name in set(owed.rows) - anywhere}
        | {f"erratum:{name}" for name in set(owed.errata) - at["erratum"]}
        | {f"claim:{name}" for name in set(owed.claims) - at["claim"]}
        | {f"predict:{name}" for name in set(owed.questions) - at["predict"]}
    )


def text(cells):
    return "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")


def code(cells):
    return "\n".join(cell.source for cell in cells if cell.cell_type == "code")


def printed(cell):
    """The stored output of a checked cell, as text."""
    assert tidy.is_checked(cell), f"{cell.id}: what it shows is not checked"
    return "".join(output.get("text", "") for output in cell.outputs)


# --- the plan


def test_every_notebook_is_a_chapter_of_the_plan():
    assert {path.stem for path in FOLDER.glob("*.ipynb")} - TOC == set(CHAPTERS)


def test_the_plan_names_what_exists(owed):
    assert set(owed.errata) <= set(exhibits.EXHIBITS) | {"E37"}  # notation has nothing to run
    assert set(owed.demos) <= set(ck.demos.DEMOS)
    assert all(re.fullmatch(r"[A-DF-PR-Z]\d+", name) for name in owed.rows)
    assert len(owed.claims) >= 2


def test_every_checker_is_asked_for_in_a_chapter():
    books = (nbformat.read(FOLDER / f"{chapter}.ipynb", as_version=4) for chapter in CHAPTERS)
    assert {name for book in books for name in homes(book.cells, "exercise")} == set(dir(ck.check))


# --- what is owed


def test_nothing_that_is_owed_is_homeless(cells, owed):
    assert not homeless(cells, owed)


def test_a_homeless_row_would_be_seen():
    owed = CHAPTERS["08_momentum"]
    cell = nbformat.v4.new_code_cell(metadata={"tags": ["row:I1", "row:E10"]})
    missing = homeless([cell], owed)
    assert "row:I1" not in missing
    assert {"row:I2", "erratum:E10", "claim:gd-monotone", "predict:Q11"} <= missing


def test_every_tag_is_known(cells, owed):
    assert not unknown(cells, owed)


def test_a_tag_that_means_nothing_would_be_seen():
    tags = ["row:I17", "row:I1", "note:I1", "hide"]
    wrong = nbformat.v4.new_code_cell(metadata={"tags": tags})
    assert unknown([wrong], CHAPTERS["08_momentum"]) == ["row:I17", "note:I1", "hide"]


def test_a_home_is_code_that_runs(cells, owed):
    for kind in known(owed):
        for name, at in homes(cells, kind).items():
            for cell in at:
                assert cell.cell_type == "code", f"{kind}:{name}"
                assert ast.parse(cell.source).body, f"{kind}:{name}: {cell.id} is empty"


# --- the parts of a chapter


def test_a_chapter_says_what_it_is_for_and_ends_as_all_do(cells):
    said = text(cells)
    assert cells[0].source.startswith("# ") and "minutes" in cells[0].source
    where = [said.find(part) for part in PARTS]
    assert -1 not in where and where == sorted(where), dict(zip(PARTS, where, strict=True))
    lines = said[said.find("In five lines") :].partition("\n## ")[0]
    assert re.findall(r"^(\d)\. ", lines, re.MULTILINE) == list("12345")


def test_references_have_years(cells):
    works = re.findall(r"^- (.+)$", text(cells).rpartition("References")[2], re.MULTILINE)
    assert len(works) >= 3
    assert not [work for work in works if not YEAR.search(work)]


def test_errata_are_shown_by_numbers_from_running_both_versions(cells):
    for name, at in homes(cells, "erratum").items():
        assert any(printed(cell).strip() for cell in at if tidy.is_checked(cell)), name
        assert any("exhibits." in cell.source for cell in at), name


def test_claims_end_with_a_verdict(cells):
    for name, at in homes(cells, "claim").items():
        (cell,) = (cell for cell in at if tidy.is_checked(cell))
        verdict = [line for line in printed(cell).splitlines() if line.startswith("VERDICT")]
        assert verdict, f"{name} has no verdict"
        assert verdict[-1].rpartition(": ")[2].split()[0].strip(",;") in ("true", "false", "it")


def test_questions_are_asked_before_the_answer_is_shown(cells):
    asked = homes(cells, "predict")
    assert len(asked) >= 3
    for name, at in asked.items():
        assert any("ck.predict(" in cell.source for cell in at), name
        assert not any(cell.outputs for cell in at), f"{name}: the answer is given away"


def test_exercises_are_stubs_with_a_hint_and_a_folded_solution(cells):
    exercises = homes(cells, "exercise")
    assert len(exercises) >= 2
    for name, (cell,) in exercises.items():
        scope = {"ck": ck, "np": importlib.import_module("numpy")}
        exec(cell.source, scope)
        stub = getattr(ck.check, name)(scope[name])
        assert not stub.passed and len(stub.hint) > 20, f"{name}: the stub passes or gets no hint"
        help_ = cells[cells.index(cell) + 1].source
        assert help_.count("<details>") == help_.count("</details>") == 2
        exec(help_.partition("```python")[2].partition("```")[0], scope)
        assert getattr(ck.check, name)(scope[name]).passed, f"{name}: the solution does not pass"


def test_algorithms_are_the_installed_ones_and_demos_are_called(cells, owed):
    source = code(cells)
    for name in owed.sources:
        assert f"inspect.getsource({name})" in source
    for demo in owed.demos:
        assert f"ck.demos.{demo}(" in source


def test_there_is_an_experiment_on_real_digits(cells):
    assert "ck.data.digits()" in code(cells) or "ck.data.mnist()" in code(cells)


def test_mathematics_is_written_so_that_every_reader_renders_it(cells):
    for cell in cells:
        if cell.cell_type != "markdown":
            continue
        said = re.sub(r"```.*?```|`[^`\n]*`", "", cell.source, flags=re.DOTALL)
        assert not any(mark in said for mark in (r"\(", r"\[", r"\begin{align")), cell.id
        assert said.replace("$$", "").count("$") % 2 == 0, cell.id
        assert said.count("$$") % 2 == 0, cell.id
