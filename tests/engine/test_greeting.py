"""A service says who it is; whoever comes with other messages is told so, in one line."""

from __future__ import annotations

import subprocess
import sys

import msgspec
import pytest

from niceml_engine.errors import ProtocolError
from niceml_engine.protocol.frames import Notice, encode_frame
from niceml_engine.protocol.greeting import CHATTER, Greeting, ServiceReader, own
from niceml_engine.protocol.runs import RunRemoved

FRAME = encode_frame(Notice(RunRemoved("r1")))


@pytest.mark.parametrize("before", [b"", b"Welcome to gpu1!\nniceml says hello\n", b"\x1b[0m\n\n"])
@pytest.mark.parametrize("portion", [1, 7, 1000])
def test_frames_begin_after_the_greeting_whatever_a_shell_says_before(before: bytes, portion: int) -> None:
    reader, found = ServiceReader(), []
    data = before + own().line + FRAME
    for start in range(0, len(data), portion):
        found += reader.feed(data[start : start + portion])
    assert found == [Notice(RunRemoved("r1"))]
    assert reader.greeting == own()
    assert reader.chatter == before


@pytest.mark.parametrize(
    ("greeting", "words"),
    [
        (Greeting("9.9", "ab12"), f"niceml 9.9 there and {own().version} here"),
        (msgspec.structs.replace(own(), messages="ab12"), f"two builds of niceml {own().version}"),
    ],
)
def test_another_version_is_told_with_both_names(greeting: Greeting, words: str) -> None:
    with pytest.raises(ProtocolError) as raised:
        ServiceReader().feed(greeting.line)
    assert words in raised.value.message
    assert "\n" not in raised.value.message


def test_a_program_that_is_no_service_is_not_listened_to_for_ever() -> None:
    with pytest.raises(ProtocolError, match="not the service") as raised:
        ServiceReader().feed(b"y\n" * CHATTER)
    assert raised.value.details.startswith("y\ny\n")


@pytest.mark.parametrize(
    "change",
    [
        "frames.RESULTS[frames.Scan] = int",
        "values.runs.RunStatus = values.runs.Literal['queued']",
        "values.RunState.__annotations__['name'] = 'bytes'",
        "columns.Column.__annotations__['values'] = 'bytes'",
    ],
)
def test_the_digest_follows_the_messages(change: str) -> None:
    code = f"from niceml_engine import columns, values; from niceml_engine.protocol import frames, greeting; {change}; "
    output = subprocess.run(
        [sys.executable, "-c", code + "print(greeting.own().messages)"], capture_output=True, text=True, check=True
    )
    assert output.stdout.strip() not in ("", own().messages)


def test_two_processes_of_one_build_have_one_greeting() -> None:
    code = "import niceml_engine.protocol.trials, niceml_engine.service.handlers, niceml_engine.protocol.greeting as g"
    output = subprocess.run(
        [sys.executable, "-c", f"{code}; print(g.own().line)"], capture_output=True, text=True, check=True
    )
    assert output.stdout.strip() == str(own().line)
