"""A small network learns to read real digits, again and again while you drag."""

import functools
from collections.abc import Iterator
from typing import Any, ClassVar, NamedTuple

import numpy as np
from matplotlib.axes import Axes

from .. import data, networks, optim
from ..backend import backend_name, to_host
from ..sampling import minibatches
from ..viz import alt, arrange, blank, dress, legend
from ..viz.artists import Labels, Pixels
from ..viz.themes import Theme, rgb
from .canvas import Canvas
from .engine import Demo
from .params import Param, Value, hyperparameter
from .worker import Pace

GUESSING = float(np.log(10))  # the loss of giving every digit probability 1/10
TOO_LARGE = 100.0  # a batch loss at which a training is given up
LOW, HIGH = 0.01, 10.0  # what the loss axis shows
ROWS, COLUMNS = 3, 6  # misread digits shown


def training(state: str | None = None, **settings: Any) -> Demo:
    """Train a small network on handwritten digits, from the start, at every move of a slider.

    Start, order of the digits and everything else drawn at random depend on `seed` alone, so two
    settings differ only in what you moved.

    >>> import coursekit as ck
    >>> demo = ck.demos.training(lr=0.03)
    >>> demo.status(demo.compute(init="zeros"))
    '190 steps: training loss 2.3, ... No better than guessing.'
    """
    return Training(state, **settings).show()


class Result(NamedTuple):
    """A training so far."""

    batch_loss: np.ndarray  # (steps,) the loss of each batch before its step
    marks: np.ndarray  # (m,) the epochs at which the next two were measured: 0, 0.5, ...
    train_loss: np.ndarray  # (m,) on all training digits
    val_loss: np.ndarray  # (m,) on the validation digits
    read: np.ndarray  # (400,) what the network takes the test digits for
    steps_per_epoch: int
    epochs: int  # asked for
    given_up: bool  # because the loss of a batch was too large
    done: bool

    @property
    def accuracy(self) -> float:
        return float(np.mean(self.read == to_host(_digits().test.y)))


