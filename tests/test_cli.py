"""The coursekit command: what it prints and returns, above all when something is wrong."""

import socket
import subprocess
import sys

import pytest

import coursekit
from coursekit import cli, lab_server, student_folder


@pytest.fixture
def served(monkeypatch):
    """Calls of the server, which does not start."""
    calls = []
    monkeypatch.setattr(lab_server, "serve", lambda *arguments: calls.append(arguments))
    return calls


@pytest.fixture
def taken_port():
    with socket.socket() as listener:
        listener.bind((lab_server.HOST, 0))
        listener.listen()
        yield listener.getsockname()[1]


def one_line(capsys):
    """The only line on stderr."""
    error = capsys.readouterr().err
    assert error.startswith("coursekit: ") and error.count("\n") == 1
    return error


def test_no_arguments_print_the_help(capsys):
    assert cli.main([]) == 0
    out = capsys.readouterr().out
    assert "lab" in out and "doctor" in out


def test_version_as_a_module():
    command = [sys.executable, "-m", "coursekit", "--version"]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    assert run.stdout == f"coursekit {coursekit.__version__}\n"


def test_doctor_names_versions_and_the_backend_with_its_reason(capsys):
    assert cli.main(["doctor"]) == 0
    out = capsys.readouterr().out
    assert f"coursekit {coursekit.__version__}" in out
    assert "\nbackend numpy: " in out or "\nbackend cupy: " in out


def test_lab_lays_the_notebooks_out_and_opens_the_first(tmp_path, monkeypatch, served, capsys):
    monkeypatch.chdir(tmp_path)
    assert cli.main(["lab", "--no-browser"]) == 0
    folder = tmp_path / "coursekit-course"
    assert served == [(folder, "00_start_here.ipynb", None, False)]
    assert (folder / "00_start_here.ipynb").exists()
    assert str(folder) in capsys.readouterr().out


def test_lab_takes_folder_and_port(tmp_path, served):
    with socket.socket() as probe:
        probe.bind((lab_server.HOST, 0))
        port = probe.getsockname()[1]
    assert cli.main(["lab", "--dir", str(tmp_path / "my work"), "--port", str(port)]) == 0
    assert served == [(tmp_path / "my work", "00_start_here.ipynb", port, True)]


def test_a_busy_port_is_one_line(tmp_path, taken_port, served, capsys):
    assert cli.main(["lab", "--dir", str(tmp_path / "work"), "--port", str(taken_port)]) == 1
    assert f"port {taken_port} is in use" in one_line(capsys)
    assert not served and not (tmp_path / "work").exists()


def test_an_impossible_port_is_one_line(tmp_path, served, capsys):
    assert cli.main(["lab", "--dir", str(tmp_path), "--port", "70000"]) == 1
    assert "70000" in one_line(capsys) and not served


def test_a_file_in_the_way_is_one_line(tmp_path, served, capsys):
    (tmp_path / "file").write_text("")
    assert cli.main(["lab", "--dir", str(tmp_path / "file" / "work")]) == 1
    line = one_line(capsys)
    assert "Not a directory" in line and "--dir" in line and not served


def test_a_read_only_folder_is_one_line(tmp_path, served, capsys, monkeypatch):
    def refuse(path, content):  # chmod would not stop a test that runs as root
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(student_folder.Path, "write_bytes", refuse)
    assert cli.main(["lab", "--dir", str(tmp_path)]) == 1
    line = one_line(capsys)
    assert "Permission denied" in line and str(tmp_path) in line and not served


@pytest.mark.parametrize("package", ["jupyterlab", "jupyter_server"])
def test_a_missing_dependency_is_one_line(tmp_path, package):
    code = f"""
import sys
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == {package!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Absent())
from coursekit.cli import main
sys.exit(main(["lab", "--dir", {str(tmp_path)!r}]))
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert run.returncode == 1 and run.stderr.count("\n") == 1
    assert f"{package} is not installed" in run.stderr and "pip install" in run.stderr
