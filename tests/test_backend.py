"""The choice of backend, arrays and seeds, strips that equal the whole formula bit for bit."""

import dataclasses
import os
import re
import subprocess
import sys
import threading
import time
from collections import namedtuple
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import threadpoolctl

import coursekit as ck
from coursekit import backend
from coursekit.backend import Backend, arrays, choice, detect, fused, host
from coursekit.backend.fused import LONG, STRIP

CPU = Backend("numpy", np, "Running on the CPU with NumPy: a test says so.", "Buy a GPU.")


@pytest.fixture(autouse=True)
def as_it_was(monkeypatch):
    monkeypatch.setattr(choice, "_backend", None)
    monkeypatch.setattr(arrays, "_dtype", None)
    monkeypatch.delenv("COURSEKIT_BACKEND", raising=False)
    choice._say.cache_clear()


@pytest.fixture
def no_gpu(monkeypatch):
    monkeypatch.setattr(choice, "probe", lambda: CPU)


# --- the choice ----------------------------------------------------------------------------------
def test_numpy_as_asked(capsys):
    assert ck.use("numpy") == ck.backend_name() == "numpy"
    assert backend.xp() is np
    assert "as asked" in backend.describe()
    assert capsys.readouterr() == ("", "")


def test_cupy_without_a_gpu_raises_with_the_reason_and_the_mend(no_gpu):
    ck.use("numpy")
    with pytest.raises(RuntimeError, match=r"a test says so\. Buy a GPU\."):
        ck.use("cupy")
    assert ck.backend_name() == "numpy"  # a failed choice changes nothing


@pytest.mark.parametrize("notebook", [False, True])
def test_auto_falls_back_and_says_so_once(notebook, no_gpu, capsys, monkeypatch):
    shell = SimpleNamespace(kernel=None) if notebook else None
    ipython = SimpleNamespace(get_ipython=lambda: shell)
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    assert ck.use("auto") == ck.use() == "numpy"
    said, other = capsys.readouterr() if notebook else capsys.readouterr()[::-1]
    assert said == "coursekit: Running on the CPU with NumPy: a test says so. Buy a GPU.\n"
    assert other == ""
    assert backend.describe() == "Running on the CPU with NumPy: a test says so. Buy a GPU."


def test_auto_takes_a_gpu_that_computes(monkeypatch, capsys):
    fake = Backend("cupy", object(), "Running on the GPU with CuPy 0: a fake.")
    monkeypatch.setattr(choice, "probe", lambda: fake)
    assert ck.use() == ck.backend_name() == "cupy"
    assert backend.xp() is fake.xp
    assert capsys.readouterr() == ("", "")


def test_a_choice_that_does_not_exist():
    with pytest.raises(ValueError, match="'jax'"):
        ck.use("jax")


@pytest.mark.parametrize(("choice", "says"), [("numpy", 0), ("NumPy", 0), ("auto", 1), (None, 1)])
def test_the_environment_chooses_and_says_so_once(choice, says):
    if choice in ("auto", None) and detect.probe().name == "cupy":
        pytest.skip("this machine has a GPU that computes")
    env = {k: v for k, v in os.environ.items() if k != "COURSEKIT_BACKEND"}
    env |= {} if choice is None else {"COURSEKIT_BACKEND": choice}
    code = "import coursekit as ck; print(ck.backend_name(), ck.backend_name(), ck.use('auto'))"
    code = code if says else code.replace(", ck.use('auto')", "")
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True,
                          cwd=Path(ck.__file__).parents[1], check=True)  # fmt: skip
    assert set(done.stdout.split()) == {"numpy"}
    assert done.stderr.count("Running on the CPU") == says


def test_an_environment_that_asks_for_too_much_is_an_error(monkeypatch, no_gpu):
    monkeypatch.setenv("COURSEKIT_BACKEND", "cupy")
    with pytest.raises(RuntimeError, match="a test says so"):
        ck.backend_name()
    monkeypatch.setenv("COURSEKIT_BACKEND", "gpu")
    with pytest.raises(ValueError, match="'gpu'"):
        ck.backend_name()


