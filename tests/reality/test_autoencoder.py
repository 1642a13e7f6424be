"""Momentum and first weights on a deep autoencoder: Sutskever et al. 2013, table 1, on digits."""

from functools import partial

import numpy as np
import pytest

import coursekit as ck
from coursekit import initializers
from coursekit.optim import Nesterov
from coursekit.optim.schedules import Sutskever

PIXELS, STEPS = 64, 3000


def sparse(shape, rng):
    """15 weights N(0, 1) for each unit, or as many as there are."""
    return initializers.sparse(shape, rng, connections=min(15, shape[0]))


@pytest.fixture(scope="module")
def autoencoder():
    """64-48-24-8-24-48-64 with sigmoids but for the code, and its loss: cross-entropy."""
    net = ck.Sequential(
        ck.Linear(PIXELS, 48), "sigmoid", ck.Linear(48, 24), "sigmoid", ck.Linear(24, 8),
        ck.Linear(8, 24), "sigmoid", ck.Linear(24, 48), "sigmoid", ck.Linear(48, PIXELS),
    )  # fmt: skip
    x, _ = ck.data.digits().train
    return net, x, net.objective(x, x, "binary_cross_entropy")


def error(autoencoder, mu_max, lr, init=sparse, seed=0):
    """The squared error of an image after 3000 minibatches, on the training data as in the paper.

    lr is for the loss summed over the pixels.
    """
    net, x, f = autoencoder
    opt, theta = Nesterov(PIXELS * lr, Sutskever(mu_max), lookahead=True), net.init(init, rng=seed)
    state = opt.init(theta)
    for rows in ck.minibatches(len(x), 200, epochs=STEPS // 6, rng=seed):  # 1197 images: 6 batches
        theta, state = opt.step(theta, state, f.batch(rows))
    image = ck.activations.sigmoid(net(theta, x))
    return float(np.sum((image - x) ** 2) / len(x))


def of_the_mean_image(x):
    return np.sum((x - x.mean(axis=0)) ** 2) / len(x)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1])
def test_more_momentum_trains_a_deep_autoencoder_further(autoencoder, seed):
    """SGD has the best of three rates; the two with momentum make do with one."""
    plain = min(error(autoencoder, 0, lr, seed=seed) for lr in (0.2, 0.35, 0.5))
    some, more = (error(autoencoder, mu_max, 0.1, seed=seed) for mu_max in (0.9, 0.99))
    assert plain < of_the_mean_image(autoencoder[1]) / 3  # it does learn
    assert some < 0.8 * plain and more < 0.75 * plain
    assert more < some


def test_3000_steps_are_too_few_for_the_largest_momentum():
    """So the paper's columns 0.99, 0.995 and 0.999 are one and the same run here."""
    assert Sutskever(mu_max=0.99)(STEPS - 1) == Sutskever(mu_max=0.999)(STEPS - 1) == 1 - 1 / 24


@pytest.mark.slow
@pytest.mark.parametrize("mu_max, lr", [(0, 0.35), (0.99, 0.1)])
def test_small_first_weights_end_at_the_mean_image(autoencoder, mu_max, lr):
    """With N(0, 0.01^2) nothing of the input comes through, and momentum is no help."""
    small = partial(initializers.normal, std=0.01)
    mean = of_the_mean_image(autoencoder[1])
    assert error(autoencoder, mu_max, lr, small) == pytest.approx(mean, rel=0.01)
