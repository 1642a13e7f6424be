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
        named = {**vars(opt), "n": n, "m": getattr(opt, "memory", 0), "inner": inner // n}
        assert held == eval(row.memory, named) * n, (opt, row.memory)


def asked_by(opt):
    """The calls in an optimizer's row, with those of the optimizers within."""
    (calls,) = (row.calls for row in ROWS if row.optimizer is type(opt))
    return calls.replace("inner", asked_by(opt.inner)) if "inner" in calls else calls


@every_row
def test_calls_are_what_a_step_asks(row):
    usual = getattr(row.optimizer, "line_search", None)  # a row tells of the default search
    for opt in cases(row):
        if getattr(opt, "line_search", None) != usual:
            continue
        calls = asked_by(opt)
        named = re.findall(r"(\d+)(\+?) (\w+)", calls)
        f = ck.Objective(lambda x: np.sum(x**2 + x**4))
        theta = np.ones(3)
        state = opt.init(theta)
        for _ in range(3):
            before = f.counts
            theta, state = opt.step(theta, state, f)
            asked = Counts(*(b - a for a, b in zip(before, f.counts, strict=True)))
            for n, more, name in named:
                count = getattr(asked, name)
                assert count >= int(n) if more else count == int(n), (opt, asked)
            assert set(calls.replace(",", "").split()) >= {
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


def test_a_family_alone_and_a_notebook_s_table():
    some = ck.optim.table("wrappers")
    names = [row.optimizer.__name__ for row in ROWS if row.family == "wrappers"]
    assert [line.split()[0] for line in some.splitlines()[1:]] == names
    html = ck.optim.table()._repr_html_()
    assert html.count("<tr>") == len(ROWS) + 1 and html.count("</td>") == 6 * len(ROWS)
    assert "Kingma &amp; Ba 2015" in html
    with pytest.raises(ValueError, match=r"family must be one of gradient, .*'adams'"):
        ck.optim.table("adams")
