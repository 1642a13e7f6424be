"""One colour, marker and line style per optimizer, the same in the whole course.

Marker and line style together are unique, so every figure can also be read in grey; the methods
that are most often drawn together have colours of their own.
"""

from typing import Any, NamedTuple

from .themes import Theme, theme


class Style(NamedTuple):
    """A colour name of the palette, a matplotlib marker and a matplotlib line style."""

    color: str
    marker: str
    line: str


# A line style is a kind of method: solid for first-order methods, dashed for second-order ones,
# dash-dot for methods on blocks and manifolds, dotted for learned and historical ones.
STYLES = {
    "GradientDescent": Style("black", "o", "-"),
    "SGD": Style("black", "s", "-"),
    "Momentum": Style("blue", "^", "-"),
    "Nesterov": Style("sky", "v", "-"),
    "Adagrad": Style("orange", "D", "-"),
    "RMSprop": Style("green", "P", "-"),
    "Adadelta": Style("yellow", "X", "-"),
    "Adam": Style("vermilion", "*", "-"),
    "AdamW": Style("purple", "h", "-"),
    "AMSGrad": Style("purple", "p", "-"),
    "Adamax": Style("orange", "<", "-"),
    "Nadam": Style("sky", ">", "-"),
    "RAdam": Style("green", "d", "-"),
    "Rprop": Style("yellow", "H", "-"),
    "ASGD": Style("black", "8", "-"),
    "QHAdam": Style("blue", "1", "-"),
    "AggMo": Style("blue", "2", "-"),
    "PolyakStep": Style("green", "3", "-"),
    "SignDescent": Style("yellow", "4", "-"),
    "CoordinateDescent": Style("orange", "s", "--"),
    "ConjugateGradient": Style("green", "o", "--"),
    "Newton": Style("vermilion", "D", "--"),
    "SaddleFreeNewton": Style("purple", "P", "--"),
    "SubsampledNewton": Style("vermilion", "d", "--"),
    "BFGS": Style("blue", "v", "--"),
    "LBFGS": Style("sky", "^", "--"),
    "StochasticQuasiNewton": Style("sky", "<", "--"),
    "TrustRegion": Style("purple", "*", "--"),
    "TRish": Style("orange", "X", "--"),
    "STRON": Style("green", "h", "--"),
    "HessianFree": Style("yellow", "p", "--"),
    "KFAC": Style("vermilion", "s", "-."),
    "Shampoo": Style("blue", "o", "-."),
    "StiefelSGD": Style("green", "^", "-."),
    "CayleySGD": Style("orange", "v", "-."),
    "CayleyAdam": Style("purple", "D", "-."),
    "LearnedLSTM": Style("sky", "P", ":"),
    "HierarchicalRNN": Style("yellow", "X", ":"),
    "Perceptron": Style("black", "o", ":"),
    "ClipNorm": Style("blue", "s", ":"),
    "ClipValue": Style("sky", "D", ":"),
    "DecoupledDecay": Style("purple", "^", ":"),
    "Average": Style("green", "v", ":"),
    "Lookahead": Style("orange", "*", ":"),
    "GradientNormPenalty": Style("vermilion", "h", ":"),
}


def style(optimizer: Any, look: Theme | None = None) -> dict[str, Any]:
    """Keyword arguments for `Axes.plot` that draw this optimizer as everywhere else.

    `optimizer` is an optimizer, its class or its name. Raises ValueError for an unknown one.

    >>> style("Newton")
    {'color': '#BE5604', 'marker': 'D', 'linestyle': '--'}
    """
    name = optimizer
    if not isinstance(name, str):
        name = (optimizer if isinstance(optimizer, type) else type(optimizer)).__name__
    if name not in STYLES:
        raise ValueError(f"no style for an optimizer called {name!r}; known: {', '.join(STYLES)}")
    s = STYLES[name]
    return {"color": (look or theme()).color(s.color), "marker": s.marker, "linestyle": s.line}
