"""Initializers: distributions, gains, and how a signal fares through thirty layers."""

import math
from functools import partial

import numpy as np
import pytest

import coursekit as ck
from coursekit import initializers
from coursekit.initializers import constant, draw, gain, get, kaiming_normal, names, orthogonal

FANS = (400, 250)
CUT_STD = 0.87962566103423978  # the deviation of a standard normal cut at two

# name: (initializer, variance, fourth moment / variance^2)
NORMAL, UNIFORM, CUT = 3.0, 1.8, 2.3565
DRAWS = {
    "normal": (initializers.normal, 1e-4, NORMAL),
    "uniform": (initializers.uniform, 0.05**2 / 3, UNIFORM),
    "lecun_normal": (initializers.lecun_normal, 1 / 400, NORMAL),
    "lecun_uniform": (initializers.lecun_uniform, 1 / 400, UNIFORM),
    "lecun fan_out": (partial(initializers.lecun_normal, mode="fan_out"), 1 / 250, NORMAL),
    "xavier_normal": (initializers.xavier_normal, 2 / 650, NORMAL),
    "xavier_uniform": (initializers.xavier_uniform, 2 / 650, UNIFORM),
    "xavier gain": (partial(initializers.xavier_normal, gain=3.0), 18 / 650, NORMAL),
    "kaiming_normal": (kaiming_normal, 2 / 400, NORMAL),
    "kaiming_uniform": (initializers.kaiming_uniform, 2 / 400, UNIFORM),
    "kaiming fan_out": (partial(kaiming_normal, mode="fan_out"), 2 / 250, NORMAL),
    "kaiming tanh": (partial(kaiming_normal, activation="tanh"), 25 / 9 / 400, NORMAL),
    "kaiming leaky": (
        partial(initializers.kaiming_uniform, activation="leaky_relu", slope=0.5),
        2 / 1.25 / 400,
        UNIFORM,
    ),
    "defazio_bottou": (initializers.defazio_bottou, 2 / math.sqrt(400 * 250), NORMAL),
    "defazio c": (partial(initializers.defazio_bottou, c=0.5), 0.5 / math.sqrt(400 * 250), NORMAL),
    "torch_default": (initializers.torch_default, 1 / 1200, UNIFORM),
    "truncated_normal": (initializers.truncated_normal, 1 / 400, CUT),
    "truncated std": (partial(initializers.truncated_normal, std=0.3), 0.09, CUT),
}


def cdf(z):
    return math.erfc(-z / math.sqrt(2)) / 2


# --- distributions
@pytest.mark.parametrize("name", DRAWS)
def test_mean_and_variance_within_three_standard_errors(name):
    initializer, variance, kurtosis = DRAWS[name]
    W = initializer(FANS, 0)
    assert type(W) is np.ndarray and W.shape == FANS and W.dtype == float
    n = W.size
    assert abs(W.mean()) < 3 * math.sqrt(variance / n)
    assert abs((W**2).mean() / variance - 1) < 3 * math.sqrt((kurtosis - 1) / n)
    measured = (W**4).mean() / (W**2).mean() ** 2
    assert measured == pytest.approx(kurtosis, abs=0.08)  # which also tells the shapes apart


@pytest.mark.parametrize(
    "initializer, bound",
    [
        (initializers.uniform, 0.05),
        (initializers.lecun_uniform, math.sqrt(3 / 400)),
        (initializers.xavier_uniform, math.sqrt(6 / 650)),
        (initializers.kaiming_uniform, math.sqrt(6 / 400)),
        (initializers.torch_default, 1 / math.sqrt(400)),
        (initializers.truncated_normal, 2 / math.sqrt(400) / CUT_STD),
    ],
)
def test_bounds(initializer, bound):
    largest = np.abs(initializer(FANS, 0)).max()
    assert 0.999 * bound < largest <= bound * (1 + 1e-15)


def test_uniform_draws_are_those_of_the_generator():
    W = initializers.xavier_uniform((5, 3), 7)
    b = math.sqrt(6 / 8)
    np.testing.assert_allclose(W, np.random.default_rng(7).uniform(-b, b, (5, 3)), rtol=1e-15)


def test_orthogonal_columns_or_rows():
    for n, m in [(30, 30), (30, 12), (12, 30), (1, 1), (1, 5)]:
        Q = orthogonal((n, m), 0)
        assert Q.shape == (n, m)
        gram = Q.T @ Q if n >= m else Q @ Q.T
        np.testing.assert_allclose(gram, np.eye(min(n, m)), atol=1e-12)
        np.testing.assert_allclose(orthogonal((n, m), 0, gain=3.0), 3 * Q, rtol=1e-15)


