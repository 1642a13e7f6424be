"""A dissection of Adam, and the step of it that is looked at."""

from typing import NamedTuple

import numpy as np

from .dissection import Ground, Setting, Walk
from .stages import Stages, stages
from .twins import Twin

SURFACES = {
    "elongated": "A bowl",
    "saddle_well": "A saddle",
    "plateau": "A well in a plain",
    "beale": "Beale's function",
    "slope": "A slope",
}
ADAM = ("momentum", "RMS", "correction")  # the parts of the published method


class Result(NamedTuple):
    """A walk, and the step of it that is looked at."""

    ground: Ground
    setting: Setting
    as_rates: bool  # which of two readings of one formula
    walk: Walk
    adam: Walk  # the same with the parts of the published method
    twins: list[Twin]
    t: int  # from 1
    steps: int

    @property
    def strides(self) -> np.ndarray:
        """(n, 2) the steps in units of lr."""
        return self.walk.moves / self.setting.lr

    @property
    def twin(self) -> Twin | None:
        """The known method to show: one that is not called Adam, if there is any."""
        others = [twin for twin in self.twins if twin.known.style != "Adam"]
        return next(iter(others or self.twins), None)

    @property
    def longest(self) -> int:
        """The step that is longest in any coordinate, from 1."""
        return int(abs(self.strides).max(axis=1).argmax()) + 1

    @property
    def stages(self) -> Stages:
        """What the step that is looked at is made of."""
        return stages(self.setting, self.walk, self.t, self.as_rates)
