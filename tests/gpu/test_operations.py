"""Every operation on CuPy: value, derivative, and derivative of the derivative, as on NumPy."""

import numpy as np
import pytest

import coursekit as ck
from coursekit import backend, ops
from coursekit.backend import using
from tests.gpu.both import check, counted
from tests.ops.test_elementwise import BINARY, UNARY
from tests.ops.test_linalg import EINSUMS, FACTORISATIONS, PRODUCTS, regular
from tests.ops.test_neural import FUSED
from tests.ops.test_shaping import CASES
from tests.strategies import spread

pytestmark = pytest.mark.cupy
PRECISIONS = ["float32", "float64"]
SORTING = ("sort",)  # machine code of the Thrust library, which the stand-in cannot run
HOST = ("hstack", "stack", "vstack", "concatenate")  # rows that mix in arrays of the host


def derivatives(f):
    """x... -> value, gradients of a weighted sum, and gradients of the sum of their squares."""

    def weigh(y):
        return (
            y * (1 + 0.1 * ck.to_device(np.arange(1.0, y.size + 1, dtype=y.dtype).reshape(y.shape)))
        ).sum()

    def compute(*x):
        places = tuple(range(len(x)))
        first = lambda *x: ck.grad(lambda *x: weigh(f(*x)), places)(*x)  # noqa: E731
        second = ck.grad(lambda *x: sum((g**2).sum() for g in first(*x)), places)(*x)
        return f(*x), first(*x), second

    return compute


@pytest.mark.parametrize("dtype", PRECISIONS)
@pytest.mark.parametrize("name", [*UNARY, *BINARY])
def test_elementwise(name, dtype):
    domains = [UNARY[name][0]] if name in UNARY else BINARY[name]
    shapes = [(3, 4), (4,)][: len(domains)]
    arrays = [a.astype(dtype) for a in spread(0, shapes, domains)]
    check(derivatives(getattr(ops, name)), *arrays, tolerance=1e-4 if dtype == "float32" else 1e-11)


ROWS = [
    (name, f, shape) for name, cases in CASES.items() for f, shape in cases
    if name not in SORTING and name not in HOST
]  # fmt: skip


@pytest.mark.parametrize(("name", "f", "shape"), ROWS)
def test_shaping(name, f, shape):
    x = np.linspace(-1, 1.5, int(np.prod(shape))).reshape(shape)
    check(derivatives(lambda x: f(ops, x) ** 2), x)


@pytest.mark.parametrize("axis", [None, 0, -1, (0, 2)])
@pytest.mark.parametrize("name", ["logsumexp", "mean", "prod", "sum", "var", "std", "max", "min"])
def test_reductions(name, axis):
    (x,) = spread(1, [(2, 3, 4)], [(0.5, 1.5)])
    check(derivatives(lambda x: getattr(ops, name)(x, axis=axis)), x, tolerance=1e-10)


@pytest.mark.parametrize("name", ["cumsum", "average"])
def test_other_reductions(name):
    (x,) = spread(1, [(3, 4)], [(0.5, 1.5)])
    check(derivatives(lambda x: getattr(ops, name)(x, axis=1)), x)


PAIRS = [(name, *row) for name, rows in PRODUCTS.items() for row in rows]


@pytest.mark.parametrize(("name", "a", "b", "more"), [(*r, *[None] * (4 - len(r))) for r in PAIRS])
def test_products(name, a, b, more):
    more = [] if more is None else [more]
    check(
        derivatives(lambda x, y: getattr(ops, name)(x, y, *more)), *spread(0, [a, b], [(-1, 1)] * 2)
    )


@pytest.mark.parametrize("row", EINSUMS, ids=str)
def test_einsum(row):
    formula, *shapes = row
    check(
        derivatives(lambda *x: ops.einsum(formula, *x)), *spread(0, shapes, [(-1, 1)] * len(shapes))
    )


@pytest.mark.parametrize("name", FACTORISATIONS)
def test_factorisations(name):
    a = regular((3, 3))
    a = a @ a.T if name in ("cholesky", "eigh") else a
    f = getattr(ops, name)
    if name == "solve":
        return check(derivatives(f), a, np.arange(1.0, 4))
    if name in ("eigh", "slogdet"):
        return check(derivatives(lambda a: f(a)[0 if name == "eigh" else 1]), a, tolerance=1e-9)
    return check(derivatives(f), a, tolerance=1e-9)


@pytest.mark.parametrize("dtype", PRECISIONS)
@pytest.mark.parametrize("name", FUSED)
def test_fused(name, dtype):
    f, _, arguments = FUSED[name]
    arrays = [a.astype(dtype) for a in arguments]
    check(derivatives(f), *arrays, tolerance=1e-4 if dtype == "float32" else 1e-11)


@pytest.mark.parametrize("name", ["erf", "erfc"])
def test_special(name):
    check(derivatives(getattr(ops, name)), np.linspace(-4, 4, 33), tolerance=1e-10)


# --- factorisations on the host ------------------------------------------------------------------
@pytest.mark.parametrize("name", ["solve", "lstsq", "eigh", "svd", "qr", "cholesky", "inv"])
def test_small_factorisations_are_fetched_computed_and_put_back(name):
    a = regular((4, 4))
    a = a @ a.T
    arguments = (a, np.arange(1.0, 5)) if name in ("solve", "lstsq") else (a,)
    check(getattr(backend.linalg, name), *arguments)
    with using("cupy"):
        device = [ck.to_device(x) for x in arguments]
        before = backend.linalg.transfers
        with counted() as asked:
            getattr(backend.linalg, name)(*device)
        assert backend.linalg.transfers == before + 1
        if asked:
            assert asked[0].to_host == len(arguments)
