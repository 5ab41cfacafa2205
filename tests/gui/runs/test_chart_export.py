"""Charts and their values as files and in the clipboard."""

import csv
import re
from dataclasses import replace

import msgspec
from PySide6.QtWidgets import QApplication, QFileDialog, QMessageBox

from niceml_engine.events import Artifact, OpEnded, OpStarted, metrics
from niceml_gui.theme import theme
from niceml_gui.theme.tokens import DARK, LIGHT
from niceml_gui.workspaces.runs.charts.export import table
from niceml_gui.workspaces.runs.charts.sheet import image_of, save_picture


def text_of(shown, metrics):
    return "".join(table(shown, metrics)).splitlines()


def test_a_table_has_all_points_in_the_order_of_time(watched, streams):
    charts = watched(streams.training(steps=10, broken_at=3)).charts
    lines = text_of(charts.shown, ["loss"])
    assert lines[0] == "step,epoch,seconds,split,level,loss"
    assert any(line.startswith("3,") and line.endswith("train,batch,nan") for line in lines)
    assert len(lines) == 1 + 20 + 2 + 2
    seconds = [float(line.split(",")[2]) for line in lines[1:]]
    assert seconds == sorted(seconds)
    several = text_of(charts.shown, ["loss", "step_ms"])
    assert several[0] == "step,epoch,seconds,split,level,metric,value"
    assert len(several) == len(lines) + 20


def test_a_table_has_each_value_that_is_not_finite_and_exact_epochs(watched, streams):
    rows = [metrics("batch", n, 1, {"loss": float("nan") if 3 <= n <= 6 else 1.0}) for n in range(1, 9)]
    rows += [metrics("epoch", 8 + n, n, {"loss": 1.0}) for n in (10001, 12345)]
    lines = text_of(watched(streams.numbered(rows)).charts.shown, ["loss"])
    batches = [line.split(",") for line in lines[1:] if ",batch," in line]
    assert [(step, value) for step, *_, value in batches] == [
        (str(n), "nan" if 3 <= n <= 6 else "1.0") for n in range(1, 9)
    ]
    assert [line.split(",")[1] for line in lines[1:] if ",epoch," in line] == ["10001", "12345"]


def test_names_with_commas_and_quotes_are_cells_of_a_table(watched, streams):
    (one,) = watched(streams.training(steps=2)).charts.shown
    shown = [replace(one, run=name, name=name) for name in ('base, line "x"', "plain")]
    rows = list(csv.reader(text_of(shown, ["loss"])))
    assert {len(row) for row in rows} == {7}
    assert {row[0] for row in rows[1:]} == {'base, line "x"', "plain"}


def test_a_table_says_in_which_attempt_something_was_measured(watched, streams):
    def batch(step):
        return msgspec.structs.replace(metrics("batch", step, 1, {"loss": 1.0}), op="train")

    again = [OpStarted(op="train", attempts=2), batch(1), batch(2)]
    ended = OpEnded(status="failed", seconds=1.0, again_in=0.1, op="train")
    lines = text_of(watched(streams.numbered([*again, ended, *again])).charts.shown, ["loss"])
    assert lines[0] == "attempt,step,epoch,seconds,split,level,loss"
    assert [line.split(",")[:2] for line in lines[1:]] == [["1", "1"], ["1", "2"], ["2", "1"], ["2", "2"]]


def test_charts_are_saved_as_pictures(charts, tmp_path):
    sheet = charts.saving.sheet(["loss"])
    for ending, start in (("png", b"\x89PNG"), ("svg", b"<?xml")):
        assert save_picture(sheet, str(tmp_path / f"loss.{ending}"))
        assert (tmp_path / f"loss.{ending}").read_bytes().startswith(start)
    assert not save_picture(sheet, str(tmp_path / "missing" / "loss.png"))
    svg = (tmp_path / "loss.svg").read_text()
    assert "<image" not in svg  # all of it are shapes
    assert "<clipPath" in svg  # and what is out of view stays out of it
    assert len(re.findall(r"<polyline", svg)) >= 3


def texts(svg):
    return [text.strip() for text in re.findall(r">([^<>]+)</text>", svg)]


def test_a_picture_says_of_which_run_it_is_what_its_lines_mean_and_what_stands_along_its_axes(
    charts, tmp_path, settled
):
    charts.controls.change(axis="relative", log_y=True)
    settled()
    charts.saving.save_to(["loss"], tmp_path / "loss.svg")
    found = texts((tmp_path / "loss.svg").read_text())
    assert {"CLB-a", "loss", "time since the start", "loss (log)", "train", "validation"} <= set(found)
    assert any("smoothed 0.9" in text for text in found)
    charts.controls.smooth.setValue(0)
    settled()
    charts.saving.save_to(["loss", "step_ms"], tmp_path / "both.svg")
    found = texts((tmp_path / "both.svg").read_text())
    assert (found.count("CLB-a"), found.count("train")) == (1, 1)  # once for both charts
    assert {"step time (ms)", "step time (ms) (log)"} <= set(found)
    assert not any("smoothed" in text for text in found)


