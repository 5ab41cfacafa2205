"""Dealing samples out to subsets, and cutting digits out of scenes."""

from __future__ import annotations

import io
import math
from collections.abc import Mapping, Sequence

import msgspec
import numpy as np
from PIL import Image

from niceml_engine.data.generation import Digit, Scene, encode_png
from niceml_engine.errors import DataError


def sample_id(name: str) -> str:
    """The sample that a file belongs to: `00012` for `00012.png`, `00012_mask.png` and `00012_3_7.png`."""
    return name.split(".", 1)[0].split("_", 1)[0]


def deal(ids: Sequence[str], subsets: Mapping[str, float], seed: int) -> dict[str, str]:
    """Deals samples out at random.

    Args:
        ids: Samples; their order does not matter.
        subsets: Fraction of each subset; together 1. No subset with a fraction above 0 stays empty while there are
            enough samples.
        seed: The same samples and seed give the same subsets.

    Returns:
        The subset of each sample.

    Raises:
        DataError: The fractions are negative or do not add up to 1.
    """
    if any(part < 0 for part in subsets.values()) or not math.isclose(sum(subsets.values()), 1.0, abs_tol=1e-6):
        message = f"subsets are {dict(subsets)}: they must be fractions of 0 or more that add up to 1"
        raise DataError(message, key="ops.data_split.config.subsets")
    counts = _counts(len(ids), subsets)
    shuffled = np.random.default_rng(seed).permutation(sorted(ids)).tolist()
    names = [name for name, count in counts.items() for _ in range(count)]
    return dict(zip(shuffled, names, strict=True))


def read_scene(content: bytes, file: str) -> Scene:
    """Reads a label file.

    Raises:
        DataError: It is not one.
    """
    try:
        return msgspec.json.decode(content, type=Scene)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise DataError(f"the label file cannot be read: {error}; generate the data again", file=file) from error


def crop_digits(content: bytes, scene: Scene, size: int, margin: float, file: str) -> dict[str, bytes]:
    """Cuts each digit of a scene out, as a square that keeps its proportions.

    Args:
        content: The scene's image as PNG.
        scene: Its label file.
        size: Width and height of the crops in pixels.
        margin: Space left around a digit, as a fraction of its longer side.
        file: The image's name, for errors.

    Returns:
        PNG files by name, `<id>_<n>_<class>.png`.

    Raises:
        DataError: The image cannot be read or is smaller than its label file says.
    """
    try:
        image = Image.open(io.BytesIO(content)).convert("L")
    except (OSError, SyntaxError, ValueError) as error:
        raise DataError(f"the image is broken: {error}; generate the data again", file=file) from error
    if image.size != (scene.width, scene.height):
        raise DataError(f"the image is {image.size[0]}x{image.size[1]}, its label file says otherwise", file=file)
    return {
        f"{sample_id(scene.image)}_{digit.n}_{digit.label}.png": encode_png(
            image.resize((size, size), Image.Resampling.BILINEAR, box=_square(digit, scene, margin), reducing_gap=2.0)
        )
        for digit in scene.digits
    }


def _square(digit: Digit, scene: Scene, margin: float) -> tuple[float, float, float, float]:
    left, top, right, bottom = digit.box
    side = min(max(right - left, bottom - top) * (1 + 2 * margin), scene.width, scene.height)
    # Moved into the scene rather than cut off: what trains on the crops should not learn where the edges were.
    x = min(max((left + right - side) / 2, 0), scene.width - side)
    y = min(max((top + bottom - side) / 2, 0), scene.height - side)
    return x, y, x + side, y + side


def _counts(total: int, subsets: Mapping[str, float]) -> dict[str, int]:
    exact = {name: part * total for name, part in subsets.items()}
    counts = {name: math.floor(value + 1e-9) for name, value in exact.items()}
    remainders = sorted(exact, key=lambda name: counts[name] - exact[name])
    for name in remainders[: total - sum(counts.values())]:
        counts[name] += 1
    for name, part in subsets.items():
        largest = max(counts, key=lambda other: counts[other])
        if part > 0 and counts[name] == 0 and counts[largest] > 1:
            counts[name], counts[largest] = 1, counts[largest] - 1
    return counts
