"""How good a network is on rows that it is not trained on."""

import math
from typing import NamedTuple

from .. import backend
from ..backend import Array

AT_ONCE = 2**22  # numbers that the widest layer may hold at a time


class Score(NamedTuple):
    """Mean loss and fraction of right answers; nan where there is none."""

    loss: float = math.nan
    accuracy: float = math.nan


class Evaluator:
    """Scores parameters on one split, in pieces that fit into memory; without rows, nan."""

    def __init__(self, net, split, loss):
        self.net, self.loss = net, loss
        self.n = 0 if split is None else len(split[0])
        if not self.n:
            return
        self.x, self.y = (backend.to_device(part) for part in split)
        self._targets = {}
        self._encoded(self.x.dtype if self.x.dtype.kind == "f" else "float64")  # or raise now
        if len(self.y) != self.n:
            raise ValueError(f"x has {self.n} rows but y has {len(self.y)}")
        widths = [b.shape[-1] for b in net.layout.blocks]
        self.rows = max(1, AT_ONCE // max(self.x.shape[1], *widths))

    def __call__(self, theta: Array, stats: tuple) -> Score:
        if not self.n:
            return Score()
        targets = self._encoded(theta.dtype)
        loss = right = 0.0
        for start in range(0, self.n, self.rows):
            part = slice(start, start + self.rows)
            logits = self.net(theta, self.x[part], train=False, stats=stats)
            rows = len(logits)
            loss = loss + rows * self.loss.function(logits, targets[part])
            if self.loss.task == "classification":
                right = right + rows * self.loss.accuracy(logits, self.y[part])
        accuracy = float(right) / self.n if self.loss.task == "classification" else math.nan
        return Score(float(loss) / self.n, accuracy)

    def _encoded(self, dtype):
        if dtype not in self._targets:
            self._targets[dtype] = self.loss.encode(self.y, self.net.outputs, dtype)
        return self._targets[dtype]
