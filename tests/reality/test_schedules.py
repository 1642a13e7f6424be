"""Clipping on a cliff; plateaus and early stopping on the curves of a real training."""

import dataclasses

import numpy as np
import pytest

import coursekit as ck
from coursekit.optim import SGD, ClipNorm


def recurrent(theta):
    """x <- w sigmoid(x) + b fifty times, then the squared distance to 0.7: Pascanu et al. 2013."""
    w, b = theta[0], theta[1]
    x = 0.5
    for _ in range(50):
        x = w / (1 + np.exp(-x)) + b
    return (x - 0.7) ** 2


WALL = np.array([4.9, -2.55])  # a few thousandths beside a wall of slope 860


def test_a_cliff_throws_sgd_away_and_clipping_holds_it():
    thrown = ck.minimize(recurrent, WALL, SGD(lr=0.1), steps=1)
    assert np.linalg.norm(thrown.theta - WALL) > 10 * np.linalg.norm(WALL)
    assert thrown.value > 1000 * thrown.values[0]

    held = ck.minimize(recurrent, WALL, ClipNorm(SGD(lr=0.1), max_norm=1.0), steps=100)
    lengths = np.linalg.norm(np.diff(held.thetas, axis=0), axis=1)
    assert lengths.max() <= 0.1 * (1 + 1e-12)
    assert np.isclose(lengths, 0.1).any()  # it was needed
    assert np.isfinite(held.values).all() and held.value < 0.2
    assert np.linalg.norm(held.thetas - WALL, axis=1).max() < 2  # it walks along the wall


@pytest.fixture(scope="module")
def overfitting():
    """A training on few digits with a large step: the validation loss falls, stalls and rises."""
    data, net = ck.data.digits(), ck.MLP([64, 32, 10])
    x, y = data.train
    few = dataclasses.replace(data, train=ck.data.dataset.Split(x[:200], y[:200]))
    lr = ck.schedules.Plateau(0.5, factor=0.5, patience=3, threshold=1e-2)
    stopping = ck.EarlyStopping(patience=12, min_delta=1e-3, restore_best=True)
    history = ck.fit(net, few, SGD(lr=lr), epochs=200, stopping=stopping, progress=False)
    return few, net, lr, stopping, history


def test_the_step_size_falls_once_more_than_patience_epochs_are_bad(overfitting):
    *_, lr, _, history = overfitting
    best, bad, rate, falls = np.inf, 0, lr.lr, 0
    for loss in history.val_loss:
        bad = 0 if loss < best * (1 - 1e-2) else bad + 1
        best = loss if loss < best * (1 - 1e-2) else best
        if bad == 3 + 1:
            rate, bad, falls = rate / 2, 0, falls + 1
    assert falls > 1
    assert history.opt.lr.lr == rate and history.opt.lr.best == best


def test_it_stops_after_patience_epochs_and_returns_the_best(overfitting):
    data, net, _, _, history = overfitting
    best, best_epoch, wait = np.inf, 0, 0
    for epoch, loss in enumerate(history.val_loss, start=1):
        wait += 1
        if loss < best - 1e-3:
            best, best_epoch, wait = loss, epoch, 0
        assert wait < 12 or epoch == history.epochs
    assert wait == 12 and history.epoch == best_epoch == history.epochs - 12
    got = net.objective(*data.validation).value(history.theta)
    assert float(got) == pytest.approx(best, rel=1e-5)
