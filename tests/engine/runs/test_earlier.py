"""What has run before that is like a config."""

from pathlib import Path

import msgspec
import pytest

from niceml_engine.columns import gather
from niceml_engine.config.composed.difference import difference, resolved_side_of
from niceml_engine.events import Analysis, metrics
from niceml_engine.protocol.earlier import Difference, Earlier, Like, line
from niceml_engine.runs.earlier import look_back, references
from niceml_engine.runs.fold import fold, fold_rows
from niceml_engine.runs.folder import RunFolder, all_runs
from niceml_engine.runs.index import RunIndex
from niceml_engine.runs.past import run_side
from niceml_engine.runs.queue import end_unstarted
from niceml_engine.values import PROGRAM_JOB, Leaf, Origin, RunState, measured
from tests.engine.projects import GENERATION, TRAIN, compose, copy_project, enqueue_job

SEED, PADDING = "ops.data_generation.config.generator.seed", "ops.data_split.config.seed"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return copy_project(tmp_path)


def states(root: Path) -> dict[str, RunState]:
    return {run.id: run.state() for run in reversed(all_runs(root))}


def said(root: Path, job: str, *overrides: str) -> str:
    known = states(root)
    return line(back(root, job, *overrides), known)


def back(root: Path, job: str, *overrides: str) -> Earlier:
    composed = compose(root, job, *overrides)
    return look_back(RunIndex(root), states(root).values(), composed, composed.dagster_job)


def named(run: RunFolder, name: str) -> str:
    run.set_name(name)
    return run.id


def test_the_last_and_the_nearest_run_are_told_with_what_differs(project: Path) -> None:
    assert said(project, GENERATION) == ""
    near = named(enqueue_job(project, GENERATION, f"{SEED}=1"), "near")
    last = named(enqueue_job(project, GENERATION, f"{SEED}=2", f"{PADDING}=8"), "last")
    enqueue_job(project, TRAIN)
    found = back(project, GENERATION, f"{SEED}=3")
    assert found.last is not None
    assert found.nearest is not None
    assert (found.same, found.last.run, found.last.count, found.nearest.run) == ((), last, 2, near)
    assert said(project, GENERATION, f"{SEED}=3") == (
        "differs from the last run, last, in 2 values (generator.seed 2 → 3, config.seed 8 → 40); "
        "nearest is near, which differs in 1 value (seed 1 → 3)"
    )


def test_what_is_built_is_told_by_its_name_and_what_it_is_of() -> None:
    found = (
        Difference("ops.train.config.model._target_", "pack.models.Cnn", "pack.models.Mlp"),
        Difference("ops.train.config.optimizer._target_", "keras.Adam", "torch.Adam"),
    )
    told = line(Earlier(last=Like("r", 2, found)), {"r": RunState("r", "one", "failed", "a.yaml")})
    assert told.endswith("(model._target_ Cnn → Mlp, optimizer._target_ keras.Adam → torch.Adam)")


def test_the_very_same_config_is_told_with_its_result(project: Path) -> None:
    first, second = (enqueue_job(project, GENERATION, f"{SEED}=1") for _ in range(2))
    for run, f1 in ((first, 0.5), (second, 0.75)):
        ended = {"name": run.short_id, "status": "succeeded", "metrics": {"test.f1": f1}}
        run.write_final_state(msgspec.structs.replace(run.state(), **ended))
    found = f"this very config has run before, as {second.short_id}: succeeded, test.f1 0.75, and 1 time before"
    assert said(project, GENERATION, f"{SEED}=1") == found


def test_runs_of_another_job_or_program_are_neither_the_last_nor_the_nearest(project: Path) -> None:
    enqueue_job(project, GENERATION, f"{SEED}=1")
    enqueue_job(project, TRAIN)
    composed, states_of = compose(project, GENERATION, f"{SEED}=1"), states(project).values()
    assert back(project, GENERATION, f"{SEED}=2").nearest is not None
    assert look_back(RunIndex(project), states_of, composed, "job_data_split") == Earlier(composed.digest)
    own = [msgspec.structs.replace(one, dagster_job=PROGRAM_JOB, script="/p/train.py") for one in states_of]
    other = look_back(RunIndex(project), own, composed, PROGRAM_JOB, "/p/eval.py")
    same = look_back(RunIndex(project), own, composed, PROGRAM_JOB, "/p/train.py")
    assert other == Earlier(composed.digest)
    assert same.same == (own[-1].id,)


def test_a_run_that_was_stopped_in_the_queue_is_not_the_last_one(project: Path) -> None:
    first = enqueue_job(project, GENERATION, f"{SEED}=1")
    stopped = enqueue_job(project, GENERATION, f"{SEED}=2")
    stopped.ask_to_stop()
    end_unstarted(stopped)
    assert stopped.state().status == "stopped"
    found = back(project, GENERATION, f"{SEED}=2")
    assert found.last is not None
    assert (found.last.run, found.same) == (first.id, ())


