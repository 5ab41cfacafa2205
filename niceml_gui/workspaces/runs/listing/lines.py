"""What the two lines of a row say where there is little room: what tells a run from the others comes first."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from niceml_engine.short import TOO_LITTLE
from niceml_gui.words import STAMP, tagged

Fits = Callable[[str], bool]  #: whether there is room for a text
ALWAYS = ("failed", "stopped")  #: what is said of a run before all else
SOME = 14  #: letters of a reason that tell something
HIDDEN = "#…"  #: where there is room for none of the tags
_FIRST_WORD = re.compile(r"^[^._-]+[._-]")


def swept_line(text: str, fits: Fits, longest: int = 0) -> str:
    """The values that tell a run from the others of its sweep: keys lose words, then are left out, the values stay.

    Args:
        text: `learning_rate=0.001 units=64`.
        fits: Whether there is room for a text.
        longest: Letters of the longest text of the sweep: all of them call a key alike.
    """
    more = " " * (longest - len(text))
    words = [word.rpartition("=") for word in text.split(" ")]
    values = [value for _, _, value in words]
    for keys in _in_fewer_words([key for key, _, _ in words]):
        shown = " ".join(f"{key}{mark}{value}" for key, (_, mark, value) in zip(keys, words, strict=True))
        if fits(shown + more):
            return shown
    return " ".join(values)


def program_line(text: str, fits: Fits) -> str:
    """What a program was started with: its name gives way to that, then its keys do.

    Args:
        text: `train.py epochs=2 rate=0.1`.
        fits: Whether there is room for a text.
    """
    given = text.partition(" ")[2]
    return text if fits(text) or not given else swept_line(given, fits)


def sweep_line(text: str, fits: Fits) -> str:
    """What a sweep is over, where there is little room: keys lose words, then it is counted how many more there are.

    Args:
        text: `learning_rate, units`; at its end a stamp, ` …k3x9`, where another sweep is over the same.
        fits: Whether there is room for a text.
    """
    over, mark, stamp = text.rpartition(STAMP) if STAMP in text else (text, "", "")
    *longer, keys = _in_fewer_words(over.split(", "))
    fewer = [f"{', '.join(keys[:count])} +{len(keys) - count}" for count in range(len(keys) - 1, 0, -1)]
    return fitting([f"{said}{mark}{stamp}" for said in (*map(", ".join, (*longer, keys)), *fewer)], fits)


def overrides_line(texts: Sequence[str], fits: Fits) -> str:
    """What a run was told that waits: as much as there is room for, and how much more there is.

    Args:
        texts: `rate=0.1`, `train=slow`; what tells it from others comes first.
        fits: Whether there is room for a text.
    """
    fewer = [f"{' '.join(texts[:count])} +{len(texts) - count}" for count in range(len(texts) - 1, 0, -1)]
    return next(filter(fits, [" ".join(texts), *fewer]), swept_line(texts[0], fits))


def _in_fewer_words(keys: Sequence[str]) -> Iterator[list[str]]:
    """Keys, again and again without the first word of the longest, as long as that tells them apart and says something.

    A key that is cut within a word can be guessed at best.
    """
    shown = list(keys)
    while True:
        yield list(shown)
        for place in sorted(range(len(shown)), key=lambda place: -len(shown[place])):
            rest = _FIRST_WORD.sub("", shown[place])
            if rest and rest != shown[place] and rest not in (*shown, *TOO_LITTLE):
                shown[place] = rest
                break
        else:
            return


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

    How it began gives way first. That a run has failed, or was stopped, is always said, why where there is room for a
    few words of it; that it goes on or has succeeded gives way to what it measured, which says so, too.

    Args:
        word: `succeeded`.
        said: `f1 0.985 · 37 s`; may be empty.
        fits: Whether there is room for a text.
        again: With what `said` begins that gives way to the rest: `resumed from train`.
    """
    rest = said.removeprefix(again).removeprefix(" · ") if again else said
    kind = status = word.partition(" ")[0]  # `failed` of `failed at train`
    if rest.startswith(status):  # it says so itself
        word = status = ""
    lines = [(word, again, rest), (word, again.removeprefix("resumed "), rest), (word, rest), (status, rest)]
    if not rest:
        lines.append((word or again, ""))
    if rest and kind not in ALWAYS:
        lines += [(rest,), (rest.partition(" · ")[0],)]  # a number that is cut off is another one
    elif kind in ALWAYS and not fits(" · ".join(filter(None, (status, f"{rest[:SOME]}…")))):
        lines.append((kind,))
    return fitting([" · ".join(filter(None, line)) for line in lines], fits)
