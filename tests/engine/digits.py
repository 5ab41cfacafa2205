"""Scanned handwritten digits, written out as the data generation does."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image
from sklearn.datasets import load_digits

SHARES = {"train": 0.7, "validation": 0.1, "test": 0.2}


def write_digits(folder: Path, classes: tuple[int, ...], per_class: int | None = None) -> Path:
    """Writes `<folder>/<subset>/<id>_1_<class>.png` from a fixed seed and returns the folder."""
    digits = load_digits()
    random = np.random.default_rng(1)
    for label in classes:
        numbers = random.permutation(np.flatnonzero(digits.target == label))[:per_class]
        ends = np.cumsum([round(len(numbers) * share) for share in SHARES.values()])
        for subset, part in zip(SHARES, np.split(numbers, ends[:-1]), strict=True):
            (folder / subset).mkdir(parents=True, exist_ok=True)
            for number in part:
                image = Image.fromarray((digits.images[number] * 15.9).astype(np.uint8))
                image.save(folder / subset / f"{number:05d}_1_{label}.png")
    return folder
