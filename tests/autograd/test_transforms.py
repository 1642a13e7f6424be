"""The transforms against dense matrices, against each other nested, and against torch.func."""

import contextlib
import gc
import weakref
from typing import NamedTuple

import numpy as np
import pytest

import coursekit as ck
from coursekit import ops
from coursekit.autograd import untraced

RNG = np.random.default_rng(0)
X = RNG.uniform(0.5, 1.5, (2, 3))
W1, W2 = RNG.standard_normal((3, 4)), RNG.standard_normal((4, 2))
DATA = RNG.standard_normal((5, 3))
LABELS = np.eye(2)[[0, 1, 1, 0, 1]]
THETA = np.concatenate([W1.ravel(), W2.ravel()])


def model(theta):
    return np.tanh(DATA @ theta[:12].reshape(3, 4)) @ theta[12:].reshape(4, 2)


def loss(z):
    return ops.softmax_cross_entropy(z, LABELS)


def training_loss(theta):
    return loss(model(theta))


def field(x):  # R^(2,3) -> R^(3,), nothing symmetric about it
    return np.sin(x[0] * x[1]) + x[1] ** 3 / x[0, ::-1]


def scalar(x):
    return np.prod(field(x)) + np.exp(x).sum()


def dense_jacobian(f, x, h=1e-3):
    def column(e):
        central = lambda h: (f(x + h * e) - f(x - h * e)) / (2 * h)  # noqa: E731
        return (4 * central(h / 2) - central(h)) / 3

    units = np.eye(x.size).reshape(x.size, *x.shape)
    columns = np.stack([column(e) for e in units], axis=-1)
    return columns.reshape(*np.shape(f(x)), *x.shape)


# --- against dense matrices ----------------------------------------------------------------------
def test_jacobian():
    np.testing.assert_allclose(ck.jacobian(field)(X), dense_jacobian(field, X), atol=1e-9)
    assert ck.jacobian(scalar)(X).shape == (2, 3)
    assert ck.jacobian(lambda x: x[:0])(X[0]).shape == (0, 3)
    assert ck.jacobian(lambda x: np.outer(x, x))(X[0]).shape == (3, 3, 3)
    np.testing.assert_array_equal(ck.jacobian(lambda x: np.ones(2))(X[0]), np.zeros((2, 3)))


def test_jacobian_by_any_argument():
    f = lambda a, b, scale=1.0: scale * a[:, None] * b  # noqa: E731
    a, b = np.array([1.0, 2.0]), np.array([3.0, 4.0, 5.0])
    by_b = np.einsum("i,jk->ijk", a, np.eye(3))
    np.testing.assert_array_equal(ck.jacobian(f, 1)(a, b), by_b)
    np.testing.assert_array_equal(ck.jacobian(f, argnums=-1)(a, b), by_b)
    np.testing.assert_array_equal(ck.jacobian(f, 1)(a, b, scale=2.0), 2 * by_b)
    with pytest.raises(ValueError, match=r"argnums=2 .*2 arguments"):
        ck.jacobian(f, 2)(a, b)


def test_jvp_and_vjp_are_the_two_products_of_the_jacobian():
    J = dense_jacobian(field, X)
    v, g = RNG.standard_normal(X.shape), RNG.standard_normal(3)
    y, dy = ck.jvp(field, (X,), (v,))
    np.testing.assert_array_equal(y, field(X))
    np.testing.assert_allclose(dy, np.tensordot(J, v, 2), atol=1e-9)
    y, pull = ck.vjp(field, X)
    np.testing.assert_allclose(pull(g)[0], np.tensordot(g, J, 1), atol=1e-9)


def test_jvp_of_several_arguments():
    f = lambda a, b: a @ b + 0 * a[0, 0]  # noqa: E731
    a, b, da, db = W1, W2, RNG.standard_normal((3, 4)), RNG.standard_normal((4, 2))
    _, dy = ck.jvp(f, (a, b), (da, db))
    np.testing.assert_allclose(dy, da @ b + a @ db, rtol=1e-13)
    _, dy = ck.jvp(f, [a, b], [da, 0 * db])
    np.testing.assert_allclose(dy, da @ b, rtol=1e-13)


def test_hessian_and_hvp():
    H = dense_jacobian(ck.grad(scalar), X)
    np.testing.assert_allclose(ck.hessian(scalar)(X), H, atol=1e-8)
    v = RNG.standard_normal(X.shape)
    np.testing.assert_allclose(ck.hvp(scalar, X, v), np.tensordot(H, v, 2), atol=1e-8)
    own = ck.hessian(training_loss)(THETA)
    np.testing.assert_allclose(own, own.T, atol=1e-15)


