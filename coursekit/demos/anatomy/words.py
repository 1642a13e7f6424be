"""A dissection in words."""

from ...viz import alt
from .result import ADAM, SURFACES, Result


def status(result: Result) -> str:
    """Which known method goes the same way, and how long the step is that is looked at."""
    return f"{_twins(result)} {_step(result)}"


def describe(result: Result) -> str:
    """The picture in a few sentences."""
    parts = result.setting.parts
    dashed = "" if parts == ADAM else " Dashed, the path with momentum, RMS and correction."
    arrows = "five arrows: g, m, corrected, divided, step"
    if result.as_rates:
        arrows = "four arrows, g, m, corrected, step, and the rates as an ellipse"
    end, moves = result.walk.thetas[-1], len(result.walk.moves)
    return (
        f"{_ground(result)}, with the path of Adam; switched on: {alt.listing(parts) or 'nothing'}."
        f"{dashed} {_twins(result)} Step {result.t} in {arrows}; on the path against g, against "
        f"m corrected, and the step. {_step(result)} "
        f"After {alt.count(moves, 'step')} it is at {_pair(end)}."
    )


# --- the parts -----------------------------------------------------------------------------------
def _ground(result: Result) -> str:
    name, size, _ = result.ground
    more = {
        "elongated": f", condition number {size:g}",
        "slope": f", gradient {_pair((size, size / 10))} everywhere",
    }
    return SURFACES[name] + more.get(name, "")


def _step(result: Result) -> str:
    w, k = result.walk, result.t - 1
    at = result.longest
    longest = alt.number(abs(result.strides[at - 1]).max())
    said = f"Step {result.t}: {_pair(result.strides[k])} lr; the longest, step {at}: {longest} lr."
    if result.as_rates:
        said = f"Step {result.t}: rates {alt.listing(alt.number(r) for r in w.rates[k])}. {said}"
    if w.lost:
        said += f" Lost at step {len(w.moves)}."
    return said


def _twins(result: Result) -> str:
    if not result.twins:
        return "No method with a name goes this way."
    equal = [twin.known.words for twin in result.twins if twin.same]
    said = f"The same path: {alt.listing(equal)}. " if equal else ""
    last = result.twins[-1]
    if not last.same:
        said += f"Almost {last.known.words}: {alt.number(last.apart, 2)} apart at most."
    return said.strip()


def _pair(x) -> str:
    return f"({alt.number(x[0])}, {alt.number(x[1])})"
