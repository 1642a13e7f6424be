"""Whether CuPy really computes here, and if not: why, and the one thing that would mend it."""

import functools
import importlib.metadata
import re
import threading
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np

INSTALL = 'pip install "cupy-cuda12x[ctk]"'
PATIENCE = 10.0  # seconds until somebody who waits is told for what


class Backend(NamedTuple):
    """What computes, and why."""

    name: str  # "numpy" or "cupy"
    xp: Any  # the module itself
    reason: str  # one sentence for a person
    mend: str = ""  # the command or action that would bring the GPU in, if there is one


@functools.cache
def probe() -> Backend:
    """CuPy if a kernel and a matrix product really run on a device, else NumPy with the reason.

    A GPU that is merely listed may still lack a library, a driver or memory; only one that was
    asked to compute, and waited for, is known to.
    """
    installed = _installed()
    if not installed:
        return _cpu("CuPy is not installed.", f"With an NVIDIA GPU: {INSTALL}")
    if len(installed) > 1:
        both = " ".join(installed)
        return _cpu(
            f"several CuPy packages are installed ({both}), which overwrite each other.",
            f"pip uninstall -y {both}; {INSTALL}",
        )
    with _told_after(PATIENCE, "waiting for the GPU: the first use of CUDA can take a minute"):
        try:
            import cupy
        except Exception as error:
            return _cpu(f"CuPy does not import ({_line(error)}).", f"Reinstall it: {INSTALL}")
        try:
            if cupy.cuda.runtime.getDeviceCount() < 1:
                return _cpu("the driver lists no GPU.", _SEE)
        except Exception as error:
            return _cpu(*_no_device(cupy.cuda.runtime, error, installed[0]))
        try:
            card = _computes(cupy)
        except Exception as error:
            return _cpu(*_broken(_line(error)))
    return Backend("cupy", cupy, f"Running on the GPU with CuPy {cupy.__version__}: {card}.")


def _installed() -> list[str]:
    names = {d.metadata["Name"] or "" for d in importlib.metadata.distributions()}
    return sorted(n for n in names if re.fullmatch(r"cupy(-cuda\d+x|-rocm-[\d-]+)?", n))


def _computes(cupy) -> str:
    """The name of the card, after it compiled a kernel, ran it, and multiplied two matrices."""
    name = cupy.cuda.runtime.getDeviceProperties(0)["name"].decode()
    capability = cupy.cuda.Device(0).compute_capability
    x = cupy.arange(4, dtype=cupy.float32).reshape(2, 2)
    if float((x + 1).sum()) != 10 or float((x @ x)[1, 1]) != 11:
        raise RuntimeError("a test computation came out wrong")
    return f"{name}, compute capability {capability[:-1]}.{capability[-1]}"


# --- what is wrong, and what mends it ------------------------------------------------------------
_SEE = "Check that nvidia-smi lists a GPU and that CUDA_VISIBLE_DEVICES is not empty."
_DRIVER = (
    "If this computer has an NVIDIA GPU, install its driver; in a container start it with "
    "--gpus all; in Colab choose Runtime, Change runtime type, GPU."
)
_REPORT = 'Please report this line with the output of: python -c "import cupy; cupy.show_config()"'
_BROKEN = (  # what CuPy's message holds, what that means, what mends it; the first that fits
    (
        ("outofmemory", "memoryallocation"),
        "the memory of the GPU is full",
        "Close other programs and notebooks that use the GPU, and try again.",
    ),
    (
        ("gpu-architecture", "invalid_option", "no kernel image"),
        "this CUDA no longer supports the GPU",
        "Compute capability below 5.0 is too old for CuPy; below 7.5 take the CUDA 12 build: "
        + INSTALL,
    ),
    (
        ("nvrtc", "cublas", "dynamiclib", "compileexception"),
        "CuPy lacks a CUDA library that it needs",
        f"Install them with it: {INSTALL}",
    ),
    ((), "a test computation on the GPU failed", _REPORT),
)


def _cpu(reason: str, mend: str) -> Backend:
    return Backend("numpy", np, f"Running on the CPU with NumPy: {reason}", mend)


def _no_device(runtime, error: Exception, package: str) -> tuple[str, str]:
    if "MemoryAllocation" in str(error):
        return _broken(_line(error))
    if "InsufficientDriver" not in str(error):
        return f"the driver reports no GPU that can be used ({_line(error)}).", _SEE
    driver, built = _version(runtime.driverGetVersion), _version(runtime.runtimeGetVersion)
    if not driver:  # CUDA calls a driver that is not there insufficient, too
        return "no NVIDIA driver was found.", _DRIVER
    older = f", or install the CUDA 12 build: {INSTALL}" if built.startswith("13") else "."
    return (
        f"the NVIDIA driver supports CUDA {driver}, but {package} was built for CUDA {built}.",
        f"Update the driver{older}",
    )


def _broken(message: str) -> tuple[str, str]:
    for signs, reason, mend in _BROKEN:
        if not signs or any(sign in message.lower() for sign in signs):
            return f"{reason} ({message}).", mend
    raise AssertionError("the last row fits everything")


def _version(ask) -> str:
    try:
        number = ask()
    except Exception:
        return ""
    return f"{number // 1000}.{number % 1000 // 10}" if number else ""


def _line(error: BaseException) -> str:
    error = error.__cause__ or error  # CuPy wraps what went wrong in a page of advice
    return f"{type(error).__name__}: {(str(error).strip().splitlines() or [''])[0][:160]}"


@contextmanager
def _told_after(seconds: float, what: str):
    """Print a line if the block takes longer than that."""
    timer = threading.Timer(seconds, print, (f"coursekit: {what}",), {"flush": True})
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
