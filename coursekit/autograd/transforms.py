"""Derivatives of functions as functions: JAX's names and argument order.

Everything is made of `vjp`, which runs a function once on traced inputs. A derivative is itself a
function that can be traced, so all of these nest in any order.
"""

from collections.abc import Callable

import numpy as np

from .trace import Node, Tape, dtype_of, pullback, shape_of, untraced


def vjp(f: Callable, *primals, has_aux=False):
    """f(*primals) and its pullback: vector-Jacobian products.

    `y, pull = vjp(f, *primals)`; `pull(g)`, with g shaped like y, is a tuple of g^T (dy/dprimal),
    one for each primal. With has_aux, f returns (y, aux) and vjp returns (y, pull, aux).

    >>> import numpy as np, coursekit as ck
    >>> y, pull = ck.vjp(lambda x: x**2, np.array([1.0, 2.0]))
    >>> pull(np.array([1.0, 10.0]))
    (array([ 2., 40.]),)
    """
    primals = tuple([_real(x) for x in primals])
    tape = Tape()
    leaves = [Node(x, tape) for x in primals]
    try:
        y = f(*leaves)
    except ValueError as error:
        if "setting an array element" in str(error):  # NumPy's words for a[0] = traced value
            raise TypeError(
                "cannot write a traced value into an existing array: its derivative would be lost. "
                "Build a new array instead, with ck.ops.stack, ck.ops.concatenate or ck.ops.where"
            ) from error
        raise
    finally:
        nodes = tape.close()
    aux = None
    if has_aux:
        if not (isinstance(y, tuple | list) and len(y) == 2):
            raise TypeError("with has_aux the function must return a pair: (number, aux)")
        y, aux = y[0], _strip(y[1], tape)
    if not (type(y) is Node and y.tape is tape):
        if y is None or isinstance(y, tuple | list | dict):
            raise TypeError(f"the function must return one array, not {_kind(y)}")
        pull = lambda g: [None] * len(leaves)  # noqa: E731  (constant: nothing to pull back)
        value = y
    else:
        pull, value = pullback(nodes, y, leaves), y.value

    def checked(g):
        if shape_of(g) != shape_of(value):
            raise ValueError(
                f"the pullback takes a vector shaped like the output, {shape_of(value)}, "
                f"not {shape_of(g)}"
            )
        if not hasattr(g, "dtype"):
            g = np.asarray(g, dtype_of(value))
        both = zip(pull(g), primals, strict=True)
        return tuple([_like(x) if d is None else _cast(d, x) for d, x in both])

    return (value, checked, aux) if has_aux else (value, checked)


def value_and_grad(f: Callable, argnums=0, has_aux=False) -> Callable:
    """The function that returns (f(...), gradient of f by argument `argnums`); f returns a number.

    With a tuple of argnums the gradient is a tuple. With has_aux, f returns (number, aux) and the
    answer is ((number, aux), gradient).

    >>> import coursekit as ck
    >>> value, slope = ck.value_and_grad(lambda x: x**3)(2.0)
    >>> float(value), float(slope)
    (8.0, 12.0)
    """
    several = isinstance(argnums, tuple)
    places = argnums if several else (argnums,)

    def answer(*args, **kwargs):
        _check_places(places, args)

        def of_places(*chosen):
            full = list(args)
            for i, x in zip(places, chosen, strict=True):
                full[i] = x
            return f(*full, **kwargs)

        y, pull, *aux = vjp(of_places, *(args[i] for i in places), has_aux=has_aux)
        if shape_of(y) != ():
            raise ValueError(
                f"grad needs a function that returns one number, not an array of shape "
                f"{shape_of(y)}: sum it, or use ck.jacobian"
            )
        grads = pull(one_like(y))
        value = (y, aux[0]) if has_aux else y
        return value, grads if several else grads[0]

    return answer


def grad(f: Callable, argnums=0) -> Callable:
    """The gradient of f by argument `argnums`; f returns a number.

    >>> import numpy as np, coursekit as ck
    >>> ck.grad(lambda x: np.sum(x**2))(np.array([1.0, 2.0]))
    array([2., 4.])
    >>> bool(ck.grad(ck.grad(np.sin))(0.5) == -np.sin(0.5))
    True
    """
    both = value_and_grad(f, argnums)
    return lambda *args, **kwargs: both(*args, **kwargs)[1]


def jvp(f: Callable, primals, tangents):
    """f(*primals) and its derivative along the tangents: Jacobian-vector products.

    The pullback u -> u^T J is linear in u, and the pullback of that is v -> J v: forward mode for
    the price of two reverse passes, without a second set of rules.

    >>> import numpy as np, coursekit as ck
    >>> y, dy = ck.jvp(np.sin, (0.0,), (2.0,))
    >>> float(y), float(dy)
    (0.0, 2.0)
    """
    if not (isinstance(primals, tuple | list) and isinstance(tangents, tuple | list)):
        raise TypeError("jvp takes a tuple of primals and a tuple of tangents: jvp(f, (x,), (v,))")
    if [shape_of(x) for x in primals] != [shape_of(t) for t in tangents]:
        raise ValueError(
            f"tangents must be shaped like primals, {[shape_of(x) for x in primals]}, "
            f"not {[shape_of(t) for t in tangents]}"
        )
    y, pull = vjp(f, *primals)
    return y, _push(y, pull, tuple(tangents))


