"""An exercise of the chapter on SGD: the batches of an epoch."""

from itertools import islice

import numpy as np

from . import errors
from .exercise import Exercise
from .verdict import Accident, Fault


# --- an epoch: every row once, in batches, in an order that rng draws -----------------------------
class Epoch(Exercise):
    """An exercise without one right answer: what is asked of the batches holds for many orders."""

    def _find(self, function) -> Fault | None:
        if fault := self._unfit(function):
            return fault
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
            if _one_batch(answer):
                return ONE_PAIR
            if _two_lists(answer):
                return TWO_LISTS
            batches = list(islice(answer, 3 * m))
        except NotImplementedError:
            return self._stub("It is still to be written.")
        except RecursionError:
            said = "It calls itself without end."
            return Fault("recursion", said, "One loop over the batches is enough.", self.start)
        except (Exception, SystemExit) as error:
            return Fault("crash", *errors.explain(error, self.errors, "X, y, B, rng"))
        if not (np.array_equal(X, kept[0]) and np.array_equal(y, kept[1])):
            return IN_PLACE
        rows = []
        for batch in batches:
            if not isinstance(batch, tuple | list) or len(batch) != 2:
                said = "A batch is a pair, (X_batch, y_batch)."
                return Fault("returns", said, "What does a step of SGD need of its rows?",
                             "Give X[rows], y[rows] for the rows of each batch.")  # fmt: skip
            a, b = (np.asarray(part) for part in batch)
            if a.ndim == 1 and b.ndim == 2:
                return EXCHANGED
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
        if len(lengths) == 1 and size <= len(order) < m:
            return FIRST_ONLY._replace(message=said)
        if lengths == [size] * (m // size) and m % size:
            return SHORT_LOST._replace(message=said)
        if len(order) < m:
            return MISSING._replace(message=said)
        if lengths != [size] * (m // size) + [m % size] * (m % size > 0):
            even = len(lengths) > 1 and np.ptp(lengths) <= 1
            return (EVEN if even else LENGTHS)._replace(message=said)
        return order

    def _chance(self, function, orders) -> Fault | None:
        """Whether the order is drawn, from rng, and anew in each epoch."""
        m, size, seed = self.cases[1]  # all batches full
        again, other = np.random.default_rng(seed), np.random.default_rng(seed + 1)
        found = [self._epoch(function, m, size, g) for g in (again, again, other)]
        if fault := next((f for f in found if isinstance(f, Fault)), None):
            return fault
        first, (same, next_, third) = orders[1], found
        if all(np.array_equal(order, np.sort(order)) for order in orders):
            return ORDERED
        if all(np.array_equal(np.roll(order, -order.argmin()), np.sort(order)) for order in orders):
            return TURNED
        if not np.array_equal(first, same):
            return OWN_CHANCE
        if np.array_equal(first, third) or np.array_equal(same, next_):
            return IGNORED
        if len({_groups(order, size) for order in (first, next_, third)}) == 1:
            return SAME_BATCHES
        return None


def _one_batch(answer) -> bool:
    """Whether this is one pair of arrays, and no pair of pairs."""
    if not isinstance(answer, tuple | list) or len(answer) != 2:
        return False
    return sorted(a.ndim for a in answer if isinstance(a, np.ndarray)) == [1, 2]


def _two_lists(answer) -> bool:
    """Whether this is a list of rows and another one of labels."""
    if not isinstance(answer, tuple | list) or len(answer) != 2:
        return False
    axes = [{np.ndim(a) for a in part} for part in answer if isinstance(part, tuple | list)]
    return axes == [{2}, {1}]


def _groups(order, size):
    """Which rows come together, in whatever order."""
    return frozenset(frozenset(order[k : k + size].tolist()) for k in range(0, len(order), size))


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
ONE_PAIR = Fault(
    "one pair",
    "It returns a single pair of arrays.",
    "An epoch has many batches. Is the order cut into pieces? And does a return stand inside the "
    "loop? It ends the function with the first batch.",
    "Inside the loop write yield in place of return; or collect the pairs in a list, and return it "
    "behind the loop.",
)
TWO_LISTS = Fault(
    "two lists",
    "It returns the batches of X in one list, and those of y in another.",
    "A step of SGD needs rows and their labels together. What pairs two lists?",
    "zip(X_batches, y_batches) does; or append the pair (X[rows], y[rows]) in one loop.",
)
FIRST_ONLY = Fault(
    "first batch only",
    "",
    "Only one batch comes. Is there a loop, and does a return stand inside it? It ends the "
    "function with the first batch.",
    "Batch by batch, take order[start : start + B], for start in range(0, len(y), B). Yield each "
    "pair, or return the list of all behind the loop.",
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
EVEN = Fault(
    "even pieces",
    "",
    "All your batches are about equally long. Every batch but the last should have B rows, and the "
    "last one the rest: how do you cut?",
    "np.array_split(order, k) cuts k pieces. Slices order[start : start + B] with start = 0, B, "
    "2 B, ... have B rows, and the last one the rest.",
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
EXCHANGED = Fault(
    "exchanged",
    "A batch begins with the labels.",
    "In which order stand the two of a pair?",
    "First the rows of X, then their labels: X[rows], y[rows].",
)
SAME_BATCHES = Fault(
    "same batches",
    "In every epoch the same rows come together in a batch.",
    "What do you shuffle, all rows, or only those within a batch, or the batches?",
    "Draw an order of all rows first, and then cut it: order = rng.permutation(len(y)).",
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
        Accident("out of bounds", "A row is asked for that is not there. Which number is too "
                 "large, and on which axis do you use it?",
                 "There are len(y) rows, numbered from 0 to len(y) - 1: X[rows], y[rows]."),
        Accident("object is not iterable", "What comes back should be many batches.",
                 "Give a list of pairs, or yield one pair after the other."),
        Accident("inhomogeneous", "A pair (X, y) is no array. What else can be shuffled?",
                 "Shuffle row numbers: order = rng.permutation(len(y))."),
        Accident("cannot reshape", "B need not divide the number of rows. What is left over?",
                 "Slices order[start : start + B] may be shorter at the end."),
        Accident("'NoneType'", "Something there is None. Which function works in place and returns "
                 "nothing?", "rng.shuffle(a) returns None; rng.permutation(len(y)) returns an "
                 "order."),
        Accident("Generator' object is not callable", "rng is a generator, no function. Which of "
                 "its methods draws an order?", "rng.permutation(len(y))"),
    ),
)  # fmt: skip
