"""Values written as YAML that reads back as the same value under OmegaConf's rules."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterator
from typing import Any

from niceml_engine.config.text.files import parse
from niceml_engine.errors import ConfigError

ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r", "\0": "\\0"}
WIDTH = 100  #: longest list of scalars that is written on one line


def load(text: str) -> Any:
    """Reads YAML as OmegaConf reads it: its floats, no timestamps, no key twice.

    Raises:
        ConfigError: The text is no YAML.
    """
    return parse(text).data


def leaves_in(text: str) -> dict[str, Any]:
    """The leaves of a config that was stored as text, by key, in order.

    Raises:
        ConfigError: The text is no YAML.
    """
    return dict(leaves_below(load(text) or {}))


def leaves_below(data: dict[Any, Any], key: str = "") -> Iterator[tuple[str, Any]]:
    """The leaves of a mapping, which itself is at a key: scalars, whole lists, and empty mappings."""
    for name, value in data.items():
        here = f"{key}.{name}" if key else str(name)
        if isinstance(value, dict) and value:
            yield from leaves_below(value, here)
        else:
            yield here, value


def same(one: Any, other: Any) -> bool:
    """Whether two values are equal in type too: `1`, `1.0` and `True` are three values, and NaN is itself."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return _typed(one) == _typed(other) and all(same(value, other[key]) for key, value in one.items())
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, float):
        return repr(one) == repr(other)
    return bool(one == other)


def fingerprint(value: Any) -> Hashable:
    """What two values have in common if, and only if, they are the same."""
    if isinstance(value, dict):
        return dict, frozenset((type(key), key, fingerprint(item)) for key, item in value.items())
    if isinstance(value, list | tuple):
        return type(value), tuple(map(fingerprint, value))
    return type(value), repr(value) if isinstance(value, float) or not isinstance(value, Hashable) else value


def _typed(data: dict[Any, Any]) -> set[tuple[type, Any]]:
    return {(type(key), key) for key in data}


def scalar(value: Any, *, flow: bool = False, style: str = "") -> str:
    """Writes a scalar in the plainest way that reads back as the same value.

    Args:
        value: `None`, a bool, a number or a text.
        flow: Whether it will stand inside brackets or braces, where more characters have a meaning.
        style: The quote that a text has in the file, kept where it fits.

    Raises:
        ConfigError: YAML has no word for the value.
    """
    if not isinstance(value, str):
        candidates = [_plain(value)]
    else:
        single = "'" + value.replace("'", "''") + "'"
        candidates = {"'": [single], '"': []}.get(style, [value, single])
        candidates = [text for text in candidates if text.isprintable()]
        candidates.append(_quoted(value))
    for text in candidates:
        try:
            held = load(f"[{text}, {text}]" if flow else f"k: {text}\nl: {text}\n")
        except ConfigError:
            continue
        if same(held, [value, value] if flow else {"k": value, "l": value}):
            return text
    raise ConfigError(f"{value!r} cannot be written as YAML; use a text, a number, a list or a mapping")


def key(value: Any, *, flow: bool = False, style: str = "") -> str:
    """Writes the key of a mapping.

    Args:
        value: The key.
        flow: Whether it will stand inside braces.
        style: The quote that a text has in the file, kept where it fits.

    Raises:
        ConfigError: YAML has no word for the key.
    """
    text = scalar(value, flow=flow, style=style)
    for candidate in (text, _quoted(value) if isinstance(value, str) else text):
        try:
            held = load(f"{{{candidate}: 1}}" if flow else f"{candidate}: 1\n")
        except ConfigError:
            continue
        if same(held, {value: 1}):
            return candidate
    raise ConfigError(f"{value!r} cannot be a key in YAML")


def inline(value: Any) -> str:
    """Writes any value on one line, lists and mappings in brackets and braces.

    Raises:
        ConfigError: YAML has no word for a value in it.
    """
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key(name, flow=True)}: {inline(item)}" for name, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(inline(item) for item in value) + "]"
    return scalar(value, flow=True)


def entry(name: Any, value: Any, indent: int, step: int) -> list[str]:
    """Writes `name: value` as lines of a block mapping.

    Args:
        name: The key.
        value: Any plain value.
        indent: Column of the key.
        step: How much deeper what stands inside is indented.
    """
    head = " " * indent + key(name) + ":"
    if isinstance(value, dict) and value:
        return [head, *(line for item in value.items() for line in entry(*item, indent + step, step))]
    if isinstance(value, list) and value and not _short(value):
        return [head, *(line for item in value for line in item_lines(item, indent + step, step))]
    return [f"{head} {scalar(value) if not isinstance(value, dict | list) else inline(value)}"]


def item_lines(value: Any, indent: int, step: int) -> list[str]:
    """Writes `- value` as lines of a block sequence whose dashes stand at column `indent`."""
    dash = " " * indent + "- "
    if isinstance(value, dict) and value:
        lines = [line for item in value.items() for line in entry(*item, indent + 2, step)]
        return [dash + lines[0].lstrip(" "), *lines[1:]]
    return [dash + (scalar(value) if not isinstance(value, dict | list) else inline(value))]


def _short(value: list[Any]) -> bool:
    return not any(isinstance(item, dict | list) for item in value) and len(inline(value)) <= WIDTH


def _plain(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and not math.isfinite(value):
        return ".nan" if math.isnan(value) else ".inf" if value > 0 else "-.inf"
    return repr(value)


def _quoted(value: str) -> str:
    return '"' + "".join(_escaped(character) for character in value) + '"'


def _escaped(character: str) -> str:
    if character in ESCAPES:
        return ESCAPES[character]
    if character.isprintable() or character == " ":
        return character
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