def test_ggn_is_jt_h_j():
    J = ck.jacobian(model)(THETA).reshape(10, -1)
    H = ck.hessian(loss)(model(THETA)).reshape(10, 10)
    G = J.T @ H @ J
    columns = [ck.ggn(model, loss, THETA, e) for e in np.eye(THETA.size)]
    np.testing.assert_allclose(np.stack(columns), G, atol=1e-15)
    assert np.linalg.eigvalsh(G)[0] > -1e-14
    assert not np.allclose(G, ck.hessian(training_loss)(THETA), atol=1e-3)  # it is not the Hessian
    linear = lambda theta: DATA @ theta.reshape(3, 2)  # noqa: E731  (there it is)
    v = RNG.standard_normal(6)
    np.testing.assert_allclose(
        ck.ggn(linear, loss, np.ones(6), v),
        ck.hvp(lambda t: loss(linear(t)), np.ones(6), v),
        atol=1e-15,
    )


# --- nesting -------------------------------------------------------------------------------------
def test_grad_of_grad_of_grad():
    f = lambda x: np.exp(2 * x) * x  # noqa: E731
    d = f
    for n in range(1, 6):
        d = ck.grad(d)
        want = (2**n * 0.3 + n * 2 ** (n - 1)) * np.exp(0.6)
        assert d(0.3) == pytest.approx(want, rel=1e-13)


def test_orders_of_nesting_agree():
    v, w = RNG.standard_normal((2, *X.shape))
    H = ck.hessian(scalar)(X)
    Hv = np.tensordot(H, v, 2)
    reverse_forward = ck.jvp(ck.grad(scalar), (X,), (v,))[1]
    forward_reverse = ck.grad(lambda x: ck.jvp(scalar, (x,), (v,))[1])(X)
    forward_forward = ck.jvp(lambda x: ck.jvp(scalar, (x,), (v,))[1], (X,), (w,))[1]
    np.testing.assert_allclose(reverse_forward, Hv, rtol=1e-12)
    np.testing.assert_allclose(forward_reverse, Hv, rtol=1e-12)
    np.testing.assert_allclose(forward_forward, (w * Hv).sum(), rtol=1e-12)
    of_pullback = ck.jvp(lambda x: ck.vjp(scalar, x)[1](1.0)[0], (X,), (v,))[1]
    np.testing.assert_allclose(of_pullback, Hv, rtol=1e-12)


def test_third_derivatives():
    v = RNG.standard_normal(X.shape)
    third = ck.jacobian(lambda x: ck.hvp(scalar, x, v))(X)
    np.testing.assert_allclose(third, dense_jacobian(lambda x: ck.hvp(scalar, x, v), X), atol=1e-7)
    by_v = ck.jacobian(lambda v: ck.hvp(scalar, X, v))(v)
    np.testing.assert_allclose(by_v, ck.hessian(scalar)(X), rtol=1e-12)
    curvature = ck.hessian(lambda x: (ck.hvp(scalar, x, v) * v).sum())(X)
    want = dense_jacobian(ck.grad(lambda x: (ck.hvp(scalar, x, v) * v).sum()), X)
    np.testing.assert_allclose(curvature, want, rtol=1e-6, atol=1e-6)
    of_ggn = ck.grad(lambda t: ck.ggn(model, loss, t, np.ones(20)).sum())(THETA)
    np.testing.assert_allclose(
        of_ggn,
        dense_jacobian(lambda t: ck.ggn(model, loss, t, np.ones(20)).sum(), THETA),
        atol=1e-8,
    )


def test_perturbations_are_not_confused():
    """Siskind and Pearlmutter (2005), "Perturbation confusion and referential transparency"."""
    D = ck.grad
    assert D(lambda x: x * D(lambda y: x + y)(1.0))(1.0) == 1.0  # 2 if the two were confused
    assert D(lambda x: x * D(lambda y: x * y)(2.0))(3.0) == 6.0
    assert D(lambda x: D(lambda y: x * y * y)(x) + x)(3.0) == 2 * 2 * 3.0 + 1
    forward = lambda f: lambda x: ck.jvp(f, (x,), (1.0,))[1]  # noqa: E731
    assert forward(lambda x: x * forward(lambda y: x + y)(1.0))(1.0) == 1.0
    assert D(lambda x: x * forward(lambda y: x + y)(1.0))(1.0) == 1.0
    assert forward(lambda x: x * D(lambda y: x + y)(1.0))(1.0) == 1.0
    # shifting twice: the bug of section 2 of "Confusion of tagged perturbations in forward AD"
    shift = lambda u: lambda f: lambda x: f(x + u)  # noqa: E731
    both = lambda u: shift(u)(shift(u)(np.sin))(0.3)  # noqa: E731
    assert D(both)(0.5) == pytest.approx(2 * np.cos(1.3), rel=1e-15)


