"""The service's answers without a process of its own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from niceml_engine.protocol.frames import Answer, Request, decode_result
from niceml_engine.service.handlers import Handlers


@contextmanager
def answering() -> Iterator[tuple[Handlers, set[Path]]]:
    """What answers requests, and the projects that are trusted; the environment is as before at the end."""
    trusted: set[Path] = set()
    environment = dict(os.environ)
    made = Handlers(lambda news: None, trusted=lambda root: root in trusted)
    yield made, trusted
    made.close()
    os.environ.clear()
    os.environ.update(environment)


def ask(handlers: Handlers, request: Request) -> Any:
    """The answer to a request, as the window gets it."""
    answer = handlers.handle(request)
    return decode_result(request, Answer(1, msgspec.Raw(msgspec.msgpack.encode(answer))))
