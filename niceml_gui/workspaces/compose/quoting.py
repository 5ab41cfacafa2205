"""Turns what a person types into a field into a value of Hydra's override grammar, and back.

The grammar: https://hydra.cc/docs/advanced/override_grammar/basic/
"""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Any

import yaml

from niceml_engine.descriptions import Described
from niceml_engine.interpolations import lacks_end, quote_within
from niceml_engine.options import is_literal, quoted
from niceml_gui.workspaces.compose.rules import TEXTS

NUMBERS = ("int", "float")
_SEVERAL = re.compile(r"[\]}]\s*,\s*[\[{]")
_OPEN_CALL = re.compile(r"(choice|range|sort|shuffle|glob)\([^)]*$")
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_./-]*")
_CALL = re.compile(r"(choice|range|sort|shuffle|glob)\(.*\)$", re.DOTALL)
_MARKS = re.compile(r"'(?:''|\\'|[^'])*'|\"(?:\\.|[^\"\\])*\"|[\[\]{},:]", re.DOTALL)


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
        text = yaml.safe_dump(value, default_flow_style=True, sort_keys=False, width=2**30, allow_unicode=True)
        return str(text).rstrip("\n")
    return element(value)


def override_text(text: str, rule: Described) -> str:
    """What stands right of `=` in the override that sets a value to what was typed.

    A text stays a text: where one belongs, `10` is the string `"10"`, `{epoch}` no mapping, and blanks around it are
    its own. Quotes around the whole, interpolations, `null`, calls such as `choice(a, b)`, and elsewhere lists and
    mappings, are taken as such.

    Args:
        text: What was typed.
        rule: What may be given.

    Raises:
        ValueError: A list or mapping has no end, or something else that YAML cannot read.
    """
    typed, text = text, text.strip()
    items = sweep(text, rule)
    if items:
        return ",".join(override_text(item, rule) for item in items)
    if _CALL.match(text):
        return text
    worded = rule.kind in TEXTS
    if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"":
        return quoted(_unquoted(text))
    if "${" in text and (worded or text[0] not in "[{"):
        return quoted(text)
    if text.lower() == "null":
        return "null"
    if text[:1] in ("[", "{") and not worded:
        return _collection(text)
    if not worded and is_literal(text):
        return text
    return string(typed if rule.kind == "text" and not rule.choices else text)


def value_of(text: str) -> Any:
    """What stands right of `=` in an override, read back; a sweep, and what nobody can read, stays a text."""
    text = text.strip()
    if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"":
        return _unquoted(text)
    if text[:1] in ("[", "{"):
        with suppress(yaml.YAMLError, RecursionError):  # which may nest as deep as a person likes
            return _value(yaml.compose(_as_yaml(text), Loader=yaml.CSafeLoader))
    if not is_literal(text):
        return text
    word = text.lower()
    if word in ("null", "true", "false"):
        return None if word == "null" else word == "true"
    try:
        return int(text)
    except ValueError:
        return float(text)


def sweep(text: str, rule: Described) -> list[str]:
    """The values that are named one after the other, `1e-3, 1e-4`; none where it is one value.

    Where a text belongs a comma is a part of it: several texts are written `choice(a, b)`.
    """
    listed = rule.kind in ("int", "float", "bool") or bool(rule.choices)
    if not listed or "," not in text or text[:1] in "[{'\"" or "(" in text or "${" in text:
        return []
    return [item.strip() for item in text.split(",")]


def is_sweep(text: str, rule: Described) -> bool:
    """Whether a text names several values, so that a run is made of each."""
    return bool(sweep(text.strip(), rule)) or _CALL.match(text.strip()) is not None


