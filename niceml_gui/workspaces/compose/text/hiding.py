"""Secrets in the composed text, which nobody is to read over a shoulder; what is exported holds them, to run again."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from niceml_engine.secrets import MASK, is_reference, is_secret_name
from niceml_engine.values import Leaf

_ENTRY = re.compile(r"""(\s*(?:-\ )*(?:(?:'(?:[^']|'')*'|"(?:\\.|[^"])*"|[^\s'"][^:]*):(?:\ |$))?)(.*)""", re.VERBOSE)
_WORD = re.compile(r"[^.\[\]]+")
_NOTHING = frozenset({"", "null", "''", "'???'", "???", "{}", "[]"})


def hidden(
    lines: Sequence[str], keys: Sequence[str], inside: Mapping[int, str], leaves: Mapping[str, Leaf]
) -> list[str]:
    """The lines of a composed config with a mask for each secret; an interpolation says only where one is.

    Args:
        lines: YAML, as it is composed.
        keys: The key on each line; empty where a value goes on.
        inside: The key of what begins on a line inside a list.
        leaves: The leaves by key.
    """
    secret = {line for line, key in enumerate(keys) if key and key in leaves and leaves[key].secret}
    secret |= {line for line, key in inside.items() if any(map(is_secret_name, _WORD.findall(key)))}
    found = list(lines)
    for first in sorted(secret):
        found[first] = _masked(lines[first])
        line = first + 1
        while line < len(lines) and not (line < len(keys) and keys[line]) and line not in inside:
            found[line] = _masked(lines[line])
            line += 1
    return found


def _masked(line: str) -> str:
    entry = _ENTRY.match(line)
    if entry is None or entry[2] in _NOTHING or is_reference(entry[2]):
        return line
    return entry[1] + MASK
