"""An exercise of the chapter on early stopping: when to stop, and what to return."""

import numpy as np

from ..backend import rng
from .exercise import Exercise
from .training import Training, improved, lower, rule, two_marks
from .verdict import Accident, Mistake, Symptom


def _walk(seed: int, epochs: int, in_place=True) -> Training:
    steps = rng(seed).standard_normal(epochs)
    return Training([9, *(3 + np.cumsum(steps)).round(2).tolist()], in_place)


def _lowest(sign):
    """For a symptom: where the lowest loss is wrong it is too high (1), or too low (-1)."""

    def seen(answers, right, cases):
        off = [sign * (a[1] - r[1]) for a, r in zip(answers, right, strict=True)]
        moved = any((a[0] != r[0]).any() for a, r in zip(answers, right, strict=True))
        return moved and min(off) > -1e-9 and max(off) > 1e-9

    return seen


NAN = float("nan")
STOPPING = [
    (Training([6, 5, 3, 4, 2, 3, 3, 1, 4, 4, 4, 4]), 2, 0.0, 11),
    (Training([6, 5, 4.8, 4.6, 4.4, 4.2, 4.4, 4.0, 3.9, 3, 2, 1], False), 3, 0.5, 11),
    (Training([6, 5, 4.5, 4.5, 4.5, 4.0, 4.6, 3, 4, 4, 4, 0.5]), 3, 0.1, 11),
    (Training([1, 5, 4, 4, 3.5, 3.6, 3.4, 3.4, 3.4, 3.3, 3.2], False), 2, 0.0, 10),
    (Training([9, 4, NAN, 3.5, 3.6, NAN, NAN, 2, 2, 2], False), 3, 0.0, 9),
    (Training([9, 8, 7, 6, 5]), 3, 0.0, 4),
    (Training([9, 3, 4, 2.95, 4, 2.85, 4, 4, 4, 1, 1]), 4, 0.1, 10),
    (_walk(1, 30), 4, 0.05, 30),
    (_walk(2, 30, False), 3, 0.2, 30),
]

