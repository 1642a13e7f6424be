"""A network trained on few real digits, some of them spoilt: it learns, and then it memorizes.

The settings of a training are a `Problem`; what it went through is kept, epoch by epoch, so that
whoever only looks at a training in another way does not train again.
"""

import functools
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from ... import autograd, data, losses, optim
from ...layers import Affine, Run
from ...networks import MLP
from ...optim import schedules
from ...sampling import minibatches

EPOCHS = 80
BATCH = 20
EXAMPLES = (20, 40, 60, 100, 150, 200, 300)
MOST = EXAMPLES[-1]
LOST = 1e6  # a loss at which a training is given up
WIDTHS = (2, 4, 8, 16, 32, 64, 128)
NOISE = ("none", "labels", "pixels")
POLICIES = ("constant", "tenth at 40", "cosine", "warm restarts")
FIELDS = ("examples", "noise", "amount", "width", "policy", "lr", "seed")


class Problem(NamedTuple):
    """What a training depends on."""

    examples: int
    noise: str
    amount: float
    width: int
    policy: str
    lr: float
    seed: int


def problem(values: Mapping[str, Any], **changes: Any) -> Problem:
    """The problem that these values set; without noise its amount does not matter."""
    found = Problem(*(changes.get(name, values[name]) for name in FIELDS))
    return found._replace(amount=0.0) if found.noise == "none" else found


@functools.cache
def digits() -> Any:
    return data.digits()


@functools.lru_cache(16)
def rows(examples: int, noise: str, amount: float) -> tuple[np.ndarray, np.ndarray]:
    """The digits to train on. More noise spoils the same digits further, and further digits."""
    x, y = digits().train
    x, y = x[:examples], y[:examples]
    rng = np.random.default_rng(0)
    if noise == "labels":
        drawn, other = rng.random(MOST)[:examples], rng.integers(1, 10, MOST)[:examples]
        y = np.where(drawn < amount, (y + other) % 10, y)
    elif noise == "pixels":
        x = x + np.float32(amount) * rng.standard_normal((MOST, 64)).astype("float32")[:examples]
    return x, y


