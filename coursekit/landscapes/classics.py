"""Test functions known by name from the literature on optimization."""

import itertools
import math

import numpy as np

from .landscape import Landscape, check, count, diagonal, matrix, pair, separable, vector


def rosenbrock(n: int = 2, a: float = 1.0, b: float = 100.0) -> Landscape:
    """f(x) = sum_i b (x_{i+1} - x_i^2)^2 + (a - x_i)^2: a curved, flat-bottomed valley.

    The minimum is 0 at (a, a^2), and at (1, ..., 1) for n > 2, where a must be 1. From n = 4 on
    there is another local minimum near (-1, 1, ..., 1).
    Rosenbrock 1960; start of Moré, Garbow and Hillstrom 1981.

    >>> import coursekit as ck
    >>> ck.landscapes.rosenbrock(n=3).minima
    array([[1., 1., 1.]])
    """
    n = count("n", n, 2)
    if n > 2 and a != 1:
        raise ValueError(f"a must be 1 when n > 2, or the minimum is not known; not {a!r}")
    if not b > 0:
        raise ValueError(f"b must be > 0, not {b!r}")

    def links(x):
        """Each x_i that has a successor, and the successors; plain numbers where n = 2 allows."""
        return pair(x) if n == 2 else (check(x, n)[..., :-1], x[..., 1:])

    def value(x):
        head, tail = links(x)
        d = tail - head * head
        terms = b * d * d + (a - head) ** 2
        return terms if n == 2 else terms.sum(-1)

    def grad(x):
        head, tail = links(x)
        d = tail - head * head
        left, right = -4 * b * head * d - 2 * (a - head), 2 * b * d
        if n == 2:
            return vector(x, left, right)
        none = 0 * x[..., :1]
        return np.concatenate([left, none], -1) + np.concatenate([none, right], -1)

    def hessian(x):
        head, tail = links(x)
        left, right, coupling = 12 * b * head * head - 4 * b * tail + 2, 2 * b, -4 * b * head
        if n == 2:
            return matrix(x, (left, coupling), (coupling, right))
        none = 0 * x[..., :1]
        own = np.concatenate([left, none], -1) + np.concatenate([none, right + 0 * head], -1)
        above = np.roll(diagonal(np.concatenate([coupling, none], -1)), 1, axis=-1)
        return diagonal(own) + above + np.swapaxes(above, -1, -2)

    return Landscape(
        "rosenbrock",
        rf"\sum_i {b:g} (x_{{i+1}} - x_i^2)^2 + ({a:g} - x_i)^2"
        if n > 2
        else rf"{b:g} (x_2 - x_1^2)^2 + ({a:g} - x_1)^2",
        value,
        grad,
        hessian,
        start=[(-1.2, 1.0)[i % 2] for i in range(n)],
        bounds=[(-2, 2), (-1, 3)] + [(-2, 2)] * (n - 2),
        minima=[(a, a * a) if n == 2 else np.ones(n)],
        reference="Rosenbrock 1960, An automatic method for finding the greatest or least value "
        "of a function",
    )


