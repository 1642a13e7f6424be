"""`coursekit doctor --gpu`: the tests of the GPU path and a comparison of speed, as a report."""

import datetime
import subprocess
import sys
import time
from importlib import util
from pathlib import Path

from . import __version__, backend
from .networks import MLP
from .optim import Adam

SIZES = ([64, 128, 10], [784, 512, 256, 10], [2048, 2048, 2048, 10])
TESTS = "tests/gpu"
LIMIT = 480.0  # seconds for the tests; the whole report takes under ten minutes


def run() -> int:
    """Print the report; the exit code is 0 if a GPU computed and every test passed."""
    print("\n--- report, to be pasted into an issue " + "-" * 40)
    print(f"date {datetime.date.today()}, coursekit {__version__}, commit {_commit()}")
    try:
        backend.use("cupy")
    except RuntimeError as error:
        print(f"no GPU that computes: {error}")
        return 1
    print(f"{backend.describe()} Driver: CUDA {_driver()}")
    passed = _tests()
    for line in speeds():
        print(line)
    return 0 if passed else 1


def _commit() -> str:
    root = Path(__file__).parents[1]
    command = ["git", "-C", str(root), "rev-parse", "--short", "HEAD"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return done.stdout.strip()


def _driver() -> str:
    number = backend.xp().cuda.runtime.driverGetVersion()
    return f"{number // 1000}.{number % 1000 // 10}"


def _tests() -> bool:
    """Run the tests of the GPU path, where they are: in a clone, with pytest."""
    root = Path(__file__).parents[1]
    if not (root / "tests" / "gpu").is_dir() or util.find_spec("pytest") is None:
        print('tests not run: they need a clone of the project and pip install -e ".[test]"')
        return False
    command = [sys.executable, "-m", "pytest", "--backend=cupy", "-q", TESTS]
    try:
        done = subprocess.run(
            command, cwd=root, capture_output=True, text=True, check=False, timeout=LIMIT
        )
    except subprocess.TimeoutExpired:
        print(f"tests stopped after {LIMIT:.0f} s")
        return False
    for line in done.stdout.splitlines()[-12:]:
        print(f"    {line}")
    return done.returncode == 0


def speeds():
    """Lines that say how long a training step takes on either backend."""
    yield "microseconds per training step (Adam, float32, batch 128, after 20 steps of warm-up)"
    for sizes in SIZES:
        both = {name: _step(name, sizes) for name in ("numpy", "cupy")}
        numbers = ", ".join(f"{name} {1e6 * seconds:.0f}" for name, seconds in both.items())
        yield f"    {'-'.join(map(str, sizes))}: {numbers}"


def _step(name: str, sizes: list[int], steps: int = 50) -> float:
    backend.use(name)
    random = backend.rng(0)
    x = backend.to_device(random.random((128, sizes[0])).astype("float32"))
    y = backend.to_device(random.integers(sizes[-1], size=128))
    net, opt = MLP(sizes), Adam()
    f, theta = net.objective(x, y, "cross_entropy"), net.init(rng=0)
    state = opt.init(theta)
    for k in range(20 + steps):
        if k == 20:
            float(theta[0])  # waits until the device has done what was asked of it
            start = time.perf_counter()
        theta, state = opt.step(theta, state, f)
    float(theta[0])
    return (time.perf_counter() - start) / steps
