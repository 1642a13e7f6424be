"""A small network learns to read digits; what is known of it is told every now and then."""

import functools
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from ... import data, networks, optim
from ...backend import backend_name, to_host
from ...sampling import minibatches
from ..worker import Pace

GUESSING = float(np.log(10))  # the loss of giving every digit probability 1/10
TOO_LARGE = 100.0  # a batch loss at which a training is given up


class Result(NamedTuple):
    """A training so far."""

    batch_loss: np.ndarray  # (steps,) the loss of each batch before its step
    marks: np.ndarray  # (m,) the epochs at which the next two were measured: 0, 0.5, ...
    train_loss: np.ndarray  # (m,) on all training digits
    val_loss: np.ndarray  # (m,) on the validation digits
    read: np.ndarray  # (400,) what the network takes the test digits for
    steps_per_epoch: int
    epochs: int  # asked for
    given_up: bool  # because the loss of a batch was too large: it had no step any more
    done: bool

    @property
    def steps(self) -> int:
        return len(self.batch_loss) - self.given_up

    @property
    def accuracy(self) -> float:
        return float(np.mean(self.read == to_host(digits().test.y)))

    @property
    def useless(self) -> bool:
        """Whether it ends where it might have begun."""
        return self.done and not self.given_up and self.train_loss[-1] > 0.98 * GUESSING


def learn(
    opt: optim.Optimizer,
    *,
    batch_size: int,
    width: int,
    activation: str,
    init: str,
    epochs: int,
    seed: int,
) -> Iterator[Result]:
    """Train from the start; yields what there is about every 25 ms, and at the end."""
    train, validation, test = digits().train, digits().validation, digits().test
    net = networks.MLP([64, width, 10], activation=activation)
    theta = net.init(init, rng=seed)
    f = net.objective(train.x, train.y, loss="cross_entropy")
    g = net.objective(validation.x, validation.y, loss="cross_entropy")
    state = opt.init(theta)

    per_epoch = -(-len(train.y) // batch_size)
    losses: list[float] = []
    marks: list[tuple[float, float, float]] = []
    given_up = False

    def measure() -> None:
        epoch = len(losses) / per_epoch
        marks.append((epoch, float(f.value(theta)), float(g.value(theta))))

    def due() -> bool:  # after every half epoch
        return int(2 * len(losses) / per_epoch) > int(2 * marks[-1][0] + 1e-9)

    def so_far(done: bool) -> Result:
        read = np.argmax(to_host(net(theta, test.x)), axis=1)
        at, on_train, on_val = np.array(marks).T
        known = np.array(losses), at, on_train, on_val, read
        return Result(*known, per_epoch, epochs, given_up, done)

    measure()
    pace = Pace()
    with np.errstate(over="ignore", invalid="ignore"):  # a loss may overflow
        for rows in minibatches(len(train.y), batch_size, epochs=epochs, rng=seed):
            batch = f.batch(rows)
            new, state = opt.step(theta, state, batch)
            losses.append(float(batch.last_value))
            if not losses[-1] < TOO_LARGE:
                given_up = True
                measure()
                break
            theta = new
            if due():
                measure()
            if pace.due():
                yield so_far(False)
        yield so_far(True)


# --- the digits ----------------------------------------------------------------------------------
def digits() -> Any:
    """The digits on the backend in use; loaded once for each."""
    return _digits_on(backend_name())


@functools.cache
def _digits_on(backend: str) -> Any:
    return data.digits()


@functools.cache
def nearest_mean() -> float:
    """What needs no training: the test accuracy of choosing the class whose mean is nearest."""
    x, y = (to_host(a) for a in digits().train)
    means = np.stack([x[y == c].mean(axis=0) for c in range(10)])
    x, y = (to_host(a) for a in digits().test)
    distances = ((x[:, None] - means) ** 2).sum(axis=-1)
    return float(np.mean(np.argmin(distances, axis=1) == y))
