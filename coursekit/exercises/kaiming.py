"""An exercise of the chapter on initialization: Kaiming's weights."""

import numpy as np

from ..backend import rng
from .exercise import Exercise
from .verdict import Mistake, Symptom
from .weights import RETURNS, clipped, drawn, in_place, same_factor, shape, sizes, symptoms


# --- Kaiming: standard normal z -> weights of variance 2 / fan_in --------------------------------
def _kaiming(z):
    return (np.sqrt(2 / len(z)) * z,)


def _scaled(scale):
    """z times a number made of fan_in and fan_out."""
    return lambda z: (scale(*z.shape) * z,)


NORMAL = [
    np.array([[1.0, -0.5], [0.0, 2.0], [-1.0, 0.5], [0.5, 1.0], [1.5, 0.0], [0.2, -2.0],
              [1.0, 1.0], [-0.6, 0.3]]),
    rng(1).standard_normal((5, 12)),
    rng(2).standard_normal((30, 3)),
]  # fmt: skip

kaiming_normal = Exercise(
    "kaiming_normal",
    "kaiming_normal(z)",
    ("W",),
    _kaiming,
    [(z,) for z in NORMAL],
    nudge="z has variance 1, W should have the variance that section 5.2 derives. By what must z "
    "be multiplied? The sizes of the layer are in z.shape.",
    start="fan_in, fan_out = z.shape. Multiplying by a number multiplies the variance by its "
    "square: the factor is sqrt(2 / fan_in).",
    mistakes=(
        Mistake(
            "variance as deviation",
            _scaled(lambda n, m: 2 / n),
            "2 / fan_in is the variance. What is z multiplied by to have it?",
            "Multiplying by s multiplies the variance by s^2: take the square root of 2 / fan_in.",
        ),
        Mistake(
            "fan_out",
            _scaled(lambda n, m: np.sqrt(2 / m)),
            "Over how many terms does an output of x @ W sum?",
            "Each output sums over the inputs, the rows of W: fan_in is z.shape[0].",
        ),
        Mistake(
            "no factor 2",
            _scaled(lambda n, m: np.sqrt(1 / n)),
            "This keeps the variance of a linear layer. What does a ReLU do to the second moment?",
            "A ReLU lets half of the second moment through: 2 / fan_in in place of 1 / fan_in.",
        ),
        Mistake(
            "Xavier",
            _scaled(lambda n, m: np.sqrt(2 / (n + m))),
            "This is Xavier's compromise between forwards and backwards.",
            "Kaiming's variance is 2 / fan_in; fan_out does not enter.",
        ),
        Mistake(
            "uniform bound",
            _scaled(lambda n, m: np.sqrt(6 / n)),
            "sqrt(6 / fan_in) is the bound of a uniform distribution. z is normal.",
            "The standard deviation is sqrt(2 / fan_in); the 6 = 3 x 2 belongs to the uniform one.",
        ),
        Mistake(
            "root of one half",
            _scaled(lambda n, m: np.sqrt(2) / n),
            "How much of your factor is under the root?",
            "The root goes over the whole fraction: sqrt(2 / fan_in).",
        ),
        Mistake(
            "number of weights",
            _scaled(lambda n, m: np.sqrt(2 / (n * m))),
            "z.size counts all weights. Over how many does one output sum?",
            "Each output sums over fan_in inputs: z.shape[0].",
        ),
        Mistake(
            "divided",
            _scaled(lambda n, m: np.sqrt(n / 2)),
            "Should weights grow or shrink with the number of inputs?",
            "Your fraction is upside down: sqrt(2 / fan_in).",
        ),
        Mistake(
            "power",
            _scaled(lambda n, m: 1 / n),
            "What does Python make of x**1/2? Which comes first, ** or /?",
            "Powers come first, so that is half of x. Write x**0.5, or np.sqrt(x).",
        ),
        Mistake(
            "both sizes",
            _scaled(lambda n, m: np.sqrt(4 / (n + m))),
            "You take the mean of both sizes. Over how many terms does an output of x @ W sum?",
            "Each output sums over the inputs: fan_in alone, z.shape[0].",
        ),
        Mistake(
            "added",
            lambda z: (z + np.sqrt(2 / len(z)),),
            "You add your number. Does that change the variance?",
            "Multiply z by it.",
        ),
        Mistake(
            "z under the root",
            lambda z: (np.sqrt(2 * z / len(z)),),
            "z may be negative. What belongs under the root?",
            "Only 2 / fan_in; z is multiplied by the root.",
        ),
        *(
            Mistake(
                "own draw",
                lambda z, adjust=adjust: (np.sqrt(2 / len(z)) * adjust(z),),
                "You adjust the sample. The distribution has mean 0 and variance 2 / fan_in, a "
                "sample need not.",
                "Do not subtract z.mean() nor divide by z.std(): multiply z by sqrt(2 / fan_in).",
            )
            for adjust in (
                lambda z: z / z.std(),
                lambda z: z / z.std(axis=0),
                lambda z: z - z.mean(),
                lambda z: z - z.mean(axis=0),
                lambda z: (z - z.mean()) / z.std(),
                lambda z: (z - z.mean(axis=0)) / z.std(axis=0),
            )
        ),
        *(
            Mistake(
                "ReLU of the weights",
                lambda z, scale=scale: (np.maximum(scale(len(z)) * z, 0),),
                "None of your weights is negative. Is the ReLU a part of the weights, or where "
                "does it act?",
                "It acts on what comes out of the layer, x @ W. The weights keep both signs: "
                "sqrt(2 / fan_in) times z.",
            )
            for scale in (lambda n: np.sqrt(2 / n), lambda n: np.sqrt(1 / n), lambda n: 1)
        ),
        Mistake(
            "nothing done",
            lambda z: (z,),
            "This is z itself, of variance 1.",
            "Multiply z by sqrt(2 / fan_in).",
        ),
        *(
            Mistake(
                "larger or smaller side",
                _scaled(lambda n, m, side=side: np.sqrt(2 / side(n, m))),
                "Which side of the layer do you look at? It depends on their sizes in yours.",
                "Each output sums over the inputs: fan_in, z.shape[0], whichever is larger.",
            )
            for side in (max, min)
        ),
        *(
            Mistake(
                "own draw",
                lambda z, by=by: (by * z / np.linalg.norm(z, axis=0),),
                "You give each column the same length. The distribution has variance "
                "2 / fan_in, a sample need not.",
                "Do not divide by a norm: multiply z by sqrt(2 / fan_in).",
            )
            for by in (1, np.sqrt(2))
        ),
        Mistake(
            "own draw",
            lambda z: (np.sqrt(2 / len(z)) * z + z.mean(),),
            "You shift the sample. The distribution has mean 0 already.",
            "Add nothing: multiply z by sqrt(2 / fan_in).",
        ),
    ),
    symptoms=(
        *symptoms("z"),
        same_factor(lambda z: z),
        Symptom(
            "clipped",
            clipped,
            "The largest of your weights are cut off. What does that do to the variance?",
            "It becomes smaller than 2 / fan_in. Let large numbers be large: no clip.",
        ),
    ),
    accidents=(
        RETURNS,
        in_place("z"),
        drawn("z"),
        shape("W is shaped like z, (fan_in, fan_out): do not transpose."),
    ),
    errors=sizes("z"),
    called="{}",
)
