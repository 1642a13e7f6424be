"""A schedule driven by a metric: reduce the step size where nothing improves any more."""

from dataclasses import dataclass, replace
from math import inf

from .hyper import Declared, hyper, is_scalar

MONITORS = ("val_loss", "train_loss", "val_accuracy")


@dataclass(frozen=True)
class Plateau(Declared):
    """lr times factor whenever a metric has not improved for more than `patience` observations.

    PyTorch's ReduceLROnPlateau. `observe(metric)` returns the schedule after it. An improvement
    is metric < best (1 - threshold), or best - threshold in threshold_mode "abs"; in mode "max",
    metric > best (1 + threshold) or best + threshold. A nan never is one. After a reduction,
    `cooldown` observations are not counted; lr stays if it would change by eps or less.

    `fit` shows it `monitor` after each epoch; without validation data, the training loss for the
    validation loss. The last three fields are what it remembers. A resumed fit shows it the old
    epochs once more, so it wants the schedule as it was at the start.

    >>> import coursekit as ck
    >>> s = ck.schedules.Plateau(lr=1.0, factor=0.5, patience=1)
    >>> for loss in [3.0, 2.0, 2.5, 2.0]:
    ...     s = s.observe(loss)
    >>> s(4), s.best
    (0.5, 2.0)
    """

    lr: float = hyper(0.1, low=0, log=True, slider=(1e-4, 1.0), kind="number", doc="step size")
    mode: str = hyper("min", choices=("min", "max"), doc="which way the metric should go")
    factor: float = hyper(
        0.1, low=0, high=1, slider=(0.0, 0.9), kind="number", doc="what multiplies lr"
    )
    patience: int = hyper(10, low=0, slider=(0, 20), kind="whole", doc="failures that are borne")
    threshold: float = hyper(1e-4, low=0, log=True, slider=(1e-6, 0.1), kind="number",
                             doc="the least that counts as an improvement")  # fmt: skip
    threshold_mode: str = hyper("rel", choices=("rel", "abs"), doc="relative to best, or absolute")
    cooldown: int = hyper(0, low=0, slider=(0, 20), kind="whole", doc="rest after a reduction")
    min_lr: float = hyper(0.0, low=0, slider=(0.0, 0.1), kind="number", doc="least step size")
    eps: float = hyper(1e-8, low=0, log=True, slider=(1e-10, 1e-3), kind="number",
                       doc="changes of lr up to this are not made")  # fmt: skip
    monitor: str = hyper("val_loss", choices=MONITORS, doc="what fit shows it")
    best: float | None = None
    num_bad_epochs: int = 0
    cooldown_counter: int = 0

    def __call__(self, k):
        return self.lr

    def observe(self, metric: float) -> "Plateau":
        """This schedule after one more value of the metric."""
        if not is_scalar(metric):
            raise TypeError(f"Plateau: metric must be a number, not {metric!r}")
        metric = float(metric)
        better = self._improves(metric)
        best = metric if better else self.best
        bad = 0 if better or self.cooldown_counter else self.num_bad_epochs + 1
        if bad <= self.patience:
            rest = max(self.cooldown_counter - 1, 0)
            return replace(self, best=best, num_bad_epochs=bad, cooldown_counter=rest)
        lower = max(self.lr * self.factor, self.min_lr)
        lr = lower if self.lr - lower > self.eps else self.lr
        return replace(self, lr=lr, num_bad_epochs=0, cooldown_counter=self.cooldown)

    def _improves(self, metric):
        sign = 1 if self.mode == "max" else -1
        best = -sign * inf if self.best is None else self.best
        if self.threshold_mode == "rel":
            return sign * metric > sign * best * (1 + sign * self.threshold)
        return sign * metric > sign * best + self.threshold
