"""Which step sizes and momenta converge, and how fast: the plane of all of them, and one point."""

from typing import Any, ClassVar

from ... import optim
from ...viz import alt, arrange
from ...viz.themes import Theme
from ..canvas import Canvas
from ..engine import Demo
from ..params import Param, hyperparameter
from . import rate_map
from .motion import MOST, Motion, motion
from .plane import Plane
from .portraits import Disc, Phase, Positions
from .rates import METHODS, as_gradient_descent, floor, pace, radius
from .stability_script import script


def stability(state: str | None = None, **settings: Any) -> Demo:
    """Move a point in the plane of step size and momentum, and see what the method makes of it.

    The step size is counted in units of 1 / curvature: lr times lambda. On a quadratic, that and
    the momentum decide everything.

    >>> import coursekit as ck
    >>> demo = ck.demos.stability(method="Nesterov", step_size=1.6, momentum=0.34)
    >>> demo.compute(**demo.values).steep.radius > 1
    True
    """
    return Stability(state, **settings).show()


class Stability(Demo):
    """See `stability`."""

    name = "stability"
    title = "Step size and momentum: what converges"
    asks: ClassVar = {
        "radius": "the factor |z| of the slower of the two",
    }
    size = (880, 460)
    params = (
        Param("method", "heavy ball", choices=tuple(METHODS)),
        Param(
            "step_size",
            0.5,
            (0.01, 40.0),
            log=True,
            label="lr × λ",
            doc="step size times the largest curvature; or drag the ● on the map",
        ),
        hyperparameter(
            optim.Momentum,
            "momentum",
            default=0.8,
            active=lambda values: not rate_map.plain(values["method"]),
        ),
        Param(
            "kappa",
            10.0,
            (1.0, 1000.0),
            log=True,
            label="condition κ",
            doc="largest curvature divided by the smallest",
        ),
        Param(
            "noise",
            0.0,
            (0.0, 0.1),
            doc="standard deviation of the error in each coordinate of a gradient",
        ),
        Param("seed", 0, (0, 9), doc="draws the noise", active=lambda v: v["noise"] > 0, hide=True),
        Param("steps", 60, (20, MOST)),
        Param("t", MOST, (0, MOST), play=True, until="steps", label="step"),
    )
    presets = {  # noqa: RUF012
        "gradient descent, too far": {
            "method": "gradient descent", "step_size": 2.05, "kappa": 10.0
        },
        "critical damping": {"step_size": 0.25, "momentum": 0.25, "kappa": 1.0, "steps": 20},
        "heavy ball at 1.6": {"step_size": 1.6, "momentum": 0.9},
        "Nesterov at 1.6": {"method": "Nesterov", "step_size": 1.6, "momentum": 0.9},
        "the index slip": {"method": "index slip", "step_size": 0.11, "momentum": 0.9},
        "best for κ = 100": {"step_size": 3.305785, "momentum": 0.669421, "kappa": 100.0},
        "noise eats the gain": {
            "step_size": 0.2, "momentum": 0.8, "kappa": 100.0, "noise": 0.1, "steps": 200
        },
        "almost no friction": {"step_size": 0.1, "momentum": 0.99, "kappa": 1.0},
    }  # fmt: skip

    # --- compute ----------------------------------------------------------------------------------
    def run(self, method, step_size, momentum, kappa, noise, seed, steps, t) -> Motion:
        return motion(method, step_size, momentum, kappa, noise, seed, steps, t)

    # --- draw -------------------------------------------------------------------------------------
    def build(self, canvas: Canvas, theme: Theme) -> None:
        figure, wide = canvas.figure, [1.95, 0.75, 1.15] if theme.projector else [1.85, 1, 1]
        grid = figure.add_gridspec(2, 3, width_ratios=wide, height_ratios=[1, 1.1])
        self.plane = Plane(canvas, theme, figure.add_subplot(grid[:, 0]))
        self.disc = Disc(canvas, theme, figure.add_subplot(grid[0, 1]))
        self.phase = Phase(canvas, theme, figure.add_subplot(grid[0, 2]))
        self.positions = Positions(canvas, theme, figure.add_subplot(grid[1, 1:]))
        canvas.pointable(self.plane.axes, self._pointed)
        arrange(figure)

    def draw(self, result: Motion) -> None:
        for picture in (self.plane, self.disc, self.phase, self.positions):
            picture.draw(result)

    def _pointed(self, x: float, y: float) -> dict[str, float]:
        return {"step_size": rate_map.at(self.values["method"], x), "momentum": y}

    # --- words ------------------------------------------------------------------------------------
    def status(self, result: Motion) -> str:
        m, a = METHODS[result.method], result.steep.a
        limit = alt.number(float(m.limit(result.mu)))
        words = limit if m.words == limit else f"{m.words} = {limit}"
        does = "converges" if result.radius < 1 else "does not converge"
        said = f"{_capital(result.method)} {does}: lr λ = {alt.number(a)}, the limit is {words}. "
        said += _spoken(result)
        if result.radius < 1:
            best = pace(float(radius(result.method, *m.best(result.kappa))))
            least = alt.number(best) if best else _digit(best)
            said += f" {_capital(_digit(pace(result.radius)))}, at best {least}."
            if result.noise:
                at = result.noise, result.kappa
                level = floor(result.method, a, result.mu, *at)
                plain = as_gradient_descent(level, *at)
                said += (
                    f" Noise keeps it about {alt.number(level)} away; gradient descent kept as "
                    f"near takes {_digit(plain)}."
                )
        return said

    def describe(self, result: Motion) -> str:
        m, a = METHODS[result.method], result.steep.a
        where = "inside" if result.radius < 1 else "on the border or outside"
        memory = "" if rate_map.plain(result.method) else f", momentum {alt.number(result.mu)}"
        return (
            f"A map of step size and momentum, method {result.method}. The point lr lambda = "
            f"{alt.number(a)}{memory} lies {where} the region that converges, which ends at "
            f"{alt.number(float(m.limit(result.mu)))}. {_spoken(result)} {_end(result)}."
        )

    def numbers(self, result: Motion) -> dict[str, float]:
        return {"radius": result.radius, "steep": float(result.steep.x[-1])}

    def script(self, t, **values) -> str:
        return script(**values)


# --- the parts -----------------------------------------------------------------------------------
def _spoken(result: Motion) -> str:
    """The eigenvalues in words."""
    parts = []
    for name, d in zip(("steep", "flat"), result.directions, strict=False):
        alone = len(result.directions) == 1
        kind = "a complex pair: ripples" if d.ripples else "real: no ripples"
        if not d.ripples and max(d.roots, key=abs).real < 0:
            kind = "a negative one: jumps from side to side"
        parts.append(f"{'' if alone else name + ' '}|z| = {alt.number(d.radius, 4)} ({kind})")
    said = ", ".join(parts)
    return f"{said[0].upper()}{said[1:]}."


def _end(result: Motion) -> str:
    """Where the run ends, in words."""
    ends = zip(("steep", "flat"), result.directions, strict=False)
    places = alt.listing(f"the {name} direction is at {alt.number(d.x[-1])}" for name, d in ends)
    if len(result.directions) == 1:
        places = f"it is at {alt.number(result.steep.x[-1])}"
    return f"After {alt.count(len(result.steep.x) - 1, 'step')} {places}"


def _digit(steps: float) -> str:
    """The price of a decimal digit; with eigenvalue 0 the first step brings all of them."""
    many = alt.number(steps)
    return f"{many} {'step' if many == '1' else 'steps'} per digit" if steps else "one step in all"


def _capital(words: str) -> str:
    return words[0].upper() + words[1:]
