"""Images of a data set as pictures for a screen: read where they lie, scaled down, within bounds of memory."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from niceml_engine.errors import os_reason
from niceml_engine.protocol.samples import Picture
from niceml_engine.store.location import Location

if TYPE_CHECKING:
    from PIL.Image import Image as Image_

MAX_BYTES = 32 * 1024 * 1024  #: of a file
MAX_PIXELS = 64_000_000  #: of an image: a file of a few bytes may unfold to any size
FORMATS = ("PNG", "JPEG", "BMP", "GIF", "TIFF", "WEBP", "PPM")  #: others may start programs
_MANY_BITS = ("I;16", "I;16B", "I;16L", "I", "F")


def read_pictures(folder: Location, files: Sequence[str], size: int) -> tuple[Picture, ...]:
    """Reads images and makes PNG of them.

    Args:
        folder: Where they lie.
        files: Their names, relative to the folder; none leads out of it.
        size: Pixels of the longer side; what is larger is scaled down.

    Returns:
        One for each file, in order; what cannot be read says why.

    Raises:
        StoreError: The location cannot be opened.
    """
    system, base = folder.open()
    inside = [name for name in files if is_inside(name)]
    paths = [f"{base}/{name}" for name in inside]
    contents = dict(zip(inside, _read(system, paths), strict=True))
    return tuple(_picture(name, contents.get(name), folder, size) for name in files)


def is_inside(name: str) -> bool:
    """Whether a name leads to something inside the folder that it is relative to."""
    parts = name.replace("\\", "/").split("/")
    return bool(name) and "" not in parts and ".." not in parts and ":" not in parts[0]


def _read(system: Any, paths: list[str]) -> list[Any]:
    """The contents of files, of each at most one byte more than is allowed; an error in place of what failed."""
    if not paths:
        return []
    found: list[Any] = system.cat_ranges(paths, 0, MAX_BYTES + 1, on_error="return")
    return found


def _picture(name: str, content: Any, folder: Location, size: int) -> Picture:
    place = f"{folder.uri}/{name}"
    if content is None:
        return Picture(name, problem=f"{name} lies outside of {folder.uri}")
    if isinstance(content, FileNotFoundError):
        return Picture(name, problem=f"{place} is not there any more")
    if isinstance(content, OSError):
        return Picture(name, problem=f"{place} cannot be read: {os_reason(content)}")
    if isinstance(content, Exception):
        return Picture(name, problem=f"{place} cannot be read: {' '.join(str(content).split())}")
    if len(content) > MAX_BYTES:
        return Picture(name, problem=f"{place} is larger than {MAX_BYTES // 2**20} MB")
    from PIL import Image

    try:
        return _decode(name, content, size)
    except Image.DecompressionBombError:
        return Picture(name, problem=f"{place} has more than {MAX_PIXELS // 1_000_000} million pixels")
    # Pillow reports what is broken in an image with any of these, SyntaxError included
    except (OSError, ValueError, SyntaxError, EOFError, MemoryError):
        return Picture(name, problem=f"{place} is not a readable image")


def _decode(name: str, content: bytes, size: int) -> Picture:
    from PIL import Image

    with Image.open(io.BytesIO(content), formats=FORMATS) as image:
        width, height = image.size
        if width * height > MAX_PIXELS:
            raise Image.DecompressionBombError
        image.draft(image.mode, (size, size))
        shown = _eight_bits(image)
        shown.thumbnail((size, size))
        out = io.BytesIO()
        shown.save(out, "PNG", compress_level=1)
    return Picture(name, out.getvalue(), width, height)


def _eight_bits(image: Image_) -> Image_:
    """The image in a mode that every screen shows; grey values of many bits are stretched over what they take up."""
    import numpy as np
    from PIL import Image

    if image.mode in _MANY_BITS:
        values = np.asarray(image, np.float64)
        low, high = values.min(), values.max()
        return Image.fromarray(((values - low) * (255.0 / ((high - low) or 1.0))).round().astype(np.uint8))
    if image.mode in ("L", "RGB", "RGBA", "LA"):
        return image.copy()
    return image.convert("RGBA" if "transparency" in image.info else "RGB")