def test_what_follows_from_another_difference_is_not_counted(project: Path) -> None:
    enqueue_job(project, TRAIN, "globals.exp_name=first", "ops.train.config.learning_rate=0.5")
    text = said(project, TRAIN, "globals.exp_name=second", "ops.train.config.learning_rate=0.25")
    assert "in 2 values (" in text
    assert "learning_rate 0.5 → 0.25" in text
    assert "exp_name first → second" in text


@pytest.mark.parametrize(
    ("value", "names"),
    [("${a.b}", ("a.b",)), ("${..b} ${.c}/x", ("x.b", "x.y.c")), ("${oc.env:A}", ()), ("${oc.env:A,${a}}", ("a",))],
)
def test_the_keys_that_a_leaf_refers_to(value: str, names: tuple[str, ...]) -> None:
    assert references(Leaf("x.y.z", value, Origin("n"))) == names


def test_another_value_of_the_environment_is_another_run(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRAINING_EPOCHS", "3")
    run = enqueue_job(project, TRAIN)
    assert run.spec().leaves["ops.train.config.train_params.epochs"] == 3
    monkeypatch.setenv("TRAINING_EPOCHS", "4")
    assert compose(project, TRAIN).digest == run.spec().digest
    assert "in 1 value (epochs 3 → 4)" in said(project, TRAIN)
    monkeypatch.setenv("TRAINING_EPOCHS", "3")
    assert said(project, TRAIN).startswith("this very config has run before")


def test_a_difference_is_counted_as_where_configs_are_compared(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was renamed is one difference, each item of a list its own, and what the environment gave is one, too."""
    monkeypatch.setenv("TRAINING_EPOCHS", "3")
    new = ("+some={rate: 5}", "+parts=[{name: a, x: 1}, {name: b, x: 1}]")
    run = enqueue_job(project, TRAIN, *new)
    monkeypatch.setenv("TRAINING_EPOCHS", "4")
    now = compose(project, TRAIN, "+other={rate: 5}", "+parts=[{name: a, x: 2}, {name: b, x: 2}]")
    changes = difference(run_side(run), resolved_side_of(now))
    assert {one.key for one in changes if not one.outside} == {"other.rate", "parts[0].x", "parts[1].x"}
    (outside,) = (one for one in changes if one.outside)
    assert (outside.key, outside.before, outside.after) == ("ops.train.config.train_params.epochs", 3, 4)
    found = look_back(RunIndex(project), states(project).values(), now, now.dagster_job)
    assert found.last is not None
    assert found.nearest is not None
    assert (found.last.count, found.nearest.count) == (len(changes), len(changes)) == (4, 4)
    same = compose(project, TRAIN, *new, "ops.train.config.train_params.epochs=3")
    assert difference(run_side(run), resolved_side_of(same)) == (), "the override sets what the environment gave"


def test_values_are_told_not_what_they_are_computed_from(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRAINING_EPOCHS", "7")
    enqueue_job(project, TRAIN, "ops.train.config.train_params.epochs=3")
    assert "in 1 value (epochs 3 → 7)" in said(project, TRAIN)


def test_what_a_run_keeps_of_its_config_holds_no_secret(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hush-hush")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "mine-alone")
    run = enqueue_job(project, TRAIN)
    RunIndex(project).leaves()
    kept = [file.read_bytes() for file in (run.path / "spec.json", project / ".niceml" / "runs.index")]
    assert not any(secret in data for data in kept for secret in (b"hush-hush", b"mine-alone"))
    assert run.spec().leaves


def test_the_best_epoch_is_known_without_reading_a_run_anew() -> None:
    rows = [metrics("epoch", step, step, {"loss": loss}) for step, loss in ((1, 0.9), (2, 0.2), (3, float("nan")))]
    rows = [metrics("batch", 0, 1, {"loss": -5.0}), *rows]
    for state in (
        fold(RunState("r", "r", "running", ""), rows),
        fold_rows(RunState("r", "r", "running", ""), gather(rows)),
    ):
        assert (state.lows, state.highs) == ({"loss": 0.2}, {"loss": 0.9})
        assert state.metrics["loss"] is None
        assert measured(state, "loss") != measured(state, "loss")  # no number equals itself but this one
    better = fold(state, [metrics("epoch", 4, 4, {"loss": 0.1}), Analysis(subset="test", metrics={"mine": None})])
    assert (measured(better, "loss"), measured(better, "test.mine"), measured(better, "nope")) == (0.1, None, None)
    worse = fold(better, [Analysis(subset="test", metrics={"mine": None}, nonfinite={"mine": "-inf"})])
    assert measured(worse, "test.mine") == float("-inf")
