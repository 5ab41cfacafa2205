"""What the two lines of a row say where there is little room: what tells a run from the others comes first."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from niceml_gui.words import STAMP, tagged

Fits = Callable[[str], bool]  #: whether there is room for a text
FEWEST = 2  #: letters of a key that tell something
ALWAYS = ("failed", "stopped")  #: what is said of a run before all else
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
        text: `learning_rate, units`; at its end a stamp, ` …k3x9`, where another sweep is over the same.
        fits: Whether there is room for a text.
    """
    over, mark, stamp = text.rpartition(STAMP) if STAMP in text else (text, "", "")
    keys = over.split(", ")
    for kept in range(max(map(len, keys)), FEWEST - 1, -1):
        shown = ", ".join(_short(key, kept) for key in keys) + mark + stamp
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
    """How it goes with a run: the word for its state, how it began, and what it came to, as far as there is room.

    How it began gives way first. That a run has failed, or was stopped, is always said; that it goes on or has
    succeeded gives way to what it measured, which says so, too.

    Args:
        word: `succeeded`.
        said: `f1 0.985 · 37 s`; may be empty.
        fits: Whether there is room for a text.
        again: With what `said` begins that gives way to the rest: `resumed from train`.
    """
    rest = said.removeprefix(again).removeprefix(" · ") if again else said
    status = word.partition(" ")[0]  # `failed` of `failed at train`
    if rest.startswith(status):  # it says so itself
        word = status = ""
    lines = [(word, again, rest), (word, again.removeprefix("resumed "), rest), (word, rest), (status, rest)]
    if not rest:
        lines.append((word or again, ""))
    elif status == "succeeded":  # how long that took is told elsewhere, too
        lines.append((status, rest.partition(" · ")[0]))
    if rest and status not in ALWAYS:
        lines += [(rest,), (rest.partition(" · ")[0],)]  # a number that is cut off is another one
    return fitting([" · ".join(filter(None, line)) for line in lines], fits)
