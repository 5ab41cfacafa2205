"""Scenes of printed digits at random place, size, rotation and font.

A scene is a function of the options, the seed and its number alone: any process, thread or machine draws the same.
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import msgspec
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from niceml_engine.errors import DataError

Pixels = NDArray[np.uint8]

FONTS = Path(__file__).resolve().parents[2] / "resources" / "fonts" / "digits"
TRIES = 40  #: places tried for a digit before it is drawn smaller
SMALLEST = 12  #: pixels; a digit that would have to be smaller than this is left out
PALETTE = bytes.fromhex(
    "101418 4e79a7 f28e2b e15759 76b7b2 59a14f edc948 b07aa1 ff9da7 9c755f d4d4d4"
)  #: colours of a mask: the background, then the digits 0 to 9


class Generator(Protocol):
    """What the op `data_generation` asks of a generator; a class of one's own needs these two methods."""

    def __len__(self) -> int:
        """The number of samples."""

    def files(self, index: int) -> dict[str, bytes]:
        """The files of one sample, by name; called from several threads at once."""


class Digit(msgspec.Struct, frozen=True, rename={"label": "class"}):
    """A digit in a scene."""

    n: int  #: from 0
    label: str  #: the class, `0` to `9`; `class` in the file
    box: tuple[int, int, int, int]  #: left, top, right, bottom in pixels; right and bottom lie outside
    rotation: float  #: degrees, counter-clockwise
    font: str


class Scene(msgspec.Struct, frozen=True):
    """The label file of a scene."""

    image: str
    mask: str  #: pixels hold 0 for the background, else the class plus 1
    width: int
    height: int
    digits: tuple[Digit, ...]


class Drawn(msgspec.Struct, frozen=True):
    """A scene with its pixels, both (height, width)."""

    scene: Scene
    image: Pixels
    mask: Pixels


