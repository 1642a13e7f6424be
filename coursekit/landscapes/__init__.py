"""Functions to walk on, each with one difficulty and with known minima.

Every function here returns a `Landscape`: `names()` lists them, `getattr(ck.landscapes, name)()`
makes one.
"""

from .classics import (
    ackley,
    beale,
    booth,
    himmelblau,
    rastrigin,
    rosenbrock,
    styblinski_tang,
    three_hump_camel,
)
from .landscape import Landscape
from .quadratics import elongated, quadratic, valley
from .shapes import (
    bumpy,
    cliff,
    double_well,
    long_valley,
    monkey_saddle,
    plateau,
    saddle,
    saddle_well,
)

_MAKERS = (
    quadratic, elongated, valley,
    rosenbrock, beale, himmelblau, booth, three_hump_camel, styblinski_tang, rastrigin, ackley,
    saddle, saddle_well, monkey_saddle, long_valley, plateau, cliff, bumpy, double_well,
)  # fmt: skip

__all__ = ["Landscape", "names", *(maker.__name__ for maker in _MAKERS)]


def names() -> tuple[str, ...]:
    """The landscapes by name; each is a function without required arguments.

    >>> import coursekit as ck
    >>> [ck.landscapes.names()[i] for i in (0, 3, 4)]
    ['quadratic', 'rosenbrock', 'beale']
    """
    return tuple(maker.__name__ for maker in _MAKERS)
