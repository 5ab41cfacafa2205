"""The commands for configs, in process; one subprocess shows the exit status and what start-up imports."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from omegaconf import OmegaConf
from typer.testing import CliRunner, Result

from niceml_engine.cli import app
from niceml_engine.config.compose import Composer
from niceml_engine.config.projects.project import Setting
from niceml_engine.values import Selection

ROOT = Path(__file__).parents[3]
JOB = "configs/jobs/job_train/job_train_cls/job_train_cls_binary"
TRAIN_PARAMS = "ops/train/train_params@ops.train.config.train_params"


def call(*words: str | Path) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


def data(*words: str | Path, status: int = 0) -> Any:
    result = call(*words)
    assert result.exit_code == status, result.stderr
    return json.loads(result.stdout)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / ".niceml").mkdir()
    (tmp_path / "conf" / "db").mkdir(parents=True)
    (tmp_path / "conf" / "db" / "small.yaml").write_text("size: 1\nhost: ${oc.env:NO_SUCH_HOST}\n")
    (tmp_path / "conf" / "db" / "big.yaml").write_text("size: 2\n")
    (tmp_path / "conf" / "job.yaml").write_text("defaults:\n  - db: big\n  - _self_\nname: one\nnames: [a, b]\n")
    return tmp_path


def test_compose_prints_what_omegaconf_prints(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = OmegaConf.to_yaml(
        Composer(Setting(ROOT)).config(Selection(f"{ROOT / JOB}.yaml", ("globals.exp_name=x",)))
    )
    monkeypatch.chdir(ROOT)
    assert call("compose", f"{JOB}.yaml", "globals.exp_name=x").stdout == expected
    monkeypatch.chdir("/")
    assert call("compose", ROOT / JOB, "--", "globals.exp_name=x").stdout == expected


def test_compose_resolves_what_can_be_resolved_and_names_the_rest(project: Path) -> None:
    result = call("compose", project / "conf" / "job.yaml", "--resolve", "db=small", "name=${db.size}")
    assert yaml.safe_load(result.stdout)["name"] == 1
    assert result.exit_code == 2
    place = f"{project / 'conf' / 'db' / 'small.yaml'}:2: db.host"
    assert result.stderr.startswith(f"error: {place}: ")
    assert "NO_SUCH_HOST" in result.stderr


def test_a_job_goes_by_the_name_that_its_project_lists_it_under(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for folder in ("fit", "score"):
        (project / "conf" / "jobs" / folder).mkdir(parents=True)
        (project / "conf" / "jobs" / folder / "config.yaml").write_text(f"name: {folder}\n")
    (project / "conf" / "jobs" / "fit" / "quick.yaml").write_text("name: quick\n")
    monkeypatch.chdir(project)
    assert [job["id"] for job in data("project", "--format", "json")["project"]["tree"]["jobs"]] == [
        "jobs/fit/config",
        "jobs/fit/quick",
        "jobs/score/config",
    ]
    assert call("compose", "jobs/score/config").stdout == "name: score\n"
    assert call("compose", "quick", "name=new").stdout == "name: new\n"
    result = call("compose", "config")
    assert (result.exit_code, result.stderr) == (
        2,
        "error: several jobs are called config: conf/jobs/fit/config.yaml, conf/jobs/score/config.yaml\n",
    )
    assert "there is no such job file" in call("compose", "quicker").stderr


def test_a_job_is_a_name_in_a_config_dir_and_files_lie_in_the_working_dir(project: Path) -> None:
    (project / "work" / "extra" / "more").mkdir(parents=True)
    (project / "work" / "extra" / "more" / "x.yaml").write_text("z: 1\n")
    (project / "src" / "parts").mkdir(parents=True)
    (project / "src" / "parts" / "__init__.py").write_text("raise RuntimeError('must never run')\n")
    (project / "conf" / "job.yaml").write_text("defaults:\n  - db: big\nhydra:\n  searchpath: [pkg://parts]\n")
    result = call(
        "compose", "job", "--config-dir", project / "conf", "--version-base", "1.3", "--python-path", project / "src"
    )
    assert (result.exit_code, result.stdout) == (0, "db:\n  size: 2\n"), result.stderr
    (project / "conf" / "job.yaml").write_text("defaults:\n  - more: x\nhydra:\n  searchpath: [file://extra]\n")
    result = call("compose", project / "conf" / "job", "--working-dir", project / "work")
    assert (result.exit_code, result.stdout) == (0, "more:\n  z: 1\n"), result.stderr


def test_the_graph_of_the_sample_job_has_its_twenty_includes() -> None:
    graph = data("graph", ROOT / JOB, "--format", "json")
    assert len(graph["edges"]) == 20
    assert len({(edge["from"], edge["to"]) for edge in graph["edges"]}) == 16
    assert {"from", "to", "package"} <= graph["edges"][0].keys()
    ids = {node["id"] for node in graph["nodes"]}
    assert {edge["from"] for edge in graph["edges"]} | {edge["to"] for edge in graph["edges"]} == ids
    assert all(Path(node["file"]).is_file() for node in graph["nodes"])
    assert graph["defaults"][-1].keys() == {"config_path", "package", "parent", "is_self"}
    assert graph["defaults"][-1]["is_self"] is True


def test_graphs_are_drawn_in_every_format(project: Path) -> None:
    job = project / "conf" / "job.yaml"
    assert '"job" -> "db/big" [label="db"];' in call("graph", job, "--format", "dot").stdout
    assert 'n0(["job<br/>job"])' in call("graph", job, "--format", "mermaid").stdout
    assert "└─ db/big" in call("graph", job).stdout
    assert r"db/big\nmerge " in call("graph", job, "--format", "dot", "--order").stdout
    assert "db/big  @ db  merge " in call("graph", job, "--order").stdout
    ops = data("graph", ROOT / JOB, "--ops", "--format", "json")
    assert [node["id"] for node in ops["nodes"]] == ["experiment", "train", "prediction", "analysis", "exptests"]
    assert ops["edges"][0] == {"from": "experiment", "to": "train"}
    assert '"experiment" -> "train";' in call("graph", ROOT / JOB, "--ops", "--format", "dot").stdout


def test_explain_says_who_set_a_value_and_whom_it_overrode(project: Path) -> None:
    job = project / "conf" / "job.yaml"
    (leaf,) = data("explain", job, "db.size", "db.size=7", "--format", "json")
    assert (leaf["key"], leaf["value"], leaf["file"], leaf["line"]) == ("db.size", 7, "", 1)
    shadow = leaf["shadows"][0]
    assert (shadow["file"], shadow["line"]) == (str(project / "conf" / "db" / "big.yaml"), 1)
    assert [one["key"] for one in data("explain", job, "--format", "json")] == ["db.size", "name", "names"]
    assert data("explain", "names[1]", job, "--format", "json")[0]["line"] == 5
    text = call("explain", job, "db.size", "db.size=7").stdout
    assert text.startswith("db.size = 7\n    from   override 1: db.size=7\n    over   ")
    assert "big.yaml:1  @ db  = 2" in text


def test_explain_of_a_mapping_says_who_made_it_before_its_values(project: Path) -> None:
    text = call("explain", project / "conf" / "job.yaml", "db", "+db.new.size=1").stdout
    assert text.startswith("db  a mapping\n    from   ")
    assert text.splitlines()[1].endswith("conf/job.yaml:2  @ db")
    text = call("explain", project / "conf" / "job.yaml", "db.new", "+db.new.size=1").stdout
    assert text.startswith("db.new  a mapping\n    from   override 1\ndb.new.size = 1\n")


def test_explain_masks_secrets(project: Path) -> None:
    (project / "conf" / "job.yaml").write_text("credentials:\n  key: hunter2\n")
    for format in ("text", "json"):
        result = call("explain", project / "conf" / "job.yaml", "--format", format)
        assert "credentials.key" in result.stdout
        assert "hunter2" not in result.stdout


def test_check_lists_every_problem_and_fails_on_errors(project: Path) -> None:
    job = project / "conf" / "job.yaml"
    job.write_text(
        "defaults:\n  - db: small\n  - _self_\na:\n  _target_: json.Thing\nb:\n  _target_: pathlib.PurePth\n"
    )
    problems = data("check", job, "--format", "json", status=2)
    assert {"severity", "code", "message", "file", "line", "key"} <= problems[0].keys()
    assert [(one["code"], one["line"]) for one in problems if one["severity"] == "error"] == [
        ("unset-env", 2),
        ("unknown-target", 5),
        ("unknown-target", 7),
    ]
    text = call("check", job).stdout
    assert "fix: b._target_=pathlib.PurePath" in text
    assert text.endswith("3 errors\n")
    job.write_text("a: 1\n")
    result = call("check", job)
    assert (result.exit_code, result.stdout) == (0, "no problems\n")


def test_export_writes_a_file_that_composes_to_the_same_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    choice = f"{TRAIN_PARAMS}=trainparams_smoke"
    words = ("export", ROOT / JOB, choice, "--to", "yaml", "-o", "deep/out.yaml")
    assert_one_line(call(*words), "deep/out.yaml", "there is no such folder to write into; make it first")
    assert not (tmp_path / "deep").exists()
    (tmp_path / "deep").mkdir()
    result = call(*words)
    assert result.exit_code == 0, result.stderr
    assert result.stdout.startswith("deep/out.yaml  digest ")
    assert call("compose", "deep/out.yaml").stdout == call("compose", ROOT / JOB, choice).stdout
    assert call("export", ROOT / JOB, choice, "--to", "overrides").stdout == f"{choice}\n"


@pytest.mark.parametrize("overrides", [(), ("globals.exp_name='a # b: c'", "+globals.tags=[a,'1']")])
def test_exported_overrides_are_taken_back_line_by_line(overrides: tuple[str, ...]) -> None:
    exported = call("export", ROOT / JOB, *overrides, "--to", "overrides").stdout
    assert exported == "".join(f"{one}\n" for one in overrides or ("# job_train_cls_binary.yaml has no overrides",))
    lines = exported.splitlines()
    assert call("compose", ROOT / JOB, "--", *lines).stdout == call("compose", ROOT / JOB, "--", *overrides).stdout
    assert call("explain", ROOT / JOB, "globals.exp_prefix", *lines).stdout.startswith("globals.exp_prefix = CLB\n")


def test_the_reference_of_ops_comes_in_every_format() -> None:
    reference = data("ops", "--format", "json")
    assert "job_train" in [job["name"] for job in reference["jobs"]]
    train = next(op for op in reference["ops"] if op["name"] == "train")
    assert {"name", "expects", "description", "default", "required", "example"} <= train["fields"][0].keys()
    assert "## train" in call("ops", "--format", "markdown").stdout
    assert "job_train_experiment --> job_train_train" in call("ops", "--format", "mermaid").stdout
    assert "ops.train.config" in call("ops").stdout


def alias_bomb() -> bytes:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    return "\n".join(lines).encode()


BAD: dict[str, tuple[bytes, tuple[str, ...], str, str]] = {
    # name: content of the job file, overrides, place the error names, words in it
    "invalid YAML": (b"a: 1\nb: [\n", (), "job.yaml:", ""),
    "tab": (b"a:\n\tb: 1\n", (), "job.yaml:2", ""),
    "binary": (b"\x00\x01\xff\xfe" * 99, (), "job.yaml", ""),
    "latin-1": (b"a: 1\nb: f\xfcr\n", (), "job.yaml:2", ""),
    "a list": (b"- 1\n", (), "job.yaml:1", "keys"),
    "50 MB": (b"a: 1\n" + b"# filler filler filler\n" * 2_300_000, (), "job.yaml", "MB"),
    "alias bomb": (alias_bomb(), (), "job.yaml", "alias"),
    "nested deeply": (b"a: " + b"[" * 5000 + b"]" * 5000, (), "job.yaml", ""),
    "duplicate key": (b"a: 1\na: 2\n", (), "job.yaml:2", "a"),
    "missing option": (b"defaults:\n  - db: nope\n", (), "job.yaml:2", "nope"),
    "missing choice": (b"defaults:\n  - db: ???\n", (), "job.yaml:2", "db"),
    "missing option by override": (b"defaults:\n  - db: big\n", ("db=nope",), "", "nope"),
    "circle": (b"defaults:\n  - round\n", (), "", "circle"),
    "unknown key": (b"a: 1\n", ("b=2",), "", "b"),
    "unknown group": (b"a: 1\n", ("grp/inner=2",), "", "grp"),
    "open bracket": (b"a: 1\n", ("a=[1",), "", "`a=[1` cannot be read: `[` and `]` do not pair up"),
    "open quote": (b"a: 1\n", ("a='b",), "", "a quote is not closed"),
    "unquoted": (b"a: 1\n", ("a=b=c=",), "", "put the value into quotes, as in a='b=c='"),
    "unknown function": (b"a: 1\n", ("a=f(x)",), "", "there is no function f"),
    "no override": (b"a: 1\n", ("a b",), "", "`a b` is no key; write KEY=VALUE"),
    "no value": (b"a: 1\n", ("a",), "", "write a=VALUE, or ~a to take it out"),
    "no key": (b"a: 1\n", ("=3",), "", "the override `=3` names no key"),
    "there already": (b"a: 1\n", ("+a=2",), "", "`a` is there already; to change it, write a=2"),
    "sweep": (b"a: 1\n", ("a=1,2",), "", "`run --multirun` starts them, as does the table of runs in the window; for"),
    "sweep by a function": (b"a: 1\n", ("a=choice(1,2)",), "", "as does the table of runs in the window"),
    "key of other letters": ("schlüssel: 1\n".encode(), ("schlüssel='x'",), "", "can name `schlüssel`: a key is names"),
    "key with a slash": (
        b"a: {b/c: 1}\n",
        ("~a.b/c",),
        "",
        "`a.b/c`, which has both `.` and `/`; change it in the file",
    ),
    "_self_ twice": (b"defaults:\n  - _self_\n  - db: big\n  - _self_\n", (), "job.yaml:4", "`_self_` stands in"),
    "entry of two keys": (b"defaults:\n  - _self_\n  - {db: big, a: b}\n", (), "job.yaml:3", "an entry of its own"),
    "group by force": (b"defaults:\n  - db: big\n", ("++db=big",), "", "no option of a group by `++`; write db=big"),
    "other group by force": (b"a: 1\n", ("++db=big",), "", "no option of a group by `++`; write +db=big"),
    "nothing of a group": (b"defaults:\n  - db: big\n", ("db=null",), "", "to choose nothing, write ~db"),
    "a number of a group": (b"defaults:\n  - db: big\n", ("db=3",), "", "the name of an option; write db='3'"),
}


def test_explain_names_the_line_of_an_item(project: Path) -> None:
    job = project / "conf" / "job.yaml"
    job.write_text("names:\n  - a\n  - b: ${width}\n    c: 2\nwidth: 3\nflow: [1, 2]\n")
    for key, value, resolved, line in (
        ("names[0]", "a", "a", 2),
        ("names[1]", {"b": "${width}", "c": 2}, {"b": 3, "c": 2}, 3),
        ("names[1].b", "${width}", 3, 3),
        ("names.1.c", 2, 2, 4),
        ("flow.1", 2, 2, 6),
    ):
        (leaf,) = data("explain", job, key, "--format", "json")
        written = re.sub(r"\.(\d+)", r"[\1]", key)
        assert (leaf["key"], leaf["value"], leaf["resolved"], leaf["line"]) == (written, value, resolved, line)
    (leaf,) = data("explain", job, "names.0", "names.0=x", "--format", "json")
    assert (leaf["value"], leaf["file"], leaf["text"]) == ("x", "", "names.0=x")


def test_explain_shows_keys_that_are_no_texts(tmp_path: Path) -> None:
    (tmp_path / "job.yaml").write_text("c: [{true: 4, 2: 5}]\n")
    assert 'c = [ { "true": 4, "2": 5 } ]' in call("explain", str(tmp_path / "job.yaml")).stdout


def test_explain_shows_the_line_breaks_of_a_text(project: Path) -> None:
    job = project / "conf" / "job.yaml"
    job.write_text("text: |\n  é\n   b\nspaced: 'a  b'\nmany: {a: [1, 2]}\n")
    for key, shown in (("text", r'"é\n b\n"'), ("spaced", "a  b"), ("many.a", "[ 1, 2 ]")):
        assert call("explain", job, key).stdout.splitlines()[0] == f"{key} = {shown}"


def test_a_job_file_says_why_it_cannot_hold_an_override(project: Path) -> None:
    job = project / "conf" / "job.yaml"
    job.write_text("defaults:\n  - _self_\n  - db: big\nname: one\n")
    refused = call("export", job, "name=two", "db.size=9", "--to", "job")
    assert_one_line(refused, "", "cannot hold db.size=9: conf/db/big.yaml:1 sets db.size and is merged after it")


def test_explain_tells_who_sets_what_is_hydras(project: Path) -> None:
    (leaf,) = data("explain", project / "conf" / "job", "hydra.run.dir", "hydra.run.dir=x", "--format", "json")
    assert (leaf["value"], leaf["text"]) == ("x", "hydra.run.dir=x")
    assert leaf["shadows"][0]["file"].endswith("hydra/conf/hydra/output/default.yaml")


@pytest.mark.parametrize("text", ["", "# nothing yet\n"])
def test_a_job_may_be_made_of_overrides_alone(text: str, project: Path) -> None:
    job = project / "conf" / "job.yaml"
    job.write_text(text)
    assert call("compose", job, "+a=1").stdout == "a: 1\n"
    assert "the job is empty" in call("check", job).stdout


@pytest.mark.parametrize("name", BAD)
@pytest.mark.parametrize("command", ["compose", "export"])
def test_bad_input_gives_one_clear_line(name: str, command: str, project: Path) -> None:
    content, overrides, place, words = BAD[name]
    job = project / "conf" / "job.yaml"
    job.write_bytes(content)
    (project / "conf" / "round.yaml").write_text("defaults:\n  - turn\n")
    (project / "conf" / "turn.yaml").write_text("defaults:\n  - round\n")
    assert_one_line(call(command, job, "--", *overrides), place, words)


@pytest.mark.parametrize(
    ("words", "place", "said"),
    [
        (("compose", "nowhere/at/all.yaml"), "nowhere/at/all.yaml", "no such folder as `nowhere`"),
        (("compose", "conf/job.yaml/x"), "conf/job.yaml/x", "job.yaml is a file, not a folder"),
        (
            ("compose", "conf/job", "--version-base", "9.9x"),
            "",
            "there is no version_base `9.9x`; Hydra has 1.1, 1.2, 1.3 and later, and null",
        ),
        (("compose", "conf/jop.yaml"), "conf/jop.yaml", "did you mean job.yaml"),
        (("compose", "conf"), "conf", "folder"),
        (("compose", "job", "--config-dir", "nowhere"), "nowhere", "--config-dir"),
        (("compose", "conf/job", "--working-dir", "nowhere"), "nowhere", "--working-dir"),
        (("explain", "conf/job", "nam"), "", "did you mean name"),
        (("explain", "conf/job", "one", "two"), "", "one key"),
        (("export", "conf/job", "--to", "toml"), "", "run-config"),
        (("graph", "conf/job", "--format", "svg"), "", "mermaid"),
        (("graph", "conf/job", "--ops"), "job.yaml", "job_train"),
        (("export", "conf/job", "-o", "conf/job.yaml/x"), "conf/job.yaml/x", "a file lies where a folder is needed"),
        (("export", "conf/job", "-o", "conf"), "conf", "this is a folder; name a file"),
        (("export", "conf/job", "-o", "/dev/full"), "/dev/full", "the disk is full; make room"),
        (("export", "conf/job", "-o", "/proc/x"), "/proc/x", "no file can be made there"),
    ],
)
def test_bad_words_give_one_clear_line(
    words: tuple[str, ...], place: str, said: str, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project)
    assert_one_line(call(*words), place, said)


@pytest.mark.parametrize(
    ("content", "code", "line"),
    [
        ("a: ${oc.env:NO_SUCH_NAME}\n", "unset-env", 1),
        ("b: 1\na: ???\n", "missing-value", 2),
        ("a:\n  _target_: collections.OrderedDit\n", "unknown-target", 2),
        ("a:\n  _target_: shutil.copyfile\n  source: x\n", "unexpected-argument", 3),
    ],
)
def test_what_only_a_check_can_see_has_file_line_and_key(content: str, code: str, line: int, project: Path) -> None:
    job = project / "conf" / "job.yaml"
    job.write_text(content)
    first = data("check", job, "--format", "json", status=2)[0]
    assert (first["severity"], first["code"], first["file"], first["line"]) == ("error", code, str(job), line)
    assert first["key"].startswith("a")


def assert_one_line(result: Result, place: str, words: str) -> None:
    assert result.exit_code == 2, (result.stdout[:500], result.stderr)
    assert result.stdout == ""
    (line,) = result.stderr.splitlines()
    assert line.startswith("error: ")
    assert "unexpected" not in line
    assert place in line
    assert words in line
    assert len(line) < 600
    assert not place or line.count(place) == 1


def test_details_are_shown_on_request(project: Path) -> None:
    (project / "conf" / "job.yaml").write_text("a: [\n")
    assert len(call("compose", project / "conf" / "job.yaml", "--verbose").stderr.splitlines()) > 1


def test_exit_status_and_what_the_commands_import(project: Path) -> None:
    program = (
        "import sys; from niceml_engine import cli\n"
        "light = sorted({'hydra', 'dagster', 'tensorflow', 'keras'} & set(sys.modules))\n"
        "sys.argv = ['niceml-engine', 'compose', sys.argv[1], 'b=1']\n"
        "try:\n    cli.main()\n"
        "finally:\n    print(light, sorted({'dagster', 'tensorflow', 'keras'} & set(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(project / "conf" / "job.yaml")], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (2, "[] []\n")
    assert done.stderr.startswith("error: ")
    assert len(done.stderr.splitlines()) == 1
