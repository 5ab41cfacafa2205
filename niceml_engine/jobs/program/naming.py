"""What a value that a program measured is called in the stream: there, `val_` is what belongs to validation."""

from __future__ import annotations

from typing import NamedTuple

from niceml_engine.events import Every

_TRAIN = frozenset({"train", "training"})
_VALIDATION = frozenset({"val", "valid", "validation", "eval"})


class Row(NamedTuple):
    """What was measured at one step.

    Attributes:
        level: How often such a thing is measured.
        step: As the program counts.
        epoch: Likewise; 0 if it says nothing of that.
        values: By the names of the stream.
        time: When, in seconds since the epoch; 0 if the file does not tell.
    """

    level: Every
    step: int
    epoch: int
    values: dict[str, float]
    time: float = 0.0


class Names:
    """Gives names, each to one source: what two files call alike is told apart by the file."""

    def __init__(self) -> None:
        self._shown: dict[tuple[str, str, Every], str] = {}
        self._taken: set[tuple[str, Every]] = set()

    def of(self, name: str, level: Every, place: str, split: str = "") -> str:
        """The name of a value in the stream.

        Args:
            name: As the program calls it.
            level: How often it is measured.
            place: Tells its file from others.
            split: A folder or the like that may say what it was measured on.
        """
        key = (name, place, level)
        if key not in self._shown:
            shown = split_name(name, split)
            if (shown, level) in self._taken:
                validation, rest = shown.startswith("val_"), shown.removeprefix("val_")
                shown = f"{'val_' if validation else ''}{place}/{rest}"
            self._taken.add((shown, level))
            self._shown[key] = shown
        return self._shown[key]


def split_name(name: str, split: str = "") -> str:
    """A name that says by `val_` alone what it was measured on: `Loss/val`, `valid_loss`, `loss` in `validation/`.

    Args:
        name: As the program calls it.
        split: What else may say so.
    """
    parts = name.split("/")
    if len(parts) == 1:
        first, _, rest = name.partition("_")
        parts = [first, rest] if rest and first.lower() in _TRAIN | _VALIDATION else parts
    kept = [part for part in parts if part.lower() not in _TRAIN | _VALIDATION]
    said = {part.lower() for part in (*parts, split)}
    if not kept:
        return name
    return ("val_" if said & _VALIDATION else "") + "/".join(kept)
