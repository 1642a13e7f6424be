"""For authors: run notebooks and leave in them only what belongs there.

    python -m tests.notebooks.tidy notebooks/*.ipynb

Every cell is run. Kept are the text that cells with the tag `nbval-check-output` print, for later
runs to be compared with; the tags, which say what course material a cell is home to; and which
sources are folded away. Pictures, all other outputs, execution counts and other metadata are
removed. (A checked cell keeps the count 1, since nbval takes a cell without a count for one that
never ran.)
"""

import argparse
from pathlib import Path

import nbformat
from nbclient import NotebookClient

CHECKED = "nbval-check-output"
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def is_checked(cell):
    """Whether the output of this cell is stored and compared."""
    return cell.cell_type == "code" and CHECKED in cell.metadata.get("tags", ())


def run(notebook, folder, **hooks):
    """Run all cells as on a student's computer, without a front end; a failing cell raises."""
    client = NotebookClient(
        notebook,
        timeout=60,
        kernel_name="python3",
        store_widget_state=False,
        record_timing=False,
        resources={"metadata": {"path": str(folder)}},
        **hooks,
    )
    client.execute()


def tidy(notebook):
    """Remove from a notebook that was run what is not to be stored."""
    notebook.metadata = nbformat.from_dict(METADATA)
    for cell in notebook.cells:
        cell.metadata = nbformat.from_dict(kept_metadata(cell))
        if cell.cell_type == "code":
            cell.execution_count = 1 if is_checked(cell) else None
            kept = [o for o in cell.outputs if is_checked(cell) and is_text(o)]
            cell.outputs = joined(kept)
            for output in cell.outputs:
                if "execution_count" in output:
                    output.execution_count = None


def kept_metadata(cell):
    """Of a cell's metadata its tags, and whether its source is folded away."""
    kept = {}
    if cell.metadata.get("jupyter", {}).get("source_hidden"):
        kept["jupyter"] = {"source_hidden": True}
    if cell.metadata.get("tags"):
        kept["tags"] = list(cell.metadata.tags)
    return kept


def joined(outputs):
    """The same outputs, with what was printed in pieces printed as one."""
    found = []
    for output in outputs:
        if found and found[-1].output_type == output.output_type == "stream":
            found[-1].text += output.text
        else:
            found.append(output)
    return found


def is_text(output):
    """Whether an output is nothing but text: printed, or the value of the last line."""
    if output.output_type == "stream":
        return output.name == "stdout"
    return output.output_type == "execute_result" and set(output.data) == {"text/plain"}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("notebooks", type=Path, nargs="+")
    for path in parser.parse_args().notebooks:
        notebook = nbformat.read(path, as_version=4)
        run(notebook, path.absolute().parent)
        tidy(notebook)
        nbformat.validate(notebook)
        nbformat.write(notebook, path)
        print(path)


if __name__ == "__main__":
    main()
