"""JupyterLab as a student sees it: the notebook runs, each control moves the picture, errors show.

JupyterLab answers widgets in another thread than cells (kernel subshells, on by default). nbval and
nbclient do not, so only these tests see what that breaks.
"""

import statistics
import time

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]

BUSY = "import time; end = time.monotonic() + {}\nwhile time.monotonic() < end: pass"


def test_the_notebook_runs_without_an_error(notebook):
    assert notebook.errors() == []


def test_lab_asks_nothing_and_covers_nothing(notebook):
    notebook.page.wait_for_timeout(500)
    assert notebook.page.locator(".jp-toastContainer, .Toastify__toast, .jp-Dialog").count() == 0


def test_the_picture_has_words(demo):
    words = demo.image.get_attribute("title") or demo.image.get_attribute("alt")
    assert "test digits are read correctly" in words


def test_the_picture_is_dark_where_the_page_is_until_somebody_chooses(demo, notebook):
    notebook.set_theme("JupyterLab Dark")
    dark = demo.settled(demo.first)
    notebook.set_theme("JupyterLab Light")
    assert demo.settled(dark) == demo.first


def test_each_slider_moves_the_picture_by_key(demo):
    assert demo.handles.count() == 6
    for i in range(demo.handles.count()):
        handle = demo.handles.nth(i)
        name, said = demo.label(handle), demo.status
        demo.press(handle)
        assert demo.settled(demo.first), name
        assert demo.status != said, name
        assert demo.setting != "training", name
        assert demo.reset() == demo.first, f"{name}: reset does not bring the first picture back"


def test_each_choice_moves_the_picture(demo):
    assert demo.menus.count() == 3
    for i in range(demo.menus.count()):
        menu, seen = demo.menus.nth(i), []
        choices = menu.locator("option").all_inner_texts()
        now = menu.evaluate("menu => menu.selectedIndex")
        for choice in choices[now + 1 :] + choices[: now + 1]:
            menu.select_option(choice)
            seen.append(demo.settled(seen[-1] if seen else demo.first))
        assert len(set(seen)) == len(choices), choices
        assert seen[-1] == demo.first


def test_a_drag_by_mouse_shows_frames_on_the_way(demo):
    demo.watch()
    demo.drag(demo.handle("step size η"), seconds=1.5)
    _, frames = demo.noted()
    assert len(frames) >= 5
    assert demo.settled(demo.first)
    assert demo.setting.startswith("training: lr=")


def test_a_preset_and_a_typed_setting(demo):
    demo.button("all weights zero").click()
    zeros = demo.settled(demo.first)
    assert "No better than guessing" in demo.status
    assert demo.setting == "training: init=zeros"
    box = demo.root.locator("input[type=text]")
    box.fill("training: width=4, lr=0.3")
    box.press("Enter")
    demo.settled(zeros)
    assert demo.setting == "training: lr=0.3, width=4"
    assert demo.handle("width").get_attribute("aria-valuetext") is not None


def test_a_guess_comes_before_the_picture(demo):
    demo.button("guess").click()
    shown, said = demo.picture(), demo.status
    demo.press(demo.handle("step size η"), "End")  # a rate at which training fails
    demo.button("rises").wait_for()
    assert demo.picture() == shown and demo.status == "Hidden until you have guessed."
    demo.button("rises").click()
    assert demo.settled(demo.first)
    assert "the validation loss at the end rises" in demo.root.locator(".ck-verdict").inner_text()
    assert demo.status not in (said, "Hidden until you have guessed.")
    demo.button("guess").click()


def test_dark_and_large(demo):
    seen = [demo.first]
    for words in ("dark", "large", "dark", "large"):
        demo.button(words).click()
        seen.append(demo.settled(seen[-1]))
    assert len(set(seen)) == 4
    assert seen[-1] == demo.first


def test_a_key_is_answered_quickly(demo, notebook):
    """Median from key to picture, in units of a fixed piece of Python in the same kernel."""
    handle = demo.handle("step size η")
    demo.press(handle)  # the first event of a slider comes by another thread
    demo.settled(demo.first)
    demo.watch()
    waits = []
    for k in range(15):
        demo.image.evaluate("() => { window.frames.length = window.keys.length = 0; }")
        demo.press(handle, "ArrowLeft" if k % 2 else "ArrowRight")
        demo.page.wait_for_function("() => window.frames.length > 0", polling=10)
        keys, frames = demo.noted()
        waits.append(frames[0] - keys[0])
        time.sleep(0.05)
    loop = "import time; t = time.perf_counter(); sum(i * i for i in range(1_200_000))"
    units = [float(notebook.execute(f"{loop}; print(time.perf_counter() - t)")) for _ in range(3)]
    assert statistics.median(waits) / 1000 < 3 * min(units) + 0.1, (waits, units)


def test_a_slider_answers_while_a_cell_computes(demo, notebook):
    handle = demo.handle("step size η")
    demo.press(handle)
    before = demo.settled(demo.first)
    notebook.execute(BUSY.format(4), wait=False)
    demo.watch()
    demo.press(handle)
    demo.page.wait_for_function("() => window.frames.length > 0", timeout=15_000)
    _, frames = demo.noted()
    ended = demo.page.evaluate("() => window.lastCode.then(() => window.lastCodeEnded)")
    assert frames[0] < ended - 1000
    assert demo.settled(before)


def test_an_error_is_shown_in_the_demo_with_a_way_back(demo, notebook):
    notebook.execute("def broken(**values): return 1 / 0\ndemo.run = broken")
    demo.press(demo.handle("step size η"))
    alert = demo.root.get_by_role("alert")
    alert.wait_for()
    assert "ZeroDivisionError: division by zero" in alert.inner_text()
    notebook.execute("del demo.run")
    demo.button("back to the defaults").click()
    alert.wait_for(state="hidden")
    assert demo.settled() == demo.first
