"""In JupyterLab: a chapter runs whole, and every slider of every demo moves its picture.

All cells of all chapters are run elsewhere, without a browser. Here one chapter with three demos
stands for them, and each demo gets a page of its own.
"""

import nbformat
import pytest

from coursekit import demos
from tests.browser.driver import DemoPage, NotebookPage
from tests.notebooks.tidy import METADATA

pytestmark = [pytest.mark.browser, pytest.mark.slow]

CHAPTER = "09_adaptive_methods.ipynb"
SAME = {"add to all"}  # that softmax does not care is the point: only the words change


@pytest.fixture(scope="module")
def empty_page(page):
    """A second page, for the notebooks of this file."""
    fresh = page.context.browser.new_page(viewport={"width": 1400, "height": 1000})
    fresh.set_default_timeout(30_000)
    yield NotebookPage(fresh)
    fresh.close()


def test_a_chapter_runs_and_shows_its_demos(lab, empty_page):
    empty_page.open(lab, CHAPTER)
    empty_page.run_all()
    assert empty_page.errors() == []
    assert empty_page.page.locator(".ck-demo").count() == 3
    assert empty_page.page.locator(".ck-error").count() == 0


@pytest.mark.parametrize("name", [name for name in demos.DEMOS if name != "training"])
def test_every_slider_of_a_demo_moves_its_picture(name, lab, empty_page):
    code = f"import coursekit as ck\n\ndemo = ck.demos.{name}()"
    cells = [nbformat.v4.new_code_cell(code)]
    notebook = nbformat.v4.new_notebook(cells=cells, metadata=METADATA)
    nbformat.write(notebook, lab.work / f"demo_{name}.ipynb")
    empty_page.open(lab, f"demo_{name}.ipynb")
    empty_page.run_all()
    _every_slider(DemoPage(empty_page, getattr(demos, name)().size[0]), name)
    assert empty_page.errors() == []


def _every_slider(demo, name):
    demo.image.scroll_into_view_if_needed()
    moved = []
    for i in range(demo.handles.count()):
        handle = demo.handles.nth(i)
        if not handle.is_visible() or handle.get_attribute("aria-disabled") == "true":
            continue
        before = demo.settled()
        value = handle.get_attribute("aria-valuetext")
        moved.append(demo.label(handle))
        if moved[-1] in SAME:
            said, setting = demo.status, demo.setting
            demo.press(handle, "End")
            for _ in range(300):
                if demo.status != said and demo.setting != setting:
                    break
                demo.page.wait_for_timeout(100)
            assert demo.status != said and demo.setting != setting, f"{name}: {moved[-1]}"
            continue
        demo.press(handle, "ArrowLeft")
        demo.page.wait_for_timeout(200)
        if handle.get_attribute("aria-valuetext") == value:  # it was at its left end
            demo.press(handle, "ArrowRight")
        try:
            if not _seen(demo, before):  # a step may be too small to see; the far end is not
                demo.press(handle, "End")
                demo.settled(before)
        except AssertionError as error:
            pytest.fail(f"{name}: {moved[-1]}: {error}")
    assert len(moved) >= 3, moved


def _seen(demo, before):
    try:
        return demo.settled(before, seconds=8)
    except AssertionError:
        return ""
