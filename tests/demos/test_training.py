"""The demo `training`: real learning, honest numbers, calm failure."""

import io

import numpy as np
import pytest
from PIL import Image

import coursekit as ck
from coursekit.demos.training import Training
from coursekit.demos.training.learning import GUESSING, TOO_LARGE, nearest_mean
from coursekit.demos.training.plots import mosaic
from coursekit.viz.themes import DARK, LIGHT


@pytest.fixture(scope="module")
def demo():
    return Training(sync=True)


@pytest.fixture(scope="module")
def default(demo):
    return demo.compute()


def sound(result):
    """Finite, or given up."""
    values = np.concatenate([result.batch_loss, result.train_loss, result.val_loss])
    return np.isfinite(values).all() or result.given_up


# --- learning ------------------------------------------------------------------------------------
def test_the_defaults_learn_to_read(demo, default):
    assert len(default.batch_loss) == 5 * 38 and default.marks[-1] == 5
    np.testing.assert_allclose(default.marks, np.arange(11) / 2)
    assert default.train_loss[0] == pytest.approx(GUESSING, abs=0.3)  # it starts by guessing
    assert default.train_loss[-1] < 0.2 and default.val_loss[-1] < 0.2
    assert default.accuracy > 0.92 > nearest_mean() > 0.8
    assert default.done and not default.given_up


def test_accuracy_counts_the_misread_digits(demo, default):
    y = ck.data.digits().test.y
    assert default.accuracy == 1 - np.sum(default.read != y) / 400


def test_one_training_equals_the_course_s_own_loop(default):
    """The same numbers from the public interface, written out."""
    digits = ck.data.digits()
    net = ck.MLP([64, 32, 10], activation="relu")
    theta = net.init("kaiming_normal", rng=0)
    f = net.objective(*digits.train)
    losses = []
    u = np.zeros_like(theta)
    for rows in ck.minibatches(1197, 32, epochs=5, rng=0):
        value, g = f.batch(rows).value_and_grad(theta)
        losses.append(float(value))
        u = 0.9 * u + g
        theta = theta - 0.1 * u
    np.testing.assert_allclose(default.batch_loss, losses, rtol=1e-3)
    assert float(f.value(theta)) == pytest.approx(default.train_loss[-1], rel=1e-3)


def test_settings_share_start_and_order(demo, default):
    """Common random numbers: a drag changes only what was moved."""
    slow = demo.compute(lr=0.001, optimizer="SGD")
    assert slow.batch_loss[0] == default.batch_loss[0]
    assert slow.train_loss[0] == default.train_loss[0]
    longer = demo.compute(epochs=6)
    np.testing.assert_array_equal(longer.batch_loss[:190], default.batch_loss)
    assert demo.compute(seed=1).batch_loss[0] != default.batch_loss[0]


@pytest.mark.parametrize("optimizer", ["SGD", "Momentum", "Nesterov", "Adam"])
def test_every_optimizer_learns_and_momentum_matters_where_it_is_active(demo, optimizer):
    lr = {"SGD": 0.2, "Adam": 0.01}.get(optimizer, 0.05)
    with_memory = demo.compute(optimizer=optimizer, lr=lr)
    assert with_memory.accuracy > 0.85
    without = demo.compute(optimizer=optimizer, lr=lr, momentum=0.0)
    active = next(p for p in demo.params if p.name == "momentum").active({"optimizer": optimizer})
    assert active == (optimizer != "SGD")
    assert active == (without.train_loss[-1] != with_memory.train_loss[-1])