def beale() -> Landscape:
    """f(x) = sum_i (c_i - x1 (1 - x2^i))^2: a flat cross between steep walls.

    c = (1.5, 2.25, 2.625). Minimum 0 at (3, 0.5); saddles at (0, 1), where f = 14.203, and at
    (0.1005, -2.6445).
    Beale 1958; start of Moré, Garbow and Hillstrom 1981.

    >>> import coursekit as ck
    >>> float(ck.landscapes.beale().value(ck.to_device([0.0, 1.0])))
    14.203125
    """

    def residuals(x1, x2):
        y2 = x2 * x2
        y3 = y2 * x2
        r = (1.5 - x1 * (1 - x2), 2.25 - x1 * (1 - y2), 2.625 - x1 * (1 - y3))
        return r, y2, y3

    def value(x):
        (a, b, c), _, _ = residuals(*pair(x))
        return a * a + b * b + c * c

    def grad(x):
        x1, x2 = pair(x)
        (a, b, c), y2, y3 = residuals(x1, x2)
        return vector(
            x,
            2 * (a * (x2 - 1) + b * (y2 - 1) + c * (y3 - 1)),
            2 * x1 * (a + 2 * b * x2 + 3 * c * y2),
        )

    def hessian(x):
        x1, x2 = pair(x)
        (a, b, c), y2, y3 = residuals(x1, x2)
        h11 = 2 * ((x2 - 1) ** 2 + (y2 - 1) ** 2 + (y3 - 1) ** 2)
        h12 = 2 * (a + 2 * b * x2 + 3 * c * y2)
        h12 = h12 + 2 * x1 * ((x2 - 1) + 2 * x2 * (y2 - 1) + 3 * y2 * (y3 - 1))
        h22 = 2 * x1 * (x1 * (1 + 4 * y2 + 9 * y2 * y2) + 2 * b + 6 * c * x2)
        return matrix(x, (h11, h12), (h12, h22))

    return Landscape(
        "beale",
        r"(1.5 - x_1 + x_1 x_2)^2 + (2.25 - x_1 + x_1 x_2^2)^2 + (2.625 - x_1 + x_1 x_2^3)^2",
        value,
        grad,
        hessian,
        start=(1, 1),
        bounds=[(-4.5, 4.5), (-4.5, 4.5)],
        minima=[(3, 0.5)],
        saddles=[(0, 1), (0.10053793732415835, -2.644513585023125)],
        reference="Beale 1958, On an iterative method for finding a local minimum of a function of "
        "more than one variable",
    )


def himmelblau() -> Landscape:
    """f(x) = (x1^2 + x2 - 11)^2 + (x1 + x2^2 - 7)^2: four equal minima, four saddles, a maximum.

    Minima 0 at (3, 2), (3.584, -1.848), (-3.779, -3.283) and (-2.805, 3.131); local maximum
    181.6165 at (-0.270845, -0.923039). Himmelblau 1972.

    >>> import coursekit as ck
    >>> f = ck.landscapes.himmelblau()
    >>> float(f.value(f.maxima[0])).__round__(4)
    181.6165
    """

    def value(x):
        x1, x2 = pair(x)
        a, b = x1 * x1 + x2 - 11, x1 + x2 * x2 - 7
        return a * a + b * b

    def grad(x):
        x1, x2 = pair(x)
        a, b = x1 * x1 + x2 - 11, x1 + x2 * x2 - 7
        return vector(x, 4 * x1 * a + 2 * b, 2 * a + 4 * x2 * b)

    def hessian(x):
        x1, x2 = pair(x)
        h11, h22 = 12 * x1 * x1 + 4 * x2 - 42, 12 * x2 * x2 + 4 * x1 - 26
        h12 = 4 * (x1 + x2)
        return matrix(x, (h11, h12), (h12, h22))

    return Landscape(
        "himmelblau",
        r"(x_1^2 + x_2 - 11)^2 + (x_1 + x_2^2 - 7)^2",
        value,
        grad,
        hessian,
        start=(0, 0),
        bounds=[(-5, 5), (-5, 5)],
        minima=[
            (3, 2),
            (3.5844283403304917, -1.8481265269644036),
            (-3.779310253377747, -3.283185991286169),
            (-2.805118086952745, 3.131312518250573),
        ],
        saddles=[
            (3.385154183607021, 0.07385187983774928),
            (0.08667750455539634, 2.884254701174776),
            (-3.0730257507643897, -0.08135304428796751),
            (-0.12796134673068005, -1.9537149802445766),
        ],
        maxima=[(-0.27084459066734756, -0.9230385564799816)],
        reference="Himmelblau 1972, Applied Nonlinear Programming",
    )


