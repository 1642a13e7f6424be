"""What is made of logits: probabilities and their logarithms, and what people make instead."""

import numpy as np


def hot(z, labels):
    return np.eye(z.shape[1])[labels]


def right_ones(a, labels):
    """From each row the entry of its label."""
    return a[np.arange(len(labels)), labels]


def plain(z, axis=1):
    e = np.exp(z)
    return e / e.sum(axis=axis, keepdims=True)


def softmax(z, axis=1):
    return plain(z - z.max(axis=axis, keepdims=True), axis)


def log_softmax(z):
    z = z - z.max(axis=1, keepdims=True)
    return z - np.log(np.exp(z).sum(axis=1, keepdims=True))


def all_shifted(z):
    return unshifted(z - z.max())


def unshifted(z):
    return z - np.log(np.exp(z).sum(axis=1, keepdims=True))


def of_batch(z):
    """The logarithm of one softmax over the whole batch."""
    return z - z.max() - np.log(np.exp(z - z.max()).sum())


def mean_shifted(z):
    return unshifted(z - z.mean(axis=1, keepdims=True))


def half_shifted(z):
    return z - np.log(np.exp(z - z.max(axis=1, keepdims=True)).sum(axis=1, keepdims=True))


def one_softmax_axis(z):
    """Shifted by rows, divided by the sums of the columns."""
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return np.log(e / e.sum(axis=0))


def one_sum(z):
    """Shifted by rows, divided by the sum of the batch."""
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return np.log(e / e.sum())


def no_exponentials(z):
    return np.log(z / z.sum(axis=1, keepdims=True))


def exponentials_below(z):
    z = z - z.max(axis=1, keepdims=True)
    return np.log(z / np.exp(z).sum(axis=1, keepdims=True))


def log_before_sum(z):
    z = z - z.max(axis=1, keepdims=True)
    return z - np.log(np.exp(z)).sum(axis=1, keepdims=True)


def no_log_of_sum(z):
    z = z - z.max(axis=1, keepdims=True)
    return z - np.exp(z).sum(axis=1, keepdims=True)


def ratio_of_logs(z):
    z = z - z.max(axis=1, keepdims=True)
    return z / np.log(np.exp(z).sum(axis=1, keepdims=True))


def sum_added(z):
    z = z - z.max(axis=1, keepdims=True)
    return z + np.log(np.exp(z).sum(axis=1, keepdims=True))


def scaled_down(z):
    return log_softmax(z / np.abs(z).max(axis=1, keepdims=True))
