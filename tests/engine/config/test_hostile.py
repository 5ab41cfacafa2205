"""Whatever a file holds, composing ends soon: with what Hydra makes of it, or with a clear error."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from niceml_engine.cli.selecting import find_job
from niceml_engine.config.compose import Composer
from niceml_engine.config.projects.project import open_project
from niceml_engine.config.projects.scan import scan
from niceml_engine.config.projects.setting import Setting
from niceml_engine.config.text import files
from niceml_engine.config.text.disk import read_file
from niceml_engine.errors import ConfigError, ProjectError
from niceml_engine.values import Composed, Selection
from tests.engine.config.reference import ask_hydra, write

DOUBLED = "".join(f"k{n}: ${{k{n - 1}}}${{k{n - 1}}}\n" for n in range(1, 40))


def compose(root: Path, text: str | bytes) -> Composed:
    job = root / "job.yaml"
    job.write_bytes(text if isinstance(text, bytes) else text.encode())
    composed = Composer(Setting(root)).compose(Selection(str(job)))
    if composed.error is not None:
        assert composed.error.message
        assert "Traceback" not in composed.error.message
    return composed


@pytest.mark.parametrize(
    "text",
    [
        "שלום: 1\nعربي:\n  ש: ${שלום}\n",
        "😀: 1\n\u202eabc: 2\n",
        "a.b: 1\n'c d': 2\n'e\"f': 3\n\"g'h\": 4\n'': 5\n'a[0]': 6\n' ': {'': 7}\n",
        "a: 1\na: 2\n",
        "a:\n\tb: 1\n",
        "defaults:\r\n  - _self_\r\na: 1\r\nb: |\r\n  x\r\n  y\r\n",
        "a: 1\rb: 2\r",
        "\ufeffa: 1\n",
        "\ufeff# @package x\na: 1\n",
        "a: \0\n",
        "a: 1\n---\nb: 2\n",
        "a: !!python/object/apply:os.system ['echo x']\n",
        "a: !!set {x, y}\n",
        "a: !!binary aGVsbG8=\n",
        "? [1, 2]\n: x\n",
        "~: 1\n",
        "1.5: a\n1: b\ntrue: c\n",
        "a: .inf\nb: .nan\nc: 1_000\nd: 0x1F\ne: 0o17\nf: 1:30\n",
        "a: &a {x: 1}\nb:\n  <<: *a\n  <<: *a\n",
        "a: 'x\u2028y'\nb: 1\u0085c: 2\n",
        "# c\n\u0085\u0085a: 1\n",
        "%YAML 1.1\n---\na: 1\n",
        f"a: {'9' * 5000}\n",
        f"{'k' * 200_000}: 1\n",
        f"? {'k' * 300}\n: {{x: 1}}\n",
        f"a: {'{a: ' * 70}1{'}' * 70}\n",
        f"a: {'[' * 70}1{']' * 70}\n",
        f"a: {'{a: ' * 99}1{'}' * 99}\n",
        f"a: {'[' * 99}1{']' * 99}\n",
        f"a: {'x' * 5_000_000}\n",
        f"a: {'${b}' * 2_000}\nb: 1\n",
        "a:\n  b: ${a}\n",
        "1: 9\n'1': 8\ntrue: 7\n'True': 6\n",
        "x: {'2': {a: 1}, 2: {b: 2}, 2.0: {c: 3}, '2.0': {d: 3}}\n",
    ],
    ids=range(34),
)
def test_odd_files_compose_as_in_hydra_or_fail_as_in_hydra(tmp_path: Path, text: str) -> None:
    composed = compose(tmp_path, text)
    theirs = ask_hydra(tmp_path / "job.yaml", [], tmp_path, with_defaults=False)
    assert (composed.error is None) == (theirs.config is not None), composed.error or theirs.error
    if theirs.config is not None:
        assert str(Composer(Setting(tmp_path)).config(composed.selection)) == str(theirs.config)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (f"k0: x\n{DOUBLED}", "multiply to more than"),
        (f"k0: x\n{DOUBLED}".replace("${k", "${oc.select:k"), "multiply to more than"),
        (
            f"k0: [x]\n{DOUBLED}".replace("}${", "}, ${")
            .replace(": ${", ": ['${")
            .replace("}, ${", "}', '${")
            .replace("}\n", "}']\n"),
            "multiply",
        ),
        (f"b: {'y' * 1_000_000}\na: {'${b}' * 2_000}\n", "multiply to more than"),
    ],
    ids=["text", "resolvers", "lists", "long text"],
)
def test_interpolations_that_multiply_are_stopped(tmp_path: Path, text: str, words: str) -> None:
    composed = compose(tmp_path, text)
    assert composed.error is None
    assert any(words in problem.message for problem in composed.problems)
    assert len(composed.resolved_yaml) < 40_000_000


def test_values_that_name_each_other_in_a_row_all_resolve(tmp_path: Path) -> None:
    composed = compose(tmp_path, "".join(f"k{n}: ${{k{n + 1}}}\n" for n in range(40)) + "k40: 1\n")
    assert {leaf.resolved for leaf in composed.leaves} == {1}


FRAGMENTS = [
    "a:",
    "",
    "b:",
    "\n",
    "\t",
    "-",
    "[",
    "]",
    "{",
    "}",
    "&x",
    "*x",
    "<<:",
    "?",
    ":",
    "|",
    ">",
    "'",
    '"',
    "#",
    ",",
    ".",
    "!",
    "=",
    "${",
    "${a}",
    "???",
    "null",
    "\r\n",
    "\x00",
    "\ufeff",
    "é",
    "\u202e\n!!str",
    "!x",
    "---",
    "...",
    "%TAG",
    "1e3",
    "~",
    "@",
    "`",
    "\\",
    "\\ud800",
    "[a,b]",
    "{a:1}",
    "http://x?y",
    '"a"',
    "\x85",
]
fragments = st.sampled_from(
    [*FRAGMENTS, "a: ", "b:\n  ", "\n", "# @package p\n", "defaults:\n", "  - g: a\n", "  - _self_\n"]
)


@settings(max_examples=150, suppress_health_check=list(HealthCheck))
@given(text=st.one_of(st.lists(fragments, max_size=30).map("".join).map(str.encode), st.binary(max_size=200)))
def test_broken_yaml_is_refused_exactly_where_hydra_refuses_it(text: bytes) -> None:
    with TemporaryDirectory() as folder:
        root = write(Path(folder), {"g/a.yaml": "k: 1\n"})
        composed = compose(root, text)
        scan([root])
        with suppress(ProjectError):
            open_project(root / "job.yaml")
        theirs = ask_hydra(root / "job.yaml", [], root, with_defaults=False)
        assert (composed.error is None) == (theirs.config is not None), composed.error or theirs.error


def test_links_that_loop_are_walked_once(tmp_path: Path) -> None:
    write(tmp_path, {"conf/job.yaml": "defaults:\n  - db: a\n", "conf/db/a.yaml": "k: 1\n"})
    (tmp_path / "conf/db/back").symlink_to(tmp_path / "conf")
    (tmp_path / "conf/itself.yaml").symlink_to(tmp_path / "conf/itself.yaml")
    (tmp_path / "conf/gone.yaml").symlink_to(tmp_path / "nowhere.yaml")
    assert [option.id for option in scan([tmp_path / "conf"]).options if "back" not in option.id] == ["db/a", "job"]
    assert Composer(Setting(tmp_path)).compose(Selection(str(tmp_path / "conf/job.yaml"))).error is None


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("itself.yaml", "it is a link that leads round in a circle; make it a file"),
        ("gone.yaml", "it is a link to .*/nowhere.yaml, which is not there"),
        ("further.yaml", "it is a link to .*/nowhere.yaml, which is not there"),
        ("pipe.yaml", "it is a pipe, not a file; name a file"),
        ("socket.yaml", "it is a socket, not a file; name a file"),
        ("null.yaml", "it is a device, not a file; name a file"),
        ("folder.yaml", "it is a folder, not a file; name a file"),
    ],
)
def test_what_is_no_file_is_named_and_never_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, words: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("itself.yaml").symlink_to("itself.yaml")
    Path("gone.yaml").symlink_to("nowhere.yaml")
    Path("further.yaml").symlink_to("gone.yaml")
    os.mkfifo("pipe.yaml")
    Path("null.yaml").symlink_to("/dev/null")
    Path("folder.yaml").mkdir()
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket.yaml")  # a path of few characters: a longer one is refused
        file = str(tmp_path / name)
        said = words if name != "folder.yaml" else "folder"
        with pytest.raises(ConfigError, match=words):
            Composer(Setting(tmp_path)).compose(Selection(file))
        with pytest.raises(ConfigError, match=words):
            files.read_text(file)
        with pytest.raises(ConfigError, match=words):
            read_file(file)
        with pytest.raises(ProjectError, match=said):
            find_job(file)
        if name != "folder.yaml":
            with pytest.raises(ProjectError, match=words):
                open_project(Path(file))


def test_a_file_that_vanishes_while_it_is_read_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, {"job.yaml": "defaults:\n  - db: a\n", "db/a.yaml": "k: 1\n"})
    read, option = files.read_text, tmp_path / "db/a.yaml"

    def vanishing(path: str | Path) -> str:
        if Path(path) == option:
            option.unlink()
        return read(path)

    monkeypatch.setattr(files, "read_text", vanishing)
    composer, selection = Composer(Setting(tmp_path)), Selection(str(tmp_path / "job.yaml"))
    error = composer.compose(selection).error
    assert error is not None
    assert (error.file, error.message) == (str(option), "the file does not exist")
    monkeypatch.undo()
    write(tmp_path, {"db/a.yaml": "k: 2\n"})
    assert composer.compose(selection).yaml == "db:\n  k: 2\n"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can start a child that may read less")
def test_files_and_folders_without_permission_are_told(tmp_path: Path) -> None:
    write(tmp_path, {"job.yaml": "defaults:\n  - db: a\n", "db/a.yaml": "k: 1\n", "shut/b.yaml": "k: 1\n"})
    write(tmp_path, {"other.yaml": "defaults:\n  - shut: b\n"})
    for folder in (*tmp_path.parents, tmp_path, tmp_path / "db"):
        if folder.stat().st_uid == os.getuid() and folder.is_relative_to("/tmp") and folder != Path("/tmp"):
            folder.chmod(0o755)
    (tmp_path / "db/a.yaml").chmod(0)
    (tmp_path / "shut").chmod(0)
    code = """
import json, sys
from pathlib import Path
from niceml_engine.config.compose import Composer
from niceml_engine.config.projects.scan import scan
from niceml_engine.config.projects.setting import Setting
from niceml_engine.values import Selection
import os
os.setuid(65534)
root = Path(sys.argv[1])
error = Composer(Setting(root)).compose(Selection(str(root / "job.yaml"))).error
shut = Composer(Setting(root)).compose(Selection(str(root / "other.yaml"))).error
print(json.dumps([error.message, error.file, [option.id for option in scan([root]).options], shut.message]))
"""
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True)
    message, file, options, shut = json.loads(done.stdout)
    assert message == "the file cannot be read: Permission denied"
    assert file == str(tmp_path / "db/a.yaml")
    assert options == ["db/a", "job", "other"]
    assert shut == f"there is no config `shut/b`; you have no right to read {tmp_path / 'shut'}: change its rights"
