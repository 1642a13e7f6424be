"""Checkpoints: a training in one file, from which it goes on exactly.

The file is an .npz of plain arrays and one JSON text, so reading it never runs code.
"""

import dataclasses
import io
import json
import os
import re
import sys
import warnings
import zlib
from pathlib import Path
from typing import Any

import numpy as np

from .. import __version__, backend

FORMAT = 1


def check_target(path):
    """Raise before training if a checkpoint could not be written there."""
    folder = Path(path).absolute().parent
    if not folder.is_dir():
        raise FileNotFoundError(f"checkpoint: there is no folder {folder}")
    if Path(path).is_dir():
        raise IsADirectoryError(f"checkpoint: {path} is a folder, not a file")


def save(path, made: "Fingerprint", run: Any):
    """Write a run, a tree of tuples, lists, dicts, arrays and numbers; whole or not at all."""
    arrays: list = []
    tree = _taken_apart(run, arrays)
    about = {"format": FORMAT, **vars(made), "run": tree}
    path = Path(path)
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with open(part, "wb") as file:
            named = {f"array{i}": a for i, a in enumerate(arrays)}
            np.savez(file, about=np.array(json.dumps(about)), **named)
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def load(path, now: "Fingerprint") -> Any:
    """The run in a file; a warning tells which settings have changed since it was written.

    Raises FileNotFoundError; ValueError if the file is damaged, is something else, or belongs to a
    run with another identity.
    """
    if not Path(path).is_file():
        raise FileNotFoundError(f"resume: there is no file {path}")
    try:
        content = io.BytesIO(Path(path).read_bytes())  # np.load leaves a damaged file open
        with np.load(content, allow_pickle=False) as file:
            about = json.loads(str(file["about"]))
            if about["format"] != FORMAT:
                raise ValueError(f"its format is {about['format']}, this version reads {FORMAT}")
            arrays = [file[f"array{i}"] for i in range(len(file.files) - 1)]
    except Exception as error:  # zipfile, zlib, json and NumPy each have their own way to say so
        raise ValueError(
            f"resume: {path} is damaged or not a checkpoint of ck.fit "
            f"({type(error).__name__}: {error})"
        ) from error
    for name, value in now.identity.items():
        if (then := about["identity"].get(name)) != value:
            raise ValueError(
                f"resume: {path} does not fit this run: its {name} was {then}, now it is {value}"
            )
    then = about["settings"]
    changed = [
        f"{name} was {then.get(name)}, is {now.settings.get(name)}"
        for name in {**then, **now.settings}
        if then.get(name) != now.settings.get(name)
    ]
    if changed:
        warnings.warn(f"resume from {path}: {'; '.join(changed)}", stacklevel=3)
    return _put_together(about["run"], arrays)


# --- trees ---------------------------------------------------------------------------------------
def _taken_apart(tree, arrays: list):
    """The tree as JSON, with its arrays moved into the list."""
    if tree is None or isinstance(tree, bool | int | float | str):
        return tree
    if isinstance(tree, dict):
        return {"dict": [[key, _taken_apart(part, arrays)] for key, part in tree.items()]}
    if isinstance(tree, tuple | list):
        kind = "list" if isinstance(tree, list) else "tuple"
        spec: dict[str, Any] = {kind: [_taken_apart(part, arrays) for part in tree]}
        if hasattr(tree, "_fields"):
            spec["type"] = f"{type(tree).__module__}:{type(tree).__qualname__}"
            _find(spec["type"])
        return spec
    if isinstance(tree, np.generic):
        arrays.append(np.array(tree))
        return {"scalar": len(arrays) - 1}
    if not hasattr(tree, "dtype") or tree.dtype == object:
        raise TypeError(
            f"a checkpoint keeps arrays and numbers, not {type(tree).__name__}: {tree!r:.80}"
        )
    arrays.append(backend.to_host(tree))
    host = isinstance(tree, np.ndarray) and backend.xp() is not np
    return {"host" if host else "array": len(arrays) - 1}


def _put_together(spec, arrays: list):
    if not isinstance(spec, dict):
        return spec
    (kind, content), *named = spec.items()
    if kind == "dict":
        return {key: _put_together(part, arrays) for key, part in content}
    if kind == "scalar":
        return arrays[content][()]
    if kind in ("array", "host"):
        return backend.to_device(arrays[content]) if kind == "array" else arrays[content]
    parts = [_put_together(part, arrays) for part in content]
    if named:
        return _find(named[0][1])(*parts)
    return parts if kind == "list" else tuple(parts)


def _find(name: str):
    """The named tuple class "module:qualname", of a module that is imported already."""
    module, _, path = name.partition(":")
    found: Any = sys.modules.get(module)
    for part in path.split("."):
        found = getattr(found, part, None)
    if not (isinstance(found, type) and issubclass(found, tuple) and hasattr(found, "_fields")):
        raise TypeError(
            f"a checkpoint cannot name {name}: let the State of an optimizer be a named tuple that "
            "is an attribute of its class, and the class one of a module"
        )
    return found


# --- fingerprints --------------------------------------------------------------------------------
class Fingerprint:
    """Which run a file belongs to: what must agree, and what may change if that is said."""

    def __init__(self, opt, net, loss, splits, feed, rng, record):
        name, hyper = _described(opt)
        self.identity = {
            "optimizer": name,
            "layout": repr(net.layout),
            "loss": _text(loss),
            "data": f"{feed.n} rows, checksum {_checksum(*(a for split in splits for a in split))}",
            "record": ", ".join(record) or "nothing",
        }
        self.settings = {
            **hyper,
            "batch_size": str(feed.size),
            "curvature_batch_size": str(feed.curvature_size),
            "sampling": feed.sampling,
            "rng": str(rng),
            "backend": backend.backend_name(),
            "versions": f"coursekit {__version__}, numpy {np.__version__}",
        }


def _described(opt) -> tuple[str, dict[str, str]]:
    """The classes of an optimizer, "ClipNorm(Adam)", and its hyper-parameters as text."""
    name, settings = type(opt).__name__, {}
    for field in dataclasses.fields(opt):
        value = getattr(opt, field.name)
        if hasattr(value, "step") and dataclasses.is_dataclass(value):
            inner, theirs = _described(value)
            name += f"({inner})"
            settings.update({f"{field.name}.{k}": v for k, v in theirs.items()})
        else:
            settings[field.name] = _text(value)
    return name, settings


def _text(value) -> str:
    """Text that is the same for the same value in another process."""
    if hasattr(value, "dtype") and np.ndim(value):
        return f"{value.dtype} array {value.shape} with checksum {_checksum(value)}"
    return re.sub(r" at 0x\w+", "", repr(value))


def _checksum(*arrays) -> str:
    total = 0
    for a in arrays:
        total = zlib.crc32(np.ascontiguousarray(backend.to_host(a)).tobytes(), total)
    return f"{total:08x}"
