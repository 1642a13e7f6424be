"""The activations of the demo `activation_bench`, each with its numbers: to call, and as code."""

import functools
import time
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ... import activations
from ...autograd import grad

# Each maps the values of the demo to Python source for a function of one array.
SPELLED: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "relu": lambda v: "ck.activations.relu",
    "leaky_relu": lambda v: f"partial(ck.activations.leaky_relu, slope={v['slope']!r})",
    "elu": lambda v: f"partial(ck.activations.elu, alpha={v['alpha']!r})",
    "smelu": lambda v: f"partial(ck.activations.smelu, beta={v['beta']!r})",
    "gelu": lambda v: "ck.activations.gelu",
    "silu": lambda v: "ck.activations.silu",
    "selu": lambda v: "ck.activations.selu",
    "softplus": lambda v: "ck.activations.softplus",
    "sigmoid": lambda v: "ck.activations.sigmoid",
    "tanh": lambda v: "ck.activations.tanh",
    "tanh(kx)": lambda v: f"lambda x: ck.activations.tanh({v['k']!r} * x)",
    "sign": lambda v: "ck.activations.sign",
    "absolute": lambda v: "ck.activations.absolute",
    "identity": lambda v: "ck.activations.identity",
    "maxout": lambda v: f"lambda x: np.maximum({_line(v['w1'], v['b1'])}, "
                        f"{_line(v['w2'], v['b2'])})",
}  # fmt: skip
NAMES = tuple(SPELLED)
HAS = {
    "leaky_relu": ("slope",), "elu": ("alpha",), "smelu": ("beta",), "tanh(kx)": ("k",),
    "maxout": ("w1", "b1", "w2", "b2"),
}  # fmt: skip


def defined(name: str, v: Mapping[str, Any]) -> tuple[str, str]:
    """The activation as code that defines f, and what is to be imported for it."""
    source = SPELLED[name](v)
    if source.startswith("lambda x: "):
        return f"def f(x):\n    return {source.removeprefix('lambda x: ')}\n", ""
    return f"f = {source}", "from functools import partial\n\n" if "partial" in source else ""


def called(name: str, v: Mapping[str, Any]) -> Callable:
    """The activation at these values."""
    if name == "tanh(kx)":
        return lambda x: activations.tanh(v["k"] * x)
    if name == "maxout":
        return lambda x: np.maximum(v["w1"] * x + v["b1"], v["w2"] * x + v["b2"])
    f = activations.get(name)
    return functools.partial(f, **{n: v[n] for n in HAS[name]}) if name in HAS else f


def titled(name: str, v: Mapping[str, Any]) -> str:
    """The activation in words, with its number."""
    names = {"relu": "ReLU", "leaky_relu": "Leaky ReLU", "silu": "SiLU", "smelu": "SmeLU"}
    names |= {"elu": "ELU", "selu": "SELU", "gelu": "GELU", "absolute": "abs"}
    greek = {"slope": "slope", "alpha": "α =", "beta": "β =", "k": "k ="}
    plain, numbers = names.get(name, name), HAS.get(name, ())
    return plain if len(numbers) != 1 else f"{plain}, {greek[numbers[0]]} {v[numbers[0]]:g}"


def derivative(f: Callable) -> Callable:
    """f' for arrays."""
    return grad(lambda x: f(x).sum())


@functools.cache
def cost(name: str) -> float:
    """How long the activation takes here, in units of ReLU: never twice quite the same number.

    The median of eleven ratios. "exp alone" is NumPy's exponential and nothing around it.
    """
    usual = {"slope": 0.01, "alpha": 1.0, "beta": 1.0, "k": 5.0}
    usual |= {"w1": 1.0, "b1": 0.0, "w2": -1.0, "b2": 0.5}
    x = np.random.default_rng(0).standard_normal(20_000).astype(np.float32)
    f = np.exp if name == "exp alone" else called(name, usual)
    ratios = [_seconds(f, x) / _seconds(activations.relu, x) for _ in range(12)][1:]
    return 1.0 if name == "relu" else float(np.median(ratios))


def _seconds(f: Callable, x: np.ndarray) -> float:
    start = time.perf_counter()
    f(x)
    return time.perf_counter() - start


def _line(w: float, b: float) -> str:
    return f"{w!r} * x + {b!r}"
