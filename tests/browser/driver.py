"""The course in a real browser: the server, a page of notebook, and the hands on a demo.

A person's part is done as a person does it, by keys and mouse on what is to be seen. The rest
(opening, running, reading outputs) goes through JupyterLab's own commands, because menus move from
version to version.
"""

import contextlib
import json
import os
import re
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM_FLAGS = [
    "--no-sandbox",  # containers run as root
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--force-color-profile=srgb",
    # a headless page counts as hidden, and a hidden page's timers are slowed down
    "--disable-renderer-backgrounding",
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
]


class Lab:
    """JupyterLab started by `coursekit lab`, in a folder of its own, with settings as shipped."""

    def __init__(self, folder: Path):
        self.work, self.log = folder / "work", folder / "lab.log"
        places = {name: str(folder / name.lower()) for name in (
            "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR",
        )}  # fmt: skip
        config = Path(places["JUPYTER_CONFIG_DIR"], "jupyter_lab_config.json")
        config.parent.mkdir(parents=True)
        config.write_text(json.dumps({"LabApp": {"expose_app_in_browser": True}}))
        path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
        environment = {**os.environ, **places, "PYTHONPATH": path, "no_proxy": "127.0.0.1"}
        environment.pop("COURSEKIT_SYNC", None)
        command = ["-P", "-m", "coursekit", "lab", "--no-browser", "--dir", str(self.work)]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, *command],
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # a Ctrl-C of the tests reaches them, and they end the Lab
            )
        try:
            self.address, self.token = self._wait_for_address(60)
        except BaseException:
            self.stop()
            raise

    def _wait_for_address(self, seconds):
        end = time.monotonic() + seconds
        while time.monotonic() < end and self.process.poll() is None:
            text = self.log.read_text(errors="replace")
            if found := re.search(r"(http://127\.0\.0\.1:\d+)/lab\S*token=(\w+)", text):
                return found.groups()
            time.sleep(0.1)
        raise RuntimeError(f"the Lab did not start:\n{self.log.read_text(errors='replace')}")

    def stop(self):
        """End the server and every kernel, whatever state they are in."""
        with contextlib.suppress(psutil.NoSuchProcess):
            family = psutil.Process(self.process.pid).children(recursive=True)
            with contextlib.suppress(Exception):
                request = urllib.request.Request(
                    f"{self.address}/api/shutdown?token={self.token}", method="POST"
                )
                direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
                direct.open(request, timeout=5).close()
                self.process.wait(10)
            family.append(psutil.Process(self.process.pid))
        for end in (psutil.Process.terminate, psutil.Process.kill):
            _, alive = psutil.wait_procs(family, timeout=3)
            for process in alive:
                with contextlib.suppress(psutil.NoSuchProcess):
                    end(process)
        self.process.wait(10)


# The notebook in front, or null.
PANEL = """(() => { const w = window.jupyterapp && window.jupyterapp.shell.currentWidget;
                    return w && w.content && w.sessionContext ? w : null; })()"""

# What widgets' callbacks raise or print is in no cell; it is a message whose parent is no cell.
RECORD = """() => { window.strayMessages = [];
    PANEL.sessionContext.iopubMessage.connect((_, m) => {
        const parent = m.parent_header && m.parent_header.msg_type, kind = m.header.msg_type;
        if (parent !== 'execute_request' && (kind === 'error' || kind === 'stream'))
            window.strayMessages.push(m.content.evalue || m.content.text); }); }"""

ERRORS = """() => { const found = [...window.strayMessages];
    for (const cell of PANEL.content.widgets) {
        const outputs = cell.model.outputs;
        for (let i = 0; outputs && i < outputs.length; i++) {
            const o = outputs.get(i).toJSON();
            if (o.output_type === 'error') found.push(o.ename + ': ' + o.evalue);
            if (o.name === 'stderr') found.push([o.text].flat().join(''));
        } }
    for (const e of document.querySelectorAll('.jp-OutputArea-output'))
        if (/^\\s*(Error (displaying|creating) widget|Loading widget)/.test(e.textContent))
            found.push(e.textContent.slice(0, 200));
    return found; }"""

EXECUTE = """async ([code, wait]) => { let out = '', error = null;
    const future = PANEL.sessionContext.session.kernel.requestExecute({code, store_history: false});
    future.onIOPub = m => { if (m.header.msg_type === 'stream') out += m.content.text;
        if (m.header.msg_type === 'error') error = m.content.ename + ': ' + m.content.evalue; };
    window.lastCode = future.done.then(() => { window.lastCodeEnded = performance.now(); });
    if (wait) await window.lastCode;
    return [out, error]; }"""


HARMLESS = (
    "^No such comm",  # the page asks for old widgets before the kernel has loaded ipywidgets
)