# --- presets -------------------------------------------------------------------------------------
def test_presets_do_what_they_are_called(demo):
    results = {name: demo.compute(**values) for name, values in demo.presets.items()}
    assert all(sound(r) for r in results.values())
    accuracy = {name: r.accuracy for name, r in results.items()}
    assert accuracy["works well"] > 0.94
    assert 0.2 < accuracy["too small a step"] < 0.7
    assert results["too small a step"].train_loss[-1] > 1.5
    assert "no better than guessing" in demo.status(results["too large a step"]).lower()
    assert results["explodes"].given_up and len(results["explodes"].batch_loss) < 190
    zero = results["all weights zero"]
    assert zero.train_loss[-1] == pytest.approx(GUESSING, abs=0.02) and zero.accuracy < 0.15
    assert len(results["tiny batch"].batch_loss) == 5 * 599
    awake = demo.compute(**{**demo.presets["sigmoid sleeps"], "activation": "relu"})
    assert accuracy["sigmoid sleeps"] + 0.2 < awake.accuracy


def test_a_loss_that_is_too_large_ends_the_training(demo):
    result = demo.compute(lr=10.0, activation="identity")
    assert result.given_up and not result.batch_loss[-1] < TOO_LARGE
    assert (result.batch_loss[:-1] < TOO_LARGE).all()
    steps = len(result.batch_loss) - 1  # the last batch has none
    assert result.steps == demo.numbers(result)["steps"] == steps
    assert demo.status(result).startswith(f"Given up after {steps} steps: ")
    assert demo.describe(result).startswith(f"The loss of a batch passes 100 after {steps} steps")
    Image.open(io.BytesIO(demo._picture(result))).verify()


def test_all_digits_read_is_drawn_too(demo, default):
    perfect = default._replace(read=np.array(ck.data.digits().test.y))
    assert perfect.accuracy == 1
    assert "0 are misread." in demo.describe(perfect)
    assert demo._picture(perfect) != demo._picture(default)


def test_losses_outside_the_axes_are_drawn(demo, default):
    for value in (np.nan, np.inf, 1e30, 0.0):
        demo._picture(default._replace(train_loss=np.full(11, value)))


# --- slices and pictures -------------------------------------------------------------------------
def test_the_training_streams_and_ends_where_compute_ends():
    demo = Training(batch_size=2, lr=0.01, epochs=2)
    seen = list(demo._results(demo.values))
    assert len(seen) > 2
    steps = [len(r.batch_loss) for r in seen]
    assert steps == sorted(steps) and [r.done for r in seen] == [False] * (len(seen) - 1) + [True]
    np.testing.assert_array_equal(seen[-1].batch_loss, demo.compute(**demo.values).batch_loss)
    for r in seen:
        demo._picture(r, fine=False)


def test_dragging_draws_no_axis_anew():
    """Limits and ticks move as curves do: redrawing axes takes longer than the rest of a frame."""
    demo = Training(sync=True, epochs=1)
    for lr in demo.controls["lr"].options[::20]:
        demo.controls["lr"].value = lr[1]
    for epochs in (2, 10):  # the axis grows
        demo.controls["epochs"].value = epochs
    assert demo.canvas.backgrounds == 1


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda t: t.name)
def test_the_mosaic_shows_the_digits_in_ink_on_paper(theme):
    digits = ck.data.digits().test.x[:7]
    picture, points = mosaic(digits, theme, 300, 400)
    assert len(points) == 7 and picture.dtype == np.uint8
    paper, ink = (
        np.array([int(c[i : i + 2], 16) for i in (1, 3, 5)]) for c in (theme.paper, theme.ink)
    )
    np.testing.assert_array_equal(picture[-1, -1, :3], paper)
    darkness = np.abs(picture[..., :3].astype(int) - paper).sum(-1) / np.abs(ink - paper).sum()
    grain = int(0.82 * (400 // 6)) // 8
    middle = grain // 2
    for k in range(7):
        row, column = divmod(k, 6)
        tile = darkness[100 * row + middle :: grain, 66 * column + middle :: grain][:8, :8]
        np.testing.assert_allclose(tile, digits[k].reshape(8, 8), atol=0.02)


def test_the_first_digit_misread_is_named(demo, default):
    y = ck.data.digits().test.y
    first = np.flatnonzero(default.read != y)[0]
    assert f"among them {y[first]} as {default.read[first]}" in demo.describe(default)
