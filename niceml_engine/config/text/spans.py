"""Where in a YAML text each value stands: a tree of character spans, made from the parser's marks.

PyYAML's node tree loses the place at which an alias is written, so the tree is built from its events.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from niceml_engine.config.text.lines import line_before, line_start
from niceml_engine.errors import ConfigError

MAX_VALUES = 1_000_000  #: values that a file may hold once its aliases are expanded
PROPERTIES = re.compile(r"(?:(&[^\s,\[\]{}]+)|(![^\s]*))(?:[ \t\r\n]+|(?=[,\]}])|\Z)")
_DASH_LINE = re.compile(r"[ ?:-]*-(?=[ \t]*(?:#|\Z))")
Path = tuple[str | int, ...]
Element = tuple[int, int, int]  #: start, end and tail of a key with its value, or of a dash with its item


@dataclass(frozen=True, slots=True)
class Span:
    """A value of a YAML text.

    Attributes:
        start: Index of its first character, anchor and tag included.
        end: Index after its last character; comments and line breaks that follow do not belong to it.
        tail: Like `end`, but with the trailing line breaks that a `|+` text counts as its own.
        flow: Written in brackets or braces.
        style: Quote or block character of a scalar; empty for plain text.
    """

    start: int
    end: int
    tail: int
    flow: bool = False
    style: str = ""


@dataclass(frozen=True, slots=True)
class Scalar(Span):
    """A single value; `value` is its text as parsed, before it is taken for a number."""

    value: str = ""
    plain: bool = True


@dataclass(frozen=True, slots=True)
class Alias(Span):
    """A reference to an anchored value."""

    anchor: str = ""


@dataclass(frozen=True, slots=True)
class Mapping(Span):
    """Keys and values in file order."""

    pairs: tuple[tuple[Span, Span], ...] = ()


@dataclass(frozen=True, slots=True)
class Sequence(Span):
    """Items in file order."""

    items: tuple[Span, ...] = ()


@dataclass(slots=True)
class _Builder:
    text: str
    events: Iterator[Any]
    sizes: dict[str, int] = field(default_factory=dict)

    def node(self, event: Any) -> tuple[Span, int]:
        start = event.start_mark.index
        if isinstance(event, yaml.AliasEvent):
            if event.anchor not in self.sizes:
                raise yaml.composer.ComposerError(None, None, f"undefined alias {event.anchor!r}", event.start_mark)
            return Alias(start, event.end_mark.index, event.end_mark.index, anchor=event.anchor), self.sizes[
                event.anchor
            ]
        span: Span
        if isinstance(event, yaml.ScalarEvent):
            span, size = self._scalar(event), 1
        elif isinstance(event, yaml.MappingStartEvent):
            span, size = self._mapping(event)
        else:
            span, size = self._sequence(event)
        if size > MAX_VALUES:
            raise ConfigError(
                f"the aliases expand to more than {MAX_VALUES:,} values; write the values out or use fewer aliases",
                line=event.start_mark.line + 1,
            )
        if event.anchor:
            self.sizes[event.anchor] = size
        return span, size

    def _scalar(self, event: Any) -> Scalar:
        start, tail, style = event.start_mark.index, event.end_mark.index, event.style or ""
        end = start + len(self.text[start:tail].rstrip()) if style in ("|", ">") else tail
        if style in ("|", ">") and "+" not in self.text[start:tail].partition("\n")[0]:
            tail = end
        return Scalar(start, end, tail, style=style, value=event.value, plain=event.implicit[0])

    def _mapping(self, event: Any) -> tuple[Mapping, int]:
        pairs, size = [], 1
        while not isinstance(key_event := next(self.events), yaml.MappingEndEvent):
            key, key_size = self.node(key_event)
            value, value_size = self.node(next(self.events))
            pairs.append((key, value))
            size += key_size + value_size
        flow = bool(event.flow_style)
        end = key_event.end_mark.index if flow else max(pairs[-1][1].end, pairs[-1][0].end)
        tail = end if flow else max(pairs[-1][1].tail, end)
        return Mapping(event.start_mark.index, end, tail, flow, pairs=tuple(pairs)), size

    def _sequence(self, event: Any) -> tuple[Sequence, int]:
        items, size = [], 1
        while not isinstance(item_event := next(self.events), yaml.SequenceEndEvent):
            item, item_size = self.node(item_event)
            items.append(item)
            size += item_size
        flow = bool(event.flow_style)
        end = item_event.end_mark.index if flow else items[-1].end
        tail = end if flow else items[-1].tail
        return Sequence(event.start_mark.index, end, tail, flow, items=tuple(items)), size


def read_spans(text: str) -> Span | None:
    """Builds the tree of a text that holds one YAML document at most.

    Args:
        text: YAML; `None` is returned when it holds nothing but comments.

    Raises:
        ConfigError: The text is no YAML, holds several documents, or its aliases expand without end.
    """
    try:
        events = yaml.parse(text, Loader=yaml.CSafeLoader)  # its marks count characters, as the slow one's do
        next(events)
        if isinstance(next(events), yaml.StreamEndEvent):
            return None
        root, _ = _Builder(text, events).node(next(events))
        next(events)
        if not isinstance(next(events), yaml.StreamEndEvent):
            raise ConfigError("the file holds several YAML documents; a config is one, so remove what follows `---`")
    except yaml.YAMLError as error:
        raise _yaml_error(error) from error
    except RecursionError as error:
        raise ConfigError("the YAML is nested too deeply to be read") from error
    return root


def _yaml_error(error: yaml.YAMLError) -> ConfigError:
    """Turns a parser's error into one line with its place."""
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or str(error).partition("\n")[0]
    column = f" at column {mark.column + 1}" if mark else ""
    return ConfigError(f"invalid YAML{column}: {problem}", line=mark.line + 1 if mark else 0, details=str(error))


def body(span: Span, text: str) -> tuple[int, str]:
    """Where a value's own text starts, behind anchor and tag, and its anchor (`&name`, or empty)."""
    start, anchor = span.start, ""
    if isinstance(span, Alias):
        return start, anchor
    while match := PROPERTIES.match(text, start, span.end):
        anchor = match[1] or anchor
        start = match.end()
    return start, anchor


def elements(text: str, span: Mapping | Sequence) -> list[Element]:
    """Where the keys of a mapping stand with their values, or the items of a list with their dashes."""
    if isinstance(span, Mapping):
        ends = [(max(name.end, value.end), max(name.tail, value.tail)) for name, value in span.pairs]
        return [(name.start, *end) for (name, _), end in zip(span.pairs, ends, strict=True)]
    if span.flow:
        return [(item.start, item.end, item.tail) for item in span.items]
    return [(dash(text, item.start), item.end, item.tail) for item in span.items]


def dash(text: str, start: int) -> int:
    """Index of the dash before an item of a block list; comments may stand between the two."""
    end, at = start, line_start(text, start)
    while at and text[at:end].lstrip()[:1] in ("", "#"):
        end, at = at, line_before(text, at)
    match = _DASH_LINE.match(text[at:end].rstrip())
    if match is None:
        raise ConfigError("the list's dashes and comments stand in a way that cannot be spliced; edit it by hand")
    return at + match.end() - 1
