"""Where projects lie: paths, and URLs of other machines."""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePosixPath, PureWindowsPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from niceml_engine.errors import ProjectError
from niceml_gui import state
from niceml_gui.address import HERE, Address, Host
from niceml_gui.paths import pure

GPU = Host("gpu1", "anna", 2222, python="/opt/env/bin/python")


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("/a b/c", Address("/a b/c")),
        ("C:\\a", Address("C:\\a")),
        ("ssh://gpu1/a", Address("/a", Host("gpu1"))),
        ("ssh://gpu1/~/a", Address("~/a", Host("gpu1"))),
        ("ssh://GPU-1/a", Address("/a", Host("GPU-1"))),
        ("ssh://anna@gpu1:2222/a%20b?python=/opt/env/bin/python", Address("/a b", GPU)),
        ("ssh://[::1]:22/a", Address("/a", Host("::1", port=22))),
        (
            "ssh://gpu1/a?command=docker%20exec%20-i%20box%20niceml-engine%20serve",
            Address("/a", Host("gpu1", command="docker exec -i box niceml-engine serve")),
        ),
    ],
)
def test_an_address_is_read_and_written(text: str, address: Address) -> None:
    assert Address.parse(text) == address
    assert str(address) == text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("ssh://gpu1", "names no folder; it is ssh://gpu1/folder"),
        ("ssh:///a", "names no machine"),
        ("ssh://-oProxyCommand=evil/a", "names no machine"),
        ("ssh://-l@gpu1/a", "names no machine"),
        ("ssh://gpu 1/a", "names no machine"),
        ("ssh://anna:secret@gpu1/a", "a password has no place"),
        ("ssh://gpu1:many/a", "cannot be read"),
        ("ssh://gpu1/a?pyton=x", "there is no setting pyton"),
    ],
)
def test_what_is_no_address_is_refused_in_words(text: str, words: str) -> None:
    with pytest.raises(ProjectError, match=words):
        Address.parse(text)


@given(
    st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)), min_size=1),
    st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",))),
)
def test_any_path_survives_being_written(path: str, python: str) -> None:
    address = Address(f"/x{path}", Host("gpu1", python=python))
    assert Address.parse(str(address)) == address


def test_projects_are_told_apart_by_machine_not_by_how_it_is_started(state_dir: object) -> None:
    far = Address("/a", GPU)
    assert far.key != Address("/a").key != Address("/a", Host("gpu2")).key
    assert far.key == Address("/a", replace(GPU, python="/other")).key
    for address in (far, Address("/a"), Address("/a", replace(GPU, python="/other"))):
        state.remember_project(address)
    assert state.recent_projects() == [Address("/a", replace(GPU, python="/other")), Address("/a")]
    state.forget_project(far)
    assert state.recent_projects() == [Address("/a", HERE)]


def test_a_path_is_read_as_the_other_machine_writes_it() -> None:
    assert pure("/a/b.yaml") == PurePosixPath("/a/b.yaml")
    assert str(pure("C:\\a\\b.yaml").with_suffix("")) == "C:\\a\\b"
    assert isinstance(pure("\\\\share\\a"), PureWindowsPath)
    assert pure("a/b.yaml").name == "b.yaml"
