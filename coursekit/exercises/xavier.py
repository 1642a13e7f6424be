"""An exercise of the chapter on initialization: Xavier's weights."""

import numpy as np

from ..backend import rng
from .exercise import Exercise
from .verdict import Mistake, Symptom
from .weights import RETURNS, drawn, in_place, same_factor, shape, sizes, symptoms


# --- Xavier: u in [0, 1) -> weights in [-b, b) ---------------------------------------------------
def _xavier(u):
    return (_bound(*u.shape) * (2 * u - 1),)


def _bound(n, m):
    return np.sqrt(6 / (n + m))


def _stretched(bound):
    """From -b to b, for a b made of fan_in and fan_out."""
    return lambda u: (bound(*u.shape) * (2 * u - 1),)


def _middles(answers, cases):
    """What becomes of 0.5, if the answers are straight lines in u."""
    lines = [
        (np.polyfit(u.ravel(), a.ravel(), 1), u, a)
        for (a,), (u,) in zip(answers, cases, strict=True)
    ]
    if not all(np.allclose(np.polyval(line, u), a) for line, u, a in lines):
        return None
    return np.array([np.polyval(line, 0.5) for line, _, _ in lines])


UNIFORM = [
    np.array([[0.0, 0.5], [0.25, 0.75], [0.1, 0.9], [0.5, 0.2]]),
    rng(3).random((5, 11)),
    rng(4).random((20, 3)),
]

