"""The letters that six authors give to the same numbers, for the labels of sliders."""

# What a control is called in Python, and what its number means in all documents.
MEANINGS = {
    "lr": "learning rate",
    "momentum": "momentum",
    "rho": "decay of squares",
    "batch_size": "batch size",
}
HOUSE = "the course"

# meaning -> letter; what an author does not write keeps the letter of the course. Learning rate and
# momentum are those of the author's formula of momentum.
LETTERS = {
    HOUSE: {"learning rate": "η", "momentum": "μ", "decay of squares": "ρ", "batch size": "B"},
    "Sun": {"learning rate": "α", "momentum": "β", "decay of squares": "β", "batch size": "B"},
    "Thadani": {"learning rate": "η", "momentum": "μ", "decay of squares": "ρ", "batch size": "k"},
    "Maria": {"learning rate": "α", "momentum": "β", "batch size": "n"},
    "Dillhoff": {"learning rate": "η", "momentum": "α", "decay of squares": "ρ"},
    "Notes": {"learning rate": "α", "momentum": "μ", "decay of squares": "μ", "batch size": "m"},
}


def has_letter(name: str) -> bool:
    """Whether the parameter of this name is written with a letter at all.

    >>> has_letter("lr"), has_letter("seed")
    (True, False)
    """
    return name in MEANINGS


def spelled(label: str, name: str, author: str = HOUSE) -> str:
    """A slider's label with the author's letter for its number.

    >>> spelled("momentum", "momentum", "Sun")
    'momentum β'
    >>> spelled("decay", "rho", "Maria")
    'decay ρ'
    """
    if not has_letter(name):
        return label
    meaning = MEANINGS[name]
    return f"{label} {LETTERS[author].get(meaning, LETTERS[HOUSE][meaning])}"
