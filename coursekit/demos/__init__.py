"""The interactive experiments: `dir(ck.demos)` lists them, `ck.demos.race()` opens one."""

import importlib
import sys
from types import ModuleType
from typing import Any

# Each demo is the function of that name in the file or folder of that name, loaded on first use.
DEMOS = (
    "activation_bench",
    "adaptive",
    "anatomy",
    "conventions",
    "delay",
    "early_stopping",
    "gd_vs_sgd",
    "gradient_cloud",
    "inertia",
    "nesterov",
    "race",
    "signal",
    "stability",
    "training",
)
__all__ = list(DEMOS)


def __getattr__(name: str) -> Any:
    if name not in DEMOS:
        raise AttributeError(f"there is no demo {name!r}; there are {', '.join(DEMOS)}")
    return getattr(importlib.import_module(f"{__name__}.{name}"), name)


def __dir__() -> list[str]:
    return list(DEMOS)


class _Catalogue(ModuleType):
    """Importing demos/race.py sets the attribute `race` to the file, hiding the demo behind it."""

    def __setattr__(self, name: str, value: Any) -> None:
        if not (name in DEMOS and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Catalogue
