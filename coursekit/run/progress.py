"""The progress bar of a training: a widget in a notebook, a line of text in a terminal."""

import importlib.util
import sys
from math import isnan


class Silent:
    """No bar."""

    def __enter__(self):
        return self

    def __exit__(self, *error):
        pass

    def update(self):
        pass

    def report(self, epoch, of, done):
        pass


def bar(progress: bool, steps: int, done: int):
    """A bar over `steps` steps of which some are done already; tqdm is imported only if wanted."""
    if not progress:
        return Silent()

    class Bar(_tqdm()):  # type: ignore[misc]
        monitor_interval = 0  # no thread of its own: miniters=1 keeps slow steps visible without

        def report(self, epoch, of, done):
            self.set_description_str(f"epoch {epoch}/{of}", refresh=False)
            for line in done:
                text = f"train loss {line.train_loss:.4g}"
                if not isnan(line.val_accuracy):
                    text += f", val accuracy {line.val_accuracy:.1%}"
                self.set_postfix_str(text, refresh=False)

    return Bar(total=steps, initial=done, unit="step", miniters=1, mininterval=0.1)


def _tqdm():
    """tqdm's class for this front end: its widget needs a notebook's kernel and ipywidgets."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    if type(shell).__name__ == "ZMQInteractiveShell" and _has_widgets():
        from tqdm.notebook import tqdm
    else:
        from tqdm.std import tqdm
    return tqdm


def _has_widgets():
    return importlib.util.find_spec("ipywidgets") is not None
