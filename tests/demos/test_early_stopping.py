"""The demo `early_stopping`: its trainings, its rules and what there is to discover."""

import numpy as np
import pytest

import coursekit as ck
from coursekit.demos.early_stopping import EarlyStoppingDesk, few_digits
from coursekit.demos.early_stopping.few_digits import (
    EPOCHS,
    Problem,
    gram,
    looked_at,
    rows,
    training,
)
from coursekit.demos.early_stopping.when import stop

PLAIN = Problem(100, "labels", 0.3, 32, "constant", 0.1, 0)


@pytest.fixture(scope="module")
def demo():
    return EarlyStoppingDesk(sync=True)


def seen(demo, view, preset="", **values):
    values = {**demo.presets.get(preset, {}), **values}
    return demo.compute(**demo.complete({**values, "view": view}))


def sound(result):
    name = type(result).__module__.rpartition(".")[2]
    if name == "seeds":
        return np.isfinite(result.ends).all() and len(result.ends) == result.runs
    losses = np.isfinite(result.train).all() and np.isfinite(result.val).all()
    if name == "norms":
        return losses and np.isfinite([result.full, result.noisy, result.floor]).all()
    rules = (result.mine, *result.others)
    return losses and all(0 <= r.best <= r.epoch <= result.last for r in rules)


# --- the parts -----------------------------------------------------------------------------------
def test_noise_spoils_what_it_says_and_more_of_it_spoils_more():
    clean, some, most = (rows(300, "labels", share)[1] for share in (0.0, 0.3, 0.9))
    np.testing.assert_array_equal(clean, ck.data.digits().train.y[:300])
    wrong = some != clean
    assert abs(wrong.mean() - 0.3) < 0.06
    assert (most[wrong] == some[wrong]).all() and (most != clean).mean() > 0.85
    x, y = rows(300, "pixels", 0.2)
    noise = x - ck.data.digits().train.x[:300]
    assert noise.std() == pytest.approx(0.2, rel=0.02) and x.dtype == "float32"
    np.testing.assert_array_equal(y, clean)
    np.testing.assert_array_equal(rows(100, "pixels", 0.2)[0], x[:100])


def test_a_training_is_plain_steps():
    x, y = rows(100, "labels", 0.3)
    opt, net = ck.optim.Momentum(lr=0.1, momentum=0.9), ck.MLP([64, 32, 10])
    run = training(PLAIN)
    assert len([*run.grow()]) in (0, EPOCHS + 1)
    f = net.objective(x, y, "cross_entropy")
    g = net.objective(*ck.data.digits().validation, "cross_entropy")
    theta = net.init(rng=0)
    state, batches = opt.init(theta), ck.minibatches(100, 20, epochs=3, rng=0)
    for batch in batches:
        theta, state = opt.step(theta, state, f.batch(batch))
    np.testing.assert_array_equal(theta, run.thetas[3])
    assert (run.train[3], run.val[3]) == (float(f.value(theta)), float(g.value(theta)))


def test_policies_count_steps_of_this_training():
    for examples, epoch in ((100, 5), (30, 2)):
        of = {
            policy: few_digits.rate(PLAIN._replace(examples=examples, policy=policy))
            for policy in few_digits.POLICIES
        }
        assert of["constant"] == 0.1
        assert of["tenth at 40"](40 * epoch - 1) == 0.1
        assert of["tenth at 40"](40 * epoch) == pytest.approx(0.01)
        assert of["cosine"](EPOCHS * epoch) == pytest.approx(0, abs=1e-12)
        restarts = of["warm restarts"]
        assert restarts(20 * epoch) == 0.1 and restarts(20 * epoch - 1) < 0.005


