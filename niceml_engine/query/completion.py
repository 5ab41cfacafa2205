"""What may follow in a query where somebody types, and what each of it means."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from niceml_engine.errors import QueryError
from niceml_engine.query.names import PLAIN, SPACES, STATUSES, Kind, Name
from niceml_engine.query.subjects import Known
from niceml_engine.query.tokens import Token, tokenise

MOST = 60  #: offers at a time
LISTED = ("loss", "accuracy", "f1")  #: metrics that are offered first
EXAMPLES = (
    ("metric.val_loss < 0.3 and config.epochs >= 10", "the last value of a metric, and a value of the config"),
    ("min.val_loss < 0.3", "the best epoch instead of the last"),
    ("status = failed and age < 2d", "what failed in the last two days"),
    ("created >= today", "what was started today"),
    ("config.optimizer._target_ ~ adam", "~ means contains"),
    ("tag = baseline or sweep ~ rate", "either of two"),
    ("not status in [succeeded, running]", "none of several"),
    ("has metric.test.f1", "what has such a value at all"),
    ("mlp handwritten", "plain words: all that hold both"),
)
_OPERATORS: dict[Kind, tuple[str, ...]] = {
    "text": ("=", "!=", "~", "in"),
    "status": ("=", "!=", "in"),
    "time": (">", ">=", "<", "<="),
    "span": ("<", ">", "<=", ">="),
    "number": ("<", ">", "<=", ">=", "="),
    "any": ("=", "!=", "<", ">", "<=", ">=", "~", "in"),
}
_SAID = {
    "=": "equals; * stands for anything",
    "!=": "does not equal",
    "~": "contains",
    "in": "is one of a list: in [1, 2]",
    "<": "less than",
    "<=": "at most",
    ">": "more than",
    ">=": "at least",
}
_VALUES: dict[Kind, tuple[tuple[str, str], ...]] = {
    "status": tuple((status, "") for status in STATUSES),
    "time": (("today", "since midnight"), ("yesterday", ""), ("2026-11-27T18:00", "local time")),
    "span": (("10min", "also 90s, 2h, 3d, 1w"), ("2h", ""), ("2d", "")),
}


@dataclass(frozen=True, slots=True)
class Offer:
    """Something that may stand at a place: what is put there, and what it means."""

    text: str
    said: str = ""


@dataclass(frozen=True, slots=True)
class Offers:
    """What may stand where somebody types.

    Attributes:
        start: Where what is typed begins, which an offer takes the place of.
        end: Where it ends.
        offers: What fits what is typed, the likeliest first.
    """

    start: int
    end: int
    offers: tuple[Offer, ...] = ()

    def put(self, text: str, offer: Offer) -> tuple[str, int]:
        """A query with an offer put into it, and where one types on."""
        after = text[self.end :]
        space = "" if offer.text.endswith(".") or after[:1].isspace() else " "
        return text[: self.start] + offer.text + space + after, self.start + len(offer.text) + len(space)


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What there is to offer.

    Attributes:
        known: Metrics and configs.
        texts: Values of a name that stands alone, such as `job`, by its name.
    """

    known: Known = field(default_factory=Known)
    texts: Callable[[str], Iterable[str]] = lambda _: ()


def complete(text: str, cursor: int, words: Vocabulary) -> Offers:
    """What may stand at a place in a query.

    Args:
        text: The query, however unfinished.
        cursor: The place, in characters.
        words: What there is.
    """
    try:
        tokens = tokenise(text[:cursor])
    except QueryError:  # within a quote
        return Offers(cursor, cursor)
    typed = tokens.pop() if tokens and tokens[-1].end == cursor and tokens[-1].kind == "word" else None
    start = typed.start if typed is not None else cursor
    part = typed.text if typed is not None else ""
    fitting = list(_fitting(_possible(tokens, part, words), part))[:MOST]
    found = [_explained(offer, words) for offer in fitting]
    rest = next((at for at, char in enumerate(text[cursor:]) if not (char.isalnum() or char in "_.")), None)
    end = len(text) if rest is None else cursor + rest
    if len(found) == 1 and found[0].text == part:
        found = []
    return Offers(start, end if typed is not None else cursor, tuple(found))


def _possible(before: Sequence[Token], part: str, words: Vocabulary) -> Iterator[Offer]:
    last = before[-1] if before else None
    if last is None or last.keyword in ("and", "or", "not", "has") or last.text == "(":
        yield from _names(part, words, alone=last is None or last.keyword != "has")
    elif last.kind == "operator":
        yield from _values(before[-2] if len(before) > 1 else None, words)
    elif (name := _list_of(before)) is not None:
        if last.text in ("[", ","):
            yield from _values(name, words)
    elif last.keyword == "in":
        yield Offer("[")
    elif last.kind == "word" and _is_name(before, words):
        kind = _name(last).kind
        yield from (Offer(sign, _SAID[sign]) for sign in _OPERATORS[kind])
    else:
        yield Offer("and", "both")
        yield Offer("or", "either")
        yield from _names(part, words, alone=True)


