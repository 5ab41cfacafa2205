"""Handwritten digits: the 1,797 scanned digits that ship inside scikit-learn."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from niceml_engine.data.generation import encode_png
from niceml_engine.errors import DataError


@dataclass(frozen=True)
class HandwrittenDigits:
    """Writes scikit-learn's scanned digits, dark on white, one file each: `<id>_<n>_<class>.png`.

    Args:
        size: Width and height of the files in pixels; the scans have 8.
        sample_count: Only the first so many; 0: all.

    Raises:
        DataError: An option makes no sense.
    """

    size: int = 32
    sample_count: int = 0

    def __post_init__(self) -> None:
        if self.size < 8:
            raise DataError(f"size is {self.size}: it must be at least 8, which is what the scans have")
        if self.sample_count < 0:
            raise DataError(f"sample_count is {self.sample_count}: it must be 0 (all) or more")

    def __len__(self) -> int:
        return len(self._scans[1])

    def files(self, index: int) -> dict[str, bytes]:
        """The file of one digit."""
        images, labels = self._scans
        scan = Image.fromarray(images[index])
        image = scan.resize((self.size, self.size), Image.Resampling.BICUBIC)
        return {f"{index:05}_0_{labels[index]}.png": encode_png(image)}

    @cached_property
    def _scans(self) -> tuple[NDArray[np.uint8], NDArray[np.int_]]:
        from sklearn.datasets import load_digits

        digits = load_digits()
        count = self.sample_count or len(digits.target)
        ink = digits.images[:count] * (255 / 16)
        return (255 - ink).astype(np.uint8), digits.target[:count]
