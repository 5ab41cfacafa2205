"""The samples behind a cell: read a page at a time, their pictures as they come into view."""

import dataclasses
import io

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QPoint, Qt, QTimer, QUrl
from PySide6.QtGui import QDesktopServices, QImage
from PySide6.QtWidgets import QApplication

from niceml_engine.events import Analysis
from niceml_engine.protocol.samples import Picture, ReadPictures, ReadSamples, Sample, Samples, Source
from niceml_engine.results import Confusion
from niceml_engine.values import ErrorInfo
from niceml_gui.workspaces.runs.analysis import sample_model, thumbnails
from niceml_gui.workspaces.runs.analysis.confusion import ANY, Cell
from niceml_gui.workspaces.runs.analysis.pane import AnalysisPane, Found
from niceml_gui.workspaces.runs.analysis.sample_model import PICTURE
from niceml_gui.workspaces.runs.analysis.viewer import SampleViewer

SOURCE = Source(run="a")


def png(value):
    out = io.BytesIO()
    Image.fromarray(np.full((8, 8), value, np.uint8)).save(out, "PNG")
    return out.getvalue()


class Answers:
    """Plays the service: keeps what is asked, and answers when it is told to."""

    def __init__(self, engine, total):
        self.total = total
        self.folder = "/data/train"
        self.problem = ""
        self.gone = False
        self.open = {}
        self.requests = []
        engine.ask = self.ask
        engine.forget = lambda number: self.open.pop(number, None)

    def ask(self, request, then=None, failed=None, timeout=30.0):
        self.requests.append(request)
        self.open[len(self.requests)] = (request, then, failed)
        return len(self.requests)

    def of(self, kind):
        return [request for request in self.requests if isinstance(request, kind)]

    def answer(self, kind=(ReadSamples, ReadPictures)):
        """Answers what is open."""
        for number, (request, then, _) in list(self.open.items()):
            if isinstance(request, kind) and self.open.pop(number, None):
                then(self.result(request))

    def refuse(self, message):
        for number, (_, _, failed) in list(self.open.items()):
            if self.open.pop(number, None):
                failed(ErrorInfo(message))

    def result(self, request):
        if isinstance(request, ReadSamples):
            rows = range(request.offset, min(request.offset + request.count, self.total))
            true, predicted = request.true or "3", request.predicted or "8"
            samples = tuple(
                Sample(f"{row:04d}.png", true, predicted, {"8": 1 - row / 1000, "3": row / 1000}) for row in rows
            )
            return Samples(self.total, samples, self.folder, self.problem)
        names = request.files if self.gone else ("0002.png",)
        missing = {name: Picture(name, problem=f"{name} is not there any more") for name in names}
        return tuple(missing.get(name) or Picture(name, png(200), 8, 8) for name in request.files)


@pytest.fixture
def answers(session, engine):
    return Answers(engine, total=300)


@pytest.fixture
def section(qtbot, session, answers):
    pane = AnalysisPane(session)
    qtbot.addWidget(pane)
    pane.resize(300, 900)
    pane.show()
    results = (Confusion(("3", "8"), ((78, 300), (2, 77))),)
    pane.show_found(Found(SOURCE, tuple(Analysis(subset=name, metrics={}, results=results) for name in ("a", "b"))))
    section = pane.section(Confusion)
    qtbot.waitUntil(section.matrix.isVisible)
    return section


@pytest.fixture
def opened(section, answers, qtbot):
    """The samples of a cell, with the pictures that are in view."""
    section.open_cell(Cell(0, 1))
    answers.answer()
    qtbot.waitUntil(lambda: bool(answers.of(ReadPictures)))
    answers.answer()
    return section


@pytest.mark.parametrize(
    ("scores", "shown"),
    [
        ((0.41, 0.46), ["0.41", "0.46"]),
        ((0.461, 0.463, 0.463, 0.47), ["0.461", "0.463", "0.463", "0.470"]),
        ((0.46231, 0.46234, 0.5), ["0.4623", "0.4623", "0.5000"]),
        ((0.4623, 0.4624), ["0.4623", "0.4624"]),
    ],
)
def test_probabilities_have_as_many_digits_as_tell_the_samples_apart(section, answers, scores, shown):
    section.open_cell(Cell(0, 1))
    samples = tuple(Sample(f"{row}.png", "3", "8", {"3": score}) for row, score in enumerate(scores))
    answers.result = lambda request: Samples(len(scores), samples, "/data/train", "")
    answers.answer(ReadSamples)
    model = section.samples.model
    rows = [model.index(row) for row in range(model.rowCount())]
    assert [row.data() for row in rows] == shown
    assert [row.data(Qt.ItemDataRole.ToolTipRole).splitlines()[-1] for row in rows] == [f"3: {one}" for one in shown]


