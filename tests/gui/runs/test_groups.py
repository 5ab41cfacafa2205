"""The runs of one sweep are seen to belong together."""

import msgspec
import pytest
from PySide6.QtCore import QPoint, QRect, QSize, Qt

from niceml_engine.query.grammar import parse
from niceml_engine.query.subjects import RunSubject
from niceml_engine.values import Continuation, RunState
from niceml_gui import words
from niceml_gui.workspaces.runs.listing.delegate import LEFT
from niceml_gui.workspaces.runs.listing.lines import (
    overrides_line,
    program_line,
    second_line,
    sweep_line,
    swept_line,
    tag_line,
)
from niceml_gui.workspaces.runs.listing.rows import One, Sweep, rows

RUN = RunState("r1", "first", "queued", "/job.yaml", overrides=("a.rate=0.1", "a.epochs=5"), group="rate k3x9")


def test_what_tells_the_runs_of_a_sweep_apart():
    run = msgspec.structs.replace(RUN, name="CLB-x", experiment="/e/CLB-x")
    assert words.swept(run) == "rate=0.1"
    stamped = msgspec.structs.replace(RUN, name="CLB-20261128T085538-id_atu2", id="20261128T085538587-atu2")
    assert words.swept(stamped) == "rate=0.1"  # its experiment may be gone
    assert words.subtitle(run, 0.0) == "waits for its turn"


def test_a_run_of_a_sweep_goes_by_the_name_that_a_person_gave_it():
    assert words.swept(RUN) == "first"
    assert words.subtitle(RUN, 0.0) == "rate=0.1 epochs=5"


def test_a_run_of_a_sweep_that_waits_is_read_aloud_by_its_values(workspace, tell):
    tell(msgspec.structs.replace(RUN, name="", id="20261128T085538587-atu2"))
    model = workspace.runs.model
    model.reveal("20261128T085538587-atu2")
    index = model.index(model.row_of("20261128T085538587-atu2"))
    assert index.data(Qt.ItemDataRole.AccessibleTextRole) == "rate=0.1, queued, waits for its turn"


def test_a_queued_run_of_its_own_names_its_overrides():
    assert words.subtitle(msgspec.structs.replace(RUN, group=""), 0.0) == "rate=0.1 epochs=5"


def test_what_tells_waiting_runs_apart_stands_first_and_is_whole(streams):
    op = "ops/train@ops.train.config=op_train_slow"
    names = ("night3", "night4", "night5")
    runs = [
        streams.state(name, "queued", name="", rank=n, overrides=(op, "x.seed=1", f"globals.exp_name={name}"))
        for n, name in enumerate(names)
    ]
    told = [row.given for row in rows(runs, bool, ()) if isinstance(row, One)]
    assert told == [(f"exp_name={name}", "train=op_train_slow", "seed=1") for name in names]
    assert overrides_line(told[0], within(99)) == "exp_name=night3 train=op_train_slow seed=1"
    assert overrides_line(told[0], within(40)) == "exp_name=night3 train=op_train_slow +1"
    assert overrides_line(told[0], within(20)) == "exp_name=night3 +2"
    assert overrides_line(told[0], within(12)) == "night3"
    assert [row.given for row in rows(runs[:1], bool, ()) if isinstance(row, One)] == [
        ("train=op_train_slow", "seed=1", "exp_name=night3")
    ]


def test_the_filter_finds_all_runs_of_a_sweep():
    assert parse("k3x9").holds(RunSubject(RUN))


def within(letters):
    return lambda text: len(text) <= letters


def test_in_little_room_the_keys_of_a_sweep_lose_words_and_give_way_to_its_values():
    text = "learning_rate=0.001 batch_size=8"
    assert swept_line(text, within(32)) == text
    assert swept_line(text, within(31)) == "rate=0.001 batch_size=8"
    assert swept_line(text, within(22)) == "rate=0.001 size=8"
    assert swept_line(text, within(16)) == "0.001 8"
    assert swept_line("batch_size_train=8 step_size_train=16", within(25)) == "train=8 size_train=16", (
        "no two are alike"
    )
    assert swept_line("model._target_=a.Net", within(16)) == "a.Net", "a target alone says nothing"
    assert swept_line(text, within(23), longest=33) == "rate=0.001 size=8", "as the others are that are longer"
    assert swept_line("layers=[1, 2]", within(8)) == "[1, 2]"
    assert swept_line("my best", within(3)) == "my best"


def test_in_little_room_a_program_is_told_by_what_it_was_started_with():
    text = "train.py epochs=30 lr=0.1 nan_at=1"
    assert program_line(text, within(34)) == text
    assert program_line(text, within(33)) == "epochs=30 lr=0.1 nan_at=1"
    assert program_line(text, within(12)) == "30 0.1 1"
    assert program_line("train.py", within(3)) == "train.py"


