"""The line that a service says before its first frame: who it is, in words that stay as they are for good.

    niceml 0.1.0 messages 5f1c0a77d2e94b36

The number at its end is a digest of all messages, so that two ends which would misread each other find out at once,
whatever their versions are called. What comes before the line is not the service's: a login shell may greet as well.
"""

from __future__ import annotations

import hashlib
import re
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any, get_args, get_type_hints

import msgspec

from niceml_engine.errors import ProtocolError
from niceml_engine.protocol.frames import RESULTS, Answer, Call, FrameReader, Notice
from niceml_engine.values import Frozen

CHATTER = 256 * 1024  #: bytes that may come before the greeting
_LINE = re.compile(rb"^niceml (\S+) messages ([0-9a-f]+)\r?\n", re.MULTILINE)


class Greeting(Frozen, frozen=True):
    """Who speaks: the version of the program, and a digest of the messages that it understands."""

    version: str
    messages: str

    @property
    def line(self) -> bytes:
        """The greeting as it is said."""
        return f"niceml {self.version} messages {self.messages}\n".encode()


@cache
def own() -> Greeting:
    """The greeting of this very program."""
    try:
        number = version("niceml")
    except PackageNotFoundError:  # run from a copy of the sources that was never installed
        number = "unknown"
    return Greeting(number, _messages())


class ServiceReader:
    """Reads what a service says: its greeting, then frames.

    Attributes:
        greeting: Who the service is; `None` until it has said so.
        chatter: What was said before, by a login shell for instance.
    """

    def __init__(self) -> None:
        self.greeting: Greeting | None = None
        self.chatter = b""
        self._frames = FrameReader()

    def feed(self, data: bytes) -> list[Call | Answer | Notice]:
        """Takes bytes and returns the messages that are complete now.

        Raises:
            ProtocolError: Whoever speaks is no service, or one of another version.
        """
        if self.greeting is not None:
            return self._frames.feed(data)
        self.chatter += data
        found = _LINE.search(self.chatter)
        if found is None:
            if len(self.chatter) > CHATTER:
                raise ProtocolError("this is not the service of niceml", details=self._text())
            return []
        rest, self.chatter = self.chatter[found.end() :], self.chatter[: found.start()]
        self.greeting = Greeting(found[1].decode("ascii", "replace"), found[2].decode())
        if self.greeting.messages != own().messages:
            raise ProtocolError(_difference(self.greeting, own()))
        return self._frames.feed(rest)

    def _text(self) -> str:
        return self.chatter[:2000].decode("utf-8", "replace")


def _difference(there: Greeting, here: Greeting) -> str:
    if there.version == here.version:
        versions = f"two builds of niceml {here.version} with different messages, {there.messages} there and"
        versions += f" {here.messages} here"
    else:
        versions = f"niceml {there.version} there and {here.version} here, which do not understand each other"
    return f"{versions}: install the same one on both sides"


def _messages() -> str:
    """A digest of the shape of all messages: the fields, with their types, of whatever may stand in one."""
    shapes = [f"{request.__name__} -> {result}" for request, result in RESULTS.items()]
    left: list[Any] = [Call, Answer, Notice, *RESULTS.values()]
    seen: set[Any] = set()
    while left:
        one = left.pop()
        if isinstance(one, type) and issubclass(one, msgspec.Struct) and one not in seen:
            seen.add(one)
            fields, config = get_type_hints(one), one.__struct_config__
            shapes.append(f"{one.__qualname__} {config.tag} {config.array_like} {fields}")
            left += fields.values()
        left += get_args(one)
    return hashlib.sha256("\n".join(sorted(shapes)).encode()).hexdigest()[:16]
