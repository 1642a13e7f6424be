"""Laying the notebooks out in the student's folder: nothing the student wrote is ever lost."""

import json
import os

import pytest

from coursekit import student_folder
from coursekit.student_folder import RECORD, lay_out, shipped_notebooks


def ship(folder, **texts):
    """A version of the course: notebooks with the given texts."""
    folder.mkdir()
    for name, text in texts.items():
        (folder / f"{name}.ipynb").write_text(text)
    return sorted(folder.glob("*.ipynb"))


@pytest.fixture
def old(tmp_path):
    return ship(tmp_path / "v1", a="a one", b="b one", c="c same")


@pytest.fixture
def new(tmp_path):
    return ship(tmp_path / "v2", a="a two", b="b two", c="c same", d="d two")


@pytest.fixture
def home(tmp_path):
    return tmp_path / "my course" / "work"


def contents(folder):
    return {path.name: path.read_text() for path in folder.glob("*.ipynb")}


def test_fresh_copy_is_exact_and_a_second_run_changes_nothing(home, old):
    report = lay_out(home, old, "1")
    assert report.added == ["a.ipynb", "b.ipynb", "c.ipynb"]
    assert contents(home) == {path.name: path.read_text() for path in old}
    before = {path.name: path.stat().st_mtime_ns for path in home.iterdir()}
    assert lay_out(home, old, "1") == ([], [], [])
    assert {path.name: path.stat().st_mtime_ns for path in home.iterdir()} == before


def test_untouched_is_refreshed_and_changed_is_kept_with_the_new_version_beside_it(home, old, new):
    lay_out(home, old, "1")
    (home / "b.ipynb").write_text("b mine")
    report = lay_out(home, new, "2")
    assert report == (["d.ipynb"], ["a.ipynb"], [("b.ipynb", "b.new-2.ipynb")])
    assert contents(home) == {
        "a.ipynb": "a two",
        "b.ipynb": "b mine",
        "b.new-2.ipynb": "b two",
        "c.ipynb": "c same",
        "d.ipynb": "d two",
    }
    assert report.lines() == [
        "added: d.ipynb",
        "refreshed: a.ipynb",
        "b.ipynb: you changed it; the new version is b.new-2.ipynb",
    ]


def test_the_new_version_is_offered_once(home, old, new):
    lay_out(home, old, "1")
    (home / "b.ipynb").write_text("b mine")
    lay_out(home, new, "2")
    (home / "b.new-2.ipynb").unlink()
    assert lay_out(home, new, "2") == ([], [], [])
    assert (home / "b.ipynb").read_text() == "b mine"


def test_a_changed_notebook_is_kept_while_the_course_stays_the_same(home, old):
    lay_out(home, old, "1")
    (home / "a.ipynb").write_text("a mine")
    assert lay_out(home, old, "1") == ([], [], [])
    assert (home / "a.ipynb").read_text() == "a mine"


def test_a_changed_offer_is_not_overwritten(home, old, new, tmp_path):
    lay_out(home, old, "1")
    (home / "a.ipynb").write_text("a mine")
    lay_out(home, new, "2")
    (home / "a.new-2.ipynb").write_text("a two and mine")
    later = ship(tmp_path / "still v2", a="a two, mended")
    assert lay_out(home, later, "2").kept == [("a.ipynb", "a.new-2-2.ipynb")]
    assert (home / "a.new-2.ipynb").read_text() == "a two and mine"
    assert (home / "a.new-2-2.ipynb").read_text() == "a two, mended"


def test_a_deleted_notebook_comes_back(home, old):
    lay_out(home, old, "1")
    (home / "a.ipynb").unlink()
    assert lay_out(home, old, "1").added == ["a.ipynb"]


@pytest.mark.parametrize("record", ["", "{", "[]", None])
def test_without_a_readable_record_every_differing_notebook_counts_as_changed(
    home, old, new, record
):
    lay_out(home, old, "1")
    if record is None:
        (home / RECORD).unlink()
    else:
        (home / RECORD).write_text(record)
    report = lay_out(home, new, "2")
    assert [name for name, _ in report.kept] == ["a.ipynb", "b.ipynb"]
    assert (home / "a.ipynb").read_text() == "a one"


class Interrupted(Exception):
    pass


def test_an_interruption_at_any_write_loses_nothing(tmp_path, old, new, monkeypatch):
    """Stop the update after n moves, with the next file half written; then run it again."""
    replace, moves = os.replace, 0
    while True:
        home = tmp_path / f"home {moves}"
        lay_out(home, old, "1")
        (home / "b.ipynb").write_text("b mine")
        left = moves

        def failing(part, target):
            nonlocal left
            if left == 0:
                part.write_bytes(part.read_bytes()[:2])
                raise Interrupted
            left -= 1
            replace(part, target)

        monkeypatch.setattr(student_folder.os, "replace", failing)
        try:
            lay_out(home, new, "2")
            finished = True
        except Interrupted:
            finished = False
        monkeypatch.setattr(student_folder.os, "replace", replace)
        halfway = contents(home)
        assert halfway["b.ipynb"] == "b mine"
        assert halfway["a.ipynb"] in ("a one", "a two")
        json.loads((home / RECORD).read_text())
        lay_out(home, new, "2")
        assert contents(home) == {
            "a.ipynb": "a two",
            "b.ipynb": "b mine",
            "b.new-2.ipynb": "b two",
            "c.ipynb": "c same",
            "d.ipynb": "d two",
        }
        assert not list(home.glob(".*.part"))
        if finished:
            break
        moves += 1
    assert moves == 6  # a, b's offer and d, each followed by the record


def test_the_source_tree_ships_its_notebooks_in_order():
    names = [path.name for path in shipped_notebooks()]
    assert names == sorted(names) and names[0] == "00_start_here.ipynb"
