"""The chapter on momentum owes the course certain material; the tags of its cells say where it is.

A tag is `kind:name`. `row:`, `erratum:` and `claim:` name what the lecture documents contain,
`predict:` what a question asks about, `exercise:` a checker of `ck.check`.
"""

from pathlib import Path

import nbformat
import pytest

import coursekit as ck
from coursekit import exhibits
from tests.notebooks import tidy

CHAPTER = Path(__file__).resolve().parents[2] / "notebooks" / "08_momentum.ipynb"

# What the documents say about momentum, as numbered in the course plan: I1 to I16 the methods and
# their properties; D12 and D13 conditioning and zigzag; F6, F7, F10 bumps, valleys, overshooting;
# Q11 the question for a cheap way to faster convergence.
ROWS = {f"I{n}" for n in range(1, 17)} | {"D12", "D13", "F6", "F7", "F10", "Q11"}
ERRATA = {"E10", "E12", "E13", "E30", "E37", "E42", "E43", "E60"}
CLAIMS = {"gd-monotone", "momentum-damps", "nag-slightly-better", "nesterov-brakes"}
KNOWN = {
    "row": ROWS | ERRATA,
    "erratum": ERRATA,
    "claim": CLAIMS,
    "predict": ROWS | ERRATA,
    "exercise": set(dir(ck.check)),
}

pytestmark = pytest.mark.notebooks


@pytest.fixture(scope="module")
def cells():
    return nbformat.read(CHAPTER, as_version=4).cells


def homes(cells, kind):
    """name -> the cells tagged kind:name."""
    found = {}
    for cell in cells:
        for tag in cell.metadata.get("tags", []):
            if tag.startswith(f"{kind}:"):
                found.setdefault(tag.removeprefix(f"{kind}:"), []).append(cell)
    return found


def unknown(cells):
    """Tags that stand for nothing in the plan."""
    tags = [tag for cell in cells for tag in cell.metadata.get("tags", [])]
    split = [tag.partition(":") for tag in tags]
    return ["".join(parts) for parts in split if parts[2] not in KNOWN.get(parts[0], ())]


def printed(cell):
    """The stored output of a checked cell, as text."""
    assert tidy.is_checked(cell), f"{cell.id}: what it shows is not checked"
    return "".join(output.get("text", "") for output in cell.outputs)


def test_every_row_that_is_owed_has_a_home(cells):
    assert set(homes(cells, "row")) >= ROWS
    assert set(homes(cells, "erratum")) == ERRATA
    assert set(homes(cells, "claim")) == CLAIMS


def test_every_tag_is_known(cells):
    assert not unknown(cells)
    wrong = nbformat.v4.new_code_cell(metadata={"tags": ["row:I17", "row:I1", "note:I1", "hide"]})
    assert unknown([wrong]) == ["row:I17", "note:I1", "hide"]


def test_a_home_is_code_that_runs(cells):
    for kind in KNOWN:
        for name, at in homes(cells, kind).items():
            assert all(cell.cell_type == "code" for cell in at), f"{kind}:{name}"


def test_errata_are_shown_by_numbers_from_running_both_versions(cells):
    for name, at in homes(cells, "erratum").items():
        assert any(printed(cell).strip() for cell in at), name
        assert any("exhibits." in cell.source for cell in at), name


def test_exhibits_of_the_chapter_are_all_used(cells):
    assert set(exhibits.EXHIBITS) & ERRATA == set(exhibits.EXHIBITS) & set(homes(cells, "erratum"))


def test_claims_end_with_a_verdict(cells):
    for name, (cell, *_) in homes(cells, "claim").items():
        (verdict,) = [line for line in printed(cell).splitlines() if line.startswith("VERDICT")]
        assert verdict.rpartition(": ")[2].split(" ")[0] in ("true", "false", "it"), name
    verdicts = [printed(cell).splitlines()[-1] for (cell, *_) in homes(cells, "claim").values()]
    assert any("true" in line for line in verdicts) and any("depends" in line for line in verdicts)


def test_questions_are_asked_before_the_picture(cells):
    asked = homes(cells, "predict")
    assert len(asked) >= 3
    for name, (cell, *_) in asked.items():
        assert "ck.predict(" in cell.source, name
        assert not cell.outputs, f"{name}: the answer is given away"


def test_exercises_are_stubs_with_a_hint_and_a_folded_solution(cells):
    exercises = homes(cells, "exercise")
    assert set(exercises) >= {"momentum_step", "nesterov_step"}
    for name, (cell,) in exercises.items():
        scope = {"ck": ck}
        exec(cell.source, scope)
        assert not getattr(ck.check, name)(scope[name]).passed, "the stub passes"
        help_ = cells[cells.index(cell) + 1].source
        assert help_.count("<details>") == help_.count("</details>") == 2
        exec(help_.partition("```python")[2].partition("```")[0], scope)
        assert getattr(ck.check, name)(scope[name]).passed, "the solution does not pass"


def test_the_algorithms_are_the_installed_ones(cells):
    sources = " ".join(cell.source for cell in cells if cell.cell_type == "code")
    for name in ("Momentum", "Nesterov"):
        assert f"inspect.getsource(ck.optim.{name}.rule)" in sources
    assert sources.count("ck.draw_graph(") == 1
    for demo in ("conventions", "race", "stability"):
        assert f"ck.demos.{demo}()" in sources


def test_mathematics_is_written_so_that_every_reader_renders_it(cells):
    for cell in cells:
        if cell.cell_type != "markdown":
            continue
        assert not any(mark in cell.source for mark in (r"\(", r"\[", r"\begin{align")), cell.id
        assert cell.source.replace("$$", "").count("$") % 2 == 0, cell.id
        assert cell.source.count("$$") % 2 == 0, cell.id