def rate(p: Problem) -> Any:
    """The learning rate as the policy has it: a number, or a schedule that counts steps."""
    epoch = -(-p.examples // BATCH)
    return {
        "constant": p.lr,
        "tenth at 40": schedules.Staircase(p.lr, 10.0, 40 * epoch),
        "cosine": schedules.Cosine(p.lr, EPOCHS * epoch),
        "warm restarts": schedules.WarmRestarts(p.lr, 20 * epoch),
    }[p.policy]


class Training:
    """One training, as far as it has come: lists with one entry for the start and each epoch."""

    def __init__(self, p: Problem):
        self.rows = x, y = rows(p.examples, p.noise, p.amount)
        self.problem, self.net = p, MLP([64, p.width, 10])
        self.f = self.net.objective(x, y, "cross_entropy")
        x, y = digits().validation
        self.g = self.net.objective(x, y, "cross_entropy")
        self.thetas: list[np.ndarray] = []
        self.train: list[float] = []
        self.val: list[float] = []
        self.batch_norms: list[np.ndarray] = []  # (n,) each: of the first 1, 2, ..., n rows
        self.spreads: list[float] = []  # the trace of the covariance of single gradients
        self.given_up = False
        self._tests: dict[int, float] = {}
        self._work = self._train()

    @property
    def done(self) -> bool:
        return self.given_up or len(self.thetas) > EPOCHS

    def grow(self) -> Iterator[None]:
        """Train on, an epoch at a time, until it is done."""
        while not self.done:
            next(self._work, None)
            yield

    def test(self, epoch: int) -> float:
        """The share of the test digits that it reads rightly after that epoch."""
        if epoch not in self._tests:
            x, y = digits().test
            right = self.net(self.thetas[epoch], x).argmax(axis=1) == y
            self._tests[epoch] = float(np.mean(right))
        return self._tests[epoch]

    def _train(self) -> Iterator[None]:
        p, f = self.problem, self.f
        theta, opt = self.net.init(rng=p.seed), optim.Momentum(rate(p), momentum=0.9)
        state, n = opt.init(theta), p.examples
        self._keep(theta)
        yield
        steps = -(-n // BATCH)
        batches = minibatches(n, BATCH, epochs=EPOCHS, rng=p.seed)
        while not self.done:
            with np.errstate(over="ignore", invalid="ignore"):
                for _ in range(steps):
                    theta, state = opt.step(theta, state, f.batch(next(batches)))
                self._keep(theta)
            yield

    def _keep(self, theta) -> None:
        train, val = float(self.f.value(theta)), float(self.g.value(theta))
        if not train + val <= LOST:
            self.given_up = True
            return
        self.train.append(train)
        self.val.append(val)
        self.thetas.append(theta)

    # --- gradients of single digits ---------------------------------------------------------------
    def measure(self) -> Iterator[None]:
        """Train on and look at the gradients, an epoch at a time, until `batch_norms` are known."""
        while not self.done or len(self.batch_norms) < len(self.thetas):
            if len(self.batch_norms) == len(self.thetas):
                next(self._work, None)
            if len(self.batch_norms) < len(self.thetas):
                self._measure(len(self.batch_norms))
            yield

    def _measure(self, epoch: int) -> None:
        K, n = gram(self.net, self.thetas[epoch], *self.rows), self.problem.examples
        mixed = looked_at(n, epoch)
        sums = K[np.ix_(mixed, mixed)].cumsum(axis=0).cumsum(axis=1).diagonal()
        self.batch_norms.append(np.sqrt(np.maximum(sums, 0)) / np.arange(1, n + 1))
        self.spreads.append(float(max(K.trace() - K.sum() / n, 0) / (n - 1)))


@functools.lru_cache(12)
def training(p: Problem) -> Training:
    """The training of that problem, begun or finished."""
    return Training(p)


def looked_at(n: int, epoch: int) -> np.ndarray:
    """The rows in an order drawn for that epoch: its first B are the minibatch looked at."""
    return np.random.default_rng([7, epoch]).permutation(n)


def gram(net: Any, theta: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """(n, n): the inner products of the gradients of the single rows' losses, in float64.

    The gradient of a row's loss by a matrix is the outer product of what enters the layer and of
    the slope by what leaves it; so the products of two gradients are products of products, and
    nobody needs the gradients themselves. The mean over the rows and columns of a batch is the
    squared norm of its gradient.
    """
    theta, x = theta.astype("float64"), x.astype("float64")
    loss = losses.get("cross_entropy")
    t = loss.encode(y, net.outputs, theta.dtype)
    layers = [layer for layer in net.layers if isinstance(layer, Affine)]
    zeros = [np.zeros((len(x), layer.shape[1])) for layer in layers]

    def outputs(*taps):
        run = Run(taps=taps)
        return net.forward(theta, x, run), run.inputs

    logits, pull, inputs = autograd.vjp(outputs, *zeros, has_aux=True)
    slopes = pull(len(x) * autograd.grad(loss.function)(logits, t))
    return sum((a @ a.T + 1) * (d @ d.T) for a, d in zip(inputs, slopes, strict=True))


def script(p: Problem) -> str:
    """The lines of a plain script that make the data, the network and the optimizer."""
    spoil = {
        "none": "",
        "labels": f"""
rng = np.random.default_rng(0)
drawn, other = rng.random({MOST})[:n], rng.integers(1, 10, {MOST})[:n]
y = np.where(drawn < {p.amount!r}, (y + other) % 10, y)""",
        "pixels": f"""
noise = np.random.default_rng(0).standard_normal(({MOST}, 64)).astype("float32")[:n]
x = x + np.float32({p.amount!r}) * noise""",
    }[p.noise]
    lr, epoch = repr(p.lr), -(-p.examples // BATCH)
    lr = {
        "constant": lr,
        "tenth at 40": f"ck.schedules.Staircase({lr}, 10.0, {40 * epoch})",
        "cosine": f"ck.schedules.Cosine({lr}, {EPOCHS * epoch})",
        "warm restarts": f"ck.schedules.WarmRestarts({lr}, {20 * epoch})",
    }[p.policy]
    return f"""\
import numpy as np
import coursekit as ck

n, digits = {p.examples}, ck.data.digits()
x, y = (part[:n] for part in digits.train){spoil}
net = ck.MLP([64, {p.width}, 10])
f = net.objective(x, y, "cross_entropy")
g = net.objective(*digits.validation, "cross_entropy")
opt = ck.optim.Momentum({lr}, momentum=0.9)


def training(seed):
    theta = net.init(rng=seed)
    state = opt.init(theta)
    batches = list(ck.minibatches(n, {BATCH}, epochs={EPOCHS}, rng=seed))
    for epoch in range({EPOCHS} + 1):
        train, val = float(f.value(theta)), float(g.value(theta))
        if not train + val <= {LOST!r}:
            return  # given up
        yield theta, train, val
        for rows in batches[{epoch} * epoch : {epoch} * (epoch + 1)]:
            theta, state = opt.step(theta, state, f.batch(rows))


def accuracy(theta):
    return np.mean(net(theta, digits.test.x).argmax(axis=1) == digits.test.y)


"""
