"""One difficulty each: saddles, valleys, plateaus, cliffs, bumps, wells."""

import math

import numpy as np

from .landscape import Landscape, count, matrix, pair, separable, vector


def saddle() -> Landscape:
    """f(x) = x1^2 - x2^2: down without end along x2. The start lies almost on the ridge.

    >>> import coursekit as ck
    >>> ck.landscapes.saddle().minimum
    -inf
    """

    def value(x):
        x1, x2 = pair(x)
        return x1 * x1 - x2 * x2

    def grad(x):
        x1, x2 = pair(x)
        return vector(x, 2 * x1, -2 * x2)

    def hessian(x):
        pair(x)
        return matrix(x, (2.0, 0.0), (0.0, -2.0))

    return Landscape(
        "saddle",
        r"x_1^2 - x_2^2",
        value,
        grad,
        hessian,
        start=(-1.5, 0.01),
        bounds=[(-2, 2), (-2, 2)],
        saddles=[(0, 0)],
        levels="linear",
    )


def saddle_well() -> Landscape:
    """f(x) = x1^2 - x2^2 + x2^4 / 4: a saddle at the origin between two minima.

    Minima -1 at (0, +-sqrt 2). Newton's method from (1, 0.3) ends in the saddle.

    >>> import coursekit as ck
    >>> ck.landscapes.saddle_well().minima.round(3)
    array([[ 0.   ,  1.414],
           [ 0.   , -1.414]])
    """

    def value(x):
        x1, x2 = pair(x)
        s = x2 * x2
        return x1 * x1 - s + 0.25 * s * s

    def grad(x):
        x1, x2 = pair(x)
        return vector(x, 2 * x1, x2 * (x2 * x2 - 2))

    def hessian(x):
        _, x2 = pair(x)
        return matrix(x, (2.0, 0.0), (0.0, 3 * x2 * x2 - 2))

    return Landscape(
        "saddle_well",
        r"x_1^2 - x_2^2 + \frac{1}{4} x_2^4",
        value,
        grad,
        hessian,
        start=(1, 0.3),
        bounds=[(-2, 2), (-2.2, 2.2)],
        minima=[(0, math.sqrt(2)), (0, -math.sqrt(2))],
        minimum=-1.0,
        saddles=[(0, 0)],
        levels="linear",
    )


def monkey_saddle() -> Landscape:
    """f(x) = x1^3 - 3 x1 x2^2: three ways down from the origin, where the Hessian vanishes.

    The second-order test is inconclusive there. Unbounded below. Hilbert and Cohn-Vossen 1932.

    >>> import coursekit as ck
    >>> f = ck.landscapes.monkey_saddle()
    >>> float(abs(f.hessian(f.saddles[0])).max())
    0.0
    """

    def value(x):
        x1, x2 = pair(x)
        return x1 * (x1 * x1 - 3 * x2 * x2)

    def grad(x):
        x1, x2 = pair(x)
        return vector(x, 3 * (x1 * x1 - x2 * x2), -6 * x1 * x2)

    def hessian(x):
        x1, x2 = pair(x)
        return matrix(x, (6 * x1, -6 * x2), (-6 * x2, -6 * x1))

    return Landscape(
        "monkey_saddle",
        r"x_1^3 - 3 x_1 x_2^2",
        value,
        grad,
        hessian,
        start=(1, 0.05),
        bounds=[(-1.5, 1.5), (-1.5, 1.5)],
        saddles=[(0, 0)],
        levels="linear",
        reference="Hilbert and Cohn-Vossen 1932, Anschauliche Geometrie",
    )


def long_valley() -> Landscape:
    """f(x) = (sqrt(1 + x1^2) - 1) / 10 + 2 x2^2: steep walls and a long, gently falling floor.

    Along the floor the slope is at most 0.1, across it the curvature is 4. Minimum 0 at the origin.
    In the manner of an animation by Alec Radford (2014), whose formula is not published.

    >>> import coursekit as ck
    >>> ck.landscapes.long_valley().start
    array([-7.,  1.])
    """

    def value(x):
        x1, x2 = pair(x)
        return 0.1 * (np.sqrt(1 + x1 * x1) - 1) + 2 * x2 * x2

    def grad(x):
        x1, x2 = pair(x)
        return vector(x, 0.1 * x1 / np.sqrt(1 + x1 * x1), 4 * x2)

    def hessian(x):
        x1, _ = pair(x)
        return matrix(x, (0.1 * (1 + x1 * x1) ** -1.5, 0.0), (0.0, 4.0))

    return Landscape(
        "long_valley",
        r"\frac{1}{10} (\sqrt{1 + x_1^2} - 1) + 2 x_2^2",
        value,
        grad,
        hessian,
        start=(-7, 1),
        bounds=[(-8, 4), (-1.5, 1.5)],
        minima=[(0, 0)],
        reference="in the manner of Alec Radford's animation of 2014",
    )


def plateau() -> Landscape:
    """f(x) = 1 - exp(-(x1^2 + x2^2) / 2): a well in a plain where the gradient all but vanishes.

    Minimum 0 at the origin; the slope is largest at radius 1 and 0.02 at radius 3.3.

    >>> import coursekit as ck
    >>> f = ck.landscapes.plateau()
    >>> bool(abs(f.grad(f.start)).max() < 0.04)
    True
    """

    def well(x1, x2):
        return np.exp(-0.5 * (x1 * x1 + x2 * x2))

    def value(x):
        return 1 - well(*pair(x))

    def grad(x):
        x1, x2 = pair(x)
        e = well(x1, x2)
        return vector(x, e * x1, e * x2)

    def hessian(x):
        x1, x2 = pair(x)
        e = well(x1, x2)
        return matrix(x, (e * (1 - x1 * x1), -e * x1 * x2), (-e * x1 * x2, e * (1 - x2 * x2)))

    return Landscape(
        "plateau",
        r"1 - e^{-(x_1^2 + x_2^2) / 2}",
        value,
        grad,
        hessian,
        start=(-2.5, 1.5),
        bounds=[(-4, 4), (-4, 4)],
        minima=[(0, 0)],
        levels="linear",
    )


