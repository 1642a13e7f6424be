"""The tables of mistakes: each entry is wrong, and is recognised as itself."""

import numpy as np
import pytest

import coursekit as ck
from coursekit.exercises.trial import copied
from coursekit.exercises.verdict import same

ALL = [getattr(ck.check, name) for name in dir(ck.check)]
ENTRIES = [(exercise, mistake) for exercise in ALL for mistake in exercise.mistakes]


def as_answer(exercise, mistake):
    """The formula as a student's function; what it leaves open is right."""

    def function(*case):
        parts = zip(mistake.formula(*map(copied, case)), exercise._right(case), strict=True)
        return tuple(right if wrong is None else wrong for wrong, right in parts)

    return function


@pytest.mark.parametrize(
    ("exercise", "mistake"), ENTRIES, ids=[f"{e.name}-{m.name}" for e, m in ENTRIES]
)
def test_each_mistake_is_recognised(exercise, mistake):
    exercise._last = ()
    function = as_answer(exercise, mistake)
    first, second = exercise(function), exercise(function)
    assert first.mistake == second.mistake == mistake.name
    known = [m for m in exercise.mistakes if m.name == mistake.name]
    assert (first.hint, second.hint) in [(m.nudge, m.plain) for m in known]


@pytest.mark.parametrize("exercise", ALL, ids=lambda e: e.name)
def test_hints_are_sentences_and_the_second_says_more(exercise):
    rows = [*exercise.mistakes, *exercise.symptoms, *exercise.accidents, *exercise.errors]
    for name, *_, nudge, plain in rows:
        assert nudge != plain, name
        assert nudge[-1] in ".?" and "  " not in nudge + plain, name
    assert exercise.nudge != exercise.start


@pytest.mark.parametrize("exercise", ALL, ids=lambda e: e.name)
def test_the_right_formula_is_right_however_it_is_given_back(exercise):
    if not exercise.mistakes:
        return  # an epoch is drawn; there is no one right answer

    def doubled(*case):
        return [np.array(part, dtype=np.longdouble) for part in exercise.right(*case)]

    def as_lists(*case):
        return tuple(np.asarray(part).tolist() for part in exercise.right(*case))

    assert exercise(exercise.right) and exercise(as_lists)
    if len(exercise.returns) > 1:
        assert exercise(doubled)
    answers = [exercise._right(case) for case in exercise.cases]
    assert not all(map(same, answers, [[p + 1e-6 for p in a] for a in answers]))
