"""An exercise of the chapter on activations: a step of the perceptron."""

import numpy as np

from ..backend import rng
from .exercise import Exercise
from .verdict import Accident, Mistake, Symptom, only_in


# --- perceptron: w <- w + y x where y w^T x <= 0 -------------------------------------------------
def _perceptron(w, x, y):
    return (w + y * x if y * (w @ x) <= 0 else w,)


def _case(n: int, seed: int, y: float, right: bool, margin: float = 0.5) -> tuple:
    """w, x, y with y w^T x = margin if it is decided rightly, else -margin."""
    w, x = rng(seed).standard_normal((2, n))
    x = x + ((margin if right else -margin) * y - w @ x) / (w @ w) * w
    return w, x, y


EXAMPLES = [
    (np.array([0.0, 0.0]), np.array([1.0, 2.0]), -1.0),  # the start decides nothing
    _case(3, 1, 1.0, False),
    _case(3, 2, -1.0, False, 2.0),
    _case(4, 3, 1.0, True),
    _case(2, 4, -1.0, True, 3.0),
    (np.array([1.0, 2.0]), np.array([2.0, -1.0]), 1.0),  # nothing decided, the other label
    (np.array([4.0, 0.0]), np.array([-1.0, 1.0]), 1.0),  # one step is not enough
]


def _if(mistake, step):
    """A step taken where `mistake(margin)` holds."""

    def formula(w, x, y):
        return (w + step(w, x, y) if mistake(y * (w @ x)) else w,)

    return formula


def _ever(margin):
    return True


def _wrong(margin):
    return margin <= 0


def _usual(w, x, y):
    return y * x


def _answer(w, x, at_zero):
    return np.sign(w @ x) or at_zero


def _by_answer(at_zero):
    """A step where the answer, 1 or -1, is not the label; one of them at 0 too."""
    return lambda w, x, y: (w + y * x if _answer(w, x, at_zero) != y else w,)


def _unit(answers, right, cases):
    return all(abs(np.linalg.norm(w) - 1) < 1e-9 for (w,) in answers)