def test_closures_over_outer_values():
    def f(x):
        inner = ck.grad(lambda y: (np.sin(x * y) * y).sum())(x**2)
        return (inner * x).sum()

    ck.check_grad(f, np.array([0.4, 0.9]))
    # an inner minimisation step, differentiated through: d/dlr of the loss after it
    after = lambda lr: training_loss(THETA - lr * ck.grad(training_loss)(THETA))  # noqa: E731
    g = ck.grad(training_loss)
    want = -(g(THETA - 0.5 * g(THETA)) * g(THETA)).sum()
    assert ck.grad(after)(0.5) == pytest.approx(want, rel=1e-12)


def test_the_derivative_of_a_norm_penalty():
    penalty = lambda t: np.linalg.norm(ck.grad(training_loss)(t))  # noqa: E731
    g = ck.grad(training_loss)(THETA)
    want = ck.hvp(training_loss, THETA, g / np.linalg.norm(g))
    np.testing.assert_allclose(ck.grad(penalty)(THETA), want, rtol=1e-12, atol=1e-15)


def test_a_value_that_outlived_its_trace_says_so():
    kept = []

    def f(x):
        kept.append(x * 2)
        return x.sum()

    ck.grad(f)(np.ones(2))
    with pytest.raises(RuntimeError, match=r"trace has ended.*stop_gradient"):
        kept[0] + 1
    np.testing.assert_array_equal(untraced(kept[0]), [2, 2])


# --- the pullback --------------------------------------------------------------------------------
def test_a_pullback_may_be_called_many_times():
    _, pull = ck.vjp(field, X)
    rows = [pull(e)[0] for e in np.eye(3)]
    again = [pull(e)[0] for e in np.eye(3)]
    np.testing.assert_array_equal(rows, again)
    np.testing.assert_allclose(pull(np.ones(3))[0], sum(rows), rtol=1e-14)


def test_a_pullback_survives_a_failed_call():
    _, pull = ck.vjp(field, X)
    want = pull(np.ones(3))[0]
    with pytest.raises(ValueError, match=r"\(3,\), not \(2,\)"):
        pull(np.ones(2))
    np.testing.assert_array_equal(pull(np.ones(3))[0], want)


def test_a_list_or_a_number_will_do_for_a_cotangent():
    _, pull = ck.vjp(lambda x: x**2, np.ones(2, np.float32))
    (d,) = pull([1, 2])
    assert d.dtype == np.float32
    np.testing.assert_array_equal(d, [2, 4])


def test_arguments_that_do_not_matter_have_derivative_zero():
    f = lambda a, b: (a**2).sum()  # noqa: E731
    _, db = ck.grad(f, (0, 1))(np.ones(2), np.ones((2, 3)))
    np.testing.assert_array_equal(db, np.zeros((2, 3)))
    assert ck.grad(lambda x: 3.0)(2.0) == 0
    assert ck.hvp(lambda x: x.sum(), np.ones(2), np.ones(2)).tolist() == [0, 0]
    assert ck.jvp(lambda x: 1.0, (2.0,), (1.0,)) == (1.0, 0.0)
    np.testing.assert_array_equal(ck.hessian(lambda x: 3 * x[0])(np.ones(2)), np.zeros((2, 2)))


def test_derivatives_are_arrays_of_ones_own():
    for f in (np.sum, np.mean, lambda x: x[0, 0], lambda x: np.broadcast_to(x, (4, 2, 3)).sum()):
        d = ck.grad(f)(X)
        want = d.copy()
        d += 1  # no view of something shared, or read-only
        np.testing.assert_array_equal(ck.grad(f)(X), want)


def test_a_failing_function_leaves_nothing_behind():
    gc.disable()
    try:
        held = []

        def f(x):
            y = np.exp(x)
            held.append(weakref.ref(untraced(y)))
            raise KeyError("mine")

        with contextlib.suppress(KeyError):
            ck.grad(f)(np.ones(3))
        assert held[0]() is None
    finally:
        gc.enable()


