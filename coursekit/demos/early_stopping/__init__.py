"""The early stopping desk: when to stop, what gradient norms tell, how much is chance."""

from typing import Any, ClassVar

from ...optim import Momentum
from ..engine import Demo
from ..params import Param, hyperparameter
from ..views import Views
from .few_digits import EXAMPLES, NOISE, POLICIES, WIDTHS
from .norms import NormView
from .seeds import SeedView
from .when import WhenView


def early_stopping(state: str | None = None, **settings: Any) -> Demo:
    """Train a small network on few digits, some of them spoilt, and decide when to stop.

    `view` is "when to stop", "gradient norm" or "many seeds". Noise spoils training digits
    only; validation and test digits are clean. A step sees 20 digits, with momentum 0.9.

    >>> import coursekit as ck
    >>> demo = ck.demos.early_stopping(noise="none")
    >>> demo.status(demo.compute(noise="none"))
    'Stopped after epoch 22, epoch 17 restored: ...'
    """
    return EarlyStoppingDesk(state, **settings).show()


def _when(v: Any) -> bool:
    return v["view"] == "when to stop"


def _norms(v: Any) -> bool:
    return v["view"] == "gradient norm"


def _seeds(v: Any) -> bool:
    return v["view"] == "many seeds"


class EarlyStoppingDesk(Views):
    """See `early_stopping`."""

    name = "early_stopping"
    title = "The early stopping desk"
    size = (880, 460)
    lull = 0.04
    kinds: ClassVar = {
        "when to stop": WhenView,
        "gradient norm": NormView,
        "many seeds": SeedView,
    }
    params = (
        Param("view", "when to stop", choices=tuple(kinds)),
        Param("examples", 100, choices=EXAMPLES, label="training digits"),
        Param("noise", "labels", choices=NOISE, doc="what spoils the training digits"),
        Param("amount", 0.3, (0.0, 1.0), step=0.05, label="how much", hide=True,
              active=lambda v: v["noise"] != "none",
              doc="chance of a wrong label, or standard deviation of the noise in a pixel"),
        Param("width", 32, choices=WIDTHS, label="hidden units"),
        hyperparameter(Momentum, "lr", default=0.1, range=(0.003, 1.0), label="step size"),
        Param("policy", "constant", choices=POLICIES, label="its policy"),
        Param("patience", 5, (1, 40), active=_when, hide=True,
              doc="checks without an improvement until it stops"),
        Param("every", 1, (1, 10), label="check every", active=_when, hide=True,
              doc="epochs from one check to the next"),
        Param("min_delta", 0.0, (0.0, 0.2), step=0.005, label="min delta", active=_when,
              hide=True, doc="the least that counts as an improvement"),
        Param("B", 10, choices=(1, 2, 5, 10, 20, 50, 100, 200, 300), active=_norms, hide=True,
              label="batch", doc="digits whose gradient norm is looked at"),
        Param("tolerance", 0.1, (1e-3, 3.0), log=True, active=_norms, hide=True,
              doc="stop when the norm is this or less; or drag on the upper picture"),
        Param("runs", 20, choices=(5, 20, 50), active=_seeds, hide=True, label="seeds"),
        Param("seed", 0, (0, 9), active=lambda v: not _seeds(v), hide=True,
              doc="draws the start and the batches; the noise stays"),
    )  # fmt: skip
    presets = {  # noqa: RUF012
        "it memorizes": {},
        "clean digits": {"noise": "none", "patience": 10},
        "false alarm": {"patience": 1},
        "seldom looked": {"every": 10, "patience": 2},
        "slow is not stuck": {"lr": 0.003, "min_delta": 0.05},
        "restarts fool it": {"policy": "warm restarts", "patience": 10, "noise": "none",
                             "examples": 300},
        "norm has a floor": {"view": "gradient norm", "B": 5, "width": 16},
        "narrow nets differ": {"view": "many seeds", "width": 4},
        "wide nets agree": {"view": "many seeds", "width": 64},
    }  # fmt: skip
