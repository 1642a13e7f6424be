"""What gradients and Hessians are said to tell."""

import numpy as np

from ..landscapes import monkey_saddle, quadratic
from ..objective import Objective
from .card import NOTES, THADANI, Exhibit, Pair


# --- E14 -----------------------------------------------------------------------------------------
def _product(x=2.0, y=-3.0, h=0.1) -> Pair:
    """What is added to x y when x grows by h: "a decrease by -3h", and what is true."""
    return Pair(-(y * h), (x + h) * y - x * y)


def _product_numbers() -> dict[str, float]:
    says, right = _product()
    return {"change of xy, as printed": says, "change of xy": right}


E14 = Exhibit(
    "E14",
    "Decreased by a negative number",
    NOTES,
    r"\partial f / \partial x = y = -3: \text{ increasing } x \text{ by } h "
    r"\text{ would decrease } xy \text{ by } -3h",
    r"xy \text{ changes by } -3h: \text{ it decreases by } 3h",
    "To decrease by -0.3 is to increase by 0.3.",
    _product,
    _product_numbers,
)


# --- E15 -----------------------------------------------------------------------------------------
def _shapes(n=3) -> Pair:
    """The gradient at x + h to first order, for columns (n, 1): with h^T H, and with H h."""
    f = quadratic(tuple(range(1, n + 1)), rotation="random")
    x, h = np.ones((n, 1)), 0.1 * np.arange(1, n + 1)[:, None]
    g, H = f.grad(x[:, 0])[:, None], f.hessian(x[:, 0])
    return Pair(g + h.T @ H, g + H @ h)


def _shapes_numbers() -> dict[str, float]:
    says, right = _shapes()
    f = quadratic((1, 2, 3), rotation="random")
    there = f.grad(np.ones(3) + 0.1 * np.arange(1, 4))
    return {
        "numbers in the gradient, as printed": says.size,
        "numbers in the gradient": right.size,
        "error of H h": float(np.abs(right[:, 0] - there).max()),
    }


E15 = Exhibit(
    "E15",
    "A row added to a column",
    NOTES,
    r"\nabla f(x + h) = \nabla f(x) + h^\top H_f(x) + O(\|h\|^2)",
    r"\nabla f(x + h) = \nabla f(x) + H_f(x) \, h + O(\|h\|^2)",
    "NumPy does not complain: a column (n, 1) plus a row (1, n) is a matrix (n, n).",
    _shapes,
    _shapes_numbers,
)


# --- E16 -----------------------------------------------------------------------------------------
def _inconclusive() -> Pair:
    """Curvatures at 0 of a minimum, x^4 + y^4, and of a saddle, x^3 - 3 x y^2."""
    minimum = Objective(lambda x: (x**4).sum())
    return Pair(*(np.linalg.eigvalsh(f.hessian(np.zeros(2))) for f in (minimum, monkey_saddle())))


def _inconclusive_numbers() -> dict[str, float]:
    minimum, saddle = _inconclusive()
    turn = np.linspace(0, 2 * np.pi, 100)
    around = np.column_stack([np.cos(turn), np.sin(turn)])
    return {
        "least curvature at a minimum": float(minimum[0]),
        "least curvature at a saddle": float(saddle[0]),
        "least value around the minimum": float((around**4).sum(axis=1).min()),
        "least value around the saddle": float(monkey_saddle().value(around).min()),
        "largest value around the saddle": float(monkey_saddle().value(around).max()),
    }


E16 = Exhibit(
    "E16",
    "Minima without curvature",
    NOTES,
    r"\text{For a true minimum or maximum, the curvatures along all directions "
    r"have the same sign}",
    r"\text{minimum} \Rightarrow H \succeq 0; \quad H \succ 0 \Rightarrow \text{minimum}; "
    r"\quad \text{at } \lambda = 0 \text{ the Hessian cannot tell}",
    "x^4 + y^4 has a minimum and the monkey saddle a saddle, and both have the Hessian 0.",
    _inconclusive,
    _inconclusive_numbers,
)


# --- E57 -----------------------------------------------------------------------------------------
_G, _H = np.array([4.0, 1.0]), np.diag([8.0, 1.0])
_LENGTHS = {
    "Euclidean": lambda d: np.sqrt((d * d).sum(axis=-1)),
    "largest coordinate": lambda d: np.abs(d).max(axis=-1),
    "sum of coordinates": lambda d: np.abs(d).sum(axis=-1),
    "Hessian": lambda d: np.sqrt(((d @ _H) * d).sum(axis=-1)),
}


def _steepest(length="Hessian") -> Pair:
    """The gradient (4, 1), and the direction of length 1 in which f rises most, found by trying."""
    turn = np.linspace(0, 2 * np.pi, 36_000, endpoint=False)
    d = np.column_stack([np.cos(turn), np.sin(turn)])
    d /= _LENGTHS[length](d)[:, None]
    return Pair(_G, d[(d @ _G).argmax()])


def _steepest_numbers() -> dict[str, float]:
    found = {}
    for name in _LENGTHS:
        g, d = _steepest(name)
        cosine = g @ d / np.linalg.norm(g) / np.linalg.norm(d)
        found[f"degrees from the gradient, {name}"] = float(np.degrees(np.arccos(cosine)))
    return found


E57 = Exhibit(
    "E57",
    "Steepest, by which measure",
    THADANI,
    r"\nabla L \text{ always points in the direction of steepest increase}",
    r"\text{Euclidean length: } g; \quad \|d\|_\infty: \; \mathrm{sign}(g); \quad "
    r"\|d\|_1: \; e_i, \, i = \mathrm{argmax} |g_i|; \quad "
    r"\sqrt{d^\top H d}: \; H^{-1} g",
    "Steepest means most rise per length, and length is a choice: the other choices are sign "
    "descent, coordinate descent and Newton's method.",
    _steepest,
    _steepest_numbers,
)