def booth() -> Landscape:
    """f(x) = (x1 + 2 x2 - 7)^2 + (2 x1 + x2 - 5)^2: a quadratic along the diagonals, kappa = 9.

    Minimum 0 at (1, 3). Collected in Jamil and Yang 2013.

    >>> import coursekit as ck
    >>> float(ck.landscapes.booth().value(ck.to_device([0.0, 0.0])))
    74.0
    """

    def value(x):
        x1, x2 = pair(x)
        a, b = x1 + 2 * x2 - 7, 2 * x1 + x2 - 5
        return a * a + b * b

    def grad(x):
        x1, x2 = pair(x)
        return vector(x, 10 * x1 + 8 * x2 - 34, 8 * x1 + 10 * x2 - 38)

    def hessian(x):
        pair(x)
        return matrix(x, (10.0, 8.0), (8.0, 10.0))

    return Landscape(
        "booth",
        r"(x_1 + 2 x_2 - 7)^2 + (2 x_1 + x_2 - 5)^2",
        value,
        grad,
        hessian,
        start=(-4, -2),
        bounds=[(-6, 8), (-4, 10)],
        minima=[(1, 3)],
        reference="Jamil and Yang 2013, A literature survey of benchmark functions",
    )


def three_hump_camel() -> Landscape:
    """f(x) = 2 x1^2 - 1.05 x1^4 + x1^6 / 6 + x1 x2 + x2^2: three minima in a row.

    Minimum 0 at (0, 0); local minima 0.2986 at +-(1.7476, -0.8738). Dixon and Szegö 1975.

    >>> import coursekit as ck
    >>> ck.landscapes.three_hump_camel().local_minima.round(4)
    array([[ 1.7476, -0.8738],
           [-1.7476,  0.8738]])
    """

    def value(x):
        x1, x2 = pair(x)
        s = x1 * x1
        return s * (2 - s * (1.05 - s / 6)) + x2 * (x1 + x2)

    def grad(x):
        x1, x2 = pair(x)
        s = x1 * x1
        return vector(x, x1 * (4 - s * (4.2 - s)) + x2, x1 + 2 * x2)

    def hessian(x):
        x1, _ = pair(x)
        s = x1 * x1
        return matrix(x, (4 - s * (12.6 - 5 * s), 1.0), (1.0, 2.0))

    side = np.array([1.7475523458302893, -0.8737761729151446])
    ridge = np.array([1.0705422918236598, -0.5352711459118299])
    return Landscape(
        "three_hump_camel",
        r"2 x_1^2 - 1.05 x_1^4 + \frac{1}{6} x_1^6 + x_1 x_2 + x_2^2",
        value,
        grad,
        hessian,
        start=(-1.8, -1.6),
        bounds=[(-2.2, 2.2), (-2, 2)],
        minima=[(0, 0)],
        local_minima=[side, -side],
        saddles=[ridge, -ridge],
        reference="Dixon and Szegö 1975, Towards Global Optimisation",
    )


def styblinski_tang(n: int = 2) -> Landscape:
    """f(x) = sum_i (x_i^4 - 16 x_i^2 + 5 x_i) / 2: two wells in each variable, one of them deeper.

    Minimum -39.16617 n at x_i = -2.903534; the other wells lie at x_i = 2.746803 (all critical
    points are listed for n <= 2). Styblinski and Tang 1990.

    >>> import coursekit as ck
    >>> round(ck.landscapes.styblinski_tang().minimum, 5)
    -78.33233
    """
    n = count("n", n)

    def f(x):
        s = x * x
        return 0.5 * (s * (s - 16) + 5 * x)

    deep, top, shallow = -2.903534027771177, 0.1567312567803401, 2.746802770990837
    by_kind: dict[str, list] = {"minima": [], "local_minima": [], "saddles": [], "maxima": []}
    for point in itertools.product((deep, top, shallow), repeat=n) if n <= 2 else [(deep,) * n]:
        tops = point.count(top)
        kind = "saddles" if 0 < tops < n else "maxima" if tops else "local_minima"
        by_kind["minima" if point == (deep,) * n else kind].append(point)
    return separable(
        "styblinski_tang",
        r"\frac{1}{2} \sum_i (x_i^4 - 16 x_i^2 + 5 x_i)",
        n,
        f,
        lambda x: 2 * x * (x * x - 8) + 2.5,
        lambda x: 6 * x * x - 16,
        start=[(0.5, 4.0)[i % 2] for i in range(n)],
        bounds=[(-5, 5)] * n,
        minimum=n * f(deep),
        levels="linear",
        reference="Styblinski and Tang 1990, Experiments in nonconvex optimization",
        **by_kind,
    )


