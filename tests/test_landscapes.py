"""Every landscape against finite differences, and its geography against its own derivatives."""

import math

import numpy as np
import pytest

import coursekit as ck
from coursekit import landscapes

VARIANTS = {
    **{name: (name, {}) for name in landscapes.names()},
    "quadratic, 1-D": ("quadratic", {"spectrum": 3.0}),
    "quadratic, turned": ("quadratic", {"rotation": 0.7, "center": (1.0, -2.0)}),
    "quadratic, 5-D": ("quadratic", {"spectrum": (1, 2, 0.5, 9, 30), "rotation": "random"}),
    "quadratic, saddle": ("quadratic", {"spectrum": (-1, 2, 3), "rotation": "random"}),
    "quadratic, maximum": ("quadratic", {"spectrum": (-1, -2)}),
    "elongated, turned": ("elongated", {"kappa": 9, "angle": -1.0}),
    "rosenbrock, a and b": ("rosenbrock", {"a": 1.5, "b": 7.0}),
    "rosenbrock, 5-D": ("rosenbrock", {"n": 5}),
    "styblinski_tang, 1-D": ("styblinski_tang", {"n": 1}),
    "styblinski_tang, 3-D": ("styblinski_tang", {"n": 3}),
    "rastrigin, 3-D": ("rastrigin", {"n": 3, "A": 4.0}),
    "ackley, 1-D": ("ackley", {"n": 1}),
    "ackley, 3-D": ("ackley", {"n": 3}),
    "bumpy, 1-D": ("bumpy", {"n": 1}),
    "double_well, even": ("double_well", {"tilt": 0.0}),
    "double_well, other side": ("double_well", {"tilt": -0.3}),
}
SMOOTH = [name for name in VARIANTS if not name.startswith("ackley")]


def make(variant):
    name, arguments = VARIANTS[variant]
    return getattr(landscapes, name)(**arguments)


def points(f, shape=(7,), seed=1):
    low, high = np.array(f.bounds).T
    return np.random.default_rng(seed).uniform(low, high, (*shape, f.n))


def slope(function, x, h=1e-3):
    """d function / d x_i along a new last axis, by central differences of fourth order."""

    def along(e):
        near = function(x + h * e) - function(x - h * e)
        far = function(x + 2 * h * e) - function(x - 2 * h * e)
        return (8 * near - far) / (12 * h)

    return np.stack([along(e) for e in np.eye(x.shape[-1])], axis=-1)


