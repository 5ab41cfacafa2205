"""Turns what a person types into a field into a value of Hydra's override grammar, and back.

The grammar: https://hydra.cc/docs/advanced/override_grammar/basic/
"""

from __future__ import annotations

import re
from typing import Any

import yaml

from niceml_gui.workspaces.compose.forms import Kind

_LITERAL = re.compile(
    r"""[+-]?(0|[1-9](_?\d)*)                                      # integer
      | [+-]?((0|[1-9](_?\d)*)?\.\d(_?\d)*|(0|[1-9](_?\d)*)\.?)([eE][+-]?\d(_?\d)*)?  # float
      | [+-]?(inf|nan)
      | true | false | null""",
    re.IGNORECASE | re.VERBOSE,
)
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_./-]*")
_BEFORE_QUOTE = re.compile(r"(\\*)('|$)")


def is_literal(text: str) -> bool:
    """Whether Hydra reads an unquoted text as a number, a boolean or null."""
    return _LITERAL.fullmatch(text) is not None


def quoted(text: str) -> str:
    """A text as a quoted string that Hydra reads back as exactly this text."""

    # Hydra halves backslashes only where they stand before a quote; elsewhere they are themselves.
    def escape(match: re.Match[str]) -> str:
        return match[1] * 2 + ("\\'" if match[2] else "")

    return f"'{_BEFORE_QUOTE.sub(escape, text)}'"


def string(text: str) -> str:
    """A text as a Hydra string, quoted only where it has to be."""
    return text if _PLAIN.fullmatch(text) and not is_literal(text) else quoted(text)


def element(value: Any) -> str:
    """A plain value (scalar, list, mapping) in Hydra's grammar."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, list | tuple):
        return f"[{','.join(map(element, value))}]"
    if isinstance(value, dict):
        return "{" + ",".join(f"{key}:{element(item)}" for key, item in value.items()) + "}"
    return string(str(value))


def field_text(value: Any) -> str:
    """A value as it stands in a field: strings without quotes, lists as `[16, 32, 64]`."""
    if isinstance(value, str):
        return value
    if isinstance(value, list | tuple | dict):
        return str(yaml.safe_dump(value, default_flow_style=True, sort_keys=False, width=2**30)).rstrip("\n")
    return element(value)


def override_text(text: str, old: Any) -> str:
    """What stands right of `=` in the override that sets a value to what was typed.

    A text stays a text: `10` typed over `"abc"` is the string `"10"`. Quotes around the whole, interpolations,
    `null`, lists and mappings are taken as such.

    Args:
        text: What was typed.
        old: The value that is replaced; of an interpolation, the resolved value.

    Raises:
        ValueError: A list or mapping has no end, or something else that YAML cannot read.
    """
    text = text.strip()
    if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"":
        return quoted(_unquoted(text))
    if "${" in text:
        return text if text[0] in "[{" else quoted(text)
    if text.lower() == "null":
        return "null"
    if text[:1] in ("[", "{") and not (isinstance(old, str) and text[-1:] not in ("]", "}")):
        return _collection(text)
    if not isinstance(old, str) and is_literal(text):
        return text
    return string(text)


def complaint(text: str, kind: Kind) -> str:
    """Why a text cannot be a value of a kind; empty if it can."""
    text = text.strip()
    if "${" in text or text.lower() == "null" or text[:1] in ("'", '"'):
        return ""
    try:
        if kind == "int":
            int(text)
        elif kind == "float":
            float(text)
    except ValueError:
        return "not a whole number" if kind == "int" else "not a number"
    if kind == "list" and not (text.startswith("[") and text.endswith("]")):
        return "not a list such as [1, 2]"
    if kind == "bool" and not (is_literal(text) and text.lower() in ("true", "false")):
        return "neither true nor false"
    try:
        override_text(text, "" if kind == "text" else None)
    except ValueError as error:
        return str(error)
    return ""


def _unquoted(text: str) -> str:
    inner = text[1:-1]
    return inner.replace("\\" + text[0], text[0])


def _collection(text: str) -> str:
    try:
        return _node(yaml.compose(text, Loader=yaml.CSafeLoader))
    except yaml.YAMLError as error:
        problem = getattr(error, "problem", None) or str(error)
        raise ValueError(f"not a list or mapping: {problem}") from error


def _node(node: Any) -> str:
    if isinstance(node, yaml.SequenceNode):
        return f"[{','.join(map(_node, node.value))}]"
    if isinstance(node, yaml.MappingNode):
        return "{" + ",".join(f"{key.value}:{_node(value)}" for key, value in node.value) + "}"
    text = str(node.value)
    if node.style:  # the C loader says "" where the Python one says None
        return quoted(text)
    return text if is_literal(text) else string(text) if text else "null"
