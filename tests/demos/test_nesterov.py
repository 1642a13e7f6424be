"""The demo `nesterov`: two methods from one point and one last step."""

import numpy as np
import pytest

import coursekit as ck
from coursekit.demos.nesterov import LOST, STEPS, NesterovDemo


@pytest.fixture(scope="module")
def demo():
    return NesterovDemo(sync=True)


def sound(result):
    return all(
        np.isfinite(walk.points).all()
        and len(walk.points) == len(walk.steps) == len(walk.gradients) + 1
        and (walk.lost or len(walk.points) == STEPS + 1)
        for walk in result.walks.values()
    )


@pytest.mark.parametrize("name", ["Momentum", "Nesterov"])
def test_each_walks_by_the_formulas_of_the_text(demo, name):
    result = demo.compute(kappa=8.0, lr=0.05, momentum=0.7, x=1.0, y=-0.5, ux=0.3, uy=0.8)
    theta, u = np.array([1.0, -0.5]), np.array([0.3, 0.8])
    walk = result.walks[name]
    for k in range(STEPS):
        g = np.array([1.0, 8.0]) * (theta + 0.7 * u if name == "Nesterov" else theta)
        assert walk.gradients[k] == pytest.approx(g, rel=1e-9, abs=1e-12)
        u = 0.7 * u - 0.05 * g
        theta = theta + u
        assert walk.points[k + 1] == pytest.approx(theta, rel=1e-9, abs=1e-12)


def test_the_gradient_is_taken_at_the_red_point(demo):
    for t in (0, 7):
        result = demo.compute(t=t)
        for name, walk in result.walks.items():
            at = np.array([1.0, 8.0]) * result.look(name)
            assert walk.gradients[t] == pytest.approx(at, rel=1e-9)


def test_across_the_valley_the_gradients_disagree_and_along_its_floor_they_do_not(demo):
    assert "147° apart" in demo.status(demo.compute())
    assert " 0° apart" in demo.status(demo.compute(**demo.presets["along the floor"]))


def test_up_the_incline_only_nesterov_brakes(demo):
    result = demo.compute(**demo.presets["up the incline"])
    heights = {name: walk.points[1, 1] for name, walk in result.walks.items()}
    assert heights["Nesterov"] < 0.6 * heights["Momentum"]
    assert heights["Momentum"] == pytest.approx(0.9 * 1.2)  # no gradient at the minimum


def test_from_rest_the_first_step_is_the_same(demo):
    walks = demo.compute(**demo.presets["from rest"]).walks
    assert (walks["Momentum"].points[1] == walks["Nesterov"].points[1]).all()
    assert not (walks["Momentum"].points[2] == walks["Nesterov"].points[2]).all()


def test_a_step_too_large_for_nesterov_is_not_for_momentum(demo):
    values = demo.presets["steps too long"]
    a = values["lr"] * values["kappa"]
    assert (2 + 2 * 0.9) / (1 + 2 * 0.9) < a < 2 * (1 + 0.9)
    walks = demo.compute(**values).walks
    assert walks["Nesterov"].lost and not walks["Momentum"].lost
    assert walks["Nesterov"].away[-1] >= LOST and walks["Momentum"].away[-1] < 0.1
    assert "Nesterov's method is lost" in demo.status(demo.compute(**values, t=STEPS - 1))


def test_a_pointer_moves_the_point_and_the_last_step():
    demo = NesterovDemo(sync=True)
    demo.refresh()
    left, right = (area.box for area in demo.canvas.areas)
    middle = ((left[0] + left[2]) / 2, (left[1] + left[3]) / 2)
    demo.point(0, *middle)
    assert (demo.values["x"], demo.values["y"]) == pytest.approx((0.0, 0.0), abs=0.03)
    demo.point(1, (right[0] + right[2]) / 2, right[1] + 0.25 * (right[3] - right[1]))
    assert demo.values["ux"] == pytest.approx(0.0, abs=0.03) and demo.values["uy"] > 1
    assert demo.result.walks["Nesterov"].steps[0, 1] == demo.values["uy"]


def test_at_the_same_rate_the_course_of_the_package_is_the_same(demo):
    f = ck.landscapes.valley(8.0)
    opt = ck.optim.Nesterov(lr=0.06, momentum=0.9, lookahead=True)
    path = ck.minimize(f, [-2.0, 0.9], opt, steps=STEPS)
    walk = demo.compute(ux=0.0, uy=0.0).walks["Nesterov"]
    assert walk.points == pytest.approx(path.thetas, rel=1e-12)
