"""The bundled digits are intact and safe to write into; the generators do what they say."""

import math
from pathlib import Path

import numpy as np
import pytest

import coursekit as ck
from coursekit.data import bundled

GENERATORS = ("blobs", "moons", "spirals", "xor", "regression", "least_squares")


def small(name, **more):
    size = {"m": 40, "n": 5} if name == "least_squares" else {"n": 41}
    return getattr(ck.data, name)(**(size | more))


@pytest.fixture
def double():
    ck.set_dtype("float64")
    yield
    ck.set_dtype(None)


# --- bundled sets --------------------------------------------------------------------------------
SETS = {
    "digits": ((1197, 200, 400), (8, 8), 16),
    "mnist": ((8000, 1000, 1000), (28, 28), 255),
}


@pytest.mark.parametrize("name", SETS)
def test_bundled_sets_have_their_shapes_levels_and_classes(name):
    sizes, shape, white = SETS[name]
    data = getattr(ck.data, name)()
    assert tuple(len(y) for _, y in data.splits.values()) == sizes
    assert (data.image_shape, data.classes, data.features) == (shape, 10, math.prod(shape))
    for x, y in data.splits.values():
        assert x.dtype == np.float32 and x.shape == (len(y), data.features)
        assert y.dtype == np.int64
        levels = x.astype(np.float64) * white
        np.testing.assert_allclose(levels, levels.round(), atol=2e-5)
    x = np.concatenate([x for x, _ in data.splits.values()])
    assert (x.min(), x.max(), len(np.unique(x))) == (0, 1, white + 1)
    assert len(np.unique(x, axis=0)) == len(x)  # nothing from training is seen again in testing


def test_classes_are_as_frequent_as_in_the_sources():
    def counts(data):
        return np.bincount(np.concatenate([y for _, y in data.splits.values()])).tolist()

    assert counts(ck.data.digits()) == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    assert counts(ck.data.mnist()) == [1001, 1127, 991, 1032, 980, 863, 1014, 1070, 944, 978]


@pytest.mark.parametrize("name", SETS)
def test_order_is_mixed(name):
    """Neither set is sorted by class: every class is met early, and each split has all ten."""
    data = getattr(ck.data, name)()
    assert len(np.unique(data.train.y[:60])) == 10
    for _, y in data.splits.values():
        assert np.bincount(y, minlength=10).min() >= 0.05 * len(y)


def test_images_stand_upright():
    """Turned or mirrored, a seven would not have most of its ink at the upper right."""
    for data in ck.data.digits(), ck.data.mnist():
        x, y = data.train
        seven = x[y == 7].mean(0).reshape(data.image_shape)
        half = len(seven) // 2
        quarters = [
            part[:, side].sum()
            for part in (seven[:half], seven[half:])
            for side in (slice(half), slice(half, None))
        ]
        assert np.argmax(quarters) == 1


def test_a_nearest_neighbour_recognises_the_digits():
    """Labels belong to their images: a wrong pairing would score one in ten."""
    for data, right in (ck.data.digits(), 0.97), (ck.data.mnist(), 0.93):
        (x, y), (test_x, test_y) = data.train, data.test
        distance = (x**2).sum(1) - 2 * test_x @ x.T  # up to a term that is the same for all of x
        assert (y[distance.argmin(1)] == test_y).mean() >= right


def test_digits_equal_scikit_learns():
    datasets = pytest.importorskip("sklearn.datasets")
    theirs = datasets.load_digits()
    data = ck.data.digits()
    x = np.concatenate([x for x, _ in data.splits.values()]) * 16
    y = np.concatenate([y for _, y in data.splits.values()])

    def rows(x, y):
        table = np.column_stack([x, y]).astype(int)
        return table[np.lexsort(table.T)]

    np.testing.assert_array_equal(rows(x, y), rows(theirs.data, theirs.target))


def test_writing_into_data_harms_no_later_copy():
    first = ck.data.digits()
    first.train.x[:] = 7
    first.train.y[:] = 7
    again = ck.data.digits()
    assert again.train.x.max() == 1
    assert again.train.y[:5].tolist() == [0, 2, 7, 6, 2]


