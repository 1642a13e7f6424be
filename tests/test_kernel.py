"""A rule as the source of a kernel: what is computed where, what makes a kernel of its own."""

import dataclasses
from collections import namedtuple

import numpy as np
import pytest

from coursekit.backend import kernel
from coursekit.optim import SGD, Adam, AggMo, Nadam
from tests.optim.cases import ELEMENTWISE

THETA, G = np.zeros(3, "float32"), np.ones(3, "float32")
State = namedtuple("State", "k m")


def source(opt, state=None, g=G):
    """The kernel of an optimizer's rule, and the call it was made for."""
    state = opt.init(THETA) if state is None else state
    now = opt.at(state.k, THETA)
    call = kernel.sort_out(now, THETA, g, state)
    return kernel.trace(type(now).rule.formula, now, state, call), call


def test_numbers_are_computed_by_the_host_and_arrays_by_the_kernel():
    made, call = source(Adam(lr=0.1, beta1=0.75), Adam.State(1, THETA, THETA))
    values = made.numbers(list(call.numbers))
    assert len(made.arrays) == 4 and made.outputs == 3
    assert "pow" not in made.body and "sqrt" in made.body
    assert values[made.result[1].k.place] == 2
    assert any(value == 1 - 0.75**2 for value in values)  # in double precision, whatever theta is


def test_flags_choose_the_kernel_and_numbers_do_not():
    def key(opt, state=None):
        return source(opt, state)[1].key

    assert key(SGD(lr=0.1)) == key(SGD(lr=0.2))
    assert key(SGD(lr=0.1)) != key(SGD(lr=0.1, weight_decay=0.1))  # a plain 0 is left out
    assert key(SGD(lr=0.1)) != key(SGD(lr=np.ones(3)))
    assert key(Adam()) != key(Adam(eps_inside=True))
    first, later = (Nadam.State(k, THETA, THETA, p) for k, p in ((0, 1.0), (7, 0.2)))
    assert key(Nadam(), first) == key(Nadam(), later)


@pytest.mark.parametrize("opt", ELEMENTWISE.values(), ids=ELEMENTWISE)
def test_a_rule_has_few_kernels_however_long_it_runs(opt):
    keys, state = set(), opt.init(THETA)
    for k in range(20):
        now = opt.at(k, THETA)
        keys.add(kernel.sort_out(now, THETA, G, state).key)
        _, state = now.rule(THETA, G, state)
    assert len(keys) <= 2


def test_states_may_hold_tuples():
    state = AggMo().init(THETA)
    leaves = iter(range(len(list(kernel.flat(state)))))
    again = kernel.filled(state, lambda leaf: next(leaves))
    assert type(again) is type(state) and list(kernel.flat(again)) == sorted(kernel.flat(again))


@dataclasses.dataclass(frozen=True)
class Rule:
    formula: object

    def of(self, theta, g, s):
        return self.formula(theta, g, s)


@pytest.mark.parametrize(
    ("formula", "words"),
    [
        (lambda t, g, s: (t if s.k > 0 else g, s), "branch on a number that changes"),
        (lambda t, g, s: (t if g > 0 else g, s), "branch on the values of an array"),
        (lambda t, g, s: (np.arctan(t), s), "np.arctan on a GPU"),
        (lambda t, g, s: (np.cumsum(t), s), "np.cumsum on a GPU"),
    ],
)
def test_what_a_rule_cannot_do_is_named(formula, words):
    state = State(0, THETA)
    call = kernel.sort_out(Rule(formula), THETA, G, state)
    with pytest.raises(TypeError, match=words):
        kernel.trace(Rule.of, Rule(formula), state, call)


def test_nan_and_infinity_have_names_in_the_kernel():
    def formula(theta, g, s):
        return np.where(g == np.inf, np.nan, theta - -np.inf), s

    state = State(0, THETA)
    call = kernel.sort_out(Rule(formula), THETA, G, state)
    body = kernel.trace(Rule.of, Rule(formula), state, call).body
    assert "nan" not in body and "inf" not in body and "0xff800000" in body