perceptron_step = Exercise(
    "perceptron_step",
    "perceptron_step(w, x, y)",
    ("w",),
    _perceptron,
    EXAMPLES,
    nudge="First find out whether the example is decided rightly: what sign has y times w^T x "
    "then? Only a mistake changes w.",
    start="If y * (w @ x) <= 0, it is a mistake, and the new w is w + y * x. Otherwise w stays.",
    mistakes=(
        Mistake(
            "always",
            _if(_ever, _usual),
            "Does your w change on examples that are right already?",
            "Add y * x only if y * (w @ x) <= 0.",
        ),
        Mistake(
            "boundary",
            _if(lambda margin: margin < 0, _usual),
            "What does your function do at the start, w = 0?",
            "At w @ x = 0 nothing is decided, which counts as a mistake: <= 0, not < 0.",
        ),
        Mistake(
            "turned round",
            _if(lambda margin: margin > 0, _usual),
            "When is an example decided rightly, for y w^T x above 0 or below?",
            "A mistake is y * (w @ x) <= 0.",
        ),
        Mistake(
            "sign",
            _if(_wrong, lambda w, x, y: -y * x),
            "After your step, is y w^T x larger than before?",
            "Add y * x: the minus of the descent and that of the loss cancel.",
        ),
        Mistake(
            "label forgotten",
            _if(_wrong, lambda w, x, y: x),
            "In which direction should w move for y = -1?",
            "The step is y * x, not x.",
        ),
        Mistake(
            "label ignored",
            lambda w, x, y: (w + y * x if w @ x <= 0 else w,),
            "Your test does not look at y: for y = -1 a negative w @ x is right.",
            "A mistake is y * (w @ x) <= 0.",
        ),
        Mistake(
            "twice",
            lambda w, x, y: (w + (y - np.sign(w @ x)) * x,),
            "y minus the answer is 2 y on most mistakes. How long is the step then?",
            "Half of it is meant: y * x on every mistake.",
        ),
        Mistake(
            "margin",
            _if(lambda margin: margin < 1, _usual),
            "Your function also corrects examples that are right, if only just.",
            "That belongs to the hinge loss. Here a mistake is y * (w @ x) <= 0.",
        ),
        Mistake(
            "least squares",
            lambda w, x, y: (w + (y - w @ x) * x,),
            "This is a step on the squared error, as if y were a number to be hit.",
            "Only the side counts: no step if y * (w @ x) > 0, else y * x.",
        ),
        Mistake(
            "no step",
            lambda w, x, y: (w,),
            "Your w never changes.",
            "On a mistake return w + y * x.",
        ),
        Mistake(
            "half",
            _if(_wrong, lambda w, x, y: y * x / 2),
            "Your step has the right direction, and half the length. Where does the 1/2 come from?",
            "The slope of -y w^T x is -y x: no factor 1/2 and no learning rate is in it.",
        ),
        Mistake(
            "half at the start",
            lambda w, x, y: (w + (y - np.sign(w @ x)) / 2 * x,),
            "At w = 0 your step is half as long as on other mistakes. What is sign(0)?",
            "np.sign(0) is 0, which is neither label. Ask whether y * (w @ x) <= 0, and take the "
            "whole step.",
        ),
        *(
            Mistake(
                "one label at zero",
                _by_answer(side),
                "What does your function answer at w @ x = 0, and for which label is that right?",
                "There nothing is decided, which is a mistake for both labels: y * (w @ x) <= 0.",
            )
            for side in (1.0, -1.0)
        ),
        *(
            Mistake(
                "labels 0 and 1",
                lambda w, x, y, zero=zero: (w + (y - (w @ x > 0 or (zero and w @ x == 0))) * x,),
                "Your answer is 0 or 1. Which labels does y have?",
                "Labels are -1 and 1: a mistake is y * (w @ x) <= 0, and the step y * x.",
            )
            for zero in (False, True)
        ),
        Mistake(
            "entry by entry",
            lambda w, x, y: (np.where(y * w * x <= 0, w + y * x, w),),
            "An example is decided as a whole, by one number. Yours decides for each entry.",
            "w * x is an array; the number that decides is the product w @ x.",
        ),
        Mistake(
            "sum of x",
            _if(_wrong, lambda w, x, y: y * x.sum()),
            "All your weights move alike. Which part of x does each of them belong to?",
            "Add y * x, entry by entry: nothing is summed in the step.",
        ),
        Mistake(
            "along w",
            _if(_wrong, lambda w, x, y: y * w),
            "In which direction does your w move, along w or along x?",
            "The step is y * x.",
        ),
        *(
            Mistake(
                "margin in the step",
                _if(_wrong, lambda w, x, y, sign=sign: sign * y * (w @ x) * x),
                "How long is your step at the start, where w @ x is 0?",
                "w @ x says whether there is a step, not how long it is: the step is y * x.",
            )
            for sign in (1, -1)
        ),
        Mistake(
            "w and x exchanged",
            lambda w, x, y: (x + y * w if y * (w @ x) <= 0 else x,),
            "Which of the two is learned, w or x?",
            "Start from w, and add y * x.",
        ),
        Mistake(
            "label forgotten",
            _if(_wrong, lambda w, x, y: -x),
            "In which direction should w move for y = 1?",
            "The step is y * x, not -x.",
        ),
        Mistake(
            "replaced",
            lambda w, x, y: (y * x if y * (w @ x) <= 0 else w,),
            "Your step forgets everything learned before.",
            "Add y * x to w, do not put it in the place of w.",
        ),
    ),
    symptoms=(
        Symptom(
            "right already",
            only_in(3, 4),
            "On mistakes you are right. What should w be after an example that is decided rightly?",
            "It stays as it is: return w, unchanged.",
        ),
        Symptom(
            "until right",
            only_in(6),
            "How many steps does your function take on one example?",
            "One: if in place of while. The example may come again later.",
        ),
        Symptom(
            "length 1",
            _unit,
            "Your w always has length 1. Who asked for that?",
            "Do not divide by the norm: only the step y * x changes w.",
        ),
    ),
    accidents=(
        Accident(
            "in place",
            "The caller still needs the old w.",
            "w += y * x writes into the caller's array; w = w + y * x makes a new one.",
        ),
        Accident(
            "shape",
            "w and x have the same shape, and so has the new w.",
            "w @ x is a number, needed for the test only; the step is y * x.",
        ),
    ),
    errors=(
        Accident(
            "ambiguous",
            "The example is decided by one number. What you compare with 0 is an array.",
            "w * x is an array; the number that decides is the product w @ x.",
        ),
    ),
)
