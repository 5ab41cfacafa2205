"""What a person sees of a composed config, and of one that Hydra refuses."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hydra import version
from hydra._internal import defaults_list
from omegaconf import OmegaConf

from niceml_engine.config.compose import Composer
from niceml_engine.config.projects.project import Setting
from niceml_engine.errors import ConfigError
from niceml_engine.values import Choice, Composed, Leaf, Problem, Selection
from tests.engine.config.reference import FEATURES, write

REPOSITORY = Path(__file__).parents[3]
SAMPLE = REPOSITORY / "configs/jobs/job_train/job_train_cls/job_train_cls_binary.yaml"
MASK = "••••••"


def compose(root: Path, files: dict[str, str], *overrides: str, job: str = "job.yaml") -> Composed:
    write(root, files)
    return Composer(Setting(root)).compose(Selection(str(root / job), overrides))


def refused(root: Path, files: dict[str, str], *overrides: str, job: str = "job.yaml") -> Problem:
    error = compose(root, files, *overrides, job=job).error
    assert error is not None
    return error


def leaf(composed: Composed, key: str) -> Leaf:
    return next(leaf for leaf in composed.leaves if leaf.key == key)


def choice(composed: Composed, key: str) -> Choice:
    return next(choice for choice in composed.choices if choice.key == key)


@pytest.fixture(scope="module")
def sample() -> Composed:
    return Composer(Setting(REPOSITORY)).compose(Selection(str(SAMPLE)))


def test_the_sample_job_has_twenty_includes(sample: Composed) -> None:
    assert len(sample.edges) == 20
    assert len({(edge.source, edge.target) for edge in sample.edges}) == 16
    assert sample.nodes[0].id == "jobs/job_train/job_train_cls/job_train_cls_binary"
    assert sample.dagster_job == "job_train"
    for edge in sample.edges:
        file = next(node.file for node in sample.nodes if node.id == edge.source)
        entry = Path(file).read_text(encoding="utf-8").split("\n")[edge.line - 1]
        assert edge.target.rpartition("/")[2] in entry


def test_every_choice_of_the_sample_job_can_be_made_by_its_key(sample: Composed) -> None:
    assert len(sample.choices) >= 18
    composer = Composer(Setting(REPOSITORY))
    for offered in sample.choices:
        selection = Selection(str(SAMPLE), tuple(f"{offered.key}={option}" for option in offered.chosen))
        composed = composer.compose(selection)
        assert composed.error is None
        assert composed.digest == sample.digest
        assert choice(composed, offered.key).changed


def test_each_line_of_the_text_knows_its_key(sample: Composed) -> None:
    lines = sample.yaml.splitlines()
    for leaf in sample.leaves:
        line = lines[sample.lines.index(leaf.key)]
        assert line.strip().startswith(leaf.key.rpartition(".")[2] + ":")
    assert OmegaConf.create(sample.yaml) == Composer(Setting(REPOSITORY)).config(Selection(str(SAMPLE)))


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    write(tmp_path, {"job.yaml": "defaults:\n  - db: a\n  - _self_\n", "db/a.yaml": "x: 1\n"})
    composer, selection = Composer(Setting(tmp_path)), Selection(str(tmp_path / "job.yaml"))
    first = composer.compose(selection)
    assert composer.compose(selection).yaml == first.yaml
    write(tmp_path, {"db/a.yaml": "x: 22\n", "db/b.yaml": "x: 3\n"})
    second = composer.compose(selection)
    assert leaf(second, "db.x").value == 22
    assert choice(second, "db").options == ("a", "b")
    (tmp_path / "db/a.yaml").unlink()
    gone = composer.compose(selection)
    assert gone.error is not None
    assert "db/a" in gone.error.message


def test_a_changed_environment_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, {"job.yaml": "a: ${oc.env:NICEML_TEST_VALUE}\n"})
    composer, selection = Composer(Setting(tmp_path)), Selection(str(tmp_path / "job.yaml"))
    unset = composer.compose(selection)
    assert [(p.code, p.severity, p.key, p.line) for p in unset.problems] == [("unset-env", "error", "a", 1)]
    assert leaf(unset, "a").resolved == "${oc.env:NICEML_TEST_VALUE}"
    monkeypatch.setenv("NICEML_TEST_VALUE", "x")
    assert leaf(composer.compose(selection), "a").resolved == "x"


def test_one_leaf_that_cannot_be_resolved_stops_no_other(tmp_path: Path) -> None:
    text = (
        "a: ${nope}\nb: ${c}\nc: 1\nd: ${my.own:1}\ne: ???\nf: [1, '${nope}', '${c}']\ng: ${g}\nh: ${hydra:job.name}\n"
    )
    composed = compose(tmp_path, {"job.yaml": text})
    assert composed.error is None
    reasons = {problem.key: (problem.code, problem.severity) for problem in composed.problems}
    assert reasons == {
        "a": ("interpolation", "error"),
        "d": ("unknown-resolver", "info"),
        "e": ("missing-value", "error"),
        "f[1]": ("interpolation", "error"),
        "g": ("interpolation", "error"),
        "h": ("hydra-only", "info"),
    }
    assert leaf(composed, "b").resolved == 1
    assert leaf(composed, "f").resolved == [1, "${nope}", 1]
    assert "`nope`" in leaf(composed, "a").reason


def test_what_a_secret_variable_holds_is_masked_under_any_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DB_PASSWORD", "hunter22")
    monkeypatch.setenv("CI_PAT", "abc")
    monkeypatch.setenv("PLAIN", "seen")
    job = tmp_path / "job.yaml"
    job.write_text(
        "login: ${oc.env:DB_PASSWORD}\nshort: ${oc.env:CI_PAT,none}\nurl: db://me:${oc.env:DB_PASSWORD}@host\n"
        "urls: ['${url}', x]\nagain: ${login}\nplain: ${oc.env:PLAIN}\n"
    )
    composed = Composer(Setting(tmp_path)).compose(Selection(str(job)))
    resolved = {one.key: one.resolved for one in composed.leaves}
    assert resolved == {
        "login": MASK,
        "short": MASK,
        "url": f"db://me:{MASK}@host",
        "urls": [f"db://me:{MASK}@host", "x"],
        "again": MASK,
        "plain": "seen",
    }
    assert leaf(composed, "url").origin.text == "db://me:${oc.env:DB_PASSWORD}@host"
    assert "hunter22" not in composed.resolved_yaml


def test_secrets_are_masked_wherever_they_would_show(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NICEML_TEST_SECRET", "hunter22")
    composed = compose(
        tmp_path,
        {
            "job.yaml": """\
