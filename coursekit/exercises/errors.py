"""What Python's errors mean, for who meets them while writing a few lines of NumPy."""

import traceback

from .verdict import Accident

# A part of what Python says, or the name of an error; a nudge; something plainer.
COMMON = (
    Accident(
        "UnboundLocalError",
        "This line reads a name that has no value yet in the function.",
        "What is given a value anywhere in a function belongs to it alone: begin with a value, or "
        "use what came in ({parameters}).",
    ),
    Accident(
        "NameError",
        "Python does not know this name. Is it misspelt, or does something stand before it?",
        "NumPy's functions are called with np. in front; all else comes in as an argument "
        "({parameters}).",
    ),
    Accident(
        "ambiguous",
        "A condition needs one yes or no. What you compare there is an array.",
        "Is one number meant for the whole array? Then a sum or a product @ is missing. Is each "
        "entry meant by itself? Then np.where chooses entry by entry, as np.maximum does in place "
        "of max.",
    ),
    Accident(
        "converted to Python scalars",
        "There a single number is wanted, and an array came.",
        "The functions of math, and float(...), take one number; those of NumPy take arrays.",
    ),
    Accident(
        "could not be broadcast",
        "Two arrays do not fit together. Which shapes have they, and which should they have?",
        "Print both shapes. Axes are matched from the right: keepdims=True or [:, None] keeps a "
        "column a column.",
    ),
    Accident(
        "mismatch in its core dimension",
        "The two sides of @ do not fit together. Over which axis should be summed?",
        "A @ B sums over the last axis of A and the first of B. Print both shapes.",
    ),
    Accident(
        "does not have enough dimensions",
        "One side of @ is a single number. Was something summed or averaged too soon?",
        "A @ B multiplies arrays; a number is multiplied with *. Print both sides.",
    ),
    Accident(
        "not aligned",
        "The two sides of a product do not fit together. Over which axis should be summed?",
        "A product sums over the last axis of the left and the first of the right side. Print "
        "both shapes.",
    ),
    Accident("for ^", "What is ^ in Python?", "A power is written **."),
    Accident("bitwise_xor", "What is ^ in Python?", "A power is written **."),
    Accident(
        "is not callable",
        "Parentheses stand behind something that is no function.",
        "Is a * missing before them, or was a name of a function given to a value?",
    ),
    Accident(
        "not subscriptable",
        "Brackets [ ] stand behind something that has no entries.",
        "What is it? Print it in the line before.",
    ),
    Accident(
        "invalid index to scalar",
        "Brackets [ ] stand behind a single number.",
        "What is it? Print it in the line before.",
    ),
    Accident(
        "out of bounds",
        "A row or column is asked for that is not there. Which index is too large?",
        "Indices begin at 0, so the last one is the length minus 1. Print the shape and the index.",
    ),
    Accident(
        "only integers",
        "An index is no whole number.",
        "Print the index; whole numbers, slices and arrays of whole numbers can stand there.",
    ),
    Accident(
        "to unpack",
        "The two sides of an = hold different numbers of things.",
        "Print the right side, or its shape.",
    ),
    Accident(
        "NoneType",
        "Something there is None. Which function returns nothing, or works in place?",
        "rng.shuffle(a), a.sort() and print(...) return None.",
    ),
    Accident(
        "positional argument",
        "A function is called with too many or too few arguments there.",
        "Which arguments does it want, and in which order?",
    ),
    Accident(
        "unsupported operand",
        "Two things are combined there that Python cannot combine. What are they?",
        "Print both. Lists and tuples are no arrays: np.array(...) makes one.",
    ),
    Accident(
        "can't multiply sequence",
        "A list is multiplied there as if it were an array.",
        "np.array(...) makes an array of a list.",
    ),
    Accident("ZeroDivisionError", "What is divided by, and when is it 0?", "Print the divisor."),
    Accident(
        "module 'numpy' has no attribute",
        "NumPy has no such function. Is it misspelt, or does it live in np.linalg or np.random?",
        "dir(np) and dir(np.linalg) list what there is.",
    ),
    Accident(
        "has no attribute",
        "What stands before the dot has nothing of that name.",
        "Print it, and its type.",
    ),
    Accident(
        "Cannot cast",
        "An array of whole numbers cannot hold what is written into it.",
        "Make a new array instead of writing into one.",
    ),
)


def explain(error: BaseException, own: tuple, parameters: str) -> tuple[str, str, str]:
    """What happened, and two hints: those of the exercise, or else those for everybody."""
    try:
        text = str(error)
    except Exception:
        text = ""
    kinds = [c.__name__ for c in type(error).__mro__]
    _, *theirs = traceback.extract_tb(error.__traceback__)  # the first frame is ours
    line = theirs[0].line if theirs else ""
    message = f"It stops with {kinds[0]}: {(text.strip() or 'no words').rstrip('.')}."
    message += f"\nline {theirs[0].lineno}: {line}" if line else ""
    for part, nudge, plain in (*own, *COMMON):
        if part in text or part in kinds:
            return message, nudge, plain.replace("{parameters}", parameters)
    nudge = "Call it yourself with small arrays, and print what each line makes."
    return message, nudge, f"{nudge} It has these arguments to use: {parameters}."
