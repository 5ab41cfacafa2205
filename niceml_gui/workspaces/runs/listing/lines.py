"""What the two lines of a row say where there is little room: what tells a run from the others comes first."""

from __future__ import annotations

from collections.abc import Callable

Fits = Callable[[str], bool]  #: whether there is room for a text
FEWEST = 2  #: letters of a key that tell something


def swept_line(text: str, fits: Fits) -> str:
    """The values that tell a run from the others of its sweep: keys are shortened, then left out, the values stay.

    Args:
        text: `learning_rate=0.001 units=64`.
        fits: Whether there is room for a text.
    """
    words = [word.rpartition("=") for word in text.split(" ")]
    longest = max(len(key) for key, _, _ in words)
    for kept in range(longest, FEWEST - 1, -1):
        shown = " ".join(f"{key if len(key) <= kept else key[:kept] + '…'}{mark}{value}" for key, mark, value in words)
        if fits(shown):
            return shown
    return " ".join(value for _, _, value in words)


def second_line(word: str, said: str, fits: Fits) -> str:
    """How it goes with a run: the word for its state, where it says more than the rest does and has room.

    Args:
        word: `succeeded`.
        said: `f1 0.985 · 37 s`; may be empty.
        fits: Whether there is room for a text.
    """
    if not said:
        return word
    both = f"{word} · {said}"
    return both if not said.startswith(word) and fits(both) else said