def test_the_products_of_single_gradients():
    net, (x, y) = ck.MLP([64, 8, 10]), rows(20, "labels", 0.3)
    f, theta = net.objective(x, y, "cross_entropy"), net.init(rng=1)
    theta64 = theta.astype("float64")
    single = np.array([f.batch(np.array([i])).grad(theta64) for i in range(20)])
    K = gram(net, theta, x, y)
    np.testing.assert_allclose(K, single @ single.T, atol=1e-12 * K.max())


def test_norms_of_batches_and_what_they_are_expected_to_be(demo):
    result = seen(demo, "gradient norm", B=10, examples=60)
    run = training(PLAIN._replace(examples=60))
    epoch = 7
    theta = run.thetas[epoch].astype("float64")
    single = np.array([run.f.batch(np.array([i])).grad(theta) for i in range(60)])
    whole = single.mean(axis=0)
    assert result.full[epoch] == pytest.approx(np.linalg.norm(whole))
    batch = single[looked_at(60, epoch)[:10]].mean(axis=0)
    assert result.noisy[epoch] == pytest.approx(np.linalg.norm(batch))
    rng = np.random.default_rng(0)
    drawn = [single[rng.permutation(60)[:10]].mean(axis=0) for _ in range(3000)]
    mean_square = np.mean([g @ g for g in drawn])
    assert result.expected[epoch] ** 2 == pytest.approx(mean_square, rel=0.03)
    whole = seen(demo, "gradient norm", B=300, examples=60)
    np.testing.assert_allclose(whole.noisy, whole.full, rtol=1e-9)
    assert whole.B == 60 and not whole.floor.any()


def test_a_rule_is_that_of_fit():
    """The epochs at which `ck.fit` ends, and the one whose parameters it returns."""
    data, net = ck.data.digits(), ck.MLP([64, 16, 10])
    x, y = rows(60, "labels", 0.3)
    data = type(data)(data.name, (x, y), data.validation, data.test, 10)
    for settings in ({"patience": 2}, {"patience": 1, "every": 3}, {"patience": 4,
                     "min_delta": 0.05}):  # fmt: skip
        rule = ck.EarlyStopping(**settings, restore_best=True)
        history = ck.fit(net, data, ck.optim.Momentum(lr=0.1), epochs=60, stopping=rule,
                         progress=False)  # fmt: skip
        curve = [np.inf, *history.val_loss]
        assert stop(curve, rule) == (history.epochs, history.epoch, True)
    assert stop([2.0, 1.0, 0.9, 0.8], ck.EarlyStopping(1)) == (3, 3, False)
    assert stop([2.0], ck.EarlyStopping(1)) == (0, 0, False)


# --- the discoveries -----------------------------------------------------------------------------
def test_it_memorizes_and_stopping_saves_it(demo):
    r = seen(demo, "when to stop")
    y, given = ck.data.digits().train.y[:100], rows(100, "labels", 0.3)[1]
    run = training(PLAIN)
    said = run.net(run.thetas[-1], rows(100, "labels", 0.3)[0]).argmax(axis=1)
    assert (given != y).sum() == 25 and (said == given).all()  # every wrong label is learnt
    assert r.train[-1] < 0.02 and r.val[-1] > 2 * r.val.min()
    assert r.mine.stopped and r.mine.best == r.lowest < 12
    assert r.mine.accuracy > r.end + 0.05


def test_clean_digits_lose_nothing_by_going_on(demo):
    r = seen(demo, "when to stop", noise="none", patience=10)
    assert r.mine.stopped and r.val[-1] < 1.05 * r.val.min()
    assert r.end > r.mine.accuracy


def test_small_patience_is_fooled(demo):
    one, five = (seen(demo, "when to stop", patience=p).mine for p in (1, 5))
    assert one.epoch < five.best and one.accuracy < five.accuracy


