"""Makes a frozen query of a text. The parser goes down by recursion, one function for each rule."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from difflib import get_close_matches
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Protocol

from niceml_engine.errors import QueryError
from niceml_engine.query.names import PLAIN, SPACES, STATUSES, Name
from niceml_engine.query.tokens import Token, literal, moment, span, tokenise

KEYWORDS = ("and", "or", "not", "in", "has")
DEEPEST = 50  #: brackets and `not` within each other; more than that nobody writes
_ORDER: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


class Subject(Protocol):
    """What a query is asked of: a run, an experiment."""

    def values(self, name: Name) -> Sequence[object]:
        """All that it holds under a name; nothing if it has none."""

    def says(self, word: str) -> bool:
        """Whether a plain word, in small letters, occurs in what a person reads of it."""


class Node(Protocol):
    """A part of a query."""

    def holds(self, subject: Subject) -> bool:
        """Whether it is true of something."""


@dataclass(frozen=True, slots=True)
class Word:
    """A plain word."""

    text: str

    def holds(self, subject: Subject) -> bool:
        """Whether the word occurs."""
        return subject.says(self.text)


@dataclass(frozen=True, slots=True)
class Has:
    """Whether there is anything under a name."""

    name: Name

    def holds(self, subject: Subject) -> bool:
        """Whether there is."""
        return any(value not in (None, "") for value in subject.values(self.name))


@dataclass(frozen=True, slots=True)
class Compare:
    """A comparison; of what has no value under the name, none is true."""

    name: Name
    operator: str
    values: tuple[object, ...]

    def holds(self, subject: Subject) -> bool:
        """Whether it is true of any of the values."""
        found = subject.values(self.name)
        if self.operator in ("!=", "!~"):
            positive = "=" if self.operator == "!=" else "~"
            return bool(found) and not any(_compare(one, positive, self.values[0]) for one in found)
        return any(_compare(one, self.operator, value) for one in found for value in self.values)


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite."""

    part: Node

    def holds(self, subject: Subject) -> bool:
        """Whether the part is not true."""
        return not self.part.holds(subject)


