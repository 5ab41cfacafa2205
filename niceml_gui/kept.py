"""The unsaved edits of the open project: written with every edit, so that no crash loses one."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from PySide6.QtCore import QObject, Signal

from niceml_engine.values import Selection
from niceml_gui import state, words
from niceml_gui.address import Address
from niceml_gui.drafts import Drafts, Place, TextDraft


class Kept(QObject):
    """What is not saved in the project, on this machine, whatever becomes of the service and the connection to it.

    Each window on a project has a place of its own, and finds there what windows that are gone have left.

    Args:
        complain: Told in one line, with details, when it cannot be written.
        parent: The Qt parent.
    """

    texts_changed = Signal()  #: which files have unsaved texts, or what stands there

    def __init__(self, complain: Callable[[str, str], object], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.drafts = self.others = Drafts()  #: this window's; what a window that is gone left and cannot be here, too
        self._complain = complain
        self._place: Place | None = None

    def turn_to(self, address: Address | None) -> None:
        """Reads what is kept of a project; `None`: no project is open."""
        if self._place is not None:
            self._place.release()
        self._place, self.drafts, self.others = None, Drafts(), Drafts()
        if address is not None:
            try:
                self._place = Place.take(address.key)
            except OSError as error:
                self._failed(error)
            else:
                self.drafts, self.others = self._place.read(), self._place.others

    def told(self, overrides: int, name: Callable[[str], str]) -> Iterator[str]:
        """What a person should know of it when the project is opened.

        Args:
            overrides: How many are here again, of the job that is opened.
            name: What a file is called.
        """
        if here := words.kept(overrides, list(map(name, self.drafts.texts)), list(map(name, self.drafts.typed))):
            yield f"Here again from the last time, not saved yet: {here}"
        left = words.kept(
            sum(map(len, self.others.overrides.values())),
            list(map(name, self.others.texts)),
            list(map(name, self.others.typed)),
        )
        if left:
            yield f"Left by another window, and there when a second one is opened: {left}"

    def keep(self, selection: Selection) -> None:
        """Keeps the overrides of a job."""
        self._change(self.drafts.keep(selection))

    def keep_text(self, file: str, draft: TextDraft | None) -> None:
        """Keeps the unsaved text of a file; `None`: it is saved, or given up."""
        if draft != self.drafts.texts.get(file):
            self._change(self.drafts.keep_text(file, draft))
            self.texts_changed.emit()

    def keep_typed(self, job: str, text: str | None) -> None:
        """Keeps the text of a job's overrides as it was typed; `None`: it is applied, or given up."""
        if text != self.drafts.typed.get(job):
            self._change(self.drafts.keep_typed(job, text))

    def _change(self, drafts: Drafts) -> None:
        self.drafts = drafts
        if self._place is not None:
            try:
                self._place.write(drafts)
            except OSError as error:
                self._failed(error)

    def _failed(self, error: OSError) -> None:
        self._complain(f"Unsaved edits cannot be kept in {state.state_dir()}: {error.strerror}", str(error))
