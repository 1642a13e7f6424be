"""The chapters in JupyterLab: all cells run, and every slider of every demo moves its picture."""

import pytest

from coursekit import demos
from tests.browser.driver import DemoPage, NotebookPage

pytestmark = [pytest.mark.browser, pytest.mark.slow]

CHAPTERS = {  # demos, top to bottom
    "02_activations.ipynb": ("activation_bench",),
    "03_losses.ipynb": ("activation_bench",),
    "06_sgd_vs_gd.ipynb": ("gradient_cloud", "gd_vs_sgd"),
    "08_momentum.ipynb": ("stability", "conventions", "race"),
    "09_adaptive_methods.ipynb": ("anatomy", "adaptive", "race"),
    "11_initialization.ipynb": ("signal",),
    "12_early_stopping.ipynb": ("early_stopping",),
}
SAME = {"add to all"}  # that softmax does not care is the point: only the words change


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_chapter_runs_and_every_slider_moves_its_picture(chapter, lab, page):
    notebook = NotebookPage(page.context.browser.new_page(viewport={"width": 1400, "height": 1000}))
    notebook.page.set_default_timeout(30_000)
    notebook.open(lab, chapter)
    notebook.run_all()
    assert notebook.errors() == []
    for place, name in enumerate(CHAPTERS[chapter]):
        width = getattr(demos, name)().size[0]
        _every_slider(DemoPage(notebook, width, name, place), name)
        assert notebook.errors() == []
    notebook.page.close()


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
