"""A training to stop early, and the ways in which people do."""

import numpy as np


# --- the training --------------------------------------------------------------------------------
class Training:
    """A training whose validation losses are known beforehand.

    `epoch()` trains for an epoch, `loss()` is the validation loss, `theta` the parameters. As in
    real life some trainings change theta in place and others make a new one.
    """

    def __init__(self, losses, in_place=True):
        self._losses = tuple(map(np.float64, losses))
        self._in_place, self._done = in_place, 0
        self.theta = np.array([0.0, 1.0])
        shown = [f"{loss:g}" for loss in losses[1:]]
        self.shown = f"(losses {', '.join(shown[:12])}{', ...' if len(shown) > 12 else ''})"

    def copy(self):
        """The same training, not begun."""
        return Training(self._losses, self._in_place)

    def epoch(self):
        """Train for an epoch."""
        if self._done + 1 == len(self._losses):
            raise RuntimeError("epoch() was called after the last epoch")
        self._done += 1
        step = np.array([1.0, 0.5])
        if self._in_place:
            self.theta += step
        else:
            self.theta = self.theta + step

    def loss(self):
        """The validation loss of theta."""
        return self._losses[self._done]


# --- when to stop, and what to return ------------------------------------------------------------
def improved(loss, lowest, last, delta):
    return loss < lowest - delta


def lower(loss, lowest, last, delta):
    return loss < lowest


def rule(
    better=improved,
    wait_for=lambda patience: patience,
    keep=np.copy,
    resets=True,
    creeps=False,
    keeps_small=False,
    again=None,
    from_start=False,
    check_first=False,
    fewer=0,
    returns=lambda best, lowest, training, loss, stopped: (best, lowest),
):
    """Early stopping, right or with one thing wrong."""

    def formula(training, patience, min_delta, epochs):
        stopped = False
        best, wait, lowest = keep(training.theta), 0, np.float64(np.inf)
        last = loss = lowest
        if from_start:
            lowest = last = training.loss()
        for _ in range(epochs - fewer):
            if check_first:
                loss = training.loss()
            training.epoch()
            if not check_first:
                loss = training.loss()
            if found := better(loss, lowest, last, min_delta):
                best, lowest = keep(training.theta), loss
            if again(loss, lowest, last, min_delta) if again else found:
                wait = 0 if resets else wait
            else:
                wait += 1
                if creeps and loss < lowest:
                    best, lowest = keep(training.theta) if keeps_small else best, loss
                if stopped := wait >= wait_for(patience):
                    break
            last = loss
        return returns(best, lowest, training, loss, stopped)

    return formula


def two_marks(training, patience, min_delta, epochs):
    """Waits as it should, and keeps whatever is lower by ever so little."""
    best, lowest, mark, wait = None, np.inf, np.inf, 0
    for _ in range(epochs):
        training.epoch()
        loss = training.loss()
        if loss < lowest:
            best, lowest = np.copy(training.theta), loss
        mark, wait = (loss, 0) if loss < mark - min_delta else (mark, wait + 1)
        if wait == patience:
            break
    return best, lowest
