"""Two histograms on a line, and how far apart they are: for a view of `activation_bench`."""

import functools
from typing import NamedTuple

import numpy as np

from ...losses import kl_divergence, wasserstein

BARS = 8  # of each, to be drawn
PLACES = 16  # on the line: the second histogram may be slid by 8
NAMES = tuple(f"{which}{k}" for which in "pq" for k in range(1, BARS + 1))
MIDDLE = (PLACES - BARS) // 2  # where p begins while q is a hill
KINDS = BY_HAND, BY_PQ, BY_QP = "drawn by hand", "hill by KL(p‖q)", "hill by KL(q‖p)"
CENTRES = np.arange(0, PLACES - 0.9, 0.25)  # of the hills that are tried
WIDTHS = 0.35 * 1.15 ** np.arange(24)
MEASURES = ("KL(p‖q)", "KL(q‖p)", "JS", "W₁")
LEAST = 1e-3  # a hill has nothing where it is lower than this part of its top


class Apart(NamedTuple):
    """How far two distributions are apart."""

    kl_pq: float
    kl_qp: float
    js: float
    w1: float
    cross: float  # entropy: the entropy of p and kl_pq
    entropy: float  # of p


class Result(NamedTuple):
    """Two distributions on 16 places, what they measure, and what if q were elsewhere."""

    kind: str
    heights: np.ndarray  # (16,) as set: eight of p, eight of q
    bar: str
    starts: tuple[int, int]  # the places of the first bars of p and q
    floor: float
    p: np.ndarray  # (16,)
    q: np.ndarray  # (16,)
    apart: Apart
    along: np.ndarray  # (n,) how far q is slid, or the centre of its hill
    curves: dict[str, np.ndarray]  # (n,) each, of `along`

    @property
    def by_hand(self) -> bool:
        return self.kind == BY_HAND

    @property
    def measures(self) -> dict[str, float]:
        return dict(zip(MEASURES, self.apart, strict=False))


def measured(kind: str, bar: str, slide: int, floor: float, heights: np.ndarray) -> Result:
    """The two of them at this setting; q is drawn by hand, or the hill with the least KL."""
    by_hand = kind == BY_HAND
    starts = (0, slide) if by_hand else (MIDDLE, MIDDLE)
    p = placed(shares(heights[:BARS]), starts[0], floor)
    if by_hand:
        part, along = shares(heights[BARS:]), np.arange(PLACES - BARS + 1)
        there = [apart(p, placed(part, start, floor)) for start in range(len(along))]
        curves = dict(zip(MEASURES, np.array(there).T, strict=False))
        q = placed(part, slide, floor)
        return Result(kind, heights, bar, starts, floor, p, q, there[slide], along, curves)
    tried = lifted(hills(), floor)
    both = dict(zip(MEASURES, both_ways(p, tried), strict=False))
    least = both[MEASURES[kind == BY_QP]]
    q = tried[np.unravel_index(least.argmin(), least.shape)]
    curves = {name: values.min(axis=1) for name, values in both.items()}
    return Result(kind, heights, bar, starts, floor, p, q, apart(p, q), CENTRES, curves)


def shares(heights: np.ndarray) -> np.ndarray:
    """Heights as parts of their sum; where there is nothing at all, all alike."""
    total = heights.sum()
    return heights / total if total else np.full(len(heights), 1 / len(heights))


def placed(part: np.ndarray, slide: int, floor: float) -> np.ndarray:
    """(16,) the bars from there on, mixed with `floor` of the same everywhere."""
    q = np.zeros(PLACES)
    q[slide : slide + BARS] = part
    return lifted(q, floor)


def lifted(q: np.ndarray, floor: float) -> np.ndarray:
    return (1 - floor) * q + floor / PLACES


def apart(p: np.ndarray, q: np.ndarray) -> Apart:
    """All measures at once; KL and the cross-entropy may be infinite."""
    m = (p + q) / 2
    kl = float(kl_divergence(p, q))
    entropy = float(-(p[p > 0] * np.log(p[p > 0])).sum())
    return Apart(
        kl,
        float(kl_divergence(q, p)),
        float(kl_divergence(p, m) + kl_divergence(q, m)) / 2,
        float(wasserstein(p, q)),
        entropy + kl,
        entropy,
    )


def with_share(heights: np.ndarray, k: int, share: float) -> np.ndarray:
    """Heights of which bar k has this share; the largest height is at most 1."""
    heights = heights.copy()
    rest = heights.sum() - heights[k]
    if rest == 0:
        heights[k] = 1.0
        return heights
    heights[k] = rest * share / (1 - share)
    return heights / max(1.0, heights[k])


@functools.cache
def hills() -> np.ndarray:
    """(centres, widths, 16): bell curves, cut off where they are nearly 0."""
    far = (np.arange(PLACES) - CENTRES[:, None, None]) / WIDTHS[:, None]
    e = np.exp(-0.5 * far**2)
    e = np.where(e < LEAST * e.max(axis=-1, keepdims=True), 0, e)
    return e / e.sum(axis=-1, keepdims=True)


def both_ways(p: np.ndarray, Q: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """KL(p‖q) and KL(q‖p) for each row q of Q (..., 16)."""
    log_p, log_q = (np.log(np.where(a > 0, a, 1)) for a in (p, Q))
    outside_q = ((Q == 0) & (p > 0)).any(axis=-1)
    outside_p = ((Q > 0) & (p == 0)).any(axis=-1)
    pq = p @ log_p - log_q @ p
    qp = (Q * log_q).sum(axis=-1) - Q @ log_p
    return np.where(outside_q, np.inf, pq), np.where(outside_p, np.inf, qp)