def cliff() -> Landscape:
    """f(x) = (x1^2 + x2^2) / 10 + 5 / (1 + exp(-20 (x1 - 1))): gentle ground cut by a cliff.

    On the cliff the slope is 25, elsewhere below 1: a step that lands there is thrown far away,
    which clipping prevents (Pascanu, Mikolov and Bengio 2013 show such walls in recurrent nets).
    Minimum at (-1.03e-6, 0), at its foot.

    >>> import coursekit as ck
    >>> float(ck.landscapes.cliff().grad(ck.to_device([1.0, 0.0]))[0])
    25.2
    """
    # With t = tanh(10 (x1 - 1)) the step is 5 (1 + t) / 2, which cannot overflow.

    def value(x):
        x1, x2 = pair(x)
        return 0.1 * (x1 * x1 + x2 * x2) + 2.5 * (1 + np.tanh(10 * (x1 - 1)))

    def grad(x):
        x1, x2 = pair(x)
        t = np.tanh(10 * (x1 - 1))
        return vector(x, 0.2 * x1 + 25 * (1 - t * t), 0.2 * x2)

    def hessian(x):
        x1, _ = pair(x)
        t = np.tanh(10 * (x1 - 1))
        return matrix(x, (0.2 - 500 * t * (1 - t * t), 0.0), (0.0, 0.2))

    return Landscape(
        "cliff",
        r"\frac{1}{10} (x_1^2 + x_2^2) + 5 \, / \, (1 + e^{-20 (x_1 - 1)})",
        value,
        grad,
        hessian,
        start=(2.5, 1),
        bounds=[(-3, 3), (-2, 2)],
        minima=[(-1.030555565856625e-06, 0)],
        minimum=1.0305661884284577e-08,
        levels="linear",
        reference="after Pascanu, Mikolov and Bengio 2013, On the difficulty of training "
        "recurrent neural networks",
    )


def bumpy(n: int = 2, height: float = 0.1, period: float = 0.5) -> Landscape:
    """f(x) = sum_i x_i^2 / 2 + height (1 - cos(2 pi x_i / period)): a bowl with small bumps.

    Gradient descent stops at the first bump with |x_i| below about 2 pi height / period; momentum
    rolls through. Minimum 0 at the origin.

    >>> import coursekit as ck
    >>> ck.landscapes.bumpy(n=1).bounds
    ((-3.0, 3.0),)
    """
    n = count("n", n)
    if not (height >= 0 and period > 0):
        raise ValueError(
            f"height must be >= 0 and period > 0, not height={height!r}, period={period!r}"
        )
    w = 2 * math.pi / period
    return separable(
        "bumpy",
        rf"\sum_i \frac{{1}}{{2}} x_i^2 + {height:g} \, (1 - \cos(2 \pi x_i / {period:g}))",
        n,
        lambda x: 0.5 * x * x + height * (1 - np.cos(w * x)),
        lambda x: x + height * w * np.sin(w * x),
        lambda x: 1 + height * w**2 * np.cos(w * x),
        start=[(-2.6, 1.9)[i % 2] for i in range(n)],
        bounds=[(-3, 3)] * n,
        minima=[np.zeros(n)],
        levels="linear",
    )


def double_well(tilt: float = 0.1) -> Landscape:
    """f(x) = (x^2 - 1)^2 / 4 + tilt x, one variable: two wells, the left one deeper if tilt > 0.

    The critical points are the roots of x^3 - x + tilt, all real for |tilt| < 2 / (3 sqrt 3).

    >>> import coursekit as ck
    >>> f = ck.landscapes.double_well()
    >>> f.minima.round(3), f.local_minima.round(3), f.maxima.round(3)
    (array([[-1.047]]), array([[0.946]]), array([[0.101]]))
    """
    limit = 2 / (3 * math.sqrt(3))
    if not abs(tilt) < limit:
        raise ValueError(f"tilt must be between -{limit:.4f} and {limit:.4f}, not {tilt!r}")

    def f(x):
        return 0.25 * (x * x - 1) ** 2 + tilt * x

    # Viète: the roots of x^3 - x + tilt by cosines, from right to left.
    angle = math.acos(-tilt / limit) / 3
    right, top, left = (
        2 / math.sqrt(3) * math.cos(angle + turn) for turn in (0, -2 * math.pi / 3, 2 * math.pi / 3)
    )
    wells = [[left], [right]] if tilt >= 0 else [[right], [left]]
    deepest = 2 if tilt == 0 else 1
    return separable(
        "double_well",
        rf"\frac{{1}}{{4}} (x^2 - 1)^2 + {tilt:g} \, x",
        1,
        f,
        lambda x: x * (x * x - 1) + tilt,
        lambda x: 3 * x * x - 1,
        start=[1.5],
        bounds=[(-1.8, 1.8)],
        minima=wells[:deepest],
        minimum=f(wells[0][0]),
        local_minima=wells[deepest:],
        maxima=[[top]],
        levels="linear",
    )