def rastrigin(n: int = 2, A: float = 10.0) -> Landscape:
    """f(x) = A n + sum_i x_i^2 - A cos(2 pi x_i): a bowl with a local minimum near every integer.

    Minimum 0 at the origin. Rastrigin 1974, for any n by Mühlenbein, Schomisch and Born 1991.

    >>> import coursekit as ck
    >>> float(ck.landscapes.rastrigin().value(ck.to_device([1.0, 2.0])))
    5.0
    """
    n = count("n", n)
    if not A >= 0:
        raise ValueError(f"A must be >= 0, not {A!r}")
    w = 2 * math.pi
    return separable(
        "rastrigin",
        rf"\sum_i {A:g} + x_i^2 - {A:g} \cos(2 \pi x_i)",
        n,
        lambda x: x * x + A * (1 - np.cos(w * x)),
        lambda x: 2 * x + A * w * np.sin(w * x),
        lambda x: 2 + A * w**2 * np.cos(w * x),
        start=[(-3.3, 2.4)[i % 2] for i in range(n)],
        bounds=[(-5.12, 5.12)] * n,
        minima=[np.zeros(n)],
        levels="linear",
        reference="Rastrigin 1974, Systems of Extremal Control",
    )


def ackley(n: int = 2) -> Landscape:
    """f(x) = 20 + e - 20 exp(-0.2 sqrt(mean x_i^2)) - exp(mean cos(2 pi x_i)): a rippled funnel.

    Minimum 0 at the origin, where f has a kink: there grad is 0, one of the subgradients, and the
    Hessian is NaN. Ackley 1987, for any n by Bäck 1996.

    >>> import coursekit as ck
    >>> f = ck.landscapes.ackley()
    >>> f.grad(f.minima[0])
    array([0., 0.])
    """
    n = count("n", n)
    w = 2 * math.pi

    def parts(x):
        """r and the two exponentials, (..., 1) each."""
        r = np.sqrt((check(x, n) ** 2).mean(-1, keepdims=True))
        return r, np.exp(-0.2 * r), np.exp(np.cos(w * x).mean(-1, keepdims=True))

    def value(x):
        _, funnel, ripple = parts(x)
        return (20 * (1 - funnel) + (math.e - ripple))[..., 0]

    def grad(x):
        r, funnel, ripple = parts(x)
        return (4 * funnel * x / np.where(r > 0, r, 1) + w * ripple * np.sin(w * x)) / n

    def hessian(x):
        r, funnel, ripple = parts(x)
        r = np.where(r > 0, r, math.nan)
        s = np.sin(w * x)
        outer = funnel * (1 / r + 0.2) / (n * r * r)
        return (
            diagonal(4 * funnel / r + w**2 * ripple * np.cos(w * x))
            - 4 * outer[..., None] * x[..., :, None] * x[..., None, :]
            - (w**2 / n) * ripple[..., None] * s[..., :, None] * s[..., None, :]
        ) / n

    return Landscape(
        "ackley",
        r"20 + e - 20 \, e^{-\sqrt{\mathrm{mean} \; x_i^2} / 5} - e^{\mathrm{mean} \cos 2 \pi x_i}",
        value,
        grad,
        hessian,
        start=[(-2.6, 1.7)[i % 2] for i in range(n)],
        bounds=[(-4, 4)] * n,
        minima=[np.zeros(n)],
        levels="linear",
        reference="Ackley 1987, A Connectionist Machine for Genetic Hillclimbing",
    )