def _names(part: str, words: Vocabulary, *, alone: bool) -> Iterator[Offer]:
    space, dot, _ = part.partition(".")
    metrics = sorted(words.known.metrics, key=lambda name: (not any(one in name for one in LISTED), name))
    if dot and space in ("metric", "min", "max"):
        yield from (Offer(f"{space}.{metric}") for metric in metrics)
        return
    if dot and space == "config":
        yield from (Offer(f"config.{key}") for key in words.known.leaves.keys)
        return
    yield from (Offer(f"{name}.", said) for name, (_, said) in SPACES.items())
    yield from (Offer(name, said) for name, (_, said) in PLAIN.items() if name != "state")
    if alone:
        yield Offer("not", "the opposite of what follows")
        yield Offer("has", "whether there is such a value: has metric.test.f1")
    if len(part) > 1:
        yield from (Offer(f"metric.{metric}") for metric in metrics)
        yield from (Offer(f"config.{key}") for key in words.known.leaves.keys)


def _explained(offer: Offer, words: Vocabulary) -> Offer:
    """An offer of a key of configs with some of its values."""
    space, _, key = offer.text.partition(".")
    if offer.said or space != "config" or not key:
        return offer
    values = list(_values_of(key, words))
    shown = ", ".join(values[:3])
    return Offer(offer.text, f"{shown}, …" if len(values) > 3 else shown)


def _values_of(key: str, words: Vocabulary) -> Iterator[str]:
    values = [value for value in words.known.leaves.distinct(key) if not _is_odd(value)]
    numbers = sorted(value for value in values if isinstance(value, int | float) and not isinstance(value, bool))
    ordered = numbers if len(numbers) == len(values) else values
    yield from dict.fromkeys(_written(value) for value in ordered[:MOST])


def _is_odd(value: object) -> bool:
    return isinstance(value, list | dict) or (isinstance(value, str) and len(value) > 60)


def _written(value: object) -> str:
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    text = f"{value:g}" if isinstance(value, float) else str(value)
    try:
        tokens = tokenise(text)
    except QueryError:
        tokens = []
    plain = len(tokens) == 1 and tokens[0].text == text and tokens[0].keyword not in ("and", "or", "not", "in", "has")
    return text if plain else f'"{text}"' if '"' not in text else f"'{text}'"


def _values(token: Token | None, words: Vocabulary) -> Iterator[Offer]:
    if token is None or token.kind != "word":
        return
    name = _name(token)
    if name.kind in _VALUES:
        yield from (Offer(text, said) for text, said in _VALUES[name.kind])
    elif name.space == "config" or (not name.space and name.key not in PLAIN):
        yield from map(Offer, _values_of(name.key, words))
    elif name.kind == "text":
        yield from (Offer(_written(text)) for text in words.texts(name.key) if text)


def _name(token: Token) -> Name:
    space, dot, key = token.text.partition(".")
    return Name(space, key) if dot and space in SPACES else Name("", token.text)


def _is_name(before: Sequence[Token], words: Vocabulary) -> bool:
    """Whether the last word is a name that a comparison begins with, and no value and no plain word."""
    if len(before) > 1 and (before[-2].kind == "operator" or before[-2].keyword == "has"):
        return False
    name = _name(before[-1])
    return bool(name.space) or name.key in PLAIN or name.key in words.known.metrics


def _list_of(before: Sequence[Token]) -> Token | None:
    """The name whose list is open."""
    for place in range(len(before) - 1, 0, -1):
        token = before[place]
        if token.kind == "mark" and token.text == "]":
            return None
        if token.kind == "mark" and token.text == "[" and before[place - 1].keyword == "in":
            return before[place - 2] if place > 1 else None
    return None


def _fitting(offers: Iterable[Offer], part: str) -> Iterator[Offer]:
    """The offers that begin with what is typed; then those in which it begins a part; then those that hold it."""
    space, dot, rest = part.casefold().partition(".")
    prefix = f"{space}." if dot and space in SPACES else ""
    wanted = rest if prefix else part.casefold()
    ranked: list[list[Offer]] = [[], [], []]
    for offer in dict.fromkeys(offers):
        text = offer.text.casefold().removeprefix(prefix)
        if text.startswith(wanted):
            ranked[0].append(offer)
        elif any(piece.startswith(wanted) for piece in text.replace("_", ".").split(".")):
            ranked[1].append(offer)
        elif wanted in text:
            ranked[2].append(offer)
    for some in ranked:
        yield from some