@dataclass(frozen=True, slots=True)
class And:
    """All of some parts."""

    parts: tuple[Node, ...]

    def holds(self, subject: Subject) -> bool:
        """Whether all are true."""
        return all(part.holds(subject) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Or:
    """Any of some parts."""

    parts: tuple[Node, ...]

    def holds(self, subject: Subject) -> bool:
        """Whether any is true."""
        return any(part.holds(subject) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Query:
    """A query that makes sense.

    Attributes:
        text: As it was typed.
        root: What it says; an empty `And` holds of everything.
        names: All names in it, in order.
        words: All plain words in it without quotes, in order.
    """

    text: str = ""
    root: Node = And(())
    names: tuple[Name, ...] = ()
    words: tuple[Name, ...] = ()

    def holds(self, subject: Subject) -> bool:
        """Whether it is true of a run or an experiment."""
        return self.root.holds(subject)

    @property
    def reads_configs(self) -> bool:
        """Whether values of configs are needed to answer it."""
        return any(name.space == "config" or (not name.space and name.key not in PLAIN) for name in self.names)


def parse(text: str, now: datetime | None = None) -> Query:
    """Reads a query.

    Args:
        text: What was typed; nothing holds of everything.
        now: What `today` is seen from; else the present.

    Raises:
        QueryError: It makes no sense, and where.
    """
    return _Parser(text, now or datetime.now()).query()


class _Parser:
    def __init__(self, text: str, now: datetime) -> None:
        self._text = text
        self._now = now
        self._tokens = tokenise(text)
        self._place = 0
        self._depth = 0
        self._names: list[Name] = []
        self._words: list[Name] = []

    def query(self) -> Query:
        if not self._tokens:
            return Query(self._text)
        root = self._either()
        if (token := self._peek()) is not None:
            raise QueryError(f"{token.text} has nothing that it belongs to", token.start, token.end)
        return Query(self._text, root, tuple(self._names), tuple(self._words))

    # ------------------------------------------------------------------------------------------ rules

    def _either(self) -> Node:
        parts = [self._all()]
        while self._take_keyword("or"):
            parts.append(self._all())
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def _all(self) -> Node:
        parts = [self._term()]
        while (token := self._peek()) is not None and token.keyword != "or" and token.text not in (")", "]"):
            self._take_keyword("and")
            parts.append(self._term())
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def _term(self) -> Node:
        self._depth += 1
        token = self._next("a name or a word is missing here")
        if self._depth > DEEPEST:
            raise QueryError(f"more than {DEEPEST} brackets within each other", token.start, token.end)
        try:
            return self._term_of(token)
        finally:
            self._depth -= 1

    def _term_of(self, token: Token) -> Node:
        if token.keyword == "not":
            return Not(self._term())
        if token.keyword == "has":
            name = self._next("after has, a name is missing, such as metric.val_loss")
            return Has(self._name(name))
        if token.kind == "mark" and token.text == "(":
            inner = self._either()
            self._close(")", token)
            return inner
        if token.kind == "operator":
            raise QueryError(f"before {token.text}, a name is missing, such as metric.val_loss", token.start, token.end)
        if token.kind == "mark" or token.keyword in ("and", "or", "in"):
            raise QueryError(f"a name or a word is missing before {token.text}", token.start, token.end)
        after = self._peek()
        if token.kind == "word" and after is not None and (after.kind == "operator" or after.keyword == "in"):
            self._place += 1
            return self._comparison(self._name(token), after)
        space, dot, _ = token.text.partition(".")
        if dot and space in SPACES and token.kind == "word":
            raise QueryError(f"after {token.text}, a comparison is missing, such as < 0.3", token.start, token.end)
        if token.kind == "word":
            self._words.append(Name("", token.text, token.start, token.end))
        return Word(token.text.casefold())

    def _comparison(self, name: Name, sign: Token) -> Node:
        if sign.keyword == "in":
            return Compare(name, "=", self._list(name))
        token = self._next(f"after {sign.text}, a value is missing, such as {_example(name)}")
        shown = "=" if sign.text == "==" else sign.text
        return Compare(name, shown, (self._value(name, shown, token),))

    def _list(self, name: Name) -> tuple[object, ...]:
        first = self._next("after in, a list is missing, such as [1, 2]")
        if first.text != "[" or first.kind != "mark":
            raise QueryError("after in, a list is wanted, such as [1, 2]", first.start, first.end)
        values = []
        while True:
            token = self._next("the list is not closed: ] is missing")
            values.append(self._value(name, "=", token))
            token = self._next("the list is not closed: ] is missing")
            if token.text == "]" and token.kind == "mark":
                return tuple(values)
            if token.text != ",":
                raise QueryError("between the values of a list, a comma is wanted", token.start, token.end)

    # ------------------------------------------------------------------------------------------ names and values

    def _name(self, token: Token) -> Name:
        if token.kind != "word" or token.keyword in KEYWORDS:
            raise QueryError("a name is wanted, such as metric.val_loss", token.start, token.end)
        space, dot, key = token.text.partition(".")
        if dot and space in SPACES:
            if not key:
                raise QueryError(f"after {space}., the rest is missing: {SPACES[space][1]}", token.start, token.end)
            name = Name(space, key, token.start, token.end)
        elif not dot and space in SPACES:
            raise QueryError(f"after {space}, a dot is wanted: {SPACES[space][1]}", token.start, token.end)
        else:
            name = Name("", token.text, token.start, token.end)
        if name.key.endswith(".") or ".." in name.key:
            raise QueryError(f"{name} ends too early: a part of its key is missing", token.start, token.end)
        self._names.append(name)
        return name

    def _value(self, name: Name, sign: str, token: Token) -> object:
        """Reads a value as the kind that its name has."""
        if token.kind not in ("word", "text") or token.keyword in ("and", "or"):
            raise QueryError(f"a value is wanted, such as {_example(name)}", token.start, token.end)
        kind, value = name.kind, literal(token)

        def refuse(why: str) -> QueryError:
            return QueryError(f"{name} {why}", token.start, token.end)

        if sign in ("~", "!~"):
            if kind in ("number", "time", "span"):
                raise refuse(f"is no text; compare it with <, > or =, such as {name} < {_example(name)}")
            return token.text
        if kind == "number":
            if isinstance(value, bool) or not isinstance(value, float | type(None)):
                raise refuse(f"is a number; {token.text} is none")
            return value
        if kind == "time":
            found = moment(token.text, self._now)
            if found is None:
                raise refuse("is a time; write today, yesterday, 2026-11-27 or 2026-11-27T18:00")
            return found
        if kind == "span":
            found = span(token.text)
            if found is None:
                raise refuse("is a span of time; write 90s, 10min, 2h or 3d")
            return found
        if kind in ("text", "status") and sign in _ORDER:
            raise refuse("is a text; compare it with =, != or ~ (contains)")
        if kind == "status" and not any(_alike(status, token.text) for status in STATUSES):
            near = get_close_matches(token.text.lower(), STATUSES, 1)
            hint = f"did you mean {near[0]}?" if near else f"it is one of {', '.join(STATUSES)}"
            raise refuse(f"is never {token.text}; {hint}")
        if sign in _ORDER and (isinstance(value, bool) or not isinstance(value, float)):
            bare = literal(replace(token, kind="word")) if token.kind == "text" else None
            if isinstance(bare, float):
                raise refuse(f"is compared with a text, which is neither above nor below it; write {token.text} alone")
            raise refuse(f"is neither above nor below {token.text}; compare it with =, != or ~ (contains)")
        return token.text if kind in ("text", "status") else value

    # ------------------------------------------------------------------------------------------ tokens

    def _peek(self) -> Token | None:
        return self._tokens[self._place] if self._place < len(self._tokens) else None

    def _next(self, missing: str) -> Token:
        token = self._peek()
        if token is None:
            end = self._tokens[-1].end if self._tokens else 0
            raise QueryError(missing, end, len(self._text) + (end == len(self._text)))
        self._place += 1
        return token

    def _take_keyword(self, word: str) -> bool:
        token = self._peek()
        if token is not None and token.keyword == word:
            self._place += 1
            return True
        return False

    def _close(self, mark: str, opened: Token) -> None:
        token = self._peek()
        if token is None or token.text != mark:
            raise QueryError(f"this bracket is not closed: {mark} is missing", opened.start, opened.end)
        self._place += 1


def _example(name: Name) -> str:
    examples = {"time": "today", "span": "10min", "status": "succeeded", "text": "mlp", "number": "0.3"}
    return examples.get(name.kind, "10")


# ------------------------------------------------------------------------------------------ comparing


def _compare(found: object, sign: str, wanted: object) -> bool:
    if sign == "~":
        return isinstance(wanted, str) and wanted.casefold() in _text(found).casefold()
    if isinstance(wanted, bool) or wanted is None:
        return sign == "=" and found is wanted
    if isinstance(wanted, float):
        if isinstance(found, bool) or not isinstance(found, int | float):
            return sign == "=" and isinstance(found, str) and _alike(found, _text(wanted))
        if math.isnan(wanted):
            return sign == "=" and math.isnan(found)
        return found == wanted if sign == "=" else _ORDER[sign](found, wanted)
    return sign == "=" and _alike(_text(found), str(wanted))


@lru_cache(maxsize=1 << 12)
def _alike(text: str, pattern: str) -> bool:
    """Whether a text is a pattern, in which `*` stands for anything; small and large letters are the same."""
    if "*" not in pattern:
        return text.casefold() == pattern.casefold()
    plain = pattern.casefold().replace("[", "[[]").replace("?", "[?]")
    return fnmatchcase(text.casefold(), plain)


def _text(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
