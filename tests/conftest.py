"""Settings shared by every test: one BLAS thread, property tests that repeat, the backend."""

import os
import sys

import pytest
from hypothesis import settings

# Before NumPy is imported: two xdist workers with two BLAS threads each would slow each other down.
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")

settings.register_profile("course", deadline=None, derandomize=True)
settings.load_profile("course")

collect_ignore = ["gpu_rig"]  # imports the CuPy of the stand-in


@pytest.fixture(autouse=True)
def forgetful():
    """The look that a test chooses for demos and figures is not that of the next test."""
    yield
    if themes := sys.modules.get("coursekit.viz.themes"):
        themes._default, themes._chosen, themes._told = themes.LIGHT, False, False


# --- pytest --backend=cupy: the tests marked `cupy`, on a GPU or on the stand-in ------------------
def pytest_addoption(parser):
    parser.addoption(
        "--backend", choices=("numpy", "cupy"), default="numpy",
        help="cupy: run the tests of the GPU path, without a GPU on a CPU stand-in",
    )  # fmt: skip


def pytest_configure(config):
    if config.getoption("backend") != "cupy":
        return
    if os.environ.get("COURSEKIT_ON_RIG"):
        from tests.gpu_rig import cupy_on_cpu  # noqa: F401 - swaps the compiler of CuPy
    elif not hasattr(config, "workerinput"):
        _find_a_device(config)


def _find_a_device(config):
    """Take a GPU, or start again on the rig; without either, note why."""
    from coursekit.backend.detect import probe

    if probe().name == "cupy":
        os.environ["COURSEKIT_BACKEND"] = "cupy"
        return
    from tests.gpu_rig import build

    try:
        rig = build.build()
    except build.Missing as missing:
        if os.environ.get("CI"):
            pytest.exit(f"the stand-in for a GPU could not be built: {missing}", returncode=1)
        os.environ["COURSEKIT_NO_RIG"] = str(missing).splitlines()[0]
        return
    sys.stdout.flush()
    command = [sys.executable, "-m", "pytest", *config.invocation_params.args]
    os.execve(sys.executable, command, build.environment(rig))


def pytest_collection_modifyitems(config, items):
    wanted = config.getoption("backend") == "cupy"
    marked = [item for item in items if item.get_closest_marker("cupy")]
    if wanted:
        config.hook.pytest_deselected(items=[item for item in items if item not in marked])
        items[:] = marked
        if why := os.environ.get("COURSEKIT_NO_RIG"):
            for item in items:
                item.add_marker(pytest.mark.skip(reason=f"no GPU and no stand-in: {why}"))
    elif marked:
        config.hook.pytest_deselected(items=marked)
        items[:] = [item for item in items if item not in marked]


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter, config):
    if config.getoption("backend") != "cupy":
        return
    if why := os.environ.get("COURSEKIT_NO_RIG"):
        line = f"NOT RUN: the tests of the GPU path. No GPU, and no stand-in for one: {why}"
    elif os.environ.get("COURSEKIT_ON_RIG"):
        from tests.gpu_rig.cupy_on_cpu import cupy, kernels, nvrtc

        names = ", ".join(f"sm_{g}" for g in nvrtc.GENERATIONS)
        line = (
            f"CuPy {cupy.__version__} on a CPU stand-in, no GPU. {kernels()} kernels so far, each "
            f"accepted by NVIDIA's compiler for {names}"
        )
    else:
        from coursekit import backend

        line = backend.describe()
    terminalreporter.section("the GPU path", sep="=")
    terminalreporter.line(line)
