"""How every figure of the course looks: a light and a dark theme, each also in projector size.

The colours are those of Okabe and Ito (2008), which stay apart for colour-blind readers. Most are
too pale to be drawn as thin lines on white; a theme moves exactly those towards its ink, each to a
contrast of its own, so that they differ in lightness where they no longer differ in hue.
"""

import functools
from dataclasses import dataclass, replace
from typing import NamedTuple

from . import lab_theme

OKABE_ITO = {
    "black": "#000000",
    "orange": "#E69F00",
    "sky": "#56B4E9",
    "green": "#009E73",
    "yellow": "#F0E442",
    "blue": "#0072B2",
    "vermilion": "#D55E00",
    "purple": "#CC79A7",
}

# WCAG 2.2 asks for a contrast of 3 for graphics (1.4.11) and of 4.5 for small type (1.4.3).
GRAPHICS = {
    "orange": 3.1,
    "sky": 3.1,
    "green": 4.2,
    "yellow": 6.0,
    "blue": 3.2,
    "vermilion": 4.6,
    "purple": 3.8,
}
TEXT = 4.6


class Sizes(NamedTuple):
    """Type in points, lines and markers in points, and how many ticks an axis may carry."""

    title: float
    label: float
    tick: float
    number: float  # a result to be read from the last row
    line: float
    thin: float
    marker: float
    ticks: int


SCREEN = Sizes(title=11.5, label=10, tick=9.5, number=34, line=2.2, thin=1.0, marker=6, ticks=6)
PROJECTOR = Sizes(title=16, label=14, tick=13.5, number=42, line=3.4, thin=1.6, marker=8, ticks=4)


@dataclass(frozen=True)
class Theme:
    """Colours and sizes of a figure.

    >>> from coursekit.viz import themes
    >>> themes.LIGHT.color("blue"), themes.DARK.color("black")
    ('#0072B2', '#ECEFF3')
    """

    name: str
    paper: str  # behind everything; never transparent, so that a figure survives any page
    ink: str  # what must be read: titles, numbers, axis labels
    quiet: str  # what may be read: ticks, notes
    line: str  # axes
    grid: str
    sizes: Sizes = SCREEN

    def color(self, name: str) -> str:
        """A colour of the palette as this theme draws it; "black" is the theme's ink."""
        if name == "black":
            return self.ink
        return legible(OKABE_ITO[name], self.paper, self.ink, GRAPHICS[name])

    def text(self, name: str) -> str:
        """The same colour for words, with the stronger contrast that small type needs."""
        if name == "black":
            return self.ink
        return legible(self.color(name), self.paper, self.ink, TEXT)

    def tint(self, color: str, amount: float) -> str:
        """`color` washed out towards the paper: 0 is the paper, 1 the colour itself."""
        return _mix(self.paper, color, amount)

    @property
    def projector(self) -> bool:
        """Whether this is the large version, for the back of a lecture hall."""
        return self.sizes is PROJECTOR


LIGHT = Theme("light", "#FFFFFF", "#15191E", "#59636E", "#8C959F", "#E6E9ED")
DARK = Theme("dark", "#14181D", "#ECEFF3", "#A3ADB8", "#6B7580", "#2A3038")

_default = LIGHT
_chosen = False  # by `use`, which a page does not overrule
_told = False  # by a page


def theme(name: str | None = None, projector: bool | None = None) -> Theme:
    """The theme of that name ("light" or "dark"), in projector size if asked for.

    What is left out is taken from `use`; failing that, the page decides between light and dark.
    Raises ValueError for an unknown name.

    >>> theme("dark", projector=True).sizes.line
    3.4
    """
    default = _default if _chosen or _told or not lab_theme.dark() else DARK
    named = {None: default, "light": LIGHT, "dark": DARK}
    if name not in named:
        raise ValueError(f'theme must be "light" or "dark", not {name!r}')
    large = _default.projector if projector is None else projector
    return replace(named[name], sizes=PROJECTOR if large else SCREEN)


def use(name: str | None = None, projector: bool | None = None) -> None:
    """Choose the theme of all figures and demos opened from now on."""
    global _default, _chosen
    _default, _chosen = theme(name or _default.name, projector), name is not None or _chosen


def follow(dark: bool) -> None:
    """The page is dark, or light: so is what is opened from now on, unless `use` has chosen."""
    global _default, _told
    if not _chosen:
        _default, _told = theme("dark" if dark else "light"), True


def chosen() -> bool:
    """Whether `use` has chosen between light and dark."""
    return _chosen


# --- contrast ------------------------------------------------------------------------------------
def contrast(a: str, b: str) -> float:
    """The contrast ratio of two colours, 1 to 21, as WCAG 2.2 defines it.

    >>> contrast("#FFFFFF", "#000000")
    21.0
    """
    dark, light = sorted((_luminance(a), _luminance(b)))
    return round((light + 0.05) / (dark + 0.05), 9)


@functools.cache
def legible(color: str, paper: str, ink: str, ratio: float) -> str:
    """`color`, moved towards `ink` no further than needed for this contrast with `paper`."""
    steps = (_mix(color, ink, k / 100) for k in range(101))
    return next((c for c in steps if contrast(c, paper) >= ratio), ink)


def rgb(color: str) -> tuple[float, float, float]:
    """A colour "#RRGGBB" as three numbers from 0 to 1."""
    r, g, b = (int(color[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return r, g, b


def _luminance(color: str) -> float:
    r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in rgb(color))
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def _mix(a: str, b: str, amount: float) -> str:
    mixed = (x + amount * (y - x) for x, y in zip(rgb(a), rgb(b), strict=True))
    return "#" + "".join(f"{round(255 * c):02X}" for c in mixed)