def complaint(text: str, rule: Described) -> str:
    """Why a text cannot be given; empty if it can."""
    text = text.strip()
    if text.startswith("interval(") and text.endswith(")"):
        return "an interval has no end of values; write range(START,STOP,STEP) or choice(…)"
    if _CALL.match(text):
        return ""
    if items := sweep(text, rule):
        return next(filter(None, (complaint(item, rule) for item in items)), "")
    if "${" in text and lacks_end(text):
        return "an interpolation has no end; close it with }"
    if rule.kind in NUMBERS and _OPEN_CALL.match(text):
        return f"{text.partition('(')[0]}( has no end; close it with )"
    if text.lower() == "null" or text[:1] in ("'", '"') or ("${" in text and text[0] not in "[{"):
        return ""
    if rule.kind == "list" and not (text.startswith("[") and text.endswith("]")):
        return "not a list such as [1, 2]"
    if rule.kind == "mapping" and not (text.startswith("{") and text.endswith("}")):
        return "not a mapping such as {a: 1}"
    if rule.kind == "bool" and text.lower() not in ("true", "false"):
        return "neither true nor false"
    if rule.kind in NUMBERS and (why := _number_complaint(text, rule)):
        return why
    if rule.choices and text not in map(field_text, rule.choices):
        return f"not one of {', '.join(map(field_text, rule.choices))}"
    try:
        override_text(text, rule)
    except ValueError as error:
        return str(error)
    return _item_complaint(text, rule) if rule.kind == "list" else ""


def _number_complaint(text: str, rule: Described) -> str:
    try:
        number = int(text) if rule.kind == "int" else float(text)
    except ValueError:
        return "not a whole number" if rule.kind == "int" else "not a number"
    if not is_literal(text):
        return f"a text for Hydra; write {number!r}"
    if rule.least is not None and (number < rule.least or (rule.least_open and number == rule.least)):
        return f"{'not above' if rule.least_open else 'less than'} {rule.least:g}"
    if rule.most is not None and (number > rule.most or (rule.most_open and number == rule.most)):
        return f"{'not below' if rule.most_open else 'more than'} {rule.most:g}"
    return ""


def _item_complaint(text: str, rule: Described) -> str:
    """Why an item of a list cannot be one; of items that are lists or mappings nothing is said."""
    for item in yaml.compose(_as_yaml(text), Loader=yaml.CSafeLoader).value:
        if isinstance(item, yaml.ScalarNode) and item.value:
            written = repr(item.value) if item.style else item.value
            if rule.items in ("int", "float", "bool") and (why := complaint(item.value, Described(rule.items))):
                return f"{written} is {why}"
    return ""


def _unquoted(text: str) -> str:
    inner = text[1:-1]
    return inner.replace("\\" + text[0], text[0])


def _collection(text: str) -> str:
    try:
        return _node(yaml.compose(_as_yaml(text), Loader=yaml.CSafeLoader))
    except RecursionError as error:
        raise ValueError("nested too deep") from error
    except yaml.YAMLError as error:
        if _SEVERAL.search(text):
            raise ValueError(f"several values; to run with each of them, write choice({text})") from error
        problem = getattr(error, "problem", None) or str(error)
        raise ValueError(f"not a list or mapping: {problem}") from error


def _as_yaml(text: str) -> str:
    """A list or mapping as YAML has it, where it was typed as Hydra's overrides have it: `{a:1,b:${c}}`."""
    text, done, at = quote_within(text), "", 0
    opened: list[str] = []
    key = False  # whether what stands here is a key
    for match in _MARKS.finditer(text):
        mark = match[0]
        if mark in "[{":
            opened.append(mark)
        elif mark in "]}" and opened:
            opened.pop()
        if mark == ":" and key:
            done += text[at : match.end()] + " "
            at = match.end()
        key = key and len(mark) > 1 if mark not in "{," else bool(opened) and opened[-1] == "{"
    return done + text[at:]


def _value(node: Any) -> Any:
    if isinstance(node, yaml.SequenceNode):
        return list(map(_value, node.value))
    if isinstance(node, yaml.MappingNode):
        return {key.value: _value(value) for key, value in node.value}
    text = str(node.value)
    return text if node.style or not is_literal(text) else value_of(text)


def _node(node: Any) -> str:
    if isinstance(node, yaml.SequenceNode):
        return f"[{','.join(map(_node, node.value))}]"
    if isinstance(node, yaml.MappingNode):
        return "{" + ",".join(f"{key.value}:{_node(value)}" for key, value in node.value) + "}"
    text = str(node.value)
    if node.style:  # the C loader says "" where the Python one says None
        return quoted(text)
    return text if is_literal(text) else string(text) if text else "null"
