"""The code of every chapter that leaves the choice to the machine, on the device, shortened.

Chapters whose problems are small say `ck.use("numpy")`.
The stand-in needs a millisecond where a GPU needs microseconds, so each data set is cut to a few
rows and each `minimize` to a few steps, its last point repeated. That proves that a chapter hands
CuPy only what CuPy accepts; its numbers are checked where they are computed in full, on NumPy.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "notebooks"
CHAPTERS = [
    path for path in sorted(FOLDER.glob("*.ipynb"))
    if r"ck.use(\"numpy\")" not in path.read_text(encoding="utf-8")
]  # fmt: skip
pytestmark = [
    pytest.mark.cupy,
    pytest.mark.slow,
    pytest.mark.skipif(not os.environ.get("COURSEKIT_ON_RIG"), reason="shortened for the stand-in"),
]

CODE = """
import dataclasses, sys, time
from tests.gpu_rig import cupy_on_cpu
import cupy, nbformat, numpy as np
from IPython.core.interactiveshell import InteractiveShell
import coursekit as ck
from coursekit.run import minimize as module

ROWS, STEPS = 40, 5
whole_data, whole_run = ck.data.dataset.Data.__init__, ck.minimize

def few(self, name, *splits, **more):
    cut = [ck.data.dataset.Split(s.x[:ROWS], s.y[:ROWS]) for s in splits]
    whole_data(self, name, *cut, **more)

def short(f, theta, opt, steps=100, **more):
    path = whole_run(f, theta, opt, min(steps, STEPS), **more)
    rest = steps - path.steps
    repeated = {n: np.concatenate([a, np.repeat(a[-1:], rest, axis=0)]) for n, a in
                ((n, getattr(path, n)) for n in ("thetas", "values", "grad_norms", "solutions"))}
    counts = type(path.counts_at)(*(np.append(c, [c[-1]] * rest) for c in path.counts_at))
    return dataclasses.replace(path, counts_at=counts, **repeated)

def on_host(name):
    return lambda *a, **k: ck.to_device(getattr(np.linalg, name)(*map(ck.to_host, a), **k))

for name in ("cholesky", "eigh", "eigvalsh", "inv", "lstsq", "qr", "solve", "svd"):
    setattr(cupy.linalg, name, on_host(name))  # cuSOLVER is machine code
ck.data.dataset.Data.__init__ = few
ck.minimize = short
shell = InteractiveShell.instance()
shell.run_line_magic("colors", "nocolor")
for cell in nbformat.read(sys.argv[1], as_version=4).cells:
    if cell.cell_type == "code":
        start = time.perf_counter()
        if not shell.run_cell(cell.source).success:
            sys.exit(f"cell {cell.id}")
        if (took := time.perf_counter() - start) > 5:
            print(f"slow: {cell.id} {took:.1f} s", file=sys.stderr)
assert ck.use("auto") == ck.backend_name() == "cupy"
"""


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_a_chapter(path):
    done = subprocess.run([sys.executable, "-c", CODE, path.name], capture_output=True, text=True,
                          cwd=path.parent, check=False, timeout=280)  # fmt: skip
    print(done.stderr)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]
