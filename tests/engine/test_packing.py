"""Values on the wire: integers of any size."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from niceml_engine.packing import pack, unpack
from niceml_engine.protocol.configs import Compose, OpenProject
from niceml_engine.values import Leaf, Origin, Selection
from tests.engine.service.client import Client

BIG = 123456789012345678901234567890


@pytest.mark.parametrize("value", [BIG, -BIG, 2**64 - 1, 2**64, -(2**63), -(2**63) - 1, 0])
def test_integers_of_any_size_come_back(value: int) -> None:
    leaf = Leaf("a.b", [1, {"n": value}], Origin("c", "c.yaml", 3), resolved={"k": (value,)})
    back = unpack(pack(leaf), Leaf)
    assert (back.value, back.origin) == (leaf.value, leaf.origin)
    assert back.resolved == {"k": [value]}


def test_what_is_no_value_of_ours_is_refused() -> None:
    with pytest.raises(msgspec.DecodeError, match="kind 7"):
        unpack(msgspec.msgpack.encode([msgspec.msgpack.Ext(7, b"1")]), list)


def test_a_config_with_such_an_integer_is_shown(tmp_path: Path) -> None:
    job = tmp_path / "conf" / "config.yaml"
    job.parent.mkdir()
    job.write_text(f"big: {BIG}\nsizes: [1, {BIG}]\n")
    client = Client()
    client.ask(OpenProject(str(tmp_path)))
    composed = client.ask(Compose(Selection(str(job), (f"+more={BIG}",))))
    assert client.close() == 0
    assert {leaf.key: leaf.value for leaf in composed.leaves} == {"big": BIG, "sizes": [1, BIG], "more": BIG}