def test_a_cell_asks_for_its_samples_and_again_closes_them(section, answers):
    section.open_cell(Cell(0, 1))
    assert answers.of(ReadSamples) == [ReadSamples(SOURCE, "a", "3", "8", count=sample_model.PAGE)]
    assert section.samples.isVisible()
    assert section.samples.title.full_text() == "… × TRUE 3, PREDICTED 8"
    answers.answer()
    assert section.samples.title.full_text() == "300 × TRUE 3, PREDICTED 8"
    section.open_cell(Cell(0, 1))
    assert not section.samples.isVisible()
    assert section.matrix.opened is None
    section.open_cell(Cell(ANY, 1))
    section.open_all()
    asked = [(request.true, request.predicted) for request in answers.of(ReadSamples)]
    assert asked == [("3", "8"), (None, "8"), (None, None)]


@pytest.mark.parametrize("width", [300, 800])
def test_the_section_is_as_high_as_what_it_shows(section, answers, qtbot, width):
    def fits(*parts):
        return all(part.height() == part.heightForWidth(part.width()) for part in parts)

    matrix, samples = section.matrix, section.samples
    pane = section.window()
    found = pane._found
    for training in ((("loss", ["1", "2", "3", "4"]),), ()):  # what is shared among columns anew fits as well
        pane.show_found(dataclasses.replace(found, training=training))
    pane.resize(width, 500)
    qtbot.waitUntil(lambda: fits(matrix))
    closed = section.height()
    for total in (5, 300):
        answers.total = total
        section.open_cell(Cell(0, 1))
        answers.answer(ReadSamples)
        qtbot.waitUntil(lambda: fits(matrix, samples.view) and section.height() > closed + samples.view.height())
        section.close_samples()
        qtbot.waitUntil(lambda: fits(matrix) and section.height() == closed)


def test_only_pictures_in_view_are_asked_for(opened, answers, qtbot):
    asked = [name for request in answers.of(ReadPictures) for name in request.files]
    assert 9 <= len(asked) <= 15
    assert len(set(asked)) == len(asked)
    view = opened.samples.view
    view.scrollTo(opened.samples.model.index(100))
    qtbot.waitUntil(lambda: any("0100.png" in request.files for request in answers.of(ReadPictures)))
    answers.answer()
    asked = [name for request in answers.of(ReadPictures) for name in request.files]
    assert len(asked) < 60
    assert isinstance(opened.samples.model.index(100).data(PICTURE), QImage)
    image = view.viewport().grab().toImage()
    area = view.visualRect(opened.samples.model.index(100))
    assert image.pixelColor(area.center() - QPoint(0, 8)).name() == "#c8c8c8"


def test_scrolling_to_the_end_loads_more(opened, answers, qtbot):
    model, bar = opened.samples.model, opened.samples.view.verticalScrollBar()
    assert model.rowCount() == sample_model.PAGE
    end = bar.maximum()
    bar.setValue(end)
    qtbot.waitUntil(lambda: len(answers.of(ReadSamples)) == 2)
    answers.answer(ReadSamples)
    assert model.rowCount() == 2 * sample_model.PAGE
    assert [model.sample(row).file for row in (0, 120, 239)] == ["0000.png", "0120.png", "0239.png"]
    qtbot.waitUntil(lambda: bar.maximum() > end)
    bar.setValue(bar.maximum())
    qtbot.waitUntil(lambda: len(answers.of(ReadSamples)) == 3)
    answers.answer(ReadSamples)
    assert model.rowCount() == 300
    assert not model.canFetchMore(model.index(-1))


def test_no_more_than_two_requests_for_pictures_wait_at_once(section, answers, qtbot, monkeypatch):
    monkeypatch.setattr(thumbnails, "AT_ONCE", 3)
    section.open_cell(Cell(0, 1))
    answers.answer()
    qtbot.waitUntil(lambda: len(answers.of(ReadPictures)) == 2)
    answers.answer()
    qtbot.waitUntil(lambda: len(answers.of(ReadPictures)) == 4)
    assert all(len(request.files) <= 3 for request in answers.of(ReadPictures))


