"""What a line says whose key and value run into one piece because both are written from right to left.

Editors draw such a line, by the rules of Unicode's bidirectional algorithm (UAX #9), with the value left of the key.
"""

from __future__ import annotations

from collections.abc import Iterable
from unicodedata import bidirectional

from niceml_engine.visible import visible
from niceml_gui.workspaces.compose.yaml_spans import spans

_MOST = 200  #: characters of a value that are looked at
_RIGHT = {"R", "AL"}
_DECIDING = {"L", "R", "AL", "EN", "AN"}  #: after letters from right to left, numbers go their way


def reading(line: str) -> str:
    """Key and value of a line that is drawn the other way round, in their order; else nothing."""
    found = spans(line)
    at = next((one for one in found if one.kind == "key"), None)
    if at is None:
        return ""
    key = line[at.start : at.end]
    parts = (line[one.start : one.end] for one in found if one.start > at.end and one.kind != "comment")
    value = "".join(parts).strip()
    if _deciding(reversed(key)) in _RIGHT and _deciding(value[:_MOST]) in {*_RIGHT, "EN", "AN"}:
        return visible(f"{key} → {value[:_MOST]}")
    return ""


def _deciding(letters: Iterable[str]) -> str:
    """The direction of the first letter that has one."""
    return next((kind for letter in letters if (kind := bidirectional(letter)) in _DECIDING), "")
