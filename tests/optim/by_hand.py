"""Update rules once more, for one number at a time: what the tests of a family share.

A rule is a generator: it is given a gradient and yields the number after the step. It may remember
all gradients, so that a running mean can be written as the sum that it is.
"""

import numpy as np

from tests.optim.cases import bowl, network, run

START = np.array([1.0, -2.0, 0.5, 3.0])


def faded(values, beta):
    """The running mean m <- beta m + (1 - beta) value, from m = 0, as one sum."""
    last = len(values) - 1
    return sum((1 - beta) * beta ** (last - i) * value for i, value in enumerate(values))


def walk(rule, opt, params, gradients, steps):
    """The arrays after each step of a rule that is applied to each number of each array."""
    numbers = [[rule(opt, float(x)) for x in p.flat] for p in params]
    for each in numbers:
        for number in each:
            next(number)
    path = [params]
    for _ in range(steps):
        params = [
            np.reshape([x.send(float(d)) for x, d in zip(each, g.flat, strict=True)], g.shape)
            for each, g in zip(numbers, gradients(params), strict=True)
        ]
        path.append(params)
    return path


class Given:
    """A loss of which only the gradient is known, one for each step."""

    def __init__(self, gradients):
        self.gradients = iter(gradients)

    def grad(self, theta):
        return np.broadcast_to(np.asarray(next(self.gradients), float), theta.shape).copy()


def check_on_problems(opt, rule):
    """The optimizer takes the steps of the rule on a network of several arrays and on a bowl."""
    f, theta, layout = network()
    gradients = lambda params: layout.unpack(f.grad(layout.pack(params)))  # noqa: E731
    right = walk(rule, opt, layout.unpack(theta), gradients, 8)
    path, _ = run(opt, f, theta, 8)
    np.testing.assert_allclose(path, [layout.pack(params) for params in right], rtol=1e-11)

    right = walk(rule, opt, [START], lambda x: [bowl().grad(x[0])], 12)
    path, _ = run(opt, bowl(), START, 12)
    np.testing.assert_allclose(path, [x for (x,) in right], rtol=1e-12, atol=1e-14)


def check_on_gradients(opt, rule):
    """The same for gradients of four sizes, each 0 at every other step or so."""
    rng = np.random.default_rng(0)
    slopes = rng.normal(size=(20, 4)) * (rng.random((20, 4)) < 0.5) * 10.0 ** np.arange(-2, 2)
    each = iter(slopes)
    right = walk(rule, opt, [START], lambda _: [next(each)], 20)
    path, _ = run(opt, Given(slopes), START, 20)
    np.testing.assert_allclose(path, [x for (x,) in right], rtol=1e-12)
