"""What window and service say to each other over a pair of byte streams.

A frame is four bytes of length (big endian) and that many bytes of MessagePack. The window sends
`Call(id, request)`; the service answers each with `Answer(id, ...)` in any order, and sends `Notice(...)` whenever
it has news. `RESULTS` says which type answers which request.
"""

from __future__ import annotations

import struct
from typing import Any, Literal

import msgspec

from niceml_engine.errors import ProtocolError
from niceml_engine.events import Event
from niceml_engine.values import (
    Composed,
    ConfigTree,
    ErrorInfo,
    Experiment,
    JobSpec,
    OpSpec,
    Problem,
    Project,
    RunSettings,
    RunState,
    Selection,
)

MAX_FRAME = 256 * 1024 * 1024
ExportFormat = Literal["yaml", "resolved", "run-config", "overrides", "command", "job"]


class _Request(msgspec.Struct, frozen=True, tag=True):
    pass


class OpenProject(_Request, frozen=True):
    """Opens a folder, or a job file; everything else is asked of the project that is open."""

    path: str


class Scan(_Request, frozen=True):
    """Reads the config tree again."""


class Compose(_Request, frozen=True):
    """Composes a selection; a selection that Hydra refuses is an answer too (`Composed.error`)."""

    selection: Selection


class CheckSelection(_Request, frozen=True):
    """Checks a selection against the code it names, by reading that code."""

    selection: Selection


class Reference(_Request, frozen=True):
    """Asks for the declared ops and jobs."""


class OpReference(msgspec.Struct, frozen=True):
    """All declared ops and jobs."""

    ops: tuple[OpSpec, ...]
    jobs: tuple[JobSpec, ...]


class ReadFile(_Request, frozen=True):
    """Reads a text file of the project."""

    file: str


class FileText(msgspec.Struct, frozen=True):
    """A file's text and the digest of its bytes, to notice later changes."""

    file: str
    text: str
    digest: str


class Save(_Request, frozen=True):
    """Writes the selection's overrides into its job file, or into a new job file.

    With `dry_run` nothing is written, and the answer says what would be.
    """

    selection: Selection
    target: str = ""  #: a new job file; empty: the job's own
    dry_run: bool = False


class Saved(msgspec.Struct, frozen=True):
    """What was, or would be, written."""

    file: str
    before: str
    after: str
    selection: Selection  #: the selection that composes to the same from now on


class Export(_Request, frozen=True):
    """Writes the selection in another form; with no `file`, only answers with the text."""

    selection: Selection
    to: ExportFormat
    file: str = ""


class Exported(msgspec.Struct, frozen=True):
    """An export."""

    text: str
    file: str
    digest: str


class StartRun(_Request, frozen=True):
    """Puts a run of the selection into the queue."""

    selection: Selection
    settings: RunSettings = RunSettings()


class StopRun(_Request, frozen=True):
    """Asks a run to stop, or takes it out of the queue."""

    run: str


class ListRuns(_Request, frozen=True):
    """Lists all runs, newest first."""


class WatchRun(_Request, frozen=True):
    """Answers at once; `RunRows` follow, from the stream's row `after` + 1 on, until `UnwatchRun`."""

    run: str
    after: int = 0


class UnwatchRun(_Request, frozen=True):
    """Ends the rows of a run."""

    run: str


class RunOutput(_Request, frozen=True):
    """Reads what the worker printed: the last `limit` bytes of its stdout and stderr."""

    run: str
    limit: int = 200_000


class Output(msgspec.Struct, frozen=True):
    """What a worker printed."""

    stdout: str
    stderr: str


class RunSelection(_Request, frozen=True):
    """Asks for the selection that a run was started from."""

    run: str


class PastSelection(msgspec.Struct, frozen=True):
    """The selection of a run; `digest` is what it composed to then."""

    selection: Selection
    digest: str
    config: str


class NameRun(_Request, frozen=True):
    """Gives a run a name of the person's."""

    run: str
    name: str


class DeleteRun(_Request, frozen=True):
    """Deletes a run that has ended, with or without its experiment folder."""

    run: str
    experiment: bool = False


