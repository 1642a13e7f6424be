"""The demo `conventions`: which formulas are one method, and which only look it."""

import itertools

import numpy as np
import pytest
from matplotlib.colors import to_rgb

import coursekit as ck
from coursekit import exhibits
from coursekit.demos.conventions import Conventions, _rule
from coursekit.demos.conventions.forms import FORMS, LOST, SAME, START, groups_of
from coursekit.demos.conventions.table import BELOW, ROW, short

ALL = tuple(FORMS)
LIBRARY = ("Sun", "Thadani", "Dillhoff", "PyTorch")  # one method while lr is constant


@pytest.fixture(scope="module")
def demo():
    return Conventions(sync=True)


def sound(result):
    return all(
        np.isfinite(path).all() and (len(path) == result.steps + 1 or abs(path[-1]).max() >= LOST)
        for path in result.paths.values()
    )


def groups(result):
    return {frozenset(group) for group in result.groups}


# --- the formulas, transcribed from the documents ------------------------------------------------
def written(name, x, memory, g, lr, mu, before):
    """One step as printed: the new point and memory."""
    if name == "Sun":
        return x - lr * g + mu * (x - before), None
    if name == "Thadani":
        m = mu * memory - lr * g
        return x + m, m
    if name == "Dillhoff":
        u = mu * memory + lr * g
        return x - u, u
    if name == "PyTorch":
        b = mu * memory + g
        return x - lr * b, b
    if name == "Maria":
        V = mu * memory + (1 - mu) * g
        return x - lr * V, V
    return x - lr * memory, mu * memory + g  # the notes, with p of the step before


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("drop", [1, 10])
def test_each_form_is_run_as_it_is_written(demo, name, drop):
    x = before = np.array(START)
    memory, path = np.zeros(2), [x]
    for k in range(30):
        lr = 0.01 if k < 12 else 0.01 / drop
        new, memory = written(name, x, memory, np.array([2.0, 8.0]) * x, lr, 0.8, before)
        x, before = new, x
        path.append(x)
    result = demo.compute(forms=ALL, lr=0.01, momentum=0.8, drop=drop, drop_at=12, steps=30)
    np.testing.assert_allclose(result.paths[name], path, atol=1e-12)


# --- what coincides ------------------------------------------------------------------------------
def test_five_formulas_are_three_behaviours(demo):
    assert groups(demo.compute()) == {
        frozenset({"Sun", "Thadani", "Dillhoff"}), frozenset({"Maria"}), frozenset({"notes"})
    }  # fmt: skip
    mended = demo.compute(forms=ALL, index="mended")
    assert groups(mended) == {frozenset({*LIBRARY, "notes"}), frozenset({"Maria"})}


@pytest.mark.parametrize("lr", [0.001, 0.02, 0.1])
@pytest.mark.parametrize("mu", [0.0, 0.5, 0.9, 0.99])
@pytest.mark.parametrize("drop", [1, 10, 100])
def test_converted_all_walk_one_path(demo, lr, mu, drop):
    at = {"forms": ALL, "index": "mended", "lr": lr, "momentum": mu, "drop": drop, "steps": 100}
    result = demo.compute(convert=True, **at)
    assert groups(result) == {frozenset(ALL)}
    assert result.apart.max() <= SAME * max(abs(p).max() for p in result.paths.values())
    path = ck.minimize(
        ck.landscapes.elongated(4.0),
        START,
        ck.optim.Momentum(lr=lambda k: lr if k < 10 else lr / drop, momentum=mu),
        steps=100,
    )
    np.testing.assert_allclose(result.paths["Maria"], path.thetas, atol=1e-11)


def test_conversion_is_needed(demo):
    at = {"forms": ALL, "index": "mended", "drop": 100}
    assert len(demo.compute(**at).groups) == 3
    assert len(demo.compute(**at, convert=True).groups) == 1
    # Without momentum there is nothing to convert, but an old gradient stays an old gradient.
    still = groups(demo.compute(forms=ALL, momentum=0.0))
    assert still == {frozenset({*LIBRARY, "Maria"}), frozenset({"notes"})}