# --- arguments -----------------------------------------------------------------------------------
def test_argnums():
    f = lambda a, b, c=1.0: (a * b**2 * c).sum()  # noqa: E731
    a, b = np.array([1.0, 2.0]), np.array([3.0, 4.0])
    np.testing.assert_array_equal(ck.grad(f, 1)(a, b), 2 * a * b)
    np.testing.assert_array_equal(ck.grad(f, argnums=-1)(a, b), 2 * a * b)
    np.testing.assert_array_equal(ck.grad(f)(a, b, c=2.0), 2 * b**2)
    value, (da, db) = ck.value_and_grad(f, (0, 1))(a, b)
    assert value == f(a, b)
    np.testing.assert_array_equal(da, b**2)
    np.testing.assert_array_equal(db, 2 * a * b)
    (only,) = ck.grad(f, (1,))(a, b)
    np.testing.assert_array_equal(only, db)
    for places in (2, -3, (0, 2)):
        with pytest.raises(ValueError, match=r"argnums=.*2 arguments"):
            ck.grad(f, places)(a, b)


class Extra(NamedTuple):
    hidden: object
    n: int


def test_auxiliary_values_come_out_plain():
    def f(x):
        h = np.tanh(x)
        return h.sum(), {"h": h, "more": (Extra(h * 2, 3), [h])}

    x = np.array([0.1, 0.2])
    (value, aux), d = ck.value_and_grad(f, has_aux=True)(x)
    assert value == np.tanh(x).sum()
    np.testing.assert_allclose(d, 1 - np.tanh(x) ** 2)
    extra, (h,) = aux["more"]
    assert (type(extra), extra.n) == (Extra, 3)
    assert all(type(a) is np.ndarray for a in (aux["h"], extra.hidden, h))
    aux = ck.vjp(f, x, has_aux=True)[2]
    np.testing.assert_array_equal(aux["h"], np.tanh(x))
    nested = ck.grad(lambda x: (ck.value_and_grad(f, has_aux=True)(x)[0][1]["h"] ** 2).sum())
    np.testing.assert_allclose(nested(x), 2 * np.tanh(x) * (1 - np.tanh(x) ** 2))  # still traced
    with pytest.raises(TypeError, match="pair"):
        ck.value_and_grad(np.sum, has_aux=True)(x)


ONES = np.ones(3)
REFUSALS = [
    (lambda: ck.grad(np.sin)(ONES), ValueError, r"one number, not .* shape \(3,\).*jacobian"),
    (lambda: ck.grad(lambda x: None)(ONES), TypeError, "return missing"),
    (lambda: ck.grad(lambda x: (x, x))(ONES), TypeError, "one array, not a tuple"),
    (lambda: ck.grad(lambda x: [x[0]])(ONES), TypeError, "one array, not a list"),
    (lambda: ck.jacobian(lambda x: {"y": x})(ONES), TypeError, "one array, not a dict"),
    (lambda: ck.grad(np.sum)([1.0, 2.0]), TypeError, r"real array or number.*\[1.0, 2.0\]"),
    (lambda: ck.grad(np.sum)((1.0, 2.0)), TypeError, "real array or number"),
    (lambda: ck.grad(np.sum)("one"), TypeError, "'one'"),
    (lambda: ck.grad(np.sum)(None), TypeError, "None"),
    (lambda: ck.grad(np.abs)(1j), TypeError, "real"),
    (lambda: ck.grad(np.sum)(np.ones(2, complex)), TypeError, "real"),
    (lambda: ck.vjp(np.sin, ONES)[1](np.ones(2)), ValueError, r"\(3,\), not \(2,\)"),
    (lambda: ck.vjp(np.sum, ONES)[1](ONES), ValueError, r"\(\), not \(3,\)"),
    (lambda: ck.jvp(np.sin, (ONES,), (np.ones(2),)), ValueError, r"\(3,\).*\(2,\)"),
    (lambda: ck.jvp(np.sin, (ONES,), (ONES, ONES)), ValueError, "tangents must be shaped like"),
    (lambda: ck.jvp(np.sin, ONES, ONES), TypeError, "tuple of primals"),
    (lambda: ck.hvp(np.sum, ONES, np.ones(2)), ValueError, r"\(3,\), not \(2,\)"),
    (lambda: ck.hvp(np.sin, ONES, ONES), ValueError, "one number"),
    (lambda: ck.grad(lambda x: x @ np.ones(2))(ONES), ck.ShapeError, r"matmul.*\(3,\) and \(2,\)"),
]  # fmt: skip


@pytest.mark.parametrize(("task", "kind", "words"), REFUSALS)
def test_refusals(task, kind, words):
    with pytest.raises(kind, match=words):
        task()


