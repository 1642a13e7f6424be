"""NVIDIA's own compiler, which needs neither a GPU nor a driver, in a process of its own.

It must not meet the stand-in's libraries, so it runs without them: a worker reads one kernel a
line and answers with the first complaint, an empty text if there is none.
"""

import ctypes
import functools
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

GENERATIONS = (75, 80, 86, 89, 90, 100, 120)  # compute capability times ten
if CARD := os.environ.get("COURSEKIT_RIG_CAPABILITY"):  # or the one card to play
    GENERATIONS = (int(CARD),)


def complaint(site: Path, source: str, options, names) -> str:
    """What NVRTC has to say against a kernel for any generation of GPUs; nothing is best."""
    worker = _worker(site)
    worker.stdin.write(json.dumps([source, list(options), list(names)]) + "\n")
    worker.stdin.flush()
    return json.loads(worker.stdout.readline())


@functools.cache
def _worker(site: Path):
    plain = {k: v for k, v in os.environ.items() if k not in ("LD_LIBRARY_PATH", "PYTHONPATH")}
    command = [sys.executable, __file__, str(site)]
    return subprocess.Popen(
        command, env=plain, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


# --- the worker ----------------------------------------------------------------------------------
def main(site: Path):
    lib = ctypes.CDLL(str(next((site / "nvidia/cuda_nvrtc/lib").glob("libnvrtc.so.*"))))
    cccl = site / "cupy/_core/include/cupy/_cccl"
    folders = [
        site / "cupy/_core/include", cccl / "libcudacxx", cccl / "thrust", cccl / "cub",
        site / "nvidia/cuda_runtime/include", site / "nvidia/cuda_nvcc/include",
    ]  # fmt: skip
    includes = [f"-I{folder}" for folder in folders]
    with tempfile.TemporaryDirectory() as folder:
        kept = {g: [f"-arch=sm_{g}", "--pch", f"--pch-dir={folder}/{g}"] for g in GENERATIONS}
        for generation in GENERATIONS:
            os.mkdir(f"{folder}/{generation}")
        for line in sys.stdin:
            source, options, names = json.loads(line)
            own = [option for option in options if not option.startswith("-I")] + includes
            answers = (compiled(lib, source, own + kept[g], names) for g in GENERATIONS)
            where = zip(GENERATIONS, answers, strict=True)
            print(json.dumps(next((f"sm_{g}: {a}" for g, a in where if a), "")), flush=True)


def compiled(lib, source: str, options: list[str], names) -> str:
    """The complaint about a kernel."""
    encoded = [option.encode() for option in [*options, "--device-as-default-execution-space"]]
    program, size = ctypes.c_void_p(), ctypes.c_size_t()
    lib.nvrtcCreateProgram(ctypes.byref(program), source.encode(), b"kernel.cu", 0, None, None)
    for name in names:
        lib.nvrtcAddNameExpression(program, name.encode())
    array = (ctypes.c_char_p * len(encoded))(*encoded)
    failed = lib.nvrtcCompileProgram(program, len(encoded), array)
    lib.nvrtcGetProgramLogSize(program, ctypes.byref(size))
    log = ctypes.create_string_buffer(size.value)
    lib.nvrtcGetProgramLog(program, log)
    lib.nvrtcDestroyProgram(ctypes.byref(program))
    return (log.value.decode() or "refused") if failed else ""


if __name__ == "__main__":
    main(Path(sys.argv[1]))
