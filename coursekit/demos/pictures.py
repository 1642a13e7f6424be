"""The pictures of the demos as files: `python -m coursekit.demos.pictures docs training race`."""

import sys
from pathlib import Path

from .. import demos


def write(folder: str | Path, names: list[str], **look: str | bool) -> list[Path]:
    """Write each demo's picture at its defaults to <folder>/<name>.png; returns the paths.

    `look` is the theme: theme="dark", projector=True.

    >>> import tempfile
    >>> [path.name for path in write(tempfile.mkdtemp(), ["training"], theme="dark")]
    ['training.png']
    """
    paths = []
    for name in names:
        demo = getattr(demos, name)(**look)
        path = Path(folder) / f"{name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(demo.image())
        paths.append(path)
    return paths


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit("usage: python -m coursekit.demos.pictures FOLDER DEMO [DEMO ...]")
    for written in write(sys.argv[1], sys.argv[2:]):
        print(f"{written}: {getattr(demos, written.stem)().alt()}")
