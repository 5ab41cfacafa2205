"""Pictures of samples: asked for when they come into view, a few at a time, and kept as long as there is room."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QImage

from niceml_engine.protocol.samples import Picture, ReadPictures, Source
from niceml_engine.values import ErrorInfo
from niceml_gui.engine import Engine

AT_ONCE = 24  #: pictures in one request
IN_FLIGHT = 2  #: requests: the service answers four at a time, and others wait for it too
KEPT = 1000  #: pictures
SOON_MS = 15  #: how long what comes into view is gathered
TIMEOUT = 40.0  #: more than the service waits for storage
SIZE = 160  #: pixels of the longer side: enough for screens of two pixels a point


class Thumbnails(QObject):
    """The pictures of one subset.

    Args:
        engine: Who is asked.
        parent: The Qt parent.
    """

    arrived = Signal()
    failed = Signal(str)  #: why there are none

    def __init__(self, engine: Engine, parent: QObject) -> None:
        super().__init__(parent)
        self._engine = engine
        self._source, self._subset = Source(), ""
        self._known: dict[str, QImage | str] = {}
        self._wanted: dict[str, None] = {}
        self._asked: dict[tuple[str, ...], int] = {}
        self._down = False
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(SOON_MS)
        self._soon.timeout.connect(self._ask)

    def show(self, source: Source, subset: str) -> None:
        """Turns to a subset; the pictures of another one are forgotten, and what failed is tried again."""
        same = (source, subset) == (self._source, self._subset)
        self._known = {file: known for file, known in self._known.items() if same and isinstance(known, QImage)}
        self.stop()
        self._source, self._subset, self._down = source, subset, False

    def stop(self) -> None:
        """Drops what has been asked for."""
        self._soon.stop()
        self._wanted.clear()
        for number in self._asked.values():
            self._engine.forget(number)
        self._asked.clear()

    def get(self, file: str) -> QImage | str | None:
        """The picture of a file, or why there is none; `None` if it is still to come: it is asked for then."""
        known = self._known.pop(file, None)
        if known is not None:
            self._known[file] = known  # those looked at last are dropped last
            return known
        if not self._down and file not in self._wanted and not any(file in files for files in self._asked):
            self._wanted[file] = None
            if not self._soon.isActive():
                self._soon.start()
        return None

    def problem(self, file: str) -> str:
        """Why there is no picture of a file, as far as that is known."""
        known = self._known.get(file)
        return known if isinstance(known, str) else ""

    def _ask(self) -> None:
        while self._wanted and len(self._asked) < IN_FLIGHT:
            # what was painted last is in view; what has been scrolled past is asked for when it comes back
            files = tuple(self._wanted)[-AT_ONCE:]
            for file in files:
                del self._wanted[file]
            self._asked[files] = 0
            request = ReadPictures(self._source, self._subset, files, SIZE)
            then, failed = partial(self._answered, files), partial(self._refused, files)
            number = self._engine.ask(request, then, failed, TIMEOUT)
            if files in self._asked:
                self._asked[files] = number

    def _answered(self, files: tuple[str, ...], pictures: tuple[Picture, ...]) -> None:
        del self._asked[files]
        for picture in pictures:
            self._known[picture.file] = picture.problem or QImage.fromData(picture.png)
        while len(self._known) > KEPT:
            del self._known[next(iter(self._known))]
        self._wanted.clear()  # the painting that follows says what is in view now
        problems = [known for known in self._known.values() if isinstance(known, str)]
        if problems and len(problems) == len(self._known):  # none can be read: the others need not be tried
            self._down = True
            self.failed.emit(problems[0])
        self.arrived.emit()

    def _refused(self, files: tuple[str, ...], error: ErrorInfo) -> None:
        del self._asked[files]
        self._down = True
        self._wanted.clear()
        self.failed.emit(error.message)
