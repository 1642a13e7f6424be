"""A race in words."""

from ...viz import alt
from .. import walks
from ..tracks import TITLES
from .runs import Result, short

CHOSEN = {"best": "each its best of 25", "own": "each its own"}


def status(result: Result) -> str:
    """Who is lowest at the step that is looked at, and who is lost."""
    said = [_standing(result), _lost(result)]
    return " ".join(filter(None, said)) or "Choose at least one optimizer."


def describe(result: Result) -> str:
    """The picture in a few sentences."""
    place = result.place
    start = ", ".join(alt.number(x) for x in place.start)
    noise = f", noise {place.noise:g} in every gradient" if place.noise else ""
    return (
        f"{_where(result)}: {alt.count(len(result.runs), 'path')} from ({start}) over contours"
        f"{noise}{_rates(result)}. {status(result)}{_best(result)}"
    )


# --- the parts -----------------------------------------------------------------------------------
def _standing(result: Result) -> str:
    """Those still on their way at t, the lowest first; whoever reads the same is as low."""
    heights = {n: alt.number(result.runs[n].above[result.t]) for n in result.order()}
    if not heights:
        return ""
    lowest = next(iter(heights.values()))
    first = [short(n) for n, height in heights.items() if height == lowest]
    others = [f"{short(n)} {height}" for n, height in heights.items() if height != lowest]
    are = ("is" if len(first) == 1 else "are") + (" lowest," if others else "")
    said = f"After {alt.count(result.t, 'step')} {alt.listing(first, 30)} {are} {lowest}"
    return "; ".join(filter(None, [f"{said} above the minimum", ", ".join(others)])) + "."


def _lost(result: Result) -> str:
    lost = {name: run.end + 1 for name, run in result.runs.items() if run.lost(result.t)}
    where = (f"{short(name)} at step {step}" for name, step in lost.items())
    return f"Diverged: {alt.listing(where)}." if lost else ""


def _where(result: Result) -> str:
    name, kappa, angle = result.place.track
    where = TITLES[name] + (f" with kappa {kappa:g}" if name == "elongated" else "")
    return where + (f", turned by {angle:g} degrees" if angle else "")


def _rates(result: Result) -> str:
    """The learning rates and how they were chosen."""
    rates = {short(name): alt.number(run.lr) for name, run in result.runs.items()}
    if not rates:
        return ""
    if result.mode == "same":
        return f"; learning rate {next(iter(rates.values()))}" + " for all" * (len(rates) > 1)
    return f"; learning rates, {CHOSEN[result.mode]}: {_listed(rates)}"


def _best(result: Result) -> str:
    """What can be read off the curves by learning rate."""
    if result.mode == "best" or not result.ends:
        return ""
    best = {short(name): alt.number(walks.best(ends)) for name, ends in result.ends.items()}
    steps = alt.count(result.place.steps, "step")
    return f" The best of 25 rates after {steps}: {_listed(best)}."


def _listed(rates: dict[str, str]) -> str:
    return alt.listing((f"{name} {lr}" for name, lr in rates.items()), 30)
