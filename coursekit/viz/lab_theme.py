"""Whether JupyterLab is dark, from its settings, before any page has told.

Cells that are run all at once draw their pictures before the first message of a page is heard.
"""

import json
import os
import re
from importlib import import_module
from pathlib import Path

FILE = Path("@jupyterlab", "apputils-extension", "themes.jupyterlab-settings")


def dark() -> bool | None:
    """Whether the theme chosen in JupyterLab is a dark one; None where that is not known.

    Only kernels that a Jupyter server has started belong to a page; nothing is known where the
    theme follows the system, has another maker's name, or was never chosen.

    >>> dark()  # outside of JupyterLab
    """
    if "JPY_SESSION_NAME" not in os.environ:
        return None
    try:
        text = (_settings() / FILE).read_text(encoding="utf-8")
        chosen = dict(json.loads(re.sub(r"^\s*//.*$|,(?=\s*})", "", text, flags=re.MULTILINE)))
    except (ImportError, OSError, TypeError, ValueError):
        return None
    if chosen.get("adaptive-theme") or not str(chosen.get("theme")).startswith("JupyterLab "):
        return None
    return "Dark" in chosen["theme"]


def _settings() -> Path:
    """Where JupyterLab keeps what its user has chosen."""
    if place := os.environ.get("JUPYTERLAB_SETTINGS_DIR"):
        return Path(place)
    return Path(import_module("jupyter_core.paths").jupyter_config_dir(), "lab", "user-settings")