def _push(y, pull: Callable, tangents: tuple):
    """J v from the pullback u -> J^T u."""
    zero = _like(y)

    def weighted(u):  # one array whose pullback adds up what the primals contribute
        return sum((d * t).sum() for d, t in zip(pull(u), tangents, strict=True))

    return grad(weighted)(zero)


def hvp(f: Callable, x, v):
    """The Hessian of f at x times v, without forming the Hessian.

    >>> import numpy as np, coursekit as ck
    >>> ck.hvp(lambda x: x[0] ** 2 * x[1], np.array([1.0, 2.0]), np.array([1.0, 0.0]))
    array([4., 2.])
    """
    if shape_of(v) != shape_of(x):
        raise ValueError(f"v must be shaped like x, {shape_of(x)}, not {shape_of(v)}")
    _, pull = vjp(grad(f), x)  # the Hessian is symmetric: v^T H is H v
    return pull(v)[0]


def ggn(model: Callable, loss: Callable, x, v):
    """The generalized Gauss-Newton matrix of loss(model(x)) times v: J^T H_loss J v.

    J is the Jacobian of the model, H_loss the Hessian of the loss by the model's output
    (Schraudolph 2002, "Fast curvature matrix-vector products"). Positive semi-definite where the
    loss is convex.

    >>> import numpy as np, coursekit as ck
    >>> A = np.array([[1.0, 2.0], [0.0, 1.0]])
    >>> ck.ggn(lambda x: A @ x, lambda z: (z**2).sum(), np.zeros(2), np.array([1.0, 0.0]))
    array([2., 4.])
    """
    z, pull = vjp(model, x)
    return pull(hvp(loss, z, _push(z, pull, (v,))))[0]


def jacobian(f: Callable, argnums: int = 0) -> Callable:
    """The Jacobian dy/dx of shape y.shape + x.shape, one row per output by a pullback.

    >>> import numpy as np, coursekit as ck
    >>> ck.jacobian(lambda x: x**2)(np.array([1.0, 3.0]))
    array([[2., 0.],
           [0., 6.]])
    """

    def answer(*args, **kwargs):
        _check_places((argnums,), args)

        def of_one(x):
            full = list(args)
            full[argnums] = x
            return f(*full, **kwargs)

        y, pull = vjp(of_one, args[argnums])
        shape, size = shape_of(y), int(np.prod(shape_of(y)))
        units = np.eye(size, dtype=dtype_of(y)).reshape((size, *shape))
        rows = [pull(_with_backend(units[i], y))[0] for i in range(size)] or [_like(args[argnums])]
        return np.stack(rows)[:size].reshape(shape + shape_of(args[argnums]))

    return answer


def hessian(f: Callable) -> Callable:
    """The matrix of second derivatives of f, of shape x.shape + x.shape.

    >>> import numpy as np, coursekit as ck
    >>> ck.hessian(lambda x: x[0] * x[1])(np.array([5.0, 7.0]))
    array([[0., 1.],
           [1., 0.]])
    """
    return jacobian(grad(f))


# --- small things --------------------------------------------------------------------------------
def _check_places(places, args):
    for i in places:
        if not -len(args) <= i < len(args):
            raise ValueError(f"argnums={i} but the function was given {len(args)} arguments")


def _real(x):
    """A primal that can have a derivative: integers become floats, lists are refused."""
    if type(x) is np.ndarray and x.dtype.kind == "f":
        return x  # by far the most common
    if isinstance(x, list | tuple | dict | str) or x is None or dtype_of(x).kind == "c":
        raise TypeError(f"expected a real array or number to differentiate by, not {x!r:.60}")
    if isinstance(x, bool | int):
        return float(x)
    if dtype_of(x).kind != "f":
        return x.astype(float)
    return x


def _kind(y):
    return "None (is a return missing?)" if y is None else f"a {type(y).__name__}"


def one_like(y):
    """The number 1 in the precision and on the backend of y."""
    y = untraced(y)
    return np.ones_like(y) if not isinstance(y, np.generic) else y.dtype.type(1)


def _like(x):
    return np.zeros_like(untraced(x))


def _cast(d, x):
    """A derivative in the precision of the thing it belongs to, and fit to be written to."""
    if dtype_of(d) != dtype_of(x):
        return d.astype(dtype_of(x))
    return d.copy() if type(d) is np.ndarray and not d.flags.writeable else d


def _with_backend(a, like):
    like = untraced(like)
    return a if isinstance(like, np.ndarray | np.generic | float) else type(like)(a)


def _strip(aux, tape):
    """aux without the nodes of this trace."""
    if type(aux) is Node and aux.tape is tape:
        return aux.value
    if isinstance(aux, dict):
        return {key: _strip(a, tape) for key, a in aux.items()}
    if isinstance(aux, tuple | list):
        parts = [_strip(a, tape) for a in aux]
        return type(aux)(*parts) if hasattr(aux, "_fields") else type(aux)(parts)
    return aux
