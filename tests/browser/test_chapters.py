"""In JupyterLab: a chapter runs whole, and every slider of every demo moves its picture.

All cells of all chapters are run elsewhere, without a browser. Here one chapter with six demos
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
    assert empty_page.page.locator(".ck-demo").count() == 6
    assert empty_page.page.locator(".ck-error").count() == 0


@pytest.mark.parametrize("name", [name for name in demos.DEMOS if name != "training"])
def test_every_slider_of_every_view_moves_its_picture(name, lab, empty_page):
    code = f"import coursekit as ck\n\ndemo = ck.demos.{name}()"
    cells = [nbformat.v4.new_code_cell(code)]
    notebook = nbformat.v4.new_notebook(cells=cells, metadata=METADATA)
    nbformat.write(notebook, lab.work / f"demo_{name}.ipynb")
    empty_page.open(lab, f"demo_{name}.ipynb")
    empty_page.run_all()
    here = getattr(demos, name)()
    demo = DemoPage(empty_page, here.size[0])
    demo.image.scroll_into_view_if_needed()
    moved = _sliders(demo, name, set())
    for view in list(getattr(here, "kinds", ()))[1:]:
        setting = demo.setting
        demo.menus.nth(0).select_option(view)
        demo.rested(setting)
        moved |= _sliders(demo, f"{name}, {view}", moved)
    assert len(moved) >= 3
    assert empty_page.errors() == []


def _sliders(demo, name, known):
    """Move each slider that is there and not known; returns their labels."""
    moved, before = set(), demo.settled()
    for i in range(demo.handles.count()):
        handle = demo.handles.nth(i)
        if not handle.is_visible() or handle.get_attribute("aria-disabled") == "true":
            continue
        label = demo.label(handle)
        if label in known:
            continue
        said, setting = demo.status, demo.setting
        value = handle.get_attribute("aria-valuetext")
        demo.press(handle, "ArrowLeft")
        demo.page.wait_for_timeout(100)
        if handle.get_attribute("aria-valuetext") == value:  # it was at its left end
            demo.press(handle, "ArrowRight")
        seen = demo.rested(setting)
        if seen == before or label in SAME:  # a step may be too small to see; the far end is not
            near = demo.setting
            demo.press(handle, "End")
            seen = demo.rested(near)
        if label in SAME:
            assert demo.status != said, f"{name}: {label}"
        else:
            assert seen != before, f"{name}: {label} does not move the picture"
        moved.add(label)
        before = seen
    return moved
