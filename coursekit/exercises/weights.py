"""What the exercises that make weights of random numbers have in common."""

import numpy as np

from .verdict import Accident, Symptom

RETURNS = Accident(
    "returns",
    "One matrix comes in, one matrix goes out.",
    "Return the weights alone: return W",
)


def in_place(letter: str) -> Accident:
    """Words for who writes into the random numbers, an argument of this name."""
    return Accident(
        "in place",
        "Make a new matrix, and leave the random numbers as they are.",
        f"{letter} *= ... writes into the array that came in; W = ... * {letter} makes a new one.",
    )


def drawn(letter: str) -> Accident:
    """Words for who draws random numbers anew in each call."""
    return Accident(
        "memory",
        f"It was given the same {letter} twice. Where does the chance come from?",
        f"Draw nothing yourself: the random numbers are in {letter}.",
    )


def shape(plain: str) -> Accident:
    """Words for weights of a wrong shape."""
    return Accident("shape", "How many weights does the layer x @ W have, and how arranged?", plain)


def sizes(letter: str) -> tuple[Accident, ...]:
    """Words for who stumbles over the shape of an argument."""
    return (
        Accident(
            "'tuple'",
            f"{letter}.shape is a pair of numbers. Which of the two do you need?",
            f"Take the pair apart: fan_in, fan_out = {letter}.shape.",
        ),
        Accident(
            "to unpack",
            "What do you take apart, the matrix or its shape?",
            f"Two sizes are in the shape: fan_in, fan_out = {letter}.shape.",
        ),
    )


def symptoms(letter: str) -> tuple[Symptom, ...]:
    """Weights that have little to do with the random numbers they should be made of."""
    return (
        Symptom(
            "first row",
            _first_row,
            "Only the first row of your weights is there, the others are 0. Does a return stand "
            "inside the loop?",
            "A return ends the function in the first turn: put it behind the loop.",
        ),
        Symptom(
            "all equal",
            lambda answers, right, cases: all(np.ptp(a) == 0 and a.any() for (a,) in answers),
            "All your weights are equal. Would two units ever learn different things?",
            f"The random numbers are in {letter}: multiply them.",
        ),
        Symptom(
            "other numbers",
            _unlike,
            f"Your numbers seem to have nothing to do with {letter}. Where do they come from?",
            f"Draw nothing yourself: the random numbers are in {letter}.",
        ),
    )


def same_factor(spread) -> Symptom:
    """Weights that are the random numbers, `spread(z)`, times a number that knows no sizes."""

    def seen(answers, right, cases):
        factors = [
            (a.ravel() @ spread(z).ravel()) / (spread(z).ravel() @ spread(z).ravel())
            for (a,), (z,) in zip(answers, cases, strict=True)
        ]
        exact = all(
            np.allclose(a, c * spread(z), atol=1e-12)
            for (a,), (z,), c in zip(answers, cases, factors, strict=True)
        )
        return exact and np.ptp(factors) < 1e-9 and bool(factors[0])

    return Symptom(
        "one scale for all",
        seen,
        "Your weights have the same size in every layer, small or large. Where do the sizes of "
        "this layer come in?",
        "fan_in and fan_out come with each call: use the shape, and no number in its place.",
    )


def clipped(answers, right, cases):
    """For a symptom: some are right, and the others all stand at the ends."""
    pairs = [(a.ravel(), r.ravel()) for (a,), (r,) in zip(answers, right, strict=True)]
    cut = [(a[~np.isclose(a, r)], a) for a, r in pairs]
    return any(len(off) for off, _ in cut) and all(
        np.isin(off, [a.min(), a.max()]).all() and len(off) < len(a) for off, a in cut
    )


def _first_row(answers, right, cases):
    return all(
        np.allclose(a[0], r[0]) and not a[1:].any()
        for (a,), (r,) in zip(answers, right, strict=True)
    )


def _unlike(answers, right, cases):
    """Whether they are hardly correlated with the numbers that came in, nor with their sizes."""
    pairs = [(a.ravel(), case[0].ravel()) for (a,), case in zip(answers, cases, strict=True)]
    return all(
        np.ptp(a) > 0 and abs(np.corrcoef([a, z, abs(z)])[0, 1:]).max() < 0.6 for a, z in pairs
    )
