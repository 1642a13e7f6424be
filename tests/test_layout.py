"""Layout: theta taken apart and put together, plain and traced."""

import pickle

import numpy as np
import pytest

import coursekit as ck

LAYOUT = ck.Layout([("W", (2, 3)), ("b", 3), ("s", ()), ("K", (2, 1, 2), "kernel")])
N = 6 + 3 + 1 + 4


def test_blocks_follow_each_other():
    assert LAYOUT.size == N
    assert [(b.name, b.shape, b.role, b.start, b.stop) for b in LAYOUT.blocks] == [
        ("W", (2, 3), "weight", 0, 6),
        ("b", (3,), "bias", 6, 9),
        ("s", (), "weight", 9, 10),
        ("K", (2, 1, 2), "kernel", 10, 14),
    ]
    assert LAYOUT["b"] == LAYOUT.blocks[1]


@pytest.mark.parametrize("lead", [(), (4,), (2, 3)])
def test_round_trips(lead):
    theta = np.random.default_rng(0).normal(size=(*lead, N))
    arrays = LAYOUT.unpack(theta)
    assert [a.shape for a in arrays] == [lead + b.shape for b in LAYOUT.blocks]
    np.testing.assert_array_equal(arrays[0], theta[..., :6].reshape((*lead, 2, 3)))
    np.testing.assert_array_equal(arrays[2], theta[..., 9])
    packed = LAYOUT.pack(arrays)
    np.testing.assert_array_equal(packed, theta)
    assert not np.shares_memory(packed, theta)
    for there, back in zip(arrays, LAYOUT.unpack(packed), strict=True):
        np.testing.assert_array_equal(there, back)


@pytest.mark.parametrize("lead", [(), (4,)])
def test_parts_are_views(lead):
    theta = np.zeros((*lead, N), "float32")
    for a in LAYOUT.unpack(theta)[:2]:
        assert np.shares_memory(a, theta) and a.dtype == "float32"


# --- derivatives
@pytest.mark.parametrize("lead", [(), (3,)])
def test_derivatives_of_unpack_and_pack(lead):
    def apart(theta):
        W, b, s, K = LAYOUT.unpack(theta)
        return np.sum(np.tanh(W) * b[..., None, :] * s[..., None, None]) + np.sum(K**3)

    def there_and_back(theta):
        W, b, s, K = LAYOUT.unpack(theta)
        return np.sin(LAYOUT.pack([W * W, b * s[..., None], s, K * K]))

    theta = np.random.default_rng(1).normal(size=(*lead, N))
    assert ck.check_grad(apart, theta, order=2) < 1e-7
    assert ck.check_grad(there_and_back, theta, order=2) < 1e-7


def test_unpack_is_one_operation_on_the_tape():
    places = set()

    def f(theta):
        W, b, s, K = LAYOUT.unpack(theta)
        places.update(a.index for a in (W, b, s, K))
        return np.sum(2 * W) + np.sum(3 * b) + 4 * s  # K takes no part

    g = ck.grad(f)(np.arange(float(N)))
    np.testing.assert_array_equal(g, [2] * 6 + [3] * 3 + [4] + [0] * 4)
    assert places == {1}  # right after theta


def test_second_derivatives_pass_through_both():
    v = np.random.default_rng(2).normal(size=N)
    theta = np.random.default_rng(3).normal(size=N)
    got = ck.hvp(lambda th: np.sum(LAYOUT.pack([a**3 for a in LAYOUT.unpack(th)])), theta, v)
    np.testing.assert_allclose(got, 6 * theta * v, rtol=1e-14)


# --- masks
def test_masks_by_role():
    assert LAYOUT.mask("bias").tolist() == [False] * 6 + [True] * 3 + [False] * 5
    assert LAYOUT.mask("kernel").sum() == 4 and LAYOUT.mask("kernel").dtype == bool
    total = sum(LAYOUT.mask(role).astype(int) for role in ("weight", "bias", "kernel"))
    assert (total == 1).all()
    with pytest.raises(ValueError, match=r"no array has role 'scale'.*\['bias', 'kernel', 'wei"):
        LAYOUT.mask("scale")


# --- a value among values
def test_it_is_frozen_and_compares_by_content():
    same = ck.Layout([("W", (2, 3)), ("b", (3,)), ("s", ()), ("K", (2, 1, 2), "kernel")])
    assert same == LAYOUT and hash(same) == hash(LAYOUT) and len({same, LAYOUT}) == 1
    assert ck.Layout([("W", (3, 2))]) != ck.Layout([("W", (2, 3))])
    assert ck.Layout([("b", 3)]) != ck.Layout([("b", 3, "shift")])
    assert LAYOUT != "layout"
    with pytest.raises(AttributeError, match="a Layout is frozen"):
        LAYOUT.size = 3
    with pytest.raises(AttributeError):
        LAYOUT.other = 3


def test_pickle_keeps_everything():
    again = pickle.loads(pickle.dumps(LAYOUT))
    assert again == LAYOUT and again.blocks == LAYOUT.blocks
    np.testing.assert_array_equal(again.unpack(np.arange(float(N)))[1], [6, 7, 8])


def test_repr_shows_the_entries():
    assert repr(ck.Layout([("W", (2, 3)), ("b", 3)])) == "Layout([('W', (2, 3)), ('b', (3,))])"


# --- what is refused
@pytest.mark.parametrize(
    "call, error, message",
    [
        (lambda: ck.Layout([]), ValueError, "at least one entry"),
        (lambda: ck.Layout([("W", (2, -1))]), ValueError, r"'W' has a negative size: \(2, -1\)"),
        (lambda: ck.Layout([("W", (2.5, 1))]), TypeError, r"'W' .*integers, not \(2.5, 1\)"),
        (lambda: ck.Layout([("a", 1), ("a", 2)]), ValueError, r"names must differ.*\['a', 'a'\]"),
        (lambda: LAYOUT.unpack(np.zeros(5)), ValueError, r"\(\.\.\., 14\).* shape \(5,\)"),
        (lambda: LAYOUT.unpack(np.float64(3)), ValueError, r"shape \(\)"),
        (lambda: LAYOUT.unpack([0.0] * N), ValueError, "theta must be an array.*list"),
        (lambda: LAYOUT.pack([np.zeros(3)]), ValueError, "expected 4 arrays, got 1"),
        (lambda: LAYOUT.pack([np.zeros((3, 2)), *LAYOUT.unpack(np.zeros(N))[1:]]), ValueError,
         r"'W' has shape \(3, 2\), expected \(2, 3\)"),
        (lambda: LAYOUT["V"], KeyError, "no block 'V'; the layout has"),
        (lambda: LAYOUT.pack([np.zeros((5, 2, 3)), *LAYOUT.unpack(np.zeros((4, N)))[1:]]),
         ValueError, "pack of shapes"),
    ],
)  # fmt: skip
def test_wrong_inputs(call, error, message):
    with pytest.raises(error, match=message):
        call()