def test_orthogonal_is_uniformly_distributed():
    # Without the signs of diag(R) the diagonal has a sign too. Uniform: E tr Q = 0, E (tr Q)^2 = 1.
    traces = np.array([np.trace(orthogonal((3, 3), seed)) for seed in range(4000)])
    assert abs(traces.mean()) < 3 / math.sqrt(4000)
    assert (traces**2).mean() == pytest.approx(1, abs=3 * math.sqrt(2 / 4000))


def test_sparse():
    W = initializers.sparse((200, 300), 0)
    assert (np.count_nonzero(W, axis=0) == 15).all()
    rows = np.count_nonzero(W, axis=1)  # about binomial, of mean 22.5: which ones is chance
    assert 3 < rows.std() < 6 and rows.max() < 50
    assert W[W != 0].var() == pytest.approx(1, abs=3 * math.sqrt(2 / 4500))
    assert np.count_nonzero(initializers.sparse((4, 3), 0)) == 12
    assert np.count_nonzero(initializers.sparse((9, 3), 0, connections=2)) == 6


def test_zeros_and_constant():
    assert not initializers.zeros(FANS).any()
    assert (constant(FANS, 0, value=0.25) == 0.25).all()


@pytest.mark.parametrize("name", names())
def test_the_seed_decides(name):
    f = get(name)
    W = f((20, 10), 3)
    assert W.shape == (20, 10) and W.dtype == float
    assert (f((20, 10), np.random.default_rng(3)) == W).all()
    assert name in ("zeros", "constant") or (f((20, 10), 4) != W).any()


# --- gains
GAINS = {
    "identity": 1, "linear": 1, "sigmoid": 1, "tanh": 5 / 3, "relu": math.sqrt(2), "selu": 3 / 4,
    "leaky_relu": math.sqrt(2 / 1.0001), "softmax": 1, "log_softmax": 1,
    # 1 / sqrt(E f(z)^2) in closed form
    "absolute": 1, "abs": 1, "sign": 1,
    "elu": (1 + math.e**2 * cdf(-2) - 2 * math.sqrt(math.e) * cdf(-1)) ** -0.5,
    "gelu": (1 / 3 + 1 / (2 * math.sqrt(3) * math.pi)) ** -0.5,
    # by quadrature with 30 digits
    "smelu": 1.3803368628588104,
    "softplus": 1.0418668355353014, "log_sigmoid": 1.0418668355353014, "silu": 1.6765324703310909,
}  # fmt: skip


@pytest.mark.parametrize("name", GAINS)
def test_gains(name):
    assert gain(name) == pytest.approx(GAINS[name], rel=1e-13)


def test_every_activation_has_a_gain():
    assert set(GAINS) == set(ck.activations.names())


def test_gains_of_functions():
    assert gain(np.abs) == gain("abs")
    assert gain(lambda z: np.maximum(z, 0)) == pytest.approx(gain("relu"), rel=1e-14)
    sloped = partial(ck.activations.leaky_relu, slope=0.3)
    assert gain(sloped) == pytest.approx(gain("leaky_relu", 0.3), rel=1e-14)
    # The largest of n standard normal numbers: E max^2 = 1, 1, 1 + sqrt(3) / (2 pi).
    maxout = ck.activations.maxout
    for pieces, moment in [(1, 1), (2, 1), (3, 1 + math.sqrt(3) / (2 * math.pi))]:
        assert gain(partial(maxout, pieces=pieces)) == pytest.approx(moment**-0.5, rel=1e-13)
    assert gain(maxout) == pytest.approx(1, rel=1e-13)
    z = np.random.default_rng(0).normal(size=(500_000, 5))
    assert gain(partial(maxout, pieces=5)) == pytest.approx(
        (z.max(1) ** 2).mean() ** -0.5, rel=2e-3
    )


def test_gain_refuses_what_has_none():
    with pytest.raises(ValueError, match="no activation 'rellu'; did you mean 'relu'"):
        gain("rellu")
    with pytest.raises(ValueError, match=r"param is the slope of leaky_relu, but relu got 0\.1"):
        gain("relu", 0.1)
    for slope in ("a", np.nan, np.inf):
        with pytest.raises(ValueError, match=f"param, the slope .* finite number, not {slope!r}"):
            gain("leaky_relu", slope)
    with pytest.raises(ValueError, match="zeros_like has no gain"):
        gain(np.zeros_like)
    with pytest.raises(ValueError, match="has no gain: it is zero, not finite, or not elementwise"):
        gain(lambda z: z.sum())


