"""One Lab, one browser and one open notebook for all tests of this folder; all are ended."""

import os

import pytest

from course import find_chromium
from coursekit.demos.training import Training
from tests.browser.driver import CHROMIUM_FLAGS, DemoPage, Lab, NotebookPage


@pytest.fixture(scope="session")
def chromium():
    found = find_chromium()
    if found is None:
        words = "no Chromium or Chrome found; install one, or set COURSEKIT_CHROMIUM to it"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(words)
    return found


@pytest.fixture(scope="session")
def lab(chromium, tmp_path_factory):
    lab = Lab(tmp_path_factory.mktemp("lab"))
    yield lab
    lab.stop()


@pytest.fixture(scope="session")
def page(chromium):
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_FLAGS)
        page = browser.new_page(viewport={"width": 1400, "height": 1000})
        page.set_default_timeout(20_000)
        yield page
        browser.close()


@pytest.fixture(scope="session")
def notebook(lab, page):
    """The first notebook, with all its cells run."""
    notebook = NotebookPage(page)
    notebook.open(lab, "00_start_here.ipynb")
    notebook.run_all()
    return notebook


@pytest.fixture
def demo(notebook):
    """The training demo at its first setting; the test must leave no error behind."""
    demo = DemoPage(notebook, Training.size[0])
    demo.image.scroll_into_view_if_needed()
    demo.first = demo.reset()
    yield demo
    assert notebook.errors() == []
