"""How the course looks: themes, one style per optimizer, quiet axes, words for pictures."""

from .alt import count, listing, number, percent, trend
from .axes import Heading, arrange, blank, dress, legend, outlined
from .circuit import Graph, draw_graph
from .still import Still, figure, landscape
from .styles import STYLES, Style, style
from .themes import DARK, LIGHT, OKABE_ITO, Theme, contrast, theme, use

__all__ = [
    "DARK", "LIGHT", "OKABE_ITO", "Theme", "contrast", "theme", "use",
    "STYLES", "Style", "style",
    "Heading", "arrange", "blank", "dress", "legend", "outlined",
    "Graph", "draw_graph",
    "Still", "figure", "landscape",
    "count", "listing", "number", "percent", "trend",
]  # fmt: skip
