"""Build the rig: the real CuPy from PyPI on a CPU stand-in for CUDA. See README.md in this folder.

    python -m tests.gpu_rig.build          prints the folder it was built in

One Cython module of CuPy, the binding of the CUDA runtime, is linked to NVIDIA's static library;
that one is built anew from CuPy's own source against `cuda.cpp`. The vendor libraries beside it
(cuBLAS, ...) are loaded at run time and are replaced by `blas.cpp` and by empty ones. All else is
the wheel as it is.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
from pathlib import Path

HERE = Path(__file__).parent
CUPY, CUDA = "14.2.0", "12.9"
PACKAGES = [
    f"cupy-cuda12x=={CUPY}", "cuda-pathfinder",
    *(f"nvidia-cuda-{part}-cu12=={CUDA}.*" for part in ("nvrtc", "runtime", "nvcc")),
]  # fmt: skip
TOOLS = ["Cython==3.2.9", "setuptools>=77", "wheel"]
GXX = ["g++", "-std=c++17", "-fPIC", "-w"]


class Missing(Exception):
    """Something the rig is built from is not here: a compiler, the network."""


def folder() -> Path:
    """Where the rig lies for this Python and this state of its sources."""
    sources = sorted(p for p in HERE.rglob("*") if p.suffix in (".cpp", ".h"))
    return _base() / _key(*(p.read_bytes() for p in [*sources, HERE / "build.py"]))


def _base() -> Path:
    return Path(os.environ.get("COURSEKIT_RIG", Path.home() / ".cache" / "coursekit-gpu-rig"))


def _key(*parts: bytes) -> str:
    return hashlib.sha256(b"".join([sys.version.encode(), *parts])).hexdigest()[:16]


def build() -> Path:
    """The folder of a rig that is ready, built first if need be; raises `Missing`."""
    rig = folder()
    if (rig / "ready").exists():
        return rig
    if sys.platform != "linux":
        raise Missing("the stand-in for CUDA is built on Linux only")
    if not shutil.which("g++"):
        raise Missing("there is no g++; on Debian and Ubuntu: apt install g++")
    packages = _base() / f"packages-{_key(*(name.encode() for name in PACKAGES + TOOLS))}"
    if not (packages / "ready").exists():
        shutil.rmtree(packages, ignore_errors=True)
        _download(packages)
        (packages / "ready").touch()
    shutil.rmtree(rig, ignore_errors=True)
    (rig / "lib").mkdir(parents=True)
    (rig / "obj").mkdir()
    for name in ("site", "source", "tools"):
        (rig / name).symlink_to(packages / name)
    kernels = _base() / f"kernels-{_key(*(p.read_bytes() for p in sorted(HERE.glob('shim/*.h'))))}"
    kernels.mkdir(exist_ok=True)
    (rig / "machine").symlink_to(kernels)  # outlive changes of the rest
    nvrtc = next((rig / "site/nvidia/cuda_nvrtc/lib").glob("libnvrtc.so.*"))
    (rig / "lib" / nvrtc.name).symlink_to(nvrtc)  # CuPy asks for its version, and no more
    _runtime(rig)
    _libraries(rig)
    (rig / "ready").touch()
    return rig


def environment(rig: Path) -> dict[str, str]:
    """The environment in which a Python of its own finds the rig."""
    paths = [str(rig / "site"), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(paths),
        "LD_LIBRARY_PATH": str(rig / "lib"),
        "COURSEKIT_ON_RIG": str(rig),
        "COURSEKIT_BACKEND": "cupy",
        "CUPY_CACHE_DIR": str(rig / "names"),
        "CUPY_ACCELERATORS": "",  # reductions by CuPy's own kernels: CUB is machine code
        "OMP_NUM_THREADS": "1",
    }


# --- the steps -----------------------------------------------------------------------------------
def _download(packages: Path):
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "-q"]
    _run([*pip, "install", "--no-deps", "--target", packages / "site", *PACKAGES])
    _run([*pip, "install", "--target", packages / "tools", *TOOLS])
    tools = {**os.environ, "CUPY_INSTALL_USE_STUB": "1", "PYTHONPATH": str(packages / "tools")}
    source = ["--no-deps", "--no-binary", ":all:", "--no-build-isolation", f"cupy=={CUPY}"]
    _run([*pip, "download", *source, "-d", packages / "source"], env=tools)
    with tarfile.open(next((packages / "source").glob("*.tar.gz"))) as archive:
        archive.extractall(packages / "source", filter="data")


def _includes(rig: Path) -> list[str]:
    import numpy

    parts = [HERE / "shim", rig / "site/nvidia/cuda_runtime/include",
             rig / "site/nvidia/cuda_nvcc/include", numpy.get_include(),
             sysconfig.get_path("include")]  # fmt: skip
    return [f"-I{part}" for part in parts]


def _runtime(rig: Path):
    """CuPy's binding of the CUDA runtime, linked to cuda.cpp as libcuda.so.1."""
    source, api = rig / "source" / f"cupy-{CUPY}", "cupy_backends/cuda/api"
    settings = "CUPY_CUDA_VERSION=12090,CUPY_HIP_VERSION=0,CUPY_USE_CUDA_PYTHON=False"
    flags = ["-3", "--cplus", "-X", "binding=False", "-X", "freethreading_compatible=True"]
    cython = [sys.executable, "-m", "cython", *flags, "-E", settings]
    tools = {**os.environ, "PYTHONPATH": str(rig / "tools")}
    _run([*cython, f"{api}/runtime.pyx", "-o", rig / "obj/runtime.cpp"], cwd=source, env=tools)
    defines = ['-DCYTHON_EXTERN_C=extern "C"', "-DNPY_TARGET_VERSION=NPY_2_0_API_VERSION"]
    here = [*_includes(rig), f"-I{source}", f"-I{source / api}"]
    runtime, cuda = rig / "obj/runtime.o", rig / "obj/cuda.o"
    _run([*GXX, "-O1", *defines, *here, "-c", rig / "obj/runtime.cpp", "-o", runtime])
    _run([*GXX, "-O2", *_includes(rig), "-c", HERE / "cuda.cpp", "-o", cuda])
    bindings = rig / "site/cupy_backends/cuda/api"
    module = next(bindings.glob("runtime.*.so"))
    users = [runtime, next(bindings.glob("driver.*.so"))]
    _library(rig, "libcuda.so.1", users, cuda, "cu", error=801)
    _run([*GXX, "-shared", runtime, "-o", module, f"-L{rig / 'lib'}", "-l:libcuda.so.1"])


