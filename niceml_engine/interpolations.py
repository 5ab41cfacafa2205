"""The text of interpolations: whether they end, and the quotes they need within brackets, as YAML has braces too."""

from __future__ import annotations

import re

_BEFORE = re.compile(r"[^,\[\]{}\n]*\Z")  #: the text before an interpolation, back to the bracket or comma
_KEY = re.compile(r"\s*[^\s:'\"]+\s*:(?!//)")
_OPEN = re.compile(r"'(?:''|\\'|[^'])*'|\"(?:\\.|[^\"\\])*\"|\$\{", re.DOTALL)
_BRACE = re.compile(r"(?<!\\)(?:\\\\)*(\$\{)|([{}])|'(?:\\'|[^'])*'|\"(?:\\.|[^\"\\])*\"", re.DOTALL)


def lacks_end(text: str) -> bool:
    """Whether an interpolation in a text has no closing brace, as in `${a.b`; an escaped one is text."""
    depth, at = 0, 0
    while match := _BRACE.search(text, at):
        at = match.end()
        if match[1]:
            depth += 1
        elif depth and match[2]:
            depth += 1 if match[2] == "{" else -1
        elif not depth:
            at = match.start() + 1  # outside of interpolations, braces and quotes are text
    return depth > 0


def quote_within(text: str) -> str:
    """A list or mapping in brackets with each text that holds an interpolation in quotes; quoted ones stay.

    Args:
        text: The list or mapping, as in `{name: b, rate: ${optim.lr}}`.
    """
    done, rest = "", text
    while match := next((one for one in _OPEN.finditer(rest) if one[0] == "${"), None):
        start, end = around(rest, match.start())
        done += rest[:start] + in_quotes(rest[start:end])
        rest = rest[end:]
    return done + rest


def around(text: str, at: int) -> tuple[int, int]:
    """Where the text begins and ends that holds an interpolation.

    Args:
        text: A list or mapping in brackets, or a text with one.
        at: The index of `${`.
    """
    before = _BEFORE.search(text, text.rfind("\n", 0, at) + 1, at)
    start = before.start() if before else at
    if key := _KEY.match(text, start, at):
        start = key.end()
    start += len(text[start:at]) - len(text[start:at].lstrip())
    end, depth = at, 0
    while end < len(text) and not (depth == 0 and text[end] in ",[]{}\n" and text[end - 1 : end + 1] != "${"):
        depth += (text[end] == "{") - (text[end] == "}")
        end += 1
    return start, start + len(text[start:end].rstrip())


def in_quotes(text: str) -> str:
    """A text in quotes that YAML and Hydra's overrides both read as this text."""
    if '"' not in text and "\\" not in text:
        return f'"{text}"'
    if "'" not in text:
        return f"'{text}'"
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