@pytest.mark.parametrize("variant", VARIANTS)
class TestDerivatives:
    def test_gradient_and_hessian_are_the_slopes_of_value_and_gradient(self, variant):
        f = make(variant)
        x = points(f)
        for exact, numeric in (
            (f.grad(x), slope(f.value, x)),
            (f.hessian(x), slope(f.grad, x)),
        ):
            assert exact.shape == numeric.shape
            assert np.abs(exact - numeric).max() <= 1e-6 * (1 + np.abs(exact).max())

    def test_hessian_is_symmetric_and_gives_hvp(self, variant):
        f = make(variant)
        x, v = points(f), points(f, seed=2)
        H = f.hessian(x)
        np.testing.assert_allclose(H, H.swapaxes(-1, -2), rtol=1e-14, atol=1e-14)
        expected = np.einsum("kij,kj->ki", H, v)
        np.testing.assert_allclose(f.hvp(x, v), expected, rtol=1e-12, atol=1e-11)

    def test_autograd_agrees_through_value_and_through_gradient(self, variant):
        f = make(variant)
        x, v = points(f)[0], points(f, seed=2)[0]
        np.testing.assert_allclose(ck.grad(f.value)(x), f.grad(x), rtol=1e-10, atol=1e-10)
        _, along_v = ck.jvp(f.grad, (x,), (v,))
        np.testing.assert_allclose(along_v, f.hvp(x, v), rtol=1e-10, atol=1e-9)

    @pytest.mark.parametrize("shape", [(4,), (2, 3), (0,)])
    def test_batches_are_single_points_side_by_side(self, variant, shape):
        f = make(variant)
        x = points(f, shape)
        value, grad, hessian = f.value(x), f.grad(x), f.hessian(x)
        assert value.shape == shape
        assert grad.shape == (*shape, f.n)
        assert hessian.shape == (*shape, f.n, f.n)
        for k in np.ndindex(shape):
            close = {"rtol": 1e-13, "atol": 1e-12}  # pairwise sums may round differently
            np.testing.assert_allclose(f.value(x[k]), value[k], **close)
            np.testing.assert_allclose(f.grad(x[k]), grad[k], **close)
            np.testing.assert_allclose(f.hessian(x[k]), hessian[k], **close)
            assert np.shape(f.value(x[k])) == ()

    def test_precision_follows_theta(self, variant):
        f = make(variant)
        for x in points(f)[0], points(f):
            low = x.astype(np.float32)
            for answer in (f.value(low), f.grad(low), f.hessian(low), f.hvp(low, low)):
                assert answer.dtype == np.float32
            assert f.grad(x).dtype == np.float64
            np.testing.assert_allclose(f.grad(low), f.grad(x), rtol=2e-3, atol=2e-3)

    def test_whole_numbers_are_points_too(self, variant):
        f = make(variant)
        x = np.ones(f.n, dtype=int)
        np.testing.assert_allclose(f.grad(x), f.grad(x.astype(float)), rtol=1e-13)

    def test_a_point_of_another_dimension_is_refused(self, variant):
        f = make(variant)
        for question in f.value, f.grad, f.hessian:
            with pytest.raises(ValueError, match=rf"theta must have shape \({f.n},\)"):
                question(np.zeros(f.n + 1))

    def test_derivatives_do_not_write_into_theta(self, variant):
        f = make(variant)
        x = points(f)
        x.flags.writeable = False
        f.value(x), f.grad(x), f.hessian(x)


@pytest.mark.parametrize("variant", VARIANTS)
class TestGeography:
    def test_critical_points_are_what_they_are_called(self, variant):
        f = make(variant)
        if variant in SMOOTH:
            for kind in "minima", "local_minima", "saddles", "maxima":
                for x in getattr(f, kind):
                    H = np.linalg.eigvalsh(f.hessian(x))
                    assert np.abs(f.grad(x)).max() <= 1e-13 * (1 + np.abs(H).max()), (kind, x)
                    if variant == "monkey_saddle":
                        assert (H == 0).all()
                    elif kind == "saddles":
                        assert H[0] < 0 < H[-1]
                    else:
                        assert (H < 0).all() if kind == "maxima" else (H > 0).all()

    def test_minimum_is_the_value_at_the_minima_and_nowhere_undercut(self, variant):
        f = make(variant)
        assert f.minima.shape[1:] == (f.n,)
        scale = 1 + np.abs(f.value(f.start))
        if len(f.minima):
            np.testing.assert_allclose(f.value(f.minima), f.minimum, rtol=0, atol=1e-14 * scale)
            assert f.value(points(f, (5000,))).min() > f.minimum
            assert (f.value(f.local_minima) > f.minimum).all()
            assert f.value(f.start) > f.minimum
        else:
            assert f.minimum == -math.inf

    def test_start_and_minima_lie_in_view(self, variant):
        f = make(variant)
        low, high = np.array(f.bounds).T
        assert f.start.shape == (f.n,) == low.shape
        for x in (f.start, *f.minima, *f.local_minima, *f.saddles, *f.maxima):
            assert (low <= x).all() and (x <= high).all()
        assert f.levels in ("log", "linear")

    def test_formula_is_drawable(self, variant):
        from matplotlib.mathtext import MathTextParser

        MathTextParser("agg").parse(f"${make(variant).formula}$")


def at(f, *x):
    return float(f.value(np.array(x, dtype=float)))


