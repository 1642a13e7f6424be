"""Running an optimizer: on a function, on a network with data, over a grid of settings."""

from .fit import fit
from .history import History
from .minimize import Path, minimize
from .stopping import EarlyStopping
from .sweep import Trial, sweep

__all__ = ["EarlyStopping", "History", "Path", "Trial", "fit", "minimize", "sweep"]
