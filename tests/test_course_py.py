"""course.py: when it sets up, when it is quick, and what it says when a step fails."""

import ast
import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[1] / "course.py"


@pytest.fixture
def course(tmp_path):
    """course.py as a module, for a project in a folder of the test."""
    spec = importlib.util.spec_from_file_location("course_under_test", SOURCE)
    course = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(course)
    place(course, tmp_path / "my course")
    course.ROOT.mkdir()
    (course.ROOT / "pyproject.toml").write_text("one")
    return course


def place(course, root):
    course.ROOT, course.VENV = root, root / ".venv-course"
    course.READY = course.VENV / "course-ready.json"


@pytest.fixture
def steps(course, monkeypatch):
    """The steps of the set-up, recorded instead of run: "venv", or what pip was asked for."""
    steps = []

    def step(purpose, command):
        if "venv" in command:
            steps.append("venv")
            course.venv_python().parent.mkdir(parents=True, exist_ok=True)
            course.venv_python().write_text("")
        else:
            steps.append(command[command.index("--editable") + 1])

    monkeypatch.setattr(course, "step", step)
    return steps


# --- when it sets up


def test_the_first_time_makes_all_and_the_second_nothing(course, steps):
    course.prepare([])
    assert steps == ["venv", "."]
    course.prepare([])
    assert steps == ["venv", "."]


def test_the_test_tools_are_added_once_and_stay(course, steps):
    course.prepare([])
    course.prepare(["test"])
    course.prepare(["test"])
    course.prepare([])
    assert steps == ["venv", ".", ".[test]"]


def test_changed_requirements_are_installed_with_the_extras_of_before(course, steps):
    course.prepare(["test"])
    (course.ROOT / "pyproject.toml").write_text("two")
    course.prepare([])
    assert steps == ["venv", ".[test]", ".[test]"]


def test_another_python_makes_it_afresh(course, steps, monkeypatch):
    course.prepare([])
    monkeypatch.setattr(course.sys, "version_info", (3, 99, 0, "final", 0))
    course.prepare([])
    assert steps == ["venv", ".", "venv", "."]


def test_a_moved_folder_makes_it_afresh(course, steps):
    course.prepare([])
    place(course, course.ROOT.rename(course.ROOT.with_name("moved")))
    course.prepare([])
    assert steps == ["venv", ".", "venv", "."]


def test_a_lost_interpreter_makes_it_afresh(course, steps):
    course.prepare([])
    course.venv_python().unlink()
    course.prepare([])
    assert steps == ["venv", ".", "venv", "."]


@pytest.mark.parametrize("record", ["", "{}", "[]", '{"fingerprint": 1, "extras": 2}'])
def test_a_damaged_record_makes_it_afresh(course, steps, record):
    course.prepare([])
    course.READY.write_text(record)
    course.prepare([])
    assert steps == ["venv", ".", "venv", "."]


@pytest.mark.parametrize("interrupted", ["first install", "update"])
def test_an_interrupted_install_is_made_afresh(course, steps, monkeypatch, interrupted):
    if interrupted == "update":
        course.prepare([])
        (course.ROOT / "pyproject.toml").write_text("two")
    whole = course.step

    def stop_at_pip(purpose, command):
        if "pip" in command:
            raise KeyboardInterrupt
        whole(purpose, command)

    monkeypatch.setattr(course, "step", stop_at_pip)
    with pytest.raises(KeyboardInterrupt):
        course.prepare([])
    monkeypatch.setattr(course, "step", whole)
    steps.clear()
    course.prepare([])
    assert steps == ["venv", "."]


# --- what it says


def test_it_parses_on_an_old_python():
    ast.parse(SOURCE.read_text(encoding="utf-8"), feature_version=(3, 6))


@pytest.mark.parametrize(
    ("found", "words"), [("python3.12", "python3.12 course.py lab"), (None, "python.org")]
)
def test_an_old_python_is_told_what_to_do(course, steps, monkeypatch, capsys, found, words):
    monkeypatch.setattr(course.sys, "version_info", (3, 8, 18, "final", 0))
    monkeypatch.setattr(course.shutil, "which", lambda name: name if name == found else None)
    assert course.main(["lab"]) == 1
    out = capsys.readouterr().out
    assert "needs Python 3.11" in out and "this is Python 3.8" in out and words in out
    assert not steps


def test_help_and_an_unknown_command_from_another_folder(tmp_path):
    def run(*arguments):
        command = [sys.executable, str(SOURCE), *arguments]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)

    assert run().returncode == 0 and "course.py lab" in run().stdout
    assert run("play").returncode == 2 and "no command 'play'" in run("play").stdout


@pytest.mark.parametrize(
    ("output", "words"),
    [
        ("ERROR: Could not install packages: [Errno 28] No space left on device", "disk is full"),
        ("OSError: [WinError 112] There is not enough space on the disk", "disk is full"),
        (
            "The virtual environment was not created successfully because ensurepip is not\n"
            "available. On Debian/Ubuntu systems, you need to install the python3-venv",
            "without venv",
        ),
        ("/usr/bin/python3: No module named venv", "without venv"),
        (
            "SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] certificate "
            "verify failed'))': /simple/\nERROR: No matching distribution found for hatchling",
            "secure connection",
        ),
        (
            "NewConnectionError('<pip._vendor.urllib3.connection>: Failed to establish a new "
            "connection: [Errno 111] Connection refused')\n"
            "ERROR: No matching distribution found for hatchling",
            "could not be reached",
        ),
        ("[Errno -3] Temporary failure in name resolution", "could not be reached"),
        ("HINT: Windows Long Path support is not enabled", "too long"),
        ("Error: [Errno 30] Read-only file system: '/x/.venv-course'", "cannot be written"),
        ("Error: [Errno 13] Permission denied: '/x/.venv-course'", "cannot be written"),
        ("ERROR: No matching distribution found for numpy>=2.0", "no ready-made build"),
        ("error: subprocess-exited-with-error\nFailed building wheel for pyzmq", "no ready-made"),
        ("Segmentation fault", "not one that this script knows"),
    ],
)
def test_causes(course, output, words):
    cause, mend = course.explain(output)
    assert words in cause and mend