def test_in_little_room_keys_of_a_sweep_lose_words_and_those_without_room_are_counted():
    text = "learning_rate, batch_size, units"
    assert sweep_line(text, within(40)) == text
    assert sweep_line(text, within(24)) == "rate, batch_size, units"
    assert sweep_line(text, within(20)) == "rate, size, units"
    assert sweep_line(text, within(15)) == "rate, size +1"
    assert sweep_line(text, within(3)) == "rate +2"


def test_below_its_sweep_a_run_is_told_by_what_differs_there(streams):
    given = [(f"a.rate={rate}", f"ops/train@ops.train.config={op}") for rate in (0.1, 0.2) for op in ("slow", "fast")]
    runs = [streams.state(f"r{n}", "queued", group="rate, train k3x9", overrides=own) for n, own in enumerate(given)]

    def told(states):
        return [words.told(row.state, row.shared) for row in rows(states, bool, {"rate, train k3x9"})[2:]]

    assert told(runs) == ["rate=0.1 train=slow", "rate=0.1 train=fast", "rate=0.2 train=slow", "rate=0.2 train=fast"]
    assert told(runs[:2]) == ["train=slow", "train=fast"]
    assert told(runs[:1]) == ["rate=0.1 train=slow"]


def test_in_little_room_it_is_counted_how_many_more_tags_there_are():
    tags = ("night", "base", "paper")
    assert tag_line(tags, within(40)) == "#night #base #paper"
    assert tag_line(tags, within(16)) == "#night #base +1"
    assert tag_line(tags, within(9)) == "#night +2"
    assert tag_line(tags, within(4)) == "#…"
    assert tag_line((), within(9)) == ""


def test_a_run_of_a_program_is_told_by_what_it_was_started_with_before_and_after_it_ended():
    run = RunState(
        "r1-vvfs", "train.py vvfs", "queued", "/c.yaml", script="/p/train.py", overrides=("a.epochs=2", "lr=1")
    )
    ended = msgspec.structs.replace(run, status="succeeded", created=1.0, started=1.0, ended=3.0)
    assert [words.told(one) for one in (run, ended)] == ["train.py epochs=2 lr=1"] * 2
    assert words.subtitle(run, 0.0) == "waits for its turn"
    assert words.told(msgspec.structs.replace(ended, name="my best")) == "my best"
    assert words.told(msgspec.structs.replace(ended, overrides=())) == "train.py vvfs"


def test_the_second_line_says_the_state_where_it_has_room_and_never_twice():
    assert second_line("succeeded", "f1 0.985 · 37 s", within(40)) == "succeeded · f1 0.985 · 37 s"
    assert second_line("succeeded", "f1 0.985 · 37 s", within(25)) == "f1 0.985 · 37 s", "its mark says how it ended"
    assert second_line("succeeded", "f1 0.985 · 37 s", within(19)) == "f1 0.985 · 37 s"
    assert second_line("stopped", "stopped before it started", within(99)) == "stopped before it started"
    assert second_line("stopped", "stopped before it started", within(12)) == "stopped"
    assert second_line("failed at train", "", within(15)) == "failed at train"
    assert second_line("failed at train", "", within(9)) == "failed"
    assert second_line("succeeded", "f1 0.985 · 37 s", within(12)) == "f1 0.985", "no number is cut off"
    stopped = RunState("r1", "first", "stopped", "/job.yaml", created=9.0, started=9.0, ended=21.0, message="stopped")
    assert words.subtitle(stopped, 30.0) == "12 s"
    forced = msgspec.structs.replace(stopped, message="stopped; its processes were ended")
    assert words.subtitle(forced, 30.0) == "its processes were ended"


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        ("train: configs/ops/a.yaml:8: ops.train.config.rate: the loss became nan", "the loss became nan"),
        ("train: my configs/a.yaml:8: ValueError: a: b", "ValueError: a: b"),
        ("train: override ops.train.config.rate=3: no", "no"),
        ("train: ValueError: no space for the moon", "ValueError: no space for the moon"),
        ("train: data/8.png: it is not there", "data/8.png: it is not there"),
        ("the worker was killed by SIGKILL", "the worker was killed by SIGKILL"),
        ("", "12 s"),
    ],
)
def test_the_row_of_a_failed_run_begins_with_what_went_wrong(message, shown):
    ended = {"created": 9.0, "started": 9.0, "ended": 21.0}
    run = RunState("r1", "first", "failed", "/job.yaml", op="train", message=message, **ended)
    assert words.subtitle(run, 30.0) == shown


