"""The course as pages to read without a kernel: `python -m coursekit.pages OUTDIR`.

Each notebook is run and becomes one HTML file. A demo stands there as the picture of its first
setting and some of its presets, with the words for those who do not see them; formulas are typeset
by MathJax from the web.
"""

import argparse
import base64
import html
import os
import re
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbconvert import HTMLExporter

from . import demos
from .student_folder import shipped_notebooks

PRESETS = 4  # of a demo, besides the setting it is opened with
WIDGET = "application/vnd.jupyter.widget-view+json"
INDEX = """<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>coursekit</title>
<style>body {{ font: 18px/1.6 sans-serif; max-width: 40em; margin: 3em auto }}</style>
</head>
<body><h1>coursekit</h1>
<p>These pages are for reading. In JupyterLab every picture of a demo has sliders.</p>
<ul>
{items}
</ul></body></html>
"""


def main(argv: list[str] | None = None) -> int:
    """Write the pages and an index of them; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m coursekit.pages", description=__doc__)
    parser.add_argument("folder", type=Path, metavar="OUTDIR")
    parser.add_argument("notebooks", type=Path, nargs="*", help="default: the whole course")
    arguments = parser.parse_args(argv)
    arguments.folder.mkdir(parents=True, exist_ok=True)
    items = []
    for path in arguments.notebooks or shipped_notebooks():
        notebook = nbformat.read(path, as_version=4)
        place = arguments.folder / f"{path.stem}.html"
        place.write_text(page(notebook, path), encoding="utf-8")
        items.append(f'<li><a href="{place.name}">{html.escape(title(notebook, path))}</a></li>')
        print(place, flush=True)
    index = INDEX.format(items="\n".join(items))
    (arguments.folder / "index.html").write_text(index, encoding="utf-8")
    return 0


def page(notebook: nbformat.NotebookNode, path: Path) -> str:
    """The notebook, run in the folder of `path`, as one HTML file; a failing cell raises."""
    os.environ.setdefault("JUPYTER_PREFER_ENV_PATH", "1")  # the kernel of this environment
    client = NotebookClient(
        notebook,
        timeout=60,
        kernel_name="python3",
        store_widget_state=False,
        resources={"metadata": {"path": str(path.absolute().parent)}},
    )
    client.execute()
    return as_html(notebook, path)


def as_html(notebook: nbformat.NotebookNode, path: Path) -> str:
    """A notebook that has been run as one HTML file."""
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            _make_still(output)
    about = {"metadata": {"name": title(notebook, path)}}
    body, _ = HTMLExporter().from_notebook_node(notebook, resources=about)
    return body


def title(notebook: nbformat.NotebookNode, path: Path) -> str:
    """The first heading of the notebook, or its file name."""
    for cell in notebook.cells:
        for line in cell.source.splitlines():
            if cell.cell_type == "markdown" and line.startswith("# "):
                return line.removeprefix("# ").strip()
    return path.stem


def _make_still(output: nbformat.NotebookNode) -> None:
    """Put a picture with its words where an output has widgets, or a picture without words."""
    data = output.get("data", {})
    live = data.pop(WIDGET, None)
    if "image/png" not in data:
        return
    about = output.metadata.get("image/png", {})
    alt = html.escape(about.get("alt") or data.get("text/plain", ""), quote=True)
    width = f' width="{about["width"]}"' if "width" in about else ""
    picture = _image(data["image/png"].replace("\n", ""), alt, width)
    opened = re.fullmatch(r"<demo (.+)>", data.get("text/plain", ""))
    output["data"] = {"text/html": picture + (_presets(opened[1]) if live and opened else "")}


def _image(source: str, alt: str, width: str = "") -> str:
    look = "max-width: 100%; height: auto"
    return f'<img alt="{alt}"{width} style="{look}" src="data:image/png;base64,{source}">'


def _presets(state: str) -> str:
    """What the first presets of a demo show that fit the setting it was opened with."""
    demo = getattr(demos, state.partition(":")[0])(state, density=1, theme="light")
    complete = {name: demo.complete(values) for name, values in demo.presets.items()}
    here = demo.section(demo.values)
    fit = [n for n, v in complete.items() if demo.section(v) == here and v != demo.values]
    figures = []
    for name in fit[:PRESETS]:
        result = demo.compute(**complete[name])
        png = base64.b64encode(demo._picture(result)).decode()
        words, status = (html.escape(f(result)) for f in (demo.describe, demo.status))
        figures.append(
            f'<figure style="margin: 0">{_image(png, words)}'
            f"<figcaption><b>{html.escape(name)}.</b> {status}</figcaption></figure>"
        )
    grid = "display: grid; grid-template-columns: 1fr 1fr; gap: 16px; margin-top: 16px"
    return f'<div style="{grid}">{"".join(figures)}</div>' if figures else ""


if __name__ == "__main__":
    raise SystemExit(main())
