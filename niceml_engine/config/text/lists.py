"""A list written over another one: items that stay keep every character, and the comments that are theirs.

To an item of a block list belong its lines, the comment lines right above that begin where its dash does, and those
right below that are indented deeper. Blank lines and other comments between two items stay where they are. Within
brackets, what stands before an item since the last comma or comment belongs to it, and a comment behind its comma.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from niceml_engine.config.text.aligning import differences
from niceml_engine.config.text.lines import column, first_on_line, line_before, line_end, line_start, newline
from niceml_engine.config.text.literals import fingerprint, inline, item_lines
from niceml_engine.config.text.spans import Sequence, body, elements
from niceml_engine.errors import ConfigError

Sources = tuple[int | None, ...]  #: from which item each item of the new list comes; `None` where it is written anew
_FILLER = re.compile(r"(?:\s|#[^\r\n]*)*")
_COMMENT = re.compile(r"(?:[ \t]*#[^\r\n]*)?")
_BROKEN = re.compile(r"[ \t]*[\r\n]")


def sources(old: list[Any], new: list[Any]) -> Sources:
    """Finds out from which items of a list those of another one come.

    An item comes from one that is the same, which may have stood elsewhere, else from the one whose place it takes.
    """
    before, after = [fingerprint(item) for item in old], [fingerprint(item) for item in new]
    found: list[int | None] = [None] * len(new)
    changed = [*differences(before, after)]
    at = to = 0
    for start, end, first, last in (*changed, (len(old), len(old), len(new), len(new))):
        found[to:first] = range(at, start)
        at, to = end, last
    gone: dict[Any, list[int]] = {}
    for start, end, _, _ in reversed(changed):
        for place in reversed(range(start, end)):
            gone.setdefault(before[place], []).append(place)
    for _, _, first, last in changed:
        for place in range(first, last):
            if same := gone.get(after[place]):
                found[place] = same.pop()
    taken = {*found}
    for start, end, first, last in changed:
        left = (place for place in range(start, end) if place not in taken)
        free = (place for place in range(first, last) if found[place] is None)
        for place, source in zip(free, left, strict=False):
            found[place] = source
    return tuple(found)


def arranged(text: str, span: Sequence, items: list[Any], found: Sources, step: int) -> str:
    """Takes out, moves and adds items of a list; those that stay are not changed.

    Args:
        text: YAML.
        span: The list in it.
        items: Of the new list, of which those without a source are written.
        found: Where the items come from.
        step: How much deeper what stands inside is indented.

    Raises:
        ConfigError: The list is written in a way that cannot be spliced.
    """
    if found == tuple(range(len(span.items))):
        return text
    return _within_brackets(text, span, items, found) if span.flow else _on_lines(text, span, items, found, step)


def _past(filler: re.Pattern[str], text: str, at: int) -> int:
    """Where what lies between values ends, from an index on; the pattern also fits nothing at all."""
    match = filler.match(text, at)
    return match.end() if match else at


# ------------------------------------------------------------------------------------------------- block lists


@dataclass(frozen=True, slots=True)
class _Block:
    """Lines of an item, and what stands before them that belongs to none."""

    gap: str
    lines: str


def _on_lines(text: str, span: Sequence, items: list[Any], found: Sources, step: int) -> str:
    places = elements(text, span)
    start, indent, ending = places[0][0], column(text, places[0][0]), newline(text)
    alone = first_on_line(text, start)  # else a list begins on its line, as in `- - 1`
    if alone:
        start = _above(text, line_start(text, start), 0, indent)
    blocks, end = _blocks(text, places, start, ending)
    if not alone:
        blocks[0] = _Block("", " " * indent + blocks[0].lines)
    gaps, rest = _gaps(blocks, found)
    written = [
        gap + (ending.join([*item_lines(item, indent, step), ""]) if source is None else blocks[source].lines)
        for gap, item, source in zip(gaps, items, found, strict=True)
    ]
    result = "".join([*written, rest])
    if not alone:
        result = result.lstrip(" ")
    if text[end - 1] not in "\r\n":
        result = result.removesuffix(ending)
    return text[:start] + result + text[end:]


def _blocks(text: str, places: list[tuple[int, int, int]], start: int, ending: str) -> tuple[list[_Block], int]:
    """The items of a block list that starts somewhere, and where the list ends."""
    indent = column(text, places[0][0])
    below = re.compile(rf"(?: {{{indent + 1},}}#[^\r\n]*(?:\r\n|\n|\r|\Z))*")
    blocks: list[_Block] = []
    end = own = start
    for dash, _, tail in places:
        if blocks:
            own = _above(text, line_start(text, dash), end, indent)
        gap, end = text[end:own], _past(below, text, line_end(text, tail))
        lines = text[own:end]
        blocks.append(_Block(gap, lines if lines[-1] in "\r\n" else lines + ending))
    return blocks, end


def _above(text: str, start: int, floor: int, indent: int) -> int:
    """Where the comment begins that stands right above a line and is indented as deep."""
    while start > floor and text.startswith(" " * indent + "#", line_before(text, start)):
        start = line_before(text, start)
    return start


def _gaps(blocks: list[_Block], found: Sources) -> tuple[list[str], str]:
    """What is put before each item of the new list, and behind the last one."""
    gaps = [block.gap for block in blocks]
    if not any(gap.strip() for gap in gaps) and len({*gaps[1:]}) <= 1:  # the same blank lines between all items
        between = gaps[-1]
        return ["", *[between] * (len(found) - 1)], ""
    held: str | None = None  # what stood before items that are gone
    for place, gap in enumerate(gaps):
        if held is not None:
            gap = held + gap if (held + gap).strip() else held
        gaps[place], held = (gap, None) if place in found else ("", gap)
    return ["" if source is None else gaps[source] for source in found], held if held and held.strip() else ""


# ------------------------------------------------------------------------------------------------- within brackets


@dataclass(frozen=True, slots=True)
class _Piece:
    """An item within brackets: what stands before it, its text, what stands before and behind its comma."""

    lead: str
    text: str
    before: str
    comma: bool
    behind: str


def _within_brackets(text: str, span: Sequence, items: list[Any], found: Sources) -> str:
    bracket = body(span, text)[0] + 1
    if not span.items:
        return text[:bracket] + ", ".join(map(inline, items)) + text[bracket:]
    start = _past(_COMMENT, text, bracket)
    pieces, end = _pieces(text, span, start)
    onto = _next_line(text, span, pieces)
    parts = [text[:start]]
    commented = start > bracket
    for place, (source, lead) in enumerate(zip(found, _leads(pieces, found, onto), strict=True)):
        if commented and not _BROKEN.match(lead):
            lead = onto + lead.lstrip()
        piece = _Piece("", inline(items[place]), "", False, "") if source is None else pieces[source]
        comma = place + 1 < len(found) or pieces[-1].comma
        if source is not None and source + 1 < len(pieces):  # a line that stays keeps its comma
            comma = comma or bool(piece.behind or _BROKEN.match(pieces[source + 1].lead))
        before = piece.before if comma else piece.before.rstrip()
        behind = piece.behind[1:] if comma > piece.comma and piece.behind.startswith("  ") else piece.behind
        parts += [lead, piece.text, before, "," if comma else "", behind]
        commented = bool(behind or (before and not comma))
    closing = text[end:]
    return "".join([*parts, onto if commented and not _BROKEN.match(closing) else "", closing])


def _pieces(text: str, span: Sequence, start: int) -> tuple[list[_Piece], int]:
    """The items of a list, what stands before the first of which begins somewhere, and where the last one ends."""
    pieces = []
    for first, last, _ in elements(text, span):
        lead = text[start:first]
        if not _FILLER.fullmatch(lead):
            raise ConfigError("the list is written in a way that cannot be spliced; edit it by hand")
        comma = _past(_FILLER, text, last)
        has = text[comma] == ","
        at = comma + 1 if has else last
        start = _past(_COMMENT, text, at)
        pieces.append(_Piece(lead, text[first:last], text[last:comma] if has else "", has, text[at:start]))
    return pieces, start


def _next_line(text: str, span: Sequence, pieces: list[_Piece]) -> str:
    """A line break with the indentation of the last item that begins a line."""
    places = [item.start for item, piece in zip(span.items, pieces, strict=True) if re.search(r"[\r\n]", piece.lead)]
    return newline(text) + " " * column(text, (places or [span.items[0].start])[-1])


def _leads(pieces: list[_Piece], found: Sources, onto: str) -> Iterator[str]:
    """What is put before each item of the new list."""
    head = pieces[0].lead
    head = head[len(head.rstrip()) :]
    between = onto if re.search(r"[\r\n]", pieces[-1].lead) else pieces[-1].lead if len(pieces) > 1 else " "
    for place, source in enumerate(found):
        own = "" if source is None else pieces[source].lead
        if place == 0:
            yield own if own.strip() else head
        else:
            yield own if source or own.strip() else between