def test_restarts_fool_a_patience_shorter_than_a_cycle(demo):
    """The step size sinks within 20 epochs, and jumps: the loss stands still, and then rises."""
    r = seen(demo, "when to stop", "restarts fool it")
    of = {rule.patience: rule for rule in r.others}
    assert r.mine.stopped and 20 < r.mine.epoch < 40 and r.val[21:26].max() > 1.5 * r.val[20]
    assert of[5].best < 20 and of[10].best < 20 and of[20].best > 40 and r.lowest > 40
    assert of[10].accuracy < of[20].accuracy


def test_rare_checks_and_min_delta_miss_the_best(demo):
    r = seen(demo, "when to stop", every=10, patience=2)
    assert r.mine.best % 10 == 0 and r.mine.epoch % 10 == 0 and r.mine.best != r.lowest
    slow = seen(demo, "when to stop", lr=0.003)
    strict = seen(demo, "when to stop", "slow is not stuck")
    assert strict.mine.epoch < 10 and not slow.mine.stopped and slow.mine.best == EPOCHS
    assert strict.mine.accuracy < 0.25 < 0.6 < slow.mine.accuracy


def test_small_steps_memorize_later_not_less(demo):
    slow, quick = (seen(demo, "when to stop", lr=lr) for lr in (0.01, 0.1))
    assert slow.lowest > 5 * quick.lowest
    assert slow.val.min() == pytest.approx(quick.val.min(), rel=0.1)


def test_the_noisy_norm_has_a_floor_and_no_norm_finds_the_best(demo):
    r = seen(demo, "gradient norm", "norm has a floor")
    assert (r.floor > r.full)[1:].mean() > 0.95 and r.expected[-1] > 3 * r.full[-1]
    assert min(e for e in r.stops) > r.lowest  # both rules end in the middle of memorizing
    assert r.accuracies[2] > max(r.accuracies[:2])
    small, large = (seen(demo, "gradient norm", B=B).floor[20] for B in (1, 50))
    assert large < small / np.sqrt(50)


def test_a_network_that_fits_every_digit_has_no_floor(demo):
    wide = seen(demo, "gradient norm", noise="none", width=128)
    assert wide.floor[-1] < 0.1 * wide.floor[1]


def test_wide_networks_agree(demo):
    wide, narrow = (seen(demo, "many seeds", width=w, runs=5, examples=60) for w in (64, 4))

    def spread(result, column):
        values = np.log(result.losses[:, column])
        return values.max() - values.min()

    assert spread(wide, 0) < 0.5 * spread(narrow, 0)
    assert spread(wide, 1) < spread(narrow, 1)
    assert wide.helped >= 4


def test_a_loss_that_explodes_is_said_to(demo):
    r = seen(demo, "when to stop", lr=1.0, noise="pixels", amount=1.0, width=128, patience=40)
    assert sound(r) and (r.given_up == ("explodes" in demo.status(r)))


def test_what_only_looks_at_a_training_does_not_train_again(demo):
    seen(demo, "when to stop")
    run, trained = training(PLAIN), training.cache_info().misses
    seen(demo, "when to stop", patience=20, every=3, min_delta=0.1)
    seen(demo, "gradient norm", B=50, tolerance=1.0)
    assert training(PLAIN) is run and training.cache_info().misses == trained


def test_dragging_the_tolerance(demo):
    demo.set(view="gradient norm")
    demo.wait()
    demo._picture(demo.compute(**demo.values))
    x0, y0, x1, y1 = demo.canvas.areas[0].box
    demo.point(0, (x0 + x1) / 2, (2 * y0 + y1) / 3)
    assert demo.values["tolerance"] > 0.3
    demo.reset()


@pytest.mark.parametrize("view", ["when to stop", "gradient norm"])
def test_no_control_has_axes_drawn_again(demo, view):
    demo._picture(demo.compute(view=view))
    drawn = demo.canvas.backgrounds
    for values in ({"amount": 0.9}, {"examples": 20}, {"noise": "pixels"}, {"width": 2}):
        demo._picture(demo.compute(view=view, **values), fine=False)
    assert demo.canvas.backgrounds == drawn
