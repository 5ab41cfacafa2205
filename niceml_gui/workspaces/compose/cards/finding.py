"""What a filter finds among the values of a card, those inside lists and behind "all values" included."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from operator import is_
from typing import Any

from niceml_engine.parts import holds_parts, part
from niceml_engine.secrets import is_secret_name
from niceml_engine.values import Choice, Leaf

MOST_PARTS = 200  #: of one list; whoever wants more of them types more
_MOST_TEXT = 2_000  #: characters of a value that are looked through


@dataclass(frozen=True, slots=True)
class Found:
    """What of a card fits a filter.

    Attributes:
        leaves: The values that fit, and the lists in which some do, in their order.
        choices: The choices that fit.
        parts: What fits inside a list, by its key.
        cut: How many fit inside a list of which not all are among the parts, by its key.
    """

    leaves: tuple[Leaf, ...]
    choices: tuple[Choice, ...]
    parts: Mapping[str, tuple[Leaf, ...]] = field(default_factory=dict)
    cut: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Text:
    """What is looked through of a value, or with a path, of what lies at it inside a list."""

    text: str
    leaf: Leaf
    path: str = ""


class Finder:
    """Finds what holds all words in key or value; the texts are kept from one key stroke to the next."""

    def __init__(self) -> None:
        self._texts: dict[str, tuple[Sequence[Leaf], list[_Text]]] = {}

    def find(self, name: str, own: Sequence[Leaf], choices: Sequence[Choice], words: Sequence[str]) -> Found:
        """What of a card fits.

        Args:
            name: The card.
            own: All its values.
            choices: All its choices.
            words: In small letters.
        """
        found: dict[str, Leaf] = {}
        whole: set[str] = set()  # lists that fit themselves are shown as ever
        parts: dict[str, list[Leaf]] = {}
        counts: Counter[str] = Counter()
        for one in self._texts_of(name, own):
            key = one.leaf.key
            if not all(word in one.text for word in words):
                continue
            if not one.path:
                whole.add(key)
            elif key in whole:
                continue
            else:
                counts[key] += 1
                if counts[key] <= MOST_PARTS and (inside := part(one.leaf, one.path)) is not None:
                    parts.setdefault(key, []).append(inside)
            found[key] = one.leaf
        fitting = tuple(one for one in choices if all(word in _said(name, one) for word in words))
        cut = {key: number for key, number in counts.items() if number > MOST_PARTS}
        return Found(tuple(found.values()), fitting, {key: tuple(held) for key, held in parts.items()}, cut)

    def _texts_of(self, name: str, own: Sequence[Leaf]) -> list[_Text]:
        before, texts = self._texts.get(name, ((), []))
        if len(before) != len(own) or not all(map(is_, before, own)):
            texts = [text for leaf in own for text in _texts(name, leaf)]
            self._texts[name] = (own, texts)
        return texts


def _said(name: str, choice: Choice) -> str:
    return f"{name} {choice.package} {choice.group} {' '.join(choice.chosen)}".lower()


def _texts(name: str, leaf: Leaf) -> Iterator[_Text]:
    if not holds_parts(leaf.value):
        yield _Text(f"{name} {leaf.key} {'' if leaf.secret else _value(leaf.value, leaf.resolved)}".lower(), leaf)
        return
    yield _Text(f"{name} {leaf.key}".lower(), leaf)
    if not leaf.secret:
        head = f"{name} {leaf.key}".lower()
        yield from (_Text(f"{head}{text}".lower(), leaf, path) for path, text in _inside(leaf.value, "", ""))


def _inside(value: Any, path: str, name: Any) -> Iterator[tuple[str, str]]:
    """The paths inside a list, and what is looked through there."""
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from _inside(item, f"{path}.{key}", key)
    elif isinstance(value, list) and (not path or holds_parts(value)):
        for number, item in enumerate(value):
            yield from _inside(item, f"{path}[{number}]", name)
    else:
        yield path, path if is_secret_name(str(name)) else f"{path} {_value(value, value)}"


def _value(value: Any, resolved: Any) -> str:
    text = str(value)[:_MOST_TEXT]
    return text if resolved is value or resolved == value else f"{text} {str(resolved)[:_MOST_TEXT]}"
