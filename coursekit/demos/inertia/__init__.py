"""Two pictures of momentum: a filter for noisy gradients, and a ball with friction."""

from typing import Any, ClassVar

from ...optim import Momentum
from ..engine import Demo
from ..params import Param, hyperparameter
from ..views import Views
from .ball import BESIDE, SPLITS, TIME, Ball
from .filter import OUTPUTS, SIGNALS, STEPS, Filter, end
from .grounds import GROUNDS


def inertia(state: str | None = None, **settings: Any) -> Demo:
    """See momentum as a filter of gradients, and as a ball that rolls through a valley.

    The filter gives the gradient of j steps ago the weight mu^j. The ball obeys m x'' = -c x' - f'
    with mass m = mu / lr and friction c = (1 - mu) / lr, where a step takes a unit of time (Qian
    1999; here friction is the difference to the next place).

    >>> import coursekit as ck
    >>> demo = ck.demos.inertia(view="a ball", ground="bump")
    >>> ball = demo.compute(**demo.values)
    >>> bool(ball.other[-1] < -1 < 0 < ball.x.max())  # gradient descent stays before the bump
    True
    """
    return Inertia(state, **settings).show()


def _filter(v: Any) -> bool:
    return v["view"] == "a filter"


def _ball(v: Any) -> bool:
    return v["view"] == "a ball"


class Inertia(Views):
    """See `inertia`."""

    name = "inertia"
    title = "Momentum: a filter, and a ball"
    size = (900, 430)
    kinds: ClassVar = {"a filter": Filter, "a ball": Ball}
    params = (
        Param("view", "a filter", choices=tuple(kinds)),
        Param("signal", "step", choices=tuple(SIGNALS), label="true slope", active=_filter,
              hide=True),
        Param("ground", "bump", choices=tuple(GROUNDS), active=_ball, hide=True),
        hyperparameter(Momentum, "momentum", range=(0.0, 1.0), step=0.01, choices=(),
                       doc="the optimizer refuses 1 itself, and gets the number just below"),
        hyperparameter(Momentum, "lr", default=0.01, range=(1e-3, 5.0), active=_ball, hide=True),
        Param("size", 1.0, (0.0, 2.0), step=0.05, label="its size", active=_filter, hide=True),
        Param("turn", 20, (1, 180), label="its turn, °", hide=True,
              active=lambda v: _filter(v) and v["signal"] == "turning",
              doc="by how many degrees it turns in a step; or drag on the right"),
        Param("noise", 1.0, (0.0, 3.0), step=0.05, active=_filter, hide=True,
              doc="its standard deviation"),
        Param("output", "average", choices=OUTPUTS, active=_filter, hide=True),
        Param("seed", 0, (0, 9), active=_filter, hide=True, doc="draws the noise"),
        Param("x", -2.6, (-3.0, 3.0), step=0.02, label="start", active=_ball, hide=True,
              doc="or drag on the ground"),
        Param("beside", "gradient descent", choices=tuple(BESIDE), active=_ball, hide=True,
              doc="a third walker, with the same learning rate"),
        Param("split", 1, choices=SPLITS, label="cut in", active=_ball, hide=True,
              doc="the same ball, with time steps so many times as short"),
        Param("t", 70, (0, STEPS), play=True, label="step",
              until=lambda v: end(v["signal"]) if _filter(v) else TIME),
    )  # fmt: skip
    presets = {  # noqa: RUF012
        "a step comes late": {},
        "small but steady": {"signal": "constant", "size": 0.25, "momentum": 0.98, "t": 200},
        "zero at the start": {"signal": "constant", "momentum": 0.98, "noise": 0.3},
        "corrected": {"signal": "constant", "momentum": 0.98, "noise": 0.3, "output": "corrected"},
        "a drift": {"signal": "drift", "momentum": 0.96, "noise": 0.3, "t": 200},
        "they agree": {"signal": "constant", "noise": 0.0, "output": "velocity"},
        "turned by 20°": {"signal": "turning", "noise": 0.0, "output": "velocity", "t": 40},
        "they alternate": {"signal": "turning", "turn": 180, "noise": 0.0, "output": "velocity",
                           "t": 40},
        "over the bump": {"view": "a ball", "t": 13},
        "no inertia": {"view": "a ball", "momentum": 0.0, "t": 15},
        "no friction": {"view": "a ball", "ground": "bowl", "momentum": 1.0, "t": 20},
        "up an incline": {"view": "a ball", "ground": "bowl", "beside": "Nesterov", "lr": 0.05,
                          "t": 11},
        "waves": {"view": "a ball", "ground": "waves", "momentum": 0.95, "t": 24},
        "slope, then level": {"view": "a ball", "ground": "slope", "lr": 0.005, "momentum": 0.95,
                              "x": -3.0, "t": 30},
        "steps too long": {"view": "a ball", "ground": "bowl", "lr": 4.0, "x": -0.1, "t": 5},
        "too long, cut in 4": {"view": "a ball", "ground": "bowl", "lr": 4.0, "x": -2.0,
                               "split": 4, "t": 8},
    }  # fmt: skip