@dataclass(frozen=True)
class PrintedDigits:
    """Draws scenes of printed digits that do not overlap.

    Args:
        sample_count: Number of scenes.
        seed: Scenes of one seed are always the same; a larger `sample_count` only adds to them.
        width: Pixels.
        height: Pixels.
        digits_per_scene: Fewest and most digits of a scene.
        digit_height: Smallest and largest height of a digit, as a fraction of the scene's shorter side.
        rotation: Largest rotation to either side, in degrees; beyond 60 a 6 cannot be told from a 9.
        spacing: Free space around each digit, as a fraction of its size.
        grain: Strength of the noise, in grey values to either side.
        fonts: A folder of `.ttf` and `.otf` files instead of the bundled fonts.

    Raises:
        DataError: An option makes no sense, or the folder holds no fonts.
    """

    sample_count: int = 100
    seed: int = 0
    width: int = 1024
    height: int = 1024
    digits_per_scene: Sequence[int] = (1, 8)
    digit_height: Sequence[float] = (0.08, 0.22)
    rotation: float = 30.0
    spacing: float = 0.2
    grain: int = 3
    fonts: str | None = None

    def __post_init__(self) -> None:
        fewest, most = _pair("digits_per_scene", self.digits_per_scene)
        smallest, largest = _pair("digit_height", self.digit_height)
        checks = (
            (self.sample_count >= 1, f"sample_count is {self.sample_count}: it must be 1 or more"),
            (1 <= fewest <= most, f"digits_per_scene is [{fewest}, {most}]: two numbers from 1 on, the smaller first"),
            (0 < smallest <= largest <= 1, f"digit_height is [{smallest}, {largest}]: two numbers within 0 and 1"),
            (min(self.width, self.height) >= 32, f"{self.width}x{self.height} is too small: use 32 pixels or more"),
            (0 <= self.grain <= 10, f"grain is {self.grain}: it must be between 0 and 10"),
            (self.spacing >= 0, f"spacing is {self.spacing}: it must be 0 or more"),
        )
        for fine, message in checks:
            if not fine:
                raise DataError(message)
        if not self._font_files:
            raise DataError(f"no .ttf or .otf files in {self.fonts or FONTS}: set `fonts` to a folder that has some")

    def __len__(self) -> int:
        return self.sample_count

    def files(self, index: int) -> dict[str, bytes]:
        """Image, mask and label file of a scene."""
        drawn = self.draw(index)
        mask = Image.fromarray(drawn.mask)
        mask.putpalette(PALETTE)
        return {
            drawn.scene.image: encode_png(Image.fromarray(drawn.image)),
            drawn.scene.mask: encode_png(mask),
            f"{index:05}.json": msgspec.json.format(msgspec.json.encode(drawn.scene), indent=1),
        }

    def draw(self, index: int) -> Drawn:
        """Draws a scene.

        Args:
            index: Number of the scene, from 0.
        """
        rng = np.random.default_rng([self.seed, index])
        image = self._paper(rng)
        mask = np.zeros((self.height, self.width), np.uint8)
        squares: list[tuple[int, int, int]] = []
        digits: list[Digit] = []
        for label in self._labels[index]:
            font = self._font_files[rng.integers(len(self._font_files))]
            size = rng.uniform(self.digit_height[0], self.digit_height[1]) * min(self.width, self.height)
            angle = round(rng.uniform(-self.rotation, self.rotation), 1)
            ink = rng.integers(10, 90)
            glyph, place = self._fit(rng, squares, font, label, size, angle)
            if place is None:
                continue
            squares.append(place)
            left, top, side = place
            height, width = glyph.shape
            left, top = left + (side - width) // 2, top + (side - height) // 2
            area = np.s_[top : top + height, left : left + width]
            cover = glyph.astype(np.uint16)
            image[area] = ((255 - cover) * image[area] + cover * ink) // 255
            covered = glyph > min(127, int(glyph.max()) // 2)  # strokes thinner than a pixel never cover one fully
            mask[area][covered] = label + 1
            box = _bounds(covered, left, top)
            digits.append(Digit(len(digits), str(label), box, angle, font.stem))
        image += rng.integers(0, 2 * self.grain + 1, image.shape, dtype=np.uint8)
        name = f"{index:05}"
        scene = Scene(f"{name}.png", f"{name}_mask.png", self.width, self.height, tuple(digits))
        return Drawn(scene, image, mask)

    @cached_property
    def _font_files(self) -> list[Path]:
        folder = Path(self.fonts) if self.fonts else FONTS
        return sorted(file for file in folder.glob("*") if file.suffix.lower() in (".ttf", ".otf"))

    @cached_property
    def _labels(self) -> list[list[int]]:
        # Dealt from shuffled decks of ten: each class is as frequent as every other, in small samples too.
        rng = np.random.default_rng(self.seed)
        fewest, most = self.digits_per_scene
        counts = np.random.default_rng([self.seed, 1 << 31]).integers(fewest, most + 1, self.sample_count)
        decks = [rng.permutation(10) for _ in range(-(-int(counts.sum()) // 10))]
        ends = np.cumsum(counts)
        dealt = np.concatenate(decks)
        return [dealt[end - count : end].tolist() for end, count in zip(ends, counts, strict=True)]

    def _paper(self, rng: np.random.Generator) -> Pixels:
        light = rng.integers(165, 225)
        spots = rng.integers(light - 20, light + 21, (4, 4)).astype(np.uint8)
        smooth = Image.fromarray(spots).resize((self.width, self.height), Image.Resampling.BICUBIC)
        paper: Pixels = np.array(smooth)
        return paper.clip(max=255 - 2 * self.grain)  # room for the grain, which must not wrap around

    def _fit(
        self,
        rng: np.random.Generator,
        taken: list[tuple[int, int, int]],
        font: Path,
        label: int,
        size: float,
        angle: float,
    ) -> tuple[Pixels, tuple[int, int, int] | None]:
        while True:
            glyph = draw_glyph(font, str(label), size, angle)
            side = round(max(glyph.shape) * (1 + 2 * self.spacing))
            if side <= min(self.width, self.height):
                for _ in range(TRIES):
                    left = int(rng.integers(self.width - side + 1))
                    top = int(rng.integers(self.height - side + 1))
                    if not any(_overlap((left, top, side), other) for other in taken):
                        return glyph, (left, top, side)
            size *= 0.8
            if size < SMALLEST:
                return glyph, None


def draw_glyph(font: Path, text: str, size: float, angle: float) -> Pixels:
    """Draws rotated text on a tile that just holds it.

    Args:
        font: A font file.
        text: What to draw.
        size: Height of the text before it is rotated, in pixels.
        angle: Degrees, counter-clockwise.

    Returns:
        How much each pixel is covered, 0 to 255, (height, width).

    Raises:
        DataError: The font cannot be read or lacks the text.
    """
    try:
        _, top, _, bottom = ImageFont.truetype(font, 100).getbbox(text)
        face = ImageFont.truetype(font, max(4, round(100 * size / max(bottom - top, 1))))
    except OSError as error:
        raise DataError(f"the font cannot be read: {error}", file=str(font)) from error
    left, top, right, bottom = face.getbbox(text)
    tile = Image.new("L", (int(right - left) + 2, int(bottom - top) + 2))
    ImageDraw.Draw(tile).text((1 - left, 1 - top), text, fill=255, font=face)
    turned = tile.rotate(angle, Image.Resampling.BICUBIC, expand=True)
    if turned.getbbox() is None:
        raise DataError(f"the font has no {text!r}: remove it from the folder of fonts", file=str(font))
    return np.array(turned.crop(turned.getbbox()))


def encode_png(image: Image.Image) -> bytes:
    """Encodes an image as PNG, fast: noisy images hardly get smaller by searching for repetitions."""
    buffer = io.BytesIO()
    image.save(buffer, "PNG", compress_level=1, compress_type=zlib.Z_RLE)
    return buffer.getvalue()


def _overlap(one: tuple[int, int, int], other: tuple[int, int, int]) -> bool:
    return all(one[axis] < other[axis] + other[2] and other[axis] < one[axis] + one[2] for axis in (0, 1))


def _bounds(covered: NDArray[np.bool_], left: int, top: int) -> tuple[int, int, int, int]:
    rows, columns = np.flatnonzero(covered.any(axis=1)), np.flatnonzero(covered.any(axis=0))
    return left + int(columns[0]), top + int(rows[0]), left + int(columns[-1]) + 1, top + int(rows[-1]) + 1


def _pair(name: str, values: Any) -> tuple[Any, Any]:
    if len(values) != 2:
        raise DataError(f"{name} is {list(values)}: it must be two numbers, the smaller first")
    return values[0], values[1]