xavier_uniform = Exercise(
    "xavier_uniform",
    "xavier_uniform(u)",
    ("W",),
    _xavier,
    [(u,) for u in UNIFORM],
    nudge="Two parts: the bound b of section 4.3, from u.shape, and a linear function that takes 0 "
    "to -b and 1 to b.",
    start="fan_in, fan_out = u.shape and b = sqrt(6 / (fan_in + fan_out)). Then 2 u - 1 runs from "
    "-1 to 1, and b times that from -b to b.",
    mistakes=(
        Mistake(
            "deviation as bound",
            _stretched(lambda n, m: np.sqrt(2 / (n + m))),
            "Your bound is Xavier's standard deviation. How do the two differ for uniform numbers?",
            "U(-b, b) has variance b^2 / 3, so b = sqrt(3 x 2 / (fan_in + fan_out)).",
        ),
        Mistake(
            "half the variance",
            _stretched(lambda n, m: np.sqrt(3 / (n + m))),
            "Your weights have half of Xavier's variance. Which variance has U(-b, b), and which "
            "one is wanted?",
            "b^2 / 3 = 2 / (fan_in + fan_out). Solve that for b.",
        ),
        Mistake(
            "variance as bound",
            _stretched(lambda n, m: 2 / (n + m)),
            "Your bound is Xavier's variance.",
            "U(-b, b) has variance b^2 / 3, so b = sqrt(6 / (fan_in + fan_out)).",
        ),
        Mistake(
            "root",
            _stretched(lambda n, m: 6 / (n + m)),
            "Is there a root missing?",
            "b^2 / 3 = 2 / (fan_in + fan_out), so b is the square root of 6 / (fan_in + fan_out).",
        ),
        Mistake(
            "root of the 6 alone",
            _stretched(lambda n, m: np.sqrt(6) / (n + m)),
            "How much of your fraction is under the root?",
            "The root goes over the whole fraction: sqrt(6 / (fan_in + fan_out)).",
        ),
        Mistake(
            "Kaiming",
            _stretched(lambda n, m: np.sqrt(6 / n)),
            "This is Kaiming's bound. Xavier looks at both sides of the layer.",
            "b = sqrt(6 / (fan_in + fan_out)), with both sizes.",
        ),
        *(
            Mistake(
                "fan_out",
                _stretched(lambda n, m, k=k: np.sqrt(k / m)),
                "You look at the outputs alone. Xavier looks at both sides of the layer.",
                "b = sqrt(6 / (fan_in + fan_out)), with both sizes.",
            )
            for k in (6, 3, 2, 1)
        ),
        *(
            Mistake(
                "product",
                _stretched(lambda n, m, k=k: np.sqrt(k / (n * m))),
                "fan_in times fan_out counts all weights. How do the two sizes enter?",
                "As a sum: b = sqrt(6 / (fan_in + fan_out)).",
            )
            for k in (6, 2)
        ),
        Mistake(
            "power",
            _stretched(lambda n, m: 3 / (n + m)),
            "What does Python make of x**1/2? Which comes first, ** or /?",
            "Powers come first, so that is half of x. Write x**0.5, or np.sqrt(x).",
        ),
        *(
            Mistake(
                "parentheses",
                _stretched(bound),
                "What do you divide by, the sum of both sizes or only the first?",
                "Division comes before addition: put the sum into parentheses.",
            )
            for bound in (
                lambda n, m: np.sqrt(6 / n + m),
                lambda n, m: np.sqrt(6) / n + m,
                lambda n, m: np.sqrt(6 / n) + m,
            )
        ),
        Mistake(
            "no bound",
            _stretched(lambda n, m: 1.0),
            "Your weights run from -1 to 1, whatever the sizes of the layer.",
            "Multiply by b, which comes from u.shape.",
        ),
        Mistake(
            "LeCun",
            _stretched(lambda n, m: np.sqrt(3 / n)),
            "This bound has variance 1 / fan_in. Xavier looks at both sides of the layer.",
            "b = sqrt(6 / (fan_in + fan_out)), with both sizes.",
        ),
        Mistake(
            "PyTorch default",
            _stretched(lambda n, m: np.sqrt(1 / n)),
            "This is what PyTorch's Linear does, of variance 1 / (3 fan_in).",
            "b = sqrt(6 / (fan_in + fan_out)), with both sizes.",
        ),
        Mistake(
            "only positive",
            lambda u: (_bound(*u.shape) * u,),
            "All your weights are positive.",
            "u runs from 0 to 1. Stretch and shift it first: 2 * u - 1 runs from -1 to 1.",
        ),
        Mistake(
            "half as wide",
            lambda u: (_bound(*u.shape) * (u - 0.5),),
            "The middle is right. How far do your weights reach to both sides?",
            "u - 0.5 runs from -0.5 to 0.5 only: take 2 * u - 1.",
        ),
        Mistake(
            "half the interval",
            lambda u: (_bound(*u.shape) * (u - 1),),
            "Your interval begins at -b. Where does it end?",
            "It is to be 2 b long: 2 * b * u - b.",
        ),
        *(
            Mistake(
                "sample adjusted",
                formula,
                "You adjust the sample to its own mean or to its extremes. What is certain of u "
                "beforehand?",
                "u comes from [0, 1). Use 0 and 1, not what the sample has: 2 * u - 1.",
            )
            for formula in (
                lambda u: (2 * _bound(*u.shape) * (u - u.mean()),),
                lambda u: (_bound(*u.shape) * (2 * (u - u.min()) / np.ptp(u) - 1),),
                lambda u: (np.sqrt(2 / sum(u.shape)) * (u - 0.5) / u.std(),),
                lambda u: (np.sqrt(2 / sum(u.shape)) * (u - u.mean()) / u.std(),),
            )
        ),
        *(
            Mistake(
                "clipped",
                lambda u, spread=spread: (np.clip(spread(u), -_bound(*u.shape), _bound(*u.shape)),),
                "What lies outside [-b, b] you cut off, so that many weights may be the same. Can "
                "the numbers be squeezed into the interval instead?",
                "Stretch and shift: 2 * u - 1 runs from -1 to 1, and b times that from -b to b.",
            )
            for spread in (lambda u: u, lambda u: 2 * u - 1)
        ),
        Mistake(
            "as if normal",
            lambda u: (np.sqrt(2 / sum(u.shape)) * u,),
            "Multiplying by a standard deviation is right for numbers of mean 0 and variance 1. "
            "Are those in u?",
            "u is uniform on [0, 1): first make it run from -1 to 1, then from -b to b.",
        ),
        Mistake(
            "shifted by one",
            lambda u: (2 * _bound(*u.shape) * u - 1,),
            "Where does your interval begin?",
            "Shift by b, not by 1: 2 * b * u - b, or b * (2 * u - 1).",
        ),
        Mistake(
            "backwards",
            lambda u: (_bound(*u.shape) * (1 - 2 * u),),
            "Just as good at random, but here 0 should become -b, and 1 become b.",
            "Change the sign: 2 * u - 1.",
        ),
        Mistake(
            "nothing done",
            lambda u: (u,),
            "This is u itself: never negative, and of variance 1/12.",
            "Stretch it: b * (2 * u - 1), with b = sqrt(6 / (fan_in + fan_out)).",
        ),
        Mistake(
            "deviation of u",
            lambda u: (np.sqrt(2 / sum(u.shape)) * (u - 0.5),),
            "Which deviation has u - 0.5? You multiply it as if that were 1.",
            "Numbers from an interval of length 1 have the deviation 1 / sqrt(12). Or begin with "
            "the bound: b^2 / 3 = 2 / (fan_in + fan_out).",
        ),
        Mistake(
            "variance as deviation",
            lambda u: (2 / sum(u.shape) * np.sqrt(12) * (u - 0.5),),
            "2 / (fan_in + fan_out) is the variance. What are numbers of variance 1 multiplied by "
            "to have it?",
            "By its root. Then u - 0.5 times sqrt(12) is multiplied by the standard deviation.",
        ),
        Mistake(
            "squared",
            lambda u: (_bound(*u.shape) * (2 * u - 1) ** 2,),
            "None of your weights is negative. What has become of the sign of 2 u - 1?",
            "A square has none: W is b * (2 * u - 1).",
        ),
        Mistake(
            "twice the variance",
            _stretched(lambda n, m: np.sqrt(12 / (n + m))),
            "Your weights have twice Xavier's variance. Which variance has U(-b, b), and what "
            "stands below the fraction bar, the sum of both sizes or their mean?",
            "b^2 / 3 = 2 / (fan_in + fan_out). Solve that for b.",
        ),
        *(
            Mistake(
                "two values",
                formula,
                "Your weights take two values only, or jump between them. What becomes of all "
                "the numbers between?",
                "Stretch and shift: equal steps of u are equal steps of W.",
            )
            for formula in (
                lambda u: (np.where(u < 0.5, -1, 1) * _bound(*u.shape),),
                lambda u: (np.sign(u - 0.5) * _bound(*u.shape),),
                lambda u: (np.sign(u - 0.5) * _bound(*u.shape) * u,),
            )
        ),
        *(
            Mistake(
                "parentheses",
                _stretched(bound),
                "How do both sizes enter below the fraction bar?",
                "As one sum, in parentheses: 6 / (fan_in + fan_out).",
            )
            for bound in (
                lambda n, m: np.sqrt(6 / n + 6 / m),
                lambda n, m: np.sqrt(6) / np.sqrt(n) + np.sqrt(m),
                lambda n, m: np.sqrt(6) / (np.sqrt(n) + np.sqrt(m)),
                lambda n, m: np.sqrt(6.0 / (n + m + 1)),
                lambda n, m: np.sqrt(6.0 / abs(n - m)),
                lambda n, m: np.sqrt(6.0 / np.float64(n - m)),
            )
        ),
    ),
    symptoms=(
        *symptoms("u"),
        Symptom(
            "not centred",
            lambda answers, right, cases: (
                _middles(answers, cases) is not None and abs(_middles(answers, cases)).max() > 1e-9
            ),
            "What do you make of u = 0.5? It should be the middle of your interval.",
            "The interval is [-b, b], with 0 in the middle: 2 * u - 1 is 0 there.",
        ),
        same_factor(lambda u: 2 * u - 1),
        Symptom(
            "not straight",
            lambda answers, right, cases: _middles(answers, cases) is None,
            "Are equal steps of u equal steps of your W? Then small and large weights would be "
            "equally likely.",
            "A power, a sign or a clip bends it: W is b * (2 * u - 1), a straight line in u.",
        ),
    ),
    accidents=(
        RETURNS,
        in_place("u"),
        drawn("u"),
        shape("W is shaped like u, (fan_in, fan_out): do not transpose."),
    ),
    errors=sizes("u"),
    called="{}",
)