credentials:
  key: ${oc.env:NICEML_TEST_SECRET}
  endpoint: ${oc.env:NICEML_TEST_UNSET,null}
  other: ${oc.env:NICEML_TEST_UNSET}
url: s3://${credentials.key}@host
copy: ${credentials}
api_key: plain-text
max_tokens: 3
"""
        },
        "api_key=typed-text",
    )
    shown = composed.resolved_yaml + repr([(leaf.resolved, leaf.origin, leaf.shadows) for leaf in composed.leaves])
    for secret in ("hunter22", "plain-text", "typed-text"):
        assert secret not in shown
    assert leaf(composed, "credentials.key").secret
    assert leaf(composed, "credentials.key").resolved == MASK
    assert leaf(composed, "credentials.key").value == "${oc.env:NICEML_TEST_SECRET}"
    assert leaf(composed, "credentials.endpoint").resolved is None
    assert leaf(composed, "credentials.other").resolved == "${oc.env:NICEML_TEST_UNSET}"
    assert leaf(composed, "url").resolved == f"s3://{MASK}@host"
    assert leaf(composed, "api_key").origin.text == f"api_key={MASK}"
    assert leaf(composed, "max_tokens").resolved == 3


def test_choices_say_where_they_are_and_what_they_are(tmp_path: Path) -> None:
    composed = compose(tmp_path, FEATURES, "lst=[l3]", "+abs/x@p=one", job="conf/all.yaml")
    assert choice(composed, "db").chosen == ("mysql",)
    assert choice(composed, "opt").chosen == ()
    assert choice(composed, "nope").optional
    assert choice(composed, "lst").is_list
    assert choice(composed, "lst").chosen == ("l3",)
    assert choice(composed, "lst").changed
    assert choice(composed, "+abs/x@p").changed
    assert choice(composed, "abs/x@deep.pkg").line == 3
    assert choice(composed, "nest/inner@here.inner").node == "nest/n1"
    assert [edge.target for edge in composed.edges if edge.target.startswith("lst/")] == ["lst/l3"]


def test_a_choice_that_overrides_cannot_write_has_no_key(tmp_path: Path) -> None:
    files = {"conf/job.yaml": "defaults:\n  - ../db@x: a\n", "db/a.yaml": "v: 1\n"}
    composed = compose(tmp_path, files, job="conf/job.yaml")
    assert composed.error is None
    assert [offered.key for offered in composed.choices] == [""]
    assert composed.choices[0].options == ("a",)


def test_all_missing_choices_are_told_at_once(tmp_path: Path) -> None:
    composed = compose(tmp_path, FEATURES, job="conf/missing.yaml")
    assert composed.error is not None
    assert (composed.error.code, composed.error.line, composed.error.key) == ("missing-choice", 3, "db")
    assert "mysql, pg" in composed.error.message
    assert [problem.key for problem in composed.problems] == ["db", "abs/x"]
    assert [(offered.key, offered.missing) for offered in composed.choices] == [("db", True), ("abs/x", True)]
    mended = compose(tmp_path, {}, "db=pg", "abs/x=one", job="conf/missing.yaml")
    assert [(problem.code, problem.key) for problem in mended.problems] == [("missing-value", "q")]


def test_an_option_that_does_not_exist_is_named_with_its_line_and_a_likely_one(tmp_path: Path) -> None:
    composed = compose(tmp_path, FEATURES, job="conf/unknown_option.yaml")
    assert composed.error is not None
    assert composed.error.file == str(tmp_path / "conf/unknown_option.yaml")
    assert (composed.error.line, composed.error.key, composed.error.fix) == (2, "db", "db=mysql")
    assert [(node.id, node.missing) for node in composed.nodes] == [("unknown_option", False), ("db/mysqll", True)]
    assert choice(composed, "db").options == ("mysql", "pg")


def test_a_circle_of_defaults_is_told_with_its_chain(tmp_path: Path) -> None:
    files = {
        "job.yaml": "defaults:\n  - c: one\n",
        "c/one.yaml": "defaults:\n  - two\n",
        "c/two.yaml": "defaults:\n  - /c: one\n",
    }
    composed = compose(tmp_path, files)
    assert composed.error is not None
    assert composed.error.code == "circle"
    assert "c/one → c/two → c/one" in composed.error.message or "c/two → c/one → c/two" in composed.error.message
    assert composed.error.file.startswith(str(tmp_path / "c"))
    assert composed.error.line == 2
    assert {(edge.source, edge.target) for edge in composed.edges} == {
        ("job", "c/one"),
        ("c/one", "c/two"),
        ("c/two", "c/one"),
    }


def test_an_unknown_key_is_told_with_similar_ones(tmp_path: Path) -> None:
    files = {"job.yaml": "train:\n  epochs: 1\n  learning_rate: 2\n"}
    error = refused(tmp_path, files, "train.learning_rat=3")
    assert (error.code, error.key, error.fix) == ("unknown-key", "train.learning_rat", "train.learning_rate=3")
    assert refused(tmp_path, files, "epochs=3").fix == "train.epochs=3"
    assert "+other=3" in refused(tmp_path, files, "other=3").message


@pytest.mark.parametrize(
    ("text", "code", "line", "words"),
    [
        ("a: [1\nb: 2\n", "file", 2, "invalid YAML"),
        ("a: 1\na: 2\n", "file", 2, "`a` stands twice"),
        ("a: 1\nb\n\n", "file", 2, "a key without `:`"),
        ("b # x\na: 1\n", "file", 1, "a key without `:`"),
        ("# x\nb\n\n# y\na: 1\n", "file", 2, "a key without `:`"),
        ("# x\ndefaults\n  - db: a\n", "file", 2, "a key without `:`"),
        ("a:\n  b\n  c: 1\n", "file", 2, "a key without `:`"),
        ("a: some\n  text\n  see: there\n", "file", 3, "into quotes"),
        ("  a: 1\nb: 2\n", "file", 2, "mend its indentation"),
        ("{a: 1}\nb: 2\n", "file", 2, "closes the whole config"),
        ("a: 1\n...\nb: 2\n", "file", 3, "take out the `...`"),
        ("%YAML 1.2\na: 1\n", "file", 2, "`%` line above"),
        ("a: 'x\nb: 1\n\n", "file", 1, "a quote is not closed"),
        ("a: 1\nb: ${c\n", "file", 2, "interpolation"),
        ("- 1\n", "composition", 1, "its content must be keys"),
        ("a: &a [*a]\n", "file", 1, "alias contains itself"),
        ("defaults: 3\n", "composition", 1, "defaults must be a list"),
        ("hydra:\n  nope: 1\n", "composition", 2, "nope"),
        ("defaults:\n  - override hydra/launcher: joblib\n", "missing-plugin", 2, "hydra-joblib-launcher"),
        ("x: " + "[" * 5000 + "\n", "file", 1, "nested deeper"),
    ],
)
def test_a_broken_job_file_is_told_with_its_line(tmp_path: Path, text: str, code: str, line: int, words: str) -> None:
    error = refused(tmp_path, {"job.yaml": text})
    assert (error.code, error.line, error.file) == (code, line, str(tmp_path / "job.yaml"))
    assert words in error.message


def test_a_job_with_a_broken_value_still_shows_its_includes_and_choices(tmp_path: Path) -> None:
    files = {"job.yaml": "defaults:\n  - db: a\n  - _self_\nk: ${x\n", "db/a.yaml": "x: 1\n"}
    composed = compose(tmp_path, files)
    assert composed.error is not None
    assert (composed.error.line, composed.error.key) == (4, "k")
    assert [edge.target for edge in composed.edges] == ["db/a"]
    assert choice(composed, "db").chosen == ("a",)
    mended = compose(tmp_path, {"job.yaml": files["job.yaml"].replace("${x", "${db.x}")})
    assert leaf(mended, "k").resolved == 1


def test_lists_and_mappings_that_meet_are_told_with_file_line_and_key(tmp_path: Path) -> None:
    error = refused(tmp_path, FEATURES, job="conf/list_on_mapping.yaml")
    assert (Path(error.file).name, error.line, error.key) == ("list_on_mapping.yaml", 4, "db")


def test_hostile_files_are_refused_at_once(tmp_path: Path) -> None:
    bomb = "a: &a [x, x, x, x, x, x, x, x, x]\n"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True):
        bomb += f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n"
    assert "aliases multiply" in refused(tmp_path, {"job.yaml": bomb}).message
    (tmp_path / "job.yaml").write_bytes(b"a: 1\n" * 4_000_000)
    assert "16 MB" in refused(tmp_path, {}).message
    (tmp_path / "job.yaml").write_bytes(bytes(range(256)))
    assert "binary" in refused(tmp_path, {}).message
    (tmp_path / "job.yaml").write_bytes(b"a: \xff\xfe\n")
    assert "UTF-8" in refused(tmp_path, {}).message


def test_an_empty_job_composes_to_nothing_and_says_so(tmp_path: Path) -> None:
    composed = compose(tmp_path, {"job.yaml": ""})
    assert composed.error is None
    assert composed.yaml == "{}\n"
    assert [problem.code for problem in composed.problems] == ["empty-job"]


def test_a_job_file_that_is_gone_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="does not exist"):
        Composer(Setting(tmp_path)).compose(Selection(str(tmp_path / "job.yaml")))


def test_hydras_warnings_are_shown(tmp_path: Path) -> None:
    composed = compose(tmp_path, {"job.yaml": "defaults:\n  - db: a\nk: 1\n", "db/a.yaml": "x: 1\n"})
    assert [(problem.severity, problem.code) for problem in composed.problems] == [("warning", "hydra")]
    assert "_self_" in composed.problems[0].message
    again = compose(tmp_path, {}, "k=2")
    assert again.problems[0].message == composed.problems[0].message


def test_the_digest_is_that_of_the_unresolved_data(tmp_path: Path) -> None:
    composed = compose(tmp_path, {"job.yaml": "a: ${b}\nb: 1\n", "same.yaml": "b: 1\na: ${b}\n"})
    assert compose(tmp_path, {}, job="same.yaml").digest == composed.digest
    assert compose(tmp_path, {}, "b=2").digest != composed.digest


def test_two_projects_composed_at_once_do_not_mix(tmp_path: Path) -> None:
    """What is set in Hydra for a composition is set for the whole process."""
    made, before = defaults_list._create_interpolation_map, version.VersionBase.instance().version_base
    interval = sys.getswitchinterval()

    def compose(version_base: str) -> list[str]:
        files = {"job.yaml": "defaults:\n  - a: x\n", "a/x.yaml": "k: 1\n", "a/y.yaml": "k: 2\n"}
        root = write(tmp_path / version_base, files)
        composer = Composer(Setting(root, version_base=version_base))
        selections = [Selection(str(root / "job.yaml"), (f"+m={i}", f"a={'xy'[i % 2]}")) for i in range(100)]
        return [composer.compose(selection).yaml for selection in selections]

    try:
        sys.setswitchinterval(1e-6)
        with ThreadPoolExecutor(2) as pool:
            results = list(pool.map(compose, ("1.1", "1.3")))
    finally:
        sys.setswitchinterval(interval)
    assert results == [[f"a:\n  k: {1 + i % 2}\nm: {i}\n" for i in range(100)]] * 2
    assert version.VersionBase.instance().version_base == before
    assert defaults_list._create_interpolation_map is made


def test_a_choice_of_nothing_is_told_by_its_file_whatever_was_chosen(tmp_path: Path) -> None:
    write(tmp_path, {"a/x.yaml": "v: 1\n", "b/y.yaml": "w: 1\n", "job.yaml": "defaults:\n  - a: null\n  - b: y\n"})
    composer, job = Composer(Setting(tmp_path)), str(tmp_path / "job.yaml")
    for overrides, chosen in (((), [(), ("y",)]), (("a=x", "~b"), [("x",), ()])):
        composed = composer.compose(Selection(job, overrides))
        assert composed.error is None
        assert [one.chosen for one in composed.choices] == chosen
        assert [one.nothing for one in composed.choices] == [True, False]


@pytest.mark.parametrize("keyword", ["optional", "override"])
def test_a_keyword_before_a_config_without_a_group_is_told(tmp_path: Path, keyword: str) -> None:
    error = refused(tmp_path, {"job.yaml": f"defaults:\n  - {keyword} more\n", "more.yaml": "a: 1\n"})
    said = f"there is no config `{keyword} more`; `{keyword}` goes before a group, as in {keyword} GROUP: OPTION"
    assert (error.message, error.line) == (said, 2)


@pytest.mark.parametrize("base", ["1.1", "1.3"])
def test_an_optional_include_that_is_not_there_has_the_package_that_it_would_have(tmp_path: Path, base: str) -> None:
    entries = [
        "m@_group_.more: a",
        "m@_group_.each: [a, b]",
        "m/n@_here_: a",
        "m@_group_.of: ${db}",
    ]
    lines = "".join(f"  - optional {entry}\n" for entry in entries)
    files = {"job.yaml": f"defaults:\n  - db: a\n{lines}", "db/a.yaml": f"defaults:\n{lines}"}

    def packages() -> list[tuple[str, int, str, str]]:
        composed = Composer(Setting(tmp_path, version_base=base)).compose(Selection(str(tmp_path / "job.yaml")))
        assert composed.error is None
        return sorted((edge.source, edge.line, edge.target, edge.package) for edge in composed.edges)

    write(tmp_path, files)
    absent = packages()
    write(tmp_path, {f"{target}.yaml": "v: 1\n" for _, _, target, _ in absent if target != "db/a"})
    assert packages() == absent
    assert ("db/a", 2, "db/m/a", "db.m.more") in absent