class ListExperiments(_Request, frozen=True):
    """Lists the experiments at the location that a selection writes to, newest first."""

    selection: Selection | None = None  #: without one: `EXPERIMENT_URI`, else `./experiment_outputs`


class Nothing(msgspec.Struct, frozen=True):
    """The answer to a request that only does something."""


Request = (
    OpenProject
    | Scan
    | Compose
    | CheckSelection
    | Reference
    | ReadFile
    | Save
    | Export
    | StartRun
    | StopRun
    | ListRuns
    | WatchRun
    | UnwatchRun
    | RunOutput
    | RunSelection
    | NameRun
    | DeleteRun
    | ListExperiments
)

RESULTS: dict[type, Any] = {
    OpenProject: Project,
    Scan: ConfigTree,
    Compose: Composed,
    CheckSelection: tuple[Problem, ...],
    Reference: OpReference,
    ReadFile: FileText,
    Save: Saved,
    Export: Exported,
    StartRun: RunState,
    StopRun: Nothing,
    ListRuns: tuple[RunState, ...],
    WatchRun: Nothing,
    UnwatchRun: Nothing,
    RunOutput: Output,
    RunSelection: PastSelection,
    NameRun: RunState,
    DeleteRun: Nothing,
    ListExperiments: tuple[Experiment, ...],
}


class RunChanged(msgspec.Struct, frozen=True, tag=True):
    """A run is new, or its line in the list of runs has changed."""

    state: RunState


class RunRemoved(msgspec.Struct, frozen=True, tag=True):
    """A run is gone from the list."""

    run: str


class RunRows(msgspec.Struct, frozen=True, tag=True):
    """New rows of a watched run's stream, in order."""

    run: str
    events: tuple[Event, ...]


class FilesChanged(msgspec.Struct, frozen=True, tag=True):
    """Config files have changed on disk; what was composed may be stale."""

    files: tuple[str, ...]


News = RunChanged | RunRemoved | RunRows | FilesChanged


class Call(msgspec.Struct, frozen=True, tag="call", array_like=True):
    """A request and the number that its answer will carry."""

    id: int
    request: Request


class Answer(msgspec.Struct, frozen=True, tag="answer", array_like=True):
    """The result of a call (MessagePack of the type in `RESULTS`), or why there is none."""

    id: int
    result: msgspec.Raw = msgspec.Raw(b"\xc0")  #: nil when there is none; an empty `Raw` would be no MessagePack
    error: ErrorInfo | None = None


class Notice(msgspec.Struct, frozen=True, tag="notice", array_like=True):
    """News that nobody asked for."""

    news: News


def encode_frame(message: Call | Answer | Notice) -> bytes:
    """Encodes a message with its length in front."""
    body = msgspec.msgpack.encode(message)
    return struct.pack(">I", len(body)) + body


class FrameReader:
    """Cuts a byte stream into messages; bytes may arrive in any portions."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._decoder: msgspec.msgpack.Decoder[Call | Answer | Notice] = msgspec.msgpack.Decoder(Call | Answer | Notice)

    def feed(self, data: bytes) -> list[Call | Answer | Notice]:
        """Takes bytes and returns the messages that are complete now.

        Raises:
            ProtocolError: The stream holds something else than frames.
        """
        self._buffer += data
        messages: list[Call | Answer | Notice] = []
        while len(self._buffer) >= 4:
            (length,) = struct.unpack_from(">I", self._buffer)
            if length > MAX_FRAME:
                raise ProtocolError(f"a frame of {length} bytes is over the limit of {MAX_FRAME}")
            if len(self._buffer) < 4 + length:
                break
            body = bytes(self._buffer[4 : 4 + length])
            del self._buffer[: 4 + length]
            try:
                messages.append(self._decoder.decode(body))
            except msgspec.DecodeError as error:
                raise ProtocolError(f"a frame cannot be read: {error}") from error
        return messages


def decode_result(request: Request, answer: Answer) -> Any:
    """Decodes an answer's result as the type that its request promises."""
    return msgspec.msgpack.decode(answer.result, type=RESULTS[type(request)])
