"""What the two lines of a row say where there is little room: what tells a run from the others comes first."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from niceml_gui.words import tagged

Fits = Callable[[str], bool]  #: whether there is room for a text
FEWEST = 2  #: letters of a key that tell something
HIDDEN = "#…"  #: where there is room for none of the tags
ENDS = 5  #: from so many letters on a shortened key keeps its end, too, which tells keys apart that begin alike


def swept_line(text: str, fits: Fits) -> str:
    """The values that tell a run from the others of its sweep: keys are shortened, then left out, the values stay.

    Args:
        text: `learning_rate=0.001 units=64`.
        fits: Whether there is room for a text.
    """
    words = [word.rpartition("=") for word in text.split(" ")]
    longest = max(len(key) for key, _, _ in words)
    for kept in range(longest, FEWEST - 1, -1):
        shown = " ".join(f"{_short(key, kept)}{mark}{value}" for key, mark, value in words)
        if fits(shown):
            return shown
    return " ".join(value for _, _, value in words)


def sweep_line(text: str, fits: Fits) -> str:
    """What a sweep is over, where there is little room: each of the keys is shortened, and none left out.

    Args:
        text: `learning_rate, units`.
        fits: Whether there is room for a text.
    """
    keys = text.split(", ")
    for kept in range(max(map(len, keys)), FEWEST - 1, -1):
        shown = ", ".join(_short(key, kept) for key in keys)
        if fits(shown):
            return shown
    return text


def _short(key: str, kept: int) -> str:
    if len(key) <= kept + 1:  # an ellipsis takes the place of a letter
        return key
    end = kept // 2 if kept >= ENDS else 0
    return f"{key[: kept - end]}…{key[len(key) - end :]}"


def fitting(texts: Sequence[str], fits: Fits) -> str:
    """The first of some texts, of which each is shorter than the one before, for which there is room; else the last."""
    return next(filter(fits, texts), texts[-1])


def tag_line(tags: Sequence[str], fits: Fits) -> str:
    """Words that a person has put on runs: as many as there is room for, and how many more there are.

    Args:
        tags: `night`, `base`.
        fits: Whether there is room for a text.
    """
    if not tags:
        return ""
    fewer = [f"{tagged(tags[:count])} +{len(tags) - count}" for count in range(len(tags) - 1, 0, -1)]
    return fitting([tagged(tags), *fewer, HIDDEN], fits)


def second_line(word: str, said: str, fits: Fits, again: str = "") -> str:
    """How it goes with a run: the word for its state, where it says more than the rest does and has room.

    Args:
        word: `succeeded`.
        said: `f1 0.985 · 37 s`; may be empty.
        fits: Whether there is room for a text.
        again: With what `said` begins that gives way to the rest: `resumed from train`.
    """
    if not said:
        return word
    begin, rest = f"{again} · ", said.removeprefix(f"{again} · ")
    if again and said.startswith(begin) and not fits(said):
        short = f"{again.removeprefix('resumed ')} · {rest}"
        return short if fits(short) else rest
    both = f"{word} · {said}"
    return both if not said.startswith(word) and fits(both) else said