def test_relu_halves_the_second_moment_not_the_variance():
    z = np.random.default_rng(0).normal(size=1_000_000)
    v = ck.activations.relu(z)
    assert v.mean() == pytest.approx(1 / math.sqrt(2 * math.pi), abs=3e-3)  # not 0
    assert v.var() == pytest.approx((1 - 1 / math.pi) / 2, abs=3e-3)  # not 1/2
    assert (v**2).mean() == pytest.approx(1 / 2, abs=3e-3)


# --- through thirty layers
@pytest.mark.parametrize(
    "activation",
    ["leaky_relu", "absolute", "sign", "elu", "smelu", "softplus", "log_sigmoid", "gelu", "silu"],
)
def test_the_gain_of_an_activation_makes_up_for_it(activation):
    rng, f = np.random.default_rng(0), ck.activations.get(activation)
    z, found = rng.normal(size=(100, 256)), []
    for _ in range(30):
        z = f(z) @ draw("kaiming_normal", (256, 256), rng, activation)
        found.append((z**2).mean())
    assert found[0] == pytest.approx(1, rel=0.05)
    # For gelu and silu the moment 1 is a fixed point, but not a stable one: the deviation that a
    # finite width brings grows from layer to layer.
    assert activation in ("gelu", "silu") or 0.2 < found[-1] < 5


# --- draw
def test_draw_passes_the_activation_to_those_that_take_it():
    linear, relu = (draw("kaiming_normal", (9, 5), 0, a) for a in ("identity", "relu"))
    np.testing.assert_allclose(relu, math.sqrt(2) * linear, rtol=1e-15)
    xavier = [draw("xavier_normal", (9, 5), 0, a) for a in ("identity", "relu")]
    assert (xavier[0] == xavier[1]).all()
    fixed = partial(kaiming_normal, activation="tanh")
    np.testing.assert_allclose(draw(fixed, (9, 5), 0, "relu"), 5 / 3 * linear, rtol=1e-15)
    other = partial(kaiming_normal, mode="fan_out")
    np.testing.assert_allclose(draw(other, (9, 5), 0, "identity"), linear * math.sqrt(9 / 5))
    assert (draw(lambda shape, rng: np.full(shape, 2), (9, 5), 0) == 2.0).all()


@pytest.mark.parametrize(
    "call, message",
    [
        (lambda: get("kaiming"), "no initializer 'kaiming'; did you mean 'kaiming_"),
        (lambda: draw("zeros", (3,), 0), r"shape must be \(fan_in, fan_out\), not \(3,\)"),
        (lambda: draw("zeros", (3, 0), 0), r"integers >= 1, not \(3, 0\)"),
        (lambda: draw("zeros", (3, 1.5), 0), r"integers >= 1, not \(3, 1.5\)"),
        (lambda: draw(lambda shape, rng: np.zeros(shape).T, (3, 2), 0),
         r"<lambda> must give weights of the shape \(3, 2\), not \(2, 3\)"),
        (lambda: draw(lambda shape, rng: np.full(shape, np.nan), (3, 2), 0),
         "must give finite weights"),
        (lambda: constant((3, 2), value=np.nan), "value must be a finite number, not nan"),
        (lambda: constant((3, 2), value=np.inf), "value must be a finite number, not inf"),
        (lambda: constant((3, 2), value="1"), "value must be a finite number, not '1'"),
        (lambda: initializers.lecun_normal((3, 2), 0, mode="fan"), 'not \'fan\''),
        (lambda: initializers.normal((3, 2), 0, std=-1), "std must be a number >= 0, not -1"),
        (lambda: initializers.normal((3, 2), 0, std="a"), "std must be a number >= 0, not 'a'"),
        (lambda: initializers.xavier_normal((3, 2), 0, gain=np.nan), "gain must be a number >= 0"),
        (lambda: initializers.xavier_uniform((3, 2), 0, gain=-1), "gain must be a number >= 0"),
        (lambda: initializers.orthogonal((3, 2), 0, gain=np.inf), "gain must be a number >= 0"),
        (lambda: initializers.sparse((3, 2), 0, connections=0), "an int >= 1, not 0"),
        (lambda: initializers.defazio_bottou((3, 2), 0, c=-1), "c must be a number >= 0, not -1"),
    ],
)  # fmt: skip
def test_wrong_inputs(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_a_seed_is_a_number_or_a_generator():
    with pytest.raises(TypeError, match="rng must be a seed >= 0 or a NumPy Generator, not 'x'"):
        initializers.xavier_uniform((3, 2), "x")
