"""Settings shared by every test: one BLAS thread, and property tests that repeat exactly."""

import os

from hypothesis import settings

# Before NumPy is imported: two xdist workers with two BLAS threads each would slow each other down.
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")

settings.register_profile("course", deadline=None, derandomize=True)
settings.load_profile("course")
