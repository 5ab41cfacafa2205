"""What docstrings say of arguments, in the styles of Google, NumPy and Sphinx."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import griffe

from niceml_engine.config.code.bounds import Bounds

_NUMPY = re.compile(r"^[ \t]*(Other )?(Parameters|Attributes)[ \t]*\n[ \t]*-{3,}", re.MULTILINE)
_SPHINX = re.compile(r"^[ \t]*:(param|parameter|arg|argument|key|keyword|type)\b", re.MULTILINE)
_SECTIONS = {"parameters", "other parameters", "attributes"}
_SET = re.compile(r"\{[^{}]*\}")
_NUMBER = r"(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)"
_POSITIVE = re.compile(r"(?:an? |the )?(?:strictly )?positive (int|float|number|whole)", re.IGNORECASE)
_NOT_NEGATIVE = re.compile(r"(?:an? |the )?non-?negative (int|float|number|whole)", re.IGNORECASE)
_BETWEEN = re.compile(rf"\bbetween {_NUMBER} and {_NUMBER}(?![\w%])", re.IGNORECASE)
_RANGE = re.compile(rf"(?:^|[,(:]|\bfrom)\s*{_NUMBER} (?:to|\N{{EN DASH}}) {_NUMBER}(?=\s*(?:$|[.,;)]))")
_INTERVAL = re.compile(rf"\bin (?:the (?:range|interval) )?([\[(]){_NUMBER}, ?(?:{_NUMBER}|inf)([\])])")
_LEAST = re.compile(rf"(?:(?:>=|\N{{GREATER-THAN OR EQUAL TO}}) ?|\bat least ){_NUMBER}(?![\w%])", re.IGNORECASE)
_ABOVE = re.compile(rf"(?:> ?|\b(?:greater|larger|more) than ){_NUMBER}(?![\w%])", re.IGNORECASE)
_MOST = re.compile(rf"(?:(?:<=|\N{{LESS-THAN OR EQUAL TO}}) ?|\bat most ){_NUMBER}(?![\w%])", re.IGNORECASE)
_SENTINEL = re.compile(r"\b(?:or|if|unless|when|and) `*-1\b|`-1`|\b-1 (?:for|means|disables)")


@dataclass(frozen=True, slots=True)
class ArgumentDoc:
    """What a docstring says of an argument.

    Attributes:
        text: Its description.
        type: Its type as an annotation, where the docstring names one.
    """

    text: str = ""
    type: str = ""


def argument_docs(docstrings: Iterable[str]) -> dict[str, ArgumentDoc]:
    """The arguments that docstrings describe; what comes first wins."""
    found: dict[str, ArgumentDoc] = {}
    for text in docstrings:
        for name, doc in _parsed(text):
            found.setdefault(name, doc)
    return found


def summary(docstring: str) -> str:
    """The first sentence or paragraph, on one line."""
    return " ".join(re.split(r"\n\s*\n", docstring.strip(), maxsplit=1)[0].split())


def stated_bounds(text: str) -> Bounds:
    """The bounds that a description states for a number; none where it does not say so plainly.

    Taken as such are `>= 1`, `at least 1`, `between 0 and 1`, `in [0, 1)`, a closing `0 to 1`, `positive int`.
    """
    text = " ".join(text.replace("`", " ").split()) if not _SENTINEL.search(text) else ""
    if match := _INTERVAL.search(text):
        upper = float(match[3]) if match[3] else None
        return Bounds(float(match[2]), upper, match[1] == "(", match[4] == ")" and upper is not None)
    if (match := _BETWEEN.search(text) or _RANGE.search(text)) and float(match[1]) < float(match[2]):
        return Bounds(float(match[1]), float(match[2]))
    if match := _POSITIVE.match(text):
        return Bounds(1) if match[1].lower() in ("int", "whole") else Bounds(0, least_open=True)
    if _NOT_NEGATIVE.match(text):
        return Bounds(0)
    least, above, most = _LEAST.search(text), _ABOVE.search(text), _MOST.search(text)
    low = least or above
    return Bounds(float(low[1]) if low else None, float(most[1]) if most else None, bool(above and not least))


@lru_cache(maxsize=2048)
def _parsed(text: str) -> tuple[tuple[str, ArgumentDoc], ...]:
    if _NUMPY.search(text):
        sections = griffe.parse_numpy(griffe.Docstring(text), warnings=False)
    elif _SPHINX.search(text):
        sections = griffe.parse_sphinx(griffe.Docstring(text), warnings=False)
    else:
        sections = griffe.parse_google(griffe.Docstring(text), warnings=False)
    found = []
    for section in sections:
        if section.kind.value not in _SECTIONS:
            continue
        for one in section.value:
            stated = str(one.annotation or "")
            if "," in stated and (line := re.search(rf"^\s*{re.escape(one.name)}\s*:\s*(.+)$", text, re.MULTILINE)):
                stated = line[1]  # the reader of NumPy's style keeps the choices, and drops what else is allowed
            doc = ArgumentDoc(" ".join(one.description.split()), _annotation(stated))
            found += [(name.strip().lstrip("*"), doc) for name in one.name.split(",")]
    return tuple(found)


def _annotation(text: str) -> str:
    """The type in a docstring, `int or None, default=5`, as an annotation; empty where it is only words."""
    text = re.split(r",\s*(?:default|optional)\b", text)[0].strip().removesuffix("optional").strip(" ,")
    text = _SET.sub(lambda found: _literal(found[0]), text).replace("string", "str").replace("integer", "int")
    text = re.sub(r"\bboolean\b", "bool", text)
    text = re.sub(r",? or |(?<=\])(?:, )(?=\w)", " | ", text)
    try:
        parsed = ast.parse(text, mode="eval").body
    except SyntaxError:
        return ""
    return text if isinstance(parsed, ast.Name | ast.Attribute | ast.BinOp | ast.Subscript) else ""


def _literal(text: str) -> str:
    try:
        values = ast.parse(text, mode="eval").body
    except SyntaxError:
        return text
    if isinstance(values, ast.Set) and all(isinstance(one, ast.Constant) for one in values.elts):
        return f"Literal[{', '.join(map(ast.unparse, values.elts))}]"
    return text
