"""Pictures of the demos as files.

python -m coursekit.demos.pictures docs                    all of them, in docs/gallery.png
python -m coursekit.demos.pictures docs training race      one each, at the defaults
"""

import io
import sys
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from .. import demos
from ..viz import theme
from ..viz.artists import CSS

# What each demo shows in the gallery; one that is not listed shows its first preset.
TELLING = {
    "activation_bench": "a dead ReLU",
    "adaptive": "the scale drops",
    "anatomy": "no correction",
    "conventions": "drop the rate",
    "delay": "ten steps late, too far",
    "early_stopping": "it memorizes",
    "gd_vs_sgd": "by epochs",
    "gradient_cloud": "sum: lr × B",
    "inertia": "over the bump",
    "race": "tuned fairly",
    "signal": "ReLU, Xavier: dies",
    "stability": "best for κ = 100",
    "training": "tiny batch",
}
COLUMNS, TILE, GAP, HEAD = 2, (450, 246), 22, 30  # the last three in CSS pixels
SCALE, COLORS = 2, 200  # real pixels to a CSS pixel; colours of the whole picture


def write(folder: str | Path, names: list[str], **look: str | bool) -> list[Path]:
    """Write each demo's picture at its defaults to <folder>/<name>.png; returns the paths.

    `look` is the theme: theme="dark", projector=True.

    >>> import tempfile
    >>> [path.name for path in write(tempfile.mkdtemp(), ["training"], theme="dark")]
    ['training.png']
    """
    return [_save(folder, name, getattr(demos, name)(**look).image()) for name in names]


def gallery(names: tuple[str, ...] = demos.DEMOS) -> tuple[bytes, str]:
    """All demos, each at a telling preset, in one picture as wide as a README; and its words.

    The type is that of the projector, so that it can be read at half the size.
    """
    look, (wide, high) = theme("light"), TILE
    across, down = wide + GAP, HEAD + high + GAP
    size = COLUMNS * across + GAP, -(-len(names) // COLUMNS) * down + GAP
    figure = Figure(figsize=(size[0] / CSS, size[1] / CSS), dpi=SCALE * CSS, facecolor=look.paper)
    tiles, words = [], []
    for k, name in enumerate(names):
        demo = getattr(demos, name)(theme="light", projector=True)
        preset = demo.presets[telling(name)]
        tile = Image.open(io.BytesIO(demo.image(**preset)))
        tile.thumbnail((SCALE * wide, SCALE * high), Image.Resampling.LANCZOS)
        left, top = GAP + k % COLUMNS * across, GAP + k // COLUMNS * down
        tiles.append((tile, (SCALE * left, SCALE * (top + HEAD))))
        y = 1 - (top + HEAD / 2) / size[1]
        line: dict[str, Any] = {"y": y, "va": "center", "fontsize": look.sizes.title}
        bold: dict[str, Any] = {"family": "monospace", "weight": "bold", "color": look.ink}
        figure.text(left / size[0], s=f"ck.demos.{name}()", **line, **bold)
        right = (left + wide) / size[0]
        figure.text(right, s=telling(name), color=look.quiet, ha="right", **line)
        words.append(f"{name}, {telling(name)}")
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    sheet = Image.fromarray(np.array(canvas.buffer_rgba())).convert("RGB")
    for tile, place in tiles:
        sheet.paste(tile, place)
    out = io.BytesIO()
    few = sheet.quantize(COLORS, dither=Image.Dither.NONE)  # a third of the bytes
    few.save(out, "PNG", optimize=True)
    return out.getvalue(), f"{len(names)} demos: {'; '.join(words)}"


def telling(name: str) -> str:
    """The preset that a demo shows in the gallery."""
    return TELLING.get(name) or next(iter(getattr(demos, name)().presets))


def _save(folder: str | Path, name: str, png: bytes) -> Path:
    path = Path(folder) / f"{name}.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(png)
    return path


def main(folder: str, *names: str) -> None:
    """What the command line asks for; the words of each picture are printed."""
    if not names:
        png, words = gallery()
        print(f"{_save(folder, 'gallery', png)}: {words}")
    for path in write(folder, list(names)):
        print(f"{path}: {getattr(demos, path.stem)().alt()}")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit("usage: python -m coursekit.demos.pictures FOLDER [DEMO ...]")
    main(*sys.argv[1:])
