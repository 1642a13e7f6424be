"""What may be given to a loss, and what to say when something else is."""

from typing import Any

import numpy as np

from .. import backend, ops
from ..autograd.trace import Node, shape_of, untraced


def numbers(y: Any, name: str) -> np.ndarray:
    """The values of y on the host, finite numbers."""
    a = backend.to_host(untraced(y))
    if a.dtype.kind not in "biuf":
        raise ValueError(f"{name} must be numbers, not an array of {a.dtype}")
    if not np.all(np.isfinite(a)):
        raise ValueError(f"{name} must be finite numbers, but some are NaN or infinite")
    return a


def columns(y: Any, outputs: int, loss) -> tuple[np.ndarray, Any]:
    """The values of y, and y itself, as (batch, outputs)."""
    a = numbers(y, loss.argument)
    if a.ndim == 1 and outputs == 1:
        a = a.reshape(-1, 1)
        y = ops.reshape(y, (-1, 1)) if isinstance(y, Node) else a
    if a.ndim != 2 or a.shape[1] != outputs:
        shape = "(batch,) or (batch, 1)" if outputs == 1 else f"(batch, {outputs})"
        classes = outputs > 1 and a.ndim == 1 and a.dtype.kind in "iu"
        hint = "; for class labels use cross_entropy" if classes else ""
        raise ValueError(
            f"{loss.argument} must have the shape {shape} for {loss.name} with {outputs} "
            f"output{'s' * (outputs > 1)}, not {a.shape}{hint}"
        )
    return a, y


def check_many(loss, outputs: int, instead: str) -> None:
    """Raise unless there are at least two outputs to choose from."""
    if outputs < 2:
        raise ValueError(
            f"{loss.name} needs an output for each class, at least 2, not {outputs}: "
            f"with a single output use {instead}"
        )


def one_hot(a: np.ndarray, classes: int, dtype: Any) -> np.ndarray:
    """Rows with a 1 at the integers a; raises unless they are from 0 to classes - 1."""
    wrong = (a < 0) | (a >= classes)
    if not wrong.any():
        return np.eye(classes, dtype=dtype)[a]
    hint = ""
    if a.min() == 1 and a.max() == classes:
        hint = ": pass labels - 1"
    elif set(np.unique(a)) <= {-1, 1}:
        hint = ", the encoding of hinge: pass (labels + 1) // 2"
    row = int(np.argmax(wrong))
    raise ValueError(
        f"labels must be from 0 to {classes - 1}, as there are {classes} outputs, but row {row} "
        f"has {a[row]}{hint}"
    )


def not_classes(a: np.ndarray, classes: int, probabilities=True) -> ValueError:
    """The error for labels that are neither classes nor, where those may be, probabilities."""
    hint = ""
    if a.ndim in (1, 2) and a.shape[1:] in ((), (1,)) and np.all(a == np.round(a)):
        hint = f": pass labels{'.ravel()' * (a.ndim > 1)}"
        hint += ".astype(int)" * (a.dtype.kind not in "iu")
    others = f" or probabilities (batch, {classes})" if probabilities else ""
    return ValueError(
        f"labels must be integers (batch,){others}, not {a.dtype} of the shape {a.shape}{hint}"
    )


def check_distributions(a: np.ndarray, name: str) -> None:
    """Raise unless each row of a is a probability distribution."""
    if np.any(a < 0):
        hint = "; for log-probabilities pass np.exp of them" if np.all(a <= 0) else ""
        raise ValueError(f"{name} must be probabilities >= 0, but the least is {a.min():.3g}{hint}")
    sums = np.atleast_1d(a.sum(axis=-1, dtype=float))
    wrong = np.abs(sums - 1) > 1e-4  # float32 and printed decimals pass
    if wrong.any():
        row = int(np.argmax(wrong))
        raise ValueError(
            f"{name} must be probabilities that sum to 1, but row {row} sums to {sums[row]:.6g}"
        )


def distributions(**pair: Any) -> None:
    """Raise unless the two are probabilities of one shape, (batch, classes) or (classes,)."""
    for name, a in pair.items():
        backend.require(a, name)
        shape = shape_of(a)
        if len(shape) not in (1, 2) or not all(shape):
            raise ValueError(f"{name} must have the shape (batch, n) or (n,), not {shape}")
        check_distributions(numbers(a, name), name)
    (one, p), (other, q) = pair.items()
    if shape_of(p) != shape_of(q):
        raise ValueError(f"{other} must be shaped like {one}, {shape_of(p)}, not {shape_of(q)}")


def found(a: np.ndarray) -> str:
    """The values in a, in a few words."""
    values = np.unique(a)
    if len(values) > 4:
        return f"{len(values)} values from {values[0]:g} to {values[-1]:g}"
    return ", ".join(f"{v:g}" for v in values)


def as_targets(y: Any, dtype: Any) -> Any:
    """y in this precision, on the backend in use or in its trace."""
    if isinstance(y, Node):
        return y if y.dtype == dtype else ops.astype(y, dtype)
    return backend.to_device(y, dtype)