def test_pictures_are_forgotten_when_there_are_too_many(opened, answers, qtbot, monkeypatch):
    monkeypatch.setattr(thumbnails, "KEPT", 5)
    pictures = opened.samples.model.pictures
    opened.samples.view.scrollTo(opened.samples.model.index(60))
    qtbot.waitUntil(lambda: any("0060.png" in request.files for request in answers.of(ReadPictures)))
    answers.answer()
    assert len(pictures._known) == 5


def test_a_missing_image_is_marked_and_the_others_are_shown(opened, qtbot):
    model, view = opened.samples.model, opened.samples.view
    assert model.index(2).data(PICTURE) == "0002.png is not there any more"
    assert isinstance(model.index(1).data(PICTURE), QImage)
    assert "true 3, predicted 8" in model.index(1).data(Qt.ItemDataRole.ToolTipRole)
    assert model.index(2).data(Qt.ItemDataRole.ToolTipRole).endswith("\n0002.png is not there any more")
    assert opened.samples.problem.full_text() == ""
    image = view.viewport().grab().toImage()
    missing, there = (view.visualRect(model.index(row)).center() - QPoint(0, 24) for row in (2, 1))
    assert image.pixelColor(missing) != image.pixelColor(there)


def test_storage_that_is_away_is_told_and_tried_again(section, answers, qtbot):
    section.open_cell(Cell(0, 1))
    answers.answer()
    qtbot.waitUntil(lambda: bool(answers.of(ReadPictures)))
    answers.refuse("s3://far does not answer")
    block = section.samples
    assert block.problem.full_text() == "s3://far does not answer"
    assert block.view.isVisible()
    before = len(answers.of(ReadPictures))
    block.view.viewport().grab()
    assert len(answers.of(ReadPictures)) == before  # it is not asked again and again
    block.again.click()
    answers.answer()
    assert not block.problem.isVisible()
    qtbot.waitUntil(lambda: len(answers.of(ReadPictures)) > before)


def test_images_that_are_all_gone_are_told_once(section, answers, qtbot):
    answers.gone = True
    section.open_cell(Cell(0, 1))
    answers.answer()
    qtbot.waitUntil(lambda: bool(answers.of(ReadPictures)))
    answers.answer()
    assert section.samples.problem.full_text() == "0000.png is not there any more"
    before = len(answers.of(ReadPictures))
    section.samples.view.scrollTo(section.samples.model.index(90))
    section.samples.view.viewport().grab()
    assert len(answers.of(ReadPictures)) == before
    answers.gone = False
    section.samples.again.click()
    answers.answer()
    first = section.samples.model.index(0)
    qtbot.waitUntil(lambda: bool(answers.answer()) or isinstance(first.data(PICTURE), QImage))
    assert section.samples.problem.full_text() == ""


def test_samples_that_cannot_be_read_say_why(section, answers):
    section.open_cell(Cell(0, 1))
    answers.refuse("the predictions are gone")
    assert section.samples.problem.full_text() == "the predictions are gone"
    assert not section.samples.view.isVisible()
    assert section.samples.again.isVisible()


def test_samples_are_listed_where_their_images_are_unknown(section, answers, qtbot):
    answers.folder, answers.problem = "", "the config names no location"
    section.open_cell(Cell(0, 1))
    answers.answer()
    block = section.samples
    assert block.problem.full_text() == "the config names no location"
    assert block.view.isVisible()
    block.view.viewport().grab()
    assert answers.of(ReadPictures) == []
    assert not block.menu_for(0).actions()[1].isEnabled()


def test_the_order_can_be_changed(opened, answers):
    order = opened.samples.order
    order.setCurrentIndex(order.findData("file"))
    order.activated.emit(order.currentIndex())
    last = answers.of(ReadSamples)[-1]
    assert (last.order, last.offset, last.true, last.predicted) == ("file", 0, "3", "8")
    opened.open_cell(Cell(1, 0))
    assert answers.of(ReadSamples)[-1].order == "file"


def test_another_subset_takes_the_samples_away(opened, answers):
    pane = opened.window()
    assert isinstance(pane, AnalysisPane)
    pane.choose("b")
    assert not opened.samples.isVisible()
    assert opened.samples.model.rowCount() == 0
    opened.open_cell(Cell(0, 1))
    assert answers.of(ReadSamples)[-1].subset == "b"


