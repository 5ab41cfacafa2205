"""What a project runs in."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from niceml_engine.config.projects.env_change import change_variable, with_variable
from niceml_engine.config.projects.env_file import load_env, read_env
from niceml_engine.config.projects.environment import environment
from niceml_engine.config.projects.project import open_project
from niceml_engine.errors import NicemlError, ProjectError
from niceml_engine.protocol.project import Environment, Variable
from niceml_engine.secrets import MASK
from tests.engine.config.reference import write

FILES = {
    "conf/job.yaml": """\
# ${oc.env:IN_A_COMMENT}
data:
  uri: ${oc.env:DATA,./data}/x  # ${oc.env:IN_ANOTHER}
  deep: "#1 ${oc.env:DEEP,${oc.env:DEEPER,{a: 1}}}"
sizes:
  - 1
  - ${oc.decode:${oc.env:SIZE,null}}
old: ${env:OLD}
""",
    "conf/shared/credentials/s3.yaml": "user: ${oc.env:S3_USER}\n",
    "conf/db/a.yaml": "api_key: ${oc.env:HARMLESS}\nurl: ${oc.env:DB_URL}\ndata: ${oc.env:DATA}\n",
    "conf/db/broken.yaml": "a: [\nb: ${oc.env:BROKEN}\n",
    ".env": "# mine\nDATA=from-file\nexport SIZE='3'\nHF_TOKEN=abcdef\n",
}
SHELL = {
    "DATA": "from-shell",
    "S3_USER": "me-myself",
    "HARMLESS": "0123456",
    "DB_URL": "postgres://me:very-secret@host/db",
    "OTHER": "x",
}


@pytest.fixture
def found(tmp_path: Path) -> Environment:
    return environment(open_project(write(tmp_path, FILES)), SHELL)


@pytest.fixture
def variables(found: Environment) -> dict[str, Variable]:
    return {variable.name: variable for variable in found.variables}


def test_every_variable_that_a_config_reads_or_env_sets_is_listed(variables: dict[str, Variable]) -> None:
    assert list(variables) == sorted(
        ["BROKEN", "DATA", "DB_URL", "DEEP", "DEEPER", "HARMLESS", "HF_TOKEN", "OLD", "S3_USER", "SIZE"]
    )


def test_who_sets_a_variable_is_told(variables: dict[str, Variable]) -> None:
    data, size, old = variables["DATA"], variables["SIZE"], variables["OLD"]
    assert (data.value, data.source, data.line) == ("from-shell", "shell", 2)
    assert (size.value, size.source, size.line) == ("3", ".env", 3)
    assert (old.value, old.source, old.line) == (None, "", 0)
    assert [name for name, one in variables.items() if one.missing] == ["BROKEN", "OLD"]


def test_each_use_has_its_place_and_default(variables: dict[str, Variable], tmp_path: Path) -> None:
    job, db = str(tmp_path / "conf/job.yaml"), str(tmp_path / "conf/db/a.yaml")
    assert [(use.file, use.line, use.key, use.default) for use in variables["DATA"].uses] == [
        (db, 3, "data", None),
        (job, 3, "data.uri", "./data"),
    ]
    assert variables["DEEP"].uses[0].default == "${oc.env:DEEPER,{a: 1}}"
    assert variables["DEEPER"].uses[0].default == "{a: 1}"
    assert (variables["SIZE"].uses[0].line, variables["SIZE"].uses[0].key) == (7, "sizes")
    assert (variables["BROKEN"].uses[0].line, variables["BROKEN"].uses[0].key) == (2, "")


def test_what_name_or_use_calls_secret_is_masked(variables: dict[str, Variable]) -> None:
    assert {name for name, one in variables.items() if one.secret} == {"HARMLESS", "HF_TOKEN", "S3_USER"}
    assert {variables[name].value for name in ("HARMLESS", "HF_TOKEN", "S3_USER")} == {MASK}
    assert variables["DB_URL"].value == f"postgres://me:{MASK}@host/db"


def test_a_changed_config_is_read_again(variables: dict[str, Variable], tmp_path: Path) -> None:
    write(tmp_path, {"conf/db/broken.yaml": "b: ${oc.env:MENDED}\n"})
    found = {variable.name for variable in environment(open_project(tmp_path), SHELL).variables}
    assert (found - variables.keys(), variables.keys() - found) == ({"MENDED"}, {"BROKEN"})


def test_the_interpreter_is_ours_or_the_one_that_the_project_names(found: Environment, tmp_path: Path) -> None:
    assert (found.python, found.problems) == (sys.executable, ())
    assert (found.env_file, found.has_env_file) == (str(tmp_path / ".env"), True)
    write(tmp_path, {".niceml/project.yaml": "\npython: no/such/python\n"})
    named = environment(open_project(tmp_path), {})
    assert named.python == str(tmp_path / "no/such/python")
    (problem,) = named.problems
    assert (problem.file, problem.line, problem.key) == (str(tmp_path / ".niceml/project.yaml"), 2, "python")


def test_an_env_that_is_no_text_is_told(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"A=\xff\xfe\n")
    with pytest.raises(ProjectError, match="UTF-8"):
        load_env(tmp_path)


@pytest.mark.parametrize(
    ("data", "words", "line"),
    [
        (b"A=1\nB=\xff\n", "no UTF-8 text", 2),
        (b"A=1\n" * 300_000, "larger than 1 MB", 0),
        (b"A=" + b"x" * 60_000 + b"\nB=${A}\nC=${A}${B}\n", "value of C is longer than 100,000", 3),
        (b"A0=xx\n" + b"".join(b"A%d=${A%d}${A%d}\n" % (n, n - 1, n - 1) for n in range(1, 99)), "is longer", 17),
    ],
    ids=["bytes", "size", "value", "bomb"],
)
def test_an_env_that_is_too_much_is_refused(tmp_path: Path, data: bytes, words: str, line: int) -> None:
    (tmp_path / ".env").write_bytes(data)
    with pytest.raises(ProjectError, match=words) as refusal:
        read_env(tmp_path)
    assert (refusal.value.file, refusal.value.line) == (str(tmp_path / ".env"), line)


def test_lines_of_env_that_set_nothing_are_told_and_stop_no_other(tmp_path: Path) -> None:
    text = b"A=1\n\n=x\nB=${A}2\n'c=d'=3\nE=a\x00b\nF\nG='4'  # four\n"
    write(tmp_path, {"conf/job.yaml": "a: ${oc.env:G}\n"})
    (tmp_path / ".env").write_bytes(text)
    assert read_env(tmp_path, {"A": "the shell's is not ours"}) == {"A": "1", "B": "12", "G": "4"}
    found = environment(open_project(tmp_path), {})
    assert [(one.severity, one.line) for one in found.problems] == [("warning", 3), ("warning", 5), ("warning", 6)]
    assert {one.name: one.line for one in found.variables} == {"A": 1, "B": 4, "G": 8}


def test_env_beside_the_project_is_read_but_overrides_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NICEML_TEST_SET", "kept")
    monkeypatch.setenv("NICEML_TEST_NEW", "")
    monkeypatch.delenv("NICEML_TEST_NEW")
    (tmp_path / ".env").write_text("NICEML_TEST_SET=changed\nNICEML_TEST_NEW=read\n", encoding="utf-8")
    load_env(tmp_path)
    assert os.environ["NICEML_TEST_SET"] == "kept"
    assert os.environ["NICEML_TEST_NEW"] == "read"


@pytest.mark.parametrize(
    ("before", "value", "after"),
    [
        ("", "1", "X=1\n"),
        ("A=1", "a b", "A=1\nX='a b'\n"),
        ("A=1\r\n", "2", "A=1\r\nX=2\r\n"),
        ("# mine\nexport X = 'old' # why\nB=2\n", "it's", "# mine\nexport X = 'it\\'s' # why\nB=2\n"),
        ("X=1\nX=2\n", "3", "X=1\nX=3\n"),
        ('\ufeffX="two\nlines"\n\nB=1\n', "", "\ufeffX=\n\nB=1\n"),
        ("X\n", "1", "X=1\n"),
        ("X=a#b  # c\r\nY=1", "d", "X=d  # c\r\nY=1"),
        ("nonsense here\nX=1\n", "\\", "nonsense here\nX='\\\\'\n"),
        ("A=1\n\nX=1\nX=2\nB=1\n", None, "A=1\n\nB=1\n"),
    ],
)
def test_a_variable_is_changed_and_all_else_stays(before: str, value: str | None, after: str) -> None:
    assert with_variable(before, "X", value) == after


@given(
    st.lists(
        st.sampled_from(
            [
                "A=1\n",
                "X=1\n",
                "export X='a\\'b' # c\r\n",
                'B="\n\n"\n',
                "# c\n",
                "\n",
                "X",
                "=\n",
                "X: 1\n",
                "'X'=2\n",
                "X = \n",
            ]
        )
    ),
    st.text(max_size=9).filter(lambda text: "\0" not in text),
)
def test_what_is_set_is_read_again(tmp_path_factory: pytest.TempPathFactory, lines: list[str], value: str) -> None:
    root = tmp_path_factory.mktemp("env")
    file = root / ".env"
    file.write_bytes("".join(lines).encode())
    before = read_env(root, {})
    refused = None
    try:
        change_variable(root, "X", value)
    except NicemlError as error:
        refused = error
    if refused is not None:
        assert refused.message
        assert file.read_bytes() == "".join(lines).encode()
        return
    after = read_env(root, {})
    assert {name: text for name, text in after.items() if name != "X"} == {n: t for n, t in before.items() if n != "X"}
    assert after["X"] == value or "${" in value
    change_variable(root, "X", None)
    assert "X" not in read_env(root, {})


@pytest.mark.parametrize("name", ["", "a b", "A=B", "#X"])
def test_a_name_that_cannot_be_set_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ProjectError, match="cannot be set"):
        change_variable(tmp_path, name, "1")
    assert not (tmp_path / ".env").exists()