class Distribution:
    def __init__(self, name):
        self.metadata = {"Name": name}


@pytest.mark.parametrize(
    ("installed", "words"),
    [
        ([], "CuPy is not installed.*pip install"),
        (
            ["cupy-cuda11x", "cupy-cuda12x"],
            "several CuPy packages.*pip uninstall -y cupy-cuda11x cupy",
        ),
        (["cupy-cuda12x"], r"CuPy does not import \(ModuleNotFoundError.*Reinstall"),
    ],
)
def test_what_is_wrong_with_the_installation(installed, words, monkeypatch):
    found = [Distribution(name) for name in [*installed, "numpy", None, "cupyx-helper"]]
    monkeypatch.setattr(detect.importlib.metadata, "distributions", lambda: found)
    monkeypatch.setitem(sys.modules, "cupy", None)
    found = detect.probe.__wrapped__()
    assert found.name == "numpy"
    assert re.search(words, f"{found.reason} {found.mend}")


class Driver:
    """CuPy's runtime on a machine where something is wrong."""

    def __init__(self, error=None, driver=12080, built=12090, devices=1):
        self.error, self.driver, self.built, self.devices = error, driver, built, devices

    def getDeviceCount(self):
        if self.error:
            raise RuntimeError(self.error)
        return self.devices

    def driverGetVersion(self):
        return self.driver

    def runtimeGetVersion(self):
        return self.built

    def getDeviceProperties(self, number):
        return {"name": b"Some Card"}


def fake_cupy(runtime, failure=None, total=10):
    """As much of CuPy as the probe looks at; its first kernel may fail."""

    class Numbers(np.ndarray):
        def __add__(self, other):
            if failure:
                raise RuntimeError(failure)
            return np.asarray(self) + other + (total - 10)

    def arange(n, dtype):
        return np.arange(n, dtype=dtype).view(Numbers)

    device = SimpleNamespace(compute_capability="86")
    cuda = SimpleNamespace(runtime=runtime, Device=lambda number: device)
    return SimpleNamespace(cuda=cuda, arange=arange, float32=np.float32, __version__="14")