def test_a_dropped_rate_inside_the_memory_coasts(demo):
    """E43: 3.70 against 0.53 at step 40, after a drop by 100 at step 10."""
    result = demo.compute(**demo.presets["drop the rate"])
    for name in ("Sun", "Thadani", "Dillhoff"):
        assert result.distances[name][40] == pytest.approx(3.70, abs=0.005)
    for name in ("PyTorch", "notes"):
        assert result.distances[name][40] == pytest.approx(0.53, abs=0.005)
    printed = exhibits.E43.numbers()
    assert result.distances["Sun"][40] == pytest.approx(printed["norm at step 40, lr inside"])
    assert "3.7 for Sun, Thadani and Dillhoff" in demo.status(result)


def test_the_index_slip_is_stable_38_times_less_far(demo):
    """E10: the limits that the line under the table names, found by running."""
    said = demo.status(demo.compute(**demo.presets["the index slip"]))
    assert "stable for lr < 0.0125; mended, for lr < 0.475: 38 times as far" in said

    def grows(name, lr):
        at = {"forms": (name,), "lr": lr, "steps": 200}
        x2 = abs(demo.compute(**at).paths[name][:, 1])
        return len(x2) < 201 or x2[-40:].max() > x2[60:100].max()

    for name, limit in (("notes", 0.0125), ("PyTorch", 0.475)):
        assert not grows(name, 0.99 * limit) and grows(name, 1.01 * limit)


def test_near_the_limit_the_average_has_room(demo):
    result = demo.compute(**demo.presets["near the limit"])
    assert result.groups[0] == LIBRARY and sound(result)
    far = demo.compute(**{**demo.presets["near the limit"], "lr": 0.39, "steps": 200})
    assert far.distances["PyTorch"][-1] > 10 > far.distances["Maria"][-1]


def test_lost_paths_are_compared_as_far_as_they_go(demo):
    result = demo.compute(forms=("PyTorch", "Maria", "Thadani"), lr=0.9, steps=200)
    assert np.isinf(result.apart[0, 2]) or result.apart.max() > 1e3
    assert groups(result) == {frozenset({"Thadani", "PyTorch"}), frozenset({"Maria"})}
    assert "lost for Thadani and PyTorch" in demo.status(result)
    demo._picture(result)


def test_groups_and_short_numbers():
    paths = {"a": np.zeros((3, 2)), "b": np.zeros((3, 2)) + 1e-13, "c": np.ones((3, 2))}
    apart = np.array([[0, 1e-13, 1], [1e-13, 0, 1], [1, 1, 0]])
    assert groups_of(("a", "b", "c"), paths, apart) == (("a", "b"), ("c",))
    assert [short(v) for v in (0, 2.2e-16, 0.0123, 3.456, 240.4, 1e5, np.inf)] == [
        "0", "2e-16", "0.012", "3.5", "240", "1e5", "∞"
    ]  # fmt: skip


# --- the demo ------------------------------------------------------------------------------------
def test_presets_do_what_they_are_called(demo):
    found = {name: demo.compute(**values) for name, values in demo.presets.items()}
    assert all(map(sound, found.values()))
    many = {name: len(result.groups) for name, result in found.items()}
    assert many == {
        "all five as printed": 3, "after conversion": 1, "drop the rate": 3,
        "drop, converted": 1, "the index slip": 2, "near the limit": 2,
    }  # fmt: skip


def test_nothing_chosen_is_said(demo):
    empty = demo.compute(forms=())
    assert demo.status(empty) == "No formula is chosen."
    assert demo.describe(empty) == "An empty picture: no formula is chosen."
    demo._picture(empty)


