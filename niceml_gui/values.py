"""The window's own frozen values."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from niceml_engine.errors import mentions
from niceml_engine.protocol.frames import Request
from niceml_engine.values import ErrorInfo, Severity

#: The service is there again, something is composed again, a person has gone on with a step of the undo history.
Until = Literal["back", "composed", "done"]


@dataclass(frozen=True, slots=True)
class Focus:
    """What is selected everywhere: a config key, a node of the graph, or both."""

    key: str = ""
    node: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """One line for the person, and what an expert wants to see below it."""

    severity: Severity
    text: str
    details: str = ""
    until: Until | None = None  #: it is true until then
    passing: bool = False  #: it leaves by itself, though it is more than an information


@dataclass(frozen=True, slots=True)
class Loss:
    """Why there is no service any more.

    Attributes:
        why: One line.
        details: What was printed last.
        kind: The service died, the connection was cut, or whoever is asked says no and would do so again.
        slow: Whether it was ended because it took too long, so that the same question should not be asked again.
        undone: Requests that it had and did not answer: nobody knows whether they were done.
    """

    why: str
    details: str = ""
    kind: Literal["died", "cut", "refused"] = "died"
    slow: bool = False
    undone: tuple[Request, ...] = field(default=(), compare=False)


def error_message(error: ErrorInfo) -> Message:
    """An error as one line, with file, line and key in front where the text does not name them."""
    place = f"{error.file}:{error.line}" if error.file and error.line else error.file
    parts = [part for part in (place, error.key) if part and not mentions(error.message, part)]
    return Message("error", ": ".join([*parts, error.message]), error.details)


def file_stem(file: str) -> str:
    """The name of a config file as a person says it: without folder and `.yaml`."""
    return file.replace("\\", "/").rsplit("/", 1)[-1].removesuffix(".yaml").removesuffix(".yml")
