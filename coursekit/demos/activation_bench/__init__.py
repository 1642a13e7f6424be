"""The bench for activations, outputs and losses: curves, logits, errors, and small trainings."""

from typing import Any, ClassVar

from ..engine import Demo
from ..params import Param
from ..views import Views
from .activation_view import REACH, ActivationView
from .fits import MODELS
from .functions import NAMES
from .hinge_view import HIGH as MARGIN_HIGH
from .hinge_view import SIDES, STRONGEST, WEAKEST, HingeView
from .hinge_view import WIDE as MARGIN_WIDE
from .histogram_view import HEIGHTS, HistogramView
from .histograms import BARS as MOST
from .histograms import KINDS
from .histograms import NAMES as BARS
from .logit_view import REACH as LOGITS
from .logit_view import LogitView
from .loss_view import STEPS, LossView
from .outlier_view import DRAWN, HIGH, WIDE, OutlierView
from .small_nets import LOSSES, STARTS
from .training_view import TrainingView


def activation_bench(state: str | None = None, **settings: Any) -> Demo:
    """Look at an activation, at logits and their loss, at errors, or train a few units.

    `view` is "activation", "hinge and margin", "output and loss", "one logit", "an outlier",
    "two histograms" or "training".

    >>> import coursekit as ck
    >>> demo = ck.demos.activation_bench(activation="sigmoid")
    >>> demo.status(demo.compute(activation="sigmoid", x=0.0))
    'sigmoid: f(0) = 0.5, slope 0.25; the largest slope is 0.25, at 0. ...'
    """
    return ActivationBench(state, **settings).show()


def _curve(v: Any) -> bool:
    return v["view"] == "activation"


def _logit(v: Any) -> bool:
    return v["view"] == "one logit"


def _output(v: Any) -> bool:
    return v["view"] == "output and loss"


def _training(v: Any) -> bool:
    return v["view"] == "training"


def _timed(v: Any) -> bool:
    """Whether there is something to learn, step by step."""
    return _output(v) or _training(v) or _logit(v)


def _chosen(v: Any) -> bool:
    """Whether the activation matters."""
    return _curve(v) or (_training(v) and v["task"] == "XOR")


def _of(name: str) -> Any:
    """Whether it is this activation's number that matters."""
    return lambda v: _chosen(v) and v["activation"] == name


def _outlier(v: Any) -> bool:
    return v["view"] == "an outlier"


def _hinge(v: Any) -> bool:
    return v["view"] == "hinge and margin"


def _distributions(v: Any) -> bool:
    return v["view"] == "two histograms"


def _by_hand(v: Any) -> bool:
    return _distributions(v) and v["kind"] == KINDS[0]


def _height(bar: str) -> Any:
    """Whether the height of this bar is on the slider."""
    return lambda v: v["bar"] == bar and (_by_hand(v) or (_distributions(v) and bar[0] == "p"))


def _xor(v: Any) -> bool:
    return _training(v) and v["task"] == "XOR"


NARROW = {  # both alike, on three places
    "view": "two histograms",
    **{f"{which}{k + 1}": h for which in "pq" for k, h in enumerate((0.5, 1, 0.5, *[0] * 5))},
}
HINGE = {"view": "hinge and margin"}
HILLS = {"view": "two histograms", "floor": 0.01}