def test_time_shows_the_past_alone(demo):
    early = demo.compute(t=5)
    np.testing.assert_array_equal(early.paths["Sun"], demo.compute().paths["Sun"])
    demo.draw(early)
    assert len(demo.away.curves["Sun"].get_xdata()) == 6


def test_one_path_is_a_braid_of_all_colours(demo):
    demo.draw(demo.compute(**demo.presets["after conversion"]))
    dashes = [demo.over.trails[name]._unscaled_dash_pattern for name in FORMS]
    period = sum(dashes[0][1])
    covered = sorted((-offset % period, on) for offset, (on, _) in dashes)
    ends = [start + on for start, on in covered]
    assert [start for start, _ in covered] == [0.0, *ends[:-1]] and ends[-1] == period


def test_nothing_draws_an_axis_anew(demo):
    """Limits and ticks move, and names and formulas are kept apart."""
    demo.draw(demo.compute())
    demo.canvas.jpeg()
    drawn = demo.canvas.backgrounds
    for values in (
        {"steps": 10}, {"steps": 200}, {"lr": 1.0}, {"momentum": 0.7, "lr": 0.1}, {"kappa": 50.0},
        {"index": "mended"}, {"forms": ALL}, {"forms": ("PyTorch",)}, {"forms": ()}, {"drop": 10},
    ):  # fmt: skip
        demo.draw(demo.compute(**values))
        demo.canvas.jpeg()
    assert demo.canvas.backgrounds == drawn


def test_the_table_shows_what_is_chosen(demo):
    result = demo.compute(forms=("Sun", "PyTorch", "notes"), index="mended", drop=2)
    demo.draw(result)
    table, theme = demo.table, demo.theme
    pale, grey = to_rgb(theme.line), to_rgb(theme.grid)
    bright = {name for name in FORMS if table.names[name].get_facecolor()[:3] != pale}
    assert bright == {"Sun", "PyTorch", "notes"}
    assert [word for _, word in table.formulas._words][2].endswith("p_{i+1}$")
    assert len(table.pale._words) == 3 and len(table.numbers._words) == 3
    seen = {place for place, color in zip(BELOW, table.cells.get_facecolor(), strict=True)
            if color[3] and tuple(color[:3]) != grey}  # fmt: skip
    assert seen == {(ROW["notes"], ROW["PyTorch"])}


# --- the line under the table --------------------------------------------------------------------
@pytest.mark.parametrize("drop_at", [10, 40, 60])
@pytest.mark.parametrize("drop", [1, 100])
@pytest.mark.parametrize("mu", [0.0, 0.9])
def test_the_rule_is_true(demo, mu, drop, drop_at):
    """What the line says of the paths, against the paths, for all choices of up to three forms."""
    at = {"momentum": mu, "drop": drop, "drop_at": drop_at}
    other = {**at, "drop": 100 if drop == 1 else 1, "drop_at": 10}
    choices = [c for n in (1, 2, 3) for c in itertools.combinations(ALL, n)]
    for forms, index in itertools.product(choices, ("as printed", "mended")):
        result = demo.compute(forms=forms, index=index, **at)
        rule, many = _rule(result), len(result.groups)
        if rule.startswith("lr inside the memory"):
            assert many > 1 and drop_at < 40
        elif rule.startswith("Maria takes the path of"):
            words = rule.rstrip(".").split()
            moved = demo.compute(forms=("Maria",), lr=float(words[-1]), **at).paths["Maria"]
            path = result.paths[words[words.index("with") - 1]]
            np.testing.assert_allclose(moved, path, atol=1e-9)
        elif rule.startswith("As printed"):
            assert "notes" in forms and index == "as printed"
        elif rule.startswith("Choose"):
            assert len(forms) == 1
        else:
            assert many == 1
            elsewhere = len(demo.compute(forms=forms, index=index, **other).groups)
            assert elsewhere == (2 if "constant" in rule and drop == 1 else 1)