stop_early = Exercise(
    "stop_early",
    "stop_early(training, patience, min_delta, epochs)",
    ("best", "lowest"),
    rule(),
    STOPPING,
    called="{}",
    nudge="Keep three things from epoch to epoch: the lowest loss so far, its parameters, and how "
    "many epochs have passed since. What happens to each when the loss is better, and when not?",
    start="Begin with lowest = np.inf and wait = 0. In each epoch: training.epoch(), then "
    "loss = training.loss(). If loss < lowest - min_delta, keep a copy of training.theta, set "
    "lowest and begin to wait anew; else wait one more, and stop when wait reaches patience.",
    mistakes=(
        Mistake(
            "last loss",
            rule(better=lambda loss, lowest, last, delta: loss < last - delta),
            "What do you compare the loss with? A curve that goes up and down a little can fall "
            "below the epoch before, and still be worse than the best.",
            "Compare with the lowest loss so far, not with that of the epoch before.",
        ),
        Mistake(
            "one too patient",
            rule(wait_for=lambda patience: patience + 1),
            "Count on your fingers: with patience 2, how many epochs without an improvement do you "
            "see before you stop?",
            "Stop with the epoch that makes it patience epochs without an improvement: "
            "wait >= patience, after wait has been counted up.",
        ),
        Mistake(
            "one too hasty",
            rule(wait_for=lambda patience: patience - 1),
            "Count on your fingers: with patience 2, how many epochs without an improvement do you "
            "see before you stop?",
            "You stop an epoch too soon. Does wait begin at 0, also after an improvement, and is "
            "the epoch of an improvement not counted itself?",
        ),
        Mistake(
            "last theta",
            rule(returns=lambda b, lowest, training, *_: (np.copy(training.theta), lowest)),
            "Which parameters belong to the lowest loss?",
            "You return those of the last epoch. Keep a copy of training.theta at improvements; "
            "return that.",
        ),
        Mistake(
            "last theta",
            rule(returns=lambda best, lowest, training, loss, stopped: (
                np.copy(training.theta) if stopped else best, lowest)),
            "Which parameters belong to the lowest loss, when you stop early?",
            "Where you stop you return those of the last epoch. Keep a copy of training.theta at "
            "improvements; return that.",
        ),
        Mistake(
            "end returned",
            rule(returns=lambda best, lowest, training, loss, _: (np.copy(training.theta), loss)),
            "You stop in the right epoch. But is the last epoch the best?",
            "Keep a copy of training.theta, and the loss, at improvements; return these.",
        ),
        *(
            Mistake(
                "no patience",
                rule(better, wait_for=lambda patience: 1),
                "You stop at the first epoch without an improvement. Which argument have you not "
                "used?",
                "Count the epochs without an improvement, and stop when there are patience of "
                "them.",
            )
            for better in (
                improved,
                lower,
                lambda loss, lowest, last, delta: not loss > lowest,
            )
        ),
        *(
            Mistake(
                "epochs miscounted",
                rule(fewer=fewer),
                "If it never stops early: how many epochs have been trained in the end?",
                "As many as epochs says: for _ in range(epochs).",
            )
            for fewer in (1, 2)
        ),
        Mistake(
            "absolute change",
            rule(lambda loss, lowest, last, delta: abs(lowest - loss) > delta),
            "Is a loss that has gone up by much an improvement?",
            "Only a fall counts: loss < lowest - min_delta, without an absolute value.",
        ),
        Mistake(
            "uphill",
            rule(lambda loss, lowest, last, delta: loss > lowest + delta or lowest == np.inf),
            "Should the loss rise or fall?",
            "An improvement is loss < lowest - min_delta.",
        ),
        Mistake(
            "relative",
            rule(lambda loss, lowest, last, delta: loss < lowest * (1 - delta)),
            "You take min_delta as a share of the lowest loss. In which units is it?",
            "It is an amount: loss < lowest - min_delta.",
        ),
        Mistake(
            "no copy",
            rule(keep=lambda theta: theta),
            "You keep the right thing, but does it stay what it was? Some trainings change theta "
            "in place.",
            "best = training.theta is another name for the same array, which training goes on to "
            "change. Write training.theta.copy().",
        ),
        Mistake(
            "min_delta added",
            rule(better=lambda loss, lowest, last, delta: loss < lowest + delta),
            "Is a loss that is a little higher than the lowest an improvement?",
            "It must fall by more than min_delta: loss < lowest - min_delta.",
        ),
        Mistake(
            "min_delta ignored",
            rule(better=lower),
            "Which argument have you not used?",
            "Only what is lower by more than min_delta counts: loss < lowest - min_delta.",
        ),
        Mistake(
            "ties",
            rule(better=lambda loss, lowest, last, delta: loss <= lowest - delta),
            "Is it an improvement when nothing changes?",
            "Use <, not <=: a loss that stays the same is no improvement.",
        ),
        *(
            Mistake(
                "creeping",
                rule(creeps=True, keeps_small=keeps_small),
                "Many small gains can add up to a large one. Compared with what is each of yours "
                "small?",
                "Move lowest at an improvement only; else a slow descent never improves by "
                "min_delta.",
            )
            for keeps_small in (False, True)
        ),
        Mistake(
            "two marks",
            two_marks,
            "You stop in the right epoch. But is what you keep always an improvement?",
            "One condition, loss < lowest - min_delta, decides everything: then theta is kept, "
            "lowest set and wait 0. A smaller gain changes nothing.",
        ),
        *(
            Mistake(
                "no reset",
                rule(better, resets=False),
                "After an improvement, how long do you wait for the next?",
                "Set wait back to 0 at each improvement. If you compare for that, compare before "
                "lowest is set: afterwards the loss is never below it.",
            )
            for better in (improved, lower)
        ),
        *(
            Mistake(
                "improvements counted",
                rule(better, again=again),
                "Your wait grows in epochs with an improvement, too. Which ones should it count?",
                "At an improvement wait goes back to 0, and only else it grows. If you compare for "
                "that, compare before lowest is set: afterwards the loss is never below it.",
            )
            for better, again in (
                (improved, improved),
                (improved, lower),
                (lower, lower),
            )
        ),
        Mistake(
            "never stops",
            rule(wait_for=lambda patience: np.inf),
            "Is there an epoch with which you stop before the last?",
            "Leave the loop (break) when patience epochs in a row brought no improvement.",
        ),
        Mistake(
            "loss of the end",
            rule(returns=lambda best, lowest, training, loss, _: (best, loss)),
            "Your parameters are right. Is that their loss?",
            "Return the lowest loss, not that of the last epoch.",
        ),
        Mistake(
            "start counted",
            rule(from_start=True),
            "Which loss do you begin with? Nobody has trained yet.",
            "The first epoch is always the best so far: begin with lowest = np.inf.",
        ),
        Mistake(
            "loss too early",
            rule(check_first=True),
            "Which parameters does your loss belong to, those before the epoch or after it?",
            "First training.epoch(), then training.loss().",
        ),
        Mistake(
            "nan improves",
            rule(better=lambda loss, lowest, last, delta: not loss >= lowest - delta),
            "One of the losses is nan. Is nan an improvement?",
            "Every comparison with nan is false. Ask whether loss < lowest - min_delta, and not "
            "whether it is no larger.",
        ),
        Mistake(
            "last loss",
            rule(better=lambda loss, lowest, last, delta: not loss > last - delta),
            "What do you compare the loss with? A curve that goes up and down a little can fall "
            "below the epoch before, and still be worse than the best.",
            "Compare with the lowest loss so far, not with that of the epoch before.",
        ),
        Mistake(
            "rounded",
            rule(returns=lambda best, lowest, training, loss, _: (best, np.round(lowest, 1))),
            "Your parameters are right. What has become of the last digits of their loss?",
            "Return the loss as it is: no round(...).",
        ),
    ),
    symptoms=(
        Symptom(
            "never trained",
            lambda answers, right, cases: all((best == [0, 1]).all() for best, _ in answers),
            "The parameters that you return are those of the start. What trains them?",
            "Call training.epoch(), with parentheses, once in each turn of the loop.",
        ),
        Symptom(
            "too long",
            _lowest(-1),
            "Your lowest loss is too low: you went on too long, or took a gain below min_delta "
            "for an improvement. Mark the improvements of this case by hand: when should it stop?",
            "An improvement lies by more than min_delta below the lowest so far. Stop when "
            "patience epochs in a row brought none.",
        ),
        Symptom(
            "too soon",
            _lowest(1),
            "Your lowest loss is too high: you stopped too soon, or missed an improvement. Mark "
            "the improvements of this case by hand: when should it stop?",
            "An improvement lies by more than min_delta below the lowest so far. Begin to wait "
            "anew at each, and stop when patience epochs in a row brought none.",
        ),
    ),
    accidents=(
        Accident(
            "returns",
            "What is wanted: the best parameters, and their loss.",
            "End with: return best, lowest",
        ),
        Accident(
            "shape",
            "First the parameters, an array, then their loss, a number.",
            "End with: return best, lowest",
        ),
        Accident(
            "dtype",
            "Is there anything that you count, and return by mistake?",
            "End with: return best, lowest. Neither is a whole number.",
        ),
        Accident(
            "infinite",
            "Which epoch is your lowest loss from? In some trainings a loss is nan.",
            "nan is never an improvement, and the first loss always is: begin with "
            "lowest = np.inf, and ask whether loss < lowest - min_delta.",
        ),
    ),
    errors=(
        Accident("NoneType", "What does epoch() return? It trains, and says nothing.",
                 "The loss is asked for separately: first training.epoch(), then "
                 "loss = training.loss()."),
        Accident("after the last epoch", "How often is epoch() called in your function, at most?",
                 "Once in each turn of the loop, and there are at most `epochs` turns: "
                 "for _ in range(epochs)."),
        Accident("'Training' object is not callable", "What is it that can be called, training or "
                 "its methods?", "training.epoch() trains, training.loss() is the loss."),
        Accident("'numpy.ndarray' object is not callable", "training.theta is an array, no "
                 "method. What do the parentheses do behind it?", "Leave them out."),
        Accident("'method'", "epoch and loss are methods. What is missing behind them?",
                 "Put parentheses behind them: training.loss()."),
        Accident("has no attribute", "training has theta, epoch() and loss(), and nothing else.",
                 "training.epoch() trains for an epoch, training.loss() is the validation loss, "
                 "training.theta are the parameters."),
        Accident("UnboundLocalError", "A name is read that has no value yet. Which one is it, and "
                 "where should it begin?", "Begin with best, lowest and wait before the loop."),
    ),
)  # fmt: skip
