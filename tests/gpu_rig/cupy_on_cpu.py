"""Real CuPy on a CPU: g++ compiles the kernels that CuPy writes. Import before anything uses CuPy.

Runs in the environment that `build.environment` gives. Every new kernel is shown to NVIDIA's own
compiler too, for each generation of GPUs; what that refuses is an error here. `counts()` says what
was asked of the device since `reset()`.
"""

import ctypes
import hashlib
import os
import re
import subprocess
from pathlib import Path
from typing import NamedTuple

import cupy
from cupy.cuda import compiler

from . import nvrtc

RIG = Path(os.environ["COURSEKIT_ON_RIG"])
HERE = Path(__file__).parent
SITE = RIG / "site"
INCLUDES = [
    HERE / "shim", SITE / "cupy/_core/include", SITE / "nvidia/cuda_runtime/include",
    SITE / "nvidia/cuda_nvcc/include", SITE / "cupy/_core/include/cupy/_cccl/libcudacxx",
]  # fmt: skip
GXX = ["g++", "-std=c++17", "-O1", "-fpermissive", "-w", "-fPIC", "-ffp-contract=off"]
LIB = ctypes.CDLL("libcuda.so.1")
LIB.rig_events.restype = ctypes.c_char_p


class Counts(NamedTuple):
    """What was asked of the device."""

    launches: int
    to_device: int
    to_host: int
    waits: int
    memsets: int
    bytes_to_device: int


def counts() -> Counts:
    numbers = (ctypes.c_ulonglong * len(Counts._fields))()
    LIB.rig_counts(numbers)
    return Counts(*numbers)


def reset():
    LIB.rig_reset()


def events() -> list[str]:
    """Names of kernels and copies since the last reset, in order."""
    return LIB.rig_events().decode().splitlines()


def kernels() -> int:
    """How many different kernels have passed both compilers so far, in this and earlier runs."""
    return len(list((RIG / "machine").glob("*.so")))


# --- g++ in the place of NVRTC -------------------------------------------------------------------
def compile_kernel(source, options=(), arch=None, filename="", name_expressions=None, *_, **__):
    """What CuPy calls to compile: machine code and the names in it."""
    text = re.sub(
        r"extern\s+__shared__\s+([\w ]+?)\s+(\w+)\s*\[\s*\]\s*;",
        r"\1* \2 = (\1*)rig_shared;",
        source,
    )
    barriers = "__sync" in source or "__shfl" in source
    own = any(word in source for word in ("threadIdx", "blockIdx", "blockDim"))
    loop = not barriers and not own and "CUPY_FOR" in source
    names = {e: f"expression{i}" for i, e in enumerate(name_expressions or ())}
    names = names or {n: n for n in re.findall(r"__global__\s+void\s+(\w+)\s*\(", source)}
    entries = [
        f'extern "C" void rig_run_{symbol}(const unsigned* g, size_t s, void** p) '
        f"{{ rig::run({name}, g, s, p, {str(barriers).lower()}, {str(loop).lower()}); }}"
        for name, symbol in names.items()
    ]
    defines = [option for option in options if option.startswith("-D")]
    library = _library("\n".join(["#include <all.h>", text, *entries]), defines)
    new = not library.exists()
    if (new or nvrtc.CARD) and (
        complaint := nvrtc.complaint(SITE, source, options, name_expressions or ())
    ):
        raise compiler.CompileException(complaint[:3000], source, filename, options)
    if new:
        _build(library, "\n".join(["#include <all.h>", text, *entries]), defines)
    return f"RIG:{library}\0".encode(), names


def _library(text: str, defines: list[str]) -> Path:
    name = hashlib.sha256("\n".join([text, *defines]).encode()).hexdigest()[:32]
    return RIG / "machine" / f"{name}.so"


def _build(library: Path, text: str, defines: list[str]):
    library.parent.mkdir(exist_ok=True)
    code = library.with_suffix(f".{os.getpid()}.cpp")
    code.write_text(text)
    includes = [f"-I{path}" for path in (_precompiled(), *INCLUDES)]
    part = code.with_suffix(".so")
    command = [*GXX, "-shared", *defines, *includes, code, "-o", part]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"g++ refused a kernel of CuPy:\n{done.stderr[:3000]}\nsee {code}")
    os.replace(part, library)
    code.unlink()


def _precompiled() -> Path:
    """The headers, compiled once: three times faster from then on."""
    folder = RIG / "precompiled"
    header = folder / "all.h.gch"
    if not header.exists():
        folder.mkdir(exist_ok=True)
        part = folder / f"{os.getpid()}.gch"
        includes = [f"-I{path}" for path in INCLUDES]
        command = [*GXX, "-x", "c++-header", *includes, HERE / "shim/all.h", "-o", part]
        subprocess.run(command, check=True)
        os.replace(part, header)
    return folder


def _refuse(*_, **__):
    raise NotImplementedError("this part of CuPy is machine code for a GPU, which is not here")


compiler._compile_using_nvrtc_no_warning = compile_kernel
compiler._preprocess = lambda source, options, arch, backend: "rig"
cupy.random.default_rng = cupy.random.Generator = _refuse  # would answer with garbage
