"""Update rules once more, for one number at a time: what the tests of a family share.

A rule is a generator: it is given a gradient and yields the number after the step. It may remember
all gradients, so that a running mean can be written as the sum that it is.
"""

import numpy as np


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
