"""Where the boxes of a flow chart go: columns from left to right, few crossings, straight wires.

The method of Sugiyama, Tagawa and Toda (1981) in its four steps: give each box a column, let wires
that span several columns pass through points of their own, order each column by the average
position of its neighbours, then move boxes towards their neighbours as far as the spacing allows.
"""

from collections.abc import Sequence
from typing import NamedTuple

SWEEPS = 12


class Edge(NamedTuple):
    """A wire from box `source` to box `target`, arriving `port` above its middle."""

    source: int
    target: int
    port: float = 0.0


class Arrangement(NamedTuple):
    """`column[i]` and `y[i]` of each box, and the heights at which each edge passes columns."""

    column: list[int]
    y: list[float]
    through: list[list[float]]


def arrange(heights: Sequence[float], edges: Sequence[Edge], near=(), pass_height=0.0):
    """Columns and heights of boxes whose edges all point from a lower to a higher index.

    heights[i] is the room that box i takes in its column, pass_height that of a passing wire. The
    boxes in `near` have no edges into them and stand one column before their first target; other
    such boxes stand in column 0.
    """
    column = _columns(len(heights), edges, near)
    # Every edge becomes a path of short ones; points between are numbered after the boxes.
    room, place, paths, short = list(heights), list(column), [], []
    for edge in edges:
        path = [edge.source]
        for c in range(column[edge.source] + 1, column[edge.target]):
            path.append(len(room))
            room.append(pass_height)
            place.append(c)
        path.append(edge.target)
        paths.append(path)
        ends = [0.0] * (len(path) - 2) + [edge.port]
        short += [(a, b, port) for a, b, port in zip(path, path[1:], ends, strict=False)]
    order = _ordered(place, short)
    y = _heights(order, room, short)
    return Arrangement(column, y[: len(heights)], [[y[i] for i in path[1:-1]] for path in paths])


def _columns(n, edges, near):
    column = [0] * n
    for i in range(n):
        column[i] = max((column[e.source] + 1 for e in edges if e.target == i), default=0)
    for i in near:
        column[i] = min((column[e.target] for e in edges if e.source == i), default=1) - 1
    return column


def _ordered(place, short):
    """The boxes and points of each column from top to bottom, with as few crossings as found."""
    order: list[list[int]] = [[] for _ in range(max(place) + 1)]
    for i in _depth_first(place, short):
        order[place[i]].append(i)
    best, fewest = [list(c) for c in order], _crossings(order, short)
    for sweep in range(SWEEPS):
        forward = sweep % 2 == 0
        rank = {i: k / max(1, len(c) - 1) for c in order for k, i in enumerate(c)}
        for c in order if forward else reversed(order):
            wish = {}
            for i in c:
                if forward:
                    near = [rank[a] for a, b, _ in short if b == i]
                else:
                    near = [rank[b] - 1e-4 * port for a, b, port in short if a == i]
                wish[i] = sum(near) / len(near) if near else rank[i]
            c.sort(key=wish.__getitem__)
            rank.update((i, k / max(1, len(c) - 1)) for k, i in enumerate(c))
        crossings = _crossings(order, short)
        if crossings < fewest:
            best, fewest = [list(c) for c in order], crossings
    return best


def _depth_first(place, short):
    """All boxes and points from the output backwards, the arguments of each in their order."""
    into: dict[int, list[int]] = {}
    for a, b, _ in short:
        into.setdefault(b, []).append(a)
    seen: dict[int, None] = {}
    todo = sorted(range(len(place)), key=place.__getitem__)
    while todo:
        i = todo.pop()
        if i not in seen:
            seen[i] = None
            todo += reversed(into.get(i, []))
    return seen


def _crossings(order, short):
    rank = {i: k for c in order for k, i in enumerate(c)}
    column = {i: k for k, c in enumerate(order) for i in c}
    by_column: dict[int, list] = {}
    for a, b, port in short:
        by_column.setdefault(column[a], []).append((rank[a], rank[b] - 1e-4 * port))
    return sum(
        (a[0] - b[0]) * (a[1] - b[1]) < 0
        for group in by_column.values()
        for k, a in enumerate(group)
        for b in group[:k]
    )


def _heights(order, room, short):
    """A height for each box and point: near its neighbours, in order, with room to spare."""
    y = [0.0] * len(room)
    for c in order:
        _spread(c, dict.fromkeys(c, 0.0), room, y)
    for sweep in range(4 * SWEEPS + 1):
        forward = sweep % 2 == 0
        for c in order if forward else reversed(order):
            wish = {}
            for i in c:
                ahead = [y[b] + port for a, b, port in short if a == i]
                behind = [y[a] - port for a, b, port in short if b == i]
                near = (behind or ahead) if forward else (ahead or behind)
                wish[i] = sum(near) / len(near) if near else y[i]
            _spread(c, wish, room, y)
    return y


def _spread(column, wish, room, y):
    """Move a column as near to its wishes as order and spacing allow: pool adjacent violators."""
    groups: list[list] = []  # members, their offsets from the first, the sum of its wishes
    for i in column:
        groups.append([[i], [0.0], wish[i]])
        while len(groups) > 1:
            (above, offsets, total), (below, others, more) = groups[-2:]
            gap = (room[above[-1]] + room[below[0]]) / 2
            step = offsets[-1] - gap  # y grows upwards, the column is read downwards
            if total / len(above) + step >= more / len(below):
                break
            joined = offsets + [step + o for o in others]
            groups[-2:] = [[above + below, joined, total + more - step * len(below)]]
    for members, offsets, total in groups:
        for i, offset in zip(members, offsets, strict=True):
            y[i] = total / len(members) + offset