def test_a_failing_step_shows_its_last_words_cause_and_mend(course):
    code = "print('No space left on device'); raise SystemExit(3)"
    with pytest.raises(course.SetupError) as error:
        course.step("install the packages", [sys.executable, "-c", code])
    lines = str(error.value).splitlines()
    assert lines[0].startswith("Could not install the packages.")
    assert lines[1].strip() == "No space left on device"
    assert lines[-2] == "Cause: the disk is full." and lines[-1].startswith("Mend:  free")


def test_a_step_that_cannot_start_is_a_failing_step(course):
    with pytest.raises(course.SetupError, match="no such program"):
        course.step("try", [str(course.ROOT / "no such program")])


def test_a_failing_set_up_is_exit_code_1_without_traceback(course, monkeypatch, capsys):
    def fail(purpose, command):
        raise course.SetupError("Could not try.")

    monkeypatch.setattr(course, "step", fail)
    assert course.main(["lab"]) == 1
    assert capsys.readouterr().out.endswith("Could not try.\n")


# --- lab and test


@pytest.mark.skipif(sys.platform == "win32", reason="Windows starts Lab as a child")
def test_lab_passes_its_arguments_on(course, steps, monkeypatch):
    started = []
    monkeypatch.setattr(course.os, "execv", lambda *command: started.append(command))
    monkeypatch.setattr(course.subprocess, "Popen", None)
    with pytest.raises(TypeError):  # execv returned, which it never does
        course.main(["lab", "--port", "9000"])
    python = str(course.venv_python())
    assert started == [(python, [python, "-P", "-m", "coursekit", "lab", "--port", "9000"])]


def test_every_stage_runs_although_an_early_one_fails(course, steps, monkeypatch, capsys):
    ran = []

    def run_stage(command):
        ran.append(command[3])
        return (1, "") if len(ran) == 1 else (0, "== 7 passed, 2 skipped in 1.00s ==")

    monkeypatch.setattr(course, "run_stage", run_stage)
    monkeypatch.setattr(course, "why_skipped", lambda name: "")
    assert course.main(["test"]) == 1
    assert ran == ["ruff", "ruff", "mypy"] + 4 * ["pytest"]
    last = capsys.readouterr().out.splitlines()[-1]
    assert last == "42 passed, 0 failed, 12 skipped; failed stages: ruff check"


def test_arguments_go_to_pytest_alone(course, steps, monkeypatch):
    calls = []
    monkeypatch.setattr(course.subprocess, "call", lambda command, **_: calls.append(command) or 5)
    assert course.main(["test", "-k", "layout"]) == 5
    assert [command[3:] for command in calls] == [["pytest", "-k", "layout"]]


def test_a_stage_returns_its_code_and_its_counts_and_shows_its_output(course, capfd):
    lines = "Found 44 errors in 16 files\n== 3 failed, 2 passed, 1 error in 0.12s ==\n"
    counts = "3 failed, 2 passed, 1 error in 0.12s"
    code = f"print({lines!r}, end=''); raise SystemExit(1)"
    assert course.run_stage([sys.executable, "-c", code]) == (1, counts)
    code = "print('Found 44 errors in 16 files')"
    assert course.run_stage([sys.executable, "-c", code]) == (0, "")
    assert lines in capfd.readouterr().out


def test_the_summary_counts_errors_as_failures(course):
    results = [
        ("tests", "failed", "== 3 failed, 2 passed, 1 error in 0.12s ==", 0.12),
        ("browser", "skipped", "no Chromium or Chrome found", 0.0),
    ]
    first, second, last = course.summary(results).splitlines()
    assert first.split() == "tests failed 0.1 s 2 passed, 4 failed, 0 skipped".split()
    assert second.endswith("no Chromium or Chrome found")
    assert last == "2 passed, 4 failed, 0 skipped; failed stages: tests"


def test_without_a_gpu_its_tests_are_skipped_but_not_in_ci(course, monkeypatch):
    monkeypatch.setattr(course.shutil, "which", lambda name: None)
    monkeypatch.delenv("CI", raising=False)
    assert "pytest --backend=cupy" in course.why_skipped("gpu")
    monkeypatch.setenv("CI", "1")
    assert course.why_skipped("gpu") == ""
    monkeypatch.delenv("CI")
    monkeypatch.setattr(course.shutil, "which", lambda name: "/usr/bin/nvidia-smi")
    assert course.why_skipped("gpu") == ""


def test_without_chromium_the_browser_is_skipped_but_not_in_ci(course, monkeypatch):
    monkeypatch.setattr(course, "find_chromium", lambda: None)
    monkeypatch.delenv("CI", raising=False)
    assert "no Chromium" in course.why_skipped("browser")
    monkeypatch.setenv("CI", "1")
    assert course.why_skipped("browser") == ""
