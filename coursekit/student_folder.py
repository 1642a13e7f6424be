"""The student's folder: notebooks are laid out once, and what the student changed stays.

A small record, `.coursekit.json`, keeps the digest of every notebook as it was shipped. Each file
is written beside its place and then moved there in one step, so an interrupted run loses nothing.
"""

import hashlib
import json
import os
from pathlib import Path
from typing import NamedTuple

RECORD = ".coursekit.json"


class Report(NamedTuple):
    """What `lay_out` did: names of notebooks, for `kept` as pairs (name, new version beside it)."""

    added: list[str]
    refreshed: list[str]
    kept: list[tuple[str, str]]

    def lines(self) -> list[str]:
        """The report in plain words, one line for each thing that happened."""
        lines = [f"{name}: you changed it; the new version is {new}" for name, new in self.kept]
        if self.refreshed:
            lines.insert(0, f"refreshed: {', '.join(self.refreshed)}")
        if self.added:
            lines.insert(0, f"added: {', '.join(self.added)}")
        return lines


def shipped_notebooks() -> list[Path]:
    """The course's notebooks in order: from the wheel, or beside the package in a source tree."""
    package = Path(__file__).resolve().parent
    for folder in (package / "notebooks", package.parent / "notebooks"):
        if found := sorted(folder.glob("*.ipynb")):
            return found
    raise FileNotFoundError(f"this installation of coursekit has no notebooks in {package}")


def lay_out(folder: Path, notebooks: list[Path], version: str) -> Report:
    """Bring `folder` to `version` of the notebooks without overwriting a changed one.

    A missing notebook is added and an untouched one refreshed. Beside a changed one its new
    version is laid, once, as `name.new-version.ipynb`. Raises OSError when the folder cannot be
    written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    shipped = _read_record(folder)
    report = Report([], [], [])
    for notebook in notebooks:
        name, new = notebook.name, notebook.read_bytes()
        current = _digest_of(folder / name)
        if current is None:
            _write(folder / name, new)
            report.added.append(name)
        elif current == _digest(new):
            pass
        elif current == shipped.get(name):
            _write(folder / name, new)
            report.refreshed.append(name)
        elif shipped.get(name) != _digest(new):
            beside = _free_place(folder, f"{notebook.stem}.new-{version}", new)
            _write(beside, new)
            report.kept.append((name, beside.name))
        if shipped.get(name) != _digest(new):
            # after the file and file by file: a record ahead of its file would call it changed
            shipped[name] = _digest(new)
            _write(folder / RECORD, json.dumps(shipped, indent=1).encode())
    return report


def _write(path: Path, content: bytes) -> None:
    """All of the content or none of it; a part left by an interrupted run is used again."""
    part = path.with_name(f".{path.name}.part")
    part.write_bytes(content)
    os.replace(part, path)


def _free_place(folder: Path, stem: str, content: bytes) -> Path:
    """`stem.ipynb`, or `stem-2.ipynb` ... where the student's own work already stands."""
    place, count = folder / f"{stem}.ipynb", 1
    while _digest_of(place) not in (None, _digest(content)):
        count += 1
        place = folder / f"{stem}-{count}.ipynb"
    return place


def _read_record(folder: Path) -> dict[str, str]:
    """Digests by name; if damaged, every differing file counts as changed."""
    try:
        record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
        return record if isinstance(record, dict) else {}
    except (FileNotFoundError, ValueError):
        return {}


def _digest_of(path: Path) -> str | None:
    return _digest(path.read_bytes()) if path.exists() else None


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
