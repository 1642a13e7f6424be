"""The page for instructors is true: its demos and presets exist, its quotations are said."""

import re
from pathlib import Path

import pytest

from coursekit import demos
from tests.notebooks.syllabus import CHAPTERS

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs" / "instructors.md").read_text(encoding="utf-8")
LIVE = PAGE.partition("## Two minutes each")[2].partition("\n## ")[0]


def items():
    """(demo, what is said of it) for every item of the page."""
    for item in re.findall(r"^- (.+?)(?=\n- |\n\n|\Z)", LIVE, re.MULTILINE | re.DOTALL):
        name, _, rest = " ".join(item.split()).partition(": ")
        yield name.strip("`"), rest


def presets(name, said):
    known = list(getattr(demos, name)().presets)
    return [words for words in re.findall(r"\*([^*]+)\*", said) if words in known]


def test_every_chapter_has_its_two_minutes():
    assert re.findall(r"^### `(\w+)`", LIVE, re.MULTILINE) == ["00_start_here", *CHAPTERS]


def test_every_demo_is_shown():
    assert {name for name, _ in items()} == set(demos.DEMOS)


@pytest.mark.parametrize(("name", "said"), list(items()))
def test_presets_exist_and_demos_say_what_they_are_quoted_with(name, said):
    opened = re.match(r"\*([^*]+)\*", said)
    assert opened and opened[1] in presets(name, said)
    demo = getattr(demos, name)()
    there = {word for p in demo.params for word in (p.name, p.label, *map(str, p.choices))}
    for words in re.findall(r"\*([^*]+)\*", said):
        assert words in presets(name, said) or words in there, f"{name} has no {words!r}"
    for quoted in re.findall(r'says "([^"]+)"', said):
        lines = (demo.status(demo.compute(**demo.presets[p])) for p in presets(name, said))
        assert any(quoted in line for line in lines), quoted


def test_files_and_commands_of_the_page_exist():
    assert "`python3 course.py lab`" in PAGE and (ROOT / "course.py").exists()
    for module in re.findall(r"python -m coursekit\.(\w+)", PAGE):
        assert (ROOT / "coursekit" / f"{module}.py").exists()


def test_buttons_have_the_names_the_page_uses():
    files = sorted((ROOT / "coursekit" / "demos").glob("*.py"))
    panel = "".join(file.read_text(encoding="utf-8") for file in files)
    for words in ("large", "dark", "reset", "guess", "setting", "back to the defaults", "play"):
        assert f'"{words}"' in panel and f"*{words}*" in PAGE
    assert "This setting failed." in panel
