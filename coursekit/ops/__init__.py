"""Differentiable operations, one line each with the derivative beside it.

They take NumPy or CuPy arrays and traced values alike; NumPy's own functions of the same names
(np.tanh(x), A @ x, x.sum()) lead here when x is traced.
"""

from .elementwise import *  # noqa: F403
from .linalg import *  # noqa: F403
from .neural import *  # noqa: F403
from .reductions import *  # noqa: F403
from .shaping import *  # noqa: F403
from .special import *  # noqa: F403
