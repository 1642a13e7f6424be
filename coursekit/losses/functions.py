"""Losses as functions that check what they are given: for trying things out.

Unless it says otherwise, each is a mean over all elements, as PyTorch's are by default.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from types import FunctionType

import numpy as np

from .. import backend
from ..autograd.trace import shape_of
from ..registry import lookup
from .classification import (
    BinaryCrossEntropy,
    CrossEntropy,
    Hinge,
    MultiMargin,
    Perceptron,
    SquaredHinge,
)
from .loss import Custom, Loss
from .regression import L1, Huber, MeanSquaredError


def cross_entropy(logits, labels, smoothing=0.0):
    """-sum_i t_i log softmax(logits)_i, averaged over the batch.

    logits (batch, K) before any softmax, -inf for a class that is left out; labels integers
    (batch,) or probabilities (batch, K).
    t = (1 - smoothing) labels + smoothing / K (Szegedy et al. 2016), as PyTorch's label_smoothing:
    eps = smoothing / K for each wrong class and 1 - (K - 1) eps for the right one.

    >>> import numpy as np, coursekit as ck
    >>> bool(ck.losses.cross_entropy(np.zeros((2, 10)), np.array([3, 7])) == np.log(10))
    True
    """
    return CrossEntropy(smoothing)(logits, labels)


def binary_cross_entropy(logits, y):
    """-y log p - (1 - y) log(1 - p) with p = sigmoid(logits), averaged over all elements.

    logits (batch,) or (batch, outputs); y of the same shape in [0, 1].

    >>> import numpy as np, coursekit as ck
    >>> ck.losses.binary_cross_entropy(np.array([1000.0, -1000.0]), np.array([1, 1])).item()
    500.0
    """
    return BinaryCrossEntropy()(logits, y)


def mse(predictions, targets):
    """(predictions - targets)^2, averaged over all elements, as PyTorch's MSELoss.

    The squared norm per example is this times the number of outputs.

    >>> import numpy as np, coursekit as ck
    >>> ck.losses.mse(np.array([[3.0, 4.0]]), np.array([[0.0, 0.0]])).item()
    12.5
    """
    return MeanSquaredError()(predictions, targets)


def l1(predictions, targets):
    """|predictions - targets|, averaged over all elements; the derivative of |0| is 0.

    >>> import numpy as np, coursekit as ck
    >>> ck.losses.l1(np.array([3.0, 4.0]), np.array([0.0, 0.0])).item()
    3.5
    """
    return L1()(predictions, targets)


def huber(predictions, targets, delta=1.0):
    """d^2 / 2 where |d| <= delta, else delta (|d| - delta / 2) (Huber 1964).

    d = predictions - targets; averaged over all elements.

    >>> import numpy as np, coursekit as ck
    >>> ck.losses.huber(np.array([0.5, 4.0]), np.array([0.0, 0.0])).item()
    1.8125
    """
    return Huber(delta)(predictions, targets)


def hinge(logits, labels):
    """max(0, 1 - labels logits), averaged over all elements; labels are -1 and +1.

    A linear classifier that minimises it together with the squared norm of its weights is a support
    vector machine (Cortes and Vapnik 1995). The derivative at the kink is 0.

    >>> import numpy as np, coursekit as ck
    >>> ck.losses.hinge(np.array([2.0, 0.5, -1.0]), np.array([1, 1, 1])).item()
    0.8333333333333334
    """
    return Hinge()(logits, labels)


def squared_hinge(logits, labels):
    """max(0, 1 - labels logits)^2, averaged over all elements; labels are -1 and +1.

    Smooth where `hinge` has its kink, but a far outlier weighs more.

    >>> import numpy as np, coursekit as ck
    >>> ck.losses.squared_hinge(np.array([2.0, 0.5, -1.0]), np.array([1, 1, 1])).item()
    1.4166666666666667
    """
    return SquaredHinge()(logits, labels)


def perceptron(logits, labels):
    """max(0, -labels logits), averaged over all elements; labels are -1 and +1.

    Its subgradient steps, one row at a time, are the perceptron's corrections (Rosenblatt 1958). At
    the kink the derivative is -labels, a correction, so that a start at 0 is left.

    >>> import numpy as np, coursekit as ck
    >>> ck.losses.perceptron(np.array([2.0, 0.5, -1.5]), np.array([1, 1, 1])).item()
    0.5
    """
    return Perceptron()(logits, labels)


def multi_margin(logits, labels, p=1, margin=1.0):
    """sum over j != y of max(0, margin - logits_y + logits_j)^p / K, averaged over the batch.

    The hinge of K classes (Weston and Watkins 1999), divided by K as PyTorch's multi_margin_loss.
    logits (batch, K), labels integers (batch,), p 1 or 2. The derivative at the kink is 0.

    >>> import numpy as np, coursekit as ck
    >>> ck.losses.multi_margin(np.array([[0.0, 0.5]]), np.array([1])).item()
    0.25
    """
    return MultiMargin(p, margin)(logits, labels)


def accuracy(logits, labels):
    """The fraction of rows decided rightly.

    logits (batch, classes), decided for the largest; labels integers (batch,) or probabilities.
    Or logits (batch,) or (batch, 1), decided by their sign; labels {0, 1} or {-1, +1}.

    >>> import numpy as np, coursekit as ck
    >>> ck.losses.accuracy(np.array([[2.0, 1.0], [0.0, 3.0]]), np.array([0, 0])).item()
    0.5
    """
    if len(shape_of(logits)) == 2 and shape_of(logits)[1] > 1:
        loss: Loss = CrossEntropy()
    else:
        loss = Hinge() if np.any(backend.to_host(labels) < 0) else BinaryCrossEntropy()
    return loss.accuracy(loss.prepare(logits, labels)[0], labels)


def zero_one(logits, labels):
    """1 - accuracy: what one would like to minimise, were its derivative not zero.

    >>> import numpy as np, coursekit as ck
    >>> ck.losses.zero_one(np.array([2.0, -0.1]), np.array([1, 1])).item()
    0.5
    """
    return 1 - accuracy(logits, labels)


# --- by name
def get(loss: str | Loss | Callable, **parameters) -> Loss:
    """The `Loss` of that name, with its parameters; a Loss passes as it is.

    A function of this module stands for its Loss, and so does functools.partial of one with its
    parameters. Any other function (outputs, y) -> number becomes a `Custom` loss.

    >>> import coursekit as ck
    >>> ck.losses.get("cross_entropy", smoothing=0.1)
    CrossEntropy(smoothing=0.1)
    """
    if isinstance(loss, Loss):
        return replace(loss, **parameters) if parameters else loss
    if isinstance(loss, partial) and not loss.args and isinstance(loss.func, FunctionType):
        return get(loss.func, **loss.keywords | parameters)
    if isinstance(loss, FunctionType) and loss in _OF_FUNCTION:
        return _OF_FUNCTION[loss](**parameters)
    found = lookup(_BY_NAME, loss, "loss")
    if isinstance(found, type):
        return found(**parameters)
    return Custom(partial(found, **parameters) if parameters else found)


def names() -> tuple[str, ...]:
    """The names that `get` knows.

    >>> import coursekit as ck
    >>> ck.losses.names()
    ('cross_entropy', 'binary_cross_entropy', 'mse', 'l1', 'huber', 'hinge', 'squared_hinge',
     'perceptron', 'multi_margin')
    """
    return tuple(_BY_NAME)


_OF_FUNCTION: dict[Callable, type[Loss]] = {
    cross_entropy: CrossEntropy,
    binary_cross_entropy: BinaryCrossEntropy,
    mse: MeanSquaredError,
    l1: L1,
    huber: Huber,
    hinge: Hinge,
    squared_hinge: SquaredHinge,
    perceptron: Perceptron,
    multi_margin: MultiMargin,
}
_BY_NAME: dict[str, type[Loss]] = {kind.name: kind for kind in _OF_FUNCTION.values()}
