"""Training loops and the demos' computations on CuPy, as on NumPy."""

import dataclasses
import functools
import gc
import inspect

import numpy as np
import pytest

import coursekit as ck
from coursekit.backend import using
from coursekit.demos import engine
from tests.gpu.both import agree, check

pytestmark = pytest.mark.cupy


def landscapes():
    """The names of all landscapes that need no arguments."""
    for name in dir(ck.landscapes):
        make = getattr(ck.landscapes, name)
        if inspect.isfunction(make) and not name.startswith("_") and name != "names":
            given = inspect.signature(make).parameters.values()
            if all(p.default is not p.empty for p in given if p.kind is not p.VAR_KEYWORD):
                yield name


def test_minimize():
    def compute():
        f = ck.landscapes.rosenbrock()
        path = ck.minimize(f, ck.to_device(f.start), ck.optim.Adam(lr=0.05), steps=20)
        return ck.to_device(path.thetas), ck.to_device(path.values)

    check(compute, tolerance=1e-9)


@pytest.mark.parametrize("name", [*landscapes()])
def test_landscapes(name):
    def compute():
        f = getattr(ck.landscapes, name)()
        theta = ck.to_device(np.asarray(ck.to_host(f.start)))
        return f.value_and_grad(theta), f.hessian(theta)

    check(compute, tolerance=1e-10)


HISTORIES = {
    "momentum": (ck.optim.Momentum(lr=0.1), {}),
    "nesterov, stopping": (ck.optim.Nesterov(lr=0.01), {"stopping": ck.EarlyStopping(2)}),
    "replacement": (ck.optim.SGD(lr=0.1), {"sampling": "replacement"}),
}


@pytest.mark.parametrize("name", HISTORIES)
def test_fit(name):
    opt, more = HISTORIES[name]

    def compute():
        net = ck.Sequential(
            ck.Linear(2, 8), ck.BatchNorm(8), "tanh", ck.Dropout(0.1), ck.Linear(8, 2)
        )
        history = ck.fit(net, ck.data.moons(), opt, epochs=3, progress=False, rng=1, **more)
        kept = history.train_loss, history.val_loss, history.step_loss
        return [ck.to_device(np.array(part)) for part in kept], history.theta

    with using("numpy"):
        right = compute()
    with using("cupy"):
        losses, theta = compute()
        agree(right, ([ck.to_host(part) for part in losses], ck.to_host(theta)), 2e-3)


def test_resume_is_exact(tmp_path):
    net, file = ck.MLP([2, 8, 2]), tmp_path / "run.npz"
    settings = {"epochs": 4, "progress": False, "rng": 0}
    with using("cupy"):
        data, opt = ck.data.moons(), ck.optim.Adam(lr=0.01)
        whole = ck.fit(net, data, opt, **settings)
        ck.fit(net, data, opt, **{**settings, "epochs": 2}, checkpoint=file)
        again = ck.fit(net, data, opt, **settings, resume=file)
        np.testing.assert_array_equal(ck.to_host(whole.theta), ck.to_host(again.theta))


@pytest.mark.parametrize("name", ["conventions", "race", "stability", "training"])
def test_what_a_demo_computes(name, monkeypatch):
    """Demos stay on the host, where such small problems are quicker; these work on either."""
    monkeypatch.setattr(engine.Demo, "on_device", True)

    def compute():
        return plain(getattr(ck.demos, name)().compute())

    with using("numpy"):
        right = compute()
    for kept in gc.get_objects():  # results that demos keep would hide what the device computes
        if isinstance(kept, functools._lru_cache_wrapper) and "demos" in (kept.__module__ or ""):
            kept.cache_clear()
    with using("cupy"):
        agree(right, compute(), 5e-3 if name == "training" else 1e-6)


@pytest.mark.parametrize("name", [n for n in dir(ck.demos) if not n.startswith("_")])
def test_what_a_demo_shows(name):
    """As on a machine with a GPU, where a demo itself stays on the host."""
    with using("cupy"):
        demo = getattr(ck.demos, name)()
        result = demo.compute()
        assert demo.status(result) and demo.describe(result) and demo.numbers(result)
        assert demo.image()


def plain(result):
    """The arrays and numbers of a demo's result."""
    if dataclasses.is_dataclass(result):
        result = vars(result)
    if isinstance(result, dict):
        return {key: plain(part) for key, part in result.items()}
    if isinstance(result, tuple | list):
        return [plain(part) for part in result]
    return result if isinstance(result, np.ndarray | float | int) else None