def _libraries(rig: Path):
    """The vendor libraries CuPy loads: a small cuBLAS, and others that refuse whatever is asked."""
    blas = rig / "obj/blas.o"
    _run([*GXX, "-O2", "-c", HERE / "blas.cpp", "-o", blas])
    libs, fft = rig / "site/cupy_backends/cuda/libs", rig / "site/cupy/cuda"
    for name, folder, stem, own in (
        ("libcublas.so.12", libs, "cublas", blas), ("libcurand.so.10", libs, "curand", None),
        ("libcusolver.so.11", libs, "cusolver", None),
        ("libcusparse.so.12", libs, "cusparse", None), ("libcufft.so.11", fft, "cufft", None),
        ("libcublasLt.so.12", libs, "cublasLt", None), ("libnvJitLink.so.12", libs, "nvJit", None),
    ):  # fmt: skip
        _library(rig, name, list(folder.glob(f"{stem}.*.so")), own, stem, error=15)


def _library(rig: Path, name: str, users: list[Path], own: Path | None, prefix: str, error: int):
    """A shared library of `own`, with a refusal for all else that its users ask of it by prefix."""
    needed = {s for user in users for s in _symbols(user, "U") if s.startswith(prefix)}
    refused = sorted(needed - (_symbols(own, "T") if own else set()))
    lines = ["#include <cstdio>"] + [
        f'extern "C" int {s}() {{ fprintf(stderr, "the stand-in has no {s}\\n"); return {error}; }}'
        for s in refused
    ]
    rest = rig / "obj" / f"{prefix}_refused.cpp"
    rest.write_text("\n".join(lines))
    versions = rig / "obj" / f"{prefix}.map"
    versions.write_text(f"{name} {{ global: *; }};")
    link, libraries = ["-shared", f"-Wl,-soname,{name}", "-Wl,--no-as-needed"], ["-ldl"]
    if prefix != "cu":  # CuPy's modules ask for symbols of this version
        link.append(f"-Wl,--version-script={versions}")
        libraries += [f"-L{rig / 'lib'}", "-l:libcuda.so.1"]
    objects = [own, rest] if own else [rest]
    _run([*GXX, *link, *objects, "-o", rig / "lib" / name, *libraries])


def _symbols(file: Path, kind: str) -> set[str]:
    dynamic = ["-D"] if file.suffix == ".so" else []
    listed = subprocess.run(["nm", *dynamic, file], capture_output=True, text=True, check=True)
    rows = (line.split() for line in listed.stdout.splitlines())
    return {row[-1].split("@")[0] for row in rows if row[-2] == kind}


def _run(command, **kwargs):
    done = subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, check=False, **kwargs
    )
    if done.returncode:
        text = f"{done.stdout}\n{done.stderr}".strip()[-2000:]
        raise Missing(f"{' '.join(map(str, command[:6]))} ... failed:\n{text}")


if __name__ == "__main__":
    print(build())
