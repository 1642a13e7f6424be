"""The course as pages to read without a kernel: `python -m coursekit.pages OUTDIR`.

Each notebook is run and becomes one HTML file. A demo stands there as the picture of its first
setting, with the words for those who do not see it; formulas are typeset by MathJax from the web.
"""

import argparse
import html
import os
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbconvert import HTMLExporter

from .student_folder import shipped_notebooks

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
    data.pop(WIDGET, None)
    if "image/png" not in data:
        return
    about = output.metadata.get("image/png", {})
    alt = html.escape(about.get("alt") or data.get("text/plain", ""), quote=True)
    width = f' width="{about["width"]}"' if "width" in about else ""
    source = data["image/png"].replace("\n", "")
    output["data"] = {
        "text/html": f'<img alt="{alt}"{width} style="max-width: 100%; height: auto" '
        f'src="data:image/png;base64,{source}">'
    }


if __name__ == "__main__":
    raise SystemExit(main())
