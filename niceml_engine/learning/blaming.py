"""Which argument of an object in a config an error is about."""

from __future__ import annotations

import re
import traceback
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Any

_QUOTED = re.compile(r"[`'\"](\w+)[`'\"]")
_WORD = re.compile(r"\w+")
_LIBRARIES = ("keras", "tensorflow")  #: whose arguments have names of their own


def named(node: Any, said: str) -> str:
    """The one argument of an object that an error puts into quotes; empty where it names none, or several.

    Args:
        node: The object's config.
        said: What the error says.
    """
    return _only(node, _QUOTED.findall(said))


def blamed(node: Any, error: Exception) -> str:
    """The one argument that an error names, else the one that the call is given at which it arose; else empty.

    A layer calls its arguments otherwise than the object that makes the layer: `Dropout(self.dropout)` says of its
    `rate` that it is too large.

    Args:
        node: The object's config.
        error: Raised while the object did what it is for.
    """
    return named(node, str(error)) or _only(node, _WORD.findall(_call(error.__traceback__)))


def _only(node: Any, words: Iterable[str]) -> str:
    from omegaconf import DictConfig

    found = {word for word in words if isinstance(node, DictConfig) and word in node}
    return found.pop() if len(found) == 1 else ""


def _call(trace: TracebackType | None) -> str:
    """The text of the innermost call that is not of a library, as far as its source can be read."""
    own = ""
    for (frame, _), summary in zip(traceback.walk_tb(trace), traceback.extract_tb(trace), strict=True):
        if str(frame.f_globals.get("__name__", "")).partition(".")[0] in _LIBRARIES:
            break
        own = _segment(summary)
    return own


def _segment(summary: traceback.FrameSummary) -> str:
    begin, end = summary.lineno, summary.end_lineno
    if begin is None or end is None or summary.colno is None or summary.end_colno is None:
        return summary.line or ""
    try:
        lines = Path(summary.filename).read_bytes().splitlines()[begin - 1 : end]
    except OSError:
        return ""
    if not lines:
        return ""
    lines[-1] = lines[-1][: summary.end_colno]  # columns count bytes
    lines[0] = lines[0][summary.colno :]
    return b" ".join(lines).decode(errors="replace")
