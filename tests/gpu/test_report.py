"""`coursekit doctor --gpu`: the report that is pasted into an issue, with a short run of tests."""

import os
import re

import pytest

from coursekit import cli, gpu_report
from coursekit.backend import choice

pytestmark = pytest.mark.cupy


@pytest.fixture(autouse=True)
def short(monkeypatch):
    """One small file of tests, one small network; the backend is as it was afterwards."""
    monkeypatch.setattr(choice, "_backend", choice._backend)
    monkeypatch.setattr(gpu_report, "TESTS", "tests/gpu/test_budgets.py")
    monkeypatch.setattr(gpu_report, "SIZES", ([8, 4, 3],))


def test_a_device_that_computes(capsys):
    assert cli.main(["doctor", "--gpu"]) == 0
    before, report = capsys.readouterr().out.split("--- report, to be pasted into an issue")
    for line in (r"numpy \d", r"cupy-cuda1\dx \d", "backend cupy: Running on the GPU"):
        assert re.search(f"^{line}", before, re.M)
    assert re.search(r"^date 20\d\d-\d\d-\d\d, coursekit \S+, commit \S+$", report, re.M)
    card = "CPU stand-in, no GPU" if os.environ.get("COURSEKIT_ON_RIG") else "GPU"
    assert re.search(rf"^Running on the GPU with CuPy.*{card}.*Driver: CUDA \d+\.\d$", report, re.M)
    assert re.search(r"^    2 (passed|skipped) in", report, re.M)
    assert re.search(r"^    8-4-3: numpy \d+, cupy \d+$", report, re.M)


def test_tests_that_do_not_end(monkeypatch, capsys):
    monkeypatch.setattr(gpu_report, "LIMIT", 0.2)
    assert cli.main(["doctor", "--gpu"]) == 1
    report = capsys.readouterr().out
    assert "\ntests stopped after 0 s\n" in report and "    8-4-3: numpy" in report


def test_no_device(monkeypatch, capsys):
    found = choice.Backend("numpy", None, "Running on the CPU with NumPy: a test.", "Buy one.")
    monkeypatch.delenv("COURSEKIT_BACKEND", raising=False)
    monkeypatch.setattr(choice, "_backend", None)
    monkeypatch.setattr(choice, "probe", lambda: found)
    assert cli.main(["doctor", "--gpu"]) == 1
    assert capsys.readouterr().out.endswith(
        "no GPU that computes: Running on the CPU with NumPy: a test. Buy one.\n"
    )
