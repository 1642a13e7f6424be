"""The exercises of the chapter on SGD: the gradient of a minibatch, and the batches of an epoch."""

from itertools import islice

import numpy as np

from ..backend import rng
from .verdict import Accident, Exercise, Fault, Mistake

# --- the mean gradient of half the squared error on some rows ------------------------------------


def _gradient(w, X, y, rows):
    return (X[rows].T @ (X[rows] @ w - y[rows]) / len(rows),)


def _draw(m: int, n: int, rows, seed: int) -> tuple:
    generator = rng(seed)
    X, y = generator.standard_normal((m, n)), generator.standard_normal(m)
    return generator.standard_normal(n), X, y, np.array(rows)


SMALL = (
    np.array([2.0, 1.0]),
    np.array([[1.0, 0.0], [0.0, 3.0], [1.0, 1.0]]),
    np.array([0.0, 1.0, 5.0]),
    np.array([1, 2]),
)
CASES = [
    SMALL,
    _draw(8, 3, [6, 1, 4, 3], 1),
    _draw(5, 4, [2], 2),
    _draw(6, 3, [4, 4, 0, 4, 2], 3),  # with replacement: a row may come more than once
]


def _scaled(by):
    """The right gradient times a number."""

    def formula(w, X, y, rows):
        return (by(X, rows) * _gradient(w, X, y, rows)[0],)

    return formula


def _means_multiplied(w, X, y, rows):
    return (X[rows].mean(axis=0) * (X[rows] @ w - y[rows]).mean(),)


def _on(choose, labels=None):
    """The gradient of other rows, or with the labels of others."""

    def formula(w, X, y, rows):
        chosen = choose(rows, y)
        taken = chosen if labels is None else labels(rows, y)
        return (X[chosen].T @ (X[chosen] @ w - y[taken]) / len(chosen),)

    return formula


def _without_labels(w, X, y, rows):
    return (X[rows].T @ (X[rows] @ w) / len(rows),)


def _each_row(w, X, y, rows):
    return (X[rows] * (X[rows] @ w - y[rows])[:, None],)


minibatch_gradient = Exercise(
    "minibatch_gradient",
    "minibatch_gradient(w, X, y, rows)",
    ("g",),
    _gradient,
    CASES,
    called="{}",
    nudge="First take the rows of the batch, from X and from y alike. Then it is the gradient of a "
    "mean: each row of X times its own error, averaged.",
    start="The errors of the batch are X[rows] @ w - y[rows]. Multiply each row of X[rows] by its "
    "error, sum over the rows (a product with X[rows].T does both), and divide by their number.",
    mistakes=(
        Mistake(
            "sum",
            _scaled(lambda X, rows: len(rows)),
            "Your gradient grows with the size of the batch. Should a batch of 100 take steps 100 "
            "times as long?",
            "This is the sum over the batch; divide it by len(rows).",
        ),
        Mistake(
            "divided by m",
            _scaled(lambda X, rows: len(rows) / len(X)),
            "You average over more rows than you have seen.",
            "Divide by the number of rows in the batch, len(rows), not by that of all data.",
        ),
        Mistake(
            "factor 2",
            _scaled(lambda X, rows: 2.0),
            "The direction is right. What is the derivative of e**2 / 2?",
            "The loss has a factor 1/2, which takes away the 2 of the derivative: leave it out.",
        ),
        Mistake(
            "factor 2",
            _scaled(lambda X, rows: 0.5),
            "The direction is right. What is the derivative of e**2 / 2?",
            "The factor 1/2 of the loss and the 2 of the derivative cancel: leave both out.",
        ),
        Mistake(
            "sign",
            _scaled(lambda X, rows: -1.0),
            "Does your gradient point uphill?",
            "The error is prediction minus label: X[rows] @ w - y[rows].",
        ),
        Mistake(
            "all rows",
            _on(lambda rows, y: np.arange(len(y))),
            "Which rows has your gradient seen?",
            "This is the gradient of all the data. Use X[rows] and y[rows] in place of X and y.",
        ),
        Mistake(
            "labels of others",
            _on(lambda rows, y: rows, lambda rows, y: np.arange(len(rows))),
            "Each row of X has its own label. Which labels have you taken?",
            "You took the first labels; take y[rows], the labels of the same rows.",
        ),
        Mistake(
            "first rows",
            _on(lambda rows, y: np.arange(len(rows))),
            "Which rows has your gradient seen?",
            "You took the first rows, as many as asked for. rows says which: X[rows], y[rows].",
        ),
        Mistake(
            "repeats dropped",
            _on(lambda rows, y: np.unique(rows)),
            "Drawn with replacement, a row may come more than once. Does it count each time?",
            "X[rows] repeats a row as often as it is named; a mask or a set would keep it once.",
        ),
        Mistake(
            "means multiplied",
            _means_multiplied,
            "Is the mean of a product the product of the means?",
            "Each row of X is multiplied by its own error first, and the products are averaged.",
        ),
        Mistake(
            "no labels",
            _without_labels,
            "With which labels does your prediction agree when the gradient is zero?",
            "The error is X[rows] @ w - y[rows]; the labels are missing.",
        ),
    ),
    accidents=(
        Accident(
            "returns",
            "The gradient is one array, with one number for each weight.",
            "End with: return g",
        ),
        Accident(
            "shape",
            "The gradient has one number for each weight in w. Over which axis do you average?",
            "Average over the rows of the batch, the first axis: a product X[rows].T @ errors does "
            "it, or .mean(axis=0) of each row times its error.",
        ),
        Accident(
            "infinite",
            "Is something divided by a number that may be zero?",
            "Divide by len(rows) alone, which is never zero.",
        ),
    ),
    errors=(
        ("mismatch in its core dimension", "X[rows] and y[rows] have as many rows as the batch; X "
         "and y have more. Use the rows of the batch everywhere."),
        ("could not be broadcast", "Do both arrays have the rows of the batch? Errors of shape "
         "(B,) become a column to multiply rows with by [:, None]."),
    ),
)  # fmt: skip


