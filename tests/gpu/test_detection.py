"""Every way in which a GPU can fail that the stand-in can play: NumPy, and one line that helps.

Each in a process of its own with the real CuPy, whose errors are what the line is made from.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from coursekit.backend.detect import INSTALL

RIG = os.environ.get("COURSEKIT_ON_RIG", "")
pytestmark = [
    pytest.mark.cupy,
    pytest.mark.skipif(not RIG, reason="only the stand-in fails when it is asked to"),
]

CODE = """
try:
    from tests.gpu_rig import cupy_on_cpu
except ImportError:
    pass  # a CuPy that does not import is among what is tested
import coursekit as ck
print(ck.use("auto"), ck.use("auto"))
try:
    print(ck.use("cupy"))
except RuntimeError as error:
    print(error)
print(float(ck.landscapes.rosenbrock().value(ck.to_device([1.0, 1.0]))))
"""

FAILURES = {  # the switches of the rig, why, and what mends it
    "old driver": ({"FAIL": "35"}, r"driver supports CUDA 11\.4, but cupy-cuda12x was built for "
                   r"CUDA 12\.\d", "Update the driver"),
    "no driver": ({"FAIL": "35", "DRIVER": "0"}, "no NVIDIA driver was found", "install its driv"),
    "no device": ({"FAIL": "100"}, r"no GPU that can be used \(.*NoDevice", "nvidia-smi"),
    "hidden device": ({"DEVICES": "0"}, "no GPU that can be used", "CUDA_VISIBLE_DEVICES"),
    "full": ({"FAIL": "2"}, r"memory of the GPU is full \(.*out of memory", "Close other"),
    "full later": ({"MEMORY": "0"}, r"memory of the GPU is full \(OutOfMemoryError", "Close other"),
    "too old": ({"CAPABILITY": "35"}, r"no longer supports the GPU \(.*gpu-architecture", INSTALL),
}  # fmt: skip


def ends_in_numpy(why: str, mend: str, **environment: str):
    """The process goes on with NumPy, says once why and what to do, and raises just that."""
    free = {k: v for k, v in os.environ.items() if k != "COURSEKIT_BACKEND"}
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", CODE], env=free | environment,
                          capture_output=True, text=True, check=False)  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("\n") == 3, done.stdout
    chosen, raised, computed = done.stdout.splitlines()
    assert (chosen, computed) == ("numpy numpy", "0.0")
    assert done.stderr == f"coursekit: {raised}\n"
    assert re.match(f"Running on the CPU with NumPy: .*{why}", raised), raised
    assert mend in raised


@pytest.mark.parametrize("name", FAILURES)
def test_a_device_that_fails(name):
    switches, why, mend = FAILURES[name]
    ends_in_numpy(why, mend, **{f"COURSEKIT_RIG_{k}": v for k, v in switches.items()})


@pytest.mark.parametrize("library", ["libcublas.so.12", "libcuda.so.1"])
def test_a_library_that_is_missing(library, tmp_path):
    for file in (Path(RIG) / "lib").iterdir():
        if file.name != library:
            (tmp_path / file.name).symlink_to(file)
    why = "does not import" if library == "libcuda.so.1" else "lacks a CUDA library"
    # ImportError of the system's loader, or of NVIDIA's finder of libraries where that is installed
    ends_in_numpy(rf"{why}.*\(\w*Error: .*{library}", INSTALL, LD_LIBRARY_PATH=str(tmp_path))


def test_two_packages(tmp_path):
    other = tmp_path / "cupy_cuda11x-13.0.0.dist-info"
    other.mkdir()
    (other / "METADATA").write_text("Metadata-Version: 2.1\nName: cupy-cuda11x\nVersion: 13.0.0\n")
    paths = os.pathsep.join([os.environ["PYTHONPATH"], str(tmp_path)])
    why = r"several CuPy packages are installed \(cupy-cuda11x cupy-cuda12x\)"
    ends_in_numpy(why, "pip uninstall -y cupy-cuda11x cupy-cuda12x; pip", PYTHONPATH=paths)


def test_an_older_card_that_still_computes():
    code = CODE.replace("print(float", "print(ck.backend.describe()) #")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True,
                          env=os.environ | {"COURSEKIT_RIG_CAPABILITY": "75"})  # fmt: skip
    assert done.stdout.split()[:3] == ["cupy"] * 3
    assert "compute capability 7.5" in done.stdout