class NotebookPage:
    """A notebook in JupyterLab; `errors()` is what went wrong in it since it was last asked."""

    def __init__(self, page):
        self.page = page
        self.console, self.known = [], []
        page.on("console", lambda m: m.type == "error" and self.console.append(m.text))
        page.on("pageerror", lambda error: self.console.append(str(error)))

    def evaluate(self, script, argument=None):
        return self.page.evaluate(script.replace("PANEL", PANEL), argument)

    def open(self, lab, name, seconds=60):
        self.page.goto(f"{lab.address}/lab/tree/{name}?token={lab.token}&reset")
        self.page.wait_for_function(
            f"() => {{ const w = {PANEL}; return w && w.context.isReady && w.sessionContext.isReady"
            " && w.sessionContext.session.kernel.status === 'idle'; }",
            timeout=seconds * 1000,
        )
        self.evaluate(RECORD)

    def run_all(self):
        """As in the menu: Run, Run All Cells. Returns when the last cell is done."""
        self.evaluate("() => window.jupyterapp.commands.execute('notebook:run-all-cells')")
        self.page.wait_for_function("() => !document.body.innerText.includes('Loading widget')")

    def execute(self, code, wait=True):
        """Run code in the kernel beside the notebook; returns what it printed."""
        out, error = self.evaluate(EXECUTE, [code, wait])
        if error:
            raise RuntimeError(error)
        return out

    def set_theme(self, name):
        self.evaluate(
            "(theme) => window.jupyterapp.commands.execute('apputils:change-theme', {theme})", name
        )

    def errors(self):
        found = self.evaluate(ERRORS) + self.console
        new = [text for text in found if text not in self.known]
        self.known += new
        return [text for text in new if not any(re.search(words, text) for words in HARMLESS)]


PICTURE = """async (img) => {  // a fingerprint of the pixels, whatever object they came in
    for (let attempt = 0; ; attempt++) {
        try {
            await img.decode();
            const data = await (await fetch(img.src)).arrayBuffer();
            const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', data));
            return [[...digest].map(b => b.toString(16)).join(''), img.naturalWidth];
        } catch (error) { if (attempt > 20) throw error; }  // replaced in between
        await new Promise(done => setTimeout(done, 50));
    } }"""

WATCH = """(img) => { window.frames = []; window.keys = [];
    if (window.watching) return;
    window.watching = true;
    document.addEventListener('keydown', () => window.keys.push(performance.now()), true);
    new MutationObserver(() => window.frames.push(performance.now()))
        .observe(img, {attributeFilter: ['src']}); }"""


class DemoPage:
    """A demo on a notebook page, as it is seen and touched; `name` is its variable there."""

    def __init__(self, notebook: NotebookPage, width: int, name="demo", place=0):
        self.notebook, self.page, self.name = notebook, notebook.page, name
        self.root = self.page.locator(".ck-demo").nth(place)
        self.image = self.root.locator("img.ck-picture")
        self.handles = self.root.locator(".noUi-handle")
        self.menus = self.root.locator(".ck-controls select")
        self.fine = 1.5 * width  # pixels that only the final picture of a setting has

    def picture(self):
        return self.image.evaluate(PICTURE)

    def settled(self, other_than=None, seconds=30):
        """The fingerprint of the final picture, once it is there and another than the one given.

        A hand that pauses gets a fine picture too, so this also asks the kernel whether it is done.
        """
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            mark, pixels = self.picture()
            if mark != other_than and pixels > self.fine:
                self.page.wait_for_timeout(100)
                self.notebook.execute(f"{self.name}.wait(20)")
                if self.picture() == [mark, pixels]:
                    return mark
            time.sleep(0.05)
        raise AssertionError(f"after {seconds} s the picture is still the same or coarse")

    def rested(self, setting, seconds=30):
        """The fingerprint of the final picture of another setting than that, as it was sent last.

        The setting is written after the picture, so this does not wait for pixels that differ.
        """
        end = time.monotonic() + seconds
        while self.setting == setting:
            if time.monotonic() > end:
                raise AssertionError(f"after {seconds} s the setting is still {setting!r}")
            self.page.wait_for_timeout(30)
        return self.settled(seconds=seconds)

    @property
    def status(self):
        return self.root.locator(".ck-status").inner_text()

    @property
    def setting(self):
        return self.root.locator("input[type=text]").input_value()

    def label(self, control):
        return control.evaluate(
            "e => e.closest('.widget-inline-hbox').querySelector('.widget-label').textContent"
        )

    def handle(self, label):
        names = [self.label(self.handles.nth(i)) for i in range(self.handles.count())]
        return self.handles.nth(names.index(label))

    def press(self, handle, key="ArrowRight"):
        handle.focus()
        self.page.keyboard.press(key)

    def button(self, words):
        return self.root.get_by_role("button", name=words, exact=True)

    def reset(self):
        """The first setting, with its picture."""
        before, _ = self.picture()
        changed = self.setting != "training"
        self.button("reset").click()
        mark = self.settled(before if changed else None)
        assert self.setting == "training"
        return mark

    def drag(self, handle, seconds):
        """To the left end of the track and to the right with the mouse, then let go."""
        handle.scroll_into_view_if_needed()
        at = handle.bounding_box()
        track = handle.evaluate(
            "h => { const r = h.closest('.noUi-target').getBoundingClientRect();"
            " return [r.left, r.width]; }"
        )
        y, mouse, moves = at["y"] + at["height"] / 2, self.page.mouse, int(20 * seconds)
        mouse.move(at["x"] + at["width"] / 2, y)
        mouse.down()
        for k in range(moves):
            mouse.move(track[0] + track[1] * (0.1 + 0.7 * k / moves), y)
            time.sleep(seconds / moves)
        mouse.up()

    def watch(self):
        """Begin to note the times of key presses and new pictures, in ms."""
        self.image.evaluate(WATCH)

    def noted(self):
        return self.page.evaluate("() => [window.keys, window.frames]")
