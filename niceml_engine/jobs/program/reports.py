"""What a program reports through Dagster Pipes: it stands in Dagster's record, and becomes rows of our stream, too."""

# without `from __future__ import annotations`: Dagster reads annotations as objects

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, cast

from dagster import (
    AssetMaterialization,
    MaterializeResult,
    PipesMessageReader,
    PipesTempFileMessageReader,
)
from dagster._core.pipes.context import PipesMessageHandler
from dagster_pipes import PipesParams

from niceml_engine.events import Artifact, Check, Event, Level, Log

_LEVELS: dict[str, Level] = {"DEBUG": "debug", "WARNING": "warning", "ERROR": "error", "CRITICAL": "error"}


class Reports(PipesMessageReader):
    """Reads the messages of a program, and tells them on before Dagster takes them.

    Args:
        emit: Takes what they say; called from a thread.
    """

    def __init__(self, emit: Callable[[Event], None]) -> None:
        self._emit = emit
        self._reader = PipesTempFileMessageReader()
        self._handler: PipesMessageHandler | None = None

    @contextmanager
    def read_messages(self, handler: PipesMessageHandler) -> Iterator[PipesParams]:
        """Reads until the program has ended."""
        self._handler = handler
        with self._reader.read_messages(cast(PipesMessageHandler, _Heard(handler, self._tell))) as parameters:
            yield parameters

    @property
    def expected_writer_count(self) -> int:
        """The program alone."""
        return 1

    def no_messages_debug_text(self) -> str:
        """What Dagster says where a program reports nothing, which few do."""
        return "The program reports nothing through Dagster Pipes, and need not."

    def materializations(self) -> Iterator[AssetMaterialization]:
        """What it says to have made, as an op tells Dagster."""
        for result in self._handler.get_reported_results() if self._handler is not None else ():
            if isinstance(result, MaterializeResult) and result.asset_key is not None:
                yield AssetMaterialization(asset_key=result.asset_key, metadata=result.metadata)

    def _tell(self, message: Any) -> None:
        method, given = message.get("method"), message.get("params") or {}
        if method == "log":
            text, level = str(given.get("message", "")), str(given.get("level", "")).upper()
            self._emit(Log(text=text, level=_LEVELS.get(level, "info")))
        elif method == "report_custom_message":
            self._emit(Log(text=f"reports {given.get('payload')!r}"))
        elif method == "report_asset_materialization":
            values = {name: one.get("raw_value") for name, one in (given.get("metadata") or {}).items()}
            said = "  ".join(f"{name} {value}" for name, value in values.items())
            self._emit(Artifact(kind="asset", path=str(given.get("asset_key", ""))))
            self._emit(Log(text=f"made {given.get('asset_key')}  {said}".rstrip()))
        elif method == "report_asset_check":
            name = f"{given.get('asset_key')}: {given.get('check_name')}"
            self._emit(Check(name=name, passed=bool(given.get("passed"))))


class _Heard:
    """Stands before Dagster's handler, so that each message is heard twice."""

    def __init__(self, handler: PipesMessageHandler, tell: Callable[[Any], None]) -> None:
        self._handler = handler
        self._tell = tell

    def __getattr__(self, name: str) -> Any:
        return getattr(self._handler, name)

    def handle_message(self, message: Any) -> None:
        """Takes a message."""
        self._tell(message)
        self._handler.handle_message(message)
