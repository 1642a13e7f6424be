"""Demos of several views: one figure for each, and only the presets that belong to it."""

import pytest

from coursekit import demos
from coursekit.demos.views import Views

SEVERAL = [name for name in demos.DEMOS if isinstance(getattr(demos, name)(), Views)]


def test_there_are_demos_of_several_views():
    assert {"activation_bench", "adaptive", "early_stopping"} <= set(SEVERAL)


@pytest.mark.parametrize("name", SEVERAL)
def test_only_the_presets_of_the_chosen_view_are_on_the_page(name):
    demo = getattr(demos, name)(sync=True)
    rows = demo.panel._presets
    assert set(rows) <= set(demo.kinds)
    assert sorted(n for row in rows.values() for n in row.options) == sorted(demo.presets)
    for preset in demo.presets:
        demo.preset(preset)
        shown = [row for row in rows.values() if row.layout.display != "none"]
        assert [row.value for row in shown] == [preset]
        others = [n for n in demo.presets if n not in shown[0].options]
        assert all(demo.complete(demo.presets[n])["view"] != demo.values["view"] for n in others)


@pytest.mark.parametrize("name", SEVERAL)
def test_each_view_has_results_of_its_own_type(name):
    demo = getattr(demos, name)()
    types = [kind.gives for kind in demo.kinds.values()]
    assert len(set(types)) == len(types)
