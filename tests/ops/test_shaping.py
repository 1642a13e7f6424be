"""Functions that move elements: values as NumPy's, derivatives, order, repeated places."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import coursekit as ck
from coursekit import ops
from coursekit.ops import shaping as module
from tests.strategies import check_jointly, dtypes_through, seeds, shapes, spread

M, C = (2, 3), (2, 3, 4)
# name: what is asked of it and the shape it is asked on; `m` is NumPy or the traced operations
CASES = {
    "astype": [(lambda m, x: x.astype(np.float64), M)],
    "broadcast_to": [
        (lambda m, x: m.broadcast_to(x, (4, 2, 3)), M),
        (lambda m, x: m.broadcast_to(x, (2, 3)), (2, 1)),
        (lambda m, x: m.broadcast_to(x, (0, 3)), (3,)),
        (lambda m, x: m.broadcast_to(x, (3,)), ()),
    ],
    "concatenate": [
        (lambda m, x: m.concatenate([x, np.ones((1, 3)), 2 * x]), M),
        (lambda m, x: m.concatenate([x, x[:, :0], x**2], axis=-1), M),
    ],
    "copy": [(lambda m, x: m.copy(x), M), (lambda m, x: x.copy(), M)],
    "diag": [
        (lambda m, x: m.diag(x), (3,)),
        (lambda m, x: m.diag(x, 1), (3,)),
        (lambda m, x: m.diag(x, -2), (3,)),
        (lambda m, x: m.diag(x), M),
        (lambda m, x: m.diag(x, -1), M),
    ],
    "diagonal": [
        (lambda m, x: m.diagonal(x), M),
        (lambda m, x: m.diagonal(x), C),
        (lambda m, x: m.diagonal(x, 1, -1, 0), C),
        (lambda m, x: m.diagonal(x, offset=-1, axis1=1, axis2=2), C),
        (lambda m, x: m.diagonal(x, 5), M),
    ],
    "diff": [
        (lambda m, x: m.diff(x), M),
        (lambda m, x: m.diff(x, axis=0), M),
        (lambda m, x: m.diff(x, n=2), C),
    ],
    "expand_dims": [
        (lambda m, x: m.expand_dims(x, 0), ()),
        (lambda m, x: m.expand_dims(x, (0, -1)), M),
    ],
    "flip": [
        (lambda m, x: m.flip(x), M),
        (lambda m, x: m.flip(x, 1), M),
        (lambda m, x: m.flip(x, axis=(0, -1)), C),
    ],
    "getitem": [(lambda m, x: x[1], M)],
    "hstack": [
        (lambda m, x: m.hstack([x, 2 * x]), M),
        (lambda m, x: m.hstack([x, 1.0, x]), (3,)),
    ],
    "moveaxis": [
        (lambda m, x: m.moveaxis(x, 0, -1), C),
        (lambda m, x: m.moveaxis(x, (0, -1), (1, 0)), C),
    ],
    "pad": [
        (lambda m, x: m.pad(x, 1), M),
        (lambda m, x: m.pad(x, ((0, 2), (1, 0)), constant_values=3.0), M),
        (lambda m, x: m.pad(x, (1, 2)), (3,)),
    ],
    "put": [],  # not a NumPy function of this meaning: own test
    "ravel": [(lambda m, x: m.ravel(x), C), (lambda m, x: m.ravel(x), ())],
    "repeat": [
        (lambda m, x: m.repeat(x, 2), M),
        (lambda m, x: m.repeat(x, 2, axis=-1), M),
        (lambda m, x: m.repeat(x, [2, 0], axis=0), M),
    ],
    "reshape": [
        (lambda m, x: m.reshape(x, (3, 2)), M),
        (lambda m, x: m.reshape(x, -1), C),
        (lambda m, x: x.reshape(3, -1), M),
        (lambda m, x: x.reshape((4, 6), order="F"), C),
        (lambda m, x: m.reshape(x, -1, order="F"), C),
        (lambda m, x: m.reshape(x, (1, 1)), ()),
        (lambda m, x: m.reshape(x, (3, 0)), (0, 2)),
    ],
    "roll": [
        (lambda m, x: m.roll(x, 2), M),
        (lambda m, x: m.roll(x, -1, axis=1), M),
        (lambda m, x: m.roll(x, (1, 2), axis=(0, 1)), M),
    ],
    "sort": [
        (lambda m, x: m.sort(x), C),
        (lambda m, x: m.sort(x, axis=0), M),
        (lambda m, x: m.sort(x, axis=None), M),
    ],
    "split": [
        (lambda m, x: m.split(x, 2, axis=1)[1], (2, 4)),
        (lambda m, x: m.split(x, [1, 1, 3], axis=-1)[2], C),
        (lambda m, x: m.split(x, [1, 1], axis=0)[1], M),
    ],
    "squeeze": [
        (lambda m, x: m.squeeze(x), (1, 3, 1)),
        (lambda m, x: m.squeeze(x, axis=-1), (1, 3, 1)),
    ],
    "stack": [
        (lambda m, x: m.stack([x, 2 * x, np.ones(M)]), M),
        (lambda m, x: m.stack([x, x], axis=-1), M),
        (lambda m, x: m.stack([x[0], 1.0, x[1] ** 2]), (2,)),
    ],
    "stop_gradient": [],
    "swapaxes": [(lambda m, x: m.swapaxes(x, 0, -1), C)],
    "take": [
        (lambda m, x: m.take(x, [0, 4, 4]), M),
        (lambda m, x: m.take(x, [[0, 2], [2, 2]], axis=-1), M),
        (lambda m, x: m.take(x, 1, axis=0), M),
    ],
    "take_along_axis": [
        (lambda m, x: m.take_along_axis(x, np.array([[2, 2], [0, 1]]), 1), M),
        (lambda m, x: m.take_along_axis(x, np.array([[1, 0, 1]]), axis=-2), M),
    ],
    "tile": [
        (lambda m, x: m.tile(x, 2), M),
        (lambda m, x: m.tile(x, (2, 1)), M),
        (lambda m, x: m.tile(x, (2, 1, 3)), (3,)),
    ],
    "transpose": [
        (lambda m, x: m.transpose(x), C),
        (lambda m, x: m.transpose(x, (1, 2, 0)), C),
        (lambda m, x: m.transpose(x, axes=(-1, 0, 1)), C),
        (lambda m, x: x.transpose(2, 0, 1), C),
        (lambda m, x: x.T, ()),
    ],
    "tril": [(lambda m, x: m.tril(x), (3, 3)), (lambda m, x: m.tril(x, -1), C)],
    "triu": [(lambda m, x: m.triu(x), (3, 3)), (lambda m, x: m.triu(x, 1), C)],
    "vstack": [
        (lambda m, x: m.vstack([x, 2 * x]), (3,)),
        (lambda m, x: m.vstack([x, np.ones(3)]), M),
    ],
}
ROWS = [(name, f, shape) for name, cases in CASES.items() for f, shape in cases]


def grid(shape):
    return np.linspace(-1, 1.5, int(np.prod(shape))).reshape(shape)


def test_every_operation_has_a_row():
    assert set(CASES) == set(module.__all__)


@pytest.mark.parametrize(("name", "f", "shape"), ROWS)
def test_moves_what_numpy_moves(name, f, shape):
    x = grid(shape)
    want = f(np, x)
    for m in (np, ops):
        y, _ = ck.vjp(lambda x, m=m: f(m, x), x)
        assert np.shape(y) == np.shape(want)
        np.testing.assert_array_equal(y, want)
    check_jointly(lambda x: f(ops, x) ** 2, x)


@pytest.mark.parametrize(("name", "f", "shape"), ROWS)
def test_precision_is_kept(name, f, shape):
    if name != "astype":
        x = grid(shape).astype(np.float32)
        with_doubles = f(np, x).dtype == np.float64  # np.ones(...) beside x: NumPy's own promotion
        dtypes = dtypes_through(lambda x: f(ops, x), x)
        assert with_doubles or dtypes == {np.dtype(np.float32)}


@settings(max_examples=60)
@given(data=st.data())
def test_indexing(data):
    shape = data.draw(shapes(min_dims=1, min_side=1))
    index = data.draw(
        hnp.basic_indices(shape, allow_newaxis=True)
        | hnp.integer_array_indices(shape)
        | hnp.arrays(bool, shape)
    )
    (x,) = spread(data.draw(seeds), [shape], [(-1, 1)])
    y, _ = ck.vjp(lambda x: x[index], x)
    np.testing.assert_array_equal(y, x[index])
    ck.check_grad(lambda x: x[index] ** 2, x)


@pytest.mark.parametrize(
    "index",
    [
        [0, 0, 2],
        np.array([1, 1, 1]),
        ([0, 0], [1, 1]),
        (slice(None), [2, 2]),
        (..., np.array([[0, 1], [1, 0]])),
        [True, False, True],
        (None, 1),
        True,
        -1,
        np.int64(2),
    ],
    ids=str,
)
def test_repeated_places_add_up(index):
    x = grid((3, 3))
    want = np.zeros((3, 3))
    np.add.at(want, index, np.ones_like(x[index]))
    np.testing.assert_array_equal(ck.grad(lambda x: x[index].sum())(x), want)
    ck.check_grad(lambda x: x[index] ** 3, x)


def test_put_is_the_transpose_of_getitem():
    values = grid((4,))
    index = np.array([0, 2, 2, 1])
    y, _ = ck.vjp(lambda v: ops.put(v, index, (3,)), values)
    np.testing.assert_allclose(y, [values[0], values[3], values[1] + values[2]])
    ck.check_grad(lambda v: ops.put(v, index, (3,)) ** 2, values)


def test_stop_gradient_is_a_constant_for_every_level():
    stop = ops.stop_gradient
    assert ck.grad(lambda x: stop(x) * x)(3.0) == 3
    assert ck.grad(ck.grad(lambda x: stop(x) * x**2))(3.0) == 6  # 2 stop(x), not the 18 of x^3
    assert ck.grad(lambda x: ck.grad(lambda y: stop(x) * y)(1.0) * x)(3.0) == 3


def test_casts():
    x = grid(M).astype(np.float32)
    y, pull = ck.vjp(lambda x: x.astype(np.float64) ** 2, x)
    assert y.dtype == np.float64
    (d,) = pull(np.ones(M))
    assert d.dtype == np.float32
    np.testing.assert_allclose(d, 2 * x)
    through_integers = ck.grad(lambda x: (x.astype(int) * x).sum())(x * 4)
    np.testing.assert_array_equal(through_integers, (x * 4).astype(int))


def test_orders_and_modes_that_do_not_exist_are_refused():
    with pytest.raises(TypeError, match="'A'"):
        ck.vjp(lambda x: x.reshape(3, 2, order="A"), grid(M))
    with pytest.raises(TypeError, match="'edge'"):
        ck.vjp(lambda x: np.pad(x, 1, mode="edge"), grid(M))


@pytest.mark.parametrize(
    ("f", "message"),
    [
        (lambda x: x.reshape(4), r"reshape of shapes \(2, 3\)"),
        (lambda x: x[5], r"getitem of shapes \(2, 3\).*index 5"),
        (
            lambda x: np.concatenate([x, np.ones((2, 2))]),
            r"concatenate of shapes \(2, 3\) and \(2, 2",
        ),
        (lambda x: np.stack([x, x.T]), r"stack of shapes \(2, 3\) and \(3, 2\)"),
        (lambda x: np.transpose(x, (0, 2)), r"transpose of shapes \(2, 3\)"),
    ],
)
def test_errors_name_the_operation_and_the_shapes(f, message):
    with pytest.raises(ck.ShapeError, match=message):
        ck.vjp(f, grid(M))
    with pytest.raises(IndexError):  # what an IndexError was stays one
        ck.vjp(lambda x: x[5], grid(M))
