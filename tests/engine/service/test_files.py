"""Files are changed through the service: planned first, then written."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from niceml_engine.protocol.configs import OpenProject
from niceml_engine.protocol.files import FileChange, WriteFiles
from tests.engine.projects import copy_project
from tests.engine.service.client import Client


@pytest.fixture
def client() -> Iterator[Client]:
    client = Client()
    yield client
    assert client.close() == 0


def test_a_file_is_written_merged_or_asked_about(client: Client, tmp_path: Path) -> None:
    root = copy_project(tmp_path)
    client.ask(OpenProject(str(root)))
    file = root / "configs" / "new.yaml"
    client.ask(WriteFiles((FileChange(str(file), None, "a: 1\nb: 2\nc: 3\n"),)))
    file.write_text("a: 1\nb: 2\nc: 30\n")
    edit = FileChange(str(file), "a: 1\nb: 2\nc: 3\n", "a: 10\nb: 2\nc: 3\n")
    same = FileChange(str(file), "a: 1\nb: 2\nc: 3\n", "a: 1\nb: 2\nc: 4\n")
    assert client.ask(WriteFiles((same,))).conflicts[0].found == "a: 1\nb: 2\nc: 30\n"
    assert client.ask(WriteFiles((edit,))).changes[0].after == "a: 10\nb: 2\nc: 30\n"
    assert file.read_text() == "a: 10\nb: 2\nc: 30\n"
