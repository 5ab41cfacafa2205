"""Options, and other texts, as they are written in overrides.

The grammar: https://hydra.cc/docs/advanced/override_grammar/basic/
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_LITERAL = re.compile(
    r"""[+-]?(0|[1-9](_?\d)*)                                      # integer
      | [+-]?((0|[1-9](_?\d)*)?\.\d(_?\d)*|(0|[1-9](_?\d)*)\.?)([eE][+-]?\d(_?\d)*)?  # float
      | [+-]?(inf|nan)
      | true | false | null""",
    re.IGNORECASE | re.VERBOSE,
)
_PLAIN = re.compile(r"[\w./@:-]+", re.ASCII)
_BEFORE_QUOTE = re.compile(r"(\\*)('|\Z)")


def is_literal(text: str) -> bool:
    """Whether Hydra reads an unquoted text as a number, a boolean or null."""
    return _LITERAL.fullmatch(text) is not None


def quoted(text: str) -> str:
    """A text as a quoted string that Hydra reads back as exactly this text."""

    # Hydra halves backslashes only where they stand before a quote; elsewhere they are themselves.
    def escape(match: re.Match[str]) -> str:
        return match[1] * 2 + ("\\'" if match[2] else "")

    return f"'{_BEFORE_QUOTE.sub(escape, text)}'"


def option_text(option: str) -> str:
    """An option as the right side of a choice, quoted where Hydra's grammar needs it to read this very text."""
    return option if _PLAIN.fullmatch(option) and not is_literal(option) else quoted(option)


def options_text(options: Iterable[str]) -> str:
    """Several options as the right side of a choice."""
    return f"[{','.join(map(option_text, options))}]"
