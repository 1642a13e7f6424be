"""The project around the package: what is shipped, what is promised, and that they agree."""

import fnmatch
import importlib.util
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
import yaml
from hatchling.builders.wheel import WheelBuilder

import coursekit

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
README = (ROOT / "README.md").read_text(encoding="utf-8")

# The name on conda-forge, where it is not that of PyPI: matplotlib there would bring Qt along.
CONDA_NAMES = {"matplotlib": "matplotlib-base"}


def bounds(requirements):
    """{"numpy": "2.0", ...} from ["numpy>=2.0", ...]."""
    return dict(requirement.split(">=") for requirement in requirements)


def test_environment_yml_is_the_core_dependencies():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    *conda, pip = environment["dependencies"]
    conda.remove("pip")
    core = {CONDA_NAMES.get(n, n): low for n, low in bounds(PROJECT["dependencies"]).items()}
    core["python"] = PROJECT["requires-python"].removeprefix(">=")
    assert bounds(conda) == core
    assert pip == {"pip": ["--editable ."]}


def test_no_dependency_has_an_upper_bound():
    extras = PROJECT["optional-dependencies"].values()
    for requirement in [*PROJECT["dependencies"], *(r for extra in extras for r in extra)]:
        assert not re.search(r"<|==|~=", requirement), requirement


def test_version_is_the_newest_of_the_changelog():
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    versions = re.findall(r"^## \[(\d\S*)\] - \d{4}-\d\d-\d\d$", changelog, re.MULTILINE)
    assert versions[0] == coursekit.__version__


# --- the wheel


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dist")
    (path,) = WheelBuilder(str(ROOT)).build(directory=str(folder), versions=["standard"])
    with zipfile.ZipFile(path) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def test_wheel_carries_notebooks_data_and_licences(wheel):
    notebooks = {path.name for path in (ROOT / "notebooks").glob("*.ipynb")}
    assert {path.name for path in (wheel / "coursekit" / "notebooks").iterdir()} == notebooks
    data = {path.name for path in (ROOT / "coursekit" / "data").glob("*.npz")}
    assert data and {path.name for path in (wheel / "coursekit" / "data").glob("*.npz")} == data
    assert (wheel / "coursekit" / "data" / "NOTICE").is_file()
    assert {path.name for path in wheel.glob("*.dist-info/licenses/**/*") if path.is_file()} == {
        "LICENSE",
        "NOTICE",
    }


def test_wheel_holds_the_package_and_nothing_else(wheel):
    assert {path.name.partition("-")[0] for path in wheel.iterdir()} == {"coursekit"}
    files = [path.relative_to(wheel / "coursekit") for path in (wheel / "coursekit").rglob("*")]
    assert {path.suffix for path in files} <= {"", ".py", ".ipynb", ".npz"}
    assert all(path.stat().st_size < 2_000_000 for path in wheel.rglob("*"))


def test_wheel_alone_gives_the_course(wheel, tmp_path):
    code = """
import coursekit as ck
from coursekit.student_folder import lay_out, shipped_notebooks
from pathlib import Path
lay_out(Path("work"), shipped_notebooks(), ck.__version__)
ck.data.digits()
print(ck.__file__)
"""
    environment = {**os.environ, "PYTHONPATH": str(wheel)}
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr
    assert Path(run.stdout.strip()).is_relative_to(wheel)
    notebooks = {path.name for path in (ROOT / "notebooks").glob("*.ipynb")}
    assert {path.name for path in (tmp_path / "work").glob("*.ipynb")} == notebooks


# --- names and promises


def test_no_file_beside_the_notebooks_can_shadow_a_module():
    for path in (ROOT / "notebooks").iterdir():
        if path.name != ".ipynb_checkpoints":
            assert path.suffix == ".ipynb", path.name
            assert re.fullmatch(r"\d\d_[a-z0-9_]+", path.stem), path.name  # no module's name


def test_readme_opens_with_commands_that_course_py_has():
    spec = importlib.util.spec_from_file_location("course_of_readme", ROOT / "course.py")
    course = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(course)
    commands = re.findall(r"^    (python3 course\.py .+)$", README, re.MULTILINE)
    assert commands == ["python3 course.py lab", "python3 course.py test"]
    assert all(command in course.HELP for command in commands)


def test_readme_names_only_files_that_exist():
    pictures = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", README)
    named = re.findall(r"`([\w/.-]+\.(?:md|py|yml)|coursekit/[\w/.-]+|LICENSE)`", README)
    assert pictures
    for name in [*pictures, *named]:
        assert (ROOT / name).exists(), name


def test_readme_code_runs(capsys):
    (code,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    exec(compile(code, "README.md", "exec"), {})
    loss = float(
        re.fullmatch(r"loss (\d\.\d{3}) after 100 gradients\n", capsys.readouterr().out)[1]
    )
    assert loss < 0.1


def test_git_ignores_what_the_commands_make():
    patterns = (ROOT / ".gitignore").read_text(encoding="utf-8").split()
    for made in (".venv-course/", "coursekit-course/"):
        assert any(fnmatch.fnmatch(made, pattern) for pattern in patterns), made


@pytest.mark.skipif(os.name == "nt", reason="Windows has no mode bits")
def test_ci_runs_the_command_of_the_readme():
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    assert "\npython3 course.py test\n" in script.read_text(encoding="utf-8")