def test_file_is_small_plain_and_licensed():
    assert bundled.FILE.stat().st_size < 2_000_000
    with np.load(bundled.FILE, allow_pickle=False) as file:
        assert {file[key].dtype for key in file.files} == {np.dtype(np.uint8)}
    notice = bundled.FILE.with_name("NOTICE").read_text()
    for word in "Alpaydin", "CC BY 4.0", "LeCun", "Cortes", "Burges", "CC BY-SA 3.0", "MIT License":
        assert word in notice


class TestDamage:
    """A file that is absent, cut, exchanged or altered is named, never trained on."""

    @pytest.fixture
    def file(self, monkeypatch, tmp_path):
        path = tmp_path / "bundled.npz"
        monkeypatch.setattr(bundled, "FILE", path)
        bundled._load.cache_clear()
        yield path
        bundled._load.cache_clear()

    @pytest.fixture
    def arrays(self):
        with np.load(Path(bundled.__file__).with_name("bundled.npz")) as file:
            return {key: file[key] for key in file.files}

    def test_absent(self, file):
        with pytest.raises(FileNotFoundError, match=r"bundled\.npz is missing: install coursekit"):
            ck.data.digits()

    def test_cut_short(self, file):
        file.write_bytes(Path(bundled.__file__).with_name("bundled.npz").read_bytes()[:100_000])
        with pytest.raises(ValueError, match=r"damaged: install coursekit again \(BadZipFile"):
            ck.data.digits()

    def test_without_one_set(self, file, arrays):
        np.savez(file, digits_x=arrays["digits_x"])
        with pytest.raises(ValueError, match="damaged"):
            ck.data.digits()

    @pytest.mark.parametrize(
        "change, message",
        [
            ({"digits_x": lambda x: x[:-1]}, r"expected uint8 \(1797, 64\), found uint8 \(1796"),
            ({"digits_y": lambda y: y.astype(int)}, r"found int64 \(1797,\)"),
            ({"digits_x": lambda x: x ^ (x == 16)}, "the checksum differs"),
            ({"digits_y": lambda y: y[::-1]}, "the checksum differs"),
        ],
    )
    def test_altered(self, file, arrays, change, message):
        np.savez(file, **(arrays | {key: alter(arrays[key]) for key, alter in change.items()}))
        with pytest.raises(ValueError, match=message):
            ck.data.digits()
        assert len(ck.data.mnist().train.y) == 8000  # the other set is unharmed

    def test_pickles_are_not_opened(self, file, arrays):
        np.savez(file, **(arrays | {"digits_x": np.array([{}], dtype=object)}))
        with pytest.raises(ValueError, match=r"damaged.*allow_pickle=False"):
            ck.data.digits()


# --- what every Data offers ----------------------------------------------------------------------
@pytest.mark.parametrize("name", (*SETS, *GENERATORS))
def test_precision_can_be_chosen(name, double):
    data = getattr(ck.data, name)() if name in SETS else small(name)
    for x, y in data.splits.values():
        assert x.dtype == np.float64
        assert y.dtype == (np.float64 if data.classes is None else np.int64)


def test_describe_tells_sizes_ranges_and_origin():
    text = ck.data.digits().describe()
    assert "1197 + 200 + 400 examples, 64 features, 10 classes" in text
    assert "8 x 8 pixels, float32 in [0, 1]" in text
    assert "CC BY 4.0" in text and "Alpaydin" in text
    assert [row.split()[0] for row in text.splitlines()[2:6]] == [
        "class", "train", "validation", "test",
    ]  # fmt: skip
    y = ck.data.digits().train.y
    assert [int(n) for n in text.splitlines()[3].split()[1:]] == np.bincount(y).tolist()
    assert "y: float32 in [-" in small("regression").describe()


def test_data_is_frozen():
    with pytest.raises(AttributeError):
        ck.data.moons().name = "suns"


