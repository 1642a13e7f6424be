"""What becomes of signal and gradient, in words."""

import numpy as np

from ...viz import alt
from .propagation import Seen


def status(r: Seen) -> str:
    """The layer that is looked at, and the fate of signal and gradient."""
    k = r.layer
    size, square = r.signal[k], share_of_mean(r)
    said = f"Layer {k} of {r.depth}: rms {alt.number(size)}"
    if 1e-150 < size < 1e150:  # beyond that a square is not a number any more
        said += (
            f" (E h² = {alt.number(size**2)} = mean² {alt.number(square * size**2)} + variance "
            f"{alt.number((1 - square) * size**2)})"
        )
    said += f", {100 * r.silent[k - 1]:.0f} % of its units silent. "
    said += f"Gradient at the input: {alt.number(r.gradient[0])} of that at the top. "
    if r.singular is not None and r.singular[0]:
        largest = alt.number(r.singular[0])
        said += f"Singular values up to {largest}, {many(r.singular)} above 1 % of that. "
    return said + _verdict(r)


def describe(r: Seen) -> str:
    """The picture in a few sentences."""
    spectrum = ""
    if r.singular is not None:
        spectrum = (
            f" The singular values from one input to layer {r.layer} lie between "
            f"{alt.number(r.singular[-1])} and {alt.number(r.singular[0])}."
        )
    return (
        f"In a network of {alt.count(r.depth, 'layer')} with {r.activation} the signal's root "
        f"mean square {alt.trend(r.signal)}, and the gradient's, from the last layer back to "
        f"the input, {alt.trend(r.gradient[::-1])}. What differs between inputs "
        f"{alt.trend(r.apart)}.{spectrum} {_verdict(r)}"
    )


def share_of_mean(r: Seen) -> float:
    """How much of the mean square at `layer` is the square of the mean."""
    return float((r.mean[r.layer] / r.signal[r.layer]) ** 2) if r.signal[r.layer] else 0.0


def many(found: np.ndarray) -> str:
    """How many singular values are no less than a hundredth of the largest."""
    return f"{np.sum(found > 0.01 * found[0])} of {len(found)}"


def rates(r: Seen) -> list[str]:
    """What signal and gradient are multiplied by in a layer, on average."""
    return [alt.number((last / first) ** (1 / r.depth), 2) for first, last in _ends(r).values()]


# --- the parts -----------------------------------------------------------------------------------
def _verdict(r: Seen) -> str:
    """What becomes of signal and gradient, in a sentence."""
    fates = [f"the {name} {fate}" for name, ends in _ends(r).items() if (fate := _fate(*ends))]
    if fates:
        factors = " a layer, ".join(f"{n} × {x}" for n, x in zip(_ends(r), rates(r), strict=True))
        said = f"{' and '.join(fates)} ({factors})."
        return said[0].upper() + said[1:]
    if r.alike:
        return "Signal and gradient arrive, but all units of a layer are alike."
    if r.apart[-1] < 0.1 * r.signal[-1]:
        return "Signal and gradient arrive, but all inputs look alike."
    return "Signal and gradient arrive."


def _ends(r: Seen) -> dict[str, tuple[float, float]]:
    """Where each begins and ends, on its way."""
    return {"signal": (r.signal[0], r.signal[-1]), "gradient": (r.gradient[-1], r.gradient[0])}


def _fate(first: float, last: float) -> str:
    """Nothing if it arrives."""
    if last == 0:
        return "ends"
    return "dies" if last < first / 100 else "explodes" if last > 100 * first else ""
