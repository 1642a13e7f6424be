"""The map of speeds over step size and momentum: its colours, and the words on them.

Its horizontal axis is the square root of lr lambda, the frequency of a small oscillation: there the
heavy ball's region of ripples is symmetric about 1. Places are counted in shares of the map's
width, so that one and the same axes can show the map of each method.
"""

import functools
from typing import Any

import numpy as np

from ...viz.themes import Theme, rgb
from .rates import METHODS, radius

DECADES = (3, 10, 30, 100)  # steps to gain a decimal digit: where the colours of the map change
BORDERS = [*(10 ** (-1 / n) for n in DECADES), 1.0]  # the same as radii
WORDS = ("< 3", "3 to 10", "10 to 30", "30 to 100", "> 100", "diverges")

Names = tuple[list[tuple[float, float]], list[str]]  # points and words


def across(method: str, a: Any) -> Any:
    """Where on the map lr lambda is.

    >>> float(across("heavy ball", 4.4)), round(at("heavy ball", 0.5), 2)
    (1.0, 1.1)
    """
    return np.sqrt(a / edge(method))


def at(method: str, x: Any) -> Any:
    """The lr lambda of a place."""
    return edge(method) * x**2


def edge(method: str) -> float:
    """The lr lambda with which the map ends."""
    return 44.0 if method == "average (EMA)" else 4.4


def ticks(method: str) -> list[float]:
    """The lr lambda that are marked."""
    return [0, 1, 5, 10, 20, 40] if method == "average (EMA)" else [0, 0.1, 0.5, 1, 2, 3, 4]


def plain(method: str) -> bool:
    """Whether the method has no momentum."""
    return method == "gradient descent"


@functools.lru_cache(16)
def pixels(method: str, theme: Theme, height: int, width: int) -> np.ndarray:
    """The map of a method as pixels (height, width, 4): one colour for each range of speed."""
    a = at(method, np.linspace(0, 1, width))
    mu = np.linspace(1, 0, height)[:, None]
    rates = radius(method, a, mu)
    shades = [theme.tint(theme.color("blue"), x) for x in (0.75, 0.55, 0.38, 0.22, 0.1)]
    shades.append(theme.tint(theme.color("vermilion"), 0.3))
    colours = np.array([[*(round(255 * c) for c in rgb(s)), 255] for s in shades], np.uint8)
    return colours[np.digitize(rates, BORDERS)]


@functools.cache
def ripples(method: str) -> tuple[np.ndarray, np.ndarray]:
    """The border of the region where the eigenvalues are a complex pair: places and momenta."""
    mu = np.linspace(0, 1, 400)
    root = np.sqrt(mu)
    if plain(method):
        return np.array([]), np.array([])
    if method == "Nesterov":  # to the right of it up to 1
        left, right = (1 - mu) / (1 + mu), np.ones(400)
    elif method == "index slip":
        left, right = (1 - mu) / 2, np.full(400, np.nan)
    else:  # (1 - sqrt(mu))^2 < lr lambda < (1 + sqrt(mu))^2, the average with (1 - mu) lr
        scale = np.sqrt(1 - mu + 1e-12) if method == "average (EMA)" else 1
        left, right = (1 - root) / scale, (1 + root) / scale
    roots = np.concatenate([left[::-1], right])  # of lr lambda
    return across(method, roots**2), np.concatenate([mu[::-1], mu])


@functools.cache
def names(method: str, tall: int) -> Names:
    """What each colour of the map means, written where it has most room."""
    n = 100
    a, mu = at(method, np.linspace(0, 1, n))[None, :], np.linspace(0, 1, n)[:, None]
    colour = np.digitize(radius(method, a, mu), BORDERS)
    T, D = METHODS[method].recurrence(a, mu)
    pair = T**2 < 4 * D
    border = np.zeros_like(pair)
    border[:, 1:] = pair[:, 1:] != pair[:, :-1]
    points, words = [], []
    for k, word in enumerate(WORDS):
        spot = roomiest((colour == k) & ~border, tall, max(3, round(0.62 * len(word))))
        if spot is not None:
            points.append((spot[1] / (n - 1), spot[0] / (n - 1)))
            words.append(word)
    return points, words


def clear_of(method: str, places: list[float], mu: float, tall: int) -> Names:
    """Those names that the point at height mu, and its band between `places`, leave readable."""
    wide, near = 0.12, 0.02 * tall
    left, right = min(places) - wide, max(places) + wide
    points, words = names(method, tall)
    kept = [k for k, (x, y) in enumerate(points) if abs(y - mu) > near or not left < x < right]
    return [points[k] for k in kept], [words[k] for k in kept]


def roomiest(mask: np.ndarray, least: int, wide: int) -> tuple[int, int] | None:
    """The middle (row, column) of the largest box inside, `wide` times as many columns as rows."""
    depth = 0
    while True:
        inner = np.pad(mask, ((1, 1), (wide, wide)))
        inner = inner[:-2, wide:-wide] & inner[2:, wide:-wide] & mask
        sides = np.pad(inner, ((0, 0), (wide, wide)))
        inner = sides[:, : -2 * wide] & sides[:, 2 * wide :] & inner
        if not inner.any():
            break
        mask, depth = inner, depth + 1
    if depth < least:
        return None
    rows, columns = np.nonzero(mask)
    k = np.argmin((rows - rows.mean()) ** 2 + (columns - columns.mean()) ** 2)
    return int(rows[k]), int(columns[k])