def test_values_known_from_elsewhere():
    assert at(landscapes.rosenbrock(), -1.2, 1) == pytest.approx(24.2, abs=1e-12)
    assert at(landscapes.rosenbrock(4), -1.2, 1, -1.2, 1) == pytest.approx(532.4, abs=1e-9)
    assert at(landscapes.beale(), 3, 0.5) == 0
    assert at(landscapes.beale(), 1, 1) == 14.203125
    assert at(landscapes.himmelblau(), 0, 0) == 170
    assert at(landscapes.himmelblau(), -0.270845, -0.923039) == pytest.approx(181.6165, abs=5e-5)
    assert at(landscapes.booth(), 0, 0) == 74
    assert at(landscapes.three_hump_camel(), 1, 1) == pytest.approx(2 - 1.05 + 1 / 6 + 2)
    assert landscapes.styblinski_tang(5).minimum == pytest.approx(-39.16617 * 5, abs=1e-4)
    assert at(landscapes.rastrigin(), 1, 2) == pytest.approx(5)
    assert at(landscapes.ackley(), 1, 1) == pytest.approx(20 - 20 * math.exp(-0.2))
    assert at(landscapes.saddle_well(), 1, 0.3) == pytest.approx(1 - 0.09 + 0.0081 / 4)
    assert at(landscapes.monkey_saddle(), 2, 1) == 2
    assert at(landscapes.long_valley(), math.sqrt(3), 1) == pytest.approx(2.1)
    assert at(landscapes.plateau(), 1, 1) == pytest.approx(1 - math.exp(-1))
    assert at(landscapes.cliff(), 1, 0) == pytest.approx(0.1 + 2.5)
    assert at(landscapes.bumpy(1), 0.25) == pytest.approx(0.03125 + 0.2)
    assert at(landscapes.double_well(), 0) == 0.25
    assert at(landscapes.valley(50), 2, 1) == 27
    assert at(landscapes.elongated(), 2, 1) == 8


def test_newton_meets_the_traps_that_lectures_warn_of():
    def newton(f, x, steps):
        for _ in range(steps):
            x = x - np.linalg.solve(f.hessian(x), f.grad(x))
        return x

    himmelblau = landscapes.himmelblau()
    top = newton(himmelblau, himmelblau.start, 20)
    np.testing.assert_allclose(top, himmelblau.maxima[0], atol=1e-12)
    well = landscapes.saddle_well()
    np.testing.assert_allclose(newton(well, well.start, 20), [0, 0], atol=1e-12)
    x = newton(well, np.array([1.0, 0.79]), 20)  # jumps across the saddle into the far well
    np.testing.assert_allclose(x, [0, -math.sqrt(2)], atol=1e-12)


@pytest.mark.parametrize("rotation", [0.0, "random", 1.1, np.eye(2)[::-1]])
def test_quadratic_has_the_spectrum_asked_for(rotation):
    n = 6 if isinstance(rotation, str) else 2
    spectrum = np.geomspace(1, 1e3, n)
    H = landscapes.quadratic(spectrum, rotation).hessian(np.zeros(n))
    np.testing.assert_allclose(np.linalg.eigvalsh(H), spectrum, rtol=1e-11)


def test_quadratic_turns_its_axes_counterclockwise():
    f = landscapes.quadratic((1, 10), rotation=math.pi / 6)
    along = np.array([math.cos(math.pi / 6), math.sin(math.pi / 6)])
    np.testing.assert_allclose(f.hessian(along) @ along, along, rtol=1e-14)


def test_random_rotation_follows_its_seed():
    one, same, other = (
        landscapes.quadratic((1, 2, 3), "random", rng=seed).hessian(np.zeros(3))
        for seed in (0, 0, 1)
    )
    assert (one == same).all() and np.abs(one - other).max() > 0.1