def test_errors_of_the_function_pass_unchanged():
    def f(x):
        raise ValueError("mine")

    with pytest.raises(ValueError, match=r"^mine$"):
        ck.grad(f)(1.0)


# --- precision -----------------------------------------------------------------------------------
def test_single_precision_in_single_precision_out():
    x, v = X.astype(np.float32), X.astype(np.float32) / 3
    singles = [
        *ck.value_and_grad(scalar)(x), ck.hvp(scalar, x, v), ck.hessian(scalar)(x),
        ck.jacobian(field)(x), *ck.jvp(field, (x,), (v,)), ck.vjp(field, x)[1](np.ones(3))[0],
        ck.grad(lambda x: np.float64(2) * x.sum())(x), ck.grad(np.sum)(x),
    ]  # fmt: skip
    assert {a.dtype for a in singles} == {np.dtype(np.float32)}
    t = THETA.astype(np.float32)
    data, labels = DATA.astype(np.float32), LABELS.astype(np.float32)
    net = lambda t: np.tanh(data @ t[:12].reshape(3, 4)) @ t[12:].reshape(4, 2)  # noqa: E731
    cost = lambda z: ops.softmax_cross_entropy(z, labels)  # noqa: E731
    assert ck.ggn(net, cost, t, t).dtype == np.float32
    np.testing.assert_allclose(
        ck.ggn(net, cost, t, t), ck.ggn(model, loss, THETA, THETA), rtol=1e-4
    )


def test_integers_become_floats():
    assert ck.grad(lambda x: x**2)(3) == 6.0
    d = ck.grad(lambda x: (x**2).sum())(np.array([1, 2]))
    assert d.dtype == np.float64
    np.testing.assert_array_equal(d, [2, 4])
    assert ck.grad(lambda x: 1.0 * x)(True) == 1
    assert ck.grad(lambda x: (x / 2).sum())(np.array([True, False])).tolist() == [0.5, 0.5]


def test_a_python_number_does_not_widen_what_it_meets():
    x = np.ones(3, np.float32)
    value, slope = ck.value_and_grad(lambda c: (c * x).sum())(0.5)
    assert value.dtype == np.float32
    assert (slope, slope.dtype) == (3, np.float64)


@pytest.mark.parametrize("x", [2.0, np.float64(2), np.array(2.0), np.array([2.0]), np.ones((1, 1))])
def test_shapes_of_one_element_are_kept(x):
    d = ck.grad(lambda x: np.sum(np.sin(x) * x))(x)
    assert np.shape(d) == np.shape(x)
    assert np.shape(ck.hvp(lambda x: np.sum(x**3), x, np.ones(np.shape(x)))) == np.shape(x)
    assert ck.hessian(lambda x: np.sum(x**3))(x).shape == np.shape(x) * 2


# --- peers ---------------------------------------------------------------------------------------
@pytest.mark.peers
@pytest.mark.slow  # importing torch
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # torch's own
@pytest.mark.filterwarnings("ignore:.torch.jit.script. is deprecated:FutureWarning")  # torch's own
def test_torch_agrees():
    torch = pytest.importorskip("torch")
    data, labels = torch.tensor(DATA), torch.tensor(LABELS)

    def their_model(t):
        return torch.tanh(data @ t[:12].reshape(3, 4)) @ t[12:].reshape(4, 2)

    def their_loss(z):
        return torch.nn.functional.cross_entropy(z, labels)

    def theirs(t):
        return their_loss(their_model(t))

    t, v = torch.tensor(THETA), torch.tensor(RNG.standard_normal(20))
    same = lambda a, b: np.testing.assert_allclose(a, b.numpy(), rtol=1e-11, atol=1e-13)  # noqa: E731
    same(ck.grad(training_loss)(THETA), torch.func.grad(theirs)(t))
    same(ck.hessian(training_loss)(THETA), torch.func.hessian(theirs)(t))
    same(ck.jacobian(model)(THETA), torch.func.jacrev(their_model)(t))
    same(ck.jvp(model, (THETA,), (v.numpy(),))[1], torch.func.jvp(their_model, (t,), (v,))[1])
    _, Jv = torch.func.jvp(their_model, (t,), (v,))
    z, pull = torch.func.vjp(their_model, t)
    same(
        ck.ggn(model, loss, THETA, v.numpy()),
        pull(torch.func.jvp(torch.func.grad(their_loss), (z,), (Jv,))[1])[0],
    )
    third = ck.jacobian(ck.hessian(training_loss))(THETA)
    same(third, torch.func.jacrev(torch.func.hessian(theirs))(t))