def test_a_picture_has_the_whole_name_of_the_run_and_says_which_of_its_charts_are_averaged(watched, streams, tmp_path):
    charts = watched(streams.training(steps=50), name="CLB-20261128T125733-id_ac33").charts
    charts.saving.save_to(["loss", "learning_rate"], tmp_path / "both.svg")
    found = texts((tmp_path / "both.svg").read_text())
    assert "CLB-20261128T125733-id_ac33" in found
    assert sum("smoothed" in text for text in found) == 1


def test_the_key_of_a_picture_names_what_is_marked_on_its_lines_as_far_as_it_is_there(
    watched, streams, settled, tmp_path
):
    def key(metric):
        return [(entry.text, entry.mark) for entry in charts.saving.sheet([metric]).entries if entry.mark != "line"]

    saved = Artifact(kind="model", path="models/a.keras", op="train")
    broken = OpEnded(status="failed", seconds=1.0, op="train", message="no room")
    charts = watched(streams.numbered((*streams.training(), saved, broken)), status="failed").charts
    flags = [("checkpoint", "flag"), ("failed", "flag")]
    assert key("loss") == [("each epoch", "dot"), ("best", "ring"), *flags]
    assert key("learning_rate") == flags
    charts.saving.save_to(["loss"], tmp_path / "loss.svg")
    found = texts((tmp_path / "loss.svg").read_text())
    assert {"each epoch", "best", "checkpoint", "failed"} <= set(found)
    charts.controls.follow.setChecked(False)
    chart = charts.charts["loss"]
    chart.canvas.zoomed.emit(2.0, 9.0)
    settled()
    assert key("loss") == []


def test_pictures_are_for_paper_unless_they_are_wanted_as_the_window_is(charts):
    def ground():
        return image_of(charts.saving.sheet(["loss"]), 1.0).pixelColor(2, 2).name()

    assert theme().tokens is DARK
    assert ground() == LIGHT.panel
    charts.set_paper(False)
    assert ground() == DARK.panel


def test_all_charts_are_saved_at_once_those_out_of_view_too(watched, streams, tmp_path, qtbot):
    rows = [metrics("batch", n, 1, {"loss": 1.0} | {f"m{k}": k for k in range(20)}) for n in range(1, 9)]
    charts = watched(streams.numbered(rows)).charts
    charts.saving.save_to(charts.metrics(), tmp_path / "all.svg")
    svg = (tmp_path / "all.svg").read_text()
    assert all(f">m{k}<" in svg for k in range(20))
    charts.saving.save_to(charts.metrics(), tmp_path / "all.csv")
    qtbot.waitUntil((tmp_path / "all.csv").exists)
    assert len((tmp_path / "all.csv").read_text().splitlines()) == 1 + 21 * 8


def test_saving_asks_for_a_file_and_says_what_came_of_it(charts, tmp_path, monkeypatch):
    said = []
    charts.said.connect(lambda text, is_error: said.append((text, is_error)))
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "one"), ""))
    charts.saving.save(["loss"], "png")
    assert (tmp_path / "one.png").exists()
    (tmp_path / "rate.0.csv").write_text("mine")
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "rate.0.001"), ""))
    charts.saving.save(["loss"], "csv")
    assert (tmp_path / "rate.0.001.csv").exists()
    assert (tmp_path / "rate.0.csv").read_text() == "mine"
    (tmp_path / "rate.0.001.csv").write_text("mine")
    monkeypatch.setattr(QMessageBox, "question", lambda *_: QMessageBox.StandardButton.No)
    charts.saving.save(["loss"], "csv")
    assert (tmp_path / "rate.0.001.csv").read_text() == "mine"
    charts.saving.save_to(["loss"], tmp_path / "missing" / "one.csv")
    charts.saving.save_to(["loss"], tmp_path / "missing" / "one.png")
    assert [is_error for _, is_error in said] == [False, False, True, True]


def test_a_long_table_is_written_while_the_window_goes_on(charts, tmp_path, qtbot, monkeypatch):
    monkeypatch.setattr("niceml_gui.workspaces.runs.charts.export.SLICE", 0.0)
    monkeypatch.setattr("niceml_gui.workspaces.runs.charts.export.PORTION", 10)
    said = []
    charts.said.connect(lambda text, is_error: said.append(text))
    charts.saving.save_to(["loss"], tmp_path / "one.csv")
    assert not (tmp_path / "one.csv").exists()
    qtbot.waitUntil((tmp_path / "one.csv").exists)
    assert len((tmp_path / "one.csv").read_text().splitlines()) == 1 + 100 + 4
    charts.saving.save_to(["loss"], tmp_path / "two.csv")
    charts.close_plots()  # which gives up what is not written
    assert [file.name for file in tmp_path.iterdir() if file.is_file()] == ["one.csv"]


def test_pictures_and_tables_are_copied(charts, qtbot):
    charts.saving.copy_picture(["loss"])
    image = QApplication.clipboard().image()
    assert image.width() == 2 * charts.charts["loss"].width()
    charts.saving.copy_table(["loss"])
    qtbot.waitUntil(lambda: QApplication.clipboard().text().startswith("step,epoch"))
