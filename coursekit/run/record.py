"""Further quantities that a training keeps when asked to."""

from collections.abc import Callable

import numpy as np

from .. import backend


def _norm(v):
    return np.sqrt((v * v).sum())


# after each step, from the minibatch, theta before the step and theta after it
PER_STEP: dict[str, Callable] = {
    "grad_norm": lambda batch, theta, ahead: _norm(batch.uncounted().grad(theta)),
    "update_norm": lambda batch, theta, ahead: _norm(ahead - theta),
}
# before the first epoch and after each, from the theta to evaluate
PER_EPOCH: dict[str, Callable] = {"theta": lambda theta: theta}


class Recorder:
    """Collects what `record` names: grad_norm, update_norm, theta, or functions of theta."""

    def __init__(self, record):
        record = [record] if isinstance(record, str) or callable(record) else list(record)
        self.per_step: dict[str, Callable] = {}
        self.per_epoch: dict[str, Callable] = {}
        for what in record:
            if callable(what):
                self.per_epoch[getattr(what, "__name__", type(what).__name__)] = what
            elif what in PER_STEP:
                self.per_step[what] = PER_STEP[what]
            elif what in PER_EPOCH:
                self.per_epoch[what] = PER_EPOCH[what]
            else:
                known = ", ".join([*PER_STEP, *PER_EPOCH])
                raise ValueError(f"record knows {known} and functions of theta, not {what!r}")
        self.names = [*self.per_step, *self.per_epoch]
        self._new: dict[str, list] = {name: [] for name in self.per_step}  # on the device
        self._kept: dict[str, list] = {name: [] for name in self.names}  # on the host

    def step(self, batch, theta, ahead):
        """After a step from theta to ahead on this minibatch."""
        for name, f in self.per_step.items():
            self._new[name].append(f(batch, theta, ahead))

    def fetch(self, steps: int):
        """Bring what the whole steps left, `steps` in all, to the host."""
        for name, new in self._new.items():
            self._kept[name] += collected(new[: steps - len(self._kept[name])]).tolist()
            new.clear()

    def epoch(self, theta):
        """After an epoch that ended with theta."""
        for name, f in self.per_epoch.items():
            value, kept = np.array(backend.to_host(f(theta))), self._kept[name]
            if kept and kept[0].shape != value.shape:
                raise ValueError(
                    f"record: {name} gave shape {kept[0].shape} first and {value.shape} now"
                )
            kept.append(value)

    def arrays(self) -> dict[str, np.ndarray]:
        """One array for each name, a row for each step or epoch."""
        return {name: np.array(kept) for name, kept in self._kept.items()}

    def restore(self, arrays: dict[str, np.ndarray]):
        """Continue from what `arrays` gave."""
        self._kept = {name: [*backend.to_host(array)] for name, array in arrays.items()}


def collected(numbers: list) -> np.ndarray:
    """Numbers of the backend as one host array, in one transfer."""
    return backend.to_host(np.stack(numbers)).astype(float) if numbers else np.zeros(0)