def test_the_headline_is_of_the_subset_that_the_page_shows_and_is_named_where_there_is_room(workspace, tell, streams):
    metrics = {"val_loss": 0.2, "loss": 0.1, "train_eval.f1": 0.9, "test.f1": 0.667, "validation.f1": 0.75}
    tell(streams.state("r1", "succeeded", metrics=metrics, message="test.f1 0.667"))
    state = workspace.state
    assert state.headline == "validation.f1"
    assert words.subtitle(state, 0.0) == "val f1 0.750 · 1 min 00 s"
    index = workspace.runs.model.index(workspace.runs.model.row_of("r1"))
    for role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
        assert "f1 0.750 of validation" in index.data(role)
        assert "0.667" not in index.data(role)
    plain = msgspec.structs.replace(state, metrics={"loss": 0.1, "val_loss": None})
    assert words.headline(plain, fully=True) == "loss 0.100"


def test_a_name_has_the_whole_line_whatever_the_state_is(workspace, tell):
    def row(status):
        tell(msgspec.structs.replace(run, status=status))
        view = workspace.runs.view
        area = view.visualRect(workspace.runs.model.index(workspace.runs.model.row_of("r1")))
        image = view.viewport().grab(area).toImage()
        beside = QPoint(LEFT, 0)
        line = QRect(beside, QSize(image.width() - LEFT, image.height() // 2))
        return image.copy(line), image.copy(QRect(QPoint(), QSize(LEFT, image.height())))

    run = RunState("r1", "a name of many words, as long as the list is wide", "succeeded", "/job.yaml", op="prediction")
    (name, mark), (same, other) = row("succeeded"), row("failed")
    assert name == same
    assert mark != other


def test_how_a_run_began_gives_way_to_what_it_came_to():
    said = "resumed from train · val f1 0.985 · 37 s"

    def line(room):
        return second_line("succeeded", said, lambda text: len(text) <= room, "resumed from train")

    assert line(60) == f"succeeded · {said}"
    assert line(46) == "succeeded · from train · val f1 0.985 · 37 s"
    assert line(32) == "succeeded · val f1 0.985 · 37 s"
    assert line(25) == "val f1 0.985 · 37 s"
    assert line(15) == "val f1 0.985"
    assert second_line("", "only train", lambda text: False, "only train") == "only train"


def test_that_a_run_failed_or_was_stopped_is_always_said():
    def line(word, said, room):
        return second_line(word, said, lambda text: len(text) <= room, "resumed from train")

    said = "resumed from train · 10 s"
    assert [line("stopped", said, room) for room in (24, 15, 5)] == ["stopped · 10 s", "stopped · 10 s", "stopped"]
    said = "resumed from train · ValueError: no space for the moon"
    assert line("failed at train", said, 60) == "failed at train · ValueError: no space for the moon"
    assert line("failed at train", said, 30) == "failed · ValueError: no space for the moon", "its end is cut off"
    assert line("failed at train", said, 9) == "failed"
    assert line("running", "resumed from train · epoch 3/4", 12) == "epoch 3/4"


def test_runs_that_share_a_name_are_told_apart(streams):
    made = streams.state(
        "20261128T124344051-hasz", name="CLB-20261128T124344-id_hasz", experiment="/e/CLB-20261128T124344-id_hasz"
    )
    again = msgspec.structs.replace(
        made, id="20261128T125344051-k2m9", continues=Continuation(("train", "prediction"), goes_on=True)
    )
    assert [words.title(run) for run in (made, again)] == ["CLB-…id_hasz", "CLB-…id_hasz …k2m9"]
    assert words.title(msgspec.structs.replace(again, name="the good one")) == "the good one"
    assert words.again(msgspec.structs.replace(again, status="queued")) == "resumed from train"
    assert words.again(msgspec.structs.replace(again, resumed=True)) == "resumed from train"
    assert words.again(again) == "again from train"  # it began anew
    assert words.again(msgspec.structs.replace(again, continues=Continuation(("prediction", "analysis")))) == (
        "resumed from prediction"
    )


def test_sweeps_over_the_same_keys_are_told_apart(streams):
    def titles(*groups):
        states = [streams.state(f"r{number}", group=group) for number, group in enumerate(groups)]
        return [row.apart for row in rows(states, lambda state: True, ()) if isinstance(row, Sweep)]

    assert titles("rate, units k3x9") == ["rate, units"]
    assert sorted(titles("rate, units k3x9", "rate, units m4y8")) == ["rate, units …k3x9", "rate, units …m4y8"]
    assert sweep_line("rate, units …k3x9", lambda text: len(text) <= 14) == "rate +1 …k3x9"