@pytest.mark.parametrize("name", [n for n in landscapes.names() if make(n).n == 2])
def test_rotated_is_the_same_landscape_turned(name):
    f = make(name)
    angle = 0.6
    turned = f.rotated(angle)
    R = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    c = np.mean(f.bounds, axis=1)
    x = points(f)
    y = (x - c) @ R.T + c
    np.testing.assert_allclose(turned.value(y), f.value(x), rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(turned.grad(y), f.grad(x) @ R.T, rtol=1e-8, atol=1e-8)
    np.testing.assert_allclose(turned.hessian(y), R @ f.hessian(x) @ R.T, rtol=1e-7, atol=1e-7)
    np.testing.assert_allclose(turned.value(turned.start), f.value(f.start), rtol=1e-12)
    if len(f.minima):
        np.testing.assert_allclose(turned.value(turned.minima), f.minimum, atol=1e-12)
    assert turned.value(y.astype(np.float32)).dtype == np.float32
    assert (turned.n, turned.levels, turned.name) == (2, f.levels, f.name)


def test_rotated_twice_returns():
    f = landscapes.beale()
    back = f.rotated(0.4).rotated(-0.4)
    x = points(f)
    np.testing.assert_allclose(back.grad(x), f.grad(x), rtol=1e-9, atol=1e-8)


def test_ackley_is_honest_about_its_kink():
    f = landscapes.ackley()
    assert (f.grad(np.zeros((2, 2))) == 0).all()
    assert np.isnan(f.hessian(np.zeros(2))).all()
    assert np.isfinite(f.hessian(np.full(2, 1e-3))).all()


def test_rosenbrock_chain_has_one_sided_ends():
    """n = 3 by hand: the middle variable takes part in both terms."""
    x1, x2, x3 = x = np.array([0.5, -1.5, 2.0])
    f = landscapes.rosenbrock(3)
    expected = [
        -400 * x1 * (x2 - x1**2) - 2 * (1 - x1),
        200 * (x2 - x1**2) - 400 * x2 * (x3 - x2**2) - 2 * (1 - x2),
        200 * (x3 - x2**2),
    ]
    np.testing.assert_allclose(f.grad(x), expected, rtol=1e-14)


def test_numbers_that_make_no_landscape_are_refused():
    for message, call in {
        "spectrum": lambda: landscapes.quadratic(()),
        "spectrum must be n finite": lambda: landscapes.quadratic((1, math.inf)),
        "rotation by an angle": lambda: landscapes.quadratic((1, 2, 3), 0.5),
        "rotation must be orthogonal": lambda: landscapes.quadratic((1, 2), [[1, 1], [0, 1]]),
        'or "random"': lambda: landscapes.quadratic((1, 2), "left"),
        "center": lambda: landscapes.quadratic((1, 2), center=(1, 2, 3)),
        "kappa must be >= 1, not 0.5": lambda: landscapes.valley(0.5),
        "kappa must be >= 1, not nan": lambda: landscapes.elongated(math.nan),
        "n must be a whole number >= 2, not 1": lambda: landscapes.rosenbrock(1),
        "a must be 1 when": lambda: landscapes.rosenbrock(3, a=2),
        "b must be > 0": lambda: landscapes.rosenbrock(b=0),
        "not 2.0": lambda: landscapes.rastrigin(2.0),
        "A must be >= 0": lambda: landscapes.rastrigin(A=-1),
        "period": lambda: landscapes.bumpy(period=0),
        "tilt": lambda: landscapes.double_well(0.4),
        "of two variables": lambda: landscapes.bumpy(1).rotated(0.1),
    }.items():
        with pytest.raises(ValueError, match=message):
            call()


def test_default_precision_is_double_unless_chosen():
    assert landscapes.beale().start.dtype == np.float64
    ck.set_dtype("float32")
    try:
        f = landscapes.beale()
        assert f.start.dtype == f.minima.dtype == f.value(f.start).dtype == np.float32
    finally:
        ck.set_dtype(None)


def test_every_landscape_is_listed_and_named_after_its_function():
    assert set(landscapes.names()) == set(landscapes.__all__) - {"Landscape", "names"}
    for name in landscapes.names():
        f = make(name)
        assert isinstance(f, ck.Objective) and f.batched
        assert f.name == name and repr(f) == f"Landscape({name!r}, n={f.n})"


def test_questions_are_counted():
    f = landscapes.beale()
    f.value_and_grad(f.start)
    f.hvp(f.start, f.start)
    f.uncounted().hessian(f.start)
    assert f.counts == (1, 1, 1, 0, 0, 0)
