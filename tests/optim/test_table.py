"""The table of optimizers against the code it describes."""

import inspect
import re

import numpy as np
import pytest

import coursekit as ck
from coursekit import optim
from coursekit.objective import Counts
from coursekit.optim.table import ROWS
from tests.optim.cases import CASES, leaves

every_row = pytest.mark.parametrize("row", ROWS, ids=lambda row: row.optimizer.__name__)


def test_the_rows_are_what_is_exported():
    found = {getattr(optim, name) for name in optim.__all__}
    bases = {optim.Optimizer, optim.Elementwise}
    classes = {c for c in found if inspect.isclass(c) and issubclass(c, optim.Optimizer)} - bases
    assert {row.optimizer for row in ROWS} == classes
    assert len(ROWS) == len(classes)


def cases(row):
    return [opt for opt in CASES.values() if type(opt) is row.optimizer]


@every_row
def test_memory_is_what_the_state_holds(row):
    n = 40
    for opt in cases(row):
        theta = np.ones(n)
        _, state = opt.step(theta, opt.init(theta), ck.Objective(lambda x: np.sum(x**2)))
        held = sum(np.size(a) for a in leaves(state) if np.size(a) > 1)
        inner = sum(np.size(a) for a in leaves(getattr(state, "inner", ())) if np.size(a) > 1)
        named = {"n": n, "m": getattr(opt, "memory", 0), "inner": inner // n}
        assert held == eval(row.memory, named) * n, (opt, row.memory)


@every_row
def test_calls_are_what_a_step_asks(row):
    named = re.findall(r"(\d+)(\+?) (\w+)", row.calls)
    for opt in cases(row):
        f = ck.Objective(lambda x: np.sum(x**2))
        theta = np.ones(3)
        state = opt.init(theta)
        for _ in range(3):
            before = f.counts
            theta, state = opt.step(theta, state, f)
            asked = Counts(*(b - a for a, b in zip(before, f.counts, strict=True)))
            for n, more, name in named:
                count = getattr(asked, name)
                assert count >= int(n) if more else count == int(n), (opt, asked)
            assert set(row.calls.replace(",", "").split()) >= {
                name for name in Counts._fields if getattr(asked, name)
            }, (opt, asked)


@every_row
def test_references_have_a_year_and_stand_in_the_docstring(row):
    (year,) = re.findall(r"\b(1[89]\d\d|20\d\d)\b", row.reference)
    doc = row.optimizer.__doc__
    assert year in doc and row.reference.split()[0] in doc
    assert inspect.getmodule(row.optimizer).__name__ == f"coursekit.optim.{row.family}"


def test_the_table_reads_like_the_rows():
    lines = ck.optim.table().splitlines()
    assert lines[0].split() == ["optimizer", "family", "cost", "memory", "calls", "reference"]
    for line, row in zip(lines[1:], ROWS, strict=True):
        fields = [row.optimizer.__name__, *row[1:]]
        assert re.split(r"\s{2,}", line) == fields
        assert line.index(row.reference) == lines[0].index("reference")
