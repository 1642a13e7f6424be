"""What a training asks of the device, counted exactly."""

import collections
import os

import numpy as np
import pytest

import coursekit as ck
from coursekit.backend import using
from tests.gpu.both import counted

pytestmark = [
    pytest.mark.cupy,
    pytest.mark.skipif(
        not os.environ.get("COURSEKIT_ON_RIG"),
        reason="only the stand-in counts what is asked of it",
    ),
]

# The launches of one Adam step on 64-128-10 with 64 rows, float32, and what each is for.
LAUNCHES = {
    "cupy_take": (2, "the rows of x, the rows of the encoded labels"),
    "gemmEx": (7, "x W twice; two dW, one dx; two sums over rows for db"),
    "cupy_add__float32_float32_float32": (2, "b twice"),
    "cupy_maximum__float32_float_float32": (1, "relu"),
    "cupy_max": (1, "the largest logit of each row"),
    "cupy_subtract__float32_float32_float32": (3, "logits - largest, - log of the sum; p - t"),
    "cupy_exp__float32_float32": (1, "softmax"),
    "cupy_sum": (2, "softmax; sum of t log p"),
    "cupy_log__float32_float32": (1, "log of the sum"),
    "_tensordot_core_mul_sum": (1, "t log p"),
    "cupy_true_divide__float32_float_float32": (2, "means over the rows: value and gradient"),
    "cupy_true_divide__float32_float32_float32": (1, "softmax"),
    "cupy_multiply__float32_float32_float32": (1, "the slope from above"),
    "cupy_greater__float32_float_bool": (1, "where relu lets through"),
    "cupy_multiply__float32_bool_float32": (1, "and only there"),
    "cupy_fill": (1, "the slope 1 at the loss"),
    "cupy_copy__float32_float32": (6, "W, b, W, b into one gradient; two transposed factors"),
    "coursekit_Adam": (1, "the update, whole"),
}


def problem(layers=(64, 128, 10), n=256):
    net = ck.MLP(list(layers))
    rng = np.random.default_rng(0)
    x = ck.to_device(rng.random((n, layers[0])).astype("float32"))
    y = ck.to_device(rng.integers(layers[-1], size=n))
    return net, (x, y), net.init(rng=0)


def test_a_training_step():
    with using("cupy"):
        net, data, theta = problem()
        f, opt, rows = net.objective(*data, "cross_entropy"), ck.optim.Adam(), np.arange(64)
        state, rows = opt.init(theta), ck.to_device(rows)
        for _ in range(2):  # the first meets kernels for the first time
            with counted() as asked:
                theta, state = opt.step(theta, state, f.batch(rows))
    counts, events = asked
    most = {name: count for name, (count, _) in LAUNCHES.items()}
    kernels = collections.Counter(event for event in events if event in most or "cupy" in event)
    assert {n: c for n, c in kernels.items() if c > most.get(n, 0)} == {}
    assert counts.launches <= sum(most.values()) == 35
    assert (counts.to_device, counts.to_host, counts.waits) == (0, 0, 0)


def test_an_epoch_of_fit():
    """Each further epoch: its rows cross once, its losses come back once, whatever its length."""
    found = []
    with using("cupy"):
        for batches in (4, 8):
            net, data, theta = problem(n=64 * batches)
            epochs = []
            with counted() as asked:

                def count(history, asked=asked, epochs=epochs):
                    from tests.gpu_rig import cupy_on_cpu as rig

                    epochs.append(rig.counts())

                ck.fit(net, data, ck.optim.Adam(), theta=theta, epochs=4, batch_size=64,
                       progress=False, callbacks=count)  # fmt: skip
            last = [b - a for a, b in zip(epochs[-2], epochs[-1], strict=True)]
            found.append(dict(zip(epochs[0]._fields, last, strict=True)))
    few, many = found
    for name in ("to_device", "to_host", "waits"):
        assert few[name] == many[name], found
    assert few["to_device"] == 1 and few["to_host"] <= 3, found
