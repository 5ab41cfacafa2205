"""What is wrong with a YAML text, in the words of people who write YAML."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress

import yaml

from niceml_engine.errors import ConfigError
from niceml_engine.interpolations import around, in_quotes

_MOST = 200  #: interpolations that are put into quotes at once
_KEYLESS = "this line holds a key without `:`"
_FITS_NOTHING = "this line fits nothing above it; mend its indentation"
_TWICE = re.compile(r"found duplicate key (.*)", re.DOTALL)
#: What the two parsers say, libyaml first, and how people would.
_WORDS = tuple(
    (re.compile(pattern, re.DOTALL), words)
    for pattern, words in (
        (_TWICE.pattern, r"the key `\1` stands twice in this mapping; take one out"),
        (r"found another document", "a second document begins here; a config is one"),
        (
            r"found character (.* )?that cannot start any token",
            "no text begins with this character; put it into quotes",
        ),
        (
            r"a constructor for the tag '(?:tag:yaml\.org,2002:)?(.*)'",
            r"the tag `\1` means nothing in a config; take it out",
        ),
        (r"found undefined alias", "this alias names no anchor above it"),
        (r"second occurrence", "this anchor stands twice; give one another name"),
        (
            r"mapping values are not allowed",
            "a `key: value` cannot stand here; mend the indentation, or put a text with `: ` into quotes",
        ),
        (r"sequence entries are not allowed", "a `- item` cannot stand here; mend the indentation"),
        (
            r"expected ',' or '[]}]'",
            "what the bracket above opens goes on here without a comma, or is not closed",
        ),
        (r"found unexpected end of stream", "a quote is not closed"),
        (r"could not find expected ':'", _KEYLESS),
        (r"did not find expected (key|'-' indicator)|expected <block end>", _FITS_NOTHING),
        (r"expected '?<document start>", "no config can begin here; take out the `...` or `%` line above"),
    )
)

_TAB = re.compile(r"found (?:character )?'(?:\\t|\t)'")
_MARKUP = re.compile(r"(?:[&*!%]\S*|\S*[\[\]{},'\"?|>-])\Z")  #: a last word before a tab with which no text goes on
_ENDED = re.compile(r"expected '?<document start>")  #: the whole config is over, and more follows
_INSIDE = re.compile(r"mapping values are not allowed")
_WORD = re.compile(r"( *)[^\s:#'\"\[\]{}&*!|>%@`?-][^\s:]*\s*(#.*)?")  #: a line that holds one word alone
#: What the parser was at when it failed; where that began is what is wrong.
_BEGUN = ("while scanning a simple key", "while scanning a quoted scalar")


def told(error: yaml.YAMLError | ValueError, text: str, path: str) -> ConfigError:
    """An error of a parser as one of ours, with its line.

    Args:
        error: What the parser raised.
        text: What it read.
        path: Where that stands.
    """
    line, problem = 0, str(error)
    if bare := _bare(error, text):
        start, end = around(text, bare - 1)
        shown = text[start:end]
        message = f"invalid YAML: `{shown}` stands within brackets; put it into quotes, {in_quotes(shown)}"
        return ConfigError(message, file=path, line=text.count("\n", 0, start) + 1, details=str(error))
    if isinstance(error, yaml.MarkedYAMLError):
        begun = (error.context or "") in _BEGUN and error.context_mark  # where it began, not where it is noticed
        mark = begun or error.problem_mark or error.context_mark
        line, problem = mark.line + 1 if mark else 0, error.problem or error.context or "it cannot be parsed"
        line, problem = _sooner(text, line, problem)
        if _TAB.search(problem) and error.problem_mark:
            problem = _tab(text, error.problem_mark)
    elif isinstance(error, yaml.reader.ReaderError):
        line = text.count("\n", 0, int(error.position)) + 1
        problem = f"the control character {_code(error.character)} cannot stand in a text; take it out"
    twice = _TWICE.search(problem)
    for pattern, words in _WORDS:
        if found := pattern.search(problem):
            problem = found.expand(words)
            break
    message = f"invalid YAML: {' '.join(problem.split())}"
    return ConfigError(message, file=path, line=line, key=twice[1] if twice else "", details=str(error))


def with_quotes(text: str, failed: Callable[[str], yaml.YAMLError | None]) -> str:
    """A YAML text in which all interpolations within brackets are in quotes.

    Args:
        text: The text.
        failed: Parses a text, and returns what the parser raised.
    """
    for _ in range(_MOST):
        error = failed(text)
        bare = _bare(error, text) if error is not None else 0
        if not bare:
            break
        start, end = around(text, bare - 1)
        text = text[:start] + in_quotes(text[start:end]) + text[end:]
    return text


def _sooner(text: str, line: int, problem: str) -> tuple[int, str]:
    """Line and words of what is wrong, where a parser notices it only on the lines that follow."""
    if _ENDED.search(problem):
        root = _root(text)
        if isinstance(root, yaml.ScalarEvent):
            return root.start_mark.line + 1, _KEYLESS
        if isinstance(root, yaml.CollectionStartEvent) and _content_before(text, line)[1].rstrip() != "...":
            after = "the bracket above closes the whole config, so nothing can follow it; take it out"
            return line, after if root.flow_style else _FITS_NOTHING
    if _INSIDE.search(problem):
        at, before = _content_before(text, line)
        word, above = _WORD.fullmatch(before), _content_before(text, at)[1]
        if word and (above.rstrip().endswith(":") or len(word[1]) <= _indent(above)):  # else it goes on with a text
            return at, _KEYLESS
    return line, problem


def _tab(text: str, mark: yaml.Mark) -> str:
    """What a tab does where a parser stopped at it, and what to do.

    PyYAML takes a tab in a comment, between quotes, and behind the indentation of a `|` or `>` text; nowhere else.
    """
    before = text[mark.index - mark.column : mark.index].rstrip()
    after = text[mark.index :].partition("\n")[0].strip()
    if not after:
        return "a tab ends this line; take it out" if before else "a tab stands on this empty line; take it out"
    if not before:
        return "a tab stands here; indent with spaces"
    word = before.split()[-1]
    if after.startswith("#"):
        where = "before the comment"
    elif word.endswith(":"):
        where = "after the colon"
    elif word == "-":
        where = "after the dash"
    elif after.startswith(":"):
        where = "before the colon"
    elif after[0] in ",]}" or _MARKUP.match(word):
        where = "here"
    else:
        return "a tab stands in this text; write a space instead, or put the text into quotes"
    return f"a tab stands {where}; write a space instead"


def _root(text: str) -> yaml.Event | None:
    """Where the value that a text holds begins."""
    with suppress(yaml.YAMLError):
        return next((event for event in yaml.parse(text, yaml.CSafeLoader) if isinstance(event, yaml.NodeEvent)), None)
    return None


def _content_before(text: str, line: int) -> tuple[int, str]:
    """Number and text of the last line before one that is neither empty nor a comment."""
    lines = list(enumerate(text.split("\n")[: line - 1], 1))
    return next(((at, said) for at, said in reversed(lines) if said.lstrip()[:1] not in ("", "#")), (0, ""))


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _bare(error: Exception, text: str) -> int:
    """The index of the brace of an interpolation that a parser took for a mapping; 0 if it is something else."""
    mark = error.problem_mark if isinstance(error, yaml.MarkedYAMLError) else None
    index = mark.index if mark is not None else 0
    return index if index and text[index - 1 : index + 1] == "${" else 0


def _code(character: object) -> str:
    return f"U+{character if isinstance(character, int) else ord(str(character)):04X}"
