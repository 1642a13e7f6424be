"""NumPy on a CPU or CuPy on a GPU: the only part of the package that knows which.

Arrays cross between host and device in two named places, `to_host` and `to_device`; random numbers
are always drawn on the host, so that both backends see the same ones.
"""

from . import linalg
from .arrays import default_dtype, require, rng, set_dtype, to_device, to_host
from .choice import Array, backend_name, current, describe, use, using, xp
from .detect import Backend
from .fused import elementwise
from .host import blas_threads

__all__ = [
    "Array", "Backend", "use", "using", "current", "xp", "backend_name", "describe",
    "to_host", "to_device", "require", "set_dtype", "default_dtype", "rng",
    "elementwise", "linalg", "blas_threads",
]  # fmt: skip
