"""What people write in place of a step of the perceptron."""

import numpy as np

from ..verdict import Mistake


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


def _shorter(length):
    """A step along y x that is divided by something."""
    return _if(_wrong, lambda w, x, y: y * x / length(w, x, y))


def _unit_after(w, x, y):
    moved = w + y * x
    return (moved / np.linalg.norm(moved) if y * (w @ x) <= 0 else w,)


def _by_its_answer(at_zero):
    """The answer in the place of the label."""
    return lambda w, x, y: (w + _answer(w, x, at_zero) * x * (_answer(w, x, at_zero) != y),)


def _one_by_one(w, x, y):
    """Entry by entry, and asked again each time."""
    w = w.copy()
    for i in range(len(w)):
        if y * (w @ x) <= 0:
            w[i] += y * x[i]
    return (w,)


MISTAKES = (
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
    *(
        Mistake(
            "length of the step",
            _shorter(length),
            "You shorten the step by the length of x. Who asked for that?",
            "The perceptron takes the step y * x as it is, long or short.",
        )
        for length in (
            lambda w, x, y: np.linalg.norm(x),
            lambda w, x, y: x @ x,
        )
    ),
    *(
        Mistake(
            "onto the boundary",
            _if(_wrong, lambda w, x, y, how=how: how(w, x, y) * x),
            "How far you go depends on how wrong w is. How far should it go?",
            "By y * x, however wrong: w @ x only says whether there is a step.",
        )
        for how in (
            lambda w, x, y: -(w @ x) / (x @ x),
            lambda w, x, y: y - w @ x,
        )
    ),
    *(
        Mistake(
            "answer for label",
            _by_its_answer(side),
            "Towards which label does your step go, the right one or the one that w answered?",
            "The label y says where w should go: add y * x, not the answer times x.",
        )
        for side in (0.0, 1.0, -1.0)
    ),
    *(
        Mistake(
            "label ignored",
            lambda w, x, y, sign=sign: (w + x if sign * (w @ x) <= 0 else w,),
            "Where does the label come in?",
            "Twice: in the test, y * (w @ x) <= 0, and in the step, y * x.",
        )
        for sign in (1, -1)
    ),
    Mistake(
        "no x in the step",
        _if(_wrong, lambda w, x, y: y),
        "Which entries of w should change most, and what says so?",
        "The step is along x: each entry moves by y times its entry of x.",
    ),
    *(
        Mistake(
            "multiplied",
            formula,
            "Your step multiplies entries of w. What if these are 0, as at the start?",
            "Add the step: w + y * x.",
        )
        for formula in (
            _if(_wrong, lambda w, x, y: y * w * x),
            lambda w, x, y: (w * y * x if y * (w @ x) <= 0 else w,),
        )
    ),
    *(
        Mistake(
            "entry by entry",
            formula,
            "An example is decided as a whole, by one number. Yours looks at single entries.",
            "w * x is an array; the number that decides is the product w @ x.",
        )
        for formula in (
            lambda w, x, y: (w + y * x if (y * w * x <= 0).all() else w,),
            lambda w, x, y: (w + y * x if (y * w * x <= 0).any() else w,),
            lambda w, x, y: (w if (y * w * x).any() else w + y * x,),
            _one_by_one,
        )
    ),
    Mistake(
        "logistic regression",
        lambda w, x, y: (w + (y - 1 / (1 + np.exp(-(w @ x)))) * x,),
        "This is a step of logistic regression, for labels 0 and 1. Does the perceptron know "
        "probabilities?",
        "It only asks on which side x is: no step if y * (w @ x) > 0, else y * x.",
    ),
    Mistake(
        "length 1",
        _unit_after,
        "After a step your w has length 1. Who asked for that?",
        "Do not divide by the norm: only the step y * x changes w.",
    ),
)
