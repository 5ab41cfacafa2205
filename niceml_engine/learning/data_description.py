"""What the images of a data set are, and which classes they show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from niceml_engine.errors import DataError


@dataclass(frozen=True)
class ClassificationData:
    """Images of one size, each of exactly one class.

    Images of classes that are not listed do not belong to the data.

    Attributes:
        classes: Class names; their order is the order of labels, probabilities and of the confusion matrix.
        image_size: Height and width in pixels that every image is resized to.
        channels: 1 for grey, 3 for colour.

    Raises:
        DataError: Fewer than two classes, a class that stands twice, or an impossible size.
    """

    classes: Sequence[str]
    image_size: Sequence[int]
    channels: int = 1

    def __post_init__(self) -> None:
        object.__setattr__(self, "classes", tuple(str(name) for name in self.classes))
        object.__setattr__(self, "image_size", tuple(int(size) for size in self.image_size))
        if len(self.classes) < 2 or len(set(self.classes)) < len(self.classes):
            raise DataError(f"`classes` needs two or more different names, not {list(self.classes)}")
        if len(self.image_size) != 2 or min(self.image_size) < 1:
            raise DataError(f"`image_size` needs a height and a width in pixels, not {list(self.image_size)}")
        if self.channels not in (1, 3):
            raise DataError(f"`channels` is 1 (grey) or 3 (colour), not {self.channels}")

    @property
    def input_shape(self) -> tuple[int, int, int]:
        """Shape of one image: height, width, channels."""
        height, width = self.image_size
        return height, width, self.channels
