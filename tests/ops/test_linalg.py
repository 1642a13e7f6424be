"""Products and factorisations: vectors, matrices and stacks of them, to second order."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import coursekit as ck
from coursekit import ops
from coursekit.ops import linalg as module
from tests.strategies import check_jointly, dtypes_through, seeds, shapes, spread

PRODUCTS = {  # name: pairs of shapes, and further arguments
    "dot": [
        ((3,), (3,)), ((2, 3), (3,)), ((3,), (3, 2)), ((2, 3), (3, 4)), ((), (2, 3)), ((2,), ()),
        ((2, 2, 3), (3,)), ((2, 3), (2, 3, 4)), ((3,), (2, 3, 4)), ((2, 1, 3), (3, 2)),
    ],
    "inner": [((3,), (3,)), ((2, 3), (4, 3)), ((2, 3), (3,)), ((), (3,)), ((2, 1, 3), (2, 3))],
    "kron": [((2, 3), (3, 1)), ((1, 2), (2, 2))],
    "matmul": [((0, 3), (3, 2)), ((2, 0), (0, 3))],  # the rest is drawn
    "outer": [((2,), (3,)), ((2, 2), (3,)), ((), (2,))],
    "tensordot": [
        ((2, 3), (3, 4), 1), ((2, 3), (2, 3), 2), ((2,), (3,), 0),
        ((2, 3, 4), (4, 3), ([1, 2], [1, 0])),
        ((2, 3), (3, 2), ((-1, 0), (0, 1))), ((2, 3), (4, 3), (1, 1)), ((2, 3), (4, 3), (-1, -1)),
    ],
    "vdot": [((3,), (3,)), ((2, 3), (2, 3))],
}  # fmt: skip
EINSUMS = [
    ("ij,jk->ik", (2, 3), (3, 4)), ("ij,jk", (2, 3), (3, 2)), ("ij->ji", (2, 3)), ("ij->j", (2, 3)),
    ("ij->", (2, 3)), ("ij,kj->ikj", (2, 3), (2, 3)), ("i,j,k->ijk", (2,), (3,), (2,)),
    ("bij,bjk->bik", (2, 2, 3), (2, 3, 2)), ("ij,ij->i", (2, 3), (2, 3)),
    ("ij,kl->il", (2, 3), (2, 3)),
    ("...i,i", (2, 3, 4), (4,)), ("...ij,...jk->...ik", (2, 1, 2, 3), (2, 3, 2)),
    ("i...->...", (2, 3)), ("a,ab,b->", (2,), (2, 3), (3,)), ("ij,ij->ij", (2, 1), (2, 3)),
    (" i j , j -> i ", (2, 3), (3,)), ("...,...", (2, 3), ()), ("ba", (2, 3)),
]  # fmt: skip
FACTORISATIONS = ["cholesky", "det", "eigh", "inv", "norm", "slogdet", "solve", "trace"]


def test_every_operation_has_a_row():
    assert {*PRODUCTS, "einsum", *FACTORISATIONS} == set(module.__all__)


def random(shape, seed=0):
    return spread(seed, [shape], [(-1.0, 1.2)])[0]


def regular(shape, seed=0):
    """A matrix, or a stack of them, with eigenvalues that are apart and far from zero."""
    n = shape[-1]
    return 0.4 * random(shape, seed) + np.diag(np.arange(1.0, n + 1))


ROWS = [(name, *row) for name, rows in PRODUCTS.items() for row in rows]


@pytest.mark.parametrize(
    ("name", "a", "b", "more"), [(*row, *[None] * (4 - len(row))) for row in ROWS]
)
def test_products(name, a, b, more):
    a, b = random(a), random(b, seed=1)
    more = () if more is None else (more,)
    want = getattr(np, name)(a, b, *more)
    for f in (getattr(np, name), getattr(ops, name)):
        y, _ = ck.vjp(lambda a, b, f=f: f(a, b, *more), a, b)
        assert np.shape(y) == np.shape(want)
        np.testing.assert_allclose(y, want, rtol=1e-14, atol=1e-15)
    check_jointly(lambda a, b: getattr(ops, name)(a, b, *more), a, b)


@settings(max_examples=40)
@given(
    drawn=hnp.mutually_broadcastable_shapes(
        signature=np.matmul.signature, max_dims=2, min_side=1, max_side=3
    ),
    seed=seeds,
)
def test_matmul(drawn, seed):
    a, b = (random(shape, seed + i) for i, shape in enumerate(drawn.input_shapes))
    y, pull = ck.vjp(lambda a, b: a @ b, a, b)
    np.testing.assert_array_equal(y, a @ b)
    assert [d.shape for d in pull(np.ones_like(y))] == [a.shape, b.shape]
    check_jointly(ops.matmul, a, b)
    ck.check_grad(lambda b: (a @ b) ** 2, b)  # a plain array on the left
    ck.check_grad(lambda a: (a @ b) ** 2, a)


@pytest.mark.parametrize("row", EINSUMS, ids=lambda row: row[0])
def test_einsum(row):
    text, *shapes = row
    arrays = [random(shape, i) for i, shape in enumerate(shapes)]
    y, _ = ck.vjp(lambda *xs: np.einsum(text, *xs), *arrays)
    want = np.einsum(text, *arrays)
    assert np.shape(y) == np.shape(want)
    np.testing.assert_allclose(y, want, rtol=1e-14, atol=1e-15)
    check_jointly(lambda *xs: ops.einsum(text, *xs), *arrays)


def test_einsum_refuses_what_it_would_get_wrong():
    with pytest.raises(TypeError, match=r"'ii->'.*diagonal"):
        ck.vjp(lambda x: np.einsum("ii->", x), np.eye(2))
    with pytest.raises(TypeError, match="as text"):
        ck.vjp(lambda x: np.einsum(x, [0, 1]), np.eye(2))


@pytest.mark.parametrize("shape", [(1, 1), (3, 3), (2, 3, 3)])
@pytest.mark.parametrize(
    "f",
    [
        np.linalg.inv,
        np.linalg.det,
        lambda x: np.linalg.slogdet(x).logabsdet,
        lambda x: np.linalg.slogdet(x)[1],
        lambda x: np.linalg.cholesky(x @ x.swapaxes(-1, -2)),
        lambda x: np.linalg.eigh(x + x.swapaxes(-1, -2))[0],
        lambda x: np.linalg.eigh(x + x.swapaxes(-1, -2))[1] ** 2,  # free of the sign
        lambda x: np.linalg.eigvalsh(x + x.mT) ** 2,
        np.trace,
        lambda x: np.trace(x, offset=1, axis1=-2, axis2=-1),
    ],
)
def test_factorisations(f, shape):
    x = regular(shape)
    y, _ = ck.vjp(f, x)
    np.testing.assert_allclose(y, f(x), rtol=1e-13, atol=1e-14)
    ck.check_grad(f, x)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ((3, 3), (3,)), ((3, 3), (3, 2)), ((3, 3), (3, 3)), ((2, 3, 3), (2, 3, 2)),
        ((3, 3, 3), (3,)), ((2, 3, 3), (3, 2)), ((3, 3), (2, 3, 1)), ((1, 1), (1,)),
    ],
)  # fmt: skip
def test_solve(a, b):
    a, b = regular(a), random(b, seed=1)
    y, _ = ck.vjp(np.linalg.solve, a, b)
    np.testing.assert_array_equal(y, np.linalg.solve(a, b))
    check_jointly(ops.solve, a, b)


def test_slogdet_of_a_negative_determinant():
    x = np.array([[0.0, 2.0], [3.0, 1.0]])
    (sign, value), pull = ck.vjp(lambda x: ops.stack(np.linalg.slogdet(x)), x)
    assert (sign, value) == (-1, pytest.approx(np.log(6)))
    np.testing.assert_allclose(pull(np.array([5.0, 1.0]))[0], np.linalg.inv(x).T, rtol=1e-15)


def test_eigenvalues_that_coincide_still_have_derivatives_as_a_set():
    d = ck.grad(lambda x: (np.linalg.eigvalsh(x) ** 2).sum())(np.eye(3) * 2)
    np.testing.assert_allclose(d, 4 * np.eye(3), atol=1e-14)  # of the squared Frobenius norm: 2 x


@settings(max_examples=25)
@given(data=st.data())
def test_norm(data):
    shape = data.draw(shapes(min_dims=1, min_side=1))
    one = st.integers(-len(shape), len(shape) - 1)
    axis = data.draw(st.none() | one if len(shape) != 3 else one)
    vector = axis is not None or len(shape) == 1
    ord = data.draw(st.sampled_from([None, 2, 1, np.inf] if vector else [None, "fro"]))
    keepdims = data.draw(st.booleans())
    (x,) = spread(data.draw(seeds), [shape], [(0.2, 1.7)])
    f = lambda x: np.linalg.norm(x, ord, axis, keepdims)  # noqa: E731
    y, _ = ck.vjp(f, x)
    np.testing.assert_allclose(y, f(x), rtol=1e-14)
    ck.check_grad(f, x)


def test_norm_at_zero_has_derivative_zero():
    np.testing.assert_array_equal(ck.grad(np.linalg.norm)(np.zeros(3)), np.zeros(3))
    rows = np.array([[0.0, 0.0], [3.0, 4.0]])
    d = ck.grad(lambda x: np.linalg.norm(x, axis=1).sum())(rows)
    np.testing.assert_allclose(d, [[0, 0], [0.6, 0.8]])


def test_norms_without_a_derivative_are_refused():
    for ord, axis in [(2, None), (2, (0, 1)), (1, None), ("nuc", None), (3, 0)]:
        with pytest.raises(TypeError, match=f"ord={ord!r}"):
            ck.vjp(lambda x, ord=ord, axis=axis: np.linalg.norm(x, ord, axis), np.eye(2))


def test_a_matrix_without_a_factor_is_a_linalg_error_and_no_shape_error():
    for f in (np.linalg.cholesky, np.linalg.inv):
        with pytest.raises(np.linalg.LinAlgError) as caught:
            ck.vjp(f, -np.eye(2) * (f is np.linalg.cholesky))
        assert not isinstance(caught.value, ck.ShapeError)


@pytest.mark.parametrize("name", module.__all__)
def test_precision_is_kept(name):
    x = regular((3, 3)).astype(np.float32)
    f = getattr(ops, name)
    call = {
        "einsum": lambda x: f("ij,kj->i", x, x),
        "cholesky": lambda x: f(x @ x.T),
        "eigh": lambda x: f(x + x.T)[0],
        "slogdet": lambda x: f(x).logabsdet,
    }
    two = lambda x: f(x, x)  # noqa: E731
    call = call.get(name, two if name in {*PRODUCTS, "solve"} else f)
    assert dtypes_through(call, x) == {np.dtype(np.float32)}


@pytest.mark.parametrize(
    ("f", "message"),
    [
        (lambda x: x @ np.ones((2, 2)), r"matmul of shapes \(2, 3\) and \(2, 2\)"),
        (lambda x: np.ones(4) @ x, r"matmul of shapes \(4,\) and \(2, 3\)"),
        (lambda x: np.linalg.solve(np.eye(3), x), r"solve of shapes \(3, 3\) and \(2, 3\)"),
        (
            lambda x: np.einsum("ij,jk", x, np.ones((2, 2))),
            r"einsum of shapes \(2, 3\) and \(2, 2\)",
        ),
    ],
)
def test_errors_name_the_operation_and_both_shapes(f, message):
    with pytest.raises(ck.ShapeError, match=message):
        ck.vjp(f, np.ones((2, 3)))
