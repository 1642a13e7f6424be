"""Signal and noise from two batches, and what people write in their place."""

import numpy as np

from ..verdict import Mistake


def estimates(g1, g2, B):
    """|g|^2 and tr(C), each right on average."""
    return g1 @ g2, B * ((g1 - g2) ** 2).sum() / 2


def _signal(formula):
    return lambda g1, g2, B: (formula(g1, g2, B), None)


def _noise(formula):
    return lambda g1, g2, B: (g1 @ g2, formula(g1, g2, B))


BIASED = (
    "Let the true gradient be 0. Is your first number 0 on average, over many pairs of batches?",
    "A square adds up noise. Two batches have independent noise: the product g1 @ g2 is right on "
    "average.",
)


MISTAKES = (
    Mistake("biased", _signal(lambda g1, g2, B: ((g1 + g2) ** 2).sum() / 4), *BIASED),
    Mistake("biased", _signal(lambda g1, g2, B: (g1 @ g1 + g2 @ g2) / 2), *BIASED),
    Mistake("biased", _signal(lambda g1, g2, B: g1 @ g1), *BIASED),
    Mistake(
        "product of norms",
        _signal(lambda g1, g2, B: np.linalg.norm(g1) * np.linalg.norm(g2)),
        *BIASED,
    ),
    *(
        Mistake(
            "root",
            _signal(root),
            "Is the norm asked for, or its square? And the mean of a root is not the root of "
            "the mean.",
            "Return the estimate of the square, |g|^2, as it is: g1 @ g2. It may be negative.",
        )
        for root in (
            lambda g1, g2, B: np.sqrt(abs(g1 @ g2)),
            lambda g1, g2, B: np.sqrt(g1 @ g2),
            lambda g1, g2, B: np.linalg.norm(g1 + g2) / 2,
        )
    ),
    Mistake(
        "clipped at 0",
        _signal(lambda g1, g2, B: max(g1 @ g2, 0)),
        "Your first number is cut off at 0. What does that do to its mean when |g| is small?",
        "It makes it too large: leave g1 @ g2 as it is, also below 0.",
    ),
    Mistake(
        "noise subtracted",
        _signal(lambda g1, g2, B: g1 @ g2 - estimates(g1, g2, B)[1] / B),
        "You subtract the noise. Is there any in g1 @ g2, on average?",
        "A square adds up noise, the product of two batches does not: g1 @ g2 is right as it is.",
    ),
    Mistake(
        "mean of products",
        _signal(lambda g1, g2, B: np.mean(g1 * g2)),
        "A squared norm is a sum over coordinates. Is yours?",
        "Use g1 @ g2, or sum() in place of mean().",
    ),
    Mistake(
        "never negative",
        _signal(lambda g1, g2, B: abs(g1 @ g2)),
        "Your first number is never negative. Is its mean still right when |g| is small?",
        "Leave g1 @ g2 as it is. To be right on average it must be allowed below 0.",
    ),
    Mistake(
        "noise of both",
        _noise(lambda g1, g2, B: B * ((g1 - g2) ** 2).sum()),
        "The difference carries the noise of how many batches?",
        "Of two: divide by 2.",
    ),
    Mistake(
        "batch forgotten",
        _noise(lambda g1, g2, B: ((g1 - g2) ** 2).sum() / 2),
        "That is the noise of a batch. What is wanted is that of a single row.",
        "A batch of B rows has the variance tr(C) / B: multiply by B.",
    ),
    Mistake(
        "divided by B",
        _noise(lambda g1, g2, B: ((g1 - g2) ** 2).sum() / 2 / B),
        "Which is noisier, a single row or a batch?",
        "tr(C) belongs to single rows, and is B times as large as that of a batch: multiply.",
    ),
    Mistake(
        "root of B",
        _noise(lambda g1, g2, B: np.sqrt(B) * ((g1 - g2) ** 2).sum() / 2),
        "By what does a mean of B rows reduce a variance, and by what a deviation?",
        "A variance by B, a deviation by its root. tr(C) is made of variances: multiply by B.",
    ),
    Mistake(
        "B - 1",
        _noise(lambda g1, g2, B: (B - 1) * ((g1 - g2) ** 2).sum() / 2),
        "An n - 1 belongs to a variance that is taken from n numbers. From how many is yours?",
        "From two gradients, and 2 - 1 is 1. A batch of B rows has the variance tr(C) / B: "
        "multiply by B.",
    ),
    Mistake(
        "mean square",
        _noise(lambda g1, g2, B: B * ((g1 - g2) ** 2).mean() / 2),
        "The trace is a sum over coordinates.",
        "Use sum(), not mean().",
    ),
    Mistake(
        "noise of both, of a batch",
        _noise(lambda g1, g2, B: ((g1 - g2) ** 2).sum()),
        "Two things: of how many batches is the noise in the difference, and is it that of a "
        "batch or of a row?",
        "Of two batches of B rows: multiply by B, and divide by 2.",
    ),
    Mistake(
        "half the noise",
        _noise(lambda g1, g2, B: B * ((g1 - g2) ** 2).sum() / 4),
        "Half of it is missing. Deviations from the mean of only two are too small: by which "
        "factor?",
        "A variance from n = 2 is divided by n - 1 (ddof=1), not by n. From the difference "
        "it is half its square.",
    ),
    Mistake(
        "sum squared",
        _noise(lambda g1, g2, B: B * (g1 - g2).sum() ** 2 / 2),
        "Can a positive and a negative entry of the difference cancel in your noise?",
        "First square each entry, then add up.",
    ),
    Mistake(
        "absolute values",
        _noise(lambda g1, g2, B: B * abs(g1 - g2).sum() / 2),
        "A variance is a mean of squares. What do you add up?",
        "Square the entries of the difference, in place of their absolute values.",
    ),
    Mistake(
        "root of the noise",
        _noise(lambda g1, g2, B: np.sqrt(estimates(g1, g2, B)[1])),
        "tr(C) is a sum of variances. Have you taken a root?",
        "Leave the root out.",
    ),
    *(
        Mistake(
            "g in the noise",
            _noise(formula),
            "Let both batches be free of noise, g1 = g2. Is your second number 0 then?",
            "In g1 - g2 the true gradient cancels; in a sum, or in the squares alone, it does not.",
        )
        for formula in (
            lambda g1, g2, B: B * ((g1 + g2) ** 2).sum() / 2,
            lambda g1, g2, B: B * (g1 @ g1 + g2 @ g2) / 2,
            lambda g1, g2, B: B * (g1 @ g1 + g2 @ g2 - g1 @ g2) / 2,
            lambda g1, g2, B: B * (g1 @ g1 + g2 @ g2),
        )
    ),
    Mistake(
        "norms subtracted",
        _noise(lambda g1, g2, B: B * (g1 @ g1 - g2 @ g2) / 2),
        "Exchange the two batches: what happens to the sign of your noise?",
        "Subtract the gradients first, then square: ((g1 - g2) ** 2).sum().",
    ),
    Mistake(
        "norm, not square",
        _noise(lambda g1, g2, B: B * np.linalg.norm(g1 - g2) / 2),
        "A variance is a square.",
        "Square the norm of the difference.",
    ),
    Mistake(
        "norms subtracted",
        _noise(
            lambda g1, g2, B: B * (np.linalg.norm(g1) - np.linalg.norm(g2)) ** 2 / 2,
        ),
        "Two gradients of the same length can point in different directions. Is there no noise "
        "then?",
        "Subtract the gradients, not their norms.",
    ),
    Mistake(
        "order",
        lambda g1, g2, B: estimates(g1, g2, B)[::-1],
        "Both are right, but look at their order.",
        "Return the signal first, then the noise.",
    ),
    *(
        Mistake(
            "mean removed",
            _noise(formula),
            "You take the variance over the coordinates, and so subtract the mean of the "
            "difference. Over what is the variance meant?",
            "Over batches, for each coordinate by itself: square the entries of g1 - g2, and "
            "add up.",
        )
        for formula in (
            lambda g1, g2, B: B * np.var(g1 - g2) / 2,
            lambda g1, g2, B: B * np.var(g1 - g2),
            lambda g1, g2, B: B * np.var(g1 - g2) * len(g1) / 2,
            lambda g1, g2, B: B * np.trace(np.cov(g1, g2)),
            lambda g1, g2, B: B * np.trace(np.cov(g1, g2)) / 2,
            lambda g1, g2, B: B * np.cov(g1, g2)[0, 1],
        )
    ),
    Mistake(
        "deviations added",
        _noise(lambda g1, g2, B: B * np.std([g1, g2], axis=0, ddof=1).sum()),
        "tr(C) is a sum of variances. What do you add up?",
        "Deviations are roots of variances: square them before they are added.",
    ),
    Mistake(
        "norms subtracted",
        _noise(lambda g1, g2, B: B * abs(g1 @ g1 - g2 @ g2) / 2),
        "Two gradients of the same length can point in different directions. Is there no noise "
        "then?",
        "Subtract the gradients first, then square: ((g1 - g2) ** 2).sum().",
    ),
    Mistake(
        "whole numbers",
        _noise(lambda g1, g2, B: B * ((g1 - g2) @ (g1 - g2)) // 2),
        "What becomes of the digits behind the point in your noise?",
        "Divide with a single /, and leave out int(...).",
    ),
    *(
        Mistake(
            "sum of gradients",
            _signal(formula),
            "You square the sum of two gradients. How many times |g|^2 is that, and how much "
            "noise is in it?",
            "Four times, and the noise of both: take the product g1 @ g2, in which noise "
            "cancels on average.",
        )
        for formula in (
            lambda g1, g2, B: (g1 + g2) @ (g1 + g2),
            lambda g1, g2, B: (g1 + g2) @ (g1 + g2) / 2,
        )
    ),
    Mistake(
        "difference",
        _signal(lambda g1, g2, B: (g1 - g2) @ (g1 - g2)),
        "What is left of the true gradient in a difference of two batches?",
        "Nothing: only noise. The signal is in a product of both, g1 @ g2.",
    ),
    Mistake(
        "cosine",
        _signal(lambda g1, g2, B: g1 @ g2 / np.linalg.norm(g1) / np.linalg.norm(g2)),
        "You divide by both norms, and get a cosine. Does it know how long g is?",
        "Leave out the norms: g1 @ g2.",
    ),
    Mistake(
        "sums multiplied",
        _signal(lambda g1, g2, B: g1.sum() * g2.sum()),
        "Is a product of sums the sum of the products?",
        "Multiply entry by entry, and add up then: g1 @ g2.",
    ),
    *(
        Mistake(
            "never negative",
            _signal(formula),
            "Your first number is never negative. Is its mean still right when |g| is small?",
            "Leave g1 @ g2 as it is. To be right on average it must be allowed below 0.",
        )
        for formula in (
            lambda g1, g2, B: abs(g1) @ abs(g2),
            lambda g1, g2, B: np.linalg.norm(g1 * g2),
        )
    ),
    Mistake(
        "noise subtracted",
        _signal(lambda g1, g2, B: g1 @ g2 - ((g1 - g2) ** 2).sum() / 4),
        "You subtract noise. Is there any in g1 @ g2, on average?",
        "A square adds up noise, the product of two batches does not: g1 @ g2 is right as it is.",
    ),
)
