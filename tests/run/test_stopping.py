"""Early stopping, row by row against lists worked out by hand."""

import math

import pytest

import coursekit as ck

NAN = math.nan
# settings, monitored values, (epoch the run ends after or None, best epoch, best value)
TABLE = [
    # strictly falling: never stops
    ({"patience": 1}, [3, 2, 1], (None, 3, 1)),
    # equal is no improvement, and patience counts checks without one
    ({"patience": 1}, [1, 1], (2, 1, 1)),
    ({"patience": 2}, [1, 1, 1], (3, 1, 1)),
    ({"patience": 2}, [1, 2], (None, 1, 1)),
    # patience 0 acts like 1
    ({"patience": 0}, [1, 2, 0], (2, 1, 1)),
    # an improvement starts the count again
    ({"patience": 2}, [5, 6, 4, 6, 6, 0], (5, 3, 4)),
    # a fall that does not reach the best does not
    ({"patience": 3}, [1, 4, 3, 2, 0.5], (4, 1, 1)),
    # min_delta: exactly min_delta better is not enough
    ({"patience": 2, "min_delta": 0.5}, [2.0, 1.5, 1.5], (3, 1, 2.0)),
    ({"patience": 2, "min_delta": 0.5}, [2.0, 1.5, 1.25], (None, 3, 1.25)),
    # small steps are measured from the best, so together they count
    ({"patience": 3, "min_delta": 0.5}, [2.0, 1.75, 1.5, 1.25, 1.0], (None, 4, 1.25)),
    # a nan is no improvement; the first check is the best so far all the same, and never the end
    ({"patience": 2}, [1, NAN, NAN], (3, 1, 1)),
    ({"patience": 1}, [NAN, 1, 2], (3, 2, 1)),
    ({"patience": 2}, [NAN, NAN], (2, 1, math.inf)),
    # checks every second epoch: the others are not seen
    ({"patience": 2, "every": 2}, [0, 3, 0, 3, 0, 3, 0, 3], (6, 2, 3)),
    ({"patience": 1, "every": 3}, [9, 9, 2, 0, 0, 1, 9, 9, 1], (9, 6, 1)),
    # accuracies are better when higher
    ({"patience": 2, "monitor": "val_accuracy"}, [0.5, 0.75, 0.75, 0.7], (4, 2, -0.75)),
    (
        {"patience": 1, "monitor": "val_accuracy", "min_delta": 0.25},
        [0.25, 0.5, 1.0],
        (2, 1, -0.25),
    ),
]


@pytest.mark.parametrize(("settings", "values", "expected"), TABLE)
def test_against_the_hand_list(settings, values, expected):
    stopping = ck.EarlyStopping(**settings)
    watch, ended = stopping.start(), None
    for epoch, value in enumerate(values, start=1):
        watch = stopping.observe(watch, epoch, value)
        if watch.stop:
            ended = epoch
            break
    assert (ended, watch.best_epoch, watch.best) == expected


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"patience": -1}, "patience must be a whole number >= 0, not -1"),
        ({"patience": 1.5}, "patience must be a whole number >= 0, not 1.5"),
        ({"every": 0}, "every must be a whole number >= 1, not 0"),
        ({"min_delta": -0.1}, "min_delta must be >= 0, not -0.1"),
        ({"min_delta": NAN}, "min_delta must be >= 0, not nan"),
        ({"monitor": "loss"}, "monitor must be one of .*, not 'loss'"),
    ],
)
def test_bad_settings_are_named(settings, words):
    with pytest.raises(ValueError, match=words):
        ck.EarlyStopping(**settings)