class ActivationBench(Views):
    """See `activation_bench`."""

    name = "activation_bench"
    title = "The bench: activations, outputs, losses"
    size = (880, 470)
    kinds: ClassVar = {
        "activation": ActivationView,
        "hinge and margin": HingeView,
        "output and loss": LossView,
        "one logit": LogitView,
        "an outlier": OutlierView,
        "two histograms": HistogramView,
        "training": TrainingView,
    }
    params = (
        Param("view", "activation", choices=tuple(kinds)),
        Param("task", "XOR", choices=("XOR", "two blobs"), active=_training, hide=True),
        Param("activation", "relu", choices=NAMES, active=_chosen, hide=True),
        Param("slope", 0.01, (-1.0, 2.0), step=0.01, active=_of("leaky_relu"), hide=True,
              doc="of the left half; at 1 nothing bends"),
        Param("alpha", 1.0, (0.0, 3.0), step=0.05, label="α", active=_of("elu"), hide=True,
              doc="what the left end tends to, with a minus; the slope left of 0"),
        Param("beta", 1.0, (0.05, 4.0), step=0.05, label="β", active=_of("smelu"), hide=True,
              doc="half the width of the rounded corner"),
        Param("k", 5.0, (0.5, 50.0), log=True, active=_of("tanh(kx)"), hide=True,
              doc="the larger, the nearer to sign"),
        *(
            Param(name, default, span, step=0.05, active=_of("maxout"), hide=True, label=label,
                  doc="the larger of two lines w x + b is the output")
            for name, default, span, label in (
                ("w1", 1.0, (-2.0, 2.0), "w of line 1"), ("b1", 0.0, (-3.0, 3.0), "b of line 1"),
                ("w2", -0.5, (-2.0, 2.0), "w of line 2"), ("b2", 1.0, (-3.0, 3.0), "b of line 2"),
            )
        ),
        Param("x", 1.5, (-REACH, REACH), step=0.1, active=_curve, hide=True,
              doc="the point looked at; or drag on the upper picture"),
        Param("bias", 0.0, (-REACH, REACH), step=0.1, label="bias", active=_curve,
              hide=True, doc="the mean of the inputs; or drag on the lower picture"),
        Param("spread", 1.0, (0.1, 5.0), step=0.1, label="spread", active=_curve, hide=True,
              doc="standard deviation of the inputs"),
        Param("second", False, label="show f″", active=_curve, hide=True),
        Param("l2", True, label="L₂ term", active=_hinge, hide=True,
              doc="λ/2 times the squared length of w; without it three starts are shown"),
        Param("strength", 0.1, (WEAKEST, STRONGEST), log=True, label="strength λ", hide=True,
              active=lambda v: _hinge(v) and v["l2"], doc="of the L₂ term"),
        Param("side", "+1", choices=SIDES, label="class of ◆", active=_hinge, hide=True),
        Param("mx", 3.0, MARGIN_WIDE, step=0.1, label="◆ across", active=_hinge, hide=True,
              doc="or drag the point"),
        Param("my", -0.5, MARGIN_HIGH, step=0.1, label="◆ up", active=_hinge, hide=True,
              doc="or drag the point"),
        Param("loss", "cross-entropy", choices=tuple(LOSSES), hide=True,
              active=lambda v: _output(v) or _training(v)),
        Param("target", "1", choices=("1", "2", "3"), label="target class", active=_output,
              hide=True),
        *(
            Param(name, default, (-6.0, 6.0), step=0.1, label=f"logit {name[1]}", active=_output,
                  hide=True, doc="or drag the point in the triangle")
            for name, default in (("z1", -0.5), ("z2", 1.0), ("z3", 0.0))
        ),
        Param("temperature", 1.0, (0.1, 10.0), log=True, active=_output, hide=True,
              doc="divides all logits"),
        Param("shift", 0.0, (-1000.0, 1000.0), step=20.0, label="add to all", active=_output,
              hide=True, doc="added to all three logits"),
        Param("smoothing", 0.0, (0.0, 0.9), step=0.01, active=_output, hide=True,
              doc="the part of the target that all classes share"),
        Param("z", -4.0, (-LOGITS, LOGITS), step=0.1, label="logit z", active=_logit, hide=True,
              doc="where it is, and where its training starts; or drag on a picture"),
        Param("y", 1.0, (0.0, 1.0), step=0.05, label="target y", active=_logit, hide=True,
              doc="the probability that p should come to"),
        Param("model", "line", choices=MODELS, active=_outlier, hide=True),
        Param("out_x", 7.6, WIDE, step=0.2, label="x of the point", hide=True,
              active=lambda v: _outlier(v) and v["model"] == "line", doc="or drag the point"),
        Param("out_y", -5.0, HIGH, step=0.2, label="y of the point", active=_outlier, hide=True,
              doc="or drag the point"),
        Param("delta", 1.0, (0.2, 10.0), log=True, label="Huber δ", active=_outlier, hide=True,
              doc="Huber's loss is a square up to this error, and straight beyond"),
        Param("drawn", "squared", choices=DRAWN, label="draw errors", active=_outlier, hide=True,
              doc="what that loss adds up: areas of squares, lengths of sticks"),
        Param("kind", KINDS[0], choices=KINDS, label="q is", active=_distributions, hide=True,
              doc="a bell curve that fits p best, or a histogram of your own"),
        Param("bar", "p3", choices=BARS, active=_distributions, hide=True,
              doc="to move with keys; or drag any bar"),
        *(
            Param(bar, height, (0.0, 1.0), step=0.005, label=f"height of {bar}", hide=True,
                  active=_height(bar), doc="the share of a bar is its part of all heights")
            for bar, height in zip(BARS, HEIGHTS, strict=True)
        ),
        Param("slide", 2, (0, MOST), label="slide q", active=_by_hand, hide=True,
              doc="to the right, by so many bins"),
        Param("floor", 0.0, (0.0, 0.2), step=0.01, active=_distributions, hide=True,
              doc="the part of both that is the same everywhere"),
        Param("width", 2, (1, 8), label="hidden units", active=_xor, hide=True),
        Param("distance", 4.0, (0.5, 6.0), step=0.1, label="apart", hide=True,
              active=lambda v: _training(v) and v["task"] == "two blobs",
              doc="of the middles of the two clouds, in each coordinate"),
        Param("lr", 0.5, (0.01, 10.0), log=True, label="step size", hide=True,
              active=lambda v: _training(v) or _logit(v)),
        Param("seed", 0, (0, STARTS - 1), label="start", active=_training, hide=True,
              doc="draws the first weights"),
        Param("t", STEPS, (0, STEPS), play=True, label="step", hide=True, active=_timed),
    )  # fmt: skip
    presets = {  # noqa: RUF012
        "sigmoid ≤ 1/4": {"activation": "sigmoid", "x": 0.0, "spread": 2.0, "second": True},
        "a dead ReLU": {"activation": "relu", "bias": -3.0, "x": -3.0},
        "maxout makes |x|": {"activation": "maxout", "w2": -1.0, "b2": 0.0},
        "outside: no pull": HINGE,
        "inside: it pulls": {**HINGE, "mx": 1.0, "my": -0.6},
        "strong λ: many pull": {**HINGE, "strength": 1.0},
        "weak λ: few pull": {**HINGE, "strength": 0.01},
        "a wrong label": {**HINGE, "side": "-1"},
        "no L₂: any border": {**HINGE, "l2": False},
        "softmax twice": {"view": "output and loss", "loss": "squashed twice"},
        "smoothing bounds": {"view": "output and loss", "smoothing": 0.1},
        "sure and wrong": {"view": "one logit", "z": -6.0, "lr": 1.0},
        "steepest at p = 1/3": {"view": "one logit", "z": -0.7, "lr": 1.0},
        "a step of 8": {"view": "one logit", "z": -6.0, "lr": 8.0},
        "target 0.9: a minimum": {"view": "one logit", "z": 5.0, "y": 0.9, "lr": 1.0},
        "wrong y": {"view": "an outlier"},
        "wrong x: a lever": {"view": "an outlier", "out_x": 20.0, "out_y": 0.0},
        "all agree": {"view": "an outlier", "out_x": 12.0, "out_y": 9.2},
        "Huber: both": {"view": "an outlier", "drawn": "Huber", "delta": 2.0},
        "the mean moves": {"view": "an outlier", "model": "constant"},
        "two hills: cover": {**HILLS, "kind": KINDS[1]},
        "two hills: choose": {**HILLS, "kind": KINDS[2]},
        "a gap in q": {"view": "two histograms", "slide": 0, "q4": 0.0},
        "slid apart": {**NARROW, "slide": 8},
        "a little everywhere": {**NARROW, "slide": 8, "floor": 0.01},
        "sign: nothing moves": {"view": "training", "activation": "sign"},
        "abs: one unit, XOR": {"view": "training", "activation": "absolute", "width": 1},
        "no minus": {
            "view": "training", "task": "two blobs", "loss": "minus forgotten", "distance": 1.0
        },
    }  # fmt: skip
