"""Frames: whatever the portions, the same messages; whatever the garbage, a clear error."""

import math

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from niceml_engine.columns import gather
from niceml_engine.errors import ProtocolError
from niceml_engine.events import Log, metrics
from niceml_engine.protocol.configs import Compose, FilesChanged
from niceml_engine.protocol.frames import (
    RESULTS,
    Answer,
    Call,
    FrameReader,
    Notice,
    Request,
    decode_result,
    encode_frame,
)
from niceml_engine.protocol.runs import RunRows
from niceml_engine.values import Composed, Edge, Selection

MESSAGES = [
    Call(1, Compose(Selection("job.yaml", ("a=1", "b=ü")))),
    Answer(1, msgspec.Raw(msgspec.msgpack.encode(Composed(Selection("job.yaml"), edges=(Edge("a", "b", "p"),))))),
    Notice(RunRows("r", gather([Log(text="x" * 5000, seq=1), metrics("batch", 1, 1, {"loss": math.inf})]))),
    Notice(FilesChanged(("a.yaml",))),
]


@given(st.lists(st.integers(1, 400), min_size=1))
def test_messages_do_not_depend_on_how_bytes_arrive(portions: list[int]) -> None:
    data = b"".join(encode_frame(message) for message in MESSAGES)
    reader, found, position, turn = FrameReader(), [], 0, 0
    while position < len(data):
        size = portions[turn % len(portions)]
        found += reader.feed(data[position : position + size])
        position += size
        turn += 1
    assert [type(message) for message in found] == [type(message) for message in MESSAGES]
    assert found[0] == MESSAGES[0]
    assert found[2:] == MESSAGES[2:]


def test_a_result_has_the_type_that_its_request_promises() -> None:
    request = Compose(Selection("job.yaml"))
    (answer,) = FrameReader().feed(encode_frame(MESSAGES[1]))
    assert isinstance(answer, Answer)
    assert decode_result(request, answer).edges[0].target == "b"


def test_an_answer_lasts_when_the_next_one_is_read() -> None:
    reader, request = FrameReader(), Compose(Selection("job.yaml"))
    (answer,) = reader.feed(encode_frame(MESSAGES[1]))  # a frame that comes alone is not copied
    assert isinstance(answer, Answer)
    assert reader.feed(encode_frame(MESSAGES[0]) + encode_frame(MESSAGES[3])) == [MESSAGES[0], MESSAGES[3]]
    assert decode_result(request, answer).edges[0].target == "b"


@pytest.mark.parametrize("data", [b"\xff\xff\xff\xff", b"\x00\x00\x00\x01\xc1", b"\x00\x00\x00\x02\x91\x01"])
def test_garbage_is_refused(data: bytes) -> None:
    with pytest.raises(ProtocolError):
        FrameReader().feed(data)


def test_every_request_has_a_result_type() -> None:
    assert set(RESULTS) == set(Request.__args__)
