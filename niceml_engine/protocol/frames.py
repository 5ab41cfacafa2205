"""Which request has which answer, and how messages become bytes."""

from __future__ import annotations

import struct
from typing import Any

import msgspec

from niceml_engine.errors import ProtocolError
from niceml_engine.packing import big, pack, unpack
from niceml_engine.protocol.base import Nothing, Ping
from niceml_engine.protocol.comparing import COMPARE_RESULTS, Compare, CompareRequest, ReadLeaves
from niceml_engine.protocol.configs import (
    CheckSelection,
    CheckText,
    Compose,
    DrawGraph,
    Export,
    Exported,
    FilesChanged,
    FileText,
    ListFolder,
    Listing,
    MergeSteps,
    OpenProject,
    OpReference,
    ReadFile,
    Reference,
    Resolve,
    Scan,
)
from niceml_engine.protocol.earlier import LookBack
from niceml_engine.protocol.files import FILE_RESULTS, FileRequest
from niceml_engine.protocol.forms import FORM_RESULTS, FormRequest
from niceml_engine.protocol.mending import MEND_RESULTS, MendRequest
from niceml_engine.protocol.project import PROJECT_RESULTS, ChangeSetting, ChangeVariable, ProjectRequest
from niceml_engine.protocol.runs import (
    ChangeQueue,
    DeleteRun,
    ListExperiments,
    ListRuns,
    Logger,
    MoveRuns,
    NameRun,
    NameSweep,
    Output,
    PastSelection,
    QueueChanged,
    QueueState,
    ReadLoggers,
    ReadQueue,
    ReadRunConfig,
    RepeatRuns,
    ResumeRun,
    RunChanged,
    RunConfig,
    RunOutput,
    RunRemoved,
    RunRows,
    RunSelection,
    StartRun,
    StopRun,
    TagRun,
    UnwatchRun,
    WatchRun,
)
from niceml_engine.protocol.samples import SAMPLE_RESULTS, SampleRequest
from niceml_engine.protocol.trials import TRIAL_RESULTS, TrialRequest, TrialRows
from niceml_engine.protocol.trust import TRUST_RESULTS, TrustRequest
from niceml_engine.values import Composed, ConfigTree, ErrorInfo, Experiment, MergeStep, Problem, Project, RunState

MAX_FRAME = 256 * 1024 * 1024

Request = (
    Ping
    | OpenProject
    | Scan
    | Compose
    | Resolve
    | MergeSteps
    | CheckSelection
    | CheckText
    | Reference
    | ReadFile
    | ListFolder
    | Export
    | DrawGraph
    | StartRun
    | RepeatRuns
    | ResumeRun
    | StopRun
    | MoveRuns
    | ReadQueue
    | ReadLoggers
    | ChangeQueue
    | ListRuns
    | WatchRun
    | UnwatchRun
    | RunOutput
    | RunSelection
    | ReadRunConfig
    | NameRun
    | NameSweep
    | TagRun
    | DeleteRun
    | ListExperiments
    | FileRequest
    | CompareRequest
    | LookBack
    | ReadLeaves
    | MendRequest
    | FormRequest
    | ProjectRequest
    | TrustRequest
    | TrialRequest
    | SampleRequest
)

RESULTS: dict[type, Any] = {
    **FILE_RESULTS,
    **COMPARE_RESULTS,
    **MEND_RESULTS,
    **FORM_RESULTS,
    **PROJECT_RESULTS,
    **TRUST_RESULTS,
    **TRIAL_RESULTS,
    **SAMPLE_RESULTS,
    Ping: Nothing,
    OpenProject: Project,
    Scan: ConfigTree,
    Compose: Composed,
    Resolve: Composed,
    MergeSteps: tuple[MergeStep, ...],
    CheckSelection: tuple[Problem, ...],
    CheckText: tuple[Problem, ...],
    Reference: OpReference,
    ReadFile: FileText,
    ListFolder: Listing,
    Export: Exported,
    DrawGraph: Exported,
    StartRun: RunState,
    RepeatRuns: RunState,
    ResumeRun: RunState,
    StopRun: Nothing,
    MoveRuns: Nothing,
    ReadQueue: QueueState,
    ReadLoggers: tuple[Logger, ...],
    ChangeQueue: QueueState,
    ListRuns: tuple[RunState, ...],
    WatchRun: Nothing,
    UnwatchRun: Nothing,
    RunOutput: Output,
    RunSelection: PastSelection,
    ReadRunConfig: RunConfig,
    NameRun: RunState,
    NameSweep: Nothing,
    TagRun: RunState,
    DeleteRun: Nothing,
    ListExperiments: tuple[Experiment, ...],
}

#: Answered one after the other, by the thread that owns the composer: while it is at one, the others wait.
IN_TURN = (
    OpenProject,
    Scan,
    Compose,
    MergeSteps,
    CheckSelection,
    Export,
    DrawGraph,
    StartRun,
    RepeatRuns,
    ResumeRun,
    FileRequest,
    CompareRequest,
    MendRequest,
    ChangeSetting,
    ChangeVariable,
)

#: Of these, what only informs: it is answered when nothing else waits, and changes nothing.
IN_PASSING = (CheckSelection, Compare)

News = RunChanged | RunRemoved | QueueChanged | RunRows | FilesChanged | TrialRows


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
    body = pack(message)
    return struct.pack(">I", len(body)) + body


class FrameReader:
    """Cuts a byte stream into messages; bytes may arrive in any portions."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._decoder: msgspec.msgpack.Decoder[Call | Answer | Notice] = msgspec.msgpack.Decoder(
            Call | Answer | Notice, ext_hook=big
        )

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
            body: bytes | memoryview
            if len(self._buffer) == 4 + length:  # a large answer comes last, and is not worth another copy
                body, self._buffer = memoryview(self._buffer)[4:], bytearray()
            else:
                with memoryview(self._buffer) as view:
                    body = bytes(view[4 : 4 + length])
                del self._buffer[: 4 + length]
            try:
                messages.append(self._decoder.decode(body))
            except msgspec.DecodeError as error:
                raise ProtocolError(f"a frame cannot be read: {error}") from error
        return messages


def decode_result(request: Request, answer: Answer) -> Any:
    """Decodes an answer's result as the type that its request promises."""
    return unpack(answer.result, RESULTS[type(request)])
