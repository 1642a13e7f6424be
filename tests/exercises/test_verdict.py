"""The checker survives whatever it is given, and says what it was."""

import sys
import warnings

import numpy as np
import pytest

import coursekit as ck
from coursekit.exercises.momentum import momentum_step
from coursekit.exercises.verdict import Verdict


class Nasty:
    def __array__(self, *_, **__):
        raise RuntimeError("no")

    def __eq__(self, other):
        raise RuntimeError("no")

    def __iter__(self):
        raise RuntimeError("no")

    __hash__ = None


class Mute(Exception):
    def __str__(self):
        raise RuntimeError("no")


def crash(error):
    def step(theta, u, g, lr, mu):
        raise error

    return step


def returning(make):
    def step(theta, u, g, lr, mu):
        u = mu * u + g
        return make(theta - lr * u, u)

    return step


def endless(theta, u, g, lr, mu):
    return endless(theta, u, g, lr, mu)


def generator(theta, u, g, lr, mu):
    yield theta


kept = {}


def global_velocity(theta, u, g, lr, mu):
    kept["calls"] = kept.get("calls", 0) + 1
    u = mu * u + g
    return theta - lr * u, u + kept["calls"]


def divides(theta, u, g, lr, mu):
    u = mu * u + g
    return theta - lr * u / 0.0, u


def resizes(theta, u, g, lr, mu):
    theta.resize(theta.size + 1, refcheck=False)
    return theta, u


ODD = [
    (crash(ValueError("bad")), "crash", "ValueError: bad"),
    (crash(SystemExit(3)), "crash", "SystemExit"),
    (crash(Mute()), "crash", "Mute: no words"),
    (crash(KeyError("w")), "crash", "line "),
    (endless, "recursion", "without end"),
    (generator, "returns", "a generator"),
    (global_velocity, "memory", "two different answers"),
    (divides, "infinite", "infinite"),
    (resizes, "in place", "changes theta"),
    (returning(lambda t, u: None), "nothing", "None"),
    (returning(lambda t, u: t), "returns", "one array of shape (1,)"),
    (returning(lambda t, u: (t, u, u)), "returns", "a tuple of 3"),
    (returning(lambda t, u: (t, None)), "returns", "new u is None"),
    (returning(lambda t, u: {"theta": t}), "returns", "a dict"),
    (returning(lambda t, u: (t, "u")), "type", "a str"),
    (returning(lambda t, u: (t, u + 0j)), "type", "u"),
    (returning(lambda t, u: (t, Nasty())), "type", "a Nasty"),
    (returning(lambda t, u: (t, [[1], [2, 3]])), "type", "a list"),
    (returning(lambda t, u: Nasty()), "returns", "a Nasty"),
    (returning(lambda t, u: (t.sum(), u)), "shape", "not a single number"),
    (returning(lambda t, u: (t, u[:, None])), "shape", "shape (1, 1)"),
    (returning(lambda t, u: (t.astype("float32"), u)), "precision", "float32"),
    (returning(lambda t, u: (t, u.astype(int))), "dtype", "int64"),
    (returning(lambda t, u: (t, u * np.nan)), "infinite", "nan"),
    (returning(lambda t, u: (t + 1, u)), "theta goes astray", "theta"),
    (returning(lambda t, u: (t, u + 1)), "made of other things", "new u"),
    (returning(lambda t, u: (t + 1, u + 1)), "made of other things", "should be"),
    (returning(lambda t, u: (t + u**3, u + t**2)), "made of other things", "yours is"),
    (returning(lambda t, u: (t, u + (len(t) == 2))), "only theta", "not in this one"),
    (returning(lambda t, u: (t + (len(t) == 2), u + (len(t) == 2))), "unknown", "yours is"),
    (returning(lambda t, u: (t + (len(t) == 2), u)), "only u", "not in this one"),
    (lambda theta, u: (theta, u), "signature", "takes 2"),
    ((np.ones(1), np.ones(1)), "no function", "a tuple of 2"),
    (None, "no function", "None"),
]


@pytest.mark.parametrize("function, mistake, words", ODD)
def test_odd_answers(function, mistake, words, capsys):
    before = sys.getrecursionlimit()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        verdict = ck.check.momentum_step(function)
    assert not verdict.passed
    assert verdict.mistake == mistake
    assert words in verdict.message
    assert verdict.hint
    assert "Traceback" not in capsys.readouterr().err
    assert sys.getrecursionlimit() == before
    assert np.array_equal(momentum_step.cases[0][0], [1.0])  # nothing of ours was touched


def test_only_an_interrupt_passes():
    with pytest.raises(KeyboardInterrupt):
        ck.check.momentum_step(crash(KeyboardInterrupt()))


def test_lambdas_partials_and_methods_are_functions_too():
    class Mine:
        def step(self, theta, u, g, lr, mu):
            u = mu * u + g
            return theta - lr * u, u

    assert ck.check.momentum_step(Mine().step)
    assert ck.check.momentum_step(lambda t, u, g, lr, mu: (t - lr * (mu * u + g), mu * u + g))


def test_how_a_verdict_looks():
    verdict = ck.check.momentum_step(crash(ValueError("<b>")))
    assert repr(verdict).startswith("momentum_step: not yet. It stops with ValueError: <b>")
    assert "\nHint: " in repr(verdict)
    coded = Verdict("f", False, "Which does `if a < b` ask?", "`x` or one ` alone")._repr_html_()
    assert "<code>if a &lt; b</code> ask" in coded and "<code>x</code> or one ` alone" in coded
    page = verdict._repr_html_()
    assert "&lt;b&gt;" in page and "<b>Hint:</b>" in page and 'role="status"' in page


def test_the_catalogue():
    assert {"momentum_step", "nesterov_step", "adam_step"} <= set(dir(ck.check))
    for name in dir(ck.check):
        exercise = getattr(ck.check, name)
        assert exercise.name == name
        assert exercise.__doc__.startswith(f"Check your {name}(")
    with pytest.raises(AttributeError, match="did you mean 'momentum_step'"):
        ck.check.momentum_stp  # noqa: B018


def test_all_parts_that_are_right_are_said_to_be():
    from coursekit.exercises.adam import adam, adam_step

    def third_too_far(*case):
        ahead, m, v = adam(*case)
        return ahead + 0.3, m, v

    assert adam_step(third_too_far).hint.startswith("Your m and v are right. But the step")
