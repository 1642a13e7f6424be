"""Pages to read without a kernel: a demo is a picture with words."""

import base64
import html
from html.parser import HTMLParser

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from coursekit import demos, pages

pytestmark = pytest.mark.notebooks


class Images(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.found = []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        if tag == "img":
            self.found.append(dict(attributes))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The pages of a notebook with a demo and a formula."""
    folder = tmp_path_factory.mktemp("pages")
    cells = [
        new_markdown_cell("# Reading < writing\n\n$\\theta$"),
        new_code_cell("import coursekit as ck\n\nck.demos.training(epochs=1)"),
    ]
    source = folder / "source" / "01_small.ipynb"
    source.parent.mkdir()
    nbformat.write(new_notebook(cells=cells), source)
    assert pages.main([str(folder / "out"), str(source)]) == 0
    return folder / "out"


def test_a_demo_is_a_picture_with_words(folder):
    page = (folder / "01_small.html").read_text(encoding="utf-8")
    images = Images(page).found
    for image in images:
        head, _, data = image["src"].partition(",")
        assert head == "data:image/png;base64"
        assert base64.b64decode(data).startswith(b"\x89PNG")
        assert "test digits are read correctly" in image["alt"]
    assert "VBox(" not in page and "widget-view" not in page


def test_some_presets_are_shown_with_their_names_and_numbers(folder):
    page = (folder / "01_small.html").read_text(encoding="utf-8")
    images = Images(page).found
    demo = demos.training(epochs=1)
    shown = list(demo.presets)[: pages.PRESETS]
    assert len({image["src"] for image in images}) == len(images) == 1 + len(shown)
    for name, image in zip(shown, images[1:], strict=True):
        result = demo.compute(**demo.presets[name])
        assert f"<b>{html.escape(name)}.</b> {html.escape(demo.status(result))}" in page
        assert image["alt"] == demo.describe(result)


def test_the_index_leads_to_the_page(folder):
    index = (folder / "index.html").read_text(encoding="utf-8")
    assert '<a href="01_small.html">Reading &lt; writing</a>' in index
    assert "$\\theta$" in (folder / "01_small.html").read_text(encoding="utf-8")


def test_a_failing_cell_stops_the_page(tmp_path):
    source = tmp_path / "01_wrong.ipynb"
    nbformat.write(new_notebook(cells=[new_code_cell("1 / 0")]), source)
    with pytest.raises(Exception, match="ZeroDivisionError"):
        pages.main([str(tmp_path / "out"), str(source)])