class Training(Demo):
    """See `training`."""

    name = "training"
    title = "Learning to read digits"
    asks: ClassVar = {
        "val_loss": "the validation loss at the end",
        "train_loss": "the training loss at the end",
        "accuracy": "the share of test digits read correctly",
    }
    params = (
        Param("optimizer", "Momentum", choices=("SGD", "Momentum", "Nesterov", "Adam")),
        hyperparameter(optim.Momentum, "lr", default=0.1, range=(1e-4, 10.0), label="step size"),
        hyperparameter(
            optim.Momentum,
            "momentum",
            doc="share of the last step that is kept; for Adam this is beta1",
            active=lambda values: values["optimizer"] != "SGD",
        ),
        Param("batch_size", 32, choices=tuple(2**k for k in range(10)), doc="digits per step"),
        Param("width", 32, choices=tuple(2**k for k in range(8)), doc="hidden units"),
        Param(
            "activation",
            "relu",
            choices=("relu", "leaky_relu", "gelu", "tanh", "sigmoid", "identity"),
        ),
        Param(
            "init",
            "kaiming_normal",
            choices=("kaiming_normal", "xavier_normal", "torch_default", "orthogonal", "zeros"),
            label="initializer",
        ),
        Param("epochs", 5, (1, 10), doc="passes over the 1197 training digits"),
        Param("seed", 0, (0, 9), doc="draws the start and the order of the digits"),
    )
    presets = {  # noqa: RUF012
        "works well": {"width": 64},
        "too small a step": {"lr": 0.001},
        "too large a step": {"lr": 1.0},
        "explodes": {"lr": 10.0},
        "all weights zero": {"init": "zeros"},
        "tiny batch": {"batch_size": 2, "lr": 0.01},
        "sigmoid sleeps": {"activation": "sigmoid", "optimizer": "SGD", "lr": 0.05},
    }

    # --- compute ----------------------------------------------------------------------------------
    def run(
        self, optimizer, lr, momentum, batch_size, width, activation, init, epochs, seed
    ) -> Iterator[Result]:
        digits = _digits()
        net = networks.MLP([64, width, 10], activation=activation)
        theta = net.init(init, rng=seed)
        f = net.objective(digits.train.x, digits.train.y, loss="cross_entropy")
        g = net.objective(digits.validation.x, digits.validation.y, loss="cross_entropy")
        opt = _optimizer(optimizer, lr, momentum)
        state = opt.init(theta)

        n = len(digits.train.y)
        steps_per_epoch = -(-n // batch_size)
        batch_loss: list[float] = []
        marks: list[tuple[float, float, float]] = []
        given_up = False

        def measure() -> None:
            epoch = len(batch_loss) / steps_per_epoch
            marks.append((epoch, float(f.value(theta)), float(g.value(theta))))

        def due() -> bool:  # after every half epoch
            return int(2 * len(batch_loss) / steps_per_epoch) > int(2 * marks[-1][0] + 1e-9)

        def so_far(done: bool) -> Result:
            read = np.argmax(to_host(net(theta, digits.test.x)), axis=1)
            at, train, val = np.array(marks).T
            losses = np.array(batch_loss)
            return Result(losses, at, train, val, read, steps_per_epoch, epochs, given_up, done)

        measure()
        pace = Pace()
        with np.errstate(over="ignore", invalid="ignore"):  # a loss may overflow
            for rows in minibatches(n, batch_size, epochs=epochs, rng=seed):
                batch = f.batch(rows)
                new, state = opt.step(theta, state, batch)
                batch_loss.append(float(batch.last_value))
                if not batch_loss[-1] < TOO_LARGE:
                    given_up = True
                    measure()
                    break
                theta = new
                if due():
                    measure()
                if pace.due():
                    yield so_far(False)
            yield so_far(True)

    # --- draw -------------------------------------------------------------------------------------
    def build(self, canvas: Canvas, theme: Theme) -> None:
        grid = canvas.figure.add_gridspec(2, 2, width_ratios=[1.5, 1], height_ratios=[1, 1.7])
        self._build_loss(canvas, theme, canvas.figure.add_subplot(grid[:, 0]))
        self._build_accuracy(canvas, theme, canvas.figure.add_subplot(grid[0, 1]))
        self._build_misread(canvas, theme, canvas.figure.add_subplot(grid[1, 1]))
        arrange(canvas.figure)

    def _build_loss(self, canvas: Canvas, theme: Theme, ax: Axes) -> None:
        s, self.loss = theme.sizes, ax
        ax.set(yscale="log", ylim=(LOW, HIGH))
        dress(ax, theme, "Loss", "epochs (thin line: each batch)")
        legend(ax, theme, {"■ training": "blue", "● validation": "vermilion"})
        ax.axhline(GUESSING, color=theme.quiet, linewidth=s.thin, linestyle=(0, (4, 3)))
        ax.annotate(
            "guessing: ln 10 = 2.30", (1, GUESSING), (-4, 8), xycoords=("axes fraction", "data"),
            textcoords="offset points", ha="right", fontsize=s.tick, color=theme.quiet,
        )  # fmt: skip
        blue, vermilion = theme.color("blue"), theme.color("vermilion")
        bold: dict[str, Any] = {"linewidth": s.line, "markersize": s.marker}
        (self.batches,) = canvas.all_moving(
            ax.plot([], [], color=theme.tint(blue, 0.38), linewidth=s.thin)
        )
        (self.train,) = canvas.all_moving(ax.plot([], [], "-s", color=blue, **bold))
        (self.val,) = canvas.all_moving(ax.plot([], [], "-o", color=vermilion, **bold))
        self.stop = canvas.moving(Labels(ax, s.title, theme.ink, "bold", va="center"))

    def _build_accuracy(self, canvas: Canvas, theme: Theme, ax: Axes) -> None:
        s = theme.sizes
        blank(ax, theme, "Test accuracy")
        ax.set(xlim=(0, 1), ylim=(0, 1))
        self.number = canvas.moving(Labels(ax, s.number, theme.ink, "bold", ha="left", va="top"))
        ax.barh(0.27, 1, 0.14, color=theme.grid)
        self.bar = canvas.moving(ax.barh(0.27, 0, 0.14, color=theme.color("green"))[0])
        marks = ((0.1, "guessing", "left"), (_nearest_mean(), "nearest mean", "right"))
        for x, words, side in marks:
            ax.plot([x, x], [0.14, 0.4], color=theme.ink, linewidth=s.line, zorder=4)
            if not theme.projector:
                words = f"{words} {100 * x:.0f} %"
            ax.text(x, 0.1, words, fontsize=s.tick, color=theme.quiet, va="top",
                    ha=side)  # fmt: skip

    def _build_misread(self, canvas: Canvas, theme: Theme, ax: Axes) -> None:
        blank(ax, theme, "Misread: written → read")
        self.tiles = canvas.moving(Pixels(ax))
        self.pairs = canvas.moving(Labels(ax, theme.sizes.tick, theme.ink, va="top"))
        self.none = canvas.moving(Labels(ax, theme.sizes.label, theme.ink, ha="left", va="top"))

    def draw(self, result: Result) -> None:
        margin = 0.016 * result.epochs  # room for half a marker
        self.canvas.set(self.loss, xlim=(-margin, result.epochs + margin))
        steps = np.arange(len(result.batch_loss)) / result.steps_per_epoch
        self.batches.set_data(steps, _within(result.batch_loss))
        self.train.set_data(result.marks, _within(result.train_loss))
        self.val.set_data(result.marks, _within(result.val_loss))
        self.stop.set_labels([(result.epochs / 2, 2 * LOW)], [_verdict(result)])

        self.number.set_labels([(0, 1)], [alt.percent(result.accuracy)])
        self.bar.set_width(result.accuracy)

        x, y = _digits().test
        wrong = np.flatnonzero(result.read != y)[: ROWS * COLUMNS]
        picture, points = _mosaic(to_host(x[wrong]), self.canvas.theme, *self.tiles.room)
        self.tiles.set_data(picture)
        self.pairs.set_labels(points, [f"{y[i]}→{result.read[i]}" for i in wrong])
        self.none.set_labels([(0, 1)], ["" if len(wrong) else "none"])

    # --- words ------------------------------------------------------------------------------------
    def status(self, result: Result) -> str:
        n = len(result.read)
        right = f"{alt.percent(result.accuracy)} of {n} test digits read correctly"
        if result.given_up:
            step = len(result.batch_loss) - 1
            return f"Given up at step {step}: the loss of a batch passed {TOO_LARGE:g}. {right}."
        said = (
            f"{alt.count(len(result.batch_loss), 'step')}: training loss "
            f"{alt.number(result.train_loss[-1])}, validation loss "
            f"{alt.number(result.val_loss[-1])}, {right}."
        )
        verdict = _verdict(result)
        return f"{said} {verdict[0].upper()}{verdict[1:]}." if verdict else said

    def describe(self, result: Result) -> str:
        y = to_host(_digits().test.y)
        wrong = np.flatnonzero(result.read != y)
        errors = alt.listing(f"{y[i]} as {result.read[i]}" for i in wrong[:5])
        curves = (
            f"The training loss {alt.trend(result.train_loss)} and the validation loss "
            f"{alt.trend(result.val_loss)} in {alt.count(result.epochs, 'epoch')}."
        )
        if result.given_up:
            step = len(result.batch_loss) - 1
            curves = f"The loss of a batch passes {TOO_LARGE:g} at step {step}: given up."
        return (
            f"{curves} {alt.percent(result.accuracy)} of {len(y)} test digits are read correctly, "
            f"{len(wrong)} are misread" + (f", among them {errors}." if len(wrong) else ".")
        )

    def numbers(self, result: Result) -> dict[str, float]:
        return {
            "steps": len(result.batch_loss),
            "train_loss": float(result.train_loss[-1]),
            "val_loss": float(result.val_loss[-1]),
            "accuracy": result.accuracy,
        }

    def script(self, **v: Value) -> str:
        return f"""\
import coursekit as ck

digits = ck.data.digits()
x, y = digits.train
net = ck.MLP([64, {v["width"]}, 10], activation="{v["activation"]}")
theta = net.init("{v["init"]}", rng={v["seed"]})
f = net.objective(x, y, loss="cross_entropy")
opt = ck.optim.{_spelled(v["optimizer"], v["lr"], v["momentum"])}
state = opt.init(theta)

steps = 0
for rows in ck.minibatches(len(y), {v["batch_size"]}, epochs={v["epochs"]}, rng={v["seed"]}):
    batch = f.batch(rows)
    new, state = opt.step(theta, state, batch)
    steps += 1
    if not batch.last_value < {TOO_LARGE:g}:
        break  # given up
    theta = new

train_loss = float(f.value(theta))
val_loss = float(net.objective(*digits.validation, loss="cross_entropy").value(theta))
x, y = digits.test
accuracy = float((net(theta, x).argmax(axis=1) == y).mean())
print(f"{{steps}} steps, training loss {{train_loss:.4f}}, validation loss {{val_loss:.4f}}")
print(f"{{accuracy:.1%}} of the test digits are read correctly")
"""


# --- the parts -----------------------------------------------------------------------------------
def _digits() -> Any:
    """The digits on the backend in use; loaded once for each."""
    return _digits_on(backend_name())


@functools.cache
def _digits_on(backend: str) -> Any:
    return data.digits()


@functools.cache
def _nearest_mean() -> float:
    """What needs no training: the test accuracy of choosing the class whose mean is nearest."""
    digits = _digits()
    x, y = (to_host(a) for a in digits.train)
    means = np.stack([x[y == c].mean(axis=0) for c in range(10)])
    x, y = (to_host(a) for a in digits.test)
    distances = ((x[:, None] - means) ** 2).sum(axis=-1)
    return float(np.mean(np.argmin(distances, axis=1) == y))


def _spelled(optimizer: str, lr: float, momentum: float) -> str:
    """The optimizer as one writes it."""
    more = {"SGD": "", "Adam": f", beta1={momentum!r}"}.get(optimizer, f", momentum={momentum!r}")
    return f"{optimizer}(lr={lr!r}{more})"


def _optimizer(optimizer: str, lr: float, momentum: float) -> optim.Optimizer:
    kind = getattr(optim, optimizer)
    name = {"SGD": None, "Adam": "beta1"}.get(optimizer, "momentum")
    return kind(lr=lr, **({name: momentum} if name else {}))


def _verdict(result: Result) -> str:
    """What went wrong, in a few words, or nothing."""
    if result.given_up:
        return f"given up at step {len(result.batch_loss) - 1}"
    if result.done and result.train_loss[-1] > 0.98 * GUESSING:
        return "no better than guessing"
    return ""


def _within(loss: np.ndarray) -> np.ndarray:
    """What is far outside the axes brought near: beyond them, and finite."""
    return np.clip(np.nan_to_num(loss, nan=np.inf), LOW / 10, HIGH * 10)


def _mosaic(
    digits: np.ndarray, theme: Theme, height: int, width: int
) -> tuple[np.ndarray, list[tuple[float, float]]]:
    """Digits (n, 64) side by side as pixels, and where under each its label goes, in axes units."""
    down, across = height // ROWS, width // COLUMNS
    grain = min(int(0.62 * down), int(0.82 * across)) // 8  # pixels for one of a digit's
    picture = np.full((ROWS * down, COLUMNS * across, 4), _shades(theme)[0])
    points = []
    for k, digit in enumerate(digits):
        row, column = divmod(k, COLUMNS)
        top, left = row * down, column * across
        small = _shades(theme)[np.round(16 * digit.reshape(8, 8)).astype(int)]
        large = small.repeat(grain, axis=0).repeat(grain, axis=1)
        picture[top : top + 8 * grain, left : left + 8 * grain] = large
        points.append(((left + 4 * grain) / width, 1 - (top + 8 * grain + 0.05 * down) / height))
    return picture, points


@functools.cache
def _shades(theme: Theme) -> np.ndarray:
    """The 17 grey levels of the digits, from paper to ink: (17, 4) uint8."""
    levels = (rgb(theme.tint(theme.ink, k / 16)) for k in range(17))
    return np.array([[*(round(255 * c) for c in level), 255] for level in levels], np.uint8)
