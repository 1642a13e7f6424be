"""The progress bar of a training: a widget in a notebook, a line of text in a terminal."""

import sys


class Silent:
    """No bar."""

    def __enter__(self):
        return self

    def __exit__(self, *error):
        pass

    def update(self):
        pass

    def report(self, epoch, of, line):
        pass


def bar(progress: bool, steps: int, done: int):
    """A bar over `steps` steps of which some are done already; tqdm is imported only if wanted."""
    if not progress:
        return Silent()

    class Bar(_tqdm()):  # type: ignore[misc]
        monitor_interval = 0  # no thread of its own: miniters=1 keeps slow steps visible without

        def report(self, epoch, of, line=""):
            self.set_description_str(f"epoch {epoch}/{of}", refresh=False)
            if line:
                self.set_postfix_str(line, refresh=False)

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
    try:
        import ipywidgets  # noqa: F401
    except ImportError:
        return False
    return True
