"""Texts as they are shown: what cannot be seen is written out, and no name changes how the rest of a line is drawn."""

from __future__ import annotations

import re

_RTL = "\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff"
_WORD = rf"[{_RTL}](?:[\w\u200c\u200d-]*\w)?"
_PHRASE = rf"{_WORD}(?: +{_WORD})*"
#: Control characters, marks of direction, line ends of other kinds, and what has no width but those within words.
_UNSEEN = (
    "\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e007f"
)
_FIRST, _END = "\u2068", "\u2069"  #: FSI and PDI of Unicode's bidirectional algorithm, UAX #9
_FOUND = re.compile(rf"(?P<apart>{_FIRST}{_PHRASE}{_END})|(?P<unseen>[{_UNSEEN}])|(?P<phrase>{_PHRASE})")
_ALONE = re.compile(rf"(?!\t)[{_UNSEEN}]")
_SEEN = re.compile(rf"[^{_UNSEEN}{_RTL}]*")


def visible(text: str, *, lines: bool = False) -> str:
    r"""A text in which every character can be seen, or is written as in Python: `\x07`, `\u202e`.

    Words of letters that are written from right to left read as such, but as a piece of their own: what stands beside
    them keeps its place. A text that was made visible stays as it is.

    Args:
        text: The text.
        lines: Whether it may have several lines.
    """
    if _SEEN.fullmatch(text):
        return text

    def shown(match: re.Match[str]) -> str:
        found = match[0]
        if match["apart"] or (lines and found == "\n"):
            return found
        return f"{_FIRST}{found}{_END}" if match["phrase"] else found.encode("unicode_escape").decode()

    return _FOUND.sub(shown, text)


def in_cells(text: str) -> str:
    """A line in as many characters, for where each has its place: a sign stands for what cannot be seen, but tabs."""
    return text if _SEEN.fullmatch(text) else _ALONE.sub(_sign, text)


def _sign(match: re.Match[str]) -> str:
    code = ord(match[0])
    return (
        chr(0x2400 + code) if code < 0x20 else "\N{SYMBOL FOR DELETE}" if code == 0x7F else "\N{REPLACEMENT CHARACTER}"
    )


def without_marks(text: str) -> str:
    """A text that was made visible, for terminals, which put letters in order by rules of their own."""
    return text.replace(_FIRST, "").replace(_END, "")
