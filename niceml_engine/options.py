"""The names of options as they are written in overrides."""

from __future__ import annotations

import re
from collections.abc import Iterable

_PLAIN = re.compile(r"[\w./@:-]+", re.ASCII)
_NUMBER = r"(\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(e[+-]?\d[\d_]*)?|inf|nan"
_NO_TEXT = re.compile(rf"[+-]?({_NUMBER})|true|false|null", re.IGNORECASE)  #: what Hydra reads as another type


def option_text(option: str) -> str:
    """An option as the right side of a choice, quoted where Hydra's grammar needs it to read this very text."""
    if _PLAIN.fullmatch(option) and not _NO_TEXT.fullmatch(option):
        return option
    # a backslash is only special before a quote, and before the one that closes
    escaped = re.sub(r"(\\*)('|\Z)", lambda found: found[1] * 2 + ("\\'" if found[2] else ""), option)
    return f"'{escaped}'"


def options_text(options: Iterable[str]) -> str:
    """Several options as the right side of a choice."""
    return f"[{','.join(map(option_text, options))}]"
