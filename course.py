"""Set up the course in a private environment beside this file, and run it.

    python3 course.py lab       open the course in JupyterLab
    python3 course.py test      run every check

Standard library only. The file parses on an old Python too, so that it can say there what it needs.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

OLDEST = (3, 11)
ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv-course"
READY = VENV / "course-ready.json"  # written last: its absence means an unfinished set-up

HELP = """usage: python3 course.py lab [--no-browser] [--port PORT] [--dir FOLDER]
       python3 course.py test [arguments for pytest]

lab   opens the course in JupyterLab
test  runs every check: style, types, unit tests, notebooks, a real browser

Both first make a private environment in .venv-course (once, one to five minutes).
Delete that folder to start afresh."""


class SetupError(Exception):
    """A step of the set-up failed; the message holds the cause and the mend."""


def main(argv):
    if sys.version_info[:2] < OLDEST:
        print(too_old())
        return 1
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")  # where a console lacks a letter: a question mark
    if not argv or argv[0] in ("-h", "--help", "help"):
        print(HELP)
        return 0
    command, arguments = argv[0], argv[1:]
    if command not in ("lab", "test"):
        print(f"course.py has no command {command!r}.\n\n{HELP}")
        return 2
    try:
        prepare(["test"] if command == "test" else [])
        return start_lab(arguments) if command == "lab" else run_tests(arguments)
    except SetupError as error:
        print(f"\n{error}")
        return 1
    except OSError as error:
        print("\n%s\nCause: %s\nMend:  %s" % (error, *explain(str(error))))
        return 1
    except KeyboardInterrupt:
        print("\nStopped. Run the same command again to go on.")
        return 130


def too_old():
    """What to say on a Python that cannot run the course: name a newer one, if there is one."""
    have = ".".join(str(n) for n in sys.version_info[:2])
    need = ".".join(str(n) for n in OLDEST)
    text = f"The course needs Python {need} or newer, and this is Python {have}.\n"
    for minor in range(20, OLDEST[1] - 1, -1):
        if shutil.which(f"python3.{minor}"):
            return text + f"A newer one is here: python3.{minor} course.py lab"
    return text + "Install one from https://www.python.org/downloads/ and use it for this command."


# ------------------------------------------------------------------ set-up


def prepare(extras):
    """Make the environment, or bring it up to date; return at once when it is ready."""
    have = read_ready()
    wanted = fingerprint()
    if have.get("fingerprint") == wanted and set(extras) <= set(have["extras"]):
        return
    extras = sorted({*extras, *have.get("extras", [])})
    started = time.monotonic()
    READY.unlink(missing_ok=True)
    if have.get("base") == base():
        print("Updating the environment in .venv-course (under a minute as a rule).", flush=True)
    else:
        if VENV.exists():
            print("The environment in .venv-course is unfinished or moved: made afresh.")
        print(
            "Setting up the course in .venv-course, once: one to five minutes, up to 1 GB of disk."
        )
        print("  a private Python environment ...", flush=True)
        # --clear: an interrupted pip leaves half a package, and no later pip mends that safely
        step("make the environment", [sys.executable, "-I", "-m", "venv", "--clear", str(VENV)])
    what = "JupyterLab, NumPy, Matplotlib" + (", the test tools" if "test" in extras else "")
    print(f"  {what} and the course itself ...", flush=True)
    target = "." + (f"[{','.join(extras)}]" if extras else "")
    pip = [str(venv_python()), "-I", "-m", "pip", "install", "--editable", target]
    step("install the packages", [*pip, "--no-input", "--progress-bar=off"])
    record = {"fingerprint": wanted, "base": base(), "extras": extras}
    READY.write_text(json.dumps(record), encoding="utf-8")
    print(f"Ready after {time.monotonic() - started:.0f} s.\n", flush=True)


def read_ready():
    """The record of the last finished set-up; empty when there is none that still holds."""
    try:
        have = json.loads(READY.read_text(encoding="utf-8"))
        return have if venv_python().exists() and isinstance(have["extras"], list) else {}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def base():
    """What an environment cannot survive a change of: the Python version and its own place."""
    return [*sys.version_info[:2], str(ROOT)]


def fingerprint():
    """Changes whenever the installed packages may have to."""
    text = (ROOT / "pyproject.toml").read_bytes() + json.dumps(base()).encode()
    return hashlib.sha256(text).hexdigest()


def venv_python():
    return VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def step(purpose, command):
    """Run one step of the set-up quietly; on failure raise SetupError with cause and mend."""
    # PIP_USER: a personal pip.conf with `user = true` would make pip refuse a virtual environment
    environment = {**os.environ, "PYTHONUNBUFFERED": "1", "PIP_USER": "0"}
    lines = []

    def keep(line):
        lines.append(line.rstrip())
        show_progress(lines[-1])

    try:
        code = run(command, environment, keep)
    except OSError as error:
        code = 1
        keep(str(error))
    show_progress("")
    if code == 0:
        return
    tail = "\n".join("    " + line[:160] for line in lines[-12:])
    cause, mend = explain("\n".join(lines))
    raise SetupError(
        f"Could not {purpose}. Its last words:\n{tail}\n\nCause: {cause}\nMend:  {mend}"
    )


def run(command, environment, each_line):
    """Run a command in this folder, give each line of its output away, return its exit code."""
    with subprocess.Popen(
        command,
        cwd=str(ROOT),
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    ) as process:
        try:
            for line in process.stdout or ():
                each_line(line)
        except KeyboardInterrupt:
            process.terminate()
            raise
    return process.returncode


def show_progress(line):
    """Keep one line of a terminal current with what pip is at; say nothing elsewhere."""
    if sys.stdout.isatty():
        words = re.match(r"\s*((Collecting|Downloading) \S+|Installing collected)", line)
        if words or not line:
            text = words.group().strip() if words else ""
            print("\r      " + text[:70].ljust(70), end="\r", flush=True)


AGAIN = "run the same command again."
CAUSES = (
    # pattern in the output (case ignored), cause, mend
    (
        r"no space left|errno 28\b|winerror 112|disk quota exceeded|errno 122\b",
        "the disk is full.",
        "free about 1 GB, then " + AGAIN,
    ),
    (
        r"ensurepip|no module named '?(venv|pip)\b",
        "this Python comes without venv or pip.",
        "on Debian or Ubuntu: sudo apt install python3-venv (or python3.X-venv for python3.X);\n"
        "       elsewhere install Python from https://www.python.org/downloads/. Then " + AGAIN,
    ),
    (
        r"certificate_verify_failed|sslcertverificationerror|sslerror",
        "a secure connection to the package index was refused (a proxy may be in between).",
        "set PIP_CERT to your network's certificate file, or try another network; then " + AGAIN,
    ),
    (
        r"newconnectionerror|connection refused|connection (was )?reset|name resolution"
        r"|getaddrinfo|network is unreachable|proxyerror|timed? ?out|could not fetch url"
        r"|connectionerror|failed to establish|no route to host|remote end closed",
        "the package index could not be reached.",
        "check the network (behind a proxy set HTTPS_PROXY, with a mirror PIP_INDEX_URL),\n"
        "       then " + AGAIN,
    ),
    (
        r"long path|winerror 206|filename or extension is too long",
        "a file name became too long for Windows.",
        "move this folder to a short place such as C:\\course, then " + AGAIN,
    ),
    (
        r"read-only file system|permission denied|winerror 5\b|winerror 32\b|access is denied",
        "this folder, or a file of .venv-course in it, cannot be written.",
        "end any Lab that still runs from it, or copy this folder to a place of your own; then "
        + AGAIN,
    ),
    (
        r"no matching distribution|failed (to build|building)|subprocess-exited-with-error"
        r"|requires a different python",
        "a package has no ready-made build for this Python and this computer.",
        "use a 64-bit Python from 3.11 to 3.14 of https://www.python.org/downloads/.",
    ),
)


def explain(output):
    """Cause and mend for the output of a failed step, in plain words."""
    for pattern, cause, mend in CAUSES:
        if re.search(pattern, output, re.IGNORECASE):
            return cause, mend
    return "not one that this script knows; see the lines above.", AGAIN.capitalize()


# ------------------------------------------------------------------ lab


def start_lab(arguments):
    # -P: a file named random.py in the current folder must not replace the module of that name
    command = [str(venv_python()), "-P", "-m", "coursekit", "lab", *arguments]
    sys.stdout.flush()
    if os.name != "nt":
        os.execv(command[0], command)  # Lab takes this process's place: Ctrl-C and signals reach it
    process = subprocess.Popen(command)
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            pass  # the console sent it to Lab too, which is ending


# ------------------------------------------------------------------ test

NOTEBOOKS = "--nbval-lax --nbval-current-env --nbval-cell-timeout=60 --dist=loadfile notebooks"


def run_tests(arguments):
    """Run every stage to its end and sum up; with arguments, only pytest with them."""
    pytest = [str(venv_python()), "-P", "-m", "pytest"]
    if arguments:
        return subprocess.call([*pytest, *arguments], cwd=str(ROOT), env=test_environment())
    module = [str(venv_python()), "-P", "-m"]
    workers = f"-n{max(1, min(4, os.cpu_count() or 1))}"
    stages = [
        ("ruff check", [*module, "ruff", "check", "."]),
        ("ruff format", [*module, "ruff", "format", "--check", "."]),
        ("mypy", [*module, "mypy"]),
        ("tests", [*pytest, workers, "--dist=worksteal", "-m", "not browser"]),
        ("notebooks", [*pytest, workers, *NOTEBOOKS.split()]),
        ("gpu", [*pytest, workers, "--dist=worksteal", "--backend=cupy", "tests/gpu"]),
        ("browser", [*pytest, "-m", "browser", "tests"]),
    ]
    results = []
    for name, command in stages:
        print(f"\n--- {name}", flush=True)
        started = time.monotonic()
        reason = why_skipped(name)
        code, counts = (None, reason) if reason else run_stage(command)
        seconds = time.monotonic() - started
        verdict = "skipped" if code is None else "failed" if code else "passed"
        print(f"--- {name}: {verdict} in {seconds:.1f} s{': ' + reason if reason else ''}")
        results.append((name, verdict, counts, seconds))
    print("\n" + summary(results), flush=True)
    return int(any(verdict == "failed" for _, verdict, _, _ in results))


def test_environment():
    one_thread = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    path = os.pathsep.join([str(venv_python().parent), os.environ.get("PATH", "")])
    chromium = find_chromium()
    chosen = {"COURSEKIT_CHROMIUM": chromium} if chromium else {}
    return {**os.environ, **one_thread, **chosen, "PATH": path, "PYTHONUNBUFFERED": "1"}


def find_chromium():
    """Chromium, Chrome or Edge on this computer, or None; COURSEKIT_CHROMIUM overrides."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
    places = [os.environ.get("COURSEKIT_CHROMIUM"), *map(shutil.which, names)]
    places.append("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
    for variable in ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA"):
        folder = os.environ.get(variable, "")
        places.append(os.path.join(folder, "Google", "Chrome", "Application", "chrome.exe"))
        places.append(os.path.join(folder, "Microsoft", "Edge", "Application", "msedge.exe"))
    return next((place for place in places if place and os.path.isfile(place)), None)


def why_skipped(name):
    """The reason why a stage cannot run here, or an empty string. CI may skip nothing."""
    if name == "notebooks" and not any((ROOT / "notebooks").glob("*.ipynb")):
        return "there are no notebooks yet"
    if name == "browser" and not find_chromium() and not os.environ.get("CI"):
        return "no Chromium or Chrome found; install one, or set COURSEKIT_CHROMIUM to it"
    if name == "gpu" and not shutil.which("nvidia-smi") and not os.environ.get("CI"):
        return "no GPU found; pytest --backend=cupy tests/gpu tries its code on a CPU stand-in"
    return ""


def run_stage(command):
    """Run a command with its output passed on; return its exit code and pytest's counts."""
    counts = [""]

    def show(line):
        print(line, end="", flush=True)
        if re.search(r"\d+ (passed|failed|skipped|errors?)\b.* in [\d.]+s\b", line):
            counts.append(line.strip("= \n"))

    return run(command, test_environment(), show), counts[-1]


def summary(results):
    """One line a stage, then one for all."""
    lines, total = [], {"passed": 0, "failed": 0, "skipped": 0}
    for name, verdict, counts, seconds in results:
        found = re.findall(r"(\d+) (passed|failed|skipped|error)", counts)
        seen = dict.fromkeys(total, 0)
        for number, word in found:
            seen["failed" if word == "error" else word] += int(number)
        for word in total:
            total[word] += seen[word]
        detail = ", ".join(f"{seen[word]} {word}" for word in seen) if found else counts
        lines.append(f"{name:12} {verdict:8} {seconds:7.1f} s   {detail}".rstrip())
    failed = [name for name, verdict, _, _ in results if verdict == "failed"]
    tests = ", ".join(f"{number} {word}" for word, number in total.items())
    end = "failed stages: " + ", ".join(failed) if failed else "no stage failed"
    return "\n".join([*lines, f"{tests}; {end}"])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
