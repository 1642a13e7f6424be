"""What the property tests draw: arrays that broadcast, axes, places to index.

Values are a shuffled, evenly spaced grid: no two are closer than a finite difference reaches, so a
random problem is never near a tie.
"""

import math

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import coursekit as ck
from coursekit.autograd import op

seeds = st.integers(0, 2**32 - 1)


def shapes(min_dims=0, max_dims=3, min_side=0, max_side=3):
    return hnp.array_shapes(
        min_dims=min_dims, max_dims=max_dims, min_side=min_side, max_side=max_side
    )


def spread(seed, shapes, domains):
    """One array per shape, in the interval of its domain, all with different ranks."""
    sizes = [math.prod(shape) for shape in shapes]
    ranks = (np.random.default_rng(seed).permutation(sum(sizes)) + 0.5) / max(1, sum(sizes))
    parts = np.split(ranks, np.cumsum(sizes)[:-1])
    return [
        (low + (high - low) * part).reshape(shape)
        for part, shape, (low, high) in zip(parts, shapes, domains, strict=True)
    ]


@st.composite
def operands(draw, domains, min_side=0):
    """Arrays that broadcast against each other, one for each (low, high) of `domains`."""
    drawn = draw(
        hnp.mutually_broadcastable_shapes(
            num_shapes=len(domains), max_dims=3, min_side=min_side, max_side=3
        )
    )
    return spread(draw(seeds), drawn.input_shapes, domains)


@st.composite
def reductions(draw, low=0.5, high=1.5, min_side=1, tuples=True):
    """An array, an axis (None, from either end, several) and keepdims."""
    shape = draw(shapes(min_side=min_side))
    several = hnp.valid_tuple_axes(len(shape)) if tuples else st.nothing()
    single = st.integers(-len(shape), len(shape) - 1) if shape else st.nothing()
    axis = draw(st.none() | single | several)
    (x,) = spread(draw(seeds), [shape], [(low, high)])
    return x, axis, draw(st.booleans())


def check_jointly(f, *arrays, order=2, tolerance=1e-6):
    """check_grad by all arguments at once, so that mixed second derivatives are seen as well."""
    shapes = [np.shape(a) for a in arrays]
    ends = np.cumsum([math.prod(shape) for shape in shapes]).tolist()
    starts = [0, *ends[:-1]]

    def of_one_vector(theta):
        parts = zip(starts, ends, shapes, strict=True)
        return f(*(theta[i:j].reshape(shape) for i, j, shape in parts))

    theta = np.concatenate([np.ravel(a) for a in arrays])
    return ck.check_grad(of_one_vector, theta, order=order, tolerance=tolerance)


def dtypes_through(f, *arrays):
    """The dtypes that appear: of f(*arrays), of what its rules hand on, and of the derivatives."""
    seen = []

    def look(g, y, x):
        seen.append(g.dtype)
        return g

    spy = op(lambda x: x * 1, look, name="spy")
    y, pull = ck.vjp(lambda *args: f(*map(spy, args)), *arrays)
    derivatives = pull(np.ones_like(y))  # fills `seen`
    return {y.dtype, *seen, *(d.dtype for d in derivatives)}