NO_DRIVER = "cudaErrorInsufficientDriver: CUDA driver version is insufficient"
WRONG = {
    "no driver": (Driver(NO_DRIVER, driver=0), None, "no NVIDIA driver.*install its driver"),
    "old driver": (Driver(NO_DRIVER, driver=11040), None,
                   r"supports CUDA 11\.4, but cupy-cuda12x was built for CUDA 12\.9.*Update"),
    "new build": (Driver(NO_DRIVER, driver=12080, built=13000), None,
                  r"built for CUDA 13\.0.*or install the CUDA 12 build: pip install"),
    "no device": (Driver("cudaErrorNoDevice: no CUDA-capable device is detected"), None,
                  "no GPU that can be used.*nvidia-smi"),
    "full, says the driver": (Driver("cudaErrorMemoryAllocation: out of memory"), None,
                              "memory of the GPU is full.*Close"),
    "none listed": (Driver(devices=0), None, "lists no GPU.*CUDA_VISIBLE_DEVICES"),
    "no nvrtc": (Driver(), "DynamicLibNotFoundError: libnvrtc", "lacks a CUDA library.*Install"),
    "no cublas": (Driver(), "libcublasLt.so.12: cannot open", "lacks a CUDA library.*Install"),
    "old card": (Driver(), "nvrtc: error: invalid value for --gpu-architecture (-arch)",
                 "no longer supports the GPU.*CUDA 12 build"),
    "full": (Driver(), "OutOfMemoryError: Out of memory", "memory of the GPU is full.*Close"),
    "something else": (Driver(), "no idea", "test computation.*failed.*show_config"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_with_the_gpu(name, monkeypatch):
    runtime, failure, words = WRONG[name]
    monkeypatch.setattr(detect, "_installed", lambda: ["cupy-cuda12x"])
    monkeypatch.setitem(sys.modules, "cupy", fake_cupy(runtime, failure))
    found = detect.probe.__wrapped__()
    assert found.name == "numpy" and found.xp is np
    assert re.search(words, f"{found.reason} {found.mend}"), found
    assert "\n" not in f"{found.reason} {found.mend}"
    monkeypatch.setattr(choice, "probe", lambda: found)
    with pytest.raises(RuntimeError, match=re.escape(f"{found.reason} {found.mend}")):
        ck.use("cupy")


def test_a_gpu_must_compute_and_compute_rightly(monkeypatch):
    monkeypatch.setattr(detect, "_installed", lambda: ["cupy-cuda12x"])
    monkeypatch.setitem(sys.modules, "cupy", fake_cupy(Driver()))
    found = detect.probe.__wrapped__()
    assert found.name == "cupy"
    assert found.reason.endswith("with CuPy 14: Some Card, compute capability 8.6.")
    monkeypatch.setitem(sys.modules, "cupy", fake_cupy(Driver(), total=11))
    assert "came out wrong" in detect.probe.__wrapped__().reason


def test_who_waits_is_told_for_what(capsys):
    with detect._told_after(0.01, "waiting for the GPU"):
        time.sleep(0.1)
    with detect._told_after(10, "never said"):
        pass
    assert capsys.readouterr().out == "coursekit: waiting for the GPU\n"


# --- arrays --------------------------------------------------------------------------------------
class Device:
    """As much of a CuPy array as the messages need."""

    __module__ = "cupy"
    device = "gpu:0"

    def get(self):
        return np.arange(3)


def test_to_host():
    assert ck.to_host([1, 2.0]).tolist() == [1, 2]
    assert ck.to_host(3.0).shape == ()
    a = np.ones(2, np.float32)
    assert ck.to_host(a) is a
    np.testing.assert_array_equal(ck.to_host(Device()), [0, 1, 2])
    with pytest.raises(TypeError, match="traced value into a plain array"):
        ck.vjp(ck.to_host, a)


def test_to_device():
    ck.use("numpy")
    a = ck.to_device([1, 2], np.float32)
    assert (type(a), a.dtype) == (np.ndarray, np.float32)
    assert ck.to_device(a) is a


def test_an_array_of_the_other_backend_is_named_with_its_mend(monkeypatch):
    ck.use("numpy")
    with pytest.raises(TypeError, match=r'theta is a CuPy array.*ck.use\("cupy"\).*to_host\(theta'):
        backend.require(Device(), "theta")
    for wrong in ([1.0], 1.0, None, "abc"):
        with pytest.raises(TypeError, match=r"x must be an array, not (list|float|NoneType|str)"):
            backend.require(wrong, "x")
    for right in (np.ones(2), np.float64(1), np.ones(())):
        backend.require(right, "x")
    ck.vjp(lambda x: backend.require(x, "x") or x, np.ones(2))  # traced values pass
    monkeypatch.setattr(choice, "_backend", Backend("cupy", namedtuple("M", "ndarray")(Device), ""))
    backend.require(Device(), "theta")
    with pytest.raises(TypeError, match=r"x is a NumPy array but .* cupy.*ck.to_device\(x\)"):
        backend.require(np.ones(2), "x")


def test_set_dtype():
    assert backend.default_dtype("float32") == np.float32
    ck.set_dtype("float64")
    assert backend.default_dtype("float32") == np.float64
    ck.set_dtype("float32")
    assert backend.default_dtype("float64") == np.float32
    for wrong in ("float16", "double", np.float32, 32):
        with pytest.raises(ValueError, match="dtype must be None"):
            ck.set_dtype(wrong)
    assert backend.default_dtype("float64") == np.float32
    ck.set_dtype(None)
    assert backend.default_dtype("float64") == np.float64


def test_seeds():
    draw = lambda *seed: backend.rng(*seed).standard_normal(4).tolist()  # noqa: E731
    assert draw(0) == draw(0) != draw(1)
    assert draw(0, 3) == draw(0, 3)
    assert len({tuple(draw(*s)) for s in [(0,), (0, 1), (1, 0), (0, 1, 0), (0, 0, 1)]}) == 5
    assert draw(np.int64(7)) == draw(7)
    assert draw(7) == np.random.default_rng(7).standard_normal(4).tolist()
    generator = np.random.default_rng(0)
    assert backend.rng(generator) is backend.rng(generator, 1) is generator
    for wrong in (-1, 0.5, "seed", None, np.random.RandomState(0)):
        with pytest.raises(TypeError, match="rng must be a seed >= 0 or a NumPy Generator"):
            backend.rng(wrong)
    with pytest.raises(TypeError, match="rng must be"):
        backend.rng(0, -1)


def test_blas_threads():
    host._controller.cache_clear()  # another test may have loaded a second BLAS since: SciPy's

    def threads():
        return {pool["num_threads"] for pool in threadpoolctl.threadpool_info()
                if pool["user_api"] == "blas"}  # fmt: skip

    if not threads():
        pytest.skip("no BLAS whose threads can be counted")
    before = threads()
    with backend.blas_threads(2):
        assert threads() == {2}
        with backend.blas_threads(1):
            assert threads() == {1}
        assert threads() == {2}
    assert threads() == before
    with pytest.raises(KeyError), backend.blas_threads(1):
        raise KeyError
    assert threads() == before


# --- strips --------------------------------------------------------------------------------------
State = namedtuple("State", "k m v")


@dataclasses.dataclass(frozen=True, eq=False)
class Method:
    """Adam, more or less: enough arithmetic for a wrong order to show in the last bit."""

    lr: object = 1e-2
    decay: object = 0.0
    beta: float = 0.9
    name: str = "no array"
    seen: tuple = ()

    def __post_init__(self):
        if isinstance(self.lr, str):
            raise ValueError("lr must be a number")

    @backend.elementwise
    def rule(self, theta, g, s):
        k = s.k + 1
        g = g + self.decay * theta
        m = self.beta * s.m + (1 - self.beta) * g
        v = np.maximum(s.v, g * g) / (1 - self.beta**k)
        return theta - self.lr * m / (np.sqrt(v) + 1e-8) + np.tanh(theta) / 3, State(k, m, v)


def problem(shape, dtype, seed=0):
    r = np.random.default_rng(seed)
    theta, g, m, v = (r.standard_normal(shape).astype(dtype) for _ in range(4))
    return theta, g, State(3, m, v * v)


def same(a, b):
    (theta, s), (theta_, s_) = a, b
    assert type(s) is type(s_) is State
    for x, x_ in zip((theta, *s), (theta_, *s_), strict=True):
        assert np.shape(x) == np.shape(x_)
        assert getattr(x, "dtype", None) == getattr(x_, "dtype", None)
        np.testing.assert_array_equal(x, x_)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", [1, STRIP - 1, STRIP, STRIP + 1, 3 * STRIP + 7, (3, STRIP + 5)])
def test_strips_are_the_formula_bit_for_bit(shape, dtype, monkeypatch):
    monkeypatch.setattr(fused, "LONG", 0)  # everything goes in strips
    theta, g, s = problem(shape, dtype)
    before = [np.array(a) for a in (theta, g, *s)]
    n = theta.shape[-1]
    rate = np.linspace(1e-3, 1e-1, n).astype(dtype)
    for method in (
        Method(), Method(lr=rate), Method(lr=rate, decay=rate**2, seen=(1, 2)),
        Method(lr=np.array(0.1, dtype)), Method(lr=np.full(theta.shape, 0.2, dtype)),
    ):  # fmt: skip
        same(method.rule(theta, g, s), Method.rule.formula(method, theta, g, s))
    for a, was in zip((theta, g, *s), before, strict=True):
        np.testing.assert_array_equal(a, was)  # nothing was written into


def test_one_rate_for_each_of_several_starts():
    theta, g, s = problem((5, STRIP), np.float32)
    method = Method(lr=np.array([[0.1], [0.2], [0.3], [0.4], [0.5]], np.float32))
    same(method.rule(theta, g, s), Method.rule.formula(method, theta, g, s))


def test_arrays_in_other_memory_orders():
    theta, g, s = problem((STRIP, 5), np.float64)
    theta, g = np.asfortranarray(theta), g[::-1]
    same(Method().rule(theta, g, s), Method.rule.formula(Method(), theta, g, s))


def test_numbers_in_the_state_stay_numbers():
    theta, g, s = problem(LONG + STRIP, np.float32)
    s = s._replace(v=np.float32(1.5), k=np.array(3))  # 0-d arrays count as numbers
    new = Method().rule(theta, g, s)
    assert np.ndim(new[1].k) == 0
    same((new[0], new[1]), Method.rule.formula(Method(), theta, g, s))


def test_long_vectors_do_go_in_strips():
    seen = []

    class Watched(Method):
        @backend.elementwise
        def rule(self, theta, g, s):
            seen.append(theta.size)
            return theta - self.lr * g, s

    Watched(lr=np.ones(LONG + 1)).rule(*problem(LONG + 1, np.float32))
    assert seen == [STRIP] * (LONG // STRIP) + [1]
    seen.clear()
    Watched().rule(*problem(LONG, np.float32))
    assert seen == [LONG]


def test_an_error_in_the_formula_is_the_same_either_way():
    theta, g, s = problem(LONG + 1, np.float64)
    with pytest.raises(ValueError, match="broadcast"):
        Method(lr=np.ones(7)).rule(theta, g, s)


@pytest.mark.parametrize("n", [5, LONG + 5])
def test_traced_values_run_the_plain_formula(n):
    theta, g, s = problem(n, np.float64)

    def moved(theta, g, lr):
        return (Method(lr=lr).rule(theta, g, s)[0] ** 2).sum()

    plain = lambda *args: (Method.rule.formula(Method(lr=args[2]), *args[:2], s)[0] ** 2).sum()  # noqa: E731
    for argnums in (0, 1, 2):
        np.testing.assert_array_equal(
            ck.grad(moved, argnums)(theta, g, 0.1), ck.grad(plain, argnums)(theta, g, 0.1)
        )
    by_momentum = lambda m: Method().rule(theta, g, s._replace(m=m))[0].sum()  # noqa: E731
    assert ck.grad(by_momentum)(s.m).shape == (n,)
    each = ck.grad(lambda lr: moved(theta, g, lr))(np.full(n, 0.1))
    assert each.sum() == pytest.approx(ck.grad(lambda lr: moved(theta, g, lr))(0.1), rel=1e-9)


def test_another_backend_for_a_while(monkeypatch):
    fake = Backend("cupy", object(), "Running on the GPU with CuPy 0: a fake.")
    monkeypatch.setattr(choice, "probe", lambda: fake)
    ck.use("cupy")
    others: list = []
    with backend.using("numpy"):
        assert backend.xp() is np and ck.backend_name() == "numpy"
        thread = threading.Thread(target=lambda: others.append(ck.backend_name()))
        thread.start()
        thread.join()
    assert others == ["cupy"]  # a demo's worker does not disturb the cells
    assert ck.backend_name() == "cupy"
    with pytest.raises(ZeroDivisionError), backend.using("numpy"):
        raise ZeroDivisionError
    assert ck.backend_name() == "cupy"
    assert ck.exhibits.E10.run(steps=2)._fields == ("says", "right")  # with NumPy, come what may