def test_an_answer_to_what_is_no_longer_asked_for_is_dropped(section, answers):
    section.open_cell(Cell(0, 1))
    section.open_cell(Cell(1, 0))
    assert len(answers.open) == 1
    answers.answer()
    assert section.samples.model.sample(0).true == "8"


def test_escape_closes_and_the_matrix_has_the_keys_again(opened, qtbot):
    opened.activateWindow()
    opened.samples.view.setFocus()
    qtbot.waitUntil(opened.samples.view.hasFocus)
    qtbot.keyClick(opened.samples.view, Qt.Key.Key_Escape)
    assert not opened.samples.isVisible()
    qtbot.waitUntil(opened.matrix.hasFocus)


# ---------------------------------------------------------------------------------------------- one sample


@pytest.fixture
def viewer(opened, answers, session, qtbot):
    viewer = SampleViewer(session, opened.samples.model, 0, opened.window())
    viewer.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(viewer)
    viewer.open()
    answers.answer()
    return viewer


def test_a_click_and_the_keys_enlarge(opened, qtbot):
    view = opened.samples.view
    rows = []
    opened.samples.view.wanted.disconnect(opened.samples.enlarge)
    view.wanted.connect(rows.append)
    place = view.visualRect(opened.samples.model.index(4)).center()
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    qtbot.keyClick(view, Qt.Key.Key_Right)
    qtbot.keyClick(view, Qt.Key.Key_Return)
    assert rows == [4, 5]


def test_a_sample_is_shown_large_with_all_that_is_known(viewer, answers):
    last = answers.of(ReadPictures)[-1]
    assert last.files == ("0000.png",)
    assert last.size == 1024
    assert viewer.heading.text() == "true 3 · predicted 8"
    assert viewer.place.text() == "1 of 300  ·  8×8"
    assert viewer.path.full_text() == "/data/train/0000.png"
    assert viewer.bars.accessibleName() == "8 1.000, 3 0.000"
    assert viewer.large.image.pixelColor(3, 3).name() == "#c8c8c8"
    assert not viewer.before.isEnabled()


def test_the_arrows_go_on_and_read_ahead(viewer, answers, qtbot):
    for _ in range(2):
        qtbot.keyClick(viewer, Qt.Key.Key_Right)
        answers.answer()
    assert viewer.row == 2
    assert viewer.large.problem == "0002.png is not there any more"
    qtbot.keyClick(viewer, Qt.Key.Key_Left)
    assert viewer.row == 1
    assert viewer.large.problem == ""
    for _ in range(sample_model.PAGE + 5):
        qtbot.keyClick(viewer, Qt.Key.Key_Right)
        answers.answer()
    assert viewer.row == sample_model.PAGE + 6


def test_the_viewer_closes_when_its_samples_are_gone(viewer, opened):
    opened.close_samples()
    assert not viewer.isVisible()


def test_a_path_is_copied_and_a_local_file_opened(viewer, answers, session, tmp_path, qtbot, monkeypatch):
    viewer.copies.click()
    assert QApplication.clipboard().text() == "/data/train/0000.png"
    told, urls = [], []
    session.message.connect(lambda message: told.append(message.text))
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: urls.append(url) or True)
    viewer.opens.click()
    assert told == ["There is no file /data/train/0000.png any more"]
    (tmp_path / "0000.png").write_bytes(png(1))
    viewer._model.folder = str(tmp_path)
    viewer.opens.click()
    assert urls == [QUrl.fromLocalFile(str(tmp_path / "0000.png"))]
    viewer._model.folder = "s3://bucket/train"
    viewer._show(0)
    assert not viewer.opens.isEnabled()
    assert viewer.path.full_text() == "s3://bucket/train/0000.png"


def test_the_menu_of_a_sample(opened, qtbot):
    menu = opened.samples.menu_for(1)
    actions = {action.text().split("\t")[0]: action for action in menu.actions()}
    assert list(actions) == ["Enlarge", "Open file", "Copy path", "Copy picture"]
    actions["Copy picture"].trigger()
    assert QApplication.clipboard().image().size().width() == 8
    actions["Copy path"].trigger()
    assert QApplication.clipboard().text() == "/data/train/0001.png"
    shown = []
    QTimer.singleShot(0, lambda: (shown.append(QApplication.activeModalWidget()), shown[0].reject()))
    actions["Enlarge"].trigger()
    qtbot.waitUntil(lambda: bool(shown))
    assert isinstance(shown[0], SampleViewer)
