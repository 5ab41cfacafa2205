"""Where a text stands in a document, in the positions that Qt counts."""

from __future__ import annotations

import re
from dataclasses import dataclass

Span = tuple[int, int]  #: from where to where, in UTF-16 units


@dataclass(frozen=True, slots=True)
class Finding:
    """What is looked for.

    Attributes:
        needle: The text; an empty one stands nowhere.
        case: Whether its case counts.
        words: Whether it only counts where no other letters are joined to it.
    """

    needle: str = ""
    case: bool = False
    words: bool = False

    def spans(self, text: str) -> list[Span]:
        """All places in a text, in order."""
        if not self.needle:
            return []
        pattern = re.escape(self.needle)
        if self.words:
            pattern = rf"(?<!\w){pattern}(?!\w)"
        found = [match.span() for match in re.finditer(pattern, text, 0 if self.case else re.IGNORECASE)]
        if text.isascii() or max(text) <= "\uffff":
            return found
        return [(_units(text[:start]), _units(text[:end])) for start, end in found]


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
