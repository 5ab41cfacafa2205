"""The text of an editor as its file has it: Qt's documents know one kind of line end only."""

from __future__ import annotations

import re
from collections import Counter
from difflib import SequenceMatcher

from PySide6.QtGui import QTextDocument

_BLOCK = "\N{PARAGRAPH SEPARATOR}"  #: what stands between two blocks of a document
_END = re.compile(rf"\r\n|[\n\r{_BLOCK}]")


def plain_text(document: QTextDocument) -> str:
    """The text of a document, a newline after each line; Qt's own has plain spaces for those that do not break."""
    text: str = document.toRawText()
    return text.replace(_BLOCK, "\n")


def with_ends(text: str, like: str) -> str:
    r"""A text with the line ends of another one that it was made from.

    Args:
        text: Its lines end with `\n`.
        like: The other one; where its lines end in several ways, those that are still there end as they did.
    """
    ends = _END.findall(like)
    kinds = Counter(ends)
    if kinds.keys() <= {"\n"}:
        return text
    usual: str = kinds.most_common(1)[0][0]
    lines: list[str] = text.split("\n")
    former: list[str] = _END.split(like)
    if len(kinds) == 1:
        return usual.join(lines)
    found = [usual] * (len(lines) - 1)
    for old, new, size in SequenceMatcher(None, former, lines, autojunk=False).get_matching_blocks():
        for step in range(size):
            if old + step < len(ends) and new + step < len(found):
                found[new + step] = ends[old + step]
    return "".join(line + end for line, end in zip(lines, [*found, ""], strict=True))
