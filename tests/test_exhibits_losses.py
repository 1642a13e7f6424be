"""Exhibits of losses fail the way they are said to, and the right versions do not."""

import numpy as np
import pytest

import coursekit as ck
from coursekit.exhibits import E01, E21, E45, E46, E47, E48, E58
from coursekit.exhibits.losses import library_kl_div, printed_binary_cross_entropy


def test_e01_both_classes_want_to_be_0():
    numbers = E01.numbers()
    assert numbers["best p for y=0, as printed"] == numbers["best p for y=1, as printed"] == 0.001
    assert numbers["class 1 decided rightly, as printed"] == 0
    assert numbers["decided rightly, as printed"] < 0.5 < numbers["decided rightly"] == 1
    z, y = np.array([0.3, -1.2, 2.0]), np.array([0, 1, 1])
    p = 1 / (1 + np.exp(-z))
    printed = y * np.log(p) - (1 - y) * np.log(1 - p)
    np.testing.assert_allclose(printed_binary_cross_entropy(z, y), printed, rtol=1e-14)
    says, right = E01.run(steps=400)
    assert says.values[-1] < -50 and says.values[-1] < says.values[-2]  # there is no end to it
    assert 0 < right.values[-1] < 0.01


def test_e21_zero_labels_do_give_updates():
    numbers = E21.numbers()
    assert numbers["derivative for a wrong class, y=0"] == pytest.approx(1 / 3, rel=1e-12)
    for label, smoothing in ((0, 0.0), (2, 0.3)):  # softmax - y, for every class
        f = ck.Objective(
            lambda z, c=label, a=smoothing: ck.losses.cross_entropy(z[None], np.array([c]), a)
        )
        z = np.array([0.5, -1.0, 2.0])
        p = np.exp(z) / np.exp(z).sum()
        y = (1 - smoothing) * np.eye(3)[label] + smoothing / 3
        np.testing.assert_allclose(f.grad(z), p - y, rtol=1e-12)
    one = [numbers[f"length of the logits, one-hot, after {k}"] for k in (200, 400)]
    smooth = [numbers[f"smoothed, after {k}"] for k in (200, 400)]
    # Twice the steps, log 2 more in (z_0 - z_1): sqrt(2/3) log 2 in length.
    assert one[1] - one[0] == pytest.approx(np.sqrt(2 / 3) * np.log(2), rel=0.05)
    gap = np.log((1 - 0.2 / 3) / (0.1 / 3))  # where softmax is the smoothed label
    assert smooth == pytest.approx([np.sqrt(2 / 3) * gap] * 2, rel=1e-6)
    assert numbers["eps = smoothing / 3, difference"] < 1e-15


def test_e45_two_softmaxes_have_a_floor():
    numbers = E45.numbers()
    floor = numbers["least loss it can have"]
    assert floor == pytest.approx(0.5514, abs=1e-4)
    assert floor < numbers["loss with softmax twice"] < floor + 1e-3
    assert numbers["loss with softmax once"] < 1e-3
    says, _ = E45.run(classes=10, steps=100)
    assert says.value > np.log(np.e + 9) - 1  # for ten classes 1.46


def test_e46_the_mean_divides_by_the_outputs():
    numbers = E46.numbers()
    for outputs in (1, 10, 100):
        ratio = numbers[f"ratio of gradients, {outputs} outputs"]
        assert ratio == pytest.approx(outputs, rel=1e-12)
    assert numbers["left of the loss after 50 steps, sum"] == pytest.approx(0.8**100, rel=1e-6)
    assert numbers["left of the loss after 50 steps, mean"] == pytest.approx(0.98**100, rel=1e-6)


def test_e47_arguments_in_the_wrong_order():
    numbers = E47.numbers()
    p, q = np.array([0.5, 0.3, 0.2]), np.array([0.3, 0.3, 0.4])
    assert numbers["KLDivLoss(p, q)"] == pytest.approx(np.sum(q * (np.log(q) - p)), rel=1e-12)
    assert numbers["KLDivLoss(p, q)"] < -1.4
    right = np.sum(p * np.log(p / q))
    assert numbers["KLDivLoss(log q, p)"] == pytest.approx(right, rel=1e-12)
    assert numbers["divergence"] == pytest.approx(right, rel=1e-12)
    assert abs(numbers["the other way round"] - right) > 1e-3


@pytest.mark.peers
def test_e47_and_e45_are_what_pytorch_does():
    torch = pytest.importorskip("torch")
    F = torch.nn.functional
    p, q = np.array([[0.5, 0.3, 0.2]]), np.array([[0.3, 0.3, 0.4]])
    for first, second in ((p, q), (np.log(q), p)):
        theirs = F.kl_div(torch.tensor(first), torch.tensor(second), reduction="batchmean")
        assert library_kl_div(first, second) == pytest.approx(float(theirs), rel=1e-12)
    z = torch.tensor(np.eye(3) * 50)
    twice = F.cross_entropy(torch.softmax(z, 1), torch.arange(3))
    assert float(twice) == pytest.approx(E45.numbers()["least loss it can have"], rel=1e-12)


def test_e48_labels_of_the_other_kind():
    numbers = E48.numbers()
    assert numbers["decided rightly, hinge with 0 and 1"] == 0.5  # all of them class 1
    assert numbers["decided rightly, hinge with -1 and +1"] == 1
    half, near = (numbers[f"cross-entropy of y=-1 at p={p}"] for p in (0.5, 0.001))
    assert half == pytest.approx(np.log(2), rel=1e-12)
    assert near == pytest.approx(np.log(0.001) - 2 * np.log(0.999), rel=1e-12) and near < 0


def test_e58_the_sigmoid_in_two_roles():
    numbers = E58.numbers()
    assert numbers["let through at z = -10, hidden"] == pytest.approx(1 / (2 + 2 * np.cosh(10)))
    assert numbers["gradient at z = -10, output, label 1"] == pytest.approx(1 / (1 + np.exp(-10)))
    assert numbers["first layer / last, ten hidden sigmoids"] < 1e-5
    assert numbers["first layer / last, ten ReLUs, sigmoid at the output"] > 0.01
    hidden, output = E58.run()
    assert hidden.max() == 0.25 and output[0] > 0.9999 and output[-1] < 1e-4