def test_shuffle_labels_deals_out_only_the_chosen_fraction():
    data = ck.data.digits()
    before = data.train.y.copy()
    half, whole = data.shuffle_labels(0.5), data.shuffle_labels()
    assert (np.bincount(half.train.y) == np.bincount(before)).all()
    # A target moves when it is chosen and meets another class: about 0.9 of the fraction.
    assert (half.train.y != before).mean() == pytest.approx(0.45, abs=0.03)
    assert (whole.train.y != before).mean() == pytest.approx(0.9, abs=0.03)
    assert (data.shuffle_labels(0).train.y == before).all()
    assert (data.train.y == before).all() and half.test is data.test
    assert (data.shuffle_labels(0.5).train.y == half.train.y).all()
    assert (data.shuffle_labels(0.5, rng=1).train.y != half.train.y).any()
    with pytest.raises(ValueError, match=r"fraction must be in \[0, 1\], not 2"):
        data.shuffle_labels(2)


# --- generators ----------------------------------------------------------------------------------
@pytest.mark.parametrize("name", GENERATORS)
class TestGenerators:
    def test_three_splits_of_the_sizes_asked_for(self, name):
        data = small(name)
        n = 40 if name == "least_squares" else 41
        assert [len(x) for x, _ in data.splits.values()] == [n, (n + 1) // 2, (n + 1) // 2]
        assert data.name == name and data.train.x.dtype == np.float32
        one = getattr(ck.data, name)(1)
        assert [len(x) for x, _ in one.splits.values()] == [1, 1, 1]

    def test_the_seed_decides(self, name):
        one, same, other = small(name), small(name, rng=0), small(name, rng=1)
        for a, b in zip(one.splits.values(), same.splits.values(), strict=True):
            assert (a.x == b.x).all() and (a.y == b.y).all()
        assert (one.train.x != other.train.x).any()
        generator = np.random.default_rng(0)
        assert (small(name, rng=generator).train.x == one.train.x).all()
        assert (small(name, rng=generator).train.x != one.train.x).any()
        assert (one.validation.x != one.test.x).any()

    def test_classes_are_balanced_in_every_split(self, name):
        data = small(name)
        if data.classes is not None:
            for _, y in data.splits.values():
                counts = np.bincount(y, minlength=data.classes)
                assert counts.max() - counts.min() <= 1 and len(counts) == data.classes

    def test_nonsense_is_refused(self, name):
        size = "m" if name == "least_squares" else "n"
        spread = "spread" if name == "blobs" else "noise"
        for key, value in ((size, 0), (size, 2.5), (size, True), (spread, -1), (spread, math.nan)):
            with pytest.raises(ValueError, match=f"{key} must be a (whole )?number >= "):
                small(name, **{key: value})
        with pytest.raises(TypeError, match="rng must be a seed"):
            small(name, rng="seed")


def test_blobs_surround_their_centres(double):
    data = ck.data.blobs(n=3000, classes=3, features=4, spread=0.2)
    for k in range(3):
        x = data.train.x[data.train.y == k]
        centre = [math.cos(2 * math.pi * k / 3), math.sin(2 * math.pi * k / 3), 0, 0]
        np.testing.assert_allclose(x.mean(0), centre, atol=0.03)
        np.testing.assert_allclose(x.std(0), 0.2, rtol=0.1)
    with pytest.raises(ValueError, match="features must be a whole number >= 2, not 1"):
        ck.data.blobs(features=1)


def test_moons_are_half_circles(double):
    x, y = ck.data.moons(n=400, noise=0).train
    for k, (centre, side) in enumerate([((0, 0), 1), ((1, 0.5), -1)]):
        offset = x[y == k] - centre
        np.testing.assert_allclose(np.linalg.norm(offset, axis=1), 1, rtol=1e-12)
        assert (side * offset[:, 1] >= 0).all()
    noisy = ck.data.moons(n=400, noise=0.1).train.x
    assert (noisy - x).std() == pytest.approx(0.1, rel=0.1)


def test_spirals_wind_as_often_as_asked(double):
    x, y = ck.data.spirals(n=600, classes=3, turns=1.5, noise=0).train
    r = np.linalg.norm(x, axis=1)
    angle = 2 * math.pi * (1.5 * r + y / 3)
    np.testing.assert_allclose(x, r[:, None] * np.stack([np.cos(angle), np.sin(angle)], 1))
    assert 0.1 <= r.min() < 0.15 and 0.95 < r.max() <= 1


def test_xor_is_the_truth_table(double):
    x, y = ck.data.xor(n=400, noise=0).train
    assert ((x[:, 0] != x[:, 1]) == y).all()
    corners, counts = np.unique(x, axis=0, return_counts=True)
    assert corners.tolist() == [[0, 0], [0, 1], [1, 0], [1, 1]] and counts.min() > 70


@pytest.mark.parametrize("function", ["line", "sine", "step", "hat", "wiggle", np.exp])
def test_regression_is_its_function_plus_noise(double, function):
    data = ck.data.regression(n=2000, function=function, noise=0.3)
    x, y = data.train
    assert x.shape == y.shape == (2000, 1) and -1 <= x.min() < -0.99 and 0.99 < x.max() <= 1
    residual = y - data.truth(x)
    assert abs(residual.mean()) < 0.03 and residual.std() == pytest.approx(0.3, rel=0.05)
    if callable(function):
        assert data.truth is function


def test_regression_names_what_it_knows():
    with pytest.raises(ValueError, match="callable or one of line, sine, step"):
        ck.data.regression(function="cosine")


@pytest.mark.parametrize("m, n", [(200, 20), (30, 30), (20, 60)])
def test_least_squares_has_the_singular_values_asked_for(double, m, n):
    data = ck.data.least_squares(m, n, condition=1e4, noise=0)
    X, y = data.train
    s = np.linalg.svd(X, compute_uv=False)
    r = min(m, n)
    np.testing.assert_allclose(s / s[0], np.geomspace(1, 1e-4, r), rtol=1e-9)
    assert (X**2).mean() == pytest.approx(1, rel=1e-12)
    np.testing.assert_allclose(y, X @ data.truth, rtol=1e-12, atol=1e-12)


def test_least_squares_default_is_the_lectures_experiment():
    """10,000 x 500, iid normal: E y^2 = 500 + noise^2, cond = (1 + a) / (1 - a), a^2 = n / m."""
    data = ck.data.least_squares()
    (X, y), w = data.train, data.truth
    assert X.shape == (10_000, 500) and y.shape == (10_000,) and w.shape == (500,)
    residual = (y - X @ w).astype(np.float64)
    assert residual.std() == pytest.approx(0.1, rel=0.03)
    assert X.std(dtype=float) == pytest.approx(1, rel=0.01)
    eigenvalues = np.linalg.eigvalsh(X[:, ::5].T.astype(float) @ X[:, ::5])  # n = 100: a = 0.1
    assert np.sqrt(eigenvalues[-1] / eigenvalues[0]) == pytest.approx(1.1 / 0.9, rel=0.02)


def test_least_squares_tests_on_rows_like_those_trained_on(double):
    data = ck.data.least_squares(4000, 5, condition=100, noise=0.5)
    (X, _), (T, y) = data.train, data.test
    train, test = X.T @ X / len(X), T.T @ T / len(T)
    np.testing.assert_allclose(test, train, atol=0.08 * np.abs(train).max())
    assert (y - T @ data.truth).std() == pytest.approx(0.5, rel=0.05)


def test_least_squares_refuses_impossible_conditions():
    for condition in 0.5, -1, math.inf, "big":
        with pytest.raises(ValueError, match="condition must be a number >= 1"):
            ck.data.least_squares(20, 5, condition=condition)
    with pytest.raises(ValueError, match="condition must be 1 when X has one singular value"):
        ck.data.least_squares(20, 1, condition=3)
    assert ck.data.least_squares(20, 1, condition=1).train.x.shape == (20, 1)
