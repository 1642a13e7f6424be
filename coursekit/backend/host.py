"""The machine beside the GPU: memory that is kept, threads that are limited."""

import ctypes
import functools
import os
import platform
from contextlib import contextmanager


@functools.cache
def keep_freed_memory():
    """Ask the C library to keep large blocks that are freed, for the next step to use again.

    glibc returns every block over 128 KiB to the system at once, and the system hands out new ones
    page by page, each filled with zeros first. A step of out-of-place formulas on 100,000 numbers
    spends two thirds of its time on that. Elsewhere than on glibc this does nothing.
    """
    if platform.libc_ver()[0] != "glibc" or os.environ.get("COURSEKIT_MALLOPT") == "0":
        return
    keep_below, trim_above = (-3, 32 << 20), (-1, 128 << 20)  # M_MMAP_, M_TRIM_THRESHOLD
    libc = ctypes.CDLL(None)
    libc.mallopt(*keep_below)
    libc.mallopt(*trim_above)


@functools.cache
def _controller():
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


@contextmanager
def blas_threads(n: int | None):
    """Limit the linear-algebra library to `n` threads within the block; None sets no limit.

    Small matrix products are faster on one thread, and a demo must not fight the front end for
    the processor.
    """
    with _controller().limit(limits=n, user_api="blas"):
        yield