# --- an epoch: every row once, in batches, in an order that rng draws -----------------------------
class Epoch(Exercise):
    """An exercise without one right answer: what is asked of the batches holds for many orders."""

    def _find(self, function) -> Fault | None:
        if not callable(function):
            return super()._find(function)
        if said := self._unfit(function):
            begin = f"Begin it with: def {self.signature}:"
            return Fault("signature", said, begin, begin)
        orders = []
        for m, size, seed in self.cases:
            found = self._epoch(function, m, size, np.random.default_rng(seed))
            if isinstance(found, Fault):
                return found
            orders.append(found)
        return self._chance(function, orders)

    def _epoch(self, function, m, size, generator) -> np.ndarray | Fault:
        """The order in which the rows came, or what is wrong with the batches."""
        X = np.stack([np.arange(m), 0.1 * np.arange(m)], axis=1)
        y = 100.0 + np.arange(m)
        kept, asked = (X.copy(), y.copy()), f"With {m} rows and B = {size}"
        try:
            answer = function(X, y, size, generator)
            if answer is None or answer is ...:
                return self._stub("It returns nothing yet (None).", returned=True)
            batches = list(islice(answer, 3 * m))
        except NotImplementedError:
            return self._stub("It is still to be written.")
        except RecursionError:
            said = "It calls itself without end."
            return Fault("recursion", said, "One loop over the batches is enough.", self.start)
        except (Exception, SystemExit) as error:
            return self._crash(error)
        if not (np.array_equal(X, kept[0]) and np.array_equal(y, kept[1])):
            return IN_PLACE
        rows = []
        for batch in batches:
            if not isinstance(batch, tuple | list) or len(batch) != 2:
                said = "A batch is a pair, (X_batch, y_batch)."
                return Fault("returns", said, "What does a step of SGD need of its rows?",
                             "Give X[rows], y[rows] for the rows of each batch.")  # fmt: skip
            a, b = (np.asarray(part) for part in batch)
            if a.ndim != 2 or a.shape[1:] != (2,) or b.shape != a.shape[:1]:
                said = f"{asked}, a batch has the shapes {a.shape} and {b.shape}."
                return Fault("shape", said, "X_batch has the same columns as X, and y_batch one "
                             "label for each of its rows.", "Take X[rows] and y[rows] with one "
                             "array of row numbers, rows.")  # fmt: skip
            if not np.array_equal(b, 100.0 + a[:, 0]):
                return APART
            rows.append(a[:, 0].astype(int))
        return self._complete(rows, m, size, asked)

    def _complete(self, rows, m, size, asked) -> np.ndarray | Fault:
        order = np.concatenate([*rows, np.array([], int)])
        lengths = [len(r) for r in rows]
        said = f"{asked} your batches have {', '.join(map(str, lengths[:8])) or 'no'} rows"
        said += f" and {len(np.unique(order))} of the {m} rows come."
        if sorted(set(order)) != sorted(order):
            once = len(order) == m
            return REPLACED._replace(message=said) if once else TWICE._replace(message=said)
        if lengths == [size] * (m // size) and m % size:
            return SHORT_LOST._replace(message=said)
        if len(order) < m:
            return MISSING._replace(message=said)
        if lengths != [size] * (m // size) + [m % size] * (m % size > 0):
            return LENGTHS._replace(message=said)
        return order

    def _chance(self, function, orders) -> Fault | None:
        """Whether the order is drawn, from rng, and anew in each epoch."""
        m, size, seed = self.cases[0]
        again, other = np.random.default_rng(seed), np.random.default_rng(seed + 1)
        found = [self._epoch(function, m, size, g) for g in (again, again, other)]
        if fault := next((f for f in found if isinstance(f, Fault)), None):
            return fault
        first, (same, next_, third) = orders[0], found
        if all(np.array_equal(order, np.sort(order)) for order in orders):
            return ORDERED
        if all(np.array_equal(np.roll(order, -order.argmin()), np.sort(order)) for order in orders):
            return TURNED
        if not np.array_equal(first, same):
            return OWN_CHANCE
        if np.array_equal(first, third) or np.array_equal(same, next_):
            return IGNORED
        return None


IN_PLACE = Fault(
    "in place",
    "It changes X or y, which belong to the caller.",
    "rng.shuffle(X) moves the rows of X itself, and leaves their labels where they were.",
    "Shuffle row numbers in place of the rows: order = rng.permutation(len(y)).",
)
APART = Fault(
    "labels apart",
    "In your batches a row of X comes with the label of another row.",
    "What has been shuffled, and what has not?",
    "Draw one order, and use it for both: X[rows] and y[rows].",
)
REPLACED = Fault(
    "with replacement",
    "",
    "In an epoch every row comes once. Can a row of yours come twice?",
    "rng.integers and rng.choice draw with replacement; rng.permutation(len(y)) has each row once.",
)
TWICE = Fault(
    "rows twice",
    "",
    "In an epoch every row comes once. Do your batches overlap, or is there more than one epoch?",
    "Batch number k has the rows order[k * B : (k + 1) * B], for k from 0, in one loop.",
)
SHORT_LOST = Fault(
    "last batch lost",
    "",
    "What happens when B does not divide the number of rows?",
    "Go on until all rows are used: for start in range(0, len(y), B). The last batch may be short.",
)
MISSING = Fault(
    "rows missing",
    "",
    "In an epoch every row comes once. Which ones are missing?",
    "Batch by batch, take order[start : start + B], for start in range(0, len(y), B).",
)
LENGTHS = Fault(
    "batch sizes",
    "",
    "Every batch has B rows, but the last one, which has the rest.",
    "Slices order[start : start + B] with start = 0, B, 2 B, ... have these sizes.",
)
ORDERED = Fault(
    "not shuffled",
    "The rows come in the order in which they are stored.",
    "What if the file is sorted by its labels?",
    "Draw an order first: order = rng.permutation(len(y)).",
)
TURNED = Fault(
    "not shuffled",
    "Only the first row is drawn; the others follow in the order in which they are stored.",
    "What if the file is sorted by its labels?",
    "Every order should be possible: order = rng.permutation(len(y)).",
)
IGNORED = Fault(
    "rng ignored",
    "Every epoch has the same order, whatever rng is.",
    "rng is there to draw from. Where do you use it?",
    "Use the rng that comes in, rng.permutation(len(y)), and make no generator of your own.",
)
OWN_CHANCE = Fault(
    "rng ignored",
    "With the same rng it gives another order each time.",
    "Where does your chance come from? Nobody could repeat this run.",
    "Use the rng that comes in, rng.permutation(len(y)), in place of np.random or random.",
)

minibatches = Epoch(
    "minibatches",
    "minibatches(X, y, B, rng)",
    ("batches",),
    lambda *_: (),
    [(10, 4, 0), (12, 3, 1), (7, 10, 2), (5, 1, 3)],  # rows, B, seed
    called="{}",
    nudge="First draw an order of all row numbers, then cut it into pieces of B. "
    "(With yield, a loop can give one batch after the other.)",
    start="order = rng.permutation(len(y)); then, for start in range(0, len(y), B), the rows "
    "order[start : start + B] of X and of y are a batch.",
    mistakes=(),
    errors=(
        ("out of bounds", "There are len(y) rows, numbered from 0 to len(y) - 1: one of your row "
         "numbers is too large."),
        ("object is not iterable", "Give all batches of the epoch: a list of pairs, or yield one "
         "pair after the other."),
        ("inhomogeneous", "A shuffled pair (X, y) is no array: shuffle row numbers."),
    ),
)  # fmt: skip
